//! What holds for every snippet, whatever the article, the query and the width: marks are what the query
//! means and nothing else, they lead back to the article, and no width is exceeded.
//!
//! Over articles put together from pieces of our own, and over articles of the corpora beside the
//! checkout when they are there. `OREWIRE_LONG_TESTS=1` runs many more.

mod slow_matcher;

use std::{
    collections::HashSet,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock},
};

use orewire::{Article, Index, SearchRequest, Searcher, Snippet, Tagger, Tags, source, tagging::Field};
use proptest::{prelude::*, test_runner::Config};
use slow_matcher::{Clause, Meaning, joined, matches, symbols};
use unicode_width::UnicodeWidthStr;

const WORDS: [&str; 76] = [
    "harvest",
    "harvests",
    "Harvested",
    "quota",
    "quotas",
    "strike",
    "striking",
    "exports",
    "exported",
    "export",
    "policy",
    "policies",
    "dying",
    "dies",
    "shipment",
    "the",
    "of",
    "rose",
    "by",
    "U.S.",
    "Acme Co., Ltd.",
    "No. 3",
    "Mr. Lee",
    "lithium",
    "LITHIUM",
    "lithic",
    "litihum",
    "litium",
    "rare earth",
    "rare earths",
    "rare, Earth",
    "Sichuan",
    "Chile",
    "Chile's",
    "China's",
    "Codelco",
    "Ganfeng Lithium",
    "copper",
    "nickel",
    "closed-door",
    "closed door",
    "30,000",
    "4.96",
    "30000",
    "２０２５",
    "ＲＥＯ",
    "Café",
    "s",
    "稀土",
    "稀 土",
    "稀土集團",
    "稀土集团",
    "出口",
    "出口配额",
    "配額",
    "碳酸锂",
    "碳酸鋰",
    "锂矿",
    "四川",
    "四川省",
    "凉山州",
    "攀枝花市",
    "智利",
    "智利国家铜业公司",
    "赣锋锂业",
    "铜",
    "镍",
    "收成",
    "罢工",
    "下降",
    "表示",
    "3.5万吨",
    "产量",
    "電動車",
    "№",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

const BETWEEN: [&str; 48] = [
    " ",
    " ",
    " ",
    " ",
    "",
    "",
    ". ",
    ". ",
    ", ",
    "! ",
    "? ",
    "\n",
    "\n\n",
    "\u{3000}\u{3000}",
    "。",
    "，",
    "；",
    "！",
    "？",
    "“",
    "”",
    "（",
    "）",
    "《",
    "》",
    "：",
    "、",
    "-",
    "…",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "&amp;",
    "&nbsp;",
    "&#8212;",
    "**",
    "[",
    "](http://a.example/x)",
    "\n# ",
    "\n| ",
    "\n- ",
    "\u{202E}",
    "\u{200B}",
    "\u{301}",
    "😀",
    "\u{1b}[31m",
    "\u{2028}",
];

/// A clause by its text and what it means.
fn clause(typed: &str, means: &[Meaning]) -> Clause {
    let title_only = typed.starts_with("title:");
    Clause { typed: typed.to_owned(), means: means.to_vec(), title_only }
}

/// A name: its text, its stem if it is one Latin word, and what is tagged with it.
fn name(typed: &str, path: &str) -> Clause {
    let mut means = vec![Meaning::Phrase(typed.to_owned()), Meaning::Tag(path.to_owned())];
    if typed.chars().all(|c| c.is_ascii_alphabetic()) {
        means.push(Meaning::Word(typed.to_owned()));
    }
    clause(typed, &means)
}

fn word(typed: &str) -> Clause {
    clause(typed, &[Meaning::Word(typed.to_owned())])
}

/// Chinese words by themselves.
fn han(typed: &str) -> Clause {
    clause(typed, &[Meaning::Phrase(typed.to_owned())])
}

fn phrase(text: &str) -> Clause {
    clause(&format!("\"{text}\""), &[Meaning::Phrase(text.to_owned())])
}

/// Clauses of every kind, in both languages.
fn clauses() -> Vec<Clause> {
    let (lithium, copper) = ("/metals/battery-metals/lithium", "/metals/base-metals/copper");
    let carbonate = "/metals/battery-metals/lithium/lithium-carbonate";
    let mut out: Vec<Clause> = [
        "harvest",
        "quotas",
        "striking",
        "exports",
        "policy",
        "die",
        "30000",
        "4.96",
        "２０２５",
        "cafe",
        "xxx",
    ]
    .map(word)
    .into();
    out.extend(["出口", "收成", "配額", "下降", "产量"].map(han));
    out.extend([
        name("Sichuan", "/china/sichuan"),
        name("四川", "/china/sichuan"),
        name("Chile", "/chile"),
        name("智利", "/chile"),
        name("Codelco", "/codelco"),
        name("Ganfeng Lithium", "/ganfeng-lithium"),
        name("赣锋锂业", "/ganfeng-lithium"),
        name("rare earths", "/metals/rare-earths"),
        name("稀土", "/metals/rare-earths"),
        name("碳酸锂", carbonate),
        name("碳酸鋰", carbonate),
        name("nickel", "/metals/battery-metals/nickel"),
        name("铜", copper),
    ]);
    let tag = |typed, path: &str| clause(typed, &[Meaning::Tag(path.to_owned())]);
    out.extend([
        tag("province:四川", "/china/sichuan"),
        tag("country:Chile", "/chile"),
        tag("organization:Codelco", "/codelco"),
        tag("commodity:lithium", lithium),
        tag("commodity:/metals/base-metals/copper", copper),
    ]);
    out.extend(
        [
            "rare earth",
            "closed door",
            "harvest quota",
            "the rose",
            "稀土集团",
            "稀土集團",
            "土集",
            "稀土，出口",
            "稀 土",
            "出口配额",
            "export",
        ]
        .map(phrase),
    );
    for (typed, prefix) in [("lith*", "lith"), ("Exp*", "exp"), ("quota*", "quota"), ("title:har*", "har")] {
        out.push(clause(typed, &[Meaning::Prefix(prefix.to_owned())]));
    }
    for (typed, near) in [("litium~", "litium"), ("quoat~", "quoat"), ("harvset~", "harvset")] {
        out.push(clause(typed, &[Meaning::Fuzzy(near.to_owned())]));
    }
    out.push(clause("title:exported", &[Meaning::Word("exported".to_owned())]));
    out.push(clause("title:\"稀土集团\"", &[Meaning::Phrase("稀土集团".to_owned())]));
    out.push(clause("-shipment", &[]));
    out.push(clause("+strike", &[Meaning::Word("strike".to_owned())]));
    out
}

fn pieces(most: usize) -> impl Strategy<Value = String> {
    let pair = (prop::sample::select(&WORDS[..]), prop::sample::select(&BETWEEN[..]));
    prop::collection::vec(pair, 0..most).prop_map(|all| all.into_iter().flat_map(|(w, b)| [w, b]).collect())
}

/// Quoted strings out of the pieces of our articles.
fn any_phrase() -> impl Strategy<Value = Clause> {
    let latin = prop::sample::select(vec![
        "rare", "earth", "harvest", "closed", "door", "the", "of", "rose", "s", "30,000",
    ]);
    prop_oneof![
        "[稀土集团出口配额碳酸鋰，。 3]{1,5}".prop_map(|t| phrase(&t)),
        prop::collection::vec(latin, 1..4).prop_map(|w| phrase(&w.join(" "))),
    ]
}

fn any_clause() -> impl Strategy<Value = Clause> {
    prop_oneof![4 => prop::sample::select(clauses()), 1 => any_phrase()]
}

/// What all tests share: an index whose vocabulary cuts queries, and what tags articles.
struct Shared {
    searcher: Searcher,
    tagger: Mutex<Tagger>,
    /// All names, folded.
    names: HashSet<String>,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let index = Index::in_memory();
        let mut random = Random(7);
        index.put((0..240).map(|n| random.article(n))).expect("an index");
        let gazetteer = index.gazetteer().expect("names");
        let names = gazetteer.names().map(|(name, _, _)| name.to_owned()).collect();
        let tagger = Mutex::new(Tagger::new(gazetteer));
        Shared { searcher: index.searcher().expect("a searcher"), tagger, names }
    })
}

