//! Which articles of a generation tell the same story in nearly the same words: a file of the
//! generation, made from the sketches ([`Sketch`]) when it is published, read by searches.
//!
//! It is made anew from all sketches each time, so it depends on the articles alone and not on the order
//! in which they came. Candidates share a band of their sketches; the sketches decide. An article's
//! copies are those of itself, with no chains.
//!
//! Layout, in little-endian u32: magic, count of segments; for each segment a hash of its id (two words), how
//! many articles it has, how many of them have copies, and where its part begins; then the parts. A part has the documents in
//! ascending order, then for each the end of its copies within the list of copies, then that list.
//! A copy is a document number that counts through the segments in the order of the file.

use rustc_hash::FxHashSet;
use tantivy::{
    DocAddress, Searcher, SegmentReader,
    directory::{FileSlice, OwnedBytes},
};
use xxhash_rust::xxh3::xxh3_64;

use crate::{analysis::Sketch, limits};

const MAGIC: u32 = 0x4F52_4331;
const HEADER_WORDS: usize = 2;
/// Hash of the id (two), documents of the segment, articles with copies, start.
const SEGMENT_WORDS: usize = 5;
const WORD: usize = 4;

/// An article as far as telling copies goes.
struct Known {
    sketch: Sketch,
    date: Option<i64>,
    /// Its number, counted through the segments.
    number: u32,
}

impl Known {
    fn is_copy(&self, other: &Known) -> bool {
        let days = self.date.zip(other.date).map(|(a, b)| a.abs_diff(b));
        self.sketch.is_copy(&other.sketch, days)
    }
}

/// The file for what a searcher sees.
pub(crate) fn compile(searcher: &Searcher) -> tantivy::Result<Vec<u8>> {
    let mut known = Vec::new();
    let mut base = 0;
    for segment in searcher.segment_readers() {
        let (sketches, dates) = (segment.fast_fields().u64("sketch")?, segment.fast_fields().i64("date")?);
        for doc in segment.doc_ids_alive() {
            if let Some(sketch) = Sketch::from_values(sketches.values_for_doc(doc)) {
                known.push(Known { sketch, date: dates.first(doc), number: base + doc });
            }
        }
        base += segment.max_doc();
    }
    Ok(encode(searcher.segment_readers(), &pairs(&known)))
}

/// For each article with copies its number and theirs, all in ascending order.
fn pairs(known: &[Known]) -> Vec<(u32, Vec<u32>)> {
    let mut bands: Vec<(u32, u32)> = Vec::with_capacity(known.len() * 6);
    for (at, article) in (0u32..).zip(known) {
        bands.extend(article.sketch.bands().map(|band| (band, at)));
    }
    bands.sort_unstable();
    bands.dedup();
    let shared: Vec<&[(u32, u32)]> = bands.chunk_by(|a, b| a.0 == b.0).filter(|g| g.len() > 1).collect();
    let mut groups_of: Vec<Vec<u32>> = vec![Vec::new(); known.len()];
    for (group, members) in (0u32..).zip(&shared) {
        for (_, at) in *members {
            groups_of[*at as usize].push(group);
        }
    }
    let mut out = Vec::new();
    let mut candidates: FxHashSet<u32> = FxHashSet::default();
    for (at, (article, mut groups)) in (0u32..).zip(known.iter().zip(groups_of)) {
        // Rare bands first: a common one comes from a passage that many articles carry.
        groups.sort_unstable_by_key(|g| shared[*g as usize].len());
        candidates.clear();
        let mut walked = 0;
        for (n, group) in groups.into_iter().enumerate() {
            let members = shared[group as usize];
            walked += members.len();
            if n > 0 && walked > limits::COPY_CANDIDATES_MAX {
                break;
            }
            candidates.extend(members.iter().map(|(_, other)| *other).filter(|other| *other != at));
        }
        let copies = candidates.iter().filter_map(|other| known.get(*other as usize));
        let mut copies: Vec<u32> = copies.filter(|o| article.is_copy(o)).map(|o| o.number).collect();
        if !copies.is_empty() {
            copies.sort_unstable();
            out.push((article.number, copies));
        }
    }
    out
}

