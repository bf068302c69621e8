//! SIO_ADDRESS_LIST_SORT: which of several addresses to connect to first
//! ("Using SIO_ADDRESS_LIST_SORT").
//!
//! The order is that of destination address selection (RFC 6724, section 6) with Windows' default
//! table of prefix policies, which is the RFC's. IPv4 addresses are given as IPv4-mapped ones. The
//! sources are asked of the network, one route each.
//!
//! DIFFERS: systems do not tell which addresses are deprecated, are home addresses or lie behind a
//! tunnel, so rules 3, 4 and 7 never decide; the table is not the one that netsh configures.

use std::cmp::Reverse;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use ws2spi_abi::args::Address;
use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::*;

use super::super::socket::Socket;
use super::hosts::write_list;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interface;
use crate::net::Net;

impl Socket {
    /// SIO_ADDRESS_LIST_SORT: the addresses of the input, the best first, laid out as
    /// SIO_ADDRESS_LIST_QUERY does; both buffers may be one.
    ///
    /// # Errors
    /// `INVAL` on a socket that is not IPv6 and for an address that is not; `FAULT` for an input
    /// that is shorter than it says and for an output that is too small, with the size in the count.
    pub(super) fn sort_addresses(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        if self.make.family != Family::Inet6 {
            return Err(Errno::INVAL);
        }
        let given = call.input.address_list()?;
        let given: Option<Vec<_>> = given.iter().map(of_inet6).collect();
        let interfaces = self.stack.net.interfaces()?;
        let usable = given
            .ok_or(Errno::INVAL)?
            .into_iter()
            .filter_map(|to| with_zone(to, &interfaces));
        let mut ways: Vec<Way> = usable
            .map(|to| Way::find(to, &*self.stack.net, &interfaces))
            .collect();
        ways.sort_by_key(Way::rank);
        let sorted: Vec<_> = ways
            .iter()
            .map(|way| Address::from_ip(SocketAddr::V6(way.to)))
            .collect();
        write_list(call, &sorted)
    }
}

fn of_inet6(address: &Address) -> Option<SocketAddrV6> {
    match address.to_ip()? {
        SocketAddr::V6(v6) => Some(v6),
        SocketAddr::V4(_) => None,
    }
}

/// The address with its zone, if it needs one and has none; `None` for one that is nobody's.
fn with_zone(mut to: SocketAddrV6, interfaces: &[Interface]) -> Option<SocketAddrV6> {
    let ip = *to.ip();
    if ip.is_unspecified() || ip.to_ipv4_mapped().is_some_and(|v4| v4.is_unspecified()) {
        return None;
    }
    let scope = scope(ip);
    if to.scope_id() != 0 || ip.is_loopback() || ip.is_multicast() || scope == GLOBAL {
        return Some(to);
    }
    let own = interfaces.iter().find(|interface| {
        let same = |own: Ipv6Addr| !own.is_loopback() && self::scope(own) == scope;
        interface.flags.up && matches!(interface.address, IpAddr::V6(own) if same(own))
    });
    match own {
        Some(own) => to.set_scope_id(own.index),
        None if scope == SITE => return None,
        None => {}
    }
    Some(to)
}

/// A destination, and the address from which packets would go there.
#[derive(Clone, Copy, Debug)]
struct Way {
    to: SocketAddrV6,
    from: Option<Ipv6Addr>,
    /// How many bits of the source are its network's.
    network: u32,
}

impl Way {
    fn find(to: SocketAddrV6, net: &dyn Net, interfaces: &[Interface]) -> Self {
        let endpoint = match to.ip().to_ipv4_mapped() {
            Some(v4) => Endpoint::V4(SocketAddrV4::new(v4, to.port())),
            None => Endpoint::V6(to),
        };
        let from = net.route(&endpoint).ok().and_then(|from| from.ip());
        let own = interfaces
            .iter()
            .find(|interface| Some(interface.address) == from);
        let network = own.and_then(|own| own.netmask).map_or(128, |mask| {
            let ones = u128::from(mapped(mask)).leading_ones();
            match mask {
                IpAddr::V6(_) => ones,
                // The mapped mask does not begin with ones.
                IpAddr::V4(v4) => 96 + u32::from(v4).leading_ones(),
            }
        });
        Self {
            to,
            from: from.map(mapped),
            network,
        }
    }

