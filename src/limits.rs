//! Every cap of the crate, each with its unit in its name. What goes beyond one is cut or skipped and
//! reported, never fatal.

/// Longest folded form of one unit that is indexed; a longer run of letters is cut.
pub const UNIT_TERM_MAX_BYTES: usize = 96;

/// Longest title that is kept as a title; the rest of a longer one is cut.
pub const TITLE_MAX_BYTES: usize = 4 << 10;

/// Longest body of one article; the rest of a longer one is cut.
pub const BODY_MAX_BYTES: usize = 16 << 20;

/// Longest line of a line-oriented input (NDJSON); a longer one is skipped.
pub const LINE_MAX_BYTES: usize = 64 << 20;

/// Largest file that is read whole (JSON, HTML, text, feeds), after decompression.
pub const FILE_MAX_BYTES: u64 = 256 << 20;

/// Largest ratio of decompressed to compressed bytes, past the first [`BOMB_MIN_BYTES`].
pub const BOMB_MAX_RATIO: u64 = 1_000;

/// Decompressed bytes below which no ratio is suspicious.
pub const BOMB_MIN_BYTES: u64 = 64 << 20;

/// Deepest nesting of JSON that is read.
pub const JSON_MAX_LEVELS: usize = 64;

/// Deepest nesting of HTML elements that is read.
pub const HTML_MAX_LEVELS: usize = 512;

/// Longest query.
pub const QUERY_MAX_BYTES: usize = 4 << 10;

/// Deepest nesting of a query.
pub const QUERY_MAX_LEVELS: usize = 64;

/// Most clauses of a query.
pub const QUERY_MAX_CLAUSES: usize = 1_024;

/// Most words with `*` or `~` in a query.
pub const QUERY_MAX_WILDCARDS: usize = 24;

/// Most words that a prefix stands for: the commonest that begin so.
pub const PREFIX_WORDS_MAX: usize = 1_000;

/// Articles whose positions a query may ask for, as a multiple of all articles; and what it may ask for
/// however few there are.
pub const QUERY_COST_MAX_PASSES: u64 = 4;

/// See [`QUERY_COST_MAX_PASSES`].
pub const QUERY_COST_ALWAYS_ARTICLES: u64 = 100_000;

/// Most hits that one search returns.
pub const HITS_MAX: usize = 10_000;

/// Longest id of an article; a longer one is cut.
pub const ID_MAX_BYTES: usize = 512;

/// Longest name of a publisher that is taken from a byline.
pub const BYLINE_SOURCE_MAX_CHARS: usize = 60;

/// Largest HTML page that is parsed.
pub const HTML_MAX_BYTES: usize = 32 << 20;

/// Most nodes that the mark-up of one page may make the parser build, by a cautious estimate.
pub const HTML_MAX_NODES: usize = 8_000_000;

/// Most attributes of one HTML tag.
pub const HTML_MAX_ATTRIBUTES: usize = 1_000;

/// Lines in a row without one article after which a line-oriented input is given up.
pub const BAD_LINES_MAX: u64 = 1_000;

/// Memory for postings of one run before they are written to disk as a segment.
pub const INDEX_MEMORY_BYTES: usize = 384 << 20;

/// Least memory for postings that a run can be told to take; the search library can't do with less than 15 million.
pub const INDEX_MEMORY_MIN_BYTES: usize = 16 << 20;

/// Most memory for postings that a run can be told to take; the search library counts it in 32 bits.
pub const INDEX_MEMORY_MAX_BYTES: usize = 4_000 << 20;

/// Most segments of a published generation.
pub const SEGMENTS_MAX: usize = 3;

/// Most skipped inputs that a report lists one by one.
pub const REPORTED_SKIPS_MAX: usize = 1_000;

/// Most pieces of evidence that are kept for one tag.
pub const EVIDENCE_MAX_PER_TAG: usize = 8;

/// Most short names that one article may define for itself.
pub const DEFINED_NAMES_MAX: usize = 256;

/// Largest stored record: an article with its tags.
pub const RECORD_MAX_BYTES: usize = 64 << 20;

/// Sample below which no dictionary for stored records is trained.
pub const SAMPLE_MIN_BYTES: usize = 512 << 10;

/// Sample above which more articles do not make the dictionary better.
pub const SAMPLE_MAX_BYTES: usize = 6 << 20;

/// Articles that the dictionary for stored records is trained on, spread over the sources.
pub const SAMPLE_MAX_ARTICLES: usize = 2_400;

/// Length of a body within which matches for a snippet are looked for; beyond it, only until the first.
pub const SNIPPET_SEARCH_BYTES: usize = 1 << 20;

/// Longest beginning of a text that stands for a missing headline.
pub const LEAD_MAX_CHARS: usize = 80;

/// Most bytes of files of which only the time changed that each run reads again rather than publishing
/// a generation to remember their times.
pub const REREAD_MAX_BYTES: u64 = 16 << 20;

/// Most articles that are compared with a hit to find its copies, past those of its rarest band.
pub const COPY_CANDIDATES_MAX: usize = 2_000;

/// Most copies of one hit that are listed; all are counted.
pub const COPIES_LISTED_MAX: usize = 100;

/// Longest half-life of a score.
pub const HALF_LIFE_MAX_DAYS: u32 = 100_000;

/// Half-lives after which a score does not fall further: the next would come near what a number of
/// its kind can hold.
pub const HALF_LIVES_MAX: f64 = 100.0;

/// Most files that hold the articles which a program gave from memory; then they are written as one.
pub const GIVEN_CHUNKS_MAX: usize = 32;

/// Units at the beginning of a text that are looked at for articles like it.
pub const SIMILAR_TEXT_MAX_UNITS: usize = 1_500;

/// Words of an article that others like it are looked for by.
pub const SIMILAR_WORDS_MAX: usize = 30;

/// Longest address that output links to; terminals and mail programs give up beyond about this.
pub const LINK_MAX_BYTES: usize = 2_083;

/// Shortest time from one look of a watch to the next.
pub const WATCH_MIN_INTERVAL_MS: u64 = 10;

/// Terms of queries that an open index remembers the places of.
pub const TERMS_REMEMBERED_MAX: usize = 1 << 16;

/// Most completions of what was typed.
pub const SUGGEST_MAX: usize = 100;

/// Longest beginning that is completed; the rest of a longer one is left out.
pub const SUGGEST_MAX_BYTES: usize = 256;

/// Headlines that are read to complete what was typed.
pub const SUGGEST_TITLES_READ: usize = 8;

/// Words that the last word of a headline's beginning may become, the most frequent ones.
pub const SUGGEST_WORDS_MAX: usize = 32;

/// Paths and names of facet values that an open index remembers, of each.
pub const FACET_VALUES_REMEMBERED_MAX: usize = 1 << 16;

/// Clauses of a query that found nothing of which each is left out in turn.
pub const HELP_CLAUSES_MAX: usize = 12;

/// Words of a query that found nothing whose spelling is looked into.
pub const HELP_WORDS_MAX: usize = 8;

/// Most proposals for one word or name.
pub const HELP_PROPOSALS_MAX: usize = 3;

/// Most names that are looked at to complete one.
pub const COMPLETED_NAMES_MAX: usize = 50_000;
