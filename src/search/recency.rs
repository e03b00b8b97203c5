//! Newer articles first without forgetting the others: a score loses half of itself with every
//! half-life of the article's age.
//!
//! Exponential decay by age is the usual time prior (Li and Croft, "Time-based language models", CIKM
//! 2003). What an article gets for having all of the query does not decay: articles that have all of it
//! still come before those that have a part.

use std::str::FromStr;

use crate::limits::{HALF_LIFE_MAX_DAYS, HALF_LIVES_MAX};

/// Half-lives that an article without a date is taken to be old: it may be new, so it is not lost, but
/// it does not stand above what is known to be new.
const UNDATED_HALF_LIVES: f64 = 2.0;

/// How long it takes until an article's score counts half: 1 to [`HALF_LIFE_MAX_DAYS`] days.
///
/// ```
/// use orewire::HalfLife;
/// assert_eq!("90d".parse::<HalfLife>().unwrap().days(), 90);
/// assert_eq!("12w".parse::<HalfLife>().unwrap().days(), 84);
/// assert!("soon".parse::<HalfLife>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HalfLife {
    days: u32,
}

impl HalfLife {
    /// A half-life in days; `None` for 0 and for more than [`HALF_LIFE_MAX_DAYS`].
    pub fn of_days(days: u32) -> Option<HalfLife> {
        (1..=HALF_LIFE_MAX_DAYS).contains(&days).then_some(HalfLife { days })
    }

    /// Its days.
    pub fn days(self) -> u32 {
        self.days
    }
}

impl FromStr for HalfLife {
    type Err = &'static str;

    /// A number with its unit: `d`, `w`, `m` (30 days) or `y` (365 days).
    fn from_str(text: &str) -> Result<HalfLife, Self::Err> {
        const WANTED: &str = "expected a number of days, weeks, months or years, as in 90d, 12w, 6m or 2y";
        let text = text.trim();
        let unit = text.chars().next_back().ok_or(WANTED)?;
        let days = match unit.to_ascii_lowercase() {
            'd' => 1,
            'w' => 7,
            'm' => 30,
            'y' => 365,
            _ => return Err(WANTED),
        };
        let count: u32 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| WANTED)?;
        count.checked_mul(days).and_then(HalfLife::of_days).ok_or(WANTED)
    }
}

/// Decay of scores as seen from a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decay {
    pub(crate) half_life: HalfLife,
    /// Days since 1970-01-01.
    pub(crate) today: i64,
    /// What a score holds for having all of the query; nothing of it decays.
    pub(crate) kept: f32,
}

impl Decay {
    /// A score that decayed with the age of its article. Never more than `score`.
    pub(crate) fn apply(&self, score: f32, date: Option<i64>) -> f32 {
        let half_lives = match date {
            // What is dated ahead is as old as what is of today.
            Some(date) => self.today.saturating_sub(date).max(0) as f64 / f64::from(self.half_life.days),
            None => UNDATED_HALF_LIVES,
        };
        let left = (-half_lives.min(HALF_LIVES_MAX)).exp2() as f32;
        let kept = if score >= self.kept { self.kept } else { 0.0 };
        kept + (score - kept) * left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decay(days: u32, kept: f32) -> Decay {
        Decay { half_life: HalfLife::of_days(days).unwrap(), today: 20_000, kept }
    }

    #[test]
    fn a_half_life_halves() {
        let decay = decay(90, 0.0);
        for (date, want) in
            [(Some(20_000), 8.0), (Some(19_910), 4.0), (Some(19_820), 2.0), (Some(20_400), 8.0), (None, 2.0)]
        {
            assert!((decay.apply(8.0, date) - want).abs() < 1e-5, "{date:?}");
        }
        assert!(decay.apply(8.0, Some(i64::MIN)) > 0.0);
    }

    #[test]
    fn what_is_for_all_of_the_query_stays() {
        let decay = decay(10, 100.0);
        assert!((decay.apply(108.0, Some(19_990)) - 104.0).abs() < 1e-4);
        assert!((decay.apply(8.0, Some(19_990)) - 4.0).abs() < 1e-5);
        assert!(decay.apply(100.5, Some(0)) > decay.apply(99.0, Some(20_000)));
    }

    #[test]
    fn spans_have_units_and_bounds() {
        let days = |text: &str| text.parse::<HalfLife>().map(HalfLife::days);
        assert_eq!((days("6m"), days("2y"), days(" 1D ")), (Ok(180), Ok(730), Ok(1)));
        for bad in ["", "d", "0d", "-3d", "90", "9月", "5000000000d", "300y", "1.5y"] {
            assert!(days(bad).is_err(), "{bad}");
        }
    }
}
