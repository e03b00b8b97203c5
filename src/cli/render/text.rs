//! Hits and facet counts as text: in a pipe one facet value a line and nothing that differs from run to
//! run; on a terminal as many facets side by side as it has room for.

use std::io::Write;

use orewire::{Hit, SearchResults};

use super::{
    Count,
    wrap::{painted, wrap},
};
use crate::cli::{
    link::Links,
    progress::count,
    terminal::{self, Screen, Style},
};

/// Widest text that is easy to read.
const TEXT_MAX_COLUMNS: usize = 120;
const BAR_COLUMNS: u64 = 8;
/// Narrowest facet beside another one.
const FACET_MIN_COLUMNS: usize = 38;
/// Widest name of a facet value.
const LABEL_MAX_COLUMNS: usize = 48;
/// Between facets side by side.
const GUTTER: usize = 3;

/// Hits and facet counts.
pub(crate) fn text(
    out: &mut impl Write,
    results: &SearchResults,
    offset: usize,
    screen: &Screen,
    links: &Links,
) -> std::io::Result<()> {
    hits(out, &results.hits, offset, screen, links)?;
    let mut summary = shown(results, offset);
    if screen.is_terminal() {
        summary.push_str(&format!(", {:.1} ms", results.took_us as f64 / 1_000.0));
    }
    writeln!(out, "{}", screen.style.faint(&summary))?;
    let facets = super::tables(results, None);
    let fit = match screen.is_terminal() {
        true => ((screen.columns + GUTTER) / (FACET_MIN_COLUMNS + GUTTER)).max(1),
        false => 1,
    };
    // Full rows: two by two rather than three and one.
    let rows = facets.len().div_ceil(fit).max(1);
    let abreast = facets.len().div_ceil(rows).max(1);
    facets_as_text(out, &facets, abreast, screen)
}

/// Hits without counts.
pub(crate) fn hits(
    out: &mut impl Write,
    hits: &[Hit],
    offset: usize,
    screen: &Screen,
    links: &Links,
) -> std::io::Result<()> {
    let digits = (offset + hits.len()).to_string().len().max(2);
    for (number, hit) in (offset + 1..).zip(hits) {
        hit_as_text(out, hit, &format!("{number:>digits$}. "), screen, links)?;
    }
    Ok(())
}

/// Which hits are shown, of how many: "1–10 of 24 articles".
pub(crate) fn shown(results: &SearchResults, offset: usize) -> String {
    let articles = count(results.total as u64, "article");
    let (first, last) = (offset + 1, offset + results.hits.len());
    match results.hits.len() {
        0 => format!("none shown of {articles}"),
        1 => format!("{first} of {articles}"),
        _ => format!("{first}–{last} of {articles}"),
    }
}

fn hit_as_text(
    out: &mut impl Write,
    hit: &Hit,
    label: &str,
    screen: &Screen,
    links: &Links,
) -> std::io::Result<()> {
    let style = &screen.style;
    let indent = " ".repeat(label.len());
    let room = screen.columns.min(TEXT_MAX_COLUMNS).saturating_sub(label.len());
    let address = if style.links { links.of(hit) } else { None };
    if hit.title.trim().is_empty() {
        let lead = terminal::fit(&super::headline(hit), room);
        writeln!(out, "{label}{}", style.link(&style.title(&lead), address.as_ref()))?;
    } else {
        let lines = wrap(&hit.title, &hit.title_highlights, room, style);
        for (n, line) in lines.iter().enumerate() {
            let lead = if n == 0 { label } else { &indent };
            writeln!(out, "{lead}{}", style.link(&painted(line, style, true), address.as_ref()))?;
        }
    }
    for line in about(hit, room, style) {
        writeln!(out, "{indent}{line}")?;
    }
    for line in wrap(&hit.snippet.text, &hit.snippet.highlights, room, style) {
        writeln!(out, "{indent}{}", painted(&line, style, false))?;
    }
    copies_as_text(out, hit, &indent, room, style)?;
    explanation_as_text(out, hit, &indent, room, style)?;
    writeln!(out)
}

