//! A question in text to a tantivy query.
//!
//! * [`parse`]: text to a syntax tree, forgiving, with the place of everything;
//! * [`build`]: a syntax tree from values, by way of its text;
//! * [`segment`]: Chinese runs to words, by the index's own vocabulary;
//! * [`resolve`]: names to entries of the gazetteer;
//! * [`plan`]: the tree to tantivy queries, and to the marks that snippets look for.

mod build;
mod coordinate;
pub(crate) mod parse;
pub(crate) mod plan;
pub(crate) mod resolve;
pub(crate) mod segment;

pub use build::Query;
pub use plan::Weights;
