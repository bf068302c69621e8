//! Values of the registry: `RegQueryValueEx`, `RegSetValueEx`, `RegDeleteValue`, `RegEnumValue`.
//!
//! Data are bytes with a type. In the functions for bytes, those of the three types of text (REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ) are
//! UTF-8; the registry has them in UTF-16.

use super::registry::tree::Value;
use super::registry::{self, FAILED, answer};
use super::registry_key::{store_name, store_number};
use crate::table::exports;
use crate::text;
use ws2spi_abi::*;

const REG_SZ: u32 = 1;
const REG_EXPAND_SZ: u32 = 2;
const REG_MULTI_SZ: u32 = 7;

/// How a function wants names and texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    Wide,
    Bytes,
}

impl Form {
    /// How many units a name has.
    pub(super) fn units(self, name: &str) -> usize {
        match self {
            Self::Wide => name.encode_utf16().count(),
            Self::Bytes => name.len(),
        }
    }

    /// A value's data as a function gives them out.
    pub(super) fn given_out(self, value: &Value) -> Vec<u8> {
        if self == Self::Wide || !is_text(value.kind) {
            return value.data.clone();
        }
        let (units, _) = value.data.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
        String::from_utf16_lossy(&units).into_bytes()
    }

    /// A value's data as the registry has them.
    fn taken_in(self, data: Vec<u8>, kind: u32) -> Vec<u8> {
        if self == Self::Wide || !is_text(kind) {
            return data;
        }
        let text = String::from_utf8_lossy(&data);
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

fn is_text(kind: u32) -> bool {
    [REG_SZ, REG_EXPAND_SZ, REG_MULTI_SZ].contains(&kind)
}

/// Where type and data go.
#[derive(Clone, Copy)]
struct Room {
    kind: *mut u32,
    data: *mut u8,
    size: *mut u32,
}

impl Room {
    /// Stores a value: the type, and the data where they fit; in any case how many bytes they are.
    ///
    /// # Errors
    /// `ERROR_INVALID_PARAMETER` for room without a size, `ERROR_MORE_DATA` when they do not fit.
    ///
    /// # Safety
    /// `kind` is null or writable, `size` null or readable and writable, `data` null or has as much room as that says.
    unsafe fn store(self, value: &Value, form: Form) -> Result<(), Errno> {
        if self.size.is_null() && !self.data.is_null() {
            return Err(Errno::INVALID_PARAMETER);
        }
        // SAFETY: the caller's contract.
        unsafe { store_number(self.kind, value.kind) };
        if self.size.is_null() {
            return Ok(());
        }
        let data = form.given_out(value);
        // SAFETY: as above; not null.
        let space = unsafe { self.size.read_unaligned() } as usize;
        // SAFETY: as above.
        unsafe { self.size.write_unaligned(data.len() as u32) };
        // SAFETY: as above.
        unsafe { text::store(&data, self.data, space) };
        if !self.data.is_null() && data.len() > space {
            return Err(Errno::MORE_DATA);
        }
        Ok(())
    }
}

/// # Safety
/// As [`query_w`].
unsafe fn query(
    key: HANDLE,
    name: Option<String>,
    reserved: *mut u32,
    room: Room,
    form: Form,
) -> i32 {
    let query = || {
        if !reserved.is_null() || (room.size.is_null() && !room.data.is_null()) {
            return Err(Errno::INVALID_PARAMETER);
        }
        let name = name.unwrap_or_default();
        let value = registry::look(key, |key| {
            key.value(&name).cloned().ok_or(Errno::FILE_NOT_FOUND)
        })?;
        // SAFETY: the caller's contract.
        unsafe { room.store(&value, form) }
    };
    answer(query())
}

/// The type and the data of a value; NULL and "" name the default one. Where `size` points stands how much room there is, and how many
/// bytes there are afterwards, also without room. Codes: `ERROR_FILE_NOT_FOUND`, `ERROR_MORE_DATA` (they do not fit; none is stored),
/// `ERROR_INVALID_PARAMETER` (room without a size; something reserved), `ERROR_INVALID_HANDLE`, `ERROR_KEY_DELETED`; `ERROR_BADDB` and
/// `ERROR_REGISTRY_IO_FAILED` for the file. A text need not end with a NUL. Microsoft: "RegQueryValueExW function".
///
/// # Safety
/// `name` is null or NUL-terminated, `kind` is null or writable, `size` null or readable and writable, `data` null or has as much room as
/// that says.
#[doc(alias = "RegQueryValueExW")]
pub unsafe fn query_w(
    key: HANDLE,
    name: PCWSTR,
    reserved: *mut u32,
    kind: *mut u32,
    data: *mut u8,
    size: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let name = unsafe { text::wide(name) };
    // SAFETY: as above.
    unsafe { query(key, name, reserved, Room { kind, data, size }, Form::Wide) }
}

/// [`query_w`] in bytes. Microsoft: "RegQueryValueExA function".
///
/// # Safety
/// As [`query_w`].
#[doc(alias = "RegQueryValueExA")]
pub unsafe fn query_a(
    key: HANDLE,
    name: PCSTR,
    reserved: *mut u32,
    kind: *mut u32,
    data: *mut u8,
    size: *mut u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let name = unsafe { text::narrow(name) };
    // SAFETY: as above.
    unsafe { query(key, name, reserved, Room { kind, data, size }, Form::Bytes) }
}

/// # Safety
/// `data` is null or has `size` bytes.
unsafe fn set(
    key: HANDLE,
    name: Option<String>,
    kind: u32,
    (data, size): (*const u8, u32),
    form: Form,
) -> i32 {
    let set = || {
        if data.is_null() && size > 0 {
            return Err(Errno::NOACCESS);
        }
        let data = if size == 0 {
            Vec::new()
        } else {
            // SAFETY: the caller's contract; not null.
            unsafe { std::slice::from_raw_parts(data, size as usize) }.to_vec()
        };
        let value = Value {
            name: name.unwrap_or_default(),
            kind,
            data: form.taken_in(data, kind),
        };
        registry::change(key, |key| {
            key.set(value);
            Ok(())
        })
    };
    answer(set())
}

/// Sets a value; NULL and "" name the default one. The data are taken as they are, a NUL at the end of a text included. Codes:
/// `ERROR_NOACCESS` (a size without data), `ERROR_INVALID_HANDLE`, `ERROR_KEY_DELETED`; `ERROR_BADDB` and `ERROR_REGISTRY_IO_FAILED` for
/// the file. Any type. Microsoft: "RegSetValueExW function".
///
/// # Safety
/// `name` is null or NUL-terminated, `data` is null or has `size` bytes.
#[doc(alias = "RegSetValueExW")]
pub unsafe fn set_w(
    key: HANDLE,
    name: PCWSTR,
    _reserved: u32,
    kind: u32,
    data: *const u8,
    size: u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let name = unsafe { text::wide(name) };
    // SAFETY: as above.
    unsafe { set(key, name, kind, (data, size), Form::Wide) }
}

/// [`set_w`] in bytes. Microsoft: "RegSetValueExA function".
///
/// # Safety
/// As [`set_w`].
#[doc(alias = "RegSetValueExA")]
pub unsafe fn set_a(
    key: HANDLE,
    name: PCSTR,
    _reserved: u32,
    kind: u32,
    data: *const u8,
    size: u32,
) -> i32 {
    // SAFETY: the caller's contract.
    let name = unsafe { text::narrow(name) };
    // SAFETY: as above.
    unsafe { set(key, name, kind, (data, size), Form::Bytes) }
}

fn delete(key: HANDLE, name: Option<String>) -> i32 {
    let name = name.unwrap_or_default();
    answer(registry::change(key, |key| {
        if key.unset(&name) {
            Ok(())
        } else {
            Err(Errno::FILE_NOT_FOUND)
        }
    }))
}

/// Deletes a value; NULL and "" name the default one. Codes: `ERROR_FILE_NOT_FOUND`, `ERROR_INVALID_HANDLE`, `ERROR_KEY_DELETED`;
/// `ERROR_BADDB` and `ERROR_REGISTRY_IO_FAILED` for the file. Microsoft: "RegDeleteValueW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "RegDeleteValueW")]
pub unsafe fn delete_w(key: HANDLE, name: PCWSTR) -> i32 {
    // SAFETY: the caller's contract.
    delete(key, unsafe { text::wide(name) })
}

/// [`delete_w`] in bytes. Microsoft: "RegDeleteValueA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "RegDeleteValueA")]
pub unsafe fn delete_a(key: HANDLE, name: PCSTR) -> i32 {
    // SAFETY: the caller's contract.
    delete(key, unsafe { text::narrow(name) })
}

/// # Safety
/// As [`enumerate_w`].
unsafe fn enumerate<U: Copy + Default>(
    (key, place): (HANDLE, u32),
    units: impl FnOnce(&str) -> Vec<U>,
    (name, name_size): (*mut U, *mut u32),
    reserved: *mut u32,
    room: Room,
    form: Form,
) -> i32 {
    let enumerate = || {
        if !reserved.is_null() || (room.size.is_null() && !room.data.is_null()) {
            return Err(Errno::INVALID_PARAMETER);
        }
        let value = registry::look(key, |key| {
            let found = key.values().get(place as usize).cloned();
            found.ok_or(Errno::NO_MORE_ITEMS)
        })?;
        // SAFETY: the caller's contract.
        unsafe { store_name(units(&value.name), name, name_size)? };
        // SAFETY: as above.
        unsafe { room.store(&value, form) }
    };
    answer(enumerate())
}

/// A value by its place, in the order in which they were set: its name as [`RegEnumKeyExW`](super::registry_key::enumerate_w) has it, its
/// type and data as [`query_w`]. Codes: `ERROR_NO_MORE_ITEMS`, `ERROR_MORE_DATA` (name or data do not fit), otherwise as [`query_w`]'s.
/// Microsoft: "RegEnumValueW function".
///
/// # Safety
/// `name_size` and `size` are null or readable and writable, `name` and `data` are null or have room for as many units and bytes as those
/// say; `kind` is null or writable.
#[doc(alias = "RegEnumValueW")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn enumerate_w(
    key: HANDLE,
    place: u32,
    name: *mut u16,
    name_size: *mut u32,
    reserved: *mut u32,
    kind: *mut u32,
    data: *mut u8,
    size: *mut u32,
) -> i32 {
    let units = |name: &str| name.encode_utf16().collect();
    let (name, room) = ((name, name_size), Room { kind, data, size });
    // SAFETY: the caller's contract.
    unsafe { enumerate((key, place), units, name, reserved, room, Form::Wide) }
}

/// [`enumerate_w`] in bytes. Microsoft: "RegEnumValueA function".
///
/// # Safety
/// As [`enumerate_w`].
#[doc(alias = "RegEnumValueA")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn enumerate_a(
    key: HANDLE,
    place: u32,
    name: *mut u8,
    name_size: *mut u32,
    reserved: *mut u32,
    kind: *mut u32,
    data: *mut u8,
    size: *mut u32,
) -> i32 {
    let units = |name: &str| name.as_bytes().to_vec();
    let (name, room) = ((name, name_size), Room { kind, data, size });
    // SAFETY: the caller's contract.
    unsafe { enumerate((key, place), units, name, reserved, room, Form::Bytes) }
}

