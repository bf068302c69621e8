//! The upcalls, called through the table that a provider receives.

use super::{Host, complete_overlapped_request, set_post_routine};
use crate::api::*;
use crate::fixture::*;
use crate::process::{self, Profile, last_error, set_last_error};
use parking_lot::Mutex;
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::ffi::native::UpcallTable;
use ws2spi_abi::ffi::{UpcallProcs, native};
use ws2spi_abi::*;
use ws2spi_kernel::wait::{self, Alert, Waited};
use ws2spi_kernel::{Timeout, event, thread};

const TABLE: UpcallTable = UpcallTable::of::<Host>();

/// The raw upcalls.
fn raw() -> UpcallProcs {
    UpcallProcs::Native(TABLE)
}

/// The safe face of the same table.
fn up() -> Upcalls {
    // SAFETY: the table is this crate's own.
    unsafe { Upcalls::new(raw()) }
}

fn now(event: usize) -> Waited {
    wait::one(event, Timeout::ZERO, Alert::Plain).unwrap()
}

fn alertable() -> Waited {
    wait::sleep(Timeout::ZERO, Alert::Alertable)
}

#[test]
fn no_slot_of_the_table_is_missing() {
    // U1: 15 pointers, 120 bytes. U8: all non-NULL in every profile. U88: the table does not depend on the profile.
    assert_eq!(size_of::<native::UpcallTable>(), 15 * size_of::<usize>());
    // SAFETY: a structure of 15 pointers.
    let words = unsafe { std::mem::transmute::<UpcallTable, [usize; 15]>(TABLE) };
    assert!(words.iter().all(|word| *word != 0));
}

#[test]
fn errors_without_a_place_are_not_stored() {
    // U11: every upcall works when lpErrno is NULL. U12: on success *lpErrno is not written. U13: the last error stays.
    let world = World::started();
    world.socket(0);
    set_last_error(77);
    let close = TABLE.lpWPUCloseEvent.unwrap();
    let create = TABLE.lpWPUCreateEvent.unwrap();
    let query = TABLE.lpWPUQuerySocketHandleContext.unwrap();
    let mut errno = 55;
    // SAFETY: NULL is allowed for the error's place.
    assert_eq!(unsafe { close(0, null_mut()) }, FALSE);
    // SAFETY: the error's place is a live local.
    let event = unsafe { create(&raw mut errno) };
    assert_eq!(errno, 55);
    // SAFETY: as above.
    let closed = unsafe { close(event, &raw mut errno) };
    assert_eq!((closed, errno), (TRUE, 55));
    let mut context = 5;
    // SAFETY: NULL is allowed for the error's place.
    let failed = unsafe { query(INVALID_SOCKET, &raw mut context, null_mut()) };
    assert_eq!((failed, context), (SOCKET_ERROR, 5));
    // SAFETY: as above.
    let failed = unsafe { query(world.socket(0), null_mut(), &raw mut errno) };
    assert_eq!((failed, errno), (SOCKET_ERROR, WSAEFAULT));
    set_last_error(77);
    assert_eq!(up().close_event(0), Err(Errno::INVALID_HANDLE));
    assert_eq!(last_error(), 77);
}

#[test]
fn events_are_manual_reset_and_start_nonsignalled() {
    // U16, U18, U19: manual reset, nonsignalled; set lasts, reset is idempotent.
    let _world = World::new();
    let event = up().create_event().unwrap();
    assert_eq!(now(event), Waited::TimedOut);
    up().set_event(event).unwrap();
    assert_eq!(
        (now(event), now(event)),
        (Waited::Signaled(0), Waited::Signaled(0))
    );
    up().reset_event(event).unwrap();
    up().reset_event(event).unwrap();
    assert_eq!(now(event), Waited::TimedOut);
    up().close_event(event).unwrap();
}

// On Windows handles are the system's, which takes no limit.
#[cfg(not(windows))]
#[test]
fn events_run_out_with_their_own_error() {
    // U17: out of resources: WSA_INVALID_EVENT, WSA_NOT_ENOUGH_MEMORY.
    use ws2spi_kernel::handles;
    let _world = World::new();
    handles::set_limit(Some(handles::open_handles()));
    let result = up().create_event();
    handles::set_limit(None);
    assert_eq!(result, Err(Errno::NOT_ENOUGH_MEMORY));
}

