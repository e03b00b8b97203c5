//! What the words next to a place's name say: where it lies, whether it is meant as a place at all.

use super::{
    boundaries::ends_in_rank,
    places::Place,
    spans::{Span, View},
    standing::METROPOLIS,
};
use crate::{
    analysis::{Gap, UnitKind},
    gazetteer::{Entry, EntryId, Facet, Gazetteer},
};

/// The end of "U.S." with its last full stop.
pub(super) fn initials_end(view: &View<'_>, start: u32, end: u32) -> u32 {
    let text = view.text.as_bytes();
    let (from, to) = (start as usize, end as usize);
    let initials = to - from >= 3
        && to - from <= 7
        && text[from..to]
            .iter()
            .enumerate()
            .all(|(i, b)| if i % 2 == 1 { *b == b'.' } else { b.is_ascii_uppercase() });
    if initials && text.get(to) == Some(&b'.') { end + 1 } else { end }
}

/// 新华社北京5月3日电, （记者 王某 北京报道）: the place of the report, not of the event.
pub(super) fn chinese_dateline(view: &View<'_>, span: &Span) -> bool {
    let end = span.end as usize;
    if !view.is_han(span.start as usize) {
        return false;
    }
    let tail = view.units.joined(end..(end + 6).min(view.units.len()));
    if tail.starts_with("报道")
        || tail.starts_with("电")
            && !tail.starts_with("电力")
            && !tail.starts_with("电网")
            && !tail.starts_with("电厂")
            && !tail.starts_with("电视")
            && !tail.starts_with("电站")
            && !tail.starts_with("电子")
            && !tail.starts_with("电价")
    {
        return true;
    }
    view.unit(end).is_some_and(|u| u.kind == UnitKind::Number)
        && tail.contains('月')
        && tail.contains('日')
        && tail.contains('电')
}

/// "Reporting by A in X; Editing by B", "the reporter on this story: C in Y at c@…": where those who
/// wrote the article sit.
pub(super) fn in_credits(view: &View<'_>, start: usize, end: usize) -> bool {
    const LOOK_BACK: usize = 24;
    if view.is_han(start) {
        return false;
    }
    // "in Moscow at name@agency.net"
    if view.term(end) == "at" && view.between(end + 2) == "@" {
        return true;
    }
    for at in (start.saturating_sub(LOOK_BACK)..start).rev() {
        if view.unit(at + 1).is_some_and(|u| u.gap == Gap::Break) || view.between(at + 1).contains('\n') {
            return false;
        }
        let next = view.term(at + 1);
        match view.term(at) {
            "reporting" | "editing" | "written" | "compiled" if next == "by" && view.is_capital(at) => {
                return true;
            }
            "this" if next == "story" && view.term_before(at, 1) == "on" => return true,
            _ => {}
        }
    }
    false
}

/// A county's name of two Han characters without its rank: as likely a word (民乐, 新民, 东海).
pub(super) fn bare_county(view: &View<'_>, entry: &Entry, end: usize) -> bool {
    matches!(entry.kind.as_str(), "county" | "city")
        && entry.weight < METROPOLIS * 2
        && !ends_in_rank(view.term(end.saturating_sub(1)))
}

/// Whether a Han name touches no Han character on one side at least, or a name on the other.
pub(super) fn stands_free(view: &View<'_>, start: usize, end: usize) -> bool {
    let open = |at: usize, other: usize| {
        view.unit(at).is_none_or(|u| u.gap != Gap::None)
            || view.unit(other).is_none_or(|u| u.kind != UnitKind::Han)
    };
    let left = start == 0
        || open(start, start - 1)
        || matches!(view.term_before(start, 1), "在" | "和" | "与" | "及" | "的" | "从" | "向" | "到" | "赴");
    left && right_free(view, end)
}

/// Whether what follows a Han name is no part of a word that it began.
pub(super) fn right_free(view: &View<'_>, end: usize) -> bool {
    view.unit(end).is_none_or(|u| u.gap != Gap::None || u.kind != UnitKind::Han)
        || matches!(
            view.term(end),
            "的" | "和"
                | "与"
                | "及"
                | "等"
                | "市"
                | "县"
                | "区"
                | "境"
                | "地"
                | "籍"
                | "产"
                | "建"
                | "投"
                | "举"
                | "召"
                | "开"
                | "设"
                | "落"
                | "签"
                | "发"
        )
}

pub(super) fn ends_in_rank_of(view: &View<'_>, end: usize) -> bool {
    ends_in_rank(view.term(end.saturating_sub(1)))
}

/// "Paris Agreement", "Philadelphia index": an event or a thing named after a place.
pub(super) fn is_event(view: &View<'_>, end: usize) -> bool {
    view.unit(end).is_some_and(|u| u.gap == Gap::Space)
        && (matches!(
            view.term(end),
            "agreement"
                | "accord"
                | "accords"
                | "convention"
                | "protocol"
                | "declaration"
                | "club"
                | "consensus"
                | "index"
                | "composite"
                | "stock"
        ) && view.is_capital(end)
            || view.term(end) == "index"
            || view.term(end + 1) == "index" && view.between(end + 1) == " ")
}

