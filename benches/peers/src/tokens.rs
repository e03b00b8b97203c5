//! jieba's words in search mode as tantivy's tokens, the way it is commonly plugged in: overlapping, with
//! the place of a word's first character as its position.

use std::sync::{Arc, OnceLock};

use jieba_rs::TokenizeMode;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

#[derive(Clone, Default)]
pub struct Jieba {
    dictionary: Arc<OnceLock<jieba_rs::Jieba>>,
}

pub struct Words {
    tokens: Vec<Token>,
    next: usize,
}

impl Tokenizer for Jieba {
    type TokenStream<'a> = Words;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Words {
        let words = match text.is_empty() {
            true => Vec::new(),
            false => {
                let jieba = self.dictionary.get_or_init(jieba_rs::Jieba::new);
                jieba.tokenize(text, TokenizeMode::Search, true)
            }
        };
        let token = |word: jieba_rs::Token<'_>| Token {
            offset_from: word.byte_start,
            offset_to: word.byte_start + word.word.len(),
            position: word.start,
            text: word.word.to_owned(),
            position_length: word.end - word.start,
        };
        let is_word = |word: &jieba_rs::Token<'_>| word.word.chars().any(char::is_alphanumeric);
        Words { tokens: words.into_iter().filter(is_word).map(token).collect(), next: 0 }
    }
}

impl TokenStream for Words {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }
    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }
    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}
