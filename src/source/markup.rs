//! Mark-up that was left in bodies: tags, comments, entities, link targets. Each is one range.
//!
//! Many bodies hold `<` or `&` for other reasons (`a < b`, the ticker `<GM>`), so tags count only in a
//! body that has HTML beyond doubt, and only with the names of HTML elements.

use std::ops::Range;

/// The longest tag that is taken for one.
const TAG_MAX_BYTES: usize = 4 << 10;

/// Names of elements, sorted.
const ELEMENTS: [&str; 72] = [
    "a",
    "abbr",
    "article",
    "aside",
    "audio",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "label",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "picture",
    "pre",
    "s",
    "script",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
];

/// Elements whose content is not text.
const RAW: [&str; 2] = ["script", "style"];

/// Whether a body has HTML in it beyond doubt: a closing tag, a line break or a comment, or a tag with
/// an attribute.
pub(super) fn is_html(body: &str) -> bool {
    starts(body, '<').any(|at| {
        let rest = &body[at..];
        if rest.starts_with("<!--") {
            return true;
        }
        let Some(tag) = Tag::read(rest) else { return false };
        tag.closes || matches!(tag.name, "br" | "p") || tag.has_attributes
    })
}

/// Adds the ranges of the mark-up of `body`.
pub(super) fn ranges(body: &str, html: bool, out: &mut Vec<Range<usize>>) {
    if html {
        tags(body, out);
    }
    for at in starts(body, '&') {
        if let Some(len) = entity(&body[at..]) {
            out.push(at..at + len);
        }
    }
    for (at, mark) in body.match_indices("](") {
        let from = at + mark.len();
        let target = &body[from..];
        if !(target.starts_with("http") || target.starts_with('/') || target.starts_with('#')) {
            continue;
        }
        if let Some(end) = target.bytes().take(TAG_MAX_BYTES).position(|b| b")([ \n".contains(&b))
            && target.as_bytes().get(end) == Some(&b')')
        {
            out.push(at + 1..from + end + 1);
        }
    }
}

/// Places of an ASCII character.
fn starts(text: &str, mark: char) -> impl Iterator<Item = usize> + '_ {
    text.match_indices(mark).map(|(at, _)| at)
}

fn tags(body: &str, out: &mut Vec<Range<usize>>) {
    // Tickers are capitals: `<C>` is a tag only in a body that also closes tags in capitals.
    let capitals = body
        .match_indices("</")
        .any(|(at, _)| body.as_bytes().get(at + 2).is_some_and(u8::is_ascii_uppercase));
    // Once a close was looked for in vain there is none further on either; looking again from every
    // opening would take quadratic time.
    let (mut no_comment_end, mut no_raw_end) = (false, [false; RAW.len()]);
    let mut from = 0;
    while let Some(found) = body.get(from..).and_then(|rest| rest.find('<')) {
        let at = from + found;
        let rest = &body[at..];
        from = at + 1;
        if rest.starts_with("<!--") {
            // An unclosed comment would take the rest of the text with it: only its mark goes.
            let end = if no_comment_end { None } else { rest.find("-->") };
            no_comment_end = end.is_none();
            let len = end.map_or(4, |end| end + 3);
            out.push(at..at + len);
            from = at + len;
            continue;
        }
        let Some(tag) = Tag::read(rest) else { continue };
        if tag.is_capital && !tag.closes && !tag.has_attributes && !capitals {
            continue;
        }
        let mut len = tag.len;
        if let Some(raw) = RAW.iter().position(|name| *name == tag.name).filter(|_| !tag.closes)
            && !no_raw_end[raw]
        {
            let content = raw_content(&rest[len..], tag.name);
            no_raw_end[raw] = content == 0;
            len += content;
        }
        out.push(at..at + len);
        from = at + len;
    }
}

/// Length of the content of a raw element with its closing tag; 0 when it is not closed.
fn raw_content(rest: &str, name: &str) -> usize {
    let close = |at: &usize| {
        let after = rest.get(at + 2..at + 2 + name.len());
        after.is_some_and(|n| n.eq_ignore_ascii_case(name))
    };
    let Some(at) = rest.match_indices("</").map(|(at, _)| at).find(close) else { return 0 };
    rest[at..].find('>').map_or(0, |end| at + end + 1)
}

struct Tag {
    name: &'static str,
    closes: bool,
    is_capital: bool,
    has_attributes: bool,
    len: usize,
}

