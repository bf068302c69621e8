//! `WSAPoll` on sockets of several providers: each provider polls its own, and the answers are put together.
//!
//! Every provider is asked once without waiting; most calls end there. When nothing is ready yet, each group gets a thread that waits
//! inside its provider, while the caller waits, alertably, for the first of them. The SPI has no way to call a waiting thread back but
//! to close a socket that it waits for (U168), so each group has a socket of its own among them, which nobody else knows and which
//! is closed when the call is over. A thread whose provider gives no such socket, or does not heed its end, looks up every
//! [`SLICE`], and outlives the call by no more than that.
//!
//! Relies on `poll` for one provider's sockets, which also calls it.

use super::poll::serve;
use crate::dispatch;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_kernel::clock::{Clock, SystemClock, Timeout};
use ws2spi_kernel::event::{Event, Reset};
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::wait::{self, Alert, Waited};

/// How long a thread waits in its provider before it looks whether the call is over.
const SLICE: i32 = 500;

/// Polls; how many elements have a condition. `providers` says whose socket each element is; what is none is not counted (P295).
///
/// # Errors
/// The first error that a provider answers; `WSAENOBUFS` when there can be no thread.
pub fn poll(fds: &mut [WSAPOLLFD], providers: &[Option<GUID>], timeout: i32) -> Result<i32, Errno> {
    let mut groups = Group::all(fds, providers);
    for group in &mut groups {
        group.answer = poll_now(&group.asked)?;
    }
    if timeout != 0 && groups.iter().all(Group::is_quiet) {
        wait(&mut groups, timeout)?;
    }
    fds.iter_mut().for_each(|fd| fd.revents = POLLNVAL);
    for group in &groups {
        for (place, revents) in group.places.iter().zip(&group.answer) {
            fds[*place].revents = *revents;
        }
    }
    Ok(groups.iter().map(Group::count).sum())
}

/// The sockets of one provider.
struct Group {
    /// Where they stand in the application's array.
    places: Vec<usize>,
    asked: Vec<WSAPOLLFD>,
    /// What is said of each.
    answer: Vec<i16>,
}

impl Group {
    /// One group per provider, in the order of their first sockets.
    fn all(fds: &[WSAPOLLFD], providers: &[Option<GUID>]) -> Vec<Self> {
        let mut ids: Vec<GUID> = Vec::new();
        let mut groups: Vec<Self> = Vec::new();
        for (place, (fd, provider)) in fds.iter().zip(providers).enumerate() {
            let Some(provider) = *provider else { continue };
            let known = ids.iter().position(|id| *id == provider);
            let at = known.unwrap_or_else(|| {
                ids.push(provider);
                groups.push(Self {
                    places: Vec::new(),
                    asked: Vec::new(),
                    answer: Vec::new(),
                });
                groups.len() - 1
            });
            groups[at].places.push(place);
            groups[at].asked.push(*fd);
        }
        groups
    }

    fn is_quiet(&self) -> bool {
        self.count() == 0
    }

    /// All of them were sockets when the call began, so one that was closed since is counted (P301).
    fn count(&self) -> i32 {
        self.answer.iter().filter(|revents| **revents != 0).count() as i32
    }
}

/// What is said of sockets of one provider now.
fn poll_now(asked: &[WSAPOLLFD]) -> Result<Vec<i16>, Errno> {
    let mut fds = asked.to_vec();
    poll_for(&mut fds, 0)?;
    Ok(fds.iter().map(|fd| fd.revents).collect())
}

/// [`serve`] of what were sockets when the call began. One that has been closed since is news: nothing is waited for then.
fn poll_for(fds: &mut [WSAPOLLFD], timeout: i32) -> Result<(), Errno> {
    fds.iter_mut().for_each(|fd| fd.revents = POLLNVAL);
    let left = fds.iter().filter(|fd| dispatch::is_known(fd.fd)).count();
    if left > 0 {
        serve(fds, if left == fds.len() { timeout } else { 0 })?;
    }
    Ok(())
}

/// Waits until a provider has something to say or the time is over; then the groups have their last answers.
fn wait(groups: &mut [Group], timeout: i32) -> Result<(), Errno> {
    let call = Arc::new(Call {
        news: Arc::new(Event::new(Reset::Manual, false)),
        over: AtomicBool::new(false),
    });
    let mut waiters = Vec::new();
    let started = groups.iter().try_for_each(|group| {
        waiters.push(Waiter::start(&call, group)?);
        Ok(())
    });
    if started.is_ok() {
        call.wait(timeout);
    }
    // Before the sockets are closed: a thread that finds its socket closed looks here.
    call.over.store(true, Ordering::Release);
    waiters.iter().for_each(Waiter::call_back);
    started?;
    for (group, waiter) in groups.iter_mut().zip(&waiters) {
        let found = waiter.found.lock().take();
        group.answer = match found {
            Some(answer) => answer?,
            None => poll_now(&group.asked)?,
        };
    }
    Ok(())
}

