//! The one place that names locks, atomics and thread parking.
//!
//! Ordinary builds use parking_lot and std. Under `--cfg ws2spi_shuttle` the same names are
//! shuttle's, so that the models in `tests/models.rs` explore the schedules of the code as it is.
//! Everything else in this crate takes these from here.

#[cfg(not(ws2spi_shuttle))]
mod imp {
    pub(crate) use parking_lot::Mutex;
    pub(crate) use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
    pub(crate) use std::thread_local;
}

#[cfg(ws2spi_shuttle)]
mod imp {
    pub(crate) use shuttle::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};
    pub(crate) use shuttle::thread_local;

    /// shuttle's mutex with parking_lot's face: no poisoning.
    #[derive(Debug)]
    pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> shuttle::sync::MutexGuard<'_, T> {
            self.0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        }
    }
}

pub(crate) use imp::*;
pub(crate) use std::sync::atomic::Ordering;
