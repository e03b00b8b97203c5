//! `orewire gazetteer check` and `orewire gazetteer find`.

use std::{fmt::Write as _, io::Write as _, path::Path};

use orewire::{
    Error, Gazetteer, Index,
    gazetteer::{Entry, EntryId, NameFlags},
};
use serde_json::{Value, json};

use super::{
    Outcome,
    args::{CheckTableArgs, Common, FindNameArgs, Format, GazetteerCommand},
    exit::{self, Failure},
    index, render, terminal,
};

pub(crate) fn run(command: &GazetteerCommand, common: &Common) -> Outcome {
    match command {
        GazetteerCommand::Check(args) => check(args),
        GazetteerCommand::Find(args) => find(args, common),
    }
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::output)
}

/// Prints what is wrong with tables, as `file:line: message`.
fn check(args: &CheckTableArgs) -> Outcome {
    let mut found: Vec<Value> = Vec::new();
    let mut text = String::new();
    for file in &args.files {
        let failed = |cause| Failure::usage(Error::Io { action: "reading", path: file.clone(), cause });
        let csv = std::fs::read_to_string(file).map_err(failed)?;
        let shown = file.display().to_string();
        // The kind of table is told by its file name; a folder's name must not decide it.
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        for problem in Gazetteer::check_table(&name, &csv) {
            let (line, message) = (problem.line, terminal::clean_line(&problem.message));
            let _ = writeln!(text, "{}:{line}: {message}", terminal::clean_line(&shown));
            found.push(json!({ "file": shown, "line": line, "message": problem.message }));
        }
    }
    let sound = found.is_empty();
    match args.format {
        Format::Json => {
            let value = json!({ "sound": sound, "problems": found });
            text = render::safe_json(&value, true) + "\n";
        }
        Format::Text if sound => text.push_str("no problems\n"),
        Format::Text => {}
    }
    print(&text)?;
    Ok(if sound { exit::DONE } else { exit::USAGE })
}

/// Prints the entries that a name may mean, the likeliest first.
fn find(args: &FindNameArgs, common: &Common) -> Outcome {
    let config = index::config(common)?;
    let gazetteer = Index::at(index::folder(&config, common)).with_config(&config)?.gazetteer()?;
    common.timings.stage("load");
    let found = gazetteer.lookup(&args.name);
    common.timings.stage("find");
    let entries: Vec<Found<'_>> = found
        .iter()
        .map(|(id, ambiguous)| {
            let entry = gazetteer.entry(*id);
            Found {
                entry,
                ambiguous: *ambiguous,
                above: above(&gazetteer, entry),
                names: names(&gazetteer, *id),
            }
        })
        .collect();
    match args.format {
        Format::Json => {
            let list: Vec<Value> = entries.iter().map(Found::json).collect();
            let value = json!({ "name": args.name, "entries": list });
            print(&(render::safe_json(&value, true) + "\n"))?;
        }
        Format::Text => {
            let mut text = String::new();
            for (at, entry) in entries.iter().enumerate() {
                entry.write(&mut text, at > 0);
            }
            if entries.is_empty() {
                let name = terminal::clean_line(&args.name);
                eprintln!("no entry has the name {name}");
            }
            print(&text)?;
        }
    }
    Ok(if entries.is_empty() { exit::NO_HITS } else { exit::DONE })
}

/// One entry that bears the name.
struct Found<'a> {
    entry: &'a Entry,
    /// The name counts only where the article otherwise supports the entry.
    ambiguous: bool,
    /// Path and display name of what it belongs to.
    above: Option<(String, String)>,
    /// Every name, with its marks.
    names: Vec<(String, Vec<&'static str>)>,
}

