//! Line by line: one JSON object each, however long the input is.

use std::io::{BufRead, BufReader, Read};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{Step, decode, record, skip};
use crate::{article::Skip, limits};

/// Tells whether a line is known by its fingerprint.
pub(super) type IsKnown = Box<dyn Fn(u64) -> bool>;

/// The articles of an NDJSON input. Holds one line at a time.
pub(super) struct Lines {
    is_known: IsKnown,
    /// `None` once the input has ended.
    input: Option<Box<dyn BufRead>>,
    started: bool,
    name: String,
    line: u64,
    /// Lines in a row that could not be used; `None` once one could.
    bad_from_start: Option<u64>,
    line_max_bytes: usize,
    buffer: Vec<u8>,
}

impl Lines {
    /// Lines that `is_known` knows are told, not read.
    pub(super) fn new(reader: Box<dyn Read>, name: String, is_known: IsKnown) -> Lines {
        Lines {
            is_known,
            input: Some(Box::new(BufReader::with_capacity(256 << 10, reader))),
            started: false,
            name,
            line: 0,
            bad_from_start: Some(0),
            line_max_bytes: limits::LINE_MAX_BYTES,
            buffer: Vec::new(),
        }
    }

    /// Looks at the first bytes: UTF-16 is recoded, binary data refused.
    fn start(&mut self) -> Option<Skip> {
        self.started = true;
        let (head, rest) = decode::peek(Box::new(self.input.take()?));
        let rest: Box<dyn Read> = match decode::utf16(&head) {
            Some(encoding) => Box::new(decode::Recoded::new(rest, encoding)),
            None if decode::looks_binary(&head) => return Some(skip(&self.name, None, decode::NOT_TEXT)),
            None => rest,
        };
        self.input = Some(Box::new(BufReader::with_capacity(256 << 10, rest)));
        None
    }

    fn read_line(&mut self) -> Option<Result<Step, Skip>> {
        let input = self.input.as_mut()?;
        self.buffer.clear();
        self.buffer.shrink_to(1 << 20);
        let room = self.line_max_bytes as u64 + 1;
        let result = input.by_ref().take(room).read_until(b'\n', &mut self.buffer);
        let result = match result {
            Ok(n) if n as u64 == room && self.buffer.last() != Some(&b'\n') => {
                input.skip_until(b'\n').map(|_| None)
            }
            Ok(n) => Ok(Some(n)),
            Err(error) => Err(error),
        };
        match result {
            Ok(Some(0)) => {
                self.input = None;
                return None;
            }
            Ok(_) => self.line += 1,
            Err(error) => {
                // A last line that came whole was read before; a torn one is lost.
                self.input = None;
                return Some(Err(skip(&self.name, Some(self.line + 1), decode::damage(&error))));
            }
        }
        let made = match result {
            Ok(None) => Err(format!("a line longer than {} MiB", self.line_max_bytes >> 20)),
            _ => self.parse()?,
        };
        Some(made.map_err(|reason| skip(&self.name, Some(self.line), reason)))
    }

    /// `None` for a blank line.
    fn parse(&self) -> Option<Result<Step, String>> {
        let line = self.buffer.strip_prefix(b"\xEF\xBB\xBF").filter(|_| self.line == 1);
        let line = line.unwrap_or(&self.buffer).trim_ascii();
        if line.is_empty() {
            return None;
        }
        // An article without an id of its own has one that names its line, so it is the same only there.
        let [anywhere, here] = [0, self.line].map(|line| xxh3_64_with_seed(self.buffer.trim_ascii(), line));
        if let Some(known) = [anywhere, here].into_iter().find(|print| (self.is_known)(*print)) {
            return Some(Ok(Step::Known(known)));
        }
        let mut print = anywhere;
        let article = decode::line_to_text(line).map_err(str::to_owned).and_then(|text| {
            let map = record::parse(&text)?;
            record::article(map, &self.name, || {
                print = here;
                format!("{}#{}", self.name, self.line)
            })
        });
        Some(article.map(|article| Step::Read(Box::new(article), print)))
    }
}

