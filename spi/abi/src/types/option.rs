//! Values of socket options, ioctls and control messages.
//!
//! They travel as bytes through getsockopt, setsockopt, WSAIoctl and WSAMSG control buffers;
//! decode and encode them with [`Plain`](super::Plain).

use super::IN_ADDR;
use super::IN6_ADDR;
use super::SOCKADDR_STORAGE;
use super::plain::plain_structs;
use super::sockaddr_gen;

plain_structs! {
    /// Value of SO_LINGER. 4 bytes: two 16-bit numbers, unlike on Unix.
    /// Microsoft: winsock2.h, linger structure.
    #[doc(alias = "linger")]
    #[derive(PartialEq, Eq)]
    pub struct LINGER {
        /// Whether closing waits.
        pub l_onoff: u16,
        /// How long, in seconds.
        pub l_linger: u16,
    }

    /// Argument of SIO_KEEPALIVE_VALS. 12 bytes. Microsoft: mstcpip.h, tcp_keepalive structure.
    #[derive(PartialEq, Eq)]
    pub struct tcp_keepalive {
        /// Whether keep-alives are sent.
        pub onoff: u32,
        /// Idle time before the first, in milliseconds.
        pub keepalivetime: u32,
        /// Time between unanswered ones, in milliseconds.
        pub keepaliveinterval: u32,
    }

    /// Argument of SIO_SET_COMPATIBILITY_MODE. 8 bytes.
    /// Microsoft: mswsockdef.h, WSA_COMPATIBILITY_MODE structure.
    #[derive(PartialEq, Eq)]
    pub struct WSA_COMPATIBILITY_MODE {
        /// `WsaBehavior*`: what should be as it was.
        pub BehaviorId: i32,
        /// Windows version to be like.
        pub TargetOsVersion: u32,
    }

    /// Value of IP_ADD_MEMBERSHIP and IP_DROP_MEMBERSHIP. 8 bytes.
    /// Microsoft: ws2ipdef.h, ip_mreq structure.
    #[doc(alias = "ip_mreq")]
    #[derive(PartialEq, Eq)]
    pub struct IP_MREQ {
        /// The group.
        pub imr_multiaddr: IN_ADDR,
        /// Address or, as 0.x.x.x, index of the interface; 0 for the default.
        pub imr_interface: IN_ADDR,
    }

    /// Value of the source membership options. 12 bytes; the order differs from Linux.
    /// Microsoft: ws2ipdef.h, ip_mreq_source structure.
    #[doc(alias = "ip_mreq_source")]
    #[derive(PartialEq, Eq)]
    pub struct IP_MREQ_SOURCE {
        /// The group.
        pub imr_multiaddr: IN_ADDR,
        /// The sender.
        pub imr_sourceaddr: IN_ADDR,
        /// Address of the interface; 0 for the default.
        pub imr_interface: IN_ADDR,
    }

    /// Value of IPV6_ADD_MEMBERSHIP and IPV6_DROP_MEMBERSHIP. 20 bytes.
    /// Microsoft: ws2ipdef.h, ipv6_mreq structure.
    #[doc(alias = "ipv6_mreq")]
    #[derive(PartialEq, Eq)]
    pub struct IPV6_MREQ {
        /// The group.
        pub ipv6mr_multiaddr: IN6_ADDR,
        /// Index of the interface; 0 for the default.
        pub ipv6mr_interface: u32,
    }

    /// Value of MCAST_JOIN_GROUP and MCAST_LEAVE_GROUP, for either family. 136 bytes.
    /// Microsoft: ws2ipdef.h, group_req structure.
    #[doc(alias = "group_req")]
    #[derive(PartialEq, Eq)]
    pub struct GROUP_REQ {
        /// Index of the interface; 0 for the default.
        pub gr_interface: u32,
        /// The group.
        pub gr_group: SOCKADDR_STORAGE,
    }

    /// Value of the MCAST source options, for either family. 264 bytes.
    /// Microsoft: ws2ipdef.h, group_source_req structure.
    #[doc(alias = "group_source_req")]
    #[derive(PartialEq, Eq)]
    pub struct GROUP_SOURCE_REQ {
        /// Index of the interface; 0 for the default.
        pub gsr_interface: u32,
        /// The group.
        pub gsr_group: SOCKADDR_STORAGE,
        /// The sender.
        pub gsr_source: SOCKADDR_STORAGE,
    }

    /// Control message of IP_PKTINFO. 8 bytes; Linux has one more field.
    /// Microsoft: ws2ipdef.h, in_pktinfo structure.
    #[doc(alias = "in_pktinfo")]
    #[derive(PartialEq, Eq)]
    pub struct IN_PKTINFO {
        /// Destination address on receipt, source address when sending.
        pub ipi_addr: IN_ADDR,
        /// Index of the interface.
        pub ipi_ifindex: u32,
    }

    /// Control message of IPV6_PKTINFO. 20 bytes. Microsoft: ws2ipdef.h, in6_pktinfo structure.
    #[doc(alias = "in6_pktinfo")]
    #[derive(PartialEq, Eq)]
    pub struct IN6_PKTINFO {
        /// Destination address on receipt, source address when sending.
        pub ipi6_addr: IN6_ADDR,
        /// Index of the interface.
        pub ipi6_ifindex: u32,
    }

    /// One interface in the answer of SIO_GET_INTERFACE_LIST. 76 bytes.
    /// Microsoft: ws2ipdef.h, INTERFACE_INFO structure.
    pub struct INTERFACE_INFO {
        /// `IFF_*` flags.
        pub iiFlags: u32,
        /// Its address.
        pub iiAddress: sockaddr_gen,
        /// Its broadcast address.
        pub iiBroadcastAddress: sockaddr_gen,
        /// Its network mask.
        pub iiNetmask: sockaddr_gen,
    }

    /// Answer of SIO_TCP_INFO, version 0. 88 bytes. Microsoft: mstcpip.h, TCP_INFO_v0 structure.
    #[derive(PartialEq, Eq)]
    pub struct TCP_INFO_v0 {
        /// State of the connection: `TCPSTATE_*`.
        pub State: i32,
        /// Largest segment in bytes.
        pub Mss: u32,
        /// Milliseconds since the connection was made.
        pub ConnectionTimeMs: u64,
        /// Whether timestamps are in use: 0 or 1.
        pub TimestampsEnabled: u8,
        /// Round trip in microseconds, estimated.
        pub RttUs: u32,
        /// Shortest round trip seen, in microseconds.
        pub MinRttUs: u32,
        /// Bytes sent and not acknowledged.
        pub BytesInFlight: u32,
        /// Congestion window in bytes.
        pub Cwnd: u32,
        /// Send window in bytes.
        pub SndWnd: u32,
        /// Receive window in bytes.
        pub RcvWnd: u32,
        /// Receive buffer in bytes.
        pub RcvBuf: u32,
        /// Bytes sent.
        pub BytesOut: u64,
        /// Bytes received.
        pub BytesIn: u64,
        /// Bytes that arrived out of order.
        pub BytesReordered: u32,
        /// Bytes sent again.
        pub BytesRetrans: u32,
        /// Fast retransmissions.
        pub FastRetrans: u32,
        /// Duplicate acknowledgements received.
        pub DupAcksIn: u32,
        /// Retransmissions after a timeout.
        pub TimeoutEpisodes: u32,
        /// SYNs sent again.
        pub SynRetrans: u8,
    }

    /// Answer of SIO_TCP_INFO, version 1. 136 bytes. Microsoft: mstcpip.h, TCP_INFO_v1 structure.
    #[derive(PartialEq, Eq)]
    pub struct TCP_INFO_v1 {
        /// State of the connection: `TCPSTATE_*`.
        pub State: i32,
        /// Largest segment in bytes.
        pub Mss: u32,
        /// Milliseconds since the connection was made.
        pub ConnectionTimeMs: u64,
        /// Whether timestamps are in use: 0 or 1.
        pub TimestampsEnabled: u8,
        /// Round trip in microseconds, estimated.
        pub RttUs: u32,
        /// Shortest round trip seen, in microseconds.
        pub MinRttUs: u32,
        /// Bytes sent and not acknowledged.
        pub BytesInFlight: u32,
        /// Congestion window in bytes.
        pub Cwnd: u32,
        /// Send window in bytes.
        pub SndWnd: u32,
        /// Receive window in bytes.
        pub RcvWnd: u32,
        /// Receive buffer in bytes.
        pub RcvBuf: u32,
        /// Bytes sent.
        pub BytesOut: u64,
        /// Bytes received.
        pub BytesIn: u64,
        /// Bytes that arrived out of order.
        pub BytesReordered: u32,
        /// Bytes sent again.
        pub BytesRetrans: u32,
        /// Fast retransmissions.
        pub FastRetrans: u32,
        /// Duplicate acknowledgements received.
        pub DupAcksIn: u32,
        /// Retransmissions after a timeout.
        pub TimeoutEpisodes: u32,
        /// SYNs sent again.
        pub SynRetrans: u8,
        /// How often the receive window of the peer began to hold up sending.
        pub SndLimTransRwin: u32,
        /// How long it did, in milliseconds.
        pub SndLimTimeRwin: u32,
        /// Bytes sent while it did.
        pub SndLimBytesRwin: u64,
        /// How often congestion began to hold up sending.
        pub SndLimTransCwnd: u32,
        /// How long it did, in milliseconds.
        pub SndLimTimeCwnd: u32,
        /// Bytes sent while it did.
        pub SndLimBytesCwnd: u64,
        /// How often the sender began to have nothing to send.
        pub SndLimTransSnd: u32,
        /// How long it had, in milliseconds.
        pub SndLimTimeSnd: u32,
        /// Bytes sent while it had.
        pub SndLimBytesSnd: u64,
    }
}
