//! Bare words of a query to groups and features: which names stand among them, how Chinese runs are
//! cut, and what standing together counts.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::{
    Term,
    query::{BooleanQuery, Query},
    schema::Field,
};

use super::{
    asked::{answers, is_interrogative},
    plan::{MASS_UNKNOWN, Mark, MarkKind, Planner, next_thing},
    rank::{Feature, FeatureKind, Group, Source, Way},
    resolve::{self, Concept},
    segment::{IndexVocabulary, segment, words_of_run},
    stop::is_stop,
};
use crate::{
    analysis::{
        Case, Gap, Segmenter, UnitKind, Units,
        words::{is_possessive, stem_of},
    },
    gazetteer::Facet,
    schema::focus_term,
};

/// How soon a word that comes again in the query stops to count more: BM25's k3.
const QUERY_K3: f32 = 8.0;

/// A word of the query.
struct Word {
    /// Its units.
    range: Range<usize>,
    /// As it is indexed.
    term: String,
    han: bool,
}

impl Word {
    /// One Han character: indexed as a unit, not as a word.
    fn is_character(&self) -> bool {
        self.han && self.range.len() == 1
    }
}

/// What bare words come to.
#[derive(Default)]
pub(super) struct Words {
    pub(super) groups: Vec<Group>,
    pub(super) extras: Vec<Feature>,
    /// What was asked for so far, with its group and how often: asking again asks for nothing else, but
    /// for that more urgently.
    asked: FxHashMap<String, (usize, u32)>,
}

impl Words {
    /// Whether a thing was not asked for yet; its group comes next.
    fn is_new(&mut self, thing: &str) -> bool {
        if let Some((_, times)) = self.asked.get_mut(thing) {
            *times += 1;
            return false;
        }
        self.asked.insert(thing.to_owned(), (self.groups.len(), 1));
        true
    }

    /// Lets what was asked for several times count more: BM25's weight of a term by its frequency in the
    /// query.
    pub(super) fn settle(&mut self) {
        for (group, times) in self.asked.drain().map(|(_, asked)| asked) {
            let (Some(group), true) = (self.groups.get_mut(group), times > 1) else { continue };
            let times = times as f32;
            let more = times * (QUERY_K3 + 1.0) / (times + QUERY_K3);
            group.mass *= more;
            let features = group.ways.iter_mut().flat_map(|way| &mut way.features);
            features.for_each(|feature| feature.weight *= more);
        }
    }
}

