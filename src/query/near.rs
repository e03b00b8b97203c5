//! Words that are spelt nearly like one: a Levenshtein automaton over a term dictionary.
//!
//! The automaton's state is a row of the dynamic programme for the edit distance, so nothing is built
//! beforehand; whole branches of the dictionary are left out as soon as every cell of a row exceeds
//! what is allowed (Schulz and Mihov 2002 precompute the rows, which pays off for many look-ups of one
//! word). Characters count, not bytes, and neighbours that changed places count one, as in
//! [`edit_distance`].

use tantivy::{Searcher, schema::Field};
use tantivy_fst::Automaton;

/// Longest word that is looked for, in characters.
const WORD_MAX_CHARS: usize = 32;

/// Terms within a distance of a word.
pub(crate) struct Near {
    word: Vec<char>,
    most: u8,
}

/// After some bytes of a term.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    row: [u8; WORD_MAX_CHARS + 1],
    before: [u8; WORD_MAX_CHARS + 1],
    last: char,
    /// Characters so far.
    count: u8,
    /// Of a character that is not whole yet: its bits so far, and how many bytes are to come.
    bits: u32,
    to_come: u8,
    /// Whether any term from here on can be near.
    alive: bool,
}

impl Near {
    /// `None` for a word that is too long.
    pub(crate) fn new(word: &str, most: u8) -> Option<Near> {
        let word: Vec<char> = word.chars().collect();
        (word.len() <= WORD_MAX_CHARS).then_some(Near { word, most })
    }

    /// Only the cells of the row are worked out that can be small enough: as many before and behind the
    /// diagonal as there may be edits (Ukkonen 1985).
    fn step(&self, state: &State, c: char) -> State {
        let count = state.count.saturating_add(1);
        let mut next = State { before: state.row, last: c, bits: 0, to_come: 0, count, ..*state };
        let (count, most) = (usize::from(count), usize::from(self.most));
        let first = count.saturating_sub(most);
        let mut least = u8::MAX;
        match first {
            0 => {
                next.row[0] = count as u8;
                least = next.row[0];
            }
            // A cell before the first is of an older row.
            first if first <= self.word.len() => next.row[first - 1] = u8::MAX,
            _ => {}
        }
        for column in first.max(1)..=(count + most).min(self.word.len()) {
            let letter = self.word[column - 1];
            let cost = u8::from(letter != c);
            let mut cell = state.row[column]
                .saturating_add(1)
                .min(next.row[column - 1].saturating_add(1))
                .min(state.row[column - 1].saturating_add(cost));
            if column > 1 && letter == state.last && self.word[column - 2] == c && state.count > 0 {
                cell = cell.min(state.before[column - 2].saturating_add(1));
            }
            next.row[column] = cell;
            least = least.min(cell);
        }
        next.alive = least <= self.most;
        next
    }
}

impl Automaton for Near {
    type State = State;

    fn start(&self) -> State {
        let mut row = [u8::MAX; WORD_MAX_CHARS + 1];
        for (cell, n) in row.iter_mut().zip(0..=self.word.len()) {
            *cell = n as u8;
        }
        let before = [u8::MAX; WORD_MAX_CHARS + 1];
        State { row, before, last: '\0', count: 0, bits: 0, to_come: 0, alive: true }
    }

    fn is_match(&self, state: &State) -> bool {
        state.alive && state.to_come == 0 && state.row[self.word.len()] <= self.most
    }

    fn can_match(&self, state: &State) -> bool {
        state.alive
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let (bits, to_come) = match (state.to_come, byte) {
            (0, 0..=0x7F) => (u32::from(byte), 0),
            (0, 0xC0..=0xDF) => (u32::from(byte & 0x1F), 1),
            (0, 0xE0..=0xEF) => (u32::from(byte & 0x0F), 2),
            (0, 0xF0..=0xF7) => (u32::from(byte & 0x07), 3),
            (1.., 0x80..=0xBF) => (state.bits << 6 | u32::from(byte & 0x3F), state.to_come - 1),
            _ => return State { alive: false, ..*state },
        };
        if to_come > 0 {
            return State { bits, to_come, ..*state };
        }
        match char::from_u32(bits) {
            Some(c) => self.step(state, c),
            None => State { alive: false, ..*state },
        }
    }
}

