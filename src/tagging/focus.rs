//! What an article is about: a sum of a few signals, each of which a reader can check.
//!
//! The weights are those of logistic fits to hand-labelled articles, rounded. Places are judged by
//! first-level division: a county's mentions speak for its province, and both share the answer.

use rustc_hash::FxHashMap;

use super::{Field, Found, Mention, Who, spans::View};
use crate::{
    analysis::{Gap, UnitKind},
    gazetteer::{Facet, Gazetteer},
};

/// What the signals of a facet weigh.
struct Weights {
    /// The headline names it.
    title: f32,
    /// The headline names others of its facet, and not it.
    other_in_title: f32,
    /// The body begins with it; falls to nothing at [`LEAD_BYTES`].
    lead: f32,
    /// A flash of one paragraph, and its headline names none of the facet: what it lists is its matter.
    flash: f32,
    /// Times the logarithm of the number of mentions.
    repeated: f32,
    /// A sentence begins with it.
    opens: f32,
    /// A sentence begins with it, and others with other places: the article goes from one to the next.
    tour: f32,
    /// It is only where somebody sits or a price is made: "London-based", "futures in New York".
    passing: f32,
    /// What is needed.
    needed: f32,
}

const ORGANIZATION: Weights = Weights {
    title: 3.0,
    other_in_title: -1.1,
    lead: 4.0,
    flash: 0.7,
    repeated: 2.0,
    opens: 0.0,
    tour: 0.0,
    passing: 0.0,
    needed: 2.9,
};
const PROVINCE: Weights = Weights {
    title: 1.3,
    other_in_title: -1.4,
    lead: 1.5,
    flash: 1.0,
    repeated: 1.7,
    opens: 0.35,
    tour: 2.6,
    passing: -2.0,
    needed: 2.4,
};
const COMMODITY: Weights = Weights {
    title: 2.0,
    other_in_title: 0.0,
    lead: 2.7,
    flash: 3.3,
    repeated: 1.9,
    opens: 0.0,
    tour: 0.0,
    passing: 0.0,
    needed: 3.4,
};

/// Length of a lead.
const LEAD_BYTES: f32 = 600.0;
/// Longest body of a flash.
const FLASH_BYTES: usize = 700;
/// Mentions beyond these add nothing.
const REPEATED_MAX: usize = 8;
/// Divisions that open sentences of an article that goes from place to place.
const TOUR_PLACES: usize = 3;
/// Sentences of such an article that begin with a place.
const TOUR_SENTENCES: usize = 3;

/// The score of one thing and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judgement {
    pub score: f32,
    pub focus: bool,
}

#[derive(Default, Clone, Copy)]
struct Signals {
    title: bool,
    first: Option<u32>,
    count: usize,
    opens: bool,
    passing: usize,
}

