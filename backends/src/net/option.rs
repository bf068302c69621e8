//! Options of a socket that are the network's business.
//!
//! Options that only change what the base provider does (timeouts, SO_DEBUG, sharing classes, ...)
//! are not here. Numbers, booleans and units are fixed by this list; each implementation translates
//! them. Called by `base` through [`NetSocket::set_option`](super::NetSocket::set_option) and
//! [`NetSocket::option`](super::NetSocket::option).

use std::net::IpAddr;
use std::net::Ipv4Addr;

/// An option with one number as its value; booleans are 0 and 1.
///
/// An option that the network does not have fails `NOPROTOOPT`; setting or reading one on the wrong
/// kind of socket fails as the system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SocketOption {
    /// `SO_KEEPALIVE`: boolean.
    KeepAlive,
    /// `SO_OOBINLINE`: boolean; urgent bytes stay in the stream.
    OutOfBandInline,
    /// `SO_SNDBUF`: bytes. The value read back is the system's, not the one set.
    SendBuffer,
    /// `SO_RCVBUF`: bytes. The value read back is the system's, not the one set.
    ReceiveBuffer,
    /// Boolean, before bind: another socket that also has it may bind the same name, and listen.
    SharePort,
    /// `SO_REUSE_UNICASTPORT`: boolean, before bind: bind without a port takes none until connect.
    BindWithoutPort,

    /// `TCP_NODELAY`: boolean.
    NoDelay,
    /// `TCP_KEEPIDLE`: seconds before the first probe.
    KeepIdle,
    /// `TCP_KEEPINTVL`: seconds between probes.
    KeepInterval,
    /// `TCP_KEEPCNT`: probes before the connection is given up.
    KeepCount,
    /// `TCP_MAXSEG`: bytes of a segment.
    MaximumSegment,
    /// `TCP_MAXRT`: seconds that data may stay unacknowledged; 0 is the system's default.
    RetransmitTimeout,
    /// `TCP_FASTOPEN`: boolean.
    FastOpen,

    /// `IP_HDRINCL`: boolean.
    IpHeaderIncluded,
    /// `IP_TOS`: the byte of the header.
    IpTypeOfService,
    /// `IP_TTL`: 1 to 255.
    IpTimeToLive,
    /// `IP_MULTICAST_TTL`: 0 to 255.
    IpMulticastTimeToLive,
    /// `IP_MULTICAST_LOOP`: boolean.
    IpMulticastLoop,
    /// `IP_DONTFRAGMENT`: boolean.
    IpDontFragment,
    /// `IP_MTU_DISCOVER`: 0 as the system likes, 1 always set the bit, 2 never, 3 set it and ignore the path.
    IpMtuDiscover,
    /// `IP_MTU`: bytes of the path to the peer; read only, connected sockets.
    IpMtu,
    /// `IP_PKTINFO`: boolean; fills [`Control::packet`](super::Control::packet).
    IpPacketInfo,
    /// `IP_RECVTTL`: boolean; fills [`Control::time_to_live`](super::Control::time_to_live).
    IpReceiveTimeToLive,
    /// `IP_RECVTOS`: boolean; fills [`Control::traffic_class`](super::Control::traffic_class).
    IpReceiveTypeOfService,
    /// `IP_UNICAST_IF`: index of the interface that packets leave by (host order), 0 for any.
    IpUnicastInterface,

    /// `IPV6_V6ONLY`: boolean, before bind.
    Ipv6Only,
    /// `IPV6_HDRINCL`: boolean.
    Ipv6HeaderIncluded,
    /// `IPV6_UNICAST_HOPS`: 0 to 255, -1 for the default.
    Ipv6UnicastHops,
    /// `IPV6_MULTICAST_HOPS`: 0 to 255, -1 for the default.
    Ipv6MulticastHops,
    /// `IPV6_MULTICAST_LOOP`: boolean.
    Ipv6MulticastLoop,
    /// `IPV6_MULTICAST_IF`: index of an interface, 0 for the system's choice.
    Ipv6MulticastInterface,
    /// `IPV6_DONTFRAG`: boolean.
    Ipv6DontFragment,
    /// `IPV6_MTU_DISCOVER`: as [`SocketOption::IpMtuDiscover`].
    Ipv6MtuDiscover,
    /// `IPV6_MTU`: bytes of the path to the peer; read only, connected sockets.
    Ipv6Mtu,
    /// `IPV6_PKTINFO`: boolean; fills [`Control::packet`](super::Control::packet).
    Ipv6PacketInfo,
    /// `IPV6_HOPLIMIT`: boolean; fills [`Control::time_to_live`](super::Control::time_to_live).
    Ipv6ReceiveHopLimit,
    /// `IPV6_RECVTCLASS`: boolean; fills [`Control::traffic_class`](super::Control::traffic_class).
    Ipv6ReceiveTrafficClass,
    /// `IPV6_TCLASS`: the byte of the header, -1 for the default.
    Ipv6TrafficClass,
    /// `IPV6_UNICAST_IF`: index of the interface that packets leave by (host order), 0 for any.
    Ipv6UnicastInterface,
    /// `IPV6_CHECKSUM`: offset of the checksum in raw packets, -1 for none.
    Ipv6Checksum,
}

