//! A ranking carried out on one segment: which articles match, and what each scores.
//!
//! Article by article. Whether one matches is told by the groups' sources alone, from the heavy groups
//! down: groups that together are too light to make a match are only asked about articles that others
//! found (after Turtle and Flood's MaxScore, 1995, on masses). What an article scores is added
//! up only while it can still come among the best.

use std::sync::Arc;

use tantivy::{
    DocId, DocSet, Score, TERMINATED,
    postings::{Postings, SegmentPostings},
    query::{BooleanQuery, EnableScoring, Query, Scorer},
    schema::{Field, IndexRecordOption},
};

use super::{
    bm25::{Bm25, Bm25Parameters, Norms},
    rank::{Feature, FeatureKind, Group, Ranking, Source},
    sequence::{Sequence, idf_of, reach},
    terms::Terms,
};

/// Sums of bounds are rounded up by this much, so that rounding never hides a hit.
const SLACK: f32 = 1.0001;

/// A segment of a ranking, at an article that matches or past the last.
pub(crate) struct SegmentRanking {
    /// What must match; leads when no group does.
    base: Option<Box<dyn Scorer>>,
    base_scores: bool,
    excluded: Option<Box<dyn Scorer>>,
    /// By mass, heaviest first.
    groups: Vec<GroupAt>,
    /// So many of them lead: an article that has none of these has too little of the query.
    leading: usize,
    needed: f32,
    bonus: f32,
    extras: Vec<FeatureAt>,
    /// No sum of extras exceeds it.
    extras_max: f32,
    boost: f32,
    doc: DocId,
}

struct GroupAt {
    sources: Vec<SourceAt>,
    features: Vec<FeatureAt>,
    mass: f32,
    /// No score exceeds it.
    max: f32,
    doc: DocId,
    /// Place in the ranking's list.
    number: usize,
}

#[expect(clippy::large_enum_variant, reason = "most are terms, which the inner loop reads")]
enum SourceAt {
    Term(SegmentPostings),
    Query(Box<dyn Scorer>),
    /// A term that the segment has not.
    Nothing,
}

struct FeatureAt {
    kind: KindAt,
    weight: f32,
    max: f32,
    /// Place in the list of the group, or of the extras.
    number: usize,
}

enum KindAt {
    OwnTerm(usize, Bm25),
    OwnTag(usize),
    OwnQuery(usize),
    Term(SegmentPostings, Bm25),
    Tag(SegmentPostings),
    Sequence(Sequence, Bm25),
}

/// A part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Having all groups.
    Complete,
    /// What is required.
    Required,
    /// A feature of a group.
    Group(usize, usize),
    /// A feature beyond the groups.
    Extra(usize),
}

impl SegmentRanking {
    pub(super) fn open(
        ranking: &Ranking,
        segment_ord: usize,
        scored: bool,
    ) -> tantivy::Result<SegmentRanking> {
        let mut opener = Opener::new(ranking, segment_ord);
        let base = match ranking.required_query() {
            Some(query) => Some(opener.scorer(query.as_ref(), scored && ranking.required_scores)?),
            None => None,
        };
        let excluded = match ranking.excluded.as_slice() {
            [] => None,
            queries => {
                let union = BooleanQuery::union(queries.iter().map(|q| q.box_clone()).collect());
                Some(opener.scorer(&union, false)?)
            }
        };
        let mut groups = Vec::with_capacity(ranking.groups.len());
        for (number, group) in ranking.groups.iter().enumerate() {
            groups.push(opener.group(number, group, scored)?);
        }
        groups.sort_by(|a, b| b.mass.total_cmp(&a.mass));
        let needed = ranking.needed();
        // The longest tail that together is too light follows; without a need, all follow the base.
        let mut leading = groups.len();
        let mut tail = 0.0;
        while leading > 0 && tail + groups[leading - 1].mass < needed {
            leading -= 1;
            tail += groups[leading].mass;
        }
        if needed <= 0.0 && base.is_some() {
            leading = 0;
        }
        let mut extras = Vec::new();
        if scored {
            for (number, feature) in ranking.extras.iter().enumerate() {
                extras.extend(opener.feature(number, feature, &[])?);
            }
        }
        let mut opened = SegmentRanking {
            base,
            base_scores: ranking.required_scores,
            excluded,
            leading,
            needed,
            bonus: if ranking.groups.is_empty() { 0.0 } else { ranking.bonus() },
            extras_max: extras.iter().map(|f| f.max).sum(),
            extras,
            groups,
            boost: 1.0,
            doc: 0,
        };
        opened.settle();
        Ok(opened)
    }

