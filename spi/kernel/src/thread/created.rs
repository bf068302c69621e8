//! Threads that are begun here, and what a thread leaves behind when it ends.

use std::sync::Arc;
use std::sync::mpsc;

use ws2spi_abi::Errno;

use super::Thread;
use super::current;
use crate::handles;
use crate::handles::Handle;

/// A new thread's half of [`create`].
pub struct Starting {
    tell: mpsc::SyncSender<Arc<Thread>>,
    allowed: mpsc::Receiver<()>,
}

impl Starting {
    /// Called first on the new thread: waits until there is a handle to it. `false`: there is none,
    /// and nothing is to run.
    #[must_use]
    pub fn arrive(self) -> bool {
        // Both ends stay until the handle is there, or was refused.
        let _ = self.tell.send(current());
        self.allowed.recv().is_ok()
    }
}

/// Begins a thread and opens a handle to it, which is signalled when the thread has exited. The
/// thread does not wait for anybody, and nobody has to close the handle for it to end. `begin` makes
/// the system's thread, on which [`Starting::arrive`] is the first call; its exit code is what it
/// [leaves](Thread::leave).
///
/// # Errors
/// Those of `begin`; `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
#[doc(alias = "CreateThread")]
pub fn create(begin: impl FnOnce(Starting) -> Result<(), Errno>) -> Result<(Handle, u32), Errno> {
    let (tell, told) = mpsc::sync_channel::<Arc<Thread>>(1);
    let (allow, allowed) = mpsc::sync_channel::<()>(1);
    begin(Starting { tell, allowed })?;
    let thread = told.recv().map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let id = thread.id();
    let handle = handles::insert(thread).map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let _ = allow.send(());
    Ok((handle, id))
}
