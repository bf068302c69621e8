//! Waits that call a function: `RegisterWaitForSingleObject`, `UnregisterWait`.
//!
//! Each of them has a thread that waits for its object, and calls on a thread of the pool. A registered wait is a handle here, of no use
//! with other functions than those that end it.
//!
//! DIFFERS: Windows has one thread wait for up to 63 objects.

use super::callbacks::{Calls, Learn};
use super::{pool, truth};
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::Mutex;
use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::clock::{Clock, SystemClock};
use ws2spi_kernel::event::{self, Event, Reset};
use ws2spi_kernel::handles::{self, Handle, Kind, Object};
use ws2spi_kernel::wait::{self, Alert, WaitFor, Waited};

/// `WAITORTIMERCALLBACK`.
type Callback = unsafe extern "system" fn(*mut c_void, u8);

const WT_EXECUTEINWAITTHREAD: u32 = 0x4;
const WT_EXECUTEONLYONCE: u32 = 0x8;

/// A registered wait.
struct Registered {
    callback: Callback,
    context: usize,
    flags: u32,
    calls: Calls,
    /// Set when it is to end.
    ended: Arc<Event>,
    object: Mutex<Option<Arc<dyn Object>>>,
}

impl Object for Registered {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn closing(&self, _: Handle) {
        self.ended.set();
    }
}

impl Registered {
    /// The life of the thread that waits.
    fn watch(self: &Arc<Self>, period: Option<Duration>) {
        let Some(object) = self.object.lock().take() else {
            return;
        };
        let ended = Arc::clone(&self.ended) as Arc<dyn Object>;
        let objects = vec![ended, object];
        let mut due = period.map(|period| SystemClock.now().saturating_add(period));
        loop {
            let timeout = due.map_or(Timeout::Infinite, |due| {
                Timeout::After(due.saturating_sub(SystemClock.now()))
            });
            let alert = Alert::Alertable;
            let over = match wait::for_objects(objects.clone(), WaitFor::Any, timeout, alert) {
                Ok(Waited::Signaled(0) | Waited::Abandoned(0)) | Err(_) => return,
                Ok(Waited::Apc) => continue,
                Ok(Waited::TimedOut) => true,
                Ok(_) => false,
            };
            self.tell(over);
            // Who is called may change the object, which is looked at afterwards.
            self.calls.until_over();
            if self.flags & WT_EXECUTEONLYONCE != 0 {
                return;
            }
            due = period.map(|period| SystemClock.now().saturating_add(period));
        }
    }

    /// Has the function called.
    fn tell(self: &Arc<Self>, time_is_over: bool) {
        if self.flags & WT_EXECUTEINWAITTHREAD != 0 {
            return self.calls.call(|| self.call(time_is_over));
        }
        if self.calls.begin() {
            let registered = Arc::clone(self);
            let work = move || {
                registered.call(time_is_over);
                registered.calls.done();
            };
            if pool::submit(Box::new(work)).is_err() {
                self.calls.done();
            }
        }
    }

    fn call(&self, time_is_over: bool) {
        let context = std::ptr::with_exposed_provenance_mut(self.context);
        // SAFETY: the caller of `register` vouched for it.
        unsafe { (self.callback)(context, time_is_over.into()) };
    }
}

/// Has a function be called whenever an object is signalled, with the context and FALSE, or `milliseconds` have passed without that, with
/// TRUE: on a thread of the pool, or with WT_EXECUTEINWAITTHREAD on the one that waits, which calls nothing meanwhile; with
/// WT_EXECUTEONLYONCE once. Other flags change nothing. An object that stays signalled has it called again and again. Each is to be ended
/// with [`unregister_ex`], the one that was called once too.
///
/// FALSE with `ERROR_INVALID_PARAMETER` (no place for the handle, no function), `ERROR_INVALID_HANDLE` (nothing that can be waited for),
/// `ERROR_NOT_ENOUGH_MEMORY`. Any thread. Microsoft: "RegisterWaitForSingleObject function".
///
/// # Safety
/// `place` is null or writable; the function is null or of that type, and stays loaded until the wait has ended and no call goes on.
#[doc(alias = "RegisterWaitForSingleObject")]
pub unsafe fn register(
    place: *mut HANDLE,
    object: HANDLE,
    callback: RawCallback,
    context: *mut c_void,
    milliseconds: u32,
    flags: u32,
) -> BOOL {
    // SAFETY: the caller's contract: null or that type.
    let callback = unsafe { std::mem::transmute::<usize, Option<Callback>>(callback.as_raw()) };
    let register = || {
        let callback = callback.filter(|_| !place.is_null());
        let callback = callback.ok_or(Errno::INVALID_PARAMETER)?;
        let object = wait::waitable(object)?;
        let registered = Arc::new(Registered {
            callback,
            context: context.expose_provenance(),
            flags,
            calls: Calls::default(),
            ended: Arc::new(Event::new(Reset::Manual, false)),
            object: Mutex::new(Some(object)),
        });
        let period = match milliseconds {
            u32::MAX => None,
            milliseconds => Some(Duration::from_millis(milliseconds.into())),
        };
        let handle = handles::insert(Arc::clone(&registered) as Arc<dyn Object>);
        let handle = handle.map_err(|_| Errno::NOT_ENOUGH_MEMORY)?.raw();
        // SAFETY: the caller's contract; not null. Before the first call, which may look at it.
        unsafe { place.write_unaligned(handle) };
        let thread = Builder::new().name("ws2spi wait".into());
        match thread.spawn(move || registered.watch(period)) {
            Ok(_) => Ok(()),
            Err(_) => {
                let _ = handles::close(handle);
                Err(Errno::NOT_ENOUGH_MEMORY)
            }
        }
    };
    truth(register())
}

/// Ends a registered wait: nothing begins to be called any more. Without an event it does not wait for calls that go on; with
/// `INVALID_HANDLE_VALUE` it does, and another event is set when the last of them is over. FALSE with `ERROR_IO_PENDING` when calls go on
/// that were not waited for: the wait has ended all the same; `ERROR_INVALID_HANDLE` (no registered wait, no event). Not to be waited for
/// in a call of its own. Microsoft: "UnregisterWaitEx function".
#[doc(alias = "UnregisterWaitEx")]
pub fn unregister_ex(registered: HANDLE, completion: HANDLE) -> BOOL {
    let unregister = || {
        let object = handles::pin(registered).and_then(|pinned| pinned.object().cloned());
        let object = object.and_then(|object| object.downcast::<Registered>());
        let object = object.ok_or(Errno::INVALID_HANDLE)?;
        let learn = Learn::from_event(completion);
        if let Learn::By(raw) = learn {
            event::from_handle(raw)?;
        }
        handles::close(registered)?;
        object.calls.end(learn)
    };
    truth(unregister())
}

/// Ends a registered wait as [`unregister_ex`] without an event. Microsoft: "UnregisterWait function".
#[doc(alias = "UnregisterWait")]
pub fn unregister(registered: HANDLE) -> BOOL {
    unregister_ex(registered, 0)
}

exports! {
    "RegisterWaitForSingleObject" register_wait_for_single_object(
        place: *mut HANDLE, object: HANDLE, callback: RawCallback, context: *mut c_void, milliseconds: u32, flags: u32
    ) -> BOOL = FALSE => register;
    "UnregisterWait" unregister_wait(registered: HANDLE) -> BOOL = FALSE => unregister;
    "UnregisterWaitEx" unregister_wait_ex(registered: HANDLE, completion: HANDLE) -> BOOL = FALSE => unregister_ex;
}
