//! `fd_set`s of any size, and `select` on them.

use crate::socket;
use crate::{Socket, wait, winsock};
use std::cell::Cell;
use std::ptr::{null, null_mut};
use ws2spi_abi::{Errno, FD_SET, SOCKET, TIMEVAL};

/// How long `select` is to wait.
#[derive(Clone, Copy, Debug)]
pub enum Time {
    /// Not at all.
    None,
    /// Until something is ready, but no longer than a test may take.
    Patience,
    /// What the structure says.
    Is(TIMEVAL),
    /// For ever: a NULL pointer.
    Ever,
}

/// A set: the count in the first word, the sockets behind it. C writes to it.
#[derive(Debug)]
pub struct Set(Vec<Cell<usize>>);

impl Set {
    /// A set of these handles, in this order, as often as they are given.
    #[must_use]
    pub fn of_raw(sockets: &[SOCKET]) -> Self {
        let mut count = [0; size_of::<usize>()];
        count[..4].copy_from_slice(&(sockets.len() as u32).to_ne_bytes());
        let words = std::iter::once(usize::from_ne_bytes(count)).chain(sockets.iter().copied());
        Self(words.map(Cell::new).collect())
    }

    /// A set of these sockets.
    #[must_use]
    pub fn of(sockets: &[&Socket]) -> Self {
        let raw: Vec<SOCKET> = sockets.iter().map(|socket| socket.raw()).collect();
        Self::of_raw(&raw)
    }

    /// The handles in the set now.
    ///
    /// # Panics
    /// When the count is larger than it was.
    #[must_use]
    pub fn handles(&self) -> Vec<SOCKET> {
        let word = self.0[0].get().to_ne_bytes();
        let count = u32::from_ne_bytes([word[0], word[1], word[2], word[3]]) as usize;
        assert!(count < self.0.len(), "a set only becomes smaller");
        self.0[1..=count].iter().map(Cell::get).collect()
    }

    fn raw(&self) -> *mut FD_SET {
        self.0.as_ptr().cast_mut().cast()
    }
}

/// `select` on the sets for reading, writing and exceptions; the same set may stand in several places.
///
/// # Errors
/// The last error.
pub fn select(sets: [Option<&Set>; 3], time: Time) -> Result<i32, Errno> {
    let value = match time {
        Time::None | Time::Ever => TIMEVAL::EMPTY,
        Time::Patience => TIMEVAL {
            tv_sec: wait::patience().as_secs() as i32,
            tv_usec: 0,
        },
        Time::Is(value) => value,
    };
    let timeout = match time {
        Time::Ever => null(),
        _ => &raw const value,
    };
    select_for(sets, timeout)
}

/// `select` with a timeout in memory that it could write to: the result, and what stands there afterwards.
pub fn select_and_time(sets: [Option<&Set>; 3], time: TIMEVAL) -> (Result<i32, Errno>, TIMEVAL) {
    let value = Cell::new(time);
    let result = select_for(sets, value.as_ptr().cast_const());
    (result, value.get())
}

fn select_for(sets: [Option<&Set>; 3], timeout: *const TIMEVAL) -> Result<i32, Errno> {
    let [read, write, except] = sets.map(|set| set.map_or(null_mut(), Set::raw));
    // SAFETY: the sets and the time outlive the call; sets are made of cells, so C may write to them.
    socket::checked(unsafe { winsock::select(0, read, write, except, timeout) })
}
