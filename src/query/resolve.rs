//! Names in a query to entries of the gazetteer: the value of a facet field, and names that stand
//! among the words.

use std::ops::Range;

use tantivy::Term;

use crate::{
    analysis::{Case, Gap, Unit, UnitKind, Units},
    error::QueryError,
    gazetteer::{ACRONYM, AMBIGUOUS, Facet, Names, name_key},
    query::near::{Near, edit_distance},
    schema::Fields,
};

/// Longest name that is looked for among the words of a query, in units.
const NAME_MAX_UNITS: usize = 12;

/// An entry that a query names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Concept {
    pub(crate) facet: Facet,
    pub(crate) path: String,
}

/// The paths that a facet field's value means, by any name, code or path.
pub(crate) fn facet_paths(
    facet: Facet,
    value: &str,
    names: &Names,
    searcher: &tantivy::Searcher,
    fields: &Fields,
    query: &str,
    at: Range<usize>,
) -> Result<Vec<String>, QueryError> {
    let in_index = |path: &str| {
        let term = Term::from_field_text(fields.facet(facet), path);
        searcher.doc_freq(&term).unwrap_or(0) > 0
    };
    if value.starts_with('/') {
        let path = value.trim_end_matches('/');
        if names.by_path(facet, path).is_some() || in_index(path) {
            return Ok(vec![path.to_owned()]);
        }
    }
    let key = name_key(value);
    let mut found: Vec<(u32, bool)> = Vec::new();
    for (row, flags) in names.find(&key) {
        // A country is a place too: `province:China` finds what lies in it.
        if let Some(entry) = names.row(row)
            && (entry.facet == facet || (facet == Facet::Province && entry.facet == Facet::Country))
        {
            found.push((row, flags & AMBIGUOUS != 0));
        }
    }
    // Of several bearers of a name the plain ones are meant; of ambiguous ones the highest in rank,
    // then the largest.
    if found.iter().any(|(_, ambiguous)| !ambiguous) {
        found.retain(|(_, ambiguous)| !ambiguous);
    }
    let rank = |row: u32| {
        names.row(row).map_or((usize::MAX, 0), |e| (e.path.matches('/').count(), u64::MAX - e.weight))
    };
    if facet == Facet::Province || facet == Facet::Country {
        found.sort_by_key(|(row, _)| rank(*row));
        let best = found.first().map(|(row, _)| rank(*row).0);
        found.retain(|(row, ambiguous)| !ambiguous || Some(rank(*row).0) == best);
    }
    let mut paths: Vec<String> =
        found.iter().filter_map(|(row, _)| names.row(*row)).map(|e| e.path.to_owned()).collect();
    // A body that only its shape told: its path is its name.
    for slug in [key.replace(' ', "-"), key.replace(' ', "")] {
        let path = format!("/{slug}");
        if facet == Facet::Organization && !paths.contains(&path) && in_index(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        let near = nearest(facet, &key, names);
        let hint = match near.is_empty() {
            true => format!("the gazetteer has no such name; search for it as text: {value}"),
            false => format!("did you mean {}?", near.join(", ")),
        };
        return Err(
            QueryError::new(query, at, format!("no {} is called {value:?}", facet.as_str())).with_hint(hint)
        );
    }
    paths.dedup();
    Ok(paths)
}

/// Names of a facet that are spelt nearly like `key`, the best three.
fn nearest(facet: Facet, key: &str, names: &Names) -> Vec<String> {
    let most = (key.chars().count() / 3).clamp(1, 3) as u8;
    let mut near: Vec<(usize, std::cmp::Reverse<u64>, String)> = Vec::new();
    for (name, rows) in Near::new(key, most).map_or_else(Vec::new, |near| names.matching(near)) {
        let distance = edit_distance(&name, key);
        for (row, _) in rows {
            if let Some(entry) = names.row(row).filter(|e| e.facet == facet) {
                near.push((distance, std::cmp::Reverse(entry.weight), entry.name().to_owned()));
            }
        }
    }
    near.sort();
    // The nearest of several names of one thing.
    let mut out: Vec<String> = Vec::new();
    for (_, _, name) in near {
        if out.len() < 3 && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// Names among the units of a query, longest first from the left: ranges of units and what they mean.
pub(crate) fn concepts(units: &Units, text: &str, names: &Names) -> Vec<(Range<usize>, Vec<Concept>)> {
    let list = units.list();
    let mut out = Vec::new();
    let mut at = 0;
    while at < list.len() {
        match longest(units, text, at, names) {
            Some((end, concepts)) => {
                out.push((at..end, concepts));
                at = end;
            }
            None => at += 1,
        }
    }
    out
}

fn longest(units: &Units, text: &str, at: usize, names: &Names) -> Option<(usize, Vec<Concept>)> {
    let list = units.list();
    let mut best = None;
    for end in at + 1..=list.len().min(at + NAME_MAX_UNITS) {
        // Two Chinese names side by side, with a space between, are two: 赣州 稀土 is no company.
        let han = |unit: &Unit| unit.kind == UnitKind::Han;
        if end - 1 > at && list[end - 1].gap != Gap::None && han(&list[end - 1]) && han(&list[end - 2]) {
            break;
        }
        let range = list[at].start as usize..list[end - 1].end as usize;
        let key = name_key(&text[range.clone()]);
        if key.is_empty() {
            return best;
        }
        // A + may belong to the name, or join it with the next word.
        let plus = text[range.end..].starts_with('+');
        let mut rows = if plus { names.find(&format!("{key}+")) } else { Vec::new() };
        if rows.is_empty() {
            rows = names.find(&key);
        }
        if !rows.is_empty() {
            let concepts = meant(&rows, &list[at..end], names);
            if !concepts.is_empty() {
                best = Some((end, concepts));
            }
        }
        if !names.has_prefix(&key) {
            break;
        }
    }
    best
}

/// What a name means where nothing else tells: entries that bear it without doubt.
fn meant(rows: &[(u32, u32)], units: &[Unit], names: &Names) -> Vec<Concept> {
    let lower = units.iter().all(|u| matches!(u.case, Case::Lower));
    // One Han character is a word before it is a name, except for an element's.
    let single = units.len() == 1 && units[0].kind == UnitKind::Han;
    let mut concepts: Vec<Concept> = rows
        .iter()
        .filter(|(_, flags)| flags & AMBIGUOUS == 0 && !(lower && flags & ACRONYM != 0))
        .filter_map(|(row, _)| names.row(*row))
        .filter(|entry| !single || entry.facet == Facet::Commodity)
        .map(|entry| Concept { facet: entry.facet, path: entry.path.to_owned() })
        .collect();
    concepts.dedup();
    // Several entries of one facet bear it: then it is no name but a question.
    let repeated = |facet| concepts.iter().filter(|c| c.facet == facet).count() > 1;
    if [Facet::Organization, Facet::Province, Facet::Country].into_iter().any(repeated) {
        Vec::new()
    } else {
        concepts
    }
}
