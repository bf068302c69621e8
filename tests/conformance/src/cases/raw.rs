//! Raw sockets: who may make them.

use crate::{Outcome, Socket, cases, host, subject};
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    a_raw_socket_needs_privilege: [P19], [Tcp, Ipv6], alone;
    the_raw_protocol_alone_makes_a_raw_socket: [P20], [RawSockets];
}

// The process gives its rights away first, if it has any.
fn a_raw_socket_needs_privilege() -> Outcome {
    subject::start();
    // Providers are loaded while the process still may.
    let loaded = [AF_INET, AF_INET6].map(|family| Socket::new(family, SOCK_STREAM, 0).is_ok());
    assert_eq!(loaded, [true; 2]);
    if !host::give_rights_away() {
        return Outcome::NotApplicable("a process keeps its rights here".into());
    }
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
    Outcome::Passed
}

fn the_raw_protocol_alone_makes_a_raw_socket() {
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
