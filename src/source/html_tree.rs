//! The tree of a page: what of it is the article, and its text.
//!
//! The main text is what the page marks as such, or else the block with the most text outside of links.
//! Every walk over the tree is a loop, so that no page can exhaust the stack.

use std::collections::HashMap;

use scraper::{Html, node::Element};

use super::{dates, html_writer::Writer};
use crate::article::Date;

/// Elements that never hold text of the article.
const DROPPED: [&str; 20] = [
    "aside", "audio", "button", "canvas", "dialog", "head", "iframe", "input", "menu", "nav", "noscript",
    "object", "script", "select", "style", "svg", "template", "textarea", "title", "video",
];

/// Words of a class, id or role that tell that an element is not part of the text.
const DROPPED_WORDS: [&str; 27] = [
    "ad",
    "ads",
    "advert",
    "advertisement",
    "banner",
    "breadcrumb",
    "breadcrumbs",
    "comment",
    "comments",
    "cookie",
    "cookies",
    "footer",
    "menu",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "promo",
    "recommend",
    "related",
    "share",
    "sharing",
    "sidebar",
    "social",
    "subscribe",
    "subscription",
    "toolbar",
];

/// Elements that begin a paragraph of their own.
const BLOCKS: [&str; 34] = [
    "address",
    "article",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "ul",
    "hgroup",
];

/// Least text of a block that the page names as its article, in characters, for it to be believed.
const MAIN_MIN_CHARS: usize = 140;

/// One element or text of the tree, in document order.
struct Item<'a> {
    parent: usize,
    /// Behind the last item inside of this one.
    end: usize,
    /// `None` for text.
    element: Option<&'a Element>,
    text: &'a str,
    /// Characters inside, dropped elements left out, blanks not counted.
    chars: usize,
    /// Of these, inside of links.
    linked: usize,
    dropped: bool,
}

/// The tree as a list: parents before children, each with the place where it ends.
pub(super) struct Outline<'a> {
    items: Vec<Item<'a>>,
    /// The language that the page claims.
    pub(super) lang: Option<String>,
    /// The day of the first `<time datetime>`.
    pub(super) time: Option<Date>,
}

pub(super) struct Heading {
    pub(super) node: usize,
    pub(super) text: String,
}

impl<'a> Outline<'a> {
    pub(super) fn new(html: &'a Html) -> Outline<'a> {
        let mut items =
            vec![Item { parent: 0, end: 0, element: None, text: "", chars: 0, linked: 0, dropped: false }];
        // The last of these is the innermost open element.
        let mut open = vec![0];
        let root = html.tree.root();
        let mut next = root.first_child();
        while let Some(node) = next {
            let element = node.value().as_element();
            let text: &str = node.value().as_text().map_or("", |t| t);
            if element.is_some() || !text.is_empty() {
                items.push(Item {
                    parent: open.last().copied().unwrap_or(0),
                    end: items.len() + 1,
                    element,
                    text,
                    chars: text.chars().filter(|c| !c.is_whitespace()).count(),
                    linked: 0,
                    dropped: false,
                });
            }
            // Only elements are entered: what templates hold is not shown.
            if element.is_some()
                && let Some(child) = node.first_child()
            {
                open.push(items.len() - 1);
                next = Some(child);
                continue;
            }
            let mut at = node;
            next = loop {
                if let Some(sibling) = at.next_sibling() {
                    break Some(sibling);
                }
                let Some(parent) = at.parent().filter(|p| *p != root) else { break None };
                let end = items.len();
                if let Some(item) = open.pop().and_then(|place| items.get_mut(place)) {
                    item.end = end;
                }
                at = parent;
            };
        }
        let end = items.len();
        if let Some(root) = items.first_mut() {
            root.end = end;
        }
        let mut outline = Outline { items, lang: None, time: None };
        outline.drop_by_name();
        outline.sum();
        outline.drop_by_words();
        outline.sum();
        outline.look_around();
        outline
    }

    fn name(&self, place: usize) -> &str {
        self.items.get(place).and_then(|i| i.element).map_or("", Element::name)
    }

    fn attr(&self, place: usize, attribute: &str) -> Option<&'a str> {
        self.items.get(place)?.element?.attr(attribute)
    }

    fn chars(&self, place: usize) -> usize {
        self.items.get(place).map_or(0, |i| i.chars)
    }

