//! The harness of the conformance tests.
//!
//! A test program is one configuration ([`Configuration`]): it starts the runtime once, with the layers of that configuration
//! installed, and mounts the test bodies, which speak the Winsock API through the exported C names ([`winsock`]) with [`Socket`] as a
//! safe face. A body opens with [`case!`], which starts the world and looks for a row in `exceptions.toml`; one that changes what
//! belongs to the whole process opens with [`isolated!`] and runs in a process of its own.

pub mod accepting;
pub mod allocated;
pub mod apc;
pub mod blocked;
pub mod by_name;
pub mod c_program;
pub mod census;
pub mod configuration;
pub mod controls;
pub mod descriptor_limit;
pub mod exceptions;
pub mod extended;
pub mod extensions;
pub mod findings;
pub mod host;
pub mod hostile;
pub mod isolation;
pub mod layers;
pub mod memory_file;
pub mod messages;
pub mod notices;
pub mod overlapped;
pub mod own_network;
pub mod partner;
pub mod pass_through;
pub mod pipe;
pub mod port;
pub mod ports;
pub mod processor;
pub mod providers;
pub mod readiness;
pub mod receiving;
pub mod seed;
pub mod sending;
pub mod sets;
pub mod shortage;
pub mod text;
pub mod unanswered;
pub mod upcalls;
pub mod values;
pub mod wait;
pub mod watch;

pub use configuration::Configuration;
pub use ws2spi_cli::socket::{self, Socket};
pub use ws2spi_cli::winsock;

/// Opens a test body: `case!();` starts the configuration's world, and returns from the test when a row of `exceptions.toml` says
/// that it does not apply, printing the reason.
#[macro_export]
#[allow(
    clippy::crate_in_macro_def,
    reason = "the configuration is the test program's"
)]
macro_rules! case {
    () => {
        fn here() {}
        let Some(_quiet) =
            $crate::configuration::enter(std::any::type_name_of_val(&here), crate::CONFIGURATION)
        else {
            return;
        };
    };
}

/// Opens a test body that needs a process of its own: `isolated!();` runs the test again in a child process and returns when that is
/// over; in the child it goes on. The child has no world yet: the body starts what it needs. `isolated!(for limit);` gives the child
/// that long.
#[macro_export]
macro_rules! isolated {
    () => {
        $crate::isolated!(for $crate::isolation::LIMIT)
    };
    (for $limit:expr) => {
        fn here() {}
        if !$crate::isolation::enter_for(std::any::type_name_of_val(&here), $limit) {
            return;
        }
    };
}
