//! Random calls with random arguments on every exported function: nothing crashes, hangs, panics, leaks or writes where it must not.
//!
//! Each function is called on its own and, but for those of the catalog, in turn with all others, over the base provider and over an IFS
//! and a non-IFS layer in C. Sockets are in many states and non-blocking; handles are stale, foreign, of other kinds, or numbers
//! that mean nothing; numbers are the headers' constants, small, huge and negative; memory lies between guards that are looked at after
//! the call. After the calls of each function the process has the handles, descriptors and threads that it had before. A watchdog names a call
//! that does not end, a signal handler one that crashes.
//!
//! What a caller owes is kept: pointers are NULL or point to as much memory as is said, aligned for what it holds; functions are NULL or
//! can be called; strings end.
//! Windows faults on other pointers itself. Nobody is asked to wait without end: timeouts are 0 and seldom 1, `select` has a time,
//! and `WSAGetOverlappedResult` does not wait for what nobody ends.
//!
//! The number of calls of each function is `WS2SPI_CALLS`, without that 100,000 in a release build and 20,000 in a debug build: what one
//! minute is enough for. Functions that ask the system for names, write the catalog, open files or begin threads are slow and get a tenth of that.
//! `WS2SPI_SEED` repeats a run, with `WS2SPI_FUNCTION=NAME` of one function alone.

mod argument;
mod calls;
mod draw;
pub mod functions;
mod memory;
mod values;
mod watch;
mod world;

use calls::{Needs, Process};
use functions::Function;
use std::collections::BTreeMap;
use std::env;
use ws2spi_tests::Configuration::{self, Bare, Ifs, NonIfs};
use ws2spi_tests::isolated;

/// Calls each of the functions so many times.
fn each(
    what: &str,
    configuration: Configuration,
    needs: Needs,
    functions: &[&'static Function],
    calls: u64,
) {
    let process = Process::begin(configuration, needs);
    let only = env::var("WS2SPI_FUNCTION").ok();
    for function in functions {
        if only.as_ref().is_none_or(|only| only == function.name) {
            process.function(function, calls);
        }
    }
    process.end(what);
}

/// Calls all functions that leave the catalog alone in turn.
fn mixture(what: &str, configuration: Configuration) {
    let process = Process::begin(configuration, Needs::Sockets);
    let lists = [
        functions::SOCKETS,
        functions::TRANSFERS,
        functions::PLAIN,
        functions::KERNEL,
        functions::FILES,
    ];
    let functions: Vec<&Function> = lists.into_iter().flatten().collect();
    process.mixture(&functions, 10 * calls::wanted());
    process.end(what);
}

fn all(list: &'static [Function]) -> Vec<&'static Function> {
    list.iter().collect()
}

/// Functions that do not return, since they end the thread, or that end the process a moment later.
const ENDING: [&str; 3] = [
    "ExitThread",
    "FreeLibraryAndExitThread",
    "GenerateConsoleCtrlEvent",
];

// The table has a row for each export but those, with its number of arguments.
#[test]
fn every_export_is_called() {
    let listed: BTreeMap<&str, usize> = functions::ALL
        .into_iter()
        .flatten()
        .map(|function| (function.name, function.arguments.len()))
        .collect();
    let exported: BTreeMap<&str, usize> = ws2_32::exports()
        .map(|export| (export.name(), export.argument_sizes().len()))
        .filter(|(name, _)| !ENDING.contains(name))
        .collect();
    assert_eq!(listed, exported);
}

// Issue "Bad input".
#[test]
fn sockets_take_any_call() {
    isolated!();
    each(
        "sockets",
        Bare,
        Needs::Sockets,
        &all(functions::SOCKETS),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn sockets_take_any_call_over_an_ifs_layer() {
    isolated!();
    each(
        "sockets over an IFS layer",
        Ifs,
        Needs::Sockets,
        &all(functions::SOCKETS),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn sockets_take_any_call_over_a_non_ifs_layer() {
    isolated!();
    each(
        "sockets over a non-IFS layer",
        NonIfs,
        Needs::Sockets,
        &all(functions::SOCKETS),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn transfers_take_any_call() {
    isolated!();
    each(
        "transfers",
        Bare,
        Needs::Sockets,
        &all(functions::TRANSFERS),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn transfers_take_any_call_over_an_ifs_layer() {
    isolated!();
    each(
        "transfers over an IFS layer",
        Ifs,
        Needs::Sockets,
        &all(functions::TRANSFERS),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn transfers_take_any_call_over_a_non_ifs_layer() {
    isolated!();
    each(
        "transfers over a non-IFS layer",
        NonIfs,
        Needs::Sockets,
        &all(functions::TRANSFERS),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn functions_without_a_socket_take_any_call() {
    isolated!();
    each(
        "functions without a socket",
        Bare,
        Needs::Sockets,
        &all(functions::PLAIN),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn functions_of_the_kernel_take_any_call() {
    isolated!();
    each(
        "functions of the kernel",
        Bare,
        Needs::Sockets,
        &all(functions::KERNEL),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn functions_of_memory_take_any_call() {
    isolated!();
    each(
        "functions of memory",
        Bare,
        Needs::Sockets,
        &all(functions::MEMORY),
        calls::wanted(),
    );
}

// Issue "Bad input".
#[test]
fn functions_of_files_take_any_call() {
    isolated!();
    each(
        "functions of files",
        Bare,
        Needs::Files,
        &all(functions::FILES),
        calls::wanted() / 10,
    );
}

// Issue "Bad input".
#[test]
fn functions_of_the_registry_take_any_call() {
    isolated!();
    each(
        "functions of the registry",
        Bare,
        Needs::Files,
        &all(functions::REGISTRY),
        calls::wanted() / 10,
    );
}

// Issue "Bad input".
#[test]
fn functions_of_timers_take_any_call() {
    isolated!();
    each(
        "functions of timers",
        Bare,
        Needs::Sockets,
        &all(functions::TIMERS),
        calls::wanted() / 10,
    );
}

// Issue "Bad input".
#[test]
fn functions_of_names_take_any_call() {
    isolated!();
    each(
        "functions of names",
        Bare,
        Needs::Sockets,
        &all(functions::NAMES),
        calls::wanted() / 10,
    );
}

// Issue "Bad input".
#[test]
fn functions_of_the_catalog_take_any_call() {
    isolated!();
    each(
        "functions of the catalog",
        Bare,
        Needs::Nothing,
        &all(functions::CONFIGURATION),
        calls::wanted() / 10,
    );
}

// Issue "Bad input".
#[test]
fn all_functions_in_turn_take_any_call() {
    isolated!();
    mixture("all in turn", Bare);
}

// Issue "Bad input".
#[test]
fn all_functions_in_turn_take_any_call_over_an_ifs_layer() {
    isolated!();
    mixture("all in turn over an IFS layer", Ifs);
}

// Issue "Bad input".
#[test]
fn all_functions_in_turn_take_any_call_over_a_non_ifs_layer() {
    isolated!();
    mixture("all in turn over a non-IFS layer", NonIfs);
}
