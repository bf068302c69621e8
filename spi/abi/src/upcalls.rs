//! The upcalls as a provider written in Rust uses them.

use crate::args::{BlockingHook, Callback};
#[cfg(target_arch = "x86_64")]
use crate::ffi::win64;
use crate::ffi::{Convention, Failure, UpcallProcs, native};
use crate::*;

/// The client DLL, as seen by a provider: the table it received with its latest `WSPStartup`, contents copied.
///
/// May be used from any thread between the first `WSPStartup` and the last `WSPCleanup`. An error code of 0, which a client DLL must
/// not give, is passed on as `WSASYSCALLFAILURE`.
#[derive(Clone, Copy, Debug)]
pub struct Upcalls {
    procs: UpcallProcs,
}

fn judged<T>(result: Result<T, Failure>) -> Result<T, Errno> {
    result.map_err(|failure| Errno::new(failure.errno).unwrap_or(Errno::SYSCALLFAILURE))
}

impl Upcalls {
    /// # Safety
    /// The table is a client DLL's that stays loaded as long as the value is used.
    #[must_use]
    pub const unsafe fn new(procs: UpcallProcs) -> Self {
        Self { procs }
    }

    /// The raw table with its convention, to pass it on or to call what has no safe face.
    #[must_use]
    pub const fn procs(&self) -> &UpcallProcs {
        &self.procs
    }

    /// The convention that the client DLL speaks.
    #[must_use]
    pub const fn convention(&self) -> Convention {
        match self.procs {
            UpcallProcs::Native(_) => Convention::Native,
            #[cfg(target_arch = "x86_64")]
            UpcallProcs::Win64(_) => Convention::Win64,
        }
    }

    /// The table, when the client DLL speaks the native convention.
    #[must_use]
    pub const fn native(&self) -> Option<&native::UpcallTable> {
        match &self.procs {
            UpcallProcs::Native(table) => Some(table),
            #[cfg(target_arch = "x86_64")]
            UpcallProcs::Win64(_) => None,
        }
    }

    /// The table, when the client DLL speaks Microsoft's x64 convention.
    #[cfg(target_arch = "x86_64")]
    #[must_use]
    pub const fn win64(&self) -> Option<&win64::UpcallTable> {
        match &self.procs {
            UpcallProcs::Win64(table) => Some(table),
            UpcallProcs::Native(_) => None,
        }
    }

