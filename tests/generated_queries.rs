//! Whatever is typed is answered or refused in words: generated queries, by a grammar and as byte soup, in
//! both languages, none of which may panic. Over the sample articles (a million with
//! `OREWIRE_LONG_TESTS=1`), and over the index that `OREWIRE_BIG_INDEX` names, where the slowest are
//! listed too (best with `--release`).

mod common;

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use common::Sandbox;
use orewire::{Error, SearchRequest, Searcher};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// How long an answer may take before it is listed.
const SLOW: Duration = Duration::from_millis(500);

/// Queries between two lines of progress.
const CHUNK: usize = 10_000;
/// Slow queries that are kept.
const SLOWEST: usize = 1_000;

/// Words that an analyst types, rare and common ones, and what is nearly a word.
const WORDS: &[&str] = &[
    "rare",
    "earth",
    "earths",
    "lithium",
    "litium",
    "copper",
    "China",
    "Sichuan",
    "CREG",
    "price",
    "export",
    "ban",
    "the",
    "of",
    "and",
    "to",
    "a",
    "e",
    "2024",
    "3.5",
    "30,000",
    "tonnes",
    "U.S.",
    "U.S.–China",
    "C++",
    "OPEC+",
    "AT&T",
    "Co.,",
    "Ltd",
    "https://example.org/a?b=c&d",
    "user@example.org",
    "e-mail",
    "naïve",
    "São",
    "稀土",
    "中国",
    "中国稀土集团",
    "四川",
    "凉山",
    "出口",
    "价格",
    "的",
    "是",
    "了",
    "一",
    "铜",
    "鋰",
    "氧化镝",
    "3万吨",
    "5G基站",
    "什么是重稀土",
    "農業發展銀行",
    "🚢",
    "١٢٣",
    "ｌｉｔｈｉｕｍ",
    "Москва",
];

const FIELDS: &[&str] = &[
    "title:",
    "province:",
    "country:",
    "commodity:",
    "organization:",
    "org:",
    "source:",
    "lang:",
    "date:",
    "省份：",
    "国家：",
    "商品：",
    "标题：",
    "日期：",
    "titel:",
    "Xx:",
];

const VALUES: &[&str] = &[
    "Sichuan",
    "四川",
    "\"rare earths\"",
    "copper",
    "zh",
    "en",
    "2024",
    "2024-02..",
    "..2023",
    "last30d",
    "*",
    "",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => prop::sample::select(WORDS).prop_map(str::to_owned),
        1 => "[a-z]{1,12}",
        1 => "[\u{4e00}-\u{9fa5}]{1,8}",
        1 => "[A-Z]{2,6}",
        1 => "[0-9]{1,6}([.,][0-9]{1,3})?[%吨t]?",
    ]
}

fn clause() -> impl Strategy<Value = String> {
    let field = prop::sample::select(FIELDS);
    let value = prop::sample::select(VALUES);
    let quotes = prop::sample::select(&[("\"", "\""), ("“", "”"), ("「", "」"), ("\"", ""), ("", "\"")][..]);
    prop_oneof![
        8 => word(),
        2 => (quotes, prop::collection::vec(word(), 0..5), prop::sample::select(&[" ", ""][..]))
            .prop_map(|((open, close), words, between)| format!("{open}{}{close}", words.join(between))),
        1 => word().prop_map(|w| w + "*"),
        1 => word().prop_map(|w| w + "~"),
        1 => (field.clone(), value).prop_map(|(f, v)| format!("{f}{v}")),
        1 => (field, word()).prop_map(|(f, w)| format!("{f}{w}")),
    ]
}

fn grammar() -> impl Strategy<Value = String> {
    let joint =
        prop::sample::select(&[" ", " ", " ", " AND ", " OR ", " NOT ", " -", " +", "", "，", "　"][..]);
    clause().prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            4 => prop::collection::vec((inner.clone(), joint.clone()), 1..6)
                .prop_map(|parts| parts.into_iter().flat_map(|(clause, joint)| [clause, joint.to_owned()]).collect()),
            1 => inner.clone().prop_map(|q| format!("({q})")),
            1 => inner.prop_map(|q| format!("title:({q}")),
        ]
    })
}

/// What no one types but a program sends: one thing again and again, up to the limits.
fn endless() -> impl Strategy<Value = String> {
    let unit = prop_oneof![
        word().prop_map(|w| w + " "),
        word(),
        "[a-z]\\* ",
        "[a-z]{3,5}~ ",
        Just("(".to_owned()),
        Just("\"".to_owned()),
        Just("-".to_owned()),
        Just("NOT ".to_owned()),
        Just("title:".to_owned()),
        Just("a OR ".to_owned()),
        Just("的".to_owned()),
        Just("\"the of\" ".to_owned()),
    ];
    (unit, prop_oneof![Just(""), Just("\""), Just("title:\"")], 1..4_200usize).prop_map(
        |(unit, before, bytes)| {
            let mut query = before.to_owned();
            query.push_str(&unit.repeat(bytes / unit.len().max(1)));
            query
        },
    )
}

