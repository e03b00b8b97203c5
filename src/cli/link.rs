//! Addresses that a reader may be led to, and the terminals that can do it.
//!
//! An address comes from an article and is hostile until it went through here: it keeps its meaning, but
//! nothing is left in it that could end the escape sequence, the attribute or the brackets it is put in.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use orewire::{Config, Hit, limits};

/// An address of the schemes http, https or file, in printable ASCII without spaces, quotes, brackets or
/// backslashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Address {
    /// A web address; `None` for any other scheme, and for one that is too long to be real.
    pub(crate) fn web(url: &str) -> Option<Address> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://")?;
        let scheme = ["http", "https"].into_iter().find(|s| s.eq_ignore_ascii_case(scheme))?;
        if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
            return None;
        }
        let address = format!("{scheme}://{}", encoded(rest, b"-._~:/?#[]@!$&()*+,;=%"));
        (address.len() <= limits::LINK_MAX_BYTES).then_some(Address(address))
    }

    /// The address of a file that exists.
    pub(crate) fn file(path: &Path) -> Option<Address> {
        let path = path.canonicalize().ok().filter(|p| p.is_file())?;
        let address = format!("file://{}", encoded(path.to_str()?, b"-._~/"));
        (address.len() <= limits::LINK_MAX_BYTES).then_some(Address(address))
    }
}

/// Percent-encodes all but letters, digits and what is kept.
fn encoded(text: &str, kept: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Finds what a hit leads to: where it was published, or else its file.
#[derive(Debug)]
pub(crate) struct Links {
    /// Paths of hits are relative to it.
    folder: PathBuf,
}

impl Links {
    pub(crate) fn new(config: &Config) -> Links {
        Links { folder: config.folder.clone() }
    }

    pub(crate) fn of(&self, hit: &Hit) -> Option<Address> {
        hit.url.as_deref().and_then(Address::web).or_else(|| self.file(&hit.path))
    }

    /// The file of an article, as the run that indexed it saw it.
    pub(crate) fn file(&self, path: &str) -> Option<Address> {
        if path.is_empty() {
            return None;
        }
        Address::file(&self.folder.join(path)).or_else(|| Address::file(Path::new(path)))
    }
}

/// Whether the terminal is one that is known to show links (OSC 8). `FORCE_HYPERLINK` overrides it.
pub(crate) fn terminal_takes_links() -> bool {
    known(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
}

fn known(var: impl Fn(&str) -> Option<String>) -> bool {
    if let Some(force) = var("FORCE_HYPERLINK") {
        return force.trim() != "0";
    }
    let term = var("TERM").unwrap_or_default();
    if term == "dumb" {
        return false;
    }
    let version = |name: &str| {
        let text = var(name).unwrap_or_default();
        let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        number.parse::<f64>().unwrap_or(0.0)
    };
    match var("TERM_PROGRAM").as_deref() {
        Some("tmux") => return version("TERM_PROGRAM_VERSION") >= 3.4,
        Some("iTerm.app" | "WezTerm" | "vscode" | "ghostty" | "Hyper" | "rio" | "zed" | "mintty") => {
            return true;
        }
        _ => {}
    }
    let terms = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour", "wezterm"];
    terms.iter().any(|t| term.starts_with(t))
        || version("VTE_VERSION") >= 5_000.0
        || version("KONSOLE_VERSION") >= 201_200.0
        || var("WT_SESSION").is_some()
        || var("DOMTERM").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_linked_and_nothing_ends_the_link() {
        let address = |url| Address::web(url).map(|a| a.to_string());
        assert_eq!(
            address("https://example.org/a?b=1&c=稀").unwrap(),
            "https://example.org/a?b=1&c=%E7%A8%80"
        );
        assert_eq!(address("HTTP://Example.org").unwrap(), "http://Example.org");
        for other in
            ["javascript:alert(1)", "file:///etc/passwd", "data://text", "https://", "http:// x", "x", ""]
        {
            assert_eq!(address(other), None, "{other}");
        }
        let hostile = address("https://example.org/\u{1b}\\\u{7}\u{9c}\u{202e}\u{2028}\"'<>) (`|\n").unwrap();
        assert!(hostile.bytes().all(|b| b.is_ascii_graphic() && !b"\"'<>\\`|".contains(&b)), "{hostile}");
        assert_eq!(address(&format!("https://example.org/{}", "a".repeat(limits::LINK_MAX_BYTES))), None);
    }

    #[test]
    fn files_are_linked_where_they_exist() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a b#1%稀.txt");
        std::fs::write(&file, "x").unwrap();
        let address = Address::file(&file).unwrap().to_string();
        assert!(
            address.starts_with("file:///") && address.ends_with("a%20b%231%25%E7%A8%80.txt"),
            "{address}"
        );
        assert_eq!(Address::file(&dir.path().join("none")), None);
        assert_eq!(Address::file(dir.path()), None);
    }

    #[test]
    fn terminals_that_are_known_take_links() {
        let with = |vars: &[(&str, &str)]| {
            known(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert!(!with(&[("TERM", "xterm-256color")]));
        assert!(with(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7402")]));
        assert!(with(&[("TERM", "foot")]));
        assert!(!with(&[("TERM", "dumb"), ("VTE_VERSION", "7402")]));
        assert!(!with(&[
            ("TERM_PROGRAM", "tmux"),
            ("TERM_PROGRAM_VERSION", "3.3a"),
            ("VTE_VERSION", "7402")
        ]));
        assert!(with(&[("TERM_PROGRAM", "tmux"), ("TERM_PROGRAM_VERSION", "3.5a")]));
        assert!(with(&[("FORCE_HYPERLINK", "1"), ("TERM", "dumb")]));
        assert!(!with(&[("FORCE_HYPERLINK", "0"), ("TERM", "foot")]));
    }
}
