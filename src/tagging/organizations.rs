//! Which mentions are organizations, and which of them are one body.

use rustc_hash::FxHashMap;

use super::{
    Field, Found, Mention, Rule, Who, defined,
    lexicon::{self, BODY, COMMON, LEGAL, SECTOR},
    persons::foreign_sound,
    shapes_zh,
    spans::{Span, View, What, certain},
    support::{States, is_index, supported},
};
use crate::{
    analysis::{Case, Gap, UnitKind, Units, fold},
    gazetteer::{EntryId, Facet, Gazetteer},
};

/// One body of the article.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub entry: Option<EntryId>,
    /// Units' terms without the legal form; of a local body.
    pub key: String,
    /// Longest form as written.
    pub name: String,
    pub mentions: Vec<Mention>,
    /// Short names to look for: text, and whether the article defines it in so many words.
    pub short: Vec<(String, bool)>,
}

/// The bodies of an article by entry and by key.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    pub list: Vec<Body>,
    by_entry: FxHashMap<EntryId, usize>,
    by_key: FxHashMap<String, usize>,
}

impl Bodies {
    fn entry(&mut self, id: EntryId) -> usize {
        *self.by_entry.entry(id).or_insert_with(|| {
            self.list.push(Body {
                entry: Some(id),
                key: String::new(),
                name: String::new(),
                mentions: Vec::new(),
                short: Vec::new(),
            });
            self.list.len() - 1
        })
    }

    fn local(&mut self, key: String) -> usize {
        if let Some(at) = self.by_key.get(&key) {
            return *at;
        }
        self.list.push(Body {
            entry: None,
            key: key.clone(),
            name: String::new(),
            mentions: Vec::new(),
            short: Vec::new(),
        });
        self.by_key.insert(key, self.list.len() - 1);
        self.list.len() - 1
    }

    /// Makes `from` the same body as `into`.
    pub fn join(&mut self, into: usize, from: usize) {
        if into == from {
            return;
        }
        let taken = std::mem::take(&mut self.list[from].mentions);
        let short = std::mem::take(&mut self.list[from].short);
        let name = std::mem::take(&mut self.list[from].name);
        let key = self.list[from].key.clone();
        if self.list[into].entry.is_none() && name.len() > self.list[into].name.len() {
            self.list[into].name = name;
        }
        self.list[into].mentions.extend(taken);
        self.list[into].short.extend(short);
        self.by_key.insert(key, into);
    }

    pub fn of_entry(&self, id: EntryId) -> Option<usize> {
        self.by_entry.get(&id).copied()
    }
}

/// Finds the bodies; spans that are theirs become hidden for places and goods.
pub(super) fn resolve(gazetteer: &Gazetteer, views: &[View<'_>; 2], spans: &mut Vec<Span>) -> Vec<Found> {
    let mut bodies = Bodies::default();
    // Span number and the body that it is.
    let mut owners: Vec<Option<usize>> = vec![None; spans.len()];
    let mut pending: Vec<usize> = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let view = &views[span.field as usize];
        match span.what {
            What::Hidden => {}
            What::Shape { core, .. } => {
                let key = key(view, span.start as usize, core as usize);
                let body = bodies.local(key);
                add(&mut bodies, body, view, span, Rule::Shape);
                owners[at] = Some(body);
            }
            What::Name { legal, .. } => match pick(gazetteer, views, span) {
                Pick::None => {}
                // 越南商务部 is Vietnam's and not China's.
                Pick::Certain(id) if abroad(gazetteer, view, spans[..at].last(), span, id) => {
                    if let Some(country) = spans[..at].last() {
                        let whole = Span { start: country.start, ..*span };
                        let body = bodies.local(key(view, whole.start as usize, whole.end as usize));
                        add(&mut bodies, body, view, &whole, Rule::Shape);
                        owners[at] = Some(body);
                    }
                }
                Pick::Certain(id) if of_other_state(gazetteer, views, spans, at, id) => {}
                Pick::Certain(id) => {
                    let body = bodies.entry(id);
                    add(&mut bodies, body, view, span, if legal { Rule::Shape } else { Rule::Gazetteer });
                    owners[at] = Some(body);
                }
                Pick::Maybe => pending.push(at),
            },
        }
    }
    let mut unresolved: Vec<usize> = Vec::new();
    let states = if pending.is_empty() { States::default() } else { States::count(gazetteer, views, spans) };
    for at in pending {
        let span = spans[at];
        let view = &views[span.field as usize];
        match supported(gazetteer, views, &bodies, &states, &span) {
            Some(id) => {
                let body = bodies.entry(id);
                add(
                    &mut bodies,
                    body,
                    view,
                    &span,
                    if span.is_org_legal() { Rule::Shape } else { Rule::Gazetteer },
                );
                owners[at] = Some(body);
            }
            None => unresolved.push(at),
        }
    }
    // A body found late may support an ambiguous name that came first.
    for at in unresolved {
        let span = spans[at];
        let known = span
            .names(gazetteer, views)
            .filter(|(_, e)| e.facet == Facet::Organization)
            .find_map(|(name, _)| bodies.of_entry(name.entry));
        let view = &views[span.field as usize];
        if let Some(body) = known {
            add(&mut bodies, body, view, &span, Rule::Gazetteer);
            owners[at] = Some(body);
        } else if is_some_ministry(gazetteer, views, &span) {
            // "Ministry of Commerce" of a state that no table has, or that can't be told.
            let body = bodies.local(key(view, span.start as usize, span.end as usize));
            add(&mut bodies, body, view, &span, Rule::Shape);
            owners[at] = Some(body);
        }
    }
    same_slug(gazetteer, &mut bodies);
    defined::collect(gazetteer, views, spans, &owners, &mut bodies);
    short_names(gazetteer, &mut bodies);
    for (at, span) in spans.iter_mut().enumerate() {
        if owners[at].is_some() {
            span.what = What::Hidden;
        }
    }
    defined::find(views, spans, &mut bodies);
    found(gazetteer, views, bodies)
}

