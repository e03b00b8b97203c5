//! A real corpus as sentences with its rare words, and new articles dealt from them.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    ops::Range,
    path::Path,
};

use jieba_rs::Jieba;
use orewire::source;

use super::rng::Rng;

type Hasher = BuildHasherDefault<DefaultHasher>;

/// Most sentences in a row from one article.
const RUN_MAX: usize = 4;
/// Longest stretch that counts as one sentence.
const SENTENCE_MAX_BYTES: usize = 2_000;

/// Cuts a text into words: jieba's, and runs of letters and digits in lower case.
pub struct Words(Jieba);

impl Words {
    pub fn new() -> Words {
        Words(Jieba::new())
    }

    pub fn of(&self, text: &str, mut word: impl FnMut(&str, Range<usize>)) {
        let is_han = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c);
        let kind = |c: char| match c {
            c if is_han(c) => 2,
            c if c.is_alphanumeric() => 1,
            _ => 0,
        };
        let mut chars = text.char_indices().peekable();
        while let Some((from, first)) = chars.next() {
            let mut to = from + first.len_utf8();
            while let Some(&(at, c)) = chars.peek().filter(|(_, c)| kind(*c) == kind(first)) {
                to = at + c.len_utf8();
                chars.next();
            }
            match kind(first) {
                2 => {
                    for token in self.0.cut(&text[from..to], true) {
                        let start = from + token.byte_start;
                        word(token.word, start..start + token.word.len());
                    }
                }
                1 => word(&text[from..to].to_lowercase(), from..to),
                _ => {}
            }
        }
    }
}

/// What articles there are made of. Places are bytes of `text`.
pub struct Corpus {
    name: String,
    text: String,
    sentences: Vec<Sentence>,
    /// Sentences of each article.
    articles: Vec<Range<usize>>,
    titles: Vec<String>,
    dates: Vec<Option<String>>,
    source: String,
    /// Places of words that stand once in the corpus.
    rare: Vec<Range<usize>>,
    /// All words in order, by number.
    words: Vec<u32>,
    /// Han characters of such words.
    han: Vec<char>,
    vocabulary: usize,
    /// The exponent of Heaps' law, from the second half of the corpus.
    beta: f64,
}

struct Sentence {
    place: Range<usize>,
    rare: Range<usize>,
    words: Range<usize>,
}

/// Mark-up between words is left out: what its halves would do is not what is measured.
fn plain(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        match tag.split_once('>').filter(|(name, _)| name.len() < 200 && !name.contains('<')) {
            Some((name, after)) => {
                if name.starts_with("/p") || name.starts_with("br") {
                    out.push('\n');
                }
                rest = after;
            }
            None => {
                out.push('<');
                rest = tag;
            }
        }
    }
    out + rest
}

/// Ends of sentences: Chinese full stops, English ones before a space, and blank lines.
fn sentences(text: &str) -> Vec<&str> {
    let (mut out, mut from) = (Vec::new(), 0);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map_or(' ', |(_, c)| *c);
        let ends = match c {
            '。' | '！' | '？' => next != '”' && next != '。',
            '.' | '!' | '?' => next.is_whitespace() && at - from > 20,
            '\n' => next.is_whitespace(),
            _ => at - from > SENTENCE_MAX_BYTES,
        };
        let to = at + c.len_utf8();
        if ends {
            out.push(&text[from..to]);
            from = to;
        }
    }
    out.push(&text[from..]);
    out.retain(|s| s.chars().any(char::is_alphanumeric));
    out
}

impl Corpus {
    pub fn read(file: &str) -> Corpus {
        let words = Words::new();
        let hasher = Hasher::default();
        let mut corpus = Corpus {
            name: Path::new(file).file_name().unwrap_or_default().to_string_lossy().into_owned(),
            text: String::new(),
            sentences: Vec::new(),
            articles: Vec::new(),
            titles: Vec::new(),
            dates: Vec::new(),
            source: String::new(),
            rare: Vec::new(),
            words: Vec::new(),
            han: Vec::new(),
            vocabulary: 0,
            beta: 1.0,
        };
        // Each word's number, how often it stands there, and where first.
        let mut places: HashMap<u64, (u32, u32, Range<usize>), Hasher> = HashMap::default();
        let mut growth = Vec::new();
        let found = source::walk(&[file.into()]).next().expect("a file").expect("a file that can be read");
        for article in source::read(&found).filter_map(Result::ok) {
            let first = corpus.sentences.len();
            let body = plain(&article.body);
            for sentence in sentences(&body) {
                let start = corpus.text.len();
                corpus.text.push_str(sentence);
                let first = corpus.words.len();
                words.of(sentence, |word, place| {
                    let place = start + place.start..start + place.end;
                    let number = places.len() as u32;
                    let seen = places.entry(hasher.hash_one(word)).or_insert((number, 0, place));
                    seen.1 += 1;
                    corpus.words.push(seen.0);
                });
                let place = start..corpus.text.len();
                let words = first..corpus.words.len();
                corpus.sentences.push(Sentence { place, rare: 0..0, words });
            }
            if corpus.sentences.len() > first {
                corpus.articles.push(first..corpus.sentences.len());
                corpus.titles.push(article.title);
                corpus.dates.push(article.date.map(|d| d.to_string()));
                if corpus.source.is_empty() {
                    corpus.source = article.source.unwrap_or_default();
                }
                growth.push((corpus.words.len(), places.len()));
            }
        }
        corpus.vocabulary = places.len();
        if let (Some(end), Some(half)) = (growth.last(), growth.get(growth.len() / 2)) {
            let ratio = |a: usize, b: usize| (a as f64 / b as f64).ln();
            corpus.beta = ratio(end.1, half.1) / ratio(end.0, half.0);
        }
        corpus.rare = places.into_values().filter(|word| word.1 == 1).map(|word| word.2).collect();
        corpus.rare.sort_by_key(|place| place.start);
        let mut at = 0;
        for sentence in &mut corpus.sentences {
            let from = at;
            while corpus.rare.get(at).is_some_and(|r| r.start < sentence.place.end) {
                at += 1;
            }
            sentence.rare = from..at;
        }
        let of_rare = corpus.rare.iter().flat_map(|r| corpus.text[r.clone()].chars());
        corpus.han = of_rare.filter(|c| ('\u{3400}'..='\u{9fff}').contains(c)).collect();
        corpus
    }

