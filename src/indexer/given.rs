//! Articles that a program gave from memory. No file holds them, so the generation does: as chunks of
//! compressed NDJSON that stay as they are whatever happens to schema, names or analysis, and from
//! which a rebuild takes them.
//!
//! Each batch appends a chunk, `given-000003.ndjson.zst`: a line for each article that it put or
//! removed, behind the line's own CRC-32 in hexadecimal, so that what is left of a damaged chunk can be
//! trusted. The last line about an id holds. When much of the chunks is out of date, they are written
//! anew as one. `given.json` says what holds now, so that a batch need not read the chunks.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Write},
};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::state::content_hash;
use crate::{
    article::{Article, Skip},
    error::{Error, Result},
    limits,
    store::{Draft, Generation, NewFile, Store},
};

/// What holds now; see [`Given`].
pub(crate) const GIVEN: &str = "given.json";

/// How the names of chunks begin.
pub(crate) const CHUNKS: &str = "given-";

/// zstd's own default: text shrinks to a third at a speed that nobody notices beside the analysis.
const CHUNK_LEVEL: i32 = 3;

/// The articles that a generation holds for programs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Given {
    /// Bytes of text in each chunk, whether or not they still hold.
    chunks: BTreeMap<u32, u64>,
    articles: BTreeMap<String, Kept>,
}

/// What is known of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Kept {
    hash: u64,
    /// Of title and body.
    bytes: u64,
}

/// A line of a chunk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Put(Box<Article>),
    Removed(String),
}

impl Given {
    /// What a generation holds.
    pub(crate) fn read(store: &Store, generation: &Generation) -> Result<Given> {
        if !generation.manifest.files.contains_key(GIVEN) {
            return Ok(Given::default());
        }
        serde_json::from_slice(&store.read(generation, GIVEN)?).map_err(|e| Error::Damaged {
            path: generation.dir.join(GIVEN),
            reason: format!("it can't be understood: {e}"),
        })
    }

    pub(crate) fn len(&self) -> u64 {
        self.articles.len() as u64
    }

    /// Bytes of title and body of all of them.
    pub(crate) fn text_bytes(&self) -> u64 {
        self.articles.values().map(|kept| kept.bytes).sum()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.articles.keys().map(String::as_str)
    }

    /// The hash of the article with an id.
    pub(crate) fn hash(&self, id: &str) -> Option<u64> {
        self.articles.get(id).map(|kept| kept.hash)
    }

    /// A chunk after all that there are.
    pub(crate) fn next_chunk(&self, draft: &Draft) -> Result<Chunk> {
        let number = self.chunks.keys().next_back().map_or(1, |n| n + 1);
        Chunk::create(draft, number)
    }

    pub(crate) fn put(&mut self, article: &Article, hash: u64) {
        self.articles.insert(article.id.clone(), Kept { hash, bytes: text_bytes(article) });
    }

    /// Says whether there was such an article.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.articles.remove(id).is_some()
    }

    /// Writes the table into a draft, and the chunks anew when they have become many or are mostly out
    /// of date.
    pub(crate) fn finish(&mut self, draft: &Draft, chunk: Chunk) -> Result<()> {
        if chunk.is_empty {
            let name = chunk_name(chunk.number);
            drop(chunk);
            draft.remove(&name)?;
        } else {
            let (number, bytes) = chunk.finish()?;
            self.chunks.insert(number, bytes);
        }
        let written: u64 = self.chunks.values().sum();
        let out_of_date = written.saturating_sub(self.text_bytes());
        let one_is_fine = self.chunks.len() < 2 && !self.articles.is_empty();
        if self.chunks.len() > limits::GIVEN_CHUNKS_MAX || (!one_is_fine && out_of_date > written / 2) {
            self.rewrite(draft)?;
        }
        draft.write(GIVEN, &serde_json::to_vec(self).unwrap_or_default())
    }

    fn rewrite(&mut self, draft: &Draft) -> Result<()> {
        let names: Vec<String> = self.chunks.keys().map(|n| chunk_name(*n)).collect();
        let mut fresh = if self.articles.is_empty() { None } else { Some(self.next_chunk(draft)?) };
        let problems = replay(
            &names,
            |name| draft.read(name),
            |article| match &mut fresh {
                Some(chunk) => chunk.put(&article),
                None => Ok(()),
            },
        )?;
        if let Some(problem) = problems.first() {
            // Summed up when they were linked, so this is a fault of the disk since.
            return Err(Error::Damaged {
                path: draft.dir().join(&problem.path),
                reason: problem.reason.clone(),
            });
        }
        self.chunks.clear();
        if let Some(chunk) = fresh {
            let (number, bytes) = chunk.finish()?;
            self.chunks.insert(number, bytes);
        }
        names.iter().try_for_each(|name| draft.remove(name))
    }
}

fn text_bytes(article: &Article) -> u64 {
    (article.title.len() + article.body.len()) as u64
}

