//! From matches to a passage: whole sentences where they fit, words and an ellipsis where not.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::{Snippet, find::Match, merged};

/// Words after which a full stop ends no sentence.
const ABBREVIATIONS: [&str; 34] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "co", "corp", "inc", "ltd", "plc", "bros", "no", "vs", "jan",
    "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "gen", "sen", "rep", "gov",
    "u.s", "u.k", "e.g", "i.e",
];

/// The passage of at most `columns` display columns that answers best: the matches that say most,
/// close together, early. `weights` tells how much each mark says.
pub(crate) fn choose(
    body: &str,
    furniture: &[Range<usize>],
    matches: &[Match],
    weights: &[f32],
    columns: usize,
) -> Snippet {
    let columns = columns.max(1);
    let sentences = sentences(body, furniture);
    if sentences.is_empty() {
        return Snippet::default();
    }
    let mut builder = Builder::new(body, furniture, matches);
    let widths: Vec<usize> = sentences.iter().map(|s| builder.width(s)).collect();
    let found: Vec<Vec<usize>> = marks_of(&sentences, matches);
    // The window of whole sentences, as many as fit from each start, that holds most.
    let mut best: Option<(f64, Range<usize>)> = None;
    for start in (0..sentences.len()).filter(|n| !found[*n].is_empty()) {
        let mut end = start + 1;
        let mut used = widths[start];
        let mut total = found[start].len();
        let mut distinct: Vec<usize> = found[start].clone();
        while end < sentences.len() && used + 1 + widths[end] <= columns {
            used += 1 + widths[end];
            total += found[end].len();
            distinct.extend(&found[end]);
            end += 1;
        }
        distinct.sort_unstable();
        distinct.dedup();
        let weight: f64 = distinct.iter().map(|m| f64::from(weights.get(*m).copied().unwrap_or(1.0))).sum();
        let score = weight + (total as f64).ln_1p() * 0.3 - (start as f64).ln_1p() * 0.25;
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, start..end));
        }
    }
    let (mut low, mut high) = best.map_or((0, 1), |(_, window)| (window.start, window.end));
    let mut used: usize = widths[low..high].iter().sum::<usize>() + (high - low - 1);
    if used > columns {
        return builder.cut(sentences[low].clone(), columns);
    }
    // Room left: more of what follows, then of what comes before.
    while high < sentences.len() && used + 1 + widths[high] <= columns {
        used += 1 + widths[high];
        high += 1;
    }
    while low > 0 && used + 1 + widths[low - 1] <= columns {
        used += 1 + widths[low - 1];
        low -= 1;
    }
    builder.add(sentences[low].start..sentences[high - 1].end);
    builder.finish()
}

/// The distinct marks of each sentence.
fn marks_of(sentences: &[Range<usize>], matches: &[Match]) -> Vec<Vec<usize>> {
    let mut first = 0;
    let of_sentence = |sentence: &Range<usize>| {
        while matches.get(first).is_some_and(|m| m.range.end <= sentence.start) {
            first += 1;
        }
        let inside = matches[first..].iter().take_while(|m| m.range.start < sentence.end);
        let mut marks: Vec<usize> = inside.map(|m| m.mark).collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    };
    sentences.iter().map(of_sentence).collect()
}

/// Builds the text of a snippet from ranges of the body.
struct Builder<'a> {
    body: &'a str,
    furniture: &'a [Range<usize>],
    marks: Vec<Range<usize>>,
    out: Snippet,
}

