//! Where sentences begin and end, told from what stands around a place: so the sentence around a match
//! is found without a look at the rest of the text.

use std::ops::Range;

use super::shown::{Body, is_inline};

/// Titles and the like: a full stop behind them never ends a sentence.
const TITLES: [&str; 18] = [
    "mr", "mrs", "ms", "dr", "prof", "gen", "sen", "rep", "gov", "lt", "col", "capt", "rev", "hon", "st",
    "mt", "vs", "messrs",
];

/// Abbreviations that may end a sentence, if what follows begins one.
const ABBREVIATIONS: [&str; 36] = [
    "co", "corp", "inc", "ltd", "plc", "bros", "llc", "cos", "jr", "sr", "jan", "feb", "mar", "apr", "jun",
    "jul", "aug", "sep", "sept", "oct", "nov", "dec", "a.m", "p.m", "etc", "est", "approx", "dept", "univ",
    "pct", "mln", "bln", "dlrs", "u.s", "u.k", "e.u",
];

/// The same, that never do before a number: "No. 3", "Fig. 2", "pp. 4".
const NUMBERED: [&str; 8] = ["no", "nos", "fig", "vol", "art", "sec", "pp", "ch"];

/// Words that begin sentences and rarely a name.
const STARTERS: [&str; 36] = [
    "The",
    "It",
    "He",
    "She",
    "They",
    "In",
    "A",
    "An",
    "But",
    "And",
    "This",
    "That",
    "These",
    "Those",
    "Its",
    "We",
    "I",
    "However",
    "Under",
    "On",
    "At",
    "For",
    "As",
    "If",
    "Meanwhile",
    "Last",
    "His",
    "Her",
    "Their",
    "There",
    "While",
    "When",
    "After",
    "With",
    "Some",
    "Analysts",
];

/// Longest line of text that was broken to fit a page, in bytes; longer ones are paragraphs.
const WRAPPED_MAX_BYTES: usize = 120;

/// Lines shorter than this end on purpose.
const SHORT_BYTES: usize = 40;

/// The sentences of a body; none is followed farther than `reach` bytes of text from where it is
/// looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentences<'a> {
    pub(super) body: Body<'a>,
    pub(super) reach: usize,
}

