//! `orewire similar`.

use std::io::Write;

use orewire::{Searcher, SimilarRequest};

use super::{
    Outcome,
    args::{Common, Format, SimilarArgs},
    exit::{self, Failure},
    index,
    link::Links,
    render, terminal,
};

pub(crate) fn run(args: &SimilarArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let searcher = Searcher::open(index::folder(&config, common))?;
    let mut request = SimilarRequest::new(&args.id);
    request.limit = args.limit;
    let screen = common.screen();
    if args.format.format == Format::Text {
        request.snippet_columns = screen.snippet_columns();
    }
    common.timings.stage("open");
    let similar = searcher.similar(&request)?;
    common.timings.stage("search");
    let none = similar.hits.is_empty() && args.limit > 0;
    match args.format.format {
        Format::Text if similar.hits.is_empty() => {
            if !common.quiet {
                eprintln!("nothing is like {}", terminal::clean_line(&similar.id));
            }
        }
        Format::Text => {
            let mut out = Vec::new();
            render::hits(&mut out, &similar.hits, 0, &screen, &Links::new(&config))
                .map_err(Failure::output)?;
            let words = terminal::clean_line(&similar.words.join(" "));
            let id = terminal::clean_line(&similar.id);
            let line = match words.is_empty() {
                true => format!("like {id}, by its tags"),
                false => format!("like {id}: {words}"),
            };
            let line = terminal::fit(&line, screen.columns);
            writeln!(out, "{}", screen.style.faint(&line)).map_err(Failure::output)?;
            common.print(&out, &screen)?;
        }
        Format::Json => {
            writeln!(std::io::stdout(), "{}", render::safe_json(&similar, true)).map_err(Failure::output)?;
        }
    }
    Ok(if none { exit::NO_HITS } else { exit::DONE })
}
