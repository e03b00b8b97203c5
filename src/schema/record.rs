//! The stored record: an article and its tags as compact bytes.
//!
//! Numbers are LEB128 varints, strings carry their length. A tag of the gazetteer is its row number
//! in the generation's [`Names`] and a tag found by its shape carries its path and name; the text of
//! evidence is sliced again from the article. A record takes about a tenth more than the article.

use std::ops::Range;

use crate::{
    article::{Article, Date, Lang},
    gazetteer::{Facet, Names},
    schema::FACETS,
    tagging::{Evidence, Field, Tag, Tags},
};

/// The first byte of a record.
const VERSION: u8 = 1;

/// Rules of evidence by number; any other rule is stored by name.
const RULES: [&str; 4] = ["gazetteer", "shape", "defined", "pattern"];

/// Writes a record. `row` gives the row of a path in the generation's names.
pub(crate) fn encode(article: &Article, tags: &Tags, row: impl Fn(Facet, &str) -> Option<u32>) -> Vec<u8> {
    let mut out = Vec::with_capacity(article.title.len() + article.body.len() + 256);
    out.push(VERSION);
    for text in [&article.id, &article.title, &article.body, &article.path] {
        put_str(&mut out, text);
    }
    put(&mut out, article.date.map_or(0, |d| (d.days() + 1_000_000) as u64));
    for text in [&article.source, &article.url] {
        put_str(&mut out, text.as_deref().unwrap_or(""));
    }
    out.push(u8::from(article.lang == Lang::Zh));
    if article.extra.is_empty() {
        put_str(&mut out, "");
    } else {
        put_str(&mut out, &serde_json::Value::Object(article.extra.clone()).to_string());
    }
    put(&mut out, article.furniture.len() as u64);
    let mut at = 0;
    for range in &article.furniture {
        put(&mut out, range.start.saturating_sub(at) as u64);
        put(&mut out, range.len() as u64);
        at = range.end;
    }
    for (facet, list) in
        FACETS.into_iter().zip([&tags.organization, &tags.province, &tags.country, &tags.commodity])
    {
        put(&mut out, list.len() as u64);
        for tag in list {
            put_tag(&mut out, facet, tag, &row);
        }
    }
    out
}

fn put_tag(out: &mut Vec<u8>, facet: Facet, tag: &Tag, row: &impl Fn(Facet, &str) -> Option<u32>) {
    match row(facet, &tag.path) {
        Some(row) => put(out, u64::from(row) * 2 + 1),
        None => {
            put(out, 0);
            put_str(out, &tag.path);
            put_str(out, &tag.name);
        }
    }
    put(out, (tag.evidence.len() as u64) * 2 + u64::from(tag.focus));
    let mut at = [0; 2];
    for evidence in &tag.evidence {
        let field = usize::from(evidence.field == Field::Body);
        let known = RULES.iter().position(|r| *r == evidence.rule);
        put(out, ((known.unwrap_or(RULES.len()) as u64) << 1) | field as u64);
        if known.is_none() {
            put_str(out, &evidence.rule);
        }
        let step = evidence.start as i64 - at[field];
        put(out, ((step << 1) ^ (step >> 63)) as u64);
        put(out, (evidence.end - evidence.start) as u64);
        at[field] = evidence.start as i64;
    }
}

/// Reads a record; `None` when the bytes are no record.
pub(crate) fn decode(bytes: &[u8], names: &Names) -> Option<(Article, Tags)> {
    let mut reader = Reader::new(bytes)?;
    let article = reader.article()?;
    let mut tags = Tags::default();
    for facet in FACETS {
        let count = reader.number()?;
        let list = match facet {
            Facet::Organization => &mut tags.organization,
            Facet::Province => &mut tags.province,
            Facet::Country => &mut tags.country,
            Facet::Commodity => &mut tags.commodity,
        };
        for _ in 0..count {
            list.push(reader.tag(facet, &article, names)?);
        }
    }
    Some((article, tags))
}

/// Id and headline of a record; `None` when the bytes are no record.
pub(crate) fn heading(bytes: &[u8]) -> Option<(&str, &str)> {
    let mut reader = Reader::new(bytes)?;
    Some((reader.str()?, reader.str()?))
}

