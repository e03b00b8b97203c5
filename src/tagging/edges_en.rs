//! Where an English organization's name begins and ends, once a word has shown that it is one.

use super::{
    lexicon::{self, BODY, COMMON, FIELD, HEAD, LEGAL, NOT_FIRST, SECTOR},
    spans::{Span, View, certain},
};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{Facet, Gazetteer, matcher::is_abbreviation},
};

/// Most units to the left or right of a word that shows an organization.
pub(super) const REACH: usize = 10;

/// Whether the unit continues a capitalised run.
pub(super) fn joins_right(view: &View<'_>, at: usize) -> bool {
    let Some(unit) = view.unit(at) else { return false };
    if !view.is_capital(at) || at == 0 {
        return false;
    }
    match unit.gap {
        Gap::Space | Gap::None => true,
        Gap::Mark => matches!(view.between(at).trim(), "&" | "-" | "/") && !view.between(at).contains(" - "),
        Gap::Break => false,
    }
}

/// The end after legal forms: "Co., Ltd.", "(Group) Co", "Pty Ltd".
pub(super) fn legal_tail(view: &View<'_>, from: usize) -> usize {
    let mut end = from;
    while end < from + 4 {
        let Some(unit) = view.unit(end) else { break };
        let term = view.term(end);
        let class = lexicon::class(term);
        let between = view.between(end);
        let cased = view.is_capital(end) && (term.len() > 2 || unit.case == Case::Upper || term == "co");
        let linked = match unit.gap {
            Gap::Space => true,
            Gap::Mark => matches!(between.trim(), "," | "." | ".," | ")" | "(" | "&") && between.len() <= 3,
            _ => false,
        };
        if !linked || !cased {
            break;
        }
        let bracketed = between.contains('(');
        if bracketed {
            // "(Group) Co.": the bracket belongs to the name only when a legal form follows it.
            let closes = view.between(end + 1).starts_with(')')
                && (matches!(term, "group" | "pvt" | "holdings" | "private") || is_seat(term))
                && lexicon::class(view.term(end + 1)) & LEGAL != 0;
            if !closes {
                break;
            }
            end += 1;
            continue;
        }
        // A full stop may end the sentence: only legal forms after legal forms go on.
        if class & LEGAL == 0 && !matches!(term, "group" | "holdings") {
            break;
        }
        if between.contains('.') && lexicon::class(view.term(end - 1)) & LEGAL == 0 {
            break;
        }
        end += 1;
    }
    end
}

/// "United Coal (Canada) Ltd": where a subsidiary sits, in brackets inside its name.
pub(super) fn is_seat(term: &str) -> bool {
    matches!(
        term,
        "china"
            | "canada"
            | "uk"
            | "usa"
            | "us"
            | "india"
            | "australia"
            | "asia"
            | "europe"
            | "america"
            | "japan"
            | "singapore"
            | "malaysia"
            | "nz"
            | "sa"
            | "africa"
            | "hk"
            | "international"
            | "overseas"
            | "holding"
    )
}

/// "… Corp of China", "… Corp. of America".
pub(super) fn of_tail(view: &View<'_>, core: usize, end: usize) -> (usize, usize) {
    let spaced = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::Space);
    let after_corp = matches!(
        view.term_before(end, 1),
        "corp"
            | "corporation"
            | "company"
            | "co"
            | "bank"
            | "association"
            | "federation"
            | "union"
            | "council"
            | "group"
    );
    if after_corp
        && (spaced(end) || view.between(end) == ". ")
        && view.term(end) == "of"
        && spaced(end + 1)
        && view.is_capital(end + 1)
    {
        let mut stop = end + 2;
        while joins_right(view, stop)
            && stop < end + 5
            && lexicon::class(view.term(stop)) & (NOT_FIRST | LEGAL) == 0
        {
            stop += 1;
        }
        let tail = legal_tail(view, stop);
        return (stop, tail);
    }
    (core, end)
}

/// A word alone in its line ends what stands above: "Results\nTechnology Co".
fn heading(view: &View<'_>, start: usize) -> bool {
    view.between(start).contains('\n') && (start == 1 || view.between(start - 1).contains('\n'))
}

/// Whether the full stop before `start` ends a sentence although an abbreviation bears it: "in the U.S. BP
/// Plc said", "Eland Ltd. Bank of Tarwell said".
fn new_sentence(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], start: usize, at: usize) -> bool {
    let known = |s: &&Span| s.start as usize == start && s.end as usize >= at;
    let body = names.iter().find(known).and_then(|s| certain(gazetteer, view, s, &[Facet::Organization]));
    let company = body.is_some_and(|id| gazetteer.entry(id).kind == "company");
    let legal = lexicon::class(view.term(start - 1)) & LEGAL != 0;
    company || legal && lexicon::class(view.term(start)) & LEGAL == 0
}

