//! Chinese organizations by the build of their names: an ending (公司, 集团, 大学, 自然资源厅), and to
//! its left a known place or body, or characters up to a word that cannot be inside a name.

use super::{
    lexicon,
    lexicon_zh::{
        ENDINGS_BY_LAST, Ending, GENERIC, HARD_STOPS, LEGAL, NAME_WORDS, STOP_WORD_SET, STOPS, goes_on,
        is_generic,
    },
    spans::{Shape, Span, View, What, certain},
    words_zh,
};
use crate::{
    analysis::{Gap, UnitKind},
    gazetteer::{Facet, Gazetteer},
};

/// Longest name in units.
const REACH: usize = 26;

/// Length in units of the legal form that `run` consists of, if it does.
pub(super) fn legal_form(run: &str) -> Option<usize> {
    LEGAL.iter().find(|form| **form == run).map(|form| form.chars().count())
}

/// Units of the longest legal form that ends before unit `end`.
pub(super) fn legal_units(view: &View<'_>, start: usize, end: usize) -> usize {
    LEGAL
        .iter()
        .find_map(|form| {
            let len = form.chars().count();
            let from = end.checked_sub(len).filter(|from| *from > start)?;
            (view.units.joined(from..end) == *form).then_some(len)
        })
        .unwrap_or(0)
}

/// Appends the organizations of a field.
pub(super) fn find(gazetteer: &Gazetteer, view: &View<'_>, names: &[Span], out: &mut Vec<Shape>) {
    let list = view.units.list();
    let mut name = 0;
    let mut floor = 0;
    for (at, unit) in list.iter().enumerate() {
        if unit.kind != UnitKind::Han {
            continue;
        }
        // The symbol of a Han unit is its code point.
        let last = match view.symbols.get(at).and_then(|symbol| char::from_u32(*symbol)) {
            Some(
                c @ ('司' | '团' | '行' | '学' | '院' | '所' | '会' | '盟' | '心' | '券' | '室' | '关' | '厅'
                | '局' | '署' | '部' | '委' | '府' | '队' | '站' | '办' | '联'),
            ) => c,
            _ => continue,
        };
        // Inside a known name, nothing ends.
        while names.get(name).is_some_and(|s| (s.end as usize) <= at) {
            name += 1;
        }
        if names.get(name).is_some_and(|s| (s.start as usize) <= at && s.end as usize > at + 1) {
            continue;
        }
        let end = at + 1;
        // A known body that ends here is whole already.
        let known = names.get(name).is_some_and(|s| {
            s.end as usize == end
                && certain(gazetteer, view, s, &[Facet::Organization]).is_some()
                && !local_office(gazetteer, view, s)
        });
        if known {
            continue;
        }
        let Some((ending, kind)) = ENDINGS_BY_LAST.get(&last).and_then(|list| {
            list.iter().find(|(ending, _)| {
                let len = ending.chars().count();
                end >= len && view.units.joined(end - len..end) == *ending
            })
        }) else {
            continue;
        };
        if *ending == "公司" && matches!(view.term_before(end, 3), "子" | "股") {
            out.extend(subsidiary(view, names, name, end).or_else(|| quoted(view, end)));
        }
        if goes_on(view, end, ending) {
            continue;
        }
        if let Some(shape) = shape(gazetteer, view, names, name, floor, end, ending, *kind) {
            floor = shape.end;
            out.push(shape);
        }
    }
}