#[test]
fn what_is_no_event_is_an_invalid_handle() {
    // U20: garbage: FALSE, error 6. U21: closing twice: TRUE, then FALSE/WSA_INVALID_HANDLE.
    let world = World::started();
    let socket = world.socket(0);
    let closed = up().create_event().unwrap();
    up().close_event(closed).unwrap();
    for garbage in [0, 1, usize::MAX, closed, socket] {
        assert_eq!(
            up().set_event(garbage),
            Err(Errno::INVALID_HANDLE),
            "{garbage:#x}"
        );
        assert_eq!(
            up().reset_event(garbage),
            Err(Errno::INVALID_HANDLE),
            "{garbage:#x}"
        );
        assert_eq!(
            up().close_event(garbage),
            Err(Errno::INVALID_HANDLE),
            "{garbage:#x}"
        );
    }
}

#[test]
fn the_two_kinds_of_events_are_one() {
    // U22: events from WPUCreateEvent and WSACreateEvent are interchangeable in waits.
    let _world = World::new();
    let events = [up().create_event().unwrap(), wsa_create_event()];
    assert_eq!(wsa_set_event(events[0]), TRUE);
    up().set_event(events[1]).unwrap();
    // SAFETY: two events, a live local.
    let waited = unsafe { wsa_wait_for_multiple_events(2, events.as_ptr(), TRUE, 0, FALSE) };
    assert_eq!(waited, WSA_WAIT_EVENT_0);
    assert_eq!(wsa_close_event(events[0]), TRUE);
    up().close_event(events[1]).unwrap();
}

#[test]
fn membership_is_a_search_of_the_first_cells() {
    // U54, U55: nonzero for a member, 0 otherwise, cells at index >= fd_count do not count. U57: NULL is empty.
    let is_set = TABLE.lpWPUFDIsSet.unwrap();
    let mut set = FD_SET {
        fd_count: 2,
        ..FD_SET::EMPTY
    };
    set.fd_array[..3].copy_from_slice(&[8, 12, 16]);
    // SAFETY: a live local.
    let mut ask = |s| unsafe { is_set(s, &raw mut set) };
    assert_eq!([ask(8), ask(12), ask(16), ask(20)], [1, 1, 0, 0]);
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { is_set(8, null_mut()) }, 0);
}

#[test]
fn sets_longer_than_64_are_searched_to_their_end() {
    // U56: the last member is found when fd_count > 64 (application built with a larger FD_SETSIZE).
    let mut words = vec![0usize; 201];
    words[0] = 200usize.to_le();
    words[200] = 0x1234;
    let set = words.as_mut_ptr().cast();
    // SAFETY: a set of 200 sockets: the count, then the array.
    let found = unsafe { wsa_fd_is_set(0x1234, set) };
    assert_eq!(found, 1);
}

#[test]
fn paths_come_as_stored() {
    // U58: %VAR% unexpanded, NUL-terminated. U62: *len without the NUL. U63: strlen fails, strlen+1 succeeds. U60, U61.
    let world = World::started();
    let call = |id: *const GUID, path: PWSTR, len: *mut i32| {
        // SAFETY: each pointer is NULL or a live local; the room is as long as is said.
        unsafe { raw().get_provider_path(id, path, len) }.map_err(|failure| failure.errno)
    };
    let id = entry_info(0).ProviderId;
    let expected: Vec<u16> = "linked:scripted0\0".encode_utf16().collect();
    let mut path = vec![0xffffu16; 17];
    let mut len = 16;
    assert_eq!(
        call(&raw const id, path.as_mut_ptr(), &raw mut len),
        Err(WSAEFAULT)
    );
    assert_eq!((len, path[0]), (17, 0xffff));
    assert_eq!(call(&raw const id, path.as_mut_ptr(), &raw mut len), Ok(0));
    assert_eq!((len, &path), (16, &expected));
    // U59: unknown GUID. U64: NULL pointers.
    let unknown = GUID::from_u128(99);
    len = 17;
    assert_eq!(
        call(&raw const unknown, path.as_mut_ptr(), &raw mut len),
        Err(WSAEINVAL)
    );
    assert_eq!(
        call(std::ptr::null(), path.as_mut_ptr(), &raw mut len),
        Err(WSAEFAULT)
    );
    assert_eq!(
        call(&raw const id, null_mut(), &raw mut len),
        Err(WSAEFAULT)
    );
    assert_eq!(
        call(&raw const id, path.as_mut_ptr(), null_mut()),
        Err(WSAEFAULT)
    );
    drop(world);
    assert_eq!(up().get_provider_path(&id), Err(Errno::NOTINITIALISED));
}