impl Planner<'_> {
    /// Bare words in a row: names that stand among them, then the words between.
    pub(super) fn words(&self, text: &str, out: &mut Words, marks: &mut Vec<Mark>) {
        let units = Units::of(text, &[]);
        let names = if self.literal { Vec::new() } else { resolve::concepts(&units, text, self.names) };
        let words = self.cut(&units);
        let content = words.iter().any(|w| !is_stop(&w.term, w.han) && answers(&w.term).is_empty());
        let mut latin_before: Option<(usize, String)> = None;
        let mut han_before: Option<Range<usize>> = None;
        let mut next_name = names.into_iter().peekable();
        let mut at = 0;
        for (number, word) in words.iter().enumerate() {
            if word.range.start < at {
                continue;
            }
            while next_name.peek().is_some_and(|(r, _)| r.start < word.range.start) {
                next_name.next();
            }
            if let Some((span, concepts)) = next_name.next_if(|(r, _)| r.start == word.range.start) {
                // A name ends where a word ends, or it is no name: 上海 in 上海南路 is.
                if words.iter().any(|w| w.range.end == span.end) {
                    at = span.end;
                    latin_before = None;
                    if !out.is_new(units.joined(span.clone())) {
                        continue;
                    }
                    out.groups.push(self.name(&units, span.clone(), &words, &concepts, marks));
                    continue;
                }
            }
            let unit = &units.list()[word.range.start];
            if !word.han {
                let folded = units.term(unit).to_owned();
                if let Some((before, other)) = &latin_before
                    && *before + 1 == word.range.start
                {
                    out.extras.push(self.together(other, &folded));
                }
                latin_before = Some((word.range.start, folded));
            }
            let asks = content && word.han && self.ends_a_question(&units, &words[number..]);
            if asks {
                if out.is_new(&word.term) {
                    let group = self.asked_for(word);
                    out.groups.push(group);
                }
                // It is shown where it stands.
                let kind = MarkKind::Sequence(sequence_of(&units, word.range.clone()));
                if !marks.iter().any(|m| m.kind == kind) {
                    let thing = next_thing(marks);
                    marks.push(Mark { kind, in_title_only: false, weight: 0.0, thing, part: false });
                }
            }
            if content && is_stop(&word.term, word.han) {
                continue;
            }
            if word.han {
                if let Some(before) = han_before.take().filter(|b| b.end == word.range.start) {
                    let pair = sequence_of(&units, before.start..word.range.end);
                    out.extras.push(self.sequence_feature(
                        self.fields.body_units,
                        pair,
                        self.weights.han_together,
                        "together",
                    ));
                }
                han_before = Some(word.range.clone());
            }
            // A word that asks is a group of its own already.
            if asks || !out.is_new(&word.term) {
                continue;
            }
            let kind = match word.han {
                true => MarkKind::Sequence(sequence_of(&units, word.range.clone())),
                false => MarkKind::Stem(word.term.clone()),
            };
            let mass = self.terms.idf(&self.word_term(word, false));
            let part = word.is_character() && is_part(&units, word.range.start);
            marks.push(Mark { kind, in_title_only: false, weight: mass, thing: next_thing(marks), part });
            let mut way = Way::default();
            self.add_word(&mut way, word, true);
            out.groups.push(Group::of(way, mass));
        }
        self.runs(&units, &mut out.extras);
        let mut seen = FxHashSet::default();
        out.extras.retain(|extra| extra.weight > 0.0 && seen.insert(extra.label.clone()));
    }

    /// The words of units: stems, and Chinese words by the index's vocabulary.
    fn cut(&self, units: &Units) -> Vec<Word> {
        let vocabulary = IndexVocabulary { terms: self.terms, field: self.fields.words };
        let mut out = Vec::new();
        for run in runs(units) {
            match units.list()[run.start].kind {
                UnitKind::Han => {
                    let words = words_of_run(units, run, |text| match self.segmenter {
                        Some(segmenter) => by_segmenter(text, segmenter),
                        None => segment(text, &vocabulary),
                    });
                    for range in words {
                        out.push(Word { term: units.joined(range.clone()).to_owned(), range, han: true });
                    }
                }
                UnitKind::Word if !is_possessive(units, run.start) => {
                    let term = stem_of(units.joined(run.clone())).into_owned();
                    out.push(Word { term, range: run, han: false });
                }
                UnitKind::Number => {
                    out.push(Word { term: units.joined(run.clone()).to_owned(), range: run, han: false });
                }
                _ => {}
            }
        }
        out
    }

    /// The term of a word in the body, or the title; a single Han character wherever it stands.
    fn word_term(&self, word: &Word, in_title: bool) -> Term {
        let field = match (word.is_character(), in_title) {
            (false, false) => self.fields.words,
            (false, true) => self.fields.title_words,
            (true, false) => self.fields.body_units,
            (true, true) => self.fields.title_units,
        };
        Term::from_field_text(field, &word.term)
    }

    /// Lets a word make the match, if `matches`, and count.
    fn add_word(&self, way: &mut Way, word: &Word, matches: bool) {
        let (body, title) = (self.word_term(word, false), self.word_term(word, true));
        let mut feature = |kind, weight, place: &str| {
            way.features.push(Feature { kind, weight, label: format!("{}{place}", word.term) });
        };
        if matches {
            // What stands in the title is among the words too; of characters it is not.
            feature(FeatureKind::OwnTerm(way.sources.len()), 1.0, "");
            way.sources.push(Source::Term(body));
            if word.is_character() {
                feature(FeatureKind::OwnTerm(way.sources.len()), self.weights.title, " in the title");
                way.sources.push(Source::Term(title));
                return;
            }
        } else {
            feature(FeatureKind::Term(body), 1.0, "");
        }
        feature(FeatureKind::Term(title), self.weights.title, " in the title");
    }

    /// Whether the first of these words asks for a kind of answer: one that does, at the end of what is
    /// asked, 时间 in 开幕时间和地点 but not in 时间表.
    fn ends_a_question(&self, units: &Units, words: &[Word]) -> bool {
        let Some((word, rest)) = words.split_first() else { return false };
        let beside = |next: &&Word| {
            next.range.start == word.range.end
                && next.han
                && units.list().get(next.range.start).is_some_and(|u| u.gap == Gap::None)
        };
        let goes_on =
            |next: &Word| !is_stop(&next.term, true) && answers(&next.term).is_empty() && next.term != "分别";
        is_interrogative(&word.term)
            || !answers(&word.term).is_empty() && !rest.first().filter(beside).is_some_and(goes_on)
    }

    /// A word that asks: it is there, or what stands in answers to it.
    fn asked_for(&self, word: &Word) -> Group {
        let (mut way, mut mass) = (Way::default(), f32::MAX);
        let mut add = |term: Term, weight, label| {
            mass = mass.min(self.terms.idf(&term));
            way.features.push(Feature { kind: FeatureKind::OwnTerm(way.sources.len()), weight, label });
            way.sources.push(Source::Term(term));
        };
        add(self.word_term(word, false), self.weights.asked, word.term.clone());
        for answer in answers(&word.term) {
            let is_character = answer.chars().nth(1).is_none();
            let field = if is_character { self.fields.body_units } else { self.fields.words };
            let label = format!("{answer} as an answer to {}", word.term);
            add(Term::from_field_text(field, answer), self.weights.answer, label);
        }
        Group::of(way, mass)
    }

    /// Two neighbouring words that stand together: in order, at most one word between them.
    fn together(&self, first: &str, second: &str) -> Feature {
        let units = vec![(0, first.to_owned()), (1, second.to_owned())];
        Feature {
            kind: FeatureKind::Sequence { field: self.fields.body_units, units, slop: 1 },
            weight: self.weights.together,
            label: format!("{first} {second} together"),
        }
    }

    fn sequence_feature(&self, field: Field, units: Vec<(u32, String)>, weight: f32, what: &str) -> Feature {
        let mut text = String::new();
        for (_, unit) in &units {
            if text.ends_with(|c: char| c.is_ascii_alphanumeric()) {
                text.push(' ');
            }
            text.push_str(unit);
        }
        let kind = match units.as_slice() {
            [(_, unit)] => FeatureKind::Term(Term::from_field_text(field, unit)),
            _ => FeatureKind::Sequence { field, units, slop: 0 },
        };
        Feature { kind, weight, label: format!("{text} {what}").trim_end().to_owned() }
    }

    /// A name: its literal text or a tag of what it means; its words count for the rank.
    fn name(
        &self,
        units: &Units,
        span: Range<usize>,
        words: &[Word],
        concepts: &[Concept],
        marks: &mut Vec<Mark>,
    ) -> Group {
        let sequence = sequence_of(units, span.clone());
        let thing = next_thing(marks);
        let mut mark =
            |kind, weight| marks.push(Mark { kind, in_title_only: false, weight, thing, part: false });
        let inside: Vec<&Word> =
            words.iter().filter(|w| w.range.start >= span.start && w.range.end <= span.end).collect();
        let mut way = Way::default();
        match inside.as_slice() {
            // One word: its stem finds "magnets" for "magnet".
            [word] => {
                self.add_word(&mut way, word, true);
                if !word.han {
                    mark(MarkKind::Stem(word.term.clone()), self.terms.idf(&self.word_term(word, false)));
                }
            }
            _ => {
                let fields = [
                    (self.fields.body_units, 1.0, "in one piece"),
                    (self.fields.title_units, self.weights.title, "in one piece in the title"),
                ];
                for (field, weight, place) in fields {
                    way.sources.push(Source::Query(self.sequence(field, &sequence)));
                    way.features.push(self.sequence_feature(field, sequence.clone(), weight, place));
                }
                let of_a_body = concepts.iter().any(|c| c.facet == Facet::Organization);
                if of_a_body && self.may_be_no_name(units, &span, &inside) {
                    let parts: Vec<Box<dyn Query>> = inside
                        .iter()
                        .map(|word| super::plan::term_query(self.word_term(word, false)))
                        .collect();
                    way.sources.push(Source::Query(Box::new(BooleanQuery::intersection(parts))));
                }
                for word in &inside {
                    self.add_word(&mut way, word, false);
                }
            }
        }
        mark(MarkKind::Sequence(sequence), MASS_UNKNOWN);
        let mut mass = f32::MAX;
        for concept in concepts {
            let Concept { facet, path } = concept;
            let term = Term::from_field_text(self.fields.facet(*facet), path);
            let idf = self.terms.idf(&term);
            mass = mass.min(idf);
            way.features.push(Feature {
                kind: FeatureKind::OwnTag(way.sources.len()),
                weight: self.weights.concept * idf,
                label: format!("tag {path}"),
            });
            way.sources.push(Source::Term(term));
            way.features.push(Feature {
                kind: FeatureKind::Tag(Term::from_field_text(self.fields.focus, &focus_term(*facet, path))),
                weight: self.weights.focus * idf,
                label: format!("about {path}"),
            });
            mark(MarkKind::Concept(concept.clone()), idf);
        }
        Group::of(way, mass)
    }

    /// Whether the name of a body may be meant as its words: `China steel output`, 中国石油进口. What
    /// is typed in capitals like a name is one.
    fn may_be_no_name(&self, units: &Units, span: &Range<usize>, inside: &[&Word]) -> bool {
        let list = &units.list()[span.clone()];
        if list.iter().all(|u| u.kind == UnitKind::Han) {
            // Every part is a name by itself: a country and its oil.
            return inside.iter().all(|w| !self.names.find(units.joined(w.range.clone())).is_empty());
        }
        list.iter().any(|u| u.case == Case::Lower)
    }

    /// Runs of Han characters: in one piece they count more, and each character counts a little.
    fn runs(&self, units: &Units, extras: &mut Vec<Feature>) {
        let field = self.fields.body_units;
        for run in runs(units).filter(|r| units.list()[r.start].kind == UnitKind::Han && r.len() > 1) {
            for at in run.clone() {
                if !is_stop(units.term(&units.list()[at]), true) {
                    let character = sequence_of(units, at..at + 1);
                    extras.push(self.sequence_feature(field, character, self.weights.character, "alone"));
                }
            }
            let whole = sequence_of(units, run);
            extras.push(self.sequence_feature(field, whole, self.weights.whole_run, "in one piece"));
        }
    }
}

