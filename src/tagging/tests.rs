//! What the tagger makes of single sentences, against a small gazetteer of its own.

use std::sync::Arc;

use super::{Field, Tag, Tagger};
use crate::{
    Article,
    gazetteer::{Gazetteer, TableKind},
};

const HEADER: &str = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n";

const PLACES: &str = "\
/australia,country,Australia,澳大利亚,Australian,AU,AU,,
/australia/western-australia,division,Western Australia,西澳大利亚州,,AU-WA,AU,,
/australia/western-australia/perth,city,Perth,珀斯,,AU-WA,AU,,2000000
/chile,country,Chile,智利,Chilean,CL,CL,,
/chile/antofagasta,division,Antofagasta,安托法加斯塔,,CL-AN,CL,,
/chile/antofagasta/escondida,mine,Escondida,埃斯康迪达,Escondida copper mine|埃斯康迪达铜矿,CL-AN,CL,,
/china,country,China,中国,Chinese|我国|?国内,CN,CN,,
/china/beijing,division,Beijing,北京,北京市,CN-BJ,CN,,
/china/guangxi,division,Guangxi,广西,广西壮族自治区,CN-GX,CN,,
/china/hainan,division,Hainan,海南,海南省,CN-HI,CN,,
/china/henan,division,Henan,河南,河南省,CN-HA,CN,,
/china/inner-mongolia,division,Inner Mongolia,内蒙古,内蒙古自治区,CN-NM,CN,,
/china/inner-mongolia/baotou,prefecture,Baotou,包头市,包头,CN-NM,CN,,2700000
/china/jiangsu,division,Jiangsu,江苏,江苏省,CN-JS,CN,,
/china/jiangsu/donghai,county,Donghai,东海县,东海,CN-JS,CN,,1000000
/china/jiangxi,division,Jiangxi,江西,江西省,CN-JX,CN,,
/china/jiangxi/ganzhou,prefecture,Ganzhou,赣州市,赣州,CN-JX,CN,,8900000
/china/jiangxi/yichun,prefecture,?Yichun,宜春市,宜春,CN-JX,CN,,5000000
/china/heilongjiang,division,Heilongjiang,黑龙江,黑龙江省,CN-HL,CN,,
/china/heilongjiang/yichun,prefecture,?Yichun,伊春市,伊春,CN-HL,CN,,1100000
/china/shandong,division,Shandong,山东,山东省,CN-SD,CN,,
/china/shanghai,division,Shanghai,上海,上海市,CN-SH,CN,,
/china/shanxi,division,Shanxi,山西,山西省,CN-SX,CN,,
/china/sichuan,division,Sichuan,四川,四川省|Sichuan Province,CN-SC,CN,,
/china/sichuan/liangshan,prefecture,Liangshan,凉山州,凉山|凉山彝族自治州|Liangshan Yi Autonomous Prefecture,CN-SC,CN,,4800000
/china/sichuan/liangshan/mianning,county,Mianning,冕宁县,?冕宁|Mianning County,CN-SC,CN,,400000
/france,country,France,法国,French,FR,FR,,
/france/ile-de-france,division,Ile-de-France,法兰西岛,,FR-IDF,FR,,
/france/ile-de-france/paris,capital,Paris,巴黎,,FR-IDF,FR,,2100000
/georgia,country,?Georgia,格鲁吉亚,Georgian,GE,GE,,
/germany,country,Germany,德国,German,DE,DE,,
/indonesia,country,Indonesia,印度尼西亚,印尼|Indonesian,ID,ID,,
/japan,country,Japan,日本,Japanese,JP,JP,,
/japan/kyoto,division,Kyoto,京都府,,JP-26,JP,,
/japan/kyoto/muko,city,Muko,向日市,向日,JP-26,JP,,55000
/jordan,country,?Jordan,约旦,Jordanian,JO,JO,,
/mexico,country,Mexico,墨西哥,Mexican,MX,MX,,
/mexico/mexico,division,Mexico,墨西哥州,State of Mexico,MX-MEX,MX,,
/russia,country,Russia,俄罗斯,Russian,RU,RU,,
/russia/moscow,division,Moscow,莫斯科,,RU-MOW,RU,,
/south-korea,country,South Korea,韩国,South Korean,KR,KR,,
/tanzania,country,Tanzania,坦桑尼亚,Tanzanian,TZ,TZ,,
/tanzania/coast,division,Coast,滨海区,,TZ-19,TZ,,
/united-kingdom,country,United Kingdom,英国,UK|U.K.|British|Britain,GB,GB,,
/united-kingdom/england,division,England,英格兰,,GB-ENG,GB,,
/united-kingdom/england/london,capital,London,伦敦,,GB-ENG,GB,,9000000
/canada,country,Canada,加拿大,Canadian,CA,CA,,
/canada/ontario,division,Ontario,安大略省,,CA-ON,CA,,
/canada/ontario/london,city,?London,,,CA-ON,CA,,420000
/united-states,country,United States,美国,U.S.|US|American,US,US,,
/united-states/georgia,division,?Georgia,佐治亚州,State of Georgia,US-GA,US,,
/united-states/georgia/atlanta,city,Atlanta,亚特兰大,,US-GA,US,,500000
/united-states/texas,division,Texas,得克萨斯州,,US-TX,US,,
/united-states/texas/paris,city,?Paris,,\"Paris, Texas\",US-TX,US,,25000
/united-states/utah,division,Utah,犹他州,,US-UT,US,,
/united-states/utah/hurricane,city,Hurricane,,,US-UT,US,,15000
/united-states/vermont,division,Vermont,佛蒙特州,,US-VT,US,,
/united-states/north-carolina,division,North Carolina,北卡罗来纳州,,US-NC,US,,
/united-states/north-carolina/charlotte,city,Charlotte,夏洛特,,US-NC,US,,870000
/united-states/washington,division,?Washington,华盛顿州,Washington state,US-WA,US,,
/united-states/washington-dc,division,\"Washington, D.C.\",华盛顿特区,Washington DC|?Washington,US-DC,US,,
";

