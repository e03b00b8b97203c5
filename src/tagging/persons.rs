//! Names of people, which hide the places inside them.

use super::{
    boundaries::only_places,
    lexicon::{self, GIVEN, TITLE},
    spans::{Span, View, What},
};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{Facet, Gazetteer, matcher::Hit},
};

/// Turns single-word names of places and goods that belong to a person's name into hidden spans.
pub(super) fn hide(gazetteer: &Gazetteer, view: &View<'_>, spans: &mut [Span], first: usize) {
    if view.all_caps {
        return;
    }
    let mut people: Vec<&str> = Vec::new();
    for at in first..spans.len() {
        let span = spans[at];
        let What::Name { hit, legal: false } = span.what else { continue };
        let (start, end) = (span.start as usize, span.end as usize);
        if end - start != 1
            || view.unit(start).is_none_or(|u| u.kind != UnitKind::Word || u.case != Case::Title)
        {
            continue;
        }
        let facets = gazetteer.matcher().accepted(&hit, view.units).any(|name| {
            matches!(
                gazetteer.entry(name.entry).facet,
                Facet::Province | Facet::Country | Facet::Organization
            ) || name.flags.is_ambiguous()
        });
        // No division, country or metropolis, and no good by itself.
        let small = gazetteer.matcher().accepted(&hit, view.units).all(|name| {
            let entry = gazetteer.entry(name.entry);
            entry.facet == Facet::Province
                && entry.kind != "capital"
                && (entry.kind != "division" || name.flags.is_ambiguous())
                && entry.weight < 1_000_000
        });
        let foreign = gazetteer.matcher().accepted(&hit, view.units).all(|name| {
            let entry = gazetteer.entry(name.entry);
            entry.facet == Facet::Province && entry.country != "CN"
        });
        if facets
            && is_person(
                view,
                start,
                spans.get(at + 1),
                at.checked_sub(1).and_then(|b| spans.get(b)).copied().as_ref(),
                small,
                foreign,
            )
        {
            spans[at].what = What::Hidden;
            if small {
                people.push(view.term(start));
            }
        }
    }
    if !people.is_empty() {
        hide_again(view, &mut spans[first..], &people);
    }
}

/// Hides the other mentions of a name that stood for a person once: "Bradford" after "Charles Bradford".
fn hide_again(view: &View<'_>, spans: &mut [Span], people: &[&str]) {
    for span in spans {
        let (start, end) = (span.start as usize, span.end as usize);
        if matches!(span.what, What::Name { legal: false, .. })
            && end - start == 1
            && people.contains(&view.term(start))
        {
            span.what = What::Hidden;
        }
    }
}

