//! Near-copies: made copies of articles of the corpora beside the checkout are told from near misses
//! (skipped with one line where the corpora are missing), and a search shows one hit for one story.
//!
//! `OREWIRE_LONG_TESTS=1` takes all four corpora whole (minutes, best with `--release`); `OREWIRE_CORPUS` names a
//! folder with them unpacked.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use orewire::{
    Article, Facet, Index, IndexOptions, SearchRequest, Searcher, TimelineStep,
    analysis::{Sketch, UnitKind, Units},
    source,
};
use proptest::prelude::*;

/// A small generator, so that each run makes the same pairs.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

fn long() -> bool {
    std::env::var_os("OREWIRE_LONG_TESTS").is_some()
}

fn corpus(name: &str) -> Option<Vec<Article>> {
    let packed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(format!("{name}.ndjson.zst"));
    let path = match std::env::var_os("OREWIRE_CORPUS") {
        Some(folder) => PathBuf::from(folder).join(format!("{name}.ndjson")),
        None => packed,
    };
    if !path.is_file() {
        eprintln!("skipped: {name} is not beside the checkout");
        return None;
    }
    let file = source::walk(&[path]).next()?.ok()?;
    let most = if long() { usize::MAX } else { 6_000 };
    Some(source::read(&file).filter_map(Result::ok).take(most).collect())
}

fn sketch(article: &Article) -> Option<Sketch> {
    Sketch::of(&Units::of(&article.title, &[]), &Units::of(&article.body, &article.furniture))
}

fn copied(a: &Article, b: &Article) -> bool {
    let days = a.date.zip(b.date).map(|(a, b)| a.days().abs_diff(b.days()));
    sketch(a).zip(sketch(b)).is_some_and(|(a, b)| a.is_copy(&b, days))
}

/// An article read anew with other text, as another wire would have sent it.
fn resent(article: &Article, title: &str, body: String) -> Article {
    let mut copy = article.clone();
    (copy.title, copy.body, copy.furniture) = (title.to_owned(), body, Vec::new());
    copy.id.push_str("-copy");
    source::complete(&mut copy, true);
    copy
}

/// The paragraphs of a body; sentences where it has none. Each keeps what stands after it.
fn paragraphs(body: &str) -> Vec<&str> {
    let by = |ends: &'static [&'static str]| -> Vec<&str> {
        let mut out = Vec::new();
        let mut rest = body;
        while let Some(end) = ends.iter().filter_map(|e| rest.find(e).map(|at| at + e.len())).min() {
            out.push(&rest[..end]);
            rest = &rest[end..];
        }
        out.push(rest);
        out.retain(|p| p.trim().chars().count() > 20);
        out
    };
    [&["</p>", "\n   ", "\n\n"] as &[_], &["\n"], &["。", ". "]]
        .into_iter()
        .map(by)
        .find(|p| p.len() > 2)
        .unwrap_or_default()
}

const BOILERPLATE_EN: [&str; 3] = [
    "HARBOUR CITY (Northern Wire) - ",
    "\n\nReporting by the Northern Wire commodities desk; editing by the night editor. Send comments to the desk.",
    "\n\nThis story was first published by a partner and may have been shortened. All rights are with its author.",
];
const BOILERPLATE_ZH: [&str; 3] = [
    "北方通讯社港城电（记者 某某）",
    "（编辑：某某 责任校对：某某 来信请寄本报商品部）",
    "本文由合作媒体首发，内容可能有删节，版权归原作者所有，仅供参考。",
];

