//! `WPUGetProviderPath`: where the next layer's module is.

use crate::process;
use ws2spi_abi::{Errno, GUID, PWSTR};

/// Stores the path of an installed provider as the catalog has it, environment strings unexpanded (U58).
///
/// # Errors
/// `WSANOTINITIALISED`; `WSAEFAULT`: NULL (U64) or too small, `*len` is then the room it needs (U60, U61); `WSAEINVAL`: unknown
/// provider (U59).
///
/// # Safety
/// Each pointer is null or valid; `path` has room for `*len` units.
pub unsafe fn get(id: *const GUID, path: PWSTR, len: *mut i32) -> Result<(), Errno> {
    let run = process::run()?;
    if id.is_null() || path.is_null() || len.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: not null, so readable by the caller's contract.
    let id = unsafe { id.read_unaligned() };
    let stored = run.snapshot().provider_path(id)?;
    // SAFETY: the caller's contract; neither is null.
    unsafe { write_path(stored, path, len) }
}

/// Stores a path with its NUL. `*len` becomes the number of units without the NUL; when the room is too small, the number with it,
/// and nothing else is written (U61, U62, U63).
///
/// # Errors
/// `WSAEFAULT`: too small.
///
/// # Safety
/// Neither pointer is null; `path` has room for `*len` units.
pub unsafe fn write_path(stored: &str, path: PWSTR, len: *mut i32) -> Result<(), Errno> {
    let units: Vec<u16> = stored.encode_utf16().collect();
    // SAFETY: not null, by the caller's contract.
    let capacity = unsafe { len.read_unaligned() };
    if usize::try_from(capacity).is_ok_and(|capacity| capacity > units.len()) {
        // SAFETY: the room was compared: the units and their NUL fit.
        unsafe { path.copy_from_nonoverlapping(units.as_ptr(), units.len()) };
        // SAFETY: as above.
        let end = unsafe { path.add(units.len()) };
        // SAFETY: as above.
        unsafe { end.write_unaligned(0) };
        // SAFETY: not null, by the caller's contract.
        unsafe { len.write_unaligned(units.len() as i32) };
        Ok(())
    } else {
        // SAFETY: as above.
        unsafe { len.write_unaligned(units.len() as i32 + 1) };
        Err(Errno::FAULT)
    }
}
