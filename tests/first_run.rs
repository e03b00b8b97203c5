//! The first minute with a fresh checkout: one command builds the index of the sample corpus and
//! answers; and what the answers must look like to programs.

mod common;

use std::{collections::BTreeSet, sync::OnceLock};

use common::{Sandbox, copy, ids, list, number, set, text};
use serde_json::Value;

/// The sample corpus, indexed once.
fn samples() -> &'static Sandbox {
    static INDEX: OnceLock<Sandbox> = OnceLock::new();
    INDEX.get_or_init(|| {
        let sandbox = Sandbox::lasting("samples");
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join("seeds"), &sandbox.at("seeds"));
        std::fs::copy(root.join("orewire.toml"), sandbox.at("orewire.toml")).expect("the settings");
        assert_eq!(sandbox.index(&[], 0)["added"], 62);
        sandbox
    })
}

/// Byte ranges of a text: in order, apart, on character boundaries.
#[track_caller]
fn marked<'a>(text: &'a str, ranges: &Value) -> Vec<&'a str> {
    let mut last = 0;
    let mut out = Vec::new();
    for range in list(ranges) {
        let (start, end) = (number(&range[0]) as usize, number(&range[1]) as usize);
        assert!(start < end && (last <= start || out.is_empty()), "{ranges} of {text:?}");
        out.push(text.get(start..end).unwrap_or_else(|| panic!("{range} is no part of {text:?}")));
        last = end;
    }
    out
}

#[test]
fn one_command_builds_and_answers() {
    let sandbox = Sandbox::with_samples();
    let run = sandbox.run(["search", "--refresh", "rare earth 四川"]).exits(0);
    assert!(run.err.contains("62 added") && run.err.contains("gen-000001"), "{}", run.err);
    assert!(run.out.contains("[rare earth]") && run.out.contains("[Sichuan]"), "{}", run.out);
    for part in ["1–10 of ", "organization\n", "province\n", "commodity\n", "  Sichuan  "] {
        assert!(run.out.contains(part), "{part:?} is not in\n{}", run.out);
    }
    // A second run changes nothing, and says nothing of it.
    let before = sandbox.read("index/CURRENT");
    let again = sandbox.run(["search", "--refresh", "rare earth 四川"]).exits(0);
    assert_eq!(again.err, "");
    let untimed = |out: &str| -> Vec<String> {
        out.lines().map(|l| l.split(" articles, ").next().unwrap_or(l).to_owned()).collect()
    };
    assert_eq!(untimed(&run.out), untimed(&again.out));
    assert_eq!(sandbox.read("index/CURRENT"), before);
}

#[test]
fn results_have_the_members_of_the_contract() {
    let result = samples().search_with("rare earth 四川", &["--facets", "1000"]);
    assert_eq!(result["query"], "rare earth 四川");
    assert!(result["took_us"].is_u64());
    let hits = list(&result["hits"]);
    assert_eq!(number(&result["total"]) as usize, hits.len());
    let (mut marks, mut title_marks) = (0, 0);
    let mut last = f64::INFINITY;
    for hit in hits {
        for name in ["id", "title", "path", "lang"] {
            assert!(hit[name].is_string(), "{name} of {hit}");
        }
        for name in ["date", "source", "url"] {
            assert!(hit.get(name).is_some_and(|v| v.is_string() || v.is_null()), "{name} of {hit}");
        }
        for name in ["organization", "province", "country", "commodity"] {
            let mut paths = list(&hit[name]).iter().map(text);
            assert!(paths.all(|p| p.starts_with('/') && !p.ends_with('/')), "{name} of {hit}");
        }
        assert!(hit["copies"].is_u64());
        let score = hit["score"].as_f64().expect("a score");
        assert!(score <= last, "scores fall");
        last = score;
        let snippet = text(&hit["snippet"]["text"]);
        assert!(!snippet.is_empty() && !snippet.contains(['\n', '\r']), "{snippet:?}");
        marks += marked(snippet, &hit["snippet"]["highlights"]).len();
        title_marks += marked(text(&hit["title"]), &hit["title_highlights"]).len();
    }
    assert!(marks > hits.len() && title_marks > 5, "{marks} {title_marks}");
}

#[test]
fn facet_counts_are_the_totals_of_their_selection() {
    let index = samples();
    for query in ["rare earth 四川", "出口", "lithium OR 锂"] {
        let result = index.search_with(query, &["--facets", "1000"]);
        for facet in ["organization", "province", "country", "commodity"] {
            let counts = list(&result["facets"][facet]);
            assert!(!counts.is_empty(), "{query}: {facet}");
            let paths: BTreeSet<_> = counts.iter().map(|c| text(&c["path"])).collect();
            assert_eq!(paths.len(), counts.len(), "each value once");
            for count in counts.iter().take(6).chain(counts.last()) {
                let select = format!("{facet}={}", text(&count["path"]));
                let selected = index.search_with(query, &["--facet", &select]);
                assert_eq!(selected["total"], count["count"], "{query}: {select}");
                assert!(ids(&selected).is_subset(&ids(&result)));
            }
        }
        // A parent counts at least its largest child, and no more than there are.
        for count in list(&result["facets"]["province"]) {
            let path = text(&count["path"]);
            if let Some((parent, _)) = path.rsplit_once('/').filter(|(p, _)| p.matches('/').count() >= 2) {
                let parent = list(&result["facets"]["province"]).iter().find(|c| c["path"] == parent);
                let parent = parent.unwrap_or_else(|| panic!("{path} without its parent"));
                assert!(number(&parent["count"]) >= number(&count["count"]), "{path}");
            }
            assert!(number(&count["count"]) <= number(&result["total"]));
        }
    }
}

