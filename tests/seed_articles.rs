//! The five articles of `../shared/seeds`: what must be found in them, what must not, and why.

mod common;

use std::{collections::BTreeSet, sync::OnceLock};

use common::{Sandbox, check_evidence, copy, list, set, shared, text};

/// An index of the five articles, built once; `None` when they are not there.
fn seeds() -> Option<&'static Sandbox> {
    static INDEX: OnceLock<Option<Sandbox>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let articles = shared("seeds")?;
        let sandbox = Sandbox::lasting("seed-articles");
        copy(&articles, &sandbox.at("news"));
        assert_eq!(sandbox.index(&["news"], 0)["added"], 5);
        Some(sandbox)
    });
    if index.is_none() {
        eprintln!("skipped: the seed articles are not there");
    }
    index.as_ref()
}

/// The number in front of a file's name, `000` of `news/000_71b1535813a1f911.txt`.
fn number(id: &str) -> String {
    id.trim_start_matches("news/").chars().take(3).collect()
}

fn found(index: &Sandbox, query: &str) -> BTreeSet<String> {
    index.found(query).iter().map(|id| number(id)).collect()
}

/// The id of the article with a number.
fn id(index: &Sandbox, number: &str) -> String {
    let ids = index.found("commodity:rare-earths");
    ids.into_iter().find(|id| self::number(id) == number).expect("all of them are about rare earths")
}

fn places(index: &Sandbox, number: &str) -> Vec<String> {
    let article = index.show(&id(index, number));
    list(&article["tags"]["province"]).iter().map(|t| text(&t["path"]).to_owned()).collect()
}

#[test]
fn sichuan_by_either_name_is_two_of_them() {
    let Some(index) = seeds() else { return };
    for query in ["province:Sichuan", "province:四川", "province：四川省", "province:CN-SC"] {
        assert_eq!(found(index, query), set(["000", "003"]), "{query}");
    }
    let mianning = "/china/sichuan/liangshan/mianning";
    assert!(places(index, "000").iter().any(|p| p == mianning));
    assert!(places(index, "003").iter().any(|p| p == "/china/sichuan/liangshan"));
    for query in ["province:Mianning", "province:冕宁", "province:冕宁县"] {
        assert_eq!(found(index, query), set(["000"]), "{query}");
    }
}

#[test]
fn the_rare_earth_group_by_any_name_is_two_of_them() {
    let Some(index) = seeds() else { return };
    for query in [
        "organization:CREG",
        "organization:\"China Rare Earth Group\"",
        "organization:中国稀土集团",
        "organization:中國稀土集團",
    ] {
        assert_eq!(found(index, query), set(["001", "003"]), "{query}");
    }
}

#[test]
fn a_capital_that_stands_for_its_government_is_no_province() {
    let Some(index) = seeds() else { return };
    for query in ["province:Beijing", "province:北京", "province:CN-BJ"] {
        assert_eq!(found(index, query), set([]), "{query}");
    }
    for number in ["000", "001", "002", "003", "004"] {
        let places = places(index, number);
        assert!(!places.iter().any(|p| p.starts_with("/china/beijing")), "{number}: {places:?}");
    }
}

#[test]
fn each_province_has_its_article() {
    let Some(index) = seeds() else { return };
    assert_eq!(found(index, "province:Jiangxi"), set(["004"]));
    assert_eq!(found(index, "province:江西"), set(["004"]));
    assert_eq!(found(index, "province:Guangxi"), set(["001"]));
    assert_eq!(found(index, "province:广西"), set(["001"]));
    assert_eq!(found(index, "province:Hunan"), set(["002"]));
    assert_eq!(found(index, "province:湖南"), set(["002"]));
}

#[test]
fn rare_earths_are_in_all_and_the_heavy_ones_in_three() {
    let Some(index) = seeds() else { return };
    let all = set(["000", "001", "002", "003", "004"]);
    for query in ["commodity:rare-earths", "commodity:\"rare earths\"", "commodity:稀土"] {
        assert_eq!(found(index, query), all, "{query}");
    }
    for query in [
        "commodity:heavy-rare-earths",
        "commodity:\"heavy rare earths\"",
        "commodity:重稀土",
        "commodity:HREE",
    ] {
        assert_eq!(found(index, query), set(["000", "001", "002"]), "{query}");
    }
}

#[test]
fn an_acronym_is_not_found_inside_a_word() {
    let Some(index) = seeds() else { return };
    // 002 speaks of "three major trends" and never of HREE.
    assert!(text(&index.show(&id(index, "002"))["body"]).contains("three"));
    for query in ["HREE", "\"HREE\"", "hree"] {
        let literal = index.search_with(query, &["--literal"]);
        let found: BTreeSet<_> = common::ids(&literal).iter().map(|i| number(i)).collect();
        assert!(!found.contains("002"), "{query}: {found:?}");
    }
    for number in ["000", "001", "002", "003", "004"] {
        let article = index.show(&id(index, number));
        for tag in list(&article["tags"]["commodity"]) {
            for piece in list(&tag["evidence"]) {
                let start = piece["start"].as_u64().expect("a place") as usize;
                let before = text(&article[text(&piece["field"])])[..start].chars().next_back();
                let inside = text(&piece["text"]).starts_with(char::is_alphanumeric)
                    && before.is_some_and(char::is_alphanumeric);
                assert!(!inside, "{number}: {piece} begins inside a word");
            }
        }
    }
}

#[test]
fn dates_are_those_of_the_bylines() {
    let Some(index) = seeds() else { return };
    let result = index.search("commodity:rare-earths");
    for hit in list(&result["hits"]) {
        let date = match number(text(&hit["id"])).as_str() {
            "000" => Some("2025-05-29"),
            "001" => Some("2025-05-23"),
            _ => None,
        };
        assert_eq!(hit["date"].as_str(), date, "{}", hit["id"]);
    }
    assert_eq!(found(index, "date:2025-05-29"), set(["000"]));
    assert_eq!(found(index, "date:2025-05"), set(["000", "001"]));
    assert_eq!(found(index, "date:..2024"), set([]));
}

#[test]
fn furniture_is_kept_and_not_searched() {
    let Some(index) = seeds() else { return };
    for phrase in ["Leave a Reply", "opens in a new tab", "Spread the word"] {
        assert_eq!(found(index, &format!("\"{phrase}\"")), set([]), "{phrase}");
    }
    for (number, phrase) in
        [("000", "Leave a Reply"), ("000", "opens in a new tab"), ("001", "Spread the word")]
    {
        let article = index.show(&id(index, number));
        assert!(text(&article["body"]).contains(phrase), "{number} {phrase}");
    }
    // Nor does it come up in a snippet.
    for hit in list(&index.search("rare earth exchanges forum")["hits"]) {
        let snippet = text(&hit["snippet"]["text"]);
        assert!(!snippet.contains("Leave a Reply") && !snippet.contains("opens in a new tab"), "{snippet}");
    }
}

#[test]
fn evidence_is_what_stands_in_the_file() {
    let Some(index) = seeds() else { return };
    let mut pieces = 0;
    for number in ["000", "001", "002", "003", "004"] {
        let id = id(index, number);
        let article = index.show(&id);
        let (title, body) = (text(&article["title"]), text(&article["body"]));
        // What `show` gives is the file, not a cleaned copy of it.
        let file = String::from_utf8(index.read(&id)).expect("UTF-8");
        assert!(file.contains(body.trim()) && file.contains(title.trim()), "{number}");
        pieces += check_evidence(&id, title, body, &article["tags"]);
    }
    assert!(pieces > 40, "{pieces}");
}
