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
    let report = String::from_utf8(sandbox.read("report.json")).expect("UTF-8");
    harmless("the report", &Run { out: report, err: String::new(), code: None });
    assert!(sandbox.search("copper")["total"].as_u64() >= Some(1));
    for format in ["text", "json", "ndjson", "csv", "markdown", "html"] {
        for query in ["copper", "稀土", "title:copper", "country:Chile"] {
            let run = sandbox.run(["search", query, "--format", format]).exits(0);
            harmless(&format!("search {query} {format}"), &run);
            if format == "html" {
                harmless_page(&run.out);
            }
            if format == "markdown" {
                assert!(!run.out.contains("<script"), "{}", run.out);
            }
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

/// A page in which what articles brought is text: no element of theirs, nothing that runs or is loaded.
#[track_caller]
fn harmless_page(page: &str) {
    let parsed = scraper::Html::parse_document(page);
    let known = [
        "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p", "ol",
        "li", "a", "mark", "time", "span", "div", "section", "table", "tbody", "tr", "td",
    ];
    // What is opened is closed.
    for name in known.iter().filter(|name| **name != "meta") {
        let opened = page.matches(&format!("<{name}>")).count() + page.matches(&format!("<{name} ")).count();
        assert_eq!(opened, page.matches(&format!("</{name}>")).count(), "<{name}> in {page}");
    }
    for node in parsed.tree.values() {
        let Some(element) = node.as_element() else { continue };
        assert!(known.contains(&element.name()), "<{}> in {page}", element.name());
        for (name, value) in element.attrs() {
            assert!(!name.starts_with("on"), "{name} of <{}>", element.name());
            if name == "href" {
                assert!(value.starts_with("https://example.org/"), "{value}");
                assert!(value.bytes().all(|b| b.is_ascii_graphic()), "{value}");
            }
            assert!(!["src", "action", "srcdoc"].contains(&name), "{name} of <{}>", element.name());
        }
    }
}

#[test]
fn links_lead_to_the_web_and_nothing_ends_them_early() {
    let sandbox = hostile();
    let article =
        json!({"id": "js", "title": "Copper link", "body": "copper", "url": "javascript:alert(1)//https://"});
    sandbox.write("news/js.ndjson", article.to_string());
    sandbox.run(["index", "news", "--quiet"]);
    let run: Run = sandbox
        .command(["search", "copper", "--color", "always"])
        .env("FORCE_HYPERLINK", "1")
        .output()
        .expect("a run")
        .into();
    let mut links = 0;
    let mut rest = run.out.as_str();
    while let Some(at) = rest.find("\u{1b}]8;;") {
        let (address, after) = rest[at + 5..].split_once("\u{1b}\\").expect("the end of a link");
        assert!(address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "{address:?}");
        let known = ["https://example.org/", "file:///"].iter().any(|p| address.starts_with(p));
        assert!(address.is_empty() || known, "{address:?}");
        links += usize::from(!address.is_empty());
        rest = after;
    }
    assert!(links > 0, "{}", run.out);
    // None in a pipe, unless colour was asked for, too.
    let piped: Run =
        sandbox.command(["search", "copper"]).env("FORCE_HYPERLINK", "1").output().expect("a run").into();
    harmless("a pipe", &piped);
    for format in ["markdown", "html"] {
        let run = sandbox.run(["search", "copper", "--format", format]).exits(0);
        assert!(run.out.contains(" link") && !run.out.contains("](<javascript"), "{}", run.out);
        assert!(!run.out.contains("href=\"javascript"), "{}", run.out);
    }
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
    let second =
        json!({"id": "\t=1", "title": "\r=2 copper", "body": "=copper", "source": "＝1", "url": "\n@x"});
    sandbox.write("news/a.ndjson", format!("{article}\n{second}\n"));
    sandbox.index(&["news"], 0);
    let run = sandbox.run(["search", "copper", "--format", "csv"]).exits(0);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let rows: Vec<_> = reader.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 2);
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell:?}");
    }
}
