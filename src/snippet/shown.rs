//! What a passage of a body looks like: without mark-up and page furniture, entities as what they
//! stand for, white space as single spaces; and how wide it is.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::markdown;

/// A character of a snippet, and where in the body it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) at: usize,
    pub(super) c: char,
    pub(super) columns: u8,
}

/// What stands in a snippet in place of a part of the body that is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    Nothing,
    /// White space, which ends nothing before full-width punctuation.
    Space,
    /// Between two cells of a table.
    Cells,
    Char(char),
}

/// A body with the ranges that are not text: sorted, disjoint, on character boundaries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Body<'a> {
    pub(super) text: &'a str,
    pub(super) hidden: &'a [Range<usize>],
}

impl<'a> Body<'a> {
    /// The ranges that are not text from `at` on.
    pub(super) fn hidden_from(&self, at: usize) -> &'a [Range<usize>] {
        &self.hidden[self.hidden.partition_point(|h| h.end <= at)..]
    }

    /// Display columns of a range, or somewhat more; once beyond `most`, it counts no further.
    pub(super) fn columns(&self, range: Range<usize>, most: usize) -> usize {
        let mut columns = 0;
        let mut at = range.start;
        let mut space = true;
        for h in self.hidden_from(range.start) {
            if h.start >= range.end || columns > most {
                break;
            }
            columns += self.plain_columns(at..h.start.max(at), most - columns, &mut space);
            // An entity stands for one character; a space may stand for anything else.
            columns += 2;
            at = h.end;
        }
        columns + self.plain_columns(at..range.end.max(at), most.saturating_sub(columns), &mut space)
    }

    /// The same of a range with nothing hidden in it; `space` tells whether white space stands before it.
    fn plain_columns(&self, range: Range<usize>, most: usize, space: &mut bool) -> usize {
        let bytes = &self.text.as_bytes()[range.clone()];
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return 0 };
        if bytes.is_ascii() {
            let blank = |byte: &u8| *byte <= b' ';
            let doubled = bytes.iter().zip(&bytes[1..]).filter(|(a, b)| blank(a) & blank(b)).count();
            let borders = bytes.iter().filter(|b| **b == b'|').count();
            let led = usize::from(*space && blank(first));
            *space = blank(last);
            return bytes.len() - doubled - led + 2 * borders;
        }
        let mut columns = 0;
        let mut at = 0;
        while columns <= most
            && let Some(&byte) = bytes.get(at)
        {
            if byte < 0x80 {
                let is_space = byte <= b' ';
                // A cell's border is shown with spaces.
                columns += 2 * usize::from(byte == b'|') + usize::from(!(is_space && *space));
                *space = is_space;
                at += 1;
            } else if (0xE4..=0xE9).contains(&byte) {
                columns += 2;
                *space = false;
                at += 3;
            } else {
                let c = self.text[range.start + at..].chars().next().unwrap_or(' ');
                columns += c.width().unwrap_or(0).max(usize::from(c.is_whitespace()));
                *space = false;
                at += c.len_utf8();
            }
        }
        columns
    }

    /// Appends what a range shows. A range begins and ends a line for this purpose: white space at its
    /// start is left out, and one that follows other text is set off by a space.
    pub(super) fn glyphs(&self, range: Range<usize>, out: &mut Vec<Glyph>) {
        let marks = markdown::marks(*self, range.clone());
        let mut marks = marks.into_iter().peekable();
        let mut hidden = self.hidden_from(range.start).iter().take_while(|h| h.start < range.end).peekable();
        let mut at = range.start;
        if !out.is_empty() {
            push_space(at, out);
        }
        while at < range.end {
            let text_end = hidden.peek().map_or(range.end, |h| h.start).min(range.end);
            while at < text_end {
                while marks.peek().is_some_and(|(m, _)| m.end <= at) {
                    marks.next();
                }
                if let Some((mark, instead)) = marks.next_if(|(m, _)| m.start <= at) {
                    push(at, instead, out);
                    at = mark.end.min(text_end);
                    continue;
                }
                let Some(c) = self.text[at..].chars().next() else { return };
                push(at, Instead::Char(c), out);
                at += c.len_utf8();
            }
            if let Some(h) = hidden.next_if(|h| h.start <= at) {
                push(at, instead_of(&self.text[h.clone()]), out);
                at = at.max(h.end);
            }
        }
    }
}

