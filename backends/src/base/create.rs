//! WSPSocket: which network socket the three numbers and a catalog entry mean.
//!
//! [`resolve`] is pure and follows the table of base-provider.md 1.29. A protocol info that carries
//! the token of a duplicate makes another handle of an existing socket ([`super::duplicate`]).

use std::sync::Arc;

use ws2spi_abi::AF_INET;
use ws2spi_abi::AF_INET6;
use ws2spi_abi::AF_UNIX;
use ws2spi_abi::AF_UNSPEC;
use ws2spi_abi::Errno;
use ws2spi_abi::FROM_PROTOCOL_INFO;
use ws2spi_abi::IPPROTO_ICMP;
use ws2spi_abi::IPPROTO_ICMPV6;
use ws2spi_abi::IPPROTO_RAW;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::IPPROTO_UDP;
use ws2spi_abi::SOCK_DGRAM;
use ws2spi_abi::SOCK_RAW;
use ws2spi_abi::SOCK_RDM;
use ws2spi_abi::SOCK_SEQPACKET;
use ws2spi_abi::SOCK_STREAM;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSA_FLAG_MULTIPOINT_C_LEAF;
use ws2spi_abi::WSA_FLAG_MULTIPOINT_C_ROOT;
use ws2spi_abi::WSA_FLAG_MULTIPOINT_D_LEAF;
use ws2spi_abi::WSA_FLAG_MULTIPOINT_D_ROOT;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::catalog;
use super::options::Stored;
use super::socket::Make;
use super::socket::Socket;
use super::stack::Stack;
use super::status::Bit;
use crate::net::Family;
use crate::net::Kind;

impl Stack {
    /// WSPSocket.
    ///
    /// # Errors
    /// `NOTINITIALISED`; `AFNOSUPPORT`, `SOCKTNOSUPPORT`, `PROTONOSUPPORT`, `INVAL` by the table of
    /// [`resolve`]; `INVAL` for multipoint roles that the protocol has not and for a token that is
    /// used up; `ACCES` for raw sockets without the privilege; `MFILE`, `NOBUFS`.
    pub(super) fn create(
        self: &Arc<Self>,
        numbers: (i32, i32, i32),
        info: Option<&WSAPROTOCOL_INFOW>,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        self.upcalls()?;
        if let Some(info) = info
            && let Some(token) = super::duplicate::token_of(info)
        {
            return self.redeem(token, info);
        }
        let (family, kind, protocol) = resolve(numbers, info)?;
        const ROLES: u32 = WSA_FLAG_MULTIPOINT_C_ROOT
            | WSA_FLAG_MULTIPOINT_C_LEAF
            | WSA_FLAG_MULTIPOINT_D_ROOT
            | WSA_FLAG_MULTIPOINT_D_LEAF;
        const LEAF: u32 = WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF;
        // IP multicast has no root on either plane, and streams have none of it.
        if flags & ROLES != 0 && (kind == Kind::Stream || flags & ROLES != LEAF) {
            return Err(Errno::INVAL);
        }
        let net = self.net.socket(family, kind, protocol)?;
        let info = match info {
            Some(info) => self.intern(info),
            None => self.intern(&catalog::entry_for(family, kind)),
        };
        let make = Make {
            family,
            kind,
            protocol,
            flags,
            info,
        };
        let bits: &[Bit] = match kind {
            Kind::Stream => &[],
            Kind::Datagram | Kind::Raw => {
                &[Bit::Datagram, Bit::WantsPortReports, Bit::WantsLifeReports]
            }
        };
        self.publish(&Socket::new(self, make, net, bits, Stored::default()))
    }
}

