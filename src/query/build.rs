//! A question put together from values instead of text: nothing that a program passes in is taken for
//! syntax.
//!
//! A built query is a way to write the query language, not a second one: it is displayed as the text
//! that asks for it, and searched as that text. So what is logged can be typed again, and an error
//! points into a text that can be shown. That the text is read as it was meant is a property test.

use std::{
    fmt::{self, Write as _},
    ops::{Bound, RangeBounds},
};

use super::{parse::syntax, tree::Sign};
use crate::{
    article::{Date, Lang},
    gazetteer::Facet,
};

/// A question, put together from values.
///
/// ```
/// use orewire::{Date, Facet, Query, SearchRequest};
///
/// let query = Query::words("export licence")
///     .must(Query::any([Query::words("gallium"), Query::words("锗")]))
///     .must(Query::facet(Facet::Province, "Sichuan"))
///     .must(Query::dates(Date::new(2025, 5, 1).unwrap()..))
///     .must_not(Query::phrase("closed-door"));
/// assert_eq!(
///     query.to_string(),
///     r#"export licence +(gallium OR 锗) +province:"Sichuan" +date:2025-05-01.. -"closed-door""#
/// );
/// let request = SearchRequest::new(query);
/// # assert_eq!(request.limit, 10);
/// ```
///
/// Words rank: articles with all of them come first, partial matches after. [`Query::must`] and
/// [`Query::must_not`] decide what matches. Text that asks for nothing (no letter, digit or sign in it) is
/// left out; a query that asks for nothing at all is rejected when it is searched for. The caps of the
/// language hold ([`limits::QUERY_MAX_BYTES`](crate::limits::QUERY_MAX_BYTES) of its text, and so on).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Query {
    clauses: Vec<(Sign, Clause)>,
}

/// A part of a question.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Clause {
    /// Text to look for: how, what, and whether in the title only.
    Text(Form, String, bool),
    Facet(Facet, String),
    Source(String),
    Lang(Lang),
    Dates(Option<Date>, Option<Date>),
    LastDays(u32),
    All(Vec<Query>),
    Any(Vec<Query>),
    Group(Query),
}

/// How a text is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Word,
    Phrase,
    Prefix,
    Fuzzy,
}

impl Query {
    /// Words in any order, in any of their forms; names among them are also found by their tags. Signs of
    /// the query language in the text count for nothing.
    pub fn words(text: impl AsRef<str>) -> Query {
        let words = words(text.as_ref());
        Query { clauses: words.map(|w| (Sign::Ranked, Clause::Text(Form::Word, w, false))).collect() }
    }

    /// Exactly these words in these forms and this order; of Chinese exactly these characters, wherever
    /// they stand.
    pub fn phrase(text: impl Into<String>) -> Query {
        Query::of_text(text.into(), |text| Clause::Text(Form::Phrase, text, false))
    }

    /// Words that begin so. Of several words the last one is a beginning.
    pub fn prefix(text: impl AsRef<str>) -> Query {
        Query::last_word(text.as_ref(), Form::Prefix)
    }

    /// Words that are spelt nearly so; not for Han characters, numbers and words all in capitals. Of
    /// several words the last one is meant.
    pub fn fuzzy(text: impl AsRef<str>) -> Query {
        Query::last_word(text.as_ref(), Form::Fuzzy)
    }

    /// Articles tagged with what has this name, code or facet path, or with something below it. A search
    /// for a name that the gazetteer does not know is an error, with the nearest names.
    pub fn facet(facet: Facet, name: impl Into<String>) -> Query {
        Query::of_text(name.into(), |name| Clause::Facet(facet, name.trim().to_owned()))
    }

    /// Articles of publishers whose name has these words in a row.
    pub fn source(name: impl Into<String>) -> Query {
        Query::of_text(name.into(), Clause::Source)
    }

    /// Articles in a language.
    pub fn lang(lang: Lang) -> Query {
        Query::of(Clause::Lang(lang))
    }

