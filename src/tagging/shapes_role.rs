//! Companies that no table knows, by what stands beside their names: "Tarwell CEO Ann Lee", "Tarwell
//! (NYSE: TRW)", "TARWELL <TRW.N> TO SELL UNIT".

use super::{
    lexicon::{self, BODY, COMMON, FIELD, HEAD, LEGAL, NOT_FIRST, SECTOR, TITLE},
    spans::{Shape, Span, View},
};
use crate::analysis::{Case, Gap, UnitKind};

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
pub(super) fn find(view: &View<'_>, names: &[Span], out: &mut Vec<Shape>) {
    if view.all_caps {
        out.extend(headline(view));
        return;
    }
    for at in 1..view.units.len() {
        let end = match view.unit(at) {
            Some(unit) if unit.gap == Gap::Space && is_role(view, at) => at,
            Some(unit) if unit.gap == Gap::Mark && is_ticker(view, at) => at,
            _ => continue,
        };
        let end = match view.term(end - 1) {
            // "Fitbit's (FIT)", but no "industry's chief executives".
            "s" if matches!(view.between(end - 1), "'" | "’") && view.between(end).trim() == "(" => end - 1,
            _ => end,
        };
        let known = names.iter().any(|s| (s.start as usize) < end && s.end as usize >= end);
        if let Some(start) = (!known).then(|| left(view, names, end)).flatten() {
            out.push(Shape { start, end, core: end, legal: false });
        }
    }
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

/// Where the capitalised run that ends before `end` begins, if it can be a company's name.
fn left(view: &View<'_>, names: &[Span], end: usize) -> Option<usize> {
    let mut start = end;
    while start > 0 && end - start < REACH {
        let at = start - 1;
        let word = view.unit(at)?;
        let taken = names.iter().any(|s| (s.start as usize..s.end as usize).contains(&at));
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
        && view.between(end).trim() != "(";
    (start < end && (start..end).any(own) && !single).then_some(start)
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
