//! A page becomes an article: its main text, headline, date and publisher.

use scraper::Html;

use super::{complete, html_meta::Meta, html_scan, html_tree::Outline, record::lang_from_tag, skip};
use crate::{
    article::{Article, Skip},
    limits,
};

/// Reads a page as one article.
pub(super) fn read(page: &str, name: &str) -> Result<Article, Skip> {
    let html = parse(page, false).map_err(|reason| skip(name, None, reason))?;
    let tree = Outline::new(&html);
    let meta = Meta::new(&html);
    let main = tree.main_block();
    let heading = tree.heading(main);
    let site = meta.first(&["og:site_name", "application-name"]).map(str::to_owned);
    let title = title(&meta, heading.as_ref().map(|h| h.text.as_str()), site.as_deref());
    let repeated = heading.filter(|h| h.text == title).map(|h| h.node);
    let body = tree.text(main, repeated);
    if title.is_empty() && body.is_empty() {
        return Err(skip(name, None, "a page without text"));
    }
    let lang = tree.lang.as_deref().and_then(lang_from_tag);
    let mut article = Article {
        id: name.to_owned(),
        title,
        body,
        date: meta.date().or(tree.time),
        source: site.or(meta.publisher),
        url: meta.url,
        path: name.to_owned(),
        ..Article::default()
    };
    // A page may claim a language that its text is not in; the claim counts when the text is unclear.
    complete(&mut article, false);
    if let Some(lang) = lang
        && article.body.chars().take(40).count() < 40
    {
        article.lang = lang;
    }
    Ok(article)
}

/// The text of a piece of HTML, as of the body of a page. Text without mark-up is given back as it is.
pub(super) fn fragment_text(fragment: &str) -> Result<String, String> {
    if !fragment.contains(['<', '&']) {
        return Ok(fragment.trim().to_owned());
    }
    let html = parse(fragment, true)?;
    let tree = Outline::new(&html);
    Ok(tree.text(0, None))
}

fn parse(page: &str, fragment: bool) -> Result<Html, String> {
    if page.len() > limits::HTML_MAX_BYTES {
        return Err(format!("a page larger than {} MiB", limits::HTML_MAX_BYTES >> 20));
    }
    html_scan::check_html(page.as_bytes())?;
    Ok(if fragment { Html::parse_fragment(page) } else { Html::parse_document(page) })
}

