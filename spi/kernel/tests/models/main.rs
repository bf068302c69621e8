//! Models: the lock-free parts of the kernel role under a scheduler that chooses who runs next at
//! every access to shared state.
//!
//! ```text
//! RUSTFLAGS='--cfg ws2spi_shuttle' CARGO_TARGET_DIR=target/shuttle cargo test -p ws2spi-kernel --test models
//! ```
//!
//! Each model is run under many random schedules; a failure prints the schedule to replay. Without
//! the switch this program is empty. Shuttle runs one thread at a time: what it finds are wrong
//! interleavings, not wrong memory orderings.

#![cfg(ws2spi_shuttle)]

mod apcs;
mod files;
mod ports;
mod slots;
mod waits;

use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event::Event;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::port::Packet;
use ws2spi_kernel::port::Port;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::Waited;

/// Schedules per model and scheduler: several seconds for all of them.
const SCHEDULES: usize = 600;

/// How many switches at the wrong moment a failure may need.
const SWITCHES: usize = 3;

/// Runs a model with switches everywhere, and with few of them, so that a thread may do much while
/// another stands still.
fn explore(model: impl Fn() + Send + Sync + Copy + 'static) {
    shuttle::check_random(model, SCHEDULES);
    shuttle::check_pct(model, SCHEDULES, SWITCHES);
}

fn event(reset: Reset) -> (Arc<Event>, Arc<dyn Object>) {
    let event = Arc::new(Event::new(reset, false));
    (event.clone(), event)
}

fn wait_for(object: &Arc<dyn Object>, alert: Alert) -> Waited {
    wait::for_object(object, Timeout::Infinite, alert)
}

/// One packet, or none in time.
fn take(port: &Arc<Port>, timeout: Timeout) -> Result<Option<usize>, Errno> {
    let mut packet = [Packet::default()];
    Ok(match port.take(&mut packet, timeout, Alert::Plain)? {
        Got::Packets(_) => Some(packet[0].key),
        _ => None,
    })
}
