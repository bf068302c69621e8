//! The base provider: TCP, UDP, RAW and AF_UNIX over a network seam.
//!
//! [`net`] is the seam: what a network must do; [`os`] does it over the sockets of the system.

pub mod net;
pub mod os;
