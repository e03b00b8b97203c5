//! Names of people, which hide the places inside them.

use super::{
    lexicon::{self, GIVEN, TITLE},
    spans::{Span, View, What},
};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{Facet, Gazetteer},
};

/// Turns single-word names of places and goods that belong to a person's name into hidden spans.
pub(super) fn hide(gazetteer: &Gazetteer, view: &View<'_>, spans: &mut [Span], first: usize) {
    if view.all_caps {
        return;
    }
    let mut people: Vec<&str> = Vec::new();
    for at in first..spans.len() {
        let span = spans[at];
        let What::Name { hit, legal: false } = span.what else { continue };
        let (start, end) = (span.start as usize, span.end as usize);
        if end - start != 1
            || view.unit(start).is_none_or(|u| u.kind != UnitKind::Word || u.case != Case::Title)
        {
            continue;
        }
        let facets = gazetteer.matcher().accepted(&hit, view.units).any(|name| {
            matches!(
                gazetteer.entry(name.entry).facet,
                Facet::Province | Facet::Country | Facet::Organization
            ) || name.flags.is_ambiguous()
        });
        // No division, country or metropolis, and no good by itself.
        let small = gazetteer.matcher().accepted(&hit, view.units).all(|name| {
            let entry = gazetteer.entry(name.entry);
            entry.facet == Facet::Province
                && entry.kind != "capital"
                && (entry.kind != "division" || name.flags.is_ambiguous())
                && entry.weight < 1_000_000
        });
        if facets
            && is_person(
                view,
                start,
                spans.get(at + 1),
                at.checked_sub(1).and_then(|b| spans.get(b)).copied().as_ref(),
                small,
            )
        {
            spans[at].what = What::Hidden;
            if small {
                people.push(view.term(start));
            }
        }
    }
    if !people.is_empty() {
        hide_again(view, &mut spans[first..], &people);
    }
}

/// Hides the other mentions of a name that stood for a person once: "Bradford" after "Charles Bradford".
fn hide_again(view: &View<'_>, spans: &mut [Span], people: &[&str]) {
    for span in spans {
        let (start, end) = (span.start as usize, span.end as usize);
        if matches!(span.what, What::Name { legal: false, .. })
            && end - start == 1
            && people.contains(&view.term(start))
        {
            span.what = What::Hidden;
        }
    }
}

fn is_person(
    view: &View<'_>,
    at: usize,
    next_span: Option<&Span>,
    previous_span: Option<&Span>,
    small: bool,
) -> bool {
    let term = view.term(at);
    let own = lexicon::class(term);
    let spaced =
        |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::Space && !view.between(at).contains('\n'));
    let before = view.term_before(at, 1);
    let linked_before = at > 0 && (spaced(at) || view.between(at) == ". ");
    // "Mr Jordan", "President Lincoln"; "Chinese Premier", "Minister Singapore" never stand so.
    if linked_before
        && view.is_capital(at - 1)
        && lexicon::class(before) & TITLE != 0
        && matches!(
            before,
            "mr" | "mrs"
                | "ms"
                | "miss"
                | "dr"
                | "sir"
                | "lord"
                | "lady"
                | "sen"
                | "rep"
                | "gov"
                | "gen"
                | "professor"
                | "prof"
                | "queen"
                | "king"
                | "prince"
                | "princess"
                | "pope"
                | "president"
                | "chairman"
                | "senator"
                | "chancellor"
                | "premier"
                | "congressman"
                | "hurricane"
                | "typhoon"
        )
    {
        return true;
    }
    // "J. Paris": an initial.
    if linked_before
        && before.len() == 1
        && view.is_capital(at - 1)
        && view.between(at) == ". "
        && own & GIVEN != 0
        && (at < 2 || view.term_before(at, 2).len() > 1)
    {
        return true;
    }
    // "Marius Bosch", "Gao Yuan": a given name that no known name ends with.
    if linked_before
        && view.between(at) == " "
        && lexicon::is_given_name(before)
        && view.unit(at - 1).is_some_and(|u| u.case == Case::Title)
        && !previous_span
            .is_some_and(|s| s.end as usize == at && matches!(s.what, What::Name { .. } | What::Shape { .. }))
    {
        return true;
    }
    // "Keiron Henderson": an unknown capitalised word before a small place.
    if linked_before
        && view.between(at) == " "
        && small
        && view.unit(at - 1).is_some_and(|u| u.case == Case::Title && u.end - u.start > 2)
        && lexicon::class(before) == 0
        && !view.starts_sentence(at - 1)
        && !view.title_case
        && !ends_in_noun(before)
        && !DIRECTIONS.contains(&before)
        && previous_span.is_none_or(|s| s.end as usize != at)
    {
        return true;
    }
    // "Hurricane Ike", "Bradford said": what only people and storms do.
    if small
        && view.unit(at + 1).is_some_and(|u| u.gap == Gap::Space && u.case == Case::Lower)
        && matches!(view.term(at + 1), "said" | "says" | "told" | "added" | "noted")
    {
        return true;
    }
    if own & GIVEN == 0 && !lexicon::is_given_name(term) {
        return false;
    }
    if spaced(at + 1) && small && lexicon::is_given_name(view.term(at + 1)) && view.is_capital(at + 1) {
        return true;
    }
    // "Jordan Smith": a given name before a word that is no name of anything and no common word.
    let next = at + 1;
    if spaced(next)
        && view.unit(next).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed) && u.end - u.start > 2)
        && !view.title_case
        && lexicon::class(view.term(next)) == 0
        && next_span.is_none_or(|s| s.start as usize != next)
        && !ends_in_noun(view.term(next))
    {
        return true;
    }
    false
}

/// Words before a place that make no person of it.
const DIRECTIONS: &[&str] = &[
    "greater",
    "downtown",
    "central",
    "inner",
    "outer",
    "upper",
    "lower",
    "mainland",
    "metropolitan",
    "suburban",
    "coastal",
    "northern",
    "southern",
    "eastern",
    "western",
    "near",
    "port",
    "fort",
    "mount",
    "lake",
    "saint",
    "san",
    "new",
    "old",
];

/// Endings of words that follow a place's name and are no surname.
fn ends_in_noun(term: &str) -> bool {
    const NOUNS: &[&str] = &[
        "county",
        "city",
        "state",
        "province",
        "river",
        "island",
        "islands",
        "bay",
        "port",
        "airport",
        "harbor",
        "harbour",
        "district",
        "valley",
        "street",
        "avenue",
        "road",
        "park",
        "stadium",
        "basin",
        "mine",
        "project",
        "region",
        "dam",
        "plant",
        "refinery",
        "strait",
        "sea",
        "ocean",
        "lake",
        "mountain",
        "mountains",
        "peninsula",
        "conference",
        "summit",
        "agreement",
        "accord",
        "declaration",
        "convention",
        "protocol",
        "beach",
        "hills",
        "square",
        "times",
        "post",
        "journal",
        "herald",
        "tribune",
        "globe",
        "daily",
        "news",
        "night",
        "olympics",
        "games",
        "marathon",
        "club",
        "metro",
        "subway",
        "plaza",
        "tower",
        "hotel",
        "stock",
        "composite",
        "index",
    ];
    NOUNS.contains(&term)
}
