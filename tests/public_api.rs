//! The library's public items against a committed list, so that whoever changes one sees it and says so.
//!
//! `OREWIRE_UPDATE_SNAPSHOTS=1 cargo test --test public_api` writes the list anew. It is made from rustdoc's
//! JSON, of which only the form of one release of Rust is read here: with another the test is skipped.
#![cfg(unix)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use serde_json::Value;

/// The form of the JSON: that of Rust 1.95.
const FORMAT: u64 = 57;

#[test]
fn the_public_items_are_those_of_the_list() {
    let document = document();
    if document["format_version"] != FORMAT {
        eprintln!("skipped: rustdoc writes form {}, this test reads {FORMAT}", document["format_version"]);
        return;
    }
    let mut api = Api { index: &document["index"], paths: BTreeMap::new(), lines: Vec::new() };
    api.module(&document["root"], "orewire");
    let items = api.lines.join("\n") + "\n";
    assert!(items.contains("fn orewire::Searcher::search(&self, request: &SearchRequest)"), "{items}");
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/public-api.txt");
    if std::env::var_os("OREWIRE_UPDATE_SNAPSHOTS").is_some() {
        fs::write(&list, items).unwrap();
        return;
    }
    let before = fs::read_to_string(&list).unwrap_or_default();
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (before.lines().collect(), items.lines().collect());
    let gone = old.difference(&new).map(|line| format!("- {line}\n"));
    let come = new.difference(&old).map(|line| format!("+ {line}\n"));
    let changes: String = gone.chain(come).collect();
    assert!(
        before == items,
        "the public items are not those of tests/public-api.txt:\n{changes}\
         If that is meant, see Versions in CONTRIBUTING.md, and write the list anew with\n\
         OREWIRE_UPDATE_SNAPSHOTS=1 cargo test --test public_api"
    );
}

