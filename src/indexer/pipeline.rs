//! Articles to documents on several threads: units once, shared by tags, words and the index.

use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustc_hash::FxHashMap;
use tantivy::IndexWriter;
use xxhash_rust::xxh3::xxh3_64;

use super::Document;
use crate::{
    analysis::{Segmenter, Sketch, Units, words::WordScanner},
    article::Article,
    error::{Error, Result},
    gazetteer::{Facet, Gazetteer, Names},
    schema::{FACETS, Fields, Packed, Parts, focus_term, packing::Packer, record, with_ancestors},
    tagging::{Tag, Tagger, Tags},
};

/// Articles that travel together: a lock a batch, not a lock an article.
const BATCH: usize = 32;

/// Batches that were sent and are not with the writer yet.
#[derive(Default)]
struct Pending {
    count: Mutex<usize>,
    done: Condvar,
}

impl Pending {
    fn add(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    fn wait(&self) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        while *count > 0 {
            count = self.done.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A batch on its way: it has arrived, or is lost with its thread, when this is dropped.
struct Sent {
    articles: Vec<Article>,
    pending: Arc<Pending>,
}

impl Drop for Sent {
    fn drop(&mut self) {
        *self.pending.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.pending.done.notify_all();
    }
}

/// Time that threads spent analysing, added up.
#[derive(Debug, Default)]
pub(crate) struct Busy(AtomicU64);

impl Busy {
    fn add(&self, time: Duration) {
        self.0.fetch_add(time.as_micros() as u64, Ordering::Relaxed);
    }

    pub(crate) fn time(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// Threads that analyse what is sent and hand it to the writer.
pub(crate) struct Pipeline {
    sender: Option<SyncSender<Sent>>,
    pending: Arc<Pending>,
    batch: Vec<Article>,
    threads: Vec<JoinHandle<Result<()>>>,
    busy: Arc<Busy>,
}

impl Pipeline {
    pub(crate) fn start(
        threads: usize,
        fields: &Fields,
        gazetteer: Arc<Gazetteer>,
        segmenter: Segmenter,
        names: &Names,
        dictionary: &[u8],
        writer: &Arc<IndexWriter>,
    ) -> std::io::Result<Pipeline> {
        let (sender, receiver) = sync_channel(threads * 4);
        let receiver = Arc::new(Mutex::new(receiver));
        let rows = Arc::new(Rows::of(names));
        let busy = Arc::new(Busy::default());
        let threads = (0..threads)
            .map(|_| -> std::io::Result<_> {
                let (receiver, fields, writer) = (receiver.clone(), fields.clone(), writer.clone());
                let busy = busy.clone();
                let mut analyst = Analyst::new(
                    gazetteer.clone(),
                    segmenter.clone(),
                    rows.clone(),
                    Packer::new(dictionary)?,
                );
                Ok(std::thread::spawn(move || work(&receiver, &fields, &writer, &mut analyst, &busy)))
            })
            .collect::<Result<_, _>>()?;
        Ok(Pipeline {
            sender: Some(sender),
            pending: Arc::default(),
            batch: Vec::with_capacity(BATCH),
            threads,
            busy,
        })
    }

    pub(crate) fn busy(&self) -> Arc<Busy> {
        self.busy.clone()
    }

    pub(crate) fn send(&mut self, article: Article) -> Result<()> {
        self.batch.push(article);
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let articles = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.pending.add();
        let batch = Sent { articles, pending: self.pending.clone() };
        let sent = self.sender.as_ref().is_some_and(|s| s.send(batch).is_ok());
        // All threads ended: one of them knows why.
        if sent { Ok(()) } else { self.join().and(Err(Error::Interrupted)) }
    }

    /// Waits until everything that was sent so far is with the writer.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.flush()?;
        self.pending.wait();
        // A thread that ended has lost what it had: the others would go on without it.
        if self.threads.iter().any(JoinHandle::is_finished) {
            self.join().and(Err(Error::Interrupted))
        } else {
            Ok(())
        }
    }

    /// Waits until everything that was sent is with the writer, and ends the threads.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.join()
    }

    fn join(&mut self) -> Result<()> {
        self.sender = None;
        let mut result = Ok(());
        for thread in self.threads.drain(..) {
            let ended = thread.join().unwrap_or_else(|_| {
                let cause = tantivy::TantivyError::InternalError("a thread ended unexpectedly".into());
                Err(Error::engine("analysing an article")(cause))
            });
            result = result.and(ended);
        }
        result
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // Dropped without `finish`: the run failed already, and no thread stays behind.
        let _ = self.join();
    }
}

fn work(
    receiver: &Mutex<Receiver<Sent>>,
    fields: &Fields,
    writer: &IndexWriter,
    analyst: &mut Analyst,
    busy: &Busy,
) -> Result<()> {
    loop {
        let batch = receiver.lock().map(|r| r.recv());
        let Ok(Ok(batch)) = batch else { return Ok(()) };
        let started = Instant::now();
        for article in &batch.articles {
            let parts =
                analyst.parts(article).map_err(Error::io("compressing an article of", &article.path))?;
            let document: Document = parts.into_document(fields);
            writer.add_document(document).map_err(Error::engine("writing the index"))?;
        }
        busy.add(started.elapsed());
    }
}

/// Row numbers of the gazetteer's paths, for the stored record.
pub(crate) struct Rows(FxHashMap<(u8, String), u32>);

impl Rows {
    pub(crate) fn of(names: &Names) -> Rows {
        let rows = (0..names.len() as u32)
            .filter_map(|n| names.row(n).map(|r| ((r.facet as u8, r.path.to_owned()), n)));
        Rows(rows.collect())
    }

    fn row(&self, facet: Facet, path: &str) -> Option<u32> {
        self.0.get(&(facet as u8, path.to_owned())).copied()
    }
}

/// Turns articles into the parts of documents. One a thread.
pub(crate) struct Analyst {
    tagger: Tagger,
    words: WordScanner,
    segmenter: Segmenter,
    rows: Arc<Rows>,
    packer: Packer,
    title: Units,
    body: Units,
    other: Units,
}

impl Analyst {
    pub(crate) fn new(
        gazetteer: Arc<Gazetteer>,
        segmenter: Segmenter,
        rows: Arc<Rows>,
        packer: Packer,
    ) -> Analyst {
        Analyst {
            packer,
            tagger: Tagger::new(gazetteer),
            words: WordScanner::new(),
            segmenter,
            rows,
            title: Units::new(),
            body: Units::new(),
            other: Units::new(),
        }
    }

    pub(crate) fn parts(&mut self, article: &Article) -> std::io::Result<Parts> {
        self.title.scan(&article.title, &[]);
        self.body.scan(&article.body, &article.furniture);
        let tags = self.tagger.tag(article, &self.title, &self.body);
        self.other.scan(article.source.as_deref().unwrap_or(""), &[]);
        let source = packed_units(&self.other);
        let rows = self.rows.clone();
        let record = record::encode(article, &tags, |facet, path| rows.row(facet, path));
        let title_words = packed_words(Packed::default(), &self.title, &mut self.words, &self.segmenter);
        let words = packed_words(title_words.clone(), &self.body, &mut self.words, &self.segmenter);
        Ok(Parts {
            id: article.id.clone(),
            title_units: packed_units(&self.title),
            body_units: packed_units(&self.body),
            title_words,
            words,
            paths: [&tags.organization, &tags.province, &tags.country, &tags.commodity]
                .map(|list| paths(list)),
            focus: focus(&tags),
            date: article.date.map(|d| d.days()),
            source,
            lang: article.lang.code(),
            // Half a hash tells ties apart, and the column is half as large.
            tie: xxh3_64(article.id.as_bytes()) >> 32,
            sketch: Sketch::of(&self.title, &self.body),
            record: self.packer.pack(&record)?,
        })
    }
}

fn packed_units(units: &Units) -> Packed {
    let mut packed = Packed::default();
    for unit in units {
        packed.push(units.term(unit), unit.position);
    }
    packed
}

/// Appends the words of units; the field keeps no positions.
fn packed_words(mut packed: Packed, units: &Units, words: &mut WordScanner, segmenter: &Segmenter) -> Packed {
    words.scan(units, Some(segmenter), |word| packed.push(word.term, 0));
    packed
}

/// The paths of tags and of all their ancestors, each once.
fn paths(tags: &[Tag]) -> Vec<String> {
    let mut all: Vec<String> = tags.iter().flat_map(|t| with_ancestors(&t.path)).map(str::to_owned).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn focus(tags: &Tags) -> Vec<String> {
    let mut all = Vec::new();
    for (facet, list) in
        FACETS.into_iter().zip([&tags.organization, &tags.province, &tags.country, &tags.commodity])
    {
        for tag in list.iter().filter(|t| t.focus) {
            all.extend(with_ancestors(&tag.path).map(|path| focus_term(facet, path)));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}
