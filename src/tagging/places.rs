//! Which places and countries an article names: ambiguous names, capitals that stand for their
//! governments, datelines.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Field, Found, Mention, Rule, Who,
    lexicon::capital_of,
    spans::{Span, View, What},
};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{Entry, EntryId, Facet, Gazetteer, matcher::Name},
};

/// The capital of the United States, which shares its name with a state.
const WASHINGTON: &str = "/united-states/washington-dc";

/// One name of the text and what it may be.
struct Place {
    span: Span,
    mention: Mention,
    candidates: Vec<(EntryId, bool)>,
    compound: bool,
    /// The places that a Han name right before it may mean.
    before: Vec<EntryId>,
}

/// Appends provinces and countries.
pub(super) fn resolve(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &[Span], found: &mut Vec<Found>) {
    let mut places = collect(gazetteer, views, spans);
    let capitals = located(gazetteer, views, &places);
    let mut asserted: FxHashMap<EntryId, Vec<Mention>> = FxHashMap::default();
    // What is sure supports what is not.
    let mut support = Support::default();
    for place in &places {
        let solid = |(id, ambiguous): &(EntryId, bool)| {
            let entry = gazetteer.entry(*id);
            let han = views[place.span.field as usize].is_han(place.span.start as usize);
            !ambiguous && (entry.facet == Facet::Country || han || (prior(entry) >= 5 && known_divisions(entry)))
        };
        if (place.compound && !place.candidates[0].1) || (place.candidates.len() == 1 && solid(&place.candidates[0])) {
            for (id, _) in &place.candidates {
                support.add(gazetteer, *id);
            }
        }
    }
    // Bodies tell of their country weakly: only where several candidates compete.
    let mut waiting = Vec::new();
    for place in places.drain(..) {
        let view = &views[place.span.field as usize];
        if let Some(code) = capital(view, &place.span) {
            let in_place = location(gazetteer, view, &place.span);
            let is_location = match in_place {
                Some(known) => known,
                None => capitals.contains(code) || !metonym_by_default(code),
            };
            if is_location && code == "US" && view.term(place.span.start as usize) == "washington" {
                // The city; the state would be named as such.
                let state = matches!(view.term(place.span.end as usize), "state" | "apples") || view.between(place.span.start as usize).trim() == ",";
                if let Some(id) = gazetteer.by_path(Facet::Province, WASHINGTON).filter(|_| !state) {
                    asserted.entry(id).or_default().push(place.mention);
                    continue;
                }
            }
            if !is_location {
                if let Some(id) = gazetteer.country(code) {
                    let mention = Mention { rule: Rule::Pattern, ..place.mention };
                    asserted.entry(id).or_default().push(mention);
                }
                continue;
            }
        }
        if place.compound {
            // 中意, 中新: two countries, if one of them is named otherwise too.
            let unsure = place.candidates.iter().all(|c| c.1);
            let home = |id: &EntryId| gazetteer.entry(*id).code == "CN" && place.candidates.len() > 1;
            if unsure && !place.candidates.iter().any(|(id, _)| !home(id) && support.entries.contains(id)) {
                continue;
            }
            for (id, _) in &place.candidates {
                let mention = Mention { rule: Rule::Pattern, ..place.mention };
                asserted.entry(*id).or_default().push(mention);
            }
            continue;
        }
        waiting.push(place);
    }
    // Twice: what the first round decides supports the second.
    for round in 0..2 {
        let mut rest = Vec::new();
        for place in waiting {
            let view = &views[place.span.field as usize];
            match choose(gazetteer, view, &place, &support, round == 1) {
                Some(id) => {
                    support.add(gazetteer, id);
                    asserted.entry(id).or_default().push(place.mention);
                }
                None => rest.push(place),
            }
        }
        waiting = rest;
    }
    let mut ids: Vec<EntryId> = asserted.keys().copied().collect();
    ids.sort_unstable();
    for id in ids {
        let Some(mut mentions) = asserted.remove(&id) else { continue };
        if mentions.iter().all(|m| m.weak) {
            continue;
        }
        mentions.sort();
        mentions.dedup();
        found.push(Found { facet: gazetteer.entry(id).facet, who: Who::Entry(id), mentions });
    }
}

