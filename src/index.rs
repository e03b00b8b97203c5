//! An index folder as an embedding program sees it: bring it up to date, look after it.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::Config,
    error::Result,
    gazetteer::{Gazetteer, TableKind},
    indexer::{self, IndexOptions, Progress, Report},
    search::Searcher,
    store::{self, Manifest, Problem, Store},
};

/// An index in a folder.
#[derive(Debug, Clone)]
pub struct Index {
    store: Store,
    tables: Vec<(TableKind, String, String)>,
    words: Vec<String>,
}

impl Index {
    /// The index in a folder, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Index {
        Index { store: Store::at(folder), tables: Vec::new(), words: Vec::new() }
    }

    /// A new index in memory: the same as one in a folder, but that nothing is written to disk, no other
    /// process sees it, and it is gone with its last clone and searcher. It takes as much memory as its
    /// files would take on disk ([`Report::index_bytes`]), twice that while it is being updated.
    pub fn in_memory() -> Index {
        Index { store: Store::in_memory(), tables: Vec::new(), words: Vec::new() }
    }

    /// Takes over one's own tables of names and words from a configuration.
    ///
    /// # Errors
    /// [`crate::Error::Io`] when one of its files can't be read.
    pub fn with_config(mut self, config: &Config) -> Result<Index> {
        self.tables.extend(config.tables()?);
        self.words.extend(config.words()?);
        Ok(self)
    }

    /// Adds a table of names from memory, with the columns of `gazetteer/*.csv`; `name` is what
    /// messages call it.
    pub fn with_table(mut self, kind: TableKind, name: impl Into<String>, csv: impl Into<String>) -> Index {
        self.tables.push((kind, name.into(), csv.into()));
        self
    }

    /// The folder; of an index in memory only a name for messages.
    pub fn folder(&self) -> &Path {
        self.store.root()
    }

    /// The names that articles are tagged with.
    ///
    /// # Errors
    /// [`crate::Error::Gazetteer`] when a table can't be understood.
    pub fn gazetteer(&self) -> Result<Gazetteer> {
        let mut builder = Gazetteer::builder().builtin()?;
        for (kind, name, text) in &self.tables {
            builder = builder.table(*kind, name, text)?;
        }
        builder.build()
    }

    /// Brings the index to the state of the sources, and publishes it; searchers that are open keep
    /// what they see. `progress` is called now and then; [`ControlFlow::Break`] ends the run.
    ///
    /// # Errors
    /// [`crate::Error::Source`] when a source does not exist, [`crate::Error::Locked`] when another run
    /// writes, [`crate::Error::Interrupted`] when `progress` asked for it, and errors of reading and
    /// writing. After each of them the published index is what it was.
    pub fn update(
        &self,
        sources: &[PathBuf],
        options: &IndexOptions,
        mut progress: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Report> {
        let mut options = options.clone();
        options.words.extend(self.words.iter().cloned());
        let fingerprint = Gazetteer::fingerprint(self.tables.iter().map(|(_, _, text)| text.as_str()));
        let mut gazetteer = || self.gazetteer().map(Arc::new);
        indexer::update(&self.store, sources, &mut gazetteer, fingerprint, &options, &mut progress)
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

    /// Reads every byte of the published generation and every article: returns what is not as it was
    /// published, and how many articles could be read.
    ///
    /// # Errors
    /// [`crate::Error::NoIndex`], and [`crate::Error::Damaged`] when it is too damaged to look further.
    pub fn check(&self) -> Result<(Manifest, Vec<Problem>, u64)> {
        let (generation, problems) = store::check(&self.store)?;
        let articles = if problems.is_empty() { self.searcher()?.read_all()? } else { 0 };
        Ok((generation.manifest, problems, articles))
    }

    /// Removes generations that are no longer needed; returns how many, and the bytes of their files.
    ///
    /// # Errors
    /// [`crate::Error::Locked`] when a run writes.
    pub fn gc(&self) -> Result<(usize, u64)> {
        let lock = self.store.lock()?;
        self.store.gc(&lock, store::KEPT_GENERATIONS)
    }
}