    pub(super) fn boost_by(&mut self, boost: f32) {
        self.boost = boost;
    }

    /// The first article, from where the leaders stand, that matches.
    fn settle(&mut self) {
        loop {
            let leaders = &mut self.groups[..self.leading];
            let mut doc = match (leaders.iter().map(|g| g.doc).min(), &self.base) {
                (Some(doc), _) => doc,
                (None, Some(base)) => base.doc(),
                (None, None) => TERMINATED,
            };
            if doc != TERMINATED
                && let Some(base) = &mut self.base
            {
                let there = seek(base.as_mut(), doc);
                if there != doc {
                    doc = there;
                    leaders.iter_mut().for_each(|g| g.seek(doc));
                    if doc != TERMINATED {
                        continue;
                    }
                }
            }
            self.doc = doc;
            if doc == TERMINATED || self.matches() {
                return;
            }
            self.step();
        }
    }

    /// Whether the article where the leaders stand has enough, and nothing that is excluded.
    fn matches(&mut self) -> bool {
        let doc = self.doc;
        if self.needed > 0.0 {
            let (leaders, followers) = self.groups.split_at_mut(self.leading);
            let mut mass: f32 = leaders.iter().filter(|g| g.doc == doc).map(|g| g.mass).sum();
            if mass < self.needed {
                let mut left: f32 = followers.iter().map(|g| g.mass).sum();
                for group in followers {
                    if mass >= self.needed || (mass + left) * SLACK < self.needed {
                        break;
                    }
                    group.seek(doc);
                    left -= group.mass;
                    if group.doc == doc {
                        mass += group.mass;
                    }
                }
                if mass < self.needed {
                    return false;
                }
            }
        }
        self.excluded.as_mut().is_none_or(|e| seek(e.as_mut(), doc) != doc)
    }

    /// Moves the leaders past the article.
    fn step(&mut self) {
        let doc = self.doc;
        let leaders = &mut self.groups[..self.leading];
        if leaders.is_empty() {
            if let Some(base) = &mut self.base {
                base.advance();
            }
            return;
        }
        leaders.iter_mut().filter(|g| g.doc == doc).for_each(GroupAt::advance);
    }

    /// What the article scores, or `None` when that is below `threshold`. `see` learns the parts.
    pub(crate) fn score_above(&mut self, threshold: f32, mut see: impl FnMut(Part, f32)) -> Option<f32> {
        let doc = self.doc;
        let mut all = true;
        let mut left = self.extras_max;
        for group in &mut self.groups {
            group.seek(doc);
            match group.doc == doc {
                true => left += group.max,
                false => all = false,
            }
        }
        let mut score = 0.0;
        let mut add = |part, value: f32| {
            score += value;
            see(part, value);
            score
        };
        let hopeless = |score: f32, left: f32| score + left.max(0.0) * SLACK < threshold;
        let mut so_far =
            if all && self.bonus > 0.0 { add(Part::Complete, self.bonus * self.boost) } else { 0.0 };
        if self.base_scores
            && let Some(base) = &mut self.base
        {
            so_far = add(Part::Required, base.score() * self.boost);
        }
        if hopeless(so_far, left * self.boost) {
            return None;
        }
        for group in self.groups.iter_mut().filter(|g| g.doc == doc) {
            for feature in &mut group.features {
                if let Some(value) = feature.value(doc, &mut group.sources) {
                    so_far = add(Part::Group(group.number, feature.number), value * self.boost);
                }
                left -= feature.max;
                if hopeless(so_far, left * self.boost) {
                    return None;
                }
            }
        }
        for feature in &mut self.extras {
            if let Some(value) = feature.value(doc, &mut []) {
                so_far = add(Part::Extra(feature.number), value * self.boost);
            }
            left -= feature.max;
            if hopeless(so_far, left * self.boost) {
                return None;
            }
        }
        Some(so_far)
    }
}

impl DocSet for SegmentRanking {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            self.step();
            self.settle();
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            match self.leading {
                0 => {
                    if let Some(base) = &mut self.base {
                        seek(base.as_mut(), target);
                    }
                }
                n => self.groups[..n].iter_mut().for_each(|g| g.seek(target)),
            }
            self.settle();
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let groups = self.groups[..self.leading].iter().flat_map(|g| &g.sources).map(SourceAt::size_hint);
        match &self.base {
            Some(base) => base.size_hint(),
            None => groups.fold(0, u32::saturating_add),
        }
    }
}

