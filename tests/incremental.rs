//! Runs after the first: they do what changed and no more, publish whole states only, and tell damage.

mod common;

use std::{fs, process::Stdio, time::Duration};

use common::{Sandbox, list, number, set, settle, text};
use serde_json::{Value, json};

/// Added, updated, unchanged and removed.
fn counts(report: &Value) -> [u64; 4] {
    ["added", "updated", "unchanged", "removed"].map(|name| number(&report[name]))
}

fn article(id: &str, body: &str) -> String {
    json!({"id": id, "body": body}).to_string() + "\n"
}

fn three() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Copper\n\nCopper from Chile.");
    sandbox.write("news/b.txt", "Lithium\n\nLithium from Qinghai.");
    sandbox.write("news/c.ndjson", article("one", "Tin from Yunnan.") + &article("two", "Tin from Bangka."));
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [4, 0, 0, 0]);
    sandbox
}

#[test]
fn only_what_changed_is_done() {
    let sandbox = three();
    sandbox.write("news/d.txt", "Cobalt\n\nCobalt from Katanga.");
    let report = sandbox.index(&["news"], 0);
    assert_eq!((counts(&report), &report["generation"]), ([1, 0, 4, 0], &json!("gen-000002")));
    sandbox.write("news/a.txt", "Zinc\n\nZinc from Peru.");
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 1, 4, 0]);
    assert_eq!((sandbox.found("copper"), sandbox.found("zinc")), (set([]), set(["news/a.txt"])));
    assert_eq!(sandbox.found("country:Chile"), set([]));
    // One line of two.
    sandbox.write(
        "news/c.ndjson",
        article("one", "Tin from Yunnan.") + &article("two", "Nickel from Sulawesi."),
    );
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 1, 4, 0]);
    assert_eq!((sandbox.found("tin"), sandbox.found("nickel")), (set(["one"]), set(["two"])));
    sandbox.remove("news/b.txt");
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 0, 4, 1]);
    assert_eq!(sandbox.found("lithium"), set([]));
    // An id that comes from the path goes with the name; one of the article's own stays.
    fs::rename(sandbox.at("news/d.txt"), sandbox.at("news/e.txt")).expect("a new name");
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [1, 0, 3, 1]);
    assert_eq!(sandbox.found("cobalt"), set(["news/e.txt"]));
    fs::rename(sandbox.at("news/c.ndjson"), sandbox.at("news/f.ndjson")).expect("a new name");
    let report = sandbox.index(&["news"], 0);
    assert_eq!(
        (number(&report["added"]), number(&report["removed"]), &report["articles"]),
        (0, 0, &json!(4))
    );
    assert_eq!(sandbox.show("one")["path"], "news/f.ndjson");
    assert_eq!(sandbox.search("tin OR nickel OR cobalt OR zinc")["total"], 4);
    sandbox.run(["check"]).exits(0);
}

#[test]
fn an_unchanged_run_publishes_nothing() {
    let sandbox = three();
    let before = sandbox.read("index/CURRENT");
    let report = sandbox.index(&["news"], 0);
    assert_eq!((counts(&report), &report["published"]), ([0, 0, 4, 0], &json!(false)));
    assert_eq!(report["bytes_read"], 0);
    assert_eq!(sandbox.read("index/CURRENT"), before);
}

/// Files that were written just before the first run, as after a checkout.
#[test]
fn an_unchanged_run_right_after_a_checkout_publishes_nothing() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.at("news")).expect("a folder");
    fs::write(sandbox.at("news/a.txt"), "Copper\n\nCopper from Chile.").expect("a file");
    sandbox.index(&["news"], 0);
    let before = sandbox.read("index/CURRENT");
    std::thread::sleep(Duration::from_millis(2_200));
    for _ in 0..2 {
        let report = sandbox.index(&["news"], 0);
        assert_eq!((counts(&report), &report["published"]), ([0, 0, 1, 0], &json!(false)));
    }
    assert_eq!(sandbox.read("index/CURRENT"), before);
}

/// Two writes within the grain of the file system's clock, of the same size.
#[test]
fn a_change_that_size_and_time_do_not_tell_is_found() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.at("news")).expect("a folder");
    let path = sandbox.at("news/a.txt");
    fs::write(&path, "Ore\n\nCopper from Chile.").expect("a file");
    let time = fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
    sandbox.index(&["news"], 0);
    fs::write(&path, "Ore\n\nNickel from Chile.").expect("a file");
    fs::File::options().write(true).open(&path).and_then(|f| f.set_modified(time)).expect("the same time");
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 1, 0, 0]);
    assert_eq!(sandbox.found("nickel"), set(["news/a.txt"]));
}

