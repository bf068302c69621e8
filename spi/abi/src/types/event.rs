//! Waiting for sockets: network events, the sets of select, the array of WSAPoll.
//!
//! Filled by WSPEnumNetworkEvents, WSPSelect and WSAPoll into memory of the application.

use super::SOCKET;
use super::plain::plain_structs;

plain_structs! {
    /// What WSPEnumNetworkEvents reports. 44 bytes. The caller owns it.
    /// Microsoft: winsock2.h, WSANETWORKEVENTS structure.
    #[doc(alias = "LPWSANETWORKEVENTS")]
    #[derive(PartialEq, Eq)]
    pub struct WSANETWORKEVENTS {
        /// `FD_*` bits that have happened.
        pub lNetworkEvents: i32,
        /// Error per event, indexed by `FD_*_BIT`; only those of the bits above are written.
        pub iErrorCode: [i32; 10],
    }

    /// A set of sockets. 520 bytes. An application may declare a longer array: `fd_count` decides,
    /// not 64. The caller owns it. Microsoft: winsock2.h, fd_set structure.
    #[doc(alias = "fd_set")]
    pub struct FD_SET {
        /// How many cells of the array are in use.
        pub fd_count: u32,
        /// The sockets.
        pub fd_array: [SOCKET; 64],
    }

    /// A length of time, two 32-bit numbers on every host. 8 bytes.
    /// Microsoft: winsock2.h, timeval structure.
    #[doc(alias = "timeval")]
    #[derive(PartialEq, Eq)]
    pub struct TIMEVAL {
        /// Seconds.
        pub tv_sec: i32,
        /// Microseconds.
        pub tv_usec: i32,
    }

    /// One socket of WSAPoll. 16 bytes. The caller owns the array.
    /// Microsoft: winsock2.h, WSAPOLLFD structure.
    #[doc(alias = "pollfd")]
    #[derive(PartialEq, Eq)]
    pub struct WSAPOLLFD {
        /// The socket; negative values are ignored.
        pub fd: SOCKET,
        /// Conditions to wait for: `POLLRDNORM`, `POLLRDBAND`, `POLLWRNORM`.
        pub events: i16,
        /// Conditions that hold.
        pub revents: i16,
    }
}
