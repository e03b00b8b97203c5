//! Articles from memory, searched in both languages: `cargo run --example minimal -- 'lithium Qinghai'`.

use orewire::{Article, Index, SearchRequest};

fn main() -> orewire::Result<()> {
    let index = Index::in_memory();
    index.put([
        Article::new("1", "盐湖提锂", "青海省的盐湖生产碳酸锂，今年将扩大产能。"),
        Article::new("2", "Brine to battery", "Qinghai's salt lakes produce lithium carbonate."),
        Article::new("3", "Rare earths", "Sichuan mines rare earths in Mianning County."),
    ])?;
    let query = std::env::args().nth(1).unwrap_or_else(|| "province:Qinghai lithium".to_owned());
    let results = index.searcher()?.search(&SearchRequest::new(query))?;
    println!("{} articles", results.total);
    for hit in &results.hits {
        println!("{} {}: {}", hit.id, hit.title, hit.snippet.text);
    }
    for count in &results.facets.commodity {
        println!("{} {}", count.count, count.name);
    }
    Ok(())
}