    /// Articles of these days: `from..=to`, `from..`, `..to`. Those without a date are left out.
    pub fn dates(days: impl RangeBounds<Date>) -> Query {
        let beside = |day: &Date, step: i64| Date::from_days(day.days() + step);
        // Past the first or the last day that there is, no day is left.
        let from = match days.start_bound() {
            Bound::Included(day) => Some(*day),
            Bound::Excluded(day) => Some(beside(day, 1).unwrap_or(*day)),
            Bound::Unbounded => None,
        };
        let to = match days.end_bound() {
            Bound::Included(day) => Some(*day),
            Bound::Excluded(day) => Some(beside(day, -1).unwrap_or(*day)),
            Bound::Unbounded => None,
        };
        Query::of(Clause::Dates(from, to))
    }

    /// Articles of the last days, today in UTC included: 1 to 100,000.
    pub fn last_days(days: u32) -> Query {
        Query::of(Clause::LastDays(days.clamp(1, 100_000)))
    }

    /// What all of these ask for.
    pub fn all(queries: impl IntoIterator<Item = Query>) -> Query {
        Query::joined(queries, Clause::All)
    }

    /// What at least one of these asks for.
    pub fn any(queries: impl IntoIterator<Item = Query>) -> Query {
        Query::joined(queries, Clause::Any)
    }

    /// Everything but what any of these asks for.
    pub fn none(queries: impl IntoIterator<Item = Query>) -> Query {
        queries.into_iter().fold(Query::default(), Query::must_not)
    }

    /// Also asks for this, for the rank: articles that have it come before those that do not.
    #[must_use]
    pub fn should(mut self, query: Query) -> Query {
        let word = |(sign, clause): &(Sign, Clause)| {
            *sign == Sign::Ranked && matches!(clause, Clause::Text(Form::Word, ..))
        };
        match query.clauses.iter().all(word) {
            // Words in a row are more than each of them.
            true => self.clauses.extend(query.clauses),
            false => self.push(Sign::Ranked, query),
        }
        self
    }

    /// Only articles that have this.
    #[must_use]
    pub fn must(mut self, query: Query) -> Query {
        self.push(Sign::Required, query);
        self
    }

    /// Only articles that do not have this.
    #[must_use]
    pub fn must_not(mut self, query: Query) -> Query {
        self.push(Sign::Excluded, query);
        self
    }