    fn drop_by_name(&mut self) {
        let mut article_end = 0;
        for place in 0..self.items.len() {
            let name = self.name(place);
            if matches!(name, "article" | "main") {
                article_end = article_end.max(self.items.get(place).map_or(0, |i| i.end));
            }
            // Heads and feet of articles hold standfirsts and credits; those of pages hold menus.
            let outer = matches!(name, "header" | "footer") && place >= article_end;
            let hidden =
                self.attr(place, "hidden").is_some() || self.attr(place, "aria-hidden") == Some("true");
            if outer || hidden || DROPPED.contains(&name) {
                self.drop(place);
            }
        }
    }

    /// Drops what its class, id or role calls a menu and the like. Never what has most of the text:
    /// themes give names such as `with-sidebar` to the whole page, and some sites wrap it in a form.
    fn drop_by_words(&mut self) {
        let all = self.chars(0);
        for place in 0..self.items.len() {
            let Some(element) = self.items.get(place).and_then(|i| i.element) else { continue };
            let name = element.name();
            if matches!(name, "html" | "body" | "article" | "main") || self.chars(place) * 2 > all {
                continue;
            }
            let named = ["class", "id", "role"]
                .iter()
                .filter_map(|attribute| element.attr(attribute))
                .any(|value| words(value).any(|word| DROPPED_WORDS.contains(&word.as_str())));
            if named || name == "form" || element.attr("role").is_some_and(|r| r == "complementary") {
                self.drop(place);
            }
        }
    }

    fn drop(&mut self, place: usize) {
        if let Some(item) = self.items.get_mut(place) {
            item.dropped = true;
        }
    }

    /// Adds up the text of all elements, from the last one back to the root.
    fn sum(&mut self) {
        for item in &mut self.items {
            if item.element.is_some() {
                (item.chars, item.linked) = (0, 0);
            }
        }
        if let Some(root) = self.items.first_mut() {
            (root.chars, root.linked) = (0, 0);
        }
        for place in (1..self.items.len()).rev() {
            let is_link = self.name(place) == "a";
            let Some(item) = self.items.get(place) else { continue };
            if item.dropped {
                continue;
            }
            let (chars, parent) = (item.chars, item.parent);
            let linked = if is_link { chars } else { item.linked };
            if let Some(parent) = self.items.get_mut(parent) {
                parent.chars += chars;
                parent.linked += linked;
            }
        }
    }

    fn look_around(&mut self) {
        self.lang = (1..self.items.len().min(4)).find_map(|p| self.attr(p, "lang")).map(str::to_owned);
        let times = (0..self.items.len()).filter(|&p| self.name(p) == "time");
        self.time = times.filter_map(|p| self.attr(p, "datetime")).find_map(dates::parse);
    }

    fn unlinked(&self, place: usize) -> usize {
        self.items.get(place).map_or(0, |i| i.chars.saturating_sub(i.linked))
    }

