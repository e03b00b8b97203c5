//! Generations on disk: the only module that knows the paths under the index folder.
//!
//! ```text
//! index/
//!   CURRENT               name of the published generation and the checksum of its manifest
//!   lock                  held (flock) while a run writes; its text says by whom
//!   gen-000007/           a published generation: never changed again
//!     manifest.json       every other file with its size and checksum, and what was indexed
//!     files.ndjson        what is known of each source file and its articles
//!     names.bin           the gazetteer's names for queries
//!     meta.json, *.idx …  tantivy's files
//!   gen-000008.tmp/       a draft: left behind by a killed run, removed by the next
//! ```
//!
//! Every run, small or large, writes a draft beside the published generation and publishes it by
//! renaming the draft and then replacing `CURRENT`. A small update starts from hard links to the
//! files of the generation before, which are never written again once they are complete; so it costs
//! only what it adds, and readers of the older generation lose nothing.
//!
//! Invariants: `CURRENT` names a complete generation or does not exist. A generation's files never
//! change after its manifest was written. Only the holder of the lock creates, renames or removes.

mod check;
mod draft;
mod lock;
mod manifest;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

pub(crate) use check::{check, problems};
pub use check::Problem;
pub(crate) use draft::Draft;
pub use lock::WriteLock;
pub use manifest::{FileSum, Manifest};

use crate::error::{Error, Result};

const CURRENT: &str = "CURRENT";
const LOCK: &str = "lock";
const MANIFEST: &str = "manifest.json";
/// What is known of the source files; see `indexer::state`.
pub(crate) const FILES: &str = "files.ndjson";
/// The gazetteer's names.
pub(crate) const NAMES: &str = "names.bin";
/// The dictionary that stored records are compressed with.
pub(crate) const DICTIONARY: &str = "records.dict";
/// Generations that `gc` keeps besides the published one.
pub(crate) const KEPT_GENERATIONS: usize = 1;

/// An index folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    root: PathBuf,
}

/// A published generation.
#[derive(Debug, Clone)]
pub(crate) struct Generation {
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// What it says of itself.
    pub(crate) manifest: Manifest,
}

impl Store {
    /// The index in a folder, which need not exist yet.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Store {
        Store { root: root.into() }
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The published generation, with the sizes of its files compared to the manifest.
    ///
    /// Fails with [`Error::NoIndex`] when nothing was published, with [`Error::Damaged`] when what was
    /// published is not whole.
    pub(crate) fn current(&self) -> Result<Generation> {
        // A run may publish between the two reads: then the name read is out of date, once.
        let mut last = self.read_pointer()?;
        loop {
            match self.open(&last) {
                Err(error) => {
                    let again = self.read_pointer()?;
                    if again == last {
                        return Err(error);
                    }
                    last = again;
                }
                opened => return opened,
            }
        }
    }

    fn read_pointer(&self) -> Result<(String, u32)> {
        let path = self.root.join(CURRENT);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                // Generations without a pointer: the pointer was lost, not the index never built.
                if self.generations().is_ok_and(|g| !g.is_empty()) {
                    return Err(self.damaged("CURRENT is missing"));
                }
                return Err(Error::NoIndex(self.root.clone()));
            }
            Err(e) if e.kind() == std::io::ErrorKind::InvalidData => return Err(self.damaged("CURRENT is not text")),
            Err(e) => return Err(Error::io("reading", path)(e)),
        };
        let mut words = text.split_ascii_whitespace();
        match (words.next().filter(|n| number(n).is_some()), words.next().map(|c| u32::from_str_radix(c, 16))) {
            (Some(name), Some(Ok(crc))) if text.ends_with('\n') => Ok((name.to_owned(), crc)),
            _ => Err(self.damaged("CURRENT names no generation")),
        }
    }

    fn open(&self, (name, crc): &(String, u32)) -> Result<Generation> {
        let dir = self.root.join(name);
        let bytes = fs::read(dir.join(MANIFEST))
            .map_err(|e| self.damaged(format!("{name}/{MANIFEST} can't be read: {e}")))?;
        if crc32fast::hash(&bytes) != *crc {
            return Err(self.damaged(format!("{name}/{MANIFEST} is not the one that was published")));
        }
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|e| self.damaged(format!("{name}/{MANIFEST} can't be understood: {e}")))?;
        for (file, sum) in &manifest.files {
            let path = dir.join(file);
            let size = fs::metadata(&path).map(|m| m.len());
            if !size.as_ref().is_ok_and(|s| *s == sum.bytes) {
                return Err(self.damaged(match size {
                    Ok(size) => format!("{name}/{file} has {size} bytes instead of {}", sum.bytes),
                    Err(e) => format!("{name}/{file} can't be read: {e}"),
                }));
            }
        }
        Ok(Generation { dir, manifest })
    }

    /// Takes the lock for writing. Fails at once with [`Error::Locked`] when another run holds it.
    pub(crate) fn lock(&self) -> Result<WriteLock> {
        fs::create_dir_all(&self.root).map_err(Error::io("creating", &self.root))?;
        WriteLock::take(&self.root, &self.root.join(LOCK))
    }

    /// Begins a draft; `base` is the generation whose files it starts from. Removes drafts that a
    /// killed run left behind.
    pub(crate) fn draft(&self, lock: &WriteLock, base: Option<&Generation>) -> Result<Draft> {
        self.remove_leftovers(lock)?;
        let last = self.generations()?.last().map_or(0, |(n, _)| *n);
        Draft::begin(self, last + 1, base)
    }

    fn remove_leftovers(&self, _lock: &WriteLock) -> Result<()> {
        for entry in fs::read_dir(&self.root).map_err(Error::io("reading", &self.root))?.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.strip_suffix(".tmp").is_some_and(|n| number(n).is_some()) {
                fs::remove_dir_all(entry.path()).map_err(Error::io("removing", entry.path()))?;
            }
        }
        Ok(())
    }

    /// The generations that are there, by number.
    fn generations(&self) -> Result<Vec<(u64, PathBuf)>> {
        let mut found: Vec<(u64, PathBuf)> = fs::read_dir(&self.root)
            .map_err(Error::io("reading", &self.root))?
            .flatten()
            .filter_map(|e| Some((number(e.file_name().to_str()?)?, e.path())))
            .collect();
        found.sort();
        Ok(found)
    }

    /// Removes drafts and all generations but the published one and the `keep` before it. Returns
    /// how many folders and how many bytes of files went; a byte that a kept generation shares
    /// counts, though it stays.
    pub(crate) fn gc(&self, lock: &WriteLock, keep: usize) -> Result<(usize, u64)> {
        let (current, _) = self.read_pointer()?;
        let current = number(&current).unwrap_or(0);
        let mut removed = (0, 0);
        let all = self.generations()?;
        let older: Vec<_> = all.iter().filter(|(n, _)| *n < current).collect();
        let newer = all.iter().filter(|(n, _)| *n > current);
        for (_, path) in older.iter().rev().skip(keep).copied().chain(newer) {
            removed.0 += 1;
            removed.1 += folder_bytes(path);
            fs::remove_dir_all(path).map_err(Error::io("removing", path))?;
        }
        self.remove_leftovers(lock)?;
        Ok(removed)
    }

    /// Makes the generation in `name` the published one.
    fn point_to(&self, name: &str, manifest_crc: u32) -> Result<()> {
        let draft = self.root.join("CURRENT.tmp");
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&draft)?;
            writeln!(file, "{name} {manifest_crc:08x}")?;
            file.sync_all()?;
            fs::rename(&draft, self.root.join(CURRENT))?;
            sync_folder(&self.root)
        };
        write().map_err(Error::io("publishing", self.root.join(CURRENT)))
    }

    fn damaged(&self, reason: impl Into<String>) -> Error {
        Error::Damaged { path: self.root.clone(), reason: reason.into() }
    }
}

