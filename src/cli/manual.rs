//! `orewire help` and `orewire man`, and the whole text of the help, which no other command builds.

use std::{fs, io::Write};

use clap::{CommandFactory, FromArgMatches};
use orewire::Error;

use super::{
    Outcome,
    args::{Args, Common, HelpArgs, ManArgs, SEARCH_HELP},
    exit::{self, Failure},
    query_help, terminal,
};

/// Columns of the query language in the manual page.
const MAN_COLUMNS: usize = 76;

/// Reads the arguments of the process. The help's longest part is put together only for who asks.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    use clap::Parser;
    if std::env::args_os().any(|a| a == "--help") {
        let columns = terminal::Screen::stdout(super::args::Color::Never).columns;
        return Args::from_arg_matches(&command(columns).try_get_matches()?);
    }
    Args::try_parse()
}

/// The command line with all of its help.
fn command(columns: usize) -> clap::Command {
    let help = format!("{SEARCH_HELP}\n\nThe query language:\n\n{}", query_help::plain(columns));
    Args::command().mut_subcommand("search", |search| search.after_long_help(help.trim_end().to_owned()))
}

pub(crate) fn run(args: &HelpArgs, common: &Common) -> Outcome {
    let screen = common.screen();
    if args.topic == ["query"] {
        let text = query_help::text(args.lang.unwrap_or_else(query_help::lang), &screen);
        common.print(text.as_bytes(), &screen)?;
        return Ok(exit::DONE);
    }
    // As `TOPIC --help`, so that a mistyped one is answered as a mistyped command; `query` among them.
    let words = ["orewire"].into_iter().chain(args.topic.iter().map(String::as_str)).chain(["--help"]);
    let asked = command(screen.columns)
        .subcommand(clap::Command::new("query").hide(true).about("The query language"))
        .try_get_matches_from(words);
    Ok(match asked {
        Err(error) => exit::usage(error, common.color),
        Ok(_) => exit::DONE,
    })
}

/// Prints the manual page of the program, or writes those of all commands.
pub(crate) fn man(args: &ManArgs) -> Outcome {
    let command = command(MAN_COLUMNS);
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).map_err(Failure::output)?;
        let mut out = std::io::stdout().lock();
        out.write_all(&page).and_then(|()| out.flush()).map_err(Failure::output)?;
        return Ok(exit::DONE);
    };
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(|cause| Error::Io { action: "writing", path: folder.clone(), cause })?;
    Ok(exit::DONE)
}