extern "system" fn quiet_hook() -> BOOL {
    FALSE
}

#[test]
fn without_a_hook_nothing_is_looked_at() {
    // U66: 0, callback NULL, context 0. U67: even an unknown catalog id succeeds. U69: NULL output pointer: WSAEFAULT.
    let _world = World::started();
    let (mut callback, mut context) = (RawCallback::from_raw(1), 1);
    let mut ask = |entry, callback: *mut RawCallback| {
        // SAFETY: each pointer is NULL or a live local.
        unsafe { raw().query_blocking_callback(entry, callback, &raw mut context) }
            .map_err(|failure| failure.errno)
    };
    assert_eq!(ask(4711, &raw mut callback), Ok(0));
    assert_eq!(ask(4711, null_mut()), Err(WSAEFAULT));
    assert!(callback.is_null());
    assert_eq!(context, 0);
}

#[test]
fn a_hook_is_the_threads_and_needs_a_known_entry() {
    // U68: with a hook, unknown id: WSAEINVAL, callback NULL. U70: set on A, query on B yields NULL.
    let world = World::new();
    world.start_version(0x0101);
    let hook = RawCallback::from_raw(quiet_hook as *const () as usize);
    // SAFETY: a function of that type.
    unsafe { wsa_set_blocking_hook(hook) };
    assert_eq!(up().query_blocking_callback(4711), Err(Errno::INVAL));
    assert!(
        up().query_blocking_callback(entry_id(0))
            .unwrap()
            .unwrap()
            .wait()
    );
    let other = std::thread::spawn(|| up().query_blocking_callback(entry_id(0)));
    assert_eq!(other.join().unwrap(), Ok(None));
    assert_eq!(wsa_unhook_blocking_hook(), 0);
}

static POSTED: Mutex<Vec<(HWND, u32, WPARAM, LPARAM)>> = Mutex::new(Vec::new());

