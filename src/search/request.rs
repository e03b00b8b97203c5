//! A request, and setters to write one in one expression.

use super::{HalfLife, TimelineStep};
use crate::{gazetteer::Facet, query::Weights};

/// What is asked of a [`Searcher`](super::Searcher).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SearchRequest {
    /// The query, in the query language.
    pub query: String,
    /// Hits to return, at most [`limits::HITS_MAX`](crate::limits::HITS_MAX).
    pub limit: usize,
    /// Hits to pass over first.
    pub offset: usize,
    /// Facet values to return for each facet.
    pub facet_limit: usize,
    /// Selected facet values: those of one facet widen, those of different facets narrow. A facet's
    /// own counts ignore its own selection.
    pub selected: Vec<(Facet, String)>,
    /// Widest snippet, in display columns (a Han character is two); 0 for no snippets and no marks.
    pub snippet_columns: usize,
    /// Newest first instead of best first; articles without a date last, and those of one day by
    /// their scores.
    pub by_date: bool,
    /// Lets scores decay with the age of their articles, in days before today in UTC. Articles that
    /// have all of the query still come before those that have a part; one without a date counts a
    /// quarter.
    pub half_life: Option<HalfLife>,
    /// Counts the articles that match by their dates.
    pub timeline: Option<TimelineStep>,
    /// Names in the query are only text.
    pub literal: bool,
    /// Shows near-copies of a hit as one hit, the best of them.
    pub collapse_copies: bool,
    /// Lists the near-copies of each hit.
    pub expand: bool,
    /// Tells the parts of each hit's score.
    pub explain: bool,
    /// What each sign of relevance counts for.
    pub weights: Weights,
}

impl SearchRequest {
    /// The first ten hits of a query.
    pub fn new(query: impl Into<String>) -> SearchRequest {
        SearchRequest {
            query: query.into(),
            limit: 10,
            offset: 0,
            facet_limit: 10,
            selected: Vec::new(),
            snippet_columns: 240,
            by_date: false,
            half_life: None,
            timeline: None,
            literal: false,
            collapse_copies: true,
            expand: false,
            explain: false,
            weights: Weights::default(),
        }
    }
}

/// Setters of its fields, for requests in one expression.
///
/// ```
/// use orewire::{Facet, SearchRequest};
///
/// let request = SearchRequest::new("lithium").limit(20).select(Facet::Province, "Qinghai").by_date();
/// assert!(request.by_date && request.limit == 20);
/// ```
impl SearchRequest {
    /// Sets [`SearchRequest::limit`].
    #[must_use]
    pub fn limit(mut self, hits: usize) -> SearchRequest {
        self.limit = hits;
        self
    }

    /// Sets [`SearchRequest::offset`].
    #[must_use]
    pub fn offset(mut self, hits: usize) -> SearchRequest {
        self.offset = hits;
        self
    }

    /// Sets [`SearchRequest::facet_limit`].
    #[must_use]
    pub fn facet_limit(mut self, values: usize) -> SearchRequest {
        self.facet_limit = values;
        self
    }

    /// Adds a facet value, by any of its names, to [`SearchRequest::selected`].
    #[must_use]
    pub fn select(mut self, facet: Facet, value: impl Into<String>) -> SearchRequest {
        self.selected.push((facet, value.into()));
        self
    }

    /// Sets [`SearchRequest::snippet_columns`].
    #[must_use]
    pub fn snippet_columns(mut self, columns: usize) -> SearchRequest {
        self.snippet_columns = columns;
        self
    }

    /// Newest first: see [`SearchRequest::by_date`].
    #[must_use]
    pub fn by_date(mut self) -> SearchRequest {
        self.by_date = true;
        self
    }

    /// Sets [`SearchRequest::half_life`].
    #[must_use]
    pub fn half_life(mut self, half_life: HalfLife) -> SearchRequest {
        self.half_life = Some(half_life);
        self
    }

    /// Sets [`SearchRequest::timeline`].
    #[must_use]
    pub fn timeline(mut self, step: TimelineStep) -> SearchRequest {
        self.timeline = Some(step);
        self
    }

    /// Takes names as text only: see [`SearchRequest::literal`].
    #[must_use]
    pub fn literal(mut self) -> SearchRequest {
        self.literal = true;
        self
    }

    /// Sets [`SearchRequest::weights`].
    #[must_use]
    pub fn weights(mut self, weights: Weights) -> SearchRequest {
        self.weights = weights;
        self
    }
}
