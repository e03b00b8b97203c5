//! What a generation remembers of each source file and its articles: `files.bin`, a file of the
//! generation, so that the two can't disagree.
//!
//! A version byte, the number of files, then each file: name, size, time of change, whether it is
//! settled and has lines, its articles, and what of it was skipped. An article is its id, of which what
//! it shares with the one before is left out, the hash of its content, the fingerprint of its line where
//! there are lines, and the bytes of its text. Numbers are LEB128 varints but for hashes, which take
//! eight bytes: about 23 bytes an article.

use std::sync::Arc;

use crate::{
    article::{Article, Skip},
    schema::record::{Reader, put, put_str},
    source::SourceFile,
};

/// The first byte of the file.
const VERSION: u8 = 1;

/// A file whose time of change is this close to the time of reading may change again without another
/// time: it is read again by the next run.
const RACY_NS: i64 = 2_000_000_000;

/// A source file as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FileState {
    pub(crate) name: String,
    pub(super) size: u64,
    pub(super) modified_ns: i64,
    /// Whether size and time suffice to know that it did not change.
    pub(super) settled: bool,
    pub(crate) articles: Vec<Noted>,
    pub(crate) skips: Vec<Skip>,
}

/// An article as it was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Noted {
    pub(crate) id: Arc<str>,
    /// Hash of everything of it that the index holds.
    pub(crate) content: u64,
    /// Fingerprint of the line that it was read from: see [`crate::source::steps`]. 0 in a format
    /// without lines.
    pub(crate) line: u64,
    /// Of title and body.
    pub(crate) text_bytes: u64,
}

impl Noted {
    pub(crate) fn of(article: &Article, content: u64, line: u64) -> Noted {
        let text_bytes = (article.title.len() + article.body.len()) as u64;
        Noted { id: article.id.as_str().into(), content, line, text_bytes }
    }
}

impl AsRef<FileState> for FileState {
    fn as_ref(&self) -> &FileState {
        self
    }
}

impl FileState {
    pub(crate) fn of(file: &SourceFile, read_at_ns: i64) -> FileState {
        let modified_ns = clamp_ns(file.modified_ns);
        FileState {
            name: file.name.clone(),
            size: file.size,
            modified_ns,
            settled: modified_ns.saturating_add(RACY_NS) < read_at_ns,
            articles: Vec::new(),
            skips: Vec::new(),
        }
    }

    /// Whether the file's size and time say that it is as it was.
    pub(super) fn is_unchanged(&self, file: &SourceFile) -> bool {
        self.settled && self.size == file.size && self.modified_ns == clamp_ns(file.modified_ns)
    }

    /// Whether the same was read, whatever the file's time says.
    pub(super) fn differs_in_time_only(&self, other: &FileState) -> bool {
        let FileState { name, size, modified_ns: _, settled: _, articles, skips } = self;
        (name, size, articles, skips) == (&other.name, &other.size, &other.articles, &other.skips)
    }

    /// The index does not hold all that the file holds: the next run reads it again, whether or not it
    /// changed.
    pub(crate) fn unsettle(&mut self) {
        self.settled = false;
    }

    pub(crate) fn text_bytes(&self) -> u64 {
        self.articles.iter().map(|a| a.text_bytes).sum()
    }
}

/// Nanoseconds since 1970, as far as 64 bits reach: from 1677 to 2262.
fn clamp_ns(ns: i128) -> i64 {
    i64::try_from(ns).unwrap_or(if ns < 0 { i64::MIN } else { i64::MAX })
}

