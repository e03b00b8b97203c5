//! Articles from memory, a search and tags, in both languages.
use orewire::{Article, Date, Facet, Index, Query, SearchRequest, Tagger};

fn main() -> orewire::Result<()> {
    // `Index::at("folder")` is the same on disk; `update` follows files and folders.
    let index = Index::in_memory();
    let mut licence =
        Article::new("en-1", "Licences", "Sichuan's rare earth mines wait for export licences.");
    licence.date = Date::new(2025, 6, 2);
    index.put([
        licence,
        Article::new("zh-1", "盐湖提锂", "青海省的盐湖今年将生产四万吨碳酸锂。"),
        Article::new("zh-2", "稀土出口", "四川的稀土企业获得出口许可。"),
    ])?;

    let searcher = index.searcher()?;
    let typed = SearchRequest::new("四川 rare earth");
    let built = Query::phrase("碳酸锂").must(Query::facet(Facet::Province, "Qinghai"));
    for request in [typed, SearchRequest::new(built).limit(3)] {
        let results = searcher.search(&request)?;
        println!("{}: {} articles", results.query, results.total);
        for hit in &results.hits {
            let marked = hit.snippet.highlights.iter().map(|range| &hit.snippet.text[range.clone()]);
            println!("  {} {} {:?}", hit.id, hit.title, marked.collect::<Vec<_>>());
        }
        for count in &results.facets.commodity {
            println!("  {} × {}", count.count, count.name);
        }
    }

    let mut tagger = Tagger::new(index.gazetteer()?);
    for text in ["Shenghe Resources mines in Mianning.", "北方稀土在包头生产稀土。"] {
        let tags = tagger.tag_article(&Article::new("", "", text));
        for tag in tags.organization.iter().chain(&tags.province) {
            println!("{} because of {:?}", tag.path, tag.evidence[0].text);
        }
    }
    Ok(())
}