extern "system" fn post_routine(hwnd: HWND, msg: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL {
    POSTED.lock().push((hwnd, msg, wparam, lparam));
    TRUE
}

#[test]
fn messages_take_the_route_that_was_set() {
    // U72: the routine of WSApSetPostRoutine gets identical arguments. U73: without it and without a window: FALSE.
    let _world = World::new();
    assert!(!up().post_message(0x10, 1, 2, 3));
    // SAFETY: a function of that type.
    unsafe { set_post_routine(RawCallback::from_raw(post_routine as *const () as usize)) };
    assert!(up().post_message(0x10, 0x400, 7, -1));
    // SAFETY: NULL restores the default.
    unsafe { set_post_routine(RawCallback::NULL) };
    assert_eq!(*POSTED.lock(), [(0x10, 0x400, 7, -1)]);
    assert!(!up().post_message(0x10, 1, 2, 3));
}

#[test]
fn identities_open_and_close() {
    // U74: round trip, both fields zero after close. U76: closing on another thread works.
    let _world = World::started();
    let mut id = up().open_current_thread().unwrap();
    assert_ne!(id.ThreadHandle, 0);
    let id = std::thread::spawn(move || up().close_thread(&mut id).map(|()| id))
        .join()
        .unwrap();
    assert_eq!(id.map(|id| (id.ThreadHandle, id.Reserved)), Ok((0, 0)));
    let mut garbage = WSATHREADID {
        ThreadHandle: 4,
        Reserved: 0,
    };
    assert_eq!(up().close_thread(&mut garbage), Err(Errno::FAULT));
    // SAFETY: NULL is allowed.
    let opened = unsafe { raw().open_current_thread(null_mut()) };
    assert_eq!(opened.map_err(|failure| failure.errno), Err(WSAEFAULT));
}

#[test]
fn identities_need_start_up() {
    // U75: before start/after the last cleanup: WSANOTINITIALISED.
    let _world = World::new();
    assert_eq!(
        up().open_current_thread().unwrap_err(),
        Errno::NOTINITIALISED
    );
    let mut id = WSATHREADID {
        ThreadHandle: 0,
        Reserved: 0,
    };
    assert_eq!(up().close_thread(&mut id), Err(Errno::NOTINITIALISED));
}

static RAN: Mutex<Vec<usize>> = Mutex::new(Vec::new());

extern "system" fn remember(context: usize) {
    RAN.lock().push(context);
}

fn queue(id: &WSATHREADID, routine: extern "system" fn(usize), context: usize) -> Result<(), i32> {
    let mut id = *id;
    let routine = RawCallback::from_raw(routine as *const () as usize);
    // SAFETY: an identity, and a user APC routine of this program.
    let queued = unsafe { raw().queue_apc(&raw mut id, routine, context) };
    // U82: the identity may be overwritten right after the call.
    std::hint::black_box(&mut id).ThreadHandle = 0;
    queued.map(|_| ()).map_err(|failure| failure.errno)
}

#[test]
fn routines_run_in_alertable_waits_in_their_order() {
    // U78: on the target, with the exact context. U79: not in a plain wait. U80: in queueing order.
    let _world = World::started();
    RAN.lock().clear();
    let mut id = up().open_current_thread().unwrap();
    for context in [1, usize::MAX, 3] {
        queue(&id, remember, context).unwrap();
    }
    assert_eq!(wait::sleep(Timeout::ZERO, Alert::Plain), Waited::TimedOut);
    assert!(RAN.lock().is_empty());
    // U74: closing the identity leaves what is queued.
    up().close_thread(&mut id).unwrap();
    assert_eq!(alertable(), Waited::Apc);
    assert_eq!(*RAN.lock(), [1, usize::MAX, 3]);
}

static CHAINED: AtomicUsize = AtomicUsize::new(0);

extern "system" fn chain(left: usize) {
    CHAINED.fetch_add(1, Ordering::SeqCst);
    assert_eq!(closesocket(INVALID_SOCKET), SOCKET_ERROR);
    if left > 0 {
        let mut id = up().open_current_thread().unwrap();
        queue(&id, chain, left - 1).unwrap();
        up().close_thread(&mut id).unwrap();
    }
}

#[test]
fn a_routine_may_queue_another_and_call_winsock() {
    // U84: an APC routine may queue another APC to itself and call WSA functions.
    let _world = World::started();
    CHAINED.store(0, Ordering::SeqCst);
    let mut id = up().open_current_thread().unwrap();
    queue(&id, chain, 2).unwrap();
    while alertable() == Waited::Apc {}
    assert_eq!(CHAINED.load(Ordering::SeqCst), 3);
    up().close_thread(&mut id).unwrap();
}

#[test]
fn a_routine_wakes_a_waiting_thread() {
    // U83: queued by another thread while the target waits alertably: WSA_WAIT_IO_COMPLETION. U77: an opened identity is a target.
    let _world = World::started();
    let (tell, hear) = std::sync::mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let mut id = up().open_current_thread().unwrap();
        tell.send(id).unwrap();
        let event = wsa_create_event();
        // SAFETY: one event, a live local.
        let waited =
            unsafe { wsa_wait_for_multiple_events(1, &raw const event, FALSE, WSA_INFINITE, TRUE) };
        assert_eq!(wsa_close_event(event), TRUE);
        up().close_thread(&mut id).unwrap();
        waited
    });
    let id = hear.recv().unwrap();
    queue(&id, nothing, 0).unwrap();
    assert_eq!(waiter.join().unwrap(), WSA_WAIT_IO_COMPLETION);
}

extern "system" fn nothing(_: usize) {}

