//! `Hive`: a registry file of Wine's (`system.reg`, `user.reg`), edited in place.
//!
//! The file is text: a line of format, comments, then sections, each with a blank line before it, a
//! line `[Key\\Path] time`, lines that begin with `#`, and values. What is not touched stays byte for
//! byte. Names of keys and values are compared without regard to case, as Windows does.

use std::ops::Range;

/// The first line of such a file.
const FORMAT: &[u8] = b"WINE REGISTRY Version 2\n";

/// The content of a registry file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hive {
    text: Vec<u8>,
}

impl Hive {
    /// The hive with this text.
    ///
    /// # Errors
    /// A sentence: it is not in Wine's format.
    pub fn parse(text: Vec<u8>) -> Result<Self, String> {
        match text.starts_with(FORMAT) {
            true => Ok(Self { text }),
            false => Err("is not in the format that Wine 8 to 10 keep the registry in".to_owned()),
        }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the prefix is one for 32-bit programs only.
    #[must_use]
    pub fn is_thirty_two_bit(&self) -> bool {
        let head = self
            .sections()
            .next()
            .map_or(self.text.len(), |first| first.range.start);
        self.text[..head]
            .windows(11)
            .any(|line| line == b"#arch=win32")
    }

    /// What stands behind `"name"=`, as it stands there.
    #[must_use]
    pub fn value(&self, key: &str, name: &str) -> Option<String> {
        let range = self.find_value(key, name)?;
        let value = &self.text[range];
        let begin = name_end(value)?;
        Some(String::from_utf8_lossy(&value[begin..value.len() - 1]).into_owned())
    }

    /// Sets a value to what is to stand behind `"name"=`; makes the key where it is missing, and says
    /// whether it did.
    pub fn set(&mut self, key: &str, name: &str, value: &str) -> bool {
        let line = format!("\"{}\"={value}\n", escaped(name));
        if let Some(range) = self.find_value(key, name) {
            self.text.splice(range, line.bytes());
            return false;
        }
        let place = self.sections().find(|section| section.is(key));
        match place {
            Some(section) => {
                let at = section.values;
                self.text.splice(at..at, line.bytes());
                false
            }
            None => {
                let section = format!("\n[{}] 0\n{line}", escaped(key));
                self.text.extend(section.bytes());
                true
            }
        }
    }

    /// Removes a value. With `made`, also its key when nothing else is in it; the keys above it that
    /// `made` holds come back, where Wine left them out because something was below them.
    pub fn unset(&mut self, key: &str, name: &str, made: Option<&[String]>) {
        if let Some(range) = self.find_value(key, name) {
            self.text.drain(range);
        }
        let section = self.sections().find(|section| section.is(key));
        let empty = section.filter(|section| section.values == section.range.end);
        let (Some(above), Some(section)) = (made, empty) else {
            return;
        };
        let present = |text: &String| {
            let above = Section::new(text.as_bytes(), 0..text.len());
            self.sections().any(|section| section.key == above.key)
        };
        let missing: String = above
            .iter()
            .filter(|text| !present(text))
            .cloned()
            .collect();
        self.text.splice(section.range, missing.bytes());
    }

    /// The text of each key above `key`, as far as they are in the file themselves.
    #[must_use]
    pub fn above(&self, key: &str) -> Vec<String> {
        let key = format!("{}\\", escaped(key).replace("\\\\", "\\").to_lowercase());
        let above = self.sections().filter(|section| {
            let below = key.strip_prefix(&section.key);
            below.is_some_and(|below| below.len() > 1 && below.starts_with('\\'))
        });
        let text = above.map(|section| &self.text[section.range]);
        text.map(|text| String::from_utf8_lossy(text).into_owned())
            .collect()
    }

    /// The text of the keys that `which` picks by their path in lower case.
    #[must_use]
    pub fn keys(&self, which: impl Fn(&str) -> bool) -> String {
        let picked = self.sections().filter(|section| which(&section.key));
        picked
            .map(|section| String::from_utf8_lossy(&self.text[section.range]).into_owned())
            .collect()
    }

    /// Puts `text` in the place of the keys that `which` picks; at the end, when there are none.
    pub fn replace_keys(&mut self, which: impl Fn(&str) -> bool, text: &str) {
        if self.keys(&which) == text {
            return;
        }
        let picked: Vec<Range<usize>> = self
            .sections()
            .filter(|section| which(&section.key))
            .map(|section| section.range)
            .collect();
        let first = picked.first().map_or(self.text.len(), |range| range.start);
        for range in picked.into_iter().rev() {
            self.text.drain(range);
        }
        self.text.splice(first..first, text.bytes());
    }

    /// The binary value of that name in each key that `which` picks, with the key's path.
    pub fn binaries(&self, which: impl Fn(&str) -> bool, name: &str) -> Vec<(String, Vec<u8>)> {
        let keys: Vec<String> = self
            .sections()
            .map(|section| section.key)
            .filter(|key| which(key))
            .collect();
        let binary = |key: String| {
            let value = self.value(&key, name)?;
            let digits = value.strip_prefix("hex:")?;
            let bytes = digits
                .split(',')
                .map(|byte| u8::from_str_radix(byte.trim_matches(['\\', '\n', ' ']), 16));
            Some((key, bytes.collect::<Result<_, _>>().ok()?))
        };
        keys.into_iter().filter_map(binary).collect()
    }

    fn find_value(&self, key: &str, name: &str) -> Option<Range<usize>> {
        let section = self.sections().find(|section| section.is(key))?;
        let mut at = section.values;
        while at < section.range.end {
            let end = value_end(&self.text, at);
            let value = &self.text[at..end];
            let quoted =
                name_end(value).map(|end| String::from_utf8_lossy(&value[1..end - 2]).into_owned());
            if quoted.is_some_and(|quoted| quoted.to_lowercase() == escaped(name).to_lowercase()) {
                return Some(at..end);
            }
            at = end;
        }
        None
    }

    fn sections(&self) -> impl Iterator<Item = Section> + '_ {
        let mut at: usize = 0;
        std::iter::from_fn(move || {
            // Its first newline ends what is before.
            let start = self.next_section(at.saturating_sub(1))?;
            let end = self.next_section(start + 2).unwrap_or(self.text.len());
            at = end;
            Some(Section::new(&self.text, start..end))
        })
    }

