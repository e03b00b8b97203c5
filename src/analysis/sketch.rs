//! A sketch of an article's wording, small enough to keep beside every article: tells near-copies
//! from other articles without a look at the texts.
//!
//! The body's runs of about six words ([`RUN_WEIGHT`]) are hashed. The hashes fall into [`BINS`] bins,
//! and of each bin's smallest hash four bits are kept: the share of bins in which two sketches agree
//! is the share of runs that the two bodies have in common (one-permutation min-hashing). The
//! smallest hashes of all, the bands, are the same in two bodies that have much in common, so an index of
//! them finds the candidates. Numbers have bins of their own: reports of one template share their words
//! but not their numbers. What the title says is left out, since copies come with other titles; but where
//! the body says nothing of what its title says (a page of which only the margin was caught), the
//! title is part of the sketch.
//!
//! A sketch depends on its article alone: not on other articles, and not on any order.

use xxhash_rust::xxh3::xxh3_64;

use super::{UnitKind, Units};

/// What the units of a run weigh together: a word or a number 2, a Han character 1.
const RUN_WEIGHT: u32 = 12;

/// Bins for runs; a power of two. With 64 the estimate of a share is off by 0.06 at most.
const BINS: usize = 64;

/// Bins for numbers; a power of two.
const NUMBER_BINS: usize = 32;

/// Bits kept of a bin's smallest hash; 0 says that the bin is empty.
const BIN_BITS: usize = 4;
const BINS_A_VALUE: usize = 64 / BIN_BITS;
const BIN_VALUES: usize = BINS / BINS_A_VALUE;
const NUMBER_VALUES: usize = NUMBER_BINS / BINS_A_VALUE;

/// Hashes that find candidates: at a resemblance of 0.3 two articles share one in 97 cases of 100.
const BANDS: usize = 6;

/// Most values that a sketch is stored as.
const VALUES_MAX: usize = (8 + 4 * BANDS + 8 * BIN_VALUES + 4 + NUMBER_BINS / 2).div_ceil(8);

/// Runs below which a text is too short to say that another one copies it.
const RUNS_MIN: u32 = 24;

/// Bins that must be in use, against texts that repeat themselves.
const BINS_MIN: usize = 12;

/// Runs below which a text is short: a template with a name filled in may be all of it.
const SHORT_RUNS: u32 = 64;

/// Bits of the filter that tells which words the body has; a power of two.
const FILTER_BITS: usize = 1 << 14;

/// Words of a title (pairs of Han characters) that are looked for in the body.
const TITLE_WORDS_MAX: usize = 64;

/// Words that a title must have for its absence from the body to mean anything.
const TITLE_WORDS_MIN: usize = 3;

/// Letters of a word that count when a title is compared with its body: a poor man's stem.
const TITLE_WORD_BYTES: usize = 5;

/// Days between two articles within which one may be the other, revised; beyond it, only nearly the
/// same text is a copy and not the next report of a series.
const NEAR_DAYS: u64 = 4;

/// Base of the rolling hash; any large odd number.
const BASE: u64 = 0x9E6C_63D0_876A_68E5;

const POWERS: [u64; RUN_WEIGHT as usize + 1] = {
    let mut powers = [1u64; RUN_WEIGHT as usize + 1];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1].wrapping_mul(BASE);
        i += 1;
    }
    powers
};

/// A sketch of an article's wording.
///
/// ```
/// use orewire::analysis::{Sketch, Units};
/// let story = "Heavy rain closed the road to the salt lake on Monday, and the two plants beside it \
///     stopped their pumps. The company said that stocks at the port would last for three weeks, \
///     and that it did not expect to delay any shipment to its customers abroad. ".to_owned()
///     + "Engineers were to inspect the bridges before lorries are let through again.";
/// let other = story.replace("Engineers", "The ministry said that engineers");
/// let sketch = |text: &str| Sketch::of(&Units::new(), &Units::of(text, &[])).expect("long enough");
/// assert!(sketch(&story).is_copy(&sketch(&other), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch {
    /// Runs of the body.
    runs: u32,
    /// A hash of the title when the body does not bear it out; else 0.
    title: u32,
    numbers: [u64; NUMBER_VALUES],
    bands: [u32; BANDS],
    bins: [u64; BIN_VALUES],
}

