//! What a generation says of itself: every file with its checksum, and what was indexed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FileSum;

/// The manifest of a generation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// Name of the generation, `gen-000007`.
    pub generation: String,
    /// When it was published, RFC 3339 in UTC.
    pub published: String,
    /// Version of the schema and of the stored record.
    pub schema: u32,
    /// Version of the analysis: normalisation, words, stems.
    pub analyzer: u32,
    /// Fingerprint of the gazetteer's tables, in hexadecimal.
    pub gazetteer: String,
    /// Articles in it.
    pub articles: u64,
    /// How many of them a program gave from memory.
    #[serde(default)]
    pub given: u64,
    /// Bytes of title and body of its articles.
    pub text_bytes: u64,
    /// The sources that it was built from, as given.
    pub sources: Vec<String>,
    /// Bytes of the blocks whose checksums stand in `sums.bin`; 0 where an older version published.
    #[serde(default)]
    pub block_bytes: u64,
    /// Every other file of the generation.
    pub files: BTreeMap<String, FileSum>,
}