    /// Looks for all its text in titles only; facets, dates, sources and languages are as they were.
    #[must_use]
    pub fn in_title(self) -> Query {
        let clauses = self.clauses.into_iter().flat_map(|(sign, clause)| -> Vec<(Sign, Clause)> {
            let each = |list: Vec<Query>| list.into_iter().map(Query::in_title).collect();
            match clause {
                // A field's value ends at a comma.
                Clause::Text(Form::Word, text, _) if text.contains(COMMAS) => {
                    let parts = text.split(COMMAS).flat_map(words);
                    let parts = parts.map(|w| (Sign::Ranked, Clause::Text(Form::Word, w, true))).collect();
                    match sign {
                        Sign::Ranked => parts,
                        _ => Query { clauses: parts }.single().map(|c| (sign, c)).into_iter().collect(),
                    }
                }
                Clause::Text(form, text, _) => vec![(sign, Clause::Text(form, text, true))],
                Clause::All(list) => vec![(sign, Clause::All(each(list)))],
                Clause::Any(list) => vec![(sign, Clause::Any(each(list)))],
                Clause::Group(query) => vec![(sign, Clause::Group(query.in_title()))],
                other => vec![(sign, other)],
            }
        });
        Query { clauses: clauses.collect() }
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    fn of(clause: Clause) -> Query {
        Query { clauses: vec![(Sign::Ranked, clause)] }
    }

    fn of_text(text: String, make: impl FnOnce(String) -> Clause) -> Query {
        if text.trim().is_empty() { Query::default() } else { Query::of(make(text)) }
    }

    fn last_word(text: &str, form: Form) -> Query {
        let mut list: Vec<String> = text.split(COMMAS).flat_map(words).collect();
        let last = list.pop().unwrap_or_default();
        let last = last.trim_end_matches(|c: char| !c.is_alphanumeric());
        list.retain(|word| !word.is_empty());
        let mut query = Query::default();
        query.clauses.extend(list.into_iter().map(|w| (Sign::Ranked, Clause::Text(Form::Word, w, false))));
        if !last.is_empty() {
            query.clauses.push((Sign::Ranked, Clause::Text(form, last.to_owned(), false)));
        }
        query
    }

    fn joined(queries: impl IntoIterator<Item = Query>, make: fn(Vec<Query>) -> Clause) -> Query {
        let mut queries: Vec<Query> = queries.into_iter().filter(|q| !q.is_empty()).collect();
        match queries.len() {
            0 | 1 => queries.pop().unwrap_or_default(),
            _ => Query::of(make(queries)),
        }
    }

    fn push(&mut self, sign: Sign, query: Query) {
        self.clauses.extend(query.single().map(|clause| (sign, clause)));
    }

    /// All of it as one clause; `None` when it asks for nothing.
    fn single(mut self) -> Option<Clause> {
        match self.clauses.as_slice() {
            [] => None,
            [(Sign::Ranked, _)] => self.clauses.pop().map(|(_, clause)| clause),
            _ => Some(Clause::Group(self)),
        }
    }
}

impl From<Query> for String {
    fn from(query: Query) -> String {
        query.to_string()
    }
}

/// What ends the value of a field, as in `province:四川，锂`.
const COMMAS: [char; 5] = ['，', '；', '、', ',', ';'];

/// The words of a text, each free of what the parser would take for syntax.
fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c| matches!(syntax(c), ' ' | '"' | '(' | ')' | ':'));
    parts.filter_map(|part| {
        let part = part.trim_start_matches(|c| matches!(syntax(c), '+' | '-' | '。') || COMMAS.contains(&c));
        let part = part.trim_end_matches(|c| matches!(syntax(c), '~' | '*'));
        match part {
            "" | "&&" | "||" => None,
            // Small they are words like any other.
            "AND" | "OR" | "NOT" => Some(part.to_lowercase()),
            _ => Some(part.to_owned()),
        }
    })
}

impl fmt::Display for Query {
    /// The text that asks for it, in the query language.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(Sign::Ranked, clause)] = self.clauses.as_slice() {
            return match clause {
                Clause::All(_) | Clause::Any(_) => clause.fmt_joined(f),
                _ => clause.fmt(f),
            };
        }
        for (at, (sign, clause)) in self.clauses.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            match sign {
                Sign::Ranked => {}
                Sign::Required => f.write_char('+')?,
                Sign::Excluded => f.write_char('-')?,
            }
            clause.fmt(f)?;
        }
        Ok(())
    }
}

impl Clause {
    /// As one clause among others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Clause::Text(form, text, in_title) => {
                if *in_title {
                    f.write_str("title:")?;
                }
                match form {
                    Form::Word => f.write_str(text),
                    Form::Phrase => quoted(f, text),
                    Form::Prefix => write!(f, "{text}*"),
                    Form::Fuzzy => write!(f, "{text}~"),
                }
            }
            Clause::Facet(facet, name) => {
                write!(f, "{facet}:")?;
                quoted(f, name)
            }
            Clause::Source(name) => {
                f.write_str("source:")?;
                quoted(f, name)
            }
            Clause::Lang(lang) => write!(f, "lang:{lang}"),
            Clause::Dates(from, to) => {
                f.write_str("date:")?;
                from.map_or(Ok(()), |day| write!(f, "{day}"))?;
                f.write_str("..")?;
                to.map_or(Ok(()), |day| write!(f, "{day}"))
            }
            Clause::LastDays(days) => write!(f, "date:last{days}d"),
            Clause::All(_) | Clause::Any(_) => {
                f.write_char('(')?;
                self.fmt_joined(f)?;
                f.write_char(')')
            }
            Clause::Group(query) => write!(f, "({query})"),
        }
    }

    /// Without brackets around it.
    fn fmt_joined(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (queries, word) = match self {
            Clause::All(queries) => (queries, " AND "),
            Clause::Any(queries) => (queries, " OR "),
            _ => return Ok(()),
        };
        for (at, query) in queries.iter().enumerate() {
            if at > 0 {
                f.write_str(word)?;
            }
            match query.clauses.as_slice() {
                [(Sign::Ranked, clause)] => clause.fmt(f)?,
                [(Sign::Excluded, clause)] => {
                    f.write_str("NOT ")?;
                    clause.fmt(f)?;
                }
                _ => write!(f, "({query})")?,
            }
        }
        Ok(())
    }
}