/// Whether the short name of an office of the state belongs to a local one: 网信办 of 湖南省委网信办.
fn local_office(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> bool {
    let start = span.start as usize;
    let joined = view.unit(start).is_some_and(|u| u.gap == Gap::None);
    joined
        && matches!(view.term_before(start, 1), "委" | "省" | "市")
        && certain(gazetteer, view, span, &[Facet::Organization])
            .is_some_and(|id| matches!(gazetteer.entry(id).kind.as_str(), "ministry" | "agency"))
}

#[allow(clippy::too_many_arguments)]
fn shape(
    gazetteer: &Gazetteer,
    view: &View<'_>,
    names: &[Span],
    name: usize,
    floor: usize,
    end: usize,
    ending: &str,
    kind: Ending,
) -> Option<Shape> {
    let mut core = end - ending.chars().count();
    if kind == Ending::Company {
        core = end - legal_units(view, 0, end).max(ending.chars().count());
    }
    // 盛源控股集团有限公司: a known body that ends inside the legal form, which it shares.
    let straddles = |s: &&Span| (s.start as usize) < core && (core + 1..end).contains(&(s.end as usize));
    if let Some(known) = names.iter().skip(name.saturating_sub(1)).take(3).find(straddles)
        && certain(gazetteer, view, known, &[Facet::Organization]).is_some()
        && legal_form(view.units.joined(known.end as usize..end)).is_some()
    {
        return Some(Shape { start: known.start as usize, end, core: known.end as usize, legal: true });
    }
    let full = kind == Ending::Company && end - core > 2;
    // Names whose end is left of the core, nearest first.
    let mut left = name.min(names.len());
    while left < names.len() && (names[left].start as usize) < core {
        left += 1;
    }
    let mut start = core;
    let mut anchor: Option<usize> = None;
    let mut org_anchor = false;
    let mut foreign = false;
    let limit = floor.max(end.saturating_sub(REACH));
    while start > limit {
        let unit = view.unit(start)?;
        let before = view.unit(start - 1)?;
        if unit.gap > Gap::None && !(unit.kind == UnitKind::Punct || before.kind == UnitKind::Punct) {
            break;
        }
        // A known name that ends here is taken whole.
        while left > 0 && names[left - 1].end as usize > start {
            left -= 1;
        }
        if let Some(span) = left
            .checked_sub(1)
            .map(|l| &names[l])
            .filter(|s| s.end as usize == start && s.start as usize >= limit)
        {
            let country = certain(gazetteer, view, span, &[Facet::Country]);
            // 巴西某某公司: a foreign country before a company is where it comes from.
            if country.is_some_and(|id| gazetteer.entry(id).code != "CN")
                && kind == Ending::Company
                && core >= start + 3
            {
                foreign = true;
                break;
            }
            let place = country.is_some() || is_place(gazetteer, view, span);
            // 国家药监局综合司 is a part of its body; 某公司…中心 is none of the company's name.
            let body = certain(gazetteer, view, span, &[Facet::Organization])
                .is_some_and(|id| kind != Ending::Office || gazetteer.entry(id).kind != "company");
            let compound = matches!(span.what, What::Name { hit, .. } if gazetteer.matcher().accepted(&hit, view.units).any(|n| n.flags.is_compound()));
            if (place && !compound) || body {
                start = span.start as usize;
                anchor = Some(start);
                org_anchor = body;
                if body && start < core {
                    break;
                }
                continue;
            }
        }
        if anchor.is_some() {
            break;
        }
        let term = view.term(start - 1);
        match before.kind {
            UnitKind::Punct => {
                // A bracket inside: 某某（集团）公司, 某某（北京）有限公司.
                if term == ")" {
                    let open = (limit..start.saturating_sub(1)).rev().take(8).find(|i| view.term(*i) == "(");
                    if let Some(open) = open
                        && (open + 1..start - 1).all(|i| view.is_han(i))
                        && open > limit
                        && view.is_han(open - 1)
                    {
                        start = open;
                        continue;
                    }
                } else if term == "(" && start > core {
                    start -= 1;
                    continue;
                }
                break;
            }
            UnitKind::Han => {
                // 和 joins two fields of one office, and ends the name before a company.
                let loose =
                    kind == Ending::Office && !matches!(ending, "中心" | "实验室" | "联盟" | "政府" | "总队");
                let list = if full || loose { HARD_STOPS } else { STOPS };
                // 应急管理部与国家地震局: a known body ends before it.
                let joined_body = || {
                    names[..left].iter().rev().take(2).any(|s| {
                        s.end as usize == start - 1
                            && certain(gazetteer, view, s, &[Facet::Organization]).is_some()
                    })
                };
                let stops = |c: char| match c {
                    '和' | '与' => kind != Ending::Office || joined_body(),
                    c => list.contains(c) && !in_name_word(view, start - 1),
                };
                if term.chars().next().is_some_and(stops) {
                    break;
                }
                let stop_word = (1..=4).any(|len| {
                    start >= limit + len && STOP_WORD_SET.contains(view.units.joined(start - len..start))
                });
                if stop_word {
                    break;
                }
                start -= 1;
            }
            UnitKind::Word => {
                start -= 1;
                break;
            }
            UnitKind::Number => break,
        }
    }
    // "（集团）有限公司" with nothing before it.
    while start < core && !view.is_han(start) && view.unit(start).is_some_and(|u| u.kind == UnitKind::Punct) {
        start += 1;
    }
    let len = core - start.min(core);
    let text = view.units.joined(start..core);
    let national = text.starts_with("国家") || text.starts_with("国务院") || text.starts_with("中央");
    let accepted = match kind {
        Ending::Company => {
            let word = view.unit(start).is_some_and(|u| u.kind == UnitKind::Word);
            (len >= 2 || (word && len >= 1))
                && len <= if full { 18 } else { 10 }
                && (full
                    || anchor.is_some()
                    || foreign
                    || ending == "集团" && (len <= 6 || word)
                    || acronym_follows(view, end)
                    || begins_free(view, start) && (own_name(text) || repeated(view, start, end)))
        }
        Ending::Body => len >= 2 && (anchor.is_some() || national || len <= 8),
        Ending::Office => {
            (anchor.is_some_and(|a| a == start) || national)
                && !org_anchor_only(org_anchor, ending)
                && (2..=16).contains(&len)
        }
    };
    let role = {
        let core_text = text;
        let word = view.unit(start).is_some_and(|u| u.kind == UnitKind::Word);
        is_generic(core_text)
            || (word && core_text.ends_with("上市"))
            || (anchor.is_some()
                && kind != Ending::Body
                && is_generic(&strip_anchor(view, names, start, core))
                && kind == Ending::Company
                && end - core <= 2)
    };
    if !accepted || role || text.starts_with("我国") {
        return None;
    }
    // One character ends other words too: 大局, 部署.
    let single = kind == Ending::Office && ending.chars().count() == 1;
    let other_word = matches!(
        (view.term_before(end, 2), ending),
        ("大" | "全" | "格" | "结" | "布" | "政" | "时" | "战" | "僵" | "开" | "当" | "变" | "残", "局")
            | ("部" | "签", "署")
            | ("大" | "客" | "餐" | "舞" | "前" | "展", "厅")
    );
    // 省委, 国资委; but 常委, 政委 are people.
    let people =
        ending == "委" && !"省市县区州纪改资监信卫健建教科农工商法划游管".contains(view.term_before(end, 2));
    if single && (len < 3 || other_word || people) {
        return None;
    }
    // 武警北京总队, 哈尔滨局: a place with an ending says too little; 专题协商会 is a meeting.
    let place_only = anchor == Some(start) && strip_anchor(view, names, start, core).is_empty();
    let bare = place_only && !org_anchor && matches!(ending, "局" | "总队" | "中心" | "厅" | "署");
    let meeting = ending == "商会" && matches!(view.term_before(end, 3), "协" | "洽");
    // 春天硅谷银行 begins with its own sentence; 维护银行体系 with a verb.
    let verb = kind == Ending::Body
        && anchor.is_none()
        && !national
        && len <= 3
        && (words_zh::is_common(text) || words_zh::is_common(view.units.joined(core - 2..core)))
        && matches!(ending, "银行" | "学院" | "医院" | "学会" | "协会" | "联盟");
    let party = text.starts_with('党') && kind == Ending::Office;
    // 中国政府, 德国联邦政府: the state, not one of its bodies.
    let state = ending == "政府"
        && names
            .iter()
            .any(|s| s.start as usize == start && certain(gazetteer, view, s, &[Facet::Country]).is_some());
    // 合肥体育中心: a building.
    let venue = ending == "中心"
        && matches!(
            view.units.joined(core.saturating_sub(2)..core),
            "体育"
                | "会展"
                | "购物"
                | "商业"
                | "展览"
                | "国际"
                | "游客"
                | "博览"
                | "活动"
                | "金融"
                | "广场"
                | "会议"
        );
    let office = ending == "办" && !"台侨信安新外融法政研扶环港".contains(view.term_before(end, 2));
    if bare || meeting || verb || party || state || venue || office {
        return None;
    }
    // 北京分公司: a branch is called so, with its ending.
    if matches!(view.term_before(core, 1), "分" | "支") {
        core = end;
    }
    let legal = kind == Ending::Company && end - core >= 2;
    Some(Shape { start, end, core: if kind == Ending::Company { core } else { end }, legal })
}

fn org_anchor_only(org: bool, ending: &str) -> bool {
    org && matches!(ending, "部" | "证券" | "政府" | "联盟")
}

fn is_place(gazetteer: &Gazetteer, view: &View<'_>, span: &Span) -> bool {
    let What::Name { hit, .. } = span.what else { return false };
    // 会同, 公安: a county's short name is another word too often to begin a name.
    let bare = hit.end - hit.start == 2 && !super::boundaries::ends_in_rank(view.term(hit.end as usize - 1));
    gazetteer.matcher().accepted(&hit, view.units).any(|name| {
        let entry = gazetteer.entry(name.entry);
        !name.flags.is_stop()
            && entry.facet == Facet::Province
            && !(bare && (name.flags.is_ambiguous() || matches!(entry.kind.as_str(), "county" | "city")))
    })
}

/// The text between the place at the start and the ending.
fn strip_anchor(view: &View<'_>, names: &[Span], start: usize, core: usize) -> String {
    let from = names.iter().find(|s| s.start as usize == start).map_or(start, |s| (s.end as usize).min(core));
    view.units.joined(from..core).to_owned()
}

/// Endings of companies' short names: 明毅电子, 云岭矿业.
const SHORT_ENDINGS: &[&str] = &[
    "电子",
    "科技",
    "股份",
    "矿业",
    "锂业",
    "铜业",
    "铝业",
    "钴业",
    "镍业",
    "钢铁",
    "能源",
    "新能源",
    "材料",
    "新材",
    "化工",
    "化学",
    "药业",
    "医药",
    "生物",
    "实业",
    "重工",
    "智能",
    "半导体",
    "光电",
    "精密",
    "控股",
    "证券",
    "期货",
    "基金",
    "资本",
    "环保",
    "电气",
    "汽车",
    "食品",
    "稀土",
    "钨业",
    "资源",
];

/// The name that follows 子公司, 参股公司 directly: three to six characters with a usual ending.
fn subsidiary(view: &View<'_>, names: &[Span], name: usize, start: usize) -> Option<Shape> {
    let taken = |end: usize| {
        names.iter().skip(name).take(4).any(|s| (s.start as usize) < end && s.end as usize > start)
    };
    (3..=6usize).find_map(|len| {
        let end = start + len;
        let run = (start..end).all(|at| view.is_han(at) && view.unit(at).is_some_and(|u| u.gap == Gap::None));
        let text = view.units.joined(start..end.min(view.units.len()));
        let fits = run
            && SHORT_ENDINGS.iter().any(|ending| text.ends_with(ending))
            && !is_generic(text)
            && !taken(end);
        // 子公司的科技, 子公司将能源: no name begins so.
        let begins = !text.chars().next().is_some_and(|c| STOPS.contains(c));
        (fits && begins).then_some(Shape { start, end, core: end, legal: false })
    })
}

/// Whether a company without a legal form is named so at least twice: a role ("进军公司") is not.
fn repeated(view: &View<'_>, start: usize, end: usize) -> bool {
    let name = view.slice(start, end);
    end - start <= 8 && view.text.matches(name).take(2).count() == 2
}

/// Whether no other word can run into what begins here.
fn begins_free(view: &View<'_>, start: usize) -> bool {
    start == 0
        || view.unit(start).is_some_and(|u| u.gap != Gap::None)
        || view.unit(start - 1).is_some_and(|u| u.kind != UnitKind::Han)
        || matches!(
            view.term_before(start, 1),
            "与" | "和" | "由" | "对" | "是" | "为" | "在" | "向" | "从" | "据" | "及" | "的"
        )
}

/// 三菱综合材料, 布里提拉马: what is left of a name without the words for its trade is no word.
fn own_name(text: &str) -> bool {
    // 初创公司: two characters alone are too often a word that the list lacks.
    const ALONE: usize = 3;
    let mut own = text;
    while let Some(word) = GENERIC.iter().filter(|w| own.ends_with(**w)).max_by_key(|w| w.len()) {
        own = &own[..own.len() - word.len()];
    }
    let ends: Vec<usize> = own.char_indices().map(|(at, _)| at).chain([own.len()]).collect();
    let alone = own.len() == text.len();
    // 三大快递公司, 涉事铁路公司, 约占上榜公司.
    const NO_NAME: &str = "某三首例约占除涉非车业大坐拥属";
    if own.contains(|c| NO_NAME.contains(c)) {
        return false;
    }
    (3..=7).contains(&ends.len())
        && !(alone && ends.len() <= ALONE)
        && !ends.windows(3).any(|w| words_zh::is_common(&own[w[0]..w[2]]))
}

/// （ESMC）: a Latin short name in brackets, which only names have.
fn acronym_follows(view: &View<'_>, end: usize) -> bool {
    let tail = view.unit(end.saturating_sub(1)).and_then(|u| view.text.get(u.end as usize..)).unwrap_or("");
    let Some(inside) = tail.strip_prefix(['(', '（']) else { return false };
    let close = inside.find([')', '）']).unwrap_or(0);
    (2..=10).contains(&close) && inside[..close].bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
}

/// Whether a character that ends names elsewhere is a part of a word that names hold: 能源, 国家, 应用.
fn in_name_word(view: &View<'_>, at: usize) -> bool {
    NAME_WORDS.contains(&view.units.joined(at..(at + 2).min(view.units.len())))
        || at > 0 && NAME_WORDS.contains(&view.units.joined(at - 1..at + 1))
}

/// The name in quotes that follows 子公司, 参股公司.
fn quoted(view: &View<'_>, start: usize) -> Option<Shape> {
    const LONGEST: usize = 16;
    let is = |at: usize, marks: &[&str]| marks.contains(&view.term(at));
    if !is(start, &["\"", "“", "「"]) {
        return None;
    }
    let from = start + 1;
    let end = (from + 2..from + LONGEST).find(|at| is(*at, &["\"", "”", "」"]))?;
    let plain = (from..end).all(|at| {
        view.unit(at).is_some_and(|u| matches!(u.kind, UnitKind::Han | UnitKind::Word) && u.gap != Gap::Break)
    });
    (plain && !is_generic(view.units.joined(from..end))).then_some(Shape {
        start: from,
        end,
        core: end,
        legal: false,
    })
}

/// Whether a short form is too general to stand for a body.
pub(super) fn is_role(text: &str) -> bool {
    is_generic(text) || lexicon::class(text) & lexicon::COMMON != 0
}
