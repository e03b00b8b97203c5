//! Query text to a syntax tree.
//!
//! A hand-written parser rather than tantivy's: it keeps the place of every clause for the caret under
//! an error, reads what a Chinese input method types (`“稀土集团”`, `province：四川`) as syntax, is
//! bounded in depth, and takes whatever is not syntax as words. Only a misspelt field is an error.
//!
//! Adjacency binds loosest, then `OR`, then `AND`: `gallium OR germanium export` asks for articles
//! with either metal and the export.

use std::ops::Range;

use super::{
    near::edit_distance,
    period::date_range,
    tree::{Node, Sign, Text, TextKind},
};
use crate::{
    article::Date,
    error::QueryError,
    gazetteer::Facet,
    limits::{QUERY_MAX_BYTES, QUERY_MAX_CLAUSES, QUERY_MAX_LEVELS, QUERY_MAX_WILDCARDS},
};

/// Fields of the query language and what they are also called.
const FIELDS: [(&str, &[&str]); 8] = [
    ("title", &["标题"]),
    ("source", &["来源"]),
    ("lang", &["language", "语言"]),
    ("province", &["place", "省份", "地区"]),
    ("country", &["国家"]),
    ("commodity", &["商品", "品种"]),
    ("organization", &["organisation", "org", "company", "机构", "公司"]),
    ("date", &["日期", "时间"]),
];

/// Parses a query; `today` is what `last30d` counts from.
pub(crate) fn parse(query: &str, today: Date) -> Result<Node, QueryError> {
    parse_with_places(query, today).map(|(node, _)| node)
}

/// The same with the byte ranges of the clauses that stand in no brackets, signs included.
pub(crate) fn parse_with_places(query: &str, today: Date) -> Result<(Node, Vec<Range<usize>>), QueryError> {
    if query.len() > QUERY_MAX_BYTES {
        let cut = query.floor_char_boundary(QUERY_MAX_BYTES);
        let message = format!("the query has {} bytes; at most {QUERY_MAX_BYTES} are read", query.len());
        return Err(QueryError::new(query, cut..query.len(), message).with_hint("ask for fewer words"));
    }
    if query.trim().is_empty() {
        return Err(QueryError::new(query, 0..0, "the query is empty")
            .with_hint("type words, a \"phrase\" or a field, as in `province:Sichuan lithium`"));
    }
    let mut parser = Parser { query, at: 0, clauses: 0, wildcards: 0, places: Vec::new(), today };
    let mut all = Vec::new();
    while parser.at < query.len() {
        all.extend(parser.list(0, None)?);
        // A closing bracket that nothing opened.
        parser.bump();
    }
    Ok((Node::List(all), parser.places))
}

