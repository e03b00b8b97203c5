//! What is missing, broken, huge or hostile on the way in: it is named, the rest is indexed, and the
//! exit code says so.

mod common;

use std::{
    fs,
    io::{Read, Write},
    process::Stdio,
    sync::OnceLock,
    time::{Duration, Instant},
};

use common::{Sandbox, list, set, text};
use serde_json::{Value, json};

fn article(id: &str, body: &str) -> String {
    json!({"id": id, "title": format!("Article {id}"), "body": body}).to_string()
}

/// The skipped inputs of a report as `path:line: reason`.
fn skipped(report: &Value) -> Vec<String> {
    let line = |s: &Value| s["line"].as_u64().map_or(String::new(), |l| format!(":{l}"));
    list(&report["skipped"])
        .iter()
        .map(|s| format!("{}{}: {}", text(&s["path"]), line(s), text(&s["reason"])))
        .collect()
}

/// Indexes a folder `news` in which one file can't be used and one can; returns the report.
#[track_caller]
fn with_a_good_one(sandbox: &Sandbox, bad: &str) -> Value {
    sandbox.write("news/good.ndjson", article("good", "Copper from Chile."));
    let report = sandbox.index(&["news"], 5);
    let named: Vec<_> = list(&report["skipped"]).iter().filter(|s| text(&s["path"]) == bad).collect();
    assert_eq!(named.len(), 1, "{bad} in {:?}", skipped(&report));
    assert!(sandbox.found("copper").contains("good"));
    report
}

/// One small index that only queries need.
fn small() -> &'static Sandbox {
    static INDEX: OnceLock<Sandbox> = OnceLock::new();
    INDEX.get_or_init(|| {
        let sandbox = Sandbox::lasting("bad-queries");
        sandbox.write("news/a.txt", "Lithium in Sichuan\n\nA mine in Sichuan sells lithium.");
        sandbox.write("news/b.txt", "四川的锂矿\n\n四川省的锂矿出口增加。");
        sandbox.index(&["news"], 0);
        sandbox
    })
}

#[test]
fn a_missing_source_is_a_usage_error_with_a_hint() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(["index", "nowhere"]).exits(2);
    assert_eq!(run.out, "");
    run.complains_of(&["error: ", "nowhere", "hint: "]);
    assert!(!sandbox.at("index").exists(), "nothing is left behind");
    sandbox.run(["index"]).exits(2).complains_of(&["orewire.toml", "hint: "]);
    sandbox.run(["search", "--refresh", "x"]).exits(2).complains_of(&["orewire.toml", "hint: "]);
    sandbox.run(["tag", "nowhere.txt"]).exits(2).complains_of(&["nowhere.txt"]);
    sandbox.run(["eval", "nowhere"]).complains_of(&["nowhere"]);
}

#[test]
fn memory_for_postings_is_kept_to_and_changes_no_answer() {
    let sandbox = Sandbox::new();
    // No word comes twice, so that a little text takes much memory.
    let body = |n: usize| (0..1_000).map(|w| format!("w{}x", n * 1_000 + w)).collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = (0..300).map(|n| article(&format!("a{n}"), &body(n))).collect();
    sandbox.write("news/all.ndjson", lines.join("\n"));
    let segments = |index: &str, options: &[&str]| {
        sandbox.run([&["index", "news", "-i", index], options].concat()).exits(0);
        let files = fs::read_dir(sandbox.at(index).join("gen-000001")).unwrap();
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|e| e == "store")).count()
    };
    assert_eq!(segments("much", &[]), 1);
    assert!(segments("little", &["--memory", "16"]) > 1, "postings were written before all were read");
    for index in ["much", "little"] {
        let run = sandbox.run(["search", "w123456x", "-i", index, "--format", "json"]).exits(0);
        let answer: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!((&answer["total"], &answer["hits"][0]["id"]), (&json!(1), &json!("a123")));
    }
    for wrong in ["15", "4001", "much"] {
        sandbox.run(["index", "news", "--memory", wrong]).exits(2).complains_of(&["--memory"]);
    }
}

#[test]
fn an_error_about_no_source_names_no_empty_path() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(["index"]).exits(2);
    assert!(!run.err.contains("source :"), "{}", run.err);
}

#[test]
fn unknown_flags_and_commands_exit_2() {
    let sandbox = Sandbox::new();
    for args in [
        &["index", "--nonsense"][..],
        &["search"],
        &["frobnicate"],
        &[],
        &["search", "x", "--format", "yaml"],
        &["search", "x", "-n", "-3"],
        &["eval", ".", "-k", "0"],
    ] {
        let run = sandbox.run(args).exits(2);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{args:?}");
    }
}

