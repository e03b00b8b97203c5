//! Commands, one file each, over the library's public interface.

mod args;
mod completions;
mod eval;
mod exit;
mod gazetteer;
mod help;
mod index;
mod init;
mod interrupt;
mod link;
mod manual;
mod pager;
mod progress;
mod query_help;
mod render;
mod report;
mod search;
mod show;
mod similar;
mod status;
mod suggest;
mod tag;
mod terminal;
mod timeline;
mod timings;

use std::process::ExitCode;

use args::Command;
use exit::Failure;

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    exit::closed_pipes_are_no_panic();
    let args = match manual::parse() {
        Ok(args) => args,
        Err(error) => return ExitCode::from(exit::usage(error, args::Color::Auto)),
    };
    let common = &args.common;
    let result = match args.command {
        Command::Index(a) => index::run(&a, common),
        Command::Search(a) => search::run(&a, common),
        Command::Tag(a) => tag::run(&a, common),
        Command::Show(a) => show::run(&a, common),
        Command::Similar(a) => similar::run(&a, common),
        Command::Suggest(a) => suggest::run(&a, common),
        Command::Eval(a) => eval::run(&a, common),
        Command::Status(a) => status::status(&a, common),
        Command::Check(a) => status::check(&a, common),
        Command::Gazetteer(a) => gazetteer::run(&a, common),
        Command::Gc => status::gc(common),
        Command::Init(a) => init::run(&a, common),
        Command::Help(a) => manual::run(&a, common),
        Command::Completions(a) => completions::script(&a),
        Command::Man(a) => manual::man(&a),
        Command::Complete(a) => completions::run(&a),
    };
    if common.verbose {
        eprint!("{}", common.timings.text(&terminal::Style::for_stderr(common.color)));
    }
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => exit::report(&failure, common.color),
    }
}

type Outcome = Result<u8, Failure>;
