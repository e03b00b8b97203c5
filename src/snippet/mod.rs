//! The passage of an article that answers a query best, with what matched in it.
//!
//! tantivy's own generator marks the words of a phrase that did not match as a phrase, counts bytes
//! as characters and tokenises whole articles with the segmenter. Here the text is cut into units
//! once (no segmenter, no stems but those of words that begin like a query's), matches are found by
//! the query's own meaning, and a window of whole sentences is chosen.

mod find;
mod window;

use std::ops::Range;

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    article::Article,
    limits::LEAD_MAX_CHARS,
    query::plan::Mark,
    tagging::{Field, Tags},
};
use find::Finder;

/// A passage with what matched in it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snippet {
    /// The passage: text of the article with white space folded and left-out parts as "…".
    pub text: String,
    /// Byte ranges of `text` that matched: sorted, disjoint, on character boundaries.
    #[serde(serialize_with = "pairs")]
    #[serde(deserialize_with = "from_pairs")]
    pub highlights: Vec<Range<usize>>,
}

/// Ranges as `[start, end]`.
pub(crate) fn pairs<S: Serializer>(ranges: &[Range<usize>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ranges.iter().map(|r| [r.start, r.end]))
}

fn from_pairs<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Range<usize>>, D::Error> {
    Ok(Vec::<[usize; 2]>::deserialize(deserializer)?.into_iter().map(|[a, b]| a..b).collect())
}

/// The best passage of the body, at most `columns` wide, and the matches in the title.
pub(crate) fn snippet(
    article: &Article,
    tags: &Tags,
    marks: &[Mark],
    columns: usize,
) -> (Snippet, Vec<Range<usize>>) {
    let mut finder = Finder::new(marks);
    let title = finder.matches(&article.title, &[], tags, Field::Title);
    let body = finder.matches(&article.body, &article.furniture, tags, Field::Body);
    let weights: Vec<f32> = marks.iter().map(|m| m.weight.max(0.5)).collect();
    let snippet = window::choose(&article.body, &article.furniture, &body, &weights, columns);
    (snippet, merged(title.into_iter().map(|m| m.range)))
}

/// The first sentence of an article, without what labels it ("原标题：").
pub(crate) fn lead(article: &Article) -> String {
    let sentences = window::sentences(&article.body, &article.furniture);
    let text = sentences.first().map_or("", |s| &article.body[s.clone()]);
    let text =
        ["原标题：", "正文：", "标题："].iter().fold(text, |t, label| t.strip_prefix(label).unwrap_or(t));
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LEAD_MAX_CHARS).collect()
}

/// Sorted ranges with overlapping ones joined.
fn merged(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = ranges.into_iter().collect();
    all.sort_by_key(|r| (r.start, r.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for range in all {
        match out.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}
