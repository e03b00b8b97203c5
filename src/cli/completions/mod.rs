//! Shell completion: the scripts, and what they call on each press of the tab key.
//!
//! The scripts only pass words on; what may follow is decided here, from the command line's own
//! definition and from the values of facets in the index. Values come as words that no shell and no
//! query needs quotes for, since the names of the gazetteer are found however they are spelt.

mod words;

use std::{io::Write, path::PathBuf};

use clap::{Arg, Command, CommandFactory, ValueHint};
use orewire::{Config, Facet, FacetCount, Searcher};

use super::{
    Outcome,
    args::{Args, CompleteArgs, CompletionsArgs, Shell},
    exit::{self, Failure},
    index, terminal,
};
use words::cut;

/// Most values that are offered.
const OFFERED_MAX: usize = 60;

const FACETS: [(&str, Facet); 4] = [
    ("province", Facet::Province),
    ("commodity", Facet::Commodity),
    ("organization", Facet::Organization),
    ("country", Facet::Country),
];

/// Fields of a query that hold a facet, with their Chinese names.
const FIELDS: [(&str, Option<Facet>); 12] = [
    ("province", Some(Facet::Province)),
    ("commodity", Some(Facet::Commodity)),
    ("organization", Some(Facet::Organization)),
    ("country", Some(Facet::Country)),
    ("title", None),
    ("source", None),
    ("lang", None),
    ("date", None),
    ("省份", Some(Facet::Province)),
    ("商品", Some(Facet::Commodity)),
    ("机构", Some(Facet::Organization)),
    ("国家", Some(Facet::Country)),
];

/// Prints the script of a shell.
pub(crate) fn script(args: &CompletionsArgs) -> Outcome {
    let script = match args.shell {
        Shell::Bash => include_str!("orewire.bash"),
        Shell::Zsh => include_str!("orewire.zsh"),
        Shell::Fish => include_str!("orewire.fish"),
    };
    print(script)?;
    Ok(exit::DONE)
}

/// Prints what may stand in the place of the last word: a line each, with what it is behind a tab; or
/// `:files` or `:dirs`, where the shell knows better.
pub(crate) fn run(args: &CompleteArgs) -> Outcome {
    let words = match &args.line {
        Some(line) => cut(line).into_iter().skip(1).collect(),
        None => args.words.clone(),
    };
    let (words, word) = match words.split_last() {
        Some((word, before)) => (before.to_vec(), word.clone()),
        None => (Vec::new(), String::new()),
    };
    // bash replaces what comes after the last = or : only.
    let kept = args.word.as_deref().and_then(|tail| word.strip_suffix(tail)).unwrap_or("");
    let kept = if args.line.is_some() { kept } else { "" };
    let mut text = String::new();
    for offer in offers(&words, &word) {
        let value = offer.value.strip_prefix(kept).unwrap_or(&offer.value);
        text.push_str(&terminal::clean_line(value));
        if !offer.about.is_empty() {
            text.push('\t');
            text.push_str(&terminal::clean_line(&offer.about));
        }
        text.push('\n');
    }
    print(&text)?;
    Ok(exit::DONE)
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)
}

/// A word that may stand here.
#[derive(Debug, Clone, PartialEq)]
struct Offer {
    value: String,
    about: String,
}

fn offer(value: impl Into<String>, about: impl Into<String>) -> Offer {
    Offer { value: value.into(), about: about.into() }
}

/// Where the index is, as far as the words before tell it.
#[derive(Debug, Default)]
struct Place {
    index: Option<PathBuf>,
    config: Option<PathBuf>,
}

impl Place {
    fn note(&mut self, arg: &Arg, value: &str) {
        match arg.get_id().as_str() {
            "index" => self.index = Some(value.into()),
            "config" => self.config = Some(value.into()),
            _ => {}
        }
    }

    fn values(&self, facet: Facet, prefix: &str) -> Vec<FacetCount> {
        let from =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| !p.as_os_str().is_empty());
        let config = match self.config.clone().or_else(|| from("OREWIRE_CONFIG")) {
            Some(file) => Config::read(&file).ok(),
            None => index::found_config().ok(),
        };
        let folder = self.index.clone().or_else(|| from("OREWIRE_INDEX"));
        let folder = folder.unwrap_or_else(|| index::configured(&config.unwrap_or_default()));
        // Without an index there is nothing to offer, and no place to say so.
        Searcher::open(folder).and_then(|s| s.facet_values(facet, prefix, OFFERED_MAX)).unwrap_or_default()
    }
}

