//! How fast articles are tagged, on one core, English and Chinese, beside the cutting into units that
//! indexing does anyway.
//!
//! `cargo bench --bench tagging` reads the corpora beside the checkout (skips without them) and prints
//! MB a second. Every measure is a median of five and asserts a count of tags, so that it can't measure
//! nothing. The names are compiled once, before.

mod sample;

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use orewire::{Gazetteer, Tagger, analysis::Units};
use sample::sample;

const ROUNDS: usize = 5;
const SAMPLE_BYTES: usize = 8 << 20;
/// An article has at least one tag on average; the corpora have about eight.
const TAGS_PER_ARTICLE_MIN: usize = 2;

/// Time that this thread has spent on a core, so that other work on the machine does not count; where the
/// system does not tell, the time of day.
fn cpu_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let of_thread = || {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(stat.split(' ').next()?.parse().ok()?))
    };
    of_thread().unwrap_or_else(|| START.get_or_init(Instant::now).elapsed())
}

/// Median time of a piece of work, and the count that it gives each time.
fn median(mut work: impl FnMut() -> usize) -> (Duration, usize) {
    let count = work();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = cpu_time();
            assert_eq!(work(), count, "the same work gives the same count");
            cpu_time().saturating_sub(started)
        })
        .collect();
    times.sort();
    (times[ROUNDS / 2], count)
}

fn main() {
    let started = Instant::now();
    let gazetteer = Arc::new(Gazetteer::builtin().expect("the built-in tables are sound"));
    println!("names compiled in {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    let mut tagger = Tagger::new(gazetteer);
    for name in [
        "en-ccnews.ndjson.zst",
        "en-reuters21578.ndjson.zst",
        "zh-crud.ndjson.zst",
        "zh-xinwenlianbo.ndjson.zst",
    ] {
        let Some(articles) = sample(name, SAMPLE_BYTES) else {
            println!("skipped: {name} is not beside the checkout");
            continue;
        };
        let bytes: usize = articles.iter().map(|a| a.title.len() + a.body.len()).sum();
        let report = |what: &str, (time, count): (Duration, usize), least: usize, of: &str| {
            assert!(count >= least, "{what} saw the text: {count} {of}");
            let rate = bytes as f64 / 1e6 / time.as_secs_f64();
            println!("{name:28} {what:24} {rate:7.1} MB/s  {count} {of}");
        };
        let mut units = Units::new();
        let scan = median(|| {
            let mut scan = |text: &str, furniture: &[std::ops::Range<usize>]| {
                units.scan(text, furniture);
                units.len()
            };
            articles.iter().map(|a| scan(&a.title, &[]) + scan(&a.body, &a.furniture)).sum()
        });
        report("units", scan, articles.len(), "units");
        // Units are known while indexing, so tagging is what comes on top of them.
        let cut: Vec<[Units; 2]> =
            articles.iter().map(|a| [Units::of(&a.title, &[]), Units::of(&a.body, &a.furniture)]).collect();
        let tags = median(|| {
            let pairs = articles.iter().zip(&cut);
            pairs.map(|(article, [title, body])| count(&tagger.tag(article, title, body))).sum()
        });
        report("tags, of known units", tags, TAGS_PER_ARTICLE_MIN * articles.len(), "tags");
    }
}

fn count(tags: &orewire::tagging::Tags) -> usize {
    tags.organization.len() + tags.province.len() + tags.country.len() + tags.commodity.len()
}
