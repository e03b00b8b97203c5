//! Names over units: a trie of symbols in one flat table, walked from a unit of the text.
//!
//! A symbol is a number for a unit's folded term. Boundaries and capitals are checked on the way, so
//! that a longer name that is rejected never hides a shorter one.

use rustc_hash::FxHashMap;

use super::EntryId;
use crate::analysis::{Case, Gap, Unit, UnitKind, Units};

/// Symbols of Latin words start here; below are the code points of Han characters and marks.
const FIRST_WORD: u32 = 0x40_0000;
const HAN_FIRST: u32 = 0x4E00;
const HAN_COUNT: usize = 0x5200;
/// No symbol, no node.
pub(crate) const NONE: u32 = 0;
/// Bits of each filter of symbols that follow; a power of two. 128 kB: it stays in the cache.
const FILTER_BITS: usize = 1 << 20;

/// Words whose symbols are kept at hand; a power of two. 128 kB with their keys.
const RECENT_WORDS: usize = 4096;
/// Longest word that is packed into a number, in bytes.
const PACKED_BYTES: usize = 16;

/// What is known of a name besides its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NameFlags(u8);

impl NameFlags {
    pub(crate) const AMBIGUOUS: NameFlags = NameFlags(1);
    pub(crate) const STOP: NameFlags = NameFlags(2);
    pub(crate) const COMPOUND: NameFlags = NameFlags(4);
    pub(crate) const PLURAL: NameFlags = NameFlags(8);
    /// Written with a bracket between its Latin words.
    pub(crate) const BRACKET: NameFlags = NameFlags(16);
    /// Written with a comma between its Latin words.
    pub(crate) const COMMA: NameFlags = NameFlags(32);
    pub(crate) const CODE: NameFlags = NameFlags(64);
    /// Written with a plus sign at its end: OPEC+ is another body than OPEC.
    pub(crate) const PLUS: NameFlags = NameFlags(128);

    pub(crate) fn with(self, other: NameFlags) -> NameFlags {
        NameFlags(self.0 | other.0)
    }

    pub(crate) fn has(self, other: NameFlags) -> bool {
        self.0 & other.0 != 0
    }

    /// Counts only where the article otherwise supports the entry.
    pub fn is_ambiguous(self) -> bool {
        self.has(NameFlags::AMBIGUOUS)
    }

    /// A false friend: a longer phrase in which a name of the entry means something else.
    pub fn is_stop(self) -> bool {
        self.has(NameFlags::STOP)
    }

    /// A short form that names several countries at once.
    pub fn is_compound(self) -> bool {
        self.has(NameFlags::COMPOUND)
    }

    /// A regular plural that no table lists.
    pub fn is_plural(self) -> bool {
        self.has(NameFlags::PLURAL)
    }

    /// A code (a stock ticker), not a name.
    pub fn is_code(self) -> bool {
        self.has(NameFlags::CODE)
    }
}

/// One name of one entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub entry: EntryId,
    pub flags: NameFlags,
    /// Place of its capitals in `Matcher::cases`; one for each unit.
    cases: u32,
    units: u16,
    /// The next name at the same node, or `NONE` (numbers count from one).
    next: u32,
    /// Place of the folded name in the arena.
    pub text: (u32, u32),
}

/// A name found in a text: `units` of the list, and the node where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub start: u32,
    pub end: u32,
    pub node: u32,
    /// What stood between its units, and after them.
    marks: NameFlags,
}

