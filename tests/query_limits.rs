//! What a query may ask for: each named limit refuses in words or bounds the work, and what is just within
//! it is answered.

use orewire::{Article, Error, Index, Lang, SearchRequest, SearchResults, Searcher, limits};

fn searcher(bodies: impl IntoIterator<Item = String>) -> Searcher {
    let index = Index::in_memory();
    let article = |(n, body): (usize, String)| {
        let mut article = Article::new(n.to_string(), "", body);
        article.lang = Lang::En;
        article
    };
    index.put(bodies.into_iter().enumerate().map(article)).unwrap();
    index.searcher().unwrap()
}

fn ask(searcher: &Searcher, query: &str) -> Result<SearchResults, Error> {
    let mut request = SearchRequest::new(query);
    request.literal = true;
    searcher.search(&request)
}

/// The place and the hint of a refusal.
fn refusal(searcher: &Searcher, query: &str) -> (String, String) {
    match ask(searcher, query) {
        Err(Error::Query(e)) => (e.message, e.hint.expect("a hint")),
        other => panic!("{query:.40}…: {:?}", other.map(|r| r.total)),
    }
}

#[test]
fn a_word_asked_for_again_finds_the_same_and_counts_more() {
    let searcher = searcher(["tin plate".to_owned(), "copper plate".to_owned()]);
    let ids = |query| -> Vec<String> {
        ask(&searcher, query).unwrap().hits.into_iter().map(|hit| hit.id).collect()
    };
    assert_eq!(ids("tin copper copper"), ["1", "0"]);
    assert_eq!(ids("tin copper tin"), ["0", "1"]);
    assert_eq!(ask(&searcher, "tin copper").unwrap().total, 2);
}

#[test]
fn wildcards_up_to_the_limit() {
    let searcher = searcher(["copper".to_owned()]);
    let query = |count: usize| "cop* ".repeat(count - 1) + "copp~";
    let result = ask(&searcher, &query(limits::QUERY_MAX_WILDCARDS)).unwrap();
    assert_eq!(result.total, 1);
    let (message, hint) = refusal(&searcher, &query(limits::QUERY_MAX_WILDCARDS + 1));
    assert!(message.contains(&limits::QUERY_MAX_WILDCARDS.to_string()), "{message}");
    assert!(!hint.is_empty());
}

#[test]
fn clauses_levels_and_bytes_up_to_the_limit() {
    let searcher = searcher(["copper".to_owned()]);
    let nested = |levels: usize| "(".repeat(levels) + "copper" + &")".repeat(levels);
    assert_eq!(ask(&searcher, &nested(limits::QUERY_MAX_LEVELS - 1)).unwrap().total, 1);
    refusal(&searcher, &nested(limits::QUERY_MAX_LEVELS + 1));
    let words = |count: usize| "\"x\" ".repeat(count);
    assert_eq!(ask(&searcher, &words(limits::QUERY_MAX_CLAUSES)).unwrap().total, 0);
    let without = |count: usize| "-x ".repeat(count - 1) + "copper";
    assert_eq!(ask(&searcher, &without(limits::QUERY_MAX_CLAUSES)).unwrap().total, 1);
    let (message, _) = refusal(&searcher, &without(limits::QUERY_MAX_CLAUSES + 1));
    assert!(message.contains("clauses"), "{message}");
    let long = "y".repeat(limits::QUERY_MAX_BYTES);
    assert_eq!(ask(&searcher, &long).unwrap().total, 0);
    refusal(&searcher, &(long + "y"));
}

/// Every pair of words of which each article has both asks for the positions of all articles.
#[test]
fn more_sequences_than_the_limit_are_refused() {
    let words: Vec<String> = (0..26u8).map(|n| format!("w{}", char::from(b'a' + n))).collect();
    let articles = 400;
    let searcher = searcher((0..articles).map(|_| words.join(" ")));
    let pairs: Vec<String> = words
        .iter()
        .flat_map(|a| words.iter().filter(move |b| *b != a).map(move |b| format!("\"{a} {b}\"")))
        .collect();
    let allowed = limits::QUERY_COST_ALWAYS_ARTICLES as usize / articles;
    assert!(
        articles * limits::QUERY_COST_MAX_PASSES as usize * 2 < limits::QUERY_COST_ALWAYS_ARTICLES as usize
    );
    ask(&searcher, &pairs[..allowed - 1].join(" ")).unwrap();
    let (message, hint) = refusal(&searcher, &pairs[..allowed + 10].join(" "));
    assert!(!message.is_empty() && !hint.is_empty());
    // The same again costs nothing.
    assert_eq!(ask(&searcher, &(pairs[0].clone() + " ").repeat(allowed + 10)).unwrap().total, articles);
}
