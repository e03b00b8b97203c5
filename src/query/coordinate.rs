//! Groups of a query together: articles that have every group come first, articles that have too
//! little of them do not count as matches.
//!
//! Each group has a mass, its inverse document frequency: in `graphite ban China`, the first word
//! says most. An article matches when its groups hold at least a share of all mass, and an article
//! that has all groups gets a bonus that no partial match reaches. One pass instead of two queries.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
};

/// No sum of scores exceeds this multiple of the mass: BM25 gives at most 2.2 times the idf in each
/// of two fields, and tags and neighbouring words less than that again.
const BONUS_PER_MASS: f32 = 8.0;

/// A disjunction of groups with masses; see the module.
#[derive(Debug)]
pub(crate) struct Coordinated {
    groups: Vec<(Box<dyn Query>, f32)>,
    share: f32,
}

impl Coordinated {
    /// Groups with their masses, and the share of all mass that a match needs.
    pub(crate) fn new(groups: Vec<(Box<dyn Query>, f32)>, share: f32) -> Coordinated {
        Coordinated { groups, share }
    }

    /// What a document that has all groups gets.
    pub(crate) fn bonus(&self) -> f32 {
        self.mass() * BONUS_PER_MASS
    }

    fn mass(&self) -> f32 {
        self.groups.iter().map(|g| g.1).sum()
    }
}

impl Clone for Coordinated {
    fn clone(&self) -> Self {
        let groups = self.groups.iter().map(|(q, m)| (q.box_clone(), *m)).collect();
        Coordinated { groups, share: self.share }
    }
}

impl Query for Coordinated {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let groups =
            self.groups.iter().map(|(q, m)| Ok((q.weight(scoring)?, *m))).collect::<tantivy::Result<_>>()?;
        // A hair below the share, against rounding.
        Ok(Box::new(CoordinatedWeight {
            groups,
            needed: self.mass() * self.share * 0.9999,
            bonus: self.bonus(),
        }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a tantivy::Term, bool)) {
        for (query, _) in &self.groups {
            query.query_terms(visitor);
        }
    }
}

struct CoordinatedWeight {
    groups: Vec<(Box<dyn Weight>, f32)>,
    needed: f32,
    bonus: f32,
}

impl Weight for CoordinatedWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut groups = Vec::with_capacity(self.groups.len());
        for (weight, mass) in &self.groups {
            let scorer = weight.scorer(reader, boost)?;
            groups.push(Group { doc: scorer.doc(), scorer, mass: *mass });
        }
        let mut scorer =
            CoordinatedScorer { groups, needed: self.needed, bonus: self.bonus * boost, doc: 0, mass: 0.0 };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        if scorer.doc() > doc || scorer.seek(doc) != doc {
            return Err(TantivyError::InvalidArgument(format!("document {doc} does not match")));
        }
        Ok(Explanation::new("groups of the query, and a bonus when all are there", scorer.score()))
    }
}

struct Group {
    scorer: Box<dyn Scorer>,
    doc: DocId,
    mass: f32,
}

struct CoordinatedScorer {
    groups: Vec<Group>,
    needed: f32,
    bonus: f32,
    doc: DocId,
    /// Mass of the groups that have `doc`.
    mass: f32,
}

impl CoordinatedScorer {
    /// Moves to the first document, from where the groups stand, that has enough mass.
    fn settle(&mut self) -> DocId {
        loop {
            let doc = self.groups.iter().map(|g| g.doc).min().unwrap_or(TERMINATED);
            self.doc = doc;
            self.mass = self.groups.iter().filter(|g| g.doc == doc).map(|g| g.mass).sum();
            if doc == TERMINATED || self.mass >= self.needed {
                return doc;
            }
            self.step();
        }
    }

    /// Moves the groups that have the document past it.
    fn step(&mut self) {
        let doc = self.doc;
        for group in self.groups.iter_mut().filter(|g| g.doc == doc) {
            group.doc = group.scorer.advance();
        }
    }
}

impl DocSet for CoordinatedScorer {
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        self.step();
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        for group in self.groups.iter_mut().filter(|g| g.doc < target) {
            group.doc = group.scorer.seek(target);
        }
        self.settle()
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.groups.iter().map(|g| g.scorer.size_hint()).max().unwrap_or(0)
    }
}

impl Scorer for CoordinatedScorer {
    fn score(&mut self) -> Score {
        let doc = self.doc;
        let mut all = true;
        let mut sum = 0.0;
        for group in &mut self.groups {
            if group.doc == doc {
                sum += group.scorer.score();
            } else {
                all = false;
            }
        }
        if all { sum + self.bonus } else { sum }
    }
}

#[cfg(test)]
mod tests {
    use tantivy::{
        Index, TantivyDocument, Term,
        query::TermQuery,
        schema::{IndexRecordOption, STRING, Schema},
    };

    use super::*;

    /// Which of the articles `a b`, `a`, `b`, `c` match, with their scores.
    fn hits(masses: [f32; 2], share: f32) -> Vec<(DocId, Score)> {
        let mut builder = Schema::builder();
        let field = builder.add_text_field("word", STRING);
        let index = Index::create_in_ram(builder.build());
        let mut writer = index.writer_with_num_threads(1, 20_000_000).unwrap();
        for words in [["a", "b"], ["a", "a"], ["b", "b"], ["c", "c"]] {
            let mut document = TantivyDocument::new();
            words.iter().for_each(|w| document.add_text(field, w));
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let term = |word| -> Box<dyn Query> {
            Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::Basic))
        };
        let query = Coordinated::new(vec![(term("a"), masses[0]), (term("b"), masses[1])], share);
        let weight = query.weight(EnableScoring::enabled_from_searcher(&searcher)).unwrap();
        let mut out = Vec::new();
        weight.for_each(searcher.segment_reader(0), &mut |doc, score| out.push((doc, score))).unwrap();
        out
    }

    #[test]
    fn what_has_all_groups_stands_above_what_has_some() {
        let hits = hits([1.0, 1.0], 0.5);
        assert_eq!(hits.iter().map(|h| h.0).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(hits[0].1 > 16.0 && hits[1].1 < 16.0 && hits[2].1 < 16.0, "{hits:?}");
    }

    #[test]
    fn too_small_a_share_is_no_match() {
        let docs = |masses, share| hits(masses, share).iter().map(|h| h.0).collect::<Vec<_>>();
        assert_eq!(docs([3.0, 1.0], 0.5), [0, 1]);
        assert_eq!(docs([3.0, 1.0], 0.0), [0, 1, 2]);
        assert_eq!(docs([3.0, 1.0], 1.0), [0]);
    }
}
