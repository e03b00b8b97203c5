//! A command line cut into words, as bash would, up to where it ends: quotes may be open.

/// The words of a line without their quotes; the last one is the one being typed, empty after a space.
pub(super) fn cut(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut begun, mut quote) = (false, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.push(c),
            (Some(_), '\\') => match chars.next() {
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                Some(c) => word.extend(['\\', c]),
                None => word.push('\\'),
            },
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                begun = true;
            }
            (None, '\\') => {
                word.extend(chars.next());
                begun = true;
            }
            (None, c) if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => {
                word.push(c);
                begun = true;
            }
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn lines_are_cut_as_a_shell_does() {
        assert_eq!(cut("orewire search "), ["orewire", "search", ""]);
        assert_eq!(cut("orewire  sea"), ["orewire", "sea"]);
        assert_eq!(cut("o search 'rare earth' prov"), ["o", "search", "rare earth", "prov"]);
        assert_eq!(cut("o search 'rare province:Si"), ["o", "search", "rare province:Si"]);
        assert_eq!(cut(r#"o search "a \"b c"#), ["o", "search", r#"a "b c"#]);
        assert_eq!(cut(r"o --facet province=Inner\ Mon"), ["o", "--facet", "province=Inner Mon"]);
        assert_eq!(cut("o ''"), ["o", ""]);
        assert_eq!(cut("o '四川 稀"), ["o", "四川 稀"]);
        assert_eq!(cut(""), [""]);
    }
}
