//! A run over sources: what each file and article is to the index, and one generation in the end.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    ARTICLE_MEMBERS_BYTES, Analysis, IndexOptions, Progress, Report, RunStage, Writer, articles_of,
    given::{self, Given},
    last_run, manifest,
    notes::{self, FileState, Noted},
    outdated, read_some, sample,
    state::{self, Compared, Known, content_hash},
};
use crate::{
    article::{Article, Skip},
    error::{Error, Result},
    source::{self, Found, SourceFile, Step},
    store::{FILES, Generation, KEPT_GENERATIONS, Store, WriteLock},
};

/// Articles from one look at `progress` to the next.
const LOOK_ARTICLES: u64 = 64;

/// What a run is about.
struct Task<'a> {
    store: &'a Store,
    lock: &'a WriteLock,
    sources: &'a [PathBuf],
    fingerprint: &'a str,
    options: &'a IndexOptions,
    /// What a walk over the sources found.
    found: &'a [Found],
}

/// Brings the index in a folder to the state of the sources, and publishes it. Articles that a program
/// gave from memory stay.
///
/// `progress` is called now and then on the calling thread; [`ControlFlow::Break`] ends the run with
/// [`Error::Interrupted`] and leaves the index as it was.
pub(crate) fn update(
    store: &Store,
    sources: &[PathBuf],
    analysis: &mut dyn FnMut() -> Result<Analysis>,
    fingerprint: u64,
    options: &IndexOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report> {
    let started = Instant::now();
    source::check_roots(sources)?;
    let lock = store.lock()?;
    let fingerprint = format!("{fingerprint:016x}");
    let start = Start::of(store, &fingerprint, options);
    let opened = Instant::now();
    let found: Vec<Found> = source::find(sources).collect();
    let walked = Instant::now();
    let task = Task { store, lock: &lock, sources, fingerprint: &fingerprint, options, found: &found };
    let mut outcome = start.and_then(|start| task.done(start, analysis, progress));
    if let Ok(report) = &mut outcome {
        report.stages.open_ms = milliseconds(opened - started);
        report.stages.walk_ms = milliseconds(walked - opened);
        let tidied = Instant::now();
        if report.published {
            // It is published; what can't be removed now is removed by the next run.
            let _ = store.gc(&lock, KEPT_GENERATIONS);
        }
        report.stages.publish_ms += milliseconds(tidied.elapsed());
        report.took_ms = milliseconds(started.elapsed());
    }
    last_run::note(store, &lock, &outcome, started);
    outcome
}

fn milliseconds(time: Duration) -> u64 {
    time.as_millis() as u64
}

/// Whether an error may be due to what the run started from, and not to the disk or the caller.
fn is_of_the_base(error: &Error) -> bool {
    match error {
        Error::Damaged { .. } => true,
        Error::Engine { .. } => error.io_kind().is_none(),
        _ => false,
    }
}

/// What a run starts from.
#[derive(Default)]
struct Start {
    /// The generation to build on, and what it knows.
    base: Option<Generation>,
    known: Known,
    given: Given,
    /// Why all is built anew, when there was an index.
    because: Option<String>,
    /// Articles of files that the index has, as far as it can tell.
    articles: u64,
}

impl Start {
    fn of(store: &Store, fingerprint: &str, options: &IndexOptions) -> Result<Start> {
        let anew =
            |articles, reason: String| Ok(Start { because: Some(reason), articles, ..Start::default() });
        let damaged = |reason: &str| format!("the index was damaged: {reason}");
        let base = match store.current() {
            Ok(base) => base,
            Err(Error::NoIndex(_)) => return Ok(Start::default()),
            Err(Error::Damaged { reason, .. }) => {
                let articles = store.current_unproved().map_or(1, |base| base.manifest.articles);
                return anew(articles, damaged(&reason));
            }
            Err(error) => return Err(error),
        };
        let manifest = &base.manifest;
        let articles = manifest.articles.saturating_sub(manifest.given);
        if options.rebuild {
            return anew(articles, "asked for".into());
        }
        if let Some(reason) = outdated(manifest, fingerprint) {
            return anew(articles, reason.into());
        }
        if let Some(problem) = store.problems(&base).first() {
            return anew(articles, damaged(&format!("{}: {}", problem.file, problem.reason)));
        }
        // Sound, but perhaps written by a version that kept other files.
        if !manifest.files.contains_key(FILES) {
            return anew(articles, format!("it has no {FILES}, as an older version wrote it"));
        }
        let read = || -> Result<_> {
            store.sums(&base)?;
            let known = Known::read(&store.read(&base, FILES)?).ok_or_else(|| Error::Damaged {
                path: base.dir.join(FILES),
                reason: format!("{FILES} is from another version of orewire"),
            })?;
            Ok((known, Given::read(store, &base)?))
        };
        match read() {
            Ok((known, given)) => Ok(Start { base: Some(base), known, given, because: None, articles }),
            Err(Error::Damaged { reason, .. }) => anew(articles, reason),
            Err(error) => Err(error),
        }
    }
}

/// One way through the sources.
struct Run<'a> {
    task: &'a Task<'a>,
    base: Option<Generation>,
    known: Known,
    /// Articles that a program gave, which the run leaves as they are.
    given: Given,
    /// Articles that the index has of files.
    articles: u64,
    analysis: &'a mut dyn FnMut() -> Result<Analysis>,
    progress: &'a mut dyn FnMut(&Progress) -> ControlFlow<()>,
    at: Progress,
    report: Report,
    /// What the next run will know.
    states: Vec<Arc<FileState>>,
    /// Opened by the first change: a run without one loads no dictionary.
    open: Option<Writer>,
    started: Instant,
}

