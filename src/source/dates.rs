//! Days of publication: the ways in which they are written, and the byline from which one may be taken.
//!
//! A day that prose merely mentions is never taken. The day counts as it is written, whatever the
//! time zone.

use crate::{article::Date, limits};

/// Lines at either end of a text that may be a byline.
const BYLINE_LINES: usize = 12;

/// Lines at the start in which a date may stand alone.
const BARE_DATE_LINES: usize = 5;

/// A longer line is prose.
const BYLINE_MAX_CHARS: usize = 160;

/// Reads one date, with or without a time behind it and a weekday before it.
///
/// ISO 8601, RFC 3339, RFC 2822, `2025/05/29`, `2025年5月29日`, `20250529`, `May 29, 2025`,
/// `29 May 2025`.
pub(super) fn parse(text: &str) -> Option<Date> {
    let text = strip_weekday(text.trim());
    let (date, len) = date_at(text)?;
    match text.get(len..)?.chars().next() {
        Some('T' | 't' | 'Z') | None => Some(date),
        Some(c) => (!c.is_alphanumeric()).then_some(date),
    }
}

/// What a byline tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Byline {
    pub date: Option<Date>,
    pub source: Option<String>,
}

/// Looks for source and date lines among the first and last lines of a text.
pub(super) fn byline(body: &str) -> Byline {
    let mut found = Byline::default();
    let mut updated = None;
    let blank = |line: &&str| !line.trim().is_empty();
    let head = body.lines().filter(blank).take(BYLINE_LINES).enumerate();
    let mut tail: Vec<&str> = body.lines().rev().filter(blank).take(BYLINE_LINES).collect();
    tail.reverse();
    let tail = tail.into_iter().map(|line| (usize::MAX, line));
    for (number, line) in head.chain(tail) {
        // Scraped pages may have their head and all of their text in one line.
        let line = line.get(..line.floor_char_boundary(BYLINE_MAX_CHARS * 4)).unwrap_or(line);
        let line = line.split_once("正文：").map_or(line, |(head, _)| head);
        let line = strip_marks(line);
        if line.chars().nth(BYLINE_MAX_CHARS).is_some() {
            continue;
        }
        let told = line_tells(line, number);
        if found.source.is_none() {
            found.source = told.source;
        }
        match told.date {
            Some((date, Kind::Published)) if found.date.is_none() => found.date = Some(date),
            Some((date, Kind::Updated)) => updated = updated.or(Some(date)),
            _ => {}
        }
    }
    found.date = found.date.or(updated);
    found
}

/// Whether a line is a byline: it tells a source or a date of publication.
pub(super) fn is_byline(line: &str) -> bool {
    let line = strip_marks(line);
    let told = line_tells(line, 0);
    line.len() <= 4 * BYLINE_MAX_CHARS && (told.date.is_some() || told.source.is_some())
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Published,
    Updated,
}

#[derive(Default)]
struct Told {
    date: Option<(Date, Kind)>,
    source: Option<String>,
}

/// Openings of a date line, lower case.
const OPENINGS: [(&str, Kind); 24] = [
    ("published", Kind::Published),
    ("publication date", Kind::Published),
    ("publish date", Kind::Published),
    ("first published", Kind::Published),
    ("date published", Kind::Published),
    ("posted", Kind::Published),
    ("released", Kind::Published),
    ("release date", Kind::Published),
    ("issued", Kind::Published),
    ("date", Kind::Published),
    ("发布时间", Kind::Published),
    ("发布日期", Kind::Published),
    ("發佈時間", Kind::Published),
    ("发表时间", Kind::Published),
    ("发稿时间", Kind::Published),
    ("出版日期", Kind::Published),
    ("日期", Kind::Published),
    ("时间", Kind::Published),
    ("updated", Kind::Updated),
    ("last updated", Kind::Updated),
    ("last modified", Kind::Updated),
    ("modified", Kind::Updated),
    ("更新时间", Kind::Updated),
    ("更新日期", Kind::Updated),
];

