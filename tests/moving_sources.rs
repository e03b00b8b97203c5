//! Sources that change while they are read: what was read is whole, what was missed comes with the next
//! run, and none of it ends a run.

mod news;

use std::{
    fs,
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use orewire::{Index, Progress, Report, Searcher};

/// Articles that a run reads from one look at its progress to the next, and more.
const MANY: usize = 300;

struct Folder {
    dir: tempfile::TempDir,
}

impl Folder {
    fn new() -> Folder {
        let folder = Folder { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(folder.news()).unwrap();
        folder
    }

    fn news(&self) -> PathBuf {
        self.dir.path().join("news")
    }

    fn index(&self) -> PathBuf {
        self.dir.path().join("index")
    }

    /// A run; `meanwhile` is called once, when a file is at work and so many articles of all are read.
    fn update(&self, file: &str, articles: u64, meanwhile: impl FnOnce(&Path)) -> Report {
        let path = self.news().join(file);
        let mut meanwhile = Some(meanwhile);
        let look = |progress: &Progress| {
            if Path::new(&progress.file) == path && progress.articles >= articles {
                meanwhile.take().into_iter().for_each(|change| change(&path));
            }
            ControlFlow::Continue(())
        };
        let report = Index::at(self.index()).update(&[self.news()], &news::options(), look).unwrap();
        assert!(meanwhile.is_none(), "{file} was not at work");
        report
    }

    /// The next run finds all that is there.
    fn settles(&self, articles: usize) {
        news::update(&self.index(), &[self.news()], &news::options()).unwrap();
        assert_eq!(news::count(&Searcher::open(self.index()).unwrap(), "everyarticle").unwrap(), articles);
        assert!(Index::at(self.index()).check().unwrap().is_sound());
    }
}

#[test]
fn a_file_that_vanishes_before_it_is_read_is_named() {
    let folder = Folder::new();
    news::write(&folder.news().join("a.ndjson"), (0..10).map(|n| (n, 0)));
    news::write(&folder.news().join("b.ndjson"), (10..30).map(|n| (n, 0)));
    let report = folder.update("a.ndjson", 0, |a| fs::remove_file(a.with_file_name("b.ndjson")).unwrap());
    assert_eq!((report.added, report.skipped_total), (10, 1));
    assert!(report.skipped[0].path.ends_with("b.ndjson"));
    assert_eq!(report.skipped[0].reason, "no longer there");
    folder.settles(10);
    // One that was indexed before goes with its articles.
    news::write(&folder.news().join("b.ndjson"), (10..30).map(|n| (n, 0)));
    folder.settles(30);
    news::write(&folder.news().join("a.ndjson"), (0..11).map(|n| (n, 0)));
    news::write(&folder.news().join("b.ndjson"), (10..31).map(|n| (n, 0)));
    let report = folder.update("a.ndjson", 0, |a| fs::remove_file(a.with_file_name("b.ndjson")).unwrap());
    assert_eq!((report.removed, report.articles), (19, 11));
    folder.settles(11);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_read_again_by_the_next_run() {
    let folder = Folder::new();
    let first: String = (0..MANY).map(|n| news::article(n, 0)).collect();
    fs::write(folder.news().join("a.ndjson"), first).unwrap();
    let report = folder.update("a.ndjson", 128, |a| {
        let mut file = fs::File::options().append(true).open(a).unwrap();
        // One whole, and half of another.
        let [whole, half] = [MANY, MANY + 1].map(|n| news::article(n, 0));
        file.write_all(whole.as_bytes()).unwrap();
        file.write_all(&half.as_bytes()[..half.len() / 2]).unwrap();
    });
    assert!((MANY..=MANY + 1).contains(&(report.added as usize)), "{report:?}");
    let mut file = fs::File::options().append(true).open(folder.news().join("a.ndjson")).unwrap();
    let half = news::article(MANY + 1, 0);
    file.write_all(&half.as_bytes()[half.len() / 2..]).unwrap();
    folder.settles(MANY + 2);
}

#[test]
fn a_file_that_is_cut_short_while_it_is_read_is_read_again_by_the_next_run() {
    let folder = Folder::new();
    let text: String = (0..MANY * 20).map(|n| news::article(n, 0)).collect();
    fs::write(folder.news().join("a.ndjson"), &text).unwrap();
    let end: usize = (0..70).map(|n| news::article(n, 0).len()).sum();
    let report = folder.update("a.ndjson", 64, |a| {
        fs::File::options().write(true).open(a).unwrap().set_len(end as u64).unwrap();
    });
    assert!(report.added >= 70 && (report.added as usize) < MANY * 20, "{report:?}");
    folder.settles(70);
}

#[cfg(unix)]
#[test]
fn a_file_that_becomes_a_pipe_is_not_waited_for() {
    let folder = Folder::new();
    news::write(&folder.news().join("a.ndjson"), (0..10).map(|n| (n, 0)));
    news::write(&folder.news().join("b.ndjson"), (10..30).map(|n| (n, 0)));
    let report = folder.update("a.ndjson", 0, |a| {
        let b = a.with_file_name("b.ndjson");
        fs::remove_file(&b).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(b).status().unwrap().success());
    });
    assert_eq!((report.added, report.skipped_total), (10, 1));
    assert_eq!(report.skipped[0].reason, "no longer a regular file");
}
