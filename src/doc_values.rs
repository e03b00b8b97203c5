//! Which tags each article of a generation has, as ordinals in the order of the articles: a file of the
//! generation, made when it is published, that facet counts read.
//!
//! A column store keeps each facet apart, and finds an article's values by way of an index of the articles
//! that have any. Here an article's values of all facets stand together, and two words say where: an
//! article is counted in a fraction of the time, and touches one place of the disk instead of eight.
//!
//! Layout, little-endian: magic and count of segments (u32); for each segment its id (32 letters), how many
//! articles it has (u32), the bits of a value (u32), where the ordinals of each facet begin and where they
//! end (five u32), and where its starts, its values and its paths stand in the file (three u64). Then, for
//! each segment: for each article the number of its first value, and the count of all (u32); the values,
//! packed, those of an article in ascending order; for each path where it begins, and where the last one ends
//! (u32), and the paths. An ordinal is that of the path among the paths of its facet that the segment has,
//! counted through the facets.

use std::{cmp::Ordering, io, ops::Range};

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

const MAGIC: u32 = 0x4F52_5631;
const HEADER_BYTES: usize = 8;
const ID_BYTES: usize = 32;
const SEGMENT_BYTES: usize = ID_BYTES + 4 * 7 + 8 * 3;
/// A value is read as eight bytes, so as many stand behind the last one.
const READ_BYTES: usize = 8;
const WORD: usize = 4;

