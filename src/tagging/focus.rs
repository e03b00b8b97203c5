//! What an article is about: a sum of a few signals, each of which a reader can check.
//!
//! The weights are those of a logistic fit to hand-labelled articles, rounded. Places are judged by
//! first-level division: a county's mentions speak for its province, and both share the answer.

use rustc_hash::FxHashMap;

use super::{Field, Found, Who, spans::View};
use crate::gazetteer::{Facet, Gazetteer};

/// The headline names it.
const TITLE: f32 = 1.3;
/// The headline names others of its facet, and not it.
const OTHER_IN_TITLE: f32 = -0.9;
/// The body begins with it; falls to nothing at [`LEAD_BYTES`].
const LEAD: f32 = 3.3;
/// Length of a lead.
const LEAD_BYTES: f32 = 600.0;
/// A flash of one paragraph, and its headline names none of the facet: what it lists is its matter.
const FLASH: f32 = 1.9;
/// Longest body of a flash.
const FLASH_BYTES: usize = 700;
/// Times the logarithm of the number of mentions.
const REPEATED: f32 = 1.5;
/// Mentions beyond these add nothing.
const REPEATED_MAX: usize = 8;

/// What a facet's things need before they are in focus.
fn needed(facet: Facet) -> f32 {
    match facet {
        Facet::Organization | Facet::Country => 2.45,
        Facet::Province => 1.75,
        Facet::Commodity => 2.7,
    }
}

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
}

/// Judges everything that was found.
pub(super) fn judge(gazetteer: &Gazetteer, views: &[View<'_>; 2], found: &[Found]) -> Vec<Judgement> {
    let division = |f: &Found| match (&f.who, f.facet) {
        (Who::Entry(id), Facet::Province) => Some(gazetteer.entry(*id).code.as_str()),
        _ => None,
    };
    let own: Vec<Signals> = found.iter().map(signals).collect();
    let mut divisions: FxHashMap<&str, Signals> = FxHashMap::default();
    let mut in_title = [false; 4];
    for (f, signals) in found.iter().zip(&own) {
        in_title[f.facet as usize] |= signals.title;
        if let Some(code) = division(f) {
            let all = divisions.entry(code).or_default();
            all.title |= signals.title;
            all.count += signals.count;
            all.first = [all.first, signals.first].into_iter().flatten().min();
        }
    }
    let flash = views[1].text.len() < FLASH_BYTES;
    let judge = |f: &Found, s: &Signals| -> f32 {
        if s.count == 0 {
            return -needed(f.facet);
        }
        let lead = s.first.map_or(0.0, |at| (1.0 - at as f32 / LEAD_BYTES).max(0.0));
        let title = match (s.title, in_title[f.facet as usize]) {
            (true, _) => TITLE,
            (false, true) => OTHER_IN_TITLE,
            (false, false) if flash => FLASH,
            (false, false) => 0.0,
        };
        title + LEAD * lead + REPEATED * (s.count.min(REPEATED_MAX) as f32).ln() - needed(f.facet)
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

fn signals(found: &Found) -> Signals {
    let strong = || found.mentions.iter().filter(|m| !m.weak);
    Signals {
        title: strong().any(|m| m.field == Field::Title),
        first: strong().filter(|m| m.field == Field::Body).map(|m| m.start).min(),
        count: strong().count(),
    }
}
