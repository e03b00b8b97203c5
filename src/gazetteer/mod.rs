//! Names of organizations, places and traded goods: tables that people edit, compiled for matching.
//!
//! * `table`: rows, and what is wrong with them.
//! * `compile`: rows to a [`Gazetteer`].
//! * `matcher`: names over the units of a text.
//! * `lookup`: names of a query, and `completion`: what a name's beginning may become.

mod compile;
pub(crate) mod completion;
pub(crate) mod lookup;
pub(crate) mod matcher;
mod rows;
mod table;

use std::fmt;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

pub use compile::GazetteerBuilder;
pub(crate) use completion::Completions;
#[cfg(test)]
pub(crate) use lookup::names_for_tests;
pub(crate) use lookup::{ACRONYM, AMBIGUOUS, Names, key as name_key};
pub use matcher::NameFlags;
pub use rows::NameRow;
pub(crate) use rows::tables as tables_of_rows;
pub use table::{Problem, TableKind};

use crate::{
    Result,
    analysis::{Units, fold},
};
use matcher::Matcher;

/// Raised when the rules that turn names into tags change, so that a re-index tags anew.
const RULES_VERSION: u64 = 6;

/// The tables that come with the crate.
static BUILTIN: &[(TableKind, &str, &str)] = &[
    (TableKind::Places, "countries.csv", include_str!("../../gazetteer/countries.csv")),
    (TableKind::Places, "divisions.csv", include_str!("../../gazetteer/divisions.csv")),
    (TableKind::Places, "china.csv", include_str!("../../gazetteer/china.csv")),
    (TableKind::Places, "cities.csv", include_str!("../../gazetteer/cities.csv")),
    (TableKind::Places, "sites.csv", include_str!("../../gazetteer/sites.csv")),
    (TableKind::Compounds, "country-compounds.csv", include_str!("../../gazetteer/country-compounds.csv")),
    (TableKind::Commodities, "commodities.csv", include_str!("../../gazetteer/commodities.csv")),
    (TableKind::Organizations, "listed-companies.csv", include_str!("../../gazetteer/listed-companies.csv")),
    (TableKind::Organizations, "chinese-bodies.csv", include_str!("../../gazetteer/chinese-bodies.csv")),
    (TableKind::Organizations, "organizations.csv", include_str!("../../gazetteer/organizations.csv")),
];

/// What an entry is a kind of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Facet {
    /// Companies, ministries, associations and other bodies.
    #[default]
    Organization,
    /// Every place below a country.
    Province,
    /// Countries and territories with an ISO 3166-1 code.
    Country,
    /// Traded goods.
    Commodity,
}

