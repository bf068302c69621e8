//! The functions of the API that the client DLL answers itself, and the rules of socket creation.

mod connecting;
mod extensions;
mod selecting;

use super::*;
use crate::association::SYNCHRONOUS;
use crate::fixture::*;
use crate::process::{last_error, set_last_error};
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use ws2spi_abi::*;
use ws2spi_kernel::handles;

#[test]
fn null_data_is_a_fault_unless_the_version_is_refused() {
    // U117: NULL WSADATA: WSAEFAULT; with version 0: WSAVERNOTSUPPORTED.
    let world = World::new();
    // SAFETY: NULL is allowed.
    let result = unsafe { wsa_startup(0x0202, null_mut()) };
    assert_eq!(result, WSAEFAULT);
    // SAFETY: as above.
    let result = unsafe { wsa_startup(0x0100, null_mut()) };
    assert_eq!(result, WSAVERNOTSUPPORTED);
    assert_eq!(wsa_cleanup(), SOCKET_ERROR);
    assert_eq!(last_error(), WSANOTINITIALISED);
    drop(world);
}

#[test]
fn a_refused_version_starts_nothing() {
    // U115: WSAVERNOTSUPPORTED; WSAGetLastError afterwards WSANOTINITIALISED.
    let _world = World::new();
    let mut data = WSADATA::EMPTY;
    // SAFETY: the block is a live local.
    let result = unsafe { wsa_startup(0, &raw mut data) };
    assert_eq!(result, WSAVERNOTSUPPORTED);
    assert_eq!(wsa_get_last_error(), WSANOTINITIALISED);
    assert_eq!(wsa_cleanup(), SOCKET_ERROR);
}

#[test]
fn clean_ups_are_counted() {
    // U119: unbalanced WSACleanup: SOCKET_ERROR, WSANOTINITIALISED. U120: usable until the last cleanup.
    let world = World::started();
    world.start();
    assert_eq!(wsa_cleanup(), 0);
    world.socket(0);
    assert_eq!(wsa_cleanup(), 0);
    assert_eq!(socket(family(0), SOCK_STREAM, 0), INVALID_SOCKET);
    assert_eq!(last_error(), WSANOTINITIALISED);
    assert_eq!(wsa_cleanup(), SOCKET_ERROR);
}

#[test]
fn sockets_are_stale_for_a_start_during_the_last_cleanup() {
    // U121: after a restart an old handle gives WSAENOTSOCK, also while the providers of the run that ended still clean up.
    let world = World::started();
    let s = world.socket(0);
    let seen = Arc::new(std::sync::Mutex::new(None));
    let told = Arc::clone(&seen);
    world.script(0, |script| {
        script.in_cleanup = Some(Arc::new(move || {
            let mut data = WSADATA::EMPTY;
            // SAFETY: the block is a live local.
            let started = unsafe { wsa_startup(0x0202, &raw mut data) };
            let answer = (started, listen(s, 1), last_error());
            *told.lock().expect("nobody panics with it") = Some(answer);
        }));
    });
    assert_eq!(wsa_cleanup(), 0);
    let answer = *seen.lock().expect("nobody panics with it");
    assert_eq!(answer, Some((0, SOCKET_ERROR, WSAENOTSOCK)));
    assert_eq!(world.record(0).count("WSPListen"), 0);
    world.script(0, |script| script.in_cleanup = None);
}

#[test]
fn nothing_works_before_start_up() {
    // U122: WSASocket before WSAStartup: WSANOTINITIALISED (wins over bad arguments).
    let _world = World::new();
    assert_eq!(socket(-1, -1, -1), INVALID_SOCKET);
    assert_eq!(last_error(), WSANOTINITIALISED);
    assert_eq!(closesocket(INVALID_SOCKET), SOCKET_ERROR);
    assert_eq!(last_error(), WSANOTINITIALISED);
}