fn collect(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &[Span]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for span in spans {
        let view = &views[span.field as usize];
        let mut candidates: Vec<(EntryId, bool)> = Vec::new();
        let mut compound = false;
        // "Brent" is the crude, not the borough.
        let good = |(name, entry): (&Name, &Entry)| entry.facet == Facet::Commodity && !name.flags.is_ambiguous();
        if span.names(gazetteer, views).any(good) {
            continue;
        }
        for (name, entry) in span.names(gazetteer, views) {
            if !matches!(entry.facet, Facet::Province | Facet::Country) {
                continue;
            }
            compound |= name.flags.is_compound();
            if !candidates.iter().any(|(id, _)| *id == name.entry) {
                candidates.push((name.entry, name.flags.is_ambiguous()));
            }
        }
        if candidates.is_empty() || span.is_org_legal() {
            continue;
        }
        let (Some(first), Some(last)) = (view.unit(span.start as usize), view.unit(span.end as usize - 1)) else {
            continue;
        };
        // Where every letter is a capital, a two-letter word is hardly a country.
        if view.all_caps && last.end - first.start <= 2 && first.kind == UnitKind::Word {
            for candidate in &mut candidates {
                candidate.1 = true;
            }
        }
        let weak = span.field == Field::Body && ((span.start as usize) < view.dateline || chinese_dateline(view, span));
        let mention =
            Mention { field: span.field, start: first.start, end: initials_end(view, first.start, last.end), rule: Rule::Gazetteer, weak };
        let touches = |p: &&Place| p.span.field == span.field && p.span.end == span.start && view.is_han(span.start as usize);
        let before = places.last().filter(touches).map(|p: &Place| p.candidates.iter().map(|c| c.0).collect()).unwrap_or_default();
        places.push(Place { span: *span, mention, candidates, compound, before });
    }
    places
}

/// The end of "U.S." with its last full stop.
fn initials_end(view: &View<'_>, start: u32, end: u32) -> u32 {
    let text = view.text.as_bytes();
    let (from, to) = (start as usize, end as usize);
    let initials = to - from >= 3 && to - from <= 7 && text[from..to].iter().enumerate().all(|(i, b)| if i % 2 == 1 { *b == b'.' } else { b.is_ascii_uppercase() });
    if initials && text.get(to) == Some(&b'.') { end + 1 } else { end }
}

/// 新华社北京5月3日电, （记者 王某 北京报道）: the place of the report, not of the event.
fn chinese_dateline(view: &View<'_>, span: &Span) -> bool {
    let end = span.end as usize;
    if !view.is_han(span.start as usize) {
        return false;
    }
    let tail: String = (end..(end + 6).min(view.units.len())).map(|i| view.term(i)).collect();
    if tail.starts_with("报道") || tail.starts_with("电") && !tail.starts_with("电力") && !tail.starts_with("电网") && !tail.starts_with("电厂") && !tail.starts_with("电视") && !tail.starts_with("电站") && !tail.starts_with("电子") && !tail.starts_with("电价") {
        return true;
    }
    let dated = view.unit(end).is_some_and(|u| u.kind == UnitKind::Number) && tail.contains('月') && tail.contains('日') && tail.contains('电');
    dated
}

/// What the sure names of an article support.
#[derive(Default)]
struct Support {
    entries: FxHashSet<EntryId>,
    /// Divisions, countries and whatever lies above a sure name.
    above: FxHashMap<EntryId, u32>,
}

impl Support {
    fn add(&mut self, gazetteer: &Gazetteer, id: EntryId) {
        if self.entries.insert(id) {
            for up in gazetteer.line(id).skip(1) {
                *self.above.entry(up).or_default() += 1;
            }
        }
    }
}

