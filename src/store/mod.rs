//! Generations on disk: the only module that knows the paths under the index folder.
//!
//! ```text
//! index/
//!   CURRENT               name of the published generation and the checksum of its manifest
//!   lock                  held (flock) while a run writes; its text says by whom
//!   last-run.json         how the last run ended; no generation depends on it
//!   gen-000007/           a published generation: never changed again
//!     manifest.json       every other file with its size and checksum, and what was indexed
//!     sums.bin            checksums of the files' blocks, for reading that verifies
//!     files.bin           what is known of each source file and its articles
//!     names.bin           the gazetteer's names for queries
//!     meta.json, *.idx …  tantivy's files
//!   gen-000008.tmp/       a draft: left behind by a killed run, removed by the next
//! ```
//!
//! Every run, small or large, writes a draft beside the published generation and publishes it by
//! writing `CURRENT.tmp`, renaming the draft and then `CURRENT.tmp` to `CURRENT`. A small update starts from hard links to the
//! files of the generation before, which are never written again once they are complete; so it costs
//! only what it adds, and readers of the older generation lose nothing.
//!
//! Invariants: `CURRENT` names a complete generation or does not exist. A generation's files never
//! change after its manifest was written. Only the holder of the lock creates, renames or removes.
//!
//! Without `CURRENT`, a generation that `CURRENT.tmp` names and that stands alone is one whose first
//! publishing was cut short: nothing was published yet ([`Error::NoIndex`]). In any other case the
//! pointer was lost ([`Error::Damaged`]). So `CURRENT.tmp` is removed last of what is left behind.

mod check;
mod draft;
#[cfg(test)]
pub(crate) mod failing;
mod files;
mod lock;
mod manifest;
mod memory;
mod streamed;
mod sums;
mod verified;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

pub use check::Problem;
pub(crate) use check::check;
pub(crate) use draft::Draft;
pub(crate) use files::{Files, NewFile, SystemFiles};
pub use lock::WriteLock;
pub use manifest::Manifest;
pub use sums::FileSum;
pub(crate) use verified::{Damage, VerifiedDirectory};

pub(crate) use sums::BLOCK_BYTES;
use sums::{SUMS, Summed, Sums};

use crate::error::{Error, Result};

const CURRENT: &str = "CURRENT";
/// The pointer before it counts.
const NEXT: &str = "CURRENT.tmp";
const LOCK: &str = "lock";
/// How the last run ended.
const LAST_RUN: &str = "last-run.json";
const MANIFEST: &str = "manifest.json";
/// What is known of the source files; see `indexer::notes`.
pub(crate) const FILES: &str = "files.bin";
/// The gazetteer's names.
pub(crate) const NAMES: &str = "names.bin";
/// The names in use, for completion.
pub(crate) const COMPLETIONS: &str = "completions.bin";
/// The dictionary that stored records are compressed with.
pub(crate) const DICTIONARY: &str = "records.dict";
/// Name of the file of near-copies.
pub(crate) const COPIES: &str = "copies.bin";
/// The tags of each article, for counting.
pub(crate) const DOC_VALUES: &str = "facets.bin";
/// Generations that `gc` keeps besides the published one.
pub(crate) const KEPT_GENERATIONS: usize = 1;

/// An index folder.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    root: PathBuf,
    files: Arc<dyn Files>,
}

/// A published generation.
#[derive(Debug, Clone)]
pub(crate) struct Generation {
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// What it says of itself.
    pub(crate) manifest: Manifest,
    /// Checksum of the manifest's file.
    manifest_crc: u32,
}

impl Store {
    /// The index in a folder, which need not exist yet.
    pub(crate) fn at(root: impl Into<PathBuf>) -> Store {
        Store::with_files(root, Arc::new(SystemFiles))
    }

    /// An index in memory, which has no folder and is gone with the last clone.
    pub(crate) fn in_memory() -> Store {
        Store::with_files("memory", Arc::new(memory::MemoryFiles::default()))
    }

