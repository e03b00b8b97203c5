//! `orewire eval`: the measures against values computed by hand, each query's own scores, and a
//! comparison with an earlier run.

mod common;

use common::{Sandbox, list, number, text};
use serde_json::{Value, json};

/// A collection in which the order of the hits is beyond doubt: `best` has all words, `some` has two.
fn collection() -> Sandbox {
    let sandbox = Sandbox::new();
    let document = |id: &str, text: &str| json!({"_id": id, "title": "", "text": text}).to_string() + "\n";
    let query = |id: &str, text: &str| json!({"_id": id, "text": text}).to_string() + "\n";
    sandbox.write(
        "set/corpus.jsonl",
        document("best", "copper tin zinc")
            + &document("some", "copper tin and much else that nobody asked for")
            + &document("none", "a harvest of apples")
            + &document("fruit", "pears and plums"),
    );
    sandbox.write(
        "set/queries.jsonl",
        query("q1", "copper tin zinc")
            + &query("q2", "apples")
            + &query("q3", "plums")
            + &query("q4", "pears"),
    );
    // q4 has no relevant document and counts nowhere.
    sandbox.write(
        "set/qrels.tsv",
        "query-id\tcorpus-id\tscore\nq1\tbest\t1\nq1\tsome\t2\nq1\tnone\t3\nq2\tnone\t1\nq3\tbest\t1\nq4\tfruit\t0\n",
    );
    sandbox
}

fn near(value: &Value, want: f64) {
    let got = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((got - want).abs() < 1e-4, "{got} instead of {want}");
}

#[test]
fn the_measures_are_as_computed_by_hand() {
    let sandbox = collection();
    let args = ["eval", "set", "--format", "json", "--per-query", "each.ndjson", "--run", "run.trec"];
    let scores = sandbox.run(args).exits(0).json();
    // q1: gains 1, 2 of the ideal 3, 2, 1: 2.26186 / 4.76186. q2: 1. q3: finds another document: 0.
    near(&scores["ndcg@10"], (0.47499 + 1.0) / 3.0);
    near(&scores["mrr@10"], 2.0 / 3.0);
    near(&scores["recall@100"], (2.0 / 3.0 + 1.0) / 3.0);
    assert_eq!(scores["queries"], 3);
    assert!(scores.get("against").is_none());
    let each = String::from_utf8(sandbox.read("each.ndjson")).expect("text");
    let each: Vec<Value> = each.lines().map(|l| serde_json::from_str(l).expect("a line")).collect();
    assert_eq!(each.iter().map(|q| text(&q["id"])).collect::<Vec<_>>(), ["q1", "q2", "q3"]);
    near(&each[0]["ndcg@10"], 0.47499);
    near(&each[0]["mrr@10"], 1.0);
    near(&each[0]["recall@100"], 2.0 / 3.0);
    assert_eq!(each[1]["query"], "apples");
    // Only the first hit: gain 1 of 3.
    let first = sandbox.run(["eval", "set", "-k", "1", "--format", "json"]).exits(0).json();
    near(&first["ndcg@1"], (1.0 / 3.0 + 1.0) / 3.0);
}

#[test]
fn a_ranking_is_compared_with_an_earlier_one() {
    let sandbox = collection();
    sandbox.run(["eval", "set", "--run", "run.trec", "--per-query", "each.ndjson"]).exits(0);
    // Against itself, in both forms, nothing changed.
    for earlier in ["run.trec", "each.ndjson"] {
        let scores = sandbox.run(["eval", "set", "--against", earlier, "--format", "json"]).exits(0).json();
        let against = &scores["against"];
        let counts = ["wins", "losses", "ties", "unmatched"].map(|c| number(&against[c]));
        assert_eq!(counts, [0, 0, 3, 0], "{earlier}");
        assert_eq!(against["before"], against["after"]);
        assert!(list(&against["changes"]).is_empty());
    }
    // A run that had q1 better (scores decide, not ranks), q2 not at all, and q3 right.
    sandbox.write("other.trec", "q1 Q0 none 2 9.5 x\nq1 Q0 best 1 1.5 x\nq3 Q0 best 1 2 x\n");
    let run = sandbox.run(["eval", "set", "--against", "other.trec", "--format", "json"]).exits(0);
    let against = &run.json()["against"];
    assert_eq!(["wins", "losses", "ties"].map(|c| number(&against[c])), [1, 2, 0]);
    let changes = list(&against["changes"]);
    assert_eq!(changes.len(), 3);
    // q1 was 3 + 1/1.58496 of 4.76186.
    let q1 = changes.iter().find(|c| c["id"] == "q1").expect("q1");
    near(&q1["before"], 0.76250);
    near(&q1["after"], 0.47499);
    let text = sandbox.run(["eval", "set", "--against", "other.trec"]).exits(0).out;
    for line in ["wins        1", "losses      2", "+1.0000  0.0000 to 1.0000  q2  apples"] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn what_is_no_run_is_refused_before_anything_is_indexed() {
    let sandbox = collection();
    sandbox.write("bad.trec", "q1 Q0 best 1 1.5 x\nnot a run\n");
    sandbox.write("bad.json", "{\"id\":\"q1\",\"ndcg@5\":1}\n");
    for (file, parts) in [
        ("bad.trec", ["bad.trec", "line 2"]),
        ("bad.json", ["bad.json", "ndcg@10"]),
        ("none.trec", ["none.trec", "hint:"]),
    ] {
        sandbox.run(["eval", "set", "--against", file, "--keep", "kept"]).exits(2).complains_of(&parts);
        assert!(!sandbox.at("kept").exists(), "{file}");
    }
}