#[test]
fn exited_threads_take_no_routines() {
    // U81: invalid or exited thread: WSAEFAULT.
    let _world = World::started();
    let mut id = std::thread::spawn(|| up().open_current_thread().unwrap())
        .join()
        .unwrap();
    assert_eq!(queue(&id, nothing, 0), Err(WSAEFAULT));
    up().close_thread(&mut id).unwrap();
    assert_eq!(
        queue(
            &WSATHREADID {
                ThreadHandle: 12,
                Reserved: 0
            },
            nothing,
            0
        ),
        Err(WSAEFAULT)
    );
    // SAFETY: NULL is allowed.
    let nobody = unsafe { raw().queue_apc(null_mut(), RawCallback::from_raw(1), 0) };
    assert_eq!(nobody.map_err(|failure| failure.errno), Err(WSAEFAULT));
    let mut me = up().open_current_thread().unwrap();
    // SAFETY: an identity; NULL is allowed for the routine.
    let no_routine = unsafe { raw().queue_apc(&raw mut me, RawCallback::NULL, 0) };
    assert_eq!(no_routine.map_err(|failure| failure.errno), Err(WSAEFAULT));
    up().close_thread(&mut me).unwrap();
}

#[test]
fn windows_ce_has_eight_upcalls() {
    // U85, U86, U87: the eight work; QueueApc, ModifyIFSHandle, OpenCurrentThread, CloseThread fail WSAEOPNOTSUPP, PostMessage is
    // FALSE, QueryBlockingCallback NULL.
    let world = World::started();
    let s = world.socket(0);
    let mut id = up().open_current_thread().unwrap();
    let handle = system_handle();
    process::set_profile(Profile::WindowsCe);
    let created = up().create_socket_handle(entry_id(0), 3);
    let outcome = (
        created.and_then(|s| up().query_socket_handle_context(s)),
        created.and_then(|s| up().close_socket_handle(s)),
        up().create_event()
            .and_then(|event| up().close_event(event)),
        up().modify_ifs_handle(entry_id(0), handle),
        up().get_provider_path(&entry_info(0).ProviderId),
        queue(&id, nothing, 0),
        up().open_current_thread().map(|id| id.ThreadHandle),
        up().close_thread(&mut id),
        up().post_message(0, 1, 2, 3),
        up().query_blocking_callback(4711),
    );
    process::set_profile(Profile::Desktop);
    let refused = Errno::OPNOTSUPP;
    assert_eq!(outcome.0, Ok(3));
    assert_eq!((outcome.1, outcome.2), (Ok(()), Ok(())));
    assert_eq!((outcome.3, outcome.4), (Err(refused), Err(refused)));
    assert_eq!((outcome.5, outcome.6), (Err(refused.code()), Err(refused)));
    assert_eq!(
        (outcome.7, outcome.8, outcome.9),
        (Err(refused), false, Ok(None))
    );
    up().close_thread(&mut id).unwrap();
    assert_eq!(closesocket(s), 0);
}

/// What stands in `Internal` beside a provider's error: nothing, but on Windows the system looks there for a status.
const FAILED: usize = if cfg!(windows) { 0xC007_0000 } else { 0 };

#[test]
fn a_finished_request_signals_its_event() {
    // U180: hEvent is signalled. U183: Offset and OffsetHigh stay. U181: without event and port the fields are set, nothing else.
    let world = World::started();
    let s = world.socket(0);
    let event = wsa_create_event();
    let mut block = OVERLAPPED {
        Internal: 0x103,
        Offset: 7,
        OffsetHigh: 8,
        hEvent: event,
        ..OVERLAPPED::EMPTY
    };
    // SAFETY: a block of ours that nobody else ends.
    let ended = unsafe { complete_overlapped_request(s, &raw mut block, 0, 12) };
    assert_eq!(ended, Ok(()));
    assert_eq!((block.Internal, block.InternalHigh), (0, 12));
    assert_eq!((block.Offset, block.OffsetHigh), (7, 8));
    assert_eq!(now(event), Waited::Signaled(0));
    event::reset(event).unwrap();
    // U184: the low bit of hEvent is masked, the event is signalled all the same.
    block.hEvent = event | 1;
    // SAFETY: as above.
    let ended = unsafe { complete_overlapped_request(s, &raw mut block, 10054, 0) };
    assert_eq!((ended, block.Internal), (Ok(()), FAILED | 10054));
    assert_eq!(now(event), Waited::Signaled(0));
    block.hEvent = 0;
    // SAFETY: as above.
    let ended = unsafe { complete_overlapped_request(s, &raw mut block, 0, 0) };
    assert_eq!(ended, Ok(()));
    assert_eq!(wsa_close_event(event), TRUE);
}

