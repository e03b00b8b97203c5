//! `orewire status`, `orewire check` and `orewire gc`.

use std::io::Write;

use indicatif::HumanBytes;
use orewire::{Checked, Index};
use serde_json::json;

use super::{
    Outcome,
    args::{Common, Format, FormatArgs},
    exit::{self, Failure},
    index, render, terminal,
};

/// A damaged index, when `check` found it.
const DAMAGED: u8 = 3;

fn open(common: &Common) -> Result<Index, Failure> {
    let config = index::config(common)?;
    Ok(Index::at(index::folder(&config, common)))
}

fn print(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}").map_err(Failure::output)
}

pub(crate) fn status(args: &FormatArgs, common: &Common) -> Outcome {
    let index = open(common)?;
    let manifest = index.manifest()?;
    common.timings.stage("open");
    let bytes: u64 = manifest.files.values().map(|f| f.bytes).sum();
    match args.format {
        Format::Json => {
            let value = json!({
                "index": index.folder().display().to_string(),
                "generation": manifest.generation,
                "published": manifest.published,
                "articles": manifest.articles,
                "text_bytes": manifest.text_bytes,
                "index_bytes": bytes,
                "files": manifest.files.len(),
                "fields": index.searcher()?.field_sizes()?,
                "sources": manifest.sources,
                "schema": manifest.schema,
                "analyzer": manifest.analyzer,
                "gazetteer": manifest.gazetteer,
            });
            print(&render::safe_json(&value, true))?;
        }
        Format::Text => {
            let sources: Vec<String> = manifest.sources.iter().map(|s| terminal::clean_line(s)).collect();
            print(&format!(
                "index       {}\ngeneration  {}, published {}\narticles    {}\nsize        {} in {} files\nsources     {}",
                terminal::clean_line(&index.folder().display().to_string()),
                manifest.generation,
                manifest.published,
                manifest.articles,
                HumanBytes(bytes),
                manifest.files.len(),
                sources.join(", "),
            ))?;
        }
    }
    Ok(exit::DONE)
}

pub(crate) fn check(args: &FormatArgs, common: &Common) -> Outcome {
    let index = open(common)?;
    let checked = index.check()?;
    common.timings.stage("check");
    let whole = checked.is_sound();
    let Checked { manifest, problems, articles, .. } = checked;
    match args.format {
        Format::Json => {
            let value = json!({
                "generation": manifest.generation, "sound": whole, "files": manifest.files.len(),
                "articles": articles, "problems": problems,
            });
            print(&render::safe_json(&value, true))?;
        }
        Format::Text => {
            for problem in &problems {
                print(&format!(
                    "{}: {}",
                    terminal::clean_line(&problem.file),
                    terminal::clean_line(&problem.reason)
                ))?;
            }
            if whole {
                let bytes: u64 = manifest.files.values().map(|f| f.bytes).sum();
                print(&format!(
                    "{} is sound: {} in {} files as published, {articles} articles readable.",
                    manifest.generation,
                    HumanBytes(bytes),
                    manifest.files.len()
                ))?;
            } else {
                eprintln!("hint: build it anew with `orewire index --rebuild`");
            }
        }
    }
    Ok(if whole { exit::DONE } else { DAMAGED })
}

pub(crate) fn gc(common: &Common) -> Outcome {
    let removed = open(common)?.gc()?;
    common.timings.stage("remove");
    if !common.quiet {
        let (generations, bytes) = (removed.generations, HumanBytes(removed.bytes));
        print(&format!("{generations} generations removed, files of {bytes}."))?;
    }
    Ok(exit::DONE)
}
