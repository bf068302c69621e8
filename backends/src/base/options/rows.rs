//! Every option with a number as its value: its length rule, where it applies and what it does.
//!
//! One row each, by level (base-provider.md 2.5). What is more than a number, or has a meaning of its
//! own, is not here: `socket_level`, `groups` and `addresses` come first.

use ws2spi_abi::*;

use super::length::Rule;
use crate::net::Kind;
use crate::net::SocketOption;

/// One option.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) level: i32,
    pub(super) name: i32,
    pub(super) rule: Rule,
    pub(super) on: On,
    pub(super) value: Value,
    pub(super) does: Does,
}

/// The sockets that have the option; on others it is `INVAL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// All.
    All,
    /// Streams.
    Stream,
    /// Datagram and raw sockets.
    Messages,
    /// Raw sockets.
    Raw,
}

/// What numbers it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Everything but 0 is 1.
    Bool,
    /// From the first to the second; else `INVAL`.
    From(i32, i32),
    /// Any.
    Any,
}

/// What setting and reading it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// The network has it. Reads give what was set, or ask the network.
    Network(SocketOption),
    /// The network has it, with a default that is not Windows'; reads give what was set, or Windows'
    /// default. A network that refuses it does not matter.
    Hint(SocketOption, i32),
    /// It is kept and read back; this is the default.
    Keep(i32),
    /// As `Hint`; the default is the first for streams, the second for others.
    HintBy(SocketOption, i32, i32),
}

impl On {
    /// Whether a socket of this kind has the option.
    pub(super) fn has(self, kind: Kind) -> bool {
        match self {
            Self::All => true,
            Self::Stream => kind == Kind::Stream,
            Self::Messages => kind != Kind::Stream,
            Self::Raw => kind == Kind::Raw,
        }
    }
}

/// The row of an option.
pub(super) fn find(level: i32, name: i32) -> Option<&'static Row> {
    ROWS.iter()
        .find(|row| row.level == level && row.name == name)
}

macro_rules! rows {
    ($( $level:ident { $( $name:ident $rule:ident $on:ident $value:expr, $does:expr; )+ } )+) => {
        static ROWS: &[Row] = &[ $( $( Row {
            level: $level,
            name: $name,
            rule: Rule::$rule,
            on: On::$on,
            value: $value,
            does: $does,
        }, )+ )+ ];
    };
}

use Does::Hint;
use Does::HintBy;
use Does::Keep;
use Does::Network;
use SocketOption::*;
use Value::Any;
use Value::Bool;
use Value::From;