#[test]
fn a_busy_provider_passes_the_request_on() {
    // U151: WSPSocket failing WSAEINPROGRESS continues with the next match; other errors are final.
    let mut entries: Vec<_> = (0..3).map(entry_info).collect();
    entries
        .iter_mut()
        .for_each(|entry| entry.iAddressFamily = 100);
    let world = World::with_entries(entries);
    world.start();
    world.script(0, |script| {
        script.sockets = Sockets::Fail(Errno::INPROGRESS)
    });
    world.script(1, |script| script.sockets = Sockets::Fail(Errno::MFILE));
    assert_eq!(socket(100, SOCK_STREAM, IPPROTO_TCP), INVALID_SOCKET);
    assert_eq!(last_error(), WSAEMFILE);
    assert_eq!(world.record(2).calls.len(), 0);
    world.script(1, |script| script.sockets = Sockets::Minted(1));
    assert_ne!(socket(100, SOCK_STREAM, IPPROTO_TCP), INVALID_SOCKET);
}

#[test]
fn an_info_decides_alone() {
    // U149: with info, only dwCatalogEntryId decides; af/type/protocol reach WSPSocket unmodified. U152: last error 0.
    let world = World::started();
    let info = WSAPROTOCOL_INFOW {
        dwCatalogEntryId: entry_id(1),
        ..WSAPROTOCOL_INFOW::EMPTY
    };
    set_last_error(5);
    // SAFETY: the info is a live local.
    let s = unsafe { wsa_socket_w(-1, -1, -1, &raw const info, 0, 0x41) };
    assert_ne!(s, INVALID_SOCKET);
    assert_eq!(last_error(), 0);
    let record = world.record(1);
    assert_eq!((record.triples[0], record.flags[0]), ((-1, -1, -1), 0x41));
    let unknown = WSAPROTOCOL_INFOW {
        dwCatalogEntryId: 4711,
        ..info
    };
    // SAFETY: as above.
    let result = unsafe { wsa_socket_w(0, 0, 0, &raw const unknown, 0, 0) };
    assert_eq!(result, INVALID_SOCKET);
    assert_eq!(last_error(), WSAEINVAL);
}

#[test]
fn the_open_type_is_the_threads_and_decides_about_overlapped() {
    // U153: socket() passes WSA_FLAG_OVERLAPPED; with SO_OPENTYPE nonzero it does not. U164: works with INVALID_SOCKET.
    let world = World::started();
    let overlapped = world.socket(0);
    let kind = SO_SYNCHRONOUS_NONALERT.to_ne_bytes();
    // SAFETY: the value is a live local.
    let set =
        |len| unsafe { setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, kind.as_ptr(), len) };
    assert_eq!(set(3), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEFAULT);
    assert_eq!(set(4), 0);
    let synchronous = world.socket(0);
    let other = std::thread::spawn(|| socket(family(0), SOCK_STREAM, IPPROTO_TCP))
        .join()
        .unwrap();
    let mut read = [0xffu8; 4];
    let mut len = 4;
    // SAFETY: value and length are live locals.
    let got = unsafe {
        getsockopt(
            INVALID_SOCKET,
            SOL_SOCKET,
            SO_OPENTYPE,
            read.as_mut_ptr(),
            &raw mut len,
        )
    };
    assert_eq!((got, read), (0, kind));
    for short in 0..4 {
        let (mut kept, mut len) = ([0xffu8; 4], short);
        let value = kept.as_mut_ptr();
        // SAFETY: value and length are live locals.
        let got =
            unsafe { getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, value, &raw mut len) };
        assert_eq!((got, last_error()), (SOCKET_ERROR, WSAEFAULT), "{short}");
        assert_eq!(kept, [0xff; 4]);
    }
    let kind = 0i32.to_ne_bytes();
    // SAFETY: the value is a live local.
    let reset = unsafe { setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, kind.as_ptr(), 4) };
    assert_eq!(reset, 0);
    assert_eq!(
        world.record(0).flags,
        [WSA_FLAG_OVERLAPPED, 0, WSA_FLAG_OVERLAPPED]
    );
    let flags = [overlapped, synchronous, other].map(|s| handles::pin(s).unwrap().flags());
    assert_eq!(flags, [0, SYNCHRONOUS, 0]);
}

