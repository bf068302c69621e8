//! The conformance cases on the configuration `Rust`.

use std::process::ExitCode;
use ws2spi_tests::{Configuration, conformance};

fn main() -> ExitCode {
    conformance::run(Configuration::Rust)
}
