//! What `getaddrinfo` and `getnameinfo` answer, before it is laid out for C: hints, node and service in Windows' terms.

use super::services;
use super::system::{self, IpWithScope, Question};
use super::terms::Hints;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use ws2spi_abi::*;

/// The addresses of a lookup, in the order in which to try them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Each address once, with the port of the service.
    pub addresses: Vec<SocketAddr>,
    /// The canonical name, when it was asked for.
    pub canonical: Option<String>,
}

const KNOWN_FLAGS: i32 = AI_PASSIVE
    | AI_CANONNAME
    | AI_NUMERICHOST
    | AI_NUMERICSERV
    | AI_DNS_ONLY
    | AI_ALL
    | AI_ADDRCONFIG
    | AI_V4MAPPED
    | AI_NON_AUTHORITATIVE
    | AI_SECURE
    | AI_RETURN_PREFERRED_NAMES
    | AI_FQDN
    | AI_FILESERVER
    | AI_DISABLE_IDN_ENCODING;

/// Resolves a node, a service, or both. An empty node is this host, an empty service port 0.
///
/// # Errors
/// `WSAHOST_NOT_FOUND`, also without node and service; `WSATYPE_NOT_FOUND` for an unknown service; `WSAEINVAL` for unknown flags and
/// for `AI_CANONNAME` without a node; `WSAEAFNOSUPPORT`, `WSAESOCKTNOSUPPORT`; the system's.
pub fn resolve(node: Option<&str>, service: Option<&str>, hints: Hints) -> Result<Answer, Errno> {
    if node.is_none() && service.is_none() {
        return Err(Errno::HOST_NOT_FOUND);
    }
    let without_name = hints.flags & AI_CANONNAME != 0 && node.is_none();
    if hints.flags & !KNOWN_FLAGS != 0 || without_name {
        return Err(Errno::INVAL);
    }
    if !matches!(hints.family, AF_UNSPEC | AF_INET | AF_INET6) {
        return Err(Errno::AFNOSUPPORT);
    }
    if !matches!(hints.kind, 0 | SOCK_STREAM | SOCK_DGRAM | SOCK_RAW) {
        return Err(Errno::SOCKTNOSUPPORT);
    }
    let port = port_of(service.unwrap_or_default(), hints)?;
    let has = |flag: i32| hints.flags & flag != 0;
    let wanted_name = has(AI_CANONNAME) || has(AI_FQDN);
    let own = match node {
        Some("") | Some("..localmachine") => Some(system::own_name()?),
        _ => None,
    };
    let question = Question {
        node: own.or_else(|| node.map(|node| bare(node).to_owned())),
        family: hints.family,
        numeric: has(AI_NUMERICHOST),
        passive: has(AI_PASSIVE),
        canonical: wanted_name,
        configured: has(AI_ADDRCONFIG),
        mapped: has(AI_V4MAPPED),
        all: has(AI_ALL),
    };
    let found = system::lookup(&question)?;
    let addresses = found
        .addresses
        .into_iter()
        .map(|address| with_port(address, port))
        .collect();
    Ok(Answer {
        addresses,
        canonical: found.canonical.filter(|_| wanted_name),
    })
}

/// The text between the brackets of `[address]` and `[address]:port`.
fn bare(node: &str) -> &str {
    let inner = node.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match inner {
        Some((address, rest))
            if rest.is_empty()
                || rest
                    .strip_prefix(':')
                    .is_some_and(|port| port.parse::<u16>().is_ok()) =>
        {
            address
        }
        _ => node,
    }
}

fn port_of(service: &str, hints: Hints) -> Result<u16, Errno> {
    if service.is_empty() {
        return Ok(0);
    }
    if service.bytes().all(|byte| byte.is_ascii_digit()) {
        return service
            .parse::<u64>()
            .map(|port| port as u16)
            .map_err(|_| Errno::TYPE_NOT_FOUND);
    }
    if hints.flags & AI_NUMERICSERV != 0 {
        return Err(Errno::HOST_NOT_FOUND);
    }
    let protocol = match (hints.kind, hints.protocol) {
        (SOCK_STREAM, _) | (0, IPPROTO_TCP) => Some("tcp"),
        (SOCK_DGRAM, _) | (0, IPPROTO_UDP) => Some("udp"),
        _ => None,
    };
    services::by_name(service, protocol)
        .map(|found| found.port)
        .ok_or(Errno::TYPE_NOT_FOUND)
}

fn with_port(address: IpWithScope, port: u16) -> SocketAddr {
    match address.ip {
        IpAddr::V4(ip) => SocketAddr::from((ip, port)),
        IpAddr::V6(ip) => SocketAddr::V6(SocketAddrV6::new(ip, port, 0, address.scope)),
    }
}

/// The host's name, or its address as text. `NI_*` flags.
///
/// # Errors
/// `WSAHOST_NOT_FOUND` when a name is required and there is none; the system's when a name is required.
pub fn host_of(address: &SocketAddr, flags: i32) -> Result<String, Errno> {
    if flags & NI_NUMERICHOST == 0 {
        let name = system::host_name(address, flags & NI_NOFQDN != 0);
        match name {
            Ok(Some(name)) => return Ok(name),
            Err(error) if flags & NI_NAMEREQD != 0 => return Err(error),
            Ok(None) if flags & NI_NAMEREQD != 0 => return Err(Errno::HOST_NOT_FOUND),
            Ok(None) | Err(_) => {}
        }
    } else if flags & NI_NAMEREQD != 0 {
        return Err(Errno::HOST_NOT_FOUND);
    }
    Ok(match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) if address.scope_id() != 0 => {
            format!(
                "{}%{}",
                super::super::host_text::ipv6_text(*address.ip()),
                address.scope_id()
            )
        }
        SocketAddr::V6(address) => super::super::host_text::ipv6_text(*address.ip()),
    })
}

