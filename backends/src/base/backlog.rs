//! Data that send has taken and the network has not.
//!
//! A non-blocking send on a stream is all or nothing (P166, P167): what the network does not take at
//! once waits here, at most one call's worth, and while anything waits the next send would block.
//! [`Backlog`] is the queue and knows nothing of sockets; [`super::transmit`] fills it,
//! [`super::worker`] empties it.

use std::io::IoSlice;

use ws2spi_abi::Errno;

/// What waits on one socket; it owns no memory while nothing does.
#[derive(Debug, Default)]
pub(super) struct Backlog(Option<Box<Piece>>);

#[derive(Debug)]
struct Piece {
    data: Vec<u8>,
    sent: usize,
    /// The last byte is urgent.
    urgent: bool,
}

impl Backlog {
    /// Whether nothing waits.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Takes a copy of `data`. Only while nothing waits. Whether there was memory for it; nothing was
    /// taken without.
    pub(super) fn fill(&mut self, data: &[IoSlice<'_>], urgent: bool) -> bool {
        debug_assert!(self.is_empty());
        let total: usize = data.iter().map(|slice| slice.len()).sum();
        let mut rest = Vec::new();
        if rest.try_reserve_exact(total).is_err() {
            return false;
        }
        data.iter().for_each(|slice| rest.extend_from_slice(slice));
        if !rest.is_empty() {
            self.0 = Some(Box::new(Piece {
                data: rest,
                sent: 0,
                urgent,
            }));
        }
        true
    }

    /// Hands the data to `send` until they are gone or it fails. `send` gets the bytes and whether the
    /// last of them is urgent, and answers how many it took.
    ///
    /// # Errors
    /// What `send` answers, `WOULDBLOCK` included; what was taken before is gone from here.
    pub(super) fn drain(
        &mut self,
        mut send: impl FnMut(&[u8], bool) -> Result<usize, Errno>,
    ) -> Result<(), Errno> {
        while let Some(piece) = &mut self.0 {
            piece.sent += send(&piece.data[piece.sent..], piece.urgent)?;
            if piece.sent >= piece.data.len() {
                self.0 = None;
            }
        }
        Ok(())
    }

    /// Throws everything away: the connection is gone.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_kept_in_order() {
        // P166
        let mut backlog = Backlog::default();
        let data = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        assert!(backlog.fill(&data, false));
        let mut seen = Vec::new();
        let took = backlog.drain(|bytes, _| {
            seen.extend_from_slice(&bytes[..1]);
            Ok(1)
        });
        assert_eq!(
            (took, seen.as_slice(), backlog.is_empty()),
            (Ok(()), b"abcde".as_slice(), true)
        );
    }

    #[test]
    fn a_blocked_drain_goes_on_where_it_stopped() {
        // P169
        let mut backlog = Backlog::default();
        assert!(backlog.fill(&[IoSlice::new(b"abcdef")], true));
        let mut room = 2;
        let blocked = backlog.drain(|bytes, urgent| {
            assert!(urgent);
            if room == 0 {
                return Err(Errno::WOULDBLOCK);
            }
            let n = room.min(bytes.len());
            room -= n;
            Ok(n)
        });
        assert_eq!(blocked, Err(Errno::WOULDBLOCK));
        let mut rest = Vec::new();
        let done = backlog.drain(|bytes, _| {
            rest.extend_from_slice(bytes);
            Ok(bytes.len())
        });
        assert_eq!((done, rest.as_slice()), (Ok(()), b"cdef".as_slice()));
    }

    #[test]
    fn nothing_left_is_nothing_kept() {
        // P167
        let mut backlog = Backlog::default();
        assert!(backlog.fill(&[IoSlice::new(b"")], false));
        assert!(backlog.is_empty());
    }
}
