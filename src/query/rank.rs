//! What a planned query asks for, and what each thing counts: the plan of a ranking, independent of any
//! segment. `scorer` carries it out.
//!
//! A query is a list of groups. A group is a word or a name, or several of which one is asked for: an
//! article has it when one of its ways matches, and a way matches when one of its sources does. Each group
//! has a mass, its inverse document frequency: in `graphite ban China`, the first word says most. An article
//! matches when it has what is required and its other groups hold at least a share of their mass, and one
//! that has all groups gets a bonus that no partial match reaches.

use tantivy::{
    SegmentReader, Term,
    query::{EnableScoring, Explanation, Occur, Query, Scorer, Weight},
    schema::Field,
};

use super::{
    bm25::Bm25Parameters,
    explained,
    scorer::{Part, SegmentRanking, Walk},
    terms::Terms,
};

/// No sum of scores exceeds this multiple of the mass: BM25 gives at most 2.2 times the idf in each
/// of two fields, and tags and neighbouring words less than that again.
pub(super) const BONUS_PER_MASS: f32 = 8.0;

/// What makes an article have a group in some way.
#[derive(Debug)]
pub(crate) enum Source {
    Term(Term),
    Query(Box<dyn Query>),
}

impl Clone for Source {
    fn clone(&self) -> Self {
        match self {
            Source::Term(term) => Source::Term(term.clone()),
            Source::Query(query) => Source::Query(query.box_clone()),
        }
    }
}

/// Something that adds to the score of an article that has it.
#[derive(Debug, Clone)]
pub(crate) struct Feature {
    pub(crate) kind: FeatureKind,
    /// What it counts: times BM25, or the value itself for a tag.
    pub(crate) weight: f32,
    /// What `--explain` calls it.
    pub(crate) label: String,
}

/// See [`Feature`].
#[derive(Debug, Clone)]
pub(crate) enum FeatureKind {
    /// BM25 of a source of the way, which is a term.
    OwnTerm(usize),
    /// A source of the way matches: a tag.
    OwnTag(usize),
    /// The score of a source of the way, which is a query.
    OwnQuery(usize),
    /// BM25 of a term.
    Term(Term),
    /// A tag.
    Tag(Term),
    /// BM25 of units at these distances from the first; each may stand `slop` units further than that
    /// behind the one before.
    Sequence { field: Field, units: Vec<(u32, String)>, slop: u32 },
}

/// A thing asked for.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// One of them is enough: a word has one, `copper OR zinc` two.
    pub(crate) ways: Vec<Way>,
    /// Inverse document frequency: how much of the query it is.
    pub(crate) mass: f32,
    /// Whether an article without it is no match.
    pub(crate) required: bool,
}

impl Group {
    /// What is had in one way only, and not required.
    pub(crate) fn of(way: Way, mass: f32) -> Group {
        Group { ways: vec![way], mass, required: false }
    }
}

/// A way to have a group: one of its sources matches.
#[derive(Debug, Clone, Default)]
pub(crate) struct Way {
    pub(crate) sources: Vec<Source>,
    /// What counts for articles that have the group in this way.
    pub(crate) features: Vec<Feature>,
    /// What having it in this way counts by itself: an article that has more ways comes first.
    pub(crate) bonus: f32,
}

impl Way {
    /// What a query matches, by the score that it gives.
    pub(crate) fn of_query(query: Box<dyn Query>, label: &str) -> Way {
        let feature = Feature { kind: FeatureKind::OwnQuery(0), weight: 1.0, label: label.to_owned() };
        Way { sources: vec![Source::Query(query)], features: vec![feature], bonus: 0.0 }
    }
}

/// A planned query; see the module.
#[derive(Debug)]
pub(crate) struct Ranking {
    pub(crate) terms: Terms,
    pub(crate) parameters: Bm25Parameters,
    /// All of them must match; their scores count.
    pub(crate) required: Vec<Box<dyn Query>>,
    /// Whether `required` scores: otherwise it only filters.
    pub(crate) required_scores: bool,
    /// None of them may match.
    pub(crate) excluded: Vec<Box<dyn Query>>,
    pub(crate) groups: Vec<Group>,
    /// What counts beyond the groups, without making a match.
    pub(crate) extras: Vec<Feature>,
    /// Share of the mass that a match needs; 0 when groups only rank what is required.
    pub(crate) share: f32,
}

