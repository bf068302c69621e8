//! Where a provider's module is: WSCGetProviderPath and its variant for the 32-bit catalog.

use ws2spi_abi::Errno;
use ws2spi_abi::GUID;

use super::arguments;
use crate::catalog;
use crate::catalog::Bits;

/// Stores the path of an installed provider as it was installed, environment strings unexpanded, with
/// its NUL, in `path`, which has room for `*len` units.
///
/// `*len` becomes the length without the NUL, or, when the room is too small, the room that is needed.
/// Returns 0, or SOCKET_ERROR with `*errno`: WSAEFAULT for NULL or too little room (`path` is
/// untouched), WSAEINVAL for an unknown GUID, WSANO_RECOVERY when the catalog cannot be read. Needs no
/// WSAStartup; does not wait for writers. Any thread.
/// Microsoft: "WSCGetProviderPath function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid; `path` has room for `*len` units.
#[doc(alias = "WSCGetProviderPath")]
pub unsafe fn wsc_get_provider_path(
    provider: *const GUID,
    path: *mut u16,
    len: *mut i32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { get(Bits::SixtyFour, provider, path, len, "WSCGetProviderPath") };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_get_provider_path`] from the catalog of 32-bit programs.
/// Microsoft: "WSCGetProviderPath32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_get_provider_path`].
#[doc(alias = "WSCGetProviderPath32")]
pub unsafe fn wsc_get_provider_path32(
    provider: *const GUID,
    path: *mut u16,
    len: *mut i32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { get(Bits::ThirtyTwo, provider, path, len, "WSCGetProviderPath32") };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// # Safety
/// As [`wsc_get_provider_path`].
unsafe fn get(
    bits: Bits,
    provider: *const GUID,
    path: *mut u16,
    len: *mut i32,
    function: &'static str,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let provider = unsafe { arguments::guid(provider) }?;
    // SAFETY: the caller's contract.
    let capacity = unsafe { arguments::value(len) }?;
    if path.is_null() {
        return Err(Errno::FAULT);
    }
    let state = catalog::process_catalog()
        .and_then(|catalog| catalog.state())
        .map_err(arguments::code(function))?;
    let entry = state.list(bits).provider(provider).ok_or(Errno::INVAL)?;
    let mut units: Vec<u16> = entry.path().encode_utf16().collect();
    // A path has less than MAX_PATH units.
    let length = units.len() as i32;
    units.push(0);
    if capacity <= length {
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { arguments::store(len, length + 1) };
        return Err(Errno::FAULT);
    }
    // SAFETY: the room was compared: the units and their NUL fit; both as bytes, because the room
    // need not be aligned.
    unsafe {
        path.cast::<u8>()
            .copy_from_nonoverlapping(units.as_ptr().cast(), units.len() * 2)
    };
    // SAFETY: as above.
    unsafe { arguments::store(len, length) };
    Ok(0)
}
