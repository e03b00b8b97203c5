//! The write lock: an exclusive `flock` on a file that stays where it is. The system releases it
//! when its holder ends in whatever way, so nothing left behind can block the next run.

use std::{path::Path, time::Duration};

use super::{Files, files::LockFile};
use crate::error::{Error, Result};

/// How often, and how far apart, a lock is tried. A process that is being started holds copies of its
/// parent's open files for a moment, and with them locks that the parent has let go.
const LOCK_TRIES: usize = 20;
const LOCK_WAIT: Duration = Duration::from_millis(10);

/// The right to write an index, until dropped.
#[derive(Debug)]
pub struct WriteLock {
    _file: Box<dyn LockFile>,
}

impl WriteLock {
    pub(super) fn take(files: &dyn Files, root: &Path, path: &Path) -> Result<WriteLock> {
        let mut file = files.open_lock(path).map_err(Error::io("opening", path))?;
        let mut tries = 0;
        while !file.try_lock().map_err(Error::io("locking", path))? {
            tries += 1;
            if tries < LOCK_TRIES {
                std::thread::sleep(LOCK_WAIT);
                continue;
            }
            let holder = match file.holder().trim() {
                "" => "another process".to_owned(),
                text => text.chars().filter(|c| !c.is_control()).collect(),
            };
            return Err(Error::Locked { path: root.to_owned(), holder });
        }
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        file.note(&format!("process {} (since {now})", std::process::id()))
            .map_err(Error::io("writing", path))?;
        Ok(WriteLock { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;
    use crate::store::SystemFiles;

    fn take(root: &Path) -> Result<WriteLock> {
        WriteLock::take(&SystemFiles, root, &root.join("write.lock"))
    }

    #[test]
    fn a_lock_that_is_let_go_in_a_moment_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let (held, is_held) = mpsc::sync_channel(1);
        thread::scope(|scope| {
            scope.spawn(move || {
                let lock = take(dir.path()).unwrap();
                held.send(dir).unwrap();
                thread::sleep(LOCK_WAIT * 3);
                drop(lock);
            });
            let dir = is_held.recv().unwrap();
            take(dir.path()).unwrap();
        });
    }

    #[test]
    fn a_lock_that_stays_names_its_holder() {
        let dir = tempfile::tempdir().unwrap();
        let _held = take(dir.path()).unwrap();
        match take(dir.path()) {
            Err(Error::Locked { holder, .. }) => {
                assert!(holder.contains(&format!("process {}", std::process::id())), "{holder}");
            }
            other => panic!("{other:?}"),
        }
    }
}
