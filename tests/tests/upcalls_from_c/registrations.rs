//! Which of several providers in C gets the calls on a handle, and until when.

use crate::worlds::*;
use std::thread;
use ws2spi_abi::*;
use ws2spi_cli::installer;
use ws2spi_tests::census::{self, Census};
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::upcalls::{ID, Slot};
use ws2spi_tests::{Socket, configuration, isolated, pipe, providers, wait, winsock};

// U29: the entry that a handle is minted with decides who gets the calls, not who minted it.
#[test]
fn handles_belong_to_the_entry_they_are_minted_with() {
    isolated!();
    with_bases([0, 0], |[one, other]| {
        one.start();
        other.start();
        let own = Socket::from_raw(one.provider.mint(one.entry.dwCatalogEntryId));
        let given = Socket::from_raw(one.provider.mint(other.entry.dwCatalogEntryId));
        assert_eq!(given.send(b"for the other", 0), Ok(13));
        assert_eq!(other.provider.calls(Slot::Send), 1);
        assert_eq!(one.provider.calls(Slot::Send), 0);
        assert_eq!(own.send(b"mine", 0), Ok(4));
        assert_eq!(other.provider.calls(Slot::Send), 1);
        assert_eq!(one.provider.calls(Slot::Send), 1);
    });
}

// U46: three levels register the same handle, the system's provider first: only the last one is called.
#[test]
fn the_top_of_three_levels_gets_the_calls() {
    isolated!();
    with_bases([XP1_IFS_HANDLES; 2], |[lower, upper]| {
        lower.start();
        upper.start();
        let closes = [lower, upper].map(|base| base.provider.calls(Slot::CloseSocket));
        let s = Socket::tcp(AF_INET).into_raw();
        assert_eq!(
            listen(s),
            Err(Errno::INVAL),
            "the system's, as it is not bound"
        );
        assert_eq!(lower.provider.register(s), s);
        assert_eq!(listen(s), Ok(()));
        assert_eq!(upper.provider.register(s), s);
        assert_eq!(listen(s), Ok(()));
        assert_eq!(listen(s), Ok(()));
        assert_eq!(lower.provider.calls(Slot::Listen), 1);
        assert_eq!(upper.provider.calls(Slot::Listen), 2);
        assert_eq!(close(s), Ok(()));
        assert_eq!(lower.provider.calls(Slot::CloseSocket), closes[0]);
        assert_eq!(upper.provider.calls(Slot::CloseSocket), closes[1] + 1);
        close_handle(s);
    });
}

// U49: a call that is under way through the old association ends normally after another provider has registered the handle.
#[test]
fn a_call_outlives_the_registration_it_came_through() {
    isolated!();
    with_bases([XP1_IFS_HANDLES; 2], |[old, new]| {
        old.start();
        new.start();
        let s = Socket::tcp(AF_INET).into_raw();
        assert_eq!(old.provider.register(s), s);
        let gate = Gate::new(&old.provider);
        let receives = || borrowed(s).recv(&mut [0; 8], 0);
        thread::scope(|scope| {
            let blocked = scope.spawn(receives);
            gate.wait_entered();
            assert_eq!(new.provider.register(s), s);
            assert_eq!(receives(), Ok(0), "the new owner does not block");
            assert!(!blocked.is_finished());
            gate.open();
            assert_eq!(blocked.join().expect("no panic"), Ok(0));
        });
        old.provider.gate(0, 0);
        assert_eq!(old.provider.calls(Slot::Recv), 1);
        assert_eq!(new.provider.calls(Slot::Recv), 1);
        assert_eq!(close(s), Ok(()));
        close_handle(s);
    });
}