impl Facet {
    /// `organization`, `province`, `country` or `commodity`.
    pub fn as_str(self) -> &'static str {
        match self {
            Facet::Organization => "organization",
            Facet::Province => "province",
            Facet::Country => "country",
            Facet::Commodity => "commodity",
        }
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Number of an entry in its [`Gazetteer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub(crate) u32);

impl EntryId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One thing that has names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What it is a kind of.
    pub facet: Facet,
    /// Facet path (`/china/sichuan`).
    pub path: String,
    /// Kind within the facet (`prefecture`, `ministry`).
    pub kind: String,
    /// English display name; may be empty.
    pub name_en: String,
    /// Chinese display name; may be empty.
    pub name_zh: String,
    /// ISO 3166-2 code of the first-level division of a place, ISO 3166-1 alpha-2 of a country, stock
    /// codes of a company separated by `|`.
    pub code: String,
    /// ISO 3166-1 alpha-2 of the country that it belongs to; may be empty.
    pub country: String,
    /// Path of the parent body of an organization; may be empty.
    pub parent: String,
    /// Population of a place; 1 to 3 for an organization.
    pub weight: u64,
}

impl Entry {
    fn from_row(row: table::Row) -> Option<Entry> {
        let facet = row.facet()?;
        let plain = |name: &str| name.trim_start_matches(['?', '!']).trim().to_owned();
        Some(Entry {
            facet,
            name_en: plain(&row.name_en),
            name_zh: plain(&row.name_zh),
            path: row.path,
            kind: row.kind,
            code: row.code,
            country: row.country,
            parent: row.parent,
            weight: row.weight,
        })
    }

    /// Display name: English, or else Chinese.
    pub fn name(&self) -> &str {
        if self.name_en.is_empty() { &self.name_zh } else { &self.name_en }
    }
}

/// All names, compiled. Shared between threads by `Arc`.
pub struct Gazetteer {
    entries: Vec<Entry>,
    by_path: [FxHashMap<String, EntryId>; 4],
    countries: FxHashMap<String, EntryId>,
    codes: FxHashMap<String, Vec<EntryId>>,
    matcher: Matcher,
    texts: String,
    parents: Vec<Option<EntryId>>,
}

impl fmt::Debug for Gazetteer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gazetteer").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

impl Gazetteer {
    /// The gazetteer of the tables that come with the crate.
    ///
    /// # Errors
    /// A line of a table that can't be read.
    pub fn builtin() -> Result<Gazetteer> {
        GazetteerBuilder::default().builtin()?.build()
    }

    /// An empty collection of tables.
    pub fn builder() -> GazetteerBuilder {
        GazetteerBuilder::default()
    }

    /// A number that changes when the names may have: of the built-in tables, the rules and `tables`
    /// (the texts of the user's own). Compiles nothing.
    pub fn fingerprint<'a>(tables: impl IntoIterator<Item = &'a str>) -> u64 {
        let texts = BUILTIN.iter().map(|(_, _, text)| *text).chain(tables);
        texts.fold(RULES_VERSION, |state, text| {
            let sum = u64::from(crc32fast::hash(text.as_bytes())) << 32 | (text.len() as u64 & 0xFFFF_FFFF);
            (state.rotate_left(5) ^ sum).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        })
    }

    /// The entry with a number of this gazetteer.
    ///
    /// # Panics
    /// Never for a number that this gazetteer gave out.
    pub fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[id.index()]
    }

    /// All entries.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        self.entries.iter().enumerate().map(|(at, entry)| (EntryId(at as u32), entry))
    }

    /// The entry with a facet path.
    pub fn by_path(&self, facet: Facet, path: &str) -> Option<EntryId> {
        self.by_path[facet as usize].get(path).copied()
    }

    /// The entries with exactly this name, alias or code, in any spelling that folds to it; and whether
    /// the name is ambiguous. Best first: names before codes, unambiguous before ambiguous, large before small.
    pub fn lookup(&self, name: &str) -> Vec<(EntryId, bool)> {
        let units = Units::of(name, &[]);
        let mut found: Vec<(EntryId, bool)> = Vec::new();
        let mut add = |id: EntryId, ambiguous: bool| match found.iter_mut().find(|(known, _)| *known == id) {
            Some(known) => known.1 &= ambiguous,
            None => found.push((id, ambiguous)),
        };
        let plus = name.trim_end().ends_with(['+', '＋']);
        if let Some(node) = self.matcher.exact(&units) {
            for name in self.matcher.at_node(node) {
                let fits = name.flags.has(NameFlags::PLUS) == plus;
                if fits && !name.flags.is_stop() && !name.flags.is_compound() {
                    add(name.entry, name.flags.is_ambiguous());
                }
            }
        }
        for id in self.codes.get(&fold(name.trim()).to_lowercase()).into_iter().flatten() {
            add(*id, false);
        }
        found.sort_by_key(|(id, ambiguous)| (*ambiguous, std::cmp::Reverse(self.entry(*id).weight), *id));
        found
    }

    /// Every name, folded, with its entry: for compiling look-up files and dictionaries. Compounds and
    /// false friends are among them, marked by their flags.
    pub fn names(&self) -> impl Iterator<Item = (&str, EntryId, NameFlags)> {
        self.matcher.names().iter().filter_map(|name| {
            let text = self.texts.get(name.text.0 as usize..name.text.1 as usize)?;
            Some((text, name.entry, name.flags))
        })
    }

    /// What is wrong with a table: columns, paths, kinds, duplicates, unknown parents, and names that
    /// belong to two entries, in the table or beside it. The table's rows may refer to the built-in ones,
    /// and replace those of the same path. Two places of one first-level division may share a name: it
    /// resolves to their division either way.
    pub fn check_table(name: &str, csv_text: &str) -> Vec<Problem> {
        if name.contains("compound") {
            return table::read_compounds(csv_text).1;
        }
        let builtin: Vec<table::Row> = BUILTIN
            .iter()
            .filter(|(kind, ..)| *kind != TableKind::Compounds)
            .flat_map(|(_, _, text)| table::read_rows(text).0)
            .collect();
        let known: rustc_hash::FxHashSet<(Facet, &str)> =
            builtin.iter().filter_map(|row| Some((row.facet()?, row.path.as_str()))).collect();
        let (rows, mut problems) = table::read_rows(csv_text);
        problems.extend(table::check_rows(&rows, |facet, path| known.contains(&(facet, path))));
        problems.extend(table::check_names(&rows, &builtin));
        problems.sort_by_key(|p| p.line);
        problems
    }

    pub(crate) fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    /// The country with an alpha-2 code.
    pub(crate) fn country(&self, code: &str) -> Option<EntryId> {
        self.countries.get(code).copied()
    }

    /// The entry above: of a place the next larger known one, of an organization its parent body.
    pub(crate) fn parent(&self, id: EntryId) -> Option<EntryId> {
        self.parents.get(id.index()).copied().flatten()
    }

    /// The entry itself and those above it.
    pub(crate) fn line(&self, id: EntryId) -> impl Iterator<Item = EntryId> {
        // A parent's path is shorter, but organizations may name each other: bounded.
        std::iter::successors(Some(id), |id| self.parent(*id)).take(8)
    }

    fn find_parent(&self, at: usize) -> Option<EntryId> {
        let entry = self.entries.get(at)?;
        if entry.facet == Facet::Organization {
            return self.by_path(Facet::Organization, &entry.parent);
        }
        let mut path = entry.path.as_str();
        while let Some(cut) = path.rfind('/').filter(|cut| *cut > 0) {
            path = &path[..cut];
            let facet = match (entry.facet, path.rfind('/')) {
                (Facet::Province, Some(0)) => Facet::Country,
                (facet, _) => facet,
            };
            if let Some(id) = self.by_path(facet, path) {
                return Some(id);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Units;

    const HEADER: &str = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n";

    fn build(places: &str, orgs: &str, goods: &str) -> Gazetteer {
        let table = |rows: &str| format!("{HEADER}{rows}");
        Gazetteer::builder()
            .table(TableKind::Places, "places", &table(places))
            .and_then(|b| b.table(TableKind::Organizations, "orgs", &table(orgs)))
            .and_then(|b| b.table(TableKind::Commodities, "goods", &table(goods)))
            .and_then(GazetteerBuilder::build)
            .unwrap()
    }

    /// The path of what the longest name at the start of a text means.
    fn at_start(gazetteer: &Gazetteer, text: &str) -> Option<(String, String)> {
        let units = Units::of(text, &[]);
        let symbols: Vec<u32> = units.iter().map(|u| gazetteer.matcher().symbol(&units, u)).collect();
        let hit = gazetteer.matcher().longest_at(text, &units, &symbols, 0)?;
        let name = gazetteer.matcher().accepted(&hit, &units).next()?;
        let list = units.list();
        let range = list[hit.start as usize].start as usize..list[hit.end as usize - 1].end as usize;
        Some((gazetteer.entry(name.entry).path.clone(), text[range].to_owned()))
    }

    #[test]
    fn names_match_with_their_capitals_and_plurals() {
        let gazetteer = build(
            "/united-states,country,United States,美国,US|U.S.,US,US,,\n",
            "/ndfeb,company,NdFeB Corp,,Co. of Steel,,,,\n/smith,company,\"Smith, Jones\",,,,,,\n",
            "/copper,commodity,Copper,铜,copper|copper alloy|ferro-alloy,,,,\n",
        );
        for (text, want) in [
            ("us", None),
            ("Us", None),
            ("US", Some("US")),
            ("U.S. growth", Some("U.S")),
            ("COPPER", Some("COPPER")),
            ("copper alloys", Some("copper alloys")),
            ("Copper-alloy", Some("Copper-alloy")),
            ("ferro alloys", Some("ferro alloys")),
            ("coppersmith", None),
            ("copper. Alloy", Some("copper")),
            ("Co. of Steel", Some("Co. of Steel")),
            ("Smith, Jones", Some("Smith, Jones")),
            ("Smith Jones", Some("Smith Jones")),
            ("NDFEB CORP", Some("NDFEB CORP")),
            ("ndfeb corp", None),
            ("ＣＯＰＰＥＲ", Some("ＣＯＰＰＥＲ")),
            ("銅價", Some("銅")),
        ] {
            assert_eq!(at_start(&gazetteer, text).map(|(_, t)| t).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_list_is_no_name_with_a_comma() {
        let gazetteer = build("", "", "/a,commodity,A,,gold mine,,,,\n");
        assert_eq!(at_start(&gazetteer, "gold, mine"), None);
        assert!(at_start(&gazetteer, "gold mine").is_some());
        assert!(at_start(&gazetteer, "gold\nmine").is_some());
        assert_eq!(at_start(&gazetteer, "gold\n\nmine"), None);
        assert_eq!(at_start(&gazetteer, "gold - mine"), None);
    }

    #[test]
    fn lookup_knows_names_aliases_and_codes() {
        let gazetteer = build(
            "/china,country,China,中国,Chinese,CN,CN,,\n/china/sichuan,division,Sichuan,四川,四川省,CN-SC,CN,,\n\
             /china/sichuan/chengdu,city,?Chengdu,成都,,CN-SC,CN,,9\n",
            "/creg,company,China Rare Earth Group,中国稀土集团,CREG,600000.SH,CN,,3\n",
            "",
        );
        for (name, path, ambiguous) in [
            ("sichuan", "/china/sichuan", false),
            ("四川省", "/china/sichuan", false),
            ("CN-SC", "/china/sichuan", false),
            ("cn", "/china", false),
            ("chengdu", "/china/sichuan/chengdu", true),
            ("creg", "/creg", false),
            ("600000.sh", "/creg", false),
            ("China rare-earth group", "/creg", false),
        ] {
            let found: Vec<_> = gazetteer
                .lookup(name)
                .into_iter()
                .map(|(id, a)| (gazetteer.entry(id).path.as_str(), a))
                .collect();
            assert_eq!(found, [(path, ambiguous)], "{name}");
        }
        assert!(gazetteer.lookup("sich").is_empty() && gazetteer.lookup("").is_empty());
        let chengdu = gazetteer.by_path(Facet::Province, "/china/sichuan/chengdu").unwrap();
        let line: Vec<_> = gazetteer.line(chengdu).map(|id| gazetteer.entry(id).path.as_str()).collect();
        assert_eq!(line, ["/china/sichuan/chengdu", "/china/sichuan", "/china"]);
    }

    #[test]
    fn a_later_row_replaces_an_earlier_one() {
        let table = |rows: &str| format!("{HEADER}{rows}");
        let gazetteer = Gazetteer::builder()
            .table(TableKind::Commodities, "a", &table("/a,commodity,Old,,,,,,\n/b,commodity,B,,,,,,\n"))
            .and_then(|b| b.table(TableKind::Commodities, "b", &table("/a,commodity,New,,,,,,\n")))
            .and_then(GazetteerBuilder::build)
            .unwrap();
        assert_eq!(gazetteer.entries().count(), 2);
        assert!(gazetteer.lookup("Old").is_empty());
        assert_eq!(gazetteer.lookup("New").len(), 1);
    }

    #[test]
    fn a_wrong_table_names_its_line() {
        let error = Gazetteer::builder()
            .table(
                TableKind::Places,
                "mine.csv",
                &format!("{HEADER}/a,country,A,,,AA,AA,,\n/a/b,company,B,,,,,,\n"),
            )
            .unwrap_err();
        assert_eq!(error.to_string(), "mine.csv, line 3: kind \"company\" does not belong into this table");
    }

    #[test]
    fn the_fingerprint_follows_the_tables() {
        let plain = Gazetteer::fingerprint([]);
        assert_eq!(plain, Gazetteer::fingerprint([]));
        assert_ne!(plain, Gazetteer::fingerprint(["x"]));
        assert_ne!(Gazetteer::fingerprint(["x", "y"]), Gazetteer::fingerprint(["y", "x"]));
    }

    #[test]
    fn no_path_stands_in_two_built_in_tables() {
        let mut seen: FxHashMap<(Facet, String), &str> = FxHashMap::default();
        let mut twice = Vec::new();
        for (_, table, text) in BUILTIN.iter().filter(|(kind, ..)| *kind != TableKind::Compounds) {
            for row in table::read_rows(text).0 {
                let Some(facet) = row.facet() else { continue };
                if let Some(first) = seen.insert((facet, row.path.clone()), table) {
                    twice.push(format!("{} in {first} and {table}", row.path));
                }
            }
        }
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn the_built_in_tables_compile_and_have_no_clashing_paths() {
        let gazetteer = Gazetteer::builtin().unwrap();
        assert!(gazetteer.by_path(Facet::Country, "/china").is_some());
        assert!(gazetteer.by_path(Facet::Commodity, "/metals/rare-earths").is_some());
        for (id, entry) in gazetteer.entries() {
            assert!(!entry.name().is_empty(), "{}", entry.path);
            assert!(entry.facet != Facet::Province || gazetteer.parent(id).is_some(), "{}", entry.path);
        }
    }
}
