//! Names and a source of one's own: a company that no table knows, a good below one of the built-in
//! ones, and articles from a format that only this program reads. `cargo run --example custom`.

use orewire::{Article, Facet, Index, IndexOptions, Query, SearchRequest, gazetteer::NameRow};

/// The format: a headline, a date and a text a line, between bars.
const DESK: &str = "\
Blue Ridge doubles output|2025-05-29|BRM will double its output of ionic clay in Longnan, the company said.
蓝岭金属获批|2025-06-02|蓝岭金属获得离子吸附型稀土的出口许可。
No line of the format
Copper at a high|2025-06-03|Copper closed at a record.";

fn read(line: &str, number: usize) -> Option<Article> {
    let mut parts = line.split('|');
    let (title, date, body) = (parts.next()?, parts.next()?, parts.next()?);
    let mut article = Article::new(format!("desk-{number}"), title, body);
    article.date = Some(date.parse().ok()?);
    article.source = Some("Metals desk".to_owned());
    Some(article)
}

fn main() -> orewire::Result<()> {
    let names = [
        NameRow::new("/blue-ridge-metals", "company")
            .names("Blue Ridge Metals", "蓝岭金属")
            .alias("BRM")
            // Counts only when the article supports it otherwise.
            .alias("?Blue Ridge"),
        NameRow::new("/metals/rare-earths/ionic-clay", "commodity").names("ionic clay", "离子吸附型稀土"),
    ];
    let index = Index::in_memory().with_rows("own names", names);

    let mut batch = index.batch(&IndexOptions::default())?;
    for (number, line) in DESK.lines().enumerate() {
        match read(line, number) {
            Some(article) => batch.put(article)?,
            None => println!("line {number} is left out"),
        }
    }
    let report = batch.publish()?;
    println!("{} articles in {}", report.articles, report.generation);

    let searcher = index.searcher()?;
    let company = Query::facet(Facet::Organization, "BRM");
    for hit in searcher.search(&SearchRequest::new(company).by_date())?.hits {
        println!("{} {}", hit.id, hit.title);
        let (_, tags) = searcher.article(&hit.id)?;
        for tag in tags.organization.iter().chain(&tags.commodity) {
            let texts: Vec<_> = tag.evidence.iter().map(|e| e.text.as_str()).collect();
            println!("  {} because of {}", tag.name, texts.join(", "));
        }
    }
    Ok(())
}