#[test]
fn a_rebuild_does_everything_anew() {
    let sandbox = three();
    let before = sandbox.search("tin OR lithium OR copper")["hits"].clone();
    let run = sandbox.run(["index", "news", "--rebuild", "--report", "report.json"]).exits(0);
    assert!(run.out.contains("4 added") && run.out.contains("Built anew: asked for"), "{}", run.out);
    let report: Value = serde_json::from_slice(&sandbox.read("report.json")).expect("JSON");
    assert_eq!((&report["rebuilt_because"], &report["published"]), (&json!("asked for"), &json!(true)));
    assert_eq!(sandbox.search("tin OR lithium OR copper")["hits"], before);
}

#[test]
fn an_update_leaves_what_a_rebuild_would() {
    let sandbox = three();
    for n in 0..5 {
        sandbox.write("news/b.txt", format!("Lithium\n\nLithium from Qinghai, lot {n}."));
        sandbox.write(format!("news/n{n}.txt"), format!("Lot {n}\n\nTin from Yunnan, lot {n}. 云南的锡。"));
        sandbox.index(&["news"], 0);
    }
    sandbox.remove("news/n0.txt");
    sandbox.index(&["news"], 0);
    let plain = |result: Value| (result["total"].clone(), common::ids(&result), result["facets"].clone());
    let queries = ["tin", "锡", "lithium", "province:Yunnan", "lot -tin", "\"from Yunnan\""];
    let updated = queries.map(|q| plain(sandbox.search(q)));
    sandbox.run(["index", "news", "--rebuild"]).exits(0);
    assert_eq!(updated, queries.map(|q| plain(sandbox.search(q))));
}

#[test]
fn new_names_tag_everything_anew() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Oxide\n\nZorblax Minerals buys oxide. 佐布拉矿业购买氧化物。");
    sandbox.write("orewire.toml", "sources = [\"news\"]\n");
    sandbox.index(&[], 0);
    sandbox.run(["search", "organization:\"佐布拉矿业\""]);
    sandbox.write(
        "mine.csv",
        "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n\
         /zorblax-minerals,company,Zorblax Minerals,佐布拉矿业,ZBX,,CN,,1\n",
    );
    sandbox.write("orewire.toml", "sources = [\"news\"]\n[gazetteer]\norganizations = [\"mine.csv\"]\n");
    let report = sandbox.index(&[], 0);
    assert_eq!(report["rebuilt_because"], "the names changed");
    for query in ["organization:\"Zorblax Minerals\"", "organization:佐布拉矿业", "organization:ZBX"] {
        assert_eq!(sandbox.found(query), set(["news/a.txt"]), "{query}");
    }
    let tags = sandbox.show("news/a.txt")["tags"]["organization"].clone();
    assert_eq!(list(&tags)[0]["path"], "/zorblax-minerals");
    assert_eq!(sandbox.index(&[], 0)["published"], false);
    // A broken table names its line and leaves the index as it was.
    let before = sandbox.read("index/CURRENT");
    sandbox.write(
        "mine.csv",
        "path,kind,name_en,name_zh,aliases,code,country,parent,weight\nno-slash,company,X,,,,,,\n",
    );
    let run = sandbox.run(["index"]);
    assert!(matches!(run.code, Some(2 | 4)), "{:?} {}", run.code, run.err);
    run.complains_of(&["mine.csv", "line 2", "hint: "]);
    assert_eq!(sandbox.read("index/CURRENT"), before);
}

#[test]
fn new_words_segment_everything_anew() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "锂\n\n东方的氯碘钒钛矿投产。");
    sandbox.write("orewire.toml", "sources = [\"news\"]\n");
    sandbox.index(&[], 0);
    sandbox.write("words.txt", "# own words\n氯碘钒钛矿\n");
    sandbox.write("orewire.toml", "sources = [\"news\"]\n[segmenter]\nwords = [\"words.txt\"]\n");
    let report = sandbox.index(&[], 0);
    assert!(report["rebuilt_because"].is_string(), "{report}");
    assert_eq!(sandbox.found("氯碘钒钛矿"), set(["news/a.txt"]));
    sandbox.write("orewire.toml", "suorces = []\n");
    sandbox.run(["search", "锂"]).exits(2).complains_of(&["orewire.toml", "suorces", "line 1"]);
}

