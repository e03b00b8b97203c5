//! One JSON object becomes one article: the members that are known, their types, and what is kept aside.

use serde_json::{Map, Value};

use super::{complete, dates};
use crate::{
    article::{Article, Date, Lang},
    limits,
};

/// Parses one object. The error says in one sentence what is wrong with it.
pub(super) fn parse(json: &str) -> Result<Map<String, Value>, String> {
    let value = match serde_json::from_str::<Value>(json) {
        Ok(value) => value,
        Err(first) => {
            let repaired = repair(json).ok_or_else(|| describe(&first))?;
            serde_json::from_str::<Value>(&repaired).map_err(|e| describe(&e))?
        }
    };
    match value {
        Value::Object(map) => Ok(map),
        other => Err(format!("{} where an object was expected", kind(&other))),
    }
}

/// Builds the article. `fallback_id` is called when the object has no id of its own.
pub(super) fn article(
    mut map: Map<String, Value>,
    name: &str,
    fallback_id: impl FnOnce() -> String,
) -> Result<Article, String> {
    if map.values().any(|v| deeper_than(v, limits::JSON_MAX_LEVELS)) {
        return Err(format!("nested deeper than {} levels", limits::JSON_MAX_LEVELS));
    }
    let id = match take_id(&mut map, "id")? {
        Some(id) => Some(id),
        None => take_id(&mut map, "_id")?,
    };
    let title = take_string(&mut map, "title")?.unwrap_or_default();
    let body = match take_string(&mut map, "body")? {
        Some(body) => body,
        None => take_string(&mut map, "text")?.unwrap_or_default(),
    };
    if title.trim().is_empty() && body.trim().is_empty() {
        return Err("neither a title nor a body".into());
    }
    let source = take_string(&mut map, "source")?.filter(|s| !s.trim().is_empty());
    let url = take_string(&mut map, "url")?.filter(|s| !s.trim().is_empty());
    let lang_name = take_string(&mut map, "lang")?;
    let lang = lang_name.as_deref().and_then(lang_from_tag);
    let raw_date = take_date(&mut map)?;
    let date = raw_date.as_ref().and_then(date_from_value);
    // What can't be understood is shown as it came.
    if let (Some(raw), None) = (raw_date, date) {
        map.insert("date".into(), raw);
    }
    if let (Some(lang_name), None) = (lang_name, lang) {
        map.insert("lang".into(), lang_name.into());
    }
    let mut article = Article {
        id: id.unwrap_or_default(),
        title,
        body,
        date,
        source,
        url,
        lang: lang.unwrap_or_default(),
        path: name.to_owned(),
        extra: map,
        furniture: Vec::new(),
    };
    complete(&mut article, lang.is_some());
    if article.id.is_empty() {
        article.id = fallback_id();
        super::clean_id(&mut article.id);
    }
    Ok(article)
}

/// The language of a tag such as `zh-CN` or `en_US`, or of its name.
pub(super) fn lang_from_tag(tag: &str) -> Option<Lang> {
    let tag = tag.trim().to_ascii_lowercase();
    match tag.split(['-', '_']).next()? {
        "en" | "eng" | "english" => Some(Lang::En),
        "zh" | "zho" | "chi" | "cmn" | "chinese" | "中文" => Some(Lang::Zh),
        _ => None,
    }
}

fn take_string(map: &mut Map<String, Value>, member: &str) -> Result<Option<String>, String> {
    match map.remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("the member `{member}` is {}, not a string", kind(&other))),
    }
}

fn take_id(map: &mut Map<String, Value>, member: &str) -> Result<Option<String>, String> {
    match map.remove(member) {
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(other) => {
            map.insert(member.into(), other);
            take_string(map, member)
        }
        None => Ok(None),
    }
}

fn take_date(map: &mut Map<String, Value>) -> Result<Option<Value>, String> {
    match map.remove("date") {
        None | Some(Value::Null) => Ok(None),
        Some(value @ (Value::String(_) | Value::Number(_))) => Ok(Some(value)),
        Some(other) => Err(format!("the member `date` is {}, not a string", kind(&other))),
    }
}

