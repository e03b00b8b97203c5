//! A sentence that is wider than its room, cut at words with an ellipsis where something is left out.

use std::ops::Range;

use super::shown::{Glyph, columns};

/// Words that nothing ends with.
const SMALL_WORDS: [&str; 34] = [
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "from", "with", "and", "or", "but", "that",
    "which", "who", "when", "while", "as", "is", "are", "was", "were", "be", "its", "it", "their", "his",
    "amid", "into", "than", "some",
];

/// A passage: what of the body it shows, and whether more of its sentence stands before and behind.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) cut_before: bool,
    pub(super) cut_behind: bool,
}

/// Cuts glyphs of one sentence to `room` columns around a core, with a column for an ellipsis wherever
/// something is left out.
pub(super) fn cut(all: Vec<Glyph>, core: Range<usize>, room: usize) -> Passage {
    if columns(&all) <= room {
        return Passage { glyphs: all, cut_before: false, cut_behind: false };
    }
    // There is no room for an ellipsis beside the narrowest passages.
    let ellipsis = usize::from(room > 4);
    let inner = room.saturating_sub(2 * ellipsis);
    // What must be shown but does not fit is cut itself.
    let mut to = core.start;
    let mut used = 0;
    while to < core.end && used + usize::from(all[to].columns) <= inner {
        used += usize::from(all[to].columns);
        to += 1;
    }
    let mut from = core.start;
    let whole_core = to == core.end;
    // The sentence from its beginning, if that leaves room; else some words before the core.
    let before = columns(&all[..from]);
    let spare = inner - used;
    if before <= spare + ellipsis && before <= inner * 2 / 3 {
        from = 0;
        used += before;
    } else if whole_core {
        let third = spare / 3;
        let mut start = from;
        let mut width = 0;
        while start > 0 && width + usize::from(all[start - 1].columns) <= third {
            start -= 1;
            width += usize::from(all[start].columns);
        }
        from = word_start(&all, start, from);
        used += columns(&all[from..core.start]);
    }
    let cut_before = from > 0;
    let room = room - if cut_before { ellipsis } else { 0 };
    if whole_core {
        let mut end = to;
        let mut width = used;
        while end < all.len() && width + usize::from(all[end].columns) + ellipsis <= room {
            width += usize::from(all[end].columns);
            end += 1;
        }
        // The end of the sentence itself needs no ellipsis.
        if columns(&all[end..]) + width <= room {
            end = all.len();
        }
        to = if end < all.len() { without_small_words(&all, to, word_end(&all, to, end)) } else { end };
        if to == all.len() && from > 0 {
            // The sentence ends here: what room is left goes to what comes before.
            let mut start = from;
            let mut width = columns(&all[from..to]);
            while start > 0 && width + usize::from(all[start - 1].columns) <= room {
                start -= 1;
                width += usize::from(all[start].columns);
            }
            from = word_start(&all, start, from);
        }
    }
    // Nothing begins with the end of what was left out.
    while from > 0 && from < core.start.min(to) && closes(&all, from) {
        from += 1;
    }
    let cut_behind = to < all.len();
    let mut glyphs = all[from..to].to_vec();
    trim(&mut glyphs);
    if cut_behind && whole_core {
        // An ellipsis says what a comma would.
        while glyphs.len() > core.end - from.min(core.end) && glyphs.last().is_some_and(|g| is_comma(g.c)) {
            glyphs.pop();
        }
        trim(&mut glyphs);
    }
    Passage { glyphs, cut_before: cut_before && ellipsis > 0, cut_behind: cut_behind && ellipsis > 0 }
}

/// The first place from `start` to `least` where a clause begins, else a word.
fn word_start(all: &[Glyph], start: usize, least: usize) -> usize {
    if start == 0 {
        return 0;
    }
    let clause =
        |i: &usize| is_comma(all[*i - 1].c) || all[*i - 1].c == ' ' && *i > 1 && is_comma(all[*i - 2].c);
    let starts = |i: &usize| may_break(all, *i);
    let near = start..(start + (least - start) * 2 / 3).max(start);
    near.into_iter().find(clause).or_else(|| (start..least).find(starts)).unwrap_or(least)
}

/// The last place from `end` back to `least` where a clause ends, if that is not far, else a word.
fn word_end(all: &[Glyph], least: usize, end: usize) -> usize {
    let near = (end - (end - least) / 2).max(least)..=end;
    let clause = |i: &usize| *i > least && is_comma(all[*i - 1].c) && !splits_number(all, *i);
    near.rev().find(clause).or_else(|| (least..=end).rev().find(|i| may_break(all, *i))).unwrap_or(least)
}

