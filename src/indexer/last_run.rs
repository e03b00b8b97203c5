//! How the last run over the sources ended, beside the generations: a run with nothing new publishes
//! none, and one that failed can't.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Report;
use crate::{
    error::Result,
    store::{Store, WriteLock},
};

/// How the last run over the sources ended: see [`Index::last_run`](crate::Index::last_run).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LastRun {
    /// When, RFC 3339 in UTC.
    pub ended: String,
    /// Wall time in milliseconds.
    pub took_ms: u64,
    /// Why it failed; `None` when it ended well.
    pub error: Option<String>,
    /// Whether it published a generation.
    pub published: bool,
    /// Articles that were not in the index before.
    pub added: u64,
    /// Articles whose content had changed.
    pub updated: u64,
    /// Articles that were left as they were.
    pub unchanged: u64,
    /// Articles that are no longer in the sources.
    pub removed: u64,
    /// How many inputs could not be used.
    pub skipped_total: u64,
}

impl LastRun {
    fn of(outcome: &Result<Report>) -> LastRun {
        match outcome {
            Ok(report) => LastRun {
                published: report.published,
                added: report.added,
                updated: report.updated,
                unchanged: report.unchanged,
                removed: report.removed,
                skipped_total: report.skipped_total,
                ..LastRun::default()
            },
            Err(error) => LastRun { error: Some(error.to_string()), ..LastRun::default() },
        }
    }
}

/// Notes how a run ended.
pub(super) fn note(store: &Store, lock: &WriteLock, outcome: &Result<Report>, started: Instant) {
    let note = LastRun {
        ended: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        took_ms: started.elapsed().as_millis() as u64,
        ..LastRun::of(outcome)
    };
    // The run has ended as it has. A note that can't be written is an older one, by its date.
    let _ = store.note(lock, &serde_json::to_vec_pretty(&note).unwrap_or_default());
}

/// What was noted; `None` when nothing was that can be understood.
pub(crate) fn read(store: &Store) -> Option<LastRun> {
    serde_json::from_slice(&store.noted()?).ok()
}
