//! Timer queues: `CreateTimerQueueTimer` and its kin.
//!
//! A timer calls a function, on a thread of the pool, at a time, and again after every period. A queue is what its timers end with. The
//! queue of the process is there always. Both are handles here, of no use with other functions.

use super::callbacks::{Calls, Learn};
use super::{pool, truth};
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::Mutex;
use std::sync::{Arc, LazyLock, Weak};
use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_kernel::alarm::{self, Alarm, Due};
use ws2spi_kernel::clock::{Clock, SystemClock};
use ws2spi_kernel::event;
use ws2spi_kernel::handles::{self, Handle, Kind, Object};

/// `WAITORTIMERCALLBACK`.
pub(super) type Callback = unsafe extern "system" fn(*mut c_void, u8);

const INFINITE: u32 = u32::MAX;
const WT_EXECUTEONLYONCE: u32 = 0x8;
const WT_EXECUTEINTIMERTHREAD: u32 = 0x20;

/// A queue, as its handle knows it.
#[derive(Debug)]
struct TimerQueue {
    timers: Arc<Timers>,
}

type Timers = Mutex<Vec<(HANDLE, Weak<Timer>)>>;

/// A timer.
#[derive(Debug)]
struct Timer {
    callback: Callback,
    context: usize,
    flags: u32,
    calls: Calls,
    setting: Mutex<Setting>,
    queue: Weak<Timers>,
}

/// When it goes off.
#[derive(Debug)]
struct Setting {
    alarm: Option<Alarm>,
    next: Duration,
    period: Duration,
    ended: bool,
}

/// The queue of timers that are in no other.
static OF_THE_PROCESS: LazyLock<Arc<Timers>> = LazyLock::new(Arc::default);

impl Object for TimerQueue {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn closing(&self, _: Handle) {
        let timers = std::mem::take(&mut *self.timers.lock());
        for (timer, _) in timers {
            let _ = handles::close(timer);
        }
    }
}

impl Object for Timer {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn closing(&self, timer: Handle) {
        self.stop();
        if let Some(timers) = self.queue.upgrade() {
            timers.lock().retain(|(handle, _)| *handle != timer.raw());
        }
    }
}

impl Timer {
    /// Sets when it goes off; after no time it does not.
    fn set(self: &Arc<Self>, due: Option<Duration>, period: Duration) -> Result<(), Errno> {
        let mut setting = self.setting.lock();
        let before = setting.alarm.take();
        setting.period = period;
        let mut made = Ok(());
        if let Some(due) = due.filter(|_| !setting.ended) {
            setting.next = SystemClock.now().saturating_add(due);
            match alarm::set(setting.next, Arc::clone(self) as Arc<dyn Due>) {
                Ok(alarm) => setting.alarm = Some(alarm),
                Err(error) => made = Err(error),
            }
        }
        drop(setting);
        before.map(alarm::cancel);
        made
    }

    /// It goes off no more.
    fn stop(&self) {
        let mut setting = self.setting.lock();
        setting.ended = true;
        let alarm = setting.alarm.take();
        drop(setting);
        alarm.map(alarm::cancel);
    }

    fn call(&self) {
        let context = std::ptr::with_exposed_provenance_mut(self.context);
        // SAFETY: the caller of `create_timer` vouched for it. TRUE: the time is over.
        unsafe { (self.callback)(context, 1) };
    }
}

impl Due for Timer {
    fn due(self: Arc<Self>) {
        let mut setting = self.setting.lock();
        if setting.ended || setting.next > SystemClock.now() {
            return;
        }
        setting.alarm = None;
        let again = !setting.period.is_zero() && self.flags & WT_EXECUTEONLYONCE == 0;
        if again {
            let now = SystemClock.now();
            setting.next = (setting.next + setting.period).max(now);
            // Without memory for the next time it has ended.
            setting.alarm = alarm::set(setting.next, Arc::clone(&self) as Arc<dyn Due>).ok();
        }
        drop(setting);
        if self.flags & WT_EXECUTEINTIMERTHREAD != 0 {
            return self.calls.call(|| self.call());
        }
        // What is in the pool counts as going on.
        if self.calls.begin() {
            let timer = Arc::clone(&self);
            let work = move || {
                timer.call();
                timer.calls.done();
            };
            if pool::submit(Box::new(work)).is_err() {
                self.calls.done();
            }
        }
    }
}

