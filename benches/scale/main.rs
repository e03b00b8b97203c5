//! A corpus of any number of articles from a few real ones, for `run` beside this file. Deterministic by
//! its seed.
//!
//! ```text
//! cargo bench --bench scale -- make ARTICLES SEED OUT FILE...    writes NDJSON, tells how the vocabulary grew
//! cargo bench --bench scale -- check FILE...                     how the vocabulary of NDJSON grows
//! ```
//!
//! An article is put together from runs of one to four sentences, each from another article of its
//! corpus, until it is as long as some article there. Every pass over a corpus cuts it into other runs
//! and deals them in another order, so that no two articles share more than a run.
//!
//! **Vocabulary.** By Heaps' law a text of n words has V = K·n^β different ones. The first pass is real
//! text in another order, so its vocabulary grows as it should. Later passes alone would add no word at
//! all. The words that stand once in a corpus tell how fast it still grows: the next word is new with the
//! probability of one of them, V₁/n (Good and Turing). So where a later pass comes to such a word, it puts
//! a made-up one there with the probability (n/n₀)^(β−1), n₀ being the words of the first pass and n those
//! so far: then new words come at the rate that Heaps' law asks for. Made-up words keep the shape of
//! theirs: letters become other letters, digits other digits, Han characters others from such words.

mod corpus;
mod rng;

use std::{
    collections::HashSet,
    fs::{self, File},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    io::{BufRead, BufReader, BufWriter, Write},
};

use corpus::{Corpus, Dealer, Words};
use serde_json::{Value, json};

/// Articles at which the size of the vocabulary is told.
const TOLD_AT: [usize; 8] = [5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

fn make(articles: usize, seed: u64, out: &str, files: &[String]) {
    let corpora: Vec<Corpus> = files.iter().map(|f| Corpus::read(f)).collect();
    let total: usize = corpora.iter().map(Corpus::len).sum();
    assert!(total > 0, "no articles");
    for corpus in &corpora {
        println!("{}", corpus.told());
    }
    let mut rng = rng::Rng::new(seed);
    let mut dealers: Vec<Dealer> = corpora.iter().map(|c| Dealer::new(c, rng.next())).collect();
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out).expect("the file to write"));
    for number in 1..=articles {
        // Each corpus by its share.
        let mut at = rng.below(total);
        let dealer = dealers
            .iter_mut()
            .find(|d| match at.checked_sub(d.corpus().len()) {
                Some(rest) => {
                    at = rest;
                    false
                }
                None => true,
            })
            .expect("a corpus");
        let article = dealer.article();
        let mut line = json!({
            "id": format!("s{seed}-{number}"), "title": article.title, "body": article.body,
            "source": article.source,
        });
        if let Some(date) = article.date {
            line["date"] = date.into();
        }
        serde_json::to_writer(&mut file, &line).expect("the file to write");
        file.write_all(b"\n").expect("the file to write");
        if TOLD_AT.contains(&number) || number == articles {
            let tokens: usize = dealers.iter().map(|d| d.tokens).sum();
            let vocabulary: usize = dealers.iter().map(|d| d.vocabulary).sum();
            println!("{number} articles: {tokens} words, {vocabulary} different ones");
        }
    }
    file.flush().expect("the file to write");
}

/// Cuts the articles again, as an index would, and tells how many different words there are.
fn check(files: &[String]) {
    let words = Words::new();
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut seen = HashSet::new();
    let (mut number, mut tokens) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    let mut tell = |number: usize, tokens: usize, different: usize| {
        // The exponent between two places.
        let beta = last.map(|(n, v)| (different as f64 / v as f64).ln() / (tokens as f64 / n as f64).ln());
        let beta = beta.map(|b| format!(", exponent since then {b:.3}")).unwrap_or_default();
        println!("{number} articles: {tokens} words, {different} different ones{beta}");
        last = Some((tokens, different));
    };
    for file in files {
        for line in BufReader::new(File::open(file).expect("a file")).lines() {
            let article: Value = serde_json::from_str(&line.expect("UTF-8")).expect("an article");
            words.of(article["body"].as_str().unwrap_or_default(), |word, _| {
                tokens += 1;
                seen.insert(hasher.hash_one(word));
            });
            number += 1;
            if TOLD_AT.contains(&number) {
                tell(number, tokens, seen.len());
            }
        }
    }
    if !TOLD_AT.contains(&number) {
        tell(number, tokens, seen.len());
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", articles, seed, out, _, ..] => {
            make(articles.parse().expect("a number"), seed.parse().expect("a number"), out, &args[4..]);
            println!("{} bytes", fs::metadata(out).expect("the file").len());
        }
        ["check", _, ..] => check(&args[1..]),
        _ => println!("skipped: scale needs `make` or `check`; benches/scale/run gives them"),
    }
}
