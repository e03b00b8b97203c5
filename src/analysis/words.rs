//! Units to the ranked words of the index: stems of Latin words, numbers, and Chinese words with
//! their sub-words.
//!
//! jieba segments at indexing time only; a [`Segmenter`] holds its dictionary (110 ms, 33 MB) and is
//! built by the indexer. A query is segmented by the index's own vocabulary (`query::segment`).

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
};

use jieba_rs::Jieba;

use super::{
    Gap, UnitKind, Units,
    stem::{StemCache, stem_once},
};

/// A ranked word: a term, and the units that it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Word<'a> {
    /// The indexed form.
    pub term: &'a str,
    /// Its units: indices into the list.
    pub units: Range<usize>,
}

/// Cuts runs of Han characters into words with jieba's dictionary and the words that were added.
///
/// Cheap to clone: clones share the dictionary, which is loaded by the first run of Han characters
/// that there is to cut: a small update in English never pays for it.
#[derive(Clone)]
pub struct Segmenter {
    shared: Arc<Shared>,
}

struct Shared {
    words: Vec<String>,
    jieba: OnceLock<Jieba>,
}

impl Segmenter {
    /// jieba's own dictionary and `words`, folded. The first cut takes about 0.1 s longer.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Segmenter {
        // One character is a word anyway.
        let words =
            words.into_iter().filter(|word| word.chars().nth(1).is_some()).map(str::to_owned).collect();
        Segmenter { shared: Arc::new(Shared { words, jieba: OnceLock::new() }) }
    }

    fn jieba(&self) -> &Jieba {
        self.shared.jieba.get_or_init(|| {
            let mut jieba = Jieba::new();
            for word in &self.shared.words {
                // What jieba knows keeps its own frequency.
                if !jieba.has_word(word) {
                    jieba.add_word(word, None, None);
                }
            }
            jieba
        })
    }

    /// The words of a folded run of Han characters, as jieba cuts it for a query of its own.
    pub fn cut<'a>(&self, run: &'a str) -> Vec<&'a str> {
        self.jieba().cut(run, true).into_iter().map(|t| t.word).collect()
    }

    /// Counts the words that the index would hold of a text: stems, numbers, Chinese words with their
    /// sub-words.
    pub fn counter(&self) -> impl FnMut(&Units) -> usize {
        let mut scanner = WordScanner::new();
        move |units| {
            let mut count = 0;
            scanner.scan(units, Some(self), |_| count += 1);
            count
        }
    }

    /// The words of a folded run and their sub-words, each with its first character's index.
    fn cut_for_search<'a>(&self, run: &'a str) -> Vec<(&'a str, usize)> {
        self.jieba().cut_for_search(run, true).into_iter().map(|t| (t.word, t.start)).collect()
    }
}

impl std::fmt::Debug for Segmenter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Segmenter")
    }
}

/// Turns units into indexed words. Holds a cache, so one of it a thread.
pub(crate) struct WordScanner {
    stems: StemCache,
}

impl WordScanner {
    pub(crate) fn new() -> WordScanner {
        WordScanner { stems: StemCache::new() }
    }

    /// Calls `emit` for each word of `units` in order of their first units.
    ///
    /// Without a segmenter, runs of Han characters give no words.
    pub(crate) fn scan(
        &mut self,
        units: &Units,
        segmenter: Option<&Segmenter>,
        mut emit: impl FnMut(Word<'_>),
    ) {
        let list = units.list();
        let mut at = 0;
        while at < list.len() {
            let unit = &list[at];
            match unit.kind {
                UnitKind::Han => {
                    let mut end = at + 1;
                    while end < list.len() && list[end].kind == UnitKind::Han && list[end].gap == Gap::None {
                        end += 1;
                    }
                    if let Some(segmenter) = segmenter {
                        let run = units.joined(at..end);
                        // A unit may fold to more than one character (a ligature): then characters and
                        // units do not count alike, and the run is left to its single characters.
                        if run.chars().count() == end - at {
                            for (term, start) in segmenter.cut_for_search(run) {
                                let len = term.chars().count();
                                emit(Word { term, units: at + start..at + start + len });
                            }
                        }
                    }
                    at = end;
                }
                UnitKind::Word => {
                    let term = units.term(unit);
                    if is_possessive(units, at) {
                        at += 1;
                        continue;
                    }
                    emit(Word { term: self.stems.stem(term), units: at..at + 1 });
                    at += 1;
                }
                UnitKind::Number => {
                    emit(Word { term: units.term(unit), units: at..at + 1 });
                    at += 1;
                }
                UnitKind::Punct => at += 1,
            }
        }
    }
}

/// The stem of one folded Latin word: the same that a [`WordScanner`] gives, without the cache that only
/// pays for itself over many words.
pub(crate) fn stem_of(word: &str) -> std::borrow::Cow<'_, str> {
    stem_once(word)
}

/// Whether the unit is the s of "China's": a mark, no space, one letter.
pub(crate) fn is_possessive(units: &Units, at: usize) -> bool {
    let unit = &units.list()[at];
    at > 0
        && unit.gap == Gap::Mark
        && units.term(unit) == "s"
        && matches!(unit.start - units.list()[at - 1].end, 1 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, Range<usize>)> {
        let segmenter = Segmenter::new(["攀西战略资源"]);
        let units = Units::of(text, &[]);
        let mut out = Vec::new();
        WordScanner::new().scan(&units, Some(&segmenter), |w| out.push((w.term.to_owned(), w.units)));
        out
    }

    #[test]
    fn latin_words_are_stems_and_possessives_vanish() {
        let got: Vec<_> = words("China's mines exported 30,000 t").into_iter().map(|w| w.0).collect();
        assert_eq!(got, ["china", "mine", "export", "30000", "t"]);
    }

    #[test]
    fn chinese_words_come_with_their_sub_words() {
        let got = words("农业发展银行REO");
        for want in [("农业", 0..2), ("银行", 4..6), ("reo", 6..7)] {
            assert!(got.contains(&(want.0.to_owned(), want.1.clone())), "{want:?} in {got:?}");
        }
        assert!(words("攀西战略资源区").iter().any(|w| w.0 == "攀西战略资源"));
    }

    #[test]
    fn traditional_text_is_cut_like_simplified() {
        assert_eq!(words("農業發展銀行"), words("农业发展银行"));
    }
}
