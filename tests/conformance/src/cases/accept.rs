//! accept and WSAAccept: who may, what is asked, what the new socket inherits.

use crate::accepting::accept_if;
use crate::readiness::{Ready, select, until_ready};
use crate::socket::{checked_socket, loopback};
use crate::{Socket, apc, blocked, cases, ports, winsock};
use std::net::SocketAddr;
use std::ptr;
use std::sync::mpsc::{self, Sender};
use std::thread;
use ws2spi_abi::*;

cases! {
    only_a_listener_accepts: [P92], [Tcp];
    a_datagram_socket_does_not_accept: [P92], [Udp];
    an_address_that_does_not_fit_is_a_fault: [P93], [Tcp, Ipv6];
    an_address_that_does_not_fit_leaves_the_connection: ["base-provider.md 1.1"], [Tcp, Ipv6];
    an_address_without_a_length_is_not_written: [P94], [Tcp];
    a_blocking_accept_runs_apcs: [P95], [Tcp] within 20;
    closing_the_listener_wakes_a_blocked_accept: [P96, U168], [Tcp, Ipv6];
    a_listener_that_is_closed_does_not_listen_while_a_thread_is_still_in_accept: ["sdk closesocket"],
        [Tcp, Ipv6];
    the_next_listener_takes_over_while_a_thread_is_still_in_accept_of_the_first: [P54, P95, P96],
        [Tcp];
    a_blocked_accept_takes_who_comes: [P96], [Tcp];
    a_deferred_connection_is_the_next_one: [P97], [Tcp, Ipv6];
    a_rejected_connection_is_refused: [P98], [Tcp];
    a_rejected_connection_is_reset: ["base-provider.md 6.1"], [Tcp];
    an_unknown_answer_is_invalid: [P99], [Tcp];
    the_condition_function_is_asked_on_the_calling_thread: [P100], [Tcp, Ipv6];
    the_condition_function_may_call_socket_functions: [P100], [Tcp];
    an_accepted_socket_inherits_the_options_of_the_listener: [P101], [Tcp];
    an_accepted_socket_inherits_the_nonblocking_mode: [P102], [Tcp];
    conditional_accept_is_chosen_before_listening: [P122], [Tcp];
    a_paused_listener_resets_who_comes: [P123], [Tcp];
    a_paused_listener_that_takes_over_resets_who_comes: [P123], [Tcp];
}

/// A listener, and a client that waits in its queue.
fn queued(family: i32) -> (Socket, Socket) {
    let listener = Socket::listener(family);
    let client = join(&listener, family);
    (listener, client)
}

/// One more client in the queue.
fn join(listener: &Socket, family: i32) -> Socket {
    let client = Socket::tcp(family);
    client
        .connect(listener.name().expect("it is bound"))
        .expect("loopback connects");
    client
}

// Streams in any other state.
fn only_a_listener_accepts() {
    let (client, server) = Socket::pair(AF_INET);
    let bound = Socket::tcp(AF_INET);
    bound.bind(loopback(AF_INET)).expect("loopback is free");
    for socket in [Socket::tcp(AF_INET), bound, client, server] {
        assert_eq!(socket.accept().err(), Some(Errno::INVAL));
    }
}

// Base-provider.md 1.31: datagrams have no connections.
fn a_datagram_socket_does_not_accept() {
    for socket in [Socket::udp(AF_INET), Socket::bound_udp(AF_INET)] {
        assert_eq!(socket.accept().err(), Some(Errno::OPNOTSUPP));
    }
}

/// `accept` with so much room for the address; the length afterwards.
fn accept_within(listener: &Socket, room: i32) -> (Option<Errno>, i32) {
    let mut name = [0u8; 64];
    let mut len = room;
    // SAFETY: the buffer is longer than the length says.
    let s = unsafe { winsock::accept(listener.raw(), name.as_mut_ptr().cast(), &raw mut len) };
    (checked_socket(s).err(), len)
}

