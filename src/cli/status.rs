//! `orewire status`, `orewire check` and `orewire gc`.

use std::io::Write;

use indicatif::{HumanBytes, HumanCount};
use orewire::{Checked, Error, Index, LastRun, Manifest};
use serde_json::json;

use super::{
    Outcome,
    args::{Common, Format, FormatArgs},
    exit::{self, Failure},
    index,
    progress::{Meter, Unit, count},
    render, terminal,
};

/// The index is there, but damaged or of another version.
const UNUSABLE: u8 = 3;

/// What to do about damage.
const MENDING: &str = "the next `orewire index` builds it anew from its sources; or do so now with --rebuild";

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
    let last_run = index.last_run();
    // What another version wrote can't be opened, but says what it is.
    let opened = index.searcher().and_then(|s| Ok((s.dates()?, s.field_sizes()?)));
    let code = if opened.is_ok() { exit::DONE } else { UNUSABLE };
    common.timings.stage("open");
    match args.format {
        Format::Json => {
            let (dates, fields) = opened.as_ref().map_or((None, None), |(dates, f)| (*dates, Some(f)));
            let value = json!({
                "index": index.folder().display().to_string(),
                "generation": manifest.generation,
                "published": manifest.published,
                "last_run": last_run,
                "articles": manifest.articles,
                "oldest": dates.map(|(first, _)| first),
                "newest": dates.map(|(_, last)| last),
                "text_bytes": manifest.text_bytes,
                "index_bytes": size(&manifest),
                "files": manifest.files.len(),
                "fields": fields,
                "sources": manifest.sources,
                "schema": manifest.schema,
                "analyzer": manifest.analyzer,
                "gazetteer": manifest.gazetteer,
                "error": opened.as_ref().err().map(ToString::to_string),
            });
            print(&render::safe_json(&value, true))?;
        }
        Format::Text => {
            let line =
                |name: &str, text: String| print(&format!("{name:11} {}", terminal::clean_line(&text)));
            line("index", index.folder().display().to_string())?;
            line("generation", format!("{}, published {}", manifest.generation, when(&manifest.published)))?;
            if let Some(run) = &last_run {
                line("last run", format!("{}: {}", when(&run.ended), outcome(run)))?;
            }
            let dates = match &opened {
                Ok((Some((first, last)), _)) => format!(", dated {first} to {last}"),
                _ => String::new(),
            };
            line("articles", format!("{}{dates}", HumanCount(manifest.articles)))?;
            let (bytes, text) = (HumanBytes(size(&manifest)), HumanBytes(manifest.text_bytes));
            let files = count(manifest.files.len() as u64, "file");
            line("size", format!("{bytes} in {files}, of {text} of text"))?;
            line("sources", manifest.sources.join(", "))?;
        }
    }
    if let (Err(error), Format::Text) = (opened, args.format) {
        return Err(error.into());
    }
    Ok(code)
}

fn size(manifest: &Manifest) -> u64 {
    manifest.files.values().map(|f| f.bytes).sum()
}

/// A time, and how long ago it was.
fn when(time: &str) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let Ok(then) = time.parse::<jiff::Timestamp>() else { return time.to_owned() };
    let ago = match jiff::Timestamp::now().as_second() - then.as_second() {
        s if s < 0 => return time.to_owned(),
        s if s < 2 * MINUTE => format!("{s} s"),
        s if s < 2 * HOUR => format!("{} min", s / MINUTE),
        s if s < 2 * DAY => format!("{} h", s / HOUR),
        s => format!("{} days", s / DAY),
    };
    format!("{time}, {ago} ago")
}

fn outcome(run: &LastRun) -> String {
    match &run.error {
        Some(error) => format!("failed: {error}"),
        None => index::counts(run.added, run.updated, run.removed, run.unchanged, run.skipped_total),
    }
}

pub(crate) fn check(args: &FormatArgs, common: &Common) -> Outcome {
    let index = open(common)?;
    match args.format {
        Format::Json => check_as_json(&index, common),
        Format::Text => check_as_text(checked(&index, common)?),
    }
}

fn checked(index: &Index, common: &Common) -> orewire::Result<Checked> {
    let mut meter = Meter::new(common);
    let checked = index.check_with(|progress| match progress.articles_total {
        0 => meter.at(Unit::Bytes, progress.bytes, progress.bytes_total, &progress.file),
        all => meter.at(Unit::Articles, progress.articles, all, "reading articles"),
    });
    common.timings.stage("check");
    checked
}

fn check_as_json(index: &Index, common: &Common) -> Outcome {
    let (sound, mut value) = match checked(index, common) {
        Ok(checked) => {
            let manifest = &checked.manifest;
            let value = json!({
                "generation": manifest.generation, "sound": checked.is_sound(), "files": manifest.files.len(),
                "articles": checked.articles, "problems": checked.problems,
            });
            (checked.is_sound(), value)
        }
        // So damaged that nobody knows what belongs to it.
        Err(Error::Damaged { reason, .. }) => {
            let problems = json!([{"file": "", "reason": reason}]);
            (
                false,
                json!({"generation": "", "sound": false, "files": 0, "articles": 0, "problems": problems}),
            )
        }
        Err(error) => return Err(error.into()),
    };
    if !sound {
        value["hint"] = MENDING.into();
    }
    print(&render::safe_json(&value, true))?;
    Ok(if sound { exit::DONE } else { UNUSABLE })
}

fn check_as_text(checked: Checked) -> Outcome {
    let sound = checked.is_sound();
    let Checked { manifest, problems, articles, .. } = checked;
    for problem in &problems {
        print(&format!(
            "{}: {}",
            terminal::clean_line(&problem.file),
            terminal::clean_line(&problem.reason)
        ))?;
    }
    if sound {
        print(&format!(
            "{} is sound: {} in {} as published, {} readable.",
            manifest.generation,
            HumanBytes(size(&manifest)),
            count(manifest.files.len() as u64, "file"),
            count(articles, "article"),
        ))?;
        return Ok(exit::DONE);
    }
    let what = match problems.len() {
        0 => format!("{} readable of {}", count(articles, "article"), HumanCount(manifest.articles)),
        1 => "1 file is not as it was published".to_owned(),
        n => format!("{} are not as they were published", count(n as u64, "file")),
    };
    print(&format!("{} is damaged: {what}.", manifest.generation))?;
    eprintln!("hint: {MENDING}");
    Ok(UNUSABLE)
}

pub(crate) fn gc(common: &Common) -> Outcome {
    let meter = Meter::new(common);
    let removed = open(common)?.gc()?;
    drop(meter);
    common.timings.stage("remove");
    if !common.quiet {
        print(&match (removed.generations as u64, removed.bytes) {
            (0, 0) => "Nothing to remove.".to_owned(),
            (n, bytes) => format!("{} removed, {} freed.", count(n, "generation"), HumanBytes(bytes)),
        })?;
    }
    Ok(exit::DONE)
}