/// What may stand in the place of `word`, after `words`.
fn offers(words: &[String], word: &str) -> Vec<Offer> {
    let mut root = Args::command();
    root.build();
    let mut command = &root;
    let mut place = Place::default();
    let (mut pending, mut positional, mut escaped): (Option<&Arg>, usize, bool) = (None, 0, false);
    for word in words {
        if let Some(arg) = pending.take() {
            place.note(arg, word);
        } else if escaped {
            positional += 1;
        } else if word == "--" {
            escaped = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
            let arg = command.get_arguments().find(|a| a.get_long() == Some(name) && takes_value(a));
            match (arg, value) {
                (Some(arg), Some(value)) => place.note(arg, value),
                (arg, _) => pending = arg,
            }
        } else if let Some(shorts) = word.strip_prefix('-').filter(|s| !s.is_empty()) {
            let valued = shorts.char_indices().find_map(|(at, c)| {
                let arg = command.get_arguments().find(|a| a.get_short() == Some(c))?;
                takes_value(arg).then_some((arg, shorts.get(at + c.len_utf8()..).unwrap_or("")))
            });
            match valued {
                Some((arg, "")) => pending = Some(arg),
                Some((arg, value)) => place.note(arg, value.trim_start_matches('=')),
                None => {}
            }
        } else if let Some(next) = command.find_subcommand(word).filter(|_| positional == 0) {
            command = next;
        } else {
            positional += 1;
        }
    }
    if let Some(arg) = pending {
        return of_arg(arg, word, &place, "");
    }
    if !escaped && let Some(long) = word.strip_prefix("--") {
        if let Some((name, value)) = long.split_once('=') {
            let arg = command.get_arguments().find(|a| a.get_long() == Some(name));
            return arg.map_or_else(Vec::new, |arg| of_arg(arg, value, &place, &format!("--{name}=")));
        }
        return flags(command, word);
    }
    if !escaped && word.starts_with('-') {
        return flags(command, word);
    }
    let mut out: Vec<Offer> = command
        .get_subcommands()
        .filter(|c| !c.is_hide_set() && positional == 0)
        .map(|c| offer(c.get_name(), c.get_about().map(ToString::to_string).unwrap_or_default()))
        .filter(|o| o.value.starts_with(word))
        .collect();
    let positionals: Vec<&Arg> = command.get_positionals().collect();
    if let Some(arg) = positionals.get(positional).or(positionals.last()) {
        out.extend(of_arg(arg, word, &place, ""));
    }
    out
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|n| n.takes_values())
}

/// The long flags that begin with a word, and the short ones for a single dash.
fn flags(command: &Command, word: &str) -> Vec<Offer> {
    let about = |arg: &Arg| arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut out: Vec<Offer> = command
        .get_arguments()
        .filter(|a| !a.is_hide_set())
        .filter_map(|a| Some(offer(format!("--{}", a.get_long()?), about(a))))
        .filter(|o| o.value.starts_with(word))
        .collect();
    out.sort_by(|a, b| a.value.cmp(&b.value));
    out
}

/// Values of an argument that begin with a word.
fn of_arg(arg: &Arg, word: &str, place: &Place, before: &str) -> Vec<Offer> {
    let offers = match arg.get_id().as_str() {
        "selected" => facet_values(word, place),
        "query" => query_values(word, place),
        "topic" => {
            let commands = Args::command();
            let names =
                commands.get_subcommands().filter(|c| !c.is_hide_set()).map(|c| c.get_name().to_owned());
            let topics = names.chain(["query".to_owned()]);
            topics.map(|name| offer(name, "")).filter(|o| o.value.starts_with(word)).collect()
        }
        _ => {
            let values = arg.get_possible_values();
            if values.is_empty() || !takes_value(arg) {
                return match arg.get_value_hint() {
                    ValueHint::DirPath => vec![offer(":dirs", "")],
                    ValueHint::AnyPath | ValueHint::FilePath => vec![offer(":files", "")],
                    _ => Vec::new(),
                };
            }
            let about =
                |v: &clap::builder::PossibleValue| v.get_help().map(ToString::to_string).unwrap_or_default();
            let offers = values.iter().filter(|v| !v.is_hide_set()).map(|v| offer(v.get_name(), about(v)));
            offers.filter(|o| o.value.starts_with(word)).collect()
        }
    };
    offers.into_iter().map(|o| Offer { value: format!("{before}{}", o.value), ..o }).collect()
}

/// `FACET=VALUE`.
fn facet_values(word: &str, place: &Place) -> Vec<Offer> {
    let Some((name, value)) = word.split_once('=') else {
        return FACETS
            .iter()
            .filter(|(name, _)| name.starts_with(word))
            .map(|(name, _)| offer(format!("{name}="), ""))
            .collect();
    };
    let Some((_, facet)) = FACETS.iter().find(|(n, _)| *n == name) else { return Vec::new() };
    named(place.values(*facet, value), &format!("{name}="))
}

