//! Dispatch: what reaches the provider, what its answers become, and handles nobody registered.

use crate::api::*;
use crate::fixture::*;
use crate::process::{last_error, set_last_error};
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::handles;

#[test]
fn the_provider_gets_the_identical_socket() {
    // U154: the identical SOCKET value.
    let world = World::started();
    let s = world.socket(0);
    assert_eq!(listen(s, 1), 0);
    assert_eq!(world.record(0).sockets, [s]);
}

#[test]
fn a_failure_becomes_the_last_error_and_a_success_leaves_it() {
    // U156: the lpErrno value; client-dll.md 5.2: on success the last error is left alone.
    let world = World::started();
    let s = world.socket(0);
    set_last_error(42);
    assert_eq!(listen(s, 1), 0);
    assert_eq!(last_error(), 42);
    world.script(0, |script| {
        script.action = Some(Arc::new(|_| Err(Errno::ADDRINUSE)))
    });
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEADDRINUSE);
}

#[test]
fn a_value_that_is_neither_success_nor_failure_is_a_failure() {
    // provider-sources.md 5.10: values outside the contract: neither 0 nor SOCKET_ERROR.
    let world = World::started();
    let s = world.socket(0);
    world.script(0, |script| script.action = Some(Arc::new(|_| Ok(5))));
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSASYSCALLFAILURE);
    assert_eq!(world.findings("WSPListen").len(), 1);
}

#[test]
fn more_bytes_than_asked_are_a_failure() {
    // provider-sources.md 5.10: more bytes than asked.
    let world = World::started();
    let s = world.socket(0);
    world.script(0, |script| script.received = 11);
    let mut data = [0u8; 10];
    // SAFETY: the buffer is a live local of that length.
    assert_eq!(unsafe { recv(s, data.as_mut_ptr(), 10, 0) }, SOCKET_ERROR);
    assert_eq!(last_error(), WSASYSCALLFAILURE);
    world.script(0, |script| script.received = 10);
    // SAFETY: as above.
    assert_eq!(unsafe { recv(s, data.as_mut_ptr(), 10, 0) }, 10);
    assert_eq!(last_error(), 0);
}

#[test]
fn unknown_numbers_are_no_sockets() {
    // U157: WSAENOTSOCK for every socket API; the order of checks puts it before arguments.
    let _world = World::started();
    for s in [0, 4, INVALID_SOCKET, 0x7fff_fffc, usize::MAX - 3] {
        assert_eq!(listen(s, 1), SOCKET_ERROR);
        assert_eq!(last_error(), WSAENOTSOCK, "{s:#x}");
        // SAFETY: NULL is allowed.
        assert_eq!(unsafe { bind(s, std::ptr::null(), 0) }, SOCKET_ERROR);
        assert_eq!(last_error(), WSAENOTSOCK, "{s:#x}");
    }
}

