//! A generation in the making: a folder that no reader looks at until it is whole.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    Generation, MANIFEST, Manifest, NEXT, NewFile, Store,
    sums::{self, BLOCK_BYTES, FileSum, SUMS, Summed},
};
use crate::error::{Error, Result};

/// Files that are replaced rather than written once: copied from the base, not linked.
const REPLACED: [&str; 2] = ["meta.json", ".managed.json"];

/// A generation that is being written. Dropped without [`Draft::publish`], it is removed.
pub(crate) struct Draft {
    store: Store,
    name: String,
    dir: PathBuf,
    /// Checksums that the base already knows, of files linked from it.
    known: BTreeMap<String, Summed>,
    published: bool,
}

impl Draft {
    pub(super) fn begin(store: &Store, number: u64, base: Option<&Generation>) -> Result<Draft> {
        let name = format!("gen-{number:06}");
        let dir = store.root.join(format!("{name}.tmp"));
        store.files.create_folder(&dir).map_err(Error::io("creating", &dir))?;
        let mut draft = Draft { store: store.clone(), name, dir, known: BTreeMap::new(), published: false };
        if let Some(base) = base {
            let sums = store.sums(base)?;
            for (file, sum) in base.manifest.files.iter().filter(|(file, _)| *file != SUMS) {
                let blocks = sums.of(file).map_or_else(Vec::new, |blocks| blocks.to_vec());
                draft.take_over(base, file, Summed { whole: *sum, blocks })?;
            }
        }
        Ok(draft)
    }

    /// Links a file of the base, or copies it where links are not to be had.
    fn take_over(&mut self, base: &Generation, file: &str, sum: Summed) -> Result<()> {
        let (from, to) = (base.dir.join(file), self.dir.join(file));
        if !REPLACED.contains(&file) && self.store.files.link(&from, &to).is_ok() {
            self.known.insert(file.to_owned(), sum);
            return Ok(());
        }
        self.store.files.copy(&from, &to).map_err(Error::io("copying", from))
    }

    /// The folder to write into.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder as tantivy writes into it.
    pub(crate) fn directory(&self) -> Result<Box<dyn tantivy::Directory>> {
        self.store.files.draft_directory(&self.dir).map_err(Error::engine("opening the index for writing"))
    }

    /// Writes a file of the generation, in place of one linked from the base.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        // Never through the link: the base keeps its file.
        match self.store.files.remove(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("writing", path)(e)),
            _ => {}
        }
        self.store.files.put(&path, bytes).map_err(Error::io("writing", path))
    }

    /// Creates a file of the generation, to be written piece by piece.
    pub(crate) fn create(&self, name: &str) -> Result<Box<dyn NewFile>> {
        let path = self.dir.join(name);
        self.store.files.create(&path).map_err(Error::io("writing", path))
    }

    /// Removes a file of the draft; the base keeps its own.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        let path = self.dir.join(name);
        self.store.files.remove(&path).map_err(Error::io("removing", path))
    }

    /// A file of the draft, which is small.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.dir.join(name);
        self.store.files.read(&path).map_err(Error::io("reading", path))
    }

    /// Seals the draft with its manifest and makes it the published generation. `manifest` says what
    /// was indexed; its name, time and files are filled in here. After an error, what was published
    /// before still is.
    pub(crate) fn publish(mut self, mut manifest: Manifest) -> Result<Generation> {
        manifest.generation.clone_from(&self.name);
        manifest.published = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let files = self.sum_up()?;
        let blocks = sums::encode(files.values());
        self.write(SUMS, &blocks)?;
        manifest.block_bytes = BLOCK_BYTES as u64;
        manifest.files = files.into_iter().map(|(name, sum)| (name, sum.whole)).collect();
        manifest.files.insert(SUMS.to_owned(), Summed::of_bytes(&blocks));
        let bytes = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        self.write(MANIFEST, &bytes)?;
        self.open_to_readers();
        let (store, files) = (self.store.clone(), self.store.files.clone());
        files.sync_folder(&self.dir).map_err(Error::io("syncing", &self.dir))?;
        let manifest_crc = crc32fast::hash(&bytes);
        store.announce(&self.name, manifest_crc)?;
        let dir = store.root.join(&self.name);
        files.rename(&self.dir, &dir).map_err(Error::io("renaming", &self.dir))?;
        // From here on the folder to remove on failure is the renamed one.
        self.dir.clone_from(&dir);
        files.sync_folder(&store.root).map_err(Error::io("syncing", &store.root))?;
        let pointed = store.point();
        // A folder that readers may be led to is never removed.
        self.published = pointed.is_ok() || !store.points_elsewhere(&self.name);
        pointed?;
        Ok(Generation { dir, manifest, manifest_crc })
    }

    /// tantivy makes the files that it replaces readable to their owner only; but whoever may read the
    /// manifest may read the index.
    fn open_to_readers(&self) {
        let manifest = self.dir.join(MANIFEST);
        for file in REPLACED {
            // Without it the index is good for its owner still.
            let _ = self.store.files.give_access(&manifest, &self.dir.join(file));
        }
    }

    fn has_size(&self, path: &Path, sum: &FileSum) -> bool {
        self.store.files.size(path).is_ok_and(|bytes| bytes == sum.bytes)
    }

    fn sum_up(&self) -> Result<BTreeMap<String, Summed>> {
        let files = &self.store.files;
        let mut sums = BTreeMap::new();
        for name in files.list(&self.dir).map_err(Error::io("reading", &self.dir))? {
            let name = name.to_string_lossy().into_owned();
            let path = self.dir.join(&name);
            if name == MANIFEST || name == SUMS {
                continue;
            }
            if name.ends_with(".lock") || name.starts_with(".tmp") {
                // tantivy's own lock files: nobody else writes a draft.
                files.remove(&path).map_err(Error::io("removing", path))?;
                continue;
            }
            let sum = match self.known.get(&name) {
                // Still the link: a file that took its place is the only name of its contents. Where that
                // can't be told, the file is summed again.
                Some(sum) if files.has_links(&path) && self.has_size(&path, &sum.whole) => sum.clone(),
                _ => files.open(&path).and_then(Summed::of).map_err(Error::io("reading", path))?,
            };
            sums.insert(name, sum);
        }
        Ok(sums)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // What can't be removed now is removed by the next run. The pointer goes last: while the
            // folder is there, it tells that nothing was published with it.
            if self.store.files.remove_folder(&self.dir).is_ok() {
                let _ = self.store.files.remove(&self.store.root.join(NEXT));
            }
        }
    }
}
