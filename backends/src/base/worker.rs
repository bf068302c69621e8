//! The thread that works on for sockets whose callers have gone on.
//!
//! It sends the data that non-blocking sends left behind, ends the stream behind them when that was
//! asked for, gives a connection that was closed with data left its time, and turns away who comes
//! to a listener that pauses. There is at most one; it starts when there is something to do and ends
//! when there is not, so a provider that does no such thing has no thread.
//!
//! [`Worker`] is what the calls see: a list of sockets to look at. [`Crew`] is the thread's own: the
//! jobs, each registered with a poller ([`net::Poller`](crate::net::Poller)), so that a socket costs
//! nothing while nothing happens to it. A job is worked on until the network would block.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use slab::Slab;
use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

use super::socket::Socket;
use super::stack::Stack;
use crate::net::Interest;
use crate::net::Net;
use crate::net::Poller;
use crate::net::Ready;
use crate::net::Registrar;
use crate::net::Token;

/// When to look again at what the network cannot watch.
const RELIEF: Duration = Duration::from_millis(10);

/// The worker of one stack.
#[derive(Default)]
pub(super) struct Worker(Mutex<List>);

#[derive(Default)]
struct List {
    /// What is to be looked at.
    new: Vec<Arc<Socket>>,
    running: bool,
    /// What ends the thread's wait, once it can.
    waker: Option<Arc<dyn Wake>>,
}

/// What there is still to do for a socket.
pub(super) enum Work {
    /// Nothing.
    None,
    /// Go on when it is ready: it was tried until the network would block.
    When(Interest),
    /// Go on in a while: the network cannot at the moment, and will not tell when it can.
    Later,
}

impl Worker {
    /// Has `socket` worked on. It is kept until its work is done.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no thread.
    pub(super) fn add(&self, stack: &Arc<Stack>, socket: Arc<Socket>) -> Result<(), Errno> {
        let mut list = self.0.lock();
        list.push(socket);
        if list.running {
            return Ok(());
        }
        let stack = stack.clone();
        let started = thread::Builder::new()
            .name("ws2spi-base".into())
            .spawn(move || Crew::default().run(&stack));
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

    /// Has the worker look whether `socket` still needs it. Without a worker nothing does.
    pub(super) fn look_again(&self, socket: &Socket) {
        let mut list = self.0.lock();
        if list.running
            && let Some(socket) = socket.arc()
        {
            list.push(socket);
        }
    }

    /// What is to be looked at; `None` when that is nothing and the thread, being `idle`, has resigned.
    fn fetch(&self, idle: bool, waker: Option<&Arc<dyn Wake>>) -> Option<Vec<Arc<Socket>>> {
        let mut list = self.0.lock();
        if idle && list.new.is_empty() {
            list.running = false;
            list.waker = None;
            return None;
        }
        list.waker = waker.cloned();
        Some(mem::take(&mut list.new))
    }
}

impl List {
    fn push(&mut self, socket: Arc<Socket>) {
        self.new.push(socket);
        if let Some(waker) = &self.waker {
            waker.wake();
        }
    }
}

/// What the thread has in hand.
#[derive(Default)]
struct Crew {
    jobs: Slab<Job>,
    /// Tells apart the jobs that have a place one after the other.
    generation: u32,
    /// `None` while there can be none.
    eyes: Option<Eyes>,
    /// Jobs that nobody watches, to be looked at after a while.
    later: BTreeSet<usize>,
    ready: Vec<Ready>,
}

struct Job {
    socket: Arc<Socket>,
    token: Token,
    is_watched: bool,
}

/// The poller and what belongs to it.
struct Eyes {
    poller: Box<dyn Poller>,
    registrar: Arc<dyn Registrar>,
    waker: Arc<dyn Wake>,
}

impl Crew {
    fn run(mut self, stack: &Stack) {
        self.open_eyes(&*stack.net);
        while let Some(new) = stack.worker.fetch(
            self.jobs.is_empty(),
            self.eyes.as_ref().map(|eyes| &eyes.waker),
        ) {
            for socket in new {
                let at = self.place_of(socket);
                self.work_on(at);
            }
            if !self.jobs.is_empty() {
                self.wait(&*stack.net);
            }
        }
    }

    fn open_eyes(&mut self, net: &dyn Net) {
        self.eyes = net.poller().ok().map(|poller| Eyes {
            registrar: poller.registrar(),
            waker: poller.waker(),
            poller,
        });
    }

    /// Waits once, and works on what is ready.
    fn wait(&mut self, net: &dyn Net) {
        let until = (!self.later.is_empty()).then(|| net.now() + RELIEF);
        match &mut self.eyes {
            Some(eyes) => {
                if eyes.poller.wait(&mut self.ready, until).is_err() {
                    thread::park_timeout(RELIEF);
                }
            }
            None => {
                thread::park_timeout(RELIEF);
                self.open_eyes(net);
            }
        }
        let ready = mem::take(&mut self.ready);
        for Ready { token, .. } in &ready {
            let at = token.slot as usize;
            if self.jobs.get(at).is_some_and(|job| job.token == *token) {
                self.work_on(at);
            }
        }
        self.ready = ready;
        if until.is_some_and(|until| net.now() >= until) {
            for at in mem::take(&mut self.later) {
                self.work_on(at);
            }
        }
    }

    /// Where the job for a socket is, which is begun if there is none.
    fn place_of(&mut self, socket: Arc<Socket>) -> usize {
        let known = self
            .jobs
            .iter()
            .find(|(_, job)| Arc::ptr_eq(&job.socket, &socket));
        if let Some((at, _)) = known {
            return at;
        }
        self.generation = self.generation.wrapping_add(1);
        let place = self.jobs.vacant_entry();
        let at = place.key();
        place.insert(Job {
            socket,
            token: Token {
                slot: at as u32,
                generation: self.generation,
            },
            is_watched: false,
        });
        at
    }

    fn work_on(&mut self, at: usize) {
        let Some(job) = self.jobs.get_mut(at) else {
            return;
        };
        let registrar = self.eyes.as_ref().map(|eyes| &eyes.registrar);
        match (job.socket.work(), registrar) {
            (Work::None, _) => self.dismiss(at),
            (Work::When(interest), Some(registrar)) => {
                let told = if job.is_watched {
                    registrar.drained(job.token)
                } else {
                    registrar.register(job.token, job.socket.net.clone(), interest)
                };
                job.is_watched = told.is_ok();
                if told.is_err() {
                    registrar.remove(job.token);
                    self.later.insert(at);
                }
            }
            (Work::When(_) | Work::Later, _) => {
                self.later.insert(at);
            }
        }
    }

    /// Ends a job. The poller lets the descriptor go before the socket may close it.
    fn dismiss(&mut self, at: usize) {
        self.later.remove(&at);
        let job = self.jobs.remove(at);
        if let Some(eyes) = &self.eyes {
            eyes.registrar.remove(job.token);
        }
    }
}

#[cfg(test)]
mod tests;
