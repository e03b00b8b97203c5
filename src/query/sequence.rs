//! Units that stand at given distances: phrases, quoted Chinese strings, neighbours.
//!
//! A unit that comes again in the sequence is read once, however often it comes: a line of the same
//! character is as cheap as that character.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::{Field, IndexRecordOption},
};

use super::{
    bm25::{Bm25, Bm25Parameters, Norms},
    explained,
    terms::Terms,
};

/// Whether postings have a document; moves them there.
pub(super) fn reach(postings: &mut SegmentPostings, doc: DocId) -> bool {
    if postings.doc() < doc {
        postings.seek(doc);
    }
    postings.doc() == doc
}

/// What a sequence says: the sum of its units' inverse document frequencies.
pub(super) fn idf_of(terms: &Terms, field: Field, units: &[(u32, String)]) -> f32 {
    units.iter().map(|(_, unit)| terms.idf(&Term::from_field_text(field, unit))).sum()
}

/// A sequence in a segment.
pub(super) struct Sequence {
    units: Vec<Places>,
    slop: u32,
    starts: Vec<u32>,
    positions: Vec<u32>,
}

/// A unit of a sequence.
struct Places {
    /// Distances from the first unit, in order; at least one.
    offsets: Vec<u32>,
    postings: SegmentPostings,
}

impl Sequence {
    /// `None` when the segment lacks a unit. Each unit after the first may stand `slop` positions behind its place;
    /// only pairs have a slop.
    pub(super) fn open(
        terms: &Terms,
        segment_ord: usize,
        field: Field,
        units: &[(u32, String)],
        slop: u32,
    ) -> tantivy::Result<Option<Sequence>> {
        let mut order: Vec<(&str, u32)> = units.iter().map(|(at, unit)| (unit.as_str(), *at)).collect();
        if slop == 0 {
            order.sort_unstable();
        }
        let mut opened = Vec::new();
        // With a slop, each unit has a place of its own.
        for same in order.chunk_by(|a, b| slop == 0 && a.0 == b.0) {
            let term = Term::from_field_text(field, same[0].0);
            let option = IndexRecordOption::WithFreqsAndPositions;
            let Some(postings) = terms.postings(segment_ord, &term, option)? else { return Ok(None) };
            opened.push(Places { offsets: same.iter().map(|(_, at)| *at).collect(), postings });
        }
        if slop == 0 {
            opened.sort_by_key(|unit| unit.postings.doc_freq());
        }
        let (starts, positions) = Default::default();
        Ok((!opened.is_empty()).then_some(Sequence { units: opened, slop, starts, positions }))
    }

    /// No more often than this stands the sequence in a document; read without positions.
    pub(super) fn freq_at_most(&mut self, doc: DocId) -> u32 {
        // With a slop, several first units may have the same second one beside them.
        let counted = if self.slop > 0 { 1 } else { self.units.len() };
        let mut least = u32::MAX;
        for (n, unit) in self.units.iter_mut().enumerate() {
            if !reach(&mut unit.postings, doc) {
                return 0;
            }
            if n < counted {
                least = least.min(unit.postings.term_freq());
            }
        }
        least
    }

    /// How often the sequence stands in a document.
    pub(super) fn freq(&mut self, doc: DocId) -> u32 {
        if !self.units.iter_mut().all(|unit| reach(&mut unit.postings, doc)) {
            return 0;
        }
        let Sequence { units, slop, starts, positions } = self;
        for (n, Places { offsets, postings }) in units.iter_mut().enumerate() {
            postings.positions(positions);
            let mut offsets = offsets.as_slice();
            if n == 0 {
                let (first, rest) = offsets.split_first().unwrap_or((&0, &[]));
                starts.clear();
                starts.extend(positions.iter().filter_map(|at| at.checked_sub(*first)));
                offsets = rest;
            }
            for offset in offsets {
                starts.retain(|start| {
                    let from = start.saturating_add(*offset);
                    let at = positions.partition_point(|p| *p < from);
                    positions.get(at).is_some_and(|p| *p - from <= *slop)
                });
                if starts.is_empty() {
                    return 0;
                }
            }
            if starts.is_empty() {
                return 0;
            }
        }
        starts.len() as u32
    }

    /// The first document from the rarest unit's place on that has all units, in whatever order.
    fn next_with_all(&mut self) -> DocId {
        let Some((first, rest)) = self.units.split_first_mut() else { return TERMINATED };
        let mut doc = first.postings.doc();
        'candidate: while doc != TERMINATED {
            for unit in rest.iter_mut() {
                if !reach(&mut unit.postings, doc) {
                    let next = unit.postings.doc();
                    doc = if next == TERMINATED { TERMINATED } else { first.postings.seek(next) };
                    continue 'candidate;
                }
            }
            break;
        }
        doc
    }
}

