//! Where the things that a query asks for stand in a text.

use std::ops::Range;

use crate::{
    analysis::{
        UnitKind, Units,
        words::{WordScanner, is_possessive},
    },
    query::{
        parse::edit_distance,
        plan::{Mark, MarkKind},
    },
    tagging::{Field, Tags},
};

/// A match: a byte range of the text, and which mark it satisfies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) range: Range<usize>,
    pub(crate) mark: usize,
}

/// Finds marks in texts; keeps its buffers from text to text.
pub(crate) struct Finder<'a> {
    marks: &'a [Mark],
    units: Units,
    stems: Option<WordScanner>,
}

impl<'a> Finder<'a> {
    pub(crate) fn new(marks: &'a [Mark]) -> Finder<'a> {
        Finder { marks, units: Units::new(), stems: None }
    }

    /// The matches in a text, by their start.
    pub(crate) fn matches(
        &mut self,
        text: &str,
        skip: &[Range<usize>],
        tags: &Tags,
        field: Field,
    ) -> Vec<Match> {
        self.units.scan(text, skip);
        let mut out = Vec::new();
        for at in 0..self.units.len() {
            let unit = &self.units.list()[at];
            if unit.kind == UnitKind::Punct {
                continue;
            }
            let term = self.units.term(unit);
            for (number, mark) in self.marks.iter().enumerate() {
                if mark.in_title_only && field == Field::Body {
                    continue;
                }
                let end = match &mark.kind {
                    MarkKind::Sequence(sequence) => sequence_at(&self.units, at, sequence),
                    MarkKind::Prefix(prefix) => {
                        (unit.kind == UnitKind::Word && term.starts_with(prefix.as_str())).then_some(at)
                    }
                    MarkKind::Fuzzy(word, distance) => {
                        let close =
                            term.chars().count().abs_diff(word.chars().count()) <= usize::from(*distance);
                        (unit.kind == UnitKind::Word
                            && close
                            && edit_distance(term, word) <= usize::from(*distance))
                        .then_some(at)
                    }
                    MarkKind::Stem(stem) => {
                        // A stem and its words begin alike, but for a last y or e that changes.
                        let head = stem.len().min(3);
                        let alike = term.len() >= head
                            && term.as_bytes()[..head.min(2)] == stem.as_bytes()[..head.min(2)];
                        let is = alike && !is_possessive(&self.units, at) && {
                            let stems = self.stems.get_or_insert_with(WordScanner::new);
                            match unit.kind {
                                UnitKind::Word => stems.stem(term) == stem,
                                _ => term == stem,
                            }
                        };
                        is.then_some(at)
                    }
                    MarkKind::Concept(_) => None,
                };
                if let Some(end) = end {
                    let end = self.units.list()[end].end as usize;
                    out.push(Match { range: unit.start as usize..end, mark: number });
                }
            }
        }
        self.concepts(tags, field, &mut out);
        out.sort_by_key(|m| (m.range.start, m.range.end, m.mark));
        out.dedup();
        out
    }

    /// The evidence of tags that the query's names mean.
    fn concepts(&self, tags: &Tags, field: Field, out: &mut Vec<Match>) {
        for (number, mark) in self.marks.iter().enumerate() {
            let MarkKind::Concept(concept) = &mark.kind else { continue };
            let below = |path: &str| {
                path.strip_prefix(concept.path.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
            };
            let facets = match concept.facet {
                // A place's query also means the country's own name.
                crate::gazetteer::Facet::Province => vec![&tags.province, &tags.country],
                facet => vec![match facet {
                    crate::gazetteer::Facet::Organization => &tags.organization,
                    crate::gazetteer::Facet::Country => &tags.country,
                    _ => &tags.commodity,
                }],
            };
            for tag in facets.into_iter().flatten().filter(|t| below(&t.path)) {
                for evidence in tag.evidence.iter().filter(|e| e.field == field) {
                    out.push(Match { range: evidence.start..evidence.end, mark: number });
                }
            }
        }
    }
}

/// The last unit of a sequence that begins at a unit.
fn sequence_at(units: &Units, at: usize, sequence: &[(u32, String)]) -> Option<usize> {
    let list = units.list();
    let first = list[at].position;
    let mut unit = at;
    for (step, term) in sequence {
        while list.get(unit)?.position < first + step {
            unit += 1;
        }
        let here = list.get(unit)?;
        if here.position != first + step || units.term(here) != term {
            return None;
        }
    }
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Units;

    fn mark(kind: MarkKind) -> Mark {
        Mark { kind, in_title_only: false, weight: 1.0, thing: 0 }
    }

    fn sequence(text: &str) -> MarkKind {
        let units = Units::of(text, &[]);
        let first = units.list()[0].position;
        MarkKind::Sequence(units.iter().map(|u| (u.position - first, units.term(u).to_owned())).collect())
    }

    fn found(text: &str, kind: MarkKind) -> Vec<&str> {
        let marks = [mark(kind)];
        Finder::new(&marks)
            .matches(text, &[], &Tags::default(), Field::Body)
            .into_iter()
            .map(|m| &text[m.range])
            .collect()
    }

    #[test]
    fn each_kind_marks_what_it_means_and_no_more() {
        assert_eq!(
            found("Mines mined a mineral mine", MarkKind::Stem("mine".into())),
            ["Mines", "mined", "mine"]
        );
        assert_eq!(found("rare. The rare earth, an earth rare", sequence("rare earth")), ["rare earth"]);
        assert_eq!(found("稀土，集团；稀土集團", sequence("稀土集团")), ["稀土集團"]);
        assert_eq!(
            found("Lithium lithic LITHO lit", MarkKind::Prefix("lith".into())),
            ["Lithium", "lithic", "LITHO"]
        );
        assert_eq!(
            found("lithium litihum litium latium", MarkKind::Fuzzy("lithium".into(), 1)),
            ["lithium", "litihum", "litium"]
        );
        assert_eq!(
            found("China's policies; policy", MarkKind::Stem("polici".into())),
            ["policies", "policy"]
        );
    }
}
