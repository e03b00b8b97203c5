//! `orewire.toml`: where the index and the sources are, and one's own names and words.
//!
//! Found in the working folder or above it. Paths in it are relative to its own folder,
//! [`Config::folder`], so that a command gives the same result wherever below it is run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    error::{Error, NO_SUCH_FILE, Result},
    gazetteer::TableKind,
};

/// File name of the configuration.
pub const CONFIG_FILE: &str = "orewire.toml";

/// Settings of `orewire.toml`; every one of them can be left out.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Folder of the file; what the paths of all other settings are relative to.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Folder of the index.
    pub index: Option<PathBuf>,
    /// Files and folders to index when none are named.
    pub sources: Vec<PathBuf>,
    /// One's own tables of names.
    pub gazetteer: Tables,
    /// The Chinese segmenter.
    pub segmenter: Segmenting,
}

/// Tables with the columns of `gazetteer/*.csv`. A row with the path of a built-in one replaces it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Tables {
    /// Tables of organizations.
    pub organizations: Vec<PathBuf>,
    /// Tables of places.
    pub places: Vec<PathBuf>,
    /// Tables of commodities.
    pub commodities: Vec<PathBuf>,
}

/// Settings of the Chinese segmenter.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Segmenting {
    /// Files of words, one a line, that are segmented as words.
    pub words: Vec<PathBuf>,
}

impl Config {
    /// Reads the nearest `orewire.toml` of a folder or of those above it; the defaults when there is none.
    ///
    /// # Errors
    /// [`Error::Config`] when a file is there but can't be read or has an unknown setting.
    pub fn find(folder: &Path) -> Result<Config> {
        match folder.ancestors().map(|f| f.join(CONFIG_FILE)).find(|f| f.is_file()) {
            Some(file) => Config::read(&file),
            None => Ok(Config::default()),
        }
    }

    /// Reads a configuration.
    ///
    /// # Errors
    /// [`Error::Config`] when it can't be read or has an unknown setting.
    pub fn read(file: &Path) -> Result<Config> {
        let fail = |reason: String| Error::Config { path: file.to_owned(), reason };
        let text = fs::read_to_string(file).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => fail(NO_SUCH_FILE.to_owned()),
            _ => fail(e.to_string()),
        })?;
        let mut config: Config =
            toml::from_str(&text).map_err(|e| fail(e.to_string().trim_end().to_owned()))?;
        file.parent().unwrap_or(Path::new("")).clone_into(&mut config.folder);
        Ok(config)
    }

    /// The texts of the user's tables with their kinds and names.
    ///
    /// # Errors
    /// [`Error::Io`] when one can't be read.
    pub fn tables(&self) -> Result<Vec<(TableKind, String, String)>> {
        let tables = &self.gazetteer;
        let kinds = [
            (TableKind::Organizations, &tables.organizations),
            (TableKind::Places, &tables.places),
            (TableKind::Commodities, &tables.commodities),
        ];
        let mut out = Vec::new();
        for (kind, paths) in kinds {
            for path in paths {
                let path = &self.folder.join(path);
                let text = fs::read_to_string(path).map_err(Error::io("reading", path))?;
                out.push((kind, path.display().to_string(), text));
            }
        }
        Ok(out)
    }

    /// The user's words for the segmenter.
    ///
    /// # Errors
    /// [`Error::Io`] when a file can't be read.
    pub fn words(&self) -> Result<Vec<String>> {
        let mut out = Vec::new();
        for path in &self.segmenter.words {
            let path = &self.folder.join(path);
            let text = fs::read_to_string(path).map_err(Error::io("reading", path))?;
            let words = text.lines().map(str::trim).filter(|w| !w.is_empty() && !w.starts_with('#'));
            out.extend(words.map(|w| crate::analysis::fold(w).into_owned()));
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_file_wherever_one_stands() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        fs::write(dir.path().join(CONFIG_FILE), "index = \"ix\"\nsources = [\"news\"]\n").unwrap();
        let config = Config::find(&below).unwrap();
        assert_eq!(config.folder, dir.path());
        assert_eq!(config.index.unwrap(), Path::new("ix"));
        fs::write(dir.path().join("words.txt"), "# own\n稀土價\n\n").unwrap();
        fs::write(dir.path().join(CONFIG_FILE), "segmenter.words = [\"words.txt\"]\n").unwrap();
        assert_eq!(Config::find(&below).unwrap().words().unwrap(), ["稀土价"]);
    }

    #[test]
    fn an_unknown_setting_is_an_error_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(CONFIG_FILE);
        fs::write(&file, "index = \"ix\"\nsuorces = []\n").unwrap();
        let error = Config::read(&file).unwrap_err().to_string();
        assert!(error.contains("suorces") && error.contains("line 2"), "{error}");
    }
}
