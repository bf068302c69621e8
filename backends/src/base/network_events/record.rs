//! The state machine of network events: what of a socket's fortunes is told, and when.
//!
//! [`Record`] makes no system call. It is shown what holds of the socket ([`Conditions`]) and told of
//! the calls that were made; what it then has to tell waits as [`Delivery`]s, to be handed over with
//! no lock held. base-provider.md 3 is the law:
//!
//! ```text
//!             event mode (WSPEventSelect)             message mode (WSPAsyncSelect)
//! happens     recorded, also outside the mask;        posted, if in the mask and not told;
//!             in the mask: the event is set           then told
//! again       recorded again                          nothing
//! fetched     recorded --> told                       -
//! re-enabling neither; true: happens                  not told; true: happens
//! selecting   what was recorded stays;                nothing is told; true: happens
//!             true and neither: happens
//! ```
//!
//! "Happens again" is an arrival, for reading, urgent data and connections only. More bytes than were
//! known are one; where there is no amount (datagrams, connections) the network's word is.

use std::collections::VecDeque;

use ws2spi_abi::HWND;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAEVENT;

use super::mask::EventMask;

/// Whom events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Listener {
    /// WSPEventSelect: an event object is set, and events are fetched.
    Event(WSAEVENT),
    /// WSPAsyncSelect: a window is sent messages.
    Window {
        window: HWND,
        message: u32,
        /// The socket as the application knows it.
        socket: SOCKET,
    },
}

/// What is to be done for a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Delivery {
    /// Set this event.
    Set(WSAEVENT),
    /// Post a message to this window.
    Post {
        window: HWND,
        message: u32,
        socket: SOCKET,
        /// The event, and the error in the high half.
        lparam: isize,
    },
}

/// What waits to be received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Unread {
    /// Bytes of a stream; 1 where something waits that has no amount.
    pub(in super::super) amount: usize,
    /// Urgent bytes out of line.
    pub(in super::super) urgent: usize,
    /// The network told that something without an amount has arrived.
    pub(in super::super) arrived: bool,
}

/// What holds of a socket, as far as it was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Conditions {
    /// What waits to be received, if that was looked at.
    pub(in super::super) unread: Option<Unread>,
    /// A connection waits to be accepted.
    pub(in super::super) connection: bool,
    /// The network told that a connection has arrived.
    pub(in super::super) connection_arrived: bool,
    /// A send would not block.
    pub(in super::super) room: bool,
    /// It has a name: a datagram socket without one is writable for messages only.
    pub(in super::super) named: bool,
    /// How an attempt to connect has ended that was not told of yet; 0 for well.
    pub(in super::super) connected: Option<i32>,
    /// How the connection has ended; 0 for the peer's end of the stream.
    pub(in super::super) closed: Option<i32>,
}

/// What a record wants to hear of from the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Wants {
    /// Data, datagrams and connections.
    pub(in super::super) arrivals: bool,
    pub(in super::super) urgent: bool,
    pub(in super::super) room: bool,
    /// The end of the connection.
    pub(in super::super) end: bool,
}

/// Whether a call that re-enables an event came as far as the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Reached {
    /// It did, whatever came of it.
    Network,
    /// Its parameters were refused.
    Nothing,
}

/// The events of one socket.
#[derive(Debug)]
pub(in super::super) struct Record {
    /// `None` while the mask is empty.
    listener: Option<Listener>,
    /// The mode of the last registration.
    mode: Mode,
    mask: EventMask,
    /// Event mode: happened, and not fetched yet.
    recorded: EventMask,
    /// Fetched or posted, and waiting for a call that re-enables it.
    told: EventMask,
    /// Changes that an ioctl asked to be told of.
    armed: EventMask,
    connect_error: i32,
    close_error: i32,
    /// What was unread when it was last looked.
    known: Unread,
    /// To be handed over, in this order.
    outbox: VecDeque<Delivery>,
    /// Somebody is handing over.
    is_delivering: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Event,
    Message,
}

impl Record {
    /// A record of a socket that nobody has asked about.
    pub(in super::super) fn new() -> Self {
        Self {
            listener: None,
            mode: Mode::Event,
            mask: EventMask::NONE,
            recorded: EventMask::NONE,
            told: EventMask::NONE,
            armed: EventMask::NONE,
            connect_error: 0,
            close_error: 0,
            known: Unread::default(),
            outbox: VecDeque::new(),
            is_delivering: false,
        }
    }

    /// What an accepted socket inherits of its listener's record (P101): the registration, with
    /// nothing told. `None` without a registration.
    pub(in super::super) fn inherited(&self, socket: SOCKET) -> Option<Self> {
        let listener = match self.listener? {
            Listener::Window {
                window, message, ..
            } => Listener::Window {
                window,
                message,
                socket,
            },
            event @ Listener::Event(_) => event,
        };
        Some(Self {
            listener: Some(listener),
            mode: self.mode,
            mask: self.mask,
            ..Self::new()
        })
    }

