//! An article with its metadata and its tags, each with its evidence, as text.

use std::{io::Write, ops::Range};

use orewire::{Article, Evidence, Tag, Tags, tagging::Field};

use super::wrap::{painted, wrap};
use crate::cli::{
    link::{Address, Links},
    terminal::{self, Screen, Style},
};

/// Widest text that is easy to read.
const BODY_MAX_COLUMNS: usize = 100;
/// Widest name of a tag that paths are aligned behind.
const NAME_MAX_COLUMNS: usize = 48;

/// An article. On a terminal its text is broken into lines, with the evidence in colour; in a pipe it is
/// as it came in.
pub(crate) fn article(
    out: &mut impl Write,
    article: &Article,
    tags: &Tags,
    screen: &Screen,
    links: &Links,
) -> std::io::Result<()> {
    let style = &screen.style;
    let room = screen.columns.min(BODY_MAX_COLUMNS);
    if !article.title.is_empty() {
        for line in wrap(&article.title, &[], screen.columns, style) {
            writeln!(out, "{}", painted(&line, style, true))?;
        }
    }
    metadata(out, article, style, links)?;
    writeln!(out)?;
    let body = article.body.trim_end();
    if screen.is_terminal() && !style.is_plain() {
        let evidence = evidence_in(tags, Field::Body);
        let mut at = 0;
        for line in body.split_inclusive('\n') {
            let marks: Vec<Range<usize>> = evidence
                .iter()
                .filter(|e| e.end > at && e.start < at + line.len())
                .map(|e| e.start.saturating_sub(at)..e.end - at)
                .collect();
            let lines = wrap(line, &marks, room, style);
            for line in &lines {
                let painted: String =
                    line.iter().map(|(t, hit)| if *hit { style.facet(t) } else { t.clone() }).collect();
                writeln!(out, "{painted}")?;
            }
            if lines.is_empty() {
                writeln!(out)?;
            }
            at += line.len();
        }
    } else {
        writeln!(out, "{}", terminal::clean(body.trim_start_matches(['\n', '\r'])))?;
    }
    writeln!(out)?;
    tag_lines(out, tags, screen)
}

fn metadata(out: &mut impl Write, article: &Article, style: &Style, links: &Links) -> std::io::Result<()> {
    let extra = article.extra.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (terminal::clean_line(name), value, None)
    });
    let date = article.date.map(|d| d.to_string());
    let url = article.url.as_deref();
    let path = Some(article.path.as_str()).filter(|p| !p.is_empty());
    let address = |address: Option<Address>| address.filter(|_| style.links);
    let fields: Vec<(String, String, Option<Address>)> = [
        ("date", date.as_deref(), None),
        ("source", article.source.as_deref(), None),
        ("lang", Some(article.lang.code()), None),
        ("id", Some(article.id.as_str()), None),
        ("url", url, address(url.and_then(Address::web))),
        ("path", path, address(path.and_then(|p| links.file(p)))),
    ]
    .into_iter()
    .filter_map(|(name, value, address)| Some((name.to_owned(), value?.to_owned(), address)))
    .chain(extra)
    .collect();
    let widest = fields.iter().map(|f| terminal::width(&f.0)).max().unwrap_or(0).min(16);
    for (name, value, address) in fields {
        let name = terminal::padded(&terminal::fit(&name, 16), widest);
        let value = terminal::clean_line(&value);
        writeln!(out, "{} {}", style.faint(&name), style.link(&value, address.as_ref()))?;
    }
    Ok(())
}

/// The ranges of all evidence in a field, sorted and disjoint.
fn evidence_in(tags: &Tags, field: Field) -> Vec<Range<usize>> {
    let lists = [&tags.organization, &tags.province, &tags.country, &tags.commodity];
    let mut ranges: Vec<Range<usize>> = lists
        .into_iter()
        .flatten()
        .flat_map(|t| &t.evidence)
        .filter(|e| e.field == field)
        .map(|e| e.start..e.end)
        .collect();
    ranges.sort_by_key(|r| (r.start, r.end));
    ranges.dedup_by(|later, first| {
        let joined = later.start <= first.end;
        if joined {
            first.end = first.end.max(later.end);
        }
        joined
    });
    ranges
}

