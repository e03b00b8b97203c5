//! Marked text in lines: broken at spaces and between Han characters, never before what closes or
//! after what opens.

use std::ops::Range;

use crate::cli::terminal::{Style, char_width, clean_char};

/// A piece of a line: text, and whether it matched.
pub(crate) type Piece = (String, bool);

/// Breaks marked text into lines of at most `columns`; without colour, matches get brackets. What comes
/// out is clean.
pub(crate) fn wrap(text: &str, marks: &[Range<usize>], columns: usize, style: &Style) -> Vec<Vec<Piece>> {
    let columns = columns.max(2);
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut line: Vec<(char, bool)> = Vec::new();
    let mut used = 0;
    let mut push = |c: char, marked: bool| {
        if line.is_empty() && c == ' ' {
            return;
        }
        // A space may hang over the edge: the break there drops it.
        while used + char_width(c) > columns && c != ' ' && !line.is_empty() {
            let rest = break_line(&mut line, c);
            lines.push(pieces(&line));
            used = rest.iter().map(|(c, _)| char_width(*c)).sum();
            line = rest;
        }
        line.push((c, marked));
        used += char_width(c);
    };
    let brackets = style.is_plain();
    let mut open = false;
    for (c, marked) in marked_chars(text, marks) {
        if brackets && marked != open {
            push(if marked { '[' } else { ']' }, false);
        }
        open = marked;
        push(if c.is_whitespace() { ' ' } else { c }, marked);
    }
    if brackets && open {
        push(']', false);
    }
    while line.last().is_some_and(|(c, _)| *c == ' ') {
        line.pop();
    }
    if !line.is_empty() {
        lines.push(pieces(&line));
    }
    lines
}

/// The clean characters of a text, and whether each lies in a marked range; ranges are sorted.
fn marked_chars<'a>(text: &'a str, marks: &'a [Range<usize>]) -> impl Iterator<Item = (char, bool)> + 'a {
    let mut next = 0;
    text.char_indices().filter_map(move |(at, c)| {
        while marks.get(next).is_some_and(|m| m.end <= at) {
            next += 1;
        }
        clean_char(c).map(|c| (c, marks.get(next).is_some_and(|m| m.contains(&at))))
    })
}

/// Cuts a full line, which `next` does not fit into, at the last place where a line may end; returns what
/// comes after.
fn break_line(line: &mut Vec<(char, bool)>, next: char) -> Vec<(char, bool)> {
    let may_break = |i: usize| {
        let before = i.checked_sub(1).and_then(|i| line.get(i));
        before.is_some_and(|(before, _)| may_end(*before, line.get(i).map_or(next, |(after, _)| *after)))
    };
    let at = (1..=line.len()).rev().find(|i| may_break(*i)).unwrap_or(line.len());
    let mut rest = line.split_off(at);
    let spaces = rest.iter().take_while(|(c, _)| *c == ' ').count();
    rest.drain(..spaces);
    while line.last().is_some_and(|(c, _)| *c == ' ') {
        line.pop();
    }
    rest
}

/// Whether a line may end between two characters.
fn may_end(before: char, after: char) -> bool {
    const CLOSING: &str = "，。、；：？！）”’》」』】〉…—％,.;:?!)]}%";
    const OPENING: &str = "（“‘《「『【〈([{";
    let wide = |c: char| c as u32 >= 0x2E80;
    if char_width(after) == 0 || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || wide(before) || wide(after)
}

fn pieces(line: &[(char, bool)]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for (c, marked) in line {
        match out.last_mut() {
            Some((text, same)) if same == marked => text.push(*c),
            _ => out.push((c.to_string(), *marked)),
        }
    }
    out
}

/// A line as it is shown, matches in colour.
pub(crate) fn painted(line: &[Piece], style: &Style, title: bool) -> String {
    line.iter()
        .map(|(text, marked)| match (marked, title) {
            (true, _) => style.mark(text),
            (false, true) => style.title(text),
            (false, false) => text.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::terminal::{clean_line, width};

    fn plain(lines: &[Vec<Piece>]) -> Vec<String> {
        lines.iter().map(|l| l.iter().map(|p| p.0.as_str()).collect()).collect()
    }

    #[test]
    fn lines_break_at_words_and_between_han() {
        let style = Style::plain();
        let lines = wrap("rare earth mining in Sichuan", &[Range { start: 0, end: 10 }], 12, &style);
        assert_eq!(plain(&lines), ["[rare earth]", "mining in", "Sichuan"]);
        assert_eq!(plain(&wrap("rare earths go", &[], 11, &style)), ["rare earths", "go"]);
        let lines = plain(&wrap("冕宁县（稀土产能）扩大，“产业”升级。", &[], 10, &style));
        // A line does not begin or end with the space that it was broken at.
        assert_eq!(plain(&wrap("稀 土稀 土", &[], 3, &style)), ["稀", "土", "稀", "土"]);
        for line in &lines {
            assert!(width(line) <= 10 && !line.starts_with(['，', '）', '。', '”']), "{lines:?}");
            assert!(!line.ends_with(['（', '“']), "{lines:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn nothing_is_lost_and_no_line_too_wide(text in ".{0,200}|[稀土 ，a-e\u{301}🚢]{0,200}", columns in 2usize..60) {
            let lines = plain(&wrap(&text, &[], columns, &Style::plain()));
            for line in &lines {
                prop_assert!(width(line) <= columns, "{line:?} in {columns}");
                prop_assert!(!line.starts_with(' ') && !line.ends_with(' '));
            }
            let squeezed = |t: &str| t.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(squeezed(&lines.concat()), squeezed(&clean_line(&text)));
        }
    }
}