/// A character as syntax: what an input method types in place of ASCII.
pub(crate) fn syntax(c: char) -> char {
    match c {
        '“' | '”' | '„' | '‟' | '＂' | '「' | '」' | '『' | '』' | '«' | '»' => '"',
        '：' => ':',
        '（' => '(',
        '）' => ')',
        '＋' => '+',
        '－' | '−' => '-',
        '～' => '~',
        '＊' => '*',
        '＞' => '>',
        '＜' => '<',
        '＝' => '=',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

struct Parser<'a> {
    query: &'a str,
    at: usize,
    clauses: usize,
    /// Words with `*` or `~`.
    wildcards: usize,
    /// Of clauses that stand in no brackets.
    places: Vec<Range<usize>>,
    today: Date,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.query[self.at..].chars().next().map(syntax)
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.query[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(syntax(c))
    }

    fn skip_spaces(&mut self) {
        // A comma between clauses says no more than a space.
        while matches!(self.peek(), Some(' ' | ',' | ';' | '，' | '；' | '、' | '。')) {
            self.bump();
        }
    }

    /// Whether a keyword stands here as a word of its own; steps over it.
    fn keyword(&mut self, words: &[&str]) -> bool {
        for word in words {
            if let Some(rest) = self.query[self.at..].strip_prefix(word) {
                let next = rest.chars().next().map(syntax);
                if matches!(next, None | Some(' ' | '(' | ')' | '"')) {
                    self.at += word.len();
                    return true;
                }
            }
        }
        false
    }

    fn error(&self, at: Range<usize>, message: impl Into<String>) -> QueryError {
        QueryError::new(self.query, at, message)
    }

    fn list(&mut self, level: usize, field: Option<&'static str>) -> Result<Vec<(Sign, Node)>, QueryError> {
        if level >= QUERY_MAX_LEVELS {
            return Err(self
                .error(self.at..self.at, format!("brackets nest deeper than {QUERY_MAX_LEVELS} levels"))
                .with_hint("leave out brackets that change nothing"));
        }
        let mut out = Vec::new();
        loop {
            self.skip_spaces();
            match self.peek() {
                None | Some(')') => return Ok(out),
                _ => {
                    let start = self.at;
                    if let Some(item) = self.or(level, field)? {
                        out.push(item);
                    } else if self.at == start {
                        self.bump();
                    }
                }
            }
        }
    }

    /// Clauses joined by OR; a single one keeps its sign.
    fn or(&mut self, level: usize, field: Option<&'static str>) -> Result<Option<(Sign, Node)>, QueryError> {
        let mut alternatives: Vec<(Sign, Node)> = Vec::new();
        loop {
            alternatives.extend(self.and(level, field)?);
            self.skip_spaces();
            if !self.keyword(&["OR", "||"]) {
                break;
            }
        }
        Ok(join(alternatives, Node::Or))
    }

    fn and(&mut self, level: usize, field: Option<&'static str>) -> Result<Option<(Sign, Node)>, QueryError> {
        let mut parts: Vec<(Sign, Node)> = Vec::new();
        loop {
            parts.extend(self.clause(level, field)?);
            self.skip_spaces();
            if !self.keyword(&["AND", "&&"]) {
                break;
            }
        }
        Ok(join(parts, Node::And))
    }

    fn clause(
        &mut self,
        level: usize,
        field: Option<&'static str>,
    ) -> Result<Option<(Sign, Node)>, QueryError> {
        let mut sign = Sign::Ranked;
        self.skip_spaces();
        let start = self.at;
        loop {
            self.skip_spaces();
            let next = self.query[self.at..].chars().nth(1).map(syntax);
            match self.peek() {
                Some('-') if !matches!(next, None | Some(' ' | '-')) => {
                    self.bump();
                    sign = if sign == Sign::Excluded { Sign::Ranked } else { Sign::Excluded };
                }
                Some('+') if !matches!(next, None | Some(' ' | '+')) => {
                    self.bump();
                    sign = Sign::Required;
                }
                _ if self.keyword(&["NOT"]) => {
                    sign = if sign == Sign::Excluded { Sign::Ranked } else { Sign::Excluded };
                }
                _ => break,
            }
        }
        self.clauses += 1;
        if self.clauses > QUERY_MAX_CLAUSES {
            return Err(self
                .error(self.at..self.query.len(), format!("more than {QUERY_MAX_CLAUSES} clauses"))
                .with_hint("ask for fewer words"));
        }
        let node = match self.peek() {
            None | Some(')') => None,
            Some('(') => {
                self.bump();
                let inner = self.list(level + 1, field)?;
                if self.peek() == Some(')') {
                    self.bump();
                }
                (!inner.is_empty()).then_some(Node::List(inner))
            }
            Some('"') => self.phrase(field)?,
            Some(_) => self.word(level, field)?,
        };
        if level == 0 && node.is_some() {
            self.places.push(start..self.at);
        }
        Ok(node.map(|n| (sign, n)))
    }

    fn quoted(&mut self) -> (String, Range<usize>) {
        self.bump();
        let start = self.at;
        let mut text = String::new();
        while !matches!(self.peek(), None | Some('"')) {
            if self.peek() == Some('\\') {
                // Before a quotation mark or another one it makes that one plain.
                let mut next = self.query[self.at..].chars().skip(1);
                if next.next().is_some_and(|c| c == '\\' || syntax(c) == '"') {
                    self.bump();
                }
            }
            text.extend(self.query[self.at..].chars().next());
            self.bump();
        }
        let at = start..self.at;
        self.bump();
        (text, at)
    }

    fn phrase(&mut self, field: Option<&'static str>) -> Result<Option<Node>, QueryError> {
        let (text, at) = self.quoted();
        self.value(field, TextKind::Phrase, text, at)
    }

    fn word(&mut self, level: usize, field: Option<&'static str>) -> Result<Option<Node>, QueryError> {
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '"' | '(' | ')' => break,
                '，' | '；' | '、' | ',' | ';' if field.is_some() => break,
                ':' if field.is_none() => {
                    if let Some(name) = self.field_here(start)? {
                        self.bump();
                        return self.field_value(level, name);
                    }
                    self.bump();
                }
                _ => {
                    self.bump();
                }
            }
        }
        let mut end = self.at;
        let text = &self.query[start..end];
        let mut kind = TextKind::Word;
        // `C++` and `~` alone are words; `litium~` and `lith*` are not.
        if let Some(last) = text.chars().next_back() {
            let rest = &text[..text.len() - last.len_utf8()];
            if rest.chars().next_back().is_some_and(char::is_alphanumeric) {
                kind = match syntax(last) {
                    '~' => TextKind::Fuzzy,
                    '*' => TextKind::Prefix,
                    _ => kind,
                };
                if kind != TextKind::Word {
                    end -= last.len_utf8();
                    self.wildcards += 1;
                    if self.wildcards > QUERY_MAX_WILDCARDS {
                        let message = format!("more than {QUERY_MAX_WILDCARDS} words with * or ~");
                        return Err(self.error(start..self.at, message).with_hint("spell some of them out"));
                    }
                }
            }
        }
        self.value(field, kind, self.query[start..end].to_owned(), start..end)
    }

    /// The field whose name ends here, at a colon; `None` when the text before it is just text.
    fn field_here(&self, start: usize) -> Result<Option<&'static str>, QueryError> {
        let name = &self.query[start..self.at];
        let after = &self.query[self.at..];
        let mut after = after.chars();
        after.next();
        let lower = crate::analysis::fold(name).into_owned();
        let name = lower.as_str();
        for (field, aliases) in FIELDS {
            if field == lower || aliases.contains(&lower.as_str()) {
                return Ok(Some(field));
            }
        }
        let identifier = name.len() > 1 && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
        let value_follows = after.as_str().chars().next().map(syntax).is_some_and(|c| c != ' ' && c != '/');
        if !identifier || !value_follows {
            return Ok(None);
        }
        let nearest = FIELDS.iter().min_by_key(|(f, _)| edit_distance(f, &lower)).map_or("title", |f| f.0);
        Err(self.error(start..self.at, format!("there is no field {name:?}")).with_hint(format!(
            "did you mean {nearest:?}? Fields: {}; quote the text to search for it as it is",
            FIELDS.map(|f| f.0).join(", ")
        )))
    }

    fn field_value(&mut self, level: usize, field: &'static str) -> Result<Option<Node>, QueryError> {
        self.skip_spaces();
        match self.peek() {
            Some('"') => self.phrase(Some(field)),
            Some('(') => {
                self.bump();
                let inner = self.list(level + 1, Some(field))?;
                if self.peek() == Some(')') {
                    self.bump();
                }
                Ok((!inner.is_empty()).then_some(Node::List(inner)))
            }
            None | Some(')') => Err(self
                .error(self.at..self.at, format!("the field {field:?} has no value"))
                .with_hint(format!("write {field}:value"))),
            Some(_) => self.word(level, Some(field)),
        }
    }

    fn value(
        &self,
        field: Option<&'static str>,
        kind: TextKind,
        text: String,
        at: Range<usize>,
    ) -> Result<Option<Node>, QueryError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let facet = |facet| Ok(Some(Node::Facet { facet, value: text.trim().to_owned(), at: at.clone() }));
        match field {
            None | Some("title") => Ok(Some(Node::Text(Text { kind, text, in_title: field.is_some(), at }))),
            Some("province") => facet(Facet::Province),
            Some("country") => facet(Facet::Country),
            Some("commodity") => facet(Facet::Commodity),
            Some("organization") => facet(Facet::Organization),
            Some("source") => Ok(Some(Node::Source(text))),
            Some("lang") => {
                let code = match text.trim().to_lowercase().as_str() {
                    "zh" | "cn" | "chinese" | "中文" | "汉语" => "zh",
                    "en" | "english" | "英文" | "英语" => "en",
                    _ => {
                        return Err(self
                            .error(at, format!("there is no language {:?}", text.trim()))
                            .with_hint("languages: en, zh"));
                    }
                };
                Ok(Some(Node::Lang(code.to_owned())))
            }
            Some(_) => match date_range(text.trim(), self.today) {
                Some((from, to)) => Ok(Some(Node::Date { from, to })),
                None => Err(self.error(at, format!("{:?} is no date", text.trim())).with_hint(
                    "write 2025, 2025-05, 2025-05-29, 2025-05-01..2025-06-15, >=2025-05 or last30d",
                )),
            },
        }
    }
}