fn line_tells(line: &str, number: usize) -> Told {
    let lower = line.get(..line.floor_char_boundary(32)).unwrap_or(line).to_ascii_lowercase();
    for label in ["source:", "sources:", "source：", "source |"] {
        if lower.starts_with(label) {
            return source_line(line.get(label.len()..).unwrap_or_default());
        }
    }
    for (opening, kind) in OPENINGS {
        if let Some(date) = lower.starts_with(opening).then(|| opened_date(line, opening)).flatten() {
            return Told { date: Some((date, kind)), source: chinese_source(line) };
        }
    }
    if let Some(source) = chinese_source(line) {
        let date = find(line).map(|(_, date)| (date, Kind::Published));
        return Told { date, source: Some(source) };
    }
    if lower.starts_with("by ")
        && line.chars().nth(3).is_some_and(char::is_uppercase)
        && let Some((at, date)) = find(line)
        && closes(line.get(at.end..).unwrap_or_default())
    {
        return Told { date: Some((date, Kind::Published)), source: None };
    }
    if number < BARE_DATE_LINES
        && let Some((date, len)) = date_at(strip_weekday(line))
        && closes(strip_weekday(line).get(len..).unwrap_or_default())
    {
        return Told { date: Some((date, Kind::Published)), source: None };
    }
    Told::default()
}

/// The date right behind an opening, an optional "on", "at" or colon, and a weekday.
fn opened_date(line: &str, opening: &str) -> Option<Date> {
    let rest = line.get(opening.len()..)?.trim_start();
    let lower = rest.get(..rest.floor_char_boundary(3)).unwrap_or(rest).to_ascii_lowercase();
    let rest = ["on ", "at "].iter().find(|w| lower.starts_with(*w)).map_or(rest, |w| &rest[w.len()..]);
    let rest = rest.trim_start_matches([':', '：', ' ', '\u{3000}', '\t']);
    let rest = strip_weekday(rest);
    let (date, len) = date_at(rest)?;
    // "Published 2024-05-01 figures show …" is prose.
    closes(rest.get(len..)?).then_some(date)
}

/// "Asian Metal News, May 29, 2025" or only the name.
fn source_line(rest: &str) -> Told {
    let rest = rest.trim();
    let dated = find(rest).filter(|(at, _)| closes(rest.get(at.end..).unwrap_or_default()));
    let name = match &dated {
        Some((at, _)) => rest.get(..at.start).unwrap_or_default(),
        None => rest,
    };
    Told { date: dated.map(|(_, date)| (date, Kind::Published)), source: source_name(name) }
}

/// The name behind "来源：" where that opens the line or follows a date, a blank or a bracket.
fn chinese_source(line: &str) -> Option<String> {
    for label in ["来源：", "来源:", "來源：", "稿源：", "来源："] {
        let Some(at) = line.find(label) else { continue };
        let before = line.get(..at)?;
        let fits = before.is_empty()
            || before
                .ends_with(|c: char| c.is_whitespace() || c.is_ascii_digit() || "日（(【[|｜，,".contains(c))
            || before == "文章"
            || before == "信息"
            || before == "稿件";
        if !fits {
            continue;
        }
        let rest = line.get(at + label.len()..)?.trim_start();
        let end = rest
            .find(|c: char| c.is_whitespace() || "|｜，,。）)】]；;".contains(c))
            .or_else(|| rest.find("作者："))
            .unwrap_or(rest.len());
        let name = rest.get(..end)?;
        let name = find(name).and_then(|(at, _)| name.get(..at.start)).unwrap_or(name);
        if let Some(name) = source_name(name) {
            return Some(name);
        }
    }
    None
}

