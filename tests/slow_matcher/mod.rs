//! What the clauses of a query match in a text, told slowly: the text is cut character by character and
//! every clause is tried at every place. Nothing here is shared with how snippets find their marks, but
//! the folding and the stem of a single word.

use std::{collections::BTreeSet, ops::Range};

use orewire::{Tags, analysis::fold, tagging::Field};
use rust_stemmers::{Algorithm, Stemmer};

/// What one clause of a query means.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// A word by its stem, or a number.
    Word(String),
    /// These characters or words in this order.
    Phrase(String),
    /// Words that begin so.
    Prefix(String),
    /// Words spelt nearly so.
    Fuzzy(String),
    /// The evidence of tags at or below a path.
    Tag(String),
}

/// A clause as typed, with what it means.
#[derive(Debug, Clone)]
pub struct Clause {
    pub typed: String,
    pub means: Vec<Meaning>,
    pub title_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Han,
    Word,
    Number,
    Mark,
    /// White space between Han characters, or a block that was left out beside one: a place that
    /// nothing fills.
    Hole,
}

/// One place of a text.
#[derive(Debug, Clone)]
pub struct Symbol {
    pub range: Range<usize>,
    pub term: String,
    kind: Kind,
    possessive: bool,
}

impl Symbol {
    pub fn is_hole(&self) -> bool {
        self.kind == Kind::Hole
    }

    pub fn is_latin(&self) -> bool {
        self.kind == Kind::Word
    }
}

fn is_han(c: char) -> bool {
    matches!(c as u32,
        0x3005..=0x3007 | 0x3041..=0x3096 | 0x309D..=0x309F | 0x30A1..=0x30FA | 0x30FC..=0x30FF
        | 0x3105..=0x312F | 0x31A0..=0x31BF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3
        | 0x1100..=0x11FF | 0xF900..=0xFAFF | 0x2E80..=0x2FDF | 0xFF66..=0xFF9D | 0x20000..=0x3FFFF)
}

/// What shows nothing and parts nothing.
fn is_silent(c: char) -> bool {
    matches!(c as u32,
        0xAD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF
        | 0xE0000..=0xE0FFF)
        || unicode_normalization::char::is_combining_mark(c)
}

fn is_alnum(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c) && !is_silent(c)
}

/// Whether what is hidden stands inside a phrase without parting it.
fn is_inline(hidden: &str) -> bool {
    let inline = ["a", "abbr", "b", "em", "font", "i", "mark", "span", "strong", "sub", "sup", "u"];
    let name = hidden.trim_start_matches(['<', '/']);
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    hidden.starts_with('&') || hidden.starts_with('<') && inline.contains(&name.to_ascii_lowercase().as_str())
}

/// What was met since the last symbol.
#[derive(Default)]
struct Between {
    blank: bool,
    block: bool,
    marks: Vec<(usize, char)>,
    marked: bool,
}

/// A text without its hidden ranges as the places that phrases count.
pub fn symbols(text: &str, hidden: &[Range<usize>]) -> Vec<Symbol> {
    let mut out: Vec<Symbol> = Vec::new();
    let mut between = Between { block: true, ..Between::default() };
    let mut at = 0;
    while at < text.len() {
        if let Some(h) = hidden.iter().find(|h| h.contains(&at)) {
            between.block |= !is_inline(&text[h.clone()]);
            at = h.end;
            continue;
        }
        let piece_end = hidden.iter().map(|h| h.start).filter(|s| *s > at).min().unwrap_or(text.len());
        let Some(c) = text[at..].chars().next() else { break };
        let next = at + c.len_utf8();
        if is_han(c) {
            push(&mut out, text, at..next, Kind::Han, &mut between);
            at = next;
        } else if is_alnum(c) {
            let (end, resume, kind) = run(&text[at..piece_end]);
            push(&mut out, text, at..at + end, kind, &mut between);
            at += resume;
        } else if is_silent(c) {
            at = next;
        } else if c.is_whitespace() || c.is_control() && c.is_ascii() {
            let only_blank = between.blank && !between.marked && !between.block;
            let after_break = text[..at].trim_end_matches([' ', '\t', '\r', '\u{3000}']).ends_with('\n');
            between.block |= c == '\u{2029}' || c == '\n' && only_blank && after_break;
            between.blank = true;
            at = next;
        } else {
            between.marked = true;
            if between.marks.len() < 16 {
                between.marks.push((at, c));
            }
            at = next;
        }
    }
    out
}

