//! The order of the catalog: WSCWriteProviderOrder and its variant for the 32-bit catalog.

use ws2spi_abi::Errno;

use super::arguments;
use crate::catalog;
use crate::catalog::Bits;
use crate::catalog::CatalogError;
use crate::catalog::EntryId;
use crate::catalog::StoreError;

/// Puts the catalog of 64-bit programs in the order of `ids`, which name each entry exactly once.
///
/// Returns the error code itself: 0, WSAEINVAL when `ids` are no permutation of the catalog (nothing
/// has changed then), WSATRY_AGAIN while another program writes the catalog, WSANO_RECOVERY when it
/// cannot be written. Completes WSAProviderConfigChange. Needs no WSAStartup. Any thread; does not
/// wait for other writers. Microsoft: "WSCWriteProviderOrder function (sporder.h)".
///
/// # Safety
/// `ids` is null or points to `count` readable numbers.
#[doc(alias = "WSCWriteProviderOrder")]
pub unsafe fn wsc_write_provider_order(ids: *const u32, count: u32) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { write(Bits::SixtyFour, ids, count, "WSCWriteProviderOrder") }
}

/// [`wsc_write_provider_order`] for the catalog of 32-bit programs.
/// Microsoft: "WSCWriteProviderOrder32 function (sporder.h)".
///
/// # Safety
/// As [`wsc_write_provider_order`].
#[doc(alias = "WSCWriteProviderOrder32")]
pub unsafe fn wsc_write_provider_order32(ids: *const u32, count: u32) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { write(Bits::ThirtyTwo, ids, count, "WSCWriteProviderOrder32") }
}

/// # Safety
/// As [`wsc_write_provider_order`].
unsafe fn write(bits: Bits, ids: *const u32, count: u32, function: &'static str) -> i32 {
    // The page lists no WSAEFAULT: bad arguments are WSAEINVAL here, whatever is bad about them.
    // SAFETY: the caller's contract.
    let Ok(ids) = (unsafe { arguments::items(ids, count as usize) }) else {
        return Errno::INVAL.code();
    };
    let order: Vec<EntryId> = ids.into_iter().map(EntryId::new).collect();
    let written = catalog::process_catalog().and_then(|catalog| catalog.reorder(bits, &order));
    match written {
        Ok(()) => 0,
        Err(CatalogError::Store(StoreError::Busy { .. })) => Errno::TRY_AGAIN.code(),
        Err(error) => arguments::code(function)(error).code(),
    }
}
