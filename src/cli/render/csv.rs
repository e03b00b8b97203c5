//! Hits as CSV, one a line, for a spreadsheet that takes some cells for formulas.

use std::io::Write;

use orewire::SearchResults;

use crate::cli::terminal;

const HEADER: [&str; 15] = [
    "rank",
    "id",
    "score",
    "title",
    "date",
    "source",
    "url",
    "path",
    "lang",
    "snippet",
    "organization",
    "province",
    "country",
    "commodity",
    "copies",
];

/// A header row and one hit a line; ranks count from the beginning of the ranking.
pub(crate) fn csv(out: &mut impl Write, results: &SearchResults, offset: usize) -> std::io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    for (rank, hit) in (offset + 1..).zip(&results.hits) {
        let cells = [
            rank.to_string(),
            hit.id.clone(),
            format!("{:.4}", hit.score),
            hit.title.clone(),
            hit.date.map_or(String::new(), |d| d.to_string()),
            hit.source.clone().unwrap_or_default(),
            hit.url.clone().unwrap_or_default(),
            hit.path.clone(),
            hit.lang.to_string(),
            hit.snippet.text.clone(),
            hit.organization.join(" "),
            hit.province.join(" "),
            hit.country.join(" "),
            hit.commodity.join(" "),
            hit.copies.to_string(),
        ];
        writer.write_record(cells.iter().map(|c| safe_cell(c)))?;
    }
    writer.flush()
}

/// A cell in one line; one that a spreadsheet would take for a formula gets an apostrophe. Some take the
/// full-width forms, too.
fn safe_cell(cell: &str) -> String {
    let cell = terminal::clean_line(cell);
    let formula = ['=', '+', '-', '@', '|', '＝', '＋', '－', '＠'];
    if cell.starts_with(formula) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused() {
        for cell in ["=1+1", " \t=1+1", "\r\n=1+1", "＝1", "@SUM(A1)", "-2", "+1", "\u{202e}=1"] {
            assert!(safe_cell(cell).starts_with('\''), "{cell:?}");
        }
        assert_eq!(safe_cell("a=1"), "a=1");
    }
}
