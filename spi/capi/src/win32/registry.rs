//! Keys of the registry: `RegOpenKeyEx`, `RegCreateKeyEx`, `RegCloseKey`, `RegDeleteKey`, `RegEnumKeyEx`, `RegQueryInfoKey`.
//! [`super::registry_value`] has their values.
//!
//! The registry is the process's own and empty at first, or in the file that `WS2SPI_REGISTRY` names: a `.reg` file in UTF-8. A key that
//! was opened is a path; each function looks it up. The functions answer with an error code and leave the last error alone.
//!
//! DIFFERS: rights, security, classes and links are not kept, keys are never volatile, and a key that was deleted and made again is the
//! same for those who had it open.

pub(super) mod store;
mod text;
pub(super) mod tree;

use crate::table::exports;
use std::sync::Arc;
use tree::Key;
use ws2spi_abi::*;
use ws2spi_kernel::handles::{self, Kind, Object};

/// `ERROR_SUCCESS`.
pub(super) const SUCCESS: i32 = 0;
/// What a call answers that panicked: `ERROR_GEN_FAILURE`.
pub(super) const FAILED: i32 = 31;
/// `ERROR_KEY_DELETED`.
const KEY_DELETED: Errno = super::error(1018);
/// `ERROR_BAD_PATHNAME`.
const BAD_PATHNAME: Errno = super::error(161);
const REG_CREATED_NEW_KEY: u32 = 1;
const REG_OPENED_EXISTING_KEY: u32 = 2;
/// The most characters in a key's name.
const LONGEST: usize = 255;
/// The most keys in a path: "Registry Element Size Limits".
const DEEPEST: usize = 512;

/// An open key.
#[derive(Debug)]
struct OpenKey {
    path: Vec<String>,
}

impl Object for OpenKey {
    fn kind(&self) -> Kind {
        Kind::Other
    }
}

/// The path of a predefined key.
fn predefined(key: HANDLE) -> Option<Vec<String>> {
    // The low half says it; the high one is its sign, or nothing.
    let path: &[&str] = match key as u32 {
        _ if ![0, usize::MAX >> 32].contains(&(key >> 32)) => return None,
        0x8000_0000 => &["HKEY_LOCAL_MACHINE", "Software", "Classes"],
        0x8000_0001 => &["HKEY_CURRENT_USER"],
        0x8000_0002 => &["HKEY_LOCAL_MACHINE"],
        0x8000_0003 => &["HKEY_USERS"],
        _ => return None,
    };
    Some(path.iter().map(|name| (*name).to_owned()).collect())
}

/// The path of a key that is open.
///
/// # Errors
/// `ERROR_INVALID_HANDLE`.
pub(super) fn path_of(key: HANDLE) -> Result<Vec<String>, Errno> {
    if let Some(path) = predefined(key) {
        return Ok(path);
    }
    let pinned = handles::pin(key).ok_or(Errno::INVALID_HANDLE)?;
    let open = pinned.object_as::<OpenKey>();
    open.map(|open| open.path.clone())
        .ok_or(Errno::INVALID_HANDLE)
}

/// The path of a subkey.
///
/// # Errors
/// `ERROR_INVALID_HANDLE`; `ERROR_BAD_PATHNAME` for one that begins with a backslash, `ERROR_INVALID_PARAMETER` for a name of more than
/// 255 characters or with one that cannot be printed ("Structure of the Registry"), and for more than 512 keys.
fn path_below(key: HANDLE, subkey: Option<String>) -> Result<Vec<String>, Errno> {
    let mut path = path_of(key)?;
    let subkey = subkey.unwrap_or_default();
    if subkey.starts_with('\\') {
        return Err(BAD_PATHNAME);
    }
    for name in subkey.split('\\').filter(|name| !name.is_empty()) {
        if !is_name(name) || path.len() == DEEPEST {
            return Err(Errno::INVALID_PARAMETER);
        }
        path.push(name.to_owned());
    }
    Ok(path)
}

/// Whether a key can be called so.
fn is_name(name: &str) -> bool {
    let printable = !name.is_empty() && !name.contains(char::is_control);
    printable && name.encode_utf16().count() <= LONGEST
}

/// The key at a path. The predefined ones are always there.
///
/// # Errors
/// `missing` for one that is not.
fn found<'k>(root: &'k Key, path: &[String], missing: Errno) -> Result<Option<&'k Key>, Errno> {
    match root.at(path) {
        Some(key) => Ok(Some(key)),
        None if is_predefined(path) => Ok(None),
        None => Err(missing),
    }
}

fn is_predefined(path: &[String]) -> bool {
    let same = |known: Vec<String>| {
        known.len() == path.len()
            && known
                .iter()
                .zip(path)
                .all(|(a, b)| tree::fold(a) == tree::fold(b))
    };
    (0x8000_0000_usize..=0x8000_0003).any(|key| predefined(key).is_some_and(same))
}

