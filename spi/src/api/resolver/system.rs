//! The system's resolver: the only file that asks libc about names.
//!
//! Questions and answers are Rust values with Windows' numbers; error codes are Windows' already. Every call may block for as long as
//! the system's resolver does; no lock is held.

use std::ffi::{CStr, CString, c_char, c_int};
use std::mem::offset_of;
use std::net::{IpAddr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;
use ws2spi_abi::{AF_INET, AF_INET6, AF_UNSPEC, Errno};

/// What is looked up.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Host name or address text, `None` for none.
    pub node: Option<String>,
    /// Windows' address family; `AF_UNSPEC` for any.
    pub family: i32,
    /// The text must be an address.
    pub numeric: bool,
    /// Addresses to bind, when there is no node.
    pub passive: bool,
    /// The canonical name is wanted.
    pub canonical: bool,
    /// Only families that this host has addresses of.
    pub configured: bool,
    /// IPv4 addresses as mapped ones when there are no others, or also.
    pub mapped: bool,
    /// With `mapped`: also when there are others.
    pub all: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The addresses, in the order in which to try them, each once.
    pub addresses: Vec<IpWithScope>,
    /// The canonical name, when it was asked for.
    pub canonical: Option<String>,
}

/// An address and, for IPv6, its scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IpWithScope {
    /// The address.
    pub ip: IpAddr,
    /// The scope id; 0 for none.
    pub scope: u32,
}

/// Looks a host up.
///
/// # Errors
/// Windows' code: `WSAHOST_NOT_FOUND`, `WSATRY_AGAIN`, `WSANO_RECOVERY`, `WSAEAFNOSUPPORT`, `WSA_NOT_ENOUGH_MEMORY`, `WSAEINVAL`.
pub fn lookup(question: &Question) -> Result<Found, Errno> {
    let node = c_string(question.node.as_deref())?;
    // The port is the caller's business; a service is needed when there is no node.
    let service = c"0";
    let hints = hints(question)?;
    let mut list = ptr::null_mut();
    let node_pointer = node.as_ref().map_or(ptr::null(), |node| node.as_ptr());
    let (hints, place) = (&raw const hints, &raw mut list);
    // SAFETY: the strings end with NUL, hints and result are live locals.
    let code = unsafe { libc::getaddrinfo(node_pointer, service.as_ptr(), hints, place) };
    if code != 0 {
        return Err(translated(code));
    }
    let mut found = Found::default();
    let mut entry = list;
    while !entry.is_null() {
        // SAFETY: an entry of the list that getaddrinfo made.
        let info = unsafe { entry.read() };
        // SAFETY: as above: NULL or an address of the length that is said.
        if let Some(address) = unsafe { address_of(info.ai_addr, info.ai_addrlen as usize) }
            && !found.addresses.contains(&address)
        {
            found.addresses.push(address);
        }
        if !info.ai_canonname.is_null() && found.canonical.is_none() {
            // SAFETY: as above: a NUL-terminated string.
            let name = unsafe { CStr::from_ptr(info.ai_canonname) };
            found.canonical = Some(name.to_string_lossy().into_owned());
        }
        entry = info.ai_next;
    }
    // SAFETY: the list is getaddrinfo's, and nothing of it is used any more.
    unsafe { libc::freeaddrinfo(list) };
    if found.addresses.is_empty() {
        Err(Errno::NO_DATA)
    } else {
        Ok(found)
    }
}

fn hints(question: &Question) -> Result<libc::addrinfo, Errno> {
    // SAFETY: a C structure of numbers and pointers, for which all zero bytes are a value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = match question.family {
        AF_UNSPEC => libc::AF_UNSPEC,
        AF_INET => libc::AF_INET,
        AF_INET6 => libc::AF_INET6,
        _ => return Err(Errno::AFNOSUPPORT),
    };
    // One entry per address.
    hints.ai_socktype = libc::SOCK_STREAM;
    let flags = [
        (question.numeric, libc::AI_NUMERICHOST),
        (question.passive, libc::AI_PASSIVE),
        (question.canonical, libc::AI_CANONNAME),
        (question.configured, libc::AI_ADDRCONFIG),
        (question.mapped, libc::AI_V4MAPPED),
        (question.all, libc::AI_ALL),
    ];
    hints.ai_flags = flags
        .iter()
        .filter(|(set, _)| *set)
        .fold(libc::AI_NUMERICSERV, |all, (_, bit)| all | bit);
    Ok(hints)
}

