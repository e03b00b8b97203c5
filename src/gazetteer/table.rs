//! The tables that people edit, as rows: reading, overriding by path, and checking with line numbers.
//!
//! `gazetteer/FORMAT.md` describes the columns.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Facet;
use crate::{Error, Result};

/// Columns of every table but the one of compounds.
pub(super) const COLUMNS: [&str; 9] =
    ["path", "kind", "name_en", "name_zh", "aliases", "code", "country", "parent", "weight"];

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableKind {
    /// Countries and everything below them.
    Places,
    /// Short forms that name several countries or first-level divisions at once: a phrase, and codes
    /// of ISO 3166 separated by `|` (`中美,CN|US`; `京津冀,CN-BJ|CN-TJ|CN-HE`).
    Compounds,
    /// Traded goods.
    Commodities,
    /// Companies, ministries, associations and other bodies.
    Organizations,
}

/// Something wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// 1-based line of the table.
    pub line: u64,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
}

/// One row, as written.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub line: u64,
    pub path: String,
    pub kind: String,
    pub name_en: String,
    pub name_zh: String,
    pub aliases: String,
    pub code: String,
    pub country: String,
    pub parent: String,
    pub weight: u64,
}

/// A name of a row without its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowName<'a> {
    pub text: &'a str,
    /// Counts only with support.
    pub ambiguous: bool,
    /// Is *not* the entry, and hides the names inside it.
    pub stop: bool,
}

impl Row {
    /// All names, the display names first.
    pub fn names(&self) -> impl Iterator<Item = RowName<'_>> {
        [self.name_en.as_str(), self.name_zh.as_str()]
            .into_iter()
            .chain(self.aliases.split('|'))
            .map(row_name)
            .filter(|n| !n.text.is_empty())
    }

    /// The facet that the row's kind belongs to; `None` for an unknown kind.
    pub fn facet(&self) -> Option<Facet> {
        facet_of(&self.kind)
    }
}

/// The facet that a kind belongs to; `None` for an unknown one.
pub(super) fn facet_of(kind: &str) -> Option<Facet> {
    Some(match kind {
        "country" => Facet::Country,
        "division" | "prefecture" | "county" | "capital" | "city" | "zone" | "mine" | "port" | "basin"
        | "region" => Facet::Province,
        "commodity" => Facet::Commodity,
        "company" | "ministry" | "agency" | "exchange" | "multilateral" | "association" | "university"
        | "institute" | "bank" | "ngo" | "party" | "media" => Facet::Organization,
        _ => return None,
    })
}

fn row_name(raw: &str) -> RowName<'_> {
    let raw = raw.trim();
    match raw.as_bytes().first() {
        Some(b'?') => RowName { text: raw[1..].trim(), ambiguous: true, stop: false },
        Some(b'!') => RowName { text: raw[1..].trim(), ambiguous: false, stop: true },
        _ => RowName { text: raw, ambiguous: false, stop: false },
    }
}

/// The rows of `text`, and what is wrong with the lines that are not rows.
pub(super) fn read_rows(text: &str) -> (Vec<Row>, Vec<Problem>) {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut first = true;
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                problems.push(Problem { line, message: error.to_string() });
                continue;
            }
        }
        let line = record.position().map_or(line, csv::Position::line);
        if std::mem::take(&mut first) {
            if record.iter().ne(COLUMNS) {
                problems
                    .push(Problem { line, message: format!("the columns must be {}", COLUMNS.join(",")) });
                break;
            }
            continue;
        }
        if record.len() != COLUMNS.len() {
            let message = format!("{} columns, expected {}", record.len(), COLUMNS.len());
            problems.push(Problem { line, message });
            continue;
        }
        let at = |i: usize| record.get(i).unwrap_or("").trim().to_owned();
        let weight = at(8);
        if !weight.is_empty() && weight.parse::<u64>().is_err() {
            problems.push(Problem { line, message: format!("weight {weight:?} is not a whole number") });
        }
        rows.push(Row {
            line,
            path: at(0),
            kind: at(1),
            name_en: at(2),
            name_zh: at(3),
            aliases: at(4),
            code: at(5),
            country: at(6),
            parent: at(7),
            weight: weight.parse().unwrap_or(0),
        });
    }
    if first {
        problems.push(Problem {
            line: 1,
            message: "the table is empty; its first line names the columns".into(),
        });
    }
    (rows, problems)
}

