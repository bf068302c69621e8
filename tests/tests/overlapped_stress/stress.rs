//! The operations of the stress test, from their beginning to their end.
//!
//! Threads take packets from one port. Each packet is the end of one operation, which leaves the list of those that go on and
//! stays in memory for a while: a second end of it finds nothing in the list. Then the thread disturbs, now and then, and begins others.

use crate::disturbance::{Disturbance, Tally};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_abi::*;
use ws2spi_tests::overlapped::{Operation, Tell, cancel_all, cancel_own};
use ws2spi_tests::port::{Packet, Port};
use ws2spi_tests::seed::Random;
use ws2spi_tests::wait::PATIENCE;
use ws2spi_tests::{Configuration, Socket, wait};

/// Operations that are under way per connection, about.
const DEPTH: usize = 4;

/// The most bytes of a send, and of a receive.
const LONGEST: u64 = 3000;

/// Operations that have ended stay this long, in operations: a second end of one is not mistaken for that of another which has
/// its memory.
const MEMORY: usize = 100_000;

/// The threads that take packets.
const THREADS: usize = 3;

/// So many connections may be ended in a second: the system keeps the names of those that ended for a minute.
const HARMED_PER_SECOND: u64 = 150;

/// The ends that are told apart when the test says what it did.
const ENDS: [(&str, &[Errno]); 4] = [
    ("succeeded", &[]),
    ("cancelled", &[Errno::OPERATION_ABORTED]),
    ("aborted", ABORTED),
    ("reset", RESET),
];

/// What a receive of a connection that is closed ends with: as the port tells it, or as a layer with handles of its own.
const ABORTED: &[Errno] = &[Errno::CONNECTION_ABORTED, Errno::CONNABORTED];

const RESET: &[Errno] = &[Errno::NETNAME_DELETED, Errno::CONNRESET];

type Pair = [Socket; 2];

/// The test: see the module's words.
pub(crate) struct Stress {
    configuration: Configuration,
    started: Instant,
    port: Port,
    pairs: Vec<RwLock<Arc<Pair>>>,
    going: Mutex<HashMap<usize, Operation>>,
    ended: Mutex<Vec<Operation>>,
    begun: AtomicUsize,
    told: AtomicUsize,
    refused: AtomicUsize,
    ends: [AtomicUsize; ENDS.len()],
    disturbed: Tally,
    harmed: AtomicUsize,
    over: AtomicBool,
    /// When the last operations should have ended.
    last: OnceLock<Instant>,
    /// Shut while the end is declared.
    gate: RwLock<()>,
}

impl Stress {
    /// So many connections on one port.
    pub(crate) fn new(configuration: Configuration, connections: usize) -> Self {
        let port = Port::new();
        let pairs = (0..connections).map(|_| RwLock::new(pair(&port))).collect();
        Self {
            configuration,
            started: Instant::now(),
            port,
            pairs,
            going: Mutex::default(),
            ended: Mutex::default(),
            begun: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            ends: Default::default(),
            disturbed: Tally::default(),
            harmed: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            last: OnceLock::new(),
            gate: RwLock::default(),
        }
    }

    /// Begins, disturbs and ends operations for this time, and then lets all end.
    pub(crate) fn run(&self, time: Duration) {
        let mut random = Random::from_environment();
        for _ in 0..self.pairs.len() * DEPTH {
            self.begin(&mut random);
        }
        thread::scope(|scope| {
            for _ in 0..THREADS {
                let random = Random::new(random.number());
                scope.spawn(|| self.serve(random));
            }
            while self.started.elapsed() < time {
                thread::park_timeout(Duration::from_millis(10));
            }
            // Nothing begins any more; what goes on ends with its sockets.
            let _shut = self.gate.write().unwrap();
            self.over.store(true, Ordering::Release);
            for pair in &self.pairs {
                pair.read().unwrap().iter().for_each(close);
            }
            let last = self.last.set(Instant::now() + PATIENCE);
            last.expect("the end is declared once");
        });
        self.report();
        let going = self.going.lock().unwrap();
        assert!(going.is_empty(), "never ended: {:?}", going.values());
        let [begun, told] = [&self.begun, &self.told].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(begun, told);
        assert_eq!(self.port.look(), None);
        assert!(self.disturbed.has_all(), "{}", self.disturbed);
    }

