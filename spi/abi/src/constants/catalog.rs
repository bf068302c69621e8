//! Catalog entries: service and provider flags, chains, categories of layered providers, the
//! identities of Windows' base providers.

use super::constants;
use crate::guid::GUID;

constants! {
    u32 {
        XP1_CONNECTIONLESS = 1, "Datagrams without connections.";
        XP1_GUARANTEED_DELIVERY = 2, "All data arrive.";
        XP1_GUARANTEED_ORDER = 4, "Data arrive in order, none twice.";
        XP1_MESSAGE_ORIENTED = 8, "Message boundaries are kept.";
        XP1_PSEUDO_STREAM = 0x10, "Messages below, boundaries not kept on receipt.";
        XP1_GRACEFUL_CLOSE = 0x20, "Two-phase close.";
        XP1_EXPEDITED_DATA = 0x40, "Urgent data.";
        XP1_CONNECT_DATA = 0x80, "User data with connect.";
        XP1_DISCONNECT_DATA = 0x100, "User data with disconnect.";
        XP1_SUPPORT_BROADCAST = 0x200, "Broadcast.";
        XP1_SUPPORT_MULTIPOINT = 0x400, "Multipoint or multicast.";
        XP1_MULTIPOINT_CONTROL_PLANE = 0x800, "The control plane has a root.";
        XP1_MULTIPOINT_DATA_PLANE = 0x1000, "The data plane has a root.";
        XP1_QOS_SUPPORTED = 0x2000, "Quality of service.";
        XP1_INTERRUPT = 0x4000, "Reserved.";
        XP1_UNI_SEND = 0x8000, "Sends only.";
        XP1_UNI_RECV = 0x1_0000, "Receives only.";
        XP1_IFS_HANDLES = 0x2_0000, "Sockets are genuine file handles.";
        XP1_PARTIAL_MESSAGE = 0x4_0000, "MSG_PARTIAL is supported.";
        XP1_SAN_SUPPORT_SDP = 0x8_0000, "Sockets direct protocol.";

        PFL_MULTIPLE_PROTO_ENTRIES = 1, "One of several entries of a protocol.";
        PFL_RECOMMENDED_PROTO_ENTRY = 2, "The recommended one of several entries.";
        PFL_HIDDEN = 4, "WSAEnumProtocols leaves the entry out.";
        PFL_MATCHES_PROTOCOL_ZERO = 8, "Protocol 0 selects the entry.";
        PFL_NETWORKDIRECT_PROVIDER = 0x10, "A network direct provider.";

        LSP_SYSTEM = 0x8000_0000, "Category: may be loaded into system services.";
        LSP_INSPECTOR = 1, "Category: looks at traffic only.";
        LSP_REDIRECTOR = 2, "Category: changes destinations.";
        LSP_PROXY = 4, "Category: proxy.";
        LSP_FIREWALL = 8, "Category: refuses traffic.";
        LSP_INBOUND_MODIFY = 0x10, "Category: changes what is received.";
        LSP_OUTBOUND_MODIFY = 0x20, "Category: changes what is sent.";
        LSP_CRYPTO_COMPRESS = 0x40, "Category: encrypts or compresses.";
        LSP_LOCAL_CACHE = 0x80, "Category: answers from a cache.";
    }
    i32 {
        BASE_PROTOCOL = 1, "Chain length of a base entry.";
        LAYERED_PROTOCOL = 0, "Chain length of an entry that only names a layer.";
        BIGENDIAN = 0, "Network byte order: most significant byte first.";
        LITTLEENDIAN = 1, "Network byte order: least significant byte first.";
        SECURITY_PROTOCOL_NONE = 0, "No security scheme.";
        ProviderInfoLspCategories = 0, "WSCGetProviderInfo: categories.";
        ProviderInfoAudit = 1, "WSCGetProviderInfo: audit record.";
    }
    usize {
        MAX_PROTOCOL_CHAIN = 7, "Most layers of a chain, base included.";
        WSAPROTOCOL_LEN = 255, "Longest protocol name without its NUL.";
        WSPDESCRIPTION_LEN = 255, "Longest description in WSPDATA without its NUL.";
        WSADESCRIPTION_LEN = 256, "Longest description in WSADATA without its NUL.";
        WSASYS_STATUS_LEN = 128, "Longest status in WSADATA without its NUL.";
        MAX_PATH = 260, "Longest path of a provider, with its NUL.";
    }
}

/// Provider of TCP/IP, UDP/IP and RAW/IP over IPv4 on Windows.
pub const PROVIDER_IPV4: GUID = GUID::from_u128(0xe70f1aa0_ab8b_11cf_8ca3_00805f48a192);
/// Provider of TCP/IP, UDP/IP and RAW/IP over IPv6 on Windows.
pub const PROVIDER_IPV6: GUID = GUID::from_u128(0xf9eab0c0_26d4_11d0_bbbf_00aa006c34e4);
/// Provider of AF_UNIX streams on Windows.
pub const PROVIDER_UNIX: GUID = GUID::from_u128(0xa00943d9_9c2e_4633_9b59_0057a3160994);
