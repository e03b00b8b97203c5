//! What a page says about itself: `meta` elements, JSON-LD, canonical link, window title.

use std::collections::HashMap;

use scraper::Html;

use super::dates;
use crate::article::Date;

/// What the head of a page says about it.
#[derive(Default)]
pub(super) struct Meta {
    /// By name, property or itemprop, lower case; the first of each.
    named: HashMap<String, String>,
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    pub(super) publisher: Option<String>,
    json_date: Option<Date>,
}

impl Meta {
    pub(super) fn new(html: &Html) -> Meta {
        let mut meta = Meta::default();
        for node in html.tree.nodes() {
            let Some(element) = node.value().as_element() else { continue };
            let text = || {
                node.children().filter_map(|c| c.value().as_text().map(|t| t.to_string())).collect::<String>()
            };
            match element.name() {
                "meta" => {
                    let key = ["property", "name", "itemprop"].iter().find_map(|k| element.attr(k));
                    if let (Some(key), Some(value)) = (key, element.attr("content"))
                        && !value.trim().is_empty()
                    {
                        meta.named
                            .entry(key.trim().to_ascii_lowercase())
                            .or_insert_with(|| value.trim().to_owned());
                    }
                }
                "title" if meta.title.is_none() => {
                    let title = text().split_whitespace().collect::<Vec<_>>().join(" ");
                    meta.title = Some(title).filter(|t| !t.is_empty());
                }
                "link" if element.attr("rel") == Some("canonical") => {
                    meta.url = element.attr("href").map(str::to_owned);
                }
                "script" if element.attr("type") == Some("application/ld+json") => meta.read_json(&text()),
                _ => {}
            }
        }
        meta.url = meta.url.take().or_else(|| meta.named.get("og:url").cloned());
        meta.url = meta.url.take().filter(|u| u.starts_with("http"));
        meta
    }

    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.named.get(*name)).map(String::as_str)
    }

    pub(super) fn date(&self) -> Option<Date> {
        const NAMES: [&str; 18] = [
            "article:published_time",
            "og:published_time",
            "og:article:published_time",
            "datepublished",
            "pubdate",
            "publishdate",
            "publish_date",
            "publish-date",
            "publication_date",
            "published_time",
            "dc.date",
            "dc.date.issued",
            "dcterms.created",
            "parsely-pub-date",
            "sailthru.date",
            "bytedance:published_time",
            "article:create_at",
            "date",
        ];
        let named = NAMES.iter().find_map(|name| dates::parse(self.named.get(*name)?));
        named.or(self.json_date)
    }

    /// The date and the publisher of the first object of JSON-LD that has them.
    fn read_json(&mut self, json: &str) {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(json) else { return };
        // The parser has bounded the nesting; the list holds what is still to be looked at.
        let mut todo = vec![&value];
        while let Some(value) = todo.pop() {
            match value {
                serde_json::Value::Array(items) => todo.extend(items.iter().rev()),
                serde_json::Value::Object(map) => {
                    let date = map.get("datePublished").and_then(|d| d.as_str()).and_then(dates::parse);
                    self.json_date = self.json_date.or(date);
                    if self.publisher.is_none() {
                        let name = map.get("publisher").and_then(|p| p.get("name")).and_then(|n| n.as_str());
                        self.publisher = name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
                    }
                    todo.extend(map.get("@graph"));
                }
                _ => {}
            }
        }
    }
}
