//! Articles, file names and queries that try to steer the terminal: nothing of that reaches standard
//! output or standard error, in any format.

mod common;

use common::{Run, Sandbox, text};
use serde_json::json;

/// Clears the screen, sets the title and the clipboard, makes a link, moves up, turns text around,
/// breaks lines in JavaScript.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]52;c;aGk=\u{7}\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\\
                       \u{9b}31m\u{85}\u{7f}\u{8}\r\u{202e}txt.exe\u{202c}\u{2066}x\u{2069}\u{200f}\u{61c}\u{2028}\u{2029}<script>alert(1)</script>";

fn steers(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{61c}')
}

#[track_caller]
fn harmless(what: &str, run: &Run) {
    for (name, text) in [("stdout", &run.out), ("stderr", &run.err)] {
        if let Some((at, c)) = text.char_indices().find(|(_, c)| steers(*c)) {
            let around: String =
                text[..at].chars().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect();
            panic!("{what}: {c:?} in {name} after {around:?}");
        }
    }
}

fn hostile() -> Sandbox {
    let sandbox = Sandbox::new();
    let article = json!({
        "id": format!("evil{HOSTILE}"), "title": format!("Copper {HOSTILE} title"),
        "body": format!("Copper from {HOSTILE} Chile. 四川{HOSTILE}的稀土。"),
        "source": format!("Wire {HOSTILE}"), "url": format!("https://example.org/{HOSTILE}"),
        HOSTILE: {"nested": HOSTILE},
    });
    sandbox.write("news/evil.ndjson", format!("{article}\n"));
    // A file's own name, where the system takes it.
    let name = format!("news/{}.txt", HOSTILE.replace(['/', '\\'], "_"));
    if std::fs::write(sandbox.at(&name), format!("Copper {HOSTILE}\n\nCopper from Peru {HOSTILE}.")).is_ok() {
        common::settle(&sandbox.at(&name));
        // And one that is skipped, so that its name comes up in a complaint.
        sandbox.write(name.replace(".txt", ".ndjson"), format!("{{\"{HOSTILE}\": 1}}\nnot JSON {HOSTILE}\n"));
    }
    sandbox
}

#[test]
fn nothing_that_steers_is_printed() {
    let sandbox = hostile();
    let run = sandbox.run(["index", "news", "--report", "report.json"]);
    harmless("index", &run);
    assert!(sandbox.search("copper")["total"].as_u64() >= Some(1));
    for format in ["text", "json", "ndjson", "csv"] {
        for query in ["copper", "稀土", "title:copper", "country:Chile"] {
            let run = sandbox.run(["search", query, "--format", format]).exits(0);
            harmless(&format!("search {query} {format}"), &run);
            assert!(!run.out.is_empty());
        }
    }
    let ids = sandbox.found("copper");
    assert!(!ids.is_empty());
    for id in &ids {
        for format in ["text", "json"] {
            harmless(&format!("show {format}"), &sandbox.run(["show", id, "--format", format]).exits(0));
        }
    }
    for format in ["text", "ndjson"] {
        harmless("tag", &sandbox.run(["tag", "news", "--format", format]));
    }
    for args in [
        &["status"][..],
        &["status", "--format", "json"],
        &["check"],
        &["check", "--format", "json"],
        &["gc"],
    ] {
        harmless(args[0], &sandbox.run(args).exits(0));
    }
    // JSON gives back what came in, and can stand in a page's script.
    let evil = ids.iter().find(|id| id.starts_with("evil")).expect("the article");
    assert!(text(&sandbox.show(evil)["body"]).contains(HOSTILE));
}

#[test]
fn colour_is_the_only_escape_and_only_when_asked_for() {
    let sandbox = hostile();
    sandbox.run(["index", "news", "--quiet"]);
    let run = sandbox.run(["search", "copper", "--color", "always"]).exits(0);
    assert!(run.out.contains('\u{1b}'), "colour was asked for");
    // What is left without the colours is clean.
    let mut rest = String::new();
    let mut parts = run.out.split("\u{1b}[");
    rest.push_str(parts.next().unwrap_or(""));
    for part in parts {
        let (code, after) = part.split_once('m').expect("a colour");
        assert!(code.bytes().all(|b| b.is_ascii_digit() || b == b';'), "{code:?} is no colour");
        rest.push_str(after);
    }
    harmless("search in colour", &Run { out: rest, err: run.err, code: run.code });
    let plain = sandbox
        .command(["search", "copper"])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .output()
        .expect("a run");
    harmless("NO_COLOR", &plain.into());
}

#[test]
fn complaints_carry_nothing_that_steers() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Copper\n\nCopper from Chile.");
    sandbox.index(&["news"], 0);
    let no_nul = HOSTILE;
    for args in [
        vec!["search".to_owned(), format!("provnce:{no_nul}")],
        vec!["search".to_owned(), format!("{no_nul} province:{no_nul}")],
        vec!["search".to_owned(), format!("organization:\"{no_nul}\"")],
        vec!["search".to_owned(), format!("xyzzy{no_nul}")],
        vec!["search".to_owned(), "copper".to_owned(), "--facet".to_owned(), format!("{no_nul}=x")],
        vec!["show".to_owned(), no_nul.to_owned()],
        vec!["index".to_owned(), no_nul.to_owned()],
        vec!["search".to_owned(), "copper".to_owned(), "--index".to_owned(), no_nul.to_owned()],
        vec!["tag".to_owned(), no_nul.to_owned()],
    ] {
        let run = sandbox.run(&args);
        harmless(&format!("{args:?}"), &run);
        assert_ne!(run.code, Some(0), "{args:?}");
    }
    for args in [
        vec!["search", "copper", "--format", HOSTILE],
        vec![HOSTILE],
        vec!["index", "--nope\u{1b}[2J\u{202e}"],
    ] {
        harmless("usage", &sandbox.run(args).exits(2));
    }
    let lines =
        format!("{}\nnot JSON {HOSTILE}\n", json!({"id": HOSTILE, "query": format!("provnce:{HOSTILE}")}));
    harmless("batch", &sandbox.run_with(["search", "--batch", "-", "--format", "ndjson"], lines.as_bytes()));
    sandbox.write("orewire.toml", format!("{HOSTILE} = 1\n"));
    harmless("settings", &sandbox.run(["search", "copper"]).exits(2));
}

#[test]
fn a_cell_is_no_formula() {
    let sandbox = Sandbox::new();
    let article =
        json!({"id": "=1+1", "title": "@SUM(A1) copper", "body": "copper", "source": "-2+3", "url": "+1"});
    sandbox.write("news/a.ndjson", article.to_string());
    sandbox.index(&["news"], 0);
    let run = sandbox.run(["search", "copper", "--format", "csv"]).exits(0);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let row = reader.records().next().expect("a row").expect("a row");
    for cell in &row {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
}
