//! The library as a program sees it that embeds it: what may cross threads, several indexes in one
//! process, names of its own, a built query, data that serialises, and nothing left behind.

use std::{ops::ControlFlow, sync::Arc};

use orewire::{
    Article, Date, Error, Facet, Index, IndexOptions, Query, SearchRequest, Searcher, Tagger,
    gazetteer::{NameRow, TableKind},
};

fn articles() -> Vec<Article> {
    let mut lithium =
        Article::new("1", "盐湖提锂", "青海省的盐湖生产碳酸锂。蓝岭金属表示，闭门会议之后将扩大出口。");
    lithium.date = Date::new(2025, 5, 29);
    lithium.source = Some("Harbour Ledger".to_owned());
    let mut magnets = Article::new(
        "2",
        "Magnet makers wait",
        "Blue Ridge Metals of Sichuan waits for an export licence after closed-door discussions.",
    );
    magnets.date = Date::new(2025, 6, 2);
    vec![lithium, magnets, Article::new("3", "Copper", "Copper from Chile, without a licence.")]
}

fn rows() -> Vec<NameRow> {
    let company = NameRow::new("/blue-ridge-metals", "company").names("Blue Ridge Metals", "蓝岭金属");
    vec![
        company.alias("BRM").country("CN"),
        NameRow::new("/metals/bluestone", "commodity").names("Bluestone", ""),
    ]
}

fn ids(searcher: &Searcher, query: impl Into<String>) -> Vec<String> {
    let results = searcher.search(&SearchRequest::new(query)).unwrap();
    results.hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn what_is_shared_may_cross_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send + 'static>() {}
    fn both<T: Send + Sync + 'static>() {}
    shared::<Index>();
    shared::<Searcher>();
    shared::<Query>();
    shared::<SearchRequest>();
    shared::<orewire::SearchResults>();
    shared::<Arc<orewire::Gazetteer>>();
    sent::<orewire::Batch>();
    sent::<Tagger>();
    both::<Error>();
}

#[test]
fn two_indexes_in_one_process_have_nothing_in_common() {
    let plain = Index::in_memory();
    let own = Index::in_memory().with_rows("own names", rows()).with_words(["閉門會議"]);
    for index in [&plain, &own] {
        assert_eq!(index.put(articles()).unwrap().articles, 3);
    }
    let (plain, own) = (plain.searcher().unwrap(), own.searcher().unwrap());
    let company = Query::facet(Facet::Organization, "BRM");
    assert!(matches!(plain.search(&SearchRequest::new(company.clone())), Err(Error::Query(_))));
    assert_eq!(ids(&own, company).len(), 2);
    assert_eq!(ids(&plain, "\"闭门会议\""), ids(&own, "\"閉門會議\""));
}

#[test]
fn a_built_query_finds_what_its_text_finds() {
    let index = Index::in_memory();
    index.put(articles()).unwrap();
    let searcher = index.searcher().unwrap();
    for (query, found) in [
        (Query::words("licence").must(Query::facet(Facet::Province, "四川")), &["2"][..]),
        (Query::phrase("闭门会议"), &["1"]),
        (Query::any([Query::phrase("closed-door discussions"), Query::prefix("coppe")]), &["2", "3"]),
        (Query::dates(Date::new(2025, 6, 1).unwrap()..), &["2"]),
        (Query::source("harbour ledger"), &["1"]),
        (Query::fuzzy("license").must_not(Query::words("chile")), &["2"]),
        (Query::words("copper").in_title(), &["3"]),
        (Query::none([Query::lang(orewire::Lang::Zh)]), &["2", "3"]),
    ] {
        let mut hits = ids(&searcher, query.clone());
        hits.sort();
        assert_eq!(hits, found, "{query}");
        assert_eq!(ids(&searcher, query.to_string()).len(), found.len());
    }
    // What a user typed is text, whatever stands in it.
    assert_eq!(ids(&searcher, Query::words("(copper -licence \"")), ["3"]);
    let nothing = searcher.search(&SearchRequest::new(Query::words(" ")));
    assert!(matches!(nothing, Err(Error::Query(_))));
}

