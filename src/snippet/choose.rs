//! Which passages of a body answer best, and how they are cut to fit.
//!
//! A passage is one or more whole sentences where they fit, else a part of one sentence. What it is
//! worth: first the share of the things asked for that it has, by how rare they are; then how close
//! together they stand, how early, and whether it reads like a sentence. Where one passage does not have
//! everything, up to three share the room, if that shows enough more.

use std::{cell::OnceCell, ops::Range};

use super::{
    cut::{Passage, cut, trim},
    find::Match,
    lead,
    sentence::Sentences,
    shown::{Body, Glyph, columns},
};
use crate::query::plan::{Mark, MarkKind};

/// Columns of what stands between two passages: " … ".
const BETWEEN: usize = 3;

/// Narrowest passage of several.
const PASSAGE_MIN_COLUMNS: usize = 44;

/// What one, two and three passages must add to what is shown, as a share of what was asked: at most as
/// many as there are here.
const COST: [f32; 3] = [0.0, 0.12, 0.20];

/// What is lost by each passage that is no whole sentence.
const CUT: f32 = 0.06;

/// What a thing still says once the title has shown it.
const IN_TITLE: f32 = 0.75;

/// What a filter says beside words, as a share of the rarest word.
const FILTER: f32 = 0.15;

/// Least that a further passage must add.
const GAIN_MIN: f32 = 0.05;

/// Bytes within which a dateline ends.
const LEAD_MAX_BYTES: usize = 400;

/// Letters of a title that tell whether a sentence repeats it; one with fewer is no headline.
const TITLE_LETTERS: Range<usize> = 6..24;

/// How good each part of a passage's form is, in shares of what was asked.
mod worth {
    pub(super) const CLOSE: f32 = 0.15;
    pub(super) const EARLY: f32 = 0.10;
    pub(super) const OFTEN: f32 = 0.03;
    pub(super) const WHOLE: f32 = 0.04;
    pub(super) const HEADING: f32 = -0.12;
    pub(super) const FIGURES: f32 = -0.08;
    pub(super) const CAPTION: f32 = -0.15;
    pub(super) const LIKE_TITLE: f32 = -0.20;
}

/// What a query asks for, by the number of the thing.
pub(super) struct Things {
    /// Of each mark: its thing, and how surely the mark shows it.
    of_mark: Vec<(usize, f32)>,
    weights: Vec<f32>,
}

impl Things {
    pub(super) fn of(marks: &[Mark]) -> Things {
        let count = marks.iter().map(|m| m.thing as usize + 1).max().unwrap_or(0);
        let mut weights = vec![0.0f32; count];
        let mut of_mark = Vec::with_capacity(marks.len());
        for mark in marks {
            let thing = mark.thing as usize;
            weights[thing] = weights[thing].max(mark.weight);
            let sure = match mark.kind {
                MarkKind::Concept(_) => 0.85,
                MarkKind::Fuzzy(..) => 0.95,
                _ => 1.0,
            };
            of_mark.push((thing, sure));
        }
        let most = weights.iter().copied().fold(0.0, f32::max);
        let least = if most > 0.0 { most * FILTER } else { 1.0 };
        weights.iter_mut().for_each(|w| *w = w.max(least));
        Things { of_mark, weights }
    }
}

/// A sentence with matches.
struct Sentence {
    range: Range<usize>,
    columns: usize,
    /// Columns of what stands between it and the one before it.
    gap: usize,
    matches: Range<usize>,
    /// How it reads, and how early it stands: see [`worth`].
    form: f32,
}

/// A passage in the making.
#[derive(Debug, Clone)]
struct Pick {
    /// What it must show.
    core: Range<usize>,
    /// What it may show: its sentences.
    bounds: Range<usize>,
    matches: Range<usize>,
    columns: usize,
    whole: bool,
}

/// What the passages of one body are chosen from.
struct Chooser<'a> {
    body: Body<'a>,
    sentences: Sentences<'a>,
    list: Vec<Sentence>,
    matches: &'a [Match],
    of_mark: &'a [(usize, f32)],
    /// Shares of what the body has of what was asked: they add up to one.
    shares: Vec<f32>,
    title: Title,
    /// Where the body's first sentence begins, and where behind its dateline.
    first: usize,
    lead: OnceCell<usize>,
    wide: bool,
    room: usize,
}

