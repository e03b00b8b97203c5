//! A text as units: what positions count.
//!
//! A unit is one Han character, one run of letters and digits (a number keeps its decimal point and
//! loses its thousands separators), or, beside a Han character, one punctuation mark. A token's
//! position is that of its first unit, so overlapping words sit where they belong, phrases are
//! exact, and a position leads back to bytes by scanning the text again.
//!
//! Positions grow by one from unit to unit. They skip one number where white space stands between
//! two Han characters, and where a block of mark-up or page furniture was left out beside one, so that
//! a quoted string matches exactly its characters. Between two Latin words punctuation counts for nothing:
//! `"closed door"` finds "closed-door".

use std::ops::Range;

use super::fold::{Class, class, fold_han, push_folded, simplified_table};
use crate::limits::UNIT_TERM_MAX_BYTES;

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnitKind {
    /// One character of a script written without spaces: Han, kana, hangul.
    Han,
    /// A run of letters, or of letters and digits.
    Word,
    /// A run of digits, with a decimal point perhaps.
    Number,
    /// One punctuation mark next to a Han character.
    Punct,
}

/// The capitals of a word, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Nothing with case in it.
    None,
    /// `copper`
    Lower,
    /// `Copper`
    Title,
    /// `COPPER`, and a single capital letter
    Upper,
    /// `NdFeB`, `eBay`
    Mixed,
}

/// What stands between a unit and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Nothing (or inline mark-up only).
    None,
    /// White space only, at most one line break.
    Space,
    /// Something visible on the way: a hyphen, a comma, a bracket, a full stop.
    Mark,
    /// A blank line, a block of mark-up, page furniture; also the start of the text.
    Break,
}

/// One unit of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unit {
    /// Byte offset of its first byte in the original text.
    pub start: u32,
    /// Byte offset after its last byte in the original text.
    pub end: u32,
    /// Position in the index.
    pub position: u32,
    /// What it is.
    pub kind: UnitKind,
    /// How its letters are written.
    pub case: Case,
    /// What stands before it.
    pub gap: Gap,
    term_start: u32,
    term_end: u32,
}

impl Unit {
    /// Byte range in the original text.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The units of a text, with their folded terms. Reusable: [`Units::scan`] clears it first.
#[derive(Debug, Clone, Default)]
pub struct Units {
    list: Vec<Unit>,
    terms: String,
}

impl Units {
    /// An empty list.
    pub fn new() -> Units {
        Units::default()
    }

    /// The units of `text`, leaving out the byte ranges `skip` (sorted, disjoint, on character
    /// boundaries: [`crate::Article::furniture`]).
    ///
    /// ```
    /// use orewire::analysis::Units;
    /// let text = "REO產能 30,000 tonnes";
    /// let units = Units::of(text, &[]);
    /// let terms: Vec<&str> = units.iter().map(|u| units.term(u)).collect();
    /// assert_eq!(terms, ["reo", "产", "能", "30000", "tonnes"]);
    /// assert_eq!(&text[units.list()[3].range()], "30,000");
    /// ```
    pub fn of(text: &str, skip: &[Range<usize>]) -> Units {
        let mut units = Units::new();
        units.scan(text, skip);
        units
    }

    /// The units, in order.
    pub fn list(&self) -> &[Unit] {
        &self.list
    }

    /// The units, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Unit> {
        self.list.iter()
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The folded form of a unit of this list.
    pub fn term(&self, unit: &Unit) -> &str {
        &self.terms[unit.term_start as usize..unit.term_end as usize]
    }

    /// The folded form of adjacent units, joined. Of Han units it is the run as one string.
    pub fn joined(&self, units: Range<usize>) -> &str {
        match (self.list.get(units.start), units.end.checked_sub(1).and_then(|i| self.list.get(i))) {
            (Some(first), Some(last)) if units.start < units.end => {
                &self.terms[first.term_start as usize..last.term_end as usize]
            }
            _ => "",
        }
    }

    /// Replaces the list by the units of `text`; see [`Units::of`]. A text beyond 4 GiB is cut.
    pub fn scan(&mut self, text: &str, skip: &[Range<usize>]) {
        self.scan_from(text, skip, 0, usize::MAX);
    }