    /// Where the next section begins, with the blank line before it.
    fn next_section(&self, from: usize) -> Option<usize> {
        let rest = self.text.get(from..)?;
        let found = rest.windows(3).position(|begin| begin == b"\n\n[");
        found.map(|found| from + found + 1)
    }
}

struct Section {
    /// The path in lower case; others than ASCII as they stand in the file.
    key: String,
    range: Range<usize>,
    /// Where the values begin.
    values: usize,
}

impl Section {
    fn new(text: &[u8], range: Range<usize>) -> Self {
        let line_end = |from: usize| {
            text[from..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(text.len(), |end| from + end + 1)
        };
        let header = range.start + 1..line_end(range.start + 1);
        let line = String::from_utf8_lossy(&text[header.clone()]).into_owned();
        let key = line
            .rsplit_once(']')
            .map_or(&*line, |(key, _)| key)
            .trim_start_matches('[');
        let mut values = header.end;
        while values < range.end && text[values] == b'#' {
            values = line_end(values);
        }
        Self {
            key: key.replace("\\\\", "\\").to_lowercase(),
            range,
            values,
        }
    }

    fn is(&self, key: &str) -> bool {
        self.key == escaped(key).replace("\\\\", "\\").to_lowercase()
    }
}

/// The end of the value that begins at `at`: its line, and those that it goes on in.
fn value_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    loop {
        let line = text[end..].iter().position(|byte| *byte == b'\n');
        let Some(line) = line else { return text.len() };
        end += line + 1;
        if !text[at..end].ends_with(b"\\\n") {
            return end;
        }
    }
}

/// Where the value behind `"name"=` begins.
fn name_end(value: &[u8]) -> Option<usize> {
    let mut at = 1;
    while value.first() == Some(&b'"') && at < value.len() {
        match value[at] {
            b'\\' => at += 2,
            b'"' => return (value.get(at + 1) == Some(&b'=')).then_some(at + 2),
            _ => at += 1,
        }
    }
    None
}

