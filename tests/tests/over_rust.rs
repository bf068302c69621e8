//! The conformance tests on the configuration `Rust`.

const CONFIGURATION: ws2spi_tests::Configuration = ws2spi_tests::Configuration::Rust;

#[path = "conformance/mod.rs"]
mod conformance;
