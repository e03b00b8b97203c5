//! One question in two languages: a name in English and in Chinese finds the same tagged articles. Over the
//! sample articles, and over the index that `OREWIRE_BIG_INDEX` names, where it is told how many hits the
//! two have in common.

mod common;

use std::collections::BTreeSet;

use common::Sandbox;
use orewire::{SearchRequest, Searcher};

/// English, Chinese, and the tags that both ask for.
const PAIRS: &[(&str, &str, &str)] = &[
    ("CREG", "中国稀土集团", "organization:\"China Rare Earth Group\""),
    ("Sichuan", "四川", "province:Sichuan"),
    ("Jiangxi", "江西", "province:Jiangxi"),
    ("Inner Mongolia", "内蒙古", "province:\"Inner Mongolia\""),
    ("Xinjiang", "新疆", "province:Xinjiang"),
    ("Shandong", "山东", "province:Shandong"),
    ("Guangdong", "广东", "province:Guangdong"),
    ("Qinghai", "青海", "province:Qinghai"),
    ("Indonesia", "印度尼西亚", "country:Indonesia"),
    ("Chile", "智利", "country:Chile"),
    ("Australia", "澳大利亚", "country:Australia"),
    ("Brazil", "巴西", "country:Brazil"),
    ("Kazakhstan", "哈萨克斯坦", "country:Kazakhstan"),
    ("rare earths", "稀土", "commodity:\"rare earths\""),
    ("lithium", "锂", "commodity:lithium"),
    ("copper", "铜", "commodity:copper"),
    ("cobalt", "钴", "commodity:cobalt"),
    ("nickel", "镍", "commodity:nickel"),
    ("soybeans", "大豆", "commodity:soybeans"),
    ("natural gas", "天然气", "commodity:\"natural gas\""),
    ("semiconductors", "半导体", "commodity:semiconductors"),
    ("MOFCOM", "商务部", "organization:MOFCOM"),
    ("CATL", "宁德时代", "organization:CATL"),
    ("BYD", "比亚迪", "organization:BYD"),
    ("TSMC", "台积电", "organization:TSMC"),
    ("Huawei", "华为", "organization:Huawei"),
    ("OPEC", "欧佩克", "organization:OPEC"),
    ("copper in Jiangxi", "江西 铜", "province:Jiangxi commodity:copper"),
    ("Sichuan natural gas", "四川 天然气", "province:Sichuan commodity:\"natural gas\""),
    ("Indonesia nickel", "印度尼西亚 镍", "country:Indonesia commodity:nickel"),
];

/// Ids of the articles that a query finds, best first, copies apart.
fn found(searcher: &Searcher, query: &str) -> Vec<String> {
    let mut request = SearchRequest::new(query).limit(orewire::limits::HITS_MAX).facet_limit(0);
    request.snippet_columns = 0;
    request.collapse_copies = false;
    let results = searcher.search(&request).unwrap_or_else(|e| panic!("{query:?}: {e}"));
    results.hits.into_iter().map(|hit| hit.id).collect()
}

/// Asserts that both questions of a pair find every article with its tags; returns the articles.
fn tagged(searcher: &Searcher, (english, chinese, tags): (&str, &str, &str)) -> usize {
    let wanted = found(searcher, tags);
    for query in [english, chinese] {
        let all: BTreeSet<String> = found(searcher, query).into_iter().collect();
        // What is listed is cut where there is very much of it.
        if all.len() < orewire::limits::HITS_MAX {
            let missed = wanted.iter().find(|id| !all.contains(*id));
            assert_eq!(missed, None, "{query:?} misses an article that {tags:?} finds");
        }
    }
    wanted.len()
}

#[test]
fn both_languages_find_the_tagged_articles() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let searcher = Searcher::open(sandbox.at("index")).expect("an index");
    let tagged: usize = PAIRS.iter().map(|pair| tagged(&searcher, *pair)).sum();
    assert!(tagged > 20, "only {tagged} tagged articles are there to be found");
}

#[test]
fn both_languages_find_the_tagged_articles_of_a_large_index() {
    let Some(index) = common::big_index() else { return };
    let searcher = Searcher::open(index).expect("an index");
    let (mut first_ten, mut all) = (0.0, 0.0);
    for pair in PAIRS {
        let tagged = tagged(&searcher, *pair);
        let [english, chinese] = [pair.0, pair.1].map(|query| found(&searcher, query));
        let common = |a: &[String], b: &[String]| a.iter().filter(|id| b.contains(id)).count();
        let top = common(&english[..english.len().min(10)], &chinese[..chinese.len().min(10)]);
        let set: BTreeSet<&String> = english.iter().collect();
        let both = chinese.iter().filter(|id| set.contains(id)).count();
        let either = english.len() + chinese.len() - both;
        first_ten += top as f64 / 10.0 / PAIRS.len() as f64;
        all += both as f64 / either.max(1) as f64 / PAIRS.len() as f64;
        eprintln!(
            "{:<22} {:<14} {:>6} {:>6} found, {both:>6} by both, {tagged:>6} tagged; {top} of the first ten",
            pair.0,
            pair.1,
            english.len(),
            chinese.len()
        );
    }
    eprintln!("in common: {all:.2} of all hits, {first_ten:.2} of the first ten");
}
