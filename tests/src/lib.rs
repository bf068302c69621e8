//! The harness of the conformance tests.
//!
//! The cases are those of `ws2spi-conformance`, and a few that look [inside]. A test program is one configuration
//! ([`Configuration`]): it starts the runtime once, with the layers of that configuration installed, and [runs](conformance) each case
//! for which there is no row in `exceptions.toml`. Tests that are not about what an application sees have files of their own. One that
//! changes what belongs to the whole process opens with [`isolated!`] and runs in a process of its own.

pub mod allocated;
pub mod by_name;
pub mod c_program;
pub mod census;
pub mod configuration;
pub mod conformance;
pub mod descriptor_limit;
pub mod exceptions;
pub mod findings;
pub mod hostile;
pub mod inside;
pub mod isolation;
pub mod layers;
pub mod machine;
pub mod ours;
pub mod pass_through;
pub mod pipe;
pub mod processor;
pub mod providers;
pub mod report;
pub mod seed;
pub mod shortage;
pub mod upcalls;
pub mod watch;

pub use configuration::Configuration;
pub use ws2spi_cli::memory_file;
pub use ws2spi_conformance::socket::{self, Socket};
pub use ws2spi_conformance::{
    accepting, apc, blocked, controls, extended, extensions, overlapped, partner, port, ports,
    readiness, sets, unanswered, values, wait, winsock,
};

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
