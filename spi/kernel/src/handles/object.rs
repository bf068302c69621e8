//! What a handle may stand for ([`Object`]) and who answers for it ([`Owner`]).
//!
//! Kernel objects of this crate implement `Object`, and so does the base provider's socket. `Owner`
//! is the client DLL's association of a handle with a provider; this crate only stores it.

use std::any::Any;
use std::sync::Arc;

use super::handle::Handle;
use crate::file::File;
use crate::session::Shared;
use crate::signal::Signal;
use crate::sync::AtomicU32;
use crate::sync::Ordering::AcqRel;
use crate::sync::Ordering::Relaxed;

/// What an object is, for checks that Windows makes by object type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// An event.
    Event,
    /// A semaphore.
    Semaphore,
    /// A mutex.
    Mutex,
    /// A waitable timer.
    Timer,
    /// A thread.
    Thread,
    /// An I/O completion port.
    Port,
    /// A file object: a socket or the placeholder of one.
    File,
    /// A window. `CloseHandle` does not close it.
    Window,
    /// Something of another crate.
    Other,
}

/// A kernel object. Handles share it; it lives until the last handle is closed and the last wait or
/// operation let go of it.
///
/// All methods may be called from any thread, and none of them with a lock of this crate held.
pub trait Object: Any + Send + Sync {
    /// What it is.
    fn kind(&self) -> Kind;

    /// What a wait for the handle waits for; `None` when the object cannot be waited for.
    fn signal(&self) -> Option<&Signal> {
        None
    }

    /// Its state, when that is shared with other processes: waits look at it in the place of the signal.
    fn shared(&self) -> Option<&Shared> {
        None
    }

    /// The object as a file object, if it is one.
    fn as_file(&self) -> Option<&dyn File> {
        None
    }

    /// Where the handles of the object are counted. An object that wants
    /// [`last_closed`](Self::last_closed) has one.
    fn handles(&self) -> Option<&HandleCount> {
        None
    }

    /// `handle` is being closed: it is stale for everybody else already. Called once per handle.
    fn closing(&self, handle: Handle) {
        let _ = handle;
    }

    /// The last handle was closed. Waits and operations that began before may still refer to the
    /// object.
    fn last_closed(&self) {}
}

impl dyn Object {
    /// The object as a `T`, if it is one.
    #[inline]
    #[must_use]
    pub fn downcast_ref<T: Object>(&self) -> Option<&T> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }

    /// The shared object as a `T`, if it is one.
    #[must_use]
    pub fn downcast<T: Object>(self: Arc<Self>) -> Option<Arc<T>> {
        let any: Arc<dyn Any + Send + Sync> = self;
        any.downcast().ok()
    }
}

/// Who answers for a handle: the client DLL's association with a provider instance and a catalog
/// entry.
pub trait Owner: Any + Send + Sync {}

impl dyn Owner {
    /// The owner as a `T`, if it is one.
    #[inline]
    #[must_use]
    pub fn downcast_ref<T: Owner>(&self) -> Option<&T> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }

    /// The shared owner as a `T`, if it is one.
    #[must_use]
    pub fn downcast<T: Owner>(self: Arc<Self>) -> Option<Arc<T>> {
        let any: Arc<dyn Any + Send + Sync> = self;
        any.downcast().ok()
    }
}

/// How many handles an object has.
#[derive(Debug)]
pub struct HandleCount(AtomicU32);

impl HandleCount {
    /// No handle yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// The number of open handles at this moment.
    #[must_use]
    pub fn open(&self) -> usize {
        self.0.load(Relaxed) as usize
    }

    pub(super) fn opened(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// `true`: that was the last one.
    pub(super) fn closed(&self) -> bool {
        self.0.fetch_sub(1, AcqRel) == 1
    }
}

impl Default for HandleCount {
    fn default() -> Self {
        Self::new()
    }
}
