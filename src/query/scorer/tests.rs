//! Rankings on small indexes made for the purpose.

use tantivy::{
    query::{AllQuery, Query},
    schema::IndexRecordOption,
};

use proptest::prelude::*;

use super::*;
use crate::query::{
    bm25::Bm25Parameters,
    lab::{Lab, lab},
    rank::{Feature, FeatureKind, Group, Source, Way},
};

impl Lab {
    fn group(&self, word: &str, mass: f32) -> Group {
        let feature = Feature { kind: FeatureKind::OwnTerm(0), weight: 1.0, label: word.to_owned() };
        Group::of(
            Way { sources: vec![Source::Term(self.term(word))], features: vec![feature], bonus: 0.0 },
            mass,
        )
    }

    fn ranking(&self, groups: Vec<Group>, share: f32) -> Ranking {
        Ranking {
            terms: self.terms.clone(),
            parameters: Bm25Parameters { k1: 1.2, b: 0.75 },
            required: Vec::new(),
            required_scores: false,
            excluded: Vec::new(),
            groups,
            extras: Vec::new(),
            share,
        }
    }
}

fn hits(ranking: &Ranking) -> Vec<(DocId, f32)> {
    let mut opened = ranking.open(0, true).unwrap();
    let mut out = Vec::new();
    while opened.doc() != TERMINATED {
        out.push((opened.doc(), opened.score()));
        opened.advance();
    }
    out
}

fn docs(ranking: &Ranking) -> Vec<DocId> {
    hits(ranking).into_iter().map(|h| h.0).collect()
}