/// How much two bodies have in common, as far as their sketches can tell. All shares are 0.0 to 1.0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Likeness {
    /// Share of the runs of either body that stand in both.
    pub resemblance: f32,
    /// Share of the shorter body's runs that stand in the longer one.
    pub containment: f32,
    /// Share of the numbers of the body with fewer of them that stand in the other; `None` when
    /// there are too few to tell.
    pub numbers: Option<f32>,
}

impl Sketch {
    /// The sketch of an article by its title and body (furniture left out); `None` when the body is
    /// too short for one.
    pub fn of(title: &Units, body: &Units) -> Option<Sketch> {
        let mut smallest = [u64::MAX; BINS];
        let mut numbers = [u64::MAX; NUMBER_BINS];
        let mut filter = [0u64; FILTER_BITS / 64];
        // A run's hash follows from the hashes of all that stands before its end and before its start;
        // no run is longer than RUN_WEIGHT units, so the last 16 are enough.
        let mut before = [(0u64, 0u32); 16];
        let (mut hash, mut weight, mut runs) = (0u64, 0u32, 0u32);
        let (mut start, mut end) = (0usize, 0usize);
        let mut last_han = 0;
        for unit in body.iter().filter(|u| u.kind != UnitKind::Punct) {
            let term = body.term(unit).as_bytes();
            let own = xxh3_64(term);
            let key = title_key(unit.kind, term, own, &mut last_han);
            filter[key as usize % FILTER_BITS / 64] |= 1 << (key % 64);
            if unit.kind == UnitKind::Number {
                let hash = mix(own);
                let bin = &mut numbers[hash as usize % NUMBER_BINS];
                *bin = hash.min(*bin);
            }
            hash = hash.wrapping_mul(BASE).wrapping_add(own);
            weight = weight.wrapping_add(if unit.kind == UnitKind::Han { 1 } else { 2 });
            end += 1;
            before[end % 16] = (hash, weight);
            // The longest run that ends here and is not too heavy.
            while weight.wrapping_sub(before[start % 16].1) > RUN_WEIGHT {
                start += 1;
            }
            if weight.wrapping_sub(before[start % 16].1) + 1 < RUN_WEIGHT {
                continue;
            }
            let run =
                mix(hash
                    .wrapping_sub(before[start % 16].0.wrapping_mul(POWERS[(end - start) % POWERS.len()])));
            let bin = &mut smallest[run as usize % BINS];
            *bin = run.min(*bin);
            runs += 1;
        }
        if runs < RUNS_MIN || smallest.iter().filter(|h| **h != u64::MAX).count() < BINS_MIN {
            return None;
        }
        let bins = kept(&smallest);
        smallest.sort_unstable();
        let mut bands = [0; BANDS];
        for (band, hash) in bands.iter_mut().zip(smallest) {
            // Small hashes crowd together, so their bits are spread once more.
            *band = (mix(hash ^ BASE) >> 32) as u32;
        }
        Some(Sketch { runs, title: unheard(title, &filter), numbers: kept(&numbers), bands, bins })
    }

    /// The hashes by which candidates are found: copies share at least one.
    pub(crate) fn bands(&self) -> [u32; BANDS] {
        self.bands
    }

