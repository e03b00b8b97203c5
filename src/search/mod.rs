//! Ranked hits, snippets and facet counts from a published generation, as plain data.

mod collect;
mod copies;
mod explain;
mod facets;
mod help;
mod recency;
mod request;
mod searcher;
mod similar;
mod stages;
mod suggest;
mod survey;
mod timeline;
mod values;
mod watch;

use std::{
    mem,
    sync::{Arc, OnceLock},
    time::Instant,
};

use serde::Serialize;
use tantivy::{
    DocAddress, IndexReader, ReloadPolicy, Searcher as TantivySearcher, TantivyDocument, Term,
    query::{BooleanQuery, ConstScoreQuery, Occur, Query, TermQuery},
    schema::{IndexRecordOption, Value},
};

use crate::{
    analysis::Segmenter,
    article::{Article, Date, Lang},
    copies::Copies,
    doc_values::DocValues,
    error::{Error, Result},
    gazetteer::{Completions, Facet, Names},
    indexer, limits,
    query::{
        Weights, parse,
        plan::Planner,
        rank::Ranking,
        resolve,
        terms::{TermCache, Terms},
    },
    schema::{FACETS, Fields, facet_index, packing::Unpacker, record},
    snippet::{self, Highlighter, Snippet},
    store::{Generation, Store, VerifiedDirectory},
    tagging::{Tag, Tags},
};
use collect::{Collected, Wanted, collect};
use copies::Group;
pub use explain::ScorePart;
use facets::FacetCache;
pub use help::{Help, Instead, Named, Spelling, Without};
use recency::Decay;
pub use recency::HalfLife;
pub use request::SearchRequest;
pub use searcher::Searcher;
pub use similar::{Similar, SimilarRequest};
use stages::Laps;
pub use stages::Stages;
pub use suggest::{Suggestion, SuggestionKind};
pub use timeline::{TimelineCount, TimelineStep};
pub use watch::Watch;

/// Articles that answer a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SearchResults {
    /// The query as asked.
    pub query: String,
    /// How many articles match.
    pub total: usize,
    /// Wall time in microseconds.
    pub took_us: u64,
    /// Best first.
    pub hits: Vec<Hit>,
    /// How often each facet value stands among the articles that match.
    pub facets: Facets,
    /// How many of the articles that match are of which period, in order, when a timeline is asked for.
    /// Periods without an article are left out; articles without a date are in none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeline: Option<Vec<TimelineCount>>,
    /// What is near, when nothing matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Help>,
    /// How long each stage took.
    #[serde(skip)]
    pub stages: Stages,
}

/// An article that matches.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hit {
    /// The article's id.
    pub id: String,
    /// Higher is better; comparable within one result only.
    pub score: f32,
    /// Headline; empty when it has none.
    pub title: String,
    /// How its text begins, when it has no headline: at most [`limits::LEAD_MAX_CHARS`] characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub lead: String,
    /// Day of publication.
    pub date: Option<Date>,
    /// Who published it.
    pub source: Option<String>,
    /// Where it was published.
    pub url: Option<String>,
    /// File that it was read from.
    pub path: String,
    /// Main language.
    pub lang: Lang,
    /// The passage that answers best.
    pub snippet: Snippet,
    /// Byte ranges of the title that match.
    #[serde(serialize_with = "snippet::pairs")]
    pub title_highlights: Vec<std::ops::Range<usize>>,
    /// Paths of its organizations, those that it is about first.
    pub organization: Vec<String>,
    /// Paths of its places, likewise.
    pub province: Vec<String>,
    /// Paths of its countries.
    pub country: Vec<String>,
    /// Paths of its commodities, likewise.
    pub commodity: Vec<String>,
    /// Display names of what it is about, or else names: at most two organizations, two places and
    /// three commodities.
    #[serde(skip)]
    pub about: Vec<String>,
    /// Further articles that match and tell the same story in nearly the same words.
    pub copies: usize,
    /// The first [`limits::COPIES_LISTED_MAX`] of them, oldest first, when they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copy_ids: Vec<CopyOf>,
    /// The parts of the score, which sum to it, when they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<ScorePart>,
}

/// An article that tells the same story as a hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CopyOf {
    /// The article's id.
    pub id: String,
    /// Who published it.
    pub source: Option<String>,
    /// Day of publication.
    pub date: Option<Date>,
    /// Headline; empty when it has none.
    pub title: String,
}

/// Counts of facet values.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Facets {
    /// Organizations.
    pub organization: Vec<FacetCount>,
    /// First-level divisions and the places in them.
    pub province: Vec<FacetCount>,
    /// Countries.
    pub country: Vec<FacetCount>,
    /// Commodities below the first level of the tree.
    pub commodity: Vec<FacetCount>,
}

