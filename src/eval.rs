//! Ranking measured against judgements: a collection in the BEIR layout, indexed and searched as any
//! other, and scored as `trec_eval` does.

mod compare;

use std::{
    collections::HashMap,
    fs,
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    analysis::Segmenter,
    error::{Error, Result},
    index::Index,
    indexer::{IndexOptions, Progress},
    query::Weights,
    search::SearchRequest,
};

pub use compare::{Change, Comparison, compare, read, to_ndjson};

/// Depth of the ranking that recall is measured at.
const RECALL_DEPTH: usize = 100;

/// Means over the queries that have a relevant document.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Scores {
    /// Normalised discounted cumulative gain of the first k: linear gain, log2 discount.
    pub ndcg: f64,
    /// Reciprocal rank of the first relevant document among the first k.
    pub mrr: f64,
    /// Share of the relevant documents among the first 100.
    pub recall_100: f64,
    /// How many queries were scored.
    pub queries: usize,
}

/// A query's own scores.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct QueryScore {
    /// The query's id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// nDCG of the first k.
    pub ndcg: f64,
    /// Reciprocal rank of the first relevant document among the first k.
    pub mrr: f64,
    /// Share of the relevant documents among the first 100.
    pub recall_100: f64,
}

/// What is evaluated, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Evaluation {
    /// Folder with `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`.
    pub folder: PathBuf,
    /// Depth of nDCG and MRR.
    pub k: usize,
    /// Weights of the ranking.
    pub weights: Weights,
    /// Where to write the ranking, in TREC's format.
    pub run: Option<PathBuf>,
    /// Names in queries are only text.
    pub literal: bool,
    /// Cuts Chinese queries with jieba's dictionary in place of the index's vocabulary.
    pub jieba: bool,
}

impl Evaluation {
    /// The first ten hits of a collection, with the default weights.
    pub fn new(folder: impl Into<PathBuf>) -> Evaluation {
        Evaluation {
            folder: folder.into(),
            k: 10,
            weights: Weights::default(),
            run: None,
            literal: false,
            jieba: false,
        }
    }
}

#[derive(Deserialize)]
struct Query {
    #[serde(rename = "_id")]
    id: String,
    text: String,
}

/// Indexes the collection into `index` (a folder of the caller's, empty or from an earlier
/// evaluation of the same collection), runs its queries and scores them.
///
/// # Errors
/// [`Error::Source`] when a file of the collection is missing or can't be understood.
pub fn evaluate(evaluation: &Evaluation, index: &Path) -> Result<(Scores, Vec<QueryScore>)> {
    evaluate_with(evaluation, index, |_| ControlFlow::Continue(()))
}

/// How far an evaluation has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalProgress<'a> {
    /// The collection is being indexed.
    Indexing(&'a Progress),
    /// So many queries were asked, of so many.
    Asking {
        /// Asked.
        queries: usize,
        /// All that there are.
        of: usize,
    },
}

