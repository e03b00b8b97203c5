//! Rows of one's own from memory, as values: written as the table that they stand for, so that they are
//! checked and compiled as any other.

use serde::{Deserialize, Serialize};

use super::{TableKind, table};

/// Something that has names, as a row of one's own tables. `gazetteer/README.md` tells what the columns
/// hold, and the prefixes `?` and `!` of a name.
///
/// ```
/// use orewire::gazetteer::NameRow;
///
/// let row = NameRow::new("/blue-ridge-metals", "company")
///     .names("Blue Ridge Metals", "蓝岭金属")
///     .alias("BRM")
///     .alias("?Blue Ridge")
///     .code("600999.SH");
/// # assert_eq!(row.aliases.len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NameRow {
    /// Facet path (`/china/sichuan`): lower-case ASCII slugs. A row with the path of another replaces it.
    pub path: String,
    /// Kind within the facet (`company`, `mine`, `commodity`), which also tells the facet.
    pub kind: String,
    /// English display name; may be empty if there is a Chinese one.
    pub name_en: String,
    /// Chinese display name, likewise.
    pub name_zh: String,
    /// Further names in either language.
    pub aliases: Vec<String>,
    /// ISO 3166-2 code of the first-level division of a place, stock codes of a company separated by `|`.
    pub code: String,
    /// ISO 3166-1 alpha-2 of the country that it belongs to; may be empty.
    pub country: String,
    /// Path of the parent body of an organization; may be empty.
    pub parent: String,
    /// Population of a place; 1 to 3 for an organization; 0 where it is not known.
    pub weight: u64,
}

impl NameRow {
    /// A row that has no names yet.
    pub fn new(path: impl Into<String>, kind: impl Into<String>) -> NameRow {
        NameRow { path: path.into(), kind: kind.into(), ..NameRow::default() }
    }

    /// With display names; either may be empty.
    #[must_use]
    pub fn names(mut self, en: impl Into<String>, zh: impl Into<String>) -> NameRow {
        (self.name_en, self.name_zh) = (en.into(), zh.into());
        self
    }

    /// With one more name.
    #[must_use]
    pub fn alias(mut self, name: impl Into<String>) -> NameRow {
        self.aliases.push(name.into());
        self
    }

    /// With one more code.
    #[must_use]
    pub fn code(mut self, code: impl AsRef<str>) -> NameRow {
        if !self.code.is_empty() {
            self.code.push('|');
        }
        self.code.push_str(code.as_ref());
        self
    }

    /// In a country, by its alpha-2 code.
    #[must_use]
    pub fn country(mut self, code: impl Into<String>) -> NameRow {
        self.country = code.into();
        self
    }
}

/// The tables that rows stand for: for each kind of table that there are rows for, its text.
pub(crate) fn tables(rows: impl IntoIterator<Item = NameRow>) -> Vec<(TableKind, String)> {
    // One of an unknown kind is complained of in whichever table it stands.
    let mut texts = [TableKind::Places, TableKind::Commodities, TableKind::Organizations]
        .map(|kind| (kind, table::COLUMNS.join(",") + "\n", false));
    for row in rows {
        let weight = if row.weight == 0 { String::new() } else { row.weight.to_string() };
        let aliases = row.aliases.join("|");
        let of_table = match table::facet_of(&row.kind) {
            Some(super::Facet::Country | super::Facet::Province) => 0,
            Some(super::Facet::Commodity) => 1,
            _ => 2,
        };
        let fields = [
            &row.path,
            &row.kind,
            &row.name_en,
            &row.name_zh,
            &aliases,
            &row.code,
            &row.country,
            &row.parent,
            &weight,
        ];
        let (_, text, used) = &mut texts[of_table];
        *used = true;
        // A row is a line, whatever stands in it: its number is that of the message.
        let fields =
            fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"").replace(['\n', '\r'], " ")));
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    texts.into_iter().filter(|(.., used)| *used).map(|(kind, text, _)| (kind, text)).collect()
}