#[test]
fn the_first_of_two_articles_with_one_id_counts() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.ndjson", article("same", "Copper from Chile."));
    sandbox.write("news/b.ndjson", article("same", "Nickel from Sulawesi.") + &article("other", "Tin."));
    for _ in 0..2 {
        let report = sandbox.index(&["news"], 5);
        assert_eq!((number(&report["articles"]), number(&report["skipped_total"])), (2, 1));
        assert!(text(&report["skipped"][0]["reason"]).contains("\"same\""), "{report}");
        assert_eq!((sandbox.found("copper"), sandbox.found("nickel")), (set(["same"]), set([])));
    }
    // When the first goes, the second takes its place.
    sandbox.remove("news/a.ndjson");
    let report = sandbox.index(&["news"], 0);
    assert_eq!(number(&report["articles"]), 2, "{report}");
    assert_eq!((sandbox.found("copper"), sandbox.found("nickel")), (set([]), set(["same"])));
    // And one that comes to stand before it takes it back.
    sandbox.write("news/0.ndjson", article("same", "Zinc from Peru."));
    let report = sandbox.index(&["news"], 5);
    assert_eq!(number(&report["articles"]), 2, "{report}");
    assert_eq!((sandbox.found("zinc"), sandbox.found("nickel")), (set(["same"]), set([])));
    sandbox.run(["check"]).exits(0);
}

#[test]
fn status_check_and_gc_tell_the_state() {
    let sandbox = three();
    for n in 0..3 {
        sandbox.write("news/a.txt", format!("Copper\n\nCopper, lot {n}."));
        sandbox.index(&["news"], 0);
    }
    let status = sandbox.run(["status", "--format", "json"]).exits(0).json();
    assert_eq!((&status["articles"], &status["generation"]), (&json!(4), &json!("gen-000004")));
    assert_eq!(status["sources"], json!(["news"]));
    assert!(
        number(&status["index_bytes"]) > number(&status["text_bytes"]) && number(&status["text_bytes"]) > 0
    );
    let check = sandbox.run(["check", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&check["sound"], &check["articles"], &check["problems"]),
        (&json!(true), &json!(4), &json!([]))
    );
    let generations = || {
        fs::read_dir(sandbox.at("index")).expect("the index").flatten().filter(|e| e.path().is_dir()).count()
    };
    assert!(generations() <= 2, "older generations go by themselves");
    fs::create_dir(sandbox.at("index/gen-000009.tmp")).expect("a folder");
    sandbox.run(["gc"]).exits(0);
    assert!(!sandbox.at("index/gen-000009.tmp").exists());
    assert_eq!(sandbox.search("copper")["total"], 1);
}

/// Kills runs at moments spread over their length: a search always answers one whole state, and the
/// next run completes.
#[test]
fn a_killed_run_leaves_one_published_state() {
    let kills = if std::env::var_os("OREWIRE_LONG_TESTS").is_some() { 200 } else { 10 };
    const ARTICLES: u64 = 200;
    let sandbox = Sandbox::new();
    let write = |word: &str| {
        for file in 0..4 {
            let lines: String = (0..ARTICLES / 4)
                .map(|n| article(&format!("{file}-{n}"), &format!("{word} lot {n}")))
                .collect();
            sandbox.write(format!("news/{file}.ndjson"), lines);
        }
    };
    let states = || ["alpha", "omega"].map(|w| number(&sandbox.search(w)["total"]));
    write("alpha");
    let started = std::time::Instant::now();
    sandbox.index(&["news"], 0);
    let length = started.elapsed();
    assert_eq!(states(), [ARTICLES, 0]);
    let (mut now, mut killed) = (0, 0);
    for kill in 0..kills {
        let next = 1 - now;
        write(["alpha", "omega"][next]);
        let mut child = sandbox
            .command(["index", "news", "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(length.mul_f64(f64::from(kill) / f64::from(kills - 1) * 1.1));
        let _ = child.kill();
        let ended = child.wait().expect("an end");
        killed += u32::from(ended.code().is_none());
        let state = states();
        assert!(state == [ARTICLES, 0] || state == [0, ARTICLES], "after kill {kill}: {state:?}");
        now = usize::from(state[1] > 0);
        sandbox.run(["check"]).exits(0);
        // Every third time the next run starts from what the killed one left.
        if kill % 3 == 2 {
            sandbox.index(&["news"], 0);
            assert_eq!(states()[next], ARTICLES);
            now = next;
        }
    }
    assert!(killed > 0, "every run had ended before it was killed");
    sandbox.index(&["news"], 0);
    let left: Vec<_> =
        fs::read_dir(sandbox.at("index")).expect("the index").flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|n| n.to_string_lossy().ends_with(".tmp")), "{left:?}");
}

