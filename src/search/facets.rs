//! Counts by ordinal to the most frequent paths with their names.
//!
//! Every segment numbers its paths by itself. The most frequent paths of all are found exactly
//! without naming them all: the top of each segment is named and looked up in the others, until no
//! path outside these tops can be more frequent than the last one chosen.

use std::{
    collections::HashMap,
    io,
    sync::{Mutex, PoisonError, RwLock},
};

use rustc_hash::FxHashMap;
use tantivy::{DocId, Searcher};

use crate::{
    doc_values::SegmentValues,
    gazetteer::{Facet, Names},
    limits::FACET_VALUES_REMEMBERED_MAX,
    schema::FACETS,
};

/// A path with how many articles have it.
pub(crate) struct Counted {
    pub(crate) path: String,
    pub(crate) count: u64,
}

/// Arrays of counts between two queries: all zeros. A large index has a million paths, and to make an array
/// of them, or to look through it, takes longer than to count what a query matches.
#[derive(Default)]
pub(crate) struct Counts(Mutex<Vec<Vec<u32>>>);

/// Arrays that are kept: as many as queries run at once on most machines.
const KEPT_ARRAYS: usize = 16;

impl Counts {
    fn take(&self, paths: usize) -> Vec<u32> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        if counts.len() < paths {
            // Not grown in its place: fresh zeros cost nothing until they are touched.
            counts = vec![0; paths];
        }
        counts
    }

    fn give_back(&self, counts: Vec<u32>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_ARRAYS {
            kept.push(counts);
        }
    }
}

/// Counts by ordinal, of all facets in one segment, while articles come in.
pub(crate) struct Counter<'a> {
    values: SegmentValues,
    arrays: &'a Counts,
    /// As they come, while they are few; then each once.
    ords: Vec<u32>,
    /// By ordinal, once they are many.
    counts: Vec<u32>,
}

/// As many values are sorted sooner than an array of counts is touched here and there.
const FEW: usize = 4_096;

impl<'a> Counter<'a> {
    pub(crate) fn new(values: SegmentValues, arrays: &'a Counts) -> Counter<'a> {
        let (ords, counts) = Default::default();
        Counter { values, arrays, ords, counts }
    }

    /// Counts the paths of a document.
    pub(crate) fn count(&mut self, doc: DocId) -> io::Result<()> {
        let Counter { values, arrays, ords, counts } = self;
        if !counts.is_empty() {
            return values.each(doc, |ord| add(ord, ords, counts));
        }
        values.each(doc, |ord| ords.push(ord))?;
        if ords.len() > FEW {
            let [.., paths] = values.bases();
            *counts = arrays.take(paths as usize);
            for ord in std::mem::take(ords) {
                add(ord, ords, counts);
            }
        }
        Ok(())
    }

    /// The counts of those facets, by their place in [`FACETS`], that are wanted.
    pub(crate) fn finish(mut self, wanted: [bool; FACETS.len()]) -> Vec<(usize, SegmentCounts)> {
        let bases = self.values.bases();
        let mut of_facets: [Vec<(u32, u32)>; FACETS.len()] = Default::default();
        let mut put = |ord: u32, count: u32| {
            let facet = bases[1..FACETS.len()].partition_point(|base| *base <= ord);
            of_facets[facet].push((ord, count));
        };
        if self.counts.is_empty() {
            self.ords.sort_unstable();
            self.ords.chunk_by(|a, b| a == b).for_each(|same| put(same[0], same.len() as u32));
        } else {
            for ord in std::mem::take(&mut self.ords) {
                if let Some(count) = self.counts.get_mut(ord as usize) {
                    put(ord, std::mem::take(count));
                }
            }
            self.arrays.give_back(std::mem::take(&mut self.counts));
        }
        let of_facets = of_facets.into_iter().enumerate().filter(|(facet, _)| wanted[*facet]);
        of_facets
            .map(|(facet, counts)| (facet, SegmentCounts { values: self.values.clone(), facet, counts }))
            .collect()
    }
}

fn add(ord: u32, seen: &mut Vec<u32>, counts: &mut [u32]) {
    if let Some(count) = counts.get_mut(ord as usize) {
        if *count == 0 {
            seen.push(ord);
        }
        *count += 1;
    }
}

/// Counts of one facet in one segment.
pub(crate) struct SegmentCounts {
    values: SegmentValues,
    facet: usize,
    /// Ordinals that were counted, with their counts.
    counts: Vec<(u32, u32)>,
}

impl SegmentCounts {
    /// Every path that was counted, with its count.
    pub(crate) fn each(&self, mut see: impl FnMut(&str, u64)) -> io::Result<()> {
        let mut values = self.values.clone();
        self.counts.iter().try_for_each(|(ord, count)| {
            see(values.path(*ord)?, u64::from(*count));
            Ok(())
        })
    }
}

/// What facet counts of one generation leave for the next ones.
#[derive(Default)]
pub(crate) struct FacetCache {
    /// Names of paths that were asked for before.
    names: RwLock<FxHashMap<(Facet, String), String>>,
    pub(crate) counts: Counts,
}

impl FacetCache {
    /// The display name of a path.
    pub(crate) fn name(&self, facet: Facet, path: &str, make: impl FnOnce() -> String) -> String {
        let key = (facet, path.to_owned());
        if let Some(name) = self.names.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return name.clone();
        }
        let name = make();
        let mut known = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= FACET_VALUES_REMEMBERED_MAX {
            known.clear();
        }
        known.insert(key, name.clone());
        name
    }
}

