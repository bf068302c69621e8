//! Waiting until somebody wakes an address: `WaitOnAddress`, and what locks in the caller's own memory block on.
//!
//! A waiter stands in the queue of its address from before the caller's condition is looked at until it is woken or gives up, so a wake
//! between the look and the wait is not lost. Not alertable. Used by [`super::condition_variable`] and [`super::one_time`].
//!
//! Locks: a bucket's mutex, for its list only; the caller's look runs under it and must not call back here.

use super::truth;
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use ws2spi_abi::{BOOL, Errno, FALSE};

struct Waiter {
    woken: Mutex<bool>,
    changed: Condvar,
}

type Bucket = Mutex<VecDeque<(usize, Arc<Waiter>)>>;

static BUCKETS: [Bucket; 64] = [const { Mutex::new(VecDeque::new()) }; 64];

fn bucket(address: usize) -> &'static Bucket {
    &BUCKETS[(address >> 3) % BUCKETS.len()]
}

/// A place in the queue of an address.
pub(super) struct Place {
    address: usize,
    waiter: Arc<Waiter>,
}

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    Woken,
    TimedOut,
}

/// Stands in the queue of an address if `look` says so.
pub(super) fn queue_if(address: usize, look: impl FnOnce() -> bool) -> Option<Place> {
    let mut waiters = bucket(address).lock();
    look().then(|| {
        let waiter = Arc::new(Waiter {
            woken: Mutex::new(false),
            changed: Condvar::new(),
        });
        waiters.push_back((address, Arc::clone(&waiter)));
        Place { address, waiter }
    })
}

impl Place {
    /// Blocks until woken, at most `timeout` milliseconds, `INFINITE` for ever.
    pub(super) fn wait(self, timeout: u32) -> Ended {
        let deadline = (timeout != INFINITE)
            .then(|| Instant::now() + Duration::from_millis(u64::from(timeout)));
        let mut woken = self.waiter.woken.lock();
        while !*woken {
            let late = match deadline {
                None => {
                    self.waiter.changed.wait(&mut woken);
                    false
                }
                Some(deadline) => self
                    .waiter
                    .changed
                    .wait_until(&mut woken, deadline)
                    .timed_out(),
            };
            if late && !*woken {
                drop(woken);
                return self.give_up();
            }
        }
        Ended::Woken
    }

    /// Leaves the queue; a wake that came first counts.
    fn give_up(self) -> Ended {
        let mut waiters = bucket(self.address).lock();
        let place = waiters
            .iter()
            .position(|(_, waiter)| Arc::ptr_eq(waiter, &self.waiter));
        match place {
            Some(place) => {
                waiters.remove(place);
                Ended::TimedOut
            }
            None => Ended::Woken,
        }
    }
}

/// Wakes who has waited longest at an address.
pub(super) fn wake_one(address: usize) {
    let mut waiters = bucket(address).lock();
    let first = waiters.iter().position(|(at, _)| *at == address);
    let first = first.and_then(|place| waiters.remove(place));
    drop(waiters);
    if let Some((_, waiter)) = first {
        waiter.wake();
    }
}

/// Wakes everybody who waits at an address.
pub(super) fn wake_all(address: usize) {
    let mut waiters = bucket(address).lock();
    let all: Vec<_> = waiters.drain(..).collect();
    let (woken, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(at, _)| *at == address);
    waiters.extend(rest);
    drop(waiters);
    for (_, waiter) in woken {
        waiter.wake();
    }
}

impl Waiter {
    fn wake(&self) {
        *self.woken.lock() = true;
        self.changed.notify_one();
    }
}

/// # Safety
/// Both point to `size` readable bytes; others may write the first meanwhile.
unsafe fn are_equal(address: *const c_void, compare: *const c_void, size: usize) -> bool {
    let (address, compare) = (address.cast::<u8>(), compare.cast::<u8>());
    (0..size).all(|at| {
        // SAFETY: the caller's contract.
        let here = unsafe { address.wrapping_add(at).read_volatile() };
        // SAFETY: the caller's contract.
        here == unsafe { compare.wrapping_add(at).read() }
    })
}

/// Blocks until the value at an address was changed and the address woken; returns at once when it differs from `compare` already.
/// TRUE may come without a change: look again. FALSE with `ERROR_TIMEOUT` after `timeout` milliseconds, `ERROR_INVALID_PARAMETER` for a
/// size other than 1, 2, 4 and 8 and for NULL. Microsoft: "WaitOnAddress function".
///
/// # Safety
/// Both are null or point to `size` readable bytes.
#[doc(alias = "WaitOnAddress")]
pub unsafe fn wait_on(
    address: *const c_void,
    compare: *const c_void,
    size: usize,
    timeout: u32,
) -> BOOL {
    if address.is_null() || compare.is_null() || !matches!(size, 1 | 2 | 4 | 8) {
        return truth(Err(Errno::INVALID_PARAMETER));
    }
    // SAFETY: the caller's contract; not null.
    let place = queue_if(address.addr(), || unsafe {
        are_equal(address, compare, size)
    });
    truth(match place.map(|place| place.wait(timeout)) {
        None | Some(Ended::Woken) => Ok(()),
        Some(Ended::TimedOut) => Err(TIMEOUT),
    })
}

/// Wakes one thread that waits on an address. Microsoft: "WakeByAddressSingle function".
#[doc(alias = "WakeByAddressSingle")]
pub fn wake_single(address: *const c_void) {
    wake_one(address.addr());
}

/// Wakes all threads that wait on an address. Microsoft: "WakeByAddressAll function".
#[doc(alias = "WakeByAddressAll")]
pub fn wake_every(address: *const c_void) {
    wake_all(address.addr());
}

exports! {
    "WaitOnAddress" wait_on_address(address: *const c_void, compare: *const c_void, size: usize, timeout: u32) -> BOOL = FALSE => wait_on;
    "WakeByAddressSingle" wake_by_address_single(address: *const c_void) => wake_single;
    "WakeByAddressAll" wake_by_address_all(address: *const c_void) => wake_every;
}

const INFINITE: u32 = u32::MAX;
/// `ERROR_TIMEOUT`.
pub(super) const TIMEOUT: Errno = super::error(1460);
