//! Companies that no table knows, by what stands beside their names: "Tarwell CEO Ann Lee", "Tarwell
//! (NYSE: TRW)", "TARWELL <TRW.N> TO SELL UNIT", "Tarwell, the chip startup", "chip maker Tarwell".

use super::{
    lexicon::{self, BODY, COMMON, FIELD, HEAD, LEGAL, NOT_FIRST, SECTOR, TITLE},
    spans::{Shape, Span, View, What},
};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{Facet, Gazetteer},
};

/// Most words of a name.
const REACH: usize = 4;
/// Most words of a name at the start of a headline in capitals.
const HEADLINE_REACH: usize = 6;

/// Words of headlines before which, or after which, another name stands.
const VERBS: &[&str] = &[
    "says",
    "sees",
    "said",
    "cuts",
    "ups",
    "raises",
    "lowers",
    "upgrades",
    "downgrades",
    "buys",
    "sells",
    "sold",
    "to",
    "firm",
    "unit",
    "units",
    "by",
    "in",
    "on",
    "for",
    "with",
    "gets",
    "sets",
    "has",
    "may",
    "affirms",
    "boosts",
    "ends",
    "begins",
    "concern",
    "group's",
    "investor",
    "investors",
    "rates",
    "files",
    "seeks",
    "wins",
    "against",
    "halts",
    "starts",
    "considers",
    "deal",
    "talks",
    "holder",
    "stake",
    "shares",
    "offers",
    "offer",
    "ex",
    "former",
    "s",
    "from",
    "over",
    "hit",
    "is",
    "at",
    "as",
    "new",
    "nyse",
    "nasd",
    "amex",
    "duff",
];

/// Appends the companies of a field that are built like no company's name.
pub(super) fn find(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], out: &mut Vec<Shape>) {
    if view.all_caps {
        out.extend(headline(view));
        return;
    }
    for at in 1..view.units.len() {
        let end = match view.unit(at) {
            Some(unit) if unit.gap == Gap::Space && may_end_name(view, at) && is_role(view, at) => at,
            Some(unit) if unit.gap == Gap::Mark && (is_ticker(view, at) || is_apposition(view, at)) => at,
            Some(unit)
                if unit.gap == Gap::Space
                    && unit.case == Case::Lower
                    && view.is_capital(at + 1)
                    && is_trade(view.term(at)) =>
            {
                out.extend(after_trade(view, names, at + 1));
                continue;
            }
            Some(unit) if unit.gap == Gap::Mark && view.between(at).ends_with('<') => {
                out.extend(bracketed(view, names, at));
                continue;
            }
            _ => continue,
        };
        let end = match view.term(end - 1) {
            // "Fitbit's (FIT)", but no "industry's chief executives".
            "s" if matches!(view.between(end - 1), "'" | "’") && view.between(end).trim() == "(" => end - 1,
            _ => end,
        };
        let known = names.iter().any(|s| (s.start as usize) < end && s.end as usize >= end);
        if let Some(start) = (!known).then(|| left(gazetteer, view, names, end)).flatten() {
            out.push(Shape { start, end, core: end, legal: false });
        }
    }
}

/// Whether a name may end before a unit: most words are ruled out by the one before them.
fn may_end_name(view: &View<'_>, at: usize) -> bool {
    view.is_capital(at - 1) || view.term(at - 1) == "s"
}

/// "CEO", "Chief Executive": what only companies have, right after their names.
fn is_role(view: &View<'_>, at: usize) -> bool {
    if view.between(at) != " " {
        return false;
    }
    match view.term(at) {
        "ceo" | "cfo" | "coo" => view.unit(at).is_some_and(|u| u.case == Case::Upper),
        "chief" => matches!(view.term(at + 1), "executive" | "financial" | "operating"),
        _ => false,
    }
}

