//! Waiting for messages and for objects at once.

use std::sync::Arc;

use ws2spi_abi::Errno;

use super::Queue;
use crate::clock::Timeout;
use crate::deadline::Deadline;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal::Signal;
use crate::thread;
use crate::wait;
use crate::wait::Alert;
use crate::wait::WaitFor;
use crate::wait::Waited;

/// Which messages end a wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Input {
    /// Posted ones, `WM_QUIT` among them.
    #[doc(alias = "QS_POSTMESSAGE")]
    pub posted: bool,
    /// Those of timers.
    #[doc(alias = "QS_TIMER")]
    pub timers: bool,
    /// Also those that were there when the queue was last looked at.
    #[doc(alias = "MWMO_INPUTAVAILABLE")]
    pub known: bool,
}

/// The news of a queue as something that can be waited for.
struct News(Arc<Queue>);

impl Object for News {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.0.fresh)
    }
}

/// Waits for objects, or for messages of the calling thread: that they have come is answered as if they were one more object
/// behind the others, and they stay in the queue.
///
/// # Errors
/// As [`wait::many`], for at most one object less.
#[doc(alias = "MsgWaitForMultipleObjectsEx")]
pub fn wait(
    handles: &[usize],
    what: WaitFor,
    timeout: Timeout,
    alert: Alert,
    input: Input,
) -> Result<Waited, Errno> {
    if handles.len() >= wait::MAXIMUM_OBJECTS {
        return Err(Errno::INVALID_PARAMETER);
    }
    let queue = Arc::clone(thread::current().queue());
    let mut objects = handles
        .iter()
        .map(|&handle| wait::waitable(handle))
        .collect::<Result<Vec<_>, _>>()?;
    let arrived = Waited::Signaled(handles.len());
    let alone = what == WaitFor::Any || handles.is_empty();
    if input.posted {
        if input.known && alone && queue.has_messages() {
            return Ok(arrived);
        }
        objects.push(Arc::new(News(Arc::clone(&queue))));
    }
    let end = timeout.deadline();
    loop {
        // For all objects a timer is no object: it would have to be one.
        let timer = queue.next_timer().filter(|_| input.timers && alone);
        let timer = timer.map_or(Deadline::Never, Deadline::At);
        let left = timer.min(end).left();
        let left = left.map_or(Timeout::Infinite, Timeout::After);
        let waited = if objects.is_empty() {
            wait::sleep(left, alert)
        } else {
            wait::for_objects(objects.clone(), what, left, alert)?
        };
        if waited != Waited::TimedOut {
            return Ok(waited);
        }
        if timer.left().is_some_and(|left| left.is_zero()) {
            return Ok(arrived);
        }
        if end.left().is_some_and(|left| left.is_zero()) {
            return Ok(Waited::TimedOut);
        }
    }
}