fn completed(title: String, body: String) -> (Article, Tags) {
    let mut article = Article::new("a", title, body);
    source::complete(&mut article, false);
    let tags = shared().tagger.lock().expect("no panic").tag_article(&article);
    (article, tags)
}

/// A small generator, so that each run indexes the same articles.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn article(&mut self, n: usize) -> Article {
        let mut text = |most: usize| -> String {
            let words = self.below(most);
            (0..words).flat_map(|_| [*self.pick(&WORDS), *self.pick(&BETWEEN)]).collect()
        };
        let (title, body) = (text(8), text(120));
        Article::new(format!("a{n}"), title, body)
    }
}

/// Letters and digits of a text, without its hidden ranges and what shows nothing.
fn letters(text: &str, at: usize, hidden: &[Range<usize>]) -> String {
    let shown = text.char_indices().filter(|(n, _)| !hidden.iter().any(|h| h.contains(&(at + n))));
    shown.map(|(_, c)| c).filter(|c| c.is_alphanumeric()).collect()
}

/// All that holds for one article, query and width; what is wrong otherwise.
fn wrong(query: &str, clauses: &[Clause], article: &Article, tags: &Tags, columns: usize) -> Option<String> {
    let highlighter = match shared().searcher.highlighter(query) {
        Ok(highlighter) => highlighter,
        Err(error) => return Some(format!("{error}")),
    };
    let (snippet, in_title) = highlighter.snippet(article, tags, columns);
    let meant = |text: &str, hidden: &[Range<usize>], field: Field| {
        joined(clauses.iter().flat_map(|c| matches(c, text, hidden, tags, field)))
    };
    let title = meant(&article.title, &[], Field::Title);
    if in_title != title {
        let marked: Vec<&str> = in_title.iter().map(|r| &article.title[r.clone()]).collect();
        let asked: Vec<&str> = title.iter().map(|r| &article.title[r.clone()]).collect();
        return Some(format!("title: marked {marked:?}, meant {asked:?}"));
    }
    let body = meant(&article.body, &article.furniture, Field::Body);
    wrong_in(&snippet, &body, article, columns).map(|what| format!("{what}\n{snippet:#?}"))
}

