//! The marks of Markdown that are left in bodies, so that a snippet can leave them out.
//!
//! Bodies come from anywhere, so a mark counts only where nothing else is likely meant: `*ST` is part
//! of a share's name, `#1` is a rank, `a | b` is text. What is hidden here is searched all the same; the index
//! cares for letters only.

use std::ops::Range;

use super::shown::{Body, Instead};

/// Farthest that the other half of a pair of marks is looked for.
const PAIR_MAX_BYTES: usize = 240;

/// The marks in a range, with what stands in their place: sorted and disjoint.
pub(super) fn marks(body: Body<'_>, range: Range<usize>) -> Vec<(Range<usize>, Instead)> {
    let text = body.text;
    let mut out = Vec::new();
    let special = |b: &u8| {
        matches!(b, b'#' | b'*' | b'_' | b'`' | b'[' | b'|' | b'>' | b'-' | b'\\' | b'=' | b'~' | b'+')
    };
    if !text.as_bytes()[range.clone()].iter().any(special) {
        return out;
    }
    // Lines count as a whole: a table's row is told by its first mark.
    let before = body_line_start(text, range.start);
    let mut line_start = before;
    while line_start < range.end {
        let most = text.floor_char_boundary((range.end + PAIR_MAX_BYTES).min(text.len()));
        let line_end = text[line_start..most].find('\n').map_or(most, |at| line_start + at);
        line_marks(body, line_start..line_end, &range, &mut out);
        line_start = line_end + 1;
    }
    out.retain(|(r, _)| r.end > range.start && r.start < range.end && r.start < r.end);
    out.sort_by_key(|(r, _)| r.start);
    let mut end = 0;
    out.retain(|(r, _)| {
        let apart = r.start >= end;
        end = end.max(r.end);
        apart
    });
    out
}

/// Where the line begins that holds a byte, as far back as a line's first marks matter.
fn body_line_start(text: &str, at: usize) -> usize {
    let from = text.floor_char_boundary(at.saturating_sub(1 << 12));
    text[from..at].rfind('\n').map_or(from, |n| from + n + 1)
}

