//! Whether every byte of the published generation is the one that was published.

use serde::Serialize;

use super::{FileSum, Generation, Store};
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

/// Reads every file of the published generation and compares it with the manifest.
pub(crate) fn check(store: &Store) -> Result<(Generation, Vec<Problem>)> {
    let generation = store.current()?;
    let problems = problems(&generation);
    Ok((generation, problems))
}

/// The files of a generation that are not as its manifest says.
pub(crate) fn problems(generation: &Generation) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, sum) in &generation.manifest.files {
        let reason = match FileSum::of(&generation.dir.join(file)) {
            Ok(found) if found == *sum => continue,
            Ok(found) if found.bytes != sum.bytes => {
                format!("{} bytes instead of {}", found.bytes, sum.bytes)
            }
            Ok(_) => "its bytes are not those that were published".to_owned(),
            Err(e) => format!("can't be read: {e}"),
        };
        problems.push(Problem { file: file.clone(), reason });
    }
    problems
}
