//! Whole JSON files: an array of objects, one object, an object that holds such an array, or objects one
//! after the other.
//!
//! The text is cut into items first, so that one bad item does not cost the others and only one is
//! held in parsed form.

use std::ops::Range;

use super::{record, skip};
use crate::article::{Article, Skip};

/// Members in which an object may hold its articles.
const HOLDERS: [&str; 3] = ["articles", "items", "docs"];

/// The articles of a JSON file.
pub(super) struct Items {
    text: String,
    name: String,
    shape: Shape,
    /// Where the next item is looked for.
    at: usize,
    /// Items so far.
    count: u64,
    /// Where `lines` was counted.
    counted_to: usize,
    line: u64,
    ended: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    /// Inside an array.
    Array,
    /// One object, or several one after the other.
    Objects,
}

impl Items {
    pub(super) fn new(text: String, name: String) -> Items {
        let start = skip_blank(&text, 0);
        let (shape, at) = match text.as_bytes().get(start) {
            Some(b'[') => (Shape::Array, start + 1),
            Some(b'{') => match holder(&text, start) {
                Some(inside) => (Shape::Array, inside),
                None => (Shape::Objects, start),
            },
            _ => (Shape::Objects, start),
        };
        Items { text, name, shape, at, count: 0, counted_to: 0, line: 1, ended: false }
    }

    fn line_of(&mut self, at: usize) -> u64 {
        let passed = self.text.as_bytes().get(self.counted_to..at).unwrap_or_default();
        self.line += passed.iter().filter(|&&b| b == b'\n').count() as u64;
        self.counted_to = at;
        self.line
    }

    /// The next item, `None` at the end, an error where the text can't be cut any further.
    fn next_item(&mut self) -> Option<Result<Range<usize>, String>> {
        self.at = skip_blank(&self.text, self.at);
        let first = self.text.as_bytes().get(self.at).copied();
        match (self.shape, first) {
            (Shape::Array, Some(b']')) | (Shape::Objects, None) => return None,
            (Shape::Array, None) => return Some(Err("damaged: it ends too early".into())),
            (_, Some(b',')) if self.count > 0 => {
                self.at = skip_blank(&self.text, self.at + 1);
                // A comma before the end is common and harmless.
                if self.text.as_bytes().get(self.at) == Some(&b']') {
                    return None;
                }
            }
            _ => {}
        }
        let start = self.at;
        match value_end(&self.text, start) {
            Some(end) if end > start => {
                self.at = end;
                Some(Ok(start..end))
            }
            Some(_) => Some(Err("not JSON: expected a value".into())),
            None => Some(Err("damaged: it ends too early".into())),
        }
    }

    fn is_only_object(&self, item: &Range<usize>) -> bool {
        self.shape == Shape::Objects && self.count == 1 && skip_blank(&self.text, item.end) == self.text.len()
    }
}

impl Iterator for Items {
    type Item = Result<Article, Skip>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = match self.next_item() {
            Some(item) => item,
            None => {
                self.ended = true;
                let empty = self.count == 0 && self.shape == Shape::Objects;
                return empty.then(|| Err(skip(&self.name, None, "empty")));
            }
        };
        self.count += 1;
        let range = match item {
            Ok(range) => range,
            Err(reason) => {
                self.ended = true;
                let line = self.line_of(self.at);
                return Some(Err(skip(&self.name, Some(line), reason)));
            }
        };
        let line = self.line_of(range.start);
        let alone = self.is_only_object(&range);
        let number = if self.shape == Shape::Array { self.count } else { line };
        let made = record::parse(self.text.get(range).unwrap_or_default()).and_then(|map| {
            record::article(map, &self.name, || {
                if alone { self.name.clone() } else { format!("{}#{number}", self.name) }
            })
        });
        Some(made.map_err(|reason| skip(&self.name, Some(line), reason)))
    }
}

