//! The timers of a thread's message queue: what `SetTimer` sets.
//!
//! They post nothing: whoever gets a message finds one that is due when there is nothing else. Kept by the queue, under its
//! lock.

use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::HWND;

use super::Message;
use super::find;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::thread;

/// A timer.
#[derive(Clone, Copy, Debug)]
struct Timer {
    window: HWND,
    id: usize,
    period: Duration,
    next: Duration,
    procedure: usize,
}

/// The timers of a queue.
#[derive(Default, Debug)]
pub(super) struct Timers {
    timers: Vec<Timer>,
    last: usize,
}

impl Timers {
    fn place(&self, window: HWND, id: usize) -> Option<usize> {
        let this = |timer: &Timer| timer.window == window && timer.id == id;
        self.timers.iter().position(this)
    }

    fn set(&mut self, window: HWND, id: usize, period: Duration, procedure: usize) -> usize {
        let place = self.place(window, id);
        let id = match (window, place) {
            // A thread's own timer has a number of the system's choice.
            (0, None) => {
                self.last += 1;
                self.last
            }
            _ => id,
        };
        let timer = Timer {
            window,
            id,
            period,
            next: SystemClock.now() + period,
            procedure,
        };
        match place.and_then(|place| self.timers.get_mut(place)) {
            Some(known) => *known = timer,
            None => self.timers.push(timer),
        }
        id
    }

    pub(super) fn remove_window(&mut self, window: HWND) {
        self.timers.retain(|timer| timer.window != window);
    }

    /// When the first of those goes off whose messages are wanted.
    pub(super) fn next(&self, wanted: impl Fn(&Message) -> bool) -> Option<Duration> {
        let wanted = self.timers.iter().filter(|timer| wanted(&timer.message()));
        wanted.map(|timer| timer.next).min()
    }

    /// The message of the one that is due the longest and wanted; the timer goes on with `take`.
    pub(super) fn due(&mut self, take: bool, wanted: impl Fn(&Message) -> bool) -> Option<Message> {
        let now = SystemClock.now();
        let due = |timer: &&mut Timer| timer.next <= now && wanted(&timer.message());
        let timer = self.timers.iter_mut().filter(due);
        let timer = timer.min_by_key(|timer| timer.next)?;
        if take {
            timer.next = now + timer.period;
        }
        Some(timer.message())
    }

    fn calls(&self, procedure: usize) -> bool {
        let this = |timer: &Timer| timer.procedure == procedure;
        self.timers.iter().any(this)
    }
}

impl Timer {
    fn message(&self) -> Message {
        Message::new(self.window, WM_TIMER, self.id, self.procedure as isize)
    }
}

/// Sets a timer of a window of the calling thread, or, for window 0, of the thread itself, whose number is chosen then unless
/// it has one with that number. Its message has the number in `wparam` and `procedure` in `lparam`. The number.
///
/// # Errors
/// `ERROR_INVALID_WINDOW_HANDLE` when there is no such window, `ERROR_ACCESS_DENIED` when it is another thread's.
#[doc(alias = "SetTimer")]
pub fn set(window: HWND, id: usize, period: Duration, procedure: usize) -> Result<usize, Errno> {
    check(window)?;
    let thread = thread::current();
    let mut state = thread.queue().state.lock();
    Ok(state.timers.set(window, id, period, procedure))
}

/// Ends a timer.
///
/// # Errors
/// As [`set`]; `ERROR_INVALID_PARAMETER` when there is no such timer.
#[doc(alias = "KillTimer")]
pub fn end(window: HWND, id: usize) -> Result<(), Errno> {
    check(window)?;
    let thread = thread::current();
    let mut state = thread.queue().state.lock();
    let place = state.timers.place(window, id);
    let place = place.ok_or(Errno::INVALID_PARAMETER)?;
    state.timers.timers.swap_remove(place);
    Ok(())
}

/// Whether a timer of the calling thread has that procedure: others are not to be called.
#[must_use]
pub fn has_procedure(procedure: usize) -> bool {
    let thread = thread::current();
    let queue = thread.queue_if_used();
    queue.is_some_and(|queue| queue.state.lock().timers.calls(procedure))
}

fn check(window: HWND) -> Result<(), Errno> {
    if window == 0 || find(window)?.owner == thread::current().id() {
        Ok(())
    } else {
        Err(Errno::ACCESS_DENIED)
    }
}

const WM_TIMER: u32 = 0x113;
