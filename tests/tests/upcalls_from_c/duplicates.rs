//! WSADuplicateSocket from C, through layers in C.

use crate::worlds::*;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::isolated;
use ws2spi_tests::upcalls::Provider;

/// Those that make sockets of their own; the hook layer leaves that to the provider below.
const KINDS: [(&str, Handles); 3] = [
    ("layer_count", Handles::System),
    ("layer_ifs", Handles::System),
    ("layer_nonifs", Handles::Minted),
];

// U173: a bad socket (WSAENOTSOCK) is told before a bad process id (WSAEINVAL), and that before a NULL info (WSAEFAULT).
#[test]
fn duplication_looks_at_the_socket_first() {
    isolated!();
    with_layers(&KINDS, |_, _| {
        Provider::load().check("duplication_looks_at_the_socket_first");
    });
}

// U174: the info of a duplicate makes one socket, which is alive when the original is closed; the second use is WSAEINVAL.
#[test]
fn an_info_makes_one_duplicate() {
    isolated!();
    with_layers(&KINDS, |_, _| {
        Provider::load().check("an_info_makes_one_duplicate");
    });
}