fn join(mut parts: Vec<(Sign, Node)>, make: fn(Vec<Node>) -> Node) -> Option<(Sign, Node)> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let nodes = parts.into_iter().map(|(sign, node)| match sign {
        Sign::Excluded => Node::Not(Box::new(node)),
        _ => node,
    });
    Some((Sign::Ranked, make(nodes.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::new(2025, 6, 30).unwrap()
    }

    fn tree(query: &str) -> Node {
        parse(query, today()).unwrap()
    }

    /// A tree in one line, for comparison.
    fn show(node: &Node) -> String {
        match node {
            Node::List(items) => {
                let items: Vec<_> = items
                    .iter()
                    .map(|(sign, n)| match sign {
                        Sign::Ranked => show(n),
                        Sign::Required => format!("+{}", show(n)),
                        Sign::Excluded => format!("-{}", show(n)),
                    })
                    .collect();
                format!("[{}]", items.join(" "))
            }
            Node::And(n) => format!("({})", n.iter().map(show).collect::<Vec<_>>().join(" & ")),
            Node::Or(n) => format!("({})", n.iter().map(show).collect::<Vec<_>>().join(" | ")),
            Node::Not(n) => format!("!{}", show(n)),
            Node::Text(t) => {
                let text = match t.kind {
                    TextKind::Word => t.text.clone(),
                    TextKind::Phrase => format!("{:?}", t.text),
                    TextKind::Prefix => format!("{}*", t.text),
                    TextKind::Fuzzy => format!("{}~", t.text),
                };
                if t.in_title { format!("title:{text}") } else { text }
            }
            Node::Facet { facet, value, .. } => format!("{}={value}", facet.as_str()),
            Node::Date { from, to } => {
                format!(
                    "{}..{}",
                    from.map_or(String::new(), |d| d.to_string()),
                    to.map_or(String::new(), |d| d.to_string())
                )
            }
            Node::Source(s) => format!("source={s}"),
            Node::Lang(l) => format!("lang={l}"),
        }
    }

    #[test]
    fn the_forms_of_the_language() {
        for (query, want) in [
            ("gallium export licence", "[gallium export licence]"),
            ("\"closed-door discussions\" +a -b", "[\"closed-door discussions\" +a -b]"),
            ("a AND b OR c AND NOT d", "[((a & b) | (c & !d))]"),
            ("a b OR c", "[a (b | c)]"),
            ("(a OR b) c", "[[(a | b)] c]"),
            (
                "title:lithium title:\"x y\" source:Reuters lang:zh",
                "[title:lithium title:\"x y\" source=Reuters lang=zh]",
            ),
            (
                "province:CN-SC commodity:\"heavy rare earths\"",
                "[province=CN-SC commodity=heavy rare earths]",
            ),
            ("province:(四川 OR 江西)", "[[(province=四川 | province=江西)]]"),
            ("litium~ lith*", "[litium~ lith*]"),
            (r#""a \"b\" \\" c"#, r#"["a \"b\" \\" c]"#),
            (r#""a\b" "c\"#, r#"["a\\b" "c\\"]"#),
            ("date:2025-05 date:2024..", "[2025-05-01..2025-05-31 2024-01-01..]"),
            ("date:2025-05-01..2025-06-15", "[2025-05-01..2025-06-15]"),
            ("date:>=2025 date:<2025-02", "[2025-01-01.. ..2025-01-31]"),
            ("date:last30d", "[2025-06-01..2025-06-30]"),
        ] {
            assert_eq!(show(&tree(query)), want, "{query}");
        }
    }

    #[test]
    fn what_an_input_method_types_is_syntax() {
        for (typed, ascii) in [
            ("“稀土集团”", "\"稀土集团\""),
            ("province：四川", "province:四川"),
            ("（稀土　OR　锂）　－煤", "(稀土 OR 锂) -煤"),
            ("「稀土集團」", "\"稀土集團\""),
        ] {
            assert_eq!(show(&tree(typed)), show(&tree(ascii)), "{typed}");
        }
    }

    #[test]
    fn what_is_not_syntax_is_words() {
        for query in [
            "\"unbalanced",
            "trailing AND",
            "-",
            "a - b",
            "😀",
            "https://example.org/a?b=c",
            "C++",
            "U.S.–China",
            "12:30",
            "Update: prices",
            "()",
            "((",
            "))",
            "AND",
            "OR OR",
            "NOT",
            "+",
            "--",
            "a)b",
            "~",
            "*",
            "\"\"",
            "a ~ b",
            ":",
            "x:",
        ] {
            assert!(parse(query, today()).is_ok(), "{query}");
        }
        assert_eq!(show(&tree("C++")), "[C++]");
        assert_eq!(show(&tree("a) b")), "[a b]");
        assert_eq!(show(&tree("https://a.b/c")), "[https://a.b/c]");
    }

    #[test]
    fn errors_name_the_place_and_the_way_out() {
        let error = parse("lithium provnce:Sichuan", today()).unwrap_err();
        assert_eq!(error.at, 8..15);
        assert!(error.hint.unwrap().contains("\"province\""));
        assert_eq!(parse("date:yesterdy", today()).unwrap_err().at, 5..13);
        assert!(parse("lang:xx", today()).is_err());
        assert!(parse("  ", today()).is_err());
        assert!(parse(&"(".repeat(4000), today()).is_err());
        assert!(parse(&"a ".repeat(2000), today()).is_err());
        assert!(parse(&"a".repeat(5000), today()).is_err());
        assert!(parse(&"NOT ".repeat(1000), today()).is_ok());
    }

    #[test]
    fn a_field_value_ends_at_a_comma() {
        assert_eq!(show(&tree("province:四川，commodity:锂")), "[province=四川 commodity=锂]");
        assert_eq!(show(&tree("ｐｒｏｖｉｎｃｅ：四川")), "[province=四川]");
    }

    proptest::proptest! {
        #[test]
        fn no_query_panics(query in "([a-z稀土“”\"()+~*: -]|AND |OR |NOT |title:|province：|date:|..|\\PC){0,80}") {
            let _ = parse(&query, today());
        }
    }
}
