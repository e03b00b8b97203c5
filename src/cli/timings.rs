//! `--verbose`: how long each stage of a command took.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

use super::terminal::{self, Style};

/// Stages as they pass. It costs a clock's reading a stage.
#[derive(Debug, Clone)]
pub(crate) struct Timings {
    started: Instant,
    inner: RefCell<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    /// When the last stage ended.
    mark: Instant,
    stages: Vec<(String, Duration, String)>,
}

impl Default for Timings {
    fn default() -> Timings {
        let now = Instant::now();
        Timings { started: now, inner: RefCell::new(Inner { mark: now, stages: Vec::new() }) }
    }
}

impl Timings {
    /// A stage that began when the last one ended and ends now.
    pub(crate) fn stage(&self, name: &str) {
        let mut inner = self.inner.borrow_mut();
        let now = Instant::now();
        let took = now.duration_since(inner.mark);
        inner.stages.push((name.to_owned(), took, String::new()));
        inner.mark = now;
    }

    /// Stages that the library measured, up to now, each with a remark or none.
    pub(crate) fn stages(&self, stages: &[(&str, Duration, &str)]) {
        let mut inner = self.inner.borrow_mut();
        inner.stages.extend(
            stages.iter().map(|(name, took, about)| ((*name).to_owned(), *took, (*about).to_owned())),
        );
        inner.mark = Instant::now();
    }

    /// The stages so far and the whole, a line each, with the numbers below one another.
    pub(crate) fn text(&self, style: &Style) -> String {
        let inner = self.inner.borrow();
        let total = self.started.elapsed();
        let names = inner.stages.iter().map(|s| terminal::width(&s.0)).max().unwrap_or(0).max(5);
        let mut out = String::new();
        for (name, took, about) in &inner.stages {
            let line = format!("{} {:>12}  {about}", terminal::padded(name, names), shown(*took));
            out.push_str(&style.faint(line.trim_end()));
            out.push('\n');
        }
        out.push_str(&format!("{} {:>12}\n", terminal::padded("total", names), shown(total)));
        out
    }
}

/// A duration in the unit that suits it.
pub(crate) fn shown(took: Duration) -> String {
    match took.as_secs_f64() {
        s if s < 1.0 => format!("{:.2} ms", s * 1_000.0),
        s if s < 100.0 => format!("{s:.2} s"),
        s => format!("{} min {:02.0} s", (s / 60.0).floor(), s % 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_below_one_another() {
        let timings = Timings::default();
        timings.stages(&[
            ("parse", Duration::from_micros(12), ""),
            ("snippets", Duration::from_millis(1_500), "10 hits"),
        ]);
        let text = timings.text(&Style::plain());
        let ends: Vec<_> = text.lines().take(2).map(|l| l.find("ms").or(l.find("s  ")).is_some()).collect();
        assert_eq!(ends, [true, true], "{text}");
        assert!(
            text.contains("0.01 ms") && text.contains("1.50 s  10 hits") && text.contains("total"),
            "{text}"
        );
        assert_eq!(shown(Duration::from_secs(125)), "2 min 05 s");
    }
}
