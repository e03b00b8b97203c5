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

use super::{explained, terms::Terms};
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
        let places = self.0.places.get(self.0.terms.segment_ord(reader)?);
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
        explained(self, reader, doc, "one of several words")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::lab::lab;

    #[test]
    fn of_too_many_words_the_commonest_stay() {
        // Each word once, the last one twice: it stays, and the first ones by the alphabet with it.
        let words: Vec<String> = (0..=PREFIX_WORDS_MAX).map(|n| format!("p{n:06}")).collect();
        let mut texts = words.clone();
        texts.extend([format!("{} other", words[PREFIX_WORDS_MAX]), "other".to_owned()]);
        let lab = lab(&texts);
        let found = |prefix: &str| {
            let any = AnyOf::beginning_with(&lab.terms, lab.field, prefix).unwrap();
            (any.cost(), any.count(lab.terms.searcher()).unwrap())
        };
        let all = PREFIX_WORDS_MAX as u64 + 1;
        assert_eq!(found("p"), (all, PREFIX_WORDS_MAX + 1));
        assert_eq!(found(&words[PREFIX_WORDS_MAX]), (2, 2));
        let last_but_one = &words[PREFIX_WORDS_MAX - 1];
        assert_eq!(found(last_but_one), (1, 1), "alone it is found");
        assert_eq!(found("q"), (0, 0));
    }
}