fn wrong_in(snippet: &Snippet, meant: &[Range<usize>], article: &Article, columns: usize) -> Option<String> {
    let (text, body) = (&snippet.text, &article.body);
    if text.width() > columns {
        return Some(format!("{} columns wide", text.width()));
    }
    if text.contains(|c: char| c.is_control() || "\u{202E}\u{200B}\u{2028}".contains(c)) {
        return Some("steers the terminal".to_owned());
    }
    if snippet.origins.len() != snippet.highlights.len() {
        return Some("highlights without an origin".to_owned());
    }
    let mut last = (0, 0);
    for (marked, origin) in snippet.highlights.iter().zip(&snippet.origins) {
        let (Some(shown), Some(from)) = (text.get(marked.clone()), body.get(origin.clone())) else {
            return Some(format!("{marked:?} or {origin:?} is no range"));
        };
        if shown.is_empty() || from.is_empty() || marked.start < last.0 || origin.start < last.1 {
            return Some(format!("{marked:?} of {origin:?} is empty or out of order"));
        }
        if letters(shown, 0, &[]) != letters(from, origin.start, &article.furniture) {
            return Some(format!("{shown:?} is not {from:?}"));
        }
        let edge = is_edge(&text[..marked.start]) || is_edge(&text[marked.end..]);
        let whole = meant.contains(origin);
        let part = meant.iter().any(|m| m.start <= origin.start && origin.end <= m.end);
        if !(whole || part && edge) {
            return Some(format!("{from:?} at {origin:?} is not meant"));
        }
        // What stands between two marks of one passage is no match.
        let between = &text[last.0..marked.start];
        let missed = meant.iter().find(|m| m.start >= last.1 && m.end <= origin.start);
        if last.1 > 0
            && !between.contains('…')
            && let Some(missed) = missed
        {
            return Some(format!("{:?} at {missed:?} is not marked", &body[missed.clone()]));
        }
        last = (marked.end, origin.end);
    }
    // Wherever there is room for a match, one is shown.
    let narrowest = meant.iter().map(|m| body[m.clone()].width()).min();
    if snippet.highlights.is_empty() && narrowest.is_some_and(|n| n + 2 <= columns) {
        return Some(format!("no mark of {}", meant.len()));
    }
    None
}

