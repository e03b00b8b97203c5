//! Text to units to tokens; pure, no I/O.
//!
//! * [`fold`]: the one place where characters are normalised.
//! * [`Units`]: a text cut into units, each with its byte range in the original and its position.
//! * [`Sketch`]: a body's wording in a few bytes, which tells near-copies.
//! * `words`: units to the ranked words of the index, with stems and Chinese segmentation.
//!
//! Index, query, gazetteer and snippets all call the same functions, so that two spellings that
//! the index holds to be one are one everywhere.

pub(crate) mod fold;
mod sketch;
mod stem;
mod units;
pub(crate) mod words;

pub use fold::fold;
pub use sketch::{Likeness, Sketch};
pub use units::{Case, Gap, Unit, UnitKind, Units};
pub use words::{Segmenter, Word};