rows! {
    SOL_SOCKET {
        SO_DEBUG                A All Bool, Keep(0);
        SO_DONTROUTE            D All Bool, Keep(0);
        SO_COMPARTMENT_ID       C All Any, Keep(1);
        SO_PORT_SCALABILITY     A All Bool, Keep(0);
        SO_REUSE_MULTICASTPORT  A All Bool, Keep(0);
    }
    IPPROTO_TCP {
        TCP_NODELAY             D Stream Bool, Network(NoDelay);
        TCP_EXPEDITED_1122      F Stream Bool, Keep(0);
        TCP_KEEPALIVE           E Stream From(1, i32::MAX), Hint(KeepIdle, 7200);
        TCP_MAXSEG              C Stream From(1, 65535), Network(MaximumSegment);
        TCP_MAXRT               C Stream From(-1, i32::MAX), Keep(-1);
        TCP_TIMESTAMPS          C Stream Any, Keep(0);
        TCP_OFFLOAD_PREFERENCE  C Stream Any, Keep(0);
        TCP_CONGESTION_ALGORITHM C Stream Any, Keep(0);
        TCP_DELAY_FIN_ACK       C Stream Bool, Keep(0);
        TCP_MAXRTMS             C Stream Any, Keep(0);
        TCP_FASTOPEN            F Stream Bool, Keep(0);
        TCP_KEEPCNT             E Stream From(1, 255), Hint(KeepCount, 10);
        TCP_KEEPINTVL           E Stream From(1, i32::MAX), Hint(KeepInterval, 1);
        TCP_FAIL_CONNECT_ON_ICMP_ERROR C Stream Bool, Keep(0);
        TCP_BSDURGENT           F Stream Bool, Keep(1);
    }
    IPPROTO_UDP {
        UDP_NOCHECKSUM          F Messages Bool, Keep(0);
        UDP_SEND_MSG_SIZE       C Messages Any, Keep(0);
        UDP_RECV_MAX_COALESCED_SIZE C Messages Any, Keep(0);
        UDP_CHECKSUM_COVERAGE   F Messages Any, Keep(0);
    }
    IPPROTO_IP {
        IP_HDRINCL              F Raw Bool, Network(IpHeaderIncluded);
        IP_TOS                  F All From(0, 255), Network(IpTypeOfService);
        IP_TTL                  F All From(1, 255), Network(IpTimeToLive);
        IP_MULTICAST_TTL        F Messages From(0, 255), Hint(IpMulticastTimeToLive, 1);
        IP_MULTICAST_LOOP       F Messages Bool, Hint(IpMulticastLoop, 1);
        IP_DONTFRAGMENT         F All Bool, HintBy(IpDontFragment, 1, 0);
        IP_PKTINFO              E Messages Bool, Hint(IpPacketInfo, 0);
        IP_RECVTTL              E Messages Bool, Hint(IpReceiveTimeToLive, 0);
        IP_RECEIVE_BROADCAST    F Messages Bool, Keep(1);
        IP_PROTECTION_LEVEL     C All Any, Keep(0);
        IP_RECVIF               F Messages Bool, Keep(0);
        IP_RECVDSTADDR          F Messages Bool, Keep(0);
        IP_IFLIST               F Messages Bool, Keep(0);
        IP_RECVRTHDR            F Messages Bool, Keep(0);
        IP_TCLASS               F Messages Any, Keep(0);
        IP_RECVTOS              E Messages Bool, Hint(IpReceiveTypeOfService, 0);
        IP_ORIGINAL_ARRIVAL_IF  F Messages Bool, Keep(0);
        IP_ECN                  F Messages Bool, Keep(0);
        IP_PKTINFO_EX           F Messages Bool, Keep(0);
        IP_MTU_DISCOVER         C All From(0, 3), Hint(IpMtuDiscover, 0);
        IP_NRT_INTERFACE        C All Any, Keep(0);
        IP_RECVERR              F Messages Bool, Keep(0);
        IP_USER_MTU             C All Any, Keep(-1);
    }
    IPPROTO_IPV6 {
        IPV6_HDRINCL            F Raw Bool, Network(Ipv6HeaderIncluded);
        IPV6_UNICAST_HOPS       F All From(-1, 255), Network(Ipv6UnicastHops);
        IPV6_MULTICAST_IF       C Messages Any, Hint(Ipv6MulticastInterface, 0);
        IPV6_MULTICAST_HOPS     F Messages From(-1, 255), Hint(Ipv6MulticastHops, 1);
        IPV6_MULTICAST_LOOP     F Messages Bool, Hint(Ipv6MulticastLoop, 1);
        IPV6_DONTFRAG           F All Bool, HintBy(Ipv6DontFragment, 1, 0);
        IPV6_PKTINFO            E Messages Bool, Hint(Ipv6PacketInfo, 0);
        IPV6_HOPLIMIT           E Messages Bool, Hint(Ipv6ReceiveHopLimit, 0);
        IPV6_PROTECTION_LEVEL   C All Any, Keep(0);
        IPV6_RECVIF             F Messages Bool, Keep(0);
        IPV6_RECVDSTADDR        F Messages Bool, Keep(0);
        IPV6_CHECKSUM           C Raw Any, Network(Ipv6Checksum);
        IPV6_IFLIST             F Messages Bool, Keep(0);
        IPV6_RECVRTHDR          F Messages Bool, Keep(0);
        IPV6_TCLASS             F All From(-1, 255), Hint(Ipv6TrafficClass, 0);
        IPV6_RECVTCLASS         E Messages Bool, Hint(Ipv6ReceiveTrafficClass, 0);
        IPV6_ECN                F Messages Bool, Keep(0);
        IPV6_PKTINFO_EX         F Messages Bool, Keep(0);
        IPV6_MTU_DISCOVER       C All From(0, 3), Hint(Ipv6MtuDiscover, 0);
        IPV6_NRT_INTERFACE      C All Any, Keep(0);
        IPV6_RECVERR            F Messages Bool, Keep(0);
        IPV6_USER_MTU           C All Any, Keep(-1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_one_row() {
        // 2.5: a second row would never be found.
        for (at, row) in ROWS.iter().enumerate() {
            let again = ROWS[at + 1..]
                .iter()
                .find(|o| (o.level, o.name) == (row.level, row.name));
            assert!(again.is_none(), "{row:?} and {again:?}");
        }
    }
}