/// # Safety
/// `address` is null or points to `len` bytes of a host address.
unsafe fn address_of(address: *const libc::sockaddr, len: usize) -> Option<IpWithScope> {
    if address.is_null() || len < size_of::<libc::sockaddr>() {
        return None;
    }
    // SAFETY: the caller's contract; the length was compared.
    let family = c_int::from(unsafe { address.read_unaligned() }.sa_family);
    if family == libc::AF_INET && len >= size_of::<libc::sockaddr_in>() {
        // SAFETY: the caller's contract: the family says so, the length was compared.
        let v4 = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
        let ip = IpAddr::from(v4.sin_addr.s_addr.to_ne_bytes());
        return Some(IpWithScope { ip, scope: 0 });
    }
    if family == libc::AF_INET6 && len >= size_of::<libc::sockaddr_in6>() {
        // SAFETY: as above.
        let v6 = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
        return Some(IpWithScope {
            ip: IpAddr::from(v6.sin6_addr.s6_addr),
            scope: v6.sin6_scope_id,
        });
    }
    None
}

/// The name of a host, `None` when the address has none.
///
/// # Errors
/// Windows' code, but not for a name that does not exist.
pub fn host_name(address: &SocketAddr, without_domain: bool) -> Result<Option<String>, Errno> {
    let mut name = [0u8; 1025];
    let flags = libc::NI_NAMEREQD | if without_domain { libc::NI_NOFQDN } else { 0 };
    let code = with_host_address(address, |address, len| {
        let (out, room) = (name.as_mut_ptr().cast::<c_char>(), name.len() as _);
        // SAFETY: the address is as long as is said, the name is a live local.
        unsafe { libc::getnameinfo(address, len, out, room, ptr::null_mut(), 0, flags) }
    });
    match code {
        0 => Ok(Some(text(&name))),
        libc::EAI_NONAME => Ok(None),
        code => Err(translated(code)),
    }
}

/// The name of a service by its port, `None` when it has none.
#[must_use]
pub fn service_name(port: u16, datagram: bool) -> Option<String> {
    let address = SocketAddr::from(([0, 0, 0, 0], port));
    let mut name = [0u8; 64];
    let flags = if datagram { libc::NI_DGRAM } else { 0 };
    let code = with_host_address(&address, |address, len| {
        let (out, room) = (name.as_mut_ptr().cast::<c_char>(), name.len() as _);
        // SAFETY: the address is as long as is said, the name is a live local.
        unsafe { libc::getnameinfo(address, len, ptr::null_mut(), 0, out, room, flags) }
    });
    // An unknown service comes back as its number.
    (code == 0)
        .then(|| text(&name))
        .filter(|name| *name != port.to_string())
}

/// The port of a service by its name, `None` when it is unknown.
#[must_use]
pub fn service_port(name: &str, datagram: bool) -> Option<u16> {
    let name = c_string(Some(name)).ok()??;
    // SAFETY: as in `hints`.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = libc::AF_INET;
    hints.ai_socktype = if datagram {
        libc::SOCK_DGRAM
    } else {
        libc::SOCK_STREAM
    };
    hints.ai_flags = libc::AI_PASSIVE;
    let mut list = ptr::null_mut();
    let (hints, place) = (&raw const hints, &raw mut list);
    // SAFETY: the string ends with NUL, hints and result are live locals.
    let code = unsafe { libc::getaddrinfo(ptr::null(), name.as_ptr(), hints, place) };
    if code != 0 || list.is_null() {
        return None;
    }
    // SAFETY: the first entry of the list that getaddrinfo made.
    let info = unsafe { list.read() };
    // SAFETY: as above: an IPv4 address, as the hints demand.
    let v4 = unsafe { info.ai_addr.cast::<libc::sockaddr_in>().read_unaligned() };
    // SAFETY: the list is getaddrinfo's, and nothing of it is used any more.
    unsafe { libc::freeaddrinfo(list) };
    Some(u16::from_be(v4.sin_port))
}

