//! Operations on files that fail when they are told to: for tests only.

use std::{
    ffi::OsString,
    fs,
    io::{self, Read, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, TerminatingWrite, WatchCallback, WatchHandle,
    WritePtr,
    error::{DeleteError, LockError, OpenReadError, OpenWriteError},
};

use super::{
    SystemFiles,
    files::{Files, LockFile, NewFile},
};

/// When operations fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failing {
    Never,
    /// The n-th alone, counted from 0.
    Once(usize),
    /// The n-th and all after it.
    From(usize),
}

/// Counts operations and says which fail.
#[derive(Debug)]
pub(crate) struct Fault {
    failing: Failing,
    kind: io::ErrorKind,
    count: AtomicUsize,
}

impl Fault {
    pub(crate) fn new(failing: Failing, kind: io::ErrorKind) -> Arc<Fault> {
        Arc::new(Fault { failing, kind, count: AtomicUsize::new(0) })
    }

    /// Operations so far.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// One operation.
    fn step(&self) -> io::Result<()> {
        let n = self.count.fetch_add(1, Ordering::SeqCst);
        let fails = match self.failing {
            Failing::Never => false,
            Failing::Once(at) => n == at,
            Failing::From(at) => n >= at,
        };
        if fails { Err(io::Error::new(self.kind, "made to fail")) } else { Ok(()) }
    }
}

/// The system's files, but for what the fault says.
#[derive(Debug, Clone)]
pub(crate) struct FailingFiles(pub(crate) Arc<Fault>);

struct FailingFile {
    inner: Box<dyn NewFile>,
    fault: Arc<Fault>,
}

impl Write for FailingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A write that fails has written half.
        self.fault.step().inspect_err(|_| drop(self.inner.write(&bytes[..bytes.len() / 2])))?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl NewFile for FailingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.fault.step()?;
        self.inner.sync()
    }
}

struct FailingRead {
    inner: Box<dyn Read>,
    fault: Arc<Fault>,
    begun: bool,
}

impl Read for FailingRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            self.begun = true;
            self.fault.step()?;
        }
        self.inner.read(buffer)
    }
}

impl Files for FailingFiles {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step()?;
        SystemFiles.create_folder(path)
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.0.step()?;
        SystemFiles.create_folders(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        self.0.step()?;
        SystemFiles.list(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.0.step()?;
        Ok(Box::new(FailingRead { inner: SystemFiles.open(path)?, fault: self.0.clone(), begun: false }))
    }

    fn open_lock(&self, path: &Path) -> io::Result<Box<dyn LockFile>> {
        self.0.step()?;
        SystemFiles.open_lock(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.0.step()?;
        SystemFiles.size(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        self.0.step()?;
        Ok(Box::new(FailingFile { inner: SystemFiles.create(path)?, fault: self.0.clone() }))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.step()?;
        SystemFiles.link(from, to)
    }

    fn has_links(&self, path: &Path) -> bool {
        SystemFiles.has_links(path)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.step().inspect_err(|_| {
            // Half of it is there.
            if let Ok(bytes) = fs::read(from) {
                let _ = fs::write(to, &bytes[..bytes.len() / 2]);
            }
        })?;
        SystemFiles.copy(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.step()?;
        SystemFiles.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.step()?;
        SystemFiles.remove(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step().inspect_err(|_| {
            // One file of it is gone.
            if let Some(Ok(first)) = fs::read_dir(path).ok().and_then(|mut files| files.next()) {
                let _ = fs::remove_file(first.path());
            }
        })?;
        SystemFiles.remove_folder(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.0.step()?;
        SystemFiles.sync_folder(path)
    }

    fn give_access(&self, like: &Path, path: &Path) -> io::Result<()> {
        SystemFiles.give_access(like, path)
    }

    fn directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>> {
        self.0.step()?;
        Ok(Box::new(FailingDirectory { inner: SystemFiles.directory(path)?, fault: self.0.clone() }))
    }

    fn draft_directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>> {
        self.0.step()?;
        Ok(Box::new(FailingDirectory { inner: SystemFiles.draft_directory(path)?, fault: self.0.clone() }))
    }
}

/// A tantivy folder that fails likewise.
#[derive(Debug, Clone)]
struct FailingDirectory {
    inner: Box<dyn Directory>,
    fault: Arc<Fault>,
}

struct FailingWrite {
    inner: WritePtr,
    fault: Arc<Fault>,
}

impl Write for FailingWrite {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.fault.step()?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl TerminatingWrite for FailingWrite {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.fault.step()?;
        self.inner.terminate_ref(token)
    }
}

impl Directory for FailingDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.fault.step().map_err(|e| OpenReadError::wrap_io_error(e, path.to_owned()))?;
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let failed = |e| DeleteError::IoError { io_error: Arc::new(e), filepath: path.to_owned() };
        self.fault.step().map_err(failed)?;
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.fault.step().map_err(|e| OpenReadError::wrap_io_error(e, path.to_owned()))?;
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.fault.step().map_err(|e| OpenWriteError::wrap_io_error(e, path.to_owned()))?;
        let inner = self.inner.open_write(path)?;
        Ok(io::BufWriter::new(Box::new(FailingWrite { inner, fault: self.fault.clone() })))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.fault.step().map_err(|e| OpenReadError::wrap_io_error(e, path.to_owned()))?;
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.fault.step()?;
        self.inner.atomic_write(path, data)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.fault.step()?;
        self.inner.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.fault.step().map_err(LockError::wrap_io_error)?;
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}
