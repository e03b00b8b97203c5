//! One pass over the articles that match: the best of them, how many there are, and the counts of
//! their facets.

use std::{cmp::Ordering, collections::BinaryHeap};

use rustc_hash::FxHashMap;
use tantivy::{DocAddress, DocSet, Score, Searcher, TERMINATED, columnar::Column};

use super::{
    facets::{FacetCache, Tally},
    recency::Decay,
};
use crate::{doc_values::DocValues, query::rank::Ranking};

/// A hit, better ones greater: by score, then by the hash of the id, which is the same in every
/// index of the same articles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) score: Score,
    /// Newer ones first among equal scores; before the score when hits are sorted by date.
    pub(crate) date: i64,
    by_date: bool,
    pub(crate) tie: u64,
    pub(crate) address: DocAddress,
}

impl Eq for Ranked {}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let (by_date, by_score) = (self.date.cmp(&other.date), self.score.total_cmp(&other.score));
        let first = if self.by_date { by_date.then(by_score) } else { by_score.then(by_date) };
        first.then(other.tie.cmp(&self.tie)).then(other.address.cmp(&self.address))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What a pass found.
pub(crate) struct Collected<'a> {
    /// Best first.
    pub(crate) best: Vec<Ranked>,
    pub(crate) total: usize,
    /// What counts their facets, where asked for.
    pub(crate) tally: Option<Tally<'a>>,
    /// Articles by day, where asked for; those without a date are in none.
    pub(crate) days: FxHashMap<i64, u64>,
}

/// What a pass is to find.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    pub(crate) best: usize,
    pub(crate) by_date: bool,
    pub(crate) facets: bool,
    pub(crate) days: bool,
    pub(crate) decay: Option<Decay>,
}

pub(crate) fn collect<'a>(
    searcher: &'a Searcher,
    (values, facet_cache): (&DocValues, &'a FacetCache),
    ranking: &Ranking,
    wanted: Wanted,
) -> tantivy::Result<Collected<'a>> {
    let mut heap: BinaryHeap<std::cmp::Reverse<Ranked>> = BinaryHeap::with_capacity(wanted.best + 1);
    let mut total = 0;
    let mut tally = wanted.facets.then(|| Tally::new(searcher, values, &facet_cache.tables));
    let mut days: FxHashMap<i64, u64> = FxHashMap::default();
    for (segment_ord, segment) in (0u32..).zip(searcher.segment_readers()) {
        let tie = segment.fast_fields().u64("tie").map(first_or_zero)?;
        let dates = segment.fast_fields().i64("date")?;
        let alive = segment.alive_bitset();
        let mut matching = ranking.open_all(segment_ord as usize, wanted.best > 0)?;
        while matching.doc() != TERMINATED {
            let doc = matching.doc();
            if alive.is_none_or(|a| a.is_alive(doc)) {
                total += 1;
                if let Some(tally) = &mut tally {
                    tally.add(segment_ord, doc);
                }
                if wanted.days
                    && let Some(day) = dates.first(doc)
                {
                    *days.entry(day).or_insert(0) += 1;
                }
                let worst = heap.peek().filter(|_| heap.len() == wanted.best).map(|w| w.0);
                let date = || dates.first(doc);
                // Scores only decay, so one that is too low without is too low.
                let threshold = match worst {
                    Some(worst) if !wanted.by_date => worst.score,
                    _ => f32::NEG_INFINITY,
                };
                let too_old = wanted.by_date && worst.is_some_and(|w| date().unwrap_or(i64::MIN) < w.date);
                if wanted.best > 0
                    && !too_old
                    && let Some(score) = matching.score_above(threshold, |_, _| ())
                {
                    let date = date();
                    let score = wanted.decay.map_or(score, |d| d.apply(score, date));
                    if score >= threshold {
                        heap.push(std::cmp::Reverse(Ranked {
                            score,
                            date: date.unwrap_or(i64::MIN),
                            by_date: wanted.by_date,
                            tie: tie(doc),
                            address: DocAddress::new(segment_ord, doc),
                        }));
                        if heap.len() > wanted.best {
                            heap.pop();
                        }
                    }
                }
            }
            matching.advance();
        }
    }
    let best = heap.into_sorted_vec().into_iter().map(|r| r.0).collect();
    Ok(Collected { best, total, tally, days })
}

fn first_or_zero(column: Column<u64>) -> impl Fn(u32) -> u64 {
    move |doc| column.first(doc).unwrap_or(0)
}