    pub fn len(&self) -> usize {
        self.articles.len()
    }

    pub fn told(&self) -> String {
        format!(
            "{}: {} articles, {} sentences, {} words, {} different ones, {} of them once, exponent {:.3}",
            self.name,
            self.articles.len(),
            self.sentences.len(),
            self.words.len(),
            self.vocabulary,
            self.rare.len(),
            self.beta
        )
    }
}

/// An article that was put together.
pub struct Dealt {
    pub title: String,
    pub body: String,
    pub date: Option<String>,
    pub source: String,
}

/// Deals a corpus again and again.
pub struct Dealer<'a> {
    corpus: &'a Corpus,
    rng: Rng,
    pass: usize,
    /// Runs of sentences that this pass has left.
    runs: Vec<Range<usize>>,
    titles: Vec<usize>,
    /// Words so far.
    pub tokens: usize,
    /// Words of the corpus that were dealt, by number.
    seen: Vec<bool>,
    /// Different words so far.
    pub vocabulary: usize,
    made: HashSet<u64, Hasher>,
}

impl<'a> Dealer<'a> {
    pub fn new(corpus: &'a Corpus, seed: u64) -> Dealer<'a> {
        Dealer {
            corpus,
            rng: Rng::new(seed),
            pass: 0,
            runs: Vec::new(),
            titles: Vec::new(),
            tokens: 0,
            seen: vec![false; corpus.vocabulary],
            vocabulary: 0,
            made: HashSet::default(),
        }
    }

    pub fn corpus(&self) -> &Corpus {
        self.corpus
    }

    fn run(&mut self) -> Range<usize> {
        if self.runs.is_empty() {
            self.pass += 1;
            for article in &self.corpus.articles {
                let mut at = article.start;
                while at < article.end {
                    let to = (at + 1 + self.rng.below(RUN_MAX)).min(article.end);
                    self.runs.push(at..to);
                    at = to;
                }
            }
            self.rng.shuffle(&mut self.runs);
        }
        self.runs.pop().unwrap_or_default()
    }

    pub fn article(&mut self) -> Dealt {
        let corpus = self.corpus;
        let model = &corpus.articles[self.rng.below(corpus.len())];
        let mut body = String::new();
        let mut left = model.len();
        while left > 0 {
            for sentence in self.run() {
                left = left.saturating_sub(1);
                self.sentence(&corpus.sentences[sentence], &mut body);
            }
        }
        if self.titles.is_empty() {
            self.titles = (0..corpus.len()).collect();
            self.rng.shuffle(&mut self.titles);
        }
        let title = self.titles.pop().map(|at| corpus.titles[at].clone()).unwrap_or_default();
        let date = corpus.dates[self.rng.below(corpus.len())].clone();
        Dealt { title, body, date, source: corpus.source.clone() }
    }

    fn sentence(&mut self, sentence: &Sentence, body: &mut String) {
        let corpus = self.corpus;
        self.tokens += sentence.words.len();
        for &word in &corpus.words[sentence.words.clone()] {
            self.vocabulary += usize::from(!std::mem::replace(&mut self.seen[word as usize], true));
        }
        if self.pass <= 1 {
            body.push_str(&corpus.text[sentence.place.clone()]);
        } else {
            let share = (self.tokens as f64 / corpus.words.len() as f64).powf(corpus.beta - 1.0);
            let mut from = sentence.place.start;
            for rare in &corpus.rare[sentence.rare.clone()] {
                if self.rng.share() < share {
                    body.push_str(&corpus.text[from..rare.start]);
                    let start = body.len();
                    self.make_up(&corpus.text[rare.clone()], body);
                    let word = Hasher::default().hash_one(body[start..].to_lowercase().as_str());
                    self.vocabulary += usize::from(self.made.insert(word));
                    from = rare.end;
                }
            }
            body.push_str(&corpus.text[from..sentence.place.end]);
        }
        // English sentences were cut before their space.
        if body.ends_with(['.', '!', '?']) {
            body.push(' ');
        }
    }

    fn make_up(&mut self, word: &str, out: &mut String) {
        const VOWELS: [char; 5] = ['a', 'e', 'i', 'o', 'u'];
        const CONSONANTS: [char; 14] = ['b', 'c', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v'];
        for c in word.chars() {
            let lower = c.to_ascii_lowercase();
            let other = match lower {
                '0'..='9' => (b'0' + self.rng.below(10) as u8) as char,
                'a'..='z' if VOWELS.contains(&lower) => VOWELS[self.rng.below(VOWELS.len())],
                'a'..='z' => CONSONANTS[self.rng.below(CONSONANTS.len())],
                '\u{3400}'..='\u{9fff}' if !self.corpus.han.is_empty() => {
                    self.corpus.han[self.rng.below(self.corpus.han.len())]
                }
                _ => c,
            };
            out.push(if c.is_ascii_uppercase() { other.to_ascii_uppercase() } else { other });
        }
    }
}