fn chunk_name(number: u32) -> String {
    format!("{CHUNKS}{number:06}.ndjson.zst")
}

/// A chunk that is being written.
pub(crate) struct Chunk {
    number: u32,
    bytes: u64,
    is_empty: bool,
    path: std::path::PathBuf,
    encoder: zstd::stream::Encoder<'static, Box<dyn NewFile>>,
}

impl Chunk {
    fn create(draft: &Draft, number: u32) -> Result<Chunk> {
        let path = draft.dir().join(chunk_name(number));
        let file = draft.create(&chunk_name(number))?;
        let encoder = zstd::stream::Encoder::new(file, CHUNK_LEVEL).map_err(Error::io("writing", &path))?;
        Ok(Chunk { number, bytes: 0, is_empty: true, path, encoder })
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        self.is_empty = false;
        let json = serde_json::to_string(line).unwrap_or_default();
        let sum = crc32fast::hash(json.as_bytes());
        writeln!(self.encoder, "{sum:08x} {json}").map_err(Error::io("writing", &self.path))
    }

    pub(crate) fn put(&mut self, article: &Article) -> Result<()> {
        self.bytes += text_bytes(article);
        self.line(&Line::Put(Box::new(article.clone())))
    }

    pub(crate) fn remove(&mut self, id: &str) -> Result<()> {
        self.line(&Line::Removed(id.to_owned()))
    }

    fn finish(self) -> Result<(u32, u64)> {
        let Chunk { number, bytes, path, encoder, .. } = self;
        let last = || encoder.finish()?.sync();
        last().map_err(Error::io("writing", path))?;
        Ok((number, bytes))
    }
}

/// Gives what holds of the last generation's articles from memory, even if it is not whole otherwise;
/// what can't be read of them is returned.
pub(crate) fn restore(store: &Store, mut each: impl FnMut(Article, u64) -> Result<()>) -> Result<Vec<Skip>> {
    let chunks: BTreeMap<String, io::Result<Vec<u8>>> = store.salvage(CHUNKS)?.into_iter().collect();
    let names: Vec<String> = chunks.keys().cloned().collect();
    let read = |name: &str| match chunks.get(name) {
        Some(Ok(bytes)) => Ok(bytes.clone()),
        Some(Err(e)) => Err(Error::io("reading", name)(e.kind().into())),
        None => Ok(Vec::new()),
    };
    replay(&names, read, |article| {
        let hash = content_hash(&article);
        each(article, hash)
    })
}

/// Reads chunks in their order, twice: the first time only to learn which line about an id is the last.
fn replay(
    names: &[String],
    read: impl Fn(&str) -> Result<Vec<u8>>,
    mut each: impl FnMut(Article) -> Result<()>,
) -> Result<Vec<Skip>> {
    let mut last: FxHashMap<String, (usize, usize)> = FxHashMap::default();
    let mut problems = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let mut number = 0;
        let outcome = lines(name, &read, |line| {
            match line {
                Line::Put(article) => last.insert(article.id, (at, number)),
                Line::Removed(id) => last.remove(&id),
            };
            number += 1;
            Ok(())
        })?;
        problems.extend(outcome);
    }
    for (at, name) in names.iter().enumerate() {
        let mut number = 0;
        lines(name, &read, |line| {
            if let Line::Put(article) = line
                && last.get(&article.id) == Some(&(at, number))
            {
                each(*article)?;
            }
            number += 1;
            Ok(())
        })?;
    }
    Ok(problems)
}

/// The sound lines of a chunk; returns what is wrong with the first other one.
fn lines(
    name: &str,
    read: impl Fn(&str) -> Result<Vec<u8>>,
    mut each: impl FnMut(Line) -> Result<()>,
) -> Result<Option<Skip>> {
    let problem = |line: u64, fault: &str| {
        let reason = format!(
            "{fault}; articles that a program had added are lost, or as they were before: add them again"
        );
        Some(Skip { path: name.to_owned(), line: Some(line), reason })
    };
    let bytes = match read(name) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(problem(1, &error.to_string())),
    };
    let mut reader = match zstd::stream::Decoder::new(bytes.as_slice()) {
        Ok(decoder) => BufReader::new(decoder),
        Err(error) => return Ok(problem(1, &error.to_string())),
    };
    let mut text = Vec::new();
    let mut first = None;
    for number in 1.. {
        text.clear();
        match reader.read_until(b'\n', &mut text) {
            Ok(0) => break,
            Ok(_) => match parse(&text) {
                Some(line) => each(line)?,
                None => first = first.or_else(|| problem(number, "a line is damaged")),
            },
            Err(error) => return Ok(first.or_else(|| problem(number, &error.to_string()))),
        }
    }
    Ok(first)
}

fn parse(text: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
    let (sum, json) = text.split_at_checked(8)?;
    let json = json.strip_prefix(' ')?;
    let sum = u32::from_str_radix(sum, 16).ok()?;
    (sum == crc32fast::hash(json.as_bytes())).then(|| serde_json::from_str(json).ok())?
}