/// Where the run of letters and digits that a piece begins with ends, where to go on, and what it is.
fn run(piece: &str) -> (usize, usize, Kind) {
    let mut digits_only = true;
    let (mut end, mut at) = (0, 0);
    while let Some(c) = piece[at..].chars().next() {
        let rest = &piece[at + c.len_utf8()..];
        let digit_follows = rest.starts_with(|c: char| c.is_ascii_digit());
        let digit_before = piece[..at].ends_with(|c: char| c.is_ascii_digit());
        if is_alnum(c) {
            digits_only &= c.is_ascii_digit() || ('０'..='９').contains(&c);
            at += c.len_utf8();
            end = at;
        } else if c == '.' && digits_only && digit_before && digit_follows
            || c == ',' && digits_only && groups(&piece[..at], rest)
        {
            at += 1;
        } else if is_silent(c) {
            at += c.len_utf8();
        } else {
            break;
        }
    }
    (end, at, if digits_only { Kind::Number } else { Kind::Word })
}

/// Whether a comma stands between the thousands of a number.
fn groups(before: &str, behind: &str) -> bool {
    let first = before.split(',').next().unwrap_or("");
    let digits = behind.chars().take(4).take_while(char::is_ascii_digit).count();
    (1..=3).contains(&first.len())
        && before.bytes().all(|b| b.is_ascii_digit() || b == b',')
        && digits == 3
        && !behind[3..].starts_with(|c: char| c.is_ascii_alphabetic())
}

fn push(out: &mut Vec<Symbol>, text: &str, range: Range<usize>, kind: Kind, between: &mut Between) {
    let between = std::mem::take(between);
    let previous = out.last().map(|s| (s.kind, s.range.end));
    let beside_han = kind == Kind::Han || previous.is_some_and(|(k, _)| k == Kind::Han);
    let both_han = kind == Kind::Han && previous.is_some_and(|(k, _)| k == Kind::Han);
    let symbol = |range: Range<usize>, kind, possessive| {
        let raw: String =
            text[range.clone()].chars().filter(|c| !(*c == ',' && kind == Kind::Number)).collect();
        let mut term = fold(&raw).into_owned();
        if kind == Kind::Word || kind == Kind::Number {
            term.truncate(term.floor_char_boundary(orewire::limits::UNIT_TERM_MAX_BYTES));
        }
        Symbol { range, term, kind, possessive }
    };
    let hole = || Symbol {
        range: range.start..range.start,
        term: String::new(),
        kind: Kind::Hole,
        possessive: false,
    };
    if between.block {
        if previous.is_some() && beside_han {
            out.push(hole());
        }
    } else if beside_han && !between.marks.is_empty() {
        for (at, c) in &between.marks {
            out.push(symbol(*at..at + c.len_utf8(), Kind::Mark, false));
        }
    } else if both_han && between.blank {
        out.push(hole());
    }
    let mark = between.marked && !between.block;
    let apart = previous.map_or(0, |(_, end)| range.start - end);
    let mut word = symbol(range, kind, false);
    word.possessive = word.term == "s" && mark && matches!(apart, 1 | 3);
    out.push(word);
}

