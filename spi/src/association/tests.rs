//! Whose socket a handle is: minted handles, registered system handles, and what closing does to both.

use crate::api::{closesocket, listen};
use crate::fixture::*;
use crate::process::{self, last_error};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use ws2spi_abi::*;
use ws2spi_kernel::handles;

#[test]
fn a_minted_handle_answers_with_its_context() {
    // U25: Query returns exactly the dwContext given (0, 1, all-ones). U26: equal ones give different handles.
    let world = World::started();
    world.socket(0);
    let up = upcalls(0);
    for context in [0, 1, usize::MAX] {
        let s = up.create_socket_handle(entry_id(0), context).unwrap();
        let other = up.create_socket_handle(entry_id(0), context).unwrap();
        assert_ne!(s, other);
        assert_eq!(up.query_socket_handle_context(s), Ok(context));
    }
}

#[test]
fn minting_for_an_unknown_entry_is_refused() {
    // U27: unknown dwCatalogEntryId: INVALID_SOCKET, WSAEINVAL.
    let world = World::started();
    world.socket(0);
    assert_eq!(upcalls(0).create_socket_handle(4711, 1), Err(Errno::INVAL));
}

// On Windows handles are the system's, which takes no limit.
#[cfg(not(windows))]
#[test]
fn exhaustion_is_no_buffers() {
    // U28: handle exhaustion: INVALID_SOCKET, WSAENOBUFS.
    let world = World::started();
    world.socket(0);
    handles::set_limit(Some(handles::open_handles()));
    let result = upcalls(0).create_socket_handle(entry_id(0), 1);
    handles::set_limit(None);
    assert_eq!(result, Err(Errno::NOBUFS));
}

#[test]
fn the_entry_decides_which_provider_gets_calls() {
    // U29: a handle minted with A's id goes to A, whoever minted it.
    let world = World::started();
    world.socket(0);
    world.socket(1);
    let s = upcalls(0).create_socket_handle(entry_id(1), 1).unwrap();
    assert_eq!(listen(s, 5), 0);
    assert_eq!(world.record(0).count("WSPListen"), 0);
    assert_eq!(world.record(1).count("WSPListen"), 1);
}

#[test]
fn queries_on_anything_but_minted_handles_fail() {
    // U30, U31, U32: closed, IFS, INVALID_SOCKET and plain handles give WSAENOTSOCK.
    let world = World::started();
    world.script(1, |script| script.sockets = Sockets::Ifs);
    world.socket(0);
    let up = upcalls(0);
    let closed = up.create_socket_handle(entry_id(0), 9).unwrap();
    up.close_socket_handle(closed).unwrap();
    let plain = system_handle();
    for s in [closed, world.socket(1), INVALID_SOCKET, 0, plain] {
        assert_eq!(
            up.query_socket_handle_context(s),
            Err(Errno::NOTSOCK),
            "{s:#x}"
        );
        assert_eq!(up.close_socket_handle(s), Err(Errno::NOTSOCK), "{s:#x}");
    }
    // U34: the plain handle is still open.
    assert_eq!(handles::close(plain), Ok(()));
}

#[test]
fn giving_a_handle_back_does_not_close_the_socket_again() {
    // U33: 0 once, second call WSAENOTSOCK. U35: WSPCloseSocket is not called back.
    let world = World::started();
    let s = world.socket(0);
    assert_eq!(upcalls(0).close_socket_handle(s), Ok(()));
    assert_eq!(upcalls(0).close_socket_handle(s), Err(Errno::NOTSOCK));
    assert_eq!(world.record(0).count("WSPCloseSocket"), 0);
}