/// The timers of a queue; those of the process for 0.
fn timers_of(queue: HANDLE) -> Result<Arc<Timers>, Errno> {
    if queue == 0 {
        return Ok(Arc::clone(&OF_THE_PROCESS));
    }
    let pinned = handles::pin(queue).ok_or(Errno::INVALID_HANDLE)?;
    let queue = pinned
        .object_as::<TimerQueue>()
        .ok_or(Errno::INVALID_HANDLE)?;
    Ok(Arc::clone(&queue.timers))
}

/// A timer of a queue.
fn timer_of(queue: HANDLE, timer: HANDLE) -> Result<Arc<Timer>, Errno> {
    let timers = timers_of(queue)?;
    let object = handles::pin(timer).and_then(|pinned| pinned.object().cloned());
    let timer = object.and_then(|object| object.downcast::<Timer>());
    timer
        .filter(|timer| timer.queue.ptr_eq(&Arc::downgrade(&timers)))
        .ok_or(Errno::INVALID_HANDLE)
}

/// Creates a timer queue; 0 with `ERROR_NOT_ENOUGH_MEMORY`. Any thread. Microsoft: "CreateTimerQueue function".
#[doc(alias = "CreateTimerQueue")]
pub fn create() -> HANDLE {
    let queue = TimerQueue {
        timers: Arc::default(),
    };
    let made = handles::insert(Arc::new(queue)).map_err(|_| Errno::NOT_ENOUGH_MEMORY);
    super::or(0, made.map(|handle| handle.raw()))
}

/// Ends a queue with all its timers. Without an event it does not wait for calls that go on; with `INVALID_HANDLE_VALUE` it does, and
/// another event is set when the last of them is over. FALSE with `ERROR_IO_PENDING` when calls go on that were not waited for: the queue
/// has ended all the same; `ERROR_INVALID_HANDLE` (no queue, no event). Not to be waited for in a call of its timers.
/// Microsoft: "DeleteTimerQueueEx function".
#[doc(alias = "DeleteTimerQueueEx")]
pub fn delete_ex(queue: HANDLE, completion: HANDLE) -> BOOL {
    truth(end(queue, Learn::from_event(completion)))
}

fn end(queue: HANDLE, learn: Learn) -> Result<(), Errno> {
    if queue == 0 {
        return Err(Errno::INVALID_HANDLE);
    }
    let timers = timers_of(queue)?;
    // Nothing ends when the event is none.
    if let Learn::By(raw) = learn {
        event::from_handle(raw)?;
    }
    let ended = std::mem::take(&mut *timers.lock());
    handles::close(queue)?;
    let mut pending = Vec::new();
    for (handle, timer) in ended {
        let Some(timer) = timer.upgrade() else {
            continue;
        };
        timer.stop();
        let _ = handles::close(handle);
        let each = match learn {
            Learn::By(_) => Learn::Now,
            learn => learn,
        };
        if timer.calls.end(each).is_err() {
            pending.push(timer);
        }
    }
    match learn {
        Learn::By(raw) if pending.is_empty() => event::set(raw),
        Learn::By(raw) => {
            // Somebody has to wait for all of them.
            pool::submit(Box::new(move || {
                for timer in pending {
                    let _ = timer.calls.end(Learn::ByWaiting);
                }
                let _ = event::set(raw);
            }))?;
            Err(Errno::IO_PENDING)
        }
        _ if pending.is_empty() => Ok(()),
        _ => Err(Errno::IO_PENDING),
    }
}

/// Ends a queue as [`delete_ex`] without an event, also when calls go on: TRUE, or FALSE with `ERROR_INVALID_HANDLE`. Microsoft: "DeleteTimerQueue function".
#[doc(alias = "DeleteTimerQueue")]
pub fn delete(queue: HANDLE) -> BOOL {
    truth(match end(queue, Learn::Now) {
        Err(Errno::IO_PENDING) => Ok(()),
        ended => ended,
    })
}

