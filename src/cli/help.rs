//! What was near a query that found nothing, as lines for standard error.

use std::fmt::Write as _;

use orewire::Help;

use super::terminal;

/// A line for each proposal: what it changes, the query to ask, and how many articles that finds.
pub(crate) fn text(help: &Help) -> String {
    let mut out = String::new();
    let mut line = |what: String, query: &str, count: u64| {
        let articles = if count == 1 { "1 article".to_owned() } else { format!("{count} articles") };
        let (what, query) = (terminal::clean_line(&what), terminal::clean_line(query));
        let _ = writeln!(out, "  {what}: {query} ({articles})");
    };
    for spelling in &help.spellings {
        for instead in &spelling.instead {
            line(format!("did you mean {}", instead.text), &instead.query, instead.count);
        }
    }
    for named in &help.names {
        line(format!("tagged as {} {}", named.facet, named.name), &named.query, named.count);
    }
    for without in &help.without {
        line(format!("without {}", without.left_out.join(", ")), &without.query, without.count);
    }
    out
}
