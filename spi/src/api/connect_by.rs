//! `WSAConnectByName` and `WSAConnectByList`: trying addresses one after the other until one connects.
//!
//! Made of the ordinary calls on the socket, so every layer sees them. A non-blocking socket is waited for; the time limit is looked
//! at between attempts and while waiting, as on Windows.

use super::resolver::{Hints, address_bytes, resolve};
use super::{answer, connect, getpeername, getsockname, getsockopt, select, strings};
use crate::dispatch;
use crate::process;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::ptr::null_mut;
use std::time::{Duration, Instant};
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::*;

/// Where the addresses of the connection go. Each pointer may be NULL.
#[derive(Clone, Copy)]
struct Ends {
    local_len: *mut u32,
    local: *mut SOCKADDR,
    remote_len: *mut u32,
    remote: *mut SOCKADDR,
}

/// Connects a socket to a host and service by name, trying its addresses in order.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, `WSAEINVAL` when a name is NULL or `reserved` is not, the resolver's, the error of the
/// last attempt, `WSAETIMEDOUT`. Blocks, also on a non-blocking socket. Microsoft: "WSAConnectByNameA function (winsock2.h)".
///
/// # Safety
/// The names are null or NUL-terminated; the lengths are null or valid, the addresses null or as long as these say; `timeout` is null
/// or valid.
#[doc(alias = "WSAConnectByNameA")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_connect_by_name_a(
    s: SOCKET,
    node: PCSTR,
    service: PCSTR,
    local_len: *mut u32,
    local: *mut SOCKADDR,
    remote_len: *mut u32,
    remote: *mut SOCKADDR,
    timeout: *const TIMEVAL,
    reserved: *mut OVERLAPPED,
) -> BOOL {
    // SAFETY: the caller's contract.
    let node = unsafe { strings::from_bytes(node) };
    // SAFETY: as above.
    let service = unsafe { strings::from_bytes(service) };
    let ends = Ends {
        local_len,
        local,
        remote_len,
        remote,
    };
    // SAFETY: as above.
    answer::truth(unsafe { by_name(s, node, service, ends, timeout, reserved) })
}

/// [`wsa_connect_by_name_a`] for UTF-16. Microsoft: "WSAConnectByNameW function (winsock2.h)".
///
/// # Safety
/// As [`wsa_connect_by_name_a`].
#[doc(alias = "WSAConnectByNameW")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_connect_by_name_w(
    s: SOCKET,
    node: PCWSTR,
    service: PCWSTR,
    local_len: *mut u32,
    local: *mut SOCKADDR,
    remote_len: *mut u32,
    remote: *mut SOCKADDR,
    timeout: *const TIMEVAL,
    reserved: *mut OVERLAPPED,
) -> BOOL {
    // SAFETY: the caller's contract.
    let node = unsafe { strings::from_wide(node) };
    // SAFETY: as above.
    let service = unsafe { strings::from_wide(service) };
    let ends = Ends {
        local_len,
        local,
        remote_len,
        remote,
    };
    // SAFETY: as above.
    answer::truth(unsafe { by_name(s, node, service, ends, timeout, reserved) })
}

/// Connects a socket to the first address of a list that answers.
///
/// Errors: as [`wsa_connect_by_name_a`]; `WSAEINVAL` for a NULL or empty list. Blocks, also on a non-blocking socket.
/// Microsoft: "WSAConnectByList function (winsock2.h)".
///
/// # Safety
/// As [`wsa_connect_by_name_a`]; `list` is null or holds as many addresses as it says.
#[doc(alias = "WSAConnectByList")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_connect_by_list(
    s: SOCKET,
    list: *const SOCKET_ADDRESS_LIST,
    local_len: *mut u32,
    local: *mut SOCKADDR,
    remote_len: *mut u32,
    remote: *mut SOCKADDR,
    timeout: *const TIMEVAL,
    reserved: *mut OVERLAPPED,
) -> BOOL {
    let ends = Ends {
        local_len,
        local,
        remote_len,
        remote,
    };
    // SAFETY: the caller's contract.
    answer::truth(unsafe { by_list(s, list, ends, timeout, reserved) })
}

