//! An index as an embedding program sees it: change it, search it, look after it.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::Serialize;

use crate::{
    analysis::fold,
    article::Article,
    config::Config,
    error::Result,
    gazetteer::{Gazetteer, NameRow, TableKind, tables_of_rows},
    indexer::{self, Analysis, Batch, IndexOptions, LastRun, Progress, Report},
    search::Searcher,
    store::{self, Manifest, Problem, Store},
};

/// An index: in a folder, or in memory.
///
/// Cheap to clone; clones share the compiled names and the Chinese dictionary, which are made when
/// something is indexed for the first time and are kept until the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Index {
    store: Store,
    tables: Vec<(TableKind, String, String)>,
    words: Vec<String>,
    analysis: Arc<Mutex<Option<Analysis>>>,
}

impl Index {
    /// The index in a folder, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Index {
        Index::of(Store::at(folder))
    }

    /// A new index in memory: the same as one in a folder, but that nothing is written to disk, no other
    /// process sees it, and it is gone with its last clone and searcher. It takes as much memory as its
    /// files would take on disk ([`Report::index_bytes`]), twice that while it is being updated.
    pub fn in_memory() -> Index {
        Index::of(Store::in_memory())
    }

    fn of(store: Store) -> Index {
        Index { store, tables: Vec::new(), words: Vec::new(), analysis: Arc::default() }
    }

    /// Takes over one's own tables of names and words from a configuration.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when one of its files can't be read.
    pub fn with_config(mut self, config: &Config) -> Result<Index> {
        self.tables.extend(config.tables()?);
        self.words.extend(config.words()?);
        Ok(self.anew())
    }

    /// Adds a table of names from memory, with the columns of `gazetteer/*.csv`; `name` is what
    /// messages call it. A row with the path of a built-in one replaces it. An index that was built with
    /// other tables is built anew by the next run.
    pub fn with_table(mut self, kind: TableKind, name: impl Into<String>, csv: impl Into<String>) -> Index {
        self.tables.push((kind, name.into(), csv.into()));
        self.anew()
    }

    /// The same from values. Messages call them `name`, and count the places, the goods and the
    /// organizations among them from line 2 each.
    pub fn with_rows(mut self, name: impl Into<String>, rows: impl IntoIterator<Item = NameRow>) -> Index {
        let name = name.into();
        self.tables.extend(tables_of_rows(rows).into_iter().map(|(kind, csv)| (kind, name.clone(), csv)));
        self.anew()
    }

    /// Adds words for the Chinese segmenter, in any spelling that folds to theirs. An index that was
    /// built with other words is built anew by the next run.
    pub fn with_words(mut self, words: impl IntoIterator<Item = impl AsRef<str>>) -> Index {
        self.words.extend(words.into_iter().map(|word| fold(word.as_ref()).into_owned()));
        self.anew()
    }

    /// No longer shares with the clones from before what is compiled from other tables.
    fn anew(mut self) -> Index {
        self.analysis = Arc::default();
        self
    }

    /// The folder; of an index in memory only a name for messages.
    pub fn folder(&self) -> &Path {
        self.store.root()
    }

    /// The names that articles are tagged with: the built-in tables and one's own.
    ///
    /// # Errors
    /// [`crate::Error::Gazetteer`] when a table can't be understood.
    pub fn gazetteer(&self) -> Result<Arc<Gazetteer>> {
        Ok(self.analysis()?.gazetteer().clone())
    }

    fn analysis(&self) -> Result<Analysis> {
        // Held while they are compiled: whoever else needs them waits rather than doing it again.
        let mut shared = self.analysis.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(analysis) = &*shared {
            return Ok(analysis.clone());
        }
        let mut builder = Gazetteer::builder().builtin()?;
        for (kind, name, text) in &self.tables {
            builder = builder.table(*kind, name, text)?;
        }
        Ok(shared.insert(Analysis::new(Arc::new(builder.build()?), &self.words)).clone())
    }

    fn fingerprint(&self) -> u64 {
        Analysis::fingerprint(self.tables.iter().map(|(_, _, text)| text.as_str()), &self.words)
    }

    /// Brings the index to the state of the sources (files and folders), and publishes it; searchers that
    /// are open keep what they see. Articles that were added from memory stay. `progress` is called now
    /// and then on the calling thread; [`ControlFlow::Break`] ends the run.
    ///
    /// # Errors
    /// [`crate::Error::Source`] when a source does not exist, [`crate::Error::Locked`] when somebody else
    /// writes, [`crate::Error::Interrupted`] when `progress` asked for it, and errors of reading and
    /// writing. After each of them the published index is what it was.
    pub fn update(
        &self,
        sources: &[PathBuf],
        options: &IndexOptions,
        mut progress: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Report> {
        let mut analysis = || self.analysis();
        indexer::update(&self.store, sources, &mut analysis, self.fingerprint(), options, &mut progress)
    }

    /// Begins changes with articles from memory, which are published together. Until it is published or
    /// dropped, nobody else can write the index.
    ///
    /// Such articles belong to the index: a run over files leaves them as they are, and when everything is
    /// built anew they are kept.
    ///
    /// # Errors
    /// [`crate::Error::Locked`] when somebody else writes, [`crate::Error::Damaged`] when the published
    /// index is not whole, [`crate::Error::Outdated`] when it holds articles of files and was built with
    /// other names or by another version: [`Index::update`] puts both right. [`crate::Error::Io`].
    pub fn batch(&self, options: &IndexOptions) -> Result<Batch> {
        let index = self.clone();
        Batch::open(&self.store, Box::new(move || index.analysis()), self.fingerprint(), options)
    }

    /// Puts articles into the index and publishes it: a [`Batch`] of its own.
    ///
    /// # Errors
    /// As [`Index::batch`], [`Batch::put`] and [`Batch::publish`]; the first one ends it, and the published
    /// index is what it was.
    pub fn put(&self, articles: impl IntoIterator<Item = Article>) -> Result<Report> {
        let mut batch = self.batch(&IndexOptions::default())?;
        articles.into_iter().try_for_each(|article| batch.put(article))?;
        batch.publish()
    }

    /// Removes articles by their ids and publishes the index; ids that it does not have are passed over.
    ///
    /// # Errors
    /// As [`Index::put`].
    pub fn remove<S: AsRef<str>>(&self, ids: impl IntoIterator<Item = S>) -> Result<Report> {
        let mut batch = self.batch(&IndexOptions::default())?;
        ids.into_iter().try_for_each(|id| batch.remove(id.as_ref()).map(drop))?;
        batch.publish()
    }

    /// Opens what is published.
    ///
    /// # Errors
    /// As [`Searcher::open`].
    pub fn searcher(&self) -> Result<Searcher> {
        Searcher::of(self.store.clone())
    }

    /// What the published generation says of itself.
    ///
    /// # Errors
    /// [`crate::Error::NoIndex`], [`crate::Error::Damaged`].
    pub fn manifest(&self) -> Result<Manifest> {
        Ok(self.store.current()?.manifest)
    }

    /// How the last run over the sources ended: one with nothing new publishes nothing, and one that
    /// failed can't, so the manifest does not tell. `None` when no run was noted.
    pub fn last_run(&self) -> Option<LastRun> {
        indexer::read_last_run(&self.store)
    }

    /// Reads every byte of the published generation and every article.
    ///
    /// # Errors
    /// [`crate::Error::NoIndex`], and [`crate::Error::Damaged`] when it is too damaged to look further.
    pub fn check(&self) -> Result<Checked> {
        self.check_with(|_| ())
    }

    /// The same, telling now and then how far it has come.
    ///
    /// # Errors
    /// As [`Index::check`].
    pub fn check_with(&self, mut on_progress: impl FnMut(&CheckProgress)) -> Result<Checked> {
        let mut progress = CheckProgress::default();
        let (generation, problems) = store::check(&self.store, |bytes, bytes_total, file| {
            (progress.bytes, progress.bytes_total) = (bytes, bytes_total);
            progress.file.replace_range(.., file);
            on_progress(&progress);
        })?;
        let mut articles = 0;
        if problems.is_empty() {
            progress.articles_total = generation.manifest.articles;
            articles = self.searcher()?.read_all_with(|articles| {
                progress.articles = articles;
                on_progress(&progress);
            })?;
        }
        Ok(Checked { manifest: generation.manifest, problems, articles })
    }

    /// Removes generations that are no longer needed, and what killed runs left behind.
    ///
    /// # Errors
    /// [`crate::Error::NoIndex`], [`crate::Error::Locked`] when a run writes.
    pub fn gc(&self) -> Result<Removed> {
        // To take the lock would make a folder where there is none.
        if let Err(none @ crate::Error::NoIndex(_)) = self.store.current_unproved() {
            return Err(none);
        }
        let lock = self.store.lock()?;
        let (generations, bytes) = self.store.gc(&lock, store::KEPT_GENERATIONS)?;
        Ok(Removed { generations, bytes })
    }
}

/// How far a check has come: first every byte is read, then every article.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckProgress {
    /// Bytes read.
    pub bytes: u64,
    /// Bytes of all files of the generation.
    pub bytes_total: u64,
    /// The file at work; not safe to print unsanitised.
    pub file: String,
    /// Articles read.
    pub articles: u64,
    /// Articles of the generation; 0 until they are read.
    pub articles_total: u64,
}

/// What [`Index::check`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// What the generation says of itself.
    pub manifest: Manifest,
    /// Files that are not as they were published.
    pub problems: Vec<Problem>,
    /// Articles that could be read; none are looked for when there are problems.
    pub articles: u64,
}

impl Checked {
    /// Whether every byte and every article is there.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.articles == self.manifest.articles
    }
}

/// What [`Index::gc`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Removed {
    /// Generations, drafts among them.
    pub generations: usize,
    /// Bytes of their files; those that a kept generation shares count, though they stay.
    pub bytes: u64,
}
