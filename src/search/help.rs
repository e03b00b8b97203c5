//! What was near, when nothing was found: words that are spelt nearly like one that no article has, what
//! is left to find without the part that rules everything out, and tags of what was asked for as text.
//!
//! Every proposal is a query that was counted, so that none leads to nothing again. It costs some searches
//! more, and is done only for a query without a hit.

use std::ops::Range;

use rustc_hash::FxHashSet;
use serde::Serialize;
use tantivy::{Searcher as TantivySearcher, Term};

use super::{Opened, SearchRequest, today};
use crate::{
    analysis::{Gap, UnitKind, Units},
    error::{Error, Result},
    gazetteer::{Facet, name_key},
    limits::{HELP_CLAUSES_MAX, HELP_PROPOSALS_MAX, HELP_WORDS_MAX},
    query::{
        near::{self, Near},
        parse,
        tree::{Node, Sign, Text, TextKind},
    },
};

/// Shortest run of Han characters whose spelling is looked into.
const HAN_MIN: usize = 3;

/// What is near a query that found nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Help {
    /// Words that no article has, and what is spelt nearly so.
    pub spellings: Vec<Spelling>,
    /// What is found when a part of the query is left out, most first.
    pub without: Vec<Without>,
    /// What articles are tagged with that the query asked for as text.
    pub names: Vec<Named>,
}

/// A word that no article has.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Spelling {
    /// As it stands in the query.
    pub text: String,
    /// What is spelt nearly so: the nearest first, of equally near ones the most frequent.
    pub instead: Vec<Instead>,
}

/// A proposal for a word.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Instead {
    /// The word.
    pub text: String,
    /// The query with it.
    pub query: String,
    /// How many articles that finds.
    pub count: u64,
}

/// What is found without a part of the query.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Without {
    /// What is left out, as it stands in the query; a selected facet value as `facet=value`.
    pub left_out: Vec<String>,
    /// The query without it.
    pub query: String,
    /// How many articles that finds.
    pub count: u64,
}

/// A tag that a text of the query is a name of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Named {
    /// As it stands in the query.
    pub text: String,
    /// The facet.
    pub facet: Facet,
    /// Path of the tag.
    pub path: String,
    /// Its display name.
    pub name: String,
    /// The query with the tag in place of the text.
    pub query: String,
    /// How many articles that finds.
    pub count: u64,
}

impl Help {
    /// Whether nothing was near.
    pub fn is_empty(&self) -> bool {
        self.spellings.is_empty() && self.without.is_empty() && self.names.is_empty()
    }
}

impl Opened {
    pub(super) fn help(&self, request: &SearchRequest) -> Result<Help> {
        let searcher = self.inner.reader.searcher();
        let (node, places) = parse::parse_with_places(&request.query, today())?;
        let mut texts = Vec::new();
        wanted_texts(&node, &mut texts);
        Ok(Help {
            spellings: self.spellings(request, &searcher, &texts)?,
            without: self.without(request, &places)?,
            names: self.tags_named(request, &texts)?,
        })
    }

