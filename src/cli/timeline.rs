//! A timeline as text: a bar a period, or, of many periods, one line of small bars.

use std::io::Write;

use orewire::{Date, TimelineCount, TimelineStep};

use super::{render, terminal::Screen};

const BAR_COLUMNS: u64 = 24;

/// Most periods that get a line each.
const LINES_MAX: usize = 24;

const MARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Periods one after the other, those without an article included; `None` when they are too many to
/// be laid side by side.
fn filled(counts: &[TimelineCount], step: TimelineStep, most: usize) -> Option<Vec<(Date, u64)>> {
    let mut out: Vec<(Date, u64)> = Vec::new();
    for count in counts {
        while let Some(next) = out.last().and_then(|(start, _)| step.next(*start)) {
            if next >= count.start {
                break;
            }
            if out.len() >= most {
                return None;
            }
            out.push((next, 0));
        }
        out.push((count.start, count.count));
    }
    Some(out)
}

/// A period, as short as it is unmistakable.
pub(crate) fn label(start: Date, step: TimelineStep) -> String {
    let day = start.to_string();
    match step {
        TimelineStep::Day | TimelineStep::Week => day,
        TimelineStep::Month => day[..7].to_owned(),
        TimelineStep::Year => day[..4].to_owned(),
    }
}

pub(crate) fn name(step: TimelineStep) -> &'static str {
    match step {
        TimelineStep::Day => "day",
        TimelineStep::Week => "week",
        TimelineStep::Month => "month",
        TimelineStep::Year => "year",
    }
}

/// Prints a timeline; `total` is how many articles match, with a date or without.
pub(crate) fn text(
    out: &mut impl Write,
    counts: &[TimelineCount],
    step: TimelineStep,
    total: usize,
    screen: &Screen,
) -> std::io::Result<()> {
    let style = &screen.style;
    let dated: u64 = counts.iter().map(|c| c.count).sum();
    let undated = (total as u64).saturating_sub(dated);
    let title = format!("articles by {}", name(step));
    let without = if undated > 0 { format!(" ({undated} without a date)") } else { String::new() };
    let (Some(first), Some(last)) = (counts.first(), counts.last()) else {
        return writeln!(out, "{}{without}", style.title(&title));
    };
    let most = counts.iter().map(|c| c.count).max().unwrap_or(1).max(1);
    if let Some(periods) = filled(counts, step, LINES_MAX).filter(|p| p.len() <= LINES_MAX) {
        writeln!(out, "{}{}", style.title(&title), style.faint(&without))?;
        for (start, count) in periods {
            let bar = render::bar(count, most, BAR_COLUMNS);
            let line = format!("  {} {count:>7} {}", style.date(&label(start, step)), style.faint(&bar));
            writeln!(out, "{}", line.trim_end())?;
        }
        return Ok(());
    }
    // Each mark stands for the same number of days, so that gaps are seen.
    let marks = screen.columns.saturating_sub(4).clamp(10, 100) as i64;
    let end = step.next(last.start).map_or(last.start.days() + 1, Date::days);
    let days = (end - first.start.days()).max(1);
    let marks = marks.min(days);
    let mut sums = vec![0u64; marks as usize];
    for count in counts {
        let at = (count.start.days() - first.start.days()) * marks / days;
        if let Some(sum) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) {
            *sum += count.count;
        }
    }
    let highest = sums.iter().copied().max().unwrap_or(1).max(1);
    let spark: String = sums
        .iter()
        .map(|n| match n {
            0 => ' ',
            n => MARKS[((n * 8).div_ceil(highest) as usize).clamp(1, 8) - 1],
        })
        .collect();
    let (from, to) = (label(first.start, step), label(last.start, step));
    let span = format!(", {from} to {to}, at most {most} a {}", name(step));
    writeln!(out, "{}{}", style.title(&title), style.faint(&(span + &without)))?;
    writeln!(out, "  {}", style.facet(spark.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::terminal::Style;

    fn shown(counts: &[(&str, u64)], step: TimelineStep, total: usize) -> String {
        let json: Vec<_> = counts.iter().map(|(d, n)| TimelineCount::new(d.parse().unwrap(), *n)).collect();
        let mut out = Vec::new();
        let screen = Screen { columns: 60, lines: None, style: Style::plain() };
        text(&mut out, &json, step, total, &screen).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn few_periods_get_a_line_each_and_gaps_are_shown() {
        let text = shown(&[("2024-11-01", 1), ("2025-01-01", 4)], TimelineStep::Month, 6);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "articles by month (1 without a date)");
        assert_eq!(lines[1], format!("  2024-11       1 {}", "█".repeat(6)));
        assert_eq!(lines[2], "  2024-12       0");
        assert_eq!(lines[3], format!("  2025-01       4 {}", "█".repeat(24)));
    }

    #[test]
    fn many_periods_get_one_line() {
        let text = shown(&[("0001-01-01", 1), ("9999-12-31", 2)], TimelineStep::Day, 3);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].contains("0001-01-01 to 9999-12-31"), "{text}");
        assert!(lines[1].trim().starts_with('▄') && lines[1].ends_with('█'), "{text}");
        assert_eq!(lines[1].chars().count(), 2 + 56);
    }

    #[test]
    fn nothing_dated_is_said() {
        assert_eq!(shown(&[], TimelineStep::Year, 2), "articles by year (2 without a date)\n");
    }
}
