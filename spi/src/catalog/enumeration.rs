//! Which entries WSAEnumProtocols and WSCEnumProtocols report: a filter over entries in catalog
//! order. The faces in `api` copy the result into the caller's buffer.

use std::sync::Arc;

use super::entry::Entry;
use super::list::List;
use super::snapshot::Snapshot;

/// The protocols a caller listed; none listed means none wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// No list was given: every protocol.
    Every,
    /// Entries whose range of protocols holds one of these.
    Protocols(&'a [i32]),
}

impl Wanted<'_> {
    // A number matches inside an entry's range of protocols: {255} finds RAW/IP, whose range is
    // 0 to 255 (client-dll.md 4.5).
    fn includes(&self, entry: &Entry) -> bool {
        match self {
            Self::Every => true,
            Self::Protocols(list) => list.iter().any(|protocol| entry.covers_protocol(*protocol)),
        }
    }
}

impl List {
    /// Every wanted entry, hidden ones and dummies included. Microsoft: WSCEnumProtocols.
    #[doc(alias = "WSCEnumProtocols")]
    pub fn enumerate(&self, wanted: Wanted<'_>) -> Vec<Arc<Entry>> {
        self.entries()
            .iter()
            .filter(|entry| wanted.includes(entry))
            .cloned()
            .collect()
    }
}

impl Snapshot {
    /// The wanted entries applications may know of: no dummies, no hidden ones, no chains excluded
    /// for this process. Microsoft: WSAEnumProtocols.
    #[doc(alias = "WSAEnumProtocols")]
    pub fn enumerate(&self, wanted: Wanted<'_>) -> Vec<Arc<Entry>> {
        self.selectable()
            .filter(|entry| !entry.is_hidden() && wanted.includes(entry))
            .cloned()
            .collect()
    }
}
