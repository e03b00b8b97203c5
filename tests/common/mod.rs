//! Runs the real program in a folder of its own, with a clean environment, and reads what it prints.
//!
//! Every run asserts that the program did not panic; everything else is for the test to say.

// Each test file compiles this module for itself and uses a part of it.
#![allow(dead_code)]

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tempfile::TempDir;

/// Variables that change what the program prints or reads.
const UNSET: [&str; 21] = [
    "COLUMNS",
    "LINES",
    "NO_COLOR",
    "CLICOLOR_FORCE",
    "CLICOLOR",
    "FORCE_HYPERLINK",
    "OREWIRE_INDEX",
    "OREWIRE_CONFIG",
    "OREWIRE_PAGER",
    "PAGER",
    "LESS",
    "TERM",
    "TERM_PROGRAM",
    "VTE_VERSION",
    "KONSOLE_VERSION",
    "WT_SESSION",
    "DOMTERM",
    "RUST_BACKTRACE",
    "LC_ALL",
    "LC_MESSAGES",
    "LANG",
];

/// Whether the long versions are asked for.
pub fn long() -> bool {
    std::env::var_os("OREWIRE_LONG_TESTS").is_some_and(|v| v == "1")
}

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", head(&self.out), head(&self.err));
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}\nstdout:\n{}\nstderr:\n{}", head(&self.out), self.err))
    }

    #[track_caller]
    pub fn complains_of(self, parts: &[&str]) -> Run {
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is not in stderr:\n{}", head(&self.err));
        }
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        let run = Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!run.err.contains("panicked at") && run.code != Some(101), "a panic:\n{}", head(&run.err));
        run
    }
}

/// The first part of a long text.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(4_000)]
}

/// A folder that the program is run in.
pub struct Sandbox {
    path: PathBuf,
    _temporary: Option<TempDir>,
}

impl Sandbox {
    /// A folder that goes with the value.
    pub fn new() -> Sandbox {
        let dir = tempfile::tempdir().expect("a temporary folder");
        // Some systems give a linked one; the program prints the true one.
        let path = dir.path().canonicalize().expect("the folder");
        Sandbox { path, _temporary: Some(dir) }
    }

    /// A folder for a value that lives as long as the test program, which is never dropped: below
    /// the build folder, emptied by the next run.
    pub fn lasting(name: &str) -> Sandbox {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a new folder");
        // The build folder may lie below a folder with settings of its own.
        fs::write(path.join("orewire.toml"), "").expect("empty settings");
        Sandbox { path: path.canonicalize().expect("the folder"), _temporary: None }
    }

    /// A sandbox with the repository's sample corpus and its settings.
    pub fn with_samples() -> Sandbox {
        let sandbox = Sandbox::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join("seeds"), &sandbox.at("seeds"));
        fs::copy(root.join("orewire.toml"), sandbox.at("orewire.toml")).expect("the settings");
        sandbox
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file, with the folders above it. Its time of change lies well back and differs from
    /// that of every other write, so that size and time tell whether it changed.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        fs::write(&path, content).expect("a new file");
        settle(&path);
        path
    }

    pub fn remove(&self, name: impl AsRef<Path>) {
        fs::remove_file(self.at(name)).expect("a file to remove");
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        fs::read(self.at(name)).expect("a file")
    }

    /// The program with arguments, ready to start in the folder.
    pub fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orewire"));
        command.args(args).current_dir(&self.path).stdin(Stdio::null());
        for name in UNSET {
            command.env_remove(name);
        }
        command
    }

    #[track_caller]
    pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Run {
        self.command(args).output().expect("the program starts").into()
    }

    /// Runs with a text on standard input.
    #[track_caller]
    pub fn run_with<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I, input: &[u8]) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().expect("the program ends");
        let _ = writer.join();
        output.into()
    }

    /// Indexes sources and returns the report of the run.
    #[track_caller]
    pub fn index(&self, sources: &[&str], code: i32) -> Value {
        let mut args = vec!["index", "--report", "report.json"];
        args.extend(sources);
        self.run(args).exits(code);
        serde_json::from_slice(&self.read("report.json")).expect("a report is JSON")
    }

    /// The result of a query, as JSON; exits 0 when there are hits, 1 when there are none.
    #[track_caller]
    pub fn search(&self, query: &str) -> Value {
        self.search_with(query, &[])
    }

    #[track_caller]
    pub fn search_with(&self, query: &str, more: &[&str]) -> Value {
        // Every article, also those that tell the same story.
        let mut args = vec!["search", "--format", "json", "--no-collapse"];
        args.extend(if more.contains(&"-n") { &[][..] } else { &["-n", "10000"] });
        args.extend(more);
        // Queries that begin with a minus are no flags.
        args.extend(["--", query]);
        let run = self.run(args);
        let value = run.json();
        let none = value["hits"].as_array().expect("hits").is_empty();
        run.exits(i32::from(none));
        value
    }

    /// Ids of the articles that a query finds.
    #[track_caller]
    pub fn found(&self, query: &str) -> BTreeSet<String> {
        ids(&self.search(query))
    }

    /// An article with its tags.
    #[track_caller]
    pub fn show(&self, id: &str) -> Value {
        self.run(["show", "--format", "json", "--", id]).exits(0).json()
    }
}

