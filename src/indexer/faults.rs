//! A run of which any one operation on files fails, once or from then on: the published index answers
//! as before or as after the run, `Ok` means that every article is there, and the next run succeeds.

use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::Duration,
};

use super::{Analysis, IndexOptions, Report, update};
use crate::{
    error::{Error, Result},
    gazetteer::{Gazetteer, TableKind},
    search::{SearchRequest, Searcher},
    store::{
        Store,
        failing::{Failing, FailingFiles, Fault},
    },
};

/// Longer than any run of a dozen articles takes; a run that takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// Articles as ids with the edition of their text.
type State = BTreeSet<(usize, usize)>;

fn gazetteer() -> Arc<Gazetteer> {
    let table = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n\
                 /metals,commodity,Metals,金属,,,,,\n\
                 /metals/cobalt,commodity,Cobalt,钴,cobalt,,,,\n";
    Arc::new(Gazetteer::builder().table(TableKind::Commodities, "test.csv", table).unwrap().build().unwrap())
}

/// No Chinese: it would load a dictionary in every run.
fn write(source: &Path, state: &State) {
    let line = |(n, edition): &(usize, usize)| {
        format!(
            "{{\"id\":\"n{n}\",\"title\":\"cobalt {n}\",\"body\":\"every article says edition{edition}x{n}\"}}\n"
        )
    };
    fs::write(source, state.iter().map(line).collect::<String>()).unwrap();
}

fn run(store: &Store, source: &Path, rebuild: bool, names: &Arc<Gazetteer>) -> Result<Report> {
    let mut options = IndexOptions::default();
    (options.rebuild, options.threads, options.memory_bytes) = (rebuild, 2, 20_000_000);
    let mut load = || Ok(Analysis::new(names.clone(), &[]));
    update(store, &[source.to_owned()], &mut load, 1, &options, &mut |_| ControlFlow::Continue(()))
}

/// What an index holds: from its stored articles, and each found by its own word.
fn read(root: &Path) -> Result<State> {
    let searcher = Searcher::open(root)?;
    let mut request = SearchRequest::new("every");
    (request.limit, request.literal) = (1_000, true);
    let mut state = State::new();
    for hit in searcher.search(&request)?.hits {
        let (article, _) = searcher.article(&hit.id)?;
        let (_, said) = article.body.split_once("edition").unwrap();
        let (edition, n) = said.split_once('x').unwrap();
        let mut own = SearchRequest::new(format!("edition{said}"));
        own.literal = true;
        assert_eq!(searcher.search(&own)?.total, 1);
        assert_eq!(hit.id, format!("n{n}"));
        state.insert((n.parse().unwrap(), edition.parse().unwrap()));
    }
    assert_eq!(searcher.read_all()?, state.len() as u64);
    Ok(state)
}

/// A scenario: what is published before, and what the run is to make of it.
struct Scenario {
    name: &'static str,
    before: Vec<State>,
    after: State,
    rebuild: bool,
}

fn scenarios() -> Vec<Scenario> {
    let of = |ids: std::ops::Range<usize>, edition| ids.map(|n| (n, edition)).collect::<State>();
    let changed = |mut state: State, ids: std::ops::Range<usize>| {
        for n in ids {
            state.retain(|(id, _)| *id != n);
            state.insert((n, 9));
        }
        state
    };
    vec![
        Scenario { name: "first", before: vec![], after: of(0..5, 0), rebuild: false },
        Scenario { name: "add", before: vec![of(0..5, 0)], after: of(0..8, 0), rebuild: false },
        Scenario {
            name: "update",
            before: vec![of(0..8, 0)],
            after: changed(of(0..8, 0), 2..4),
            rebuild: false,
        },
        Scenario { name: "remove", before: vec![of(0..8, 0)], after: of(3..8, 0), rebuild: false },
        Scenario {
            name: "all, and a merge",
            before: vec![of(0..20, 0), of(0..22, 0), of(0..24, 0)],
            after: changed(of(4..26, 0), 6..8),
            rebuild: false,
        },
        Scenario { name: "rebuild", before: vec![of(0..5, 0)], after: of(1..6, 0), rebuild: true },
    ]
}

