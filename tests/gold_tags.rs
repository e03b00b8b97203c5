//! Tags against those made by hand: evidence must hold for every one of them, and precision and recall
//! together must not fall below what they were.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use common::{Sandbox, check_evidence, list, shared, text};
use serde_json::Value;

/// Least F1 for each language and facet: nine tenths of what it was when the floor was set.
const FLOORS: [(&str, [(&str, f64); 3]); 2] = [
    ("en", [("province", 0.883), ("country", 0.900), ("commodity", 0.876)]),
    ("zh", [("province", 0.883), ("country", 0.900), ("commodity", 0.885)]),
];

/// Codes that mean the same place.
const SAME: [(&str, &str); 4] = [("CN-HK", "HK"), ("CN-MO", "MO"), ("CN-TW", "TW"), ("GB-LND", "GB-ENG")];

fn by_id(ndjson: &str) -> BTreeMap<String, Value> {
    let values = ndjson.lines().map(|l| serde_json::from_str::<Value>(l).expect("a line of JSON"));
    values.map(|v| (text(&v["id"]).to_owned(), v)).collect()
}

/// What tells a tag from others of its facet.
fn key(facet: &str, tag: &Value) -> String {
    if facet == "commodity" {
        let of_path = || tag["path"].as_str().and_then(|p| p.rsplit('/').next());
        return tag["id"].as_str().or_else(of_path).unwrap_or("").to_owned();
    }
    let code = tag["code"].as_str().unwrap_or("");
    SAME.iter().find(|(from, _)| *from == code).map_or(code, |(_, to)| to).to_owned()
}

fn keys(facet: &str, tags: &[Value], want: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    tags.iter().filter(|t| want(t)).map(|t| key(facet, t)).collect()
}

/// F1 over all articles; optional tags count neither way.
fn f1(facet: &str, gold: &BTreeMap<String, Value>, tagged: &BTreeMap<String, Value>) -> f64 {
    let (mut right, mut wrong, mut missed) = (0, 0, 0);
    for (id, gold) in gold {
        let gold = list(&gold[facet]);
        let required = keys(facet, gold, |t| t["optional"] != true);
        let optional = keys(facet, gold, |t| t["optional"] == true);
        let mut found = tagged.get(id).map_or_else(BTreeSet::new, |t| keys(facet, list(&t[facet]), |_| true));
        found.remove("");
        right += found.intersection(&required).count();
        wrong += found.iter().filter(|k| !required.contains(*k) && !optional.contains(*k)).count();
        missed += required.difference(&found).count();
    }
    let ratio = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let (precision, recall) = (ratio(right, right + wrong), ratio(right, right + missed));
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

#[test]
fn tags_hold_against_those_made_by_hand() {
    let Some(folder) = shared("gold") else { return };
    let sandbox = Sandbox::new();
    for (lang, floors) in FLOORS {
        let articles = folder.join(format!("{lang}.articles.ndjson"));
        let run = sandbox
            .run(["tag".as_ref(), articles.as_os_str(), "--format".as_ref(), "ndjson".as_ref()])
            .exits(0);
        assert_eq!(run.err, "");
        let tagged = by_id(&run.out);
        let articles = by_id(&fs::read_to_string(&articles).expect("the articles"));
        assert_eq!(tagged.len(), articles.len(), "one line for each article");
        let mut pieces = 0;
        for (id, article) in &articles {
            let field = |name: &str| article[name].as_str().unwrap_or("");
            pieces += check_evidence(id, field("title"), field("body"), &tagged[id]);
        }
        assert!(pieces > 500, "{lang}: {pieces} pieces of evidence");
        let gold = by_id(&fs::read_to_string(folder.join(format!("{lang}.tags.ndjson"))).expect("the tags"));
        let scores = floors.map(|(facet, floor)| (facet, f1(facet, &gold, &tagged), floor));
        eprintln!("{lang}: {scores:.4?}");
        for (facet, score, floor) in scores {
            assert!(score >= floor, "{lang}: F1 of {facet} is {score:.3}, below {floor:.3}");
        }
    }
}

/// The score must see what it is there to see.
#[test]
fn the_score_counts_what_is_wrong_and_what_is_missing() {
    let gold = by_id(
        r#"{"id": "a", "province": [{"code": "CN-SC", "optional": false}, {"code": "CN-TW", "optional": false}, {"code": "CN-JX", "optional": true}]}"#,
    );
    let score = |tags: &str| f1("province", &gold, &by_id(&format!(r#"{{"id": "a", "province": {tags}}}"#)));
    assert_eq!(score(r#"[{"code": "CN-SC"}, {"code": "TW"}]"#), 1.0);
    assert_eq!(score(r#"[{"code": "CN-SC"}, {"code": "TW"}, {"code": "CN-JX"}]"#), 1.0);
    assert!((score(r#"[{"code": "CN-SC"}]"#) - 2.0 / 3.0).abs() < 1e-9);
    assert!((score(r#"[{"code": "CN-SC"}, {"code": "CN-BJ"}]"#) - 0.5).abs() < 1e-9);
    assert_eq!(score("[]"), 0.0);
}