const ORGS: &str = "\
/alcoa,company,Alcoa,美国铝业,,NYSE:AA,US,,3
/amazon,company,?Amazon,亚马逊,Amazon.com,,US,,3
/apple,company,?Apple,?苹果,Apple Inc,AAPL,US,,3
/bank-of-china,bank,Bank of China,中国银行,BOC,,CN,,3
/china-minmetals,company,China Minmetals,中国五矿,中国五矿集团|Minmetals,,CN,,3
/china-rare-earth-group,company,China Rare Earth Group,中国稀土集团,CREG,,CN,,3
/federal-reserve,bank,Federal Reserve,美联储,Fed,,US,,3
/huawei,company,Huawei,华为,,,CN,,3
/imf,multilateral,International Monetary Fund,国际货币基金组织,IMF,,,,3
/jiangxi-copper,company,Jiangxi Copper,江西铜业,,600362.SH,CN,,3
/mofcom,ministry,Ministry of Commerce,商务部,MOFCOM,,CN,,3
/mohrss,ministry,Ministry of Human Resources,人力资源和社会保障部,人社部,,CN,,3
/nasdaq,exchange,Nasdaq,纳斯达克,,,US,,3
/nike,company,Nike,耐克,,,US,,3
/reuters,media,Reuters,路透社,,,GB,,3
/rio-tinto,company,Rio Tinto,力拓,Rio,RIO.L,GB,,3
/shandong-gold,company,Shandong Gold,山东黄金,,600547.SH,CN,,3
/societe-generale,bank,Societe Generale,法国兴业银行,,,FR,,3
";

