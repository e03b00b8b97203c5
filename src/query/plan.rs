//! The syntax tree to tantivy queries, and to the marks that snippets look for.
//!
//! What a query asks for is a list of groups; a group is a word or a name, and an article has it when
//! it has the word, or the name's literal text, or a tag of what the name means. Articles that have
//! every group come before all others. Scores are BM25 (Robertson and Zaragoza 2009) over title and
//! body, plus, after Metzler and Croft's sequential dependence model (2005), words that stand
//! together, plus a share for what an article is tagged with and is about.

use std::{ops::Bound, ops::Range};

use serde::{Deserialize, Serialize};
use tantivy::{
    Term,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery,
        Query, RangeQuery, TermQuery,
    },
    schema::{Field, IndexRecordOption},
};

use super::{
    coordinate::Coordinated,
    parse::{Node, Sign, Text, TextKind},
    resolve::{self, Concept},
    segment::{IndexVocabulary, segment},
};
use crate::{
    analysis::{
        Segmenter, UnitKind, Units,
        words::{WordScanner, is_possessive},
    },
    article::Date,
    error::QueryError,
    gazetteer::{Facet, Names},
    schema::{Fields, focus_term},
};

/// What each sign of relevance counts for. One set for all queries and all languages, chosen on the
/// judged collections that `benches/ranking.md` names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Weights {
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
    /// Share of the query that a partial match must have, by inverse document frequency; of more than
    /// three words less, as 3/n.
    pub partial: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Weights {
            title: 0.4,
            together: 0.15,
            han_together: 0.3,
            whole_run: 0.3,
            character: 0.15,
            concept: 0.3,
            focus: 0.5,
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
}

/// The number of the next thing that marks are for.
fn next_thing(marks: &[Mark]) -> u32 {
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
    /// Matches every hit, with its score.
    pub(crate) query: Box<dyn Query>,
    pub(crate) marks: Vec<Mark>,
    /// Whether nothing in it ranks: only filters.
    pub(crate) unranked: bool,
    /// Whether it asks for all articles with exact strings or tags, not for the best ones: then copies
    /// are answers of their own.
    pub(crate) exhaustive: bool,
    /// What a score holds for having all of the query.
    pub(crate) complete_bonus: f32,
}

/// What planning needs to know.
pub(crate) struct Planner<'a> {
    pub(crate) query: &'a str,
    pub(crate) searcher: &'a tantivy::Searcher,
    pub(crate) fields: &'a Fields,
    pub(crate) names: &'a Names,
    pub(crate) weights: &'a Weights,
    /// Names are only text.
    pub(crate) literal: bool,
    /// Cuts Chinese in place of the index's vocabulary: only to measure the one against the other.
    pub(crate) segmenter: Option<&'a Segmenter>,
}

/// Words too frequent to ask for: left out unless there is nothing else.
const STOP_WORDS: [&str; 73] = [
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did",
    "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its",
    "may", "me", "not", "of", "on", "or", "s", "should", "so", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when",
    "where", "which", "who", "whom", "why", "will", "with", "would", "you", "your", "anyone", "been",
    "between", "using", "used", "made",
];

/// The same in Chinese: particles, copulas and question words.
const STOP_HAN: [&str; 48] = [
    "的",
    "了",
    "是",
    "在",
    "和",
    "与",
    "及",
    "或",
    "就",
    "都",
    "而",
    "着",
    "被",
    "把",
    "让",
    "由",
    "从",
    "向",
    "到",
    "对",
    "于",
    "之",
    "其",
    "有",
    "为",
    "以",
    "吗",
    "呢",
    "啊",
    "吧",
    "什么",
    "哪",
    "哪些",
    "哪个",
    "哪里",
    "谁",
    "多少",
    "几",
    "怎么",
    "怎样",
    "如何",
    "为什么",
    "何时",
    "是否",
    "请问",
    "是什么",
    "什么时候",
    "时候",
];

type Clause = (Occur, Box<dyn Query>);

/// A thing asked for.
struct Group {
    /// Matches and scores.
    query: Box<dyn Query>,
    /// Inverse document frequency: how much of the query it is.
    mass: f32,
}

/// Mass of a group whose frequency is not known beforehand (a prefix, a bracket).
const MASS_UNKNOWN: f32 = 3.0;

