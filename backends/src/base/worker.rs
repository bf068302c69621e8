//! The thread that works on for sockets whose callers have gone on: the reactor of a stack.
//!
//! It sends the data that non-blocking sends left behind, ends the stream behind them when that was
//! asked for, turns away who comes to a listener that pauses, and looks for network events. What it does for one socket is
//! `Socket::work`. There is at most one thread; it starts when there is something
//! to do and ends when no socket needs it any more, so a provider that does no such thing has none.
//!
//! Threads that wait at completion ports do the same work in its place, one at a time and where the
//! network tells every edge ([`driving`]); the thread sleeps meanwhile. "The worker" is whoever leads.
//!
//! ```text
//! attend(socket)   any thread: have the worker look at the socket, whatever the network tells
//! watch(socket)    any thread: have the network tell the worker, without a look or a wake-up of it
//! release(socket)  the last handle is gone
//! worker: called sockets, then the poller's events --> Socket::work --> one registration each
//! ```
//!
//! **For the parts of a socket.** A part that wants to hear of the network answers with an interest in
//! `Socket::work`, and calls [`Worker::attend`] whenever what it wants has changed; `work` is then
//! called soon, on the worker's thread. For network events that part is `Socket::observe`: it is
//! given what the network told (nothing after an `attend`: look at the socket's level then) and returns
//! what it wants to hear of next; it is asked in every step, so it must be cheap while it has nothing to
//! do. A condition is told as an edge: after new data a readable socket is told again although the old
//! data are unread (where the network tells every edge), but what merely stays true is not told again.
//!
//! A socket has at most one registration ([`Job`]), of which it keeps the [`Place`]. Where the network
//! tells every edge the interest of a registration only grows, and it stays while more is expected:
//! a receive that has to wait then costs no system call and no wake-up of this thread. A
//! registration by which the worker was woken again and again for nothing is given up. Elsewhere
//! it is for exactly what is waited for.
//!
//! The list's lock is a leaf, but for the registrar's own; `work` runs without it.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use slab::Slab;
use ws2spi_abi::Errno;
use ws2spi_kernel::port;
use ws2spi_kernel::port::Helm;
use ws2spi_kernel::thread::Wake;

use super::socket::Socket;
use super::stack::Stack;
use super::status::Bit;
use super::status::State;
use crate::net::Interest;
use crate::net::Poller;
use crate::net::Readiness;
use crate::net::Ready;
use crate::net::Registrar;
use crate::net::Token;
use crate::sync::AtomicU32;
use crate::sync::Mutex;
use crate::sync::thread;

/// When to look again at what the network cannot watch.
const RELIEF: Duration = Duration::from_millis(10);

/// So many times in a row a registration may wake the worker for nothing.
const PATIENCE: u32 = 8;

/// The worker of one stack.
#[derive(Default)]
pub(super) struct Worker {
    list: Mutex<List>,
    /// Who works; its lock comes after the list's.
    helm: Helm<Box<Crew>>,
}

/// Where a socket's job is: its slot and one, 0 for none, written under the list's lock; above it how
/// often in a row the worker was woken for nothing, counted by the worker.
#[derive(Default)]
pub(super) struct Place(AtomicU32);

#[derive(Default)]
struct List {
    /// What is to be looked at.
    called: Vec<Arc<Socket>>,
    jobs: Slab<Job>,
    /// Tells apart the jobs that have a slot one after the other.
    generation: u32,
    running: bool,
    /// How the running thread is reached, once it has a poller.
    line: Option<Line>,
}

/// A socket's registration.
struct Job {
    socket: Arc<Socket>,
    token: Token,
    /// What the network was asked for; nothing while it could not be asked.
    interest: Option<Interest>,
}

#[derive(Clone)]
struct Line {
    registrar: Arc<dyn Registrar>,
}

impl Worker {
    /// Has the worker look at `socket` soon, and keep it until its work is done. Any thread.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no thread.
    pub(super) fn attend(&self, socket: &Socket) -> Result<(), Errno> {
        let Some(me) = socket.arc() else {
            return Ok(());
        };
        let mut list = self.list.lock();
        list.start(&socket.stack)?;
        list.call(me, &self.helm);
        Ok(())
    }

    /// Has the worker look whether `socket` still needs it. Without a worker nothing does.
    pub(super) fn look_again(&self, socket: &Socket) {
        let mut list = self.list.lock();
        if list.running
            && let Some(socket) = socket.arc()
        {
            list.call(socket, &self.helm);
        }
    }

