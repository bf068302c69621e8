//! Linux and the BSDs, asked past the subject.

use std::fs;
use std::net::{Ipv6Addr, SocketAddrV6, TcpListener};

mod system {
    use std::ffi::c_char;

    unsafe extern "C" {
        pub fn socket(family: i32, kind: i32, protocol: i32) -> i32;
        pub fn close(descriptor: i32) -> i32;
        pub fn if_nametoindex(name: *const c_char) -> u32;
        pub fn seteuid(user: u32) -> i32;
    }
}

/// Gives away what rights the process has beyond those of any user: whether it can. Without the right to do it there are none to give
/// away.
#[must_use]
pub fn give_rights_away() -> bool {
    /// The user without any rights.
    const NOBODY: u32 = 65534;
    // SAFETY: no pointers.
    unsafe { system::seteuid(NOBODY) };
    true
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
