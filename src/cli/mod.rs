//! Commands, one file each, over the library's public interface.

mod args;
mod eval;
mod exit;
mod gazetteer;
mod help;
mod index;
mod interrupt;
mod link;
mod pager;
mod render;
mod search;
mod show;
mod similar;
mod status;
mod suggest;
mod tag;
mod terminal;
mod timeline;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use exit::Failure;

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    exit::closed_pipes_are_no_panic();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::DONE };
            let text = error.render().to_string();
            // It quotes the arguments; colours are given up rather than letting one steer the terminal.
            let clean = terminal::clean(&text);
            if clean == text {
                let _ = error.print();
            } else {
                eprint!("{clean}");
            }
            return ExitCode::from(code);
        }
    };
    let common = &args.common;
    let result = match args.command {
        Command::Index(a) => index::run(&a, common),
        Command::Search(a) => search::run(&a, common),
        Command::Tag(a) => tag::run(&a, common),
        Command::Show(a) => show::run(&a, common),
        Command::Similar(a) => similar::run(&a, common),
        Command::Suggest(a) => suggest::run(&a, common),
        Command::Eval(a) => eval::run(&a),
        Command::Status(a) => status::status(&a, common),
        Command::Check(a) => status::check(&a, common),
        Command::Gazetteer(a) => gazetteer::run(&a, common),
        Command::Gc => status::gc(common),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => exit::report(&failure, common.color),
    }
}

type Outcome = Result<u8, Failure>;
