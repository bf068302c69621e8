//! Threads that are begun here, and what a thread leaves behind when it ends.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread::Builder;

use ws2spi_abi::Errno;

use super::Thread;
use super::current;
use crate::handles;
use crate::handles::Handle;

/// Begins a thread and opens a handle to it, which is signalled when the thread has exited. The
/// thread does not wait for anybody, and nobody has to close the handle for it to end. What
/// `start` returns is its exit code. `stack` is the size of its stack in bytes, 0 for the system's
/// own choice.
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` when the system makes no more threads, or there are no more handles.
#[doc(alias = "CreateThread")]
pub fn create(
    start: impl FnOnce() -> u32 + Send + 'static,
    stack: usize,
) -> Result<(Handle, u32), Errno> {
    let (tell, told) = mpsc::sync_channel::<Arc<Thread>>(1);
    let (allow, allowed) = mpsc::sync_channel::<()>(1);
    let builder = match stack {
        0 => Builder::new(),
        size => Builder::new().stack_size(size),
    };
    builder
        .spawn(move || {
            let thread = current();
            // Both ends stay until the handle is there, or was refused: then nothing is to run.
            let _ = tell.send(thread.clone());
            if allowed.recv().is_ok() {
                thread.leave(start());
            }
        })
        .map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let thread = told.recv().map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let id = thread.id();
    let handle = handles::insert(thread).map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let _ = allow.send(());
    Ok((handle, id))
}
