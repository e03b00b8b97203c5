//! Why a hit stands where it stands: the parts of its score, which sum to it.

use serde::Serialize;
use tantivy::DocSet;

use super::{Opened, collect::Ranked, recency::Decay};
use crate::{
    error::{Error, Result},
    query::{Part, rank::Ranking},
};

/// A part of a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScorePart {
    /// What it is for: a word as it is indexed, `tag /metals/lithium`, `all of the query`.
    pub part: String,
    /// What it adds. Only age takes away.
    pub score: f32,
}

impl Opened {
    /// The parts of a hit's score, in the order in which they are added up.
    pub(super) fn parts(
        &self,
        ranking: &Ranking,
        ranked: &Ranked,
        decay: Option<Decay>,
    ) -> Result<Vec<ScorePart>> {
        let engine = Error::engine("explaining a score");
        let mut opened = ranking.open(ranked.address.segment_ord as usize, true).map_err(engine)?;
        let doc = ranked.address.doc_id;
        let mut parts = Vec::new();
        if opened.doc() > doc || opened.seek(doc) != doc {
            return Ok(parts);
        }
        let mut see = |part: Part, score: f32| parts.push(ScorePart { part: ranking.label(part), score });
        let score = opened.score_above(f32::NEG_INFINITY, &mut see).unwrap_or(0.0);
        if let Some(decay) = decay {
            let score = ranked.score - score;
            parts.push(ScorePart {
                part: format!("age, at a half-life of {} days", decay.half_life.days()),
                score,
            });
        }
        Ok(parts)
    }
}
