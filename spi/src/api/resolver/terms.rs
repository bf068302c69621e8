//! What a lookup is asked with, and an address as Windows lays it out. The same whoever answers.

use std::net::SocketAddr;

/// The hints of a lookup.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hints {
    /// `AI_*` flags.
    pub flags: i32,
    /// Address family, 0 for any.
    pub family: i32,
    /// Socket type, 0 for any.
    pub kind: i32,
    /// Protocol, 0 for any.
    pub protocol: i32,
}

/// An address in Windows' layout.
#[must_use]
pub fn address_bytes(address: &SocketAddr) -> Vec<u8> {
    ws2spi_abi::args::Address::from_ip(*address)
        .as_bytes()
        .to_vec()
}
