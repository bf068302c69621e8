//! `WSPJoinLeaf`, which Wine does not have: a group's membership on a socket that is its own leaf.

use ws2spi_abi::*;

use super::sockets;
use super::system::system;

/// `WSPJoinLeaf`: `s`, the same socket. Senders need not join.
///
/// # Errors
/// `WSAEFAULT` and `WSAEAFNOSUPPORT` for the address, `WSAEINVAL` for a socket that is no leaf, an address
/// that is no group or unknown flags, `WSAEOPNOTSUPP` for quality of service; Wine's.
///
/// # Safety
/// `name` is null or readable for `length` bytes.
pub(super) unsafe fn join(
    s: SOCKET,
    name: *const SOCKADDR,
    length: i32,
    has_qos: bool,
    flags: u32,
) -> Result<SOCKET, Errno> {
    const LEAF: u32 = WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF;
    let socket = sockets::find(s)?;
    // SAFETY: the caller's contract.
    unsafe { socket.check_name(name, length) }?;
    let role = matches!(flags, JL_SENDER_ONLY | JL_RECEIVER_ONLY | JL_BOTH);
    if socket.flags & LEAF != LEAF || !role {
        return Err(Errno::INVAL);
    }
    // The membership's structure is the group, then the interface, 0 for any.
    let mut request = [0; 20];
    let (at, size, level, option, used) = match socket.family {
        AF_INET => (4, 4, IPPROTO_IP, IP_ADD_MEMBERSHIP, 8),
        AF_INET6 => (8, 16, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, 20),
        _ => return Err(Errno::INVAL),
    };
    for (index, cell) in request.iter_mut().take(size).enumerate() {
        let byte = name.cast::<u8>().wrapping_add(at + index);
        // SAFETY: within an address of the family, whose length was looked at.
        *cell = unsafe { byte.read() };
    }
    let is_group = match socket.family {
        AF_INET => request[0] & 0xf0 == 0xe0,
        _ => request[0] == 0xff,
    };
    if !is_group {
        return Err(Errno::INVAL);
    }
    if has_qos {
        return Err(Errno::OPNOTSUPP);
    }
    if flags != JL_SENDER_ONLY {
        // SAFETY: as long as is said.
        unsafe { system()?.set_option(s, level, option, request.as_ptr(), used) }?;
    }
    Ok(s)
}
