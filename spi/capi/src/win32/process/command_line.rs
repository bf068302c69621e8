//! The text that a program is begun with: its parts, as the C library of Windows takes it apart, and which file is meant.

use std::path::{Path, PathBuf};

/// The arguments of a command line, the program's name first.
///
/// "Parsing C command-line arguments": the name ends at white space, or at its second quote; further on a backslash counts before a quote
/// only, and two quotes in quoted text are one.
pub(super) fn arguments(text: &str) -> Vec<String> {
    let (name, rest) = name_of(text);
    let mut arguments = vec![name.to_owned()];
    let mut rest = rest.trim_start_matches(is_white);
    while !rest.is_empty() {
        let (argument, after) = next(rest);
        arguments.push(argument);
        rest = after.trim_start_matches(is_white);
    }
    arguments
}

fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// The name at the beginning, and what follows it.
fn name_of(text: &str) -> (&str, &str) {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => text.split_at(text.find(is_white).unwrap_or(text.len())),
    }
}

/// The next argument, and what follows it.
fn next(text: &str) -> (String, &str) {
    let mut argument = String::new();
    let mut quoted = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if is_white(first) && !quoted {
            break;
        }
        let after = rest.trim_start_matches('\\');
        let backslashes = rest.len() - after.len();
        if let Some(behind) = after.strip_prefix('"') {
            argument.extend(std::iter::repeat_n('\\', backslashes / 2));
            if backslashes % 2 == 1 {
                argument.push('"');
                rest = behind;
            } else if quoted && behind.starts_with('"') {
                argument.push('"');
                rest = &behind[1..];
            } else {
                quoted = !quoted;
                rest = behind;
            }
        } else if backslashes > 0 {
            argument.push_str(&rest[..backslashes]);
            rest = after;
        } else {
            argument.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (argument, rest)
}

/// The file that a command line means: the first of its beginnings up to white space that is one, or what is in quotes.
pub(super) fn program_of(text: &str) -> Option<PathBuf> {
    if text.starts_with('"') {
        return searched(name_of(text).0);
    }
    let ends = text.match_indices(is_white).map(|(place, _)| place);
    let beginnings = ends.chain(Some(text.len())).map(|end| &text[..end]);
    beginnings
        .filter(|beginning| !beginning.is_empty() && !beginning.ends_with(is_white))
        .find_map(searched)
}

/// The file of a name without a folder: in this program's folder, in the current one, in those of the PATH.
fn searched(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return file(Path::new(name));
    }
    let this = std::env::current_exe().ok();
    let this = this.as_deref().and_then(Path::parent).map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = this
        .into_iter()
        .chain(Some(PathBuf::from(".")))
        .chain(std::env::split_paths(&path));
    folders
        .map(|folder| folder.join(name))
        .find_map(|path| file(&path))
}

/// The file itself, or the same with or without `.exe`: programs say it, and here files do not have it. A path that does not change with
/// the current folder.
pub(super) fn file(path: &Path) -> Option<PathBuf> {
    let other = match path.extension() {
        Some(end) if end.eq_ignore_ascii_case("exe") => Some(path.with_extension("")),
        Some(_) => None,
        None => Some(path.with_extension("exe")),
    };
    let mut candidates = Some(path.to_owned()).into_iter().chain(other);
    let found = candidates.find(|path| path.is_file())?;
    std::path::absolute(found).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Parsing C command-line arguments": the examples of that page, and the name's own rule.
    #[test]
    fn a_command_line_is_taken_apart_as_by_windows() {
        for (text, expected) in [
            (r#"p "abc" d e"#, &["p", "abc", "d", "e"][..]),
            (r#"p a\\b d"e f"g h"#, &["p", r"a\\b", "de fg", "h"]),
            (r#"p a\\\"b c d"#, &["p", r#"a\"b"#, "c", "d"]),
            (r#"p a\\\\"b c" d e"#, &["p", r"a\\b c", "d", "e"]),
            (r#"p a"b"" c d"#, &["p", r#"ab" c d"#]),
            ("\"a b\\\"\tc", &["a b\\", "c"]),
            (r#"p "" x "#, &["p", "", "x"]),
            ("p", &["p"]),
            ("", &[""]),
        ] {
            assert_eq!(arguments(text), expected, "{text}");
        }
    }

    /// "CreateProcessW function", lpApplicationName: a name with spaces is tried from its beginning.
    #[test]
    fn a_name_with_spaces_is_found() {
        let this = std::env::current_exe().expect("the program knows itself");
        let folder = std::env::temp_dir().join(format!("ws2spi-{} a b", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let program = folder.join("the program.exe");
        std::os::unix::fs::symlink(&this, &program).expect("a link can be made");
        let text = format!("{} and more", folder.join("the program").display());
        assert_eq!(program_of(&text), Some(program.clone()));
        let quoted = format!("\"{}\" and more", program.display());
        assert_eq!(program_of(&quoted), Some(program));
        assert_eq!(program_of("no such program, surely"), None);
        std::fs::remove_dir_all(&folder).expect("the folder can be removed");
        assert!(program_of("sh -c true").is_some(), "in the PATH");
    }
}
