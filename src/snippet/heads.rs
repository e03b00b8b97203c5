//! How the things that a query asks for begin, so that a text can be skimmed for them.
//!
//! A head is the part of a match's first unit that every match shares, whatever the inflection. The
//! skim compares raw bytes with heads and lets through whatever it can't compare (letters outside of
//! ASCII, numbers with commas); [`super::find`] then looks at the units there.

use crate::{
    analysis::fold::{fold_han, push_folded, simplified_table},
    query::plan::{Mark, MarkKind},
};

/// Bits of the filter for first characters outside of ASCII; a power of two.
const FILTER_BITS: usize = 1 << 10;

/// One way in which a match begins.
#[derive(Debug)]
pub(super) struct Head {
    /// Folded text that the first unit begins with.
    text: String,
    /// The character right behind, where both are Han characters.
    second: Option<char>,
    pub(super) mark: usize,
    /// Units that tell whether it is a match.
    pub(super) units: usize,
}

/// The heads of all marks, by their first characters.
#[derive(Debug)]
pub(super) struct Heads {
    /// Sorted by text.
    list: Vec<Head>,
    /// Where the heads with an ASCII character first begin in the list, by character.
    ascii: [u32; 129],
    /// What each byte is to a skim that looks for words only.
    dull: [Dull; 256],
    /// One bit for each hash of a first character outside of ASCII.
    filter: [u64; FILTER_BITS / 64],
    /// Marks that may match words with any beginning.
    pub(super) near: Vec<Near>,
    /// Whether numbers may match, whose beginnings only their whole tells.
    pub(super) numbers: bool,
    /// Whether only all units of a text tell what matches.
    pub(super) whole: bool,
}

/// What a byte is to a skim that looks for words only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dull {
    /// White space or a mark: the next byte may begin a word.
    Apart,
    /// A letter or digit that begins nothing.
    Plain,
    /// A letter that begins something where it begins a word.
    Head,
    /// A part of a character outside of ASCII.
    Wide,
}

/// A word that is matched with errors.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) mark: usize,
    distance: u32,
    letters: u32,
    bytes: usize,
    ascii: bool,
}

impl Heads {
    pub(super) fn of(marks: &[Mark]) -> Heads {
        let mut list = Vec::new();
        let mut near = Vec::new();
        let mut whole = false;
        for (mark, m) in marks.iter().enumerate() {
            match &m.kind {
                MarkKind::Sequence(sequence) => {
                    let Some((_, first)) = sequence.first() else { continue };
                    let second = sequence.get(1).filter(|(step, _)| *step == 1).and_then(|(_, t)| han(t));
                    let second = second.filter(|_| han(first).is_some());
                    // White space that was quoted is a place, which any unit may fill.
                    let units = sequence.last().map_or(1, |(step, _)| *step as usize + 1);
                    list.push(Head { text: first.clone(), second, mark, units });
                }
                MarkKind::Prefix(prefix) => {
                    list.push(Head { text: prefix.clone(), second: None, mark, units: 1 });
                }
                MarkKind::Stem(stem) => {
                    // Which s is a possessive's only its neighbours tell.
                    whole |= stem == "s";
                    for text in stem_heads(stem) {
                        list.push(Head { text, second: None, mark, units: 1 });
                    }
                }
                MarkKind::Fuzzy(word, distance) => near.push(Near {
                    mark,
                    distance: u32::from(*distance),
                    letters: letters(word.bytes()),
                    bytes: word.len(),
                    ascii: word.is_ascii(),
                }),
                MarkKind::Concept(_) => {}
            }
        }
        list.retain(|h| !h.text.is_empty());
        list.sort_by(|a, b| a.text.cmp(&b.text));
        let mut ascii = [0; 129];
        for (byte, start) in (0u8..).zip(ascii.iter_mut()) {
            *start = list.partition_point(|h| h.text.as_bytes()[0] < byte) as u32;
        }
        let mut filter = [0; FILTER_BITS / 64];
        for head in &list {
            let slot = slot(first(&head.text));
            filter[slot / 64] |= 1 << (slot % 64);
        }
        let mut dull = [Dull::Apart; 256];
        for (byte, dull) in (0u8..=255).zip(dull.iter_mut()) {
            let lower = usize::from(byte.to_ascii_lowercase() & 0x7F);
            *dull = match byte {
                0x80.. => Dull::Wide,
                _ if !byte.is_ascii_alphanumeric() => Dull::Apart,
                _ if ascii[lower] < ascii[lower + 1] => Dull::Head,
                _ => Dull::Plain,
            };
        }
        let numbers = !near.is_empty() || list.iter().any(|h| h.text.as_bytes()[0].is_ascii_digit());
        Heads { list, ascii, dull, filter, near, numbers, whole }
    }

    /// Whether heads begin with this ASCII character, in lower case.
    #[inline]
    pub(super) fn begin_with(&self, byte: u8) -> bool {
        let byte = usize::from(byte & 0x7F);
        self.ascii[byte] < self.ascii[byte + 1]
    }

