//! Capitals: the place, or the government that the news means by it ("Beijing said").

use super::{
    Field,
    lexicon::capital_of,
    spans::{Span, View, What},
};
use crate::{
    analysis::{Case, UnitKind},
    gazetteer::{Facet, Gazetteer},
};

/// The country whose capital a span is.
pub(super) fn capital(view: &View<'_>, span: &Span) -> Option<&'static str> {
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
pub(super) fn metonym_by_default(code: &str) -> bool {
    matches!(
        code,
        "CN" | "US"
            | "RU"
            | "IR"
            | "KP"
            | "VN"
            | "IN"
            | "PK"
            | "IQ"
            | "SY"
            | "SA"
            | "GR"
            | "UA"
            | "TR"
            | "AF"
    )
}

/// Whether a city or division starts at a unit that is no capital.
pub(super) fn is_city(gazetteer: &Gazetteer, view: &View<'_>, at: usize) -> bool {
    let matcher = gazetteer.matcher();
    let Some(hit) = matcher.longest_at(view.text, view.units, view.symbols, at) else { return false };
    let span =
        Span { field: view.field, start: hit.start, end: hit.end, what: What::Name { hit, legal: false } };
    capital(view, &span).is_none()
        && matcher.accepted(&hit, view.units).any(|n| {
            !n.flags.is_stop() && !n.flags.is_ambiguous() && gazetteer.entry(n.entry).facet == Facet::Province
        })
}

pub(super) fn is_city_until(gazetteer: &Gazetteer, view: &View<'_>, at: usize, end: usize) -> bool {
    is_city(gazetteer, view, at)
        && gazetteer
            .matcher()
            .longest_at(view.text, view.units, view.symbols, at)
            .is_some_and(|hit| hit.end as usize == end)
}

/// Whether a capital stands for the place (`Some(true)`), for its government (`Some(false)`), or
/// its neighbours do not tell.
pub(super) fn location(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> Option<bool> {
    let (start, end) = (span.start as usize, span.end as usize);
    if view.is_han(start) {
        let after = view.units.joined(end..(end + 3).min(view.units.len()));
        const GOVERNMENT: &[&str] = &[
            "当局",
            "政府",
            "方面",
            "表示",
            "认为",
            "宣布",
            "指责",
            "警告",
            "威胁",
            "称",
            "誓言",
            "试图",
            "希望",
            "与北京",
            "和北京",
            "对华",
            "正",
            "拒绝",
            "决定",
            "将对",
        ];
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
    if between.starts_with('-')
        && matches!(
            next,
            "backed" | "led" | "controlled" | "friendly" | "style" | "run" | "funded" | "approved"
        )
    {
        return Some(false);
    }
    if next == "time" && next_lower
        || matches!(
            next,
            "municipality"
                | "municipal"
                | "city"
                | "suburb"
                | "suburbs"
                | "airport"
                | "olympics"
                | "residents"
                | "office"
                | "headquarters"
                | "university"
                | "subway"
                | "embassy"
                | "bureau"
                | "branch"
        )
    {
        return Some(true);
    }
    let subject = next_lower
        && between.trim().is_empty()
        && matches!(
            next,
            "said"
                | "says"
                | "is"
                | "has"
                | "had"
                | "was"
                | "wants"
                | "wanted"
                | "hit"
                | "hits"
                | "accused"
                | "accuses"
                | "urged"
                | "urges"
                | "agreed"
                | "announced"
                | "plans"
                | "planned"
                | "would"
                | "will"
                | "could"
                | "may"
                | "might"
                | "can"
                | "should"
                | "must"
                | "does"
                | "did"
                | "aims"
                | "seeks"
                | "sought"
                | "imposed"
                | "imposes"
                | "banned"
                | "denied"
                | "denies"
                | "insists"
                | "insisted"
                | "refused"
                | "rejects"
                | "rejected"
                | "considers"
                | "views"
                | "sees"
                | "claims"
                | "needs"
                | "vowed"
                | "warned"
                | "responded"
                | "retaliated"
                | "lifted"
                | "tightened"
                | "continues"
                | "moved"
                | "moves"
                | "began"
                | "keeps"
                | "hopes"
                | "fears"
                | "believes"
                | "controls"
                | "launched"
                | "ordered"
                | "pledged"
                | "threatened"
                | "threatens"
                | "calls"
                | "called"
                | "gave"
                | "made"
                | "makes"
                | "took"
                | "takes"
                | "uses"
                | "used"
                | "wields"
                | "remains"
                | "itself"
                | "government"
                | "against"
        );
    let possessive = next == "s" && matches!(between, "'" | "’");
    let owned = view.term(end + 1);
    let of_government = possessive
        && matches!(
            owned,
            "move"
                | "moves"
                | "decision"
                | "policy"
                | "policies"
                | "strategy"
                | "strategic"
                | "push"
                | "efforts"
                | "effort"
                | "plan"
                | "plans"
                | "government"
                | "response"
                | "ban"
                | "curbs"
                | "control"
                | "controls"
                | "dominance"
                | "grip"
                | "ambitions"
                | "ambition"
                | "next"
                | "flagship"
                | "export"
                | "new"
                | "latest"
                | "stance"
                | "claims"
                | "bid"
                | "drive"
                | "campaign"
                | "restrictions"
                | "economic"
                | "trade"
                | "demand"
                | "demands"
                | "attempt"
                | "leadership"
                | "leaders"
                | "support"
                | "approval"
                | "desire"
                | "goal"
                | "goals"
                | "target"
                | "targets"
                | "crackdown"
                | "retaliation"
                | "influence"
                | "envoy"
                | "envoys"
                | "ambassador"
                | "minister"
                | "negotiator"
                | "negotiators"
                | "diplomats"
                | "officials"
        );
    if of_government {
        return Some(false);
    }
    let with_preposition = matches!(
        before,
        "in" | "near"
            | "outside"
            | "around"
            | "across"
            | "downtown"
            | "central"
            | "visit"
            | "visited"
            | "visiting"
            | "leave"
            | "left"
            | "reach"
            | "reached"
            | "arrived"
            | "throughout"
            | "greater"
    );
    if with_preposition {
        return Some(true);
    }
    if before == "at"
        || before == "to"
            && matches!(
                before2,
                "trip"
                    | "visit"
                    | "flew"
                    | "travel"
                    | "travelled"
                    | "traveled"
                    | "came"
                    | "went"
                    | "moved"
                    | "returned"
                    | "flight"
                    | "flights"
                    | "invited"
                    | "fly"
                    | "travels"
                    | "come"
            )
    {
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
    if (by_default || before == "between" || before == "by")
        && matches!(
            before,
            "between"
                | "by"
                | "with"
                | "against"
                | "and"
                | "pressure"
                | "pressured"
                | "urge"
                | "urged"
                | "told"
                | "prompted"
                | "pressing"
                | "force"
                | "allow"
        )
        && !between.trim_start().starts_with(',')
    {
        return Some(false);
    }
    // "Beijing, China", "Beijing, June 3".
    if between.trim() == ","
        && (next == "china"
            || next == "russia"
            || next == "d"
            || next == "dc"
            || view.unit(end).is_some_and(|u| u.kind == UnitKind::Number))
    {
        return Some(true);
    }
    if between.trim() == "(" || view.is_capital(end) && between == " " && !possessive {
        return Some(true);
    }
    None
}
