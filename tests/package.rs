//! What the package promises to those who depend on it: nothing for terminals without the command line,
//! the stated version of Rust, a command line without private doors, and a README that runs.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Names of the crates that the library or the program is built from, itself included.
fn crates(features: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let text = cargo(&[&tree, features].concat());
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn without_the_command_line_nothing_of_it_is_built() {
    let (library, program) = (crates(&["--no-default-features"]), crates(&[]));
    assert!(library.is_subset(&program));
    for name in ["clap", "ctrlc", "indicatif", "anstyle", "terminal_size", "console", "anstream"] {
        assert!(!library.contains(name), "{name}");
    }
    assert!(program.contains("clap"));
    eprintln!("{} crates, {} with the command line", library.len(), program.len());
}

#[test]
fn no_dependency_asks_for_a_newer_rust() {
    let metadata: serde_json::Value =
        serde_json::from_str(&cargo(&["metadata", "--offline", "--format-version", "1"])).unwrap();
    let version = |text: &str| -> Vec<u32> { text.split('.').map(|n| n.parse().unwrap()).collect() };
    let ours = version(env!("CARGO_PKG_RUST_VERSION"));
    let packages = metadata["packages"].as_array().unwrap();
    for package in packages {
        if let Some(theirs) = package["rust_version"].as_str() {
            assert!(version(theirs) <= ours, "{} asks for Rust {theirs}", package["name"]);
        }
    }
    assert!(packages.len() > 50);
}

/// The command line is another crate than the library, so the compiler lets it use what is public and
/// nothing else; unless something were public and hidden.
#[test]
fn the_command_line_has_no_private_door() {
    assert!(fs::read_to_string(root().join("src/main.rs")).unwrap().contains("\nmod cli;"));
    assert!(!fs::read_to_string(root().join("src/lib.rs")).unwrap().contains("mod cli"));
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                assert!(!text.contains("doc(hidden)"), "{}", path.display());
            }
        }
    }
}

/// `cargo package` would say so as well, after building everything anew.
#[test]
fn what_is_built_in_is_packaged() {
    let list = cargo(&["package", "--offline", "--allow-dirty", "--list"]);
    let packaged: BTreeSet<&str> = list.lines().collect();
    let mut built_in = 0;
    for file in packaged.iter().filter(|file| file.starts_with("src/") && file.ends_with(".rs")) {
        let text = fs::read_to_string(root().join(file)).unwrap();
        for part in text.split("include_str!(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            // Relative to the file that includes it, and none leads above the package.
            let mut path: Vec<&str> = file.split('/').collect();
            path.pop();
            for step in name.split('/') {
                if step == ".." {
                    path.pop().unwrap();
                } else {
                    path.push(step)
                }
            }
            assert!(packaged.contains(path.join("/").as_str()), "{file} has {name}, which is not packaged");
            built_in += 1;
        }
    }
    assert!(built_in > 10);
    for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "Cargo.lock", "examples/minimal.rs"] {
        assert!(packaged.contains(file), "{file}");
    }
    assert!(!packaged.iter().any(|file| file.starts_with("index/") && *file != "index/README.md"));
}

#[test]
fn the_readme_shows_the_program_that_embeds_the_library() {
    let program = fs::read_to_string(root().join("examples/embed.rs")).unwrap();
    assert!(program.lines().count() < 40);
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(&format!("```rust\n{program}```\n")), "README.md shows another program");
}
