//! Files that should not be there, and contents made to break a reader: each is skipped or read, and
//! the rest of the folder is indexed.

mod common;

use std::{fs, io::Write};

use common::{Sandbox, list, set, text};
use serde_json::{Value, json};

/// A sandbox with one file that can be used.
fn with_a_good_one() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("news/good.ndjson", json!({"id": "good", "body": "Copper from Chile."}).to_string());
    sandbox
}

/// Indexes `news`, where `bad` must be skipped and all else is found; the reason.
#[track_caller]
fn skipped(sandbox: &Sandbox, bad: &str) -> String {
    let report = sandbox.index(&["news"], 5);
    let found: Vec<&Value> = list(&report["skipped"]).iter().filter(|s| text(&s["path"]) == bad).collect();
    assert_eq!(found.len(), 1, "{bad}: {}", report["skipped"]);
    assert!(sandbox.found("copper").contains("good"));
    sandbox.run(["check"]).exits(0);
    text(&found[0]["reason"]).to_owned()
}

/// Indexes `news`, where everything can be used.
#[track_caller]
fn read(sandbox: &Sandbox) -> Value {
    let report = sandbox.index(&["news"], 0);
    assert!(sandbox.found("copper").contains("good"));
    report
}

#[cfg(unix)]
mod unix {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, fs::PermissionsExt, fs::symlink, net::UnixListener},
        process::Command,
    };

    use super::*;

    #[test]
    fn pipes_and_sockets_are_not_opened() {
        let sandbox = with_a_good_one();
        let made = Command::new("mkfifo").arg(sandbox.at("news/pipe.txt")).status();
        let _socket = UnixListener::bind(sandbox.at("news/socket.txt")).expect("a socket");
        assert_eq!(skipped(&sandbox, "news/socket.txt"), "neither a regular file nor a folder");
        if made.is_ok_and(|s| s.success()) {
            assert_eq!(skipped(&sandbox, "news/pipe.txt"), "neither a regular file nor a folder");
        } else {
            eprintln!("skipped: there is no mkfifo");
        }
    }

    /// One that never ends, and one that is empty.
    #[test]
    fn devices_are_not_opened() {
        let sandbox = with_a_good_one();
        for (device, name) in [("/dev/zero", "news/zero.ndjson"), ("/dev/null", "news/null.txt")] {
            symlink(device, sandbox.at(name)).expect("a link");
            assert_eq!(skipped(&sandbox, name), "neither a regular file nor a folder");
        }
        let run = sandbox.run(["index", "news/good.ndjson", "/dev/zero"]).exits(5);
        run.complains_of(&["/dev/zero", "neither a regular file nor a folder"]);
    }

    #[test]
    fn links_are_followed_but_not_in_circles() {
        let sandbox = with_a_good_one();
        symlink("..", sandbox.at("news/again")).expect("a link");
        symlink("self", sandbox.at("news/self")).expect("a link");
        symlink("nowhere.txt", sandbox.at("news/dangling.txt")).expect("a link");
        sandbox.write("elsewhere/linked.txt", "Copper\n\nCopper from Peru.");
        symlink("../elsewhere", sandbox.at("news/linked")).expect("a link");
        let report = sandbox.index(&["news"], 5);
        let paths: Vec<_> = list(&report["skipped"]).iter().map(|s| text(&s["path"]).to_owned()).collect();
        for bad in ["news/again", "news/self", "news/dangling.txt"] {
            assert!(paths.iter().any(|p| p.starts_with(bad)), "{bad} in {paths:?}");
        }
        let found = sandbox.found("copper");
        assert!(found.is_superset(&set(["good", "news/linked/linked.txt"])), "{found:?}");
        assert!(found.len() <= 4, "walked in circles: {found:?}");
    }

    #[test]
    fn an_unreadable_folder_is_named() {
        let sandbox = with_a_good_one();
        sandbox.write("news/closed/a.txt", "Copper");
        sandbox.write("news/closed.txt", "Copper");
        let closed = [sandbox.at("news/closed"), sandbox.at("news/closed.txt")];
        for path in &closed {
            fs::set_permissions(path, fs::Permissions::from_mode(0o0)).expect("permissions");
        }
        if fs::read_dir(&closed[0]).is_ok() {
            eprintln!("skipped: nothing is unreadable for this user");
        } else {
            assert!(skipped(&sandbox, "news/closed").contains("permission"));
            assert!(skipped(&sandbox, "news/closed.txt").contains("permission"));
        }
        fs::set_permissions(&closed[0], fs::Permissions::from_mode(0o700)).expect("permissions");
    }

    #[test]
    fn a_name_that_is_no_utf_8_is_read() {
        let sandbox = with_a_good_one();
        let name = OsStr::from_bytes(b"news/\xE9tain-\xFF.txt");
        if fs::write(sandbox.at(name), "Copper\n\nCopper from Peru.").is_err() {
            eprintln!("skipped: this file system takes no such name");
            return;
        }
        common::settle(&sandbox.at(name));
        assert_eq!(read(&sandbox)["added"], 2);
        let id = "news/\u{FFFD}tain-\u{FFFD}.txt";
        assert_eq!(sandbox.found("peru"), set([id]));
        assert_eq!(sandbox.show(id)["path"], id);
        assert_eq!(sandbox.index(&["news"], 0)["unchanged"], 2);
    }
}