/// The candidate that the text means, if that can be told.
fn choose(gazetteer: &Gazetteer, view: &View<'_>, place: &Place, support: &Support, last: bool) -> Option<EntryId> {
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let han = view.is_han(start);
    if !han && is_event(view, end) {
        return None;
    }
    let located = locative(view, start, end);
    let country_too =
        place.candidates.iter().any(|c| !c.1 && gazetteer.entry(c.0).facet == Facet::Country);
    let certain_too = place.candidates.iter().any(|c| !c.1);
    let elsewhere = if han { None } else { division_after(gazetteer, view, end) };
    let mut scored: Vec<(u32, u64, EntryId, bool)> = Vec::with_capacity(place.candidates.len());
    for (id, ambiguous) in &place.candidates {
        let entry = gazetteer.entry(*id);
        // "Charlotte, Vermont" is none of the Charlottes elsewhere.
        if elsewhere.is_some_and(|above| entry.facet == Facet::Province && !gazetteer.line(*id).any(|up| up == above))
            && entry.weight < METROPOLIS
        {
            continue;
        }
        // A division needs no help against a namesake below it.
        let mut score = match (han, entry.kind.as_str()) {
            (true, "division") => 6,
            (true, "prefecture" | "capital") => 2,
            _ => 0,
        };
        if han && end - start >= 3 && entry.facet == Facet::Province && *ambiguous && !ends_in_rank_of(view, end) {
            // Three characters are rarely another word.
            score += 3;
        }
        if support.entries.contains(id) && (*ambiguous || place.candidates.len() > 1) {
            score += 8;
        }
        // What lies in it is named.
        if support.above.contains_key(id) {
            score += if entry.facet == Facet::Country { 4 } else { 5 };
        }
        for (distance, up) in gazetteer.line(*id).skip(1).enumerate() {
            let is_country = gazetteer.entry(up).facet == Facet::Country;
            if support.entries.contains(&up) {
                score += match (is_country, distance) {
                    (true, _) if gazetteer.entry(up).code == "CN" && view.is_han(place.span.start as usize) => 1,
                    (true, 0) => 4,
                    (true, _) => 3,
                    (false, _) if gazetteer.entry(up).kind == "division" && view.is_han(place.span.start as usize) => 2,
                    (false, 0) => 6,
                    (false, _) => 5,
                };
            } else if !is_country && support.above.contains_key(&up) {
                score += 3;
            }
        }
        let near = adjacent(gazetteer, view, place, entry, *id);
        score += near;
        let mut ambiguous = *ambiguous;
        // "Mexico", "Singapore" are the countries before their divisions of the same name.
        if entry.facet != Facet::Country && country_too && near < 4 {
            continue;
        }
        // 河南 is the province and not the county of that name, unless its prefecture stands before it.
        if han && ambiguous && certain_too && near < 8 && !support.entries.contains(id) {
            score = 0;
        }
        if entry.facet == Facet::Country && ambiguous {
            // 全国, 内地: only a country that is named anyway, so that nothing is won by a guess.
            if han && !support.entries.contains(id) {
                score = 0;
            }
            // "Chile", "Jordan": a capital inside a sentence is the country, where no namesake competes.
            let title = view.unit(start).is_some_and(|u| u.case == Case::Title);
            if title && place.candidates.len() == 1 && !view.starts_sentence(start) && !view.title_case {
                score += 3;
            }
        }
        if entry.facet == Facet::Province && !han {
            // Towns share their names with people, words and each other: a small one needs more than its
            // country in the text, a metropolis nothing.
            let country = gazetteer.country(&entry.country);
            let mut prior = prior(entry);
            // "Store", "Coast", "Mon" are divisions too: of countries that are rarely meant.
            if entry.kind == "division" && !known_divisions(entry) && !country.is_some_and(|c| support.entries.contains(&c)) {
                prior = 0;
            }
            score += prior;
            let single_word = end - start == 1;
            let other_case = single_word && view.unit(start).is_some_and(|u| u.case == Case::Upper) && !view.all_caps;
            if prior < 2 && near < 4 && single_word && !located && score < 8 {
                ambiguous = true;
                score = score.min(2);
            }
            if other_case && near < 4 && !located && prior < 5 {
                score = 0;
                ambiguous = true;
            }
        } else if entry.facet == Facet::Province && end - start == 2 && (ambiguous || bare_county(view, entry, end)) && near < 4 {
            ambiguous = true;
            // Beside punctuation it is a word by itself.
            score += u32::from(stands_free(view, start, end));
            // 东海, 平原: a county's short name among words; "in it" or its prefecture must stand there.
            let division = gazetteer.line(*id).skip(1).any(|up| support.entries.contains(&up) && gazetteer.entry(up).kind == "division");
            let enough = (located && right_free(view, end)) || score >= 6 || (division && stands_free(view, start, end));
            score = if enough { score.max(3) } else { score.min(2) };
        }
        scored.push((score, rank(entry), *id, ambiguous));
    }
    scored.sort_by_key(|(score, rank, id, ambiguous)| (std::cmp::Reverse(*score), *ambiguous, std::cmp::Reverse(*rank), *id));
    let (score, first_rank, id, ambiguous) = *scored.first()?;
    let rival = scored.get(1).map(|s| (s.0, s.1, s.2, s.3));
    if ambiguous {
        // The text must speak for it, and for it alone.
        let clear = rival.is_none_or(|(s, ..)| s < score || same_division(gazetteer, &scored, score));
        return (score >= 3 && clear).then_some(id);
    }
    match rival {
        None => Some(id),
        Some((s, _, _, rival_ambiguous)) if s < score || rival_ambiguous => Some(id),
        // Nothing but rank and size is left: only a much larger one is meant without saying.
        Some((_, second, ..)) => {
            (last && (first_rank > second.saturating_mul(4) || same_division(gazetteer, &scored, score))).then_some(id)
        }
    }
}

