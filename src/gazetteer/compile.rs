//! Tables to a [`Gazetteer`]: overriding rows, names into the matcher, places into a tree.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    BUILTIN, Entry, EntryId, Facet, Gazetteer, NameRow, TableKind,
    matcher::{Matcher, NameFlags},
    table::{self, Row, check_rows, first_error},
    tables_of_rows,
};
use crate::{
    Result,
    analysis::{Case, UnitKind, Units},
};

/// Collects tables for a [`Gazetteer`]; later rows replace earlier ones of the same path.
#[derive(Debug, Default)]
pub struct GazetteerBuilder {
    rows: Vec<Row>,
    compounds: Vec<(String, Vec<String>)>,
}

impl GazetteerBuilder {
    /// Adds the tables that come with the crate.
    pub fn builtin(mut self) -> Result<GazetteerBuilder> {
        for (kind, name, text) in BUILTIN {
            self = self.add(*kind, name, text, false)?;
        }
        Ok(self)
    }

    /// Adds a table; `name` is what messages call it. A row with the path of an earlier one replaces it.
    ///
    /// # Errors
    /// The first problem of the table, with its line.
    pub fn table(self, kind: TableKind, name: &str, csv_text: &str) -> Result<GazetteerBuilder> {
        self.add(kind, name, csv_text, true)
    }

    /// Adds rows from memory. Messages call them `name`, and count the places, the goods and the
    /// organizations among them from line 2 each.
    ///
    /// # Errors
    /// The first problem of the rows.
    pub fn rows(self, name: &str, rows: impl IntoIterator<Item = NameRow>) -> Result<GazetteerBuilder> {
        tables_of_rows(rows).iter().try_fold(self, |builder, (kind, csv)| builder.table(*kind, name, csv))
    }

    fn add(mut self, kind: TableKind, name: &str, text: &str, strict: bool) -> Result<GazetteerBuilder> {
        if kind == TableKind::Compounds {
            let (rows, problems) = table::read_compounds(text);
            first_error(name, problems)?;
            self.compounds.extend(rows);
            return Ok(self);
        }
        let (rows, mut problems) = table::read_rows(text);
        for row in &rows {
            let fits = match row.facet() {
                Some(Facet::Country | Facet::Province) => kind == TableKind::Places,
                Some(Facet::Commodity) => kind == TableKind::Commodities,
                Some(Facet::Organization) => kind == TableKind::Organizations,
                None => true,
            };
            if !fits {
                let message = format!("kind {:?} does not belong into this table", row.kind);
                problems.push(table::Problem { line: row.line, message });
            }
        }
        if strict && problems.is_empty() {
            let known: FxHashSet<(Facet, &str)> =
                self.rows.iter().filter_map(|r| Some((r.facet()?, r.path.as_str()))).collect();
            // Clashing names are for `check_table` to warn of; they do not make a table unusable.
            problems = check_rows(&rows, |facet, path| known.contains(&(facet, path)));
            problems.retain(|p| !p.message.starts_with("name "));
        }
        first_error(name, problems)?;
        self.rows.extend(rows);
        Ok(self)
    }

