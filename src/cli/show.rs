//! `orewire show`.

use std::io::Write;

use orewire::Searcher;

use super::{
    Outcome,
    args::{Color, Common, Format, ShowArgs},
    exit::{self, Failure},
    index, render,
    terminal::Style,
};

pub(crate) fn run(args: &ShowArgs, common: &Common, color: Color) -> Outcome {
    let config = index::config()?;
    let searcher = Searcher::open(index::folder(&config, common))?;
    let (article, tags) = searcher.article(&args.id)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = match args.format.format {
        Format::Text => render::article(&mut out, &article, &tags, &Style::for_stdout(color)),
        Format::Json => {
            let mut value = serde_json::to_value(&article).unwrap_or_default();
            if let (Some(object), Ok(tags)) = (value.as_object_mut(), serde_json::to_value(&tags)) {
                object.insert("tags".into(), tags);
            }
            writeln!(out, "{}", render::safe_json(&value, true))
        }
    };
    written.and_then(|()| out.flush()).map_err(Failure::output)?;
    Ok(exit::DONE)
}
