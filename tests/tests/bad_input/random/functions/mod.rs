//! The table of the exported functions: what their arguments are drawn from, and what their calls leave behind.

mod catalog;
mod names;
mod plain;
mod sockets;
mod win32;
mod win32_files;
mod win32_registry;
mod win32_timers;

pub use catalog::CONFIGURATION;
pub use names::NAMES;
pub use plain::PLAIN;
pub use sockets::{SOCKETS, TRANSFERS};
pub use win32::{KERNEL, MEMORY};
pub use win32_files::FILES;
pub use win32_registry::REGISTRY;
pub use win32_timers::TIMERS;

use super::argument::{Argument, Makes};

/// How a function is called.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    pub arguments: &'static [Argument],
    pub makes: Makes,
}

const fn row(name: &'static str, arguments: &'static [Argument]) -> Function {
    making(name, arguments, Makes::Nothing)
}

const fn making(name: &'static str, arguments: &'static [Argument], makes: Makes) -> Function {
    Function {
        name,
        arguments,
        makes,
    }
}

/// All of them.
pub const ALL: [&[Function]; 10] = [
    SOCKETS,
    TRANSFERS,
    PLAIN,
    CONFIGURATION,
    NAMES,
    KERNEL,
    MEMORY,
    FILES,
    TIMERS,
    REGISTRY,
];

impl Function {
    /// Whether a failure of the function is told by the thread's last error.
    pub fn says_why(&self) -> bool {
        let same = |row: &Function| row.name == self.name;
        SOCKETS.iter().chain(TRANSFERS).any(same)
    }
}

/// The functions whose first argument is a socket.
pub fn of_a_socket() -> impl Iterator<Item = &'static str> {
    let rows = ALL.into_iter().flatten();
    rows.filter(|row| row.arguments.first() == Some(&Argument::Socket))
        .map(|row| row.name)
}
