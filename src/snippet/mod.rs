//! The passages of an article that answer a query best, with what matched in them.
//!
//! tantivy's own generator marks the words of a phrase that did not match as a phrase, counts bytes
//! as characters and tokenises whole articles with the segmenter. Here the text is skimmed for what may
//! match ([`heads`]), matches are told by the query's own meaning ([`find`]), the sentences around them
//! ([`sentence`]) are weighed ([`choose`]) and cut to the room that there is ([`mod@cut`]), and what of them is not
//! text is left out ([`shown`], [`markdown`], [`lead`]).

mod choose;
mod cut;
mod find;
mod heads;
mod lead;
mod markdown;
mod sentence;
mod shown;

use std::{borrow::Cow, ops::Range, sync::Mutex};

use serde::{Deserialize, Serialize, Serializer};

use crate::{
    article::{Article, Lang},
    limits::LEAD_MAX_CHARS,
    query::plan::Mark,
    tagging::{Field, Tags},
};
use choose::{Things, choose};
use cut::Passage;
use find::{Finder, Kept, Match};
use heads::Heads;
use sentence::Sentences;
use shown::Body;

/// What stands for text that is left out.
const ELLIPSIS: char = '…';

/// Passages with what matched in them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snippet {
    /// The passages: text of the article with white space folded, mark-up and datelines left out,
    /// entities as what they stand for, and left-out parts as "…".
    pub text: String,
    /// Byte ranges of `text` that matched: sorted, disjoint, on character boundaries.
    #[serde(serialize_with = "pairs")]
    #[serde(deserialize_with = "from_pairs")]
    pub highlights: Vec<Range<usize>>,
    /// Where each highlight comes from: byte ranges of the article's body, one for one.
    #[serde(default)]
    #[serde(serialize_with = "pairs")]
    #[serde(deserialize_with = "from_pairs")]
    pub origins: Vec<Range<usize>>,
}

/// Ranges as `[start, end]`.
pub(crate) fn pairs<S: Serializer>(ranges: &[Range<usize>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ranges.iter().map(|r| [r.start, r.end]))
}

fn from_pairs<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Range<usize>>, D::Error> {
    Ok(Vec::<[usize; 2]>::deserialize(deserializer)?.into_iter().map(|[a, b]| a..b).collect())
}

/// Makes the snippets of one query, for any article: what [`crate::Searcher::search`] makes for its hits.
///
/// ```
/// # use std::{fs, ops::ControlFlow};
/// use orewire::{Article, Index, IndexOptions, Tags};
/// # fn main() -> orewire::Result<()> {
/// # let dir = tempfile::tempdir().expect("a temporary folder");
/// # fs::write(dir.path().join("a.txt"), "Tin\n\nTin ore").expect("a new file");
/// # let index = Index::at(dir.path().join("index"));
/// # index.update(&[dir.path().join("a.txt")], &IndexOptions::default(), |_| ControlFlow::Continue(()))?;
/// let highlighter = index.searcher()?.highlighter("\"tin ore\"")?;
/// let mut article = Article::default();
/// article.body = "Tin fell. Traders said that *tin ore* was plentiful.".to_owned();
/// let (snippet, _) = highlighter.snippet(&article, &Tags::default(), 60);
/// assert_eq!(&snippet.text[snippet.highlights[0].clone()], "tin ore");
/// # Ok(())
/// # }
/// ```
pub struct Highlighter {
    marks: Vec<Mark>,
    heads: Heads,
    things: Things,
    /// What the last snippet left for the next one.
    kept: Mutex<Kept>,
}

impl std::fmt::Debug for Highlighter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.marks.iter().map(|m| &m.kind)).finish()
    }
}

impl Highlighter {
    pub(crate) fn new(marks: Vec<Mark>) -> Highlighter {
        let (heads, things) = (Heads::of(&marks), Things::of(&marks));
        Highlighter { heads, things, marks, kept: Mutex::default() }
    }

    /// The passages of the body that answer best, together at most `columns` wide (a Han character
    /// takes two), and the byte ranges of the title that match. `tags` are the article's own: their
    /// evidence shows the names that the query means.
    pub fn snippet(&self, article: &Article, tags: &Tags, columns: usize) -> (Snippet, Vec<Range<usize>>) {
        let hidden = sound(&article.body, &article.furniture);
        // Another thread may have it: then this one begins with nothing.
        let kept = self.kept.try_lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default();
        let mut finder = Finder::new(&self.marks, &self.heads, kept);
        let mut in_title = finder.matches(&article.title, &[], tags, Field::Title);
        let mut in_body = finder.matches(&article.body, &hidden, tags, Field::Body);
        if let Ok(mut kept) = self.kept.try_lock() {
            *kept = finder.kept;
        }
        // Where anything else matches, single characters of a longer text say something beside it only.
        if self.marks.iter().any(|m| m.part)
            && in_title.iter().chain(&in_body).any(|m| !self.marks[m.mark].part)
        {
            [&mut in_title, &mut in_body].into_iter().for_each(|found| self.drop_lone_parts(found));
        }
        let body = Body { text: &article.body, hidden: &hidden };
        let title = (article.title.as_str(), in_title.as_slice());
        let passages = choose(body, &in_body, &self.things, title, article.lang == Lang::Zh, columns.max(1));
        (join(&passages, &merged(&in_body)), merged(&in_title))
    }
}

