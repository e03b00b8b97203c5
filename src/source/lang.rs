//! The main language of an article, from its letters.

use std::ops::Range;

use crate::article::Lang;

/// Characters after which the language is clear enough.
const SAMPLE_MAX_CHARS: usize = 8_000;

/// Chinese when Han characters make up at least 15 % of the letters, each counted twice since a
/// Chinese text has fewer of them; English otherwise. Text in `unsearched` does not count.
pub(super) fn detect(title: &str, body: &str, unsearched: &[Range<usize>]) -> Lang {
    let (mut han, mut other) = (0u64, 0u64);
    let mut count = |text: &str| {
        for c in text.chars().take(SAMPLE_MAX_CHARS) {
            if is_han(c) {
                han += 2;
            } else if is_other_letter(c) {
                other += 1;
            }
        }
    };
    count(title);
    let (mut from, mut seen) = (0, 0);
    let end = body.len();
    for range in unsearched.iter().cloned().chain(std::iter::once(end..end)) {
        let part = body.get(from..range.start).unwrap_or_default();
        count(part);
        seen += part.len();
        from = range.end;
        if seen > 4 * SAMPLE_MAX_CHARS {
            break;
        }
    }
    if han > 0 && han * 100 >= (han + other) * 15 { Lang::Zh } else { Lang::En }
}

/// Han characters of all planes, compatibility forms included.
pub(super) fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x3007 | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// Letters of the other scripts that come up in news; quicker than asking for every letter there is.
fn is_other_letter(c: char) -> bool {
    match u32::from(c) {
        0..0x80 => c.is_ascii_alphabetic(),
        0x80..0x2000 => c.is_alphabetic(),
        code => matches!(code, 0x3041..=0x30FF | 0xAC00..=0xD7A3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        assert_eq!(detect("", "Lithium prices fell again.", &[]), Lang::En);
        assert_eq!(detect("", "碳酸锂价格再跌", &[]), Lang::Zh);
        assert_eq!(detect("", "碳酸锂 LCE 期货 GFEX 合约收跌", &[]), Lang::Zh);
        assert_eq!(
            detect("", "The firm, known as 赣鑫 at home, sells spodumene to buyers abroad.", &[]),
            Lang::En
        );
        assert_eq!(detect("", "", &[]), Lang::En);
        let tagged = "<p style=\"text-indent: 2em; margin: 0\">锂价</p>";
        let (open, close) = (tagged.find('>').unwrap() + 1, tagged.rfind('<').unwrap());
        assert_eq!(detect("", tagged, &[0..open, close..tagged.len()]), Lang::Zh);
    }
}
