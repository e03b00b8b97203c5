//! The parts of each hit's score sum to it, and say what they are for.

mod common;

use common::{Sandbox, list};
use serde_json::Value;

const QUERIES: [&str; 10] = [
    "lithium prices",
    "稀土 出口",
    "四川 锂矿 Sichuan",
    "\"rare earth\" export",
    "+lithium cobalt -nickel",
    "commodity:lithium price",
    "title:lithium carbonate",
    "(cobalt OR nickel) export quota",
    "litium~ lith* carbonate",
    "China Rare Earth Group 稀土集团 镝",
];

fn hits(sandbox: &Sandbox, query: &str, more: &[&str]) -> Vec<Value> {
    let result = sandbox.search_with(query, &[more, &["--explain"]].concat());
    list(&result["hits"]).clone()
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_samples();
    sandbox.index(&["seeds"], 0);
    sandbox
}

#[test]
fn the_parts_sum_to_the_score() {
    let sandbox = sandbox();
    let mut explained = 0;
    for query in QUERIES {
        for more in [&[][..], &["--recency", "90d"], &["--literal"], &["--sort", "date"]] {
            for hit in hits(&sandbox, query, more) {
                let parts =
                    hit["explanation"].as_array().unwrap_or_else(|| panic!("{query}: no parts: {hit}"));
                let sum: f64 = parts.iter().map(|p| p["score"].as_f64().expect("a number")).sum();
                let score = hit["score"].as_f64().expect("a number");
                assert!((sum - score).abs() < 1e-4 * score.abs().max(1.0), "{query} {more:?}: {sum} {hit}");
                assert!(parts.iter().all(|p| p["part"].as_str().is_some_and(|p| !p.is_empty())), "{hit}");
                explained += 1;
            }
        }
    }
    assert!(explained > 100, "{explained}");
}

#[test]
fn a_hit_by_its_tag_alone_says_so() {
    let sandbox = sandbox();
    let hits = hits(&sandbox, "dysprosium", &[]);
    let has = |hit: &Value, what: &str| {
        hit["explanation"].as_array().is_some_and(|parts| {
            parts.iter().any(|p| p["part"].as_str().is_some_and(|part| part.starts_with(what)))
        })
    };
    let by_tag = hits.iter().filter(|h| has(h, "tag /") && !has(h, "dysprosium")).count();
    assert!(by_tag > 0, "no hit by its tag alone among {}", hits.len());
    assert!(hits.iter().any(|h| has(h, "dysprosium")), "no hit by its words");
}