impl Highlighter {
    fn drop_lone_parts(&self, found: &mut Vec<Match>) {
        let beside = |n: usize| {
            let m = &found[n];
            let before =
                found[..n].iter().rev().take(4).any(|o| o.mark != m.mark && o.range.end == m.range.start);
            let behind =
                found[n + 1..].iter().take(4).any(|o| o.mark != m.mark && o.range.start == m.range.end);
            before || behind
        };
        let kept: Vec<bool> =
            (0..found.len()).map(|n| !self.marks[found[n].mark].part || beside(n)).collect();
        let mut kept = kept.into_iter();
        found.retain(|_| kept.next().unwrap_or(true));
    }
}

/// The first sentence of an article, without what labels it ("原标题：").
pub(crate) fn lead(article: &Article) -> String {
    let hidden = sound(&article.body, &article.furniture);
    let body = Body { text: &article.body, hidden: &hidden };
    let Some(mut first) = (Sentences { body, reach: 8 * LEAD_MAX_CHARS }).next(0) else {
        return String::new();
    };
    first.start = lead::label(body, first.clone());
    let mut glyphs = Vec::new();
    body.glyphs(first, &mut glyphs);
    let text: String = glyphs.iter().take(LEAD_MAX_CHARS).map(|g| g.c).collect();
    text.trim().to_owned()
}

/// The hidden ranges of a body that are as they should be: an article may come from anywhere.
fn sound<'a>(body: &str, hidden: &'a [Range<usize>]) -> Cow<'a, [Range<usize>]> {
    let mut end = 0;
    let is_sound =
        |h: &Range<usize>, end: usize| h.start >= end && h.start < h.end && body.get(h.clone()).is_some();
    if hidden.iter().all(|h| is_sound(h, std::mem::replace(&mut end, h.end))) {
        return Cow::Borrowed(hidden);
    }
    let mut out: Vec<Range<usize>> = Vec::new();
    for h in hidden {
        if is_sound(h, out.last().map_or(0, |last| last.end)) {
            out.push(h.clone());
        }
    }
    Cow::Owned(out)
}

/// Passages as one text, with the matches in it.
fn join(passages: &[Passage], matches: &[Range<usize>]) -> Snippet {
    let mut out = Snippet::default();
    out.text.reserve(passages.iter().map(|p| 3 * p.glyphs.len() + 8).sum());
    out.highlights.reserve(8);
    out.origins.reserve(8);
    for (n, passage) in passages.iter().enumerate() {
        match n {
            0 if passage.cut_before => out.text.push(ELLIPSIS),
            0 => {}
            _ => out.text.extend([' ', ELLIPSIS, ' ']),
        }
        let mut next = passage.glyphs.first().map_or(0, |g| matches.partition_point(|m| m.end <= g.at));
        // The highlight that is open: its start in the text and in the body, its end in the body.
        let mut open: Option<(usize, Range<usize>)> = None;
        for glyph in &passage.glyphs {
            while matches.get(next).is_some_and(|m| m.end <= glyph.at) {
                if let Some((from, origin)) = open.take() {
                    let to = matches[next].end;
                    close(&mut out, from, origin.start..to);
                }
                next += 1;
            }
            let inside = matches.get(next).is_some_and(|m| m.start <= glyph.at);
            if inside {
                let end = glyph.at + glyph.c.len_utf8();
                match &mut open {
                    Some((_, origin)) => origin.end = end.min(matches[next].end).max(origin.end),
                    None => open = Some((out.text.len(), glyph.at..end.min(matches[next].end))),
                }
            }
            out.text.push(glyph.c);
        }
        if let Some((from, origin)) = open {
            close(&mut out, from, origin);
        }
    }
    if passages.last().is_some_and(|p| p.cut_behind) {
        out.text.push(ELLIPSIS);
    }
    out
}

fn close(out: &mut Snippet, from: usize, origin: Range<usize>) {
    let to = from + out.text[from..].trim_end().len();
    if from < to {
        out.highlights.push(from..to);
        out.origins.push(origin);
    }
}

/// The ranges of matches, with overlapping ones joined.
fn merged(matches: &[Match]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::with_capacity(matches.len());
    for m in matches {
        match out.last_mut() {
            Some(last) if m.range.start < last.end => last.end = last.end.max(m.range.end),
            _ => out.push(m.range.clone()),
        }
    }
    out
}
