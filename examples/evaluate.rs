//! What a weight of the ranking does to a judged collection in the BEIR layout:
//! `cargo run --example evaluate -- FOLDER`; without a folder, to a collection of three articles.

use std::{fs, path::PathBuf};

use orewire::eval::{Evaluation, evaluate};

const CORPUS: &str = r#"{"_id":"1","title":"Tungsten quota","text":"The ministry cut the quota."}
{"_id":"2","title":"The quarter","text":"Tungsten, tungsten prices and a tungsten quota."}
{"_id":"3","title":"钨矿配额","text":"自然资源部下达钨矿开采总量控制指标。"}
"#;
const QUERIES: &str = r#"{"_id":"a","text":"tungsten quota"}
{"_id":"b","text":"钨矿 指标"}
"#;
const JUDGEMENTS: &str = "query-id\tcorpus-id\tscore\na\t1\t2\na\t2\t1\nb\t3\t1\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let temporary = tempfile::tempdir()?;
    let folder = match std::env::args().nth(1) {
        Some(folder) => PathBuf::from(folder),
        None => {
            let folder = temporary.path().join("collection");
            fs::create_dir(&folder)?;
            fs::write(folder.join("corpus.jsonl"), CORPUS)?;
            fs::write(folder.join("queries.jsonl"), QUERIES)?;
            fs::write(folder.join("qrels.tsv"), JUDGEMENTS)?;
            folder
        }
    };
    let index = temporary.path().join("index");
    for title in [0.0, 0.4, 2.0] {
        let mut evaluation = Evaluation::new(&folder);
        evaluation.weights.title = title;
        // The index is built once: weights are a matter of the query.
        let (scores, _) = evaluate(&evaluation, &index)?;
        println!(
            "title {title}: nDCG@10 {:.3}, MRR@10 {:.3}, {} queries",
            scores.ndcg, scores.mrr, scores.queries
        );
    }
    Ok(())
}
