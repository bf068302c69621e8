//! The functions on keys of the registry, in UTF-16 and in bytes: `RegOpenKeyEx`, `RegCreateKeyEx`, `RegDeleteKey`, `RegEnumKeyEx`,
//! `RegQueryInfoKey`. What they do is in [`super::registry`]; bytes are UTF-8.

use super::registry::{self, FAILED, answer};
use super::registry_value::Form;
use crate::table::exports;
use crate::text;
use ws2spi_abi::*;

/// Opens a key that exists below another; without a name that one once more. Codes: `ERROR_FILE_NOT_FOUND`, `ERROR_INVALID_HANDLE`,
/// `ERROR_INVALID_PARAMETER` (no place for it, a name of more than 255 characters), `ERROR_BAD_PATHNAME` (a backslash at the beginning),
/// `ERROR_BADDB` and `ERROR_REGISTRY_IO_FAILED` (the file of the registry). Options and rights change nothing. Waits for a disk when there
/// is a file; any thread. Microsoft: "RegOpenKeyExW function".
///
/// # Safety
/// `subkey` is null or NUL-terminated, `result` is null or writable.
#[doc(alias = "RegOpenKeyExW")]
pub unsafe fn open_w(
    key: HANDLE,
    subkey: PCWSTR,
    _options: u32,
    _rights: u32,
    result: *mut HANDLE,
) -> i32 {
    // SAFETY: the caller's contract.
    let subkey = unsafe { text::wide(subkey) };
    // SAFETY: as above.
    unsafe { registry::open(key, subkey, result) }
}

/// [`open_w`] in bytes. Microsoft: "RegOpenKeyExA function".
///
/// # Safety
/// As [`open_w`].
#[doc(alias = "RegOpenKeyExA")]
pub unsafe fn open_a(
    key: HANDLE,
    subkey: PCSTR,
    _options: u32,
    _rights: u32,
    result: *mut HANDLE,
) -> i32 {
    // SAFETY: the caller's contract.
    let subkey = unsafe { text::narrow(subkey) };
    // SAFETY: as above.
    unsafe { registry::open(key, subkey, result) }
}

/// Opens a key below another, or makes it and all between them; REG_CREATED_NEW_KEY or REG_OPENED_EXISTING_KEY goes where `disposition`
/// points. Codes as [`open_w`]'s but for `ERROR_FILE_NOT_FOUND`; `ERROR_INVALID_PARAMETER` also for no name. Class, options, rights and
/// attributes change nothing. Microsoft: "RegCreateKeyExW function".
///
/// # Safety
/// `subkey` is null or NUL-terminated, `result` and `disposition` are null or writable.
#[doc(alias = "RegCreateKeyExW")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_w(
    key: HANDLE,
    subkey: PCWSTR,
    _reserved: u32,
    _class: PCWSTR,
    _options: u32,
    _rights: u32,
    _attributes: *const SECURITY_ATTRIBUTES,
    result: *mut HANDLE,
    disposition: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let subkey = unsafe { text::wide(subkey) };
    // SAFETY: as above.
    unsafe { registry::create(key, subkey, result, disposition) }
}

/// [`create_w`] in bytes. Microsoft: "RegCreateKeyExA function".
///
/// # Safety
/// As [`create_w`].
#[doc(alias = "RegCreateKeyExA")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_a(
    key: HANDLE,
    subkey: PCSTR,
    _reserved: u32,
    _class: PCSTR,
    _options: u32,
    _rights: u32,
    _attributes: *const SECURITY_ATTRIBUTES,
    result: *mut HANDLE,
    disposition: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let subkey = unsafe { text::narrow(subkey) };
    // SAFETY: as above.
    unsafe { registry::create(key, subkey, result, disposition) }
}

/// Deletes a key below another, which has no subkeys. Codes as [`open_w`]'s; `ERROR_ACCESS_DENIED` for one with subkeys or a predefined
/// one, `ERROR_INVALID_PARAMETER` for no name. Who has it open gets `ERROR_KEY_DELETED`. Microsoft: "RegDeleteKeyW function".
///
/// # Safety
/// `subkey` is null or NUL-terminated.
#[doc(alias = "RegDeleteKeyW")]
pub unsafe fn delete_w(key: HANDLE, subkey: PCWSTR) -> i32 {
    // SAFETY: the caller's contract.
    registry::delete(key, unsafe { text::wide(subkey) })
}

/// [`delete_w`] in bytes. Microsoft: "RegDeleteKeyA function".
///
/// # Safety
/// `subkey` is null or NUL-terminated.
#[doc(alias = "RegDeleteKeyA")]
pub unsafe fn delete_a(key: HANDLE, subkey: PCSTR) -> i32 {
    // SAFETY: the caller's contract.
    registry::delete(key, unsafe { text::narrow(subkey) })
}