/// Ids of the hits of a result.
#[track_caller]
pub fn ids(result: &Value) -> BTreeSet<String> {
    result["hits"].as_array().expect("hits").iter().map(|h| text(&h["id"]).to_owned()).collect()
}

#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no string"))
}

#[track_caller]
pub fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

#[track_caller]
pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// A set of strings, to compare with.
pub fn set<const N: usize>(items: [&str; N]) -> BTreeSet<String> {
    items.map(str::to_owned).into()
}

/// Gives a file a time of change of its own, well back.
pub fn settle(path: &Path) {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let writes = WRITES.fetch_add(1, Ordering::Relaxed);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + writes);
    let file = fs::File::options().write(true).open(path).expect("the file");
    file.set_modified(time).expect("a time of change");
}

/// Copies a folder with what is below it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().expect("a type").is_dir() {
            copy(&from, &to);
        } else {
            fs::write(&to, fs::read(&from).expect("a file")).expect("a copy");
            settle(&to);
        }
    }
}

/// The material beside the repository that some tests measure against, when it is there.
pub fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(part);
    match path.canonicalize() {
        Ok(path) => Some(path),
        Err(_) => {
            eprintln!("skipped: there is no ../shared/{part} beside the repository");
            None
        }
    }
}

/// Checks that every tag of an article has evidence and that each piece of it is the text that stands
/// there; returns how many pieces there were.
#[track_caller]
pub fn check_evidence(id: &str, title: &str, body: &str, tags: &Value) -> usize {
    let mut pieces = 0;
    for facet in ["organization", "province", "country", "commodity"] {
        for tag in list(&tags[facet]) {
            let evidence = list(&tag["evidence"]);
            assert!(!evidence.is_empty(), "{id}: {} has no evidence", tag["path"]);
            for piece in evidence {
                let field = match text(&piece["field"]) {
                    "title" => title,
                    "body" => body,
                    other => panic!("{id}: evidence in the field {other:?}"),
                };
                let (start, end) = (number(&piece["start"]) as usize, number(&piece["end"]) as usize);
                assert!(start < end, "{id}: empty evidence {piece}");
                assert_eq!(
                    field.get(start..end),
                    Some(text(&piece["text"])),
                    "{id}: {piece} of {}",
                    tag["path"]
                );
                pieces += 1;
            }
        }
    }
    pieces
}

/// The index that `OREWIRE_BIG_INDEX` names; without it `None`, and a line that says so.
pub fn big_index() -> Option<PathBuf> {
    let index = std::env::var_os("OREWIRE_BIG_INDEX").map(PathBuf::from);
    if index.is_none() {
        eprintln!("skipped: OREWIRE_BIG_INDEX names no index");
    }
    index
}
