//! FreeBSD: what macOS does otherwise.
//!
//! See `sys/mod.rs` for what each item is. IPv4 has no IP_PKTINFO here: address and interface of a
//! datagram come in two messages, and only the address can be chosen for one that is sent.

use std::ffi::c_int;
use std::ffi::c_short;
use std::mem::offset_of;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;

use libc::IPPROTO_IP;
use libc::IPPROTO_IPV6;
use libc::IPPROTO_TCP;
use libc::SOL_SOCKET;
use libc::sockaddr_dl;
use libc::xucred;
use ws2spi_abi::Errno;

use super::bsd;
use crate::net::Control;
use crate::net::Family;
use crate::net::Kind;
use crate::net::PacketInfo;
use crate::net::SocketOption;
use crate::net::Statistics;
use crate::os::address::KernelAddress;
use crate::os::control;
use crate::os::control::ControlBuffer;
use crate::os::errno::SystemError;
use crate::os::errno::syscall;
use crate::os::option;

pub(in crate::os) const SEND_FLAGS: c_int = libc::MSG_NOSIGNAL;

pub(in crate::os) const DONT_WAIT: c_int = 0;

/// There is sendfile(2), but no word on whether it raises SIGPIPE: files are read.
pub(in crate::os) fn send_file(
    _to: BorrowedFd<'_>,
    _file: BorrowedFd<'_>,
    _from: u64,
    _count: usize,
) -> Result<usize, SystemError> {
    Err(SystemError::new(libc::EOPNOTSUPP))
}

pub(in crate::os) fn silence_pipe(_fd: BorrowedFd<'_>) -> Result<(), SystemError> {
    Ok(())
}

pub(in crate::os) const RECEIVE_DESCRIPTORS: c_int = libc::MSG_CMSG_CLOEXEC;

pub(in crate::os) const POLL_READ_CLOSED: c_short = libc::POLLRDHUP;

pub(in crate::os) fn open(
    domain: c_int,
    kind: c_int,
    protocol: c_int,
) -> Result<OwnedFd, SystemError> {
    let kind = kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: takes no pointer.
    let fd = unsafe { syscall!(socket(domain, kind, protocol)) }?;
    // SAFETY: the call made it, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(in crate::os) fn replace(
    old: BorrowedFd<'_>,
    fresh: BorrowedFd<'_>,
) -> Result<(), SystemError> {
    let (from, to) = (fresh.as_raw_fd(), old.as_raw_fd());
    // SAFETY: takes no pointer; the number stays the caller's, and what it stands for is a socket.
    unsafe { syscall!(dup3(from, to, libc::O_CLOEXEC)) }.map(drop)
}

pub(in crate::os) fn accept(
    listener: BorrowedFd<'_>,
    peer: &mut KernelAddress,
) -> Result<OwnedFd, SystemError> {
    let name = peer.as_mut_ptr();
    let length = &raw mut *peer.length_mut();
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: `name` has room for `length` bytes, both of `peer`, which is ours.
    let fd = unsafe { syscall!(accept4(listener.as_raw_fd(), name, length, flags)) }?;
    // SAFETY: the call made it, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
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
    bsd::ioctl_number(fd, libc::FIONWRITE)
}

/// DIFFERS: its TCP_INFO counts no bytes, which is what Windows' structure is for.
pub(in crate::os) fn statistics(_fd: BorrowedFd<'_>) -> Result<Statistics, Errno> {
    Err(Errno::OPNOTSUPP)
}

pub(in crate::os) fn peer_process(fd: BorrowedFd<'_>) -> Result<u32, Errno> {
    // sys/un.h; the level of AF_UNIX options.
    const SOL_LOCAL: c_int = 0;
    let mut peer = [0; size_of::<xucred>()];
    option::read_bytes(fd, SOL_LOCAL, libc::LOCAL_PEERCRED, &mut peer)?;
    let process = control::bytes(&peer, offset_of!(xucred, cr_pid__c_anonymous_union));
    match process.map(i32::from_ne_bytes).map(u32::try_from) {
        Some(Ok(process)) if process != 0 => Ok(process),
        _ => Err(Errno::NOTCONN),
    }
}

