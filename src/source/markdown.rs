//! Markdown: front matter, the first heading as the title, the rest as the body.

use std::ops::Range;

use super::{complete, dates, record::lang_from_tag, skip};
use crate::article::{Article, Skip};

/// Reads a Markdown file as one article.
pub(super) fn read(text: String, name: &str) -> Result<Article, Skip> {
    let mut article = Article { id: name.to_owned(), path: name.to_owned(), ..Article::default() };
    let mut lang = None;
    let mut start = 0;
    if let Some((pairs, end)) = front_matter(&text) {
        start = end;
        for (key, value) in pairs {
            match key.to_ascii_lowercase().as_str() {
                _ if value.is_empty() => {}
                "id" => article.id = value,
                "title" => article.title = value,
                "date" | "published" | "pubdate" | "publishdate" if article.date.is_none() => {
                    article.date = dates::parse(&value);
                    if article.date.is_none() {
                        article.extra.insert(key, value.into());
                    }
                }
                "source" | "publisher" => article.source = Some(value),
                "url" | "link" | "canonical" => article.url = Some(value),
                "lang" | "language" if lang_from_tag(&value).is_some() => lang = lang_from_tag(&value),
                _ => {
                    article.extra.insert(key, value.into());
                }
            }
        }
    }
    let content = text.get(start..).unwrap_or_default();
    if let Some((heading, line)) = first_heading(content) {
        let opens = content.get(..line.start).is_some_and(|before| before.trim().is_empty());
        if article.title.is_empty() {
            article.title = heading;
            // A heading further down stays in the text that it is a part of.
            start += if opens { line.end } else { 0 };
        } else if opens && heading == article.title {
            start += line.end;
        }
    }
    let content = text.get(start..).unwrap_or_default();
    start += content.len() - content.trim_start_matches(['\r', '\n']).len();
    article.body = text;
    article.body.drain(..start);
    if article.body.trim().is_empty() && article.title.is_empty() {
        return Err(skip(name, None, "empty"));
    }
    article.furniture = marks(&article.body);
    if let Some(lang) = lang {
        article.lang = lang;
    }
    complete(&mut article, lang.is_some());
    if article.id.is_empty() {
        article.id = name.to_owned();
    }
    Ok(article)
}

/// The flat pairs between `---` or `+++` lines at the very start, and where they end. What is nested is
/// passed over; without a closing line there is no front matter.
fn front_matter(text: &str) -> Option<(Vec<(String, String)>, usize)> {
    let (first, _) = text.split_once('\n')?;
    let (fence, mark) = match first.trim_end() {
        "---" => ("---", ':'),
        "+++" => ("+++", '='),
        _ => return None,
    };
    let mut pairs = Vec::new();
    let mut at = first.len() + 1;
    for line in text.get(at..)?.split_inclusive('\n') {
        at += line.len();
        let trimmed = line.trim_end();
        if trimmed == fence || (fence == "---" && trimmed == "...") {
            return Some((pairs, at));
        }
        if line.starts_with([' ', '\t', '-', '#', '[']) {
            continue;
        }
        if let Some((key, value)) = trimmed.split_once(mark) {
            pairs.push((key.trim().to_owned(), unquote(value.trim())));
        }
    }
    None
}

fn unquote(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|v| v.strip_suffix(quote)) {
            return if quote == '"' {
                inner.replace("\\\"", "\"").replace("\\\\", "\\")
            } else {
                inner.replace("''", "'")
            };
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end().to_owned()
}

/// The first `# ` heading outside of code, and its line with the line end.
fn first_heading(text: &str) -> Option<(String, Range<usize>)> {
    let (mut at, mut in_code) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_code = !in_code;
        }
        if let Some(heading) = trimmed.strip_prefix("# ").filter(|_| !in_code) {
            return Some((heading.trim_end_matches('#').trim().to_owned(), start..at));
        }
    }
    None
}

/// Marks that would be searched: fence lines and the targets of links that [`super::markup`] leaves
/// (relative ones, reference definitions, bare links in angle brackets).
fn marks(body: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        let lead = start + line.len() - line.trim_start().len();
        let is_fence = trimmed.starts_with("```") || trimmed.starts_with("~~~");
        let is_definition = trimmed.starts_with('[') && trimmed.contains("]: http");
        if is_fence || is_definition {
            out.push(lead..lead + trimmed.len());
            continue;
        }
        for (found, _) in line.match_indices("](") {
            let target = near(line, found + 2);
            if let Some(end) =
                target.find([')', ' ', '[', '(']).filter(|&end| target.as_bytes().get(end) == Some(&b')'))
            {
                out.push(start + found + 1..start + found + 2 + end + 1);
            }
        }
        for (found, _) in line.match_indices("<http") {
            let target = near(line, found);
            if let Some(end) =
                target.find(['>', ' ']).filter(|&end| target.as_bytes().get(end) == Some(&b'>'))
            {
                out.push(start + found..start + found + end + 1);
            }
        }
    }
    out
}

/// The text from `at` on, as far as a link may reach.
fn near(line: &str, at: usize) -> &str {
    const LINK_MAX_BYTES: usize = 1 << 10;
    line.get(at..line.floor_char_boundary(at + LINK_MAX_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_of_both_kinds() {
        let text = "---\ntitle: \"Tin: a \\\"soft\\\" year\"\ndate: 2031-06-02\nsource: 'Ore''s Day'\ntags:\n  - tin\nmood: low # x\n---\n\nStocks rose.\n";
        let a = read(text.into(), "a.md").unwrap();
        assert_eq!((a.title.as_str(), a.body.as_str()), ("Tin: a \"soft\" year", "Stocks rose.\n"));
        assert_eq!(
            (a.date.unwrap().to_string(), a.source.as_deref()),
            ("2031-06-02".into(), Some("Ore's Day"))
        );
        assert_eq!(a.extra["mood"], "low");
        let a = read("+++\ntitle = \"Tin\"\nlang = \"zh\"\n+++\nx".into(), "a.md").unwrap();
        assert_eq!((a.title.as_str(), a.lang.code(), a.body.as_str()), ("Tin", "zh", "x"));
        let a = read("---\ntitle: never closed\n\ntext".into(), "a.md").unwrap();
        assert!(a.title.is_empty() && a.body.starts_with("---"));
    }

    #[test]
    fn headings() {
        let a = read("\n# Tin falls #\n\nStocks rose.".into(), "a.md").unwrap();
        assert_eq!((a.title.as_str(), a.body.as_str()), ("Tin falls", "Stocks rose."));
        let text = "```\n# code\n```\nIntro.\n# Tin falls\nStocks rose.";
        let a = read(text.into(), "a.md").unwrap();
        assert_eq!((a.title.as_str(), a.body.as_str()), ("Tin falls", text));
        assert!(read("---\nx: y\n---\n\n".into(), "a.md").is_err());
    }

    #[test]
    fn marks_are_not_searched() {
        let body = "See [the *note*](../n.md) and ![pit](http://e.org/p.png) <https://e.org>.\n<!-- tin -->\n```sh\nrun\n```\n";
        let a = read(body.into(), "a.md").unwrap();
        let cut: Vec<_> = a.furniture.iter().map(|r| &a.body[r.clone()]).collect();
        assert_eq!(
            cut,
            ["(../n.md)", "(http://e.org/p.png)", "<https://e.org>", "<!-- tin -->", "```sh", "```"]
        );
    }
}