    /// The element that holds the text of the article.
    pub(super) fn main_block(&self) -> usize {
        let all = self.unlinked(0);
        type Named = fn(&Outline<'_>, usize) -> bool;
        let kinds: [Named; 3] = [
            |o, p| o.attr(p, "itemprop").is_some_and(|v| v.split_whitespace().any(|w| w == "articleBody")),
            |o, p| o.name(p) == "article" || o.attr(p, "role") == Some("article"),
            |o, p| o.name(p) == "main" || o.attr(p, "role") == Some("main"),
        ];
        for is_it in kinds {
            let best = (1..self.items.len())
                .filter(|&p| is_it(self, p))
                .max_by_key(|&p| (self.unlinked(p), usize::MAX - p));
            if let Some(place) = best
                && (self.unlinked(place) >= MAIN_MIN_CHARS || self.unlinked(place) * 2 > all)
                // The largest of many teasers is not the article.
                && self.unlinked(place) * 4 > all
            {
                return place;
            }
        }
        self.densest_block()
    }

    /// The block whose own paragraphs have the most text, widened while that gains much.
    fn densest_block(&self) -> usize {
        let mut scores: HashMap<usize, usize> = HashMap::new();
        for (place, item) in self.items.iter().enumerate() {
            // Text counts for the block above the paragraph that it is in, and half for the one above.
            if item.element.is_some() || item.chars < 20 || self.in_link(place) {
                continue;
            }
            let Some(paragraph) = self.block_above(place) else { continue };
            let Some(holder) = self.block_above(paragraph).or(Some(paragraph)) else { continue };
            *scores.entry(holder).or_default() += 2 * item.chars;
            if let Some(above) = self.block_above(holder) {
                *scores.entry(above).or_default() += item.chars;
            }
        }
        let density = |place: usize| {
            let chars = self.chars(place).max(1);
            self.unlinked(place) as f64 / chars as f64
        };
        let weight = |place: usize, score: usize| (score as f64 * density(place)) as u64;
        let best = scores.iter().max_by_key(|&(&p, &s)| (weight(p, s), usize::MAX - p)).map(|(&p, _)| p);
        let Some(mut best) = best else { return 0 };
        while let Some(above) = self.block_above(best) {
            if self.unlinked(above) * 2 >= self.unlinked(best) * 3 && density(above) > 0.75 {
                best = above;
            } else {
                break;
            }
        }
        best
    }

    fn in_link(&self, place: usize) -> bool {
        let parent = self.items.get(place).map_or(0, |i| i.parent);
        self.name(parent) == "a"
    }

    fn block_above(&self, place: usize) -> Option<usize> {
        let mut at = place;
        loop {
            let parent = self.items.get(at)?.parent;
            if parent == 0 || self.items.get(parent)?.dropped {
                return None;
            }
            let name = self.name(parent);
            if BLOCKS.contains(&name) || matches!(name, "td" | "li" | "tr") {
                return Some(parent);
            }
            at = parent;
        }
    }

    /// The first main heading, inside of `main` if there is one.
    pub(super) fn heading(&self, main: usize) -> Option<Heading> {
        let end = self.items.get(main).map_or(0, |i| i.end);
        let is_heading = |p: &usize| self.name(*p) == "h1";
        let inside = (main..end).find(|p| is_heading(p));
        let place = inside.or_else(|| (0..self.items.len()).find(is_heading))?;
        let text = self.text(place, None).replace('\n', " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(Heading { node: place, text })
    }

    /// The text inside of `root`, paragraphs apart, without dropped elements and without `left_out`.
    pub(super) fn text(&self, root: usize, left_out: Option<usize>) -> String {
        let mut out = Writer::default();
        let end = self.items.get(root).map_or(0, |i| i.end);
        // Open elements with the places where they end.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut place = root;
        while place < end {
            while let Some(&(element, until)) = open.last() {
                if until > place {
                    break;
                }
                open.pop();
                self.close(element, &mut out);
            }
            let Some(item) = self.items.get(place) else { break };
            if (item.dropped && place != root) || Some(place) == left_out {
                out.paragraph_if(BLOCKS.contains(&self.name(place)));
                place = item.end.max(place + 1);
                continue;
            }
            if item.element.is_some() {
                self.open(place, &mut out);
                open.push((place, item.end));
            } else if !item.text.is_empty() {
                out.text(item.text);
            }
            place += 1;
        }
        out.finish()
    }

    fn open(&self, place: usize, out: &mut Writer) {
        match self.name(place) {
            "br" => out.line_break(),
            "li" => out.bullet(),
            "tr" => out.line(),
            "td" | "th" => out.cell(),
            "pre" => {
                out.paragraph_if(true);
                out.preformatted += 1;
            }
            name => out.paragraph_if(BLOCKS.contains(&name)),
        }
    }

    fn close(&self, place: usize, out: &mut Writer) {
        match self.name(place) {
            "li" | "tr" => out.line(),
            "pre" => {
                out.paragraph_if(true);
                out.preformatted = out.preformatted.saturating_sub(1);
            }
            name => out.paragraph_if(BLOCKS.contains(&name)),
        }
    }
}

/// The words of a class or id: `relatedPosts-2` has "related" and "posts".
fn words(value: &str) -> impl Iterator<Item = String> + '_ {
    value.split(|c: char| !c.is_ascii_alphabetic()).flat_map(|part| {
        let mut out: Vec<String> = Vec::new();
        let mut lower_before = false;
        for c in part.chars() {
            if (c.is_ascii_uppercase() && lower_before) || out.is_empty() {
                out.push(String::new());
            }
            lower_before = c.is_ascii_lowercase();
            if let Some(word) = out.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
        }
        out
    })
}
