//! `getnameinfo`, `GetNameInfoW`, `gethostname`, `GetHostNameW`.

use super::super::{answer, strings};
use super::{lookup, system};
use crate::process;
use std::net::SocketAddr;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::*;

/// The names of an address's host and service, or their numbers as text. Returns the error code itself, which is the last error as
/// well.
///
/// Errors: `WSANOTINITIALISED`, `WSAEFAULT` for a NULL or short address and for text that does not fit, `WSAEAFNOSUPPORT`,
/// `WSAHOST_NOT_FOUND` when nothing is asked for or a name is required and there is none, `WSAEINVAL` for a place of no length, the
/// system's. Blocks. Microsoft: "getnameinfo function (ws2tcpip.h)".
///
/// # Safety
/// `address` points to `address_len` bytes or is null; each place is null or has as many writable bytes as is said.
#[doc(alias = "GetNameInfoA")]
pub unsafe fn getnameinfo(
    address: *const SOCKADDR,
    address_len: i32,
    node: PSTR,
    node_len: u32,
    service: PSTR,
    service_len: u32,
    flags: i32,
) -> i32 {
    let places = (Place::of(node, node_len), Place::of(service, service_len));
    // SAFETY: the caller's contract.
    let names = unsafe { names_of(address, address_len, places, flags) };
    finish(names.and_then(|(host, port)| {
        if let Some(host) = host {
            // SAFETY: the caller's contract; not null, or it would not have been asked for.
            unsafe { strings::to_bytes(&host, node, node_len as usize) }?;
        }
        if let Some(port) = port {
            // SAFETY: as above.
            unsafe { strings::to_bytes(&port, service, service_len as usize) }?;
        }
        Ok(())
    }))
}

/// [`getnameinfo`] for UTF-16; lengths count units. Microsoft: "GetNameInfoW function (ws2tcpip.h)".
///
/// # Safety
/// As [`getnameinfo`].
#[doc(alias = "GetNameInfoW")]
pub unsafe fn get_name_info_w(
    address: *const SOCKADDR,
    address_len: i32,
    node: PWSTR,
    node_len: u32,
    service: PWSTR,
    service_len: u32,
    flags: i32,
) -> i32 {
    let places = (Place::of(node, node_len), Place::of(service, service_len));
    // SAFETY: the caller's contract.
    let names = unsafe { names_of(address, address_len, places, flags) };
    finish(names.and_then(|(host, port)| {
        if let Some(host) = host {
            // SAFETY: the caller's contract; not null, or it would not have been asked for.
            unsafe { strings::to_wide(&host, node, node_len as usize) }?;
        }
        if let Some(port) = port {
            // SAFETY: as above.
            unsafe { strings::to_wide(&port, service, service_len as usize) }?;
        }
        Ok(())
    }))
}

/// Where a name is to go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It is not wanted.
    Unwanted,
    /// It is wanted, but there is no room at all.
    Empty,
    /// There is room.
    Given,
}

impl Place {
    fn of<T>(place: *mut T, len: u32) -> Self {
        match (place.is_null(), len) {
            (true, _) => Self::Unwanted,
            (false, 0) => Self::Empty,
            (false, _) => Self::Given,
        }
    }
}

fn finish(result: Result<(), Errno>) -> i32 {
    let code = result.map_or_else(Errno::code, |()| 0);
    process::set_last_error(code);
    code
}

/// # Safety
/// `address` points to `len` bytes or is null.
unsafe fn names_of(
    address: *const SOCKADDR,
    len: i32,
    (node, service): (Place, Place),
    flags: i32,
) -> Result<(Option<String>, Option<String>), Errno> {
    process::require_started()?;
    // SAFETY: the caller's contract.
    let address = unsafe { ip_of(address, len) }?;
    if node == Place::Unwanted && service == Place::Unwanted {
        return Err(Errno::HOST_NOT_FOUND);
    }
    if node == Place::Empty || service == Place::Empty {
        return Err(Errno::INVAL);
    }
    let host = match node {
        Place::Given => Some(lookup::host_of(&address, flags)?),
        Place::Unwanted | Place::Empty => None,
    };
    let port = match service {
        Place::Given => Some(lookup::service_of(address.port(), flags)),
        Place::Unwanted | Place::Empty => None,
    };
    Ok((host, port))
}

