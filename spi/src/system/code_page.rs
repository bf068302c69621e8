//! Text in the system's ANSI code page, in which packed items keep paths.

use std::ptr;

use windows_sys::Win32::Globalization;
use windows_sys::Win32::Globalization::CP_ACP;

use super::quietly;

/// The text in the code page; `None` when that lacks one of its characters.
#[must_use]
pub fn encode(text: &str) -> Option<Vec<u8>> {
    let bytes = convert(text);
    // Whether anything was replaced is not told for every code page, so it is compared.
    (decode(&bytes) == text).then_some(bytes)
}

fn convert(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (from, length) = (units.as_ptr(), units.len() as i32);
    // The longest code page takes four bytes for a unit.
    let mut bytes = vec![0; units.len() * 4];
    let (to, room) = (bytes.as_mut_ptr(), bytes.len() as i32);
    let written = quietly(|| {
        // SAFETY: the units and the room are as long as is said; no default character is given.
        unsafe {
            Globalization::WideCharToMultiByte(
                CP_ACP,
                0,
                from,
                length,
                to,
                room,
                ptr::null(),
                ptr::null_mut(),
            )
        }
    });
    bytes.truncate(written.max(0) as usize);
    bytes
}

/// The text of bytes in the code page; what is none in it becomes replacement characters.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    let mut units = vec![0_u16; bytes.len()];
    let (from, length) = (bytes.as_ptr(), bytes.len() as i32);
    let (to, room) = (units.as_mut_ptr(), units.len() as i32);
    // SAFETY: the bytes and the room are as long as is said; a byte is one unit at most.
    let written = quietly(|| unsafe {
        Globalization::MultiByteToWideChar(CP_ACP, 0, from, length, to, room)
    });
    String::from_utf16_lossy(&units[..written.max(0) as usize])
}
