//! Quoted strings are found wherever they stand, and nothing else is: the index against a scan of the
//! normalised text. Over the corpora beside the checkout when they are there (all of them with
//! `OREWIRE_LONG_TESTS=1`, best with `--release`), and over texts of our own in any case.

use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use orewire::{Article, Index, IndexOptions, SearchRequest, Searcher, analysis, analysis::UnitKind, source};

/// A small generator, so that each run asks the same questions.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

fn corpus(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(name);
    if !path.is_file() {
        eprintln!("skipped: {name} is not beside the checkout");
        return None;
    }
    Some(path)
}

fn long() -> bool {
    std::env::var_os("OREWIRE_LONG_TESTS").is_some()
}

/// The first `limit` articles of a file as NDJSON in a folder of their own, and the articles as read.
fn sample(path: &Path, limit: usize, dir: &Path) -> (PathBuf, Vec<Article>) {
    let file = source::walk(&[path.to_owned()]).next().expect("a file").expect("a readable file");
    let articles: Vec<Article> = source::read(&file).map_while(Result::ok).take(limit).collect();
    let out = dir.join("sample.ndjson");
    let lines: Vec<String> = articles
        .iter()
        .map(|a| {
            serde_json::json!({"id": a.id, "title": a.title, "body": a.body, "lang": a.lang}).to_string()
        })
        .collect();
    std::fs::write(&out, lines.join("\n")).expect("a written sample");
    (out, articles)
}

fn indexed(source: PathBuf, dir: &Path) -> Searcher {
    let index = Index::at(dir.join("index"));
    let report =
        index.update(&[source], &IndexOptions::default(), |_| ControlFlow::Continue(())).expect("an index");
    assert_eq!(report.skipped_total, 0, "{:?}", report.skipped);
    index.searcher().expect("a searcher")
}

/// Ids of all articles that a quoted string finds.
fn found(searcher: &Searcher, quoted: &str) -> BTreeSet<String> {
    let mut request = SearchRequest::new(format!("\"{quoted}\""));
    request.limit = 10_000;
    request.facet_limit = 0;
    request.snippet_columns = 0;
    let results = searcher.search(&request).expect("a result");
    let mut ids: BTreeSet<String> = results.hits.into_iter().map(|h| h.id).collect();
    while ids.len() < results.total {
        request.offset += 10_000;
        let more = searcher.search(&request).expect("a result").hits;
        if more.is_empty() {
            break;
        }
        ids.extend(more.into_iter().map(|h| h.id));
    }
    ids
}

/// How many articles a quoted string is counted in.
fn total(searcher: &Searcher, quoted: &str) -> usize {
    searcher.search(&SearchRequest::new(format!("\"{quoted}\""))).expect("a result").total
}

/// Title and body as one searches them: what is left out stands as a line break.
fn searchable(article: &Article) -> String {
    let mut text = article.title.clone() + "\n";
    let mut at = 0;
    for range in &article.furniture {
        text.push_str(&article.body[at..range.start]);
        text.push('\n');
        at = range.end;
    }
    text + &article.body[at..]
}

