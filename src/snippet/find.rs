//! Where the things that a query asks for stand in a text.
//!
//! The text is skimmed byte by byte for places where a match may begin ([`super::heads`]); only there is
//! it cut into units, as many as tell whether it is one. No text is cut into units as a whole, but for a
//! few odd queries and texts that a skim can't tell.

use std::ops::Range;

use super::heads::{Head, Heads};
use crate::{
    analysis::{
        UnitKind, Units,
        fold::{Class, class, fold_han, push_folded, simplified_table},
        words::{is_possessive, stem_of},
    },
    gazetteer::Facet,
    limits::SNIPPET_SEARCH_BYTES,
    query::{
        near::edit_distance,
        plan::{Mark, MarkKind},
    },
    tagging::{Field, Tags},
};

/// A match: a byte range of the text, and which mark it satisfies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) range: Range<usize>,
    pub(crate) mark: usize,
}

/// Finds marks in texts.
pub(crate) struct Finder<'a> {
    marks: &'a [Mark],
    heads: &'a Heads,
    pub(super) kept: Kept,
}

/// What a finder keeps from text to text.
#[derive(Debug, Default)]
pub(super) struct Kept {
    units: Units,
    /// Words that were met with their stems, by the word's hash: news repeats its words.
    stems: Vec<(String, String)>,
}

/// Stems that are remembered.
const STEMS: usize = 256;