/// # Safety
/// As [`wsa_connect_by_name_a`].
unsafe fn by_name(
    s: SOCKET,
    node: Option<String>,
    service: Option<String>,
    ends: Ends,
    timeout: *const TIMEVAL,
    reserved: *mut OVERLAPPED,
) -> Result<(), Errno> {
    // SAFETY: the caller's contract.
    let limit = unsafe { Limit::new(s, timeout, reserved) }?;
    let (Some(node), Some(service)) = (node, service) else {
        return Err(Errno::INVAL);
    };
    let hints = Hints {
        kind: SOCK_STREAM,
        ..Hints::default()
    };
    let found = resolve(Some(&node), Some(&service), hints)?;
    let fitting = found
        .addresses
        .iter()
        .filter_map(|address| limit.fitted(*address));
    let addresses = fitting.map(|address| address_bytes(&address)).collect();
    // SAFETY: the caller's contract.
    unsafe { connect_first(&limit, addresses, ends) }
}

/// # Safety
/// As [`wsa_connect_by_list`].
unsafe fn by_list(
    s: SOCKET,
    list: *const SOCKET_ADDRESS_LIST,
    ends: Ends,
    timeout: *const TIMEVAL,
    reserved: *mut OVERLAPPED,
) -> Result<(), Errno> {
    // SAFETY: the caller's contract.
    let limit = unsafe { Limit::new(s, timeout, reserved) }?;
    if list.is_null() {
        return Err(Errno::INVAL);
    }
    // SAFETY: the caller's contract; not null.
    let count = unsafe { &raw const (*list).iAddressCount };
    // SAFETY: as above.
    let count = unsafe { count.read_unaligned() };
    // SAFETY: as above.
    let first = unsafe { &raw const (*list).Address }.cast::<SOCKET_ADDRESS>();
    let mut addresses = Vec::new();
    for index in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: below the count, so within the list by the caller's contract.
        let address = unsafe { first.add(index) };
        // SAFETY: as above.
        let SOCKET_ADDRESS {
            lpSockaddr,
            iSockaddrLength,
        } = unsafe { address.read_unaligned() };
        // SAFETY: the caller's contract: an address of that length.
        let address = unsafe { AddressIn::new(lpSockaddr, iSockaddrLength) }.read()?;
        addresses.push(address.as_bytes().to_vec());
    }
    if addresses.is_empty() {
        return Err(Errno::INVAL);
    }
    // SAFETY: the caller's contract.
    unsafe { connect_first(&limit, addresses, ends) }
}

/// A socket to connect and how long that may take.
struct Limit {
    s: SOCKET,
    family: i32,
    deadline: Option<Instant>,
}

impl Limit {
    /// # Safety
    /// `timeout` is null or valid.
    unsafe fn new(
        s: SOCKET,
        timeout: *const TIMEVAL,
        reserved: *mut OVERLAPPED,
    ) -> Result<Self, Errno> {
        let family = dispatch::with_target(s, |target| {
            Ok(target.binding().entry().info().iAddressFamily)
        })?;
        if !reserved.is_null() {
            return Err(Errno::INVAL);
        }
        let deadline = if timeout.is_null() {
            None
        } else {
            // SAFETY: the caller's contract; not null.
            let TIMEVAL { tv_sec, tv_usec } = unsafe { timeout.read_unaligned() };
            let seconds = u64::try_from(tv_sec).map_err(|_| Errno::INVAL)?;
            let micros = u64::try_from(tv_usec).map_err(|_| Errno::INVAL)?;
            let time = Duration::from_secs(seconds) + Duration::from_micros(micros);
            Instant::now().checked_add(time)
        };
        Ok(Self {
            s,
            family,
            deadline,
        })
    }

