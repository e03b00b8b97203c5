//! `orewire search`: one query, or a batch of them with one warm searcher.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    mem::ManuallyDrop,
    path::Path,
};

use orewire::{
    Error, Facet, IndexOptions, QueryError, SearchRequest, SearchResults, Searcher, TimelineStep, limits,
};
use serde::{Deserialize, Serialize};

use super::{
    Outcome,
    args::{Common, SearchArgs, SearchFormat, Sort, Timeline},
    exit::{self, Failure},
    help, index,
    link::Links,
    render, terminal, timeline,
};

#[derive(Deserialize)]
struct BatchLine {
    id: serde_json::Value,
    query: String,
}

/// The result of a batch's line. Written as it is rather than through a JSON value, which would turn
/// a score of 9.3359165 into 9.33591651916504.
#[derive(Serialize)]
struct Answer<'a> {
    id: serde_json::Value,
    #[serde(flatten)]
    results: &'a SearchResults,
}

pub(crate) fn run(args: &SearchArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let mut skipped = false;
    if args.refresh {
        let report = index::update_configured(&config, common, &IndexOptions::default())?;
        skipped = report.skipped_total > 0;
        if report.published && !common.quiet {
            eprintln!("{}", index::summary(&report));
        }
    }
    let mut request = request(args)?;
    let screen = common.screen();
    if args.format == SearchFormat::Text {
        request.snippet_columns = screen.snippet_columns();
    }
    // Never taken apart: the process ends with it, and the system lets go of everything at once.
    let searcher = ManuallyDrop::new(Searcher::open(index::folder(&config, common))?);
    common.timings.stage("open");
    if let Some(batch) = &args.batch {
        let code = answer_batch(&searcher, &request, batch)?;
        common.timings.stage("answers");
        return Ok(code);
    }
    let results = searcher.search(&request)?;
    let stages = &results.stages;
    common.timings.stages(&[
        ("parse", stages.parse, ""),
        ("plan", stages.plan, ""),
        ("search", stages.search, ""),
        ("snippets", stages.snippets, ""),
        ("facets", stages.facets, ""),
        ("help", stages.help, "what is near, when nothing matches"),
    ]);
    if results.total == 0 && args.format == SearchFormat::Text && !common.quiet {
        eprintln!("nothing found for {}", terminal::clean_line(&results.query));
        if let Some(help) = &results.help {
            eprint!("{}", help::text(help));
        }
    }
    let mut out = Vec::new();
    let written = match args.format {
        SearchFormat::Text if results.total == 0 => Ok(()),
        SearchFormat::Text => {
            let timeline = results.timeline.as_deref().zip(request.timeline);
            render::text(&mut out, &results, args.offset, &screen, &Links::new(&config)).and_then(|()| {
                match timeline {
                    Some((counts, step)) => timeline::text(&mut out, counts, step, results.total, &screen),
                    None => Ok(()),
                }
            })
        }
        SearchFormat::Json => writeln!(out, "{}", render::safe_json(&results, true)),
        SearchFormat::Ndjson => writeln!(out, "{}", render::safe_json(&results, false)),
        SearchFormat::Csv => render::csv(&mut out, &results, args.offset),
        SearchFormat::Markdown => render::markdown(&mut out, &results, args.offset, request.timeline),
        SearchFormat::Html => render::html(&mut out, &results, args.offset, request.timeline),
    };
    written.map_err(Failure::output)?;
    common.timings.stage("render");
    if args.format == SearchFormat::Text {
        common.print(&out, &screen)?;
    } else {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(&out).and_then(|()| stdout.flush()).map_err(Failure::output)?;
    }
    // Asked for none, all that match are an answer; past the end there is none.
    let none = results.total == 0 || (results.hits.is_empty() && args.limit > 0);
    Ok(match none {
        _ if skipped => exit::SOME_SKIPPED,
        true => exit::NO_HITS,
        false => exit::DONE,
    })
}

fn request(args: &SearchArgs) -> Result<SearchRequest, Failure> {
    let mut request = SearchRequest::new(args.query.join(" "));
    request.limit = args.limit;
    request.offset = args.offset;
    request.facet_limit = args.facets.unwrap_or(if args.format == SearchFormat::Text { 6 } else { 10 });
    request.by_date = args.sort == Sort::Date;
    request.half_life = args.recency;
    request.timeline = args.timeline.map(|step| match step {
        Timeline::Day => TimelineStep::Day,
        Timeline::Week => TimelineStep::Week,
        Timeline::Month => TimelineStep::Month,
        Timeline::Year => TimelineStep::Year,
    });
    request.literal = args.literal;
    request.expand = args.expand;
    request.explain = args.explain;
    request.collapse_copies = !args.no_collapse;
    for selected in &args.selected {
        let Some((facet, value)) = selected.split_once(['=', '＝', ':', '：']) else {
            return Err(usage(selected, "expected FACET=VALUE, as in province=Sichuan"));
        };
        let facet = match facet.trim() {
            "organization" => Facet::Organization,
            "province" => Facet::Province,
            "country" => Facet::Country,
            "commodity" => Facet::Commodity,
            _ => return Err(usage(selected, "facets are organization, province, country, commodity")),
        };
        request.selected.push((facet, value.trim().to_owned()));
    }
    Ok(request)
}

fn usage(text: &str, hint: &str) -> Failure {
    Error::Query(QueryError::of(text, format!("{text:?} is no facet value")).with_hint(hint)).into()
}

/// Answers each line of a file in order; a line that can't be answered gets an object with `error`.
fn answer_batch(searcher: &Searcher, request: &SearchRequest, path: &Path) -> Outcome {
    let input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin().lock()))
    } else {
        let file = File::open(path).map_err(|cause| Error::Source {
            path: path.to_owned(),
            reason: match cause.kind() {
                std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
                _ => cause.to_string(),
            },
        })?;
        Box::new(BufReader::new(file))
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let (mut hits, mut rejected) = (false, false);
    for line in input.split(b'\n') {
        let line = line.map_err(|e| Error::Source { path: path.to_owned(), reason: e.to_string() })?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let mut answer = serde_json::Map::new();
        if line.len() > limits::LINE_MAX_BYTES {
            answer.insert("error".into(), "the line is too long".into());
        } else {
            match serde_json::from_slice::<BatchLine>(&line) {
                Err(error) => {
                    answer.insert(
                        "error".into(),
                        format!("not a line of {{\"id\",\"query\"}}: {error}").into(),
                    );
                }
                Ok(BatchLine { id, query }) => {
                    answer.insert("id".into(), id);
                    let mut request = request.clone();
                    request.query = query;
                    match searcher.search(&request) {
                        Ok(results) => {
                            hits |= !results.hits.is_empty();
                            let id = answer.remove("id").unwrap_or_default();
                            let answer = render::safe_json(&Answer { id, results: &results }, false);
                            writeln!(out, "{answer}").map_err(Failure::output)?;
                            continue;
                        }
                        Err(error @ Error::Query(_)) => {
                            answer.insert("query".into(), request.query.into());
                            answer.insert("error".into(), error.to_string().into());
                            answer.insert("hint".into(), error.hint().into());
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        rejected |= answer.contains_key("error");
        let answer = render::safe_json(&serde_json::Value::Object(answer), false);
        writeln!(out, "{answer}").map_err(Failure::output)?;
    }
    out.flush().map_err(Failure::output)?;
    Ok(match (rejected, hits) {
        (true, _) => exit::USAGE,
        (false, true) => exit::DONE,
        (false, false) => exit::NO_HITS,
    })
}
