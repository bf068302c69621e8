//! Handles: the one namespace of everything that applications name by a number.
//!
//! A handle stands for an object ([`Object`]), or was *minted* for a provider that keeps its own
//! context and gets an object only when somebody waits for it or associates it with a port. Beside
//! that, it carries the client DLL's binding ([`Owner`]) and flags.
//!
//! Everyone above uses these functions; they work on the table of the process. Looking up is
//! lock-free. A stale, foreign or malformed value is an error and never another object: see
//! [`Handle`].

mod handle;
mod nested;
mod object;
mod pinned;
mod slot;
mod table;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;

use std::sync::Arc;

use ws2spi_abi::Errno;

pub use handle::Handle;
pub use nested::with;
pub use object::HandleCount;
pub use object::Kind;
pub use object::Object;
pub use object::Owner;
pub use pinned::Pinned;
pub use table::HELD_BACK;
pub use table::Table;

/// The table of the process.
#[inline]
pub(crate) fn table() -> &'static Table {
    static TABLE: Table = Table::new();
    &TABLE
}

/// Opens a handle to an object.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles or there is no memory for them.
pub fn insert(object: Arc<dyn Object>) -> Result<Handle, Errno> {
    table().insert(object)
}

/// Opens a handle that stands for a provider's context. It is live at once; it costs one slot of 64
/// bytes.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles or there is no memory for them.
#[doc(alias = "WPUCreateSocketHandle")]
pub fn insert_minted(owner: Arc<dyn Owner>, context: usize) -> Result<Handle, Errno> {
    table().insert_minted(owner, context)
}

/// Looks a handle up. `None`: stale, closed, or never a handle. Lock-free, any thread; not in a
/// signal handler.
#[inline]
#[must_use]
pub fn pin(raw: usize) -> Option<Pinned<'static>> {
    table().pin(raw)
}

/// Looks a handle up in a signal handler: `f` sees the object, and nothing is freed, whatever
/// happens to the handle meanwhile. `None`: stale, closed, never a handle, or without an object.
pub fn pin_in_signal<R>(raw: usize, f: impl FnOnce(&dyn Object) -> R) -> Option<R> {
    table().pin_in_signal(raw, f)
}

/// The context that a handle was minted with; `None` for any other value. The answer is a snapshot.
/// Lock-free, and the cheapest look-up there is: no shared line is written.
#[doc(alias = "WPUQuerySocketHandleContext")]
#[inline]
#[must_use]
pub fn minted_context(raw: usize) -> Option<usize> {
    table().minted_context(raw)
}

/// Makes `owner` answer for a handle; the last caller wins, the value of the handle does not
/// change. The owner that was replaced stays alive until the handle is closed and unpinned.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale.
#[doc(alias = "WPUModifyIFSHandle")]
pub fn set_owner(raw: usize, owner: Arc<dyn Owner>) -> Result<(), Errno> {
    table().set_owner(raw, owner)
}

/// Takes the owner away if it still is `same_as`; returns whether it did.
pub fn clear_owner_if(raw: usize, same_as: &Arc<dyn Owner>) -> bool {
    table().clear_owner_if(raw, same_as)
}

/// Closes a handle. The value is stale when the function returns; [`Object::closing`] was called,
/// and [`Object::last_closed`] if no other handle to the object is open. Waits and operations that
/// began before keep the object.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale, or a window.
#[doc(alias = "CloseHandle")]
pub fn close(raw: usize) -> Result<(), Errno> {
    table().close(raw)
}

/// Closes a handle of any kind, a window among them.
pub(crate) fn remove(raw: usize) -> Result<(), Errno> {
    table().remove(raw)
}

/// Opens a second handle to the same object. Owner, context and flags are not taken over: for the
/// client DLL the new handle is no socket (P234).
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or a window, `WSAENOBUFS` when there are no more
/// handles.
#[doc(alias = "DuplicateHandle")]
pub fn duplicate(raw: usize) -> Result<Handle, Errno> {
    table().duplicate(raw)
}

/// Visits every handle that is open when the visit reaches it. `f` may open and close handles.
pub fn for_each(f: impl FnMut(&Pinned<'_>)) {
    table().for_each(f);
}

/// How many handles of the process are open.
#[must_use]
pub fn open_handles() -> usize {
    table().open_handles()
}

/// Allows at most this many open handles in the process; `None` is as many as there are values, a
/// million less those held back. For tests of exhaustion.
pub fn set_limit(limit: Option<usize>) {
    table().set_limit(limit);
}
