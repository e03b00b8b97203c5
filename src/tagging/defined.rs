//! Short names that the text defines for a body ("China Rare Earth Group (CREG)", 以下简称“五矿”),
//! and the places where they stand.

use super::{
    Mention, Rule,
    lexicon::{self, NOT_FIRST, TITLE},
    organizations::Bodies,
    spans::{Span, View, What},
};
use crate::{
    analysis::{Case, Gap, UnitKind, fold},
    gazetteer::{Facet, Gazetteer},
    limits::DEFINED_NAMES_MAX,
};

/// Reads the definitions that follow the bodies' mentions.
pub(super) fn collect(
    gazetteer: &Gazetteer,
    views: &[View<'_>; 2],
    spans: &[Span],
    owners: &[Option<usize>],
    bodies: &mut Bodies,
) {
    for (at, span) in spans.iter().enumerate() {
        let Some(body) = owners[at] else { continue };
        let view = &views[span.field as usize];
        let Some(last) = view.unit((span.end as usize).saturating_sub(1)) else { continue };
        let Some((inside, quoted)) = bracketed(view.text.get(last.end as usize..).unwrap_or("")) else {
            continue;
        };
        let full = view.slice(span.start as usize, span.end as usize);
        if !quoted && !abbreviates(inside, full) {
            continue;
        }
        // The short name may be known: then both are that body.
        let next = spans.get(at + 1).zip(owners.get(at + 1));
        if let Some((other, Some(known))) = next.filter(|(s, _)| s.field == span.field) {
            let text = view.slice(other.start as usize, other.end as usize);
            if text == inside && *known != body {
                let local = bodies.list[body].entry.is_none();
                let (into, from) = if local { (*known, body) } else { (body, *known) };
                if local || bodies.list[from].entry.is_none() {
                    bodies.join(into, from);
                }
                continue;
            }
        }
        // A name of another entry that is ambiguous stays free for this body.
        let foreign = gazetteer.lookup(inside).into_iter().any(|(id, ambiguous)| {
            !ambiguous
                && Some(id) != bodies.list[body].entry
                && gazetteer.entry(id).facet != Facet::Organization
        });
        if !foreign || quoted {
            bodies.list[body].short.push((inside.to_owned(), true));
        }
    }
}

/// The short name in the bracket at the start of `tail`, and whether it is marked as one.
fn bracketed(tail: &str) -> Option<(&str, bool)> {
    let rest = tail.trim_start_matches(' ');
    let rest = rest.strip_prefix(['(', '（'])?;
    let close = rest.char_indices().take(60).find(|(_, c)| matches!(c, ')' | '）')).map(|(at, _)| at)?;
    let mut inside = rest.get(..close)?.trim();
    let mut marked = false;
    for word in
        ["以下简称", "下称", "股票简称", "证券简称", "简称", "以下称", "又称", "hereinafter", "or", "the"]
    {
        if let Some(after) = inside.strip_prefix(word)
            && (!word.is_ascii() || after.starts_with([' ', '"', '“']))
        {
            marked |= !word.is_ascii();
            inside = after.trim_start_matches(['：', ':', ' ', '为']);
        }
    }
    let quotes = ['"', '“', '”', '「', '」', '\'', '‘', '’'];
    if inside.starts_with(quotes) {
        let body = inside.trim_start_matches(quotes);
        inside = body.split(quotes).next()?;
        marked = true;
    }
    let inside = inside.split(['，', ',', '；', ';', '、', '|']).next()?.trim();
    let len = inside.chars().count();
    (2..=16)
        .contains(&len)
        .then_some((inside, marked))
        .filter(|(s, _)| !s.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// Whether `short` can be made of `full`'s letters in order, beginning with one of its initials.
fn abbreviates(short: &str, full: &str) -> bool {
    let is_han = !short.is_ascii();
    let upper = short.chars().filter(char::is_ascii_uppercase).count();
    if !is_han && (upper < 2 || short.contains([' ', '.']) || short.len() > 10) {
        return false;
    }
    let short = fold(short);
    let full = fold(full);
    if short.len() >= full.len() {
        return false;
    }
    if !full.is_ascii() && !is_han {
        // A Latin acronym of a Chinese name can't be checked letter by letter.
        return upper >= 2 && upper == short.chars().count();
    }
    let initials: Vec<char> =
        full.split(|c: char| !c.is_alphanumeric()).filter_map(|w| w.chars().next()).collect();
    let Some(first) = short.chars().next() else { return false };
    if !is_han && !initials.contains(&first) {
        return false;
    }
    let mut letters = full.chars();
    short.chars().filter(|c| c.is_alphanumeric()).all(|c| letters.any(|l| l == c))
}

/// Adds the mentions of the bodies' short names, and hides the spans under them.
pub(super) fn find(views: &[View<'_>; 2], spans: &mut Vec<Span>, bodies: &mut Bodies) {
    let mut names: Vec<(String, bool, usize)> = Vec::new();
    for (at, body) in bodies.list.iter().enumerate() {
        for (name, defined) in &body.short {
            match names.iter_mut().find(|(known, ..)| known == name) {
                // Two bodies with one short name: only a definition decides.
                Some(known) if known.2 != at => {
                    if *defined && !known.1 {
                        *known = (name.clone(), true, at);
                    } else if *defined == known.1 {
                        known.2 = usize::MAX;
                    }
                }
                Some(known) => known.1 |= defined,
                None => names.push((name.clone(), *defined, at)),
            }
        }
    }
    names.retain(|n| n.2 != usize::MAX);
    names.truncate(DEFINED_NAMES_MAX);
    names.sort_by_key(|n| std::cmp::Reverse(n.0.len()));
    if names.is_empty() {
        return;
    }
    let mut taken: Vec<Span> = Vec::new();
    for view in views {
        for (at, start) in occurrences(view, &names) {
            let Some((name, defined, body)) = names.get(at) else { continue };
            let end = start + name.len();
            {
                let Some(units) = units_of(view, start, end) else { continue };
                let overlap = |s: &&Span| {
                    s.field == view.field && (s.start as usize) < units.1 && s.end as usize > units.0
                };
                if taken.iter().any(|s| overlap(&s)) {
                    continue;
                }
                let near = spans.partition_point(|s| (s.field, s.end as usize) <= (view.field, units.0));
                let under: Vec<usize> = (near..spans.len()).take_while(|i| overlap(&&spans[*i])).collect();
                // A longer name, a body, or (unless defined in so many words) anything known.
                let blocked = under.iter().any(|i| {
                    let s = &spans[*i];
                    let inside = s.start as usize >= units.0 && s.end as usize <= units.1;
                    !inside
                        || (!defined && s.what == What::Hidden)
                        || (s.what == What::Hidden
                            && s.start as usize == units.0
                            && s.end as usize == units.1)
                });
                if blocked || !stands_alone(view, units, *defined) {
                    continue;
                }
                for i in under {
                    spans[i].what = What::Hidden;
                }
                taken.push(Span {
                    field: view.field,
                    start: units.0 as u32,
                    end: units.1 as u32,
                    what: What::Hidden,
                });
                bodies.list[*body].mentions.push(Mention {
                    field: view.field,
                    start: start as u32,
                    end: end as u32,
                    rule: Rule::Defined,
                    weak: false,
                });
            }
        }
    }
    spans.extend(taken);
    spans.sort_by_key(|s| (s.field, s.start, s.end));
}

/// Where the names stand at the start of a unit: number of the name and byte offset, the longest name's
/// first. One pass over the units; the first byte rules out nearly all of them.
fn occurrences(view: &View<'_>, names: &[(String, bool, usize)]) -> Vec<(usize, usize)> {
    let mut by_first: [Vec<usize>; 256] = std::array::from_fn(|_| Vec::new());
    for (at, (name, ..)) in names.iter().enumerate() {
        if let Some(byte) = name.bytes().next() {
            by_first[usize::from(byte)].push(at);
        }
    }
    let bytes = view.text.as_bytes();
    let mut out = Vec::new();
    for unit in view.units {
        let start = unit.start as usize;
        let Some(first) = bytes.get(start) else { continue };
        let tail = &bytes[start..];
        for at in &by_first[usize::from(*first)] {
            if tail.starts_with(names[*at].0.as_bytes()) {
                out.push((*at, start));
            }
        }
    }
    out.sort_unstable();
    out
}

/// The units that exactly cover a byte range.
fn units_of(view: &View<'_>, start: usize, end: usize) -> Option<(usize, usize)> {
    let list = view.units.list();
    let first = list.binary_search_by_key(&(start as u32), |u| u.start).ok()?;
    let last = list.binary_search_by_key(&(end as u32), |u| u.end).ok()?;
    (first <= last).then_some((first, last + 1))
}

/// Whether a short name is not a part of another name.
fn stands_alone(view: &View<'_>, (start, end): (usize, usize), defined: bool) -> bool {
    if view.unit(start).is_none_or(|u| u.kind != UnitKind::Word) || defined {
        return true;
    }
    let joined =
        |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::Space) && !view.between(at).contains('\n');
    let lead = start > 0
        && joined(start)
        && view.unit(start - 1).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed))
        && lexicon::class(view.term(start - 1)) & (NOT_FIRST | TITLE) == 0
        && !view.starts_sentence(start - 1)
        && !view.title_case;
    let trail = joined(end)
        && view.unit(end).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed))
        && lexicon::class(view.term(end)) & (NOT_FIRST | TITLE) == 0
        && !view.title_case;
    !lead && !trail
}