fn line_marks(
    body: Body<'_>,
    line: Range<usize>,
    range: &Range<usize>,
    out: &mut Vec<(Range<usize>, Instead)>,
) {
    let text = body.text;
    let raw = &text[line.clone()];
    let trimmed = raw.trim_start();
    let lead = line.start + raw.len() - trimmed.len();
    let trimmed = trimmed.trim_end();
    if is_rule(trimmed) {
        out.push((lead..lead + trimmed.len(), Instead::Space));
        return;
    }
    let is_row = trimmed.len() > 1 && trimmed.starts_with('|');
    let opening = opening_marks(trimmed);
    if opening > 0 {
        out.push((lead..lead + opening, Instead::Nothing));
    }
    let bytes = text.as_bytes();
    let from = (lead + opening).max(text.floor_char_boundary(range.start.saturating_sub(PAIR_MAX_BYTES)));
    let to = line.end.min(range.end);
    let mut at = from;
    while at < to {
        let here = bytes[at];
        let next = bytes.get(at + 1).copied();
        match here {
            b'|' if is_row => {
                let outer = at == lead || at + 1 == lead + trimmed.len();
                out.push((at..at + 1, if outer { Instead::Nothing } else { Instead::Cells }));
                at += 1;
            }
            b'\\' if next.is_some_and(|b| b"*_#[]()`|>\\".contains(&b)) => {
                out.push((at..at + 1, Instead::Nothing));
                at += 2;
            }
            b'*' | b'_' | b'`' | b'~' => {
                let run = bytes[at..line.end].iter().take_while(|b| **b == here).count();
                let length = if here == b'~' { 2 } else { 3 };
                if run <= length
                    && !(here == b'~' && run < 2)
                    && let Some(close) = closing(text, at, run, line.end)
                {
                    out.push((at..at + run, Instead::Nothing));
                    out.push((close..close + run, Instead::Nothing));
                }
                at += run;
            }
            b'[' => {
                if let Some(close) = link_end(body, at, line.end) {
                    let image = usize::from(at > line.start && bytes[at - 1] == b'!');
                    out.push((at - image..at + 1, Instead::Nothing));
                    out.push((close..close + 1, Instead::Nothing));
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Length of the marks that open a line: of a heading, a quotation, an item.
fn opening_marks(line: &str) -> usize {
    let hashes = line.bytes().take_while(|b| *b == b'#').count();
    if (1..=6).contains(&hashes) && line[hashes..].starts_with(' ') {
        return hashes + 1;
    }
    match line.as_bytes() {
        [b'>', b' ', ..] => 2,
        [b'-' | b'*' | b'+', b' ', rest, ..] if !rest.is_ascii_digit() => 2,
        _ => 0,
    }
}

/// Whether a line is a rule or the second row of a table: `---`, `***`, `|:--|--:|`.
fn is_rule(line: &str) -> bool {
    line.bytes().all(|b| matches!(b, b'-' | b'*' | b'_' | b'=' | b'|' | b':' | b' '))
        && line.bytes().filter(|b| matches!(b, b'-' | b'*' | b'_' | b'=')).count() >= 3
}

/// Where the marks stand that close an emphasis which opens at `at`.
fn closing(text: &str, at: usize, run: usize, line_end: usize) -> Option<usize> {
    let mark = &text[at..at + run];
    let before = text[..at].chars().next_back();
    let first = text[at + run..].chars().next().filter(|c| !c.is_whitespace())?;
    // Inside a word, only two stars mean anything: `snake_case`, `2*3*4`.
    let inside_word = before.is_some_and(|c| c.is_ascii_alphanumeric()) && first.is_ascii_alphanumeric();
    if inside_word && mark != "**" {
        return None;
    }
    let end = text.floor_char_boundary(line_end.min(at + run + PAIR_MAX_BYTES));
    let inside = text.get(at + run..end)?;
    inside.match_indices(mark).map(|(found, _)| at + run + found).find(|&close| {
        let before = text[..close].chars().next_back();
        let after = text[close + run..].chars().next();
        let ends_word = before.is_some_and(|c| !c.is_whitespace());
        let single = mark == "*" || mark == "_";
        ends_word
            && close > at + run
            && !(single && after.is_some_and(char::is_alphanumeric))
            && after != mark.chars().next()
    })
}

/// Where the text of a link ends whose bracket opens at `at`: at a bracket behind which the target
/// is hidden.
fn link_end(body: Body<'_>, at: usize, line_end: usize) -> Option<usize> {
    let end = body.text.floor_char_boundary(line_end.min(at + PAIR_MAX_BYTES));
    let inside = body.text.get(at + 1..end)?;
    let close = at + 1 + inside.find(']')?;
    let target = body.hidden_from(close + 1).first()?;
    (target.start == close + 1 && body.text[target.clone()].starts_with('(')).then_some(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        // Targets as the reader of Markdown hides them.
        let hidden: Vec<Range<usize>> = text
            .match_indices("](")
            .map(|(at, _)| at + 1..at + 2 + text[at + 2..].find(')').map_or(0, |n| n + 1))
            .collect();
        let mut out = Vec::new();
        Body { text, hidden: &hidden }.glyphs(0..text.len(), &mut out);
        out.into_iter().map(|g| g.c).collect()
    }

    #[test]
    fn marks_are_left_out() {
        for (text, want) in [
            ("## Tin **falls** again\nIt `fell` _far_.", "Tin falls again It fell far."),
            ("See [the *note*](../n.md) and ![a pit](p.png).", "See the note and a pit."),
            ("| Metal | Price |\n|---|--:|\n| Tin | 30 |", "Metal · Price Tin · 30"),
            ("> He said\n- one\n* two\n---\nend", "He said one two end"),
            (r"5 \* 3 ~~old~~ new", "5 * 3 old new"),
            ("**稀土**价格，__镨钕__上涨", "稀土价格，镨钕上涨"),
        ] {
            assert_eq!(shown(text).trim(), want, "{text}");
        }
    }

    #[test]
    fn what_may_mean_something_else_stays() {
        for text in [
            "*ST海航和*ST金泰涨停",
            "C# and #1 and a | b and x > y",
            "2*3*4 snake_case_name",
            "5 - 3 = 2 [sic] -5",
            "标题_新浪网_财经",
            "* 5 tonnes",
        ] {
            assert_eq!(shown(text), text);
        }
    }
}
