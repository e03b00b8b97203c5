//! Values of small indexes made for the purpose.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tantivy::{DocAddress, Index, Searcher, TantivyDocument, Term, schema::Value};

use super::*;
use crate::schema::{Fields, tokenizers};

/// An index of articles with these paths; one segment each for the articles before and from `cut`.
pub(crate) fn searcher(articles: &[Vec<(usize, String)>], cut: usize) -> Searcher {
    let fields = Fields::new();
    let mut index = Index::create_in_ram(fields.schema.clone());
    index.set_tokenizers(tokenizers());
    let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
    writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
    for part in [0..cut, cut..articles.len()] {
        for n in part {
            let (mut document, paths) = (TantivyDocument::new(), &articles[n]);
            document.add_bytes(fields.record, &[n as u8]);
            for (facet, path) in paths {
                document.add_text(fields.facets[*facet], path);
            }
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
    }
    index.reader().unwrap().searcher()
}

fn all(values: &SegmentValues, doc: DocId) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    values.heads(&[doc], |number| numbers.push(u32::from(number)))?;
    values.tail(&[doc], |number| numbers.push(number))?;
    Ok(numbers)
}

pub(crate) fn open(bytes: Vec<u8>) -> Option<DocValues> {
    let bytes = OwnedBytes::new(bytes);
    DocValues::open(bytes.clone(), FileSlice::new(Arc::new(bytes)))
}

pub(crate) fn paths() -> impl Strategy<Value = Vec<(usize, String)>> {
    let path = prop_oneof![
        3 => "/[a-c]{1,2}",
        1 => Just("/china/四川/凉山".to_owned()),
    ];
    prop::collection::vec((0..FACETS.len(), path), 0..6)
}

proptest! {
    #[test]
    fn each_article_has_its_own_paths(
        articles in prop::collection::vec(paths(), 1..150),
        cut in 0..150usize,
        heads in prop_oneof![Just(HEADS_MAX), 0..20usize],
    ) {
        let searcher = searcher(&articles, cut.min(articles.len()));
        let values = open(compile_with(&searcher, &Fields::new(), heads).unwrap()).unwrap();
        let mut seen = 0;
        let mut counts: BTreeMap<(usize, String), (u32, u32)> = BTreeMap::new();
        for (n, segment) in (0..).zip(searcher.segment_readers()) {
            let of_segment = values.of(segment).unwrap();
            for doc in 0..segment.max_doc() {
                let mut found = Vec::new();
                for number in all(&of_segment, doc).unwrap() {
                    let has = |facet: &usize| values.numbers(*facet).iter().any(|r| r.contains(&number));
                    let facet = (0..FACETS.len()).find(has).unwrap();
                    let path = values.path(number).unwrap().to_owned();
                    counts.entry((facet, path.clone())).or_insert((number, 0)).1 += 1;
                    found.push((facet, path));
                }
                let document: TantivyDocument = searcher.doc(DocAddress::new(n, doc)).unwrap();
                let number = document.get_first(Fields::new().record).unwrap().as_bytes().unwrap()[0];
                let mut expected = articles[usize::from(number)].clone();
                seen += 1;
                expected.sort();
                expected.dedup();
                found.sort();
                prop_assert_eq!(found, expected);
            }
            prop_assert!(all(&of_segment, segment.max_doc()).is_err());
        }
        prop_assert_eq!(seen, articles.len());
        let count = counts.len() as u32;
        prop_assert!(values.path(count).is_err() && values.place(count).is_err());
        // In the order of facets and paths, places ascend; numbers are by count, as the tail's bound is.
        let of: Vec<(u32, u32)> = counts.values().copied().collect();
        for pair in of.windows(2) {
            prop_assert!(values.place(pair[0].0).unwrap() < values.place(pair[1].0).unwrap());
        }
        for ((facet, _), (number, articles)) in &counts {
            if number % STEP == 0 && *number < values.numbers(FACETS.len() - 1)[0].end {
                prop_assert_eq!(values.frequency(*number).unwrap(), *articles);
            }
            let [heads, tail] = values.numbers(*facet);
            prop_assert!(heads.contains(number) || *articles <= values.tail_most(*facet));
            let before = of.iter().filter(|(n, _)| heads.contains(n) && n < number);
            prop_assert!(tail.contains(number) || before.clone().all(|(_, other)| other >= articles));
        }
    }

    /// A file is verified before it is read; still, none may be read past its end.
    #[test]
    fn no_bytes_panic(
        articles in prop::collection::vec(paths(), 1..8),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let searcher = searcher(&articles, 0);
        let mut bytes = compile(&searcher, &Fields::new()).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bytes.truncate(cut.index(bytes.len() + 1).max(at));
        let Some(values) = open(bytes) else { return Ok(()) };
        let paths = values.clone();
        for segment in searcher.segment_readers() {
            let Some(of_segment) = values.of(segment) else { continue };
            for doc in 0..segment.max_doc() + 1 {
                for number in all(&of_segment, doc).unwrap_or_default().into_iter().take(100) {
                    let _ = paths.path(number).map(str::len);
                    let _ = paths.place(number);
                }
            }
        }
    }
}

#[test]
fn what_is_deleted_does_not_move_the_others() {
    let searcher = searcher(&[vec![(0, "/a".to_owned())], vec![(0, "/b".to_owned())]], 0);
    let fields = Fields::new();
    let mut writer = searcher.index().writer_with_num_threads::<TantivyDocument>(1, 15_000_000).unwrap();
    writer.delete_term(Term::from_field_text(fields.facets[0], "/a"));
    writer.commit().unwrap();
    let searcher = searcher.index().reader().unwrap().searcher();
    let values = open(compile(&searcher, &fields).unwrap()).unwrap();
    let of_segment = values.of(searcher.segment_reader(0)).unwrap();
    let numbers = all(&of_segment, 1).unwrap();
    assert_eq!(values.path(numbers[0]).unwrap(), "/b");
}

#[test]
fn an_article_with_very_many_values_has_them_all() {
    let many = |count: usize| -> Vec<(usize, String)> {
        (0..count).map(|n| (n % FACETS.len(), format!("/p{n:04}"))).collect()
    };
    // Around what a byte can tell, and with articles before and behind.
    let articles: Vec<_> = [0, 3, 254, 255, 256, 1, 700, 127, 128, 2].map(many).into();
    let searcher = searcher(&articles, 4);
    for heads in [HEADS_MAX, 300, 10, 0] {
        let values = open(compile_with(&searcher, &Fields::new(), heads).unwrap()).unwrap();
        let mut docs = 0;
        for (n, segment) in (0..).zip(searcher.segment_readers()) {
            let of_segment = values.of(segment).unwrap();
            for doc in 0..segment.max_doc() {
                let numbers = all(&of_segment, doc).unwrap();
                let mut found: Vec<_> = numbers.iter().map(|n| values.path(*n).unwrap().to_owned()).collect();
                found.sort_unstable();
                let document: TantivyDocument = searcher.doc(DocAddress::new(n, doc)).unwrap();
                let number = document.get_first(Fields::new().record).unwrap().as_bytes().unwrap()[0];
                let expected = articles[usize::from(number)].iter().map(|(_, path)| path.clone());
                assert_eq!(found, expected.collect::<Vec<_>>());
                docs += 1;
            }
        }
        assert_eq!(docs, articles.len());
    }
}
