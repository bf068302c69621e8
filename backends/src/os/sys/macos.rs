//! macOS: what FreeBSD does otherwise.
//!
//! See `sys/mod.rs` for what each item is. There is no accept4 and no SOCK_NONBLOCK: a descriptor is
//! open to exec for a moment after it was made (base-provider.md 8.4, 27 and 28).

use std::ffi::c_int;
use std::ffi::c_short;
use std::mem::offset_of;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;

use libc::IPPROTO_IP;
use libc::IPPROTO_IPV6;
use libc::IPPROTO_TCP;
use libc::SOL_SOCKET;
use libc::in_pktinfo;
use ws2spi_abi::Errno;

use super::bsd;
use crate::net::Control;
use crate::net::Family;
use crate::net::Kind;
use crate::net::PacketInfo;
use crate::net::SocketOption;
use crate::os::address::KernelAddress;
use crate::os::control;
use crate::os::control::ControlBuffer;
use crate::os::errno::SystemError;
use crate::os::errno::syscall;
use crate::os::option;

/// SO_NOSIGPIPE does it.
pub(in crate::os) const SEND_FLAGS: c_int = 0;

pub(in crate::os) const DONT_WAIT: c_int = 0;

/// sendfile(2). What it has sent before it would block, or before a signal, counts.
pub(in crate::os) fn send_file(
    to: BorrowedFd<'_>,
    file: BorrowedFd<'_>,
    from: u64,
    count: usize,
) -> Result<usize, SystemError> {
    let too_far = |_| SystemError::new(libc::EINVAL);
    let from = libc::off_t::try_from(from).map_err(too_far)?;
    let mut length = libc::off_t::try_from(count).map_err(too_far)?;
    let (to, file) = (to.as_raw_fd(), file.as_raw_fd());
    let headers = std::ptr::null_mut();
    // SAFETY: the length is a live local, and there are no headers.
    let sent = unsafe { syscall!(sendfile(file, to, from, &raw mut length, headers, 0)) };
    match sent {
        Err(error) if length == 0 || ![libc::EAGAIN, libc::EINTR].contains(&error.number()) => {
            Err(error)
        }
        _ => Ok(length as usize),
    }
}

pub(in crate::os) fn silence_pipe(fd: BorrowedFd<'_>) -> Result<(), SystemError> {
    option::set(fd, SOL_SOCKET, libc::SO_NOSIGPIPE, &1)
}

/// There is no flag for close-on-exec here.
pub(in crate::os) const RECEIVE_DESCRIPTORS: c_int = 0;

pub(in crate::os) const POLL_READ_CLOSED: c_short = 0;