impl Planner<'_> {
    /// Plans a tree.
    pub(crate) fn plan(&self, node: &Node) -> Result<Plan, QueryError> {
        let mut marks = Vec::new();
        let items = match node {
            Node::List(items) => items.as_slice(),
            _ => &[],
        };
        let (query, complete_bonus) = self.list(items, &mut marks)?;
        let unranked = marks.iter().all(|m| m.weight == 0.0);
        let listed =
            |(sign, node): &(Sign, Node)| is_filter(node) || is_phrase(node) || *sign == Sign::Excluded;
        let exhaustive = items.iter().all(listed);
        Ok(Plan { query, marks, unranked, exhaustive, complete_bonus })
    }

    /// A list as a query, and what its scores hold for having all of it.
    fn list(
        &self,
        items: &[(Sign, Node)],
        marks: &mut Vec<Mark>,
    ) -> Result<(Box<dyn Query>, f32), QueryError> {
        let mut filters: Vec<Clause> = Vec::new();
        let mut groups: Vec<Group> = Vec::new();
        let mut extras: Vec<Clause> = Vec::new();
        let mut unsearchable = false;
        let mut has_required_text = false;
        let mut at = 0;
        while at < items.len() {
            let run = items[at..].iter().take_while(|i| is_bare_word(i)).count();
            if run > 0 {
                let (first, last) = (text_range(&items[at]), text_range(&items[at + run - 1]));
                let before = groups.len();
                self.words(&self.query[first.start..last.end], &mut groups, &mut extras, marks);
                unsearchable |= groups.len() == before;
                at += run;
                continue;
            }
            let (sign, node) = &items[at];
            at += 1;
            match (sign, node) {
                (Sign::Excluded, node) => {
                    let (query, _) = self.node(node, &mut Vec::new())?;
                    filters.push((Occur::MustNot, query));
                }
                (_, Node::Not(inner)) => filters.push((Occur::MustNot, self.node(inner, &mut Vec::new())?.0)),
                (sign, node) => {
                    let (query, is_filter) = self.node(node, marks)?;
                    if is_filter || *sign == Sign::Required || is_phrase(node) {
                        has_required_text |= !is_filter;
                        filters.push((Occur::Must, query));
                    } else {
                        groups.push(Group { query, mass: MASS_UNKNOWN });
                    }
                }
            }
        }
        let has_must = filters.iter().any(|(occur, _)| *occur == Occur::Must);
        if groups.is_empty() && !has_must {
            // Only exclusions: everything else. Nothing that could be searched for: nothing.
            let all_but = !filters.is_empty() && !unsearchable;
            let base: Box<dyn Query> = if all_but { Box::new(AllQuery) } else { Box::new(EmptyQuery) };
            filters.push((Occur::Must, zero(base)));
            return Ok((Box::new(BooleanQuery::new(filters)), 0.0));
        }
        let mut bonus = 0.0;
        let groups: Vec<(Box<dyn Query>, f32)> = groups.into_iter().map(|g| (g.query, g.mass)).collect();
        let mut clauses = filters;
        if !groups.is_empty() {
            // With something required, words only rank; without, one group must match.
            // The longer the question, the less of it an answer repeats.
            let share = if has_required_text {
                0.0
            } else {
                self.weights.partial * (3.0 / groups.len() as f32).min(1.0)
            };
            let occur = if has_required_text { Occur::Should } else { Occur::Must };
            let groups = Coordinated::new(groups, share);
            bonus = groups.bonus();
            clauses.push((occur, Box::new(groups)));
        }
        clauses.extend(extras);
        let query = match clauses.len() {
            1 if clauses[0].0 == Occur::Must => clauses.swap_remove(0).1,
            _ => Box::new(BooleanQuery::new(clauses)),
        };
        Ok((query, bonus))
    }

    /// A node as a query, and whether it only filters.
    fn node(&self, node: &Node, marks: &mut Vec<Mark>) -> Result<(Box<dyn Query>, bool), QueryError> {
        Ok(match node {
            Node::List(items) => (self.list(items, marks)?.0, items.iter().all(|(_, n)| is_filter(n))),
            Node::And(nodes) => {
                let mut clauses = Vec::new();
                for node in nodes {
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
                for node in nodes {
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
                    self.searcher,
                    self.fields,
                    self.query,
                    at.clone(),
                )?;
                let mut clauses: Vec<Clause> = Vec::new();
                let thing = next_thing(marks);
                for path in paths {
                    let term = Term::from_field_text(self.fields.facet(*facet), &path);
                    clauses.push((Occur::Should, term_query(term, IndexRecordOption::Basic)));
                    marks.push(Mark {
                        kind: MarkKind::Concept(Concept { facet: *facet, path }),
                        in_title_only: false,
                        weight: 0.0,
                        thing,
                    });
                }
                (zero(Box::new(BooleanQuery::new(clauses))), true)
            }
            Node::Date { from, to } => (zero(self.dates(*from, *to)), true),
            Node::Source(source) => {
                let units = Units::of(source, &[]);
                (zero(self.sequence(self.fields.source, &sequence_of(&units, 0..units.len()))), true)
            }
            Node::Lang(lang) => (
                zero(term_query(Term::from_field_text(self.fields.lang, lang), IndexRecordOption::Basic)),
                true,
            ),
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
        let mark = |kind| Mark { kind, in_title_only: text.in_title, weight: MASS_UNKNOWN, thing };
        let latin = units.len() == 1 && first.kind == UnitKind::Word;
        match text.kind {
            TextKind::Prefix if latin => {
                let term = units.term(first);
                marks.push(mark(MarkKind::Prefix(term.to_owned())));
                self.in_units(text.in_title, |field| {
                    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, term), 0, false))
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
            TextKind::Word if !text.in_title => {
                let (mut groups, mut extras) = (Vec::new(), Vec::new());
                self.words(&text.text, &mut groups, &mut extras, marks);
                let mut clauses: Vec<Clause> = groups.into_iter().map(|g| (Occur::Must, g.query)).collect();
                if clauses.is_empty() {
                    return Box::new(EmptyQuery);
                }
                clauses.extend(extras);
                Box::new(BooleanQuery::new(clauses))
            }
            TextKind::Word if latin => {
                let mut words = WordScanner::new();
                let stem = words.stem(units.term(first)).to_owned();
                marks.push(mark(MarkKind::Stem(stem.clone())));
                term_query(
                    Term::from_field_text(self.fields.title_words, &stem),
                    IndexRecordOption::WithFreqs,
                )
            }
            _ => {
                let sequence = sequence_of(&units, 0..units.len());
                let idf = |term: &str| self.idf(&Term::from_field_text(self.fields.body_units, term));
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

    fn sequence(&self, field: Field, sequence: &[(u32, String)]) -> Box<dyn Query> {
        match sequence {
            [] => Box::new(EmptyQuery),
            [(_, term)] => term_query(Term::from_field_text(field, term), IndexRecordOption::WithFreqs),
            _ => {
                let terms =
                    sequence.iter().map(|(at, term)| (*at as usize, Term::from_field_text(field, term)));
                Box::new(PhraseQuery::new_with_offset(terms.collect()))
            }
        }
    }

    /// Bare words in a row: names that stand among them, then the words between.
    fn words(&self, text: &str, groups: &mut Vec<Group>, extras: &mut Vec<Clause>, marks: &mut Vec<Mark>) {
        let units = Units::of(text, &[]);
        let names = if self.literal { Vec::new() } else { resolve::concepts(&units, text, self.names) };
        let mut words: Vec<(Range<usize>, String, bool)> = Vec::new();
        self.cut(&units, &mut words);
        let content = words.iter().any(|(_, term, han)| !is_stop(term, *han));
        let mut latin_before: Option<(usize, String)> = None;
        let mut han_before: Option<Range<usize>> = None;
        let mut next_name = names.into_iter().peekable();
        let mut at = 0;
        for (range, term, han) in &words {
            if range.start < at {
                continue;
            }
            while next_name.peek().is_some_and(|(r, _)| r.start < range.start) {
                next_name.next();
            }
            if let Some((span, concepts)) = next_name.next_if(|(r, _)| r.start == range.start) {
                // A name ends where a word ends, or it is no name: 上海 in 上海南路 is.
                if words.iter().any(|(w, _, _)| w.end == span.end) {
                    groups.push(self.name(&units, span.clone(), &words, &concepts, marks));
                    at = span.end;
                    latin_before = None;
                    continue;
                }
            }
            let unit = &units.list()[range.start];
            if !han {
                let folded = units.term(unit).to_owned();
                if let Some((before, word)) = &latin_before
                    && *before + 1 == range.start
                {
                    extras.push((Occur::Should, boost(self.together(word, &folded), self.weights.together)));
                }
                latin_before = Some((range.start, folded));
            }
            if content && is_stop(term, *han) {
                continue;
            }
            if *han && self.weights.han_together > 0.0 {
                if let Some(before) = han_before.take().filter(|b| b.end == range.start) {
                    let pair =
                        self.sequence(self.fields.body_units, &sequence_of(&units, before.start..range.end));
                    extras.push((Occur::Should, boost(pair, self.weights.han_together)));
                }
                han_before = Some(range.clone());
            }
            let kind = if *han {
                MarkKind::Sequence(sequence_of(&units, range.clone()))
            } else {
                MarkKind::Stem(term.clone())
            };
            let mass = self.idf(&self.word_term(term, *han && range.len() == 1));
            let thing = next_thing(marks);
            marks.push(Mark { kind, in_title_only: false, weight: mass, thing });
            groups.push(Group { query: self.word(term, *han && range.len() == 1), mass });
        }
        self.runs(&units, extras);
    }

    /// The words of units: stems, and Chinese words by the index's vocabulary.
    fn cut(&self, units: &Units, out: &mut Vec<(Range<usize>, String, bool)>) {
        let vocabulary = IndexVocabulary { searcher: self.searcher, field: self.fields.words };
        let mut stems = WordScanner::new();
        for run in runs(units) {
            match units.list()[run.start].kind {
                UnitKind::Han => {
                    let text = units.joined(run.clone());
                    let words = match self.segmenter {
                        Some(segmenter) => by_segmenter(text, segmenter),
                        None => segment(text, &vocabulary),
                    };
                    for word in words {
                        let range = run.start + word.start..run.start + word.end;
                        out.push((range.clone(), units.joined(range).to_owned(), true));
                    }
                }
                UnitKind::Word if !is_possessive(units, run.start) => {
                    out.push((run.clone(), stems.stem(units.joined(run)).to_owned(), false));
                }
                UnitKind::Number => out.push((run.clone(), units.joined(run).to_owned(), false)),
                _ => {}
            }
        }
    }

    fn word_term(&self, term: &str, single_han: bool) -> Term {
        Term::from_field_text(if single_han { self.fields.body_units } else { self.fields.words }, term)
    }

    /// Inverse document frequency, as BM25 has it.
    fn idf(&self, term: &Term) -> f32 {
        let docs = self.searcher.num_docs() as f32;
        let df = self.searcher.doc_freq(term).unwrap_or(0) as f32;
        (1.0 + (docs - df + 0.5).max(0.0) / (df + 0.5)).ln()
    }

    /// A word in title and body; a single Han character wherever it stands.
    fn word(&self, term: &str, single_han: bool) -> Box<dyn Query> {
        let (title, body) = if single_han {
            (self.fields.title_units, self.fields.body_units)
        } else {
            (self.fields.title_words, self.fields.words)
        };
        let query = |field| term_query(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
        Box::new(BooleanQuery::new(vec![
            (Occur::Should, boost(query(title), self.weights.title)),
            (Occur::Should, query(body)),
        ]))
    }

    /// Two neighbouring words that stand together: in order, at most one word between them.
    fn together(&self, first: &str, second: &str) -> Box<dyn Query> {
        let field = self.fields.body_units;
        let mut phrase =
            PhraseQuery::new(vec![Term::from_field_text(field, first), Term::from_field_text(field, second)]);
        phrase.set_slop(1);
        Box::new(phrase)
    }

    /// A name: its literal text or a tag of what it means; its words count for the rank.
    fn name(
        &self,
        units: &Units,
        span: Range<usize>,
        words: &[(Range<usize>, String, bool)],
        concepts: &[Concept],
        marks: &mut Vec<Mark>,
    ) -> Group {
        let sequence = sequence_of(units, span.clone());
        let thing = next_thing(marks);
        let mut mark = |kind, weight| marks.push(Mark { kind, in_title_only: false, weight, thing });
        let inside: Vec<_> =
            words.iter().filter(|(w, _, _)| w.start >= span.start && w.end <= span.end).collect();
        let mut either: Vec<Clause> = Vec::new();
        let mut score: Vec<Clause> = Vec::new();
        match inside.as_slice() {
            // One word: its stem finds "magnets" for "magnet".
            [(range, term, han)] => {
                either.push((Occur::Should, self.word(term, *han && range.len() == 1)));
                if !han {
                    let weight = self.idf(&self.word_term(term, false));
                    mark(MarkKind::Stem(term.clone()), weight);
                }
            }
            _ => {
                either.push((Occur::Should, self.in_units(false, |field| self.sequence(field, &sequence))));
                let parts =
                    || inside.iter().map(|(range, term, han)| self.word(term, *han && range.len() == 1));
                let of_a_body = concepts.iter().any(|c| c.facet == Facet::Organization);
                if of_a_body && self.may_be_no_name(units, &span, &inside) {
                    either.push((Occur::Should, Box::new(BooleanQuery::intersection(parts().collect()))));
                }
                score.extend(parts().map(|query| (Occur::Should, query)));
            }
        }
        mark(MarkKind::Sequence(sequence), MASS_UNKNOWN);
        let mut mass = f32::MAX;
        for concept in concepts {
            let term = Term::from_field_text(self.fields.facet(concept.facet), &concept.path);
            let idf = self.idf(&term);
            mass = mass.min(idf);
            let share = |weight: f32, term| -> Box<dyn Query> {
                Box::new(ConstScoreQuery::new(term_query(term, IndexRecordOption::Basic), weight * idf))
            };
            either.push((Occur::Should, share(self.weights.concept, term)));
            let focus = Term::from_field_text(self.fields.focus, &focus_term(concept.facet, &concept.path));
            score.push((Occur::Should, share(self.weights.focus, focus)));
            mark(MarkKind::Concept(concept.clone()), idf);
        }
        let either: Box<dyn Query> = Box::new(BooleanQuery::new(either));
        if score.is_empty() {
            return Group { query: either, mass };
        }
        score.push((Occur::Must, either));
        Group { query: Box::new(BooleanQuery::new(score)), mass }
    }

    /// Whether the name of a body may be meant as its words: `China steel output`, 中国石油进口. What
    /// is typed in capitals like a name is one.
    fn may_be_no_name(
        &self,
        units: &Units,
        span: &Range<usize>,
        inside: &[&(Range<usize>, String, bool)],
    ) -> bool {
        let list = &units.list()[span.clone()];
        if list.iter().all(|u| u.kind == UnitKind::Han) {
            // Every part is a name by itself: a country and its oil.
            return inside
                .iter()
                .all(|(range, _, _)| !self.names.find(units.joined(range.clone())).is_empty());
        }
        list.iter().any(|u| u.case == crate::analysis::Case::Lower)
    }

    /// Runs of Han characters: in one piece they count more, and each character counts a little.
    fn runs(&self, units: &Units, extras: &mut Vec<Clause>) {
        let field = self.fields.body_units;
        for run in runs(units).filter(|r| units.list()[r.start].kind == UnitKind::Han && r.len() > 1) {
            if self.weights.character > 0.0 {
                for unit in &units.list()[run.clone()] {
                    let term = units.term(unit);
                    if !is_stop(term, true) {
                        let query =
                            term_query(Term::from_field_text(field, term), IndexRecordOption::WithFreqs);
                        extras.push((Occur::Should, boost(query, self.weights.character)));
                    }
                }
            }
            if self.weights.whole_run > 0.0 {
                let whole = self.sequence(field, &sequence_of(units, run));
                extras.push((Occur::Should, boost(whole, self.weights.whole_run)));
            }
        }
    }
}

/// The words of a run as a segmenter with a dictionary cuts it, as ranges of characters.
fn by_segmenter(run: &str, segmenter: &Segmenter) -> Vec<Range<usize>> {
    let mut at = 0;
    let words = segmenter.cut(run).into_iter().map(|word| {
        let start = at;
        at += word.chars().count();
        start..at
    });
    words.collect()
}

/// Runs of units that are cut together: adjacent Han characters, or one unit of another kind.
fn runs(units: &Units) -> impl Iterator<Item = Range<usize>> + '_ {
    let list = units.list();
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = list.get(at)?;
        let start = at;
        at += 1;
        if first.kind == UnitKind::Han {
            while list.get(at).is_some_and(|u| u.kind == UnitKind::Han && u.gap == crate::analysis::Gap::None)
            {
                at += 1;
            }
        }
        Some(start..at)
    })
}

/// Units as a sequence: terms with their distances from the first.
fn sequence_of(units: &Units, range: Range<usize>) -> Vec<(u32, String)> {
    let Some(list) = units.list().get(range) else { return Vec::new() };
    let Some(first) = list.first() else { return Vec::new() };
    list.iter().map(|u| (u.position - first.position, units.term(u).to_owned())).collect()
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

/// Whether a word is too frequent to ask for.
pub(crate) fn is_stop(term: &str, han: bool) -> bool {
    if han { STOP_HAN.contains(&term) } else { STOP_WORDS.contains(&term) }
}

fn is_bare_word((sign, node): &(Sign, Node)) -> bool {
    *sign == Sign::Ranked && matches!(node, Node::Text(t) if t.kind == TextKind::Word && !t.in_title)
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

fn term_query(term: Term, option: IndexRecordOption) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, option))
}

fn boost(query: Box<dyn Query>, by: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, by))
}

/// Matches without a score.
fn zero(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
