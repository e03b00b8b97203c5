//! Counts by ordinal to the most frequent paths with their names.
//!
//! Every segment numbers its paths by itself. The most frequent paths of all are found exactly
//! without naming them all: the top of each segment is named and looked up in the others, until no
//! path outside these tops can be more frequent than the last one chosen.

use std::{
    collections::HashMap,
    io,
    sync::{PoisonError, RwLock},
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

/// Counts by ordinal, of all facets in one segment, while articles come in.
pub(crate) struct Counter {
    values: SegmentValues,
    /// As they come, while they are few: most queries match little of an index.
    few: Vec<u32>,
    /// By ordinal, once they are many.
    many: Vec<u32>,
}

/// One in so many of a segment's paths makes many.
const MANY_SHARE: usize = 16;

impl Counter {
    pub(crate) fn new(values: SegmentValues) -> Counter {
        let (few, many) = Default::default();
        Counter { values, few, many }
    }

    /// Counts the paths of a document.
    pub(crate) fn count(&mut self, doc: DocId) -> io::Result<()> {
        let Counter { values, few, many } = self;
        if !many.is_empty() {
            return values.each(doc, |ord| {
                if let Some(count) = many.get_mut(ord as usize) {
                    *count += 1;
                }
            });
        }
        values.each(doc, |ord| few.push(ord))?;
        let [.., paths] = values.bases();
        if few.len() * MANY_SHARE > paths as usize {
            *many = vec![0; paths as usize];
            for ord in few.drain(..) {
                if let Some(count) = many.get_mut(ord as usize) {
                    *count += 1;
                }
            }
        }
        Ok(())
    }

    /// The counts of those facets, by their place in [`FACETS`], that are wanted.
    pub(crate) fn finish(self, wanted: [bool; FACETS.len()]) -> Vec<(usize, SegmentCounts)> {
        let Counter { values, mut few, many } = self;
        let bases = values.bases();
        let counts: Vec<(u32, u32)> = if many.is_empty() {
            few.sort_unstable();
            few.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
        } else {
            (0u32..).zip(many).filter(|(_, count)| *count > 0).collect()
        };
        let of_facet = |facet: usize| {
            let place = |base: u32| counts.partition_point(|(ord, _)| *ord < base);
            let counts = counts[place(bases[facet])..place(bases[facet + 1])].to_vec();
            (facet, SegmentCounts { values: values.clone(), facet, counts })
        };
        (0..FACETS.len()).filter(|facet| wanted[*facet]).map(of_facet).collect()
    }
}

/// Counts of one facet in one segment.
pub(crate) struct SegmentCounts {
    values: SegmentValues,
    facet: usize,
    /// Ordinals that were counted, in ascending order, with their counts.
    counts: Vec<(u32, u32)>,
}

impl SegmentCounts {
    /// How many articles that were counted have a path.
    fn of(&self, path: &str) -> io::Result<u64> {
        let Some(ord) = self.values.clone().ord(self.facet, path)? else { return Ok(0) };
        let found = self.counts.binary_search_by_key(&ord, |(o, _)| *o);
        Ok(found.ok().and_then(|at| self.counts.get(at)).map_or(0, |(_, count)| u64::from(*count)))
    }

    /// Every path that was counted, with its count.
    pub(crate) fn each(&self, mut see: impl FnMut(&str, u64)) -> io::Result<()> {
        let mut values = self.values.clone();
        self.counts.iter().try_for_each(|(ord, count)| {
            see(values.path(*ord)?, u64::from(*count));
            Ok(())
        })
    }
}

/// Names of paths that were asked for before. Of one generation.
#[derive(Default)]
pub(crate) struct FacetCache(RwLock<FxHashMap<(Facet, String), String>>);

impl FacetCache {
    /// The display name of a path.
    pub(crate) fn name(&self, facet: Facet, path: &str, make: impl FnOnce() -> String) -> String {
        let key = (facet, path.to_owned());
        if let Some(name) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return name.clone();
        }
        let name = make();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
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
        let mut counted: Vec<Counted> = Vec::with_capacity(candidates.len());
        for (path, known) in candidates {
            let mut count = known.iter().map(|(_, count)| count).sum();
            for (n, segment) in segments.iter().enumerate() {
                if known.iter().all(|(k, _)| *k != n) {
                    count += segment.of(&path)?;
                }
            }
            counted.push(Counted { path, count });
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
