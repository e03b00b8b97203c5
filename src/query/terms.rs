//! Where the terms of a query are in the index: each looked up once, and remembered between queries.
//!
//! A term dictionary is sorted blocks, and a look-up unpacks one: microseconds, of which a query with its
//! segmentation, weights and postings would pay hundreds for the same few terms.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use rustc_hash::FxHashMap;
use tantivy::{
    Searcher, SegmentReader, Term,
    postings::{SegmentPostings, TermInfo},
    schema::IndexRecordOption,
};

use crate::limits::TERMS_REMEMBERED_MAX;

/// Where a term is, by segment.
type Places = Arc<[Option<TermInfo>]>;

/// Terms that were looked up in one generation. Shared by all its queries.
#[derive(Default)]
pub(crate) struct TermCache(RwLock<FxHashMap<Term, Places>>);

/// The terms of what a searcher sees. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Terms {
    searcher: Searcher,
    cache: Arc<TermCache>,
}

impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Terms({} segments)", self.searcher.segment_readers().len())
    }
}

impl Terms {
    /// The terms of a searcher; `cache` must have served no other generation.
    pub(crate) fn new(searcher: Searcher, cache: Arc<TermCache>) -> Terms {
        Terms { searcher, cache }
    }

    pub(crate) fn searcher(&self) -> &Searcher {
        &self.searcher
    }

    fn places(&self, term: &Term) -> tantivy::Result<Places> {
        if let Some(known) = self.cache.0.read().unwrap_or_else(PoisonError::into_inner).get(term) {
            return Ok(known.clone());
        }
        let places: Places = self
            .searcher
            .segment_readers()
            .iter()
            .map(|segment| Ok(segment.inverted_index(term.field())?.get_term_info(term)?))
            .collect::<tantivy::Result<_>>()?;
        let mut cache = self.cache.0.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= TERMS_REMEMBERED_MAX {
            cache.clear();
        }
        cache.insert(term.clone(), places.clone());
        Ok(places)
    }

    /// Articles that have a term. 0 also for a dictionary that can't be read: the damage is known by
    /// then, and no result comes out of a damaged index.
    pub(crate) fn doc_freq(&self, term: &Term) -> u64 {
        let places = self.places(term);
        places.map_or(0, |p| p.iter().flatten().map(|info| u64::from(info.doc_freq)).sum())
    }

    /// Articles in all.
    pub(crate) fn docs(&self) -> u64 {
        self.searcher.num_docs()
    }

    /// Inverse document frequency, as BM25 has it.
    pub(crate) fn idf(&self, term: &Term) -> f32 {
        let (docs, df) = (self.docs() as f32, self.doc_freq(term) as f32);
        (1.0 + (docs - df + 0.5).max(0.0) / (df + 0.5)).ln()
    }

    /// The postings of a term in a segment; `None` when it has none there.
    pub(crate) fn postings(
        &self,
        segment_ord: usize,
        term: &Term,
        option: IndexRecordOption,
    ) -> tantivy::Result<Option<SegmentPostings>> {
        let places = self.places(term)?;
        let Some(info) = places.get(segment_ord).and_then(Option::as_ref) else { return Ok(None) };
        let segment = self.searcher.segment_reader(segment_ord as u32);
        Ok(Some(segment.inverted_index(term.field())?.read_postings_from_terminfo(info, option)?))
    }

    /// The number of a segment of the searcher.
    ///
    /// # Errors
    ///
    /// When it is a segment of another searcher.
    pub(crate) fn segment_ord(&self, reader: &SegmentReader) -> tantivy::Result<usize> {
        let mut segments = self.searcher.segment_readers().iter();
        segments
            .position(|r| r.segment_id() == reader.segment_id())
            .ok_or_else(|| tantivy::TantivyError::InvalidArgument("a segment of another searcher".to_owned()))
    }

    /// Average length of a field, in tokens; 1 for one that is empty.
    pub(crate) fn average_length(&self, field: tantivy::schema::Field) -> tantivy::Result<f32> {
        let (mut tokens, mut docs) = (0u64, 0u64);
        for segment in self.searcher.segment_readers() {
            tokens += segment.inverted_index(field)?.total_num_tokens();
            docs += u64::from(segment.max_doc());
        }
        Ok((tokens as f32 / docs.max(1) as f32).max(1.0))
    }
}