/// The service's name, or its port as text. `NI_*` flags.
#[must_use]
pub fn service_of(port: u16, flags: i32) -> String {
    let protocol = if flags & NI_DGRAM == 0 { "tcp" } else { "udp" };
    let known = match flags & NI_NUMERICSERV {
        0 => services::by_port(port, Some(protocol)),
        _ => None,
    };
    known.map_or_else(|| port.to_string(), |service| service.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(node: Option<&str>, service: Option<&str>, hints: Hints) -> Vec<String> {
        let answer = resolve(node, service, hints).unwrap();
        answer.addresses.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn addresses_need_no_resolver() {
        // Wine's test_getaddrinfo: numeric addresses, brackets with and without a port.
        let none = Hints::default();
        assert_eq!(
            addresses(Some("192.168.1.253"), None, none),
            ["192.168.1.253:0"]
        );
        assert_eq!(
            addresses(Some("[beef::cafe]"), Some("80"), none),
            ["[beef::cafe]:80"]
        );
        assert_eq!(
            addresses(Some("[beef::cafe]:10239"), None, none),
            ["[beef::cafe]:0"]
        );
        let numeric = Hints {
            flags: AI_NUMERICHOST,
            ..none
        };
        for node in [
            "localhost",
            "192.168.1.253:1024",
            "[beef::cafe",
            "beef::cafe]",
        ] {
            assert_eq!(
                resolve(Some(node), Some("80"), numeric),
                Err(Errno::HOST_NOT_FOUND),
                "{node}"
            );
        }
        let v4 = Hints {
            family: AF_INET,
            ..numeric
        };
        assert_eq!(
            resolve(Some("[beef::cafe]"), None, v4),
            Err(Errno::HOST_NOT_FOUND)
        );
    }

    #[test]
    fn nothing_to_resolve_is_not_found() {
        // Wine's test_getaddrinfo: getaddrinfo(NULL, NULL): WSAHOST_NOT_FOUND.
        assert_eq!(
            resolve(None, None, Hints::default()),
            Err(Errno::HOST_NOT_FOUND)
        );
    }

    #[test]
    fn an_empty_service_is_port_zero() {
        // Wine's test_getaddrinfo: (NULL, "0") and (NULL, "") answer the same.
        let none = Hints::default();
        let zero = addresses(None, Some("0"), none);
        assert_eq!(addresses(None, Some(""), none), zero);
        assert!(zero.contains(&"127.0.0.1:0".to_owned()));
        let passive = Hints {
            flags: AI_PASSIVE,
            family: AF_INET,
            ..none
        };
        assert_eq!(addresses(None, Some("http"), passive), ["0.0.0.0:80"]);
    }

    #[test]
    fn localhost_is_found_once_per_family() {
        // Wine's test_getaddrinfo: one entry per address, whatever types there are.
        let v4 = Hints {
            family: AF_INET,
            ..Hints::default()
        };
        assert_eq!(
            addresses(Some("localhost"), Some("80"), v4),
            ["127.0.0.1:80"]
        );
    }

    #[test]
    fn bad_hints_have_their_own_errors() {
        // "getaddrinfo function": EAI_FAMILY, EAI_SOCKTYPE, EAI_BADFLAGS, EAI_SERVICE.
        let resolve = |hints| resolve(Some("127.0.0.1"), Some("0"), hints);
        let none = Hints::default();
        assert_eq!(
            resolve(Hints {
                family: AF_IPX,
                ..none
            }),
            Err(Errno::AFNOSUPPORT)
        );
        assert_eq!(
            resolve(Hints {
                kind: SOCK_SEQPACKET,
                ..none
            }),
            Err(Errno::SOCKTNOSUPPORT)
        );
        assert_eq!(
            resolve(Hints {
                flags: 1 << 30,
                ..none
            }),
            Err(Errno::INVAL)
        );
        let unknown = super::resolve(None, Some("nonexistentservice"), none);
        assert_eq!(unknown, Err(Errno::TYPE_NOT_FOUND));
    }

    #[test]
    fn names_of_addresses_fall_back_to_numbers() {
        // "getnameinfo function": without a name the numeric form, with NI_NAMEREQD an error.
        let nobody = SocketAddr::from(([192, 0, 2, 1], 80));
        assert_eq!(host_of(&nobody, NI_NUMERICHOST), Ok("192.0.2.1".to_owned()));
        assert_eq!(
            host_of(&nobody, NI_NUMERICHOST | NI_NAMEREQD),
            Err(Errno::HOST_NOT_FOUND)
        );
        assert_eq!(service_of(80, 0), "http");
        assert_eq!(service_of(80, NI_NUMERICSERV), "80");
        let scoped = SocketAddr::V6(SocketAddrV6::new("fe80::1".parse().unwrap(), 0, 0, 3));
        assert_eq!(host_of(&scoped, NI_NUMERICHOST), Ok("fe80::1%3".to_owned()));
    }
}
