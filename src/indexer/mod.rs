//! Sources to a published generation.
//!
//! One run compares the sources with what the last one left ([`state`]), analyses what is new or
//! changed on all cores ([`pipeline`]), and publishes one generation; or none when nothing changed.

mod batch;
#[cfg(test)]
mod faults;
mod given;
mod pipeline;
mod state;

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use serde::Serialize;
use tantivy::{
    Directory, Index, IndexWriter, TantivyDocument, Term, directory::OwnedBytes, indexer::NoMergePolicy,
    schema::Term as FieldTerm,
};

use crate::{
    analysis::Segmenter,
    article::{Article, Skip},
    error::{Error, Result},
    gazetteer::{Gazetteer, Names},
    limits,
    schema::{Fields, SCHEMA_VERSION, packing, record, tokenizers},
    source::{self, SourceFile},
    store::{
        self, DICTIONARY, Draft, FILES, Generation, KEPT_GENERATIONS, Manifest, NAMES, Store,
        VerifiedDirectory,
    },
    tagging::Tags,
};
pub use batch::Batch;
use given::Given;
use pipeline::Pipeline;
use state::{Compared, FileState, Known};

/// Changes whenever the same article would give other terms than before.
pub(crate) const ANALYZER_VERSION: u32 = 1;

/// What an article takes in a file besides its text, roughly: for the progress of a run only.
const ARTICLE_MEMBERS_BYTES: usize = 120;

/// How a run is done.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IndexOptions {
    /// Builds everything anew instead of what changed.
    pub rebuild: bool,
    /// Threads that analyse; 0 for one a core.
    pub threads: usize,
    /// Memory for postings before they are written to disk, in bytes; at least 15 million.
    pub memory_bytes: usize,
}

impl Default for IndexOptions {
    fn default() -> Self {
        IndexOptions { rebuild: false, threads: 0, memory_bytes: limits::INDEX_MEMORY_BYTES }
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of source files read.
    pub bytes: u64,
    /// Bytes of all source files.
    pub bytes_total: u64,
    /// Articles read.
    pub articles: u64,
    /// The file at work; not safe to print unsanitised.
    pub file: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Articles that were not in the index before.
    pub added: u64,
    /// Articles whose content had changed.
    pub updated: u64,
    /// Articles that were left as they were.
    pub unchanged: u64,
    /// Articles that are no longer in the sources.
    pub removed: u64,
    /// Inputs that could not be used, the first [`limits::REPORTED_SKIPS_MAX`] of them.
    pub skipped: Vec<Skip>,
    /// How many inputs could not be used.
    pub skipped_total: u64,
    /// Articles in the index afterwards.
    pub articles: u64,
    /// Bytes of source files that were read.
    pub bytes_read: u64,
    /// Size of the index afterwards, in bytes.
    pub index_bytes: u64,
    /// Name of the generation that is published afterwards.
    pub generation: String,
    /// Whether this run published it.
    pub published: bool,
    /// Why everything was built anew, when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuilt_because: Option<String>,
    /// Wall time in milliseconds.
    pub took_ms: u64,
}

impl Report {
    fn skip(&mut self, skip: Skip) {
        self.skipped_total += 1;
        if self.skipped.len() < limits::REPORTED_SKIPS_MAX {
            self.skipped.push(skip);
        }
    }
}

/// What articles are analysed with. To make it takes longer than a small update, so it is shared.
#[derive(Debug, Clone)]
pub(crate) struct Analysis {
    gazetteer: Arc<Gazetteer>,
    segmenter: Segmenter,
}

impl Analysis {
    /// With the names of a gazetteer, and more words for the Chinese segmenter.
    pub(crate) fn new(gazetteer: Arc<Gazetteer>, words: &[String]) -> Analysis {
        let names = gazetteer.names().map(|(name, _, _)| name).filter(|n| n.chars().all(|c| !c.is_ascii()));
        let segmenter = Segmenter::new(names.chain(words.iter().map(String::as_str)));
        Analysis { gazetteer, segmenter }
    }

    /// The names.
    pub(crate) fn gazetteer(&self) -> &Arc<Gazetteer> {
        &self.gazetteer
    }

