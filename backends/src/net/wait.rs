//! What a thread waits for: interests and readiness.
//!
//! Used by [`Net::wait`](super::Net::wait) and [`NetSocket::readiness`];
//! `base` decodes the bits by the state of its socket (a stream that never connected reports
//! WRITABLE | HANG_UP on Linux and means nothing by it).

use std::fmt;
use std::ops::BitOr;
use std::ops::BitOrAssign;

use super::NetSocket;

/// What a caller wants to know of a socket. Hang-up and errors are always reported.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Interest(u8);

impl Interest {
    /// Nothing but hang-up and errors.
    pub const NONE: Self = Self(0);
    /// Data, a datagram, a connection to accept, the end of the stream.
    pub const READ: Self = Self(1);
    /// Room to send, or the end of an attempt to connect.
    pub const WRITE: Self = Self(2);
    /// Urgent data.
    pub const PRIORITY: Self = Self(4);
    /// The end of the peer's stream alone. A system that cannot wait for it alone waits for data too.
    pub const END: Self = Self(8);

    /// Whether all of `other` is wanted.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What is true of a socket at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness(u8);

impl Readiness {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A receive (or an accept) would not block.
    pub const READABLE: Self = Self(1);
    /// A send would not block; an attempt to connect has ended.
    pub const WRITABLE: Self = Self(2);
    /// Urgent data has arrived.
    pub const PRIORITY: Self = Self(4);
    /// The peer will send no more. A hint: not every system says it before the data are read.
    pub const READ_CLOSED: Self = Self(8);
    /// Both directions are closed, or were never open.
    pub const HANG_UP: Self = Self(16);
    /// An error is latched ([`NetSocket::take_error`]) or a [`Report`](super::Report) is queued.
    pub const ERROR: Self = Self(32);

    /// Whether all of `other` is true.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is true.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing is true.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// One socket in a wait.
pub struct Watch<'a> {
    /// The socket. It lives through the wait, so its descriptor is not somebody else's meanwhile.
    pub socket: &'a dyn NetSocket,
    /// What ends the wait.
    pub interest: Interest,
    /// Filled in by the wait.
    pub ready: Readiness,
}

impl<'a> Watch<'a> {
    /// An entry that waits for `interest` on `socket`.
    pub fn new(socket: &'a dyn NetSocket, interest: Interest) -> Self {
        Self {
            socket,
            interest,
            ready: Readiness::NONE,
        }
    }
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// So many entries of the watch list have a [`Watch::ready`] that is not empty.
    Ready(usize),
    /// The thread's waker was woken; it is asleep again.
    Waker,
    /// The deadline passed.
    TimedOut,
}

macro_rules! bits {
    ($name:ident: $($flag:ident)*) => {
        impl BitOr for $name {
            type Output = Self;

            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut names = f.debug_set();
                $(if self.contains(Self::$flag) {
                    names.entry(&format_args!(stringify!($flag)));
                })*
                names.finish()
            }
        }
    };
}

bits!(Interest: READ WRITE PRIORITY END);
bits!(Readiness: READABLE WRITABLE PRIORITY READ_CLOSED HANG_UP ERROR);
