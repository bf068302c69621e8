//! What a provider declares about itself: WSCGetProviderInfo, WSCSetProviderInfo and their variants
//! for the 32-bit catalog. There is one class of information, the LSP categories (a DWORD).

use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::ProviderInfoAudit;
use ws2spi_abi::ProviderInfoLspCategories;

use super::arguments;
use crate::catalog;
use crate::catalog::Bits;

/// Stores the categories of a provider in `info`, which has room for `*size` bytes; 0 when it declared
/// none.
///
/// Returns 0 with `*size` the bytes stored, or SOCKET_ERROR with `*errno`:
/// ERROR_CALL_NOT_IMPLEMENTED (120) for ProviderInfoAudit, WSAEINVAL for other classes, WSAEFAULT for
/// NULL, WSAEINVALIDPROVIDER for an unknown GUID, WSAEFAULT with `*size` the bytes needed when `info`
/// is NULL or too small, WSANO_RECOVERY when the catalog cannot be read; in this order. `flags` mean
/// nothing. Needs no WSAStartup; does not wait for writers. Any thread.
/// Microsoft: "WSCGetProviderInfo function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid; `info` has room for `*size` bytes.
#[doc(alias = "WSCGetProviderInfo")]
pub unsafe fn wsc_get_provider_info(
    provider: *const GUID,
    class: i32,
    info: *mut u8,
    size: *mut usize,
    _flags: u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe {
        get(
            Bits::SixtyFour,
            provider,
            class,
            info,
            size,
            "WSCGetProviderInfo",
        )
    };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_get_provider_info`] from the catalog of 32-bit programs.
/// Microsoft: "WSCGetProviderInfo32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_get_provider_info`].
#[doc(alias = "WSCGetProviderInfo32")]
pub unsafe fn wsc_get_provider_info32(
    provider: *const GUID,
    class: i32,
    info: *mut u8,
    size: *mut usize,
    _flags: u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe {
        get(
            Bits::ThirtyTwo,
            provider,
            class,
            info,
            size,
            "WSCGetProviderInfo32",
        )
    };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// Declares the categories of a provider: the DWORD at `info`, which has `size` bytes.
///
/// Returns 0, or SOCKET_ERROR with `*errno`: ERROR_CALL_NOT_IMPLEMENTED (120) for ProviderInfoAudit,
/// WSAEINVAL for other classes, WSAEFAULT for NULL or too few bytes, WSAEINVAL for an unknown GUID,
/// WSANO_RECOVERY when the catalog cannot be written; in this order. `flags` mean nothing. Completes
/// WSAProviderConfigChange. Needs no WSAStartup. Blocks while another program writes the catalog. Any
/// thread. Microsoft: "WSCSetProviderInfo function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid; `info` has `size` bytes.
#[doc(alias = "WSCSetProviderInfo")]
pub unsafe fn wsc_set_provider_info(
    provider: *const GUID,
    class: i32,
    info: *const u8,
    size: usize,
    _flags: u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe {
        set(
            Bits::SixtyFour,
            provider,
            class,
            info,
            size,
            "WSCSetProviderInfo",
        )
    };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_set_provider_info`] in the catalog of 32-bit programs.
/// Microsoft: "WSCSetProviderInfo32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_set_provider_info`].
#[doc(alias = "WSCSetProviderInfo32")]
pub unsafe fn wsc_set_provider_info32(
    provider: *const GUID,
    class: i32,
    info: *const u8,
    size: usize,
    _flags: u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe {
        set(
            Bits::ThirtyTwo,
            provider,
            class,
            info,
            size,
            "WSCSetProviderInfo32",
        )
    };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// # Safety
/// As [`wsc_get_provider_info`].
unsafe fn get(
    bits: Bits,
    provider: *const GUID,
    class: i32,
    info: *mut u8,
    size: *mut usize,
    function: &'static str,
) -> Result<i32, Errno> {
    check_class(class)?;
    // SAFETY: the caller's contract.
    let provider = unsafe { arguments::guid(provider) }?;
    // SAFETY: the caller's contract.
    let room = unsafe { arguments::value(size) }?;
    let state = catalog::process_catalog()
        .and_then(|catalog| catalog.state())
        .map_err(arguments::code(function))?;
    let entry = state
        .list(bits)
        .provider(provider)
        .ok_or(Errno::INVALIDPROVIDER)?;
    let fits = !info.is_null() && room >= size_of::<u32>();
    // SAFETY: not null, so writable by the caller's contract.
    unsafe { arguments::store(size, size_of::<u32>()) };
    if !fits {
        return Err(Errno::FAULT);
    }
    // SAFETY: the room was compared.
    unsafe { arguments::store(info.cast(), entry.categories().unwrap_or(0)) };
    Ok(0)
}

/// # Safety
/// As [`wsc_set_provider_info`].
unsafe fn set(
    bits: Bits,
    provider: *const GUID,
    class: i32,
    info: *const u8,
    size: usize,
    function: &'static str,
) -> Result<i32, Errno> {
    check_class(class)?;
    // SAFETY: the caller's contract.
    let provider = unsafe { arguments::guid(provider) }?;
    if size < size_of::<u32>() {
        return Err(Errno::FAULT);
    }
    // SAFETY: the caller's contract; the size was compared.
    let categories = unsafe { arguments::value(info.cast()) }?;
    let set = catalog::process_catalog()
        .and_then(|catalog| catalog.categorize(bits, provider, categories));
    set.map(|()| 0).map_err(arguments::code(function))
}

#[expect(non_upper_case_globals, reason = "Microsoft's names")]
fn check_class(class: i32) -> Result<(), Errno> {
    match class {
        ProviderInfoLspCategories => Ok(()),
        ProviderInfoAudit => Err(Errno::CALL_NOT_IMPLEMENTED),
        _ => Err(Errno::INVAL),
    }
}
