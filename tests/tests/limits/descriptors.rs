//! A process without descriptors: what needs one says so, what does not goes on, and nothing is lost until there are some again.

use std::sync::mpsc;
use std::time::Duration;
use std::{ptr, thread};
use ws2spi_abi::*;
use ws2spi_tests::extended::Room;
use ws2spi_tests::overlapped::{Event, Operation, Tell};
use ws2spi_tests::port::Port;
use ws2spi_tests::shortage::NoDescriptors;
use ws2spi_tests::socket::{checked, checked_socket};
use ws2spi_tests::{
    Configuration, Socket, apc, blocked, isolated, isolation, partner, processor, wait, winsock,
};

/// Long enough for a thread that turns round and round to be seen.
const A_WHILE: Duration = Duration::from_millis(400);

/// A client that waits in the queue of a listener.
fn join(listener: &Socket) -> Socket {
    let client = Socket::tcp(AF_INET);
    client
        .connect(listener.name().expect("it is bound"))
        .expect("loopback connects");
    client
}

/// That a connection works both ways.
fn converse(one: &Socket, other: &Socket) {
    for (from, to) in [(one, other), (other, one)] {
        assert_eq!(from.send(b"word", 0), Ok(4));
        let mut room = [0; 4];
        to.recv_exact(&mut room);
        assert_eq!(&room, b"word");
    }
}

fn select_events(s: &Socket, event: &Event, events: i32) -> Result<i32, Errno> {
    // SAFETY: no pointers.
    checked(unsafe { winsock::WSAEventSelect(s.raw(), event.raw(), events.into()) })
}

fn events_of(s: &Socket, event: &Event) -> i32 {
    let mut events = WSANETWORKEVENTS::EMPTY;
    // SAFETY: a live local.
    let done = unsafe { winsock::WSAEnumNetworkEvents(s.raw(), event.raw(), &raw mut events) };
    assert_eq!(done, 0);
    events.lNetworkEvents
}

// base-provider.md 1.1: WSAEMFILE, as documented for socket and WSASocket.
#[test]
fn a_socket_without_a_descriptor_is_wsaemfile() {
    isolated!();
    Configuration::Bare.start();
    let mut shortage = NoDescriptors::begin();
    for (family, kind) in [
        (AF_INET, SOCK_STREAM),
        (AF_INET6, SOCK_DGRAM),
        (AF_UNIX, SOCK_STREAM),
    ] {
        assert_eq!(Socket::new(family, kind, 0).err(), Some(Errno::MFILE));
    }
    shortage.spare(1);
    let socket = Socket::udp(AF_INET);
    assert_eq!(
        Socket::new(AF_INET, SOCK_DGRAM, 0).err(),
        Some(Errno::MFILE)
    );
    drop(socket);
    drop(Socket::udp(AF_INET));
    drop(shortage);
    let (client, server) = Socket::pair(AF_INET);
    converse(&client, &server);
}

// base-provider.md 1.1: WSAEMFILE of accept; the connection stays in the queue.
#[test]
fn a_connection_that_cannot_be_accepted_stays_in_the_queue() {
    isolated!();
    Configuration::Bare.start();
    let listener = Socket::listener(AF_INET);
    let client = join(&listener);
    let shortage = NoDescriptors::begin();
    for _ in 0..3 {
        assert_eq!(listener.accept().err(), Some(Errno::MFILE));
    }
    drop(shortage);
    let (server, from) = listener.accept().expect("it is still there");
    assert_eq!(from.to_ip(), client.name().ok());
    converse(&client, &server);
}

// As above, for a thread that waits in accept when the connection comes.
#[test]
fn a_blocked_accept_without_a_descriptor_fails_and_takes_nothing() {
    isolated!();
    Configuration::Bare.start();
    let listener = Socket::listener(AF_INET);
    let (s, client) = (listener.raw(), Socket::tcp(AF_INET));
    let waiting = blocked::spawn(move || {
        // SAFETY: no buffers.
        checked_socket(unsafe { winsock::accept(s, ptr::null_mut(), ptr::null_mut()) }).err()
    });
    let shortage = NoDescriptors::begin();
    client
        .connect(listener.name().expect("it is bound"))
        .expect("loopback connects");
    let error = blocked::finish("accept to end", waiting);
    assert_eq!(error, Some(Errno::MFILE));
    drop(shortage);
    let (server, _) = listener.accept().expect("it is still there");
    converse(&client, &server);
}

