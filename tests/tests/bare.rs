//! The conformance cases on the configuration `Bare`.

use std::process::ExitCode;
use ws2spi_tests::{Configuration, conformance};

fn main() -> ExitCode {
    conformance::run(Configuration::Bare)
}