// The length stays as it was.
fn an_address_that_does_not_fit_is_a_fault() {
    for (family, size) in [(AF_INET, 16), (AF_INET6, 28)] {
        for given in [0, size - 1] {
            let (listener, _client) = queued(family);
            let answer = accept_within(&listener, given);
            assert_eq!(answer, (Some(Errno::FAULT), given));
        }
    }
}

// Whoever comes with more room finds it.
fn an_address_that_does_not_fit_leaves_the_connection() {
    for (family, size) in [(AF_INET, 16), (AF_INET6, 28)] {
        let (listener, client) = queued(family);
        listener.set_nonblocking(true).expect("FIONBIO");
        assert_eq!(until_ready(&listener), Ready::READ);
        assert_eq!(accept_within(&listener, size - 1).0, Some(Errno::FAULT));
        let (_server, from) = listener.accept().expect("the connection is still there");
        assert_eq!(from.to_ip(), client.name().ok());
    }
}

// A place without a length is left alone.
fn an_address_without_a_length_is_not_written() {
    let (listener, client) = queued(AF_INET);
    let mut name = [0xccu8; 64];
    // SAFETY: the buffer is live; there is no length.
    let s = unsafe { winsock::accept(listener.raw(), name.as_mut_ptr().cast(), ptr::null_mut()) };
    let server = checked_socket(s).expect("the connection is taken");
    assert_eq!(name, [0xcc; 64]);
    assert_eq!(server.peer(), client.name());
}

// And the wait goes on; here for somebody who comes once the APCs have run. (On Windows an APC is no good place to connect: Wine's
// test says that it crashes there now and then.)
fn a_blocking_accept_runs_apcs() {
    let listener = Socket::listener(AF_INET);
    let to = listener.name().expect("it is bound");
    let (run, ran) = mpsc::channel();
    let visitor = thread::spawn(move || {
        let client = Socket::tcp(AF_INET);
        // Both APCs, or the end of the other thread.
        let both = [(); 2].map(|()| ran.recv());
        client.connect(to).expect("loopback connects");
        (client, both)
    });
    for _ in 0..2 {
        let run = run.clone();
        apc::queue(move || run.send(()).expect("somebody waits"));
    }
    let (_server, from) = listener.accept().expect("somebody connected");
    let (client, both) = visitor.join().expect("no panic");
    assert_eq!(both, [Ok(()); 2]);
    assert_eq!(from.to_ip(), client.name().ok());
}

// The thread that waits fails, with whatever (base-provider.md 1.7).
fn closing_the_listener_wakes_a_blocked_accept() {
    for family in [AF_INET, AF_INET6] {
        let listener = Socket::listener(family);
        let s = listener.raw();
        let waiting = blocked::spawn(move || {
            // SAFETY: no buffers.
            let s = unsafe { winsock::accept(s, ptr::null_mut(), ptr::null_mut()) };
            checked_socket(s).is_err()
        });
        listener.close().expect("a listener can be closed");
        assert!(blocked::finish("accept to end", waiting));
    }
}

/// A thread that is inside of `accept`, and stays there until the value that comes with it is dropped.
/// What it comes to is whether `accept` failed.
fn held_in_accept(s: SOCKET) -> (thread::JoinHandle<bool>, Sender<()>) {
    let (send_own, own) = mpsc::channel();
    let waiting = thread::spawn(move || {
        send_own.send(apc::own_thread()).expect("somebody waits");
        // SAFETY: no buffers.
        let s = unsafe { winsock::accept(s, ptr::null_mut(), ptr::null_mut()) };
        checked_socket(s).is_err()
    });
    let own = own.recv().expect("the thread has a handle");
    let (release, released) = mpsc::channel();
    let (send_there, there) = mpsc::channel();
    apc::queue_to(&own, move || {
        send_there.send(()).expect("somebody waits");
        // Nothing is sent; the other end goes.
        let _ = released.recv();
    });
    there.recv().expect("accept waits alertably");
    (waiting, release)
}

