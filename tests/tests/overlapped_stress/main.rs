//! Many connections on one completion port, with random closes and cancels: each operation ends exactly once.
//!
//! The choices are seeded (`WS2SPI_SEED`); threads interleave as they like. `WS2SPI_STRESS=CONNECTIONS,SECONDS` makes it
//! larger: 1000,300 is the long run, with `--release` and `--test-threads=1`. A line says what was done.

mod disturbance;
mod stress;

use std::env;
use std::time::Duration;
use stress::Stress;
use ws2spi_tests::isolation::LIMIT;
use ws2spi_tests::{Configuration, descriptor_limit, isolated};

/// The connections and the time that `WS2SPI_STRESS` asks for.
fn size() -> (usize, Duration) {
    let asked = env::var("WS2SPI_STRESS").ok();
    let parsed = asked.as_ref().map(|text| {
        let (connections, seconds) = text.split_once(',')?;
        Some((connections.parse().ok()?, seconds.parse().ok()?))
    });
    let (connections, seconds) = match parsed {
        Some(size) => size.expect("WS2SPI_STRESS is CONNECTIONS,SECONDS"),
        None => (50, 2),
    };
    (connections, Duration::from_secs(seconds))
}

/// In a process of its own. The connections have two sockets each; what is being closed and what the process has besides is far less.
fn each_operation_ends_once_on(configuration: Configuration) {
    let (connections, time) = size();
    descriptor_limit::demand(2 * connections as u64 + 500);
    configuration.start();
    Stress::new(configuration, connections).run(time);
}

// P209, P225, P227, P228: base-provider.md 4.5, "exactly once", whatever comes together.
#[test]
fn each_operation_ends_exactly_once() {
    isolated!(for size().1 + LIMIT);
    each_operation_ends_once_on(Configuration::Bare);
}

// U194: client-dll.md 6.2, the base provider's own blocks and handles.
#[test]
fn each_operation_ends_exactly_once_below_an_ifs_layer() {
    isolated!(for size().1 + LIMIT);
    each_operation_ends_once_on(Configuration::Ifs);
}

// U179-U194: client-dll.md 6.3, the completion protocol of a layer that has handles of its own.
#[test]
fn each_operation_ends_exactly_once_below_a_non_ifs_layer() {
    isolated!(for size().1 + LIMIT);
    each_operation_ends_once_on(Configuration::NonIfs);
}

// U194, through the tables of a layer in Rust.
#[test]
fn each_operation_ends_exactly_once_below_a_layer_in_rust() {
    isolated!(for size().1 + LIMIT);
    each_operation_ends_once_on(Configuration::Rust);
}
