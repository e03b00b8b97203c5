//! Names that an index uses, for completion: sorted by their keys, each with how many articles are
//! tagged with what it names. One file of a generation.
//!
//! The rows behind a prefix stand side by side, so that a completion is two bisections and one look at
//! the counts between them: 28,000 names take 30 µs when nothing was typed, and next to nothing after the
//! first letter.
//!
//! Layout: three u32 (magic, names, bytes of keys), then for each name the end of its key, its row and
//! its count (u32 each), then the keys. Rows are those of the generation's [`Names`].

use tantivy::directory::OwnedBytes;

use super::{AMBIGUOUS, Facet, Names, name_key};

const MAGIC: u32 = 0x4F52_4331;
const HEADER_BYTES: usize = 12;
const NAME_BYTES: usize = 12;

/// A name that begins as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// The name's key; the first one of several that begin so.
    pub(crate) key: String,
    /// Row of the [`Names`].
    pub(crate) row: u32,
    /// Articles tagged with it or with something below it.
    pub(crate) count: u32,
}

/// The names of a generation that its articles use.
pub(crate) struct Completions {
    bytes: OwnedBytes,
    names: usize,
}

impl Completions {
    /// Compiles the file; `count` tells how many articles have a path.
    pub(crate) fn compile<E>(
        names: &Names,
        mut count: impl FnMut(Facet, &str) -> Result<u64, E>,
    ) -> Result<Vec<u8>, E> {
        let mut counts = Vec::with_capacity(names.len());
        for row in 0..names.len() as u32 {
            counts.push(match names.row(row) {
                Some(row) => count(row.facet, row.path)?.min(u64::from(u32::MAX)) as u32,
                None => 0,
            });
        }
        let mut table = Vec::new();
        let mut keys: Vec<u8> = Vec::new();
        names.for_each(|key, bearers| {
            for (row, flags) in bearers {
                let count = counts.get(*row as usize).copied().unwrap_or(0);
                // A name of several bearers completes to one only if it is what that one is called.
                let meant = || {
                    flags & AMBIGUOUS == 0
                        || names
                            .row(*row)
                            .is_some_and(|r| [r.name_en, r.name_zh].map(name_key).contains(&key.to_owned()))
                };
                if count > 0 && meant() {
                    keys.extend_from_slice(key.as_bytes());
                    for n in [keys.len() as u32, *row, count] {
                        table.extend_from_slice(&n.to_le_bytes());
                    }
                }
            }
        });
        let mut out = Vec::with_capacity(HEADER_BYTES + table.len() + keys.len());
        for n in [MAGIC, (table.len() / NAME_BYTES) as u32, keys.len() as u32] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&table);
        out.extend_from_slice(&keys);
        Ok(out)
    }

    /// Opens a compiled file; `None` when the bytes are none.
    pub(crate) fn open(bytes: OwnedBytes) -> Option<Completions> {
        let number = |at: usize| super::lookup::read_u32(&bytes, at).map(|n| n as usize);
        let (magic, names, keys) = (number(0)?, number(4)?, number(8)?);
        let size = names.checked_mul(NAME_BYTES)?.checked_add(keys)?.checked_add(HEADER_BYTES)?;
        (magic == MAGIC as usize && size == bytes.len()).then_some(Completions { bytes, names })
    }

    fn number(&self, name: usize, member: usize) -> u32 {
        super::lookup::read_u32(&self.bytes, HEADER_BYTES + name * NAME_BYTES + member * 4).unwrap_or(0)
    }

    fn key(&self, name: usize) -> &[u8] {
        let keys = HEADER_BYTES + self.names * NAME_BYTES;
        let start = if name == 0 { 0 } else { self.number(name - 1, 0) as usize };
        self.bytes.get(keys + start..keys + self.number(name, 0) as usize).unwrap_or(&[])
    }

    /// The first name from `low` on whose key `is_past`; keys are past from some place on.
    fn first(&self, mut low: usize, is_past: impl Fn(&[u8]) -> bool) -> usize {
        let mut high = self.names;
        while low < high {
            let middle = low + (high - low) / 2;
            if is_past(self.key(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// What names that begin with a key stand for, the most used first, each once, at most `limit`.
    pub(crate) fn starting_with(&self, key: &str, limit: usize) -> Vec<Completion> {
        let prefix = key.as_bytes();
        let start = self.first(0, |k| k >= prefix);
        let end = self.first(start, |k| !k.starts_with(prefix));
        // (count, row, name): a row with several names that begin so stands there several times.
        let mut found: Vec<(u32, u32, usize)> =
            (start..end).map(|n| (self.number(n, 2), self.number(n, 1), n)).collect();
        let order = |c: &(u32, u32, usize)| (std::cmp::Reverse(c.0), c.1, c.2);
        // More than are asked for, because of these; but seldom so many.
        let head = limit.saturating_mul(16);
        if found.len() > head {
            found.select_nth_unstable_by_key(head, order);
            found.truncate(head);
        }
        found.sort_unstable_by_key(order);
        found.dedup_by_key(|c| c.1);
        found.truncate(limit);
        let key = |name| String::from_utf8_lossy(self.key(name)).into_owned();
        found.into_iter().map(|(count, row, name)| Completion { key: key(name), row, count }).collect()
    }
}

impl std::fmt::Debug for Completions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Completions({} names)", self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gazetteer::{Gazetteer, GazetteerBuilder, TableKind};

    fn completions() -> (Names, Completions) {
        let table = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n\
                     /metals,commodity,Metals,金属,,,,,\n\
                     /metals/cobalt,commodity,Cobalt,钴,cobalt metal|Cobalt sulphate,,,,\n\
                     /metals/copper,commodity,Copper,铜,,,,,\n\
                     /metals/coltan,commodity,Coltan,钶钽铁矿,,,,,\n";
        let gazetteer = Gazetteer::builder()
            .table(TableKind::Commodities, "test.csv", table)
            .and_then(GazetteerBuilder::build)
            .unwrap();
        let names = Names::open(OwnedBytes::new(Names::compile(&gazetteer))).unwrap();
        let bytes = Completions::compile(&names, |_, path| match path {
            "/metals" => Ok(9),
            "/metals/cobalt" => Ok(3),
            "/metals/copper" => Ok(7),
            _ => Ok::<u64, ()>(0),
        });
        let completions = Completions::open(OwnedBytes::new(bytes.unwrap())).unwrap();
        (names, completions)
    }

    #[test]
    fn the_most_used_come_first_and_the_unused_not_at_all() {
        let (names, completions) = completions();
        let found = |key: &str, limit| -> Vec<(String, u32)> {
            let found = completions.starting_with(key, limit);
            found.iter().map(|c| (names.row(c.row).unwrap().name_en.to_owned(), c.count)).collect()
        };
        let of = |n: &str, c| (n.to_owned(), c);
        assert_eq!(found("co", 10), [of("Copper", 7), of("Cobalt", 3)]);
        assert_eq!(found("cobalt s", 10), [of("Cobalt", 3)]);
        assert_eq!(found("钴", 10), [of("Cobalt", 3)]);
        assert_eq!(found("", 2), [of("Metals", 9), of("Copper", 7)]);
        assert!(found("cox", 10).is_empty() && found("zz", 10).is_empty() && found("co", 0).is_empty());
    }

    #[test]
    fn damaged_files_are_refused_or_answer_less() {
        let (_, completions) = completions();
        let bytes = completions.bytes.to_vec();
        for cut in 0..bytes.len() {
            assert!(Completions::open(OwnedBytes::new(bytes[..cut].to_vec())).is_none());
        }
        for at in HEADER_BYTES..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xFF;
            if let Some(completions) = Completions::open(OwnedBytes::new(damaged)) {
                let _ = completions.starting_with("co", 5);
            }
        }
    }
}
