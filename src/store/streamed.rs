//! The folder of a draft, read piece by piece instead of mapped.
//!
//! When segments are merged, each of their files is read from its beginning to its end. What is mapped counts as
//! memory of the process for as long as the file is open: at a million articles two gigabytes, most of the peak
//! of a run. Here what is read in order comes through a small buffer; only what the search library asks for in one
//! large piece is mapped, and for no longer than that piece is held.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tantivy::{
    HasLen,
    directory::{
        Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes, WatchCallback, WatchHandle,
        WritePtr,
        error::{DeleteError, LockError, OpenReadError, OpenWriteError},
    },
};

/// Bytes that are read ahead where a file is read in order, and from which on a piece is mapped.
const BUFFER_BYTES: usize = 1 << 20;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct StreamedDirectory {
    files: MmapDirectory,
    root: PathBuf,
}

impl StreamedDirectory {
    pub(super) fn open(root: &Path) -> tantivy::Result<StreamedDirectory> {
        Ok(StreamedDirectory { files: MmapDirectory::open(root)?, root: root.to_owned() })
    }
}

/// A file that is read piece by piece.
struct StreamedFile {
    files: MmapDirectory,
    name: PathBuf,
    len: usize,
    reading: Mutex<Reading>,
}

struct Reading {
    file: File,
    /// What was read last.
    start: usize,
    bytes: OwnedBytes,
    /// Where the last piece ended that was asked for.
    end: usize,
}

impl StreamedFile {
    fn open(directory: &StreamedDirectory, name: &Path) -> io::Result<StreamedFile> {
        let file = File::open(directory.root.join(name))?;
        let len = file.metadata()?.len();
        let len = usize::try_from(len).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        let reading = Mutex::new(Reading { file, start: 0, bytes: OwnedBytes::empty(), end: 0 });
        Ok(StreamedFile { files: directory.files.clone(), name: name.to_owned(), len, reading })
    }
}

impl Reading {
    fn fetch(&mut self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let mut bytes = vec![0; range.len()];
        self.file.seek(SeekFrom::Start(range.start as u64))?;
        self.file.read_exact(&mut bytes)?;
        Ok(OwnedBytes::new(bytes))
    }
}

impl fmt::Debug for StreamedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamedFile({})", self.name.display())
    }
}

impl HasLen for StreamedFile {
    fn len(&self) -> usize {
        self.len
    }
}

impl FileHandle for StreamedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.len {
            let what = format!("{} has no bytes {range:?}", self.name.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
        if range.len() >= BUFFER_BYTES {
            // A file that is gone by its name is still there for who has it open.
            if let Ok(mapped) = self.files.get_file_handle(&self.name) {
                return mapped.read_bytes(range);
            }
        }
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = range.start == reading.end;
        reading.end = range.end;
        let held = reading.start..reading.start + reading.bytes.len();
        if range.start < held.start || range.end > held.end {
            // What is looked up here and there is read as it is asked for.
            if !goes_on {
                return reading.fetch(range);
            }
            let ahead = range.start..range.end.max(range.start.saturating_add(BUFFER_BYTES)).min(self.len);
            reading.bytes = reading.fetch(ahead)?;
            reading.start = range.start;
        }
        Ok(reading.bytes.slice(range.start - reading.start..range.end - reading.start))
    }
}

impl Directory for StreamedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        match StreamedFile::open(self, path) {
            Ok(file) => Ok(Arc::new(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Err(OpenReadError::FileDoesNotExist(path.to_owned()))
            }
            Err(e) => Err(OpenReadError::wrap_io_error(e, path.to_owned())),
        }
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.files.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.files.open_write(path)
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.files.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.files.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.files.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.files.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.files.watch(callback)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_piece_is_that_of_the_file(
            len in 1..3 * BUFFER_BYTES,
            pieces in prop::collection::vec((any::<prop::sample::Index>(), 0..2 * BUFFER_BYTES, any::<bool>()), 1..30),
            removed_at in 0..30usize,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let bytes: Vec<u8> = (0..len).map(|n| (n ^ n >> 8 ^ n >> 16) as u8).collect();
            std::fs::write(dir.path().join("file"), &bytes).unwrap();
            let directory = StreamedDirectory::open(dir.path()).unwrap();
            let file = directory.get_file_handle(Path::new("file")).unwrap();
            prop_assert_eq!(file.len(), len);
            let mut end = 0;
            for (n, (at, length, goes_on)) in pieces.iter().enumerate() {
                if n == removed_at {
                    directory.delete(Path::new("file")).unwrap();
                }
                let start = if *goes_on { end } else { at.index(len) };
                // Some large, most small, as the search library reads.
                let length = if *goes_on { length % 5_000 } else { *length };
                end = (start + length).min(len);
                let piece = file.read_bytes(start..end).unwrap();
                prop_assert_eq!(piece.as_slice(), &bytes[start..end]);
            }
            prop_assert!(file.read_bytes(0..len + 1).is_err());
            if removed_at < pieces.len() {
                let gone = directory.get_file_handle(Path::new("file"));
                prop_assert!(matches!(gone, Err(OpenReadError::FileDoesNotExist(_))));
            }
        }
    }
}
