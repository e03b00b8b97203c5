//! Hits and facet counts as Markdown (CommonMark with tables), to paste into a note or a ticket. What an
//! article brought is text in it: no mark-up, no HTML, no link but the article's own.

use std::{io::Write, ops::Range};

use orewire::{SearchResults, TimelineStep};

use super::text::shown;
use crate::cli::{link::Address, terminal};

/// Hits as a numbered list, then a table of counts for each facet.
pub(crate) fn markdown(
    out: &mut impl Write,
    results: &SearchResults,
    offset: usize,
    step: Option<TimelineStep>,
) -> std::io::Result<()> {
    writeln!(out, "# {}\n", escaped(&terminal::clean_line(&results.query)))?;
    if results.total == 0 {
        return writeln!(out, "Nothing found.");
    }
    writeln!(out, "{}\n", shown(results, offset))?;
    for (rank, hit) in (offset + 1..).zip(&results.hits) {
        let title = match hit.title.trim().is_empty() {
            true => escaped(&super::headline(hit)),
            false => marked(&hit.title, &hit.title_highlights),
        };
        let label = format!("{rank}. ");
        let indent = " ".repeat(label.len());
        match hit.url.as_deref().and_then(Address::web) {
            Some(address) => writeln!(out, "{label}[{title}](<{address}>)  ")?,
            None => writeln!(out, "{label}{title}  ")?,
        }
        let mut about: Vec<String> = hit.date.map(|d| d.to_string()).into_iter().collect();
        about.extend(hit.source.as_deref().map(terminal::clean_line).filter(|s| !s.is_empty()));
        about.push(terminal::clean_line(&hit.id));
        about.extend(hit.about.iter().map(|n| terminal::clean_line(n)));
        match hit.copies {
            0 => {}
            1 => about.push("+1 copy".to_owned()),
            n => about.push(format!("+{n} copies")),
        }
        writeln!(out, "{indent}{}", escaped(&about.join(" · ")))?;
        let snippet = marked(&hit.snippet.text, &hit.snippet.highlights);
        if !snippet.trim().is_empty() {
            writeln!(out, "\n{indent}> {snippet}")?;
        }
        writeln!(out)?;
    }
    for (name, rows) in super::tables(results, step) {
        writeln!(out, "| {name} | articles |\n|---|---:|")?;
        for (name, count) in rows {
            writeln!(out, "| {} | {count} |", escaped(&name))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// One line of text with the marked ranges in bold. Bold begins and ends at a letter or digit: beside
/// punctuation the asterisks would stay asterisks.
fn marked(text: &str, marks: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    let line = |text: &str| {
        let line = terminal::clean_line(text);
        // White space at the borders of a part belongs between it and the next one.
        let space =
            |c: Option<char>| if c.is_some_and(char::is_whitespace) && !line.is_empty() { " " } else { "" };
        let ends = (space(text.chars().next()), space(text.chars().next_back()));
        match line.is_empty() && !text.is_empty() {
            true => " ".to_owned(),
            false => format!("{}{}{}", ends.0, escaped(&line), ends.1),
        }
    };
    for mark in super::joined(marks) {
        let (Some(before), Some(inside)) = (text.get(at..mark.start), text.get(mark.clone())) else {
            continue;
        };
        let core = inside.trim_matches(|c: char| !c.is_alphanumeric());
        let start = inside.len() - inside.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
        if core.is_empty() {
            continue;
        }
        out.push_str(&line(before));
        out.push_str(&line(inside.get(..start).unwrap_or("")));
        out.push_str(&format!("**{}**", escaped(&terminal::clean_line(core))));
        out.push_str(&line(inside.get(start + core.len()..).unwrap_or("")));
        at = mark.end;
    }
    out.push_str(&line(text.get(at..).unwrap_or("")));
    out.trim().to_owned()
}

/// Text in which nothing is mark-up.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // What begins a list or a heading at the beginning of a line.
            '#' | '+' | '-' | '=' | ':' if at == 0 => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')'
                if text.get(..at).is_some_and(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit())) =>
            {
                out.push('\\');
                out.push(c);
            }
            // An address that is text stays text.
            ':' if text.get(at..).is_some_and(|t| t.starts_with("://")) => out.push_str("&#58;"),
            '@' => out.push_str("&#64;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
// Marks are ranges, and some texts have one.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_bold_and_text_is_text() {
        assert_eq!(marked("rare earths in Sichuan", &[0..11, 15..22]), "**rare earths** in **Sichuan**");
        assert_eq!(marked("稀土集团", &[0..6]), "**稀土**集团");
        assert_eq!(marked("the U.S. market", &[4..8]), "the **U.S**. market");
        assert_eq!(marked("a “稀土” b", &[2..14]), "a “**稀土**” b");
        assert_eq!(marked("四川凉山", &[0..6, 6..12]), "**四川凉山**");
        assert_eq!(marked("x", &[5..9]), "x");
        assert_eq!(
            escaped("<script>a|b</script> ![x](javascript:1) **b** `c` https://evil.example a@b.c"),
            "&lt;script&gt;a\\|b&lt;/script&gt; \\!\\[x\\](javascript:1) \\*\\*b\\*\\* \\`c\\` \
             https&#58;//evil.example a&#64;b.c"
        );
        assert_eq!(escaped("1. one"), "1\\. one");
        assert_eq!(escaped("# one"), "\\# one");
    }
}