/// A facet value and how many of the matching articles have it or something below it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FacetCount {
    /// Its path.
    pub path: String,
    /// Its display name.
    pub name: String,
    /// Articles, each counted once.
    pub count: u64,
}

/// An open generation. Cheap to clone; clones share everything.
#[derive(Clone)]
struct Opened {
    inner: Arc<Inner>,
}

struct Inner {
    generation: Generation,
    directory: VerifiedDirectory,
    fields: Fields,
    reader: IndexReader,
    names: Names,
    unpacker: Unpacker,
    copies: Copies,
    values: DocValues,
    terms: Arc<TermCache>,
    /// Opened by the first completion.
    completions: OnceLock<Completions>,
    facets: FacetCache,
}

impl Opened {
    fn open(store: &Store, generation: Generation) -> Result<Opened> {
        if generation.manifest.schema != crate::schema::SCHEMA_VERSION {
            return Err(Error::Damaged {
                path: store.root().to_owned(),
                reason: format!(
                    "it has schema {}, this version reads {}",
                    generation.manifest.schema,
                    crate::schema::SCHEMA_VERSION
                ),
            });
        }
        let directory = store.directory(&generation)?;
        searcher::guarded(directory.damage(), store.root(), || {
            let index = indexer::open(directory.clone())?;
            let reader = index
                .reader_builder()
                .reload_policy(ReloadPolicy::Manual)
                .try_into()
                .map_err(Error::engine("opening the index"))?;
            let names = indexer::open_names(&directory)?;
            let unpacker = indexer::open_dictionary(&directory)?;
            let copies = indexer::open_copies(&directory)?;
            let values = indexer::open_doc_values(&directory)?;
            let directory = directory.clone();
            Ok(Opened {
                inner: Arc::new(Inner {
                    generation,
                    directory,
                    fields: Fields::new(),
                    reader,
                    names,
                    unpacker,
                    copies,
                    values,
                    terms: Arc::default(),
                    completions: OnceLock::new(),
                    facets: FacetCache::default(),
                }),
            })
        })
    }

    /// What facets are counted from, and with.
    fn countable(&self) -> (&DocValues, &FacetCache) {
        (&self.inner.values, &self.inner.facets)
    }

    fn terms(&self, searcher: &TantivySearcher) -> Terms {
        Terms::new(searcher.clone(), self.inner.terms.clone())
    }

    /// With a segmenter in place of the index's vocabulary for evaluation only: loading a dictionary
    /// takes fifty times as long as a query.
    fn search(&self, request: &SearchRequest, segmenter: Option<&Segmenter>) -> Result<SearchResults> {
        let mut results = self.answer(request, segmenter)?;
        if results.total == 0 {
            let started = Instant::now();
            results.help = Some(self.help(request)?);
            results.stages.help = started.elapsed();
            results.took_us += results.stages.help.as_micros() as u64;
        }
        Ok(results)
    }

