//! Articles that a program puts in and takes out, published together as one generation.
//!
//! A batch works on the generation that is published when it is opened, with the lock held, and takes
//! the same way as a run over files: pipeline, draft, publish. What it puts in belongs to the index
//! itself ([`given`](super::given)); a run over files leaves that alone.

use std::time::Instant;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Analysis, IndexOptions, Report, Writer,
    given::{self, Chunk, Given},
    manifest,
    notes::{self, FileState},
    outdated, sample,
    state::{Known, content_hash},
};
use crate::{
    article::{Article, Lang, Skip},
    error::{Error, Result},
    limits, source,
    store::{FILES, Generation, KEPT_GENERATIONS, Store, WriteLock},
};

/// Makes the names and the dictionary, when an article needs them.
pub(crate) type Prepare = Box<dyn Fn() -> Result<Analysis> + Send>;

/// Changes to an index that are published together: see [`Index::batch`](crate::Index::batch).
///
/// While it is open nobody else can write the index; searches go on. Dropped without
/// [`Batch::publish`], it leaves the index as it was.
pub struct Batch {
    prepare: Prepare,
    options: IndexOptions,
    fingerprint: String,
    started: Instant,
    rebuilt_because: Option<String>,
    skips: Vec<Skip>,
    /// A change failed half-way: nothing of the batch may be published.
    failed: bool,
    /// What the last run over files left, and where it found it.
    files: Vec<FileState>,
    sources: Vec<String>,
    /// The file of each article that a file holds, and what was taken from it.
    file_of: FxHashMap<String, usize>,
    taken: FxHashMap<usize, FxHashSet<String>>,
    given: Given,
    /// What stood in the index before, of each article that was put or removed.
    touched: FxHashMap<String, Before>,
    /// The first articles of a new index, until there are enough to train a dictionary on.
    waiting: Vec<Article>,
    waiting_bytes: usize,
    open: Option<(Writer, Chunk)>,
    base: Option<Generation>,
    store: Store,
    /// Last, so that it is held until the draft is gone.
    lock: WriteLock,
}

/// An article before a batch touched it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Before {
    Absent,
    /// With the hash of an article that a program gave.
    Given(u64),
    InFile,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("touched", &self.touched.len()).finish_non_exhaustive()
    }
}