/// Looks at an open key, an empty one in the place of a predefined one that has nothing.
///
/// # Errors
/// `ERROR_INVALID_HANDLE`, `ERROR_KEY_DELETED`, those of `look`, and the file's.
pub(super) fn look<R>(
    key: HANDLE,
    look: impl FnOnce(&Key) -> Result<R, Errno>,
) -> Result<R, Errno> {
    let path = path_of(key)?;
    store::look(|root| match found(root, &path, KEY_DELETED)? {
        Some(key) => look(key),
        None => look(&Key::default()),
    })
}

/// Changes an open key. Errors as [`look`]'s.
pub(super) fn change<R>(
    key: HANDLE,
    change: impl FnOnce(&mut Key) -> Result<R, Errno>,
) -> Result<R, Errno> {
    let path = path_of(key)?;
    store::change(|root, now| {
        found(root, &path, KEY_DELETED)?;
        let key = root.make(&path, now);
        let result = change(key)?;
        key.written = now;
        Ok(result)
    })
}

/// What a function of the registry answers.
pub(super) fn answer(result: Result<(), Errno>) -> i32 {
    result.map_or_else(Errno::code, |()| SUCCESS)
}

fn open_handle(path: Vec<String>) -> Result<HANDLE, Errno> {
    let made = handles::insert(Arc::new(OpenKey { path }));
    made.map(|handle| handle.raw())
        .map_err(|_| Errno::NOT_ENOUGH_MEMORY)
}

/// # Safety
/// `result` is null or writable.
pub(super) unsafe fn open(key: HANDLE, subkey: Option<String>, result: *mut HANDLE) -> i32 {
    let open = || {
        if result.is_null() {
            return Err(Errno::INVALID_PARAMETER);
        }
        let path = path_below(key, subkey)?;
        store::look(|root| found(root, &path, Errno::FILE_NOT_FOUND).map(|_| ()))?;
        let handle = open_handle(path)?;
        // SAFETY: the caller's contract; not null.
        unsafe { result.write_unaligned(handle) };
        Ok(())
    };
    answer(open())
}

/// # Safety
/// `result` and `disposition` are null or writable.
pub(super) unsafe fn create(
    key: HANDLE,
    subkey: Option<String>,
    result: *mut HANDLE,
    disposition: *mut u32,
) -> i32 {
    let create = || {
        if result.is_null() || subkey.is_none() {
            return Err(Errno::INVALID_PARAMETER);
        }
        let path = path_below(key, subkey)?;
        let existed = store::look(|root| Ok(found(root, &path, KEY_DELETED).is_ok()))?;
        let existed = existed
            || store::change(|root, now| {
                let existed = root.at(&path).is_some();
                root.make(&path, now);
                Ok(existed)
            })?;
        let handle = open_handle(path)?;
        // SAFETY: the caller's contract; not null.
        unsafe { result.write_unaligned(handle) };
        if !disposition.is_null() {
            let what = if existed {
                REG_OPENED_EXISTING_KEY
            } else {
                REG_CREATED_NEW_KEY
            };
            // SAFETY: as above.
            unsafe { disposition.write_unaligned(what) };
        }
        Ok(())
    };
    answer(create())
}

pub(super) fn delete(key: HANDLE, subkey: Option<String>) -> i32 {
    let delete = || {
        let subkey = subkey.ok_or(Errno::INVALID_PARAMETER)?;
        let path = path_below(key, Some(subkey))?;
        let (name, above) = path.split_last().ok_or(Errno::ACCESS_DENIED)?;
        if is_predefined(&path) {
            return Err(Errno::ACCESS_DENIED);
        }
        store::change(|root, now| {
            let found = root.at(&path).ok_or(Errno::FILE_NOT_FOUND)?;
            if found.subkeys().len() > 0 {
                return Err(Errno::ACCESS_DENIED);
            }
            if let Some(above) = root.at_mut(above) {
                above.remove(name);
                above.written = now;
            }
            Ok(())
        })
    };
    answer(delete())
}

/// The name of a subkey by its place, and when it was written.
pub(super) fn nth_subkey(key: HANDLE, place: u32) -> Result<(String, u64), Errno> {
    look(key, |key| {
        let found = key.subkeys().nth(place as usize);
        let (name, subkey) = found.ok_or(Errno::NO_MORE_ITEMS)?;
        Ok((name.to_owned(), subkey.written))
    })
}

/// Closes a key; the predefined ones stay open. `ERROR_INVALID_HANDLE`. Does not block; any thread. Microsoft: "RegCloseKey function".
#[doc(alias = "RegCloseKey")]
pub fn close(key: HANDLE) -> i32 {
    if predefined(key).is_some() {
        return SUCCESS;
    }
    answer(path_of(key).and_then(|_| handles::close(key)))
}

/// Waits until a key's changes are on the disk, which they are when the function that makes them returns. `ERROR_INVALID_HANDLE`,
/// `ERROR_KEY_DELETED`. Microsoft: "RegFlushKey function".
#[doc(alias = "RegFlushKey")]
pub fn flush(key: HANDLE) -> i32 {
    answer(look(key, |_| Ok(())))
}

exports! {
    "RegCloseKey" reg_close_key(key: HANDLE) -> i32 = FAILED => close;
    "RegFlushKey" reg_flush_key(key: HANDLE) -> i32 = FAILED => flush;
}