    /// Has the network tell the worker of `interest` from now on, if it tells every edge; otherwise the
    /// worker asks it, so it is called. Either way what is ready already is told. Any thread. A socket
    /// that was closed meanwhile needs nothing: nobody would end its registration.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no thread.
    pub(super) fn watch(&self, socket: &Socket, interest: Interest) -> Result<(), Errno> {
        let Some(me) = socket.arc() else {
            return Ok(());
        };
        let mut list = self.list.lock();
        if list.is_gone(socket) {
            return Ok(());
        }
        list.start(&socket.stack)?;
        let tells = |line: &Line| line.registrar.tells_every_edge();
        let told = list.line.as_ref().is_some_and(tells) && list.enlist(&me, interest).is_ok();
        if !told {
            // The thread begins, or looks by itself.
            list.call(me, &self.helm);
        }
        Ok(())
    }

    /// The last handle of `socket` is gone: its job ends, unless data are still to be sent.
    pub(super) fn release(&self, socket: &Socket) {
        let mut list = self.list.lock();
        if socket.status.get().has(Bit::Backlogged) {
            return;
        }
        let job = list.dismiss(socket);
        if job.is_some() && list.jobs.is_empty() {
            self.helm.call();
        }
        drop(list);
        drop(job);
    }

    /// The network's socket was renewed: the system watches it no longer, unless it is asked again.
    pub(super) fn renewed(&self, socket: &Socket) {
        let mut list = self.list.lock();
        if let (Some(job), Some(line)) = (list.job(socket), &list.line)
            && let Some(interest) = job.interest
            && line.registrar.change(job.token, interest).is_err()
            && let Some(me) = socket.arc()
        {
            list.call(me, &self.helm);
        }
    }

    /// Whether the network tells of every arrival, also while others are unread. Without a poller
    /// nothing is told.
    pub(super) fn tells_every_edge(&self) -> bool {
        let list = self.list.lock();
        let line = list.line.as_ref();
        line.is_some_and(|line| line.registrar.tells_every_edge())
    }

    fn has_jobs(&self) -> bool {
        !self.list.lock().jobs.is_empty()
    }

    /// Adds the sockets of what was told to `turn`; events of jobs that have ended are dropped.
    fn find(&self, told: &[Ready], turn: &mut Vec<(Arc<Socket>, Readiness)>) {
        let list = self.list.lock();
        turn.extend(told.iter().filter_map(|Ready { token, ready }| {
            let job = list.jobs.get(token.slot as usize)?;
            (job.token == *token).then(|| (job.socket.clone(), *ready))
        }));
    }

    /// Adds the sockets of the jobs in these slots.
    fn find_late(&self, late: &BTreeSet<usize>, turn: &mut Vec<(Arc<Socket>, Readiness)>) {
        let list = self.list.lock();
        turn.extend(late.iter().filter_map(|at| {
            let job = list.jobs.get(*at)?;
            Some((job.socket.clone(), Readiness::NONE))
        }));
    }

    /// What is to be looked at; `None` when that is nothing and the thread has resigned.
    fn fetch(&self) -> Option<Vec<Arc<Socket>>> {
        let mut list = self.list.lock();
        if list.jobs.is_empty() && list.called.is_empty() {
            list.running = false;
            list.line = None;
            self.helm.close();
            return None;
        }
        Some(mem::take(&mut list.called))
    }
}

impl List {
    /// # Errors
    /// `NOBUFS` when there can be no thread.
    fn start(&mut self, stack: &Arc<Stack>) -> Result<(), Errno> {
        if self.running {
            return Ok(());
        }
        let stack = stack.clone();
        thread::Builder::new()
            .name("ws2spi-base".into())
            .spawn(move || Box::<Crew>::default().run(&stack))
            .map_err(|_| Errno::NOBUFS)?;
        self.running = true;
        Ok(())
    }

    fn call(&mut self, socket: Arc<Socket>, helm: &Helm<Box<Crew>>) {
        if !socket.status.set(Bit::Called).has(Bit::Called) {
            self.called.push(socket);
            helm.call();
        }
    }

    fn job(&self, socket: &Socket) -> Option<&Job> {
        self.jobs.get(socket.place.slot()?)
    }

