//! What reaches a terminal: width, colour, and no character that could steer it.

use std::{borrow::Cow, io::IsTerminal};

use anstyle::{AnsiColor, Style as Ansi};
use unicode_width::UnicodeWidthChar;

use super::args::Color;

/// Width of text that does not go to a terminal.
const PLAIN_COLUMNS: usize = 100;

/// Columns of the terminal that standard output is.
pub(crate) fn columns() -> usize {
    if let Some(columns) =
        std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| (20..=1_000).contains(c))
    {
        return columns;
    }
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((width, _)) if std::io::stdout().is_terminal() => usize::from(width.0).max(20),
        _ => PLAIN_COLUMNS,
    }
}

/// Display columns of a text.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Text of an article, a file name or an error without what could steer a terminal: control
/// characters (escape sequences begin with one), bidi overrides, line and paragraph separators.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let bad = |c: char| c.is_control() && c != '\n' && c != '\t' || is_steering(c);
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter_map(|c| if bad(c) { (!is_steering(c)).then_some('\u{FFFD}') } else { Some(c) })
            .collect(),
    )
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
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    on: bool,
}

impl Style {
    pub(crate) fn for_stdout(color: Color) -> Style {
        Style::decide(color, std::io::stdout().is_terminal())
    }

    pub(crate) fn for_stderr(color: Color) -> Style {
        Style::decide(color, std::io::stderr().is_terminal())
    }

    fn decide(color: Color, terminal: bool) -> Style {
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0");
        let on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto if set("CLICOLOR_FORCE") => true,
            Color::Auto => terminal && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
        };
        Style { on }
    }

    fn paint(&self, text: &str, style: Ansi) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
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
        assert_eq!(clean_line("a\nb\t c"), "a b c");
    }

    #[test]
    fn cut_text_fits() {
        assert_eq!(fit("稀土集团", 8), "稀土集团");
        assert_eq!(fit("稀土集团", 7), "稀土集…");
        assert_eq!(width(&fit("稀土集团", 6)), 5);
    }
}
