//! `orewire eval`.

use std::io::Write;

use orewire::{Error, QueryError, eval};
use serde_json::json;

use super::{
    Outcome,
    args::{EvalArgs, Format},
    exit::{self, Failure},
};

pub(crate) fn run(args: &EvalArgs) -> Outcome {
    let mut evaluation = eval::Evaluation::new(&args.folder);
    evaluation.k = usize::from(args.k);
    evaluation.run.clone_from(&args.run);
    evaluation.literal = args.literal;
    evaluation.jieba = args.jieba;
    if let Some(weights) = &args.weights {
        evaluation.weights = serde_json::from_str(weights)
            .map_err(|e| Error::Query(QueryError::of(weights, format!("these are no weights: {e}"))))?;
    }
    let temporary;
    let folder = match &args.keep {
        Some(folder) => folder.clone(),
        None => {
            temporary = Temporary::new()?;
            temporary.0.clone()
        }
    };
    let (scores, _) = eval::evaluate(&evaluation, &folder)?;
    let k = args.k;
    let text = match args.format {
        Format::Json => json!({
            format!("ndcg@{k}"): scores.ndcg, format!("mrr@{k}"): scores.mrr, "recall@100": scores.recall_100,
            "queries": scores.queries,
        })
        .to_string(),
        Format::Text => format!(
            "ndcg@{k}     {:.4}\nmrr@{k}      {:.4}\nrecall@100  {:.4}\nqueries     {}",
            scores.ndcg, scores.mrr, scores.recall_100, scores.queries
        ),
    };
    writeln!(std::io::stdout(), "{text}").map_err(Failure::output)?;
    Ok(exit::DONE)
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
