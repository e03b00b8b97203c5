//! Stored records, each compressed by itself with a dictionary that its index was given.
//!
//! A news article has 1 to 5 kB: too little for a general compressor to learn from, and blocks of
//! several articles mean decompressing all of them for one. A dictionary trained on a sample of the
//! same news (zstd's COVER, Liao et al. 2016) brings records to 0.44 of their size, where lz4 in
//! blocks of 8 kB brings 0.72; and reading one takes 8 µs, as there.

use std::sync::{Mutex, PoisonError};

use zstd::{
    bulk::Compressor,
    dict::{DecoderDictionary, from_samples},
    zstd_safe::{CParameter, DCtx},
};

use crate::limits::{RECORD_MAX_BYTES, SAMPLE_MAX_BYTES, SAMPLE_MIN_BYTES};

/// zstd's level.
const LEVEL: i32 = 4;
/// Size of a dictionary.
const DICTIONARY_BYTES: usize = 256 << 10;

/// Decompressors that are kept for the next record.
const IDLE_MAX: usize = 16;

/// Trains a dictionary; empty when the sample is too small for one to pay.
pub(crate) fn train(samples: &[Vec<u8>]) -> Vec<u8> {
    let total: usize = samples.iter().map(Vec::len).sum();
    if total < SAMPLE_MIN_BYTES {
        return Vec::new();
    }
    let mut used = 0;
    let fitting: Vec<&[u8]> = samples
        .iter()
        .map(Vec::as_slice)
        .take_while(|s| {
            used += s.len();
            used <= SAMPLE_MAX_BYTES
        })
        .collect();
    // A sample that can't be trained on (all alike) gives an index without a dictionary.
    from_samples(&fitting, DICTIONARY_BYTES).unwrap_or_default()
}

/// Compresses records. One a thread.
pub(crate) struct Packer(Compressor<'static>);

impl Packer {
    pub(crate) fn new(dictionary: &[u8]) -> std::io::Result<Packer> {
        let mut compressor = Compressor::with_dictionary(LEVEL, dictionary)?;
        // Known from elsewhere: the length stands in front, and an index has one dictionary.
        compressor.set_parameter(CParameter::ContentSizeFlag(false))?;
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        Ok(Packer(compressor))
    }

    /// The stored form: the record's length, then the record, compressed.
    pub(crate) fn pack(&mut self, record: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(4 + record.len() / 2);
        out.extend_from_slice(&(record.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.0.compress(record)?);
        Ok(out)
    }
}

/// Decompresses records; shared by all threads.
pub(crate) struct Unpacker {
    dictionary: DecoderDictionary<'static>,
    /// Working memory that is not in use: to allocate it takes longer than to unpack a record.
    idle: Mutex<Vec<DCtx<'static>>>,
}

impl Unpacker {
    pub(crate) fn new(dictionary: &[u8]) -> Unpacker {
        Unpacker { dictionary: DecoderDictionary::copy(dictionary), idle: Mutex::default() }
    }

    /// The record; `None` when the bytes are none.
    pub(crate) fn unpack(&self, packed: &[u8]) -> Option<Vec<u8>> {
        let (len, rest) = packed.split_at_checked(4)?;
        let len = u32::from_le_bytes(len.try_into().ok()?) as usize;
        if len > RECORD_MAX_BYTES {
            return None;
        }
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut context = taken.or_else(DCtx::try_create)?;
        let mut record = Vec::with_capacity(len);
        let done = context.decompress_using_ddict(&mut record, rest, self.dictionary.as_ddict());
        let mut idle = idle();
        if idle.len() < IDLE_MAX {
            idle.push(context);
        }
        done.ok()?;
        (record.len() == len).then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<Vec<u8>> {
        let words =
            ["lithium", "稀土", "cobalt", "出口", "futures", "碳酸锂", "price", "tonnes", "四川省", "export"];
        (0..2_000u32)
            .map(|n| {
                (0..60)
                    .map(|i| words[((n * 7 + i * i * 3 + n * i) % 10) as usize])
                    .collect::<Vec<_>>()
                    .join(" ")
                    .into_bytes()
            })
            .collect()
    }

    #[test]
    fn records_come_back_with_and_without_a_dictionary() {
        let samples = samples();
        let trained = train(&samples);
        assert!(!trained.is_empty());
        for dictionary in [Vec::new(), trained] {
            let (mut packer, unpacker) = (Packer::new(&dictionary).unwrap(), Unpacker::new(&dictionary));
            for record in samples.iter().take(20).chain([&Vec::new()]) {
                assert_eq!(unpacker.unpack(&packer.pack(record).unwrap()).as_ref(), Some(record));
            }
        }
        assert!(train(&samples[..3]).is_empty());
    }

    #[test]
    fn damaged_records_are_refused() {
        let (mut packer, unpacker) = (Packer::new(b"").unwrap(), Unpacker::new(b""));
        let packed = packer.pack(&samples()[0]).unwrap();
        for cut in 0..packed.len() {
            assert!(unpacker.unpack(&packed[..cut]).is_none());
        }
        assert!(unpacker.unpack(&[0xFF; 16]).is_none());
    }
}
