//! `Key`: a key of the registry, its values and subkeys; `Watcher`: whether anything below one
//! changed.
//!
//! A value or key that is not there is `None`, a value of another type than asked for an error.

use std::io;
use std::io::ErrorKind;
use std::ptr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use windows_sys::Win32::Foundation::ERROR_FILE_NOT_FOUND;
use windows_sys::Win32::Foundation::ERROR_MORE_DATA;
use windows_sys::Win32::Foundation::ERROR_NO_MORE_ITEMS;
use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::Foundation::WAIT_OBJECT_0;
use windows_sys::Win32::System::Registry;
use windows_sys::Win32::System::Registry::HKEY;
use windows_sys::Win32::System::Registry::HKEY_LOCAL_MACHINE;
use windows_sys::Win32::System::Registry::KEY_NOTIFY;
use windows_sys::Win32::System::Registry::KEY_READ;
use windows_sys::Win32::System::Registry::KEY_WRITE;
use windows_sys::Win32::System::Registry::REG_BINARY;
use windows_sys::Win32::System::Registry::REG_DWORD;
use windows_sys::Win32::System::Registry::REG_EXPAND_SZ;
use windows_sys::Win32::System::Registry::REG_NOTIFY_CHANGE_LAST_SET;
use windows_sys::Win32::System::Registry::REG_NOTIFY_CHANGE_NAME;
use windows_sys::Win32::System::Registry::REG_SZ;
use windows_sys::Win32::System::Threading;

use super::Handle;
use super::quietly;
use super::wide;

/// An open key.
#[derive(Debug)]
pub struct Key(usize);

impl Key {
    /// The key at `path` below HKEY_LOCAL_MACHINE, to read it.
    ///
    /// # Errors
    /// The system's.
    pub fn open(path: &str) -> io::Result<Option<Self>> {
        open(HKEY_LOCAL_MACHINE, path, KEY_READ)
    }

    /// The key at `path` below HKEY_LOCAL_MACHINE, to write it; made where it does not exist.
    ///
    /// # Errors
    /// The system's.
    pub fn create(path: &str) -> io::Result<Self> {
        create(HKEY_LOCAL_MACHINE, path)
    }

    /// The key at `path` below this one, to read it.
    ///
    /// # Errors
    /// The system's.
    pub fn subkey(&self, path: &str) -> io::Result<Option<Self>> {
        open(self.raw(), path, KEY_READ)
    }

    /// The key at `path` below this one, to write it; made where it does not exist.
    ///
    /// # Errors
    /// The system's.
    pub fn create_subkey(&self, path: &str) -> io::Result<Self> {
        create(self.raw(), path)
    }

    /// Removes the key at `path` below this one with all that is in it. One that is not there is
    /// removed.
    ///
    /// # Errors
    /// The system's.
    pub fn delete_subkey(&self, path: &str) -> io::Result<()> {
        let path = wide(path);
        // SAFETY: the key is open as long as `self` lives; the path is terminated.
        gone(unsafe { Registry::RegDeleteTreeW(self.raw(), path.as_ptr()) })
    }

    /// The names of the keys directly below this one.
    ///
    /// # Errors
    /// The system's.
    pub fn subkeys(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        // A key's name has 255 units at most.
        let mut name = [0_u16; 256];
        for index in 0.. {
            let mut length = name.len() as u32;
            // SAFETY: the key is open as long as `self` lives; the name has as much room as is said,
            // and nothing else is asked for.
            let status = unsafe {
                Registry::RegEnumKeyExW(
                    self.raw(),
                    index,
                    name.as_mut_ptr(),
                    &mut length,
                    ptr::null(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                )
            };
            if status == ERROR_NO_MORE_ITEMS {
                break;
            }
            check(status)?;
            names.push(String::from_utf16_lossy(&name[..length as usize]));
        }
        Ok(names)
    }

    /// A REG_DWORD.
    ///
    /// # Errors
    /// The system's; `InvalidData` for a value of another type.
    pub fn number(&self, name: &str) -> io::Result<Option<u32>> {
        let bytes = self.value(name, &[REG_DWORD])?;
        Ok(bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_le_bytes))
    }

    /// A REG_SZ, or a REG_EXPAND_SZ as it stands there.
    ///
    /// # Errors
    /// As [`Key::number`].
    pub fn text(&self, name: &str) -> io::Result<Option<String>> {
        let bytes = self.value(name, &[REG_SZ, REG_EXPAND_SZ])?;
        Ok(bytes.map(|bytes| {
            let units = bytes
                .chunks_exact(2)
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
            let text: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
            String::from_utf16_lossy(&text)
        }))
    }

    /// A REG_BINARY.
    ///
    /// # Errors
    /// As [`Key::number`].
    pub fn bytes(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.value(name, &[REG_BINARY])
    }

    /// Writes a REG_DWORD.
    ///
    /// # Errors
    /// The system's.
    pub fn set_number(&self, name: &str, number: u32) -> io::Result<()> {
        self.set(name, REG_DWORD, &number.to_le_bytes())
    }

    /// Writes a REG_SZ.
    ///
    /// # Errors
    /// The system's.
    pub fn set_text(&self, name: &str, text: &str) -> io::Result<()> {
        let bytes: Vec<u8> = wide(text).into_iter().flat_map(u16::to_le_bytes).collect();
        self.set(name, REG_SZ, &bytes)
    }

    /// Writes a REG_BINARY. Who reads it meanwhile sees the old bytes or the new.
    ///
    /// # Errors
    /// The system's.
    pub fn set_bytes(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.set(name, REG_BINARY, bytes)
    }

