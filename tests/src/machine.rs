//! What the machine of the tests must have. Without it a test program ends at its first test and says why.

use std::io::{self, Write};
use std::net::TcpListener;
use std::process;
use std::sync::Once;

/// Ends the program, with a word on what is missing, when this machine does not have what all tests need: an IPv6 loopback.
pub fn demand() {
    static LOOKED: Once = Once::new();
    LOOKED.call_once(|| {
        let Err(reason) = TcpListener::bind("[::1]:0") else {
            return;
        };
        say(&format!(
            "This machine has no IPv6 loopback (::1: {reason}), which half of the tests need: see CONTRIBUTING.md, \"Before you start\"."
        ));
        process::exit(1);
    });
}

/// Tells it to whoever runs the tests, also where the output of tests is kept back.
pub fn say(what: &str) {
    // Nobody may be there.
    let _ = writeln!(io::stderr(), "ws2spi-tests: {what}");
}
