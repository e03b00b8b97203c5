//! A damaged byte, and a file cut short or missing, in any file of a published generation: `check` finds
//! it; a search gives the right results or says that the index is damaged.

mod news;

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use orewire::{Error, Index, Searcher};

/// Copies an index folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// The kind of a file: its ending, or its name where it stands alone.
fn kind(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let known =
        ["manifest.json", "meta.json", ".managed.json", "CURRENT", "names.bin", "sums.bin", "files.bin"];
    if known.contains(&name.as_str()) {
        name
    } else {
        path.extension().unwrap().to_string_lossy().into_owned()
    }
}

#[derive(Default)]
struct Tally {
    right: usize,
    refused: usize,
}

/// Opens and asks; the answers must be the right ones, or the index called damaged.
fn ask(index: &Path, right: &str, what: &str, tally: &mut Tally) {
    let outcome = catch_unwind(AssertUnwindSafe(|| Searcher::open(index).and_then(|s| news::answers(&s))));
    match outcome {
        Ok(Ok(answers)) => {
            assert!(answers == right, "wrong answers with {what}");
            tally.right += 1;
        }
        Ok(Err(error @ Error::Damaged { .. })) => {
            assert!(error.hint().unwrap().contains("--rebuild"));
            tally.refused += 1;
        }
        Ok(Err(error)) => panic!("{what}: not called damage: {error:?}"),
        Err(_) => panic!("{what}: panicked"),
    }
}

#[test]
fn damage_is_never_a_wrong_answer() {
    let (places, articles) = if news::long() { (25, 6_000) } else { (4, 400) };
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("news.ndjson");
    let whole = dir.path().join("whole");
    news::write(&source, (0..articles).map(|n| (n, 0)));
    news::update(&whole, std::slice::from_ref(&source), &news::options()).unwrap();
    // A second run changes and removes, so that there are two segments and a list of removed articles.
    news::write(&source, (0..articles - 10).map(|n| (n, usize::from(n % 40 == 3))));
    news::update(&whole, &[source], &news::options()).unwrap();
    let right = news::answers(&Searcher::open(&whole).unwrap()).unwrap();

    // The generation before stays out of it: nothing reads it.
    let manifest = Index::at(&whole).manifest().unwrap();
    let index = dir.path().join("index");
    copy(&whole.join(&manifest.generation), &index.join(&manifest.generation));
    fs::copy(whole.join("CURRENT"), index.join("CURRENT")).unwrap();
    let mut files: Vec<PathBuf> =
        fs::read_dir(index.join(&manifest.generation)).unwrap().map(|e| e.unwrap().path()).collect();
    files.push(index.join("CURRENT"));
    files.sort();

    let mut dice = news::Dice(7);
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut cases = 0;
    for file in &files {
        let good = fs::read(file).unwrap();
        let tally = tallies.entry(kind(file)).or_default();
        let mut damages: Vec<(String, Option<Vec<u8>>)> = vec![("missing".into(), None)];
        for n in 0..places.min(good.len()) {
            let at = dice.below(good.len());
            let mut flipped = good.clone();
            flipped[at] ^= 1 << dice.below(8);
            damages.push((format!("byte {at} changed"), Some(flipped)));
            if n % 3 == 0 {
                let keep = dice.below(good.len());
                damages.push((format!("cut to {keep} bytes"), Some(good[..keep].to_vec())));
            }
        }
        for (how, bytes) in damages {
            let what = format!("{} {how}", file.display());
            // A new file: the one that is mapped by nobody.
            fs::remove_file(file).unwrap();
            if let Some(bytes) = bytes {
                fs::write(file, bytes).unwrap();
            }
            ask(&index, &right, &what, tally);
            match Index::at(&index).check() {
                Ok(checked) => assert!(!checked.is_sound(), "check finds nothing with {what}"),
                Err(error) => assert!(matches!(error, Error::Damaged { .. }), "{what}: {error:?}"),
            }
            cases += 1;
            let _ = fs::remove_file(file);
            fs::write(file, &good).unwrap();
        }
    }
    for (kind, tally) in &tallies {
        eprintln!("{kind:14} right {:4}  refused {:4}", tally.right, tally.refused);
    }
    eprintln!("{cases} damaged files of {} kinds", tallies.len());
    let mut tally = Tally::default();
    ask(&index, &right, "nothing damaged", &mut tally);
    assert_eq!(tally.right, 1);
}

#[test]
fn damage_ends_the_program_with_3_and_a_hint() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("news.ndjson");
    let index = dir.path().join("index");
    news::write(&source, (0..60).map(|n| (n, 0)));
    news::update(&index, std::slice::from_ref(&source), &news::options()).unwrap();
    let manifest = Index::at(&index).manifest().unwrap();
    // Too few articles for a dictionary: its file is empty, and nothing of it can change.
    for (name, sum) in manifest.files.iter().filter(|(_, sum)| sum.bytes > 0) {
        let path = index.join(&manifest.generation).join(name);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[sum.bytes as usize / 2] ^= 4;
        fs::write(&path, &bad).unwrap();
        let output = news::program().args(["search", "lithium", "--index"]).arg(&index).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => {}
            Some(3) => {
                assert!(stderr.contains("damaged") && stderr.contains("--rebuild"), "{name}: {stderr}")
            }
            other => panic!("{name}: exit {other:?}: {stderr}"),
        }
        assert!(!stderr.contains("panicked"), "{name}: {stderr}");
        let checked = news::program().args(["check", "--index"]).arg(&index).output().unwrap();
        assert_eq!(checked.status.code(), Some(3), "{name}");
        fs::write(&path, &good).unwrap();
    }
    // The next run mends what is damaged.
    let store = manifest.files.keys().find(|f| f.ends_with(".store")).unwrap();
    fs::write(index.join(&manifest.generation).join(store), "gone").unwrap();
    let output = news::program().args(["index", "--index"]).arg(&index).arg(&source).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(news::count(&Searcher::open(&index).unwrap(), "everyarticle").unwrap(), 60);
}

#[test]
fn one_searcher_keeps_refusing_until_the_index_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("news.ndjson");
    let index = dir.path().join("index");
    news::write(&source, (0..400).map(|n| (n, 0)));
    news::update(&index, std::slice::from_ref(&source), &news::options()).unwrap();
    let manifest = Index::at(&index).manifest().unwrap();
    let store = manifest.files.keys().find(|f| f.ends_with(".store")).unwrap();
    let path = index.join(&manifest.generation).join(store);
    let mut bytes = fs::read(&path).unwrap();
    // Opening reads the end of the file, so a search is the first to meet this.
    bytes[10] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let searcher = Searcher::open(&index).unwrap();
    assert!(matches!(searcher.read_all(), Err(Error::Damaged { .. })));
    assert!(matches!(news::count(&searcher, "lithium"), Err(Error::Damaged { .. })));
    assert!(!searcher.reload().is_ok_and(|moved| moved));
    news::update(&index, &[source], &news::options()).unwrap();
    assert!(searcher.reload().unwrap());
    assert_eq!(news::count(&searcher, "everyarticle").unwrap(), 400);
}