impl Sentences<'_> {
    /// The sentence that holds a range, not before `floor`, without white space and hidden parts around
    /// it.
    pub(super) fn around(&self, range: Range<usize>, floor: usize) -> Range<usize> {
        let start = self.start(range.start, floor);
        self.trimmed(start..self.end(range.start, range.end).max(range.end))
    }

    /// The sentence that follows a place; `None` when there is no more text.
    pub(super) fn next(&self, from: usize) -> Option<Range<usize>> {
        let start = self.skip_blank(from);
        if start >= self.body.text.len() {
            return None;
        }
        let range = self.trimmed(start..self.end(start, start + 1));
        (range.start < range.end).then_some(range)
    }

    /// The sentence that ends before a place.
    pub(super) fn previous(&self, to: usize) -> Option<Range<usize>> {
        let end = self.trimmed(0..to).end;
        let last = self.body.text[..end].char_indices().next_back()?.0;
        let range = self.trimmed(self.start(last, 0)..end);
        (range.start < range.end).then_some(range)
    }

    /// The first end of a sentence at or after `least`, told from the stops from `from` on: the last one
    /// of what is looked for may be a stop ("Acme Co.").
    fn end(&self, from: usize, least: usize) -> usize {
        let text = self.body.text;
        let mut left = self.reach + (least - from);
        let mut at = from;
        for h in self.body.hidden_from(from) {
            if let Some(end) = self.end_in(at..h.start.max(at), least, &mut left) {
                return end;
            }
            if h.start >= least && !is_inline(&text[h.clone()]) {
                return h.start;
            }
            at = h.end;
        }
        self.end_in(at..text.len(), least, &mut left).unwrap_or(text.len())
    }

    /// The same in a piece of text with nothing hidden in it; what is left of the reach is lowered.
    fn end_in(&self, piece: Range<usize>, least: usize, left: &mut usize) -> Option<usize> {
        let bytes = self.body.text.as_bytes();
        let to = piece.end.min(piece.start + *left);
        let mut at = piece.start;
        while let Some(found) = bytes[at..to].iter().position(|b| STOPS[usize::from(*b)]) {
            at += found;
            if may_stop(bytes, at)
                && let Some(end) = self.stop(at).filter(|end| *end >= least)
            {
                return Some(end);
            }
            at += 1;
        }
        *left -= to - piece.start;
        (to < piece.end).then(|| self.body.text.ceil_char_boundary(to))
    }

    /// The last end of a sentence at or before `to`, or `floor`.
    fn start(&self, to: usize, floor: usize) -> usize {
        let text = self.body.text;
        let before = self.body.hidden.partition_point(|h| h.start < to);
        let mut left = self.reach;
        let mut at = to;
        for h in self.body.hidden[..before].iter().rev() {
            if let Some(start) = self.start_in(h.end.max(floor).min(at)..at, to, &mut left) {
                return start.max(floor);
            }
            if h.end <= floor {
                return floor;
            }
            if h.end <= to && !is_inline(&text[h.clone()]) {
                return h.end;
            }
            at = h.start;
        }
        self.start_in(floor.min(at)..at, to, &mut left).unwrap_or(floor).max(floor)
    }

    /// The same in a piece of text with nothing hidden in it.
    fn start_in(&self, piece: Range<usize>, to: usize, left: &mut usize) -> Option<usize> {
        let bytes = self.body.text.as_bytes();
        let from = piece.start.max(piece.end.saturating_sub(*left));
        let mut at = piece.end;
        while let Some(found) = bytes[from..at].iter().rposition(|b| STOPS[usize::from(*b)]) {
            at = from + found;
            if may_stop(bytes, at)
                && let Some(end) = self.stop(at).filter(|end| *end <= to)
            {
                return Some(end);
            }
        }
        *left -= piece.end - from;
        (from > piece.start).then(|| self.body.text.floor_char_boundary(from))
    }

    /// Steps over white space and hidden parts.
    pub(super) fn skip_blank(&self, from: usize) -> usize {
        let text = self.body.text;
        let mut hidden = self.body.hidden_from(from).iter().peekable();
        let mut at = from;
        while at < text.len() {
            if let Some(h) = hidden.next_if(|h| h.start <= at) {
                // An entity may be text.
                if text[h.clone()].starts_with('&') && !text[h.clone()].starts_with("&nbsp") {
                    return at;
                }
                at = at.max(h.end);
                continue;
            }
            match text[at..].chars().next() {
                Some(c) if c.is_whitespace() || c.is_control() => at += c.len_utf8(),
                _ => return at,
            }
        }
        at
    }

    /// A range without white space and hidden parts at its ends.
    fn trimmed(&self, range: Range<usize>) -> Range<usize> {
        let text = self.body.text;
        let start = self.skip_blank(range.start).min(range.end);
        let mut end = range.end;
        let mut hidden = self.body.hidden[..self.body.hidden.partition_point(|h| h.start < end)].iter();
        let mut next = hidden.next_back();
        while end > start {
            if let Some(h) = next.filter(|h| h.end >= end) {
                if text[h.clone()].starts_with('&') && !text[h.clone()].starts_with("&nbsp") {
                    break;
                }
                end = end.min(h.start);
                next = hidden.next_back();
                continue;
            }
            match text[..end].chars().next_back() {
                Some(c) if c.is_whitespace() || c.is_control() => end -= c.len_utf8(),
                _ => break,
            }
        }
        start..end.max(start)
    }

    /// Where the sentence ends that the mark at `at` ends, with the quotes and brackets that close
    /// there; `None` when it ends none.
    fn stop(&self, at: usize) -> Option<usize> {
        let text = self.body.text;
        let mark = text[at..].chars().next()?;
        let after = at + mark.len_utf8();
        match mark {
            '\n' => line_ends(text, at).then_some(after),
            '\u{2029}' => Some(after),
            // An indent in the middle of a line that lost its break.
            '\u{3000}' => text[after..].starts_with('\u{3000}').then_some(after),
            '。' | '！' | '？' | '；' => {
                let rest = text[after..].trim_start_matches(|c| "。！？；…”’」』）】》)\"".contains(c));
                Some(text.len() - rest.len())
            }
            '.' | '!' | '?' => {
                let rest = text[after..].trim_start_matches(['.', '!', '?', '"', '\'', '”', '’', ')', ']']);
                let end = text.len() - rest.len();
                let rest = self.past_inline(end);
                let Some(next) = rest.chars().next() else { return Some(end) };
                let ends = match next.is_whitespace() {
                    true => {
                        let follows = rest.trim_start();
                        let opens = follows.chars().next().is_none_or(|c| !c.is_lowercase());
                        // "(U.S.) Inc" goes on, "it rose." He does not.
                        let bare = text[after..end].bytes().all(|b| matches!(b, b')' | b']'));
                        opens && !(mark == '.' && bare && abbreviates(&text[..at], follows))
                    }
                    false => glued(&text[..at], rest, mark),
                };
                ends.then_some(end)
            }
            _ => None,
        }
    }

    /// The text from a place on, past tags that stand right there.
    fn past_inline(&self, at: usize) -> &str {
        let mut at = at;
        for h in self.body.hidden_from(at) {
            if h.start != at || self.body.text[h.clone()].starts_with('&') {
                break;
            }
            at = h.end;
        }
        &self.body.text[at..]
    }
}

