//! Small indexes made for a test, words parted by spaces.

use std::sync::Arc;

use tantivy::{
    Index, TantivyDocument, Term,
    schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};

use super::terms::Terms;

pub(super) struct Lab {
    pub(super) field: Field,
    pub(super) terms: Terms,
}

/// One article a text, each a row of words with spaces between.
pub(super) fn lab(texts: &[impl AsRef<str>]) -> Lab {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("whitespace")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let field = builder.add_text_field("words", TextOptions::default().set_indexing_options(indexing));
    let index = Index::create_in_ram(builder.build());
    let mut writer = index.writer_with_num_threads(1, 20_000_000).unwrap();
    for text in texts {
        let mut document = TantivyDocument::new();
        document.add_text(field, text.as_ref());
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    Lab { field, terms: Terms::new(searcher, Arc::default()) }
}

impl Lab {
    pub(super) fn term(&self, word: &str) -> Term {
        Term::from_field_text(self.field, word)
    }
}
