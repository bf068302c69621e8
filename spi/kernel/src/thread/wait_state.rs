//! Where a thread stands in its wait: one word, so that exactly one party ends a wait.
//!
//! The thread begins a wait; a signaller grants it, an APC alerts it, or the thread itself ends it
//! (it found an object signalled, or the time was over). Whoever wins the exchange decides what the
//! wait returns.

use crate::signal::Acquired;
use crate::sync::AtomicU32;
use crate::sync::Ordering::AcqRel;
use crate::sync::Ordering::Acquire;
use crate::sync::Ordering::Release;
use crate::wait::Alert;

/// The state of a thread's wait.
#[derive(Debug)]
pub(crate) struct WaitState(AtomicU32);

/// How a wait was ended by somebody else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// It was granted: the place among the objects, and what came with it.
    Granted(u32, Acquired),
    /// An APC was queued.
    Alerted,
}

impl WaitState {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(IDLE))
    }

    /// Begins a wait. Only the thread itself calls it.
    pub(crate) fn begin(&self, alert: Alert) {
        let state = match alert {
            Alert::Plain => WAITING,
            Alert::Alertable => ALERTABLE,
        };
        self.0.store(state, Release);
    }

    /// Ends the wait by the thread itself. `false`: somebody else was first.
    pub(crate) fn end(&self) -> bool {
        self.leave(&[WAITING, ALERTABLE], IDLE)
    }

    /// Grants the wait. `false`: it has ended.
    pub(crate) fn grant(&self, place: u32, acquired: Acquired) -> bool {
        let flag = match acquired {
            Acquired::Plain => 0,
            Acquired::Abandoned => ABANDONED,
        };
        self.leave(&[WAITING, ALERTABLE], GRANTED | flag | place)
    }

    /// Ends an alertable wait for an APC. `false`: there is none.
    pub(crate) fn alert(&self) -> bool {
        self.leave(&[ALERTABLE], ALERTED)
    }

    /// How the wait was ended by somebody else; `None` as long as it was not.
    pub(crate) fn ending(&self) -> Option<Ending> {
        let state = self.0.load(Acquire);
        match state {
            IDLE | WAITING | ALERTABLE => None,
            ALERTED => Some(Ending::Alerted),
            _ if state & ABANDONED != 0 => {
                Some(Ending::Granted(state & PLACE, Acquired::Abandoned))
            }
            _ => Some(Ending::Granted(state & PLACE, Acquired::Plain)),
        }
    }

    fn leave(&self, from: &[u32], to: u32) -> bool {
        self.0
            .fetch_update(AcqRel, Acquire, |state| from.contains(&state).then_some(to))
            .is_ok()
    }
}

const IDLE: u32 = 0;
const WAITING: u32 = 1;
const ALERTABLE: u32 = 2;
const ALERTED: u32 = 3;
const GRANTED: u32 = 0x100;
const ABANDONED: u32 = 0x200;
const PLACE: u32 = 0xff;
