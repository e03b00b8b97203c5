//! Where a name of the gazetteer stands in a text and is not meant: across the boundary of other
//! Chinese words, in a street's name, as the letters of a ticker.

use super::{spans::View, words_zh};
use crate::{
    analysis::{Case, Gap, UnitKind},
    gazetteer::{
        Facet, Gazetteer,
        matcher::{Hit, Name},
    },
};

/// Whether a better known name begins inside a Han name and ends after it: 向日 in 趋向日本.
pub(super) fn overtaken(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> bool {
    let (start, end) = (hit.start as usize, hit.end as usize);
    if !view.is_han(start) || end - start < 2 || view.unit(end).is_none_or(|u| u.gap != Gap::None) {
        return false;
    }
    let mut own = None;
    (start + 1..end).any(|at| {
        gazetteer.matcher().longest_at(view.text, view.units, view.symbols, at).is_some_and(|other| {
            other.end as usize > end
                // 济宁夏天: there is no 宁夏 in it.
                && !words_zh::cut_out(gazetteer, view, &other)
                && strength(gazetteer, view, &other)
                    > *own.get_or_insert_with(|| strength(gazetteer, view, hit))
        })
    })
}

/// Whether a Han name says itself what kind of place it is.
pub(super) fn ends_in_rank(last: &str) -> bool {
    matches!(
        last,
        "省" | "市" | "县" | "区" | "州" | "旗" | "盟" | "镇" | "乡" | "岛" | "港" | "湾" | "国" | "矿"
    )
}

/// Whether a street or a building begins at a unit.
pub(super) fn is_street(view: &View<'_>, at: usize) -> bool {
    let next = view.term(at);
    let two = view.units.joined(at..(at + 2).min(view.units.len()));
    matches!(next, "路" | "街" | "巷" | "弄")
        && !matches!(two, "路线" | "路径" | "路透" | "路演" | "路桥" | "街道" | "路段" | "路网")
        || matches!(
            two,
            "大道"
                | "大街"
                | "东路"
                | "西路"
                | "南路"
                | "北路"
                | "中路"
                | "花园"
                | "小区"
                | "大厦"
                | "大桥"
                | "酒店"
                | "饭店"
                | "胡同"
        )
}

/// Two characters that name two countries only by chance: 今日股价, 其中非货, 8月7日中午.
pub(super) fn chance_pair(view: &View<'_>, start: usize, end: usize) -> bool {
    if end - start > 3 || !view.is_han(start) {
        return false;
    }
    let next_to = |at: usize| view.unit(at).is_some_and(|u| u.gap == Gap::None);
    let before = if next_to(start) { view.term_before(start, 1) } else { "" };
    let after = if next_to(end) { view.term(end) } else { "" };
    let has = |list: &str, term: &str| !term.is_empty() && list.contains(term);
    let after_number =
        start > 0 && next_to(start) && view.unit(start - 1).is_some_and(|u| u.kind == UnitKind::Number);
    let head = match view.term(start) {
        "日" => {
            after_number
                || has(
                    "今近当昨次即每明同节假生往平连终整单半周首元末期旬一二三四五六七八九十何工某早",
                    before,
                )
        }
        "中" => has("其集空家途水心高初期年月当手眼盘港山场网会话案路区村人程系文球之华", before),
        "美" => has("完精优健华俊审唯赞柔甜最很舞", before),
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
        "加" => has("大强快工剧息速上入盟征码收仓派油点热冕载拿紧深重之以班价密", after),
        "意" => has("见义愿外味图思识向大", after),
        "越" => has("来发过", after),
        "新" => has("闻的增能型冠一建华", after),
        "欧" => has("元洲盟亚阳", after),
        "股" => false,
        _ => false,
    };
    // 美德 is a virtue more often than two countries.
    let virtue =
        view.units.joined(start..end) == "美德" && !matches!(after, "关" | "两" | "双" | "领" | "贸");
    head || tail || virtue
}

/// Whether all that a name may mean are places below a country.
pub(super) fn only_places(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> bool {
    gazetteer
        .matcher()
        .accepted(hit, view.units)
        .all(|name| gazetteer.entry(name.entry).facet == Facet::Province)
}

/// Leagues of which the clubs bear names of towns.
const LEAGUES: &[&str] =
    &["英超", "英冠", "西甲", "德甲", "意甲", "法甲", "葡超", "荷甲", "土超", "俄超", "沙超"];

/// 葡超波尔图, 意甲那不勒斯: the place that a football club is named after, behind its league.
pub(super) fn is_club(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> bool {
    let start = hit.start as usize;
    start >= 2
        && [start - 1, start].iter().all(|at| view.unit(*at).is_some_and(|u| u.gap == Gap::None))
        && LEAGUES.contains(&view.units.joined(start - 2..start))
        && only_places(gazetteer, view, hit)
}

/// 曼谷邮报, 武汉晚报: the place that a newspaper is named after.
pub(super) fn is_newspaper(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> bool {
    const PAPERS: &[&str] = &["邮报", "时报", "日报", "晚报", "早报", "晨报"];
    let end = hit.end as usize;
    end + 2 <= view.units.len()
        && [end, end + 1].iter().all(|at| view.unit(*at).is_some_and(|u| u.gap == Gap::None))
        && PAPERS.contains(&view.units.joined(end..end + 2))
        && only_places(gazetteer, view, hit)
}

/// "GCL.AX", ".DJI", "( MON.N )", "(OSH)": letters of a ticker that happen to be a name.
pub(super) fn is_ticker(view: &View<'_>, hit: &Hit, gazetteer: &Gazetteer) -> bool {
    let (start, end) = (hit.start as usize, hit.end as usize);
    let upper = |at: usize| view.unit(at).is_some_and(|u| u.case == Case::Upper);
    if end - start != 1 || !upper(start) || view.unit(start).is_none_or(|u| u.end - u.start < 2) {
        return false;
    }
    let next = view.unit(end).map_or(0, |u| u.end - u.start);
    let bracketed = view.between(start).ends_with('<') && view.between(end).starts_with('>');
    // "(OSH)" is no town: a name in brackets is written so only if it always is.
    let plain_bracket = !view.all_caps
        && view.between(start).ends_with('(')
        && view.between(end).starts_with(')')
        && gazetteer
            .matcher()
            .accepted(hit, view.units)
            .all(|n| !n.flags.is_code() && !gazetteer.matcher().in_capitals(n));
    // "(NASDAQ: ONVO)": the code of the body before the bracket.
    let listed = view.between(start).starts_with(':')
        && view.between(end).starts_with(')')
        && matches!(
            view.term_before(start, 1),
            "nyse"
                | "nasdaq"
                | "nasdaqgs"
                | "nysearca"
                | "amex"
                | "otc"
                | "otcmkts"
                | "tsx"
                | "tsxv"
                | "asx"
                | "lse"
                | "lon"
        );
    plain_bracket
        || (bracketed
            || listed
            || (view.between(end) == "." && upper(end) && next <= 3)
            || view.between(start).ends_with(" ."))
            && gazetteer.matcher().accepted(hit, view.units).all(|n| !n.flags.is_code())
}

/// How well known the best thing is that a name may mean.
pub(super) fn strength(gazetteer: &Gazetteer, view: &View<'_>, hit: &Hit) -> u32 {
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
pub(super) fn crosses_words(view: &View<'_>, start: usize, end: usize) -> bool {
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
    // 其中国有企业, 发展中国家.
    if next_to
        && view.units.joined(start..end) == "中国"
        && (matches!(view.term_before(start, 1), "其" | "集")
            && matches!(view.term(end), "有" | "产" | "内" | "家" | "际" | "企" | "资" | "外" | "标" | "债")
            || view.term_before(start, 1) == "展" && view.term(end) == "家")
    {
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
    if end - start == 1
        && next_to
        && matches!(
            view.term(end),
            "亚" | "尔" | "克" | "拉" | "斯" | "伯" | "纳" | "耶" | "姆" | "普" | "坦" | "顿" | "兰" | "恩"
        )
    {
        return true;
    }
    // 当前海河流域: the first character ends another word.
    if view.term(start) == "前"
        && matches!(view.term_before(start, 1), "当" | "目" | "日" | "以" | "此" | "之" | "提" | "向")
    {
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
            matches!(
                before,
                "今" | "近" | "当" | "明" | "昨" | "即" | "每" | "次" | "往" | "平" | "节" | "假" | "生"
            ) && !matches!(after, "首" | "政" | "央" | "经" | "方")
                || matches!(after, "报" | "网" | "刊" | "轮" | "次") && before != "在"
        }
        "海地" => {
            matches!(before, "沿" | "上" | "近" | "临" | "滨" | "渤" | "黄" | "珠" | "威")
                || after == "区" && !before.is_empty()
        }
        "南非" => matches!(before, "东" | "西" | "越" | "云" | "河" | "湖" | "海" | "济"),
        "巴西" => after == "部" || before == "大",
        "大连" => after == "续" || after == "锁" || after == "接" || after == "任" && before == "扩",
        "大同" => matches!(after, "时" | "小" | "意" | "比") || before == "扩" || before == "强",
        "开封" => after == "闭" || after == "后",
        "黄山" | "青海" | "上海" if before == "东" || before == "西" => false,
        _ if name.ends_with(['东', '西', '南', '北']) => {
            let region = matches!(after, "侧" | "麓" | "岸" | "端" | "缘" | "坡" | "翼")
                || (after == "部" && !matches!(after2, "分" | "署" | "长" | "门" | "委" | "队"));
            // "黄河南部", "唐山东部": the first character ends another name.
            region
                && !before.is_empty()
                && !matches!(
                    before,
                    "在" | "、"
                        | ","
                        | "和"
                        | "与"
                        | "及"
                        | "."
                        | "("
                        | "\""
                        | "是"
                        | "对"
                        | "为"
                        | "从"
                        | "到"
                )
        }
        _ => false,
    }
}