impl Found<'_> {
    fn json(&self) -> Value {
        let e = self.entry;
        let names: Vec<Value> =
            self.names.iter().map(|(name, flags)| json!({ "name": name, "flags": flags })).collect();
        json!({
            "facet": e.facet, "table": table(e), "path": e.path, "kind": e.kind,
            "name_en": e.name_en, "name_zh": e.name_zh, "code": e.code, "country": e.country,
            "weight": e.weight, "ambiguous": self.ambiguous,
            "parent": self.above.as_ref().map(|(path, _)| path),
            "names": names,
        })
    }

    fn write(&self, text: &mut String, gap: bool) {
        let e = self.entry;
        let both = if e.name_en.is_empty() || e.name_zh.is_empty() { "" } else { "  " };
        let title = format!("{}{both}{}", e.name_en, e.name_zh);
        let sure = if self.ambiguous { "only where the article otherwise names it" } else { "" };
        let parent = self.above.as_ref().map_or(String::new(), |(path, name)| format!("{path}  {name}"));
        let names: Vec<String> = self
            .names
            .iter()
            .map(
                |(name, flags)| {
                    if flags.is_empty() { name.clone() } else { format!("{name} ({})", flags.join(", ")) }
                },
            )
            .collect();
        let weight = if e.weight == 0 { String::new() } else { e.weight.to_string() };
        let fields = [
            ("path", e.path.as_str()),
            ("table", table(e)),
            ("kind", e.kind.as_str()),
            ("meant", sure),
            ("code", e.code.as_str()),
            ("country", e.country.as_str()),
            ("parent", parent.as_str()),
            ("weight", weight.as_str()),
        ];
        if gap {
            text.push('\n');
        }
        let _ = writeln!(text, "{} {}", e.facet, terminal::clean_line(&title));
        for (key, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = writeln!(text, "  {key:<8}{}", terminal::clean_line(value));
        }
        let _ = writeln!(text, "  {:<8}{}", "names", terminal::clean_line(&names.join(" | ")));
    }
}

/// The kind of table that an entry stands in.
fn table(entry: &Entry) -> &'static str {
    match entry.facet {
        orewire::Facet::Organization => "organizations",
        orewire::Facet::Province | orewire::Facet::Country => "places",
        orewire::Facet::Commodity => "commodities",
    }
}

/// What an entry belongs to: the body above an organization, the nearest known path above the others.
fn above(gazetteer: &Gazetteer, entry: &Entry) -> Option<(String, String)> {
    use orewire::Facet::{Country, Organization, Province};
    let named = |facet, path: &str| {
        let id = gazetteer.by_path(facet, path)?;
        Some((path.to_owned(), gazetteer.entry(id).name().to_owned()))
    };
    if entry.facet == Organization {
        return named(Organization, &entry.parent);
    }
    let mut path = Path::new(&entry.path).parent();
    while let Some(up) = path.and_then(Path::to_str).filter(|p| p.len() > 1) {
        let facets = if entry.facet == Province { vec![Province, Country] } else { vec![entry.facet] };
        if let Some(found) = facets.into_iter().find_map(|facet| named(facet, up)) {
            return Some(found);
        }
        path = Path::new(up).parent();
    }
    None
}

/// Every name of an entry, folded, with its marks; regular plurals are left out.
fn names(gazetteer: &Gazetteer, id: EntryId) -> Vec<(String, Vec<&'static str>)> {
    let marks = |flags: NameFlags| {
        [
            (flags.is_ambiguous(), "ambiguous"),
            (flags.is_stop(), "false friend"),
            (flags.is_compound(), "compound"),
            (flags.is_code(), "code"),
        ]
        .into_iter()
        .filter_map(|(set, mark)| set.then_some(mark))
        .collect::<Vec<_>>()
    };
    let mut names: Vec<(String, Vec<&'static str>)> = gazetteer
        .names()
        .filter(|(_, owner, flags)| *owner == id && !flags.is_plural())
        .map(|(name, _, flags)| (name.to_owned(), marks(flags)))
        .collect();
    let mut seen: Vec<(String, Vec<&'static str>)> = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(name);
        if new {
            seen.push(name.clone());
        }
        new
    });
    names
}