#[test]
fn pages_of_results_add_up() {
    let index = samples();
    let all = index.search("rare earth 四川");
    let all: Vec<_> = list(&all["hits"]).iter().map(|h| h["id"].clone()).collect();
    let mut paged = Vec::new();
    for offset in (0..all.len()).step_by(7) {
        let run = index.run([
            "search",
            "rare earth 四川",
            "--no-collapse",
            "-n",
            "7",
            "--offset",
            &offset.to_string(),
            "--format",
            "json",
        ]);
        paged.extend(list(&run.exits(0).json()["hits"]).iter().map(|h| h["id"].clone()));
    }
    assert_eq!(paged, all);
    let past =
        index.run(["search", "rare earth 四川", "--offset", "5000", "--format", "json"]).exits(1).json();
    assert_eq!(past["total"], all.len());
}

#[test]
fn csv_has_a_row_for_each_hit() {
    let index = samples();
    let json = index.search("gallium");
    let run = index.run(["search", "gallium", "-n", "100", "--no-collapse", "--format", "csv"]).exits(0);
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let columns = reader.headers().expect("a header row").clone();
    assert_eq!(columns.iter().take(4).collect::<Vec<_>>(), ["rank", "id", "score", "title"]);
    let rows: Vec<_> = reader.records().map(|r| r.expect("rows of one length")).collect();
    let hits = list(&json["hits"]);
    assert_eq!(rows.len(), hits.len());
    for (row, hit) in rows.iter().zip(hits) {
        assert_eq!(&row[1], text(&hit["id"]));
        assert_eq!(row[3], *text(&hit["title"]).split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

#[test]
fn a_batch_answers_in_order_as_single_searches_do() {
    let index = samples();
    let queries = ["gallium", "稀土 出口", "province:Sichuan", "xyzzyplugh", "title:钴"];
    let batch: String = queries
        .iter()
        .enumerate()
        .map(|(n, q)| format!("{}\n", serde_json::json!({"id": n, "query": q})))
        .collect();
    let run = index
        .run_with(["search", "--batch", "-", "-n", "5", "--format", "ndjson"], batch.as_bytes())
        .exits(0);
    let answers: Vec<Value> = run.out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(answers.len(), queries.len());
    for (n, (query, answer)) in queries.iter().zip(&answers).enumerate() {
        assert_eq!(answer["id"], n);
        assert!(answer["took_us"].is_u64());
        let single = index.run(["search", query, "-n", "5", "--format", "json"]).json();
        for member in ["query", "total", "hits", "facets"] {
            assert_eq!(answer[member], single[member], "{query}: {member}");
        }
    }
}

#[test]
fn a_page_in_gb18030_is_read() {
    let index = samples();
    let page = "seeds/web/shimo-chukou-guanzhi.html";
    assert!(std::str::from_utf8(&index.read(page)).is_err(), "the page is no UTF-8");
    assert!(index.found("title:石墨").contains(page));
    assert!(text(&index.show(page)["title"]).contains("石墨"));
}

#[test]
fn simplified_and_traditional_find_each_other() {
    let index = samples();
    let traditional = "seeds/zh/taiwan-xitu-jia-zhe-guanzhi.txt";
    for (simplified, written) in [
        ("\"砷化镓\"", "\"砷化鎵\""),
        ("\"出口管制\"", "\"出口管制\""),
        ("稀土磁铁", "稀土磁鐵"),
        ("镓 锗", "鎵 鍺"),
    ] {
        let one = index.search_with(simplified, &["--literal"]);
        let other = index.search_with(written, &["--literal"]);
        assert!(ids(&one).contains(traditional), "{simplified}");
        assert_eq!(ids(&one), ids(&other), "{simplified} and {written}");
    }
    // And a simplified article by a traditional query.
    assert!(index.found("\"總量指標\"").contains("seeds/zh/maoniuping-liangshan-xitu.txt"));
    // The marks stand in the text as it was written.
    let result = index.search_with("\"砷化镓\"", &["--literal"]);
    let hit = list(&result["hits"]).iter().find(|h| h["id"] == traditional).expect("the article");
    let snippet = text(&hit["snippet"]["text"]);
    assert!(marked(snippet, &hit["snippet"]["highlights"]).contains(&"砷化鎵"), "{hit}");
}

#[test]
fn full_width_syntax_is_syntax() {
    let index = samples();
    for (typed, ascii) in [
        ("“稀土集团”", "\"稀土集团\""),
        ("province：四川", "province:四川"),
        ("（镓　OR　锗）　－石墨", "(镓 OR 锗) -石墨"),
        ("「出口管制」", "\"出口管制\""),
        ("ｇａｌｌｉｕｍ", "gallium"),
        ("＋锂　＋智利", "+锂 +智利"),
    ] {
        assert_eq!(index.found(typed), index.found(ascii), "{typed}");
        assert!(!index.found(ascii).is_empty(), "{ascii}");
    }
}

#[test]
fn a_name_in_one_language_finds_the_other() {
    let index = samples();
    for names in [
        ["organization:CREG", "organization:\"China Rare Earth Group\"", "organization:中国稀土集团"]
            .as_slice(),
        &["CREG", "中国稀土集团", "中國稀土集團"],
        &["province:Sichuan", "province:四川", "province:四川省", "province:CN-SC", "province:sichuan"],
        &["commodity:gallium", "commodity:镓", "commodity:鎵"],
        &["country:Chile", "country:智利", "country:CL"],
    ] {
        let first = index.found(names[0]);
        assert!(first.len() > 1, "{}: {first:?}", names[0]);
        for name in &names[1..] {
            assert_eq!(index.found(name), first, "{name} and {}", names[0]);
        }
    }
    // One article of each language, by the name in the other.
    let result = index.search("organization:CREG");
    let langs: BTreeSet<_> = list(&result["hits"]).iter().map(|h| text(&h["lang"])).collect();
    assert_eq!(langs, BTreeSet::from(["en", "zh"]));
}

#[test]
fn the_query_language_does_what_its_help_says() {
    let index = samples();
    let all = |query: &str| index.found(query);
    let (gallium, graphite) = (all("gallium"), all("graphite"));
    let union: BTreeSet<_> = gallium.union(&graphite).cloned().collect();
    let both: BTreeSet<_> = gallium.intersection(&graphite).cloned().collect();
    let only: BTreeSet<_> = gallium.difference(&graphite).cloned().collect();
    assert!(!both.is_empty() && !only.is_empty());
    assert_eq!(all("gallium OR graphite"), union);
    assert_eq!(all("gallium graphite"), union);
    assert_eq!(all("gallium AND graphite"), both);
    assert_eq!(all("+gallium +graphite"), both);
    assert_eq!(all("gallium -graphite"), only);
    assert_eq!(all("gallium AND NOT graphite"), only);
    assert_eq!(all("(gallium OR graphite) AND NOT graphite"), only);
    assert!(all("litium~").contains("seeds/en/western-australia-greenbushes-lithium.md"));
    assert!(all("lith*").contains("seeds/en/western-australia-greenbushes-lithium.md"));
    assert!(all("lang:zh").iter().all(|id| index.show(id)["lang"] == "zh"));
    assert_eq!(all("lang:zh").len() + all("lang:en").len(), 62);
    assert!(all("source:\"Harbour Ledger\"").contains("wire-0401-b"));
    let title = all("title:lithium");
    assert!(!title.is_empty() && title.is_subset(&all("lithium")));
    assert_eq!(all("date:2025-04-04 AND lang:en"), set(["wire-0401-a"]));
    let days = all("date:2025-04-04..2025-04-05");
    assert!(
        days.is_superset(&set(["wire-0401-a", "wire-0401-b", "wire-0401-c", "wire-0402-zh"])),
        "{days:?}"
    );
    assert_eq!(all("date:>2025-04-04 AND date:<=2025-04-05"), all("date:2025-04-05"));
    // A phrase of Han characters is found wherever it stands; one of words, only in order.
    assert!(all("\"土集团\"").is_superset(&all("\"稀土集团\"")));
    assert!(all("\"earth rare\"").is_empty());
    // All of it first, partial matches after.
    let hits = index.search("gallium graphite");
    let order: Vec<_> = list(&hits["hits"]).iter().map(|h| text(&h["id"]).to_owned()).collect();
    assert_eq!(order[..both.len()].iter().cloned().collect::<BTreeSet<_>>(), both);
}

#[test]
fn newest_first_when_asked() {
    let result = samples().search_with("稀土", &["--sort", "date"]);
    let dates: Vec<_> = list(&result["hits"]).iter().map(|h| h["date"].as_str().unwrap_or("")).collect();
    assert!(dates.len() > 5 && dates.windows(2).all(|w| w[0] >= w[1]), "{dates:?}");
}

#[test]
fn copies_of_a_story_are_counted() {
    // wire-0401-a, -b and -c tell the same story; the total counts all three.
    let index = samples();
    let all = index.found("\"placed seven medium and heavy rare earths\"");
    assert_eq!(all, set(["wire-0401-a", "wire-0401-b", "wire-0401-c"]));
    let result = index.search("\"placed seven medium and heavy rare earths\"");
    assert_eq!(result["total"], 3);
}