/// Edits that a word of so many letters may be away from what was meant.
pub(crate) fn allowed(letters: usize) -> u8 {
    match letters {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// Terms of fields that are spelt nearly like a word, with how many articles have them in the field
/// that has most: the nearest first, of equally near ones the most frequent.
pub(crate) fn terms(
    searcher: &Searcher,
    fields: &[Field],
    word: &str,
    limit: usize,
) -> tantivy::Result<Vec<(String, u64)>> {
    let most = allowed(word.chars().count());
    let mut found: Vec<(String, u64)> = Vec::new();
    if most == 0 {
        return Ok(found);
    }
    for field in fields {
        let mut of_field: Vec<(String, u64)> = Vec::new();
        for segment in searcher.segment_readers() {
            let Some(near) = Near::new(word, most) else { return Ok(Vec::new()) };
            let index = segment.inverted_index(*field)?;
            let mut stream = index.terms().search(near).into_stream()?;
            while stream.advance() {
                if let Ok(term) = std::str::from_utf8(stream.key()) {
                    of_field.push((term.to_owned(), u64::from(stream.value().doc_freq)));
                }
            }
        }
        // The same term of several segments.
        of_field.sort();
        of_field.dedup_by(|next, first| {
            let same = next.0 == first.0;
            first.1 += if same { next.1 } else { 0 };
            same
        });
        found.extend(of_field);
    }
    found.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    found.dedup_by(|next, first| next.0 == first.0);
    found.sort_by_cached_key(|(term, count)| {
        (edit_distance(term, word), std::cmp::Reverse(*count), term.clone())
    });
    found.truncate(limit);
    Ok(found)
}

/// Edit distance of two short words, in which two neighbours that changed places count one (optimal
/// string alignment), as the index's fuzzy queries count.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use tantivy_fst::{IntoStreamer, Map, Streamer};

    use super::*;

    fn near(words: &[&str], word: &str, most: u8) -> Vec<String> {
        let mut sorted = words.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let map = Map::from_iter(sorted.into_iter().map(|w| (w, 0))).unwrap();
        let mut stream = map.search(Near::new(word, most).unwrap()).into_stream();
        let mut out = Vec::new();
        while let Some((key, _)) = stream.next() {
            out.push(String::from_utf8(key.to_vec()).unwrap());
        }
        out
    }

    #[test]
    fn near_words_in_both_scripts() {
        let words =
            ["lithium", "litium", "titanium", "lithum", "lithuim", "中国稀土集团", "中国稀土", "稀土"];
        assert_eq!(near(&words, "lithium", 1), ["lithium", "lithuim", "lithum", "litium"]);
        assert_eq!(near(&words, "中国稀图集团", 1), ["中国稀土集团"]);
        assert_eq!(near(&words, "稀图", 1), ["稀土"]);
        assert!(near(&words, "zinc", 1).is_empty());
        assert!(Near::new(&"x".repeat(33), 1).is_none());
    }

    #[test]
    fn neighbours_that_changed_places_are_one_edit() {
        for (a, b, distance) in [
            ("chlie", "chile", 1),
            ("litium", "lithium", 1),
            ("sichaun", "sichuan", 1),
            ("kitten", "sitting", 3),
            ("", "ab", 2),
            ("稀土", "稀图", 1),
            ("ca", "abc", 3),
            ("a", "a", 0),
        ] {
            assert_eq!((edit_distance(a, b), edit_distance(b, a)), (distance, distance), "{a} {b}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_automaton_finds_what_the_distance_says(
            words in proptest::collection::vec("[ab稀土é]{0,9}", 1..12), word in "[ab稀土é]{0,9}", most in 0u8..3
        ) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut want: Vec<String> = words
                .iter()
                .filter(|w| edit_distance(w, &word) <= usize::from(most))
                .map(|w| (*w).to_owned())
                .collect();
            want.sort();
            want.dedup();
            proptest::prop_assert_eq!(near(&words, &word, most), want);
        }
    }
}
