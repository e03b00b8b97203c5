//! `orewire eval`.

use std::{io::Write, ops::ControlFlow};

use orewire::{Error, QueryError, eval};
use serde_json::json;

use super::{
    Outcome,
    args::{Common, EvalArgs, Format},
    exit::{self, Failure},
    index, interrupt,
    progress::{Meter, Unit, count, span},
    render, terminal,
};

pub(crate) fn run(args: &EvalArgs, common: &Common) -> Outcome {
    let mut evaluation = eval::Evaluation::new(&args.folder);
    evaluation.k = usize::from(args.k);
    evaluation.run.clone_from(&args.run);
    evaluation.literal = args.literal;
    evaluation.jieba = args.jieba;
    if let Some(weights) = &args.weights {
        evaluation.weights = serde_json::from_str(weights).map_err(|e| {
            let error = QueryError::of(weights, format!("these are no weights: {e}"));
            Error::Query(error.with_hint("write them as JSON: --weights '{\"title\": 0.5}'"))
        })?;
    }
    let temporary;
    let folder = match &args.keep {
        Some(folder) => folder.clone(),
        None => {
            temporary = Temporary::new()?;
            temporary.0.clone()
        }
    };
    let k = args.k;
    let depth = usize::from(k);
    // Read first: a mistyped name is told before the collection is indexed, and the file may be the one
    // that is written.
    let earlier = args.against.as_ref().map(|run| eval::read(run, &args.folder, depth)).transpose()?;
    interrupt::watch();
    let mut meter = Meter::new(common);
    let mut articles = 0;
    let scored = eval::evaluate_with(&evaluation, &folder, |progress| {
        match progress {
            eval::EvalProgress::Indexing(progress) => {
                articles = progress.articles;
                index::show(&mut meter, progress);
            }
            eval::EvalProgress::Asking { queries, of } => {
                meter.at(Unit::Queries, queries as u64, of as u64, "searching");
            }
            _ => {}
        }
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let (scores, each) = scored?;
    meter.finish(|time| {
        let (queries, articles) = (count(scores.queries as u64, "query"), count(articles, "article"));
        format!("{queries} asked of {articles} in {}.", span(time))
    });
    if let Some(path) = &args.per_query {
        std::fs::write(path, eval::to_ndjson(&each, depth)).map_err(|cause| Error::Io {
            action: "writing",
            path: path.clone(),
            cause,
        })?;
    }
    let compared = earlier.map(|earlier| eval::compare(&each, &earlier));
    let text = match args.format {
        Format::Json => {
            let mut answer = json!({
                format!("ndcg@{k}"): scores.ndcg, format!("mrr@{k}"): scores.mrr,
                "recall@100": scores.recall_100, "queries": scores.queries,
            });
            if let Some(compared) = &compared {
                answer["against"] = json!(compared);
            }
            render::safe_json(&answer, false)
        }
        Format::Text => {
            let compared = compared.as_ref().map_or_else(String::new, |c| comparison(c, k));
            format!(
                "ndcg@{k}     {:.4}\nmrr@{k}      {:.4}\nrecall@100  {:.4}\nqueries     {}{compared}",
                scores.ndcg, scores.mrr, scores.recall_100, scores.queries
            )
        }
    };
    writeln!(std::io::stdout(), "{text}").map_err(Failure::output)?;
    Ok(exit::DONE)
}

fn comparison(compared: &eval::Comparison, k: u16) -> String {
    let mut out = format!(
        "\n\nndcg@{k}     {:.4} before, {:.4} now\nwins        {}\nlosses      {}\nties        {}",
        compared.before, compared.after, compared.wins, compared.losses, compared.ties
    );
    if compared.unmatched > 0 {
        out.push_str(&format!("\nunmatched   {}", compared.unmatched));
    }
    for change in &compared.changes {
        let (id, query) = (terminal::clean_line(&change.id), terminal::clean_line(&change.query));
        let gain = change.after - change.before;
        let line = format!(
            "{gain:+.4}  {:.4} to {:.4}  {id}  {}",
            change.before,
            change.after,
            terminal::fit(&query, 60)
        );
        out.push_str(&format!("\n  {}", line.trim_end()));
    }
    out
}

/// A folder that is removed at the end.
struct Temporary(std::path::PathBuf);

impl Temporary {
    fn new() -> Result<Temporary, Failure> {
        let path = std::env::temp_dir().join(format!("orewire-eval-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|cause| Error::Io {
            action: "creating",
            path: path.clone(),
            cause,
        })?;
        Ok(Temporary(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
