//! A disk that fills up while an index is written: exit code 4, the published index answers as before,
//! and the next run with space succeeds.
#![cfg(target_os = "linux")]

mod news;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use orewire::{Index, Searcher};

/// A small disk in memory, gone when dropped.
struct Disk(PathBuf);

impl Disk {
    /// `None` where the test may not mount.
    fn mount(at: &Path, mebibytes: usize) -> Option<Disk> {
        fs::create_dir(at).unwrap();
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"])
            .arg(at)
            .output()
            .ok()?;
        output.status.success().then(|| Disk(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_leaves_the_index_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(&dir.path().join("disk"), 40) else {
        eprintln!("skipped: this user may not mount a small disk to fill");
        return;
    };
    let (index, source) = (disk.0.join("index"), dir.path().join("news.ndjson"));
    news::write(&source, (0..200).map(|n| (n, 0)));
    news::update(&index, std::slice::from_ref(&source), &news::options()).unwrap();
    let answers = || news::answers(&Searcher::open(&index).unwrap()).unwrap();
    let ballast = disk.0.join("ballast");
    let left = || {
        let output = Command::new("df").args(["--output=avail", "-k"]).arg(&disk.0).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().nth(1).unwrap().trim().parse::<usize>().unwrap()
    };
    news::write(&source, (0..260).map(|n| (n, usize::from(n % 10 == 0))));
    let mut failed = 0;
    // Room for more and more: the disk is full at the lock, the names, a segment, the manifest.
    let rooms = [0, 4, 64, 128, 160, 192, 256, 320, 384, 448, 512, 2_048, 5_120, 5_600, 5_700, 5_800];
    for rebuild in [false, true] {
        let before = answers();
        for room in rooms {
            let _ = fs::remove_file(&ballast);
            let fill = left().saturating_sub(room) * 1_024;
            let _ = fs::File::create(&ballast).unwrap().write_all(&vec![7; fill]);
            let mut command = news::program();
            command.args(["index", "--index"]).arg(&index).arg(&source);
            if rebuild {
                command.arg("--rebuild");
            }
            let output = command.output().unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            if output.status.success() {
                assert!(failed > 0, "the disk was not full");
                break;
            }
            failed += 1;
            assert_eq!(output.status.code(), Some(4), "with {room} KiB left: {stderr}");
            assert!(stderr.contains("free some space") && !stderr.contains("panicked"), "{stderr}");
            assert!(answers() == before, "other answers after the disk was full with {room} KiB left");
        }
    }
    eprintln!("{failed} runs met a full disk");
    fs::remove_file(&ballast).unwrap();
    news::update(&index, &[source], &news::options()).unwrap();
    assert_eq!(news::count(&Searcher::open(&index).unwrap(), "everyarticle").unwrap(), 260);
    assert!(Index::at(&index).check().unwrap().is_sound());
}