/// A temporary folder, in memory where there is one: no power is cut here, so syncing to a disk would
/// only take time, five times that of all else.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(std::result::Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Runs on a thread of its own, so that a run that hangs fails the test.
fn within_time(work: impl FnOnce() -> Result<Report> + Send + 'static, what: &str) -> Result<Report> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = std::thread::spawn(move || drop(sender.send(work())));
    match receiver.recv_timeout(HANGS) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("{what}: hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{what}: panicked: {:?}", thread.join().err()),
    }
}

#[test]
fn any_operation_may_fail() {
    let long = std::env::var_os("OREWIRE_LONG_TESTS").is_some_and(|v| v == "1");
    let stride = if long { 1 } else { 23 };
    let names = gazetteer();
    let (mut points, mut failed, mut in_spite) = (0, 0, 0);
    for scenario in scenarios() {
        let dir = folder();
        let (prepared, source) = (dir.path().join("prepared"), dir.path().join("news.ndjson"));
        for state in &scenario.before {
            write(&source, state);
            run(&Store::at(&prepared), &source, false, &names).unwrap();
        }
        write(&source, &scenario.after);
        let before = scenario.before.last();
        let root = dir.path().join("index");
        let fresh = || {
            let _ = fs::remove_dir_all(&root);
            if prepared.exists() {
                copy(&prepared, &root);
            }
        };
        let attempt = |failing, kind, what: &str| {
            let fault = Fault::new(failing, kind);
            let store = Store::with_files(&root, Arc::new(FailingFiles(fault.clone())));
            let (source, names, rebuild): (PathBuf, _, _) = (source.clone(), names.clone(), scenario.rebuild);
            (within_time(move || run(&store, &source, rebuild, &names), what), fault.count())
        };
        fresh();
        let (whole, count) = attempt(Failing::Never, ErrorKind::Other, "nothing fails");
        whole.unwrap();
        assert_eq!(read(&root).unwrap(), scenario.after);
        let mut of_scenario = 0;
        for at in (0..count).filter(|at| at % stride == 0) {
            for failing in [Failing::Once(at), Failing::From(at)] {
                let what = format!("{}, {failing:?} of {count}", scenario.name);
                fresh();
                let kind = if at % 2 == 0 { ErrorKind::StorageFull } else { ErrorKind::PermissionDenied };
                let (result, _) = attempt(failing, kind, &what);
                of_scenario += 1;
                // What is published now.
                match (read(&root), &result) {
                    (Ok(state), Ok(_)) => {
                        assert_eq!(state, scenario.after, "{what}: Ok, but not all is there")
                    }
                    (Ok(state), Err(error)) => {
                        assert!(
                            state == scenario.after || Some(&state) == before,
                            "{what}: torn: {state:?} after {error}"
                        );
                        if Some(&state) != before {
                            in_spite += 1;
                        }
                    }
                    (Err(Error::NoIndex(_)), Err(_)) if before.is_none() => {}
                    (Err(error), result) => panic!("{what}: {error}, after {result:?}"),
                }
                failed += usize::from(result.is_err());
                // The next run puts it right by itself.
                let next = run(&Store::at(&root), &source, false, &names)
                    .unwrap_or_else(|e| panic!("{what}: then {e}"));
                assert_eq!(next.articles as usize, scenario.after.len(), "{what}");
                assert_eq!(read(&root).unwrap(), scenario.after, "{what}: after the next run");
                let leftovers = fs::read_dir(&root)
                    .unwrap()
                    .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
                if next.published {
                    assert_eq!(leftovers.count(), 0, "{what}");
                }
            }
        }
        eprintln!("{:18} {count:4} operations, {of_scenario:4} points", scenario.name);
        points += of_scenario;
    }
    eprintln!("{points} points: {failed} runs failed, {in_spite} of them had published already");
    assert!(!long || points >= 500);
}