impl Hit {
    /// Bytes of the plus sign that belongs to the name.
    pub fn plus_bytes(&self, text: &str, end: u32) -> u32 {
        let tail = text.get(end as usize..).unwrap_or("");
        match tail.chars().next() {
            Some(c) if self.marks.has(NameFlags::PLUS) && is_plus(c) => c.len_utf8() as u32,
            _ => 0,
        }
    }
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

/// The compiled names.
#[derive(Debug)]
pub(crate) struct Matcher {
    /// Symbols of words up to [`PACKED_BYTES`], which nearly all are, by their bytes as a number.
    short_words: FxHashMap<u128, u32>,
    long_words: FxHashMap<Box<str>, u32>,
    root_han: Vec<u32>,
    /// First nodes, and whether any name that begins there may begin in lower case.
    root_words: Vec<(u32, bool)>,
    edges: FxHashMap<u64, u32>,
    /// First name of each node, counting from one.
    first: Vec<u32>,
    names: Vec<Name>,
    cases: Vec<Case>,
    /// Which second symbols follow a first one: rules out most units of a text.
    seconds: Vec<u64>,
    /// The same for all later symbols.
    filter: Vec<u64>,
}

impl Default for Matcher {
    fn default() -> Matcher {
        Matcher {
            short_words: FxHashMap::default(),
            long_words: FxHashMap::default(),
            root_han: vec![NONE; HAN_COUNT],
            root_words: Vec::new(),
            edges: FxHashMap::default(),
            first: vec![NONE],
            names: Vec::new(),
            cases: Vec::new(),
            seconds: vec![0; FILTER_BITS / 64],
            filter: vec![0; FILTER_BITS / 64],
        }
    }
}

/// The symbols of the words seen last: a text has few distinct words, and the table of all is large.
#[derive(Debug)]
pub(crate) struct Recent(Box<[(u128, u32)]>);

impl Default for Recent {
    fn default() -> Recent {
        Recent(vec![(0, NONE); RECENT_WORDS].into_boxed_slice())
    }
}

impl Recent {
    #[inline]
    fn get(&mut self, key: u128, find: impl FnOnce() -> u32) -> &u32 {
        let mixed = (key as u64 ^ ((key >> 64) as u64).rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let at = (mixed >> 52) as usize & (RECENT_WORDS - 1);
        let slot = &mut self.0[at];
        if slot.0 != key {
            *slot = (key, find());
        }
        &slot.1
    }
}

/// The bytes of a short term as a number; terms hold no zero byte.
#[inline]
fn packed(term: &str) -> Option<u128> {
    let bytes = term.as_bytes();
    if bytes.is_empty() || bytes.len() > PACKED_BYTES {
        return None;
    }
    let mut key = [0u8; PACKED_BYTES];
    key[..bytes.len()].copy_from_slice(bytes);
    Some(u128::from_le_bytes(key))
}

#[inline]
fn filter_bit(node: u32, symbol: u32) -> usize {
    let mixed = (u64::from(node) << 32 | u64::from(symbol)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 44) as usize & (FILTER_BITS - 1)
}

impl Matcher {
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// The symbol of a unit; [`NONE`] when no name has it.
    #[inline]
    pub fn symbol(&self, units: &Units, unit: &Unit) -> u32 {
        let term = units.term(unit);
        match unit.kind {
            UnitKind::Han | UnitKind::Punct => term.chars().next().map_or(NONE, u32::from),
            UnitKind::Word | UnitKind::Number => match packed(term) {
                Some(key) => self.short_words.get(&key).copied().unwrap_or(NONE),
                None => self.long_words.get(term).copied().unwrap_or(NONE),
            },
        }
    }

    /// Appends the symbols of all units; `recent` keeps those of the last words.
    pub fn symbols(&self, units: &Units, recent: &mut Recent, out: &mut Vec<u32>) {
        out.clear();
        out.reserve(units.len());
        for unit in units {
            let term = units.term(unit);
            let symbol = match unit.kind {
                UnitKind::Han | UnitKind::Punct => term.chars().next().map_or(NONE, u32::from),
                UnitKind::Word | UnitKind::Number => match packed(term) {
                    Some(key) => *recent.get(key, || self.short_words.get(&key).copied().unwrap_or(NONE)),
                    None => self.long_words.get(term).copied().unwrap_or(NONE),
                },
            };
            out.push(symbol);
        }
    }

