//! The spans of a field that may become mentions: names, shapes of organizations, and what hides them.

use super::{
    Field,
    boundaries::{chance_pair, crosses_words, is_club, is_newspaper, is_ticker, overtaken},
    lexicon, persons, shapes_en, shapes_role, shapes_zh, words_zh,
};
use crate::{
    analysis::{Case, Gap, Unit, UnitKind, Units},
    gazetteer::{
        Entry, EntryId, Facet, Gazetteer,
        matcher::{Hit, Matcher, NONE, Name},
    },
};

/// One field of the article with its units.
pub(super) struct View<'a> {
    pub field: Field,
    pub text: &'a str,
    pub units: &'a Units,
    pub symbols: &'a [u32],
    /// Nearly every letter is a capital: capitals tell nothing.
    pub all_caps: bool,
    /// Nearly every word is capitalised, as in an English headline.
    pub title_case: bool,
    /// Units of the dateline at the start ("LONDON, May 3 (Reuters) -").
    pub dateline: usize,
}

impl<'a> View<'a> {
    pub fn new(field: Field, text: &'a str, units: &'a Units, symbols: &'a [u32]) -> View<'a> {
        let mut view = View { field, text, units, symbols, all_caps: false, title_case: false, dateline: 0 };
        let (mut total, mut upper, mut lower) = (0usize, 0usize, 0usize);
        for unit in units.iter().filter(|u| u.kind == UnitKind::Word) {
            total += usize::from(unit.case != Case::None);
            upper += usize::from(unit.case == Case::Upper);
            lower += usize::from(unit.case == Case::Lower && unit.end - unit.start > 3);
        }
        view.all_caps = total > 2 && upper * 10 > total * 8;
        view.title_case = field == Field::Title && total > 2 && lower * 5 < total;
        if field == Field::Body {
            view.dateline = view.find_dateline();
        }
        view
    }

    pub fn unit(&self, at: usize) -> Option<&'a Unit> {
        self.units.list().get(at)
    }

    /// The folded form of a unit; empty beyond the ends.
    pub fn term(&self, at: usize) -> &'a str {
        self.unit(at).map_or("", |u| self.units.term(u))
    }

    /// The folded form of the unit before, `back` units away; empty beyond the start.
    pub fn term_before(&self, at: usize, back: usize) -> &'a str {
        at.checked_sub(back).map_or("", |i| self.term(i))
    }

    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        match (self.unit(start), end.checked_sub(1).and_then(|e| self.unit(e))) {
            (Some(a), Some(b)) if start < end => {
                self.text.get(a.start as usize..b.end as usize).unwrap_or("")
            }
            _ => "",
        }
    }

    /// The original text between a unit and the one before it.
    pub fn between(&self, at: usize) -> &'a str {
        let before = at.checked_sub(1).and_then(|b| self.unit(b)).map_or(0, |u| u.end as usize);
        let start = self.unit(at).map_or(self.text.len(), |u| u.start as usize);
        self.text.get(before..start).unwrap_or("")
    }

    pub fn is_capital(&self, at: usize) -> bool {
        self.unit(at).is_some_and(|u| matches!(u.case, Case::Title | Case::Upper | Case::Mixed))
    }

    pub fn is_han(&self, at: usize) -> bool {
        self.unit(at).is_some_and(|u| u.kind == UnitKind::Han)
    }

    /// Whether the unit stands at the start of a sentence or a line.
    pub fn starts_sentence(&self, at: usize) -> bool {
        let Some(unit) = self.unit(at) else { return true };
        if at == 0 || unit.gap == Gap::Break {
            return true;
        }
        if unit.gap != Gap::Mark {
            return self.between(at).contains('\n');
        }
        let between = self.between(at);
        (between.contains(['!', '?', ':', '•', '*', '|', '\n', '"', '“'])
            || (between.contains('.') && between.contains(char::is_whitespace)))
            && !(between.trim() == "." && crate::gazetteer::matcher::is_abbreviation(self.units, at - 1))
    }

    /// "LONDON, May 3 (Reuters) -", "BEIJING - ", "(Reuters) -" at the start of the body.
    fn find_dateline(&self) -> usize {
        let mut capitals = 0;
        for at in 0..self.units.len().min(16) {
            let Some(unit) = self.unit(at) else { break };
            if at > 0 {
                let between = self.between(at);
                if capitals > 0
                    && (between.contains(" - ")
                        || between.contains("--")
                        || between.contains(" — ")
                        || between.contains(" – "))
                {
                    return at;
                }
                if unit.gap == Gap::Break {
                    break;
                }
            }
            let month = lexicon::class(self.term(at)) & lexicon::NOT_FIRST != 0;
            match unit.case {
                Case::Upper => capitals += 1,
                Case::Title | Case::Mixed
                    if month
                        || matches!(self.term(at), "reuters" | "xinhua" | "bloomberg" | "china" | "ap") => {}
                Case::None if unit.kind == UnitKind::Number => {}
                _ => break,
            }
        }
        0
    }
}

