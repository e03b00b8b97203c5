//! Sentences against the tables that come with the crate: one table of cases for each cause of errors.

use std::sync::{Arc, LazyLock};

use super::{Tag, Tagger};
use crate::{Article, gazetteer::Gazetteer};

static BUILTIN: LazyLock<Arc<Gazetteer>> =
    LazyLock::new(|| Arc::new(Gazetteer::builtin().expect("the built-in tables are sound")));

/// Paths of all tags of a text.
fn paths(text: &str) -> Vec<String> {
    let mut tagger = Tagger::new(Arc::clone(&BUILTIN));
    let tags = tagger.tag_article(&Article { body: text.into(), ..Article::default() });
    let all: Vec<&Tag> =
        [&tags.organization, &tags.province, &tags.country, &tags.commodity].into_iter().flatten().collect();
    all.iter().map(|t| t.path.clone()).collect()
}

/// Each case: a text, what must be among its tags, and what must not (endings of paths; `-` for none).
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (text, want, unwanted) in cases {
        let got = paths(text);
        let has = |end: &str| got.iter().any(|p| p.ends_with(end));
        for want in want.split(' ').filter(|w| *w != "-") {
            if !has(want) {
                wrong.push(format!("{text}\n   lacks {want}: {got:?}"));
            }
        }
        for bad in unwanted.split(' ').filter(|w| *w != "-") {
            if has(bad) {
                wrong.push(format!("{text}\n   has {bad}: {got:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn compounds_name_countries_and_no_county() {
    check(&[
        ("中方对此表示欢迎，并愿继续谈判。", "/china", "/zhongfang"),
        ("湖南怀化中方县的果农忙着采摘。", "/huaihua/zhongfang", "-"),
        ("美方的关税清单又长了一截。", "/united-states", "-"),
    ]);
}

#[test]
fn names_are_not_cut_out_of_other_words() {
    check(&[
        ("沿红海城市的港务人员都很忙碌。", "-", "/haicheng"),
        ("辽宁海城市的菱镁矿恢复生产。", "/haicheng", "-"),
        ("各地要加强生态修复。", "-", "/johnson-and-johnson"),
        ("收支大体均衡水平稳定。", "-", "/hengshui"),
        ("河北衡水的工厂扩产。", "/hengshui", "-"),
        ("队员不满在巴中方人员的安排。", "-", "/bazhong"),
        ("四川巴中的茶叶上市了。", "/bazhong", "-"),
        ("河南部分县区遭遇大雨。", "/china/henan", "-"),
        ("他们欢送前海洋局的老同事。", "-", "/qianhai"),
        ("新技术推动煤炭清洁利用。", "/coal", "/thermal-coal"),
        ("工会聚焦企业难题。", "-", "/coke"),
        ("扩大北京市委的调研范围。", "/北京市委", "-"),
    ]);
}

#[test]
fn words_that_are_counties_need_what_lies_above_them() {
    check(&[
        ("中国和秘鲁合作建港，合作前景好。", "/peru", "/hezuo"),
        ("两国友好往来，友谊长存。", "-", "/youhao /youyi"),
        ("四川南部有雨，资源丰富。", "/china/sichuan", "/nanbu /ziyuan"),
        ("甘肃甘南合作的牧民转场了。", "/gannan/hezuo", "-"),
        ("三明市通报：三元、沙县、明溪有雨。", "/sanyuan", "-"),
    ]);
}

#[test]
fn towns_that_are_words_need_their_region() {
    check(&[
        (
            "The sale surprised buyers. Sale ends in March, and the UK agreed.",
            "/united-kingdom",
            "/sale-city /march",
        ),
        ("Brent rose as mobile demand grew. Mobile sales fell.", "-", "/brent /mobile"),
        ("The yard in Mobile, Alabama, reopened.", "/alabama/mobile", "-"),
        ("Batman and Kennedy are names. Enterprise clients paid.", "-", "/batman /kennedy /enterprise"),
        ("Shares rose. Del Monte sold its unit.", "-", "/delaware"),
        ("The mill in Wilmington, Del., closed.", "/united-states/delaware", "-"),
    ]);
}

#[test]
fn names_of_people_are_no_places() {
    check(&[
        ("部长亚历山大·诺瓦克出席会议。", "-", "/alexandria"),
        ("防长刘易斯·奥斯汀抵达。", "-", "/austin"),
        ("议长卡利巴夫发表讲话。", "-", "/cali"),
        ("Senator Elizabeth Warren spoke with Paige Thompson.", "-", "/elizabeth /warren /thompson"),
        ("The board named Wanzhou Meng its chair.", "-", "/wanzhou"),
        ("Analysts at Cambridge Analytica resigned.", "-", "/cambridge"),
        ("油价专题·上海特稿今日发布。", "/shanghai", "-"),
    ]);
}

#[test]
fn reporters_places_are_no_places_of_the_event() {
    check(&[
        ("Ore prices fell. (Reporting by Ann Lee in Bengaluru; Editing by Joe Ray)", "-", "/bengaluru"),
        (
            "To contact the reporter on this story: Ann Lee in Kuala Lumpur at alee@example.org",
            "-",
            "/kuala-lumpur",
        ),
        ("The company will hire in Bengaluru this year.", "/bengaluru", "-"),
    ]);
}

#[test]
fn ministries_of_other_states_are_not_china_s() {
    check(&[
        ("俄外交部称将反制。", "-", "/ministry-of-foreign-affairs-china"),
        ("法国总统表态后，外交部发言人作了说明。", "/france", "/ministry-of-foreign-affairs-china"),
        ("外交部发言人在例行记者会上回应。", "/ministry-of-foreign-affairs-china", "-"),
        ("法国来访，中国外交部表示欢迎。", "/ministry-of-foreign-affairs-china", "-"),
        ("国防部长奥斯汀与同行通话。", "-", "/ministry-of-national-defense-china"),
    ]);
}

#[test]
fn a_plus_sign_makes_another_body() {
    check(&[
        ("OPEC cut output.", "/opec", "/opec-plus"),
        ("OPEC+ cut output.", "/opec-plus", "/opec"),
        ("欧佩克月报出炉。", "/opec", "/opec-plus"),
        ("欧佩克+会议推迟。", "/opec-plus", "/opec"),
    ]);
}

#[test]
fn shapes_are_names_and_no_clauses() {
    check(&[
        ("措施将维护银行体系稳定。", "-", "/维护银行"),
        ("武警北京总队开展演练。", "/china/beijing", "/北京总队"),
        ("专题协商会昨日召开。", "-", "/专题协商会"),
        ("某诈骗集团被捣毁，发展有限公司的牌子是假的。", "-", "/诈骗 /发展"),
        ("UPS Begins Nationwide Shipping of kits.", "-", "/ups-begins-nationwide-shipping"),
        ("ZentoraZentora Inc. leads the table.", "-", "/zentorazentora"),
    ]);
}

#[test]
fn characters_of_goods_in_names_of_people() {
    check(&[
        ("记者刘鸣镝报道。", "-", "/dysprosium"),
        ("众议长麦卡锡被罢免。", "-", "/tin"),
        ("马来西亚锡矿复产，伦锡回落。", "/tin", "-"),
        ("镝价走高，镝矿紧缺。", "/dysprosium", "-"),
        ("这条黄金通道繁忙。", "-", "/gold"),
    ]);
}

#[test]
fn headings_do_not_run_into_names() {
    check(&[
        (
            "Some Tarwell Products Tarwell Inc. makes valves.",
            "/tarwell",
            "/some-tarwell-products-tarwell /tarwell-products-tarwell",
        ),
        ("He joined Tarwell Inc., and Tarwell Power Products Ltd. followed.", "/tarwell", "-"),
    ]);
}

#[test]
fn a_state_and_a_country_of_one_name() {
    check(&[
        ("Kaolin is dug in Atlanta and elsewhere in Georgia.", "/united-states/georgia", "-"),
        ("Azerbaijan, Georgia and Turkey agreed on the line.", "/georgia", "/united-states/georgia"),
    ]);
}

#[test]
fn exchanges_before_a_code_are_where_a_share_is_listed() {
    check(&[
        ("Tarwell Inc (NASDAQ: TRW) makes valves.", "/tarwell", "/nasdaq"),
        ("Nasdaq Inc. raised its fees for listings.", "/nasdaq", "-"),
        ("The Dow, the S&P and the Nasdaq are up this month.", "-", "/nasdaq"),
        ("Its shares trade on the Nasdaq.", "/nasdaq", "-"),
        ("Compass analyst Merrill Ross likes the stock.", "-", "/merrill-lynch"),
    ]);
}

#[test]
fn what_is_no_place_behind_a_league_a_surname_or_on_a_road() {
    check(&[
        ("英超曼城、葡超波尔图参赛。", "-", "/portugal/porto"),
        ("意甲宝马车队。", "/bmw", "-"),
        ("指挥官萨鲁尔死亡。", "-", "/germany/north-rhine-westphalia"),
        ("李琼说她回家了。", "-", "/china/hainan"),
        ("琼粤两省签约，在琼企业增多。", "/china/hainan /china/guangdong", "-"),
        ("京承、京港澳、京开高速压力较大。", "-", "/china/hong-kong"),
        ("港澳居民可以报名。", "/china/hong-kong /china/macao", "-"),
    ]);
}

#[test]
fn what_only_looks_like_goods() {
    check(&[
        ("Google hides Easter eggs in its search.", "-", "/agriculture/livestock/eggs"),
        ("It sold two Patriot batteries.", "-", "/technology/batteries"),
        ("A silver-blue tower.", "-", "/metals/precious-metals/silver"),
        ("多式联运加速，铁水、公铁联运并进。", "-", "/metals/ferrous/pig-iron"),
        ("高炉铁水产量回升。", "/metals/ferrous/pig-iron", "-"),
        ("采用榉木材质。", "-", "/agriculture/forest-products/timber"),
        ("农业和粮食部门负责人说。", "-", "/agriculture/grains"),
        ("He founded S.A.C Tarwell Advisors.", "-", "/c-tarwell-advisors"),
        ("Prices rose.Tarwell Mining Inc. makes valves.", "/tarwell-mining", "-"),
    ]);
}

#[test]
fn where_a_body_s_name_begins_and_ends() {
    check(&[
        ("全国人大代表盛虹控股集团有限公司董事长来了。", "/shenghong-holding", "-"),
        (
            "湖南省委网信办和长沙市委宣传部通报。",
            "/湖南省委网信办 /长沙市委宣传部",
            "/cyberspace-administration-of-china",
        ),
        ("人保财险北京分公司通报。", "/人保财险北京分公司", "/人保财险北京分"),
        ("It runs in Asia and the U.S. BP Plc launched an app.", "/bp", "/u-s-bp"),
        ("He joined Bank of Tarwell Ltd. Bank of Tarwell rose.", "/bank-of-tarwell", "/bank-of-tarwell-ltd"),
        (
            "Returns fell.\nDisappointments\nTechnology Partners rose.",
            "-",
            "/disappointments-technology-partners",
        ),
        ("Spotify Technology SA rose. Spotify gained users.", "/spotify", "/spotify-technology"),
        (
            "Bank of America Jolts Traders with a flat bonus.",
            "/bank-of-america",
            "/bank-of-america-jolts-traders",
        ),
    ]);
}

#[test]
fn persons_whose_names_are_places_or_firms() {
    check(&[
        ("“A few,” said Mohit Bajaj, director of a fund.", "-", "/bajaj-auto"),
        ("“Oil rose,” said Gao Jian, an analyst in Shandong.", "/china/shandong", "/mali/gao"),
        ("古巴外长罗德里格斯表示欢迎。", "/cuba", "/mauritius/rodrigues"),
        (
            "议长卡利巴夫表示，副主席梅德韦杰夫同意。",
            "-",
            "/colombia/valle-del-cauca/cali /united-kingdom/england/medway",
        ),
    ]);
}

#[test]
fn what_a_sample_of_tags_showed() {
    check(&[
        ("习近平致电卢拉，愿推动中巴关系。巴西总统卢拉感谢。", "/brazil", "/pakistan"),
        ("中巴经济走廊建设顺利。", "/pakistan /china", "/brazil"),
        ("据《曼谷邮报》报道，泰国出口增长。", "/thailand", "/thailand/bangkok"),
        ("延绵数十里的木棉花盛开。", "-", "/agriculture/softs/cotton"),
        ("河谷光热条件好。", "-", "/technology/photovoltaics"),
        (
            "美国的飞机燃油使用量减少。",
            "/energy/refined-products/jet-fuel",
            "/energy/refined-products/fuel-oil",
        ),
        ("Close cousins in alternative fuels rose.", "-", "/energy/refined-products"),
        ("Organovo Holdings Inc (NASDAQ: ONVO) rose.", "-", "/onvo"),
        ("一加手机发布新品。", "/oneplus", "/oppo"),
        ("芯片采用背面供电技术。", "-", "/energy/electricity"),
        ("锂电池产业链很长。", "/technology/batteries/lithium-ion-batteries", "-"),
        ("The deal further cements its footing.", "-", "/industrial-minerals/cement"),
        ("Tesla expands its Shanghai gigafactory.", "/tesla", "/technology/batteries"),
    ]);
}
