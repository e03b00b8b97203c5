//! Results as people and programs read them, one file a format. Everything that an article or a file
//! brought is made safe here for where it goes: a terminal, a spreadsheet, a page, a program.

mod article;
mod csv;
mod html;
mod markdown;
mod text;
mod wrap;

use std::ops::Range;

use orewire::{FacetCount, Facets, Hit, SearchResults, TimelineStep};
use serde::Serialize;

use super::{terminal, timeline};
pub(crate) use article::{article, tags};
pub(crate) use csv::csv;
pub(crate) use html::html;
pub(crate) use markdown::markdown;
pub(crate) use text::{bar, hits, text};
pub(crate) use wrap::{painted, wrap};

/// The facets by name, in the order in which they are shown.
fn facets(facets: &Facets) -> [(&'static str, &[FacetCount]); 4] {
    [
        ("organization", &facets.organization),
        ("province", &facets.province),
        ("country", &facets.country),
        ("commodity", &facets.commodity),
    ]
}

/// A name and how many articles there are of it.
type Count = (String, u64);

/// All counts of a result that are not empty, with clean names: facets, then the timeline.
fn tables(results: &SearchResults, step: Option<TimelineStep>) -> Vec<(&'static str, Vec<Count>)> {
    let mut tables: Vec<(&'static str, Vec<Count>)> = facets(&results.facets)
        .into_iter()
        .map(|(name, counts)| {
            (name, counts.iter().map(|c| (terminal::clean_line(&c.name), c.count)).collect())
        })
        .collect();
    if let (Some(counts), Some(step)) = (&results.timeline, step) {
        let rows = counts.iter().map(|c| (timeline::label(c.start, step), c.count)).collect();
        tables.push((timeline::name(step), rows));
    }
    tables.retain(|(_, rows)| !rows.is_empty());
    tables
}

/// What stands for the headline of a hit without one: the beginning of its text, or its id.
fn headline(hit: &Hit) -> String {
    let lead = terminal::clean_line(&hit.lead);
    if lead.is_empty() { terminal::clean_line(&hit.id) } else { lead }
}

/// Sorted ranges with those that touch joined: one mark, not two side by side.
fn joined(marks: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::with_capacity(marks.len());
    for mark in marks {
        match out.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            _ => out.push(mark.clone()),
        }
    }
    out
}

/// The language of a text that has none of its own: Chinese where it has a Han character.
fn language(text: &str) -> &'static str {
    if text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')) {
        "zh"
    } else {
        "en"
    }
}

/// A value as JSON in which no character can steer a terminal or end a script: what JSON leaves as it
/// is (DEL, C1 controls, bidi overrides, U+2028) is escaped.
pub(crate) fn safe_json(value: &impl Serialize, pretty: bool) -> String {
    let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.unwrap_or_default();
    let unsafe_char = |c: char| !c.is_ascii_control() && terminal::clean_char(c) != Some(c) || c == '\u{7F}';
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
}
