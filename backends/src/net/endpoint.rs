//! Names of sockets, free of any layout, and their Windows layout.
//!
//! An [`Endpoint`] is an IPv4 or IPv6 address with its port, or an AF_UNIX path. It is `Copy` and
//! owns no memory, so it costs a send or a receive nothing. `base` makes it from the bytes an
//! application gives ([`Endpoint::from_windows`]) and writes it back ([`Endpoint::to_windows`]); the
//! kernel's layouts are `os`'s business. Which length and family a *call* accepts is the caller's to
//! check first: it depends on the socket.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use ws2spi_abi::Errno;

use super::Family;

/// The name of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// AF_INET.
    V4(SocketAddrV4),
    /// AF_INET6.
    V6(SocketAddrV6),
    /// AF_UNIX.
    Unix(UnixPath),
}

/// The path of an AF_UNIX socket: up to 108 bytes, none for a socket without a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnixPath {
    length: u8,
    bytes: [u8; UnixPath::CAPACITY],
}

impl Endpoint {
    /// The Windows number of AF_UNIX.
    pub const WINDOWS_UNIX: u16 = 1;
    /// The Windows number of AF_INET.
    pub const WINDOWS_INET: u16 = 2;
    /// The Windows number of AF_INET6, which is no other system's.
    pub const WINDOWS_INET6: u16 = 23;
    /// Windows' sizes of `sockaddr_in`, `sockaddr_in6` and `sockaddr_un`.
    pub const WINDOWS_SIZES: [usize; 3] = [16, 28, 110];

