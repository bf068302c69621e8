//! Which layers an application permits: WSCGetApplicationCategory and WSCSetApplicationCategory.
//!
//! An application is its executable's path and, where its instances differ, its command line.
//! Environment strings in the path are expanded when it comes in, so that it compares with the path
//! of a running executable.

use ws2spi_abi::Errno;

use super::arguments;
use crate::catalog;
use crate::catalog::Identity;
use crate::loader::path::expand;

/// The longest path or command line of Windows.
const LONGEST: u32 = 32767;

/// Stores the categories an application permits in `*permitted`.
///
/// Returns 0, or SOCKET_ERROR with `*errno`: WSAEFAULT for NULL, WSAEINVAL for an empty path or one that
/// is no text, WSASERVICE_NOT_FOUND when the application was never categorised, WSANO_RECOVERY when the
/// catalog cannot be read. Needs no WSAStartup; does not wait for writers. Any thread.
/// Microsoft: "WSCGetApplicationCategory function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid: `path` has `path_len` units, `extra` has `extra_len`.
#[doc(alias = "WSCGetApplicationCategory")]
pub unsafe fn wsc_get_application_category(
    path: *const u16,
    path_len: u32,
    extra: *const u16,
    extra_len: u32,
    permitted: *mut u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { identity(path, path_len, extra, extra_len) }.and_then(|application| {
        if permitted.is_null() {
            return Err(Errno::FAULT);
        }
        let state = catalog::process_catalog()
            .and_then(|catalog| catalog.state())
            .map_err(arguments::code("WSCGetApplicationCategory"))?;
        let categories = state.applications().get(&application);
        let categories = categories.ok_or(Errno::SERVICE_NOT_FOUND)?;
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { arguments::store(permitted, categories) };
        Ok(0)
    });
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// Adds to the categories an application permits; those it permitted before are stored in
/// `*previous` unless that is NULL. Effective in processes started afterwards.
///
/// Returns 0, or SOCKET_ERROR with `*errno`: WSAEFAULT for NULL, WSAEINVAL for an empty path or one that
/// is no text, WSANO_RECOVERY when the catalog cannot be written. Needs no WSAStartup. Blocks while
/// another program writes the catalog. Any thread.
/// Microsoft: "WSCSetApplicationCategory function (ws2spi.h)".
///
/// # Safety
/// Each pointer is null or valid: `path` has `path_len` units, `extra` has `extra_len`.
#[doc(alias = "WSCSetApplicationCategory")]
pub unsafe fn wsc_set_application_category(
    path: *const u16,
    path_len: u32,
    extra: *const u16,
    extra_len: u32,
    categories: u32,
    previous: *mut u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let result = unsafe { identity(path, path_len, extra, extra_len) }.and_then(|application| {
        let before = catalog::process_catalog()
            .and_then(|catalog| catalog.permit(application, categories))
            .map_err(arguments::code("WSCSetApplicationCategory"))?;
        // SAFETY: the caller's contract.
        unsafe { arguments::store(previous, before) };
        Ok(0)
    });
    // SAFETY: the caller's contract.
    unsafe { arguments::answer(result, errno) }
}

/// Who is meant.
///
/// # Safety
/// `path` is null or has `path_len` units, `extra` is null or has `extra_len`.
unsafe fn identity(
    path: *const u16,
    path_len: u32,
    extra: *const u16,
    extra_len: u32,
) -> Result<Identity, Errno> {
    if path.is_null() {
        return Err(Errno::FAULT);
    }
    if path_len == 0 || path_len > LONGEST || extra_len > LONGEST {
        return Err(Errno::INVAL);
    }
    // SAFETY: the caller's contract.
    let path = unsafe { text(path, path_len) }?;
    let extra = match extra.is_null() {
        true => None,
        // SAFETY: the caller's contract.
        false => Some(unsafe { text(extra, extra_len) }?),
    };
    Ok(Identity {
        path: expand(&path),
        extra: extra.filter(|extra| !extra.is_empty()),
    })
}

/// # Safety
/// `units` has `len` units.
unsafe fn text(units: *const u16, len: u32) -> Result<String, Errno> {
    // SAFETY: the caller's contract.
    let units = unsafe { arguments::units(units, len as usize) };
    if units.contains(&0) {
        return Err(Errno::INVAL);
    }
    arguments::well_formed(&units)
}
