//! What a run is at, and how long it was at it.

use serde::Serialize;

/// A stage of a run over sources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RunStage {
    /// Reading files, comparing them with what the last run left, and analysing what is new.
    #[default]
    Reading,
    /// Analysing what is left, writing it, and merging small segments.
    Writing,
    /// Finding near-copies, and names for completion.
    Comparing,
    /// Summing up every file and moving to the new generation.
    Publishing,
}

impl RunStage {
    /// `reading`, `writing`, `comparing` or `publishing`.
    pub fn as_str(self) -> &'static str {
        match self {
            RunStage::Reading => "reading",
            RunStage::Writing => "writing",
            RunStage::Comparing => "comparing",
            RunStage::Publishing => "publishing",
        }
    }
}

/// How long the stages of a run took, in milliseconds of wall time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RunStages {
    /// Opening and proving the generation before.
    pub open_ms: u64,
    /// Finding the files of the sources.
    pub walk_ms: u64,
    /// Loading names and the dictionary, once something is new.
    pub load_ms: u64,
    /// Reading files and comparing them; with what analysing held it up.
    pub read_ms: u64,
    /// Analysing and tagging, of all threads together: beside reading and writing, not after it.
    pub analyse_ms: u64,
    /// Writing what was left then, and merging.
    pub write_ms: u64,
    /// Finding near-copies and names for completion.
    pub compare_ms: u64,
    /// Summing up, publishing, and removing what nothing needs.
    pub publish_ms: u64,
}
