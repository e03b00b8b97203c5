//! Order and counts by date: `--sort date`, `--recency`, `--timeline`.

mod common;

use common::{Run, Sandbox, list, number, text};
use serde_json::{Value, json};

/// Articles by id, with their days; the text is the same but for what a test adds.
fn sandbox(articles: &[(&str, Option<&str>, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let lines: Vec<String> = articles
        .iter()
        .map(|(id, date, body)| json!({"id": id, "title": "", "date": date, "body": body}).to_string())
        .collect();
    sandbox.write("news/a.ndjson", lines.join("\n"));
    sandbox.index(&["news"], 0);
    sandbox
}

fn order(run: &Run) -> Vec<String> {
    list(&run.json()["hits"]).iter().map(|h| text(&h["id"]).to_owned()).collect()
}

/// A day that lies so many days back.
fn back(days: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time");
    orewire::Date::from_days(now.as_secs() as i64 / 86_400 - days).expect("a day").to_string()
}

#[test]
fn by_date_the_newest_is_first_and_the_undated_are_last() {
    let sandbox = sandbox(&[
        ("old", Some("2019-05-01"), "gallium gallium gallium"),
        ("none", None, "gallium gallium gallium gallium"),
        ("new", Some("2024-05-01"), "gallium and much else that has nothing to do with it"),
        // The same day: the better one first.
        ("weak", Some("2022-01-01"), "gallium and much else that has nothing to do with it"),
        ("strong", Some("2022-01-01"), "gallium gallium gallium"),
    ]);
    let run = sandbox.run(["search", "gallium", "--sort", "date", "--format", "json"]).exits(0);
    assert_eq!(order(&run), ["new", "strong", "weak", "old", "none"]);
}

#[test]
fn equal_hits_have_one_order_however_they_came() {
    let body = "gallium in short supply";
    let mut articles: Vec<(String, &str)> = (0..40).map(|n| (format!("a{n}"), "2024-01-01")).collect();
    let mut orders = Vec::new();
    for _ in 0..2 {
        articles.reverse();
        let rows: Vec<_> = articles.iter().map(|(id, d)| (id.as_str(), Some(*d), body)).collect();
        let sandbox = sandbox(&rows);
        for sort in ["date", "score"] {
            let args =
                ["search", "gallium", "--sort", sort, "-n", "100", "--no-collapse", "--format", "json"];
            orders.push(order(&sandbox.run(args).exits(0)));
        }
    }
    assert_eq!(orders[0].len(), 40);
    assert!(orders.iter().all(|o| *o == orders[0]), "{orders:?}");
}

#[test]
fn recency_halves_scores_and_keeps_complete_matches_before_partial_ones() {
    let sandbox = sandbox(&[
        ("today", Some(&back(0)), "gallium exports"),
        ("quarter", Some(&back(90)), "gallium exports"),
        ("year", Some(&back(360)), "gallium exports"),
        ("none", None, "gallium exports"),
        ("ahead", Some(&back(-900)), "gallium exports"),
        ("other", Some(&back(2)), "silver mines and tin"),
    ]);
    let run = |query: &str, more: &[&str]| {
        let mut args = vec!["search", query, "--format", "json", "--no-collapse"];
        args.extend(more);
        sandbox.run(args).exits(0)
    };
    let scores = |run: &Run| -> Vec<(String, f64)> {
        let result = run.json();
        list(&result["hits"])
            .iter()
            .map(|h| (text(&h["id"]).to_owned(), h["score"].as_f64().expect("a score")))
            .collect()
    };
    let (plain, aged) = (scores(&run("gallium", &[])), scores(&run("gallium", &["--recency", "90d"])));
    let of = |list: &[(String, f64)], id: &str| list.iter().find(|(i, _)| i == id).expect("a hit").1;
    // What a score holds for completeness does not decay; the rest halves.
    let kept = {
        let (a, b) = (of(&aged, "today"), of(&aged, "quarter"));
        assert!((of(&plain, "today") - a).abs() < 1e-4);
        2.0 * b - a
    };
    let rest = |id: &str| of(&aged, id) - kept;
    assert!((rest("year") * 16.0 - rest("today")).abs() < 1e-3, "{aged:?}");
    assert!((rest("none") * 4.0 - rest("today")).abs() < 1e-3, "{aged:?}");
    assert_eq!(of(&aged, "ahead"), of(&aged, "today"), "what is dated ahead is no newer than today");
    assert_eq!(order(&run("gallium", &["--recency", "90d"]))[2..], ["quarter", "none", "year"]);

    // An old article with both words stands above a new one with one.
    let both = order(&run("gallium OR tin exports", &["--recency", "1d"]));
    assert_eq!(both.last().map(String::as_str), Some("other"), "{both:?}");
    sandbox
        .run(["search", "gallium", "--recency", "soon"])
        .exits(2)
        .complains_of(&["--recency", "as in 90d"]);
}

fn timeline(result: &Value) -> Vec<(String, u64)> {
    list(&result["timeline"]).iter().map(|c| (text(&c["start"]).to_owned(), number(&c["count"]))).collect()
}

#[test]
fn a_timeline_counts_every_article_of_a_period() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    for query in ["rare earth", "稀土", "province:Sichuan", "lithium -copper"] {
        assert!(sandbox.search(query).get("timeline").is_none(), "a timeline that nobody asked for");
        for (step, months) in [("month", 1), ("year", 12)] {
            let result = sandbox.search_with(query, &["--timeline", step]);
            let counts = timeline(&result);
            assert!(counts.windows(2).all(|w| w[0].0 < w[1].0) && !counts.is_empty());
            for (start, count) in counts {
                // Counted again as a search of its own.
                let period = if months == 1 { &start[..7] } else { &start[..4] };
                let again = sandbox.search(&format!("({query}) date:{period}"));
                assert_eq!(number(&again["total"]), count, "{query} {start}");
            }
        }
        let hits = list(&sandbox.search(query)["hits"]).clone();
        let dated = hits.iter().filter(|h| h["date"].is_string()).count() as u64;
        for step in ["day", "week", "month", "year"] {
            let counts = timeline(&sandbox.search_with(query, &["--timeline", step, "--facets", "0"]));
            assert_eq!(counts.iter().map(|c| c.1).sum::<u64>(), dated, "{query} {step}");
        }
    }
}

#[test]
fn a_timeline_is_drawn() {
    let sandbox = sandbox(&[
        ("a", Some("2024-01-15"), "gallium"),
        ("b", Some("2024-01-20"), "gallium and tin"),
        ("c", Some("2024-03-01"), "gallium and copper"),
        ("d", None, "gallium and silver"),
    ]);
    let run = sandbox.run(["search", "gallium", "--timeline", "month"]).exits(0);
    for line in [
        "articles by month (1 without a date)",
        "  2024-01       2 █",
        "  2024-02       0",
        "  2024-03       1 █",
    ] {
        assert!(run.out.contains(line), "{line:?} is not in\n{}", run.out);
    }
    sandbox.run(["search", "gallium", "--timeline", "decade"]).exits(2);
}