/// # Safety
/// `address` points to `len` bytes or is null.
unsafe fn ip_of(address: *const SOCKADDR, len: i32) -> Result<SocketAddr, Errno> {
    // SAFETY: the caller's contract.
    let address = unsafe { AddressIn::new(address, len) }.read()?;
    let shortest = match address.family() {
        AF_INET => size_of::<SOCKADDR_IN>(),
        AF_INET6 => size_of::<SOCKADDR_IN6>(),
        _ => return Err(Errno::AFNOSUPPORT),
    };
    if address.as_bytes().len() < shortest {
        return Err(Errno::FAULT);
    }
    address.to_ip().ok_or(Errno::AFNOSUPPORT)
}

/// The name of this host. Errors: `WSANOTINITIALISED`, `WSAEFAULT` for NULL or too little room, `WSAENETDOWN`.
/// Microsoft: "gethostname function (winsock.h)".
///
/// # Safety
/// `name` is null or has `len` writable bytes.
pub unsafe fn gethostname(name: PSTR, len: i32) -> i32 {
    answer::done(own_name(name.is_null(), len).and_then(|(text, room)| {
        // SAFETY: the caller's contract; not null.
        unsafe { strings::to_bytes(&text, name, room) }
    }))
}

/// [`gethostname`] for UTF-16; `len` counts units. Microsoft: "GetHostNameW function (winsock2.h)".
///
/// # Safety
/// As [`gethostname`].
#[doc(alias = "GetHostNameW")]
pub unsafe fn get_host_name_w(name: PWSTR, len: i32) -> i32 {
    answer::done(own_name(name.is_null(), len).and_then(|(text, room)| {
        // SAFETY: the caller's contract; not null.
        unsafe { strings::to_wide(&text, name, room) }
    }))
}

fn own_name(nowhere: bool, len: i32) -> Result<(String, usize), Errno> {
    process::require_started()?;
    let room = usize::try_from(len).map_err(|_| Errno::FAULT)?;
    if nowhere {
        return Err(Errno::FAULT);
    }
    Ok((system::own_name()?, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::World;
    use crate::process::last_error;
    use std::net::SocketAddrV4;
    use std::ptr::null_mut;

    #[test]
    fn numbers_come_back_as_text() {
        // "getnameinfo function": NI_NUMERICHOST and NI_NUMERICSERV.
        let _world = World::started();
        let address = SOCKADDR_IN::from("192.0.2.7:8080".parse::<SocketAddrV4>().unwrap());
        let (mut host, mut port) = ([0u8; 16], [0u8; 5]);
        let flags = NI_NUMERICHOST | NI_NUMERICSERV;
        let address = (&raw const address).cast();
        // SAFETY: an address and as much room as is said.
        let code = unsafe {
            getnameinfo(
                address,
                16,
                host.as_mut_ptr(),
                16,
                port.as_mut_ptr(),
                5,
                flags,
            )
        };
        assert_eq!(code, 0);
        assert!(host.starts_with(b"192.0.2.7\0"));
        assert_eq!(&port, b"8080\0");
        // SAFETY: as above.
        let code = unsafe { getnameinfo(address, 16, null_mut(), 0, port.as_mut_ptr(), 4, flags) };
        assert_eq!((code, last_error()), (WSAEFAULT, WSAEFAULT));
        // SAFETY: as above.
        let code = unsafe { getnameinfo(address, 15, null_mut(), 0, port.as_mut_ptr(), 5, flags) };
        assert_eq!(code, WSAEFAULT);
        // SAFETY: as above.
        let code = unsafe { getnameinfo(address, 16, null_mut(), 0, null_mut(), 0, flags) };
        assert_eq!(code, WSAHOST_NOT_FOUND);
    }

    #[test]
    fn the_hosts_name_needs_room_for_its_nul() {
        // Wine's test_gethostname: NULL and short buffers give WSAEFAULT, length + 1 is enough.
        let _world = World::started();
        // SAFETY: NULL is allowed.
        let code = unsafe { gethostname(null_mut(), 256) };
        assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEFAULT));
        let mut name = [0u8; 256];
        let place = name.as_mut_ptr();
        // SAFETY: as much room as is said.
        let code = unsafe { gethostname(place, 256) };
        assert_eq!(code, 0);
        let len = name.iter().position(|byte| *byte == 0).unwrap() as i32;
        let place = name.as_mut_ptr();
        // SAFETY: as above.
        let code = unsafe { gethostname(place, len) };
        assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEFAULT));
        // SAFETY: as above.
        let code = unsafe { gethostname(place, len + 1) };
        assert_eq!(code, 0);
    }
}
