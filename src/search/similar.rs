//! Articles like a given one: by the words that tell most about it and by its tags, so that articles
//! in the other language are found where they share tags.
//!
//! The words are those with the highest product of frequency in the article and rarity in the index
//! (tf·idf, as in Salton and Buckley 1988); tags count by their rarity, what both articles are about
//! counts more. Words together count at most 1 and tags at most 1, so that neither drowns the other.
//! Near-copies of the article are left out, and of what is found only the best of each group of copies is
//! shown.

use std::time::Instant;

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::{
    Searcher as TantivySearcher, Term,
    query::{AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery},
    schema::IndexRecordOption,
};

use super::{
    Hit, Opened, SearchRequest,
    collect::{Ranked, Wanted, collect},
    copies,
};
use crate::{
    analysis::{
        Gap, UnitKind, Units,
        words::{is_possessive, stem_of},
    },
    article::Article,
    error::{Error, Result},
    limits::{HITS_MAX, SIMILAR_TEXT_MAX_UNITS, SIMILAR_WORDS_MAX},
    query::{
        is_stop,
        plan::{Mark, MarkKind},
        rank::Ranking,
        resolve::Concept,
        segment::{IndexVocabulary, Vocabulary, segment, words_of_run},
    },
    schema::{FACETS, focus_term, with_ancestors},
    snippet::Highlighter,
    tagging::Tags,
};

/// Share of the articles above which a word tells nothing.
const COMMON_SHARE: f64 = 0.05;

/// What a word of the title counts as, in words of the body.
const TITLE_COUNTS: f32 = 3.0;

/// Frequency in the article at which a word counts half of what it can.
const HALF_FREQUENCY: f32 = 2.0;

/// BM25 gives no word more than this times its inverse document frequency.
const BM25_MAX: f32 = 2.2;

/// What a tag counts as by its facet, in the order of [`FACETS`]: a place says where and not what.
const FACET_COUNTS: [f32; 4] = [1.0, 0.5, 0.3, 1.0];

/// What a tag counts as that the article mentions but is not about.
const MENTION: f32 = 0.3;

/// Of a tag's weight, what the other article gets for being about it; the rest is for having it.
const FOCUS_SHARE: f32 = 0.6;

/// Sums of weights below which the words and the tags of an article can't count 1 together, in rarities
/// of a word that one article of the index has: two words or one country tell little.
const WORDS_MIN_MASS: f32 = 6.0;
const TAGS_MIN_MASS: f32 = 1.3;

/// Scores below this are of articles that have next to nothing in common with the one asked for.
const SCORE_MIN: f32 = 0.08;

/// What is asked of [`super::Searcher::similar`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SimilarRequest {
    /// Id of the article.
    pub id: String,
    /// Hits to return, at most [`HITS_MAX`].
    pub limit: usize,
    /// Widest snippet, in display columns; 0 for no snippets and no marks.
    pub snippet_columns: usize,
}

impl SimilarRequest {
    /// The ten articles most like one.
    pub fn new(id: impl Into<String>) -> SimilarRequest {
        SimilarRequest { id: id.into(), limit: 10, snippet_columns: 240 }
    }
}

/// Articles like one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Similar {
    /// The article's id.
    pub id: String,
    /// Wall time in microseconds.
    pub took_us: u64,
    /// The words of the article that others were looked for by, most telling first.
    pub words: Vec<String>,
    /// The most similar first. Marked in them is what they share with the article.
    pub hits: Vec<Hit>,
}

/// A word of the article.
struct Telling {
    term: String,
    /// As it stands in the article, folded.
    shown: String,
    han: bool,
    weight: f32,
    idf: f32,
}

