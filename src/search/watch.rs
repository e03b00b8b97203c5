//! A watch that an embedding program turns on: its searcher moves to each new generation by itself.

use std::{
    fmt,
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use super::Searcher;
use crate::{
    error::{Error, Result},
    limits::WATCH_MIN_INTERVAL_MS,
    store::Manifest,
};

/// Keeps a searcher and its clones on what is published: see [`Searcher::watch`]. Dropped, it ends its
/// thread and waits for that.
#[must_use = "a watch ends when it is dropped"]
pub struct Watch {
    /// Closed to end the thread.
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

impl Searcher {
    /// Looks now and then, at once first and then `every` so often, whether another generation was
    /// published, and moves this searcher and all its clones to it as [`Searcher::reload`] does. A look at
    /// an unchanged index reads one small file. Intervals below [`WATCH_MIN_INTERVAL_MS`] are taken for
    /// that.
    ///
    /// `told` hears of each move, with what the new generation says of itself, and of each failure, when
    /// it is another one than the time before; after a failure the searcher stays where it is, and the
    /// watch goes on. It is called on the watch's own thread.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// let searcher = orewire::Searcher::open("index")?;
    /// let watch = searcher.watch(Duration::from_secs(5), |moved| match moved {
    ///     Ok(manifest) => println!("now on {}", manifest.generation),
    ///     Err(error) => eprintln!("still on the generation before: {error}"),
    /// })?;
    /// // As long as `watch` lives, `searcher` and its clones see what is published.
    /// # Ok::<(), orewire::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`] when the system gives no thread.
    pub fn watch(
        &self,
        every: Duration,
        told: impl FnMut(Result<Manifest>) + Send + 'static,
    ) -> Result<Watch> {
        let every = every.max(Duration::from_millis(WATCH_MIN_INTERVAL_MS));
        let (stop, stopped) = sync_channel::<()>(1);
        let searcher = self.clone();
        let work = move || {
            let mut look = Look { searcher, told, failure: None };
            loop {
                look.look();
                if stopped.recv_timeout(every) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("orewire-watch".into()).spawn(work);
        let thread = thread.map_err(Error::io("watching", self.folder()))?;
        Ok(Watch { stop: Some(stop), thread: Some(thread) })
    }
}

struct Look<F> {
    searcher: Searcher,
    told: F,
    /// The failure that was told last.
    failure: Option<String>,
}

impl<F: FnMut(Result<Manifest>)> Look<F> {
    fn look(&mut self) {
        match self.searcher.reload() {
            Ok(moved) => {
                self.failure = None;
                if moved {
                    (self.told)(Ok(self.searcher.manifest()));
                }
            }
            Err(error) => {
                let failure = error.to_string();
                if self.failure.as_ref() != Some(&failure) {
                    self.failure = Some(failure);
                    (self.told)(Err(error));
                }
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        let Some(thread) = self.thread.take() else { return };
        // Dropped by what it tells, it ends right after.
        if thread.thread().id() != thread::current().id() {
            // A panic of what it told has been printed where it happened, and ended only the watch.
            let _ = thread.join();
        }
    }
}