impl<'a> Builder<'a> {
    fn new(body: &'a str, furniture: &'a [Range<usize>], matches: &[Match]) -> Builder<'a> {
        let marks = merged(matches.iter().map(|m| m.range.clone()));
        Builder { body, furniture, marks, out: Snippet::default() }
    }

    /// The characters of a range that are shown, with white space folded to single spaces.
    fn shown(&self, range: &Range<usize>) -> impl Iterator<Item = (usize, char)> + 'a {
        let (body, furniture) = (self.body, self.furniture);
        let mut skip = furniture.partition_point(|f| f.end <= range.start);
        let (start, end) = (range.start, range.end);
        let mut space = true;
        body[start..end].char_indices().filter_map(move |(at, c)| {
            let at = at + start;
            while furniture.get(skip).is_some_and(|f| f.end <= at) {
                skip += 1;
            }
            let hidden = furniture.get(skip).is_some_and(|f| f.contains(&at));
            if hidden {
                return None;
            }
            if c.is_whitespace() || c.is_control() {
                let first = !space;
                space = true;
                return first.then_some((at, ' '));
            }
            if invisible(c) {
                return None;
            }
            space = false;
            Some((at, c))
        })
    }

    fn width(&self, range: &Range<usize>) -> usize {
        self.shown(range).map(|(_, c)| c.width().unwrap_or(0)).sum()
    }

    fn add(&mut self, range: Range<usize>) {
        let mut next = self.marks.partition_point(|m| m.end <= range.start);
        let mut open: Option<usize> = None;
        let shown: Vec<(usize, char)> = self.shown(&range).collect();
        for (at, c) in shown {
            while self.marks.get(next).is_some_and(|m| m.end <= at) {
                if let Some(from) = open.take() {
                    self.close(from);
                }
                next += 1;
            }
            if open.is_none() && self.marks.get(next).is_some_and(|m| m.contains(&at)) {
                open = Some(self.out.text.len());
            }
            self.out.text.push(c);
        }
        if let Some(from) = open {
            self.close(from);
        }
    }

    fn close(&mut self, from: usize) {
        let marked = self.out.text[from..].trim_end().len();
        if marked > 0 {
            self.out.highlights.push(from..from + marked);
        }
    }

    /// A window of a sentence that is wider than `columns`, cut at words, around its first match.
    fn cut(mut self, sentence: Range<usize>, columns: usize) -> Snippet {
        let shown: Vec<(usize, char)> = self.shown(&sentence).collect();
        let widths: Vec<usize> = shown.iter().map(|(_, c)| c.width().unwrap_or(0)).collect();
        let of_match = |m: &Range<usize>| shown.iter().position(|(at, _)| m.contains(at));
        let focus =
            self.marks.iter().filter(|m| m.start < sentence.end && m.end > sentence.start).find_map(of_match);
        let focus = focus.unwrap_or(0);
        let total: usize = widths.iter().sum();
        // A third of the room stands before the match.
        let room = columns.saturating_sub(2).max(1);
        let (mut start, mut before) = (focus, 0);
        while start > 0 && before + widths[start - 1] <= room / 3 {
            start -= 1;
            before += widths[start];
        }
        let rest: usize = widths[start..].iter().sum();
        if rest < room {
            // The end of the sentence fits: more of what comes before does too.
            let mut used = rest;
            while start > 0 && used + widths[start - 1] <= room {
                start -= 1;
                used += widths[start];
            }
        }
        let (mut end, mut used) = (start, 0);
        while end < shown.len() && used + widths[end] <= room {
            used += widths[end];
            end += 1;
        }
        let breaks = |i: usize| {
            i == 0
                || i >= shown.len()
                || shown[i - 1].1 == ' '
                || !(joins(shown[i - 1].1) && joins(shown[i].1))
        };
        let mut from = start;
        while from < focus && !breaks(from) {
            from += 1;
        }
        let mut to = end;
        while to > focus + 1 && !breaks(to) {
            to -= 1;
        }
        if from > 0 && columns > 2 {
            self.out.text.push('…');
        }
        let byte = |i: usize| shown.get(i).map_or(sentence.end, |(at, _)| *at);
        if to > from {
            self.add(byte(from)..byte(to));
        }
        let trimmed = self.out.text.trim_end().len();
        self.out.text.truncate(trimmed);
        if total > 0 && to < shown.len() && columns > 2 {
            self.out.text.push('…');
        }
        self.finish()
    }

    fn finish(mut self) -> Snippet {
        let trimmed = self.out.text.trim_end().len();
        self.out.text.truncate(trimmed);
        self.out.highlights.retain_mut(|h| {
            h.end = h.end.min(trimmed);
            h.start < h.end
        });
        self.out
    }
}

/// Characters that a passage must not be cut between.
fn joins(c: char) -> bool {
    c.is_alphanumeric() && (c as u32) < 0x2E80
}

/// Characters that change how their neighbours are shown, or show nothing: bidi controls, zero widths.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{AD}')
}