impl Scorer for SegmentRanking {
    fn score(&mut self) -> Score {
        self.score_above(f32::NEG_INFINITY, |_, _| ()).unwrap_or(0.0)
    }
}

/// Moves a set to the first document from `target` on.
fn seek(set: &mut dyn Scorer, target: DocId) -> DocId {
    if set.doc() < target { set.seek(target) } else { set.doc() }
}

impl GroupAt {
    fn advance(&mut self) {
        let doc = self.doc;
        self.sources.iter_mut().filter(|s| s.doc() == doc).for_each(SourceAt::advance);
        self.settle();
    }

    fn seek(&mut self, target: DocId) {
        if self.doc < target {
            self.sources.iter_mut().for_each(|s| s.seek(target));
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.doc = self.sources.iter().map(SourceAt::doc).min().unwrap_or(TERMINATED);
    }
}

impl SourceAt {
    fn doc(&self) -> DocId {
        match self {
            SourceAt::Term(postings) => postings.doc(),
            SourceAt::Query(scorer) => scorer.doc(),
            SourceAt::Nothing => TERMINATED,
        }
    }

    fn advance(&mut self) {
        match self {
            SourceAt::Term(postings) => _ = postings.advance(),
            SourceAt::Query(scorer) => _ = scorer.advance(),
            SourceAt::Nothing => {}
        }
    }

    fn seek(&mut self, target: DocId) {
        match self {
            SourceAt::Term(postings) if postings.doc() < target => _ = postings.seek(target),
            SourceAt::Query(scorer) if scorer.doc() < target => _ = scorer.seek(target),
            _ => {}
        }
    }

    fn size_hint(&self) -> u32 {
        match self {
            SourceAt::Term(postings) => postings.size_hint(),
            SourceAt::Query(scorer) => scorer.size_hint(),
            SourceAt::Nothing => 0,
        }
    }
}

impl FeatureAt {
    /// What it adds to an article's score, if the article has it.
    fn value(&mut self, doc: DocId, sources: &mut [SourceAt]) -> Option<f32> {
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

/// Opens the parts of a ranking in a segment.
struct Opener<'a> {
    terms: &'a Terms,
    parameters: Bm25Parameters,
    segment_ord: usize,
    norms: Vec<(Field, Arc<Norms>)>,
}

impl<'a> Opener<'a> {
    fn new(ranking: &'a Ranking, segment_ord: usize) -> Opener<'a> {
        let Ranking { terms, parameters, .. } = ranking;
        Opener { terms, parameters: *parameters, segment_ord, norms: Vec::new() }
    }

    fn scorer(&self, query: &dyn Query, scored: bool) -> tantivy::Result<Box<dyn Scorer>> {
        let searcher = self.terms.searcher();
        let scoring = match scored {
            true => EnableScoring::enabled_from_searcher(searcher),
            false => EnableScoring::disabled_from_searcher(searcher),
        };
        query.weight(scoring)?.scorer(searcher.segment_reader(self.segment_ord as u32), 1.0)
    }

    fn group(&mut self, number: usize, group: &Group, scored: bool) -> tantivy::Result<GroupAt> {
        let scores = |n: usize| {
            group.features.iter().any(|f| matches!(f.kind, FeatureKind::OwnQuery(own) if own == n))
        };
        let counts =
            |n: usize| group.features.iter().any(|f| matches!(f.kind, FeatureKind::OwnTerm(own) if own == n));
        let mut sources = Vec::with_capacity(group.sources.len());
        for (n, source) in group.sources.iter().enumerate() {
            sources.push(match source {
                Source::Term(term) => {
                    let option = match scored && counts(n) {
                        true => IndexRecordOption::WithFreqs,
                        false => IndexRecordOption::Basic,
                    };
                    let postings = self.terms.postings(self.segment_ord, term, option)?;
                    postings.map_or(SourceAt::Nothing, SourceAt::Term)
                }
                Source::Query(query) => SourceAt::Query(self.scorer(query.as_ref(), scored && scores(n))?),
            });
        }
        let mut features = Vec::new();
        if scored {
            for (number, feature) in group.features.iter().enumerate() {
                features.extend(self.feature(number, feature, &group.sources)?);
            }
        }
        let max = features.iter().map(|f| f.max).sum();
        let mut group = GroupAt { sources, features, mass: group.mass, max, doc: 0, number };
        group.settle();
        Ok(group)
    }

    /// `None` for what no document of the segment has.
    fn feature(
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

#[cfg(test)]
mod tests;