/// Stores a name with its NUL, and its length without that.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER` without a place for either, `ERROR_MORE_DATA` when it does not fit: nothing is stored.
///
/// # Safety
/// `size` is null or readable and writable, `room` is null or has room for as many units as it says.
pub(super) unsafe fn store_name<U: Copy + Default>(
    mut name: Vec<U>,
    room: *mut U,
    size: *mut u32,
) -> Result<(), Errno> {
    if room.is_null() || size.is_null() {
        return Err(Errno::INVALID_PARAMETER);
    }
    // SAFETY: the caller's contract; not null.
    let space = unsafe { size.read_unaligned() };
    let length = name.len();
    name.push(U::default());
    if name.len() > space as usize {
        return Err(Errno::MORE_DATA);
    }
    // SAFETY: the caller's contract.
    unsafe { text::store(&name, room, space as usize) };
    // SAFETY: as above.
    unsafe { size.write_unaligned(length as u32) };
    Ok(())
}

/// Stores a number where a pointer leads, if it does.
///
/// # Safety
/// `place` is null or writable.
pub(super) unsafe fn store_number<N>(place: *mut N, number: N) {
    if !place.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { place.write_unaligned(number) };
    }
}

/// # Safety
/// As [`enumerate_w`].
unsafe fn enumerate<U: Copy + Default>(
    (key, place): (HANDLE, u32),
    units: impl FnOnce(&str) -> Vec<U>,
    (name, size): (*mut U, *mut u32),
    (class, class_size): (*mut U, *mut u32),
    written: *mut u64,
) -> i32 {
    let enumerate = || {
        let (found, time) = registry::nth_subkey(key, place)?;
        // SAFETY: the caller's contract.
        unsafe { store_name(units(&found), name, size)? };
        if !class.is_null() && !class_size.is_null() {
            // No key has a class.
            // SAFETY: the caller's contract.
            unsafe { store_name(Vec::new(), class, class_size)? };
        }
        // SAFETY: as above.
        unsafe { store_number(written, time) };
        Ok(())
    };
    answer(enumerate())
}

/// The name of a subkey by its place, in the order of names: with its NUL where `name` points, its length without where `size` points,
/// which says how many units there is room for. Codes: `ERROR_NO_MORE_ITEMS`, `ERROR_MORE_DATA` (it does not fit; nothing is stored),
/// `ERROR_INVALID_HANDLE`, `ERROR_KEY_DELETED`, `ERROR_INVALID_PARAMETER` (no place for the name), the file's as [`open_w`]. The class is
/// empty; the time is 0 for what was read from a file. Microsoft: "RegEnumKeyExW function".
///
/// # Safety
/// `size` and `class_size` are null or readable and writable, `name` and `class` are null or have room for as many units as those say;
/// `written` is null or writable.
#[doc(alias = "RegEnumKeyExW")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn enumerate_w(
    key: HANDLE,
    place: u32,
    name: *mut u16,
    size: *mut u32,
    _reserved: *mut u32,
    class: *mut u16,
    class_size: *mut u32,
    written: *mut u64,
) -> i32 {
    let units = |name: &str| name.encode_utf16().collect();
    // SAFETY: the caller's contract.
    unsafe {
        enumerate(
            (key, place),
            units,
            (name, size),
            (class, class_size),
            written,
        )
    }
}

/// [`enumerate_w`] in bytes. Microsoft: "RegEnumKeyExA function".
///
/// # Safety
/// As [`enumerate_w`].
#[doc(alias = "RegEnumKeyExA")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn enumerate_a(
    key: HANDLE,
    place: u32,
    name: *mut u8,
    size: *mut u32,
    _reserved: *mut u32,
    class: *mut u8,
    class_size: *mut u32,
    written: *mut u64,
) -> i32 {
    let units = |name: &str| name.as_bytes().to_vec();
    // SAFETY: the caller's contract.
    unsafe {
        enumerate(
            (key, place),
            units,
            (name, size),
            (class, class_size),
            written,
        )
    }
}

/// Where `RegQueryInfoKey` stores what it knows.
struct Places {
    subkeys: *mut u32,
    longest_subkey: *mut u32,
    longest_class: *mut u32,
    values: *mut u32,
    longest_value: *mut u32,
    longest_data: *mut u32,
    security: *mut u32,
    written: *mut u64,
}

/// # Safety
/// The places are null or writable, and `class` has room for as many units as `class_size` says.
unsafe fn query<U: Copy + Default>(
    key: HANDLE,
    form: Form,
    (class, class_size): (*mut U, *mut u32),
    places: &Places,
) -> i32 {
    let query = |key: &registry::tree::Key| {
        let longest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0) as u32;
        let values = key.values();
        for (place, number) in [
            (places.subkeys, key.subkeys().len() as u32),
            (
                places.longest_subkey,
                longest(&mut key.subkeys().map(|(name, _)| form.units(name))),
            ),
            (places.longest_class, 0),
            (places.values, values.len() as u32),
            (
                places.longest_value,
                longest(&mut values.iter().map(|it| form.units(&it.name))),
            ),
            (
                places.longest_data,
                longest(&mut values.iter().map(|it| form.given_out(it).len())),
            ),
            (places.security, 0),
        ] {
            // SAFETY: the caller's contract.
            unsafe { store_number(place, number) };
        }
        // SAFETY: as above.
        unsafe { store_number(places.written, key.written) };
        if !class.is_null() && !class_size.is_null() {
            // SAFETY: as above.
            unsafe { store_name(Vec::new(), class, class_size)? };
        }
        Ok(())
    };
    answer(registry::look(key, query))
}

