//! One socket of a network.
//!
//! [`NetSocket`] is what `base` drives: every call returns at once (`WOULDBLOCK` when it could not do
//! its work), but for the two that wait a moment; each may be made from any thread at the same time as
//! others, takes no lock, and allocates nothing on the way of data. Dropping the last reference closes
//! the socket.

use std::io::IoSlice;
use std::io::IoSliceMut;
use std::net::IpAddr;
use std::ops::BitOr;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use ws2spi_abi::Errno;

use super::Endpoint;
use super::GroupInterface;
use super::Interest;
use super::Membership;
use super::Offer;
use super::Readiness;
use super::SocketOption;
use super::Statistics;

/// The address family of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
    /// Sockets named by a path.
    Unix,
}

/// How a socket carries data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A connected stream of bytes.
    Stream,
    /// Datagrams.
    Datagram,
    /// Datagrams below the transport.
    Raw,
}

/// What a call to connect came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connecting {
    /// The socket is connected.
    Done,
    /// The attempt goes on; it has ended when the socket is writable, and
    /// [`NetSocket::take_error`] says how.
    InProgress,
}

/// Which half of a connection is shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Nothing more is received.
    Receive,
    /// Nothing more is sent: the peer sees the end of the stream.
    Send,
    /// Both.
    Both,
}

/// How one send is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendFlags(u8);

impl SendFlags {
    /// Plainly.
    pub const NONE: Self = Self(0);
    /// `MSG_OOB`: the last byte is urgent.
    pub const OUT_OF_BAND: Self = Self(1);
    /// `MSG_DONTROUTE`: to hosts of the own networks only.
    pub const DONT_ROUTE: Self = Self(2);

    /// Whether all of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for SendFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// How one receive is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecvFlags(u8);

impl RecvFlags {
    /// Plainly.
    pub const NONE: Self = Self(0);
    /// `MSG_PEEK`: the data stay.
    pub const PEEK: Self = Self(1);
    /// `MSG_OOB`: the urgent byte. `base` rather moves it out with [`NetSocket::take_urgent`].
    pub const OUT_OF_BAND: Self = Self(2);

    /// Whether all of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for RecvFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Whether a transfer returns at once, or may wait in the network itself for a moment of some
/// milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    AtOnce,
    /// After a moment at most.
    Soon,
}

/// What a receive brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Bytes written into the buffers. 0 on a stream with room in the buffers is its end.
    pub bytes: usize,
    /// Who sent it: datagram and raw sockets only.
    pub from: Option<Endpoint>,
    /// The datagram was longer than the buffers; the rest is lost (unless it was only peeked at).
    pub truncated: bool,
    /// What came with it.
    pub control: Control,
}

/// What travels beside a datagram. Receiving fills in what was switched on by an option; sending
/// uses what is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// `IP_PKTINFO`, `IPV6_PKTINFO`: the local address and interface.
    pub packet: Option<PacketInfo>,
    /// `IP_TTL`, `IPV6_HOPLIMIT`.
    pub time_to_live: Option<i32>,
    /// `IP_TOS`, `IPV6_TCLASS`.
    pub traffic_class: Option<i32>,
}

impl Control {
    /// Nothing.
    pub const NONE: Self = Self {
        packet: None,
        time_to_live: None,
        traffic_class: None,
    };
}

/// The local side of one datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketInfo {
    /// The address it was sent to, or is sent from.
    pub address: IpAddr,
    /// The number of the interface, 0 to let the system choose.
    pub interface: u32,
}

/// An ICMP error that an earlier datagram of this socket caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Nobody has the port.
    PortUnreachable,
    /// The packet lived too short a time.
    TimeToLiveExpired,
}

impl Report {
    /// The code with which a receive fails because of it: `CONNRESET`, `NETRESET`.
    pub const fn errno(self) -> Errno {
        match self {
            Self::PortUnreachable => Errno::CONNRESET,
            Self::TimeToLiveExpired => Errno::NETRESET,
        }
    }
}

/// A socket: see the module's words for the rules of all calls.
pub trait NetSocket: Send + Sync {
    /// Gives the socket a name. Port 0 is chosen by the network.
    ///
    /// # Errors
    /// `ADDRINUSE`, `ADDRNOTAVAIL`, `ACCES` for a name that is taken, foreign or privileged; `INVAL` when bound.
    fn bind(&self, name: &Endpoint) -> Result<(), Errno>;

    /// The name of this end; unspecified while it has none.
    ///
    /// # Errors
    /// `NOBUFS` when memory is short.
    fn local_name(&self) -> Result<Endpoint, Errno>;

    /// The name of the other end.
    ///
    /// # Errors
    /// `NOTCONN` without one.
    fn peer_name(&self) -> Result<Endpoint, Errno>;

    /// Takes connections; may be called again with another backlog.
    ///
    /// # Errors
    /// `ADDRINUSE` when somebody else listens there, `OPNOTSUPP` on a datagram socket.
    fn listen(&self, backlog: i32) -> Result<(), Errno>;