/// The first bytes of marks that may end a sentence.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let marks = [b'.', b'!', b'?', b'\n', 0xE2, 0xE3, 0xEF];
    let mut i = 0;
    while i < marks.len() {
        stops[marks[i] as usize] = true;
        i += 1;
    }
    stops
};

/// Whether the character that begins with such a byte is one of these marks.
fn may_stop(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at..at + 3) {
        Some([0xE2, b, c]) => (*b, *c) == (0x80, 0xA9),
        Some([0xE3, b, c]) => *b == 0x80 && matches!(c, 0x80 | 0x82),
        Some([0xEF, b, c]) => *b == 0xBC && matches!(c, 0x81 | 0x9B | 0x9F),
        _ => true,
    }
}

/// Whether a full stop behind `before` belongs to an abbreviation.
fn abbreviates(before: &str, follows: &str) -> bool {
    let from = before.floor_char_boundary(before.len().saturating_sub(16));
    let near = &before[from..];
    let word = near.rsplit(|c: char| !(c.is_alphanumeric() || c == '.')).next().unwrap_or("");
    // No abbreviation without points is longer.
    if word.is_empty() || word.len() > 6 && !word.contains('.') {
        return false;
    }
    let lower = word.to_lowercase();
    let known = |list: &[&str]| list.contains(&lower.as_str());
    let number = follows.starts_with(|c: char| c.is_ascii_digit());
    let opens = || {
        let next = follows.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        STARTERS.contains(&next) || follows.starts_with(['"', '“', '‘', '(', '['])
    };
    let initials = word.chars().next_back().is_some_and(char::is_uppercase)
        && word.split('.').all(|part| part.chars().count() == 1);
    if known(&TITLES) {
        return true;
    }
    if known(&NUMBERED) && number {
        return true;
    }
    (known(&ABBREVIATIONS) || initials || matches!(lower.as_str(), "e.g" | "i.e")) && !opens()
}

/// Whether a sentence ends and the next begins with no space between, as scraping leaves them:
/// "the news.The price". Not so in "finance.Yahoo.com" or "No.3".
fn glued(before: &str, rest: &str, mark: char) -> bool {
    let mut next = rest.chars();
    let (first, second) = (next.next().unwrap_or(' '), next.next().unwrap_or(' '));
    let wide = |c: char| ('\u{2E80}'..='\u{9FFF}').contains(&c);
    let last = before.chars().next_back().unwrap_or(' ');
    if wide(first) || matches!(first, '“' | '《' | '（') {
        return wide(last) || mark != '.';
    }
    let capital = first.is_uppercase() && (second.is_lowercase() || second == ' ')
        || matches!(first, '“' | '"') && second.is_uppercase();
    if !capital
        || !(last.is_lowercase() || last.is_ascii_digit() || matches!(last, '”' | '"' | ')' | '%' | ']'))
    {
        return false;
    }
    let from = before.floor_char_boundary(before.len().saturating_sub(40));
    let word = before[from..].rsplit(char::is_whitespace).next().unwrap_or("");
    let follows = rest.split(char::is_whitespace).next().unwrap_or("");
    let address = |w: &str| w.contains("://") || w.contains('@') || w.starts_with("www.");
    let domain = [".com", ".org", ".net", ".cn"].iter().any(|d| follows.to_lowercase().contains(d));
    let initial = last.is_alphabetic() && word.chars().filter(|c| c.is_alphabetic()).count() < 2;
    !address(word) && !domain && !initial
}

/// Whether a line break ends a sentence, rather than only a line.
fn line_ends(text: &str, at: usize) -> bool {
    let after = &text[at + 1..];
    let next = after.trim_start_matches([' ', '\t', '\r', '\u{3000}']);
    let Some(first) = next.chars().next().filter(|c| *c != '\n') else { return true };
    let indent = after.len() - next.len();
    if indent >= 2 && !first.is_lowercase() || opens_block(next) {
        return true;
    }
    let from = text.floor_char_boundary(at.saturating_sub(WRAPPED_MAX_BYTES + 1));
    let Some(start) = text[from..at].rfind('\n').map(|n| from + n + 1).or((from == 0).then_some(0)) else {
        return true;
    };
    let line = text[start..at].trim();
    let to = text.floor_char_boundary((at + 2 + WRAPPED_MAX_BYTES + indent).min(text.len()));
    let next_is_long = to < text.len() && !text[at + 1..to].contains('\n');
    let short = start > 0 && line.len() < SHORT_BYTES && !first.is_lowercase() && !line.ends_with([',', '-']);
    line.starts_with(['#', '|']) || next_is_long || short
}

