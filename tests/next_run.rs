//! Whatever an index and its sources have become over night, the next run puts it right by itself, and
//! nothing that may still be there is taken out of the index.

mod common;

use std::fs;

use common::{Sandbox, list, number, set, text};
use serde_json::{Value, json};

fn article(id: &str, body: &str) -> String {
    json!({"id": id, "body": body}).to_string() + "\n"
}

/// Added, updated, unchanged and removed.
fn counts(report: &Value) -> [u64; 4] {
    ["added", "updated", "unchanged", "removed"].map(|name| number(&report[name]))
}

fn two_sources() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("news/a.ndjson", article("one", "Tin from Yunnan.") + &article("two", "Tin from Bangka."));
    sandbox.write("wire/deep/b.txt", "Copper\n\nCopper from Chile.");
    assert_eq!(counts(&sandbox.index(&["news", "wire"], 0)), [3, 0, 0, 0]);
    sandbox
}

/// A manifest after a change, with the pointer to it: as another version would have written it.
fn rewrite_manifest(sandbox: &Sandbox, change: impl FnOnce(&mut Value)) {
    let pointer = String::from_utf8(sandbox.read("index/CURRENT")).expect("text");
    let name = pointer.split(' ').next().expect("a name").to_owned();
    let path = format!("index/{name}/manifest.json");
    let mut manifest: Value = serde_json::from_slice(&sandbox.read(&path)).expect("JSON");
    change(&mut manifest);
    let bytes = manifest.to_string();
    fs::write(sandbox.at(&path), &bytes).expect("a manifest");
    let crc = crc32fast::hash(bytes.as_bytes());
    fs::write(sandbox.at("index/CURRENT"), format!("{name} {crc:08x}\n")).expect("a pointer");
}

#[test]
fn an_index_of_an_older_kind_is_built_anew() {
    let sandbox = two_sources();
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Value));
    let older: [Change; 6] = [
        ("no block sums", &|m| {
            m.as_object_mut().expect("an object").remove("block_bytes");
            m["files"].as_object_mut().expect("an object").remove("sums.bin");
        }),
        ("other block sums", &|m| m["block_bytes"] = json!(4096)),
        ("no notes", &|m| drop(m["files"].as_object_mut().expect("an object").remove("files.bin"))),
        ("no names", &|m| drop(m["files"].as_object_mut().expect("an object").remove("names.bin"))),
        ("no index", &|m| drop(m["files"].as_object_mut().expect("an object").remove("meta.json"))),
        ("another schema", &|m| m["schema"] = json!(1)),
    ];
    for (what, change) in older {
        rewrite_manifest(&sandbox, change);
        // A change, so that the run needs all of what it starts from.
        sandbox.write("wire/deep/b.txt", format!("Copper\n\nCopper from Chile, with {what}."));
        let report = sandbox.index(&["news", "wire"], 0);
        assert!(report["rebuilt_because"].is_string(), "{what}: {report}");
        assert_eq!(report["articles"], 3, "{what}");
        sandbox.run(["check"]).exits(0);
        assert_eq!(sandbox.found("tin"), set(["one", "two"]), "{what}");
    }
    // A manifest that nobody can read, and one that is no JSON.
    rewrite_manifest(&sandbox, |m| *m = json!({"generation": 7}));
    sandbox.run(["search", "tin"]).exits(3).complains_of(&["damaged", "hint: "]);
    assert!(sandbox.index(&["news", "wire"], 0)["rebuilt_because"].is_string());
    sandbox.run(["check"]).exits(0);
}

/// Its sums are right, but what it says is not what was indexed.
#[test]
fn notes_that_are_sound_but_wrong_are_no_reason_to_fail() {
    let sandbox = two_sources();
    let notes = "index/gen-000001/files.bin";
    for bytes in [&b""[..], b"\x01", b"{}\n", b"\x01\xFF\xFF\xFF\xFF\xFF\x01"] {
        let pointer = String::from_utf8(sandbox.read("index/CURRENT")).expect("text");
        let path = notes.replace("gen-000001", pointer.split(' ').next().expect("a name"));
        fs::remove_file(sandbox.at(&path)).expect("a file");
        fs::write(sandbox.at(&path), bytes).expect("a file");
        rewrite_manifest(&sandbox, |m| {
            m["files"]["files.bin"] = json!({"bytes": bytes.len(), "crc32": crc32fast::hash(bytes)});
        });
        let report = sandbox.index(&["news", "wire"], 0);
        assert!(report["rebuilt_because"].is_string(), "{report}");
        assert_eq!(sandbox.found("tin"), set(["one", "two"]));
        sandbox.run(["check"]).exits(0);
    }
}