    /// Starts to connect a stream, or sets the peer of a datagram socket.
    ///
    /// An AF_UNIX listener whose queue is full answers `WOULDBLOCK`: nothing was begun and no
    /// readiness will tell, so the caller tries again after a while.
    ///
    /// # Errors
    /// `CONNREFUSED`, `NETUNREACH`, `ADDRNOTAVAIL`... at once or later through
    /// [`NetSocket::take_error`]; `ISCONN` and `ALREADY` when it was begun before. After a failure
    /// the socket is of no more use until it is [renewed](NetSocket::renew).
    fn connect(&self, to: &Endpoint) -> Result<Connecting, Errno>;

    /// Makes a TCP socket as good as new, as [`Net::socket`](super::Net::socket) made it: its
    /// connection, its name and its options are gone. Its descriptor stays the same number; waits
    /// that have begun go on with the old connection.
    ///
    /// # Errors
    /// `OPNOTSUPP` for another socket, `MFILE` and `NOBUFS` when the system is out of descriptors or
    /// memory: it is as it was then.
    fn renew(&self) -> Result<(), Errno>;

    /// Becomes the connection that `other` is, whose descriptor is the other's to close: this one keeps
    /// its number. Its own socket is closed; its options are those of `other`.
    ///
    /// # Errors
    /// `NOTSOCK` for a socket of another network, `MFILE` and `NOBUFS` when the system is out of
    /// descriptors or memory: it is as it was then.
    fn adopt(&self, other: &dyn NetSocket) -> Result<(), Errno>;

    /// Forgets the peer of a datagram socket; the local name stays.
    ///
    /// # Errors
    /// As the system says; `OPNOTSUPP` on a stream.
    fn disconnect(&self) -> Result<(), Errno>;

    /// Takes the error that the network latched for this socket, and with it the latch: a reset is
    /// told once, here or by the next receive.
    fn take_error(&self) -> Option<Errno>;

    /// Takes the next report of a datagram socket. A receive does the same by itself and fails with
    /// [`Report::errno`]; reports of other kinds are dropped here and there.
    fn take_report(&self) -> Option<Report>;

    /// Takes a connection from the queue, with the peer's name as it was when it came.
    ///
    /// # Errors
    /// `WOULDBLOCK` without one (connections that died in the queue are passed over), `MFILE` and
    /// `NOBUFS` when there is one that the system cannot hand out, `INVAL` when not listening.
    fn accept(&self) -> Result<(Arc<dyn NetSocket>, Endpoint), Errno>;

