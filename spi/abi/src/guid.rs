//! `GUID`: the 16-byte names of providers and extension functions, with their text form.
//!
//! Providers are known by it in the catalog (WSCInstallProvider), extension functions in
//! SIO_GET_EXTENSION_FUNCTION_POINTER. The text form is read and written by the catalog file and
//! the command-line tool.

use core::fmt;
use core::str::FromStr;

use crate::types::plain_structs;

plain_structs! {
    /// A globally unique identifier. 16 bytes, 4-aligned; integers in the machine's byte order.
    ///
    /// `Display` writes `e70f1aa0-ab8b-11cf-8ca3-00805f48a192`: lower case, without braces.
    /// `FromStr` reads that form in either case, with or without braces.
    /// Microsoft: guiddef.h, GUID structure.
    #[allow(clippy::upper_case_acronyms, reason = "Microsoft's name")]
    #[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub struct GUID {
        /// First group of the text form.
        pub data1: u32,
        /// Second group.
        pub data2: u16,
        /// Third group.
        pub data3: u16,
        /// Fourth and fifth group, byte by byte.
        pub data4: [u8; 8],
    }
}

impl GUID {
    /// The GUID whose text form, read as one hexadecimal number, is `value`.
    pub const fn from_u128(value: u128) -> Self {
        let low = (value as u64).to_be_bytes();
        Self {
            data1: (value >> 96) as u32,
            data2: (value >> 80) as u16,
            data3: (value >> 64) as u16,
            data4: low,
        }
    }

    /// The text form read as one hexadecimal number.
    pub const fn to_u128(self) -> u128 {
        (self.data1 as u128) << 96
            | (self.data2 as u128) << 80
            | (self.data3 as u128) << 64
            | u64::from_be_bytes(self.data4) as u128
    }
}

impl fmt::Display for GUID {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_u128();
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            self.data1,
            self.data2,
            self.data3,
            (value >> 48) as u16,
            value & 0xffff_ffff_ffff,
        )
    }
}

/// The text is not a GUID: not 8-4-4-4-12 hexadecimal digits, or braces that do not match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParseGuidError;

impl fmt::Display for ParseGuidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GUID is 8-4-4-4-12 hexadecimal digits, with or without braces")
    }
}

impl core::error::Error for ParseGuidError {}

impl FromStr for GUID {
    type Err = ParseGuidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.strip_prefix('{') {
            Some(inner) => inner.strip_suffix('}').ok_or(ParseGuidError)?,
            None => text,
        };
        if digits.len() != 36 {
            return Err(ParseGuidError);
        }
        let mut value = 0u128;
        for (position, character) in digits.chars().enumerate() {
            if matches!(position, 8 | 13 | 18 | 23) {
                if character != '-' {
                    return Err(ParseGuidError);
                }
                continue;
            }
            let digit = character.to_digit(16).ok_or(ParseGuidError)?;
            value = value << 4 | u128::from(digit);
        }
        Ok(Self::from_u128(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let text = "e70f1aa0-ab8b-11cf-8ca3-00805f48a192";
        let guid: GUID = text.parse().unwrap();
        assert_eq!(guid.data1, 0xe70f1aa0);
        assert_eq!((guid.data2, guid.data3), (0xab8b, 0x11cf));
        assert_eq!(guid.data4, [0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92]);
        assert_eq!(guid.to_string(), text);
        assert_eq!(GUID::from_u128(guid.to_u128()), guid);
    }

    #[test]
    fn braces_and_upper_case_are_read() {
        let plain: GUID = "e70f1aa0-ab8b-11cf-8ca3-00805f48a192".parse().unwrap();
        assert_eq!("{E70F1AA0-AB8B-11CF-8CA3-00805F48A192}".parse(), Ok(plain));
    }

    #[test]
    fn malformed_text_is_refused() {
        for text in [
            "",
            "e70f1aa0",
            "e70f1aa0ab8b11cf8ca300805f48a192",
            "{e70f1aa0-ab8b-11cf-8ca3-00805f48a192",
            "e70f1aa0-ab8b-11cf-8ca3-00805f48a192}",
            "e70f1aa0-ab8b-11cf-8ca3-00805f48a19g",
            "e70f1aa0-ab8b-11cf-8ca3-+0805f48a192",
            "e70f1aa0-ab8b-11cf-8ca3-00805f48a1\u{e9}",
            "e70f1aa0_ab8b-11cf-8ca3-00805f48a192",
        ] {
            assert_eq!(text.parse::<GUID>(), Err(ParseGuidError), "{text:?}");
        }
    }
}
