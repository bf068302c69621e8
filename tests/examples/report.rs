//! Prints `tests/conformance/REPORT.md`: `cargo run -p ws2spi-tests --example report >tests/conformance/REPORT.md`.

fn main() {
    print!("{}", ws2spi_tests::report::print());
}
