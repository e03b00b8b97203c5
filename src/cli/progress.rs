//! How far long work has come, for whoever waits for it: rate, size, time left, what is at work.
//!
//! On standard error, only on a terminal, not with `--quiet`, and only once the work has taken half a
//! second: what is done sooner leaves no trace.

use std::{
    fmt::Write,
    io::IsTerminal,
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{args::Common, terminal};

/// Work that is done sooner shows no progress.
const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(200);

/// Terminals narrower than this get no bar.
const BAR_MIN_COLUMNS: u16 = 90;

/// Progress of one piece of work. When it is dropped, what it drew is gone.
pub(crate) struct Meter(Option<Drawn>);

struct Drawn {
    bar: ProgressBar,
    /// What is counted.
    unit: Option<Unit>,
    started: Instant,
    /// Dropped when the work is done; then the thread says whether anything was drawn.
    done: Option<SyncSender<()>>,
    drawing: Option<JoinHandle<bool>>,
}

/// What the length of work is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Articles,
    Queries,
}

impl Meter {
    /// Progress of work that prints nothing meanwhile.
    pub(crate) fn new(common: &Common) -> Meter {
        let wanted = !common.quiet && std::io::stderr().is_terminal();
        Meter(wanted.then(Drawn::new))
    }

    /// Progress of work that prints results as it goes: none where they go to the terminal.
    pub(crate) fn beside_output(common: &Common) -> Meter {
        if std::io::stdout().is_terminal() { Meter(None) } else { Meter::new(common) }
    }

    /// Tells how much is done, of how much, and what is at work (which is cleaned here). A total of 0 is
    /// one that is not known.
    pub(crate) fn at(&mut self, unit: Unit, done: u64, of: u64, what: &str) {
        let Some(drawn) = &mut self.0 else { return };
        if drawn.unit != Some(unit) {
            drawn.unit = Some(unit);
            drawn.bar.reset();
            drawn.bar.set_style(style(unit, of > 0));
        }
        if of > 0 {
            drawn.bar.set_length(of);
        }
        drawn.bar.set_position(done);
        drawn.bar.set_message(terminal::clean_line(what));
    }

    /// Prints a line above what is drawn.
    pub(crate) fn note(&self, line: &str) {
        match &self.0 {
            Some(drawn) => drawn.bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// Ends it. Where progress was shown, a sentence remains: what was done, by how long it took.
    pub(crate) fn finish(mut self, sentence: impl FnOnce(Duration) -> String) {
        if let Some(mut drawn) = self.0.take()
            && drawn.end()
        {
            eprintln!("{}", sentence(drawn.started.elapsed()));
        }
    }
}

impl Drawn {
    fn new() -> Drawn {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(style(Unit::Bytes, false));
        let (done, waits) = sync_channel::<()>(1);
        let shown = bar.clone();
        // Work may be silent for a while: whether half a second has passed is not left to it.
        let drawing = std::thread::spawn(move || {
            let slow = waits.recv_timeout(DELAY) == Err(RecvTimeoutError::Timeout);
            if slow {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(TICK);
            }
            slow
        });
        Drawn { bar, unit: None, started: Instant::now(), done: Some(done), drawing: Some(drawing) }
    }

    /// Takes away what was drawn; whether anything was.
    fn end(&mut self) -> bool {
        self.done = None;
        let shown = self.drawing.take().is_some_and(|thread| thread.join().unwrap_or(false));
        self.bar.finish_and_clear();
        shown
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.end();
    }
}

fn style(unit: Unit, length: bool) -> ProgressStyle {
    let columns = terminal_size::terminal_size_of(std::io::stderr()).map_or(80, |(width, _)| width.0);
    let rate = |state: &ProgressState, out: &mut dyn Write| {
        let _ = write!(out, "{} a second", HumanCount(state.per_sec() as u64));
    };
    ProgressStyle::with_template(&template(unit, length, columns))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", rate)
}

fn template(unit: Unit, length: bool, columns: u16) -> String {
    let (size, rate) = match unit {
        Unit::Bytes => ("{bytes} of {total_bytes}", "{bytes_per_sec}"),
        Unit::Articles => ("{human_pos} of {human_len} articles", "{rate}"),
        Unit::Queries => ("{human_pos} of {human_len} queries", "{rate}"),
    };
    match (length, columns >= BAR_MIN_COLUMNS) {
        (false, _) => "{spinner} {elapsed} · {wide_msg}".to_owned(),
        (true, true) => format!("{{bar:20}} {size} · {rate} · {{eta}} left · {{wide_msg}}"),
        (true, false) => format!("{size} · {rate} · {{eta}} left · {{wide_msg}}"),
    }
}

/// So many of something: "1 article", "2,000 articles".
pub(crate) fn count(n: u64, one: &str) -> String {
    let many = match one.strip_suffix('y') {
        Some(stem) if n != 1 => format!("{stem}ies"),
        _ if n != 1 => format!("{one}s"),
        _ => one.to_owned(),
    };
    format!("{} {many}", HumanCount(n))
}

/// A time as a sentence tells it: "0.8 s", "2 min 5 s".
pub(crate) fn span(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3_600 => format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60),
        s => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_like_those_of_a_sentence() {
        assert_eq!(count(1, "article"), "1 article");
        assert_eq!(count(108_992, "query"), "108,992 queries");
        assert_eq!(span(Duration::from_millis(849)), "0.8 s");
        assert_eq!(span(Duration::from_secs(125)), "2 min 5 s");
        assert_eq!(span(Duration::from_secs(7_260)), "2 h 1 min");
    }

    #[test]
    fn every_template_is_one() {
        for unit in [Unit::Bytes, Unit::Articles, Unit::Queries] {
            for columns in [60, 120] {
                for length in [true, false] {
                    let template = template(unit, length, columns);
                    assert!(ProgressStyle::with_template(&template).is_ok(), "{template}");
                }
            }
        }
    }
}
