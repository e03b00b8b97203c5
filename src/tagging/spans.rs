//! The spans of a field that may become mentions: names, shapes of organizations, and what hides them.

use super::{Field, lexicon, persons, shapes_en, shapes_zh};
use crate::{
    analysis::{Case, Gap, Unit, UnitKind, Units},
    gazetteer::{
        Entry, EntryId, Facet, Gazetteer,
        matcher::{Hit, NONE, Name},
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
            (Some(a), Some(b)) if start < end => self.text.get(a.start as usize..b.end as usize).unwrap_or(""),
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
                if capitals > 0 && (between.contains(" - ") || between.contains("--") || between.contains(" — ") || between.contains(" – ")) {
                    return at;
                }
                if unit.gap == Gap::Break {
                    break;
                }
            }
            let month = lexicon::class(self.term(at)) & lexicon::NOT_FIRST != 0;
            match unit.case {
                Case::Upper => capitals += 1,
                Case::Title | Case::Mixed if month || matches!(self.term(at), "reuters" | "xinhua" | "bloomberg" | "china" | "ap") => {}
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
    shapes_zh::find(gazetteer, view, &out[first..], &mut shapes);
    merge(gazetteer, view, out, first, &mut shapes);
    persons::hide(gazetteer, view, out, first);
}

fn names(gazetteer: &Gazetteer, view: &View<'_>, out: &mut Vec<Span>) {
    let matcher = gazetteer.matcher();
    let mut at = 0;
    while at < view.symbols.len() {
        if view.symbols[at] == NONE {
            at += 1;
            continue;
        }
        let Some(hit) = matcher.longest_at(view.text, view.units, view.symbols, at) else {
            at += 1;
            continue;
        };
        if crosses_words(view, hit.start as usize, hit.end as usize)
            || (matcher.at_node(hit.node).any(|n| n.flags.is_compound()) && chance_pair(view, hit.start as usize, hit.end as usize))
            || overtaken(gazetteer, view, &hit) {
            at += 1;
            continue;
        }
        let hidden = is_ticker(view, &hit, gazetteer) || matcher.accepted(&hit, view.units).all(|name| name.flags.is_stop());
        let what = if hidden { What::Hidden } else { What::Name { hit, legal: false } };
        out.push(Span { field: view.field, start: hit.start, end: hit.end, what });
        at = hit.end as usize;
    }
}

/// Whether a better known name begins inside a Han name and ends after it: 向日 in 趋向日本.
fn overtaken(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> bool {
    let (start, end) = (hit.start as usize, hit.end as usize);
    if !view.is_han(start) || end - start < 2 || view.unit(end).is_none_or(|u| u.gap != Gap::None) {
        return false;
    }
    let mut own = None;
    (start + 1..end).any(|at| {
        gazetteer.matcher().longest_at(view.text, view.units, view.symbols, at).is_some_and(|other| {
            other.end as usize > end
                && strength(gazetteer, view, &other) > *own.get_or_insert_with(|| strength(gazetteer, view, hit))
        })
    })
}

/// Whether a Han name says itself what kind of place it is.
pub(super) fn ends_in_rank(last: &str) -> bool {
    matches!(last, "省" | "市" | "县" | "区" | "州" | "旗" | "盟" | "镇" | "乡" | "岛" | "港" | "湾" | "国" | "矿")
}

/// Whether a street or a building begins at a unit.
fn is_street(view: &View<'_>, at: usize) -> bool {
    let next = view.term(at);
    let two = view.units.joined(at..(at + 2).min(view.units.len()));
    matches!(next, "路" | "街" | "巷" | "弄")
        && !matches!(two, "路线" | "路径" | "路透" | "路演" | "路桥" | "街道" | "路段" | "路网")
        || matches!(two, "大道" | "大街" | "东路" | "西路" | "南路" | "北路" | "中路" | "花园" | "小区" | "大厦" | "大桥" | "酒店" | "饭店" | "胡同")
}

/// Two characters that name two countries only by chance: 今日股价, 其中非货, 8月7日中午.
fn chance_pair(view: &View<'_>, start: usize, end: usize) -> bool {
    if end - start > 3 || !view.is_han(start) {
        return false;
    }
    let next_to = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::None);
    let before = if next_to(start) { view.term_before(start, 1) } else { "" };
    let after = if next_to(end) { view.term(end) } else { "" };
    let has = |list: &str, term: &str| !term.is_empty() && list.contains(term);
    let after_number = start > 0 && next_to(start) && view.unit(start - 1).is_some_and(|u| u.kind == UnitKind::Number);
    let head = match view.term(start) {
        "日" => after_number || has("今近当昨次即每明同节假生往平连终整单半周首元末期旬一二三四五六七八九十何工某早", before),
        "中" => has("其集空家途水心高初期年月当手眼盘港山场网会话案路区村人程系文球之华", before),
        "美" => has("完精优健华俊审唯赞柔甜最很", before),
        "台" => has("平舞阳柜电讲前后上一两几三多", before),
        "新" => has("最创革更全刷清翻重崭", before),
        "法" => has("方办做看想说司立执违合依书无语", before),
        "德" => has("道品公美", before),
        "加" => has("增参添更追附", before),
        _ => false,
    };
    let tail = match view.term(end - 1) {
        "日" => has("期前报常均益元后内晚间夜起子程志刊电用历照渐消产本", after),
        "中" => has("国心央小午学医药东期部间级型文华等秋止断介标信石铝远粮车铁建交科", after),
        "美" => has("丽好容食元术妆味团化金景学女妙洲联", after),
        "非" => has("常法遗凡但货公盈农必物", after),
        "法" => has("律院规人庭治官定制案则学律", after),
        "英" => has("语里寸雄才特文", after),
        "印" => has("度刷象章发证花", after),
        "加" => has("大强快工剧息速上入盟", after),
        "意" => has("见义愿外味图思识向大", after),
        "越" => has("来发过", after),
        "新" => has("闻的增能型冠一建华", after),
        "欧" => has("元洲盟亚阳", after),
        "股" => false,
        _ => false,
    };
    // 在日本: the longer name begins inside; 中日本…
    head || tail
}

/// "GCL.AX", ".DJI", "( MON.N )": letters of a ticker that happen to be a name.
fn is_ticker(view: &View<'_>, hit: &Hit, gazetteer: &Gazetteer) -> bool {
    let (start, end) = (hit.start as usize, hit.end as usize);
    let upper = |at: usize| view.unit(at).is_some_and(|u| u.case == Case::Upper);
    if end - start != 1 || !upper(start) || view.unit(start).is_none_or(|u| u.end - u.start < 2) {
        return false;
    }
    let next = view.unit(end).map_or(0, |u| u.end - u.start);
    let bracketed = view.between(start).ends_with('<') && view.between(end).starts_with('>');
    (bracketed || (view.between(end) == "." && upper(end) && next <= 3) || view.between(start).ends_with(" ."))
        && gazetteer.matcher().accepted(hit, view.units).all(|n| !n.flags.is_code())
}

/// How well known the best thing is that a name may mean.
fn strength(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> u32 {
    let of = |name: &Name| {
        if name.flags.is_stop() {
            return 4;
        }
        if name.flags.is_compound() {
            return 1;
        }
        let entry = gazetteer.entry(name.entry);
        let known = match (entry.facet, entry.kind.as_str()) {
            (Facet::Country, _) | (_, "division") => 6,
            (_, "prefecture" | "capital") => 4,
            (Facet::Organization, _) => 2 + entry.weight.min(3) as u32,
            (Facet::Commodity, _) => 3,
            _ => 1 + u32::from(entry.weight > 1_000_000),
        };
        if name.flags.is_ambiguous() { known / 3 } else { known }
    };
    let best = gazetteer.matcher().accepted(hit, view.units).map(of).max().unwrap_or(0);
    best * 2 + (hit.end - hit.start).saturating_sub(2) * 3
}

/// Two-character places that Chinese text forms across the boundary of two other words.
fn crosses_words(view: &View<'_>, start: usize, end: usize) -> bool {
    if !view.is_han(start) {
        return false;
    }
    let next_to = view.unit(end).is_some_and(|u| u.gap == Gap::None);
    // 2502万载重吨.
    let counted = start > 0
        && view.unit(start).is_some_and(|u| u.gap == Gap::None)
        && view.unit(start - 1).is_some_and(|u| u.kind == UnitKind::Number);
    if counted && matches!(view.term(start), "万" | "亿" | "千" | "百" | "十") {
        return true;
    }
    // 东北平原, 华北平原: landforms, not a county.
    if matches!(view.units.joined(start..end), "平原" | "高原" | "盆地" | "丘陵") {
        return true;
    }
    // 人社部门 is no 人社部; one character before a sound of a foreign name is no good (锡亚迪克).
    if next_to && view.term(end - 1) == "部" && matches!(view.term(end), "门" | "分" | "队") {
        return true;
    }
    if end - start == 1 && next_to && matches!(view.term(end), "亚" | "尔" | "克" | "拉" | "斯" | "伯" | "纳" | "耶" | "姆" | "普" | "坦" | "顿" | "兰" | "恩") {
        return true;
    }
    // 东海路, 天峻花园: named after a place, and elsewhere.
    if next_to && end - start <= 3 && !ends_in_rank(view.term(end - 1)) && is_street(view, end) {
        return true;
    }
    if end - start != 2 {
        return false;
    }
    let name = view.units.joined(start..end);
    let adjacent = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::None);
    let before = if adjacent(start) { view.term_before(start, 1) } else { "" };
    let after = if adjacent(end) { view.term(end) } else { "" };
    let after2 = if adjacent(end + 1) { view.term(end + 1) } else { "" };
    match name {
        "日本" => {
            matches!(before, "今" | "近" | "当" | "明" | "昨" | "即" | "每" | "次" | "往" | "平" | "节" | "假" | "生")
                && !matches!(after, "首" | "政" | "央" | "经" | "方")
                || matches!(after, "报" | "网" | "刊" | "轮" | "次") && before != "在"
        }
        "海地" => matches!(before, "沿" | "上" | "近" | "临" | "滨" | "渤" | "黄" | "珠" | "威") || after == "区" && before != "",
        "南非" => matches!(before, "东" | "西" | "越" | "云" | "河" | "湖" | "海" | "济"),
        "巴西" => after == "部" || before == "大",
        "中国" if after == "" => false,
        "大连" => after == "续" || after == "锁" || after == "接" || after == "任" && before == "扩",
        "大同" => matches!(after, "时" | "小" | "意" | "比") || before == "扩" || before == "强",
        "开封" => after == "闭" || after == "后",
        "黄山" | "青海" | "上海" if before == "东" || before == "西" => false,
        _ if name.ends_with(['东', '西', '南', '北']) => {
            let region = matches!(after, "侧" | "麓" | "岸" | "端" | "缘" | "坡" | "翼")
                || (after == "部" && !matches!(after2, "分" | "署" | "长" | "门" | "委" | "队"));
            // "黄河南部", "唐山东部": the first character ends another name.
            region && before != "" && !matches!(before, "在" | "、" | "," | "和" | "与" | "及" | "." | "(" | "\"" | "是" | "对" | "为" | "从" | "到")
        }
        _ => false,
    }
}

/// Puts shapes over the names that they cover, and joins what overlaps.
fn merge(gazetteer: &Gazetteer, view: &View<'_>, out: &mut Vec<Span>, first: usize, shapes: &mut Vec<Shape>) {
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
        let shape = Shape { start, end, core: if end == shape.end { shape.core } else { end }, legal: shape.legal };
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
        let is_org = gazetteer.matcher().accepted(&hit, view.units).any(|name| {
            !name.flags.is_stop() && gazetteer.entry(name.entry).facet == Facet::Organization
        });
        let rest = end as usize..shape.end;
        let only_legal = rest.clone().all(|at| {
            lexicon::class(view.term(at)) & lexicon::LEGAL != 0 || matches!(view.term(at), "group" | "holdings" | "holding")
        }) || matches!(shapes_zh::legal_form(view.units.joined(rest)), Some(len) if len == shape.end - end as usize);
        if is_org && start as usize == shape.start && only_legal {
            return span(What::Name { hit, legal: true });
        }
    }
    // The core may be a name by itself where the longest name at its start was another one.
    if let Some(hit) =
        gazetteer.matcher().longest_at(view.text, view.units, &view.symbols[..shape.core.min(view.symbols.len())], shape.start)
        && hit.end as usize == shape.core
        && gazetteer.matcher().accepted(&hit, view.units).any(|name| {
            !name.flags.is_stop() && gazetteer.entry(name.entry).facet == Facet::Organization
        })
    {
        return span(What::Name { hit, legal: shape.legal });
    }
    span(What::Shape { core: shape.core as u32, legal: shape.legal })
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
