//! Who may bind a name that somebody else has: the table of Windows' sharing classes.
//!
//! A pure function over two claims (base-provider.md 2.4, Microsoft's "Using SO_REUSEADDR and
//! SO_EXCLUSIVEADDRUSE"). Called by [`super::registry`], which holds the claims of this process.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use ws2spi_abi::Errno;

use crate::net::Endpoint;
use crate::net::UnixPath;

/// What the owner of a socket said about sharing its name, before it bound it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing.
    #[default]
    Plain,
    /// `SO_REUSEADDR`.
    Reuse,
    /// `SO_EXCLUSIVEADDRUSE`.
    Exclusive,
}

/// The part of a name that takes part in conflicts; ports are compared by the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// `0.0.0.0`.
    AnyV4,
    /// An IPv4 address, also one that an IPv6 socket carries as a mapped address.
    V4(Ipv4Addr),
    /// `::` of a socket that carries IPv6 only.
    AnyV6,
    /// `::` of a socket that carries both families.
    AnyDual,
    /// An IPv6 address in a zone.
    V6(Ipv6Addr, u32),
    /// A path; the file system decides about these.
    Unix(UnixPath),
}

/// How two places lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    None,
    SameWildcard,
    SameAddress,
    FirstWider,
    SecondWider,
}

impl Place {
    /// The place that `name` is, bound by a socket that carries both families or IPv6 only.
    pub(super) fn of(name: &Endpoint, dual: bool) -> Self {
        match name {
            Endpoint::V4(v4) if v4.ip().is_unspecified() => Self::AnyV4,
            Endpoint::V4(v4) => Self::V4(*v4.ip()),
            Endpoint::V6(v6) => match v6.ip().to_ipv4_mapped() {
                Some(mapped) if mapped.is_unspecified() => Self::AnyV4,
                Some(mapped) => Self::V4(mapped),
                None if !v6.ip().is_unspecified() => Self::V6(*v6.ip(), v6.scope_id()),
                None if dual => Self::AnyDual,
                None => Self::AnyV6,
            },
            Endpoint::Unix(path) => Self::Unix(*path),
        }
    }

    /// Whether a bind of both would be a bind of the very same name.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        matches!(
            self.against(other),
            Overlap::SameWildcard | Overlap::SameAddress
        )
    }

    /// Whether there are packets that would be for both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.against(other) != Overlap::None
    }

    fn family(&self) -> Option<IpAddr> {
        match self {
            Self::AnyV4 | Self::V4(_) => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            Self::AnyV6 | Self::V6(..) => Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            Self::AnyDual | Self::Unix(_) => None,
        }
    }

    fn against(&self, second: &Self) -> Overlap {
        if self == second {
            return match self {
                Self::AnyV4 | Self::AnyV6 | Self::AnyDual => Overlap::SameWildcard,
                _ => Overlap::SameAddress,
            };
        }
        match (self, second) {
            (Self::Unix(_), _) | (_, Self::Unix(_)) => Overlap::None,
            // `::` for both families lies above everything else, `0.0.0.0` included (P61, P62);
            // against `::` for IPv6 alone it is the same wildcard.
            (Self::AnyDual, Self::AnyV6) | (Self::AnyV6, Self::AnyDual) => Overlap::SameWildcard,
            (Self::AnyDual, _) => Overlap::FirstWider,
            (_, Self::AnyDual) => Overlap::SecondWider,
            _ if self.family() != second.family() => Overlap::None,
            (Self::AnyV4 | Self::AnyV6, _) => Overlap::FirstWider,
            (_, Self::AnyV4 | Self::AnyV6) => Overlap::SecondWider,
            _ => Overlap::None,
        }
    }
}

