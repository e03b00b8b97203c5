//! A prefix as the words that begin so: the commonest of them, found in the index's own word list.
//!
//! A letter begins tens of thousands of words, most of which stand in one article. What a bounded number of
//! the commonest find is all that a reader can look at, and it is found in milliseconds.

use std::{collections::BTreeMap, fmt, sync::Arc};

use tantivy::{
    BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED,
    postings::TermInfo,
    query::{BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::{Field, IndexRecordOption},
};

use super::terms::Terms;
use crate::limits::PREFIX_WORDS_MAX;

/// The articles that have one of a list of terms.
#[derive(Clone)]
pub(crate) struct AnyOf {
    terms: Terms,
    field: Field,
    /// Where the terms are, by segment.
    places: Arc<[Vec<TermInfo>]>,
}

impl fmt::Debug for AnyOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyOf({} terms)", self.places.iter().map(Vec::len).max().unwrap_or(0))
    }
}

impl AnyOf {
    /// The words of a field that begin so: the [`PREFIX_WORDS_MAX`] that most articles have.
    pub(crate) fn beginning_with(terms: &Terms, field: Field, prefix: &str) -> tantivy::Result<AnyOf> {
        let segments = terms.searcher().segment_readers();
        let mut found: BTreeMap<Vec<u8>, (u64, Vec<Option<TermInfo>>)> = BTreeMap::new();
        for (ord, segment) in segments.iter().enumerate() {
            let index = segment.inverted_index(field)?;
            let range = index.terms().range().ge(prefix.as_bytes());
            // UTF-8 has no byte 255: whatever begins so sorts before it.
            let mut end = prefix.as_bytes().to_vec();
            end.push(u8::MAX);
            let mut stream = range.lt(&end).into_stream()?;
            while stream.advance() {
                let (df, places) = match found.get_mut(stream.key()) {
                    Some(word) => word,
                    None => {
                        found.entry(stream.key().to_vec()).or_insert_with(|| (0, vec![None; segments.len()]))
                    }
                };
                *df += u64::from(stream.value().doc_freq);
                places[ord] = Some(stream.value().clone());
            }
        }
        let mut words: Vec<_> = found.into_values().collect();
        if words.len() > PREFIX_WORDS_MAX {
            // Stable: of equally common words, the first by the alphabet.
            words.sort_by_key(|(df, _)| std::cmp::Reverse(*df));
            words.truncate(PREFIX_WORDS_MAX);
        }
        let of_segment = |ord: usize| words.iter().filter_map(|(_, places)| places[ord].clone()).collect();
        let places = (0..segments.len()).map(of_segment).collect();
        Ok(AnyOf { terms: terms.clone(), field, places })
    }

    /// Postings to be read, at most one an article.
    pub(crate) fn cost(&self) -> u64 {
        let sum: u64 = self.places.iter().flatten().map(|info| u64::from(info.doc_freq)).sum();
        sum.min(self.terms.docs())
    }
}

impl Query for AnyOf {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(AnyOfWeight(self.clone())))
    }
}

struct AnyOfWeight(AnyOf);

impl Weight for AnyOfWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let places = self.0.terms.segment_ord(reader).and_then(|ord| self.0.places.get(ord));
        let Some(places) = places.filter(|p| !p.is_empty()) else { return Ok(Box::new(EmptyScorer)) };
        let index = reader.inverted_index(self.0.field)?;
        let mut set = BitSet::with_max_value(reader.max_doc());
        for info in places {
            let mut postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            let mut doc = postings.doc();
            while doc != TERMINATED {
                set.insert(doc);
                doc = postings.advance();
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(set), boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Err(tantivy::TantivyError::InvalidArgument(format!("document {doc} does not match")));
        }
        Ok(Explanation::new("one of several words", scorer.score()))
    }
}