fn is_person(
    view: &View<'_>,
    at: usize,
    next_span: Option<&Span>,
    previous_span: Option<&Span>,
    small: bool,
    foreign: bool,
) -> bool {
    let term = view.term(at);
    let own = lexicon::class(term);
    let spaced =
        |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::Space && !view.between(at).contains('\n'));
    let before = view.term_before(at, 1);
    let linked_before = at > 0 && (spaced(at) || view.between(at) == ". ");
    // "Mr Jordan", "President Lincoln"; "Chinese Premier", "Minister Singapore" never stand so.
    if linked_before
        && view.is_capital(at - 1)
        && lexicon::class(before) & TITLE != 0
        && matches!(
            before,
            "mr" | "mrs"
                | "ms"
                | "miss"
                | "dr"
                | "sir"
                | "lord"
                | "lady"
                | "sen"
                | "rep"
                | "gov"
                | "gen"
                | "professor"
                | "prof"
                | "queen"
                | "king"
                | "prince"
                | "princess"
                | "pope"
                | "president"
                | "chairman"
                | "senator"
                | "chancellor"
                | "premier"
                | "congressman"
                | "hurricane"
                | "typhoon"
        )
    {
        return true;
    }
    // "J. Paris": an initial.
    if linked_before
        && before.len() == 1
        && view.is_capital(at - 1)
        && view.between(at) == ". "
        && own & GIVEN != 0
        && (at < 2 || view.term_before(at, 2).len() > 1)
    {
        return true;
    }
    // "Marius Bosch", "Gao Yuan": a given name that no known name ends with.
    if linked_before
        && view.between(at) == " "
        && lexicon::is_given_name(before)
        && view.unit(at - 1).is_some_and(|u| u.case == Case::Title)
        && !previous_span
            .is_some_and(|s| s.end as usize == at && matches!(s.what, What::Name { .. } | What::Shape { .. }))
    {
        return true;
    }
    // "Keiron Henderson": an unknown capitalised word before a small place.
    if linked_before
        && view.between(at) == " "
        && small
        && view.unit(at - 1).is_some_and(|u| u.case == Case::Title && u.end - u.start > 2)
        && lexicon::class(before) & !lexicon::WORD == 0
        && !view.starts_sentence(at - 1)
        && !view.title_case
        && !is_place_noun(before)
        && !DIRECTIONS.contains(&before)
        && previous_span.is_none_or(|s| s.end as usize != at)
    {
        return true;
    }
    // "said Ann Bajaj, director": an unknown word between what people do and a comma.
    if linked_before
        && view.between(at) == " "
        && view.between(at + 1).starts_with(',')
        && view.unit(at - 1).is_some_and(|u| u.case == Case::Title && u.end - u.start > 2)
        && lexicon::class(before) & !lexicon::WORD == 0
        && matches!(view.term_before(at - 1, 1), "said" | "says" | "told" | "added" | "wrote")
        && previous_span.is_none_or(|s| s.end as usize != at)
    {
        return true;
    }
    // "Gao Jian": a Chinese surname that is a foreign place's name, and a given name.
    if foreign
        && lexicon::is_chinese_surname(term)
        && view.between(at + 1) == " "
        && view.unit(at + 1).is_some_and(|u| u.case == Case::Title)
        && lexicon::class(view.term(at + 1)) & !lexicon::WORD == 0
        && !view.title_case
        && !is_place_noun(view.term(at + 1))
    {
        return true;
    }
    // "Darwin E. Stolte": an initial follows, and a surname.
    if spaced(at + 1)
        && view.unit(at + 1).is_some_and(|u| u.case == Case::Upper && u.end - u.start == 1)
        && view.between(at + 2) == ". "
        && view.unit(at + 2).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed))
    {
        return true;
    }
    // "Hurricane Ike", "Bradford said": what only people and storms do.
    if small
        && !super::nearby::locative(view, at, at + 1)
        && view.unit(at + 1).is_some_and(|u| u.gap == Gap::Space && u.case == Case::Lower)
        && matches!(view.term(at + 1), "said" | "says" | "told" | "added" | "noted")
    {
        return true;
    }
    // "Wanzhou Meng": a Chinese surname follows.
    if view.between(at + 1) == " "
        && !(spaced(at + 2) && view.is_capital(at + 2))
        && lexicon::is_chinese_surname(view.term(at + 1))
        && view.unit(at + 1).is_some_and(|u| u.case == Case::Title)
        && !view.title_case
        && !super::nearby::locative(view, at, at + 1)
    {
        return true;
    }
    if own & GIVEN == 0 && !lexicon::is_given_name(term) {
        return false;
    }
    if spaced(at + 1) && small && lexicon::is_given_name(view.term(at + 1)) && view.is_capital(at + 1) {
        return true;
    }
    // "Jordan Smith": a given name before a word that is no name of anything and no common word.
    let next = at + 1;
    if spaced(next)
        && view.unit(next).is_some_and(|u| matches!(u.case, Case::Title | Case::Mixed) && u.end - u.start > 2)
        && !view.title_case
        && lexicon::class(view.term(next)) & !lexicon::WORD == 0
        && next_span.is_none_or(|s| s.start as usize != next)
        && !is_place_noun(view.term(next))
    {
        return true;
    }
    false
}

/// Characters that write the sounds of foreign names, and little else.
const SOUNDS: &str = "阿埃艾奥巴鲍贝宾波伯博布茨达戴丹德登迪蒂杜顿多厄恩尔法菲费芬佛夫弗福盖冈戈格古哈赫亨霍基吉加贾杰卡凯坎康考科克肯库奎拉莱赖兰朗劳勒雷里利莉林琳龙卢鲁伦罗洛马玛麦迈曼芒梅蒙米密莫默姆穆纳娜奈内尼妮涅宁纽努诺欧帕潘庞佩彭蓬皮珀普奇齐乔切琼让日瑞若萨塞赛桑瑟森沙莎舍什施士舒斯丝松苏索塔泰坦唐陶特滕提廷图托瓦旺威韦维温沃乌武西希锡谢辛休雅亚扬耶伊因英尤约泽扎詹兹佐汀翰汤哲";

/// Whether a folded unit is one of the characters that write foreign names.
pub(super) fn foreign_sound(term: &str) -> bool {
    !term.is_empty() && SOUNDS.contains(term)
}

