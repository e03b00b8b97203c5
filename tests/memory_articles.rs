//! Articles that a program gives from memory: put, replaced, removed, published together, and kept
//! through whatever happens to files, names and the index beside them.

use std::{fs, ops::ControlFlow, path::Path};

use orewire::{
    Article, Error, Index, IndexOptions, Lang, Report, SearchRequest, Searcher, gazetteer::TableKind,
};

/// Two threads, as the machines that run this have.
fn options() -> IndexOptions {
    let mut options = IndexOptions::default();
    options.threads = 2;
    options
}

fn update(index: &Index, source: &Path) -> Report {
    index.update(&[source.to_owned()], &options(), |_| ControlFlow::Continue(())).unwrap()
}

/// Ids of the articles that have a word, sorted.
fn found(searcher: &Searcher, word: &str) -> Vec<String> {
    let mut request = SearchRequest::new(word);
    (request.limit, request.literal) = (1_000, true);
    let mut ids: Vec<String> =
        searcher.search(&request).unwrap().hits.into_iter().map(|hit| hit.id).collect();
    ids.sort();
    ids
}

/// Added, updated, removed, unchanged, and all.
fn counts(report: &Report) -> [u64; 5] {
    [report.added, report.updated, report.removed, report.unchanged, report.articles]
}

fn line(id: &str, body: &str) -> String {
    serde_json::json!({"id": id, "title": format!("File {id}"), "body": body}).to_string() + "\n"
}

#[test]
fn articles_are_put_replaced_and_removed_in_one_generation_each() {
    let index = Index::in_memory();
    assert!(matches!(index.searcher(), Err(Error::NoIndex(_))));
    let report = index
        .put([
            Article::new("1", "Nickel smelter", "The smelter in Sichuan halted its furnaces."),
            Article::new("2", "青海盐湖", "青海省的盐湖生产碳酸锂。"),
        ])
        .unwrap();
    assert_eq!(counts(&report), [2, 0, 0, 0, 2]);
    assert_eq!(report.generation, "gen-000001");
    let searcher = index.searcher().unwrap();
    let (kept, tags) = searcher.article("2").unwrap();
    assert_eq!((kept.lang, kept.path.as_str()), (Lang::Zh, ""));
    assert_eq!(tags.province[0].path, "/china/qinghai");
    assert_eq!(found(&searcher, "furnaces"), ["1"]);

    let mut batch = index.batch(&options()).unwrap();
    batch.put(Article::new("2", "青海盐湖", "青海省的盐湖生产碳酸锂。")).unwrap();
    batch.put(Article::new("1", "Nickel smelter", "The smelter restarts its furnaces.")).unwrap();
    batch.put(Article::new("3", "Cobalt", "Cobalt from a short-lived mine.")).unwrap();
    batch.put(Article::new("4", "Copper", "Copper in a first edition.")).unwrap();
    // The last word about an id holds, whatever the threads do meanwhile.
    assert!(batch.remove("3").unwrap());
    assert!(!batch.remove("3").unwrap() && !batch.remove("none").unwrap());
    batch.put(Article::new("4", "Copper", "Copper in a second edition.")).unwrap();
    // What was found before it is published stays what is found.
    assert!(!searcher.reload().unwrap());
    assert_eq!(found(&searcher, "restarts"), [""; 0]);
    let report = batch.publish().unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 1, 3]);
    assert_eq!(report.generation, "gen-000002");
    assert!(searcher.reload().unwrap());
    assert_eq!(found(&searcher, "restarts"), ["1"]);
    assert_eq!(found(&searcher, "halted"), [""; 0]);
    assert_eq!(found(&searcher, "edition"), ["4"]);
    assert_eq!(found(&searcher, "second"), ["4"]);
    assert_eq!(found(&searcher, "cobalt"), [""; 0]);

    assert_eq!(counts(&index.remove(["1", "none"]).unwrap()), [0, 0, 1, 2, 2]);
    let nothing = index.remove(["none"]).unwrap();
    assert!(!nothing.published);
    assert_eq!((counts(&nothing), nothing.generation.as_str()), ([0, 0, 0, 2, 2], "gen-000003"));
    assert!(index.check().unwrap().is_sound());
    assert_eq!(index.manifest().unwrap().given, 2);
}