    fn answer(&self, request: &SearchRequest, segmenter: Option<&Segmenter>) -> Result<SearchResults> {
        let started = Instant::now();
        let (mut laps, mut stages) = (Laps::start(), Stages::default());
        let engine = || Error::engine("searching");
        let searcher = self.inner.reader.searcher();
        let fields = &self.inner.fields;
        let node = parse::parse(&request.query, today())?;
        stages.parse = laps.lap();
        let terms = self.terms(&searcher);
        let planner = Planner {
            query: &request.query,
            terms: &terms,
            fields,
            names: &self.inner.names,
            weights: &request.weights,
            literal: request.literal,
            segmenter,
            cost: Default::default(),
        };
        let plan = planner.plan(&node)?;
        let selection = self.selection(request, &searcher)?;
        stages.plan = laps.lap();
        let limit = request.limit.min(limits::HITS_MAX);
        let wanted = limit + request.offset.min(limits::HITS_MAX);
        let mut shown = [request.facet_limit > 0; 4];
        for (facet, _) in &selection {
            shown[facet_index(*facet)] = false;
        }
        let query = narrowed(&plan.ranking, &selection, None);
        let by_date = request.by_date || plan.unranked;
        // Copies take places of the ranking without being shown: a longer one, and a longer one still
        // if that is not enough.
        let collapse = request.collapse_copies && !plan.exhaustive;
        let mut depth = if collapse && limit > 0 { wanted + wanted / 2 + 10 } else { wanted };
        let decay = request.half_life.map(|half_life| Decay {
            half_life,
            today: today().days(),
            kept: plan.ranking.bonus(),
        });
        // What the first ranking counted; a longer one counts nothing again.
        let mut counted = None;
        let (mut found, groups) = loop {
            let (facets, days) = match counted {
                None => (shown.contains(&true), request.timeline.is_some()),
                Some(_) => (false, false),
            };
            let pass = Wanted { best: depth, by_date, facets, days, decay };
            let mut found = collect(&searcher, self.countable(), &query, pass).map_err(engine())?;
            if !collapse {
                let page = found.best.iter().copied().skip(request.offset).take(limit);
                break {
                    let groups = page.map(Group::alone).collect();
                    (found, groups)
                };
            }
            let complete = depth >= found.total;
            let page = (request.offset.min(limits::HITS_MAX), limit);
            match copies::collapse(&searcher, &self.inner.copies, &query, &found.best, complete, page)
                .map_err(engine())?
            {
                Some(groups) => break (found, groups),
                None => depth = depth.saturating_mul(4),
            }
            counted.get_or_insert_with(|| (found.tally.take(), mem::take(&mut found.days)));
        };
        if let Some((tally, days)) = counted {
            (found.tally, found.days) = (tally, days);
        }
        stages.search = laps.lap();
        let highlighter = Highlighter::new(plan.marks);
        let hits = groups
            .iter()
            .map(|group| {
                let mut hit = self.hit(&searcher, group, &highlighter, request)?;
                if request.explain {
                    hit.explanation = self.parts(&query, &group.ranked, decay)?;
                }
                Ok(hit)
            })
            .collect::<Result<Vec<_>>>()?;
        stages.snippets = laps.lap();
        let mut facets = Facets::default();
        for facet in FACETS.into_iter().filter(|_| request.facet_limit > 0) {
            let mut own;
            let counts = if shown[facet_index(facet)] {
                &mut found
            } else {
                let query = narrowed(&plan.ranking, &selection, Some(facet));
                let pass = Wanted { facets: true, ..Wanted::default() };
                own =
                    collect(&searcher, self.countable(), &query, pass).map_err(Error::engine("counting"))?;
                &mut own
            };
            *facets.of_mut(facet) = self.counted(&searcher, facet, counts, request.facet_limit)?;
        }
        stages.facets = laps.lap();
        Ok(SearchResults {
            stages,
            query: request.query.clone(),
            total: found.total,
            took_us: started.elapsed().as_micros() as u64,
            hits,
            facets,
            timeline: request.timeline.map(|step| timeline::by_period(&found.days, step)),
            help: None,
        })
    }

    fn highlighter(&self, query: &str) -> Result<Highlighter> {
        let searcher = self.inner.reader.searcher();
        let node = parse::parse(query, today())?;
        let terms = self.terms(&searcher);
        let planner = Planner {
            query,
            terms: &terms,
            fields: &self.inner.fields,
            names: &self.inner.names,
            weights: &Weights::default(),
            literal: false,
            segmenter: None,
            cost: Default::default(),
        };
        Ok(Highlighter::new(planner.plan(&node)?.marks))
    }

    /// The selected values as paths, by facet.
    fn selection(
        &self,
        request: &SearchRequest,
        searcher: &TantivySearcher,
    ) -> Result<Vec<(Facet, Vec<Term>)>> {
        let mut selection: Vec<(Facet, Vec<Term>)> = Vec::new();
        for (facet, value) in &request.selected {
            let fields = &self.inner.fields;
            let paths = resolve::facet_paths(
                *facet,
                value,
                &self.inner.names,
                searcher,
                fields,
                value,
                0..value.len(),
            )?;
            let terms = paths.iter().map(|path| Term::from_field_text(fields.facet(*facet), path));
            match selection.iter_mut().find(|(f, _)| f == facet) {
                Some((_, list)) => list.extend(terms),
                None => selection.push((*facet, terms.collect())),
            }
        }
        Ok(selection)
    }

    fn counted(
        &self,
        searcher: &TantivySearcher,
        facet: Facet,
        found: &mut Collected,
        limit: usize,
    ) -> Result<Vec<FacetCount>> {
        let field = self.inner.fields.facet(facet);
        let top = found.tally.as_mut().map(|tally| tally.top(facet, limit)).transpose();
        let top = top.map_err(Error::engine("counting"))?.unwrap_or_default();
        let of_article = |path: &str, address| {
            let (_, tags) = self.record(searcher, address).ok()?;
            tags.facet(facet).iter().find(|t| t.path == path).map(|t| t.name.clone())
        };
        Ok(top
            .into_iter()
            .map(|c| {
                let of_article = |address| of_article(&c.path, address);
                let name = self.inner.facets.name(facet, &c.path, || {
                    facets::name(facet, &c.path, &self.inner.names, searcher, of_article, field)
                });
                FacetCount { path: c.path, name, count: c.count }
            })
            .collect())
    }

