//! `orewire similar`.

use std::io::Write;

use orewire::{Searcher, SimilarRequest};

use super::{
    Outcome,
    args::{Color, Common, Format, SimilarArgs},
    exit::{self, Failure},
    index, render,
    terminal::{self, Style},
};

pub(crate) fn run(args: &SimilarArgs, common: &Common, color: Color) -> Outcome {
    let config = index::config()?;
    let searcher = Searcher::open(index::folder(&config, common))?;
    let mut request = SimilarRequest::new(&args.id);
    request.limit = args.limit;
    let columns = terminal::columns();
    if args.format.format == Format::Text {
        request.snippet_columns = columns.saturating_sub(4).clamp(20, 110) * 2;
    }
    let similar = searcher.similar(&request)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = match args.format.format {
        Format::Text if similar.hits.is_empty() => {
            writeln!(out, "nothing is like {}", terminal::clean_line(&similar.id))
        }
        Format::Text => {
            let style = Style::for_stdout(color);
            let words = terminal::clean_line(&similar.words.join(" "));
            let took = similar.took_us as f64 / 1_000.0;
            render::hits(&mut out, &similar.hits, columns, &style).and_then(|()| {
                let line = format!("like {}: {words}", terminal::clean_line(&similar.id));
                writeln!(out, "{}", style.faint(&terminal::fit(&line, columns.saturating_sub(12))))?;
                writeln!(out, "{}", style.faint(&format!("{took:.1} ms")))
            })
        }
        Format::Json => writeln!(out, "{}", render::safe_json(&similar, true)),
    };
    written.and_then(|()| out.flush()).map_err(Failure::output)?;
    let none = similar.hits.is_empty() && args.limit > 0;
    Ok(if none { exit::NO_HITS } else { exit::DONE })
}
