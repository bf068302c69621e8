//! Raw sockets: who may make them.

use ws2spi_abi::types::Plain;
use ws2spi_abi::*;
use ws2spi_tests::{Socket, case, host, isolated};

mod system {
    unsafe extern "C" {
        pub fn seteuid(user: u32) -> i32;
    }
}

/// The user without any rights.
const NOBODY: u32 = 65534;

// P19: the process gives its rights away first, if it has any.
#[test]
fn a_raw_socket_needs_privilege() {
    isolated!();
    crate::CONFIGURATION.start();
    // SAFETY: no pointers. Without the right to do it there are no rights to give away.
    unsafe { system::seteuid(NOBODY) };
    assert!(!host::may_make_raw_sockets(), "nobody may make raw sockets");
    for family in [AF_INET, AF_INET6] {
        for protocol in [IPPROTO_RAW, IPPROTO_ICMP, 253] {
            assert_eq!(
                Socket::new(family, SOCK_RAW, protocol),
                Err(Errno::ACCES),
                "{protocol}"
            );
        }
    }
    assert_eq!(Socket::new(AF_INET, 0, IPPROTO_RAW), Err(Errno::ACCES));
    assert!(Socket::new(AF_INET, SOCK_STREAM, 0).is_ok());
}

// P20
#[test]
fn the_raw_protocol_alone_makes_a_raw_socket() {
    case!();
    let socket = Socket::new(AF_UNSPEC, 0, IPPROTO_RAW).expect("the process may make raw sockets");
    assert_eq!(socket.option(SOL_SOCKET, SO_TYPE), Ok(SOCK_RAW as u32));
    let bytes = socket
        .option_bytes(
            SOL_SOCKET,
            SO_PROTOCOL_INFOW,
            size_of::<WSAPROTOCOL_INFOW>() as i32,
        )
        .expect("every socket has an entry");
    let info = WSAPROTOCOL_INFOW::decode(&bytes).expect("the option is a whole structure");
    assert_eq!((info.iAddressFamily, info.iSocketType), (AF_INET, SOCK_RAW));
}