pub(in crate::os) fn open(
    domain: c_int,
    kind: c_int,
    protocol: c_int,
) -> Result<OwnedFd, SystemError> {
    // SAFETY: takes no pointer.
    let fd = unsafe { syscall!(socket(domain, kind, protocol)) }?;
    // SAFETY: the call made it, and nobody else has it.
    prepare(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(in crate::os) fn replace(
    old: BorrowedFd<'_>,
    fresh: BorrowedFd<'_>,
) -> Result<(), SystemError> {
    let (from, to) = (fresh.as_raw_fd(), old.as_raw_fd());
    // SAFETY: takes no pointer; the number stays the caller's, and what it stands for is a socket.
    unsafe { syscall!(dup2(from, to)) }?;
    // SAFETY: takes no pointer.
    unsafe { syscall!(fcntl(to, libc::F_SETFD, libc::FD_CLOEXEC)) }.map(drop)
}

pub(in crate::os) fn accept(
    listener: BorrowedFd<'_>,
    peer: &mut KernelAddress,
) -> Result<OwnedFd, SystemError> {
    let name = peer.as_mut_ptr();
    let length = &raw mut *peer.length_mut();
    // SAFETY: `name` has room for `length` bytes, both of `peer`, which is ours.
    let fd = unsafe { syscall!(accept(listener.as_raw_fd(), name, length)) }?;
    // SAFETY: the call made it, and nobody else has it.
    prepare(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(in crate::os) fn set_defaults(
    _fd: BorrowedFd<'_>,
    _family: Family,
    _kind: Kind,
) -> Result<(), SystemError> {
    Ok(())
}

pub(in crate::os) fn available(fd: BorrowedFd<'_>, kind: Kind) -> Result<usize, SystemError> {
    match kind {
        // FIONREAD counts the names of the senders too.
        Kind::Datagram | Kind::Raw => bsd::first_datagram(fd),
        Kind::Stream => bsd::ioctl_number(fd, libc::FIONREAD),
    }
}

pub(in crate::os) fn unsent(fd: BorrowedFd<'_>) -> Result<usize, SystemError> {
    Ok(usize::try_from(option::number(fd, SOL_SOCKET, libc::SO_NWRITE)?).unwrap_or(0))
}

pub(in crate::os) fn peer_process(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    let process = option::number(fd, libc::SOL_LOCAL, libc::LOCAL_PEERPID)?;
    u32::try_from(process)
        .ok()
        .filter(|process| *process != 0)
        .ok_or(Errno::NOTCONN)
}

pub(in crate::os) fn push_ipv4_packet(
    buffer: &mut ControlBuffer,
    address: Ipv4Addr,
    interface: u32,
) -> Result<(), Errno> {
    let mut data = [0; size_of::<in_pktinfo>()];
    data[offset_of!(in_pktinfo, ipi_ifindex)..][..4].copy_from_slice(&interface.to_ne_bytes());
    data[offset_of!(in_pktinfo, ipi_spec_dst)..][..4].copy_from_slice(&address.octets());
    buffer.push(IPPROTO_IP, libc::IP_PKTINFO, &data)
}

pub(in crate::os) fn push_ipv4_type_of_service(
    buffer: &mut ControlBuffer,
    value: i32,
) -> Result<(), Errno> {
    buffer.push(IPPROTO_IP, libc::IP_TOS, &value.to_ne_bytes())
}

pub(in crate::os) fn read_ipv4_message(kind: c_int, data: &[u8], control: &mut Control) {
    match kind {
        libc::IP_PKTINFO => {
            let address = control::bytes::<4>(data, offset_of!(in_pktinfo, ipi_addr));
            let interface = control::bytes::<4>(data, offset_of!(in_pktinfo, ipi_ifindex));
            if let (Some(address), Some(interface)) = (address, interface) {
                control.packet = Some(PacketInfo {
                    address: Ipv4Addr::from(address).into(),
                    interface: u32::from_ne_bytes(interface),
                });
            }
        }
        libc::IP_RECVTTL => control.time_to_live = control::number(data),
        libc::IP_RECVTOS => control.traffic_class = control::number(data),
        _ => {}
    }
}

pub(in crate::os) fn numbers(option: SocketOption, _kind: Kind) -> Option<(c_int, c_int)> {
    use SocketOption::*;
    Some(match option {
        KeepAlive => (SOL_SOCKET, libc::SO_KEEPALIVE),
        OutOfBandInline => (SOL_SOCKET, libc::SO_OOBINLINE),
        SendBuffer => (SOL_SOCKET, libc::SO_SNDBUF),
        ReceiveBuffer => (SOL_SOCKET, libc::SO_RCVBUF),
        SharePort => (SOL_SOCKET, libc::SO_REUSEPORT),

        NoDelay => (IPPROTO_TCP, libc::TCP_NODELAY),
        KeepIdle => (IPPROTO_TCP, libc::TCP_KEEPALIVE),
        KeepInterval => (IPPROTO_TCP, libc::TCP_KEEPINTVL),
        KeepCount => (IPPROTO_TCP, libc::TCP_KEEPCNT),
        MaximumSegment => (IPPROTO_TCP, libc::TCP_MAXSEG),
        RetransmitTimeout => (IPPROTO_TCP, TCP_RXT_CONNDROPTIME),
        FastOpen => (IPPROTO_TCP, libc::TCP_FASTOPEN),

        IpHeaderIncluded => (IPPROTO_IP, libc::IP_HDRINCL),
        IpTypeOfService => (IPPROTO_IP, libc::IP_TOS),
        IpTimeToLive => (IPPROTO_IP, libc::IP_TTL),
        IpMulticastTimeToLive => (IPPROTO_IP, libc::IP_MULTICAST_TTL),
        IpMulticastLoop => (IPPROTO_IP, libc::IP_MULTICAST_LOOP),
        IpDontFragment => (IPPROTO_IP, libc::IP_DONTFRAG),
        IpPacketInfo => (IPPROTO_IP, libc::IP_PKTINFO),
        IpReceiveTimeToLive => (IPPROTO_IP, libc::IP_RECVTTL),
        IpReceiveTypeOfService => (IPPROTO_IP, libc::IP_RECVTOS),
        IpUnicastInterface => (IPPROTO_IP, libc::IP_BOUND_IF),

        Ipv6Only => (IPPROTO_IPV6, libc::IPV6_V6ONLY),
        Ipv6UnicastHops => (IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS),
        Ipv6MulticastHops => (IPPROTO_IPV6, libc::IPV6_MULTICAST_HOPS),
        Ipv6MulticastLoop => (IPPROTO_IPV6, libc::IPV6_MULTICAST_LOOP),
        Ipv6MulticastInterface => (IPPROTO_IPV6, libc::IPV6_MULTICAST_IF),
        Ipv6DontFragment => (IPPROTO_IPV6, libc::IPV6_DONTFRAG),
        Ipv6PacketInfo => (IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
        Ipv6ReceiveHopLimit => (IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT),
        Ipv6ReceiveTrafficClass => (IPPROTO_IPV6, libc::IPV6_RECVTCLASS),
        Ipv6TrafficClass => (IPPROTO_IPV6, libc::IPV6_TCLASS),
        Ipv6UnicastInterface => (IPPROTO_IPV6, libc::IPV6_BOUND_IF),
        Ipv6Checksum => (IPPROTO_IPV6, libc::IPV6_CHECKSUM),

        BindWithoutPort | IpMtuDiscover | IpMtu | Ipv6HeaderIncluded | Ipv6MtuDiscover
        | Ipv6Mtu => return None,
    })
}

pub(in crate::os) fn also(option: SocketOption, kind: Kind) -> Option<(c_int, c_int)> {
    (option == SocketOption::SharePort && kind == Kind::Datagram)
        .then_some((SOL_SOCKET, libc::SO_REUSEADDR))
}

pub(in crate::os) fn to_system(_option: SocketOption, value: c_int) -> c_int {
    value
}

pub(in crate::os) fn from_system(_option: SocketOption, value: c_int) -> c_int {
    value
}

fn prepare(descriptor: OwnedFd) -> Result<OwnedFd, SystemError> {
    let fd = descriptor.as_raw_fd();
    // SAFETY: takes no pointer.
    unsafe { syscall!(fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC)) }?;
    // SAFETY: takes no pointer.
    unsafe { syscall!(fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK)) }?;
    match option::set(descriptor.as_fd(), SOL_SOCKET, libc::SO_NOSIGPIPE, &1) {
        // An accepted connection that was reset meanwhile takes no option, and raises no signal.
        Err(error) if error.number() != libc::EINVAL => Err(error),
        _ => Ok(descriptor),
    }
}

/// netinet/tcp.h; the libc crate has no such constant. Seconds.
const TCP_RXT_CONNDROPTIME: c_int = 0x80;