    /// The address in the form that the socket's family takes: IPv4 mapped for an IPv6 socket. `None`: it takes none.
    fn fitted(&self, address: SocketAddr) -> Option<SocketAddr> {
        match (self.family, address.ip()) {
            (AF_INET6, IpAddr::V4(ip)) => {
                let mapped = SocketAddrV6::new(ip.to_ipv6_mapped(), address.port(), 0, 0);
                Some(SocketAddr::V6(mapped))
            }
            (AF_INET, IpAddr::V6(_)) => None,
            _ => Some(address),
        }
    }

    /// The time that is left, `None` without a limit.
    fn left(&self) -> Result<Option<Duration>, Errno> {
        let Some(deadline) = self.deadline else {
            return Ok(None);
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            Err(Errno::TIMEDOUT)
        } else {
            Ok(Some(left))
        }
    }
}

/// # Safety
/// The ends are null or as long as they say.
unsafe fn connect_first(limit: &Limit, addresses: Vec<Vec<u8>>, ends: Ends) -> Result<(), Errno> {
    let mut outcome = Err(Errno::HOSTUNREACH);
    for address in addresses {
        limit.left()?;
        // SAFETY: an address that is as long as is said.
        let code = unsafe { connect(limit.s, address.as_ptr().cast(), address.len() as i32) };
        outcome = match succeeded(code) {
            Err(Errno::WOULDBLOCK) => wait_connected(limit),
            other => other,
        };
        match outcome {
            Ok(()) | Err(Errno::TIMEDOUT | Errno::NOTSOCK | Errno::NOTINITIALISED) => break,
            Err(_) => {}
        }
    }
    outcome?;
    // SAFETY: the caller's contract.
    unsafe { store_end(limit.s, ends.local, ends.local_len, getsockname) }?;
    // SAFETY: as above.
    unsafe { store_end(limit.s, ends.remote, ends.remote_len, getpeername) }
}

/// What a function said that answers 0 and the last error.
fn succeeded(code: i32) -> Result<(), Errno> {
    match code {
        SOCKET_ERROR => Err(Errno::new(process::last_error()).unwrap_or(Errno::SYSCALLFAILURE)),
        _ => Ok(()),
    }
}

/// Waits for a connection that a non-blocking socket has begun.
fn wait_connected(limit: &Limit) -> Result<(), Errno> {
    let mut write = FD_SET {
        fd_count: 1,
        ..FD_SET::EMPTY
    };
    write.fd_array[0] = limit.s;
    let mut except = write;
    let time = limit.left()?.map(|left| TIMEVAL {
        tv_sec: i32::try_from(left.as_secs()).unwrap_or(i32::MAX),
        tv_usec: left.subsec_micros() as i32,
    });
    let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: sets and time are live locals.
    let ready = unsafe { select(0, null_mut(), &raw mut write, &raw mut except, time) };
    succeeded(ready)?;
    if ready == 0 {
        return Err(Errno::TIMEDOUT);
    }
    let mut error = 0i32;
    let mut len = size_of::<i32>() as i32;
    // SAFETY: value and length are live locals.
    let code = unsafe {
        getsockopt(
            limit.s,
            SOL_SOCKET,
            SO_ERROR,
            (&raw mut error).cast(),
            &raw mut len,
        )
    };
    succeeded(code)?;
    Errno::new(error).map_or(Ok(()), Err)
}

/// Fetches one end's address, if it is wanted.
///
/// # Safety
/// `len` is null or valid; `address` is null or has `*len` writable bytes.
unsafe fn store_end(
    s: SOCKET,
    address: *mut SOCKADDR,
    len: *mut u32,
    name: unsafe fn(SOCKET, *mut SOCKADDR, *mut i32) -> i32,
) -> Result<(), Errno> {
    if address.is_null() || len.is_null() {
        return Ok(());
    }
    // SAFETY: the caller's contract.
    succeeded(unsafe { name(s, address, len.cast()) })
}
