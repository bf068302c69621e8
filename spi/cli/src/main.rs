//! The command-line tool.

use std::process::ExitCode;

fn main() -> ExitCode {
    ws2spi_cli::main()
}
