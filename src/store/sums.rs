//! Checksums: of a whole file in the manifest, of its blocks in `sums.bin`.
//!
//! `sums.bin` holds the CRC-32 of each block of each file as little-endian u32: the files in the order
//! of the manifest (by name), without itself, and the blocks of each in order. Its own checksum stands
//! in the manifest like any other file's.

use std::{
    collections::BTreeMap,
    io::{self, Read},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

/// Name of the file of block sums.
pub(crate) const SUMS: &str = "sums.bin";

/// Bytes of one block. A cold query reads some 8 kB here and there: a block is what it pays for each.
pub(crate) const BLOCK_BYTES: usize = 16 << 10;

/// Bytes of one block's sum.
const SUM_BYTES: usize = 4;

/// Size and checksum of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileSum {
    /// Size in bytes.
    pub bytes: u64,
    /// CRC-32 (IEEE) of the whole file.
    pub crc32: u32,
}

/// All checksums of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Summed {
    pub(crate) whole: FileSum,
    pub(crate) blocks: Vec<u32>,
}

impl Summed {
    /// Of all that a reader gives, in one pass.
    pub(crate) fn of(mut reader: impl Read) -> io::Result<Summed> {
        let mut whole = crc32fast::Hasher::new();
        let mut blocks = Vec::new();
        let mut buffer = vec![0; BLOCK_BYTES];
        let mut bytes = 0;
        loop {
            let mut filled = 0;
            while filled < BLOCK_BYTES {
                match reader.read(&mut buffer[filled..]) {
                    Ok(0) => break,
                    Ok(n) => filled += n,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
            if filled > 0 {
                whole.update(&buffer[..filled]);
                blocks.push(crc32fast::hash(&buffer[..filled]));
                bytes += filled as u64;
            }
            if filled < BLOCK_BYTES {
                return Ok(Summed { whole: FileSum { bytes, crc32: whole.finalize() }, blocks });
            }
        }
    }

    /// The sums of a file in memory.
    pub(crate) fn of_bytes(bytes: &[u8]) -> FileSum {
        FileSum { bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
    }
}

/// The file of the block sums, from the files in order of their names.
pub(crate) fn encode<'a>(files: impl Iterator<Item = &'a Summed>) -> Vec<u8> {
    files.flat_map(|f| &f.blocks).flat_map(|sum| sum.to_le_bytes()).collect()
}

/// The block sums of a generation, as its file holds them.
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    bytes: Arc<Vec<u8>>,
    /// Where the sums of each file begin.
    starts: BTreeMap<String, (usize, usize)>,
}

impl Sums {
    /// Reads the file's bytes, which are verified already; `None` when they do not fit the files.
    pub(crate) fn decode(bytes: Vec<u8>, files: &BTreeMap<String, FileSum>) -> Option<Sums> {
        let mut starts = BTreeMap::new();
        let mut at = 0;
        for (name, sum) in files.iter().filter(|(name, _)| *name != SUMS) {
            let blocks = usize::try_from(sum.bytes).ok()?.div_ceil(BLOCK_BYTES);
            starts.insert(name.clone(), (at, blocks));
            at += blocks * SUM_BYTES;
        }
        (at == bytes.len()).then(|| Sums { bytes: Arc::new(bytes), starts })
    }

    /// The sums of a file's blocks.
    pub(crate) fn of(&self, file: &str) -> Option<BlockSums> {
        let (start, blocks) = *self.starts.get(file)?;
        Some(BlockSums { bytes: self.bytes.clone(), start, blocks })
    }
}

/// The sums of the blocks of one file.
#[derive(Debug, Clone)]
pub(crate) struct BlockSums {
    bytes: Arc<Vec<u8>>,
    start: usize,
    blocks: usize,
}

impl BlockSums {
    /// How many blocks there are.
    pub(crate) fn len(&self) -> usize {
        self.blocks
    }

    /// The sum of a block; `None` past the last.
    pub(crate) fn get(&self, block: usize) -> Option<u32> {
        if block >= self.blocks {
            return None;
        }
        let at = self.start + block * SUM_BYTES;
        Some(u32::from_le_bytes(self.bytes.get(at..at + SUM_BYTES)?.try_into().ok()?))
    }

    /// All of them.
    pub(crate) fn to_vec(&self) -> Vec<u32> {
        (0..self.blocks).map_while(|block| self.get(block)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives few bytes at a time, as a pipe does.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.0.len().min(buffer.len()).min(1_000);
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn sums_survive_their_file() {
        let contents: Vec<Vec<u8>> = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 1]
            .map(|n| (0..n).map(|i| (i % 251) as u8).collect())
            .into();
        let summed: Vec<Summed> = contents.iter().map(|c| Summed::of(Drip(c)).unwrap()).collect();
        let files: BTreeMap<String, FileSum> =
            summed.iter().enumerate().map(|(n, s)| (n.to_string(), s.whole)).collect();
        let sums = Sums::decode(encode(summed.iter()), &files).unwrap();
        for (n, content) in contents.iter().enumerate() {
            assert_eq!(summed[n].whole, Summed::of_bytes(content));
            let blocks = sums.of(&n.to_string()).unwrap();
            assert_eq!(blocks.to_vec(), content.chunks(BLOCK_BYTES).map(crc32fast::hash).collect::<Vec<_>>());
            assert_eq!(blocks.get(blocks.len()), None);
        }
        assert!(sums.of("other").is_none());
        assert!(Sums::decode(vec![0; 4], &files).is_none());
    }
}
