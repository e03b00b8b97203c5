//! Every facet count is how many hits there are after choosing it, whatever was asked and chosen before;
//! and a timeline's counts likewise. Over the sample articles, and over the index that
//! `OREWIRE_BIG_INDEX` names, with a thousand questions (best with `--release`).

mod common;
mod news;

use std::time::Instant;

use common::Sandbox;
use news::Dice;
use orewire::{Facet, SearchRequest, SearchResults, Searcher, TimelineStep};

const FACETS: [Facet; 4] = [Facet::Organization, Facet::Province, Facet::Country, Facet::Commodity];

const ASKED: &[&str] = &[
    "copper",
    "lithium",
    "rare earth",
    "export",
    "oil",
    "price",
    "minister",
    "bank",
    "soybean",
    "steel",
    "China",
    "Chile",
    "Japan",
    "factory",
    "trade",
    "稀土",
    "出口",
    "四川",
    "石油",
    "企业",
    "经济",
    "铜",
    "新能源",
    "汽车",
    "公司",
    "美国",
    "银行",
    "国务院",
    "天气",
    "粮食",
    "-copper",
    "\"rare earth\"",
    "\"中国\"",
    "province:Sichuan",
    "province:Jiangxi",
    "country:Japan",
    "country:China",
    "commodity:copper",
    "commodity:\"rare earths\"",
    "lang:zh",
    "lang:en",
    "date:2023",
    "date:..2000",
    "date:2024..",
    "title:China",
    "lith*",
    "galium~",
    "(copper OR tin)",
    "+铜 锂",
    "NOT oil",
];

fn ask(searcher: &Searcher, query: &str, selected: &[(Facet, String)]) -> SearchResults {
    let mut request = SearchRequest::new(query);
    request.selected = selected.to_vec();
    request.limit = 0;
    request.facet_limit = 12;
    request.timeline = Some(TimelineStep::Month);
    searcher.search(&request).unwrap_or_else(|e| panic!("{query:?} {selected:?}: {e}"))
}

/// Asks random questions with random selections; returns how many counts were compared.
fn compare(searcher: &Searcher, questions: usize, each: usize) -> usize {
    let mut dice = Dice(1987);
    let mut compared = 0;
    for _ in 0..questions {
        let mut words: Vec<&str> = (0..1 + dice.below(3)).map(|_| ASKED[dice.below(ASKED.len())]).collect();
        words.dedup();
        let query = words.join(" ");
        // What was chosen before: values that are there, or of any kind.
        let mut selected: Vec<(Facet, String)> = Vec::new();
        let open = ask(searcher, &query, &[]);
        for _ in 0..dice.below(4) {
            let facet = FACETS[dice.below(4)];
            let values = open.facets.of(facet);
            if let Some(value) = (!values.is_empty()).then(|| &values[dice.below(values.len())]) {
                selected.push((facet, value.path.clone()));
            }
        }
        let result = ask(searcher, &query, &selected);
        for facet in FACETS {
            let counts = result.facets.of(facet);
            for _ in 0..each.min(counts.len()) {
                let value = &counts[dice.below(counts.len())];
                // A facet's own selection makes way: its counts ignore it.
                let mut chosen: Vec<_> = selected.iter().filter(|(f, _)| *f != facet).cloned().collect();
                chosen.push((facet, value.path.clone()));
                let after = ask(searcher, &query, &chosen);
                assert_eq!(after.total as u64, value.count, "{query:?} {selected:?}, then {facet} {value:?}");
                compared += 1;
                // A second value of the same facet widens, by what the first one does not have.
                let Some(second) = counts.get(dice.below(counts.len())) else { continue };
                let mut both = chosen.clone();
                both.push((facet, second.path.clone()));
                let common = format!("({query}) {facet}:\"{}\" {facet}:\"{}\"", value.path, second.path);
                let others: Vec<_> = chosen.iter().filter(|(f, _)| *f != facet).cloned().collect();
                let common = ask(searcher, &common, &others).total as u64;
                let widened = ask(searcher, &query, &both).total as u64;
                assert_eq!(
                    widened,
                    value.count + second.count - common,
                    "{query:?} {selected:?}, then {facet} {value:?} and {second:?}"
                );
            }
        }
        for count in result.timeline.iter().flatten().take(each) {
            let month = &count.start.to_string()[..7];
            let of_month = ask(searcher, &format!("({query}) date:{month}"), &selected);
            assert_eq!(of_month.total as u64, count.count, "{query:?} {selected:?} in {month}");
            compared += 1;
        }
    }
    compared
}

#[test]
fn a_count_is_the_number_of_hits_after_choosing_it() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let searcher = Searcher::open(sandbox.at("index")).expect("an index");
    let compared = compare(&searcher, 30, 2);
    assert!(compared > 100, "only {compared} counts were there to compare");
}

#[test]
fn a_count_is_the_number_of_hits_on_a_large_index() {
    let Some(index) = common::big_index() else { return };
    let searcher = Searcher::open(index).expect("an index");
    let started = Instant::now();
    let compared = compare(&searcher, 1_000, 3);
    eprintln!("{compared} counts of 1,000 questions are right ({:.0?})", started.elapsed());
}

#[test]
fn several_values_widen_and_several_facets_narrow_on_the_command_line() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let total = |facets: &[&str]| {
        let mut args = vec!["--facets", "3"];
        facets.iter().for_each(|f| args.extend(["--facet", f]));
        let result = sandbox.search_with("rare earth OR 稀土", &args);
        assert!(common::list(&result["facets"]["province"]).len() <= 3);
        common::number(&result["total"])
    };
    let (sichuan, jiangxi) = (total(&["province=Sichuan"]), total(&["province=江西"]));
    let both = total(&["province=Sichuan", "province=Jiangxi"]);
    assert!(both > sichuan.max(jiangxi) && both <= sichuan + jiangxi, "{sichuan} {jiangxi} {both}");
    let narrowed = total(&["province=Sichuan", "province=Jiangxi", "commodity=heavy rare earths"]);
    assert!(narrowed < both && narrowed > 0, "{both} {narrowed}");
    sandbox
        .run(["search", "稀土", "--facet", "province=Sichuann"])
        .exits(2)
        .complains_of(&["no province is called", "did you mean Sichuan"]);
    sandbox.run(["search", "稀土", "--facet", "colour=red"]).exits(2);
}
