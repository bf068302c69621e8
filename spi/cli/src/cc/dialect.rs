//! What Microsoft's compiler takes and others refuse, written out: `__leave` in C, `void main` in C++, `sizeof Type`.
//!
//! No macro can do these. A source that has one is compiled from a copy with the same lines, under its own name and in its own folder;
//! the source itself is never touched, nor is what it includes. Preprocessor lines stay as they are, and with them what macros say.
//!
//! - `__leave` becomes a `goto` to a label at the end of the block of the `__try` that it stands in.
//! - `void main` returns int, and its `return;` returns 0.
//! - `sizeof name` before `)`, `,` or `;` gets parentheses: the same for an object, and right for a type.
//!
//! Used by the driver and by [`compiler`](crate::compiler).

mod tokens;

use crate::compiler::Language;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tokens::{Token, tokens};

/// What the compiler is given in place of a source.
#[derive(Debug)]
pub struct Translated {
    /// The file to compile.
    pub file: PathBuf,
    /// Options that go before the source's folders: where it finds what it includes in quotes.
    pub options: Vec<OsString>,
}

impl Translated {
    /// The source itself.
    #[must_use]
    pub fn unchanged(source: &Path) -> Self {
        Self {
            file: source.to_owned(),
            options: Vec::new(),
        }
    }
}

/// The file to compile for `source`: itself, or a copy in `scratch`, which is made. A source that cannot be read is left to the
/// compiler's error, one that is no file to the compiler.
///
/// # Errors
/// The system's, when the copy cannot be written.
pub fn translate(source: &Path, language: Language, scratch: &Path) -> io::Result<Translated> {
    let itself = Translated::unchanged(source);
    let text = match source.is_file() {
        true => fs::read(source),
        // What a pipe has can be read once.
        false => return Ok(itself),
    };
    let Ok(text) = text else {
        return Ok(itself);
    };
    // Microsoft's editors begin UTF-8 with it, and compilers take it nowhere but at the beginning.
    let text = text.strip_prefix(MARK).unwrap_or(&text);
    let Some(body) = rewritten(text, language) else {
        return Ok(itself);
    };
    let name = source.to_string_lossy().replace('\\', "\\\\");
    let mut copy = format!("#line 1 \"{}\"\n", name.replace('"', "\\\"")).into_bytes();
    copy.extend(body);
    let file = scratch.join(source.file_name().unwrap_or_default());
    fs::create_dir_all(scratch)?;
    fs::write(&file, copy)?;
    let folder = match source.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok(Translated {
        file,
        options: vec!["-iquote".into(), folder.into()],
    })
}

/// The text with what must change changed; `None` when nothing must.
fn rewritten(text: &[u8], language: Language) -> Option<Vec<u8>> {
    let tokens = tokens(text);
    let mut edits = Vec::new();
    match language {
        Language::C => leaves(&tokens, &mut edits),
        Language::Cxx => void_main(&tokens, &mut edits),
    }
    sizes(&tokens, &mut edits);
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| edit.from);
    let mut result = Vec::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in edits {
        result.extend_from_slice(&text[at..edit.from]);
        result.extend(edit.by.bytes());
        at = edit.to;
    }
    result.extend_from_slice(&text[at..]);
    Some(result)
}

/// One place of the text and what comes there.
struct Edit {
    from: usize,
    to: usize,
    by: String,
}

impl Edit {
    fn replace(token: &Token<'_>, by: &str) -> Self {
        Self {
            from: token.from,
            to: token.from + token.text.len(),
            by: by.to_owned(),
        }
    }

    fn insert(at: usize, by: &str) -> Self {
        Self {
            from: at,
            to: at,
            by: by.to_owned(),
        }
    }
}

/// A block that is open: the number of its `__try`, if it is one, and whether something leaves it.
struct Block {
    number: Option<usize>,
    left: bool,
}

fn leaves(tokens: &[Token<'_>], edits: &mut Vec<Edit>) {
    let mut open: Vec<Block> = Vec::new();
    let mut before = "";
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => open.push(Block {
                number: matches!(before, "__try" | "_try").then_some(index),
                left: false,
            }),
            "}" => {
                if let Some(Block {
                    number: Some(number),
                    left: true,
                }) = open.pop()
                {
                    edits.push(Edit::insert(token.from, &format!("{LABEL}{number}: ; ")));
                }
            }
            "__leave" | "_leave" => {
                let inside = open.iter_mut().rev().find(|block| block.number.is_some());
                // One outside of every __try is left to the compiler's error.
                if let Some(block) = inside
                    && let Some(number) = block.number
                {
                    block.left = true;
                    edits.push(Edit::replace(token, &format!("goto {LABEL}{number}")));
                }
            }
            _ => {}
        }
        before = token.text;
    }
}

