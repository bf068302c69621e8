//! Arguments of the configuration functions: from C pointers to values, and from results to what C
//! gets.
//!
//! Each reads what one pointer names, once, into a value of ours; sizes are bounded before anything
//! is read. The functions of the sibling files do all their work on the values.

use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::SOCKET_ERROR;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use crate::catalog;
use crate::catalog::CatalogError;

/// More entries than any call can mean: a catalog holds dozens.
const MOST_ITEMS: usize = 4096;

/// The GUID at `pointer`.
///
/// # Errors
/// WSAEFAULT: NULL.
///
/// # Safety
/// `pointer` is null or points to a readable GUID.
pub unsafe fn guid(pointer: *const GUID) -> Result<GUID, Errno> {
    // SAFETY: the caller's contract.
    unsafe { value(pointer) }
}

/// The value at `pointer`, which need not be aligned.
///
/// # Errors
/// WSAEFAULT: NULL.
///
/// # Safety
/// `pointer` is null or points to a readable value, any bit pattern of which is valid.
pub unsafe fn value<T: Copy>(pointer: *const T) -> Result<T, Errno> {
    if pointer.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: not null, so readable by the caller's contract.
    Ok(unsafe { pointer.read_unaligned() })
}

/// Stores `value` at `pointer` unless that is NULL.
///
/// # Safety
/// `pointer` is null or writable.
pub unsafe fn store<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { pointer.write_unaligned(value) };
    }
}

/// The NUL-terminated text at `text`, without its NUL. Not more than `limit` + 1 units are read.
///
/// # Errors
/// WSAEFAULT: NULL. WSAEINVAL: longer than `limit`.
///
/// # Safety
/// `text` is null or points to readable units up to and with a NUL.
pub unsafe fn text(text: *const u16, limit: usize) -> Result<Vec<u16>, Errno> {
    if text.is_null() {
        return Err(Errno::FAULT);
    }
    let mut units = Vec::new();
    for index in 0..=limit {
        // SAFETY: no NUL was found so far, so the text goes on at least to here.
        let at = unsafe { text.add(index) };
        // SAFETY: as above.
        match unsafe { at.read_unaligned() } {
            0 => return Ok(units),
            unit => units.push(unit),
        }
    }
    Err(Errno::INVAL)
}

/// `count` units from `text` on.
///
/// # Safety
/// `text` points to `count` readable units.
pub unsafe fn units(text: *const u16, count: usize) -> Vec<u16> {
    let mut units = vec![0; count];
    // SAFETY: the caller's contract; both as bytes, because the text need not be aligned.
    unsafe {
        text.cast::<u8>()
            .copy_to_nonoverlapping(units.as_mut_ptr().cast(), count * 2)
    };
    units
}

/// `count` items from `list` on.
///
/// # Errors
/// WSAEFAULT: NULL while `count` is not 0. WSAENOBUFS: more than a catalog can hold.
///
/// # Safety
/// `list` is null or points to `count` readable items, any bit pattern of which is valid.
pub unsafe fn items<T: Copy>(list: *const T, count: usize) -> Result<Vec<T>, Errno> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if list.is_null() {
        return Err(Errno::FAULT);
    }
    if count > MOST_ITEMS {
        return Err(Errno::NOBUFS);
    }
    let mut items = Vec::with_capacity(count);
    for index in 0..count {
        // SAFETY: index is below count; the caller's contract.
        let at = unsafe { list.add(index) };
        // SAFETY: as above.
        items.push(unsafe { at.read_unaligned() });
    }
    Ok(items)
}

/// The list of protocols to enumerate, which ends with 0; `None` when there is no list.
///
/// # Errors
/// WSAEINVAL: no end within the numbers a list can sensibly have.
///
/// # Safety
/// `list` is null or points to readable numbers up to and with a 0.
pub unsafe fn protocols(list: *const i32) -> Result<Option<Vec<i32>>, Errno> {
    if list.is_null() {
        return Ok(None);
    }
    let mut protocols = Vec::new();
    for index in 0..MOST_ITEMS {
        // SAFETY: no 0 was found so far, so the list goes on at least to here.
        let at = unsafe { list.add(index) };
        // SAFETY: as above.
        match unsafe { at.read_unaligned() } {
            0 => return Ok(Some(protocols)),
            protocol => protocols.push(protocol),
        }
    }
    Err(Errno::INVAL)
}

/// Copies `values` into the caller's `room`, which has `bytes` bytes.
///
/// # Errors
/// WSAENOBUFS: NULL or too small; `*bytes` is then what is needed (U125).
///
/// # Safety
/// `room` is null or has room for `*bytes` bytes; `bytes` is not null, readable and writable.
pub unsafe fn copy_out<T: Copy>(values: &[T], room: *mut T, bytes: *mut u32) -> Result<i32, Errno> {
    let needed = u32::try_from(size_of_val(values)).map_err(|_| Errno::NOBUFS)?;
    // SAFETY: not null, by the caller's contract.
    let available = unsafe { bytes.read_unaligned() };
    if room.is_null() || available < needed {
        // SAFETY: as above.
        unsafe { bytes.write_unaligned(needed) };
        return Err(Errno::NOBUFS);
    }
    for (index, value) in values.iter().enumerate() {
        // SAFETY: the room was compared with the size of all values.
        let at = unsafe { room.add(index) };
        // SAFETY: as above.
        unsafe { at.write_unaligned(*value) };
    }
    // No catalog holds 2^31 entries: `needed` would have overflowed first.
    Ok(values.len() as i32)
}

/// The text as our catalog stores it.
///
/// # Errors
/// WSAEINVAL: not well-formed UTF-16, so no path of this system.
pub fn well_formed(units: &[u16]) -> Result<String, Errno> {
    String::from_utf16(units).map_err(|_| Errno::INVAL)
}

/// The code of an error of the catalog; what the code cannot tell goes to the diagnostics.
pub fn code(function: &'static str) -> impl Fn(CatalogError) -> Errno {
    move |error| {
        catalog::report(&error, function);
        error.errno()
    }
}

/// What a function with lpErrno returns: the value, or SOCKET_ERROR with the code stored. Nothing is
/// stored on success, and nothing when `errno` is NULL.
///
/// # Safety
/// `errno` is null or writable.
pub unsafe fn answer(result: Result<i32, Errno>, errno: *mut i32) -> i32 {
    match result {
        Ok(value) => value,
        Err(error) => {
            // SAFETY: the caller's contract.
            unsafe { store(errno, error.code()) };
            SOCKET_ERROR
        }
    }
}

/// The entries' structures in order.
pub fn infos<'a>(
    entries: impl IntoIterator<Item = &'a std::sync::Arc<catalog::Entry>>,
) -> Vec<WSAPROTOCOL_INFOW> {
    entries.into_iter().map(|entry| *entry.info()).collect()
}