    fn intern(&mut self, units: &Units, unit: &Unit) -> u32 {
        match self.symbol(units, unit) {
            NONE => {
                let symbol = FIRST_WORD + self.root_words.len() as u32;
                let term = units.term(unit);
                match packed(term) {
                    Some(key) => self.short_words.insert(key, symbol),
                    None => self.long_words.insert(term.into(), symbol),
                };
                self.root_words.push((NONE, false));
                symbol
            }
            symbol => symbol,
        }
    }

    #[inline]
    fn root(&self, symbol: u32) -> u32 {
        if let Some(node) = self.root_han.get(symbol.wrapping_sub(HAN_FIRST) as usize) {
            return *node;
        }
        match symbol.checked_sub(FIRST_WORD) {
            Some(word) => self.root_words.get(word as usize).map_or(NONE, |root| root.0),
            None => self.edges.get(&u64::from(symbol)).copied().unwrap_or(NONE),
        }
    }

    /// Whether a word in lower case may begin a name.
    #[inline]
    fn begins_lower(&self, symbol: u32) -> bool {
        symbol.checked_sub(FIRST_WORD).is_none_or(|w| self.root_words.get(w as usize).is_some_and(|r| r.1))
    }

    #[inline]
    fn step(&self, node: u32, symbol: u32, second: bool) -> u32 {
        let bit = filter_bit(node, symbol);
        let filter = if second { &self.seconds } else { &self.filter };
        if filter[bit / 64] & (1 << (bit % 64)) == 0 {
            return NONE;
        }
        self.edges.get(&(u64::from(node) << 32 | u64::from(symbol))).copied().unwrap_or(NONE)
    }

    /// Adds a name; `units` are those of `text`.
    pub fn insert(&mut self, text: &str, units: &Units, entry: EntryId, flags: NameFlags, arena: (u32, u32)) {
        if units.is_empty() || units.len() > u16::MAX as usize {
            return;
        }
        let mut flags = flags;
        let mut node = NONE;
        let cases = self.cases.len() as u32;
        for (i, unit) in units.iter().enumerate() {
            let symbol = self.intern(units, unit);
            if i > 0 && unit.kind != UnitKind::Han {
                let between = &text[units.list()[i - 1].end as usize..unit.start as usize];
                if between.contains(['(', ')']) {
                    flags = flags.with(NameFlags::BRACKET);
                }
                if between.contains(',') {
                    flags = flags.with(NameFlags::COMMA);
                }
            }
            self.cases.push(unit.case);
            let next = if i == 0 { self.root(symbol) } else { self.step(node, symbol, i == 1) };
            node = if next != NONE { next } else { self.grow(node, symbol, i) };
            if i == 0
                && matches!(unit.case, Case::Lower | Case::None)
                && let Some(root) =
                    symbol.checked_sub(FIRST_WORD).and_then(|w| self.root_words.get_mut(w as usize))
            {
                root.1 = true;
            }
        }
        if text.ends_with(is_plus) {
            flags = flags.with(NameFlags::PLUS);
        }
        let name = Name {
            entry,
            flags,
            cases,
            units: units.len() as u16,
            next: self.first[node as usize],
            text: arena,
        };
        self.names.push(name);
        self.first[node as usize] = self.names.len() as u32;
    }

    fn grow(&mut self, node: u32, symbol: u32, depth: usize) -> u32 {
        let new = self.first.len() as u32;
        self.first.push(NONE);
        if depth == 0 {
            if let Some(slot) = self.root_han.get_mut(symbol.wrapping_sub(HAN_FIRST) as usize) {
                *slot = new;
                return new;
            }
            if let Some(slot) =
                symbol.checked_sub(FIRST_WORD).and_then(|w| self.root_words.get_mut(w as usize))
            {
                slot.0 = new;
                return new;
            }
        }
        let bit = filter_bit(node, symbol);
        let filter = if depth == 1 { &mut self.seconds } else { &mut self.filter };
        filter[bit / 64] |= 1 << (bit % 64);
        self.edges.insert(u64::from(node) << 32 | u64::from(symbol), new);
        new
    }