    /// Compiles the names.
    ///
    /// # Errors
    /// None today: tables are checked as they are added.
    pub fn build(self) -> Result<Gazetteer> {
        let mut by_path: [FxHashMap<String, EntryId>; 4] = Default::default();
        let mut rows: Vec<Row> = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let Some(facet) = row.facet() else { continue };
            match by_path[facet as usize].get(&row.path) {
                Some(id) => rows[id.index()] = row,
                None => {
                    by_path[facet as usize].insert(row.path.clone(), EntryId(rows.len() as u32));
                    rows.push(row);
                }
            }
        }
        let mut compile = Compile::default();
        for (at, row) in rows.iter().enumerate() {
            compile.row(EntryId(at as u32), row);
        }
        let countries: FxHashMap<&str, EntryId> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.kind == "country")
            .map(|(at, row)| (row.country.as_str(), EntryId(at as u32)))
            .collect();
        let divisions: FxHashMap<&str, EntryId> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.kind == "division" && row.path.matches('/').count() == 2)
            .map(|(at, row)| (row.code.as_str(), EntryId(at as u32)))
            .collect();
        for (phrase, codes) in &self.compounds {
            let (phrase, mark) = match phrase.as_bytes().first() {
                Some(b'?') => (&phrase[1..], NameFlags::AMBIGUOUS),
                Some(b'!') => (&phrase[1..], NameFlags::STOP),
                _ => (phrase.as_str(), NameFlags::default()),
            };
            let place = |code: &String| countries.get(code.as_str()).or_else(|| divisions.get(code.as_str()));
            for id in codes.iter().filter_map(place) {
                compile.name(phrase, *id, NameFlags::COMPOUND.with(mark));
            }
            if codes.is_empty() {
                // A phrase without a country is a false friend of any.
                compile.name(phrase, EntryId(0), NameFlags::STOP);
            }
        }
        let countries = countries.into_iter().map(|(code, id)| (code.to_owned(), id)).collect();
        let mut codes: FxHashMap<String, Vec<EntryId>> = FxHashMap::default();
        for (at, row) in rows.iter().enumerate() {
            // A place carries the code of its division; only the division itself answers to it.
            if matches!(row.facet(), Some(Facet::Province)) && row.path.matches('/').count() != 2 {
                continue;
            }
            for code in row.code.split('|').filter(|c| !c.is_empty()) {
                codes.entry(code.to_lowercase()).or_default().push(EntryId(at as u32));
            }
        }
        let entries: Vec<Entry> = rows.into_iter().filter_map(Entry::from_row).collect();
        let mut gazetteer = Gazetteer {
            entries,
            by_path,
            countries,
            codes,
            matcher: compile.matcher,
            texts: compile.texts,
            parents: Vec::new(),
        };
        gazetteer.parents = (0..gazetteer.entries.len()).map(|at| gazetteer.find_parent(at)).collect();
        Ok(gazetteer)
    }
}

#[derive(Default)]
struct Compile {
    matcher: Matcher,
    texts: String,
    units: Units,
}

impl Compile {
    fn row(&mut self, id: EntryId, row: &Row) {
        let mut seen: Vec<&str> = Vec::new();
        for name in row.names() {
            if seen.contains(&name.text) {
                continue;
            }
            seen.push(name.text);
            let mut flags = NameFlags::default();
            if name.ambiguous {
                flags = flags.with(NameFlags::AMBIGUOUS);
            }
            if name.stop {
                flags = flags.with(NameFlags::STOP);
            }
            self.name(name.text, id, flags);
            // Easter eggs are no more eggs than an Easter egg is.
            let plain = if name.stop { ends_plainly(name.text) } else { name.text };
            for plural in plurals(plain, &self.units) {
                let start = &name.text[..name.text.len() - plain.len()];
                self.name(&format!("{start}{plural}"), id, flags.with(NameFlags::PLURAL));
            }
        }
        if row.facet() == Some(Facet::Organization) {
            for code in row.code.split('|').filter(|c| c.contains('.')) {
                self.name(code, id, NameFlags::CODE);
            }
        }
    }

    fn name(&mut self, text: &str, id: EntryId, flags: NameFlags) {
        self.units.scan(text, &[]);
        let start = self.texts.len() as u32;
        self.texts.push_str(&crate::analysis::fold(text));
        let range = (start, self.texts.len() as u32);
        self.matcher.insert(text, &self.units, id, flags, range);
    }
}

/// The last word of a name, if it is in lower case.
fn ends_plainly(name: &str) -> &str {
    let last = name.rsplit(' ').next().unwrap_or(name);
    if last.chars().all(|c| c.is_ascii_lowercase()) { last } else { "" }
}

/// Regular plurals of an English name in lower case; `units` are those of the name.
fn plurals(name: &str, units: &Units) -> Vec<String> {
    let plain =
        units.iter().all(|u| matches!(u.kind, UnitKind::Word | UnitKind::Number) && u.case != Case::Upper);
    if !plain
        || name.chars().any(char::is_uppercase)
        || name.len() < 3
        || !name.ends_with(|c: char| c.is_ascii_lowercase())
    {
        return Vec::new();
    }
    let mut out = Vec::new();
    let stem = &name[..name.len() - 1];
    let vowel_before = stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    if name.ends_with('y') && !vowel_before {
        out.push(format!("{stem}ies"));
    } else if name.ends_with('s')
        || name.ends_with('x')
        || name.ends_with('z')
        || name.ends_with("ch")
        || name.ends_with("sh")
    {
        if !name.ends_with('s') || name.ends_with("ss") || name.ends_with("us") {
            out.push(format!("{name}es"));
        }
    } else {
        out.push(format!("{name}s"));
        if name.ends_with('o') {
            out.push(format!("{name}es"));
        }
    }
    out
}