/// Has a function be called after `due` milliseconds, not at all for INFINITE, and then every `period` ones unless that is 0: on a thread
/// of the pool, or with WT_EXECUTEINTIMERTHREAD on the one of all timers, where it must be short; with WT_EXECUTEONLYONCE once. It is
/// given the context and TRUE. Other flags change nothing. The timer belongs to a queue, 0 for the process's own, and is ended with
/// [`delete_timer`].
///
/// FALSE with `ERROR_INVALID_PARAMETER` (no place for the timer, no function), `ERROR_INVALID_HANDLE` (no queue),
/// `ERROR_NOT_ENOUGH_MEMORY`. Any thread. Microsoft: "CreateTimerQueueTimer function".
///
/// # Safety
/// `timer` is null or writable; the function is null or of that type, and stays loaded until the timer has ended and no call goes on.
#[doc(alias = "CreateTimerQueueTimer")]
pub unsafe fn create_timer(
    timer: *mut HANDLE,
    queue: HANDLE,
    callback: RawCallback,
    context: *mut c_void,
    due: u32,
    period: u32,
    flags: u32,
) -> BOOL {
    // SAFETY: the caller's contract: null or that type.
    let callback = unsafe { std::mem::transmute::<usize, Option<Callback>>(callback.as_raw()) };
    let create = || {
        let callback = callback.filter(|_| !timer.is_null());
        let callback = callback.ok_or(Errno::INVALID_PARAMETER)?;
        let timers = timers_of(queue)?;
        let made = Arc::new(Timer {
            callback,
            context: context.expose_provenance(),
            flags,
            calls: Calls::default(),
            setting: Mutex::new(Setting {
                alarm: None,
                next: Duration::ZERO,
                period: Duration::ZERO,
                ended: false,
            }),
            queue: Arc::downgrade(&timers),
        });
        let handle = handles::insert(Arc::clone(&made) as Arc<dyn Object>);
        let handle = handle.map_err(|_| Errno::NOT_ENOUGH_MEMORY)?.raw();
        timers.lock().push((handle, Arc::downgrade(&made)));
        // SAFETY: the caller's contract; not null. Before the first call, which may look at it.
        unsafe { timer.write_unaligned(handle) };
        let due = (due != INFINITE).then(|| Duration::from_millis(due.into()));
        made.set(due, Duration::from_millis(period.into()))
            .inspect_err(|_| {
                let _ = handles::close(handle);
            })
    };
    truth(create())
}

/// Sets a timer anew, which has not ended; one that has gone off for the only time stays over. FALSE with `ERROR_INVALID_HANDLE` (no
/// queue, or no timer of it), `ERROR_NOT_ENOUGH_MEMORY`. Any thread. Microsoft: "ChangeTimerQueueTimer function".
#[doc(alias = "ChangeTimerQueueTimer")]
pub fn change_timer(queue: HANDLE, timer: HANDLE, due: u32, period: u32) -> BOOL {
    let due = (due != INFINITE).then(|| Duration::from_millis(due.into()));
    let period = Duration::from_millis(period.into());
    truth(timer_of(queue, timer).and_then(|timer| timer.set(due, period)))
}

/// Ends a timer. Without an event it does not wait for calls that go on; with `INVALID_HANDLE_VALUE` it does, and another event is set
/// when the last of them is over. FALSE with `ERROR_IO_PENDING` when calls go on that were not waited for: the timer has ended all the
/// same; `ERROR_INVALID_HANDLE` (no queue, no timer of it, no event). Not to be waited for in a call of its own.
/// Microsoft: "DeleteTimerQueueTimer function".
#[doc(alias = "DeleteTimerQueueTimer")]
pub fn delete_timer(queue: HANDLE, timer: HANDLE, completion: HANDLE) -> BOOL {
    let delete = || {
        let found = timer_of(queue, timer)?;
        let learn = Learn::from_event(completion);
        if let Learn::By(raw) = learn {
            event::from_handle(raw)?;
        }
        found.stop();
        handles::close(timer)?;
        found.calls.end(learn)
    };
    truth(delete())
}

exports! {
    "CreateTimerQueue" create_timer_queue() -> HANDLE = 0 => create;
    "DeleteTimerQueue" delete_timer_queue(queue: HANDLE) -> BOOL = FALSE => delete;
    "DeleteTimerQueueEx" delete_timer_queue_ex(queue: HANDLE, event: HANDLE) -> BOOL = FALSE => delete_ex;
    "CreateTimerQueueTimer" create_timer_queue_timer(
        timer: *mut HANDLE, queue: HANDLE, callback: RawCallback, context: *mut c_void, due: u32, period: u32, flags: u32
    ) -> BOOL = FALSE => create_timer;
    "ChangeTimerQueueTimer" change_timer_queue_timer(queue: HANDLE, timer: HANDLE, due: u32, period: u32) -> BOOL = FALSE => change_timer;
    "DeleteTimerQueueTimer" delete_timer_queue_timer(queue: HANDLE, timer: HANDLE, event: HANDLE) -> BOOL = FALSE => delete_timer;
}
