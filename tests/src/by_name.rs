//! Calling exported C functions by name, with words as arguments: for tests that go over all functions of a kind.

use crate::socket;
use std::ffi::c_void;
use ws2_32::Export;
use ws2spi_abi::Errno;

/// The export of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn export(name: &str) -> &'static Export {
    let found = ws2_32::exports().find(|export| export.name() == name);
    found.unwrap_or_else(|| panic!("{name} is not exported"))
}

macro_rules! call_with {
    ($export:ident, $words:ident: $($count:literal => ($($word:ident),*);)*) => {
        match *$words {
            $([$($word),*] => {
                type Function = unsafe extern "system" fn($(call_with!(@word $word)),*) -> usize;
                let code = $export.address().as_raw();
                // SAFETY: code of a C function with so many arguments of integers and pointers, which the conventions of the
                // 64-bit systems pass as words; the caller of `call` answers for what they mean.
                let function = unsafe { std::mem::transmute::<usize, Function>(code) };
                // SAFETY: as above.
                unsafe { function($($word),*) }
            })*
            _ => panic!("{} takes no {} arguments", $export.name(), $words.len()),
        }
    };
    (@word $word:ident) => { usize };
}

/// Calls a function with its arguments as words; a result shorter than a word comes with what lies above it cut off.
///
/// # Panics
/// When the function takes another number of arguments.
///
/// # Safety
/// The contract of the function of this name.
pub unsafe fn call(export: &Export, words: &[usize]) -> usize {
    let sizes = export.argument_sizes();
    assert_eq!(words.len(), sizes.len(), "arguments of {}", export.name());
    let result = call_with!(export, words:
        0 => ();
        1 => (a);
        2 => (a, b);
        3 => (a, b, c);
        4 => (a, b, c, d);
        5 => (a, b, c, d, e);
        6 => (a, b, c, d, e, f);
        7 => (a, b, c, d, e, f, g);
        8 => (a, b, c, d, e, f, g, h);
        9 => (a, b, c, d, e, f, g, h, i);
        10 => (a, b, c, d, e, f, g, h, i, j);
        11 => (a, b, c, d, e, f, g, h, i, j, k);
        12 => (a, b, c, d, e, f, g, h, i, j, k, l);
    );
    match export.result_size() {
        0 => 0,
        size if size < size_of::<usize>() => result & ((1 << (8 * size)) - 1),
        _ => result,
    }
}

/// The functions whose first argument is a socket that has to be one.
pub const OF_A_SOCKET: [&str; 41] = [
    "WSAAccept",
    "WSAAsyncSelect",
    "WSAConnect",
    "WSAConnectByList",
    "WSAConnectByNameA",
    "WSAConnectByNameW",
    "WSADuplicateSocketA",
    "WSADuplicateSocketW",
    "WSAEnumNetworkEvents",
    "WSAEventSelect",
    "WSAGetOverlappedResult",
    "WSAGetQOSByName",
    "WSAHtonl",
    "WSAHtons",
    "WSAIoctl",
    "WSAJoinLeaf",
    "WSANtohl",
    "WSANtohs",
    "WSARecv",
    "WSARecvDisconnect",
    "WSARecvEx",
    "WSARecvFrom",
    "WSASend",
    "WSASendDisconnect",
    "WSASendMsg",
    "WSASendTo",
    "closesocket",
    "ioctlsocket",
    "ws2_accept",
    "ws2_bind",
    "ws2_connect",
    "ws2_getpeername",
    "ws2_getsockname",
    "ws2_getsockopt",
    "ws2_listen",
    "ws2_recv",
    "ws2_recvfrom",
    "ws2_send",
    "ws2_sendto",
    "ws2_setsockopt",
    "ws2_shutdown",
];

/// Those among them that answer 0 for a failure.
const TRUTHS: [&str; 5] = [
    "WSAConnectByList",
    "WSAConnectByNameA",
    "WSAConnectByNameW",
    "WSAGetOverlappedResult",
    "WSAGetQOSByName",
];

/// Calls each function of [`OF_A_SOCKET`] with `s` and otherwise zeroes; `None` for one that succeeds.
///
/// The byte-order functions look at their pointer first (U177), and so get one.
#[must_use]
pub fn call_all_of_a_socket(s: usize) -> Vec<(&'static str, Option<Errno>)> {
    let mut room = 0u64;
    let place = (&raw mut room).cast::<c_void>().expose_provenance();
    let outcomes = OF_A_SOCKET.iter().map(|name| {
        let export = export(name);
        let mut words = vec![0; export.argument_sizes().len()];
        words[0] = s;
        if name.starts_with("WSAHton") || name.starts_with("WSANtoh") {
            words[2] = place;
        }
        socket::set_last_code(0);
        // SAFETY: all functions of the list allow NULL and zero for everything; the place is a live local.
        let result = unsafe { call(export, &words) };
        let failure = match TRUTHS.contains(name) {
            true => 0,
            false if export.result_size() == 4 => u32::MAX as usize,
            false => usize::MAX,
        };
        (*name, (result == failure).then(socket::last_error))
    });
    outcomes.collect()
}
