//! The base provider: TCP, UDP, RAW and AF_UNIX over a network seam.
//!
//! [`net`] is the seam: what a network must do; [`os`] does it over the sockets of the system.
//! [`base`] is the provider: a client DLL links it in by [`base::entry`] and starts a fresh catalog
//! with [`base::catalog_entries`].

pub mod base;
pub mod net;
pub mod os;
mod sync;
