//! Alarms: what is to happen at a time.
//!
//! One thread of the process serves them, as long as there are any. Timers set them; what an alarm does is done on that
//! thread, with no lock held, and must not block.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

use parking_lot::Condvar;
use ws2spi_abi::Errno;

use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::sync::ProcessMutex;

/// What happens when an alarm goes off.
pub trait Due: Send + Sync {
    /// It has gone off. Called once for each alarm that is not cancelled, on the thread of the alarms.
    fn due(self: Arc<Self>);
}

/// An alarm that was set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Alarm {
    at: Duration,
    number: u64,
}

struct Alarms {
    set: BTreeMap<Alarm, Arc<dyn Due>>,
    last: u64,
    /// Whether the thread is there.
    served: bool,
}

static ALARMS: ProcessMutex<Alarms> = ProcessMutex::new(Alarms {
    set: BTreeMap::new(),
    last: 0,
    served: false,
});

/// Signalled when the thread has something to look at.
static CHANGED: Condvar = Condvar::new();

/// Sets an alarm for a time of the system's clock. Never blocks.
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` when there can be no thread for it.
pub fn set(at: Duration, due: Arc<dyn Due>) -> Result<Alarm, Errno> {
    let mut alarms = ALARMS.lock();
    if !alarms.served {
        Builder::new()
            .name("ws2spi alarms".into())
            .spawn(serve)
            .map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
        alarms.served = true;
    }
    alarms.last += 1;
    let alarm = Alarm {
        at,
        number: alarms.last,
    };
    alarms.set.insert(alarm, due);
    drop(alarms);
    CHANGED.notify_one();
    Ok(alarm)
}

/// Takes an alarm back. `false`: it has gone off, and what it does may be going on.
pub fn cancel(alarm: Alarm) -> bool {
    let taken = ALARMS.lock().set.remove(&alarm);
    CHANGED.notify_one();
    // Dropped with no lock held.
    taken.is_some()
}

fn serve() {
    let mut alarms = ALARMS.lock();
    loop {
        let Some(first) = alarms.set.first_entry() else {
            alarms.served = false;
            return;
        };
        let left = first.key().at.saturating_sub(SystemClock.now());
        if left.is_zero() {
            let due = first.remove();
            drop(alarms);
            due.due();
            alarms = ALARMS.lock();
        } else {
            CHANGED.wait_for(&mut alarms, left);
        }
    }
}

impl fmt::Debug for dyn Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Due")
    }
}
