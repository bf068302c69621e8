//! Ports that nobody uses.

use crate::wait;
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::sync::Mutex;
use std::{env, ops::Range};

/// Systems choose ports above these for sockets that do not name one.
const ALL: Range<u16> = 20_000..32_000;

/// How many ports a test program takes at once.
const BLOCK: u16 = 100;

/// The ports that this program has for itself and has not given out, with the lock that says so to other programs.
struct Lease {
    left: Range<u16>,
    _lock: File,
}

/// A port that is free on every address of both families, for TCP and UDP, that no system chooses by itself, and that no other test
/// program is given as long as this one runs.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free() -> u16 {
    static LEASES: Mutex<Vec<Lease>> = Mutex::new(Vec::new());
    let mut leases = LEASES.lock().expect("nobody panics with the lock");
    loop {
        if let Some(port) = leases.last_mut().and_then(|lease| lease.left.next()) {
            if is_free(port) {
                return port;
            }
        } else {
            leases.push(wait::until_some("a block of ports", lease));
        }
    }
}

/// A block that no other program has.
fn lease() -> Option<Lease> {
    ALL.step_by(usize::from(BLOCK)).find_map(|first| {
        // A file of another user is that user's block.
        let lock = File::create(env::temp_dir().join(format!("ws2spi-ports-{first}"))).ok()?;
        // The system gives it back when the program ends.
        lock.try_lock().ok()?;
        Some(Lease {
            left: first..first + BLOCK,
            _lock: lock,
        })
    })
}

/// Whether no socket of the host has the port.
fn is_free(port: u16) -> bool {
    let tables: Vec<String> = ["tcp", "tcp6", "udp", "udp6"]
        .into_iter()
        .filter_map(|table| fs::read_to_string(format!("/proc/net/{table}")).ok())
        .collect();
    if tables.is_empty() {
        let families = [
            IpAddr::from(Ipv4Addr::UNSPECIFIED),
            Ipv6Addr::UNSPECIFIED.into(),
        ];
        return families.into_iter().all(|any| {
            TcpListener::bind((any, port)).is_ok() && UdpSocket::bind((any, port)).is_ok()
        });
    }
    let used = format!(":{port:04X}");
    !tables.iter().flat_map(|table| table.lines()).any(|line| {
        line.split_whitespace()
            .nth(1)
            .is_some_and(|name| name.ends_with(&used))
    })
}
