//! Ports that nobody uses.

use std::net::{Ipv6Addr, TcpListener, UdpSocket};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where systems choose ports for sockets that do not name one: not here.
const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;

/// A port that is free on every address of both families, for TCP and UDP, and that no system chooses by itself. Test programs that
/// run at the same time start at different places.
///
/// # Panics
/// When none is free.
#[must_use]
pub fn free() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = process::id().wrapping_mul(97);
    for _ in 0..COUNT {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = (FIRST + start.wrapping_add(step) % COUNT) as u16;
        let any = (Ipv6Addr::UNSPECIFIED, port);
        // Both carry IPv4 too.
        if TcpListener::bind(any).is_ok() && UdpSocket::bind(any).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
