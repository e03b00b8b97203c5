//! News for tests of the store: short generated articles in both languages, the same from the same
//! seed, and what the tests measure an index by.
#![allow(dead_code, reason = "each test uses its part")]

use std::{
    fmt::Write as _,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use orewire::{Index, IndexOptions, Report, SearchRequest, Searcher};

/// Whether the long versions are asked for.
pub fn long() -> bool {
    std::env::var_os("OREWIRE_LONG_TESTS").is_some_and(|v| v == "1")
}

/// Numbers that look random and are the same on every machine (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const WHO_EN: &[&str] =
    &["smelter", "refinery", "miner", "trader", "ministry", "carmaker", "port", "supplier"];
const DID_EN: &[&str] =
    &["halted", "raised", "cut", "shipped", "licensed", "stockpiled", "auctioned", "inspected"];
const WHAT_EN: &[&str] =
    &["lithium", "cobalt", "gallium", "tungsten", "antimony", "graphite", "nickel", "copper"];
const WHERE_EN: &[&str] =
    &["Sichuan", "Qinghai", "Jiangxi", "Yunnan", "Chile", "Indonesia", "Guangdong", "Inner Mongolia"];
const WHO_ZH: &[&str] = &["冶炼厂", "矿业公司", "贸易商", "商务部", "港口", "供应商", "电池企业", "稀土集团"];
const DID_ZH: &[&str] = &["暂停", "提高", "削减", "出口", "批准", "收储", "拍卖", "检查"];
const WHAT_ZH: &[&str] = &["碳酸锂", "钴", "镓", "钨", "锑", "石墨", "镍", "稀土"];
const WHERE_ZH: &[&str] = &["四川", "青海", "江西", "云南", "智利", "印度尼西亚", "广东", "内蒙古"];

/// One article as a line of NDJSON. `edition` changes its text, and stands in it as a word.
pub fn article(n: usize, edition: usize) -> String {
    let mut dice = Dice((n as u64) << 20 | edition as u64);
    let mut body = String::new();
    let chinese = n % 2 == 1;
    for _ in 0..4 + dice.below(4) {
        let tons = 10 + dice.below(9_000);
        if chinese {
            let (who, place, did, what) =
                (dice.pick(WHO_ZH), dice.pick(WHERE_ZH), dice.pick(DID_ZH), dice.pick(WHAT_ZH));
            let _ = write!(body, "{place}的{who}{did}了{tons}吨{what}。");
        } else {
            let (who, place, did, what) =
                (dice.pick(WHO_EN), dice.pick(WHERE_EN), dice.pick(DID_EN), dice.pick(WHAT_EN));
            let _ = write!(body, "The {who} in {place} {did} {tons} tonnes of {what}. ");
        }
    }
    let title = if chinese { dice.pick(WHAT_ZH) } else { dice.pick(WHAT_EN) };
    let lang = if chinese { "zh" } else { "en" };
    let day = 1 + n % 28;
    format!(
        "{{\"id\":\"n{n}\",\"title\":\"{title} {n}\",\"body\":\"{body} everyarticle edition{edition} serial{n}\",\
         \"date\":\"2025-03-{day:02}\",\"lang\":\"{lang}\"}}\n"
    )
}

/// Writes a file of articles in one step, so that no reader meets half of it.
pub fn write(path: &Path, articles: impl Iterator<Item = (usize, usize)>) {
    let text: String = articles.map(|(n, edition)| article(n, edition)).collect();
    let draft = path.with_extension("part");
    fs::write(&draft, text).unwrap();
    fs::rename(draft, path).unwrap();
}

/// Brings an index up to date.
pub fn update(index: &Path, sources: &[PathBuf], options: &IndexOptions) -> orewire::Result<Report> {
    Index::at(index).update(sources, options, |_| ControlFlow::Continue(()))
}

/// Options for a run on two threads.
pub fn options() -> IndexOptions {
    let mut options = IndexOptions::default();
    options.threads = 2;
    options
}

/// Everything that an index answers to a list of questions, but for the time it took.
pub fn answers(searcher: &Searcher) -> orewire::Result<String> {
    let mut out = String::new();
    for query in [
        "lithium Sichuan",
        "碳酸锂 出口",
        "\"tonnes of gallium\"",
        "\"内蒙古的\"",
        "commodity:\"rare earths\" OR province:云南",
        "coblt~",
        "refin*",
        "date:2025-03-05 +everyarticle",
        "everyarticle -nickel",
    ] {
        let mut request = SearchRequest::new(query);
        request.limit = 5;
        let mut results = searcher.search(&request)?;
        results.took_us = 0;
        let _ = writeln!(out, "{}", serde_json::to_string(&results).unwrap());
    }
    for id in ["n0", "n7", "n20"] {
        let (article, tags) = searcher.article(id)?;
        let _ = writeln!(
            out,
            "{} {}",
            serde_json::to_string(&article).unwrap(),
            serde_json::to_string(&tags).unwrap()
        );
    }
    Ok(out)
}

/// How many articles hold a word.
pub fn count(searcher: &Searcher, word: &str) -> orewire::Result<usize> {
    let mut request = SearchRequest::new(word);
    request.limit = 1;
    request.literal = true;
    searcher.search(&request).map(|results| results.total)
}

/// The program under test.
pub fn program() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_orewire"));
    command.env_remove("RUST_BACKTRACE");
    command
}
