//! One hit for one story: walks a ranking, leaves out what copies a hit above it, and finds the copies
//! of each hit that is shown.
//!
//! Candidates share a band of their sketches ([`crate::analysis::Sketch`]); the sketches decide. A hit's
//! copies are those of the hit itself, with no chains, so a result depends on no order but the ranking.

use rustc_hash::FxHashMap;
use tantivy::{
    DocAddress, DocSet, Searcher, TERMINATED, Term,
    columnar::Column,
    query::{EnableScoring, Query},
    schema::IndexRecordOption,
};

use super::collect::Ranked;
use crate::{analysis::Sketch, limits, schema::Fields};

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

/// What the walk knows of an article.
#[derive(Clone, Copy)]
struct Known {
    sketch: Sketch,
    date: Option<i64>,
}

impl Known {
    fn is_copy(&self, other: &Known) -> bool {
        let days = self.date.zip(other.date).map(|(a, b)| a.abs_diff(b));
        self.sketch.is_copy(&other.sketch, days)
    }
}

/// The columns of a segment that tell of copies.
struct Columns {
    sketch: Column<u64>,
    date: Column<i64>,
    tie: Column<u64>,
}

impl Columns {
    fn known(&self, doc: u32) -> Option<Known> {
        let sketch = Sketch::from_values(self.sketch.values_for_doc(doc))?;
        Some(Known { sketch, date: self.date.first(doc) })
    }
}

/// The groups of a ranking from `offset` on, at most `limit`. `ranking` is best first; `query` is what
/// its articles match. `None` when the ranking has too few groups and is not `complete`: a longer one
/// is needed.
pub(crate) fn collapse(
    searcher: &Searcher,
    fields: &Fields,
    query: &dyn Query,
    ranking: &[Ranked],
    complete: bool,
    (offset, limit): (usize, usize),
) -> tantivy::Result<Option<Vec<Group>>> {
    let columns = searcher
        .segment_readers()
        .iter()
        .map(|segment| {
            let fast = segment.fast_fields();
            Ok(Columns { sketch: fast.u64("sketch")?, date: fast.i64("date")?, tie: fast.u64("tie")? })
        })
        .collect::<tantivy::Result<Vec<_>>>()?;
    let known =
        |address: DocAddress| columns.get(address.segment_ord as usize).and_then(|c| c.known(address.doc_id));
    let wanted = offset.saturating_add(limit);
    let mut groups: Vec<(Ranked, Option<Known>)> = Vec::new();
    let mut by_band: FxHashMap<u32, Vec<usize>> = FxHashMap::default();
    for ranked in ranking {
        if groups.len() == wanted {
            break;
        }
        let known = known(ranked.address);
        if let Some(known) = known {
            let bands = known.sketch.bands();
            let above = bands.iter().filter_map(|b| by_band.get(b)).flatten();
            if above.filter_map(|i| groups[*i].1).any(|shown| shown.is_copy(&known)) {
                continue;
            }
            for band in bands {
                by_band.entry(band).or_default().push(groups.len());
            }
        }
        groups.push((*ranked, known));
    }
    if groups.len() < wanted && !complete {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(limit.min(groups.len()));
    for (ranked, shown) in groups.into_iter().skip(offset) {
        let mut copies = Vec::new();
        if let Some(shown) = shown {
            for address in candidates(searcher, fields, &shown.sketch)? {
                if address != ranked.address && known(address).is_some_and(|k| shown.is_copy(&k)) {
                    copies.push(address);
                }
            }
        }
        out.push(Group { ranked, copies });
    }
    keep_matching(searcher, query, &mut out)?;
    for group in &mut out {
        group.copies.sort_by_cached_key(|a| {
            let columns = columns.get(a.segment_ord as usize);
            (columns.and_then(|c| c.date.first(a.doc_id)), columns.and_then(|c| c.tie.first(a.doc_id)), *a)
        });
    }
    Ok(Some(out))
}

/// Articles that share a band, in order of their addresses, each once.
fn candidates(searcher: &Searcher, fields: &Fields, sketch: &Sketch) -> tantivy::Result<Vec<DocAddress>> {
    let mut terms = Vec::new();
    for band in sketch.bands() {
        let term = Term::from_field_u64(fields.copies, u64::from(band));
        terms.push((searcher.doc_freq(&term)?, band, term));
    }
    // Rare bands first: a common one comes from a passage that many articles carry.
    terms.sort_unstable_by_key(|(count, band, _)| (*count, *band));
    terms.dedup_by_key(|(_, band, _)| *band);
    let mut out = Vec::new();
    let mut walked = 0;
    for (at, (count, _, term)) in terms.iter().enumerate() {
        walked += count;
        if at > 0 && walked > limits::COPY_CANDIDATES_MAX as u64 {
            break;
        }
        for (ord, segment) in (0u32..).zip(searcher.segment_readers()) {
            let Some(mut postings) =
                segment.inverted_index(fields.copies)?.read_postings(term, IndexRecordOption::Basic)?
            else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if segment.alive_bitset().is_none_or(|a| a.is_alive(doc)) {
                    out.push(DocAddress::new(ord, doc));
                }
                doc = postings.advance();
            }
        }
    }
    out.sort_unstable();
    out.dedup();
    Ok(out)
}

/// Drops the copies that do not match the query.
fn keep_matching(searcher: &Searcher, query: &dyn Query, groups: &mut [Group]) -> tantivy::Result<()> {
    let mut asked: Vec<DocAddress> = groups.iter().flat_map(|g| g.copies.iter().copied()).collect();
    if asked.is_empty() {
        return Ok(());
    }
    asked.sort_unstable();
    asked.dedup();
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut matching = Vec::new();
    for of_segment in asked.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
        let Some(ord) = of_segment.first().map(|a| a.segment_ord) else { continue };
        let mut scorer = weight.scorer(searcher.segment_reader(ord), 1.0)?;
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