#[test]
fn json_nested_100_000_deep_is_skipped() {
    let sandbox = with_a_good_one();
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let line = format!("{{\"id\": \"deep\", \"body\": \"Copper.\", \"x\": {deep}}}\n");
    let lines = line + &json!({"id": "after", "body": "Copper."}).to_string();
    sandbox.write("news/deep.ndjson", lines);
    let reason = skipped(&sandbox, "news/deep.ndjson");
    assert!(!reason.is_empty());
    assert!(sandbox.found("copper").contains("after"), "the line after it is read");
    sandbox.write("news/deep.json", deep);
    skipped(&sandbox, "news/deep.json");
    sandbox.write("news/deep.json", "{\"a\":".repeat(100_000));
    skipped(&sandbox, "news/deep.json");
}

#[test]
fn html_nested_100_000_deep_is_no_end_of_the_stack() {
    let sandbox = with_a_good_one();
    for (name, open, close) in
        [("div", "<div>", "</div>"), ("b", "<b>", ""), ("table", "<table><tr><td>", "")]
    {
        let page = format!(
            "<html><title>Deep</title><body>{}<p>Copper deep down.</p>{}",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        sandbox.write(format!("news/{name}.html"), page);
    }
    // Read or skipped, but told.
    let run = sandbox.run(["index", "news"]);
    let (code, pages) = (run.code, sandbox.found("copper").len() - 1);
    let named = run.err.lines().filter(|l| l.contains(".html: ")).count();
    assert_eq!((pages + named, code), (3, Some(if named > 0 { 5 } else { 0 })), "{}", run.err);
    assert!(sandbox.found("copper").contains("good"));
}

/// 400 MB of one letter in a body, from which a packer makes less than a megabyte: far more than a thousand
/// to one, and more than any file may be.
fn bomb(mut packer: impl Write) {
    packer.write_all(b"{\"id\": \"bomb\", \"body\": \"").expect("room");
    let chunk = vec![b'a'; 1 << 20];
    for _ in 0..400 {
        packer.write_all(&chunk).expect("room");
    }
    packer.write_all(b"\"}").expect("room");
}

#[test]
fn bombs_are_not_unpacked() {
    let sandbox = with_a_good_one();
    let file = |name: &str| fs::File::create(sandbox.at(name)).expect("a new file");
    // As one line and as one file.
    for ending in ["json", "ndjson"] {
        let (gz, zst) = (format!("news/gz.{ending}.gz"), format!("news/zst.{ending}.zst"));
        bomb(flate2::write::GzEncoder::new(file(&gz), flate2::Compression::best()));
        bomb(zstd::Encoder::new(file(&zst), 3).expect("a packer").auto_finish());
        for name in [gz, zst] {
            assert!(fs::metadata(sandbox.at(&name)).expect("the file").len() < 1 << 20);
            skipped(&sandbox, &name);
        }
    }
    assert!(!sandbox.found("copper").contains("bomb"));
}

#[test]
fn packed_files_are_read_and_torn_ones_named() {
    let sandbox = with_a_good_one();
    let lines: String = (0..400)
        .map(|n| {
            format!("{}\n", json!({"id": format!("p{n}"), "body": format!("Copper lot {n}, {}", n * 7_919)}))
        })
        .collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(lines.as_bytes()).expect("memory");
    let gz = packer.finish().expect("memory");
    let zst = zstd::encode_all(lines.replace("\"p", "\"z").as_bytes(), 3).expect("memory");
    sandbox.write("news/a.ndjson.gz", &gz);
    sandbox.write("news/b.jsonl.zst", &zst);
    assert_eq!(read(&sandbox)["added"], 801);
    sandbox.write("news/a.ndjson.gz", &gz[..gz.len() / 2]);
    sandbox.write("news/b.jsonl.zst", b"not packed at all");
    let report = sandbox.index(&["news"], 5);
    let paths: Vec<_> = list(&report["skipped"]).iter().map(|s| text(&s["path"])).collect();
    assert!(paths.contains(&"news/a.ndjson.gz") && paths.contains(&"news/b.jsonl.zst"), "{paths:?}");
    assert!(sandbox.found("copper").contains("good"));
}

#[test]
fn gbk_nul_and_surrogates_are_read() {
    let sandbox = with_a_good_one();
    let (gbk, _, _) =
        encoding_rs::GBK.encode("江西钨矿\n\n江西的钨矿供应稳定，价格上涨，冶炼企业扩大了生产规模。");
    sandbox.write("news/gbk.txt", &gbk);
    sandbox.write(
        "news/utf16.txt",
        "\u{FEFF}Nickel\n\nNickel from Sulawesi."
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>(),
    );
    sandbox.write(
        "news/nul.ndjson",
        br#"{"id": "nul", "title": "Cobalt\u0000 mine", "body": "Cobalt\u0000from Katanga."}"#,
    );
    sandbox.write("news/pair.ndjson", br#"{"id": "pair", "body": "Uranium \ud83d\ude00 from Namibia."}"#);
    read(&sandbox);
    assert_eq!(sandbox.found("钨矿"), set(["news/gbk.txt"]));
    assert_eq!(sandbox.found("sulawesi"), set(["news/utf16.txt"]));
    assert!(sandbox.found("cobalt").contains("nul"));
    assert!(text(&sandbox.show("pair")["body"]).contains('😀'));
    // The same bytes, called UTF-8 by the page and the feed that they stand in.
    let page = "<html><head><meta charset=\"utf-8\"><title>锑锭涨价</title></head><body><article><p>锑锭的价格在云南上涨，冶炼企业扩大了生产规模。</p></article></body></html>";
    let feed = "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>x</title><item><guid>fed</guid><title>锗锭涨价</title><description>锗锭的价格在云南上涨，冶炼企业扩大了生产规模。</description></item></channel></rss>";
    sandbox.write("news/called.html", encoding_rs::GBK.encode(page).0);
    sandbox.write("news/called.xml", encoding_rs::GBK.encode(feed).0);
    read(&sandbox);
    assert_eq!(sandbox.found("锑锭"), set(["news/called.html"]));
    assert_eq!(sandbox.found("锗锭"), set(["fed"]));
    // Half a pair is no character: read with a replacement, or skipped by line; never the end.
    sandbox.write(
        "news/lone.ndjson",
        "{\"id\": \"lone\", \"body\": \"Zinc \\ud800 ore.\"}\n{\"id\": \"next\", \"body\": \"Zinc.\"}\n",
    );
    let run = sandbox.run(["index", "news"]);
    let zinc = sandbox.found("zinc");
    assert!(zinc.contains("next"), "{zinc:?}");
    match run.code {
        Some(0) => assert!(zinc.contains("lone")),
        Some(5) => assert!(run.err.contains("news/lone.ndjson:1: ") && !zinc.contains("lone"), "{}", run.err),
        other => panic!("{other:?} {}", run.err),
    }
    // A raw NUL or two in a text are no reason to lose it silently.
    sandbox.write("news/raw.txt", b"Tungsten\n\nTungsten \0 from Ganzhou.");
    let run = sandbox.run(["index", "news"]);
    assert!(
        sandbox.found("ganzhou").contains("news/raw.txt") || run.err.contains("news/raw.txt"),
        "{}",
        run.err
    );
}

#[test]
fn a_title_of_10_mb_is_cut() {
    let sandbox = with_a_good_one();
    let long = "copper ore ".repeat(10_000_000 / 11);
    sandbox.write("news/title.ndjson", json!({"id": "long", "title": long, "body": "Peru."}).to_string());
    read(&sandbox);
    let article = sandbox.show("long");
    assert!(text(&article["title"]).len() <= 4096);
    assert!(
        article["extra"]["orewire_cut"] == true || article["orewire_cut"] == true,
        "it is told that it was cut"
    );
    let run = sandbox.run(["search", "copper", "--format", "json"]).exits(0);
    assert!(run.out.len() < 100_000);
}

#[test]
fn words_without_end_are_no_trouble() {
    let sandbox = with_a_good_one();
    let lines = [
        json!({"id": "one", "body": format!("Copper {}", "a".repeat(3_000_000))}),
        json!({"id": "han", "body": format!("Copper {}", "铜".repeat(300_000))}),
        json!({"id": "marks", "body": format!("Copper e{}", "\u{301}".repeat(300_000))}),
        json!({"id": "dots", "body": format!("Copper {}", "U.S.".repeat(100_000))}),
        json!({"id": "brackets", "body": format!("Copper {}", "Group (".repeat(50_000))}),
    ];
    sandbox.write("news/words.ndjson", lines.map(|l| l.to_string()).join("\n"));
    assert_eq!(read(&sandbox)["added"], 6);
    assert_eq!(sandbox.found("copper").len(), 6);
}

#[test]
fn thousands_of_small_files_are_indexed() {
    let files = if common::long() { 100_000 } else { 2_000 };
    let sandbox = with_a_good_one();
    for n in 0..files {
        sandbox.write(format!("news/{}/{n}.txt", n % 200), format!("Lot {n}\n\nCopper lot {n}."));
    }
    assert_eq!(read(&sandbox)["added"], files + 1);
    assert_eq!(sandbox.search_with("copper", &["-n", "1"])["total"], files + 1);
    sandbox.write("news/7/7.txt", "Lot 7\n\nNickel lot.");
    sandbox.remove("news/8/8.txt");
    let report = sandbox.index(&["news"], 0);
    assert_eq!(
        [&report["added"], &report["updated"], &report["removed"], &report["unchanged"]].map(common::number),
        [0, 1, 1, files - 1]
    );
    assert_eq!(sandbox.search_with("copper", &["-n", "1"])["total"], files - 1);
    eprintln!("{files} small files");
}

#[test]
fn every_format_gives_the_same_article() {
    let sandbox = with_a_good_one();
    sandbox.write("news/a.txt", "Zinc rises\n\nZinc from Peru.");
    sandbox.write("news/b.md", "# Zinc rises\n\nZinc from Peru.");
    sandbox.write("news/c.html", "<html><head><title>Zinc rises</title></head><body><article><h1>Zinc rises</h1><p>Zinc from Peru.</p></article></body></html>");
    sandbox.write("news/d.csv", "id,title,body\nrow,Zinc rises,Zinc from Peru.\n");
    sandbox.write("news/e.xml", "<rss version=\"2.0\"><channel><title>x</title><item><guid>item</guid><title>Zinc rises</title><description>Zinc from Peru.</description></item></channel></rss>");
    sandbox.write("news/f.json", r#"[{"id": "one", "title": "Zinc rises", "body": "Zinc from Peru."}]"#);
    sandbox.write("news/ignored.pdf", "%PDF");
    sandbox.write("news/.hidden.txt", "Zinc");
    assert_eq!(read(&sandbox)["added"], 7);
    let ids = set(["news/a.txt", "news/b.md", "news/c.html", "row", "item", "one"]);
    assert_eq!(sandbox.found("title:zinc"), ids);
    assert_eq!(sandbox.found("+zinc +country:Peru"), ids);
    for id in ids {
        let article = sandbox.show(&id);
        assert_eq!(article["title"], "Zinc rises", "{id}");
        assert_eq!(list(&article["tags"]["commodity"])[0]["path"], "/metals/base-metals/zinc", "{id}");
    }
}
