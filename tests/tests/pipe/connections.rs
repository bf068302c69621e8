//! Making, naming, connecting and ending sockets of the pipe.

use std::thread;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;
use ws2spi_tests::accepting::accept_if;
use ws2spi_tests::census::{self, Census};
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::{Socket, by_name, configuration, isolated, pipe, providers, socket, wait};

/// Starts with the pipe installed; runs the body on a thread of its own; ends, and nothing is left over.
fn run(body: fn()) {
    let before = Census::take();
    pipe::start();
    wait::within_patience("the test", body);
    cleanup();
    assert!(!census::is_loaded(&providers::path("base_pipe")));
    before.expect_no_more();
}

// client-dll.md 4.4: the entry is found by its family; with another type or protocol there is none.
#[test]
fn its_sockets_are_found_by_family() {
    isolated!();
    run(|| {
        for (kind, protocol) in [(SOCK_STREAM, 0), (0, 0)] {
            let s = Socket::new(pipe::FAMILY, kind, protocol);
            assert!(s.is_ok(), "{kind}, {protocol}: {s:?}");
        }
        let none = Socket::new(pipe::FAMILY, SOCK_DGRAM, 0);
        assert_eq!(none, Err(Errno::PROTONOSUPPORT));
        let none = Socket::new(pipe::FAMILY, SOCK_STREAM, 6);
        assert_eq!(none, Err(Errno::PROTONOSUPPORT));
    });
}

// U154: the provider gets the identical SOCKET value.
#[test]
fn the_provider_sees_the_same_number() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("numbers");
        for s in [&client, &server] {
            assert_eq!(pipe::base_handle(s), Ok(s.raw()));
        }
    });
}

// U165: accept returns a different handle dispatched to the same provider as the listener.
#[test]
fn an_accepted_socket_is_another_of_the_same_provider() {
    isolated!();
    run(|| {
        let listener = pipe::listener("door");
        let client = pipe::socket();
        client
            .connect_address(&pipe::address("door"))
            .expect("a listener is found");
        let (server, from) = listener.accept().expect("the connection is there");
        assert!(server.raw() != listener.raw() && server.raw() != client.raw());
        assert_eq!(pipe::base_handle(&server), Ok(server.raw()));
        assert_eq!(Ok(from), client.name_address());
        assert_eq!(server.name_address(), Ok(pipe::address("door")));
        let info = |s: &Socket| s.option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, 628);
        assert_eq!(info(&server), info(&listener));
    });
}

// U102: two entries with different GUIDs and one path: two instances of the same module, which share its names.
#[test]
fn two_installations_are_one_module() {
    isolated!();
    let before = Census::take();
    let other = GUID::from_u128(pipe::ID.to_u128() + 1);
    let entries = [pipe::install(pipe::ID), pipe::install(other)];
    configuration::startup();
    let sockets = entries.map(|entry| pipe::socket_of(&entry).expect("a socket of each entry"));
    for (s, entry) in sockets.iter().zip(&entries) {
        let info = s
            .option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, 628)
            .expect("a socket knows its entry");
        assert_eq!(info[36..40], entry.dwCatalogEntryId.to_ne_bytes());
    }
    let [server, client] = sockets;
    server
        .bind_address(&pipe::address("shared"))
        .expect("a name binds");
    server.listen(1).expect("a bound socket listens");
    assert_eq!(client.connect_address(&pipe::address("shared")), Ok(()));
    drop((server, client));
    cleanup();
    before.expect_no_more();
}

// The provider's own codes come through: names in use, connections refused, states that do not fit.
#[test]
fn refusals_of_the_provider_come_through() {
    isolated!();
    run(|| {
        let nobody = pipe::address("nobody");
        let s = pipe::socket();
        assert_eq!(s.connect_address(&nobody), Err(Errno::CONNREFUSED));
        assert_eq!(s.listen(1), Err(Errno::INVAL));
        assert_eq!(s.name_address(), Err(Errno::INVAL));
        assert_eq!(s.peer_address(), Err(Errno::NOTCONN));
        assert_eq!(s.bind_address(&nobody), Ok(()));
        assert_eq!(s.bind_address(&nobody), Err(Errno::INVAL));
        assert_eq!(pipe::socket().bind_address(&nobody), Err(Errno::ADDRINUSE));
        let foreign = Address::from_bytes(&[2; 32]);
        assert_eq!(
            pipe::socket().bind_address(&foreign),
            Err(Errno::AFNOSUPPORT)
        );
        assert_eq!(s.option(IPPROTO_TCP, TCP_NODELAY), Err(Errno::INVAL));
        assert_eq!(s.option(SOL_SOCKET, SO_BROADCAST), Err(Errno::NOPROTOOPT));
    });
}

