//! What matches, stretch by stretch: the postings of each group are read in order into a table of some
//! thousand articles, in place of asking all groups about each article. That is a few nanoseconds a posting,
//! where leaps from article to article take ten times as long.
//!
//! The table adds up which groups an article has, and what it can score at most: what terms and tags add is
//! known as they are read, so that few articles have to be scored exactly. (Reading term by term into a table is
//! how Lucene's BooleanScorer does it, and tantivy's union.)

use tantivy::{
    DocId, DocSet, TERMINATED,
    postings::{Postings, SegmentPostings},
};

use super::{bm25::Bm25, scorer::SourceAt};

/// Articles in the table: it stays in the fastest cache. In tests few, so that their articles fill several.
const ARTICLES: usize = if cfg!(test) { 128 } else { 2_048 };
const WORD: usize = u64::BITS as usize;

/// Articles of a segment that have some group, in order.
pub(super) struct Window {
    readers: Vec<Reader>,
    /// So many of the groups, from the first on, lead: where none of them stands, nothing matches.
    leading: usize,
    /// Whether a match needs all that lead.
    all_lead: bool,
    quorum: f32,
    groups: usize,
    start: DocId,
    table: Box<[Row; ARTICLES]>,
    /// Rows in use, a bit each.
    used: [u64; ARTICLES / WORD],
    /// The first word of `used` that may have a bit.
    at: usize,
}

/// What is known of an article.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    votes: f32,
    bound: f32,
    /// Groups that it has.
    groups: u8,
    /// Number, from 1, of the last group and the last reader that it was found by.
    group: u8,
    reader: u8,
}

/// An article that has some of the groups.
pub(super) struct Found {
    pub(super) doc: DocId,
    /// Sum over its groups.
    pub(super) votes: f32,
    /// No sum of what the groups add exceeds it.
    pub(super) bound: f32,
    /// Whether it has all groups that are read.
    pub(super) has_all: bool,
}

/// Reads the articles that have a group in one of its ways.
pub(super) struct Reader {
    group: usize,
    votes: f32,
    /// What an article found by it can score, beside what is told by `gains` and `followers`.
    rest: f32,
    sources: Vec<(SourceAt, Vec<Gain>)>,
    /// Terms that add to an article that a source found.
    followers: Vec<(SegmentPostings, Gain)>,
}

/// What a posting adds.
struct Gain {
    weight: f32,
    /// `None`: the weight itself.
    bm25: Option<Bm25>,
}

impl Gain {
    fn of(&self, doc: DocId, postings: &SegmentPostings) -> f32 {
        self.weight * self.bm25.as_ref().map_or(1.0, |bm25| bm25.of(doc, postings.term_freq()))
    }
}

impl Reader {
    /// Of the group with this number, without a source yet.
    pub(super) fn new(group: usize, votes: f32, rest: f32) -> Reader {
        Reader { group, votes, rest, sources: Vec::new(), followers: Vec::new() }
    }

    pub(super) fn add_source(&mut self, source: SourceAt) {
        self.sources.push((source, Vec::new()));
    }

    /// What having a source adds; of one that is no term, at most its weight.
    pub(super) fn add_gain(&mut self, source: usize, weight: f32, bm25: Option<Bm25>) {
        if let Some((_, gains)) = self.sources.get_mut(source) {
            gains.push(Gain { weight, bm25 });
        }
    }

    /// A term that makes no match, and what it adds.
    pub(super) fn add_follower(&mut self, postings: SegmentPostings, weight: f32, bm25: Option<Bm25>) {
        self.followers.push((postings, Gain { weight, bm25 }));
    }

    /// Something else that adds at most so much.
    pub(super) fn add_bound(&mut self, max: f32) {
        self.rest += max;
    }

    fn doc(&self) -> DocId {
        self.sources.iter().map(|(source, _)| source.doc()).min().unwrap_or(TERMINATED)
    }

    fn seek(&mut self, target: DocId) {
        self.sources.iter_mut().for_each(|(source, _)| source.seek(target));
    }
}

impl Window {
    /// The first `leading` groups lead, one of them or `all_lead`; readers are numbered by less than `groups`.
    /// `None` for more than a row has room for.
    pub(super) fn new(
        readers: Vec<Reader>,
        leading: usize,
        all_lead: bool,
        quorum: f32,
        groups: usize,
    ) -> Option<Window> {
        let max = usize::from(u8::MAX);
        (readers.len() < max && groups < max).then(|| Window {
            readers,
            leading,
            all_lead,
            quorum,
            groups,
            start: 0,
            table: Box::new([Row::default(); ARTICLES]),
            used: [0; ARTICLES / WORD],
            at: ARTICLES / WORD,
        })
    }

