//! Files on disk, hostile ones included.

use std::{fs, io::Write, path::PathBuf};

use super::*;

fn walked(root: &std::path::Path) -> (Vec<SourceFile>, Vec<Skip>) {
    let (mut files, mut skips) = (Vec::new(), Vec::new());
    for found in walk(&[root.to_owned()]) {
        match found {
            Ok(file) => files.push(file),
            Err(skip) => skips.push(skip),
        }
    }
    (files, skips)
}

fn articles(root: &std::path::Path) -> (Vec<Article>, Vec<Skip>) {
    let (files, mut skips) = walked(root);
    let mut out = Vec::new();
    for item in files.iter().flat_map(read) {
        match item {
            Ok(article) => out.push(article),
            Err(skip) => skips.push(skip),
        }
    }
    (out, skips)
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

#[test]
fn a_folder_of_everything() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("b.ndjson", b"{\"body\": \"Tin fell.\"}\n");
    put("a/c.JSON", b"[{\"body\": \"Zinc fell.\"}, {\"body\": \"Lead fell.\"}]");
    put("d.txt.gz", &gz("Tin Falls\n\nStocks rose.".as_bytes()));
    put("e.md.zst", &zstd::stream::encode_all(&b"# Tin\n\nStocks rose."[..], 1).unwrap());
    put("f.csv", b"title,body\nTin,fell\n");
    put("g.html", b"<title>Tin</title><p>Tin fell.</p>");
    put("h.json", &encoding_rs::GB18030.encode("{\"body\": \"锡价走低，下游观望。\"}").0);
    put("i.png", b"\x89PNG");
    put(".hidden/j.txt", b"not seen");
    put("k.txt", b"ELF\0\0\0binary");
    put("l.txt", b"");
    let (got, skips) = articles(dir.path());
    let root = dir.path().to_string_lossy();
    let ids: Vec<_> = got.iter().map(|a| a.id.strip_prefix(&format!("{root}/")).unwrap()).collect();
    assert_eq!(
        ids,
        ["a/c.JSON#1", "a/c.JSON#2", "b.ndjson#1", "d.txt.gz", "e.md.zst", "f.csv#1", "g.html", "h.json"]
    );
    assert_eq!(got[7].body, "锡价走低，下游观望。");
    let reasons: Vec<_> = skips.iter().map(|s| s.reason.as_str()).collect();
    assert_eq!(reasons, ["not text", "empty"]);
    assert!(got.iter().all(|a| a.path.starts_with(&*root)));
}

#[test]
fn roots() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.txt");
    fs::write(&file, "Tin fell.").unwrap();
    let png = dir.path().join("a.png");
    fs::write(&png, "x").unwrap();
    assert!(check_roots(&[dir.path().to_owned(), file.clone()]).is_ok());
    assert!(matches!(check_roots(&[dir.path().join("none")]), Err(crate::error::Error::Source { .. })));
    assert_eq!(walk(std::slice::from_ref(&file)).filter_map(Result::ok).count(), 1);
    assert!(walk(&[png]).next().unwrap().unwrap_err().reason.starts_with("unknown format"));
    // The same file by two ways is one.
    let twice = [dir.path().to_owned(), file, PathBuf::from(format!("{}/.", dir.path().display()))];
    assert_eq!(walk(&twice).filter_map(Result::ok).count(), 1);
}

#[cfg(unix)]
#[test]
fn what_bites_on_disk() {
    use std::os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener};
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("sub/a.txt"), "Tin fell.").unwrap();
    symlink("..", at("sub/loop")).unwrap();
    symlink("sub/a.txt", at("link.txt")).unwrap();
    symlink("nowhere", at("dangling.txt")).unwrap();
    let _socket = UnixListener::bind(at("s.txt")).unwrap();
    fs::write(dir.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe.txt")), "Zinc fell.").unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(at("pipe.ndjson")).status();
    let (got, skips) = articles(dir.path());
    assert_eq!(got.len(), 3);
    let of = |end: &str| skips.iter().find(|s| s.path.ends_with(end)).map(|s| s.reason.clone());
    assert!(of("sub/loop").unwrap().contains("link back"));
    assert!(of("dangling.txt").unwrap().contains("not there"));
    assert!(of("s.txt").unwrap().contains("neither"));
    if fifo.is_ok_and(|s| s.success()) {
        assert!(of("pipe.ndjson").unwrap().contains("neither"));
    }
}