/// What the threads of one call share.
struct Call {
    /// Set when a provider has answered.
    news: Arc<Event>,
    /// Nobody waits for answers any more.
    over: AtomicBool,
}

impl Call {
    /// Waits for the first answer, at most `timeout` milliseconds. APCs run, and the wait goes on.
    fn wait(&self, timeout: i32) {
        let event: Arc<dyn Object> = Arc::<Event>::clone(&self.news);
        let limit = u64::try_from(timeout).ok().map(Duration::from_millis);
        let begun = SystemClock.now();
        loop {
            let left = limit.map(|limit| limit.saturating_sub(SystemClock.now() - begun));
            let left = left.map_or(Timeout::Infinite, Timeout::After);
            if wait::for_object(&event, left, Alert::Alertable) != Waited::Apc {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        // Acquire pairs with the Release before the sockets are closed.
        self.over.load(Ordering::Acquire)
    }
}

/// A thread that waits in a provider.
struct Waiter {
    /// The socket whose end calls it back.
    bell: Option<SOCKET>,
    found: Arc<Mutex<Option<Answer>>>,
}

type Answer = Result<Vec<i16>, Errno>;

impl Waiter {
    fn start(call: &Arc<Call>, group: &Group) -> Result<Self, Errno> {
        let bell = bell(&group.asked);
        let waiter = Self {
            bell,
            found: Arc::default(),
        };
        let (call, found) = (Arc::clone(call), Arc::clone(&waiter.found));
        let asked = group.asked.clone();
        let thread = thread::Builder::new().name("ws2spi poll".to_owned());
        let started = thread.spawn(move || {
            if let Some(answer) = until_news(&call, &asked, bell) {
                *found.lock() = Some(answer);
                call.news.set();
            }
        });
        match started {
            Ok(_) => Ok(waiter),
            Err(_) => {
                waiter.call_back();
                Err(Errno::NOBUFS)
            }
        }
    }

    /// Ends the wait in the provider.
    fn call_back(&self) {
        if let Some(bell) = self.bell {
            // Whatever the provider says to it, the thread looks up by itself.
            let _ = super::socket::close(bell);
        }
    }
}

/// Waits inside the provider until it has something to say; `None` when the call was over first.
fn until_news(call: &Call, asked: &[WSAPOLLFD], bell: Option<SOCKET>) -> Option<Answer> {
    let mut fds = asked.to_vec();
    fds.extend(bell.map(|fd| WSAPOLLFD {
        fd,
        events: POLLRDNORM,
        revents: 0,
    }));
    while !call.is_over() {
        let polled = poll_for(&mut fds, SLICE);
        if call.is_over() {
            break;
        }
        if let Err(error) = polled {
            return Some(closed_meanwhile(asked, error));
        }
        let said = fds[..asked.len()].iter().map(|fd| fd.revents);
        if said.clone().any(|revents| revents != 0) {
            return Some(Ok(said.collect()));
        }
        if fds.iter().any(|fd| fd.revents != 0) {
            // This provider finds something about a socket that is merely there: waiting for it would be no waiting.
            fds.truncate(asked.len());
        }
    }
    None
}

/// What a provider's error about its sockets means: one that was closed since the call began is told of
/// in its place (P301).
fn closed_meanwhile(asked: &[WSAPOLLFD], error: Errno) -> Answer {
    let is_closed = |s: SOCKET| dispatch::with_target(s, |_| Ok(())) == Err(Errno::NOTSOCK);
    let said: Vec<i16> = asked
        .iter()
        .map(|fd| if is_closed(fd.fd) { POLLNVAL } else { 0 })
        .collect();
    if error == Errno::NOTSOCK && said.contains(&POLLNVAL) {
        Ok(said)
    } else {
        Err(error)
    }
}

/// A socket of the provider whose sockets these are, ready for nothing while it lives: a stream if there is one.
fn bell(asked: &[WSAPOLLFD]) -> Option<SOCKET> {
    let make = |s: SOCKET, only: Option<i32>| {
        let made = dispatch::with_target(s, |target| {
            let mut info = *target.binding().entry().info();
            if only.is_some_and(|kind| kind != info.iSocketType) {
                return Err(Errno::SOCKTNOSUPPORT);
            }
            let (any, flags) = (FROM_PROTOCOL_INFO, WSA_FLAG_OVERLAPPED);
            dispatch::call_provider(
                target.instance(),
                "WSPSocket",
                dispatch::unjudged,
                // SAFETY: the provider is started; the info is a live local.
                |procs| unsafe { procs.socket(any, any, any, &raw mut info, 0, flags) },
            )
        });
        made.ok()
    };
    let stream = asked.iter().find_map(|fd| make(fd.fd, Some(SOCK_STREAM)));
    stream.or_else(|| asked.first().and_then(|fd| make(fd.fd, None)))
}
