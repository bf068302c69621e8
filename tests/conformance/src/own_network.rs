//! A network of the calling thread's own, whose addresses a test may change: a network namespace of Linux.
//!
//! Threads that the thread starts are in it too, so a body goes there first and then starts the subject. Elsewhere, and without the
//! right to make one, there is none.

use std::net::Ipv4Addr;
use std::thread;

/// Whether there is one for whoever asks.
#[must_use]
pub fn is_allowed() -> bool {
    // The network goes with the thread.
    thread::spawn(system::unshare).join().unwrap_or(false)
}

/// Moves the calling thread to a network that has nothing but a loopback interface, which is down and has no IPv4 address.
///
/// # Panics
/// Without the right to make one.
pub fn enter() {
    assert!(system::unshare(), "a network can be made");
}

/// Gives the loopback interface of the thread's network an address, in place of the one it had, and makes it work.
///
/// # Panics
/// When that is not allowed.
pub fn set_address(address: Ipv4Addr) {
    assert!(system::set_address(address), "the address can be set");
}

#[cfg(target_os = "linux")]
mod system {
    use std::mem::{size_of, zeroed};
    use std::net::Ipv4Addr;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    pub(super) fn unshare() -> bool {
        // SAFETY: no pointers.
        unsafe { libc::unshare(libc::CLONE_NEWNET) == 0 }
    }

    pub(super) fn set_address(address: Ipv4Addr) -> bool {
        // SAFETY: no pointers.
        let descriptor = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM, 0) };
        if descriptor < 0 {
            return false;
        }
        // SAFETY: just made, and nobody else's.
        let socket = unsafe { OwnedFd::from_raw_fd(descriptor) };
        // SAFETY: a C structure of numbers: all zeroes is a value.
        let mut request: libc::ifreq = unsafe { zeroed() };
        request.ifr_name[0] = b'l' as libc::c_char;
        request.ifr_name[1] = b'o' as libc::c_char;
        let name = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: 0,
            sin_addr: libc::in_addr {
                s_addr: u32::from_ne_bytes(address.octets()),
            },
            sin_zero: [0; 8],
        };
        const { assert!(size_of::<libc::sockaddr_in>() == size_of::<libc::sockaddr>()) };
        // SAFETY: both are names of the same size, without pointers.
        request.ifr_ifru.ifru_addr =
            unsafe { std::mem::transmute::<libc::sockaddr_in, libc::sockaddr>(name) };
        // SAFETY: a live request of that kind.
        let set = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFADDR, &raw mut request) };
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_LOOPBACK) as libc::c_short;
        // SAFETY: as above.
        let up = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw mut request) };
        set == 0 && up == 0
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::net::Ipv4Addr;

    pub(super) fn unshare() -> bool {
        false
    }

    pub(super) fn set_address(_: Ipv4Addr) -> bool {
        false
    }
}
