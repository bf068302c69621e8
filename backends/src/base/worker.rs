//! The thread that works on for sockets whose callers have gone on.
//!
//! It sends the data that non-blocking sends left behind, ends the stream behind them when that was
//! asked for, and gives a connection that was closed with data left its time. There is at most one;
//! it starts when there is something to do and ends when there is not, so a provider that does no
//! such thing has no thread.

use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use ws2spi_abi::Errno;

use super::socket::Socket;
use super::stack::Stack;
use crate::net::Interest;
use crate::net::Watch;
use ws2spi_kernel::thread::Wake;

/// How long to wait when the network cannot even wait.
const RELIEF: Duration = Duration::from_millis(10);

/// The worker of one stack.
#[derive(Default)]
pub(super) struct Worker(Mutex<List>);

#[derive(Default)]
struct List {
    /// What came since the thread looked last.
    new: Vec<Arc<Socket>>,
    running: bool,
    /// The thread's waker, once it waits.
    waker: Option<Arc<dyn Wake>>,
}

/// What there is still to do for a socket.
pub(super) enum Work {
    /// Nothing.
    None,
    /// Go on when it is ready.
    When(Interest),
}

impl Worker {
    /// Has `socket` worked on. It is kept until its work is done.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no thread.
    pub(super) fn add(&self, stack: &Arc<Stack>, socket: Arc<Socket>) -> Result<(), Errno> {
        let mut list = self.0.lock();
        list.new.push(socket);
        if let Some(waker) = &list.waker {
            waker.wake();
        }
        if list.running {
            return Ok(());
        }
        let stack = stack.clone();
        let started = thread::Builder::new()
            .name("ws2spi-base".into())
            .spawn(move || stack.worker.run(&stack));
        match started {
            Ok(_) => {
                list.running = true;
                Ok(())
            }
            Err(_) => {
                list.new.pop();
                Err(Errno::NOBUFS)
            }
        }
    }

    /// Has the worker look at its sockets again.
    pub(super) fn wake(&self) {
        if let Some(waker) = &self.0.lock().waker {
            waker.wake();
        }
    }

    fn run(&self, stack: &Stack) {
        let mut sockets: Vec<Arc<Socket>> = Vec::new();
        let mut waker = stack.net.waker().ok();
        while self.fetch(&mut sockets, &waker) {
            let mut watched = Vec::new();
            sockets.retain(|socket| match socket.work() {
                Work::None => false,
                Work::When(interest) => {
                    watched.push((socket.net.clone(), interest));
                    true
                }
            });
            if sockets.is_empty() {
                continue;
            }
            if waker.is_none() {
                waker = stack.net.waker().ok();
            }
            let mut watch: Vec<_> = watched
                .iter()
                .map(|(net, interest)| Watch::new(&**net, *interest))
                .collect();
            if stack.net.wait(&mut watch, None).is_err() {
                thread::park_timeout(RELIEF);
            }
        }
    }

    /// Takes over what is new; `false` when there is nothing left and the thread has resigned.
    fn fetch(&self, sockets: &mut Vec<Arc<Socket>>, waker: &Option<Arc<dyn Wake>>) -> bool {
        let mut list = self.0.lock();
        for socket in mem::take(&mut list.new) {
            if !sockets.iter().any(|known| Arc::ptr_eq(known, &socket)) {
                sockets.push(socket);
            }
        }
        list.running = !sockets.is_empty();
        list.waker = if list.running { waker.clone() } else { None };
        list.running
    }
}
