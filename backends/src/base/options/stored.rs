//! What was set on a socket, in the values that were set.
//!
//! Systems round, double or clamp what they are given, and forget it with a socket that is replaced;
//! Windows reads back what was set and lets accepted sockets inherit it. So every option that was
//! set is kept here, and [`Stored::replay`] gives it to another network socket.

use ws2spi_abi::LINGER;

use super::super::sharing::Class;
use crate::net::NetSocket;
use crate::net::SocketOption;

/// Systems refuse smaller buffers, or make them of no use.
const SMALLEST_BUFFER: i32 = 4096;

/// What the transport itself buffers when the socket is to buffer nothing.
const TRANSPORT_BUFFER: i32 = 65536;

/// The options of one socket; owns no memory until one is set.
#[derive(Clone, Default)]
pub(in super::super) struct Stored {
    /// What the bind is to share.
    pub(in super::super) class: Class,
    /// SO_LINGER.
    pub(in super::super) linger: LINGER,
    set: Option<Box<Values>>,
}

/// The values that were set.
#[derive(Clone, Default)]
struct Values {
    /// Options of the network, in the application's values.
    network: Vec<(SocketOption, i32)>,
    /// Options that are only kept, by level and name.
    kept: Vec<((i32, i32), i32)>,
}

impl Stored {
    /// Remembers an option that the network was given.
    pub(in super::super) fn keep_network(&mut self, option: SocketOption, value: i32) {
        put(&mut self.set.get_or_insert_default().network, option, value);
    }

    /// The value that was set.
    pub(super) fn network(&self, option: SocketOption) -> Option<i32> {
        get(&self.set.as_ref()?.network, &option)
    }

    /// Remembers an option that the network does not have.
    pub(in super::super) fn keep(&mut self, level: i32, name: i32, value: i32) {
        put(
            &mut self.set.get_or_insert_default().kept,
            (level, name),
            value,
        );
    }

    /// The value that was set.
    pub(super) fn kept(&self, level: i32, name: i32) -> Option<i32> {
        get(&self.set.as_ref()?.kept, &(level, name))
    }

    /// All that the network was given.
    pub(in super::super) fn all_network(&self) -> &[(SocketOption, i32)] {
        self.set.as_ref().map_or(&[], |set| &set.network)
    }

    /// All that is only kept.
    pub(in super::super) fn all_kept(&self) -> &[((i32, i32), i32)] {
        self.set.as_ref().map_or(&[], |set| &set.kept)
    }

    /// Gives all options to another network socket. One that it refuses keeps its default.
    pub(in super::super) fn replay(&self, net: &dyn NetSocket) {
        for (option, value) in self.set.iter().flat_map(|set| &set.network) {
            let _ = net.set_option(*option, for_network(*option, *value));
        }
    }

    /// Whether an IPv6 socket carries IPv6 only (P64: the default).
    pub(in super::super) fn is_v6_only(&self) -> bool {
        self.network(SocketOption::Ipv6Only) != Some(0)
    }
}

/// The value as the network takes it.
pub(super) fn for_network(option: SocketOption, value: i32) -> i32 {
    match option {
        SocketOption::SendBuffer | SocketOption::ReceiveBuffer => match value {
            0 => TRANSPORT_BUFFER,
            size => size.max(SMALLEST_BUFFER),
        },
        _ => value,
    }
}

fn put<K: PartialEq>(list: &mut Vec<(K, i32)>, key: K, value: i32) {
    match list.iter_mut().find(|(kept, _)| *kept == key) {
        Some((_, kept)) => *kept = value,
        None => list.push((key, value)),
    }
}

fn get<K: PartialEq>(list: &[(K, i32)], key: &K) -> Option<i32> {
    list.iter()
        .find(|(kept, _)| kept == key)
        .map(|(_, value)| *value)
}