    /// The units of a text from the byte on at which one of them begins, until there are `most` (or a
    /// few more): as [`Units::scan`] gives them, but that positions count from there.
    pub(crate) fn scan_from(&mut self, text: &str, skip: &[Range<usize>], from: usize, most: usize) {
        self.list.clear();
        self.terms.clear();
        let mut scan = Scan { units: self, text, gap: Gap::Break, pending: Vec::new(), position: 0, most };
        let mut at = from.min(text.len());
        for range in &skip[skip.partition_point(|r| r.end <= from)..] {
            if scan.units.list.len() >= most {
                return;
            }
            let (start, end) = (range.start.max(at), range.end.min(text.len()));
            if start >= end {
                continue;
            }
            scan.piece(at..start);
            if !is_inline_markup(&text[start..end]) {
                scan.gap = Gap::Break;
            }
            at = end;
        }
        scan.piece(at..text.len());
    }
}

impl<'a> IntoIterator for &'a Units {
    type Item = &'a Unit;
    type IntoIter = std::slice::Iter<'a, Unit>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

/// Mark-up that stands inside a word or a phrase without ending it.
fn is_inline_markup(skipped: &str) -> bool {
    if skipped.starts_with('&') {
        return true;
    }
    let Some(tag) = skipped.strip_prefix('<') else { return false };
    let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    ["a", "abbr", "b", "em", "font", "i", "mark", "span", "strong", "sub", "sup", "u"]
        .iter()
        .any(|inline| name.eq_ignore_ascii_case(inline))
}

struct Scan<'a> {
    units: &'a mut Units,
    text: &'a str,
    gap: Gap,
    /// Punctuation seen since the last unit: units of their own if a Han character is next to them.
    pending: Vec<(u32, char)>,
    position: u32,
    /// Units after which to stop.
    most: usize,
}

impl Scan<'_> {
    fn piece(&mut self, range: Range<usize>) {
        let text = self.text;
        let bytes = text.as_bytes();
        let end = range.end;
        let mut at = range.start;
        let table = simplified_table();
        while at < end && self.units.list.len() < self.most {
            let byte = bytes[at];
            if byte.is_ascii_alphanumeric() {
                at = self.run(at, end);
                continue;
            }
            if byte == b' ' {
                self.gap = self.gap.max(Gap::Space);
                at += 1;
                continue;
            }
            let Some(c) = text[at..end].chars().next() else { break };
            let next = at + c.len_utf8();
            match class(c) {
                Class::Han => {
                    let start = self.units.terms.len();
                    match fold_han(c, table) {
                        Some(simple) => self.units.terms.push(simple),
                        None => push_folded(c, &mut self.units.terms),
                    }
                    self.push(at..next, start, UnitKind::Han, Case::None);
                    at = next;
                }
                Class::Alnum => at = self.run(at, end),
                Class::Space => {
                    let blank_line = c == '\n' && self.gap == Gap::Space && ends_with_line_break(&text[..at]);
                    self.gap =
                        self.gap.max(if blank_line || c == '\u{2029}' { Gap::Break } else { Gap::Space });
                    at = next;
                }
                Class::Punct => {
                    self.gap = self.gap.max(Gap::Mark);
                    // Long rules of dashes or dots would only fill the index.
                    if self.pending.len() < 16 {
                        self.pending.push((at as u32, c));
                    }
                    at = next;
                }
                Class::Ignored => at = next,
            }
        }
    }

    /// A run of letters and digits from `start`; returns where it ends.
    fn run(&mut self, start: usize, end: usize) -> usize {
        let text = self.text;
        let bytes = text.as_bytes();
        let term_start = self.units.terms.len();
        let (mut upper, mut lower, mut digits, mut others) = (0u32, 0u32, 0u32, 0u32);
        let mut first_upper = false;
        let mut at = start;
        let mut last = start;
        while at < end {
            let byte = bytes[at];
            match byte {
                b'a'..=b'z' => {
                    lower += 1;
                    self.units.terms.push(byte as char);
                    at += 1;
                    last = at;
                }
                b'A'..=b'Z' => {
                    first_upper |= at == start;
                    upper += 1;
                    self.units.terms.push(byte.to_ascii_lowercase() as char);
                    at += 1;
                    last = at;
                }
                b'0'..=b'9' => {
                    digits += 1;
                    self.units.terms.push(byte as char);
                    at += 1;
                    last = at;
                }
                b'.' if upper + lower + others == 0
                    && digits > 0
                    && bytes[at - 1].is_ascii_digit()
                    && at + 1 < end
                    && bytes[at + 1].is_ascii_digit() =>
                {
                    self.units.terms.push('.');
                    at += 1;
                }
                b',' if upper + lower + others == 0
                    && is_thousands_separator(&bytes[start..end], at - start) =>
                {
                    at += 1
                }
                0..=0x7F => break,
                _ => {
                    let Some(c) = text[at..end].chars().next() else { break };
                    match class(c) {
                        Class::Alnum => {
                            if c.is_uppercase() {
                                first_upper |= at == start;
                                upper += 1;
                            } else if c.is_lowercase() {
                                lower += 1;
                            } else if ('０'..='９').contains(&c) {
                                digits += 1;
                            } else {
                                others += 1;
                            }
                            push_folded(c, &mut self.units.terms);
                            at += c.len_utf8();
                            last = at;
                        }
                        Class::Ignored => at += c.len_utf8(),
                        _ => break,
                    }
                }
            }
        }
        let case = match (upper, lower) {
            (0, 0) => Case::None,
            (0, _) => Case::Lower,
            (_, 0) => Case::Upper,
            (1, _) if first_upper => Case::Title,
            _ => Case::Mixed,
        };
        let kind = if digits > 0 && upper + lower + others == 0 { UnitKind::Number } else { UnitKind::Word };
        if self.units.terms.len() - term_start > UNIT_TERM_MAX_BYTES {
            let cut = self.units.terms.floor_char_boundary(term_start + UNIT_TERM_MAX_BYTES);
            self.units.terms.truncate(cut);
        }
        self.push(start..last, term_start, kind, case);
        at
    }

