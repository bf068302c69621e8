//! Addresses as text, with both spellings of the two functions.

use crate::socket;
use crate::winsock;
use std::ptr::{null, null_mut};
use ws2spi_abi::args::Address;
use ws2spi_abi::{Errno, SOCKADDR};

/// What stands in a buffer before a call, to see which bytes were written.
pub const UNTOUCHED: u8 = 0xcc;

/// `WSAAddressToStringW` into that many characters: the text without its NUL, and the length afterwards.
///
/// # Panics
/// When the text has no NUL, or is none.
pub fn print(address: &Address, room: u32) -> (Result<String, Errno>, u32) {
    let bytes = address.as_bytes();
    let mut text = vec![0xcccc_u16; room as usize];
    let mut len = room;
    // SAFETY: the address has that many bytes, the text has room for that many characters.
    let result = unsafe {
        winsock::WSAAddressToStringW(
            bytes.as_ptr().cast(),
            bytes.len() as u32,
            null(),
            text.as_mut_ptr(),
            &raw mut len,
        )
    };
    let printed = socket::checked(result).map(|_| {
        let end = len as usize - 1;
        assert_eq!(text[end], 0, "the length counts the NUL");
        String::from_utf16(&text[..end]).expect("it is text")
    });
    (printed, len)
}

/// `WSAAddressToStringA`, as [`print()`].
///
/// # Panics
/// As [`print()`].
pub fn print_bytes(address: &Address, room: u32) -> (Result<String, Errno>, u32) {
    let bytes = address.as_bytes();
    let mut text = vec![UNTOUCHED; room as usize];
    let mut len = room;
    // SAFETY: the address has that many bytes, the text has room for that many characters.
    let result = unsafe {
        winsock::WSAAddressToStringA(
            bytes.as_ptr().cast(),
            bytes.len() as u32,
            null(),
            text.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    let printed = socket::checked(result).map(|_| {
        let end = len as usize - 1;
        assert_eq!(text[end], 0, "the length counts the NUL");
        String::from_utf8(text[..end].to_vec()).expect("it is text")
    });
    (printed, len)
}

/// `WSAAddressToStringW` with NULL for the text: the length afterwards.
///
/// # Errors
/// The last error.
pub fn measure(address: &Address) -> (Result<(), Errno>, u32) {
    let bytes = address.as_bytes();
    let mut len = 0;
    // SAFETY: the address has that many bytes; there is no text.
    let result = unsafe {
        winsock::WSAAddressToStringW(
            bytes.as_ptr().cast(),
            bytes.len() as u32,
            null(),
            null_mut(),
            &raw mut len,
        )
    };
    (socket::checked(result).map(drop), len)
}

/// What reading an address left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Success or the last error.
    pub result: Result<(), Errno>,
    /// The length afterwards.
    pub len: i32,
    /// The buffer; [`UNTOUCHED`] where nothing was written.
    pub bytes: Vec<u8>,
}

impl Parsed {
    /// The family in the buffer.
    #[must_use]
    pub fn family(&self) -> u16 {
        u16::from_ne_bytes([self.bytes[0], self.bytes[1]])
    }

    /// The IP address in the buffer, as text.
    #[must_use]
    pub fn ip(&self) -> Option<String> {
        let address = Address::from_bytes(&self.bytes[..usize::try_from(self.len).ok()?]);
        self.result.ok()?;
        address.to_ip().map(|ip| ip.to_string())
    }
}

fn parsed(room: usize, call: impl FnOnce(*mut SOCKADDR, *mut i32) -> i32) -> Parsed {
    let mut bytes = vec![UNTOUCHED; room.max(2)];
    let mut len = room as i32;
    let result = call(bytes.as_mut_ptr().cast(), &raw mut len);
    Parsed {
        result: socket::checked(result).map(drop),
        len,
        bytes,
    }
}

/// `WSAStringToAddressW` into that many bytes.
#[must_use]
pub fn parse(text: &str, family: i32, room: usize) -> Parsed {
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    parsed(room, |address, len| {
        // SAFETY: the text ends with a NUL, the address has room for the length.
        unsafe { winsock::WSAStringToAddressW(text.as_ptr(), family, null(), address, len) }
    })
}

/// `WSAStringToAddressA` into that many bytes.
#[must_use]
pub fn parse_bytes(text: &str, family: i32, room: usize) -> Parsed {
    let text: Vec<u8> = text.bytes().chain([0]).collect();
    parsed(room, |address, len| {
        let text = text.as_ptr().cast();
        // SAFETY: the text ends with a NUL, the address has room for the length.
        unsafe { winsock::WSAStringToAddressA(text, family, null(), address, len) }
    })
}
