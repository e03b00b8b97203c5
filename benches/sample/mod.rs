//! Articles of a corpus beside the checkout, for the benches of parts.

use std::path::Path;

use orewire::{Article, source};

/// The first articles of a file, up to so many bytes of text; `None` without the file.
pub fn sample(name: &str, bytes_max: usize) -> Option<Vec<Article>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(name);
    let file = source::walk(&[path]).next()?.ok()?;
    let mut bytes = 0;
    let fits = |article: &Article| {
        bytes += article.title.len() + article.body.len();
        bytes <= bytes_max
    };
    Some(source::read(&file).map_while(Result::ok).take_while(fits).collect())
}