impl Clone for Ranking {
    fn clone(&self) -> Self {
        let cloned = |queries: &[Box<dyn Query>]| queries.iter().map(|q| q.box_clone()).collect();
        Ranking {
            terms: self.terms.clone(),
            parameters: self.parameters,
            required: cloned(&self.required),
            required_scores: self.required_scores,
            excluded: cloned(&self.excluded),
            groups: self.groups.clone(),
            extras: self.extras.clone(),
            share: self.share,
        }
    }
}

impl Ranking {
    /// Whatever a query matches, with its scores.
    pub(crate) fn of_query(terms: Terms, query: Box<dyn Query>) -> Ranking {
        Ranking {
            terms,
            parameters: Bm25Parameters { k1: 1.2, b: 0.75 },
            required: vec![query],
            required_scores: true,
            excluded: Vec::new(),
            groups: Vec::new(),
            extras: Vec::new(),
            share: 0.0,
        }
    }

    /// The same, of what a query without scores matches too.
    pub(crate) fn narrowed(mut self, filter: Box<dyn Query>) -> Ranking {
        self.required.push(filter);
        self
    }

    /// Mass that a match needs. A hair below the share, against rounding.
    pub(crate) fn needed(&self) -> f32 {
        self.mass() * self.share * 0.9999
    }

    /// What an article that has all groups gets. Those that are required say nothing: all have them.
    pub(crate) fn bonus(&self) -> f32 {
        self.mass() * BONUS_PER_MASS
    }

    fn mass(&self) -> f32 {
        self.groups.iter().filter(|g| !g.required).map(|g| g.mass).sum()
    }

    /// What a part of a score is for.
    pub(crate) fn label(&self, part: Part) -> String {
        let way = |(group, way): (usize, usize)| self.groups.get(group).and_then(|g| g.ways.get(way));
        let feature = match part {
            Part::Complete => return "all of the query".to_owned(),
            Part::Required => return "what is required".to_owned(),
            Part::Way(at) => {
                let first = way(at).and_then(|w| w.features.first());
                return first.map_or_else(String::new, |f| format!("{}, one of what may be there", f.label));
            }
            Part::Group(at, feature) => way(at).and_then(|w| w.features.get(feature)),
            Part::Extra(feature) => self.extras.get(feature),
        };
        feature.map(|f| f.label.clone()).unwrap_or_default()
    }

    /// Opens a segment of the searcher that the plan was made for.
    pub(crate) fn open(&self, segment_ord: usize, scored: bool) -> tantivy::Result<SegmentRanking> {
        SegmentRanking::open(self, segment_ord, scored, Walk::Here)
    }

    /// The same, to be walked from its first article that matches to its last.
    pub(crate) fn open_all(&self, segment_ord: usize, scored: bool) -> tantivy::Result<SegmentRanking> {
        SegmentRanking::open(self, segment_ord, scored, Walk::Through)
    }

    /// All of the required, as one query.
    pub(crate) fn required_query(&self) -> Option<Box<dyn Query>> {
        let clauses = self.required.iter().map(|q| (Occur::Must, q.box_clone()));
        match self.required.as_slice() {
            [] => None,
            [one] => Some(one.box_clone()),
            _ => Some(Box::new(tantivy::query::BooleanQuery::new(clauses.collect()))),
        }
    }
}

/// A ranking within another query.
impl Query for Ranking {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(RankingWeight { ranking: self.clone(), scored: scoring.is_scoring_enabled() }))
    }
}

struct RankingWeight {
    ranking: Ranking,
    scored: bool,
}

impl Weight for RankingWeight {
    fn scorer(&self, reader: &SegmentReader, boost: f32) -> tantivy::Result<Box<dyn Scorer>> {
        let ord = self.ranking.terms.segment_ord(reader)?;
        let mut opened = self.ranking.open(ord, self.scored)?;
        opened.boost_by(boost);
        Ok(Box::new(opened))
    }

    fn explain(&self, reader: &SegmentReader, doc: u32) -> tantivy::Result<Explanation> {
        explained(self, reader, doc, "a ranking")
    }
}
