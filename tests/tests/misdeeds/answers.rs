//! Misdeeds in what functions answer: no error code, impossible values, impossible counts.

use std::net::SocketAddr;
use std::ptr::null_mut;
use ws2spi_abi::*;
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::Hostile;
use ws2spi_tests::overlapped::{Operation, Tell};
use ws2spi_tests::sets::{self, Set, Time};
use ws2spi_tests::{Socket, controls, isolated, socket, wait, winsock};

/// Sockets from a time when the provider behaved.
struct World {
    client: Socket,
    server: Socket,
    /// Has a connection waiting.
    listener: Socket,
    _caller: Socket,
    bound: Socket,
    fresh: [Socket; 2],
    /// Has a datagram waiting.
    datagrams: Socket,
    name: SocketAddr,
}

impl World {
    fn new() -> Self {
        let (client, server) = Socket::pair(AF_INET);
        server.send(b"waiting", 0).expect("a connection carries");
        wait::until("the bytes", || client.available() == Ok(7));
        let listener = Socket::listener(AF_INET);
        let name = listener.name().expect("a listener has a name");
        let caller = Socket::tcp(AF_INET);
        caller.connect(name).expect("loopback connects");
        let bound = Socket::tcp(AF_INET);
        bound
            .bind(socket::loopback(AF_INET))
            .expect("loopback binds");
        let datagrams = Socket::bound_udp(AF_INET);
        let own = datagrams.name().expect("it is bound");
        datagrams
            .send_to(b"datagram", own)
            .expect("loopback takes it");
        wait::until("the datagram", || datagrams.available() == Ok(8));
        let fresh = [Socket::tcp(AF_INET), Socket::tcp(AF_INET)];
        Self {
            client,
            server,
            listener,
            _caller: caller,
            bound,
            fresh,
            datagrams,
            name,
        }
    }
}

/// One buffer of four bytes, and a function of several buffers on it.
fn with_buffer(call: impl FnOnce(*const WSABUF, *mut u32) -> i32) -> Result<u32, Errno> {
    let mut bytes = [0u8; 4];
    let buffer = WSABUF {
        len: 4,
        buf: bytes.as_mut_ptr(),
    };
    let mut count = 0;
    socket::checked(call(&raw const buffer, &raw mut count)).map(|_| count)
}

fn recv_buffers(s: &Socket) -> Result<u32, Errno> {
    let mut flags = 0;
    with_buffer(|buffer, got| {
        let (flags, no) = (&raw mut flags, RawCallback::NULL);
        // SAFETY: all pointers are live locals.
        unsafe { winsock::WSARecv(s.raw(), buffer, 1, got, flags, null_mut(), no) }
    })
}

fn send_buffers(s: &Socket) -> Result<u32, Errno> {
    with_buffer(|buffer, sent| {
        let no = RawCallback::NULL;
        // SAFETY: all pointers are live locals.
        unsafe { winsock::WSASend(s.raw(), buffer, 1, sent, 0, null_mut(), no) }
    })
}

fn select_readable(s: &Socket) -> Result<(), Errno> {
    let set = Set::of(&[s]);
    sets::select([Some(&set), None, None], Time::Patience).map(|count| assert_eq!(count, 1))
}

type Call = fn(&World) -> Result<(), Errno>;

/// Calls of functions of type `int` without a count: they succeed when the provider behaves.
const PLAIN: [(&str, Call); 9] = [
    ("WSPBind", |w| w.fresh[0].bind(socket::loopback(AF_INET))),
    ("WSPListen", |w| w.bound.listen(1)),
    ("WSPConnect", |w| w.fresh[1].connect(w.name)),
    ("WSPGetSockName", |w| w.client.name_address().map(drop)),
    ("WSPGetPeerName", |w| w.client.peer_address().map(drop)),
    ("WSPGetSockOpt", |w| {
        w.client.option(SOL_SOCKET, SO_RCVBUF).map(drop)
    }),
    ("WSPSetSockOpt", |w| {
        w.client.set_option(SOL_SOCKET, SO_KEEPALIVE, 1)
    }),
    ("WSPShutdown", |w| w.server.shutdown(SD_RECEIVE)),
    ("WSPIoctl", |w| {
        controls::control(&w.listener, FIONBIO, Some(&[0; 4]), None).result
    }),
];

/// Calls that report a count of bytes.
const COUNTED: [(&str, Call); 7] = [
    ("WSPRecv", |w| w.client.recv(&mut [0; 2], 0).map(drop)),
    ("WSPRecv", |w| recv_buffers(&w.client).map(drop)),
    ("WSPSend", |w| w.client.send(b"four", 0).map(drop)),
    ("WSPSend", |w| send_buffers(&w.client).map(drop)),
    ("WSPRecvFrom", |w| {
        w.datagrams.recv_from(&mut [0; 16]).map(drop)
    }),
    ("WSPSendTo", |w| {
        let to = SocketAddr::from(([127, 0, 0, 1], 9));
        w.datagrams.send_to(b"four", to).map(drop)
    }),
    ("WSPIoctl", |w| {
        let mut out = [0; 4];
        controls::control(&w.client, FIONREAD, None, Some(&mut out)).result
    }),
];

