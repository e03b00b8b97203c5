//! `orewire tag`.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use indicatif::HumanCount;
use orewire::{Article, Index, Skip, Tagger, source};

use super::{
    Outcome,
    args::{Common, TagArgs, TagFormat},
    exit::{self, Failure},
    index,
    progress::{Meter, Unit, count, span},
    render,
    terminal::{self, Screen},
};

/// About what a record has beside its title and its body.
const MEMBERS_BYTES: usize = 200;

pub(crate) fn run(args: &TagArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let files: Vec<PathBuf> = args.files.iter().filter(|f| f.as_path() != Path::new("-")).cloned().collect();
    source::check_roots(&files)?;
    let gazetteer = Index::at(index::folder(&config, common)).with_config(&config)?.gazetteer()?;
    let tagger = Tagger::new(gazetteer);
    common.timings.stage("load");
    let mut run = Run {
        tagger,
        format: args.format,
        screen: common.screen(),
        out: std::io::BufWriter::new(std::io::stdout().lock()),
        meter: Meter::beside_output(common),
        articles: 0,
        skipped: 0,
        bytes: 0,
        total: 0,
    };
    // Files are looked for first: only their sizes tell how long it will take.
    let mut found = Vec::new();
    for file in &args.files {
        if file.as_path() == Path::new("-") {
            found.push(None);
        } else {
            found.extend(source::walk(std::slice::from_ref(file)).map(Some));
        }
    }
    run.total = found.iter().flatten().flatten().map(|file| file.size).sum();
    for input in found {
        match input {
            None => run.tag(source::read_ndjson(std::io::stdin(), "standard input"), "standard input", 0)?,
            Some(Ok(file)) => run.tag(source::read(&file), &file.name, file.size)?,
            Some(Err(skip)) => run.skip(&skip),
        }
    }
    run.out.flush().map_err(Failure::output)?;
    common.timings.stage("tag");
    let Run { meter, articles, skipped, .. } = run;
    meter.finish(|time| {
        let rest = if skipped > 0 { format!(", {} skipped", count(skipped, "input")) } else { String::new() };
        let rate = HumanCount((articles as f64 / time.as_secs_f64().max(0.001)) as u64);
        format!("{} tagged in {} ({rate} a second){rest}.", count(articles, "article"), span(time))
    });
    Ok(if skipped > 0 { exit::SOME_SKIPPED } else { exit::DONE })
}

/// Tagging under way.
struct Run<W: Write> {
    tagger: Tagger,
    format: TagFormat,
    screen: Screen,
    out: W,
    meter: Meter,
    articles: u64,
    skipped: u64,
    /// Bytes of the files that are done, and of all.
    bytes: u64,
    total: u64,
}

impl<W: Write> Run<W> {
    fn skip(&mut self, skip: &Skip) {
        self.skipped += 1;
        self.meter.note(&format!("skipped {}", terminal::clean_line(&skip.to_string())));
    }

    /// Tags and prints articles of a file of so many bytes.
    fn tag(
        &mut self,
        articles: impl Iterator<Item = Result<Article, Skip>>,
        name: &str,
        size: u64,
    ) -> Result<(), Failure> {
        let mut read = 0;
        for article in articles {
            let article = match article {
                Ok(article) => article,
                Err(skip) => {
                    self.skip(&skip);
                    continue;
                }
            };
            let tags = self.tagger.tag_article(&article);
            let written = match self.format {
                TagFormat::Text => render::tags(&mut self.out, &article.id, &tags, &self.screen),
                TagFormat::Ndjson => {
                    let mut line = serde_json::Map::new();
                    line.insert("id".into(), article.id.clone().into());
                    if let Ok(serde_json::Value::Object(tags)) = serde_json::to_value(&tags) {
                        line.extend(tags);
                    }
                    writeln!(self.out, "{}", render::safe_json(&serde_json::Value::Object(line), false))
                }
            };
            written.map_err(Failure::output)?;
            self.articles += 1;
            read += (article.title.len() + article.body.len() + MEMBERS_BYTES) as u64;
            let what = format!("{} · {name}", count(self.articles, "article"));
            self.meter.at(Unit::Bytes, self.bytes + read.min(size), self.total, &what);
        }
        self.bytes += size;
        Ok(())
    }
}