/// The file for what a searcher sees.
pub(crate) fn compile(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Vec<u8>> {
    let segments = searcher.segment_readers();
    let mut head = Vec::new();
    let mut body = Vec::new();
    head.extend(MAGIC.to_le_bytes());
    head.extend((segments.len() as u32).to_le_bytes());
    for segment in segments {
        let values = Values::of(segment, fields)?;
        let largest = values.bases[FACETS.len()].saturating_sub(1);
        let bits = 32 - largest.leading_zeros();
        let starts_at = HEADER_BYTES + segments.len() * SEGMENT_BYTES + body.len();
        body.extend(values.starts.iter().flat_map(|start| start.to_le_bytes()));
        let values_at = HEADER_BYTES + segments.len() * SEGMENT_BYTES + body.len();
        pack(&values.ords, bits, &mut body);
        let paths_at = HEADER_BYTES + segments.len() * SEGMENT_BYTES + body.len();
        body.extend(values.path_starts.iter().flat_map(|start| start.to_le_bytes()));
        body.extend(&values.paths);
        head.extend(segment.segment_id().uuid_string().as_bytes());
        head.extend([segment.max_doc(), bits].into_iter().chain(values.bases).flat_map(u32::to_le_bytes));
        head.extend([starts_at, values_at, paths_at].into_iter().flat_map(|at| (at as u64).to_le_bytes()));
    }
    head.extend(body);
    Ok(head)
}

/// The values of a segment.
struct Values {
    bases: [u32; FACETS.len() + 1],
    /// For each article the number of its first value; then the count of all.
    starts: Vec<u32>,
    ords: Vec<u32>,
    /// For each path where it begins; then where the last one ends.
    path_starts: Vec<u32>,
    paths: Vec<u8>,
}

impl Values {
    /// Reads all postings of the facets twice: first to learn how many values each article has.
    fn of(segment: &SegmentReader, fields: &Fields) -> tantivy::Result<Values> {
        let mut values = Values {
            bases: [0; FACETS.len() + 1],
            starts: vec![0; segment.max_doc() as usize + 1],
            ords: Vec::new(),
            path_starts: vec![0],
            paths: Vec::new(),
        };
        let Values { bases, starts, path_starts, paths, .. } = &mut values;
        each(segment, fields, |facet, path, postings| {
            paths.extend(path);
            path_starts.push(paths.len() as u32);
            bases[facet + 1] += 1;
            count(postings, |doc| starts[doc as usize] += 1);
        })?;
        for n in 0..FACETS.len() {
            bases[n + 1] += bases[n];
        }
        let mut sum = 0;
        for start in starts.iter_mut() {
            sum += std::mem::replace(start, sum);
        }
        let mut ords = vec![0; sum as usize];
        let mut next = starts.clone();
        let mut ord = 0;
        each(segment, fields, |_, _, postings| {
            count(postings, |doc| {
                let next = &mut next[doc as usize];
                ords[*next as usize] = ord;
                *next += 1;
            });
            ord += 1;
        })?;
        Ok(Values { ords, ..values })
    }
}

/// Every path of every facet, in ascending order, with the articles that have it.
fn each(
    segment: &SegmentReader,
    fields: &Fields,
    mut see: impl FnMut(usize, &[u8], SegmentPostings),
) -> tantivy::Result<()> {
    for (n, facet) in FACETS.into_iter().enumerate() {
        let index = segment.inverted_index(fields.facet(facet))?;
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let postings = index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            see(n, terms.key(), postings);
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

fn pack(values: &[u32], bits: u32, out: &mut Vec<u8>) {
    let (mut waiting, mut filled) = (0u64, 0);
    for value in values {
        waiting |= u64::from(*value) << filled;
        filled += bits;
        while filled >= 8 {
            out.push(waiting as u8);
            waiting >>= 8;
            filled -= 8;
        }
    }
    out.push(waiting as u8);
    out.extend([0; READ_BYTES]);
}

/// The values of a generation.
pub(crate) struct DocValues {
    file: Checked,
    segments: Vec<(String, Place)>,
}

/// Where the values of a segment are.
#[derive(Debug, Clone, Copy)]
struct Place {
    documents: u32,
    bits: u32,
    bases: [u32; FACETS.len() + 1],
    starts: usize,
    values: usize,
    paths: usize,
}

impl DocValues {
    /// Opens the file; `None` when the bytes are none.
    pub(crate) fn open(bytes: OwnedBytes, check: FileSlice) -> Option<DocValues> {
        let mut file = Checked { bytes, check, seen: 0..0 };
        if file.word(0).ok()? != MAGIC {
            return None;
        }
        let count = file.word(4).ok()? as usize;
        let mut segments = Vec::new();
        for n in 0..count {
            let at = HEADER_BYTES + n * SEGMENT_BYTES;
            let id = std::str::from_utf8(file.read(at..at + ID_BYTES).ok()?).ok()?.to_owned();
            let mut word = |n: usize| file.word(at + ID_BYTES + n * WORD).ok();
            let (documents, bits) = (word(0)?, word(1)?);
            let bases = [word(2)?, word(3)?, word(4)?, word(5)?, word(6)?];
            let mut long = |n: usize| Some(u64::from(word(n)?) | u64::from(word(n + 1)?) << 32);
            let [starts, values, paths] = [long(7)?, long(9)?, long(11)?].map(|at| usize::try_from(at).ok());
            let place = Place { documents, bits, bases, starts: starts?, values: values?, paths: paths? };
            let room = file.bytes.len();
            let fits = |from: usize, count: u32| {
                let bytes = (count as usize + 1).checked_mul(WORD);
                bytes.and_then(|bytes| bytes.checked_add(from)).is_some_and(|end| end <= room)
            };
            let sound = bits <= u32::BITS && bases.is_sorted() && place.values <= room;
            if !sound || !fits(place.starts, documents) || !fits(place.paths, bases[FACETS.len()]) {
                return None;
            }
            segments.push((id, place));
        }
        Some(DocValues { file, segments })
    }

    /// The values of a segment, to be read by one query; `None` when there are none of it.
    pub(crate) fn of(&self, segment: &SegmentReader) -> Option<SegmentValues> {
        let id = segment.segment_id().uuid_string();
        let (_, place) = self.segments.iter().find(|(known, _)| *known == id)?;
        let [starts, values, paths] = [0; 3].map(|_| self.file.clone());
        Some(SegmentValues { starts, values, paths, place: *place })
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
    /// What was checked last: articles come in order, so the next one is mostly there.
    seen: Range<usize>,
}

impl Checked {
    fn read(&mut self, range: Range<usize>) -> io::Result<&[u8]> {
        if range.start < self.seen.start || range.end > self.seen.end {
            let blocks = range.start / BLOCK_BYTES * BLOCK_BYTES
                ..range.end.div_ceil(BLOCK_BYTES).saturating_mul(BLOCK_BYTES).min(self.check.len());
            if range.start > range.end || range.end > blocks.end {
                return Err(damaged());
            }
            self.check.read_bytes_slice(blocks.clone())?;
            self.seen = blocks;
        }
        Ok(self.bytes.get(range).unwrap_or_default())
    }

    fn word(&mut self, at: usize) -> io::Result<u32> {
        let bytes = self.read(at..at + WORD)?;
        bytes.try_into().map(u32::from_le_bytes).map_err(|_| damaged())
    }
}

/// The values of a segment.
#[derive(Clone)]
pub(crate) struct SegmentValues {
    starts: Checked,
    values: Checked,
    paths: Checked,
    place: Place,
}

impl SegmentValues {
    /// Where the ordinals of each facet, in the order of [`FACETS`], begin, and where the last ones end.
    pub(crate) fn bases(&self) -> [u32; FACETS.len() + 1] {
        self.place.bases
    }

    /// Calls `see` for each value of an article, in ascending order.
    ///
    /// # Errors
    ///
    /// When there is no such article, or what is read is damaged.
    pub(crate) fn each(&mut self, doc: DocId, mut see: impl FnMut(u32)) -> io::Result<()> {
        let Place { documents, bits, starts, values, .. } = self.place;
        if doc >= documents {
            return Err(damaged());
        }
        let at = starts + doc as usize * WORD;
        let (from, to) = (self.starts.word(at)?, self.starts.word(at + WORD)?);
        if from >= to {
            return Ok(());
        }
        let bits = bits as usize;
        let (first, last) = (from as usize * bits, to as usize * bits);
        let bytes = self.values.read(values + first / 8..values + last / 8 + READ_BYTES)?;
        let mask = (1u64 << bits) - 1;
        let mut bit = first % 8;
        for _ in from..to {
            let eight = bytes.get(bit / 8..).and_then(|b| b.first_chunk()).ok_or_else(damaged)?;
            see(((u64::from_le_bytes(*eight) >> (bit % 8)) & mask) as u32);
            bit += bits;
        }
        Ok(())
    }

    /// The path of an ordinal.
    ///
    /// # Errors
    ///
    /// When there is none, or what is read is damaged.
    pub(crate) fn path(&mut self, ord: u32) -> io::Result<&str> {
        let count = self.place.bases[FACETS.len()];
        if ord >= count {
            return Err(damaged());
        }
        let at = self.place.paths + ord as usize * WORD;
        let (from, to) = (self.paths.word(at)? as usize, self.paths.word(at + WORD)? as usize);
        let start = self.place.paths + (count as usize + 1) * WORD;
        // Where paths begin stands elsewhere than the paths: each is checked by itself.
        let bytes = self.values.read(start + from..start + to)?;
        std::str::from_utf8(bytes).map_err(|_| damaged())
    }

    /// The ordinal of a path among those of a facet.
    ///
    /// # Errors
    ///
    /// When what is read is damaged.
    pub(crate) fn ord(&mut self, facet: usize, path: &str) -> io::Result<Option<u32>> {
        let (mut low, mut high) = (self.place.bases[facet], self.place.bases[facet + 1]);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.path(middle)?.cmp(path) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Some(middle)),
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
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

    fn open(bytes: Vec<u8>) -> Option<DocValues> {
        let bytes = OwnedBytes::new(bytes);
        DocValues::open(bytes.clone(), FileSlice::new(std::sync::Arc::new(bytes)))
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
        ) {
            let searcher = searcher(&articles, cut.min(articles.len()));
            let values = open(compile(&searcher, &Fields::new()).unwrap()).unwrap();
            let mut seen = 0;
            for (n, segment) in (0..).zip(searcher.segment_readers()) {
                let mut of_segment = values.of(segment).unwrap();
                let bases = of_segment.bases();
                for doc in 0..segment.max_doc() {
                    let mut ords = Vec::new();
                    of_segment.each(doc, |ord| ords.push(ord)).unwrap();
                    prop_assert!(ords.is_sorted());
                    let mut found = Vec::new();
                    for ord in ords {
                        let facet = (0..FACETS.len()).find(|f| ord < bases[f + 1]).unwrap();
                        let path = of_segment.path(ord).unwrap().to_owned();
                        prop_assert_eq!(of_segment.ord(facet, &path).unwrap(), Some(ord));
                        found.push((facet, path));
                    }
                    let document: TantivyDocument = searcher.doc(DocAddress::new(n, doc)).unwrap();
                    let number = document.get_first(Fields::new().record).unwrap().as_bytes().unwrap()[0];
                    let mut expected = articles[usize::from(number)].clone();
                    seen += 1;
                    expected.sort();
                    expected.dedup();
                    prop_assert_eq!(found, expected);
                }
                prop_assert!(of_segment.each(segment.max_doc(), |_| ()).is_err());
                prop_assert!(of_segment.path(bases[FACETS.len()]).is_err());
                prop_assert_eq!(of_segment.ord(0, "/none").unwrap(), None);
            }
            prop_assert_eq!(seen, articles.len());
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
            for segment in searcher.segment_readers() {
                let Some(mut of_segment) = values.of(segment) else { continue };
                for doc in 0..segment.max_doc() + 1 {
                    let mut ords = Vec::new();
                    let _ = of_segment.each(doc, |ord| ords.push(ord));
                    ords.truncate(100);
                    ords.into_iter().for_each(|ord| drop(of_segment.path(ord).map(str::len)));
                }
                (0..FACETS.len()).for_each(|facet| drop(of_segment.ord(facet, "/b")));
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
        let mut of_segment = values.of(searcher.segment_reader(0)).unwrap();
        let mut ords = Vec::new();
        of_segment.each(1, |ord| ords.push(ord)).unwrap();
        assert_eq!(of_segment.path(ords[0]).unwrap(), "/b");
    }
}
