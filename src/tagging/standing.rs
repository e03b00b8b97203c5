//! How well known a place is: what its kind and size alone say for it beside its namesakes.

use super::places::Place;
use crate::gazetteer::{Entry, EntryId, Gazetteer};

/// Geneva is in Switzerland even where the article names the United States: a namesake that is many times
/// larger than all others weighs against one whose country is named.
pub(super) fn prefer_larger(scored: &mut [(u32, u64, EntryId, bool)]) {
    const LARGER: u64 = 5;
    const MUCH_LARGER: u64 = 20;
    let mut ranks: Vec<u64> = scored.iter().map(|s| s.1).collect();
    ranks.sort_unstable_by_key(|rank| std::cmp::Reverse(*rank));
    let [first, second, ..] = ranks[..] else { return };
    let bonus = match second.max(1) {
        second if first >= second.saturating_mul(MUCH_LARGER) => 4,
        second if first >= second.saturating_mul(LARGER) => 2,
        _ => return,
    };
    for candidate in scored.iter_mut().filter(|s| s.1 == first && s.0 > 0) {
        candidate.0 += bonus;
    }
}

/// Whether the first-level divisions of its country are known by name to readers of the world's news.
pub(super) fn known_divisions(entry: &Entry) -> bool {
    entry.kind != "division"
        || matches!(
            entry.country.as_str(),
            "CN" | "US"
                | "AU"
                | "CA"
                | "IN"
                | "BR"
                | "RU"
                | "ID"
                | "GB"
                | "JP"
                | "DE"
                | "ES"
                | "IT"
                | "FR"
                | "MX"
                | "ZA"
                | "MY"
                | "TW"
        )
}

/// Whether a division bears the name of a city in it, which makes it known: Geneva, Zurich.
pub(super) fn names_its_city(gazetteer: &Gazetteer, place: &Place, id: EntryId) -> bool {
    const KNOWN: u64 = 100_000;
    place
        .candidates
        .iter()
        .any(|(other, _)| gazetteer.parent(*other) == Some(id) && gazetteer.entry(*other).weight >= KNOWN)
}

/// What a place's size alone says for it: 0 to 6.
pub(super) fn prior(entry: &Entry) -> u32 {
    match (entry.kind.as_str(), entry.weight) {
        ("county", ..METROPOLIS) => 1,
        // Jamestown, Stanley, Victoria: the capital of an island is not what a text means by the name.
        ("capital", ..SMALL_CAPITAL) => 0,
        ("division" | "capital", _) | (_, 5_000_000..) => 6,
        (_, METROPOLIS..) | ("mine" | "basin" | "port" | "zone", _) => 5,
        (_, 300_000..) => 3,
        (_, 100_000..) => 2,
        ("region" | "prefecture", _) => 2,
        _ => 0,
    }
}

/// Population below which a capital is judged like any other town.
const SMALL_CAPITAL: u64 = 100_000;

/// Population from which a city needs no support.
pub(super) const METROPOLIS: u64 = 1_000_000;

/// Whether all the best candidates lie in one first-level division.
pub(super) fn same_division(gazetteer: &Gazetteer, scored: &[(u32, u64, EntryId, bool)], best: u32) -> bool {
    let mut codes = scored.iter().filter(|s| s.0 == best).map(|s| gazetteer.entry(s.2).code.as_str());
    let first = codes.next();
    codes.all(|c| Some(c) == first)
}

/// What a first-level division counts beside cities.
pub(super) const KNOWN_DIVISION: u64 = 100_000_000;

/// Size for comparing namesakes: a country before a division before a city of any size.
pub(super) fn rank(entry: &Entry) -> u64 {
    let base = match entry.kind.as_str() {
        "country" => 1_000_000_000,
        "division" if known_divisions(entry) => KNOWN_DIVISION,
        "division" => 200_000,
        // Where the population is unknown.
        "prefecture" if entry.weight == 0 => 4_000_000,
        "capital" => 1_000_000,
        "county" => 100_000,
        _ => 0,
    };
    base + entry.weight
}
