//! Names on the query's side: every name of the gazetteer as one file of a generation, mapped into
//! memory and never parsed, so that a cold query resolves a name in microseconds.
//!
//! Layout: a header of five u32 (magic, rows, and the sizes of the sections), then row offsets,
//! rows, postings and the map of keys. Rows are sorted by facet and path, so a path is found by
//! bisection; a key leads to the rows that bear it.

use std::ops::Range;

use tantivy::{
    HasLen,
    directory::{FileSlice, OwnedBytes},
};
use tantivy_fst::{
    Automaton, IntoStreamer, Map, MapBuilder, Streamer,
    raw::{CompiledAddr, Node, Output},
};

use super::{EntryId, Facet, Gazetteer, NameFlags};
use crate::analysis::{UnitKind, Units};

const MAGIC: u32 = 0x4F52_4E31;
const HEADER_BYTES: usize = 20;
/// No node of the map takes more: 256 transitions of a byte, an address and an output, and their index.
const NODE_MAX_BYTES: usize = 8 << 10;
/// What stands before the nodes of a map, and behind them.
const MAP_HEAD_BYTES: usize = 16;
const MAP_TAIL_BYTES: usize = 16;
const FACET_ORDER: [Facet; 4] = [Facet::Organization, Facet::Province, Facet::Country, Facet::Commodity];

/// The name says only with others' help which entry is meant.
pub(crate) const AMBIGUOUS: u32 = 1;
/// The name is a short acronym: only capitals mean it.
pub(crate) const ACRONYM: u32 = 2;

/// A row: what a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) facet: Facet,
    pub(crate) path: &'a str,
    pub(crate) name_en: &'a str,
    pub(crate) name_zh: &'a str,
    pub(crate) code: &'a str,
    pub(crate) weight: u64,
}

impl<'a> Row<'a> {
    /// The display name: English, or else Chinese.
    pub(crate) fn name(&self) -> &'a str {
        if self.name_en.is_empty() { self.name_zh } else { self.name_en }
    }
}

/// The names of a generation.
pub(crate) struct Names {
    bytes: OwnedBytes,
    /// The same bytes behind a check, where they are not to be trusted: a range is used only after it
    /// could be read from here.
    check: Option<FileSlice>,
    rows: usize,
    offsets: Range<usize>,
    heap: Range<usize>,
    postings: Range<usize>,
    map: Map<OwnedBytes>,
    root: CompiledAddr,
}

/// The key of a name: its folded units, Latin ones separated by spaces.
pub(crate) fn key(name: &str) -> String {
    let units = Units::of(name, &[]);
    let mut out = String::with_capacity(name.len());
    let mut after_latin = false;
    for unit in units.iter().filter(|u| u.kind != UnitKind::Punct) {
        let latin = unit.kind != UnitKind::Han;
        if latin && after_latin {
            out.push(' ');
        }
        out.push_str(units.term(unit));
        // OPEC+ is another body than OPEC, and 欧佩克+ than 欧佩克.
        if name[unit.end as usize..].starts_with('+') {
            out.push('+');
        }
        after_latin = latin;
    }
    out
}