/// The articles that have a sequence in a field, scored by BM25.
#[derive(Debug, Clone)]
pub(crate) struct SequenceQuery {
    pub(crate) terms: Terms,
    pub(crate) parameters: Bm25Parameters,
    pub(crate) field: Field,
    /// Terms with their distances from the first.
    pub(crate) units: Vec<(u32, String)>,
}

impl Query for SequenceQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(SequenceWeight { query: self.clone(), scored: scoring.is_scoring_enabled() }))
    }
}

struct SequenceWeight {
    query: SequenceQuery,
    scored: bool,
}

impl Weight for SequenceWeight {
    fn scorer(&self, reader: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let SequenceQuery { terms, parameters, field, units } = &self.query;
        let ord = terms.segment_ord(reader)?;
        let Some(sequence) = Sequence::open(terms, ord, *field, units, 0)? else {
            return Ok(Box::new(EmptyScorer));
        };
        let bm25 = match self.scored {
            true => {
                let norms = Norms::of(terms, *parameters, *field)?;
                Some(Bm25::new(norms, *parameters, idf_of(terms, *field, units), reader, *field)?)
            }
            false => None,
        };
        let mut scorer = SequenceScorer { sequence, bm25, boost, doc: 0, freq: 0 };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explained(self, reader, doc, "a sequence")
    }
}

struct SequenceScorer {
    sequence: Sequence,
    /// `None` where nobody asks for a score.
    bm25: Option<Bm25>,
    boost: f32,
    doc: DocId,
    freq: u32,
}

impl SequenceScorer {
    /// Goes to the first match from the rarest unit's place on.
    fn settle(&mut self) -> DocId {
        loop {
            self.doc = self.sequence.next_with_all();
            if self.doc == TERMINATED {
                return TERMINATED;
            }
            self.freq = self.sequence.freq(self.doc);
            if self.freq > 0 {
                return self.doc;
            }
            self.sequence.units[0].postings.advance();
        }
    }
}

impl DocSet for SequenceScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        self.sequence.units[0].postings.advance();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        reach(&mut self.sequence.units[0].postings, target);
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.sequence.units[0].postings.size_hint()
    }
}

impl Scorer for SequenceScorer {
    fn score(&mut self) -> Score {
        self.bm25.as_ref().map_or(1.0, |bm25| bm25.of(self.doc, self.freq)) * self.boost
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::lab::lab;

    /// How often units stand at their distances in a row of words, tried at every place.
    fn slow(words: &[&str], units: &[(u32, String)], slop: u32) -> u32 {
        let stands = |start: usize| {
            units.iter().all(|(at, unit)| {
                let from = start + *at as usize;
                let reach = if *at == 0 { 0 } else { slop as usize };
                (from..=from + reach).any(|place| words.get(place) == Some(&unit.as_str()))
            })
        };
        (0..words.len()).filter(|start| stands(*start)).count() as u32
    }

    fn words(max: usize) -> impl Strategy<Value = Vec<&'static str>> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..max)
    }

    proptest! {
        #[test]
        fn as_often_as_a_slow_search_finds(
            texts in prop::collection::vec(words(14), 1..12),
            units in words(5),
            holes in prop::collection::vec(0..2u32, 5),
        ) {
            let lab = lab(&texts.iter().map(|t| t.join(" ")).collect::<Vec<_>>());
            let mut at = 0;
            let mut units: Vec<(u32, String)> = units.iter().zip(holes).map(|(unit, hole)| {
                let here = (at, (*unit).to_owned());
                at += 1 + hole;
                here
            }).collect();
            for slop in [0, 2] {
                // Only pairs have a slop.
                if slop > 0 {
                    units.truncate(2);
                }
                let expected: Vec<u32> = texts.iter().map(|words| slow(words, &units, slop)).collect();
                let opened = Sequence::open(&lab.terms, 0, lab.field, &units, slop).unwrap();
                let found: Vec<u32> = match opened {
                    Some(mut sequence) => (0..texts.len() as u32)
                        .map(|doc| {
                            let most = sequence.freq_at_most(doc);
                            let freq = sequence.freq(doc);
                            assert!(freq <= most, "{units:?} by {slop}: {freq} times, at most {most}");
                            freq
                        })
                        .collect(),
                    None => vec![0; texts.len()],
                };
                prop_assert_eq!(&found, &expected, "{:?} by {}", units, slop);
                if slop == 0 {
                    let query = SequenceQuery {
                        terms: lab.terms.clone(),
                        parameters: Bm25Parameters { k1: 1.2, b: 0.75 },
                        field: lab.field,
                        units: units.clone(),
                    };
                    let matches = expected.iter().filter(|freq| **freq > 0).count();
                    prop_assert_eq!(query.count(lab.terms.searcher()).unwrap(), matches);
                }
            }
        }
    }
}
