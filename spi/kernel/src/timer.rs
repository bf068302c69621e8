//! Waitable timers: signalled at a time, once or again and again, with a completion routine as an APC.
//!
//! A timer that releases by hand stays signalled until it is set again, one for synchronization releases one wait each time.
//! What sets a timer with a routine gets the APC on its own thread, one at a time.

use std::fmt;
use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;

use ws2spi_abi::Errno;

use crate::alarm;
use crate::alarm::Alarm;
use crate::alarm::Due;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::clock::file_time;
use crate::event::Reset;
use crate::handles;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::names;
use crate::names::Created;
use crate::names::Name;
use crate::names::Named;
use crate::names::Naming;
use crate::signal::Rule;
use crate::signal::Signal;
use crate::sync::Mutex;
use crate::thread;
use crate::thread::Apc;
use crate::thread::Thread;

/// What a timer calls, with the time at which it went off: units of 100 ns since 1601, UTC.
pub type Routine = Arc<dyn Fn(u64) + Send + Sync>;

/// When a timer goes off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// After a time.
    In(Duration),
    /// At a time of the calendar: units of 100 ns since 1601, UTC.
    ///
    /// DIFFERS: a clock that is set afterwards changes nothing.
    At(u64),
}

/// A waitable timer.
pub struct Timer {
    signal: Signal,
    naming: Naming,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Counts how often it was set or cancelled: what belongs to an earlier time is over.
    turn: u64,
    alarm: Option<Alarm>,
}

/// One setting of a timer.
struct Setting {
    timer: Weak<Timer>,
    turn: u64,
    at: Duration,
    period: Duration,
    routine: Option<(Weak<Thread>, Routine)>,
    /// Whether an APC is queued that has not run.
    queued: Mutex<bool>,
}

impl Timer {
    fn new(reset: Reset) -> Self {
        let rule = match reset {
            Reset::Manual => Rule::Manual,
            Reset::Auto => Rule::Auto,
        };
        Self {
            signal: Signal::new(rule, 0),
            naming: Naming::new(),
            state: Mutex::new(State::default()),
        }
    }

    /// Ends the present setting; the number of the next.
    fn stop(&self) -> u64 {
        let mut state = self.state.lock();
        state.turn += 1;
        let (turn, alarm) = (state.turn, state.alarm.take());
        drop(state);
        alarm.map(alarm::cancel);
        turn
    }

    /// Whether a setting is the present one.
    fn is_at(&self, turn: u64) -> bool {
        self.state.lock().turn == turn
    }
}

impl Setting {
    fn begin(self: &Arc<Self>, timer: &Timer, at: Duration) -> Result<(), Errno> {
        let alarm = alarm::set(at, Arc::clone(self) as Arc<dyn Due>)?;
        let mut state = timer.state.lock();
        if state.turn == self.turn {
            state.alarm = Some(alarm);
        } else {
            drop(state);
            alarm::cancel(alarm);
        }
        Ok(())
    }

    /// Queues the routine to the thread that set the timer, unless it is queued already.
    fn call(self: &Arc<Self>) {
        let Some((thread, _)) = &self.routine else {
            return;
        };
        let Some(thread) = thread.upgrade() else {
            return;
        };
        if std::mem::replace(&mut *self.queued.lock(), true) {
            return;
        }
        let (setting, time) = (Arc::clone(self), file_time());
        let apc = Apc::new(move || {
            *setting.queued.lock() = false;
            let current = setting
                .timer
                .upgrade()
                .is_some_and(|timer| timer.is_at(setting.turn));
            // DIFFERS: a wait that an APC ended which was cancelled before it ran has ended all the same.
            if let (true, Some((_, routine))) = (current, &setting.routine) {
                routine(time);
            }
        });
        // A thread that has exited is told nothing.
        let _ = thread.queue_apc(apc);
    }
}

impl Due for Setting {
    fn due(self: Arc<Self>) {
        let Some(timer) = self.timer.upgrade() else {
            return;
        };
        {
            // Whoever cancels it sees no signal of it afterwards.
            let state = timer.state.lock();
            if state.turn != self.turn {
                return;
            }
            timer.signal.set();
        }
        self.call();
        if !self.period.is_zero() {
            let next = next_after(self.at, self.period, SystemClock.now());
            // Without memory for the next time it has ended.
            let _ = self.begin(&timer, next);
        }
    }
}

/// The first time after `now` that is a whole number of periods from `start`.
fn next_after(start: Duration, period: Duration, now: Duration) -> Duration {
    let passed = now.saturating_sub(start).as_nanos() / period.as_nanos().max(1);
    let ahead = u64::try_from((passed + 1) * period.as_nanos()).unwrap_or(u64::MAX);
    start.saturating_add(Duration::from_nanos(ahead))
}

impl Object for Timer {
    fn kind(&self) -> Kind {
        Kind::Timer
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.signal)
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.naming.handles())
    }

    fn last_closed(&self) {
        names::last_closed(self);
        self.stop();
    }
}

impl Named for Timer {
    fn naming(&self) -> &Naming {
        &self.naming
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("signal", &self.signal)
            .finish_non_exhaustive()
    }
}

/// Creates a timer that is not set, with or without a name, or opens the one that has it.
///
/// # Errors
/// [`names::create`]'s.
#[doc(alias = "CreateWaitableTimer")]
pub fn create(reset: Reset, name: Option<Name>) -> Result<Created, Errno> {
    names::create(name, Arc::new(Timer::new(reset)), None)
}

/// Sets a timer, which is nonsignalled from here on: it goes off at a time, and then after every `period` unless that is
/// zero. The routine runs on the calling thread, in an alertable wait. What was set before is over.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a timer's, `WSA_NOT_ENOUGH_MEMORY`.
#[doc(alias = "SetWaitableTimer")]
pub fn set(
    raw: usize,
    when: When,
    period: Duration,
    routine: Option<Routine>,
) -> Result<(), Errno> {
    let timer = from_handle(raw)?;
    let turn = timer.stop();
    timer.signal.reset();
    let after = match when {
        When::In(after) => after,
        When::At(time) => {
            let units = time.saturating_sub(file_time());
            Duration::from_micros(units / 10)
        }
    };
    let at = SystemClock.now().saturating_add(after);
    let routine = routine.map(|routine| {
        let thread = thread::current();
        thread.expect_apcs();
        (Arc::downgrade(&thread), routine)
    });
    let setting = Arc::new(Setting {
        timer: Arc::downgrade(&timer),
        turn,
        at,
        period,
        routine,
        queued: Mutex::new(false),
    });
    if after.is_zero() {
        // No thread is needed to see that it is over.
        timer.state.lock().alarm = None;
        setting.due();
        return Ok(());
    }
    setting.begin(&timer, at)
}

/// Has a timer go off no more; what it signals already it still signals.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a timer's.
#[doc(alias = "CancelWaitableTimer")]
pub fn cancel(raw: usize) -> Result<(), Errno> {
    from_handle(raw)?.stop();
    Ok(())
}

fn from_handle(raw: usize) -> Result<Arc<Timer>, Errno> {
    let object = handles::pin(raw).and_then(|pinned| pinned.object().cloned());
    object
        .and_then(<dyn Object>::downcast)
        .ok_or(Errno::INVALID_HANDLE)
}
