//! Chinese queries to words, by the index's own vocabulary.
//!
//! jieba's dictionary costs 110 ms to load; the terms of the field `words` are a dictionary that
//! is mapped into memory already, with frequencies. The most probable path over them segments a run
//! of Han characters: jieba's own method (unigram model, dynamic programming from the right) over
//! another table.

use std::ops::Range;

use tantivy::{Term, schema::Field};

use super::terms::Terms;
use crate::analysis::Units;

/// Longest word that is looked for, in characters.
const WORD_MAX_CHARS: usize = 8;

/// How often terms occur.
pub(crate) trait Vocabulary {
    /// Articles that hold the word.
    fn doc_freq(&self, word: &str) -> u64;
    /// Articles in all.
    fn docs(&self) -> u64;
}

/// The words of an index's field.
pub(crate) struct IndexVocabulary<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) field: Field,
}

impl Vocabulary for IndexVocabulary<'_> {
    fn doc_freq(&self, word: &str) -> u64 {
        self.terms.doc_freq(&Term::from_field_text(self.field, word))
    }

    fn docs(&self) -> u64 {
        self.terms.docs()
    }
}

/// The words of a folded run of Han characters, in order and without gaps, as ranges of characters.
pub(crate) fn segment(run: &str, vocabulary: &impl Vocabulary) -> Vec<Range<usize>> {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    let n = starts.len() - 1;
    let total = ((vocabulary.docs() + 1) as f64).ln();
    // best[i]: log probability of the best path from i to the end, and where its first word ends.
    let mut best = vec![(0.0f64, n); n + 1];
    for i in (0..n).rev() {
        best[i] = (f64::NEG_INFINITY, i + 1);
        for j in i + 1..=n.min(i + WORD_MAX_CHARS) {
            let freq = vocabulary.doc_freq(&run[starts[i]..starts[j]]);
            if freq == 0 && j > i + 1 {
                continue;
            }
            let score = (freq.max(1) as f64).ln() - total + best[j].0;
            if score > best[i].0 {
                best[i] = (score, j);
            }
        }
    }
    let mut words = Vec::new();
    let mut at = 0;
    while at < n {
        let end = best[at].1;
        words.push(at..end);
        at = end;
    }
    words
}

/// The words of a run of Han units, as ranges of units; `cut` gives them as ranges of characters. A unit
/// whose folded form is not one character (㍿ is four) is a word, and so is each of its run.
pub(crate) fn words_of_run(
    units: &Units,
    run: Range<usize>,
    cut: impl FnOnce(&str) -> Vec<Range<usize>>,
) -> Vec<Range<usize>> {
    let text = units.joined(run.clone());
    if text.chars().count() != run.len() {
        return run.map(|unit| unit..unit + 1).collect();
    }
    cut(text).into_iter().map(|word| run.start + word.start..run.start + word.end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table(Vec<(&'static str, u64)>);

    impl Vocabulary for Table {
        fn doc_freq(&self, word: &str) -> u64 {
            self.0.iter().find(|(w, _)| *w == word).map_or(0, |(_, n)| *n)
        }
        fn docs(&self) -> u64 {
            1_000
        }
    }

    #[test]
    fn the_likeliest_path_wins() {
        let table = Table(vec![
            ("稀土", 50),
            ("集团", 300),
            ("土", 20),
            ("稀", 3),
            ("出口", 100),
            ("出", 200),
            ("口", 90),
        ]);
        assert_eq!(segment("稀土集团出口", &table), [0..2, 2..4, 4..6]);
        assert_eq!(segment("稀土", &table), vec![Range { start: 0, end: 2 }]);
        assert!(segment("", &table).is_empty());
    }

    #[test]
    fn what_the_index_does_not_know_falls_into_characters() {
        assert_eq!(segment("镝铽", &Table(vec![])), [0..1, 1..2]);
    }

    #[test]
    fn a_unit_of_several_characters_is_a_word_of_its_own() {
        let units = Units::of("某㍿社", &[]);
        let words = words_of_run(&units, 0..units.len(), |_| panic!("its characters are not its units"));
        assert_eq!(words, [0..1, 1..2, 2..3]);
        let plain = Units::of("中国稀土", &[]);
        assert_eq!(words_of_run(&plain, 0..4, |run| vec![0..2, 2..run.chars().count()]), [0..2, 2..4]);
    }
}