/// The words of a run as a segmenter with a dictionary cuts it, as ranges of characters.
fn by_segmenter(run: &str, segmenter: &Segmenter) -> Vec<Range<usize>> {
    let mut at = 0;
    let words = segmenter.cut(run).into_iter().map(|word| {
        let start = at;
        at += word.chars().count();
        start..at
    });
    words.collect()
}

/// Runs of units that are cut together: adjacent Han characters, or one unit of another kind.
fn runs(units: &Units) -> impl Iterator<Item = Range<usize>> + '_ {
    let list = units.list();
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = list.get(at)?;
        let start = at;
        at += 1;
        if first.kind == UnitKind::Han {
            while list.get(at).is_some_and(|u| u.kind == UnitKind::Han && u.gap == Gap::None) {
                at += 1;
            }
        }
        Some(start..at)
    })
}

/// Whether a Han character stands right beside another one.
fn is_part(units: &Units, at: usize) -> bool {
    let list = units.list();
    let han = |n: usize| list.get(n).is_some_and(|u| u.kind == UnitKind::Han);
    let joined = |n: usize| list.get(n).is_some_and(|u| u.gap == Gap::None);
    at > 0 && han(at - 1) && joined(at) || han(at + 1) && joined(at + 1)
}

/// Units as a sequence: terms with their distances from the first.
pub(super) fn sequence_of(units: &Units, range: Range<usize>) -> Vec<(u32, String)> {
    let Some(list) = units.list().get(range) else { return Vec::new() };
    let Some(first) = list.first() else { return Vec::new() };
    list.iter().map(|u| (u.position - first.position, units.term(u).to_owned())).collect()
}