    fn report(&self) {
        let [begun, told, refused] =
            [&self.begun, &self.told, &self.refused].map(|count| count.load(Ordering::Relaxed));
        let ends = ENDS.iter().zip(&self.ends);
        let ends: Vec<_> = ends
            .map(|((name, _), count)| format!("{name} {}", count.load(Ordering::Relaxed)))
            .collect();
        println!(
            "{:?}, {} connections: {begun} operations began, {told} ended: {}; {refused} were refused;{}",
            self.configuration,
            self.pairs.len(),
            ends.join(", "),
            self.disturbed
        );
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
                let block = operation.block();
                let before = self.going.lock().unwrap().insert(block, operation);
                assert!(before.is_none(), "two operations at one place");
            }
            Err(Errno::NOTSOCK | Errno::CONNRESET | Errno::CONNABORTED | Errno::SHUTDOWN) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => panic!("an operation is refused: {error}"),
        }
    }

    /// Something that ends operations before their time, now and then.
    fn disturb(&self, random: &mut Random) {
        let Some(disturbance) = Disturbance::any(random) else {
            return;
        };
        if disturbance.harms() && !self.may_harm() {
            return;
        }
        let pair = self.any_pair(random);
        let s = random.pick(&*pair);
        match disturbance {
            Disturbance::Close => {
                let fresh = self::pair(&self.port);
                let old = std::mem::replace(&mut *random.pick(&self.pairs).write().unwrap(), fresh);
                let first = random.below(2) as usize;
                [&old[first], &old[1 - first]].into_iter().for_each(close);
            }
            Disturbance::Reset => {
                // On for 0 seconds: a reset. Another thread may have closed it.
                let linger = [1u16.to_ne_bytes(), 0u16.to_ne_bytes()].concat();
                let _ = s.set_option_bytes(SOL_SOCKET, SO_LINGER, &linger);
                close(s);
            }
            Disturbance::Shutdown => {
                let how = *random.pick(&[SD_RECEIVE, SD_SEND, SD_BOTH]);
                // The connection may be gone.
                let _ = s.shutdown(how);
            }
            Disturbance::CancelOwn => self.expect_cancelled(cancel_own(s)),
            Disturbance::CancelAll => self.expect_cancelled(cancel_all(s)),
            Disturbance::CancelOne => {
                let going = self.going.lock().unwrap();
                if let Some(operation) = going.values().next() {
                    // It may be another socket's, or have ended.
                    self.expect_cancelled(operation.cancel(s));
                }
            }
        }
        self.disturbed.count(disturbance);
    }

    /// P228; the socket may be closed.
    fn expect_cancelled(&self, answer: Result<(), Errno>) {
        match answer {
            Ok(()) | Err(Errno::NOT_FOUND | Errno::INVALID_HANDLE) => {}
            Err(error) => panic!("a cancel fails: {error}"),
        }
    }

    /// Whether one more connection may be ended or replaced now.
    fn may_harm(&self) -> bool {
        let allowed = (self.started.elapsed().as_secs() + 1) * HARMED_PER_SECOND;
        let harmed = self.harmed.fetch_add(1, Ordering::Relaxed) as u64;
        if harmed >= allowed {
            self.harmed.fetch_sub(1, Ordering::Relaxed);
        }
        harmed < allowed
    }

    /// Takes what a packet tells of out of the list.
    fn end(&self, packet: Packet) {
        // The packet may be faster than the thread that began the operation.
        let operation = wait::until_some("the operation of a packet that came once", || {
            self.going.lock().unwrap().remove(&packet.block)
        });
        assert_eq!(packet.error, self.error_of(&operation), "{packet:?}");
        assert_eq!(packet.bytes as usize, operation.internal_high());
        let known = ENDS.iter().position(|(_, errors)| match packet.error {
            None => errors.is_empty(),
            Some(error) => errors.contains(&error),
        });
        let place = known.unwrap_or_else(|| panic!("an end of no known kind: {packet:?}"));
        self.ends[place].fetch_add(1, Ordering::Relaxed);
        self.told.fetch_add(1, Ordering::Release);
        let mut ended = self.ended.lock().unwrap();
        ended.push(operation);
        if ended.len() == MEMORY {
            ended.drain(..MEMORY / 2);
        }
    }

    /// What the block says of the end.
    fn error_of(&self, operation: &Operation) -> Option<Errno> {
        if self.configuration == Configuration::NonIfs {
            // The layer leaves the number of its error (U194).
            Errno::new(operation.internal() as i32)
        } else {
            operation.status().win32()
        }
    }

    fn serve(&self, mut random: Random) {
        while !self.is_done() {
            let packet = self.port.take_within(10);
            if let Some(packet) = packet {
                self.end(packet);
            }
            let _open = self.gate.read().unwrap();
            if self.over.load(Ordering::Relaxed) {
                continue;
            }
            self.disturb(&mut random);
            self.begin(&mut random);
            // In this order: operations that begin and end between the two looks make it more, never less than none.
            let told = self.told.load(Ordering::Acquire);
            let going = self.begun.load(Ordering::Acquire) - told;
            if going < self.pairs.len() * DEPTH {
                self.begin(&mut random);
            }
        }
    }

    /// Whether every operation has ended, or had the time to.
    fn is_done(&self) -> bool {
        let all = || self.told.load(Ordering::Relaxed) == self.begun.load(Ordering::Relaxed);
        let is_late = || self.last.get().is_some_and(|last| Instant::now() > *last);
        self.over.load(Ordering::Acquire) && (all() || is_late())
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

/// Another thread may have been faster.
fn close(s: &Socket) {
    match s.close_under_way() {
        Ok(()) | Err(Errno::NOTSOCK) => {}
        Err(error) => panic!("a close fails: {error}"),
    }
}