fn soup() -> impl Strategy<Value = String> {
    let bytes =
        prop::collection::vec(any::<u8>(), 0..200).prop_map(|b| String::from_utf8_lossy(&b).into_owned());
    prop_oneof![
        "\\PC{0,120}",
        bytes,
        "[\"“”()（）:：+＋~～*＊ 　,，;；、。|&<>=\\\\\\-－.\u{202e}\u{200b}\u{0}a稀1]{0,60}",
    ]
}

fn queries() -> impl Strategy<Value = String> {
    prop_oneof![12 => grammar(), 4 => soup(), 1 => Just(String::new()), 1 => endless()]
}

/// What was seen.
#[derive(Default)]
struct Seen {
    answered: usize,
    refused: usize,
    /// The slowest, slowest first.
    slow: Vec<(Duration, String)>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.answered += other.answered;
        self.refused += other.refused;
        self.slow.extend(other.slow);
        self.slow.sort_by(|a, b| b.cmp(a)); // slowest first
    }
}

fn ask(searcher: &Searcher, count: usize, seed: u64) -> Seen {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (strategy, mut seen) = (queries(), Seen::default());
    for n in 0..count {
        let query = strategy.new_tree(&mut runner).expect("a query").current();
        let mut request = SearchRequest::new(&query);
        request.literal = n % 8 == 7;
        let timed = || {
            let started = Instant::now();
            (panic::catch_unwind(AssertUnwindSafe(|| searcher.search(&request))), started.elapsed())
        };
        let (answer, mut took) = timed();
        // Other work on the machine makes a query slow once, not three times.
        for _ in 0..if took > SLOW / 10 { 2 } else { 0 } {
            took = took.min(timed().1);
        }
        match answer.unwrap_or_else(|_| panic!("a panic on {query:?}")) {
            Ok(results) => {
                seen.answered += 1;
                assert!(results.hits.len() <= results.total, "{query:?}");
                assert!(results.hits.iter().all(|h| h.score.is_finite()), "{query:?}");
            }
            Err(Error::Query(e)) => {
                seen.refused += 1;
                assert!(query.get(e.at.clone()).is_some() || e.query != query, "{query:?}: {:?}", e.at);
                assert!(!e.message.is_empty() && e.hint.is_some(), "{query:?}: {e:?}");
            }
            Err(e) => panic!("{query:?}: {e}"),
        }
        if took > SLOW / 10 {
            seen.slow.push((took, query));
        }
    }
    seen
}

/// Asks in as many threads as there are processors.
fn ask_all(searcher: &Searcher, count: usize) -> Seen {
    let mut seen = Seen::default();
    let mut asked = 0;
    while asked < count {
        let next = CHUNK.min(count - asked);
        seen.add(ask_some(searcher, next, asked as u64));
        seen.slow.truncate(SLOWEST);
        asked += next;
        let over = seen.slow.iter().filter(|(took, _)| *took > SLOW).count();
        eprintln!(
            "{asked} queries: {} answered, {} refused, {over} over {SLOW:?}",
            seen.answered, seen.refused
        );
    }
    seen
}

fn ask_some(searcher: &Searcher, count: usize, seed: u64) -> Seen {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let all = Mutex::new(Seen::default());
    thread::scope(|scope| {
        for thread in 0..threads {
            let all = &all;
            scope.spawn(move || {
                let seen = ask(searcher, count.div_ceil(threads), 2_026 + seed + thread as u64);
                all.lock().expect("no other thread has panicked").add(seen);
            });
        }
    });
    all.into_inner().expect("no thread has panicked")
}

#[test]
fn no_generated_query_panics() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    let searcher = Searcher::open(sandbox.at("index")).expect("an index");
    let count = if common::long() { 1_000_000 } else { 4_000 };
    let seen = ask_all(&searcher, count);
    assert!(seen.answered > count / 2 && seen.refused > count / 100, "too few of one kind");
}

#[test]
fn no_generated_query_panics_on_a_large_index() {
    let Some(index) = common::big_index() else { return };
    let searcher = Searcher::open(index).expect("an index");
    let seen = ask_all(&searcher, if common::long() { 1_000_000 } else { 2_000 });
    eprintln!("the slowest:");
    for (took, query) in seen.slow.iter().take(20) {
        let start: String = query.chars().take(70).collect();
        eprintln!("{took:>8.0?}  {} bytes  {start:?}", query.len());
    }
}