    /// Removes a value. One that is not there is removed.
    ///
    /// # Errors
    /// The system's.
    pub fn delete_value(&self, name: &str) -> io::Result<()> {
        let name = wide(name);
        // SAFETY: the key is open as long as `self` lives; the name is terminated.
        gone(unsafe { Registry::RegDeleteValueW(self.raw(), name.as_ptr()) })
    }

    fn value(&self, name: &str, types: &[u32]) -> io::Result<Option<Vec<u8>>> {
        let terminated = wide(name);
        let mut bytes = vec![0; 1024];
        loop {
            let mut found = 0;
            let mut length = bytes.len() as u32;
            // SAFETY: the key is open as long as `self` lives; the name is terminated; there is as much
            // room as is said.
            let status = unsafe {
                Registry::RegQueryValueExW(
                    self.raw(),
                    terminated.as_ptr(),
                    ptr::null(),
                    &mut found,
                    bytes.as_mut_ptr(),
                    &mut length,
                )
            };
            match status {
                ERROR_FILE_NOT_FOUND => return Ok(None),
                // It may grow meanwhile.
                ERROR_MORE_DATA => bytes.resize(length.max(bytes.len() as u32 + 1) as usize, 0),
                status => {
                    check(status)?;
                    if !types.contains(&found) {
                        let what = format!("the value {name:?} is of type {found}");
                        return Err(io::Error::new(ErrorKind::InvalidData, what));
                    }
                    bytes.truncate(length as usize);
                    return Ok(Some(bytes));
                }
            }
        }
    }

    fn set(&self, name: &str, of: u32, bytes: &[u8]) -> io::Result<()> {
        let name = wide(name);
        let (from, length) = (bytes.as_ptr(), bytes.len() as u32);
        // SAFETY: the key is open as long as `self` lives; the name is terminated; the bytes are as
        // many as is said.
        check(unsafe { Registry::RegSetValueExW(self.raw(), name.as_ptr(), 0, of, from, length) })
    }

    const fn raw(&self) -> HKEY {
        self.0 as HKEY
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the key is open and this value's own. Nothing can fail that anybody could act on.
        unsafe { Registry::RegCloseKey(self.raw()) };
    }
}

/// Says whether a key, or anything below it, was changed.
#[derive(Debug)]
pub struct Watcher {
    key: Key,
    event: Handle,
    /// The system refused to go on.
    broken: AtomicBool,
}

impl Watcher {
    /// Watches the key at `path` below HKEY_LOCAL_MACHINE from now on.
    ///
    /// # Errors
    /// The system's; `NotFound` without such a key.
    pub fn new(path: &str) -> io::Result<Self> {
        let key = open(HKEY_LOCAL_MACHINE, path, KEY_NOTIFY)?;
        let event = quietly(|| {
            // SAFETY: NULL asks for the default security and no name.
            let raw = unsafe { Threading::CreateEventW(ptr::null(), 0, 0, ptr::null()) };
            Handle::new(raw).ok_or_else(io::Error::last_os_error)
        })?;
        let watcher = Self {
            key: key.ok_or(ErrorKind::NotFound)?,
            event,
            broken: AtomicBool::new(false),
        };
        watcher.arm()?;
        Ok(watcher)
    }

    /// Whether there was a change since this was last asked. When the system cannot tell there was.
    #[must_use]
    pub fn changed(&self) -> bool {
        // SAFETY: the event is open as long as `self` lives.
        let signalled = quietly(|| unsafe { Threading::WaitForSingleObject(self.event.raw(), 0) });
        // Armed before anybody looks, so that no change falls between.
        let changed = signalled == WAIT_OBJECT_0;
        if changed {
            self.broken.store(self.arm().is_err(), Ordering::Relaxed);
        }
        changed || self.broken.load(Ordering::Relaxed)
    }

    /// Has the event set by the next change.
    fn arm(&self) -> io::Result<()> {
        let filter = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;
        // SAFETY: key and event are open as long as `self` lives; the key, which is closed first, ends
        // the watch.
        check(unsafe {
            Registry::RegNotifyChangeKeyValue(self.key.raw(), 1, filter, self.event.raw(), 1)
        })
    }
}

fn open(parent: HKEY, path: &str, access: u32) -> io::Result<Option<Key>> {
    let path = wide(path);
    let mut key = ptr::null_mut();
    // SAFETY: the parent is open; the path is terminated; there is room for the handle.
    match unsafe { Registry::RegOpenKeyExW(parent, path.as_ptr(), 0, access, &mut key) } {
        ERROR_FILE_NOT_FOUND => Ok(None),
        status => check(status).map(|()| Some(Key(key as usize))),
    }
}

fn create(parent: HKEY, path: &str) -> io::Result<Key> {
    let path = wide(path);
    let mut key = ptr::null_mut();
    // SAFETY: the parent is open; the path is terminated; there is room for the handle, and the
    // defaults are asked for otherwise.
    let status = unsafe {
        Registry::RegCreateKeyExW(
            parent,
            path.as_ptr(),
            0,
            ptr::null(),
            0,
            KEY_READ | KEY_WRITE,
            ptr::null(),
            &mut key,
            ptr::null_mut(),
        )
    };
    check(status).map(|()| Key(key as usize))
}

fn check(status: u32) -> io::Result<()> {
    match status {
        ERROR_SUCCESS => Ok(()),
        status => Err(io::Error::from_raw_os_error(status as i32)),
    }
}

/// As [`check`]; what was not there is gone.
fn gone(status: u32) -> io::Result<()> {
    match status {
        ERROR_FILE_NOT_FOUND => Ok(()),
        status => check(status),
    }
}