    fn record(&self, searcher: &TantivySearcher, address: DocAddress) -> Result<(Article, Tags)> {
        self.record_as(searcher, address, |bytes| record::decode(bytes, &self.inner.names))
    }

    /// What is read out of a stored record.
    fn record_as<T>(
        &self,
        searcher: &TantivySearcher,
        address: DocAddress,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T> {
        let document: TantivyDocument = searcher.doc(address).map_err(Error::engine("reading an article"))?;
        document
            .get_first(self.inner.fields.record)
            .and_then(|value| value.as_bytes())
            .and_then(|bytes| self.inner.unpacker.unpack(bytes))
            .and_then(|bytes| read(&bytes))
            .ok_or_else(|| Error::Damaged {
                path: self.inner.generation.dir.clone(),
                reason: "an article's record can't be read".into(),
            })
    }

    fn hit(
        &self,
        searcher: &TantivySearcher,
        group: &Group,
        highlighter: &Highlighter,
        request: &SearchRequest,
    ) -> Result<Hit> {
        let (article, tags) = self.record(searcher, group.ranked.address)?;
        let listed = if request.expand { limits::COPIES_LISTED_MAX } else { 0 };
        let copy_ids = group
            .copies
            .iter()
            .take(listed)
            .map(|address| {
                let (article, _) = self.record(searcher, *address)?;
                Ok(CopyOf {
                    id: article.id,
                    source: article.source,
                    date: article.date,
                    title: article.title,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let (snippet, title_highlights) = match request.snippet_columns {
            0 => Default::default(),
            columns => highlighter.snippet(&article, &tags, columns),
        };
        let paths = |list: &[Tag]| focus_first(list).map(|t| t.path.clone()).collect();
        let about = [(&tags.organization, 2), (&tags.province, 2), (&tags.commodity, 3)]
            .into_iter()
            .flat_map(|(list, most)| focus_first(list).take(most))
            .map(|t| t.name.clone())
            .collect();
        Ok(Hit {
            about,
            score: group.ranked.score,
            snippet,
            title_highlights,
            organization: paths(&tags.organization),
            province: paths(&tags.province),
            country: paths(&tags.country),
            commodity: paths(&tags.commodity),
            lead: if article.title.trim().is_empty() { snippet::lead(&article) } else { String::new() },
            copies: group.copies.len(),
            copy_ids,
            explanation: Vec::new(),
            id: article.id,
            title: article.title,
            date: article.date,
            source: article.source,
            url: article.url,
            path: article.path,
            lang: article.lang,
        })
    }

    fn article(&self, id: &str) -> Result<(Article, Tags)> {
        let searcher = self.inner.reader.searcher();
        let found = self.find(&searcher, id)?;
        self.record(&searcher, found.address)
    }
}

impl Facets {
    /// The counts of a facet.
    pub fn of(&self, facet: Facet) -> &[FacetCount] {
        match facet {
            Facet::Organization => &self.organization,
            Facet::Province => &self.province,
            Facet::Country => &self.country,
            Facet::Commodity => &self.commodity,
        }
    }

    fn of_mut(&mut self, facet: Facet) -> &mut Vec<FacetCount> {
        match facet {
            Facet::Organization => &mut self.organization,
            Facet::Province => &mut self.province,
            Facet::Country => &mut self.country,
            Facet::Commodity => &mut self.commodity,
        }
    }
}

/// Tags that the article is about, then the others.
fn focus_first(tags: &[Tag]) -> impl Iterator<Item = &Tag> {
    tags.iter().filter(|t| t.focus).chain(tags.iter().filter(|t| !t.focus))
}

/// A ranking narrowed to the selected values, but for those of one facet.
fn narrowed(ranking: &Ranking, selection: &[(Facet, Vec<Term>)], but: Option<Facet>) -> Ranking {
    let mut narrowed = ranking.clone();
    for (_, terms) in selection.iter().filter(|(f, _)| Some(*f) != but) {
        let values = terms.iter().map(|t| {
            let query: Box<dyn Query> = Box::new(TermQuery::new(t.clone(), IndexRecordOption::Basic));
            (Occur::Should, query)
        });
        let values = BooleanQuery::new(values.collect());
        narrowed = narrowed.narrowed(Box::new(ConstScoreQuery::new(Box::new(values), 0.0)));
    }
    narrowed
}

/// Today in UTC, for `date:last30d`.
fn today() -> Date {
    let days = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs() as i64 / 86_400);
    Date::from_days(days).unwrap_or(Date::EPOCH)
}