fn push(at: usize, instead: Instead, out: &mut Vec<Glyph>) {
    match instead {
        // Nearly all of a text.
        Instead::Char(c @ '!'..='~') => out.push(Glyph { at, c, columns: 1 }),
        Instead::Char(c @ '\u{4E00}'..='\u{9FFF}') => out.push(Glyph { at, c, columns: 2 }),
        Instead::Char(' ') | Instead::Space => push_space(at, out),
        Instead::Nothing => {}
        Instead::Cells => {
            push_space(at, out);
            if !out.is_empty() {
                out.extend([Glyph { at, c: '·', columns: 1 }, Glyph { at, c: ' ', columns: 1 }]);
            }
        }
        Instead::Char(c) if c.is_whitespace() || c.is_control() => push_space(at, out),
        Instead::Char(c) if invisible(c) => {}
        Instead::Char(c) => out.push(Glyph { at, c, columns: c.width().unwrap_or(0).min(2) as u8 }),
    }
}

fn push_space(at: usize, out: &mut Vec<Glyph>) {
    // Full-width punctuation has its space in it.
    let needless = |c: char| c == ' ' || "。！？；：，、（）《》【】「」『』".contains(c);
    if out.last().is_some_and(|g| !needless(g.c)) {
        out.push(Glyph { at, c: ' ', columns: 1 });
    }
}

/// Display columns of glyphs.
pub(super) fn columns(glyphs: &[Glyph]) -> usize {
    glyphs.iter().map(|g| usize::from(g.columns)).sum()
}

/// Characters that change how their neighbours are shown, or show nothing: bidi controls, zero widths,
/// variation selectors, tags.
fn invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether what is hidden stands inside a sentence without ending it: a tag for a few words, an
/// entity, the target of a link.
pub(super) fn is_inline(hidden: &str) -> bool {
    instead_of(hidden) != Instead::Space || is_blank(hidden)
}

fn is_blank(hidden: &str) -> bool {
    hidden.starts_with('&')
}

fn instead_of(hidden: &str) -> Instead {
    if let Some(entity) = hidden.strip_prefix('&') {
        return decode(entity.trim_end_matches(';'));
    }
    if let Some(tag) = hidden.strip_prefix('<') {
        let name =
            tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        let inline = ["a", "abbr", "b", "em", "font", "i", "mark", "span", "strong", "sub", "sup", "u"];
        return match inline.iter().any(|i| name.eq_ignore_ascii_case(i)) {
            true => Instead::Nothing,
            false => Instead::Space,
        };
    }
    // The target of a Markdown link.
    if hidden.starts_with('(') && hidden.ends_with(')') && !hidden.contains(' ') {
        return Instead::Nothing;
    }
    Instead::Space
}

/// What an entity stands for, without its `&` and `;`.
fn decode(entity: &str) -> Instead {
    let c = match entity {
        "amp" => '&',
        "apos" => '\'',
        "bull" => '•',
        "copy" => '©',
        "gt" => '>',
        "hellip" => '…',
        "ldquo" => '“',
        "lsquo" => '‘',
        "lt" => '<',
        "mdash" => '—',
        "middot" => '·',
        "ndash" => '–',
        "quot" => '"',
        "raquo" => '»',
        "rdquo" => '”',
        "reg" => '®',
        "rsquo" => '’',
        "times" => '×',
        "trade" => '™',
        "zwnj" => return Instead::Nothing,
        _ => {
            let number = entity.strip_prefix('#').unwrap_or("");
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            // Pages give Windows-1252's places for these.
            match code.unwrap_or(0x20) {
                0x85 => '…',
                0x91 => '‘',
                0x92 => '’',
                0x93 => '“',
                0x94 => '”',
                0x96 => '–',
                0x97 => '—',
                code => char::from_u32(code).unwrap_or(' '),
            }
        }
    };
    Instead::Char(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, hidden: &[Range<usize>]) -> String {
        let body = Body { text, hidden };
        let mut out = Vec::new();
        body.glyphs(0..text.len(), &mut out);
        assert!(columns(&out) <= body.columns(0..text.len(), usize::MAX), "{text}");
        out.into_iter().map(|g| g.c).collect()
    }

    fn hide(text: &str, parts: &[&str]) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for part in parts {
            out.extend(text.match_indices(part).map(|(at, m)| at..at + m.len()));
        }
        out.sort_by_key(|r| r.start);
        out
    }

    #[test]
    fn mark_up_is_left_out_and_entities_are_what_they_stand_for() {
        let text = "<p>R&amp;D at <b>Tin</b>works&nbsp;&#8212; “ok”</p><p>Next</p>";
        let hidden = hide(text, &["<p>", "</p>", "<b>", "</b>", "&amp;", "&nbsp;", "&#8212;"]);
        assert_eq!(shown(text, &hidden).trim(), "R&D at Tinworks — “ok” Next");
        let text = "<p>涨了。</p><p>\u{3000}\u{3000}随后</p><p>跌";
        assert_eq!(shown(text, &hide(text, &["<p>", "</p>"])), "涨了。随后 跌");
    }

    #[test]
    fn what_steers_or_shows_nothing_is_left_out() {
        assert_eq!(shown("a\u{202E}b\u{200B}c\u{FE0F} \n\t d\u{1b}[31m", &[]), "abc d [31m");
    }
}
