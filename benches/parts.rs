//! The parts of the engine one by one: cutting text, parsing and planning a query, counting facets,
//! reading a page of hits. Snippets, segmentation and tagging have benches of their own.
//!
//! `cargo bench --bench parts` works on the sample articles of `seeds/`, put together to a few thousand,
//! so it needs nothing beside the checkout. Each measure asserts a count, so that it can't measure nothing.

use std::{path::Path, sync::LazyLock};

use divan::{Bencher, counter::BytesCount};
use orewire::{
    Article, Index, Lang, SearchRequest, Searcher,
    analysis::{Segmenter, Units, fold},
    source,
};

const ARTICLES: usize = 4_000;
const ENGLISH: &str = "lithium export OR \"rare earths\" -nickel date:>=2020";
const CHINESE: &str = "碳酸锂出口价格 OR \"稀土\" -镍 date:>=2020";

static SEEDS: LazyLock<Vec<Article>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let files = source::walk(&[folder]).map(|f| f.expect("a file"));
    let articles: Vec<Article> = files.flat_map(|f| source::read(&f).filter_map(Result::ok)).collect();
    assert!(articles.len() > 50, "the sample articles");
    articles
});

/// An index in memory of articles that each have the paragraphs of two of the samples.
static SEARCHER: LazyLock<Searcher> = LazyLock::new(|| {
    let index = Index::in_memory();
    let put_together = (0..ARTICLES).map(|n| {
        let first = &SEEDS[n % SEEDS.len()];
        let second = &SEEDS[(n * 7 + n / SEEDS.len()) % SEEDS.len()];
        let body = format!("{}\n\n{}", first.body, second.body);
        Article::new(format!("{n}"), first.title.as_str(), body)
    });
    index.put(put_together).expect("an index");
    index.searcher().expect("a searcher")
});

fn text(lang: Lang) -> String {
    SEEDS.iter().filter(|a| a.lang == lang).map(|a| a.body.as_str()).collect::<Vec<_>>().join("\n")
}

fn main() {
    divan::main();
}

#[divan::bench(args = [Lang::En, Lang::Zh])]
fn folding(bencher: Bencher, lang: Lang) {
    let text = text(lang);
    let length = fold(&text).len();
    assert!(length > 1_000);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| assert_eq!(fold(&text).len(), length));
}

#[divan::bench(args = [Lang::En, Lang::Zh])]
fn units(bencher: Bencher, lang: Lang) {
    let text = text(lang);
    let mut units = Units::of(&text, &[]);
    let count = units.len();
    assert!(count > 1_000);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        units.scan(&text, &[]);
        assert_eq!(units.len(), count);
    });
}

/// Stems in English; jieba's words with their sub-words in Chinese.
#[divan::bench(args = [Lang::En, Lang::Zh])]
fn words(bencher: Bencher, lang: Lang) {
    let text = text(lang);
    let units = Units::of(&text, &[]);
    let segmenter = Segmenter::new([]);
    let mut count = segmenter.counter();
    let words = count(&units);
    assert!(words > 1_000);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| assert_eq!(count(&units), words));
}

/// From text to what is looked for, names and Chinese words found, but nothing searched.
#[divan::bench(args = [ENGLISH, CHINESE])]
fn query_parsed_and_planned(bencher: Bencher, query: &str) {
    let (article, tags) = SEARCHER.article("1").expect("an article");
    let marks = |query: &str| {
        let highlighter = SEARCHER.highlighter(query).expect("a query");
        highlighter.snippet(&article, &tags, 240).0.text.len()
    };
    assert!(marks(query) > 0);
    bencher.bench_local(|| SEARCHER.highlighter(query).expect("a query"));
}

fn search(bencher: Bencher, request: &SearchRequest, values: usize) {
    let first = SEARCHER.search(request).expect("an answer");
    assert!(first.total > 100, "{} articles match", first.total);
    assert!(first.facets.commodity.len() >= values);
    bencher.bench_local(|| {
        let again = SEARCHER.search(request).expect("an answer");
        assert_eq!((again.total, again.hits.len()), (first.total, first.hits.len()));
    });
}

/// What a count costs without the page: `facet_counts` less this are the facets.
#[divan::bench(args = ["price", "价格"])]
fn total(bencher: Bencher, query: &str) {
    search(bencher, &SearchRequest::new(query).limit(0).facet_limit(0), 0);
}

#[divan::bench(args = ["price", "价格"])]
fn facet_counts(bencher: Bencher, query: &str) {
    search(bencher, &SearchRequest::new(query).limit(0).facet_limit(10), 3);
}

/// Ten hits read from the index, without snippets and facets.
#[divan::bench(args = ["price", "价格"])]
fn ten_hits(bencher: Bencher, query: &str) {
    search(bencher, &SearchRequest::new(query).facet_limit(0).snippet_columns(0), 0);
}

#[divan::bench(args = ["price", "价格"])]
fn ten_hits_with_all(bencher: Bencher, query: &str) {
    search(bencher, &SearchRequest::new(query), 3);
}