#[test]
fn the_narrow_protocol_info_is_converted() {
    // U163: SO_PROTOCOL_INFOA with short buffer: WSAEFAULT, *optlen 372.
    let world = World::started();
    world.script(0, |script| script.knows = Some(entry_id(0)));
    let s = world.socket(0);
    let mut info = WSAPROTOCOL_INFOA::EMPTY;
    let mut len = 371;
    // SAFETY: value and length are live locals.
    let mut get = |len: &mut i32| unsafe {
        getsockopt(
            s,
            SOL_SOCKET,
            SO_PROTOCOL_INFOA,
            (&raw mut info).cast(),
            len,
        )
    };
    assert_eq!(get(&mut len), SOCKET_ERROR);
    assert_eq!((last_error(), len), (WSAEFAULT, 372));
    assert_eq!(get(&mut len), 0);
    assert_eq!(info.dwCatalogEntryId, entry_id(0));
}

#[test]
fn a_socket_that_its_provider_does_not_register_is_asked_about() {
    // client-dll.md 5.4.5: look up, then the unknown-handle probe.
    let world = World::started();
    world.script(0, |script| {
        script.sockets = Sockets::Unregistered;
        script.knows = Some(entry_id(0));
    });
    let s = world.socket(0);
    assert_eq!(listen(s, 1), 0);
    assert_eq!(world.record(0).count("WSPGetSockOpt"), 1);
}

#[test]
fn events_need_no_start_up() {
    // U23: WSACreateEvent/SetEvent/CloseEvent work without WSAStartup.
    let _world = World::new();
    let event = wsa_create_event();
    // SAFETY: one event, a live local.
    let wait = || unsafe { wsa_wait_for_multiple_events(1, &raw const event, FALSE, 0, FALSE) };
    assert_eq!(wait(), WSA_WAIT_TIMEOUT);
    assert_eq!(wsa_set_event(event), TRUE);
    assert_eq!(wait(), WSA_WAIT_EVENT_0);
    assert_eq!(wsa_reset_event(event), TRUE);
    assert_eq!(wait(), WSA_WAIT_TIMEOUT);
    assert_eq!(wsa_close_event(event), TRUE);
    assert_eq!(wsa_close_event(event), FALSE);
    assert_eq!(last_error(), WSA_INVALID_HANDLE);
    assert_eq!(wait(), WSA_WAIT_FAILED);
}