// U162: an address below the entry's iMinSockAddr: WSAEFAULT, here with the 32 bytes of this family.
#[test]
fn short_addresses_are_measured_by_the_entry() {
    isolated!();
    run(|| {
        let s = pipe::socket();
        let short = Address::from_bytes(&pipe::address("short").as_bytes()[..31]);
        assert_eq!(s.bind_address(&short), Err(Errno::FAULT));
        assert_eq!(s.bind_address(&pipe::address("short")), Ok(()));
        assert_eq!(pipe::name_in(&s.name_address().expect("a name")), "short");
    });
}

// client-dll.md 5.6: CF_REJECT is WSAECONNREFUSED, CF_DEFER WSATRY_AGAIN; the function runs on the calling thread.
#[test]
fn condition_functions_decide() {
    isolated!();
    run(|| {
        let listener = pipe::listener("choosy");
        let clients = [pipe::socket(), pipe::socket()];
        for (client, name) in clients.iter().zip(["first", "second"]) {
            client.bind_address(&pipe::address(name)).expect("a name");
            client
                .connect_address(&pipe::address("choosy"))
                .expect("a listener is found");
        }
        let me = thread::current().id();
        let answer = |decision| {
            accept_if(&listener, |asked| {
                assert_eq!(thread::current().id(), me);
                assert_eq!(asked.callee, pipe::address("choosy"));
                assert_eq!(pipe::name_in(&asked.caller), "first");
                decision
            })
            .map(drop)
        };
        assert_eq!(answer(CF_DEFER), Err(Errno::TRY_AGAIN));
        assert_eq!(answer(CF_REJECT), Err(Errno::CONNREFUSED));
        let (accepted, from) = listener.accept().expect("the second is there");
        assert_eq!(pipe::name_in(&from), "second");
        assert_eq!(accepted.peer_address(), Ok(pipe::address("second")));
    });
}

// U157, U169: a closed socket is WSAENOTSOCK for every function, although the provider gives its handle back later.
#[test]
fn a_closed_socket_is_none() {
    isolated!();
    run(|| {
        let s = pipe::socket();
        let stale = s.raw();
        assert_eq!(s.close(), Ok(()));
        for (name, error) in by_name::call_all_of_a_socket(stale) {
            assert_eq!(error, Some(Errno::NOTSOCK), "{name}");
        }
    });
}

// client-dll.md 2.1 of the base: what a provider does not do is its own answer, WSAEOPNOTSUPP, and for no socket WSAENOTSOCK.
#[test]
fn what_the_provider_does_not_do_is_its_answer() {
    isolated!();
    run(|| {
        let (client, _server) = pipe::pair("limits");
        let refused = [
            "WSAEventSelect",
            "WSAAsyncSelect",
            "WSAEnumNetworkEvents",
            "WSADuplicateSocketW",
            "WSAJoinLeaf",
        ];
        for (name, error) in by_name::call_all_of_a_socket(client.raw()) {
            if refused.contains(&name) {
                assert_eq!(error, Some(Errno::OPNOTSUPP), "{name}");
            }
        }
    });
}

// U178: address text by the first provider of the family; client-dll.md 5.11.
#[test]
fn addresses_are_text_by_the_provider_of_the_family() {
    isolated!();
    run(|| {
        assert_eq!(
            text_of(&pipe::address("a name")),
            Ok("pipe:a name".to_owned())
        );
        let unknown = Address::from_bytes(&[0xee; 32]);
        assert_eq!(text_of(&unknown), Err(Errno::INVAL));
    });
}

fn text_of(address: &Address) -> Result<String, Errno> {
    let mut units = [0u16; 64];
    let mut len = units.len() as u32;
    let bytes = address.as_bytes();
    // SAFETY: address, text and length are live locals.
    socket::checked(unsafe {
        ws2spi_tests::winsock::WSAAddressToStringW(
            bytes.as_ptr().cast(),
            bytes.len() as u32,
            std::ptr::null(),
            units.as_mut_ptr(),
            &raw mut len,
        )
    })?;
    assert_eq!(units[len as usize - 1], 0, "the length counts the NUL");
    Ok(String::from_utf16_lossy(&units[..len as usize - 1]))
}

// U121, U110, U111: the last WSACleanup ends the provider's sockets; a fresh start finds it usable again.
#[test]
fn the_provider_starts_again_after_the_last_cleanup() {
    isolated!();
    let before = Census::take();
    pipe::start();
    let listener = pipe::listener("again");
    let caller = pipe::socket();
    caller
        .connect_address(&pipe::address("again"))
        .expect("a listener is found");
    cleanup();
    assert_eq!(listener.listen(1), Err(Errno::NOTINITIALISED));
    configuration::startup();
    assert_eq!(listener.listen(1), Err(Errno::NOTSOCK));
    drop(pipe::pair("again"));
    cleanup();
    before.expect_no_more();
}