/// The headline: what the page says it is called elsewhere, its first heading, or its window title
/// without the name of the site.
fn title(meta: &Meta, heading: Option<&str>, site: Option<&str>) -> String {
    let named = meta.first(&["og:title", "twitter:title"]).map(str::to_owned);
    let Some(mut title) = named.or_else(|| heading.map(str::to_owned)).or_else(|| meta.title.clone()) else {
        return String::new();
    };
    if let Some(heading) = heading
        && heading.chars().count() >= 6
        && title.len() > heading.len()
        && title.starts_with(heading)
    {
        return heading.to_owned();
    }
    for mark in [" | ", " - ", " – ", " — ", "_", "-", "|"] {
        let Some((before, after)) = title.rsplit_once(mark) else { continue };
        let after = after.trim();
        let from_window_title = meta.title.as_deref() == Some(title.as_str()) && heading.is_none();
        let is_site = site.is_some_and(|s| s.eq_ignore_ascii_case(after))
            || (from_window_title && mark.len() == 3 && mark != " - " && after.chars().count() <= 30);
        if is_site && !before.trim().is_empty() {
            title = before.trim().to_owned();
            break;
        }
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> Article {
        read(&format!("<!doctype html><html lang=en><head>{body}"), "p.html").unwrap()
    }

    const PROSE: &str = "The concentrator at the northern pit will run at half its rate until the power line is mended, \
        the company said on Tuesday, and ore will be stockpiled meanwhile.";

    #[test]
    fn main_text_of_marked_pages() {
        let a = page(&format!(
            "<title>Pit slows | Ore Day</title><meta property=og:site_name content='Ore Day'>\
             <meta property='article:published_time' content='2031-06-02T23:00:00Z'><link rel=canonical href='https://e.org/a'>\
             </head><body><header><h2>Ore Day</h2></header><nav><li>Home<li>Tin</nav><article><h1>Pit slows</h1>\
             <p>{PROSE}</p><div class='share-bar'>Share it</div><p>Second &amp; last<br>line.</p><ul><li>One<li><p>Two</p></ul>\
             <table><tr><th>Ore</th><td>5</td></tr><tr><td>Tin<td>6</table><div id=relatedPosts>Other news</div></article>\
             <footer>Contact</footer><script>var a = '<p>no</p>'</script>"
        ));
        assert_eq!(a.title, "Pit slows");
        assert_eq!(a.body, format!("{PROSE}\n\nSecond & last\nline.\n\n• One\n• Two\n\nOre | 5\nTin | 6"));
        assert_eq!(
            (a.date.unwrap().to_string(), a.source.as_deref()),
            ("2031-06-02".into(), Some("Ore Day"))
        );
        assert_eq!(a.url.as_deref(), Some("https://e.org/a"));
    }

    #[test]
    fn main_text_of_plain_pages() {
        let links: String =
            (0..40).map(|i| format!("<li><a href=/{i}>Some other headline of the day {i}</a>")).collect();
        let a = page(&format!(
            "<title>Pit slows - Ore Day</title><body class='has-sidebar'><form id=aspnetForm><div id=top>{links}</div>\
             <div class=c1><div class=t>Pit slows</div><div class=c2><p>{PROSE}</p><p>{PROSE}</p><p>{PROSE}</p></div></div>\
             <div class=sidebar>{PROSE}</div></form>"
        ));
        assert_eq!(a.body.matches(PROSE).count(), 3);
        assert!(!a.body.contains("headline of the day"), "{}", a.body);
        assert_eq!(a.title, "Pit slows - Ore Day");
    }

    #[test]
    fn metadata_of_other_kinds() {
        let json = r#"<script type="application/ld+json">{"@graph":[{"@type":"X"},{"datePublished":"2031-06-02T01:00:00+08:00","publisher":{"name":"Ore Day"}}]}</script>"#;
        let a = page(&format!("{json}<body><p>{PROSE}"));
        assert_eq!(
            (a.date.unwrap().to_string(), a.source.as_deref()),
            ("2031-06-02".into(), Some("Ore Day"))
        );
        let a = page(&format!("<body><article><time datetime='2031-06-02'>2 June</time><p>{PROSE}"));
        assert_eq!(a.date.unwrap().to_string(), "2031-06-02");
        let a = page(
            "<title>锂价回升_矿业网</title><meta name=\"og:site_name\" content=\"矿业网\"><body><p>锂价周三回升。</p>",
        );
        assert_eq!(a.title, "锂价回升");
        let a = page(
            "<body><p>2031-06-02 10:00 来源：有色网</p><p>锂价周三回升，矿山复产，下游补库意愿增强，市场成交好转。</p>",
        );
        assert_eq!((a.date.unwrap().to_string(), a.source.as_deref()), ("2031-06-02".into(), Some("有色网")));
        assert_eq!(a.lang, crate::article::Lang::Zh);
    }

    #[test]
    fn hostile_pages() {
        for bad in [
            "<div>".repeat(100_000),
            format!("{}x{}", "<b>".repeat(100_000), "</b>".repeat(100_000)),
            format!("<table>{}", "<table><tr><td>".repeat(5_000)),
            "<a href=\"".repeat(10_000),
        ] {
            assert!(read(&bad, "p.html").is_err());
        }
        for odd in ["", "<", "<p", "<!--", "<html></html>", "<p>x</p", "&#0;", "<p>\u{0}x", "</p></p>"] {
            let _ = read(odd, "p.html");
            let _ = fragment_text(odd);
        }
        assert!(read("<html><body></body></html>", "p.html").is_err());
        let wide = format!("<body>{}", "<p>x</p>".repeat(50_000));
        assert!(read(&wide, "p.html").is_ok());
    }

    #[test]
    fn fragments() {
        assert_eq!(fragment_text("plain").unwrap(), "plain");
        assert_eq!(fragment_text("<p>a &lt; b</p><p>c</p>").unwrap(), "a < b\n\nc");
        assert_eq!(fragment_text("AT&amp;T <b>up</b>").unwrap(), "AT&T up");
    }
}
