//! The crate's errors. Each says what happened and where, and [`Error::hint`] what to do about it.

use std::{io, path::PathBuf};

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{action} {}: {cause}", .path.display())]
    Io {
        /// What was tried, as a verb ("reading", "writing").
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// There is no index where one was expected.
    #[error("no index in {}", .0.display())]
    NoIndex(PathBuf),
    /// The index is there but can't be used.
    #[error("the index in {} is damaged: {reason}", .path.display())]
    Damaged {
        /// Folder of the index.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process is writing the index.
    #[error("the index in {} is being written by {holder}", .path.display())]
    Locked {
        /// Folder of the index.
        path: PathBuf,
        /// Who holds the lock ("process 4711, since 02:00").
        holder: String,
    },
    /// The query can't be understood.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A source does not exist or can't be walked.
    #[error("{}{reason}", named(.path))]
    Source {
        /// The source as given; empty when none was.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A source has nothing in it any more, as if its disk were not mounted.
    #[error("no file to index in {}: its articles would leave the index", .0.display())]
    Emptied(PathBuf),
    /// A table of names can't be read.
    #[error("{table}, line {line}: {reason}")]
    Gazetteer {
        /// The table's file name.
        table: String,
        /// 1-based line.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// `orewire.toml` can't be read.
    #[error("{}: {reason}", .path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The search library failed while the index was read or written.
    #[error("{action}: {cause}")]
    Engine {
        /// What was tried ("writing the index").
        action: &'static str,
        /// Its answer.
        cause: EngineError,
    },
    /// No article has this id.
    #[error("no article with the id {0:?}")]
    NoArticle(String),
    /// An article can't be put into an index.
    #[error("the article {id:?} can't be indexed: {reason}")]
    Article {
        /// Its id; empty when it has none.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The index was built with other names or by another version, and holds articles of files: they have
    /// to be read again before articles from memory can be added.
    #[error("the index in {} is out of date: {reason}", .path.display())]
    Outdated {
        /// Folder of the index.
        path: PathBuf,
        /// In what respect.
        reason: String,
    },
    /// An earlier change of a batch failed, so that it can't be published.
    #[error("an earlier change of the batch failed")]
    BatchFailed,
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Why settings that were named can't be read.
pub(crate) const NO_SUCH_FILE: &str = "there is no such file";

/// A source in front of what is wrong with it; nothing when there is none.
fn named(source: &std::path::Path) -> String {
    if source.as_os_str().is_empty() { String::new() } else { format!("source {}: ", source.display()) }
}

impl Error {
    /// An I/O error with its place.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |cause| Error::Io { action, path, cause }
    }

    /// A tantivy error with what was tried.
    pub(crate) fn engine<E: Into<tantivy::TantivyError>>(action: &'static str) -> impl FnOnce(E) -> Error {
        move |cause| Error::Engine { action, cause: EngineError(cause.into()) }
    }

    /// What the system said, where this is a failure of reading or writing.
    pub(crate) fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Error::Io { cause, .. } => Some(cause.kind()),
            Error::Engine { cause, .. } => engine_io(cause),
            _ => None,
        }
    }

    /// What the user can do, in one line; `None` when nothing is known to help.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::Io { cause, .. } => io_hint(cause.kind())?.into(),
            Error::NoIndex(path) => format!(
                "build one with `orewire index SOURCE --index {0}`, or name another with --index",
                path.display()
            ),
            Error::Damaged { .. } => "build it anew with `orewire index --rebuild`".into(),
            Error::Locked { .. } => "wait until it has ended; searches go on meanwhile".into(),
            Error::Query(error) => return error.hint.clone(),
            Error::Source { path, .. } if path.as_os_str().is_empty() => {
                "name files or folders, as in `orewire index news`, or write an orewire.toml with `orewire init`"
                    .into()
            }
            Error::Source { .. } => "name an existing file or folder".into(),
            Error::Emptied(_) => {
                "see whether it is mounted; if it is meant to be empty, `orewire index --rebuild`".into()
            }
            Error::Gazetteer { .. } => "correct the line; gazetteer/README.md tells the columns".into(),
            Error::Config { reason, .. } if reason == NO_SUCH_FILE => {
                "name one that exists, or write one with `orewire init`".into()
            }
            Error::Config { .. } => "correct the file, or remove it to use the defaults".into(),
            Error::Engine { cause, .. } => engine_io(cause)
                .and_then(io_hint)
                .unwrap_or("run `orewire check`; if it finds damage, `orewire index --rebuild`")
                .into(),
            Error::NoArticle(_) => "`orewire search` prints the ids of its hits".into(),
            Error::Article { .. } => "give it an id, and a title or a body".into(),
            Error::Outdated { .. } => "bring it up to date from its sources first: `orewire index`, or \
                                       `Index::update` with the same sources"
                .into(),
            Error::BatchFailed => "drop the batch and begin a new one; the index is as it was".into(),
            Error::Interrupted => return None,
        };
        Some(hint)
    }
}

fn io_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::NotFound => Some("check the path"),
        io::ErrorKind::IsADirectory => Some("name a file"),
        io::ErrorKind::AlreadyExists => Some("edit it, or remove it first"),
        io::ErrorKind::PermissionDenied => Some("check who may read and write there"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("free some space and run the command again")
        }
        _ => None,
    }
}

/// The system's answer in an error of the search library, which does not name it as its source.
fn engine_io(EngineError(cause): &EngineError) -> Option<io::ErrorKind> {
    use tantivy::{
        TantivyError,
        directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError},
    };
    match cause {
        TantivyError::IoError(io_error)
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. })
        | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. })
        | TantivyError::LockFailure(LockError::IoError(io_error), _) => Some(io_error.kind()),
        // Passed through a text on its way: "… (os error 28)", or Os { code: 28, … }.
        other => {
            let text = other.to_string();
            let number = ["(os error ", "Os { code: "].iter().find_map(|mark| text.split_once(mark))?.1;
            let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
            Some(io::Error::from_raw_os_error(digits.parse().ok()?).kind())
        }
    }
}

/// An error of the search library, which is no part of this crate's interface: its text is all that there
/// is to it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EngineError(tantivy::TantivyError);

/// A query that was rejected, with the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct QueryError {
    /// The query as given.
    pub query: String,
    /// Byte range of `query` that is at fault; empty at the end when something is missing.
    pub at: std::ops::Range<usize>,
    /// What is wrong with it.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl QueryError {
    pub(crate) fn new(query: &str, at: std::ops::Range<usize>, message: impl Into<String>) -> QueryError {
        QueryError { query: query.to_owned(), at, message: message.into(), hint: None }
    }

    /// An error about a whole text.
    pub fn of(text: &str, message: impl Into<String>) -> QueryError {
        QueryError::new(text, 0..text.len(), message)
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> QueryError {
        self.hint = Some(hint.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_wherever_it_shows() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let engine = |cause| Error::engine::<tantivy::TantivyError>("writing")(cause);
        let write = tantivy::directory::error::OpenWriteError::wrap_io_error(full(), "a".into());
        #[cfg(target_os = "linux")]
        {
            let told = tantivy::TantivyError::InternalError(io::Error::from_raw_os_error(28).to_string());
            assert!(engine(told).hint().unwrap().starts_with("free some space"));
        }
        for error in [Error::io("writing", "a")(full()), engine(full().into()), engine(write.into())] {
            assert!(error.hint().unwrap().starts_with("free some space"), "{error}");
        }
    }
}
