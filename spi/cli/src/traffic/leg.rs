//! `Leg`: one part of a run's traffic: one transport over one address family.
//!
//! A chain stands over each of them. Plans, exchanges and reports go by legs.

use std::fmt;
use ws2spi_abi::{AF_INET, AF_INET6};

/// An address family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The number: `AF_INET`, `AF_INET6`.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::V4 => AF_INET,
            Self::V6 => AF_INET6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// A transport protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// A stream of bytes.
    Tcp,
    /// Datagrams.
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        })
    }
}

/// One part of a run: one transport over one family.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    /// The transport.
    pub transport: Transport,
    /// The family.
    pub family: Family,
}

impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} over {}", self.transport, self.family)
    }
}

impl Leg {
    /// The legs over these families: TCP over all of them, then UDP.
    #[must_use]
    pub fn over(families: &[Family]) -> Vec<Self> {
        let transports = [Transport::Tcp, Transport::Udp];
        let over = |transport| {
            families.iter().map(move |family| Self {
                transport,
                family: *family,
            })
        };
        transports.into_iter().flat_map(over).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legs_are_every_transport_over_every_family() {
        let names = |families: &[Family]| -> Vec<String> {
            Leg::over(families).iter().map(Leg::to_string).collect()
        };
        assert_eq!(
            names(&[Family::V4, Family::V6]),
            [
                "TCP over IPv4",
                "TCP over IPv6",
                "UDP over IPv4",
                "UDP over IPv6"
            ]
        );
        assert_eq!(names(&[Family::V4]), ["TCP over IPv4", "UDP over IPv4"]);
    }
}
