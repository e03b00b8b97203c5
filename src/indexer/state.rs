//! What a run knows of the files and articles that the last one indexed. It is a file of the
//! generation, so the two can't disagree.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use crate::{
    article::{Article, Skip},
    error::{Error, Result},
    limits,
    source::SourceFile,
    store::Generation,
};

/// A file whose time of change is this close to the time of reading may change again without another
/// time: it is read again by the next run.
const RACY_NS: i128 = 2_000_000_000;

/// A source file as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FileState {
    pub(crate) name: String,
    size: u64,
    modified_ns: i128,
    /// Whether size and time suffice to know that it did not change.
    settled: bool,
    pub(crate) text_bytes: u64,
    /// Ids and content hashes of its articles.
    pub(crate) articles: Vec<(String, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skips: Vec<Skip>,
}

impl FileState {
    pub(crate) fn of(file: &SourceFile, read_at_ns: i128) -> FileState {
        FileState {
            name: file.name.clone(),
            size: file.size,
            modified_ns: file.modified_ns,
            settled: file.modified_ns + RACY_NS < read_at_ns,
            text_bytes: 0,
            articles: Vec::new(),
            skips: Vec::new(),
        }
    }

    /// Whether the same was read, whatever the file's time says.
    fn differs_in_time_only(&self, other: &FileState) -> bool {
        let FileState { name, size, modified_ns: _, settled: _, text_bytes, articles, skips } = self;
        (name, size, text_bytes, articles, skips)
            == (&other.name, &other.size, &other.text_bytes, &other.articles, &other.skips)
    }

    /// One of its articles was left out because another has its id. When that one goes, this one must
    /// take its place, so the next run reads the file again whether or not it changed.
    pub(crate) fn left_one_out(&mut self) {
        self.settled = false;
    }
}

/// How an article stands to the index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    New,
    Changed,
    Same,
    /// The id was met in this run already.
    Duplicate,
}

/// All that the last run knew.
#[derive(Debug, Default)]
pub(crate) struct Known {
    files: FxHashMap<String, FileState>,
    /// Articles of files that were not taken over whole, by id.
    hashes: FxHashMap<String, u64>,
    met: FxHashSet<String>,
    before: Vec<FileState>,
}

impl Known {
    /// Reads the bytes of the file `path`, which only messages name.
    pub(crate) fn read(bytes: &[u8], path: &Path) -> Result<Known> {
        let mut known = Known::default();
        for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let state: FileState = serde_json::from_slice(line).map_err(|e| Error::Damaged {
                path: path.to_owned(),
                reason: format!("a line can't be understood: {e}"),
            })?;
            known.before.push(state);
        }
        known.files = HashMap::with_capacity_and_hasher(known.before.len(), FxBuildHasher);
        for state in &known.before {
            for (id, hash) in &state.articles {
                known.hashes.insert(id.clone(), *hash);
            }
            known.files.insert(state.name.clone(), state.clone());
        }
        Ok(known)
    }

    /// What is known of a file, when its size and time say that it did not change.
    pub(crate) fn take_unchanged(&mut self, file: &SourceFile) -> Option<FileState> {
        let state = self.files.get(&file.name)?;
        if !state.settled || state.size != file.size || state.modified_ns != file.modified_ns {
            return None;
        }
        // An id that another file has taken in this run makes the file's articles doubtful.
        if state.articles.iter().any(|(id, _)| self.met.contains(id)) {
            return None;
        }
        let state = self.files.remove(&file.name)?;
        self.met.extend(state.articles.iter().map(|(id, _)| id.clone()));
        Some(state)
    }

    /// Whether any article of a file is known.
    pub(crate) fn has_articles(&self) -> bool {
        self.before.iter().any(|state| !state.articles.is_empty())
    }

    /// Ids that no file's article may take in this run.
    pub(crate) fn keep<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        self.met.extend(ids.map(str::to_owned));
    }

    /// The files as the last run left them.
    pub(crate) fn into_files(self) -> Vec<FileState> {
        self.before
    }

    pub(crate) fn compare(&mut self, id: &str, hash: u64) -> Compared {
        if !self.met.insert(id.to_owned()) {
            return Compared::Duplicate;
        }
        match self.hashes.get(id) {
            None => Compared::New,
            Some(known) if *known == hash => Compared::Same,
            Some(_) => Compared::Changed,
        }
    }

    /// Ids that were in the index and were not met in this run, sorted.
    pub(crate) fn vanished(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.hashes.keys().filter(|id| !self.met.contains(*id)).cloned().collect();
        ids.sort();
        ids
    }

    /// Whether a run that wrote nothing also has nothing new to remember. That files now count as
    /// settled, or only bear another time, is worth a generation only when reading them again in each
    /// run would cost more.
    pub(crate) fn is_as_before(&self, now: &[FileState], base: &Generation, sources: &[PathBuf]) -> bool {
        let mut reread_bytes = 0;
        let same = self.before.len() == now.len()
            && self.before.iter().zip(now).all(|(before, now)| {
                let same = before.differs_in_time_only(now);
                reread_bytes += if same && before != now { now.size } else { 0 };
                same
            });
        same && reread_bytes <= limits::REREAD_MAX_BYTES
            && base.manifest.sources == sources.iter().map(|s| s.display().to_string()).collect::<Vec<_>>()
    }
}

/// The file `files.ndjson` of a generation.
pub(crate) fn to_ndjson(states: &[FileState]) -> Vec<u8> {
    let mut out = Vec::new();
    for state in states {
        // Numbers, strings and lists always serialise.
        out.extend_from_slice(&serde_json::to_vec(state).unwrap_or_default());
        out.push(b'\n');
    }
    out
}

/// A hash of everything of an article that the index holds.
pub(crate) fn content_hash(article: &Article) -> u64 {
    let mut hasher = Xxh3::new();
    let date = article.date.map(|d| d.to_string());
    let extra = serde_json::to_string(&article.extra).unwrap_or_default();
    for part in [
        Some(article.title.as_str()),
        Some(article.body.as_str()),
        date.as_deref(),
        article.source.as_deref(),
        article.url.as_deref(),
        Some(article.lang.code()),
        Some(article.path.as_str()),
        Some(extra.as_str()),
    ] {
        hasher.update(part.unwrap_or("").as_bytes());
        hasher.update(&[0xFF, u8::from(part.is_some())]);
    }
    hasher.digest()
}

/// A fingerprint of the words that the user added.
pub(crate) fn words_fingerprint(words: &[String]) -> u64 {
    words.iter().fold(0, |sum, word| sum ^ xxh3_64(word.as_bytes()))
}

/// Now, in nanoseconds since 1970.
pub(crate) fn now_ns() -> i128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i128)
}
