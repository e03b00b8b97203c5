//! Files that are in memory only: an index of which nothing is left behind, for tests and for small
//! collections that a program builds when it starts.
//!
//! The same operations as on a disk, so generations, publishing and reading are the same code. What a
//! disk adds is not there: nothing outlives the last value that shares the files, and no other process
//! sees them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fmt,
    io::{self, Cursor, ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tantivy::directory::{
    AntiCallToken, Directory, FileHandle, OwnedBytes, TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
    error::{DeleteError, OpenReadError, OpenWriteError},
};

use super::files::{Files, LockFile, NewFile};

/// Files and folders by path. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct MemoryFiles {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, OwnedBytes>,
    locked: BTreeSet<PathBuf>,
}

impl MemoryFiles {
    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Each change is one insertion or removal: nothing is left half done.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, path: &Path) -> io::Result<OwnedBytes> {
        self.shared().files.get(path).cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn set(&self, path: &Path, bytes: Vec<u8>) {
        self.shared().files.insert(path.to_owned(), OwnedBytes::new(bytes));
    }

    fn create(&self, path: &Path) -> MemoryFile {
        MemoryFile { files: self.clone(), path: path.to_owned(), bytes: Vec::new() }
    }
}

impl fmt::Debug for MemoryFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryFiles({})", self.shared().files.len())
    }
}

/// A path without a prefix, with another one in front.
fn moved(path: &Path, from: &Path, to: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix(from).ok()?;
    // Joined with nothing, a path would end in a slash.
    Some(if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) })
}