/// The tags of an article, each with why it is there.
pub(crate) fn tags(out: &mut impl Write, id: &str, tags: &Tags, screen: &Screen) -> std::io::Result<()> {
    writeln!(out, "{}", screen.style.title(&terminal::clean_line(id)))?;
    tag_lines(out, tags, screen)?;
    writeln!(out)
}

fn tag_lines(out: &mut impl Write, tags: &Tags, screen: &Screen) -> std::io::Result<()> {
    for (facet, list) in [
        ("organization", &tags.organization),
        ("province", &tags.province),
        ("country", &tags.country),
        ("commodity", &tags.commodity),
    ] {
        if !list.is_empty() {
            writeln!(out, "{}", screen.style.title(facet))?;
            table(out, list, screen)?;
        }
    }
    Ok(())
}

/// A tag a line: its name, its path and its evidence, which goes below where the line is too narrow.
fn table(out: &mut impl Write, list: &[Tag], screen: &Screen) -> std::io::Result<()> {
    let style = &screen.style;
    let rows: Vec<(String, String, Vec<String>)> = list
        .iter()
        .map(|tag| (terminal::clean_line(&tag.name), terminal::clean_line(&tag.path), pieces(&tag.evidence)))
        .collect();
    let name = rows.iter().map(|r| terminal::width(&r.0)).max().unwrap_or(0).min(NAME_MAX_COLUMNS);
    let path = rows.iter().map(|r| terminal::width(&r.1)).max().unwrap_or(0);
    let joined = |pieces: &[String]| pieces.iter().map(|p| terminal::width(p) + 2).sum::<usize>();
    // One column below the other where there is room for it.
    let aligned = rows.iter().all(|r| 4 + name + 2 + path + joined(&r.2) <= screen.columns);
    for (tag, (label, own_path, pieces)) in list.iter().zip(rows) {
        let focus = if tag.focus { "*" } else { " " };
        let mut line = format!("  {focus} {}", style.facet(&terminal::padded(&label, name)));
        let mut used = 4 + name.max(terminal::width(&label));
        let place = if aligned { terminal::padded(&own_path, path) } else { own_path };
        let whole = used + 2 + terminal::width(&place) + joined(&pieces) <= screen.columns;
        for (n, piece) in std::iter::once(place).chain(pieces).enumerate() {
            let width = terminal::width(&piece);
            // Evidence that does not fit beside its tag begins below it.
            let below = used + 2 + width > screen.columns || (n == 1 && !whole);
            if below {
                if n == 0 {
                    // Nothing follows that would have to be aligned.
                    line = format!("  {focus} {}", style.facet(&label));
                }
                writeln!(out, "{line}")?;
                line = String::from("      ");
                used = 6;
            } else {
                line.push_str("  ");
                used += 2;
            }
            line.push_str(&if n == 0 { piece } else { style.faint(&piece) });
            used += width;
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Evidence as text: what stands there, its places, and its rule unless it is just a name. Several places
/// of the same text are one piece.
fn pieces(evidence: &[Evidence]) -> Vec<String> {
    const TEXT_MAX_COLUMNS: usize = 60;
    let mut groups: Vec<(&Evidence, Vec<String>)> = Vec::new();
    for one in evidence {
        let field = if one.field == Field::Title { "title" } else { "body" };
        let place = format!("{field}:{}", one.start);
        match groups.iter_mut().find(|(first, _)| first.text == one.text && first.rule == one.rule) {
            Some((_, places)) => places.push(place),
            None => groups.push((one, vec![place])),
        }
    }
    groups
        .into_iter()
        .map(|(one, places)| {
            let text = terminal::fit(&terminal::clean_line(&one.text), TEXT_MAX_COLUMNS);
            let rule = if one.rule == "gazetteer" { String::new() } else { format!(" ({})", one.rule) };
            format!("“{text}” {}{rule}", places.join(" "))
        })
        .collect()
}