const GOODS: &str = "\
/metals,commodity,Metals,金属,metal,,,,
/metals/base-metals,commodity,Base metals,基本金属,base metal,,,,
/metals/base-metals/copper,commodity,Copper,铜,copper|沪铜|!铜鼓,,,,
/metals/base-metals/copper/copper-concentrate,commodity,Copper concentrate,铜精矿,copper concentrate,,,,
/metals/base-metals/lead,commodity,Lead,铅,?lead|lead ingot,,,,
/metals/base-metals/tin,commodity,Tin,锡,?tin|!tin-pot,,,,
/metals/base-metals/zinc,commodity,Zinc,锌,zinc,,,,
/metals/precious-metals,commodity,Precious metals,贵金属,precious metal,,,,
/metals/precious-metals/gold,commodity,Gold,黄金,gold|!golden week|!gold medal|!黄金周|!黄金时段,,,,
/metals/rare-earths,commodity,Rare earths,稀土,rare earth,,,,
/metals/rare-earths/heavy-rare-earths,commodity,Heavy rare earths,重稀土,heavy rare earth|HREE,,,,
/metals/rare-earths/heavy-rare-earths/dysprosium,commodity,Dysprosium,镝,dysprosium|氧化镝,,,,
/agriculture,commodity,Agriculture,农产品,,,,,
/agriculture/fruit,commodity,Fruit,水果,fruit|苹果,,,,
/energy,commodity,Energy,能源,,,,,
/energy/crude-oil,commodity,Crude oil,原油,crude oil|Brent,,,,
/energy/natural-gas,commodity,Natural gas,天然气,natural gas,,,,
";

const COMPOUNDS: &str =
    "text,codes\n中美,CN|US\n日韩,JP|KR\n在日,JP\n日股,JP\n?中意,CN|IT\n美方,US\n赴印尼,ID\n";

fn gazetteer() -> Arc<Gazetteer> {
    let table = |rows: &str| format!("{HEADER}{rows}");
    let gazetteer = Gazetteer::builder()
        .table(TableKind::Places, "places", &table(PLACES))
        .and_then(|b| b.table(TableKind::Organizations, "orgs", &table(ORGS)))
        .and_then(|b| b.table(TableKind::Commodities, "goods", &table(GOODS)))
        .and_then(|b| b.table(TableKind::Compounds, "compounds", COMPOUNDS))
        .and_then(super::super::gazetteer::GazetteerBuilder::build);
    Arc::new(gazetteer.unwrap())
}

/// The tags as one line: names of organizations, codes of places, last parts of goods.
fn line(tagger: &mut Tagger, title: &str, body: &str) -> String {
    let article = Article { title: title.into(), body: body.into(), ..Article::default() };
    let tags = tagger.tag_article(&article);
    let sorted = |tags: &[Tag], key: fn(&Tag) -> String| {
        let mut keys: Vec<String> = tags.iter().map(key).collect();
        keys.sort();
        keys.dedup();
        keys.join(",")
    };
    let code = |t: &Tag| t.code.clone().unwrap_or_default();
    [
        ("o", sorted(&tags.organization, |t| t.name.clone())),
        ("p", sorted(&tags.province, code)),
        ("c", sorted(&tags.country, code)),
        ("g", sorted(&tags.commodity, |t| t.id.clone().unwrap_or_default())),
    ]
    .iter()
    .filter(|(_, list)| !list.is_empty())
    .map(|(facet, list)| format!("{facet}:{list}"))
    .collect::<Vec<_>>()
    .join(" ")
}

