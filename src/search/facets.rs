//! What articles have, counted: the most frequent paths with their names.
//!
//! The values that most articles have are counted first, in a table that stays in the fastest cache. Those
//! of the tail are counted only if one of them could be among the most frequent ([`crate::doc_values`] knows how
//! many articles the commonest of them has), so what is shown is exact.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io,
    ops::Range,
    sync::{Mutex, PoisonError, RwLock},
};

use rustc_hash::FxHashMap;
use tantivy::{DocId, Searcher, TantivyError};

use crate::{
    doc_values::{DocValues, HEADS_MAX, STEP, SegmentValues},
    gazetteer::{Facet, Names},
    limits::FACET_VALUES_REMEMBERED_MAX,
    schema::facet_index,
};

/// A path with how many articles have it.
pub(crate) struct Counted {
    pub(crate) path: String,
    pub(crate) count: u64,
}

/// A table of counts, by number.
type Table = Box<[u32; HEADS_MAX + 1]>;

/// Tables between two queries: all zeros.
#[derive(Default)]
pub(crate) struct Tables(Mutex<Vec<Table>>);

/// Tables that are kept: as many as queries run at once on most machines.
const KEPT_TABLES: usize = 16;

impl Tables {
    fn take(&self) -> Table {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| Box::new([0; HEADS_MAX + 1]))
    }

    fn give_back(&self, mut table: Table) {
        table.fill(0);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_TABLES {
            kept.push(table);
        }
    }
}

/// Articles by segment, and what they have.
pub(crate) struct Tally<'a> {
    searcher: &'a Searcher,
    values: DocValues,
    tables: &'a Tables,
    /// Of each segment, in ascending order.
    documents: Vec<Vec<DocId>>,
    counts: Counts,
}

/// What was counted so far.
enum Counts {
    Nothing,
    /// All values, by number.
    Few(Vec<(u32, u32)>),
    /// Those of the heads; and those of the tail by number, once they are asked for.
    Many(Table, Option<Vec<(u32, u32)>>),
}

/// The values of so many articles are sorted sooner than a table is filled and cleared.
const FEW: usize = if cfg!(test) { 8 } else { 256 };

