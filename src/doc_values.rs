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
//! segment: for every [`GROUP`] articles where the values of the first begin, in units of two bytes (u32), and how many
//! units each has (a byte each); the values: as u16 those of the heads, then, if there is a tail, [`TAIL`] and those of the
//! tail as u32. An article with too many for a byte has [`TAIL`] twice, which no other four units begin with, and where
//! its values stand instead, behind how many units they are (u32 each). Then how many
//! articles have every [`STEP`]th of the heads, from the first on (u32); and, where the paths stand, for each
//! path where it begins, and where the last one ends, and its place among all paths of its facet in their
//! order (u32 each); and the paths.

mod compile;

use std::{
    io,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tantivy::{
    DocId, HasLen, SegmentReader,
    directory::{FileSlice, OwnedBytes},
};

pub(crate) use self::compile::compile;
#[cfg(test)]
pub(crate) use self::compile::compile_with;
use crate::{schema::FACETS, store::BLOCK_BYTES};

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

/// Articles of which it is told together where their values begin: one line of the processor's cache for all, where
/// a place for each would be a line for nearly every article that is counted.
const GROUP: usize = 64;
const GROUP_BYTES: usize = WORD + GROUP;
/// Units of an article whose values stand elsewhere.
const ELSEWHERE: usize = 4;

/// Numbers from one head to the next of which it is told how many articles have it. In tests few, as their heads are.
pub(crate) const STEP: u32 = if cfg!(test) { 4 } else { 64 };

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
        let steps = heads[FACETS.len()].div_ceil(STEP) as usize * WORD;
        if !sound || !fits(paths, 2 * count as usize + 1) || paths < steps {
            return None;
        }
        let mut list = Vec::new();
        for n in 0..segments {
            let at = HEADER_BYTES + n * SEGMENT_BYTES;
            let id = std::str::from_utf8(file.read(at..at + ID_BYTES).ok()?).ok()?.to_owned();
            let documents = file.word(at + ID_BYTES).ok()?;
            let starts = file.place(at + ID_BYTES + WORD)?;
            let values = file.place(at + ID_BYTES + WORD + 8)?;
            let groups = (documents as usize).div_ceil(GROUP);
            if !fits(starts, groups * GROUP_BYTES / WORD) || values > room {
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

    /// How many articles have a head whose number is a multiple of [`STEP`]; no later head of its facet has more.
    ///
    /// # Errors
    ///
    /// As [`DocValues::path`].
    pub(crate) fn frequency(&self, number: u32) -> io::Result<u32> {
        let steps = self.heads[FACETS.len()].div_ceil(STEP);
        if number / STEP >= steps {
            return Err(damaged());
        }
        self.file.word(self.paths - (steps - number / STEP) as usize * WORD)
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
    fn pair(&self, at: usize) -> io::Result<(usize, usize)> {
        match self.read(at..at + 2 * WORD)?.as_chunks() {
            ([first, second], _) => {
                Ok((u32::from_le_bytes(*first) as usize, u32::from_le_bytes(*second) as usize))
            }
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
    /// Calls `see` for each value of some articles that is a head.
    ///
    /// # Errors
    ///
    /// When there is no such article, or what is read is damaged.
    pub(crate) fn heads(&self, docs: &[DocId], mut see: impl FnMut(u16)) -> io::Result<()> {
        for doc in docs {
            for value in self.read(*doc)? {
                let value = u16::from_le_bytes(*value);
                if value == TAIL {
                    break;
                }
                see(value);
            }
        }
        Ok(())
    }

    /// Calls `see` for each value of some articles that is in the tail.
    ///
    /// # Errors
    ///
    /// As [`SegmentValues::heads`].
    pub(crate) fn tail(&self, docs: &[DocId], mut see: impl FnMut(u32)) -> io::Result<()> {
        for doc in docs {
            let values = self.read(*doc)?;
            let Some(marker) = values.iter().position(|value| is_tail(*value)) else { continue };
            for [low, high] in values[marker + 1..].as_chunks().0 {
                see(long(*low, *high));
            }
        }
        Ok(())
    }

    #[inline]
    fn read(&self, doc: DocId) -> io::Result<&[[u8; 2]]> {
        if doc >= self.documents {
            return Err(damaged());
        }
        let (group, place) = (doc as usize / GROUP, doc as usize % GROUP);
        let at = self.starts_at + group * GROUP_BYTES;
        let Some((first, units)) = self.file.read(at..at + GROUP_BYTES)?.split_first_chunk() else {
            return Err(damaged());
        };
        let before: usize = units[..place].iter().map(|units| usize::from(*units)).sum();
        let list = self.list(u32::from_le_bytes(*first) as usize + before, usize::from(units[place]))?;
        match list {
            [tail, _, low, high] if is_tail(*tail) => self.elsewhere(long(*low, *high) as usize),
            list => Ok(list),
        }
    }

    #[cold]
    fn elsewhere(&self, from: usize) -> io::Result<&[[u8; 2]]> {
        let [low, high] = self.list(from, 2)? else { return Err(damaged()) };
        self.list(from + 2, long(*low, *high) as usize)
    }

    #[inline]
    fn list(&self, from: usize, units: usize) -> io::Result<&[[u8; 2]]> {
        let at = self.values_at + 2 * from;
        Ok(self.file.read(at..at + 2 * units)?.as_chunks().0)
    }
}

fn is_tail(value: [u8; 2]) -> bool {
    u16::from_le_bytes(value) == TAIL
}

fn long(low: [u8; 2], high: [u8; 2]) -> u32 {
    u32::from(u16::from_le_bytes(low)) | u32::from(u16::from_le_bytes(high)) << u16::BITS
}

#[cfg(test)]
pub(crate) mod tests;
