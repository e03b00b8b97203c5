//! No query loads jieba's dictionary: with room for the query's own data but not for the dictionary
//! (about 33 MB), every kind of query still answers. The same room is shown to be too small for the
//! dictionary, so that the test can fail.

#![cfg(target_os = "linux")]

mod common;

use std::process::{Command, Output};

use common::Sandbox;

/// Room for data, in kB: three times what a query takes, half of what the dictionary takes.
const ROOM_KB: u32 = 16_000;

/// Runs the binary with at most [`ROOM_KB`] of private writable memory.
fn limited(sandbox: &Sandbox, args: &[&str]) -> Output {
    Command::new("sh")
        .current_dir(sandbox.path())
        .arg("-c")
        .arg(format!("ulimit -d {ROOM_KB} && exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_orewire"))
        .args(args)
        .output()
        .expect("sh runs")
}

#[test]
fn queries_answer_without_room_for_the_dictionary() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index", "seeds"]).exits(0);
    for query in [
        "四川稀土出口管制",
        "\"稀土集团\"",
        "rare earth 四川",
        "中國稀土集團",
        "province:四川 锂",
        "农业发展银行的贷款政策是什么",
        "title:稀土 OR 镓*",
    ] {
        let output = limited(&sandbox, &["search", query]);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{query}: {:?} {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    // What does load it can't run in this room.
    let output = limited(&sandbox, &["index", "seeds", "--rebuild"]);
    assert!(!matches!(output.status.code(), Some(0 | 5)), "the limit is too wide to show anything");
}