/// The parts of the score, one a line.
fn explanation_as_text(
    out: &mut impl Write,
    hit: &Hit,
    indent: &str,
    room: usize,
    style: &Style,
) -> std::io::Result<()> {
    if hit.explanation.is_empty() {
        return Ok(());
    }
    let total = std::iter::once((hit.score, "score"));
    let parts = hit.explanation.iter().map(|p| (p.score, p.part.as_str()));
    for (score, part) in total.chain(parts) {
        let line = terminal::clean_line(&format!("{score:>9.4} {part}"));
        writeln!(out, "{indent}{}", style.faint(&terminal::fit(&line, room)))?;
    }
    Ok(())
}

/// Date, publisher, id and copies, then what it is about: in one line where that fits, or else what it is
/// about in lines of its own.
fn about(hit: &Hit, room: usize, style: &Style) -> Vec<String> {
    type Paint = fn(&Style, &str) -> String;
    let plain: Paint = |_, text| text.to_owned();
    let mut first: Vec<(String, Paint)> = Vec::new();
    first.extend(hit.date.map(|d| (d.to_string(), Style::date as Paint)));
    first.extend(
        hit.source.as_deref().map(terminal::clean_line).filter(|s| !s.is_empty()).map(|s| (s, plain)),
    );
    first.push((terminal::clean_line(&hit.id), Style::faint));
    match hit.copies {
        0 => {}
        1 => first.push(("+1 copy".to_owned(), Style::faint)),
        n => first.push((format!("+{n} copies"), Style::faint)),
    }
    let names: Vec<(String, Paint)> =
        hit.about.iter().map(|n| (terminal::clean_line(n), Style::facet as Paint)).collect();
    let wide = |parts: &[(String, Paint)]| parts.iter().map(|p| terminal::width(&p.0) + 3).sum::<usize>();
    let groups = match wide(&first) + wide(&names) <= room + 3 {
        true => vec![[first, names].concat()],
        false => vec![first, names],
    };
    let mut lines = Vec::new();
    for group in groups {
        let (mut line, mut used) = (String::new(), 0);
        for (text, paint) in &group {
            let width = terminal::width(text);
            if used > 0 && used + 3 + width > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else if used > 0 {
                line.push_str(&style.faint(" · "));
                used += 3;
            }
            line.push_str(&paint(style, text));
            used += width;
        }
        if used > 0 {
            lines.push(line);
        }
    }
    lines
}

fn copies_as_text(
    out: &mut impl Write,
    hit: &Hit,
    indent: &str,
    room: usize,
    style: &Style,
) -> std::io::Result<()> {
    for copy in &hit.copy_ids {
        let mut about: Vec<String> = copy.date.map(|d| d.to_string()).into_iter().collect();
        about.extend(copy.source.clone());
        about.push(copy.id.clone());
        about.extend(Some(copy.title.clone()).filter(|t| !t.trim().is_empty()));
        let line = terminal::clean_line(&about.join(" · "));
        writeln!(out, "{indent}+ {}", style.faint(&terminal::fit(&line, room.saturating_sub(2))))?;
    }
    let unlisted = hit.copies.saturating_sub(hit.copy_ids.len());
    if !hit.copy_ids.is_empty() && unlisted > 0 {
        writeln!(out, "{indent}+ {}", style.faint(&format!("{unlisted} more")))?;
    }
    Ok(())
}