#[test]
fn answers_are_plain_data() {
    let index = Index::in_memory();
    index.put(articles()).unwrap();
    let searcher = index.searcher().unwrap();
    let results = searcher.search(&SearchRequest::new("lithium").select(Facet::Province, "Qinghai")).unwrap();
    let json = serde_json::to_value(&results).unwrap();
    assert_eq!(json["hits"][0]["id"], "1");
    assert_eq!(json["facets"]["province"][0]["path"], "/china/qinghai");
    let (article, tags) = searcher.article("1").unwrap();
    let read: Article = serde_json::from_value(serde_json::to_value(&article).unwrap()).unwrap();
    assert_eq!(read, article);
    let read: orewire::Tags = serde_json::from_value(serde_json::to_value(&tags).unwrap()).unwrap();
    assert_eq!(read, tags);
    let mut weights = orewire::Weights::default();
    weights.title = 2.0;
    let read: orewire::Weights = serde_json::from_str(&serde_json::to_string(&weights).unwrap()).unwrap();
    assert_eq!(read, weights);
}

#[test]
fn an_article_is_tagged_without_an_index() {
    // Nothing is written: the folder is never made.
    let index = Index::at("no/such/folder").with_rows("own names", rows());
    let mut tagger = Tagger::new(index.gazetteer().unwrap());
    let article = Article::new("", "", "BRM 从四川出口稀土。");
    let tags = tagger.tag_article(&article);
    assert_eq!(tags.organization[0].path, "/blue-ridge-metals");
    let evidence = &tags.province[0].evidence[0];
    assert_eq!(&article.body[evidence.start..evidence.end], "四川");
    assert!(!index.folder().exists());
}

#[test]
fn a_run_reports_its_progress_and_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let lines: String = (0..500)
        .map(|n| format!("{{\"id\":\"{n}\",\"title\":\"Nickel {n}\",\"body\":\"Nickel ore, lot {n}.\"}}\n"))
        .collect();
    let news = dir.path().join("news.ndjson");
    std::fs::write(&news, lines).unwrap();
    let index = Index::in_memory();
    let mut seen = Vec::new();
    let stopped = index.update(std::slice::from_ref(&news), &IndexOptions::default(), |progress| {
        seen.push(progress.articles);
        if progress.articles >= 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(Error::Interrupted)), "{stopped:?}");
    assert!(seen.is_sorted() && (100..200).contains(seen.last().unwrap()), "{seen:?}");
    assert!(matches!(index.searcher(), Err(Error::NoIndex(_))));
    let whole = index.update(&[news], &IndexOptions::default(), |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(whole.added, 500);
}

#[test]
fn sixteen_threads_get_the_answers_of_one() {
    let index = Index::in_memory();
    index.put(articles()).unwrap();
    let searcher = index.searcher().unwrap();
    let ask = |searcher: &Searcher| {
        let queries = ["licence Sichuan", "碳酸锂 出口", "\"闭门会议\"", "coppr~", "province:青海"];
        queries.map(|query| {
            let mut results = searcher.search(&SearchRequest::new(query)).unwrap();
            results.took_us = 0;
            serde_json::to_string(&results).unwrap()
        })
    };
    let want = ask(&searcher);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            let (searcher, want, ask) = (searcher.clone(), &want, &ask);
            scope.spawn(move || (0..20).for_each(|_| assert_eq!(ask(&searcher), *want)));
        }
    });
}

#[test]
fn an_index_in_memory_lives_as_long_as_who_uses_it() {
    let searcher = {
        let index = Index::in_memory();
        index.put(articles()).unwrap();
        index.searcher().unwrap()
    };
    assert_eq!(ids(&searcher, "copper"), ["3"]);
    assert!(!searcher.reload().unwrap());
    // Another one is another one.
    assert!(matches!(Index::in_memory().searcher(), Err(Error::NoIndex(_))));
}

#[test]
fn errors_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::at(dir.path());
    let missing = dir.path().join("missing");
    let broken = index.clone().with_table(TableKind::Places, "mine.csv", "path,kind\n/a,country\n");
    let wrong =
        index.clone().with_rows("own names", rows().into_iter().chain([NameRow::new("/b", "compny")]));
    let error = wrong.gazetteer().unwrap_err();
    assert_eq!(error.to_string(), "own names, line 3: unknown kind \"compny\"");
    let errors = [
        error,
        index.searcher().map(drop).unwrap_err(),
        index.update(&[missing], &IndexOptions::default(), |_| ControlFlow::Continue(())).unwrap_err(),
        broken.put(articles()).unwrap_err(),
        index.put([Article::new("", "No id", "")]).unwrap_err(),
    ];
    for error in errors {
        assert!(!error.to_string().is_empty() && error.hint().is_some(), "{error:?}");
    }
    assert!(matches!(index.searcher(), Err(Error::NoIndex(_))));
}
