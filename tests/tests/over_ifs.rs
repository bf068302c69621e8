//! The conformance tests on the configuration `Ifs`.

const CONFIGURATION: ws2spi_tests::Configuration = ws2spi_tests::Configuration::Ifs;

#[path = "conformance/mod.rs"]
mod conformance;