impl<'a> Run<'a> {
    fn new(
        task: &'a Task<'a>,
        start: Start,
        analysis: &'a mut dyn FnMut() -> Result<Analysis>,
        progress: &'a mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Run<'a> {
        let Start { base, known, given, because, articles } = start;
        let report = Report { rebuilt_because: because, ..Report::default() };
        let at = Progress { bytes_total: task.files().map(|f| f.size).sum(), ..Progress::default() };
        let states = Vec::new();
        let started = Instant::now();
        Run {
            task,
            base,
            known,
            given,
            articles,
            analysis,
            progress,
            at,
            report,
            states,
            open: None,
            started,
        }
    }

    fn whole(mut self) -> Result<Report> {
        let task = self.task;
        if !task.options.rebuild {
            self.refuse_to_empty()?;
        }
        if self.report.rebuilt_because.is_some() {
            self.report.added = self.restore()?;
        }
        self.known.keep(self.given.ids());
        for found in task.found {
            match found {
                Found::File(file) => self.file(file)?,
                Found::Unusable(skip) => self.report.skip(skip.clone()),
                Found::Unreadable(_) => {}
            }
        }
        self.keep_unreadable();
        for id in self.known.vanished() {
            self.report.removed += 1;
            self.writer()?.remove(&id)?;
        }
        self.look()?;
        self.publish()
    }

    /// An unmounted disk looks like an empty folder; it must not empty the index overnight.
    fn refuse_to_empty(&self) -> Result<()> {
        let task = self.task;
        let below = |path: &str| {
            task.found.iter().any(|found| state::is_below(found.name(), path) && found.is_there())
        };
        for source in task.sources.iter().filter(|source| source.is_dir()) {
            let path = source::name_of(source);
            if self.known.has_articles_below(&path) && !below(&path) {
                return Err(Error::Emptied(source.clone()));
            }
        }
        if self.articles > 0 && !task.found.iter().any(Found::is_there) {
            let path = task.sources.first().cloned().unwrap_or_default();
            return Err(Error::Emptied(path));
        }
        Ok(())
    }

    fn look(&mut self) -> Result<()> {
        match (self.progress)(&self.at) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Interrupted),
        }
    }

    fn file(&mut self, file: &SourceFile) -> Result<()> {
        self.at.file.clone_from(&file.name);
        self.look()?;
        let read_at = state::now_ns();
        if let Some(unchanged) = self.known.take_unchanged(file) {
            self.report.unchanged += unchanged.articles.len() as u64;
            self.at.bytes += file.size;
            self.at.articles += unchanged.articles.len() as u64;
            unchanged.skips.iter().for_each(|skip| self.report.skip(skip.clone()));
            self.states.push(unchanged);
            return Ok(());
        }
        let before = self.at.bytes;
        let mut state = FileState::of(file, read_at);
        let lines = self.known.lines(&file.name);
        let is_known = {
            let lines = lines.clone();
            move |line| lines.contains_key(&line)
        };
        let mut steps = source::steps(file, is_known);
        for step in &mut steps {
            let (noted, article) = match step {
                Err(skip) => {
                    state.skips.push(skip);
                    continue;
                }
                Ok(Step::Read(article, line)) => {
                    (Noted::of(&article, content_hash(&article), line), Some(article))
                }
                Ok(Step::Known(line)) => match lines.get(&line) {
                    Some(noted) => (noted.clone(), None),
                    None => continue,
                },
            };
            self.at.articles += 1;
            // How far the file is read shows by its articles; a packed file's text is larger than it is.
            let bytes = noted.text_bytes + ARTICLE_MEMBERS_BYTES;
            self.at.bytes = (self.at.bytes + bytes).min(before + file.size);
            if self.at.articles.is_multiple_of(LOOK_ARTICLES) {
                self.look()?;
            }
            self.article(&mut state, noted, article)?;
        }
        if steps.failed() {
            let kept = self.known.keep_rest(&file.name);
            self.report.unchanged += kept.len() as u64;
            note_kept(state.skips.last_mut(), kept.len());
            state.articles.extend(kept);
            state.unsettle();
        }
        self.at.bytes = before + file.size;
        self.report.bytes_read += file.size;
        state.skips.iter().for_each(|skip| self.report.skip(skip.clone()));
        self.states.push(Arc::new(state));
        Ok(())
    }

    /// An article that a file has; `None` for one that the last run read from the same line.
    fn article(&mut self, state: &mut FileState, noted: Noted, article: Option<Box<Article>>) -> Result<()> {
        let compared = self.known.compare(&noted);
        if compared == Compared::Duplicate {
            let other = match self.given.hash(&noted.id) {
                Some(_) => "an article that a program added",
                None => "another article",
            };
            let reason = format!("{other} has the id {:?}; this one was left out", noted.id);
            state.skips.push(Skip { path: state.name.clone(), line: None, reason });
            // When the other one goes, this one must take its place.
            state.unsettle();
            return Ok(());
        }
        state.articles.push(noted);
        match (compared, article) {
            (Compared::Same, _) => self.report.unchanged += 1,
            (Compared::Changed, Some(article)) => {
                self.report.updated += 1;
                self.writer()?.replace(*article)?;
            }
            (_, Some(article)) => {
                self.report.added += 1;
                self.writer()?.add(*article)?;
            }
            (_, None) => {
                let reason = format!("{FILES} contradicts itself about {}", state.name);
                return Err(Error::Damaged { path: self.task.store.root().to_owned(), reason });
            }
        }
        Ok(())
    }

    /// Articles of files that are there, but that nobody could look at, stay as they are.
    fn keep_unreadable(&mut self) {
        let task = self.task;
        let found: HashSet<&str> = task.files().map(|f| f.name.as_str()).collect();
        for unreadable in task.found {
            let Found::Unreadable(skip) = unreadable else { continue };
            let kept = self.known.keep_below(&skip.path, |name| found.contains(name));
            let articles: usize = kept.iter().map(|state| state.articles.len()).sum();
            let mut skip = skip.clone();
            note_kept(Some(&mut skip), articles);
            self.report.skip(skip);
            self.report.unchanged += articles as u64;
            for state in kept {
                state.skips.iter().for_each(|skip| self.report.skip(skip.clone()));
                self.states.push(Arc::new(state));
            }
        }
    }

    fn writer(&mut self) -> Result<&mut Writer> {
        if self.open.is_none() {
            let started = Instant::now();
            let analysis = (self.analysis)()?;
            let draft = self.task.store.draft(self.task.lock, self.base.as_ref())?;
            let files: Vec<&SourceFile> = self.task.files().collect();
            let sample = self.base.is_none().then(|| sample(&read_some(&files)));
            self.open = Some(Writer::open(draft, sample, analysis, self.task.options)?);
            self.report.stages.load_ms = milliseconds(started.elapsed());
        }
        self.open.as_mut().ok_or(Error::Interrupted)
    }

    /// Takes the articles that a program gave out of the generation that can't be built on. Returns how
    /// many; what is lost of them is reported as skipped.
    fn restore(&mut self) -> Result<u64> {
        let mut restored: Option<(Given, given::Chunk)> = None;
        let lost = given::restore(self.task.store, |article, hash| {
            self.look()?;
            let writer = self.writer()?;
            let (given, chunk) = match &mut restored {
                Some(both) => both,
                none => none.insert((Given::default(), Given::default().next_chunk(&writer.draft)?)),
            };
            given.put(&article, hash);
            chunk.put(&article)?;
            writer.add(article)
        })?;
        lost.into_iter().for_each(|skip| self.report.skip(skip));
        if let Some((mut given, chunk)) = restored {
            given.finish(&self.writer()?.draft, chunk)?;
            self.given = given;
        }
        Ok(self.given.len())
    }

    fn publish(mut self) -> Result<Report> {
        let task = self.task;
        let whole = milliseconds(self.started.elapsed());
        self.report.stages.read_ms = whole.saturating_sub(self.report.stages.load_ms);
        // Always the same order, whatever could be looked at.
        self.states.sort_by(|a, b| a.name.cmp(&b.name));
        self.report.unchanged += if self.base.is_some() { self.given.len() } else { 0 };
        self.report.articles = articles_of(&self.states) + self.given.len();
        let generation = match &self.base {
            Some(base)
                if self.open.is_none() && self.known.is_as_before(&self.states, base, task.sources) =>
            {
                base.clone()
            }
            _ => {
                self.report.published = true;
                self.write()?
            }
        };
        self.report.index_bytes = generation.manifest.files.values().map(|f| f.bytes).sum();
        self.report.generation = generation.manifest.generation;
        Ok(self.report)
    }

    fn write(&mut self) -> Result<Generation> {
        let task = self.task;
        let sources = task.sources.iter().map(|s| s.display().to_string()).collect();
        let manifest = manifest(&self.states, &self.given, sources, task.fingerprint);
        let draft = if self.open.is_none() && self.base.is_some() {
            // Only what is known of files changed: the articles stay as they are.
            task.store.draft(task.lock, self.base.as_ref())?
        } else {
            self.writer()?;
            let Some(writer) = self.open.take() else { return Err(Error::Interrupted) };
            let (started, busy) = (Instant::now(), writer.busy());
            let mut comparing = started;
            let draft = writer.finish(&mut |stage| {
                if stage == RunStage::Comparing {
                    comparing = Instant::now();
                }
                self.at.stage = stage;
                self.look()
            })?;
            let stages = &mut self.report.stages;
            stages.analyse_ms = milliseconds(busy.time());
            stages.write_ms = milliseconds(comparing - started);
            stages.compare_ms = milliseconds(comparing.elapsed());
            draft
        };
        let started = Instant::now();
        self.at.stage = RunStage::Publishing;
        self.look()?;
        draft.write(FILES, &notes::encode(self.states.iter().map(AsRef::as_ref)))?;
        let published = draft.publish(manifest)?;
        self.report.stages.publish_ms = milliseconds(started.elapsed());
        Ok(published)
    }
}

impl Task<'_> {
    fn done(
        &self,
        mut start: Start,
        analysis: &mut dyn FnMut() -> Result<Analysis>,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Report> {
        loop {
            let has_base = start.base.is_some();
            match Run::new(self, start, analysis, progress).whole() {
                Err(error) if has_base && is_of_the_base(&error) => {
                    // Not even a sound one can always be built on: it may be of another kind.
                    let because = format!("it could not be built on: {error}");
                    start = Start { because: Some(because), ..Start::default() };
                }
                outcome => return outcome,
            }
        }
    }

    fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.found.iter().filter_map(|found| match found {
            Found::File(file) => Some(file),
            _ => None,
        })
    }
}

/// Says at what could not be read that articles of it stay.
fn note_kept(skip: Option<&mut Skip>, articles: usize) {
    if let Some(skip) = skip.filter(|_| articles > 0) {
        let what = if articles == 1 {
            "1 article of it stays as it was".into()
        } else {
            format!("{articles} articles of it stay as they were")
        };
        skip.reason = format!("{}; {what}", skip.reason);
    }
}
