//! Words that a question is full of and that say nothing of the answer.

/// Words too frequent to ask for: left out unless there is nothing else.
const STOP_WORDS: [&str; 73] = [
    "a", "about", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did",
    "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its",
    "may", "me", "not", "of", "on", "or", "s", "should", "so", "such", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when",
    "where", "which", "who", "whom", "why", "will", "with", "would", "you", "your", "anyone", "been",
    "between", "using", "used", "made",
];

/// The same in Chinese: particles, copulas and question words.
const STOP_HAN: [&str; 48] = [
    "的",
    "了",
    "是",
    "在",
    "和",
    "与",
    "及",
    "或",
    "就",
    "都",
    "而",
    "着",
    "被",
    "把",
    "让",
    "由",
    "从",
    "向",
    "到",
    "对",
    "于",
    "之",
    "其",
    "有",
    "为",
    "以",
    "吗",
    "呢",
    "啊",
    "吧",
    "什么",
    "哪",
    "哪些",
    "哪个",
    "哪里",
    "谁",
    "多少",
    "几",
    "怎么",
    "怎样",
    "如何",
    "为什么",
    "何时",
    "是否",
    "请问",
    "是什么",
    "什么时候",
    "时候",
];

/// Whether a word is too frequent to ask for.
pub(crate) fn is_stop(term: &str, han: bool) -> bool {
    if han { STOP_HAN.contains(&term) } else { STOP_WORDS.contains(&term) }
}