/// Whether the first-level divisions of its country are known by name to readers of the world's news.
fn known_divisions(entry: &Entry) -> bool {
    entry.kind != "division"
        || matches!(
            entry.country.as_str(),
            "CN" | "US" | "AU" | "CA" | "IN" | "BR" | "RU" | "ID" | "GB" | "JP" | "DE" | "ES" | "IT" | "FR" | "MX" | "ZA" | "MY" | "TW"
        )
}

/// What a place's size alone says for it: 0 to 6.
fn prior(entry: &Entry) -> u32 {
    match (entry.kind.as_str(), entry.weight) {
        ("division" | "capital", _) | (_, 5_000_000..) => 6,
        (_, METROPOLIS..) | ("mine" | "basin" | "port" | "zone", _) => 5,
        (_, 300_000..) => 3,
        (_, 100_000..) => 2,
        ("region" | "prefecture", _) => 2,
        _ => 0,
    }
}

/// A county's name of two Han characters without its rank: as likely a word (民乐, 新民, 东海).
fn bare_county(view: &View<'_>, entry: &Entry, end: usize) -> bool {
    matches!(entry.kind.as_str(), "county" | "city") && entry.weight < METROPOLIS * 2 && !super::spans::ends_in_rank(view.term(end.saturating_sub(1)))
}

/// Whether a Han name touches no Han character on one side at least, or a name on the other.
fn stands_free(view: &View<'_>, start: usize, end: usize) -> bool {
    let open = |at: usize, other: usize| {
        view.unit(at).is_none_or(|u| u.gap != Gap::None) || view.unit(other).is_none_or(|u| u.kind != UnitKind::Han)
    };
    let left = start == 0 || open(start, start - 1) || matches!(view.term_before(start, 1), "在" | "和" | "与" | "及" | "的" | "从" | "向" | "到" | "赴");
    left && right_free(view, end)
}

/// Whether what follows a Han name is no part of a word that it began.
fn right_free(view: &View<'_>, end: usize) -> bool {
    view.unit(end).is_none_or(|u| u.gap != Gap::None || u.kind != UnitKind::Han)
        || matches!(
            view.term(end),
            "的" | "和" | "与" | "及" | "等" | "市" | "县" | "区" | "境" | "地" | "籍" | "产" | "建" | "投" | "举" | "召" | "开" | "设" | "落" | "签" | "发"
        )
}

fn ends_in_rank_of(view: &View<'_>, end: usize) -> bool {
    super::spans::ends_in_rank(view.term(end.saturating_sub(1)))
}

