//! Whether an article supports an ambiguous name of an organization.

use rustc_hash::FxHashMap;

use super::{
    lexicon,
    organizations::Bodies,
    spans::{Span, View, What},
};
use crate::{
    analysis::{Case, UnitKind},
    gazetteer::{Entry, EntryId, Facet, Gazetteer},
};

/// "Nasdaq Composite", "Dow Jones industrial average", 纳斯达克指数: an index, not its owner.
pub(super) fn is_index(view: &View<'_>, start: usize, end: usize) -> bool {
    let next = view.term(end);
    // "the Dow, the S&P and the Nasdaq"; but "listed on the Nasdaq", "the Nasdaq exchange".
    if view.units.joined(start..end) == "nasdaq" {
        let listed = matches!(view.term_before(start, 2), "on" | "by" | "at" | "from" | "to" | "of");
        let body = matches!(next, "stock" | "exchange" | "market" | "inc" | "listing" | "listed");
        let named = (end..end + 3).any(|at| view.term(at) == "index");
        if named || view.term_before(start, 1) == "the" && !listed && !body {
            return true;
        }
    }
    if view.is_han(end) {
        return next == "指" && matches!(view.term(end + 1), "数" | "期" | "涨" | "跌" | "收");
    }
    if view.unit(end).is_some_and(|u| u.gap == crate::analysis::Gap::None && u.kind == UnitKind::Number) {
        return matches!(next, "50" | "100" | "200" | "225" | "300" | "500" | "1000" | "2000");
    }
    view.unit(end).is_some_and(|u| u.gap == crate::analysis::Gap::Space)
        && (matches!(next, "composite" | "index" | "average")
            || matches!(
                (next, view.term(end + 1)),
                ("industrial", "average") | ("100" | "200" | "500", _) | ("futures", "rose" | "fell")
            ))
}

/// How often an article names each country, by alpha-2 code.
#[derive(Debug, Default)]
pub(super) struct States(FxHashMap<String, usize>);

impl States {
    pub fn count(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &[Span]) -> States {
        let mut states = States::default();
        for span in spans.iter().filter(|s| matches!(s.what, What::Name { .. })) {
            for (name, entry) in span.names(gazetteer, views) {
                if entry.facet == Facet::Country && !name.flags.is_ambiguous() {
                    *states.0.entry(entry.code.clone()).or_default() += 1;
                }
            }
        }
        states
    }

    /// Whether a body of this country goes without saying: the country is named most often, or a Chinese
    /// text names none but China.
    fn at_home(&self, country: &str, chinese: bool) -> bool {
        let own = self.0.get(country).copied().unwrap_or(0);
        let most = self.0.values().copied().max().unwrap_or(0);
        own > 0 && own == most || chinese && country == "CN" && self.0.keys().all(|c| c == "CN")
    }
}

/// Whether a body of state is named by what it does, and not by letters: "Energy Department", 发改委.
fn office_of_state(view: &View<'_>, entry: &Entry, span: &Span) -> bool {
    /// Before these a Chinese short name is that of a province's body, or of several states'.
    const OTHERS: &str = "省市区县州旗盟国球要家间方各";
    let start = span.start as usize;
    let glued = view.unit(start).is_some_and(|u| u.gap == crate::analysis::Gap::None);
    let before = view.term_before(start, 1);
    let state = matches!(entry.kind.as_str(), "ministry" | "agency")
        || view.units.joined(start..span.end as usize) == "央行";
    let army = view.is_han(start) && view.term(span.end as usize - 1) == "军";
    state
        && !army
        && if view.is_han(start) {
            !(glued && !before.is_empty() && OTHERS.contains(before))
        } else {
            span.end - span.start >= 2
        }
}

