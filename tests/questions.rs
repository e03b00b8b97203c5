//! Questions that name the kind of their answer: 投产时间 is answered by a day, not by the word 时间.

use orewire::{Article, Index, Lang, SearchRequest, Searcher};

fn searcher() -> Searcher {
    let index = Index::in_memory();
    let bodies = [
        ("later", "晨星公司说，新建冶炼炉的投产时间将另行通知，目前还在做准备工作，请各位耐心等待。"),
        ("day", "晨星公司说，新建冶炼炉将于11月30日投产，目前还在做准备工作，请各位耐心等待。"),
        ("soon", "晨星公司说，新建冶炼炉将尽快投产，目前还在做准备工作，请耐心等待。"),
        ("plan", "晨星公司公布了新建冶炼炉的投产时间表，目前还在做准备工作，请各位耐心等待。"),
        ("people", "晨星公司冶炼炉旁，有1.2万人报名参加技能考试，目前还在做准备工作，请耐心等待。"),
        ("closed", "晨星公司冶炼炉旁，技能考试的报名已经关闭，还在做准备工作，请等待。"),
        ("clock", "工人的工作时间不变。"),
        // Words are cut as the index knows them.
        ("words", "没有人知道何时开始，也没有人知道什么时候结束，人数是多少。"),
    ];
    // What other news says, so that words are as common as in news.
    let others = (0..40).map(|n| {
        let since = ["近来一段时间", "本月以来", "人们说"].get(n % 12).unwrap_or(&"据报道");
        (format!("o{n}"), format!("{since}当地第{n}次下雨，气温为{n}度，工作照常。"))
    });
    let article = |(id, body): (String, String)| {
        let mut article = Article::new(id, "", body);
        article.lang = Lang::Zh;
        article
    };
    let bodies = bodies.into_iter().map(|(id, body)| (id.to_owned(), body.to_owned()));
    index.put(bodies.chain(others).map(article)).expect("articles");
    index.searcher().expect("a searcher")
}

fn found(query: &str) -> Vec<String> {
    let results = searcher().search(&SearchRequest::new(query)).expect("results");
    results.hits.into_iter().map(|hit| hit.id).collect()
}

/// Asserts that one article is found above another.
fn above(query: &str, first: &str, second: &str) {
    let found = found(query);
    let place = |id: &str| found.iter().position(|f| f == id);
    assert!(place(first).is_some() && place(first) < place(second), "{query}: {found:?}");
}

#[test]
fn a_day_answers_a_question_for_the_time() {
    for query in [
        "冶炼炉投产时间",
        "冶炼炉投产日期？",
        "冶炼炉何时投产",
        "冶炼炉什么时候投产",
        "冶炼炉的投产时间是什么时候",
        "冶炼炉投产时间和地点",
    ] {
        above(query, "day", "soon");
    }
    above("冶炼炉投产", "soon", "people");
}

#[test]
fn the_explanation_says_what_counts_as_an_answer() {
    let mut request = SearchRequest::new("技能考试报名人数");
    request.explain = true;
    let results = searcher().search(&request).expect("results");
    let people = results.hits.iter().find(|hit| hit.id == "people").expect("a hit");
    let answers = people.explanation.iter().filter(|part| part.part.ends_with(" as an answer to 人数"));
    assert_eq!(answers.count(), 2, "{:?}", people.explanation);
}

#[test]
fn what_only_looks_like_such_a_question_is_asked_for_as_it_stands() {
    assert_eq!(found("投产时间表")[0], "plan");
    assert_eq!(found("\"投产时间\"").len(), 2);
    assert_eq!(found("工作时间")[0], "clock");
    assert!(found("时间").iter().all(|id| !["day", "soon", "people", "closed"].contains(&id.as_str())));
}

#[test]
fn a_word_that_asks_is_shown_where_it_stands() {
    let results = searcher().search(&SearchRequest::new("冶炼炉投产时间")).expect("results");
    let later = results.hits.iter().find(|hit| hit.id == "later").expect("a hit");
    let snippet = &later.snippet;
    let marked: Vec<&str> = snippet.highlights.iter().map(|r| &snippet.text[r.start..r.end]).collect();
    assert!(marked.iter().any(|text| text.contains("时间")), "{marked:?}");
}
