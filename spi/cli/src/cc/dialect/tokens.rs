//! The tokens of a C or C++ source that matter to [`dialect`](super): names and single signs, without comments, numbers and
//! preprocessor lines.

/// A name, a sign, or the quote that begins a text or a character; and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) from: usize,
}

impl Token<'_> {
    pub(super) fn is_name(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }
}

/// The tokens of a text, in order. Bytes that are not ASCII are between tokens.
pub(super) fn tokens(text: &[u8]) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut line_began = true;
    while let Some(&byte) = text.get(at) {
        let from = at;
        let rest = &text[at..];
        at += match byte {
            b'\n' => {
                line_began = true;
                at += 1;
                continue;
            }
            b'#' if line_began => directive(rest),
            b'/' if rest.starts_with(b"//") => line(rest),
            b'/' if rest.starts_with(b"/*") => comment(rest),
            b'"' if is_raw(&found, from) => raw(rest),
            b'"' | b'\'' => quoted(rest, byte),
            b'0'..=b'9' => length(rest, |byte| is_word(byte) || byte == b'.' || byte == b'\''),
            _ if is_word(byte) => length(rest, is_word),
            _ => 1,
        };
        let is_quoted = matches!(byte, b'"' | b'\'');
        let token = &text[from..if is_quoted { from + 1 } else { at }];
        if (is_word(byte) && !byte.is_ascii_digit())
            || (token.len() == 1 && byte.is_ascii_punctuation())
        {
            found.push(Token {
                text: std::str::from_utf8(token).unwrap_or_default(),
                from,
            });
        }
        line_began &= byte.is_ascii_whitespace() || token.starts_with(b"/*");
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn length(rest: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    let end = rest.iter().position(|byte| !belongs(*byte));
    end.unwrap_or(rest.len())
}

/// Up to the end of the line, with the lines that a backslash joins; comments in it end where they end.
fn directive(rest: &[u8]) -> usize {
    let mut at = 0;
    while at < rest.len() {
        at += match rest[at..] {
            [b'\n', ..] => return at,
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', b'\n', ..] => 2,
            [b'/', b'*', ..] => comment(&rest[at..]),
            _ => 1,
        };
    }
    at
}

fn line(rest: &[u8]) -> usize {
    length(rest, |byte| byte != b'\n')
}

fn comment(rest: &[u8]) -> usize {
    let end = rest[2..].windows(2).position(|two| two == b"*/");
    end.map_or(rest.len(), |end| end + 4)
}

/// A text or a character with its quotes; one that does not end ends with its line.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'\n' => return at,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Whether a quote begins a raw text of C++: the name before it says so.
fn is_raw(found: &[Token<'_>], from: usize) -> bool {
    found.last().is_some_and(|last| {
        last.from + last.text.len() == from && matches!(last.text, "R" | "LR" | "uR" | "UR" | "u8R")
    })
}

fn raw(rest: &[u8]) -> usize {
    let open = length(rest, |byte| byte != b'(');
    let mut close = vec![b')'];
    close.extend(&rest[1..open.max(1)]);
    close.push(b'"');
    let end = rest.windows(close.len()).position(|window| window == close);
    end.map_or(rest.len(), |end| end + close.len())
}