// At once, whether or not the thread that waits has left.
fn a_listener_that_is_closed_does_not_listen_while_a_thread_is_still_in_accept() {
    for family in [AF_INET, AF_INET6] {
        let (listener, early) = queued(family);
        let to = listener.name().expect("it is bound");
        let (accepted, _) = listener.accept().expect("somebody is there");
        let (waiting, release) = held_in_accept(listener.raw());
        let late = join(&listener, family);
        listener.close().expect("a listener can be closed");

        let nobody = Socket::tcp(family).connect(to);
        assert_eq!(nobody, Err(Errno::CONNREFUSED));
        // Who was in the queue is reset, who was accepted is not.
        assert_eq!(late.recv(&mut [0], 0), Err(Errno::CONNRESET));
        assert_eq!(early.send(b"x", 0), Ok(1));
        assert_eq!(accepted.recv(&mut [0], 0), Ok(1));
        drop(release);
        assert!(blocked::finish("accept to end", waiting));
    }
}

// The next listener of the name does not wait for it either.
fn the_next_listener_takes_over_while_a_thread_is_still_in_accept_of_the_first() {
    let name = SocketAddr::new(loopback(AF_INET).ip(), ports::free());
    let [first, second] = [(); 2].map(|()| {
        let socket = Socket::tcp(AF_INET);
        socket
            .set_option(SOL_SOCKET, SO_REUSEADDR, 1)
            .expect("a new socket may share");
        socket.bind(name).expect("the name is shared");
        socket
    });
    for socket in [&first, &second] {
        socket.listen(4).expect("a bound socket listens");
    }
    let (waiting, release) = held_in_accept(first.raw());
    first.close().expect("a listener can be closed");
    let (client, server) = join_and_accept(&second);
    assert_eq!(server.peer(), client.name());
    drop(release);
    assert!(blocked::finish("accept to end", waiting));
}

// Whoever comes while the accept waits is let in.
fn a_blocked_accept_takes_who_comes() {
    let listener = Socket::listener(AF_INET);
    let to = listener.name().expect("it is bound");
    let waiting = blocked::spawn(move || listener.accept().map(|(_, from)| from.to_ip()));
    let client = Socket::tcp(AF_INET);
    client.connect(to).expect("loopback connects");
    assert_eq!(
        blocked::finish("accept to end", waiting),
        Ok(client.name().ok())
    );
}

// As often as it is deferred, and before those who came later.
fn a_deferred_connection_is_the_next_one() {
    for family in [AF_INET, AF_INET6] {
        let (listener, first) = queued(family);
        let second = join(&listener, family);
        let first_name = first.name().ok();
        for _ in 0..2 {
            let mut asked = None;
            let answer = accept_if(&listener, |who| {
                asked = who.caller.to_ip();
                CF_DEFER
            });
            assert_eq!(answer.err(), Some(Errno::TRY_AGAIN));
            assert_eq!(asked, first_name);
        }
        assert_eq!(select(&listener, 0), Ok(Ready::READ));
        let (server, from) = listener.accept().expect("it was kept");
        assert_eq!(from.to_ip(), first_name);
        first.send(b"x", 0).expect("it is connected");
        assert_eq!(server.recv(&mut [0], 0), Ok(1));
        let (_server, from) = listener.accept().expect("the next one is there");
        assert_eq!(from.to_ip(), second.name().ok());
    }
}

// And it is gone from the queue.
fn a_rejected_connection_is_refused() {
    let (listener, _client) = queued(AF_INET);
    let answer = accept_if(&listener, |_| CF_REJECT);
    assert_eq!(answer.err(), Some(Errno::CONNREFUSED));
    listener.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(listener.accept().err(), Some(Errno::WOULDBLOCK));
}

