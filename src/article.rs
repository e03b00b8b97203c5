//! One article as it came in, and the small types that every layer shares: its date, its language
//! and the report of an input that could not be used.
//!
//! A leaf: it depends on nothing else in the crate and does no I/O.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

/// An article: what was read from a source, unchanged.
///
/// `title` and `body` hold the text as it came in; every offset that the crate returns is a byte
/// range into one of them. What must not be searched or tagged (page furniture, mark-up left in the
/// body) is not cut out but listed in [`Article::furniture`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Article {
    /// Stable identity: the member `id` of the input, or else its path and its place in the file.
    pub id: String,
    /// Headline; empty when the input has none.
    pub title: String,
    /// Body text; empty when the input has only a title.
    pub body: String,
    /// Day of publication, when the input tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Who published it ("Reuters", "新华社").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Main language.
    pub lang: Lang,
    /// File that it was read from, as walked; empty for an article given from memory.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// Members of the input that orewire does not know: kept and shown, not searched.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Byte ranges of `body` that are neither searched nor tagged: sorted, disjoint, on character
    /// boundaries. Either one mark-up tag or entity each (`<p>`, `&nbsp;`), or page furniture
    /// ("Leave a Reply", share buttons, footers).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub furniture: Vec<Range<usize>>,
}

impl Article {
    /// An article from memory; everything else about it is a field to be set.
    ///
    /// ```
    /// use orewire::{Article, Date};
    /// let mut article = Article::new("wire-17", "盐湖提锂", "青海省的盐湖生产碳酸锂。");
    /// article.date = Date::new(2025, 5, 29);
    /// article.source = Some("Harbour Ledger".to_owned());
    /// ```
    pub fn new(id: impl Into<String>, title: impl Into<String>, body: impl Into<String>) -> Article {
        Article { id: id.into(), title: title.into(), body: body.into(), ..Article::default() }
    }
}

/// Main language of an article.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Lang {
    /// English, or any text in which Han characters are rare.
    #[default]
    En,
    /// Chinese, in simplified or traditional characters.
    Zh,
}

impl Lang {
    /// The ISO 639-1 code, `en` or `zh`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A calendar day, proleptic Gregorian, years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i16,
    month: u8,
    day: u8,
}

impl Date {
    /// 1970-01-01.
    pub const EPOCH: Date = Date { year: 1970, month: 1, day: 1 };

    /// The first day of the calendar, 0001-01-01.
    pub const FIRST: Date = Date { year: 1, month: 1, day: 1 };

    /// The day, or `None` when there is no such day.
    ///
    /// ```
    /// use orewire::Date;
    /// assert_eq!(Date::new(2025, 5, 29).unwrap().to_string(), "2025-05-29");
    /// assert!(Date::new(2025, 2, 29).is_none());
    /// ```
    pub fn new(year: i16, month: u8, day: u8) -> Option<Date> {
        if !(1..=9999).contains(&year) {
            return None;
        }
        let (m, d) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        jiff::civil::Date::new(year, m, d).ok().map(|_| Date { year, month, day })
    }

    /// Year, 1 to 9999.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// Day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01; negative before.
    pub fn days(self) -> i64 {
        let epoch = jiff::civil::date(1970, 1, 1);
        let this = jiff::civil::date(self.year, self.month as i8, self.day as i8);
        i64::from((this - epoch).get_days())
    }

    /// The day that lies `days` after 1970-01-01, or `None` outside the years 1 to 9999.
    pub fn from_days(days: i64) -> Option<Date> {
        let span = jiff::Span::new().try_days(days).ok()?;
        let d = jiff::civil::date(1970, 1, 1).checked_add(span).ok()?;
        Date::new(d.year(), d.month() as u8, d.day() as u8)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = &'static str;

    /// Reads `YYYY-MM-DD` and nothing else.
    fn from_str(text: &str) -> Result<Date, Self::Err> {
        let mut parts = text.splitn(3, '-');
        let mut next = |len: usize| {
            parts
                .next()
                .filter(|p| p.len() == len && p.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|p| p.parse::<i16>().ok())
        };
        let (year, month, day) = (next(4), next(2), next(2));
        match (year, month, day) {
            (Some(y), Some(m), Some(d)) => Date::new(y, m as u8, d as u8),
            _ => None,
        }
        .ok_or("expected a day as YYYY-MM-DD")
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An input, or a part of one, that could not be used; the rest of the run went on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skip {
    /// The file, as walked; not safe to print unsanitised.
    pub path: String,
    /// 1-based line, where the format has lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What was wrong, in one sentence without a full stop.
    pub reason: String,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.reason),
            None => write!(f, "{}: {}", self.path, self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_back() {
        for days in [-719_162, -1, 0, 1, 20_237, 2_932_896] {
            assert_eq!(Date::from_days(days).unwrap().days(), days);
        }
        assert_eq!(Date::from_days(2_932_897), None);
        assert_eq!(Date::from_days(i64::MAX), None);
        assert_eq!("2025-05-29".parse::<Date>().unwrap().days(), 20_237);
    }

    #[test]
    fn only_whole_iso_days_parse() {
        for bad in
            ["", "2025", "2025-5-29", "2025-13-01", "2025-02-30", "2025-05-29T00", "0000-01-01", "二〇二五"]
        {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }
}
