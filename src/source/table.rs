//! CSV and TSV with a header row: one article a record.

use std::io::Cursor;

use serde_json::{Map, Value};

use super::{record, skip};
use crate::article::{Article, Skip};

/// Names of columns that mean a member, lower case.
const ALIASES: [(&str, &str); 30] = [
    ("id", "id"),
    ("_id", "_id"),
    ("编号", "id"),
    ("title", "title"),
    ("headline", "title"),
    ("标题", "title"),
    ("標題", "title"),
    ("body", "body"),
    ("text", "body"),
    ("content", "body"),
    ("article", "body"),
    ("正文", "body"),
    ("内容", "body"),
    ("date", "date"),
    ("published", "date"),
    ("publish_date", "date"),
    ("published_at", "date"),
    ("pubdate", "date"),
    ("日期", "date"),
    ("时间", "date"),
    ("发布时间", "date"),
    ("source", "source"),
    ("publisher", "source"),
    ("来源", "source"),
    ("url", "url"),
    ("link", "url"),
    ("链接", "url"),
    ("lang", "lang"),
    ("language", "lang"),
    ("语言", "lang"),
];

/// The articles of a table.
pub(super) struct Rows {
    reader: csv::Reader<Cursor<String>>,
    name: String,
    /// The member of each column.
    columns: Vec<String>,
    count: u64,
    /// What is wrong with the whole file, to be told first.
    fault: Option<String>,
    ended: bool,
}

impl Rows {
    pub(super) fn new(text: String, name: String) -> Rows {
        let delimiter = delimiter(&text, &name);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(Cursor::new(text));
        let mut fault = None;
        let mut columns: Vec<String> = Vec::new();
        match reader.headers() {
            Ok(headers) => {
                for header in headers {
                    let name = header.trim().to_lowercase();
                    let member = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, member)| *member);
                    // The first column of a meaning has it; a second one is kept aside.
                    match member.filter(|m| !columns.iter().any(|c| c == m)) {
                        Some(member) => columns.push(member.to_owned()),
                        None => columns.push(header.trim().to_owned()),
                    }
                }
                if !columns.iter().any(|c| c == "title" || c == "body") {
                    fault = Some("no column is named title or body".to_owned());
                }
            }
            Err(error) => fault = Some(format!("no header row: {error}")),
        }
        let ended = fault.is_some();
        Rows { reader, name, columns, count: 0, fault, ended }
    }
}

impl Iterator for Rows {
    type Item = Result<Article, Skip>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.fault.take() {
            return Some(Err(skip(&self.name, Some(1), fault)));
        }
        if self.ended {
            return None;
        }
        let mut row = csv::StringRecord::new();
        match self.reader.read_record(&mut row) {
            Ok(false) => {
                self.ended = true;
                None
            }
            Ok(true) => {
                self.count += 1;
                let line = row.position().map(csv::Position::line);
                let number = self.count;
                let map = to_map(&self.columns, &row);
                let made = record::article(map, &self.name, || format!("{}#{number}", self.name));
                Some(made.map_err(|reason| skip(&self.name, line, reason)))
            }
            Err(error) => {
                self.count += 1;
                let line = error.position().map(csv::Position::line);
                let reason = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("{len} fields where the header has {expected_len}")
                    }
                    csv::ErrorKind::Io(_) => {
                        self.ended = true;
                        error.to_string()
                    }
                    _ => error.to_string(),
                };
                Some(Err(skip(&self.name, line, reason)))
            }
        }
    }
}

fn to_map(columns: &[String], row: &csv::StringRecord) -> Map<String, Value> {
    let pairs = columns.iter().zip(row).filter(|(_, value)| !value.trim().is_empty());
    pairs.map(|(column, value)| (column.clone(), value.into())).collect()
}

/// A tab for `.tsv`, else the likely mark that is most frequent in the header row.
fn delimiter(text: &str, name: &str) -> u8 {
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".tsv") || lower.ends_with(".tsv.gz") || lower.ends_with(".tsv.zst") {
        return b'\t';
    }
    let header = text.lines().next().unwrap_or_default();
    let (mut best, mut most) = (b',', 0);
    for mark in [b',', b';', b'\t'] {
        let mut quoted = false;
        let count = header
            .bytes()
            .filter(|&b| {
                quoted ^= b == b'"';
                b == mark && !quoted
            })
            .count();
        if count > most {
            (best, most) = (mark, count);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, name: &str) -> Vec<Result<Article, Skip>> {
        Rows::new(text.into(), name.into()).collect()
    }

    #[test]
    fn columns_and_records() {
        let got = rows(
            "ID,Headline,正文,日期,grade\n7,\"Tin, up\",\"Line one\nline two\",2031-06-02,A\nbroken,row\n,Zinc,,,\n,,,,\n",
            "t.csv",
        );
        let a = got[0].as_ref().unwrap();
        assert_eq!(
            (a.id.as_str(), a.title.as_str(), a.body.as_str()),
            ("7", "Tin, up", "Line one\nline two")
        );
        assert_eq!((a.date.unwrap().to_string(), &a.extra["grade"]), ("2031-06-02".into(), &"A".into()));
        let broken = got[1].as_ref().unwrap_err();
        assert_eq!((broken.line, broken.reason.as_str()), (Some(4), "2 fields where the header has 5"));
        assert_eq!(got[2].as_ref().unwrap().id, "t.csv#3");
        assert!(got[3].is_err());
        assert_eq!(got.len(), 4);
    }

    #[test]
    fn delimiters() {
        for (text, name) in [
            ("title;body;x\nTin;up, up;\n", "t.csv"),
            ("title\tbody\nTin\tup, up\n", "t.csv"),
            ("title\tbody,\nTin\tup, up\n", "t.TSV"),
        ] {
            assert_eq!(rows(text, name)[0].as_ref().unwrap().title, "Tin", "{text}");
        }
        assert_eq!(rows("a,b\n1,2\n", "t.csv").len(), 1);
        assert!(rows("a,b\n1,2\n", "t.csv")[0].is_err());
        assert!(rows("", "t.csv")[0].is_err());
        assert_eq!(rows("title,body\n\"never closed,x\ny\n", "t.csv").len(), 1);
    }
}