/// "(NYSE: TRW)", "(TRW.N)", "<TRW>", and "(TRW)" after a single word that begins so.
fn is_ticker(view: &View<'_>, at: usize) -> bool {
    let between = view.between(at).trim();
    if !matches!(between, "(" | "<") || view.unit(at).is_none_or(|u| u.case != Case::Upper) {
        return false;
    }
    let next = view.between(at + 1);
    if between == "<" {
        return next.starts_with('>') || next == ".";
    }
    let exchange = matches!(
        view.term(at),
        "nyse"
            | "nasdaq"
            | "amex"
            | "tsx"
            | "tsxv"
            | "asx"
            | "lse"
            | "otc"
            | "otcqb"
            | "otcmkts"
            | "bse"
            | "nse"
            | "sgx"
            | "hkex"
            | "hkg"
            | "cve"
            | "cse"
    );
    if exchange && next.trim() == ":" {
        return true;
    }
    if next == "." {
        return view.unit(at + 1).is_some_and(|u| u.case == Case::Upper && u.end - u.start <= 2)
            && view.between(at + 2).trim_start().starts_with(')');
    }
    let (word, code) = (view.term(at - 1), view.term(at));
    next.starts_with(')')
        && (2..=5).contains(&code.len())
        && word.len() > code.len()
        && word.as_bytes().first() == code.as_bytes().first()
        && view.unit(at - 1).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed))
        && (at < 2 || !view.is_capital(at - 2) || view.starts_sentence(at - 1))
        && {
            let mut letters = word.chars();
            code.chars().all(|c| letters.any(|l| l == c))
        }
}

/// What a company is called that has a trade: never a person, before a name.
fn is_trade(term: &str) -> bool {
    matches!(
        term,
        "maker"
            | "manufacturer"
            | "miner"
            | "refiner"
            | "supplier"
            | "retailer"
            | "automaker"
            | "carmaker"
            | "chipmaker"
            | "steelmaker"
            | "drugmaker"
            | "planemaker"
            | "brokerage"
            | "consultancy"
            | "startup"
            | "lender"
            | "insurer"
            | "airline"
            | "conglomerate"
            | "exporter"
            | "importer"
            | "subsidiary"
            | "smelter"
            | "shipbuilder"
            | "shipper"
            | "utility"
            | "papermaker"
            | "brewer"
            | "grocer"
            | "distributor"
    )
}

/// Besides [`is_trade`], what a company is called after its name.
fn is_firm(term: &str) -> bool {
    is_trade(term)
        || matches!(
            term,
            "company"
                | "firm"
                | "producer"
                | "group"
                | "giant"
                | "developer"
                | "operator"
                | "carrier"
                | "trader"
                | "provider"
                | "processor"
                | "unit"
                | "explorer"
                | "contractor"
                | "platform"
                | "chain"
        )
}

/// "Tarwell, the chip startup run by …"; not "Lee, the company's chairman", "Lee, a group official".
fn is_apposition(view: &View<'_>, at: usize) -> bool {
    /// Words between the article and the noun.
    const REACH: usize = 5;
    if view.between(at) != ", " || !matches!(view.term(at), "the" | "a" | "an") {
        return false;
    }
    for noun in at + 1..at + 1 + REACH {
        let between = view.between(noun);
        if !matches!(between, " " | "-" | "'" | "’")
            || view.unit(noun).is_none_or(|u| u.kind != UnitKind::Word)
        {
            return false;
        }
        if is_firm(view.term(noun)) && view.unit(noun).is_some_and(|u| u.case == Case::Lower) {
            let next = noun + 1;
            return match view.between(next) {
                " " => matches!(
                    view.term(next),
                    "that"
                        | "which"
                        | "run"
                        | "based"
                        | "in"
                        | "of"
                        | "with"
                        | "for"
                        | "owned"
                        | "controlled"
                        | "led"
                        | "founded"
                        | "backed"
                        | "behind"
                        | "whose"
                        | "listed"
                        | "headquartered"
                ),
                mark => mark.starts_with([',', '.', ';', ')']),
            };
        }
    }
    false
}

/// The name after "chip maker": up to three words, not those of a person.
fn after_trade(view: &View<'_>, names: &[Span], start: usize) -> Option<Shape> {
    const LONGEST: usize = 3;
    let mut end = start;
    while end < start + LONGEST + 1
        && view.between(end) == " "
        && view.unit(end).is_some_and(|u| {
            u.kind == UnitKind::Word && matches!(u.case, Case::Title | Case::Mixed | Case::Upper)
        })
        && lexicon::class(view.term(end)) & (NOT_FIRST | TITLE) == 0
    {
        end += 1;
    }
    let known = names.iter().any(|s| (s.start as usize) < end && s.end as usize > start);
    let own = lexicon::class(view.term(start)) & (COMMON | BODY | SECTOR | FIELD | LEGAL | HEAD) == 0
        && view.unit(start).is_some_and(|u| u.end - u.start > 2);
    let person = lexicon::is_given_name(view.term(start));
    (start < end && end - start <= LONGEST && own && !known && !person && !view.title_case).then_some(Shape {
        start,
        end,
        core: end,
        legal: false,
    })
}

