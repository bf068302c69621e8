//! What the catalog needs of Windows itself: the registry, a mutex between processes, the code page.
//!
//! Each system call as a safe function over owned handles. Only Windows builds have it; `catalog`
//! is the one that calls it, and has no unsafe code of its own. Nothing here changes the thread's
//! last error.

pub mod code_page;
pub mod mutex;
pub mod registry;

use windows_sys::Win32::Foundation;
use windows_sys::Win32::Foundation::HANDLE;

/// The text in UTF-16 with its NUL. A NUL within cuts it off, as everywhere in the system.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// A handle of the system's, closed when it is dropped.
#[derive(Debug)]
struct Handle(usize);

impl Handle {
    /// Takes over a handle that nobody else closes; `None` for a null one.
    fn new(raw: HANDLE) -> Option<Self> {
        (!raw.is_null()).then_some(Self(raw as usize))
    }

    const fn raw(&self) -> HANDLE {
        self.0 as HANDLE
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle is open and this value's own. Nothing can fail that anybody could act on.
        quietly(|| unsafe { Foundation::CloseHandle(self.raw()) });
    }
}

/// Makes a call and puts the thread's last error back.
fn quietly<R>(call: impl FnOnce() -> R) -> R {
    // SAFETY: reads a word of the thread.
    let before = unsafe { Foundation::GetLastError() };
    let answer = call();
    // SAFETY: writes that word.
    unsafe { Foundation::SetLastError(before) };
    answer
}