fn document() -> Value {
    let temporary = tempfile::tempdir().unwrap();
    // Only rustdoc itself is to take unstable options: a variable for all of cargo would build the
    // dependencies anew.
    let rustdoc = temporary.path().join("rustdoc");
    fs::write(&rustdoc, "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n").unwrap();
    fs::set_permissions(&rustdoc, fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["rustdoc", "--lib", "--offline", "--", "-Z", "unstable-options", "--output-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTDOC", &rustdoc)
        .env_remove("RUSTDOCFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("doc").join("orewire.json");
    serde_json::from_slice(&fs::read(json).unwrap()).unwrap()
}

struct Api<'a> {
    index: &'a Value,
    /// Where each item is listed: under its other names it is only referred to.
    paths: BTreeMap<String, String>,
    lines: Vec<String>,
}

impl<'a> Api<'a> {
    fn item(&self, id: &Value) -> &'a Value {
        &self.index[id.to_string()]
    }

    /// The items of a module, its re-exports first: those are the names that are meant to be used.
    fn module(&mut self, id: &Value, path: &str) {
        let module = self.item(id);
        let mut children: Vec<(bool, String, &Value, &Value)> = Vec::new();
        for id in list(&module["inner"]["module"]["items"]) {
            let item = self.item(id);
            let used = &item["inner"]["use"];
            match used["id"].is_null() {
                true => children.push((true, text(&item["name"]), id, item)),
                false => children.push((false, text(&used["name"]), &used["id"], self.item(&used["id"]))),
            }
        }
        children.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        for (_, name, id, item) in children {
            let path = format!("{path}::{name}");
            if let Some(known) = self.paths.get(&id.to_string()) {
                self.lines.push(format!("use {path} = {known}"));
                continue;
            }
            self.paths.insert(id.to_string(), path.clone());
            self.one(id, item, &path);
        }
    }

    fn one(&mut self, id: &Value, item: &Value, path: &str) {
        let Some((kind, inner)) = item["inner"].as_object().and_then(|o| o.iter().next()) else { return };
        let grows = if item["attrs"].to_string().contains("non_exhaustive") { " (may grow)" } else { "" };
        match kind.as_str() {
            "module" => {
                self.lines.push(format!("mod {path}"));
                self.module(id, path);
            }
            "struct" | "enum" => {
                self.lines.push(format!("{kind} {path}{}{grows}", generics(&inner["generics"])));
                for id in list(&inner["kind"]["plain"]["fields"]) {
                    let field = self.item(id);
                    let of = kind_of(&field["inner"]["struct_field"]);
                    self.lines.push(format!("  {}: {of}", text(&field["name"])));
                }
                for id in list(&inner["variants"]) {
                    let line = self.variant(self.item(id));
                    self.lines.push(line);
                }
                self.impls(&inner["impls"], path);
            }
            "function" => self.lines.push(signature(path, inner)),
            "constant" => self.lines.push(format!("const {path}: {}", kind_of(&inner["type"]))),
            _ => self.lines.push(format!("{kind} {path} = {}", kind_of(&inner["type"]))),
        }
    }

    fn variant(&self, variant: &Value) -> String {
        let kind = &variant["inner"]["variant"]["kind"];
        let field = |id: &Value| self.item(id);
        let named = list(&kind["struct"]["fields"]).iter().map(field);
        let named: Vec<String> = named
            .map(|f| format!("{}: {}", text(&f["name"]), kind_of(&f["inner"]["struct_field"])))
            .collect();
        let plain = list(&kind["tuple"]).iter().map(field);
        let plain: Vec<String> = plain.map(|f| kind_of(&f["inner"]["struct_field"])).collect();
        let name = text(&variant["name"]);
        match (named.is_empty(), plain.is_empty()) {
            (false, _) => format!("  {name} {{ {} }}", named.join(", ")),
            (_, false) => format!("  {name}({})", plain.join(", ")),
            _ => format!("  {name}"),
        }
    }

    /// Methods, then the traits. Of those that the compiler finds by itself, threads matter.
    fn impls(&mut self, impls: &Value, path: &str) {
        let (mut methods, mut traits) = (Vec::new(), BTreeSet::new());
        for inner in list(impls).iter().map(|id| &self.item(id)["inner"]["impl"]) {
            let name = bound_trait(&inner["trait"]);
            if inner["trait"].is_null() {
                for item in list(&inner["items"]).iter().map(|id| self.item(id)) {
                    let path = format!("{path}::{}", text(&item["name"]));
                    let of = &item["inner"];
                    methods.push(match of["function"].is_null() {
                        false => signature(&path, &of["function"]),
                        true => format!("const {path}: {}", kind_of(&of["assoc_const"]["type"])),
                    });
                }
            } else if inner["blanket_impl"].is_null()
                && (inner["is_synthetic"] == false || ["Send", "Sync"].contains(&name.as_str()))
                && inner["is_negative"] == false
                && name != "StructuralPartialEq"
            {
                traits.insert(name);
            }
        }
        methods.sort();
        self.lines.extend(methods);
        self.lines.push(format!("  is {}", traits.into_iter().collect::<Vec<_>>().join(", ")));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

fn joined(values: &Value, of: impl Fn(&Value) -> String) -> String {
    list(values).iter().map(of).collect::<Vec<_>>().join(", ")
}

fn signature(path: &str, function: &Value) -> String {
    let sig = &function["sig"];
    let inputs = joined(&sig["inputs"], |input| {
        let (name, of) = (text(&input[0]), kind_of(&input[1]));
        match (name.as_str(), of.as_str()) {
            ("self", "Self") => name,
            ("self", _) => of.replace("Self", "self"),
            _ => format!("{name}: {of}"),
        }
    });
    let output =
        if sig["output"].is_null() { String::new() } else { format!(" -> {}", kind_of(&sig["output"])) };
    format!("fn {path}{}({inputs}){output}", generics(&function["generics"]))
}

/// `<T: Trait>`, without the parameters that stand for an `impl Trait`.
fn generics(generics: &Value) -> String {
    let params: Vec<String> = list(&generics["params"])
        .iter()
        .filter(|p| p["kind"]["type"]["is_synthetic"] != true)
        .map(|p| match bounds(&p["kind"]["type"]["bounds"]).as_str() {
            "" => text(&p["name"]),
            bounds => format!("{}: {bounds}", text(&p["name"])),
        })
        .collect();
    if params.is_empty() { String::new() } else { format!("<{}>", params.join(", ")) }
}

fn bounds(bounds: &Value) -> String {
    let each = |bound: &Value| match bound["trait_bound"].is_null() {
        false => bound_trait(&bound["trait_bound"]["trait"]),
        // A lifetime, or what a value captures.
        true => bound["outlives"].as_str().map_or_else(|| "use<>".to_owned(), str::to_owned),
    };
    list(bounds).iter().map(each).collect::<Vec<_>>().join(" + ")
}

fn bound_trait(path: &Value) -> String {
    let name = text(&path["path"]);
    format!("{}{}", name.rsplit("::").next().unwrap_or(""), arguments(&path["args"]))
}

fn arguments(args: &Value) -> String {
    let call = &args["parenthesized"];
    if !call.is_null() {
        let output = if call["output"].is_null() {
            String::new()
        } else {
            format!(" -> {}", kind_of(&call["output"]))
        };
        return format!("({}){output}", joined(&call["inputs"], kind_of));
    }
    let inside = &args["angle_bracketed"];
    let each = |arg: &Value| match arg["lifetime"].as_str() {
        Some(lifetime) => lifetime.to_owned(),
        None => kind_of(&arg["type"]),
    };
    let equal = |c: &Value| format!("{} = {}", text(&c["name"]), kind_of(&c["binding"]["equality"]["type"]));
    let all = [joined(&inside["args"], each), joined(&inside["constraints"], equal)];
    let all: Vec<String> = all.into_iter().filter(|part| !part.is_empty()).collect();
    if all.is_empty() { String::new() } else { format!("<{}>", all.join(", ")) }
}

/// A type, with the last part of each path; in rustdoc's own words where it is a rare one.
fn kind_of(of: &Value) -> String {
    let Some((kind, inner)) = of.as_object().and_then(|o| o.iter().next()) else { return text(of) };
    match kind.as_str() {
        "resolved_path" => bound_trait(inner),
        "primitive" | "generic" => text(inner),
        "borrowed_ref" => {
            let lifetime = inner["lifetime"].as_str().map_or(String::new(), |l| format!("{l} "));
            let mutable = if inner["is_mutable"] == true { "mut " } else { "" };
            format!("&{lifetime}{mutable}{}", kind_of(&inner["type"]))
        }
        "slice" => format!("[{}]", kind_of(inner)),
        "array" => format!("[{}; {}]", kind_of(&inner["type"]), text(&inner["len"])),
        "tuple" => format!("({})", joined(inner, kind_of)),
        "impl_trait" => format!("impl {}", bounds(inner)),
        "qualified_path" => format!("{}::{}", kind_of(&inner["self_type"]), text(&inner["name"])),
        _ => of.to_string(),
    }
}