/// "Paris Agreement", "Philadelphia index": an event or a thing named after a place.
fn is_event(view: &View<'_>, end: usize) -> bool {
    view.unit(end).is_some_and(|u| u.gap == Gap::Space)
        && (matches!(
            view.term(end),
            "agreement" | "accord" | "accords" | "convention" | "protocol" | "declaration" | "club" | "consensus" | "index" | "composite" | "stock"
        ) && view.is_capital(end)
            || view.term(end) == "index"
            || (view.term(end + 1) == "index" && view.unit(end).is_some_and(|u| u.case == Case::Lower)))
}

/// Whether the words around a name speak of a location: "in X", "X-based", 在X, 位于X.
fn locative(view: &View<'_>, start: usize, end: usize) -> bool {
    let before = view.term_before(start, 1);
    if view.is_han(start) {
        return view.unit(start).is_some_and(|u| u.gap == Gap::None)
            && matches!(before, "在" | "于" | "赴" | "抵" | "往" | "从" | "自" | "到" | "由")
            && !(before == "自" && view.term_before(start, 2) == "来" && false);
    }
    if view.between(start).trim().is_empty()
        && (matches!(before, "in" | "at" | "near" | "outside" | "around" | "from" | "to" | "via" | "off" | "into" | "toward" | "towards" | "downtown")
            || before == "of" && matches!(view.term_before(start, 2), "city" | "town" | "port" | "village" | "region" | "north" | "south" | "east" | "west" | "miles" | "km" | "outskirts" | "suburb"))
    {
        return true;
    }
    view.between(end).starts_with('-') && matches!(view.term(end), "based" | "headquartered" | "area")
}

