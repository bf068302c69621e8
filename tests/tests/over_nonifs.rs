//! The conformance cases on the configuration `NonIfs`.

use std::process::ExitCode;
use ws2spi_tests::{Configuration, conformance};

fn main() -> ExitCode {
    conformance::run(Configuration::NonIfs)
}