/// Facets, so many side by side, each with its most frequent values.
fn facets_as_text(
    out: &mut impl Write,
    facets: &[(&str, Vec<Count>)],
    abreast: usize,
    screen: &Screen,
) -> std::io::Result<()> {
    let abreast = abreast.max(1);
    let columns = screen.columns.saturating_sub((abreast - 1) * GUTTER) / abreast;
    // Numbers and bars of facets that stand one below the other are aligned.
    let shapes: Vec<Shape> = (0..abreast)
        .map(|at| {
            Shape::of(facets.iter().skip(at).step_by(abreast).map(|(_, values)| values.as_slice()), columns)
        })
        .collect();
    for row in facets.chunks(abreast) {
        let blocks: Vec<Vec<(String, usize)>> = row
            .iter()
            .zip(&shapes)
            .map(|((name, values), shape)| shape.lines(name, values, &screen.style))
            .collect();
        let lines = blocks.iter().map(Vec::len).max().unwrap_or(0);
        for n in 0..lines {
            let mut line = String::new();
            let mut missing = 0;
            for (block, shape) in blocks.iter().zip(&shapes) {
                match block.get(n) {
                    Some((text, width)) => {
                        line.push_str(&" ".repeat(missing));
                        line.push_str(text);
                        missing = shape.columns().saturating_sub(*width) + GUTTER;
                    }
                    None => missing += shape.columns() + GUTTER,
                }
            }
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// How wide the parts of a facet's lines are.
#[derive(Debug, Clone, Copy)]
struct Shape {
    label: usize,
    digits: usize,
}

impl Shape {
    fn of<'a>(facets: impl Iterator<Item = &'a [Count]>, columns: usize) -> Shape {
        let (mut label, mut most) = (0, 0);
        for (name, count) in facets.flatten() {
            label = label.max(terminal::width(name));
            most = most.max(*count);
        }
        let digits = most.to_string().len().max(3);
        let room = columns.saturating_sub(2 + 1 + digits + 1 + BAR_COLUMNS as usize);
        Shape { label: label.min(room).clamp(10, LABEL_MAX_COLUMNS), digits }
    }

    fn columns(self) -> usize {
        2 + self.label + 1 + self.digits + 1 + BAR_COLUMNS as usize
    }

    /// The lines of a facet with their widths: its name, then a line for each value.
    fn lines(self, name: &str, values: &[Count], style: &Style) -> Vec<(String, usize)> {
        let most = values.iter().map(|v| v.1).max().unwrap_or(0).max(1);
        let mut lines = vec![(style.title(name), name.len())];
        for (value, count) in values {
            let label = terminal::fit(value, self.label);
            let pad = " ".repeat(self.label - terminal::width(&label));
            let bar = bar(*count, most, BAR_COLUMNS);
            let digits = self.digits;
            let line = format!("  {}{pad} {count:>digits$} {}", style.facet(&label), style.faint(&bar));
            lines.push((line, self.columns() - BAR_COLUMNS as usize + terminal::width(&bar)));
        }
        lines
    }
}

/// A bar as long as a count's share of the largest one, which has `columns`; to an eighth of a column.
pub(crate) fn bar(count: u64, most: u64, columns: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (count.saturating_mul(columns * 8)).div_ceil(most.max(1));
    let part = EIGHTHS.get((eighths % 8) as usize).copied().unwrap_or("");
    format!("{}{part}", "█".repeat((eighths / 8) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_shares() {
        assert_eq!(bar(8, 8, 8), "████████");
        assert_eq!(bar(4, 8, 8), "████");
        assert_eq!(bar(1, 1_000, 8), "▏");
        assert_eq!(bar(33, 64, 8), "████▏");
        assert_eq!(bar(0, 0, 8), "");
    }

    #[test]
    fn facets_side_by_side_are_aligned() {
        let left =
            vec![("四川稀土集团股份有限公司与其他机构共同体".to_owned(), 1_200), ("Chengdu".to_owned(), 7)];
        let right = vec![("Lithium".to_owned(), 3)];
        let screen = Screen { columns: 100, lines: Some(24), style: Style::plain() };
        let mut out = Vec::new();
        facets_as_text(&mut out, &[("province", left), ("commodity", right)], 2, &screen).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let at = |line: &str, what: &str| terminal::width(&line[..line.find(what).unwrap()]);
        assert_eq!(at(lines[0], "commodity") + 2, at(lines[1], "Lithium"), "{text}");
        assert_eq!(at(lines[1], "1200") + 3, at(lines[2], "7"), "{text}");
        assert!(lines.iter().all(|l| terminal::width(l) <= 100), "{text}");
    }
}
