//! Sets of network events.

use std::ops::BitOr;

use core::ffi::c_long;

use ws2spi_abi::*;

/// A set of `FD_*` events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct EventMask(u16);

impl EventMask {
    pub(in super::super) const NONE: Self = Self(0);
    pub(in super::super) const READ: Self = Self(FD_READ as u16);
    pub(in super::super) const WRITE: Self = Self(FD_WRITE as u16);
    pub(in super::super) const OOB: Self = Self(FD_OOB as u16);
    pub(in super::super) const ACCEPT: Self = Self(FD_ACCEPT as u16);
    pub(in super::super) const CONNECT: Self = Self(FD_CONNECT as u16);
    pub(in super::super) const CLOSE: Self = Self(FD_CLOSE as u16);
    pub(in super::super) const ROUTING_CHANGE: Self = Self(FD_ROUTING_INTERFACE_CHANGE as u16);
    pub(in super::super) const ADDRESS_CHANGE: Self = Self(FD_ADDRESS_LIST_CHANGE as u16);

    /// The events in the order in which those that happen together are told (base-provider.md 3).
    pub(super) const IN_ORDER: [Self; 6] = [
        Self::CONNECT,
        Self::ACCEPT,
        Self::OOB,
        Self::READ,
        Self::WRITE,
        Self::CLOSE,
    ];

    /// What an application asks for. Events that never happen here (quality of service) are kept.
    ///
    /// # Errors
    /// `INVAL` for bits that mean nothing.
    pub(in super::super) fn given(mask: c_long) -> Result<Self, Errno> {
        if mask & !c_long::from(FD_ALL_EVENTS) == 0 {
            Ok(Self(mask as u16))
        } else {
            Err(Errno::INVAL)
        }
    }

    /// The `FD_*` bits.
    pub(in super::super) const fn bits(self) -> i32 {
        self.0 as i32
    }

    /// Whether all of `other` are in it.
    pub(in super::super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(in super::super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in both.
    pub(in super::super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is not in `other`.
    pub(in super::super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Where the error of a single event is in `WSANETWORKEVENTS`.
    pub(super) const fn place(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// Its single events, in the order of the bits.
    pub(in super::super) fn each(self) -> impl Iterator<Item = Self> {
        (0..FD_MAX_EVENTS)
            .map(|place| Self(1 << place))
            .filter(move |event| self.has(*event))
    }
}

impl BitOr for EventMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_without_a_meaning_are_refused() {
        // base-provider.md 1.3, 1.11
        assert_eq!(EventMask::given(0x400), Err(Errno::INVAL));
        assert_eq!(EventMask::given(-1), Err(Errno::INVAL));
        let all = EventMask::given(c_long::from(FD_ALL_EVENTS));
        assert_eq!(all.map(EventMask::bits), Ok(FD_ALL_EVENTS));
    }

    #[test]
    fn events_know_their_places() {
        // base-provider.md 3: FD_*_BIT
        let close = EventMask::READ | EventMask::CLOSE;
        let places: Vec<_> = close.each().map(EventMask::place).collect();
        assert_eq!(places, [0, 5]);
        assert_eq!(EventMask::ADDRESS_CHANGE.place(), 9);
    }
}