// U53: a handle that another thread registers before the first closesocket returns keeps its new association.
#[test]
fn a_close_ends_only_the_association_it_came_through() {
    isolated!();
    with_bases([XP1_IFS_HANDLES; 2], |[old, heir]| {
        old.start();
        heir.start();
        let s = Socket::tcp(AF_INET).into_raw();
        assert_eq!(old.provider.register(s), s);
        old.provider.bequeath(heir.entry.dwCatalogEntryId);
        assert_eq!(close(s), Ok(()));
        assert_eq!(listen(s), Ok(()));
        assert_eq!(heir.provider.calls(Slot::Listen), 1);
        assert_eq!(old.provider.calls(Slot::Listen), 0);
        assert_eq!(close(s), Ok(()));
        assert_eq!(listen(s), Err(Errno::NOTSOCK));
        close_handle(s);
    });
}

// U38: a handle is closed while a receive on it blocks in the provider: the receive returns what the provider says.
#[test]
fn a_blocked_receive_returns_after_its_socket_was_closed() {
    isolated!();
    with_bases([0, 0], |[base, _]| {
        let s = base.socket().into_raw();
        let gate = Gate::new(&base.provider);
        thread::scope(|scope| {
            let blocked = scope.spawn(|| borrowed(s).recv(&mut [0; 8], 0));
            gate.wait_entered();
            assert_eq!(close(s), Ok(()));
            assert_eq!(listen(s), Err(Errno::NOTSOCK));
            gate.open();
            assert_eq!(blocked.join().expect("no panic"), Ok(0));
        });
        base.provider.gate(0, 0);
    });
}

// U39: the last clean-up does not unload a module while a call is inside it; the end of the call does.
#[test]
fn a_module_stays_until_the_last_call_has_left_it() {
    isolated!();
    for library in providers::variants("base_upcalls") {
        let before = Census::take();
        let base = Base::install(&library, ID, 0);
        configuration::startup();
        let s = base.socket().into_raw();
        let gate = Gate::new(&base.provider);
        let cleanups = base.provider.calls(Slot::Cleanup);
        assert_eq!(cleanups, 0);
        let blocked = thread::spawn(move || borrowed(s).recv(&mut [0; 8], 0));
        gate.wait_entered();
        drop(base);
        cleanup();
        assert!(census::is_loaded(&library), "a call is inside it");
        gate.open();
        assert_eq!(blocked.join().expect("no panic"), Ok(0));
        wait::until("the module is unloaded", || !census::is_loaded(&library));
        installer::remove(&ID).expect("it is installed");
        drop(gate);
        before.expect_no_more();
    }
}

// U133: removing a provider leaves the sockets that it has alone, and the running process's view of the catalog.
#[test]
fn sockets_go_on_when_their_provider_is_removed() {
    isolated!();
    with_bases([0, 0], |[base, _]| {
        let s = base.socket();
        let mut errno = 0;
        // SAFETY: both are live locals.
        let removed = unsafe {
            winsock::WSCDeinstallProvider(&raw const base.entry.ProviderId, &raw mut errno)
        };
        assert_eq!((removed, errno), (0, 0));
        let entries = installer::entries().expect("the catalog can be read");
        assert!(!entries.contains(&base.entry));
        assert_eq!(s.send(b"still here", 0), Ok(10));
        assert_eq!(base.provider.calls(Slot::Send), 1);
        base.provider.check("contexts_are_kept");
        assert_eq!(s.close().map_err(|(_, error)| error), Ok(()));
    });
}

// U92, U93: a provider that answers with another version than 2.2 is cleaned up once: WSAEINVALIDPROVIDER. U98: one that refuses is
// WSAEPROVIDERFAILEDINIT. U99: neither is remembered.
#[test]
fn providers_of_other_versions_are_refused() {
    isolated!();
    with_bases([0, 0], |[base, _]| {
        let refused = || pipe::socket_of(&base.entry).expect_err("another version");
        base.provider.versions(0x0101, 0x0101);
        assert_eq!(refused(), Errno::INVALIDPROVIDER);
        assert_eq!(base.provider.calls(Slot::Cleanup), 1);
        base.provider.versions(0x0003, 0x0003);
        assert_eq!(refused(), Errno::PROVIDERFAILEDINIT);
        assert_eq!(base.provider.calls(Slot::Cleanup), 1);
        base.provider.versions(0x0101, 0x0302);
        assert_eq!(base.socket().send(b"2.2", 0), Ok(3));
    });
}