impl Opened {
    pub(super) fn similar(&self, request: &SimilarRequest) -> Result<Similar> {
        let started = Instant::now();
        let searcher = self.inner.reader.searcher();
        let engine = || Error::engine("searching");
        let own = self.find(&searcher, &request.id)?;
        let (article, tags) = self.record(&searcher, own.address)?;
        let everything = Ranking::of_query(self.terms(&searcher), Box::new(AllQuery));
        // What only its copies share with it leads to nothing else.
        let copies = copies::collapse(&searcher, &self.inner.copies, &everything, &[own], true, (0, 1))
            .map_err(engine())?
            .and_then(|groups| groups.first().map(|g| g.copies.len()))
            .unwrap_or(0);
        let words = self.telling_words(&searcher, &article, copies);
        let mut marks = Vec::new();
        let mut clauses = self.word_clauses(&searcher, &words, &mut marks);
        clauses.extend(self.tag_clauses(&searcher, &tags, &mut marks));
        let highlighter = Highlighter::new(marks);
        let limit = request.limit.min(HITS_MAX);
        let mut hits = Vec::new();
        if !clauses.is_empty() && limit > 0 {
            let query = BooleanQuery::new(clauses.into_iter().map(|c| (Occur::Should, c)).collect());
            let query = Ranking::of_query(self.terms(&searcher), Box::new(query));
            let mut depth = limit * 2 + 20;
            let groups = loop {
                let wanted = Wanted { best: depth, ..Wanted::default() };
                let found = collect(&searcher, self.countable(), &query, wanted).map_err(engine())?;
                // The article itself comes first, and so its copies are hidden under it.
                let others = found.best.iter().filter(|r| r.address != own.address && r.score >= SCORE_MIN);
                let ranking: Vec<Ranked> = std::iter::once(&own).chain(others).copied().collect();
                let complete =
                    found.best.len() < depth || found.best.last().is_some_and(|last| last.score < SCORE_MIN);
                match copies::collapse(&searcher, &self.inner.copies, &query, &ranking, complete, (1, limit))
                    .map_err(engine())?
                {
                    Some(groups) => break groups,
                    None => depth = depth.saturating_mul(4),
                }
            };
            let mut shown = SearchRequest::new("");
            shown.snippet_columns = request.snippet_columns;
            for group in &groups {
                hits.push(self.hit(&searcher, group, &highlighter, &shown)?);
            }
        }
        Ok(Similar {
            id: article.id,
            took_us: started.elapsed().as_micros() as u64,
            words: words.into_iter().map(|w| w.shown).collect(),
            hits,
        })
    }

    /// The address of an article.
    pub(super) fn find(&self, searcher: &TantivySearcher, id: &str) -> Result<Ranked> {
        let query = TermQuery::new(Term::from_field_text(self.inner.fields.id, id), IndexRecordOption::Basic);
        let query = Ranking::of_query(self.terms(searcher), Box::new(query));
        let wanted = Wanted { best: 1, ..Wanted::default() };
        let found =
            collect(searcher, self.countable(), &query, wanted).map_err(Error::engine("searching"))?;
        found.best.first().copied().ok_or_else(|| Error::NoArticle(id.to_owned()))
    }

