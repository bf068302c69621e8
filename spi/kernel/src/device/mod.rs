//! Devices: what `CreateFile` opens by a name such as `\\.\Name`, and `DeviceIoControl` talks to.
//!
//! A driver of ours is a [`Device`] that is registered under a name; tests fill this hook with one,
//! since base providers over a driver need it. Each opening of a device is an [`Opened`], whose
//! requests ([`IoRequest`]) the driver answers at once or later. Handles are file objects like any
//! other: they are waited for, associated with ports, duplicated and cancelled on.

mod file;
mod request;

use std::collections::HashMap;
use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;

use crate::file::Overlapping;
use crate::handles;
use crate::handles::Handle;
use crate::sync::ProcessMutex;

pub use file::DeviceFile;
pub use file::Telling;
pub use request::IoRequest;
pub use request::Operation;

/// A device, under its name.
pub trait Device: Send + Sync {
    /// Somebody opens it. Called with no lock held.
    ///
    /// # Errors
    /// The status that the opening ends with.
    #[doc(alias = "IRP_MJ_CREATE")]
    fn open(&self, opening: &Opening<'_>) -> Result<Arc<dyn Opened>, NtStatus>;
}

/// How a device is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// What follows the name of the device, from the backslash on; empty for the device itself.
    pub path: &'a str,
    /// The rights asked for.
    pub access: u32,
    /// Who else may have it open.
    pub sharing: u32,
    /// What is to become of what exists or does not: `FILE_OPEN` and the others of `NtCreateFile`.
    pub disposition: u32,
    /// `NtCreateFile`'s options.
    pub options: u32,
    /// What only the driver understands.
    #[doc(alias = "EaBuffer")]
    pub extended: &'a [u8],
}

/// A device that was opened; dropped when nobody refers to the file any more.
///
/// Methods are called with no lock held, on any thread, several at once.
pub trait Opened: Send + Sync {
    /// A request. It may be kept, by a clone, and [completed](IoRequest::complete) later.
    fn serve(&self, request: &Arc<IoRequest>) -> Answer;

    /// A request that is not complete is to be cancelled: whoever has it completes it, with
    /// `STATUS_CANCELLED` if nothing was done.
    fn cancel(&self, request: &Arc<IoRequest>) {
        let _ = request;
    }

    /// The last handle was closed; requests that are not complete should now be.
    #[doc(alias = "IRP_MJ_CLEANUP")]
    fn cleanup(&self) {}
}

/// What a driver answers to a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is done, with a final status and the number of bytes.
    Done(NtStatus, usize),
    /// It is kept, and completed later, or was already.
    #[doc(alias = "STATUS_PENDING")]
    Pending,
}

type Devices = HashMap<String, Arc<dyn Device>>;

static DEVICES: ProcessMutex<Option<Devices>> = ProcessMutex::new(None);

/// Registers a device under a name, with or without one of the prefixes of device names. Case does
/// not matter.
///
/// # Errors
/// `ERROR_INVALID_NAME` without a name or for one with a path; `ERROR_ALREADY_EXISTS`.
pub fn register(name: &str, device: Arc<dyn Device>) -> Result<(), Errno> {
    let key = key(name)?;
    let mut devices = DEVICES.lock();
    let devices = devices.get_or_insert_default();
    if devices.contains_key(&key) {
        return Err(Errno::ALREADY_EXISTS);
    }
    devices.insert(key, device);
    Ok(())
}

/// Takes a device away; what is open stays open.
///
/// # Errors
/// `ERROR_INVALID_NAME`, `ERROR_FILE_NOT_FOUND`.
pub fn unregister(name: &str) -> Result<(), Errno> {
    let key = key(name)?;
    let removed = DEVICES.lock().as_mut().and_then(|all| all.remove(&key));
    // Dropped with no lock held.
    removed.map(drop).ok_or(Errno::FILE_NOT_FOUND)
}

/// Whether a path is that of a device, registered or not.
#[must_use]
pub fn is_device_path(path: &str) -> bool {
    split(path).is_some()
}

/// Opens a device by its path, which takes the place of the opening's. The driver decides, and may block.
///
/// # Errors
/// `STATUS_OBJECT_NAME_NOT_FOUND` for a device that is not registered, `STATUS_INSUFFICIENT_RESOURCES`
/// without a handle, and the driver's own.
pub fn open(
    path: &str,
    opening: Opening<'_>,
    overlapping: Overlapping,
) -> Result<Handle, NtStatus> {
    let (name, rest) = split(path).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    let device = DEVICES.lock().as_ref().and_then(|all| {
        let device = all.get(&name.to_lowercase());
        device.cloned()
    });
    let opened = device
        .ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?
        .open(&Opening {
            path: rest,
            ..opening
        })?;
    let file = Arc::new(DeviceFile::new(opened, overlapping));
    handles::insert(file).map_err(|_| NtStatus::INSUFFICIENT_RESOURCES)
}

/// The name of a device and what follows it.
fn split(path: &str) -> Option<(&str, &str)> {
    let rest = PREFIXES.iter().find_map(|prefix| {
        let (start, rest) = path.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    })?;
    let end = rest.find('\\').unwrap_or(rest.len());
    Some(rest.split_at(end))
}

fn key(name: &str) -> Result<String, Errno> {
    let (name, rest) = split(name).unwrap_or((name, ""));
    if name.is_empty() || !rest.is_empty() || name.contains(['\\', '/']) {
        return Err(Errno::INVALID_NAME);
    }
    Ok(name.to_lowercase())
}

/// DIFFERS: the names of devices and the links to them that programs see are one name space.
const PREFIXES: [&str; 5] = [
    "\\\\.\\",
    "\\\\?\\",
    "\\??\\",
    "\\DosDevices\\",
    "\\Device\\",
];