impl<'a> Finder<'a> {
    pub(super) fn new(marks: &'a [Mark], heads: &'a Heads, kept: Kept) -> Finder<'a> {
        Finder { marks, heads, kept }
    }

    /// The matches in a text, by their start. Those past [`SNIPPET_SEARCH_BYTES`] may be left out when
    /// there are others before.
    pub(crate) fn matches(
        &mut self,
        text: &str,
        skip: &[Range<usize>],
        tags: &Tags,
        field: Field,
    ) -> Vec<Match> {
        let mut out = Vec::with_capacity(32);
        if self.heads.whole || !self.skim(text, skip, field, &mut out) {
            out.clear();
            self.whole(text, skip, field, &mut out);
        }
        self.concepts(tags, field, &mut out);
        out.retain(|m| text.get(m.range.clone()).is_some_and(|t| !t.is_empty()));
        out.sort_unstable_by_key(|m| (m.range.start, m.range.end, m.mark));
        out.dedup();
        out
    }

    /// Looks at all units of a text.
    fn whole(&mut self, text: &str, skip: &[Range<usize>], field: Field, out: &mut Vec<Match>) {
        self.kept.units.scan(text, skip);
        for at in 0..self.kept.units.len() {
            for mark in 0..self.marks.len() {
                self.test(at, mark, field, out);
            }
        }
    }

    /// Adds the match of a mark that begins at a unit of the list.
    fn test(&mut self, at: usize, number: usize, field: Field, out: &mut Vec<Match>) {
        let (Some(mark), Some(unit)) = (self.marks.get(number), self.kept.units.list().get(at)) else {
            return;
        };
        if mark.in_title_only && field == Field::Body {
            return;
        }
        let term = self.kept.units.term(unit);
        let end = match &mark.kind {
            MarkKind::Sequence(sequence) => sequence_at(&self.kept.units, at, sequence),
            MarkKind::Prefix(prefix) => term.starts_with(prefix.as_str()).then_some(at),
            MarkKind::Fuzzy(word, distance) => {
                let most = usize::from(*distance);
                let close = term.chars().count().abs_diff(word.chars().count()) <= most;
                (close && edit_distance(term, word) <= most).then_some(at)
            }
            MarkKind::Stem(stem) => match unit.kind {
                UnitKind::Number => (term == stem).then_some(at),
                UnitKind::Word if !is_possessive(&self.kept.units, at) => {
                    is_stem(&mut self.kept.stems, term, stem).then_some(at)
                }
                _ => None,
            },
            MarkKind::Concept(_) => None,
        };
        if let Some(end) = end.and_then(|end| self.kept.units.list().get(end)) {
            out.push(Match { range: unit.start as usize..end.end as usize, mark: number });
        }
    }

    /// Looks where a match may begin; `false` when the text has what only its units can tell.
    fn skim(&mut self, text: &str, skip: &[Range<usize>], field: Field, out: &mut Vec<Match>) -> bool {
        let mut at = 0;
        for hidden in skip {
            let (start, end) = (hidden.start.max(at), hidden.end.min(text.len()));
            if start >= end {
                continue;
            }
            if !self.skim_piece(text, skip, at..start, field, out) {
                return false;
            }
            at = end;
            if at > SNIPPET_SEARCH_BYTES && !out.is_empty() {
                return true;
            }
        }
        self.skim_piece(text, skip, at..text.len(), field, out)
    }

    /// Skims a piece of text without mark-up in it.
    fn skim_piece(
        &mut self,
        text: &str,
        skip: &[Range<usize>],
        piece: Range<usize>,
        field: Field,
        out: &mut Vec<Match>,
    ) -> bool {
        let bytes = &text.as_bytes()[..piece.end];
        let table = simplified_table();
        let heads = self.heads;
        let mut at = piece.start;
        while let Some(&byte) = bytes.get(at) {
            if at > SNIPPET_SEARCH_BYTES && !out.is_empty() {
                return true;
            }
            if byte.is_ascii_alphabetic() {
                if heads.begin_with(byte.to_ascii_lowercase()) {
                    for head in heads.of_run(&bytes[at..]) {
                        self.look(text, skip, at, head, field, out);
                    }
                }
                let end = run_end(text, piece.end, at);
                if !heads.near.is_empty() {
                    self.look_near(text, skip, at..end, field, out);
                }
                at = end;
                // Words that nothing begins with, up to the next that something may.
                if !heads.numbers && heads.near.is_empty() {
                    at += heads.dull(&bytes[at..]);
                }
                continue;
            }
            if byte.is_ascii_digit() {
                if !heads.numbers {
                    at = run_end(text, piece.end, at);
                    continue;
                }
                for head in heads.of_run(&bytes[at..]) {
                    self.look(text, skip, at, head, field, out);
                }
                at = self.odd_run(text, skip, at..piece.end, field, out);
                continue;
            }
            if byte < 0x80 {
                at += 1;
                continue;
            }
            if (0xE4..=0xE9).contains(&byte)
                && let Some(&[first, second, third]) = bytes.get(at..at + 3).and_then(|b| b.first_chunk())
            {
                let code =
                    u32::from(first & 0x0F) << 12 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
                if let Some(simple) = char::from_u32(code).and_then(|c| fold_han(c, table)) {
                    let next = at + 3;
                    if heads.may_begin_with(simple) {
                        for head in heads.of_han(simple, &text[next..piece.end]) {
                            self.look(text, skip, at, head, field, out);
                        }
                    }
                    at = next;
                    continue;
                }
            }
            let Some(c) = text[at..piece.end].chars().next() else { break };
            let next = at + c.len_utf8();
            if let Some(simple) = fold_han(c, table) {
                if heads.may_begin_with(simple) {
                    for head in heads.of_han(simple, &text[next..piece.end]) {
                        self.look(text, skip, at, head, field, out);
                    }
                }
                at = next;
                continue;
            }
            match class(c) {
                Class::Han => {
                    for head in heads.of_char(c) {
                        self.look(text, skip, at, head, field, out);
                    }
                    at = next;
                }
                Class::Alnum => {
                    for head in heads.of_char(c) {
                        self.look(text, skip, at, head, field, out);
                    }
                    at = self.odd_run(text, skip, at..piece.end, field, out);
                }
                // Signs that fold to letters ("№") are units or not by what stands beside them.
                Class::Punct
                    if is_letterlike(c) && (!heads.of_char(c).is_empty() || !heads.near.is_empty()) =>
                {
                    return false;
                }
                _ => at = next,
            }
        }
        true
    }

    /// Tests the mark of a head at a byte where a unit begins.
    fn look(
        &mut self,
        text: &str,
        skip: &[Range<usize>],
        at: usize,
        head: &Head,
        field: Field,
        out: &mut Vec<Match>,
    ) {
        self.kept.units.scan_from(text, skip, at, head.units);
        self.test(0, head.mark, field, out);
    }

    /// Steps over a run that may be a number with points and commas, whose end only its unit tells.
    fn odd_run(
        &mut self,
        text: &str,
        skip: &[Range<usize>],
        rest: Range<usize>,
        field: Field,
        out: &mut Vec<Match>,
    ) -> usize {
        self.kept.units.scan_from(&text[..rest.end], skip, rest.start, 1);
        let end = self.kept.units.list().first().map_or(rest.start + 1, |u| u.end as usize);
        let end = run_end(text, rest.end, end);
        self.look_near(text, skip, rest.start..end, field, out);
        end
    }

    /// Tests the marks that allow for errors at a run of letters and digits.
    fn look_near(
        &mut self,
        text: &str,
        skip: &[Range<usize>],
        run: Range<usize>,
        field: Field,
        out: &mut Vec<Match>,
    ) {
        let heads = self.heads;
        for near in &heads.near {
            let raw = &text.as_bytes()[run.clone()];
            if !raw.is_ascii() || near.may_be(raw) {
                self.kept.units.scan_from(text, skip, run.start, 1);
                self.test(0, near.mark, field, out);
            }
        }
    }

    /// The evidence of tags that the query's names mean.
    fn concepts(&self, tags: &Tags, field: Field, out: &mut Vec<Match>) {
        for (number, mark) in self.marks.iter().enumerate() {
            let MarkKind::Concept(concept) = &mark.kind else { continue };
            let below = |path: &str| {
                path.strip_prefix(concept.path.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
            };
            let facet: &[_] = match concept.facet {
                Facet::Organization => &tags.organization,
                Facet::Province => &tags.province,
                Facet::Country => &tags.country,
                _ => &tags.commodity,
            };
            // A place's query also means the country's own name.
            let more: &[_] = if concept.facet == Facet::Province { &tags.country } else { &[] };
            for tag in facet.iter().chain(more).filter(|t| below(&t.path)) {
                for evidence in tag.evidence.iter().filter(|e| e.field == field) {
                    out.push(Match { range: evidence.start..evidence.end, mark: number });
                }
            }
        }
    }
}