/// What a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A name of the gazetteer; `legal` when a legal form ("Corp", 有限公司) was added to it.
    Name { hit: Hit, legal: bool },
    /// Built like an organization's name; `core` ends before its legal form.
    Shape { core: u32, legal: bool },
    /// A person, a false friend: hides what is inside.
    Hidden,
}

/// A range of units of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub field: Field,
    pub start: u32,
    pub end: u32,
    pub what: What,
}

impl Span {
    /// The names of this span that fit the text, false friends left out.
    pub fn names<'a>(
        &self,
        gazetteer: &'a Gazetteer,
        views: &'a [View<'a>; 2],
    ) -> impl Iterator<Item = (&'a Name, &'a Entry)> + use<'a> {
        let hit = match self.what {
            What::Name { hit, .. } => Some(hit),
            _ => None,
        };
        let units = views[self.field as usize].units;
        hit.into_iter()
            .flat_map(move |hit| gazetteer.matcher().accepted(&hit, units))
            .filter(|name| !name.flags.is_stop())
            .map(|name| (name, gazetteer.entry(name.entry)))
    }

    pub fn is_org_legal(&self) -> bool {
        matches!(self.what, What::Name { legal: true, .. })
    }
}

/// A run of units that is built like an organization's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub start: usize,
    pub end: usize,
    /// End without the legal form.
    pub core: usize,
    pub legal: bool,
}

/// Appends the spans of a field, in order, none overlapping.
pub(super) fn find(gazetteer: &Gazetteer, view: &View<'_>, out: &mut Vec<Span>) {
    let first = out.len();
    names(gazetteer, view, out);
    let mut shapes = Vec::new();
    if !view.all_caps {
        shapes_en::find(gazetteer, view, &out[first..], &mut shapes);
    }
    shapes_role::find(gazetteer, view, &out[first..], &mut shapes);
    shapes_zh::find(gazetteer, view, &out[first..], &mut shapes);
    merge(gazetteer, view, out, first, &mut shapes);
    persons::hide(gazetteer, view, out, first);
}

