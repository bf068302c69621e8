//! What linkers say of names that nobody has: GNU ld and gold, LLVM's, and Apple's.
//!
//! They name functions of C++ with their parameters, and Apple's those of C with the underscore that its systems put before them. Used
//! where nothing but the message tells: of a program that could not be linked, and on macOS.

use std::collections::BTreeSet;

/// The functions that a message names, of C++ without scope and parameters.
#[must_use]
pub fn open_names(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| {
        let (symbol, decorated) =
            if let Some((_, rest)) = line.split_once("undefined reference to ") {
                (rest.trim_start_matches(['`', '\'', '‘']), false)
            } else if let Some((_, rest)) = line.split_once("undefined symbol: ") {
                (rest, false)
            } else {
                (line.trim().strip_suffix(", referenced from:")?, true)
            };
        let symbol = symbol.trim_matches(['"', '\'', '’', ' ']);
        let is_cxx = symbol.contains('(');
        let symbol = match decorated && !is_cxx {
            true => symbol.strip_prefix('_').unwrap_or(symbol),
            false => symbol,
        };
        Some(function(symbol).to_owned()).filter(|name| !name.is_empty())
    });
    names.collect()
}

/// The lines of a message that are about such names.
#[must_use]
pub fn about_open_names(text: &str) -> String {
    let tells = |line: &&str| {
        let is_header = line.contains("Undefined symbols") || line.contains("undefined ");
        is_header || line.starts_with("  ") || line.starts_with(">>>")
    };
    text.lines().filter(tells).collect::<Vec<_>>().join("\n")
}

/// The name of a function that may have a scope before it and parameters behind it.
fn function(symbol: &str) -> &str {
    let named = symbol.split('(').next().unwrap_or_default();
    named.rsplit("::").next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect(text: &str, names: &[&str]) {
        let found = open_names(text);
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), names);
    }

    // ld64 of Xcode 14; the linker of Xcode 15 has no quotes.
    #[test]
    fn the_message_of_macos_names_functions() {
        let text = "Undefined symbols for architecture arm64:\n  \"_CreateCaret\", referenced from:\n      _f in a-3e1f5c.o\n\
            \x20 \"Lsp::frobnicate(int, char const*)\", referenced from:\n      g() in b-7d0a11.o\n      h() in b-7d0a11.o\n\
            ld: symbol(s) not found for architecture arm64\n\
            clang: error: linker command failed with exit code 1 (use -v to see invocation)\n";
        expect(text, &["CreateCaret", "frobnicate"]);
        let said = about_open_names(text);
        assert!(said.starts_with("Undefined symbols"), "{said}");
        assert!(said.ends_with("h() in b-7d0a11.o"), "{said}");
        let newer = "ld: Undefined symbols:\n  _DestroyCaret, referenced from:\n      _f in a.o\n\
            clang: error: linker command failed with exit code 1 (use -v to see invocation)\n";
        expect(newer, &["DestroyCaret"]);
    }

    // Binutils 2.40, LLVM 14.
    #[test]
    fn the_messages_of_other_linkers_name_functions() {
        let gnu = "/usr/bin/ld: /tmp/cc1.o: in function `f':\na.c:3: undefined reference to `CreateCaret'\n\
            /usr/bin/ld: b.cpp:(.text+0x9): undefined reference to `frobnicate(int)'\ncollect2: error: ld returned 1 exit status\n";
        expect(gnu, &["CreateCaret", "frobnicate"]);
        let said = about_open_names(gnu);
        assert_eq!(said.lines().count(), 2, "{said}");
        let lld = "ld.lld: error: undefined symbol: CreateCaret\n>>> referenced by a.c:3\n>>>               /tmp/a-1.o:(f)\n";
        expect(lld, &["CreateCaret"]);
    }

    #[test]
    fn other_messages_name_nothing() {
        expect("ld: cannot find -lnone: No such file or directory\n", &[]);
    }
}
