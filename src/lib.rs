//! Full-text search over supply-chain news in English and Chinese.
//!
//! Articles are tagged with organizations, places and commodities, each tag with its evidence, and
//! found by ranked queries in either language. One index folder, or one in memory; no server.
//!
//! ```
//! use orewire::{Article, Facet, Index, Query, SearchRequest};
//!
//! # fn main() -> orewire::Result<()> {
//! // An index in memory; `Index::at("some/folder")` is the same in a folder.
//! let index = Index::in_memory();
//! index.put([
//!     Article::new("1", "盐湖提锂", "青海省的盐湖生产碳酸锂。"),
//!     Article::new("2", "Brine to battery", "Salt lakes in Qinghai produce lithium carbonate."),
//!     Article::new("3", "Rare earths", "Shenghe Resources mines rare earths in Mianning, Sichuan."),
//! ])?;
//!
//! // A question is text, as a person types it …
//! let searcher = index.searcher()?;
//! let results = searcher.search(&SearchRequest::new("province:青海 lithium"))?;
//! assert_eq!(results.total, 2);
//!
//! // … or put together from values. Names are one thing in both languages, whatever they are called.
//! let query = Query::words("lithium").must(Query::facet(Facet::Province, "Qinghai"));
//! assert_eq!(searcher.search(&SearchRequest::new(query))?.total, 2);
//!
//! // Each hit shows why it was found, and the facets count all that match.
//! let chinese = results.hits.iter().find(|hit| hit.id == "1").unwrap();
//! let snippet = &chinese.snippet;
//! assert!(snippet.highlights.iter().any(|range| &snippet.text[range.clone()] == "碳酸锂"));
//! assert_eq!((results.facets.province[0].name.as_str(), results.facets.province[0].count), ("Qinghai", 2));
//!
//! // Every tag has its evidence: offsets into the article as it came in.
//! let (article, tags) = searcher.article("3")?;
//! let company = &tags.organization[0];
//! assert_eq!(company.path, "/shenghe-resources");
//! assert_eq!(&article.body[company.evidence[0].start..company.evidence[0].end], "Shenghe Resources");
//! # Ok(())
//! # }
//! ```
//!
//! # Where to read on
//!
//! - [`Index`] changes an index: from files by [`Index::update`], from memory by [`Index::put`] and
//!   [`Index::batch`]. [`Searcher`] asks it. [`Tagger`] tags articles without an index.
//! - [`guides`]: embedding, nightly updates, custom gazetteers, scoring.
//! - `examples/` in the repository: a minimal program, a watcher that keeps an index fresh, names and a
//!   source of one's own, a web service, an evaluation.
//! - The modules, from the bottom up: [`analysis`] cuts text into units and words, [`gazetteer`] knows
//!   names, [`tagging`] resolves them in an article, [`source`] reads files, [`eval`] measures rankings,
//!   [`limits`] has every cap. `ARCHITECTURE.md` tells how and why.
//!
//! # Features
//!
//! `cli`, on by default, builds the command line. `default-features = false` leaves it out, with all that
//! only it needs.

#![warn(missing_docs)]
#![forbid(unsafe_code)]
// The library gives answers; what a program prints and when it ends is the program's own affair.
#![warn(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

pub mod analysis;
mod article;
mod config;
mod copies;
mod doc_values;
mod error;
pub mod eval;
pub mod gazetteer;
pub mod guides;
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
pub use index::{CheckProgress, Checked, Index, Removed};
pub use indexer::{Batch, IndexOptions, LastRun, Progress, Report, RunStage, RunStages};
pub use query::{Query, Weights};
pub use search::{
    CopyOf, FacetCount, Facets, HalfLife, Help, Hit, Instead, Named, ScorePart, SearchRequest, SearchResults,
    Searcher, Similar, SimilarRequest, Spelling, Stages, Suggestion, SuggestionKind, TimelineCount,
    TimelineStep, Watch, Without,
};
pub use snippet::{Highlighter, Snippet};
pub use store::{FileSum, Manifest, Problem};
pub use tagging::{Evidence, Tag, Tagger, Tags};
