//! One socket of the base provider: a kernel object with a network socket inside.
//!
//! ```text
//! handle(s) --> Socket { status (one atomic word), input, output, control, waiters }
//! ```
//!
//! Duplicates in one process are several handles to one `Socket`; the last one that goes closes it.
//! The way of data takes one lock at most, `input` or `output`, and reads `status`; everything else is
//! under `control`. **Lock order:** that of the network events, `receives`, `control`, `output`, `input`, then the registry of names, then the
//! leaves (waiters, the worker's list, the directory). System calls under these locks never block;
//! a condition function, a hook, an APC or a wait runs with none of them held.
//!
//! The network socket takes no lock of its own, so a receive from a stream takes none at all.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::WSA_FLAG_OVERLAPPED;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;
use ws2spi_kernel::Signal;
use ws2spi_kernel::file::CancelScope;
use ws2spi_kernel::file::File;
use ws2spi_kernel::file::FileState;
use ws2spi_kernel::file::Overlapping;
use ws2spi_kernel::handles::HandleCount;
use ws2spi_kernel::handles::Kind as ObjectKind;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::port::Driver;

use super::backlog::Backlog;
use super::names::Name;
use super::network_events::Events;
use super::options::Stored;
use super::registry::Claim;
use super::requests::inbound::Inbound;
use super::requests::queue::Queue;
use super::requests::sending::Sending;
use super::stack::Stack;
use super::status::Bit;
use super::status::Status;
use super::urgent::Urgent;
use super::waiters::Waiters;
use super::worker::Place;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interest;
use crate::net::Kind;
use crate::net::NetSocket;
use crate::net::Readiness;
use crate::sync::AtomicU32;
use crate::sync::Mutex;

/// What a socket is from its creation on.
#[derive(Clone)]
pub(super) struct Make {
    /// The address family.
    pub(super) family: Family,
    /// Stream, datagram or raw.
    pub(super) kind: Kind,
    /// The protocol's number.
    pub(super) protocol: i32,
    /// `WSA_FLAG_OVERLAPPED` and the multipoint flags.
    pub(super) flags: u32,
    /// The catalog entry through which it was made; its id is the one registered with the client
    /// DLL, and is passed on to accepted sockets.
    pub(super) info: Arc<WSAPROTOCOL_INFOW>,
}

/// What receives share.
pub(super) struct Input {
    pub(super) urgent: Urgent,
    /// The peer of a datagram socket, while datagrams of others may be queued from before.
    pub(super) sieve: Option<Box<SocketAddr>>,
    /// What an earlier send met, when looking for datagrams came across it (`Bit::ReportHeld`).
    pub(super) report: Option<Errno>,
}

/// What sends share.
pub(super) struct Output {
    pub(super) backlog: Backlog,
    /// A blocking send has sent a part of its data: nobody else's may come between.
    pub(super) turn_taken: bool,
    /// SD_SEND was asked for while data waited: the end of the stream goes out behind them.
    pub(super) end_wanted: bool,
    /// Overlapped sends that wait, behind the backlog.
    pub(super) sends: Option<Box<Queue<Sending>>>,
}

/// Everything else.
pub(super) struct Control {
    /// The name; `None` when the network was not yet asked for it.
    pub(super) local: Option<Name>,
    /// The name as bound, which a datagram socket has again when it loses its peer.
    pub(super) bound: Option<Name>,
    pub(super) peer: Option<Name>,
    /// What keeps the name from others.
    pub(super) claim: Option<Arc<Claim>>,
    pub(super) connected_at: Option<Moment>,
    /// The attempt to connect goes on behind the caller's back; its failure shows in SO_ERROR.
    pub(super) connecting_async: bool,
    /// SO_ERROR.
    pub(super) error: i32,
    pub(super) options: Stored,
    pub(super) backlog: i32,
    pub(super) events: Events,
    /// Connections that a condition function deferred; the last is the head of the queue.
    pub(super) deferred: Option<Box<Deferred>>,
}

/// Connections with the names of their peers; the last is the next to be accepted.
pub(super) type Deferred = Vec<(Arc<dyn NetSocket>, Endpoint)>;

/// A time of the network's clock in milliseconds, small enough for every socket to keep one.
#[derive(Clone, Copy)]
pub(super) struct Moment(NonZeroU64);

impl Moment {
    /// That time.
    pub(super) fn at(time: Duration) -> Self {
        // The clock may start at 0.
        Self(NonZeroU64::MIN.saturating_add(time.as_millis() as u64))
    }

    /// Whole seconds from then to `now`.
    pub(super) fn seconds_until(self, now: Duration) -> u64 {
        self.milliseconds_until(now) / 1000
    }

    /// Milliseconds from then to `now`.
    pub(super) fn milliseconds_until(self, now: Duration) -> u64 {
        Self::at(now).0.get().saturating_sub(self.0.get())
    }
}

impl Control {
    /// Whether a connection waits that a condition function deferred.
    pub(super) fn has_deferred(&self) -> bool {
        self.deferred.as_ref().is_some_and(|list| !list.is_empty())
    }
}