/// How many subkeys and values a key has, how long their names are at most, in units without a NUL, and the data, in bytes; 0 for what is
/// not kept. Codes: `ERROR_INVALID_HANDLE`, `ERROR_KEY_DELETED`, the file's as [`open_w`]. Microsoft: "RegQueryInfoKeyW function".
///
/// # Safety
/// All pointers are null or writable, and `class` has room for as many units as `class_size` says.
#[doc(alias = "RegQueryInfoKeyW")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn query_w(
    key: HANDLE,
    class: *mut u16,
    class_size: *mut u32,
    _reserved: *mut u32,
    subkeys: *mut u32,
    longest_subkey: *mut u32,
    longest_class: *mut u32,
    values: *mut u32,
    longest_value: *mut u32,
    longest_data: *mut u32,
    security: *mut u32,
    written: *mut u64,
) -> i32 {
    let places = Places {
        subkeys,
        longest_subkey,
        longest_class,
        values,
        longest_value,
        longest_data,
        security,
        written,
    };
    // SAFETY: the caller's contract.
    unsafe { query(key, Form::Wide, (class, class_size), &places) }
}

/// [`query_w`] in bytes: so are the lengths of texts. Microsoft: "RegQueryInfoKeyA function".
///
/// DIFFERS: Windows tells the data's length in UTF-16, which no text in a code page exceeds; one in UTF-8 may.
///
/// # Safety
/// As [`query_w`].
#[doc(alias = "RegQueryInfoKeyA")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn query_a(
    key: HANDLE,
    class: *mut u8,
    class_size: *mut u32,
    _reserved: *mut u32,
    subkeys: *mut u32,
    longest_subkey: *mut u32,
    longest_class: *mut u32,
    values: *mut u32,
    longest_value: *mut u32,
    longest_data: *mut u32,
    security: *mut u32,
    written: *mut u64,
) -> i32 {
    let places = Places {
        subkeys,
        longest_subkey,
        longest_class,
        values,
        longest_value,
        longest_data,
        security,
        written,
    };
    // SAFETY: the caller's contract.
    unsafe { query(key, Form::Bytes, (class, class_size), &places) }
}

exports! {
    "RegOpenKeyExW" reg_open_key_ex_w(key: HANDLE, subkey: PCWSTR, options: u32, rights: u32, result: *mut HANDLE) -> i32 = FAILED => open_w;
    "RegOpenKeyExA" reg_open_key_ex_a(key: HANDLE, subkey: PCSTR, options: u32, rights: u32, result: *mut HANDLE) -> i32 = FAILED => open_a;
    "RegCreateKeyExW" reg_create_key_ex_w(
        key: HANDLE, subkey: PCWSTR, reserved: u32, class: PCWSTR, options: u32, rights: u32, attributes: *const SECURITY_ATTRIBUTES,
        result: *mut HANDLE, disposition: *mut u32
    ) -> i32 = FAILED => create_w;
    "RegCreateKeyExA" reg_create_key_ex_a(
        key: HANDLE, subkey: PCSTR, reserved: u32, class: PCSTR, options: u32, rights: u32, attributes: *const SECURITY_ATTRIBUTES,
        result: *mut HANDLE, disposition: *mut u32
    ) -> i32 = FAILED => create_a;
    "RegDeleteKeyW" reg_delete_key_w(key: HANDLE, subkey: PCWSTR) -> i32 = FAILED => delete_w;
    "RegDeleteKeyA" reg_delete_key_a(key: HANDLE, subkey: PCSTR) -> i32 = FAILED => delete_a;
    "RegEnumKeyExW" reg_enum_key_ex_w(
        key: HANDLE, place: u32, name: *mut u16, size: *mut u32, reserved: *mut u32, class: *mut u16, class_size: *mut u32, written: *mut u64
    ) -> i32 = FAILED => enumerate_w;
    "RegEnumKeyExA" reg_enum_key_ex_a(
        key: HANDLE, place: u32, name: *mut u8, size: *mut u32, reserved: *mut u32, class: *mut u8, class_size: *mut u32, written: *mut u64
    ) -> i32 = FAILED => enumerate_a;
    "RegQueryInfoKeyW" reg_query_info_key_w(
        key: HANDLE, class: *mut u16, class_size: *mut u32, reserved: *mut u32, subkeys: *mut u32, longest_subkey: *mut u32,
        longest_class: *mut u32, values: *mut u32, longest_value: *mut u32, longest_data: *mut u32, security: *mut u32, written: *mut u64
    ) -> i32 = FAILED => query_w;
    "RegQueryInfoKeyA" reg_query_info_key_a(
        key: HANDLE, class: *mut u8, class_size: *mut u32, reserved: *mut u32, subkeys: *mut u32, longest_subkey: *mut u32,
        longest_class: *mut u32, values: *mut u32, longest_value: *mut u32, longest_data: *mut u32, security: *mut u32, written: *mut u64
    ) -> i32 = FAILED => query_a;
}
