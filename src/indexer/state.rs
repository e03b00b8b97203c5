//! What the last run knew, and how what a run meets stands to it.

use std::{
    path::PathBuf,
    rc::Rc,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::notes::{self, FileState, Noted};
use crate::{article::Article, limits, source::SourceFile, store::Generation};

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
    files: FxHashMap<String, Arc<FileState>>,
    /// Articles by id.
    hashes: FxHashMap<Arc<str>, u64>,
    met: FxHashSet<Arc<str>>,
    before: Vec<Arc<FileState>>,
}

impl Known {
    /// Reads the bytes of [`notes`]; `None` when they are of another version.
    pub(crate) fn read(bytes: &[u8]) -> Option<Known> {
        let mut known =
            Known { before: notes::decode(bytes)?.into_iter().map(Arc::new).collect(), ..Known::default() };
        known.files = known.before.iter().map(|state| (state.name.clone(), state.clone())).collect();
        let articles = known.before.iter().flat_map(|state| &state.articles);
        known.hashes = articles.map(|a| (a.id.clone(), a.content)).collect();
        Some(known)
    }

    /// What is known of a file, when its size and time say that it did not change.
    pub(crate) fn take_unchanged(&mut self, file: &SourceFile) -> Option<Arc<FileState>> {
        // An id that another file has taken in this run makes the file's articles doubtful.
        let sure = |state: &&Arc<FileState>| {
            state.is_unchanged(file) && !state.articles.iter().any(|a| self.met.contains(&a.id))
        };
        let state = self.files.get(&file.name).filter(sure)?.clone();
        self.met.extend(state.articles.iter().map(|a| a.id.clone()));
        Some(state)
    }

    /// The articles of a file by the fingerprints of their lines.
    pub(crate) fn lines(&self, name: &str) -> Rc<FxHashMap<u64, Noted>> {
        let articles = self.files.get(name).into_iter().flat_map(|state| &state.articles);
        Rc::new(articles.filter(|a| a.line != 0).map(|a| (a.line, a.clone())).collect())
    }

    /// The articles of a file that were not met in this run, and stay: what has become of them can't be
    /// known.
    pub(crate) fn keep_rest(&mut self, name: &str) -> Vec<Noted> {
        let Some(state) = self.files.get(name) else { return Vec::new() };
        state.articles.iter().filter(|a| self.met.insert(a.id.clone())).cloned().collect()
    }

    /// The same of every file at or below a path, but for those that `found` has.
    pub(crate) fn keep_below(&mut self, path: &str, found: impl Fn(&str) -> bool) -> Vec<FileState> {
        let below = |state: &&Arc<FileState>| is_below(&state.name, path) && !found(&state.name);
        let states: Vec<_> = self.before.iter().filter(below).cloned().collect();
        let kept = states.into_iter().map(|state| {
            let mut state = Arc::unwrap_or_clone(state);
            let all = state.articles.len();
            state.articles.retain(|a| self.met.insert(a.id.clone()));
            if state.articles.len() < all {
                state.unsettle();
            }
            state
        });
        kept.collect()
    }

    /// Whether articles are known of files at or below a path.
    pub(crate) fn has_articles_below(&self, path: &str) -> bool {
        self.before.iter().any(|s| is_below(&s.name, path) && !s.articles.is_empty())
    }

    /// Ids that no file's article may take in this run.
    pub(crate) fn keep<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        self.met.extend(ids.map(Arc::from));
    }

    /// The files as the last run left them.
    pub(crate) fn into_files(self) -> Vec<FileState> {
        drop(self.files);
        self.before.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    pub(crate) fn compare(&mut self, article: &Noted) -> Compared {
        if !self.met.insert(article.id.clone()) {
            return Compared::Duplicate;
        }
        match self.hashes.get(&article.id) {
            None => Compared::New,
            Some(known) if *known == article.content => Compared::Same,
            Some(_) => Compared::Changed,
        }
    }

    /// Ids that were in the index and were not met in this run, sorted.
    pub(crate) fn vanished(&self) -> Vec<Arc<str>> {
        let mut ids: Vec<_> = self.hashes.keys().filter(|id| !self.met.contains(*id)).cloned().collect();
        ids.sort();
        ids
    }

    /// Whether a run that wrote nothing also has nothing new to remember. That files now count as
    /// settled, or only bear another time, is worth a generation only when reading them again in each
    /// run would cost more.
    pub(crate) fn is_as_before(
        &self,
        now: &[Arc<FileState>],
        base: &Generation,
        sources: &[PathBuf],
    ) -> bool {
        let mut reread_bytes = 0;
        let same = self.before.len() == now.len()
            && self.before.iter().zip(now).all(|(before, now)| {
                let same = Arc::ptr_eq(before, now) || before.differs_in_time_only(now);
                reread_bytes += if same && before != now { now.size } else { 0 };
                same
            });
        same && reread_bytes <= limits::REREAD_MAX_BYTES
            && base.manifest.sources == sources.iter().map(|s| s.display().to_string()).collect::<Vec<_>>()
    }
}

/// Whether a file's name is a path or lies below it, both as [`crate::source::name_of`] gives them.
pub(crate) fn is_below(name: &str, path: &str) -> bool {
    path == "."
        || name
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || path.ends_with('/'))
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
pub(crate) fn now_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX))
}
