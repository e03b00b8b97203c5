//! `kill -9` at random moments of `index` and `index --rebuild`: after each, a search answers exactly one
//! published state, and the next run completes with no cleaning by hand.
#![cfg(unix)]

mod news;

use std::{fs, path::Path, process::Stdio, time::Instant};

use orewire::{Index, Searcher};

const ARTICLES: usize = 5_000;
/// Articles that a run changes: those of one of the files.
const CHANGED: usize = 500;

/// Articles of each edition that an index answers with; `None` when it can't be one published state.
fn edition_of(index: &Path, editions: [usize; 2]) -> Option<usize> {
    let searcher = Searcher::open(index).unwrap();
    assert_eq!(news::count(&searcher, "everyarticle").unwrap(), ARTICLES, "articles were lost");
    assert_eq!(searcher.manifest().articles, ARTICLES as u64);
    let [old, new] = editions.map(|e| news::count(&searcher, &format!("edition{e}")).unwrap());
    match (old, new) {
        (CHANGED, 0) => Some(editions[0]),
        (0, CHANGED) => Some(editions[1]),
        _ => None,
    }
}

fn index_command(index: &Path, sources: &Path, rebuild: bool) -> std::process::Command {
    let mut command = news::program();
    command.args(["index", "--quiet", "--index"]).arg(index).arg(sources);
    if rebuild {
        command.arg("--rebuild");
    }
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

#[test]
fn a_killed_run_loses_nothing() {
    let kills = if news::long() { 200 } else { 10 };
    let dir = tempfile::tempdir().unwrap();
    let (sources, index) = (dir.path().join("news"), dir.path().join("index"));
    fs::create_dir(&sources).unwrap();
    let changing = sources.join("changing.ndjson");
    // Editions other than 0 stand in the changing file alone.
    news::write(&sources.join("steady.ndjson"), (CHANGED..ARTICLES).map(|n| (n, 0)));
    news::write(&changing, (0..CHANGED).map(|n| (n, 1)));
    let complete = |rebuild| {
        let started = Instant::now();
        let output = index_command(&index, &sources, rebuild).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        started.elapsed()
    };
    // How long runs take now; corrected as the machine is more or less busy.
    let mut rebuilding = complete(false);
    news::write(&changing, (0..CHANGED).map(|n| (n, 2)));
    let mut updating = complete(false);
    let mut edition = 2;
    let mut dice = news::Dice(11);
    let (mut killed, mut ended, mut as_before, mut as_after) = (0, 0, 0, 0);
    while killed < kills {
        let rebuild = dice.below(2) == 0;
        news::write(&changing, (0..CHANGED).map(|n| (n, edition + 1)));
        let whole = if rebuild { &mut rebuilding } else { &mut updating };
        // One kill in three goes to the end of the run, where it publishes.
        let permille = if dice.below(3) == 0 { 850 + dice.below(250) } else { dice.below(1_050) };
        let mut child = index_command(&index, &sources, rebuild).spawn().unwrap();
        std::thread::sleep(*whole * permille as u32 / 1_000);
        let gone = child.try_wait().unwrap().is_some();
        let _ = child.kill();
        child.wait().unwrap();
        if gone {
            ended += 1;
            *whole = *whole * 9 / 10;
        } else {
            killed += 1;
            *whole = *whole * 51 / 50;
        }
        let now = edition_of(&index, [edition, edition + 1]).expect("one published state");
        if !gone {
            if now == edition { as_before += 1 } else { as_after += 1 }
        }
        assert!(!gone || now == edition + 1, "a run that ended published nothing");
        // The next run completes, whatever was left behind; now and then another kill comes first.
        if dice.below(4) > 0 {
            complete(false);
            edition += 1;
            assert_eq!(edition_of(&index, [edition - 1, edition]), Some(edition));
        } else if now == edition + 1 {
            edition += 1;
        }
    }
    complete(false);
    let checked = Index::at(&index).check().unwrap();
    assert!(checked.is_sound(), "{:?}", checked.problems);
    assert_eq!(checked.articles as usize, ARTICLES);
    let left: Vec<_> =
        fs::read_dir(&index).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.len() <= 5 && !left.iter().any(|name| name.ends_with(".tmp")), "{left:?}");
    eprintln!(
        "{killed} kills over {ARTICLES} articles ({as_before} left the state before, {as_after} the one after); \
         {ended} more runs ended first; 0 articles lost"
    );
}
