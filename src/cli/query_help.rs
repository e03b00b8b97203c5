//! The query language on one screen, in English and Chinese.

use super::{
    args::HelpLang,
    render::{painted, wrap},
    terminal::{self, Screen, Style},
};

/// Widest text that is easy to read.
const MAX_COLUMNS: usize = 100;
/// Where meanings begin.
const MEANING_AT: usize = 29;

/// Forms, with what they mean; a row without forms goes on with the meaning or is a heading.
type Row = (&'static str, &'static str);

const EN: &[Row] = &[
    ("", "Words: orewire search 'QUERY'"),
    (
        "gallium export licence",
        "all of it first, then partial matches; a name finds its other names, in both languages",
    ),
    ("\"closed-door discussions\"", "these words in this order"),
    ("\"稀土集团\"", "exactly these characters, wherever they stand"),
    ("+word  -word", "required, excluded"),
    ("a AND b  a OR b  NOT a", "boolean, with ( ); OR binds tighter than a space"),
    ("litium~  lith*", "spelt nearly so; beginning so"),
    ("", "Fields"),
    ("title:lithium  source:Reuters  lang:zh", "in that field"),
    ("province:四川  country:Chile  organization:600111.SH  commodity:\"heavy rare earths\"", ""),
    ("", "by any name or code, all below it included"),
    ("province:(四川 OR 江西)", "one field, several values"),
    ("date:2025-05  date:2025-05-01..2025-06-15  date:>=2025  date:last30d", ""),
    ("", "by date; last also takes w, m and y"),
    ("", "Notes"),
    ("省份：四川 “轻稀土”", "what an input method types is syntax, too"),
    ("orewire search -- '-a b'", "-- goes before a query that begins with a minus"),
    ("", "Whatever is not syntax is searched as words."),
];

const ZH: &[Row] = &[
    ("", "词语：orewire search '查询'"),
    ("镓 出口 许可", "全部命中的在前，部分命中的在后；名称也会找到它的其他名称，中英文皆可"),
    ("\"稀土集团\"", "逐字匹配，不论出现在何处"),
    ("\"closed-door discussions\"", "这些词，且按此顺序"),
    ("+词  -词", "必须含有；排除"),
    ("a AND b  a OR b  NOT a", "布尔运算，可加括号 ( )；OR 先于空格结合"),
    ("litium~  lith*", "拼写相近；以此开头"),
    ("", "字段"),
    ("标题:锂  来源:新华社  语言:zh", "限于该字段"),
    ("省份:四川  国家:智利  机构:600111.SH  商品:\"中重稀土\"", ""),
    ("", "用任何名称或代码，包括其下各级"),
    ("省份:(四川 OR 江西)", "一个字段，多个值"),
    ("日期:2025-05  日期:2025-05-01..2025-06-15  日期:>=2025  日期:last30d", ""),
    ("", "按日期；last 后还可用 w（周）、m（月）、y（年）"),
    ("", "说明"),
    ("省份：四川 “轻稀土”", "输入法打出的全角标点也是语法"),
    ("orewire search -- '-a b'", "以减号开头的查询，前面加 --"),
    ("", "凡不是语法的，都作为词语查找。"),
];

/// The help in a language; [`HelpLang::Both`] gives English, then Chinese.
pub(crate) fn text(lang: HelpLang, screen: &Screen) -> String {
    match lang {
        HelpLang::En => one(EN, screen.columns, &screen.style),
        HelpLang::Zh => one(ZH, screen.columns, &screen.style),
        HelpLang::Both => {
            let (en, zh) = (one(EN, screen.columns, &screen.style), one(ZH, screen.columns, &screen.style));
            format!("{en}\n{zh}")
        }
    }
}

/// English, for `search --help` and the manual page.
pub(crate) fn plain(columns: usize) -> String {
    one(EN, columns, &Style::plain())
}

/// The language of the terminal, as the system's variables tell it.
pub(crate) fn lang() -> HelpLang {
    let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.is_empty());
    match ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set) {
        Some(locale) if locale.to_ascii_lowercase().starts_with("zh") => HelpLang::Zh,
        _ => HelpLang::En,
    }
}

fn one(rows: &[Row], columns: usize, style: &Style) -> String {
    let columns = columns.min(MAX_COLUMNS);
    let mut out = String::new();
    let mut after_forms = false;
    for (at, (forms, meaning)) in rows.iter().enumerate() {
        let heading = forms.is_empty() && !after_forms && rows.get(at + 1).is_some_and(|r| !r.0.is_empty());
        if heading {
            if at > 0 {
                out.push('\n');
            }
            out.push_str(&format!("{}\n", style.title(meaning)));
            continue;
        }
        let lines = break_forms(forms, columns.saturating_sub(2));
        let (last, before) = lines.split_last().map_or((String::new(), &[][..]), |(l, b)| (l.clone(), b));
        for line in before {
            out.push_str(&format!("  {}\n", style.mark(line)));
        }
        let width = terminal::width(&last);
        let beside = width + 4 <= MEANING_AT;
        let lead = if beside { MEANING_AT } else { width + 4 };
        // Beside long forms where one line holds both, below them where not.
        let fits = lead + terminal::width(meaning) <= columns;
        let meanings = match beside || fits {
            true => wrap(meaning, &[], columns.saturating_sub(lead).max(20), style),
            false => wrap(meaning, &[], columns.saturating_sub(MEANING_AT).max(20), style),
        };
        let meanings: Vec<String> = meanings.iter().map(|l| painted(l, style, false)).collect();
        if forms.is_empty() {
            let indent = if after_forms { MEANING_AT } else { 2 };
            for line in wrap(meaning, &[], columns.saturating_sub(indent).max(20), style) {
                out.push_str(&format!("{}{}\n", " ".repeat(indent), painted(&line, style, false)));
            }
        } else if beside || fits {
            let gap = " ".repeat(lead.saturating_sub(width + 2));
            let mut meanings = meanings.iter();
            let first = meanings.next().map(String::as_str).unwrap_or("");
            out.push_str(format!("  {}{gap}{first}", style.mark(&last)).trim_end());
            out.push('\n');
            meanings.for_each(|m| out.push_str(&format!("{}{m}\n", " ".repeat(lead))));
        } else {
            out.push_str(&format!("  {}\n", style.mark(&last)));
            meanings.iter().for_each(|m| out.push_str(&format!("{}{m}\n", " ".repeat(MEANING_AT))));
        }
        after_forms = !forms.is_empty() && meaning.is_empty();
    }
    out
}

/// Forms in lines, broken between them.
fn break_forms(forms: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for form in forms.split("  ").filter(|f| !f.is_empty()) {
        match lines.last_mut() {
            Some(line) if terminal::width(line) + 2 + terminal::width(form) <= columns => {
                line.push_str("  ");
                line.push_str(form);
            }
            _ => lines.push(form.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fits_on_one_screen() {
        let screen = Screen { columns: 80, lines: Some(24), style: Style::plain() };
        for lang in [HelpLang::En, HelpLang::Zh] {
            let text = text(lang, &screen);
            assert!(text.lines().count() < 24, "{} lines:\n{text}", text.lines().count());
            assert!(text.lines().all(|l| terminal::width(l) <= 80), "{text}");
        }
    }

    #[test]
    fn both_languages_say_the_same() {
        assert_eq!(EN.len(), ZH.len());
        for (en, zh) in EN.iter().zip(ZH) {
            assert_eq!(en.0.is_empty(), zh.0.is_empty(), "{en:?} {zh:?}");
            assert_eq!(en.1.is_empty(), zh.1.is_empty(), "{en:?} {zh:?}");
        }
    }
}