    /// The values to store. Bins for numbers are mostly empty, so only the filled ones are kept, behind
    /// a word that tells which.
    pub(crate) fn to_values(self) -> Vec<u64> {
        let mut bytes = Vec::with_capacity(VALUES_MAX * 8);
        bytes.extend_from_slice(&self.runs.to_le_bytes());
        bytes.extend_from_slice(&self.title.to_le_bytes());
        bytes.extend(self.bands.iter().flat_map(|b| b.to_le_bytes()));
        bytes.extend(self.bins.iter().flat_map(|b| b.to_le_bytes()));
        let filled = self.number_bins().enumerate().filter(|(_, bits)| *bits != 0);
        let which = filled.clone().fold(0u32, |which, (bin, _)| which | 1 << bin);
        bytes.extend_from_slice(&which.to_le_bytes());
        let mut half = None;
        for (_, bits) in filled {
            match half.take() {
                None => half = Some(bits),
                Some(low) => bytes.push(low | bits << BIN_BITS),
            }
        }
        bytes.extend(half);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.chunks_exact(8).map(|c| u64::from_le_bytes(std::array::from_fn(|i| c[i]))).collect()
    }

    /// The sketch that was stored; `None` for an article without one.
    pub(crate) fn from_values(values: impl Iterator<Item = u64>) -> Option<Sketch> {
        let bytes: Vec<u8> = values.take(VALUES_MAX).flat_map(u64::to_le_bytes).collect();
        let mut bytes = bytes.as_slice();
        let (runs, title) = (take(&mut bytes)?, take(&mut bytes)?);
        let mut sketch = Sketch {
            runs: u32::from_le_bytes(runs),
            title: u32::from_le_bytes(title),
            numbers: [0; NUMBER_VALUES],
            bands: [0; BANDS],
            bins: [0; BIN_VALUES],
        };
        for band in &mut sketch.bands {
            *band = u32::from_le_bytes(take(&mut bytes)?);
        }
        for bins in &mut sketch.bins {
            *bins = u64::from_le_bytes(take(&mut bytes)?);
        }
        let which = u32::from_le_bytes(take(&mut bytes)?);
        let mut kept = bytes.iter().flat_map(|pair| [pair & 0xF, pair >> BIN_BITS]);
        for bin in (0..NUMBER_BINS).filter(|bin| which & 1 << bin != 0) {
            sketch.numbers[bin / BINS_A_VALUE] |= u64::from(kept.next()?) << (bin % BINS_A_VALUE * BIN_BITS);
        }
        Some(sketch)
    }

    fn number_bins(&self) -> impl Iterator<Item = u8> + Clone {
        let numbers = self.numbers;
        (0..NUMBER_BINS)
            .map(move |bin| (numbers[bin / BINS_A_VALUE] >> (bin % BINS_A_VALUE * BIN_BITS)) as u8 & 0xF)
    }

    /// How much two bodies have in common.
    pub fn likeness(&self, other: &Sketch) -> Likeness {
        let resemblance = agreement(&self.bins, &other.bins);
        let (a, b) = (self.runs as f32, other.runs as f32);
        let (mine, others) = (filled(&self.numbers), filled(&other.numbers));
        let numbers = contained(agreement(&self.numbers, &other.numbers), mine, others);
        Likeness {
            resemblance,
            containment: contained(resemblance, a, b),
            numbers: (mine.min(others) >= 3.0).then_some(numbers),
        }
    }

    /// Whether two articles tell the same story in nearly the same words. `days` is how far apart
    /// they are dated, where both are.
    ///
    /// The same either way round, but not transitive: a copy of a copy need not be one.
    pub fn is_copy(&self, other: &Sketch, days: Option<u64>) -> bool {
        // Bodies that have nothing to do with either of two titles are the margins of two pages.
        let margins = self.title != 0 && other.title != 0 && self.title != other.title;
        if margins || !self.bands.iter().any(|b| other.bands.contains(b)) {
            return false;
        }
        let like = self.likeness(other);
        let numbers = like.numbers.unwrap_or(1.0);
        if days.is_some_and(|d| d > NEAR_DAYS) {
            return like.resemblance >= 0.92 && numbers >= 0.8;
        }
        // A cut text or one with additions is still contained; changes all over are not.
        let contained = like.containment >= 0.82;
        let words = match self.runs.min(other.runs) < SHORT_RUNS {
            true => like.resemblance >= 0.5 && like.containment >= 0.66,
            false => like.resemblance >= 0.5 || contained && like.resemblance >= 0.3,
        };
        words && numbers >= 0.5
    }
}