impl Iterator for Lines {
    type Item = Result<Step, Skip>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.started
            && let Some(refused) = self.start()
        {
            return Some(Err(refused));
        }
        while self.input.is_some() {
            let Some(item) = self.read_line() else { continue };
            match (&item, &mut self.bad_from_start) {
                (Ok(_), bad) => *bad = None,
                (Err(_), Some(bad)) => {
                    *bad += 1;
                    // Most likely not NDJSON at all: no use in reporting each of its lines.
                    if *bad >= limits::BAD_LINES_MAX {
                        self.input = None;
                        let reason = format!("given up: none of the first {bad} lines is an article");
                        return Some(Err(skip(&self.name, Some(self.line), reason)));
                    }
                }
                (Err(_), None) => {}
            }
            return Some(item);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;

    fn all_lines(bytes: impl Into<Vec<u8>>) -> Lines {
        Lines::new(Box::new(std::io::Cursor::new(bytes.into())), "in.ndjson".into(), Box::new(|_| false))
    }

    fn lines(bytes: impl Into<Vec<u8>>) -> impl Iterator<Item = Result<Article, Skip>> {
        super::super::articles_of(all_lines(bytes))
    }

    #[test]
    fn bad_lines_are_reported_and_the_rest_goes_on() {
        let text = "\u{FEFF}{\"body\":\"one\"}\r\n\n{\"body\":\n{\"title\":\"four\",\"id\":\"x\"}";
        let got: Vec<_> = lines(text).collect();
        assert_eq!(got.len(), 3);
        assert_eq!(got[0].as_ref().unwrap().id, "in.ndjson#1");
        assert_eq!(got[1].as_ref().unwrap_err().line, Some(3));
        assert_eq!(got[2].as_ref().unwrap().id, "x");
    }

    #[test]
    fn a_line_that_is_too_long_is_not_held() {
        let text = format!("{{\"body\":\"{}\"}}\n{{\"body\":\"ok\"}}\n", "a".repeat(900_000));
        let mut input = all_lines(text);
        input.line_max_bytes = 1000;
        let skipped = input.next().unwrap().unwrap_err();
        assert_eq!(skipped.line, Some(1));
        assert!(input.buffer.capacity() < 3000);
        let Some(Ok(Step::Read(article, _))) = input.next() else { panic!("the line after it") };
        assert_eq!(article.body, "ok");
        assert!(input.next().is_none());
    }

    #[test]
    fn known_lines_are_not_read_and_an_id_from_the_line_is_known_only_there() {
        let [own, none] = [r#"{"id":"a","body":"one"}"#, r#"{"body":"two"}"#];
        let reading = |text: &str, known: Vec<u64>| -> Vec<Step> {
            let mut lines = all_lines(text);
            lines.is_known = Box::new(move |print| known.contains(&print));
            lines.map(Result::unwrap).collect()
        };
        let prints = |steps: &[Step]| -> Vec<u64> {
            steps
                .iter()
                .map(|s| match s {
                    Step::Read(_, print) | Step::Known(print) => *print,
                })
                .collect()
        };
        let first = reading(&format!("{own}\n{none}\n"), vec![]);
        let known = prints(&first);
        let is_known = |text: &str| -> Vec<bool> {
            let steps = reading(text, known.clone());
            steps.iter().map(|s| matches!(s, Step::Known(_))).collect()
        };
        assert_eq!(is_known(&format!("{own}\r\n{none}")), [true, true]);
        assert_eq!(is_known(&format!("{none}\n{own}\n")), [false, true]);
        assert_eq!(is_known(&format!("\n{none} \n{own}\n")), [true, true]);
        assert_eq!(is_known(&format!("{own}\n{}\n", none.replace("two", "twO"))), [true, false]);
    }

    #[test]
    fn other_encodings() {
        let text = "{\"body\":\"云南锡业十月检修\"}\n{\"body\":\"second\"}\n";
        let gb = encoding_rs::GB18030.encode(text).0.into_owned();
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&b"\xFF\xFE"[..], &wide].concat();
        for bytes in [gb, wide, marked] {
            let bodies: Vec<_> = lines(bytes).map(|a| a.unwrap().body).collect();
            assert_eq!(bodies, ["云南锡业十月检修", "second"]);
        }
    }

    #[test]
    fn what_is_not_ndjson_is_given_up() {
        let prose = "This is prose.\n".repeat(5000);
        let got: Vec<_> = lines(prose).collect();
        assert_eq!(got.len(), 1000);
        assert!(got.last().unwrap().as_ref().unwrap_err().reason.starts_with("given up"));
        let got: Vec<_> = lines(vec![0u8; 5000]).collect();
        assert_eq!(got, [Err(skip("in.ndjson", None, "not text"))]);
        assert_eq!(lines("").count(), 0);
    }
}
