//! Name resolution by the functions of the system's own ws2_32, which the program's face names: it is the one that knows where the
//! system's ws2_32 is when its own has taken that name.

use super::terms::Hints;
use std::net::SocketAddr;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::*;

/// The system's functions.
#[derive(Clone, Copy, Debug)]
pub struct Resolver {
    /// Its `GetAddrInfoW`.
    pub resolve: unsafe extern "system" fn(
        *const u16,
        *const u16,
        *const ADDRINFOW,
        *mut *mut ADDRINFOW,
    ) -> i32,
    /// Its `FreeAddrInfoW`.
    pub free: unsafe extern "system" fn(*mut ADDRINFOW),
}

static RESOLVER: OnceLock<Resolver> = OnceLock::new();

/// Names the functions that resolve names. Only the first call counts.
///
/// # Safety
/// They are what they are said to be and stay loaded.
pub unsafe fn set_resolver(resolver: Resolver) {
    // Whoever was first named the same system's.
    let _ = RESOLVER.set(resolver);
}

/// The addresses of a lookup.
pub struct Answer {
    /// In the order in which to try them.
    pub addresses: Vec<SocketAddr>,
}

/// Resolves a node, a service, or both.
///
/// # Errors
/// The system's; `WSASYSNOTREADY` when nobody has named its functions.
pub fn resolve(node: Option<&str>, service: Option<&str>, hints: Hints) -> Result<Answer, Errno> {
    let resolver = RESOLVER.get().ok_or(Errno::SYSNOTREADY)?;
    let (node, service) = (node.map(wide), service.map(wide));
    let text = |name: &Option<Vec<u16>>| name.as_ref().map_or(null(), |name| name.as_ptr());
    let asked = ADDRINFOW {
        ai_flags: hints.flags,
        ai_family: hints.family,
        ai_socktype: hints.kind,
        ai_protocol: hints.protocol,
        ai_addrlen: 0,
        ai_canonname: null_mut(),
        ai_addr: null_mut(),
        ai_next: null_mut(),
    };
    let mut first = null_mut();
    // SAFETY: `set_resolver`'s contract; the names have an end, hints and answer are live locals.
    let code = unsafe {
        (resolver.resolve)(
            text(&node),
            text(&service),
            &raw const asked,
            &raw mut first,
        )
    };
    if code != 0 {
        return Err(Errno::new(code).unwrap_or(Errno::NO_RECOVERY));
    }
    // SAFETY: the list that the system has just made.
    let addresses = unsafe { addresses_of(first) };
    // SAFETY: as above; nobody refers to it any more.
    unsafe { (resolver.free)(first) };
    Ok(Answer { addresses })
}

/// # Safety
/// `next` is null or a list of the system's.
unsafe fn addresses_of(mut next: *mut ADDRINFOW) -> Vec<SocketAddr> {
    let mut found = Vec::new();
    // SAFETY: the caller's contract: each element is valid and leads to the next or to null.
    while let Some(info) = unsafe { next.as_ref() } {
        // SAFETY: as above; an element has as many bytes of address as it says.
        let address = unsafe { AddressIn::new(info.ai_addr, info.ai_addrlen as i32) };
        found.extend(address.read().ok().and_then(|address| address.to_ip()));
        next = info.ai_next;
    }
    found
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