impl Batch {
    pub(crate) fn open(
        store: &Store,
        prepare: Prepare,
        fingerprint: u64,
        options: &IndexOptions,
    ) -> Result<Batch> {
        let started = Instant::now();
        let lock = store.lock()?;
        let fingerprint = format!("{fingerprint:016x}");
        let base = match store.current() {
            Ok(base) => Some(base),
            Err(Error::NoIndex(_)) => None,
            Err(error) => return Err(error),
        };
        let mut batch = Batch {
            prepare,
            options: options.clone(),
            fingerprint,
            started,
            rebuilt_because: None,
            skips: Vec::new(),
            failed: false,
            files: Vec::new(),
            sources: Vec::new(),
            file_of: FxHashMap::default(),
            taken: FxHashMap::default(),
            given: Given::default(),
            touched: FxHashMap::default(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            open: None,
            base: None,
            store: store.clone(),
            lock,
        };
        if let Some(base) = base {
            batch.start_from(base)?;
        }
        Ok(batch)
    }

    fn start_from(&mut self, base: Generation) -> Result<()> {
        let store = self.store.clone();
        if let Some(problem) = store.problems(&base).first() {
            let reason = format!("{}: {}", problem.file, problem.reason);
            return Err(Error::Damaged { path: store.root().to_owned(), reason });
        }
        self.sources.clone_from(&base.manifest.sources);
        let known = match base.manifest.files.contains_key(FILES) {
            true => Known::read(&store.read(&base, FILES)?),
            false => None,
        };
        let older = known.is_none().then_some("an older version of orewire wrote it");
        let reason = outdated(&base.manifest, &self.fingerprint).or(older);
        let files = known.unwrap_or_default().into_files();
        let Some(reason) = reason.or(self.options.rebuild.then_some("asked for")) else {
            for (at, file) in files.iter().enumerate() {
                self.file_of.extend(file.articles.iter().map(|a| (a.id.to_string(), at)));
            }
            self.files = files;
            self.given = Given::read(&store, &base)?;
            self.base = Some(base);
            return Ok(());
        };
        if base.manifest.articles > base.manifest.given {
            // What files hold can be analysed anew only by a run over them.
            return Err(Error::Outdated { path: store.root().to_owned(), reason: reason.to_owned() });
        }
        self.rebuilt_because = Some(reason.to_owned());
        self.skips = given::restore(&store, |article, hash| {
            self.touched.insert(article.id.clone(), Before::Given(hash));
            self.given.put(&article, hash);
            self.write(article, false, false)
        })?;
        Ok(())
    }

    /// Puts an article into the index, in the place of the one with its id if there is one.
    ///
    /// It is completed as one that is read from a file: see [`source::complete`]. Its language is told
    /// from its text unless it is given as [`Lang::Zh`]. One that is in the index as it is costs nothing.
    /// If a file has an article with the same id, that one is left out from now on, and named by each run
    /// over the file, until this one is removed.
    ///
    /// # Errors
    /// [`Error::Article`] when it has no id, or neither title nor body: then it is left out, and the batch
    /// can go on. After any other error the batch can only be dropped: [`Error::Io`], [`Error::Engine`],
    /// and [`Error::Gazetteer`] when a table of names of the index can't be understood.
    pub fn put(&mut self, mut article: Article) -> Result<()> {
        let lang_given = article.lang == Lang::Zh;
        source::complete(&mut article, lang_given);
        let refused =
            |reason: &str| Err(Error::Article { id: article.id.clone(), reason: reason.to_owned() });
        if article.id.is_empty() {
            return refused("it has no id");
        }
        if article.title.trim().is_empty() && article.body.trim().is_empty() {
            return refused("it has neither a title nor a body");
        }
        let hash = content_hash(&article);
        let before = self.before(&article.id);
        let again = self.touch(&article.id, before);
        if before == Before::Given(hash) {
            return Ok(());
        }
        self.leave_file(&article.id);
        self.given.put(&article, hash);
        self.whole(|batch| batch.write(article, before != Before::Absent, again))
    }

    /// Takes the article with an id out of the index; returns whether there was one. One that a file has
    /// comes back with the next run over that file.
    ///
    /// # Errors
    /// As [`Batch::put`], but for [`Error::Article`].
    pub fn remove(&mut self, id: &str) -> Result<bool> {
        let before = self.before(id);
        if before == Before::Absent {
            return Ok(false);
        }
        let again = self.touch(id, before);
        self.leave_file(id);
        let given = self.given.remove(id);
        self.whole(|batch| {
            let (writer, chunk) = batch.writer()?;
            if again {
                writer.settle()?;
            }
            if given {
                chunk.remove(id)?;
            }
            writer.remove(id)
        })?;
        Ok(true)
    }

    /// Publishes the changes as one generation; when there are none, none is published. Searchers that are
    /// open keep what they see until they are reloaded.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Engine`]; then the published index is what it was.
    /// [`Error::BatchFailed`] when a change failed before.
    pub fn publish(mut self) -> Result<Report> {
        let mut report = Report { rebuilt_because: self.rebuilt_because.take(), ..Report::default() };
        std::mem::take(&mut self.skips).into_iter().for_each(|skip| report.skip(skip));
        for (id, before) in &self.touched {
            match (before, self.given.hash(id)) {
                (Before::Absent, Some(_)) => report.added += 1,
                (Before::Given(hash), Some(now)) if *hash == now => report.unchanged += 1,
                (_, Some(_)) => report.updated += 1,
                (Before::Given(_) | Before::InFile, None) => report.removed += 1,
                (Before::Absent, None) => {}
            }
        }
        let known = self.base.as_ref().map_or(0, |b| b.manifest.articles);
        let touched = self.touched.values().filter(|before| **before != Before::Absent).count() as u64;
        report.unchanged += known.saturating_sub(touched);
        let generation = match self.base.take_if(|_| self.open.is_none()) {
            Some(base) => base,
            None => {
                report.published = true;
                self.write_generation()?
            }
        };
        if report.published {
            // It is published; what can't be removed now is removed by the next run.
            let _ = self.store.gc(&self.lock, KEPT_GENERATIONS);
        }
        report.articles = generation.manifest.articles;
        report.index_bytes = generation.manifest.files.values().map(|f| f.bytes).sum();
        report.generation = generation.manifest.generation;
        report.took_ms = self.started.elapsed().as_millis() as u64;
        Ok(report)
    }

    fn write_generation(&mut self) -> Result<Generation> {
        self.whole(|batch| batch.writer().map(drop))?;
        let Some((writer, chunk)) = self.open.take() else { return Err(Error::BatchFailed) };
        let draft = writer.finish(&mut |_| Ok(()))?;
        self.given.finish(&draft, chunk)?;
        for (at, ids) in &self.taken {
            if let Some(file) = self.files.get_mut(*at) {
                file.articles.retain(|a| !ids.contains(&*a.id));
                // The next run over the file puts right what was taken from it.
                file.unsettle();
            }
        }
        draft.write(FILES, &notes::encode(self.files.iter()))?;
        draft.publish(manifest(&self.files, &self.given, self.sources.clone(), &self.fingerprint))
    }

    /// Does a part of a change, of which nothing may be published when it fails.
    fn whole<T>(&mut self, work: impl FnOnce(&mut Batch) -> Result<T>) -> Result<T> {
        if self.failed {
            return Err(Error::BatchFailed);
        }
        work(self).inspect_err(|_| self.failed = true)
    }

    fn before(&self, id: &str) -> Before {
        match self.given.hash(id) {
            Some(hash) => Before::Given(hash),
            None if self.is_in_file(id) => Before::InFile,
            None => Before::Absent,
        }
    }

    fn is_in_file(&self, id: &str) -> bool {
        self.file_of.get(id).is_some_and(|at| !self.taken.get(at).is_some_and(|ids| ids.contains(id)))
    }

    fn leave_file(&mut self, id: &str) {
        if let Some(at) = self.file_of.get(id) {
            self.taken.entry(*at).or_default().insert(id.to_owned());
        }
    }

    /// Remembers what stood in the index; says whether the batch changed it before.
    fn touch(&mut self, id: &str, before: Before) -> bool {
        let again = self.touched.contains_key(id);
        if !again {
            self.touched.insert(id.to_owned(), before);
        }
        again
    }

    /// Writes an article, in the place of one in the index or, `again`, of one of this batch.
    fn write(&mut self, article: Article, replaces: bool, again: bool) -> Result<()> {
        if self.base.is_none() && self.open.is_none() && !again {
            self.waiting_bytes += article.title.len() + article.body.len();
            self.waiting.push(article);
            let enough = self.waiting.len() >= limits::SAMPLE_MAX_ARTICLES
                || self.waiting_bytes >= limits::SAMPLE_MAX_BYTES;
            return if enough { self.writer().map(drop) } else { Ok(()) };
        }
        let (writer, chunk) = self.writer()?;
        if again {
            // A removal reaches only what has arrived.
            writer.settle()?;
        }
        chunk.put(&article)?;
        if replaces || again { writer.replace(article) } else { writer.add(article) }
    }

    fn writer(&mut self) -> Result<&mut (Writer, Chunk)> {
        if self.open.is_none() {
            let analysis = (self.prepare)()?;
            let draft = self.store.draft(&self.lock, self.base.as_ref())?;
            let mut chunk = match &self.base {
                Some(_) => self.given.next_chunk(&draft)?,
                None => Given::default().next_chunk(&draft)?,
            };
            let sample = self.base.is_none().then(|| sample(&self.waiting));
            let mut writer = Writer::open(draft, sample, analysis, &self.options)?;
            for article in std::mem::take(&mut self.waiting) {
                chunk.put(&article)?;
                writer.add(article)?;
            }
            self.open = Some((writer, chunk));
        }
        self.open.as_mut().ok_or(Error::BatchFailed)
    }
}