#[test]
fn byte_order_is_the_protocols() {
    // U177: NULL out pointer WSAEFAULT before socket check; a LITTLEENDIAN entry leaves the value unswapped.
    let mut entries: Vec<_> = (0..2).map(entry_info).collect();
    entries[1].iNetworkByteOrder = LITTLEENDIAN;
    let world = World::with_entries(entries);
    world.start();
    // SAFETY: NULL is allowed.
    let result = unsafe { wsa_htonl(INVALID_SOCKET, 1, null_mut()) };
    assert_eq!(result, SOCKET_ERROR);
    assert_eq!(last_error(), WSAEFAULT);
    let mut out = 0;
    // SAFETY: the output is a live local.
    let result = unsafe { wsa_htonl(INVALID_SOCKET, 1, &raw mut out) };
    assert_eq!(result, SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
    for (n, expected) in [(0, 0x0102_0304u32.to_be()), (1, 0x0102_0304u32.to_le())] {
        // SAFETY: as above.
        let result = unsafe { wsa_htonl(world.socket(n), 0x0102_0304, &raw mut out) };
        assert_eq!(result, 0);
        assert_eq!(out, expected);
    }
    assert_eq!(ntohs(htons(0x1234)), 0x1234);
    assert_eq!(htonl(0x0102_0304).to_ne_bytes(), [1, 2, 3, 4]);
}

extern "system" fn hook() -> BOOL {
    assert_eq!(wsa_is_blocking(), TRUE);
    // 1.1 applications may not call again from inside the hook.
    let mut nobody = WSAPOLLFD {
        fd: INVALID_SOCKET,
        events: POLLIN,
        revents: 0,
    };
    // SAFETY: one live element.
    assert_eq!(unsafe { wsa_poll(&raw mut nobody, 1, 0) }, SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINPROGRESS);
    assert_eq!(listen(4, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINPROGRESS);
    assert_eq!(wsa_cancel_blocking_call(), 0);
    assert_eq!(wsa_cancel_blocking_call(), 0);
    FALSE
}

fn hook_pointer() -> RawCallback {
    RawCallback::from_raw(hook as *const () as usize)
}

#[test]
fn blocking_hooks_are_for_old_applications() {
    // U175: in a 2.x-only process: WSAEOPNOTSUPP; with any live 1.1 startup: work.
    let world = World::started();
    // SAFETY: a function of that type.
    assert!(unsafe { wsa_set_blocking_hook(hook_pointer()) }.is_null());
    assert_eq!(last_error(), WSAEOPNOTSUPP);
    assert_eq!(wsa_unhook_blocking_hook(), SOCKET_ERROR);
    assert_eq!(wsa_cancel_blocking_call(), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEOPNOTSUPP);
    world.start_version(0x0101);
    // SAFETY: as above.
    let former = unsafe { wsa_set_blocking_hook(hook_pointer()) };
    assert!(!former.is_null());
    // SAFETY: as above.
    let result = unsafe { wsa_set_blocking_hook(former) };
    assert_eq!(result, hook_pointer());
    // SAFETY: NULL is allowed.
    assert!(unsafe { wsa_set_blocking_hook(RawCallback::NULL) }.is_null());
    assert_eq!(last_error(), WSAEFAULT);
    assert_eq!(wsa_unhook_blocking_hook(), 0);
}

#[test]
fn a_later_start_of_version_2_does_not_end_the_hooks() {
    // U175: the process's version is the lowest of all starts that are alive, in whatever order they came.
    let world = World::new();
    world.start_version(0x0101);
    world.start_version(0x0202);
    assert_eq!(wsa_unhook_blocking_hook(), 0);
    assert_eq!((wsa_cleanup(), wsa_cleanup()), (0, 0));
    // A new run knows nothing of the one before.
    world.start_version(0x0202);
    assert_eq!(wsa_unhook_blocking_hook(), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEOPNOTSUPP);
}

static TURNS: AtomicU32 = AtomicU32::new(0);

extern "system" fn busy_hook() -> BOOL {
    BOOL::from(TURNS.fetch_add(1, Ordering::Relaxed) % 4 < 3)
}

#[test]
fn a_hook_is_called_until_it_has_nothing_more_to_do() {
    // client-dll.md 1.11: TRUE means that it has dispatched something; only after FALSE does the provider look again.
    let world = World::new();
    world.start_version(0x0101);
    TURNS.store(0, Ordering::Relaxed);
    let pointer = RawCallback::from_raw(busy_hook as *const () as usize);
    // SAFETY: a function of that type.
    unsafe { wsa_set_blocking_hook(pointer) };
    let hook = upcalls_of(&world).query_blocking_callback(entry_id(0));
    let hook = hook.expect("the entry is known").expect("a hook is set");
    for turns in [4, 8] {
        assert!(hook.wait(), "the call is not cancelled");
        assert_eq!(TURNS.load(Ordering::Relaxed), turns);
    }
    assert_eq!(wsa_unhook_blocking_hook(), 0);
}

/// The upcalls as the first provider has them.
fn upcalls_of(world: &World) -> Upcalls {
    world.socket(0);
    upcalls(0)
}

#[test]
fn a_blocked_call_is_cancelled_from_its_hook() {
    // U71: the callback returns FALSE only after WSACancelBlockingCall. U176: twice while blocking: the second is a no-op.
    let world = World::new();
    world.start_version(0x0101);
    assert_eq!(wsa_cancel_blocking_call(), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINVAL);
    // SAFETY: a function of that type.
    unsafe { wsa_set_blocking_hook(hook_pointer()) };
    world.script(0, |script| {
        script.action = Some(Arc::new(|s| {
            // WSPCancelBlockingCall comes with socket 0.
            let hook = upcalls(0).query_blocking_callback(entry_id(0))?;
            match hook {
                Some(hook) if s != 0 && !hook.wait() => Err(Errno::INTR),
                _ => Ok(0),
            }
        }));
    });
    let s = world.socket(0);
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSAEINTR);
    assert_eq!(world.record(0).count("WSPCancelBlockingCall"), 1);
    assert_eq!(wsa_is_blocking(), FALSE);
    assert_eq!(wsa_unhook_blocking_hook(), 0);
}
