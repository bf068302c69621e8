//! What is true of a socket, in Windows' terms.
//!
//! A system's readiness means different things in different states (base-provider.md 8.3): a stream
//! that never connected reports room and hang-up on Linux and means nothing by it. [`Facts`] is the
//! reading of both together; select and WSAPoll say the facts in their own words (5.1, 5.2).

use std::sync::Arc;

use super::socket::Socket;
use super::status::Bit;
use super::status::State;
use crate::net::Interest;
use crate::net::NetSocket;
use crate::net::Readiness;

/// What is true of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// A receive would bring data, a datagram or a report.
    pub(super) data: bool,
    /// A connection waits to be accepted.
    pub(super) arrival: bool,
    /// A send would not block.
    pub(super) room: bool,
    /// An urgent byte waits out of line.
    pub(super) urgent: bool,
    /// The peer's end of the stream has come.
    pub(super) end: bool,
    /// The connection was reset or aborted.
    pub(super) broken: bool,
    /// The last attempt to connect failed behind the caller's back.
    pub(super) failed: bool,
    /// The last handle is gone.
    pub(super) closed: bool,
}

impl Socket {
    /// What the network is to be asked before [`facts`](Self::facts): nothing for a socket whose
    /// network state means nothing.
    pub(super) fn watch(&self, wanted: Interest) -> Option<(Arc<dyn NetSocket>, Interest)> {
        let state = self.status.get();
        let interest = useful(state, wanted)?;
        Some((self.net.clone(), interest))
    }

    /// Reads the state together with what the network answered. Moves urgent bytes and latches
    /// resets on the way.
    pub(super) fn facts(&self, ready: Readiness) -> Facts {
        self.settle();
        let state = self.status.get();
        if state.has(Bit::Closed) || state.has(Bit::Cancelled) {
            return Facts {
                closed: true,
                ..Facts::default()
            };
        }
        if state.has(Bit::Datagram) {
            return self.datagram_facts(state, ready);
        }
        if state.has(Bit::Listening) {
            let deferred = self.control.lock().has_deferred();
            let queued = ready.contains(Readiness::READABLE) && !state.has(Bit::Shadowed);
            return Facts {
                // An AcceptEx that waits takes it (P263).
                arrival: (deferred || queued) && !state.has(Bit::ReceivesQueued),
                ..Facts::default()
            };
        }
        if state.has(Bit::Connected) {
            return self.stream_facts(ready);
        }
        Facts {
            failed: state.has(Bit::ConnectFailed),
            ..Facts::default()
        }
    }

    fn datagram_facts(&self, state: State, ready: Readiness) -> Facts {
        let told = ready.intersects(Readiness::READABLE | Readiness::ERROR);
        let mut data = state.has(Bit::Bound) && (told || state.has(Bit::ReportHeld));
        if data && state.has(Bit::ReceivesQueued) {
            // An overlapped receive that waits takes it (P262).
            data = false;
        }
        if data {
            // A report that nobody wants, or somebody else's datagram, is not readable.
            data = self.has_message();
        }
        // P287: also unbound.
        Facts {
            data,
            room: true,
            ..Facts::default()
        }
    }

    /// Whether a receive would bring something, after what nobody is to see was thrown away.
    fn has_message(&self) -> bool {
        let state = self.status.get();
        let plain = state.has(Bit::WantsPortReports)
            && state.has(Bit::WantsLifeReports)
            && !state.has(Bit::Sieving);
        plain || self.would_receive()
    }

