//! Raw sockets: who may make them.

use ws2spi_abi::types::Plain;
use ws2spi_abi::*;
use ws2spi_tests::{Socket, case, isolated};

mod system {
    unsafe extern "C" {
        pub fn seteuid(user: u32) -> i32;
        pub fn socket(family: i32, kind: i32, protocol: i32) -> i32;
        pub fn close(descriptor: i32) -> i32;
    }
}

/// The user without any rights.
const NOBODY: u32 = 65534;

/// Whether the system lets this process make raw sockets.
fn privileged() -> bool {
    const INET: i32 = 2;
    const RAW: i32 = 3;
    // SAFETY: no pointers.
    let descriptor = unsafe { system::socket(INET, RAW, 255) };
    if descriptor >= 0 {
        // SAFETY: the descriptor was just made and is nobody else's.
        unsafe { system::close(descriptor) };
    }
    descriptor >= 0
}

// P19: the process gives its rights away first, if it has any.
#[test]
fn a_raw_socket_needs_privilege() {
    isolated!();
    crate::CONFIGURATION.start();
    // SAFETY: no pointers. Without the right to do it there are no rights to give away.
    unsafe { system::seteuid(NOBODY) };
    assert!(!privileged(), "nobody may make raw sockets");
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

// P20: with the privilege; without it, the refusal is that of a raw socket.
#[test]
fn the_raw_protocol_alone_makes_a_raw_socket() {
    case!();
    let made = Socket::new(AF_UNSPEC, 0, IPPROTO_RAW);
    if !privileged() {
        assert_eq!(made, Err(Errno::ACCES));
        return;
    }
    let socket = made.expect("the process may make raw sockets");
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
