//! The fields of the index, and the passage between an article with its tags and a tantivy document.
//!
//! | field | holds | for |
//! |---|---|---|
//! | `id` | the article's id | replace, remove, show |
//! | `title_units`, `body_units` | folded units with positions | phrases, characters, proximity |
//! | `title_words` | stems and Chinese words of the title, frequencies only | ranking |
//! | `words` | the same of title and body | ranking; the vocabulary that segments queries |
//! | `organization`, `province`, `country`, `commodity` | paths of the tags and of all their ancestors | facet filters and counts |
//! | `focus` | the same paths, of focus tags only, behind their facet's letter | ranking |
//! | `date` | days since 1970-01-01 | date filters, recency, timelines |
//! | `source`, `lang` | as the article has them, folded | filters |
//! | `tie` | a hash of the id | the order of hits with equal scores |
//! | `sketch` | a sketch of the body | finding near-copies when a generation is published |
//! | `record` | the article and its tags, stored | hits, snippets, `show` |
//!
//! Words need no positions, since characters and unstemmed words have them: a third of the size of
//! the positions of both.

pub(crate) mod packing;
pub(crate) mod record;

use tantivy::{
    TantivyDocument,
    schema::{
        BytesOptions, FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
    },
    tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager},
};

use crate::{analysis::Sketch, gazetteer::Facet};

/// Changes whenever an index written by older code can't be read as one of today's: fields, terms,
/// positions or the stored record.
pub(crate) const SCHEMA_VERSION: u32 = 5;

/// Name of the tokenizer that unpacks [`Packed`] tokens.
const PACKED: &str = "packed";

/// The fields of the index.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) schema: Schema,
    pub(crate) id: Field,
    pub(crate) title_units: Field,
    pub(crate) body_units: Field,
    pub(crate) title_words: Field,
    pub(crate) words: Field,
    pub(crate) facets: [Field; 4],
    pub(crate) focus: Field,
    pub(crate) date: Field,
    pub(crate) source: Field,
    pub(crate) lang: Field,
    pub(crate) tie: Field,
    pub(crate) sketch: Field,
    pub(crate) record: Field,
}

/// The facets in the order of [`Fields::facets`].
pub(crate) const FACETS: [Facet; 4] =
    [Facet::Organization, Facet::Province, Facet::Country, Facet::Commodity];

/// Index of a facet in [`FACETS`].
pub(crate) fn facet_index(facet: Facet) -> usize {
    match facet {
        Facet::Organization => 0,
        Facet::Province => 1,
        Facet::Country => 2,
        Facet::Commodity => 3,
    }
}

/// The term of the field `focus` for a path of a facet.
pub(crate) fn focus_term(facet: Facet, path: &str) -> String {
    format!("{}{path}", facet_index(facet))
}

impl Fields {
    /// The schema of today.
    pub(crate) fn new() -> Fields {
        let mut builder = Schema::builder();
        let text = |option: IndexRecordOption, norms: bool| {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer(PACKED)
                    .set_index_option(option)
                    .set_fieldnorms(norms),
            )
        };
        let raw = || {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer("raw")
                    .set_index_option(IndexRecordOption::Basic)
                    .set_fieldnorms(false),
            )
        };
        let id = builder.add_text_field("id", raw());
        let title_units =
            builder.add_text_field("title_units", text(IndexRecordOption::WithFreqsAndPositions, true));
        let body_units =
            builder.add_text_field("body_units", text(IndexRecordOption::WithFreqsAndPositions, true));
        let title_words = builder.add_text_field("title_words", text(IndexRecordOption::WithFreqs, true));
        let words = builder.add_text_field("words", text(IndexRecordOption::WithFreqs, true));
        let facets = FACETS.map(|facet| builder.add_text_field(facet.as_str(), raw()));
        let focus = builder.add_text_field("focus", raw());
        let date = builder.add_i64_field("date", NumericOptions::from(FAST));
        let source = builder.add_text_field("source", text(IndexRecordOption::WithFreqsAndPositions, false));
        let lang = builder.add_text_field("lang", raw());
        let tie = builder.add_u64_field("tie", FAST);
        let sketch = builder.add_u64_field("sketch", NumericOptions::from(FAST));
        let record = builder.add_bytes_field("record", BytesOptions::default().set_stored());
        Fields {
            schema: builder.build(),
            id,
            title_units,
            body_units,
            title_words,
            words,
            facets,
            focus,
            date,
            source,
            lang,
            tie,
            sketch,
            record,
        }
    }

    /// The field of a facet.
    pub(crate) fn facet(&self, facet: Facet) -> Field {
        self.facets[facet_index(facet)]
    }
}

/// The tokenizers that the schema names.
pub(crate) fn tokenizers() -> TokenizerManager {
    // tantivy asks for its default tokenizer even for fields without text.
    let manager = TokenizerManager::default();
    manager.register(PACKED, PackedTokenizer::default());
    manager
}