// base-provider.md 8.4, 11: it goes on by itself when there are descriptors, and does not turn round until then.
#[test]
fn an_accept_ex_waits_for_a_descriptor_without_taking_the_processor() {
    isolated!();
    Configuration::Bare.start();
    let listener = Socket::listener(AF_INET);
    let port = Port::with(&listener, 7);
    let acceptors = [(); 2].map(|()| Socket::tcp(AF_INET));
    // The first makes the worker's poller, the second is the one that finds no descriptor.
    let accept = |acceptor| Operation::accept(&listener, acceptor, Room::with(0), Tell::Handle);
    let first = accept(&acceptors[0]);
    let second = accept(&acceptors[1]);
    assert!(first.pends() && second.pends());
    let _early = join(&listener);
    assert_eq!(port.take().block, first.block());
    let client = Socket::tcp(AF_INET);
    let shortage = NoDescriptors::begin();
    client
        .connect(listener.name().expect("it is bound"))
        .expect("loopback connects");
    let before = processor::time();
    assert_eq!(port.take_within(A_WHILE.as_millis() as u32), None);
    let used = processor::time() - before;
    assert!(used < A_WHILE / 4, "{used:?} of {A_WHILE:?}");
    drop(shortage);
    let packet = port.take();
    assert_eq!((packet.block, packet.error), (second.block(), None));
    converse(&client, &acceptors[1]);
}

// P244: FD_ACCEPT is told again after an accept that failed, and is not lost.
#[test]
fn a_listener_with_an_event_is_told_again_of_who_could_not_be_accepted() {
    isolated!();
    Configuration::Bare.start();
    let (listener, event) = (Socket::listener(AF_INET), Event::new());
    let client = Socket::tcp(AF_INET);
    let mut shortage = NoDescriptors::begin();
    assert_eq!(select_events(&listener, &event, FD_ACCEPT), Ok(0));
    client
        .connect(listener.name().expect("it is bound"))
        .expect("loopback connects");
    for _ in 0..2 {
        event.wait();
        assert_eq!(events_of(&listener, &event), FD_ACCEPT);
        // The worker asks for descriptors of its own meanwhile.
        shortage.take_all();
        assert_eq!(listener.accept().err(), Some(Errno::MFILE));
    }
    drop(shortage);
    event.wait();
    assert_eq!(events_of(&listener, &event), FD_ACCEPT);
    let (server, _) = listener.accept().expect("it is still there");
    server
        .set_nonblocking(false)
        .expect_err("it inherited the registration");
    assert_eq!(client.send(b"word", 0), Ok(4));
}

// The worker has no poller: it looks itself, and does not turn round.
#[test]
fn events_and_overlapped_receives_go_on_without_a_poller() {
    isolated!();
    Configuration::Bare.start();
    let [(one, other), (from, to)] = [(); 2].map(|()| Socket::pair(AF_INET));
    let (event, port) = (Event::new(), Port::with(&to, 1));
    let shortage = NoDescriptors::begin();
    assert_eq!(select_events(&other, &event, FD_READ), Ok(0));
    let receive = Operation::receive(&to, &[16], 0, Tell::Handle);
    assert!(receive.pends());
    let before = processor::time();
    assert_eq!(port.take_within(A_WHILE.as_millis() as u32), None);
    let used = processor::time() - before;
    assert!(used < A_WHILE / 4, "{used:?} of {A_WHILE:?}");
    assert_eq!(one.send(b"event", 0), Ok(5));
    event.wait();
    assert_eq!(events_of(&other, &event), FD_READ);
    assert_eq!(from.send(b"packet", 0), Ok(6));
    let packet = port.take();
    assert_eq!((packet.block, packet.bytes), (receive.block(), 6));
    // Once there are descriptors the network tells, and nobody looks any more.
    let receive = Operation::receive(&to, &[16], 0, Tell::Handle);
    assert!(receive.pends());
    drop(shortage);
    wait::until("the worker to wait for the network", || {
        let before = processor::time();
        assert_eq!(port.take_within(50), None);
        processor::time() - before < Duration::from_micros(500)
    });
    assert_eq!(from.send(b"again", 0), Ok(5));
    assert_eq!(port.take().bytes, 5);
}

