//! Chinese words that end an organization's name, end it on its left, or make a role of it. General
//! vocabulary, no names.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::spans::View;
use crate::analysis::{Gap, UnitKind};

/// Legal forms, longest first.
pub(super) const LEGAL: &[&str] = &[
    "(集团)股份有限公司",
    "(集团)有限责任公司",
    "集团股份有限公司",
    "集团有限责任公司",
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "(集团)有限公司",
    "(集团)公司",
    "有限公司",
    "集团公司",
    "总公司",
    "公司",
    "集团",
    "股份",
];

/// How an ending is recognised.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// A name by itself may stand before it.
    Company,
    /// A body that needs a name of two characters or more before it.
    Body,
    /// A part of government: only after a place or 国家.
    Office,
}

pub(super) const ENDINGS: &[(&str, Ending)] = &[
    ("公司", Ending::Company),
    ("集团", Ending::Company),
    ("银行", Ending::Body),
    ("大学", Ending::Body),
    ("学院", Ending::Body),
    ("研究院", Ending::Body),
    ("研究生院", Ending::Body),
    ("研究所", Ending::Body),
    ("科学院", Ending::Body),
    ("设计院", Ending::Body),
    ("勘查院", Ending::Body),
    ("研究中心", Ending::Body),
    ("交易所", Ending::Body),
    ("交易中心", Ending::Body),
    ("协会", Ending::Body),
    ("商会", Ending::Body),
    ("学会", Ending::Body),
    ("联合会", Ending::Body),
    ("联盟", Ending::Office),
    ("委员会", Ending::Office),
    ("基金会", Ending::Body),
    ("证券", Ending::Office),
    ("实验室", Ending::Office),
    ("海关", Ending::Body),
    ("医院", Ending::Office),
    ("法院", Ending::Office),
    ("检察院", Ending::Office),
    ("厅", Ending::Office),
    ("局", Ending::Office),
    ("署", Ending::Office),
    ("宣传部", Ending::Office),
    ("央行", Ending::Office),
    ("委", Ending::Office),
    ("政府", Ending::Office),
    ("中心", Ending::Office),
    ("总队", Ending::Office),
    ("管委会", Ending::Office),
    ("总会", Ending::Body),
    ("促进会", Ending::Body),
    ("贸促会", Ending::Body),
    ("研究会", Ending::Body),
    ("联谊会", Ending::Body),
    ("同业公会", Ending::Body),
    ("理事会", Ending::Office),
    ("边防检查站", Ending::Body),
    ("统战部", Ending::Office),
    ("组织部", Ending::Office),
    ("气象台", Ending::Office),
    ("办公室", Ending::Office),
    ("网信办", Ending::Office),
    ("办", Ending::Office),
    ("工商联", Ending::Office),
    ("台联", Ending::Office),
    ("侨联", Ending::Office),
];

