//! A ranking carried out on one segment: which articles match, and what each scores.
//!
//! Whether one matches is told by the groups' sources alone, from the heavy groups down: groups that
//! together are too light to make a match are only asked about articles that others found (after Turtle
//! and Flood's MaxScore, 1995, on masses). Who walks through all that matches has the groups read stretch
//! by stretch ([`window`](super::window)), which also bounds each article's score. What an article scores is
//! added up only while it can still come among the best.

mod groups;
mod open;

use tantivy::{
    DocId, DocSet, Score, TERMINATED,
    query::{BooleanQuery, Scorer},
};

pub(super) use self::groups::SourceAt;
use self::{
    groups::{FeatureAt, GroupAt, KindAt, WayAt},
    open::Opener,
};
use super::{rank::Ranking, window::Window};

/// Sums of bounds are rounded up by this much, so that rounding never hides a hit.
const SLACK: f32 = 1.0001;

/// Postings of a group that is not needed to find matches are read in order up to so many times those of
/// the others; beyond, it costs less to look up its articles one by one.
const FILLED_PER_LEADING: u64 = 4;

/// A segment of a ranking, at an article that matches or past the last.
pub(crate) struct SegmentRanking {
    /// What must match; leads when no group does.
    base: Option<Box<dyn Scorer>>,
    base_scores: bool,
    excluded: Option<Box<dyn Scorer>>,
    /// Those that are required, rarest first, then by mass, heaviest first.
    groups: Vec<GroupAt>,
    required: usize,
    /// So many of them lead: all that are required, or, when none is, those without which an article has
    /// too little of the query.
    leading: usize,
    needed: f32,
    bonus: f32,
    extras: Vec<FeatureAt>,
    /// Their places, those that can add most first.
    extras_by_max: Vec<usize>,
    /// No sum of extras exceeds it.
    extras_max: f32,
    boost: f32,
    /// Reads the groups in order, when all that matches is walked through.
    window: Option<Window>,
    /// Votes, and greatest score, of what the window does not read.
    unread: (f32, f32),
    /// No score of the article exceeds it, before the boost.
    bound: f32,
    doc: DocId,
}

/// How a ranking will be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// From article to article, also by great leaps.
    Here,
    /// From the first that matches to the last.
    Through,
}

/// The most that parts can still add. What may have no bound is counted, since infinity less infinity is
/// no number.
#[derive(Debug, Clone, Copy, Default)]
struct Most {
    sum: f32,
    unbounded: i32,
}

impl Most {
    fn add(&mut self, max: f32) {
        if max.is_finite() { self.sum += max } else { self.unbounded += 1 }
    }

    fn remove(&mut self, max: f32) {
        if max.is_finite() { self.sum -= max } else { self.unbounded -= 1 }
    }

    fn value(self) -> f32 {
        if self.unbounded > 0 { f32::INFINITY } else { self.sum.max(0.0) }
    }
}

/// A part of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Having all groups.
    Complete,
    /// What is required.
    Required,
    /// Having a group in a way.
    Way((usize, usize)),
    /// A feature of a way of a group.
    Group((usize, usize), usize),
    /// A feature beyond the groups.
    Extra(usize),
}