/// The passages of a body that answer best, at most `room` columns wide with what stands between.
pub(super) fn choose(
    body: Body<'_>,
    matches: &[Match],
    things: &Things,
    title: (&str, &[Match]),
    wide: bool,
    room: usize,
) -> Vec<Passage> {
    let sentences = Sentences { body, reach: 4 * room + 64 };
    let mut chooser = Chooser {
        body,
        sentences,
        list: Vec::with_capacity(16),
        matches,
        of_mark: &things.of_mark,
        shares: shares(matches, things, title.1),
        title: Title::of(title.0),
        first: sentences.skip_blank(0),
        lead: OnceCell::new(),
        wide,
        room,
    };
    chooser.find_sentences();
    let picks = chooser.picks();
    if picks.is_empty() {
        return chooser.opening();
    }
    chooser.fit(picks)
}

/// The share of each thing in what the body has of what was asked.
fn shares(matches: &[Match], things: &Things, title: &[Match]) -> Vec<f32> {
    let mut shares = vec![0.0; things.weights.len()];
    let thing = |m: &Match| things.of_mark[m.mark].0;
    matches.iter().map(thing).for_each(|t| shares[t] = things.weights[t]);
    let mut shown: Vec<usize> = title.iter().map(thing).collect();
    shown.sort_unstable();
    shown.dedup();
    shown.into_iter().for_each(|t| shares[t] *= IN_TITLE);
    let sum: f32 = shares.iter().sum();
    if sum > 0.0 {
        shares.iter_mut().for_each(|s| *s /= sum);
    }
    shares
}

