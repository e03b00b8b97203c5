//! Guides to the library. Their examples run as tests.

#[doc = include_str!("../docs/embedding.md")]
pub mod embedding {}

#[doc = include_str!("../docs/nightly.md")]
pub mod nightly {}

#[doc = include_str!("../docs/gazetteers.md")]
pub mod gazetteers {}

#[doc = include_str!("../docs/scoring.md")]
pub mod scoring {}