    /// Registers a socket for `interest`, or changes its registration.
    ///
    /// # Errors
    /// What the network answers: it does not watch the socket then. `NOBUFS` with too many.
    fn enlist(&mut self, socket: &Arc<Socket>, interest: Interest) -> Result<(), Errno> {
        let at = self.slot_for(socket)?;
        let line = self.line.clone().ok_or(Errno::NOBUFS)?;
        let job = &mut self.jobs[at];
        let asked = if line.registrar.tells_every_edge() {
            job.interest.unwrap_or_default() | widened(interest)
        } else {
            interest
        };
        let told = match job.interest {
            None => line
                .registrar
                .register(job.token, socket.net.clone(), asked),
            Some(known) if known == asked => line.registrar.drained(job.token),
            Some(_) => line.registrar.change(job.token, asked),
        };
        job.interest = told.is_ok().then_some(asked);
        if told.is_err() {
            line.registrar.remove(job.token);
        } else if line.registrar.tells_every_edge() {
            mark(socket, asked);
            return Ok(());
        }
        unmark(socket);
        told
    }

    /// The slot of a socket's job, which is begun if there is none.
    fn slot_for(&mut self, socket: &Arc<Socket>) -> Result<usize, Errno> {
        if let Some(at) = socket.place.slot() {
            return Ok(at);
        }
        if self.jobs.vacant_key() >= Place::SLOT as usize {
            return Err(Errno::NOBUFS);
        }
        self.generation = self.generation.wrapping_add(1);
        let free = self.jobs.vacant_entry();
        let at = free.key();
        free.insert(Job {
            socket: socket.clone(),
            token: Token {
                slot: at as u32,
                generation: self.generation,
            },
            interest: None,
        });
        socket.place.set(Some(at));
        Ok(at)
    }

    /// Whether the last handle has gone while the worker was at work: then nothing is left to do,
    /// unless data are still to be sent.
    fn is_gone(&self, socket: &Socket) -> bool {
        let state = socket.status.get();
        state.has(Bit::Closed) && !state.has(Bit::Backlogged)
    }

    /// Ends a socket's job. The poller lets the descriptor go before the socket may close it. To be
    /// dropped without the lock: it may be the last reference to the socket.
    fn dismiss(&mut self, socket: &Socket) -> Option<Job> {
        let at = socket.place.slot()?;
        socket.place.set(None);
        unmark(socket);
        let job = self.jobs.try_remove(at)?;
        if let Some(line) = &self.line {
            line.registrar.remove(job.token);
        }
        Some(job)
    }
}

impl Place {
    fn slot(&self) -> Option<usize> {
        ((self.0.load(Ordering::Relaxed) & Self::SLOT) as usize).checked_sub(1)
    }

    fn set(&self, slot: Option<usize>) {
        let word = slot.map_or(0, |slot| slot as u32 + 1);
        self.0.store(word, Ordering::Relaxed);
    }

    /// Counts whether the worker was woken `in_vain`; whether that has happened often enough now.
    fn is_tired_of(&self, in_vain: bool) -> bool {
        if in_vain {
            self.0.fetch_add(Self::ONCE, Ordering::Relaxed) / Self::ONCE >= PATIENCE
        } else {
            if self.0.load(Ordering::Relaxed) >= Self::ONCE {
                self.0.fetch_and(Self::SLOT, Ordering::Relaxed);
            }
            false
        }
    }

    /// The bits of the slot, and the least of those of the count.
    const SLOT: u32 = Self::ONCE - 1;
    const ONCE: u32 = 1 << 24;
}

/// Who hears of data hears of urgent data too: it costs nothing.
fn widened(interest: Interest) -> Interest {
    if interest.contains(Interest::READ) {
        interest | Interest::PRIORITY
    } else {
        interest
    }
}

/// Says in the socket's state what the network tells by itself.
fn mark(socket: &Socket, interest: Interest) {
    for (bit, part) in MARKS {
        if interest.contains(part) {
            socket.status.set(bit);
        }
    }
}

fn unmark(socket: &Socket) {
    for (bit, _) in MARKS {
        socket.status.clear(bit);
    }
}

/// Whether the network tells of all of `interest` by itself.
fn is_told(state: State, interest: Interest) -> bool {
    let reads = [Interest::READ, Interest::PRIORITY, Interest::END];
    let read = reads.iter().any(|part| interest.contains(*part));
    let write = interest.contains(Interest::WRITE);
    (!read || state.has(Bit::WatchedRead)) && (!write || state.has(Bit::WatchedWrite))
}

