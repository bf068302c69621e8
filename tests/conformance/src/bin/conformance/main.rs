//! The cases as a program for Windows, with its own `ws2_32.dll` as the subject. Elsewhere `ws2spi check` runs them.
//!
//! ```text
//! conformance                    all cases, each in a process of its own; a line for each, and how many came to what
//! conformance FILTER...          those whose name contains one of these
//!     --expect TABLE             compared with what is known of the subject: a line for each that came to something else
//!     --version VERSION          with the rows of that table only that are about this version of the subject
//!     --jobs COUNT               so many at a time; without it, as many as there are processors
//! conformance --list             their names, with what they stand on
//! conformance --case NAME        one, in this process: exit code 0 passed, 77 not applicable, 101 failed, 2 no such case
//! ```
//!
//! The exit code of a run is 0 when all passed, did not apply, or came to what the table says; 1 when one did not; 2 when the arguments,
//! the table or the subject are unusable.

#[cfg(windows)]
mod comparison;
#[cfg(windows)]
mod windows;

#[cfg(windows)]
fn main() -> std::process::ExitCode {
    windows::main()
}

#[cfg(not(windows))]
fn main() -> std::process::ExitCode {
    eprintln!("conformance is a program for Windows; elsewhere `ws2spi check` runs the cases.");
    std::process::ExitCode::from(2)
}
