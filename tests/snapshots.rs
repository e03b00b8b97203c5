//! What people see, to the letter: `tests/snapshots/` holds the output of each command and of each kind
//! of error over a small corpus, at two widths. `OREWIRE_UPDATE_SNAPSHOTS=1` writes them anew.

mod common;

use std::{fs, path::Path, sync::OnceLock};

use common::{Run, Sandbox};
use serde_json::json;

fn corpus() -> &'static Sandbox {
    static INDEX: OnceLock<Sandbox> = OnceLock::new();
    INDEX.get_or_init(|| {
        let sandbox = Sandbox::lasting("snapshots");
        let english = json!({
            "id": "en-1", "title": "Chile and China sign a lithium pact", "date": "2025-03-04", "source": "Pier Nine",
            "url": "https://example.org/en-1", "desk": "metals",
            "body": "SQM will ship lithium carbonate from Antofagasta to Sichuan.\n\nThe mills of Chengdu take half of it; rare earth magnets go the other way.",
        });
        let chinese = json!({
            "id": "zh-1", "title": "四川稀土出口下降", "date": "2025-03-05", "source": "九号码头",
            "body": "四川省三月稀土出口下降。中国稀土集团称，凉山的矿山照常生产，冕宁县的冶炼厂正在检修。",
        });
        sandbox.write("news/wire.ndjson", format!("{english}\n{chinese}\n"));
        sandbox.write("news/notes.txt", "Cocoa in Ghana\n\nRain delays the cocoa harvest of Ghana. No metal is in this one.");
        sandbox.index(&["news"], 0);
        sandbox
    })
}

/// Compares an output with its snapshot; differences are printed line by line.
fn compare(name: &str, got: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    if std::env::var_os("OREWIRE_UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, got).expect("a snapshot");
        return Ok(());
    }
    let want = fs::read_to_string(&path).unwrap_or_default();
    if want == got {
        return Ok(());
    }
    let (old, new): (Vec<_>, Vec<_>) = (want.lines().collect(), got.lines().collect());
    let mut diff = format!("{name} (OREWIRE_UPDATE_SNAPSHOTS=1 writes it anew):\n");
    for n in 0..old.len().max(new.len()) {
        let (a, b) = (old.get(n), new.get(n));
        if a == b {
            continue;
        }
        a.inspect(|l| diff.push_str(&format!("  {:>3} - {l}\n", n + 1)));
        b.inspect(|l| diff.push_str(&format!("  {:>3} + {l}\n", n + 1)));
    }
    Err(diff)
}

/// Replaces what differs from run to run: times, sizes, folders, the moment of publication.
fn settled(text: &str, sandbox: &Sandbox) -> String {
    let text = text.replace(&sandbox.path().display().to_string(), "FOLDER");
    let mut out = String::new();
    for line in text.lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        for at in 0..words.len() {
            let next = words
                .get(at + 1)
                .map_or("", |w| w.trim_end_matches("\u{1b}[0m").trim_end_matches([',', ';', '.']))
                .to_owned();
            let number = words[at].trim_end_matches(',').parse::<f64>().is_ok();
            let bare = words[at].trim_end_matches(',');
            let is_time = bare.len() >= 20 && bare.ends_with('Z') && bare.contains('T');
            if number && ["ms", "s", "B", "KiB", "MiB", "files", "bytes"].contains(&next.as_str()) {
                words[at] = "#".into();
            } else if bare.len() > 5 && bare.bytes().all(|b| b.is_ascii_digit()) {
                // The size of a file.
                words[at] = "#".into();
            } else if is_time {
                words[at] = words[at].replace(bare, "TIME");
            }
        }
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    if let Some((before, rest)) = out.split_once("\"took_us\":") {
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        out = format!("{before}\"took_us\":#{rest}");
    }
    out
}

fn shown(args: &[&str], run: &Run, sandbox: &Sandbox) -> String {
    let code = run.code.unwrap_or(-1);
    let mut text = format!("$ orewire {}\n# exit {code}\n", args.join(" "));
    text.push_str(&run.out);
    if !run.err.is_empty() {
        text.push_str("# stderr\n");
        text.push_str(&run.err);
    }
    settled(&text, sandbox)
}

