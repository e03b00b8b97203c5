//! One hit for one story: walks a ranking and leaves out what copies a hit above it. Which articles copy
//! which is known beforehand ([`crate::copies`]); a result depends on no order but the ranking.

use rustc_hash::FxHashSet;
use tantivy::{DocAddress, DocSet, Searcher, TantivyError, columnar::Column};

use super::collect::Ranked;
use crate::{copies::Copies, query::rank::Ranking};

/// A hit, and the articles that copy it.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) ranked: Ranked,
    /// Further articles that match the query, oldest first.
    pub(crate) copies: Vec<DocAddress>,
}

impl Group {
    /// A hit without copies.
    pub(crate) fn alone(ranked: Ranked) -> Group {
        Group { ranked, copies: Vec::new() }
    }
}

/// The groups of a ranking from `offset` on, at most `limit`. `ranking` is best first; `asked` is what
/// its articles match. `None` when the ranking has too few groups and is not `complete`: a longer one
/// is needed.
pub(crate) fn collapse(
    searcher: &Searcher,
    copies: &Copies,
    asked: &Ranking,
    ranking: &[Ranked],
    complete: bool,
    (offset, limit): (usize, usize),
) -> tantivy::Result<Option<Vec<Group>>> {
    let wanted = offset.saturating_add(limit);
    let mut shown: FxHashSet<DocAddress> = FxHashSet::default();
    let mut groups = Vec::new();
    let mut walked = 0;
    for ranked in ranking {
        if walked == wanted {
            break;
        }
        let copies = copies.of(searcher, ranked.address).ok_or_else(unreadable)?;
        if copies.iter().any(|copy| shown.contains(copy)) {
            continue;
        }
        // Only what has copies can be one.
        if !copies.is_empty() {
            shown.insert(ranked.address);
        }
        if walked >= offset {
            groups.push(Group { ranked: *ranked, copies });
        }
        walked += 1;
    }
    if walked < wanted && !complete {
        return Ok(None);
    }
    keep_matching(asked, &mut groups)?;
    oldest_first(searcher, &mut groups)?;
    Ok(Some(groups))
}

fn unreadable() -> TantivyError {
    TantivyError::SystemError("the list of copies can't be read".into())
}

/// Sorts the copies of each hit.
fn oldest_first(searcher: &Searcher, groups: &mut [Group]) -> tantivy::Result<()> {
    if groups.iter().all(|g| g.copies.len() < 2) {
        return Ok(());
    }
    let columns: Vec<(Column<i64>, Column<u64>)> = searcher
        .segment_readers()
        .iter()
        .map(|segment| Ok((segment.fast_fields().i64("date")?, segment.fast_fields().u64("tie")?)))
        .collect::<tantivy::Result<_>>()?;
    for group in groups {
        group.copies.sort_by_cached_key(|a| {
            let columns = columns.get(a.segment_ord as usize);
            (columns.and_then(|c| c.0.first(a.doc_id)), columns.and_then(|c| c.1.first(a.doc_id)), *a)
        });
    }
    Ok(())
}

/// Drops the copies that do not match the query.
fn keep_matching(query: &Ranking, groups: &mut [Group]) -> tantivy::Result<()> {
    let mut asked: Vec<DocAddress> = groups.iter().flat_map(|g| g.copies.iter().copied()).collect();
    if asked.is_empty() {
        return Ok(());
    }
    asked.sort_unstable();
    asked.dedup();
    let mut matching = Vec::new();
    for of_segment in asked.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
        let Some(ord) = of_segment.first().map(|a| a.segment_ord) else { continue };
        let mut scorer = query.open(ord as usize, false)?;
        for address in of_segment {
            if scorer.doc() < address.doc_id {
                scorer.seek(address.doc_id);
            }
            if scorer.doc() == address.doc_id {
                matching.push(*address);
            }
        }
    }
    for group in groups {
        group.copies.retain(|a| matching.binary_search(a).is_ok());
    }
    Ok(())
}
