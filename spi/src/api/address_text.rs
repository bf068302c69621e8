//! `WSAAddressToString` and `WSAStringToAddress`: the address text of a provider.

use super::length::Length;
use super::protocol_info::widen;
use super::{answer, strings};
use crate::catalog::Entry;
use crate::dispatch;
use crate::process;
use std::sync::Arc;
use ws2spi_abi::*;

/// Writes an address as text. `*len` counts UTF-16 units with the NUL, in and out.
///
/// Without an info the first entry of the address's family is asked (U178).
///
/// Errors: `WSANOTINITIALISED`, `WSAEFAULT` for NULL and when the text does not fit, `WSAEINVAL` without such an entry, those of
/// loading a provider, the provider's own. Microsoft: "WSAAddressToStringW function (winsock2.h)".
///
/// # Safety
/// `address` points to `address_len` bytes or is null; `info` is null or valid; `len` is null or valid; `out` is null or has `*len`
/// writable units.
#[doc(alias = "WSAAddressToStringW")]
pub unsafe fn wsa_address_to_string_w(
    address: *const SOCKADDR,
    address_len: u32,
    info: *const WSAPROTOCOL_INFOW,
    out: PWSTR,
    len: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let info = (!info.is_null()).then(|| unsafe { info.read_unaligned() });
    // SAFETY: as above.
    answer::int(unsafe { to_text(address, address_len, info, out, len) })
}

/// [`wsa_address_to_string_w`] for bytes. Microsoft: "WSAAddressToStringA function (winsock2.h)".
///
/// # Safety
/// As [`wsa_address_to_string_w`]; `*len` counts bytes.
#[doc(alias = "WSAAddressToStringA")]
pub unsafe fn wsa_address_to_string_a(
    address: *const SOCKADDR,
    address_len: u32,
    info: *const WSAPROTOCOL_INFOA,
    out: PSTR,
    len: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let info = (!info.is_null()).then(|| widen(&unsafe { info.read_unaligned() }));
    // SAFETY: as above.
    answer::int(unsafe { to_bytes(address, address_len, info, out, len) })
}

/// # Safety
/// As [`wsa_address_to_string_a`].
unsafe fn to_bytes(
    address: *const SOCKADDR,
    address_len: u32,
    info: Option<WSAPROTOCOL_INFOW>,
    out: PSTR,
    len: *mut u32,
) -> Result<i32, Errno> {
    process::require_started()?;
    if len.is_null() {
        return Err(Errno::FAULT);
    }
    let mut wide = [0u16; LONGEST];
    let mut wide_len = LONGEST as u32;
    // SAFETY: the caller's contract; text and length are live locals.
    unsafe {
        to_text(
            address,
            address_len,
            info,
            wide.as_mut_ptr(),
            &raw mut wide_len,
        )
    }?;
    let end = wide.iter().position(|unit| *unit == 0).unwrap_or(LONGEST);
    let text = String::from_utf16_lossy(wide.get(..end).unwrap_or_default());
    // SAFETY: not null, so valid by the caller's contract.
    let room = unsafe { len.read_unaligned() };
    // SAFETY: as above.
    unsafe { len.write_unaligned(text.len() as u32 + 1) };
    if out.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: the caller's contract: as many bytes as `*len` said.
    unsafe { strings::to_bytes(&text, out, room as usize) }.map(|()| 0)
}

/// Room for the longest text of an address: the path of a local socket.
const LONGEST: usize = 256;

