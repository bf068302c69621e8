//! The thread's last error: the system's own slot.
//!
//! The same names as on other systems, where this crate keeps the slot. Here everybody writes to it: the system's functions that
//! an implementation uses, and `TlsGetValue`, by which Rust finds what is thread-local, sets it to 0. So a function of the API runs
//! in a [`scope`] with a word of its own, which only the functions here read and write, and which is the system's when it is over.

use std::cell::Cell;

use ws2spi_abi::Errno;

use crate::system;

thread_local! {
    /// The word of the innermost scope on this thread.
    static WORD: Cell<Option<i32>> = const { Cell::new(None) };
}

/// Runs a function of the API: whatever happens in it, the thread's last error is afterwards what [`set_last_error`] stored last
/// within it, or what it was before. Scopes nest.
pub fn scope<R>(body: impl FnOnce() -> R) -> R {
    let before = system::last_error();
    let mut ending = Ending {
        outer: swap(Some(before)),
        before,
    };
    let result = body();
    ending.before = last_error();
    drop(ending);
    result
}

/// The end of a scope, also when a panic is the reason.
struct Ending {
    outer: Option<i32>,
    before: i32,
}

impl Drop for Ending {
    fn drop(&mut self) {
        swap(self.outer);
        system::set_last_error(self.before);
    }
}

fn swap(word: Option<i32>) -> Option<i32> {
    // A thread that is ending may have no word any more.
    WORD.try_with(|slot| slot.replace(word)).unwrap_or(None)
}

/// The calling thread's last error; 0 when nothing has failed.
#[doc(alias = "GetLastError")]
#[doc(alias = "WSAGetLastError")]
#[must_use]
pub fn last_error() -> i32 {
    let system = system::last_error();
    let word = WORD.try_with(Cell::get).unwrap_or(None);
    word.unwrap_or_else(|| {
        system::set_last_error(system);
        system
    })
}

/// Replaces the calling thread's last error by a raw code.
#[doc(alias = "SetLastError")]
#[doc(alias = "WSASetLastError")]
pub fn set_last_error(code: i32) {
    // A thread that is ending may have no word any more: then the system's slot is the place.
    let _ = WORD.try_with(|slot| {
        if slot.get().is_some() {
            slot.set(Some(code));
        }
    });
    system::set_last_error(code);
}

/// Stores an error as the calling thread's last error.
pub fn fail_with(error: Errno) {
    set_last_error(error.code());
}

#[cfg(test)]
mod tests {
    use super::*;

    // U152, U156: a success leaves the last error alone, a failure sets it, whatever else happens on the way.
    #[test]
    fn a_scope_ends_with_what_was_stored_in_it_or_was_there_before() {
        system::set_last_error(7);
        scope(|| system::set_last_error(8));
        assert_eq!(system::last_error(), 7);
        scope(|| {
            assert_eq!(last_error(), 7);
            fail_with(Errno::FAULT);
            scope(|| set_last_error(5));
            system::set_last_error(8);
            assert_eq!(last_error(), 10014);
        });
        assert_eq!(system::last_error(), 10014);
    }

    // A panic that a caller catches leaves no scope behind: the system's slot is the word again.
    #[test]
    fn a_scope_ends_with_a_panic() {
        let panicked =
            std::panic::catch_unwind(|| scope(|| std::panic::resume_unwind(Box::new(()))));
        assert!(panicked.is_err());
        for code in [9, 11] {
            system::set_last_error(code);
            assert_eq!(last_error(), code);
        }
    }
}