impl SegmentRanking {
    pub(super) fn open(
        ranking: &Ranking,
        segment_ord: usize,
        scored: bool,
        walk: Walk,
    ) -> tantivy::Result<SegmentRanking> {
        let mut opener = Opener::new(ranking, segment_ord);
        let base = match ranking.required_query() {
            Some(query) => Some(opener.scorer(query.as_ref(), scored && ranking.required_scores)?),
            None => None,
        };
        let excluded = match ranking.excluded.as_slice() {
            [] => None,
            queries => {
                let union = BooleanQuery::union(queries.iter().map(|q| q.box_clone()).collect());
                Some(opener.scorer(&union, false)?)
            }
        };
        let mut groups = Vec::with_capacity(ranking.groups.len());
        for (number, group) in ranking.groups.iter().enumerate() {
            groups.push(opener.group(number, group, scored)?);
        }
        let by_mass = |a: &GroupAt, b: &GroupAt| b.mass.total_cmp(&a.mass);
        groups.sort_by(|a, b| match (a.required, b.required) {
            (true, true) => a.size().cmp(&b.size()),
            (false, false) => by_mass(a, b),
            _ => b.required.cmp(&a.required),
        });
        let required = groups.iter().filter(|g| g.required).count();
        let needed = ranking.needed();
        // The longest tail that together is too light follows; without a need, all follow the base.
        let mut leading = groups.len();
        let mut tail = 0.0;
        while leading > 0 && tail + groups[leading - 1].mass < needed {
            leading -= 1;
            tail += groups[leading].mass;
        }
        if required > 0 {
            leading = required;
        } else if needed <= 0.0 && base.is_some() {
            leading = 0;
        }
        let mut extras = Vec::new();
        if scored {
            for (number, feature) in ranking.extras.iter().enumerate() {
                extras.extend(opener.feature(number, feature, &[])?);
            }
        }
        let mut extras_by_max: Vec<usize> = (0..extras.len()).collect();
        extras_by_max.sort_by(|a, b| extras[*b].max.total_cmp(&extras[*a].max));
        let mut opened = SegmentRanking {
            extras_by_max,
            base,
            base_scores: ranking.required_scores,
            excluded,
            required,
            leading,
            needed,
            bonus: if required == groups.len() { 0.0 } else { ranking.bonus() },
            extras_max: extras.iter().map(|f| f.max).sum(),
            extras,
            groups,
            boost: 1.0,
            window: None,
            unread: (0.0, 0.0),
            bound: f32::INFINITY,
            doc: 0,
        };
        if walk == Walk::Through {
            opened.open_window(&mut opener, ranking, scored)?;
        }
        opened.settle();
        Ok(opened)
    }

    /// Has the groups read in order, where that costs less than to look up their articles.
    fn open_window(&mut self, opener: &mut Opener, ranking: &Ranking, scored: bool) -> tantivy::Result<()> {
        let size = |group: &GroupAt| u64::from(group.size());
        let leaders = &self.groups[..self.leading];
        let all: u64 = leaders.iter().map(size).sum();
        let few = match (&self.base, leaders.first()) {
            (_, None) => true,
            (Some(base), _) => u64::from(base.size_hint()) * FILLED_PER_LEADING < all,
            (None, Some(rarest)) => self.required > 1 && size(rarest) * FILLED_PER_LEADING < all,
        };
        if few {
            return Ok(());
        }
        let leading = self.leading;
        for (n, group) in self.groups.iter_mut().enumerate() {
            group.read = n < leading || size(group) <= all * FILLED_PER_LEADING;
        }
        // Where some are required, each has one vote, and the others none.
        let votes = |group: &GroupAt| match (self.required, group.required) {
            (0, _) => group.mass,
            (_, true) => 1.0,
            (_, false) => 0.0,
        };
        let filled: Vec<&GroupAt> = self.groups.iter().filter(|g| g.read).collect();
        let unread = self.groups.iter().filter(|g| !g.read);
        self.unread = unread.fold((0.0, 0.0), |sum, g| (sum.0 + votes(g), sum.1 + g.max));
        let quorum = if self.required == 0 { self.needed } else { self.required as f32 - 0.5 };
        let mut readers = Vec::new();
        for (n, group) in filled.iter().enumerate() {
            for way in &ranking.groups[group.number].ways {
                readers.push(opener.reader(n, votes(group), way, scored)?);
            }
        }
        self.window = Window::new(readers, self.leading, self.required > 0, quorum, filled.len());
        Ok(())
    }

    pub(super) fn boost_by(&mut self, boost: f32) {
        self.boost = boost;
    }

    /// The first article, from where the leaders stand, that matches.
    fn settle(&mut self) {
        if self.window.is_some() {
            return self.settle_in_window();
        }
        loop {
            self.doc = self.candidate();
            if self.doc == TERMINATED || self.matches() {
                return;
            }
            self.step();
        }
    }

