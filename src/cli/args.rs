//! The arguments. Their doc comments are the help text.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use orewire::{HalfLife, limits};

use super::{exit::Failure, pager, terminal::Screen, timings::Timings};

/// Search supply-chain news in English and Chinese by words, names, places and goods.
///
/// Examples:
///   orewire search --refresh 'rare earth 四川'
///   orewire search 'province:Sichuan "rare earths"'
///   orewire index news/ --index index/
///   orewire show ID
///   orewire help query
#[derive(Debug, Parser)]
#[command(name = "orewire", version, verbatim_doc_comment, arg_required_else_help = true)]
#[command(disable_help_subcommand = true, after_long_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Common {
    /// Folder of the index [default: `index` of orewire.toml, or index/].
    #[arg(short, long, global = true, env = "OREWIRE_INDEX", hide_env_values = true)]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) index: Option<PathBuf>,
    /// Settings [default: the nearest orewire.toml, of this folder or above it].
    #[arg(long, global = true, env = "OREWIRE_CONFIG", hide_env_values = true)]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Say on standard error how long each stage took.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Print nothing but results and errors.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,
    /// Print long output at once instead of a screen at a time.
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
    /// For `--verbose`.
    #[arg(skip)]
    pub(crate) timings: Timings,
}

impl Common {
    /// Standard output as a reader sees it.
    pub(crate) fn screen(&self) -> Screen {
        Screen::stdout(self.color)
    }