// What the one sees who was rejected after connect had returned.
fn a_rejected_connection_is_reset() {
    let (listener, client) = queued(AF_INET);
    let answer = accept_if(&listener, |_| CF_REJECT);
    assert_eq!(answer.err(), Some(Errno::CONNREFUSED));
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::CONNRESET));
}

// And the connection waits for a better answer.
fn an_unknown_answer_is_invalid() {
    for unknown in [3, -1, i32::MAX] {
        let (listener, client) = queued(AF_INET);
        let answer = accept_if(&listener, |_| unknown);
        assert_eq!(answer.err(), Some(Errno::INVAL));
        let (_server, from) = accept_if(&listener, |_| CF_ACCEPT).expect("it was kept");
        assert_eq!(from.to_ip(), client.name().ok());
    }
}

// Once per connection.
fn the_condition_function_is_asked_on_the_calling_thread() {
    for family in [AF_INET, AF_INET6] {
        let (listener, client) = queued(family);
        let mut asked = Vec::new();
        let (server, from) = accept_if(&listener, |who| {
            asked.push((
                thread::current().id(),
                who.caller.to_ip(),
                who.callee.to_ip(),
            ));
            CF_ACCEPT
        })
        .expect("it was let in");
        let names = (client.name().ok(), listener.name().ok());
        assert_eq!(asked, [(thread::current().id(), names.0, names.1)]);
        assert_eq!(from.to_ip(), names.0);
        assert_eq!((server.peer().ok(), server.name().ok()), names);
    }
}

// Base-provider.md 6.1: it may use the listener.
fn the_condition_function_may_call_socket_functions() {
    let (listener, client) = queued(AF_INET);
    let name = listener.name();
    let mut inner = Err(Errno::INVAL);
    let answer = accept_if(&listener, |_| {
        assert_eq!(listener.name(), name);
        assert_eq!(listener.option(SOL_SOCKET, SO_ACCEPTCONN), Ok(1));
        let second = join(&listener, AF_INET);
        inner = listener
            .accept()
            .map(|(_, from)| from.to_ip() == second.name().ok());
        CF_ACCEPT
    });
    let (_server, from) = answer.expect("it was let in");
    assert_eq!(from.to_ip(), client.name().ok());
    assert_eq!(inner, Ok(true), "the one behind it was free to be taken");
}

// As they are at the time of the call.
fn an_accepted_socket_inherits_the_options_of_the_listener() {
    let listener = Socket::tcp(AF_INET);
    let options = [
        (SOL_SOCKET, SO_REUSEADDR, 1),
        (SOL_SOCKET, SO_KEEPALIVE, 1),
        (SOL_SOCKET, SO_OOBINLINE, 1),
        (SOL_SOCKET, SO_SNDBUF, 0x4321),
        (SOL_SOCKET, SO_RCVBUF, 0x1234),
        (SOL_SOCKET, SO_SNDTIMEO, 345),
        (SOL_SOCKET, SO_RCVTIMEO, 567),
        (IPPROTO_TCP, TCP_NODELAY, 1),
    ];
    let linger = [1u16.to_ne_bytes(), 7u16.to_ne_bytes()].concat();
    let plain = join_and_accept(&Socket::listener(AF_INET));
    for (level, option, value) in options {
        assert_ne!(plain.1.option(level, option), Ok(value), "{option:#x}");
        listener
            .set_option(level, option, value)
            .expect("an option of streams");
    }
    listener
        .set_option_bytes(SOL_SOCKET, SO_LINGER, &linger)
        .expect("an option of streams");
    listener.bind(loopback(AF_INET)).expect("loopback is free");
    listener.listen(1).expect("a bound socket listens");
    let (_client, server) = join_and_accept(&listener);
    for (level, option, value) in options {
        assert_eq!(server.option(level, option), Ok(value), "{option:#x}");
    }
    assert_eq!(server.option_bytes(SOL_SOCKET, SO_LINGER, 4), Ok(linger));
}