/// Whether the words around a name speak of a location: "in X", "X-based", 在X, 位于X.
pub(super) fn locative(view: &View<'_>, start: usize, end: usize) -> bool {
    let before = view.term_before(start, 1);
    if view.is_han(start) {
        return view.unit(start).is_some_and(|u| u.gap == Gap::None)
            && matches!(before, "在" | "于" | "赴" | "抵" | "往" | "从" | "自" | "到" | "由");
    }
    if view.between(start).trim().is_empty()
        && (matches!(
            before,
            "in" | "at"
                | "near"
                | "outside"
                | "around"
                | "from"
                | "to"
                | "via"
                | "off"
                | "into"
                | "toward"
                | "towards"
                | "downtown"
        ) || before == "of"
            && matches!(
                view.term_before(start, 2),
                "city"
                    | "town"
                    | "port"
                    | "village"
                    | "region"
                    | "north"
                    | "south"
                    | "east"
                    | "west"
                    | "miles"
                    | "km"
                    | "outskirts"
                    | "suburb"
            ))
    {
        return true;
    }
    view.between(end).starts_with('-') && matches!(view.term(end), "based" | "headquartered" | "area")
}

/// The first-level division that follows a comma: "…, Vermont".
pub(super) fn division_after(gazetteer: &Gazetteer, view: &View<'_>, end: usize) -> Option<EntryId> {
    if view.between(end).trim() != "," {
        return None;
    }
    let hit = gazetteer.matcher().longest_at(view.text, view.units, view.symbols, end)?;
    // In a list of cities the next one may be a division too.
    let after = hit.end as usize;
    if view.term(after) == "and" || view.term(end) == "and" {
        return None;
    }
    let mut names = gazetteer.matcher().accepted(&hit, view.units).filter(|name| !name.flags.is_stop());
    let name = names.find(|name| gazetteer.entry(name.entry).kind == "division")?;
    Some(name.entry)
}

/// What the words next to a name say for a candidate: "Mianning County", "X, Sichuan", 四川冕宁.
pub(super) fn adjacent(
    gazetteer: &Gazetteer,
    view: &View<'_>,
    place: &Place,
    entry: &Entry,
    id: EntryId,
) -> u32 {
    let (span, before) = (&place.span, &place.before);
    let (start, end) = (span.start as usize, span.end as usize);
    let mut score = 0;
    let term = view.term(end);
    let near = view.unit(end).is_some_and(|u| u.gap == Gap::Space);
    if near {
        let fits = match term {
            "county" | "counties" => entry.kind == "county",
            "city" => matches!(entry.kind.as_str(), "city" | "capital" | "prefecture"),
            "province" | "state" => entry.kind == "division",
            "prefecture" => entry.kind == "prefecture",
            "mine" | "deposit" | "mines" | "project" => entry.kind == "mine",
            "port" | "harbor" | "harbour" | "terminal" => entry.kind == "port",
            "basin" => entry.kind == "basin",
            _ => false,
        };
        score += if fits { 6 } else { 0 };
    }
    if start > 0
        && view.term(start - 1) == "of"
        && matches!(view.term_before(start, 2), "port" | "city" | "state" | "province")
    {
        let kind = view.term_before(start, 2);
        score += u32::from(
            kind == entry.kind
                || (kind == "city" || kind == "port") && entry.kind == "city"
                || matches!(kind, "state" | "province") && entry.kind == "division",
        ) * 4;
    }
    // "Charlotte, Vermont": the next name is above it.
    let comma = view.unit(end).is_some_and(|u| u.gap == Gap::Mark)
        && matches!(view.between(end).trim(), "," | "(" | "，" | "in" | "of");
    let follows = comma || (near && view.is_capital(end));
    if follows && entry.facet != Facet::Country && names_any(gazetteer, view, end, id) {
        score += 8;
    }
    // 四川冕宁: the name before is above it.
    let below = |above: &EntryId| {
        gazetteer.entry(*above).facet != Facet::Country && gazetteer.line(id).skip(1).any(|up| up == *above)
    };
    if before.iter().any(below) {
        score += 8;
    }
    score
}

/// Whether a comma or "and" joins a name to that of a country: "Georgia and Armenia".
pub(super) fn beside_country(gazetteer: &Gazetteer, view: &View<'_>, start: usize, end: usize) -> bool {
    /// Most units of the name before.
    const REACH: usize = 4;
    let matcher = gazetteer.matcher();
    let country = |at: usize, until: Option<usize>| {
        matcher.longest_at(view.text, view.units, view.symbols, at).is_some_and(|hit| {
            until.is_none_or(|end| hit.end as usize == end)
                && matcher.accepted(&hit, view.units).any(|name| {
                    !name.flags.is_stop()
                        && !name.flags.is_ambiguous()
                        && gazetteer.entry(name.entry).facet == Facet::Country
                })
        })
    };
    let comma = |at: usize| view.unit(at).is_some() && view.between(at).trim() == ",";
    let after =
        if matches!(view.term(end), "and" | "or") { Some(end + 1) } else { comma(end).then_some(end) };
    let before = match start.checked_sub(1) {
        Some(at) if matches!(view.term(at), "and" | "or") => Some(at),
        Some(_) if comma(start) => Some(start),
        _ => None,
    };
    after.is_some_and(|at| country(at, None))
        || before.is_some_and(|until| {
            (1..=REACH).filter_map(|len| until.checked_sub(len)).any(|from| country(from, Some(until)))
        })
}

/// Whether a name of something above `id` starts at a unit.
pub(super) fn names_any(gazetteer: &Gazetteer, view: &View<'_>, at: usize, id: EntryId) -> bool {
    let matcher = gazetteer.matcher();
    matcher.longest_at(view.text, view.units, view.symbols, at).is_some_and(|hit| {
        matcher
            .accepted(&hit, view.units)
            .any(|name| !name.flags.is_stop() && gazetteer.line(id).skip(1).any(|up| up == name.entry))
    })
}
