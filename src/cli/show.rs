//! `orewire show`.

use std::io::Write;

use orewire::Searcher;

use super::{
    Outcome,
    args::{Common, Format, ShowArgs},
    exit::{self, Failure},
    index,
    link::Links,
    render,
};

pub(crate) fn run(args: &ShowArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let searcher = Searcher::open(index::folder(&config, common))?;
    common.timings.stage("open");
    let (article, tags) = searcher.article(&args.id)?;
    common.timings.stage("read");
    match args.format.format {
        Format::Text => {
            let screen = common.screen();
            let mut out = Vec::new();
            render::article(&mut out, &article, &tags, &screen, &Links::new(&config))
                .map_err(Failure::output)?;
            common.print(&out, &screen)?;
        }
        Format::Json => {
            let mut value = serde_json::to_value(&article).unwrap_or_default();
            if let (Some(object), Ok(tags)) = (value.as_object_mut(), serde_json::to_value(&tags)) {
                object.insert("tags".into(), tags);
            }
            writeln!(std::io::stdout(), "{}", render::safe_json(&value, true)).map_err(Failure::output)?;
        }
    }
    Ok(exit::DONE)
}
