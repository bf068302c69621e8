//! Does an echo server on a completion port serve as fast as the same server on bare mio? TCP over loopback with 1, 64 and 1,000
//! connections, 64 bytes each way. Bound: 0.90 of mio's round trips. Beside it: the port server as it is usually written and
//! below layers, and a blocking server in C with a thread for each connection.
//!
//! All servers run at the same time, each with its own connections, and take turns: what counts is the ratio of the times within a
//! turn, the median over all turns, with the quartiles (as in `traffic.rs`). The client is the same for all: one thread with the
//! system's own sockets that sends on every connection and then receives on every one, so the server has as many messages
//! before it as there are connections.
//!
//! `cargo bench -p ws2spi-tests --bench ports -- turns=200` takes so many turns; `connections=64` has one size only, `only=TEXT` the
//! servers whose names contain the text, beside mio.

mod others;
mod port_server;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;
use std::{env, thread};
use ws2spi_cli::installer::{self, Handles};
use ws2spi_tests::{configuration, providers, winsock};

use port_server::Style;
use ws2spi_abi::*;

/// The bytes of a message.
const SIZE: usize = 64;

/// What a server's connection has room for.
const ROOM: usize = 4096;

/// How many connections, and how many messages on each in one block: so few that most blocks are not interrupted by anything else.
const LOADS: [(usize, usize); 3] = [(1, 20), (64, 4), (1000, 1)];

/// A server at work.
struct Server {
    address: SocketAddr,
    /// Accepts that many connections from now on, and then serves them until all of them are closed.
    thread: thread::JoinHandle<()>,
}

/// A way to serve.
struct Kind {
    name: &'static str,
    start: Box<dyn Fn(usize) -> Server>,
}

/// A server with the clients' ends of its connections.
struct Side {
    name: &'static str,
    server: Server,
    clients: Vec<TcpStream>,
}

impl Side {
    fn start(kind: &Kind, connections: usize) -> Self {
        let server = (kind.start)(connections);
        let clients = (0..connections).map(|_| {
            let client = TcpStream::connect(server.address).expect("loopback connects");
            client.set_nodelay(true).expect("it is TCP");
            client
        });
        Self {
            name: kind.name,
            clients: clients.collect(),
            server,
        }
    }

    /// The nanoseconds of some messages on every connection.
    fn block(&mut self, rounds: usize) -> u64 {
        let mut data = [7; SIZE];
        let begin = Instant::now();
        for _ in 0..rounds {
            for client in &mut self.clients {
                client.write_all(&data).expect("the server lives");
            }
            for client in &mut self.clients {
                client.read_exact(&mut data).expect("the server answers");
            }
        }
        begin.elapsed().as_nanos() as u64
    }

    fn stop(self) {
        drop(self.clients);
        self.server.thread.join().expect("the server ends");
    }
}

/// The times of all sides, turn by turn.
fn measure(sides: &mut [Side], rounds: usize, turns: usize) -> Vec<Vec<u64>> {
    let warm = turns / 10 + 1;
    let mut took = Vec::new();
    for turn in 0..turns + warm {
        let mut times = vec![0; sides.len()];
        // Each side goes first as often as any other.
        for at in 0..sides.len() {
            let index = (at + turn) % sides.len();
            // Whoever was idle comes to life before the time is taken.
            sides[index].block(1);
            times[index] = sides[index].block(rounds);
        }
        if turn >= warm {
            took.push(times);
        }
    }
    took
}

fn report(sides: &[Side], took: &[Vec<u64>], connections: usize, rounds: usize) {
    let trips = (connections * rounds) as f64 * 1000.0;
    println!("{connections} connections, {} turns:", took.len());
    for (index, side) in sides.iter().enumerate() {
        let sorted = |value: &dyn Fn(&Vec<u64>) -> f64| {
            let mut values: Vec<f64> = took.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            move |part: f64| values[((values.len() - 1) as f64 * part) as usize]
        };
        let time = sorted(&|times| times[index] as f64 / trips);
        let ratio = sorted(&|times| times[0] as f64 / times[index] as f64);
        println!(
            "  {:28} {:7.2} us a round trip, {:.3} of mio's round trips (quartiles {:.3} to {:.3})",
            side.name,
            time(0.5),
            ratio(0.5),
            ratio(0.25),
            ratio(0.75),
        );
    }
}

/// The catalog entries of TCP: the base's own, an IFS layer's and a non-IFS layer's chain, each directly over the base.
fn entries() -> [WSAPROTOCOL_INFOW; 3] {
    let tcp = |entry: &WSAPROTOCOL_INFOW| {
        let kind = (entry.iAddressFamily, entry.iProtocol, entry.iSocketType);
        kind == (AF_INET, IPPROTO_TCP, SOCK_STREAM) && entry.ProtocolChain.ChainLen == 1
    };
    let base = installer::entries()
        .expect("the catalog can be read")
        .into_iter()
        .find(tcp)
        .expect("the base has TCP");
    let chain = |name: &str, handles, id| {
        let layer = installer::Layer {
            path: providers::path(name).to_str().expect("UTF-8").into(),
            name: name.into(),
            handles,
            id: GUID::from_u128(id),
        };
        let over_base = |entry: &WSAPROTOCOL_INFOW| entry.dwCatalogEntryId == base.dwCatalogEntryId;
        let installed = installer::install(&layer, over_base).expect("the layer installs");
        *installed.chains.first().expect("one chain")
    };
    let ifs = chain("layer_ifs", Handles::System, IFS_ID);
    let nonifs = chain("layer_nonifs", Handles::Minted, NONIFS_ID);
    [base, ifs, nonifs]
}

fn kinds() -> Vec<Kind> {
    let [base, ifs, nonifs] = entries();
    let port = |name, entry: WSAPROTOCOL_INFOW, style| Kind {
        name,
        start: Box::new(move |connections| port_server::start(entry, connections, style)),
    };
    vec![
        Kind {
            name: "mio",
            start: Box::new(others::mio),
        },
        port("port", base, Style::Fast),
        port("port, a packet for each send", base, Style::Usual),
        port("port below an IFS layer", ifs, Style::Fast),
        // Without IFS handles each success queues its packet whatever the modes say.
        port("the same below a non-IFS layer", nonifs, Style::Usual),
        Kind {
            name: "threads in C",
            start: Box::new(others::threads),
        },
    ]
}

fn argument(name: &str) -> Option<String> {
    env::args().find_map(|argument| Some(argument.strip_prefix(name)?.strip_prefix('=')?.into()))
}

fn main() {
    let number = |name| argument(name).and_then(|text| text.parse::<usize>().ok());
    let turns = number("turns").unwrap_or(1000);
    let kinds = kinds();
    configuration::startup();
    let only = argument("only");
    let wanted = |kind: &&Kind| {
        let named = only.as_ref().is_none_or(|only| kind.name.contains(only));
        named || kind.name == "mio"
    };
    for (connections, rounds) in LOADS {
        if number("connections").is_some_and(|wanted| wanted != connections) {
            continue;
        }
        let mut sides: Vec<Side> = kinds
            .iter()
            .filter(wanted)
            .map(|kind| Side::start(kind, connections))
            .collect();
        let took = measure(&mut sides, rounds, turns);
        report(&sides, &took, connections, rounds);
        sides.into_iter().for_each(Side::stop);
    }
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
}

const IFS_ID: u128 = 0x5a1d_77aa_9b3e_4c55_a0f1_0000_0000_7701;
const NONIFS_ID: u128 = 0x5a1d_77aa_9b3e_4c55_a0f1_0000_0000_7710;
