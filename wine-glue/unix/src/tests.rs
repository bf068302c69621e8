//! The calls on sockets of this system, without Wine.

use std::net::TcpListener;
use std::net::TcpStream;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use crate::calls::*;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let one = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (one, listener.accept().unwrap().0)
}

fn carry(descriptor: i32, buffers: &[Buffer]) -> Carry {
    Carry {
        descriptor,
        patience: 0,
        buffers: buffers.as_ptr(),
        count: buffers.len() as u32,
        flags: 0,
        name: [0; 28],
        name_length: 0,
        carried: 0,
        error: 0,
        truncated: 0,
    }
}

fn buffer(bytes: &mut [u8]) -> Buffer {
    Buffer {
        length: bytes.len() as u32,
        bytes: bytes.as_mut_ptr(),
    }
}

/// Sends and receives are done at once or not at all, over several buffers.
#[test]
fn bytes_are_carried_at_once() {
    let (one, two) = pair();
    let (mut hello, mut world) = (*b"hello ", *b"world");
    let from = [buffer(&mut hello), buffer(&mut world)];
    let mut block = carry(one.as_raw_fd(), &from);
    // SAFETY: live buffers.
    unsafe { send(&mut block) };
    assert_eq!((block.error, block.carried), (0, 11));
    let mut got = [0; 32];
    let into = [buffer(&mut got)];
    let mut block = carry(two.as_raw_fd(), &into);
    block.patience = 10_000;
    // SAFETY: live buffers.
    unsafe { receive(&mut block) };
    assert_eq!((block.error, block.carried), (0, 11));
    assert_eq!(&got[..11], b"hello world");
    block.patience = 0;
    // SAFETY: live buffers.
    unsafe { receive(&mut block) };
    assert_eq!(block.error, libc::EAGAIN);
}

/// A blocking send goes on as long as there is room, and says how far it came.
#[test]
fn a_send_stops_where_there_is_no_room() {
    let (one, _two) = pair();
    let mut bytes = vec![7; 64 << 20];
    let from = [buffer(&mut bytes)];
    let mut block = carry(one.as_raw_fd(), &from);
    block.flags = 2;
    block.patience = 1;
    // SAFETY: live buffers.
    unsafe { send(&mut block) };
    assert_eq!(block.error, libc::EAGAIN);
    assert!(block.carried > 0);
}

/// A datagram comes with its sender; a long one is cut and said so.
#[test]
fn a_datagram_has_a_sender() {
    let (one, two) = (
        UdpSocket::bind("127.0.0.1:0").unwrap(),
        UdpSocket::bind("127.0.0.1:0").unwrap(),
    );
    one.send_to(b"hello", two.local_addr().unwrap()).unwrap();
    let mut got = [0; 3];
    let into = [buffer(&mut got)];
    let mut block = carry(two.as_raw_fd(), &into);
    block.name_length = 28;
    block.patience = 10_000;
    // SAFETY: live buffers.
    unsafe { receive(&mut block) };
    assert_eq!(
        (
            block.error,
            block.carried,
            block.truncated,
            block.name_length
        ),
        (0, 3, 1, 16)
    );
    assert_eq!(
        block.name[2..4],
        one.local_addr().unwrap().port().to_be_bytes()
    );
}

/// What a socket has come to.
#[test]
fn the_state_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(state(listener.as_raw_fd()), 2 | 4);
    let (one, _two) = pair();
    assert_eq!(state(one.as_raw_fd()), 1 | 2);
    // SAFETY: no pointers.
    let fresh = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM, 0) };
    assert_eq!(state(fresh), 0);
    close(&mut Close { descriptor: fresh });
}

/// Without Wine there is no descriptor behind a handle.
#[test]
fn no_handle_has_a_descriptor_without_wine() {
    let mut block = Open {
        handle: 4,
        descriptor: 0,
        state: 0,
    };
    open(&mut block);
    assert_eq!(block.descriptor, -1);
}

/// Readiness is told.
#[test]
fn readiness_is_told() {
    let (one, two) = pair();
    let mut asked = [one.as_raw_fd(), two.as_raw_fd()].map(|descriptor| Asked {
        descriptor,
        events: libc::POLLOUT,
        revents: 0,
    });
    asked[0].events = libc::POLLIN;
    let mut block = Poll {
        asked: asked.as_mut_ptr(),
        count: 2,
        patience: 0,
        ready: 0,
    };
    // SAFETY: two live elements.
    unsafe { poll(&mut block) };
    assert_eq!(
        (block.ready, asked[0].revents, asked[1].revents),
        (1, 0, libc::POLLOUT)
    );
}
