//! `orewire suggest`: completion from names in use and headlines, in either language.

mod common;

use std::time::Instant;

use common::{Sandbox, list, number, text};
use orewire::{SearchRequest, Searcher, Suggestion};
use serde_json::json;

fn searcher(sandbox: &Sandbox) -> Searcher {
    Searcher::open(sandbox.at("index")).expect("an index")
}

fn names(suggestions: &[Suggestion]) -> Vec<&str> {
    suggestions.iter().map(|s| s.text.as_str()).collect()
}

/// That each count is what a search for the name finds.
fn check_counts(searcher: &Searcher, suggestions: &[Suggestion]) -> usize {
    let mut checked = 0;
    for suggestion in suggestions {
        let (Some(path), Some(count)) = (&suggestion.path, suggestion.count) else { continue };
        let query = format!("{}:\"{path}\"", suggestion.kind.as_str());
        let results = searcher.search(&SearchRequest::new(query)).expect("an answer");
        assert_eq!(results.total as u64, count, "{suggestion:?}");
        checked += 1;
    }
    checked
}

#[test]
fn names_are_completed_in_the_script_that_was_typed() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let searcher = searcher(&sandbox);
    for (typed, want) in [
        ("sich", "Sichuan"),
        ("四", "四川"),
        ("SICH", "Sichuan"),
        ("creg", "China Rare Earth Group"),
        ("中国稀土", "中国稀土集团"),
        ("heavy rare", "Heavy rare earths"),
        ("重稀", "重稀土"),
        ("600111", "Northern Rare Earth"),
    ] {
        let found = searcher.suggest(typed, 10).expect("suggestions");
        assert!(names(&found)[..2.min(found.len())].contains(&want), "{typed}: {:?}", names(&found));
    }
    let mut checked = 0;
    for typed in ["s", "c", "r", "中", "江", "l", "chi", "in", "钨"] {
        let found = searcher.suggest(typed, 10).expect("suggestions");
        checked += check_counts(&searcher, &found);
        let counts: Vec<_> = found.iter().filter_map(|s| s.count).collect();
        assert!(counts.windows(2).all(|w| w[0] >= w[1]), "{typed}: the most used come first: {counts:?}");
    }
    assert!(checked > 40, "{checked}");
    for nothing in ["", "  ", "!?", "xqzzyx", "\"", "\u{202e}"] {
        assert!(searcher.suggest(nothing, 10).expect("suggestions").is_empty(), "{nothing:?}");
    }
    assert_eq!(searcher.suggest("s", 3).expect("suggestions").len(), 3);
    assert!(searcher.suggest(&"稀土".repeat(10_000), 10).expect("suggestions").is_empty());
}

#[test]
fn headlines_are_found_by_their_beginning_and_by_their_middle() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let searcher = searcher(&sandbox);
    for (typed, want) in [
        ("china merges sou", "China merges southern rare earth producers into China Rare Earth Group"),
        ("a short lea", "China keeps a short leash on rare earth quotas for 2024"),
        ("从成都走", "从成都走向海外：盛和资源的稀土版图"),
        ("總量控制", "2024年稀土总量控制指标全部下达 增幅明显放缓"),
    ] {
        let found = searcher.suggest(typed, 10).expect("suggestions");
        assert!(names(&found).contains(&want), "{typed}: {:?}", names(&found));
        let title = found.iter().find(|s| s.text == want).expect("the headline");
        let (article, _) = searcher.article(title.id.as_deref().expect("an id")).expect("its article");
        assert_eq!((article.title.trim(), article.date), (want, title.date));
    }
    // A space ends a word.
    assert!(names(&searcher.suggest("china merge ", 10).expect("suggestions")).is_empty());
}

#[test]
fn counts_are_of_the_articles_that_are_still_there() {
    let sandbox = Sandbox::new();
    let article = |id: &str, body: &str| json!({"id": id, "title": "", "body": body}).to_string() + "\n";
    let filler: String =
        (0..40).map(|n| article(&format!("f{n}"), &format!("Number {n} has no name in it."))).collect();
    let first = article("a", "Cobalt from Chile.") + &article("b", "Copper from Chile.") + &filler;
    sandbox.write("news/a.ndjson", first);
    sandbox.index(&["news"], 0);
    let of = |typed: &str| {
        let found = searcher(&sandbox).suggest(typed, 10).expect("suggestions");
        check_counts(&searcher(&sandbox), &found);
        found.into_iter().map(|s| (s.text, s.count.unwrap_or(0))).collect::<Vec<_>>()
    };
    assert_eq!(of("chi"), [("Chile".to_owned(), 2)]);
    assert_eq!(of("co").len(), 2);
    sandbox.write("news/a.ndjson", article("b", "Copper from Chile.") + &filler);
    sandbox.index(&["news"], 0);
    assert_eq!(of("chi"), [("Chile".to_owned(), 1)]);
    assert_eq!(of("co"), [("Copper".to_owned(), 1)]);
}

#[test]
fn the_command_prints_one_a_line() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let run = sandbox.run(["suggest", "sich"]).exits(0);
    assert!(run.out.starts_with("Sichuan  province, "), "{}", run.out);
    let answer = sandbox.run(["suggest", "--format", "json", "-n", "2", "四川"]).exits(0).json();
    assert_eq!(answer["prefix"], "四川");
    let first = &list(&answer["suggestions"])[0];
    assert_eq!((text(&first["text"]), text(&first["kind"])), ("四川", "province"));
    assert!(number(&first["count"]) > 0 && text(&first["path"]) == "/china/sichuan");
    assert_eq!(sandbox.run(["suggest", "xqzzyx"]).exits(1).out, "");
}

/// How long a completion takes, on an index named by `OREWIRE_BIG_INDEX`.
#[test]
fn completions_on_a_large_index() {
    let Some(index) = common::big_index() else { return };
    let opening = Instant::now();
    let searcher = Searcher::open(index).expect("an index");
    let opened = opening.elapsed();
    let first = Instant::now();
    let found = searcher.suggest("s", 10).expect("suggestions");
    eprintln!("opened in {opened:?}, first completion in {:?}", first.elapsed());
    assert_eq!(check_counts(&searcher, &found), found.len());
    let mut typed: Vec<String> = Vec::new();
    for whole in [
        "china national petroleum",
        "sichuan province",
        "rare earth exports",
        "lithium carbonate price",
        "soybean",
        "united states trade",
        "organization of petroleum",
        "大众汽车集团",
        "中国石油天然气",
        "四川省凉山",
        "稀土出口管制",
        "国务院总理",
        "新能源汽车",
        "习近平同",
        "the company said",
        "u.s. treasury",
        "opec meeting",
    ] {
        let ends = whole.char_indices().map(|(at, c)| at + c.len_utf8());
        typed.extend(ends.map(|end| whole[..end].to_owned()));
    }
    // The best of several: what else the machine does is not to be measured.
    let mut times: Vec<(u128, String)> = Vec::new();
    for typed in &typed {
        let took = (0..7).map(|_| {
            let started = Instant::now();
            searcher.suggest(typed, 10).expect("suggestions");
            started.elapsed().as_micros()
        });
        times.push((took.min().unwrap_or(0), typed.clone()));
    }
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].0;
    eprintln!(
        "{} completions: median {} µs, 95 % {} µs, 99 % {} µs",
        times.len(),
        at(0.5),
        at(0.95),
        at(0.99)
    );
    eprintln!("slowest: {:?}", &times[times.len() - 8..]);
}
