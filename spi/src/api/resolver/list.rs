//! `getaddrinfo`, `GetAddrInfoW` and the lists they return.

use super::super::strings;
use super::lookup::{Answer, resolve};
use super::terms::{Hints, address_bytes};
use crate::process;
use std::ptr::null_mut;
use ws2spi_abi::*;

/// A list element and what it points to, in one allocation each: the caller frees it with [`freeaddrinfo`].
#[repr(C)]
struct Element<I, U> {
    // First: the address of the element is the caller's.
    info: I,
    address: SOCKADDR_STORAGE,
    name: Option<Box<[U]>>,
}

/// Resolves a host, a service, or both, to a list of addresses in the order in which to try them. Returns the error code itself,
/// which is the last error as well; a success leaves the last error 0.
///
/// Errors: `WSANOTINITIALISED`, `WSAEFAULT` without a place for the result, `WSANO_RECOVERY` for hints with more than hints in them,
/// and as the page's EAI codes say: `WSAHOST_NOT_FOUND`, `WSATRY_AGAIN`, `WSAEINVAL`, `WSANO_RECOVERY`, `WSAEAFNOSUPPORT`,
/// `WSA_NOT_ENOUGH_MEMORY`, `WSATYPE_NOT_FOUND`, `WSAESOCKTNOSUPPORT`. The result is NULL then. Blocks.
/// Microsoft: "getaddrinfo function (ws2tcpip.h)".
///
/// # Safety
/// The strings are null or NUL-terminated; `hints` is null or valid; `result` is null or writable.
#[doc(alias = "GetAddrInfoA")]
pub unsafe fn getaddrinfo(
    node: PCSTR,
    service: PCSTR,
    hints: *const ADDRINFOA,
    result: *mut *mut ADDRINFOA,
) -> i32 {
    // SAFETY: the caller's contract.
    let node = unsafe { strings::from_bytes(node) };
    // SAFETY: as above.
    let service = unsafe { strings::from_bytes(service) };
    // SAFETY: as above.
    let hints = (!hints.is_null()).then(|| unsafe { hints.read_unaligned() });
    let hints = hints.map(|hints| {
        let extra = hints.ai_addrlen != 0
            || !hints.ai_canonname.is_null()
            || !hints.ai_addr.is_null()
            || !hints.ai_next.is_null();
        let ADDRINFOA {
            ai_flags,
            ai_family,
            ai_socktype,
            ai_protocol,
            ..
        } = hints;
        (
            Hints {
                flags: ai_flags,
                family: ai_family,
                kind: ai_socktype,
                protocol: ai_protocol,
            },
            extra,
        )
    });
    // SAFETY: as above.
    unsafe { answer(node, service, hints, result) }
}

/// [`getaddrinfo`] for UTF-16. Microsoft: "GetAddrInfoW function (ws2tcpip.h)".
///
/// # Safety
/// As [`getaddrinfo`].
#[doc(alias = "GetAddrInfoW")]
pub unsafe fn get_addr_info_w(
    node: PCWSTR,
    service: PCWSTR,
    hints: *const ADDRINFOW,
    result: *mut *mut ADDRINFOW,
) -> i32 {
    // SAFETY: the caller's contract.
    let node = unsafe { strings::from_wide(node) };
    // SAFETY: as above.
    let service = unsafe { strings::from_wide(service) };
    // SAFETY: as above.
    let hints = (!hints.is_null()).then(|| unsafe { hints.read_unaligned() });
    let hints = hints.map(|hints| {
        let extra = hints.ai_addrlen != 0
            || !hints.ai_canonname.is_null()
            || !hints.ai_addr.is_null()
            || !hints.ai_next.is_null();
        let ADDRINFOW {
            ai_flags,
            ai_family,
            ai_socktype,
            ai_protocol,
            ..
        } = hints;
        (
            Hints {
                flags: ai_flags,
                family: ai_family,
                kind: ai_socktype,
                protocol: ai_protocol,
            },
            extra,
        )
    });
    // SAFETY: as above.
    unsafe { answer(node, service, hints, result) }
}

