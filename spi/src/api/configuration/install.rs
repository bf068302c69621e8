//! Installing, updating and removing providers: WSCInstallProvider, WSCUpdateProvider,
//! WSCDeinstallProvider and their variants for the 32-bit catalog.
//!
//! All act on the catalog of this process, not on its snapshot: a started process sees the change
//! after its last WSACleanup and next WSAStartup. None needs WSAStartup. Order of checks: NULL GUID
//! and path (WSAEFAULT), NULL list (WSAEINVAL), the path's length, then what the catalog refuses.

use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::MAX_PATH;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::arguments;
use crate::catalog;
use crate::catalog::Bits;
use crate::catalog::Catalog;
use crate::catalog::CatalogError;

/// Appends `count` entries under one GUID and path to the catalog of 64-bit programs.
///
/// The ids are assigned here and `*provider` becomes the entries' ProviderId, whatever the list says;
/// WSCEnumProtocols tells the ids. Completes WSAProviderConfigChange. Returns 0, or SOCKET_ERROR with
/// `*errno`: WSAEFAULT, WSAEINVAL, WSANO_RECOVERY when the GUID is installed or the catalog cannot be
/// written, WSAENOBUFS. Blocks while another program writes the catalog. Any thread.
/// Microsoft: "WSCInstallProvider function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid: `path` NUL-terminated, `infos` with `count` elements.
#[doc(alias = "WSCInstallProvider")]
pub unsafe fn wsc_install_provider(
    provider: *const GUID,
    path: *const u16,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    errno: *mut i32,
) -> i32 {
    let lists = [Bits::SixtyFour];
    let install = |catalog: &Catalog, provider, path: &str, infos: &[WSAPROTOCOL_INFOW]| {
        catalog.install(&lists, provider, path, infos)
    };
    // SAFETY: the caller's contract.
    let result = unsafe { change(provider, path, infos, count, "WSCInstallProvider", install) };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_install_provider`] into the catalogs of 64-bit and of 32-bit programs: into both or none.
/// Microsoft: "WSCInstallProvider64_32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_install_provider`].
#[doc(alias = "WSCInstallProvider64_32")]
pub unsafe fn wsc_install_provider64_32(
    provider: *const GUID,
    path: *const u16,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    errno: *mut i32,
) -> i32 {
    let lists = [Bits::SixtyFour, Bits::ThirtyTwo];
    let install = |catalog: &Catalog, provider, path: &str, infos: &[WSAPROTOCOL_INFOW]| {
        catalog.install(&lists, provider, path, infos)
    };
    // SAFETY: the caller's contract.
    let result = unsafe {
        change(
            provider,
            path,
            infos,
            count,
            "WSCInstallProvider64_32",
            install,
        )
    };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// Replaces path and entries of an installed provider in the catalog of 64-bit programs.
///
/// Entries keep id and place: a structure whose dwCatalogEntryId is an entry of the provider replaces
/// that one, the others replace the remaining ones in order; surplus structures are appended, surplus
/// entries removed. Completes WSAProviderConfigChange. Returns 0, or SOCKET_ERROR with `*errno`:
/// WSAEFAULT, WSAEINVAL (also for an unknown GUID), WSANO_RECOVERY, WSAENOBUFS. Blocks while another
/// program writes the catalog. Any thread. Microsoft: "WSCUpdateProvider function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_install_provider`].
#[doc(alias = "WSCUpdateProvider")]
pub unsafe fn wsc_update_provider(
    provider: *const GUID,
    path: *const u16,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    errno: *mut i32,
) -> i32 {
    let update = |catalog: &Catalog, provider, path: &str, infos: &[WSAPROTOCOL_INFOW]| {
        catalog.update(Bits::SixtyFour, provider, path, infos)
    };
    // SAFETY: the caller's contract.
    let result = unsafe { change(provider, path, infos, count, "WSCUpdateProvider", update) };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_update_provider`] in the catalog of 32-bit programs.
/// Microsoft: "WSCUpdateProvider32 function (ws2spi.h)".
///
/// # Safety
/// As [`wsc_install_provider`].
#[doc(alias = "WSCUpdateProvider32")]
pub unsafe fn wsc_update_provider32(
    provider: *const GUID,
    path: *const u16,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    errno: *mut i32,
) -> i32 {
    let update = |catalog: &Catalog, provider, path: &str, infos: &[WSAPROTOCOL_INFOW]| {
        catalog.update(Bits::ThirtyTwo, provider, path, infos)
    };
    // SAFETY: the caller's contract.
    let result = unsafe { change(provider, path, infos, count, "WSCUpdateProvider32", update) };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// Removes all entries of a provider from the catalog of 64-bit programs.
///
/// Chains that name its entries are not repaired; loaded instances keep running. Completes
/// WSAProviderConfigChange. Returns 0, or SOCKET_ERROR with `*errno`: WSAEFAULT, WSAEINVAL for an
/// unknown GUID, WSANO_RECOVERY. Blocks while another program writes the catalog. Any thread.
/// Microsoft: "WSCDeinstallProvider function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid.
#[doc(alias = "WSCDeinstallProvider")]
pub unsafe fn wsc_deinstall_provider(provider: *const GUID, errno: *mut i32) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { deinstall(Bits::SixtyFour, provider, "WSCDeinstallProvider") };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// [`wsc_deinstall_provider`] from the catalog of 32-bit programs.
/// Microsoft: "WSCDeinstallProvider32 function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid.
#[doc(alias = "WSCDeinstallProvider32")]
pub unsafe fn wsc_deinstall_provider32(provider: *const GUID, errno: *mut i32) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { deinstall(Bits::ThirtyTwo, provider, "WSCDeinstallProvider32") };
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// # Safety
/// `provider` is null or points to a readable GUID.
unsafe fn deinstall(
    bits: Bits,
    provider: *const GUID,
    function: &'static str,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let provider = unsafe { arguments::guid(provider) }?;
    let removed = catalog::process_catalog().and_then(|catalog| catalog.deinstall(bits, provider));
    removed.map(|()| 0).map_err(arguments::code(function))
}

/// Reads the arguments and makes the change.
///
/// # Safety
/// As [`wsc_install_provider`].
unsafe fn change(
    provider: *const GUID,
    path: *const u16,
    infos: *const WSAPROTOCOL_INFOW,
    count: u32,
    function: &'static str,
    change: impl Fn(&Catalog, GUID, &str, &[WSAPROTOCOL_INFOW]) -> Result<(), CatalogError>,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let provider = unsafe { arguments::guid(provider) }?;
    if path.is_null() {
        return Err(Errno::FAULT);
    }
    if infos.is_null() || count == 0 {
        return Err(Errno::INVAL);
    }
    // SAFETY: the caller's contract.
    let path = unsafe { arguments::text(path, MAX_PATH - 1) }?;
    let path = arguments::well_formed(&path)?;
    // SAFETY: the caller's contract.
    let infos = unsafe { arguments::items(infos, count as usize) }?;
    let made =
        catalog::process_catalog().and_then(|catalog| change(&catalog, provider, &path, &infos));
    made.map(|()| 0).map_err(arguments::code(function))
}