/// The organization that an ambiguous name means here, if the article says so.
pub(super) fn supported(
    gazetteer: &Gazetteer,
    views: &[View<'_>; 2],
    bodies: &Bodies,
    states: &States,
    span: &Span,
) -> Option<EntryId> {
    let view = &views[span.field as usize];
    let around = if goes_on(view, span) { 0 } else { context(view, span) };
    let mut best: Option<(u32, EntryId)> = None;
    for (name, entry) in span.names(gazetteer, views).filter(|(_, e)| e.facet == Facet::Organization) {
        let mut score = 0;
        if bodies.of_entry(name.entry).is_some() {
            score += 8;
        }
        if gazetteer.parent(name.entry).is_some_and(|p| bodies.of_entry(p).is_some()) {
            score += 2;
        }
        if bodies.list.iter().any(|b| b.entry.is_some_and(|id| gazetteer.parent(id) == Some(name.entry))) {
            score += 2;
        }
        let han = view.is_han(span.start as usize);
        // No other state has a 发改委 or a 网信办.
        let only_china =
            han && entry.country == "CN" && matches!(view.term(span.end as usize - 1), "委" | "办");
        if office_of_state(view, entry, span) && (only_china || states.at_home(&entry.country, han)) {
            score += 2;
        }
        if !matches!(entry.kind.as_str(), "ministry" | "agency" | "multilateral") {
            score += around + coordinated(gazetteer, view, span);
        }
        if score >= 2 && best.is_none_or(|(s, _)| s < score) {
            best = Some((score, name.entry));
        }
    }
    best.map(|(_, id)| id)
}

/// "Merrill Ross", "Omega Valve": whether another capitalised word follows, which is no word of the language.
fn goes_on(view: &View<'_>, span: &Span) -> bool {
    let end = span.end as usize;
    span.end - span.start == 1
        && !view.title_case
        && view.between(end) == " "
        && view.unit(end).is_some_and(|u| u.kind == UnitKind::Word && u.case == Case::Title)
        && lexicon::class(view.term(end)) & !lexicon::GIVEN == 0
}

/// 2 where a sure body stands beside a name in a list: "Nike and Apple", 苹果和亚马逊.
pub(super) fn coordinated(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> u32 {
    let matcher = gazetteer.matcher();
    let is_body = |at: usize, until: Option<usize>| {
        matcher.longest_at(view.text, view.units, view.symbols, at).is_some_and(|hit| {
            until.is_none_or(|end| hit.end as usize == end)
                && matcher.accepted(&hit, view.units).any(|n| {
                    !n.flags.is_stop()
                        && !n.flags.is_ambiguous()
                        && matches!(gazetteer.entry(n.entry).kind.as_str(), "company" | "bank")
                })
        })
    };
    let (start, end) = (span.start as usize, span.end as usize);
    let joins = |at: usize| matches!(view.term(at), "and" | "和" | "与" | "," | "及" | "or");
    let after = if joins(end) { end + 1 } else { end };
    let comma = view.unit(end).is_some() && view.between(end).trim() == ",";
    if (joins(end) || comma) && is_body(after, None) {
        return 2;
    }
    let comma = start > 0 && view.between(start).trim() == ",";
    let before = match start.checked_sub(1) {
        Some(at) if joins(at) => at,
        Some(_) if comma => start,
        _ => return 0,
    };
    let found =
        (1..=6usize).filter_map(|len| before.checked_sub(len)).any(|from| is_body(from, Some(before)));
    if found { 2 } else { 0 }
}

/// How much the words around a span speak of a company: 0 to 4.
pub(super) fn context(view: &View<'_>, span: &Span) -> u32 {
    let (start, end) = (span.start as usize, span.end as usize);
    let last = view.unit(end.saturating_sub(1)).map_or(0, |u| u.end as usize);
    let tail: String = view.text.get(last..).unwrap_or("").chars().take(24).collect();
    // A ticker in brackets: "( AAPL.O )", "(600111.SH)", "<XYZ.O>".
    let trimmed = tail.trim_start();
    if let Some(inside) = trimmed.strip_prefix(['(', '<', '（']) {
        let code: String = inside
            .trim_start()
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':'))
            .collect();
        let is_ticker = code.len() >= 3
            && code.contains(['.', ':'])
            && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '.' | ':'));
        if is_ticker {
            return 4;
        }
    }
    if view.is_han(start) {
        let after = view.units.joined(end..(end + 4).min(view.units.len()));
        let before = view.units.joined(start.saturating_sub(4)..start);
        const AFTER: &[&str] = &[
            "公司", "集团", "股价", "股份", "财报", "ceo", "首席", "发布", "宣布", "表示", "称", "推出",
            "高管", "董事", "官网", "回应", "业绩", "营收", "旗下",
        ];
        const BEFORE: &[&str] = &["公司", "巨头", "厂商", "龙头", "投资者", "客户", "旗下", "股东", "企业"];
        return if AFTER.iter().any(|w| after.starts_with(w)) || BEFORE.iter().any(|w| before.ends_with(w)) {
            2
        } else {
            0
        };
    }
    let possessive = view.term(end) == "s" && matches!(view.between(end), "'" | "’");
    let next = if possessive { end + 1 } else { end };
    const AFTER: &[&str] = &[
        "shares",
        "share",
        "stock",
        "ceo",
        "chief",
        "profit",
        "profits",
        "earnings",
        "executives",
        "spokesman",
        "spokeswoman",
        "reported",
        "shareholders",
        "investors",
        "announced",
        "subsidiary",
        "unit",
        "employees",
        "workers",
        "results",
        "sales",
        "revenue",
        "analyst",
        "analysts",
        "chairman",
        "stake",
        "bid",
        "offer",
        "quarterly",
        "board",
        "management",
        "posted",
        "agreed",
        "acquired",
        "bought",
        "sold",
        "president",
        "holds",
        "owns",
        "operates",
        "jumped",
        "jumping",
        "gained",
        "climbed",
        "surged",
        "slid",
        "plunged",
        "tumbled",
        "rallied",
    ];
    const BEFORE: &[&str] = &[
        "miner",
        "producer",
        "maker",
        "giant",
        "company",
        "firm",
        "rival",
        "rivals",
        "supplier",
        "group",
        "trader",
        "retailer",
        "refiner",
        "automaker",
        "manufacturer",
        "shareholder",
        "buy",
        "acquire",
        "owner",
        "analyst",
        "shares",
        "steelmaker",
        "bank",
        "brokerage",
        "developer",
    ];
    let before = view.term_before(start, 1);
    let before2 = view.term_before(start, 2);
    let listed = (AFTER.contains(&view.term(next)) && view.unit(next).is_some_and(|u| u.case == Case::Lower))
        || BEFORE.contains(&before)
        || (matches!(before, "in" | "of" | "at" | "by" | "for")
            && matches!(
                before2,
                "shares"
                    | "stake"
                    | "ceo"
                    | "chairman"
                    | "analyst"
                    | "analysts"
                    | "strategist"
                    | "economist"
                    | "trader"
                    | "unit"
                    | "director"
                    | "head"
                    | "subsidiary"
                    | "takeover"
                    | "spokesman"
            ));
    if listed { 2 } else { 0 }
}