    /// Sends as much as there is room for, a datagram whole or not at all, and gives the bytes taken.
    ///
    /// `to` is for datagram and raw sockets; a stream ignores it. A port 0 in it is taken and thrown
    /// away. A report that the system tells here is kept for the next receive. No signal is raised.
    ///
    /// # Errors
    /// `WOULDBLOCK` without room, `MSGSIZE` for a datagram that is too long, `NOTCONN` and
    /// `DESTADDRREQ` without a peer, `SHUTDOWN` when the sending half is closed (by either side:
    /// the caller knows whether it was a reset), `CONNRESET`.
    fn send(
        &self,
        data: &[IoSlice<'_>],
        flags: SendFlags,
        to: Option<&Endpoint>,
        control: &Control,
    ) -> Result<usize, Errno>;

    /// Receives what there is, at most what the buffers hold.
    ///
    /// # Errors
    /// `WOULDBLOCK` without data (with [`RecvFlags::OUT_OF_BAND`]: without an urgent byte),
    /// `CONNRESET` once after a reset, `NOTCONN` on a stream that has no peer; on a datagram socket
    /// [`Report::errno`] once per report.
    fn recv(&self, data: &mut [IoSliceMut<'_>], flags: RecvFlags) -> Result<Received, Errno>;

    /// As [`recv`](Self::recv), but a network that can may wait in itself for data, for a moment of
    /// some milliseconds: a thread that waits there is woken faster than through
    /// [`Net::wait`](super::Net::wait). Hold no lock.
    ///
    /// # Errors
    /// As `recv`; `WOULDBLOCK` when the moment is over.
    fn recv_soon(&self, data: &mut [IoSliceMut<'_>], flags: RecvFlags) -> Result<Received, Errno> {
        self.recv(data, flags)
    }

    /// As [`recv`](Self::recv) or [`recv_soon`](Self::recv_soon) on a stream, of which there is nothing
    /// to say but how many bytes came.
    ///
    /// # Errors
    /// As theirs.
    fn recv_stream(
        &self,
        data: &mut [IoSliceMut<'_>],
        flags: RecvFlags,
        pace: Pace,
    ) -> Result<usize, Errno> {
        let received = match pace {
            Pace::AtOnce => self.recv(data, flags),
            Pace::Soon => self.recv_soon(data, flags),
        };
        received.map(|received| received.bytes)
    }

    /// As [`send`](Self::send) to the peer, but a network that can may wait in itself for room, for a
    /// moment of some milliseconds. Hold no lock.
    ///
    /// # Errors
    /// As `send`; `WOULDBLOCK` when the moment is over and nothing was taken.
    fn send_soon(&self, data: &[IoSlice<'_>], flags: SendFlags) -> Result<usize, Errno> {
        self.send(data, flags, None, &Control::NONE)
    }

    /// Sends at most `count` bytes that stand in a file from `from` on, without a copy of them in this
    /// process, and gives the bytes taken: 0 at the end of the file. Its position neither matters nor
    /// moves. No signal is raised.
    ///
    /// # Errors
    /// As [`send`](Self::send) on a stream; `OPNOTSUPP` when the network has no such way from this file:
    /// read it and send that.
    fn send_file(&self, file: BorrowedFd<'_>, from: u64, count: usize) -> Result<usize, Errno> {
        let _ = (file, from, count);
        Err(Errno::OPNOTSUPP)
    }

    /// Ends receives that wait in [`recv_soon`](Self::recv_soon) at this moment: the socket is about
    /// to be closed and receives nothing more.
    fn interrupt(&self) {}

    /// Takes the urgent byte out of the stream, if one has arrived. The network keeps only the last
    /// one, so it is to be taken as soon as [`Readiness::PRIORITY`] shows.
    ///
    /// # Errors
    /// As a receive; `INVAL` while [`SocketOption::OutOfBandInline`] is set.
    fn take_urgent(&self) -> Result<Option<u8>, Errno>;

    /// Whether the next byte to receive stands at the urgent mark, as Unix means it.
    ///
    /// # Errors
    /// `OPNOTSUPP` or `INVAL` on a socket that knows no mark.
    fn at_mark(&self) -> Result<bool, Errno>;

    /// Shuts a half of the connection.
    ///
    /// # Errors
    /// `NOTCONN` without a peer.
    fn shutdown(&self, direction: Direction) -> Result<(), Errno>;

    /// What is true now of `interest`, of hang-up and of errors.
    fn readiness(&self, interest: Interest) -> Readiness;

    /// Bytes that a receive would get: of a stream all (up to an urgent byte), of a datagram socket those of
    /// the first datagram. 0 for a listener.
    ///
    /// # Errors
    /// As the system says.
    fn available(&self) -> Result<usize, Errno>;

    /// Bytes taken by send that the peer has not acknowledged.
    ///
    /// # Errors
    /// As the system says.
    fn unsent(&self) -> Result<usize, Errno>;

    /// What the network has counted of a TCP connection.
    ///
    /// # Errors
    /// `OPNOTSUPP` when it does not count; for a socket that is not TCP, as the system says.
    fn statistics(&self) -> Result<Statistics, Errno>;

    /// Sets an option.
    ///
    /// # Errors
    /// `NOPROTOOPT` when the network has none such, `INVAL` for a value out of range or too late.
    fn set_option(&self, option: SocketOption, value: i32) -> Result<(), Errno>;

    /// Reads an option.
    ///
    /// # Errors
    /// `NOPROTOOPT` when the network has none such; `NOTCONN` for the path MTU without a peer.
    fn option(&self, option: SocketOption) -> Result<i32, Errno>;

    /// Sets the interface by which IPv4 multicast leaves.
    ///
    /// # Errors
    /// `ADDRNOTAVAIL` when there is no such interface.
    fn set_multicast_interface(&self, interface: GroupInterface) -> Result<(), Errno>;

    /// Changes what is received of a multicast group.
    ///
    /// # Errors
    /// `ADDRINUSE` when already a member, `ADDRNOTAVAIL` when not a member or the interface is
    /// unknown, `INVAL` for an address that is no group or mixed families.
    fn set_membership(&self, membership: &Membership) -> Result<(), Errno>;

    /// `IP_OPTIONS`: sets the options in the IP header, none when empty.
    ///
    /// # Errors
    /// `INVAL` for bytes that are no options.
    fn set_header_options(&self, options: &[u8]) -> Result<(), Errno>;

    /// `IP_OPTIONS`: reads them into `options` and gives their length.
    ///
    /// # Errors
    /// As the system says.
    fn header_options(&self, options: &mut [u8]) -> Result<usize, Errno>;

    /// The process at the other end of an AF_UNIX connection.
    ///
    /// # Errors
    /// `NOTCONN` without a peer, `OPNOTSUPP` for another family.
    fn peer_process(&self) -> Result<u32, Errno>;

    /// Makes closing this stream a reset: what was not sent is thrown away and the peer gets an RST
    /// when the last reference is dropped.
    ///
    /// # Errors
    /// As the system says.
    fn abort_on_close(&self) -> Result<(), Errno>;

    /// The system's descriptor, where there is one. It stays this socket's.
    fn descriptor(&self) -> Option<i32>;

    /// Offers this very socket to another process, which gets `note` with it.
    ///
    /// # Errors
    /// `INVAL` when the process does not exist or is not reached by this network
    /// ([`Net::reaches`](super::Net::reaches)); `MFILE`, `NOBUFS`.
    fn offer(&self, process: u32, note: &[u8]) -> Result<Box<dyn Offer>, Errno> {
        let _ = (process, note);
        Err(Errno::INVAL)
    }
}
