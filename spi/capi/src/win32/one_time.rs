//! One-time initialisation, in the caller's own memory.
//!
//! An `INIT_ONCE` is one word: zero at first, 1 while a thread initialises, else the context, whose two low bits are not the caller's,
//! with 2. Threads that come meanwhile wait at its address. Not alertable.

use super::address_wait::{self, Ended};
use super::{placed, truth};
use crate::table::exports;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::{BOOL, Errno, FALSE, RawCallback};

/// The state of an `INIT_ONCE`.
enum State {
    /// The caller is to initialise.
    Begun,
    Done(usize),
}

/// # Safety
/// `once` is null or points to an `INIT_ONCE` that stays where it is.
unsafe fn word<'a>(once: *const AtomicUsize) -> Result<&'a AtomicUsize, Errno> {
    // SAFETY: the caller's contract.
    unsafe { placed(once) }.ok_or(Errno::NOACCESS)
}

/// Begins, or waits for whoever has begun.
fn begin(word: &AtomicUsize) -> State {
    loop {
        // Pairs with the release in `end`: what was initialised is seen.
        match word.compare_exchange(NOT_DONE, RUNNING, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => return State::Begun,
            Err(RUNNING) => {
                let still = || word.load(Ordering::Acquire) == RUNNING;
                if let Some(place) = address_wait::queue_if(address(word), still) {
                    let ended = place.wait(u32::MAX);
                    debug_assert!(ended == Ended::Woken, "no time is set");
                }
            }
            Err(done) => return State::Done(done & !MARKS),
        }
    }
}

fn end(word: &AtomicUsize, value: usize) {
    word.store(value, Ordering::Release);
    address_wait::wake_all(address(word));
}

fn address(word: &AtomicUsize) -> usize {
    std::ptr::from_ref(word).addr()
}

/// # Safety
/// `context` is null or writable.
unsafe fn tell(context: *mut usize, value: usize) {
    if !context.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { context.write_unaligned(value) };
    }
}

/// Makes an `INIT_ONCE` of the caller's memory. Microsoft: "InitOnceInitialize function".
///
/// # Safety
/// `once` is null or writable.
#[doc(alias = "InitOnceInitialize")]
pub unsafe fn initialize(once: *mut usize) {
    if !once.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { once.write_unaligned(NOT_DONE) };
    }
}

/// Calls `function` unless it has succeeded before; blocks while another thread is in it. Stores the context that it left. FALSE when it
/// returned FALSE: the next caller tries again. `ERROR_NOACCESS` for NULL. Microsoft: "InitOnceExecuteOnce function".
///
/// # Safety
/// `once` is null or an `INIT_ONCE`; `function` is NULL or a `PINIT_ONCE_FN`; `context` is null or writable.
#[doc(alias = "InitOnceExecuteOnce")]
pub unsafe fn execute(
    once: *const AtomicUsize,
    function: RawCallback,
    parameter: usize,
    context: *mut usize,
) -> BOOL {
    type Function = unsafe extern "system" fn(*const AtomicUsize, usize, *mut usize) -> BOOL;
    // SAFETY: the caller's contract.
    let word = unsafe { word(once) };
    // SAFETY: the caller's contract: NULL or that type.
    let function = unsafe { std::mem::transmute::<usize, Option<Function>>(function.as_raw()) };
    let (word, function) = match (word, function) {
        (Ok(word), Some(function)) => (word, function),
        (Err(error), _) => return truth(Err(error)),
        (_, None) => return truth(Err(Errno::INVALID_PARAMETER)),
    };
    let value = match begin(word) {
        State::Done(value) => value,
        State::Begun => {
            let mut value = 0;
            // SAFETY: the caller vouched for the function; a live local.
            let succeeded = unsafe { function(once, parameter, &raw mut value) };
            if succeeded == FALSE {
                end(word, NOT_DONE);
                return FALSE;
            }
            end(word, (value & !MARKS) | DONE);
            value & !MARKS
        }
    };
    // SAFETY: the caller's contract.
    unsafe { tell(context, value) };
    truth(Ok(()))
}