/// The next bytes.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Spreads the bits of a hash.
fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash ^ (hash >> 32)
}

/// Four bits, 1 to 15, of each bin's hash; 0 for an empty bin.
fn kept<const N: usize>(smallest: &[u64]) -> [u64; N] {
    let mut values = [0; N];
    for (value, hashes) in values.iter_mut().zip(smallest.chunks(BINS_A_VALUE)) {
        for (at, hash) in hashes.iter().enumerate().filter(|(_, h)| **h != u64::MAX) {
            // Mixed again: the hash's own bits chose its bin and made it the smallest.
            *value |= ((((mix(*hash) >> 32) * 15) >> 32) + 1) << (at * BIN_BITS);
        }
    }
    values
}

/// A bit for each bin of a value that is not empty, all bins at once: articles are compared with each
/// other by the hundred thousand.
fn in_use(value: u64) -> u64 {
    let pairs = value | value >> 1;
    (pairs | pairs >> 2) & 0x1111_1111_1111_1111
}

fn filled(values: &[u64]) -> f32 {
    values.iter().map(|v| in_use(*v).count_ones()).sum::<u32>() as f32
}

/// Share of the bins in use that agree, less what chance gives.
fn agreement(a: &[u64], b: &[u64]) -> f32 {
    let (mut same, mut used) = (0u32, 0u32);
    for (a, b) in a.iter().zip(b) {
        used += in_use(a | b).count_ones();
        same += (in_use(*a) & !in_use(a ^ b)).count_ones();
    }
    if used == 0 {
        return 0.0;
    }
    let (same, chance) = (same as f32 / used as f32, 1.0 / 15.0);
    ((same - chance) / (1.0 - chance)).max(0.0)
}

/// Share of the smaller of two sets that is in the larger, from what they share of both.
fn contained(resemblance: f32, a: f32, b: f32) -> f32 {
    let common = resemblance * (a + b) / (1.0 + resemblance);
    (common / a.min(b).max(1.0)).min(1.0)
}

/// What a unit counts as when a title is compared with its body: a word's first letters, a Han
/// character with the one before it.
fn title_key(kind: UnitKind, term: &[u8], own: u64, last_han: &mut u64) -> u64 {
    if kind == UnitKind::Han {
        let pair = mix(last_han.wrapping_mul(BASE) ^ own);
        *last_han = own;
        return pair;
    }
    *last_han = 0;
    if term.len() > TITLE_WORD_BYTES { xxh3_64(&term[..TITLE_WORD_BYTES]) } else { own }
}