/// Whether a line opens a heading, a row of a table, an item of a list.
fn opens_block(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let behind = &line[digits..];
    line.starts_with(['#', '|', '•', '●', '■', '◆', '【'])
        || ["- ", "* ", "+ ", "> ", "```", "~~~"].iter().any(|m| line.starts_with(m))
        || (1..=2).contains(&digits) && (behind.starts_with(". ") || behind.starts_with(['、', '．']))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentences(text: &str, hidden: &[Range<usize>]) -> Vec<String> {
        let all = Sentences { body: Body { text, hidden }, reach: 10_000 };
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(range) = all.next(at) {
            out.push(text[range.clone()].to_owned());
            at = range.end;
        }
        out
    }

    #[test]
    fn english() {
        for (text, want) in [
            ("Prices rose 4.96 per cent. The U.S. Steel Co. said so. Why?\n\nNext", 4),
            ("It bought ore from Vale S.A. The deal closed. It sold some to the U.S. He left.", 4),
            ("J. P. Morgan and Mr. Smith of Acme Co., Ltd. met at No. 3 smelter on Jan. 5. They left.", 2),
            ("Is it over? \"Yes!\" he said. \"It is.\" Then he left (at 5 p.m. or so).", 4),
            ("the new plant.The firm said 5.Then it left www.Ore.Com and finance.Yahoo.com alone", 3),
            ("said Smith (U.S. envoy) e.g. Ohio and vs. Iowa, approx. 5.5 pct. more", 1),
            ("Ore Oil (U.S.) Inc sold it. It rose (to 5 pct.) The rest (all of it.) Then", 4),
        ] {
            assert_eq!(sentences(text, &[]).len(), want, "{:#?}", sentences(text, &[]));
        }
    }

    #[test]
    fn a_floor_inside_of_mark_up_is_no_panic() {
        let (text, hidden) = ("<b><b><b>bb", [0..3, 3..6, 6..9]);
        let all = Sentences { body: Body { text, hidden: &hidden }, reach: 10_000 };
        assert_eq!(all.around(9..11, 5), 9..11);
    }

    #[test]
    fn chinese() {
        assert_eq!(
            sentences("他说：“涨了。”随后跌。好！；真的？！（完。）3.5万吨；No.3号", &[]),
            ["他说：“涨了。”", "随后跌。", "好！；", "真的？！", "（完。）", "3.5万吨；", "No.3号"]
        );
        assert_eq!(
            sentences("<p>一</p><p>二<b>三</b>", &[0..3, 6..10, 10..13, 16..19, 22..26]),
            ["一", "二<b>三"]
        );
        assert_eq!(sentences("标题\u{3000}\u{3000}正文", &[]), ["标题", "正文"]);
    }

    #[test]
    fn lines() {
        let wrapped = "Showers continued throughout the\nweek in the tin zone, easing the\ndrought since early January.\n    The dry period ends\nsoon.\n    Shr 5\n    Net 6";
        assert_eq!(sentences(wrapped, &[]).len(), 4, "{:#?}", sentences(wrapped, &[]));
        let long = "word ".repeat(40);
        let text = format!("What it costs\n{long}\nA new day\n{long}\n- item\n- Item\n# Head\nx");
        assert_eq!(sentences(&text, &[]).len(), 8, "{:#?}", sentences(&text, &[]));
    }

    proptest! {
        #[test]
        fn the_sentence_around_a_place_is_one_of_all(
            text in "([a-cA-C]{1,4}|[.!?]|[。！？；，”“]|[ \n\u{3000}]|[稀土]|Co\\.|U\\.S\\.|<p>|<b>|\n    ){0,30}",
            at in 0usize..80,
        ) {
            let mut hidden: Vec<Range<usize>> =
                ["<p>", "<b>"].iter().flat_map(|m| text.match_indices(m)).map(|(at, m)| at..at + m.len()).collect();
            hidden.sort_by_key(|r| r.start);
            let all = Sentences { body: Body { text: &text, hidden: &hidden }, reach: 10_000 };
            let mut ranges = Vec::new();
            let mut from = 0;
            while let Some(range) = all.next(from) {
                prop_assert!(range.start >= from && range.start < range.end);
                from = range.end;
                ranges.push(range);
            }
            let at = text.floor_char_boundary(at);
            if let Some(c) = text[at..].chars().next().filter(|c| c.is_alphanumeric())
                && !hidden.iter().any(|h| h.contains(&at))
            {
                let around = all.around(at..at + c.len_utf8(), 0);
                prop_assert!(ranges.contains(&around), "{around:?} {ranges:?}");
            }
        }
    }
}
