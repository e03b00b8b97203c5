//! BM25 of a term or a sequence in a field (Robertson and Zaragoza, "The Probabilistic Relevance
//! Framework: BM25 and Beyond", 2009).

use std::sync::Arc;

use tantivy::{DocId, SegmentReader, fieldnorm::FieldNormReader, schema::Field};

use super::terms::Terms;

/// BM25's parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bm25Parameters {
    pub(crate) k1: f32,
    pub(crate) b: f32,
}

/// By the code of a field's length: k1 (1 - b + b length / average).
pub(super) struct Norms([f32; 256]);

impl Norms {
    pub(super) fn of(terms: &Terms, parameters: Bm25Parameters, field: Field) -> tantivy::Result<Arc<Norms>> {
        let Bm25Parameters { k1, b } = parameters;
        let average = terms.average_length(field)?;
        let length = |code: usize| FieldNormReader::id_to_fieldnorm(code as u8) as f32;
        Ok(Arc::new(Norms(std::array::from_fn(|code| k1 * (1.0 - b + b * length(code) / average)))))
    }
}

/// What a number of occurrences counts in the articles of a segment.
pub(super) struct Bm25 {
    /// Inverse document frequency times (k1 + 1).
    weight: f32,
    norms: Arc<Norms>,
    lengths: FieldNormReader,
}

impl Bm25 {
    pub(super) fn new(
        norms: Arc<Norms>,
        parameters: Bm25Parameters,
        idf: f32,
        segment: &SegmentReader,
        field: Field,
    ) -> tantivy::Result<Bm25> {
        // Of a field that keeps no lengths, all are alike.
        let lengths = segment.fieldnorms_readers().get_field(field)?;
        let lengths = lengths.unwrap_or_else(|| FieldNormReader::constant(segment.max_doc(), 1));
        Ok(Bm25 { weight: idf * (parameters.k1 + 1.0), norms, lengths })
    }

    /// No value exceeds it.
    pub(super) fn max(&self) -> f32 {
        self.weight
    }

    pub(super) fn of(&self, doc: DocId, freq: u32) -> f32 {
        let freq = freq as f32;
        let norm = self.norms.0[usize::from(self.lengths.fieldnorm_id(doc))];
        self.weight * freq / (freq + norm)
    }
}
