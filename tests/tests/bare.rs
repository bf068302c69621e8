//! The conformance tests on the configuration `Bare`.

const CONFIGURATION: ws2spi_tests::Configuration = ws2spi_tests::Configuration::Bare;

#[path = "conformance/mod.rs"]
mod conformance;