    fn push(&mut self, range: Range<usize>, term_start: usize, kind: UnitKind, case: Case) {
        if range.end > u32::MAX as usize {
            return;
        }
        let previous = self.units.list.last().map(|u| u.kind);
        let beside_han = kind == UnitKind::Han || previous == Some(UnitKind::Han);
        let mut term_start = term_start;
        if self.gap == Gap::Break {
            self.position += u32::from(previous.is_some() && beside_han);
            self.pending.clear();
        } else if beside_han && !self.pending.is_empty() {
            // The term of this unit is already in the arena: the marks go in front of it.
            let term = self.units.terms.split_off(term_start);
            for (at, mark) in std::mem::take(&mut self.pending) {
                let from = self.units.terms.len();
                push_folded(mark, &mut self.units.terms);
                let end = at + mark.len_utf8() as u32;
                self.append(at..end, from, UnitKind::Punct, Case::None, Gap::Mark);
            }
            term_start = self.units.terms.len();
            self.units.terms.push_str(&term);
        } else {
            self.pending.clear();
            if self.gap >= Gap::Space && kind == UnitKind::Han && previous == Some(UnitKind::Han) {
                self.position += 1;
            }
        }
        let gap = self.gap;
        self.append(range.start as u32..range.end as u32, term_start, kind, case, gap);
        self.gap = Gap::None;
    }

    fn append(&mut self, range: Range<u32>, term_start: usize, kind: UnitKind, case: Case, gap: Gap) {
        self.units.list.push(Unit {
            start: range.start,
            end: range.end,
            position: self.position,
            kind,
            case,
            gap,
            term_start: term_start as u32,
            term_end: self.units.terms.len() as u32,
        });
        self.position += 1;
    }
}

/// Whether white space that ends `before` holds a line break.
fn ends_with_line_break(before: &str) -> bool {
    let tail = before.trim_end_matches([' ', '\t', '\r', '\u{3000}']);
    tail.ends_with('\n')
}