/// Whether a word has a stem.
fn is_stem(known: &mut Vec<(String, String)>, word: &str, stem: &str) -> bool {
    if known.is_empty() {
        known.resize(STEMS, Default::default());
    }
    let hash = word.bytes().fold(0usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte)));
    let Some((of, is)) = known.get_mut(hash % STEMS) else { return false };
    if of != word {
        of.replace_range(.., word);
        is.replace_range(.., &stem_of(word));
    }
    is == stem
}

/// Where a run of letters and digits ends that goes on at `at`.
#[inline]
fn run_end(text: &str, end: usize, at: usize) -> usize {
    let bytes = &text.as_bytes()[..end];
    let mut at = at;
    loop {
        at = bytes[at..].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(end, |n| at + n);
        if bytes.get(at).is_none_or(u8::is_ascii) {
            return at;
        }
        match text[at..end].chars().next() {
            Some(c) if matches!(class(c), Class::Alnum | Class::Ignored) => at += c.len_utf8(),
            _ => return at,
        }
    }
}

/// Whether a sign folds to letters or digits.
fn is_letterlike(c: char) -> bool {
    // The punctuation of every text, which is most of what comes here.
    if matches!(c, '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3020}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}')
    {
        return false;
    }
    let mut folded = String::new();
    push_folded(c, &mut folded);
    folded.chars().any(char::is_alphanumeric)
}

