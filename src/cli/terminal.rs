//! What reaches a terminal: its size, colour, and no character that could steer it.

use std::{borrow::Cow, io::IsTerminal};

use anstyle::{AnsiColor, Style as Ansi};
use unicode_width::UnicodeWidthChar;

use super::{args::Color, link};

/// Width of text that does not go to a terminal.
const PLAIN_COLUMNS: usize = 100;

/// Standard output as a reader sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    /// Its width.
    pub(crate) columns: usize,
    /// Its height; `None` for a pipe or a file.
    pub(crate) lines: Option<usize>,
    pub(crate) style: Style,
}

impl Screen {
    /// Standard output.
    pub(crate) fn stdout(color: Color) -> Screen {
        let terminal = std::io::stdout().is_terminal();
        let size = terminal.then(|| terminal_size::terminal_size_of(std::io::stdout())).flatten();
        let told = |name: &str, range: std::ops::RangeInclusive<usize>| {
            std::env::var(name).ok().and_then(|n| n.parse().ok()).filter(|n| range.contains(n))
        };
        let columns = told("COLUMNS", 20..=1_000)
            .or(size.map(|(width, _)| usize::from(width.0).max(20)))
            .unwrap_or(PLAIN_COLUMNS);
        let lines = terminal
            .then(|| told("LINES", 4..=1_000).or(size.map(|(_, height)| usize::from(height.0))))
            .flatten();
        let mut style = Style::decide(color, terminal);
        style.links = (terminal || color == Color::Always) && link::terminal_takes_links();
        Screen { columns, lines, style }
    }

    /// Width of a snippet that fills two lines of it.
    pub(crate) fn snippet_columns(&self) -> usize {
        self.columns.saturating_sub(4).clamp(20, 110) * 2
    }

    /// Whether a person looks at it, rather than a program.
    pub(crate) fn is_terminal(&self) -> bool {
        self.lines.is_some()
    }
}

/// Display columns of a text.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Display columns of a character.
pub(crate) fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Text of an article, a file name or an error without what could steer a terminal: control
/// characters (escape sequences begin with one), bidi overrides, line and paragraph separators.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| clean_char(c) == Some(c)) {
        return Cow::Borrowed(text);
    }
    // A carriage return ends a line, with a line feed or alone; to a terminal it would be a way back.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(text.chars().filter_map(clean_char).collect())
}

/// A character as it may be printed; `None` where nothing of it may be.
pub(crate) fn clean_char(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\r' => Some(' '),
        _ if c.is_control() => Some('\u{FFFD}'),
        _ if is_steering(c) => None,
        _ => Some(c),
    }
}

/// The same in one line.
pub(crate) fn clean_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_steering(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{61C}')
}

/// The beginning of a text that fits into `columns`, with an ellipsis when it was cut.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let mut out = String::new();
    for c in text.chars() {
        used += char_width(c);
        if used > columns {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// A text with spaces after it, `columns` wide.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// Colours and links, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    on: bool,
    /// Whether the terminal takes links (OSC 8).
    pub(crate) links: bool,
}

impl Style {
    pub(crate) fn for_stderr(color: Color) -> Style {
        Style::decide(color, std::io::stderr().is_terminal())
    }

    fn decide(color: Color, terminal: bool) -> Style {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|v| v == value);
        let on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto if set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") => true,
            Color::Auto => terminal && !is("TERM", "dumb") && !is("CLICOLOR", "0"),
        };
        Style { on, links: false }
    }

    /// Neither colours nor links.
    pub(crate) fn plain() -> Style {
        Style { on: false, links: false }
    }

    fn paint(&self, text: &str, style: Ansi) -> String {
        if self.on && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(crate) fn title(&self, text: &str) -> String {
        self.paint(text, Ansi::new().bold())
    }

    pub(crate) fn mark(&self, text: &str) -> String {
        self.paint(text, AnsiColor::Yellow.on_default().bold())
    }

    pub(crate) fn faint(&self, text: &str) -> String {
        self.paint(text, Ansi::new().dimmed())
    }

    pub(crate) fn facet(&self, text: &str) -> String {
        self.paint(text, AnsiColor::Cyan.on_default())
    }

    pub(crate) fn date(&self, text: &str) -> String {
        self.paint(text, AnsiColor::Green.on_default())
    }

    pub(crate) fn error(&self, text: &str) -> String {
        self.paint(text, AnsiColor::Red.on_default().bold())
    }

    pub(crate) fn hint(&self, text: &str) -> String {
        self.paint(text, AnsiColor::Cyan.on_default().bold())
    }

    /// A text that leads to an address, which [`link`] made safe; just the text where the terminal takes
    /// no links.
    pub(crate) fn link(&self, text: &str, address: Option<&link::Address>) -> String {
        match address.filter(|_| self.links && !text.is_empty()) {
            Some(address) => format!("\u{1b}]8;;{address}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\"),
            None => text.to_owned(),
        }
    }

    /// Whether matches need brackets because colour is off.
    pub(crate) fn is_plain(&self) -> bool {
        !self.on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        let hostile = "a\u{1b}]52;c;x\u{7}b\u{202E}c\u{2028}d\u{9b}31me";
        let clean = clean(hostile);
        assert!(clean.chars().all(|c| !c.is_control() && !is_steering(c)), "{clean:?}");
        assert_eq!(clean_line("a\r\nb\t c"), "a b c");
        assert_eq!(super::clean("a\r\nb\rc"), "a\nb\nc");
    }

    #[test]
    fn cut_text_fits() {
        assert_eq!(fit("稀土集团", 8), "稀土集团");
        assert_eq!(fit("稀土集团", 7), "稀土集…");
        assert_eq!(width(&fit("稀土集团", 6)), 5);
        assert_eq!(fit("rare earth", 6), "rare…");
        assert_eq!(padded("稀土", 6), "稀土  ");
    }
}
