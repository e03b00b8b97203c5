//! Full-text search over supply-chain news in English and Chinese.
//!
//! Articles are tagged with organizations, places and commodities, each tag with its evidence, and
//! found by ranked queries in either language. One index folder, no server.
//!
//! ```
//! use std::{fs, ops::ControlFlow};
//! use orewire::{Index, IndexOptions, SearchRequest};
//!
//! # fn main() -> orewire::Result<()> {
//! let dir = tempfile::tempdir().expect("a temporary folder");
//! let news = dir.path().join("news");
//! fs::create_dir(&news).expect("a new folder");
//! fs::write(news.join("a.txt"), "盐湖提锂\n\n青海省的盐湖生产碳酸锂。").expect("a new file");
//!
//! let index = Index::at(dir.path().join("index"));
//! let report = index.update(&[news], &IndexOptions::default(), |_| ControlFlow::Continue(()))?;
//! assert_eq!(report.added, 1);
//!
//! let results = index.searcher()?.search(&SearchRequest::new("province:Qinghai lithium"))?;
//! assert_eq!(results.total, 1);
//! assert_eq!(results.facets.province[0].path, "/china/qinghai");
//! let snippet = &results.hits[0].snippet;
//! assert!(snippet.highlights.iter().any(|h| &snippet.text[h.clone()] == "碳酸锂"));
//! # Ok(())
//! # }
//! ```
//!
//! Modules, from the bottom up: [`analysis`] cuts text into units and words, [`gazetteer`] knows
//! names, [`tagging`] resolves them in an article, [`source`] reads files, and [`Index`] and
//! [`Searcher`] tie these to an index on disk. `ARCHITECTURE.md` tells how and why.

#![warn(missing_docs)]
#![forbid(unsafe_code)]
// The library gives answers; what a program prints and when it ends is the program's own affair.
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod analysis;
mod article;
mod config;
mod copies;
mod error;
pub mod eval;
pub mod gazetteer;
mod index;
mod indexer;
pub mod limits;
mod query;
mod schema;
mod search;
mod snippet;
pub mod source;
mod store;
pub mod tagging;

pub use article::{Article, Date, Lang, Skip};
pub use config::{CONFIG_FILE, Config, Segmenting, Tables};
pub use error::{EngineError, Error, QueryError, Result};
pub use gazetteer::{Facet, Gazetteer};
pub use index::{Checked, Index, Removed};
pub use indexer::{Batch, IndexOptions, Progress, Report};
pub use query::{Query, Weights};
pub use search::{
    CopyOf, FacetCount, Facets, HalfLife, Hit, ScorePart, SearchRequest, SearchResults, Searcher, Similar,
    SimilarRequest, Suggestion, SuggestionKind, TimelineCount, TimelineStep, Watch,
};
pub use snippet::{Highlighter, Snippet};
pub use store::{FileSum, Manifest, Problem};
pub use tagging::{Evidence, Tag, Tagger, Tags};
