//! Many connections on one completion port, with random closes and cancels: each operation ends exactly once.
//!
//! The choices are seeded (`WS2SPI_SEED`); threads interleave as they like. `WS2SPI_STRESS=CONNECTIONS,SECONDS` makes it
//! larger: 1000,300 is the long run.

use std::collections::HashMap;
use std::env;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_abi::*;
use ws2spi_tests::overlapped::{Operation, Tell, cancel_all};
use ws2spi_tests::port::{Packet, Port};
use ws2spi_tests::seed::Random;
use ws2spi_tests::{Configuration, Socket, wait};

/// Operations that are under way per connection, about.
const DEPTH: usize = 4;

/// The most bytes of a send, and of a receive.
const LONGEST: u64 = 3000;

/// Operations that have ended stay this long, in operations: a second end of one is not mistaken for that of another which has
/// its memory.
const MEMORY: usize = 100_000;

type Pair = [Socket; 2];

struct Stress {
    port: Port,
    pairs: Vec<RwLock<Arc<Pair>>>,
    going: Mutex<HashMap<usize, Operation>>,
    ended: Mutex<Vec<Operation>>,
    begun: AtomicUsize,
    told: AtomicUsize,
    over: AtomicBool,
    /// Shut while the end is declared.
    gate: RwLock<()>,
}

impl Stress {
    fn new(connections: usize) -> Self {
        let port = Port::new();
        let pairs = (0..connections).map(|_| RwLock::new(pair(&port))).collect();
        Self {
            port,
            pairs,
            going: Mutex::default(),
            ended: Mutex::default(),
            begun: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            gate: RwLock::default(),
        }
    }

    fn any_pair(&self, random: &mut Random) -> Arc<Pair> {
        random.pick(&self.pairs).read().unwrap().clone()
    }

    /// Begins an operation somewhere; it may be refused, as the socket may be closed at any moment.
    fn begin(&self, random: &mut Random) {
        let pair = self.any_pair(random);
        let s = random.pick(&*pair);
        let size = random.below(LONGEST) as usize;
        let operation = if random.below(2) == 0 {
            Operation::receive(s, &[size / 2, size - size / 2], 0, Tell::Handle)
        } else {
            Operation::send(s, &vec![7; size], Tell::Handle)
        };
        match operation.returned {
            Ok(_) | Err(Errno::IO_PENDING) => {
                self.begun.fetch_add(1, Ordering::Relaxed);
                let before = self
                    .going
                    .lock()
                    .unwrap()
                    .insert(operation.block(), operation);
                assert!(before.is_none(), "two operations at one place");
            }
            Err(Errno::NOTSOCK | Errno::CONNRESET | Errno::CONNABORTED) => {}
            Err(error) => panic!("an operation is refused: {error}"),
        }
    }

    /// Something that ends operations before their time, now and then.
    fn disturb(&self, random: &mut Random) {
        match random.below(200) {
            0 => {
                let place = random.pick(&self.pairs);
                let fresh = pair(&self.port);
                let old = std::mem::replace(&mut *place.write().unwrap(), fresh);
                let first = random.below(2) as usize;
                for s in [&old[first], &old[1 - first]] {
                    s.close_under_way().expect("nobody else closes it");
                }
            }
            1..=4 => {
                let pair = self.any_pair(random);
                match cancel_all(random.pick(&*pair)) {
                    Ok(()) | Err(Errno::NOT_FOUND | Errno::INVALID_HANDLE) => {}
                    Err(error) => panic!("a cancel fails: {error}"),
                }
            }
            5..=9 => {
                let pair = self.any_pair(random);
                let going = self.going.lock().unwrap();
                if let Some(operation) = going.values().next() {
                    // It may be another socket's, or have ended.
                    let _ = operation.cancel(random.pick(&*pair));
                }
            }
            _ => {}
        }
    }

    /// Takes what a packet tells of out of the list.
    fn end(&self, packet: Packet) {
        // The packet may be faster than the thread that began the operation.
        let operation = wait::until_some("the operation of a packet that came once", || {
            self.going.lock().unwrap().remove(&packet.block)
        });
        assert_eq!(packet.error, operation.status().win32(), "{packet:?}");
        assert_eq!(packet.bytes as usize, operation.internal_high());
        self.told.fetch_add(1, Ordering::Relaxed);
        let mut ended = self.ended.lock().unwrap();
        ended.push(operation);
        if ended.len() == MEMORY {
            ended.drain(..MEMORY / 2);
        }
    }

    fn serve(&self, mut random: Random) {
        while !self.is_done() {
            let Some(packet) = self.port.take_within(10) else {
                continue;
            };
            self.end(packet);
            let _open = self.gate.read().unwrap();
            if !self.over.load(Ordering::Relaxed) {
                self.disturb(&mut random);
                self.begin(&mut random);
                let going = self.begun.load(Ordering::Relaxed) - self.told.load(Ordering::Relaxed);
                if going < self.pairs.len() * DEPTH {
                    self.begin(&mut random);
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        self.over.load(Ordering::Acquire)
            && self.told.load(Ordering::Relaxed) == self.begun.load(Ordering::Relaxed)
    }
}

/// A connection on the port.
fn pair(port: &Port) -> Arc<Pair> {
    let (client, server) = Socket::pair(AF_INET);
    port.associate(&client, 0)
        .expect("a new socket has no port");
    port.associate(&server, 1)
        .expect("a new socket has no port");
    Arc::new([client, server])
}

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

// P225, P227, P228, P209: base-provider.md 4.5, "exactly once", whatever comes together.
#[test]
fn each_operation_ends_exactly_once() {
    Configuration::Bare.start();
    let (connections, time) = size();
    let mut random = Random::from_environment();
    let stress = Stress::new(connections);
    for _ in 0..connections * DEPTH {
        stress.begin(&mut random);
    }
    thread::scope(|scope| {
        for _ in 0..3 {
            let random = Random::new(random.number());
            scope.spawn(|| stress.serve(random));
        }
        let until = Instant::now() + time;
        while Instant::now() < until {
            thread::park_timeout(Duration::from_millis(10));
        }
        // Nothing begins any more; what goes on ends with its sockets.
        let _shut = stress.gate.write().unwrap();
        stress.over.store(true, Ordering::Release);
        for pair in &stress.pairs {
            for s in pair.read().unwrap().iter() {
                s.close_under_way().expect("nobody else closes it");
            }
        }
    });
    println!("{} operations", stress.told.load(Ordering::Relaxed));
    assert!(stress.going.lock().unwrap().is_empty());
    assert_eq!(stress.port.look(), None);
}
