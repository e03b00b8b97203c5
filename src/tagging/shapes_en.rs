//! English organizations by the build of their names: capitalised words that end in Corp, Bank,
//! Mining …, or that follow Ministry of, Bank of ….

use super::{
    edges_en::{REACH, covered_by_places, joins_right, left, legal_tail, of_tail},
    lexicon::{self, BODY, COMMON, FIELD, HEAD, LEGAL, NOT_FIRST, SECTOR},
    spans::{Shape, Span, View, certain},
};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{Facet, Gazetteer},
};

/// Appends the organizations of a field; they may overlap.
pub(super) fn find(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], out: &mut Vec<Shape>) {
    // A headline in title case has no left boundaries; its names are found through the body.
    if view.title_case {
        return;
    }
    let mut at = 0;
    while let Some(unit) = view.unit(at) {
        if unit.kind != UnitKind::Word || !matches!(unit.case, Case::Title | Case::Upper | Case::Mixed) {
            at += 1;
            continue;
        }
        let class = lexicon::class(view.term(at));
        let shape = if class & HEAD != 0 && opens_of(view, at) {
            head(gazetteer, view, names, at)
        } else if class & (LEGAL | BODY | SECTOR) != 0 {
            tail(gazetteer, view, names, at, class)
        } else {
            None
        };
        at = match shape {
            Some(shape) => {
                let next = shape.end.max(at + 1);
                out.push(shape);
                next
            }
            None => at + 1,
        };
    }
}

fn opens_of(view: &View<'_>, at: usize) -> bool {
    let spaced = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::Space);
    if !spaced(at + 1) || !spaced(at + 2) {
        return false;
    }
    let fits = match view.term(at + 1) {
        "of" => true,
        "de" | "di" | "del" | "do" | "da" | "des" | "fuer" | "fur" | "der" => {
            lexicon::class(view.term(at)) & lexicon::FOREIGN_HEAD != 0
        }
        "for" => matches!(
            view.term(at),
            "council"
                | "institute"
                | "center"
                | "centre"
                | "association"
                | "agency"
                | "society"
                | "committee"
                | "ministry"
                | "organization"
                | "office"
        ),
        "on" => matches!(view.term(at), "committee" | "commission" | "council" | "institute" | "conference"),
        _ => false,
    };
    if !fits {
        return false;
    }
    (view.is_capital(at + 2) && lexicon::class(view.term(at + 2)) & NOT_FIRST == 0)
        || (view.term(at + 2) == "the" && spaced(at + 3) && view.is_capital(at + 3))
}

/// "Ministry of Industry and Information Technology", with what stands before and after.
fn head(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], at: usize) -> Option<Shape> {
    let mut end = at + 2;
    while end < at + REACH + 4 {
        if end == at + 2 && view.term(end) == "the" {
            end += 1;
            continue;
        }
        if end > at + 2 && !joins_right(view, end) {
            // "and" between two fields of one ministry, "of" and "for" before a capital.
            let connector = view.term(end);
            let spaced = view.unit(end).is_some_and(|u| u.gap == Gap::Space && u.case == Case::Lower);
            let next = end + 1;
            if !spaced || !joins_right(view, next) {
                break;
            }
            let goes_on = match connector {
                "and" => {
                    lexicon::class(view.term(next)) & FIELD != 0
                        && lexicon::class(view.term_before(end, 1)) & FIELD != 0
                }
                "of" | "for" => {
                    lexicon::class(view.term_before(end, 1)) & COMMON != 0 || view.term(end + 1) == "china"
                }
                "de" | "du" | "des" | "del" | "di" | "et" | "y" | "e" | "do" | "da" => {
                    lexicon::class(view.term(at)) & lexicon::FOREIGN_HEAD != 0
                }
                _ => false,
            };
            if !goes_on {
                break;
            }
            end = next + 1;
            continue;
        }
        // "Bank of Japan Governor": a role ends the name. "Bank of Eland Ltd": so does the legal form.
        let class = lexicon::class(view.term(end));
        if end > at + 2 && class & LEGAL != 0 && class & (FIELD | BODY | SECTOR) == 0 {
            break;
        }
        if end > at + 2 && class & (NOT_FIRST | lexicon::TITLE) != 0 && class & (FIELD | BODY | SECTOR) == 0 {
            break;
        }
        if !view.is_capital(end) {
            break;
        }
        end += 1;
    }
    if end <= at + 2 {
        return None;
    }
    let core = end;
    let end = legal_tail(view, end);
    let start = left(gazetteer, view, names, at);
    // "Bank of Eland Jolts Traders": a headline goes on behind a known body.
    let known = |s: &&Span| s.start as usize == at && (at + 3..core).contains(&(s.end as usize));
    if let Some(known) = names.iter().find(known)
        && certain(gazetteer, view, known, &[Facet::Organization]).is_some()
        && !covered_by_places(gazetteer, view, names, known.end as usize, core)
        && (known.end as usize..core)
            .all(|i| lexicon::class(view.term(i)) & (BODY | SECTOR | FIELD | LEGAL) == 0)
    {
        return None;
    }
    if (start..at + 1).any(|i| view.term(i) == "court")
        || view.term(start) == "house"
        || view.term(start) == "union" && start == at
    {
        return None;
    }
    Some(Shape { start, end, core, legal: end > core })
}

