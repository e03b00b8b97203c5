//! Hits and facet counts as one HTML page for mailing: no script, nothing loaded from elsewhere, light or
//! dark as the reader has it. What an article brought is text in it.

use std::{io::Write, ops::Range};

use orewire::{Hit, SearchResults, TimelineStep};

use super::text::shown;
use crate::cli::{link::Address, terminal};

/// Whatever got into the page could load and run nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1b1b1b;--page:#fff;--faint:#5c5c5c;--line:#ddd;--link:#0b4f9e;--mark:#fff0a8;--bar:#7fb2d9}
@media (prefers-color-scheme:dark){:root{--text:#e4e4e4;--page:#171717;--faint:#a3a3a3;--line:#3a3a3a;--link:#8ec1f5;--mark:#5c4d00;--bar:#35648a}}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
:lang(zh){font-family:system-ui,\"PingFang SC\",\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif;line-height:1.7}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.4rem;margin:0}
h2{font-size:1.05rem;margin:0}
h3{font-size:1rem;margin:0 0 .3rem}
p{margin:.2rem 0;overflow-wrap:anywhere}
ol{padding-left:2rem}
li{margin:1.2rem 0}
a{color:var(--link)}
mark{background:var(--mark);color:inherit;border-radius:.15em;padding:0 .1em}
.faint{color:var(--faint);font-size:.875rem}
.facets{display:flex;flex-wrap:wrap;gap:1.5rem 2rem;border-top:1px solid var(--line);padding-top:1.2rem}
.facets section{flex:1 1 18rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
td{padding:.1rem .3rem;vertical-align:middle}
.count{text-align:right;font-variant-numeric:tabular-nums;width:3rem}
.share{width:35%}
.bar{background:var(--bar);height:.6rem;border-radius:.1rem}
";

/// The page.
pub(crate) fn html(
    out: &mut impl Write,
    results: &SearchResults,
    offset: usize,
    step: Option<TimelineStep>,
) -> std::io::Result<()> {
    let query = escaped(&terminal::clean_line(&results.query));
    let lang = super::language(&results.query);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{query} · orewire</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1 lang=\"{lang}\">{query}</h1>"
    )?;
    let summary = if results.total == 0 { "Nothing found.".to_owned() } else { shown(results, offset) };
    writeln!(out, "<p class=\"faint\">{summary}</p>\n</header>")?;
    if !results.hits.is_empty() {
        writeln!(out, "<ol start=\"{}\">", offset + 1)?;
        for hit in &results.hits {
            hit_as_html(out, hit)?;
        }
        writeln!(out, "</ol>")?;
    }
    let tables = super::tables(results, step);
    if !tables.is_empty() {
        writeln!(out, "<div class=\"facets\">")?;
        for (name, rows) in tables {
            let most = rows.iter().map(|r| r.1).max().unwrap_or(0).max(1);
            writeln!(out, "<section>\n<h3>{name}</h3>\n<table>")?;
            for (name, count) in rows {
                let share = (count.saturating_mul(100)).div_ceil(most);
                writeln!(
                    out,
                    "<tr><td lang=\"{}\">{}</td><td class=\"count\">{count}</td>\
                     <td class=\"share\"><div class=\"bar\" style=\"width:{share}%\"></div></td></tr>",
                    super::language(&name),
                    escaped(&name),
                )?;
            }
            writeln!(out, "</table>\n</section>")?;
        }
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn hit_as_html(out: &mut impl Write, hit: &Hit) -> std::io::Result<()> {
    let title = match hit.title.trim().is_empty() {
        true => escaped(&super::headline(hit)),
        false => marked(&hit.title, &hit.title_highlights),
    };
    let title = match hit.url.as_deref().and_then(Address::web) {
        Some(address) => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer\">{title}</a>", escaped(&address.to_string()))
        }
        None => title,
    };
    writeln!(out, "<li lang=\"{}\">\n<h2>{title}</h2>", hit.lang)?;
    let mut about: Vec<String> = Vec::new();
    about.extend(hit.date.map(|d| format!("<time datetime=\"{d}\">{d}</time>")));
    let text = |text: &str| escaped(&terminal::clean_line(text));
    about.extend(hit.source.as_deref().map(text).filter(|s| !s.is_empty()));
    about.push(text(&hit.id));
    about.extend(
        hit.about.iter().map(|n| format!("<span lang=\"{}\">{}</span>", super::language(n), text(n))),
    );
    match hit.copies {
        0 => {}
        1 => about.push("<span lang=\"en\">+1 copy</span>".to_owned()),
        n => about.push(format!("<span lang=\"en\">+{n} copies</span>")),
    }
    writeln!(out, "<p class=\"faint\">{}</p>", about.join(" · "))?;
    let snippet = marked(&hit.snippet.text, &hit.snippet.highlights);
    if !snippet.is_empty() {
        writeln!(out, "<p>{snippet}</p>")?;
    }
    writeln!(out, "</li>")
}

/// Text with the marked ranges as `<mark>`.
fn marked(text: &str, marks: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for mark in super::joined(marks) {
        let (Some(before), Some(inside)) = (text.get(at..mark.start), text.get(mark.clone())) else {
            continue;
        };
        out.push_str(&escaped(&terminal::clean(before)));
        out.push_str(&format!("<mark>{}</mark>", escaped(&terminal::clean(inside))));
        at = mark.end;
    }
    out.push_str(&escaped(&terminal::clean(text.get(at..).unwrap_or(""))));
    out
}

/// Text as it may stand in an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
// Marks are ranges, and some texts have one.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_elements_and_text_is_text() {
        assert_eq!(marked("rare <b>earths", &[0..4]), "<mark>rare</mark> &lt;b&gt;earths");
        assert_eq!(marked("稀土\u{202e}<", &[0..6]), "<mark>稀土</mark>&lt;");
        assert_eq!(marked("x", &[1..9]), "x");
        assert_eq!(escaped("\"'&"), "&quot;&#39;&amp;");
    }
}
