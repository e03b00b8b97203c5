//! Mentions to resolved tags with their evidence.
//!
//! One pass a stage over the units of title and body, which the caller has scanned:
//!
//! 1. `spans`: names of the gazetteer, leftmost and longest; `boundaries`: where they are not meant.
//! 2. `shapes_en` with `edges_en`, `shapes_zh`: organizations that no table knows, by how their names are
//!    built (`lexicon`, `lexicon_zh`: the words that tell); `shapes_role`: by what stands beside them.
//! 3. `persons`: names of people, which hide the places inside them.
//! 4. `organizations`: which mentions are one body; `support`: whether an ambiguous name is one;
//!    `defined`: short names that the text itself introduces.
//! 5. `places`, `goods`: which entry an ambiguous name means here, if any; `nearby`: what the words
//!    around a place say; `standing`: what its kind and size say; `capitals`: the city, or the
//!    government that the news means by it;
//!    `words_zh` keeps short Chinese names from being cut out of other words.
//! 6. `focus`: what the article is about.

mod boundaries;
mod capitals;
mod defined;
mod edges_en;
mod focus;
mod goods;
mod lexicon;
mod lexicon_zh;
mod nearby;
mod organizations;
mod persons;
mod places;
mod shapes_en;
mod shapes_role;
mod shapes_zh;
mod spans;
mod standing;
mod support;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_builtin;
mod words_zh;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Article,
    analysis::Units,
    gazetteer::{EntryId, Facet, Gazetteer, matcher::Recent},
    limits::EVIDENCE_MAX_PER_TAG,
};
use spans::{Span, View};

/// The part of an article that an offset points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The headline.
    Title,
    /// The body.
    Body,
}

/// Where and why a tag was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The field that the offsets point into.
    pub field: Field,
    /// Byte offset of the first byte in the field as it came in.
    pub start: usize,
    /// Byte offset after the last byte.
    pub end: usize,
    /// The text between them.
    pub text: String,
    /// What found it: `gazetteer`, `shape` (built like an organization's name), `defined` (a short name
    /// that the text itself introduces) or `pattern` (a capital for its government, a compound).
    pub rule: String,
}

/// One thing that an article names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tag {
    /// Facet path.
    pub path: String,
    /// Display name.
    pub name: String,
    /// ISO 3166-2 code of a place's first-level division, ISO 3166-1 alpha-2 of a country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Last part of a commodity's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether the article is about it, rather than mentioning it in passing.
    pub focus: bool,
    /// The first places where it stands, at most [`EVIDENCE_MAX_PER_TAG`]; never empty.
    pub evidence: Vec<Evidence>,
}

/// All tags of an article, each facet in order of importance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Tags {
    /// Companies, ministries, associations and other bodies.
    pub organization: Vec<Tag>,
    /// Places below a country, the most specific entry that the text names.
    pub province: Vec<Tag>,
    /// Countries named as places or states.
    pub country: Vec<Tag>,
    /// Traded goods.
    pub commodity: Vec<Tag>,
}

impl Tags {
    /// The tags of one facet.
    pub fn facet(&self, facet: Facet) -> &[Tag] {
        match facet {
            Facet::Organization => &self.organization,
            Facet::Province => &self.province,
            Facet::Country => &self.country,
            Facet::Commodity => &self.commodity,
        }
    }
}

/// A mention that counts: a range of one field, and the rule that found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mention {
    field: Field,
    start: u32,
    end: u32,
    rule: Rule,
    /// Counts as evidence but not towards focus (datelines, credits).
    weak: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    Gazetteer,
    Shape,
    Defined,
    Pattern,
}

impl Rule {
    fn as_str(self) -> &'static str {
        match self {
            Rule::Gazetteer => "gazetteer",
            Rule::Shape => "shape",
            Rule::Defined => "defined",
            Rule::Pattern => "pattern",
        }
    }
}

/// Something asserted, before it becomes a [`Tag`].
#[derive(Debug, Clone)]
struct Found {
    facet: Facet,
    /// The entry, or else the local body's path and name.
    who: Who,
    mentions: Vec<Mention>,
}

#[derive(Debug, Clone)]
enum Who {
    Entry(EntryId),
    Local { path: String, name: String },
}

/// Tags articles. Holds buffers, so one of it a thread; the names are shared.
#[derive(Debug)]
pub struct Tagger {
    gazetteer: Arc<Gazetteer>,
    symbols: [Vec<u32>; 2],
    recent: Recent,
    spans: Vec<Span>,
    units: [Units; 2],
}