/// The edits that wires make. `other` lends a paragraph.
fn edited(article: &Article, other: &Article, kind: usize) -> Option<Article> {
    let body = &article.body;
    let parts = paragraphs(body);
    let boilerplate = if article.lang.code() == "zh" { BOILERPLATE_ZH } else { BOILERPLATE_EN };
    let headline: String = parts.get(1)?.chars().take(60).collect();
    let cut = || {
        let end = body.len() * 7 / 10;
        body[..body.floor_char_boundary(end)].to_owned()
    };
    let body = match kind {
        0 => body.clone(),
        1 => cut(),
        2 => format!("{}{body}{}{}", boilerplate[0], boilerplate[1], boilerplate[2]),
        3 => {
            let lent = paragraphs(&other.body).into_iter().max_by_key(|p| p.len().min(400))?;
            let lent: String =
                lent.chars().take(if article.lang.code() == "zh" { 120 } else { 350 }).collect();
            let at = parts.get(parts.len() / 2)?.as_ptr() as usize - body.as_ptr() as usize;
            format!("{}{lent}\n\n{}", &body[..at], &body[at..])
        }
        _ => format!("{}{}{}", boilerplate[0], cut(), boilerplate[2]),
    };
    Some(resent(article, &headline, body))
}

const EDITS: [&str; 5] = ["headline", "cut to 70 %", "boilerplate", "paragraph", "cut and boilerplate"];

/// The exact runs of six words (twelve Han characters) of a body, and its numbers.
fn runs(article: &Article) -> (HashSet<Vec<String>>, HashSet<String>) {
    let units = Units::of(&article.body, &article.furniture);
    let list: Vec<_> = units.iter().filter(|u| u.kind != UnitKind::Punct).collect();
    let terms: Vec<String> = list.iter().map(|u| units.term(u).to_owned()).collect();
    let len = if article.lang.code() == "zh" { 12 } else { 6 };
    let numbers = list.iter().zip(&terms).filter(|(u, _)| u.kind == UnitKind::Number).map(|(_, t)| t.clone());
    (terms.windows(len).map(<[String]>::to_vec).collect(), numbers.collect())
}

fn shared<T: Eq + std::hash::Hash>(a: &HashSet<T>, b: &HashSet<T>) -> f64 {
    let common = a.intersection(b).count() as f64;
    common / (a.len() + b.len()).max(1) as f64 * 2.0
}

/// Pairs of articles of a corpus that share rare words or a headline: candidates for near misses.
fn neighbours(articles: &[Article], random: &mut Random) -> Vec<(usize, usize)> {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (n, article) in articles.iter().enumerate() {
        // A headline without its numbers is the name of a series.
        let title: String = article.title.chars().filter(|c| c.is_alphabetic()).collect();
        if title.chars().count() > 5 {
            by_key.entry(format!("t{title}")).or_default().push(n);
        }
        let units = Units::of(&article.body, &article.furniture);
        let mut words: Vec<&str> =
            units.iter().filter(|u| u.kind != UnitKind::Punct).map(|u| units.term(u)).collect();
        if article.lang.code() == "zh" {
            words = (0..units.len().saturating_sub(4))
                .map(|i| units.joined(i..i + 4))
                .filter(|w| w.chars().count() == 4)
                .collect();
        }
        words.sort_unstable();
        words.dedup();
        let day = article.date.map_or(0, |d| d.days());
        for word in words.into_iter().filter(|w| w.len() > 5) {
            by_key.entry(format!("{day} {word}")).or_default().push(n);
        }
    }
    let mut shared: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    let mut keys: Vec<_> = by_key.into_iter().filter(|(_, v)| v.len() > 1 && v.len() < 12).collect();
    keys.sort_unstable();
    for (key, list) in keys {
        for (at, a) in list.iter().enumerate() {
            for b in &list[at + 1..] {
                *shared.entry((*a, *b)).or_default() += if key.starts_with('t') { 20 } else { 1 };
            }
        }
    }
    let mut pairs: Vec<_> = shared.into_iter().filter(|(_, n)| *n >= 10).map(|(p, _)| p).collect();
    for at in (1..pairs.len()).rev() {
        pairs.swap(at, random.below(at + 1));
    }
    pairs
}

