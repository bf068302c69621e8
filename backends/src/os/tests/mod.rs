//! Tests on real loopback sockets, through the seam only. What is here arranges; the files assert.
//!
//! Nothing sleeps: a test waits for a condition through [`Net::wait`], at most ten seconds.

mod datagram;
mod handover;
mod host;
mod multicast;
mod options;
mod poller;
mod raw;
mod send_file;
mod stream;
mod unix;
mod urgent;
mod waiting;

use std::io::IoSlice;
use std::io::IoSliceMut;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;

use super::System;
use crate::net::Connecting;
use crate::net::Control;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interest;
use crate::net::Kind;
use crate::net::Net;
use crate::net::NetSocket;
use crate::net::Readiness;
use crate::net::Received;
use crate::net::RecvFlags;
use crate::net::SendFlags;
use crate::net::Watch;
use crate::net::Woken;

type Socket = Arc<dyn NetSocket>;

/// A test for IPv4 and one for IPv6 from one body.
macro_rules! both_families {
    ($(#[$attribute:meta])* fn $name:ident($family:ident) $body:block) => {
        mod $name {
            use super::*;

            fn body($family: Family) $body

            $(#[$attribute])*
            #[test]
            fn ipv4() {
                body(Family::Inet);
            }

            $(#[$attribute])*
            #[test]
            fn ipv6() {
                body(Family::Inet6);
            }
        }
    };
}

use both_families;

fn loopback(family: Family, port: u16) -> Endpoint {
    match family {
        Family::Inet => SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into(),
        Family::Inet6 => SocketAddr::from((Ipv6Addr::LOCALHOST, port)).into(),
        Family::Unix => panic!("a path has no loopback"),
    }
}

fn stream(family: Family) -> Socket {
    System.socket(family, Kind::Stream, 0).unwrap()
}

/// A listener on a free port, and its name.
fn listener(family: Family) -> (Socket, Endpoint) {
    let socket = stream(family);
    socket.bind(&loopback(family, 0)).unwrap();
    socket.listen(16).unwrap();
    let name = socket.local_name().unwrap();
    (socket, name)
}

/// Two ends of a connection: who connected, and who accepted.
fn pair(family: Family) -> (Socket, Socket) {
    let (listener, name) = listener(family);
    connect(&listener, &name)
}

fn connect(listener: &Socket, name: &Endpoint) -> (Socket, Socket) {
    let client = stream(name.family());
    if client.connect(name) == Ok(Connecting::InProgress) {
        await_ready(&client, Interest::WRITE);
    }
    assert_eq!(client.take_error(), None);
    await_ready(listener, Interest::READ);
    (client, listener.accept().unwrap().0)
}

/// A datagram socket on a free port, and its name.
fn datagram(family: Family) -> (Socket, Endpoint) {
    let socket = System.socket(family, Kind::Datagram, 0).unwrap();
    socket.bind(&loopback(family, 0)).unwrap();
    let name = socket.local_name().unwrap();
    (socket, name)
}

/// A name on which nobody is to be reached, and what keeps others from taking it: a stream that does
/// not listen, or a datagram socket that hears itself only.
fn deserted(family: Family, kind: Kind) -> (Socket, Endpoint) {
    let socket = System.socket(family, kind, 0).unwrap();
    socket.bind(&loopback(family, 0)).unwrap();
    let name = socket.local_name().unwrap();
    if kind == Kind::Datagram {
        socket.connect(&name).unwrap();
    }
    (socket, name)
}

fn deadline() -> Option<Duration> {
    Some(System.now() + Duration::from_secs(10))
}

/// Waits until any of `interest` (or hang-up, or an error) holds.
fn await_ready(socket: &Socket, interest: Interest) -> Readiness {
    let mut watch = [Watch::new(&**socket, interest)];
    loop {
        match System.wait(&mut watch, deadline()).unwrap() {
            Woken::Ready(_) => return watch[0].ready,
            Woken::Waker => {}
            Woken::TimedOut => panic!("no {interest:?} in ten seconds"),
        }
    }
}

fn send(socket: &Socket, data: &[u8]) -> Result<usize, Errno> {
    socket.send(&[IoSlice::new(data)], SendFlags::NONE, None, &Control::NONE)
}

fn send_to(socket: &Socket, data: &[u8], to: &Endpoint) -> Result<usize, Errno> {
    socket.send(
        &[IoSlice::new(data)],
        SendFlags::NONE,
        Some(to),
        &Control::NONE,
    )
}

fn recv(socket: &Socket, room: &mut [u8]) -> Result<Received, Errno> {
    socket.recv(&mut [IoSliceMut::new(room)], RecvFlags::NONE)
}

/// Waits for data (or an end, or a failure) and receives once.
fn recv_ready(socket: &Socket, room: &mut [u8]) -> Result<Received, Errno> {
    await_ready(socket, Interest::READ);
    recv(socket, room)
}

/// Receives exactly `count` bytes of a stream.
fn recv_all(socket: &Socket, count: usize) -> Vec<u8> {
    let mut data = vec![0; count];
    let mut filled = 0;
    while filled < count {
        let received = recv_ready(socket, &mut data[filled..]).unwrap();
        assert_ne!(received.bytes, 0, "the stream ended after {filled} bytes");
        filled += received.bytes;
    }
    data
}

/// Waits for a condition that no readiness announces, giving the processor away meanwhile.
fn await_that(what: &str, condition: impl Fn() -> bool) {
    let end = deadline();
    while !condition() {
        assert!(Some(System.now()) < end, "not in ten seconds: {what}");
        std::thread::yield_now();
    }
}