impl<'a> Tally<'a> {
    /// Of no articles yet.
    pub(crate) fn new(searcher: &'a Searcher, values: &DocValues, tables: &'a Tables) -> Tally<'a> {
        let documents = vec![Vec::new(); searcher.segment_readers().len()];
        Tally { searcher, values: values.clone(), tables, documents, counts: Counts::Nothing }
    }

    /// Adds an article; those of a segment in ascending order.
    pub(crate) fn add(&mut self, segment_ord: u32, doc: DocId) {
        if let Some(documents) = self.documents.get_mut(segment_ord as usize) {
            documents.push(doc);
        }
    }

    fn each(&self, mut see: impl FnMut(&SegmentValues, &[DocId]) -> io::Result<()>) -> tantivy::Result<()> {
        for (segment, documents) in self.searcher.segment_readers().iter().zip(&self.documents) {
            if documents.is_empty() {
                continue;
            }
            let missing = || TantivyError::SystemError("a segment without its list of tags".to_owned());
            see(&self.values.of(segment).ok_or_else(missing)?, documents)?;
        }
        Ok(())
    }

    fn count(&mut self) -> tantivy::Result<()> {
        if !matches!(self.counts, Counts::Nothing) {
            return Ok(());
        }
        self.counts = if self.documents.iter().map(Vec::len).sum::<usize>() <= FEW {
            let mut numbers = Vec::new();
            self.each(|values, docs| {
                values.heads(docs, |number| numbers.push(u32::from(number)))?;
                values.tail(docs, |number| numbers.push(number))
            })?;
            Counts::Few(together(numbers))
        } else {
            let mut table = self.tables.take();
            self.each(|values, docs| values.heads(docs, |number| table[usize::from(number)] += 1))?;
            Counts::Many(table, None)
        };
        Ok(())
    }

    fn count_tail(&mut self) -> tantivy::Result<()> {
        let mut numbers = Vec::new();
        self.each(|values, docs| values.tail(docs, |number| numbers.push(number)))?;
        if let Counts::Many(_, tail) = &mut self.counts {
            *tail = Some(together(numbers));
        }
        Ok(())
    }

    /// What is counted of a facet: numbers that articles have, with how many. `see` answers how many a number must
    /// have for it to be of use; where no later one can, the rest is left out.
    fn each_counted(&self, facet: Facet, mut see: impl FnMut(u32, u32) -> u32) -> io::Result<()> {
        let [heads, tail] = self.values.numbers(facet_index(facet));
        let mut listed = |list: &[(u32, u32)], numbers: &Range<u32>| {
            let place = |number| list.partition_point(|(n, _)| *n < number);
            for (number, count) in &list[place(numbers.start)..place(numbers.end)] {
                see(*number, *count);
            }
        };
        match &self.counts {
            Counts::Nothing => {}
            Counts::Few(list) => [heads, tail].iter().for_each(|numbers| listed(list, numbers)),
            Counts::Many(table, counted) => {
                counted.iter().for_each(|list| listed(list, &tail));
                let of_heads = table.get(heads.start as usize..heads.end as usize).unwrap_or_default();
                let mut least = 0;
                for (number, count) in (heads.start..).zip(of_heads) {
                    if number % STEP == 0 && least > 0 && self.values.frequency(number)? < least {
                        break;
                    }
                    if *count > 0 {
                        least = see(number, *count);
                    }
                }
            }
        }
        Ok(())
    }

    /// Every path of a facet that an article has, with how many have it.
    pub(crate) fn all(&mut self, facet: Facet) -> tantivy::Result<Vec<Counted>> {
        self.count()?;
        if matches!(self.counts, Counts::Many(_, None)) {
            self.count_tail()?;
        }
        let mut counted = Vec::new();
        self.each_counted(facet, |number, count| {
            counted.push((number, count));
            0
        })?;
        counted.into_iter().map(|(number, count)| self.named(number, count)).collect()
    }

    fn named(&self, number: u32, count: u32) -> tantivy::Result<Counted> {
        Ok(Counted { path: self.values.path(number)?.to_owned(), count: u64::from(count) })
    }

    /// The `limit` most frequent paths of a facet, most frequent first, then by path.
    pub(crate) fn top(&mut self, facet: Facet, limit: usize) -> tantivy::Result<Vec<Counted>> {
        self.count()?;
        // Some are not to narrow by.
        let mut depth = match facet {
            Facet::Organization | Facet::Country => limit,
            Facet::Province | Facet::Commodity => limit.saturating_mul(2).saturating_add(8),
        };
        loop {
            let best = self.best(facet, depth)?;
            let is_all = best.len() < depth;
            let mut top = Vec::new();
            for (number, count) in best {
                if top.len() < limit && is_counted(facet, self.values.path(number)?) {
                    top.push(self.named(number, count)?);
                }
            }
            // One of the tail may have as many as the last that is shown, and come before it by its path.
            let tail_most = u64::from(self.values.tail_most(facet_index(facet)));
            let shown_least = if top.len() < limit { 0 } else { top.last().map_or(u64::MAX, |c| c.count) };
            if matches!(self.counts, Counts::Many(_, None)) && tail_most >= shown_least && tail_most > 0 {
                self.count_tail()?;
            } else if top.len() == limit || is_all {
                return Ok(top);
            } else {
                depth = depth.saturating_mul(4);
            }
        }
    }

    /// The `depth` most frequent that are counted, most frequent first, then by path.
    fn best(&self, facet: Facet, depth: usize) -> io::Result<Vec<(u32, u32)>> {
        // The largest counts, as many as there are to be found: then few are looked at closely.
        let mut largest = BinaryHeap::with_capacity(depth.min(HEADS_MAX) + 1);
        let mut least = 0;
        self.each_counted(facet, |_, count| {
            if count > least {
                largest.push(Reverse(count));
                if largest.len() > depth {
                    largest.pop();
                    least = largest.peek().map_or(u32::MAX, |l| l.0);
                }
            }
            least
        })?;
        let mut found = Vec::new();
        self.each_counted(facet, |number, count| {
            if count >= least {
                found.push((Reverse(count), number));
            }
            least
        })?;
        let mut best = Vec::with_capacity(found.len());
        for (count, number) in found {
            best.push((count, self.values.place(number)?, number));
        }
        best.sort_unstable();
        best.truncate(depth);
        Ok(best.into_iter().map(|(count, _, number)| (number, count.0)).collect())
    }
}

