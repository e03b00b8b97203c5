//! How fast snippets are found, beside tantivy's `SnippetGenerator` with the same tokenizer on the same
//! articles in the same run.
//!
//! `cargo bench --bench snippets` indexes a part of the corpora beside the checkout in memory (skips
//! without them), searches for the best ten articles of each query, and times the ten snippets: p50 and
//! p99 over queries and rounds. Reading the articles from the index is timed apart. Each measure asserts
//! that matches were marked, so that it can't measure nothing.
//!
//! The generator is also timed with tantivy's own English tokenizer, the cheapest that it can do, and
//! where it panics that is caught and counted. `OREWIRE_BENCH_OURS=2000` times only ours, so many rounds:
//! for a profiler.

// What is measured against.
#![allow(clippy::disallowed_types)]

mod sample;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use jieba_rs::Jieba;
use orewire::{
    Article, Highlighter, Index, SearchRequest, Searcher, Tags,
    analysis::{Gap, UnitKind, Units},
};
use rust_stemmers::{Algorithm, Stemmer};
use sample::sample;
use tantivy::{
    TantivyDocument, Term,
    query::{BooleanQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
    snippet::SnippetGenerator,
    tokenizer::{Token, TokenStream, Tokenizer},
};

const ROUNDS: usize = 40;
const SAMPLE_BYTES: usize = 8 << 20;
const HITS: usize = 10;
/// Columns of a snippet, and characters of the generator's (it counts bytes).
const COLUMNS: usize = 240;

const ENGLISH: [&str; 16] = [
    "copper mine strike",
    "crude oil price",
    "gold production",
    "sugar export quota",
    "wheat subsidy",
    "steel tariffs",
    "natural gas pipeline",
    "interest rates inflation",
    "smelter closure",
    "electric car batteries",
    "shipping rates",
    "coffee harvest",
    "joint venture plant",
    "oil refinery capacity",
    "trade deficit dollar",
    "quarterly dividend shares",
];

const CHINESE: [&str; 16] = [
    "碳酸锂 价格",
    "稀土 出口",
    "新能源汽车 销量",
    "动力电池 回收",
    "原油 减产",
    "芯片 出口管制",
    "光伏 产能",
    "煤炭 保供",
    "粮食 丰收",
    "铁路 货运",
    "港口 吞吐量",
    "黄金 价格",
    "大豆 进口",
    "天然气 管道",
    "水电站 投产",
    "集装箱 运价",
];

/// The words of the index as tantivy's tokens: stems, numbers, Chinese words with their sub-words.
#[derive(Clone)]
struct SameWords {
    jieba: std::sync::Arc<Jieba>,
    units: Units,
    tokens: Vec<Token>,
}

struct Tokens<'a> {
    tokens: &'a mut [Token],
    next: usize,
}

impl Tokenizer for SameWords {
    type TokenStream<'a> = Tokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        let stemmer = Stemmer::create(Algorithm::English);
        self.units.scan(text, &[]);
        self.tokens.clear();
        let list = self.units.list();
        let mut push = |text: &str, from: usize, to: usize| {
            let (offset_from, offset_to) = (list[from].start as usize, list[to].end as usize);
            let position = list[from].position as usize;
            self.tokens.push(Token {
                offset_from,
                offset_to,
                position,
                text: text.to_owned(),
                position_length: 1,
            });
        };
        let mut at = 0;
        while at < list.len() {
            let term = self.units.term(&list[at]);
            let mut end = at + 1;
            match list[at].kind {
                UnitKind::Han => {
                    while end < list.len() && list[end].kind == UnitKind::Han && list[end].gap == Gap::None {
                        end += 1;
                    }
                    for word in self.jieba.cut_for_search(self.units.joined(at..end), true) {
                        let len = word.word.chars().count();
                        push(word.word, at + word.start, at + word.start + len - 1);
                    }
                }
                UnitKind::Word => push(&stemmer.stem(term), at, at),
                UnitKind::Number => push(term, at, at),
                _ => {}
            }
            at = end;
        }
        Tokens { tokens: &mut self.tokens, next: 0 }
    }
}