/// `CN`, `CN-SC`: an alpha-2 code, alone or with that of a division.
fn is_place_code(code: &str) -> bool {
    let (country, division) = code.split_once('-').map_or((code, None), |(c, d)| (c, Some(d)));
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && division.is_none_or(|d| (1..=3).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A phrase and the codes of the countries or first-level divisions that it names.
pub(super) type Compound = (String, Vec<String>);

/// The rows of a table of compounds. It may have more columns (notes); the first two count.
pub(super) fn read_compounds(text: &str) -> (Vec<Compound>, Vec<Problem>) {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(true).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                problems.push(Problem { line, message: error.to_string() });
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let codes: Vec<String> = record
            .get(1)
            .unwrap_or("")
            .split(['|', ' ', ';'])
            .filter(|c| !c.is_empty())
            .map(str::to_owned)
            .collect();
        let phrase = record.get(0).unwrap_or("").trim();
        if phrase.is_empty() || !codes.iter().all(|code| is_place_code(code)) {
            problems.push(Problem {
                line,
                message: "expected a phrase and codes of countries or divisions separated by |".into(),
            });
            continue;
        }
        for phrase in phrase.split('|') {
            rows.push((phrase.trim().to_owned(), codes.clone()));
        }
    }
    (rows, problems)
}

/// Problems of rows by themselves: paths, kinds, duplicates, parents. `known` tells whether a path
/// exists in the tables around this one.
pub(super) fn check_rows(rows: &[Row], known: impl Fn(Facet, &str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: FxHashMap<(Facet, &str), u64> = FxHashMap::default();
    for row in rows {
        let Some(facet) = row.facet() else { continue };
        seen.entry((facet, &row.path)).or_insert(row.line);
    }
    let exists = |facet: Facet, path: &str| seen.contains_key(&(facet, path)) || known(facet, path);
    for row in rows {
        let mut problem = |message: String| problems.push(Problem { line: row.line, message });
        let Some(facet) = row.facet() else {
            problem(format!("unknown kind {:?}", row.kind));
            continue;
        };
        if !is_path(&row.path) {
            problem(format!("path {:?}: expected segments of a-z, 0-9 and -, each after a /", row.path));
            continue;
        }
        if let Some(first) = seen.get(&(facet, row.path.as_str())).filter(|first| **first != row.line) {
            problem(format!("path {} stands already in line {first}", row.path));
        }
        if row.name_en.is_empty() && row.name_zh.is_empty() {
            problem("neither an English nor a Chinese name".into());
        }
        let above = row.path.rfind('/').map_or("", |at| &row.path[..at]);
        match facet {
            Facet::Country if !above.is_empty() => problem("a country's path has one segment".into()),
            Facet::Province => {
                let country = row.path.split('/').nth(1).map(|c| format!("/{c}")).unwrap_or_default();
                if above.is_empty() || !exists(Facet::Country, &country) {
                    problem(format!("no country has the path {country}"));
                } else if above != country && !exists(Facet::Province, above) {
                    problem(format!("no place has the path {above}"));
                }
            }
            Facet::Commodity if !above.is_empty() && !exists(facet, above) => {
                problem(format!("no commodity has the path {above}"));
            }
            Facet::Organization => {
                if !above.is_empty() {
                    problem("an organization's path has one segment".into());
                }
                if !row.parent.is_empty() && !exists(facet, &row.parent) {
                    problem(format!("no organization has the path {}", row.parent));
                }
            }
            _ => {}
        }
        let mut own: Vec<&str> = Vec::new();
        for name in row.names().filter(|n| !n.ambiguous && !n.stop) {
            // Another spelling in capitals matches other texts; the same one twice is a slip.
            if own.contains(&name.text) {
                problem(format!("name {:?} stands twice in this row", name.text));
            }
            own.push(name.text);
        }
    }
    problems
}

/// Names of rows that belong to another row as well, of the same table or of those `beside` it whose
/// path no row of the table replaces.
pub(super) fn check_names(rows: &[Row], beside: &[Row]) -> Vec<Problem> {
    let paths: FxHashSet<(Facet, &str)> =
        rows.iter().filter_map(|row| Some((row.facet()?, row.path.as_str()))).collect();
    let mut owners: FxHashMap<(Facet, String), (&Row, bool)> = FxHashMap::default();
    let sure = |row: &'_ Row| {
        let names: Vec<String> = row
            .names()
            .filter(|n| !n.ambiguous && !n.stop)
            .map(|n| crate::analysis::fold(n.text).into_owned())
            .collect();
        names
    };
    for row in beside {
        let Some(facet) = row.facet().filter(|f| !paths.contains(&(*f, row.path.as_str()))) else { continue };
        for name in sure(row) {
            owners.entry((facet, name)).or_insert((row, true));
        }
    }
    let mut problems = Vec::new();
    for row in rows {
        let Some(facet) = row.facet() else { continue };
        for name in sure(row) {
            let (owner, beside) = *owners.entry((facet, name.clone())).or_insert((row, false));
            let place = matches!(facet, Facet::Province | Facet::Country);
            if owner.path == row.path || (place && owner.code == row.code) {
                continue;
            }
            let place = if beside { "built in".to_owned() } else { format!("line {}", owner.line) };
            let message =
                format!("name {name:?} belongs already to {} ({place}); mark it with ?", owner.path);
            problems.push(Problem { line: row.line, message });
        }
    }
    problems
}

fn is_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|segment| {
            !segment.is_empty()
                && segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
    })
}

