//! GUIDs: making them, writing and reading them. The parts of rpcrt4 and ole32 that installers use.
//!
//! Random ones are version 4, from the system's random numbers. Results are statuses (`RPC_STATUS`, `HRESULT`), not the last error.

use super::heap;
use crate::table::exports;
use crate::text;
use std::fs::File;
use std::io::Read;
use ws2spi_abi::{GUID, PCWSTR, PSTR, PWSTR};

/// Stores a new GUID: `RPC_S_OK`, or `RPC_S_UUID_NO_ADDRESS` when the system has no random numbers or `id` is NULL.
/// Microsoft: "UuidCreate function".
///
/// # Safety
/// `id` is null or writable.
#[doc(alias = "UuidCreate")]
pub unsafe fn create(id: *mut GUID) -> i32 {
    let mut bytes = [0; 16];
    let random = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    if id.is_null() || random.is_err() {
        return RPC_S_UUID_NO_ADDRESS;
    }
    let random = u128::from_ne_bytes(bytes) & !VERSION_AND_VARIANT | VERSION_4;
    // SAFETY: the caller's contract; not null.
    unsafe { id.write_unaligned(GUID::from_u128(random)) };
    0
}

/// Stores a new GUID: `S_OK`, or `E_INVALIDARG` for NULL. Microsoft: "CoCreateGuid function".
///
/// # Safety
/// `id` is null or writable.
#[doc(alias = "CoCreateGuid")]
pub unsafe fn co_create(id: *mut GUID) -> i32 {
    // SAFETY: the caller's contract.
    match unsafe { create(id) } {
        0 => 0,
        _ => E_INVALIDARG,
    }
}

/// Reads the form without braces.
fn read(text: &str) -> Option<GUID> {
    text.parse().ok().filter(|_| text.len() == 36)
}

/// Writes a GUID as `{XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX}`: 39 with the NUL, or 0 when it does not fit or a pointer is NULL.
/// Microsoft: "StringFromGUID2 function".
///
/// # Safety
/// `id` is null or readable; `target` is null or has room for `size` units.
#[doc(alias = "StringFromGUID2")]
pub unsafe fn to_text(id: *const GUID, target: PWSTR, size: i32) -> i32 {
    if id.is_null() || target.is_null() {
        return 0;
    }
    // SAFETY: the caller's contract; not null.
    let id = unsafe { id.read_unaligned() };
    let text = format!("{{{}}}", id.to_string().to_ascii_uppercase());
    let units: Vec<u16> = text.encode_utf16().chain(Some(0)).collect();
    if units.len() > usize::try_from(size).unwrap_or(0) {
        return 0;
    }
    // SAFETY: the caller's contract, and they fit.
    unsafe { text::store(&units, target, units.len()) };
    units.len() as i32
}

/// Reads a GUID in braces: `S_OK`; `CO_E_CLASSSTRING` for another text, and zeros then; zeros for NULL, as Windows has it;
/// `E_INVALIDARG` for nowhere to put it. Microsoft: "CLSIDFromString function", "IIDFromString function".
///
/// # Safety
/// `source` is null or NUL-terminated; `id` is null or writable.
#[doc(alias = "CLSIDFromString")]
#[doc(alias = "IIDFromString")]
pub unsafe fn from_text(source: PCWSTR, id: *mut GUID) -> i32 {
    if id.is_null() {
        return E_INVALIDARG;
    }
    // SAFETY: the caller's contract.
    let source = unsafe { text::wide(source) };
    let found = match &source {
        None => Some(GUID::from_u128(0)),
        Some(text) => text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
            .and_then(read),
    };
    // SAFETY: the caller's contract; not null.
    unsafe { id.write_unaligned(found.unwrap_or(GUID::from_u128(0))) };
    if found.is_some() { 0 } else { CO_E_CLASSSTRING }
}

/// Writes a GUID without braces into memory that `RpcStringFree` frees: `RPC_S_OK`, `RPC_S_OUT_OF_MEMORY`,
/// `RPC_S_INVALID_ARG` for NULL. Microsoft: "UuidToStringA function".
///
/// # Safety
/// `id` is null or readable, `place` null or writable.
#[doc(alias = "UuidToStringA")]
pub unsafe fn to_string_a(id: *const GUID, place: *mut PSTR) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { to_string(id, place, |text| text.bytes().chain(Some(0)).collect()) }
}

/// [`to_string_a`] in 16-bit units. Microsoft: "UuidToStringW function".
///
/// # Safety
/// As [`to_string_a`].
#[doc(alias = "UuidToStringW")]
pub unsafe fn to_string_w(id: *const GUID, place: *mut PWSTR) -> i32 {
    // SAFETY: the caller's contract.
    unsafe {
        to_string(id, place, |text| {
            text.encode_utf16().chain(Some(0)).collect()
        })
    }
}

/// # Safety
/// `id` is null or readable, `place` null or writable.
unsafe fn to_string<C: Copy>(
    id: *const GUID,
    place: *mut *mut C,
    encode: impl FnOnce(&str) -> Vec<C>,
) -> i32 {
    if id.is_null() || place.is_null() {
        return RPC_S_INVALID_ARG;
    }
    // SAFETY: the caller's contract; not null.
    let units = encode(&unsafe { id.read_unaligned() }.to_string());
    let memory = heap::allocate(heap::of_process(), 0, size_of_val(units.as_slice()));
    if memory.is_null() {
        return RPC_S_OUT_OF_MEMORY;
    }
    // SAFETY: the block was made for them; blocks are aligned for any character.
    unsafe { text::store(&units, memory.cast(), units.len()) };
    // SAFETY: the caller's contract; not null.
    unsafe { place.write_unaligned(memory.cast()) };
    0
}

