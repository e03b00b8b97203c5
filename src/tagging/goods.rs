//! Which goods an article names.

use super::{
    Field, Found, Mention, Rule, Who,
    persons::foreign_sound,
    spans::{Span, View},
};
use crate::{
    analysis::{Gap, UnitKind},
    gazetteer::{EntryId, Facet, Gazetteer},
};

/// Appends the commodities.
pub(super) fn resolve(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &[Span], found: &mut Vec<Found>) {
    let mut certain: Vec<(EntryId, Mention)> = Vec::new();
    let mut maybe: Vec<(EntryId, Mention)> = Vec::new();
    let mut alone: Vec<(EntryId, Mention)> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let view = &views[span.field as usize];
        let Some((first, last)) =
            view.unit(span.start as usize).zip(view.unit((span.end as usize).saturating_sub(1)))
        else {
            continue;
        };
        if ends_foreign_name(view, spans, at) {
            continue;
        }
        let weak = span.field == Field::Body && (span.start as usize) < view.dateline;
        let mention =
            Mention { field: span.field, start: first.start, end: last.end, rule: Rule::Gazetteer, weak };
        // 龙江石墨矿, "Escondida copper mine": the mine's name tells its ore.
        if span.names(gazetteer, views).any(|(_, e)| e.kind == "mine") {
            inside(gazetteer, view, span, &mut certain);
        }
        let mut best: Option<(bool, EntryId)> = None;
        for (name, _) in span.names(gazetteer, views).filter(|(_, e)| e.facet == Facet::Commodity) {
            let candidate = (name.flags.is_ambiguous(), name.entry);
            if best.is_none_or(|(ambiguous, _)| ambiguous && !candidate.0) {
                best = Some(candidate);
            }
        }
        match best {
            Some((false, id))
                if lone_character(gazetteer, view, span) && !follows_good(gazetteer, views, spans, at) =>
            {
                alone.push((id, mention))
            }
            Some((false, id)) => certain.push((id, mention)),
            // 玻璃、苹果: in a list of goods it is one.
            Some((true, id)) if listed(gazetteer, views, spans, at) => certain.push((id, mention)),
            Some((true, id)) => maybe.push((id, mention)),
            None => {}
        }
    }
    // 刘鸣镝 once is a person; 镝 that stands there otherwise or twice is the element.
    for (id, mention) in &alone {
        let named = certain.iter().any(|(other, _)| other == id);
        if named || alone.iter().filter(|(other, _)| other == id).nth(1).is_some() {
            certain.push((*id, *mention));
        }
    }
    for (id, mention) in maybe {
        let parent = gazetteer.parent(id);
        // Goods right below a root have little to do with each other: coal speaks for no power plant.
        let close = parent.is_some_and(|p| gazetteer.parent(p).is_some());
        let supports = |other: EntryId| {
            other == id
                || Some(other) == parent
                || (parent.is_some() && gazetteer.parent(other) == Some(id))
                || (close && gazetteer.parent(other) == parent)
        };
        if certain.iter().any(|(other, _)| supports(*other)) {
            certain.push((id, mention));
        }
    }
    certain.sort_by_key(|(id, mention)| (*id, *mention));
    for group in certain.chunk_by(|a, b| a.0 == b.0) {
        let mentions = group.iter().map(|(_, m)| *m).collect();
        found.push(Found { facet: Facet::Commodity, who: Who::Entry(group[0].0), mentions });
    }
}

/// Whether another good ends where this one begins: 铜铝盖板.
fn follows_good(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &[Span], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| spans.get(before)).zip(spans.get(at)).is_some_and(|(before, span)| {
        before.field == span.field
            && before.end == span.start
            && before.names(gazetteer, views).any(|(_, entry)| entry.facet == Facet::Commodity)
    })
}

/// 麦卡锡: one character of a good after others that write the sounds of a foreign name, which no known
/// name ends with.
fn ends_foreign_name(view: &View<'_>, spans: &[Span], at: usize) -> bool {
    let Some(span) = spans.get(at).filter(|s| s.end - s.start == 1) else { return false };
    let start = span.start as usize;
    let sound =
        |at: usize| foreign_sound(view.term(at)) && view.unit(at + 1).is_some_and(|u| u.gap == Gap::None);
    let known = at
        .checked_sub(1)
        .and_then(|before| spans.get(before))
        .is_some_and(|before| before.field == span.field && before.end == span.start);
    start >= 2 && !known && foreign_sound(view.term(start)) && sound(start - 1) && sound(start - 2)
}

/// Whether one character of a good stands between others that make no word with it, as in a person's name.
fn lone_character(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> bool {
    const GOES_ON: &str = "价矿精锭粉盐酸化合材板带箔丝管等的资库产出进业企市期电元砂石块棒线及和与或类系基是为在有上下涨跌走收金属含量制品需供消行原废再贸加冶炼厂商股片条弹指";
    let (start, end) = (span.start as usize, span.end as usize);
    let glued = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::None && u.kind == UnitKind::Han);
    end - start == 1
        && view.is_han(start)
        && start > 0
        && view.is_han(start - 1)
        && glued(start)
        && glued(end)
        && !GOES_ON.contains(view.term(end))
        && gazetteer.matcher().longest_at(view.text, view.units, view.symbols, end).is_none()
}

/// Whether a span stands in a list beside a sure good: one comma or "and" between them.
fn listed(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &[Span], at: usize) -> bool {
    let Some(span) = spans.get(at) else { return false };
    let view = &views[span.field as usize];
    let sure = |other: &Span| {
        other
            .names(gazetteer, views)
            .any(|(name, entry)| entry.facet == Facet::Commodity && !name.flags.is_ambiguous())
    };
    let linked = |left: &Span, right: &Span| {
        if left.field != right.field {
            return false;
        }
        match right.start.checked_sub(left.end) {
            Some(0) => view.between(right.start as usize).trim() == ",",
            Some(1) => matches!(view.term(left.end as usize), "," | "和" | "与" | "and" | "or"),
            _ => false,
        }
    };
    let before = at.checked_sub(1).and_then(|b| spans.get(b)).is_some_and(|b| linked(b, span) && sure(b));
    before || spans.get(at + 1).is_some_and(|a| linked(span, a) && sure(a))
}

/// The goods inside a mine's name.
fn inside(gazetteer: &Gazetteer, view: &View<'_>, span: &Span, out: &mut Vec<(EntryId, Mention)>) {
    let end = span.end as usize;
    let Some(symbols) = view.symbols.get(..end) else { return };
    for at in span.start as usize + 1..end {
        let Some(hit) = gazetteer.matcher().longest_at(view.text, view.units, symbols, at) else { continue };
        let good = gazetteer.matcher().accepted(&hit, view.units).find(|name| {
            !name.flags.is_stop()
                && !name.flags.is_ambiguous()
                && gazetteer.entry(name.entry).facet == Facet::Commodity
        });
        if let (Some(name), Some(first), Some(last)) =
            (good, view.unit(hit.start as usize), view.unit((hit.end as usize).saturating_sub(1)))
        {
            let rule = Rule::Gazetteer;
            out.push((
                name.entry,
                Mention { field: span.field, start: first.start, end: last.end, rule, weak: false },
            ));
            return;
        }
    }
}