    /// A number that changes when any of it may have; of the user's tables and words.
    pub(crate) fn fingerprint<'a>(tables: impl IntoIterator<Item = &'a str>, words: &[String]) -> u64 {
        Gazetteer::fingerprint(tables) ^ state::words_fingerprint(words)
    }
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
    let (base, rebuilt_because) = usable_base(store, &fingerprint, options)?;
    let mut known = match &base {
        Some(base) => Known::read(&store.read(base, FILES)?, &base.dir.join(FILES))?,
        None => Known::default(),
    };
    let given = match &base {
        Some(base) => Given::read(store, base)?,
        None => Given::default(),
    };
    let mut report = Report { rebuilt_because, ..Report::default() };
    let mut files = Vec::new();
    let mut at = Progress::default();
    for found in source::walk(sources) {
        match found {
            Ok(file) => {
                at.bytes_total += file.size;
                files.push(file);
            }
            Err(skip) => report.skip(skip),
        }
    }
    if files.is_empty() && !options.rebuild && known.has_articles() {
        // An unmounted disk looks like this; it must not empty the index overnight.
        let path = sources.first().cloned().unwrap_or_default();
        let reason = "no file to index, though the index has articles from it; with --rebuild it is emptied"
            .to_owned();
        return Err(Error::Source { path, reason });
    }
    let mut run =
        Run { store, lock: &lock, base: base.as_ref(), analysis, options, files: &files, given, open: None };
    if report.rebuilt_because.is_some() {
        report.added = run.restore(&mut |skip| report.skip(skip), &mut || progress(&at))?;
    }
    known.keep(run.given.ids());
    let mut new_state: Vec<FileState> = Vec::with_capacity(files.len());
    for file in &files {
        at.file.clone_from(&file.name);
        if progress(&at).is_break() {
            return Err(Error::Interrupted);
        }
        let read_at = state::now_ns();
        if let Some(unchanged) = known.take_unchanged(file) {
            report.unchanged += unchanged.articles.len() as u64;
            at.bytes += file.size;
            at.articles += unchanged.articles.len() as u64;
            for skip in &unchanged.skips {
                report.skip(skip.clone());
            }
            new_state.push(unchanged);
            continue;
        }
        let before = at.bytes;
        let mut state = FileState::of(file, read_at);
        for item in source::read(file) {
            let article = match item {
                Ok(article) => article,
                Err(skip) => {
                    state.skips.push(skip.clone());
                    report.skip(skip);
                    continue;
                }
            };
            at.articles += 1;
            // How far the file is read shows by its articles; a packed file's text is larger than it is.
            let text = (article.title.len() + article.body.len() + ARTICLE_MEMBERS_BYTES) as u64;
            at.bytes = (at.bytes + text).min(before + file.size);
            let text_bytes = (article.title.len() + article.body.len()) as u64;
            if at.articles % 64 == 0 && progress(&at).is_break() {
                return Err(Error::Interrupted);
            }
            let hash = state::content_hash(&article);
            match known.compare(&article.id, hash) {
                Compared::Duplicate => {
                    let other = match run.given.hash(&article.id) {
                        Some(_) => "an article that a program added",
                        None => "another article",
                    };
                    let reason = format!("{other} has the id {:?}; this one was left out", article.id);
                    let skip = Skip { path: file.name.clone(), line: None, reason };
                    state.skips.push(skip.clone());
                    report.skip(skip);
                    state.left_one_out();
                    continue;
                }
                Compared::Same => {
                    state.text_bytes += text_bytes;
                    report.unchanged += 1;
                }
                Compared::Changed => {
                    state.text_bytes += text_bytes;
                    report.updated += 1;
                    state.articles.push((article.id.clone(), hash));
                    run.writer()?.replace(article)?;
                    continue;
                }
                Compared::New => {
                    state.text_bytes += text_bytes;
                    report.added += 1;
                    state.articles.push((article.id.clone(), hash));
                    run.writer()?.add(article)?;
                    continue;
                }
            }
            state.articles.push((article.id, hash));
        }
        at.bytes = before + file.size;
        report.bytes_read += file.size;
        new_state.push(state);
    }
    for id in known.vanished() {
        report.removed += 1;
        run.writer()?.remove(&id)?;
    }
    report.unchanged += if base.is_some() { run.given.len() } else { 0 };
    report.articles = articles_of(&new_state) + run.given.len();
    let _ = progress(&at);
    let nothing_new =
        run.open.is_none() && base.as_ref().is_some_and(|b| known.is_as_before(&new_state, b, sources));
    let generation = match &base {
        Some(base) if nothing_new => base.clone(),
        _ => {
            report.published = true;
            run.publish(&new_state, sources, &fingerprint)?
        }
    };
    if report.published {
        // It is published; what can't be removed now is removed by the next run.
        let _ = store.gc(&lock, KEPT_GENERATIONS);
    }
    report.index_bytes = generation.manifest.files.values().map(|f| f.bytes).sum();
    report.generation = generation.manifest.generation;
    report.took_ms = started.elapsed().as_millis() as u64;
    Ok(report)
}

