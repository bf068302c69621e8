//! Handles of sockets: what is none, what comes out of accept, and whose byte order it is.

use crate::socket::{checked, loopback};
use crate::{Socket, cases, winsock};
use std::ptr::{null, null_mut};
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    what_is_no_socket_is_none_for_every_function: [U157], [];
    a_socket_is_closed_once: [U157, U169], [Tcp, Udp];
    an_accepted_socket_is_another_of_the_same_entry: [U165], [Tcp, Ipv6];
    byte_order_functions_look_at_their_pointer_first: [U177], [];
    byte_order_is_that_of_the_socket: [U177], [Tcp];
}

/// One call on `s` of each function whose first argument is a socket, with arguments that are good otherwise.
fn call_each(s: SOCKET) -> Vec<(&'static str, Result<i32, Errno>)> {
    let name = Address::from_ip(loopback(AF_INET));
    let (to, to_len) = (name.as_bytes().as_ptr().cast::<SOCKADDR>(), 16);
    let mut room = [0u8; 128];
    let bytes = room.as_mut_ptr();
    let address = bytes.cast::<SOCKADDR>();
    let mut len = 128;
    let mut word = 0u32;
    let mut half = 0u16;
    let mut flags = 0u32;
    let buffer = WSABUF { len: 1, buf: bytes };
    let one = &raw const buffer;
    let mut events = WSANETWORKEVENTS::EMPTY;
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let mut block = OVERLAPPED::EMPTY;
    let none = RawCallback::NULL;
    let mut calls: Vec<(&'static str, Result<i32, Errno>)> = Vec::new();
    macro_rules! each {
        ($($function:ident($($argument:expr),*);)*) => { $(
            // SAFETY: all pointers are to live locals of the size that goes with them.
            let value = unsafe { winsock::$function(s $(, $argument)*) };
            calls.push((stringify!($function), checked(value as i32)));
        )* };
    }
    each! {
        bind(to, to_len);
        listen(1);
        accept(address, &raw mut len);
        WSAAccept(null_mut(), null_mut(), none, 0);
        connect(to, to_len);
        WSAConnect(to, to_len, null(), null_mut(), null(), null());
        send(bytes, 1, 0);
        WSASend(one, 1, &raw mut word, 0, null_mut(), none);
        sendto(bytes, 1, 0, to, to_len);
        WSASendTo(one, 1, &raw mut word, 0, to, to_len, null_mut(), none);
        WSASendDisconnect(null());
        recv(bytes, 1, 0);
        WSARecv(one, 1, &raw mut word, &raw mut flags, null_mut(), none);
        recvfrom(bytes, 1, 0, null_mut(), null_mut());
        WSARecvFrom(one, 1, &raw mut word, &raw mut flags, null_mut(), null_mut(), null_mut(), none);
        WSARecvDisconnect(null());
        shutdown(SD_SEND);
        getsockname(address, &raw mut len);
        getpeername(address, &raw mut len);
        getsockopt(SOL_SOCKET, SO_TYPE, bytes, &raw mut len);
        setsockopt(SOL_SOCKET, SO_KEEPALIVE, bytes, 4);
        ioctlsocket(FIONBIO.cast_signed().into(), &raw mut word);
        WSAIoctl(FIONREAD, null(), 0, bytes.cast(), 4, &raw mut word, null_mut(), none);
        WSAEventSelect(0, 0);
        WSAEnumNetworkEvents(0, &raw mut events);
        WSADuplicateSocketW(std::process::id(), &raw mut info);
        WSAJoinLeaf(to, to_len, null(), null_mut(), null(), null(), JL_BOTH);
        WSAHtonl(1, &raw mut word);
        WSAHtons(1, &raw mut half);
        WSANtohl(1, &raw mut word);
        WSANtohs(1, &raw mut half);
        closesocket();
    }
    // SAFETY: the same.
    let ended = unsafe {
        winsock::WSAGetOverlappedResult(s, &raw mut block, &raw mut word, FALSE, &raw mut flags)
    };
    let ended = if ended == FALSE { SOCKET_ERROR } else { 0 };
    calls.push(("WSAGetOverlappedResult", checked(ended)));
    calls
}

fn expect_no_socket(s: SOCKET) {
    for (function, outcome) in call_each(s) {
        assert_eq!(outcome, Err(Errno::NOTSOCK), "{function} on {s:#x}");
    }
}

// Numbers that nobody was given.
fn what_is_no_socket_is_none_for_every_function() {
    for s in [INVALID_SOCKET, 0, 0x7fff_fffc, 1] {
        expect_no_socket(s);
    }
}

fn a_socket_is_closed_once() {
    for socket in [Socket::tcp(AF_INET), Socket::bound_udp(AF_INET)] {
        let s = socket.into_raw();
        // SAFETY: no pointers.
        assert_eq!(checked(unsafe { winsock::closesocket(s) }), Ok(0));
        expect_no_socket(s);
    }
}

fn an_accepted_socket_is_another_of_the_same_entry() {
    for family in [AF_INET, AF_INET6] {
        let listener = Socket::listener(family);
        let client = Socket::tcp(family);
        client
            .connect(listener.name().expect("a listener has a name"))
            .expect("loopback connects");
        let (server, _) = listener.accept().expect("the connection is there");
        assert_ne!(server.raw(), listener.raw());
        let [of_server, of_listener] = [&server, &listener].map(|socket| {
            let entry = socket.entry().expect("every socket has an entry");
            entry.dwCatalogEntryId
        });
        assert_eq!(of_server, of_listener);
    }
}

fn byte_order_functions_look_at_their_pointer_first() {
    let s = INVALID_SOCKET;
    // SAFETY: NULL is what is tested.
    let long = unsafe { winsock::WSAHtonl(s, 1, null_mut()) };
    assert_eq!(checked(long), Err(Errno::FAULT));
    // SAFETY: the same.
    let short = unsafe { winsock::WSANtohs(s, 1, null_mut()) };
    assert_eq!(checked(short), Err(Errno::FAULT));
}

fn byte_order_is_that_of_the_socket() {
    let s = Socket::tcp(AF_INET);
    let entry = s.entry().expect("every socket has an entry");
    assert_eq!(entry.iNetworkByteOrder, BIGENDIAN);
    let (mut long, mut short) = (0, 0);
    // SAFETY: a live local.
    let done = unsafe { winsock::WSAHtonl(s.raw(), 0x0102_0304, &raw mut long) };
    assert_eq!((checked(done), long), (Ok(0), 0x0102_0304u32.to_be()));
    // SAFETY: a live local.
    let done = unsafe { winsock::WSANtohs(s.raw(), 0x0102, &raw mut short) };
    assert_eq!((checked(done), short), (Ok(0), 0x0102u16.to_be()));
}
