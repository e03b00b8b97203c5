//! Bytes become text: unpacking with a guard against bombs, and the choice of the encoding.

use std::{
    cell::Cell,
    io::{self, BufReader, Read},
    rc::Rc,
};

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::walk::Compression;
use crate::limits;

/// Why bytes are refused as text.
pub(super) const NOT_TEXT: &str = "not text";

/// How much of an input is looked at to tell UTF-16 from binary data.
const SNIFF_BYTES: usize = 8 << 10;

/// When packed data is taken for a bomb.
#[derive(Debug, Clone, Copy)]
pub(super) struct BombLimits {
    pub ratio: u64,
    pub min_bytes: u64,
}

impl Default for BombLimits {
    fn default() -> Self {
        BombLimits { ratio: limits::BOMB_MAX_RATIO, min_bytes: limits::BOMB_MIN_BYTES }
    }
}

/// The unpacked content of a file. Damage and bombs show as read errors, see [`damage`]; `failed` is set
/// when it was the file itself that could not be read.
pub(super) fn unpack(
    file: impl Read + 'static,
    compression: Compression,
    bomb: BombLimits,
    failed: &Rc<Cell<bool>>,
) -> io::Result<Box<dyn Read>> {
    let packed = Rc::new(Cell::new(0));
    let counted = Counted { inner: file, bytes: Rc::clone(&packed), failed: Rc::clone(failed) };
    let counted = BufReader::with_capacity(64 << 10, counted);
    Ok(match compression {
        Compression::None => Box::new(counted),
        Compression::Gzip => {
            let inner = flate2::bufread::MultiGzDecoder::new(counted);
            Box::new(Guarded { inner, packed, unpacked: 0, bomb })
        }
        Compression::Zstd => {
            let inner = zstd::stream::read::Decoder::with_buffer(counted)?;
            Box::new(Guarded { inner, packed, unpacked: 0, bomb })
        }
    })
}

/// Counts what is read through it.
struct Counted<R> {
    inner: R,
    bytes: Rc<Cell<u64>>,
    failed: Rc<Cell<bool>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf).inspect_err(|e| {
            if e.kind() != io::ErrorKind::Interrupted {
                self.failed.set(true);
            }
        })?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}

/// Fails once the content grows out of all proportion to its packed size.
struct Guarded<R> {
    inner: R,
    packed: Rc<Cell<u64>>,
    unpacked: u64,
    bomb: BombLimits,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.unpacked += n as u64;
        let allowed = self.bomb.min_bytes.max(self.packed.get().saturating_mul(self.bomb.ratio));
        if self.unpacked > allowed {
            let reason = format!("unpacks to more than {} times its size", self.bomb.ratio);
            return Err(io::Error::other(reason));
        }
        Ok(n)
    }
}

/// What a read error in the middle of an input means, for a report.
pub(super) fn damage(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "damaged: it ends too early".into(),
        io::ErrorKind::Other => error.to_string(),
        _ => format!("damaged: {error}"),
    }
}

/// A whole input, as far as it could be read.
pub(super) struct Whole {
    pub bytes: Vec<u8>,
    /// Why it is not all of it.
    pub damage: Option<String>,
}

/// Reads all of an input. Of a damaged one, what comes before the damage; of one over `max_bytes`,
/// nothing.
pub(super) fn read_whole(reader: Box<dyn Read>, max_bytes: u64) -> Whole {
    let mut bytes = Vec::new();
    // `read_to_end` keeps what it got before an error.
    let result = reader.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes);
    let damage = match result {
        Ok(_) if bytes.len() as u64 > max_bytes => {
            bytes = Vec::new();
            Some(format!("larger than {} MiB", max_bytes >> 20))
        }
        Ok(_) => None,
        Err(error) => Some(damage(&error)),
    };
    Whole { bytes, damage }
}

/// The encoding that a page or feed declares for itself in its first bytes.
pub(super) fn declared_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..4096).unwrap_or(bytes).to_ascii_lowercase();
    for key in [&b"charset"[..], b"encoding"] {
        let mut from = 0;
        while let Some(at) = head[from..].windows(key.len()).position(|w| w == key) {
            from += at + key.len();
            let skip = |b: &u8| b" \t\r\n=\"'".contains(b);
            let rest = &head[from..];
            let start = rest.iter().position(|b| !skip(b)).unwrap_or(rest.len());
            if !rest[..start].contains(&b'=') {
                continue;
            }
            let label = &rest[start..];
            let end = label
                .iter()
                .position(|b| !(b.is_ascii_alphanumeric() || b"-_:".contains(b)))
                .unwrap_or(label.len());
            let found = Encoding::for_label(&label[..end]);
            // Windows-1252 is the last resort in any case; a page that is read as ASCII is not UTF-16.
            if let Some(encoding) = found.filter(|e| *e != WINDOWS_1252 && e.is_ascii_compatible()) {
                return Some(encoding);
            }
        }
    }
    None
}

