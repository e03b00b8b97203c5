//! Counts by ordinal to the most frequent paths with their names.
//!
//! Every segment numbers its paths by itself. The most frequent paths of all are found exactly
//! without naming them all: the top of each segment is named and looked up in the others, until no
//! path outside these tops can be more frequent than the last one chosen.

use std::collections::HashMap;

use tantivy::Searcher;

use super::collect::SegmentCounts;
use crate::gazetteer::{Facet, Names};

/// A path with how many articles have it.
pub(crate) struct Counted {
    pub(crate) path: String,
    pub(crate) count: u64,
}

/// The `limit` most frequent paths of a facet, most frequent first, then by path.
pub(crate) fn top(facet: Facet, segments: &[SegmentCounts], limit: usize) -> std::io::Result<Vec<Counted>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut depth = limit * 4 + 16;
    loop {
        let mut candidates: HashMap<String, u64> = HashMap::new();
        // No path outside the tops can have more than this.
        let mut unseen_at_most = 0u64;
        for segment in segments {
            let Some(column) = &segment.column else { continue };
            let mut order: Vec<u32> =
                (0..segment.counts.len() as u32).filter(|o| segment.counts[*o as usize] > 0).collect();
            let by_count = |o: &u32| (std::cmp::Reverse(segment.counts[*o as usize]), *o);
            if order.len() > depth {
                order.select_nth_unstable_by_key(depth, by_count);
                unseen_at_most += u64::from(segment.counts[order[depth] as usize]);
                order.truncate(depth);
            }
            let mut path = String::new();
            for ord in order {
                path.clear();
                if column.ord_to_str(u64::from(ord), &mut path)? && is_counted(facet, &path) {
                    candidates.entry(path.clone()).or_insert(0);
                }
            }
        }
        let mut counted: Vec<Counted> = Vec::with_capacity(candidates.len());
        for path in candidates.into_keys() {
            let mut count = 0;
            for segment in segments {
                let Some(column) = &segment.column else { continue };
                if let Some(ord) = column.dictionary().term_ord(&path)? {
                    count += u64::from(segment.counts[ord as usize]);
                }
            }
            counted.push(Counted { path, count });
        }
        counted.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.path.cmp(&b.path)));
        let last = counted.get(limit - 1).map_or(0, |c| c.count);
        if unseen_at_most == 0 || last >= unseen_at_most {
            counted.truncate(limit);
            return Ok(counted);
        }
        depth *= 4;
    }
}

/// Whether a path is a level to narrow by: not a country as the root of its places, and not a root
/// of the commodity tree, which holds half of all articles.
fn is_counted(facet: Facet, path: &str) -> bool {
    match facet {
        Facet::Province | Facet::Commodity => path[1..].contains('/'),
        Facet::Organization | Facet::Country => true,
    }
}

/// The display name of a path: the gazetteer's, or, of a body that only its shape told, the one in
/// an article that has it.
pub(crate) fn name(
    facet: Facet,
    path: &str,
    names: &Names,
    searcher: &Searcher,
    of_article: impl Fn(tantivy::DocAddress) -> Option<String>,
    field: tantivy::schema::Field,
) -> String {
    if let Some(row) = names.by_path(facet, path).and_then(|row| names.row(row)) {
        return row.name().to_owned();
    }
    let term = tantivy::Term::from_field_text(field, path);
    for (ord, segment) in (0u32..).zip(searcher.segment_readers()) {
        let postings = segment
            .inverted_index(field)
            .ok()
            .and_then(|i| i.read_postings(&term, tantivy::schema::IndexRecordOption::Basic).ok().flatten());
        if let Some(postings) = postings {
            use tantivy::DocSet;
            if postings.doc() != tantivy::TERMINATED
                && let Some(name) = of_article(tantivy::DocAddress::new(ord, postings.doc()))
            {
                return name;
            }
        }
    }
    path.rsplit('/').next().unwrap_or(path).to_owned()
}