    /// Whether there is a registration: the socket has to stay non-blocking.
    pub(in super::super) fn is_registered(&self) -> bool {
        self.listener.is_some()
    }

    /// Whether calls that re-enable events have to say so.
    pub(in super::super) fn is_concerned(&self) -> bool {
        let levels = EventMask::READ | EventMask::OOB | EventMask::ACCEPT;
        self.is_registered() || !(self.recorded | self.told).and(levels).is_empty()
    }

    /// Whether the event is asked for, and would be told if it happened.
    pub(in super::super) fn waits_for(&self, event: EventMask) -> bool {
        self.mask.has(event) && !(self.recorded | self.told).has(event)
    }

    /// A new registration, in place of any other; an empty mask ends it. What was not handed over to
    /// the old one never is.
    pub(in super::super) fn select(
        &mut self,
        listener: Listener,
        mask: EventMask,
        mut now: Conditions,
    ) {
        self.outbox.clear();
        let mode = match listener {
            Listener::Event(_) => Mode::Event,
            Listener::Window { .. } => Mode::Message,
        };
        self.mask = mask;
        self.listener = (!mask.is_empty()).then_some(listener);
        if mask.is_empty() {
            return;
        }
        if mode == Mode::Message || self.mode == Mode::Message {
            self.recorded = EventMask::NONE;
            self.told = EventMask::NONE;
        }
        self.mode = mode;
        if mode == Mode::Message && now.connected == Some(0) {
            // P246: that it is connected is no news for a window.
            now.connected = None;
        }
        self.look(now);
        // P275: what was recorded while it was outside the mask is told now.
        self.ring();
    }

    /// The socket was looked at, and this holds.
    pub(in super::super) fn look(&mut self, now: Conditions) {
        let unread = now.unread.unwrap_or_default();
        let more = unread.arrived || unread.amount > self.known.amount;
        let more_urgent = unread.urgent > self.known.urgent;
        if now.unread.is_some() {
            self.known = unread;
        }
        let writable = now.room && (now.named || self.mode == Mode::Message);
        for event in EventMask::IN_ORDER {
            let (holds, again) = match event {
                EventMask::CONNECT => (now.connected.is_some(), true),
                EventMask::ACCEPT => (now.connection, now.connection_arrived),
                EventMask::OOB => (unread.urgent > 0, more_urgent),
                EventMask::READ => (unread.amount > 0, more),
                EventMask::WRITE => (writable, false),
                EventMask::CLOSE => (now.closed.is_some(), false),
                _ => (false, false),
            };
            if !holds || !self.is_due(event, again) {
                continue;
            }
            match event {
                EventMask::CONNECT => self.connect_error = now.connected.unwrap_or(0),
                EventMask::CLOSE => self.close_error = now.closed.unwrap_or(0),
                _ => {}
            }
            self.happens(event);
        }
    }

    /// A receive has returned (P256-P258): reading and urgent data are told anew.
    pub(in super::super) fn received(&mut self, reached: Reached, now: Conditions) {
        self.re_enable(EventMask::READ | EventMask::OOB, reached, now);
    }

    /// An accept has returned, other than with `TRY_AGAIN` (P255).
    pub(in super::super) fn accepted(&mut self, reached: Reached, now: Conditions) {
        self.re_enable(EventMask::ACCEPT, reached, now);
    }

    /// A send would have blocked (P265): that there is room will be told.
    pub(in super::super) fn send_blocked(&mut self, now: Conditions) {
        self.forget(EventMask::WRITE);
        self.look(now);
    }

    /// The connection is over, and the socket may make another: that one has events of its own.
    pub(in super::super) fn connection_over(&mut self) {
        self.forget(EventMask::CONNECT | EventMask::WRITE | EventMask::CLOSE);
    }

    /// A datagram socket got a peer (P252): its old writability is not the new one.
    pub(in super::super) fn peer_chosen(&mut self, now: Conditions) {
        self.forget(EventMask::CONNECT | EventMask::WRITE);
        let connected = (self.mode == Mode::Event).then_some(0);
        self.look(Conditions { connected, ..now });
    }

    /// An ioctl asks to be told of the next change of that kind.
    pub(in super::super) fn arm(&mut self, change: EventMask) {
        self.armed = self.armed | change;
        self.told = self.told.without(change);
    }

    /// Something has changed (P279): told to those who asked, once.
    pub(in super::super) fn changed(&mut self, change: EventMask) {
        if self.armed.has(change) {
            self.armed = self.armed.without(change);
            self.happens(change);
        }
    }