/// Begins, synchronously: `*pending` is TRUE for the thread that is to initialise and to call [`complete`], FALSE with the context for
/// the others, which wait for it. With `INIT_ONCE_CHECK_ONLY` nobody begins or waits: FALSE with `ERROR_GEN_FAILURE` until it is done.
/// `ERROR_NOT_SUPPORTED` for `INIT_ONCE_ASYNC`, `ERROR_NOACCESS` for NULL. Microsoft: "InitOnceBeginInitialize function".
///
/// DIFFERS: no asynchronous initialisation, in which several threads race.
///
/// # Safety
/// `once` is null or an `INIT_ONCE`; `pending` and `context` are null or writable.
#[doc(alias = "InitOnceBeginInitialize")]
pub unsafe fn begin_initialize(
    once: *const AtomicUsize,
    flags: u32,
    pending: *mut BOOL,
    context: *mut usize,
) -> BOOL {
    // SAFETY: the caller's contract.
    let word = unsafe { word(once) };
    let state = word.and_then(|word| match flags {
        0 => Ok(begin(word)),
        CHECK_ONLY => match word.load(Ordering::Acquire) {
            NOT_DONE | RUNNING => Err(Errno::GEN_FAILURE),
            done => Ok(State::Done(done & !MARKS)),
        },
        ASYNC => Err(Errno::NOT_SUPPORTED),
        _ => Err(Errno::INVALID_PARAMETER),
    });
    truth(state.and_then(|state| {
        if pending.is_null() {
            return Err(Errno::NOACCESS);
        }
        let begun = match state {
            State::Begun => true,
            State::Done(value) => {
                // SAFETY: the caller's contract.
                unsafe { tell(context, value) };
                false
            }
        };
        // SAFETY: the caller's contract; not null.
        unsafe { pending.write_unaligned(BOOL::from(begun)) };
        Ok(())
    }))
}

/// Ends what [`begin_initialize`] began, with a context for all; with `INIT_ONCE_INIT_FAILED` the next caller begins again.
/// `ERROR_GEN_FAILURE`: nobody has begun; `ERROR_INVALID_PARAMETER`: other flags, or a context with low bits.
/// Microsoft: "InitOnceComplete function".
///
/// # Safety
/// `once` is null or an `INIT_ONCE`.
#[doc(alias = "InitOnceComplete")]
pub unsafe fn complete(once: *const AtomicUsize, flags: u32, context: usize) -> BOOL {
    // SAFETY: the caller's contract.
    let word = unsafe { word(once) };
    truth(word.and_then(|word| {
        if !matches!(flags, 0 | FAILED) || context & MARKS != 0 {
            return Err(Errno::INVALID_PARAMETER);
        }
        if word.load(Ordering::Acquire) != RUNNING {
            return Err(Errno::GEN_FAILURE);
        }
        end(
            word,
            if flags == FAILED {
                NOT_DONE
            } else {
                context | DONE
            },
        );
        Ok(())
    }))
}

exports! {
    "InitOnceInitialize" init_once_initialize(once: *mut usize) => initialize;
    "InitOnceExecuteOnce" init_once_execute_once(
        once: *const AtomicUsize, function: RawCallback, parameter: usize, context: *mut usize
    ) -> BOOL = FALSE => execute;
    "InitOnceBeginInitialize" init_once_begin_initialize(
        once: *const AtomicUsize, flags: u32, pending: *mut BOOL, context: *mut usize
    ) -> BOOL = FALSE => begin_initialize;
    "InitOnceComplete" init_once_complete(once: *const AtomicUsize, flags: u32, context: usize) -> BOOL = FALSE => complete;
}

const NOT_DONE: usize = 0;
const RUNNING: usize = 1;
const DONE: usize = 2;
/// The bits of the word that are ours.
const MARKS: usize = 3;
/// `INIT_ONCE_CHECK_ONLY`.
const CHECK_ONLY: u32 = 1;
/// `INIT_ONCE_ASYNC`.
const ASYNC: u32 = 2;
/// `INIT_ONCE_INIT_FAILED`.
const FAILED: u32 = 4;