/// Tokens on their way to tantivy: analysis has cut them already, so they travel as one string and
/// are unpacked without another look at the text. A token is its distance from the position of the
/// one before, as one character, then its term, then U+0000 (which no folded term holds).
#[derive(Debug, Default, Clone)]
pub(crate) struct Packed {
    text: String,
    position: u32,
}

impl Packed {
    /// Adds a token. Positions must not decrease.
    pub(crate) fn push(&mut self, term: &str, position: u32) {
        let step = position.saturating_sub(self.position).min(0xD7FF);
        self.position = position;
        self.text.push(char::from_u32(step).unwrap_or('\u{1}'));
        self.text.push_str(term);
        self.text.push('\0');
    }

    /// The packed form.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[derive(Clone, Default)]
struct PackedTokenizer {
    token: Token,
}

struct PackedStream<'a> {
    rest: &'a str,
    position: usize,
    token: &'a mut Token,
}

impl Tokenizer for PackedTokenizer {
    type TokenStream<'a> = PackedStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PackedStream<'a> {
        self.token.reset();
        PackedStream { rest: text, position: 0, token: &mut self.token }
    }
}

impl TokenStream for PackedStream<'_> {
    fn advance(&mut self) -> bool {
        let mut chars = self.rest.chars();
        let Some(step) = chars.next() else { return false };
        let rest = chars.as_str();
        let Some(end) = memchr(rest.as_bytes()) else { return false };
        self.position += step as usize;
        self.token.position = self.position;
        self.token.text.clear();
        self.token.text.push_str(&rest[..end]);
        self.rest = &rest[end + 1..];
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| *b == 0)
}

/// A document for the index, field by field; see [`Fields`].
pub(crate) struct Parts {
    pub(crate) id: String,
    pub(crate) title_units: Packed,
    pub(crate) body_units: Packed,
    pub(crate) title_words: Packed,
    pub(crate) words: Packed,
    /// Paths with their ancestors, without repetition, by facet.
    pub(crate) paths: [Vec<String>; 4],
    /// Terms of the field `focus`.
    pub(crate) focus: Vec<String>,
    pub(crate) date: Option<i64>,
    pub(crate) source: Packed,
    pub(crate) lang: &'static str,
    pub(crate) tie: u64,
    /// `None` for a text too short to be told from its copies.
    pub(crate) sketch: Option<Sketch>,
    pub(crate) record: Vec<u8>,
}

impl Parts {
    /// The tantivy document.
    pub(crate) fn into_document(self, fields: &Fields) -> TantivyDocument {
        let mut doc = TantivyDocument::new();
        doc.add_text(fields.id, self.id);
        for (field, packed) in [
            (fields.title_units, self.title_units),
            (fields.body_units, self.body_units),
            (fields.title_words, self.title_words),
            (fields.words, self.words),
            (fields.source, self.source),
        ] {
            if !packed.text.is_empty() {
                doc.add_text(field, packed.into_text());
            }
        }
        for (field, paths) in fields.facets.into_iter().zip(self.paths) {
            for path in paths {
                doc.add_text(field, path);
            }
        }
        for term in self.focus {
            doc.add_text(fields.focus, term);
        }
        if let Some(date) = self.date {
            doc.add_i64(fields.date, date);
        }
        doc.add_text(fields.lang, self.lang);
        doc.add_u64(fields.tie, self.tie);
        if let Some(sketch) = self.sketch {
            for value in sketch.to_values() {
                doc.add_u64(fields.sketch, value);
            }
        }
        doc.add_bytes(fields.record, &self.record);
        doc
    }
}

/// A path and its ancestors, longest first: `/a/b/c`, `/a/b`, `/a`.
pub(crate) fn with_ancestors(path: &str) -> impl Iterator<Item = &str> {
    let mut next = (!path.is_empty()).then_some(path);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.rfind('/').filter(|slash| *slash > 0).map(|slash| &this[..slash]);
        Some(this)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_tokens_unpack_as_they_were() {
        let mut packed = Packed::default();
        let tokens = [("稀", 0), ("稀土", 0), ("土", 1), ("reo", 300), ("x", 70_000)];
        for (term, position) in tokens {
            packed.push(term, position);
        }
        let text = packed.into_text();
        let mut tokenizer = PackedTokenizer::default();
        let mut stream = tokenizer.token_stream(&text);
        let mut got = Vec::new();
        stream.process(&mut |t| got.push((t.text.clone(), t.position)));
        assert_eq!(
            got[..4],
            tokens[..4].iter().map(|(t, p)| ((*t).to_owned(), *p as usize)).collect::<Vec<_>>()
        );
        assert_eq!(got[4].0, "x");
    }

    #[test]
    fn ancestors_end_at_the_first_level() {
        assert_eq!(
            with_ancestors("/china/sichuan/liangshan").collect::<Vec<_>>(),
            ["/china/sichuan/liangshan", "/china/sichuan", "/china"]
        );
        assert_eq!(with_ancestors("").count(), 0);
    }
}
