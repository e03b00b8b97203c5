//! The write lock: an exclusive `flock` on a file that stays where it is. The system releases it
//! when its holder ends in whatever way, so nothing left behind can block the next run.

use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use super::Files;
use crate::error::{Error, Result};

/// The right to write an index, until dropped.
#[derive(Debug)]
pub struct WriteLock {
    _file: File,
}

impl WriteLock {
    pub(super) fn take(files: &dyn Files, root: &Path, path: &Path) -> Result<WriteLock> {
        let mut file = files.open_lock(path).map_err(Error::io("opening", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Bounded: the file is ours, but anything may stand in it.
                let _ = (&mut file).take(200).read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => "another process".to_owned(),
                    text => text.chars().filter(|c| !c.is_control()).collect(),
                };
                return Err(Error::Locked { path: root.to_owned(), holder });
            }
            Err(TryLockError::Error(cause)) => return Err(Error::io("locking", path)(cause)),
        }
        let mut note = || -> std::io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            writeln!(file, "process {} (since {now})", std::process::id())
        };
        note().map_err(Error::io("writing", path))?;
        Ok(WriteLock { _file: file })
    }
}
