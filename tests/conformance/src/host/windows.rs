//! Windows, where the subject is the system's own implementation: it is asked itself, so it must be started.

use crate::Socket;
use std::net::Ipv6Addr;
use ws2spi_abi::{AF_INET, IPPROTO_RAW, SOCK_RAW};

/// Whether the system lets this process make raw sockets.
#[must_use]
pub fn may_make_raw_sockets() -> bool {
    Socket::new(AF_INET, SOCK_RAW, IPPROTO_RAW).is_ok()
}

/// Gives away what rights the process has beyond those of any user: whether it can. A process of Windows keeps its rights.
#[must_use]
pub fn give_rights_away() -> bool {
    false
}

/// The number of the loopback interface.
#[must_use]
pub fn loopback_index() -> u32 {
    1
}

/// A link-local address of this machine, with its zone: none is looked for.
#[must_use]
pub fn link_local() -> Option<(Ipv6Addr, u32)> {
    None
}
