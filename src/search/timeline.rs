//! How many of the matching articles appeared when.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::article::Date;

/// The periods of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimelineStep {
    /// Days.
    Day,
    /// Weeks, from Monday on.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// A period and how many of the matching articles are of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TimelineCount {
    /// Its first day.
    pub start: Date,
    /// Articles.
    pub count: u64,
}

impl TimelineCount {
    /// A period by its first day.
    pub fn new(start: Date, count: u64) -> TimelineCount {
        TimelineCount { start, count }
    }
}

impl TimelineStep {
    /// The first day of the period that a day lies in. The week of the calendar's first days begins
    /// with its first day.
    pub fn start(self, day: Date) -> Date {
        let start = match self {
            TimelineStep::Day => Some(day),
            // 1970-01-01 was a Thursday.
            TimelineStep::Week => Date::from_days(day.days() - (day.days() + 3).rem_euclid(7)),
            TimelineStep::Month => Date::new(day.year(), day.month(), 1),
            TimelineStep::Year => Date::new(day.year(), 1, 1),
        };
        start.unwrap_or(Date::FIRST)
    }

    /// The first day of the next period; `None` after the last.
    pub fn next(self, start: Date) -> Option<Date> {
        match self {
            TimelineStep::Day => Date::from_days(start.days() + 1),
            TimelineStep::Week => Date::from_days(self.start(start).days() + 7),
            TimelineStep::Month if start.month() < 12 => Date::new(start.year(), start.month() + 1, 1),
            TimelineStep::Month | TimelineStep::Year => Date::new(start.year().checked_add(1)?, 1, 1),
        }
    }
}

/// Counts by day (days since 1970-01-01) to counts by period, in order; periods without an article are
/// left out.
pub(crate) fn by_period(days: &FxHashMap<i64, u64>, step: TimelineStep) -> Vec<TimelineCount> {
    let mut periods: BTreeMap<Date, u64> = BTreeMap::new();
    for (day, count) in days {
        if let Some(day) = Date::from_days(*day) {
            *periods.entry(step.start(day)).or_insert(0) += count;
        }
    }
    periods.into_iter().map(|(start, count)| TimelineCount { start, count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn periods_begin_where_the_calendar_says() {
        let day = date("2024-02-29");
        let start = |step: TimelineStep| step.start(day).to_string();
        assert_eq!(start(TimelineStep::Day), "2024-02-29");
        assert_eq!(start(TimelineStep::Week), "2024-02-26");
        assert_eq!(start(TimelineStep::Month), "2024-02-01");
        assert_eq!(start(TimelineStep::Year), "2024-01-01");
        assert_eq!(TimelineStep::Week.start(date("2024-02-26")), date("2024-02-26"));
        assert_eq!(TimelineStep::Week.start(date("1969-12-31")), date("1969-12-29"));
        assert_eq!(TimelineStep::Week.start(Date::FIRST), Date::FIRST);
    }

    #[test]
    fn each_period_leads_to_the_next() {
        for step in [TimelineStep::Day, TimelineStep::Week, TimelineStep::Month, TimelineStep::Year] {
            let mut start = step.start(date("2023-12-30"));
            for _ in 0..30 {
                let next = step.next(start).unwrap();
                assert!(next > start && step.start(next) == next);
                let last = Date::from_days(next.days() - 1).unwrap();
                assert_eq!(step.start(last), start);
                start = next;
            }
            assert_eq!(step.next(step.start(date("9999-12-31"))), None);
        }
    }

    #[test]
    fn counts_of_days_add_up() {
        let days = [("2024-01-31", 2), ("2024-02-01", 3), ("2024-02-29", 4), ("2025-02-01", 1)];
        let days: FxHashMap<i64, u64> = days.iter().map(|(d, n)| (date(d).days(), *n)).collect();
        let counts = |step| {
            by_period(&days, step).iter().map(|c| format!("{} {}", c.start, c.count)).collect::<Vec<_>>()
        };
        assert_eq!(counts(TimelineStep::Month), ["2024-01-01 2", "2024-02-01 7", "2025-02-01 1"]);
        assert_eq!(counts(TimelineStep::Year), ["2024-01-01 9", "2025-01-01 1"]);
        assert_eq!(counts(TimelineStep::Day).len(), 4);
    }
}