impl TokenStream for Tokens<'_> {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }
    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }
    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

/// The times of pieces of work.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let out = work();
        self.0.push(started.elapsed());
        out
    }

    /// In microseconds.
    fn percentile(&mut self, percent: usize) -> f64 {
        if self.0.is_empty() {
            return 0.0;
        }
        self.0.sort();
        self.0[(self.0.len() - 1) * percent / 100].as_secs_f64() * 1e6
    }

    fn report(&mut self, what: &str) -> f64 {
        let (p50, p99) = (self.percentile(50), self.percentile(99));
        println!("  {what:58} p50 {p50:8.1} µs  p99 {p99:8.1} µs  ({} times)", self.0.len());
        p50
    }
}

/// A query with its articles, and what makes their snippets.
struct Asked {
    articles: Vec<(Article, Tags)>,
    ours: Highlighter,
    theirs: SnippetGenerator,
    plain: SnippetGenerator,
}

/// An index of tantivy's with two fields of the same text: our words, and tantivy's own.
struct Theirs {
    searcher: tantivy::Searcher,
    same: (Field, SameWords),
    plain: Field,
}

impl Theirs {
    fn of(articles: &[Article]) -> tantivy::Result<Theirs> {
        let words =
            SameWords { jieba: std::sync::Arc::new(Jieba::new()), units: Units::new(), tokens: Vec::new() };
        let mut builder = Schema::builder();
        let option = |tokenizer: &str| {
            let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer);
            TextOptions::default()
                .set_indexing_options(indexing.set_index_option(IndexRecordOption::WithFreqs))
        };
        let same = builder.add_text_field("same", option("same"));
        let plain = builder.add_text_field("plain", option("default"));
        let index = tantivy::Index::create_in_ram(builder.build());
        index.tokenizers().register("same", words.clone());
        let mut writer = index.writer_with_num_threads(1, 100_000_000)?;
        for article in articles {
            let mut document = TantivyDocument::new();
            document.add_text(same, &article.body);
            document.add_text(plain, &article.body);
            writer.add_document(document)?;
        }
        writer.commit()?;
        Ok(Theirs { searcher: index.reader()?.searcher(), same: (same, words), plain })
    }

    fn generator(&self, query: &str, field: Field, words: Vec<String>) -> tantivy::Result<SnippetGenerator> {
        assert!(!words.is_empty(), "{query}");
        let terms = words.iter().map(|word| -> Box<dyn Query> {
            Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
        });
        let query = BooleanQuery::union(terms.collect());
        let mut generator = SnippetGenerator::create(&self.searcher, &query, field)?;
        generator.set_max_num_chars(COLUMNS);
        Ok(generator)
    }

    fn generators(&self, query: &str) -> tantivy::Result<(SnippetGenerator, SnippetGenerator)> {
        let (field, words) = &self.same;
        let mut words = words.clone();
        let mut tokens = words.token_stream(query);
        let mut same = Vec::new();
        tokens.process(&mut |token| same.push(token.text.clone()));
        let plain = query.split_whitespace().map(str::to_lowercase).collect();
        Ok((self.generator(query, *field, same)?, self.generator(query, self.plain, plain)?))
    }
}

fn ask(searcher: &Searcher, theirs: &Theirs, query: &str, reading: &mut Times) -> Asked {
    let mut request = SearchRequest::new(query);
    request.limit = HITS;
    request.snippet_columns = 0;
    let results = searcher.search(&request).expect("an answer");
    let ids: Vec<String> = results.hits.into_iter().map(|h| h.id).collect();
    assert!(!ids.is_empty(), "{query} finds articles");
    let read = || ids.iter().map(|id| searcher.article(id).expect("an article")).collect::<Vec<_>>();
    let mut articles = read();
    for _ in 0..ROUNDS {
        articles = reading.time(read);
    }
    let ours = searcher.highlighter(query).expect("a query");
    let (theirs, plain) = theirs.generators(query).expect("a query");
    Asked { articles, ours, theirs, plain }
}

