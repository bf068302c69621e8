//! Codes of ioctlsocket, WSAIoctl and WSPIoctl, and the states that SIO_TCP_INFO reports.
//!
//! Bit 31 input, bit 30 output, bit 29 neither, bits 28-27 class, then size or vendor, then code.

use super::constants;

constants! {
    u32 {
        IOC_UNIX = 0, "Class of the Berkeley codes.";
        IOC_WS2 = 0x0800_0000, "Class of the Winsock 2 codes.";
        IOC_PROTOCOL = 0x1000_0000, "Class of codes of an address family.";
        IOC_VENDOR = 0x1800_0000, "Class of codes of a vendor.";
        IOC_VOID = 0x2000_0000, "No parameters.";
        IOC_OUT = 0x4000_0000, "Output.";
        IOC_IN = 0x8000_0000, "Input.";
        IOC_INOUT = 0xc000_0000, "Both.";
        IOCPARM_MASK = 0x7f, "Size of the parameter in the Berkeley codes.";

        FIONREAD = 0x4004_667f, "Bytes that can be received.";
        FIONBIO = 0x8004_667e, "Blocking or non-blocking.";
        FIOASYNC = 0x8004_667d, "Asynchronous notification; not supported.";
        SIOCSHIWAT = 0x8004_7300, "Set the high mark; not supported.";
        SIOCGHIWAT = 0x4004_7301, "Read the high mark; not supported.";
        SIOCSLOWAT = 0x8004_7302, "Set the low mark; not supported.";
        SIOCGLOWAT = 0x4004_7303, "Read the low mark; not supported.";
        SIOCATMARK = 0x4004_7307, "Whether no urgent byte is pending.";

        SIO_ASSOCIATE_HANDLE = 0x8800_0001, "Associate a handle of another interface.";
        SIO_ENABLE_CIRCULAR_QUEUEING = 0x2800_0002, "Drop the oldest datagram when the queue is full.";
        SIO_FIND_ROUTE = 0x4800_0003, "Find a route.";
        SIO_FLUSH = 0x2800_0004, "Discard what is queued for sending.";
        SIO_GET_BROADCAST_ADDRESS = 0x4800_0005, "The broadcast address of the family.";
        SIO_GET_EXTENSION_FUNCTION_POINTER = 0xc800_0006, "Address of an extension function.";
        SIO_GET_QOS = 0xc800_0007, "Read the quality of service.";
        SIO_GET_GROUP_QOS = 0xc800_0008, "Reserved.";
        SIO_MULTIPOINT_LOOPBACK = 0x8800_0009, "Whether own multicasts come back.";
        SIO_MULTICAST_SCOPE = 0x8800_000a, "Range of multicasts.";
        SIO_SET_QOS = 0x8800_000b, "Set the quality of service.";
        SIO_SET_GROUP_QOS = 0x8800_000c, "Reserved.";
        SIO_TRANSLATE_HANDLE = 0xc800_000d, "Handle of another interface.";
        SIO_ROUTING_INTERFACE_QUERY = 0xc800_0014, "Local address towards a destination.";
        SIO_ROUTING_INTERFACE_CHANGE = 0x8800_0015, "Report when that address changes.";
        SIO_ADDRESS_LIST_QUERY = 0x4800_0016, "Local addresses of the family.";
        SIO_ADDRESS_LIST_CHANGE = 0x2800_0017, "Report when those addresses change.";
        SIO_QUERY_TARGET_PNP_HANDLE = 0x4800_0018, "Handle of the provider beneath, for device notification.";
        SIO_ADDRESS_LIST_SORT = 0xc800_0019, "Sort addresses by preference.";
        SIO_RESERVED_1 = 0x8800_001a, "Reserved.";
        SIO_BSP_HANDLE = 0x4800_001b, "Handle for WSASendMsg.";
        SIO_BSP_HANDLE_SELECT = 0x4800_001c, "Handle for select.";
        SIO_BSP_HANDLE_POLL = 0x4800_001d, "Handle for WSAPoll.";
        SIO_EXT_SELECT = 0xc800_001e, "Reserved: select by ioctl.";
        SIO_EXT_POLL = 0xc800_001f, "Reserved: WSAPoll by ioctl.";
        SIO_EXT_SENDMSG = 0xc800_0020, "Reserved: WSASendMsg by ioctl.";
        SIO_RESERVED_2 = 0x8800_0021, "Reserved.";
        SIO_BASE_HANDLE = 0x4800_0022, "Handle of the base provider; no layer may answer it.";
        SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER = 0xc800_0024, "A table of extension functions.";
        SIO_QUERY_RSS_PROCESSOR_INFO = 0x4800_0025, "Processor that receives for the socket.";

        SIO_GET_INTERFACE_LIST = 0x4004_747f, "Interfaces with addresses and flags.";
        SIO_GET_INTERFACE_LIST_EX = 0x4004_747e, "Interfaces, with addresses by pointer.";
        SIO_SET_MULTICAST_FILTER = 0x8004_747d, "Sources of an IPv4 group that are wanted.";
        SIO_GET_MULTICAST_FILTER = 0x8004_747c, "Read that filter.";
        SIO_IDEAL_SEND_BACKLOG_QUERY = 0x4004_747b, "Bytes that should be kept in flight.";
        SIO_IDEAL_SEND_BACKLOG_CHANGE = 0x2000_747a, "Report when that number changes.";

        SIO_RCVALL = 0x9800_0001, "Raw sockets: receive all packets.";
        SIO_RCVALL_MCAST = 0x9800_0002, "Raw sockets: receive all multicasts.";
        SIO_RCVALL_IGMPMCAST = 0x9800_0003, "Raw sockets: receive all IGMP multicasts.";
        SIO_KEEPALIVE_VALS = 0x9800_0004, "Keep-alive times of the connection.";
        SIO_ABSORB_RTRALERT = 0x9800_0005, "Raw sockets: take router alerts.";
        SIO_UCAST_IF = 0x9800_0006, "Interface for sending.";
        SIO_LIMIT_BROADCASTS = 0x9800_0007, "Broadcast on the bound interface only.";
        SIO_INDEX_BIND = 0x9800_0008, "Bind to an interface by index.";
        SIO_INDEX_MCASTIF = 0x9800_0009, "Interface for multicasts by index.";
        SIO_INDEX_ADD_MCAST = 0x9800_000a, "Join a group on an interface by index.";
        SIO_INDEX_DEL_MCAST = 0x9800_000b, "Leave a group on an interface by index.";
        SIO_UDP_CONNRESET = 0x9800_000c, "Whether UDP reports unreachable ports.";
        SIO_RCVALL_MCAST_IF = 0x9800_000d, "Raw sockets: all multicasts of an interface.";
        SIO_RCVALL_IF = 0x9800_000e, "Raw sockets: all packets of an interface.";
        SIO_UDP_NETRESET = 0x9800_000f, "Whether UDP reports expired packets.";
        SIO_LOOPBACK_FAST_PATH = 0x9800_0010, "Shorter path on the loopback.";
        SIO_TCP_INITIAL_RTO = 0x9800_0011, "First retransmission timeout.";
        SIO_APPLY_TRANSPORT_SETTING = 0x9800_0013, "Apply a transport setting.";
        SIO_QUERY_TRANSPORT_SETTING = 0x9800_0014, "Read a transport setting.";
        SIO_CPU_AFFINITY = 0x9800_0015, "Processor for receiving.";
        SIO_TCP_SET_ICW = 0x9800_0016, "Initial congestion window.";
        SIO_TCP_SET_ACK_FREQUENCY = 0x9800_0017, "Segments per acknowledgement.";
        SIO_PRIORITY_HINT = 0x9800_0018, "Priority of the traffic.";
        SIO_TCP_INFO = 0xd800_0027, "Counters of the connection.";
        SIO_ACQUIRE_PORT_RESERVATION = 0x9800_0064, "Reserve ports.";
        SIO_RELEASE_PORT_RESERVATION = 0x9800_0065, "Give reserved ports back.";
        SIO_ASSOCIATE_PORT_RESERVATION = 0x9800_0066, "Use reserved ports.";
        SIO_SET_SECURITY = 0x9800_00c8, "Security of the connection.";
        SIO_QUERY_SECURITY = 0xd800_00c9, "Read the security of the connection.";
        SIO_SET_PEER_TARGET_NAME = 0x9800_00ca, "Name expected of the peer.";
        SIO_DELETE_PEER_TARGET_NAME = 0x9800_00cb, "Forget that name.";
        SIO_SET_COMPATIBILITY_MODE = 0x9800_012c, "Behave as an earlier version.";
        SIO_AF_UNIX_GETPEERPID = 0x5800_0100, "AF_UNIX: process id of the peer.";
    }
    i32 {
        WsaBehaviorAll = 0, "SIO_SET_COMPATIBILITY_MODE: all behaviours.";
        WsaBehaviorReceiveBuffering = 1, "SIO_SET_COMPATIBILITY_MODE: receive buffering.";
        WsaBehaviorAutoTuning = 2, "SIO_SET_COMPATIBILITY_MODE: window tuning.";
        TCPSTATE_CLOSED = 0, "No connection.";
        TCPSTATE_LISTEN = 1, "Listening.";
        TCPSTATE_SYN_SENT = 2, "Connecting.";
        TCPSTATE_SYN_RCVD = 3, "Being connected to.";
        TCPSTATE_ESTABLISHED = 4, "Connected.";
        TCPSTATE_FIN_WAIT_1 = 5, "Closed here, not acknowledged.";
        TCPSTATE_FIN_WAIT_2 = 6, "Closed here, acknowledged.";
        TCPSTATE_CLOSE_WAIT = 7, "Closed by the peer.";
        TCPSTATE_CLOSING = 8, "Closed by both, not acknowledged.";
        TCPSTATE_LAST_ACK = 9, "Closed by the peer, then here.";
        TCPSTATE_TIME_WAIT = 10, "Closed by both, lingering.";
    }
}
