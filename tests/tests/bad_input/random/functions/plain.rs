//! Functions of Winsock that need no socket.

use super::{Function, making, row};
use crate::random::argument::Argument::*;
use crate::random::argument::Makes;

/// What needs no socket: starting, byte order, text, events, hooks.
pub const PLAIN: &[Function] = &[
    row("WSAStartup", &[Number, Cell(408)]),
    row("WSACleanup", &[]),
    row("WSAGetLastError", &[]),
    row("WSASetLastError", &[Number]),
    row("WSAEnumProtocolsA", &[Protocols, BytesAt(2), Given]),
    row("WSAEnumProtocolsW", &[Protocols, BytesAt(2), Given]),
    making(
        "WSAProviderConfigChange",
        &[HandleCell, Overlapped, Routine],
        Makes::NoticeAt(0),
    ),
    row(
        "WSAAddressToStringA",
        &[Name(1), Given, InfoA, BytesAt(4), Given],
    ),
    row(
        "WSAAddressToStringW",
        &[Name(1), Given, InfoW, UnitsAt(4), Given],
    ),
    row(
        "WSAStringToAddressA",
        &[Text, Family, InfoA, SignedBytesAt(4), Given],
    ),
    row(
        "WSAStringToAddressW",
        &[WideText, Family, InfoW, SignedBytesAt(4), Given],
    ),
    row("ws2_inet_addr", &[Text]),
    row("ws2_inet_ntoa", &[Number]),
    row("ws2_inet_pton", &[Family, Text, Cell(16)]),
    row("InetPtonW", &[Family, WideText, Cell(16)]),
    row("ws2_inet_ntop", &[Family, Cell(16), Bytes(3), Given]),
    row("InetNtopW", &[Family, Cell(16), Units(3), Given]),
    row("WSASetBlockingHook", &[Routine]),
    row("WSAUnhookBlockingHook", &[]),
    row("WSAIsBlocking", &[]),
    row("WSACancelBlockingCall", &[]),
    row("ws2_htonl", &[Number]),
    row("ws2_htons", &[Number]),
    row("ws2_ntohl", &[Number]),
    row("ws2_ntohs", &[Number]),
    row("WSAHtonl", &[Socket, Number, Cell(4)]),
    row("WSAHtons", &[Socket, Number, Cell(2)]),
    row("WSANtohl", &[Socket, Number, Cell(4)]),
    row("WSANtohs", &[Socket, Number, Cell(2)]),
    making("WSACreateEvent", &[], Makes::Handle),
    row("WSACloseEvent", &[Handle]),
    row("WSASetEvent", &[Handle]),
    row("WSAResetEvent", &[Handle]),
    row(
        "WSAWaitForMultipleEvents",
        &[Given, Handles(0), Number, Timeout, Number],
    ),
    row("WSApSetPostRoutine", &[Routine]),
];