/// As [`evaluate`], telling how far it has come; ends with [`Error::Interrupted`] when told to break.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_with(
    evaluation: &Evaluation,
    index: &Path,
    mut on_progress: impl FnMut(EvalProgress<'_>) -> ControlFlow<()>,
) -> Result<(Scores, Vec<QueryScore>)> {
    let file = |name: &str| evaluation.folder.join(name);
    let corpus = file("corpus.jsonl");
    let index = Index::at(index);
    index.update(&[corpus], &IndexOptions::default(), |p| on_progress(EvalProgress::Indexing(p)))?;
    let judged = judgements(&file("qrels.tsv"))?;
    let searcher = index.searcher()?;
    let mut run = match &evaluation.run {
        Some(path) => Some((fs::File::create(path).map_err(Error::io("writing", path))?, path)),
        None => None,
    };
    let segmenter = match evaluation.jieba {
        true => {
            let gazetteer = index.gazetteer()?;
            let names: Vec<&str> = gazetteer.names().map(|(name, _, _)| name).collect();
            Some(Segmenter::new(names.into_iter().filter(|n| n.chars().all(|c| !c.is_ascii()))))
        }
        false => None,
    };
    let mut sums = Scores::default();
    let mut each = Vec::new();
    let queries = queries(&file("queries.jsonl"))?;
    let of = queries.len();
    for (asked, query) in queries.into_iter().enumerate() {
        if on_progress(EvalProgress::Asking { queries: asked, of }).is_break() {
            return Err(Error::Interrupted);
        }
        let Some(relevance) = judged.get(&query.id).filter(|r| r.values().any(|r| *r > 0)) else { continue };
        let mut request = SearchRequest::new(quoted(&query.text));
        request.limit = RECALL_DEPTH.max(evaluation.k);
        request.facet_limit = 0;
        request.snippet_columns = 0;
        request.literal = evaluation.literal;
        // Judgements name each copy.
        request.collapse_copies = false;
        request.weights = evaluation.weights.clone();
        let ids: Vec<(String, f32)> = match searcher.search_with(&request, segmenter.as_ref()) {
            Ok(results) => results.hits.into_iter().map(|h| (h.id, h.score)).collect(),
            Err(Error::Query(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        if let Some((out, path)) = &mut run {
            for (rank, (id, score)) in ids.iter().enumerate() {
                writeln!(out, "{} Q0 {id} {} {score} orewire", query.id, rank + 1)
                    .map_err(Error::io("writing", *path))?;
            }
        }
        let gains: Vec<u32> = ids.iter().map(|(id, _)| relevance.get(id).copied().unwrap_or(0)).collect();
        let score = scored(query, &gains, relevance, evaluation.k);
        sums.ndcg += score.ndcg;
        sums.mrr += score.mrr;
        sums.recall_100 += score.recall_100;
        sums.queries += 1;
        each.push(score);
    }
    let n = sums.queries.max(1) as f64;
    let scores = Scores {
        ndcg: sums.ndcg / n,
        mrr: sums.mrr / n,
        recall_100: sums.recall_100 / n,
        queries: sums.queries,
    };
    Ok((scores, each))
}

/// The scores of a query by the gains of its ranking, best first. `relevance` has a relevant document.
fn scored(query: Query, gains: &[u32], relevance: &HashMap<String, u32>, k: usize) -> QueryScore {
    let first = gains.iter().take(k).position(|g| *g > 0);
    let relevant = relevance.values().filter(|r| **r > 0).count();
    let found = gains.iter().take(RECALL_DEPTH).filter(|g| **g > 0).count();
    QueryScore {
        id: query.id,
        text: query.text,
        ndcg: ndcg(gains, relevance.values().copied(), k),
        mrr: first.map_or(0.0, |rank| 1.0 / (rank + 1) as f64),
        recall_100: found as f64 / relevant.max(1) as f64,
    }
}

/// A question of a collection is plain words: what looks like syntax is not meant.
fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| {
            if matches!(
                c,
                '"' | '“' | '”' | '「' | '」' | ':' | '：' | '(' | ')' | '（' | '）' | '+' | '*' | '~'
            ) {
                ' '
            } else {
                c
            }
        })
        .collect::<String>()
        .replace(" -", " ")
}

/// nDCG of the first k with linear gain, as `trec_eval`'s ndcg_cut.
fn ndcg(gains: &[u32], ideal: impl Iterator<Item = u32>, k: usize) -> f64 {
    let discounted = |gains: &[u32]| -> f64 {
        let each =
            gains.iter().take(k).enumerate().map(|(rank, g)| f64::from(*g) / ((rank + 2) as f64).log2());
        // The sum of nothing would be -0.
        each.fold(0.0, |sum, gain| sum + gain)
    };
    let mut ideal: Vec<u32> = ideal.collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = discounted(&ideal);
    if best > 0.0 { discounted(gains) / best } else { 0.0 }
}

fn queries(path: &Path) -> Result<Vec<Query>> {
    let text = fs::read_to_string(path).map_err(|e| unopened(path, &e))?;
    let lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    lines.map(|(n, line)| serde_json::from_str(line).map_err(|e| unreadable(path, n + 1, &e))).collect()
}

fn judgements(path: &Path) -> Result<HashMap<String, HashMap<String, u32>>> {
    let text = fs::read_to_string(path).map_err(|e| unopened(path, &e))?;
    let mut out: HashMap<String, HashMap<String, u32>> = HashMap::new();
    for (n, line) in text.lines().enumerate() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [query, document, score] = parts[..] else {
            return Err(unreadable(path, n + 1, &"expected three columns"));
        };
        match score.trim().parse::<i64>() {
            Ok(score) => {
                out.entry(query.into()).or_default().insert(document.into(), score.clamp(0, 1_000) as u32);
            }
            Err(_) if n == 0 => {}
            Err(e) => return Err(unreadable(path, n + 1, &e)),
        }
    }
    Ok(out)
}

fn unopened(path: &Path, cause: &std::io::Error) -> Error {
    match cause.kind() {
        std::io::ErrorKind::NotFound => unreadable(path, 0, &"there is no such file"),
        _ => unreadable(path, 0, cause),
    }
}

fn unreadable(path: &Path, line: usize, reason: &dyn std::fmt::Display) -> Error {
    let reason = if line == 0 { reason.to_string() } else { format!("line {line}: {reason}") };
    Error::Source { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ndcg_is_as_computed_by_hand() {
        // Gains 0, 3 against the ideal 3, 1: (3/log2 3) / (3 + 1/log2 3).
        let want = (3.0 / 3f64.log2()) / (3.0 + 1.0 / 3f64.log2());
        assert!((ndcg(&[0, 3], [3, 1].into_iter(), 10) - want).abs() < 1e-12);
        assert_eq!(ndcg(&[1], [1].into_iter(), 10), 1.0);
        assert_eq!(ndcg(&[0, 0, 1], [1].into_iter(), 2), 0.0);
        // Computed by hand: linear gains, discounts 1, 1.58496, 2, 2.32193.
        for (gains, ideal, k, want) in [
            // 3 + 2/1.58496 + 1/2.32193 = 4.69254 of 3 + 2/1.58496 + 1/2 = 4.76186
            (&[3, 2, 0, 1][..], &[3, 2, 1][..], 10, 0.98544),
            // 1 + 2/1.58496 = 2.26186 of 4.76186
            (&[1, 2], &[3, 2, 1], 10, 0.47499),
            // Cut at two: 1 of 1 + 1/1.58496
            (&[1, 0, 1], &[1, 1], 2, 0.61315),
            // More relevant documents than places: the ideal is cut too.
            (&[1, 1], &[1, 1, 1, 1], 2, 1.0),
        ] {
            let got = ndcg(gains, ideal.iter().copied(), k);
            assert!((got - want).abs() < 1e-4, "{gains:?}: {got}");
        }
    }
}
