//! Hard sentences in both languages: ambiguous places, nested names, capitals for governments,
//! acronyms, false friends. The tables are `hard_sentences/en.tsv` and `zh.tsv`; each row has a sentence,
//! the tags that must be there, those that must not, and for what can't be told the reason. A row with
//! a reason must fail: when it no longer does, the reason has to go.

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use common::{Sandbox, list, text};
use serde_json::{Value, json};

/// Sentences of each table.
const ROWS: usize = 40;
/// Most rows of a table that may be known to be wrong.
const KNOWN_WRONG_MAX: usize = 3;

struct Row {
    sentence: String,
    wanted: Vec<String>,
    unwanted: Vec<String>,
    known_wrong: String,
}

fn rows(lang: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/hard_sentences/{lang}.tsv"));
    let table = fs::read_to_string(path).expect("the table");
    let words = |field: &str| field.split_whitespace().map(str::to_owned).collect();
    table
        .lines()
        .skip(1)
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [sentence, wanted, unwanted, known_wrong] => Row {
                sentence: sentence.to_owned(),
                wanted: words(wanted),
                unwanted: words(unwanted),
                known_wrong: known_wrong.to_owned(),
            },
            ref fields => panic!("{} fields: {line}", fields.len()),
        })
        .collect()
}

/// The tags of an article as the tables write them: `country:US`, `province:CN-SC`, `commodity:tin`,
/// `organization:bhp`.
fn tags(article: &Value) -> BTreeSet<String> {
    ["organization", "province", "country", "commodity"]
        .into_iter()
        .flat_map(|facet| {
            list(&article[facet]).iter().map(move |tag| {
                let key = match facet {
                    "organization" => text(&tag["path"]).trim_start_matches('/'),
                    "commodity" => text(&tag["id"]),
                    _ => tag["code"].as_str().unwrap_or(""),
                };
                format!("{facet}:{key}")
            })
        })
        .collect()
}

/// What is wrong with the tags of a sentence; nothing if all is right.
fn faults(row: &Row, tags: &BTreeSet<String>) -> Vec<String> {
    let lacks = row.wanted.iter().filter(|t| !tags.contains(*t)).map(|t| format!("lacks {t}"));
    let has = row.unwanted.iter().filter(|t| tags.contains(*t)).map(|t| format!("has {t}"));
    lacks.chain(has).collect()
}

#[test]
fn hard_sentences_get_the_tags_that_an_analyst_expects() {
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();
    for lang in ["en", "zh"] {
        let rows = rows(lang);
        let articles: String = rows
            .iter()
            .enumerate()
            .map(|(at, row)| format!("{}\n", json!({"id": at.to_string(), "body": row.sentence})))
            .collect();
        let file = sandbox.write(format!("{lang}.ndjson"), articles);
        let run =
            sandbox.run(["tag".as_ref(), file.as_os_str(), "--format".as_ref(), "ndjson".as_ref()]).exits(0);
        assert_eq!(run.err, "");
        let lines: Vec<Value> =
            run.out.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
        assert_eq!(lines.len(), rows.len(), "one line for each sentence");
        let (mut passed, mut known) = (0, 0);
        for (row, line) in rows.iter().zip(&lines) {
            let tags = tags(line);
            let faults = faults(row, &tags);
            passed += usize::from(faults.is_empty());
            known += usize::from(!row.known_wrong.is_empty());
            match (faults.is_empty(), row.known_wrong.as_str()) {
                (true, "") => {}
                (false, "") => wrong.push(format!("{}\n   {faults:?} in {tags:?}", row.sentence)),
                (true, reason) => wrong.push(format!("{}\n   is right now; remove {reason:?}", row.sentence)),
                (false, _) => {}
            }
        }
        eprintln!("{lang}: {} sentences, {passed} passed, {known} known to be wrong", rows.len());
        assert!(rows.len() >= ROWS, "{lang}: {} sentences", rows.len());
        assert!(known <= KNOWN_WRONG_MAX, "{lang}: {known} known to be wrong");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The check must see what it is there to see.
#[test]
fn a_missing_tag_and_one_too_many_are_faults() {
    let row = Row {
        sentence: String::new(),
        wanted: vec!["country:US".to_owned()],
        unwanted: vec!["province:US-GA".to_owned()],
        known_wrong: String::new(),
    };
    let article = |country: &str, province: &str| {
        tags(&json!({
            "organization": [], "commodity": [],
            "country": [{"code": country}], "province": [{"code": province}],
        }))
    };
    assert!(faults(&row, &article("US", "US-FL")).is_empty());
    assert_eq!(faults(&row, &article("GE", "US-FL")), ["lacks country:US"]);
    assert_eq!(faults(&row, &article("US", "US-GA")), ["has province:US-GA"]);
    assert!(rows("en").iter().chain(&rows("zh")).all(|row| !row.sentence.is_empty()));
}