/// Whether a passage begins behind this text, or ends before it.
fn is_edge(text: &str) -> bool {
    text.is_empty()
        || text.ends_with(['…', ' ']) && text.trim_end().ends_with('…')
        || text.trim_start().starts_with('…')
}

fn cases(few: u32, many: u32) -> Config {
    Config { cases: if long() { many } else { few }, failure_persistence: None, ..Config::default() }
}

fn long() -> bool {
    std::env::var_os("OREWIRE_LONG_TESTS").is_some_and(|v| v == "1")
}

fn query_of(clauses: &[Clause]) -> String {
    clauses.iter().map(|c| c.typed.as_str()).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(cases(600, 60_000))]

    #[test]
    fn every_snippet_shows_what_was_asked(
        title in pieces(6),
        body in pieces(70),
        clauses in prop::collection::vec(any_clause(), 1..4),
        columns in 1usize..=400,
    ) {
        let (article, tags) = completed(title, body);
        let query = query_of(&clauses);
        let wrong = wrong(&query, &clauses, &article, &tags, columns);
        prop_assert!(wrong.is_none(), "{query} at {columns}: {}", wrong.unwrap_or_default());
    }
}

/// A snippet at a width, of an article with nothing but a body.
fn snippet(query: &str, body: &str, columns: usize) -> Snippet {
    let (article, tags) = completed(String::new(), body.to_owned());
    shared().searcher.highlighter(query).expect("a query").snippet(&article, &tags, columns).0
}

#[test]
fn the_narrowest_snippets_fit() {
    for (query, body) in
        [("Chile", "Chile "), ("harvest", "s稀土集團 "), ("稀土", "稀土"), ("quota", "the quota")]
    {
        for columns in 1..=8 {
            let snippet = snippet(query, body, columns);
            assert!(snippet.text.width() <= columns, "{query} at {columns}: {snippet:?}");
        }
    }
}

#[test]
fn one_character_of_a_longer_word_is_marked_beside_its_neighbours_only() {
    let body = "产量下降。出口量下降。";
    let snippet = snippet("出口量", body, 60);
    let marked: Vec<&str> = snippet.origins.iter().map(|r| &body[r.clone()]).collect();
    assert_eq!(marked.concat(), "出口量", "{snippet:?}");
    assert_eq!(snippet.origins[0].start, body.find("出口").expect("it is there"));
}

#[test]
fn a_dateline_is_left_out_where_the_text_says_the_same() {
    let body = "央视网消息（新闻联播）：这个消息令出口商振奋。";
    let snippet = snippet("消息", body, 60);
    assert!(snippet.text.starts_with("这个消息") && !snippet.highlights.is_empty(), "{snippet:?}");
}

#[test]
fn quoted_white_space_between_characters_is_a_place_that_anything_fills() {
    let snippet = snippet("\"集 出\"", "strike 稀土集團出口 harvest. strike. harvest ", 8);
    assert_eq!(snippet.origins.len(), 1, "{snippet:?}");
}

/// A hit of words, names or strings shows why it is one: in the title or in the snippet.
#[test]
fn every_hit_has_a_mark() {
    let all = clauses();
    let filters = |c: &Clause| c.means.is_empty();
    let mut random = Random(11);
    let (mut hits, mut bad) = (0, Vec::new());
    for _ in 0..if long() { 20_000 } else { 400 } {
        let asked: Vec<Clause> = (0..=random.below(3)).map(|_| random.pick(&all).clone()).collect();
        if asked.iter().all(filters) {
            continue;
        }
        let mut request = SearchRequest::new(query_of(&asked));
        request.snippet_columns = [24, 60, 120, 240, 400][random.below(5)];
        request.facet_limit = 0;
        let results = shared().searcher.search(&request).expect("an answer");
        for hit in &results.hits {
            hits += 1;
            if hit.snippet.highlights.is_empty() && hit.title_highlights.is_empty() {
                bad.push(format!("{} {} at {}", request.query, hit.id, request.snippet_columns));
            }
        }
    }
    assert!(hits > 1_000, "{hits} hits");
    assert!(bad.is_empty(), "{} of {hits}:\n{}", bad.len(), bad.join("\n"));
}