fn check(cases: &[(&str, &str)]) {
    let mut tagger = Tagger::new(gazetteer());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, want)| {
            let got = line(&mut tagger, "", text);
            (got != *want).then(|| format!("{text}\n   want {want}\n    got {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn english_places() {
    check(&[
        ("The deposit lies in Mianning County, Sichuan Province.", "p:CN-SC"),
        ("Crews reached Mianning on Friday.", ""),
        ("The plant is in Paris, Texas.", "p:US-TX"),
        ("She spoke in Paris after a trip through the United States.", "p:FR-IDF c:US"),
        ("He works in Charlotte, Vermont, near the lake.", "p:US-VT"),
        ("A strategist in Charlotte raised his forecast.", "p:US-NC"),
        ("Traders in London shrugged.", "p:GB-ENG"),
        ("The smelter near London, Ontario, will close.", "p:CA-ON"),
        ("Peaches grow in Georgia, and Atlanta ships them.", "p:US-GA"),
        ("The ministry in Yichun, Jiangxi, approved it.", "p:CN-JX"),
        ("Snow fell in Yichun, Heilongjiang, on Friday.", "p:CN-HL"),
        ("A road to Yichun was closed.", "p:CN-JX"),
        ("Powerful Hurricane Ike bore down on American refineries.", "c:US"),
        ("Prices on the Gulf Coast rose, the American group noted.", "c:US"),
        ("Exports from Mexico rose.", "c:MX"),
        ("A factory in the State of Mexico burned down.", "p:MX-MEX"),
        ("Output at the Escondida copper mine fell.", "p:CL-AN g:copper"),
        ("Jordan Smith, who runs the fund, declined to comment.", ""),
        ("Phosphate from Jordan and Chile arrived.", "c:CL,JO"),
        ("They asked us to wait.", ""),
        ("US buyers asked for more, and the U.K. followed.", "c:GB,US"),
        ("LONDON, May 3 (Reuters) - Prices fell for a third day.", ""),
        ("The Paris Agreement limits emissions.", ""),
    ]);
}

#[test]
fn english_capitals_stand_for_governments() {
    check(&[
        ("Beijing said it would hit back.", "c:CN"),
        ("Talks between Washington and Beijing resumed.", "c:CN,US"),
        ("The move marks Beijing's strategic push for resources.", "c:CN"),
        ("It is a key moment in Beijing's strategic push.", "c:CN"),
        ("Analysts expect Moscow to retaliate.", "c:RU"),
        ("The meeting was held in Beijing.", "p:CN-BJ"),
        ("A Beijing-based analyst doubted it.", "p:CN-BJ"),
        ("Beijing and Shanghai both reported smog.", "p:CN-BJ,CN-SH"),
        ("He testified in Washington on Tuesday.", "p:US-DC"),
        ("Apples from Washington state were banned.", "p:US-WA"),
    ]);
}

#[test]
fn english_organizations() {
    check(&[
        ("Shares of Shandong Gold rose.", "o:Shandong Gold"),
        ("A loan from Bank of China was signed.", "o:Bank of China"),
        ("China Rare Earth Group (CREG) met officials. CREG will invest.", "o:China Rare Earth Group"),
        ("China Minmetals Rare Earth Co., Ltd. raised output.", "o:China Minmetals Rare Earth Co., Ltd"),
        ("Liangshan Rare Earth Group signed a contract.", "o:Liangshan Rare Earth Group"),
        ("Alcoa Inc. and Rio Tinto Plc agreed on terms.", "o:Alcoa,Rio Tinto"),
        ("Novarex Corp rose. Later Novarex fell.", "o:Novarex Corp"),
        ("Kelpmoor Mining Ltd (KML) said KML would drill.", "o:Kelpmoor Mining Ltd"),
        (
            "The Ministry of Industry and Information Technology warned firms.",
            "o:Ministry of Industry and Information Technology",
        ),
        ("Chairman of Tarwell Holdings, he resigned.", "o:Tarwell Holdings"),
        ("The company said the group would sell the bank.", ""),
        ("Shares of Apple fell on Monday.", "o:Apple"),
        ("He ate an Apple pie in the park.", ""),
        ("Nike and Amazon led the gains.", "o:Amazon,Nike"),
        ("The Amazon burned for weeks.", ""),
        ("The Nasdaq Composite fell 2 percent.", ""),
        ("The firm is listed on Nasdaq.", "o:Nasdaq"),
        ("Prices fell (Reuters).", ""),
        ("Texas A&M University published a study.", "o:Texas A&M University"),
        ("Rochester Gas and Electric Corp will build a plant.", "o:Rochester Gas and Electric Corp"),
        ("Dunmore Oil of the U.S. and Potter Steel Co signed.", "o:Dunmore Oil,Potter Steel Co c:US"),
        ("The Human Resources Department of the firm moved.", ""),
        ("The mine, owned by Rio ( RIO.L ), reopened.", "o:Rio Tinto"),
    ]);
}

#[test]
fn english_goods() {
    check(&[
        ("Copper concentrate stocks fell.", "g:copper-concentrate"),
        ("Copper and copper concentrates fell.", "g:copper,copper-concentrate"),
        ("She won a gold medal during golden week.", ""),
        ("The talks will lead to a deal.", ""),
        ("Zinc and lead prices rose.", "g:lead,zinc"),
        ("a tin-pot dictator", ""),
        ("three new HREE projects", "g:heavy-rare-earths"),
        ("dysprosium oxide, one of the heavy rare earths", "g:dysprosium,heavy-rare-earths"),
        ("Brent settled lower.", "g:crude-oil"),
        ("RARE-EARTH EXPORTS ROSE IN MAY, CUSTOMS SAID", "g:rare-earths"),
    ]);
}

#[test]
fn chinese_places() {
    check(&[
        ("项目位于四川省凉山彝族自治州冕宁县。", "p:CN-SC"),
        ("凉山州冕宁的矿山复工。", "p:CN-SC"),
        ("今日本报记者走访了市场。", ""),
        ("台风未来趋向日本东南部。", "c:JP"),
        ("公司在日本建厂。", "c:JP"),
        ("近日股价上涨。", ""),
        ("中美双方举行会谈。", "c:CN,US"),
        ("其中美丽的风景吸引了游客。", ""),
        ("日韩企业赴印尼投资。", "c:ID,JP,KR"),
        ("美方加征关税。", "c:US"),
        ("我国出口增长。", "c:CN"),
        ("国内市场平稳。", ""),
        ("新华社北京5月3日电", ""),
        ("会议在北京举行。", "p:CN-BJ"),
        ("黄河南岸的村庄迁走了。", ""),
        ("河南8500万亩小麦返青。", "p:CN-HA"),
        ("东海路停水施工。", ""),
        ("货轮驶入东海海面。", ""),
        ("江苏省连云港市东海县盛产石英。", "p:CN-JS"),
        ("山西西部降雨。", "p:CN-SX"),
        ("沿海地区经济活跃。", ""),
        ("俄罗斯莫斯科当局表示反对。", "c:RU"),
        ("江西赣州、内蒙古包头是主产区。", "p:CN-JX,CN-NM"),
        ("宜春和伊春相距很远。", "p:CN-HL,CN-JX"),
    ]);
}

#[test]
fn chinese_organizations() {
    check(&[
        ("中国五矿集团有限公司（以下简称“五矿”）发布公告，五矿将增产。", "o:China Minmetals"),
        ("江西铜业股份有限公司公告称，江西铜业产量上升。", "o:Jiangxi Copper"),
        ("记者从江西省自然资源厅获悉。", "o:江西省自然资源厅"),
        ("山东黄金股价上涨。", "o:Shandong Gold"),
        ("美联储维持利率不变，法国兴业银行预计降息。", "o:Federal Reserve,Societe Generale"),
        ("中国银行发放贷款。", "o:Bank of China"),
        ("该公司表示，子公司和上市公司均未受影响。", ""),
        ("各大银行下调利率，有关部门回应。", ""),
        ("人社部门推出岗位。", ""),
        ("人社部发布通知。", "o:Ministry of Human Resources"),
        ("云岭稀土新材料有限公司投产，云岭稀土新材料将扩产。", "o:云岭稀土新材料有限公司"),
        ("安徽某地的物业公司停业。", ""),
        ("内蒙古西部和北京东部降雨。", "p:CN-BJ,CN-NM"),
        ("公司发行可转换公司债券。", ""),
        ("四川大学的团队发表论文。", "o:四川大学"),
        ("四川大学生返乡。", "p:CN-SC"),
        ("耐克和苹果领涨。", "o:Apple,Nike"),
        ("国际货币基金组织（IMF）下调预期，IMF警告风险。", "o:International Monetary Fund"),
        ("华为发布新品，纳斯达克指数走低。", "o:Huawei"),
        ("韩国商务部发表声明，商务部回应。", "o:Ministry of Commerce,韩国商务部 c:KR"),
        ("中国稀土集团（CREG）在广西调研。", "o:China Rare Earth Group p:CN-GX"),
    ]);
}

#[test]
fn chinese_goods() {
    check(&[
        ("沪铜收涨，锡价走低。", "g:copper,tin"),
        ("铜精矿加工费下跌。", "g:copper-concentrate"),
        ("黄金周期间游客增多。", ""),
        ("江西铜鼓县山洪。", "p:CN-JX"),
        ("氧化镝和重稀土走强。", "g:dysprosium,heavy-rare-earths"),
        ("苹果、水果价格上涨。", "g:fruit"),
        ("公司子公司云岭电子已供货。", "o:云岭电子"),
        ("巴基斯坦锡亚迪克项目", ""),
        ("智利埃斯康迪达铜矿罢工", "p:CL-AN c:CL g:copper"),
    ]);
}

#[test]
fn a_county_and_its_province_are_both_asserted() {
    let mut tagger = Tagger::new(gazetteer());
    let article =
        Article { body: "Sichuan's Mianning County mines rare earths.".into(), ..Article::default() };
    let tags = tagger.tag_article(&article);
    let mut paths: Vec<_> = tags.province.iter().map(|t| t.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/china/sichuan", "/china/sichuan/liangshan/mianning"]);
}

#[test]
fn local_bodies_get_readable_paths() {
    let mut tagger = Tagger::new(gazetteer());
    let article = Article {
        body: "Novarex Corp rose. 记者从江西省自然资源厅获悉。".into(),
        ..Article::default()
    };
    let tags = tagger.tag_article(&article);
    let mut paths: Vec<_> = tags.organization.iter().map(|t| t.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/novarex", "/江西省自然资源厅"]);
}

#[test]
fn the_headline_and_the_lead_are_the_focus() {
    let mut tagger = Tagger::new(gazetteer());
    let padding = "Nothing of note was said for a long while. ".repeat(20);
    let article = Article {
        title: "Alcoa lifts copper output".into(),
        body: format!("Alcoa will mine more copper in Chile. {padding} Rio Tinto sells gold."),
        ..Article::default()
    };
    let tags = tagger.tag_article(&article);
    let focus = |tags: &[Tag]| tags.iter().map(|t| (t.name.clone(), t.focus)).collect::<Vec<_>>();
    assert_eq!(focus(&tags.organization), [("Alcoa".into(), true), ("Rio Tinto".into(), false)]);
    assert_eq!(focus(&tags.commodity), [("Copper".into(), true), ("Gold".into(), false)]);
}

#[test]
fn evidence_has_the_contract_s_form() {
    let mut tagger = Tagger::new(gazetteer());
    let article = Article { title: "Huawei".into(), body: "ＵＳ 華為 rose".into(), ..Article::default() };
    let tags = tagger.tag_article(&article);
    let json = serde_json::to_value(&tags.organization[0].evidence).unwrap();
    assert_eq!(json[0]["field"], "title");
    assert_eq!(json[1]["text"], "華為");
    assert_eq!(json[1]["rule"], "gazetteer");
}

/// Every piece of evidence is the slice that it says.
fn reslices(tagger: &mut Tagger, article: &Article) {
    let tags = tagger.tag_article(article);
    for tag in tags.organization.iter().chain(&tags.province).chain(&tags.country).chain(&tags.commodity) {
        assert!(!tag.evidence.is_empty() && !tag.name.is_empty() && tag.path.len() > 1, "{tag:?}");
        for e in &tag.evidence {
            let text = if e.field == Field::Title { &article.title } else { &article.body };
            assert_eq!(text.get(e.start..e.end), Some(e.text.as_str()), "{tag:?}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_has_evidence_that_reslices(
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "China", "Beijing", " ", " ", ", ", ". ", "(", ")", "'s ", "Alcoa", "Corp", "Ltd.", "of", "and", "Bank", "Ministry",
            "U.S.", "Rio", "（", "）", "以下简称“五矿”", "中国", "江西", "公司", "集团", "有限公司", "铜", "在", "日本", "和", "Novarex", "\n\n",
            "é", "<p>", "12", "3万", "厅", "\u{200B}", "Jordan", "Smith", "said", "—", "Ａｌｃｏａ",
        ]), 0..40),
        title in "\\PC{0,20}",
    ) {
        let mut tagger = Tagger::new(shared());
        reslices(&mut tagger, &Article { title, body: parts.concat(), ..Article::default() });
    }

    #[test]
    fn arbitrary_characters_do_no_harm(body in "\\PC{0,120}") {
        let mut tagger = Tagger::new(shared());
        reslices(&mut tagger, &Article { body, ..Article::default() });
    }
}

fn shared() -> Arc<Gazetteer> {
    static SHARED: std::sync::LazyLock<Arc<Gazetteer>> = std::sync::LazyLock::new(gazetteer);
    Arc::clone(&SHARED)
}
