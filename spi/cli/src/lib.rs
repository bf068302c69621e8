//! What the command-line tool is made of.
//!
//! [`installer`] puts layers into a catalog as an installer on Windows does; the tests use it too.
//! [`winsock`] and [`Socket`] speak the Winsock API through the exported C names.
//! [`main`] is the tool: [`arguments`] says what can be asked for, and each command has a module of
//! its name.
//!
//! `run` goes from files to a verdict: [`provider`] and [`compiler`] make modules, [`probe`] asks
//! each alone, [`arrangement`] orders them, [`chain`] installs them, [`trial`] has [`traffic`] drive
//! them in each style of I/O while [`counters`], [`findings`] and [`place`] watch, and [`report`]
//! tells.
//!
//! [`wine`] puts the DLLs for programs in Wine into a prefix.
//!
//! [`check`] has the cases of the conformance suite run on such a chain, each in a process of its own.

pub mod arguments;
pub mod arrangement;
pub mod base;
pub mod cc;
pub mod chain;
pub mod check;
pub mod compiler;
pub mod counters;
pub mod crash;
pub mod exit;
pub mod findings;
pub mod headers;
pub mod identity;
pub mod installer;
pub mod known;
pub mod memory_file;
pub mod place;
pub mod preparation;
pub mod probe;
pub mod progress;
pub mod provider;
mod record;
pub mod report;
pub mod run;
pub mod runtime;
pub mod supervisor;
pub mod traffic;
pub mod trail;
pub mod trial;
pub mod watchdog;
pub mod wine;

pub use ws2spi_conformance::socket::{self, Socket};
pub use ws2spi_conformance::winsock;
// What they link to.
use ws2_32 as _;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// The tool: parses the command line of the process and does what it says. Ends the process itself
/// when the command line is wrong, asks for help, or a run hangs.
#[must_use]
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Cc(arguments) => cc::main(&arguments.arguments).into(),
        Command::Run(arguments) => run::run(&arguments).into(),
        Command::Check(arguments) => check::check(&arguments),
        Command::Wine(arguments) => wine::main(&arguments),
    }
}
