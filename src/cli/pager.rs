//! Text that is longer than the screen, a screen at a time.
//!
//! The pager only shows: what it does and whether it starts never changes the exit code.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use super::{interrupt, terminal::Screen};

/// Tried when no variable names one; `-FRX`: ends by itself on one screen, shows colours, leaves the text.
const DEFAULT: &str = "less";
const LESS_FLAGS: &str = "-FRX";
/// The first version of less that passes links (OSC 8) through.
const LESS_WITH_LINKS: u32 = 581;

/// Prints a text to standard output; through a pager where it is longer than the terminal.
pub(crate) fn print(text: &[u8], screen: &Screen, paged: bool) -> std::io::Result<()> {
    let lines = text.iter().filter(|b| **b == b'\n').count();
    // The prompt takes a line.
    if paged && screen.lines.is_some_and(|height| lines >= height) && show(text, screen) {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    out.write_all(text)?;
    out.flush()
}

/// Shows a text in the pager; false when there is none that works.
fn show(text: &[u8], screen: &Screen) -> bool {
    let Some(wanted) = wanted(|name| std::env::var(name).ok()) else { return false };
    let Some((mut child, through_shell)) = start(&wanted) else { return false };
    // An interrupt is for the pager alone as long as it runs.
    let _held = interrupt::hold();
    if let Some(mut stdin) = child.stdin.take() {
        // A pager that was left early wants no more.
        let _ = match screen.style.links && !passes_links(&wanted) {
            true => stdin.write_all(&without_links(text)),
            false => stdin.write_all(text),
        };
    }
    let status = child.wait();
    // A shell that found no such command has shown nothing.
    !(through_shell && status.is_ok_and(|s| matches!(s.code(), Some(126 | 127))))
}

/// The pager's command: of `OREWIRE_PAGER`, or else `PAGER`, or else less. An empty one, or `cat`, means none.
fn wanted(var: impl Fn(&str) -> Option<String>) -> Option<String> {
    let command = var("OREWIRE_PAGER").or_else(|| var("PAGER")).unwrap_or_else(|| DEFAULT.to_owned());
    let command = command.trim().to_owned();
    (!command.is_empty() && command != "cat").then_some(command)
}

/// Starts the pager; and whether a shell did it, since its command needs one.
fn start(wanted: &str) -> Option<(Child, bool)> {
    let needs_shell = cfg!(unix) && wanted.contains(|c| "|&;<>()$`\\\"'*?[]#~=%!{}\n".contains(c));
    let mut words = wanted.split_whitespace();
    let mut command = match needs_shell {
        true => Command::new("sh"),
        false => Command::new(words.next()?),
    };
    match needs_shell {
        true => command.arg("-c").arg(wanted),
        false => command.args(words.clone()),
    };
    if !needs_shell && is_less(wanted) {
        // Colours need -R whatever else was asked for; how to end is the user's when they said anything.
        let own = words.next().is_some() || std::env::var_os("LESS").is_some();
        command.arg(if own { "-R" } else { LESS_FLAGS });
    } else if std::env::var_os("LESS").is_none() {
        command.env("LESS", LESS_FLAGS.trim_start_matches('-'));
    }
    if std::env::var_os("LESSCHARSET").is_none() {
        command.env("LESSCHARSET", "utf-8");
    }
    Some((command.stdin(Stdio::piped()).spawn().ok()?, needs_shell))
}

fn is_less(wanted: &str) -> bool {
    let program = wanted.split_whitespace().next().unwrap_or("");
    program.rsplit('/').next() == Some("less")
}

/// Whether the pager passes links on: only less says so, and only since some time.
fn passes_links(wanted: &str) -> bool {
    let Some(program) = wanted.split_whitespace().next().filter(|_| is_less(wanted)) else { return false };
    let Ok(output) = Command::new(program).arg("--version").stdin(Stdio::null()).output() else {
        return false;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    // "less 590 (GNU regular expressions)"
    let version = text.split_whitespace().nth(1).and_then(|v| v.split('.').next()?.parse::<u32>().ok());
    version.is_some_and(|v| v >= LESS_WITH_LINKS)
}

/// A text without the links that were put into it.
fn without_links(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find(rest, b"\x1b]8;;") {
        out.extend_from_slice(rest.get(..at).unwrap_or(&[]));
        let link = rest.get(at..).unwrap_or(&[]);
        let end = find(link, b"\x1b\\").map_or(link.len(), |end| end + 2);
        rest = link.get(end..).unwrap_or(&[]);
    }
    out.extend_from_slice(rest);
    out
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_variable_names_the_pager() {
        let with = |vars: &[(&str, &str)]| {
            wanted(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        assert_eq!(with(&[]).as_deref(), Some("less"));
        assert_eq!(with(&[("PAGER", "more")]).as_deref(), Some("more"));
        assert_eq!(with(&[("PAGER", "more"), ("OREWIRE_PAGER", "less -S")]).as_deref(), Some("less -S"));
        assert_eq!(with(&[("PAGER", "more"), ("OREWIRE_PAGER", "")]), None);
        assert_eq!(with(&[("PAGER", "cat")]), None);
        assert!(is_less("/usr/bin/less -S") && !is_less("lesser"));
    }

    #[test]
    fn links_are_taken_out_whole() {
        let text = "a \u{1b}]8;;https://example.org\u{1b}\\b\u{1b}]8;;\u{1b}\\ \u{1b}[1mc\u{1b}[0m";
        assert_eq!(without_links(text.as_bytes()), "a b \u{1b}[1mc\u{1b}[0m".as_bytes());
        assert_eq!(without_links(b"\x1b]8;;cut"), b"");
    }
}
