//! Sources to a published generation.
//!
//! One run ([`update`]) compares the sources with what the last one left ([`notes`], [`state`]),
//! analyses what is new or changed on all cores ([`pipeline`]), and publishes one generation; or none
//! when nothing changed.

mod batch;
#[cfg(test)]
mod faults;
mod given;
mod last_run;
mod notes;
mod pipeline;
mod stages;
mod state;
mod update;

use std::{path::Path, sync::Arc};

use rustc_hash::FxHashMap;
use serde::Serialize;
use tantivy::{
    Directory, DocSet, Index, IndexWriter, ReloadPolicy, Searcher, TERMINATED, TantivyDocument, Term,
    directory::OwnedBytes,
    indexer::NoMergePolicy,
    schema::{IndexRecordOption, Term as FieldTerm},
};

use crate::{
    analysis::Segmenter,
    article::{Article, Skip},
    copies::{self, Copies},
    doc_values::{self, DocValues},
    error::{Error, Result},
    gazetteer::{Completions, Gazetteer, Names},
    limits,
    schema::{FACETS, Fields, SCHEMA_VERSION, facet_index, packing, record, tokenizers},
    source::{self, SourceFile},
    store::{COMPLETIONS, COPIES, DICTIONARY, DOC_VALUES, Draft, Manifest, NAMES, VerifiedDirectory},
    tagging::Tags,
};
pub use batch::Batch;
use given::Given;
pub use last_run::LastRun;
pub(crate) use last_run::read as read_last_run;
use notes::FileState;
use pipeline::{Busy, Pipeline};
pub use stages::{RunStage, RunStages};
pub(crate) use update::update;

/// Changes whenever the same article would give other terms than before.
pub(crate) const ANALYZER_VERSION: u32 = 1;

/// What an article takes in a file besides its text, roughly: for the progress of a run only.
const ARTICLE_MEMBERS_BYTES: u64 = 120;

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
    /// What the run is at.
    pub stage: RunStage,
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
    /// How long each stage took.
    pub stages: RunStages,
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

fn articles_of(files: &[impl AsRef<FileState>]) -> u64 {
    files.iter().map(|f| f.as_ref().articles.len() as u64).sum()
}

/// What a generation says of itself before it has files.
fn manifest(
    files: &[impl AsRef<FileState>],
    given: &Given,
    sources: Vec<String>,
    fingerprint: &str,
) -> Manifest {
    Manifest {
        schema: SCHEMA_VERSION,
        analyzer: ANALYZER_VERSION,
        gazetteer: fingerprint.to_owned(),
        articles: articles_of(files) + given.len(),
        given: given.len(),
        text_bytes: files.iter().map(|f| f.as_ref().text_bytes()).sum::<u64>() + given.text_bytes(),
        sources,
        ..Manifest::default()
    }
}

/// Why an article would be analysed otherwise now.
fn outdated(manifest: &Manifest, fingerprint: &str) -> Option<&'static str> {
    if manifest.schema != SCHEMA_VERSION || manifest.analyzer != ANALYZER_VERSION {
        return Some("this version of orewire analyses differently");
    }
    (manifest.gazetteer != fingerprint).then_some("the names changed")
}

/// A draft that articles are written into.
pub(crate) struct Writer {
    fields: Fields,
    names: Names,
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
        Ok(Writer { fields, names, pipeline, index, writer, draft })
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

    /// Time that analysing took so far, of all threads together.
    pub(crate) fn busy(&self) -> Arc<Busy> {
        self.pipeline.busy()
    }

    /// Writes all that was sent and merges it to few segments; tells what begins.
    pub(crate) fn finish(self, begins: &mut dyn FnMut(RunStage) -> Result<()>) -> Result<Draft> {
        begins(RunStage::Writing)?;
        let Writer { draft, index, mut writer, pipeline, names, fields } = self;
        pipeline.finish().map_err(|e| cause(&mut writer, e))?;
        let mut writer = Arc::into_inner(writer).ok_or(Error::Interrupted)?;
        writer.commit().map_err(Error::engine("writing the index"))?;
        merge(&index, &mut writer)?;
        writer.wait_merging_threads().map_err(Error::engine("merging the index"))?;
        begins(RunStage::Comparing)?;
        let searcher = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(Error::engine("opening the index"))?
            .searcher();
        let copies = copies::compile(&searcher).map_err(Error::engine("finding copies"))?;
        draft.write(COPIES, &copies)?;
        let values = doc_values::compile(&searcher, &fields).map_err(Error::engine("listing tags"))?;
        draft.write(DOC_VALUES, &values)?;
        let completions = completions(&names, &searcher, &fields);
        draft.write(COMPLETIONS, &completions.map_err(Error::engine("counting names"))?)?;
        Ok(draft)
    }
}