/// The stem of a folded word; the index keeps a few words from others that they are not.
fn stem(word: &str) -> String {
    const APART: [(&str, &str); 4] = [
        ("important", "important"),
        ("importance", "important"),
        ("international", "international"),
        ("news", "news"),
    ];
    match APART.iter().find(|(w, _)| *w == word) {
        Some((_, stem)) => (*stem).to_owned(),
        None => Stemmer::create(Algorithm::English).stem(word).into_owned(),
    }
}

/// Whether at most so many letters must be changed, left out, added or swapped to make one word of
/// another.
fn within(a: &[char], b: &[char], most: usize) -> bool {
    match (a, b) {
        ([x, a_rest @ ..], [y, b_rest @ ..]) if x == y => within(a_rest, b_rest, most),
        ([], rest) | (rest, []) => rest.len() <= most,
        _ if most == 0 => false,
        ([x, a_rest @ ..], [y, b_rest @ ..]) => {
            let swapped = matches!((a_rest, b_rest), ([z, ..], [w, ..]) if x == w && y == z);
            swapped && within(&a_rest[1..], &b_rest[1..], most - 1)
                || [(a_rest, b), (a, b_rest), (a_rest, b_rest)].iter().any(|(a, b)| within(a, b, most - 1))
        }
    }
}

fn is_near(term: &str, word: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (term.chars().collect(), word.chars().collect());
    within(&a, &b, if b.len() < 7 { 1 } else { 2 })
}

/// The ranges of a text that a clause matches, by themselves.
pub fn matches(
    clause: &Clause,
    text: &str,
    hidden: &[Range<usize>],
    tags: &Tags,
    field: Field,
) -> Vec<Range<usize>> {
    let places = symbols(text, hidden);
    if clause.title_only && field == Field::Body {
        return Vec::new();
    }
    let mut out = Vec::new();
    for meaning in &clause.means {
        match meaning {
            Meaning::Word(word) => {
                let word = fold(word);
                let is = |s: &&Symbol| match s.kind {
                    Kind::Word => !s.possessive && stem(&s.term) == stem(&word),
                    Kind::Number => s.term == word,
                    _ => false,
                };
                out.extend(places.iter().filter(is).map(|s| s.range.clone()));
            }
            Meaning::Prefix(prefix) => {
                let prefix = fold(prefix);
                let is = |s: &&Symbol| s.term.starts_with(prefix.as_ref());
                out.extend(places.iter().filter(is).map(|s| s.range.clone()));
            }
            Meaning::Fuzzy(word) => {
                let word = fold(word);
                let is = |s: &&Symbol| !s.is_hole() && is_near(&s.term, &word);
                out.extend(places.iter().filter(is).map(|s| s.range.clone()));
            }
            Meaning::Phrase(phrase) => {
                let wanted = symbols(phrase, &[]);
                for window in places.windows(wanted.len().max(1)) {
                    let fits = |(w, s): (&Symbol, &Symbol)| w.is_hole() || w.term == s.term && !s.is_hole();
                    if !wanted.is_empty() && wanted.iter().zip(window).all(fits) {
                        out.push(window[0].range.start..window[window.len() - 1].range.end);
                    }
                }
            }
            Meaning::Tag(path) => {
                out.extend(evidence(tags, field, |p| p == path || p.starts_with(&format!("{path}/"))))
            }
        }
    }
    out
}

fn evidence(tags: &Tags, field: Field, wanted: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let all = [&tags.organization, &tags.province, &tags.country, &tags.commodity];
    let tags = all.into_iter().flatten().filter(|t| wanted(&t.path));
    tags.flat_map(|t| &t.evidence).filter(|e| e.field == field).map(|e| e.start..e.end).collect()
}

/// Ranges in order, those that overlap as one.
pub fn joined(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let sorted: BTreeSet<(usize, usize)> = ranges.into_iter().map(|r| (r.start, r.end)).collect();
    let mut out: Vec<Range<usize>> = Vec::new();
    for (start, end) in sorted {
        match out.last_mut() {
            Some(last) if start < last.end => last.end = last.end.max(end),
            _ => out.push(start..end),
        }
    }
    out
}
