//! How long a search took, stage by stage.

use std::time::{Duration, Instant};

/// Wall time of the stages of a search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stages {
    /// The query's text to a syntax tree.
    pub parse: Duration,
    /// Its names and words to what the index knows, and the selected values to paths.
    pub plan: Duration,
    /// Matching, ranking, counting by number, and near-copies.
    pub search: Duration,
    /// Reading the hits and choosing their passages.
    pub snippets: Duration,
    /// Naming the most frequent facet values, and counting again beside a selection.
    pub facets: Duration,
    /// Looking for what is near, when nothing matches.
    pub help: Duration,
}

/// A clock that tells the time since it was last asked.
pub(super) struct Laps(Instant);

impl Laps {
    pub(super) fn start() -> Laps {
        Laps(Instant::now())
    }

    pub(super) fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}
