//! Function pointers inside arguments. They travel with the convention of whoever passed them; this is the only file that calls them.

use super::Address;
use crate::ffi::Convention;
use crate::*;

/// Calls the code at `$raw` in the convention `$from`.
macro_rules! call {
    ($from:expr, $raw:expr, fn($($arg:expr => $ty:ty),*) -> $ret:ty) => {
        match $from {
            Convention::Native => {
                // SAFETY: whoever made the value vouched for the code pointer's type and convention.
                let function = unsafe { std::mem::transmute::<usize, unsafe extern "system" fn($($ty),*) -> $ret>($raw.as_raw()) };
                // SAFETY: as above; the arguments live for the call.
                unsafe { function($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            Convention::Win64 => {
                // SAFETY: as above.
                let function = unsafe { std::mem::transmute::<usize, unsafe extern "win64" fn($($ty),*) -> $ret>($raw.as_raw()) };
                // SAFETY: as above.
                unsafe { function($($arg),*) }
            }
        }
    };
}

/// A completion routine, a user APC routine or a thread's function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Callback {
    raw: RawCallback,
    from: Convention,
}

impl Callback {
    /// `None` for NULL.
    ///
    /// # Safety
    /// `raw` is NULL or code of the convention `from` that stays loaded as long as the value is used; it is only called by the
    /// method that fits its type.
    #[must_use]
    pub const unsafe fn new(from: Convention, raw: RawCallback) -> Option<Self> {
        if raw.is_null() {
            None
        } else {
            Some(Self { raw, from })
        }
    }

    /// Calls a `WSAOVERLAPPED_COMPLETION_ROUTINE`. On the thread that issued the request, in an alertable wait, no lock held.
    ///
    /// # Safety
    /// The callback is a completion routine.
    #[doc(alias = "LPWSAOVERLAPPED_COMPLETION_ROUTINE")]
    pub unsafe fn complete(&self, error: u32, bytes: u32, overlapped: *mut OVERLAPPED, flags: u32) {
        call!(self.from, self.raw, fn(error => u32, bytes => u32, overlapped => *mut OVERLAPPED, flags => u32) -> ());
    }

    /// Calls a `WSAUSERAPC`.
    ///
    /// # Safety
    /// The callback is a user APC routine that takes one context word.
    #[doc(alias = "LPWSAUSERAPC")]
    pub unsafe fn user_apc(&self, context: usize) {
        call!(self.from, self.raw, fn(context => usize) -> ());
    }

    /// Calls a `THREAD_START_ROUTINE`; what it returns is the thread's exit code.
    ///
    /// # Safety
    /// The callback is a thread's function that takes one context word.
    #[doc(alias = "LPTHREAD_START_ROUTINE")]
    #[must_use]
    pub unsafe fn start_thread(&self, context: usize) -> u32 {
        call!(self.from, self.raw, fn(context => usize) -> u32)
    }

    /// The code pointer and its convention.
    #[must_use]
    pub const fn raw(&self) -> (RawCallback, Convention) {
        (self.raw, self.from)
    }
}

/// A blocking hook as `WPUQueryBlockingCallback` hands it out: to be called again and again while an operation would block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockingHook {
    raw: RawCallback,
    from: Convention,
    context: usize,
}

impl BlockingHook {
    /// `None` for NULL: no hook is set and the provider may block natively.
    ///
    /// # Safety
    /// `raw` is NULL or a `BLOCKINGCALLBACK` of the convention `from` that stays loaded as long as the value is used.
    #[must_use]
    pub const unsafe fn new(from: Convention, raw: RawCallback, context: usize) -> Option<Self> {
        if raw.is_null() {
            None
        } else {
            Some(Self { raw, from, context })
        }
    }

    /// Calls the hook. `true`: keep waiting and call again; `false`: the call was cancelled, fail with `WSAEINTR`. No lock held.
    #[doc(alias = "LPBLOCKINGCALLBACK")]
    #[must_use]
    pub fn wait(&self) -> bool {
        call!(self.from, self.raw, fn(self.context => usize) -> BOOL) != 0
    }
}

/// What a condition function decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// `CF_ACCEPT`.
    Accept,
    /// `CF_REJECT`: the connection is refused.
    Reject,
    /// `CF_DEFER`: it stays at the head of the queue.
    Defer,
    /// Any other value.
    Invalid(i32),
}

/// The condition function of `WSPAccept` and its callback data.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    raw: RawCallback,
    from: Convention,
    data: usize,
}

impl Condition {
    /// `None` for NULL.
    ///
    /// # Safety
    /// `raw` is NULL or a `CONDITIONPROC` of the convention `from` that stays loaded for the call.
    #[must_use]
    pub const unsafe fn new(from: Convention, raw: RawCallback, data: usize) -> Option<Self> {
        if raw.is_null() {
            None
        } else {
            Some(Self { raw, from, data })
        }
    }

    /// Asks whether to accept a connection from `caller` that arrived at `callee`. On the thread that accepts, no lock held.
    /// There is no caller or callee data and no quality of service.
    #[doc(alias = "LPCONDITIONPROC")]
    #[must_use]
    pub fn decide(&self, caller: &Address, callee: &Address) -> Decision {
        // The function gets copies: it may scribble on them.
        let mut caller_bytes = caller.as_bytes().to_vec();
        let mut callee_bytes = callee.as_bytes().to_vec();
        let mut caller_id = WSABUF {
            len: caller_bytes.len() as u32,
            buf: caller_bytes.as_mut_ptr(),
        };
        let mut callee_id = WSABUF {
            len: callee_bytes.len() as u32,
            buf: callee_bytes.as_mut_ptr(),
        };
        let mut caller_data = WSABUF {
            len: 0,
            buf: std::ptr::null_mut(),
        };
        let mut callee_data = caller_data;
        let mut group: GROUP = 0;
        let no_qos: *mut QOS = std::ptr::null_mut();
        let answer = call!(self.from, self.raw, fn(
            &raw mut caller_id => *mut WSABUF, &raw mut caller_data => *mut WSABUF, no_qos => *mut QOS, no_qos => *mut QOS,
            &raw mut callee_id => *mut WSABUF, &raw mut callee_data => *mut WSABUF, &raw mut group => *mut GROUP,
            self.data => usize) -> i32);
        match answer {
            CF_ACCEPT => Decision::Accept,
            CF_REJECT => Decision::Reject,
            CF_DEFER => Decision::Defer,
            other => Decision::Invalid(other),
        }
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (RawCallback, usize) {
        (self.raw, self.data)
    }
}
