//! `orewire similar`: articles like one, in both languages, without its copies.

mod common;

use common::{Sandbox, list, text};
use serde_json::json;

fn similar(sandbox: &Sandbox, id: &str) -> Vec<String> {
    let found = sandbox.run(["similar", "--format", "json", "--", id]).exits(0).json();
    assert_eq!(found["id"], id);
    list(&found["hits"]).iter().map(|h| text(&h["id"]).to_owned()).collect()
}

#[test]
fn the_same_matter_is_found_in_the_other_language() {
    let sandbox = Sandbox::with_samples();
    sandbox.run(["index"]).exits(0);
    for (id, like) in [
        ("wire-0401-a", "wire-0402-zh"),
        ("wire-0402-zh", "wire-0401-"),
        ("wire-0403-en", "wire-0404-zh"),
        ("seeds/en/shenghe-resources-chengdu.txt", "seeds/zh/shenghe-ziyuan-chengdu.txt"),
        ("seeds/web/china-rare-earth-group-creg.html", "seeds/zh/zhongguo-xitu-jituan-chengli.md"),
    ] {
        let found = similar(&sandbox, id);
        assert!(found[..3].iter().any(|f| f.starts_with(like)), "{id}: {found:?}");
        assert!(!found.contains(&id.to_owned()), "{id} is like itself");
    }
}

#[test]
fn copies_of_the_article_are_not_what_it_is_like() {
    let sandbox = Sandbox::new();
    let story = "The smelter at Iquique stopped two furnaces on Monday after a fire in the sulphur store, and its owner \
                 told customers that shipments of molybdenum oxide would be late by three weeks. Firemen had the blaze \
                 under control before noon. Nobody was hurt, but the roof of the store fell in and the conveyor that \
                 feeds both furnaces has to be built anew from spare parts.";
    let follow_up = "Molybdenum oxide became dearer on Tuesday because the smelter at Iquique will ship nothing for three \
                     weeks. Traders said that the conveyor of its furnaces burnt down with the sulphur store.";
    let other = "Wheat harvests in the north were the best for ten years, the ministry of farming said in its report.";
    let article = |id: &str, body: &str, day: &str| {
        json!({"id": id, "title": "", "body": body, "date": day}).to_string()
    };
    sandbox.write(
        "news/a.ndjson",
        [
            article("story", story, "2024-05-06"),
            article("wire", &format!("{story} Reporting by the coast desk."), "2024-05-06"),
            article("next", follow_up, "2024-05-07"),
            article("other", other, "2024-05-07"),
        ]
        .join("\n"),
    );
    sandbox.index(&["news"], 0);
    assert_eq!(similar(&sandbox, "story"), ["next"]);
    let text = sandbox.run(["similar", "story"]).exits(0);
    assert!(text.out.contains("like story: "), "{}", text.out);
    assert!(sandbox.run(["similar", "next", "-n", "1"]).exits(0).out.contains("+1 copy"));
    assert!(sandbox.run(["similar", "other"]).exits(1).err.contains("nothing is like other"));
    sandbox.run(["similar", "nobody"]).exits(2).complains_of(&["no article with the id", "hint:"]);
}
