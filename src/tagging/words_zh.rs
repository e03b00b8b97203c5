//! Whether a short Chinese name stands in a text by itself or is cut out of other words: 红海城市 has no
//! 海城市 in it. The run around the name is cut into words twice, with the name and without; the more
//! probable reading wins.
//!
//! `words_zh.txt` holds the common words of jieba's dictionary (MIT licence) and their frequencies: on
//! each line the logarithm of the frequency, the length of its words, 1 if they are words of the language
//! and no names, and the words without anything between them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{boundaries::ends_in_rank, spans::View};
use crate::{
    analysis::{Gap, UnitKind},
    gazetteer::{Facet, Gazetteer, matcher::Hit},
};

const WORDS: &str = include_str!("words_zh.txt");
/// Longest word of the list, and so the reach beyond the name.
const REACH: usize = 4;
/// Longest name that is looked at: four characters are rarely cut out of other words.
const NAME_MAX: usize = 3;
const WINDOW: usize = NAME_MAX + 2 * (REACH - 1);
/// The logarithm of the sum of all frequencies: what every word of a reading costs.
const TOTAL: i32 = 26;
/// A character that is on no list.
const UNKNOWN: i32 = 3;
/// How much likelier the reading without the name must be, as a power of two.
const MARGIN: i32 = 1;
const COMMON: u8 = 128;

/// A word's characters, 16 bits each, to its logarithm and the mark of a common word.
static LIST: LazyLock<FxHashMap<u64, u8>> = LazyLock::new(|| {
    let mut list = FxHashMap::default();
    for line in WORDS.lines() {
        let mut parts = line.split(' ');
        let mut number = || parts.next().and_then(|n| n.parse::<u8>().ok()).unwrap_or(0);
        let (log, len, common) = (number(), number(), number());
        let chars: Vec<u16> = parts.next().unwrap_or("").chars().map(|c| c as u16).collect();
        for word in chars.chunks(usize::from(len).max(1)) {
            list.insert(packed(word), log | if common == 1 { COMMON } else { 0 });
        }
    }
    list
});

/// Bits of the filter before the list; a power of two. 64 kB: most runs of characters are no word.
const FILTER_BITS: usize = 1 << 19;

static FILTER: LazyLock<Box<[u64]>> = LazyLock::new(|| {
    let mut filter = vec![0u64; FILTER_BITS / 64].into_boxed_slice();
    for key in LIST.keys() {
        let bit = filter_bit(*key);
        filter[bit / 64] |= 1 << (bit % 64);
    }
    filter
});

#[inline]
fn filter_bit(key: u64) -> usize {
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & (FILTER_BITS - 1)
}

fn packed(word: &[u16]) -> u64 {
    word.iter().fold(0, |key, c| key << 16 | u64::from(*c))
}

fn log(word: &[u16]) -> Option<i32> {
    let key = packed(word);
    let bit = filter_bit(key);
    if FILTER[bit / 64] & (1 << (bit % 64)) == 0 {
        return None;
    }
    LIST.get(&key).map(|log| i32::from(log & !COMMON))
}

/// Whether two characters are a word of the daily language: 合作, 友好, 资源.
pub(super) fn is_common(name: &str) -> bool {
    let mut chars = name.chars();
    let (Some(a), Some(b), None) = (chars.next(), chars.next(), chars.next()) else { return false };
    LIST.get(&packed(&[a as u16, b as u16])).is_some_and(|log| log & COMMON != 0)
}

/// How probable a name is beside the words of the list, and whether a longer word swallows it.
fn weight(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> (i32, bool) {
    let mut best = (0, true);
    for name in gazetteer.matcher().accepted(hit, view.units) {
        let entry = gazetteer.entry(name.entry);
        let weight = match (entry.facet, entry.kind.as_str()) {
            _ if name.flags.is_stop() => 11,
            _ if name.flags.is_compound() => 9,
            _ if name.flags.is_ambiguous() => 4,
            (Facet::Country, _) | (_, "division") => 12,
            (Facet::Organization, _) if entry.weight >= 3 => 9,
            (Facet::Commodity, _) => 8,
            (_, "county" | "city") => 5,
            _ => 7,
        };
        let swallowed = entry.facet == Facet::Province
            && entry.kind != "division"
            && (name.flags.is_ambiguous() || entry.country != "CN")
            && !name.flags.is_stop();
        best = (best.0.max(weight), best.1 && swallowed);
    }
    best
}

/// Whether the characters of a name belong to other words here.
pub(super) fn cut_out(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> bool {
    let (start, end) = (hit.start as usize, hit.end as usize);
    let len = end - start;
    let glued = |at: usize| {
        view.unit(at).is_some_and(|u| u.gap == Gap::None && u.kind == UnitKind::Han)
            && at.checked_sub(1).is_some_and(|before| view.is_han(before))
    };
    if !(2..=NAME_MAX).contains(&len) || !(start..end).all(|at| view.is_han(at)) {
        return false;
    }
    let mut from = start;
    while from + REACH > start + 1 && glued(from) {
        from -= 1;
    }
    let mut to = end;
    // 石门县委: the committee of the county, not a cut.
    let committee = view.term(end) == "委" && ends_in_rank(view.term(end - 1));
    while !committee && to + 1 < end + REACH && glued(to) {
        to += 1;
    }
    if from == start && to == end {
        return false;
    }
    let mut run = [0u16; WINDOW];
    for (slot, at) in run.iter_mut().zip(from..to) {
        *slot = view.term(at).chars().next().map_or(0, |c| c as u16);
    }
    let run = &run[..to - from];
    let (s, e) = (start - from, end - from);
    // Only a word that reaches over an edge of the name can take it apart.
    let reaches_over = |from: usize, to: usize| (from < s && to > s) || (from < e && to > e);
    let any = (0..e).any(|i| {
        (i + 2..=(i + REACH).min(run.len())).any(|j| reaches_over(i, j) && log(&run[i..j]).is_some())
    });
    if !any {
        return false;
    }
    let (weight, swallowed) = weight(gazetteer, view, hit);
    // What the list knows of a small place is better than a guess.
    let own = match log(&run[s..e]) {
        Some(log) if weight <= 7 => log,
        known => known.unwrap_or(0).max(weight),
    } - TOTAL;
    let with = best(&run[..s], None) + own.max(best(&run[s..e], None)) + best(&run[e..], None);
    let without = best(run, (!swallowed).then_some((s, e)));
    without > with + MARGIN
}

/// The probability of the best reading of a run, as a logarithm; no word may hold the whole of `kept`
/// and more.
fn best(run: &[u16], kept: Option<(usize, usize)>) -> i32 {
    let mut table = [0i32; WINDOW + 1];
    for to in 1..=run.len() {
        table[to] = (to.saturating_sub(REACH)..to)
            .filter_map(|from| {
                let holds = kept.is_some_and(|(s, e)| from <= s && to >= e && to - from > e - s);
                let log = match (log(&run[from..to]), to - from) {
                    (Some(log), _) if !holds => log,
                    (None, 1) => UNKNOWN,
                    _ => return None,
                };
                Some(table[from] + log - TOTAL)
            })
            .max()
            .unwrap_or(i32::MIN / 2);
    }
    table[run.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_its_words() {
        assert!(LIST.len() > 20_000);
        assert!(is_common("合作") && is_common("资源"));
        assert!(!is_common("冕宁") && !is_common("合作社") && !is_common(""));
        assert!(log(&['城' as u16, '市' as u16]) > log(&['衡' as u16, '水' as u16]));
    }
}