impl Files for MemoryFiles {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match self.shared().folders.insert(path.to_owned()) {
            true => Ok(()),
            false => Err(ErrorKind::AlreadyExists.into()),
        }
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.shared().folders.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }

    fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let shared = self.shared();
        if !shared.folders.contains(path) {
            return Err(ErrorKind::NotFound.into());
        }
        let all = shared.folders.iter().chain(shared.files.keys());
        let inside = all.filter(|p| p.parent() == Some(path) && p.as_path() != path);
        Ok(inside.filter_map(|p| p.file_name()).map(OsString::from).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(Cursor::new(self.get(path)?)))
    }

    fn open_lock(&self, path: &Path) -> io::Result<Box<dyn LockFile>> {
        Ok(Box::new(MemoryLock { files: self.clone(), path: path.to_owned(), held: false }))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.get(path).map(|bytes| bytes.len() as u64)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        Ok(Box::new(self.create(path)))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let bytes = self.get(from)?;
        self.shared().files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn has_links(&self, _: &Path) -> bool {
        // Not known: then a draft sums the file up again, which is only a matter of time.
        false
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.link(from, to)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut shared = self.shared();
        if let Some(bytes) = shared.files.remove(from) {
            shared.files.insert(to.to_owned(), bytes);
            return Ok(());
        }
        if !shared.folders.contains(from) {
            return Err(ErrorKind::NotFound.into());
        }
        let folders = std::mem::take(&mut shared.folders);
        shared.folders = folders.into_iter().map(|p| moved(&p, from, to).unwrap_or(p)).collect();
        let files = std::mem::take(&mut shared.files);
        shared.files = files.into_iter().map(|(p, b)| (moved(&p, from, to).unwrap_or(p), b)).collect();
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.shared().files.remove(path).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        let mut shared = self.shared();
        if !shared.folders.contains(path) {
            return Err(ErrorKind::NotFound.into());
        }
        shared.folders.retain(|p| !p.starts_with(path));
        shared.files.retain(|p, _| !p.starts_with(path));
        Ok(())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn give_access(&self, _: &Path, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>> {
        Ok(Box::new(MemoryDirectory { files: self.clone(), folder: path.to_owned() }))
    }

    fn draft_directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>> {
        self.directory(path)
    }
}

/// A file that is being written; readers see what was there at its last sync.
struct MemoryFile {
    files: MemoryFiles,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for MemoryFile {
    fn sync(&mut self) -> io::Result<()> {
        self.files.set(&self.path, self.bytes.clone());
        Ok(())
    }
}

impl TerminatingWrite for MemoryFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.files.set(&self.path, std::mem::take(&mut self.bytes));
        Ok(())
    }
}

/// A lock among those who share the files; other processes do not see them.
#[derive(Debug)]
struct MemoryLock {
    files: MemoryFiles,
    path: PathBuf,
    held: bool,
}

impl LockFile for MemoryLock {
    fn try_lock(&mut self) -> io::Result<bool> {
        self.held |= self.files.shared().locked.insert(self.path.clone());
        Ok(self.held)
    }

    fn holder(&mut self) -> String {
        "this process".to_owned()
    }

    fn note(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        if self.held {
            self.files.shared().locked.remove(&self.path);
        }
    }
}

/// A folder as the search library reads and writes it.
#[derive(Debug, Clone)]
struct MemoryDirectory {
    files: MemoryFiles,
    folder: PathBuf,
}

impl MemoryDirectory {
    fn read(&self, path: &Path) -> Result<OwnedBytes, OpenReadError> {
        let missing = |_| OpenReadError::FileDoesNotExist(path.to_owned());
        self.files.get(&self.folder.join(path)).map_err(missing)
    }
}

impl Directory for MemoryDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.read(path)?))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        let missing = |_| DeleteError::FileDoesNotExist(path.to_owned());
        self.files.remove(&self.folder.join(path)).map_err(missing)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.files.get(&self.folder.join(path)).is_ok())
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let full = self.folder.join(path);
        if self.files.get(&full).is_ok() {
            return Err(OpenWriteError::FileAlreadyExists(path.to_owned()));
        }
        // There from now on, empty: lock files are told by that.
        self.files.set(&full, Vec::new());
        Ok(io::BufWriter::new(Box::new(self.files.create(&full))))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        Ok(self.read(path)?.as_slice().to_vec())
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.files.set(&self.folder.join(path), data.to_vec());
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_files_behave_as_on_a_disk() {
        let files = MemoryFiles::default();
        let at = |name: &str| Path::new("root").join(name);
        assert_eq!(files.list(Path::new("root")).unwrap_err().kind(), ErrorKind::NotFound);
        files.create_folders(Path::new("root")).unwrap();
        files.create_folder(&at("a.tmp")).unwrap();
        assert_eq!(files.create_folder(&at("a.tmp")).unwrap_err().kind(), ErrorKind::AlreadyExists);
        let shared: &dyn Files = &files;
        shared.put(&at("a.tmp/x"), b"one").unwrap();
        files.rename(&at("a.tmp"), &at("a")).unwrap();
        assert_eq!(files.list(Path::new("root")).unwrap(), ["a"]);
        assert_eq!(files.list(&at("a")).unwrap(), ["x"]);
        files.link(&at("a/x"), &at("y")).unwrap();
        shared.put(&at("a/x"), b"two").unwrap();
        assert_eq!((shared.read(&at("y")).unwrap(), files.size(&at("a/x")).unwrap()), (b"one".to_vec(), 3));
        files.remove_folder(&at("a")).unwrap();
        assert_eq!(shared.read(&at("a/x")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(files.remove(&at("a/x")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(files.list(Path::new("root")).unwrap(), ["y"]);
    }

    #[test]
    fn a_lock_is_held_once_and_released_when_dropped() {
        let files = MemoryFiles::default();
        let mut first = files.open_lock(Path::new("lock")).unwrap();
        let mut second = files.open_lock(Path::new("lock")).unwrap();
        assert!(first.try_lock().unwrap() && !second.try_lock().unwrap());
        drop(second);
        assert!(!files.open_lock(Path::new("lock")).unwrap().try_lock().unwrap());
        drop(first);
        assert!(files.open_lock(Path::new("lock")).unwrap().try_lock().unwrap());
    }
}
