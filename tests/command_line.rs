//! The command line as people type it: help, completion in real shells, settings, manual pages.

mod common;

use std::{
    io::Write,
    process::{Command, Stdio},
};

use common::{Run, Sandbox};
use serde_json::{Value, json};

/// A sandbox with the sample articles, indexed.
fn samples() -> Sandbox {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index", "--quiet"]).exits(0);
    sandbox
}

#[track_caller]
fn offers(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let run = sandbox.run(["complete", "--line", line]).exits(0);
    assert_eq!(run.err, "", "{line}");
    run.out.lines().map(|l| l.split('\t').next().unwrap_or("").to_owned()).collect()
}

#[test]
fn every_completed_value_is_one_that_finds_articles() {
    let sandbox = samples();
    let mut lines = String::new();
    let mut count = 0;
    for facet in ["province", "country", "commodity", "organization"] {
        for prefix in ["", "s", "C", "中", "四川", "in", "x"] {
            let offered = offers(&sandbox, &format!("orewire search {facet}:{prefix}"));
            assert!(!offered.is_empty() || !["", "C"].contains(&prefix), "{facet}:{prefix}");
            for value in offered {
                assert!(
                    value.chars().all(|c| c.is_alphanumeric() || "-/:".contains(c)),
                    "{value:?} needs quotes"
                );
                lines.push_str(&format!("{}\n", json!({"id": value, "query": value})));
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
    let run = sandbox.run_with(["search", "--batch", "-", "--format", "ndjson", "-n", "1"], lines.as_bytes());
    for line in run.exits(0).out.lines() {
        let answer: Value = serde_json::from_str(line).expect("JSON");
        assert!(answer["total"].as_u64() > Some(0), "{line}");
    }
}

#[test]
fn completion_knows_where_the_index_is() {
    let sandbox = samples();
    assert_eq!(offers(&sandbox, "orewire search -F province=Sich"), ["province=Sichuan"]);
    assert_eq!(offers(&sandbox, "orewire search 'rare 省份：四"), ["rare 省份：四川"]);
    let elsewhere = Sandbox::new();
    assert!(offers(&elsewhere, "orewire search province:S").is_empty(), "no index, nothing to offer");
    let index = sandbox.at("index").display().to_string();
    let line = format!("orewire search --index '{index}' province:Sich");
    assert_eq!(offers(&elsewhere, &line), ["province:Sichuan"]);
    let config = sandbox.at("orewire.toml").display().to_string();
    let line = format!("orewire --config='{config}' search province:Sich");
    assert_eq!(offers(&elsewhere, &line), ["province:Sichuan"]);
}

/// A shell that is here, or else a line that says that there is none.
fn shell(name: &str) -> Option<Command> {
    let found = Command::new(name).arg("-c").arg("true").stdin(Stdio::null()).output().is_ok();
    if !found {
        eprintln!("skipped: there is no {name} here");
    }
    found.then(|| Command::new(name))
}

/// What a shell's own completion makes of a line, by its scripting interface.
fn completed(sandbox: &Sandbox, mut shell: Command, script: &str) -> String {
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_orewire")).parent().expect("a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    shell.current_dir(sandbox.path()).env("PATH", path).env("LC_ALL", "C.UTF-8").env_remove("OREWIRE_INDEX");
    let output = shell.output().expect("a run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{script}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn bash_completes() {
    let Some(_) = shell("bash") else { return };
    let sandbox = samples();
    // As readline calls it: the line, the cursor, and the part that will be replaced.
    for (line, word, expected) in [
        ("orewire sea", "sea", "search"),
        ("orewire search --form", "--form", "--format"),
        ("orewire search x --facet province=Sich", "Sich", "Sichuan"),
        ("orewire search x --facet=province=Sich", "Sich", "Sichuan"),
        ("orewire search 稀土 province:Sich", "Sich", "Sichuan"),
        ("orewire search 省份:四", "四", "四川"),
        ("orewire search 'rare province:Sich", "rare province:Sich", "rare province:Sichuan"),
        ("orewire search x -F prov", "prov", "province="),
    ] {
        let script = "eval \"$(orewire completions bash)\"; COMP_LINE=$1; COMP_POINT=${#1}; \
             _orewire orewire \"$2\" search 2>&1; printf '%s\\n' \"${COMPREPLY[@]}\"";
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", script, "bash", line, word]);
        assert_eq!(completed(&sandbox, bash, script).trim_end(), expected, "{line}");
    }
}

#[test]
fn fish_completes() {
    let Some(_) = shell("fish") else { return };
    let sandbox = samples();
    for (line, expected) in [
        ("orewire sea", "search"),
        ("orewire search -F province=Sich", "province=Sichuan"),
        ("orewire search province:Sich", "province:Sichuan"),
    ] {
        let script = format!("orewire completions fish | source; complete -C '{line}'");
        let mut fish = Command::new("fish");
        fish.args(["--no-config", "-c", &script]);
        let text = completed(&sandbox, fish, &script);
        assert_eq!(text.lines().next().and_then(|l| l.split('\t').next()), Some(expected), "{line}");
    }
}

#[test]
fn zsh_reads_its_script() {
    let Some(mut zsh) = shell("zsh") else { return };
    let sandbox = Sandbox::new();
    let script = "autoload -Uz compinit && compinit -u -D && eval \"$(orewire completions zsh)\" && \
                  print -r -- $_comps[orewire]";
    zsh.args(["-f", "-c", script]);
    assert_eq!(completed(&sandbox, zsh, script).trim_end(), "_orewire");
}

#[test]
fn scripts_are_sound_and_say_how_to_use_them() {
    let sandbox = Sandbox::new();
    for name in ["bash", "zsh", "fish"] {
        let script = sandbox.run(["completions", name]).exits(0).out;
        assert!(script.contains(&format!("orewire completions {name}")), "{script}");
        if name == "bash" && shell("bash").is_some() {
            let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().expect("bash");
            bash.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("the script");
            assert!(bash.wait().expect("an end").success());
        }
    }
    sandbox.run(["completions", "tcsh"]).exits(2);
}

/// The examples of the help on queries are queries: each is answered, in both languages.
#[test]
fn what_the_help_shows_works() {
    let sandbox = samples();
    let mut examples = 0;
    for lang in ["en", "zh"] {
        let text = sandbox.command(["help", "query", "--lang", lang]).env("COLUMNS", "100").output();
        let text = Run::from(text.expect("a run")).exits(0).out;
        for line in text.lines().filter(|l| l.starts_with("  ") && !l.starts_with("   ")) {
            // Forms stand left of the meanings, two spaces between them.
            for form in line.trim_start().split("  ").take_while(|f| !f.is_empty()) {
                let is_meaning =
                    form.contains(' ') && !form.contains([':', '：', '"', '“']) && !form.contains("AND");
                if form.starts_with("orewire") || is_meaning && form != "gallium export licence" {
                    continue;
                }
                examples += 1;
                let run = sandbox.run(["search", "--quiet", "--", form]);
                assert!(matches!(run.code, Some(0 | 1)), "{form}: {}", run.err);
            }
        }
    }
    assert!(examples > 30, "{examples}");
    let locale = |name: &str, value: &str| -> String {
        Run::from(sandbox.command(["help", "query"]).env(name, value).output().expect("a run")).exits(0).out
    };
    assert!(locale("LANG", "zh_CN.UTF-8").contains("逐字匹配"));
    assert!(locale("LC_ALL", "en_GB.UTF-8").contains("these words in this order"));
    let both = sandbox.run(["help", "query", "--lang", "both"]).exits(0).out;
    assert!(both.contains("逐字匹配") && both.contains("these words in this order"));
}

#[test]
fn help_answers_for_every_command_and_suggests() {
    let sandbox = Sandbox::new();
    let all = sandbox.run(["help"]).exits(0).out;
    assert_eq!(all, sandbox.run(["--help"]).exits(0).out);
    let commands = all.lines().skip_while(|l| !l.starts_with("Commands:")).skip(1);
    let mut count = 0;
    for line in commands.take_while(|l| !l.is_empty()).filter(|l| !l.starts_with("   ")) {
        let name = line.split_whitespace().next().expect("a name");
        let help = sandbox.run(["help", name]).exits(0).out;
        assert_eq!(help, sandbox.run([name, "--help"]).exits(0).out, "{name}");
        assert!(help.contains("Usage: orewire"), "{help}");
        count += 1;
    }
    assert!(count >= 14, "{count}");
    assert!(sandbox.run(["search", "--help"]).exits(0).out.contains("Exit codes"));
    sandbox.run(["help", "gazetteer", "find"]).exits(0);
    for (args, tip) in [
        (&["serach", "copper"][..], "'search'"),
        (&["help", "serach"], "'search'"),
        (&["help", "qurey"], "'query'"),
        (&["search", "copper", "--formt", "json"], "'--format'"),
        (&["search", "copper", "--format", "jsn"], "'json'"),
        (&["search", "copper", "--timeline", "mont"], "'month'"),
        (&["search", "copper", "--facet", "provnce=Sichuan"], "province"),
        (&["rare earths"], "orewire search 'rare earths'"),
    ] {
        sandbox.run(args).exits(2).complains_of(&[tip]);
    }
}

#[test]
fn words_need_no_quotes() {
    let sandbox = samples();
    let quoted = sandbox.run(["search", "rare earth 四川", "--no-pager"]).exits(0);
    let loose = sandbox.run(["search", "rare", "earth", "-n", "10", "四川"]).exits(0);
    assert_eq!(quoted.out, loose.out);
}

#[test]
fn init_writes_settings_once() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(["init", "wire", "新闻"]).exits(0);
    assert!(run.out.contains("orewire.toml"), "{}", run.out);
    let written = sandbox.read("orewire.toml");
    assert!(String::from_utf8_lossy(&written).contains(r#"sources = ["wire", "新闻"]"#));
    sandbox.run(["init"]).exits(2).complains_of(&["orewire.toml", "already", "hint"]);
    assert_eq!(sandbox.read("orewire.toml"), written, "it is not overwritten");
    sandbox.write("wire/a.txt", "Copper\n\nCopper from Chile.");
    sandbox.write("新闻/b.txt", "铜\n\n智利的铜。");
    sandbox.run(["search", "--refresh", "copper"]).exits(0);
    // From below, and from elsewhere by name.
    let below = sandbox.at("wire");
    let run = Run::from(sandbox.command(["search", "铜"]).current_dir(below).output().expect("a run"));
    run.exits(0);
    let elsewhere = Sandbox::new();
    let config = sandbox.at("orewire.toml");
    elsewhere.run(["search", "铜", "--config", &config.display().to_string()]).exits(0);
    let by_env = elsewhere.command(["search", "铜"]).env("OREWIRE_CONFIG", &config).output().expect("a run");
    Run::from(by_env).exits(0);
    elsewhere.run(["search", "铜", "--config", "none.toml"]).exits(2).complains_of(&["none.toml"]);
}

#[test]
fn manual_pages_are_written() {
    let sandbox = Sandbox::new();
    let page = sandbox.run(["man"]).exits(0).out;
    assert!(page.contains(".TH") && page.contains("OREWIRE_INDEX"), "{page}");
    sandbox.run(["man", "man1"]).exits(0);
    let pages: Vec<String> = std::fs::read_dir(sandbox.at("man1"))
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    for page in ["orewire.1", "orewire-search.1", "orewire-gazetteer-find.1"] {
        assert!(pages.iter().any(|p| p == page), "{page} in {pages:?}");
    }
    assert!(!pages.iter().any(|p| p.contains("complete.1")), "{pages:?}");
    let search = String::from_utf8(sandbox.read("man1/orewire-search.1")).expect("text");
    assert!(search.contains("Exit codes") && search.contains("稀土集团"), "{search}");
}