/// A date as text, as the number YYYYMMDD, or in seconds or milliseconds since 1970.
fn date_from_value(value: &Value) -> Option<Date> {
    match value {
        Value::String(text) => dates::parse(text),
        Value::Number(number) => match number.as_i64()? {
            n @ 10_000_101..=99_991_231 => dates::parse(&n.to_string()),
            seconds @ 100_000_000..=9_999_999_999 => Date::from_days(seconds / 86_400),
            millis @ 100_000_000_000..=9_999_999_999_999 => Date::from_days(millis / 86_400_000),
            _ => None,
        },
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The parser bounds the nesting to 128 levels, and so this recursion.
fn deeper_than(value: &Value, levels: usize) -> bool {
    let inside = |v: &Value| levels == 0 || deeper_than(v, levels - 1);
    match value {
        Value::Array(items) => items.iter().any(inside),
        Value::Object(map) => map.values().any(inside),
        _ => false,
    }
}

/// "expected value at line 1 column 7" becomes "not JSON: expected value, column 7".
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {what}, column {}", error.column())
}

/// Mends what the parser refuses but which has a clear meaning: surrogates without their other half,
/// and control characters that stand unescaped in a string. `None` when there was nothing to mend.
fn repair(json: &str) -> Option<String> {
    let mut out = String::with_capacity(json.len() + 16);
    let (mut in_string, mut changed, mut copied) = (false, false, 0);
    let bytes = json.as_bytes();
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        let mut width = 1;
        let mut replacement = None;
        match b {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                width = 2;
                if let Some(high) = escaped_unit(bytes, i) {
                    width = 6;
                    let low = escaped_unit(bytes, i + 6);
                    match (high, low) {
                        (0xD800..=0xDBFF, Some(0xDC00..=0xDFFF)) => width = 12,
                        (0xD800..=0xDFFF, _) => replacement = Some("\\uFFFD".to_owned()),
                        _ => {}
                    }
                }
            }
            0..=0x1F if in_string => replacement = Some(format!("\\u{b:04x}")),
            _ => {}
        }
        if let Some(replacement) = replacement {
            out.push_str(json.get(copied..i)?);
            out.push_str(&replacement);
            copied = i + width;
            changed = true;
        }
        i += width;
    }
    out.push_str(json.get(copied..)?);
    changed.then_some(out)
}

/// The code unit of a `\uXXXX` at `i`.
fn escaped_unit(bytes: &[u8], i: usize) -> Option<u16> {
    let digits = bytes.get(i..i + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Article, String> {
        article(parse(json)?, "in.ndjson", || "in.ndjson#1".into())
    }

    #[test]
    fn members_and_their_types() {
        let a = read(r#"{"id": 12, "title": "Smelter idles", "date": "29 May 2025", "mood": [1]}"#).unwrap();
        assert_eq!((a.id.as_str(), a.title.as_str()), ("12", "Smelter idles"));
        assert_eq!(a.date.unwrap().to_string(), "2025-05-29");
        assert_eq!(a.extra["mood"], serde_json::json!([1]));
        let a = read(r#"{"_id": "q", "text": "Ore left port.", "title": null, "date": "soon"}"#).unwrap();
        assert_eq!((a.id.as_str(), a.body.as_str(), a.date), ("q", "Ore left port.", None));
        assert_eq!(a.extra["date"], "soon");
        assert_eq!(read(r#"{"body": "x"}"#).unwrap().id, "in.ndjson#1");
        for (bad, why) in [
            (r#"{"title": 3}"#, "the member `title` is a number, not a string"),
            (r#"{"id": ["a"], "body": "x"}"#, "the member `id` is an array, not a string"),
            (r#"{"body": "x", "lang": true}"#, "the member `lang` is a boolean, not a string"),
            (r#"{"body": "x", "date": {}}"#, "the member `date` is an object, not a string"),
            (r#"{"title": " ", "body": ""}"#, "neither a title nor a body"),
            (r#"[1]"#, "an array where an object was expected"),
        ] {
            assert_eq!(read(bad).unwrap_err(), why);
        }
    }

    #[test]
    fn an_id_of_blanks_is_none() {
        assert_eq!(read(r#"{"id": " ", "_id": "b", "body": "x"}"#).unwrap().id, "b");
        assert_eq!(read(r#"{"id": "a\u0007b", "body": "x"}"#).unwrap().id, "ab");
        let long = format!(r#"{{"id": "{}", "body": "x"}}"#, "锂".repeat(400));
        assert_eq!(read(&long).unwrap().id.len(), 510);
    }

    #[test]
    fn lone_surrogates_and_raw_controls_are_mended() {
        let a = read("{\"body\": \"a\\ud800b \\ude00 \\ud83d\\ude00 \\\\ud800\tc\"}").unwrap();
        assert_eq!(a.body, "a\u{FFFD}b \u{FFFD} 😀 \\ud800\tc");
        assert_eq!(read(r#"{"body": "a\u0000b"}"#).unwrap().body, "a\0b");
        assert!(read("{\"body\": \"\\u12").is_err());
    }

    #[test]
    fn deep_nesting_is_refused() {
        for levels in [100, 100_000] {
            let json = format!(r#"{{"body":"x","y":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
            assert!(read(&json).is_err());
        }
        let json = format!(r#"{{"body":"x","y":{}{}}}"#, "[".repeat(60), "]".repeat(60));
        assert!(read(&json).is_ok());
    }
}