impl Names {
    /// Compiles the file.
    pub(crate) fn compile(gazetteer: &Gazetteer) -> Vec<u8> {
        let mut order: Vec<EntryId> = gazetteer.entries().map(|(id, _)| id).collect();
        order.sort_by(|a, b| {
            let (a, b) = (gazetteer.entry(*a), gazetteer.entry(*b));
            (facet_rank(a.facet), &a.path).cmp(&(facet_rank(b.facet), &b.path))
        });
        let rank: rustc_hash::FxHashMap<EntryId, u32> =
            order.iter().zip(0..).map(|(id, n)| (*id, n)).collect();
        let mut keys: Vec<(String, u32, u32)> = Vec::new();
        for (name, id, flags) in gazetteer.names() {
            if flags.has(NameFlags::STOP) || flags.has(NameFlags::COMPOUND) {
                continue;
            }
            if let Some(row) = rank.get(&id) {
                let key = key(name);
                let mut packed = if flags.has(NameFlags::AMBIGUOUS) { AMBIGUOUS } else { 0 };
                let letters = key.len() <= 3 && key.is_ascii();
                if letters && gazetteer.entry(id).facet != Facet::Commodity {
                    packed |= ACRONYM;
                }
                keys.push((key, *row, packed));
            }
        }
        for (row, id) in (0..).zip(&order) {
            let entry = gazetteer.entry(*id);
            // A place carries the code of its division; only the division itself answers to it.
            if entry.facet != Facet::Province || entry.path.matches('/').count() == 2 {
                let codes = entry.code.split('|').filter(|c| !c.is_empty());
                keys.extend(codes.map(|c| (key(c), row, if c.len() == 2 { AMBIGUOUS | ACRONYM } else { 0 })));
            }
            let last = entry.path.rsplit('/').next().unwrap_or("");
            keys.push((key(last), row, AMBIGUOUS));
        }
        // The plainest of several ways to the same row comes first: of an acronym that is also the last part
        // of its path, the acronym, which capitals make plain.
        let doubt = |flags: u32| (flags & AMBIGUOUS, flags & ACRONYM);
        keys.sort_by(|a, b| (&a.0, a.1, doubt(a.2)).cmp(&(&b.0, b.1, doubt(b.2))));
        keys.dedup_by(|later, first| later.0 == first.0 && later.1 == first.1);
        let mut heap = Vec::new();
        let mut offsets = Vec::new();
        for id in &order {
            offsets.push(heap.len() as u32);
            let e = gazetteer.entry(*id);
            heap.push(facet_rank(e.facet) as u8);
            heap.extend_from_slice(&(e.weight.min(u64::from(u32::MAX)) as u32).to_le_bytes());
            for text in [&e.path, &e.name_en, &e.name_zh, &e.code] {
                let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
                heap.extend_from_slice(&(text.len() as u16).to_le_bytes());
                heap.extend_from_slice(text.as_bytes());
            }
        }
        let mut postings: Vec<u8> = Vec::new();
        let mut map = MapBuilder::memory();
        for group in keys.chunk_by(|a, b| a.0 == b.0) {
            if group[0].0.is_empty() {
                continue;
            }
            let at = postings.len() as u64;
            postings.extend_from_slice(&(group.len() as u32).to_le_bytes());
            for (_, row, flags) in group {
                postings.extend_from_slice(&((row << 2) | (flags & 3)).to_le_bytes());
            }
            // Keys are sorted and distinct, and a memory buffer takes every write.
            let _ = map.insert(&group[0].0, at);
        }
        let map = map.into_inner().unwrap_or_default();
        let mut out =
            Vec::with_capacity(HEADER_BYTES + offsets.len() * 4 + heap.len() + postings.len() + map.len());
        for n in [MAGIC, order.len() as u32, heap.len() as u32, postings.len() as u32, map.len() as u32] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        for offset in offsets {
            out.extend_from_slice(&offset.to_le_bytes());
        }
        out.extend_from_slice(&heap);
        out.extend_from_slice(&postings);
        out.extend_from_slice(&map);
        out
    }

    /// Opens a compiled file; `None` when the bytes are none.
    pub(crate) fn open(bytes: OwnedBytes) -> Option<Names> {
        Names::open_checked(bytes, None)
    }

    /// Opens a compiled file of which `check` verifies what is read; `None` when the bytes are none, or
    /// those that are needed to open it are not sound.
    pub(crate) fn open_lazily(bytes: OwnedBytes, check: FileSlice) -> Option<Names> {
        Names::open_checked(bytes, Some(check))
    }

