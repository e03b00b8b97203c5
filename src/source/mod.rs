//! Files on disk become articles: found ([`walk`]), unpacked and decoded, parsed after their format,
//! completed with what the text itself tells (language, date, publisher) and with the ranges that are
//! not to be searched ([`Article::furniture`]).
//!
//! Owns every way in which text comes into the crate. Inputs that can't be used become
//! [`Skip`]s, one each, and never end a run.

mod dates;
mod decode;
mod feed;
mod furniture;
mod html;
mod html_meta;
mod html_scan;
mod html_tree;
mod html_writer;
mod json;
mod lang;
mod markdown;
mod markup;
mod ndjson;
mod record;
mod rules;
mod table;
mod text;
mod walk;

#[cfg(test)]
mod tests;

use std::{cell::Cell, fs, io::Read, rc::Rc};

pub use walk::{Compression, Format, SourceFile, check_roots, walk};
pub(crate) use walk::{Found, find, name_of};

use crate::{
    article::{Article, Skip},
    limits,
};

/// The articles of one input, read while it is iterated.
///
/// Yields [`Skip`]s for the parts that can't be used; after one that says that the input is damaged
/// the iterator ends.
pub struct Articles {
    inner: Box<dyn Iterator<Item = Result<Article, Skip>>>,
}

impl Articles {
    fn new(inner: impl Iterator<Item = Result<Article, Skip>> + 'static) -> Articles {
        Articles { inner: Box::new(inner) }
    }

    fn skipped(path: &str, reason: impl Into<String>) -> Articles {
        Articles::new(std::iter::once(Err(skip(path, None, reason))))
    }
}

impl Iterator for Articles {
    type Item = Result<Article, Skip>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next()
    }
}

/// What a step of reading a file gave.
#[derive(Debug)]
pub(crate) enum Step {
    /// An article, and the fingerprint of the line that it is, in a format that has lines; else 0.
    Read(Box<Article>, u64),
    /// A line that is known, by its fingerprint.
    Known(u64),
}

/// The steps of reading one file, for whoever knows what it was before.
pub(crate) struct Steps {
    inner: Box<dyn Iterator<Item = Result<Step, Skip>>>,
    failed: Rc<Cell<bool>>,
}

impl Steps {
    /// Whether so far the system failed to read the file, though it is there: what it holds is not known.
    pub(crate) fn failed(&self) -> bool {
        self.failed.get()
    }
}

impl Iterator for Steps {
    type Item = Result<Step, Skip>;

    fn next(&mut self) -> Option<Self::Item> {
        self.inner.next()
    }
}

/// Only the articles.
fn articles_of(
    steps: impl Iterator<Item = Result<Step, Skip>>,
) -> impl Iterator<Item = Result<Article, Skip>> {
    steps.filter_map(|step| match step {
        Ok(Step::Read(article, _)) => Some(Ok(*article)),
        Ok(Step::Known(_)) => None,
        Err(skip) => Some(Err(skip)),
    })
}

fn skip(path: &str, line: Option<u64>, reason: impl Into<String>) -> Skip {
    Skip { path: path.to_owned(), line, reason: reason.into() }
}

/// Reads the articles of one file, one at a time.
///
/// NDJSON is streamed, so its size does not matter; other formats are read whole up to
/// [`limits::FILE_MAX_BYTES`].
pub fn read(file: &SourceFile) -> Articles {
    Articles::new(articles_of(steps(file, |_| false)))
}

/// Reads one file, but for the lines that are known by their fingerprints.
///
/// Fingerprints are of the bytes of a line and, where it has no id of its own, of its place: a known
/// line under the same name is the same article.
pub(crate) fn steps(file: &SourceFile, is_known: impl Fn(u64) -> bool + 'static) -> Steps {
    let failed = Rc::new(Cell::new(false));
    let refused = |skip: Skip| Steps { inner: Box::new(std::iter::once(Err(skip))), failed: failed.clone() };
    let unread = |error: &std::io::Error| {
        failed.set(error.kind() != std::io::ErrorKind::NotFound);
        refused(skip(&file.name, None, unreadable(error)))
    };
    // Between the walk and now the file may have become something that blocks when it is opened.
    match fs::metadata(&file.path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return refused(skip(&file.name, None, "no longer a regular file")),
        Err(error) => return unread(&error),
    }
    let opened = match fs::File::open(&file.path) {
        Ok(opened) => opened,
        Err(error) => return unread(&error),
    };
    match decode::unpack(opened, file.compression, decode::BombLimits::default(), &failed) {
        Ok(reader) => {
            let inner = read_format(reader, &file.name, file.format, Box::new(is_known));
            Steps { inner, failed }
        }
        Err(error) => refused(skip(&file.name, None, unreadable(&error))),
    }
}