/// Whether the comma at `at` of a run that starts with its first digit groups thousands: one to
/// three digits before the first comma, exactly three after each.
fn is_thousands_separator(run: &[u8], at: usize) -> bool {
    let head = &run[..at];
    let first_group = head.iter().position(|b| *b == b',').unwrap_or(head.len());
    let digits_after = run[at + 1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    (1..=3).contains(&first_group)
        && head.iter().all(|b| b.is_ascii_digit() || *b == b',')
        && digits_after == 3
        && !run.get(at + 4).is_some_and(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<(u32, String)> {
        let units = Units::of(text, &[]);
        units.iter().map(|u| (u.position, units.term(u).to_owned())).collect()
    }

    fn joined(text: &str) -> String {
        terms(text).into_iter().map(|(_, t)| t).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn numbers_lose_separators_and_keep_points() {
        assert_eq!(joined("30,000 tonnes"), "30000|tonnes");
        assert_eq!(joined("1,234,567.89"), "1234567.89");
        assert_eq!(joined("in 1987,1988"), "in|1987|1988");
        assert_eq!(joined("1,23 and 4.96m"), "1|23|and|4.96m");
        assert_eq!(joined("end 5. Next 5.x"), "end|5|next|5|x");
        assert_eq!(joined("3万吨/年"), "3|万|吨|/|年");
    }

    #[test]
    fn punctuation_counts_only_beside_han() {
        assert_eq!(joined("closed-door U.S. talks"), "closed|door|u|s|talks");
        assert_eq!(joined("稀土，集团"), "稀|土|,|集|团");
        assert_eq!(joined("5G基站（REO）"), "5g|基|站|(|reo");
        assert_eq!(joined("REO，产能"), "reo|,|产|能");
    }

    #[test]
    fn white_space_between_han_leaves_a_hole_in_the_positions() {
        assert_eq!(terms("稀 土"), [(0, "稀".into()), (2, "土".into())]);
        assert_eq!(terms("5G 基站").last().unwrap().0, 2);
        assert_eq!(terms("a b"), [(0, "a".into()), (1, "b".into())]);
    }

    #[test]
    fn skipped_ranges_make_no_units() {
        let text = "<p><strong>央视</strong>网</p><p>消息";
        let tags: Vec<Range<usize>> = [0..3, 3..11, 17..26, 29..33, 33..36].into();
        let units = Units::of(text, &tags);
        let got: Vec<_> = units.iter().map(|u| (u.position, &text[u.range()], u.gap)).collect();
        assert_eq!(got[2], (2, "网", Gap::None));
        assert_eq!(got[3], (4, "消", Gap::Break));
    }

    #[test]
    fn cases_and_gaps() {
        let units = Units::of("Copper NdFeB LME x\n\nA,b", &[]);
        let got: Vec<_> = units.iter().map(|u| (u.case, u.gap)).collect();
        assert_eq!(
            got,
            [
                (Case::Title, Gap::Break),
                (Case::Mixed, Gap::Space),
                (Case::Upper, Gap::Space),
                (Case::Lower, Gap::Space),
                (Case::Upper, Gap::Break),
                (Case::Lower, Gap::Mark),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn units_from_within_are_those_of_the_whole(text in "[a-c0-9 ,.\n稀土，。“”Ｒé\u{301}\u{200B}<b>-]{0,40}", cut in 0usize..40, most in 1usize..6) {
            let cut = text.floor_char_boundary(cut);
            let skip: Vec<Range<usize>> = text[cut..].find("<b>").map(|at| cut + at..cut + at + 3).into_iter().collect();
            let whole = Units::of(&text, &skip);
            let mut part = Units::new();
            for (first, unit) in whole.iter().enumerate().filter(|(_, u)| u.kind != UnitKind::Punct) {
                part.scan_from(&text, &skip, unit.start as usize, most);
                assert!(part.len() >= most.min(whole.len() - first));
                for (n, u) in part.iter().enumerate() {
                    let same = &whole.list()[first + n];
                    assert_eq!((u.range(), part.term(u), u.kind), (same.range(), whole.term(same), same.kind));
                    assert_eq!(u.position, same.position - unit.position);
                }
            }
        }

        #[test]
        fn units_are_sorted_disjoint_and_on_boundaries(text in "[a-zA-Z0-9 ,.\n稀土集團（，。“”ＲＥé\u{301}\u{200B}-]{0,60}|\\PC{0,60}") {
            let units = Units::of(&text, &[]);
            let mut end = 0;
            let mut position = None;
            for unit in &units {
                let range = unit.range();
                assert!(range.start >= end && range.start < range.end);
                assert!(text.get(range.clone()).is_some());
                assert!(position < Some(unit.position));
                end = range.end;
                position = Some(unit.position);
            }
            // What no unit covers is punctuation, space or invisible.
            let mut at = 0;
            for unit in &units {
                assert!(text[at..unit.start as usize].chars().all(|c| !c.is_ascii_alphanumeric()));
                at = unit.end as usize;
            }
        }

        #[test]
        fn a_substring_of_han_has_the_same_units_anywhere(text in "[稀土集团產能，。 A3]{1,40}", from in 0usize..40, len in 1usize..8) {
            let chars: Vec<char> = text.chars().collect();
            let from = from % chars.len();
            let part: String = chars[from..(from + len).min(chars.len())].iter().collect();
            let whole = Units::of(&text, &[]);
            let sub = Units::of(&part, &[]);
            // Latin runs may be cut by the choice of the part; Han and marks between them may not.
            if !part.contains(['A', '3']) && !sub.is_empty() {
                let want: Vec<_> = sub.iter().map(|u| (u.position - sub.list()[0].position, sub.term(u))).collect();
                let found = whole.list().windows(want.len()).any(|w| {
                    w.iter().map(|u| (u.position - w[0].position, whole.term(u))).eq(want.iter().copied())
                });
                assert!(found, "{part:?} in {text:?}");
            }
        }
    }
}
