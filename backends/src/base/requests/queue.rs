//! The requests of one direction that wait, in order.
//!
//! Pure: it knows neither sockets nor requests. Every method is called with the lock of the
//! direction held; see the module above for the rules.

use std::collections::VecDeque;

/// A queue of requests.
#[derive(Debug)]
pub(in super::super) struct Queue<T> {
    waiting: VecDeque<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
        }
    }
}

impl<T> Queue<T> {
    /// Whether nothing waits.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds an entry at the end.
    pub(super) fn push(&mut self, entry: T) {
        self.waiting.push_back(entry);
    }

    /// The entry whose turn it is.
    pub(super) fn head(&mut self) -> Option<&mut T> {
        self.waiting.front_mut()
    }

    /// All entries, in order.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.waiting.iter_mut()
    }

    /// Takes the head out in order to end it.
    pub(super) fn take_head(&mut self) -> Option<T> {
        self.waiting.pop_front()
    }

    /// Goes through all entries in order, and takes out those for which `step` has an answer.
    pub(super) fn sift<R>(&mut self, mut step: impl FnMut(&mut T) -> Option<R>) -> Vec<(T, R)> {
        let mut ended = Vec::new();
        let mut at = 0;
        while let Some(entry) = self.waiting.get_mut(at) {
            match step(entry) {
                Some(answer) => ended.extend(self.waiting.remove(at).map(|entry| (entry, answer))),
                None => at += 1,
            }
        }
        ended
    }

    /// Takes out what somebody else ends, wherever it stands.
    pub(super) fn take(&mut self, mut which: impl FnMut(&T) -> bool) -> Vec<T> {
        // An empty list owns no memory; most of them are.
        let mut taken = Vec::new();
        let mut at = 0;
        while let Some(entry) = self.waiting.get(at) {
            if which(entry) {
                taken.extend(self.waiting.remove(at));
            } else {
                at += 1;
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(entries: &[u32]) -> Queue<u32> {
        let mut queue = Queue::default();
        entries.iter().for_each(|entry| queue.push(*entry));
        queue
    }

    #[test]
    fn entries_leave_in_the_order_in_which_they_came() {
        // P208
        let mut queue = queue(&[1, 2, 3]);
        assert_eq!(queue.head(), Some(&mut 1));
        let order: Vec<_> = std::iter::from_fn(|| queue.take_head()).collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn whoever_takes_an_entry_has_it_alone() {
        // P225, P228: each ends once.
        let mut queue = queue(&[1, 2, 3, 4]);
        assert_eq!(queue.take(|entry| entry % 2 == 0), [2, 4]);
        assert_eq!(queue.take(|entry| entry % 2 == 0), [0; 0]);
        assert_eq!(queue.take(|_| true), [1, 3]);
        assert!(queue.is_empty() && queue.take_head().is_none());
    }
}