exports! {
    "RegQueryValueExW" reg_query_value_ex_w(
        key: HANDLE, name: PCWSTR, reserved: *mut u32, kind: *mut u32, data: *mut u8, size: *mut u32
    ) -> i32 = FAILED => query_w;
    "RegQueryValueExA" reg_query_value_ex_a(
        key: HANDLE, name: PCSTR, reserved: *mut u32, kind: *mut u32, data: *mut u8, size: *mut u32
    ) -> i32 = FAILED => query_a;
    "RegSetValueExW" reg_set_value_ex_w(
        key: HANDLE, name: PCWSTR, reserved: u32, kind: u32, data: *const u8, size: u32
    ) -> i32 = FAILED => set_w;
    "RegSetValueExA" reg_set_value_ex_a(
        key: HANDLE, name: PCSTR, reserved: u32, kind: u32, data: *const u8, size: u32
    ) -> i32 = FAILED => set_a;
    "RegDeleteValueW" reg_delete_value_w(key: HANDLE, name: PCWSTR) -> i32 = FAILED => delete_w;
    "RegDeleteValueA" reg_delete_value_a(key: HANDLE, name: PCSTR) -> i32 = FAILED => delete_a;
    "RegEnumValueW" reg_enum_value_w(
        key: HANDLE, place: u32, name: *mut u16, name_size: *mut u32, reserved: *mut u32, kind: *mut u32, data: *mut u8, size: *mut u32
    ) -> i32 = FAILED => enumerate_w;
    "RegEnumValueA" reg_enum_value_a(
        key: HANDLE, place: u32, name: *mut u8, name_size: *mut u32, reserved: *mut u32, kind: *mut u32, data: *mut u8, size: *mut u32
    ) -> i32 = FAILED => enumerate_a;
}
