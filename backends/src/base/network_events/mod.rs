//! Network events: WSPEventSelect, WSPAsyncSelect, WSPEnumNetworkEvents.
//!
//! ```text
//! select (the entries) ──┐
//! calls (recv, send ...) ┼── watch: what holds ──> record (what is told when) ──> event or message
//! worker (observe) ──────┘
//! ```
//!
//! [`record`] is the state machine of base-provider.md 3, tested alone. [`select`] are the entries,
//! [`calls`] what the other calls have to say, [`changes`] what changes of the
//! host have, [`watch`] reads the socket, answers the worker and hands
//! over what is to be told.
//!
//! A socket that nobody asked about has no record, and the way of data looks at one bit of its
//! state (`Bit::Eventful`). **Locks:** the lock of the events comes before all others of the socket, so
//! that what was read is what is told; events are set and messages posted with no lock held, by one
//! thread at a time, so that their order holds.

mod calls;
mod changes;
mod mask;
mod record;
mod select;
mod watch;

use std::sync::Arc;

pub(super) use self::mask::EventMask;
use self::record::Record;
use super::host_watch::Change;
use super::requests::ticket::Ticket;
use super::socket::Socket;
use crate::net::Interest;
use crate::sync::Mutex;

/// The network events of one socket; nothing until somebody asks for them.
#[derive(Default)]
pub(super) struct Events(Option<Arc<Mutex<Watched>>>);

/// The record, and what the worker was asked for on its behalf.
struct Watched {
    record: Record,
    /// What the worker was last answered.
    asked: Interest,
    /// The network tells of arrivals although others are unread.
    every_edge: bool,
    /// Overlapped ioctls that wait for a change of the host.
    requests: Vec<(Change, Ticket)>,
    /// How many changes of the host were told.
    changes: u32,
    /// It was asked for more: what it tells next may be what held already.
    tells_levels: bool,
}

impl Socket {
    /// The events, if somebody has asked for them.
    fn events(&self) -> Option<Arc<Mutex<Watched>>> {
        self.control.lock().events.0.clone()
    }

    /// The events; `record` begins them if there are none.
    fn events_with(&self, record: Record) -> Arc<Mutex<Watched>> {
        let mut control = self.control.lock();
        let watched = || {
            Arc::new(Mutex::new(Watched {
                record,
                asked: Interest::NONE,
                every_edge: true,
                tells_levels: false,
                requests: Vec::new(),
                changes: 0,
            }))
        };
        control.events.0.get_or_insert_with(watched).clone()
    }
}
