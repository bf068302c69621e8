//! Which addresses are broadcasts: those need SO_BROADCAST in sendto (P175).
//!
//! The networks are told to allow broadcasts always (base-provider.md 8.4.19), so the check is ours.
//! Besides 255.255.255.255 there is one for each network of the host; the list is asked for again
//! when it is old.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::stack::Stack;
use crate::net::Endpoint;
use crate::sync::RwLock;

/// How old the list may become.
const FRESH: Duration = Duration::from_secs(5);

/// The broadcast addresses of the host's networks, with the time they were asked for.
#[derive(Default)]
pub(super) struct Broadcasts(RwLock<Option<(Duration, Vec<Ipv4Addr>)>>);

impl Stack {
    /// Whether a datagram to `to` would be a broadcast.
    pub(super) fn is_broadcast(&self, to: &Endpoint) -> bool {
        let Some(IpAddr::V4(ip)) = to.ip() else {
            return false;
        };
        if ip.is_broadcast() {
            return true;
        }
        if ip.is_loopback() || ip.is_multicast() {
            return false;
        }
        let now = self.net.now();
        if let Some((asked, list)) = &*self.broadcasts.0.read()
            && now.saturating_sub(*asked) < FRESH
        {
            return list.contains(&ip);
        }
        // Without the list a broadcast is left to the network to judge.
        let interfaces = self.net.interfaces().unwrap_or_default();
        let list: Vec<_> = interfaces
            .iter()
            .filter_map(|interface| match interface.broadcast {
                Some(IpAddr::V4(ip)) => Some(ip),
                _ => None,
            })
            .collect();
        let found = list.contains(&ip);
        *self.broadcasts.0.write() = Some((now, list));
        found
    }
}