#[test]
fn only_minted_handles_have_requests_to_finish() {
    // U182: IFS, closed, garbage: WSAEINVAL; the block is untouched. NULL block: WSAEINVAL.
    let world = World::started();
    world.script(1, |script| script.sockets = Sockets::Ifs);
    let (minted, ifs) = (world.socket(0), world.socket(1));
    let closed = upcalls(0).create_socket_handle(entry_id(0), 0).unwrap();
    upcalls(0).close_socket_handle(closed).unwrap();
    let mut block = OVERLAPPED {
        Internal: 0x103,
        ..OVERLAPPED::EMPTY
    };
    for s in [ifs, closed, INVALID_SOCKET, 0, system_handle()] {
        // SAFETY: a block of ours that nobody else ends.
        let ended = unsafe { complete_overlapped_request(s, &raw mut block, 0, 0) };
        assert_eq!(
            (ended, block.Internal),
            (Err(Errno::INVAL), 0x103),
            "{s:#x}"
        );
    }
    // SAFETY: NULL is allowed.
    let ended = unsafe { complete_overlapped_request(minted, null_mut(), 0, 0) };
    assert_eq!(ended, Err(Errno::INVAL));
}

#[test]
fn a_request_that_ends_during_the_last_cleanup_is_told_to_nobody() {
    // U112: in WSPCleanup pending requests end with WSA_OPERATION_ABORTED, without event; from then on upcalls say
    // WSANOTINITIALISED.
    let world = World::started();
    let s = world.socket(0);
    let event = wsa_create_event();
    let block = Arc::new(Mutex::new(OVERLAPPED {
        Internal: 0x103,
        hEvent: event,
        ..OVERLAPPED::EMPTY
    }));
    let ended = Arc::new(Mutex::new(Ok(())));
    let (shared, outcome) = (Arc::clone(&block), Arc::clone(&ended));
    world.script(0, |script| {
        script.in_cleanup = Some(Arc::new(move || {
            let mut block = shared.lock();
            let aborted = WSA_OPERATION_ABORTED as u32;
            // SAFETY: a block of ours that nobody else ends.
            *outcome.lock() =
                unsafe { complete_overlapped_request(s, &raw mut *block, aborted, 5) };
        }));
    });
    assert_eq!(wsa_cleanup(), 0);
    assert_eq!(*ended.lock(), Err(Errno::NOTINITIALISED));
    let left = *block.lock();
    assert_eq!(left.Internal, FAILED | WSA_OPERATION_ABORTED as usize);
    assert_eq!(left.InternalHigh, 5);
    assert_eq!(now(event), Waited::TimedOut);
    assert_eq!(wsa_close_event(event), TRUE);
    // Without a start nothing is minted, and what is not is left alone.
    let mut block = OVERLAPPED {
        Internal: 0x103,
        ..OVERLAPPED::EMPTY
    };
    for place in [&raw mut block, null_mut()] {
        // SAFETY: a block of ours, or NULL.
        let ended = unsafe { complete_overlapped_request(s, place, 0, 0) };
        assert_eq!(ended, Err(Errno::NOTINITIALISED));
    }
    assert_eq!(block.Internal, 0x103);
}

#[test]
fn minting_works_while_the_catalog_is_enumerated() {
    // U15: WPUCreateSocketHandle succeeds from inside WSPSocket while another thread enumerates the catalog.
    let world = World::started();
    let done = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&done);
    let reader = std::thread::spawn(move || {
        while seen.load(Ordering::SeqCst) == 0 {
            let mut len = 0;
            // SAFETY: NULL asks for the room that is needed.
            unsafe { wsa_enum_protocols_w(std::ptr::null(), null_mut(), &raw mut len) };
        }
    });
    for _ in 0..50 {
        assert_eq!(closesocket(world.socket(0)), 0);
    }
    done.store(1, Ordering::SeqCst);
    reader.join().unwrap();
    assert_eq!(thread::from_handle(0).map(|thread| thread.id()), None);
}
