//! The syntax tree to a ranking, and to the marks that snippets look for.
//!
//! Scores are BM25 (Robertson and Zaragoza 2009) over title and body, plus, after Metzler and Croft's
//! sequential dependence model (2005), words that stand together, plus a share for what an article is
//! tagged with and is about.

use std::{
    cell::Cell,
    ops::{Bound, Range},
};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, Query,
        RangeQuery, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    bm25::Bm25Parameters,
    expand::AnyOf,
    rank::{BONUS_PER_MASS, Group, Ranking, Source, Way},
    resolve::{self, Concept},
    sequence::SequenceQuery,
    terms::Terms,
    tree::{Node, Sign, Text, TextKind},
    words::{Words, sequence_of},
};
use crate::{
    analysis::{Segmenter, UnitKind, Units, words::stem_of},
    article::Date,
    error::QueryError,
    gazetteer::Names,
    limits::{QUERY_COST_ALWAYS_ARTICLES, QUERY_COST_MAX_PASSES},
    schema::Fields,
};

/// What each sign of relevance counts for. One set for all queries and all languages, chosen on the
/// judged collections that `benches/ranking.md` names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Weights {
    /// How soon a word that comes again stops to count more: BM25's k1.
    pub k1: f32,
    /// How much the length of an article matters, 0 to 1: BM25's b.
    pub b: f32,
    /// A word in the title, beside 1 for the body.
    pub title: f32,
    /// Two neighbouring words of the query that stand together in the body.
    pub together: f32,
    /// Two neighbouring Chinese words of the query that stand together in the body.
    pub han_together: f32,
    /// A run of Chinese that stands in the body in one piece.
    pub whole_run: f32,
    /// A single character of a Chinese run.
    pub character: f32,
    /// A tag of what a name of the query means, times its inverse document frequency.
    pub concept: f32,
    /// The article is about it, likewise.
    pub focus: f32,
    /// What stands in answers to a question, such as a day.
    pub answer: f32,
    /// A word that names what is asked for, such as the time.
    pub asked: f32,
    /// Share of the query that a partial match must have, by inverse document frequency; of more than
    /// three words less, as 3/n.
    pub partial: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            k1: 1.2,
            b: 0.9,
            title: 0.4,
            together: 0.15,
            han_together: 0.3,
            whole_run: 0.3,
            character: 0.15,
            concept: 0.3,
            focus: 0.5,
            answer: 1.0,
            asked: 0.5,
            partial: 0.35,
        }
    }
}

/// Something of the query that a snippet can show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    pub(crate) kind: MarkKind,
    pub(crate) in_title_only: bool,
    /// How much of the query it is: inverse document frequency; 0 for a filter.
    pub(crate) weight: f32,
    /// Number of the thing asked for: what a name's text, stem and tags mean is one thing.
    pub(crate) thing: u32,
    /// One character of a longer Chinese text: by itself it says little, 量 of 装车量.
    pub(crate) part: bool,
}

/// The number of the next thing that marks are for.
pub(super) fn next_thing(marks: &[Mark]) -> u32 {
    marks.last().map_or(0, |m| m.thing + 1)
}

/// See [`Mark`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum MarkKind {
    /// Words of this stem.
    Stem(String),
    /// These folded units at these distances from the first.
    Sequence(Vec<(u32, String)>),
    /// Words that begin so.
    Prefix(String),
    /// Words within this distance.
    Fuzzy(String, u8),
    /// The evidence of a tag at or below a path.
    Concept(Concept),
}

/// A planned query.
pub(crate) struct Plan {
    /// Matches every hit, and scores it.
    pub(crate) ranking: Ranking,
    pub(crate) marks: Vec<Mark>,
    /// Whether nothing in it ranks: only filters.
    pub(crate) unranked: bool,
    /// Whether it asks for all articles with exact strings or tags, not for the best ones: then copies
    /// are answers of their own.
    pub(crate) exhaustive: bool,
}

