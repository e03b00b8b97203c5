//! Plain tantivy, as one would use it without orewire: its stemmer for English, jieba for Chinese, its
//! `SnippetGenerator` and `FacetCollector` (publisher and month), no tags. `run` beside this file calls it.
//!
//! ```text
//! peers index INDEX FILE...              NDJSON to an index
//! peers query INDEX QUERIES ROUNDS       every query in every mode, warm; a line of JSON each
//! peers search INDEX QUERY               one query, as a whole process
//! peers pairs ROUNDS A... -- B...        two commands in turns; their wall times in microseconds
//! peers nothing                          what a process costs that does nothing
//! ```

mod tokens;

use std::{
    error::Error,
    fs::{self, File},
    hint::black_box,
    io::{BufRead, BufReader, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use serde_json::{Value as Json, json};
use tantivy::{
    Index, IndexWriter, Searcher, TantivyDocument,
    collector::{Count, FacetCollector, TopDocs},
    query::{Query, QueryParser},
    schema::{
        Facet, FacetOptions, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
        TextOptions, Value,
    },
    snippet::SnippetGenerator,
    tokenizer::{LowerCaser, RemoveLongFilter, TextAnalyzer},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const HITS: usize = 10;
/// What orewire lets postings take before they are written.
const MEMORY_BYTES: usize = 384 << 20;
/// `SnippetGenerator` counts bytes.
const SNIPPET_BYTES: usize = 240;
const FACETS: [&str; 2] = ["/source", "/month"];
const FACET_VALUES: usize = 10;

/// Fields of the schema; title and body of both languages.
struct Fields {
    id: Field,
    en: (Field, Field),
    zh: (Field, Field),
    facets: Field,
}

impl Fields {
    fn of(schema: &Schema) -> tantivy::Result<Fields> {
        let field = |name| schema.get_field(name);
        Ok(Fields {
            id: field("id")?,
            en: (field("title_en")?, field("body_en")?),
            zh: (field("title_zh")?, field("body_zh")?),
            facets: field("facets")?,
        })
    }

    fn of_language(&self, chinese: bool) -> (Field, Field) {
        if chinese { self.zh } else { self.en }
    }
}

fn schema() -> Schema {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer);
        let indexing = indexing.set_index_option(IndexRecordOption::WithFreqsAndPositions);
        TextOptions::default().set_indexing_options(indexing).set_stored()
    };
    builder.add_text_field("id", STRING | STORED);
    builder.add_facet_field("facets", FacetOptions::default());
    for name in ["title_en", "body_en"] {
        builder.add_text_field(name, text("en_stem"));
    }
    for name in ["title_zh", "body_zh"] {
        builder.add_text_field(name, text("jieba"));
    }
    builder.build()
}

/// The dictionary is loaded with the first Chinese text.
fn with_jieba(index: Index) -> Index {
    let jieba = TextAnalyzer::builder(tokens::Jieba::default());
    index
        .tokenizers()
        .register("jieba", jieba.filter(RemoveLongFilter::limit(40)).filter(LowerCaser).build());
    index
}

fn is_chinese(text: &str) -> bool {
    let is_han = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
    let (mut han, mut all) = (0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()).take(200) {
        all += 1;
        han += usize::from(is_han(c));
    }
    han * 4 > all
}

fn index(folder: &Path, files: &[String]) -> Outcome<u64> {
    fs::create_dir_all(folder)?;
    let index = with_jieba(Index::create_in_dir(folder, schema())?);
    let fields = Fields::of(&index.schema())?;
    let mut writer: IndexWriter = index.writer(MEMORY_BYTES)?;
    let mut articles = 0;
    for file in files {
        for line in BufReader::with_capacity(1 << 20, File::open(file)?).lines() {
            let article: Json = serde_json::from_str(&line?)?;
            let text = |name: &str| article[name].as_str().unwrap_or_default();
            let (title, body) = fields.of_language(is_chinese(text("body")));
            let mut document = TantivyDocument::new();
            document.add_text(fields.id, text("id"));
            document.add_text(title, text("title"));
            document.add_text(body, text("body"));
            if !text("source").is_empty() {
                document.add_facet(fields.facets, Facet::from_path(["source", text("source")]));
            }
            if let Some(month) = text("date").get(..7) {
                document.add_facet(fields.facets, Facet::from_path(["month", month]));
            }
            writer.add_document(document)?;
            articles += 1;
        }
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(articles)
}

/// An open index with a query parser for each language.
struct Open {
    searcher: Searcher,
    fields: Fields,
    english: QueryParser,
    chinese: QueryParser,
}

/// What is asked for beside the hits.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// The best hits alone: nothing need be counted, so what can't be among them is passed over.
    Top,
    Hits,
    Facets,
    Snippets,
    All,
}

const MODES: [(&str, Mode); 5] = [
    ("top", Mode::Top),
    ("hits", Mode::Hits),
    ("facets", Mode::Facets),
    ("snippets", Mode::Snippets),
    ("all", Mode::All),
];

#[derive(Default)]
struct Answer {
    total: usize,
    hits: usize,
    facet_values: usize,
    marked: usize,
    panics: usize,
}

impl Open {
    fn at(folder: &Path) -> Outcome<Open> {
        let index = with_jieba(Index::open_in_dir(folder)?);
        let fields = Fields::of(&index.schema())?;
        let reader = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        let english = QueryParser::for_index(&index, vec![fields.en.0, fields.en.1]);
        let chinese = QueryParser::for_index(&index, vec![fields.zh.0, fields.zh.1]);
        Ok(Open { searcher: reader.searcher(), fields, english, chinese })
    }

    fn parse(&self, text: &str, chinese: bool) -> Outcome<Box<dyn Query>> {
        Ok(if chinese { &self.chinese } else { &self.english }.parse_query(text)?)
    }

    fn answer(&self, text: &str, mode: Mode, mut shown: impl FnMut(&str, &str, &str)) -> Outcome<Answer> {
        let chinese = is_chinese(text);
        let query = self.parse(text, chinese)?;
        let best = TopDocs::with_limit(HITS).order_by_score();
        let mut answer = Answer::default();
        let top = match mode {
            Mode::Top => self.searcher.search(&query, &best)?,
            Mode::Hits | Mode::Snippets => {
                let (top, total) = self.searcher.search(&query, &(best, Count))?;
                answer.total = total;
                top
            }
            Mode::Facets | Mode::All => {
                let mut facets = FacetCollector::for_field("facets");
                FACETS.iter().for_each(|root| facets.add_facet(*root));
                let (top, total, counts) = self.searcher.search(&query, &(best, Count, facets))?;
                answer.total = total;
                for root in FACETS {
                    answer.facet_values += black_box(counts.top_k(root, FACET_VALUES)).len();
                }
                top
            }
        };
        let (title, body) = self.fields.of_language(chinese);
        let generator = match mode {
            Mode::Snippets | Mode::All => {
                let mut generator = SnippetGenerator::create(&self.searcher, &query, body)?;
                generator.set_max_num_chars(SNIPPET_BYTES);
                Some(generator)
            }
            _ => None,
        };
        for (_, address) in top {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let text = |field| document.get_first(field).and_then(|v| v.as_str()).unwrap_or_default();
            let (id, title) = (black_box(text(self.fields.id)), black_box(text(title)));
            answer.hits += 1;
            let Some(generator) = &generator else { continue };
            // It panics where tokens overlap, as jieba's do.
            let found = catch_unwind(AssertUnwindSafe(|| {
                let snippet = generator.snippet(text(body));
                (!snippet.highlighted().is_empty(), black_box(snippet.to_html()))
            }));
            match found {
                Ok((is_marked, html)) => {
                    answer.marked += usize::from(is_marked);
                    shown(id, title, &html);
                }
                Err(_) => answer.panics += 1,
            }
        }
        Ok(answer)
    }
}

/// A query in tantivy's language.
fn written(class: &str, words: &str) -> String {
    let each = |mark: &str| words.split('|').map(|w| format!("{mark}{w}")).collect::<Vec<_>>().join(" ");
    match class {
        "phrase" => format!("\"{words}\""),
        "and" => each("+"),
        _ => each(""),
    }
}

fn query(folder: &Path, queries: &Path, rounds: usize) -> Outcome<()> {
    let open = Open::at(folder)?;
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = std::io::stdout().lock();
    for line in fs::read_to_string(queries)?.lines() {
        let [class, lang, words] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        let text = written(class, words);
        for (name, mode) in MODES {
            let answer = open.answer(&text, mode, |_, _, _| ())?;
            let mut times = Vec::new();
            for _ in 0..rounds {
                let started = Instant::now();
                let again = open.answer(&text, mode, |_, _, _| ())?;
                times.push(started.elapsed().as_nanos() as f64 / 1e3);
                assert_eq!((again.total, again.hits), (answer.total, answer.hits));
            }
            let Answer { total, hits, facet_values, marked, panics } = answer;
            let line = json!({
                "class": class, "lang": lang, "query": text, "mode": name, "us": times, "total": total,
                "hits": hits, "facet_values": facet_values, "marked": marked, "panics": panics,
            });
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn search(folder: &Path, text: &str) -> Outcome<()> {
    let open = Open::at(folder)?;
    let mut out = std::io::stdout().lock();
    let answer = open.answer(text, Mode::All, |id, title, snippet| {
        let _ = writeln!(out, "{id}  {title}\n    {snippet}");
    })?;
    writeln!(out, "{} articles, {} facet values", answer.total, answer.facet_values)?;
    Ok(())
}

/// Wall times of two commands in turns, after one warm-up each.
fn pairs(rounds: usize, commands: &[String]) -> Outcome<()> {
    let cut = commands.iter().position(|a| a == "--").ok_or("A... -- B...")?;
    let run = |command: &[String]| -> Outcome<f64> {
        let (program, args) = command.split_first().ok_or("a command")?;
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let status = command.status()?;
        let took = started.elapsed();
        // 1 is also what a search says that finds nothing.
        match status.code() {
            Some(0 | 1) => Ok(took.as_nanos() as f64 / 1e3),
            _ => Err(format!("{program}: {status}").into()),
        }
    };
    let (a, b) = (&commands[..cut], &commands[cut + 1..]);
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..=rounds {
        let took = [run(a)?, run(b)?];
        if round > 0 {
            times.iter_mut().zip(took).for_each(|(all, one)| all.push(one));
        }
    }
    println!("{}", json!(times));
    Ok(())
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["nothing"] => Ok(()),
        ["index", folder, _, ..] => {
            println!("{} articles", index(Path::new(folder), &args[2..])?);
            Ok(())
        }
        ["query", folder, queries, rounds] => query(Path::new(folder), Path::new(queries), rounds.parse()?),
        ["search", folder, text] => search(Path::new(folder), text),
        ["pairs", rounds, _, ..] => pairs(rounds.parse()?, &args[2..]),
        _ => Err("peers index | query | search | pairs | nothing: see src/main.rs".into()),
    }
}