    /// The same with other operations on files.
    pub(crate) fn with_files(root: impl Into<PathBuf>, files: Arc<dyn Files>) -> Store {
        Store { root: root.into(), files }
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
        self.current_as(|generation| {
            let problem = self.wrong_size(&generation);
            problem.map_or(Ok(generation), |(file, reason)| Err(self.damaged(format!("{file}: {reason}"))))
        })
    }

    /// The published generation as its manifest tells, which is sound; its files may not be.
    pub(crate) fn current_unproved(&self) -> Result<Generation> {
        self.current_as(Ok)
    }

    fn current_as(&self, see: impl Fn(Generation) -> Result<Generation>) -> Result<Generation> {
        // A run may publish between the two reads: then the name read is out of date, once.
        let mut last = self.read_pointer()?;
        loop {
            match self.open(&last).and_then(&see) {
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
        use std::io::ErrorKind::{NotFound, PermissionDenied};
        let path = self.root.join(CURRENT);
        let bytes = match self.files.read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == NotFound && self.nothing_published() => {
                return Err(Error::NoIndex(self.root.clone()));
            }
            Err(e) if e.kind() == NotFound => return Err(self.damaged("CURRENT is missing")),
            Err(e) if e.kind() == PermissionDenied => return Err(Error::io("reading", path)(e)),
            Err(e) => return Err(self.damaged(format!("CURRENT can't be read: {e}"))),
        };
        parse_pointer(&bytes).ok_or_else(|| self.damaged("CURRENT names no generation"))
    }

    /// Whether a missing pointer means that there never was one.
    fn nothing_published(&self) -> bool {
        let there = match self.generations() {
            Ok(there) => there,
            Err(Error::Io { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => return true,
            Err(_) => return false,
        };
        match there.as_slice() {
            [] => true,
            [(alone, _)] => {
                let next = self.files.read(&self.root.join(NEXT)).ok();
                next.and_then(|bytes| parse_pointer(&bytes)).and_then(|(name, _)| number(&name))
                    == Some(*alone)
            }
            _ => false,
        }
    }

    fn open(&self, (name, crc): &(String, u32)) -> Result<Generation> {
        let dir = self.root.join(name);
        let bytes = self
            .files
            .read(&dir.join(MANIFEST))
            .map_err(|e| self.damaged(format!("{name}/{MANIFEST} can't be read: {e}")))?;
        if crc32fast::hash(&bytes) != *crc {
            return Err(self.damaged(format!("{name}/{MANIFEST} is not the one that was published")));
        }
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|e| self.damaged(format!("{name}/{MANIFEST} can't be understood: {e}")))?;
        Ok(Generation { dir, manifest, manifest_crc: *crc })
    }

    /// The first file of a generation that is missing or has another size than its manifest says.
    fn wrong_size(&self, generation: &Generation) -> Option<(String, String)> {
        generation.manifest.files.iter().find_map(|(file, sum)| {
            let reason = match self.files.size(&generation.dir.join(file)) {
                Ok(size) if size == sum.bytes => return None,
                Ok(size) => format!("it has {size} bytes instead of {}", sum.bytes),
                Err(e) => format!("it can't be read: {e}"),
            };
            Some((format!("{}/{file}", generation.manifest.generation), reason))
        })
    }

    /// Whether the pointer certainly does not lead to a generation's folder.
    fn points_elsewhere(&self, name: &str) -> bool {
        match self.files.read(&self.root.join(CURRENT)) {
            Ok(text) => !text.starts_with(name.as_bytes()),
            Err(e) => e.kind() == std::io::ErrorKind::NotFound,
        }
    }

    /// Whether a generation is still the published one.
    pub(crate) fn is_current(&self, generation: &Generation) -> Result<bool> {
        let (name, crc) = self.read_pointer()?;
        Ok(name == generation.manifest.generation && crc == generation.manifest_crc)
    }

    /// The block sums of a generation, verified.
    pub(crate) fn sums(&self, generation: &Generation) -> Result<Sums> {
        let manifest = &generation.manifest;
        let damaged = |reason: &str| self.damaged(format!("{}/{SUMS} {reason}", manifest.generation));
        if manifest.block_bytes != BLOCK_BYTES as u64 {
            return Err(damaged("is from another version of orewire"));
        }
        let bytes = self
            .files
            .read(&generation.dir.join(SUMS))
            .map_err(|e| damaged(&format!("can't be read: {e}")))?;
        if manifest.files.get(SUMS) != Some(&Summed::of_bytes(&bytes)) {
            return Err(damaged("is not the one that was published"));
        }
        Sums::decode(bytes, &manifest.files).ok_or_else(|| damaged("does not fit the manifest"))
    }

    /// A generation as a folder whose every byte is verified when it is read.
    pub(crate) fn directory(&self, generation: &Generation) -> Result<VerifiedDirectory> {
        VerifiedDirectory::open(self.files.as_ref(), generation, self.sums(generation)?)
    }

    /// A file of a generation, whole and verified.
    pub(crate) fn read(&self, generation: &Generation, name: &str) -> Result<Vec<u8>> {
        let path = generation.dir.join(name);
        let bytes = self.files.read(&path).map_err(Error::io("reading", path))?;
        match generation.manifest.files.get(name) == Some(&Summed::of_bytes(&bytes)) {
            true => Ok(bytes),
            false => Err(self.damaged(format!(
                "{}/{name} is not the one that was published",
                generation.manifest.generation
            ))),
        }
    }

    /// The files of the generation that was published last whose names begin so, whether or not it is
    /// whole: for what can't be made again from the sources.
    pub(crate) fn salvage(&self, prefix: &str) -> Result<Vec<(String, std::io::Result<Vec<u8>>)>> {
        let dir = match self.read_pointer() {
            Ok((name, _)) => self.root.join(name),
            Err(Error::NoIndex(_)) => return Ok(Vec::new()),
            Err(_) => match self.generations()?.pop() {
                Some((_, dir)) => dir,
                None => return Ok(Vec::new()),
            },
        };
        let names = match self.files.list(&dir) {
            Ok(names) => names,
            // The folder itself is gone: there is nothing to be had.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::io("reading", dir)(e)),
        };
        let names = names.iter().filter_map(|name| name.to_str()).filter(|name| name.starts_with(prefix));
        let mut found: Vec<_> =
            names.map(|name| (name.to_owned(), self.files.read(&dir.join(name)))).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Takes the lock for writing. Fails within a moment with [`Error::Locked`] when another run holds it.
    pub(crate) fn lock(&self) -> Result<WriteLock> {
        self.files.create_folders(&self.root).map_err(Error::io("creating", &self.root))?;
        WriteLock::take(self.files.as_ref(), &self.root, &self.root.join(LOCK))
    }

    /// Writes down how a run ended.
    pub(crate) fn note(&self, _lock: &WriteLock, bytes: &[u8]) -> Result<()> {
        let (path, next) = (self.root.join(LAST_RUN), self.root.join(format!("{LAST_RUN}.tmp")));
        let noted = self.files.put(&next, bytes).and_then(|()| self.files.rename(&next, &path));
        noted.map_err(Error::io("writing", path))
    }

    /// What was written down, if anything.
    pub(crate) fn noted(&self) -> Option<Vec<u8>> {
        self.files.read(&self.root.join(LAST_RUN)).ok()
    }

    /// Begins a draft; `base` is the generation whose files it starts from. Removes what a killed run
    /// left behind.
    pub(crate) fn draft(&self, lock: &WriteLock, base: Option<&Generation>) -> Result<Draft> {
        self.remove_leftovers(lock)?;
        let last = self.generations()?.last().map_or(0, |(n, _)| *n);
        Draft::begin(self, last.saturating_add(1), base)
    }

    /// Removes drafts, generations that were never pointed to, and last the pointer that never counted.
    fn remove_leftovers(&self, _lock: &WriteLock) -> Result<()> {
        for name in self.files.list(&self.root).map_err(Error::io("reading", &self.root))? {
            if name.to_str().and_then(|n| n.strip_suffix(".tmp")).is_some_and(|n| number(n).is_some()) {
                self.discard(&self.root.join(name))?;
            }
        }
        let published = match self.read_pointer() {
            Ok((name, _)) => number(&name),
            Err(Error::NoIndex(_)) => Some(0),
            // Nobody knows which of them was published.
            Err(_) => None,
        };
        for (n, path) in self.generations()? {
            if published.is_some_and(|published| n > published) {
                self.discard(&path)?;
            }
        }
        let next = self.root.join(NEXT);
        match self.files.remove(&next) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("removing", next)(e)),
            _ => Ok(()),
        }
    }

    /// Removes a folder, or a file that stands where a folder should.
    fn discard(&self, path: &Path) -> Result<()> {
        let gone = self.files.remove_folder(path).or_else(|e| match e.kind() {
            std::io::ErrorKind::NotADirectory => self.files.remove(path),
            _ => Err(e),
        });
        gone.map_err(Error::io("removing", path))
    }

    /// The generations that are there, by number.
    fn generations(&self) -> Result<Vec<(u64, PathBuf)>> {
        let mut found: Vec<(u64, PathBuf)> = self
            .files
            .list(&self.root)
            .map_err(Error::io("reading", &self.root))?
            .into_iter()
            .filter_map(|name| Some((number(name.to_str()?)?, self.root.join(&name))))
            .collect();
        found.sort();
        Ok(found)
    }

    /// Removes what killed runs left behind, and all generations but the published one and the `keep`
    /// before it. Returns how many folders and how many bytes of files went; a byte that a kept
    /// generation shares counts, though it stays.
    pub(crate) fn gc(&self, lock: &WriteLock, keep: usize) -> Result<(usize, u64)> {
        let (current, _) = self.read_pointer()?;
        let current = number(&current).unwrap_or(0);
        let mut removed = (0, 0);
        let all = self.generations()?;
        let older: Vec<_> = all.iter().filter(|(n, _)| *n < current).collect();
        let newer = all.iter().filter(|(n, _)| *n > current);
        for (_, path) in older.iter().rev().skip(keep).copied().chain(newer) {
            removed.0 += 1;
            removed.1 += self.folder_bytes(path);
            self.discard(path)?;
        }
        self.remove_leftovers(lock)?;
        Ok(removed)
    }

    /// Writes down which generation is to be the published one, where it does not count yet.
    fn announce(&self, name: &str, manifest_crc: u32) -> Result<()> {
        let next = self.root.join(NEXT);
        self.files.put(&next, pointer(name, manifest_crc).as_bytes()).map_err(Error::io("writing", next))
    }

    /// Makes the announced generation the published one. After an error the one before still is.
    fn point(&self) -> Result<()> {
        let (path, next) = (self.root.join(CURRENT), self.root.join(NEXT));
        let before = match self.files.read(&path) {
            Ok(bytes) => Some(bytes),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(Error::io("reading", path)(e)),
        };
        self.files.rename(&next, &path).map_err(Error::io("publishing", &path))?;
        self.files.sync_folder(&self.root).map_err(|e| {
            // Visible, but nobody knows for how long: the run failed, so take it back.
            let _ = match before {
                Some(bytes) => self.files.put(&next, &bytes).and_then(|()| self.files.rename(&next, &path)),
                None => self.files.rename(&path, &next),
            };
            Error::io("publishing", &path)(e)
        })
    }

    fn folder_bytes(&self, path: &Path) -> u64 {
        let names = self.files.list(path).unwrap_or_default();
        names.iter().filter_map(|name| self.files.size(&path.join(name)).ok()).sum()
    }

    fn damaged(&self, reason: impl Into<String>) -> Error {
        Error::Damaged { path: self.root.clone(), reason: reason.into() }
    }
}

/// The text of `CURRENT`.
fn pointer(name: &str, manifest_crc: u32) -> String {
    format!("{name} {manifest_crc:08x}\n")
}

/// The name and the checksum in it. To the letter, so that no byte of it can change unseen.
fn parse_pointer(bytes: &[u8]) -> Option<(String, u32)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (name, crc) = text.strip_suffix('\n')?.split_once(' ')?;
    let crc = u32::from_str_radix(crc, 16).ok()?;
    (number(name).is_some() && text == pointer(name, crc)).then(|| (name.to_owned(), crc))
}

