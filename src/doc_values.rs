//! Which tags each article of a generation has, as numbers: a file of the generation, made when it is
//! published, that facet counts read.
//!
//! A column store keeps each facet apart, and numbers the values of each segment by themselves. Here an
//! article's values of all facets stand together, and a value has one number in all segments, the lower the
//! more articles have it. So what most articles have is counted in a table that stays in the fastest cache,
//! and what few articles have, the tail, is often not counted at all: when the values that are shown have
//! more articles than any value of the tail has anywhere.
//!
//! Layout, little-endian: magic, count of segments, count of paths (u32); where the numbers of each facet begin and
//! where they end, among the heads, then in the tail (five u32 each); how many articles the commonest value of
//! each facet's tail has (four u32); where the paths stand in the file (u64); for each segment its id (32
//! letters), how many articles it has (u32), and where its starts and its values stand (two u64). Then, for each
//! segment: for each article where its values begin, and where the last one's end, in units of two bytes (u32);
//! the values, u16 those of the heads, then, if there is a tail, [`TAIL`] and those of the tail as u32. Then, for each
//! path where it begins, and where the last one ends, and its place among all paths of its facet in their
//! order (u32 each); and the paths.

use std::{
    io,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tantivy::{
    DocId, DocSet, HasLen, Searcher, SegmentReader, TERMINATED,
    directory::{FileSlice, OwnedBytes},
    postings::SegmentPostings,
    schema::IndexRecordOption,
};

use crate::{
    schema::{FACETS, Fields},
    store::BLOCK_BYTES,
};

const MAGIC: u32 = 0x4F52_5632;
const ID_BYTES: usize = 32;
const WORD: usize = 4;
const HEADER_BYTES: usize = WORD * (3 + 2 * BASES + FACETS.len()) + 8;
const SEGMENT_BYTES: usize = ID_BYTES + WORD + 8 * 2;
/// Where the numbers of each facet begin, and where the last ones end.
const BASES: usize = FACETS.len() + 1;
/// Stands before the values of the tail.
const TAIL: u16 = u16::MAX;
/// Values that are written as u16.
pub(crate) const HEADS_MAX: usize = TAIL as usize;

/// The file for what a searcher sees.
pub(crate) fn compile(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Vec<u8>> {
    compile_with(searcher, fields, HEADS_MAX)
}

/// The same with at most so many heads.
fn compile_with(searcher: &Searcher, fields: &Fields, heads_max: usize) -> tantivy::Result<Vec<u8>> {
    let segments = searcher.segment_readers();
    let paths = Paths::of(segments, fields)?;
    let numbers = Numbers::of(&paths, heads_max);
    let mut body = Vec::new();
    let body_at = HEADER_BYTES + segments.len() * SEGMENT_BYTES;
    let mut directory = Vec::new();
    for segment in segments {
        let (starts, values) = values_of(segment, fields, &paths, &numbers)?;
        directory.extend(segment.segment_id().uuid_string().as_bytes());
        directory.extend(segment.max_doc().to_le_bytes());
        directory.extend(((body_at + body.len()) as u64).to_le_bytes());
        body.extend(starts.iter().flat_map(|start| start.to_le_bytes()));
        directory.extend(((body_at + body.len()) as u64).to_le_bytes());
        body.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    let paths_at = body_at + body.len();
    let mut end = 0;
    body.extend(0u32.to_le_bytes());
    for at in &numbers.order {
        end += paths.path(*at).len() as u32;
        body.extend(end.to_le_bytes());
    }
    body.extend(numbers.order.iter().flat_map(|at| at.to_le_bytes()));
    numbers.order.iter().for_each(|at| body.extend(paths.path(*at)));
    let counts = [MAGIC, segments.len() as u32, numbers.order.len() as u32];
    let words = counts.into_iter().chain(numbers.heads).chain(numbers.tails).chain(numbers.tail_most);
    let mut file: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    file.extend((paths_at as u64).to_le_bytes());
    file.extend(directory);
    file.extend(body);
    Ok(file)
}

/// All paths of all segments, facet by facet, in ascending order.
struct Paths {
    bases: [u32; BASES],
    /// Where each begins, and where the last one ends.
    starts: Vec<usize>,
    text: Vec<u8>,
    /// Articles that have it.
    frequencies: Vec<u32>,
}

impl Paths {
    fn of(segments: &[SegmentReader], fields: &Fields) -> tantivy::Result<Paths> {
        let (bases, text, frequencies) = Default::default();
        let mut paths = Paths { bases, starts: vec![0], text, frequencies };
        for (n, facet) in FACETS.into_iter().enumerate() {
            let indexes: Vec<_> = segments
                .iter()
                .map(|segment| segment.inverted_index(fields.facet(facet)))
                .collect::<tantivy::Result<_>>()?;
            let mut streams = Vec::new();
            for index in &indexes {
                let mut stream = index.terms().stream()?;
                if stream.advance() {
                    streams.push(stream);
                }
            }
            while let Some(least) = streams.iter().map(|stream| stream.key()).min() {
                paths.text.extend(least);
                let path = paths.starts[paths.starts.len() - 1]..paths.text.len();
                let mut frequency = 0u32;
                let mut at = 0;
                while let Some(stream) = streams.get_mut(at) {
                    if stream.key() == &paths.text[path.clone()] {
                        frequency = frequency.saturating_add(stream.value().doc_freq);
                        if !stream.advance() {
                            streams.remove(at);
                            continue;
                        }
                    }
                    at += 1;
                }
                paths.starts.push(paths.text.len());
                paths.frequencies.push(frequency);
            }
            paths.bases[n + 1] = paths.frequencies.len() as u32;
        }
        Ok(paths)
    }

    fn path(&self, at: u32) -> &[u8] {
        &self.text[self.starts[at as usize]..self.starts[at as usize + 1]]
    }

    fn facet(&self, at: u32) -> usize {
        self.bases[1..FACETS.len()].partition_point(|base| *base <= at)
    }
}

/// The numbers of paths.
struct Numbers {
    heads: [u32; BASES],
    tails: [u32; BASES],
    tail_most: [u32; FACETS.len()],
    /// For each number the place of its path.
    order: Vec<u32>,
    /// For each path its number.
    numbers: Vec<u32>,
}

impl Numbers {
    fn of(paths: &Paths, heads_max: usize) -> Numbers {
        let most_first = |at: &u32| (std::cmp::Reverse(paths.frequencies[*at as usize]), *at);
        let mut order: Vec<u32> = (0..paths.frequencies.len() as u32).collect();
        order.sort_unstable_by_key(most_first);
        let (heads, tail) = order.split_at_mut(heads_max.min(paths.frequencies.len()));
        let count = heads.len() as u32;
        let [heads, mut tails] = [heads, tail].map(|part| {
            part.sort_by_key(|at| paths.facet(*at));
            let base = |facet: usize| part.partition_point(|at| paths.facet(*at) < facet) as u32;
            std::array::from_fn::<u32, BASES, _>(base)
        });
        tails.iter_mut().for_each(|base| *base += count);
        let mut tail_most = [0; FACETS.len()];
        for (most, ends) in tail_most.iter_mut().zip(tails.windows(2)) {
            if ends[0] < ends[1] {
                *most = paths.frequencies[order[ends[0] as usize] as usize];
            }
        }
        let mut numbers = vec![0; order.len()];
        (0..).zip(&order).for_each(|(number, at)| numbers[*at as usize] = number);
        Numbers { heads, tails, tail_most, order, numbers }
    }

    /// Whether a number is written as u16.
    fn is_head(&self, number: u32) -> bool {
        number < self.heads[FACETS.len()]
    }
}

/// The values of a segment: where those of each article begin, and all of them.
fn values_of(
    segment: &SegmentReader,
    fields: &Fields,
    paths: &Paths,
    numbers: &Numbers,
) -> tantivy::Result<(Vec<u32>, Vec<u16>)> {
    let articles = segment.max_doc() as usize;
    // All postings of the facets are read twice: first to learn how many values each article has.
    let (mut heads, mut tails) = (vec![0u32; articles], vec![0u32; articles]);
    each(segment, fields, paths, numbers, |number, postings| {
        let counts = if numbers.is_head(number) { &mut heads } else { &mut tails };
        count(postings, |doc| counts[doc as usize] += 1);
    })?;
    let mut starts = Vec::with_capacity(articles + 1);
    let mut end = 0;
    starts.push(end);
    for (heads, tails) in heads.iter_mut().zip(&mut tails) {
        let (first_head, first_tail) = (end, end + *heads + 1);
        end += *heads + if *tails > 0 { 1 + 2 * *tails } else { 0 };
        starts.push(end);
        (*heads, *tails) = (first_head, first_tail);
    }
    // What is not written stands before a tail.
    let mut values = vec![TAIL; end as usize];
    each(segment, fields, paths, numbers, |number, postings| match numbers.is_head(number) {
        true => count(postings, |doc| {
            let next = &mut heads[doc as usize];
            values[*next as usize] = number as u16;
            *next += 1;
        }),
        false => count(postings, |doc| {
            let next = &mut tails[doc as usize];
            values[*next as usize] = number as u16;
            values[*next as usize + 1] = (number >> u16::BITS) as u16;
            *next += 2;
        }),
    })?;
    Ok((starts, values))
}

/// The number of each path of a segment, with the articles that have it.
fn each(
    segment: &SegmentReader,
    fields: &Fields,
    paths: &Paths,
    numbers: &Numbers,
    mut see: impl FnMut(u32, SegmentPostings),
) -> tantivy::Result<()> {
    for (n, facet) in FACETS.into_iter().enumerate() {
        let index = segment.inverted_index(fields.facet(facet))?;
        let mut terms = index.terms().stream()?;
        let mut at = paths.bases[n];
        while terms.advance() {
            // Both are in ascending order, and the segment's are among all.
            while paths.path(at) != terms.key() {
                at += 1;
            }
            let postings = index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            see(numbers.numbers[at as usize], postings);
        }
    }
    Ok(())
}

fn count(mut postings: SegmentPostings, mut see: impl FnMut(DocId)) {
    while postings.doc() != TERMINATED {
        see(postings.doc());
        postings.advance();
    }
}

/// The values of a generation. Cheap to clone.
#[derive(Clone)]
pub(crate) struct DocValues {
    file: Checked,
    segments: Arc<[Segment]>,
    heads: [u32; BASES],
    tails: [u32; BASES],
    tail_most: [u32; FACETS.len()],
    count: u32,
    paths: usize,
}

/// Where the values of a segment are.
struct Segment {
    id: String,
    documents: u32,
    starts: usize,
    values: usize,
}

impl DocValues {
    /// Opens the file; `None` when the bytes are none.
    pub(crate) fn open(bytes: OwnedBytes, check: FileSlice) -> Option<DocValues> {
        let file = Checked::new(bytes, check);
        if file.word(0).ok()? != MAGIC {
            return None;
        }
        let (segments, count) = (file.word(WORD).ok()? as usize, file.word(2 * WORD).ok()?);
        let words = |n: usize| file.word(n * WORD).ok();
        let bases = |first: usize| -> Option<[u32; BASES]> {
            let mut bases = [0; BASES];
            for (n, base) in bases.iter_mut().enumerate() {
                *base = words(first + n)?;
            }
            bases.is_sorted().then_some(bases)
        };
        let (heads, tails) = (bases(3)?, bases(3 + BASES)?);
        let mut tail_most = [0; FACETS.len()];
        for (n, most) in tail_most.iter_mut().enumerate() {
            *most = file.word((3 + 2 * BASES + n) * WORD).ok()?;
        }
        let sound = heads[0] == 0
            && heads[FACETS.len()] as usize <= HEADS_MAX
            && tails[0] == heads[FACETS.len()]
            && tails[FACETS.len()] == count;
        let room = file.bytes.len();
        let fits = |from: usize, words: usize| {
            words.checked_mul(WORD).and_then(|bytes| bytes.checked_add(from)).is_some_and(|end| end <= room)
        };
        let paths = file.place(HEADER_BYTES - 8)?;
        if !sound || !fits(paths, 2 * count as usize + 1) {
            return None;
        }
        let mut list = Vec::new();
        for n in 0..segments {
            let at = HEADER_BYTES + n * SEGMENT_BYTES;
            let id = std::str::from_utf8(file.read(at..at + ID_BYTES).ok()?).ok()?.to_owned();
            let documents = file.word(at + ID_BYTES).ok()?;
            let starts = file.place(at + ID_BYTES + WORD)?;
            let values = file.place(at + ID_BYTES + WORD + 8)?;
            if !fits(starts, documents as usize + 1) || values > room {
                return None;
            }
            list.push(Segment { id, documents, starts, values });
        }
        Some(DocValues { file, segments: list.into(), heads, tails, tail_most, count, paths })
    }

    /// The values of a segment, to be read by one query; `None` when there are none of it.
    pub(crate) fn of(&self, segment: &SegmentReader) -> Option<SegmentValues> {
        let id = segment.segment_id().uuid_string();
        let Segment { documents, starts, values, .. } = self.segments.iter().find(|known| known.id == id)?;
        Some(SegmentValues {
            file: self.file.clone(),
            documents: *documents,
            starts_at: *starts,
            values_at: *values,
        })
    }

    /// The numbers of a facet: of its heads, and in the tail.
    pub(crate) fn numbers(&self, facet: usize) -> [Range<u32>; 2] {
        [&self.heads, &self.tails].map(|bases| bases[facet]..bases[facet + 1])
    }

    /// No value of a facet's tail has more articles.
    pub(crate) fn tail_most(&self, facet: usize) -> u32 {
        self.tail_most[facet]
    }

    /// The path of a number.
    ///
    /// # Errors
    ///
    /// When there is none, or what is read is damaged.
    pub(crate) fn path(&self, number: u32) -> io::Result<&str> {
        let at = self.word_of(number, 0)?;
        let (from, to) = self.file.pair(at)?;
        let start = self.paths + (2 * self.count as usize + 1) * WORD;
        std::str::from_utf8(self.file.read(start + from..start + to)?).map_err(|_| damaged())
    }

    /// The place of a number's path among all paths of its facet in their order.
    ///
    /// # Errors
    ///
    /// As [`DocValues::path`].
    pub(crate) fn place(&self, number: u32) -> io::Result<u32> {
        let at = self.word_of(number, self.count as usize + 1)?;
        self.file.word(at)
    }

    fn word_of(&self, number: u32, list: usize) -> io::Result<usize> {
        if number < self.count { Ok(self.paths + (list + number as usize) * WORD) } else { Err(damaged()) }
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the list of tags leads nowhere")
}

/// A file of which a range is used only after it could be read from what checks it.
#[derive(Clone)]
struct Checked {
    bytes: OwnedBytes,
    check: FileSlice,
    /// A bit a block: whether it was checked. Shared by all who read the file.
    checked: Arc<[AtomicU64]>,
}

impl Checked {
    fn new(bytes: OwnedBytes, check: FileSlice) -> Checked {
        let blocks = bytes.len().div_ceil(BLOCK_BYTES);
        let checked = (0..blocks.div_ceil(u64::BITS as usize)).map(|_| AtomicU64::new(0)).collect();
        Checked { bytes, check, checked }
    }

    #[inline]
    fn read(&self, range: Range<usize>) -> io::Result<&[u8]> {
        let Some(bytes) = self.bytes.get(range.clone()) else { return Err(damaged()) };
        for block in range.start / BLOCK_BYTES..range.end.div_ceil(BLOCK_BYTES) {
            let bit = 1 << (block % u64::BITS as usize);
            let word = self.checked.get(block / u64::BITS as usize);
            if word.is_none_or(|word| word.load(Ordering::Relaxed) & bit == 0) {
                self.check(block)?;
            }
        }
        Ok(bytes)
    }

    #[cold]
    fn check(&self, block: usize) -> io::Result<()> {
        let from = block * BLOCK_BYTES;
        self.check.read_bytes_slice(from..(from + BLOCK_BYTES).min(self.check.len()))?;
        if let Some(word) = self.checked.get(block / u64::BITS as usize) {
            word.fetch_or(1 << (block % u64::BITS as usize), Ordering::Relaxed);
        }
        Ok(())
    }

    fn word(&self, at: usize) -> io::Result<u32> {
        let bytes = self.read(at..at + WORD)?;
        bytes.try_into().map(u32::from_le_bytes).map_err(|_| damaged())
    }

    /// Two words, one after the other.
    #[inline]
    fn pair(&self, at: usize) -> io::Result<(usize, usize)> {
        match self.read(at..at + 2 * WORD)?.as_chunks() {
            ([first, second], _) => Ok((u32::from_le_bytes(*first) as usize, u32::from_le_bytes(*second) as usize)),
            _ => Err(damaged()),
        }
    }

    /// A place in the file.
    fn place(&self, at: usize) -> Option<usize> {
        let (low, high) = self.pair(at).ok()?;
        usize::try_from(low as u64 | (high as u64) << 32).ok()
    }
}

/// The values of a segment.
pub(crate) struct SegmentValues {
    file: Checked,
    documents: u32,
    starts_at: usize,
    values_at: usize,
}

impl SegmentValues {
    /// Calls `see` for each value of an article that is a head.
    ///
    /// # Errors
    ///
    /// When there is no such article, or what is read is damaged.
    pub(crate) fn heads(&self, doc: DocId, mut see: impl FnMut(u16)) -> io::Result<()> {
        for value in self.read(doc)? {
            let value = u16::from_le_bytes(*value);
            if value == TAIL {
                break;
            }
            see(value);
        }
        Ok(())
    }

    /// Calls `see` for each value of an article that is in the tail.
    ///
    /// # Errors
    ///
    /// As [`SegmentValues::heads`].
    pub(crate) fn tail(&self, doc: DocId, mut see: impl FnMut(u32)) -> io::Result<()> {
        let values = self.read(doc)?;
        let Some(marker) = values.iter().position(|value| u16::from_le_bytes(*value) == TAIL) else {
            return Ok(());
        };
        for [low, high] in values[marker + 1..].as_chunks().0 {
            see(u32::from(u16::from_le_bytes(*low)) | u32::from(u16::from_le_bytes(*high)) << u16::BITS);
        }
        Ok(())
    }

    /// Touches what some articles have. The processor fetches many of them at once from memory, where one
    /// after the other each would be waited for: that wait is most of what counting costs.
    ///
    /// # Errors
    ///
    /// As [`SegmentValues::heads`].
    pub(crate) fn touch(&self, docs: &[DocId]) -> io::Result<()> {
        let mut seen = 0;
        for doc in docs {
            let values = self.read(*doc)?;
            seen ^= values.first().map_or(0, |value| value[0]);
        }
        std::hint::black_box(seen);
        Ok(())
    }

    #[inline]
    fn read(&self, doc: DocId) -> io::Result<&[[u8; 2]]> {
        if doc >= self.documents {
            return Err(damaged());
        }
        let at = self.starts_at + doc as usize * WORD;
        let (from, to) = self.file.pair(at)?;
        Ok(self.file.read(self.values_at + 2 * from..self.values_at + 2 * to)?.as_chunks().0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use tantivy::{DocAddress, Index, TantivyDocument, Term, schema::Value};

    use super::*;
    use crate::schema::tokenizers;

    /// An index of articles with these paths; one segment each for the articles before and from `cut`.
    fn searcher(articles: &[Vec<(usize, String)>], cut: usize) -> Searcher {
        let fields = Fields::new();
        let mut index = Index::create_in_ram(fields.schema.clone());
        index.set_tokenizers(tokenizers());
        let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
        for part in [0..cut, cut..articles.len()] {
            for n in part {
                let (mut document, paths) = (TantivyDocument::new(), &articles[n]);
                document.add_bytes(fields.record, &[n as u8]);
                for (facet, path) in paths {
                    document.add_text(fields.facets[*facet], path);
                }
                writer.add_document(document).unwrap();
            }
            writer.commit().unwrap();
        }
        index.reader().unwrap().searcher()
    }

    fn all(values: &SegmentValues, doc: DocId) -> io::Result<Vec<u32>> {
        let mut numbers = Vec::new();
        values.heads(doc, |number| numbers.push(u32::from(number)))?;
        values.tail(doc, |number| numbers.push(number))?;
        Ok(numbers)
    }

    fn open(bytes: Vec<u8>) -> Option<DocValues> {
        let bytes = OwnedBytes::new(bytes);
        DocValues::open(bytes.clone(), FileSlice::new(Arc::new(bytes)))
    }

    fn paths() -> impl Strategy<Value = Vec<(usize, String)>> {
        let path = prop_oneof![
            3 => "/[a-c]{1,2}",
            1 => Just("/china/四川/凉山".to_owned()),
        ];
        prop::collection::vec((0..FACETS.len(), path), 0..6)
    }

    proptest! {
        #[test]
        fn each_article_has_its_own_paths(
            articles in prop::collection::vec(paths(), 1..150),
            cut in 0..150usize,
            heads in prop_oneof![Just(HEADS_MAX), 0..20usize],
        ) {
            let searcher = searcher(&articles, cut.min(articles.len()));
            let values = open(compile_with(&searcher, &Fields::new(), heads).unwrap()).unwrap();
            let mut seen = 0;
            let mut counts: BTreeMap<(usize, String), (u32, u32)> = BTreeMap::new();
            for (n, segment) in (0..).zip(searcher.segment_readers()) {
                let of_segment = values.of(segment).unwrap();
                for doc in 0..segment.max_doc() {
                    let mut found = Vec::new();
                    for number in all(&of_segment, doc).unwrap() {
                        let has = |facet: &usize| values.numbers(*facet).iter().any(|r| r.contains(&number));
                        let facet = (0..FACETS.len()).find(has).unwrap();
                        let path = values.path(number).unwrap().to_owned();
                        counts.entry((facet, path.clone())).or_insert((number, 0)).1 += 1;
                        found.push((facet, path));
                    }
                    let document: TantivyDocument = searcher.doc(DocAddress::new(n, doc)).unwrap();
                    let number = document.get_first(Fields::new().record).unwrap().as_bytes().unwrap()[0];
                    let mut expected = articles[usize::from(number)].clone();
                    seen += 1;
                    expected.sort();
                    expected.dedup();
                    found.sort();
                    prop_assert_eq!(found, expected);
                }
                prop_assert!(all(&of_segment, segment.max_doc()).is_err());
            }
            prop_assert_eq!(seen, articles.len());
            let count = counts.len() as u32;
            prop_assert!(values.path(count).is_err() && values.place(count).is_err());
            // In the order of facets and paths, places ascend; numbers are by count, as the tail's bound is.
            let of: Vec<(u32, u32)> = counts.values().copied().collect();
            for pair in of.windows(2) {
                prop_assert!(values.place(pair[0].0).unwrap() < values.place(pair[1].0).unwrap());
            }
            for ((facet, _), (number, articles)) in &counts {
                let [heads, tail] = values.numbers(*facet);
                prop_assert!(heads.contains(number) || *articles <= values.tail_most(*facet));
                let before = of.iter().filter(|(n, _)| heads.contains(n) && n < number);
                prop_assert!(tail.contains(number) || before.clone().all(|(_, other)| other >= articles));
            }
        }

        /// A file is verified before it is read; still, none may be read past its end.
        #[test]
        fn no_bytes_panic(
            articles in prop::collection::vec(paths(), 1..8),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let searcher = searcher(&articles, 0);
            let mut bytes = compile(&searcher, &Fields::new()).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len() + 1).max(at));
            let Some(values) = open(bytes) else { return Ok(()) };
            let paths = values.clone();
            for segment in searcher.segment_readers() {
                let Some(of_segment) = values.of(segment) else { continue };
                for doc in 0..segment.max_doc() + 1 {
                    for number in all(&of_segment, doc).unwrap_or_default().into_iter().take(100) {
                        let _ = paths.path(number).map(str::len);
                        let _ = paths.place(number);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_deleted_does_not_move_the_others() {
        let searcher = searcher(&[vec![(0, "/a".to_owned())], vec![(0, "/b".to_owned())]], 0);
        let fields = Fields::new();
        let mut writer = searcher.index().writer_with_num_threads::<TantivyDocument>(1, 15_000_000).unwrap();
        writer.delete_term(Term::from_field_text(fields.facets[0], "/a"));
        writer.commit().unwrap();
        let searcher = searcher.index().reader().unwrap().searcher();
        let values = open(compile(&searcher, &fields).unwrap()).unwrap();
        let of_segment = values.of(searcher.segment_reader(0)).unwrap();
        let numbers = all(&of_segment, 1).unwrap();
        assert_eq!(values.path(numbers[0]).unwrap(), "/b");
    }
}