/// Judges everything that was found.
pub(super) fn judge(gazetteer: &Gazetteer, views: &[View<'_>; 2], found: &[Found]) -> Vec<Judgement> {
    let division = |f: &Found| match (&f.who, f.facet) {
        (Who::Entry(id), Facet::Province) => Some(gazetteer.entry(*id).code.as_str()),
        _ => None,
    };
    let openers = openers(&views[1], found);
    let own: Vec<Signals> = found.iter().map(|f| signals(&views[1], f, &openers)).collect();
    let mut divisions: FxHashMap<&str, Signals> = FxHashMap::default();
    let mut in_title = [false; 4];
    for (f, signals) in found.iter().zip(&own) {
        in_title[f.facet as usize] |= signals.title;
        if let Some(code) = division(f) {
            let all = divisions.entry(code).or_default();
            all.title |= signals.title;
            all.count += signals.count;
            all.first = [all.first, signals.first].into_iter().flatten().min();
            all.opens |= signals.opens;
            all.passing += signals.passing;
        }
    }
    let tour = !in_title[Facet::Province as usize]
        && openers.lists >= TOUR_SENTENCES
        && divisions.values().filter(|s| s.opens).nth(TOUR_PLACES - 1).is_some();
    let flash = views[1].text.len() < FLASH_BYTES;
    let judge = |f: &Found, s: &Signals| -> f32 {
        let weights = match f.facet {
            Facet::Organization | Facet::Country => &ORGANIZATION,
            Facet::Province => &PROVINCE,
            Facet::Commodity => &COMMODITY,
        };
        if s.count == 0 {
            return -weights.needed;
        }
        let lead = s.first.map_or(0.0, |at| (1.0 - at as f32 / LEAD_BYTES).max(0.0));
        let title = match (s.title, in_title[f.facet as usize]) {
            (true, _) => weights.title,
            (false, true) => weights.other_in_title,
            (false, false) if flash => weights.flash,
            (false, false) => 0.0,
        };
        let given = |signal: bool, weight: f32| if signal { weight } else { 0.0 };
        title
            + weights.lead * lead
            + weights.repeated * (s.count.min(REPEATED_MAX) as f32).ln()
            + given(s.opens, weights.opens)
            + given(s.opens && tour, weights.tour)
            + given(s.passing == s.count, weights.passing)
            - weights.needed
    };
    found
        .iter()
        .zip(&own)
        .map(|(f, signals)| {
            let shared = division(f).and_then(|code| divisions.get(code)).unwrap_or(signals);
            let focus = f.facet != Facet::Country && judge(f, shared) > 0.0;
            Judgement { score: judge(f, signals), focus }
        })
        .collect()
}

fn signals(body: &View<'_>, found: &Found, openers: &Openers) -> Signals {
    let strong = || found.mentions.iter().filter(|m| !m.weak);
    let in_body = || strong().filter(|m| m.field == Field::Body);
    let place = found.facet == Facet::Province;
    Signals {
        title: strong().any(|m| m.field == Field::Title),
        first: in_body().map(|m| m.start).min(),
        count: strong().count(),
        opens: place && in_body().any(|m| openers.all.binary_search(&m.start).is_ok()),
        passing: if place { in_body().filter(|m| in_passing(body, m)).count() } else { 0 },
    }
}

/// The unit of a body that begins at a byte.
fn unit_at(body: &View<'_>, byte: u32) -> Option<usize> {
    body.units.list().binary_search_by_key(&byte, |u| u.start).ok()
}

/// See [`openers`].
#[derive(Default)]
struct Openers {
    /// Offsets of the places, ascending.
    all: Vec<u32>,
    /// Sentences that begin so.
    lists: usize,
}

/// Offsets of the places that open a sentence of the body, and of those that follow one in a list
/// (甘肃陇南、山西晋城等地).
fn openers(body: &View<'_>, found: &[Found]) -> Openers {
    let mut places: Vec<(u32, u32)> = found
        .iter()
        .filter(|f| f.facet == Facet::Province)
        .flat_map(|f| &f.mentions)
        .filter(|m| m.field == Field::Body && !m.weak)
        .map(|m| (m.start, m.end))
        .collect();
    places.sort_unstable();
    places.dedup_by_key(|p| p.0);
    let mut out = Openers::default();
    let mut before: Option<u32> = None;
    for (start, end) in places {
        let between = before.and_then(|b| body.text.get(b as usize..start as usize)).map(str::trim);
        let listed = matches!(between, Some("" | "、" | "，" | "," | "和" | "与" | "及" | "and" | ", and"));
        if listed || unit_at(body, start).is_some_and(|at| opens(body, at)) {
            out.all.push(start);
            out.lists += usize::from(!listed);
            before = Some(end);
        } else {
            before = None;
        }
    }
    out
}

/// Whether a sentence begins at a unit, but for a preposition and a short adverbial: 近日，在….
fn opens(body: &View<'_>, at: usize) -> bool {
    const ADVERBIAL: usize = 4;
    let begins = |at: usize| {
        at == 0
            || body.unit(at).is_some_and(|u| u.gap == Gap::Break)
            || at.checked_sub(1).and_then(|b| body.unit(b)).is_some_and(|u| {
                u.kind == UnitKind::Punct && matches!(body.units.term(u), "。" | "." | "!" | "?" | ";" | ":")
            })
            || !body.is_han(at) && body.starts_sentence(at)
    };
    let at = match body.term_before(at, 1) {
        "在" | "in" | "at" | "the" | "from" => at - 1,
        _ => at,
    };
    begins(at)
        || body.term_before(at, 1) == ","
            && (2..=ADVERBIAL + 1).filter_map(|back| at.checked_sub(back)).any(begins)
}

/// "London-based", "futures in New York": where somebody sits, or where a price is made.
fn in_passing(body: &View<'_>, mention: &Mention) -> bool {
    let Some(at) = unit_at(body, mention.start) else { return false };
    let end = body.units.list().partition_point(|u| u.start < mention.end);
    let seat =
        body.between(end).starts_with('-') && matches!(body.term(end), "based" | "listed" | "headquartered");
    let market = matches!(body.term_before(at, 1), "in" | "on")
        && (2..=4).any(|back| {
            matches!(
                body.term_before(at, back),
                "futures"
                    | "trading"
                    | "trade"
                    | "traded"
                    | "settled"
                    | "closed"
                    | "prices"
                    | "shares"
                    | "phone"
            )
        });
    seat || market
}