    /// How many articles a query finds under the same conditions.
    fn count(&self, request: &SearchRequest, query: String) -> Result<u64> {
        let mut request = request.clone();
        request.query = query;
        request.limit = 0;
        request.facet_limit = 0;
        request.timeline = None;
        match self.answer(&request, None) {
            Ok(results) => Ok(results.total as u64),
            // Nothing is left of it, or what is left asks for something else.
            Err(Error::Query(_)) => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn spellings(
        &self,
        request: &SearchRequest,
        searcher: &TantivySearcher,
        texts: &[&Text],
    ) -> Result<Vec<Spelling>> {
        let mut out: Vec<Spelling> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut distinct = words(&request.query, texts);
        distinct.retain(|(place, _)| seen.insert(&request.query[place.clone()]));
        for (place, word) in distinct.into_iter().take(HELP_WORDS_MAX) {
            let near = match &word {
                Wanted::Latin(term) => self.near_terms(searcher, term)?,
                Wanted::Han(run) => self.near_names(searcher, run),
            };
            let mut spelling =
                Spelling { text: request.query[place.clone()].to_owned(), instead: Vec::new() };
            for text in near.into_iter().take(HELP_PROPOSALS_MAX) {
                let query = replaced(&request.query, &place, &text);
                let count = self.count(request, query.clone())?;
                if count > 0 {
                    spelling.instead.push(Instead { text, query, count });
                }
            }
            if !spelling.instead.is_empty() {
                out.push(spelling);
            }
        }
        Ok(out)
    }

    /// Words of the index that are spelt nearly like one that it does not have.
    fn near_terms(&self, searcher: &TantivySearcher, term: &str) -> Result<Vec<String>> {
        let fields = [self.inner.fields.body_units, self.inner.fields.title_units];
        let engine = || Error::engine("looking for near spellings");
        for field in fields {
            let known = searcher.doc_freq(&Term::from_field_text(field, term)).map_err(engine())?;
            if known > 0 {
                return Ok(Vec::new());
            }
        }
        let near = near::terms(searcher, &fields, term, HELP_PROPOSALS_MAX).map_err(engine())?;
        Ok(near.into_iter().map(|(term, _)| term).collect())
    }

    /// Names in use that are written nearly like a run of Han characters which is none.
    fn near_names(&self, searcher: &TantivySearcher, run: &str) -> Vec<String> {
        let names = &self.inner.names;
        let letters = run.chars().count();
        if letters < HAN_MIN || !names.find(run).is_empty() {
            return Vec::new();
        }
        let most = if letters < 6 { 1 } else { 2 };
        let Some(near) = Near::new(run, most) else { return Vec::new() };
        let mut found: Vec<(usize, std::cmp::Reverse<u64>, String)> = Vec::new();
        for (name, rows) in names.matching(near) {
            let count = rows.iter().filter_map(|(row, _)| names.row(*row)).map(|row| {
                let term = Term::from_field_text(self.inner.fields.facet(row.facet), row.path);
                searcher.doc_freq(&term).unwrap_or(0)
            });
            let count = count.max().unwrap_or(0);
            if count > 0 {
                found.push((near::edit_distance(&name, run), std::cmp::Reverse(count), name));
            }
        }
        found.sort();
        found.into_iter().map(|(_, _, name)| name).collect()
    }

    /// The clauses, and the selected values, without which something is found.
    fn without(&self, request: &SearchRequest, places: &[Range<usize>]) -> Result<Vec<Without>> {
        let mut out = Vec::new();
        let text = |place: &Range<usize>| request.query[place.clone()].to_owned();
        if places.len() > 1 && places.len() <= HELP_CLAUSES_MAX {
            let mut alone = Vec::new();
            for (n, place) in places.iter().enumerate() {
                let query = left(&request.query, places, |m| m != n);
                let count = self.count(request, query.clone())?;
                if count > 0 {
                    out.push(Without { left_out: vec![text(place)], query, count });
                }
                alone.push(self.count(request, left(&request.query, places, |m| m == n))?);
            }
            // Several clauses rule everything out: those that find nothing by themselves, or, if each finds
            // something, all others.
            let dead = |n: usize| alone.get(n).is_none_or(|count| *count == 0);
            let lists: Vec<Vec<usize>> = match (out.is_empty(), alone.contains(&0)) {
                (false, _) => Vec::new(),
                (true, true) => vec![(0..places.len()).filter(|n| dead(*n)).collect()],
                (true, false) => {
                    (0..places.len()).map(|n| (0..places.len()).filter(|m| *m != n).collect()).collect()
                }
            };
            for list in lists {
                let query = left(&request.query, places, |n| !list.contains(&n));
                let count = self.count(request, query.clone())?;
                if count > 0 {
                    let left_out = list.iter().filter_map(|n| places.get(*n)).map(text).collect();
                    out.push(Without { left_out, query, count });
                }
            }
        }
        if !request.selected.is_empty() {
            let mut open = request.clone();
            open.selected.clear();
            let count = self.count(&open, request.query.clone())?;
            if count > 0 {
                let left_out = request.selected.iter().map(|(f, v)| format!("{}={v}", f.as_str())).collect();
                out.push(Without { left_out, query: request.query.clone(), count });
            }
        }
        out.sort_by_key(|w| std::cmp::Reverse(w.count));
        Ok(out)
    }

    /// Texts that are names of tags: a phrase finds only itself.
    fn tags_named(&self, request: &SearchRequest, texts: &[&Text]) -> Result<Vec<Named>> {
        let names = &self.inner.names;
        let mut out: Vec<Named> = Vec::new();
        for text in texts.iter().take(HELP_WORDS_MAX) {
            let as_text = text.kind == TextKind::Phrase || request.literal || text.in_title;
            let Some(place) = clause_of(&request.query, text).filter(|_| as_text) else { continue };
            for (row, _) in names.find(&name_key(&text.text)) {
                let Some(row) = names.row(row) else { continue };
                if out.len() >= HELP_PROPOSALS_MAX || out.iter().any(|n| n.path == row.path) {
                    continue;
                }
                let clause = format!("{}:\"{}\"", row.facet.as_str(), row.path);
                let query = replaced(&request.query, &place, &clause);
                let count = self.count(request, query.clone())?;
                if count > 0 {
                    out.push(Named {
                        text: text.text.clone(),
                        facet: row.facet,
                        path: row.path.to_owned(),
                        name: row.name().to_owned(),
                        query,
                        count,
                    });
                }
            }
        }
        out.sort_by_key(|n| std::cmp::Reverse(n.count));
        Ok(out)
    }
}

/// A word whose spelling may be wrong.
enum Wanted {
    Latin(String),
    Han(String),
}

/// The texts that a query asks for, from left to right; not those that it excludes.
fn wanted_texts<'a>(node: &'a Node, out: &mut Vec<&'a Text>) {
    match node {
        Node::List(items) => {
            for (sign, node) in items {
                if *sign != Sign::Excluded {
                    wanted_texts(node, out);
                }
            }
        }
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| wanted_texts(node, out)),
        Node::Text(text) => out.push(text),
        _ => {}
    }
}