/// Decodes a whole input. `hint` is what the input says about itself; valid UTF-8 goes before it.
pub(super) fn to_text(bytes: Vec<u8>, hint: Option<&'static Encoding>) -> Result<String, &'static str> {
    if let Some(wide) = utf16(&bytes) {
        return finish(wide, &bytes);
    }
    let bytes = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => rest.to_vec(),
        None => bytes,
    };
    if bytes.contains(&0) {
        return Err(NOT_TEXT);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => legacy(error.as_bytes(), hint),
    }
}

/// Decodes one line of an input whose encoding is told line by line.
pub(super) fn line_to_text(line: &[u8]) -> Result<std::borrow::Cow<'_, str>, &'static str> {
    if let Ok(text) = std::str::from_utf8(line) {
        return Ok(text.into());
    }
    if line.contains(&0) {
        return Err(NOT_TEXT);
    }
    legacy(line, None).map(Into::into)
}

/// UTF-16, by its mark or plainly by its look.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(UTF_16LE),
        [0xFE, 0xFF, ..] => return Some(UTF_16BE),
        _ => {}
    }
    let head = bytes.get(..SNIFF_BYTES).unwrap_or(bytes);
    if head.len() < 8 || !head.contains(&0) {
        return None;
    }
    let usual = |unit: u16| {
        matches!(unit, 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0xA0..=0x17F | 0x2010..=0x2026 | 0x3000..=0x303F
            | 0x4E00..=0x9FFF | 0xFF00..=0xFFEF)
    };
    let share = |order: fn([u8; 2]) -> u16| {
        let units = head.chunks_exact(2);
        let total = units.len();
        let good = units.filter(|c| usual(order([c[0], c[1]]))).count();
        good as f64 / total as f64
    };
    let (le, be) = (share(u16::from_le_bytes), share(u16::from_be_bytes));
    match () {
        () if le >= 0.95 && be < 0.6 => Some(UTF_16LE),
        () if be >= 0.95 && le < 0.6 => Some(UTF_16BE),
        () => None,
    }
}

/// Whether the start of an input is clearly not text in any encoding that is read.
pub(super) fn looks_binary(head: &[u8]) -> bool {
    let head = head.get(..SNIFF_BYTES).unwrap_or(head);
    let odd = head.iter().filter(|b| matches!(b, 0..=8 | 0x0E..=0x1A | 0x1C..=0x1F)).count();
    odd * 50 > head.len()
}

/// Text that is neither UTF-16 nor valid UTF-8.
fn legacy(bytes: &[u8], hint: Option<&'static Encoding>) -> Result<String, &'static str> {
    if let Some(hint) = hint.filter(|h| *h != UTF_8) {
        let (text, _, broken) = hint.decode(bytes);
        if !broken || is_nearly_whole(&text) {
            return Ok(text.into_owned());
        }
    }
    if let Some(text) = nearly_utf8(bytes) {
        return Ok(text);
    }
    if plausible_gb(bytes) {
        return finish(GB18030, bytes);
    }
    let ascii = bytes.iter().filter(|b| b.is_ascii()).count();
    let undefined = bytes.iter().any(|b| matches!(b, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
    if !undefined && ascii * 10 >= bytes.len() * 7 && !looks_binary(bytes) {
        return finish(WINDOWS_1252, bytes);
    }
    Err(NOT_TEXT)
}

fn finish(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, &'static str> {
    let (text, broken) = encoding.decode_with_bom_removal(bytes);
    if broken && !is_nearly_whole(&text) {
        return Err(NOT_TEXT);
    }
    Ok(text.into_owned())
}

/// At most one character in fifty (and one in any case) could not be decoded.
fn is_nearly_whole(text: &str) -> bool {
    let lost = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    lost <= 1 || lost * 50 <= text.chars().count()
}

/// UTF-8 with a few broken places, such as a character cut in half at the end.
fn nearly_utf8(bytes: &[u8]) -> Option<String> {
    let (mut wide, mut broken, mut text) = (0, 0, String::with_capacity(bytes.len()));
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            broken += 1;
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    (wide >= broken * 20).then_some(text)
}

/// Whether the bytes read as GB 18030 are mostly common characters. In Windows-1252 text, by contrast,
/// an accented letter is followed by an ASCII one.
fn plausible_gb(bytes: &[u8]) -> bool {
    let (mut common, mut pairs, mut i) = (0usize, 0usize, 0);
    while let Some(&lead) = bytes.get(i) {
        if lead < 0x80 {
            i += 1;
            continue;
        }
        pairs += 1;
        match (lead, bytes.get(i + 1)) {
            (0x81..=0xFE, Some(0x30..=0x39)) => i += 4,
            (0xA1..=0xA9 | 0xB0..=0xF7, Some(0xA1..=0xFE)) => {
                common += 1;
                i += 2;
            }
            (0x81..=0xFE, Some(0x40..=0x7E | 0x80..=0xFE)) => i += 2,
            _ => i += 1,
        }
    }
    pairs > 0 && common * 2 >= pairs
}

/// UTF-16 becomes UTF-8 as it is read.
pub(super) struct Recoded<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Recoded<R> {
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Recoded { inner, decoder, raw: vec![0; 32 << 10], ready: Vec::new(), at: 0, ended: false }
    }
}

impl<R: Read> Read for Recoded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            let n = self.inner.read(&mut self.raw)?;
            self.ended = n == 0;
            let raw = self.raw.get(..n).unwrap_or_default();
            let room = self.decoder.max_utf8_buffer_length(n).unwrap_or(4 * n + 16);
            self.ready.clear();
            self.ready.resize(room, 0);
            let (_, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.ready, self.ended);
            self.ready.truncate(written);
            self.at = 0;
        }
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let n = ready.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n;
        Ok(n)
    }
}

