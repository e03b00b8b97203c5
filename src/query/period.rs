//! Values of the field `date` to days: a year, a month, a day, two of them with `..` between, `>` and its
//! like, and `last30d`.

use super::parse::syntax;
use crate::article::Date;

/// First and last day that a date value means, both inclusive.
pub(super) fn date_range(text: &str, today: Date) -> Option<(Option<Date>, Option<Date>)> {
    let text: String = text.chars().map(syntax).collect();
    if let Some(span) = text.strip_prefix("last") {
        let unit = span.chars().next_back()?;
        let count: i64 =
            span[..span.len() - unit.len_utf8()].parse().ok().filter(|n| (1..=100_000).contains(n))?;
        let days = match unit {
            'd' => count,
            'w' => count * 7,
            'm' => count * 30,
            'y' => count * 365,
            _ => return None,
        };
        return Some((Date::from_days(today.days() - days + 1), Some(today)));
    }
    for (sign, inclusive, lower) in
        [(">=", true, true), ("<=", true, false), (">", false, true), ("<", false, false)]
    {
        let Some(rest) = text.strip_prefix(sign) else { continue };
        let (first, last) = period(rest.trim())?;
        return Some(match (lower, inclusive) {
            (true, true) => (Some(first), None),
            (true, false) => (Some(Date::from_days(last.days() + 1)?), None),
            (false, true) => (None, Some(last)),
            (false, false) => (None, Some(Date::from_days(first.days() - 1)?)),
        });
    }
    if let Some((from, to)) = text.split_once("..") {
        let side = |text: &str| if text.is_empty() { Some(None) } else { period(text).map(Some) };
        let (from, to) = (side(from.trim())?, side(to.trim())?);
        return Some((from.map(|p| p.0), to.map(|p| p.1)));
    }
    period(&text).map(|(a, b)| (Some(a), Some(b)))
}

/// A year, a month or a day as its first and last day.
fn period(text: &str) -> Option<(Date, Date)> {
    if let Ok(day) = text.parse::<Date>() {
        return Some((day, day));
    }
    let mut parts = text.split('-');
    let year = parts.next().filter(|y| y.len() == 4)?.parse::<i16>().ok()?;
    let first_of = |year, month| Date::new(year, month, 1);
    let (first, next) = match parts.next() {
        None => (first_of(year, 1)?, first_of(year + 1, 1)),
        Some(month) => {
            let month = month.parse::<u8>().ok()?;
            let next = if month == 12 { first_of(year + 1, 1) } else { first_of(year, month + 1) };
            (first_of(year, month)?, next)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let last = next.map_or(Date::new(9999, 12, 31), |n| Date::from_days(n.days() - 1))?;
    Some((first, last))
}