/// A hash of the title if less than half of what it says stands in the body, else 0.
fn unheard(title: &Units, filter: &[u64; FILTER_BITS / 64]) -> u32 {
    let (mut seen, mut heard, mut all, mut last_han) = (0, 0, BASE, 0);
    for unit in title.iter().filter(|u| u.kind != UnitKind::Punct) {
        let term = title.term(unit).as_bytes();
        let own = xxh3_64(term);
        all = mix(all.wrapping_mul(BASE) ^ own);
        let first_han = last_han == 0;
        let key = title_key(unit.kind, term, own, &mut last_han);
        // Short words stand in any text, and a single Han character says nothing.
        let says = match unit.kind {
            UnitKind::Han => !first_han,
            UnitKind::Word => term.len() > 3,
            _ => false,
        };
        if says && seen < TITLE_WORDS_MAX {
            seen += 1;
            heard += usize::from(filter[key as usize % FILTER_BITS / 64] >> (key % 64) & 1 == 1);
        }
    }
    if seen >= TITLE_WORDS_MIN && heard * 3 < seen { (all >> 32) as u32 | 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(title: &str, body: &str) -> Option<Sketch> {
        Sketch::of(&Units::of(title, &[]), &Units::of(body, &[]))
    }

    fn report(day: &str, prices: [&str; 4]) -> Sketch {
        let [open, high, low, close] = prices;
        let body = format!(
            "Copper on the northern exchange opened at {open} dollars a tonne on {day}, rose to as much as {high} \
             in the morning as dealers covered positions, fell back to {low} when stocks were published, and closed \
             at {close}. Dealers said that turnover was thin and that most customers were waiting for the figures of \
             the month. The exchange is closed on public holidays, and settles all contracts two days later."
        );
        sketch("", &body).expect("long enough")
    }

    #[test]
    fn values_give_the_sketch_back() {
        let numbers = report("Monday", ["9120", "9188.5", "9071", "9102"]);
        let full = Sketch { numbers: [u64::MAX; NUMBER_VALUES], ..numbers };
        let none = Sketch { numbers: [0; NUMBER_VALUES], title: 7, ..numbers };
        for sketch in [numbers, full, none] {
            let values = sketch.to_values();
            assert!(values.len() <= VALUES_MAX);
            assert_eq!(Sketch::from_values(values.iter().copied()), Some(sketch));
            assert_eq!(Sketch::from_values(values[..8].iter().copied()), None);
        }
        assert_eq!(Sketch::from_values(std::iter::empty()), None);
    }

    #[test]
    fn bins_are_compared_all_at_once_as_one_by_one() {
        let mut state = 7u64;
        let mut next = || {
            state = mix(state.wrapping_add(0x9E37_79B9_7F4A_7C15));
            state
        };
        for _ in 0..1_000 {
            // Many empty ones, and many alike.
            let a: [u64; 8] = std::array::from_fn(|_| next() & next());
            let b: [u64; 8] = std::array::from_fn(|at| a[at] ^ (next() & next() & next()));
            let bins = |v: [u64; 8]| v.into_iter().flat_map(|v| (0..16).map(move |n| v >> (4 * n) & 0xF));
            let used = bins(a).zip(bins(b)).filter(|(a, b)| a | b != 0).count() as f32;
            let same = bins(a).zip(bins(b)).filter(|(a, b)| a == b && *a != 0).count() as f32;
            let chance = 1.0 / 15.0;
            assert_eq!(agreement(&a, &b), ((same / used - chance) / (1.0 - chance)).max(0.0));
            assert_eq!(filled(&a), bins(a).filter(|n| *n != 0).count() as f32);
        }
    }

    #[test]
    fn reports_of_one_template_stay_apart() {
        let monday = report("Monday", ["9120", "9188.5", "9071", "9102"]);
        let tuesday = report("Tuesday", ["9098", "9143.5", "9055", "9139"]);
        assert!(monday.likeness(&tuesday).resemblance > 0.3, "they do share a template");
        assert!(!monday.is_copy(&tuesday, Some(1)));
        assert!(!monday.is_copy(&tuesday, None));
        assert!(monday.is_copy(&monday, Some(400)));
    }

    #[test]
    fn short_and_repetitive_texts_have_no_sketch() {
        assert_eq!(sketch("Furnace shut", "The furnace was shut on Monday, the company said."), None);
        assert_eq!(sketch("", &"again ".repeat(500)), None);
        assert_eq!(sketch("", ""), None);
    }

    #[test]
    fn a_body_without_its_title_copies_no_other_such_body() {
        let margin: String = (0..60).map(|n| format!("offer{n} price{} ", n * 3)).collect();
        let one = sketch("Volcano closes airport after eruption", &margin).expect("long enough");
        let two = sketch("Parliament rejects budget proposal", &margin).expect("long enough");
        assert!(!one.is_copy(&two, Some(0)));
        assert!(one.is_copy(&one, Some(0)));
        let heard = sketch("Offers at great prices: offer1 offer2 offer3", &margin).expect("long enough");
        assert!(heard.is_copy(&one, Some(0)));
    }
}
