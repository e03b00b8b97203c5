//! The arguments. Their doc comments are the help text.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use orewire::HalfLife;

use super::{exit::Failure, pager, terminal::Screen};

/// Search supply-chain news in English and Chinese by words, names, places and goods.
///
/// Examples:
///   orewire search --refresh 'rare earth 四川'
///   orewire search 'province:Sichuan "rare earths"'
///   orewire index news/ --index index/
///   orewire show ID
#[derive(Debug, Parser)]
#[command(name = "orewire", version, verbatim_doc_comment, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Folder of the index [default: `index` of orewire.toml, or index/].
    #[arg(short, long, global = true, env = "OREWIRE_INDEX", value_name = "DIR")]
    pub(crate) index: Option<PathBuf>,
    /// Print nothing but results and errors.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colour; NO_COLOR and CLICOLOR_FORCE are honoured.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,
    /// Print long output at once instead of a screen at a time.
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
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
    #[command(after_long_help = QUERY_HELP)]
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
}

#[derive(Debug, clap::Args)]
pub(crate) struct IndexArgs {
    /// Files and folders [default: `sources` of orewire.toml].
    pub(crate) sources: Vec<PathBuf>,
    /// Build everything anew, also what did not change.
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Also write the report of the run to a file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SearchArgs {
    /// What to look for, in the query language (see --help).
    #[arg(required_unless_present = "batch")]
    pub(crate) query: Option<String>,
    /// Hits to print.
    #[arg(short = 'n', long = "limit", default_value_t = 10, value_name = "N")]
    pub(crate) limit: usize,
    /// Hits to pass over first.
    #[arg(long, default_value_t = 0, value_name = "K")]
    pub(crate) offset: usize,
    /// How to print them.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: SearchFormat,
    /// Bring the index up to date from the sources of orewire.toml first.
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Answer the queries of a file (`-`: standard input), one {"id","query"} a line.
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    pub(crate) batch: Option<PathBuf>,
    /// Facet values to print for each facet; 0 for none [default: 6 in text, else 10].
    #[arg(long, value_name = "N")]
    pub(crate) facets: Option<usize>,
    /// Keep to a facet value, as in `--facet province=Sichuan`; values of one facet widen, different
    /// facets narrow.
    #[arg(long = "facet", value_name = "FACET=VALUE")]
    pub(crate) selected: Vec<String>,
    /// Order of the hits.
    #[arg(long, value_enum, default_value = "score")]
    pub(crate) sort: Sort,
    /// Let scores halve with every such span of an article's age: `90d`, `12w`, `6m`, `2y`. Complete
    /// matches stay before partial ones; articles without a date count a quarter.
    #[arg(long, value_name = "SPAN", value_parser = half_life)]
    pub(crate) recency: Option<HalfLife>,
    /// Count the articles that match by their dates.
    #[arg(long, value_enum, value_name = "STEP")]
    pub(crate) timeline: Option<Timeline>,
    /// Take names only as text: no other names for the same thing.
    #[arg(long)]
    pub(crate) literal: bool,
    /// List the near-copies of each hit under it.
    #[arg(long)]
    pub(crate) expand: bool,
    /// Tell under each hit what its score is made of
    #[arg(long)]
    pub(crate) explain: bool,
    /// Show near-copies as hits of their own.
    #[arg(long, conflicts_with = "expand")]
    pub(crate) no_collapse: bool,
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
    #[arg(default_value = "-")]
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
    #[arg(short = 'n', long = "limit", default_value_t = 10, value_name = "N")]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SuggestArgs {
    /// What was typed so far, in either language.
    pub(crate) prefix: String,
    /// Suggestions to print.
    #[arg(short = 'n', long = "limit", default_value_t = 10, value_name = "N")]
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
    #[arg(required = true, value_name = "FILE")]
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
    pub(crate) folder: PathBuf,
    /// Depth of nDCG and MRR.
    #[arg(short, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    #[arg(long = "k")]
    pub(crate) k: u16,
    /// How to print the scores.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Write the ranking to a file, in TREC's format.
    #[arg(long, value_name = "FILE")]
    pub(crate) run: Option<PathBuf>,
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
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

const QUERY_HELP: &str = "\
The query language:
  gallium export licence       articles with all of it first, partial matches after
  镓 出口 许可                 the same in Chinese; names find their other names too
  \"closed-door discussions\"    these words in this order
  \"稀土集团\"                   exactly these characters, wherever they stand
  +word  -word                 required, excluded
  a AND b   a OR b   NOT a     boolean, with ( )
  title:lithium                in that field: title, source, lang
  province:Sichuan  province:四川  province:CN-SC
  organization:CREG  commodity:\"heavy rare earths\"  country:Chile
                               by any name or code, everything below it included
  date:2025-05  date:2025-05-01..2025-06-15  date:>=2025  date:last30d
  litium~                      nearly spelt so
  lith*                        beginning so";
