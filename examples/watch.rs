//! Keeps an index fresh while a folder changes, and asks it the same question after each change:
//! `cargo run --example watch -- FOLDER QUERY [ROUNDS]`.
//!
//! It looks every second. A look at files that did not change costs their names, sizes and times; a
//! notification by the system would save that, and would still need a look for what it missed.

use std::{ops::ControlFlow, path::PathBuf, time::Duration};

use orewire::{Error, Index, IndexOptions, SearchRequest};

fn main() -> orewire::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(query)) = (arguments.next(), arguments.next()) else {
        println!("usage: watch FOLDER QUERY [ROUNDS]");
        return Ok(());
    };
    let rounds = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(u64::MAX);
    let sources = [PathBuf::from(folder)];
    let index = Index::in_memory();
    let mut searcher = None;
    for _ in 0..rounds {
        match index.update(&sources, &IndexOptions::default(), |_| ControlFlow::Continue(())) {
            Ok(report) if report.published => {
                println!("{} added, {} updated, {} removed", report.added, report.updated, report.removed);
                for skip in &report.skipped {
                    println!("skipped {skip:?}");
                }
                // Threads that search meanwhile would go on undisturbed, on clones of this one.
                let searcher = match &searcher {
                    Some(searcher) => searcher,
                    None => searcher.insert(index.searcher()?),
                };
                searcher.reload()?;
                let results = searcher.search(&SearchRequest::new(&query).limit(3))?;
                println!("{} articles for {query:?}", results.total);
                for hit in results.hits {
                    println!("  {:?}", hit.title);
                }
            }
            Ok(_) => {}
            // An unmounted disk, a file that somebody is writing: the index stays as it is.
            Err(error @ (Error::Source { .. } | Error::Io { .. })) => println!("{error}; trying again"),
            Err(error) => return Err(error),
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}
