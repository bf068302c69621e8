//! `TlsAlloc` and `FlsAlloc` with their relatives.

use super::error_of;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2_32::win32::local_storage as storage;
use ws2spi_abi::*;

const NOT_OUT: u32 = 5000;

fn elsewhere<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    std::thread::spawn(body).join().expect("it does not panic")
}

// MSDN "TlsAlloc", "TlsSetValue", "TlsGetValue", "TlsFree": each thread has its own value, 0 at first, and the last error is cleared.
#[test]
fn each_thread_has_its_own_value() {
    let slot = storage::tls_allocate();
    assert_eq!(error_of(|| storage::tls_value(slot)), (0, 0));
    assert_eq!(storage::tls_set_value(slot, 7), TRUE);
    assert_eq!(error_of(|| storage::tls_value(slot)), (7, 0));
    assert_eq!(elsewhere(move || storage::tls_value(slot)), 0);
    assert_eq!(storage::tls_free(slot), TRUE);
}

// MSDN "TlsAlloc": a slot that was freed and given out again is empty in every thread.
#[test]
fn a_slot_that_comes_again_is_empty() {
    let fls = || {
        // SAFETY: no function.
        unsafe { storage::fls_allocate(RawCallback::NULL) }
    };
    for _ in 0..3 {
        let (slot, fiber) = (storage::tls_allocate(), fls());
        assert_eq!(
            (storage::tls_value(slot), storage::fls_value(fiber)),
            (0, 0)
        );
        assert_eq!(storage::tls_set_value(slot, 7), TRUE);
        assert_eq!(storage::fls_set_value(fiber, 7), TRUE);
        assert_eq!(storage::tls_free(slot), TRUE);
        assert_eq!(storage::fls_free(fiber), TRUE);
    }
}

// MSDN "TlsFree", "FlsFree" and the others: ERROR_INVALID_PARAMETER for a slot that is not out.
#[test]
fn a_slot_that_is_not_out_is_refused() {
    let bad = Errno::INVALID_PARAMETER.code() as u32;
    assert_eq!(error_of(|| storage::tls_value(NOT_OUT)), (0, bad));
    assert_eq!(error_of(|| storage::fls_value(NOT_OUT)), (0, bad));
    assert_eq!(
        error_of(|| storage::tls_set_value(NOT_OUT, 1)),
        (FALSE, bad)
    );
    assert_eq!(
        error_of(|| storage::fls_set_value(NOT_OUT, 1)),
        (FALSE, bad)
    );
    assert_eq!(error_of(|| storage::tls_free(NOT_OUT)), (FALSE, bad));
    assert_eq!(error_of(|| storage::fls_free(NOT_OUT)), (FALSE, bad));
}

static TAKEN: AtomicUsize = AtomicUsize::new(0);

extern "system" fn take(value: usize) {
    TAKEN.fetch_add(value, Ordering::Relaxed);
}

// MSDN "FlsAlloc", "FlsCallback": the function gets a thread's value when the thread ends, and all when the slot is freed.
#[test]
fn values_that_end_are_given_back() {
    // SAFETY: a function of one pointer, which stays.
    let slot = unsafe { storage::fls_allocate(RawCallback::from_raw(take as *const () as usize)) };
    assert_eq!(elsewhere(move || storage::fls_set_value(slot, 5)), TRUE);
    assert_eq!(TAKEN.load(Ordering::Relaxed), 5);
    assert_eq!(storage::fls_set_value(slot, 100), TRUE);
    assert_eq!(storage::fls_free(slot), TRUE);
    assert_eq!(TAKEN.load(Ordering::Relaxed), 105);
}
