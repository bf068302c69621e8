//! The text of a registry file: that of Windows' `.reg` files, in UTF-8.
//!
//! ```text
//! Windows Registry Editor Version 5.00
//!
//! [HKEY_LOCAL_MACHINE\Software\Name]
//! @="the default value"
//! "Count"=dword:0000000a
//! "List"=hex(7):61,00,00,00,00,00
//! ```
//!
//! Strings with control characters or without a proper end, and all other types, are bytes. Reading is strict: what is not understood
//! is an error that names the line, so that nothing is lost by writing it again. Pure: bytes in, keys out and back.

use super::tree::{Key, Value};
use super::{DEEPEST, is_name};
use std::fmt::Write;

const HEADER: &str = "Windows Registry Editor Version 5.00";
const REG_SZ: u32 = 1;
const REG_BINARY: u32 = 3;
const REG_DWORD: u32 = 4;

/// The text of all keys below `root`, whose subkeys are the predefined ones.
pub(super) fn write(root: &Key) -> String {
    let mut text = format!("{HEADER}\n");
    for (name, key) in root.subkeys() {
        write_key(&mut text, name, key);
    }
    text
}

fn write_key(text: &mut String, path: &str, key: &Key) {
    // What has subkeys and no values is made by them.
    if !key.values().is_empty() || key.subkeys().len() == 0 {
        line(text, &format!("\n[{path}]"));
        for value in key.values() {
            line(text, &format!("{}={}", name_of(value), data_of(value)));
        }
    }
    for (name, key) in key.subkeys() {
        write_key(text, &format!("{path}\\{name}"), key);
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn name_of(value: &Value) -> String {
    if value.name.is_empty() {
        "@".into()
    } else {
        quoted(&value.name)
    }
}

fn data_of(value: &Value) -> String {
    match value.kind {
        REG_SZ => match plain(&value.data) {
            Some(text) => quoted(&text),
            None => bytes("hex(1)", &value.data),
        },
        REG_DWORD => match value.data[..].try_into() {
            Ok(number) => format!("dword:{:08x}", u32::from_le_bytes(number)),
            Err(_) => bytes("hex(4)", &value.data),
        },
        REG_BINARY => bytes("hex", &value.data),
        kind => bytes(&format!("hex({kind:x})"), &value.data),
    }
}

/// A string of one line that ends with its only NUL.
fn plain(data: &[u8]) -> Option<String> {
    let (units, rest) = data.as_chunks::<2>();
    let (last, units) = units.split_last()?;
    if !rest.is_empty() || *last != [0, 0] {
        return None;
    }
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    let text = String::from_utf16(&units.collect::<Vec<u16>>()).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // Windows' own text has no way to say these.
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

fn bytes(kind: &str, data: &[u8]) -> String {
    let mut text = format!("{kind}:");
    for (place, byte) in data.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        // A string takes all that is written.
        let _ = write!(text, "{comma}{byte:02x}");
    }
    text
}

/// The keys that a text has.
///
/// # Errors
/// The number of the line that is not understood, from 1 on.
pub(super) fn read(text: &[u8]) -> Result<Key, usize> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let good = &text[..error.valid_up_to()];
        1 + good.iter().filter(|byte| **byte == b'\n').count()
    })?;
    let mut root = Key::default();
    let mut path: Option<Vec<String>> = None;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in (1_usize..).zip(text.lines()) {
        let line = line.trim_end_matches('\r');
        let understood = match line.chars().next() {
            _ if number == 1 => (line == HEADER).then_some(()),
            None | Some(';') => Some(()),
            Some('[') => read_path(line).map(|found| {
                root.make(&found, 0);
                path = Some(found);
            }),
            Some(_) => read_value(line).and_then(|value| {
                root.at_mut(path.as_deref()?)?.set(value);
                Some(())
            }),
        };
        understood.ok_or(number)?;
    }
    Ok(root)
}