    /// The longest name that starts at unit `at`; `symbols` are those of all units.
    #[inline]
    pub fn longest_at(&self, text: &str, units: &Units, symbols: &[u32], at: usize) -> Option<Hit> {
        let list = units.list();
        let mut node = match (symbols.get(at), list.get(at)) {
            // "the", "of": names begin so only with a capital.
            (Some(&symbol), Some(unit))
                if symbol != NONE && (unit.case != Case::Lower || self.begins_lower(symbol)) =>
            {
                self.root(symbol)
            }
            _ => return None,
        };
        let mut best = None;
        let mut marks = NameFlags::default();
        let mut end = at + 1;
        while node != NONE {
            if self.first[node as usize] != NONE {
                let after = list.get(end - 1).and_then(|u| text.as_bytes().get(u.end as usize..));
                let plus = after.is_some_and(|t| t.starts_with(b"+") || t.starts_with("＋".as_bytes()));
                let marks = if plus { marks.with(NameFlags::PLUS) } else { marks };
                let hit = Hit { start: at as u32, end: end as u32, node, marks };
                if self.accepted(&hit, units).next().is_some() {
                    best = Some(hit);
                }
            }
            let (Some(unit), Some(&symbol)) = (list.get(end), symbols.get(end)) else { break };
            if symbol == NONE {
                break;
            }
            let next = self.step(node, symbol, end == at + 1);
            if next == NONE {
                break;
            }
            match gap_marks(text, units, end - 1, unit) {
                Some(seen) => marks = marks.with(seen),
                None => break,
            }
            node = next;
            end += 1;
        }
        best
    }

    /// The node of exactly these units, if names end there.
    pub fn exact(&self, units: &Units) -> Option<u32> {
        let mut node = NONE;
        for (i, unit) in units.iter().enumerate() {
            let symbol = self.symbol(units, unit);
            node = match (symbol, i) {
                (NONE, _) => NONE,
                (_, 0) => self.root(symbol),
                _ => self.step(node, symbol, i == 1),
            };
            if node == NONE {
                return None;
            }
        }
        (node != NONE && self.first[node as usize] != NONE).then_some(node)
    }

    /// The names that end at a node.
    pub fn at_node(&self, node: u32) -> impl Iterator<Item = &Name> {
        let mut at = self.first.get(node as usize).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let name = self.names.get((at as usize).checked_sub(1)?)?;
            at = name.next;
            Some(name)
        })
    }