fn is_han(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// Asks for random substrings of 2 to 8 Han characters; how many were asked.
fn han_substrings(searcher: &Searcher, articles: &[Article], questions: usize) -> usize {
    let texts: Vec<(String, String)> =
        articles.iter().map(|a| (a.id.clone(), analysis::fold(&searchable(a)).into_owned())).collect();
    let mut random = Random(20_250_529);
    let mut asked = 0;
    while asked < questions {
        let text: Vec<char> = searchable(&articles[random.below(articles.len())]).chars().collect();
        let (start, len) = (random.below(text.len()), 2 + random.below(7));
        let Some(part) = text.get(start..start + len).filter(|p| p.iter().all(|c| is_han(*c))) else {
            continue;
        };
        let part: String = part.iter().collect();
        let folded = analysis::fold(&part);
        let want: BTreeSet<String> =
            texts.iter().filter(|(_, t)| t.contains(folded.as_ref())).map(|(id, _)| id.clone()).collect();
        let got = found(searcher, &part);
        // More than can be listed: then the count must be right, and what is listed.
        let listed = want.len() <= 2 * orewire::limits::HITS_MAX;
        assert!(listed || got.is_subset(&want) && total(searcher, &part) == want.len(), "{part:?}");
        let (missed, wrong) = (want.difference(&got).next(), got.difference(&want).next());
        assert!(!listed || got == want, "{part:?}: missed {missed:?}, wrong {wrong:?}");
        asked += 1;
    }
    asked
}

/// Asks for random runs of 2 to 5 Latin tokens; how many were asked.
fn latin_phrases(searcher: &Searcher, articles: &[Article], questions: usize) -> usize {
    let tokens = |article: &Article| -> Vec<Vec<String>> {
        let title = analysis::Units::of(&article.title, &[]);
        let body = analysis::Units::of(&article.body, &article.furniture);
        [title, body].iter().map(|u| u.iter().map(|x| u.term(x).to_owned()).collect()).collect()
    };
    let all: Vec<(String, Vec<Vec<String>>)> = articles.iter().map(|a| (a.id.clone(), tokens(a))).collect();
    let mut random = Random(1987);
    let mut asked = 0;
    while asked < questions {
        let article = &articles[random.below(articles.len())];
        let units = analysis::Units::of(&article.body, &article.furniture);
        let (start, len) = (random.below(units.len()), 2 + random.below(4));
        let Some(part) = units.list().get(start..start + len) else { continue };
        if part.iter().any(|u| u.kind != UnitKind::Word) {
            continue;
        }
        let want: Vec<&str> = part.iter().map(|u| units.term(u)).collect();
        // What is left out of the search can't be quoted.
        let (from, to) = (part[0].start as usize, part[len - 1].end as usize);
        if article.furniture.iter().any(|f| f.start < to && f.end > from) {
            continue;
        }
        // As it stands in the text, punctuation and capitals included, but for quotes and brackets.
        let quoted = &article.body[part[0].start as usize..part[len - 1].end as usize];
        if quoted.contains(['"', '“', '”', '「', '」', '«', '»', '„', '‟']) {
            continue;
        }
        let expected: BTreeSet<String> = all
            .iter()
            .filter(|(_, fields)| {
                fields.iter().any(|f| {
                    f.windows(want.len()).any(|w| w.iter().map(String::as_str).eq(want.iter().copied()))
                })
            })
            .map(|(id, _)| id.clone())
            .collect();
        let got = found(searcher, quoted);
        assert_eq!(got, expected, "{quoted:?}");
        asked += 1;
    }
    asked
}

#[test]
fn quoted_han_strings_are_exact_on_chinese_web_news() {
    let Some(path) = corpus("zh-crud.ndjson.zst") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let (limit, questions) = if long() { (usize::MAX, 2_000) } else { (600, 200) };
    let (source, articles) = sample(&path, limit, dir.path());
    let searcher = indexed(source, dir.path());
    let asked = han_substrings(&searcher, &articles, questions);
    eprintln!("{asked} of {asked} quoted Han strings exact over {} articles", articles.len());
}

#[test]
fn quoted_latin_phrases_are_exact_on_english_web_news() {
    let Some(path) = corpus("en-ccnews.ndjson.zst") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let (limit, questions) = if long() { (usize::MAX, 500) } else { (150, 60) };
    let (source, articles) = sample(&path, limit, dir.path());
    let searcher = indexed(source, dir.path());
    let asked = latin_phrases(&searcher, &articles, questions);
    eprintln!("{asked} of {asked} quoted Latin phrases exact over {} articles", articles.len());
}

fn own(bodies: &[&str]) -> (tempfile::TempDir, Searcher) {
    let dir = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| serde_json::json!({"id": n.to_string(), "title": "", "body": body}).to_string())
        .collect();
    let file = dir.path().join("own.ndjson");
    std::fs::write(&file, lines.join("\n")).expect("a written file");
    let searcher = indexed(file, dir.path());
    (dir, searcher)
}

#[test]
fn mixed_strings_numbers_and_variants_are_exact() {
    let (_dir, searcher) = own(&[
        "该厂的REO產能达到３万吨／年，5G基站与A股无关。",
        "REO，产能；3万吨、年；5 G 基站；B股",
        "Output of 30,000 tonnes a year, closed-door talks in the U.S. market",
        "Output of 30000 tonnes; closed door, not open",
        "轻稀土精矿由农业发展银行提供贷款。",
        "輕稀土精礦：稀土。集团",
    ]);
    for (quoted, want) in [
        ("REO产能", &["0"][..]),
        ("reo產能", &["0"]),
        ("3万吨/年", &["0"]),
        ("5G基站", &["0"]),
        ("A股", &["0"]),
        ("30,000 tonnes", &["2", "3"]),
        ("30000 tonnes", &["2", "3"]),
        ("closed door", &["2", "3"]),
        ("closed-door talks", &["2"]),
        ("u.s. market", &["2"]),
        ("业发展银", &["4"]),
        ("稀土精", &["4", "5"]),
        ("稀土精礦", &["4", "5"]),
        ("稀土集团", &[]),
        ("稀土。集团", &["5"]),
        ("稀土，集团", &[]),
    ] {
        let got: Vec<String> = found(&searcher, quoted).into_iter().collect();
        assert_eq!(got, want, "{quoted}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]
    #[test]
    fn any_quoted_substring_of_an_indexed_text_is_found(
        texts in proptest::collection::vec("[稀土集團产能銅，。、（） ,.REOa5３\n]{4,60}", 1..6),
        picks in proptest::collection::vec((0usize..6, 0usize..60, 1usize..12), 12)
    ) {
        let bodies: Vec<&str> = texts.iter().map(String::as_str).collect();
        let kept: Vec<&str> = bodies.iter().copied().filter(|b| !b.trim().is_empty()).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let (_dir, searcher) = own(&kept);
        for (which, from, len) in picks {
            let chars: Vec<char> = kept[which % kept.len()].chars().collect();
            let from = from % chars.len();
            let part: String = chars[from..(from + len).min(chars.len())].iter().collect();
            // A run of letters and digits is found whole or not at all.
            let whole = |c: Option<&char>| !c.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '３');
            let cut = part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '３') && from > 0 && !whole(chars.get(from - 1))
                || part.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '３') && !whole(chars.get(from + len))
                // A comma or a point inside a number is part of it.
                || part.contains(['.', ',']) || chars[from.saturating_sub(1)..].first().is_some_and(|c| ".,".contains(*c));
            if cut || !part.chars().any(|c| is_han(c) || c.is_ascii_alphanumeric()) {
                continue;
            }
            let id = (which % kept.len()).to_string();
            proptest::prop_assert!(found(&searcher, &part).contains(&id), "{part:?} of {:?}", kept[which % kept.len()]);
        }
    }
}