/// What planning needs to know.
pub(crate) struct Planner<'a> {
    pub(crate) query: &'a str,
    pub(crate) terms: &'a Terms,
    pub(crate) fields: &'a Fields,
    pub(crate) names: &'a Names,
    pub(crate) weights: &'a Weights,
    /// Names are only text.
    pub(crate) literal: bool,
    /// Cuts Chinese in place of the index's vocabulary: only to measure the one against the other.
    pub(crate) segmenter: Option<&'a Segmenter>,
    /// Articles whose positions must be read, planned so far; 0 at first.
    pub(crate) cost: Cell<u64>,
}

type Clause = (Occur, Box<dyn Query>);

/// What `--explain` calls what has no words of its own.
const PART: &str = "a part of the query";

/// Reading and scoring so many occurrences of a word costs as much as looking for a sequence in one article.
const WORDS_PER_SEQUENCE: u64 = 16;

/// Mass of a group whose frequency is not known beforehand (a prefix, a bracket).
pub(super) const MASS_UNKNOWN: f32 = 3.0;

impl Planner<'_> {
    /// Plans a tree.
    pub(crate) fn plan(&self, node: &Node) -> Result<Plan, QueryError> {
        let mut marks = Vec::new();
        let items = match node {
            Node::List(items) => items.as_slice(),
            _ => &[],
        };
        let ranking = self.list(items, &mut marks)?;
        let most = QUERY_COST_ALWAYS_ARTICLES.max(self.terms.docs() * QUERY_COST_MAX_PASSES);
        if self.cost.get() > most {
            let message = "the query asks for too many common words and phrases at once";
            return Err(QueryError::of(self.query, message)
                .with_hint("leave out the commonest, or ask several times"));
        }
        let unranked = marks.iter().all(|m| m.weight == 0.0);
        let listed =
            |(sign, node): &(Sign, Node)| is_filter(node) || is_phrase(node) || *sign == Sign::Excluded;
        let exhaustive = items.iter().all(listed);
        Ok(Plan { ranking, marks, unranked, exhaustive })
    }

    fn parameters(&self) -> Bm25Parameters {
        Bm25Parameters { k1: self.weights.k1, b: self.weights.b }
    }

    fn ranking(&self) -> Ranking {
        Ranking {
            terms: self.terms.clone(),
            parameters: self.parameters(),
            required: Vec::new(),
            required_scores: false,
            excluded: Vec::new(),
            groups: Vec::new(),
            extras: Vec::new(),
            share: 0.0,
        }
    }

    fn list(&self, items: &[(Sign, Node)], marks: &mut Vec<Mark>) -> Result<Ranking, QueryError> {
        let joined = joined(items);
        let items = joined.as_deref().unwrap_or(items);
        let mut ranking = self.ranking();
        let (mut words, mut required) = (Words::default(), Words::default());
        // Whether a text is required: then the others only rank.
        let mut must = false;
        let mut unsearchable = false;
        let mut at = 0;
        while at < items.len() {
            let run = items[at..].iter().take_while(|i| is_bare_word(i)).count();
            if run > 0 {
                let (first, last) = (text_range(&items[at]), text_range(&items[at + run - 1]));
                let before = words.groups.len();
                self.words(&self.query[first.start..last.end], &mut words, marks);
                unsearchable |= words.groups.len() == before;
                at += run;
                continue;
            }
            let (sign, node) = &items[at];
            at += 1;
            if items[..at - 1].iter().any(|(s, n)| s == sign && n.asks_the_same(node)) {
                continue;
            }
            match (sign, node) {
                (Sign::Excluded, node) => ranking.excluded.push(self.node(node, &mut Vec::new())?.0),
                (_, Node::Not(inner)) => ranking.excluded.push(self.node(inner, &mut Vec::new())?.0),
                (Sign::Required, Node::Text(text)) if is_word(text) => {
                    must = true;
                    let asked = self.words_of(text, marks);
                    if asked.groups.is_empty() {
                        ranking.required.push(Box::new(EmptyQuery));
                    }
                    required.groups.extend(asked.groups);
                    required.extras.extend(asked.extras);
                }
                (sign, Node::Or(nodes)) if !is_filter(node) => {
                    let group = self.either(nodes, marks)?;
                    must |= *sign == Sign::Required;
                    if *sign == Sign::Required { &mut required } else { &mut words }.groups.push(group);
                }
                (sign, node) => {
                    let (query, is_filter) = self.node(node, marks)?;
                    if is_filter || *sign == Sign::Required || is_phrase(node) {
                        must |= !is_filter;
                        ranking.required_scores |= !is_filter;
                        ranking.required.push(query);
                    } else {
                        let way = Way::of_query(query, PART);
                        words.groups.push(Group::of(way, MASS_UNKNOWN));
                    }
                }
            }
        }
        words.settle();
        required.groups.iter_mut().for_each(|group| group.required = true);
        if words.groups.is_empty() && required.groups.is_empty() && ranking.required.is_empty() {
            // Only exclusions: everything else. Nothing that could be searched for: nothing.
            let all_but = !ranking.excluded.is_empty() && !unsearchable;
            ranking.required.push(if all_but { zero(Box::new(AllQuery)) } else { Box::new(EmptyQuery) });
            return Ok(ranking);
        }
        // With something required, words only rank; without, one group must match. The longer the
        // question, the less of it an answer repeats.
        if !must {
            ranking.share = self.weights.partial * (3.0 / words.groups.len().max(1) as f32).min(1.0);
        }
        ranking.groups = required.groups;
        ranking.groups.extend(words.groups);
        ranking.extras = required.extras;
        ranking.extras.extend(words.extras);
        let mut seen = FxHashSet::default();
        ranking.extras.retain(|extra| seen.insert(extra.label.clone()));
        Ok(ranking)
    }

    /// The words of a text that is joined with others, all of which it asks for.
    fn words_of(&self, text: &Text, marks: &mut Vec<Mark>) -> Words {
        let mut words = Words::default();
        self.words(&text.text, &mut words, marks);
        words.settle();
        // Scored one by one within whatever joins them, not led by the rarest.
        let ways = words.groups.iter().flat_map(|group| &group.ways);
        for source in ways.flat_map(|way| &way.sources) {
            if let Source::Term(term) = source {
                self.cost.set(self.cost.get() + self.terms.doc_freq(term) / WORDS_PER_SEQUENCE);
            }
        }
        words
    }

    /// All of some words, as a query by itself.
    fn all_of(&self, words: Words) -> Box<dyn Query> {
        if words.groups.is_empty() {
            return Box::new(EmptyQuery);
        }
        let mut ranking = self.ranking();
        (ranking.groups, ranking.extras, ranking.share) = (words.groups, words.extras, 1.0);
        Box::new(ranking)
    }

    /// What an article has that has one of these; the more of them, the better.
    fn either(&self, nodes: &[Node], marks: &mut Vec<Mark>) -> Result<Group, QueryError> {
        let mut ways = Vec::new();
        for node in distinct(nodes) {
            match node {
                Node::Text(text) if is_word(text) => {
                    let mut words = self.words_of(text, marks);
                    match words.groups.pop() {
                        Some(Group { ways: own, mass, .. }) if words.groups.is_empty() && own.len() == 1 => {
                            ways.extend(own.into_iter().map(|mut way| {
                                way.bonus = mass * BONUS_PER_MASS;
                                way.features.append(&mut words.extras);
                                way
                            }));
                        }
                        group => {
                            words.groups.extend(group);
                            ways.push(Way::of_query(self.all_of(words), &text.text));
                        }
                    }
                }
                node => ways.push(Way::of_query(self.required(node, marks)?, PART)),
            }
        }
        Ok(Group { ways, mass: MASS_UNKNOWN, required: false })
    }

    /// A node as a query, and whether it only filters.
    fn node(&self, node: &Node, marks: &mut Vec<Mark>) -> Result<(Box<dyn Query>, bool), QueryError> {
        Ok(match node {
            Node::List(items) => {
                (Box::new(self.list(items, marks)?), items.iter().all(|(_, n)| is_filter(n)))
            }
            Node::And(nodes) => {
                let mut clauses = Vec::new();
                for node in distinct(nodes) {
                    match node {
                        Node::Not(inner) => {
                            clauses.push((Occur::MustNot, self.node(inner, &mut Vec::new())?.0))
                        }
                        node => clauses.push((Occur::Must, self.required(node, marks)?)),
                    }
                }
                if clauses.iter().all(|(o, _)| *o == Occur::MustNot) {
                    clauses.push((Occur::Must, zero(Box::new(AllQuery))));
                }
                (Box::new(BooleanQuery::new(clauses)), nodes.iter().all(is_filter))
            }
            Node::Or(nodes) => {
                let mut clauses = Vec::new();
                for node in distinct(nodes) {
                    clauses.push((Occur::Should, self.required(node, marks)?));
                }
                (Box::new(BooleanQuery::new(clauses)), nodes.iter().all(is_filter))
            }
            Node::Not(inner) => {
                let (query, _) = self.node(inner, &mut Vec::new())?;
                let clauses = vec![(Occur::MustNot, query), (Occur::Must, zero(Box::new(AllQuery)))];
                (Box::new(BooleanQuery::new(clauses)), true)
            }
            Node::Text(text) => (self.text(text, marks), false),
            Node::Facet { facet, value, at } => {
                let paths = resolve::facet_paths(
                    *facet,
                    value,
                    self.names,
                    self.terms.searcher(),
                    self.fields,
                    self.query,
                    at.clone(),
                )?;
                let mut clauses: Vec<Clause> = Vec::new();
                let thing = next_thing(marks);
                for path in paths {
                    let term = Term::from_field_text(self.fields.facet(*facet), &path);
                    clauses.push((Occur::Should, filter_query(term)));
                    marks.push(Mark {
                        kind: MarkKind::Concept(Concept { facet: *facet, path }),
                        in_title_only: false,
                        weight: 0.0,
                        thing,
                        part: false,
                    });
                }
                (zero(Box::new(BooleanQuery::new(clauses))), true)
            }
            Node::Date { from, to } => (zero(self.dates(*from, *to)), true),
            Node::Source(source) => {
                let units = Units::of(source, &[]);
                (zero(self.sequence(self.fields.source, &sequence_of(&units, 0..units.len()))), true)
            }
            Node::Lang(lang) => (zero(filter_query(Term::from_field_text(self.fields.lang, lang))), true),
        })
    }

    /// A node of which all must be there: in `a AND b`, a word of several units is a whole.
    fn required(&self, node: &Node, marks: &mut Vec<Mark>) -> Result<Box<dyn Query>, QueryError> {
        Ok(self.node(node, marks)?.0)
    }

    fn dates(&self, from: Option<Date>, to: Option<Date>) -> Box<dyn Query> {
        let bound = |date: Option<Date>| {
            date.map_or(Bound::Unbounded, |d| {
                Bound::Included(Term::from_field_i64(self.fields.date, d.days()))
            })
        };
        match (bound(from), bound(to)) {
            (Bound::Unbounded, Bound::Unbounded) => Box::new(AllQuery),
            (from, to) => Box::new(RangeQuery::new(from, to)),
        }
    }

    /// A single text clause.
    fn text(&self, text: &Text, marks: &mut Vec<Mark>) -> Box<dyn Query> {
        let units = Units::of(&text.text, &[]);
        let Some(first) = units.list().first() else { return Box::new(EmptyQuery) };
        let thing = next_thing(marks);
        let mark =
            |kind| Mark { kind, in_title_only: text.in_title, weight: MASS_UNKNOWN, thing, part: false };
        let latin = units.len() == 1 && first.kind == UnitKind::Word;
        match text.kind {
            TextKind::Prefix if latin => {
                let term = units.term(first);
                marks.push(mark(MarkKind::Prefix(term.to_owned())));
                self.in_units(text.in_title, |field| match AnyOf::beginning_with(self.terms, field, term) {
                    Ok(words) => {
                        self.cost.set(self.cost.get() + words.cost());
                        Box::new(words)
                    }
                    // The damage is known by now, and no result comes out of a damaged index.
                    Err(_) => Box::new(EmptyQuery),
                })
            }
            TextKind::Fuzzy if latin && fuzzy_distance(units.term(first), first.case) > 0 => {
                let term = units.term(first);
                let distance = fuzzy_distance(term, first.case);
                marks.push(mark(MarkKind::Fuzzy(term.to_owned(), distance)));
                self.in_units(text.in_title, |field| {
                    Box::new(FuzzyTermQuery::new(Term::from_field_text(field, term), distance, true))
                })
            }
            TextKind::Word if !text.in_title => self.all_of(self.words_of(text, marks)),
            TextKind::Word if latin => {
                let stem = stem_of(units.term(first)).into_owned();
                marks.push(mark(MarkKind::Stem(stem.clone())));
                term_query(Term::from_field_text(self.fields.title_words, &stem))
            }
            _ => {
                let sequence = sequence_of(&units, 0..units.len());
                let idf = |term: &str| self.terms.idf(&Term::from_field_text(self.fields.body_units, term));
                let weight = sequence.iter().map(|(_, term)| idf(term)).fold(MASS_UNKNOWN, f32::max);
                marks.push(Mark { weight, ..mark(MarkKind::Sequence(sequence.clone())) });
                self.in_units(text.in_title, |field| self.sequence(field, &sequence))
            }
        }
    }

    /// A query over the units of the title, or of title and body.
    fn in_units(&self, in_title: bool, make: impl Fn(Field) -> Box<dyn Query>) -> Box<dyn Query> {
        let title = make(self.fields.title_units);
        if in_title {
            return title;
        }
        Box::new(BooleanQuery::new(vec![
            (Occur::Should, boost(title, self.weights.title)),
            (Occur::Should, make(self.fields.body_units)),
        ]))
    }

    pub(super) fn sequence(&self, field: Field, sequence: &[(u32, String)]) -> Box<dyn Query> {
        match sequence {
            [] => Box::new(EmptyQuery),
            [(_, term)] => term_query(Term::from_field_text(field, term)),
            _ => {
                let df = |(_, term): &(u32, String)| self.terms.doc_freq(&Term::from_field_text(field, term));
                let rarest = sequence.iter().map(df).min().unwrap_or(0);
                self.cost.set(self.cost.get() + rarest);
                Box::new(SequenceQuery {
                    terms: self.terms.clone(),
                    parameters: self.parameters(),
                    field,
                    units: sequence.to_vec(),
                })
            }
        }
    }
}