fn void_main(tokens: &[Token<'_>], edits: &mut Vec<Edit>) {
    let named = |index: usize| tokens.get(index).map_or("", |token| token.text);
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            "void" if depth == 0 => {
                let main = index + 1 + usize::from(CONVENTIONS.contains(&named(index + 1)));
                if named(main) == "main" && named(main + 1) == "(" {
                    edits.push(Edit::replace(token, "int"));
                    returns(&tokens[main..], edits);
                }
            }
            _ => {}
        }
    }
}

/// The bare `return` statements of the function whose name is the first token.
fn returns(tokens: &[Token<'_>], edits: &mut Vec<Edit>) {
    let mut depth = 0;
    for pair in tokens.windows(2) {
        match pair[0].text {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            // A declaration.
            ";" if depth == 0 => return,
            "return" if pair[1].text == ";" => edits.push(Edit::replace(&pair[0], "return 0")),
            _ => {}
        }
    }
}

fn sizes(tokens: &[Token<'_>], edits: &mut Vec<Edit>) {
    for triple in tokens.windows(3) {
        let [size, name, end] = triple else {
            continue;
        };
        if size.text == "sizeof" && name.is_name() && matches!(end.text, ")" | "," | ";") {
            edits.push(Edit::insert(name.from, "("));
            edits.push(Edit::insert(name.from + name.text.len(), ")"));
        }
    }
}

/// What may stand between `void` and `main`.
const CONVENTIONS: [&str; 3] = ["__cdecl", "_cdecl", "WINAPIV"];
/// The byte order mark in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// How labels at the ends of blocks begin.
const LABEL: &str = "ws2spi_left_";

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, language: Language) -> String {
        match rewritten(text.as_bytes(), language) {
            Some(bytes) => String::from_utf8(bytes).expect("text stays text"),
            None => "unchanged".to_owned(),
        }
    }

    // provider-sources.md section 3, trap 5: Microsoft's C leaves the innermost __try.
    #[test]
    fn leaving_goes_to_the_end_of_the_innermost_block() {
        let text = "f() { __try { while (x) { __try { __leave; } __finally { } } __leave; } __finally { } }";
        let label = |place| format!("ws2spi_left_{place}");
        let (outer, inner) = (label(5), label(12));
        let expected = format!(
            "f() {{ __try {{ while (x) {{ __try {{ goto {inner}; {inner}: ; }} __finally {{ }} }} goto {outer}; {outer}: ; }} __finally {{ }} }}"
        );
        assert_eq!(changed(text, Language::C), expected);
    }

    // The same: what only looks like code stays.
    #[test]
    fn comments_texts_and_directives_stay() {
        let text = "/* __leave */ // sizeof x;\n#define L \\\n  __leave; sizeof y;\nchar *s = \"sizeof z;\", c = '\"';\n";
        assert_eq!(changed(text, Language::C), "unchanged");
        assert_eq!(
            changed("void f(); int main() { }", Language::Cxx),
            "unchanged"
        );
    }

    // Microsoft's C++ takes main without a result.
    #[test]
    fn a_main_without_a_result_returns_zero() {
        let text = "void __cdecl main(int n) {\n if (n) return;\n}\nvoid g() { return; }";
        let expected = "int __cdecl main(int n) {\n if (n) return 0;\n}\nvoid g() { return; }";
        assert_eq!(changed(text, Language::Cxx), expected);
        assert_eq!(changed("void main();", Language::Cxx), "int main();");
    }

    // Microsoft's compiler takes a type behind sizeof as it takes an object.
    #[test]
    fn a_size_without_parentheses_gets_them() {
        let text = "f(sizeof IN6_PKTINFO, sizeof x); n = sizeof y; m = sizeof z.a; k = sizeof(w);";
        let expected =
            "f(sizeof (IN6_PKTINFO), sizeof (x)); n = sizeof (y); m = sizeof z.a; k = sizeof(w);";
        assert_eq!(changed(text, Language::Cxx), expected);
        let texts = "f(sizeof L\"wide\"); n = sizeof NAME \"joined\"; m = sizeof 'c';";
        assert_eq!(changed(texts, Language::C), "unchanged");
    }
}