/// The sentences of a body, without the furniture around them.
pub(crate) fn sentences(body: &str, furniture: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut push = |from: usize, to: usize| {
        let text = &body[from..to];
        let lead = text.len() - text.trim_start().len();
        let text = text.trim();
        if !text.is_empty() {
            out.push(from + lead..from + lead + text.len());
        }
    };
    let mut skip = 0;
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        while furniture.get(skip).is_some_and(|f| f.end <= at) {
            skip += 1;
        }
        if let Some(hidden) = furniture.get(skip).filter(|f| f.start == at) {
            // Inline mark-up and entities stand inside a sentence; everything else ends it.
            let text = &body[hidden.clone()];
            let block = !(text.starts_with('&') || is_inline_tag(text));
            if block {
                push(start, at);
                start = hidden.end;
            }
            while chars.peek().is_some_and(|(next, _)| *next < hidden.end) {
                chars.next();
            }
            continue;
        }
        let end = at + c.len_utf8();
        let stops = match c {
            '。' | '！' | '？' | '；' => {
                // A closing quote or bracket belongs to the sentence.
                !matches!(chars.peek(), Some((_, '”' | '’' | '」' | '』' | '）' | '。' | '！' | '？')))
            }
            '”' | '」' | '』' => body[..at].ends_with(['。', '！', '？']),
            '.' | '!' | '?' => {
                let next = body[end..].chars().next();
                let after = body[end..].trim_start().chars().next();
                next.is_none_or(char::is_whitespace)
                    && after.is_none_or(|c| !c.is_lowercase())
                    && !(c == '.' && is_abbreviation(&body[start..at]))
            }
            '\n' => {
                body[end..].starts_with(['\n', '\r'])
                    || body[end..].trim_start_matches([' ', '\t']).starts_with('\n')
            }
            _ => false,
        };
        if stops {
            push(start, end);
            start = end;
        }
    }
    push(start, body.len());
    out
}

fn is_inline_tag(tag: &str) -> bool {
    let name =
        tag.trim_start_matches(['<', '/']).split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
    tag.starts_with('<')
        && matches!(
            name.to_ascii_lowercase().as_str(),
            "a" | "b" | "em" | "i" | "span" | "strong" | "sub" | "sup" | "u" | "font"
        )
}

fn is_abbreviation(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let lower = word.to_ascii_lowercase();
    ABBREVIATIONS.contains(&lower.as_str())
        || (word.chars().count() == 1 && word.chars().all(char::is_uppercase))
        || (word.contains('.')
            && word.chars().all(|c| c == '.' || c.is_ascii_alphabetic())
            && word.len() <= 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(body: &'a str, furniture: &[Range<usize>]) -> Vec<&'a str> {
        sentences(body, furniture).into_iter().map(|r| &body[r]).collect()
    }

    #[test]
    fn sentences_of_both_languages() {
        assert_eq!(
            texts("Prices rose 4.96 per cent. The U.S. Steel Co. said so. Why?\n\nNext", &[]),
            ["Prices rose 4.96 per cent.", "The U.S. Steel Co. said so.", "Why?", "Next"]
        );
        assert_eq!(texts("他说：“涨了。”随后跌。好！；", &[]), ["他说：“涨了。”", "随后跌。", "好！", "；"]);
        assert_eq!(texts("<p>一</p><p>二", &[0..3, 6..10, 10..13]), ["一", "二"]);
    }

    #[test]
    fn a_passage_is_never_wider_than_asked() {
        let body = "Lithium carbonate futures in Guangzhou fell, while 碳酸锂期货主力合约大幅下跌之后企稳回升并继续震荡. ".repeat(3);
        let at = body.find("主力").unwrap();
        let matches = [Match { range: at..at + 6, mark: 0 }];
        for columns in 1..200 {
            let snippet = choose(&body, &[], &matches, &[1.0], columns);
            let width: usize = snippet.text.chars().map(|c| c.width().unwrap_or(0)).sum();
            assert!(width <= columns.max(2), "{columns}: {width} {}", snippet.text);
            for range in &snippet.highlights {
                assert!(snippet.text.get(range.clone()).is_some());
            }
        }
        let snippet = choose(&body, &[], &matches, &[1.0], 60);
        assert_eq!(&snippet.text[snippet.highlights[0].clone()], "主力");
    }
}