/// A text in quotation marks; those in it are escaped.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if c == '\\' || syntax(c) == '"' {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::{
        parse::parse,
        tree::{Node, Text, TextKind},
    };

    fn today() -> Date {
        Date::new(2025, 6, 30).unwrap()
    }

    /// The tree that a query means, made without the language.
    fn tree(query: &Query) -> Node {
        let alone = query.clauses.len() == 1;
        Node::List(
            query
                .clauses
                .iter()
                .map(|(sign, clause)| match clause {
                    Clause::All(list) if alone && *sign == Sign::Ranked => (*sign, all(list)),
                    Clause::Any(list) if alone && *sign == Sign::Ranked => (*sign, any(list)),
                    _ => (*sign, node(clause)),
                })
                .collect(),
        )
    }

    fn all(list: &[Query]) -> Node {
        Node::And(list.iter().map(operand).collect())
    }

    fn any(list: &[Query]) -> Node {
        Node::Or(list.iter().map(operand).collect())
    }

    fn operand(query: &Query) -> Node {
        match query.clauses.as_slice() {
            [(Sign::Ranked, clause)] => node(clause),
            [(Sign::Excluded, clause)] => Node::Not(Box::new(node(clause))),
            _ => tree(query),
        }
    }

    fn node(clause: &Clause) -> Node {
        let at = 0..0;
        match clause {
            Clause::Text(form, text, in_title) => {
                let kind = match form {
                    Form::Word => TextKind::Word,
                    Form::Phrase => TextKind::Phrase,
                    Form::Prefix => TextKind::Prefix,
                    Form::Fuzzy => TextKind::Fuzzy,
                };
                Node::Text(Text { kind, text: text.clone(), in_title: *in_title, at })
            }
            Clause::Facet(facet, name) => Node::Facet { facet: *facet, value: name.clone(), at },
            Clause::Source(name) => Node::Source(name.clone()),
            Clause::Lang(lang) => Node::Lang(lang.code().to_owned()),
            Clause::Dates(from, to) => Node::Date { from: *from, to: *to },
            Clause::LastDays(days) => {
                let from = Date::from_days(today().days() - i64::from(*days) + 1);
                Node::Date { from, to: Some(today()) }
            }
            Clause::All(list) => Node::List(vec![(Sign::Ranked, all(list))]),
            Clause::Any(list) => Node::List(vec![(Sign::Ranked, any(list))]),
            Clause::Group(query) => tree(query),
        }
    }

    /// A parsed tree without the places of its clauses.
    fn placeless(node: Node) -> Node {
        let each = |list: Vec<Node>| list.into_iter().map(placeless).collect();
        match node {
            Node::List(items) => Node::List(items.into_iter().map(|(s, n)| (s, placeless(n))).collect()),
            Node::And(list) => Node::And(each(list)),
            Node::Or(list) => Node::Or(each(list)),
            Node::Not(inner) => Node::Not(Box::new(placeless(*inner))),
            Node::Text(text) => Node::Text(Text { at: 0..0, ..text }),
            Node::Facet { facet, value, .. } => Node::Facet { facet, value, at: 0..0 },
            other => other,
        }
    }

    fn agrees(query: &Query) {
        let text = query.to_string();
        match parse(&text, today()) {
            Ok(parsed) => assert_eq!(placeless(parsed), tree(query), "{text}"),
            Err(error) => assert!(query.is_empty(), "{text}: {error}"),
        }
    }

    #[test]
    fn every_form_has_its_text() {
        let day = |d| Date::new(2025, 5, d).unwrap();
        for (query, text) in [
            (Query::words("gallium export"), "gallium export"),
            (Query::words("镓 出口"), "镓 出口"),
            (Query::phrase("closed-door"), "\"closed-door\""),
            (Query::phrase("say “so” \\"), "\"say \\“so\\” \\\\\""),
            (Query::prefix("lith"), "lith*"),
            (Query::prefix("rare ear~"), "rare ear*"),
            (Query::fuzzy("litium"), "litium~"),
            (Query::words("lithium").in_title(), "title:lithium"),
            (Query::phrase("x y").in_title(), "title:\"x y\""),
            (Query::facet(Facet::Organization, " CREG "), "organization:\"CREG\""),
            (Query::source("Reuters"), "source:\"Reuters\""),
            (Query::lang(Lang::Zh), "lang:zh"),
            (Query::dates(day(1)..=day(9)), "date:2025-05-01..2025-05-09"),
            (Query::dates(day(1)..day(9)), "date:2025-05-01..2025-05-08"),
            (Query::dates(..day(9)), "date:..2025-05-08"),
            (Query::last_days(30), "date:last30d"),
            (Query::words("a").must(Query::words("b c")).must_not(Query::words("d")), "a +(b c) -d"),
            (Query::words("a").should(Query::phrase("b")).should(Query::words("c d")), "a \"b\" c d"),
            (Query::any([Query::words("a b"), Query::none([Query::words("c")])]), "(a b) OR NOT c"),
            (
                Query::words("x").should(Query::all([Query::words("a"), Query::lang(Lang::En)])),
                "x (a AND lang:en)",
            ),
        ] {
            assert_eq!(query.to_string(), text);
            agrees(&query);
        }
    }

    #[test]
    fn nothing_that_is_passed_in_is_syntax() {
        for (text, words) in [
            ("-gold +silver", "gold silver"),
            ("a AND b OR NOT c && d", "a and b or not c d"),
            ("province:Sichuan (x)", "province Sichuan x"),
            ("“稀土” lith* x~ C++", "稀土 lith x C++"),
            ("，。a， b", "a， b"),
            ("\" ( ) : + - ~ * “” ：", ""),
        ] {
            assert_eq!(Query::words(text).to_string(), words, "{text}");
            agrees(&Query::words(text));
        }
        assert!(Query::phrase(" ").is_empty() && Query::facet(Facet::Country, "").is_empty());
        assert_eq!(Query::any([Query::words("?:"), Query::words(":")]).to_string(), "?");
    }

    fn text() -> impl Strategy<Value = String> {
        "([a-zA-Z稀土“”\"()+~*:：，,。\\\\ -]|AND |OR |NOT|title:|&&|date:|\\PC){0,12}"
    }

    fn day() -> impl Strategy<Value = Date> {
        (1i64..2_900_000).prop_map(|days| Date::from_days(days - 700_000).unwrap_or(Date::EPOCH))
    }

    fn queries() -> impl Strategy<Value = Query> {
        let facets = prop_oneof![
            Just(Facet::Organization),
            Just(Facet::Province),
            Just(Facet::Country),
            Just(Facet::Commodity)
        ];
        let leaf = prop_oneof![
            text().prop_map(Query::words),
            text().prop_map(Query::phrase),
            text().prop_map(Query::prefix),
            text().prop_map(Query::fuzzy),
            text().prop_map(Query::source),
            (facets, text()).prop_map(|(facet, name)| Query::facet(facet, name)),
            prop::bool::ANY.prop_map(|zh| Query::lang(if zh { Lang::Zh } else { Lang::En })),
            (day(), day()).prop_map(|(a, b)| Query::dates(a..b)),
            day().prop_map(|a| Query::dates((Bound::Excluded(a), Bound::Unbounded))),
            Just(Query::dates(..)),
            (0u32..200_000).prop_map(Query::last_days),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Query::all),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Query::any),
                prop::collection::vec(inner.clone(), 1..3).prop_map(Query::none),
                inner.clone().prop_map(Query::in_title),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| a.should(b)),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| a.must(b)),
                (inner.clone(), inner).prop_map(|(a, b)| a.must_not(b)),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_parser_reads_what_was_built(query in queries()) {
            agrees(&query);
        }
    }
}