    /// Prints text for people, a screen at a time where it is long.
    pub(crate) fn print(&self, text: &[u8], screen: &Screen) -> Result<(), Failure> {
        pager::print(text, screen, !self.no_pager).map_err(Failure::output)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring the index to the state of its sources and publish it.
    Index(IndexArgs),
    /// Find articles: ranked hits with snippets and facet counts.
    #[command(visible_alias = "s")]
    Search(SearchArgs),
    /// Tag articles without indexing them.
    Tag(TagArgs),
    /// Show an article with its metadata, and its tags with their evidence.
    Show(ShowArgs),
    /// Find articles like one: by its most telling words and by its tags, in either language.
    Similar(SimilarArgs),
    /// Complete the beginning of a name or a headline.
    Suggest(SuggestArgs),
    /// Score the ranking on a judged collection in the BEIR layout.
    Eval(EvalArgs),
    /// What is in the index: articles, sources, size, age.
    Status(FormatArgs),
    /// Read every byte of the index and prove it sound.
    Check(FormatArgs),
    /// Look up names, and check one's own tables of names.
    #[command(subcommand)]
    Gazetteer(GazetteerCommand),
    /// Remove generations of the index that nothing needs.
    Gc,
    /// Write an orewire.toml that explains every setting.
    Init(InitArgs),
    /// Help of a command, or the query language: `orewire help query`.
    Help(HelpArgs),
    /// Print a completion script for a shell.
    #[command(after_long_help = COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands into a folder.
    Man(ManArgs),
    /// What the completion scripts call.
    #[command(hide = true)]
    Complete(CompleteArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct IndexArgs {
    /// Files and folders [default: `sources` of orewire.toml].
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<PathBuf>,
    /// Build everything anew, also what did not change.
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Memory for postings, in MiB, before they are written to disk. A run needs about twice as much in
    /// all; with less, more segments are merged at its end, which takes longer.
    #[arg(long, value_name = "MIB", default_value_t = mib(limits::INDEX_MEMORY_BYTES))]
    #[arg(value_parser = clap::value_parser!(u32).range(MEMORY_MIB))]
    pub(crate) memory: u32,
    /// Also write the report of the run to a file, as JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,
}

/// What `--memory` can be.
const MEMORY_MIB: std::ops::RangeInclusive<i64> =
    mib(limits::INDEX_MEMORY_MIN_BYTES) as i64..=mib(limits::INDEX_MEMORY_MAX_BYTES) as i64;

const fn mib(bytes: usize) -> u32 {
    (bytes >> 20) as u32
}

#[derive(Debug, clap::Args)]
pub(crate) struct SearchArgs {
    /// What to look for, in the query language: `orewire help query`. Several words are one query.
    #[arg(required_unless_present = "batch")]
    pub(crate) query: Vec<String>,
    /// Bring the index up to date from the sources of orewire.toml first.
    #[arg(short, long)]
    pub(crate) refresh: bool,
    /// Answer the queries of a file (`-`: standard input), one {"id","query"} a line.
    #[arg(long, value_name = "FILE", conflicts_with = "query", value_hint = ValueHint::FilePath)]
    pub(crate) batch: Option<PathBuf>,
    /// Hits to print.
    #[arg(short = 'n', long = "limit", default_value_t = 10, value_name = "N", value_parser = whole_number)]
    #[arg(help_heading = "Which articles")]
    pub(crate) limit: usize,
    /// Hits to pass over first.
    #[arg(long, default_value_t = 0, value_name = "K", help_heading = "Which articles")]
    #[arg(value_parser = whole_number)]
    pub(crate) offset: usize,
    /// Order of the hits.
    #[arg(short, long, value_enum, default_value = "score", help_heading = "Which articles")]
    pub(crate) sort: Sort,
    /// Let scores halve with every such span of an article's age: `90d`, `12w`, `6m`, `2y`. Complete
    /// matches stay before partial ones; articles without a date count a quarter.
    #[arg(long, value_name = "SPAN", value_parser = half_life, help_heading = "Which articles")]
    pub(crate) recency: Option<HalfLife>,
    /// Keep to a facet value, as in `--facet province=Sichuan`; values of one facet widen, different
    /// facets narrow.
    #[arg(short = 'F', long = "facet", value_name = "FACET=VALUE", help_heading = "Which articles")]
    pub(crate) selected: Vec<String>,
    /// Take names only as text: no other names for the same thing.
    #[arg(long, help_heading = "Which articles")]
    pub(crate) literal: bool,
    /// Show near-copies as hits of their own.
    #[arg(long, conflicts_with = "expand", help_heading = "Which articles")]
    pub(crate) no_collapse: bool,
    /// How to print them.
    #[arg(short, long, value_enum, default_value = "text", help_heading = "What is printed")]
    pub(crate) format: SearchFormat,
    /// Facet values to print for each facet; 0 for none [default: 6 in text, else 10].
    #[arg(long, value_name = "N", help_heading = "What is printed", value_parser = whole_number)]
    pub(crate) facets: Option<usize>,
    /// Count the articles that match by their dates.
    #[arg(short, long, value_enum, value_name = "STEP", help_heading = "What is printed")]
    pub(crate) timeline: Option<Timeline>,
    /// List the near-copies of each hit under it.
    #[arg(short = 'x', long, help_heading = "What is printed")]
    pub(crate) expand: bool,
    /// Tell under each hit what its score is made of.
    #[arg(long, help_heading = "What is printed")]
    pub(crate) explain: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// Best first.
    Score,
    /// Newest first; those without a date last.
    Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Timeline {
    Day,
    /// From Monday on.
    Week,
    Month,
    Year,
}

fn whole_number(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "expected a whole number")
}

fn half_life(text: &str) -> Result<HalfLife, &'static str> {
    text.parse()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SearchFormat {
    Text,
    Json,
    /// One result object a line.
    Ndjson,
    /// One hit a line, with a header row.
    Csv,
    /// A list and tables, for a note or a ticket.
    Markdown,
    /// One page that needs nothing else, for mailing.
    Html,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TagArgs {
    /// Files of articles; `-` reads NDJSON from standard input.
    #[arg(default_value = "-", value_hint = ValueHint::AnyPath)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print the tags.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: TagFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TagFormat {
    Text,
    Ndjson,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Id of the article, as `search` prints it.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SimilarArgs {
    /// Id of the article, as `search` prints it.
    pub(crate) id: String,
    /// Articles to print.
    #[arg(short = 'n', long = "limit", default_value_t = 10, value_name = "N", value_parser = whole_number)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SuggestArgs {
    /// What was typed so far, in either language.
    pub(crate) prefix: String,
    /// Suggestions to print.
    #[arg(short = 'n', long = "limit", default_value_t = 10, value_name = "N", value_parser = whole_number)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct FormatArgs {
    /// How to print it.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GazetteerCommand {
    /// Find duplicates, clashes and unknown parents in tables, with their lines.
    Check(CheckTableArgs),
    /// What a name means, and who else bears it.
    Find(FindNameArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckTableArgs {
    /// Tables with the columns of the built-in ones.
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// How to print the problems.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FindNameArgs {
    /// A name, alias or code, in any spelling.
    pub(crate) name: String,
    /// How to print the entries.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EvalArgs {
    /// Folder with corpus.jsonl, queries.jsonl and qrels.tsv.
    #[arg(value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
    /// Depth of nDCG and MRR.
    #[arg(short, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    #[arg(long = "k")]
    pub(crate) k: u16,
    /// How to print the scores.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Write the ranking to a file, in TREC's format.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) run: Option<PathBuf>,
    /// Write the scores of each query to a file, as lines of JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) per_query: Option<PathBuf>,
    /// Compare with an earlier ranking: a TREC run, or a file of --per-query.
    #[arg(long, value_name = "RUN")]
    pub(crate) against: Option<PathBuf>,
    /// Take names in queries only as text.
    #[arg(long)]
    pub(crate) literal: bool,
    /// Cut Chinese queries with jieba's dictionary instead of the index's vocabulary, to compare.
    #[arg(long)]
    pub(crate) jieba: bool,
    /// Weights of the ranking, as JSON, in place of the defaults: '{"title": 0.5}'.
    #[arg(long, value_name = "JSON")]
    pub(crate) weights: Option<String>,
    /// Index the collection into this folder and keep it, instead of a temporary one.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// Files and folders to index, as seen from this folder.
    #[arg(default_value = "news", value_hint = ValueHint::AnyPath)]
    pub(crate) sources: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct HelpArgs {
    /// A command, or `query` for the query language.
    pub(crate) topic: Vec<String>,
    /// Language of the help on queries [default: that of LANG].
    #[arg(long, value_enum)]
    pub(crate) lang: Option<HelpLang>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HelpLang {
    En,
    Zh,
    Both,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages of all commands.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompleteArgs {
    /// The command line up to the cursor, to be cut as a shell would.
    #[arg(long, allow_hyphen_values = true, conflicts_with = "words")]
    pub(crate) line: Option<String>,
    /// The last part of the line, which the shell replaces.
    #[arg(long, allow_hyphen_values = true, requires = "line")]
    pub(crate) word: Option<String>,
    /// The words after the program's name; the last is the one to complete.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<String>,
}

const AFTER_HELP: &str = "\
Environment:
  OREWIRE_INDEX    as --index
  OREWIRE_CONFIG   as --config
  OREWIRE_PAGER    the pager, before PAGER; empty for none
  NO_COLOR         no colour
  CLICOLOR_FORCE   colour also in a pipe
  FORCE_HYPERLINK  1: the terminal takes links; 0: it does not
  COLUMNS          width of the output

Exit codes:
  0    hits, or done
  1    no hits
  2    usage, or the query was rejected
  3    no usable index
  4    building failed, the published index is unchanged
  5    published, but some inputs were skipped
  130  interrupted";

/// The end of `search --help`, before the query language.
pub(crate) const SEARCH_HELP: &str = "\
Examples:
  orewire search gallium export licence
  orewire search '\"稀土集团\" 出口' --sort date
  orewire search 四川 稀土 -F commodity=镝 -n 20
  orewire search -f html 'date:last7d lithium' > mail.html

Exit codes:
  0  hits             3  no usable index
  1  no hits          4  --refresh failed to build
  2  usage, or the    5  --refresh skipped some inputs
     query was rejected";

const COMPLETIONS_HELP: &str = "\
bash, in ~/.bashrc:
  eval \"$(orewire completions bash)\"
zsh, in ~/.zshrc after compinit:
  eval \"$(orewire completions zsh)\"
fish:
  orewire completions fish > ~/.config/fish/completions/orewire.fish

Commands, flags, their values and the values of facets that are
in the index are completed: --facet province=Si<TAB>, and in a
query organization:Rio<TAB>.";