/// The last word of a query: a field's name, or the value of one.
fn query_values(word: &str, place: &Place) -> Vec<Offer> {
    let at = word
        .char_indices()
        .rev()
        .find(|(_, c)| c.is_whitespace() || matches!(c, '(' | '+' | '（'))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let (before, last) = word.split_at(at);
    let (before, last) = match last.strip_prefix('-') {
        Some(rest) => (format!("{before}-"), rest),
        None => (before.to_owned(), last),
    };
    let Some((name, value)) = last.split_once([':', '：']) else {
        return FIELDS
            .iter()
            .filter(|(name, _)| name.starts_with(last) && (name.is_ascii() || !last.is_empty()))
            .map(|(name, _)| offer(format!("{before}{name}:"), ""))
            .collect();
    };
    let colon = last.get(name.len()..last.len() - value.len()).unwrap_or(":");
    let before = format!("{before}{name}{colon}");
    match (FIELDS.iter().find(|(n, _)| *n == name), name) {
        (Some((_, Some(facet))), _) => named(place.values(*facet, value), &before),
        (_, "lang") => ["en", "zh"]
            .iter()
            .filter(|l| l.starts_with(value))
            .map(|l| offer(format!("{before}{l}"), ""))
            .collect(),
        (_, "date") => ["last7d", "last30d", "last3m", "last1y"]
            .iter()
            .filter(|d| d.starts_with(value))
            .map(|d| offer(format!("{before}{d}"), ""))
            .collect(),
        _ => Vec::new(),
    }
}

/// Values of a facet as words, each with how many articles have it.
fn named(values: Vec<FacetCount>, before: &str) -> Vec<Offer> {
    let mut out: Vec<Offer> = Vec::new();
    for value in values {
        let word = format!("{before}{}", bare(&value));
        if !out.iter().any(|o| o.value == word) {
            let articles = if value.count == 1 { "article" } else { "articles" };
            out.push(offer(word, format!("{} {articles}", value.count)));
        }
    }
    out
}

/// A value as one word without quotes: its name with hyphens for spaces, or its path.
fn bare(value: &FacetCount) -> String {
    let word = value.name.split_whitespace().collect::<Vec<_>>().join("-");
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '-');
    if plain && !word.starts_with('-') { word } else { value.path.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(words: &[&str], word: &str) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        offers(&words, word).into_iter().map(|o| o.value).collect()
    }

    #[test]
    fn commands_flags_and_values_are_offered() {
        assert!(values(&[], "").contains(&"search".to_owned()));
        assert!(!values(&[], "").contains(&"complete".to_owned()), "hidden");
        assert_eq!(values(&[], "sea"), ["search"]);
        assert_eq!(values(&["search"], "--form"), ["--format"]);
        assert_eq!(values(&["search", "--format"], "c"), ["csv"]);
        assert_eq!(values(&["search", "-f"], "nd"), ["ndjson"]);
        assert_eq!(values(&["search"], "--format=ht"), ["--format=html"]);
        assert_eq!(values(&["search", "--sort", "date", "copper", "--color"], "al"), ["always"]);
        assert_eq!(values(&["search", "--index"], "x"), [":dirs"]);
        assert_eq!(values(&["index"], ""), [":files"]);
        assert_eq!(values(&["gazetteer"], "f"), ["find"]);
        assert_eq!(values(&["help"], "que"), ["query"]);
        assert_eq!(values(&["completions"], ""), ["bash", "zsh", "fish"]);
        assert!(values(&["search", "--", "x"], "--for").is_empty(), "after -- all is query");
    }

    #[test]
    fn facets_and_fields_are_offered() {
        assert_eq!(values(&["search", "x", "--facet"], "pro"), ["province="]);
        assert_eq!(values(&["search"], "--facet=cou"), ["--facet=country="]);
        assert_eq!(values(&["search"], "prov"), ["province:"]);
        assert_eq!(values(&["search"], "rare earth -prov"), ["rare earth -province:"]);
        assert_eq!(values(&["search", "rare"], "省"), ["省份:"]);
        assert_eq!(values(&["search"], "(lang:"), ["(lang:en", "(lang:zh"]);
        assert_eq!(values(&["search"], "date:last3"), ["date:last30d", "date:last3m"]);
        let all = values(&["search"], "");
        assert!(all.contains(&"province:".to_owned()) && !all.contains(&"省份:".to_owned()), "{all:?}");
    }
}