pub(in crate::os) fn push_ipv4_packet(
    buffer: &mut ControlBuffer,
    address: Ipv4Addr,
    interface: u32,
) -> Result<(), Errno> {
    if interface != 0 {
        return Err(Errno::OPNOTSUPP);
    }
    buffer.push(IPPROTO_IP, libc::IP_SENDSRCADDR, &address.octets())
}

pub(in crate::os) fn push_ipv4_type_of_service(
    buffer: &mut ControlBuffer,
    value: i32,
) -> Result<(), Errno> {
    buffer.push(IPPROTO_IP, libc::IP_TOS, &[value as u8])
}

pub(in crate::os) fn read_ipv4_message(kind: c_int, data: &[u8], control: &mut Control) {
    let nothing = PacketInfo {
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        interface: 0,
    };
    match kind {
        libc::IP_RECVDSTADDR => {
            if let Some(address) = control::bytes::<4>(data, 0) {
                let packet = control.packet.get_or_insert(nothing);
                packet.address = Ipv4Addr::from(address).into();
            }
        }
        libc::IP_RECVIF => {
            if let Some(index) = control::bytes(data, offset_of!(sockaddr_dl, sdl_index)) {
                let packet = control.packet.get_or_insert(nothing);
                packet.interface = u32::from(u16::from_ne_bytes(index));
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
        KeepIdle => (IPPROTO_TCP, libc::TCP_KEEPIDLE),
        KeepInterval => (IPPROTO_TCP, libc::TCP_KEEPINTVL),
        KeepCount => (IPPROTO_TCP, libc::TCP_KEEPCNT),
        MaximumSegment => (IPPROTO_TCP, libc::TCP_MAXSEG),
        RetransmitTimeout => (IPPROTO_TCP, libc::TCP_MAXUNACKTIME),
        FastOpen => (IPPROTO_TCP, libc::TCP_FASTOPEN),

        IpHeaderIncluded => (IPPROTO_IP, libc::IP_HDRINCL),
        IpTypeOfService => (IPPROTO_IP, libc::IP_TOS),
        IpTimeToLive => (IPPROTO_IP, libc::IP_TTL),
        IpMulticastTimeToLive => (IPPROTO_IP, libc::IP_MULTICAST_TTL),
        IpMulticastLoop => (IPPROTO_IP, libc::IP_MULTICAST_LOOP),
        IpDontFragment => (IPPROTO_IP, libc::IP_DONTFRAG),
        IpPacketInfo => (IPPROTO_IP, libc::IP_RECVDSTADDR),
        IpReceiveTimeToLive => (IPPROTO_IP, libc::IP_RECVTTL),
        IpReceiveTypeOfService => (IPPROTO_IP, libc::IP_RECVTOS),

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
        Ipv6Checksum => (IPPROTO_IPV6, libc::IPV6_CHECKSUM),

        BindWithoutPort | IpMtuDiscover | IpMtu | IpUnicastInterface | Ipv6HeaderIncluded
        | Ipv6MtuDiscover | Ipv6Mtu | Ipv6UnicastInterface => return None,
    })
}

pub(in crate::os) fn also(option: SocketOption, kind: Kind) -> Option<(c_int, c_int)> {
    match option {
        SocketOption::SharePort if kind == Kind::Datagram => Some((SOL_SOCKET, libc::SO_REUSEADDR)),
        SocketOption::IpPacketInfo => Some((IPPROTO_IP, libc::IP_RECVIF)),
        _ => None,
    }
}

pub(in crate::os) fn to_system(_option: SocketOption, value: c_int) -> c_int {
    value
}

pub(in crate::os) fn from_system(_option: SocketOption, value: c_int) -> c_int {
    value
}
