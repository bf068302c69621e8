//! Calls of a program's function that go on, and waiting for their end: what ending a timer or a registered wait has to know.

use parking_lot::{Condvar, Mutex};
use ws2spi_abi::{Errno, HANDLE, INVALID_HANDLE_VALUE};
use ws2spi_kernel::event;

/// The calls of one function that go on.
#[derive(Debug, Default)]
pub(super) struct Calls {
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Debug, Default)]
struct State {
    going_on: usize,
    /// None may begin any more.
    ended: bool,
    /// What is set when the last of them is over.
    event: Option<HANDLE>,
}

/// How the end of the calls is to be learned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Learn {
    /// By the answer alone.
    Now,
    /// By waiting for it.
    ByWaiting,
    /// By an event.
    By(HANDLE),
}

impl Learn {
    /// What the completion event of an ending function says.
    pub(super) fn from_event(event: HANDLE) -> Self {
        match event {
            0 => Self::Now,
            INVALID_HANDLE_VALUE => Self::ByWaiting,
            event => Self::By(event),
        }
    }
}

impl Calls {
    /// A call, unless they have ended.
    pub(super) fn call(&self, function: impl FnOnce()) {
        if !self.begin() {
            return;
        }
        function();
        self.done();
    }

    /// Begins a call that [`done`](Self::done) ends. `false`: none may begin.
    pub(super) fn begin(&self) -> bool {
        let mut state = self.state.lock();
        if !state.ended {
            state.going_on += 1;
        }
        !state.ended
    }

    /// Ends a call.
    pub(super) fn done(&self) {
        let mut state = self.state.lock();
        state.going_on -= 1;
        let last = state.going_on == 0;
        let event = if last { state.event.take() } else { None };
        drop(state);
        if last {
            self.over.notify_all();
        }
        if let Some(event) = event {
            // Whoever closed it does not want to know.
            let _ = event::set(event);
        }
    }

    /// Waits until no call goes on.
    pub(super) fn until_over(&self) {
        let mut state = self.state.lock();
        while state.going_on > 0 {
            self.over.wait(&mut state);
        }
    }

    /// No call begins any more. `ERROR_IO_PENDING` when some go on and are not waited for.
    ///
    /// # Errors
    /// `ERROR_INVALID_HANDLE` when the event is none; nothing has ended then.
    pub(super) fn end(&self, learn: Learn) -> Result<(), Errno> {
        if let Learn::By(raw) = learn {
            event::from_handle(raw)?;
        }
        let mut state = self.state.lock();
        state.ended = true;
        if learn == Learn::ByWaiting {
            drop(state);
            self.until_over();
            return Ok(());
        }
        let pending = state.going_on > 0;
        match learn {
            Learn::By(raw) if pending => state.event = Some(raw),
            Learn::By(raw) => {
                drop(state);
                event::set(raw)?;
            }
            _ => {}
        }
        if pending {
            Err(Errno::IO_PENDING)
        } else {
            Ok(())
        }
    }
}
