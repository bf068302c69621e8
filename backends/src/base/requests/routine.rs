//! Completion routines: calls that a thread makes in an alertable wait.
//!
//! The routines of one socket never nest (P238): a routine may wait alertably itself, and what is due
//! for the same socket then runs when it has returned. Routines of other sockets run in such a wait.

use std::cell::RefCell;
use std::collections::VecDeque;

use ws2spi_abi::args::CompletionRoutine;
use ws2spi_abi::args::Overlapped;

use crate::sync;

/// One call of a routine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) routine: CompletionRoutine,
    pub(super) error: u32,
    pub(super) bytes: u32,
    pub(super) overlapped: Overlapped,
    pub(super) flags: u32,
}

impl Call {
    fn make(self) {
        self.routine
            .call(self.error, self.bytes, &self.overlapped, self.flags);
    }
}

/// The routine of a socket that runs on this thread, and what waits for its return.
struct Running {
    socket: usize,
    waiting: VecDeque<Call>,
}

sync::thread_local! {
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

/// Makes the call, and those that came due for the same socket meanwhile; or leaves it to a routine
/// of the socket that is running. On the thread that issued the request, no lock held.
pub(super) fn run(socket: usize, call: Call) {
    if !begin(socket, call) {
        return;
    }
    call.make();
    while let Some(call) = next(socket) {
        call.make();
    }
}

/// Whether no routine of the socket runs yet; otherwise that one makes the call.
fn begin(socket: usize, call: Call) -> bool {
    RUNNING.with(|list| {
        let mut list = list.borrow_mut();
        match list.iter_mut().find(|one| one.socket == socket) {
            Some(running) => {
                running.waiting.push_back(call);
                false
            }
            None => {
                list.push(Running {
                    socket,
                    waiting: VecDeque::new(),
                });
                true
            }
        }
    })
}

/// What else is due for the socket; without anything its turn is over.
fn next(socket: usize) -> Option<Call> {
    RUNNING.with(|list| {
        let mut list = list.borrow_mut();
        let at = list.iter().position(|one| one.socket == socket)?;
        let call = list[at].waiting.pop_front();
        if call.is_none() {
            list.swap_remove(at);
        }
        call
    })
}