#[test]
fn a_live_handle_that_is_no_socket_is_asked_about_and_left_alone() {
    // U158: the probe runs, WSAENOTSOCK, the handle is still open. U161: non-IFS entries are not probed.
    let mut entries: Vec<_> = (0..3).map(entry_info).collect();
    entries[1].dwServiceFlags1 = 0;
    let world = World::with_entries(entries);
    world.start();
    world.script(2, |script| script.startup = WSASYSNOTREADY);
    let plain = system_handle();
    assert_eq!(listen(plain, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
    assert_eq!(world.record(0).count("WSPGetSockOpt"), 1);
    assert_eq!(world.record(1).calls.len(), 0);
    assert_eq!(handles::close(plain), Ok(()));
}

#[test]
fn an_inherited_socket_is_claimed_once() {
    // U159: the first call probes and associates, the second does not probe. U160: the entry in the answer decides.
    let world = World::started();
    world.script(1, |script| script.knows = Some(entry_id(2)));
    let inherited = system_handle();
    assert_eq!(listen(inherited, 1), 0);
    assert_eq!(listen(inherited, 1), 0);
    assert_eq!(world.record(1).count("WSPGetSockOpt"), 1);
    assert_eq!(world.record(2).count("WSPListen"), 2);
}

#[test]
fn the_search_for_an_owner_passes_over_providers_that_do_not_start() {
    // U161: a provider failing to load is skipped.
    let world = World::started();
    world.script(0, |script| script.startup = WSASYSNOTREADY);
    world.script(1, |script| script.knows = Some(entry_id(1)));
    assert_eq!(listen(system_handle(), 1), 0);
    assert_eq!(world.record(0).count("WSPGetSockOpt"), 0);
    assert_eq!(world.record(1).count("WSPListen"), 1);
}

#[test]
fn the_search_for_an_owner_goes_by_catalog_order() {
    // U159: IFS entries are probed in catalog order; the first that knows the handle has it, and no other is asked.
    let world = World::started();
    for provider in [1, 2] {
        let own = entry_id(provider);
        world.script(provider, |script| script.knows = Some(own));
    }
    assert_eq!(listen(system_handle(), 1), 0);
    let asked = [0, 1, 2].map(|provider| world.record(provider).count("WSPGetSockOpt"));
    assert_eq!(asked, [1, 1, 0]);
    assert_eq!(world.record(1).count("WSPListen"), 1);
}

#[test]
fn a_provider_is_asked_once_about_a_handle() {
    // client-dll.md 5.8: providers with several entries of one GUID are asked once per scan.
    let world = World::new();
    let several = [AF_INET, AF_INET6].map(|family| WSAPROTOCOL_INFOW {
        iAddressFamily: family,
        ..entry_info(0)
    });
    let id = GUID::from_u128(0x1100);
    let catalog = crate::catalog::process_catalog().expect("the world's");
    let native = [crate::catalog::Bits::SixtyFour];
    let installed = catalog.install(&native, id, "linked:scripted0", &several);
    installed.expect("entries");
    world.start();
    assert_eq!(listen(system_handle(), 1), SOCKET_ERROR);
    // Once for its own entry, once for the two under the other GUID.
    assert_eq!(world.record(0).count("WSPGetSockOpt"), 2);
    assert_eq!(world.record(1).count("WSPGetSockOpt"), 1);
}

#[test]
fn short_addresses_never_reach_the_provider() {
    // U162: bind/getsockname with namelen below iMinSockAddr: WSAEFAULT, provider not called.
    let world = World::started();
    let s = world.socket(0);
    let mut name = SOCKADDR::EMPTY;
    let name = &raw mut name;
    let mut len = 15;
    // SAFETY: the address is a live local.
    let bound = unsafe { bind(s, name, 15) };
    assert_eq!((bound, last_error()), (SOCKET_ERROR, WSAEFAULT));
    set_last_error(0);
    // SAFETY: as above.
    let named = unsafe { getsockname(s, name, &raw mut len) };
    assert_eq!((named, last_error()), (SOCKET_ERROR, WSAEFAULT));
    assert!(world.record(0).sockets.is_empty());
    len = 16;
    // SAFETY: as above.
    let named = unsafe { getsockname(s, name, &raw mut len) };
    assert_eq!(named, 0);
}

#[test]
fn an_accepted_socket_is_another_handle_of_the_same_provider() {
    // U165: accept returns a different handle dispatched to the same provider as the listener.
    let world = World::started();
    let s = world.socket(0);
    // SAFETY: NULL is allowed.
    let accepted = unsafe { accept(s, std::ptr::null_mut(), std::ptr::null_mut()) };
    assert!(accepted != INVALID_SOCKET && accepted != s);
    assert_eq!(listen(accepted, 1), 0);
    assert_eq!(world.record(0).count("WSPListen"), 1);
}

#[test]
fn a_socket_that_was_never_registered_is_returned_and_useless() {
    // client-dll.md 5.4.5: a provider that skipped the upcall: the number as given, later calls WSAENOTSOCK.
    let world = World::started();
    world.script(0, |script| script.sockets = Sockets::Number(0x1230));
    assert_eq!(socket(family(0), SOCK_STREAM, IPPROTO_TCP), 0x1230);
    assert_eq!(listen(0x1230, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
    assert_eq!(world.findings("WSPSocket").len(), 1);
}

#[test]
fn providers_learn_who_calls() {
    // U196: lpThreadId is the calling thread's identity; a copy stays usable.
    let world = World::started();
    let s = world.socket(0);
    let mut byte = 0u8;
    for _ in 0..2 {
        // SAFETY: the buffer is a live local.
        assert_eq!(unsafe { recv(s, &raw mut byte, 1, 0) }, 0);
    }
    let ids = world.record(0).threads;
    assert_eq!(ids[0].ThreadHandle, ids[1].ThreadHandle);
    let thread = ws2spi_kernel::thread::from_handle(ids[0].ThreadHandle).unwrap();
    assert_eq!(thread.id(), ws2spi_kernel::thread::current().id());
}

#[test]
fn identities_of_threads_end_with_their_threads() {
    // U196: nothing is left behind by threads that have called and exited.
    let world = World::started();
    let s = world.socket(0);
    std::thread::spawn(move || {
        let mut byte = 0u8;
        // SAFETY: the buffer is a live local.
        assert_eq!(unsafe { recv(s, &raw mut byte, 1, 0) }, 0);
    })
    .join()
    .unwrap();
    let id = world.record(0).threads[0];
    assert!(handles::pin(id.ThreadHandle).is_none());
}

#[test]
fn select_goes_to_the_provider_of_the_first_socket() {
    // U171: the first socket in the first non-empty set (read, write, except).
    let world = World::started();
    let set = |sockets: &[SOCKET]| {
        let mut set = FD_SET::EMPTY;
        set.fd_count = sockets.len() as u32;
        set.fd_array[..sockets.len()].copy_from_slice(sockets);
        set
    };
    let mut empty = FD_SET::EMPTY;
    let mut write = set(&[world.socket(1), world.socket(0)]);
    let mut except = set(&[world.socket(0)]);
    // SAFETY: the sets are live locals.
    let ready = unsafe {
        select(
            0,
            &raw mut empty,
            &raw mut write,
            &raw mut except,
            std::ptr::null(),
        )
    };
    assert_eq!(ready, 0);
    assert_eq!(world.record(1).count("WSPSelect"), 1);
    assert_eq!(world.record(0).count("WSPSelect"), 0);
}

#[test]
fn select_without_sockets_or_with_a_bad_time_is_invalid() {
    // U170: all sets NULL or empty: WSAEINVAL.
    use std::ptr::null_mut;
    let world = World::started();
    let mut set = FD_SET::EMPTY;
    let time = TIMEVAL {
        tv_sec: 0,
        tv_usec: 0,
    };
    let bad = TIMEVAL {
        tv_sec: 0,
        tv_usec: -1,
    };
    // SAFETY: sets and time are live locals.
    let call =
        |set: *mut FD_SET, time: &TIMEVAL| unsafe { select(0, set, null_mut(), null_mut(), time) };
    assert_eq!(call(null_mut(), &time), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINVAL);
    assert_eq!(call(&raw mut set, &time), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINVAL);
    set.fd_count = 1;
    set.fd_array[0] = world.socket(0);
    assert_eq!(call(&raw mut set, &bad), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINVAL);
}

#[test]
fn a_provider_whose_sockets_go_elsewhere_is_named_once() {
    // provider-sources.md 4: a base that registers a fixed id silently bypasses the layers above it; it should be reported.
    let world = World::started();
    let other = world.socket(1);
    world.script(0, |script| script.sockets = Sockets::Number(other));
    assert_eq!(world.socket(0), other);
    assert_eq!(world.socket(0), other);
    assert_eq!(world.findings("WSPSocket").len(), 1);
    assert_eq!(listen(other, 1), 0);
    assert_eq!(world.record(1).count("WSPListen"), 1);
}
