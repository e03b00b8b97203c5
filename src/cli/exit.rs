//! Exit codes, and errors as people read them.

use std::process::ExitCode;

use orewire::{Error, QueryError};

use super::{
    args::Color,
    terminal::{self, Style},
};

pub(crate) const DONE: u8 = 0;
pub(crate) const NO_HITS: u8 = 1;
pub(crate) const USAGE: u8 = 2;
const NO_INDEX: u8 = 3;
const NOT_BUILT: u8 = 4;
pub(crate) const SOME_SKIPPED: u8 = 5;
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Error,
    during: During,
}

/// What a command was at when it failed.
#[derive(Debug, PartialEq)]
enum During {
    /// Looking at its arguments.
    Usage,
    /// Writing the index: the published one is unchanged.
    Building,
    Reading,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, during: During::Reading }
    }
}

impl Failure {
    /// A failure before anything was done.
    pub(crate) fn usage(error: Error) -> Failure {
        Failure { error, during: During::Usage }
    }

    /// A failure while the index was being written.
    pub(crate) fn building(error: Error) -> Failure {
        Failure { error, during: During::Building }
    }

    /// Results could not be written: a reader that has gone wants no more of them.
    pub(crate) fn output(error: std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(i32::from(DONE));
        }
        Error::Io { action: "writing", path: "standard output".into(), cause: error }.into()
    }

    /// What happened and where; not safe to print unsanitised.
    pub(crate) fn message(&self) -> String {
        self.error.to_string()
    }

    /// What to do about it; not safe to print unsanitised.
    pub(crate) fn hint(&self) -> Option<String> {
        self.error.hint()
    }

    pub(crate) fn code(&self) -> u8 {
        match &self.error {
            Error::Interrupted => INTERRUPTED,
            Error::Query(_) | Error::Config { .. } | Error::Gazetteer { .. } | Error::NoArticle(_) => USAGE,
            Error::Source { .. } => USAGE,
            _ if self.during == During::Usage => USAGE,
            _ if self.during == During::Building => NOT_BUILT,
            Error::Locked { .. } => NOT_BUILT,
            _ => NO_INDEX,
        }
    }
}

/// Prints what clap has to say, be it help or a complaint, and gives its exit code.
pub(crate) fn usage(mut error: clap::Error, color: Color) -> u8 {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    // An alias of one letter is like everything.
    if let Some(ContextValue::Strings(like)) = error.get(ContextKind::SuggestedSubcommand) {
        let like: Vec<String> = like.iter().filter(|name| name.len() > 1).cloned().collect();
        error.remove(ContextKind::SuggestedSubcommand);
        if !like.is_empty() {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(like));
        }
    }
    let text = error.render().to_string();
    // It quotes the arguments; colours are given up rather than letting one steer the terminal.
    let clean = terminal::clean(&text);
    if clean == text && color != Color::Never {
        let _ = error.print();
    } else if error.use_stderr() {
        eprint!("{clean}");
    } else {
        print!("{clean}");
    }
    // A query where a command is expected.
    if let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word)), None) =
        (error.kind(), error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::SuggestedSubcommand))
    {
        let style = Style::for_stderr(color);
        let word = terminal::clean_line(word);
        eprintln!("{}: to search for it: orewire search '{word}'", style.hint("hint"));
    }
    if error.use_stderr() { USAGE } else { DONE }
}

/// Prints a failure and gives its exit code.
pub(crate) fn report(failure: &Failure, color: Color) -> ExitCode {
    let style = Style::for_stderr(color);
    eprintln!("{}: {}", style.error("error"), terminal::clean(&failure.error.to_string()));
    if let Error::Query(error) = &failure.error {
        point(error, &style);
    }
    if let Some(hint) = failure.error.hint() {
        eprintln!("{}: {}", style.hint("hint"), terminal::clean(&hint));
    }
    ExitCode::from(failure.code())
}

/// Shows the place in the query.
fn point(error: &QueryError, style: &Style) {
    const SHOWN: usize = 60;
    if error.query.trim().is_empty() {
        return;
    }
    let mut from = error.at.start.saturating_sub(SHOWN);
    while !error.query.is_char_boundary(from) {
        from -= 1;
    }
    let until = error.query[error.at.start..]
        .char_indices()
        .nth(SHOWN)
        .map_or(error.query.len(), |(i, _)| i + error.at.start);
    let before = terminal::clean(&error.query[from..error.at.start]);
    let at = terminal::clean(&error.query[error.at.start..error.at.end.min(until)]);
    let after = terminal::clean(&error.query[error.at.end.min(until)..until.max(error.at.end.min(until))]);
    eprintln!("  {before}{at}{after}");
    let marks = "^".repeat(terminal::width(&at).max(1));
    eprintln!("  {}{}", " ".repeat(terminal::width(&before)), style.error(&marks));
}

/// A closed pipe ends the program as done, also where a macro prints.
pub(crate) fn closed_pipes_are_no_panic() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload().downcast_ref::<String>().map_or("", String::as_str);
        if message.contains("Broken pipe") {
            std::process::exit(i32::from(DONE));
        }
        default(info);
    }));
}
