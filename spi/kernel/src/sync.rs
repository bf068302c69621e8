//! The one place that names locks, atomics and thread parking.
//!
//! Ordinary builds use parking_lot and std. Under `--cfg ws2spi_shuttle` the same names are
//! shuttle's, so that the models in `tests/models` explore the schedules of the code as it is.
//! Everything else in this crate takes these from here.
//!
//! Threads block with `park`, and are woken with std's `unpark`: an atomic exchange and a wake-up
//! system call (a futex on Linux and the BSDs, a dispatch semaphore on macOS), with no lock and no
//! allocation, which is what lets `SetEvent` run in a signal handler.

#[cfg(not(ws2spi_shuttle))]
mod imp {
    pub(crate) use parking_lot::Mutex;
    pub(crate) use parking_lot::MutexGuard;
    pub(crate) use std::hint::spin_loop;
    pub(crate) use std::sync::atomic::AtomicBool;
    pub(crate) use std::sync::atomic::AtomicPtr;
    pub(crate) use std::sync::atomic::AtomicU32;
    pub(crate) use std::sync::atomic::AtomicU64;
    pub(crate) use std::sync::atomic::AtomicUsize;
    pub(crate) use std::sync::atomic::fence;
    pub(crate) use std::thread::Thread as ThreadToken;
    pub(crate) use std::thread::current as current_token;
    pub(crate) use std::thread::park;
    pub(crate) use std::thread::park_timeout;
    pub(crate) use std::thread::park_timeout as nap;
    pub(crate) use std::thread::yield_now;
    pub(crate) use std::thread_local;
}

#[cfg(ws2spi_shuttle)]
mod imp {
    pub(crate) use shuttle::hint::spin_loop;
    pub(crate) use shuttle::sync::MutexGuard;
    pub(crate) use shuttle::sync::atomic::AtomicBool;
    pub(crate) use shuttle::sync::atomic::AtomicPtr;
    pub(crate) use shuttle::sync::atomic::AtomicU32;
    pub(crate) use shuttle::sync::atomic::AtomicU64;
    pub(crate) use shuttle::sync::atomic::AtomicUsize;
    pub(crate) use shuttle::sync::atomic::fence;
    pub(crate) use shuttle::thread::Thread as ThreadToken;
    pub(crate) use shuttle::thread::current as current_token;
    pub(crate) use shuttle::thread::park;
    pub(crate) use shuttle::thread::park_timeout;
    pub(crate) use shuttle::thread::yield_now;
    pub(crate) use shuttle::thread_local;

    /// A short wait that ends by itself: shuttle has no time, and its `park_timeout` ends by an unpark only.
    pub(crate) fn nap(_: std::time::Duration) {
        yield_now();
    }

    /// shuttle's mutex with parking_lot's face: no poisoning.
    #[derive(Debug)]
    pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}

pub(crate) use imp::*;
/// For state of the process, which outlives the run of a model.
pub(crate) use parking_lot::Mutex as ProcessMutex;
pub(crate) use parking_lot::MutexGuard as ProcessMutexGuard;
pub(crate) use std::sync::atomic::Ordering;