/// Small edit distances for words that can be misspelt; 0 for those that can't: short ones,
/// numbers, acronyms.
pub(crate) fn fuzzy_distance(term: &str, case: crate::analysis::Case) -> u8 {
    let letters = term.chars().count();
    let never = case == crate::analysis::Case::Upper || term.chars().any(|c| c.is_ascii_digit());
    match letters {
        _ if never => 0,
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// Without those that ask for the same as an earlier one.
fn distinct(nodes: &[Node]) -> impl Iterator<Item = &Node> {
    let new = |(n, node): &(usize, &Node)| !nodes[..*n].iter().any(|earlier| earlier.asks_the_same(node));
    nodes.iter().enumerate().filter(new).map(|(_, node)| node)
}

fn is_bare_word((sign, node): &(Sign, Node)) -> bool {
    *sign == Sign::Ranked && matches!(node, Node::Text(text) if is_word(text))
}

fn is_word(text: &Text) -> bool {
    text.kind == TextKind::Word && !text.in_title
}

/// What `AND` joins, when nothing stands beside it: the same as to require each.
fn joined(items: &[(Sign, Node)]) -> Option<Vec<(Sign, Node)>> {
    let [(Sign::Ranked | Sign::Required, node @ Node::And(nodes))] = items else { return None };
    let required = |node: &Node| (Sign::Required, node.clone());
    (!is_filter(node)).then(|| nodes.iter().map(required).collect())
}

fn is_phrase(node: &Node) -> bool {
    matches!(node, Node::Text(t) if t.kind == TextKind::Phrase)
}

fn is_filter(node: &Node) -> bool {
    match node {
        Node::Facet { .. } | Node::Date { .. } | Node::Source(_) | Node::Lang(_) => true,
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().all(is_filter),
        Node::List(items) => items.iter().all(|(_, n)| is_filter(n)),
        Node::Not(_) => true,
        Node::Text(_) => false,
    }
}

fn text_range((_, node): &(Sign, Node)) -> Range<usize> {
    if let Node::Text(text) = node { text.at.clone() } else { 0..0 }
}

pub(super) fn term_query(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
}

fn filter_query(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn boost(query: Box<dyn Query>, by: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, by))
}

/// Matches without a score.
fn zero(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
