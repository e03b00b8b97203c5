//! A ranking's groups and features, opened in a segment: the postings, positions and lengths that they read.

use std::sync::Arc;

use tantivy::{
    query::{EnableScoring, Query, Scorer},
    schema::{Field, IndexRecordOption},
};

use super::{FeatureAt, GroupAt, KindAt, SourceAt, WayAt};
use crate::query::{
    bm25::{Bm25, Bm25Parameters, Norms},
    rank::{Feature, FeatureKind, Group, Ranking, Source, Way},
    sequence::{Sequence, idf_of},
    terms::Terms,
    window::Reader,
};

/// Opens the parts of a ranking in a segment.
pub(super) struct Opener<'a> {
    terms: &'a Terms,
    parameters: Bm25Parameters,
    segment_ord: usize,
    norms: Vec<(Field, Arc<Norms>)>,
}

impl<'a> Opener<'a> {
    pub(super) fn new(ranking: &'a Ranking, segment_ord: usize) -> Opener<'a> {
        let Ranking { terms, parameters, .. } = ranking;
        Opener { terms, parameters: *parameters, segment_ord, norms: Vec::new() }
    }

    pub(super) fn scorer(&self, query: &dyn Query, scored: bool) -> tantivy::Result<Box<dyn Scorer>> {
        let searcher = self.terms.searcher();
        let scoring = match scored {
            true => EnableScoring::enabled_from_searcher(searcher),
            false => EnableScoring::disabled_from_searcher(searcher),
        };
        query.weight(scoring)?.scorer(searcher.segment_reader(self.segment_ord as u32), 1.0)
    }

    pub(super) fn group(&mut self, number: usize, group: &Group, scored: bool) -> tantivy::Result<GroupAt> {
        let mut ways = Vec::with_capacity(group.ways.len());
        for way in &group.ways {
            let sources = self.sources(way, scored)?;
            let features = self.features(way, scored)?;
            let mut way = WayAt { sources, features, bonus: way.bonus, doc: 0 };
            way.settle();
            ways.push(way);
        }
        let max = ways.iter().map(|way| way.bonus + way.features.iter().map(|f| f.max).sum::<f32>()).sum();
        let Group { mass, required, .. } = *group;
        let mut group = GroupAt { ways, mass, required, read: false, max, doc: 0, number };
        group.settle();
        Ok(group)
    }

    fn sources(&self, way: &Way, scored: bool) -> tantivy::Result<Vec<SourceAt>> {
        let scores =
            |n: usize| way.features.iter().any(|f| matches!(f.kind, FeatureKind::OwnQuery(own) if own == n));
        let counts =
            |n: usize| way.features.iter().any(|f| matches!(f.kind, FeatureKind::OwnTerm(own) if own == n));
        let source = |(n, source): (usize, &Source)| match source {
            Source::Term(term) => {
                let option = match scored && counts(n) {
                    true => IndexRecordOption::WithFreqs,
                    false => IndexRecordOption::Basic,
                };
                let postings = self.terms.postings(self.segment_ord, term, option)?;
                Ok(postings.map_or(SourceAt::Nothing, SourceAt::Term))
            }
            Source::Query(query) => Ok(SourceAt::Query(self.scorer(query.as_ref(), scored && scores(n))?)),
        };
        way.sources.iter().enumerate().map(source).collect()
    }

    fn features(&mut self, way: &Way, scored: bool) -> tantivy::Result<Vec<FeatureAt>> {
        let mut features = Vec::new();
        for (number, feature) in way.features.iter().enumerate().filter(|_| scored) {
            features.extend(self.feature(number, feature, &way.sources)?);
        }
        Ok(features)
    }

    /// What reads a way in order: cursors of its own, beside those that score.
    pub(super) fn reader(
        &mut self,
        group: usize,
        votes: f32,
        way: &Way,
        scored: bool,
    ) -> tantivy::Result<Reader> {
        let mut reader = Reader::new(group, votes, way.bonus);
        for source in self.sources(way, scored)? {
            reader.add_source(source);
        }
        for feature in self.features(way, scored)? {
            let FeatureAt { kind, weight, max, .. } = feature;
            match kind {
                KindAt::OwnTerm(n, bm25) => reader.add_gain(n, weight, Some(bm25)),
                KindAt::OwnTag(n) => reader.add_gain(n, weight, None),
                KindAt::Term(postings, bm25) => reader.add_follower(postings, weight, Some(bm25)),
                KindAt::Tag(postings) => reader.add_follower(postings, weight, None),
                KindAt::OwnQuery(_) | KindAt::Sequence(..) => reader.add_bound(max),
            }
        }
        Ok(reader)
    }

    /// `None` for what no document of the segment has.
    pub(super) fn feature(
        &mut self,
        number: usize,
        feature: &Feature,
        sources: &[Source],
    ) -> tantivy::Result<Option<FeatureAt>> {
        let weight = feature.weight;
        let (kind, max) = match &feature.kind {
            FeatureKind::OwnTerm(n) => {
                let Some(Source::Term(term)) = sources.get(*n) else { return Ok(None) };
                let bm25 = self.bm25(term.field(), self.terms.idf(term))?;
                let max = bm25.max();
                (KindAt::OwnTerm(*n, bm25), max)
            }
            FeatureKind::OwnTag(n) => (KindAt::OwnTag(*n), 1.0),
            FeatureKind::OwnQuery(n) => (KindAt::OwnQuery(*n), f32::INFINITY),
            FeatureKind::Term(term) => {
                let postings = self.terms.postings(self.segment_ord, term, IndexRecordOption::WithFreqs)?;
                let Some(postings) = postings else { return Ok(None) };
                let bm25 = self.bm25(term.field(), self.terms.idf(term))?;
                let max = bm25.max();
                (KindAt::Term(postings, bm25), max)
            }
            FeatureKind::Tag(term) => {
                match self.terms.postings(self.segment_ord, term, IndexRecordOption::Basic)? {
                    Some(postings) => (KindAt::Tag(postings), 1.0),
                    None => return Ok(None),
                }
            }
            FeatureKind::Sequence { field, units, slop } => {
                let opened = Sequence::open(self.terms, self.segment_ord, *field, units, *slop)?;
                let Some(sequence) = opened else { return Ok(None) };
                let bm25 = self.bm25(*field, idf_of(self.terms, *field, units))?;
                let max = bm25.max();
                (KindAt::Sequence(sequence, bm25), max)
            }
        };
        Ok(Some(FeatureAt { kind, weight, max: max * weight, number }))
    }

    fn bm25(&mut self, field: Field, idf: f32) -> tantivy::Result<Bm25> {
        let norms = match self.norms.iter().find(|(f, _)| *f == field) {
            Some((_, norms)) => norms.clone(),
            None => {
                let norms = Norms::of(self.terms, self.parameters, field)?;
                self.norms.push((field, norms.clone()));
                norms
            }
        };
        let segment = self.terms.searcher().segment_reader(self.segment_ord as u32);
        Bm25::new(norms, self.parameters, idf, segment, field)
    }
}