/// The bytes of the file.
pub(crate) fn encode<'a>(states: impl ExactSizeIterator<Item = &'a FileState>) -> Vec<u8> {
    let mut out = vec![VERSION];
    put(&mut out, states.len() as u64);
    for state in states {
        put_str(&mut out, &state.name);
        put(&mut out, state.size);
        out.extend_from_slice(&state.modified_ns.to_le_bytes());
        let has_lines = state.articles.iter().any(|a| a.line != 0);
        put(&mut out, u64::from(state.settled) | u64::from(has_lines) << 1);
        put(&mut out, state.articles.len() as u64);
        let mut before = "";
        for article in &state.articles {
            let shared = before.bytes().zip(article.id.bytes()).take_while(|(a, b)| a == b).count();
            let shared = article.id.floor_char_boundary(shared);
            put(&mut out, shared as u64);
            put_str(&mut out, article.id.get(shared..).unwrap_or_default());
            out.extend_from_slice(&article.content.to_le_bytes());
            if has_lines {
                out.extend_from_slice(&article.line.to_le_bytes());
            }
            put(&mut out, article.text_bytes);
            before = &article.id;
        }
        put(&mut out, state.skips.len() as u64);
        for skip in &state.skips {
            put_str(&mut out, &skip.path);
            put(&mut out, skip.line.map_or(0, |line| line.saturating_add(1)));
            put_str(&mut out, &skip.reason);
        }
    }
    out
}

/// Reads the bytes of the file; `None` when they are none of this version's.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<FileState>> {
    let (version, rest) = bytes.split_first()?;
    if *version != VERSION {
        return None;
    }
    let mut reader = Reader::of(rest);
    // Not believed before that many were read.
    let count = reader.size()?;
    let mut states = Vec::with_capacity(count.min(bytes.len() / 16));
    for _ in 0..count {
        states.push(file(&mut reader)?);
    }
    reader.is_at_end().then_some(states)
}

fn file(reader: &mut Reader) -> Option<FileState> {
    let (name, size) = (reader.str()?.to_owned(), reader.number()?);
    let modified_ns = reader.fixed()? as i64;
    let flags = reader.number()?;
    let count = reader.size()?;
    let mut articles: Vec<Noted> = Vec::with_capacity(count.min(reader.left() / 11));
    let mut id = String::new();
    for _ in 0..count {
        let shared = reader.size()?;
        id.truncate(id.get(..shared)?.len());
        id.push_str(reader.str()?);
        let content = reader.fixed()?;
        let line = if flags & 2 == 0 { 0 } else { reader.fixed()? };
        articles.push(Noted { id: id.as_str().into(), content, line, text_bytes: reader.number()? });
    }
    let mut skips = Vec::new();
    for _ in 0..reader.size()? {
        let path = reader.str()?.to_owned();
        let line = reader.number()?.checked_sub(1);
        skips.push(Skip { path, line, reason: reader.str()?.to_owned() });
    }
    Some(FileState { name, size, modified_ns, settled: flags & 1 == 1, articles, skips })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<FileState> {
        let noted = |id: &str, line| Noted { id: id.into(), content: u64::MAX - line, line, text_bytes: 300 };
        let skip = |line| Skip { path: "news/a.ndjson".into(), line, reason: "not JSON".into() };
        let file = |name: &str, articles, skips| FileState {
            name: name.into(),
            size: 1 << 40,
            modified_ns: -7,
            settled: !name.is_empty(),
            articles,
            skips,
        };
        vec![
            file(
                "news/a.ndjson",
                vec![noted("a#1", 5), noted("a#12", 6), noted("矿", 7), noted("砂", 8)],
                vec![],
            ),
            file("news/b.txt", vec![noted("news/b.txt", 0)], vec![skip(None), skip(Some(0)), skip(Some(9))]),
            file("", vec![], vec![]),
        ]
    }

    #[test]
    fn what_was_written_is_read() {
        let states = sample();
        assert_eq!(decode(&encode(states.iter())), Some(states));
        assert_eq!(decode(&encode([].iter())), Some(vec![]));
    }

    #[test]
    fn other_bytes_are_refused_not_panicked_at() {
        let bytes = encode(sample().iter());
        for at in 0..bytes.len() {
            assert_eq!(decode(&bytes[..at]), None);
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                let _ = decode(&bad);
            }
        }
        assert_eq!(decode(b"{\"name\":\"news/a.ndjson\"}\n"), None);
    }
}
