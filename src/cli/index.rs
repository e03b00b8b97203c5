//! `orewire index`.

use std::{
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

use indicatif::{HumanBytes, HumanCount};
use orewire::{Config, Error, Index, IndexOptions, Progress, Report, RunStage, RunStages};

use super::{
    Outcome,
    args::{Common, IndexArgs},
    exit::{self, Failure},
    interrupt,
    progress::{Meter, Unit, count, span},
    report::ReportFile,
    terminal,
    timings::Timings,
};

/// How many skipped inputs are named on a terminal; the report file has more.
const SKIPS_SHOWN: usize = 20;

pub(crate) fn run(args: &IndexArgs, common: &Common) -> Outcome {
    let report_file = args.report.as_deref().map(ReportFile::prepare).transpose()?;
    let report = match brought_up_to_date(args, common) {
        Ok(report) => report,
        Err(failure) => {
            if let Some(file) = report_file
                && let Err(unwritten) = file.failed(&failure)
            {
                eprintln!("error: {}", terminal::clean_line(&unwritten.message()));
            }
            return Err(failure);
        }
    };
    let mut code = if report.skipped_total > 0 { exit::SOME_SKIPPED } else { exit::DONE };
    if let Some(file) = report_file
        && let Err(unwritten) = file.done(&report, code)
    {
        // Published all the same, which no failure's code would say.
        eprintln!("error: {}", terminal::clean_line(&unwritten.message()));
        code = exit::SOME_SKIPPED;
    }
    if !common.quiet {
        println_or_fail(&summary(&report))?;
    }
    Ok(code)
}

fn brought_up_to_date(args: &IndexArgs, common: &Common) -> Result<Report, Failure> {
    let config = config(common)?;
    let mut options = IndexOptions::default();
    options.rebuild = args.rebuild;
    options.memory_bytes = (args.memory as usize) << 20;
    if args.sources.is_empty() {
        update_configured(&config, common, &options)
    } else {
        update(&config, &folder(&config, common), common, &args.sources, &options)
    }
}

/// The settings that are meant: the file that was named, or the nearest one.
pub(crate) fn config(common: &Common) -> Result<Config, Failure> {
    Ok(match &common.config {
        Some(file) => Config::read(&absolute(file)?)?,
        None => found_config()?,
    })
}

/// The settings of the working folder.
pub(crate) fn found_config() -> orewire::Result<Config> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    Config::find(&here)
}

/// The index folder that is meant.
pub(crate) fn folder(config: &Config, common: &Common) -> PathBuf {
    common.index.clone().unwrap_or_else(|| configured(config))
}

/// The index folder of the settings, or else the default one.
pub(crate) fn configured(config: &Config) -> PathBuf {
    // Short where the settings are those of the working folder.
    let here = std::env::current_dir().is_ok_and(|here| here == config.folder);
    let folder = config.index.as_ref().map(|i| if here { i.clone() } else { config.folder.join(i) });
    folder.unwrap_or_else(|| PathBuf::from("index"))
}

/// Brings the index up to date from the sources of orewire.toml, as seen from its folder: ids hold
/// paths, and must be the same wherever the command is run.
pub(crate) fn update_configured(
    config: &Config,
    common: &Common,
    options: &IndexOptions,
) -> Result<Report, Failure> {
    if config.sources.is_empty() {
        let reason =
            "no source was named, and no orewire.toml in this folder or above it names any".to_owned();
        return Err(Error::Source { path: PathBuf::new(), reason }.into());
    }
    let index = absolute(&folder(config, common))?;
    let back = absolute(Path::new("."))?;
    let enter = |path: &Path| {
        std::env::set_current_dir(path).map_err(|cause| Error::Io {
            action: "entering",
            path: path.into(),
            cause,
        })
    };
    if !config.folder.as_os_str().is_empty() {
        enter(&config.folder)?;
    }
    let report = update(config, &index, common, &config.sources, options);
    enter(&back)?;
    report
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|cause| Error::Io { action: "resolving", path: path.into(), cause }.into())
}

