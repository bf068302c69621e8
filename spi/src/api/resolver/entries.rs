//! The older functions: `gethostbyname`, `getservbyname`, `getprotobyname` and their kin.
//!
//! What they return belongs to the client DLL and lasts until the thread's next call of one of the same kind.

use super::super::{answer, strings};
use super::lookup::resolve;
use super::services::{self, Protocol, Service};
use super::system;
use super::terms::Hints;
use crate::process;
use std::cell::RefCell;
use std::net::{IpAddr, SocketAddr};
use std::ptr::null_mut;
use ws2spi_abi::*;

/// The host of that name; an empty name or NULL is this host. IPv4 addresses only.
///
/// Errors (NULL): `WSANOTINITIALISED`, `WSAHOST_NOT_FOUND`, `WSATRY_AGAIN`, `WSANO_RECOVERY`, `WSANO_DATA`. Blocks.
/// Microsoft: "gethostbyname function (wsipv6ok.h)".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[must_use]
pub unsafe fn gethostbyname(name: PCSTR) -> *mut HOSTENT {
    // SAFETY: the caller's contract.
    let name = unsafe { strings::from_bytes(name) }.unwrap_or_default();
    answer::or(
        null_mut(),
        process::require_started().and_then(|()| {
            let hints = Hints {
                flags: AI_CANONNAME,
                family: AF_INET,
                ..Hints::default()
            };
            let found = resolve(Some(&name), None, hints)?;
            let addresses = found
                .addresses
                .iter()
                .map(|address| octets(address.ip()))
                .collect();
            Ok(publish_host(
                found.canonical.unwrap_or(name),
                AF_INET,
                4,
                addresses,
            ))
        }),
    )
}

/// The host with that address, of family `AF_INET` or `AF_INET6`.
///
/// Errors (NULL): `WSANOTINITIALISED`, `WSAEFAULT` for NULL or a short address, `WSAEAFNOSUPPORT`, `WSAHOST_NOT_FOUND`, the
/// system's. Blocks. Microsoft: "gethostbyaddr function (winsock2.h)".
///
/// # Safety
/// `address` is null or points to `len` bytes.
#[must_use]
pub unsafe fn gethostbyaddr(address: PCSTR, len: i32, family: i32) -> *mut HOSTENT {
    answer::or(
        null_mut(),
        process::require_started().and_then(|()| {
            let size = match family {
                AF_INET => 4,
                AF_INET6 => 16,
                _ => return Err(Errno::AFNOSUPPORT),
            };
            if address.is_null() || len < size {
                return Err(Errno::FAULT);
            }
            // SAFETY: the caller's contract; not null, and the length was compared.
            let ip = unsafe { read_ip(address, family) };
            let found = system::host_name(&SocketAddr::from((ip, 0)), false)?;
            let name = found.ok_or(Errno::HOST_NOT_FOUND)?;
            Ok(publish_host(name, family, size as i16, vec![octets(ip)]))
        }),
    )
}

/// # Safety
/// `address` points to 4 bytes for `AF_INET`, else to 16.
unsafe fn read_ip(address: PCSTR, family: i32) -> IpAddr {
    if family == AF_INET {
        // SAFETY: the caller's contract.
        return IpAddr::from(unsafe { address.cast::<[u8; 4]>().read() });
    }
    // SAFETY: the caller's contract.
    IpAddr::from(unsafe { address.cast::<[u8; 16]>().read() })
}

fn octets(ip: IpAddr) -> Box<[u8]> {
    match ip {
        IpAddr::V4(ip) => Box::new(ip.octets()),
        IpAddr::V6(ip) => Box::new(ip.octets()),
    }
}

/// The service of that name, of the protocol named or of any.
///
/// Errors (NULL): `WSANOTINITIALISED`, `WSAEFAULT` for a NULL name, `WSANO_DATA`. Microsoft: "getservbyname function (winsock.h)".
///
/// # Safety
/// The strings are null or NUL-terminated.
#[must_use]
pub unsafe fn getservbyname(name: PCSTR, protocol: PCSTR) -> *mut SERVENT {
    // SAFETY: the caller's contract.
    let (name, protocol) = unsafe { both(name, protocol) };
    answer::or(
        null_mut(),
        process::require_started().and_then(|()| {
            let name = name.ok_or(Errno::FAULT)?;
            let service = services::by_name(&name, protocol.as_deref()).ok_or(Errno::NO_DATA)?;
            Ok(publish_service(&service))
        }),
    )
}