impl Drop for Tally<'_> {
    fn drop(&mut self) {
        if let Counts::Many(table, _) = std::mem::replace(&mut self.counts, Counts::Nothing) {
            self.tables.give_back(table);
        }
    }
}

/// Each number once, in order, with how often it was there.
fn together(mut numbers: Vec<u32>) -> Vec<(u32, u32)> {
    numbers.sort_unstable();
    numbers.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
}

/// What facet counts of one generation leave for the next ones.
#[derive(Default)]
pub(crate) struct FacetCache {
    /// Names of paths that were asked for before.
    names: RwLock<FxHashMap<(Facet, String), String>>,
    pub(crate) tables: Tables,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        doc_values::{
            compile_with,
            tests::{open, paths, searcher},
        },
        schema::{FACETS, Fields},
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_top_is_that_of_a_full_count(
            articles in prop::collection::vec(paths(), 1..120),
            cut in 0..120usize,
            left_out in 1..7usize,
            heads in prop_oneof![Just(HEADS_MAX), 0..12usize],
            limit in 1..12usize,
        ) {
            let searcher = searcher(&articles, cut.min(articles.len()));
            let values = open(compile_with(&searcher, &Fields::new(), heads).unwrap()).unwrap();
            let tables = Tables::default();
            for round in 0..2 {
                let mut tally = Tally::new(&searcher, &values, &tables);
                let mut expected: [BTreeMap<String, u64>; FACETS.len()] = Default::default();
                for (ord, segment) in (0..).zip(searcher.segment_readers()) {
                    for doc in (0..segment.max_doc()).filter(|doc| *doc as usize % left_out == round % left_out) {
                        tally.add(ord, doc);
                        let of_segment = values.of(segment).unwrap();
                        let mut see = |number: u32| {
                            let has = |f: &usize| values.numbers(*f).iter().any(|r| r.contains(&number));
                            let facet = (0..FACETS.len()).find(has).unwrap();
                            *expected[facet].entry(values.path(number).unwrap().to_owned()).or_default() += 1;
                        };
                        of_segment.heads(&[doc], |number| see(u32::from(number))).unwrap();
                        of_segment.tail(&[doc], see).unwrap();
                    }
                }
                for (facet, expected) in FACETS.into_iter().zip(expected) {
                    let mut all: Vec<(u64, String)> = expected.into_iter().map(|(path, n)| (n, path)).collect();
                    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
                    let shown = all.iter().filter(|(_, path)| is_counted(facet, path)).take(limit);
                    let top = tally.top(facet, limit).unwrap();
                    let top: Vec<(u64, String)> = top.into_iter().map(|c| (c.count, c.path)).collect();
                    prop_assert_eq!(&top, &shown.cloned().collect::<Vec<_>>());
                    let mut full: Vec<(u64, String)> =
                        tally.all(facet).unwrap().into_iter().map(|c| (c.count, c.path)).collect();
                    full.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
                    prop_assert_eq!(full, all);
                }
            }
        }
    }
}