#[test]
fn files_that_change_after_the_walk() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["a.txt", "b.txt"] {
        fs::write(dir.path().join(name), "Tin fell.").unwrap();
    }
    let (files, _) = walked(dir.path());
    fs::remove_file(&files[0].path).unwrap();
    fs::remove_file(&files[1].path).unwrap();
    fs::create_dir(&files[1].path).unwrap();
    assert_eq!(read(&files[0]).next().unwrap().unwrap_err().reason, "no longer there");
    assert_eq!(read(&files[1]).next().unwrap().unwrap_err().reason, "no longer a regular file");
}

#[test]
fn torn_archives_keep_what_comes_before() {
    let dir = tempfile::tempdir().unwrap();
    let lines: String = (0..50_000)
        .map(|i| format!("{{\"id\": {i}, \"body\": \"Tin {} fell.\"}}\n", i * 7919 % 1013))
        .collect();
    let packed = gz(lines.as_bytes());
    fs::write(dir.path().join("a.ndjson.gz"), &packed[..packed.len() / 2]).unwrap();
    let packed = zstd::stream::encode_all(lines.as_bytes(), 1).unwrap();
    fs::write(dir.path().join("b.ndjson.zst"), &packed[..packed.len() / 2]).unwrap();
    fs::write(dir.path().join("c.txt.gz"), b"not gzip at all").unwrap();
    let (files, _) = walked(dir.path());
    for file in &files[..2] {
        let got: Vec<_> = read(file).collect();
        assert!(got.len() > 1000, "{}: {}", file.name, got.len());
        assert!(got.last().unwrap().as_ref().unwrap_err().reason.starts_with("damaged"));
        assert!(got[..got.len() - 1].iter().all(Result::is_ok));
    }
    let got: Vec<_> = read(&files[2]).collect();
    assert!(got.len() == 1 && got[0].is_err());
}

#[test]
fn caps_and_given_languages() {
    let mut a = Article {
        id: "\u{7}x ".into(),
        title: "锂".repeat(2000),
        body: "Tin fell.".into(),
        lang: crate::article::Lang::Zh,
        ..Article::default()
    };
    complete(&mut a, true);
    assert_eq!((a.id.as_str(), a.lang.code()), ("x", "zh"));
    assert!(a.title.len() <= limits::TITLE_MAX_BYTES && a.title.len() > limits::TITLE_MAX_BYTES - 3);
    assert_eq!(a.extra["orewire_cut"], true);
    complete(&mut a, false);
    assert_eq!(a.lang.code(), "zh");
}

proptest::proptest! {
    #[test]
    fn no_format_panics(text in "(<p>|<li>|[\\[\\]{}\",:|;#*\n\r\t ]|---\n|title|锂|a|\u{0}|&amp;|\\\\u d800|2025-01-01){0,40}") {
        for format in [Format::Ndjson, Format::Json, Format::Text, Format::Markdown, Format::Html, Format::Feed, Format::Table] {
            let bytes = std::io::Cursor::new(text.clone().into_bytes());
            for article in articles_of(read_format(Box::new(bytes), "f", format, Box::new(|_| false))).flatten() {
                let sound = article.furniture.windows(2).all(|w| w[0].end <= w[1].start);
                proptest::prop_assert!(sound && !article.id.is_empty());
                proptest::prop_assert!(article.furniture.iter().all(|r| article.body.get(r.clone()).is_some()));
            }
        }
    }
}