    fn settle_in_window(&mut self) {
        while let Some(window) = &mut self.window {
            let Some(found) = window.next() else {
                self.doc = TERMINATED;
                return;
            };
            let doc = found.doc;
            let mut enough = found.votes >= window.quorum();
            if !enough && (found.votes + self.unread.0) * SLACK >= window.quorum() {
                // What the window does not read may make it a match.
                let mut mass = found.votes;
                for group in self.groups.iter_mut().filter(|g| !g.read) {
                    group.seek(doc);
                    if group.doc == doc {
                        mass += group.mass;
                    }
                }
                enough = mass >= window.quorum();
            }
            if enough
                && self.base.as_mut().is_none_or(|b| seek(b.as_mut(), doc) == doc)
                && self.excluded.as_mut().is_none_or(|e| seek(e.as_mut(), doc) != doc)
            {
                self.doc = doc;
                let bonus = if found.has_all { self.bonus } else { 0.0 };
                self.bound = match self.base_scores {
                    true => f32::INFINITY,
                    false => {
                        (found.bound + self.unread.1.max(0.0) + self.extras_max.max(0.0) + bonus) * SLACK
                    }
                };
                return;
            }
        }
    }

    /// Where the leaders stand: an article that has what is required and may match.
    fn candidate(&mut self) -> DocId {
        let (leaders, _) = self.groups.split_at_mut(self.leading);
        let mut base = self.base.as_mut();
        let (lead, others) = match (leaders.split_first_mut(), &mut base) {
            (Some((lead, others)), _) if self.required > 0 => (lead, others),
            (Some(_), base) => {
                // Any of them may lead.
                loop {
                    let doc = leaders.iter().map(|g| g.doc).min().unwrap_or(TERMINATED);
                    let Some(base) = base.as_mut().filter(|_| doc != TERMINATED) else { return doc };
                    let there = seek(base.as_mut(), doc);
                    if there == doc {
                        return doc;
                    }
                    leaders.iter_mut().for_each(|g| g.seek(there));
                }
            }
            (None, Some(base)) => return base.doc(),
            (None, None) => return TERMINATED,
        };
        'candidate: while lead.doc != TERMINATED {
            let doc = lead.doc;
            for other in others.iter_mut() {
                other.seek(doc);
                if other.doc != doc {
                    lead.seek(other.doc);
                    continue 'candidate;
                }
            }
            if let Some(base) = &mut base {
                let there = seek(base.as_mut(), doc);
                if there != doc {
                    lead.seek(there);
                    continue;
                }
            }
            break;
        }
        lead.doc
    }

    /// Whether the article where the leaders stand has enough, and nothing that is excluded.
    fn matches(&mut self) -> bool {
        let doc = self.doc;
        if self.needed > 0.0 {
            let (leaders, followers) = self.groups.split_at_mut(self.leading);
            let mut mass: f32 = leaders.iter().filter(|g| g.doc == doc).map(|g| g.mass).sum();
            if mass < self.needed {
                let mut left: f32 = followers.iter().map(|g| g.mass).sum();
                for group in followers {
                    if mass >= self.needed || (mass + left) * SLACK < self.needed {
                        break;
                    }
                    group.seek(doc);
                    left -= group.mass;
                    if group.doc == doc {
                        mass += group.mass;
                    }
                }
                if mass < self.needed {
                    return false;
                }
            }
        }
        self.excluded.as_mut().is_none_or(|e| seek(e.as_mut(), doc) != doc)
    }

    /// Moves the leaders past the article.
    fn step(&mut self) {
        let doc = self.doc;
        let moved = if self.required > 0 { 1 } else { self.leading };
        let leaders = &mut self.groups[..moved];
        if leaders.is_empty() {
            if let Some(base) = &mut self.base {
                base.advance();
            }
            return;
        }
        leaders.iter_mut().filter(|g| g.doc == doc).for_each(GroupAt::advance);
    }

    /// Whether the article can score so much, as far as it is told by how often the extras' units stand in it:
    /// positions, and the groups anew, are read for few.
    fn may_reach(&mut self, threshold: f32) -> bool {
        if threshold == f32::NEG_INFINITY || self.bound.is_infinite() {
            return true;
        }
        let mut bound = self.bound;
        for n in &self.extras_by_max {
            let Some(feature) = self.extras.get_mut(*n) else { continue };
            bound -= feature.max - feature.bound(self.doc);
            if bound * SLACK * self.boost < threshold {
                return false;
            }
        }
        true
    }

    /// What the article scores, or `None` when that is below `threshold`. `see` learns the parts.
    pub(crate) fn score_above(&mut self, threshold: f32, mut see: impl FnMut(Part, f32)) -> Option<f32> {
        if self.bound * self.boost < threshold || !self.may_reach(threshold) {
            return None;
        }
        let doc = self.doc;
        let mut all = true;
        let mut left = Most::default();
        left.add(self.extras_max);
        for group in &mut self.groups {
            group.seek(doc);
            if group.doc == doc {
                group.ways.iter().for_each(|way| way.each_max(|max| left.add(max)));
            } else {
                all &= group.required;
            }
        }
        let boost = self.boost;
        let mut score = 0.0;
        let mut add = |part, value: f32| {
            score += value * boost;
            see(part, value * boost);
            score
        };
        let hopeless = |score: f32, left: f32| score + left * boost * SLACK < threshold;
        let mut so_far = 0.0;
        if all && self.bonus > 0.0 {
            so_far = add(Part::Complete, self.bonus);
        }
        if self.base_scores
            && let Some(base) = &mut self.base
        {
            so_far = add(Part::Required, base.score());
        }
        if hopeless(so_far, left.value()) {
            return None;
        }
        for group in self.groups.iter_mut().filter(|g| g.doc == doc) {
            for (n, way) in group.ways.iter_mut().enumerate() {
                let at = (group.number, n);
                left.remove(way.bonus);
                if way.doc == doc && way.bonus > 0.0 {
                    so_far = add(Part::Way(at), way.bonus);
                }
                for feature in &mut way.features {
                    left.remove(feature.max);
                    if way.doc == doc {
                        if hopeless(so_far, left.value() + feature.bound(doc)) {
                            return None;
                        }
                        if let Some(value) = feature.value(doc, &mut way.sources) {
                            so_far = add(Part::Group(at, feature.number), value);
                        }
                    }
                }
            }
        }
        for feature in &mut self.extras {
            left.remove(feature.max);
            if hopeless(so_far, left.value() + feature.bound(doc)) {
                return None;
            }
            if let Some(value) = feature.value(doc, &mut []) {
                so_far = add(Part::Extra(feature.number), value);
            }
        }
        (!hopeless(so_far, 0.0)).then_some(so_far)
    }
}

