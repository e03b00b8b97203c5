//! English stems (Snowball's English stemmer) behind a small direct-mapped cache: news repeats its
//! words, and stemming is the slow part of tokenising Latin text.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};

/// Slots of the cache; a power of two. 4,096 words of news cover nine lookups in ten.
const SLOTS: usize = 4_096;

/// Words that the stemmer throws together with others that mean something else in trade news:
/// "important" with imports, "magnetics" with magnets, "international" with "intern".
const EXCEPTIONS: [(&str, &str); 16] = [
    ("important", "important"),
    ("importance", "important"),
    ("importantly", "important"),
    ("international", "international"),
    ("internationally", "international"),
    ("magnetics", "magnetics"),
    ("organic", "organic"),
    ("organics", "organic"),
    ("generic", "generic"),
    ("generics", "generic"),
    ("policing", "policing"),
    ("universe", "universe"),
    ("general", "general"),
    ("generally", "general"),
    ("news", "news"),
    ("animate", "animate"),
];

pub(super) struct StemCache {
    stemmer: Stemmer,
    slots: Vec<(String, String)>,
}

impl StemCache {
    pub(super) fn new() -> StemCache {
        StemCache {
            stemmer: Stemmer::create(Algorithm::English),
            slots: vec![(String::new(), String::new()); SLOTS],
        }
    }

    /// The stem of a folded word.
    pub(super) fn stem(&mut self, word: &str) -> &str {
        // Short words have no inflection worth a lookup; digits never do.
        let slot = &mut self.slots[(crc32fast::hash(word.as_bytes()) as usize) & (SLOTS - 1)];
        if slot.0 != word {
            slot.0.clear();
            slot.0.push_str(word);
            slot.1.clear();
            slot.1.push_str(&stem(&self.stemmer, word));
        }
        &slot.1
    }
}

/// The stem of a folded word, without a cache: for a few words.
pub(super) fn stem_once(word: &str) -> Cow<'_, str> {
    stem(&Stemmer::create(Algorithm::English), word)
}

fn stem<'a>(stemmer: &Stemmer, word: &'a str) -> Cow<'a, str> {
    match EXCEPTIONS.iter().find(|(w, _)| *w == word) {
        Some((_, stem)) => Cow::Borrowed(*stem),
        None => stemmer.stem(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_changes_no_stem() {
        let plain = Stemmer::create(Algorithm::English);
        let mut cache = StemCache::new();
        assert_eq!(cache.stem("important"), "important");
        let words = ["mining", "mines", "mine", "exports", "exported", "earths", "s", "lithium", "mining"];
        for word in words.iter().cycle().take(100) {
            assert_eq!(cache.stem(word), plain.stem(word));
            assert_eq!(stem_once(word), plain.stem(word));
        }
    }
}