/// A name that ends in the word at `at`, with its legal form.
fn tail(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], at: usize, class: u16) -> Option<Shape> {
    let term = view.term(at);
    let unit = view.unit(at)?;
    // Two letters are a legal form only as written so.
    if class & LEGAL != 0 && term.len() == 2 && !matches!(term, "co") && unit.case != Case::Upper {
        return None;
    }
    let end = legal_tail(view, and_sector(view, at, class));
    if class & SECTOR != 0 && class & (LEGAL | BODY) == 0 && joins_right(view, end) && end == at + 1 {
        // The name goes on: its last word decides.
        let next = lexicon::class(view.term(end));
        if next & (LEGAL | BODY | SECTOR) != 0 || next & NOT_FIRST == 0 {
            return None;
        }
    }
    if class & BODY != 0
        && end == at + 1
        && joins_right(view, end)
        && lexicon::class(view.term(end)) & (LEGAL | BODY) != 0
    {
        return None;
    }
    let start = left(gazetteer, view, names, at);
    // "S.A.C Capital Advisors": the name begins with letters that no name is cut out of; but not so
    // "rose.Tarwell Corp", a new sentence.
    let letter = |at: usize| view.unit(at).is_some_and(|u| u.end - u.start == 1 && u.case == Case::Upper);
    if start > 0 && view.between(start) == "." && letter(start - 1) && letter(start) {
        return None;
    }
    if start >= at || (start..at).any(|i| is_doubled(view.term(i))) {
        return None;
    }
    let before: Vec<u16> = (start..at).map(|i| lexicon::class(view.term(i))).collect();
    let own = |c: &u16| *c & (COMMON | NOT_FIRST | FIELD | SECTOR | BODY | LEGAL) == 0;
    let legal = class & LEGAL != 0 || end > at + 1;
    if !legal {
        // "the Energy Ministry", "Commerce Department": two common words are enough for a body.
        let ministry = matches!(term, "ministry" | "department")
            && before.iter().all(|c| c & (FIELD | COMMON) != 0 || own(c));
        let is_name = before.iter().any(own);
        let place_only = covered_by_places(gazetteer, view, names, start, at);
        let strong = class & BODY != 0;
        let many = before.len() >= 2 && strong;
        if !ministry
            && !many
            && (!is_name
                || (place_only && !strong)
                || (place_only
                    && matches!(
                        term,
                        "union"
                            | "group"
                            | "bank"
                            | "banks"
                            | "department"
                            | "bureau"
                            | "administration"
                            | "council"
                    )))
        {
            return None;
        }
        if !strong && view.starts_sentence(start) && before.len() < 2 && !is_name {
            return None;
        }
        if matches!(term, "administration" | "union") && before.len() < 2 {
            return None;
        }
        // "Corporate Management Department": a part of some body, unless of a government.
        let of_state = |i: usize| {
            matches!(
                view.term(i),
                "state"
                    | "commerce"
                    | "energy"
                    | "defense"
                    | "justice"
                    | "interior"
                    | "agriculture"
                    | "treasury"
                    | "labor"
                    | "transportation"
                    | "education"
                    | "health"
                    | "war"
                    | "veterans"
                    | "police"
                    | "finance"
            )
        };
        if term == "department"
            && !of_state(at - 1)
            && !covered_by_places(gazetteer, view, names, start, start + 1)
        {
            return None;
        }
        if is_part_of_a_body(view, at, before.len()) {
            return None;
        }
        if term == "media"
            && matches!(view.term(at - 1), "state" | "social" | "local" | "official" | "news" | "mass")
        {
            return None;
        }
        if matches!(
            term,
            "banks"
                | "mines"
                | "lines"
                | "gold"
                | "copper"
                | "oil"
                | "gas"
                | "steel"
                | "coal"
                | "nickel"
                | "cement"
                | "aluminum"
                | "aluminium"
                | "power"
                | "products"
                | "trust"
                | "uranium"
                | "stores"
        ) && !before.iter().any(own)
        {
            return None;
        }
    }
    if legal && class & LEGAL != 0 && before.iter().all(|c| c & (NOT_FIRST | BODY | LEGAL) != 0) {
        return None;
    }
    // "China Inc.", "Gulf Co-operation".
    let idiom = legal && before.len() == 1 && covered_by_places(gazetteer, view, names, start, at);
    let cut = view.between(at + 1) == "-" && view.unit(at + 1).is_some_and(|u| u.case == Case::Lower);
    if class & LEGAL != 0 && (idiom && term == "inc" || cut) {
        return None;
    }
    let core = if class & LEGAL != 0 { at } else { at + 1 };
    // "Aluminum Corp of China", "Bank of China Group".
    let (core, end) = of_tail(view, core, end);
    Some(Shape { start, end, core, legal })
}

