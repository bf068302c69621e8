//! Event objects: `WSAEventSelect`, an event for each socket, `WSAWaitForMultipleEvents` and
//! `WSAEnumNetworkEvents`.

use super::exchange::Stopped;
use super::readiness::{NETWORK_EVENTS, Ready, Want, Watcher, ready_of};
use super::worker::Worker;
use crate::Socket;
use crate::{socket, winsock};
use std::time::Duration;
use ws2spi_abi::{
    Errno, FALSE, FD_CONNECT, FD_CONNECT_BIT, SOCKET, WSA_WAIT_EVENT_0, WSA_WAIT_FAILED,
    WSA_WAIT_TIMEOUT, WSAEVENT, WSANETWORKEVENTS,
};

/// Waits for events.
pub(super) struct Events(Vec<(SOCKET, Event)>);

impl Watcher for Events {
    fn new(_worker: &Worker<'_>) -> Result<Self, Stopped> {
        Ok(Self(Vec::new()))
    }

    fn add(&mut self, worker: &Worker<'_>, socket: &Socket) -> Result<(), Stopped> {
        let event = Event::new(worker)?;
        worker.own_call("WSAEventSelect", || {
            select(socket.raw(), event.raw(), NETWORK_EVENTS)
        })?;
        self.0.push((socket.raw(), event));
        Ok(())
    }

    fn remove(&mut self, socket: &Socket) {
        // The socket is closed next, which does the same; a refusal shows there.
        let _ = select(socket.raw(), 0, 0);
        self.0.retain(|(of, _)| *of != socket.raw());
    }

    fn wait(
        &mut self,
        worker: &Worker<'_>,
        wants: &[Want],
        timeout: Duration,
    ) -> Result<Vec<Ready>, Stopped> {
        let mut events = Vec::new();
        let mut indexes = Vec::new();
        for (index, want) in wants.iter().enumerate() {
            if let Some((_, event)) = self.0.iter().find(|(of, _)| *of == want.socket) {
                events.push(event.raw());
                indexes.push(index);
            }
        }
        let first = wait(worker, &events, timeout)?;
        let mut all = Vec::new();
        // A wait names the first event only; the others are asked for one by one.
        for place in first.unwrap_or(events.len())..events.len() {
            let event = events[place];
            let signalled =
                first == Some(place) || wait(worker, &[event], Duration::ZERO)?.is_some();
            if signalled {
                let index = indexes[place];
                let found = enumerate(worker, wants[index].socket, event)?;
                let refused = found.iErrorCode[FD_CONNECT_BIT];
                let refused = Errno::new(refused);
                let refused = refused.filter(|_| found.lNetworkEvents & FD_CONNECT != 0);
                all.push(ready_of(index, found.lNetworkEvents, refused));
            }
        }
        Ok(all)
    }
}

/// An event object; closed when dropped.
pub(super) struct Event(WSAEVENT);

impl Event {
    pub(super) fn new(worker: &Worker<'_>) -> Result<Self, Stopped> {
        worker.call("WSACreateEvent", || {
            // SAFETY: no arguments.
            match unsafe { winsock::WSACreateEvent() } {
                0 => Err(socket::last_error()),
                event => Ok(Self(event)),
            }
        })
    }

    pub(super) const fn raw(&self) -> WSAEVENT {
        self.0
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        unsafe { winsock::WSACloseEvent(self.0) };
    }
}

/// The first event that is signalled; `None` when none is before the time is over.
pub(super) fn wait(
    worker: &Worker<'_>,
    events: &[WSAEVENT],
    timeout: Duration,
) -> Result<Option<usize>, Stopped> {
    let (count, ms) = (events.len() as u32, timeout.as_millis() as u32);
    let waited = worker.call("WSAWaitForMultipleEvents", || {
        // SAFETY: the array has `count` elements and lives for the call.
        let waited =
            unsafe { winsock::WSAWaitForMultipleEvents(count, events.as_ptr(), FALSE, ms, FALSE) };
        match waited {
            WSA_WAIT_FAILED => Err(socket::last_error()),
            _ => Ok(waited),
        }
    })?;
    match waited.wrapping_sub(WSA_WAIT_EVENT_0) {
        place if place < count => Ok(Some(place as usize)),
        _ if waited == WSA_WAIT_TIMEOUT => Ok(None),
        _ => Err(worker.fail(format_args!("WSAWaitForMultipleEvents gives {waited:#x}"))),
    }
}

fn select(s: SOCKET, event: WSAEVENT, mask: i32) -> Result<(), Errno> {
    // SAFETY: no pointers.
    socket::checked(unsafe { winsock::WSAEventSelect(s, event, mask.into()) }).map(drop)
}

fn enumerate(worker: &Worker<'_>, s: SOCKET, event: WSAEVENT) -> Result<WSANETWORKEVENTS, Stopped> {
    worker.own_call("WSAEnumNetworkEvents", || {
        let mut found = WSANETWORKEVENTS {
            lNetworkEvents: 0,
            iErrorCode: [0; 10],
        };
        // SAFETY: the result is a live local.
        let result = unsafe { winsock::WSAEnumNetworkEvents(s, event, &raw mut found) };
        socket::checked(result).map(|_| found)
    })
}
