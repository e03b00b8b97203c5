//! Searches while generations are published: no error, and each count is that of a published state.

mod news;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use orewire::Searcher;

const PUBLISHES: usize = 50;
const THREADS: usize = 4;

#[test]
fn every_count_is_of_a_published_state() {
    let searches = if news::long() { 10_000 } else { 400 };
    let dir = tempfile::tempdir().unwrap();
    let (source, index) = (dir.path().join("news.ndjson"), dir.path().join("index"));
    // Each state has another size, and its articles another edition: counts can't be taken for another's.
    let size = |state: usize| 40 + state * 3 % 61;
    news::write(&source, (0..size(0)).map(|n| (n, 0)));
    news::update(&index, std::slice::from_ref(&source), &news::options()).unwrap();
    // Counts that may be seen: a state's from just before it is published.
    let published = Mutex::new(vec![size(0)]);
    let (left, done, moved) = (AtomicUsize::new(searches), AtomicBool::new(false), AtomicUsize::new(0));
    let shared = Searcher::open(&index).unwrap();
    let sane = |searcher: &Searcher| {
        let manifest = searcher.manifest();
        let total = news::count(searcher, "everyarticle").unwrap();
        assert!(published.lock().unwrap().contains(&total), "{total} articles were never published");
        (manifest.articles, total)
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (left, done, moved, shared, index) = (&left, &done, &moved, &shared, &index);
            scope.spawn(move || {
                let own = Searcher::open(index).unwrap();
                let take =
                    || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
                let mut round = thread;
                while take() || !done.load(Ordering::SeqCst) {
                    round += 1;
                    match round % 3 {
                        0 => {
                            // Nobody else moves this one: its manifest and its count are of one state.
                            moved.fetch_add(usize::from(own.reload().unwrap()), Ordering::SeqCst);
                            let (articles, total) = sane(&own);
                            assert_eq!(articles as usize, total);
                        }
                        1 => drop(sane(&Searcher::open(index).unwrap())),
                        _ => {
                            let _ = shared.reload().unwrap();
                            sane(shared);
                        }
                    }
                }
            });
        }
        for state in 1..=PUBLISHES {
            published.lock().unwrap().push(size(state));
            news::write(&source, (0..size(state)).map(|n| (n, state)));
            let report = news::update(&index, std::slice::from_ref(&source), &news::options()).unwrap();
            assert!(report.published);
            // The long version spreads its searches over all publishes.
            let share = searches * (PUBLISHES - state) / PUBLISHES;
            while left.load(Ordering::SeqCst) > share {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(moved.load(Ordering::SeqCst) > 0);
    eprintln!(
        "{searches} searches and more by {THREADS} threads during {PUBLISHES} publishes, {} reloads that moved",
        moved.into_inner()
    );
    shared.reload().unwrap();
    assert_eq!(news::count(&shared, &format!("edition{PUBLISHES}")).unwrap(), size(PUBLISHES));
    assert!(!shared.reload().unwrap());
}
