//! A cheap look at the raw mark-up of a page before it is parsed: how deep it nests, how many nodes it
//! would make. The parser needs quadratic time or memory on pages that are built to hurt.

use crate::limits;

/// Elements that never have content.
const VOID: [&[u8]; 16] = [
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"image", b"img", b"input", b"link", b"meta", b"param",
    b"source", b"track", b"wbr", b"keygen",
];

/// Elements whose end tags are left out so often that an open one says nothing: the next of its kind
/// ends it.
const LOOSE: [&[u8]; 12] =
    [b"p", b"li", b"dt", b"dd", b"td", b"th", b"tr", b"tbody", b"thead", b"option", b"rt", b"rp"];

/// Elements that the parser opens again in each block until they are closed.
const FORMATTING: [&[u8]; 14] = [
    b"a", b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt",
    b"u",
];

/// Elements whose content is not parsed.
const RAW: [&[u8]; 6] = [b"script", b"style", b"textarea", b"title", b"xmp", b"noframes"];

/// Checks HTML against the limits of depth, attributes and estimated nodes.
pub(super) fn check_html(page: &[u8]) -> Result<(), String> {
    check(page, true)
}

/// Checks XML against the limit of depth.
pub(super) fn check_xml(feed: &[u8]) -> Result<(), String> {
    check(feed, false)
}

fn check(bytes: &[u8], html: bool) -> Result<(), String> {
    let (mut depth, mut formatting, mut loose, mut foreign, mut nodes) =
        (0usize, 0usize, 0usize, 0usize, 0usize);
    let mut no_end = [false; RAW.len()];
    let mut at = 0;
    while let Some(found) = find(bytes, at, b"<") {
        at = found + 1;
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"!--") {
            at = find(bytes, at + 3, b"-->").map_or(bytes.len(), |end| end + 3);
            continue;
        }
        if rest.starts_with(b"![CDATA[") && (!html || foreign > 0) {
            at = find(bytes, at + 8, b"]]>").map_or(bytes.len(), |end| end + 3);
            continue;
        }
        let closes = rest.first() == Some(&b'/');
        let name_start = at + usize::from(closes);
        let name = bytes.get(name_start..).unwrap_or_default();
        let name_len =
            name.iter().position(|b| b.is_ascii_whitespace() || b"/><".contains(b)).unwrap_or(name.len());
        let mut lower = [0; 12];
        let name: &[u8] = match (name.get(..name_len), lower.get_mut(..name_len)) {
            (Some(name), Some(lower)) => {
                lower.copy_from_slice(name);
                lower.make_ascii_lowercase();
                lower
            }
            // Longer than any name that matters.
            _ => b"other",
        };
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let tag = tag_end(bytes, name_start + name_len)?;
        at = tag.end;
        if closes {
            if VOID.contains(&name) && html {
            } else if LOOSE.contains(&name) && html {
                loose = loose.saturating_sub(1);
            } else {
                depth = depth.saturating_sub(1);
                if FORMATTING.contains(&name) {
                    formatting = formatting.saturating_sub(1);
                }
                if matches!(name, b"svg" | b"math") {
                    foreign = foreign.saturating_sub(1);
                }
            }
            continue;
        }
        if html {
            if VOID.contains(&name) {
                nodes += 1;
                continue;
            }
            nodes += 1 + formatting;
            if nodes > limits::HTML_MAX_NODES {
                return Err("mark-up that would grow out of all proportion".into());
            }
            if LOOSE.contains(&name) {
                loose += 1;
                continue;
            }
            if foreign == 0
                && let Some(raw) = RAW.iter().position(|r| *r == name)
            {
                match raw_end(bytes, at, name).filter(|_| !no_end[raw]) {
                    Some(end) => at = end,
                    None => no_end[raw] = true,
                }
                continue;
            }
        }
        if tag.closed_itself && (!html || foreign > 0) {
            continue;
        }
        depth += 1;
        if html && FORMATTING.contains(&name) {
            formatting += 1;
        }
        if matches!(name, b"svg" | b"math") {
            foreign += 1;
        }
        if depth > limits::HTML_MAX_LEVELS {
            return Err(format!("nested deeper than {} levels", limits::HTML_MAX_LEVELS));
        }
    }
    Ok(())
}

struct TagEnd {
    /// Behind the `>`.
    end: usize,
    closed_itself: bool,
}

/// The end of a tag whose attributes begin at `at`.
fn tag_end(bytes: &[u8], at: usize) -> Result<TagEnd, String> {
    let (mut i, mut quote, mut attributes, mut blank) = (at, None, 0usize, false);
    while let Some(&b) = bytes.get(i) {
        match (quote, b) {
            (Some(q), b) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'>') => {
                let closed_itself = i > at && bytes.get(i - 1) == Some(&b'/');
                return Ok(TagEnd { end: i + 1, closed_itself });
            }
            // A quote opens a value only behind its equals sign.
            (None, b'"' | b'\'') if i > 0 && bytes.get(i - 1) == Some(&b'=') => quote = Some(b),
            (None, b) => {
                let is_blank = b.is_ascii_whitespace() || b == b'/';
                if blank && !is_blank {
                    attributes += 1;
                    if attributes > limits::HTML_MAX_ATTRIBUTES {
                        return Err(format!(
                            "a tag with more than {} attributes",
                            limits::HTML_MAX_ATTRIBUTES
                        ));
                    }
                }
                blank = is_blank;
            }
        }
        i += 1;
    }
    Ok(TagEnd { end: bytes.len(), closed_itself: false })
}

/// Behind the name of the end tag of a raw element.
fn raw_end(bytes: &[u8], mut at: usize, name: &[u8]) -> Option<usize> {
    loop {
        let found = find(bytes, at, b"</")?;
        at = found + 2;
        if bytes.get(at..at + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)) {
            return Some(at + name.len());
        }
    }
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == first)?;
        if bytes.get(at..)?.starts_with(what) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth() {
        let deep = |n: usize| format!("{}x{}", "<div>".repeat(n), "</div>".repeat(n));
        assert!(check_html(deep(500).as_bytes()).is_ok());
        assert!(check_html(deep(600).as_bytes()).is_err());
        assert!(check_html(deep(100_000).as_bytes()).is_err());
        assert!(check_html("<div>".repeat(100_000).as_bytes()).is_err());
        assert!(check_html("<svg><style>".repeat(600).as_bytes()).is_err());
        let flat = "<p>a<br><img src=x><li>b<td>c<script>'<div>'</script><!-- <div> -->".repeat(5000);
        assert!(check_html(flat.as_bytes()).is_ok());
        assert!(check_xml("<a>".repeat(1000).as_bytes()).is_err());
        assert!(check_xml("<a/><b>x</b>".repeat(1000).as_bytes()).is_ok());
    }

    #[test]
    fn growth() {
        let fonts: String = (0..400).map(|i| format!("<font size={i}>")).collect();
        assert!(check_html((fonts + &"<p>x".repeat(100_000)).as_bytes()).is_err());
        let attributes: String = (0..5000).map(|i| format!(" a{i}=1")).collect();
        assert!(check_html(format!("<p{attributes}>").as_bytes()).is_err());
    }
}
