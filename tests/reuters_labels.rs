//! Tags against the labels that Reuters' own editors gave to 21,318 stories of 1987: how many of their
//! commodities and countries are found.
//!
//! `reuters_labels/topics.tsv` says which entry of the tree a topic is, for the topics that have one; a
//! tag below it counts (`rebar` for `iron-steel`). `places.tsv` has a country's code and how its name is
//! written: the editors also labelled stories with countries that the text does not name (a company's
//! seat), and those can't be found.

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
};

use common::{Sandbox, list, long, shared, text};
use serde_json::Value;

/// Stories of the short version: one of so many.
const EVERY: usize = 20;
/// Least share of the labels that must be found, a little below what is.
const COMMODITY_FLOOR: f64 = 0.91;
const NAMED_COUNTRY_FLOOR: f64 = 0.87;
const COUNTRY_FLOOR: f64 = 0.40;

/// The rows of a table: its first field to the others.
fn table(name: &str) -> BTreeMap<String, Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reuters_labels").join(name);
    let table = fs::read_to_string(path).expect("the table");
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    table.lines().skip(1).map(fields).map(|mut row| (row.remove(0), row)).collect()
}

/// Labels and how many of them were found.
#[derive(Default)]
struct Recall {
    labels: usize,
    found: usize,
}

impl Recall {
    fn count(&mut self, found: bool) {
        self.labels += 1;
        self.found += usize::from(found);
    }

    fn share(&self) -> f64 {
        self.found as f64 / self.labels.max(1) as f64
    }
}

/// Whether a text in lower case has a name that is no part of a longer word.
fn names(text: &str, name: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(name).any(|(at, found)| {
        !letter(text[..at].chars().next_back()) && !letter(text[at + found.len()..].chars().next())
    })
}

#[test]
fn labels_of_reuters_editors_are_found() {
    let Some(path) = shared("corpus/en-reuters21578.ndjson.zst") else { return };
    let sandbox = Sandbox::new();
    let every = if long() { 1 } else { EVERY };
    let stories: Vec<String> = BufReader::new(
        zstd::stream::read::Decoder::new(File::open(path).expect("the corpus")).expect("zstd"),
    )
    .lines()
    .map(|line| line.expect("a line"))
    .step_by(every)
    .collect();
    let file = sandbox.write("stories.ndjson", stories.join("\n"));
    let run =
        sandbox.run(["tag".as_ref(), file.as_os_str(), "--format".as_ref(), "ndjson".as_ref()]).exits(0);
    let tagged: Vec<Value> =
        run.out.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect();
    assert_eq!(tagged.len(), stories.len(), "one line for each story");

    let (topics, places) = (table("topics.tsv"), table("places.tsv"));
    let mut goods: BTreeMap<String, Recall> = BTreeMap::new();
    let (mut all, mut named) = (Recall::default(), Recall::default());
    for (story, tags) in stories.iter().zip(&tagged) {
        let story: Value = serde_json::from_str(story).expect("a line of JSON");
        assert_eq!(story["id"], tags["id"]);
        let of = |facet: &str, field: &str| -> BTreeSet<&str> {
            list(&tags[facet]).iter().flat_map(|t| text(&t[field]).split('/')).collect()
        };
        let found = of("commodity", "path");
        // Hong Kong and Taiwan are divisions in the tree.
        let countries: BTreeSet<&str> =
            of("country", "code").union(&of("province", "code")).copied().collect();
        let labels = |member: &str| {
            let labels = story[member].as_array().cloned().unwrap_or_default();
            labels.iter().filter_map(|l| l.as_str().map(str::to_owned)).collect::<Vec<_>>()
        };
        for topic in labels("topics") {
            if let Some(row) = topics.get(&topic) {
                goods.entry(topic).or_default().count(found.contains(row[0].as_str()));
            }
        }
        let field = |name: &str| story[name].as_str().unwrap_or("");
        let whole = format!("{} {}", field("title"), field("body")).to_lowercase();
        let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
        for row in labels("places").iter().filter_map(|place| places.get(place)) {
            let hit = countries.contains(row[0].as_str());
            all.count(hit);
            if row[1].split('|').any(|name| names(&whole, name)) {
                named.count(hit);
            }
        }
    }
    let sum = |of: fn(&Recall) -> usize| goods.values().map(of).sum::<usize>();
    let commodity = Recall { labels: sum(|r| r.labels), found: sum(|r| r.found) };
    let mut weak: Vec<_> = goods.iter().filter(|(_, r)| r.labels >= 15).collect();
    weak.sort_by(|a, b| a.1.share().total_cmp(&b.1.share()));
    let weak: Vec<String> =
        weak.iter().take(8).map(|(topic, r)| format!("{topic} {:.2} of {}", r.share(), r.labels)).collect();
    eprintln!(
        "{} stories; commodities {:.3} of {} labels of {} topics (weakest: {}); countries that are named {:.3} of {}, all {:.3} of {}",
        stories.len(),
        commodity.share(),
        commodity.labels,
        goods.len(),
        weak.join(", "),
        named.share(),
        named.labels,
        all.share(),
        all.labels,
    );
    assert!(commodity.labels > 100 && named.labels > 100, "the sample has labels");
    assert!(commodity.share() >= COMMODITY_FLOOR, "commodities: {:.3}", commodity.share());
    assert!(named.share() >= NAMED_COUNTRY_FLOOR, "named countries: {:.3}", named.share());
    assert!(all.share() >= COUNTRY_FLOOR, "countries: {:.3}", all.share());
}

#[test]
fn a_name_is_a_whole_word() {
    assert!(names("oil of oman, and gas", "oman"));
    assert!(!names("a roman road", "oman") && !names("omani oil", "oman"));
    assert!(names("the u.s. trade gap", "u.s."));
}