impl DocSet for SegmentRanking {
    fn advance(&mut self) -> DocId {
        if self.doc != TERMINATED {
            if self.window.is_none() {
                self.step();
            }
            self.settle();
        }
        self.doc
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc < target {
            match (&mut self.window, self.leading) {
                (Some(window), _) => window.seek(target),
                (None, 0) => {
                    if let Some(base) = &mut self.base {
                        seek(base.as_mut(), target);
                    }
                }
                (None, _) if self.required > 0 => self.groups[0].seek(target),
                (None, n) => self.groups[..n].iter_mut().for_each(|g| g.seek(target)),
            }
            self.settle();
        }
        self.doc
    }

    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        let leaders = &self.groups[..self.leading];
        match (&self.base, leaders.first()) {
            (Some(base), _) => base.size_hint(),
            (None, Some(rarest)) if self.required > 0 => rarest.size(),
            (None, _) => leaders.iter().map(GroupAt::size).fold(0, u32::saturating_add),
        }
    }
}

impl Scorer for SegmentRanking {
    fn score(&mut self) -> Score {
        self.score_above(f32::NEG_INFINITY, |_, _| ()).unwrap_or(0.0)
    }
}

/// Moves a set to the first document from `target` on.
fn seek(set: &mut dyn Scorer, target: DocId) -> DocId {
    if set.doc() < target { set.seek(target) } else { set.doc() }
}

#[cfg(test)]
mod tests;