#[track_caller]
fn check(sandbox: &Sandbox, name: &str, commands: &[&[&str]]) {
    let mut failed = Vec::new();
    for columns in [60, 120] {
        let mut all = String::new();
        for args in commands {
            let output = sandbox.command(*args).env("COLUMNS", columns.to_string()).output().expect("a run");
            all.push_str(&shown(args, &output.into(), sandbox));
            all.push('\n');
        }
        failed.extend(compare(&format!("{name}-{columns}.txt"), &all).err());
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn search() {
    check(
        corpus(),
        "search",
        &[
            &["search", "rare earth 四川"],
            &["search", "稀土"],
            &["search", "lithium", "--facets", "0"],
            &["search", "province:Sichuan", "-n", "1", "--offset", "1"],
            &["search", "lithium", "--color", "always", "--facets", "0"],
            &["search", "molybdenum"],
        ],
    );
}

#[test]
fn show_and_tag() {
    check(
        corpus(),
        "show",
        &[
            &["show", "en-1"],
            &["show", "zh-1"],
            &["show", "news/notes.txt"],
            &["show", "zh-1", "--format", "json"],
        ],
    );
    check(corpus(), "tag", &[&["tag", "news/notes.txt"], &["tag", "news/wire.ndjson", "--format", "ndjson"]]);
}

#[test]
fn more_of_search() {
    check(
        corpus(),
        "search-more",
        &[
            &["search", "lithium", "--format", "csv"],
            &["search", "稀土", "--format", "markdown"],
            &["search", "lithium", "--format", "ndjson"],
            &["search", "rare earth", "--timeline", "month", "--facets", "0"],
            &["search", "稀土", "--explain", "--facets", "0", "-n", "1"],
            &["search", "lithium", "-n", "1", "--offset", "5", "--facets", "0"],
            &["search", "lithum"],
            &["search", "+gallium +cobalt"],
            &["similar", "en-1"],
            &["suggest", "Sich"],
            &["suggest", "四"],
            &["suggest", "zzzz"],
            &["gazetteer", "find", "四川"],
            &["gazetteer", "find", "Nowhereland"],
        ],
    );
}

/// A folder's life: settings, a first run, one with nothing new, one with something that can't be read.
#[test]
fn index() {
    for columns in ["60", "120"] {
        let sandbox = Sandbox::new();
        sandbox.write("news/a.txt", "Tin\n\nTin ore from Bolivia.");
        let mut all = String::new();
        let mut run = |args: &[&str]| {
            let output = sandbox.command(args).env("COLUMNS", columns).output().expect("a run");
            all.push_str(&shown(args, &output.into(), &sandbox));
            all.push('\n');
        };
        run(&["init", "news"]);
        run(&["init", "news"]);
        run(&["index"]);
        run(&["index"]);
        run(&["index", "--quiet"]);
        sandbox.write("news/b.ndjson", "{\"id\": \"b\", \"body\": \"Lead and zinc.\"}\n{\"id\": \n");
        run(&["index"]);
        run(&["search", "--refresh", "tin", "--facets", "0"]);
        run(&["gc"]);
        run(&["gc"]);
        run(&["status"]);
        compare(&format!("index-{columns}.txt"), &all).unwrap_or_else(|diff| panic!("{diff}"));
    }
}

#[test]
fn status() {
    check(corpus(), "status", &[&["status"], &["check"]]);
}

#[test]
fn help() {
    check(
        corpus(),
        "help",
        &[
            &["--help"],
            &["-h"],
            &["search", "--help"],
            &["index", "--help"],
            &["tag", "--help"],
            &["eval", "-h"],
        ],
    );
}

#[test]
fn help_of_every_command() {
    check(
        corpus(),
        "help-commands",
        &[
            &["show", "--help"],
            &["similar", "--help"],
            &["suggest", "--help"],
            &["eval", "--help"],
            &["status", "--help"],
            &["check", "--help"],
            &["gazetteer", "--help"],
            &["gazetteer", "check", "--help"],
            &["gazetteer", "find", "--help"],
            &["gc", "--help"],
            &["init", "--help"],
            &["completions", "--help"],
            &["man", "--help"],
            &["help", "--help"],
            &["help", "query", "--lang", "both"],
        ],
    );
}

#[test]
fn errors_of_usage() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "Tin\n\nTin ore.");
    sandbox.write("unknown.toml", "sources = [\"news\"]\nindx = \"i\"\n");
    sandbox.write("broken.toml", "sources = [\n");
    sandbox.write("names.csv", "path,kind\n/x\n");
    sandbox.write("batch.ndjson", "{\"id\": 1, \"query\": \"tin\"}\n{\"id\": 2}\n");
    sandbox.write("judged/corpus.jsonl", "{\"_id\": \"1\", \"title\": \"Tin\", \"text\": \"Tin ore.\"}\n");
    sandbox.index(&["a.txt"], 0);
    let long = "tin ".repeat(2_000);
    let deep = "(".repeat(100) + "tin";
    check(
        &sandbox,
        "errors-usage",
        &[
            &["serach", "tin"],
            &["search", "tin", "--fromat", "json"],
            &["search", "tin", "-n", "many"],
            &["search", "tin", "--recency", "3x"],
            &["search", "tin", "--quiet", "--verbose"],
            &["search", "--batch", "nowhere.ndjson"],
            &["search", "--batch", "batch.ndjson", "--format", "ndjson"],
            &["search", "(tin AND"],
            &["search", "source:"],
            &["similar", "nowhere"],
            &["tag", "nowhere.txt"],
            &["index", "a.txt", "--report", "."],
            &["index", "a.txt", "--config", "nowhere.toml"],
            &["index", "a.txt", "--config", "unknown.toml"],
            &["index", "a.txt", "--config", "broken.toml"],
            &["gazetteer", "check", "nowhere.csv"],
            &["gazetteer", "check", "names.csv"],
            &["eval", "nowhere"],
            &["eval", "judged"],
            &["eval", "judged", "--weights", "{"],
            &["eval", "judged", "-k", "0"],
            &["completions", "tcsh"],
            &["help", "nonsense"],
        ],
    );
    for (what, query) in [("too long", long), ("too deep", deep)] {
        let run = sandbox.run(["search", &query]).exits(2);
        assert!(run.err.contains("hint: "), "{what}: {}", run.err);
    }
}