fn corpus(name: &str, most: usize) -> Option<Vec<Article>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(name);
    if !path.is_file() {
        eprintln!("skipped: {name} is not beside the checkout");
        return None;
    }
    let file = source::walk(&[path]).next()?.ok()?;
    Some(source::read(&file).map_while(Result::ok).step_by(7).take(most).collect())
}

/// Whether a word is a name, maybe with a full stop ("Mich.").
fn is_name(word: &str) -> bool {
    let names = &shared().names;
    names.contains(word) || names.contains(&format!("{word}."))
}

/// Questions out of an article's own words, of every kind.
fn asked_of(article: &Article, random: &mut Random) -> Vec<Clause> {
    let places = symbols(&article.body, &article.furniture);
    let mut out = Vec::new();
    for _ in 0..=random.below(3) {
        let at = random.below(places.len());
        let Some(here) = places.get(at) else { break };
        let more = 1 + random.below(4);
        let end = places[at..].iter().take(more).take_while(|s| !s.is_hole()).count() + at;
        let term = &here.term;
        if end == at || places[at..end].iter().any(|s| s.term.contains(['"', '\\'])) {
            continue;
        }
        let text = &article.body[here.range.start..places[end - 1].range.end];
        let between = text.contains([
            '"', '\\', '“', '”', '„', '‟', '＂', '「', '」', '『', '』', '«', '»', '<', '&', '\n',
        ]);
        let lower = term.chars().all(|c| c.is_ascii_lowercase());
        match random.below(4) {
            0 if here.is_latin() && lower && term.len() > 4 => {
                let prefix = &term[..4];
                out.push(clause(&format!("{prefix}*"), &[Meaning::Prefix(prefix.to_owned())]));
            }
            1 if here.is_latin() && lower && term.len() > 4 && term.len() < 13 => {
                let misspelt = format!("{}{}", &term[..2], &term[3..]);
                if misspelt.len() > 3 {
                    out.push(clause(&format!("{misspelt}~"), &[Meaning::Fuzzy(misspelt)]));
                }
            }
            2 if here.is_latin() && lower && term.len() > 3 && !is_name(term) => {
                out.push(clause(&format!("+{term}"), &[Meaning::Word(term.clone())]));
            }
            _ if !between && symbols(text, &[]).len() == end - at => out.push(phrase(text)),
            _ => {}
        }
    }
    out
}

#[test]
fn snippets_of_the_corpora_show_what_was_asked() {
    let mut random = Random(23);
    let (articles, rounds) = if long() { (3_000, 8) } else { (60, 2) };
    let mut bad = Vec::new();
    let mut asked = 0;
    for name in ["en-ccnews", "en-reuters21578", "zh-crud", "zh-xinwenlianbo"] {
        for article in corpus(&format!("{name}.ndjson.zst"), articles).unwrap_or_default() {
            if article.body.len() > 20_000 {
                continue;
            }
            let tags = shared().tagger.lock().expect("no panic").tag_article(&article);
            for _ in 0..rounds {
                let mut clauses = asked_of(&article, &mut random);
                if clauses.is_empty() {
                    continue;
                }
                let query = query_of(&clauses);
                clauses.iter_mut().for_each(|c| c.typed.clear());
                let columns = 1 + random.below(400);
                asked += 1;
                if let Some(what) = wrong(&query, &clauses, &article, &tags, columns) {
                    bad.push(format!("{} {query} at {columns}: {what}", article.id));
                }
            }
        }
    }
    eprintln!("{asked} snippets of the corpora");
    assert!(bad.is_empty(), "{} of {asked}:\n{}", bad.len(), bad[..bad.len().min(12)].join("\n"));
}