fn source_name(name: &str) -> Option<String> {
    let edge = |c: char| c.is_whitespace() || ",，.。|｜-–—·()（）[]【】:：*_/".contains(c);
    let name = name.trim_matches(edge);
    let chars = name.chars().count();
    let is_name = (2..=limits::BYLINE_SOURCE_MAX_CHARS).contains(&chars)
        && !name.contains("://")
        && !name.starts_with("www.")
        && !name.contains(['。', '；', '！', '？', '!', '?', '<', '>'])
        && !name.contains(". ")
        && name.starts_with(|c: char| !c.is_lowercase());
    is_name.then(|| name.to_owned())
}

/// Whether what follows a date ends the line, give or take a time and a zone.
fn closes(rest: &str) -> bool {
    let zone = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let upper = word.len() <= 4 && word.bytes().all(|b| b.is_ascii_uppercase());
        upper || matches!(word, "am" | "pm" | "at" | "Updated" | "updated" | "GMT+8")
    };
    rest.chars().count() <= 40
        && rest
            .split(|c: char| c.is_whitespace() || "|｜,，()（）[]【】".contains(c))
            .filter(|word| !word.is_empty())
            .all(|word| {
                zone(word)
                    || word
                        .trim_start_matches('T')
                        .chars()
                        .all(|c| c.is_ascii_digit() || ":.：+-–—*_Z时分秒".contains(c))
                    || word.starts_with("星期")
                    || word.starts_with("来源")
                    || word.ends_with("am")
                    || word.ends_with("pm")
            })
}

/// Takes tags, list and emphasis marks off both ends of a line.
fn strip_marks(line: &str) -> &str {
    let mut line = line.trim();
    loop {
        let before = line.len();
        line = line.trim_start_matches(|c: char| c.is_whitespace() || "*_>•·#".contains(c));
        line = line.trim_end_matches(|c: char| c.is_whitespace() || "*_".contains(c));
        if line.starts_with('<')
            && let Some((_, rest)) = line.split_once('>')
        {
            line = rest;
        }
        if line.ends_with('>')
            && let Some(at) = line.rfind('<')
        {
            line = line.get(..at).unwrap_or_default();
        }
        if line.len() == before {
            return line;
        }
    }
}

/// The first date in a short text, with its place.
pub(super) fn find(text: &str) -> Option<(std::ops::Range<usize>, Date)> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        // Not in the middle of a number or word.
        let starts = if c.is_ascii_digit() { !before.is_ascii_digit() } else { !before.is_alphabetic() };
        before = c;
        if !starts || !c.is_ascii_alphanumeric() {
            continue;
        }
        let rest = text.get(at..)?;
        if let Some((date, len)) = date_at(rest)
            && !rest.get(len..)?.starts_with(|c: char| c.is_ascii_digit())
        {
            return Some((at..at + len, date));
        }
    }
    None
}

fn strip_weekday(text: &str) -> &str {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let Some(start) = text.get(..3) else { return text };
    if !DAYS.contains(&start.to_ascii_lowercase().as_str()) {
        return text;
    }
    let word = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    text.get(word..).unwrap_or_default().trim_start_matches(['.', ',', ' '])
}

/// A date that stands at the very start of `text`, and its length in bytes.
fn date_at(text: &str) -> Option<(Date, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    let date = match text.bytes().take_while(u8::is_ascii_digit).count() {
        0 => cursor.month_first(),
        1 | 2 => cursor.day_first(),
        4 => cursor.year_first(),
        8 | 12 | 14 => {
            let digits = cursor.number(8)?;
            // A time may be glued to it; what follows is for the caller to judge.
            cursor.at = text.bytes().take_while(u8::is_ascii_digit).count();
            day(digits / 10_000, digits / 100 % 100, digits % 100)
        }
        _ => None,
    }?;
    Some((date, cursor.at))
}