impl SocketOption {
    /// All of them, in an order that goes with a socket to another process: only added to at the end.
    pub const ALL: &[Self] = &[
        Self::KeepAlive,
        Self::OutOfBandInline,
        Self::SendBuffer,
        Self::ReceiveBuffer,
        Self::SharePort,
        Self::BindWithoutPort,
        Self::NoDelay,
        Self::KeepIdle,
        Self::KeepInterval,
        Self::KeepCount,
        Self::MaximumSegment,
        Self::RetransmitTimeout,
        Self::FastOpen,
        Self::IpHeaderIncluded,
        Self::IpTypeOfService,
        Self::IpTimeToLive,
        Self::IpMulticastTimeToLive,
        Self::IpMulticastLoop,
        Self::IpDontFragment,
        Self::IpMtuDiscover,
        Self::IpMtu,
        Self::IpPacketInfo,
        Self::IpReceiveTimeToLive,
        Self::IpReceiveTypeOfService,
        Self::IpUnicastInterface,
        Self::Ipv6Only,
        Self::Ipv6HeaderIncluded,
        Self::Ipv6UnicastHops,
        Self::Ipv6MulticastHops,
        Self::Ipv6MulticastLoop,
        Self::Ipv6MulticastInterface,
        Self::Ipv6DontFragment,
        Self::Ipv6MtuDiscover,
        Self::Ipv6Mtu,
        Self::Ipv6PacketInfo,
        Self::Ipv6ReceiveHopLimit,
        Self::Ipv6ReceiveTrafficClass,
        Self::Ipv6TrafficClass,
        Self::Ipv6UnicastInterface,
        Self::Ipv6Checksum,
    ];
}

/// A change of what a socket receives of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group: IpAddr,
    /// The interface it is joined on.
    pub interface: GroupInterface,
    /// What is asked.
    pub change: SourceFilter,
}

/// Where a group is joined, or where multicast leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupInterface {
    /// The system chooses.
    Any,
    /// The interface with this number.
    Index(u32),
    /// The interface with this address (IPv4 only).
    Address(Ipv4Addr),
}

/// What a [`Membership`] asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFilter {
    /// Receive the group from everybody.
    Join,
    /// Receive nothing more of the group.
    Leave,
    /// Receive the group from this sender.
    JoinSource(IpAddr),
    /// Receive the group no longer from this sender.
    LeaveSource(IpAddr),
    /// Of a group joined from everybody, drop this sender.
    BlockSource(IpAddr),
    /// Hear that sender again.
    UnblockSource(IpAddr),
}