#[test]
fn what_has_all_groups_stands_above_what_has_some() {
    let lab = lab(&["a b", "a a", "b b", "c c"]);
    let hits = hits(&lab.ranking(vec![lab.group("a", 1.0), lab.group("b", 1.0)], 0.5));
    assert_eq!(hits.iter().map(|h| h.0).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(hits[0].1 > 16.0 && hits[1].1 < 16.0 && hits[2].1 < 16.0, "{hits:?}");
}

#[test]
fn too_small_a_share_is_no_match() {
    let lab = lab(&["a b", "a a", "b b", "c c"]);
    let of = |masses: [f32; 2], share| {
        docs(&lab.ranking(vec![lab.group("a", masses[0]), lab.group("b", masses[1])], share))
    };
    assert_eq!(of([3.0, 1.0], 0.5), [0, 1]);
    assert_eq!(of([1.0, 3.0], 0.5), [0, 2]);
    assert_eq!(of([3.0, 1.0], 0.0), [0, 1, 2]);
    assert_eq!(of([3.0, 1.0], 1.0), [0]);
}

#[test]
fn what_is_required_and_excluded_narrows() {
    let lab = lab(&["a b", "a", "b", "a c", "b c"]);
    let query = |word: &str| -> Box<dyn Query> {
        Box::new(tantivy::query::TermQuery::new(lab.term(word), IndexRecordOption::Basic))
    };
    let mut ranking = lab.ranking(vec![lab.group("a", 1.0)], 0.3).narrowed(query("c"));
    assert_eq!(docs(&ranking), [3]);
    ranking.share = 0.0;
    assert_eq!(docs(&ranking), [3, 4]);
    ranking.required = vec![Box::new(AllQuery)];
    ranking.excluded = vec![query("c"), query("b")];
    assert_eq!(docs(&ranking), [1]);
}

#[test]
fn a_common_word_does_not_stand_in_for_a_required_one() {
    let texts: Vec<&str> = ["a", "b", "a b", "a c", "b c"].into_iter().chain(["c"; 60]).collect();
    let lab = lab(&texts);
    let mut groups = vec![lab.group("a", 1.0), lab.group("b", 1.0), lab.group("c", 3.0)];
    groups[..2].iter_mut().for_each(|group| group.required = true);
    let mut opened = lab.ranking(groups, 0.0).open_all(0, true).unwrap();
    assert_eq!(opened.doc(), 2);
    assert_eq!(opened.advance(), TERMINATED);
}

#[test]
fn sequences_stand_at_their_distances() {
    let lab = lab(&["a b", "b a", "a x b", "a x x b", "a b a b"]);
    let freqs = |units: &[(u32, &str)], slop| {
        let units = units.iter().map(|(at, unit)| (*at, (*unit).to_owned())).collect();
        let kind = FeatureKind::Sequence { field: lab.field, units, slop };
        let mut ranking = lab.ranking(Vec::new(), 0.0).narrowed(Box::new(AllQuery));
        ranking.extras.push(Feature { kind, weight: 1.0, label: String::new() });
        let mut opened = ranking.open(0, true).unwrap();
        let KindAt::Sequence(sequence, _) = &mut opened.extras[0].kind else { panic!("no sequence") };
        (0..5).map(|doc| sequence.freq(doc)).collect::<Vec<_>>()
    };
    assert_eq!(freqs(&[(0, "a"), (1, "b")], 0), [1, 0, 0, 0, 2]);
    assert_eq!(freqs(&[(0, "a"), (1, "b")], 1), [1, 0, 1, 0, 2]);
    assert_eq!(freqs(&[(0, "a"), (2, "b")], 0), [0, 0, 1, 0, 0]);
    assert_eq!(freqs(&[(0, "a"), (1, "b"), (2, "a")], 0), [0, 0, 0, 0, 1]);
}

#[test]
fn a_threshold_hides_only_what_is_below_it() {
    let lab = lab(&["a b", "a a a", "b", "a c c c c c c c", "b a a b"]);
    let ranking = lab.ranking(vec![lab.group("a", 0.4), lab.group("b", 0.3)], 0.2);
    for (doc, score) in hits(&ranking) {
        for threshold in [score * 0.5, score, score * 1.001, score + 1.0] {
            let mut opened = ranking.open(0, true).unwrap();
            opened.seek(doc);
            let mut parts = 0.0;
            let above = opened.score_above(threshold, |_, part| parts += part);
            if threshold <= score {
                assert_eq!(above, Some(score));
                assert_eq!(parts, score);
            } else {
                assert!(above.is_none_or(|s| s == score));
            }
        }
    }
}

/// What a random ranking is made of: groups by the words of their ways, whether each is required, and its
/// mass; words that are required and excluded; the share.
#[derive(Debug, Clone)]
struct Recipe {
    groups: Vec<(Vec<Vec<usize>>, bool, f32)>,
    base: Option<usize>,
    excluded: Option<usize>,
    share: f32,
}

const WORDS: [&str; 6] = ["a", "b", "c", "d", "e", "none"];

impl Recipe {
    fn ranking(&self, lab: &Lab) -> Ranking {
        let word = |n: &usize| lab.term(WORDS[*n]);
        let query = |n: usize| -> Box<dyn Query> {
            Box::new(tantivy::query::TermQuery::new(word(&n), IndexRecordOption::Basic))
        };
        let feature = |kind, weight| Feature { kind, weight, label: String::new() };
        let mut ranking = lab.ranking(Vec::new(), self.share);
        for (ways, required, mass) in &self.groups {
            let way = |words: &Vec<usize>| {
                let own = (0..words.len()).map(|n| match n {
                    0 => feature(FeatureKind::OwnTerm(0), 1.0),
                    n => feature(FeatureKind::OwnTag(n), 0.5),
                });
                let beside = feature(FeatureKind::Term(word(&((words[0] + 1) % WORDS.len()))), 0.3);
                Way {
                    sources: words.iter().map(|n| Source::Term(word(n))).collect(),
                    features: own.chain([beside]).collect(),
                    bonus: if ways.len() > 1 { 3.0 } else { 0.0 },
                }
            };
            let ways = ways.iter().map(way).collect();
            ranking.groups.push(Group { ways, mass: *mass, required: *required });
        }
        let units = vec![(0, "a".to_owned()), (1, "b".to_owned())];
        let together = FeatureKind::Sequence { field: lab.field, units, slop: 0 };
        ranking.extras = vec![feature(together, 0.7), feature(FeatureKind::Tag(word(&3)), 0.2)];
        ranking.required.extend(self.base.map(query));
        ranking.excluded.extend(self.excluded.map(query));
        ranking
    }

    /// Whether a text matches, told from its words.
    fn matches(&self, text: &str) -> bool {
        let has = |n: &usize| text.split(' ').any(|word| word == WORDS[*n]);
        let has_group = |ways: &Vec<Vec<usize>>| ways.iter().flatten().any(has);
        if !self.base.iter().all(has) || self.excluded.iter().any(has) {
            return false;
        }
        if self.groups.iter().any(|(_, required, _)| *required) {
            return self.groups.iter().all(|(ways, required, _)| !required || has_group(ways));
        }
        let all: f32 = self.groups.iter().map(|(_, _, mass)| mass).sum();
        let had: f32 =
            self.groups.iter().filter(|(ways, _, _)| has_group(ways)).map(|(_, _, mass)| mass).sum();
        let needed = all * self.share * 0.9999;
        if needed > 0.0 { had >= needed } else { had > 0.0 || self.base.is_some() }
    }
}

/// Rare words and common ones: what is rare is not looked for in what is common article by article.
fn word() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(0usize), 2 => Just(1), 6 => Just(2), 20 => Just(3), 40 => Just(4)]
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let way = prop::collection::vec(0..WORDS.len(), 1..3);
    let mass = prop::sample::select(vec![0.5f32, 1.0, 3.0]);
    let group = (prop::collection::vec(way, 1..3), any::<bool>(), mass);
    let word = || prop::option::weighted(0.3, 0..WORDS.len());
    let share = prop::sample::select(vec![0.3f32, 0.6, 1.0]);
    (prop::collection::vec(group, 1..4), word(), word(), share, any::<bool>()).prop_map(
        |(mut groups, base, excluded, share, none_required)| {
            if none_required {
                groups.iter_mut().for_each(|group| group.1 = false);
            }
            // As the planner has it: with something required, the others only rank.
            let share = if groups.iter().any(|group| group.1) { 0.0 } else { share };
            Recipe { groups, base, excluded, share }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a ranking is walked, it finds what the words say, and scores it alike.
    #[test]
    fn every_walk_finds_what_a_slow_look_finds(
        texts in prop::collection::vec(prop::collection::vec(word(), 0..5), 1..600),
        recipe in recipe(),
        step in 1..300u32,
    ) {
        let text = |words: &Vec<usize>| words.iter().map(|n| WORDS[*n]).collect::<Vec<_>>().join(" ");
        let texts: Vec<String> = texts.iter().map(text).collect();
        let lab = lab(&texts);
        let ranking = recipe.ranking(&lab);
        let expected: Vec<DocId> =
            (0..).zip(&texts).filter(|(_, text)| recipe.matches(text)).map(|(doc, _)| doc).collect();
        let found = hits(&ranking);
        prop_assert_eq!(found.iter().map(|h| h.0).collect::<Vec<_>>(), expected);
        // Through tables of articles, scored or not, and with a threshold that hides only what is below.
        let mut sorted: Vec<f32> = found.iter().map(|h| h.1).collect();
        sorted.sort_by(f32::total_cmp);
        for threshold in [f32::NEG_INFINITY, sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)] {
            let mut opened = ranking.open_all(0, true).unwrap();
            for (doc, score) in &found {
                prop_assert_eq!(opened.doc(), *doc);
                let above = opened.score_above(threshold, |_, _| ());
                prop_assert_eq!(above, Some(*score).filter(|score| *score >= threshold));
                opened.advance();
            }
            prop_assert_eq!(opened.doc(), TERMINATED);
        }
        let mut unscored = ranking.open_all(0, false).unwrap();
        let mut leaping = ranking.open_all(0, true).unwrap();
        let mut here = ranking.open(0, true).unwrap();
        let mut target = 0;
        for (doc, score) in &found {
            prop_assert_eq!(unscored.doc(), *doc);
            unscored.advance();
            if *doc >= target {
                for opened in [&mut leaping, &mut here] {
                    if opened.doc() < target {
                        opened.seek(target);
                    }
                    prop_assert_eq!(opened.doc(), *doc);
                    prop_assert_eq!(opened.score(), *score);
                }
                target = doc + step;
            }
        }
    }
}
