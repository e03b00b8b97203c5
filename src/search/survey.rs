//! What is told of a whole index: the sizes of its fields, the span of its dates, and whether every article
//! can be read.

use std::collections::BTreeMap;

use tantivy::DocAddress;

use super::Opened;
use crate::{
    article::Date,
    error::{Error, Result},
};

/// Articles that are read from one report of progress to the next.
const READ_STEP: u64 = 512;

impl Opened {
    pub(super) fn field_sizes(&self) -> Result<BTreeMap<String, u64>> {
        let searcher = self.inner.reader.searcher();
        let usage = searcher.space_usage().map_err(Error::engine("measuring"))?;
        let mut sizes = BTreeMap::new();
        for segment in usage.segments() {
            for part in [
                segment.termdict(),
                segment.postings(),
                segment.positions(),
                segment.fast_fields(),
                segment.fieldnorms(),
            ] {
                for field in part.fields() {
                    *sizes.entry(field.field_name().to_owned()).or_insert(0) += field.total().get_bytes();
                }
            }
            *sizes.entry("record".to_owned()).or_insert(0) += segment.store().total().get_bytes();
        }
        Ok(sizes)
    }

    pub(super) fn dates(&self) -> Result<Option<(Date, Date)>> {
        let mut span: Option<(i64, i64)> = None;
        for segment in self.inner.reader.searcher().segment_readers() {
            let column = segment.fast_fields().i64("date").map_err(Error::engine("reading dates"))?;
            for day in segment.doc_ids_alive().filter_map(|doc| column.first(doc)) {
                span = Some(span.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
            }
        }
        Ok(span.and_then(|(first, last)| Date::from_days(first).zip(Date::from_days(last))))
    }

    pub(super) fn read_all(&self, on_progress: &mut impl FnMut(u64)) -> Result<u64> {
        let searcher = self.inner.reader.searcher();
        let mut count = 0;
        for (ord, segment) in (0u32..).zip(searcher.segment_readers()) {
            for doc in segment.doc_ids_alive() {
                if count % READ_STEP == 0 {
                    on_progress(count);
                }
                self.record(&searcher, DocAddress::new(ord, doc))?;
                count += 1;
            }
        }
        Ok(count)
    }
}