#[test]
fn a_disk_that_is_not_mounted_empties_nothing() {
    let sandbox = two_sources();
    let before = sandbox.read("index/CURRENT");
    fs::rename(sandbox.at("wire"), sandbox.at("unmounted")).expect("another name");
    fs::create_dir(sandbox.at("wire")).expect("a mount point");
    sandbox.run(["index", "news", "wire"]).exits(4).complains_of(&["in wire:", "hint: ", "mounted"]);
    // Nor when all would have to be built anew anyway.
    sandbox.write("orewire.toml", "[segmenter]\nwords = [\"words.txt\"]\n");
    sandbox.write("words.txt", "氯碘钒钛矿\n");
    fs::rename(sandbox.at("news"), sandbox.at("unmounted/news")).expect("another name");
    fs::create_dir(sandbox.at("news")).expect("a mount point");
    sandbox.run(["index", "news", "wire"]).exits(4).complains_of(&["hint: "]);
    assert_eq!(sandbox.read("index/CURRENT"), before);
    assert_eq!(sandbox.found("copper"), set(["wire/deep/b.txt"]));
    // Also when it is damaged, and one can't tell what it had.
    fs::write(sandbox.at("index/CURRENT"), "gen-000001 00000000\n").expect("a pointer");
    sandbox.run(["index", "news", "wire"]).exits(4).complains_of(&["hint: "]);
    fs::write(sandbox.at("index/CURRENT"), &before).expect("a pointer");
    // Mounted again.
    fs::remove_dir(sandbox.at("wire")).expect("a mount point");
    fs::rename(sandbox.at("unmounted"), sandbox.at("wire")).expect("another name");
    fs::remove_dir(sandbox.at("news")).expect("a mount point");
    fs::rename(sandbox.at("wire/news"), sandbox.at("news")).expect("another name");
    assert_eq!(sandbox.index(&["news", "wire"], 0)["articles"], 3);
    // Meant to be empty, and said so.
    fs::remove_dir_all(sandbox.at("wire/deep")).expect("a folder");
    sandbox.run(["index", "news", "wire"]).exits(4);
    sandbox.run(["index", "news", "wire", "--rebuild"]).exits(0);
    assert_eq!(sandbox.found("copper"), set([]));
}

#[test]
fn a_line_that_only_looks_different_is_not_analysed_anew() {
    let sandbox = two_sources();
    sandbox.write(
        "news/a.ndjson",
        "{ \"body\" : \"Tin from Yunnan.\", \"id\":\"one\" }\r\n\n".to_owned()
            + &article("two", "Tin from Bangka.")
            + &article("three", "Tin from Potosí."),
    );
    assert_eq!(counts(&sandbox.index(&["news", "wire"], 0)), [1, 0, 3, 0]);
    assert_eq!(sandbox.found("tin"), set(["one", "two", "three"]));
}

/// Lines without an id are known by their place: to put one in front moves all others.
#[test]
fn lines_without_ids_are_told_by_their_place() {
    let sandbox = Sandbox::new();
    let line = |body: &str| json!({"body": body}).to_string() + "\n";
    sandbox.write("news/a.ndjson", line("Tin.") + &line("Zinc.") + &line("Tin."));
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [3, 0, 0, 0]);
    sandbox.write("news/a.ndjson", line("Tin.") + &line("Zinc.") + &line("Tin.") + &line("Lead."));
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [1, 0, 3, 0]);
    sandbox.write("news/a.ndjson", line("Nickel.") + &line("Tin.") + &line("Zinc.") + &line("Tin."));
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 4, 0, 0]);
    assert_eq!(sandbox.found("tin"), set(["news/a.ndjson#2", "news/a.ndjson#4"]));
    assert_eq!((sandbox.found("nickel"), sandbox.found("lead")), (set(["news/a.ndjson#1"]), set([])));
}

