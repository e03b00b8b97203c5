//! What a store does to files, behind a trait: so that a test can make any operation fail, with no
//! switch in the program for it.

use std::{
    ffi::OsString,
    fmt::Debug,
    fs,
    io::{self, Read, Seek, Write},
    path::Path,
};

use tantivy::directory::{Directory, MmapDirectory};

use super::streamed::StreamedDirectory;

/// A file that is being written.
pub(crate) trait NewFile: Write + Send {
    /// Makes what was written last through a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

impl NewFile for fs::File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A lock among processes, held until it is dropped.
pub(crate) trait LockFile: Debug + Send + Sync {
    /// Takes the lock, if nobody holds it.
    fn try_lock(&mut self) -> io::Result<bool>;
    /// What the holder noted.
    fn holder(&mut self) -> String;
    /// Notes who holds it.
    fn note(&mut self, holder: &str) -> io::Result<()>;
}

impl LockFile for fs::File {
    fn try_lock(&mut self) -> io::Result<bool> {
        match fs::File::try_lock(self) {
            Ok(()) => Ok(true),
            Err(fs::TryLockError::WouldBlock) => Ok(false),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn holder(&mut self) -> String {
        let mut text = String::new();
        // Bounded: the file is ours, but anything may stand in it.
        let _ = self.take(200).read_to_string(&mut text);
        text
    }

    fn note(&mut self, holder: &str) -> io::Result<()> {
        self.set_len(0)?;
        self.rewind()?;
        writeln!(self, "{holder}")
    }
}

/// The operations on files that a store is made of. Each is one step that may fail.
pub(crate) trait Files: Debug + Send + Sync {
    /// Creates a folder that must not exist.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Creates a folder and those above it, where missing.
    fn create_folders(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder.
    fn list(&self, path: &Path) -> io::Result<Vec<OsString>>;
    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>>;
    /// Opens the lock file, which is created where missing.
    fn open_lock(&self, path: &Path) -> io::Result<Box<dyn LockFile>>;
    /// Size of a file in bytes.
    fn size(&self, path: &Path) -> io::Result<u64>;
    /// Creates a file, or empties it.
    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>>;
    /// Gives a file a second name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Whether a file certainly has another name as well.
    fn has_links(&self, path: &Path) -> bool;
    /// Copies a file, and makes the copy last.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Renames a file or a folder; a file replaces another.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and all in it.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes new names in a folder last through a power cut.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Lets those read a file who may read another one.
    fn give_access(&self, like: &Path, path: &Path) -> io::Result<()>;
    /// A folder as tantivy reads it.
    fn directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>>;
    /// A folder as tantivy reads and writes it while it makes a generation.
    fn draft_directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>>;
}

impl dyn Files {
    /// A whole file, which is small.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes a file so that it lasts.
    pub(crate) fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.create(path)?;
        file.write_all(bytes)?;
        file.sync()
    }
}

/// The system's files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemFiles;

impl Files for SystemFiles {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.file_name())).collect()
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(fs::File::open(path)?))
    }

    fn open_lock(&self, path: &Path) -> io::Result<Box<dyn LockFile>> {
        let mut options = fs::OpenOptions::new();
        Ok(Box::new(options.read(true).write(true).create(true).truncate(false).open(path)?))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        fs::metadata(path).map(|m| m.len())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        Ok(Box::new(fs::File::create(path)?))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn has_links(&self, path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            fs::metadata(path).is_ok_and(|m| m.nlink() > 1)
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            false
        }
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::copy(from, to)?;
        fs::OpenOptions::new().write(true).open(to)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        #[cfg(unix)]
        fs::File::open(path)?.sync_all()?;
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    fn give_access(&self, like: &Path, path: &Path) -> io::Result<()> {
        fs::set_permissions(path, fs::metadata(like)?.permissions())
    }

    fn directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>> {
        Ok(Box::new(MmapDirectory::open(path)?))
    }

    fn draft_directory(&self, path: &Path) -> tantivy::Result<Box<dyn Directory>> {
        Ok(Box::new(StreamedDirectory::open(path)?))
    }
}