#[test]
fn a_first_run_that_is_killed_leaves_no_index() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Copper\n\nCopper from Chile.");
    let mut child = sandbox
        .command(["index", "news"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a start");
    std::thread::sleep(Duration::from_millis(60));
    let _ = child.kill();
    let _ = child.wait();
    let run = sandbox.run(["search", "copper"]);
    assert!(run.code == Some(0) || run.exits(3).err.contains("no index"));
    sandbox.index(&["news"], 0);
    assert_eq!(sandbox.found("copper"), set(["news/a.txt"]));
}

/// Between the rename of the first generation and that of its pointer, nothing is published: no index,
/// where "CURRENT is missing" used to be told.
#[test]
fn a_kill_between_the_first_rename_and_its_pointer_leaves_no_index() {
    let sandbox = three();
    fs::rename(sandbox.at("index/CURRENT"), sandbox.at("index/CURRENT.tmp")).expect("the pointer");
    for command in ["search", "show"] {
        sandbox.run([command, "tin"]).exits(3).complains_of(&["no index", "hint: "]);
    }
    for command in ["status", "check", "gc"] {
        sandbox.run([command]).exits(3).complains_of(&["no index", "hint: "]);
    }
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [4, 0, 0, 0]);
    assert_eq!(sandbox.found("tin"), set(["one", "two"]));
    sandbox.run(["check"]).exits(0);
    let left = fs::read_dir(sandbox.at("index")).expect("the index").count();
    assert_eq!(left, 4, "the pointer, the lock, the note of the last run and one generation");
}

/// Flips one byte at a time in each file of the published generation.
#[test]
fn a_flipped_byte_is_found_and_never_believed() {
    let sandbox = three();
    let pointer = String::from_utf8(sandbox.read("index/CURRENT")).expect("text");
    let generation = format!("index/{}", pointer.split(' ').next().expect("a name"));
    let want = [sandbox.found("tin"), sandbox.found("province:Yunnan")];
    let mut files = vec!["index/CURRENT".to_owned()];
    for entry in fs::read_dir(sandbox.at(&generation)).expect("the generation").flatten() {
        files.push(format!("{generation}/{}", entry.file_name().to_string_lossy()));
    }
    assert!(files.len() > 6, "{files:?}");
    let mut wrong = Vec::new();
    for file in &files {
        let whole = sandbox.read(file);
        let places = [0, whole.len() / 3, whole.len() * 2 / 3, whole.len().saturating_sub(1)];
        for place in places.into_iter().filter(|p| *p < whole.len()) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x10;
            fs::write(sandbox.at(file), &bytes).expect("a damaged file");
            let check = sandbox.command(["check"]).output().expect("the program starts");
            let said = String::from_utf8_lossy(&[check.stdout, check.stderr].concat()).into_owned();
            let name = file.rsplit('/').next().expect("a name");
            if check.status.code() != Some(3) || !said.contains(name) {
                wrong.push(format!("{file}:{place}: check {:?} {said}", check.status.code()));
            }
            for (query, want) in ["tin", "province:Yunnan"].iter().zip(&want) {
                let search = sandbox
                    .command(["search", "--format", "json", query])
                    .output()
                    .expect("the program starts");
                let right = || {
                    let value = serde_json::from_slice::<Value>(&search.stdout).unwrap_or_default();
                    value["hits"].is_array() && common::ids(&value) == *want
                };
                let said = String::from_utf8_lossy(&search.stderr);
                let sound = match search.status.code() {
                    Some(0) => right(),
                    code => code == Some(3),
                };
                if !sound || said.contains("panicked") {
                    wrong.push(format!(
                        "{file}:{place}: {query} {:?} {}",
                        search.status.code(),
                        said.lines().next().unwrap_or("")
                    ));
                }
            }
        }
        fs::write(sandbox.at(file), &whole).expect("the file as it was");
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    sandbox.run(["check"]).exits(0);
}

#[test]
fn the_next_run_mends_a_damaged_index() {
    let sandbox = three();
    let names = sandbox.at("index/gen-000001/names.bin");
    let mut bytes = fs::read(&names).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&names, bytes).expect("a file");
    let report = sandbox.index(&["news"], 0);
    assert!(text(&report["rebuilt_because"]).contains("names.bin"), "{report}");
    assert_eq!(counts(&report), [4, 0, 0, 0]);
    sandbox.run(["check"]).exits(0);
    sandbox.remove("index/CURRENT");
    sandbox.run(["search", "tin"]).exits(3).complains_of(&["CURRENT", "hint: "]);
    assert!(sandbox.index(&["news"], 0)["rebuilt_because"].is_string());
    assert_eq!(sandbox.found("tin"), set(["one", "two"]));
    // A file that only lost its time is no change.
    settle(&sandbox.at("news/a.txt"));
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 0, 4, 0]);
}
