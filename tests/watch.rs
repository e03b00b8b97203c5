//! A watch moves its searcher to what is published, tells it and what fails, and leaves no thread behind.

mod news;

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, sync_channel},
    },
    time::{Duration, Instant},
};

use orewire::{Error, Manifest, Result, Searcher, Watch};

/// Longer than any look takes, and than any machine is busy.
const PATIENCE: Duration = Duration::from_secs(60);

const OFTEN: Duration = Duration::from_millis(10);

fn publish(dir: &Path, articles: usize) {
    let source = dir.join("news.ndjson");
    news::write(&source, (0..articles).map(|n| (n, articles)));
    assert!(news::update(&dir.join("index"), &[source], &news::options()).unwrap().published);
}

fn watched(searcher: &Searcher) -> (Watch, Receiver<Result<Manifest>>) {
    let (sender, receiver) = sync_channel(1_000);
    (searcher.watch(OFTEN, move |moved| drop(sender.send(moved))).unwrap(), receiver)
}

#[test]
fn a_watched_searcher_and_its_clones_see_what_is_published() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), 20);
    let searcher = Searcher::open(dir.path().join("index")).unwrap();
    let unwatched = Searcher::open(dir.path().join("index")).unwrap();
    let clone = searcher.clone();
    // Published between opening and watching.
    publish(dir.path(), 21);
    let (watch, told) = watched(&searcher);
    for articles in 21..25 {
        if articles > 21 {
            publish(dir.path(), articles);
        }
        let manifest = told.recv_timeout(PATIENCE).unwrap().unwrap();
        assert_eq!(manifest.articles as usize, articles);
        assert_eq!(news::count(&clone, "everyarticle").unwrap(), articles);
        assert_eq!(news::count(&searcher, &format!("edition{articles}")).unwrap(), articles);
    }
    drop(watch);
    publish(dir.path(), 30);
    assert_eq!(news::count(&searcher, "everyarticle").unwrap(), 24);
    // Its generation's files are gone from the folder since, and it answers as ever.
    assert_eq!(news::count(&unwatched, "everyarticle").unwrap(), 20);
    assert_eq!(unwatched.read_all().unwrap(), 20);
    assert!(told.recv().is_err(), "told after its end");
}

#[test]
fn a_failure_is_told_once_and_the_searcher_stays_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), 20);
    let searcher = Searcher::open(dir.path().join("index")).unwrap();
    let (_watch, told) = watched(&searcher);
    let current = dir.path().join("index/CURRENT");
    let good = fs::read(&current).unwrap();
    fs::write(&current, "damaged").unwrap();
    assert!(matches!(told.recv_timeout(PATIENCE).unwrap(), Err(Error::Damaged { .. })));
    assert!(told.recv_timeout(OFTEN * 20).is_err(), "told again");
    assert_eq!(news::count(&searcher, "everyarticle").unwrap(), 20);
    // Another failure is told, and what comes after it.
    fs::remove_file(&current).unwrap();
    assert!(matches!(told.recv_timeout(PATIENCE).unwrap(), Err(Error::Damaged { .. })));
    let whole = dir.path().join("whole");
    fs::write(&whole, good).unwrap();
    fs::rename(whole, current).unwrap();
    publish(dir.path(), 22);
    assert_eq!(told.recv_timeout(PATIENCE).unwrap().unwrap().articles, 22);
}

#[test]
fn no_thread_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), 20);
    let searcher = Searcher::open(dir.path().join("index")).unwrap();
    // What the thread holds goes with it.
    let held = Arc::new(());
    let started = Instant::now();
    for every in [Duration::ZERO, OFTEN, Duration::from_secs(3_600)] {
        let watches: Vec<Watch> = (0..20)
            .map(|_| {
                let held = held.clone();
                searcher.watch(every, move |_| drop(held.clone())).unwrap()
            })
            .collect();
        assert_eq!(Arc::strong_count(&held), 21);
        drop(watches);
        assert_eq!(Arc::strong_count(&held), 1, "a thread goes on after its watch was dropped");
    }
    assert!(started.elapsed() < PATIENCE, "waited for an interval to end");
}

#[test]
fn a_watch_may_be_dropped_by_what_it_tells() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), 20);
    let searcher = Searcher::open(dir.path().join("index")).unwrap();
    let own: Arc<Mutex<Option<Watch>>> = Arc::default();
    let (sender, told) = sync_channel(1_000);
    let inside = own.clone();
    let watch = searcher.watch(OFTEN, move |_| {
        drop(inside.lock().unwrap().take());
        sender.send(()).unwrap();
    });
    *own.lock().unwrap() = Some(watch.unwrap());
    publish(dir.path(), 21);
    told.recv_timeout(PATIENCE).unwrap();
    assert!(own.lock().unwrap().is_none());
    // The thread has ended: its end of the channel is gone.
    assert!(matches!(told.recv_timeout(PATIENCE), Err(std::sync::mpsc::RecvTimeoutError::Disconnected)));
}