/// A socket: see the module's words.
pub(super) struct Socket {
    pub(super) make: Make,
    /// The network's socket: the same one for life. After a failed attempt to connect it starts over.
    pub(super) net: Arc<dyn NetSocket>,
    pub(super) status: Status,
    /// Requests that wait for the network to bring something.
    pub(super) receives: Mutex<Option<Box<Inbound>>>,
    pub(super) input: Mutex<Input>,
    pub(super) output: Mutex<Output>,
    pub(super) control: Mutex<Control>,
    pub(super) waiters: Waiters,
    /// SO_RCVTIMEO and SO_SNDTIMEO in milliseconds, 0 for ever.
    pub(super) receive_timeout: AtomicU32,
    pub(super) send_timeout: AtomicU32,
    /// Its place with the worker; only the worker looks at it.
    pub(super) place: Place,
    /// What it belongs to.
    pub(super) stack: Arc<Stack>,
    file: FileState,
    me: Weak<Socket>,
}

impl Socket {
    /// A socket around `net`, without a handle yet.
    pub(super) fn new(
        stack: &Arc<Stack>,
        make: Make,
        net: Arc<dyn NetSocket>,
        bits: &[Bit],
        options: Stored,
    ) -> Arc<Self> {
        let overlapping = if make.flags & WSA_FLAG_OVERLAPPED != 0 {
            Overlapping::Allowed
        } else {
            Overlapping::Synchronous
        };
        Arc::new_cyclic(|me| Self {
            status: Status::new(bits),
            receives: Mutex::new(None),
            input: Mutex::new(Input {
                urgent: Urgent::default(),
                sieve: None,
                report: None,
            }),
            output: Mutex::new(Output {
                backlog: Backlog::default(),
                turn_taken: false,
                end_wanted: false,
                sends: None,
            }),
            control: Mutex::new(Control {
                local: None,
                bound: None,
                peer: None,
                claim: None,
                connected_at: None,
                connecting_async: false,
                error: 0,
                options,
                backlog: 0,
                events: Events::default(),
                deferred: None,
            }),
            make,
            net,
            waiters: Waiters::default(),
            receive_timeout: AtomicU32::new(0),
            send_timeout: AtomicU32::new(0),
            place: Place::default(),
            stack: stack.clone(),
            file: FileState::new(overlapping),
            me: me.clone(),
        })
    }

    /// A counted reference to this socket; `None` while its last one is being dropped.
    pub(super) fn arc(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// Whether it carries a stream.
    pub(super) fn is_stream(&self) -> bool {
        self.make.kind == Kind::Stream
    }

    /// Whether calls with an OVERLAPPED are overlapped on it.
    pub(super) fn is_overlapped(&self) -> bool {
        self.make.flags & WSA_FLAG_OVERLAPPED != 0
    }

    /// Whether calls return instead of waiting.
    pub(super) fn is_non_blocking(&self) -> bool {
        self.status.get().has(Bit::NonBlocking)
    }

    /// SO_PROTOCOL_INFO: the catalog entry, with what this socket is.
    pub(super) fn protocol_info(&self) -> WSAPROTOCOL_INFOW {
        WSAPROTOCOL_INFOW {
            iProtocol: self.make.protocol,
            ..*self.make.info
        }
    }

    /// The system's descriptor, where the network has one.
    pub(super) fn descriptor(&self) -> Option<i32> {
        self.net.descriptor()
    }

    /// How many handles there are.
    pub(super) fn handle_count(&self) -> usize {
        self.file.handles().open()
    }

    /// Ends an attempt to connect that the network has decided in the meantime. Every call that
    /// looks at the state does this first; it costs nothing unless an attempt goes on.
    #[inline]
    pub(super) fn settle(&self) {
        if self.status.get().has(Bit::Connecting) {
            let mut control = self.control.lock();
            self.settle_locked(&mut control);
        }
    }

    /// As [`settle`](Self::settle), with the lock held. The error of an attempt that failed just now.
    pub(super) fn settle_locked(&self, control: &mut Control) -> Option<Errno> {
        if !self.status.get().has(Bit::Connecting) {
            return None;
        }
        let ready = self.net.readiness(Interest::WRITE);
        if !ready.intersects(Readiness::WRITABLE | Readiness::ERROR | Readiness::HANG_UP) {
            return None;
        }
        match self.net.take_error() {
            None => {
                self.connected(control);
                None
            }
            // A refusal has another code: the connection was there, and was reset before anybody
            // looked. Connect has succeeded, and what follows is told of the reset (P144).
            Some(Errno::CONNRESET) => {
                self.connected(control);
                self.status.set(Bit::Reset);
                None
            }
            Some(error) => {
                self.connect_failed(control, error);
                Some(error)
            }
        }
    }
}

impl Object for Socket {
    fn kind(&self) -> ObjectKind {
        ObjectKind::File
    }

    fn signal(&self) -> Option<&Signal> {
        Some(self.file.signal())
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.file.handles())
    }

    fn last_closed(&self) {
        self.close();
    }
}

/// ReadFile and WriteFile on a socket are a receive and a send.
impl File for Socket {
    fn state(&self) -> &FileState {
        &self.file
    }

    fn driver(&self) -> Option<Arc<dyn Driver>> {
        Some(self.stack.clone())
    }

    fn read(&self, call: Receive<'_>) -> Result<Transfer, Errno> {
        self.received(self.recv(call, None))
    }

    fn write(&self, call: Transmit<'_>) -> Result<Transfer, Errno> {
        self.sent(self.send(&call))
    }

    fn cancel(&self, whose: CancelScope, overlapped: Option<usize>) -> usize {
        self.cancel_io(whose, overlapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_socket_is_small() {
        // design.md 5: at most 512 bytes in user space, with its handle, the network's socket and
        // its place in the directory; the bench of memory measures them together.
        assert!(size_of::<Socket>() <= 384, "{}", size_of::<Socket>());
    }
}