/// What comes of a bind of `second` while `first` stands, both on one port.
///
/// # Errors
/// `ADDRINUSE` or `ACCES`, as the table says.
pub(super) fn judge(first: (Place, Class), second: (Place, Class)) -> Result<(), Errno> {
    use Class::Exclusive;
    use Class::Plain;
    use Class::Reuse;

    let in_use = Err(Errno::ADDRINUSE);
    let denied = Err(Errno::ACCES);
    match (first.0.against(&second.0), first.1, second.1) {
        (Overlap::None, ..) => Ok(()),

        (Overlap::SameWildcard | Overlap::SameAddress, Reuse, Reuse) => Ok(()),
        (Overlap::SameWildcard | Overlap::SameAddress, Plain | Exclusive, Reuse) => denied,
        (Overlap::SameWildcard | Overlap::SameAddress, ..) => in_use,

        (Overlap::FirstWider, Exclusive, _) => denied,
        (Overlap::FirstWider, Plain | Reuse, _) => Ok(()),

        (Overlap::SecondWider, _, Exclusive) => in_use,
        (Overlap::SecondWider, _, Plain | Reuse) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: Place = Place::AnyV4;
    const S: Place = Place::V4(Ipv4Addr::LOCALHOST);

    fn cell(first: (Place, Class), second: (Place, Class)) -> &'static str {
        match judge(first, second) {
            Ok(()) => "ok",
            Err(Errno::ADDRINUSE) => "INUSE",
            Err(Errno::ACCES) => "ACC",
            Err(_) => "?",
        }
    }

    #[test]
    fn every_cell_of_the_table_holds() {
        // P52, P53, P55-P60: base-provider.md 2.4, rows first, columns second.
        use Class::*;
        let sides = [
            (W, Plain),
            (S, Plain),
            (W, Reuse),
            (S, Reuse),
            (W, Exclusive),
            (S, Exclusive),
        ];
        let table = [
            ["INUSE", "ok", "ACC", "ok", "INUSE", "ok"],
            ["ok", "INUSE", "ok", "ACC", "INUSE", "INUSE"],
            ["INUSE", "ok", "ok", "ok", "INUSE", "ok"],
            ["ok", "INUSE", "ok", "ok", "INUSE", "INUSE"],
            ["INUSE", "ACC", "ACC", "ACC", "INUSE", "ACC"],
            ["ok", "INUSE", "ok", "ACC", "INUSE", "INUSE"],
        ];
        for (first, row) in sides.iter().zip(table) {
            for (second, expected) in sides.iter().zip(row) {
                assert_eq!(cell(*first, *second), expected, "{first:?} then {second:?}");
            }
        }
    }

    #[test]
    fn the_dual_stack_list_holds() {
        // P58-P63: the exclusive and dual-stack cases of test_reuseaddr.
        use Class::*;
        let dual = Place::AnyDual;
        let lo6 = Place::V6(Ipv6Addr::LOCALHOST, 0);
        let mapped = |ip: Ipv4Addr| {
            let v6 = std::net::SocketAddrV6::new(ip.to_ipv6_mapped(), 1, 0, 0);
            Place::of(&Endpoint::V6(v6), true)
        };
        let cases = [
            ((W, Exclusive), (S, Plain), "ACC"),
            ((dual, Exclusive), (S, Plain), "ACC"),
            ((W, Plain), (S, Exclusive), "ok"),
            ((W, Exclusive), (S, Exclusive), "ACC"),
            ((S, Exclusive), (W, Plain), "ok"),
            ((S, Plain), (W, Exclusive), "INUSE"),
            ((S, Plain), (dual, Exclusive), "INUSE"),
            ((lo6, Plain), (W, Exclusive), "ok"),
            ((lo6, Exclusive), (S, Exclusive), "ok"),
            (
                (mapped(Ipv4Addr::LOCALHOST), Plain),
                (W, Exclusive),
                "INUSE",
            ),
            ((dual, Exclusive), (W, Plain), "ACC"),
            ((dual, Plain), (W, Exclusive), "ok"),
            ((W, Plain), (W, Exclusive), "INUSE"),
            ((dual, Plain), (W, Plain), "ok"),
            ((mapped(Ipv4Addr::UNSPECIFIED), Plain), (W, Plain), "INUSE"),
            ((mapped(Ipv4Addr::LOCALHOST), Plain), (S, Plain), "INUSE"),
            ((S, Plain), (mapped(Ipv4Addr::LOCALHOST), Plain), "INUSE"),
            ((S, Exclusive), (S, Plain), "INUSE"),
            ((S, Plain), (S, Exclusive), "INUSE"),
        ];
        for (first, second, expected) in cases {
            assert_eq!(cell(first, second), expected, "{first:?} then {second:?}");
        }
    }

    #[test]
    fn different_addresses_never_conflict() {
        // P37: only a name that another socket holds is a conflict.
        let other = Place::V4(Ipv4Addr::new(127, 0, 0, 2));
        assert_eq!(
            judge((S, Class::Exclusive), (other, Class::Exclusive)),
            Ok(())
        );
    }
}