/// Reads a GUID without braces: `RPC_S_OK`; zeros for NULL; `RPC_S_INVALID_STRING_UUID`; `RPC_S_INVALID_ARG` for nowhere to put it.
/// Microsoft: "UuidFromStringA function".
///
/// # Safety
/// `source` is null or NUL-terminated; `id` is null or writable.
#[doc(alias = "UuidFromStringA")]
pub unsafe fn from_string_a(source: *const u8, id: *mut GUID) -> i32 {
    // SAFETY: the caller's contract.
    let text = unsafe { text::narrow(source) };
    // SAFETY: the caller's contract.
    unsafe { from_string(text, id) }
}

/// [`from_string_a`] in 16-bit units. Microsoft: "UuidFromStringW function".
///
/// # Safety
/// As [`from_string_a`].
#[doc(alias = "UuidFromStringW")]
pub unsafe fn from_string_w(source: PCWSTR, id: *mut GUID) -> i32 {
    // SAFETY: the caller's contract.
    let text = unsafe { text::wide(source) };
    // SAFETY: the caller's contract.
    unsafe { from_string(text, id) }
}

/// # Safety
/// `id` is null or writable.
unsafe fn from_string(source: Option<String>, id: *mut GUID) -> i32 {
    if id.is_null() {
        return RPC_S_INVALID_ARG;
    }
    let found = source.map_or(Some(GUID::from_u128(0)), |text| read(&text));
    let Some(found) = found else {
        return RPC_S_INVALID_STRING_UUID;
    };
    // SAFETY: the caller's contract; not null.
    unsafe { id.write_unaligned(found) };
    0
}

/// Frees what [`to_string_a`] or [`to_string_w`] made, and makes the pointer NULL: `RPC_S_OK`, `RPC_S_INVALID_ARG`.
/// Microsoft: "RpcStringFreeA function", "RpcStringFreeW function".
///
/// # Safety
/// `place` is null or writable.
#[doc(alias = "RpcStringFreeA")]
#[doc(alias = "RpcStringFreeW")]
pub unsafe fn free_string(place: *mut *mut u8) -> i32 {
    if place.is_null() {
        return RPC_S_INVALID_ARG;
    }
    // SAFETY: the caller's contract; not null.
    let memory = unsafe { place.read_unaligned() };
    // SAFETY: as above.
    unsafe { place.write_unaligned(std::ptr::null_mut()) };
    if heap::free(heap::of_process(), 0, memory) == 0 {
        return RPC_S_INVALID_ARG;
    }
    0
}

exports! {
    "UuidCreate" uuid_create(id: *mut GUID) -> i32 = RPC_S_UUID_NO_ADDRESS => create;
    "UuidToStringA" uuid_to_string_a(id: *const GUID, place: *mut PSTR) -> i32 = RPC_S_OUT_OF_MEMORY => to_string_a;
    "UuidToStringW" uuid_to_string_w(id: *const GUID, place: *mut PWSTR) -> i32 = RPC_S_OUT_OF_MEMORY => to_string_w;
    "UuidFromStringA" uuid_from_string_a(source: *const u8, id: *mut GUID) -> i32 = RPC_S_INVALID_ARG => from_string_a;
    "UuidFromStringW" uuid_from_string_w(source: PCWSTR, id: *mut GUID) -> i32 = RPC_S_INVALID_ARG => from_string_w;
    "RpcStringFreeA" rpc_string_free_a(place: *mut *mut u8) -> i32 = RPC_S_INVALID_ARG => free_string;
    "RpcStringFreeW" rpc_string_free_w(place: *mut *mut u8) -> i32 = RPC_S_INVALID_ARG => free_string;
    "CoCreateGuid" co_create_guid(id: *mut GUID) -> i32 = E_INVALIDARG => co_create;
    "StringFromGUID2" string_from_guid2(id: *const GUID, target: PWSTR, size: i32) -> i32 = 0 => to_text;
    "CLSIDFromString" clsid_from_string(source: PCWSTR, id: *mut GUID) -> i32 = E_INVALIDARG => from_text;
    "IIDFromString" iid_from_string(source: PCWSTR, id: *mut GUID) -> i32 = E_INVALIDARG => from_text;
}

/// The bits of a GUID that say which kind it is, and what they are in a random one.
const VERSION_AND_VARIANT: u128 = 0xf000_c000_0000_0000_0000;
const VERSION_4: u128 = 0x4000_8000_0000_0000_0000;
const E_INVALIDARG: i32 = 0x8007_0057_u32.cast_signed();
const CO_E_CLASSSTRING: i32 = 0x8004_01f3_u32.cast_signed();
const RPC_S_OUT_OF_MEMORY: i32 = 14;
const RPC_S_INVALID_ARG: i32 = 87;
const RPC_S_INVALID_STRING_UUID: i32 = 1705;
const RPC_S_UUID_NO_ADDRESS: i32 = 1739;
