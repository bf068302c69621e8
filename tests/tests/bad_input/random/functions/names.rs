//! Names, files, connections and threads of the system.

use super::{Function, making, row};
use crate::random::argument::Argument::*;
use crate::random::argument::Makes;

/// Functions that may ask the system for names, files, connections or threads at every call.
pub const NAMES: &[Function] = &[
    making(
        "ws2_getaddrinfo",
        &[Node, Text, Hints, Cell(8)],
        Makes::ListAt(3),
    ),
    making(
        "GetAddrInfoW",
        &[WideNode, WideText, Hints, Cell(8)],
        Makes::WideListAt(3),
    ),
    row("ws2_freeaddrinfo", &[List]),
    row("FreeAddrInfoW", &[WideList]),
    row(
        "ws2_getnameinfo",
        &[Host(1), Given, Bytes(3), Given, Bytes(5), Given, Flags],
    ),
    row(
        "GetNameInfoW",
        &[Host(1), Given, Units(3), Given, Units(5), Given, Flags],
    ),
    row("ws2_gethostname", &[SignedBytes(1), Given]),
    row("GetHostNameW", &[SignedUnits(1), Given]),
    row("ws2_gethostbyname", &[Node]),
    row("ws2_gethostbyaddr", &[HostBytes(1), Given, Family]),
    row("ws2_getservbyname", &[Text, Text]),
    row("ws2_getservbyport", &[Number, Text]),
    row("ws2_getprotobyname", &[Text]),
    row("ws2_getprotobynumber", &[Number]),
    row(
        "WSAConnectByNameA",
        &[
            Socket,
            Node,
            Text,
            Given,
            BytesAt(3),
            Given,
            BytesAt(5),
            Time,
            Overlapped,
        ],
    ),
    row(
        "WSAConnectByNameW",
        &[
            Socket,
            WideNode,
            WideText,
            Given,
            BytesAt(3),
            Given,
            BytesAt(5),
            Time,
            Overlapped,
        ],
    ),
    row(
        "WSAConnectByList",
        &[
            Socket,
            Addresses,
            Given,
            BytesAt(2),
            Given,
            BytesAt(4),
            Time,
            Overlapped,
        ],
    ),
    making("LoadLibraryW", &[WidePath], Makes::Module),
    making("LoadLibraryA", &[Path], Makes::Module),
    making(
        "CreateThread",
        &[Cell(24), Number, Routine, Number, Nothing, Cell(4)],
        Makes::Handle,
    ),
];
