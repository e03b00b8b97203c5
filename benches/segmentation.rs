//! How fast text becomes units and words, beside jieba-rs alone on the same text in the same run.
//!
//! `cargo bench --bench segmentation` reads the corpora beside the checkout (skips without them) and
//! prints MB a second on one core. Every measure is a median of five and asserts a count, so that it
//! can't measure nothing.

mod sample;

use std::time::{Duration, Instant};

use jieba_rs::Jieba;
use orewire::analysis::{Segmenter, UnitKind, Units};
use sample::sample;

const ROUNDS: usize = 5;
const SAMPLE_BYTES: usize = 12 << 20;

/// Median time of a piece of work, and the count that it gives each time.
fn median(mut work: impl FnMut() -> usize) -> (Duration, usize) {
    let count = work();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            assert_eq!(work(), count, "the same work gives the same count");
            started.elapsed()
        })
        .collect();
    times.sort();
    (times[ROUNDS / 2], count)
}

fn main() {
    let jieba = Jieba::new();
    let segmenter = Segmenter::new([]);
    for name in ["zh-crud.ndjson.zst", "zh-xinwenlianbo.ndjson.zst", "en-ccnews.ndjson.zst"] {
        let Some(articles) = sample(name, SAMPLE_BYTES) else {
            println!("skipped: {name} is not beside the checkout");
            continue;
        };
        let bytes: usize = articles.iter().map(|a| a.body.len()).sum();
        let report = |what: &str, (time, count): (Duration, usize), of: &str| {
            assert!(count > articles.len(), "{what} saw the text");
            let rate = bytes as f64 / 1e6 / time.as_secs_f64();
            println!("{name:28} {what:34} {rate:7.1} MB/s  {count} {of}");
            time
        };
        let mut units = Units::new();
        report(
            "units",
            median(|| {
                articles
                    .iter()
                    .map(|a| {
                        units.scan(&a.body, &a.furniture);
                        units.len()
                    })
                    .sum()
            }),
            "units",
        );
        let alone = report(
            "jieba-rs alone, search mode",
            median(|| articles.iter().map(|a| jieba.cut_for_search(&a.body, true).len()).sum()),
            "tokens",
        );
        let mut count = segmenter.counter();
        let ours = report(
            "units, stems and words",
            median(|| {
                articles
                    .iter()
                    .map(|a| {
                        units.scan(&a.body, &a.furniture);
                        count(&units)
                    })
                    .sum()
            }),
            "words",
        );
        println!("{name:28} ratio to jieba-rs alone: {:.2}", alone.as_secs_f64() / ours.as_secs_f64());
        assert!(articles.iter().any(|a| Units::of(&a.body, &[]).iter().any(|u| u.kind != UnitKind::Punct)));
    }
}