// A thread that has to wait for the first time has nothing to be woken by: it waits all the same, is told of what arrives, and leaves when
// its socket is closed.
#[test]
fn a_thread_waits_without_a_descriptor() {
    isolated!();
    Configuration::Bare.start();
    let [(one, other), (closed, far)] = [(); 2].map(|()| Socket::pair(AF_INET));
    let shortage = NoDescriptors::begin();
    let reading = thread::spawn(move || {
        let mut room = [0; 4];
        other.recv(&mut room, 0)
    });
    let (send_own, own) = mpsc::channel();
    let s = closed.raw();
    let leaving = thread::spawn(move || {
        send_own.send(apc::own_thread()).expect("somebody waits");
        // SAFETY: a live local.
        checked(unsafe { winsock::recv(s, [0u8; 4].as_mut_ptr(), 4, 0) })
    });
    // It runs only in a wait.
    let (send_there, there) = mpsc::channel();
    let own = own.recv().expect("the thread has a handle");
    apc::queue_to(&own, move || send_there.send(()).expect("somebody waits"));
    there.recv().expect("the receive waits alertably");
    assert_eq!(one.send(b"word", 0), Ok(4));
    let received = blocked::finish("the receive to end", reading);
    assert_eq!(received, Ok(4));
    closed.close_under_way().expect("a socket can be closed");
    let left = blocked::finish("the receive to leave", leaving);
    assert_eq!(left, Err(Errno::CONNABORTED));
    drop((shortage, far));
}

// client-dll.md: events, ports and threads are the kernel role's, and take none.
#[test]
fn ports_and_events_need_no_descriptor() {
    isolated!();
    Configuration::Bare.start();
    let socket = Socket::bound_udp(AF_INET);
    let shortage = NoDescriptors::begin();
    let (port, event) = (Port::with(&socket, 3), Event::new());
    let name = socket.name().expect("it is bound");
    assert_eq!(socket.send_to(b"own", name), Ok(3));
    let receive = Operation::receive(&socket, &[8], 0, Tell::Event(event.raw()));
    event.wait();
    assert_eq!(port.take().block, receive.block());
    drop(shortage);
}

// base-provider.md 7: WSAEMFILE of WSADuplicateSocket; the socket is as before, and can be duplicated later.
#[test]
fn a_duplicate_for_another_process_needs_a_descriptor() {
    isolated!();
    let mut partner = isolation::partner("descriptors::the_other_process");
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let mut duplicate = |s: &Socket| {
        // SAFETY: the info is a live local.
        checked(unsafe { winsock::WSADuplicateSocketW(s.raw(), partner.id(), &raw mut info) })
    };
    let shortage = NoDescriptors::begin();
    assert_eq!(duplicate(&server), Err(Errno::MFILE));
    converse(&client, &server);
    drop(shortage);
    assert_eq!(duplicate(&server), Ok(0));
    let twin = partner.make(&info).expect("the info makes a socket");
    assert_eq!(partner.send(twin, b"there"), Ok(5));
    client.recv_exact(&mut [0; 5]);
}

// The body of the other process; a test that does nothing in this one.
#[test]
fn the_other_process() {
    if partner::is_one() {
        Configuration::Bare.start();
        partner::serve();
    }
}

// SIO_ADDRESS_LIST_CHANGE: what the system tells of changes comes through a descriptor.
#[test]
fn a_wait_for_addresses_needs_a_descriptor() {
    isolated!();
    Configuration::Bare.start();
    let (socket, event) = (Socket::udp(AF_INET), Event::new());
    let wait = || {
        let tell = Tell::Event(event.raw());
        Operation::ioctl(&socket, SIO_ADDRESS_LIST_CHANGE, &[], 0, tell)
    };
    let shortage = NoDescriptors::begin();
    assert_eq!(wait().returned, Err(Errno::MFILE));
    drop(shortage);
    let waiting = wait();
    assert!(waiting.pends());
    assert_eq!(waiting.cancel(&socket), Ok(()));
    event.wait();
}

// P195: a socket that cannot be made anew says so, and is not used again.
#[test]
fn a_reuse_without_a_descriptor_fails() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&client, 1);
    // The worker has its poller.
    let receive = Operation::receive(&client, &[4], 0, Tell::Handle);
    assert_eq!(server.send(b"word", 0), Ok(4));
    assert_eq!(port.take().block, receive.block());
    server.shutdown(SD_SEND).expect("it is connected");
    let shortage = NoDescriptors::begin();
    let reuse = Operation::disconnect(&client, TF_REUSE_SOCKET, Tell::Handle);
    assert!(reuse.pends());
    let packet = port.take();
    assert_eq!(packet.block, reuse.block());
    assert_eq!(reuse.result(&client, false), Err(Errno::MFILE));
    drop(shortage);
}