/// Reads NDJSON from an open reader (standard input); `name` stands for the file in ids and reports.
pub fn read_ndjson(reader: impl Read + 'static, name: &str) -> Articles {
    Articles::new(articles_of(ndjson::Lines::new(Box::new(reader), name.to_owned(), Box::new(|_| false))))
}

fn read_format(
    reader: Box<dyn Read>,
    name: &str,
    format: Format,
    is_known: ndjson::IsKnown,
) -> Box<dyn Iterator<Item = Result<Step, Skip>>> {
    if format == Format::Ndjson {
        return Box::new(ndjson::Lines::new(reader, name.to_owned(), is_known));
    }
    let articles = read_at_once(reader, name, format);
    Box::new(articles.map(|item| item.map(|article| Step::Read(Box::new(article), 0))))
}

/// Reads a format that is not read by lines.
fn read_at_once(reader: Box<dyn Read>, name: &str, format: Format) -> Articles {
    let whole = decode::read_whole(reader, limits::FILE_MAX_BYTES);
    let hint = match format {
        Format::Html | Format::Feed => decode::declared_charset(&whole.bytes),
        _ => None,
    };
    let text = match decode::to_text(whole.bytes, hint) {
        Ok(text) => text,
        Err(reason) => return Articles::skipped(name, whole.damage.unwrap_or_else(|| reason.to_owned())),
    };
    let articles = match format {
        Format::Ndjson | Format::Json => Articles::new(json::Items::new(text, name.to_owned())),
        Format::Text => Articles::new(std::iter::once(text::read(text, name))),
        Format::Markdown => Articles::new(std::iter::once(markdown::read(text, name))),
        Format::Html => Articles::new(std::iter::once(html::read(&text, name))),
        Format::Feed => feed::read(text, name),
        Format::Table => Articles::new(table::Rows::new(text, name.to_owned())),
    };
    match whole.damage {
        // What was read before the damage is kept, and the damage is told once, at the end.
        Some(reason) => {
            let name = name.to_owned();
            Articles::new(
                articles
                    .filter(Result::is_ok)
                    .chain(std::iter::once_with(move || Err(skip(&name, None, reason)))),
            )
        }
        None => articles,
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no longer there".into(),
        std::io::ErrorKind::PermissionDenied => "not readable: permission denied".into(),
        _ => format!("not readable: {error}"),
    }
}

/// Completes an article given from memory or read from a file: cleans the id, cuts what is over the
/// caps (and notes it as `extra["orewire_cut"]`), takes date and publisher from a byline of the body
/// when they are missing, finds the ranges of the body that are not searched, and tells the language
/// unless `lang_given`.
///
/// Ranges that are already in `furniture` are kept when they are sound.
pub fn complete(article: &mut Article, lang_given: bool) {
    clean_id(&mut article.id);
    let cut_title = cut(&mut article.title, limits::TITLE_MAX_BYTES);
    let cut_body = cut(&mut article.body, limits::BODY_MAX_BYTES);
    if cut_title || cut_body {
        article.extra.insert("orewire_cut".into(), true.into());
    }
    if article.date.is_none() || article.source.is_none() {
        let byline = dates::byline(&article.body);
        article.date = article.date.or(byline.date);
        if article.source.is_none() {
            article.source = byline.source;
        }
    }
    let given = std::mem::take(&mut article.furniture);
    article.furniture = furniture::ranges(&article.body, given);
    if !lang_given {
        article.lang = lang::detect(&article.title, &article.body, &article.furniture);
    }
}

/// Removes control characters and cuts to [`limits::ID_MAX_BYTES`].
fn clean_id(id: &mut String) {
    if id.chars().any(char::is_control) {
        id.retain(|c| !c.is_control());
    }
    if id.trim().len() != id.len() {
        *id = id.trim().to_owned();
    }
    cut(id, limits::ID_MAX_BYTES);
}

/// Cuts at a character boundary; tells whether anything was cut.
fn cut(text: &mut String, max_bytes: usize) -> bool {
    if text.len() <= max_bytes {
        return false;
    }
    text.truncate(text.floor_char_boundary(max_bytes));
    true
}