fn articles_of(files: &[FileState]) -> u64 {
    files.iter().map(|f| f.articles.len() as u64).sum()
}

/// What a generation says of itself before it has files.
fn manifest(files: &[FileState], given: &Given, sources: Vec<String>, fingerprint: &str) -> Manifest {
    Manifest {
        schema: SCHEMA_VERSION,
        analyzer: ANALYZER_VERSION,
        gazetteer: fingerprint.to_owned(),
        articles: articles_of(files) + given.len(),
        given: given.len(),
        text_bytes: files.iter().map(|f| f.text_bytes).sum::<u64>() + given.text_bytes(),
        sources,
        ..Manifest::default()
    }
}

/// The generation to start from, or why there is none.
fn usable_base(
    store: &Store,
    fingerprint: &str,
    options: &IndexOptions,
) -> Result<(Option<Generation>, Option<String>)> {
    let because = |reason: &str| Ok((None, Some(reason.to_owned())));
    let base = match store.current() {
        Ok(base) => base,
        Err(Error::NoIndex(_)) => return Ok((None, None)),
        Err(Error::Damaged { reason, .. }) => return because(&format!("the index was damaged: {reason}")),
        Err(error) => return Err(error),
    };
    if options.rebuild {
        return because("asked for");
    }
    if let Some(reason) = outdated(&base.manifest, fingerprint) {
        return because(reason);
    }
    if let Some(problem) = store.problems(&base).first() {
        return because(&format!("the index was damaged: {}: {}", problem.file, problem.reason));
    }
    Ok((Some(base), None))
}

/// Why an article would be analysed otherwise now.
fn outdated(manifest: &Manifest, fingerprint: &str) -> Option<&'static str> {
    if manifest.schema != SCHEMA_VERSION || manifest.analyzer != ANALYZER_VERSION {
        return Some("this version of orewire analyses differently");
    }
    (manifest.gazetteer != fingerprint).then_some("the names changed")
}

/// A run that may or may not come to write.
struct Run<'a> {
    store: &'a Store,
    lock: &'a store::WriteLock,
    base: Option<&'a Generation>,
    analysis: &'a mut dyn FnMut() -> Result<Analysis>,
    options: &'a IndexOptions,
    /// All files of the sources.
    files: &'a [SourceFile],
    /// Articles that a program gave, which the run leaves as they are.
    given: Given,
    /// Opened by the first change: a run without one loads no dictionary.
    open: Option<Writer>,
}

impl Run<'_> {
    fn writer(&mut self) -> Result<&mut Writer> {
        if self.open.is_none() {
            let analysis = (self.analysis)()?;
            let draft = self.store.draft(self.lock, self.base)?;
            let sample = self.base.is_none().then(|| sample(&read_some(self.files)));
            self.open = Some(Writer::open(draft, sample, analysis, self.options)?);
        }
        self.open.as_mut().ok_or(Error::Interrupted)
    }

    /// Takes the articles that a program gave out of the generation that can't be built on. Returns how
    /// many, and adds what is lost of them to `skips`.
    fn restore(
        &mut self,
        skips: &mut dyn FnMut(Skip),
        progress: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<u64> {
        let mut restored: Option<(Given, given::Chunk)> = None;
        let store = self.store;
        let lost = given::restore(store, |article, hash| {
            if progress().is_break() {
                return Err(Error::Interrupted);
            }
            let writer = self.writer()?;
            let (given, chunk) = match &mut restored {
                Some(both) => both,
                none => none.insert((Given::default(), Given::default().next_chunk(&writer.draft)?)),
            };
            given.put(&article, hash);
            chunk.put(&article)?;
            writer.add(article)
        })?;
        lost.into_iter().for_each(skips);
        if let Some((mut given, chunk)) = restored {
            given.finish(&self.writer()?.draft, chunk)?;
            self.given = given;
        }
        Ok(self.given.len())
    }

    fn publish(mut self, state: &[FileState], sources: &[PathBuf], fingerprint: &str) -> Result<Generation> {
        let files = state::to_ndjson(state);
        let sources = sources.iter().map(|s| s.display().to_string()).collect();
        let manifest = manifest(state, &self.given, sources, fingerprint);
        if self.open.is_none() && self.base.is_some() {
            // Only times of files changed: the articles stay as they are.
            let draft = self.store.draft(self.lock, self.base)?;
            draft.write(FILES, &files)?;
            return draft.publish(manifest);
        }
        self.writer()?;
        let Some(writer) = self.open.take() else { return Err(Error::Interrupted) };
        let draft = writer.finish()?;
        draft.write(FILES, &files)?;
        draft.publish(manifest)
    }
}

