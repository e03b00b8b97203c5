//! A question in text to a tantivy query.
//!
//! * [`parse`]: text to a syntax [`tree`], forgiving, with the place of everything; [`period`]: its dates;
//! * [`build`]: a syntax tree from values, by way of its text;
//! * [`segment`]: Chinese runs to words, by the index's own vocabulary;
//! * [`resolve`]: names to entries of the gazetteer;
//! * [`near`]: words and names that are spelt nearly like one;
//! * [`words`]: bare words to groups and features;
//! * [`plan`]: the tree to a ranking, and to the marks that snippets look for;
//! * [`rank`]: what a ranking is; [`scorer`]: how it runs on a segment; [`window`], [`sequence`], [`bm25`]
//!   and [`expand`]: parts of it;
//! * [`terms`]: where terms are.

mod asked;
mod bm25;
mod build;
mod expand;
#[cfg(test)]
mod lab;
pub(crate) mod near;
pub(crate) mod parse;
mod period;
pub(crate) mod plan;
pub(crate) mod rank;
pub(crate) mod resolve;
mod scorer;
pub(crate) mod segment;
mod sequence;
mod stop;
pub(crate) mod terms;
pub(crate) mod tree;
mod window;
mod words;

pub use build::Query;
pub use plan::Weights;
pub(crate) use scorer::Part;
pub(crate) use stop::is_stop;
use tantivy::{
    DocId, SegmentReader, TantivyError,
    query::{Explanation, Weight},
};

/// What one of our weights tells tantivy of a document: its score, whole. The parts are told by
/// [`scorer`], which knows them by name.
fn explained(
    weight: &dyn Weight,
    reader: &SegmentReader,
    doc: DocId,
    what: &'static str,
) -> tantivy::Result<Explanation> {
    let mut scorer = weight.scorer(reader, 1.0)?;
    if scorer.doc() > doc || scorer.seek(doc) != doc {
        return Err(TantivyError::InvalidArgument(format!("document {doc} does not match")));
    }
    Ok(Explanation::new(what, scorer.score()))
}