    fn open_checked(bytes: OwnedBytes, check: Option<FileSlice>) -> Option<Names> {
        if !sound(check.as_ref(), 0..HEADER_BYTES.min(bytes.len())) {
            return None;
        }
        let number = |at: usize| read_u32(&bytes, at).map(|n| n as usize);
        if read_u32(&bytes, 0)? != MAGIC {
            return None;
        }
        let (rows, heap_len, postings_len, map_len) = (number(4)?, number(8)?, number(12)?, number(16)?);
        let offsets = HEADER_BYTES..HEADER_BYTES + rows.checked_mul(4)?;
        let heap = offsets.end..offsets.end + heap_len;
        let postings = heap.end..heap.end + postings_len;
        if postings.end + map_len != bytes.len() {
            return None;
        }
        // What is needed to open the map; its nodes are looked at as a walk comes to them.
        let tail = bytes.len().saturating_sub(MAP_TAIL_BYTES).max(postings.end);
        let head = postings.end..(postings.end + MAP_HEAD_BYTES).min(bytes.len());
        if !sound(check.as_ref(), head) || !sound(check.as_ref(), tail..bytes.len()) {
            return None;
        }
        let fst = tantivy_fst::raw::Fst::new(bytes.slice(postings.end..bytes.len())).ok()?;
        let root = bytes.get(bytes.len() - 8..).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes)?;
        let root = usize::try_from(root).ok().filter(|root| *root < map_len)?;
        Some(Names { root, map: Map::from(fst), bytes, check, rows, offsets, heap, postings })
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// A row by its number.
    pub(crate) fn row(&self, row: u32) -> Option<Row<'_>> {
        if row as usize >= self.rows {
            return None;
        }
        let place = self.offsets.start + row as usize * 4;
        let last = row as usize + 1 == self.rows;
        if !sound(self.check.as_ref(), place..place + if last { 4 } else { 8 }) {
            return None;
        }
        let at = read_u32(&self.bytes, place)? as usize;
        let end = if last { self.heap.len() } else { read_u32(&self.bytes, place + 4)? as usize };
        if !sound(self.check.as_ref(), self.heap.start.checked_add(at)?..self.heap.start.checked_add(end)?) {
            return None;
        }
        let mut rest = self.bytes.get(self.heap.clone())?.get(at..end)?;
        let facet = *FACET_ORDER.get(usize::from(*rest.first()?))?;
        let weight = u64::from(read_u32(rest, 1)?);
        rest = rest.get(5..)?;
        let mut text = || {
            let len = usize::from(u16::from_le_bytes(rest.get(..2)?.try_into().ok()?));
            let text = std::str::from_utf8(rest.get(2..2 + len)?).ok()?;
            rest = &rest[2 + len..];
            Some(text)
        };
        Some(Row { facet, weight, path: text()?, name_en: text()?, name_zh: text()?, code: text()? })
    }

    /// The row of a path.
    pub(crate) fn by_path(&self, facet: Facet, path: &str) -> Option<u32> {
        let wanted = (facet_rank(facet), path);
        let (mut low, mut high) = (0, self.rows as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            let row = self.row(middle)?;
            match (facet_rank(row.facet), row.path).cmp(&wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The rows that bear a name, with the flags [`AMBIGUOUS`] and [`ACRONYM`].
    pub(crate) fn find(&self, key: &str) -> Vec<(u32, u32)> {
        match self.walk(key) {
            Some((node, output)) if node.is_final() => self.posting(output.cat(node.final_output()).value()),
            _ => Vec::new(),
        }
    }

    /// Whether any name begins with `key`, itself included.
    pub(crate) fn has_prefix(&self, key: &str) -> bool {
        self.walk(key).is_some()
    }

    /// Names that begin so, in order of their bytes, at most `limit`, with the rows that bear them.
    pub(crate) fn starting_with(&self, key: &str, limit: usize) -> Vec<(String, Vec<(u32, u32)>)> {
        let mut out = Vec::new();
        let Some(map) = self.whole_map() else { return out };
        let mut stream = map.range().ge(key).into_stream();
        while let Some((name, at)) = stream.next() {
            if !name.starts_with(key.as_bytes()) || out.len() >= limit {
                break;
            }
            if let Ok(name) = std::str::from_utf8(name) {
                out.push((name.to_owned(), self.posting(at)));
            }
        }
        out
    }

    /// Names that an automaton accepts, in order of their bytes, with the rows that bear them.
    pub(crate) fn matching(&self, automaton: impl Automaton) -> Vec<(String, Vec<(u32, u32)>)> {
        let mut out = Vec::new();
        let Some(map) = self.whole_map() else { return out };
        let mut stream = map.search(automaton).into_stream();
        while let Some((name, at)) = stream.next() {
            if let Ok(name) = std::str::from_utf8(name) {
                out.push((name.to_owned(), self.posting(at)));
            }
        }
        out
    }

    /// Calls `see` for each name in order of their bytes, with the rows that bear it.
    pub(crate) fn for_each(&self, mut see: impl FnMut(&str, &[(u32, u32)])) {
        let Some(map) = self.whole_map() else { return };
        let mut stream = map.stream();
        while let Some((name, at)) = stream.next() {
            if let Ok(name) = std::str::from_utf8(name) {
                see(name, &self.posting(at));
            }
        }
    }

    /// The map, once all of it is sound: a stream goes wherever it wants.
    fn whole_map(&self) -> Option<&Map<OwnedBytes>> {
        sound(self.check.as_ref(), self.postings.end..self.bytes.len()).then_some(&self.map)
    }

    /// A node of the map, once its bytes are sound.
    fn node(&self, at: CompiledAddr) -> Option<Node<'_>> {
        let bytes = at.saturating_sub(NODE_MAX_BYTES)..at + 1;
        let start = self.postings.end;
        sound(self.check.as_ref(), start + bytes.start..start + bytes.end).then(|| self.map.as_fst().node(at))
    }

    /// Where a key leads in the map, with what was put out on the way; `None` when no name begins so. Reads
    /// a few blocks, where a look-up of the map itself has to be allowed all of them.
    fn walk(&self, key: &str) -> Option<(Node<'_>, Output)> {
        // The address of the root is the last thing in a map, and was read when it was opened.
        let mut node = self.node(self.root)?;
        let mut output = Output::zero();
        for byte in key.bytes() {
            let transition = node.transition(node.find_input(byte)?);
            output = output.cat(transition.out);
            node = self.node(transition.addr)?;
        }
        Some((node, output))
    }

    fn posting(&self, at: u64) -> Vec<(u32, u32)> {
        let bytes = self.bytes.get(self.postings.clone()).unwrap_or(&[]);
        let at = (at as usize).min(bytes.len());
        let checked = |from: usize, to: usize| {
            let (from, to) = (from.min(bytes.len()), to.min(bytes.len()));
            sound(self.check.as_ref(), self.postings.start + from..self.postings.start + to)
        };
        if !checked(at, at + 4) {
            return Vec::new();
        }
        let count = (read_u32(bytes, at).unwrap_or(0) as usize).min(bytes.len() / 4);
        if !checked(at, at + 4 + count * 4) {
            return Vec::new();
        }
        (0..count.min(bytes.len() / 4))
            .map_while(|n| read_u32(bytes, at + 4 + n * 4))
            .map(|packed| (packed >> 2, packed & 3))
            .collect()
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Names({} rows)", self.rows)
    }
}

fn facet_rank(facet: Facet) -> usize {
    FACET_ORDER.iter().position(|f| *f == facet).unwrap_or(0)
}

/// Whether a range may be used.
fn sound(check: Option<&FileSlice>, range: Range<usize>) -> bool {
    check.is_none_or(|file| {
        range.start <= range.end && range.end <= file.len() && file.read_bytes_slice(range).is_ok()
    })
}

pub(super) fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
pub(crate) fn names_for_tests() -> Names {
    let table = "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n\
                 /metals,commodity,Metals,金属,,,,,\n\
                 /metals/cobalt,commodity,Cobalt,钴,cobalt,,,,\n";
    let gazetteer = Gazetteer::builder()
        .table(super::TableKind::Commodities, "test.csv", table)
        .and_then(super::GazetteerBuilder::build)
        .expect("a table of two rows");
    Names::open(OwnedBytes::new(Names::compile(&gazetteer))).expect("compiled names open")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_rows_and_paths_to_names() {
        let names = names_for_tests();
        let cobalt = names.by_path(Facet::Commodity, "/metals/cobalt").unwrap();
        assert_eq!(names.row(cobalt).unwrap().name_zh, "钴");
        assert_eq!(names.find("钴"), [(cobalt, 0)]);
        assert_eq!(names.find(&key("COBALT")), [(cobalt, 0)]);
        assert!(names.has_prefix("cob") && !names.has_prefix("coc"));
        assert_eq!(names.by_path(Facet::Country, "/metals/cobalt"), None);
        assert!(names.find("tin").is_empty());
        assert!(names.row(99).is_none());
    }

    #[test]
    fn an_acronym_that_ends_its_own_path_stays_an_acronym() {
        let table =
            "path,kind,name_en,name_zh,aliases,code,country,parent,weight\n/byd,company,BYD,比亚迪,,,CN,,\n";
        let gazetteer = Gazetteer::builder()
            .table(super::super::TableKind::Organizations, "test.csv", table)
            .and_then(super::super::GazetteerBuilder::build)
            .unwrap();
        let names = Names::open(OwnedBytes::new(Names::compile(&gazetteer))).unwrap();
        let row = names.by_path(Facet::Organization, "/byd").unwrap();
        assert_eq!(names.find("byd"), [(row, ACRONYM)]);
    }

    proptest::proptest! {
        #[test]
        fn a_walk_finds_what_the_map_finds(
            names in proptest::collection::btree_set("[ab稀土]{1,5}", 1..12), key in "[ab稀土]{0,5}"
        ) {
            let rows: Vec<String> = names.iter().enumerate().map(|(n, name)| format!("/m{n},commodity,{name},,,,,,\n")).collect();
            let table = format!("path,kind,name_en,name_zh,aliases,code,country,parent,weight\n{}", rows.concat());
            let gazetteer = Gazetteer::builder()
                .table(super::super::TableKind::Commodities, "test.csv", &table)
                .and_then(super::super::GazetteerBuilder::build)
                .unwrap();
            let names = Names::open(OwnedBytes::new(Names::compile(&gazetteer))).unwrap();
            let at = names.map.get(&key);
            proptest::prop_assert_eq!(names.find(&key), at.map_or_else(Vec::new, |at| names.posting(at)));
            let mut stream = names.map.range().ge(&key).into_stream();
            let begins = stream.next().is_some_and(|(k, _)| k.starts_with(key.as_bytes()));
            proptest::prop_assert_eq!(names.has_prefix(&key), begins);
        }
    }

    #[test]
    fn damaged_files_are_refused_or_answer_less() {
        let gazetteer = Gazetteer::builder().build().unwrap();
        let bytes = Names::compile(&gazetteer);
        for cut in 0..bytes.len().min(64) {
            assert!(Names::open(OwnedBytes::new(bytes[..cut].to_vec())).is_none());
        }
    }

    #[test]
    fn keys_join_han_and_part_latin() {
        assert_eq!(key("China Rare-Earth Group"), "china rare earth group");
        assert_eq!(key("REO產能"), "reo产能");
        assert_eq!((key("OPEC+"), key("欧佩克+")), ("opec+".to_owned(), "欧佩克+".to_owned()));
        assert_eq!(key("CN-SC"), "cn sc");
    }
}
