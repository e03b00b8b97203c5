//! Reading that never trusts the disk: every byte that the search library gets to see was compared
//! with the checksum that was published with it.
//!
//! A file is mapped into memory, and a block is summed up when it is first touched: a query pays for
//! what it reads, once an open searcher. The first mismatch is remembered ([`Damage`]), because not
//! every caller passes an error on: whoever searches asks at the end whether what was read was sound.
//!
//! Not covered: a file that is cut short while it is mapped, and a disk that fails to give a page. The
//! system ends the process then; only the write lock's holder removes or writes files, and it never
//! changes one that is published.

use std::{
    collections::HashMap,
    fmt,
    io::{self, ErrorKind},
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tantivy::{
    HasLen,
    directory::{
        Directory, DirectoryLock, FileHandle, FileSlice, Lock, OwnedBytes, WatchCallback, WatchHandle,
        WritePtr,
        error::{DeleteError, LockError, OpenReadError, OpenWriteError},
    },
};

use super::{
    Files, Generation,
    sums::{BLOCK_BYTES, BlockSums, Sums},
};
use crate::error::{Error, Result};

/// The first damage that reading came upon, if any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Damage(Arc<OnceLock<String>>);

impl Damage {
    /// What is damaged.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    fn found(&self, what: String) -> io::Error {
        let error = io::Error::new(ErrorKind::InvalidData, what.clone());
        // The first one stays.
        let _ = self.0.set(what);
        error
    }
}

/// A published generation as a read-only folder of verified files.
#[derive(Clone)]
pub(crate) struct VerifiedDirectory {
    inner: Arc<Inner>,
}

struct Inner {
    files: Box<dyn Directory>,
    generation: Generation,
    sums: Sums,
    damage: Damage,
    /// Opened files: what is verified of a file is shared by all who read it.
    open: Mutex<HashMap<PathBuf, Arc<VerifiedFile>>>,
}

impl VerifiedDirectory {
    /// Opens the folder of a generation with its block sums.
    pub(crate) fn open(files: &dyn Files, generation: &Generation, sums: Sums) -> Result<VerifiedDirectory> {
        let files = files.directory(&generation.dir).map_err(|e| Error::Damaged {
            path: generation.dir.clone(),
            reason: format!("it can't be opened: {e}"),
        })?;
        let open = Mutex::default();
        let inner = Inner { files, generation: generation.clone(), sums, damage: Damage::default(), open };
        Ok(VerifiedDirectory { inner: Arc::new(inner) })
    }

    /// What was found to be damaged so far.
    pub(crate) fn damage(&self) -> &Damage {
        &self.inner.damage
    }

    /// A file both ways: its bytes as they are, and the slice that verifies. A range of the bytes may be
    /// used only after it was read from the slice.
    pub(crate) fn both(&self, name: &str) -> Result<(OwnedBytes, FileSlice), OpenReadError> {
        let file = self.file(Path::new(name))?;
        Ok((file.bytes.clone(), FileSlice::new(file)))
    }

    fn file(&self, path: &Path) -> Result<Arc<VerifiedFile>, OpenReadError> {
        let inner = &self.inner;
        let mut open = inner.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(path) {
            return Ok(file.clone());
        }
        let failed = |e: io::Error| OpenReadError::wrap_io_error(e, path.to_owned());
        let name = path.to_str().unwrap_or_default();
        let missing = || OpenReadError::FileDoesNotExist(path.to_owned());
        let sum = inner.generation.manifest.files.get(name).ok_or_else(missing)?;
        let sums = inner.sums.of(name).ok_or_else(missing)?;
        let mapped = inner.files.get_file_handle(path).map_err(|e| {
            // That it is listed was seen above.
            failed(inner.damage.found(format!("{name} can't be read: {e}")))
        })?;
        let bytes = mapped.read_bytes(0..mapped.len()).map_err(failed)?;
        if bytes.len() as u64 != sum.bytes {
            let what = format!("{name} has {} bytes instead of {}", bytes.len(), sum.bytes);
            return Err(failed(inner.damage.found(what)));
        }
        let seen = (0..sums.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        let file =
            Arc::new(VerifiedFile { name: name.to_owned(), bytes, sums, seen, damage: inner.damage.clone() });
        open.insert(path.to_owned(), file.clone());
        Ok(file)
    }
}

impl fmt::Debug for VerifiedDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedDirectory({})", self.inner.generation.dir.display())
    }
}

/// A mapped file of which a block is read only when its sum is right.
struct VerifiedFile {
    name: String,
    bytes: OwnedBytes,
    sums: BlockSums,
    /// A bit a block: whether it was compared. A hint only, so no order between threads is needed: at
    /// worst two of them compare the same block.
    seen: Box<[AtomicU64]>,
    damage: Damage,
}

impl VerifiedFile {
    fn verify(&self, range: &Range<usize>) -> io::Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        for block in range.start / BLOCK_BYTES..range.end.div_ceil(BLOCK_BYTES) {
            let (word, bit) = (&self.seen[block / 64], 1 << (block % 64));
            if word.load(Ordering::Relaxed) & bit != 0 {
                continue;
            }
            let (from, to) = (block * BLOCK_BYTES, ((block + 1) * BLOCK_BYTES).min(self.bytes.len()));
            if self.sums.get(block) != Some(crc32fast::hash(&self.bytes[from..to])) {
                let what =
                    format!("{}: the bytes from {from} to {to} are not those that were published", self.name);
                return Err(self.damage.found(what));
            }
            word.fetch_or(bit, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl fmt::Debug for VerifiedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifiedFile({})", self.name)
    }
}

impl HasLen for VerifiedFile {
    fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl FileHandle for VerifiedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.bytes.len() {
            return Err(io::Error::new(
                ErrorKind::InvalidInput,
                format!("{} has no bytes {range:?}", self.name),
            ));
        }
        self.verify(&range)?;
        Ok(self.bytes.slice(range))
    }
}

fn read_only() -> io::Error {
    io::Error::new(ErrorKind::ReadOnlyFilesystem, "a published generation never changes")
}

impl Directory for VerifiedDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(self.file(path)?)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(path.to_str().is_some_and(|name| self.inner.generation.manifest.files.contains_key(name)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let file = self.file(path)?;
        let bytes =
            file.read_bytes(0..file.len()).map_err(|e| OpenReadError::wrap_io_error(e, path.to_owned()))?;
        Ok(bytes.as_slice().to_vec())
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(read_only()), filepath: path.to_owned() })
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::wrap_io_error(read_only(), path.to_owned()))
    }

    fn atomic_write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(read_only())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Err(read_only())
    }

    /// Nothing here changes, so readers need no lock against writers, nor a folder that they may
    /// write a lock file into.
    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
