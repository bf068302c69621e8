//! Handles: what is known of the system's handles beside what the system knows.
//!
//! Values, life and objects are the system's. This module adds the client DLL's binding ([`Owner`]), the
//! context of a handle that was *minted* for a provider, and objects of this process behind a handle
//! of the system's ([`Object`]): a minted handle, or the notice of changes of the catalog. What is known
//! of these ends with the handle, whoever closes it: see `interception`.
//!
//! Everyone above uses these functions. DIFFERS: the system gives a value to the next handle once it is
//! free, so a stale value may be somebody else's, as on Windows; and a duplicate of a minted handle is not
//! one (P234).

mod handle;
#[path = "../../handles/object.rs"]
mod object;
mod pinned;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use ws2spi_abi::Errno;

use crate::file::Placeholder;
use crate::interception;
use crate::system;
use pinned::Entry;
use table::Table;

pub use handle::Handle;
pub use object::HandleCount;
pub use object::Kind;
pub use object::Object;
pub use object::Owner;
pub use pinned::Pinned;

static TABLE: Table = Table::new();

/// Opens a handle to a file object of this process.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles; `WSA_INVALID_HANDLE` for an object that is no file: what
/// else has handles is the system's.
pub fn insert(object: Arc<dyn Object>) -> Result<Handle, Errno> {
    open(object, None, None)
}

/// Opens a handle that stands for a provider's context. To the system it is a file object for overlapped
/// I/O that can be waited for and associated with a port, and neither read nor written.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles or there is no memory for them.
#[doc(alias = "WPUCreateSocketHandle")]
pub fn insert_minted(owner: Arc<dyn Owner>, context: usize) -> Result<Handle, Errno> {
    open(Arc::new(Placeholder::new()), Some(owner), Some(context))
}

fn open(
    object: Arc<dyn Object>,
    owner: Option<Arc<dyn Owner>>,
    minted: Option<usize>,
) -> Result<Handle, Errno> {
    interception::begin();
    let file = object.as_file().ok_or(Errno::INVALID_HANDLE)?;
    let opened = file.state().signal().open()?;
    let handle = Handle::from_raw(opened.raw()).ok_or(Errno::NOBUFS)?;
    let entry = Entry {
        object: Some(object),
        owner,
        minted,
        flags: Arc::new(AtomicU32::new(0)),
    };
    TABLE.put(handle, entry)?;
    // From here on the handle is the application's.
    opened.into_raw();
    Ok(handle)
}

/// Looks a handle up. `None`: stale, closed, or never a handle. Any thread.
#[must_use]
pub fn pin(raw: usize) -> Option<Pinned<'static>> {
    known(raw).or_else(|| {
        // Open, but nobody's so far.
        let handle = Handle::from_raw(raw)?;
        system::is_open(raw).then(|| Pinned::unclaimed(handle))
    })
}

/// Looks a handle up of which something is known here.
pub(crate) fn known(raw: usize) -> Option<Pinned<'static>> {
    TABLE
        .find(raw)
        .map(|(handle, entry)| Pinned::new(handle, entry))
}

/// What is known of a handle now.
fn entry_of(handle: Handle) -> Option<Arc<Entry>> {
    TABLE.find(handle.raw()).map(|(_, entry)| entry)
}

/// Calls `f` with a handle looked up, `None` for one that is stale, closed or never was one.
pub fn with<R>(raw: usize, f: impl FnOnce(Option<&Pinned<'static>>) -> R) -> R {
    f(pin(raw).as_ref())
}

/// The context that a handle was minted with; `None` for any other value. The answer is a snapshot.
#[doc(alias = "WPUQuerySocketHandleContext")]
#[must_use]
pub fn minted_context(raw: usize) -> Option<usize> {
    TABLE.find(raw)?.1.minted
}

/// Makes `owner` answer for a handle of the system's; the last caller wins, the value of the handle does
/// not change. Who looked the handle up before keeps what was found.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale; `WSAENOBUFS` when its value is beyond all bounds.
#[doc(alias = "WPUModifyIFSHandle")]
pub fn set_owner(raw: usize, owner: Arc<dyn Owner>) -> Result<(), Errno> {
    let handle = Handle::from_raw(raw).ok_or(Errno::INVALID_HANDLE)?;
    if !system::is_open(raw) {
        return Err(Errno::INVALID_HANDLE);
    }
    let again = |entry: &Entry| {
        Some(Some(Entry {
            owner: Some(Arc::clone(&owner)),
            ..entry.clone()
        }))
    };
    if TABLE.change(raw, again) {
        return Ok(());
    }
    let first = Entry {
        object: None,
        owner: Some(owner),
        minted: None,
        flags: Arc::new(AtomicU32::new(0)),
    };
    TABLE.put(handle, first)
}

/// Takes the owner away if it still is `same_as`; returns whether it did.
pub fn clear_owner_if(raw: usize, same_as: &Arc<dyn Owner>) -> bool {
    TABLE.change(raw, |entry| {
        let is_it = entry
            .owner
            .as_ref()
            .is_some_and(|owner| Arc::ptr_eq(owner, same_as));
        let rest = entry.object.is_some().then(|| Entry {
            owner: None,
            ..entry.clone()
        });
        is_it.then_some(rest)
    })
}

/// Closes a handle of any kind. What was known of it is forgotten; its object is told.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale.
#[doc(alias = "CloseHandle")]
pub fn close(raw: usize) -> Result<(), Errno> {
    forget(raw);
    if system::close(raw) {
        Ok(())
    } else {
        Err(Errno::INVALID_HANDLE)
    }
}

/// Has `told` be called with every handle of this process that is being closed, just before it is, on the
/// thread that closes it. There is one such function; a later one takes its place. It is told of all handles
/// of the system, those that nobody here knows included, so it has to be quick, and it holds no lock.
pub fn on_closing(told: fn(usize)) {
    interception::tell_of_closing(told);
}

/// Forgets a handle that is being closed.
pub(crate) fn forget(raw: usize) {
    TABLE.forget(raw);
}

/// Visits every handle of which something is known. `f` may open and close handles.
pub fn for_each(mut f: impl FnMut(&Pinned<'_>)) {
    TABLE.for_each(|handle, entry| f(&Pinned::new(handle, entry)));
}