/// Reads numbers and strings as [`put`] and [`put_str`] write them; `None` at what is none.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// Bytes that were not read yet.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// A number of eight bytes, the lowest first.
    pub(crate) fn fixed(&mut self) -> Option<u64> {
        let (bytes, rest) = self.rest.split_first_chunk::<8>()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    fn new(bytes: &'a [u8]) -> Option<Reader<'a>> {
        let (version, rest) = bytes.split_first()?;
        (*version == VERSION).then_some(Reader { rest })
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    pub(crate) fn str(&mut self) -> Option<&'a str> {
        let len = self.size()?;
        let (text, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }

    fn article(&mut self) -> Option<Article> {
        let [id, title, body, path] = [self.str()?, self.str()?, self.str()?, self.str()?].map(str::to_owned);
        let date = match self.number()? {
            0 => None,
            days => Some(Date::from_days(days as i64 - 1_000_000)?),
        };
        let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (source, url) = (optional(self.str()?), optional(self.str()?));
        let (lang, rest) = self.rest.split_first()?;
        self.rest = rest;
        let lang = if *lang == 1 { Lang::Zh } else { Lang::En };
        let extra = match self.str()? {
            "" => serde_json::Map::new(),
            json => serde_json::from_str(json).ok()?,
        };
        let count = self.size()?;
        let mut furniture: Vec<Range<usize>> = Vec::with_capacity(count.min(body.len()));
        let mut at = 0usize;
        for _ in 0..count {
            let start = at.checked_add(self.size()?)?;
            at = start.checked_add(self.size()?)?;
            furniture.push(start..at);
        }
        Some(Article { id, title, body, date, source, url, lang, path, extra, furniture })
    }

    fn tag(&mut self, facet: Facet, article: &Article, names: &Names) -> Option<Tag> {
        let (path, name, code) = match self.number()? {
            0 => (self.str()?.to_owned(), self.str()?.to_owned(), String::new()),
            row => {
                let row = names.row(u32::try_from(row / 2).ok()?)?;
                (row.path.to_owned(), row.name().to_owned(), row.code.to_owned())
            }
        };
        let head = self.number()?;
        let mut evidence = Vec::new();
        let mut at = [0i64; 2];
        for _ in 0..head / 2 {
            let kind = self.size()?;
            let rule = match RULES.get(kind >> 1) {
                Some(rule) => (*rule).to_owned(),
                None => self.str()?.to_owned(),
            };
            let field = if kind & 1 == 1 { Field::Body } else { Field::Title };
            let step = self.number()?;
            let step = ((step >> 1) as i64) ^ -((step & 1) as i64);
            let start = at[kind & 1].checked_add(step)?;
            at[kind & 1] = start;
            let start = usize::try_from(start).ok()?;
            let end = start.checked_add(self.size()?)?;
            let text = if field == Field::Body { &article.body } else { &article.title };
            evidence.push(Evidence { field, start, end, text: text.get(start..end)?.to_owned(), rule });
        }
        let id = (facet == Facet::Commodity).then(|| path.rsplit('/').next().unwrap_or("").to_owned());
        let code = matches!(facet, Facet::Province | Facet::Country).then_some(code);
        Some(Tag { path, name, code, id, focus: head & 1 == 1, evidence })
    }
}

/// A number as a LEB128 varint.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A string behind its length.
pub(crate) fn put_str(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gazetteer::names_for_tests;

    fn sample() -> (Article, Tags) {
        let body = "Cobalt from Kolwezi; 钴价上涨".to_owned();
        let article = Article {
            id: "a#1".into(),
            title: "钴".into(),
            date: Date::new(1969, 7, 20),
            source: Some("Wire".into()),
            lang: Lang::Zh,
            extra: serde_json::from_str(r#"{"section":"metals"}"#).unwrap(),
            furniture: [0..2, 5..9].into(),
            body,
            ..Article::default()
        };
        let evidence = |field, start: usize, end: usize, rule: &str| {
            let text = if field == Field::Body { &article.body } else { &article.title };
            Evidence { field, start, end, text: text[start..end].into(), rule: rule.into() }
        };
        let tags = Tags {
            commodity: vec![Tag {
                path: "/metals/cobalt".into(),
                name: "Cobalt".into(),
                code: None,
                id: Some("cobalt".into()),
                focus: true,
                evidence: vec![
                    evidence(Field::Body, 21, 24, "gazetteer"),
                    evidence(Field::Body, 0, 6, "new rule"),
                    evidence(Field::Title, 0, 3, "pattern"),
                ],
            }],
            organization: vec![Tag {
                path: "/acme".into(),
                name: "Acme".into(),
                code: None,
                id: None,
                focus: false,
                evidence: vec![],
            }],
            ..Tags::default()
        };
        (article, tags)
    }

    #[test]
    fn what_was_written_is_read() {
        let names = names_for_tests();
        let (article, tags) = sample();
        let bytes = encode(&article, &tags, |facet, path| names.by_path(facet, path));
        assert_eq!(decode(&bytes, &names).unwrap(), (article, tags));
    }

    #[test]
    fn damaged_records_are_refused_not_panicked_at() {
        let names = names_for_tests();
        let (article, tags) = sample();
        let bytes = encode(&article, &tags, |facet, path| names.by_path(facet, path));
        for at in 0..bytes.len() {
            assert!(decode(&bytes[..at], &names).is_none());
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                let _ = decode(&bad, &names);
            }
        }
    }
}
