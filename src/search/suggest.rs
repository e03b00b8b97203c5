//! What a few letters may become: names that the index uses, the most used first, and headlines, the
//! newest first.
//!
//! Names come from a file of the generation ([`Completions`]). Headlines need none: they are found by the
//! index of their units, the last word by its beginning, so that typing also finds a headline by what
//! stands in its middle.

use std::{cmp::Reverse, collections::BinaryHeap};

use serde::Serialize;
use tantivy::{
    DocAddress, Searcher as TantivySearcher, Term,
    query::{BooleanQuery, EnableScoring, Occur, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::Opened;
use crate::{
    analysis::{UnitKind, Units},
    article::Date,
    error::{Error, Result},
    gazetteer::{Completions, Facet, name_key},
    indexer,
    limits::{SUGGEST_MAX, SUGGEST_MAX_BYTES, SUGGEST_TITLES_READ, SUGGEST_WORDS_MAX},
    schema::record,
};

/// Headlines among the suggestions, at most: one in so many, unless there are too few names.
const TITLES_SHARE: usize = 3;

/// Shortest beginning that headlines are looked for by: letters, or Han characters.
const TITLE_MIN_LETTERS: usize = 3;
const TITLE_MIN_HAN: usize = 2;

/// A completion of what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Suggestion {
    /// The name, in the script of what was typed where there is one; or the headline.
    pub text: String,
    /// What it is.
    pub kind: SuggestionKind,
    /// The name that begins as typed, folded, where `text` is another name of the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Path of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Articles that are tagged with the name, or with something below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Id of the article with the headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SuggestionKind {
    /// The name of a body.
    Organization,
    /// The name of a place.
    Province,
    /// The name of a country.
    Country,
    /// The name of a good.
    Commodity,
    /// A headline.
    Title,
}

impl SuggestionKind {
    /// `organization`, `province`, `country`, `commodity` or `title`.
    pub fn as_str(self) -> &'static str {
        match self {
            SuggestionKind::Organization => Facet::Organization.as_str(),
            SuggestionKind::Province => Facet::Province.as_str(),
            SuggestionKind::Country => Facet::Country.as_str(),
            SuggestionKind::Commodity => Facet::Commodity.as_str(),
            SuggestionKind::Title => "title",
        }
    }
}

impl From<Facet> for SuggestionKind {
    fn from(facet: Facet) -> SuggestionKind {
        match facet {
            Facet::Organization => SuggestionKind::Organization,
            Facet::Province => SuggestionKind::Province,
            Facet::Country => SuggestionKind::Country,
            Facet::Commodity => SuggestionKind::Commodity,
        }
    }
}

impl Opened {
    pub(super) fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>> {
        let limit = limit.min(SUGGEST_MAX);
        let typed = &typed[..typed.floor_char_boundary(SUGGEST_MAX_BYTES)];
        let units = Units::of(typed, &[]);
        let Some(last) = units.list().last() else { return Ok(Vec::new()) };
        // After a space the last word is whole.
        let open = last.kind == UnitKind::Word && last.end as usize == typed.len();
        let mut names = self.suggested_names(typed, &units, limit)?;
        let titles = limit.saturating_sub(names.len()).max(limit / TITLES_SHARE);
        let titles = self.suggested_titles(&units, open, titles)?;
        names.truncate(limit - titles.len());
        names.extend(titles);
        Ok(names)
    }

    fn suggested_names(&self, typed: &str, units: &Units, limit: usize) -> Result<Vec<Suggestion>> {
        let names = &self.inner.names;
        let han = units.iter().any(|u| u.kind == UnitKind::Han);
        let mut key = name_key(typed);
        if typed.ends_with(char::is_whitespace) && !han {
            key.push(' ');
        }
        let found = self.completions()?.starting_with(&key, limit);
        let named = found.into_iter().filter_map(|c| names.row(c.row).map(|row| (c, row)));
        Ok(named
            .map(|(completion, row)| {
                let text = if han && !row.name_zh.is_empty() { row.name_zh } else { row.name() };
                Suggestion {
                    text: text.to_owned(),
                    kind: row.facet.into(),
                    alias: (!name_key(text).starts_with(&key)).then_some(completion.key),
                    path: Some(row.path.to_owned()),
                    count: Some(u64::from(completion.count)),
                    id: None,
                    date: None,
                }
            })
            .collect())
    }

    /// The names in use. A generation that was published without them has them counted now.
    fn completions(&self) -> Result<&Completions> {
        if let Some(completions) = self.inner.completions.get() {
            return Ok(completions);
        }
        let completions = indexer::open_completions(
            &self.inner.directory,
            &self.inner.generation.manifest,
            &self.inner.names,
            &self.inner.reader.searcher(),
        )?;
        Ok(self.inner.completions.get_or_init(|| completions))
    }