/// Where the capitalised run that holds `at` begins.
pub(super) fn left(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], at: usize) -> usize {
    let mut start = at;
    while start > 0 && at - start < REACH {
        let Some(unit) = view.unit(start) else { break };
        let previous = start - 1;
        let Some(before) = view.unit(previous) else { break };
        let between = view.between(start);
        let linked = match unit.gap {
            Gap::None => before.kind != UnitKind::Han && before.kind != UnitKind::Punct,
            Gap::Space => !between.contains("\n\n") && before.kind != UnitKind::Han && !heading(view, start),
            Gap::Mark => match between.trim() {
                "&" | "/" => true,
                "-" | "‐" | "–" => between.len() <= 3 && !between.contains(' '),
                "." => {
                    is_abbreviation(view.units, previous)
                        && !matches!(view.term(previous), "no" | "mr" | "ms" | "dr" | "mrs")
                        && !new_sentence(gazetteer, view, names, start, at)
                }
                "'" | "’" => {
                    view.term(start) == "s" || (before.end - before.start <= 2 && view.is_capital(start))
                }
                ")" => {
                    matches!(view.term(previous), "group" | "pvt" | "holdings")
                        || is_seat(view.term(previous))
                }
                "(" => {
                    (matches!(view.term(start), "group" | "pvt" | "holdings") || is_seat(view.term(start)))
                        && start < at
                }
                "," => matches!(view.term(start), "ltd" | "inc" | "llc" | "lp" | "limited"),
                _ => false,
            },
            Gap::Break => false,
        };
        if !linked {
            break;
        }
        let term = view.term(previous);
        let class = lexicon::class(term);
        let possessive = term == "s" && matches!(view.between(previous), "'" | "’");
        if possessive {
            // "Moody's Corp" is one name, "China's Ministry" is not.
            let owner = names.iter().find(|s| s.start as usize <= previous && s.end as usize > previous);
            if owner.is_some_and(|s| certain(gazetteer, view, s, &[Facet::Organization]).is_some())
                && lexicon::class(view.term(start)) & LEGAL != 0
            {
                start = previous;
                continue;
            }
            break;
        }
        if view.is_capital(previous) {
            // After a full stop "The" or a title ends the run; inside it never starts a name.
            if class & NOT_FIRST != 0
                && between.trim() != "&"
                && class & (FIELD | BODY | SECTOR | HEAD) == 0
                && !(term == "may" || term == "march")
            {
                break;
            }
            if class & LEGAL != 0
                && start < at
                && !matches!(term, "co" | "corp" | "company" | "corporation" | "se")
            {
                break;
            }
            start = previous;
            continue;
        }
        if before.kind == UnitKind::Number
            && unit.gap == Gap::Space
            && previous > 0
            && view.is_capital(previous - 1)
            && before.end - before.start <= 3
        {
            start = previous;
            continue;
        }
        if before.case == Case::Lower
            && lexicon::is_connector(term)
            && previous > 0
            && view.is_capital(previous - 1)
        {
            let link = view.between(previous).trim();
            if !link.is_empty() {
                break;
            }
            let outer = lexicon::class(view.term(previous - 1));
            let inner = lexicon::class(view.term(start));
            let goes_on = match term {
                "of" | "for" => outer & HEAD != 0 && outer & NOT_FIRST == 0,
                // "Science and Technology"; "Rochester Gas and Electric Corp".
                "and" => {
                    let fields = outer & FIELD != 0 && inner & FIELD != 0;
                    let last_word = start + 1 == at
                        && lexicon::class(view.term(at)) & LEGAL != 0
                        && inner & (SECTOR | FIELD | COMMON) != 0;
                    (fields || last_word) && !ends_name(gazetteer, view, names, previous)
                }
                "de" | "do" | "da" | "du" | "del" | "des" | "e" | "y" | "et" | "und" | "en" => true,
                _ => false,
            };
            if goes_on {
                start = previous - 1;
                continue;
            }
        }
        break;
    }
    // "Apple Products Apple Inc": a heading ran into the name that begins with its own word.
    if let Some(again) = (start + 1..at).rev().find(|i| {
        let term = view.term(*i);
        lexicon::class(term) & (COMMON | FIELD | SECTOR | BODY | LEGAL | HEAD | NOT_FIRST) == 0
            && term.len() > 2
            && (start..*i).any(|before| view.term(before) == term)
    }) {
        start = again;
    }
    // Words that never begin a name, and a demonym before a name that begins with its own.
    while start < at && lexicon::class(view.term(start)) & NOT_FIRST != 0 {
        start += 1;
    }
    while start < at && lexicon::is_connector(view.term(start)) {
        start += 1;
    }
    start
}

/// Whether a known body's name ends just before unit `at`.
pub(super) fn ends_name(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], at: usize) -> bool {
    names
        .iter()
        .any(|s| s.end as usize == at && certain(gazetteer, view, s, &[Facet::Organization]).is_some())
}

/// Whether every unit of the range belongs to a place's or country's name.
pub(super) fn covered_by_places(
    gazetteer: &Gazetteer,
    view: &View<'_>,
    names: &[Span],
    start: usize,
    end: usize,
) -> bool {
    (start..end).all(|at| {
        names.iter().any(|s| {
            (s.start as usize..s.end as usize).contains(&at)
                && s.start as usize >= start
                && certain(gazetteer, view, s, &[Facet::Province, Facet::Country]).is_some()
        })
    })
}
