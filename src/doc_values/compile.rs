//! The file made from the postings of the facets.

use tantivy::{
    DocId, DocSet, Searcher, SegmentReader, TERMINATED, postings::SegmentPostings, schema::IndexRecordOption,
};

use super::{BASES, ELSEWHERE, GROUP, HEADER_BYTES, HEADS_MAX, MAGIC, SEGMENT_BYTES, STEP, TAIL};
use crate::schema::{FACETS, Fields};

/// The file for what a searcher sees.
pub(crate) fn compile(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Vec<u8>> {
    compile_with(searcher, fields, HEADS_MAX)
}

/// The same with at most so many heads.
pub(crate) fn compile_with(
    searcher: &Searcher,
    fields: &Fields,
    heads_max: usize,
) -> tantivy::Result<Vec<u8>> {
    let segments = searcher.segment_readers();
    let paths = Paths::of(segments, fields)?;
    let numbers = Numbers::of(&paths, heads_max);
    let mut body = Vec::new();
    let body_at = HEADER_BYTES + segments.len() * SEGMENT_BYTES;
    let mut directory = Vec::new();
    for segment in segments {
        let (starts, values) = values_of(segment, fields, &paths, &numbers)?;
        directory.extend(segment.segment_id().uuid_string().as_bytes());
        directory.extend(segment.max_doc().to_le_bytes());
        directory.extend(((body_at + body.len()) as u64).to_le_bytes());
        body.extend(starts);
        directory.extend(((body_at + body.len()) as u64).to_le_bytes());
        body.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    }
    let heads = numbers.heads[FACETS.len()] as usize;
    for at in numbers.order[..heads].iter().step_by(STEP as usize) {
        body.extend(paths.frequencies[*at as usize].to_le_bytes());
    }
    let paths_at = body_at + body.len();
    let mut end = 0;
    body.extend(0u32.to_le_bytes());
    for at in &numbers.order {
        end += paths.path(*at).len() as u32;
        body.extend(end.to_le_bytes());
    }
    body.extend(numbers.order.iter().flat_map(|at| at.to_le_bytes()));
    numbers.order.iter().for_each(|at| body.extend(paths.path(*at)));
    let counts = [MAGIC, segments.len() as u32, numbers.order.len() as u32];
    let words = counts.into_iter().chain(numbers.heads).chain(numbers.tails).chain(numbers.tail_most);
    let mut file: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    file.extend((paths_at as u64).to_le_bytes());
    file.extend(directory);
    file.extend(body);
    Ok(file)
}

/// All paths of all segments, facet by facet, in ascending order.
struct Paths {
    bases: [u32; BASES],
    /// Where each begins, and where the last one ends.
    starts: Vec<usize>,
    text: Vec<u8>,
    /// Articles that have it.
    frequencies: Vec<u32>,
}

impl Paths {
    fn of(segments: &[SegmentReader], fields: &Fields) -> tantivy::Result<Paths> {
        let (bases, text, frequencies) = Default::default();
        let mut paths = Paths { bases, starts: vec![0], text, frequencies };
        for (n, facet) in FACETS.into_iter().enumerate() {
            let indexes: Vec<_> = segments
                .iter()
                .map(|segment| segment.inverted_index(fields.facet(facet)))
                .collect::<tantivy::Result<_>>()?;
            let mut streams = Vec::new();
            for index in &indexes {
                let mut stream = index.terms().stream()?;
                if stream.advance() {
                    streams.push(stream);
                }
            }
            while let Some(least) = streams.iter().map(|stream| stream.key()).min() {
                paths.text.extend(least);
                let path = paths.starts[paths.starts.len() - 1]..paths.text.len();
                let mut frequency = 0u32;
                let mut at = 0;
                while let Some(stream) = streams.get_mut(at) {
                    if stream.key() == &paths.text[path.clone()] {
                        frequency = frequency.saturating_add(stream.value().doc_freq);
                        if !stream.advance() {
                            streams.remove(at);
                            continue;
                        }
                    }
                    at += 1;
                }
                paths.starts.push(paths.text.len());
                paths.frequencies.push(frequency);
            }
            paths.bases[n + 1] = paths.frequencies.len() as u32;
        }
        Ok(paths)
    }

    fn path(&self, at: u32) -> &[u8] {
        &self.text[self.starts[at as usize]..self.starts[at as usize + 1]]
    }

    fn facet(&self, at: u32) -> usize {
        self.bases[1..FACETS.len()].partition_point(|base| *base <= at)
    }
}

/// The numbers of paths.
struct Numbers {
    heads: [u32; BASES],
    tails: [u32; BASES],
    tail_most: [u32; FACETS.len()],
    /// For each number the place of its path.
    order: Vec<u32>,
    /// For each path its number.
    numbers: Vec<u32>,
}

impl Numbers {
    fn of(paths: &Paths, heads_max: usize) -> Numbers {
        let most_first = |at: &u32| (std::cmp::Reverse(paths.frequencies[*at as usize]), *at);
        let mut order: Vec<u32> = (0..paths.frequencies.len() as u32).collect();
        order.sort_unstable_by_key(most_first);
        let (heads, tail) = order.split_at_mut(heads_max.min(paths.frequencies.len()));
        let count = heads.len() as u32;
        let [heads, mut tails] = [heads, tail].map(|part| {
            part.sort_by_key(|at| paths.facet(*at));
            let base = |facet: usize| part.partition_point(|at| paths.facet(*at) < facet) as u32;
            std::array::from_fn::<u32, BASES, _>(base)
        });
        tails.iter_mut().for_each(|base| *base += count);
        let mut tail_most = [0; FACETS.len()];
        for (most, ends) in tail_most.iter_mut().zip(tails.windows(2)) {
            if ends[0] < ends[1] {
                *most = paths.frequencies[order[ends[0] as usize] as usize];
            }
        }
        let mut numbers = vec![0; order.len()];
        (0..).zip(&order).for_each(|(number, at)| numbers[*at as usize] = number);
        Numbers { heads, tails, tail_most, order, numbers }
    }

    /// Whether a number is written as u16.
    fn is_head(&self, number: u32) -> bool {
        number < self.heads[FACETS.len()]
    }
}

/// The values of a segment: where those of each article begin, as bytes, and all of them.
fn values_of(
    segment: &SegmentReader,
    fields: &Fields,
    paths: &Paths,
    numbers: &Numbers,
) -> tantivy::Result<(Vec<u8>, Vec<u16>)> {
    let articles = segment.max_doc() as usize;
    // All postings of the facets are read twice: first to learn how many values each article has.
    let (mut heads, mut tails) = (vec![0u32; articles], vec![0u32; articles]);
    each(segment, fields, paths, numbers, |number, postings| {
        let counts = if numbers.is_head(number) { &mut heads } else { &mut tails };
        count(postings, |doc| counts[doc as usize] += 1);
    })?;
    let units = |heads: u32, tails: u32| heads + if tails > 0 { 1 + 2 * tails } else { 0 };
    let is_long = |units: u32| units >= u32::from(u8::MAX);
    let mut starts = Vec::new();
    let (mut end, mut long) = (0u32, Vec::new());
    for (doc, (heads, tails)) in heads.iter_mut().zip(&mut tails).enumerate() {
        if doc % GROUP == 0 {
            starts.extend(end.to_le_bytes());
        }
        let all = units(*heads, *tails);
        let here = if is_long(all) { ELSEWHERE as u32 } else { all };
        starts.push(here as u8);
        if is_long(all) {
            long.push((doc, end, *heads, all));
        }
        (*heads, *tails) = (end, end + *heads + 1);
        end += here;
    }
    // No group is cut off.
    starts.resize(articles.div_ceil(GROUP) * super::GROUP_BYTES, 0);
    // What is not written stands before a tail, and for values that stand elsewhere.
    let mut values = vec![TAIL; end as usize];
    for (doc, at, heads_count, all) in long {
        let from = values.len() as u32;
        (values[at as usize + 2], values[at as usize + 3]) = (from as u16, (from >> u16::BITS) as u16);
        values.extend([all as u16, (all >> u16::BITS) as u16]);
        (heads[doc], tails[doc]) = (from + 2, from + 2 + heads_count + 1);
        values.resize(values.len() + all as usize, TAIL);
    }
    each(segment, fields, paths, numbers, |number, postings| match numbers.is_head(number) {
        true => count(postings, |doc| {
            let next = &mut heads[doc as usize];
            values[*next as usize] = number as u16;
            *next += 1;
        }),
        false => count(postings, |doc| {
            let next = &mut tails[doc as usize];
            values[*next as usize] = number as u16;
            values[*next as usize + 1] = (number >> u16::BITS) as u16;
            *next += 2;
        }),
    })?;
    Ok((starts, values))
}

/// The number of each path of a segment, with the articles that have it.
fn each(
    segment: &SegmentReader,
    fields: &Fields,
    paths: &Paths,
    numbers: &Numbers,
    mut see: impl FnMut(u32, SegmentPostings),
) -> tantivy::Result<()> {
    for (n, facet) in FACETS.into_iter().enumerate() {
        let index = segment.inverted_index(fields.facet(facet))?;
        let mut terms = index.terms().stream()?;
        let mut at = paths.bases[n];
        while terms.advance() {
            // Both are in ascending order, and the segment's are among all.
            while paths.path(at) != terms.key() {
                at += 1;
            }
            let postings = index.read_postings_from_terminfo(terms.value(), IndexRecordOption::Basic)?;
            see(numbers.numbers[at as usize], postings);
        }
    }
    Ok(())
}

fn count(mut postings: SegmentPostings, mut see: impl FnMut(DocId)) {
    while postings.doc() != TERMINATED {
        see(postings.doc());
        postings.advance();
    }
}
