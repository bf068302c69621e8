//! The pipe beside the system's protocols in one call: select over two providers.

use ws2spi_abi::*;
use ws2spi_tests::sets::{self, Set, Time};
use ws2spi_tests::watch::Watch;
use ws2spi_tests::{Socket, isolated, pipe, wait};

/// Bytes wait on a socket of each provider: one of the pipe, one of TCP/IP, with their other ends.
struct Mixed {
    pipe: [Socket; 2],
    tcp: [Socket; 2],
}

impl Mixed {
    fn new() -> Self {
        let ends = |(one, other): (Socket, Socket)| [one, other];
        let mixed = Self {
            pipe: ends(pipe::pair("mixed")),
            tcp: ends(Socket::pair(AF_INET)),
        };
        for [here, there] in [&mixed.pipe, &mixed.tcp] {
            there.send(b"x", 0).expect("a connection carries");
            wait::until("the byte", || here.available() == Ok(1));
        }
        mixed
    }
}

// U171: select goes to the provider of the first socket in the first non-empty set: read, write, except.
#[test]
fn the_first_socket_decides_who_selects() {
    isolated!();
    let watch = Watch::begin();
    pipe::start();
    let mixed = Mixed::new();
    let (pipe, tcp) = (&mixed.pipe[0], &mixed.tcp[0]);
    let none = Set::of(&[]);
    let (of_pipe, of_tcp) = (Set::of(&[pipe]), Set::of(&[tcp]));
    let cases: [([Option<&Set>; 3], &str); 6] = [
        ([Some(&of_pipe), None, None], "base_pipe.so"),
        ([Some(&of_tcp), None, None], "linked:base"),
        ([Some(&none), Some(&of_pipe), None], "base_pipe.so"),
        ([Some(&none), Some(&of_tcp), Some(&of_tcp)], "linked:base"),
        ([None, Some(&none), Some(&of_tcp)], "linked:base"),
        ([None, None, Some(&of_pipe)], "base_pipe.so"),
    ];
    let _ = watch.take();
    for (number, (sets, provider)) in cases.into_iter().enumerate() {
        let ready = sets::select(sets, Time::None);
        assert!(ready.is_ok(), "case {number}: {ready:?}");
        assert_eq!(watch.modules_of("WSPSelect"), [provider], "case {number}");
    }
}

// U172: select mixing two providers: WSAENOTSOCK from the chosen one.
#[test]
fn sockets_of_two_providers_cannot_be_selected_together() {
    isolated!();
    let watch = Watch::begin();
    pipe::start();
    let mixed = Mixed::new();
    let (pipe, tcp) = (&mixed.pipe[0], &mixed.tcp[0]);
    for (sockets, provider) in [([pipe, tcp], "base_pipe.so"), ([tcp, pipe], "linked:base")] {
        let [first, second] = sockets;
        let together = Set::of(&[first, second]);
        let apart = [Set::of(&[first]), Set::of(&[second])];
        for sets in [
            [Some(&together), None, None],
            [Some(&apart[0]), Some(&apart[1]), None],
            [None, Some(&apart[0]), Some(&apart[1])],
        ] {
            let _ = watch.take();
            assert_eq!(sets::select(sets, Time::Patience), Err(Errno::NOTSOCK));
            assert_eq!(watch.modules_of("WSPSelect"), [provider]);
        }
    }
}

// U170: all sets NULL or empty: WSAEINVAL, whatever sockets there are; timeval unchanged on return.
#[test]
fn no_provider_is_asked_about_nothing() {
    isolated!();
    let watch = Watch::begin();
    pipe::start();
    let mixed = Mixed::new();
    let none = Set::of(&[]);
    let _ = watch.take();
    for sets in [[None, None, None], [Some(&none), None, Some(&none)]] {
        assert_eq!(sets::select(sets, Time::None), Err(Errno::INVAL));
    }
    assert_eq!(watch.modules_of("WSPSelect"), [""; 0]);
    let time = TIMEVAL {
        tv_sec: 20,
        tv_usec: 3,
    };
    for s in [&mixed.pipe[0], &mixed.tcp[0]] {
        let readable = Set::of(&[s]);
        let (ready, after) = sets::select_and_time([Some(&readable), None, None], time);
        assert_eq!((ready, after.tv_sec, after.tv_usec), (Ok(1), 20, 3));
    }
}