#[test]
fn a_batch_that_is_dropped_or_refused_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::at(dir.path().join("index"));
    index.put([Article::new("1", "Nickel", "Nickel ore.")]).unwrap();
    let before = index.manifest().unwrap();
    let mut batch = index.batch(&options()).unwrap();
    batch.put(Article::new("2", "Cobalt", "Cobalt ore.")).unwrap();
    // Nobody else writes meanwhile, in this process or another.
    assert!(matches!(index.put([Article::new("3", "Tin", "Tin ore.")]), Err(Error::Locked { .. })));
    drop(batch);
    assert_eq!(index.manifest().unwrap(), before);
    let refused =
        index.put([Article::new("4", "Zinc", "Zinc ore."), Article::new(" ", "No id", "Lead ore.")]);
    assert!(matches!(refused, Err(Error::Article { .. })), "{refused:?}");
    assert!(matches!(index.put([Article::new("5", " ", "\n")]), Err(Error::Article { .. })));
    assert_eq!(index.manifest().unwrap(), before);
    // One that is refused is only left out, when the program goes on.
    let mut batch = index.batch(&options()).unwrap();
    assert!(batch.put(Article::default()).is_err());
    batch.put(Article::new("6", "Lead", "Lead ore.")).unwrap();
    assert_eq!(counts(&batch.publish().unwrap()), [1, 0, 0, 1, 2]);
    let drafts = fs::read_dir(index.folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(drafts.count(), 0);
}

#[test]
fn runs_over_files_leave_articles_from_memory_alone() {
    let dir = tempfile::tempdir().unwrap();
    let news = dir.path().join("news.ndjson");
    let index = Index::at(dir.path().join("index"));
    let file = |ids: &[&str]| {
        let text: String = ids.iter().map(|id| line(id, &format!("everyfile text of {id}"))).collect();
        fs::write(&news, text).unwrap();
    };
    index
        .put([
            Article::new("m1", "Memo", "A memo about antimony."),
            Article::new("both", "Memo", "Our own text."),
        ])
        .unwrap();
    file(&["f1", "f2", "both"]);
    let report = update(&index, &news);
    // The program's article stands; that of the file is named.
    assert_eq!(counts(&report), [2, 0, 0, 2, 4]);
    assert_eq!(report.skipped_total, 1);
    assert!(report.skipped[0].reason.contains("a program added"), "{:?}", report.skipped);
    let searcher = index.searcher().unwrap();
    assert_eq!(found(&searcher, "everyfile"), ["f1", "f2"]);
    assert_eq!(found(&searcher, "memo"), ["both", "m1"]);
    // A file's article gives way to the program's, and comes back when that one goes.
    index.put([Article::new("f1", "Correction", "The correction of a wire.")]).unwrap();
    searcher.reload().unwrap();
    assert_eq!(found(&searcher, "everyfile"), ["f2"]);
    assert_eq!(found(&searcher, "correction"), ["f1"]);
    assert_eq!(update(&index, &news).skipped_total, 2);
    index.remove(["both", "f2", "f1"]).unwrap();
    searcher.reload().unwrap();
    assert_eq!(found(&searcher, "everyfile"), [""; 0]);
    let report = update(&index, &news);
    assert_eq!((counts(&report), report.skipped_total), ([3, 0, 0, 1, 4], 0));
    searcher.reload().unwrap();
    assert_eq!(found(&searcher, "everyfile"), ["both", "f1", "f2"]);
    // Files go; what is from memory stays.
    file(&["f1"]);
    assert_eq!(counts(&update(&index, &news)), [0, 0, 2, 2, 2]);
    searcher.reload().unwrap();
    assert_eq!(found(&searcher, "antimony"), ["m1"]);
    assert!(index.check().unwrap().is_sound());
}

