//! The threads that wait for something to happen to a socket.
//!
//! A blocking call enrolls its thread's waker before it looks at the socket and leaves when it is
//! done, so whoever changes the socket (close, cleanup, a drained backlog, a deferred connection)
//! can end its wait. The list's lock is a leaf: nothing is called under it. The list keeps its
//! memory, so a thread that waits again and again allocates nothing.

use std::sync::Arc;

use ws2spi_kernel::thread::Wake;

use crate::sync::Mutex;

/// The wakers of the threads that wait on one socket.
#[derive(Default)]
pub(super) struct Waiters(Mutex<Option<Box<List>>>);

type List = Vec<Arc<dyn Wake>>;

/// A place in the list; dropping it leaves.
pub(super) struct Enrolled<'a> {
    waiters: &'a Waiters,
    waker: Arc<dyn Wake>,
}

impl Waiters {
    /// Adds the calling thread. Look at the socket's state only afterwards.
    pub(super) fn enroll(&self, waker: &Arc<dyn Wake>) -> Enrolled<'_> {
        self.0.lock().get_or_insert_default().push(waker.clone());
        Enrolled {
            waiters: self,
            waker: waker.clone(),
        }
    }

    /// Ends every wait; those who waited look at the state again. Change the state first.
    pub(super) fn wake(&self) {
        for waker in self.0.lock().iter().flat_map(|list| list.iter()) {
            waker.wake();
        }
    }
}

impl Drop for Enrolled<'_> {
    fn drop(&mut self) {
        let mut list = self.waiters.0.lock();
        let Some(list) = list.as_mut() else { return };
        if let Some(at) = list
            .iter()
            .position(|waker| Arc::ptr_eq(waker, &self.waker))
        {
            list.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    use super::*;

    #[derive(Default)]
    struct Counter(AtomicU32);

    impl Wake for Counter {
        fn wake(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn whoever_has_left_is_not_woken() {
        // P96: only those who still wait are woken by a close.
        let waiters = Waiters::default();
        let (one, two) = (Arc::new(Counter::default()), Arc::new(Counter::default()));
        let first = waiters.enroll(&(one.clone() as Arc<dyn Wake>));
        let _second = waiters.enroll(&(two.clone() as Arc<dyn Wake>));
        drop(first);
        waiters.wake();
        assert_eq!(
            (one.0.load(Ordering::Relaxed), two.0.load(Ordering::Relaxed)),
            (0, 1)
        );
    }
}