/// Frees a list of [`getaddrinfo`]; NULL is allowed. Microsoft: "freeaddrinfo function (ws2tcpip.h)".
///
/// # Safety
/// `list` is null or a list of [`getaddrinfo`] that has not been freed.
#[doc(alias = "FreeAddrInfoA")]
pub unsafe fn freeaddrinfo(list: *mut ADDRINFOA) {
    // SAFETY: the caller's contract.
    unsafe { free(list) };
}

/// Frees a list of [`get_addr_info_w`]; NULL is allowed. Microsoft: "FreeAddrInfoW function (ws2tcpip.h)".
///
/// # Safety
/// `list` is null or a list of [`get_addr_info_w`] that has not been freed.
#[doc(alias = "FreeAddrInfoW")]
pub unsafe fn free_addr_info_w(list: *mut ADDRINFOW) {
    // SAFETY: the caller's contract.
    unsafe { free(list) };
}

/// # Safety
/// `result` is null or writable.
unsafe fn answer<I: Info>(
    node: Option<String>,
    service: Option<String>,
    hints: Option<(Hints, bool)>,
    result: *mut *mut I,
) -> i32 {
    let (hints, has_extra) = hints.unwrap_or_default();
    let found = process::require_started().and_then(|()| {
        if result.is_null() {
            return Err(Errno::FAULT);
        }
        if has_extra {
            return Err(Errno::NO_RECOVERY);
        }
        resolve(node.as_deref(), service.as_deref(), hints)
    });
    let (list, code) = match found {
        Ok(found) => (build(&found, hints), 0),
        Err(error) => (null_mut(), error.code()),
    };
    if !result.is_null() {
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { result.write_unaligned(list) };
    }
    process::set_last_error(code);
    code
}

/// The two layouts of a list element, which differ in their strings.
trait Info: Sized {
    type Unit: Copy + 'static;
    fn encode(name: &str) -> Box<[Self::Unit]>;
    fn new(hints: Hints, family: i32, len: usize) -> Self;
    fn point(&mut self, address: *mut SOCKADDR, name: *mut Self::Unit, next: *mut Self);
    fn next(&self) -> *mut Self;
}

macro_rules! info {
    ($type:ident $unit:ty: $encode:expr) => {
        impl Info for $type {
            type Unit = $unit;

            fn encode(name: &str) -> Box<[$unit]> {
                let encode: fn(&str) -> Box<[$unit]> = $encode;
                encode(name)
            }

            fn new(hints: Hints, family: i32, len: usize) -> Self {
                Self {
                    ai_flags: 0,
                    ai_family: family,
                    ai_socktype: hints.kind,
                    ai_protocol: hints.protocol,
                    ai_addrlen: len,
                    ..Self::EMPTY
                }
            }

            fn point(&mut self, address: *mut SOCKADDR, name: *mut $unit, next: *mut Self) {
                self.ai_addr = address;
                self.ai_canonname = name;
                self.ai_next = next;
            }

            fn next(&self) -> *mut Self {
                self.ai_next
            }
        }
    };
}
info!(ADDRINFOA u8: |name| name.bytes().chain(Some(0)).collect());
info!(ADDRINFOW u16: |name| name.encode_utf16().chain(Some(0)).collect());

/// Lays the answer out; the canonical name goes to the first element.
fn build<I: Info>(found: &Answer, hints: Hints) -> *mut I {
    let mut next = null_mut();
    for (index, address) in found.addresses.iter().enumerate().rev() {
        let bytes = address_bytes(address);
        let family = if address.is_ipv4() { AF_INET } else { AF_INET6 };
        let mut storage = [0; size_of::<SOCKADDR_STORAGE>()];
        storage[..bytes.len()].copy_from_slice(&bytes);
        let name = found
            .canonical
            .as_deref()
            .filter(|_| index == 0)
            .map(I::encode);
        let mut element: Box<Element<I, I::Unit>> = Box::new(Element {
            info: I::new(hints, family, bytes.len()),
            address: SOCKADDR_STORAGE::decode(&storage).unwrap_or_default(),
            name,
        });
        let name = element
            .name
            .as_mut()
            .map_or(null_mut(), |name| name.as_mut_ptr());
        let address = (&raw mut element.address).cast();
        element.info.point(address, name, next);
        next = Box::into_raw(element).cast();
    }
    next
}