/// # Safety
/// As [`wsa_address_to_string_w`].
unsafe fn to_text(
    address: *const SOCKADDR,
    address_len: u32,
    info: Option<WSAPROTOCOL_INFOW>,
    out: PWSTR,
    len: *mut u32,
) -> Result<i32, Errno> {
    let run = process::run()?;
    if address.is_null() || (address_len as usize) < size_of::<u16>() {
        return Err(Errno::FAULT);
    }
    // SAFETY: not null and two bytes long: the family.
    let family = unsafe { address.cast::<u16>().read_unaligned() };
    let entry = entry_for(&run, info.as_ref(), i32::from(family))?;
    let instance = run.loader().instance(&entry)?;
    let mut shown = info.unwrap_or_else(|| *entry.info());
    let info = &raw mut shown;
    let function = "WSPAddressToString";
    // SAFETY: the caller's contract.
    let length = unsafe { Length::before(len) };
    let value = dispatch::call_provider(&instance, function, dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract; the info lives for the call.
        unsafe { procs.address_to_string(address, address_len, info, out, len) }
    })?;
    length.judged(&instance, function, value)
}

/// Reads an address of a family from text. `*len` is the room for it, in and out.
///
/// Errors: as [`wsa_address_to_string_w`], and `WSAEINVAL` for text that is no address.
/// Microsoft: "WSAStringToAddressW function (winsock2.h)".
///
/// # Safety
/// `text` is null or NUL-terminated; `info` is null or valid; `len` is null or valid; `address` is null or has `*len` writable bytes.
#[doc(alias = "WSAStringToAddressW")]
pub unsafe fn wsa_string_to_address_w(
    text: PCWSTR,
    family: i32,
    info: *const WSAPROTOCOL_INFOW,
    address: *mut SOCKADDR,
    len: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let info = (!info.is_null()).then(|| unsafe { info.read_unaligned() });
    // SAFETY: as above.
    answer::int(unsafe { to_address(text, family, info, address, len) })
}

/// [`wsa_string_to_address_w`] for bytes. Microsoft: "WSAStringToAddressA function (winsock2.h)".
///
/// # Safety
/// As [`wsa_string_to_address_w`].
#[doc(alias = "WSAStringToAddressA")]
pub unsafe fn wsa_string_to_address_a(
    text: PCSTR,
    family: i32,
    info: *const WSAPROTOCOL_INFOA,
    address: *mut SOCKADDR,
    len: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let info = (!info.is_null()).then(|| widen(&unsafe { info.read_unaligned() }));
    // SAFETY: as above.
    let text = unsafe { strings::from_bytes(text) };
    let wide: Option<Vec<u16>> = text.map(|text| text.encode_utf16().chain(Some(0)).collect());
    let pointer = wide.as_ref().map_or(std::ptr::null(), |wide| wide.as_ptr());
    // SAFETY: as above; the text is NULL or ends with a NUL.
    answer::int(unsafe { to_address(pointer, family, info, address, len) })
}

/// # Safety
/// As [`wsa_string_to_address_w`].
unsafe fn to_address(
    text: PCWSTR,
    family: i32,
    info: Option<WSAPROTOCOL_INFOW>,
    address: *mut SOCKADDR,
    len: *mut i32,
) -> Result<i32, Errno> {
    let run = process::run()?;
    if text.is_null() || address.is_null() || len.is_null() {
        return Err(Errno::FAULT);
    }
    let entry = entry_for(&run, info.as_ref(), family)?;
    let instance = run.loader().instance(&entry)?;
    let mut shown = info.unwrap_or_else(|| *entry.info());
    let info = &raw mut shown;
    let function = "WSPStringToAddress";
    // SAFETY: the caller's contract.
    let length = unsafe { Length::before(len) };
    let value = dispatch::call_provider(&instance, function, dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract; the info lives for the call.
        unsafe { procs.string_to_address(text, family, info, address, len) }
    })?;
    length.judged(&instance, function, value)
}

/// The entry whose provider knows the addresses: the one that `info` names, or the first of the family.
fn entry_for(
    run: &process::Run,
    info: Option<&WSAPROTOCOL_INFOW>,
    family: i32,
) -> Result<Arc<Entry>, Errno> {
    match info {
        Some(info) => run.snapshot().select_by_info(info).map(Arc::clone),
        None => {
            let mut entries = run.snapshot().selectable();
            let found = entries.find(|entry| entry.info().iAddressFamily == family);
            found.map(Arc::clone).ok_or(Errno::INVAL)
        }
    }
}