    /// How many bytes from the end of a word on hold nothing that a skim has to look at: whole words
    /// that begin like no head, and what stands between them, all of it ASCII.
    #[inline]
    pub(super) fn dull(&self, raw: &[u8]) -> usize {
        let mut word = 0;
        let mut before = Dull::Apart;
        for (at, byte) in raw.iter().enumerate() {
            let here = self.dull[usize::from(*byte)];
            match here {
                Dull::Apart => {}
                // Back to the beginning of a word that goes on outside of ASCII.
                Dull::Wide => return if before == Dull::Apart { at } else { word },
                Dull::Head if before == Dull::Apart => return at,
                _ if before == Dull::Apart => word = at,
                _ => {}
            }
            before = here;
        }
        raw.len()
    }

    /// The heads that a run of letters and digits may have, by its raw text on to the end of the piece.
    pub(super) fn of_run<'a>(&'a self, raw: &'a [u8]) -> impl Iterator<Item = &'a Head> + 'a {
        let byte = raw.first().map_or(0x7F, |b| usize::from(b.to_ascii_lowercase() & 0x7F));
        let (from, to) = (self.ascii[byte] as usize, self.ascii[byte + 1] as usize);
        self.list[from..to].iter().filter(|head| may_begin(raw, head.text.as_bytes()))
    }

    /// The heads that begin like a character outside of ASCII.
    pub(super) fn of_char(&self, c: char) -> &[Head] {
        let mut folded = String::new();
        push_folded(c, &mut folded);
        if folded.is_empty() {
            return &[];
        }
        let c = first(&folded);
        let from = self.list.partition_point(|h| first(&h.text) < c);
        let len = self.list[from..].partition_point(|h| first(&h.text) == c);
        &self.list[from..from + len]
    }

    /// Whether a simplified Han character may begin a match.
    #[inline]
    pub(super) fn may_begin_with(&self, c: char) -> bool {
        let slot = slot(c);
        self.filter[slot / 64] & (1 << (slot % 64)) != 0
    }

    /// The heads that a Han character of the basic block may begin, by it and by the raw text behind it.
    pub(super) fn of_han<'a>(&'a self, c: char, behind: &'a str) -> impl Iterator<Item = &'a Head> + 'a {
        let from = self.list.partition_point(|h| first(&h.text) < c);
        let next = behind.chars().next().and_then(|c| fold_han(c, simplified_table()));
        self.list[from..].iter().take_while(move |h| first(&h.text) == c).filter(move |h| {
            // What is no Han character may be mark-up or a gap: the units will tell.
            !matches!((h.second, next), (Some(second), Some(next)) if second != next)
        })
    }
}

impl Near {
    /// Whether a word of ASCII letters and digits may be close enough: two words within a distance of
    /// n differ in at most n letters either way.
    pub(super) fn may_be(&self, word: &[u8]) -> bool {
        let letters = letters(word.iter().copied());
        !self.ascii
            || word.len().abs_diff(self.bytes) <= self.distance as usize
                && (letters & !self.letters).count_ones() <= self.distance
                && (self.letters & !letters).count_ones() <= self.distance
    }
}

/// The letters of a word as a set.
fn letters(word: impl Iterator<Item = u8>) -> u32 {
    word.fold(0, |set, b| set | 1 << (b.to_ascii_lowercase() % 32))
}

/// What all words of a stem begin with. The stemmer changes no more than the last letter of what it
/// leaves ("polici" for policy), but for three words ("die" for dying).
fn stem_heads(stem: &str) -> Vec<String> {
    let chars = stem.chars().count();
    if chars > 3 {
        return vec![stem.chars().take(chars - 1).collect()];
    }
    let two: String = stem.chars().take(2).collect();
    let mut heads = vec![two.clone()];
    if let Some(first) = two.strip_suffix(['i', 'y']).filter(|f| !f.is_empty()) {
        heads = vec![format!("{first}i"), format!("{first}y")];
    }
    heads
}

fn first(text: &str) -> char {
    text.chars().next().unwrap_or('\0')
}

fn slot(c: char) -> usize {
    c as usize % FILTER_BITS
}

/// The Han character of the basic block that a term is.
fn han(term: &str) -> Option<char> {
    let mut chars = term.chars();
    let c = chars.next().filter(|_| chars.next().is_none())?;
    fold_han(c, simplified_table())
}

/// Whether a run may begin with a folded text, by its raw bytes.
fn may_begin(raw: &[u8], folded: &[u8]) -> bool {
    for (at, want) in folded.iter().enumerate() {
        match raw.get(at) {
            Some(have) if have.to_ascii_lowercase() == *want => {}
            // Letters outside of ASCII fold to who knows what, and numbers lose commas.
            Some(0x80..) => return true,
            Some(b',') if want.is_ascii_digit() => return true,
            _ => return false,
        }
    }
    true
}