/// A draft that articles are written into.
pub(crate) struct Writer {
    fields: Fields,
    pipeline: Pipeline,
    index: Index,
    writer: Arc<IndexWriter>,
    /// Last, so that its folder is removed when no thread writes into it any more.
    draft: Draft,
}

impl Writer {
    /// `sample` is of the articles to come when the index is new, for the dictionary of its records.
    pub(crate) fn open(
        draft: Draft,
        sample: Option<Vec<Vec<u8>>>,
        analysis: Analysis,
        options: &IndexOptions,
    ) -> Result<Writer> {
        let fields = Fields::new();
        let directory = draft.directory()?;
        let index = if sample.is_some() { create(directory, &fields)? } else { open(directory)? };
        // One thread inverts while the others analyse: fewer, larger segments from the start.
        let writer: IndexWriter = index
            .writer_with_num_threads(1, options.memory_bytes)
            .map_err(Error::engine("opening the index for writing"))?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let Analysis { gazetteer, segmenter } = analysis;
        if let Some(sample) = sample {
            draft.write(NAMES, &Names::compile(&gazetteer))?;
            draft.write(DICTIONARY, &packing::train(&sample))?;
        }
        let dictionary = draft.read(DICTIONARY)?;
        let names = Names::open(OwnedBytes::new(draft.read(NAMES)?)).ok_or_else(|| Error::Damaged {
            path: draft.dir().join(NAMES),
            reason: "not a table of names".into(),
        })?;
        let writer = Arc::new(writer);
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let pipeline = Pipeline::start(threads, &fields, gazetteer, segmenter, &names, &dictionary, &writer)
            .map_err(Error::io("starting", draft.dir()))?;
        Ok(Writer { fields, pipeline, index, writer, draft })
    }

    fn term(&self, id: &str) -> Term {
        FieldTerm::from_field_text(self.fields.id, id)
    }

    /// Adds an article whose id is not in the index.
    pub(crate) fn add(&mut self, article: Article) -> Result<()> {
        self.pipeline.send(article).map_err(|e| cause(&mut self.writer, e))
    }

    /// Puts an article in the place of the one with its id. The new one is added after the removal,
    /// whatever the order in which the threads finish: a removal reaches only what was added before.
    pub(crate) fn replace(&mut self, article: Article) -> Result<()> {
        self.remove(&article.id)?;
        self.add(article)
    }

    /// Removes the article with an id.
    pub(crate) fn remove(&mut self, id: &str) -> Result<()> {
        self.writer.delete_term(self.term(id));
        Ok(())
    }

    /// Waits until what was sent so far is with the search library, so that a removal reaches it.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.pipeline.settle().map_err(|e| cause(&mut self.writer, e))
    }

    /// Writes all that was sent and merges it to few segments.
    pub(crate) fn finish(self) -> Result<Draft> {
        let Writer { draft, index, mut writer, pipeline, .. } = self;
        pipeline.finish().map_err(|e| cause(&mut writer, e))?;
        let mut writer = Arc::into_inner(writer).ok_or(Error::Interrupted)?;
        writer.commit().map_err(Error::engine("writing the index"))?;
        merge(&index, &mut writer)?;
        writer.wait_merging_threads().map_err(Error::engine("merging the index"))?;
        Ok(draft)
    }
}

/// Articles from all over the sources.
fn read_some(files: &[SourceFile]) -> Vec<Article> {
    let step = files.len().div_ceil(limits::SAMPLE_MAX_ARTICLES).max(1);
    let chosen: Vec<&SourceFile> = files.iter().step_by(step).collect();
    let each = limits::SAMPLE_MAX_ARTICLES.div_ceil(chosen.len().max(1));
    chosen.into_iter().flat_map(|f| source::read(f).filter_map(std::result::Result::ok).take(each)).collect()
}

