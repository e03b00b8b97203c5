//! Plain text: one article, its headline told from the look of the first line.

use super::{complete, dates, lang};
use crate::article::{Article, Skip};

const TITLE_MAX_CHARS: usize = 200;
const TITLE_MAX_HAN: usize = 60;

/// Headings of sections and other first lines that are no headline; lower case, without the mark at
/// their end.
const NO_TITLES: [&str; 46] = [
    "abstract",
    "advertisement",
    "analysis",
    "at a glance",
    "background",
    "breaking",
    "breaking news",
    "brief",
    "conclusion",
    "contents",
    "executive summary",
    "exclusive",
    "highlights",
    "in brief",
    "in short",
    "introduction",
    "key facts",
    "key findings",
    "key highlights",
    "key points",
    "key takeaways",
    "main points",
    "market news",
    "news",
    "overview",
    "press release",
    "quick take",
    "story highlights",
    "summary",
    "table of contents",
    "takeaways",
    "the details",
    "the gist",
    "tl;dr",
    "top line",
    "what happened",
    "what to know",
    "what you need to know",
    "what's happening",
    "what’s happening",
    "why it matters",
    "摘要",
    "导读",
    "导语",
    "核心提示",
    "要点",
];

/// Words at the end of a line that show that its sentence goes on in the next one.
const UNFINISHED: [&str; 24] = [
    "a", "an", "and", "as", "at", "but", "by", "for", "from", "has", "have", "her", "his", "in", "is", "its",
    "of", "on", "or", "that", "the", "their", "to", "with",
];

/// Reads a text file as one article.
pub(super) fn read(text: String, name: &str) -> Result<Article, Skip> {
    if text.trim().is_empty() {
        return Err(super::skip(name, None, "empty"));
    }
    let (title, body) = split_title(&text);
    let mut article =
        Article { id: name.to_owned(), title: title.to_owned(), path: name.to_owned(), ..Article::default() };
    let start = text.len() - body.len();
    article.body = text;
    article.body.drain(..start);
    complete(&mut article, false);
    Ok(article)
}

/// The headline, empty when the text has none, and the body from its first line with text on.
pub(super) fn split_title(text: &str) -> (&str, &str) {
    let start = blank_lines(text);
    let rest = text.get(start..).unwrap_or_default();
    let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
    let body = after.get(blank_lines(after)..).unwrap_or_default();
    let followed_by_gap = blank_lines(after) > 0;
    let line = line.trim();
    let title = line.trim_start_matches('#').trim();
    if looks_like_title(title, body, followed_by_gap) { (title, body) } else { ("", text) }
}

/// Length of the blank lines at the start.
fn blank_lines(text: &str) -> usize {
    let lead = text.len() - text.trim_start().len();
    text.get(..lead).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at + 1)
}

fn looks_like_title(line: &str, body: &str, followed_by_gap: bool) -> bool {
    let chars = line.chars().count();
    let han = line.chars().filter(|&c| lang::is_han(c)).count();
    if body.trim().is_empty() || !(2..=TITLE_MAX_CHARS).contains(&chars) || han > TITLE_MAX_HAN {
        return false;
    }
    if !line.chars().any(char::is_alphabetic) || is_bullet(line) || dates::is_byline(line) {
        return false;
    }
    if line.ends_with(['。', '.', ',', ';', ':', '，', '、', '；', '：', '-', '—']) {
        return false;
    }
    let bare = line.trim_end_matches(['?', '!', '？', '！', ':', '：']).trim().to_lowercase();
    if NO_TITLES.contains(&bare.as_str()) || bare.starts_with("by ") || line.starts_with('<') {
        return false;
    }
    if followed_by_gap {
        return true;
    }
    // Prose that was wrapped at some column looks like a headline but goes on in the next line.
    let goes_on = body.chars().next().is_some_and(char::is_lowercase);
    let unfinished = bare.split_whitespace().last().is_some_and(|word| UNFINISHED.contains(&word));
    !goes_on && !unfinished
}

fn is_bullet(line: &str) -> bool {
    if line.starts_with(['-', '*', '•', '·', '–', '—', '●', '■', '◆', '>', '|', '+', '▪', '○'])
    {
        return true;
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && line.get(digits..).is_some_and(|rest| rest.starts_with(['.', ')', '、', '）']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        for (text, title, body) in [
            (
                "Smelter Restarts After Flood\n\nThe plant is back.\n",
                "Smelter Restarts After Flood",
                "The plant is back.\n",
            ),
            ("\n\nSmelter Restarts\r\n\r\n  The plant is back.", "Smelter Restarts", "  The plant is back."),
            (
                "Smelter Restarts\nA Subheading Here\nThe plant is back.",
                "Smelter Restarts",
                "A Subheading Here\nThe plant is back.",
            ),
            ("铜厂复产\n\n云南一家铜厂今日复产。", "铜厂复产", "云南一家铜厂今日复产。"),
            ("# Smelter Restarts\nThe plant is back.", "Smelter Restarts", "The plant is back."),
        ] {
            assert_eq!(split_title(text), (title, body));
        }
        for text in [
            "Highlights\n- Ore up\n",
            "What's Happening?\nThe pit shut.",
            "Key takeaways:\n\nOre up.",
            "The plant is back.\n\nIt was shut.",
            "The plant, which was shut in\nMay, is back.",
            "The plant was shut when the\nRiver rose.",
            "- Ore up\nTin down",
            "1. Ore up\nTin down",
            "By Ann Lee\n\nThe plant is back.",
            "June 2, 2031\n\nThe plant is back.",
            "来源：新华社\n云南一家铜厂今日复产。",
            "Only one line",
            "123\n\ntext",
        ] {
            assert_eq!(split_title(text), ("", text));
        }
        let long = format!("{}\n\nText.", "word ".repeat(60));
        assert_eq!(split_title(&long).0, "");
    }

    #[test]
    fn a_whole_file() {
        let a = read(
            "Tin Falls\n\nStocks rose.\nSource: Tin Weekly, June 2, 2031\nLeave a Reply".into(),
            "d/a.txt",
        )
        .unwrap();
        assert_eq!((a.id.as_str(), a.title.as_str()), ("d/a.txt", "Tin Falls"));
        assert_eq!(a.date.unwrap().to_string(), "2031-06-02");
        assert_eq!(a.source.as_deref(), Some("Tin Weekly"));
        assert_eq!(a.furniture.len(), 2);
        assert!(read(" \n\t".into(), "b.txt").is_err());
    }
}