fn names(gazetteer: &Gazetteer, view: &View<'_>, out: &mut Vec<Span>) {
    let matcher = gazetteer.matcher();
    let first = out.len();
    let mut at = 0;
    while at < view.symbols.len() {
        if view.symbols[at] == NONE {
            at += 1;
            continue;
        }
        let Some(mut hit) = matcher.longest_at(view.text, view.units, view.symbols, at) else {
            at += 1;
            continue;
        };
        let left = out[first..].last().map_or(0, |s| s.end as usize);
        // 北京市 in 北京市委: the longer name is cut out of other words, the shorter one is not.
        let mut cut =
            words_zh::cut_out(gazetteer, view, &hit) || students(view, &hit) || minister(view, &hit);
        if cut && let Some(shorter) = shorter(matcher, view, &hit) {
            hit = shorter;
            cut = words_zh::cut_out(gazetteer, view, &hit);
        }
        if cut
            || crosses_words(view, hit.start as usize, hit.end as usize)
            || (matcher.at_node(hit.node).any(|n| n.flags.is_compound())
                && chance_pair(view, hit.start as usize, hit.end as usize))
            || overtaken(gazetteer, view, &hit)
            || is_club(gazetteer, view, &hit)
            || is_newspaper(gazetteer, view, &hit)
            || persons::in_foreign_name(gazetteer, view, &hit, left)
        {
            at += 1;
            continue;
        }
        let hidden = is_ticker(view, &hit, gazetteer)
            || matcher.accepted(&hit, view.units).all(|name| name.flags.is_stop());
        let what = if hidden { What::Hidden } else { What::Name { hit, legal: false } };
        out.push(Span { field: view.field, start: hit.start, end: hit.end, what });
        at = hit.end as usize;
    }
}

/// 四川大学生返乡: students of the province, not the university; but 北京大学生命科学学院.
fn students(view: &View<'_>, hit: &Hit) -> bool {
    let end = hit.end as usize;
    view.term(end) == "生"
        && view.units.joined((hit.start as usize).max(end.saturating_sub(2))..end) == "大学"
        && !matches!(view.term(end + 1), "命" | "物" | "产" | "态" | "化")
}

/// 墨西哥经济部长: the minister, not the ministry; but 商务部长期.
fn minister(view: &View<'_>, hit: &Hit) -> bool {
    let end = hit.end as usize;
    view.term(end) == "长"
        && view.unit(end).is_some_and(|u| u.gap == Gap::None)
        && matches!(view.term(end.saturating_sub(1)), "部" | "局" | "厅" | "署")
        && !matches!(
            view.term(end + 1),
            "期" | "远" | "效" | "三" | "江" | "城" | "沙" | "春" | "安" | "征" | "短"
        )
}

/// The next shorter name at the start of a hit.
fn shorter(matcher: &Matcher, view: &View<'_>, hit: &Hit) -> Option<Hit> {
    let symbols = view.symbols.get(..(hit.end as usize).checked_sub(1)?)?;
    matcher.longest_at(view.text, view.units, symbols, hit.start as usize)
}

/// Puts shapes over the names that they cover, and joins what overlaps.
fn merge(gazetteer: &Gazetteer, view: &View<'_>, out: &mut Vec<Span>, first: usize, shapes: &mut [Shape]) {
    if shapes.is_empty() {
        return;
    }
    shapes.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
    let names: Vec<Span> = out.drain(first..).collect();
    let mut name = 0;
    let mut covered = first;
    let mut last_end = 0;
    for shape in shapes.iter() {
        if shape.start < last_end {
            continue;
        }
        while let Some(span) = names.get(name).filter(|s| (s.end as usize) <= shape.start) {
            out.push(*span);
            name += 1;
        }
        covered = covered.max(out.len());
        let (mut start, mut end) = (shape.start, shape.end);
        let mut inner: Option<Span> = None;
        let mut swallowed = false;
        while let Some(span) = names.get(name).filter(|s| (s.start as usize) < end) {
            let (s, e) = (span.start as usize, span.end as usize);
            // "Electric and Gas Corp": a good that only overlaps is no part of the name's beginning.
            if s < start && e < end && only_goods(gazetteer, view, span) {
                name += 1;
                continue;
            }
            if s <= start && e >= end {
                swallowed = true;
            }
            start = start.min(s);
            end = end.max(e);
            if inner.is_none() || swallowed {
                inner = Some(*span);
            }
            name += 1;
        }
        last_end = end;
        if swallowed {
            out.extend(inner);
            continue;
        }
        let shape =
            Shape { start, end, core: if end == shape.end { shape.core } else { end }, legal: shape.legal };
        out.push(cover(gazetteer, view, &shape, inner));
    }
    out.extend_from_slice(&names[name..]);
}