#[test]
fn a_closed_socket_stays_the_providers_until_it_gives_the_handle_back() {
    // U36: application calls give WSAENOTSOCK while Query by the provider still works. U169: so does a second close.
    let world = World::started();
    world.script(0, |script| {
        script.close = Close::Keep;
        script.sockets = Sockets::Minted(5);
    });
    let s = world.socket(0);
    assert_eq!(closesocket(s), 0);
    assert_eq!(closesocket(s), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(upcalls(0).query_socket_handle_context(s), Ok(5));
    assert_eq!(upcalls(0).close_socket_handle(s), Ok(()));
}

#[test]
fn a_failed_close_leaves_the_socket_usable() {
    // U167: closesocket WSAEWOULDBLOCK keeps the handle usable.
    let world = World::started();
    world.script(0, |script| script.close = Close::Fail(Errno::WOULDBLOCK));
    let s = world.socket(0);
    assert_eq!(closesocket(s), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEWOULDBLOCK);
    assert_eq!(listen(s, 1), 0);
}

#[test]
fn a_handle_value_is_not_reissued_while_the_provider_keeps_it() {
    // U37: not reissued between application close and WPUCloseSocketHandle.
    let world = World::started();
    world.script(0, |script| script.close = Close::Keep);
    let kept = world.socket(0);
    assert_eq!(closesocket(kept), 0);
    for _ in 0..5000 {
        let s = upcalls(0).create_socket_handle(entry_id(0), 1).unwrap();
        assert_ne!(s, kept);
        upcalls(0).close_socket_handle(s).unwrap();
    }
    upcalls(0).close_socket_handle(kept).unwrap();
}

#[test]
fn a_call_in_progress_ends_normally_when_its_socket_is_closed() {
    // U38: A's call returns through the pinned provider although B closed the handle.
    let world = World::started();
    let (inside, go_on) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (entered, released) = (Arc::clone(&inside), Arc::clone(&go_on));
    world.script(0, |script| {
        script.action = Some(Arc::new(move |_| {
            entered.store(true, Ordering::SeqCst);
            while !released.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            Ok(0)
        }));
    });
    let s = world.socket(0);
    let caller = std::thread::spawn(move || listen(s, 1));
    while !inside.load(Ordering::SeqCst) {
        std::thread::yield_now();
    }
    assert_eq!(closesocket(s), 0);
    go_on.store(true, Ordering::SeqCst);
    assert_eq!(caller.join().unwrap(), 0);
    assert_eq!(listen(s, 1), SOCKET_ERROR);
}

#[test]
fn contexts_are_never_lost_or_crossed() {
    // U40: threads that create, query and close at the same time.
    let world = World::started();
    world.socket(0);
    let up = upcalls(0);
    let threads: Vec<_> = (0..64usize)
        .map(|thread| {
            std::thread::spawn(move || {
                for round in 0..200 {
                    let context = thread << 32 | round;
                    let s = up.create_socket_handle(entry_id(0), context).unwrap();
                    assert_eq!(up.query_socket_handle_context(s), Ok(context));
                    up.close_socket_handle(s).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn registering_returns_the_proposed_handle() {
    // U41: the proposed value itself. U47: the same id again is harmless.
    let world = World::started();
    world.socket(0);
    let h = system_handle();
    assert_eq!(upcalls(0).modify_ifs_handle(entry_id(0), h), Ok(h));
    assert_eq!(upcalls(0).modify_ifs_handle(entry_id(0), h), Ok(h));
    assert_eq!(listen(h, 1), 0);
}

#[test]
fn registering_bad_handles_and_entries_is_refused() {
    // U42: INVALID_SOCKET or a closed handle, U43: unknown id, U51: a minted handle. U48: the old association stays.
    let world = World::started();
    let minted = world.socket(0);
    let up = upcalls(0);
    let closed = system_handle();
    handles::close(closed).unwrap();
    for s in [INVALID_SOCKET, closed, minted] {
        assert_eq!(
            up.modify_ifs_handle(entry_id(0), s),
            Err(Errno::INVAL),
            "{s:#x}"
        );
    }
    assert_eq!(up.query_socket_handle_context(minted), Ok(7));
    let h = system_handle();
    up.modify_ifs_handle(entry_id(0), h).unwrap();
    assert_eq!(up.modify_ifs_handle(4711, h), Err(Errno::INVAL));
    assert_eq!(listen(h, 1), 0);
    assert_eq!(world.record(0).count("WSPListen"), 1);
}

#[test]
fn registering_without_start_up_is_not_initialised() {
    // U44: not started: WSANOTINITIALISED.
    let world = World::started();
    world.socket(0);
    let h = system_handle();
    crate::api::wsa_cleanup();
    assert_eq!(
        upcalls(0).modify_ifs_handle(entry_id(0), h),
        Err(Errno::NOTINITIALISED)
    );
}

#[test]
fn the_last_registrar_gets_the_calls() {
    // U45, U46: base, layer and a layer above register the same handle; only the top is called.
    let world = World::started();
    for n in 0..3 {
        world.socket(n);
    }
    let h = system_handle();
    for n in 0..3 {
        upcalls(n).modify_ifs_handle(entry_id(n), h).unwrap();
    }
    assert_eq!(listen(h, 1), 0);
    let counts: Vec<_> = (0..3).map(|n| world.record(n).count("WSPListen")).collect();
    assert_eq!(counts, [0, 0, 1]);
}

#[test]
fn a_call_through_a_replaced_association_ends_normally() {
    // U49: the call dispatched through the old association completes after the replacement.
    let world = World::started();
    world.socket(1);
    let h = system_handle();
    world.script(0, |script| {
        script.action = Some(Arc::new(move |s| {
            upcalls(1).modify_ifs_handle(entry_id(1), s).map(|_| 0)
        }));
    });
    world.socket(0);
    upcalls(0).modify_ifs_handle(entry_id(0), h).unwrap();
    assert_eq!(listen(h, 1), 0);
    assert_eq!(listen(h, 1), 0);
    assert_eq!(world.record(0).count("WSPListen"), 1);
    assert_eq!(world.record(1).count("WSPListen"), 1);
}

#[test]
fn closing_a_system_handle_drops_its_association() {
    // U52: after WSPCloseSocket success the association is gone.
    let world = World::started();
    world.script(0, |script| {
        script.sockets = Sockets::Ifs;
        script.close = Close::Keep;
    });
    let s = world.socket(0);
    assert_eq!(closesocket(s), 0);
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
    assert_eq!(world.record(0).count("WSPListen"), 0);
    handles::close(s).unwrap();
}

#[test]
fn a_handle_registered_anew_during_its_close_keeps_the_new_association() {
    // U53: re-registered before the first closesocket returns: the new association stays.
    let world = World::started();
    world.script(0, |script| {
        script.sockets = Sockets::Ifs;
        script.close = Close::Register(entry_id(0));
    });
    let s = world.socket(0);
    assert_eq!(closesocket(s), 0);
    assert_eq!(listen(s, 1), 0);
    assert_eq!(world.record(0).count("WSPListen"), 1);
}

#[test]
fn a_base_that_was_never_started_is_started_by_the_first_call_that_reaches_it() {
    // provider-sources.md 4: a base below a layer registers with its own entry; nothing is loaded for that alone.
    let world = World::started();
    world.socket(0);
    let h = system_handle();
    upcalls(0).modify_ifs_handle(entry_id(1), h).unwrap();
    assert_eq!(world.record(1).count("WSPStartup"), 0);
    assert_eq!(listen(h, 1), 0);
    assert_eq!(world.record(1).calls, ["WSPStartup", "WSPListen"]);
}

#[test]
fn the_last_clean_up_leaves_no_handle_behind() {
    // U121: after the last cleanup old handles give WSANOTINITIALISED, after a restart WSAENOTSOCK.
    let world = World::started();
    world.script(1, |script| script.sockets = Sockets::Ifs);
    let (minted, ifs) = (world.socket(0), world.socket(1));
    assert_eq!(crate::api::wsa_cleanup(), 0);
    for s in [minted, ifs] {
        assert_eq!(listen(s, 1), SOCKET_ERROR);
        assert_eq!(last_error(), WSANOTINITIALISED);
        assert!(handles::pin(s).is_none(), "{s:#x} is still open");
    }
    world.start();
    for s in [minted, ifs] {
        assert_eq!(listen(s, 1), SOCKET_ERROR);
        assert_eq!(last_error(), WSAENOTSOCK);
    }
    assert!(process::is_started());
}
