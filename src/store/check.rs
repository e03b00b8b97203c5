//! Whether every byte of the published generation is the one that was published.

use serde::Serialize;

use super::{
    Generation, Store,
    sums::{BLOCK_BYTES, Summed},
};
use crate::error::Result;

/// A file that is not as its manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// Name of the file in its generation.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads every file of the published generation and compares it with the manifest; tells before each how
/// many bytes were read, of how many.
pub(crate) fn check(
    store: &Store,
    mut on_progress: impl FnMut(u64, u64, &str),
) -> Result<(Generation, Vec<Problem>)> {
    loop {
        let generation = store.current_unproved()?;
        let problems = store.problems_with(&generation, &mut on_progress);
        // Meanwhile runs may have published others and removed this one.
        if problems.is_empty() || store.is_current(&generation)? {
            return Ok((generation, problems));
        }
    }
}

impl Store {
    /// The files of a generation that are not as its manifest says.
    pub(crate) fn problems(&self, generation: &Generation) -> Vec<Problem> {
        self.problems_with(generation, &mut |_, _, _| ())
    }

    fn problems_with(
        &self,
        generation: &Generation,
        on_progress: &mut impl FnMut(u64, u64, &str),
    ) -> Vec<Problem> {
        let total = generation.manifest.files.values().map(|f| f.bytes).sum();
        let mut before = 0;
        let sums = self.sums(generation).ok();
        let mut problems = Vec::new();
        for (file, sum) in &generation.manifest.files {
            on_progress(before, total, file);
            before += sum.bytes;
            let read = self.files.open(&generation.dir.join(file)).and_then(Summed::of);
            let blocks = sums.as_ref().and_then(|s| s.of(file)).map(|b| b.to_vec());
            let reason = match read {
                Ok(found) if found.whole.bytes != sum.bytes => {
                    format!("has {} bytes instead of {}", found.whole.bytes, sum.bytes)
                }
                Ok(found) => match blocks.and_then(|blocks| first_difference(&blocks, &found.blocks)) {
                    Some((from, to)) => {
                        format!(
                            "its bytes from {from} to {} are not those that were published",
                            to.min(sum.bytes)
                        )
                    }
                    None if found.whole == *sum => continue,
                    None => "its bytes are not those that were published".to_owned(),
                },
                Err(e) => format!("can't be read: {e}"),
            };
            problems.push(Problem { file: file.clone(), reason });
        }
        problems
    }
}

/// The range of bytes of the first block that differs.
fn first_difference(published: &[u32], found: &[u32]) -> Option<(u64, u64)> {
    let block = published.iter().zip(found).position(|(a, b)| a != b)? as u64;
    Some((block * BLOCK_BYTES as u64, (block + 1) * BLOCK_BYTES as u64))
}