/// The name in "helicopter maker <Tarwell Spa>", as newswires marked companies without a ticker.
fn bracketed(view: &View<'_>, names: &[Span], start: usize) -> Option<Shape> {
    const LONGEST: usize = 6;
    let close = (start + 1..=start + LONGEST).find(|end| view.between(*end).starts_with('>'))?;
    let possessive = view.term(close - 1) == "s" && matches!(view.between(close - 1), "'" | "’");
    let end = if possessive && close > start + 1 { close - 1 } else { close };
    let written = (start..end).all(|at| {
        view.unit(at).is_some_and(|u| u.kind == UnitKind::Word)
            && (at == start || matches!(view.between(at).trim(), "" | "&" | "-" | "." | "'"))
    });
    let cased = view.unit(start).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed));
    let known = names.iter().any(|s| (s.start as usize) < end && s.end as usize > start);
    let core = (start + 1..end)
        .rev()
        .find(|at| lexicon::class(view.term(*at)) & LEGAL == 0)
        .map_or(if end - start > 1 { start + 1 } else { end }, |at| at + 1);
    (written && cased && !known).then_some(Shape { start, end, core, legal: core < end })
}

/// Where the capitalised run that ends before `end` begins, if it can be a company's name.
fn left(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], end: usize) -> Option<usize> {
    let mut start = end;
    while start > 0 && end - start < REACH {
        let at = start - 1;
        let word = view.unit(at)?;
        // "Cambridge Analytica": a town may begin a name, where no preposition stands before it.
        let taken = names.iter().find(|s| (s.start as usize..s.end as usize).contains(&at));
        let taken = taken.is_some_and(|s| {
            start == end
                || s.end - s.start > 1
                || !places(gazetteer, view, s)
                || matches!(view.term_before(at, 1), "in" | "at" | "from" | "near" | "to")
        });
        if word.kind != UnitKind::Word
            || !view.is_capital(at)
            || taken
            || lexicon::class(view.term(at)) & (NOT_FIRST | TITLE | HEAD) != 0
            || lexicon::is_given_name(view.term(at))
        {
            break;
        }
        let linked = start == end
            || match view.unit(start).map(|u| u.gap) {
                Some(Gap::Space) => view.between(start) == " ",
                Some(Gap::Mark) => matches!(view.between(start).trim(), "&" | "-"),
                _ => false,
            };
        if !linked {
            break;
        }
        start = at;
    }
    let own = |at: usize| {
        let term = view.term(at);
        lexicon::class(term) & (COMMON | BODY | SECTOR | FIELD | LEGAL) == 0
            && term.len() > 2
            && !matches!(term, "adr" | "ads" | "etf" | "spdr" | "trust" | "class" | "series" | "street")
    };
    let title_word = |at: usize| view.title_case || view.starts_sentence(at);
    // A single word at the start of a sentence is capitalised anyway.
    let single = end - start == 1
        && title_word(start)
        && view.unit(start).is_some_and(|u| u.case == Case::Title)
        && !matches!(view.between(end).trim(), "(" | ",");
    (start < end && (start..end).any(own) && !single).then_some(start)
}

/// Whether a span is a name of places and of nothing else.
fn places(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> bool {
    let What::Name { hit, .. } = span.what else { return false };
    gazetteer
        .matcher()
        .accepted(&hit, view.units)
        .all(|name| gazetteer.entry(name.entry).facet == Facet::Province)
}

/// The name before the first "<TRW.N>" of a headline in capitals.
fn headline(view: &View<'_>) -> Option<Shape> {
    let code = (1..view.units.len().min(HEADLINE_REACH + 2)).find(|at| {
        view.between(*at).trim() == "<"
            && (view.between(at + 1).starts_with('>') || view.between(at + 1) == ".")
    })?;
    let words = (0..code).all(|at| {
        !VERBS.contains(&view.term(at))
            && view.unit(at).is_some_and(|u| matches!(u.kind, UnitKind::Word | UnitKind::Number))
            && (at == 0 || matches!(view.between(at).trim(), "" | "&" | "-" | "." | "'" | "/"))
    });
    let name = words
        && code <= HEADLINE_REACH
        && (0..code).any(|at| view.unit(at).is_some_and(|u| u.kind == UnitKind::Word && u.end - u.start > 2));
    let core =
        (1..code).rev().find(|at| lexicon::class(view.term(*at)) & LEGAL == 0).map_or(code, |at| at + 1);
    name.then_some(Shape { start: 0, end: code, core, legal: core < code })
}