/// Whether a Han name is a piece of a foreign person's: 亚历山大 in 亚历山大·诺瓦克, 卡利 in 卡利巴夫.
pub(super) fn in_foreign_name(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit, left: usize) -> bool {
    /// Longest part of a name between two points, in units.
    const PART: usize = 6;
    let (start, end) = (hit.start as usize, hit.end as usize);
    if !view.is_han(start) || end - start > 6 {
        return false;
    }
    let touching = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::None);
    // Up to the point of the name, over the sounds of its part.
    let mut from = start;
    while from > left && start - from < PART && touching(from) && foreign_sound(view.term(from - 1)) {
        from -= 1;
    }
    let mut to = end;
    while to < end + PART && touching(to) && foreign_sound(view.term(to)) {
        to += 1;
    }
    let point = |at: usize| view.term(at) == "·" && view.unit(at).is_some_and(|u| u.kind == UnitKind::Punct);
    let sounds = (start..end).all(|at| foreign_sound(view.term(at)));
    if sounds && (from > 0 && point(from - 1) || point(to)) {
        return true;
    }
    // 全球巡展·日本特展: the point also joins two parts of a title.
    let foreign_town = || {
        gazetteer.matcher().accepted(hit, view.units).all(|name| {
            let entry = gazetteer.entry(name.entry);
            entry.facet != Facet::Country && entry.country != "CN"
        })
    };
    if (start > 0 && point(start - 1) || point(end)) && foreign_town() {
        return true;
    }
    // 部长埃布拉德: a title before the run of sounds.
    const TITLES: &str = "长统相席理员官使人令练";
    let titled = from > 0 && touching(from) && TITLES.contains(view.term(from - 1));
    // 外长罗德里格斯: the whole name after a title; but 州长加州.
    if titled && from == start && sounds && end - start >= 4 && to == end && foreign_town() {
        return true;
    }
    if end - start > 4 {
        return false;
    }
    let titled = titled && from < start;
    // Without a point: a short name of a foreign town inside a longer run of sounds.
    let small = end - start <= 3
        && gazetteer.matcher().accepted(hit, view.units).all(|name| {
            let entry = gazetteer.entry(name.entry);
            let town = entry.facet == Facet::Province
                && (entry.weight < 3_000_000 && entry.kind != "division" && entry.kind != "capital"
                    || name.flags.is_ambiguous());
            town || name.flags.is_ambiguous()
        });
    // 指挥官萨鲁尔: whatever has that name, only a person's begins before it.
    sounds && titled && (small || end - start <= 3 && only_places(gazetteer, view, hit))
        || small
            && sounds
            && to > end
            && gazetteer
                .matcher()
                .longest_at(view.text, view.units, view.symbols, end)
                .is_none_or(|other| other.end as usize <= end + 1)
}

/// Words before a place that make no person of it.
const DIRECTIONS: &[&str] = &[
    "greater",
    "downtown",
    "central",
    "inner",
    "outer",
    "upper",
    "lower",
    "mainland",
    "metropolitan",
    "suburban",
    "coastal",
    "northern",
    "southern",
    "eastern",
    "western",
    "near",
    "port",
    "fort",
    "mount",
    "lake",
    "saint",
    "san",
    "new",
    "old",
];

/// Endings of words that follow a place's name and are no surname.
pub(super) fn is_place_noun(term: &str) -> bool {
    const NOUNS: &[&str] = &[
        "county",
        "city",
        "state",
        "province",
        "river",
        "island",
        "islands",
        "bay",
        "port",
        "airport",
        "harbor",
        "harbour",
        "district",
        "valley",
        "street",
        "avenue",
        "road",
        "park",
        "stadium",
        "basin",
        "mine",
        "project",
        "region",
        "dam",
        "plant",
        "refinery",
        "strait",
        "sea",
        "ocean",
        "lake",
        "mountain",
        "mountains",
        "peninsula",
        "conference",
        "summit",
        "agreement",
        "accord",
        "declaration",
        "convention",
        "protocol",
        "beach",
        "hills",
        "square",
        "times",
        "post",
        "journal",
        "herald",
        "tribune",
        "globe",
        "daily",
        "news",
        "night",
        "olympics",
        "games",
        "marathon",
        "club",
        "metro",
        "subway",
        "plaza",
        "tower",
        "hotel",
        "stock",
        "composite",
        "index",
    ];
    NOUNS.contains(&term)
}
