//! The one place that names the locks, atomics and threads of the base provider.
//!
//! Ordinary builds use parking_lot and std. Under `--cfg ws2spi_shuttle` the same names are shuttle's, as in the kernel role, so
//! that the models in `base/models` explore the schedules of the code as it is. `base` takes these from here; `os` is not part of
//! any model and does not.

#[cfg(not(ws2spi_shuttle))]
mod imp {
    pub(crate) use parking_lot::Mutex;
    pub(crate) use parking_lot::RwLock;
    pub(crate) use std::sync::atomic::AtomicBool;
    pub(crate) use std::sync::atomic::AtomicU32;
    pub(crate) use std::sync::atomic::AtomicU64;
    pub(crate) use std::thread;
    pub(crate) use std::thread_local;
}

#[cfg(ws2spi_shuttle)]
mod imp {
    pub(crate) use shuttle::sync::RwLockReadGuard;
    pub(crate) use shuttle::sync::RwLockWriteGuard;
    pub(crate) use shuttle::sync::atomic::AtomicBool;
    pub(crate) use shuttle::sync::atomic::AtomicU32;
    pub(crate) use shuttle::sync::atomic::AtomicU64;
    pub(crate) use shuttle::thread;
    pub(crate) use shuttle::thread_local;
    use std::sync::PoisonError;

    /// shuttle's mutex with parking_lot's face: no poisoning.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> shuttle::sync::MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// shuttle's lock for readers and writers, likewise.
    #[derive(Debug, Default)]
    pub(crate) struct RwLock<T>(shuttle::sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(shuttle::sync::RwLock::new(value))
        }

        pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
            self.0.read().unwrap_or_else(PoisonError::into_inner)
        }

        pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
            self.0.write().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

pub(crate) use imp::*;
