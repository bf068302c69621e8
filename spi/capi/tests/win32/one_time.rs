//! `InitOnceExecuteOnce`, `InitOnceBeginInitialize`, `InitOnceComplete`.

use super::error_of;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use ws2_32::win32::one_time as once;
use ws2spi_abi::*;

const CHECK_ONLY: u32 = 1;
const ASYNC: u32 = 2;
const FAILED: u32 = 4;

/// Counts its calls in what the parameter points to; fails the first time.
extern "system" fn second_time(
    _once: *const AtomicUsize,
    parameter: usize,
    context: *mut usize,
) -> BOOL {
    let calls = std::ptr::with_exposed_provenance::<AtomicU32>(parameter);
    // SAFETY: the test passes a live counter.
    let calls = unsafe { &*calls }.fetch_add(1, Ordering::Relaxed);
    // SAFETY: a live local of ours.
    unsafe { context.write(0x40) };
    BOOL::from(calls > 0)
}

fn execute(word: &AtomicUsize, function: usize, parameter: usize) -> (BOOL, usize) {
    let mut context = 0;
    let function = RawCallback::from_raw(function);
    // SAFETY: a live word, a function of the right type or NULL, a live local.
    let done = unsafe { once::execute(word, function, parameter, &raw mut context) };
    (done, context)
}

// MSDN "InitOnceExecuteOnce": called until it has succeeded, and never again; the context stays.
#[test]
fn a_function_is_called_until_it_succeeds() {
    let (word, calls) = (AtomicUsize::new(0), AtomicU32::new(0));
    let parameter = (&raw const calls).expose_provenance();
    let function = second_time as *const () as usize;
    assert_eq!(execute(&word, function, parameter), (FALSE, 0));
    assert_eq!(execute(&word, function, parameter), (TRUE, 0x40));
    assert_eq!(execute(&word, function, parameter), (TRUE, 0x40));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    let none = error_of(|| execute(&word, 0, 0).0);
    assert_eq!(none, (FALSE, Errno::INVALID_PARAMETER.code() as u32));
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe {
        once::execute(null(), RawCallback::from_raw(function), 0, null_mut())
    });
    assert_eq!(none, (FALSE, Errno::NOACCESS.code() as u32));
}

fn begin(word: &AtomicUsize, flags: u32) -> (BOOL, BOOL, usize) {
    let (mut pending, mut context) = (7, 0);
    // SAFETY: a live word and live locals.
    let begun = unsafe { once::begin_initialize(word, flags, &raw mut pending, &raw mut context) };
    (begun, pending, context)
}

fn complete(word: &AtomicUsize, flags: u32, context: usize) -> BOOL {
    // SAFETY: a live word.
    unsafe { once::complete(word, flags, context) }
}

// MSDN "InitOnceBeginInitialize", "InitOnceComplete": the first begins, the others wait for it and see its context.
#[test]
fn others_wait_for_whoever_has_begun() {
    static WORD: AtomicUsize = AtomicUsize::new(0);
    let general = Errno::GEN_FAILURE.code() as u32;
    assert_eq!(error_of(|| complete(&WORD, 0, 8)), (FALSE, general));
    assert_eq!(error_of(|| begin(&WORD, CHECK_ONLY).0), (FALSE, general));
    assert_eq!(begin(&WORD, 0), (TRUE, TRUE, 0));
    assert_eq!(complete(&WORD, FAILED, 0), TRUE);
    assert_eq!(begin(&WORD, 0), (TRUE, TRUE, 0), "it was not done");
    let other = std::thread::spawn(|| begin(&WORD, 0));
    let bad = (FALSE, Errno::INVALID_PARAMETER.code() as u32);
    assert_eq!(error_of(|| complete(&WORD, 0, 9)), bad);
    assert_eq!(complete(&WORD, 0, 8), TRUE);
    assert_eq!(other.join().ok(), Some((TRUE, FALSE, 8)));
    assert_eq!(begin(&WORD, CHECK_ONLY), (TRUE, FALSE, 8));
    let refused = (FALSE, Errno::NOT_SUPPORTED.code() as u32);
    assert_eq!(error_of(|| begin(&WORD, ASYNC).0), refused);
    let mut fresh = 5;
    // SAFETY: a live local.
    unsafe { once::initialize(&raw mut fresh) };
    assert_eq!(fresh, 0);
}