#[test]
fn articles_from_memory_outlive_a_rebuild_other_names_and_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (root, news) = (dir.path().join("index"), dir.path().join("news.ndjson"));
    let index = Index::at(&root);
    let mut memo = Article::new("m1", "Memo", "Blue Ridge Metals ships antimony.");
    memo.extra.insert("desk".into(), "metals".into());
    index.put([memo, Article::new("m2", "Other", "Soon gone.")]).unwrap();
    index.put([Article::new("m3", "Third", "Graphite, third memo.")]).unwrap();
    index.remove(["m2"]).unwrap();
    let expect = |index: &Index, file: u64| {
        let searcher = index.searcher().unwrap();
        let (memo, tags) = searcher.article("m1").unwrap();
        assert_eq!(memo.extra["desk"], "metals");
        assert!(matches!(searcher.article("m2"), Err(Error::NoArticle(_))));
        assert_eq!(searcher.read_all().unwrap(), 2 + file);
        tags
    };
    // Other names, without any file: the batch itself builds anew.
    let table = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n\
                 /blue-ridge-metals,company,Blue Ridge Metals,蓝岭金属,,,CN,,1\n";
    let named = Index::at(&root).with_table(TableKind::Organizations, "own.csv", table);
    let report = named.put([Article::new("m3", "Third", "Graphite, third memo.")]).unwrap();
    assert_eq!(counts(&report), [0, 0, 0, 2, 2]);
    assert!(report.published && report.rebuilt_because.is_some());
    assert_eq!(expect(&named, 0).organization[0].path, "/blue-ridge-metals");
    // With files, the names can only change in a run over them.
    fs::write(&news, line("f1", "A file.")).unwrap();
    assert_eq!(counts(&update(&named, &news)), [1, 0, 0, 2, 3]);
    let outdated = index.put([Article::new("m4", "Fourth", "Never added.")]);
    assert!(matches!(outdated, Err(Error::Outdated { .. })), "{outdated:?}");
    assert_eq!(counts(&update(&index, &news)), [3, 0, 0, 0, 3]);
    expect(&index, 1);
    let mut rebuild = options();
    rebuild.rebuild = true;
    let report = index.update(std::slice::from_ref(&news), &rebuild, |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(counts(&report), [3, 0, 0, 0, 3]);
    expect(&index, 1);
    // The search library's files, the manifest, the pointer: all of them damaged.
    let generation = root.join(index.manifest().unwrap().generation);
    for entry in fs::read_dir(&generation).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_string_lossy().starts_with("given-") {
            fs::write(path, "damaged").unwrap();
        }
    }
    fs::write(root.join("CURRENT"), "damaged").unwrap();
    assert!(matches!(index.batch(&options()), Err(Error::Damaged { .. })));
    let report = update(&index, &news);
    assert_eq!((counts(&report), report.skipped_total), ([3, 0, 0, 0, 3], 0));
    expect(&index, 1);
}

#[test]
fn what_is_lost_of_articles_from_memory_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::at(dir.path());
    for n in 0..3 {
        index.put([Article::new(format!("m{n}"), "Memo", format!("Memo number {n} about tin."))]).unwrap();
    }
    let generation = dir.path().join(index.manifest().unwrap().generation);
    let chunk = generation.join("given-000002.ndjson.zst");
    let mut bytes = fs::read(&chunk).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    // The one from before is linked to it.
    fs::remove_file(&chunk).unwrap();
    fs::write(&chunk, bytes).unwrap();
    assert!(matches!(index.put([Article::new("m4", "Memo", "Tin.")]), Err(Error::Damaged { .. })));
    let report = index.update(&[], &options(), |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((counts(&report), report.skipped_total), ([2, 0, 0, 0, 2], 1));
    assert!(report.skipped[0].to_string().starts_with("given-000002.ndjson.zst"), "{:?}", report.skipped);
    assert_eq!(found(&index.searcher().unwrap(), "tin"), ["m0", "m2"]);
}

#[test]
fn many_small_batches_leave_few_files() {
    let index = Index::in_memory();
    for n in 0..orewire::limits::GIVEN_CHUNKS_MAX + 3 {
        index.put([Article::new(format!("m{n}"), "Memo", format!("Memo number {n} about tin."))]).unwrap();
    }
    let chunks = |index: &Index| {
        index.manifest().unwrap().files.keys().filter(|name| name.starts_with("given-")).count()
    };
    assert!(chunks(&index) <= 3, "{}", chunks(&index));
    assert_eq!(found(&index.searcher().unwrap(), "tin").len(), orewire::limits::GIVEN_CHUNKS_MAX + 3);
    // Mostly out of date: written anew.
    for n in 0..30 {
        index.remove([format!("m{n}")]).unwrap();
    }
    assert!(chunks(&index) <= orewire::limits::GIVEN_CHUNKS_MAX);
    let mut rebuild = options();
    rebuild.rebuild = true;
    let report = index.batch(&rebuild).unwrap().publish().unwrap();
    assert_eq!(counts(&report), [0, 0, 0, 5, 5]);
    assert_eq!(index.searcher().unwrap().read_all().unwrap(), 5);
    let all: Vec<String> = (0..orewire::limits::GIVEN_CHUNKS_MAX + 3).map(|n| format!("m{n}")).collect();
    assert_eq!(index.remove(all).unwrap().articles, 0);
    assert_eq!(chunks(&index), 0);
}