/// The service of that port (in network order), of the protocol named or of any.
///
/// Errors (NULL): `WSANOTINITIALISED`, `WSANO_DATA`. Microsoft: "getservbyport function (winsock.h)".
///
/// # Safety
/// `protocol` is null or NUL-terminated.
#[must_use]
pub unsafe fn getservbyport(port: i32, protocol: PCSTR) -> *mut SERVENT {
    // SAFETY: the caller's contract.
    let protocol = unsafe { strings::from_bytes(protocol) };
    answer::or(
        null_mut(),
        process::require_started().and_then(|()| {
            let port = u16::from_be(port as u16);
            let service = services::by_port(port, protocol.as_deref()).ok_or(Errno::NO_DATA)?;
            Ok(publish_service(&service))
        }),
    )
}

/// The protocol of that name.
///
/// Errors (NULL): `WSANOTINITIALISED`, `WSAEFAULT` for NULL, `WSANO_DATA`. Microsoft: "getprotobyname function (winsock.h)".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[must_use]
pub unsafe fn getprotobyname(name: PCSTR) -> *mut PROTOENT {
    // SAFETY: the caller's contract.
    let name = unsafe { strings::from_bytes(name) };
    answer::or(
        null_mut(),
        process::require_started().and_then(|()| {
            let name = name.ok_or(Errno::FAULT)?;
            services::protocol_by_name(&name)
                .map(publish_protocol)
                .ok_or(Errno::NO_DATA)
        }),
    )
}

/// The protocol of that number.
///
/// Errors (NULL): `WSANOTINITIALISED`, `WSANO_DATA`. Microsoft: "getprotobynumber function (winsock.h)".
#[must_use]
pub fn getprotobynumber(number: i32) -> *mut PROTOENT {
    answer::or(
        null_mut(),
        process::require_started().and_then(|()| {
            services::protocol_by_number(number)
                .map(publish_protocol)
                .ok_or(Errno::NO_DATA)
        }),
    )
}

/// # Safety
/// The strings are null or NUL-terminated.
unsafe fn both(one: PCSTR, other: PCSTR) -> (Option<String>, Option<String>) {
    // SAFETY: the caller's contract.
    let one = unsafe { strings::from_bytes(one) };
    // SAFETY: as above.
    (one, unsafe { strings::from_bytes(other) })
}

/// What an entry points to: byte strings, and NULL-terminated arrays of pointers to them.
#[derive(Default)]
struct Storage {
    pieces: Vec<Box<[u8]>>,
    lists: Vec<Box<[PSTR]>>,
}

impl Storage {
    fn text(&mut self, text: &str) -> PSTR {
        self.piece(text.bytes().chain(Some(0)).collect())
    }

    fn piece(&mut self, mut piece: Box<[u8]>) -> PSTR {
        let pointer = piece.as_mut_ptr();
        self.pieces.push(piece);
        pointer
    }

    fn list(&mut self, pointers: Vec<PSTR>) -> *mut PSTR {
        let mut list: Box<[PSTR]> = pointers.into_iter().chain(Some(null_mut())).collect();
        let pointer = list.as_mut_ptr();
        self.lists.push(list);
        pointer
    }

    fn texts<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> *mut PSTR {
        let pointers = texts.map(|text| self.text(text)).collect();
        self.list(pointers)
    }
}

/// The entry of a kind that a thread was given last, and what it points to.
type Published<E> = RefCell<Option<(Box<E>, Storage)>>;

thread_local! {
    static HOST: Published<HOSTENT> = const { RefCell::new(None) };
    static SERVICE: Published<SERVENT> = const { RefCell::new(None) };
    static PROTOCOL: Published<PROTOENT> = const { RefCell::new(None) };
}

fn publish<E>(
    place: &'static std::thread::LocalKey<Published<E>>,
    entry: E,
    storage: Storage,
) -> *mut E {
    let mut entry = Box::new(entry);
    let pointer: *mut E = &raw mut *entry;
    // A thread that is ending has no place to keep it any more.
    place
        .try_with(|place| place.replace(Some((entry, storage))))
        .map_or(null_mut(), |_| pointer)
}

fn publish_host(name: String, family: i32, len: i16, addresses: Vec<Box<[u8]>>) -> *mut HOSTENT {
    let mut storage = Storage::default();
    let addresses = addresses
        .into_iter()
        .map(|address| storage.piece(address))
        .collect();
    let entry = HOSTENT {
        h_name: storage.text(&name),
        h_aliases: storage.list(Vec::new()),
        h_addrtype: family as i16,
        h_length: len,
        h_addr_list: storage.list(addresses),
    };
    publish(&HOST, entry, storage)
}

