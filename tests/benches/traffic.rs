//! Does the base provider carry data as fast as the system's own calls? Blocking TCP over loopback, the same C code compiled against
//! our functions and against the C library's. Bounds: 0.97 of the round trips and of the throughput.
//!
//! What else runs on a machine moves such times by more than the bound. So both sides run in the same two threads in short blocks,
//! taking turns, and what counts is the ratio of the two blocks of a turn: the median over all turns, with the quartiles.
//!
//! `cargo bench -p ws2spi-tests --bench traffic -- turns=1000` takes more turns than the usual number.

use std::thread;
use ws2spi_tests::configuration;

type Sockets = [usize; 2];
type Ask = unsafe extern "C" fn(usize, u64, *mut u8, i32) -> u64;
type Answer = unsafe extern "C" fn(usize, u64, *mut u8, i32) -> i32;

unsafe extern "C" {
    fn system_connect_pair(sockets: *mut Sockets) -> i32;
    fn system_close_pair(sockets: *const Sockets);
    fn system_ping(s: usize, rounds: u64, data: *mut u8, size: i32) -> u64;
    fn system_pong(s: usize, rounds: u64, data: *mut u8, size: i32) -> i32;
    fn system_pour(s: usize, rounds: u64, data: *mut u8, size: i32) -> u64;
    fn system_drain(s: usize, rounds: u64, data: *mut u8, size: i32) -> i32;
    fn ws2spi_connect_pair(sockets: *mut Sockets) -> i32;
    fn ws2spi_close_pair(sockets: *const Sockets);
    fn ws2spi_ping(s: usize, rounds: u64, data: *mut u8, size: i32) -> u64;
    fn ws2spi_pong(s: usize, rounds: u64, data: *mut u8, size: i32) -> i32;
    fn ws2spi_pour(s: usize, rounds: u64, data: *mut u8, size: i32) -> u64;
    fn ws2spi_drain(s: usize, rounds: u64, data: *mut u8, size: i32) -> i32;
}

/// One way to carry the traffic: a connection, and the two ends of the work.
#[derive(Clone, Copy)]
struct Side {
    sockets: Sockets,
    ask: Ask,
    answer: Answer,
}

/// What is measured.
struct Traffic {
    what: &'static str,
    size: usize,
    /// Messages per block: so few that most blocks are not interrupted by anything else.
    rounds: u64,
    asks: [Ask; 2],
    answers: [Answer; 2],
}

impl Traffic {
    /// The nanoseconds of both sides, turn by turn.
    fn measure(&self, turns: usize) -> Vec<[u64; 2]> {
        let pairs = connect();
        let sides = [0, 1].map(|index| Side {
            sockets: pairs[index],
            ask: self.asks[index],
            answer: self.answers[index],
        });
        // The first turns warm up; every other turn begins with the other side.
        let order = |turn: usize| {
            if turn.is_multiple_of(2) {
                [0, 1]
            } else {
                [1, 0]
            }
        };
        let all = turns + WARM;
        let mut took = thread::scope(|scope| {
            scope.spawn(|| {
                let mut data = vec![0; self.size];
                for index in (0..all).flat_map(order) {
                    let Side {
                        sockets, answer, ..
                    } = sides[index];
                    // SAFETY: the data have that size.
                    let good = unsafe {
                        answer(sockets[1], self.rounds, data.as_mut_ptr(), self.size as i32)
                    };
                    assert!(good != 0, "{}: a call failed", self.what);
                }
            });
            let mut data = vec![0; self.size];
            let mut took = vec![[0; 2]; all];
            for (turn, both) in took.iter_mut().enumerate() {
                for index in order(turn) {
                    let Side { sockets, ask, .. } = sides[index];
                    // SAFETY: the data have that size.
                    let nanoseconds = unsafe {
                        ask(sockets[0], self.rounds, data.as_mut_ptr(), self.size as i32)
                    };
                    assert!(nanoseconds > 0, "{}: a call failed", self.what);
                    both[index] = nanoseconds;
                }
            }
            took
        });
        close(pairs);
        took.split_off(WARM)
    }

    fn report(&self, took: &[[u64; 2]]) {
        let sorted = |value: &dyn Fn(&[u64; 2]) -> f64| {
            let mut values: Vec<f64> = took.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            move |part: f64| values[((values.len() - 1) as f64 * part) as usize]
        };
        let each = self.rounds as f64 * 1000.0;
        let system = sorted(&|took| took[0] as f64 / each);
        let ours = sorted(&|took| took[1] as f64 / each);
        let ratio = sorted(&|took| took[0] as f64 / took[1] as f64);
        println!(
            "{}: system {:.2} us, ws2spi {:.2} us; ws2spi does {:.3} of the system's (quartiles {:.3} to {:.3}, {} turns; bound 0.97)",
            self.what,
            system(0.5),
            ours(0.5),
            ratio(0.5),
            ratio(0.25),
            ratio(0.75),
            took.len(),
        );
    }
}

/// A connection of the system's and one of ours.
fn connect() -> [Sockets; 2] {
    let mut pairs = [[0; 2]; 2];
    let [system, ours] = &mut pairs;
    // SAFETY: room for two sockets.
    let first = unsafe { system_connect_pair(system) };
    // SAFETY: as above.
    let second = unsafe { ws2spi_connect_pair(ours) };
    assert!(first != 0 && second != 0, "loopback connects");
    pairs
}

fn close([system, ours]: [Sockets; 2]) {
    // SAFETY: the sockets are open and nobody uses them any more.
    unsafe { system_close_pair(&raw const system) };
    // SAFETY: as above.
    unsafe { ws2spi_close_pair(&raw const ours) };
}

fn main() {
    configuration::startup();
    let turns = std::env::args()
        .find_map(|argument| argument.strip_prefix("turns=")?.parse().ok())
        .unwrap_or(4000);
    for traffic in [
        Traffic {
            what: "ping-pong of 64 bytes",
            size: 64,
            rounds: 20,
            asks: [system_ping, ws2spi_ping],
            answers: [system_pong, ws2spi_pong],
        },
        Traffic {
            what: "stream of 64 KiB pieces",
            size: 65536,
            rounds: 16,
            asks: [system_pour, ws2spi_pour],
            answers: [system_drain, ws2spi_drain],
        },
    ] {
        traffic.report(&traffic.measure(turns));
    }
}

/// Turns that are not counted.
const WARM: usize = 100;
