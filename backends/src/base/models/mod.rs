//! Models: the overlapped requests of a socket under a scheduler that chooses who runs next at every access to shared state.
//!
//! ```text
//! RUSTFLAGS='--cfg ws2spi_shuttle' CARGO_TARGET_DIR=target/shuttle cargo test -p ws2spi-backends --lib models
//! ```
//!
//! Sockets, queues, tickets and the worker are the real ones, over a network in memory ([`net`]) on which things happen when the
//! model says so. What ends is told to a real completion port or to a completion routine: [`post`]. Each model runs under many
//! random schedules; a failure prints the schedule to replay. Shuttle runs one thread at a time: what it finds are wrong
//! interleavings, not wrong memory orderings.

mod closing;
mod net;
mod post;
mod receives;
mod sends;

use std::sync::Arc;

use shuttle::thread;
use shuttle::thread::JoinHandle;
use ws2spi_abi::WSA_FLAG_OVERLAPPED;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::file::File;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::port::Packet;
use ws2spi_kernel::port::Port;
use ws2spi_kernel::wait::Alert;

use self::net::Edges;
use self::net::ModelNet;
use self::net::ModelSocket;
use super::catalog;
use super::options::Stored;
use super::socket::Make;
use super::socket::Socket;
use super::stack::Stack;
use super::status::Bit;
use crate::net::Family;
use crate::net::Kind;

/// Schedules per model, network and scheduler.
const SCHEDULES: usize = 300;

/// How many switches at the wrong moment a failure may need.
const SWITCHES: usize = 3;

/// Runs a model on both kinds of networks: with switches everywhere, and with few of them, so that a
/// thread may do much while another stands still.
fn explore(model: impl Fn(World) + Send + Sync + Copy + 'static) {
    explore_times(SCHEDULES, model);
}

/// As [`explore`], for what happens in one schedule of a thousand.
fn explore_often(model: impl Fn(World) + Send + Sync + Copy + 'static) {
    explore_times(7 * SCHEDULES, model);
}

fn explore_times(schedules: usize, model: impl Fn(World) + Send + Sync + Copy + 'static) {
    for edges in [Edges::Every, Edges::UntilDrained] {
        let run = move || model(World::new(edges));
        shuttle::check_random(run, SCHEDULES);
        shuttle::check_pct(run, schedules, SWITCHES);
    }
}

/// A connected socket, the network's side of it, and a port.
struct World {
    socket: Arc<Socket>,
    net: Arc<ModelSocket>,
    port: Arc<Port>,
}

impl World {
    fn new(edges: Edges) -> Self {
        let net = Arc::new(ModelSocket::default());
        let stack = Arc::new(Stack::new(Arc::new(ModelNet::new(edges, net.clone()))));
        let make = Make {
            family: Family::Inet,
            kind: Kind::Stream,
            protocol: 6,
            flags: WSA_FLAG_OVERLAPPED,
            info: Arc::new(catalog::entry_for(Family::Inet, Kind::Stream)),
        };
        let bits = [Bit::Bound, Bit::Connected];
        let socket = Socket::new(&stack, make, net.clone(), &bits, Stored::default());
        Self {
            socket,
            net,
            port: Arc::new(Port::new(8)),
        }
    }

    /// From now on packets tell of what ends.
    fn on_port(self) -> Self {
        let associated = self.socket.state().associate(self.port.clone(), 7);
        associated.expect("a new socket has no port");
        self
    }

    /// What a thread does.
    fn spawn<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Socket, &ModelSocket) -> R + Send + 'static,
    ) -> JoinHandle<R> {
        let (socket, net) = (self.socket.clone(), self.net.clone());
        thread::spawn(move || work(&socket, &net))
    }

    /// Waits for a packet.
    fn packet(&self) -> Packet {
        let mut packet = [Packet::default()];
        let got = self
            .port
            .take(&mut packet, Timeout::Infinite, Alert::Plain)
            .expect("the port is open");
        assert_eq!(got, Got::Packets(1));
        packet[0]
    }

    /// Whether nobody is told anything more.
    fn is_silent(&self) -> bool {
        let mut packet = [Packet::default()];
        self.port.take(&mut packet, Timeout::ZERO, Alert::Plain) == Ok(Got::TimedOut)
    }

    /// Waits until the worker has let the socket go: what was going on is over.
    fn rest(&self) {
        while Arc::strong_count(&self.socket) > 1 {
            thread::yield_now();
        }
    }
}