/// An index that can't be read, or not written: exit codes 3 and 4.
#[test]
fn errors_of_an_index() {
    for columns in ["60", "120"] {
        let sandbox = Sandbox::new();
        sandbox.write("news/a.txt", "Tin\n\nTin ore from Bolivia.");
        sandbox.index(&["news"], 0);
        let mut all = String::new();
        let mut run = |args: &[&str]| {
            let output = sandbox.command(args).env("COLUMNS", columns).output().expect("a run");
            all.push_str(&shown(args, &output.into(), &sandbox));
            all.push('\n');
        };
        // Another run holds the lock.
        let lock =
            fs::File::options().read(true).write(true).open(sandbox.at("index/lock")).expect("the lock");
        fs::write(sandbox.at("index/lock"), "process 4711, since 2025-03-04T05:06:07Z").expect("a holder");
        lock.lock().expect("a free lock");
        run(&["index", "news", "--rebuild"]);
        run(&["gc"]);
        drop(lock);
        // The disk of the sources is not there.
        sandbox.remove("news/a.txt");
        run(&["index", "news"]);
        // Files of the index are not what they were.
        let records = sandbox.at("index/gen-000001/names.bin");
        let mut bytes = fs::read(&records).expect("a file");
        let middle = bytes.len() / 2;
        bytes.truncate(middle);
        fs::write(&records, bytes).expect("a damaged file");
        run(&["search", "tin"]);
        run(&["check"]);
        run(&["status"]);
        fs::write(sandbox.at("index/CURRENT"), "nonsense").expect("a damaged file");
        run(&["search", "tin"]);
        run(&["check", "--format", "json"]);
        compare(&format!("errors-index-{columns}.txt"), &all).unwrap_or_else(|diff| panic!("{diff}"));
    }
}

#[test]
fn errors() {
    let sandbox = Sandbox::new();
    sandbox.write("broken.ndjson", "{\"id\": \"a\", \"body\": \"Copper.\"}\n{\"id\": \n");
    check(
        &sandbox,
        "errors-no-index",
        &[
            &["search", "copper"],
            &["show", "a"],
            &["index"],
            &["index", "nowhere"],
            &["search", "--refresh", "copper"],
            &["frobnicate"],
            &["search"],
            &["search", "copper", "--format", "yaml"],
            &["tag", "broken.ndjson"],
        ],
    );
    check(
        corpus(),
        "errors-query",
        &[
            &["search", ""],
            &["search", "lithium provnce:Sichuan"],
            &["search", "稀土 AND province:Sichaun"],
            &["search", "organization:\"China Rare Erth Group\" lithium"],
            &["search", "date:yesterday"],
            &["search", "lang:fr"],
            &["search", "lithium", "--facet", "nonsense"],
            &["show", "no-such-id"],
        ],
    );
}
