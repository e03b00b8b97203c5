//! Rankings on small indexes made for the purpose.

use tantivy::{query::AllQuery, schema::IndexRecordOption};

use super::*;
use crate::query::{
    bm25::Bm25Parameters,
    lab::{Lab, lab},
    rank::{Feature, FeatureKind, Group, Source},
};

impl Lab {
    fn group(&self, word: &str, mass: f32) -> Group {
        let feature = Feature { kind: FeatureKind::OwnTerm(0), weight: 1.0, label: word.to_owned() };
        Group { sources: vec![Source::Term(self.term(word))], features: vec![feature], mass }
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