/// Whether a span names goods and nothing else.
fn only_goods(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> bool {
    let What::Name { hit, .. } = span.what else { return false };
    gazetteer
        .matcher()
        .accepted(&hit, view.units)
        .all(|name| name.flags.is_stop() || gazetteer.entry(name.entry).facet == Facet::Commodity)
}

/// The span of a shape: the known body whose name it starts with, when only a legal form follows.
fn cover(gazetteer: &Gazetteer, view: &View<'_>, shape: &Shape, inner: Option<Span>) -> Span {
    let span = |what| Span { field: view.field, start: shape.start as u32, end: shape.end as u32, what };
    if let Some(Span { start, end, what: What::Name { hit, .. }, .. }) = inner {
        let is_org = gazetteer
            .matcher()
            .accepted(&hit, view.units)
            .any(|name| !name.flags.is_stop() && gazetteer.entry(name.entry).facet == Facet::Organization);
        let rest = end as usize..shape.end;
        let only_legal = rest.clone().all(|at| {
            lexicon::class(view.term(at)) & lexicon::LEGAL != 0
                || matches!(view.term(at), "group" | "holdings" | "holding" | "companies" | "company" | "and")
        }) || matches!(shapes_zh::legal_form(view.units.joined(rest)), Some(len) if len == shape.end - end as usize);
        if is_org && start as usize == shape.start && only_legal {
            return span(What::Name { hit, legal: true });
        }
    }
    // The core may be a name by itself where the longest name at its start was another one.
    if let Some(hit) = gazetteer.matcher().longest_at(
        view.text,
        view.units,
        &view.symbols[..shape.core.min(view.symbols.len())],
        shape.start,
    ) && hit.end as usize == shape.core
        && gazetteer
            .matcher()
            .accepted(&hit, view.units)
            .any(|name| !name.flags.is_stop() && gazetteer.entry(name.entry).facet == Facet::Organization)
    {
        return span(What::Name { hit, legal: shape.legal });
    }
    match state_s_body(gazetteer, view, shape) {
        Some(hit) => span(What::Name { hit, legal: shape.legal }),
        None => span(What::Shape { core: shape.core as u32, legal: shape.legal }),
    }
}

/// "U.S. Federal Reserve Board": a known body of state after the name of a country.
fn state_s_body(gazetteer: &Gazetteer, view: &View<'_>, shape: &Shape) -> Option<Hit> {
    let matcher = gazetteer.matcher();
    let symbols = view.symbols.get(..shape.core)?;
    let country = matcher.longest_at(view.text, view.units, symbols, shape.start)?;
    let is_country =
        matcher.accepted(&country, view.units).any(|n| gazetteer.entry(n.entry).facet == Facet::Country);
    let body = matcher.longest_at(view.text, view.units, symbols, country.end as usize)?;
    let of_state = matcher.accepted(&body, view.units).any(|name| {
        !name.flags.is_stop()
            && !name.flags.is_ambiguous()
            && matches!(
                gazetteer.entry(name.entry).kind.as_str(),
                "bank" | "agency" | "ministry" | "exchange"
            )
    });
    (is_country && of_state && body.end as usize == shape.core).then_some(body)
}

/// Whether an entry of this facet is among the names of a span, not as an ambiguous one.
pub(super) fn certain(
    gazetteer: &Gazetteer,
    view: &View<'_>,
    span: &Span,
    facets: &[Facet],
) -> Option<EntryId> {
    let What::Name { hit, .. } = span.what else { return None };
    gazetteer
        .matcher()
        .accepted(&hit, view.units)
        .find(|name| {
            !name.flags.is_stop()
                && !name.flags.is_ambiguous()
                && facets.contains(&gazetteer.entry(name.entry).facet)
        })
        .map(|name| name.entry)
}