/// Precision and recall over the pairs of a corpus: five kinds of made copies, and near misses whose
/// exact texts differ. Prints one line a kind.
fn measure(name: &str, made: usize, missed: usize) -> Option<()> {
    let articles = corpus(name)?;
    let mut random = Random(20);
    let (mut right, mut found, mut copies) = (0, 0, 0);
    let mut by_kind = [(0, 0); EDITS.len()];
    while copies < made {
        let (a, b) = (&articles[random.below(articles.len())], &articles[random.below(articles.len())]);
        let kind = copies % EDITS.len();
        if sketch(a).is_none() || a.body.chars().count() < 400 {
            continue;
        }
        let Some(copy) = edited(a, b, kind) else { continue };
        copies += 1;
        by_kind[kind].1 += 1;
        if copied(a, &copy) {
            (right, found) = (right + 1, found + 1);
            by_kind[kind].0 += 1;
        } else if let Some((one, two)) = sketch(a).zip(sketch(&copy)) {
            eprintln!("{}: {}: missed {:?}", a.id, EDITS[kind], one.likeness(&two));
        } else {
            eprintln!("{}: {}: missed, too short", a.id, EDITS[kind]);
        }
        assert!(!copied(&copy, b) || copied(a, b), "{} and {}", copy.id, b.id);
    }
    for (edit, (found, of)) in EDITS.iter().zip(by_kind) {
        println!("{name}: {edit}: {found} of {of}");
    }
    let (mut misses, mut wrong) = (0, Vec::new());
    for (a, b) in neighbours(&articles, &mut random) {
        if misses == missed {
            break;
        }
        let (a, b) = (&articles[a], &articles[b]);
        let ((words_a, numbers_a), (words_b, numbers_b)) = (runs(a), runs(b));
        let words = shared(&words_a, &words_b);
        let far = a.date.zip(b.date).is_some_and(|(a, b)| a.days().abs_diff(b.days()) > 4);
        let numbered = numbers_a.len().min(numbers_b.len()) >= 3;
        // Other words, or the next report of a series: other numbers, or another week.
        let apart = words < 0.35 || words < 0.8 && (far || numbered && shared(&numbers_a, &numbers_b) < 0.3);
        if words_a.len().min(words_b.len()) < 30 || !apart {
            continue;
        }
        misses += 1;
        if copied(a, b) {
            found += 1;
            wrong.push(format!("{} {} {words:.2}", a.id, b.id));
        }
    }
    let (precision, recall) = (right as f64 / f64::from(found), right as f64 / copies as f64);
    println!(
        "{name}: {copies} copies, {misses} near misses: precision {precision:.3}, recall {recall:.3}; wrong: {wrong:?}"
    );
    assert!(precision >= 0.98 && recall >= 0.90, "{name}: precision {precision}, recall {recall}");
    Some(())
}

#[test]
fn made_copies_are_told_from_near_misses() {
    for name in ["en-reuters21578", "zh-xinwenlianbo", "zh-crud", "en-ccnews"] {
        if !long() && !matches!(name, "en-reuters21578" | "zh-xinwenlianbo") {
            continue;
        }
        measure(name, 200, 300);
    }
}

const STORY: [&str; 6] = [
    "The smelter at the mouth of the river will shut one of its two furnaces for eleven weeks from May, its owner said, after inspectors found cracks in the lining.",
    "About 46,000 tonnes of refined metal will be lost, a tenth of what the plant makes in a year, and buyers along the coast have begun to ask for cargoes from further away.",
    "A trader in the port said that premiums for prompt delivery had risen to 118 dollars a tonne, the most since the strike three winters ago.",
    "The owner has told customers with yearly contracts that it will deliver from stock until June, and that it does not expect to declare force majeure.",
    "Unions welcomed the repair. They had warned of the furnace since a worker was burnt in October, and had asked for new bricks before the winter.",
    "Shares of the company closed 3.4 percent lower, while those of its rival in the north gained about as much.",
];

