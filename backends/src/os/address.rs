//! Names in the kernel's layout.
//!
//! [`KernelAddress`] holds a `sockaddr` with its length, is written from an [`Endpoint`] and read
//! into one field by field: the numbers of the families and the length byte of the BSDs differ from
//! Windows, and so does the room for a path (108 bytes on Windows and Linux, 104 on the BSDs).
//! Used by every file here that hands a name to the kernel or gets one.

use std::ffi::c_int;
use std::mem;
use std::mem::offset_of;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use libc::sa_family_t;
use libc::sockaddr;
use libc::sockaddr_in;
use libc::sockaddr_in6;
use libc::sockaddr_storage;
use libc::sockaddr_un;
use libc::socklen_t;
use ws2spi_abi::Errno;

use super::sys;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::UnixPath;

/// A name as the kernel reads and writes it. Zeroed where nothing was written.
pub(super) struct KernelAddress {
    storage: Storage,
    length: socklen_t,
}

/// All views are plain numbers, and all bytes are written before any is read.
#[repr(C)]
union Storage {
    any: sockaddr_storage,
    inet: sockaddr_in,
    inet6: sockaddr_in6,
    unix: sockaddr_un,
}

impl KernelAddress {
    /// Room for a name that the kernel will write.
    pub(super) fn room() -> Self {
        // SAFETY: sockaddr_storage is numbers only; zero is a value of each.
        let any = unsafe { mem::zeroed::<sockaddr_storage>() };
        Self {
            storage: Storage { any },
            length: size_of::<sockaddr_storage>() as socklen_t,
        }
    }

    /// The name `endpoint` says.
    ///
    /// # Errors
    /// `INVAL` for no path (Linux would make one up) or one with more bytes than the system has
    /// room for.
    pub(super) fn new(endpoint: &Endpoint) -> Result<Self, Errno> {
        let mut name = Self::room();
        match endpoint {
            Endpoint::V4(v4) => {
                name.storage.inet.sin_family = libc::AF_INET as sa_family_t;
                name.storage.inet.sin_port = v4.port().to_be();
                name.storage.inet.sin_addr = kernel_ipv4(*v4.ip());
                name.length = size_of::<sockaddr_in>() as socklen_t;
            }
            Endpoint::V6(v6) => {
                name.storage.inet6.sin6_family = libc::AF_INET6 as sa_family_t;
                name.storage.inet6.sin6_port = v6.port().to_be();
                name.storage.inet6.sin6_flowinfo = v6.flowinfo();
                name.storage.inet6.sin6_addr = kernel_ipv6(*v6.ip());
                name.storage.inet6.sin6_scope_id = v6.scope_id();
                name.length = size_of::<sockaddr_in6>() as socklen_t;
            }
            Endpoint::Unix(path) => {
                let path = path.as_bytes();
                if path.is_empty() || path.len() > PATH_CAPACITY {
                    return Err(Errno::INVAL);
                }
                name.storage.unix.sun_family = libc::AF_UNIX as sa_family_t;
                // SAFETY: zeroed by `room`, which is a value of every byte.
                let room = unsafe { &mut name.storage.unix.sun_path };
                for (to, from) in room.iter_mut().zip(path) {
                    *to = *from as _;
                }
                // A terminator only where there is room for one: no system needs it.
                let length = PATH_OFFSET + (path.len() + 1).min(PATH_CAPACITY);
                name.length = length as socklen_t;
            }
        }
        // SAFETY: the view of plain bytes is valid whatever was written through the others.
        let any = unsafe { &mut name.storage.any };
        sys::set_length(any, name.length);
        Ok(name)
    }

    /// For a call that reads the name.
    pub(super) fn as_ptr(&self) -> *const sockaddr {
        (&raw const self.storage).cast()
    }

    /// For a call that writes the name, at most [`Self::length`] bytes.
    pub(super) fn as_mut_ptr(&mut self) -> *mut sockaddr {
        (&raw mut self.storage).cast()
    }

