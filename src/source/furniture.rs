//! The byte ranges of a body that are not searched or tagged: mark-up left in it ([`super::markup`]) and
//! page furniture ([`super::rules`]).
//!
//! One pass over the bytes finds the phrases of the table by their first four bytes; how far each
//! reaches is decided where it was found.

use std::{ops::Range, sync::LazyLock};

use super::{
    markup,
    rules::{RULES, Reach},
};

/// Farthest that a sentence is followed to its start and to its end, in characters.
const SENTENCE_MAX_CHARS: usize = 200;

/// The same in Chinese text, of which much less makes a sentence.
const SENTENCE_MAX_WIDE_CHARS: usize = 70;

/// Longest name behind a credit label, in characters.
const CREDIT_MAX_CHARS: usize = 24;

/// All ranges of `body`, `given` ones included as far as they are sound: sorted, disjoint, on character
/// boundaries, none empty.
pub(super) fn ranges(body: &str, given: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut out = given;
    out.retain(|r| body.get(r.clone()).is_some_and(|text| !text.is_empty()));
    let html = markup::is_html(body);
    markup::ranges(body, html, &mut out);
    Scan { body, html, last_end: 0 }.run(&mut out);
    merge(out)
}

/// Joins ranges that overlap; ranges that only touch stay apart.
fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    if !ranges.is_sorted_by_key(|r| r.start) {
        ranges.sort_by_key(|r| (r.start, r.end));
    }
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// The rules by their first four bytes, ASCII letters folded.
struct Index {
    /// One bit for each hash of four bytes that some rule begins with.
    filter: Box<[u64; FILTER_WORDS]>,
    /// Key and place in [`RULES`], sorted by key.
    keys: Vec<(u32, usize)>,
}

const FILTER_BITS: u32 = 15;
const FILTER_WORDS: usize = (1 << FILTER_BITS) / 64;

fn key(four: &[u8; 4]) -> u32 {
    // Folds letters, and other bytes alike on both sides; the phrase itself is compared later.
    u32::from_le_bytes(*four) | 0x2020_2020
}

fn slot(key: u32) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS);
    ((hash / 64) as usize, 1 << (hash % 64))
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut filter = Box::new([0; FILTER_WORDS]);
    let mut keys = Vec::with_capacity(RULES.len());
    for (place, (text, _)) in RULES.iter().enumerate() {
        if let Some(four) = text.as_bytes().first_chunk() {
            let key = key(four);
            let (word, bit) = slot(key);
            filter[word] |= bit;
            keys.push((key, place));
        }
    }
    keys.sort_unstable();
    Index { filter, keys }
});

struct Scan<'a> {
    body: &'a str,
    html: bool,
    /// End of the last furniture found.
    last_end: usize,
}

