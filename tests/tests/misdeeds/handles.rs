//! Misdeeds with socket handles.

use ws2spi_abi::*;
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::{self, Hostile};
use ws2spi_tests::{Socket, by_name, configuration, isolated, socket, wait};

/// Bytes go both ways through a pair.
fn expect_traffic() {
    wait::within_patience("the traffic", || {
        let (client, server) = Socket::pair(AF_INET);
        let mut got = [0; 4];
        client.send(b"ping", 0).expect("a connection carries");
        server.recv_exact(&mut got);
        server.send(&got, 0).expect("a connection carries");
        client.recv_exact(&mut got);
        assert_eq!(&got, b"ping");
    });
}

/// The entry that a socket says it belongs to.
fn entry_of(s: &Socket) -> u32 {
    let info = s
        .option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, 628)
        .expect("a socket knows its entry");
    u32::from_ne_bytes([info[36], info[37], info[38], info[39]])
}

// client-dll.md 1.6: the entry a handle is registered for decides who gets the calls: a layer that returns the handle of the
// provider below is out of the way, and a finding says so (provider-sources.md 4).
#[test]
fn a_foreign_handle_stays_its_owners() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("foreign-handle");
    expect_traffic();
    let found = hostile.findings("WSPSocket");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("its sockets are registered with entry "));
    let s = Socket::tcp(AF_INET);
    // The misdeed of every call on a socket would be seen if the call arrived.
    hostile.set("error-zero");
    assert_eq!(s.bind(socket::loopback(AF_INET)), Ok(()));
    let chains = hostile.chains().iter();
    assert!(
        !chains
            .map(|chain| chain.dwCatalogEntryId)
            .any(|id| id == entry_of(&s))
    );
    assert_eq!(s.close(), Ok(()));
    hostile.end(&before);
}

// client-dll.md 5.4.5: a provider that skipped the upcall: the number is returned as given, later calls yield WSAENOTSOCK.
#[test]
fn a_number_that_nobody_registered_is_no_socket() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("no-upcall");
    let s = Socket::tcp(AF_INET).into_raw();
    assert_eq!(s, 0x7fff_fff4);
    let found = hostile.findings("WSPSocket");
    assert_eq!(
        found,
        ["returned 0x7ffffff4, which is no registered socket"]
    );
    for (name, error) in by_name::call_all_of_a_socket(s) {
        assert_eq!(error, Some(Errno::NOTSOCK), "{name}");
    }
    hostile.end(&before);
}

// U26: each WPUCreateSocketHandle gives a handle of its own. One that its provider forgets goes with the last WSACleanup (U121).
#[test]
fn a_forgotten_handle_goes_with_the_last_cleanup() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("double-mint");
    expect_traffic();
    assert_eq!(hostile.all_findings(), [""; 0]);
    // end() counts the handles.
    hostile.end(&before);
}

// U34: WPUCloseSocketHandle on a handle of the provider below: WSAENOTSOCK, and the socket stays open and usable.
#[test]
fn handles_of_others_cannot_be_closed() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("close-others");
    expect_traffic();
    assert_eq!(hostile.upcall_error(), WSAENOTSOCK);
    assert_eq!(hostile.all_findings(), [""; 0]);
    hostile.end(&before);
}

// U36, U157, U169: a call on a closed or unknown handle gives WSAENOTSOCK and does not reach the provider, which would crash.
#[test]
fn calls_on_stale_handles_never_arrive() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("crash-on-stale");
    expect_traffic();
    let s = Socket::tcp(AF_INET);
    let stale = s.raw();
    assert_eq!(s.close(), Ok(()));
    let other = Socket::tcp(AF_INET);
    for s in [stale, stale ^ (1 << 22), other.raw() + 4, 0x7fff_0000, 0] {
        for (name, error) in by_name::call_all_of_a_socket(s) {
            assert_eq!(error, Some(Errno::NOTSOCK), "{name} of {s:#x}");
        }
    }
    assert_eq!(other.close(), Ok(()));
    hostile.end(&before);
}

// U121: after the last cleanup a socket gives WSANOTINITIALISED, after a restart WSAENOTSOCK, at a provider that would crash on it.
#[test]
fn sockets_of_an_earlier_run_never_arrive() {
    isolated!();
    let before = Census::take();
    let hostile = Hostile::started("crash-on-stale");
    let s = Socket::tcp(AF_INET).into_raw();
    hostile::cleanup();
    for (name, error) in by_name::call_all_of_a_socket(s) {
        assert_eq!(error, Some(Errno::NOTINITIALISED), "{name}");
    }
    configuration::startup();
    expect_traffic();
    for (name, error) in by_name::call_all_of_a_socket(s) {
        assert_eq!(error, Some(Errno::NOTSOCK), "{name}");
    }
    hostile.end(&before);
}