/// The last unit of a sequence that begins at a unit.
fn sequence_at(units: &Units, at: usize, sequence: &[(u32, String)]) -> Option<usize> {
    let list = units.list();
    let first = list.get(at)?.position;
    let mut unit = at;
    for (step, term) in sequence {
        while list.get(unit)?.position < first + step {
            unit += 1;
        }
        let here = list.get(unit)?;
        if here.position != first + step || units.term(here) != term {
            return None;
        }
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mark(kind: MarkKind) -> Mark {
        Mark { kind, in_title_only: false, weight: 1.0, thing: 0, part: false }
    }

    fn sequence(text: &str) -> MarkKind {
        let units = Units::of(text, &[]);
        let first = units.list()[0].position;
        MarkKind::Sequence(units.iter().map(|u| (u.position - first, units.term(u).to_owned())).collect())
    }

    fn found(text: &str, kind: MarkKind) -> Vec<&str> {
        let marks = [mark(kind)];
        let heads = Heads::of(&marks);
        let mut finder = Finder::new(&marks, &heads, Kept::default());
        let matches = finder.matches(text, &[], &Tags::default(), Field::Body);
        matches.into_iter().map(|m| &text[m.range]).collect()
    }

    #[test]
    fn each_kind_marks_what_it_means_and_no_more() {
        let stem = |stem: &str| MarkKind::Stem(stem.into());
        assert_eq!(found("Mines mined a mineral mine", stem("mine")), ["Mines", "mined", "mine"]);
        assert_eq!(found("rare. The rare earth, an earth rare", sequence("rare earth")), ["rare earth"]);
        assert_eq!(found("稀土，集团；稀土集團", sequence("稀土集团")), ["稀土集團"]);
        assert_eq!(found("稀土，土集團出口；集 出", sequence("集 出")), ["集團出", "集 出"]);
        assert_eq!(
            found("Lithium lithic LITHO lit", MarkKind::Prefix("lith".into())),
            ["Lithium", "lithic", "LITHO"]
        );
        assert_eq!(
            found("lithium litihum litium latium", MarkKind::Fuzzy("lithium".into(), 1)),
            ["lithium", "litihum", "litium"]
        );
        assert_eq!(found("China's policies; policy", stem("polici")), ["policies", "policy"]);
        assert_eq!(found("a dying trade dies; die", stem("die")), ["dying", "dies", "die"]);
        assert_eq!(found("30,000 t and 30000 and 130,000 and 30,0001", stem("30000")), ["30,000", "30000"]);
        assert_eq!(found("Chile's s and U.S. mills", stem("s")), ["s"]);
    }

    fn kind() -> impl Strategy<Value = MarkKind> {
        let word = "[a-c]{1,6}";
        prop_oneof![
            "[abcdsiyeng]{1,5}|[0-9]{1,4}".prop_map(|w| MarkKind::Stem(stem_of(&w).into_owned())),
            "[ab12稀土é ，-]{0,6}[ab1稀土]".prop_map(|t| sequence(&t)),
            word.prop_map(MarkKind::Prefix),
            "[a-c]{4,6}".prop_map(|w| MarkKind::Fuzzy(w, 1)),
            "[a-c]{7,9}".prop_map(|w| MarkKind::Fuzzy(w, 2)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_skim_misses_nothing_that_all_units_tell(
            kinds in prop::collection::vec(kind(), 1..4),
            text in "([a-c]{1,7}|[0-9]{1,3}|[abcdsiyeng]{1,6}|[稀土産，。ａＢ１３]|[é\u{301}\u{AD}\u{200B}№℃㎡àカΣ]|[ .,'’\n-]|<b>|&amp;|<p>){0,30}",
        ) {
            let mut skip: Vec<Range<usize>> = ["<b>", "<p>", "&amp;"]
                .iter()
                .flat_map(|m| text.match_indices(m))
                .map(|(at, m)| at..at + m.len())
                .collect();
            skip.sort_by_key(|r| r.start);
            let marks: Vec<Mark> = kinds.into_iter().map(mark).collect();
            let heads = Heads::of(&marks);
            let mut finder = Finder::new(&marks, &heads, Kept::default());
            let skimmed = finder.matches(&text, &skip, &Tags::default(), Field::Body);
            let mut whole = Vec::new();
            finder.whole(&text, &skip, Field::Body, &mut whole);
            whole.sort_unstable_by_key(|m| (m.range.start, m.range.end, m.mark));
            prop_assert_eq!(skimmed, whole);
        }
    }

    #[test]
    fn every_sign_that_folds_to_letters_is_known() {
        for c in ('\u{80}'..=char::MAX).filter(|c| class(*c) == Class::Punct) {
            let mut folded = String::new();
            push_folded(c, &mut folded);
            assert_eq!(folded.chars().any(char::is_alphanumeric), is_letterlike(c), "{c:?} {folded}");
        }
    }

    #[test]
    fn what_is_odd_ends_no_search() {
        let long = "tin ".repeat(SNIPPET_SEARCH_BYTES / 4 + 10);
        assert!(found(&long, MarkKind::Stem("tin".into())).len() <= SNIPPET_SEARCH_BYTES / 4 + 1);
        let late = " ".repeat(SNIPPET_SEARCH_BYTES * 2) + "tin";
        assert_eq!(found(&late, MarkKind::Stem("tin".into())), ["tin"]);
    }
}