/// The place of the first blank-free byte from `at` on.
fn skip_blank(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Where the value that starts at `at` ends: brackets are counted, strings passed over, nothing is
/// checked. `None` when the text ends first.
fn value_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut i) = (0usize, at);
    while let Some(&b) = bytes.get(i) {
        match b {
            b'"' => {
                i = string_end(bytes, i)?;
                if depth == 0 {
                    return Some(i);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(i),
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            b',' | b':' if depth == 0 => return Some(i),
            b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return Some(i),
            _ => {}
        }
        i += 1;
    }
    (depth == 0).then_some(i)
}

/// Behind the closing quote of the string whose opening quote is at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut i = at + 1;
    loop {
        match bytes.get(i)? {
            b'\\' => i += 2,
            b'"' => return Some(i + 1),
            _ => i += 1,
        }
    }
}

/// Inside the array of an object that holds its articles in one; `None` for any other object. An
/// object with text of its own is an article, whatever lists it has.
fn holder(text: &str, object: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (object + 1, None);
    loop {
        at = skip_blank(text, at);
        if bytes.get(at) == Some(&b',') {
            at = skip_blank(text, at + 1);
        }
        if bytes.get(at) != Some(&b'"') {
            return found;
        }
        let key_end = string_end(bytes, at)?;
        let key = text.get(at + 1..key_end - 1).unwrap_or_default();
        at = skip_blank(text, key_end);
        if bytes.get(at) != Some(&b':') {
            return found;
        }
        at = skip_blank(text, at + 1);
        if matches!(key, "body" | "text") {
            return None;
        }
        if found.is_none() && HOLDERS.contains(&key) && bytes.get(at) == Some(&b'[') {
            found = Some(at + 1);
        }
        match value_end(text, at) {
            Some(end) if end > at => at = end,
            _ => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Article, Skip>> {
        Items::new(text.into(), "f.json".into()).collect()
    }

    fn ids(text: &str) -> Vec<String> {
        read(text).into_iter().map(|a| a.unwrap().id).collect()
    }

    #[test]
    fn shapes() {
        assert_eq!(ids(r#"{"body": "x"}"#), ["f.json"]);
        assert_eq!(
            ids(r#" [ {"body": "x"}, {"body": "y", "id": "b"} ,{"body":"z"}, ]"#),
            ["f.json#1", "b", "f.json#3"]
        );
        assert_eq!(ids(r#"{"n": {"a": ["]"]}, "articles": [{"body": "x"}]}"#), ["f.json#1"]);
        assert_eq!(ids(r#"{"items": ["tin"], "body": "x"}"#), ["f.json"]);
        assert_eq!(ids("{\"body\": \"x\"}\n{\"body\": \"y\"}\n"), ["f.json#1", "f.json#2"]);
        assert_eq!(ids("[]"), [""; 0]);
    }

    #[test]
    fn a_bad_item_does_not_cost_the_others() {
        let got = read("[{\"body\": \"x\"},\n{\"body\": 7},\n nope,\n{\"body\": \"y \\\" ]\"}]");
        assert!(got[0].is_ok() && got[3].is_ok());
        assert_eq!(got[1].as_ref().unwrap_err().line, Some(2));
        assert_eq!(got[2].as_ref().unwrap_err().line, Some(3));
        assert_eq!(got.len(), 4);
    }

    #[test]
    fn torn_and_hostile_files() {
        let got = read("[{\"body\": \"x\"},\n{\"body\": \"y");
        assert!(got[0].is_ok() && got[1].as_ref().unwrap_err().reason.starts_with("damaged"));
        assert_eq!(got.len(), 2);
        for bad in ["", "   ", "{", "[", "]", "[,", "[:]", "{\"a\"", "nope", "\"", "[\"\\", "[}]"] {
            assert!(read(bad).iter().all(Result::is_err) && !read(bad).is_empty(), "{bad}");
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(read(&deep).len(), 1);
        let deep = format!("{{\"body\":\"x\",\"y\":{deep}}}");
        assert!(read(&deep)[0].is_err());
    }

    proptest::proptest! {
        #[test]
        fn ends_on_any_text(text in "[\\[\\]{}\":,a\\\\ \n]{0,60}") {
            proptest::prop_assert!(read(&text).len() <= 61);
        }
    }
}
