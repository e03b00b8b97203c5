//! The values of a facet in the whole index, by how they begin: for completion.

use rustc_hash::FxHashMap;
use tantivy::query::AllQuery;

use super::{
    FacetCount, Opened,
    collect::{Wanted, collect},
    facets,
};
use crate::{
    error::{Error, Result},
    gazetteer::{Facet, name_key},
    limits,
    query::{rank::Ranking, resolve::facet_paths},
};

impl Opened {
    pub(super) fn facet_values(&self, facet: Facet, prefix: &str, limit: usize) -> Result<Vec<FacetCount>> {
        let searcher = self.inner.reader.searcher();
        let wanted = Wanted { facets: true, ..Wanted::default() };
        let everything = Ranking::of_query(self.terms(&searcher), Box::new(AllQuery));
        let mut found =
            collect(&searcher, self.countable(), &everything, wanted).map_err(Error::engine("counting"))?;
        let key = name_key(prefix);
        if key.is_empty() {
            return Ok(self.meant(facet, self.counted(&searcher, facet, &mut found, limit)?));
        }
        let all = found.tally.as_mut().map(|tally| tally.all(facet)).transpose();
        let all = all.map_err(Error::engine("counting"))?.unwrap_or_default().into_iter();
        let of_levels = all.filter(|counted| facets::is_counted(facet, &counted.path));
        let mut counts: FxHashMap<String, u64> = of_levels.map(|c| (c.path, c.count)).collect();
        // By the gazetteer's names, in the language that was asked in.
        let names = &self.inner.names;
        let mut values: Vec<FacetCount> = Vec::new();
        for (_, rows) in names.starting_with(&key, limits::COMPLETED_NAMES_MAX) {
            for row in rows.into_iter().filter_map(|(row, _)| names.row(row)).filter(|r| r.facet == facet) {
                let begins = |name: &&str| name_key(name).starts_with(&key);
                let Some(name) = [row.name_en, row.name_zh].into_iter().find(begins) else { continue };
                if let Some(count) = counts.remove(row.path) {
                    values.push(FacetCount { path: row.path.to_owned(), name: name.to_owned(), count });
                }
            }
        }
        // Bodies that only their shape told: the path is the name.
        let slug = format!("/{}", key.replace(' ', "-"));
        for (path, count) in counts.into_iter().filter(|(path, _)| path.starts_with(&slug)) {
            if names.by_path(facet, &path).is_none() {
                let name = path.rsplit('/').next().unwrap_or("").to_owned();
                values.push(FacetCount { path, name, count });
            }
        }
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.path.cmp(&b.path)));
        values.truncate(limit);
        Ok(self.meant(facet, values))
    }

    /// Puts the path in the place of a name that, in a query, would mean another value.
    fn meant(&self, facet: Facet, mut values: Vec<FacetCount>) -> Vec<FacetCount> {
        let searcher = self.inner.reader.searcher();
        for value in &mut values {
            let (names, fields) = (&self.inner.names, &self.inner.fields);
            let whole = 0..value.name.len();
            let paths = facet_paths(facet, &value.name, names, &searcher, fields, &value.name, whole);
            if !paths.is_ok_and(|paths| paths.contains(&value.path)) {
                value.name.clone_from(&value.path);
            }
        }
        values
    }
}
