//! Finds the files of the sources in a stable order and tells their formats from their names.

use std::{
    collections::HashSet,
    fs,
    path::{Component, Path, PathBuf},
    time::UNIX_EPOCH,
};

use walkdir::{DirEntry, WalkDir};

use super::skip;
use crate::{
    article::Skip,
    error::{Error, Result},
};

/// How the bytes of a file are to be read, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// One object, an array of objects, or an object that holds such an array.
    Json,
    /// Plain text, one article.
    Text,
    /// Markdown with optional front matter, one article.
    Markdown,
    /// One page, one article.
    Html,
    /// RSS or Atom, one article an item.
    Feed,
    /// Comma- or tab-separated values with a header row, one article a record.
    Table,
}

/// How a file is packed, told by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

/// A regular file found under a source.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SourceFile {
    /// Where it is.
    pub path: PathBuf,
    /// The path as walked, with `./` and doubled slashes removed and `/` between the parts: stable
    /// from run to run, used in ids and reports. Bytes that are not UTF-8 are replaced.
    pub name: String,
    /// Size on disk, in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970; 0 when the system does not tell.
    pub modified_ns: i128,
    /// How its content is to be parsed.
    pub format: Format,
    /// How its content is packed.
    pub compression: Compression,
}

/// Checks that every source exists and can be looked into.
pub fn check_roots(roots: &[PathBuf]) -> Result<()> {
    for root in roots {
        let fault = |reason: String| Error::Source { path: root.clone(), reason };
        let meta = fs::metadata(root).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => fault("there is no such file or folder".into()),
            _ => fault(error.to_string()),
        })?;
        if meta.is_dir() {
            fs::read_dir(root).map_err(|error| fault(error.to_string()))?;
        }
    }
    Ok(())
}

/// Walks files and folders, each folder sorted by name.
///
/// Yields the files of a known format. What can't be used is a [`Skip`]: an unreadable folder, a
/// dangling or circular link, a pipe, socket or device, and a file of unknown format if it was named
/// itself. Hidden files and folders and files of other formats inside a folder are passed over.
/// Links are followed. A file that is reached twice under the same name is yielded once.
pub fn walk(roots: &[PathBuf]) -> impl Iterator<Item = Result<SourceFile, Skip>> + use<> {
    find(roots).map(|found| match found {
        Found::File(file) => Ok(file),
        Found::Unusable(skip) | Found::Unreadable(skip) => Err(skip),
    })
}

/// What a walk comes upon.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file to read.
    File(SourceFile),
    /// Something that can't be an input.
    Unusable(Skip),
    /// A file or a folder that is there, but that the system failed to look at.
    Unreadable(Skip),
}

impl Found {
    /// The path, as walked.
    pub(crate) fn name(&self) -> &str {
        match self {
            Found::File(file) => &file.name,
            Found::Unusable(skip) | Found::Unreadable(skip) => &skip.path,
        }
    }

    /// Whether there is something that has articles, or may have.
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self, Found::Unusable(_))
    }
}

/// As [`walk`], and tells what is there but could not be looked at.
pub(crate) fn find(roots: &[PathBuf]) -> impl Iterator<Item = Found> + use<> {
    let mut seen = (roots.len() > 1).then(HashSet::new);
    let roots = roots.to_vec();
    roots
        .into_iter()
        .flat_map(|root| {
            WalkDir::new(root)
                .follow_links(true)
                .sort_by_file_name()
                .into_iter()
                .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry))
                .filter_map(|entry| match entry {
                    Ok(entry) => classify(&entry),
                    Err(error) => Some(walk_skip(&error)),
                })
        })
        .filter(move |found| match (&mut seen, found) {
            (Some(seen), Found::File(file)) => seen.insert(file.name.clone()),
            _ => true,
        })
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().first() == Some(&b'.')
}

fn classify(entry: &DirEntry) -> Option<Found> {
    let kind = entry.file_type();
    if kind.is_dir() {
        return None;
    }
    let name = name_of(entry.path());
    if !kind.is_file() {
        return Some(Found::Unusable(skip(&name, None, "neither a regular file nor a folder")));
    }
    let Some((format, compression)) = format_of(entry.path()) else {
        let reason = "unknown format; the name must end in .ndjson, .jsonl, .json, .txt, .md, .html, .xml, \
                      .rss, .atom, .csv or .tsv, with .gz or .zst behind it if packed";
        return (entry.depth() == 0).then(|| Found::Unusable(skip(&name, None, reason)));
    };
    // Through the path, not the entry: the entry of a link may describe the link.
    Some(match fs::metadata(entry.path()) {
        Ok(meta) => Found::File(SourceFile {
            path: entry.path().to_owned(),
            name,
            size: meta.len(),
            modified_ns: modified_ns(&meta),
            format,
            compression,
        }),
        Err(error) => unreadable(&name, &error),
    })
}

