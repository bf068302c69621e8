//! `CreateMutex`, `ReleaseMutex`.

use super::{STALE, error_of};
use std::ptr::null;
use std::thread;
use ws2_32::win32::{handle, mutex, wait};
use ws2spi_abi::*;

fn create(owned: BOOL) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    unsafe { mutex::create_w(null(), owned, null()) }
}

// MSDN "CreateMutexW", "ReleaseMutex": owned by a thread as often as it waited; released as often.
#[test]
fn a_mutex_belongs_to_the_thread_that_waited() {
    let raw = create(TRUE);
    assert_eq!(wait::single(raw, 0), WAIT_OBJECT_0);
    let other = thread::spawn(move || wait::single(raw, 0)).join();
    assert_eq!(other.ok(), Some(WAIT_TIMEOUT));
    let foreign = thread::spawn(move || error_of(|| mutex::release(raw))).join();
    assert_eq!(foreign.ok(), Some((FALSE, Errno::NOT_OWNER.code() as u32)));
    assert_eq!((mutex::release(raw), mutex::release(raw)), (TRUE, TRUE));
    assert_eq!(
        error_of(|| mutex::release(raw)),
        (FALSE, Errno::NOT_OWNER.code() as u32)
    );
    let other = thread::spawn(move || wait::single(raw, 0)).join();
    assert_eq!(other.ok(), Some(WAIT_OBJECT_0));
    // That thread ended without releasing it.
    assert_eq!(wait::single(raw, 0), WAIT_ABANDONED);
    assert_eq!(handle::close(raw), TRUE);
}

// MSDN "ReleaseMutex": ERROR_INVALID_HANDLE.
#[test]
fn only_mutexes_are_released() {
    assert_eq!(
        error_of(|| mutex::release(STALE)),
        (FALSE, Errno::INVALID_HANDLE.code() as u32)
    );
    // SAFETY: neither attributes nor a name.
    let narrow = unsafe { mutex::create_a(null(), FALSE, null()) };
    assert_eq!(wait::single(narrow, 0), WAIT_OBJECT_0);
    assert_eq!(handle::close(narrow), TRUE);
}
