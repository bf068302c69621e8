//! What the machine of the tests has: what all of them need, and what single ones need.
//!
//! Without the former a test program ends at its first test and says why. The latter are named by rows of `exceptions.toml`: without
//! them the row's test does not apply.

use serde::Deserialize;
use std::io::{self, Write};
use std::net::{Ipv6Addr, SocketAddrV6, TcpListener};
use std::sync::Once;
use std::{fs, process};

mod system {
    use std::ffi::c_char;

    unsafe extern "C" {
        pub fn socket(family: i32, kind: i32, protocol: i32) -> i32;
        pub fn close(descriptor: i32) -> i32;
        pub fn if_nametoindex(name: *const c_char) -> u32;
    }
}

/// What a machine may lack.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum Need {
    /// The right to make raw sockets.
    #[serde(rename = "raw sockets")]
    RawSockets,
    /// A link-local IPv6 address.
    #[serde(rename = "link-local address")]
    LinkLocalAddress,
}

impl Need {
    /// Whether this machine, or this process, has it.
    #[must_use]
    pub fn is_met(self) -> bool {
        match self {
            Self::RawSockets => may_make_raw_sockets(),
            Self::LinkLocalAddress => link_local().is_some(),
        }
    }
}

/// Ends the program, with a word on what is missing, when this machine does not have what all tests need: an IPv6 loopback.
pub fn demand() {
    static LOOKED: Once = Once::new();
    LOOKED.call_once(|| {
        let Err(reason) = TcpListener::bind("[::1]:0") else {
            return;
        };
        say(&format!(
            "This machine has no IPv6 loopback (::1: {reason}), which half of the tests need: see CONTRIBUTING.md, \"Before you start\"."
        ));
        process::exit(1);
    });
}

/// Whether the system lets this process make raw sockets.
#[must_use]
pub fn may_make_raw_sockets() -> bool {
    const INET: i32 = 2;
    const RAW: i32 = 3;
    // SAFETY: no pointers.
    let descriptor = unsafe { system::socket(INET, RAW, 255) };
    if descriptor >= 0 {
        // SAFETY: the descriptor was just made and is nobody else's.
        unsafe { system::close(descriptor) };
    }
    descriptor >= 0
}

/// The number of the loopback interface.
///
/// # Panics
/// When there is none under a name that is known.
#[must_use]
pub fn loopback_index() -> u32 {
    // Linux and the BSDs.
    let numbers = [c"lo", c"lo0"].map(|name| {
        // SAFETY: a string that ends with NUL.
        unsafe { system::if_nametoindex(name.as_ptr()) }
    });
    let known = numbers.into_iter().find(|number| *number != 0);
    known.expect("there is a loopback interface")
}

/// A link-local address of this machine, with its zone.
#[must_use]
pub fn link_local() -> Option<(Ipv6Addr, u32)> {
    let Ok(list) = fs::read_to_string("/proc/net/if_inet6") else {
        // The loopback of macOS and FreeBSD has this one.
        let own = (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1), loopback_index());
        let name = SocketAddrV6::new(own.0, 0, 0, own.1);
        return TcpListener::bind(name).is_ok().then_some(own);
    };
    list.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let ip = Ipv6Addr::from(u128::from_str_radix(words.next()?, 16).ok()?);
        let zone = u32::from_str_radix(words.next()?, 16).ok()?;
        ip.is_unicast_link_local().then_some((ip, zone))
    })
}

/// Tells it to whoever runs the tests, also where the output of tests is kept back.
pub fn say(what: &str) {
    // Nobody may be there.
    let _ = writeln!(io::stderr(), "ws2spi-tests: {what}");
}
