//! A request written in one expression.

use super::{HalfLife, SearchRequest, TimelineStep};
use crate::{gazetteer::Facet, query::Weights};

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