/// Articles from all over the sources.
fn read_some(files: &[&SourceFile]) -> Vec<Article> {
    let step = files.len().div_ceil(limits::SAMPLE_MAX_ARTICLES).max(1);
    let chosen: Vec<_> = files.iter().step_by(step).collect();
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
        Some(Err(cause)) => Error::engine("writing the index")(cause),
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
    let action = "opening the records";
    let file = directory.open_read(Path::new(DICTIONARY)).map_err(Error::engine(action))?;
    let bytes = file.read_bytes().map_err(Error::engine(action))?;
    Ok(packing::Unpacker::new(&bytes))
}

/// Opens the copies of a generation's articles.
pub(crate) fn open_copies(directory: &VerifiedDirectory) -> Result<Copies> {
    let action = "opening the copies";
    let (bytes, file) = directory.both(COPIES).map_err(Error::engine(action))?;
    Copies::open(bytes, file).ok_or_else(|| {
        Error::engine(action)(tantivy::TantivyError::SystemError("not a list of copies".into()))
    })
}

/// Opens the tags of a generation's articles, as they are counted.
pub(crate) fn open_doc_values(directory: &VerifiedDirectory) -> Result<DocValues> {
    let action = "opening the tags";
    let (bytes, file) = directory.both(DOC_VALUES).map_err(Error::engine(action))?;
    DocValues::open(bytes, file)
        .ok_or_else(|| Error::engine(action)(tantivy::TantivyError::SystemError("not a list of tags".into())))
}

/// Opens the names of a generation, whose rows are verified when they are read.
pub(crate) fn open_names(directory: &VerifiedDirectory) -> Result<Names> {
    let action = "opening the names";
    let (bytes, file) = directory.both(NAMES).map_err(Error::engine(action))?;
    Names::open_lazily(bytes, file).ok_or_else(|| {
        Error::engine(action)(tantivy::TantivyError::SystemError("not a table of names".into()))
    })
}

/// The names that an index uses, as a file. Each dictionary of tags is read through once: to look up every
/// name of the gazetteer takes a quarter of a small run.
fn completions(names: &Names, searcher: &Searcher, fields: &Fields) -> tantivy::Result<Vec<u8>> {
    let mut counts: [FxHashMap<String, u64>; FACETS.len()] = Default::default();
    for facet in FACETS {
        let of_facet = &mut counts[facet_index(facet)];
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(fields.facet(facet))?;
            let mut terms = index.terms().stream()?;
            while terms.advance() {
                let Ok(path) = std::str::from_utf8(terms.key()) else { continue };
                let count = match segment.alive_bitset() {
                    None => u64::from(terms.value().doc_freq),
                    Some(alive) => {
                        let option = IndexRecordOption::Basic;
                        let mut postings = index.read_postings_from_terminfo(terms.value(), option)?;
                        let mut count = 0;
                        while postings.doc() != TERMINATED {
                            count += u64::from(alive.is_alive(postings.doc()));
                            postings.advance();
                        }
                        count
                    }
                };
                *of_facet.entry(path.to_owned()).or_default() += count;
            }
        }
    }
    Completions::compile(names, |facet, path| {
        Ok(counts[facet_index(facet)].get(path).copied().unwrap_or_default())
    })
}

/// Opens the names that a generation uses, or counts them where it was published without.
pub(crate) fn open_completions(
    directory: &VerifiedDirectory,
    manifest: &Manifest,
    names: &Names,
    searcher: &Searcher,
) -> Result<Completions> {
    let failed = |cause: tantivy::TantivyError| Error::engine("opening the names")(cause);
    let bytes = if manifest.files.contains_key(COMPLETIONS) {
        let file = directory.open_read(Path::new(COMPLETIONS)).map_err(|e| failed(e.into()))?;
        file.read_bytes().map_err(|e| failed(e.into()))?
    } else {
        OwnedBytes::new(completions(names, searcher, &Fields::new()).map_err(failed)?)
    };
    Completions::open(bytes)
        .ok_or_else(|| failed(tantivy::TantivyError::SystemError("not a table of names in use".into())))
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
