//! A process in which no thread can be made: what needs the worker says so, and nothing is lost.

use std::sync::mpsc;
use std::{ptr, thread};
use ws2_32::win32;
use ws2spi_abi::*;
use ws2spi_tests::extended::Room;
use ws2spi_tests::overlapped::{Event, Operation, Tell};
use ws2spi_tests::port::Port;
use ws2spi_tests::shortage::NoThreads;
use ws2spi_tests::socket::{checked, last_error};
use ws2spi_tests::{Configuration, Socket, isolated, machine, processor, wait, winsock};

/// The worker's thread, by its name.
fn has_worker() -> bool {
    processor::threads()
        .iter()
        .any(|name| name == "ws2spi-base")
}

/// No thread can be made from here on; `None` on a system that makes one all the same.
fn begin() -> Option<NoThreads> {
    let shortage = NoThreads::begin();
    if shortage.is_none() {
        machine::say(
            "this system does not limit the address space: a test without threads is left out",
        );
    }
    shortage
}

fn select_events(s: &Socket, event: &Event, events: i32) -> Result<i32, Errno> {
    // SAFETY: no pointers.
    checked(unsafe { winsock::WSAEventSelect(s.raw(), event.raw(), events.into()) })
}

// P204, P210: an operation that cannot wait was none: no packet, its event and block as before.
#[test]
fn an_operation_that_nobody_can_serve_is_refused_and_can_be_made_later() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let port = Port::with(&server, 1);
    port.associate(&listener, 2).expect("it has no port yet");
    let Some(shortage) = begin() else { return };
    let receive = || Operation::receive(&server, &[8], 0, Tell::Handle);
    let accept = || Operation::accept(&listener, &acceptor, Room::with(0), Tell::Handle);
    assert_eq!(receive().returned, Err(Errno::NOBUFS));
    assert_eq!(accept().returned, Err(Errno::NOBUFS));
    // One that need not wait needs nobody.
    assert_eq!(client.send(b"now", 0), Ok(3));
    assert_eq!(receive().returned, Ok(3));
    assert_eq!(port.take().bytes, 3);
    assert_eq!(port.look(), None);
    drop(shortage);
    let (receive, accept) = (receive(), accept());
    assert!(receive.pends() && accept.pends());
    wait::until("the worker to begin", has_worker);
    assert_eq!(client.send(b"later", 0), Ok(5));
    assert_eq!(port.take().block, receive.block());
}

// P239: WSAENOBUFS of WSAEventSelect, and the socket has no registration.
#[test]
fn events_that_nobody_can_tell_are_refused() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let Some(shortage) = begin() else { return };
    assert_eq!(select_events(&server, &event, FD_READ), Err(Errno::NOBUFS));
    drop(shortage);
    assert_eq!(client.send(b"word", 0), Ok(4));
    assert_eq!(select_events(&server, &event, FD_READ), Ok(0));
    event.wait();
}

// P166: what a non-blocking send has taken arrives whole; without a worker, or without memory for what the network does not take, the
// call itself sees to that.
#[test]
fn a_non_blocking_send_arrives_whole_without_a_worker() {
    isolated!();
    Configuration::Bare.start();
    // There is memory for the smaller one.
    for size in [700 << 10, 8 << 20] {
        let (client, server) = Socket::pair(AF_INET);
        client
            .set_option(SOL_SOCKET, SO_SNDBUF, 64 << 10)
            .expect("every socket has a buffer");
        client.set_nonblocking(true).expect("every socket can");
        let data: Vec<u8> = (0..size).map(|at| (at / 7) as u8).collect();
        let mut got = vec![0; size];
        let (start, started) = mpsc::channel();
        let (send_there, there) = mpsc::channel();
        let reader = thread::spawn(move || {
            send_there.send(()).expect("somebody waits");
            started.recv().expect("the sender goes on");
            server.recv_exact(&mut got);
            got
        });
        there.recv().expect("the thread has all that it needs");
        let Some(shortage) = begin() else { return };
        start.send(()).expect("the reader waits");
        assert_eq!(client.send(&data, 0), Ok(size));
        assert!(!has_worker());
        drop(shortage);
        assert!(reader.join().expect("the stream goes on") == data);
    }
}

// CreateThread: 0, and a code.
#[test]
fn a_thread_that_cannot_be_made_is_no_handle() {
    isolated!();
    Configuration::Bare.start();
    unsafe extern "system" fn start(_: usize) -> u32 {
        0
    }
    let Some(shortage) = begin() else { return };
    let routine = RawCallback::from_raw(start as *const () as usize);
    let (attributes, id) = (ptr::null(), ptr::null_mut());
    // SAFETY: the function takes one word.
    let thread = unsafe { win32::created_thread::create(attributes, 0, routine, 0, 0, id) };
    assert_eq!((thread, last_error()), (0, Errno::NOT_ENOUGH_MEMORY));
    drop(shortage);
}
