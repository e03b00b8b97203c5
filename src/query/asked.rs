//! What a Chinese question asks for: a word such as 时间 in 发布时间 names the kind of the answer, and an
//! answer says 11月30日 instead of the word. That the kind of an answer tells relevant passages is due to
//! the question answering tracks of TREC (Voorhees 2001); what is asked for is few words, so is the table.

/// Words that ask, those that ask wherever they stand, and what stands in their answers.
struct Kind {
    nouns: &'static [&'static str],
    interrogatives: &'static [&'static str],
    answers: &'static [&'static str],
}

const KINDS: [Kind; 3] = [
    Kind {
        nouns: &["时间", "日期"],
        interrogatives: &["何时", "什么时候", "时候", "哪天"],
        answers: &["月", "日"],
    },
    Kind { nouns: &["人数"], interrogatives: &["多少人"], answers: &["万", "人"] },
    Kind { nouns: &["增长率", "增速"], interrogatives: &[], answers: &["增长", "百分点"] },
];

/// What stands in an answer to a word that asks for it; nothing for other words.
pub(super) fn answers(word: &str) -> &'static [&'static str] {
    let asks = |kind: &&Kind| kind.nouns.contains(&word) || kind.interrogatives.contains(&word);
    KINDS.iter().find(asks).map_or(&[], |kind| kind.answers)
}

/// Whether a word asks wherever it stands, not only at the end of what it asks for.
pub(super) fn is_interrogative(word: &str) -> bool {
    KINDS.iter().any(|kind| kind.interrogatives.contains(&word))
}