    /// The names at a hit whose capitals and marks agree with the text.
    pub fn accepted<'a>(&'a self, hit: &Hit, units: &'a Units) -> impl Iterator<Item = &'a Name> + use<'a> {
        let hit = *hit;
        let marks_needed = NameFlags::BRACKET.with(NameFlags::COMMA);
        let plus =
            hit.marks.has(NameFlags::PLUS) && self.at_node(hit.node).any(|n| n.flags.has(NameFlags::PLUS));
        self.at_node(hit.node).filter(move |name| {
            // A bracket or comma in the text needs one in the name, and a plus sign is of a name or not.
            hit.marks.0 & marks_needed.0 & !name.flags.0 == 0
                && name.flags.has(NameFlags::PLUS) == plus
                && self.case_fits(name, &hit, units)
        })
    }

    /// Whether a name is written in capitals by itself (UAE), and not only in a headline.
    pub fn in_capitals(&self, name: &Name) -> bool {
        let cases = name.cases as usize..name.cases as usize + usize::from(name.units);
        self.cases.get(cases).is_some_and(|cases| cases.iter().all(|c| *c == Case::Upper))
    }

    fn case_fits(&self, name: &Name, hit: &Hit, units: &Units) -> bool {
        let cases = &self.cases[name.cases as usize..name.cases as usize + name.units as usize];
        let proper = cases.iter().any(|c| matches!(c, Case::Title | Case::Upper | Case::Mixed));
        if !proper {
            return true;
        }
        let list = &units.list()[hit.start as usize..hit.end as usize];
        let letters = |u: &Unit| u.case != Case::None;
        if list.iter().filter(|u| letters(u)).all(|u| u.case == Case::Upper) {
            return true;
        }
        list.iter().zip(cases).all(|(unit, case)| match (case, unit.case) {
            (Case::None, _) | (_, Case::None) => true,
            (Case::Lower, case) => case != Case::Mixed,
            (Case::Upper, case) => case == Case::Upper,
            (Case::Title, Case::Title | Case::Mixed | Case::Upper) => true,
            (Case::Mixed, Case::Mixed | Case::Upper) => true,
            // "Baosteel" for BaoSteel, but not "Us" for a short symbol.
            (Case::Mixed, Case::Title) => unit.end - unit.start > 4,
            _ => false,
        })
    }
}

/// Whether a name may go on from unit `before` to `unit`, and the marks on the way that the name
/// itself must have.
fn gap_marks(text: &str, units: &Units, before: usize, unit: &Unit) -> Option<NameFlags> {
    let list = units.list();
    let previous = &list[before];
    let scriptless = |k: UnitKind| matches!(k, UnitKind::Han | UnitKind::Punct);
    match unit.gap {
        Gap::None => return Some(NameFlags::default()),
        Gap::Break => return None,
        Gap::Space => {
            // Chinese has no spaces inside names; a line break of a hard-wrapped text may stand there.
            let han = scriptless(previous.kind) && scriptless(unit.kind);
            let between = text.get(previous.end as usize..unit.start as usize).unwrap_or("");
            return (!han || matches!(between, "\n" | "\r\n")).then_some(NameFlags::default());
        }
        Gap::Mark => {}
    }
    if scriptless(previous.kind) || scriptless(unit.kind) {
        return Some(NameFlags::default());
    }
    let between = text.get(previous.end as usize..unit.start as usize)?;
    let spaced = between.contains(char::is_whitespace);
    let mut seen = NameFlags::default();
    for c in between.chars() {
        match c {
            '-' | '‐' | '‑' | '–' | '/' if !spaced => {}
            '&' | '\'' | '’' | '·' | '+' => {}
            '.' if !spaced || is_abbreviation(units, before) || unit.case == Case::Lower => {}
            ',' => seen = seen.with(NameFlags::COMMA),
            '(' | ')' => seen = seen.with(NameFlags::BRACKET),
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    // "Co., Ltd." is "Co Ltd" whichever way the name is written.
    if seen.has(NameFlags::COMMA)
        && matches!(units.term(unit), "ltd" | "inc" | "limited" | "llc" | "corp" | "plc" | "lp")
    {
        seen = NameFlags::default();
    }
    Some(seen)
}

/// Whether a full stop after the unit does not end a sentence.
pub(crate) fn is_abbreviation(units: &Units, at: usize) -> bool {
    let Some(unit) = units.list().get(at) else { return false };
    let term = units.term(unit);
    (term.len() == 1 && unit.case == Case::Upper)
        || matches!(
            term,
            "co" | "corp"
                | "inc"
                | "ltd"
                | "st"
                | "mt"
                | "ft"
                | "bros"
                | "dr"
                | "mr"
                | "mrs"
                | "ms"
                | "jr"
                | "sr"
                | "gen"
                | "sen"
                | "gov"
                | "rep"
                | "no"
                | "int"
                | "intl"
                | "mfg"
                | "pty"
                | "cos"
                | "dept"
                | "univ"
                | "assn"
        )
}