/// [`ENDINGS`] by their last character, the longest first.
pub(super) static ENDINGS_BY_LAST: LazyLock<FxHashMap<char, Vec<(&'static str, Ending)>>> =
    LazyLock::new(|| {
        let mut map: FxHashMap<char, Vec<(&'static str, Ending)>> = FxHashMap::default();
        for (ending, kind) in ENDINGS {
            if let Some(last) = ending.chars().last() {
                map.entry(last).or_default().push((ending, *kind));
            }
        }
        for list in map.values_mut() {
            list.sort_by_key(|(ending, _)| std::cmp::Reverse(ending.len()));
        }
        map
    });

/// Characters that are in no name's beginning.
pub(super) const STOPS: &str = "份的在与及由对是据从向为被把将使让给于以并而或但了着过还又就都等该本此其各某这那每两几多家名个位次日月年时称说到自至因经按请同跟我你他她它们有无没不如即所之者前后则已再更最很也需要会能可应受获用让因随当只";

/// Words with one of [`STOPS`] in them that names of bodies hold.
pub(super) const NAME_WORDS: &[&str] = &[
    "能源", "智能", "新能", "节能", "储能", "核能", "热能", "风能", "氢能", "准能", "国家", "经济", "经贸",
    "有色", "有机", "有线", "应用", "通用", "专用", "日用", "民用", "军用", "医用", "自然", "自动", "自贸",
    "自治", "基因", "时代", "无线", "无人", "无机", "无锡", "多媒", "多晶", "同方", "同仁", "同济", "大同",
    "家电", "家居", "家具", "对外", "前海", "前沿", "再生", "会计", "会展", "社会", "应急", "人自", "位移",
    "两江", "名优", "同位",
];

/// The same before a full legal form or an office, whose names may hold nearly any character.
pub(super) const HARD_STOPS: &str = "各为以的在与及由是据从被把将使让给了着向了日月年时称说到";

/// Words that end a name on its left.
pub(super) const STOP_WORDS: &[&str] = &[
    "记者",
    "今年",
    "去年",
    "明年",
    "旗下",
    "子公司",
    "公司",
    "集团",
    "企业",
    "入股",
    "收购",
    "控股",
    "投资",
    "持有",
    "成立",
    "参股",
    "通过",
    "根据",
    "表示",
    "获悉",
    "发布",
    "宣布",
    "包括",
    "其中",
    "以及",
    "任职",
    "担任",
    "来自",
    "成为",
    "位于",
    "联手",
    "携手",
    "加入",
    "进入",
    "走进",
    "参观",
    "访问",
    "调研",
    "起诉",
    "全国",
    "全球",
    "世界",
    "国内",
    "国际",
    "部分",
    "相关",
    "有关",
    "主要",
    "大型",
    "知名",
    "龙头",
    "消息",
    "日前",
    "近日",
    "目前",
    "昨日",
    "今日",
    "上午",
    "下午",
    "合作",
    "签约",
    "供应商",
    "股东",
    "客户",
    "董事长",
    "总经理",
    "总裁",
    "主席",
    "院长",
    "校长",
    "教授",
    "专家",
    "分析师",
    "首席",
    "负责人",
    "发言人",
    "主任",
    "局长",
    "部长",
    "厅长",
    "作为",
    "成员",
    "下属",
    "所属",
    "隶属",
    "报告",
    "显示",
    "指出",
    "认为",
    "预计",
    "支持",
    "推动",
    "鼓励",
    "指导",
    "组织",
    "开展",
    "建设",
    "采购",
    "出口",
    "进口",
    "生产",
    "销售",
    "制造商",
    "运营商",
    "开发商",
    "证监会",
    "编辑",
    "来源",
    "责任",
    "新增",
    "原",
    "现",
    "若",
    "拟",
    "向",
    "经营",
    "管理人",
    "交由",
];

pub(super) static STOP_WORD_SET: LazyLock<FxHashSet<&'static str>> =
    LazyLock::new(|| STOP_WORDS.iter().copied().collect());

/// Words of which a role is made, not a name: 证券公司, 各大银行, 上市公司.
pub(super) const GENERIC: &[&str] = &[
    "证券",
    "保险",
    "基金",
    "期货",
    "科技",
    "能源",
    "汽车",
    "互联网",
    "房地产",
    "地产",
    "矿业",
    "煤炭",
    "钢铁",
    "石油",
    "物流",
    "航空",
    "投资",
    "贸易",
    "生物",
    "医药",
    "上市",
    "大型",
    "中小",
    "民营",
    "国有",
    "外资",
    "合资",
    "跨国",
    "关联",
    "目标",
    "全资",
    "控股",
    "参股",
    "项目",
    "运营",
    "平台",
    "网络",
    "租赁",
    "担保",
    "信托",
    "母",
    "子",
    "分",
    "总",
    "孙",
    "商业",
    "中央",
    "投资",
    "村镇",
    "开户",
    "股份",
    "股份制",
    "城市",
    "城商",
    "理财",
    "资产",
    "管理",
    "上述",
    "电力",
    "电网",
    "供电",
    "燃气",
    "快递",
    "航运",
    "矿山",
    "矿产",
    "资源",
    "新能源",
    "光伏",
    "电池",
    "半导体",
    "芯片",
    "制造",
    "技术",
    "高新技术",
    "食品",
    "饮料",
    "家电",
    "建筑",
    "工程",
    "铁路",
    "公募",
    "私募",
    "公募基金",
    "私募基金",
    "经纪",
    "财险",
    "寿险",
    "人寿保险",
    "独角兽",
    "优质",
    "成分",
    "样本",
    "拟",
    "非",
    "被",
    "境内",
    "境外",
    "海外",
    "中外",
    "外国",
    "本地",
    "当地",
    "央企",
    "国企",
    "行业",
    "专业",
    "评级",
    "咨询",
    "广告",
    "传媒",
    "游戏",
    "软件",
    "通信",
    "电信",
    "数据",
    "旅游",
    "教育",
    "医疗",
    "药企",
    "实体",
    "系统",
    "集团",
    "有限",
    "责任",
    "服务",
    "供应链",
    "化工",
    "材料",
    "新材料",
    "有色金属",
    "稀土",
    "黄金",
    "铜业",
    "铝业",
    "大学",
    "研究",
    "行业",
    "地方",
    "农村",
    "涉农",
    "政策性",
    "开发性",
    "代理",
    "托管",
    "清算",
    "行业",
    "信息",
    "产业",
    "物业",
    "邮政",
    "水务",
    "公交",
    "环卫",
    "保洁",
    "拍卖",
    "营销",
    "销售",
    "热力",
    "自来水",
    "属地",
    "当地",
    "县",
    "市",
    "省",
    "区",
    "该省",
    "全省",
    "全市",
    "各地",
    "口岸",
    "所在地",
    "有关",
    "地区",
    "合作",
    "交流",
    "一级",
    "二级",
    "三级",
    "下属",
    "同行",
    "造船",
    "造车",
    "农业",
    "种业",
    "水泥",
    "玻璃",
    "纺织",
    "服装",
    "零售",
    "电商",
    "小贷",
    "消费金融",
    "金融",
    "发展",
    "实业",
    "贸易",
    "诈骗",
    "犯罪",
    "走私",
    "传销",
    "行政",
    "外国商",
    "城市副",
    "老年",
    "党校",
    "维护",
    "联合",
    "往返",
    "初创",
    "货代",
    "支付",
    "煤化工",
    "煤制油",
    "船",
    "降费",
    "基金管理",
    "资产管理",
    "头部",
    "白酒",
    "芯片设计",
    "整车",
    "车",
    "烟草",
    "油气",
    "国家",
    "综合",
    "半",
    "新",
    "老",
];

/// What follows 委 in the names of offices of the party.
const PARTY_OFFICES: &[&str] = &["宣传部", "组织部", "统战部", "网信办", "政法委", "办公厅", "台办"];

/// Whether these characters stand at a unit.
fn starts(view: &View<'_>, at: usize, text: &str) -> bool {
    let end = at + text.chars().count();
    end <= view.units.len() && view.units.joined(at..end) == text
}

/// Whether the ending is only the beginning of a longer word.
pub(super) fn goes_on(view: &View<'_>, end: usize, ending: &str) -> bool {
    if view.unit(end).is_none_or(|u| u.gap != Gap::None || u.kind != UnitKind::Han) {
        return false;
    }
    let next = view.term(end);
    match ending {
        "集团" => matches!(next, "有" | "股" | "公" | "军" | "化") || (next == ")"),
        "大学" => matches!(next, "生" | "城" | "校" | "教"),
        "委" => {
            // 省委宣传部, 市委网信办 are offices of their own.
            matches!(next, "员" | "托" | "会" | "派" | "任" | "书")
                || PARTY_OFFICES.iter().any(|office| starts(view, end, office))
        }
        "局" => matches!(next, "势" | "面" | "长" | "部" | "限" | "地" | "域"),
        "厅" => matches!(next, "长" | "局" | "级"),
        "办" => matches!(next, "公" | "理" | "事" | "法" | "学" | "好" | "案" | "成" | "起" | "到" | "主"),
        "台联" | "侨联" | "工商联" => {
            matches!(
                next,
                "合" | "系" | "盟" | "手" | "络" | "动" | "通" | "播" | "邦" | "军" | "网" | "想" | "界"
            )
        }
        "总会" | "理事会" => matches!(next, "议" | "长" | "有" | "是" | "在"),
        "气象台" | "边防检查站" => matches!(next, "长"),
        "署" => matches!(next, "长" | "名"),
        "中心" => {
            matches!(next, "城" | "区" | "化" | "地" | "位" | "组" | "任" | "线" | "点" | "价" | "广" | "医")
        }
        "证券" => matches!(
            next,
            "公" | "交"
                | "时"
                | "日"
                | "市"
                | "投"
                | "监"
                | "法"
                | "报"
                | "研"
                | "从"
                | "化"
                | "简"
                | "代"
                | "账"
                | "业"
                | "事"
                | "经"
                | "期"
                | "虚"
        ),
        "联盟" => matches!(next, "成" | "链"),
        "银行" => {
            matches!(next, "业" | "股" | "间" | "卡" | "家" | "板" | "类" | "系" | "理" | "存" | "贷")
        }
        "公司" => matches!(next, "债" | "法" | "章" | "制" | "治"),
        _ => matches!(next, "长"),
    }
}

/// Whether a text is made of words that name a kind of body only.
pub(super) fn is_generic(mut text: &str) -> bool {
    if text.is_empty() {
        return true;
    }
    while !text.is_empty() {
        let Some(word) = GENERIC.iter().filter(|w| text.starts_with(**w)).max_by_key(|w| w.len()) else {
            return false;
        };
        text = &text[word.len()..];
    }
    true
}
