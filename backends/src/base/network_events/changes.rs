//! Changes of the host: who waits for them is kept beside the record, for sockets that ask.

use super::super::host_watch::Change;
use super::super::requests::ticket::Ticket;
use super::super::socket::Socket;
use super::mask::EventMask;
use super::record::Record;

impl Socket {
    /// The event will tell of the next such change; how many changes were told by now.
    pub(in super::super) fn arm_change(&self, event: EventMask) -> u32 {
        let events = self.events_with(Record::new());
        let mut watched = events.lock();
        watched.record.arm(event);
        watched.changes
    }

    /// How many changes were told.
    pub(in super::super) fn changes_seen(&self) -> u32 {
        self.events().map_or(0, |events| events.lock().changes)
    }

    /// A change has come.
    pub(in super::super) fn tell_change(&self, event: EventMask) {
        let _ = self.update_events(|watched| {
            watched.changes = watched.changes.wrapping_add(1);
            watched.record.changed(event);
        });
    }

    /// Keeps an overlapped ioctl until its change comes.
    pub(in super::super) fn add_change_request(&self, change: Change, ticket: Ticket) {
        let events = self.events_with(Record::new());
        events.lock().requests.push((change, ticket));
    }

    /// Takes out the overlapped ioctls that somebody is going to end.
    pub(in super::super) fn take_change_requests(
        &self,
        mut which: impl FnMut(Change, &Ticket) -> bool,
    ) -> Vec<Ticket> {
        let Some(events) = self.events() else {
            return Vec::new();
        };
        let mut watched = events.lock();
        let taken = watched
            .requests
            .extract_if(.., |(change, ticket)| which(*change, ticket));
        taken.map(|(_, ticket)| ticket).collect()
    }
}