/// The number in `gen-000007`.
fn number(name: &str) -> Option<u64> {
    name.strip_prefix("gen-").filter(|n| n.len() >= 6 && n.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// Makes a rename or a new file in a folder last through a power cut.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    fs::File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn folder_bytes(path: &Path) -> u64 {
    fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| e.metadata().ok())
        .map(|m| m.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publish(store: &Store, text: &str) -> Generation {
        let lock = store.lock().unwrap();
        let base = store.current().ok();
        let draft = store.draft(&lock, base.as_ref()).unwrap();
        draft.write("a.txt", text.as_bytes()).unwrap();
        draft.publish(Manifest::default()).unwrap()
    }

    #[test]
    fn a_generation_is_found_only_when_published() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path().join("index"));
        assert!(matches!(store.current(), Err(Error::NoIndex(_))));
        let lock = store.lock().unwrap();
        let draft = store.draft(&lock, None).unwrap();
        draft.write("a.txt", b"one").unwrap();
        drop(draft);
        drop(lock);
        assert!(matches!(store.current(), Err(Error::NoIndex(_))));
        publish(&store, "one");
        assert_eq!(fs::read(store.current().unwrap().dir.join("a.txt")).unwrap(), b"one");
    }

    #[test]
    fn a_second_writer_is_told_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        let _held = store.lock().unwrap();
        let Err(Error::Locked { holder, .. }) = store.lock() else { panic!("lock taken twice") };
        assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    }

    #[test]
    fn damage_is_found_by_size_and_by_sum() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        let generation = publish(&store, "some text");
        assert!(check(&store).unwrap().1.is_empty());
        fs::write(generation.dir.join("a.txt"), "sOme text").unwrap();
        assert_eq!(check(&store).unwrap().1.len(), 1);
        fs::write(generation.dir.join("a.txt"), "some tex").unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { .. })));
        fs::write(generation.dir.join("a.txt"), "some text").unwrap();
        store.current().unwrap();
        let manifest = generation.dir.join(MANIFEST);
        let mut bytes = fs::read(&manifest).unwrap();
        bytes[3] ^= 1;
        fs::write(&manifest, bytes).unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { .. })));
        fs::remove_file(dir.path().join(CURRENT)).unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { .. })));
    }

    #[test]
    fn gc_keeps_the_published_and_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        for n in 0..4 {
            publish(&store, &n.to_string());
        }
        let lock = store.lock().unwrap();
        assert_eq!(store.gc(&lock, 1).unwrap().0, 2);
        assert_eq!(store.generations().unwrap().len(), 2);
        assert_eq!(fs::read(store.current().unwrap().dir.join("a.txt")).unwrap(), b"3");
    }

    #[test]
    fn a_draft_starts_from_the_files_of_its_base_and_changes_none() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        let first = publish(&store, "one");
        let lock = store.lock().unwrap();
        let draft = store.draft(&lock, Some(&first)).unwrap();
        assert_eq!(fs::read(draft.dir().join("a.txt")).unwrap(), b"one");
        draft.write("a.txt", b"two").unwrap();
        assert_eq!(fs::read(first.dir.join("a.txt")).unwrap(), b"one");
    }
}
