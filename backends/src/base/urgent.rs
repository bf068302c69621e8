//! Urgent bytes that were taken out of a stream.
//!
//! Windows keeps several urgent bytes and hands out one per MSG_OOB receive (P156); a system keeps
//! only the last. So every call that sees the system's urgent mark moves the byte here at once. When
//! SO_OOBINLINE is switched on later, what is queued is read in-line, before the rest of the stream;
//! the last one where it stood, if the system shows it there again.
//!
//! DIFFERS: two urgent bytes that arrive with no call in between are one to the system, and the
//! earlier one is then lost or in-line.

use std::collections::VecDeque;

/// The queue of one socket; it owns no memory until a byte comes.
#[derive(Debug, Default)]
pub(super) struct Urgent(Option<Box<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    bytes: VecDeque<u8>,
    /// The last byte went back into the stream and was not read yet.
    exposed: bool,
}

impl Urgent {
    /// Whether no byte waits.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |queue| queue.bytes.len())
    }

    /// Adds a byte, last in order.
    pub(super) fn push(&mut self, byte: u8) {
        self.0.get_or_insert_default().bytes.push_back(byte);
    }

    /// The system shows the last byte in the stream again: it is not to be had twice.
    pub(super) fn expose_last(&mut self) {
        if let Some(queue) = &mut self.0 {
            queue.exposed = queue.bytes.pop_back().is_some();
        }
    }

    /// Whether an urgent byte waits here, or went back into the stream unread (SIOCATMARK).
    pub(super) fn is_marked(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|queue| queue.exposed || !queue.bytes.is_empty())
    }

    /// The stream was read from.
    pub(super) fn stream_was_read(&mut self) {
        if let Some(queue) = &mut self.0 {
            queue.exposed = false;
        }
    }

    /// The oldest byte; it stays when `peek`.
    pub(super) fn take(&mut self, peek: bool) -> Option<u8> {
        let bytes = &mut self.0.as_mut()?.bytes;
        if peek {
            bytes.front().copied()
        } else {
            bytes.pop_front()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgent_bytes_come_out_one_by_one_in_order() {
        // P156
        let mut urgent = Urgent::default();
        urgent.push(b'a');
        urgent.push(b'b');
        assert_eq!(urgent.take(true), Some(b'a'));
        assert_eq!(
            (urgent.take(false), urgent.take(false), urgent.take(false)),
            (Some(b'a'), Some(b'b'), None)
        );
    }

    #[test]
    fn a_byte_that_went_back_into_the_stream_marks_it_until_it_is_read() {
        // P325
        let mut urgent = Urgent::default();
        urgent.push(b'a');
        urgent.expose_last();
        assert!(urgent.is_empty() && urgent.is_marked());
        urgent.stream_was_read();
        assert!(!urgent.is_marked());
    }
}
