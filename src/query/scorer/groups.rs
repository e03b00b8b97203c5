//! The groups of a ranking in a segment: where each stands, and what it adds to the article there.

use tantivy::{
    DocId, DocSet, TERMINATED,
    postings::{Postings, SegmentPostings},
    query::Scorer,
};

use crate::query::{
    bm25::Bm25,
    sequence::{Sequence, reach},
};

/// A group in a segment.
pub(super) struct GroupAt {
    pub(super) ways: Vec<WayAt>,
    pub(super) mass: f32,
    pub(super) required: bool,
    /// Whether a window reads it.
    pub(super) read: bool,
    /// No score exceeds it.
    pub(super) max: f32,
    pub(super) doc: DocId,
    /// Place in the ranking's list.
    pub(super) number: usize,
}

/// A way to have it.
pub(super) struct WayAt {
    pub(super) sources: Vec<SourceAt>,
    pub(super) features: Vec<FeatureAt>,
    pub(super) bonus: f32,
    pub(super) doc: DocId,
}

/// What makes an article have it in this way.
#[expect(clippy::large_enum_variant, reason = "most are terms, which the inner loop reads")]
pub(in crate::query) enum SourceAt {
    Term(SegmentPostings),
    Query(Box<dyn Scorer>),
    /// A term that the segment has not.
    Nothing,
}

/// What adds to a score.
pub(super) struct FeatureAt {
    pub(super) kind: KindAt,
    pub(super) weight: f32,
    pub(super) max: f32,
    /// Place in the list of the way, or of the extras.
    pub(super) number: usize,
}

/// See [`FeatureAt`].
pub(super) enum KindAt {
    OwnTerm(usize, Bm25),
    OwnTag(usize),
    OwnQuery(usize),
    Term(SegmentPostings, Bm25),
    Tag(SegmentPostings),
    Sequence(Sequence, Bm25),
}

impl GroupAt {
    pub(super) fn advance(&mut self) {
        let doc = self.doc;
        self.ways.iter_mut().filter(|w| w.doc == doc).for_each(WayAt::advance);
        self.settle();
    }

    pub(super) fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.ways.iter_mut().for_each(|w| w.seek(target));
            self.settle();
        }
    }

    pub(super) fn settle(&mut self) {
        self.doc = self.ways.iter().map(|w| w.doc).min().unwrap_or(TERMINATED);
    }

    /// Articles that have it, about.
    pub(super) fn size(&self) -> u32 {
        let sources = self.ways.iter().flat_map(|w| &w.sources);
        sources.map(SourceAt::size_hint).fold(0, u32::saturating_add)
    }
}

impl WayAt {
    /// What each part adds at most.
    pub(super) fn each_max(&self, mut see: impl FnMut(f32)) {
        see(self.bonus);
        self.features.iter().for_each(|feature| see(feature.max));
    }

    pub(super) fn advance(&mut self) {
        let doc = self.doc;
        self.sources.iter_mut().filter(|s| s.doc() == doc).for_each(|s| _ = s.advance());
        self.settle();
    }

    pub(super) fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.sources.iter_mut().for_each(|s| s.seek(target));
            self.settle();
        }
    }

    pub(super) fn settle(&mut self) {
        self.doc = self.sources.iter().map(SourceAt::doc).min().unwrap_or(TERMINATED);
    }
}

impl SourceAt {
    pub(in crate::query) fn doc(&self) -> DocId {
        match self {
            SourceAt::Term(postings) => postings.doc(),
            SourceAt::Query(scorer) => scorer.doc(),
            SourceAt::Nothing => TERMINATED,
        }
    }

    pub(in crate::query) fn advance(&mut self) -> DocId {
        match self {
            SourceAt::Term(postings) => postings.advance(),
            SourceAt::Query(scorer) => scorer.advance(),
            SourceAt::Nothing => TERMINATED,
        }
    }

    pub(in crate::query) fn seek(&mut self, target: DocId) {
        match self {
            SourceAt::Term(postings) if postings.doc() < target => _ = postings.seek(target),
            SourceAt::Query(scorer) if scorer.doc() < target => _ = scorer.seek(target),
            _ => {}
        }
    }

    pub(super) fn size_hint(&self) -> u32 {
        match self {
            SourceAt::Term(postings) => postings.size_hint(),
            SourceAt::Query(scorer) => scorer.size_hint(),
            SourceAt::Nothing => 0,
        }
    }
}

impl FeatureAt {
    /// What it can add to this article's score, told without positions and without a group's sources.
    pub(super) fn bound(&mut self, doc: DocId) -> f32 {
        match &mut self.kind {
            KindAt::Sequence(sequence, bm25) => match sequence.freq_at_most(doc) {
                0 => 0.0,
                freq => self.weight * bm25.of(doc, freq),
            },
            KindAt::Term(..) | KindAt::Tag(_) => self.value(doc, &mut []).unwrap_or(0.0),
            KindAt::OwnTerm(..) | KindAt::OwnTag(_) | KindAt::OwnQuery(_) => self.max,
        }
    }

    /// What it adds to an article's score, if the article has it.
    pub(super) fn value(&mut self, doc: DocId, sources: &mut [SourceAt]) -> Option<f32> {
        match &mut self.kind {
            KindAt::OwnTerm(n, bm25) => match sources.get(*n)? {
                SourceAt::Term(postings) if postings.doc() == doc => {
                    Some(self.weight * bm25.of(doc, postings.term_freq()))
                }
                _ => None,
            },
            KindAt::OwnTag(n) => (sources.get(*n)?.doc() == doc).then_some(self.weight),
            KindAt::OwnQuery(n) => match sources.get_mut(*n)? {
                SourceAt::Query(scorer) if scorer.doc() == doc => Some(self.weight * scorer.score()),
                _ => None,
            },
            KindAt::Term(postings, bm25) => {
                (reach(postings, doc)).then(|| self.weight * bm25.of(doc, postings.term_freq()))
            }
            KindAt::Tag(postings) => reach(postings, doc).then_some(self.weight),
            KindAt::Sequence(sequence, bm25) => match sequence.freq(doc) {
                0 => None,
                freq => Some(self.weight * bm25.of(doc, freq)),
            },
        }
    }
}
