//! Counts by ordinal to the most frequent paths with their names.
//!
//! Every segment numbers its paths by itself. The most frequent paths of all are found exactly
//! without naming them all: the top of each segment is named and looked up in the others, until no
//! path outside these tops can be more frequent than the last one chosen.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, PoisonError, RwLock},
};

use rustc_hash::FxHashMap;
use tantivy::{Searcher, columnar::StrColumn};

use crate::{
    gazetteer::{Facet, Names},
    limits::FACET_VALUES_REMEMBERED_MAX,
};

/// A path with how many articles have it.
pub(crate) struct Counted {
    pub(crate) path: String,
    pub(crate) count: u64,
}

/// Counts by ordinal, of one facet in one segment, while articles come in.
pub(crate) struct Counter {
    column: Option<StrColumn>,
    /// Articles whose paths are not read yet: read together, they cost half.
    waiting: Vec<u32>,
    /// As they come, while they are few: most queries match little of an index.
    few: Vec<u32>,
    /// By ordinal, once they are many.
    many: Vec<u32>,
    /// Buffers: the articles once for each value, where the values stand, and the values.
    buffers: (Vec<u32>, Vec<u32>, Vec<u64>),
}

/// One in so many of a segment's paths makes many.
const MANY_SHARE: usize = 16;

/// Articles that are read together.
const READ_TOGETHER: usize = 128;

impl Counter {
    pub(crate) fn new(column: Option<StrColumn>) -> Counter {
        let (waiting, few, many, buffers) = Default::default();
        Counter { column, waiting, few, many, buffers }
    }

    /// Counts the paths of a document.
    pub(crate) fn count(&mut self, doc: u32) {
        self.waiting.push(doc);
        if self.waiting.len() == READ_TOGETHER {
            self.read();
        }
    }

    /// Reads the paths of those that wait.
    fn read(&mut self) {
        let Counter { column, waiting, few, many, buffers: (docs, rows, ords) } = self;
        let Some(column) = column else {
            waiting.clear();
            return;
        };
        docs.clear();
        rows.clear();
        column.ords().row_ids_for_docs(waiting, docs, rows);
        waiting.clear();
        ords.resize(rows.len(), 0);
        column.ords().values.get_vals(rows, ords);
        for ord in ords.iter() {
            match many.get_mut(*ord as usize) {
                Some(count) => *count += 1,
                None => few.push(*ord as u32),
            }
        }
        if many.is_empty() && few.len() * MANY_SHARE > column.num_terms() {
            *many = vec![0; column.num_terms()];
            for ord in few.drain(..) {
                if let Some(count) = many.get_mut(ord as usize) {
                    *count += 1;
                }
            }
        }
    }

    pub(crate) fn finish(mut self, segment_ord: u32) -> SegmentCounts {
        self.read();
        let Counter { column, mut few, many, .. } = self;
        let counts = if many.is_empty() {
            few.sort_unstable();
            few.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
        } else {
            (0u32..).zip(many).filter(|(_, count)| *count > 0).collect()
        };
        SegmentCounts { segment_ord, column, counts }
    }
}

/// Counts of one facet in one segment.
pub(crate) struct SegmentCounts {
    segment_ord: u32,
    column: Option<StrColumn>,
    /// Ordinals that were counted, in ascending order, with their counts.
    counts: Vec<(u32, u32)>,
}

impl SegmentCounts {
    fn of(&self, ord: u64) -> u64 {
        let found = self.counts.binary_search_by_key(&ord, |(o, _)| u64::from(*o));
        found.ok().and_then(|at| self.counts.get(at)).map_or(0, |(_, count)| u64::from(*count))
    }

    /// Every path that was counted, with its count: one way through the dictionary, since to look each
    /// one up takes many times as long.
    pub(crate) fn each(&self, mut see: impl FnMut(&str, u64)) -> io::Result<()> {
        let Some(column) = &self.column else { return Ok(()) };
        let mut terms = column.dictionary().stream()?;
        let mut counts = self.counts.iter().peekable();
        let mut ord = 0u32;
        while counts.peek().is_some() && terms.advance() {
            if let Some((_, count)) = counts.next_if(|(o, _)| *o == ord)
                && let Ok(path) = std::str::from_utf8(terms.key())
            {
                see(path, u64::from(*count));
            }
            ord += 1;
        }
        Ok(())
    }
}

type Remembered<K> = RwLock<FxHashMap<K, Arc<str>>>;

/// Paths and names of values that were asked for before: to unpack them takes longer than to count
/// them. Of one generation.
#[derive(Default)]
pub(crate) struct FacetCache {
    /// By facet, segment and ordinal.
    paths: Remembered<(Facet, u32, u32)>,
    /// By facet and path.
    names: Remembered<(Facet, Arc<str>)>,
}

/// The value of a key, remembered or made.
fn remembered<K: std::hash::Hash + Eq>(
    known: &Remembered<K>,
    key: K,
    make: impl FnOnce() -> io::Result<Arc<str>>,
) -> io::Result<Arc<str>> {
    if let Some(value) = known.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(value.clone());
    }
    let value = make()?;
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= FACET_VALUES_REMEMBERED_MAX {
        known.clear();
    }
    known.insert(key, value.clone());
    Ok(value)
}

impl FacetCache {
    fn path(&self, facet: Facet, segment: u32, column: &StrColumn, ord: u32) -> io::Result<Arc<str>> {
        remembered(&self.paths, (facet, segment, ord), || {
            let mut path = String::new();
            column.ord_to_str(u64::from(ord), &mut path)?;
            Ok(path.into())
        })
    }

    /// The display name of a path.
    pub(crate) fn name(&self, facet: Facet, path: &str, make: impl FnOnce() -> String) -> String {
        let made = remembered(&self.names, (facet, path.into()), || Ok(make().into()));
        made.map_or_else(|_| path.to_owned(), |name| (*name).to_owned())
    }
}

/// The `limit` most frequent paths of a facet, most frequent first, then by path.
pub(crate) fn top(
    facet: Facet,
    segments: &[SegmentCounts],
    limit: usize,
    cache: &FacetCache,
) -> io::Result<Vec<Counted>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut depth = limit * 2 + 8;
    loop {
        // Paths, and in which segments their counts are known already.
        let mut candidates: HashMap<Arc<str>, Vec<(usize, u64)>> = HashMap::new();
        // No path outside the tops can have more than this.
        let mut unseen_at_most = 0u64;
        for (n, segment) in segments.iter().enumerate() {
            let Some(column) = &segment.column else { continue };
            let mut order = segment.counts.clone();
            let by_count = |(ord, count): &(u32, u32)| (std::cmp::Reverse(*count), *ord);
            if order.len() > depth {
                let (_, first_unseen, _) = order.select_nth_unstable_by_key(depth, by_count);
                unseen_at_most += u64::from(first_unseen.1);
                order.truncate(depth);
            }
            for (ord, count) in order {
                let path = cache.path(facet, segment.segment_ord, column, ord)?;
                if is_counted(facet, &path) {
                    candidates.entry(path).or_default().push((n, u64::from(count)));
                }
            }
        }
        let mut counted: Vec<Counted> = Vec::with_capacity(candidates.len());
        for (path, known) in candidates {
            let mut count = known.iter().map(|(_, count)| count).sum();
            for (n, segment) in segments.iter().enumerate() {
                let Some(column) = &segment.column else { continue };
                if known.iter().all(|(k, _)| *k != n)
                    && let Some(ord) = column.dictionary().term_ord(path.as_bytes())?
                {
                    count += segment.of(ord);
                }
            }
            counted.push(Counted { path: (*path).to_owned(), count });
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
