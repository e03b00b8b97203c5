//! What a query without a hit is answered with: near spellings, what is left without the part that rules
//! everything out, tags of that name. Each proposal finds what it promises.

mod common;

use std::sync::OnceLock;

use common::{Sandbox, list, number, text};
use serde_json::Value;

fn samples() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let sandbox = Sandbox::lasting("nothing-found");
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        common::copy(&root.join("seeds"), &sandbox.at("seeds"));
        sandbox.index(&["seeds"], 0);
        sandbox
    })
}

/// The help for a query; that each of its proposals finds as many articles as it says is checked.
fn help(query: &str, more: &[&str]) -> Value {
    let result = samples().search_with(query, more);
    assert_eq!(number(&result["total"]), 0, "{query}");
    let help = result["help"].clone();
    let spellings = list(&help["spellings"]).iter().flat_map(|s| list(&s["instead"]));
    let literal: Vec<&str> = more.iter().copied().filter(|m| *m == "--literal").collect();
    for proposal in spellings.chain(list(&help["without"])).chain(list(&help["names"])) {
        let again = samples().search_with(text(&proposal["query"]), &literal);
        assert!(number(&proposal["count"]) > 0);
        assert_eq!(again["total"], proposal["count"], "{query}: {proposal}");
        assert!(again.get("help").is_none(), "help beside hits");
    }
    help
}

#[test]
fn misspelt_words_are_told() {
    for (query, word, meant) in [
        ("dysprosim", "dysprosim", "dysprosium"),
        ("+galium +export", "galium", "gallium"),
        ("\"rare erth\"", "erth", "earth"),
        ("title:galium", "galium", "gallium"),
        ("\"中国稀图集团\"", "中国稀图集团", "中国稀土集团"),
    ] {
        let help = help(query, &[]);
        let spelling = &list(&help["spellings"])[0];
        assert_eq!(text(&spelling["text"]), word, "{query}");
        let first = &list(&spelling["instead"])[0];
        assert_eq!(text(&first["text"]), meant, "{query}");
        assert_eq!(text(&first["query"]), query.replace(word, meant));
    }
    // A word that the index has is spelt right.
    assert!(list(&help("+gallium +cocoa +titanium", &[])["spellings"]).is_empty());
}

#[test]
fn the_word_that_rules_everything_out_is_named() {
    let help_of = |query: &str| help(query, &[]);
    let without = |query: &str| -> Vec<String> {
        let help = help_of(query);
        list(&help["without"])
            .iter()
            .map(|w| list(&w["left_out"]).iter().map(text).collect::<Vec<_>>().join(" "))
            .collect()
    };
    assert_eq!(without("+gallium +zzyzx"), ["+zzyzx"]);
    assert_eq!(without("gallium AND zzyzx"), ["zzyzx"]);
    assert_eq!(without("province:Sichuan date:1901"), ["date:1901"]);
    assert_eq!(without("稀土 AND \"不存在的词语\""), ["\"不存在的词语\""]);
    // Two words, of which neither is there.
    assert_eq!(without("+gallium +zzyzx +qqqqx"), ["+zzyzx +qqqqx"]);
    // Both are there, but never together.
    assert_eq!(
        without("province:Sichuan country:Chile date:2025-03-18"),
        ["date:2025-03-18", "country:Chile"]
    );
    // No two of them are there together.
    assert_eq!(without("+cocoa +dysprosium +盐湖").len(), 3);
    assert!(without("zzyzx").is_empty());
}

#[test]
fn a_selection_that_rules_everything_out_is_named() {
    let help = help("gallium", &["--facet", "country=Ghana"]);
    assert_eq!(list(&list(&help["without"])[0]["left_out"])[0], "country=Ghana");
}

#[test]
fn what_is_only_a_tag_is_found_as_one() {
    // No article has the name in these words, but some are tagged with it.
    let query = "\"people's republic of china\"";
    let help = help(query, &[]);
    let named = &list(&help["names"])[0];
    assert_eq!((text(&named["facet"]), text(&named["path"])), ("country", "/china"));
}

#[test]
fn the_terminal_is_told_on_standard_error() {
    let run = samples().run(["search", "--", "+galium +export"]).exits(1);
    assert_eq!(run.out, "");
    let lines = ["nothing found for +galium +export", "  did you mean gallium: +gallium +export ("];
    let run = run.complains_of(&lines);
    assert!(run.err.contains("  without +galium: +export ("), "{}", run.err);
    let run = samples().run(["search", "galium\u{1b}[31m", "-q"]).exits(1);
    assert_eq!(run.err, "");
}
