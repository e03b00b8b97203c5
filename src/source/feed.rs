//! RSS and Atom: one article an item.

use super::{Articles, complete, dates, html, html_scan, skip};
use crate::article::{Article, Skip};

/// Reads the items of a feed. A file that turns out to be a page is read as one.
pub(super) fn read(text: String, name: &str) -> Articles {
    let content = without_declaration(&text);
    let head = content.get(..content.floor_char_boundary(1024)).unwrap_or(content).to_ascii_lowercase();
    if head.contains("<html") || head.contains("<!doctype html") {
        return Articles::new(std::iter::once(html::read(&text, name)));
    }
    if let Err(reason) = html_scan::check_xml(content.as_bytes()) {
        return Articles::skipped(name, reason);
    }
    // Items without an id of their own get theirs from their place.
    let parser = feed_rs::parser::Builder::new().id_generator(|_, _, _| String::new()).build();
    let feed = match parser.parse(content.as_bytes()) {
        Ok(feed) => feed,
        Err(error) => return Articles::skipped(name, format!("neither RSS nor Atom: {error}")),
    };
    let publisher = feed.title.map(|t| t.content.trim().to_owned()).filter(|t| !t.is_empty());
    let name = name.to_owned();
    Articles::new(
        feed.entries
            .into_iter()
            .zip(1u64..)
            .map(move |(entry, n)| article(entry, n, &name, publisher.clone())),
    )
}

fn article(
    entry: feed_rs::model::Entry,
    n: u64,
    name: &str,
    publisher: Option<String>,
) -> Result<Article, Skip> {
    let fault = |reason: String| skip(name, None, format!("item {n}: {reason}"));
    let title = html::fragment_text(&entry.title.map(|t| t.content).unwrap_or_default()).map_err(fault)?;
    let content = entry.content.and_then(|c| c.body).filter(|b| !b.trim().is_empty());
    let summary = entry.summary.map(|s| s.content);
    let body = html::fragment_text(&content.or(summary).unwrap_or_default()).map_err(fault)?;
    if title.trim().is_empty() && body.trim().is_empty() {
        return Err(fault("neither a title nor a body".into()));
    }
    let url = entry.links.iter().find(|l| l.rel.as_deref().is_none_or(|rel| rel == "alternate"));
    let mut article = Article {
        id: entry.id,
        title: title.replace('\n', " "),
        body,
        date: entry.published.or(entry.updated).and_then(|d| dates::parse(&d.to_rfc3339())),
        source: publisher,
        url: url.or(entry.links.first()).map(|l| l.href.clone()),
        path: name.to_owned(),
        ..Article::default()
    };
    complete(&mut article, false);
    if article.id.is_empty() {
        article.id = format!("{name}#{n}");
        super::clean_id(&mut article.id);
    }
    Ok(article)
}

/// The text is decoded already, so what it says about its encoding must not be followed.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start();
    match text.strip_prefix("<?xml").and_then(|rest| rest.find("?>").map(|end| &rest[end + 2..])) {
        Some(rest) => rest.trim_start(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rss_and_atom() {
        let rss = "<?xml version='1.0' encoding='gb2312'?><rss version='2.0'><channel><title>矿业日报</title>\
            <item><title>锡价 &amp; 锌价</title><link>https://e.org/1</link><guid>g-1</guid>\
            <pubDate>Mon, 02 Jun 2031 10:00:00 GMT</pubDate><description>&lt;p&gt;锡价上涨。&lt;/p&gt;&lt;p&gt;锌价下跌。&lt;/p&gt;</description></item>\
            <item><title>Second</title></item><item></item></channel></rss>";
        let got: Vec<_> = read(rss.into(), "f.xml").collect();
        let a = got[0].as_ref().unwrap();
        assert_eq!(
            (a.id.as_str(), a.title.as_str(), a.body.as_str()),
            ("g-1", "锡价 & 锌价", "锡价上涨。\n\n锌价下跌。")
        );
        assert_eq!(
            (a.date.unwrap().to_string(), a.source.as_deref()),
            ("2031-06-02".into(), Some("矿业日报"))
        );
        assert_eq!((a.url.as_deref(), a.lang.code()), (Some("https://e.org/1"), "zh"));
        assert_eq!(got[1].as_ref().unwrap().id, "f.xml#2");
        assert!(got[2].is_err());
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Ore</title><id>x</id><entry><id>e1</id><title>Tin</title>\
            <updated>2031-06-02T00:00:00Z</updated><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Up.</p></div></content></entry></feed>";
        let got: Vec<_> = read(atom.into(), "f.atom").collect();
        let a = got[0].as_ref().unwrap();
        assert_eq!((a.id.as_str(), a.body.as_str(), a.lang.code()), ("e1", "Up.", "en"));
    }

    #[test]
    fn what_is_no_feed() {
        for bad in ["", "<a/>", "plain", "<rss><channel><item>", &"<a>".repeat(100_000)] {
            let got: Vec<_> = read(bad.to_owned(), "f.xml").collect();
            assert!(got.len() <= 1 && got.iter().all(Result::is_err), "{got:?}");
        }
        let page = "<!DOCTYPE html><html><body><p>A page.</p></body></html>";
        assert!(read(page.into(), "f.xml").next().unwrap().is_ok());
    }
}