/// "Exploration and Production": the end after a second trade that "and" joins to the word at `at`.
fn and_sector(view: &View<'_>, at: usize, class: u16) -> usize {
    let joined = class & SECTOR != 0
        && view.unit(at + 1).is_some_and(|u| u.gap == Gap::Space)
        && matches!(view.term(at + 1), "and" | "&")
        && view.unit(at + 2).is_some_and(|u| u.gap == Gap::Space && u.case == Case::Title)
        && matches!(
            view.term(at + 2),
            "production"
                | "development"
                | "refining"
                | "marketing"
                | "engineering"
                | "research"
                | "exploration"
                | "smelting"
                | "manufacturing"
                | "shipping"
                | "transportation"
                | "supply"
                | "services"
        );
    if joined { at + 3 } else { at + 1 }
}

/// "Management Board", "Box Office", "Hedge Fund": no body of its own.
fn is_part_of_a_body(view: &View<'_>, at: usize, words: usize) -> bool {
    matches!(view.term(at), "board" | "office" | "service" | "survey" | "fund")
        && (matches!(
            view.term_before(at, 1),
            "management"
                | "advisory"
                | "supervisory"
                | "executive"
                | "review"
                | "editorial"
                | "big"
                | "oval"
                | "box"
                | "head"
                | "field"
                | "law"
                | "front"
                | "back"
                | "home"
                | "main"
                | "corner"
                | "press"
                | "news"
                | "wire"
                | "customer"
                | "memorial"
                | "funeral"
                | "hedge"
                | "mutual"
                | "index"
                | "trust"
                | "bond"
                | "equity"
                | "income"
                | "growth"
                | "value"
                | "sector"
                | "traded"
                | "pension"
                | "wealth"
                | "consumer"
                | "bloomberg"
                | "reuters"
                | "google"
                | "microsoft"
        ) || words < 2
            && !matches!(
                view.term_before(at, 1),
                "cabinet" | "patent" | "audit" | "statistics" | "forest" | "postal"
            ))
}

/// "AbbVieAbbVie": what is left of a table whose cells ran together.
fn is_doubled(term: &str) -> bool {
    let half = term.len() / 2;
    term.len() >= 6
        && term.len().is_multiple_of(2)
        && term.get(..half).is_some_and(|a| term.get(half..) == Some(a))
}