/// Calls that answer something else than zero.
const OTHERS: [(&str, Call); 3] = [
    ("WSPSelect", |w| select_readable(&w.listener)),
    ("WSPAccept", |w| w.listener.accept().map(drop)),
    ("WSPSocket", |_| {
        Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).map(drop)
    }),
];

fn all() -> impl Iterator<Item = &'static (&'static str, Call)> {
    PLAIN.iter().chain(&COUNTED).chain(&OTHERS)
}

/// Calls with a misdeed on; what each gives, and what was found about the function it reaches. Sockets are closed in good times.
fn each(
    hostile: &Hostile,
    misdeed: &str,
    calls: impl Iterator<Item = &'static (&'static str, Call)>,
    mut look: impl FnMut(&str, Result<(), Errno>, i32, Vec<String>),
) {
    let world = World::new();
    assert_eq!(hostile.all_findings(), [""; 0]);
    for (function, call) in calls {
        hostile.set(misdeed);
        socket::set_last_code(BEFORE);
        let outcome = call(&world);
        let last = socket::last_code();
        hostile.set("");
        look(function, outcome, last, hostile.findings(function));
    }
}

/// A last error from before.
const BEFORE: i32 = 4242;

/// A test body on a thread of its own, with the provider behaving; what is left over is counted at the end.
fn run(body: fn(&Hostile)) {
    let before = Census::take();
    let hostile = Hostile::started("");
    let hostile = wait::within_patience("the test", move || {
        body(&hostile);
        hostile
    });
    hostile.end(&before);
}

// The calls of this file succeed when the provider behaves.
#[test]
fn without_a_misdeed_nothing_is_found() {
    isolated!();
    run(|hostile| {
        each(hostile, "", all(), |function, outcome, _, found| {
            assert_eq!((outcome, found), (Ok(()), Vec::new()), "{function}");
        });
    });
}

// U155: failure with lpErrno 0: WSASYSCALLFAILURE.
#[test]
fn a_failure_without_a_code_is_a_failed_system_call() {
    isolated!();
    run(|hostile| {
        each(
            hostile,
            "error-zero",
            all(),
            |function, outcome, _, found| {
                assert_eq!(outcome, Err(Errno::SYSCALLFAILURE), "{function}");
                assert_eq!(found, ["failed and stored no error code"], "{function}");
            },
        );
    });
}

// U156: the lpErrno value becomes the last error of a call that failed, and of no other: one that a provider writes although the
// call succeeds is not seen. P168: a successful receive and socket leave 0, other calls leave the last error alone.
#[test]
fn a_code_beside_a_success_is_not_seen() {
    isolated!();
    run(|hostile| {
        each(
            hostile,
            "error-on-success",
            all(),
            |function, outcome, last, found| {
                assert_eq!((outcome, found), (Ok(()), Vec::new()), "{function}");
                let clears = ["WSPRecv", "WSPRecvFrom", "WSPSocket"].contains(&function);
                assert_eq!(last, if clears { 0 } else { BEFORE }, "{function}");
            },
        );
    });
}

// U156: a failing call shows the code in *lpErrno, not the one that the provider gave to WSASetLastError.
#[test]
fn a_last_error_of_the_providers_own_is_overwritten() {
    isolated!();
    run(|hostile| {
        let world = World::new();
        hostile.set("wsasetlasterror");
        assert_eq!(world.fresh[0].listen(1), Err(Errno::INVAL));
        assert_eq!(world.fresh[0].peer(), Err(Errno::NOTCONN));
        assert_eq!(world.client.recv(&mut [0; 7], 0), Ok(7));
        assert_eq!(socket::last_code(), 0);
        let made = Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP);
        assert_eq!((made.is_ok(), socket::last_code()), (true, 0));
        hostile.set("");
    });
}

// provider-sources.md 5.10: neither 0 nor SOCKET_ERROR: the call fails with WSASYSCALLFAILURE.
#[test]
fn a_value_that_is_no_answer_is_a_failed_system_call() {
    isolated!();
    run(|hostile| {
        for value in ["5", "1", "-2", "2147483647"] {
            let calls = PLAIN.iter().chain(&COUNTED);
            each(
                hostile,
                &format!("wrong-return:{value}"),
                calls,
                |function, outcome, _, found| {
                    assert_eq!(outcome, Err(Errno::SYSCALLFAILURE), "{function}, {value}");
                    let what = format!("returned {value}, which is neither 0 nor SOCKET_ERROR");
                    assert_eq!(found, [what], "{function}");
                },
            );
        }
    });
}