const BERICHT: [&str; 5] = [
    "港口冶炼厂的业主表示，由于检查人员在炉衬上发现裂缝，厂里两座熔炉中的一座将从五月起停产十一周。",
    "预计减少精炼金属产量约46000吨，相当于该厂全年产量的十分之一，沿海买家已经开始向更远的地方询价。",
    "一位港口贸易商说，现货升水已升至每吨118美元，是三年前那次罢工以来的最高水平。",
    "业主已通知签有年度合同的客户，六月以前将用库存交货，目前没有宣布不可抗力的打算。",
    "工会对检修表示欢迎，他们从去年十月一名工人被烫伤以后就一直警告说这座熔炉需要更换耐火砖。",
];

fn article(id: &str, title: &str, body: &str) -> serde_json::Value {
    serde_json::json!({"id": id, "title": title, "body": body, "date": "2025-05-04", "source": format!("wire {id}")})
}

fn indexed(dir: &Path, articles: &[serde_json::Value]) -> Searcher {
    let lines: Vec<String> = articles.iter().map(ToString::to_string).collect();
    std::fs::create_dir_all(dir).expect("a folder");
    std::fs::write(dir.join("news.ndjson"), lines.join("\n")).expect("a file");
    let index = Index::at(dir.join("index"));
    index
        .update(&[dir.join("news.ndjson")], &IndexOptions::default(), |_| ControlFlow::Continue(()))
        .expect("an index");
    index.searcher().expect("a searcher")
}

fn wires() -> Vec<serde_json::Value> {
    let whole = STORY.join("\n\n");
    let mut all = vec![
        article("a", "Smelter to shut furnace for eleven weeks", &whole),
        article("b", "Furnace cracks cut metal supply, premiums rise", &STORY[..4].join("\n\n")),
        article(
            "c",
            "Smelter at river mouth to lose a tenth of output",
            &format!("NORTHPORT (Wire) - {whole} Edited by the desk."),
        ),
        article(
            "d",
            "Union says furnace repair is late",
            "Workers at the smelter by the river have waited too long for the furnace to be repaired, their union said on Sunday, a day after the company gave way and announced that it would close it in May. It asked for a talk about wages during the weeks without work, and for a doctor on every shift. The company did not answer questions.",
        ),
        article("e", "冶炼厂停一座熔炉", &BERICHT.join("")),
        article("f", "熔炉出现裂缝 现货升水走高", &BERICHT[..4].join("")),
        article("g", "Furnace", "Furnace shut."),
        article("h", "Furnace", "Furnace shut."),
    ];
    for n in 0..30 {
        all.push(article(
            &format!("x{n}"),
            "Furnace news of the day",
            &format!("Furnace number {n} in Chile melted {} tonnes.", n * 7),
        ));
    }
    all
}

#[test]
fn a_story_is_one_hit_with_its_copies() {
    let dir = tempfile::tempdir().expect("a folder");
    let searcher = indexed(dir.path(), &wires());
    let mut request = SearchRequest::new("smelter OR furnace");
    request.expand = true;
    request.limit = 50;
    let results = searcher.search(&request).expect("results");
    let of = |id: &str| results.hits.iter().find(|h| h.id == id);
    let story: Vec<_> = ["a", "b", "c"].into_iter().filter_map(of).collect();
    assert_eq!(story.len(), 1, "one of the three wires is shown");
    assert_eq!(story[0].copies, 2);
    let mut ids: Vec<&str> =
        story[0].copy_ids.iter().map(|c| c.id.as_str()).chain([story[0].id.as_str()]).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(
        story[0].copy_ids[0].source.as_deref(),
        Some(format!("wire {}", story[0].copy_ids[0].id).as_str())
    );
    assert!(of("d").is_some_and(|h| h.copies == 0), "the same event by another writer");
    assert!(of("g").is_some() && of("h").is_some(), "too short to tell");
    assert_eq!(results.total, results.hits.iter().map(|h| 1 + h.copies).sum::<usize>());

    request.collapse_copies = false;
    let all = searcher.search(&request).expect("results");
    assert_eq!((all.total, all.hits.len()), (results.total, results.total));
    assert!(all.hits.iter().all(|h| h.copies == 0 && h.copy_ids.is_empty()));

    // Copies that do not match are not counted: only a and c have the last paragraphs.
    let unions = searcher.search(&SearchRequest::new("+unions +bricks")).expect("results");
    assert_eq!((unions.total, unions.hits.len(), unions.hits[0].copies), (2, 1, 1));
    let chinese = searcher.search(&SearchRequest::new("冶炼厂 熔炉")).expect("results");
    assert_eq!(chinese.hits.iter().find(|h| h.lang.code() == "zh").map(|h| h.copies), Some(1));
}