    /// WSPEnumNetworkEvents: the events of the mask that were recorded, which are told by this
    /// (P243), and the error of each.
    pub(in super::super) fn fetch(&mut self) -> Vec<(EventMask, i32)> {
        let fetched = self.recorded.and(self.mask);
        self.recorded = self.recorded.without(fetched);
        self.told = self.told | fetched;
        fetched
            .each()
            .map(|event| (event, self.error_of(event)))
            .collect()
    }

    /// The socket is being closed: nothing is told any more (P274).
    pub(in super::super) fn close(&mut self) {
        self.listener = None;
        self.mask = EventMask::NONE;
        self.recorded = EventMask::NONE;
        self.told = EventMask::NONE;
        self.armed = EventMask::NONE;
        self.outbox.clear();
    }

    /// What the network is to tell; `every_edge` when it tells of arrivals although others are
    /// unread, `counted` when what is unread has an amount.
    pub(in super::super) fn wants(&self, every_edge: bool, counted: bool) -> Wants {
        let known = self.recorded | self.told;
        let levels = EventMask::READ | EventMask::ACCEPT;
        let is_open = |event: EventMask| match self.mode {
            // Only one that heard of them all can tell of the next.
            Mode::Event => every_edge || !known.has(event),
            Mode::Message => !self.told.has(event),
        };
        // Outside the mask: what has no amount would not be known from what was there before.
        let unmasked = self.mode == Mode::Event
            && every_edge
            && !counted
            && !self.told.and(levels).without(self.mask).is_empty();
        let open = |event: EventMask| self.mask.has(event) && is_open(event);
        let first = |event: EventMask| self.mask.has(event) && !known.has(event);
        Wants {
            arrivals: open(EventMask::READ) || open(EventMask::ACCEPT) || unmasked,
            urgent: open(EventMask::OOB),
            room: first(EventMask::WRITE),
            end: first(EventMask::CLOSE),
        }
    }

    /// The next thing to hand over, by the one who hands over: [`delivered`](Self::delivered) says
    /// that it was. `None` when there is nothing, or when somebody else is at it, who then hands
    /// over everything.
    pub(in super::super) fn next_delivery(&mut self) -> Option<Delivery> {
        if self.is_delivering {
            return None;
        }
        let next = self.outbox.pop_front();
        self.is_delivering = next.is_some();
        next
    }

    /// The delivery was handed over.
    pub(in super::super) fn delivered(&mut self) {
        self.is_delivering = false;
    }

    fn re_enable(&mut self, events: EventMask, reached: Reached, now: Conditions) {
        match (self.mode, reached) {
            // Only the network's own answer re-enables what is recorded.
            (Mode::Event, Reached::Nothing) => return,
            (Mode::Event, Reached::Network) => self.known = Unread::default(),
            (Mode::Message, _) => {}
        }
        self.forget(events);
        self.look(now);
    }

    fn forget(&mut self, events: EventMask) {
        self.recorded = self.recorded.without(events);
        self.told = self.told.without(events);
    }

    /// Whether a condition that holds is to be told; `again` when it has come true once more.
    fn is_due(&self, event: EventMask, again: bool) -> bool {
        match self.mode {
            Mode::Event => again || !(self.recorded | self.told).has(event),
            // An attempt to connect is told of once by whoever shows it, and each is another.
            Mode::Message => event == EventMask::CONNECT || !self.told.has(event),
        }
    }

    fn happens(&mut self, event: EventMask) {
        match (self.mode, self.listener) {
            (Mode::Event, _) => {
                self.recorded = self.recorded | event;
                self.told = self.told.without(event);
                if self.mask.has(event) {
                    self.ring();
                }
            }
            (
                Mode::Message,
                Some(Listener::Window {
                    window,
                    message,
                    socket,
                }),
            ) if self.mask.has(event) => {
                self.told = self.told | event;
                // P277: MAKELONG(event, error).
                let lparam = event.bits() as isize | (self.error_of(event) as isize) << 16;
                self.outbox.push_back(Delivery::Post {
                    window,
                    message,
                    socket,
                    lparam,
                });
            }
            (Mode::Message, _) => {}
        }
    }

    /// Has the event set if something is there to be fetched.
    fn ring(&mut self) {
        if let Some(Listener::Event(event)) = self.listener
            && !self.recorded.and(self.mask).is_empty()
            && self.outbox.is_empty()
        {
            self.outbox.push_back(Delivery::Set(event));
        }
    }

    fn error_of(&self, event: EventMask) -> i32 {
        match event {
            EventMask::CONNECT => self.connect_error,
            EventMask::CLOSE => self.close_error,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