    /// Votes that make a match.
    pub(super) fn quorum(&self) -> f32 {
        self.quorum
    }

    /// The next article that has a group.
    pub(super) fn next(&mut self) -> Option<Found> {
        loop {
            while let Some(word) = self.used.get_mut(self.at) {
                if *word != 0 {
                    let row = self.at * WORD + word.trailing_zeros() as usize;
                    *word &= *word - 1;
                    let Row { votes, bound, groups, .. } = std::mem::take(&mut self.table[row]);
                    let has_all = usize::from(groups) == self.groups;
                    return Some(Found { doc: self.start + row as DocId, votes, bound, has_all });
                }
                self.at += 1;
            }
            self.start = self.next_start()?;
            self.fill();
        }
    }

    /// Leaves out what is before an article.
    pub(super) fn seek(&mut self, target: DocId) {
        while let Some(word) = self.used.get_mut(self.at) {
            let first = self.start + (self.at * WORD) as DocId;
            let bits = match target.saturating_sub(first) {
                0 => return,
                n @ 1..=63 => *word & ((1 << n) - 1),
                _ => *word,
            };
            *word &= !bits;
            let rows = &mut self.table[self.at * WORD..(self.at + 1) * WORD];
            rows.iter_mut()
                .enumerate()
                .filter(|(n, _)| bits >> n & 1 == 1)
                .for_each(|(_, r)| *r = Row::default());
            if target < first + WORD as DocId {
                return;
            }
            self.at += 1;
        }
        let leading = self.leading;
        self.readers.iter_mut().filter(|r| r.group < leading).for_each(|r| r.seek(target));
    }

    /// Where the next match can be at the earliest.
    fn next_start(&self) -> Option<DocId> {
        let of_group = |group| {
            let readers = self.readers.iter().filter(move |r| r.group == group);
            readers.map(Reader::doc).min().unwrap_or(TERMINATED)
        };
        let groups = (0..self.leading).map(of_group);
        let start = if self.all_lead { groups.max() } else { groups.min() };
        start.filter(|start| *start != TERMINATED)
    }

    fn fill(&mut self) {
        let Window { readers, table, used, start, .. } = self;
        let (start, end) = (*start, start.saturating_add(ARTICLES as DocId).min(TERMINATED));
        self.at = 0;
        for (number, reader) in (1u8..).zip(readers) {
            let Reader { group, votes, rest, sources, followers } = reader;
            let group = *group as u8 + 1;
            for (source, gains) in sources {
                source.seek(start);
                let marks = Marks { number, group, votes: *votes, rest: *rest };
                match (source, gains.as_slice()) {
                    (SourceAt::Term(postings), []) => {
                        let mut doc = postings.doc();
                        while doc < end {
                            marks.find(table, used, (doc - start) as usize);
                            doc = postings.advance();
                        }
                    }
                    (SourceAt::Term(postings), gains) => {
                        let mut doc = postings.doc();
                        while doc < end {
                            let row = marks.find(table, used, (doc - start) as usize);
                            gains.iter().for_each(|gain| row.bound += gain.of(doc, postings));
                            doc = postings.advance();
                        }
                    }
                    (source, gains) => {
                        let most: f32 = gains.iter().map(|g| g.weight).sum();
                        let mut doc = source.doc();
                        while doc < end {
                            marks.find(table, used, (doc - start) as usize).bound += most;
                            doc = source.advance();
                        }
                    }
                }
            }
            for (postings, gain) in followers {
                if postings.doc() < start {
                    postings.seek(start);
                }
                let mut doc = postings.doc();
                while doc < end {
                    let row = &mut table[(doc - start) as usize];
                    if row.reader == number {
                        row.bound += gain.of(doc, postings);
                    }
                    doc = postings.advance();
                }
            }
        }
    }
}

/// What a reader leaves in the row of an article that it finds.
#[derive(Clone, Copy)]
struct Marks {
    number: u8,
    group: u8,
    votes: f32,
    rest: f32,
}

impl Marks {
    #[inline]
    fn find<'a>(&self, table: &'a mut [Row; ARTICLES], used: &mut [u64], at: usize) -> &'a mut Row {
        let row = &mut table[at];
        if row.reader != self.number {
            row.reader = self.number;
            row.bound += self.rest;
            if row.group != self.group {
                row.group = self.group;
                row.groups += 1;
                row.votes += self.votes;
                used[at / WORD] |= 1 << (at % WORD);
            }
        }
        row
    }
}
