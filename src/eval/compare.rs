//! Two rankings of one collection, query by query: which one is better where.

use std::{collections::HashMap, fs, path::Path};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{QueryScore, judgements, queries, scored, unreadable};
use crate::error::{Error, Result};

/// Changes that a comparison lists.
const CHANGES: usize = 10;

/// Differences below this are rounding.
const TIE: f64 = 1e-6;

/// What a ranking wins and loses against another, by the nDCG of each query that both answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Queries that are better now.
    pub wins: usize,
    /// Queries that are worse now.
    pub losses: usize,
    /// Queries that are neither.
    pub ties: usize,
    /// Queries that only one of the two has; they count nowhere.
    pub unmatched: usize,
    /// Mean nDCG before, of the queries that both have.
    pub before: f64,
    /// Mean nDCG now, of the same.
    pub after: f64,
    /// The ten largest changes, largest first.
    pub changes: Vec<Change>,
}

/// A query that fares otherwise than before.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The query's id.
    pub id: String,
    /// Its text.
    pub query: String,
    /// Its nDCG before.
    pub before: f64,
    /// Its nDCG now.
    pub after: f64,
}

/// Compares the scores of a ranking with those of an earlier one.
pub fn compare(now: &[QueryScore], earlier: &[QueryScore]) -> Comparison {
    let earlier: HashMap<&str, f64> = earlier.iter().map(|q| (q.id.as_str(), q.ndcg)).collect();
    let mut out = Comparison::default();
    let mut matched = 0usize;
    for query in now {
        let Some(before) = earlier.get(query.id.as_str()).copied() else { continue };
        matched += 1;
        out.before += before;
        out.after += query.ndcg;
        let gain = query.ndcg - before;
        if gain.abs() <= TIE {
            out.ties += 1;
            continue;
        }
        if gain > 0.0 {
            out.wins += 1;
        } else {
            out.losses += 1;
        }
        let (id, text) = (query.id.clone(), query.text.clone());
        out.changes.push(Change { id, query: text, before, after: query.ndcg });
    }
    out.unmatched = now.len() + earlier.len() - 2 * matched;
    out.before /= matched.max(1) as f64;
    out.after /= matched.max(1) as f64;
    let size = |c: &Change| (c.after - c.before).abs();
    out.changes.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.id.cmp(&b.id)));
    out.changes.truncate(CHANGES);
    out
}

/// Scores as lines of JSON, one a query: its id and text and each measure with its depth.
pub fn to_ndjson(scores: &[QueryScore], k: usize) -> String {
    let line = |q: &QueryScore| {
        let mut line = Map::new();
        line.insert("id".into(), q.id.clone().into());
        line.insert("query".into(), q.text.clone().into());
        line.insert(format!("ndcg@{k}"), json!(q.ndcg));
        line.insert(format!("mrr@{k}"), json!(q.mrr));
        line.insert("recall@100".into(), json!(q.recall_100));
        format!("{}\n", Value::Object(line))
    };
    scores.iter().map(line).collect()
}

/// The scores of an earlier ranking of a collection: lines as [`to_ndjson`] writes them, or a run in
/// TREC's format, which is scored against the collection in `folder`. As in `trec_eval` the order of a
/// run is that of its scores; equal ones stand by their rank.
///
/// # Errors
/// [`Error::Source`] when the file is neither, or was scored at another depth.
pub fn read(path: &Path, folder: &Path, k: usize) -> Result<Vec<QueryScore>> {
    let text = fs::read_to_string(path).map_err(|e| unreadable(path, 0, &e))?;
    if text.trim_start().starts_with('{') {
        read_ndjson(path, &text, k)
    } else {
        read_run(path, &text, folder, k)
    }
}

fn read_ndjson(path: &Path, text: &str, k: usize) -> Result<Vec<QueryScore>> {
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let value: Value = serde_json::from_str(line).map_err(|e| unreadable(path, n + 1, &e))?;
        let name = format!("ndcg@{k}");
        let (Some(id), Some(ndcg)) = (value["id"].as_str(), value[&name].as_f64()) else {
            return Err(unreadable(path, n + 1, &format!("expected an object with `id` and `{name}`")));
        };
        let number = |name: &str| value[name].as_f64().unwrap_or(0.0);
        out.push(QueryScore {
            id: id.to_owned(),
            text: value["query"].as_str().unwrap_or("").to_owned(),
            ndcg,
            mrr: number(&format!("mrr@{k}")),
            recall_100: number("recall@100"),
        });
    }
    Ok(out)
}

fn read_run(path: &Path, text: &str, folder: &Path, k: usize) -> Result<Vec<QueryScore>> {
    let mut run: HashMap<&str, Vec<(f64, u64, &str)>> = HashMap::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let wrong = || -> Error {
            unreadable(path, n + 1, &"expected a line of a TREC run: query Q0 document rank score name")
        };
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [query, _, document, rank, score, ..] = parts[..] else { return Err(wrong()) };
        let score = score.parse::<f64>().ok().filter(|s| s.is_finite()).ok_or_else(wrong)?;
        run.entry(query).or_default().push((score, rank.parse().map_err(|_| wrong())?, document));
    }
    let judged = judgements(&folder.join("qrels.tsv"))?;
    let mut out = Vec::new();
    for query in queries(&folder.join("queries.jsonl"))? {
        let Some(relevance) = judged.get(&query.id).filter(|r| r.values().any(|r| *r > 0)) else { continue };
        let mut ranking = run.remove(query.id.as_str()).unwrap_or_default();
        ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let gains: Vec<u32> =
            ranking.iter().map(|(_, _, document)| relevance.get(*document).copied().unwrap_or(0)).collect();
        out.push(scored(query, &gains, relevance, k));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(id: &str, ndcg: f64) -> QueryScore {
        QueryScore { id: id.into(), text: format!("text of {id}"), ndcg, mrr: 0.5, recall_100: 1.0 }
    }

    #[test]
    fn wins_losses_and_ties_are_of_the_queries_that_both_have() {
        let earlier = [score("a", 0.5), score("b", 0.5), score("c", 0.5), score("gone", 1.0)];
        let now = [score("a", 0.9), score("b", 0.4), score("c", 0.5), score("new", 1.0)];
        let compared = compare(&now, &earlier);
        assert_eq!((compared.wins, compared.losses, compared.ties, compared.unmatched), (1, 1, 1, 2));
        assert!((compared.before - 0.5).abs() < 1e-12 && (compared.after - 0.6).abs() < 1e-12);
        assert_eq!(compared.changes.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(compare(&[], &[]), Comparison::default());
    }

    #[test]
    fn at_most_ten_changes_are_listed_the_largest_first() {
        let earlier: Vec<_> = (0..30).map(|n| score(&n.to_string(), 0.0)).collect();
        let now: Vec<_> = (0..30).map(|n| score(&n.to_string(), f64::from(n) / 100.0)).collect();
        let compared = compare(&now, &earlier);
        assert_eq!((compared.wins, compared.ties), (29, 1));
        let ids: Vec<_> = compared.changes.iter().map(|c| c.id.parse::<u32>().unwrap()).collect();
        assert_eq!(ids, [29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
    }

    #[test]
    fn lines_come_back_as_they_were_and_another_depth_is_refused() {
        let scores = vec![score("a", 0.25), score("b \"c\"", 1.0)];
        let path = Path::new("scores");
        assert_eq!(read_ndjson(path, &to_ndjson(&scores, 10), 10).unwrap(), scores);
        assert!(read_ndjson(path, &to_ndjson(&scores, 10), 5).unwrap_err().to_string().contains("ndcg@5"));
    }
}