    /// The name that says nothing: any address, port 0, no path.
    pub fn unspecified(family: Family) -> Self {
        match family {
            Family::Inet => Self::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)),
            Family::Inet6 => Self::V6(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0)),
            Family::Unix => Self::Unix(UnixPath::EMPTY),
        }
    }

    /// The family.
    pub fn family(&self) -> Family {
        match self {
            Self::V4(_) => Family::Inet,
            Self::V6(_) => Family::Inet6,
            Self::Unix(_) => Family::Unix,
        }
    }

    /// The IP address, unless this is a path.
    pub fn ip(&self) -> Option<IpAddr> {
        self.socket_addr().map(|name| name.ip())
    }

    /// The port; 0 for a path.
    pub fn port(&self) -> u16 {
        self.socket_addr().map_or(0, |name| name.port())
    }

    /// The same name with another port; a path stays as it is.
    pub fn with_port(mut self, port: u16) -> Self {
        match &mut self {
            Self::V4(name) => name.set_port(port),
            Self::V6(name) => name.set_port(port),
            Self::Unix(_) => {}
        }
        self
    }

    /// The name as the standard library says it, unless it is a path.
    pub fn socket_addr(&self) -> Option<SocketAddr> {
        match *self {
            Self::V4(name) => Some(SocketAddr::V4(name)),
            Self::V6(name) => Some(SocketAddr::V6(name)),
            Self::Unix(_) => None,
        }
    }

    /// Reads a Windows `sockaddr`, whose family decides the layout. Bytes beyond it are ignored.
    ///
    /// # Errors
    /// `FAULT` when `bytes` are fewer than the family's structure has (AF_UNIX: than family and one
    /// byte of path), `AFNOSUPPORT` for a family that is not one of the three, `INVAL` for an abstract
    /// AF_UNIX name or a path of more than 108 bytes.
    pub fn from_windows(bytes: &[u8]) -> Result<Self, Errno> {
        let family = u16::from_ne_bytes(take(bytes, 0)?);
        match family {
            Self::WINDOWS_INET => {
                whole(bytes, 0)?;
                let ip = Ipv4Addr::from(take::<4>(bytes, 4)?);
                let port = u16::from_be_bytes(take(bytes, 2)?);
                Ok(Self::V4(SocketAddrV4::new(ip, port)))
            }
            Self::WINDOWS_INET6 => {
                whole(bytes, 1)?;
                let port = u16::from_be_bytes(take(bytes, 2)?);
                let flow = u32::from_ne_bytes(take(bytes, 4)?);
                let ip = Ipv6Addr::from(take::<16>(bytes, 8)?);
                let scope = u32::from_ne_bytes(take(bytes, 24)?);
                Ok(Self::V6(SocketAddrV6::new(ip, port, flow, scope)))
            }
            Self::WINDOWS_UNIX => {
                let path = bytes.get(2..).unwrap_or_default();
                match path {
                    [] => Err(Errno::FAULT),
                    [0, rest @ ..] if rest.iter().any(|byte| *byte != 0) => Err(Errno::INVAL),
                    _ => {
                        let end = path
                            .iter()
                            .position(|byte| *byte == 0)
                            .unwrap_or(path.len());
                        Ok(Self::Unix(UnixPath::new(&path[..end])?))
                    }
                }
            }
            _ => Err(Errno::AFNOSUPPORT),
        }
    }

    /// Writes the Windows `sockaddr`, padding zeroed, and gives its size: 16, 28 or 110.
    pub fn to_windows(&self, bytes: &mut [u8; 128]) -> usize {
        bytes.fill(0);
        match self {
            Self::V4(name) => {
                put(bytes, 0, Self::WINDOWS_INET.to_ne_bytes());
                put(bytes, 2, name.port().to_be_bytes());
                put(bytes, 4, name.ip().octets());
                Self::WINDOWS_SIZES[0]
            }
            Self::V6(name) => {
                put(bytes, 0, Self::WINDOWS_INET6.to_ne_bytes());
                put(bytes, 2, name.port().to_be_bytes());
                put(bytes, 4, name.flowinfo().to_ne_bytes());
                put(bytes, 8, name.ip().octets());
                put(bytes, 24, name.scope_id().to_ne_bytes());
                Self::WINDOWS_SIZES[1]
            }
            Self::Unix(path) => {
                put(bytes, 0, Self::WINDOWS_UNIX.to_ne_bytes());
                put(bytes, 2, path.bytes);
                Self::WINDOWS_SIZES[2]
            }
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(name: SocketAddr) -> Self {
        match name {
            SocketAddr::V4(name) => Self::V4(name),
            SocketAddr::V6(name) => Self::V6(name),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(name) => name.fmt(f),
            Self::V6(name) => name.fmt(f),
            Self::Unix(path) => path.fmt(f),
        }
    }
}

impl UnixPath {
    /// The most bytes a path has on Windows.
    pub const CAPACITY: usize = 108;
    /// No path.
    pub const EMPTY: Self = Self {
        length: 0,
        bytes: [0; Self::CAPACITY],
    };

    /// A path of `bytes`.
    ///
    /// # Errors
    /// `INVAL` for more than 108 bytes or a zero byte among them.
    pub fn new(bytes: &[u8]) -> Result<Self, Errno> {
        if bytes.len() > Self::CAPACITY || bytes.contains(&0) {
            return Err(Errno::INVAL);
        }
        let mut path = Self::EMPTY;
        path.length = bytes.len() as u8;
        path.bytes[..bytes.len()].copy_from_slice(bytes);
        Ok(path)
    }

    /// The bytes, without a terminator.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for UnixPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self.as_bytes()), f)
    }
}