/// The snippets of a query's articles by a generator of tantivy's; how many panicked.
fn generated(generator: &SnippetGenerator, articles: &[(Article, Tags)]) -> (usize, usize) {
    let (mut marked, mut panicked) = (0, 0);
    for (article, _) in articles {
        match catch_unwind(AssertUnwindSafe(|| generator.snippet(&article.body))) {
            Ok(snippet) => marked += usize::from(!snippet.highlighted().is_empty()),
            Err(_) => panicked += 1,
        }
    }
    (marked, panicked)
}

fn main() {
    for (language, corpora, queries) in [
        ("English", ["en-reuters21578.ndjson.zst", "en-ccnews.ndjson.zst"], ENGLISH),
        ("Chinese", ["zh-crud.ndjson.zst", "zh-xinwenlianbo.ndjson.zst"], CHINESE),
    ] {
        let mut articles = Vec::new();
        for name in corpora {
            match sample(name, SAMPLE_BYTES) {
                Some(some) => articles.extend(some),
                None => println!("skipped: {name} is not beside the checkout"),
            }
        }
        if articles.is_empty() {
            continue;
        }
        let theirs = Theirs::of(&articles).expect("an index of tantivy's");
        let count = articles.len();
        let index = Index::in_memory();
        index.put(articles).expect("an index");
        let searcher = index.searcher().expect("a searcher");
        let mut reading = Times::default();
        let asked: Vec<Asked> = queries.iter().map(|q| ask(&searcher, &theirs, q, &mut reading)).collect();
        let bytes: usize = asked.iter().flat_map(|a| &a.articles).map(|(a, _)| a.body.len()).sum();
        let shown: usize = asked.iter().map(|a| a.articles.len()).sum();
        println!("{language}: {} queries over {count} articles, {} bytes a body", asked.len(), bytes / shown);

        let (mut ours, mut same, mut plain) = (Times::default(), Times::default(), Times::default());
        let (mut marked, mut of_same, mut panics) = (0, 0, 0);
        // Where the generator panics, it says so once for all.
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let only_ours: Option<usize> = std::env::var("OREWIRE_BENCH_OURS").ok().and_then(|n| n.parse().ok());
        for round in 0..=only_ours.unwrap_or(ROUNDS) {
            for query in &asked {
                let by_us = || -> usize {
                    let one = |(article, tags): &(Article, Tags)| {
                        let (snippet, title) = query.ours.snippet(article, tags, COLUMNS);
                        usize::from(!snippet.highlights.is_empty() || !title.is_empty())
                    };
                    query.articles.iter().map(one).sum()
                };
                // The first round warms up.
                if round == 0 {
                    marked += by_us();
                    let (some, panicked) = generated(&query.theirs, &query.articles);
                    of_same += some;
                    panics += panicked;
                    generated(&query.plain, &query.articles);
                } else {
                    ours.time(by_us);
                    if only_ours.is_some() {
                        continue;
                    }
                    same.time(|| generated(&query.theirs, &query.articles));
                    plain.time(|| generated(&query.plain, &query.articles));
                }
            }
        }
        std::panic::set_hook(hook);
        assert_eq!(marked, shown, "every hit shows what matched");
        assert!(of_same > shown / 2, "the generator saw the text");
        reading.report("reading the articles (by id, decompressed, decoded)");
        let p50 = ours.report("snippets and marked titles");
        let by_same = same.report("SnippetGenerator, same tokenizer");
        let by_plain = plain.report("SnippetGenerator, tantivy's default tokenizer");
        println!(
            "  p50 is 1/{:.1} of the same tokenizer's, 1/{:.1} of the default's",
            by_same / p50,
            by_plain / p50
        );
        println!("  the generator panicked {panics} times in {shown} snippets");
    }
}