impl Chooser<'_> {
    fn find_sentences(&mut self) {
        for (number, m) in self.matches.iter().enumerate().skip(self.in_dateline()) {
            let floor = match self.list.last_mut() {
                Some(last) if m.range.end <= last.range.end => {
                    last.matches.end = number + 1;
                    continue;
                }
                // A match that crosses the end of a sentence joins it with the next.
                Some(last) if m.range.start < last.range.end => {
                    let joined = self.sentences.around(m.range.clone(), last.range.end);
                    last.range.end = joined.end.max(m.range.end);
                    last.columns = self.body.columns(last.range.clone(), self.room);
                    last.matches.end = number + 1;
                    continue;
                }
                Some(last) => last.range.end,
                None => 0,
            };
            let mut range = self.sentences.around(m.range.clone(), floor);
            let opens = range.start <= self.first;
            if opens && range.start < self.lead() && self.lead() <= m.range.start {
                range.start = self.lead();
            }
            let columns = self.body.columns(range.clone(), self.room);
            let gap = self
                .list
                .last()
                .map_or(0, |last| 1 + self.body.columns(last.range.end..range.start, self.room));
            self.list.push(Sentence { range, columns, gap, matches: number..number + 1, form: 0.0 });
        }
        for n in 0..self.list.len() {
            self.list[n].form = self.form(&self.list[n]);
        }
    }

    /// How many matches stand in the dateline and say nothing that is not said behind it.
    fn in_dateline(&self) -> usize {
        let near = |m: &&Match| m.range.end <= self.first + LEAD_MAX_BYTES;
        if !self.matches.iter().take(1).any(|m| near(&m)) {
            return 0;
        }
        let count = self.matches.iter().take_while(near).take_while(|m| m.range.end <= self.lead()).count();
        let (inside, behind) = self.matches.split_at(count);
        let thing = |m: &Match| self.of_mark[m.mark].0;
        let said = |m: &Match| behind.iter().any(|b| thing(b) == thing(m));
        if inside.iter().all(said) { count } else { 0 }
    }

    /// Where the body's first sentence begins behind its dateline.
    fn lead(&self) -> usize {
        let label = |first| lead::label(self.body, first);
        *self.lead.get_or_init(|| self.sentences.next(self.first).map_or(self.first, label))
    }

    /// The best set of passages.
    fn picks(&self) -> Vec<Pick> {
        let mut best: (f32, Vec<Pick>) = (f32::MIN, Vec::new());
        for (count, cost) in (1..).zip(COST) {
            let between = BETWEEN * (count - 1);
            if count > 1 && self.room < PASSAGE_MIN_COLUMNS * count + between {
                break;
            }
            let mut covered = vec![0.0; self.shares.len()];
            let mut picks: Vec<Pick> = Vec::new();
            let mut left = self.room - between;
            for nth in 0..count {
                let later = count - nth - 1;
                // The first passage says most and gets most.
                let room =
                    if later == 0 { left } else { (left * 2 / 3).min(left - PASSAGE_MIN_COLUMNS * later) };
                let Some(pick) = self.pick(room, &covered, &picks) else { break };
                self.cover(pick.matches.clone(), &mut covered);
                left = left.saturating_sub(pick.columns);
                picks.push(pick);
            }
            if picks.len() < count {
                break;
            }
            let shown: f32 = covered.iter().zip(&self.shares).map(|(c, s)| c * s).sum();
            let cut = picks.iter().filter(|p| !p.whole).count() as f32;
            let value = shown - cost - CUT * cut;
            if value > best.0 {
                best = (value, picks);
            }
            // Nothing is left to be shown.
            if covered.iter().zip(&self.shares).all(|(c, s)| *s == 0.0 || *c > 0.0) {
                break;
            }
        }
        best.1
    }

    /// The passage of at most `room` columns that adds most to what others show.
    fn pick(&self, room: usize, covered: &[f32], others: &[Pick]) -> Option<Pick> {
        let mut best: Option<(f32, Pick)> = None;
        let mut offer = |pick: Pick, shown: &[(usize, f32)], form: f32| {
            let gain: f32 =
                shown.iter().map(|(t, sure)| self.shares[*t] * (sure - covered[*t]).max(0.0)).sum();
            if !others.is_empty() && gain < GAIN_MIN {
                return;
            }
            let often = ((pick.matches.len() - shown.len()) as f32).ln_1p().min(2.0);
            let whole = if pick.whole { worth::WHOLE } else { 0.0 };
            let score = gain + worth::OFTEN * often + whole + form;
            // How close things stand is looked at only where it can decide.
            let most = best.as_ref().map_or(f32::MIN, |(most, _)| *most);
            if score + worth::CLOSE * gain <= most {
                return;
            }
            let close = self.closeness(&self.matches[pick.matches.clone()], shown.len());
            let score = score + worth::CLOSE * gain * close;
            let taken = |o: &Pick| o.bounds.start < pick.bounds.end && pick.bounds.start < o.bounds.end;
            if score > most && !others.iter().any(taken) {
                best = Some((score, pick));
            }
        };
        let mut shown: Vec<(usize, f32)> = Vec::with_capacity(8);
        for (n, sentence) in self.list.iter().enumerate() {
            shown.clear();
            if sentence.columns > room {
                self.parts(sentence, room, |pick, shown| offer(pick, shown, sentence.form));
                continue;
            }
            // Whole sentences from here on, with those between that have no match, as many as fit.
            let mut columns = 0;
            for (end, last) in self.list.iter().enumerate().skip(n) {
                columns += last.columns + if end > n { last.gap } else { 0 };
                if columns > room {
                    break;
                }
                self.show(last.matches.clone(), &mut shown);
                let range = sentence.range.start..last.range.end;
                let matches = sentence.matches.start..last.matches.end;
                let pick = Pick { core: range.clone(), bounds: range, matches, columns, whole: true };
                offer(pick, &shown, sentence.form);
            }
        }
        best.map(|(_, pick)| pick)
    }

    /// Adds the things of some matches to a list of things that are shown, each with how surely.
    fn show(&self, matches: Range<usize>, shown: &mut Vec<(usize, f32)>) {
        for m in &self.matches[matches] {
            let (thing, sure) = self.of_mark[m.mark];
            match shown.iter_mut().find(|(t, _)| *t == thing) {
                Some((_, most)) => *most = most.max(sure),
                None => shown.push((thing, sure)),
            }
        }
    }

    /// The parts of a wide sentence that hold as many matches as fit.
    fn parts(&self, sentence: &Sentence, room: usize, mut offer: impl FnMut(Pick, &[(usize, f32)])) {
        let matches = &self.matches[sentence.matches.clone()];
        // An ellipsis on either side.
        let (all, room) = (room, room.saturating_sub(2).max(1));
        let (mut last, mut columns) = (0, 0);
        let mut shown = Vec::with_capacity(8);
        for first in 0..matches.len() {
            if last <= first {
                last = first;
                columns = self.body.columns(matches[first].range.clone(), usize::MAX);
            } else {
                let step = matches[first - 1].range.start..matches[first].range.start;
                columns = columns.saturating_sub(self.body.columns(step, usize::MAX));
            }
            while let Some(next) = matches.get(last + 1) {
                let step = matches[last].range.end..next.range.end.max(matches[last].range.end);
                let more = self.body.columns(step, room);
                if columns + more > room {
                    break;
                }
                columns += more;
                last += 1;
            }
            // No more than what says something new: the rest of the room shows what stands around.
            let new = self.last_new(&matches[first..=last]);
            let end = matches[first..=first + new].iter().map(|m| m.range.end).max().unwrap_or(0);
            let core = matches[first].range.start..end;
            let matches = sentence.matches.start + first..sentence.matches.start + first + new + 1;
            let bounds = sentence.range.clone();
            // A part takes all the room that it is given.
            shown.clear();
            self.show(matches.clone(), &mut shown);
            offer(Pick { core, bounds, matches, columns: all, whole: false }, &shown);
        }
    }

    /// The last of some matches that is the first of its thing.
    fn last_new(&self, matches: &[Match]) -> usize {
        let mut seen: Vec<usize> = Vec::with_capacity(8);
        let mut new = 0;
        for (n, m) in matches.iter().enumerate() {
            let (thing, _) = self.of_mark[m.mark];
            if !seen.contains(&thing) {
                seen.push(thing);
                new = n;
            }
        }
        new
    }

    /// How narrow the narrowest stretch is that has all the things of these matches.
    fn closeness(&self, matches: &[Match], things: usize) -> f32 {
        if things < 2 {
            return 0.0;
        }
        let thing = |m: &Match| self.of_mark[m.mark].0;
        let mut counts: Vec<(usize, usize)> = Vec::with_capacity(things);
        let (mut first, mut least) = (0, usize::MAX);
        for last in matches {
            match counts.iter_mut().find(|(t, _)| *t == thing(last)) {
                Some((_, n)) => *n += 1,
                None => counts.push((thing(last), 1)),
            }
            while counts.len() == things {
                least = least.min(last.range.end.saturating_sub(matches[first].range.start));
                let Some(at) = counts.iter().position(|(t, _)| *t == thing(&matches[first])) else { break };
                counts[at].1 -= 1;
                if counts[at].1 == 0 {
                    counts.swap_remove(at);
                }
                first += 1;
            }
        }
        let scale = if self.wide { 1.5 } else { 1.0 };
        1.0 / (1.0 + least as f32 / (60.0 * scale))
    }

    /// How far a sentence reads like one that says something, beside the title, and how early it stands.
    fn form(&self, sentence: &Sentence) -> f32 {
        let text = &self.body.text[sentence.range.clone()];
        let scale = if self.wide { 1.5 } else { 1.0 };
        let mut form = worth::EARLY / (1.0 + sentence.range.start as f32 / (800.0 * scale));
        if sentence.columns < 60 && !text.ends_with(stops) {
            form += worth::HEADING;
        }
        let digits = text.bytes().take(400).filter(u8::is_ascii_digit).count();
        if digits * 4 > text.len().min(400) {
            form += worth::FIGURES;
        }
        if self.wide && is_caption(text) {
            form += worth::CAPTION;
        }
        if self.title.begins(text) {
            form += worth::LIKE_TITLE;
        }
        if sentence.range.start <= self.first.max(self.lead.get().copied().unwrap_or(0))
            && lead::is_titled(&self.body.text[self.first..])
        {
            form += worth::HEADING;
        }
        form
    }

    fn cover(&self, matches: Range<usize>, covered: &mut [f32]) {
        for m in &self.matches[matches] {
            let (thing, sure) = self.of_mark[m.mark];
            covered[thing] = covered[thing].max(sure);
        }
    }

    /// The picks as passages in the order of the text.
    fn fit(&self, picks: Vec<Pick>) -> Vec<Passage> {
        let single = picks.len() == 1;
        let mut left = self.room.saturating_sub(BETWEEN * (picks.len() - 1));
        left = left.saturating_sub(picks.iter().map(|p| p.columns).sum());
        let mut out: Vec<(usize, Passage)> = Vec::with_capacity(picks.len());
        for pick in picks {
            // What is left goes to the first that can use it: it says most.
            let room = pick.columns + left;
            let whole = pick.whole.then(|| self.whole(&pick, if single { room } else { pick.columns }));
            let passage = whole.flatten().unwrap_or_else(|| self.part(&pick, room));
            let ellipses = usize::from(passage.cut_before) + usize::from(passage.cut_behind);
            left = room.saturating_sub(columns(&passage.glyphs) + ellipses);
            out.push((pick.core.start, passage));
        }
        out.sort_by_key(|(at, _)| *at);
        out.into_iter().map(|(_, passage)| passage).collect()
    }

    /// Whole sentences, and more of those around them while there is room.
    fn whole(&self, pick: &Pick, room: usize) -> Option<Passage> {
        let mut range = pick.bounds.clone();
        let mut used = pick.columns;
        while let Some(next) = self.sentences.next(range.end) {
            let more = 1 + self.body.columns(range.end..next.end, room);
            if used + more > room || !self.may_stand_beside(next.clone()) {
                break;
            }
            used += more;
            range.end = next.end;
        }
        while range.start > self.first
            && self.lead.get().is_none_or(|lead| range.start > *lead)
            && let Some(mut before) = self.sentences.previous(range.start)
        {
            if before.start <= self.first {
                before.start = self.lead().clamp(before.start, before.end);
            }
            let more = 1 + self.body.columns(before.start..range.start, room);
            if used + more > room || !self.may_stand_beside(before.clone()) {
                break;
            }
            used += more;
            range.start = before.start;
        }
        let glyphs = self.glyphs(range);
        (columns(&glyphs) <= room).then_some(Passage { glyphs, cut_before: false, cut_behind: false })
    }

    /// Whether a sentence may fill room: no heading, not the title once more.
    fn may_stand_beside(&self, sentence: Range<usize>) -> bool {
        let text = &self.body.text[sentence];
        text.ends_with(stops) && !self.title.begins(text) && !(self.wide && is_caption(text))
    }

    /// What a range shows, with its sentences set apart.
    fn glyphs(&self, range: Range<usize>) -> Vec<Glyph> {
        let mut glyphs = Vec::with_capacity(range.len());
        let mut at = range.start;
        while at < range.end {
            let end = self.sentences.next(at).map_or(range.end, |s| s.end.min(range.end));
            self.body.glyphs(at..end, &mut glyphs);
            at = end;
        }
        trim(&mut glyphs);
        glyphs
    }

    /// A part of a sentence around what it must show, cut at words.
    fn part(&self, pick: &Pick, room: usize) -> Passage {
        let mut all = Vec::new();
        self.body.glyphs(pick.bounds.clone(), &mut all);
        trim(&mut all);
        let from = all.partition_point(|g| g.at < pick.core.start);
        let to = all.partition_point(|g| g.at < pick.core.end).max(from);
        cut(all, from..to, room)
    }

    /// How the body begins: for an article in which nothing matches.
    fn opening(&self) -> Vec<Passage> {
        let Some(mut first) = self.sentences.next(self.first) else { return Vec::new() };
        first.start = self.lead().clamp(first.start, first.end);
        if self.title.begins(&self.body.text[first.clone()])
            && let Some(next) = self.sentences.next(first.end)
        {
            first = next;
        }
        let columns = self.body.columns(first.clone(), self.room);
        let core = first.start..first.start;
        let whole = columns <= self.room;
        let pick = Pick { core, bounds: first, matches: 0..0, columns: columns.min(self.room), whole };
        self.fit(vec![pick])
    }
}

/// Whether a character ends a sentence that is one.
fn stops(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '；' | '”' | '"' | '’' | ')' | '）' | '…')
}

/// Whether a sentence stands under a picture: "某人（摄）", "资料图片".
fn is_caption(text: &str) -> bool {
    let (shot, picture) = ("摄".as_bytes(), "图".as_bytes());
    text.as_bytes().windows(3).any(|c| c == shot || c == picture)
        && ["摄)", "摄）", "资料图", "图源", "图片来源"].iter().any(|mark| text.contains(mark))
}

/// How a title begins: its first letters and digits.
struct Title(Vec<char>);

impl Title {
    fn of(title: &str) -> Title {
        let letters: Vec<char> = letters(title).take(TITLE_LETTERS.end).collect();
        Title(if letters.len() < TITLE_LETTERS.start { Vec::new() } else { letters })
    }

    /// Whether a sentence begins with the title, as far as can be told.
    fn begins(&self, sentence: &str) -> bool {
        let mut left = self.0.iter();
        !self.0.is_empty()
            && letters(sentence).all(|c| left.next().is_none_or(|l| *l == c))
            && left.next().is_none()
    }
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().take(200).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}
