//! Linux: numbers of the socket options, and their values where Linux counts differently.
//!
//! See `sys/mod.rs`; called by `os/option.rs` and `os/membership.rs`.

use std::ffi::c_int;

use libc::IPPROTO_IP;
use libc::IPPROTO_IPV6;
use libc::IPPROTO_TCP;
use libc::SOL_SOCKET;

use crate::net::Kind;
use crate::net::SocketOption;

pub(in crate::os) const IP_OPTIONS: c_int = libc::IP_OPTIONS;
pub(in crate::os) const IPV6_JOIN: c_int = libc::IPV6_ADD_MEMBERSHIP;
pub(in crate::os) const IPV6_LEAVE: c_int = libc::IPV6_DROP_MEMBERSHIP;

pub(in crate::os) fn numbers(option: SocketOption, kind: Kind) -> Option<(c_int, c_int)> {
    use SocketOption::*;
    Some(match option {
        KeepAlive => (SOL_SOCKET, libc::SO_KEEPALIVE),
        OutOfBandInline => (SOL_SOCKET, libc::SO_OOBINLINE),
        SendBuffer => (SOL_SOCKET, libc::SO_SNDBUF),
        ReceiveBuffer => (SOL_SOCKET, libc::SO_RCVBUF),
        // SO_REUSEPORT would spread datagrams over the sockets; Windows does not.
        SharePort if kind == Kind::Datagram => (SOL_SOCKET, libc::SO_REUSEADDR),
        SharePort => (SOL_SOCKET, libc::SO_REUSEPORT),
        BindWithoutPort => (IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT),

        NoDelay => (IPPROTO_TCP, libc::TCP_NODELAY),
        KeepIdle => (IPPROTO_TCP, libc::TCP_KEEPIDLE),
        KeepInterval => (IPPROTO_TCP, libc::TCP_KEEPINTVL),
        KeepCount => (IPPROTO_TCP, libc::TCP_KEEPCNT),
        MaximumSegment => (IPPROTO_TCP, libc::TCP_MAXSEG),
        RetransmitTimeout => (IPPROTO_TCP, libc::TCP_USER_TIMEOUT),
        FastOpen => (IPPROTO_TCP, libc::TCP_FASTOPEN),

        IpHeaderIncluded => (IPPROTO_IP, libc::IP_HDRINCL),
        IpTypeOfService => (IPPROTO_IP, libc::IP_TOS),
        IpTimeToLive => (IPPROTO_IP, libc::IP_TTL),
        IpMulticastTimeToLive => (IPPROTO_IP, libc::IP_MULTICAST_TTL),
        IpMulticastLoop => (IPPROTO_IP, libc::IP_MULTICAST_LOOP),
        IpDontFragment | IpMtuDiscover => (IPPROTO_IP, libc::IP_MTU_DISCOVER),
        IpMtu => (IPPROTO_IP, libc::IP_MTU),
        IpPacketInfo => (IPPROTO_IP, libc::IP_PKTINFO),
        IpReceiveTimeToLive => (IPPROTO_IP, libc::IP_RECVTTL),
        IpReceiveTypeOfService => (IPPROTO_IP, libc::IP_RECVTOS),
        IpUnicastInterface => (IPPROTO_IP, libc::IP_UNICAST_IF),

        Ipv6Only => (IPPROTO_IPV6, libc::IPV6_V6ONLY),
        Ipv6HeaderIncluded => (IPPROTO_IPV6, libc::IPV6_HDRINCL),
        Ipv6UnicastHops => (IPPROTO_IPV6, libc::IPV6_UNICAST_HOPS),
        Ipv6MulticastHops => (IPPROTO_IPV6, libc::IPV6_MULTICAST_HOPS),
        Ipv6MulticastLoop => (IPPROTO_IPV6, libc::IPV6_MULTICAST_LOOP),
        Ipv6MulticastInterface => (IPPROTO_IPV6, libc::IPV6_MULTICAST_IF),
        Ipv6DontFragment => (IPPROTO_IPV6, libc::IPV6_DONTFRAG),
        Ipv6MtuDiscover => (IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER),
        Ipv6Mtu => (IPPROTO_IPV6, libc::IPV6_MTU),
        Ipv6PacketInfo => (IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
        Ipv6ReceiveHopLimit => (IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT),
        Ipv6ReceiveTrafficClass => (IPPROTO_IPV6, libc::IPV6_RECVTCLASS),
        Ipv6TrafficClass => (IPPROTO_IPV6, libc::IPV6_TCLASS),
        Ipv6UnicastInterface => (IPPROTO_IPV6, libc::IPV6_UNICAST_IF),
        Ipv6Checksum => (IPPROTO_IPV6, libc::IPV6_CHECKSUM),
    })
}

/// A second option that goes with one; none here.
pub(in crate::os) fn also(_option: SocketOption, _kind: Kind) -> Option<(c_int, c_int)> {
    None
}

pub(in crate::os) fn to_system(option: SocketOption, value: c_int) -> c_int {
    use SocketOption::*;
    match option {
        // tcp(7): the most that Linux takes.
        KeepIdle | KeepInterval => value.min(32_767),
        KeepCount => value.min(127),
        // Milliseconds; 0 is the system's default.
        RetransmitTimeout => value.max(0).saturating_mul(1000),
        // The length of the queue of connections that are not confirmed yet.
        FastOpen => value * FAST_OPEN_QUEUE,
        IpDontFragment if value != 0 => libc::IP_PMTUDISC_DO,
        IpDontFragment => libc::IP_PMTUDISC_DONT,
        IpMtuDiscover | Ipv6MtuDiscover => match value {
            0 => libc::IP_PMTUDISC_WANT,
            1 => libc::IP_PMTUDISC_DO,
            2 => libc::IP_PMTUDISC_DONT,
            3 => libc::IP_PMTUDISC_PROBE,
            // Refused by the kernel.
            _ => -1,
        },
        IpUnicastInterface | Ipv6UnicastInterface => value.to_be(),
        _ => value,
    }
}

pub(in crate::os) fn from_system(option: SocketOption, value: c_int) -> c_int {
    use SocketOption::*;
    match option {
        RetransmitTimeout => value / 1000,
        IpDontFragment => {
            c_int::from([libc::IP_PMTUDISC_DO, libc::IP_PMTUDISC_PROBE].contains(&value))
        }
        IpMtuDiscover | Ipv6MtuDiscover => match value {
            libc::IP_PMTUDISC_DO => 1,
            libc::IP_PMTUDISC_DONT => 2,
            libc::IP_PMTUDISC_PROBE => 3,
            _ => 0,
        },
        IpUnicastInterface | Ipv6UnicastInterface => c_int::from_be(value),
        _ => value,
    }
}

const FAST_OPEN_QUEUE: c_int = 256;