/// # Safety
/// `list` is null or a list that `build` made and nobody has freed.
unsafe fn free<I: Info>(mut list: *mut I) {
    while !list.is_null() {
        // SAFETY: the caller's contract: an element that `build` leaked, whose first field this is.
        let element = unsafe { Box::from_raw(list.cast::<Element<I, I::Unit>>()) };
        list = element.info.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::World;
    use crate::process::last_error;
    use std::ptr::null;

    #[test]
    fn lists_are_laid_out_as_windows_does() {
        // Wine's test_getaddrinfo: socktype and protocol are the hints', the last error is 0 after a success.
        let _world = World::started();
        let hints = ADDRINFOA {
            ai_family: AF_INET,
            ai_socktype: SOCK_DGRAM,
            ai_protocol: IPPROTO_TCP,
            ai_flags: AI_CANONNAME,
            ..ADDRINFOA::EMPTY
        };
        let mut list = null_mut();
        process::set_last_error(7);
        let (node, service) = (c"127.0.0.1".as_ptr().cast(), c"80".as_ptr().cast());
        // SAFETY: NUL-terminated strings, hints and result are live locals.
        let code = unsafe { getaddrinfo(node, service, &raw const hints, &raw mut list) };
        assert_eq!((code, last_error()), (0, 0));
        // SAFETY: the first element of the list.
        let info = unsafe { list.read() };
        assert_eq!(
            (info.ai_family, info.ai_socktype, info.ai_protocol),
            (2, 2, 6)
        );
        assert_eq!(info.ai_addrlen, 16);
        assert!(info.ai_next.is_null());
        // SAFETY: an address of that length.
        let address = unsafe { info.ai_addr.cast::<SOCKADDR_IN>().read() };
        assert_eq!(
            address,
            "127.0.0.1:80"
                .parse::<std::net::SocketAddrV4>()
                .unwrap()
                .into()
        );
        // SAFETY: NULL or NUL-terminated.
        let name = unsafe { strings::from_bytes(info.ai_canonname) };
        assert_eq!(name.as_deref(), Some("127.0.0.1"));
        // SAFETY: the list is ours and freed once.
        unsafe { freeaddrinfo(list) };
        // SAFETY: NULL is allowed.
        unsafe { freeaddrinfo(null_mut()) };
    }

    #[test]
    fn wide_lists_carry_the_same() {
        // "GetAddrInfoW function": the Unicode version.
        let _world = World::started();
        let node: Vec<u16> = "::1\0".encode_utf16().collect();
        let mut list = null_mut();
        // SAFETY: a NUL-terminated string, the result is a live local.
        let code = unsafe { get_addr_info_w(node.as_ptr(), null(), null(), &raw mut list) };
        assert_eq!(code, 0);
        // SAFETY: the first element of the list.
        let info = unsafe { list.read() };
        assert_eq!(
            (info.ai_family, info.ai_addrlen, info.ai_socktype),
            (AF_INET6, 28, 0)
        );
        // SAFETY: the list is ours and freed once.
        unsafe { free_addr_info_w(list) };
    }

    #[test]
    fn a_failed_lookup_leaves_no_list() {
        // Wine's test_getaddrinfo: result NULL, the code is the last error. NOTINITIALISED comes first.
        let world = World::new();
        let mut list = std::ptr::dangling_mut();
        // SAFETY: the result is a live local.
        let code = unsafe { getaddrinfo(null(), null(), null(), &raw mut list) };
        assert_eq!(
            (code, last_error(), list.is_null()),
            (WSANOTINITIALISED, WSANOTINITIALISED, true)
        );
        world.start();
        // SAFETY: as above.
        let code = unsafe { getaddrinfo(null(), null(), null(), &raw mut list) };
        assert_eq!(
            (code, last_error(), list.is_null()),
            (WSAHOST_NOT_FOUND, WSAHOST_NOT_FOUND, true)
        );
        // SAFETY: NULL is allowed.
        let code = unsafe { getaddrinfo(c"::".as_ptr().cast(), null(), null(), null_mut()) };
        assert_eq!(code, WSAEFAULT);
    }
}