#[test]
fn pages_join_and_the_order_of_arrival_does_not_matter() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut articles = wires();
    // Many copies of one story on top: a page must not come up short for them.
    for n in 0..60 {
        articles.push(article(&format!("m{n:02}"), "Smelter furnace", &STORY[..5].join("\n\n")));
    }
    let searcher = indexed(&dir.path().join("one"), &articles);
    articles.reverse();
    let reversed = indexed(&dir.path().join("two"), &articles);
    let page = |searcher: &Searcher, offset: usize, limit: usize| {
        let mut request = SearchRequest::new("smelter OR furnace");
        (request.offset, request.limit, request.expand) = (offset, limit, true);
        let hits = searcher.search(&request).expect("results").hits;
        hits.into_iter().map(|h| (h.id, h.copies, h.copy_ids)).collect::<Vec<_>>()
    };
    let whole = page(&searcher, 0, 20);
    assert_eq!(whole.len(), 20);
    assert_eq!(whole[0].1, 62);
    assert_eq!([page(&searcher, 0, 7), page(&searcher, 7, 13)].concat(), whole);
    assert_eq!(page(&reversed, 0, 20), whole);

    // A longer ranking than the first one counts nothing anew, and loses nothing.
    let counts = |collapse: bool| {
        let mut request = SearchRequest::new("smelter OR furnace").limit(20);
        (request.collapse_copies, request.timeline) = (collapse, Some(TimelineStep::Year));
        let results = searcher.search(&request).expect("results");
        assert_eq!(results.facets.of(Facet::Country)[0].count, 30);
        serde_json::json!([results.total, results.facets, results.timeline])
    };
    assert_eq!(counts(true), counts(false));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// A cut text, or one with a sentence added, is a copy of itself, either way round, in both languages.
    #[test]
    fn small_edits_keep_a_copy(seed in 0u64..1_000_000, zh in any::<bool>(), keep in 70usize..=100) {
        let mut random = Random(seed);
        // A text of our own: words drawn by chance, so that no two are alike.
        let words: Vec<String> = (0..200)
            .map(|_| if zh { char::from_u32(0x4E00 + random.below(4_000) as u32).map(String::from).unwrap_or_default() } else { format!("w{}", random.below(3_000)) })
            .collect();
        let text = |w: &[String]| w.join(if zh { "" } else { " " });
        let one = |text: &str| Sketch::of(&Units::new(), &Units::of(text, &[])).expect("long enough");
        let whole = one(&text(&words));
        let cut = one(&text(&words[..words.len() * keep / 100]));
        prop_assert!(whole.is_copy(&cut, Some(0)) && cut.is_copy(&whole, Some(0)), "{:?}", whole.likeness(&cut));
        let mut more = words.clone();
        more.splice(80..80, words[..20].iter().rev().cloned());
        prop_assert!(whole.is_copy(&one(&text(&more)), Some(2)));
        let other: Vec<String> = words.iter().rev().cloned().collect();
        prop_assert!(!whole.is_copy(&one(&text(&other)), Some(0)));
    }
}