fn whole(bytes: &[u8], row: usize) -> Result<(), Errno> {
    if bytes.len() < Endpoint::WINDOWS_SIZES[row] {
        Err(Errno::FAULT)
    } else {
        Ok(())
    }
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Errno> {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
        .ok_or(Errno::FAULT)
}

fn put<const N: usize>(bytes: &mut [u8; 128], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(endpoint: Endpoint) -> Vec<u8> {
        let mut bytes = [0xff; 128];
        let length = endpoint.to_windows(&mut bytes);
        assert!(bytes[length..].iter().all(|byte| *byte == 0));
        bytes[..length].to_vec()
    }

    // base-provider.md 2.1: family 2, port and address in network order, sin_zero zeroed.
    #[test]
    fn sockaddr_in_has_the_windows_layout() {
        let name = Endpoint::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 7), 0x1234));
        let bytes = [2, 0, 0x12, 0x34, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(written(name), bytes);
        assert_eq!(Endpoint::from_windows(&bytes), Ok(name));
    }

    // base-provider.md 2.1: family 23; flow and zone in host order.
    #[test]
    fn sockaddr_in6_has_the_windows_layout() {
        let ip = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
        let name = Endpoint::V6(SocketAddrV6::new(ip, 80, 0x0102_0304, 5));
        let mut bytes = vec![23, 0, 0, 80];
        bytes.extend(0x0102_0304u32.to_ne_bytes());
        bytes.extend(ip.octets());
        bytes.extend(5u32.to_ne_bytes());
        assert_eq!(written(name), bytes);
        assert_eq!(Endpoint::from_windows(&bytes), Ok(name));
    }

    // base-provider.md 2.1: family 1 and 108 bytes of path.
    #[test]
    fn sockaddr_un_has_the_windows_layout() {
        let name = Endpoint::Unix(UnixPath::new(b"/tmp/x").unwrap());
        let bytes = written(name);
        assert_eq!((bytes.len(), &bytes[..9]), (110, &b"\x01\0/tmp/x\0"[..]));
        assert_eq!(Endpoint::from_windows(&bytes), Ok(name));
    }

    // base-provider.md 2.1: a path needs no terminator, neither where it ends nor where it is full.
    #[test]
    fn a_path_ends_with_its_length() {
        let short = Endpoint::from_windows(b"\x01\0abc").unwrap();
        assert_eq!(short, Endpoint::Unix(UnixPath::new(b"abc").unwrap()));
        let mut full = vec![1, 0];
        full.resize(110, b'x');
        let full = Endpoint::from_windows(&full).unwrap();
        assert_eq!(full, Endpoint::Unix(UnixPath::new(&[b'x'; 108]).unwrap()));
    }

    // base-provider.md 2.1: what stands behind the structure does not matter.
    #[test]
    fn bytes_behind_the_structure_are_ignored() {
        let mut bytes = vec![2, 0, 0, 80, 127, 0, 0, 1];
        bytes.resize(100, 0xff);
        let name = Endpoint::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80));
        assert_eq!(Endpoint::from_windows(&bytes), Ok(name));
    }

    // P32, P33: lengths are those of the Windows structures.
    #[test]
    fn short_structures_are_a_fault() {
        for bytes in [&[][..], &[2], &[2; 1], &[1, 0]] {
            assert_eq!(
                Endpoint::from_windows(bytes),
                Err(Errno::FAULT),
                "{bytes:?}"
            );
        }
        let mut inet = vec![2, 0];
        inet.resize(15, 0);
        assert_eq!(Endpoint::from_windows(&inet), Err(Errno::FAULT));
        let mut inet6_old = vec![23, 0];
        inet6_old.resize(24, 0);
        assert_eq!(Endpoint::from_windows(&inet6_old), Err(Errno::FAULT));
    }

    // P34: the numbers of other systems are not Windows'.
    #[test]
    fn unknown_families_are_not_supported() {
        for family in [0u16, 10, 30, 0xffff] {
            let mut bytes = family.to_ne_bytes().to_vec();
            bytes.resize(28, 0);
            assert_eq!(
                Endpoint::from_windows(&bytes),
                Err(Errno::AFNOSUPPORT),
                "{family}"
            );
        }
    }

    // base-provider.md 2.1: abstract names are refused; a zeroed path is none.
    #[test]
    fn abstract_names_are_invalid() {
        assert_eq!(Endpoint::from_windows(b"\x01\0\0name"), Err(Errno::INVAL));
        let mut empty = vec![1, 0];
        empty.resize(110, 0);
        let nothing = Endpoint::Unix(UnixPath::EMPTY);
        assert_eq!(Endpoint::from_windows(&empty), Ok(nothing));
    }

    // A path that no structure has room for.
    #[test]
    fn a_path_of_more_than_108_bytes_is_invalid() {
        assert_eq!(UnixPath::new(&[b'x'; 109]), Err(Errno::INVAL));
        assert_eq!(UnixPath::new(b"a\0b"), Err(Errno::INVAL));
    }

    // Ports are those of IP names.
    #[test]
    fn a_path_has_no_port() {
        let path = Endpoint::Unix(UnixPath::new(b"x").unwrap());
        assert_eq!((path.port(), path.with_port(7)), (0, path));
        let name = Endpoint::unspecified(Family::Inet6).with_port(7);
        assert_eq!((name.port(), name.family()), (7, Family::Inet6));
    }
}