    /// A new manual-reset event, not signalled.
    ///
    /// # Errors
    /// `WSA_NOT_ENOUGH_MEMORY`.
    #[doc(alias = "WPUCreateEvent")]
    pub fn create_event(&self) -> Result<WSAEVENT, Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.create_event() })
    }

    /// Closes an event.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE`.
    #[doc(alias = "WPUCloseEvent")]
    pub fn close_event(&self, event: WSAEVENT) -> Result<(), Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.close_event(event) }).map(drop)
    }

    /// Signals an event. Does not block.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE`.
    #[doc(alias = "WPUSetEvent")]
    pub fn set_event(&self, event: WSAEVENT) -> Result<(), Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.set_event(event) }).map(drop)
    }

    /// Resets an event. Does not block.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE`.
    #[doc(alias = "WPUResetEvent")]
    pub fn reset_event(&self, event: WSAEVENT) -> Result<(), Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.reset_event(event) }).map(drop)
    }

    /// A new socket handle that the client DLL dispatches to the provider of catalog entry `entry`; `context` is the provider's.
    ///
    /// # Errors
    /// `WSAENOBUFS`: no more handles; `WSAEINVAL`: unknown entry.
    #[doc(alias = "WPUCreateSocketHandle")]
    pub fn create_socket_handle(&self, entry: u32, context: usize) -> Result<SOCKET, Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.create_socket_handle(entry, context) })
    }

    /// Ends a handle of [`create_socket_handle`](Self::create_socket_handle). The context is not touched.
    ///
    /// # Errors
    /// `WSAENOTSOCK`: not such a handle.
    #[doc(alias = "WPUCloseSocketHandle")]
    pub fn close_socket_handle(&self, s: SOCKET) -> Result<(), Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.close_socket_handle(s) }).map(drop)
    }

    /// The context of a handle of [`create_socket_handle`](Self::create_socket_handle).
    ///
    /// # Errors
    /// `WSAENOTSOCK`: not such a handle.
    #[doc(alias = "WPUQuerySocketHandleContext")]
    pub fn query_socket_handle_context(&self, s: SOCKET) -> Result<usize, Errno> {
        let mut context = 0;
        // SAFETY: `new`'s contract; the context is a live local.
        judged(unsafe { self.procs.query_socket_handle_context(s, &raw mut context) })?;
        Ok(context)
    }

    /// Makes a system handle the socket of catalog entry `entry`. Returns the handle to use from now on.
    ///
    /// # Errors
    /// `WSAEINVAL`: not a live handle, or an unknown entry; `WSANOTINITIALISED`; `WSAENOBUFS`.
    #[doc(alias = "WPUModifyIFSHandle")]
    pub fn modify_ifs_handle(&self, entry: u32, proposed: SOCKET) -> Result<SOCKET, Errno> {
        // SAFETY: `new`'s contract; no pointers.
        judged(unsafe { self.procs.modify_ifs_handle(entry, proposed) })
    }

    /// The module path of an installed provider as stored, environment strings not expanded, without the NUL.
    ///
    /// # Errors
    /// `WSAEINVAL`: no such provider.
    #[doc(alias = "WPUGetProviderPath")]
    pub fn get_provider_path(&self, id: &GUID) -> Result<Vec<u16>, Errno> {
        let mut path = vec![0u16; 260];
        loop {
            let mut len = path.len() as i32;
            // SAFETY: `new`'s contract; the path has `len` units.
            match judged(unsafe {
                self.procs
                    .get_provider_path(id, path.as_mut_ptr(), &raw mut len)
            }) {
                Ok(_) => {
                    let end = path
                        .iter()
                        .position(|unit| *unit == 0)
                        .unwrap_or(path.len());
                    path.truncate(end);
                    return Ok(path);
                }
                Err(Errno::FAULT) if len as usize > path.len() => path.resize(len as usize, 0),
                Err(error) => return Err(error),
            }
        }
    }

    /// Posts a window message. `false` when there is no such window or no route for messages.
    #[doc(alias = "WPUPostMessage")]
    #[must_use]
    pub fn post_message(&self, hwnd: HWND, msg: u32, wparam: WPARAM, lparam: LPARAM) -> bool {
        // SAFETY: `new`'s contract; no pointers.
        unsafe { self.procs.post_message(hwnd, msg, wparam, lparam) }.is_ok()
    }

    /// The calling thread's blocking hook, `None` when there is none.
    ///
    /// # Errors
    /// `WSAEINVAL`: a hook is set and the entry is unknown.
    #[doc(alias = "WPUQueryBlockingCallback")]
    pub fn query_blocking_callback(&self, entry: u32) -> Result<Option<BlockingHook>, Errno> {
        let (mut callback, mut context) = (RawCallback::NULL, 0);
        // SAFETY: `new`'s contract; both outputs are live locals.
        judged(unsafe {
            self.procs
                .query_blocking_callback(entry, &raw mut callback, &raw mut context)
        })?;
        // SAFETY: the client DLL's own function, in the convention of its table.
        Ok(unsafe { BlockingHook::new(self.convention(), callback, context) })
    }

    /// Queues a user APC to a thread. The identity may be discarded afterwards.
    ///
    /// # Errors
    /// `WSAEFAULT`: not a live thread.
    #[doc(alias = "WPUQueueApc")]
    pub fn queue_apc(
        &self,
        thread: &WSATHREADID,
        routine: Callback,
        context: usize,
    ) -> Result<(), Errno> {
        let mut thread = *thread;
        // SAFETY: `new`'s contract; the identity is a live local, the routine was vouched for when it was made.
        judged(unsafe {
            self.procs
                .queue_apc(&raw mut thread, routine.raw().0, context)
        })
        .map(drop)
    }

    /// An identity of the calling thread, to be closed with [`close_thread`](Self::close_thread).
    ///
    /// # Errors
    /// `WSANOTINITIALISED`.
    #[doc(alias = "WPUOpenCurrentThread")]
    pub fn open_current_thread(&self) -> Result<WSATHREADID, Errno> {
        let mut thread = WSATHREADID {
            ThreadHandle: 0,
            Reserved: 0,
        };
        // SAFETY: `new`'s contract; the identity is a live local.
        judged(unsafe { self.procs.open_current_thread(&raw mut thread) })?;
        Ok(thread)
    }

    /// Closes an identity of [`open_current_thread`](Self::open_current_thread), on any thread; zeroes it.
    ///
    /// # Errors
    /// `WSANOTINITIALISED`; `WSAEFAULT`: not such an identity.
    #[doc(alias = "WPUCloseThread")]
    pub fn close_thread(&self, thread: &mut WSATHREADID) -> Result<(), Errno> {
        // SAFETY: `new`'s contract; the identity is the caller's.
        judged(unsafe { self.procs.close_thread(thread) }).map(drop)
    }
}