fn unreadable(name: &str, error: &std::io::Error) -> Found {
    let skip = skip(name, None, super::unreadable(error));
    // What is no longer there has gone; all else is there still.
    match error.kind() {
        std::io::ErrorKind::NotFound => Found::Unusable(skip),
        _ => Found::Unreadable(skip),
    }
}

fn modified_ns(meta: &fs::Metadata) -> i128 {
    let Ok(time) = meta.modified() else { return 0 };
    let ns = |d: std::time::Duration| i128::try_from(d.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => ns(after),
        Err(before) => -ns(before.duration()),
    }
}

fn walk_skip(error: &walkdir::Error) -> Found {
    let name = error.path().map(name_of).unwrap_or_default();
    if let Some(ancestor) = error.loop_ancestor() {
        let reason = format!("a link back to {}, not followed", name_of(ancestor));
        return Found::Unusable(skip(&name, None, reason));
    }
    let is_link = error.path().is_some_and(Path::is_symlink);
    match error.io_error() {
        Some(e) if is_link && leads_nowhere(e) => {
            Found::Unusable(skip(&name, None, "a link to something that is not there"))
        }
        Some(e) => unreadable(&name, e),
        None => Found::Unusable(skip(&name, None, "not readable")),
    }
}

/// Whether a link's target is missing, or is the link itself.
fn leads_nowhere(error: &std::io::Error) -> bool {
    const TOO_MANY_LINKS: i32 = 40;
    error.kind() == std::io::ErrorKind::NotFound
        || (cfg!(target_os = "linux") && error.raw_os_error() == Some(TOO_MANY_LINKS))
}

/// The name of a path in ids and reports. `./a//b` becomes `a/b`; `..` is kept, since taking it away would need to look at the disk.
pub(crate) fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for part in path.components() {
        let part = match part {
            Component::CurDir => continue,
            Component::RootDir => {
                name.push('/');
                continue;
            }
            other => other.as_os_str().to_string_lossy(),
        };
        if !name.is_empty() && !name.ends_with('/') {
            name.push('/');
        }
        name.push_str(&part);
    }
    if name.is_empty() { ".".into() } else { name }
}

fn format_of(path: &Path) -> Option<(Format, Compression)> {
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let (name, compression) = if let Some(stem) = name.strip_suffix(".gz") {
        (stem, Compression::Gzip)
    } else if let Some(stem) = name.strip_suffix(".zst") {
        (stem, Compression::Zstd)
    } else {
        (name.as_str(), Compression::None)
    };
    let (_, extension) = name.rsplit_once('.')?;
    let format = match extension {
        "ndjson" | "jsonl" => Format::Ndjson,
        "json" => Format::Json,
        "txt" | "text" => Format::Text,
        "md" | "markdown" => Format::Markdown,
        "html" | "htm" | "xhtml" => Format::Html,
        "xml" | "rss" | "atom" => Format::Feed,
        "csv" | "tsv" => Format::Table,
        _ => return None,
    };
    Some((format, compression))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_name() {
        let of = |name: &str| format_of(Path::new(name));
        assert_eq!(of("a/B.TXT"), Some((Format::Text, Compression::None)));
        assert_eq!(of("x.jsonl.GZ"), Some((Format::Ndjson, Compression::Gzip)));
        assert_eq!(of("x.y.xhtml.zst"), Some((Format::Html, Compression::Zstd)));
        for none in ["x", "x.gz", "x.png", "json", "x.txt.bz2", ""] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn names_are_cleaned_without_looking() {
        let clean = |p: &str| name_of(Path::new(p));
        assert_eq!(clean("./a//b/./c.txt"), "a/b/c.txt");
        assert_eq!(clean("/a//b"), "/a/b");
        assert_eq!(clean("../a/../b"), "../a/../b");
        assert_eq!(clean("."), ".");
    }
}