impl Scan<'_> {
    fn run(mut self, out: &mut Vec<Range<usize>>) {
        let index = &*INDEX;
        let bytes = self.body.as_bytes();
        for (at, four) in bytes.windows(4).enumerate() {
            let Some(four) = four.first_chunk() else { continue };
            let key = key(four);
            let (word, bit) = slot(key);
            if index.filter[word % FILTER_WORDS] & bit == 0 {
                continue;
            }
            // What lies inside of furniture needs no rule of its own.
            if at < self.last_end {
                continue;
            }
            let first = index.keys.partition_point(|(k, _)| *k < key);
            for &(_, place) in index.keys.iter().skip(first).take_while(|(k, _)| *k == key) {
                let Some((text, reach)) = RULES.get(place) else { continue };
                let Some(found) = bytes.get(at..at + text.len()) else { continue };
                if !found.eq_ignore_ascii_case(text.as_bytes()) || self.splits_word(at, text) {
                    continue;
                }
                if let Some(range) = self.reach(at..at + text.len(), *reach) {
                    self.last_end = self.last_end.max(range.end);
                    out.push(range);
                }
            }
        }
    }

    /// A phrase that begins with a letter must not begin inside a word.
    fn splits_word(&self, at: usize, text: &str) -> bool {
        let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        letter(text.as_bytes().first()) && at > 0 && letter(self.body.as_bytes().get(at - 1))
    }

    fn before(&self, at: usize) -> &str {
        self.body.get(..at).unwrap_or_default()
    }

    fn after(&self, at: usize) -> &str {
        self.body.get(at..).unwrap_or_default()
    }

    /// At most so many bytes before `at`: keeps the search for an end from taking quadratic time.
    fn before_at_most(&self, at: usize, bytes: usize) -> &str {
        let from = self.body.ceil_char_boundary(at.saturating_sub(bytes));
        self.body.get(from..at).unwrap_or_default()
    }

    fn after_at_most(&self, at: usize, bytes: usize) -> &str {
        let to = self.body.floor_char_boundary(at.saturating_add(bytes));
        self.body.get(at..to).unwrap_or_default()
    }

    /// The range of a phrase found at `at`, or `None` when it is no furniture there.
    fn reach(&self, at: Range<usize>, reach: Reach) -> Option<Range<usize>> {
        match reach {
            Reach::Phrase => Some(at),
            Reach::Line => {
                let line = self.line_opened_by(at.start)?;
                let rest = self.body.get(at.end..line.end)?;
                let only = rest.chars().all(|c| c.is_whitespace() || ":：*_…>".contains(c));
                // The last word of wrapped prose is no button.
                let is_prose = self.after(at.start).starts_with(|c: char| c.is_ascii_lowercase());
                (only && !is_prose).then_some(line)
            }
            Reach::Opens(max) => self.short_line(at.start, max),
            Reach::OpensHaving(needle, max) => {
                let line = self.short_line(at.start, max)?;
                let rest = self.body.get(at.end..line.end)?.to_ascii_lowercase();
                rest.contains(needle).then_some(line)
            }
            Reach::Rest(max) => {
                let end = self.line_end(at.end, max)?;
                Some(at.start..end)
            }
            Reach::Until(mark, max) => {
                if at.start != 0 && mark == "×" && !self.begins_sentence(at.start) {
                    return None;
                }
                let rest = self.after_at_most(at.end, 4 * max + mark.len());
                let found = rest.find(mark)?;
                let inside = rest.get(..found)?;
                let fits = !inside.contains('\n') && inside.chars().nth(max).is_none();
                fits.then(|| at.start..at.end + found + mark.len())
            }
            Reach::Bracket => {
                let near = self.before_at_most(at.start, 4 * SENTENCE_MAX_CHARS);
                let open = at.start - (near.len() - near.rfind('(')?);
                let inside = self.body.get(open..at.start)?;
                let fits = !inside.contains(['\n', ')']) && inside.chars().nth(SENTENCE_MAX_CHARS).is_none();
                fits.then_some(open..at.end)
            }
            Reach::Sentence => Some(self.sentence(at)),
            Reach::Lead(max) => {
                let sentence = self.begins_sentence(at.start).then(|| self.sentence(at))?;
                let text = self.body.get(sentence.clone())?;
                text.chars().nth(max).is_none().then_some(sentence)
            }
            Reach::LastWord => {
                let alone = self.before(at.start).is_empty()
                    || self.before(at.start).ends_with(|c: char| c.is_whitespace() || c.is_control());
                let last = self.after(at.end).chars().all(|c| c.is_whitespace() || c.is_control());
                (alone && last).then_some(at)
            }
            Reach::Head(max) => {
                let head = self.before(at.start);
                let fits = head.len() <= max * 4 && head.chars().nth(max).is_none() && !head.contains('。');
                fits.then_some(0..at.end)
            }
            Reach::Credit => self.credit(at, false),
            Reach::CreditNamed => self.credit(at, true),
            Reach::Style => {
                let selector = |c: char| c.is_ascii() && !c.is_ascii_whitespace() && c != '}';
                let near = self.before_at_most(at.start, 100);
                let start = at.start - (near.len() - near.trim_end_matches(selector).len());
                let end = self.after_at_most(at.end, 400).find('}')?;
                Some(start..at.end + end + 1)
            }
        }
    }

    /// Start and end of the line that begins at `at`, list and emphasis marks before it included.
    fn line_opened_by(&self, at: usize) -> Option<Range<usize>> {
        let marks = |c: char| matches!(c, ' ' | '\t' | '\r' | '\u{3000}' | '*' | '_' | '#' | '•' | '-' | '>');
        let before = self.before(at);
        // Tags are ranges of their own and open a line too.
        let in_html = self.html && before.ends_with('>');
        let start = if in_html { at } else { before.trim_end_matches(marks).len() };
        let opens = start == 0 || in_html || before.get(..start)?.ends_with('\n') || start == self.last_end;
        if !opens {
            return None;
        }
        let end = self.line_end(at, 1000)?;
        Some(at..end)
    }

    fn short_line(&self, at: usize, max_chars: usize) -> Option<Range<usize>> {
        let line = self.line_opened_by(at)?;
        let text = self.body.get(line.clone())?;
        text.chars().nth(max_chars).is_none().then_some(line)
    }

    /// The end of the line without its trailing blanks; `None` when it is too far away.
    fn line_end(&self, from: usize, max_chars: usize) -> Option<usize> {
        let rest = self.after(from);
        let html = self.html;
        let mut ends =
            rest.char_indices().take(max_chars + 1).skip_while(|(_, c)| *c != '\n' && !(html && *c == '<'));
        let len = match ends.next() {
            Some((at, _)) => at,
            None if rest.chars().nth(max_chars + 1).is_none() => rest.len(),
            None => return None,
        };
        Some(from + rest.get(..len)?.trim_end().len())
    }

    /// Whether a sentence, a line or a run of blanks begins at `at`.
    fn begins_sentence(&self, at: usize) -> bool {
        at == self.last_end
            || self.before(at).chars().next_back().is_none_or(|c| {
                c.is_whitespace() || c.is_control() || "。！？；…”」』）)】]>×▲▼◎|/".contains(c)
            })
    }

    fn sentence(&self, at: Range<usize>) -> Range<usize> {
        let mut start = at.start;
        let mut next = self.after(at.start).chars().next().unwrap_or(' ');
        let mut back = self.before(at.start).char_indices().rev().take(SENTENCE_MAX_CHARS + 1).peekable();
        let mut count = 0;
        while let Some((place, c)) = back.next() {
            // Scraping loses the blanks between some sentences: "the news.Click here".
            let before_mark = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "%)".contains(c);
            let glued = next.is_ascii_uppercase() && back.peek().is_some_and(|(_, c)| before_mark(*c));
            let ends = matches!(c, '。' | '！' | '？' | '\n' | '\t' | '\u{3000}')
                || (self.html && c == '>')
                || (next == ' ' && c == ' ')
                || (matches!(c, '.' | '?' | '!') && (next == ' ' || glued))
                || place + c.len_utf8() == self.last_end;
            if ends {
                break;
            }
            count += 1;
            // No end near enough: from the phrase on.
            if count > if c.is_ascii() { SENTENCE_MAX_CHARS } else { SENTENCE_MAX_WIDE_CHARS } {
                start = at.start;
                break;
            }
            start = place;
            next = c;
        }
        start += self.body.get(start..at.start).map_or(0, |s| s.len() - s.trim_start().len());
        let rest = self.after(at.end);
        let mut end = at.end;
        let mut chars = rest.char_indices().peekable();
        let mut count = 0;
        while let Some((place, c)) = chars.next() {
            if c == '\n' || (self.html && c == '<') {
                break;
            }
            count += 1;
            if count > 2 * SENTENCE_MAX_CHARS {
                return start..at.end;
            }
            end = at.end + place + c.len_utf8();
            let next = chars.peek().map(|(_, c)| *c);
            let stops = matches!(c, '.' | '?' | '!') && next.is_none_or(char::is_whitespace);
            if stops || matches!(c, '。' | '！' | '？') {
                // A quote or bracket that closes belongs to it.
                if let Some((place, c)) = chars.next().filter(|(_, c)| "”」』）)】]".contains(*c)) {
                    end = at.end + place + c.len_utf8();
                }
                break;
            }
        }
        start..end
    }

    /// "责任编辑：王五", "（来源：某报）": where a sentence may begin, up to the blank, bracket or line end.
    fn credit(&self, at: Range<usize>, named: bool) -> Option<Range<usize>> {
        const OPEN: &str = "（([【〔［";
        const CLOSE: &str = "）)]】〕］";
        let before = self.before(at.start);
        let mut start = at.start;
        let in_bracket = before.trim_end().ends_with(|c: char| OPEN.contains(c));
        if in_bracket {
            start = before.trim_end().char_indices().next_back().map(|(i, _)| i)?;
        } else if !self.begins_sentence(at.start) {
            return None;
        }
        let rest = self.after(at.end);
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\u{3000}']).len();
        let blanks = if blanks <= 4 { blanks } else { 0 };
        let value = rest.get(blanks..)?;
        let mut len = None;
        for (i, (place, c)) in value.char_indices().enumerate() {
            if i > CREDIT_MAX_CHARS * (1 + usize::from(in_bracket)) {
                return None;
            }
            if in_bracket {
                if c == '\n' || "。！？".contains(c) {
                    return None;
                }
                if CLOSE.contains(c) {
                    return Some(start..at.end + blanks + place + c.len_utf8());
                }
            } else if c.is_whitespace()
                || c == '<'
                || OPEN.contains(c)
                || CLOSE.contains(c)
                || "|｜".contains(c)
            {
                len = Some(place);
                break;
            } else if "，。！？；".contains(c) {
                // Prose goes on behind the label.
                return None;
            } else if ["返回搜狐", "责任编辑", "责编", "校对"]
                .iter()
                .any(|l| self.after_starts(value, place, l))
            {
                len = Some(place);
                break;
            }
        }
        if in_bracket {
            return None;
        }
        let len = len.unwrap_or(value.len());
        if len == 0 {
            return (!named).then_some(at);
        }
        Some(start..at.end + blanks + len)
    }

    fn after_starts(&self, value: &str, place: usize, label: &str) -> bool {
        value.get(place..).is_some_and(|rest| rest.starts_with(label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(body: &str) -> Vec<&str> {
        ranges(body, Vec::new()).into_iter().map(|r| &body[r]).collect()
    }

    #[test]
    fn the_table_is_sound() {
        for (text, _) in RULES {
            assert!(text.len() >= 4, "{text}");
            assert_eq!(*text, text.to_ascii_lowercase(), "phrases are written in lower case");
        }
    }

    #[test]
    fn english_furniture() {
        let body = "Output of tin rose (opens in a new tab) in May. Read more widely.\n\nSource: Tin Weekly, June 2\n\
                    Spread the word:\n\nCATEGORIES:\nLeave a Reply\n\n\
                    Your email address will not be published. Required fields are marked *";
        assert_eq!(
            cuts(body),
            [
                "(opens in a new tab)",
                "Source: Tin Weekly, June 2",
                "Spread the word:",
                "CATEGORIES:",
                "Leave a Reply",
                "Your email address will not be published.",
                "Required fields are marked *",
            ]
        );
        assert_eq!(
            cuts(
                "Ore rose. Sign up for our daily note today. Tin fell.\n(Reporting by A. Lee; Editing by B. Roe)\n"
            ),
            ["Sign up for our daily note today.", "(Reporting by A. Lee; Editing by B. Roe)"]
        );
        assert_eq!(
            cuts("Tin fell in May.Click here to see charts. Zinc rose."),
            ["Click here to see charts."]
        );
        assert_eq!(cuts("Shr 9 cts vs 8 cts\n Reuter\n\u{3}"), ["Reuter"]);
    }

    #[test]
    fn headlines_of_other_stories_end_where_the_credit_begins() {
        let body = "Tin fell. More From InvestorPlace Seven Ores to Sell Now Why Zinc Will Double The post Tin Fell appeared first.";
        assert_eq!(
            cuts(body),
            ["More From InvestorPlace Seven Ores to Sell Now Why Zinc Will Double The post "]
        );
        // Without the credit, or far from it, nobody knows where they end.
        assert_eq!(cuts("Tin fell. More from InvestorPlace was to be had in May."), [""; 0]);
        let far = format!("Tin fell. More From InvestorPlace {}The post came.", "tin ".repeat(100));
        assert_eq!(cuts(&far), [""; 0]);
    }

    #[test]
    fn chinese_furniture() {
        let body = "8-6 07:09，正文：   钨价上涨。 广告 限时下载 × 业内看好后市。来源：有色网返回搜狐，查看更多责任编辑：";
        assert_eq!(
            cuts(body),
            ["8-6 07:09，正文：", "广告 限时下载 ×", "来源：有色网", "返回搜狐，查看更多", "责任编辑："]
        );
        for (body, cut) in [
            ("锡价走高。（责任编辑：王五 CN001）", "（责任编辑：王五 CN001）"),
            ("锡价走高。【编辑:王五】", "【编辑:王五】"),
            ("锡价走高。 [ 责编：王五 ]", "[ 责编：王五 ]"),
            ("锡价走高。本文不构成投资建议，股市有风险。", "本文不构成投资建议，股市有风险。"),
            ("锡价走高。责任编辑：王五", "责任编辑：王五"),
            ("锡价走高。扫描二维码，下载手册", "扫描二维码，下载手册"),
        ] {
            assert_eq!(cuts(body), [cut], "{body}");
        }
    }

    #[test]
    fn prose_stays() {
        for body in [
            "The source: a vein of ore below the lake, and the company will share this article of faith.",
            "Reuter said so, and he told Reuters.",
            "消费者可通过扫描二维码进入系统，填写信息。",
            "The ministry raised the fee per\nshare.",
            "公司的主要收入来源：一是矿山，二是冶炼。",
            "他负责编辑：三本杂志，两份报纸。",
            "Prices fell. We print money, and the tweet of the minister did not help.",
            "广告 收入增长，公司净利润同比上升。",
        ] {
            assert_eq!(cuts(body), [""; 0], "{body}");
        }
        let long = format!("Source: {}", "tin ".repeat(100));
        assert_eq!(cuts(&long), [""; 0]);
    }

    #[test]
    fn ranges_that_were_given_are_kept_when_sound() {
        let body = "锂 price";
        assert_eq!(ranges(body, vec![1..2, 0..3, 2..99, 4..4, 4..6]), [0..3, 4..6]);
    }

    proptest::proptest! {
        #[test]
        fn sorted_disjoint_on_boundaries(parts in proptest::collection::vec(0..RULES.len() + 9, 0..12)) {
            let glue = [" ", "\n", "。", "<p>", "）", "（", "锂矿", "ore. ", "}"];
            let body: String = parts.iter().map(|&i| RULES.get(i).map_or_else(|| glue[i - RULES.len()], |r| r.0)).collect();
            let mut last = 0;
            for r in ranges(&body, Vec::new()) {
                proptest::prop_assert!(r.start >= last && r.end > r.start);
                proptest::prop_assert!(body.get(r.clone()).is_some());
                last = r.end;
            }
        }
    }
}
