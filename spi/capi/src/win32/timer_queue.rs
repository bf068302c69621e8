//! Timer queues: `CreateTimerQueueTimer` and its kin.
//!
//! A timer calls a function, on a thread of the pool, at a time, and again after every period. A queue is what its timers end with. The
//! queue of the process is there always. Both are handles here, of no use with other functions.

use super::callbacks::{Calls, Learn};
use super::pool::{self, Lane};
use super::truth;
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
    /// It has gone off for the only time.
    over: bool,
    /// How often it was set: an alarm of an earlier turn says nothing.
    turn: u64,
}

/// What an alarm wakes.
struct Turn {
    timer: Arc<Timer>,
    number: u64,
}

/// The queue of timers that are in no other.
static OF_THE_PROCESS: LazyLock<Arc<Timers>> = LazyLock::new(Arc::default);
/// What timers do that ask for the thread of all timers. It is none of the alarms', which must not be held up.
static IN_TIMER_THREAD: Lane = Lane::new();

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
        if setting.over {
            return Ok(());
        }
        let before = setting.alarm.take();
        setting.period = period;
        setting.turn += 1;
        let mut made = Ok(());
        if let Some(due) = due.filter(|_| !setting.ended) {
            setting.next = SystemClock.now().saturating_add(due);
            made = self.wind(&mut setting);
        }
        drop(setting);
        before.map(alarm::cancel);
        made
    }

    /// Sets the alarm for the next time.
    fn wind(self: &Arc<Self>, setting: &mut Setting) -> Result<(), Errno> {
        let turn = Turn {
            timer: Arc::clone(self),
            number: setting.turn,
        };
        setting.alarm = Some(alarm::set(setting.next, Arc::new(turn))?);
        Ok(())
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

impl Due for Turn {
    fn due(self: Arc<Self>) {
        let timer = &self.timer;
        let mut setting = timer.setting.lock();
        if setting.ended || setting.turn != self.number {
            return;
        }
        setting.alarm = None;
        let again = !setting.period.is_zero() && timer.flags & WT_EXECUTEONLYONCE == 0;
        if again {
            let now = SystemClock.now();
            setting.next = (setting.next + setting.period).max(now);
            // Without memory for the next time it has ended.
            let _ = timer.wind(&mut setting);
        }
        setting.over = !again;
        drop(setting);
        // What is in the pool counts as going on.
        if timer.calls.begin() {
            let called = Arc::clone(timer);
            let work = Box::new(move || {
                called.call();
                called.calls.done();
            });
            let submitted = if timer.flags & WT_EXECUTEINTIMERTHREAD != 0 {
                IN_TIMER_THREAD.submit(work)
            } else {
                pool::submit(work)
            };
            if submitted.is_err() {
                timer.calls.done();
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
/// of the pool, with WT_EXECUTEINTIMERTHREAD one after the other with those of all timers that ask for it; with WT_EXECUTEONLYONCE once. It is
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
                over: false,
                turn: 0,
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

/// Sets a timer anew, which has not ended; one that has gone off for the only time stays over, with TRUE. FALSE with `ERROR_INVALID_HANDLE` (no
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

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::c_void;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    static CALLED: AtomicU32 = AtomicU32::new(0);

    extern "system" fn count(_: *mut c_void, _: u8) {
        CALLED.fetch_add(1, SeqCst);
    }

    /// "ChangeTimerQueueTimer function": an alarm that was on its way when the timer was set anew is not one of the new setting's.
    #[test]
    fn an_alarm_of_an_earlier_setting_calls_nothing() {
        let mut raw = 0;
        let callback = RawCallback::from_raw(count as *const () as usize);
        let (place, context) = (&raw mut raw, std::ptr::null_mut());
        // SAFETY: a live local; the function stays.
        let made = unsafe { create_timer(place, 0, callback, context, INFINITE, 0, 0) };
        assert_eq!(made, 1);
        let timer = timer_of(0, raw).expect("it was made");
        let turn = |number| {
            let timer = Arc::clone(&timer);
            Arc::new(Turn { timer, number }).due();
        };
        turn(0);
        turn(2);
        timer.calls.until_over();
        assert_eq!(CALLED.load(SeqCst), 0);
        turn(1);
        timer.calls.until_over();
        assert_eq!(CALLED.load(SeqCst), 1);
        assert_eq!(delete_timer(0, raw, 0), 1);
    }
}