fn read_path(line: &str) -> Option<Vec<String>> {
    let path = line.strip_prefix('[')?.strip_suffix(']')?;
    let names: Vec<String> = path.split('\\').map(str::to_owned).collect();
    (names.len() <= DEEPEST && names.iter().all(|name| is_name(name))).then_some(names)
}

fn read_value(line: &str) -> Option<Value> {
    let (name, rest) = match line.strip_prefix('@') {
        Some(rest) => (String::new(), rest),
        None => read_quoted(line)?,
    };
    let text = rest.strip_prefix('=')?;
    let (kind, data) = if text.starts_with('"') {
        let (text, rest) = read_quoted(text)?;
        let units = text.encode_utf16().chain(Some(0));
        let data = units.flat_map(u16::to_le_bytes).collect();
        (rest.is_empty()).then_some((REG_SZ, data))?
    } else if let Some(number) = text.strip_prefix("dword:") {
        let number = u32::from_str_radix(number, 16).ok()?;
        (REG_DWORD, number.to_le_bytes().to_vec())
    } else {
        read_bytes(text.strip_prefix("hex")?)?
    };
    Some(Value { name, kind, data })
}

/// A text in quotes, and what follows them.
fn read_quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut found = String::new();
    let mut characters = inside.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((found, &inside[place + 1..])),
            '\\' => found.push(match characters.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                other => other,
            }),
            _ => found.push(character),
        }
    }
    None
}

fn read_bytes(text: &str) -> Option<(u32, Vec<u8>)> {
    let (kind, list) = match text.strip_prefix(':') {
        Some(list) => (REG_BINARY, list),
        None => {
            let (kind, list) = text.strip_prefix('(')?.split_once("):")?;
            (u32::from_str_radix(kind, 16).ok()?, list)
        }
    };
    let byte = |text: &str| u8::from_str_radix(text, 16).ok();
    let list = list.split(',').filter(|_| !list.is_empty());
    Some((kind, list.map(byte).collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, kind: u32, data: &[u8]) -> Value {
        Value {
            name: name.into(),
            kind,
            data: data.into(),
        }
    }

    /// What was written is read as it was, whatever is in it.
    #[test]
    fn a_registry_survives_its_text() {
        let mut root = Key::default();
        let path = ["HKEY_LOCAL_MACHINE".to_owned(), "Some \"Key\" [x]".into()];
        let key = root.make(&path, 0);
        key.set(value("", REG_SZ, b"a\0\"\0\\\0\0\0"));
        key.set(value("quoted \"\\\n", REG_SZ, b"a\0\0\0b\0\0\0"));
        key.set(value("cut", REG_SZ, b"a"));
        key.set(value("number", REG_DWORD, &[1, 2, 3, 4]));
        key.set(value("short", REG_DWORD, &[1]));
        key.set(value("bytes", REG_BINARY, &[0, 255]));
        key.set(value("nothing", 7, &[]));
        key.set(value("wide", 11, &[9; 8]));
        let empty = ["HKEY_USERS".to_owned(), "a".into(), "b".into()];
        root.make(&empty, 0);
        let text = write(&root);
        assert_eq!(read(text.as_bytes()), Ok(root), "{text}");
    }

    /// A line that is not understood is named, and nothing is guessed.
    #[test]
    fn a_text_that_is_none_is_refused() {
        let with = |line: &str| read(format!("{HEADER}\n\n[HKEY_USERS]\n{line}\n").as_bytes());
        assert_eq!(with("\"a\"=dword:1").map(|_| ()), Ok(()));
        for line in [
            "x",
            "\"a\"",
            "\"a\"=1",
            "@=dword:x",
            "@=hex:0g",
            "[a",
            "[a\\\\b]",
            &format!("[a{}]", "\\a".repeat(DEEPEST)),
            "\"a",
        ] {
            assert_eq!(with(line), Err(4), "{line}");
        }
        assert_eq!(read(b"REGEDIT4\n"), Err(1));
        assert_eq!(read(format!("{HEADER}\n@=\"x\"\n").as_bytes()), Err(2));
    }
}