    fn suggested_titles(&self, units: &Units, open: bool, limit: usize) -> Result<Vec<Suggestion>> {
        let engine = || Error::engine("searching");
        let letters: usize =
            units.iter().filter(|u| u.kind == UnitKind::Word).map(|u| units.term(u).len()).sum();
        let han = units.iter().filter(|u| u.kind == UnitKind::Han).count();
        if limit == 0 || (letters < TITLE_MIN_LETTERS && han < TITLE_MIN_HAN) {
            return Ok(Vec::new());
        }
        let searcher = self.inner.reader.searcher();
        let Some(query) =
            title_query(&searcher, self.inner.fields.title_units, units, open).map_err(engine())?
        else {
            return Ok(Vec::new());
        };
        // Some begin so and some only hold it, and some come twice: twice as many as are wanted.
        let depth = (limit * 2).min(SUGGEST_TITLES_READ);
        let found = newest(&searcher, query.as_ref(), depth).map_err(engine())?;
        let mut out: Vec<(bool, Suggestion)> = Vec::new();
        let key = units.list().first().map_or("", |u| units.term(u));
        for (date, address) in found {
            let (id, text) = self.record_as(&searcher, address, |bytes| {
                let (id, title) = record::heading(bytes)?;
                Some((id.to_owned(), title.split_whitespace().collect::<Vec<_>>().join(" ")))
            })?;
            if out.iter().any(|(_, s)| s.text == text) {
                continue;
            }
            let title = Units::of(&text, &[]);
            let begins = title.list().first().is_some_and(|u| title.term(u).starts_with(key));
            let suggestion = Suggestion {
                text,
                kind: SuggestionKind::Title,
                alias: None,
                path: None,
                count: None,
                id: Some(id),
                date,
            };
            out.push((!begins, suggestion));
        }
        // Those that begin so before those that hold it; each newest first, as they came.
        out.sort_by_key(|(later, _)| *later);
        Ok(out.into_iter().map(|(_, s)| s).take(limit).collect())
    }
}

/// Headlines that hold the units in a row; if `open`, the last one as a word's beginning. `None` when no
/// headline has such a word.
fn title_query(
    searcher: &TantivySearcher,
    field: Field,
    units: &Units,
    open: bool,
) -> tantivy::Result<Option<Box<dyn Query>>> {
    let list = units.list();
    let Some((last, whole)) = list.split_last() else { return Ok(None) };
    let first = list.first().map_or(0, |u| u.position);
    let endings = match open {
        true => frequent(searcher, field, units.term(last))?,
        false => vec![units.term(last).to_owned()],
    };
    let before: Vec<(usize, Term)> = whole
        .iter()
        .map(|u| ((u.position - first) as usize, Term::from_field_text(field, units.term(u))))
        .collect();
    let clauses: Vec<(Occur, Box<dyn Query>)> = endings
        .into_iter()
        .map(|ending| {
            let term = Term::from_field_text(field, &ending);
            let query: Box<dyn Query> = if before.is_empty() {
                Box::new(TermQuery::new(term, IndexRecordOption::Basic))
            } else {
                let mut terms = before.clone();
                terms.push(((last.position - first) as usize, term));
                Box::new(PhraseQuery::new_with_offset(terms))
            };
            (Occur::Should, query)
        })
        .collect();
    Ok((!clauses.is_empty()).then(|| Box::new(BooleanQuery::new(clauses)) as Box<dyn Query>))
}

/// Day, hash of the id for a fixed order among equals, place; newer ones greater.
type Dated = (Option<i64>, Reverse<u64>, DocAddress);

/// The newest articles that match, newest first, at most `depth`.
fn newest(
    searcher: &TantivySearcher,
    query: &dyn Query,
    depth: usize,
) -> tantivy::Result<Vec<(Option<Date>, DocAddress)>> {
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut best: BinaryHeap<Reverse<Dated>> = BinaryHeap::new();
    for (ord, segment) in (0u32..).zip(searcher.segment_readers()) {
        let (dates, ties) = (segment.fast_fields().i64("date")?, segment.fast_fields().u64("tie")?);
        let alive = segment.alive_bitset();
        weight.for_each_no_score(segment, &mut |docs| {
            for doc in docs.iter().copied().filter(|doc| alive.is_none_or(|a| a.is_alive(*doc))) {
                let date = dates.first(doc);
                let full = best.len() >= depth;
                if full && best.peek().is_some_and(|worst| worst.0.0 > date) {
                    continue;
                }
                let tie = Reverse(ties.first(doc).unwrap_or(0));
                best.push(Reverse((date, tie, DocAddress::new(ord, doc))));
                if full {
                    best.pop();
                }
            }
        })?;
    }
    Ok(best
        .into_sorted_vec()
        .into_iter()
        .map(|found| (found.0.0.and_then(Date::from_days), found.0.2))
        .collect())
}

/// The words of headlines that begin so, the most frequent ones.
fn frequent(searcher: &TantivySearcher, field: Field, prefix: &str) -> tantivy::Result<Vec<String>> {
    let mut words: Vec<(u32, String)> = Vec::new();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut stream = index.terms().range().ge(prefix.as_bytes()).into_stream()?;
        while stream.advance() && stream.key().starts_with(prefix.as_bytes()) {
            if let Ok(word) = std::str::from_utf8(stream.key()) {
                words.push((stream.value().doc_freq, word.to_owned()));
            }
        }
    }
    words.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut out: Vec<String> = Vec::new();
    for (_, word) in words {
        if out.len() == SUGGEST_WORDS_MAX {
            break;
        }
        if !out.contains(&word) {
            out.push(word);
        }
    }
    Ok(out)
}
