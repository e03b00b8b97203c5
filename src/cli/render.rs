//! Results as people and programs read them. Everything that an article or a file brought is made
//! safe here.

use std::{io::Write, ops::Range};

use orewire::{Article, FacetCount, Hit, SearchResults, Tag, Tags};
use serde::Serialize;

use super::terminal::{self, Style};

const BAR_COLUMNS: u64 = 8;

/// Hits and facet counts as text.
pub(crate) fn text(
    out: &mut impl Write,
    results: &SearchResults,
    offset: usize,
    columns: usize,
    style: &Style,
) -> std::io::Result<()> {
    if results.total == 0 {
        return writeln!(out, "nothing found for {}", terminal::clean_line(&results.query));
    }
    for (number, hit) in results.hits.iter().enumerate() {
        hit_as_text(out, hit, offset + number + 1, columns, style)?;
    }
    let (first, last) = (offset + 1, offset + results.hits.len());
    let took = results.took_us as f64 / 1_000.0;
    let shown = match results.hits.len() {
        0 => "none shown".to_owned(),
        1 => first.to_string(),
        _ => format!("{first}–{last}"),
    };
    writeln!(out, "{}", style.faint(&format!("{shown} of {} articles, {took:.1} ms", results.total)))?;
    for (name, counts) in [
        ("organization", &results.facets.organization),
        ("province", &results.facets.province),
        ("country", &results.facets.country),
        ("commodity", &results.facets.commodity),
    ] {
        facet_as_text(out, name, counts, columns, style)?;
    }
    Ok(())
}

fn hit_as_text(
    out: &mut impl Write,
    hit: &Hit,
    number: usize,
    columns: usize,
    style: &Style,
) -> std::io::Result<()> {
    let label = format!("{number:>2}. ");
    let room = columns.saturating_sub(terminal::width(&label));
    if hit.title.trim().is_empty() {
        // The beginning of the text stands for a headline.
        let lead = terminal::clean_line(&hit.lead);
        let lead = if lead.is_empty() { terminal::clean_line(&hit.id) } else { lead };
        writeln!(out, "{label}{}", style.title(&terminal::fit(&lead, room)))?;
    } else {
        let lines = wrap(&hit.title, &hit.title_highlights, room);
        for (n, line) in lines.iter().enumerate() {
            let lead = if n == 0 { label.as_str() } else { "    " };
            writeln!(out, "{lead}{}", painted(line, style, true))?;
        }
    }
    // Parts with how they look, broken into lines between parts.
    let mut about: Vec<(String, String)> = Vec::new();
    let plain = |text: String| (text.clone(), text);
    about.extend(hit.date.map(|d| (d.to_string(), style.date(&d.to_string()))));
    about.extend(hit.source.as_deref().map(terminal::clean_line).filter(|s| !s.is_empty()).map(plain));
    about.push(plain(terminal::clean_line(&hit.id)));
    about.extend(hit.about.iter().map(|n| terminal::clean_line(n)).map(|n| (n.clone(), style.facet(&n))));
    match hit.copies {
        0 => {}
        1 => about.push(("+1 copy".to_owned(), style.faint("+1 copy"))),
        n => about.push((format!("+{n} copies"), style.faint(&format!("+{n} copies")))),
    }
    let mut line = String::from("    ");
    let mut used = 4;
    for (n, (text, painted)) in about.iter().enumerate() {
        let width = terminal::width(text);
        if n > 0 && used + 5 + width > columns {
            writeln!(out, "{line} ·")?;
            line = String::from("    ");
            used = 4;
        } else if n > 0 {
            line.push_str(" · ");
            used += 3;
        }
        line.push_str(painted);
        used += width;
    }
    writeln!(out, "{line}")?;
    for line in wrap(&hit.snippet.text, &hit.snippet.highlights, columns.saturating_sub(4)) {
        writeln!(out, "    {}", painted(&line, style, false))?;
    }
    copies_as_text(out, hit, columns, style)?;
    writeln!(out)
}

fn copies_as_text(out: &mut impl Write, hit: &Hit, columns: usize, style: &Style) -> std::io::Result<()> {
    for copy in &hit.copy_ids {
        let mut about: Vec<String> = copy.date.map(|d| d.to_string()).into_iter().collect();
        about.extend(copy.source.clone());
        about.push(copy.id.clone());
        about.extend(Some(copy.title.clone()).filter(|t| !t.trim().is_empty()));
        let line = terminal::clean_line(&about.join(" · "));
        writeln!(out, "    + {}", style.faint(&terminal::fit(&line, columns.saturating_sub(6))))?;
    }
    let unlisted = hit.copies.saturating_sub(hit.copy_ids.len());
    if !hit.copy_ids.is_empty() && unlisted > 0 {
        writeln!(out, "    + {}", style.faint(&format!("{unlisted} more")))?;
    }
    Ok(())
}