/// A line that stays where another file takes over its id, and comes back.
#[test]
fn known_lines_give_way_to_the_file_before() {
    let sandbox = Sandbox::new();
    sandbox.write("news/b.ndjson", article("same", "Tin.") + &article("other", "Zinc."));
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [2, 0, 0, 0]);
    sandbox.write("news/a.ndjson", article("same", "Copper."));
    let report = sandbox.index(&["news"], 5);
    assert_eq!((counts(&report), number(&report["skipped_total"])), ([0, 1, 1, 0], 1));
    assert_eq!((sandbox.found("copper"), sandbox.found("tin")), (set(["same"]), set([])));
    sandbox.remove("news/a.ndjson");
    assert_eq!(counts(&sandbox.index(&["news"], 0)), [0, 1, 1, 0]);
    assert_eq!((sandbox.found("copper"), sandbox.found("tin")), (set([]), set(["same"])));
    sandbox.run(["check"]).exits(0);
}

#[cfg(unix)]
mod unreadable {
    use std::{os::unix::fs::PermissionsExt, path::Path, process::Command};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    }

    /// The program as a user who is not root and whom permissions hold, where there is a way to it.
    fn as_nobody(sandbox: &Sandbox, args: &[&str]) -> Option<std::process::Output> {
        if fs::read_dir(sandbox.at("closed-for-a-look")).is_err() {
            return Some(sandbox.command(args).output().expect("the program starts"));
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_orewire")]);
        let output = command.args(args).current_dir(sandbox.path()).output().ok()?;
        // Where nobody may not even run the program there is nothing to see.
        (output.status.code() != Some(127) && output.status.code() != Some(126)).then_some(output)
    }

    #[test]
    fn what_can_not_be_read_stays_in_the_index() {
        let sandbox = Sandbox::new();
        set_mode(sandbox.path(), 0o777);
        sandbox.write("news/open.txt", "Zinc\n\nZinc from Peru.");
        sandbox.write("news/closed/a.txt", "Tin\n\nTin from Yunnan.");
        sandbox.write("news/closed/b.ndjson", article("b", "Tin from Bangka."));
        sandbox
            .write("news/closed.ndjson", article("one", "Copper from Chile.") + &article("two", "Copper."));
        fs::create_dir(sandbox.at("closed-for-a-look")).expect("a folder");
        set_mode(&sandbox.at("closed-for-a-look"), 0);
        let index = |code: i32| -> Option<Value> {
            let output = as_nobody(&sandbox, &["index", "news", "--report", "report.json"])?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{said}");
            Some(serde_json::from_slice(&sandbox.read("report.json")).expect("JSON"))
        };
        let Some(first) = index(0) else {
            eprintln!("skipped: there is no way to run as a user whom permissions hold");
            return;
        };
        assert_eq!(counts(&first), [5, 0, 0, 0]);
        sandbox.write("news/open.txt", "Zinc\n\nZinc from Bolivia.");
        sandbox.write("news/closed.ndjson", article("one", "Nickel from Chile."));
        let closed = [sandbox.at("news/closed"), sandbox.at("news/closed.ndjson")];
        closed.iter().for_each(|path| set_mode(path, 0));
        let report = index(5).expect("as before");
        assert_eq!(counts(&report), [0, 1, 4, 0], "{report}");
        let reasons: Vec<_> =
            list(&report["skipped"]).iter().map(|s| text(&s["reason"]).to_owned()).collect();
        let stay = "not readable: permission denied; 2 articles of it stay as they were";
        assert_eq!(reasons, [stay, stay]);
        assert_eq!(sandbox.found("tin"), set(["news/closed/a.txt", "b"]));
        assert_eq!(sandbox.found("copper"), set(["one", "two"]));
        assert_eq!(sandbox.found("bolivia"), set(["news/open.txt"]));
        // Nothing new is nothing to publish, though it is told again.
        let report = index(5).expect("as before");
        assert_eq!((counts(&report), &report["published"]), ([0, 0, 5, 0], &json!(false)));
        set_mode(&closed[0], 0o755);
        set_mode(&closed[1], 0o644);
        assert_eq!(counts(&index(0).expect("as before")), [0, 1, 3, 1]);
        assert_eq!((sandbox.found("copper"), sandbox.found("nickel")), (set([]), set(["one"])));
        sandbox.run(["check"]).exits(0);
    }
}