    /// What is smaller comes first: rules 1, 2, 5, 6, 8 and 9. The prefixes of two addresses are
    /// compared within one row of the table, so within one family.
    fn rank(&self) -> (bool, bool, bool, Reverse<u8>, u8, Reverse<u32>) {
        let to = *self.to.ip();
        let policy = policy(to);
        let from = self.from;
        let common = from.map_or(0, |from| {
            let different = u128::from(from) ^ u128::from(to);
            different.leading_zeros().min(self.network)
        });
        (
            from.is_none(),
            from.is_none_or(|from| scope(from) != scope(to)),
            from.is_none_or(|from| self::policy(from).label != policy.label),
            Reverse(policy.precedence),
            scope(to),
            Reverse(common),
        )
    }
}

fn mapped(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// RFC 6724, section 3.1: how far an address reaches.
fn scope(ip: Ipv6Addr) -> u8 {
    let [first, second, ..] = ip.octets();
    match ip.to_ipv4_mapped() {
        Some(v4) if v4.is_loopback() || v4.is_link_local() => LINK,
        Some(_) => GLOBAL,
        None if first == 0xff => second & 0x0f,
        None if ip.is_loopback() || ip.is_unicast_link_local() => LINK,
        None if first == 0xfe && second & 0xc0 == 0xc0 => SITE,
        None => GLOBAL,
    }
}

const LINK: u8 = 2;
const SITE: u8 = 5;
const GLOBAL: u8 = 14;

/// A row of the table of prefix policies.
#[derive(Clone, Copy)]
struct Policy {
    prefix: Ipv6Addr,
    length: u32,
    precedence: u8,
    label: u8,
}

fn policy(ip: Ipv6Addr) -> Policy {
    let matching = POLICIES.iter().filter(|row| {
        let different = u128::from(ip) ^ u128::from(row.prefix);
        different.leading_zeros() >= row.length
    });
    // The last row matches everything.
    *matching
        .max_by_key(|row| row.length)
        .unwrap_or(&POLICIES[POLICIES.len() - 1])
}

const fn row(prefix: [u16; 8], length: u32, precedence: u8, label: u8) -> Policy {
    let [a, b, c, d, e, f, g, h] = prefix;
    Policy {
        prefix: Ipv6Addr::new(a, b, c, d, e, f, g, h),
        length,
        precedence,
        label,
    }
}

/// RFC 6724, section 2.1: what "netsh interface ipv6 show prefixpolicies" shows unless changed.
const POLICIES: [Policy; 9] = [
    row([0, 0, 0, 0, 0, 0, 0, 1], 128, 50, 0),
    row([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, 35, 4),
    row([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, 30, 2),
    row([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, 5, 5),
    row([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, 3, 13),
    row([0; 8], 96, 1, 3),
    row([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, 1, 11),
    row([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16, 1, 12),
    row([0; 8], 0, 40, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Ipv6Addr {
        let ip: IpAddr = text.parse().unwrap();
        mapped(ip)
    }

    /// The destinations in their order; each with its source, or none.
    fn sorted(ways: &[(&'static str, Option<&str>)]) -> Vec<&'static str> {
        let mut ways: Vec<_> = ways
            .iter()
            .map(|(to, from)| {
                let way = Way {
                    to: SocketAddrV6::new(ip(to), 0, 0, 0),
                    from: from.map(ip),
                    network: 64,
                };
                (*to, way)
            })
            .collect();
        ways.sort_by_key(|(_, way)| way.rank());
        ways.into_iter().map(|(to, _)| to).collect()
    }

    #[test]
    fn the_examples_of_the_rfc_come_out() {
        // RFC 6724, section 10.2: destination, source. The better one is first.
        let rows = [
            // Prefer matching scope.
            (
                ("2001:db8:1::1", Some("2001:db8:1::2")),
                ("198.51.100.121", Some("169.254.13.78")),
            ),
            (
                ("198.51.100.121", Some("198.51.100.117")),
                ("2001:db8:1::1", Some("fe80::1")),
            ),
            // Prefer higher precedence.
            (
                ("2001:db8:1::1", Some("2001:db8:1::2")),
                ("10.1.2.3", Some("10.1.2.4")),
            ),
            // Prefer smaller scope.
            (
                ("fe80::1", Some("fe80::2")),
                ("2001:db8:1::1", Some("2001:db8:1::2")),
            ),
            // Prefer matching label.
            (
                ("2002:c633:6401::1", Some("2002:c633:6401::2")),
                ("2001:db8:1::1", Some("2002:c633:6401::2")),
            ),
            // Avoid what cannot be reached.
            (("10.1.2.3", Some("10.1.2.4")), ("2001:db8:1::1", None)),
            // Longest matching prefix.
            (
                ("2001:db8:3ffe::1", Some("2001:db8:3f44::2")),
                ("2001:db8:1::1", Some("2001:db8:3f44::2")),
            ),
        ];
        for (better, worse) in rows {
            let expected = [better.0, worse.0];
            assert_eq!(sorted(&[worse, better]), expected);
            assert_eq!(sorted(&[better, worse]), expected);
        }
    }

    #[test]
    fn what_is_alike_stays_in_its_order() {
        // RFC 6724, rule 10; bits beyond the source's network do not count.
        let from = Some("2001:db8::1");
        let (one, other) = (("2001:db8::ffff", from), ("2001:db8::2", from));
        assert_eq!(sorted(&[one, other]), [one.0, other.0]);
        assert_eq!(sorted(&[other, one]), [other.0, one.0]);
    }

    #[test]
    fn the_longest_prefix_of_the_table_decides() {
        // RFC 6724, section 2.1
        for (text, precedence, label) in [
            ("::1", 50, 0),
            ("2606:4700::1", 40, 1),
            ("10.0.0.1", 35, 4),
            ("2002::1", 30, 2),
            ("2001:0:1::", 5, 5),
            ("2001:db8::1", 40, 1),
            ("fd00::1", 3, 13),
            ("::7", 1, 3),
            ("fec0::1", 1, 11),
            ("3ffe::1", 1, 12),
        ] {
            let row = policy(ip(text));
            assert_eq!((row.precedence, row.label), (precedence, label), "{text}");
        }
    }

    #[test]
    fn a_local_address_gets_its_zone_or_goes() {
        // sdk Using SIO_ADDRESS_LIST_SORT, "Sorting Determination"
        let own = |address: &str, index| Interface {
            index,
            name: String::new(),
            address: address.parse().unwrap(),
            scope: 0,
            netmask: None,
            broadcast: None,
            flags: crate::net::InterfaceFlags {
                up: true,
                ..Default::default()
            },
        };
        let zone = |text: &str, zone, interfaces: &[Interface]| {
            let to = SocketAddrV6::new(ip(text), 1, 0, zone);
            with_zone(to, interfaces).map(|to| to.scope_id())
        };
        let both = [own("::1", 1), own("fe80::1", 2), own("fec0::1", 3)];
        assert_eq!(zone("fe80::9", 0, &both), Some(2));
        assert_eq!(zone("fe80::9", 7, &both), Some(7));
        assert_eq!(zone("fec0::9", 0, &both), Some(3));
        assert_eq!(zone("fec0::9", 0, &both[..2]), None);
        assert_eq!(zone("fe80::9", 0, &both[..1]), Some(0));
        assert_eq!(zone("::1", 0, &both), Some(0));
        assert_eq!(zone("2001:db8::1", 0, &both), Some(0));
        assert_eq!(zone("::", 0, &both), None);
        assert_eq!(zone("0.0.0.0", 0, &both), None);
    }
}