impl Tag {
    /// The tag at the start of `text`, if it is one of HTML.
    fn read(text: &str) -> Option<Tag> {
        let bytes = text.as_bytes();
        let closes = bytes.get(1) == Some(&b'/');
        let start = 1 + usize::from(closes);
        let name_len = bytes.get(start..)?.iter().take(12).take_while(|b| b.is_ascii_alphanumeric()).count();
        let raw = text.get(start..start + name_len)?;
        let mut lower = [0; 12];
        let lower = lower.get_mut(..name_len)?;
        lower.copy_from_slice(raw.as_bytes());
        lower.make_ascii_lowercase();
        let index = ELEMENTS.binary_search_by(|e| e.as_bytes().cmp(lower)).ok()?;
        let rest = bytes.get(start + name_len..)?;
        let end = rest.iter().take(TAG_MAX_BYTES).position(|&b| b == b'>' || b == b'<')?;
        let inside = rest.get(..end).filter(|_| rest.get(end) == Some(&b'>'))?;
        let bare = inside.iter().all(|b| b.is_ascii_whitespace() || *b == b'/');
        // `<a b>` is not a tag, `<a href=…>` is; `<p class>` is rare enough to be left.
        let has_attributes =
            !bare && inside.first().is_some_and(u8::is_ascii_whitespace) && inside.contains(&b'=');
        (bare || has_attributes).then_some(Tag {
            name: ELEMENTS[index],
            closes,
            is_capital: raw.starts_with(|c: char| c.is_ascii_uppercase()),
            has_attributes,
            len: start + name_len + end + 1,
        })
    }
}

/// Length of the entity at the start of `text`.
fn entity(text: &str) -> Option<usize> {
    const NAMED: [&str; 24] = [
        "amp", "apos", "bull", "copy", "emsp", "ensp", "gt", "hellip", "ldquo", "lsquo", "lt", "mdash",
        "middot", "nbsp", "ndash", "quot", "raquo", "rdquo", "reg", "rsquo", "thinsp", "times", "trade",
        "zwnj",
    ];
    let rest = text.get(1..)?;
    let end = rest.bytes().take(10).position(|b| b == b';')?;
    let name = &rest[..end];
    let good = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => NAMED.binary_search(&name).is_ok(),
    };
    good.then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(body: &str) -> Vec<&str> {
        let mut out = Vec::new();
        ranges(body, is_html(body), &mut out);
        out.sort_by_key(|r| r.start);
        out.into_iter().map(|r| &body[r]).collect()
    }

    #[test]
    fn tables_are_sorted() {
        assert!(ELEMENTS.is_sorted());
    }

    #[test]
    fn each_mark_is_one_range() {
        let body = "<p style=\"a: b\"><b>铜价</b>上涨&nbsp;3%</p><br/>&#160;&#x3000;<!-- x > y -->完";
        assert_eq!(
            marks(body),
            [
                "<p style=\"a: b\">",
                "<b>",
                "</b>",
                "&nbsp;",
                "</p>",
                "<br/>",
                "&#160;",
                "&#x3000;",
                "<!-- x > y -->"
            ]
        );
        assert_eq!(marks("<div>a<script>if (a<b) x()</SCRIPT>b"), ["<div>", "<script>if (a<b) x()</SCRIPT>"]);
        assert_eq!(marks("<div>a<script>if (a<b) x()</script>b</div>").len(), 3);
    }

    #[test]
    fn text_that_only_looks_like_mark_up_stays() {
        for body in [
            "if a < b and c > d",
            "GENERAL ORE <B> said <S> and <U> rose; Acme <ACM.O> fell",
            "R&D; AT&T; x &y;",
            "<p",
            "a <b c> d",
            "see [1](note)",
        ] {
            assert_eq!(marks(body), [""; 0], "{body}");
        }
        assert_eq!(marks("<p>Acme <C> rose</p>"), ["<p>", "</p>"]);
        assert_eq!(marks("A <B>bold</B> claim"), ["<B>", "</B>"]);
    }

    #[test]
    fn link_targets() {
        assert_eq!(marks("see [the note](https://example.org/a_b) and go"), ["(https://example.org/a_b)"]);
    }

    proptest::proptest! {
        #[test]
        fn on_character_boundaries(body in "(<p>|</p>|<!--|-->|<script>|&nbsp;|&|<|>|\\]\\(http|\\)|锂|a| ){0,30}") {
            let mut out = Vec::new();
            ranges(&body, true, &mut out);
            for r in out {
                proptest::prop_assert!(body.get(r).is_some_and(|t| !t.is_empty()));
            }
        }
    }
}