/// The name of this host.
///
/// # Errors
/// `WSAENETDOWN` when the system has none to give.
pub fn own_name() -> Result<String, Errno> {
    let mut name = [0u8; 256];
    let room = name.len() - 1;
    // SAFETY: as many bytes as are said; the last one stays NUL.
    let code = unsafe { libc::gethostname(name.as_mut_ptr().cast(), room) };
    if code == 0 {
        Ok(text(&name))
    } else {
        Err(Errno::NETDOWN)
    }
}

fn with_host_address(
    address: &SocketAddr,
    f: impl FnOnce(*const libc::sockaddr, libc::socklen_t) -> c_int,
) -> c_int {
    match address {
        SocketAddr::V4(address) => with_length(host_v4(address), f),
        SocketAddr::V6(address) => with_length(host_v6(address), f),
    }
}

/// Where a system's addresses begin with their length, as on the BSDs and macOS, the length has to be there.
fn with_length<A>(
    mut host: A,
    f: impl FnOnce(*const libc::sockaddr, libc::socklen_t) -> c_int,
) -> c_int {
    let (first, size) = (&raw mut host, size_of::<A>());
    if offset_of!(libc::sockaddr_in, sin_family) == 1 {
        // SAFETY: the first byte of an address, which is its length on such a system.
        unsafe { first.cast::<u8>().write(size as u8) };
    }
    f(first.cast_const().cast(), size as libc::socklen_t)
}

fn host_v4(address: &SocketAddrV4) -> libc::sockaddr_in {
    // SAFETY: a C structure of numbers, for which all zero bytes are a value.
    let mut host: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    host.sin_family = libc::AF_INET as libc::sa_family_t;
    host.sin_port = address.port().to_be();
    host.sin_addr.s_addr = u32::from_ne_bytes(address.ip().octets());
    host
}

fn host_v6(address: &SocketAddrV6) -> libc::sockaddr_in6 {
    // SAFETY: as in `host_v4`.
    let mut host: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
    host.sin6_family = libc::AF_INET6 as libc::sa_family_t;
    host.sin6_port = address.port().to_be();
    host.sin6_addr.s6_addr = address.ip().octets();
    host.sin6_scope_id = address.scope_id();
    host
}

fn c_string(text: Option<&str>) -> Result<Option<CString>, Errno> {
    text.map(CString::new)
        .transpose()
        .map_err(|_| Errno::HOST_NOT_FOUND)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// The system's resolver errors in Windows' numbers.
fn translated(code: c_int) -> Errno {
    match code {
        libc::EAI_AGAIN => Errno::TRY_AGAIN,
        libc::EAI_BADFLAGS => Errno::INVAL,
        libc::EAI_FAMILY => Errno::AFNOSUPPORT,
        libc::EAI_MEMORY => Errno::NOT_ENOUGH_MEMORY,
        libc::EAI_NONAME => Errno::HOST_NOT_FOUND,
        libc::EAI_SERVICE => Errno::TYPE_NOT_FOUND,
        libc::EAI_SOCKTYPE => Errno::SOCKTNOSUPPORT,
        code if NO_ADDRESS.contains(&code) => Errno::HOST_NOT_FOUND,
        _ => Errno::NO_RECOVERY,
    }
}

/// `EAI_NODATA` and `EAI_ADDRFAMILY`, which libc does not name on every system: negative numbers with glibc, positive ones on the
/// BSDs and macOS, and none of them means anything else on the other kind.
const NO_ADDRESS: [c_int; 4] = [-5, -9, 7, 1];