/// The number in `gen-000007`.
fn number(name: &str) -> Option<u64> {
    name.strip_prefix("gen-").filter(|n| n.len() >= 6 && n.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert!(check(&store, |_, _, _| ()).unwrap().1.is_empty());
        fs::write(generation.dir.join("a.txt"), "sOme text").unwrap();
        assert_eq!(check(&store, |_, _, _| ()).unwrap().1.len(), 1);
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

    /// A kill between the rename of the first generation and that of its pointer used to read as a lost
    /// pointer, that is as damage.
    #[test]
    fn a_first_publish_cut_short_before_its_pointer_is_no_index() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        publish(&store, "one");
        let (current, next) = (dir.path().join(CURRENT), dir.path().join(NEXT));
        fs::rename(&current, &next).unwrap();
        assert!(matches!(store.current(), Err(Error::NoIndex(_))));
        assert!(matches!(check(&store, |_, _, _| ()), Err(Error::NoIndex(_))));
        // The next run tidies up first; killed again, it leaves no index either.
        let lock = store.lock().unwrap();
        let draft = store.draft(&lock, None).unwrap();
        assert!(!next.exists() && store.generations().unwrap().is_empty());
        assert!(matches!(store.current(), Err(Error::NoIndex(_))));
        drop((draft, lock));
        publish(&store, "two");
        assert_eq!(fs::read(store.current().unwrap().dir.join("a.txt")).unwrap(), b"two");
        // A pointer that is lost later is damage, with or without a publishing cut short beside it.
        fs::remove_file(&current).unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { .. })));
        fs::write(&next, pointer("gen-000002", 7)).unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { .. })));
    }

    #[test]
    fn a_generation_that_was_never_pointed_to_is_removed_by_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::at(dir.path());
        let first = publish(&store, "one");
        let before = fs::read(dir.path().join(CURRENT)).unwrap();
        publish(&store, "two");
        fs::rename(dir.path().join(CURRENT), dir.path().join(NEXT)).unwrap();
        fs::write(dir.path().join(CURRENT), before).unwrap();
        assert_eq!(store.current().unwrap().manifest, first.manifest);
        // Where a folder should be, a file.
        fs::write(dir.path().join("gen-000009.tmp"), "odd").unwrap();
        publish(&store, "three");
        assert_eq!(store.current().unwrap().manifest.generation, "gen-000002");
        assert_eq!(fs::read(store.current().unwrap().dir.join("a.txt")).unwrap(), b"three");
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        // One that took the same name is still another one.
        assert!(store.is_current(&store.current().unwrap()).unwrap());
        let impostor = Generation { manifest_crc: 7, ..store.current().unwrap() };
        assert!(!store.is_current(&impostor).unwrap());
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
    fn a_store_in_memory_publishes_checks_and_tidies_up_as_one_on_disk() {
        let store = Store::in_memory();
        assert!(matches!(store.current(), Err(Error::NoIndex(_))));
        for n in 0..4 {
            let generation = publish(&store, &n.to_string());
            assert_eq!(store.read(&generation, "a.txt").unwrap(), n.to_string().as_bytes());
        }
        assert!(check(&store, |_, _, _| ()).unwrap().1.is_empty());
        let lock = store.lock().unwrap();
        assert!(matches!(store.lock(), Err(Error::Locked { .. })));
        assert_eq!(store.gc(&lock, 1).unwrap().0, 2);
        assert_eq!(store.generations().unwrap().len(), 2);
        // Nobody else's.
        assert!(matches!(Store::in_memory().current(), Err(Error::NoIndex(_))));
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