fn facet_as_text(
    out: &mut impl Write,
    name: &str,
    counts: &[FacetCount],
    columns: usize,
    style: &Style,
) -> std::io::Result<()> {
    let Some(most) = counts.iter().map(|c| c.count).max().filter(|m| *m > 0) else { return Ok(()) };
    writeln!(out, "{}", style.title(name))?;
    let room = columns.saturating_sub(22).clamp(10, 48);
    for count in counts {
        let label = terminal::fit(&terminal::clean_line(&count.name), room);
        let pad = " ".repeat(room - terminal::width(&label));
        let bar = "▇".repeat((count.count * BAR_COLUMNS).div_ceil(most) as usize);
        writeln!(out, "  {}{pad} {:>7} {}", style.facet(&label), count.count, style.faint(&bar))?;
    }
    Ok(())
}

/// Hits without counts.
pub(crate) fn hits(out: &mut impl Write, hits: &[Hit], columns: usize, style: &Style) -> std::io::Result<()> {
    hits.iter().enumerate().try_for_each(|(n, hit)| hit_as_text(out, hit, n + 1, columns, style))
}

/// A piece of a line: text, and whether it matched.
type Piece = (String, bool);

/// Breaks marked text into lines of at most `columns`: at spaces, and between Han characters.
fn wrap(text: &str, marks: &[Range<usize>], columns: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut line: Vec<(char, bool)> = Vec::new();
    let mut used = 0;
    let mut next = 0;
    for (at, c) in text.char_indices() {
        while marks.get(next).is_some_and(|m| m.end <= at) {
            next += 1;
        }
        let marked = marks.get(next).is_some_and(|m| m.contains(&at));
        let cleaned = terminal::clean(&text[at..at + c.len_utf8()]).into_owned();
        for c in cleaned.chars().map(|c| if c.is_whitespace() { ' ' } else { c }) {
            let width = terminal::width(c.encode_utf8(&mut [0; 4]));
            if used + width > columns.max(2) {
                let rest = break_line(&mut line);
                lines.push(pieces(&line));
                used = rest.iter().map(|(c, _)| terminal::width(c.encode_utf8(&mut [0; 4]))).sum();
                line = rest;
            }
            if line.is_empty() && c == ' ' {
                continue;
            }
            line.push((c, marked));
            used += width;
        }
    }
    if !line.is_empty() {
        lines.push(pieces(&line));
    }
    lines
}

/// Cuts a full line at the last place where a line may end; returns what comes after.
fn break_line(line: &mut Vec<(char, bool)>) -> Vec<(char, bool)> {
    let may_break = |i: usize| {
        let (before, after) = (line[i - 1].0, line[i].0);
        before == ' ' || ((before as u32) >= 0x2E80 && !"，。、；：？！）”》".contains(after))
    };
    let at = (line.len() * 2 / 3..line.len()).rev().find(|i| *i > 0 && may_break(*i)).unwrap_or(line.len());
    let rest = line.split_off(at);
    while line.last().is_some_and(|(c, _)| *c == ' ') {
        line.pop();
    }
    rest
}

fn pieces(line: &[(char, bool)]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for (c, marked) in line {
        match out.last_mut() {
            Some((text, same)) if same == marked => text.push(*c),
            _ => out.push((c.to_string(), *marked)),
        }
    }
    out
}

/// Matches are coloured; without colour they stand in brackets.
fn painted(line: &[Piece], style: &Style, title: bool) -> String {
    line.iter()
        .map(|(text, marked)| match (marked, style.is_plain()) {
            (true, true) => format!("[{text}]"),
            (true, false) => style.mark(text),
            (false, _) if title => style.title(text),
            (false, _) => text.clone(),
        })
        .collect()
}

/// A value as JSON in which no character can steer a terminal or end a script: what JSON leaves as it
/// is (DEL, C1 controls, bidi overrides, U+2028) is escaped.
pub(crate) fn safe_json(value: &impl Serialize, pretty: bool) -> String {
    let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.unwrap_or_default();
    let unsafe_char = |c: char| {
        !c.is_ascii() && (c.is_control() || terminal::clean(c.encode_utf8(&mut [0; 4])) != c.to_string())
            || c == '\u{7F}'
    };
    if !text.contains(unsafe_char) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if unsafe_char(c) {
            out.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            out.push(c);
        }
    }
    out
}

pub(crate) fn json(out: &mut impl Write, results: &SearchResults, pretty: bool) -> std::io::Result<()> {
    writeln!(out, "{}", safe_json(results, pretty))
}