/// The first-level division that follows a comma: "…, Vermont".
fn division_after(gazetteer: &Gazetteer, view: &View<'_>, end: usize) -> Option<EntryId> {
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

/// Population from which a city needs no support.
const METROPOLIS: u64 = 1_000_000;

/// Whether all the best candidates lie in one first-level division.
fn same_division(gazetteer: &Gazetteer, scored: &[(u32, u64, EntryId, bool)], best: u32) -> bool {
    let mut codes = scored.iter().filter(|s| s.0 == best).map(|s| gazetteer.entry(s.2).code.as_str());
    let first = codes.next();
    codes.all(|c| Some(c) == first)
}

/// Size for comparing namesakes: a country before a division before a city of any size.
fn rank(entry: &Entry) -> u64 {
    let base = match entry.kind.as_str() {
        "country" => 1_000_000_000,
        "division" => 100_000_000,
        "prefecture" => 4_000_000,
        "city" => 0,
        "capital" => 1_000_000,
        "county" => 100_000,
        _ => 50_000,
    };
    base + entry.weight
}

/// What the words next to a name say for a candidate: "Mianning County", "X, Sichuan", 四川冕宁.
fn adjacent(gazetteer: &Gazetteer, view: &View<'_>, place: &Place, entry: &Entry, id: EntryId) -> u32 {
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
    if start > 0 && view.term(start - 1) == "of" && matches!(view.term_before(start, 2), "port" | "city" | "state" | "province") {
        let kind = view.term_before(start, 2);
        score += u32::from(kind == entry.kind || (kind == "city" || kind == "port") && entry.kind == "city" || matches!(kind, "state" | "province") && entry.kind == "division") * 4;
    }
    // "Charlotte, Vermont": the next name is above it.
    let comma = view.unit(end).is_some_and(|u| u.gap == Gap::Mark) && matches!(view.between(end).trim(), "," | "(" | "，" | "in" | "of");
    let follows = comma || (near && view.is_capital(end));
    if follows && entry.facet != Facet::Country && names_any(gazetteer, view, end, id) {
        score += 8;
    }
    // 四川冕宁: the name before is above it.
    if before.iter().any(|above| gazetteer.line(id).skip(1).any(|up| up == *above)) {
        score += 8;
    }
    score
}

/// Whether a name of something above `id` starts at a unit.
fn names_any(gazetteer: &Gazetteer, view: &View<'_>, at: usize, id: EntryId) -> bool {
    let matcher = gazetteer.matcher();
    matcher
        .longest_at(view.text, view.units, view.symbols, at)
        .is_some_and(|hit| matcher.accepted(&hit, view.units).any(|name| !name.flags.is_stop() && gazetteer.line(id).skip(1).any(|up| up == name.entry)))
}

/// The country whose capital a span is.
fn capital(view: &View<'_>, span: &Span) -> Option<&'static str> {
    let (start, end) = (span.start as usize, span.end as usize);
    if end - start > 5 {
        return None;
    }
    if view.is_han(start) || end - start == 1 {
        return capital_of(view.units.joined(start..end));
    }
    // "New Delhi", "Buenos Aires", "Tel Aviv".
    match (view.term(start), end - start) {
        ("new" | "buenos" | "tel", 2) => capital_of(&[view.term(start), view.term(start + 1)].join(" ")),
        _ => None,
    }
}

/// Capitals that the daily language of news uses for the government when nothing says "place".
fn metonym_by_default(code: &str) -> bool {
    matches!(code, "CN" | "US" | "RU" | "IR" | "KP" | "VN" | "IN" | "PK" | "IQ" | "SY" | "SA" | "GR" | "UA" | "TR" | "AF")
}

/// Whether a city or division starts at a unit that is no capital.
fn is_city(gazetteer: &Gazetteer, view: &View<'_>, at: usize) -> bool {
    let matcher = gazetteer.matcher();
    let Some(hit) = matcher.longest_at(view.text, view.units, view.symbols, at) else { return false };
    let span = Span { field: view.field, start: hit.start, end: hit.end, what: What::Name { hit, legal: false } };
    capital(view, &span).is_none()
        && matcher.accepted(&hit, view.units).any(|n| {
            !n.flags.is_stop() && !n.flags.is_ambiguous() && gazetteer.entry(n.entry).facet == Facet::Province
        })
}

fn is_city_until(gazetteer: &Gazetteer, view: &View<'_>, at: usize, end: usize) -> bool {
    is_city(gazetteer, view, at)
        && gazetteer
            .matcher()
            .longest_at(view.text, view.units, view.symbols, at)
            .is_some_and(|hit| hit.end as usize == end)
}

/// Countries whose capital the article names as a location at least once.
fn located(gazetteer: &Gazetteer, views: &[View<'_>; 2], places: &[Place]) -> FxHashSet<&'static str> {
    places
        .iter()
        .filter_map(|place| {
            let view = &views[place.span.field as usize];
            let code = capital(view, &place.span)?;
            (!place.mention.weak && location(gazetteer, view, &place.span) == Some(true)).then_some(code)
        })
        .collect()
}

/// Whether a capital stands for the place (`Some(true)`), for its government (`Some(false)`), or
/// its neighbours do not tell.
fn location(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> Option<bool> {
    let (start, end) = (span.start as usize, span.end as usize);
    if view.is_han(start) {
        let after = view.units.joined(end..(end + 3).min(view.units.len()));
        const GOVERNMENT: &[&str] = &["当局", "政府", "方面", "表示", "认为", "宣布", "指责", "警告", "威胁", "称", "誓言", "试图", "希望", "与北京", "和北京", "对华", "正", "拒绝", "决定", "将对"];
        let subject = GOVERNMENT.iter().any(|w| after.starts_with(w));
        let name = view.units.joined(start..end);
        return Some(!subject || name == "北京" && !after.starts_with("当局") && !after.starts_with("方面"));
    }
    let between = view.between(end);
    let next = view.term(end);
    let next_lower = view.unit(end).is_some_and(|u| u.case == Case::Lower);
    let before = view.term_before(start, 1);
    let before2 = view.term_before(start, 2);
    if view.dateline > start && span.field == Field::Body {
        return None;
    }
    // "Beijing-based", "Washington, D.C.", "Beijing Municipality".
    if between.starts_with('-') && matches!(next, "based" | "headquartered" | "born" | "area") {
        return Some(true);
    }
    if between.starts_with('-') && matches!(next, "backed" | "led" | "controlled" | "friendly" | "style" | "run" | "funded" | "approved") {
        return Some(false);
    }
    if next == "time" && next_lower || matches!(next, "municipality" | "municipal" | "city" | "suburb" | "suburbs" | "airport" | "olympics" | "residents" | "office" | "headquarters" | "university" | "subway" | "embassy" | "bureau" | "branch") {
        return Some(true);
    }
    let subject = next_lower
        && between.trim().is_empty()
        && matches!(
            next,
            "said" | "says" | "is" | "has" | "had" | "was" | "wants" | "wanted" | "hit" | "hits" | "accused" | "accuses" | "urged" | "urges" | "agreed" | "announced" | "plans"
                | "planned" | "would" | "will" | "could" | "may" | "might" | "can" | "should" | "must" | "does" | "did" | "aims" | "seeks" | "sought" | "imposed" | "imposes" | "banned"
                | "denied" | "denies" | "insists" | "insisted" | "refused" | "rejects" | "rejected" | "considers" | "views" | "sees" | "claims" | "needs" | "vowed" | "warned" | "responded"
                | "retaliated" | "lifted" | "tightened" | "continues" | "moved" | "moves" | "began" | "keeps" | "hopes" | "fears" | "believes" | "controls" | "launched" | "ordered"
                | "pledged" | "threatened" | "threatens" | "calls" | "called" | "gave" | "made" | "makes" | "took" | "takes" | "uses" | "used" | "wields" | "remains" | "itself" | "government" | "against"
        );
    let possessive = next == "s" && matches!(between, "'" | "’");
    let owned = view.term(end + 1);
    let of_government = possessive
        && matches!(
            owned,
            "move" | "moves" | "decision" | "policy" | "policies" | "strategy" | "strategic" | "push" | "efforts" | "effort" | "plan" | "plans" | "government" | "response" | "ban" | "curbs" | "control"
                | "controls" | "dominance" | "grip" | "ambitions" | "ambition" | "next" | "flagship" | "export" | "new" | "latest" | "stance" | "claims" | "bid" | "drive" | "campaign" | "restrictions"
                | "economic" | "trade" | "demand" | "demands" | "attempt" | "leadership" | "leaders" | "support" | "approval" | "desire" | "goal" | "goals" | "target" | "targets" | "crackdown" | "retaliation" | "influence"
        );
    if of_government {
        return Some(false);
    }
    let with_preposition = matches!(before, "in" | "near" | "outside" | "around" | "across" | "downtown" | "central" | "visit" | "visited" | "visiting" | "leave" | "left" | "reach" | "reached" | "arrived" | "throughout" | "greater");
    if with_preposition {
        return Some(true);
    }
    if before == "at" || before == "to" && matches!(before2, "trip" | "visit" | "flew" | "travel" | "travelled" | "traveled" | "came" | "went" | "moved" | "returned" | "flight" | "flights" | "invited" | "fly" | "travels" | "come") {
        return Some(true);
    }
    if subject || of_government {
        return Some(false);
    }
    // "Beijing and Shanghai", "Shanghai, Beijing": cities in a row.
    let joint = matches!(between.trim(), "" | ",");
    let after_and = if next == "and" { end + 1 } else { end };
    if joint && (next == "and" || between.trim() == ",") && is_city(gazetteer, view, after_and) {
        return Some(true);
    }
    if matches!(before, "and" | "") || view.between(start).trim() == "," {
        let from = start.saturating_sub(if before == "and" { 2 } else { 1 });
        if (from.saturating_sub(2)..=from).any(|i| is_city_until(gazetteer, view, i, from + 1)) {
            return Some(true);
        }
    }
    let by_default = capital(view, span).is_some_and(metonym_by_default);
    if (by_default || before == "between" || before == "by") && matches!(before, "between" | "by" | "with" | "against" | "and" | "pressure" | "pressured" | "urge" | "urged" | "told" | "prompted" | "pressing" | "force" | "allow") && !between.trim_start().starts_with(',') {
        return Some(false);
    }
    // "Beijing, China", "Beijing, June 3".
    if between.trim() == "," && (next == "china" || next == "russia" || next == "d" || next == "dc" || view.unit(end).is_some_and(|u| u.kind == UnitKind::Number)) {
        return Some(true);
    }
    if between.trim() == "(" || view.is_capital(end) && between == " " && !possessive {
        return Some(true);
    }
    None
}
