//! The seam between the base provider and a network.
//!
//! [`Net`] makes sockets, waits for them and answers questions about the host; [`NetSocket`] is one
//! socket. Only mechanisms live here: no Windows state, no locks, no blocking but [`Net::wait`]
//! (a call waits once), [`Poller::wait`] (a thread waits for many sockets, again and again) and a
//! moment in [`NetSocket::recv_soon`] and [`NetSocket::send_soon`].
//! Every error is already an [`Errno`]; what the *state* of a Windows socket makes
//! of it is decided by the caller, `base`, which is the only user of this module.
//!
//! Implementations: [`crate::os`] over the sockets of the system; a deterministic network in memory
//! implements the same traits for tests. Nothing here names a file descriptor, except
//! [`NetSocket::descriptor`], which may answer `None`.

#![forbid(unsafe_code)]

mod endpoint;
mod interface;
mod offer;
mod option;
mod poller;
mod socket;
mod statistics;
mod wait;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

pub use endpoint::Endpoint;
pub use endpoint::UnixPath;
pub use interface::Interface;
pub use interface::InterfaceFlags;
pub use offer::FOREIGN;
pub use offer::Offer;
pub use option::GroupInterface;
pub use option::Membership;
pub use option::SocketOption;
pub use option::SourceFilter;
pub use poller::Poller;
pub use poller::Ready;
pub use poller::Registrar;
pub use poller::Token;
pub use socket::Connecting;
pub use socket::Control;
pub use socket::Direction;
pub use socket::Family;
pub use socket::Kind;
pub use socket::NetSocket;
pub use socket::Pace;
pub use socket::PacketInfo;
pub use socket::Received;
pub use socket::RecvFlags;
pub use socket::Report;
pub use socket::SendFlags;
pub use statistics::Statistics;
pub use statistics::TcpState;
pub use wait::Interest;
pub use wait::Readiness;
pub use wait::Watch;
pub use wait::Woken;

/// A network: where sockets come from, and the clock their deadlines are read on.
///
/// All methods may be called from any thread. Only [`Net::wait`] blocks.
pub trait Net: Send + Sync + 'static {
    /// Makes a socket that never blocks. `protocol` is the number of the IP header
    /// (`IPPROTO_TCP` 6, `IPPROTO_UDP` 17, anything for [`Kind::Raw`]), 0 for [`Family::Unix`].
    ///
    /// A fresh socket has the defaults of Windows where they are the network's business: an IPv6
    /// socket carries IPv6 only, a datagram or raw socket may send to broadcast addresses, lets its
    /// packets be fragmented, hears of the ICMP errors it caused ([`Report`]) and of no multicast
    /// group but its own, a TCP socket may take over a name whose old connections are in TIME_WAIT.
    ///
    /// # Errors
    /// `ACCES` when raw sockets are not allowed, `MFILE` and `NOBUFS` when the system is out of
    /// descriptors or memory, `AFNOSUPPORT`, `PROTONOSUPPORT`, `SOCKTNOSUPPORT` for what the system
    /// does not have.
    fn socket(
        &self,
        family: Family,
        kind: Kind,
        protocol: i32,
    ) -> Result<Arc<dyn NetSocket>, Errno>;

    /// Blocks the calling thread until one of `watch` is ready, somebody woke the thread's
    /// [`Net::waker`] (also before the call), or [`Net::now`] reached `deadline`; `None` waits for
    /// ever, a deadline in the past polls.
    ///
    /// Fills in [`Watch::ready`] of every entry. Readiness wins over the waker, the waker over the
    /// deadline; a waker that did not win stays woken. A caller must be ready for a wake-up whose
    /// reason has gone. An empty `watch` waits for the waker and the deadline alone.
    ///
    /// # Errors
    /// `NOTSOCK` when a socket of another network is watched, those of [`Net::waker`], `NOBUFS` when
    /// memory is short.
    fn wait(&self, watch: &mut [Watch<'_>], deadline: Option<Duration>) -> Result<Woken, Errno>;

    /// What wakes the calling thread out of [`Net::wait`]: made once per thread and given back by
    /// every later call, so that waiting allocates nothing. Other threads keep clones; waking is
    /// allowed in a signal handler.
    ///
    /// # Errors
    /// `NOBUFS` when there can be none.
    fn waker(&self) -> Result<Arc<dyn Wake>, Errno>;

    /// A new poller, which watches nothing yet: for a thread that waits again and again.
    ///
    /// # Errors
    /// `MFILE` or `NOBUFS` when the system is out of descriptors or memory.
    fn poller(&self) -> Result<Box<dyn Poller>, Errno>;

    /// Now, on the monotonic clock that deadlines of [`Net::wait`] are measured on: the kernel's
    /// [`SystemClock`](ws2spi_kernel::clock::SystemClock), or a simulation's own.
    fn now(&self) -> Duration;

    /// The addresses of the host's interfaces, one entry each, in the system's order.
    ///
    /// # Errors
    /// `NOBUFS` when memory is short.
    fn interfaces(&self) -> Result<Vec<Interface>, Errno>;

    /// The local address from which a packet to `to` would leave; its port is 0. Sends nothing.
    ///
    /// # Errors
    /// `NETUNREACH` or `HOSTUNREACH` without a route, `AFNOSUPPORT` for [`Endpoint::Unix`].
    fn route(&self, to: &Endpoint) -> Result<Endpoint, Errno>;

    /// A socket from which something can be received whenever the host's addresses or routes may have
    /// changed; what is received means nothing.
    ///
    /// # Errors
    /// `OPNOTSUPP` for a network that does not tell, `MFILE` and `NOBUFS` as [`Net::socket`].
    fn host_changes(&self) -> Result<Arc<dyn NetSocket>, Errno> {
        Err(Errno::OPNOTSUPP)
    }

    /// Whether a process exists to which [`NetSocket::offer`] may offer sockets of this network. No
    /// network but the system's reaches another process.
    fn reaches(&self, process: u32) -> bool {
        let _ = process;
        false
    }

    /// Takes the socket that another process offered to this one under `token`, and what was said of
    /// it. The other process answers at once; should it not, waits some seconds for it.
    ///
    /// # Errors
    /// `INVAL` when nothing is offered to this process under that token (any more), or by somebody
    /// who is not to be trusted; `MFILE`, `NOBUFS`.
    fn fetch(&self, token: NonZeroU32) -> Result<(Arc<dyn NetSocket>, Vec<u8>), Errno> {
        let _ = token;
        Err(Errno::INVAL)
    }
}