/// Reads the first bytes of an input for a look, and gives the input back unconsumed.
pub(super) fn peek(mut reader: Box<dyn Read>) -> (Vec<u8>, Box<dyn Read>) {
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    let result = reader.by_ref().take(SNIFF_BYTES as u64).read_to_end(&mut head);
    let start = io::Cursor::new(head.clone());
    let rest: Box<dyn Read> = match result {
        Ok(_) => Box::new(start.chain(reader)),
        Err(error) => Box::new(start.chain(Failing(Some(error)))),
    };
    (head, rest)
}

/// Fails once, then is at its end: carries an error that came while peeking to its place.
pub(super) struct Failing(pub Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZH: &str = "江西一家钨矿本周恢复生产，月产量约三百吨。";

    fn units(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    }

    #[test]
    fn encodings_are_told_apart() {
        let text = format!("{ZH}\nThe mill restarts in May 2031.\n");
        let gb = GB18030.encode(&text).0.into_owned();
        let cases = [
            text.clone().into_bytes(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [&b"\xFF\xFE"[..], &units(&text, u16::to_le_bytes)].concat(),
            [&b"\xFE\xFF"[..], &units(&text, u16::to_be_bytes)].concat(),
            units(&text, u16::to_le_bytes),
            units(&text, u16::to_be_bytes),
            gb.clone(),
        ];
        for (i, bytes) in cases.into_iter().enumerate() {
            assert_eq!(to_text(bytes, None).as_deref(), Ok(text.as_str()), "case {i}");
        }
        assert_eq!(line_to_text(&gb).unwrap(), text);
        assert_eq!(to_text(b"caf\xE9 \x93good\x94 na\xEFve".to_vec(), None).unwrap(), "café “good” naïve");
    }

    #[test]
    fn a_character_cut_in_half_is_not_the_end_of_the_text() {
        let long = ZH.repeat(3);
        let bytes = long.as_bytes()[..long.len() - 1].to_vec();
        let text = to_text(bytes, None).unwrap();
        assert!(text.starts_with(ZH) && text.ends_with('\u{FFFD}'));
    }

    #[test]
    fn binary_data_is_refused() {
        assert_eq!(to_text(b"PK\x03\x04\0\0\0\0rest of it".to_vec(), None), Err(NOT_TEXT));
        assert_eq!(to_text(b"plain words\0and a NUL".to_vec(), None), Err(NOT_TEXT));
        let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
        assert_eq!(to_text(noise, None), Err(NOT_TEXT));
    }

    #[test]
    fn a_declared_charset_is_read() {
        let of = |s: &str| declared_charset(s.as_bytes()).map(|e| e.name());
        assert_eq!(of(r#"<meta charset="gb2312">"#), Some("GBK"));
        assert_eq!(of(r#"<META content="text/html; charset=Big5">"#), Some("Big5"));
        assert_eq!(of(r#"<?xml version="1.0" encoding='gb18030'?>"#), Some("gb18030"));
        assert_eq!(of("no charset here = none"), None);
    }

    #[test]
    fn bombs_are_stopped() {
        use std::io::Write;
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(&vec![b'a'; 1 << 20]).unwrap();
        let packed = gz.finish().unwrap();
        let read = |bomb| {
            let mut out = Vec::new();
            let reader = unpack(io::Cursor::new(packed.clone()), Compression::Gzip, bomb, &Rc::default());
            reader.unwrap().read_to_end(&mut out).map(|_| out.len())
        };
        assert_eq!(read(BombLimits::default()).unwrap(), 1 << 20);
        let error = read(BombLimits { ratio: 50, min_bytes: 1000 }).unwrap_err();
        assert_eq!(damage(&error), "unpacks to more than 50 times its size");
    }
}
