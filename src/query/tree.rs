//! The syntax tree of a query.

use std::ops::Range;

use crate::{article::Date, gazetteer::Facet};

/// A node of the syntax tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Words in a row, each with its sign.
    List(Vec<(Sign, Node)>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Text(Text),
    Facet {
        facet: Facet,
        value: String,
        at: Range<usize>,
    },
    Date {
        from: Option<Date>,
        to: Option<Date>,
    },
    Source(String),
    Lang(String),
}

impl Node {
    /// Whether both ask for the same, wherever in the query they stand.
    pub(crate) fn asks_the_same(&self, other: &Node) -> bool {
        let lists =
            |a: &[Node], b: &[Node]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.asks_the_same(b));
        match (self, other) {
            (Node::List(a), Node::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && a.1.asks_the_same(&b.1))
            }
            (Node::And(a), Node::And(b)) | (Node::Or(a), Node::Or(b)) => lists(a, b),
            (Node::Not(a), Node::Not(b)) => a.asks_the_same(b),
            (Node::Text(a), Node::Text(b)) => (a.kind, a.in_title, &a.text) == (b.kind, b.in_title, &b.text),
            (Node::Facet { facet, value, .. }, Node::Facet { facet: other, value: second, .. }) => {
                facet == other && value == second
            }
            _ => self == other,
        }
    }
}

/// What a sign in front of a clause asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sign {
    /// None: it counts for the rank.
    Ranked,
    /// `+`
    Required,
    /// `-`
    Excluded,
}

/// How a text is to be matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    Word,
    Phrase,
    Prefix,
    Fuzzy,
}

/// A text clause.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Text {
    pub(crate) kind: TextKind,
    pub(crate) text: String,
    /// Only in the title.
    pub(crate) in_title: bool,
    /// Byte range in the query.
    pub(crate) at: Range<usize>,
}
