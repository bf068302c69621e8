//! The conformance cases on the configuration `Ifs`.

use std::process::ExitCode;
use ws2spi_tests::{Configuration, conformance};

fn main() -> ExitCode {
    conformance::run(Configuration::Ifs)
}
