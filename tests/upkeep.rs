//! What those who look after an index are told: the report of a run, `status`, `check` and `gc`, when all
//! is well and when it is not.

mod common;

use std::{
    fs,
    time::{Duration, Instant},
};

use common::{Sandbox, list, number, text};
use serde_json::{Value, json};

fn with_news() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Copper\n\nCopper from Chile.");
    sandbox.write(
        "news/b.ndjson",
        json!({"id": "b", "body": "Tin.", "date": "2025-03-04"}).to_string()
            + "\n"
            + &json!({"id": "c", "body": "Zinc.", "date": "2024-02-29"}).to_string(),
    );
    sandbox.index(&["news"], 0);
    sandbox
}

fn report(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&sandbox.read("report.json")).expect("a report is JSON")
}

fn generation(sandbox: &Sandbox) -> String {
    let pointer = String::from_utf8(sandbox.read("index/CURRENT")).expect("text");
    format!("index/{}", pointer.split(' ').next().expect("a name"))
}

fn is_time(value: &Value) -> bool {
    text(value).parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn a_run_that_fails_reports_why() {
    let sandbox = with_news();
    let first = report(&sandbox);
    assert_eq!((&first["exit_code"], number(&first["bytes_read"])), (&json!(0), 116), "{first}");
    assert!(is_time(&first["ended"]) && first["error"].is_null());
    let args = ["index", "news", "--report", "report.json"];
    // Another run writes.
    let lock = fs::File::options().write(true).open(sandbox.at("index/lock")).expect("the lock file");
    lock.lock().expect("the lock is free");
    fs::write(sandbox.at("index/lock"), "process 4711 (since 2025-05-29T02:00:00Z)\n").expect("its text");
    let started = Instant::now();
    sandbox.run(args).exits(4);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let failed = report(&sandbox);
    assert_eq!(failed["exit_code"], 4);
    assert!(text(&failed["error"]).contains("process 4711") && !text(&failed["hint"]).is_empty());
    assert!(is_time(&failed["ended"]) && failed["added"].is_null());
    drop(lock);
    // A source that is not there, settings that can't be read.
    sandbox.run(["index", "nowhere", "--report", "report.json"]).exits(2);
    assert!(text(&report(&sandbox)["error"]).contains("nowhere"));
    sandbox.write("orewire.toml", "nonsense = 1\n");
    sandbox.run(args).exits(2);
    assert!(text(&report(&sandbox)["error"]).contains("nonsense"));
    sandbox.remove("orewire.toml");
    // And one that skips.
    sandbox.write("news/c.ndjson", "torn\n");
    sandbox.run(args).exits(5);
    let skipping = report(&sandbox);
    assert_eq!((&skipping["exit_code"], list(&skipping["skipped"]).len()), (&json!(5), 1));
    assert_eq!(skipping["skipped"][0]["line"], 1);
    let left = fs::read_dir(sandbox.path()).expect("the folder").flatten();
    assert!(!left.map(|e| e.file_name()).any(|n| n.to_string_lossy().ends_with(".part")));
}

#[test]
fn a_report_that_can_not_be_written_is_told_before_the_run() {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.txt", "Copper\n\nCopper from Chile.");
    for file in ["nowhere/report.json", "news"] {
        let run = sandbox.run(["index", "news", "--report", file]).exits(2);
        run.complains_of(&[file]);
    }
    assert!(!sandbox.at("index").exists(), "nothing was done");
    #[cfg(target_os = "linux")]
    {
        // Published, and said so; but not well.
        let run = sandbox.run(["index", "news", "--report", "/dev/full"]).exits(5);
        run.complains_of(&["/dev/full"]);
        let run = sandbox.run(["index", "news", "--quiet", "--report", "/dev/stdout"]).exits(0);
        assert_eq!(run.json()["unchanged"], 1);
    }
    // A link is written through, and stays a link.
    #[cfg(unix)]
    {
        sandbox.write("elsewhere/real.json", "{}");
        std::os::unix::fs::symlink("elsewhere/real.json", sandbox.at("report.json")).expect("a link");
        assert_eq!(sandbox.index(&["news"], 0)["unchanged"], 1);
        assert!(sandbox.at("report.json").is_symlink());
        let real: Value = serde_json::from_slice(&sandbox.read("elsewhere/real.json")).expect("JSON");
        assert_eq!(real["unchanged"], 1);
    }
}

#[test]
fn status_tells_how_fresh_the_index_is() {
    let sandbox = with_news();
    let status = |code| sandbox.run(["status", "--format", "json"]).exits(code).json();
    let first = status(0);
    assert_eq!((&first["oldest"], &first["newest"]), (&json!("2024-02-29"), &json!("2025-03-04")));
    assert_eq!((&first["last_run"]["added"], &first["last_run"]["published"]), (&json!(3), &json!(true)));
    assert!(is_time(&first["published"]) && is_time(&first["last_run"]["ended"]));
    // A run with nothing new publishes nothing, and shows all the same; so does one that fails.
    sandbox.index(&["news"], 0);
    let second = status(0);
    assert_eq!((&second["generation"], &second["published"]), (&first["generation"], &first["published"]));
    assert_eq!(
        (&second["last_run"]["unchanged"], &second["last_run"]["published"]),
        (&json!(3), &json!(false))
    );
    fs::remove_dir_all(sandbox.at("news")).expect("a folder");
    fs::create_dir(sandbox.at("news")).expect("a folder");
    sandbox.run(["index", "news"]).exits(4);
    let third = status(0);
    assert!(text(&third["last_run"]["error"]).contains("no file to index"), "{third}");
    assert_eq!(third["articles"], 3);
    let run = sandbox.run(["status"]).exits(0);
    for part in [
        "\nlast run    2",
        " s ago: failed: no file",
        "dated 2024-02-29 to 2025-03-04",
        "\nsources     news\n",
    ] {
        assert!(run.out.contains(part), "{part:?} in {}", run.out);
    }
    // A note that nobody can read is none.
    fs::write(sandbox.at("index/last-run.json"), "{").expect("a note");
    assert!(status(0)["last_run"].is_null());
    assert!(!sandbox.run(["status"]).exits(0).out.contains("last run"));
    sandbox.run(["check"]).exits(0);
}

#[test]
fn check_names_all_that_is_wrong_and_what_to_do() {
    let sandbox = with_news();
    let folder = generation(&sandbox);
    let names: Vec<String> = fs::read_dir(sandbox.at(&folder))
        .expect("the generation")
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "manifest.json")
        .collect();
    let (mut changed, mut gone) = (String::new(), String::new());
    for name in &names {
        let path = sandbox.at(format!("{folder}/{name}"));
        let mut bytes = fs::read(&path).expect("a file");
        match (bytes.pop(), gone.is_empty()) {
            (Some(_), true) => {
                fs::remove_file(&path).expect("a file");
                gone.clone_from(name);
            }
            (Some(last), false) if changed.is_empty() => {
                bytes.push(last ^ 1);
                fs::write(&path, bytes).expect("a file");
                changed.clone_from(name);
            }
            _ => {}
        }
    }
    let run = sandbox.run(["check"]).exits(3);
    assert!(run.out.contains(&format!("{gone}: can't be read")), "{}", run.out);
    assert!(run.out.contains(&format!("{changed}: its bytes from 0 to ")), "{}", run.out);
    assert!(run.out.contains("is damaged: 2 files are not as they were published."), "{}", run.out);
    run.complains_of(&["hint: ", "orewire index", "--rebuild"]);
    let value = sandbox.run(["check", "--format", "json"]).exits(3).json();
    assert_eq!((&value["sound"], list(&value["problems"]).len()), (&json!(false), 2));
    assert!(text(&value["hint"]).contains("--rebuild"));
    // The manifest, and then the pointer: nobody knows what belongs to it.
    for path in [format!("{folder}/manifest.json"), "index/CURRENT".to_owned()] {
        fs::write(sandbox.at(&path), "damaged").expect("a file");
        let value = sandbox.run(["check", "--format", "json"]).exits(3).json();
        assert_eq!((&value["sound"], list(&value["problems"]).len()), (&json!(false), 1));
        sandbox.run(["check"]).exits(3).complains_of(&["damaged", "hint: "]);
        sandbox.run(["status"]).exits(3).complains_of(&["damaged", "hint: "]);
        sandbox.run(["status", "--format", "json"]).exits(3).complains_of(&["damaged", "hint: "]);
    }
    sandbox.run(["index", "news"]).exits(0);
    let value = sandbox.run(["check", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&value["sound"], &value["articles"], &value["hint"]),
        (&json!(true), &json!(3), &Value::Null)
    );
}

#[test]
fn gc_where_no_index_is_makes_none() {
    let sandbox = Sandbox::new();
    sandbox.run(["gc"]).exits(3).complains_of(&["no index", "hint: "]);
    sandbox.run(["gc", "--index", "else/where"]).exits(3);
    assert_eq!(fs::read_dir(sandbox.path()).expect("the folder").count(), 0);
}
