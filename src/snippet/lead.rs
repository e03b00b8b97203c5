//! What stands before the first words of an article without being one of them: datelines, credits, labels.
//! A snippet begins behind it, and so does what stands for a missing headline.

use std::ops::Range;

use super::shown::Body;

/// Longest dateline, in characters.
const LABEL_MAX_CHARS: usize = 90;

/// Labels that publishers put before a text.
const LABELS: [&str; 7] = ["原标题：", "正文：", "标题：", "导读：", "摘要：", "核心提示：", "原题为："];

/// Where the text of the first sentence of a body begins behind its dateline; the sentence's start when
/// it has none.
pub(super) fn label(body: Body<'_>, first: Range<usize>) -> usize {
    let most = body.text.floor_char_boundary((first.start + 8 * LABEL_MAX_CHARS).min(first.end));
    // Every label has one of these, within its length where there is no mark-up.
    let plain = body.hidden_from(first.start).first().is_none_or(|h| h.start >= most);
    let near = if plain { LABEL_MAX_CHARS } else { usize::MAX };
    let sign = |c| matches!(c, '-' | '—' | '–' | '电' | '讯' | '消' | '【' | '：');
    if !body.text[first.start..most].chars().take(near).any(sign) {
        return first.start;
    }
    let mut glyphs = Vec::new();
    body.glyphs(first.start..most, &mut glyphs);
    let text: String = glyphs.iter().map(|g| g.c).collect();
    let mut at = 0;
    // A label may stand before a dateline, and a dateline before a reporter's name.
    for _ in 0..3 {
        let rest = text[at..].trim_start();
        let near = &rest[..rest.char_indices().nth(LABEL_MAX_CHARS).map_or(rest.len(), |(n, _)| n)];
        let Some(len) = labelled(near).or_else(|| chinese(near)).or_else(|| english(near)) else { break };
        let behind = rest[len..].trim_start();
        if behind.is_empty() {
            break;
        }
        at = text.len() - behind.len();
    }
    let passed = text[..at].chars().count();
    if passed == 0 { first.start } else { glyphs.get(passed).map_or(first.start, |g| g.at) }
}

/// Whether a body begins with another title than its own.
pub(super) fn is_titled(first: &str) -> bool {
    ["原标题：", "标题：", "原题为："].iter().any(|l| first.starts_with(l))
}

fn labelled(text: &str) -> Option<usize> {
    LABELS.iter().find(|l| text.starts_with(**l)).map(|l| l.len())
}

/// "新华社北京8月1日电（记者…）", "央视网消息（新闻联播）：", "IT之家 8 月 16 日消息，", "【某报记者 某某】".
fn chinese(text: &str) -> Option<usize> {
    if let Some(inside) = text.strip_prefix('【') {
        let (inside, _) = inside.split_once('】')?;
        let credit = ["记者", "编译", "通讯员", "报道", "编辑"].iter().any(|w| inside.contains(w));
        return credit.then(|| inside.len() + 2 * '【'.len_utf8());
    }
    let clause = text.find(['，', '。', '；', '！', '？']).unwrap_or(text.len());
    let head = &text[..clause];
    // The last words of a dateline, and what may follow them.
    for (mark, needs) in [("电", "日"), ("讯", ""), ("消息", "")] {
        for (at, _) in head.match_indices(mark) {
            let before = &head[..at];
            let agency =
                ["社", "网", "报", "台", "之家", "财经", "联社", "快讯"].iter().any(|w| before.contains(w));
            if !agency || !before.contains(needs) || before.chars().count() > 24 {
                continue;
            }
            let mut end = at + mark.len();
            // "(记者 某某)"
            let behind = text[end..].trim_start();
            if behind.starts_with(['（', '(']) {
                let Some(close) = behind.find(['）', ')']).filter(|n| *n < 120) else { continue };
                end = text.len() - behind.len()
                    + close
                    + behind[close..].chars().next().map_or(0, char::len_utf8);
            }
            let behind = text[end..].trim_start();
            let mark_follows = behind.chars().next().filter(|c| matches!(c, '，' | '：' | ':' | ','));
            let spaced = text[end..].starts_with([' ', '\u{3000}', '\n']) || end > at + mark.len();
            if let Some(c) = mark_follows {
                return Some(text.len() - behind.len() + c.len_utf8());
            }
            if spaced && mark != "消息" {
                return Some(end);
            }
        }
    }
    None
}

/// "LONDON, March 26 (Reuters) - ", "(Bloomberg) -- ", "SAN FRANCISCO, Dec. 15, 2020 /PRNewswire/ -- ".
fn english(text: &str) -> Option<usize> {
    let (at, dash) = [" -- ", " - ", " — ", " – ", "-- ", ") — ", " —"]
        .iter()
        .filter_map(|dash| text.find(dash).map(|at| (at, dash.len())))
        .min()?;
    let head = text[..at].trim();
    if head.contains(['.', '?', '!']) && !head.contains("Inc.") {
        let months = ["Jan.", "Feb.", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.", "U.S.", "D.C.", "St."];
        let dots = head.matches(['.', '?', '!']).count();
        let known: usize = months.iter().filter(|m| head.contains(**m)).map(|m| m.matches('.').count()).sum();
        if dots > known {
            return None;
        }
    }
    if let Some(inside) = head.strip_prefix('(').and_then(|h| h.strip_suffix(')')) {
        return inside.chars().all(|c| c.is_alphanumeric() || " ./&-".contains(c)).then_some(at + dash);
    }
    // A place in capitals.
    let first = head.split([',', '(', '/']).next().unwrap_or("").trim();
    let letters: Vec<char> = first.chars().filter(|c| c.is_alphabetic()).collect();
    let capitals = letters.len() >= 3 && letters.iter().all(|c| c.is_uppercase());
    let agency = [
        "(Reuters)",
        "(AP)",
        "(Bloomberg)",
        "(AFP)",
        "/PRNewswire/",
        "(BUSINESS WIRE)",
        "(GLOBE NEWSWIRE)",
        "(Xinhua)",
    ];
    let named = agency.iter().any(|a| head.contains(a));
    let words = head.split_whitespace().count();
    let marked = head.contains([',', '(', '/']) || words <= 2;
    (capitals && marked && words <= 9 || named && words <= 12).then_some(at + dash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> &str {
        let at = label(Body { text, hidden: &[] }, 0..text.len());
        &text[at..]
    }

    #[test]
    fn datelines_and_labels_are_passed_over() {
        for text in [
            "LIMA, March 26 - Tin rose.",
            "(Orewire) -- Tin rose.",
            "SAN JUAN, Dec. 15, 2031 /PRNewswire/ -- Tin rose.",
            "LIMA (Reuters) - Tin rose.",
            "Lima, 3 May (Xinhua) -- Tin rose.",
            "原标题：新华社利马5月3日电（记者 王五）Tin rose.",
            "央视网消息（新闻联播）：Tin rose.",
            "某某之家 8 月 16 日消息，Tin rose.",
            "【本报驻利马记者 王五】Tin rose.",
            "中新网利马5月3日电 (王五)Tin rose.",
        ] {
            assert_eq!(rest(text), "Tin rose.", "{text}");
        }
    }

    #[test]
    fn what_is_text_stays() {
        for text in [
            "Tin - a soft metal - rose.",
            "TIN rose. Lead - not so - fell.",
            "据新华社消息人士说锡价上涨。",
            "电解铝价格上涨，锡价下跌。",
            "【锡价上涨】今日锡价上涨。",
            "LIMA, March 26 -",
        ] {
            assert_eq!(rest(text), text);
        }
    }
}
