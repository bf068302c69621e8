//! What there is: WSCEnumProtocols and its variant for the 32-bit catalog, which show everything as it
//! is now, and WSAEnumProtocols, which shows applications what their process can use.

use ws2spi_abi::Errno;
use ws2spi_abi::WSAPROTOCOL_INFOA;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::arguments;
use crate::api::answer;
use crate::api::protocol_info;
use crate::catalog;
use crate::catalog::Bits;
use crate::catalog::Wanted;
use crate::process;

/// Stores all entries of the catalog of 64-bit programs, hidden ones and layers included, in catalog
/// order in `infos`, which has room for `*bytes` bytes; returns how many.
///
/// `protocols` is NULL for all, or a list that ends with 0. Returns SOCKET_ERROR with `*errno`:
/// WSAEFAULT when `bytes` is NULL, WSAENOBUFS with `*bytes` what is needed when `infos` is NULL or too
/// small, WSAEINVAL for a list without end, WSANO_RECOVERY when the catalog cannot be read. Needs no
/// WSAStartup; does not wait for writers. Any thread.
/// Microsoft: "WSCEnumProtocols function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid; `infos` has room for `*bytes` bytes.
#[doc(alias = "WSCEnumProtocols")]
pub unsafe fn wsc_enum_protocols(
    protocols: *const i32,
    infos: *mut WSAPROTOCOL_INFOW,
    bytes: *mut u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { installed(Bits::SixtyFour, protocols, infos, bytes, "WSCEnumProtocols") };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_enum_protocols`] of the catalog of 32-bit programs.
/// Microsoft: "WSCEnumProtocols32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_enum_protocols`].
#[doc(alias = "WSCEnumProtocols32")]
pub unsafe fn wsc_enum_protocols32(
    protocols: *const i32,
    infos: *mut WSAPROTOCOL_INFOW,
    bytes: *mut u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe {
        installed(
            Bits::ThirtyTwo,
            protocols,
            infos,
            bytes,
            "WSCEnumProtocols32",
        )
    };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// Stores the entries that the application may use, neither hidden ones nor layers, in catalog order in
/// `infos`, which has room for `*bytes` bytes; returns how many. They are those of the process's first
/// WSAStartup.
///
/// `protocols` is NULL for all, or a list that ends with 0. Returns SOCKET_ERROR with last error
/// WSANOTINITIALISED, WSAEFAULT when `bytes` is NULL, WSAENOBUFS with `*bytes` what is needed when
/// `infos` is NULL or too small, WSAEINVAL for a list without end. Any thread; does not block.
/// Microsoft: "WSAEnumProtocolsW function (winsock2.h)".
///
/// # Safety
/// Each pointer is null or valid; `infos` has room for `*bytes` bytes.
#[doc(alias = "WSAEnumProtocolsW")]
pub unsafe fn wsa_enum_protocols_w(
    protocols: *const i32,
    infos: *mut WSAPROTOCOL_INFOW,
    bytes: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let usable = unsafe { usable(protocols) };
    answer::int(usable.and_then(|usable| {
        if bytes.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract; `bytes` is not null.
        unsafe { arguments::copy_out(&usable, infos, bytes) }
    }))
}

/// [`wsa_enum_protocols_w`] with the protocols' names in UTF-8.
///
/// Its error for NULL `bytes` is WSAENOBUFS. Microsoft: "WSAEnumProtocolsA function (winsock2.h)".
///
/// # Safety
/// As [`wsa_enum_protocols_w`].
#[doc(alias = "WSAEnumProtocolsA")]
pub unsafe fn wsa_enum_protocols_a(
    protocols: *const i32,
    infos: *mut WSAPROTOCOL_INFOA,
    bytes: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let usable = unsafe { usable(protocols) };
    answer::int(usable.and_then(|usable| {
        if bytes.is_null() {
            return Err(Errno::NOBUFS);
        }
        let narrow: Vec<WSAPROTOCOL_INFOA> = usable.iter().map(protocol_info::narrow).collect();
        // SAFETY: the caller's contract; `bytes` is not null.
        unsafe { arguments::copy_out(&narrow, infos, bytes) }
    }))
}

/// # Safety
/// As [`wsc_enum_protocols`].
unsafe fn installed(
    bits: Bits,
    protocols: *const i32,
    infos: *mut WSAPROTOCOL_INFOW,
    bytes: *mut u32,
    function: &'static str,
) -> Result<i32, Errno> {
    if bytes.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: the caller's contract.
    let protocols = unsafe { arguments::protocols(protocols) }?;
    let state = catalog::process_catalog()
        .and_then(|catalog| catalog.state())
        .map_err(arguments::code(function))?;
    let entries = state.list(bits).enumerate(wanted(protocols.as_deref()));
    // SAFETY: the caller's contract; `bytes` is not null.
    unsafe { arguments::copy_out(&arguments::infos(&entries), infos, bytes) }
}

/// What the application may use.
///
/// # Safety
/// `protocols` is null or points to readable numbers up to and with a 0.
unsafe fn usable(protocols: *const i32) -> Result<Vec<WSAPROTOCOL_INFOW>, Errno> {
    let run = process::run()?;
    // SAFETY: the caller's contract.
    let protocols = unsafe { arguments::protocols(protocols) }?;
    Ok(arguments::infos(
        &run.snapshot().enumerate(wanted(protocols.as_deref())),
    ))
}

fn wanted(protocols: Option<&[i32]>) -> Wanted<'_> {
    protocols.map_or(Wanted::Every, Wanted::Protocols)
}
