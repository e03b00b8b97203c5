//! The searcher as an embedding program holds it: which generation it sees, and that nothing but what
//! was published comes out of it.

use std::{
    collections::BTreeMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use super::{FacetCount, Opened, SearchRequest, SearchResults, Similar, SimilarRequest, Suggestion};
use crate::{
    analysis::Segmenter,
    article::{Article, Date},
    error::{Error, Result},
    gazetteer::Facet,
    snippet::Highlighter,
    store::{Damage, Manifest, Store},
    tagging::Tags,
};

/// Searches a published generation. Cheap to clone; clones share everything, and see the same
/// generation. Threads may search at the same time.
///
/// Every byte that a search reads is compared with its published checksum when it is first touched.
/// A searcher that comes upon damage answers [`Error::Damaged`] from then on, never a wrong result.
#[derive(Clone)]
pub struct Searcher {
    store: Store,
    opened: Arc<RwLock<Opened>>,
    /// Held by who moves it: one that took longer must not put back an older generation.
    moving: Arc<Mutex<()>>,
}

impl fmt::Debug for Searcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Searcher({})", self.opened().inner.generation.manifest.generation)
    }
}

impl Searcher {
    /// Opens the published generation of the index in a folder. It stays open, whatever is published
    /// later, until [`Searcher::reload`], or with [`Searcher::watch`].
    ///
    /// # Errors
    /// [`Error::NoIndex`] when nothing was published there, [`Error::Damaged`] when it is not whole or
    /// was written by another version.
    pub fn open(index: impl AsRef<Path>) -> Result<Searcher> {
        Searcher::of(Store::at(index.as_ref()))
    }

    /// The same of a store.
    pub(crate) fn of(store: Store) -> Result<Searcher> {
        let opened = open_current(&store)?;
        Ok(Searcher { store, opened: Arc::new(RwLock::new(opened)), moving: Arc::default() })
    }

    /// Moves to the generation that is published now; returns whether it is another one. Searches that
    /// run meanwhile, on this searcher or its clones, end on the generation that they began with; those
    /// that begin later see the new one. When nothing changed, this reads one small file.
    ///
    /// # Errors
    /// As [`Searcher::open`]; then the searcher stays on the generation that it has.
    pub fn reload(&self) -> Result<bool> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.opened();
        // One that came upon damage is opened again even if it is still the published one: it may be
        // mended.
        if before.inner.directory.damage().get().is_none()
            && self.store.is_current(&before.inner.generation)?
        {
            return Ok(false);
        }
        let opened = open_current(&self.store)?;
        let moved = opened.inner.generation.manifest != before.inner.generation.manifest;
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = opened;
        Ok(moved)
    }

    /// The folder of its index.
    pub(super) fn folder(&self) -> &Path {
        self.store.root()
    }

    /// What the generation says of itself.
    pub fn manifest(&self) -> Manifest {
        self.opened().inner.generation.manifest.clone()
    }

    /// Answers a request.
    ///
    /// # Errors
    /// [`Error::Query`] when the query is rejected, [`Error::Damaged`] when something that it needs of
    /// the index is not as it was published, [`Error::Engine`] when the index can't be read.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResults> {
        self.search_with(request, None)
    }

    /// The same, cutting Chinese by a segmenter: see [`Opened`].
    pub(crate) fn search_with(
        &self,
        request: &SearchRequest,
        segmenter: Option<&Segmenter>,
    ) -> Result<SearchResults> {
        self.guarded(|opened| opened.search(request, segmenter))
    }

    /// Articles like one of the index, in either language, without its own near-copies.
    ///
    /// # Errors
    /// As [`Searcher::article`].
    pub fn similar(&self, request: &SimilarRequest) -> Result<Similar> {
        self.guarded(|opened| opened.similar(request))
    }

    /// What makes the snippets of a query, for articles of the index or others.
    ///
    /// # Errors
    /// As [`Searcher::search`].
    pub fn highlighter(&self, query: &str) -> Result<Highlighter> {
        self.guarded(|opened| opened.highlighter(query))
    }

    /// What a name or a headline may be that begins as typed, in either language: names by how many
    /// articles are tagged with them, then headlines, newest first. At most `limit` and
    /// [`crate::limits::SUGGEST_MAX`]; none for a text without a letter.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Engine`] as [`Searcher::search`].
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>> {
        self.guarded(|opened| opened.suggest(typed, limit))
    }

    /// Values of a facet that stand in the index and whose English or Chinese name begins with `prefix`, however
    /// it is spelt; most frequent first, at most `limit`, each with the name that begins so, or with its path
    /// where a query takes that name for another value. An empty prefix gives the most frequent of all.
    ///
    /// # Errors
    /// [`Error::Damaged`] and [`Error::Engine`] as [`Searcher::search`].
    pub fn facet_values(&self, facet: Facet, prefix: &str, limit: usize) -> Result<Vec<FacetCount>> {
        self.guarded(|opened| opened.facet_values(facet, prefix, limit))
    }

    /// What each field of the index takes on disk, in bytes, all its parts together; the stored records
    /// are under `record`.
    ///
    /// # Errors
    /// As [`Searcher::article`].
    pub fn field_sizes(&self) -> Result<BTreeMap<String, u64>> {
        self.guarded(Opened::field_sizes)
    }

    /// The first and the last day that articles of the index are dated; `None` when none is.
    ///
    /// # Errors
    /// As [`Searcher::article`].
    pub fn dates(&self) -> Result<Option<(Date, Date)>> {
        self.guarded(Opened::dates)
    }

    /// An article of the index with its tags.
    ///
    /// # Errors
    /// [`Error::NoArticle`] when none has the id; [`Error::Damaged`] and [`Error::Engine`] as
    /// [`Searcher::search`].
    pub fn article(&self, id: &str) -> Result<(Article, Tags)> {
        self.guarded(|opened| opened.article(id))
    }

    /// Reads every article of the index; returns how many could be read.
    ///
    /// # Errors
    /// The first article that can't be read.
    pub fn read_all(&self) -> Result<u64> {
        self.read_all_with(|_| ())
    }

    /// The same, telling now and then how many were read.
    pub(crate) fn read_all_with(&self, mut on_progress: impl FnMut(u64)) -> Result<u64> {
        self.guarded(|opened| opened.read_all(&mut on_progress))
    }

    fn opened(&self) -> Opened {
        // Held for the time of a reference count; searches never wait for one another.
        self.opened.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn guarded<T>(&self, work: impl FnOnce(&Opened) -> Result<T>) -> Result<T> {
        let opened = self.opened();
        guarded(opened.inner.directory.damage(), self.store.root(), || work(&opened))
    }
}

fn open_current(store: &Store) -> Result<Opened> {
    loop {
        let generation = store.current()?;
        match Opened::open(store, generation.clone()) {
            // Two runs published and tidied up while this one was being opened.
            Err(_) if !store.is_current(&generation)? => {}
            opened => return opened,
        }
    }
}

/// Runs what reads an index. When damage was met, the answer is [`Error::Damaged`], whatever else came
/// out: some callers take an error for "not there", and the search library panics on a few.
pub(super) fn guarded<T>(damage: &Damage, root: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    // Nothing that is shared is left half changed: an open index is read only.
    let outcome = catch_unwind(AssertUnwindSafe(work));
    if let Some(reason) = damage.get() {
        return Err(Error::Damaged { path: root.to_owned(), reason: reason.to_owned() });
    }
    outcome.unwrap_or_else(|panic| resume_unwind(panic))
}
