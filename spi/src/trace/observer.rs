//! Looking at calls from close by: with their arguments, before and after, and with the means to exchange an argument.
//!
//! A [`Hook`](super::Hook) counts; an [`Observer`] sees what was passed and what came of it, at every table of a chain in both
//! directions, where requests of non-IFS providers end (`WPUCompleteOverlappedRequest`, which is no slot of a table), and where those
//! on system handles begin and end, in the kernel role. The verifier (`ws2spi-verify`) is one. Nothing passes through any of this unless an observer or a hook was set before providers were loaded.

use super::calls::{Answer, Procedure, Upcall};
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::ffi::native;
use ws2spi_abi::{Errno, NtStatus, OVERLAPPED, SOCKET, WSAPROTOCOL_INFOW, WSPDATA};
use ws2spi_kernel::watch::{self, Watcher};

/// Where a call goes: to a provider, or out of one.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The path of the provider's module.
    pub module: &'static str,
    /// The module's number; it keeps it for the life of the process.
    pub number: usize,
    /// The catalog entry through which the provider was started.
    pub entry: u32,
    /// The provider's own table and its number; `None` for upcalls, and before there is one.
    pub level: Option<(usize, &'static native::ProcTable)>,
    /// The number of the module inside which the calling thread was; for upcalls that is where they come from.
    pub caller: Option<usize>,
}

/// A call of `WSPStartup`.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// wVersionRequested.
    pub requested: u16,
    /// lpWSPData.
    pub data: *mut WSPDATA,
    /// lpProtocolInfo.
    pub info: *const WSAPROTOCOL_INFOW,
    /// lpProcTable. What the provider fills here is copied to the caller's own.
    pub procs: *mut native::ProcTable,
    /// The module's own function.
    pub function: native::StartupFn,
}

/// A call of `WPUCompleteOverlappedRequest`.
#[derive(Clone, Copy, Debug)]
pub struct Completing {
    /// s.
    pub s: SOCKET,
    /// lpOverlapped. An observer that exchanged the block that went down exchanges it back here.
    pub overlapped: *mut OVERLAPPED,
    /// dwError.
    pub error: u32,
    /// cbTransferred.
    pub bytes: u32,
}

/// Who looks. Called on the thread of the call with no lock of ours held; calls of one thread nest. The pointers are the caller's and
/// valid for the call as the function's page says.
pub trait Observer: Send + Sync {
    /// A provider is about to be started.
    fn starting(&self, _at: &Place, _start: &mut Start) {}
    /// It has been, with this result. The table has its number if it is complete.
    fn started(&self, _at: &Place, _start: &Start, _code: i32) {}
    /// A WSP function is about to be called.
    fn entering(&self, _at: &Place, _call: &mut Procedure) {}
    /// It has returned.
    fn left(&self, _at: &Place, _call: &Procedure, _answer: &mut Answer) {}
    /// A provider is about to make an upcall.
    fn calling_up(&self, _at: &Place, _call: &mut Upcall) {}
    /// It has returned.
    fn called_up(&self, _at: &Place, _call: &Upcall, _answer: &Answer) {}
    /// A request is about to end.
    fn completing(&self, _completing: &mut Completing) {}
    /// It has ended, or could not.
    fn completed(&self, _completing: &Completing, _result: Result<(), Errno>) {}
    /// An operation on a system handle begins with this block; what to use in its place. As [`Watcher::beginning`].
    fn beginning(&self, overlapped: Overlapped) -> Overlapped {
        overlapped
    }
    /// An operation on a system handle is about to end. As [`Watcher::ending`].
    fn ending(&self, _overlapped: &Overlapped, _status: NtStatus, _bytes: usize) {}
    /// The address of the block that an operation has that began with the one at `address`.
    fn block_of(&self, address: usize) -> usize {
        address
    }
}

/// Passes on to the observer what the kernel role has to tell.
struct OfFiles;

impl Watcher for OfFiles {
    fn beginning(&self, overlapped: Overlapped) -> Overlapped {
        match current() {
            Some(observer) => observer.beginning(overlapped),
            None => overlapped,
        }
    }

    fn ending(&self, overlapped: &Overlapped, status: NtStatus, bytes: usize) {
        if let Some(observer) = current() {
            observer.ending(overlapped, status, bytes);
        }
    }

    fn block_of(&self, address: usize) -> usize {
        current().map_or(address, |observer| observer.block_of(address))
    }
}

static OBSERVER: RwLock<Option<Arc<dyn Observer>>> = RwLock::new(None);
static IS_SET: AtomicBool = AtomicBool::new(false);

/// Sets the observer, or takes it away with `None`; returns the former one. Providers that are loaded already are not observed;
/// those loaded while an observer was set go on reporting to whatever observer is set.
pub fn set_observer(observer: Option<Arc<dyn Observer>>) -> Option<Arc<dyn Observer>> {
    watch::set(&OfFiles);
    let mut slot = OBSERVER.write();
    IS_SET.store(observer.is_some(), Ordering::Release);
    std::mem::replace(&mut *slot, observer)
}

/// The observer, if there is one.
pub(super) fn current() -> Option<Arc<dyn Observer>> {
    if is_set() {
        OBSERVER.read().clone()
    } else {
        None
    }
}

/// Whether there is one.
pub(super) fn is_set() -> bool {
    IS_SET.load(Ordering::Acquire)
}

/// Ends a request with `end`, before the eyes of the observer.
pub(crate) fn complete(
    mut completing: Completing,
    end: impl FnOnce(&Completing) -> Result<(), Errno>,
) -> Result<(), Errno> {
    let Some(observer) = current() else {
        return end(&completing);
    };
    observer.completing(&mut completing);
    let result = end(&completing);
    observer.completed(&completing, result);
    result
}
