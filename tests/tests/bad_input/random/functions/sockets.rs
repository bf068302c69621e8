//! Sockets: making them, moving data, events, options and ioctls.

use super::{Function, making, row};
use crate::random::argument::Argument::*;
use crate::random::argument::Makes;

/// Making, naming and closing sockets, connections, and network events.
pub const SOCKETS: &[Function] = &[
    making("ws2_socket", &[Family, Type, Protocol], Makes::Socket),
    making(
        "WSASocketA",
        &[Family, Type, Protocol, InfoA, Number, Flags],
        Makes::Socket,
    ),
    making(
        "WSASocketW",
        &[Family, Type, Protocol, InfoW, Number, Flags],
        Makes::Socket,
    ),
    row("closesocket", &[Socket]),
    row("WSADuplicateSocketA", &[Socket, Process, Cell(372)]),
    row("WSADuplicateSocketW", &[Socket, Process, Cell(628)]),
    row("ws2_bind", &[Socket, Name(2), Given]),
    row("ws2_listen", &[Socket, Number]),
    making(
        "ws2_accept",
        &[Socket, SignedBytesAt(2), Given],
        Makes::Socket,
    ),
    making(
        "WSAAccept",
        &[Socket, SignedBytesAt(2), Given, Routine, Number],
        Makes::Socket,
    ),
    row("ws2_connect", &[Socket, Name(2), Given]),
    row(
        "WSAConnect",
        &[Socket, Name(2), Given, Buffer, Buffer, Cell(128), Cell(128)],
    ),
    making(
        "WSAJoinLeaf",
        &[
            Socket,
            Name(2),
            Given,
            Buffer,
            Buffer,
            Cell(128),
            Cell(128),
            Flags,
        ],
        Makes::Socket,
    ),
    row("ws2_getpeername", &[Socket, SignedBytesAt(2), Given]),
    row("ws2_getsockname", &[Socket, SignedBytesAt(2), Given]),
    row("ws2_shutdown", &[Socket, Number]),
    row("WSASendDisconnect", &[Socket, Buffer]),
    row("WSARecvDisconnect", &[Socket, Buffer]),
    row("WSAGetQOSByName", &[Socket, Buffer, Cell(128)]),
    row("WSAEventSelect", &[Socket, Handle, Number]),
    row("WSAEnumNetworkEvents", &[Socket, Handle, Cell(44)]),
    row("WSAAsyncSelect", &[Socket, Window, Number, Number]),
    row("ws2_select", &[Number, Set, Set, Set, Time]),
    row("__WSAFDIsSet", &[Socket, Set]),
    row("WSAPoll", &[Polled(1), Given, Timeout]),
    row("ws2spi_socket_fd", &[Socket]),
];

/// Moving data, options and ioctls.
pub const TRANSFERS: &[Function] = &[
    row("ws2_send", &[Socket, SignedBytes(2), Given, Flags]),
    row(
        "WSASend",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Flags,
            Overlapped,
            Routine,
        ],
    ),
    row(
        "ws2_sendto",
        &[Socket, SignedBytes(2), Given, Flags, Name(5), Given],
    ),
    row(
        "WSASendTo",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Flags,
            Name(6),
            Given,
            Overlapped,
            Routine,
        ],
    ),
    row("ws2_recv", &[Socket, SignedBytes(2), Given, Flags]),
    row(
        "WSARecv",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Cell(4),
            Overlapped,
            Routine,
        ],
    ),
    row("WSARecvEx", &[Socket, SignedBytes(2), Given, Cell(4)]),
    row(
        "ws2_recvfrom",
        &[
            Socket,
            SignedBytes(2),
            Given,
            Flags,
            SignedBytesAt(5),
            Given,
        ],
    ),
    row(
        "WSARecvFrom",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Cell(4),
            SignedBytesAt(6),
            Given,
            Overlapped,
            Routine,
        ],
    ),
    row(
        "WSAGetOverlappedResult",
        &[Socket, Overlapped, Cell(4), Number, Cell(4)],
    ),
    row(
        "WSASendMsg",
        &[Socket, Message, Flags, Cell(4), Overlapped, Routine],
    ),
    row(
        "ws2_getsockopt",
        &[Socket, Option, Given, SignedBytesAt(4), Given],
    ),
    row(
        "ws2_setsockopt",
        &[Socket, Option, Given, SignedBytes(4), Given],
    ),
    row("ioctlsocket", &[Socket, Code, Cell(4)]),
    row(
        "WSAIoctl",
        &[
            Socket,
            Code,
            Bytes(3),
            Given,
            Bytes(5),
            Given,
            Cell(4),
            Overlapped,
            Routine,
        ],
    ),
    row(
        "WPUCompleteOverlappedRequest",
        &[Socket, Overlapped, Number, Number, Cell(4)],
    ),
    row("ReadFile", &[Handle, Bytes(2), Given, Cell(4), Overlapped]),
    row("WriteFile", &[Handle, Bytes(2), Given, Cell(4), Overlapped]),
    row(
        "GetOverlappedResult",
        &[Handle, Overlapped, Cell(4), Number],
    ),
    row("CancelIo", &[Handle]),
    row("CancelIoEx", &[Handle, Overlapped]),
];