fn day(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn spaces(&mut self) {
        self.at += self.rest().bytes().take_while(|&b| b == b' ').count();
    }

    /// Takes one character if it is one of `set`.
    fn take(&mut self, set: &str) -> Option<char> {
        let c = self.rest().chars().next().filter(|&c| set.contains(c))?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Takes 1 to `max_digits` digits.
    fn number(&mut self, max_digits: usize) -> Option<u32> {
        let len = self.rest().bytes().take(max_digits).take_while(u8::is_ascii_digit).count();
        let number = self.rest().get(..len)?.parse().ok()?;
        self.at += len;
        Some(number)
    }

    /// Takes exactly four digits.
    fn year(&mut self) -> Option<u32> {
        let at = self.at;
        let year = self.number(4).filter(|_| self.at == at + 4)?;
        (!self.rest().starts_with(|c: char| c.is_ascii_digit())).then_some(year)
    }

    fn year_first(&mut self) -> Option<Date> {
        let year = self.number(4)?;
        let before_mark = self.at;
        self.spaces();
        if self.take("年").is_some() {
            self.spaces();
            let month = self.number(2)?;
            self.spaces();
            self.take("月")?;
            self.spaces();
            let number = self.number(2)?;
            let end = self.at;
            self.spaces();
            if self.take("日号號").is_none() {
                self.at = end;
            }
            return day(year, month, number);
        }
        self.at = before_mark;
        let mark = self.take("-/.")?;
        let month = self.number(2)?;
        self.take(mark.encode_utf8(&mut [0; 4]))?;
        let number = self.number(2)?;
        day(year, month, number)
    }

    fn day_first(&mut self) -> Option<Date> {
        let number = self.number(2)?;
        self.ordinal();
        self.take("-. ");
        self.spaces();
        let month = self.month()?;
        self.take("-.,/ ");
        self.spaces();
        let year = self.year()?;
        day(year, month, number)
    }

    fn month_first(&mut self) -> Option<Date> {
        let month = self.month()?;
        self.take(".");
        self.spaces();
        let number = self.number(2)?;
        self.ordinal();
        self.take(",");
        self.spaces();
        // "May 29 10:00:00 UTC 2025"
        if self.rest().as_bytes().get(2) == Some(&b':') {
            let time = self.rest().bytes().take_while(|b| b.is_ascii_digit() || *b == b':').count();
            self.at += time;
            self.spaces();
            self.at += self.rest().bytes().take_while(u8::is_ascii_uppercase).count();
            self.spaces();
        }
        let year = self.year()?;
        day(year, month, number)
    }

    fn ordinal(&mut self) {
        let suffix = self.rest().get(..2).unwrap_or_default();
        if matches!(suffix, "st" | "nd" | "rd" | "th") {
            self.at += 2;
        }
    }

    fn month(&mut self) -> Option<u32> {
        const MONTHS: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let len = self.rest().bytes().take(10).take_while(u8::is_ascii_alphabetic).count();
        let word = self.rest().get(..len)?.to_ascii_lowercase();
        let is_it = |name: &str| name == word || (len == 3 && name.starts_with(&word));
        let index = MONTHS.iter().position(|m| is_it(m)).or((word == "sept").then_some(8))?;
        self.at += len;
        u32::try_from(index + 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str) -> Option<String> {
        parse(text).map(|d| d.to_string())
    }

    #[test]
    fn ways_to_write_a_day() {
        for text in [
            "2025-05-29",
            "2025-05-29T08:00:00Z",
            "2025-05-29T08:00:00+08:00",
            "2025-05-29 08:00",
            " 2025/05/29 ",
            "2025/5/29 8:00",
            "2025.05.29",
            "2025年5月29日",
            "2025 年 5 月 29 日 08:00",
            "2025年05月29日 星期四",
            "20250529",
            "20250529T080000Z",
            "20250529080000",
            "Thu, 29 May 2025 08:00:00 +0800",
            "29 May 2025",
            "29-May-2025",
            "29th May, 2025",
            "May 29, 2025",
            "MAY 29 2025",
            "Thursday, May 29th, 2025 at 8 am",
            "Thu May 29 08:00:00 UTC 2025",
        ] {
            assert_eq!(iso(text).as_deref(), Some("2025-05-29"), "{text}");
        }
        assert_eq!(iso("Sept. 3, 2024").as_deref(), Some("2024-09-03"));
        for none in [
            "",
            "2025",
            "2025-05",
            "2025-13-01",
            "2025-02-30",
            "29/05/2025",
            "tomorrow",
            "May 2025",
            "9月15日",
            "123456789",
            "2025-05-290",
            "Mayor 29, 2025",
            "二〇二五年",
            "2025-05/29",
        ] {
            assert_eq!(iso(none), None, "{none}");
        }
    }

    fn told(body: &str) -> (Option<String>, Option<String>) {
        let byline = byline(body);
        (byline.date.map(|d| d.to_string()), byline.source)
    }

    fn both(date: &str, source: &str) -> (Option<String>, Option<String>) {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        (some(date), some(source))
    }

    #[test]
    fn bylines() {
        let prose = "The kiln was lit on March 3, 2019, they said.\n";
        for (line, date, source) in [
            ("Source: Copper Weekly, June 2, 2031", "2031-06-02", "Copper Weekly"),
            ("Source: Ministry, Provincial Radio | June 2, 2031", "2031-06-02", "Ministry, Provincial Radio"),
            ("*Source: Copper Weekly*", "", "Copper Weekly"),
            ("Source: https://example.org/a", "", ""),
            ("Published: 2031-06-02", "2031-06-02", ""),
            ("Published on Monday, June 2, 2031 at 10:30 am GMT", "2031-06-02", ""),
            ("Updated on 2 June 2031", "2031-06-02", ""),
            ("By Ann Lee | June 2, 2031", "2031-06-02", ""),
            ("<p>Posted on June 2, 2031</p>", "2031-06-02", ""),
            ("来源：新华社 2031年6月2日", "2031-06-02", "新华社"),
            ("发布时间：2031-06-02 10:00", "2031-06-02", ""),
            ("2031-06-02 10:00 来源：有色金属报 作者：王五", "2031-06-02", "有色金属报"),
            ("2031-06-02 10:00:46来源: 有色金属报", "2031-06-02", "有色金属报"),
            ("（来源：有色金属报）", "", "有色金属报"),
            ("（新华社北京9月15日电）锂价回升。", "", ""),
            ("数据来源：国家统计局", "", ""),
            ("Published 2031-06-02 figures show that output fell by half in the year.", "", ""),
            ("Published studies of June 2, 2031 disagree.", "", ""),
            ("By June 2, 2031 the pit must close, the court ruled in its decision.", "", ""),
        ] {
            assert_eq!(told(&format!("{prose}{line}")), both(date, source), "{line}");
            assert_eq!(told(&format!("{line}\n{prose}")), both(date, source), "{line}");
        }
        assert_eq!(told(prose), both("", ""));
        assert_eq!(told("Updated: 2031-06-03\nPublished: 2031-06-02\nText."), both("2031-06-02", ""));
        assert_eq!(told("June 2, 2031\nText of it."), both("2031-06-02", ""));
        let middle = format!("{}Published: 2031-06-02\n{}", prose.repeat(20), prose.repeat(20));
        assert_eq!(told(&middle), both("", ""));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,80}") {
            parse(&text);
            byline(&text);
        }

        #[test]
        fn what_is_written_is_read(days in -354_285i64..2_932_896) {
            let date = Date::from_days(days).unwrap();
            let (y, m, d) = (date.year(), date.month(), date.day());
            for text in [date.to_string(), format!("{y:04}年{m}月{d}日"), format!("{y:04}/{m}/{d}")] {
                proptest::prop_assert_eq!(parse(&text), Some(date));
            }
        }
    }
}