fn publish_service(service: &Service) -> *mut SERVENT {
    let mut storage = Storage::default();
    let entry = SERVENT {
        s_name: storage.text(&service.name),
        s_aliases: storage.texts(service.aliases.iter().map(String::as_str)),
        s_proto: storage.text(service.protocol),
        s_port: service.port.to_be() as i16,
    };
    publish(&SERVICE, entry, storage)
}

fn publish_protocol(protocol: Protocol) -> *mut PROTOENT {
    let mut storage = Storage::default();
    let entry = PROTOENT {
        p_name: storage.text(protocol.name),
        p_aliases: storage.texts(Some(protocol.alias).into_iter()),
        p_proto: protocol.number,
    };
    publish(&PROTOCOL, entry, storage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::World;
    use crate::process::last_error;
    use std::ptr::null;

    /// # Safety
    /// `list` is a NULL-terminated array with at least `index` elements.
    unsafe fn nth(list: *mut PSTR, index: usize) -> PSTR {
        // SAFETY: the caller's contract.
        let place = unsafe { list.add(index) };
        // SAFETY: as above.
        unsafe { place.read() }
    }

    #[test]
    fn localhost_has_its_address() {
        // Wine's test_gethostbyname_hack: gethostbyname("localhost") is 127.0.0.1.
        let _world = World::started();
        // SAFETY: a NUL-terminated string.
        let host = unsafe { gethostbyname(c"localhost".as_ptr().cast()) };
        assert!(!host.is_null(), "error {}", last_error());
        // SAFETY: an entry that lasts until the next call.
        let host = unsafe { host.read() };
        assert_eq!((i32::from(host.h_addrtype), host.h_length), (AF_INET, 4));
        // SAFETY: the first element of the array.
        let address = unsafe { nth(host.h_addr_list, 0) };
        // SAFETY: four bytes, as the length says.
        let address = unsafe { address.cast::<[u8; 4]>().read() };
        assert_eq!(address, [127, 0, 0, 1]);
    }

    #[test]
    fn services_carry_their_port_in_network_order() {
        // "getservbyname function": s_port in network byte order, aliases NULL-terminated.
        let _world = World::started();
        // SAFETY: NUL-terminated strings.
        let service = unsafe { getservbyname(c"http".as_ptr().cast(), c"tcp".as_ptr().cast()) };
        // SAFETY: an entry that lasts until the next call.
        let service = unsafe { service.read() };
        assert_eq!(u16::from_be(service.s_port as u16), 80);
        // SAFETY: the first element of the array.
        let alias = unsafe { nth(service.s_aliases, 0) };
        // SAFETY: NULL or NUL-terminated.
        let alias = unsafe { strings::from_bytes(alias) };
        assert_eq!(alias.as_deref(), Some("www"));
        // SAFETY: as above.
        let unknown = unsafe { getservbyname(c"nothing-like-it".as_ptr().cast(), null()) };
        assert!(unknown.is_null());
        assert_eq!(last_error(), WSANO_DATA);
        // SAFETY: NULL is allowed.
        let nobody = unsafe { getservbyname(null(), null()) };
        assert!(nobody.is_null());
        assert_eq!(last_error(), WSAEFAULT);
    }

    #[test]
    fn protocols_are_found_by_number() {
        // "getprotobynumber function": WSANO_DATA for an unknown number.
        let _world = World::started();
        // SAFETY: an entry that lasts until the next call.
        let protocol = unsafe { getprotobynumber(17).read() };
        // SAFETY: NUL-terminated.
        let name = unsafe { strings::from_bytes(protocol.p_name) };
        assert_eq!(name.as_deref(), Some("udp"));
        assert!(getprotobynumber(255).is_null());
        assert_eq!(last_error(), WSANO_DATA);
    }

    #[test]
    fn addresses_of_unknown_families_are_refused() {
        // "gethostbyaddr function": WSAEAFNOSUPPORT, WSAEFAULT for a short length.
        let _world = World::started();
        let address = [127u8, 0, 0, 1];
        // SAFETY: as many bytes as are said.
        let host = unsafe { gethostbyaddr(address.as_ptr(), 4, AF_IPX) };
        assert!(host.is_null());
        assert_eq!(last_error(), WSAEAFNOSUPPORT);
        // SAFETY: as above.
        let host = unsafe { gethostbyaddr(address.as_ptr(), 3, AF_INET) };
        assert!(host.is_null());
        assert_eq!(last_error(), WSAEFAULT);
    }
}