#[test]
fn an_empty_folder_is_an_empty_index() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.at("news")).expect("a folder");
    let report = sandbox.index(&["news"], 0);
    assert_eq!((report["articles"].as_u64(), report["published"].as_bool()), (Some(0), Some(true)));
    sandbox.run(["search", "anything"]).exits(1);
    sandbox.run(["check"]).exits(0);
    let status = sandbox.run(["status", "--format", "json"]).exits(0).json();
    assert_eq!(status["articles"], 0);
}

#[test]
fn a_search_without_an_index_exits_3() {
    let sandbox = Sandbox::new();
    for args in [&["search", "x"][..], &["show", "x"], &["status"], &["check"]] {
        sandbox.run(args).exits(3).complains_of(&["no index", "hint: ", "orewire index"]);
    }
    assert!(!sandbox.at("index").exists(), "a search leaves nothing behind");
    let id = small().run(["show", "no such article"]).exits(2);
    id.complains_of(&["no such article", "hint: "]);
}

#[test]
fn a_binary_file_is_skipped() {
    let sandbox = Sandbox::new();
    let mut bytes = vec![0x7F, b'E', b'L', b'F', 2, 1, 1, 0];
    bytes.extend((0..5_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    sandbox.write("news/program.txt", &bytes);
    with_a_good_one(&sandbox, "news/program.txt");
}

#[test]
fn a_broken_line_is_named_and_the_others_are_indexed() {
    let sandbox = Sandbox::new();
    let lines = [
        &article("a", "Copper."),
        "{\"id\": \"b\", \"body\": \"torn",
        &article("c", "Copper."),
        "[1, 2]",
        "{}",
        &article("d", "Copper."),
    ];
    sandbox.write("news/wire.ndjson", lines.join("\n"));
    let report = sandbox.index(&["news"], 5);
    assert_eq!(report["added"], 3);
    assert_eq!(report["skipped_total"], 3);
    let lines: Vec<_> = list(&report["skipped"]).iter().map(|s| s["line"].as_u64()).collect();
    assert_eq!(lines, [Some(2), Some(4), Some(5)], "{:?}", skipped(&report));
    assert_eq!(sandbox.found("copper"), set(["a", "c", "d"]));
    // The next run reads nothing anew and still says what is not in the index.
    let run = sandbox.run(["index", "news"]).exits(5);
    assert!(run.err.contains("news/wire.ndjson:2: "), "{}", run.err);
}

/// 100 MB; 1 GB in the long version.
#[test]
fn a_line_without_end_is_skipped_with_its_number() {
    let bytes = if common::long() { 1 << 30 } else { 100_000_000 };
    let sandbox = Sandbox::new();
    let path = sandbox.write("news/long.ndjson", article("a", "Copper.") + "\n");
    let mut file = std::io::BufWriter::new(fs::File::options().append(true).open(&path).expect("the file"));
    file.write_all(b"{\"id\": \"long\", \"body\": \"").expect("room");
    let chunk = "copper ore ".repeat(100_000);
    for _ in 0..bytes / chunk.len() {
        file.write_all(chunk.as_bytes()).expect("room");
    }
    writeln!(file, "\"}}\n{}", article("z", "Copper.")).expect("room");
    drop(file);
    let report = sandbox.index(&["news"], 5);
    assert_eq!(report["added"], 2);
    assert_eq!(list(&report["skipped"]).len(), 1);
    assert_eq!(report["skipped"][0]["line"], 2, "{:?}", skipped(&report));
    assert_eq!(sandbox.found("copper"), set(["a", "z"]));
}

#[test]
fn rejected_queries_show_the_place_and_the_way_out() {
    let index = small();
    for query in ["", "   ", "\u{3000}"] {
        let run = index.run(["search", query]).exits(2);
        assert_eq!(run.out, "");
        run.complains_of(&["the query is empty", "hint: "]);
    }
    let run = index.run(["search", "锂 lithium provnce:Sichuan"]).exits(2);
    assert_eq!(run.out, "");
    // The caret stands below the misspelt word: two columns for each Han character.
    let run = run.complains_of(&["  锂 lithium provnce:Sichuan\n", "\"province\""]);
    assert!(run.err.contains(&format!("\n  {}^^^^^^^\n", " ".repeat(11))), "{}", run.err);
    for (query, near) in [
        ("province:Sichaun", "Sichuan"),
        ("organization:\"China Rare Erth Group\"", "China Rare Earth Group"),
        ("commodity:litium", "Lithium"),
        ("country:Chlie", "Chile"),
    ] {
        let run = index.run(["search", query]).exits(2);
        run.complains_of(&["^", "hint: did you mean", near]);
    }
    index.run(["search", "lithium", "--facet", "province=Sichaun"]).exits(2).complains_of(&["Sichuan"]);
    index.run(["search", "lithium", "--facet", "provnce=Sichuan"]).exits(2).complains_of(&["province"]);
    index.run(["search", "date:tomorrow"]).exits(2).complains_of(&["^^^^^^^^", "2025-05-29"]);
    index.run(["search", "lang:fr"]).exits(2).complains_of(&["en, zh"]);
    index.run(["search", &"(".repeat(3_000)]).exits(2).complains_of(&["64"]);
    index.run(["search", &"word ".repeat(5_000)]).exits(2).complains_of(&["4096"]);
}

#[test]
fn what_people_type_is_never_rejected() {
    let index = small();
    for query in [
        "\"unbalanced",
        "trailing AND",
        "AND",
        "OR lithium",
        "-",
        "--",
        "+",
        "😀",
        "😀 lithium",
        "https://example.org/a?b=c&d=e",
        "C++",
        "U.S.–China",
        "(lithium",
        "lithium)",
        "()",
        "\"\"",
        "~",
        "*",
        "a:b",
        "12:30",
        "Update: prices",
        "$5,000/t",
        "Ni-Co",
        "AT&T",
        "50%",
        "“锂",
        "锂矿？",
        "《有色金属》",
        "lithium\tSichuan\nmine",
        "\u{202E}lithium",
        "\u{0}".trim_matches('\0'),
        "é",
        "ﬁne",
        "NOT",
        "NOT lithium",
        "-lithium",
        "lithium~ mine~2",
        "*lithium",
        "l*",
        "锂~",
        "锂*",
        "\\",
        "'",
        "a\"b\"c",
        "^2",
        "[1 TO 2]",
        "{}",
        "/china",
    ] {
        if query.is_empty() {
            continue;
        }
        let run = index.run(["search", "--", query]);
        assert!(matches!(run.code, Some(0 | 1)), "{query:?}: {:?}\n{}", run.code, run.err);
        // Nothing found is said there, with what was near.
        assert!(run.code == Some(1) || run.err.is_empty(), "{query:?}: {}", run.err);
        assert!(!run.err.contains("error:"), "{query:?}: {}", run.err);
    }
    for query in ["\"lithium", "lithium AND", "(lithium", "lithium)", "😀 lithium", "lithium\tSichuan"] {
        index.run(["search", query]).exits(0);
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let index = small();
    // More than a pipe holds, so that the program must meet the closed end.
    let batch: String = (0..3_000).map(|n| format!("{}\n", json!({"id": n, "query": "lithium"}))).collect();
    index.write("batch.ndjson", batch);
    let mut command = index.command(["search", "--batch", "batch.ndjson", "--format", "ndjson"]);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut first = [0; 64];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some output");
    let mut err = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
    assert_eq!((child.wait().expect("an end").code(), err.as_str()), (Some(0), ""));
    // Also where nothing was read, and for each command that prints.
    for args in [
        &["search", "lithium"][..],
        &["search", "lithium", "--format", "csv"],
        &["show", "news/a.txt"],
        &["status"],
        &["check"],
        &["tag", "news/a.txt"],
        &["--help"],
        &["search", "--help"],
    ] {
        let mut child =
            index.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        assert_eq!((child.wait().expect("an end").code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_second_writer_is_told_at_once_who_holds_the_lock() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Copper\n\nCopper from Chile.");
    sandbox.index(&["news"], 0);
    let mut lock =
        fs::File::options().read(true).write(true).open(sandbox.at("index/lock")).expect("the lock file");
    lock.lock().expect("the lock is free");
    lock.set_len(0).expect("its text");
    writeln!(lock, "process 4711 (since 2025-05-29T02:00:00Z)").expect("its text");
    let before = sandbox.read("index/CURRENT");
    sandbox.write("news/b.txt", "Copper\n\nCopper from Peru.");
    for args in [&["index", "news"][..], &["index", "news", "--rebuild"], &["gc"]] {
        let started = Instant::now();
        let run = sandbox.run(args).exits(4);
        assert!(started.elapsed() < Duration::from_secs(1), "{args:?} took {:?}", started.elapsed());
        run.complains_of(&["process 4711", "hint: "]);
    }
    assert_eq!(sandbox.read("index/CURRENT"), before);
    sandbox.run(["search", "copper"]).exits(0);
    sandbox.run(["check"]).exits(0);
    drop(lock);
    assert_eq!(sandbox.index(&["news"], 0)["added"], 1);
}
