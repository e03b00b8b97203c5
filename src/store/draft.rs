//! A generation in the making: a folder that no reader looks at until it is whole.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use super::{FileSum, Generation, MANIFEST, Manifest, Store, sync_folder};
use crate::error::{Error, Result};

/// Files that are replaced rather than written once: copied from the base, not linked.
const REPLACED: [&str; 2] = ["meta.json", ".managed.json"];

/// A generation that is being written. Dropped without [`Draft::publish`], it is removed.
pub(crate) struct Draft {
    store: Store,
    name: String,
    dir: PathBuf,
    /// Checksums that the base already knows, of files linked from it.
    known: BTreeMap<String, FileSum>,
    published: bool,
}

impl Draft {
    pub(super) fn begin(store: &Store, number: u64, base: Option<&Generation>) -> Result<Draft> {
        let name = format!("gen-{number:06}");
        let dir = store.root.join(format!("{name}.tmp"));
        fs::create_dir(&dir).map_err(Error::io("creating", &dir))?;
        let mut draft = Draft { store: store.clone(), name, dir, known: BTreeMap::new(), published: false };
        if let Some(base) = base {
            for (file, sum) in &base.manifest.files {
                draft.take_over(base, file, *sum)?;
            }
        }
        Ok(draft)
    }

    /// Links a file of the base, or copies it where links are not to be had.
    fn take_over(&mut self, base: &Generation, file: &str, sum: FileSum) -> Result<()> {
        let (from, to) = (base.dir.join(file), self.dir.join(file));
        if !REPLACED.contains(&file) && fs::hard_link(&from, &to).is_ok() {
            self.known.insert(file.to_owned(), sum);
            return Ok(());
        }
        fs::copy(&from, &to).map_err(Error::io("copying", from))?;
        Ok(())
    }

    /// The folder to write into.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file of the generation, in place of one linked from the base.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.dir.join(name);
        let write = || -> std::io::Result<()> {
            // Never through the link: the base keeps its file.
            match fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let mut file = fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(Error::io("writing", path))
    }

    /// Seals the draft with its manifest and makes it the published generation. `manifest` says what
    /// was indexed; its name, time and files are filled in here.
    pub(crate) fn publish(mut self, mut manifest: Manifest) -> Result<Generation> {
        manifest.generation.clone_from(&self.name);
        manifest.published = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        manifest.files = self.sum_up()?;
        let bytes = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        self.write(MANIFEST, &bytes)?;
        sync_folder(&self.dir).map_err(Error::io("syncing", &self.dir))?;
        let dir = self.store.root.join(&self.name);
        fs::rename(&self.dir, &dir).map_err(Error::io("renaming", &self.dir))?;
        self.published = true;
        sync_folder(&self.store.root).map_err(Error::io("syncing", &self.store.root))?;
        self.store.point_to(&self.name, crc32fast::hash(&bytes))?;
        Ok(Generation { dir, manifest })
    }

    fn sum_up(&self) -> Result<BTreeMap<String, FileSum>> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&self.dir).map_err(Error::io("reading", &self.dir))? {
            let entry = entry.map_err(Error::io("reading", &self.dir))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name == MANIFEST {
                continue;
            }
            if name.ends_with(".lock") || name.starts_with(".tmp") {
                // tantivy's own lock files: nobody else writes a draft.
                fs::remove_file(entry.path()).map_err(Error::io("removing", entry.path()))?;
                continue;
            }
            let sum = match self.known.get(&name) {
                Some(sum) if same_file(&entry.path(), sum) => *sum,
                _ => FileSum::of(&entry.path()).map_err(Error::io("reading", entry.path()))?,
            };
            files.insert(name, sum);
        }
        Ok(files)
    }
}

/// Whether the file in the draft is still the link: it has been replaced when it is the only name of
/// its contents. Where the system does not tell, the file is summed again.
fn same_file(path: &Path, sum: &FileSum) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).is_ok_and(|m| m.nlink() > 1 && m.len() == sum.bytes)
    }
    #[cfg(not(unix))]
    {
        let _ = (path, sum);
        false
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // What can't be removed now is removed by the next run.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}