/// What the numbers mean; a zero, or -1, is taken from the catalog entry.
///
/// # Errors
/// See the table in the tests.
pub(super) fn resolve(
    (family, kind, protocol): (i32, i32, i32),
    info: Option<&WSAPROTOCOL_INFOW>,
) -> Result<(Family, Kind, i32), Errno> {
    let choose = |explicit: i32, entry: fn(&WSAPROTOCOL_INFOW) -> i32| match explicit {
        0 | FROM_PROTOCOL_INFO => info.map_or(0, entry),
        explicit => explicit,
    };
    let family = choose(family, |info| info.iAddressFamily);
    let mut kind = choose(kind, |info| info.iSocketType);
    let mut protocol = choose(protocol, |info| info.iProtocol);
    if !matches!(
        kind,
        0 | SOCK_STREAM | SOCK_DGRAM | SOCK_RAW | SOCK_RDM | SOCK_SEQPACKET
    ) {
        return Err(Errno::SOCKTNOSUPPORT);
    }
    if !matches!(family, AF_UNSPEC | AF_INET | AF_INET6 | AF_UNIX) {
        return Err(Errno::AFNOSUPPORT);
    }
    if family == AF_UNIX {
        return match (kind, protocol) {
            (0 | SOCK_STREAM, 0) => Ok((Family::Unix, Kind::Stream, 0)),
            // P348: streams only.
            (0 | SOCK_STREAM, _) => Err(Errno::PROTONOSUPPORT),
            _ => Err(Errno::SOCKTNOSUPPORT),
        };
    }
    if kind == 0 {
        kind = match protocol {
            0 if family == AF_UNSPEC => return Err(Errno::INVAL),
            0 | IPPROTO_TCP => SOCK_STREAM,
            IPPROTO_UDP => SOCK_DGRAM,
            IPPROTO_RAW | IPPROTO_ICMP | IPPROTO_ICMPV6 => SOCK_RAW,
            _ => return Err(Errno::PROTONOSUPPORT),
        };
    }
    let net_kind = match kind {
        SOCK_STREAM => Kind::Stream,
        SOCK_DGRAM => Kind::Datagram,
        SOCK_RAW => Kind::Raw,
        _ => return Err(Errno::SOCKTNOSUPPORT),
    };
    if protocol == 0 {
        if family == AF_UNSPEC {
            return Err(Errno::INVAL);
        }
        protocol = match net_kind {
            Kind::Stream => IPPROTO_TCP,
            Kind::Datagram => IPPROTO_UDP,
            Kind::Raw => 0,
        };
    }
    match (net_kind, protocol) {
        (Kind::Stream, IPPROTO_TCP) | (Kind::Datagram, IPPROTO_UDP) => {}
        (Kind::Raw, 0..=255) => {}
        _ => return Err(Errno::PROTONOSUPPORT),
    }
    // P16: without a family the protocols of IPv4 are meant.
    Ok((
        if family == AF_INET6 {
            Family::Inet6
        } else {
            Family::Inet
        },
        net_kind,
        protocol,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: i32 = 0xdead;

    #[test]
    fn the_numbers_mean_what_windows_makes_of_them() {
        // P6-P16, P20, P348: base-provider.md 1.29.
        use Family::*;
        use Kind::*;
        let rows = [
            ((AF_INET, SOCK_STREAM, 0), Ok((Inet, Stream, 6))),
            ((AF_INET, SOCK_DGRAM, 0), Ok((Inet, Datagram, 17))),
            ((AF_INET, 0, 6), Ok((Inet, Stream, 6))),
            ((AF_INET, 0, 17), Ok((Inet, Datagram, 17))),
            ((AF_INET, 0, 0), Ok((Inet, Stream, 6))),
            ((AF_INET6, SOCK_DGRAM, 0), Ok((Inet6, Datagram, 17))),
            ((AF_INET, 0, BAD), Err(Errno::PROTONOSUPPORT)),
            ((AF_INET, BAD, 0), Err(Errno::SOCKTNOSUPPORT)),
            ((AF_INET, BAD, BAD), Err(Errno::SOCKTNOSUPPORT)),
            ((AF_INET, SOCK_STREAM, 17), Err(Errno::PROTONOSUPPORT)),
            ((AF_INET, SOCK_DGRAM, 6), Err(Errno::PROTONOSUPPORT)),
            ((BAD, SOCK_STREAM, 6), Err(Errno::AFNOSUPPORT)),
            ((BAD, SOCK_STREAM, BAD), Err(Errno::AFNOSUPPORT)),
            ((BAD, BAD, 6), Err(Errno::SOCKTNOSUPPORT)),
            ((0, SOCK_STREAM, 6), Ok((Inet, Stream, 6))),
            ((0, SOCK_STREAM, 0), Err(Errno::INVAL)),
            ((0, 0, 0), Err(Errno::INVAL)),
            ((0, 0, 6), Ok((Inet, Stream, 6))),
            ((0, 0, 17), Ok((Inet, Datagram, 17))),
            ((0, 0, BAD), Err(Errno::PROTONOSUPPORT)),
            ((0, SOCK_STREAM, BAD), Err(Errno::PROTONOSUPPORT)),
            ((0, BAD, 17), Err(Errno::SOCKTNOSUPPORT)),
            ((0, 0, IPPROTO_RAW), Ok((Inet, Raw, 255))),
            ((AF_UNIX, SOCK_STREAM, 0), Ok((Unix, Stream, 0))),
            ((AF_UNIX, SOCK_DGRAM, 0), Err(Errno::SOCKTNOSUPPORT)),
        ];
        for (numbers, expected) in rows {
            assert_eq!(resolve(numbers, None), expected, "{numbers:?}");
        }
    }

    #[test]
    fn what_is_given_overrides_the_catalog_entry() {
        // P17
        let udp = catalog::entry_for(Family::Inet, Kind::Datagram);
        assert_eq!(
            resolve((-1, -1, -1), Some(&udp)),
            Ok((Family::Inet, Kind::Datagram, 17))
        );
        assert_eq!(
            resolve((-1, SOCK_STREAM, IPPROTO_TCP), Some(&udp)),
            Ok((Family::Inet, Kind::Stream, 6))
        );
    }

    #[test]
    fn an_entry_without_a_family_is_refused() {
        // P18
        let mut entry = catalog::entry_for(Family::Inet, Kind::Stream);
        entry.iAddressFamily = -1;
        assert_eq!(resolve((-1, -1, -1), Some(&entry)), Err(Errno::AFNOSUPPORT));
    }
}