    fn stream_facts(&self, ready: Readiness) -> Facts {
        if ready.contains(Readiness::ERROR)
            && let Some(error) = self.net.take_error()
        {
            // Told once by the network, and to every call by Windows.
            self.latch(error);
        }
        let state = self.status.get();
        let broken = state.has(Bit::Reset) || state.has(Bit::Aborted);
        let inline = state.has(Bit::UrgentInline);
        let urgent = {
            let mut input = self.input.lock();
            if ready.contains(Readiness::PRIORITY) {
                self.collect_urgent(&mut input);
            }
            !input.urgent.is_empty()
        };
        let over = Readiness::READ_CLOSED | Readiness::HANG_UP;
        let end = !broken && (ready.intersects(over) || state.has(Bit::EndSeen));
        let data = if broken || state.has(Bit::ReceivesQueued) {
            // Windows throws away what was not read before the reset; an overlapped receive that
            // waits takes what comes (P262).
            false
        } else if end {
            ready.contains(Readiness::READABLE) && self.net.available().unwrap_or(0) > 0
        } else {
            ready.contains(Readiness::READABLE)
        };
        if data {
            self.note_data();
        }
        let room = ready.intersects(Readiness::WRITABLE | Readiness::HANG_UP)
            && !state.has(Bit::Backlogged)
            && !self.output.lock().turn_taken;
        Facts {
            data: data || (inline && urgent),
            room: room || broken,
            urgent: urgent && !inline,
            end,
            broken,
            ..Facts::default()
        }
    }
}

/// What of `wanted` means something in this state.
fn useful(state: State, wanted: Interest) -> Option<Interest> {
    if state.has(Bit::Closed) || state.has(Bit::Cancelled) {
        return None;
    }
    let reads = wanted.contains(Interest::READ);
    let only = |interest: Interest, condition: bool| condition.then_some(interest);
    if state.has(Bit::Datagram) {
        return only(Interest::READ, reads && state.has(Bit::Bound));
    }
    if state.has(Bit::Listening) {
        return only(Interest::READ, reads && !state.has(Bit::Shadowed));
    }
    if state.has(Bit::Connecting) {
        return Some(Interest::WRITE);
    }
    if !state.has(Bit::Connected) {
        return None;
    }
    let mut interest = Interest::NONE;
    if reads {
        // Urgent bytes are moved out before the next one overtakes them.
        interest |= Interest::READ | Interest::PRIORITY;
    }
    if wanted.contains(Interest::WRITE) && !state.has(Bit::Backlogged) {
        interest |= Interest::WRITE;
    }
    for alone in [Interest::PRIORITY, Interest::END] {
        if wanted.contains(alone) {
            interest |= alone;
        }
    }
    Some(interest)
}

#[cfg(test)]
mod tests {
    use super::super::status::Status;
    use super::*;

    fn useful_in(bits: &[Bit], wanted: Interest) -> Option<Interest> {
        useful(Status::new(bits).get(), wanted)
    }

    #[test]
    fn a_stream_that_never_connected_is_not_watched() {
        // P286
        let all = Interest::READ | Interest::WRITE | Interest::PRIORITY;
        assert_eq!(useful_in(&[], all), None);
        assert_eq!(useful_in(&[Bit::Bound], all), None);
        assert_eq!(useful_in(&[Bit::Bound, Bit::ConnectFailed], all), None);
    }

    #[test]
    fn an_attempt_to_connect_is_watched_whatever_is_wanted() {
        // P79
        assert_eq!(
            useful_in(&[Bit::Connecting], Interest::PRIORITY),
            Some(Interest::WRITE)
        );
    }

    #[test]
    fn a_connection_with_data_left_behind_is_not_watched_for_room() {
        // P167
        let bits = [Bit::Connected, Bit::Backlogged];
        assert_eq!(useful_in(&bits, Interest::WRITE), Some(Interest::NONE));
        assert_eq!(
            useful_in(&[Bit::Connected], Interest::WRITE),
            Some(Interest::WRITE)
        );
    }

    #[test]
    fn a_listener_behind_another_is_not_watched() {
        // P54
        assert_eq!(
            useful_in(&[Bit::Listening, Bit::Shadowed], Interest::READ),
            None
        );
        assert_eq!(
            useful_in(&[Bit::Listening], Interest::READ),
            Some(Interest::READ)
        );
    }
}