    /// The bytes of the name, or the room for it.
    pub(super) fn length(&self) -> socklen_t {
        self.length
    }

    /// Where a call writes the length of the name. What lies beyond the room was not written.
    pub(super) fn length_mut(&mut self) -> &mut socklen_t {
        &mut self.length
    }

    /// The name as bytes of a `sockaddr_storage`.
    pub(super) fn storage(&self) -> sockaddr_storage {
        // SAFETY: zeroed by `room` before anything else was written.
        unsafe { self.storage.any }
    }

    /// The name, or `None` when it has no or another family than the three, or is cut short.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        let length = (self.length as usize).min(size_of::<sockaddr_storage>());
        if length < PATH_OFFSET {
            return None;
        }
        // SAFETY: zeroed by `room`, written by the kernel or `new`: numbers in every view.
        let family = unsafe { self.storage.any.ss_family };
        match c_int::from(family) {
            libc::AF_INET if length >= size_of::<sockaddr_in>() => {
                // SAFETY: as above.
                let name = unsafe { self.storage.inet };
                let ip = ipv4(name.sin_addr);
                Some(Endpoint::V4(SocketAddrV4::new(
                    ip,
                    u16::from_be(name.sin_port),
                )))
            }
            libc::AF_INET6 if length >= size_of::<sockaddr_in6>() => {
                // SAFETY: as above.
                let name = unsafe { self.storage.inet6 };
                Some(Endpoint::V6(SocketAddrV6::new(
                    Ipv6Addr::from(name.sin6_addr.s6_addr),
                    u16::from_be(name.sin6_port),
                    name.sin6_flowinfo,
                    name.sin6_scope_id,
                )))
            }
            libc::AF_UNIX => {
                // SAFETY: as above.
                let name = unsafe { self.storage.unix };
                let mut path = [0; PATH_CAPACITY];
                for (to, from) in path.iter_mut().zip(name.sun_path) {
                    *to = from as u8;
                }
                // An abstract name of Linux begins with a zero: Windows has no such thing.
                let path = &path[..(length - PATH_OFFSET).min(PATH_CAPACITY)];
                let end = path
                    .iter()
                    .position(|byte| *byte == 0)
                    .unwrap_or(path.len());
                UnixPath::new(&path[..end]).ok().map(Endpoint::Unix)
            }
            _ => None,
        }
    }

    /// Reads a name of `family` that the kernel made somewhere else, where it may have left out the
    /// zeros at the end and the family (netmasks on the BSDs).
    ///
    /// # Safety
    /// `name` is null or points to a `sockaddr` that lives through the call.
    pub(super) unsafe fn read(name: *const sockaddr, family: Family) -> Option<Endpoint> {
        let complete = match family {
            Family::Inet => size_of::<sockaddr_in>(),
            Family::Inet6 => size_of::<sockaddr_in6>(),
            Family::Unix => return None,
        };
        if name.is_null() {
            return None;
        }
        // SAFETY: not null, and so a sockaddr by contract.
        let length = unsafe { sys::length_of(name, complete) }.min(complete);
        let mut copy = Self::room();
        // SAFETY: `name` has that many bytes; the copy has room for every family.
        unsafe {
            name.cast::<u8>()
                .copy_to_nonoverlapping(copy.as_mut_ptr().cast(), length)
        };
        copy.storage.any.ss_family = domain(family) as sa_family_t;
        copy.length = complete as socklen_t;
        copy.endpoint()
    }
}

/// The number the system gives a family.
pub(super) fn domain(family: Family) -> c_int {
    match family {
        Family::Inet => libc::AF_INET,
        Family::Inet6 => libc::AF_INET6,
        Family::Unix => libc::AF_UNIX,
    }
}

/// An IPv4 address in the kernel's type.
pub(super) fn kernel_ipv4(ip: Ipv4Addr) -> libc::in_addr {
    libc::in_addr {
        s_addr: u32::from_ne_bytes(ip.octets()),
    }
}