const MARKS: [(Bit, Interest); 2] = [
    (Bit::WatchedRead, Interest::READ),
    (Bit::WatchedWrite, Interest::WRITE),
];

/// What the worker has in hand.
#[derive(Default)]
struct Crew {
    /// `None` while there can be none.
    poller: Option<Box<dyn Poller>>,
    /// What calls the poller.
    waker: Option<Arc<dyn Wake>>,
    /// Slots of the jobs that nobody watches, to be looked at after a while.
    later: BTreeSet<usize>,
    ready: Vec<Ready>,
    /// What is ready, with its socket.
    turn: Vec<(Arc<Socket>, Readiness)>,
}

impl Crew {
    /// The thread.
    fn run(mut self: Box<Self>, stack: &Stack) {
        self.open_poller(stack);
        while self.look(stack) {
            if !stack.worker.has_jobs() {
                continue;
            }
            let before = port::released();
            self.wait(stack);
            if port::released() != before && self.may_go_round(stack) {
                self = stack.worker.helm.give_way(self);
            }
        }
    }

    fn open_poller(&mut self, stack: &Stack) {
        self.poller = stack.net.poller().ok();
        self.waker = self.poller.as_ref().map(|poller| poller.waker());
        let mut list = stack.worker.list.lock();
        list.line = self.poller.as_ref().map(|poller| Line {
            registrar: poller.registrar(),
        });
        stack.worker.helm.open(self.waker.clone());
    }

    /// Works on what is called. `false`: nothing is left to do, and the thread has resigned.
    fn look(&mut self, stack: &Stack) -> bool {
        stack.worker.helm.answer();
        let Some(called) = stack.worker.fetch() else {
            return false;
        };
        for socket in called {
            self.look_at(stack, &socket);
        }
        true
    }

    fn look_at(&mut self, stack: &Stack, socket: &Arc<Socket>) {
        // Whoever calls from here on wants another look.
        socket.status.clear(Bit::Called);
        self.work_on(stack, socket, Readiness::NONE);
    }

    /// Waits once, and works on what is ready.
    fn wait(&mut self, stack: &Stack) {
        let until = self.relief(stack);
        match &mut self.poller {
            Some(poller) => {
                if poller.wait(&mut self.ready, until).is_err() {
                    thread::park_timeout(RELIEF);
                }
            }
            None => {
                thread::park_timeout(RELIEF);
                self.open_poller(stack);
            }
        }
        self.work_on_ready(stack, until);
    }

    /// When to look at what the network cannot watch.
    fn relief(&self, stack: &Stack) -> Option<Duration> {
        (!self.later.is_empty()).then(|| stack.net.now() + RELIEF)
    }

    fn work_on_ready(&mut self, stack: &Stack, relief: Option<Duration>) {
        let mut turn = mem::take(&mut self.turn);
        stack.worker.find(&self.ready, &mut turn);
        if relief.is_some_and(|relief| stack.net.now() >= relief) {
            let late = mem::take(&mut self.later);
            stack.worker.find_late(&late, &mut turn);
        }
        self.ready.clear();
        for (socket, ready) in turn.drain(..) {
            self.work_on(stack, &socket, ready);
        }
        self.turn = turn;
    }

    fn work_on(&mut self, stack: &Stack, socket: &Arc<Socket>, ready: Readiness) {
        let work = socket.work(ready);
        let idle = work.is_over();
        let in_vain = idle && !work.progress && !ready.is_none();
        let stays = !idle || (work.stays && !socket.place.is_tired_of(in_vain));
        if stays && !work.later && is_told(socket.status.get(), work.interest) {
            return;
        }
        let mut list = stack.worker.list.lock();
        if !stays {
            let job = list.dismiss(socket);
            drop(list);
            if let Some(job) = job {
                self.later.remove(&(job.token.slot as usize));
            }
            if socket.has_requests() {
                // One came meanwhile, and relied on the registration.
                stack.worker.look_again(socket);
            }
            return;
        }
        if list.is_gone(socket) {
            return;
        }
        let told = list.enlist(socket, work.interest);
        if (told.is_err() || work.later)
            && let Some(at) = socket.place.slot()
        {
            self.later.insert(at);
        }
    }
}

mod driving;
#[cfg(test)]
mod tests;
