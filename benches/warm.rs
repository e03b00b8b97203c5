//! Every query of a list against an index, warm, with and without facet counts and snippets: what
//! `benches/peers` and `benches/scale` compare.
//!
//! `cargo bench --bench warm -- INDEX QUERIES ROUNDS` prints a line of JSON for each query and mode,
//! with its times in microseconds. A line of QUERIES is `class⇥language⇥word|word`, the class `term`,
//! `and`, `or` or `phrase`. Without arguments it says so and does nothing.

use std::{
    io::{self, Write},
    path::Path,
    time::Instant,
};

use orewire::{SearchRequest, Searcher};
use serde_json::json;

/// What is asked for beside the hits: facet values, and columns of the snippets.
const MODES: [(&str, usize, usize); 4] =
    [("hits", 0, 0), ("facets", 10, 0), ("snippets", 0, 240), ("all", 10, 240)];

/// A query in orewire's language.
fn written(class: &str, words: &str) -> String {
    let words: Vec<&str> = words.split('|').collect();
    match class {
        "phrase" => format!("\"{}\"", words.join(" ")),
        "and" => words.iter().map(|w| format!("+{w}")).collect::<Vec<_>>().join(" "),
        "or" => words.join(" OR "),
        _ => words.join(" "),
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [index, queries, rounds] = &args[..] else {
        println!(
            "skipped: warm needs INDEX QUERIES ROUNDS; benches/peers/run and benches/scale/run give them"
        );
        return;
    };
    let rounds: usize = rounds.parse().expect("a number of rounds");
    let searcher = Searcher::open(Path::new(index)).expect("an index");
    let mut out = io::stdout().lock();
    for line in std::fs::read_to_string(queries).expect("queries").lines() {
        let [class, lang, words] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line:?} is not class, language and words");
        };
        let text = written(class, words);
        for (mode, facets, columns) in MODES {
            let request = SearchRequest::new(text.as_str()).facet_limit(facets).snippet_columns(columns);
            let first = searcher.search(&request).expect("an answer");
            let times: Vec<f64> = (0..rounds)
                .map(|_| {
                    let started = Instant::now();
                    let again = searcher.search(&request).expect("an answer");
                    let took = started.elapsed();
                    assert_eq!((again.total, again.hits.len()), (first.total, first.hits.len()));
                    took.as_nanos() as f64 / 1e3
                })
                .collect();
            let values = [
                &first.facets.organization,
                &first.facets.province,
                &first.facets.country,
                &first.facets.commodity,
            ];
            let values: usize = values.iter().map(|v| v.len()).sum();
            let is_marked =
                |h: &&orewire::Hit| !h.snippet.highlights.is_empty() || !h.title_highlights.is_empty();
            let marked = first.hits.iter().filter(is_marked).count();
            assert!(first.total == 0 || facets == 0 || values > 0 || first.total < 10, "{text}: no facets");
            assert!(columns == 0 || marked == first.hits.len(), "{text}: a hit that shows no match");
            let line = json!({
                "class": class, "lang": lang, "query": text, "mode": mode, "us": times, "total": first.total,
                "hits": first.hits.len(), "facet_values": values, "marked": marked,
            });
            writeln!(out, "{line}").expect("standard output");
        }
    }
}