/// The `limit` most frequent paths of a facet, most frequent first, then by path.
pub(crate) fn top(facet: Facet, segments: &[SegmentCounts], limit: usize) -> io::Result<Vec<Counted>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    // Of one segment of which every path counts, what is named is what is shown.
    let plain = segments.len() == 1 && matches!(facet, Facet::Organization | Facet::Country);
    let mut depth = if plain { limit } else { limit * 2 + 8 };
    loop {
        // Paths, and in which segments their counts are known already.
        let mut candidates: HashMap<String, Vec<(usize, u64)>> = HashMap::new();
        // No path outside the tops can have more than this.
        let mut unseen_at_most = 0u64;
        for (n, segment) in segments.iter().enumerate() {
            let mut order = segment.counts.clone();
            let by_count = |(ord, count): &(u32, u32)| (std::cmp::Reverse(*count), *ord);
            if order.len() > depth {
                let (_, first_unseen, _) = order.select_nth_unstable_by_key(depth, by_count);
                unseen_at_most += u64::from(first_unseen.1);
                order.truncate(depth);
            }
            let mut values = segment.values.clone();
            for (ord, count) in order {
                let path = values.path(ord)?;
                if is_counted(facet, path) {
                    candidates.entry(path.to_owned()).or_default().push((n, u64::from(count)));
                }
            }
        }
        let (mut counted, known): (Vec<Counted>, Vec<_>) = candidates
            .into_iter()
            .map(|(path, known)| (Counted { path, count: known.iter().map(|k| k.1).sum() }, known))
            .unzip();
        // What a segment has of those that are not among its own most frequent, in one pass through it.
        for (n, segment) in segments.iter().enumerate().filter(|_| segments.len() > 1) {
            let mut values = segment.values.clone();
            let mut missing: FxHashMap<u32, usize> = FxHashMap::default();
            for (at, counted) in counted.iter().enumerate() {
                if known[at].iter().all(|(k, _)| *k != n)
                    && let Some(ord) = values.ord(segment.facet, &counted.path)?
                {
                    missing.insert(ord, at);
                }
            }
            for (ord, count) in &segment.counts {
                if let Some(at) = missing.get(ord) {
                    counted[*at].count += u64::from(*count);
                }
            }
        }
        counted.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.path.cmp(&b.path)));
        // One that was not seen may have as many as the last, and come before it by its path; not in a
        // single segment, whose ordinals are in the order of paths.
        let last = counted.get(limit - 1).map_or(0, |c| c.count);
        let enough = if segments.len() == 1 { last >= unseen_at_most } else { last > unseen_at_most };
        if unseen_at_most == 0 || enough {
            counted.truncate(limit);
            return Ok(counted);
        }
        depth *= 4;
    }
}

/// Whether a path is a level to narrow by: not a country as the root of its places, and not a root
/// of the commodity tree, which holds half of all articles.
pub(crate) fn is_counted(facet: Facet, path: &str) -> bool {
    match facet {
        Facet::Province | Facet::Commodity => path.get(1..).is_some_and(|path| path.contains('/')),
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