fn encode(segments: &[SegmentReader], pairs: &[(u32, Vec<u32>)]) -> Vec<u8> {
    let mut words = vec![MAGIC, segments.len() as u32];
    let mut parts: Vec<u32> = Vec::new();
    let parts_at = HEADER_WORDS + segments.len() * SEGMENT_WORDS;
    let mut base = 0;
    for segment in segments {
        let end = base + segment.max_doc();
        let of_segment: Vec<_> = pairs.iter().filter(|(number, _)| (base..end).contains(number)).collect();
        words.extend(id_words(segment));
        words.extend([segment.max_doc(), of_segment.len() as u32, (parts_at + parts.len()) as u32]);
        parts.extend(of_segment.iter().map(|(number, _)| number - base));
        let mut listed = 0;
        parts.extend(of_segment.iter().map(|(_, copies)| {
            listed += copies.len() as u32;
            listed
        }));
        parts.extend(of_segment.iter().flat_map(|(_, copies)| copies));
        base = end;
    }
    words.extend(parts);
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

fn id_words(segment: &SegmentReader) -> [u32; 2] {
    let id = xxh3_64(segment.segment_id().uuid_string().as_bytes());
    [id as u32, (id >> 32) as u32]
}

/// The copies of a generation's articles.
pub(crate) struct Copies {
    bytes: OwnedBytes,
    /// The same bytes behind a check: a word is used only after it could be read from here.
    check: FileSlice,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    id: [u32; 2],
    documents: u32,
    listed: usize,
    /// In words.
    start: usize,
}

impl Copies {
    /// Opens the file; `None` when the bytes are none.
    pub(crate) fn open(bytes: OwnedBytes, check: FileSlice) -> Option<Copies> {
        let mut copies = Copies { bytes, check, segments: Vec::new() };
        if copies.word(0)? != MAGIC {
            return None;
        }
        for n in 0..copies.word(1)? as usize {
            let at = HEADER_WORDS + n * SEGMENT_WORDS;
            let word = |n: usize| copies.word(at + n);
            let segment = Segment {
                id: [word(0)?, word(1)?],
                documents: word(2)?,
                listed: word(3)? as usize,
                start: word(4)? as usize,
            };
            copies.segments.push(segment);
        }
        Some(copies)
    }

    /// The copies of an article; `None` when the file can't be read.
    pub(crate) fn of(&self, searcher: &Searcher, address: DocAddress) -> Option<Vec<DocAddress>> {
        let readers = searcher.segment_readers();
        let id = id_words(readers.get(address.segment_ord as usize)?);
        let segment = self.segments.iter().find(|s| s.id == id)?;
        let (mut low, mut high) = (0, segment.listed);
        let at = loop {
            if low >= high {
                return Some(Vec::new());
            }
            let middle = low + (high - low) / 2;
            match self.word(segment.start + middle)?.cmp(&address.doc_id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => break middle,
            }
        };
        let ends = segment.start + segment.listed;
        let list = ends + segment.listed;
        let from = if at == 0 { 0 } else { self.word(ends + at - 1)? as usize };
        let to = self.word(ends + at)? as usize;
        (from..to).map(|n| self.address(readers, self.word(list + n)?)).collect()
    }

    fn address(&self, readers: &[SegmentReader], number: u32) -> Option<DocAddress> {
        let mut doc_id = number;
        for segment in &self.segments {
            if doc_id < segment.documents {
                let ord = readers.iter().position(|r| id_words(r) == segment.id)?;
                return Some(DocAddress { segment_ord: ord as u32, doc_id });
            }
            doc_id -= segment.documents;
        }
        None
    }

    fn word(&self, n: usize) -> Option<u32> {
        let range = n.checked_mul(WORD)?..n.checked_add(1)?.checked_mul(WORD)?;
        if range.end > self.bytes.len() {
            return None;
        }
        self.check.slice(range.clone()).read_bytes().ok()?;
        Some(u32::from_le_bytes(self.bytes.get(range)?.try_into().ok()?))
    }
}
