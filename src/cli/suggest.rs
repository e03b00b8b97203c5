//! `orewire suggest`.

use std::io::Write;

use orewire::{Searcher, Suggestion};
use serde_json::json;

use super::{
    Outcome,
    args::{Common, Format, SuggestArgs},
    exit::{self, Failure},
    index, render,
    terminal::{self, Style},
};

pub(crate) fn run(args: &SuggestArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let searcher = Searcher::open(index::folder(&config, common))?;
    common.timings.stage("open");
    let suggestions = searcher.suggest(&args.prefix, args.limit)?;
    common.timings.stage("search");
    let none = suggestions.is_empty() && args.limit > 0;
    match args.format.format {
        Format::Text if none => {
            if !common.quiet {
                eprintln!("nothing begins with {}", terminal::clean_line(&args.prefix));
            }
        }
        Format::Text => {
            let screen = common.screen();
            let mut out = Vec::new();
            for suggestion in &suggestions {
                let line = line(suggestion, screen.columns, &screen.style);
                writeln!(out, "{line}").map_err(Failure::output)?;
            }
            common.print(&out, &screen)?;
        }
        Format::Json => {
            let answer = json!({"prefix": args.prefix, "suggestions": suggestions});
            writeln!(std::io::stdout(), "{}", render::safe_json(&answer, true)).map_err(Failure::output)?;
        }
    }
    Ok(if none { exit::NO_HITS } else { exit::DONE })
}

fn line(suggestion: &Suggestion, columns: usize, style: &Style) -> String {
    let about = match (suggestion.count, suggestion.date) {
        (Some(1), _) => format!("{}, 1 article", suggestion.kind.as_str()),
        (Some(n), _) => format!("{}, {n} articles", suggestion.kind.as_str()),
        (None, Some(date)) => format!("{}, {date}", suggestion.kind.as_str()),
        (None, None) => suggestion.kind.as_str().to_owned(),
    };
    let about = suggestion
        .alias
        .iter()
        .fold(about, |about, alias| format!("{about} ({})", terminal::clean_line(alias)));
    let room = columns.saturating_sub(terminal::width(&about) + 2).max(20);
    format!("{}  {}", terminal::fit(&terminal::clean_line(&suggestion.text), room), style.faint(&about))
}
