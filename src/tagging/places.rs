//! Which places and countries an article names: ambiguous names, capitals that stand for their
//! governments, datelines.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Field, Found, Mention, Rule, Who,
    capitals::{capital, location, metonym_by_default},
    lexicon,
    nearby::{
        adjacent, bare_county, beside_country, chinese_dateline, division_after, ends_in_rank_of, in_credits,
        initials_end, is_event, locative, right_free, stands_free,
    },
    persons::is_place_noun,
    spans::{Span, View},
    standing::{
        KNOWN_DIVISION, METROPOLIS, known_divisions, names_its_city, prefer_larger, prior, rank,
        same_division,
    },
    words_zh,
};
use crate::{
    analysis::{Case, UnitKind},
    gazetteer::{Entry, EntryId, Facet, Gazetteer, matcher::Name},
};

/// The capital of the United States, which shares its name with a state.
const WASHINGTON: &str = "/united-states/washington-dc";

/// One name of the text and what it may be.
pub(super) struct Place {
    pub span: Span,
    mention: Mention,
    pub candidates: Vec<(EntryId, bool)>,
    compound: bool,
    /// The places that a Han name right before it may mean.
    pub before: Vec<EntryId>,
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
            !ambiguous
                && (entry.facet == Facet::Country || han || (prior(entry) >= 5 && known_divisions(entry)))
        };
        if (place.compound && !place.candidates[0].1)
            || (place.candidates.len() == 1 && solid(&place.candidates[0]))
        {
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
                let state = matches!(view.term(place.span.end as usize), "state" | "apples")
                    || view.between(place.span.start as usize).trim() == ",";
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
            // 中巴 is Brazil, Pakistan or Panama: the one that is named.
            let shared = unsure && place.candidates.len() > 2;
            for (id, _) in &place.candidates {
                if shared && !home(id) && !support.entries.contains(id) {
                    continue;
                }
                let mention = Mention { rule: Rule::Pattern, ..place.mention };
                asserted.entry(*id).or_default().push(mention);
            }
            continue;
        }
        waiting.push(place);
    }
    let told = Told::collect(gazetteer, views, &waiting, found);
    // Twice: what the first round decides supports the second.
    for round in 0..2 {
        let mut rest = Vec::new();
        for place in waiting {
            let view = &views[place.span.field as usize];
            match choose(gazetteer, view, &place, &support, &told, round == 1) {
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
        let good =
            |(name, entry): (&Name, &Entry)| entry.facet == Facet::Commodity && !name.flags.is_ambiguous();
        if span.names(gazetteer, views).any(good) {
            continue;
        }
        for (name, entry) in span.names(gazetteer, views) {
            if !matches!(entry.facet, Facet::Province | Facet::Country) {
                continue;
            }
            // 中方 names China; the county of that name has no part in it.
            if name.flags.is_compound() && !compound {
                compound = true;
                candidates.clear();
            }
            if name.flags.is_compound() == compound && !candidates.iter().any(|(id, _)| *id == name.entry) {
                candidates.push((name.entry, name.flags.is_ambiguous()));
            }
        }
        if candidates.is_empty() || span.is_org_legal() {
            continue;
        }
        let (Some(first), Some(last)) = (view.unit(span.start as usize), view.unit(span.end as usize - 1))
        else {
            continue;
        };
        // Where every letter is a capital, a two-letter word is hardly a country.
        if view.all_caps && last.end - first.start <= 2 && first.kind == UnitKind::Word {
            for candidate in &mut candidates {
                candidate.1 = true;
            }
        }
        let weak = span.field == Field::Body
            && ((span.start as usize) < view.dateline
                || chinese_dateline(view, span)
                || in_credits(view, span.start as usize, span.end as usize));
        let mention = Mention {
            field: span.field,
            start: first.start,
            end: initials_end(view, first.start, last.end),
            rule: Rule::Gazetteer,
            weak,
        };
        let touches = |p: &&Place| {
            p.span.field == span.field && p.span.end == span.start && view.is_han(span.start as usize)
        };
        let before = places
            .last()
            .filter(touches)
            .map(|p: &Place| p.candidates.iter().map(|c| c.0).collect())
            .unwrap_or_default();
        places.push(Place { span: *span, mention, candidates, compound, before });
    }
    places
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

/// What other mentions tell of a name.
#[derive(Default)]
struct Told {
    /// "Kimberley, British Columbia" tells where every other Kimberley of the article is.
    divisions: FxHashMap<String, EntryId>,
    /// First words of bodies' names: "Sonora common shares" are those of Sonora Gold Corp.
    companies: FxHashSet<String>,
}

impl Told {
    fn collect(gazetteer: &Gazetteer, views: &[View<'_>; 2], places: &[Place], found: &[Found]) -> Told {
        let mut told = Told::default();
        for place in places {
            let view = &views[place.span.field as usize];
            let (start, end) = (place.span.start as usize, place.span.end as usize);
            // In a list of states the next one is not above it.
            let town = place.candidates.iter().all(|(id, _)| {
                let entry = gazetteer.entry(*id);
                entry.facet == Facet::Province && entry.kind != "division"
            });
            if town
                && !view.is_han(start)
                && let Some(division) = division_after(gazetteer, view, end)
            {
                told.divisions.entry(view.units.joined(start..end).to_owned()).or_insert(division);
            }
        }
        for mention in found.iter().filter(|f| f.facet == Facet::Organization).flat_map(|f| &f.mentions) {
            let view = &views[mention.field as usize];
            if let Ok(at) = view.units.list().binary_search_by_key(&mention.start, |u| u.start)
                && view.unit(at + 1).is_some_and(|u| u.start < mention.end)
            {
                told.companies.insert(view.term(at).to_owned());
            }
        }
        told
    }

    fn division(&self, gazetteer: &Gazetteer, view: &View<'_>, start: usize, end: usize) -> Option<EntryId> {
        division_after(gazetteer, view, end)
            .or_else(|| self.divisions.get(view.units.joined(start..end)).copied())
    }

    fn names_company(&self, view: &View<'_>, start: usize, end: usize) -> bool {
        let possessive = view.term(end) == "s" && matches!(view.between(end), "'" | "’");
        let next = view.term(if possessive { end + 1 } else { end });
        matches!(
            next,
            "said"
                | "says"
                | "common"
                | "shares"
                | "stock"
                | "shareholders"
                | "holders"
                | "also"
                | "ceo"
                | "board"
        ) && !locative(view, start, end)
            && self.companies.contains(view.term(start))
    }
}

/// The candidate that the text means, if that can be told.
fn choose(
    gazetteer: &Gazetteer,
    view: &View<'_>,
    place: &Place,
    support: &Support,
    told: &Told,
    last: bool,
) -> Option<EntryId> {
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let han = view.is_han(start);
    // "in March", "the Officer": words that begin sentences and dates.
    let common = end - start == 1 && lexicon::class(view.term(start)) & lexicon::NOT_FIRST != 0;
    if !han && (common || is_event(view, end)) {
        return None;
    }
    let located = locative(view, start, end);
    let country_too = place.candidates.iter().any(|c| !c.1 && gazetteer.entry(c.0).facet == Facet::Country);
    let country_namesake = place.candidates.iter().any(|c| gazetteer.entry(c.0).facet == Facet::Country);
    let certain_too = place.candidates.iter().any(|c| !c.1);
    if !han && end - start == 1 && told.names_company(view, start, end) {
        return None;
    }
    let elsewhere = if han { None } else { told.division(gazetteer, view, start, end) };
    let mut scored: Vec<(u32, u64, EntryId, bool)> = Vec::with_capacity(place.candidates.len());
    for (id, ambiguous) in &place.candidates {
        let entry = gazetteer.entry(*id);
        // "Charlotte, Vermont" is none of the Charlottes elsewhere.
        if elsewhere
            .is_some_and(|above| entry.facet == Facet::Province && !gazetteer.line(*id).any(|up| up == above))
            && entry.weight < METROPOLIS
        {
            continue;
        }
        let own_word = !han && end - start == 1 && lexicon::class(view.term(start)) & lexicon::WORD != 0;
        if han && word_without_parent(gazetteer, view, place, support, *id)
            || !han && (unmarked_abbreviation(view, start, end, entry) || view.between(end).starts_with('$'))
        {
            continue;
        }
        // A division needs no help against a namesake below it.
        let mut score = match (han, entry.kind.as_str()) {
            (true, "division") => 6,
            (true, "prefecture" | "capital") => 2,
            _ => 0,
        };
        if han
            && end - start >= 3
            && entry.facet == Facet::Province
            && *ambiguous
            && !ends_in_rank_of(view, end)
        {
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
                    (true, _)
                        if gazetteer.entry(up).code == "CN" && view.is_han(place.span.start as usize) =>
                    {
                        1
                    }
                    (true, 0) => 4,
                    (true, _) => 3,
                    (false, _)
                        if gazetteer.entry(up).kind == "division"
                            && view.is_han(place.span.start as usize) =>
                    {
                        2
                    }
                    (false, 0) => 6,
                    (false, _) => 5,
                };
            } else if support.above.contains_key(&up) {
                // A neighbour in its division, or (between namesakes in English) in its country.
                score += match (is_country, han) {
                    (false, true) => 3,
                    (false, false) => 5,
                    (true, false) if place.candidates.len() > 1 => 2,
                    (true, _) => 0,
                };
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
            // "Georgia and Armenia".
            if !han && beside_country(gazetteer, view, start, end) {
                score += 4;
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
            if entry.kind == "division"
                && !known_divisions(entry)
                && !names_its_city(gazetteer, place, *id)
                && !country.is_some_and(|c| support.entries.contains(&c))
            {
                prior = 0;
            }
            // Georgia: size does not tell a state from a country.
            if country_namesake {
                prior = 0;
            }
            score += prior;
            let single_word = end - start == 1;
            let other_case =
                single_word && view.unit(start).is_some_and(|u| u.case == Case::Upper) && !view.all_caps;
            // "Surprise", "Mobile", "Reading": beside its region, or located in an article that names it.
            let region = gazetteer
                .line(*id)
                .skip(1)
                .any(|up| support.entries.contains(&up) && gazetteer.entry(up).facet == Facet::Province);
            if own_word && near < 4 && !(located && region && !view.all_caps) {
                continue;
            }
            // "Paige Thompson", "Cambridge Analytica", "Rosetta 2": a part of another name.
            let numbered = !located && view.between(end) == " " && is_small_number(view, end);
            if prior <= 3 && near < 4 && single_word && (numbered || in_a_name(view, start, end)) {
                continue;
            }
            if prior < 2 && near < 4 && single_word && !located && score < 8 {
                ambiguous = true;
                score = score.min(2);
            }
            // "LOAN SALE DECLINE": capitals tell nothing.
            if view.all_caps && near < 4 && prior < 3 {
                score = 0;
                ambiguous = true;
            }
            if other_case && near < 4 && !located && prior < 5 {
                score = 0;
                ambiguous = true;
            }
        } else if entry.facet == Facet::Province
            && end - start == 2
            && (ambiguous || bare_county(view, entry, end))
            && near < 4
        {
            ambiguous = true;
            // Beside punctuation it is a word by itself.
            score += u32::from(stands_free(view, start, end));
            // 东海, 平原: a county's short name among words; "in it" or its prefecture must stand there.
            let division = gazetteer
                .line(*id)
                .skip(1)
                .any(|up| support.entries.contains(&up) && gazetteer.entry(up).kind == "division");
            let enough = (located && right_free(view, end))
                || score >= 6
                || (division && stands_free(view, start, end));
            score = if enough { score.max(3) } else { score.min(2) };
        }
        let known = entry.kind == "division" && names_its_city(gazetteer, place, *id);
        scored.push((score, if known { KNOWN_DIVISION } else { rank(entry) }, *id, ambiguous));
    }
    if !han {
        prefer_larger(&mut scored);
    }
    scored.sort_by_key(|(score, rank, id, ambiguous)| {
        (std::cmp::Reverse(*score), *ambiguous, std::cmp::Reverse(*rank), *id)
    });
    let (score, first_rank, id, ambiguous) = *scored.first()?;
    let rival = scored.get(1).map(|s| (s.0, s.1, s.2, s.3));
    if ambiguous {
        // The text must speak for it, and for it alone.
        let much_larger = |other: u64| first_rank > other.saturating_mul(4);
        let clear = rival.is_none_or(|(s, other, ..)| {
            s + 3 <= score
                || (s <= score && much_larger(other))
                || (s < score && han)
                || same_division(gazetteer, &scored, score)
        });
        return (score >= 3 && clear).then_some(id);
    }
    match rival {
        None => Some(id),
        Some((s, _, _, rival_ambiguous)) if s < score || rival_ambiguous => Some(id),
        // Nothing but rank and size is left: only a much larger one is meant without saying.
        Some((_, second, ..)) => (last
            && (first_rank > second.saturating_mul(4) || same_division(gazetteer, &scored, score)))
        .then_some(id),
    }
}

/// 合作, 南部: whether a county's name is a word of the language that does not follow what lies above it.
fn word_without_parent(
    gazetteer: &Gazetteer,
    view: &View<'_>,
    place: &Place,
    support: &Support,
    id: EntryId,
) -> bool {
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let entry = gazetteer.entry(id);
    let parent = gazetteer.parent(id);
    // 三元、沙县、明溪: alone between commas where the prefecture is named.
    let listed = stands_free(view, start, end) && parent.is_some_and(|p| support.entries.contains(&p));
    end - start == 2
        && !listed
        && entry.country == "CN"
        && matches!(entry.kind.as_str(), "county" | "city" | "zone")
        && words_zh::is_common(view.units.joined(start..end))
        && !parent.is_some_and(|parent| place.before.contains(&parent))
}

/// "Del Taco", "Bodes Ill": a short form of a state without its full stop, or the comma before it.
fn unmarked_abbreviation(view: &View<'_>, start: usize, end: usize, entry: &Entry) -> bool {
    let short = |u: &crate::analysis::Unit| u.end - u.start <= 4;
    entry.kind == "division"
        && entry.country == "US"
        && end - start == 1
        && view.unit(start).is_some_and(short)
        && !entry.name_en.eq_ignore_ascii_case(view.term(start))
        && !view.between(end).starts_with('.')
        && !matches!(view.between(start).trim(), "," | "(")
        && !(view.between(start) == "-" && matches!(view.term_before(start, 1), "d" | "r" | "i"))
}

/// Whether a single word stands between or beside other capitalised words that are no names of places.
fn in_a_name(view: &View<'_>, start: usize, end: usize) -> bool {
    if view.title_case || view.all_caps {
        return false;
    }
    let own = |at: usize| {
        view.unit(at).is_some_and(|u| {
            u.kind == UnitKind::Word && matches!(u.case, Case::Title | Case::Mixed) && u.end - u.start > 2
        }) && lexicon::class(view.term(at)) & !(lexicon::GIVEN | lexicon::WORD) == 0
    };
    let before =
        start > 0 && view.between(start) == " " && own(start - 1) && !view.starts_sentence(start - 1);
    let after = view.between(end) == " " && own(end) && !is_place_noun(view.term(end));
    before || after
}

fn is_small_number(view: &View<'_>, at: usize) -> bool {
    view.unit(at).is_some_and(|u| u.kind == UnitKind::Number && u.end - u.start <= 2)
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