/// Articles as they will be stored, but for their tags.
fn sample(articles: &[Article]) -> Vec<Vec<u8>> {
    articles.iter().map(|a| record::encode(a, &Tags::default(), |_, _| None)).collect()
}

/// Why the writer's own thread ended: an article that comes after only learns that it did.
fn cause(writer: &mut Arc<IndexWriter>, error: Error) -> Error {
    match Arc::get_mut(writer).map(IndexWriter::commit) {
        Some(Err(cause)) => Error::Engine { action: "writing the index", cause },
        _ => error,
    }
}

/// Merges until at most [`limits::SEGMENTS_MAX`] segments are left: each one more costs every cold
/// query. The smallest go together, so that a nightly update does not rewrite the bulk; and a segment
/// of which a quarter is deleted is written anew.
fn merge(index: &Index, writer: &mut IndexWriter) -> Result<()> {
    let fail = Error::engine;
    let metas = index.searchable_segment_metas().map_err(fail("merging the index"))?;
    let mut segments: Vec<_> =
        metas.into_iter().map(|m| (m.num_docs(), m.num_deleted_docs() * 4 > m.max_doc(), m.id())).collect();
    segments.sort_by_key(|s| std::cmp::Reverse(s.0));
    let mut together: Vec<_> = segments.iter().filter(|s| s.1).map(|s| s.2).collect();
    segments.retain(|s| !s.1);
    while segments.len() + usize::from(!together.is_empty()) > limits::SEGMENTS_MAX
        || (together.len() == 1 && segments.len() + 1 > limits::SEGMENTS_MAX)
    {
        let Some((_, _, id)) = segments.pop() else { break };
        together.push(id);
    }
    if together.is_empty() {
        return Ok(());
    }
    writer.merge(&together).wait().map_err(fail("merging the index"))?;
    writer.garbage_collect_files().wait().map_err(fail("removing merged files"))?;
    Ok(())
}

fn create(directory: Box<dyn Directory>, fields: &Fields) -> Result<Index> {
    use tantivy::store::Compressor;
    let settings = tantivy::IndexSettings {
        // Records come compressed; a block is what one hit reads.
        docstore_compression: Compressor::None,
        docstore_blocksize: 4_096,
        ..Default::default()
    };
    let mut index = Index::builder()
        .schema(fields.schema.clone())
        .settings(settings)
        .open_or_create(directory)
        .map_err(Error::engine("creating the index"))?;
    index.set_tokenizers(tokenizers());
    Ok(index)
}

/// Opens the tantivy index in a folder.
pub(crate) fn open(directory: impl Into<Box<dyn Directory>>) -> Result<Index> {
    let mut index = Index::open(directory).map_err(Error::engine("opening the index"))?;
    index.set_tokenizers(tokenizers());
    Ok(index)
}

/// Opens the dictionary of a generation's records.
pub(crate) fn open_dictionary(directory: &VerifiedDirectory) -> Result<packing::Unpacker> {
    let failed = |cause| Error::Engine { action: "opening the records", cause };
    let file = directory.open_read(Path::new(DICTIONARY)).map_err(|e| failed(e.into()))?;
    let bytes = file.read_bytes().map_err(|e| failed(e.into()))?;
    Ok(packing::Unpacker::new(&bytes))
}

/// Opens the names of a generation, whose rows are verified when they are read.
pub(crate) fn open_names(directory: &VerifiedDirectory) -> Result<Names> {
    let failed = |e: tantivy::directory::error::OpenReadError| Error::Engine {
        action: "opening the names",
        cause: e.into(),
    };
    let (bytes, file) = directory.both(NAMES).map_err(failed)?;
    Names::open_lazily(bytes, file).ok_or_else(|| Error::Engine {
        action: "opening the names",
        cause: tantivy::TantivyError::SystemError("not a table of names".into()),
    })
}

/// A document that the pipeline made.
pub(crate) type Document = TantivyDocument;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_every_field_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let fields = Fields::new();
        let directory = tantivy::directory::MmapDirectory::open(dir.path()).unwrap();
        let index = create(Box::new(directory), &fields).unwrap();
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 20_000_000).unwrap();
        let mut document = TantivyDocument::new();
        document.add_text(fields.id, "a");
        document.add_text(fields.facets[0], "/a");
        document.add_u64(fields.tie, 1);
        document.add_bytes(fields.record, b"x");
        writer.add_document(document).unwrap();
        writer.commit().unwrap();
    }
}