/// Brings the index up to date, with a progress bar on a terminal, and names what was skipped.
pub(crate) fn update(
    config: &Config,
    folder: &Path,
    common: &Common,
    sources: &[PathBuf],
    options: &IndexOptions,
) -> Result<Report, Failure> {
    let index = Index::at(folder).with_config(config)?;
    interrupt::watch();
    let quiet = common.quiet;
    let mut meter = Meter::new(common);
    let report = index.update(sources, options, |progress| {
        show(&mut meter, progress);
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    // The summary on standard output says what was done.
    drop(meter);
    let report = report.map_err(Failure::building)?;
    note(&common.timings, &report.stages);
    if !quiet {
        for skip in report.skipped.iter().take(SKIPS_SHOWN) {
            eprintln!("skipped {}", terminal::clean_line(&skip.to_string()));
        }
        let more = report.skipped_total.saturating_sub(SKIPS_SHOWN as u64);
        if more > 0 {
            eprintln!("skipped {more} more; `--report FILE` lists them");
        }
    }
    Ok(report)
}

fn note(timings: &Timings, stages: &RunStages) {
    let time = Duration::from_millis;
    timings.stages(&[
        ("open", time(stages.open_ms), ""),
        ("walk", time(stages.walk_ms), ""),
        ("load", time(stages.load_ms), "names and dictionary"),
        ("read", time(stages.read_ms), "and compare; with what analysing held it up"),
        ("analyse", time(stages.analyse_ms), "all threads together, beside reading"),
        ("write", time(stages.write_ms), "and merge"),
        ("compare", time(stages.compare_ms), "near-copies"),
        ("publish", time(stages.publish_ms), ""),
    ]);
}

/// Shows where a run stands.
pub(crate) fn show(meter: &mut Meter, progress: &Progress) {
    let what = match progress.stage {
        RunStage::Reading => format!("{} · {}", count(progress.articles, "article"), progress.file),
        stage => format!("{} · {stage}", count(progress.articles, "article"), stage = stage.as_str()),
    };
    meter.at(Unit::Bytes, progress.bytes, progress.bytes_total, &what);
}

/// What became of articles, in words.
pub(crate) fn counts(added: u64, updated: u64, removed: u64, unchanged: u64, skipped: u64) -> String {
    let all = [
        (added, "added"),
        (updated, "updated"),
        (removed, "removed"),
        (unchanged, "unchanged"),
        (skipped, "skipped"),
    ];
    let parts: Vec<_> =
        all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", HumanCount(*n))).collect();
    if parts.is_empty() { "no articles".to_owned() } else { parts.join(", ") }
}

/// What a run did, as a sentence.
pub(crate) fn summary(report: &Report) -> String {
    let Report { added, updated, removed, unchanged, skipped_total, .. } = report;
    let counts = counts(*added, *updated, *removed, *unchanged, *skipped_total);
    let state = if report.published { "published" } else { "still current:" };
    let because = report
        .rebuilt_because
        .as_ref()
        .map_or(String::new(), |r| format!(" Built anew: {}.", terminal::clean_line(r)));
    let time = Duration::from_millis(report.took_ms);
    let rate = match report.bytes_read {
        // Of little work a rate says more about the machine.
        bytes if bytes >= 1 << 20 && report.took_ms >= 1_000 => {
            format!(" ({} a second)", HumanBytes((bytes as u128 * 1_000 / u128::from(report.took_ms)) as u64))
        }
        _ => String::new(),
    };
    format!(
        "{counts} in {}, {} read{rate}; {state} {} with {}, {}.{because}",
        span(time),
        HumanBytes(report.bytes_read),
        report.generation,
        count(report.articles, "article"),
        HumanBytes(report.index_bytes),
    )
}

fn println_or_fail(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}").map_err(Failure::output)
}