/// A name as it stands in the file. Others than ASCII stand as \xNNNN, as Wine writes them.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for unit in name.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\\') => text.push_str("\\\\"),
            Ok(b'"') => text.push_str("\\\""),
            Ok(byte) if byte.is_ascii() => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{unit:04x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "WINE REGISTRY Version 2\n;; All keys relative to REGISTRY\\\\User\n\n#arch=win64\n\n\
        [Control Panel\\\\Sound] 17\n#time=1dd\n\"Beep\"=\"no\"\n\n\
        [Software\\\\Wine\\\\DllOverrides] 18\n#time=1de\n\"Other\"=\"native\"\n\"bytes\"=hex:01,02,\\\n  03,ff\n\"last\"=dword:00000001\n";
    const KEY: &str = "Software\\Wine\\DllOverrides";

    fn hive() -> Hive {
        Hive::parse(TEXT.into()).expect("it is one")
    }

    #[test]
    fn values_are_found_without_regard_to_case() {
        // Windows compares names of keys and values so.
        assert_eq!(
            hive()
                .value("software\\wine\\DLLoverrides", "OTHER")
                .as_deref(),
            Some("\"native\"")
        );
        assert_eq!(hive().value(KEY, "last").as_deref(), Some("dword:00000001"));
        assert_eq!(hive().value(KEY, "Beep"), None);
        assert_eq!(hive().value("Software", "Other"), None);
        assert!(!hive().is_thirty_two_bit());
    }

    #[test]
    fn what_is_set_and_unset_leaves_every_byte_as_it_was() {
        // Issue 6: byte-identical outside the paths that are named.
        for key in [KEY, "Control Panel\\Sound", "Software\\New Key\\\u{e4}"] {
            let mut changed = hive();
            let made = changed.set(key, "*ws2_32", "\"builtin\"");
            assert_eq!(made, key.starts_with("Software\\New"), "{key}");
            assert_eq!(
                changed.value(key, "*WS2_32").as_deref(),
                Some("\"builtin\""),
                "{key}"
            );
            assert!(!changed.set(key, "*ws2_32", "\"native\""));
            assert_eq!(
                changed.value(key, "*ws2_32").as_deref(),
                Some("\"native\""),
                "{key}"
            );
            changed.unset(key, "*ws2_32", made.then_some(&[]));
            assert_eq!(String::from_utf8_lossy(changed.text()), TEXT, "{key}");
        }
    }

    #[test]
    fn a_key_with_other_values_stays() {
        // It was made for a value of ours, and somebody used it too.
        let mut changed = hive();
        assert!(changed.set("New", "ours", "\"a\""));
        assert!(!changed.set("New", "theirs", "\"b\""));
        changed.unset("New", "ours", Some(&[]));
        assert_eq!(changed.value("New", "theirs").as_deref(), Some("\"b\""));
    }

    #[test]
    fn an_empty_key_above_comes_back_where_it_was() {
        // Wine writes a key without values only while nothing is below it.
        let mut empty = TEXT.to_owned();
        empty.push_str("\n[Software\\\\Wine\\\\Empty] 20\n#time=1df\n");
        let mut changed = Hive::parse(empty.clone().into()).expect("it is one");
        let key = "Software\\Wine\\Empty\\Below";
        let above = changed.above(key);
        changed.set(key, "ours", "\"a\"");
        let mut saved = changed.clone();
        saved.replace_keys(|key| key.ends_with("empty"), "");
        for mut changed in [changed, saved] {
            changed.unset(key, "ours", Some(&above));
            assert_eq!(String::from_utf8_lossy(changed.text()), empty);
        }
    }

    #[test]
    fn a_value_of_several_lines_is_one() {
        // Wine breaks long binary values.
        let found = hive().binaries(|key| key.ends_with("dlloverrides"), "bytes");
        assert_eq!(found, [(KEY.to_lowercase(), vec![1, 2, 3, 255])]);
        let mut changed = hive();
        changed.set(KEY, "bytes", "hex:00");
        assert!(!changed.text().windows(5).any(|bytes| bytes == b"03,ff"));
    }

    #[test]
    fn keys_are_put_back_where_they_were() {
        // The catalog's keys: those of the prefix before come back.
        let ours = |key: &str| key.starts_with("control panel");
        let before = hive().keys(ours);
        let mut changed = hive();
        changed.replace_keys(
            ours,
            "\n[Control Panel\\\\Sound] 99\n\"Beep\"=\"yes\"\n\n[Control Panel\\\\X] 99\n",
        );
        assert_ne!(changed, hive());
        changed.replace_keys(ours, &before);
        assert_eq!(changed, hive());
    }

    #[test]
    fn another_format_is_refused() {
        // Windows' own export, or a later one of Wine's.
        assert!(Hive::parse(b"Windows Registry Editor Version 5.00\n".to_vec()).is_err());
        assert!(Hive::parse(b"WINE REGISTRY Version 3\n".to_vec()).is_err());
    }
}
