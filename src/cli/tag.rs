//! `orewire tag`.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use orewire::{Article, Index, Skip, Tagger, source};

use super::{
    Outcome,
    args::{Common, TagArgs, TagFormat},
    exit::{self, Failure},
    index, render,
    terminal::{self, Screen},
};

pub(crate) fn run(args: &TagArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let files: Vec<PathBuf> = args.files.iter().filter(|f| f.as_path() != Path::new("-")).cloned().collect();
    source::check_roots(&files)?;
    let gazetteer = Index::at(index::folder(&config, common)).with_config(&config)?.gazetteer()?;
    let mut tagger = Tagger::new(gazetteer);
    common.timings.stage("load");
    let screen = common.screen();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut skipped = false;
    for file in &args.files {
        if file.as_path() == Path::new("-") {
            let articles = source::read_ndjson(std::io::stdin(), "standard input");
            skipped |= tag_all(articles, &mut tagger, args.format, &screen, &mut out)?;
            continue;
        }
        for found in source::walk(std::slice::from_ref(file)) {
            match found {
                Ok(file) => {
                    skipped |= tag_all(source::read(&file), &mut tagger, args.format, &screen, &mut out)?
                }
                Err(skip) => {
                    eprintln!("skipped {}", terminal::clean_line(&skip.to_string()));
                    skipped = true;
                }
            }
        }
    }
    out.flush().map_err(Failure::output)?;
    common.timings.stage("tag");
    Ok(if skipped { exit::SOME_SKIPPED } else { exit::DONE })
}

/// Tags and prints articles; whether some input was skipped.
fn tag_all(
    articles: impl Iterator<Item = Result<Article, Skip>>,
    tagger: &mut Tagger,
    format: TagFormat,
    screen: &Screen,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let mut skipped = false;
    for article in articles {
        let article = match article {
            Ok(article) => article,
            Err(skip) => {
                eprintln!("skipped {}", terminal::clean_line(&skip.to_string()));
                skipped = true;
                continue;
            }
        };
        let tags = tagger.tag_article(&article);
        let written = match format {
            TagFormat::Text => render::tags(out, &article.id, &tags, screen),
            TagFormat::Ndjson => {
                let mut line = serde_json::Map::new();
                line.insert("id".into(), article.id.into());
                if let Ok(serde_json::Value::Object(tags)) = serde_json::to_value(&tags) {
                    line.extend(tags);
                }
                writeln!(out, "{}", render::safe_json(&serde_json::Value::Object(line), false))
            }
        };
        written.map_err(Failure::output)?;
    }
    Ok(skipped)
}