    /// The words that tell most about an article, most telling first.
    fn telling_words(&self, searcher: &TantivySearcher, article: &Article, copies: usize) -> Vec<Telling> {
        let field = self.inner.fields.words;
        let terms = self.terms(searcher);
        let vocabulary =
            Remembered { of: IndexVocabulary { terms: &terms, field }, known: std::cell::RefCell::default() };
        let mut counts: FxHashMap<(String, bool), (f32, String)> = FxHashMap::default();
        let title = Units::of(&article.title, &[]);
        let body = Units::of(&article.body, &article.furniture);
        for (units, count) in [(&title, TITLE_COUNTS), (&body, 1.0)] {
            words(units, &vocabulary, |term, shown, han| {
                let entry = counts.entry((term.to_owned(), han));
                entry.or_insert_with(|| (0.0, shown.to_owned())).0 += count;
            });
        }
        let docs = vocabulary.docs() as f64;
        let mut telling: Vec<Telling> = Vec::new();
        for ((term, han), (count, shown)) in counts {
            let df = vocabulary.doc_freq(&term);
            // A word that no other article has finds none.
            if is_stop(&term, han) || df < (2 + copies) as u64 || df as f64 > (docs * COMMON_SHARE).max(5.0) {
                continue;
            }
            let idf = rarity(searcher, df);
            let weight = count / (count + HALF_FREQUENCY);
            telling.push(Telling { term, shown, han, weight, idf });
        }
        let rank = |t: &Telling| t.weight * t.idf;
        telling.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then_with(|| a.term.cmp(&b.term)));
        telling.truncate(SIMILAR_WORDS_MAX);
        telling
    }

    fn word_clauses(
        &self,
        searcher: &TantivySearcher,
        words: &[Telling],
        marks: &mut Vec<Mark>,
    ) -> Vec<Box<dyn Query>> {
        let mass: f32 = words.iter().map(|w| w.weight * w.idf * BM25_MAX).sum();
        let mass = mass.max(WORDS_MIN_MASS * rarity(searcher, 1));
        let mut out: Vec<Box<dyn Query>> = Vec::new();
        for word in words {
            let term = Term::from_field_text(self.inner.fields.words, &word.term);
            let query = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            out.push(Box::new(BoostQuery::new(query, word.weight / mass)));
            let kind = match word.han {
                true => MarkKind::Sequence(
                    (0..).zip(word.term.chars()).map(|(at, c)| (at, c.to_string())).collect(),
                ),
                false => MarkKind::Stem(word.term.clone()),
            };
            let thing = marks.len() as u32;
            marks.push(Mark {
                kind,
                in_title_only: false,
                weight: word.weight * word.idf,
                thing,
                part: false,
            });
        }
        out
    }

    /// Each level of a tag's path counts what it is rarer than the level above.
    fn tag_clauses(
        &self,
        searcher: &TantivySearcher,
        tags: &Tags,
        marks: &mut Vec<Mark>,
    ) -> Vec<Box<dyn Query>> {
        let fields = &self.inner.fields;
        let mut weights: Vec<((usize, String), f32)> = Vec::new();
        for (number, facet) in FACETS.into_iter().enumerate() {
            for tag in tags.facet(facet) {
                let paths: Vec<&str> = with_ancestors(&tag.path).collect();
                let counts = FACET_COUNTS[number] * if tag.focus { 1.0 } else { MENTION };
                let mut above = 0.0f32;
                for path in paths.into_iter().rev() {
                    let term = Term::from_field_text(fields.facet(facet), path);
                    let df = searcher.doc_freq(&term).unwrap_or(0);
                    let idf = rarity(searcher, df);
                    let weight = (idf - above).max(0.0) * counts;
                    above = above.max(idf);
                    if df >= 2 && weight > 0.0 {
                        weights.push(((number, path.to_owned()), weight));
                    }
                }
            }
        }
        // A level that several tags share counts once, by the best of them.
        weights.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        weights.dedup_by(|later, first| later.0 == first.0);
        let mass = weights.iter().map(|w| w.1).sum::<f32>().max(TAGS_MIN_MASS * rarity(searcher, 1));
        let mut out: Vec<Box<dyn Query>> = Vec::new();
        for ((number, path), weight) in weights {
            let Some(facet) = FACETS.get(number).copied() else { continue };
            let shares = [
                (Term::from_field_text(fields.facet(facet), &path), 1.0 - FOCUS_SHARE),
                (Term::from_field_text(fields.focus, &focus_term(facet, &path)), FOCUS_SHARE),
            ];
            for (term, share) in shares {
                let query = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
                out.push(Box::new(ConstScoreQuery::new(query, weight * share / mass)));
            }
            let thing = marks.len() as u32;
            let kind = MarkKind::Concept(Concept { facet, path });
            marks.push(Mark { kind, in_title_only: false, weight, thing, part: false });
        }
        out
    }
}

/// Inverse document frequency, as BM25 has it.
fn rarity(searcher: &TantivySearcher, df: u64) -> f32 {
    let (docs, df) = (searcher.num_docs() as f32, df as f32);
    (1.0 + (docs - df + 0.5).max(0.0) / (df + 0.5)).ln()
}

/// Frequencies, each asked for once: the words of an article come again.
struct Remembered<'a> {
    of: IndexVocabulary<'a>,
    known: std::cell::RefCell<FxHashMap<String, u64>>,
}

impl Vocabulary for Remembered<'_> {
    fn doc_freq(&self, word: &str) -> u64 {
        if let Some(known) = self.known.borrow().get(word) {
            return *known;
        }
        let freq = self.of.doc_freq(word);
        self.known.borrow_mut().insert(word.to_owned(), freq);
        freq
    }

    fn docs(&self) -> u64 {
        self.of.docs()
    }
}

/// Calls `emit` for the words of a text's beginning, indexed and as they stand there: stems, and
/// Chinese words of two characters or more.
fn words(units: &Units, vocabulary: &impl Vocabulary, mut emit: impl FnMut(&str, &str, bool)) {
    let list = units.list();
    let list = &list[..list.len().min(SIMILAR_TEXT_MAX_UNITS)];
    let mut at = 0;
    while let Some(unit) = list.get(at) {
        let start = at;
        at += 1;
        match unit.kind {
            UnitKind::Word if !is_possessive(units, start) => {
                let shown = units.term(unit);
                emit(&stem_of(shown), shown, false);
            }
            UnitKind::Han => {
                while list.get(at).is_some_and(|u| u.kind == UnitKind::Han && u.gap == Gap::None) {
                    at += 1;
                }
                let words = words_of_run(units, start..at, |run| segment(run, vocabulary));
                for word in words.into_iter().filter(|w| w.len() > 1) {
                    let word = units.joined(word);
                    emit(word, word, true);
                }
            }
            // Figures tell apart, not together.
            _ => {}
        }
    }
}