/// One hit a line. A cell that a spreadsheet would take for a formula gets an apostrophe.
pub(crate) fn csv(out: &mut impl Write, results: &SearchResults) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record([
        "rank",
        "id",
        "score",
        "title",
        "date",
        "source",
        "url",
        "path",
        "lang",
        "snippet",
        "organization",
        "province",
        "country",
        "commodity",
        "copies",
    ])?;
    for (rank, hit) in results.hits.iter().enumerate() {
        let cells = [
            (rank + 1).to_string(),
            hit.id.clone(),
            format!("{:.4}", hit.score),
            hit.title.clone(),
            hit.date.map_or(String::new(), |d| d.to_string()),
            hit.source.clone().unwrap_or_default(),
            hit.url.clone().unwrap_or_default(),
            hit.path.clone(),
            hit.lang.to_string(),
            hit.snippet.text.clone(),
            hit.organization.join(" "),
            hit.province.join(" "),
            hit.country.join(" "),
            hit.commodity.join(" "),
            hit.copies.to_string(),
        ];
        writer.write_record(cells.iter().map(|c| safe_cell(c)))?;
    }
    writer.flush()
}

fn safe_cell(cell: &str) -> String {
    let cell = terminal::clean_line(cell);
    if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell }
}

/// An article with its metadata and tags.
pub(crate) fn article(
    out: &mut impl Write,
    article: &Article,
    tags: &Tags,
    style: &Style,
) -> std::io::Result<()> {
    if !article.title.is_empty() {
        writeln!(out, "{}", style.title(&terminal::clean_line(&article.title)))?;
    }
    let date = article.date.map(|d| d.to_string());
    for (name, value) in [
        ("id", Some(article.id.as_str())),
        ("date", date.as_deref()),
        ("source", article.source.as_deref()),
        ("url", article.url.as_deref()),
        ("path", Some(article.path.as_str()).filter(|p| !p.is_empty())),
        ("lang", Some(article.lang.code())),
    ] {
        if let Some(value) = value {
            writeln!(out, "{} {}", style.faint(&format!("{name:>8}")), terminal::clean_line(value))?;
        }
    }
    for (name, value) in &article.extra {
        let value = terminal::clean_line(&value.to_string());
        writeln!(out, "{} {value}", style.faint(&format!("{:>8}", terminal::clean_line(name))))?;
    }
    writeln!(out, "\n{}\n", terminal::clean(article.body.trim()))?;
    tag_lines(out, tags, style)
}

/// The tags of an article, each with why it is there.
pub(crate) fn tags(out: &mut impl Write, id: &str, tags: &Tags) -> std::io::Result<()> {
    let style = Style::for_stdout(super::args::Color::Never);
    writeln!(out, "{}", terminal::clean_line(id))?;
    tag_lines(out, tags, &style)?;
    writeln!(out)
}

fn tag_lines(out: &mut impl Write, tags: &Tags, style: &Style) -> std::io::Result<()> {
    for (facet, list) in [
        ("organization", &tags.organization),
        ("province", &tags.province),
        ("country", &tags.country),
        ("commodity", &tags.commodity),
    ] {
        if list.is_empty() {
            continue;
        }
        writeln!(out, "{}", style.title(facet))?;
        for tag in list {
            writeln!(out, "  {}", tag_line(tag, style))?;
        }
    }
    Ok(())
}

fn tag_line(tag: &Tag, style: &Style) -> String {
    let mut seen: Vec<String> = Vec::new();
    for evidence in &tag.evidence {
        let field = if evidence.field == orewire::tagging::Field::Title { "title" } else { "body" };
        let text = terminal::clean_line(&evidence.text);
        let rule = if evidence.rule == "gazetteer" { String::new() } else { format!(" ({})", evidence.rule) };
        seen.push(format!("“{text}” {field}:{}{rule}", evidence.start));
    }
    let focus = if tag.focus { "*" } else { " " };
    let because = terminal::fit(&seen.join(", "), 160);
    format!(
        "{focus} {} {} {}",
        style.facet(&terminal::clean_line(&tag.name)),
        terminal::clean_line(&tag.path),
        style.faint(&because)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_carries_no_character_that_steers() {
        let hostile = "a\u{1b}[31m\u{9b}\u{202E}\u{2028}\u{7f}</script>稀土";
        let json = safe_json(&hostile, false);
        assert!(
            json.chars().all(|c| !c.is_control() && terminal::clean(&c.to_string()) == c.to_string()),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    }

    #[test]
    fn lines_break_at_words_and_between_han() {
        let lines = wrap("rare earth mining in Sichuan", &[Range { start: 0, end: 10 }], 12);
        let plain: Vec<String> = lines.iter().map(|l| l.iter().map(|p| p.0.as_str()).collect()).collect();
        assert_eq!(plain, ["rare earth", "mining in", "Sichuan"]);
        assert!(lines[0][0].1);
        for line in wrap("冕宁县稀土产能扩大，产业升级。", &[], 10) {
            let text: String = line.iter().map(|p| p.0.as_str()).collect();
            assert!(terminal::width(&text) <= 10 && !text.starts_with('，'), "{text}");
        }
    }

    #[test]
    fn formulas_are_defused() {
        assert_eq!(safe_cell("=1+1"), "'=1+1");
        assert_eq!(safe_cell("a=1"), "a=1");
    }
}