/// The words of texts, with their places in the query.
fn words(query: &str, texts: &[&Text]) -> Vec<(Range<usize>, Wanted)> {
    let mut out = Vec::new();
    for text in texts {
        // What has escapes in it does not stand in the query as it is.
        let stands = query.get(text.at.clone()) == Some(text.text.as_str());
        if !stands || !matches!(text.kind, TextKind::Word | TextKind::Phrase) {
            continue;
        }
        let units = Units::of(&text.text, &[]);
        let list = units.list();
        let place = |from: usize, to: usize| {
            text.at.start + list[from].start as usize..text.at.start + list[to].end as usize
        };
        let mut at = 0;
        while at < list.len() {
            let start = at;
            at += 1;
            match list[start].kind {
                UnitKind::Word => {
                    out.push((place(start, start), Wanted::Latin(units.term(&list[start]).to_owned())));
                }
                UnitKind::Han => {
                    while at < list.len() && list[at].kind == UnitKind::Han && list[at].gap == Gap::None {
                        at += 1;
                    }
                    out.push((place(start, at - 1), Wanted::Han(units.joined(start..at).to_owned())));
                }
                _ => {}
            }
        }
    }
    out
}

/// The range of a text with its quotation marks and the name of its field.
fn clause_of(query: &str, text: &Text) -> Option<Range<usize>> {
    let (before, rest) = query.split_at_checked(text.at.start)?;
    let after = rest.get(text.at.len()..)?;
    let is_quote = |c: &char| parse::syntax(*c) == '"';
    let mut start = text.at.start;
    let mut end = text.at.end;
    if let Some(quote) = before.chars().next_back().filter(is_quote) {
        start -= quote.len_utf8();
        end += after.chars().next().filter(is_quote).map_or(0, char::len_utf8);
    }
    if text.in_title {
        let field = query.get(..start)?;
        start = field
            .char_indices()
            .rev()
            .find(|(_, c)| *c == ' ' || *c == '(')
            .map_or(0, |(at, c)| at + c.len_utf8());
    }
    Some(start..end)
}

fn replaced(query: &str, place: &Range<usize>, text: &str) -> String {
    let (before, after) = (query.get(..place.start).unwrap_or(""), query.get(place.end..).unwrap_or(""));
    format!("{before}{text}{after}")
}

/// What is left of a query when only some of its clauses stay, with the words that join these.
fn left(query: &str, places: &[Range<usize>], stays: impl Fn(usize) -> bool) -> String {
    let mut out = String::new();
    let mut last: Option<usize> = None;
    for (n, place) in places.iter().enumerate().filter(|(n, _)| stays(*n)) {
        if let Some(last) = last {
            // Between neighbours what stood there; across a gap the joint before the later clause.
            let from = if last + 1 == n { places[last].end } else { places[n - 1].end };
            let joint = query.get(from..place.start).unwrap_or(" ");
            out.push_str(if joint.is_empty() { " " } else { joint });
        }
        out.push_str(query.get(place.clone()).unwrap_or(""));
        last = Some(n);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(query: &str, n: usize) -> String {
        let (_, places) = parse::parse_with_places(query, today()).unwrap();
        left(query, &places, |m| m != n)
    }

    #[test]
    fn a_clause_goes_with_what_joins_it() {
        assert_eq!(without("a b c", 1), "a c");
        assert_eq!(without("a AND b AND c", 0), "b AND c");
        assert_eq!(without("a AND b OR c", 1), "a OR c");
        assert_eq!(without("a +\"b c\" -d", 1), "a -d");
        assert_eq!(without("a (b OR c) province:\"x y\"", 1), "a province:\"x y\"");
        assert_eq!(without("稀土，出口 \"锂\"", 1), "稀土，出口");
        assert_eq!(without("a NOT b c", 1), "a c");
    }

    #[test]
    fn a_text_is_replaced_with_its_quotes_and_field() {
        let replaced_by = |query: &str| {
            let (node, _) = parse::parse_with_places(query, today()).unwrap();
            let mut texts = Vec::new();
            wanted_texts(&node, &mut texts);
            replaced(query, &clause_of(query, texts[0]).unwrap(), "X")
        };
        assert_eq!(replaced_by("\"a b\" c"), "X c");
        assert_eq!(replaced_by("“四川” c"), "X c");
        assert_eq!(replaced_by("+title:\"a b\" c"), "X c");
        assert_eq!(replaced_by("a c"), "X c");
        assert_eq!(replaced_by("\"a b"), "X");
    }
}