/// The first problem of a table as an error.
pub(super) fn first_error(table: &str, problems: Vec<Problem>) -> Result<()> {
    match problems.into_iter().next() {
        None => Ok(()),
        Some(p) => Err(Error::Gazetteer { table: table.to_owned(), line: p.line, reason: p.message }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n";

    #[test]
    fn names_lose_their_prefixes() {
        let (rows, problems) = read_rows(&format!("{HEADER}/a,company,?Georgia,佐治亚,X|?Y|!Z z,,,,2\n"));
        assert!(problems.is_empty());
        let names: Vec<_> = rows[0].names().map(|n| (n.text, n.ambiguous, n.stop)).collect();
        assert_eq!(
            names,
            [
                ("Georgia", true, false),
                ("佐治亚", false, false),
                ("X", false, false),
                ("Y", true, false),
                ("Z z", false, true)
            ]
        );
    }

    #[test]
    fn problems_carry_their_lines() {
        let table = format!(
            "{HEADER}/x,country,X,,,XX,XX,,\n/x/b,division,B,,,XX-B,XX,,\n/x/c/d,city,D,,,XX-C,XX,,\n\
             /x/b,division,B2,,,XX-B,XX,,\n/Bad,company,Bad,,,,,,\n/o,company,O,,,,,/none,\n/p,thing,P,,,,,,\n/q,company,Q\n/r,company,R,,,,,,many\n/s,company,,,,,,,\n/t,company,R,,,,,,\n"
        );
        let (rows, mut problems) = read_rows(&table);
        problems.extend(check_rows(&rows, |_, _| false));
        problems.extend(check_names(&rows, &[]));
        problems.sort_by_key(|p| p.line);
        let lines: Vec<u64> = problems.iter().map(|p| p.line).collect();
        assert_eq!(lines, [4, 5, 6, 7, 8, 9, 10, 11, 12], "{problems:?}");
    }

    #[test]
    fn names_are_checked_beside_other_tables() {
        let rows = |lines: &str| read_rows(&format!("{HEADER}{lines}")).0;
        let known = rows("/a,company,Tarwell,,,,,,\n/x/b,city,Ostra,,,XX-B,XX,,\n");
        let clash = |lines: &str| check_names(&rows(lines), &known).len();
        assert_eq!(clash("/b,company,Tarwell,,,,,,\n"), 1);
        assert_eq!(clash("/b,company,?Tarwell,,,,,,\n"), 0);
        // A row of the same path takes the place of the known one; a place of the same division is no clash.
        assert_eq!(clash("/a,company,Tarwell,,,,,,\n"), 0);
        assert_eq!(clash("/x/b/c,mine,Ostra,,,XX-B,XX,,\n"), 0);
        assert_eq!(clash("/x/d,city,Ostra,,,XX-D,XX,,\n"), 1);
    }

    #[test]
    fn a_wrong_header_is_one_problem() {
        assert_eq!(read_rows("path,name\n/a,b\n").1.len(), 1);
        assert_eq!(read_rows("").1.len(), 1);
    }

    #[test]
    fn compounds_have_a_phrase_and_codes() {
        let (rows, problems) = read_compounds("phrase,countries\n中美,CN|US\n川渝,CN-SC|CN-CQ\n坏,China\n");
        assert_eq!(
            rows,
            [
                ("中美".into(), vec!["CN".into(), "US".into()]),
                ("川渝".into(), vec!["CN-SC".into(), "CN-CQ".into()])
            ]
        );
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 4);
    }
}