/// Whether a name is that of a ministry, of several states: "Ministry of Finance".
fn is_some_ministry(gazetteer: &Gazetteer, views: &[View<'_>; 2], span: &Span) -> bool {
    span.end - span.start >= 2
        && !views[span.field as usize].is_han(span.start as usize)
        && span.names(gazetteer, views).any(|(_, entry)| entry.kind == "ministry")
}

/// Whether a Chinese name of a ministry of China follows the name of another country.
fn abroad(gazetteer: &Gazetteer, view: &View<'_>, before: Option<&Span>, span: &Span, id: EntryId) -> bool {
    let entry = gazetteer.entry(id);
    entry.country == "CN"
        && matches!(entry.kind.as_str(), "ministry" | "agency")
        && view.is_han(span.start as usize)
        && before.is_some_and(|b| {
            b.field == span.field
                && b.end == span.start
                && certain(gazetteer, view, b, &[Facet::Country])
                    .is_some_and(|c| gazetteer.entry(c).code != "CN")
        })
}

/// Whether a ministry that bears the name of China's is another state's: 俄外交部, 国防部长奥斯汀, or one in
/// an article that has named another country and never China.
fn of_other_state(
    gazetteer: &Gazetteer,
    views: &[View<'_>; 2],
    spans: &[Span],
    at: usize,
    id: EntryId,
) -> bool {
    const STATES: &str = "俄英法德韩朝印越乌伊沙澳泰缅菲欧古委叙土加巴";
    const LOOK_BACK: u32 = 40;
    let entry = gazetteer.entry(id);
    let Some(span) = spans.get(at) else { return false };
    let view = &views[span.field as usize];
    let (start, end) = (span.start as usize, span.end as usize);
    let name = view.slice(start, end);
    let short = name.chars().count() <= 8 && !name.starts_with(['中', '我']);
    if entry.country != "CN"
        || !matches!(entry.kind.as_str(), "ministry" | "agency")
        || !view.is_han(start)
        || !short
    {
        return false;
    }
    let before = view.term_before(start, 1);
    if !before.is_empty() && STATES.contains(before) && view.unit(start).is_some_and(|u| u.gap == Gap::None) {
        return true;
    }
    let minister = view.term(end) == "长";
    if minister && (end + 1..end + 4).all(|at| foreign_sound(view.term(at))) {
        return true;
    }
    let country = |s: &Span, home: bool| {
        matches!(s.what, What::Name { .. })
            && s.names(gazetteer, views).any(|(name, e)| {
                e.facet == Facet::Country && !name.flags.is_ambiguous() && (e.code == "CN") == home
            })
    };
    let near = spans[..at]
        .iter()
        .rev()
        .take_while(|s| s.field == span.field && s.end + LOOK_BACK >= span.start)
        .any(|s| country(s, false));
    // 商务部 answers foreign moves every day: it stays China's.
    near && name != "商务部" && !spans.iter().any(|s| country(s, true))
}

enum Pick {
    None,
    Certain(EntryId),
    Maybe,
}

/// Whether a span of the gazetteer is an organization by itself.
fn pick(gazetteer: &Gazetteer, views: &[View<'_>; 2], span: &Span) -> Pick {
    let view = &views[span.field as usize];
    // "返回搜狐，查看更多": the page's own furniture.
    let credit = span.start > 1 && view.units.joined(span.start as usize - 2..span.start as usize) == "返回";
    if credit || is_index(view, span.start as usize, span.end as usize) || before_code(gazetteer, views, span)
    {
        return Pick::None;
    }
    let mut certain: Option<EntryId> = None;
    let (mut maybe, mut other) = (false, false);
    for (name, entry) in span.names(gazetteer, views) {
        if entry.facet != Facet::Organization {
            other |= !name.flags.is_ambiguous();
            continue;
        }
        if name.flags.is_ambiguous() && !span.is_org_legal() {
            maybe = true;
        } else if certain.is_none_or(|id| gazetteer.entry(id).weight < entry.weight) {
            certain = Some(name.entry);
        }
    }
    match certain {
        // The same word for a good or a place: it needs support like an ambiguous one.
        Some(_) if other && !span.is_org_legal() => Pick::Maybe,
        Some(id) => Pick::Certain(id),
        None if maybe => Pick::Maybe,
        None => Pick::None,
    }
}

/// "(NASDAQ: TRW)": where a share is listed, not what the text is about.
fn before_code(gazetteer: &Gazetteer, views: &[View<'_>; 2], span: &Span) -> bool {
    let view = &views[span.field as usize];
    let code = |at: usize| view.unit(at).is_some_and(|u| matches!(u.case, Case::Upper | Case::None));
    view.between(span.start as usize).ends_with(['(', '（'])
        && view.between(span.end as usize).trim_start().starts_with([':', '：'])
        && code(span.end as usize)
        && span.names(gazetteer, views).any(|(_, entry)| entry.kind == "exchange")
}

fn key(view: &View<'_>, start: usize, core: usize) -> String {
    let mut key = String::new();
    for at in start..core {
        if at > start && view.unit(at).is_some_and(|u| u.kind == UnitKind::Word) {
            key.push(' ');
        }
        key.push_str(view.term(at));
    }
    key
}

fn add(bodies: &mut Bodies, body: usize, view: &View<'_>, span: &Span, rule: Rule) {
    let Some((first, last)) =
        view.unit(span.start as usize).zip(view.unit((span.end as usize).saturating_sub(1)))
    else {
        return;
    };
    let text = view.slice(span.start as usize, span.end as usize);
    let body = &mut bodies.list[body];
    if text.len() > body.name.len() && text.len() < 200 {
        body.name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    // "Co., Ltd." is written with its full stop.
    let stop = lexicon::class(view.term((span.end as usize).saturating_sub(1))) & LEGAL != 0
        && last.end - last.start <= 4
        && view.text.as_bytes().get(last.end as usize) == Some(&b'.');
    let plus = match span.what {
        What::Name { hit, .. } => hit.plus_bytes(view.text, last.end),
        _ => 0,
    };
    let end = last.end + u32::from(stop) + plus;
    body.mentions.push(Mention { field: span.field, start: first.start, end, rule, weak: false });
}

/// A local body whose slug is a known path is that body.
fn same_slug(gazetteer: &Gazetteer, bodies: &mut Bodies) {
    for at in 0..bodies.list.len() {
        let body = &bodies.list[at];
        if body.entry.is_none()
            && !body.key.is_empty()
            && let Some(id) = gazetteer.by_path(Facet::Organization, &slug(&body.key))
        {
            let into = bodies.entry(id);
            bodies.join(into, at);
        }
    }
    // 第一师农业科学研究所 after 新疆生产建设兵团第一师农业科学研究所: the end of a longer name.
    for at in 0..bodies.list.len() {
        let Body { key, mentions, .. } = &bodies.list[at];
        if key.is_ascii() || mentions.is_empty() || key.chars().count() < 5 {
            continue;
        }
        let longer = (0..bodies.list.len()).find(|i| {
            let other = &bodies.list[*i];
            *i != at && !other.mentions.is_empty() && other.key.len() > key.len() && other.key.ends_with(key)
        });
        if let Some(longer) = longer {
            bodies.join(longer, at);
        }
    }
    // "Industrial Ores Co" after "Industrial Ores Co. of Australia Pty".
    for at in 0..bodies.list.len() {
        let key = &bodies.list[at].key;
        let shorter = [" co of ", " corp of ", " corporation of ", " company of "]
            .iter()
            .find_map(|of| key.split_once(of).map(|(short, _)| short));
        if let Some(other) = shorter.and_then(|s| bodies.by_key.get(s).copied()) {
            bodies.join(at, other);
        }
    }
    // "Tarwell CEO Ann Lee" after "Tarwell International Ltd": the beginning of one other name.
    let plain: Vec<String> = bodies
        .list
        .iter()
        .map(|b| if b.entry.is_some() { fold(&b.name) } else { b.key.as_str().into() })
        .map(|name| without_legal(&name).to_owned())
        .collect();
    for at in 0..bodies.list.len() {
        let Body { entry: None, key, name, mentions, .. } = &bodies.list[at] else { continue };
        // "Tarwell Corp" and "Tarwell Oil Co" are a parent and its unit.
        let legal = name.rsplit(' ').next().is_some_and(|w| {
            lexicon::class(fold(w).trim_matches(['.', ','])) & LEGAL != 0 && name.contains(' ')
        });
        if legal
            || mentions.is_empty()
            || key.len() < if name.chars().all(char::is_uppercase) { 3 } else { 4 }
            || !key.is_ascii()
            || lexicon::class(key) & COMMON != 0
        {
            continue;
        }
        // "Statistics Office" after "Federal Statistics Office", "Hydro" after "Norsk Hydro": the end of one.
        let words = key.contains(' ') || lexicon::class(key) == 0;
        let mut longer = (0..bodies.list.len()).filter(|i| {
            let name = plain[*i].as_str();
            *i != at
                && name.len() > key.len()
                && !bodies.list[*i].mentions.is_empty()
                && (name.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with(' '))
                    || words && name.strip_suffix(key.as_str()).is_some_and(|rest| rest.ends_with(' ')))
        });
        if let (Some(other), None) = (longer.next(), longer.next()) {
            bodies.join(other, at);
        }
    }
    // "Tarwell" of the tables, and "Tarwell Technology SA": its name in full.
    for at in 0..bodies.list.len() {
        let Body { entry: None, name, mentions, .. } = &bodies.list[at] else { continue };
        let full = fold(name);
        let trade = without_legal(&full);
        let Some((front, "technology" | "technologies" | "group" | "holdings" | "holding" | "international")) =
            trade.rsplit_once(' ').filter(|_| trade.len() < full.len() && !mentions.is_empty())
        else {
            continue;
        };
        let known = |b: &Body| {
            !b.mentions.is_empty()
                && fold(&b.name) == front
                && b.entry.is_some_and(|id| is_sole_name(gazetteer, front, id))
        };
        if let Some(into) = bodies.list.iter().position(known) {
            bodies.join(into, at);
        }
    }
    // "China United Copper" and "China United Copper Group": one is the other with a plain ending.
    for at in 0..bodies.list.len() {
        let key = &bodies.list[at].key;
        let shorter = ["group", "holdings", "holding", "集团"]
            .iter()
            .find_map(|tail| key.strip_suffix(tail))
            .map(str::trim_end);
        if let Some(other) = shorter.filter(|s| !s.is_empty()).and_then(|s| bodies.by_key.get(s).copied()) {
            bodies.join(at, other);
        }
    }
}

/// A folded name without the legal form at its end.
fn without_legal(name: &str) -> &str {
    let mut name = name.trim_end_matches(['.', ',']);
    while let Some((front, last)) = name.rsplit_once(' ') {
        if lexicon::class(last) & LEGAL == 0 {
            break;
        }
        name = front.trim_end_matches(['.', ',']);
    }
    name
}

/// Lower-case segment of letters and digits; Han characters stay.
pub(super) fn slug(name: &str) -> String {
    let mut out = String::from("/");
    for c in fold(name).chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with(['-', '/']) && c != '\'' {
            out.push('-');
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

/// Short names that follow from the build of a name: "Sony" of "Sony Corp", 江西铜业 of 江西铜业股份有限公司.
fn short_names(gazetteer: &Gazetteer, bodies: &mut Bodies) {
    let mut buffer = Units::new();
    let mut first_words: FxHashMap<String, usize> = FxHashMap::default();
    for body in &bodies.list {
        if let Some(word) = body.name.split_whitespace().next() {
            *first_words.entry(fold(word).into_owned()).or_default() +=
                usize::from(!body.mentions.is_empty());
        }
    }
    for body in &mut bodies.list {
        if body.mentions.is_empty() || body.name.is_empty() {
            continue;
        }
        if body.name.chars().next().is_some_and(|c| !c.is_ascii()) {
            if !body.name.contains(['公', '集', '股', '團', '团']) {
                continue;
            }
            let units = Units::of(&body.name, &[]);
            let view = View::new(Field::Body, &body.name, &units, &[]);
            let cut = shapes_zh::legal_units(&view, 0, units.len());
            let core = view.slice(0, units.len() - cut);
            let len = core.chars().count();
            if cut > 0 && len >= 3 && !shapes_zh::is_role(core) {
                body.short.push((core.to_owned(), false));
            }
            continue;
        }
        if !body.name.contains(' ') {
            continue;
        }
        let words: Vec<&str> = body.name.split_whitespace().collect();
        let folded: Vec<String> = words.iter().map(|w| fold(w).trim_matches(['.', ',']).to_owned()).collect();
        let class = |at: usize| folded.get(at).map_or(0, |w| lexicon::class(w));
        let mut end = words.len();
        while end > 1 && class(end - 1) & LEGAL != 0 {
            end -= 1;
        }
        let own = |at: usize| {
            class(at) & (COMMON | LEGAL | BODY | SECTOR | lexicon::NOT_FIRST | lexicon::HEAD | lexicon::FIELD)
                == 0
        };
        let mut push = |text: &[&str]| {
            let text = text.join(" ");
            let text = text.trim_end_matches([',', '.']).to_owned();
            if text.len() >= 3
                && !other_thing(gazetteer, &mut buffer, &text, body.entry)
                && !body.short.iter().any(|(s, _)| *s == text)
            {
                body.short.push((text, false));
            }
        };
        if end < words.len() && (end > 1 || own(0)) {
            push(&words[..end]);
        }
        // "Sonova" of "Sonova Group", "Eland" of "Eland Platinum".
        let mut stem = end;
        while stem > 1 && class(stem - 1) & (BODY | SECTOR | LEGAL) != 0 {
            stem -= 1;
        }
        if stem < end && (0..stem).any(own) && class(0) & lexicon::HEAD == 0 {
            push(&words[..stem]);
        }
        if stem >= 1
            && (2..=4).contains(&end)
            && own(0)
            && first_words.get(&folded[0]) == Some(&1)
            && words[0].len() >= 4
        {
            push(&words[..1]);
        }
    }
}

/// Whether a name is this body's beyond doubt: not an ambiguous one, and nobody else's.
fn is_sole_name(gazetteer: &Gazetteer, name: &str, id: EntryId) -> bool {
    let units = Units::of(name, &[]);
    let matcher = gazetteer.matcher();
    matcher.exact(&units).is_some_and(|node| {
        matcher.at_node(node).all(|n| n.flags.is_stop() || n.entry == id && !n.flags.is_ambiguous())
    })
}

/// Whether a short name is the name of something else that the gazetteer knows.
fn other_thing(gazetteer: &Gazetteer, units: &mut Units, text: &str, own: Option<EntryId>) -> bool {
    units.scan(text, &[]);
    let matcher = gazetteer.matcher();
    matcher.exact(units).is_some_and(|node| {
        matcher.at_node(node).any(|name| !name.flags.is_stop() && Some(name.entry) != own)
    })
}

fn found(gazetteer: &Gazetteer, views: &[View<'_>; 2], bodies: Bodies) -> Vec<Found> {
    let mut out = Vec::new();
    for mut body in bodies.list {
        body.mentions.sort();
        body.mentions.dedup_by_key(|m| (m.field, m.start));
        if body.mentions.is_empty() {
            continue;
        }
        let dateline =
            views[1].unit(views[1].dateline).filter(|_| views[1].dateline > 0).map_or(0, |u| u.start);
        for mention in &mut body.mentions {
            mention.weak |= mention.field == Field::Body && mention.end <= dateline;
        }
        let who = match body.entry {
            Some(id) if gazetteer.entry(id).kind == "media" => continue,
            Some(id) => Who::Entry(id),
            None => Who::Local { path: slug(&body.key), name: body.name },
        };
        if body.mentions.iter().all(|m| m.weak) {
            continue;
        }
        out.push(Found { facet: Facet::Organization, who, mentions: body.mentions });
    }
    out
}