/// An IPv6 address in the kernel's type.
pub(super) fn kernel_ipv6(ip: Ipv6Addr) -> libc::in6_addr {
    libc::in6_addr {
        s6_addr: ip.octets(),
    }
}

/// An IPv4 address out of the kernel's type.
pub(super) fn ipv4(ip: libc::in_addr) -> Ipv4Addr {
    Ipv4Addr::from(ip.s_addr.to_ne_bytes())
}

const PATH_OFFSET: usize = offset_of!(sockaddr_un, sun_path);
const PATH_CAPACITY: usize = size_of::<sockaddr_un>() - PATH_OFFSET;

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(endpoint: Endpoint) -> Option<Endpoint> {
        KernelAddress::new(&endpoint).unwrap().endpoint()
    }

    // base-provider.md 2.1
    #[test]
    fn an_ipv4_name_survives_the_kernel_layout() {
        let name = Endpoint::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 7), 0x1234));
        assert_eq!(round_trip(name), Some(name));
    }

    // base-provider.md 2.1: port and address stand in network order.
    #[test]
    fn an_ipv4_name_is_in_network_order() {
        let name = Endpoint::V4(SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 7), 0x1234));
        let kernel = KernelAddress::new(&name).unwrap();
        // SAFETY: just written.
        let inet = unsafe { kernel.storage.inet };
        assert_eq!(inet.sin_port.to_ne_bytes(), [0x12, 0x34]);
        assert_eq!(inet.sin_addr.s_addr.to_ne_bytes(), [192, 0, 2, 7]);
    }

    // base-provider.md 2.1: flow and zone are carried, AF_INET6 is the system's number.
    #[test]
    fn an_ipv6_name_survives_the_kernel_layout() {
        let ip = Ipv6Addr::new(0xfe80, 0, 0, 0, 1, 2, 3, 4);
        let name = Endpoint::V6(SocketAddrV6::new(ip, 80, 0x0506_0708, 9));
        let kernel = KernelAddress::new(&name).unwrap();
        assert_eq!(c_int::from(kernel.storage().ss_family), libc::AF_INET6);
        assert_eq!(kernel.endpoint(), Some(name));
    }

    // base-provider.md 2.1
    #[test]
    fn a_path_survives_the_kernel_layout() {
        let name = Endpoint::Unix(UnixPath::new(b"/tmp/socket").unwrap());
        assert_eq!(round_trip(name), Some(name));
    }

    // base-provider.md 2.1: no terminator when the path fills its field.
    #[test]
    fn a_path_that_fills_its_field_survives() {
        let name = Endpoint::Unix(UnixPath::new(&[b'x'; PATH_CAPACITY]).unwrap());
        assert_eq!(round_trip(name), Some(name));
    }

    // base-provider.md 2.1: a socket without a name has the family only.
    #[test]
    fn a_name_of_the_family_alone_is_an_empty_path() {
        let name = Endpoint::Unix(UnixPath::new(b"x").unwrap());
        let mut kernel = KernelAddress::new(&name).unwrap();
        *kernel.length_mut() = PATH_OFFSET as socklen_t;
        assert_eq!(kernel.endpoint(), Some(Endpoint::Unix(UnixPath::EMPTY)));
    }

    // base-provider.md 2.1: no autobind.
    #[test]
    fn an_empty_path_is_refused() {
        let name = Endpoint::Unix(UnixPath::EMPTY);
        assert_eq!(KernelAddress::new(&name).err(), Some(Errno::INVAL));
    }

    // A kernel that wrote no name wrote a length of 0.
    #[test]
    fn no_name_is_none() {
        let mut kernel = KernelAddress::room();
        *kernel.length_mut() = 0;
        assert_eq!(kernel.endpoint(), None);
    }

    // A name cut short is no name, whatever its family says.
    #[test]
    fn a_short_name_is_none() {
        let name = Endpoint::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1));
        let mut kernel = KernelAddress::new(&name).unwrap();
        *kernel.length_mut() -= 1;
        assert_eq!(kernel.endpoint(), None);
    }
}