fn join_and_accept(listener: &Socket) -> (Socket, Socket) {
    let client = join(listener, AF_INET);
    let (server, _) = listener.accept().expect("the connection is there");
    (client, server)
}

// And a blocking listener's blocks.
fn an_accepted_socket_inherits_the_nonblocking_mode() {
    let (listener, _client) = queued(AF_INET);
    listener.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(until_ready(&listener), Ready::READ);
    let (server, _) = listener.accept().expect("the connection is there");
    assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));

    listener.set_nonblocking(false).expect("FIONBIO");
    let (_client, server) = join_and_accept(&listener);
    server
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 10)
        .expect("a time limit");
    assert_eq!(server.recv(&mut [0], 0), Err(Errno::TIMEDOUT));
}

// Before, it may.
fn conditional_accept_is_chosen_before_listening() {
    let socket = Socket::tcp(AF_INET);
    let set = |value| socket.set_option(SOL_SOCKET, SO_CONDITIONAL_ACCEPT, value);
    assert_eq!(set(1), Ok(()));
    assert_eq!(socket.option(SOL_SOCKET, SO_CONDITIONAL_ACCEPT), Ok(1));
    socket.bind(loopback(AF_INET)).expect("loopback is free");
    socket.listen(1).expect("a bound socket listens");
    for value in [0, 1] {
        assert_eq!(set(value), Err(Errno::INVAL));
    }
    assert_eq!(socket.option(SOL_SOCKET, SO_CONDITIONAL_ACCEPT), Ok(1));
}

// As long as it is on. A system completes the handshake before anybody can object, so the reset comes after connect here.
fn a_paused_listener_resets_who_comes() {
    let listener = Socket::listener(AF_INET);
    let pause = |value| {
        listener
            .set_option(SOL_SOCKET, SO_PAUSE_ACCEPT, value)
            .expect("an option of listeners");
    };
    pause(1);
    assert_eq!(listener.option(SOL_SOCKET, SO_PAUSE_ACCEPT), Ok(1));
    let client = Socket::tcp(AF_INET);
    client
        .connect(listener.name().expect("it is bound"))
        .expect("the system shakes hands");
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::CONNRESET));
    listener.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(listener.accept().err(), Some(Errno::WOULDBLOCK));

    pause(0);
    listener.set_nonblocking(false).expect("FIONBIO");
    let (client, server) = join_and_accept(&listener);
    assert_eq!(server.peer(), client.name());
}

// Also one that is told so while it stands behind another of the same name, before it listens or after.
fn a_paused_listener_that_takes_over_resets_who_comes() {
    for pauses_first in [true, false] {
        let name = SocketAddr::from(([127, 0, 0, 1], ports::free()));
        let bound = || {
            let socket = Socket::tcp(AF_INET);
            socket
                .set_option(SOL_SOCKET, SO_REUSEADDR, 1)
                .expect("an unbound socket has a choice");
            socket.bind(name).expect("the name is shared");
            socket
        };
        let (first, second) = (bound(), bound());
        first.listen(4).expect("a bound socket listens");
        let pause = |value| {
            second
                .set_option(SOL_SOCKET, SO_PAUSE_ACCEPT, value)
                .expect("an option of streams");
        };
        if pauses_first {
            pause(1);
        }
        second.listen(4).expect("a bound socket listens");
        if !pauses_first {
            pause(1);
        }
        let (_client, _server) = join_and_accept(&first);

        first.close().expect("a listener can be closed");
        let client = Socket::tcp(AF_INET);
        client
            .set_option(SOL_SOCKET, SO_RCVTIMEO, 10_000)
            .expect("every socket has a timeout");
        client.connect(name).expect("the system shakes hands");
        assert_eq!(client.recv(&mut [0], 0), Err(Errno::CONNRESET));
        pause(0);
        let (client, server) = join_and_accept(&second);
        assert_eq!(server.peer(), client.name());
    }
}