/// The end of a part without the articles and prepositions that stand there for what is left out.
fn without_small_words(all: &[Glyph], least: usize, end: usize) -> usize {
    let mut end = end;
    loop {
        let blank = all[least..end].iter().rev().take_while(|g| g.c == ' ').count();
        let letters = all[least..end - blank].iter().rev().take_while(|g| g.c.is_ascii_alphabetic()).count();
        let start = end - blank - letters;
        let word: String = all[start..end - blank].iter().map(|g| g.c.to_ascii_lowercase()).collect();
        let apart = start > least && all[start - 1].c == ' ';
        if !apart || !SMALL_WORDS.contains(&word.as_str()) {
            return end;
        }
        end = start - 1;
    }
}

/// Whether a line could be broken before a glyph: at spaces, beside Han characters.
fn may_break(all: &[Glyph], at: usize) -> bool {
    let (Some(before), Some(behind)) = (at.checked_sub(1).and_then(|b| all.get(b)), all.get(at)) else {
        return true;
    };
    let joins = |c: char| {
        (c as u32) < 0x2E80 && c.is_alphanumeric() || matches!(c, '.' | '-' | '\'' | '’' | '%' | '$')
    };
    let (b, c) = (before.c, behind.c);
    if b == ' ' || c == ' ' {
        return true;
    }
    let opens = |c: char| "“‘（《【「『([".contains(c);
    let closes = |c: char| "，。、；：？！”’）》】」』,.;:?!)]%".contains(c);
    // A number stays with its unit: 3万吨, 15.6亿元.
    let numeral = b.is_ascii_digit() && "万亿千百元吨美年月日个倍度余多".contains(c)
        || "万亿千百第约".contains(b) && (c.is_ascii_digit() || "万亿元吨美".contains(c));
    let never = splits_number(all, at) || opens(b) || closes(c) || numeral || joins(b) && joins(c);
    !never
}

/// Whether a glyph closes what stands before it, or parts it from what follows.
fn closes(all: &[Glyph], at: usize) -> bool {
    let spaced = all.get(at + 1).is_some_and(|g| g.c == ' ');
    let c = all[at].c;
    c == ' ' || is_comma(c) || ".!?)]。！？”’）》】」』".contains(c) || matches!(c, '"' | '\'') && spaced
}

/// Whether a place is behind the comma or the point of a number.
fn splits_number(all: &[Glyph], at: usize) -> bool {
    let digit = |n: usize| all.get(n).is_some_and(|g| g.c.is_ascii_digit());
    at > 1 && matches!(all[at - 1].c, ',' | '.') && digit(at - 2) && digit(at)
}

fn is_comma(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '，' | '；' | '：' | '、' | '—' | '–')
}

/// Takes spaces off both ends.
pub(super) fn trim(glyphs: &mut Vec<Glyph>) {
    while glyphs.last().is_some_and(|g| g.c == ' ') {
        glyphs.pop();
    }
    let blank = glyphs.iter().take_while(|g| g.c == ' ').count();
    glyphs.drain(..blank);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_to(text: &str, core: &str, room: usize) -> String {
        let all: Vec<Glyph> = text.chars().enumerate().map(|(at, c)| Glyph { at, c, columns: 1 }).collect();
        let from = text[..text.find(core).unwrap()].chars().count();
        let passage = cut(all, from..from + core.chars().count(), room);
        let shown: String = passage.glyphs.iter().map(|g| g.c).collect();
        let mark = |cut| if cut { "…" } else { "" };
        format!("{}{shown}{}", mark(passage.cut_before), mark(passage.cut_behind))
    }

    #[test]
    fn no_number_is_cut() {
        let text = "It can handle ships of up to 150,000 tonnes of ore";
        for room in 8..50 {
            assert!(!cut_to(text, "ships", room).contains("150…"), "{}", cut_to(text, "ships", room));
        }
    }

    #[test]
    fn nothing_begins_with_the_end_of_what_is_left_out() {
        let text = "what is it good for,\" wrote the chair of the copper board in a letter";
        for room in 8..60 {
            let shown = cut_to(text, "copper", room);
            assert!(!shown.starts_with("…\"") && !shown.starts_with("…,"), "{shown}");
        }
    }
}
