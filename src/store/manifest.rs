//! What a generation says of itself: every file with its checksum, and what was indexed.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use serde::{Deserialize, Serialize};

/// The manifest of a generation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Bytes of title and body of its articles.
    pub text_bytes: u64,
    /// The sources that it was built from, as given.
    pub sources: Vec<String>,
    /// Every other file of the generation.
    pub files: BTreeMap<String, FileSum>,
}

/// Size and checksum of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    /// Size in bytes.
    pub bytes: u64,
    /// CRC-32 (IEEE) of the whole file.
    pub crc32: u32,
}

impl FileSum {
    /// Size and checksum of a file, read in pieces.
    pub(super) fn of(path: &Path) -> std::io::Result<FileSum> {
        let mut file = fs::File::open(path)?;
        let mut hasher = crc32fast::Hasher::new();
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            hasher.update(&buffer[..n]);
            bytes += n as u64;
        }
        Ok(FileSum { bytes, crc32: hasher.finalize() })
    }
}
