//! The conformance tests on the configuration `NonIfs`.

const CONFIGURATION: ws2spi_tests::Configuration = ws2spi_tests::Configuration::NonIfs;

#[path = "conformance/mod.rs"]
mod conformance;
