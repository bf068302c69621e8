//! `Turns`: a mutex that processes share by its name.
//!
//! The system frees it when the thread that owns it ends, so a killed process blocks nobody.

use std::io;
use std::marker::PhantomData;
use std::time::Duration;

use windows_sys::Win32::Foundation::WAIT_ABANDONED;
use windows_sys::Win32::Foundation::WAIT_OBJECT_0;
use windows_sys::Win32::Foundation::WAIT_TIMEOUT;
use windows_sys::Win32::System::Threading;

use super::Handle;
use super::quietly;
use super::wide;

/// The mutex of one name.
#[derive(Debug)]
pub struct Turns(Handle);

impl Turns {
    /// The mutex named after `what`, the same for all processes of the system.
    ///
    /// # Errors
    /// The system's, for a name that is another kind of object.
    pub fn new(what: &str) -> io::Result<Self> {
        // What follows the last backslash is the name, and names tell cases apart.
        let name = wide(&format!(
            "Global\\{}",
            what.replace('\\', "/").to_lowercase()
        ));
        let made = quietly(|| {
            // SAFETY: NULL asks for the default security; the name is terminated and lives for the call.
            let raw = unsafe { Threading::CreateMutexW(std::ptr::null(), 0, name.as_ptr()) };
            Handle::new(raw).ok_or_else(io::Error::last_os_error)
        });
        made.map(Self)
    }

    /// Waits until no other thread owns the mutex, `limit` at most; `None` when that has passed. A
    /// thread that owns it already gets it once more.
    ///
    /// # Errors
    /// The system's.
    pub fn take(&self, limit: Duration) -> io::Result<Option<Owned<'_>>> {
        // The largest number would be for ever.
        let limit = u32::try_from(limit.as_millis())
            .unwrap_or(u32::MAX)
            .min(u32::MAX - 1);
        quietly(|| {
            // SAFETY: the handle is open as long as `self` lives.
            match unsafe { Threading::WaitForSingleObject(self.0.raw(), limit) } {
                // Abandoned: its owner died; what it left unfinished is the catalog's to see.
                WAIT_OBJECT_0 | WAIT_ABANDONED => Ok(Some(Owned {
                    turns: self,
                    _thread: PhantomData,
                })),
                WAIT_TIMEOUT => Ok(None),
                _ => Err(io::Error::last_os_error()),
            }
        })
    }
}

/// The mutex is this thread's while this lives.
#[derive(Debug)]
pub struct Owned<'a> {
    turns: &'a Turns,
    /// Only the thread that took the mutex can give it back.
    _thread: PhantomData<*const ()>,
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        // SAFETY: this thread owns the mutex: it took it, and this value is not `Send`.
        quietly(|| unsafe { Threading::ReleaseMutex(self.turns.0.raw()) });
    }
}
