//! `CreateIoCompletionPort`, `GetQueuedCompletionStatus(Ex)`, `PostQueuedCompletionStatus`, `SetFileCompletionNotificationModes`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use ws2_32::win32::{event, handle, port, thread};
use ws2spi_abi::*;

const NONE: HANDLE = INVALID_HANDLE_VALUE;

fn invalid() -> (BOOL, u32) {
    (FALSE, Errno::INVALID_HANDLE.code() as u32)
}

/// What `GetQueuedCompletionStatus` answers at once: result, bytes, key, block.
fn get(raw: HANDLE) -> (BOOL, u32, usize, usize) {
    let (mut bytes, mut key, mut block) = (77, 77, std::ptr::without_provenance_mut(77));
    // SAFETY: live locals.
    let result = unsafe { port::get(raw, &raw mut bytes, &raw mut key, &raw mut block, 0) };
    (result, bytes, key, block.addr())
}

fn post(raw: HANDLE, bytes: u32, key: usize, block: usize) -> BOOL {
    port::post(raw, bytes, key, std::ptr::without_provenance_mut(block))
}

// MSDN "PostQueuedCompletionStatus": packets leave in order, with the three values as posted.
#[test]
fn packets_come_out_as_they_were_posted() {
    let raw = port::create(NONE, 0, 0, 0);
    assert_ne!(raw, 0);
    assert_eq!(
        (post(raw, 1, 2, 0x30), post(raw, u32::MAX, usize::MAX, 0)),
        (TRUE, TRUE)
    );
    assert_eq!(get(raw), (TRUE, 1, 2, 0x30));
    assert_eq!(get(raw), (TRUE, u32::MAX, usize::MAX, 0));
    assert_eq!(handle::close(raw), TRUE);
}

// MSDN "GetQueuedCompletionStatus": without a packet FALSE, *lpOverlapped NULL, and WAIT_TIMEOUT; the others are not stored.
#[test]
fn an_empty_port_answers_wait_timeout() {
    let raw = port::create(NONE, 0, 0, 1);
    assert_eq!(error_of(|| get(raw)), ((FALSE, 77, 77, 0), WAIT_TIMEOUT));
    assert_eq!(handle::close(raw), TRUE);
    assert_eq!(
        error_of(|| get(raw)),
        ((FALSE, 77, 77, 0), Errno::INVALID_HANDLE.code() as u32)
    );
    assert_eq!(error_of(|| post(raw, 0, 0, 0)), invalid());
}

// A packet must not be lost to an output that is not there.
#[test]
fn null_outputs_take_no_packet() {
    let raw = port::create(NONE, 0, 0, 0);
    assert_eq!(post(raw, 1, 2, 3), TRUE);
    let mut key = 0;
    // SAFETY: NULL or a live local.
    let refused = error_of(|| unsafe { port::get(raw, null_mut(), &raw mut key, null_mut(), 0) });
    assert_eq!(refused, (FALSE, Errno::NOACCESS.code() as u32));
    let mut removed = 0;
    // SAFETY: as above.
    let refused =
        error_of(|| unsafe { port::get_many(raw, null_mut(), 1, &raw mut removed, 0, FALSE) });
    assert_eq!(refused, (FALSE, Errno::NOACCESS.code() as u32));
    assert_eq!(get(raw), (TRUE, 1, 2, 3));
    assert_eq!(handle::close(raw), TRUE);
}

fn get_many(raw: HANDLE, room: u32, alertable: BOOL) -> (BOOL, Vec<(usize, usize, u32)>) {
    let mut entries = [OVERLAPPED_ENTRY::EMPTY; 4];
    assert!(room as usize <= entries.len());
    let mut removed = 0;
    // SAFETY: the entries are at least as many as the room that is said; live locals.
    let result = unsafe {
        port::get_many(
            raw,
            entries.as_mut_ptr(),
            room,
            &raw mut removed,
            0,
            alertable,
        )
    };
    let taken = entries.iter().take(removed as usize);
    let told = taken.map(|entry| {
        (
            entry.lpCompletionKey,
            entry.lpOverlapped.addr(),
            entry.dwNumberOfBytesTransferred,
        )
    });
    (result, told.collect())
}

// MSDN "GetQueuedCompletionStatusEx": as many as there are and fit; WAIT_TIMEOUT; ERROR_INVALID_PARAMETER for no room.
#[test]
fn several_packets_are_taken_at_once() {
    let raw = port::create(NONE, 0, 0, 0);
    for number in 1..=3 {
        assert_eq!(post(raw, number, number as usize, 0), TRUE);
    }
    assert_eq!(get_many(raw, 2, FALSE), (TRUE, vec![(1, 0, 1), (2, 0, 2)]));
    assert_eq!(get_many(raw, 4, FALSE), (TRUE, vec![(3, 0, 3)]));
    assert_eq!(
        error_of(|| get_many(raw, 4, TRUE)),
        ((FALSE, vec![]), WAIT_TIMEOUT)
    );
    assert_eq!(
        error_of(|| get_many(raw, 0, FALSE)),
        ((FALSE, vec![]), Errno::INVALID_PARAMETER.code() as u32)
    );
    assert_eq!(
        error_of(|| get_many(STALE, 1, FALSE)),
        ((FALSE, vec![]), Errno::INVALID_HANDLE.code() as u32)
    );
    assert_eq!(handle::close(raw), TRUE);
}

extern "system" fn nothing(_context: usize) {}

// MSDN "GetQueuedCompletionStatusEx": an alertable wait ends with WAIT_IO_COMPLETION when APCs ran.
#[test]
fn an_apc_ends_an_alertable_wait_for_packets() {
    let raw = port::create(NONE, 0, 0, 0);
    let routine = RawCallback::from_raw(nothing as *const () as usize);
    assert_eq!(
        // SAFETY: a function of one word, which stays.
        unsafe { thread::queue_user_apc(routine, thread::current(), 0) },
        1
    );
    assert_eq!(
        error_of(|| get_many(raw, 1, TRUE)),
        ((FALSE, vec![]), WAIT_IO_COMPLETION)
    );
    assert_eq!(handle::close(raw), TRUE);
}

// MSDN "CreateIoCompletionPort": no file and an existing port; what is no file; what is no port. A port that was made on the way is not leaked.
#[test]
fn only_files_are_associated_and_only_with_ports() {
    let raw = port::create(NONE, 0, 0, 0);
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    let refused = error_of(|| port::create(NONE, raw, 0, 0));
    assert_eq!(refused, (0, Errno::INVALID_PARAMETER.code() as u32));
    for (file, existing) in [
        (event, raw),
        (STALE, raw),
        (event, STALE),
        (event, 0),
        (STALE, 0),
    ] {
        let refused = error_of(|| port::create(file, existing, 0, 0));
        assert_eq!(refused, (0, Errno::INVALID_HANDLE.code() as u32));
    }
    assert_eq!(error_of(|| port::set_modes(event, 1)), invalid());
    assert_eq!(
        error_of(|| port::set_modes(event, 4)),
        (FALSE, Errno::INVALID_PARAMETER.code() as u32)
    );
    assert_eq!((handle::close(raw), handle::close(event)), (TRUE, TRUE));
}