impl Tagger {
    /// A tagger over the names of `gazetteer`.
    pub fn new(gazetteer: Arc<Gazetteer>) -> Tagger {
        Tagger {
            gazetteer,
            symbols: Default::default(),
            recent: Recent::default(),
            spans: Vec::new(),
            units: Default::default(),
        }
    }

    /// The names that it tags with.
    pub fn gazetteer(&self) -> &Arc<Gazetteer> {
        &self.gazetteer
    }

    /// Tags an article, scanning its units.
    pub fn tag_article(&mut self, article: &Article) -> Tags {
        let [mut title, mut body] = std::mem::take(&mut self.units);
        title.scan(&article.title, &[]);
        body.scan(&article.body, &article.furniture);
        let tags = self.tag(article, &title, &body);
        self.units = [title, body];
        tags
    }

    /// Tags an article whose units are known: `title` and `body` are those of its two fields.
    pub fn tag(&mut self, article: &Article, title: &Units, body: &Units) -> Tags {
        let gazetteer = Arc::clone(&self.gazetteer);
        let mut symbols = std::mem::take(&mut self.symbols);
        let mut spans = std::mem::take(&mut self.spans);
        for (units, symbols) in [title, body].into_iter().zip(&mut symbols) {
            gazetteer.matcher().symbols(units, &mut self.recent, symbols);
        }
        let views = [
            View::new(Field::Title, &article.title, title, &symbols[0]),
            View::new(Field::Body, &article.body, body, &symbols[1]),
        ];
        spans.clear();
        for view in &views {
            spans::find(&gazetteer, view, &mut spans);
        }
        let mut found = organizations::resolve(&gazetteer, &views, &mut spans);
        places::resolve(&gazetteer, &views, &spans, &mut found);
        goods::resolve(&gazetteer, &views, &spans, &mut found);
        let tags = assemble(&gazetteer, &views, found);
        self.symbols = symbols;
        self.spans = spans;
        tags
    }
}

fn assemble(gazetteer: &Gazetteer, views: &[View<'_>; 2], found: Vec<Found>) -> Tags {
    let mut tags = Tags::default();
    let focus = focus::judge(gazetteer, views, &found);
    for facet in [Facet::Organization, Facet::Province, Facet::Country, Facet::Commodity] {
        let mut of_facet: Vec<(usize, &Found)> =
            found.iter().enumerate().filter(|(_, f)| f.facet == facet && !f.mentions.is_empty()).collect();
        of_facet.sort_by(|(a, fa), (b, fb)| {
            (focus[*b].score.total_cmp(&focus[*a].score)).then_with(|| fa.mentions[0].cmp(&fb.mentions[0]))
        });
        let list = match facet {
            Facet::Organization => &mut tags.organization,
            Facet::Province => &mut tags.province,
            Facet::Country => &mut tags.country,
            Facet::Commodity => &mut tags.commodity,
        };
        for (at, found) in of_facet {
            let evidence = evidence(views, &found.mentions);
            let (path, name, code, id) = match &found.who {
                Who::Entry(id) => {
                    let entry = gazetteer.entry(*id);
                    let code = match facet {
                        Facet::Province | Facet::Country => {
                            Some(entry.code.clone()).filter(|c| !c.is_empty())
                        }
                        _ => None,
                    };
                    let id = (facet == Facet::Commodity)
                        .then(|| entry.path.rsplit('/').next().unwrap_or("").to_owned());
                    (entry.path.clone(), entry.name().to_owned(), code, id)
                }
                Who::Local { path, name } => (path.clone(), name.clone(), None, None),
            };
            list.push(Tag { path, name, code, id, focus: focus[at].focus, evidence });
        }
    }
    tags
}

/// The first mentions as evidence; a later one takes the place of a repetition when it is written
/// differently.
fn evidence(views: &[View<'_>; 2], mentions: &[Mention]) -> Vec<Evidence> {
    let text = |m: &Mention| views[m.field as usize].text.get(m.start as usize..m.end as usize).unwrap_or("");
    let mut kept: Vec<&Mention> = Vec::new();
    for mention in mentions {
        if kept.len() < EVIDENCE_MAX_PER_TAG {
            kept.push(mention);
        } else if !kept.iter().any(|k| text(k) == text(mention)) {
            let repeated =
                (1..kept.len()).rev().find(|at| kept[..*at].iter().any(|k| text(k) == text(kept[*at])));
            match repeated {
                Some(at) => {
                    kept.remove(at);
                    kept.push(mention);
                }
                None => break,
            }
        }
    }
    kept.iter()
        .map(|m| Evidence {
            field: m.field,
            start: m.start as usize,
            end: m.end as usize,
            text: text(m).to_owned(),
            rule: m.rule.as_str().to_owned(),
        })
        .collect()
}
