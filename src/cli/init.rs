//! `orewire init`: settings to begin with. They are those of the repository, with other sources.

use std::{fs::File, io::Write, path::Path};

use orewire::{CONFIG_FILE, Error};

use super::{
    Outcome,
    args::{Common, InitArgs},
    exit::{self, Failure},
    terminal,
};

const TEMPLATE: &str = include_str!("../../orewire.toml");
/// The line of the template that is replaced.
const SOURCES: &str = "sources = [\"seeds\"]";

pub(crate) fn run(args: &InitArgs, common: &Common) -> Outcome {
    let path = common.config.as_deref().unwrap_or(Path::new(CONFIG_FILE));
    let failed = |cause: std::io::Error| match cause.kind() {
        kind @ std::io::ErrorKind::AlreadyExists => {
            let cause = std::io::Error::new(kind, "it is there already, and was left as it is");
            Failure::usage(Error::Io { action: "writing", path: path.to_owned(), cause })
        }
        _ => Error::Io { action: "writing", path: path.to_owned(), cause }.into(),
    };
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(settings(&args.sources).as_bytes()).map_err(failed)?;
    if !common.quiet {
        let path = terminal::clean_line(&path.display().to_string());
        let sources: Vec<String> =
            args.sources.iter().map(|s| terminal::clean_line(&s.display().to_string())).collect();
        println!("wrote {path}; `orewire index` now reads {}", sources.join(", "));
    }
    Ok(exit::DONE)
}

/// The template with these sources.
fn settings(sources: &[std::path::PathBuf]) -> String {
    // A JSON string of printable characters is a TOML one, too.
    let names: Vec<String> = sources
        .iter()
        .map(|s| {
            serde_json::Value::from(s.to_string_lossy().into_owned()).to_string().replace('\u{7f}', "\\u007f")
        })
        .collect();
    TEMPLATE.replace(SOURCES, &format!("sources = [{}]", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use orewire::Config;

    use super::*;

    #[test]
    fn the_template_is_read_back_with_its_sources() {
        assert_eq!(TEMPLATE.matches(SOURCES).count(), 1);
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(CONFIG_FILE);
        let sources = ["news", "C:\\wire \"x\"", "新闻", "a\u{7f}\n"].map(std::path::PathBuf::from);
        std::fs::write(&file, settings(&sources)).unwrap();
        assert_eq!(Config::read(&file).unwrap().sources, sources);
    }

    #[test]
    fn every_setting_is_explained() {
        // The parser itself lists what it knows.
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(CONFIG_FILE);
        for table in ["", "gazetteer.", "segmenter."] {
            std::fs::write(&file, format!("{table}nonsense = 1\n")).unwrap();
            let error = Config::read(&file).unwrap_err().to_string();
            let (_, known) = error.split_once("expected").unwrap();
            let settings: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
            assert!(!settings.is_empty(), "{error}");
            for setting in settings {
                let described = TEMPLATE.lines().any(|l| {
                    let l = l.trim_start_matches("# ");
                    l.starts_with(&format!("{setting} = ")) || l == format!("[{setting}]")
                });
                assert!(described, "{table}{setting} is not in orewire.toml");
            }
        }
        // What is commented out is right, too.
        let uncommented: String = TEMPLATE
            .lines()
            .map(|l| l.strip_prefix("# ").filter(|l| l.contains(" = [")).unwrap_or(l).to_owned() + "\n")
            .collect();
        std::fs::write(&file, uncommented).unwrap();
        let config = Config::read(&file).unwrap();
        assert!(!config.gazetteer.organizations.is_empty() && !config.segmenter.words.is_empty());
    }
}