// provider-sources.md 5.10: more bytes than asked for: the call fails with WSASYSCALLFAILURE.
#[test]
fn more_bytes_than_there_is_room_for_are_a_failed_system_call() {
    isolated!();
    run(|hostile| {
        let calls = COUNTED.iter();
        each(
            hostile,
            "too-many-bytes",
            calls,
            |function, outcome, _, found| {
                assert_eq!(outcome, Err(Errno::SYSCALLFAILURE), "{function}");
                assert_eq!(found.len(), 1, "{function}: {found:?}");
                assert!(found[0].starts_with("reported "), "{function}: {found:?}");
                assert!(
                    found[0].contains("but no more than "),
                    "{function}: {found:?}"
                );
            },
        );
    });
}

// provider-sources.md 5.10: a select that counts more sockets than there are, or fewer than none.
#[test]
fn an_impossible_count_of_sockets_is_a_failed_system_call() {
    isolated!();
    run(|hostile| {
        let world = World::new();
        for (misdeed, what) in [
            (
                "select-garbage",
                "reported 1000, but no more than 1 were asked for",
            ),
            (
                "wrong-return",
                "returned -7, which is neither a count nor SOCKET_ERROR",
            ),
        ] {
            hostile.set(misdeed);
            let answer = select_readable(&world.listener);
            assert_eq!(answer, Err(Errno::SYSCALLFAILURE), "{misdeed}");
            assert_eq!(hostile.findings("WSPSelect"), [what]);
        }
        hostile.set("");
    });
}

/// Calls that report a length of what they stored, and the room that they give.
const MEASURED: [(&str, Call); 5] = [
    ("WSPGetSockName", |w| w.client.name_address().map(drop)),
    ("WSPGetPeerName", |w| w.client.peer_address().map(drop)),
    ("WSPGetSockOpt", |w| {
        w.client.option(SOL_SOCKET, SO_RCVBUF).map(drop)
    }),
    ("WSPRecvFrom", |w| {
        w.datagrams.recv_from(&mut [0; 16]).map(drop)
    }),
    ("WSPAccept", |w| w.listener.accept().map(drop)),
];

// provider-sources.md 5.10: an address or option that is longer than the room for it: the call fails with WSASYSCALLFAILURE.
#[test]
fn more_length_than_there_is_room_for_is_a_failed_system_call() {
    isolated!();
    run(|hostile| {
        let calls = MEASURED.iter();
        each(hostile, "too-long", calls, |function, outcome, _, found| {
            assert_eq!(outcome, Err(Errno::SYSCALLFAILURE), "{function}");
            assert_eq!(found.len(), 1, "{function}: {found:?}");
            let what = &found[0];
            assert!(what.starts_with("stored a length of 10"), "{what}");
            assert!(what.contains("but there was room for "), "{what}");
        });
    });
}

// U188: place and length of an overlapped receive are the request's. Its end may be known on another thread before the call returns, so
// they are not looked at any more.
#[test]
fn the_length_of_an_overlapped_request_is_left_alone() {
    isolated!();
    run(|hostile| {
        let world = World::new();
        hostile.set("too-long");
        let receive = Operation::receive_from(&world.datagrams, &[16], Tell::Handle);
        assert!(receive.returned.is_ok(), "{receive:?}");
        assert_eq!(hostile.findings("WSPRecvFrom"), [""; 0]);
        hostile.set("");
    });
}

// The length that the application had given is there again: it never reads past its own memory.
#[test]
fn a_length_that_was_refused_is_what_it_was() {
    isolated!();
    run(|hostile| {
        let world = World::new();
        hostile.set("too-long");
        let (mut name, mut len) = ([0u8; 16], 16);
        let place = name.as_mut_ptr().cast();
        // SAFETY: name and length are live locals, the length is the name's.
        let code = unsafe { winsock::getsockname(world.client.raw(), place, &raw mut len) };
        assert_eq!(socket::checked(code), Err(Errno::SYSCALLFAILURE));
        assert_eq!(len, 16);
        hostile.set("");
    });
}

// provider-sources.md 5.10: a WSAPoll function that counts more elements than there are.
#[test]
fn an_impossible_count_of_polled_sockets_is_a_failed_system_call() {
    isolated!();
    run(|hostile| {
        let world = World::new();
        hostile.set("select-garbage");
        let mut polled = WSAPOLLFD {
            fd: world.client.raw(),
            events: POLLRDNORM,
            revents: 0,
        };
        // SAFETY: one live element.
        let ready = unsafe { winsock::WSAPoll(&raw mut polled, 1, 0) };
        assert_eq!(socket::checked(ready), Err(Errno::SYSCALLFAILURE));
        let what = "reported 1000, but no more than 1 were asked for";
        assert_eq!(hostile.findings("WSAPoll"), [what]);
        hostile.set("");
    });
}
