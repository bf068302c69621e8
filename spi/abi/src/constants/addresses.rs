//! Address families, socket types, protocols, well-known addresses, interface flags.

use super::constants;

constants! {
    i32 {
        AF_UNSPEC = 0, "No family: any, or for connect none.";
        AF_UNIX = 1, "Local sockets named by a path.";
        AF_INET = 2, "IPv4.";
        AF_IMPLINK = 3, "ARPANET IMP addresses.";
        AF_PUP = 4, "PUP protocols.";
        AF_CHAOS = 5, "MIT CHAOS protocols.";
        AF_NS = 6, "Xerox NS, the same number as IPX.";
        AF_IPX = 6, "IPX and SPX.";
        AF_ISO = 7, "ISO protocols.";
        AF_OSI = 7, "ISO protocols under their other name.";
        AF_ECMA = 8, "European computer manufacturers.";
        AF_DATAKIT = 9, "DataKit protocols.";
        AF_CCITT = 10, "CCITT protocols, X.25.";
        AF_SNA = 11, "IBM SNA.";
        AF_DECnet = 12, "DECnet.";
        AF_DLI = 13, "Direct data link interface.";
        AF_LAT = 14, "LAT.";
        AF_HYLINK = 15, "NSC Hyperchannel.";
        AF_APPLETALK = 16, "AppleTalk.";
        AF_NETBIOS = 17, "NetBIOS names.";
        AF_VOICEVIEW = 18, "VoiceView.";
        AF_FIREFOX = 19, "Firefox protocols.";
        AF_BAN = 21, "Banyan.";
        AF_ATM = 22, "ATM.";
        AF_INET6 = 23, "IPv6: 23, not the number of any Unix.";
        AF_CLUSTER = 24, "Microsoft Wolfpack clusters.";
        AF_12844 = 25, "IEEE 1284.4.";
        AF_IRDA = 26, "Infrared.";
        AF_NETDES = 28, "Network designers OSI.";
        AF_TCNPROCESS = 29, "TCN process.";
        AF_TCNMESSAGE = 30, "TCN message.";
        AF_ICLFXBM = 31, "ICL FXBM.";
        AF_BTH = 32, "Bluetooth.";
        AF_LINK = 33, "Link layer.";
        AF_HYPERV = 34, "Hyper-V sockets.";

        SOCK_STREAM = 1, "Byte stream.";
        SOCK_DGRAM = 2, "Datagrams.";
        SOCK_RAW = 3, "Raw protocol.";
        SOCK_RDM = 4, "Reliable messages.";
        SOCK_SEQPACKET = 5, "Message stream.";

        IPPROTO_IP = 0, "IPv4; level of its options.";
        IPPROTO_HOPOPTS = 0, "IPv6 hop-by-hop options.";
        IPPROTO_ICMP = 1, "ICMP.";
        IPPROTO_IGMP = 2, "IGMP.";
        IPPROTO_GGP = 3, "Gateway to gateway.";
        IPPROTO_IPV4 = 4, "IPv4 in IP.";
        IPPROTO_ST = 5, "Stream protocol.";
        IPPROTO_TCP = 6, "TCP; level of its options.";
        IPPROTO_CBT = 7, "Core based trees.";
        IPPROTO_EGP = 8, "Exterior gateway.";
        IPPROTO_IGP = 9, "Interior gateway.";
        IPPROTO_PUP = 12, "PUP.";
        IPPROTO_UDP = 17, "UDP; level of its options.";
        IPPROTO_IDP = 22, "XNS IDP.";
        IPPROTO_RDP = 27, "Reliable data.";
        IPPROTO_IPV6 = 41, "IPv6; level of its options.";
        IPPROTO_ROUTING = 43, "IPv6 routing header.";
        IPPROTO_FRAGMENT = 44, "IPv6 fragment header.";
        IPPROTO_ESP = 50, "IPsec ESP.";
        IPPROTO_AH = 51, "IPsec AH.";
        IPPROTO_ICMPV6 = 58, "ICMPv6.";
        IPPROTO_NONE = 59, "IPv6 without next header.";
        IPPROTO_DSTOPTS = 60, "IPv6 destination options.";
        IPPROTO_ND = 77, "Sun ND.";
        IPPROTO_ICLFXBM = 78, "ICL FXBM.";
        IPPROTO_PIM = 103, "Protocol independent multicast.";
        IPPROTO_PGM = 113, "Pragmatic general multicast.";
        IPPROTO_RM = 113, "Reliable multicast, the same number as PGM.";
        IPPROTO_L2TP = 115, "L2TP.";
        IPPROTO_SCTP = 132, "SCTP.";
        IPPROTO_RAW = 255, "Raw IP packets.";
        IPPROTO_MAX = 256, "First number that is no protocol of the IP header.";

        FROM_PROTOCOL_INFO = -1, "WSASocket: take this field from the protocol information.";
        SD_RECEIVE = 0, "Shut down receiving.";
        SD_SEND = 1, "Shut down sending.";
        SD_BOTH = 2, "Shut down both.";
        SOMAXCONN = 0x7fff_ffff, "Backlog: as many as the provider allows.";
        CF_ACCEPT = 0, "Condition function: accept.";
        CF_REJECT = 1, "Condition function: refuse.";
        CF_DEFER = 2, "Condition function: decide at a later accept.";
    }
    u32 {
        INADDR_ANY = 0, "0.0.0.0, host order.";
        INADDR_LOOPBACK = 0x7f00_0001, "127.0.0.1, host order.";
        INADDR_BROADCAST = 0xffff_ffff, "255.255.255.255.";
        INADDR_NONE = 0xffff_ffff, "What inet_addr returns for text that is no address.";
        IFF_UP = 1, "The interface is up.";
        IFF_BROADCAST = 2, "It can broadcast.";
        IFF_LOOPBACK = 4, "It is the loopback.";
        IFF_POINTTOPOINT = 8, "It has one peer.";
        IFF_MULTICAST = 0x10, "It can multicast.";
        SG_UNCONSTRAINED_GROUP = 1, "Socket group: ask for a group without restrictions.";
        SG_CONSTRAINED_GROUP = 2, "Socket group: ask for a group with one peer.";
        JL_SENDER_ONLY = 1, "WSAJoinLeaf: send only.";
        JL_RECEIVER_ONLY = 2, "WSAJoinLeaf: receive only.";
        JL_BOTH = 4, "WSAJoinLeaf: send and receive.";
        WSA_FLAG_OVERLAPPED = 1, "WSASocket: overlapped calls are possible.";
        WSA_FLAG_MULTIPOINT_C_ROOT = 2, "WSASocket: root of the control plane.";
        WSA_FLAG_MULTIPOINT_C_LEAF = 4, "WSASocket: leaf of the control plane.";
        WSA_FLAG_MULTIPOINT_D_ROOT = 8, "WSASocket: root of the data plane.";
        WSA_FLAG_MULTIPOINT_D_LEAF = 0x10, "WSASocket: leaf of the data plane.";
        WSA_FLAG_ACCESS_SYSTEM_SECURITY = 0x40, "WSASocket: the security descriptor is accessible.";
        WSA_FLAG_NO_HANDLE_INHERIT = 0x80, "WSASocket: child processes do not inherit.";
        WSA_FLAG_REGISTERED_IO = 0x100, "WSASocket: registered I/O is possible.";
    }
    usize {
        UNIX_PATH_MAX = 108, "Bytes of the path in a SOCKADDR_UN.";
        INET_ADDRSTRLEN = 22, "Room for an IPv4 address with port as text.";
        INET6_ADDRSTRLEN = 65, "Room for an IPv6 address with scope and port as text.";
    }
}

/// The backlog that asks for `count` connections, as a hint: `listen` clamps it to 200..=65535.
/// Microsoft: winsock2.h, SOMAXCONN_HINT macro.
#[doc(alias = "SOMAXCONN_HINT")]
pub const fn somaxconn_hint(count: i32) -> i32 {
    count.wrapping_neg()
}
