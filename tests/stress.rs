//! Eight threads search while one adds, replaces, removes and publishes: no error, each answer is that
//! of one published state, memory stays within a bound, and nothing is left behind.
//!
//! 5 seconds; 60 with `OREWIRE_LONG_TESTS=1`.

mod news;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use orewire::{Article, Index, IndexOptions, SearchRequest, Searcher};

const THREADS: usize = 8;

/// Articles that each state replaces, so that they say which state it is.
const MARKED: usize = 10;

/// What the process may take more, in private memory, than after the first publishes: the allocator's
/// own arenas for the threads of each batch, and what is freed with the last clone of an old searcher.
const GROWTH_MAX_BYTES: u64 = 96 << 20;

/// Publishes after which memory is measured for the first time.
const WARM: usize = 8;

/// Private memory of this process; `None` where the system does not tell.
fn private_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb << 10)
}

fn threads() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}

fn mapped(folder: &std::path::Path) -> usize {
    let folder = folder.display().to_string();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    maps.lines().filter(|line| line.contains(&folder)).count()
}

/// How many articles a state has.
fn size(state: usize) -> usize {
    60 + state * 7 % 41
}

fn ordinary(n: usize) -> Article {
    let (who, what) = if n.is_multiple_of(2) {
        ("The smelter in Sichuan", "lithium")
    } else {
        ("四川的冶炼厂", "碳酸锂")
    };
    Article::new(
        format!("n{n}"),
        format!("ordinary {n}"),
        format!("{who} shipped {n} tonnes of {what}. everyarticle"),
    )
}

fn marked(n: usize, state: usize) -> Article {
    Article::new(format!("m{n}"), format!("markedarticle {n} state{state}"), "everyarticle of this state")
}

/// One answer, and that all of it is of one state.
fn look(searcher: &Searcher, published: &Mutex<usize>) {
    let mut request = SearchRequest::new("markedarticle everyarticle").limit(MARKED).literal();
    request.collapse_copies = false;
    // One word of the two is a match.
    request.weights.partial = 0.0;
    let results = searcher.search(&request).unwrap();
    let mut states: Vec<usize> = results
        .hits
        .iter()
        .map(|hit| hit.title.split_once("state").expect("a marked article").1.parse().unwrap())
        .collect();
    assert_eq!(states.len(), MARKED);
    states.dedup();
    assert_eq!(states.len(), 1, "an answer of several states: {states:?}");
    assert_eq!(results.total, size(states[0]), "state {}", states[0]);
    assert!(states[0] <= *published.lock().unwrap());
}

#[test]
fn eight_threads_search_while_one_publishes() {
    let time = Duration::from_secs(if news::long() { 60 } else { 5 });
    let dir = tempfile::tempdir().unwrap();
    let threads_before = threads();
    let mut options = IndexOptions::default();
    (options.threads, options.memory_bytes) = (2, 32 << 20);
    let index = Index::at(dir.path().join("index"));
    let publish = |state: usize, last: usize| {
        let mut batch = index.batch(&options).unwrap();
        for n in 0..MARKED {
            batch.put(marked(n, state)).unwrap();
        }
        for n in size(state)..size(last) {
            assert!(batch.remove(&format!("n{n}")).unwrap());
        }
        // Those that are there already cost nothing.
        for n in MARKED..size(state) {
            batch.put(ordinary(n)).unwrap();
        }
        let report = batch.publish().unwrap();
        assert_eq!(report.articles as usize, size(state));
    };
    publish(0, 0);
    // The newest state that may be seen.
    let published = Mutex::new(0);
    let (done, searches) = (AtomicBool::new(false), AtomicU64::new(0));
    let shared = index.searcher().unwrap();
    let (mut warm, mut most, mut state) = (0, 0, 0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (index, shared, published, done, searches) = (&index, &shared, &published, &done, &searches);
            scope.spawn(move || {
                let mut own = if thread % 2 == 0 { shared.clone() } else { index.searcher().unwrap() };
                for round in 0.. {
                    look(&own, published);
                    searches.fetch_add(1, Ordering::Relaxed);
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                    match (round + thread) % 5 {
                        0 => drop(own.reload().unwrap()),
                        1 if thread % 2 == 1 => own = index.searcher().unwrap(),
                        _ => {}
                    }
                }
            });
        }
        let end = Instant::now() + time;
        while Instant::now() < end || state < WARM + 2 {
            state += 1;
            *published.lock().unwrap() = state;
            publish(state, state - 1);
            let bytes = private_bytes().unwrap_or(0);
            if state == WARM {
                warm = bytes;
            } else if state > WARM {
                most = most.max(bytes);
            }
        }
        done.store(true, Ordering::SeqCst);
    });
    eprintln!(
        "{} searches by {THREADS} threads during {state} publishes; private memory {} MiB after {WARM} of them, \
         at most {} MiB later",
        searches.into_inner(),
        warm >> 20,
        most >> 20
    );
    assert!(most <= warm + GROWTH_MAX_BYTES, "memory grew from {warm} to {most} bytes");
    shared.reload().unwrap();
    look(&shared, &published);
    assert_eq!(shared.manifest().articles as usize, size(state));
    // Nothing stays behind: no mapping of an old generation, and no thread.
    drop(shared);
    assert_eq!(mapped(dir.path()), 0);
    drop(index);
    let ended = || threads() <= threads_before;
    for _ in 0..600 {
        if ended() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(ended(), "{:?} threads before, {:?} after", threads_before, threads());
}
