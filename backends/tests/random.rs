//! Random calls with random arguments on the provider's table, by several threads on the same sockets.
//!
//! The seed is printed, and taken from `WS2SPI_SEED` when that is set. Sockets are non-blocking, so
//! nothing may wait; every pointer is to memory of the length that is said.

mod world;

use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::SystemTime;

use world::World;
use world::world;
use ws2spi_abi::*;

const CALLS: u32 = 10_000;
const THREADS: u64 = 3;

/// xorshift64*: enough to choose calls by.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }
}

/// Sockets that are open, some that are not, and the ports that were seen.
struct Pool<'s> {
    sockets: &'s Mutex<Vec<SOCKET>>,
    ports: Vec<u16>,
}

impl Pool<'_> {
    fn any(&self, dice: &mut Dice) -> SOCKET {
        match dice.below(20) {
            0 => dice.below(1 << 32) as SOCKET,
            1 => usize::MAX,
            _ => {
                let sockets = self.sockets.lock().expect("no panic");
                if sockets.is_empty() {
                    0
                } else {
                    dice.one_of(&sockets)
                }
            }
        }
    }

    fn name(&self, dice: &mut Dice) -> SocketAddr {
        let port = if self.ports.is_empty() {
            0
        } else {
            dice.one_of(&self.ports)
        };
        match dice.below(6) {
            0 => ([0, 0, 0, 0], port).into(),
            1 => ([127, 0, 0, 2], port).into(),
            2 => (std::net::Ipv6Addr::LOCALHOST, port).into(),
            _ => ([127, 0, 0, 1], port).into(),
        }
    }
}

fn step(w: World, pool: &mut Pool<'_>, dice: &mut Dice) {
    let s = pool.any(dice);
    let mut bytes = vec![0u8; dice.one_of(&[0, 1, 3, 4, 8, 16, 64, 700, 4096])];
    for byte in &mut bytes {
        *byte = dice.below(4) as u8;
    }
    let number = dice.one_of(&[-1, 0, 1, 2, 3, 255, 256, 4096, i32::MAX, i32::MIN]);
    let new = match dice.below(20) {
        0 | 1 => {
            let family = dice.one_of(&[AF_INET, AF_INET, AF_INET6, AF_UNIX, 77]);
            let kind = dice.one_of(&[SOCK_STREAM, SOCK_DGRAM, SOCK_STREAM, 9]);
            w.socket(family, kind, 0).ok()
        }
        2 => w.accept(s).ok(),
        3 => {
            let _ = w.bind(s, pool.name(dice));
            if let Ok(name) = w.sock_name(s) {
                pool.ports.push(name.port());
                pool.ports.truncate(16);
            }
            None
        }
        4 => {
            let _ = w.connect(s, pool.name(dice));
            None
        }
        5 => {
            let _ = w.listen(s, number);
            None
        }
        6 | 7 => {
            let _ = w.send_flags(s, &bytes, dice.one_of(&[0, 0, 1, 4, 0x8000]));
            None
        }
        8 | 9 => {
            let _ = w.recv_flags(s, &mut bytes, dice.one_of(&[0, 0, 1, 2, 8, 3]));
            None
        }
        10 => {
            let _ = w.send_to(s, &bytes, pool.name(dice));
            None
        }
        11 => {
            let _ = w.recv_from(s, &mut bytes, number.clamp(-1, 128));
            None
        }
        12 | 13 => {
            let level = dice.one_of(&[SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6, 99]);
            let name = match dice.below(4) {
                0 => SO_LINGER,
                1 => dice.below(80) as i32,
                2 => 0x1000 + dice.below(16) as i32,
                _ => 0x3000 + dice.below(16) as i32,
            };
            if dice.below(2) == 0 {
                let _ = w.set_option(s, level, name, &bytes);
            } else {
                let _ = w.option(s, level, name, &mut bytes);
            }
            None
        }
        14 => {
            let code = dice.one_of(&[
                FIONREAD,
                SIOCATMARK,
                SIO_GET_EXTENSION_FUNCTION_POINTER,
                SIO_BASE_HANDLE,
                SIO_ADDRESS_LIST_QUERY,
                SIO_GET_INTERFACE_LIST,
                SIO_ROUTING_INTERFACE_QUERY,
                SIO_KEEPALIVE_VALS,
                SIO_UDP_CONNRESET,
                SIO_IDEAL_SEND_BACKLOG_QUERY,
                SIO_AF_UNIX_GETPEERPID,
                0x1234_5678,
            ]);
            let mut output = bytes.clone();
            let _ = w.ioctl(s, code, &bytes, &mut output);
            None
        }
        15 => {
            let _ = w.shutdown(s, number);
            None
        }
        16 => {
            let others = [pool.any(dice), pool.any(dice)];
            let _ = w.select([&[s], &others, &others[..1]], Some(0));
            None
        }
        17 => w
            .duplicate(s, std::process::id())
            .and_then(|info| w.socket_with(-1, -1, -1, Some(&info), 0))
            .ok(),
        18 => {
            let _ = (w.sock_name_raw(s, &mut bytes), w.peer_name(s));
            None
        }
        _ => {
            if w.close(s).is_ok() {
                pool.sockets
                    .lock()
                    .expect("no panic")
                    .retain(|open| *open != s);
            }
            None
        }
    };
    let Some(s) = new else { return };
    // Another thread may have closed it by now.
    let _ = w.ioctl(s, FIONBIO, &[1, 0, 0, 0], &mut []);
    let mut sockets = pool.sockets.lock().expect("no panic");
    sockets.push(s);
    let surplus = (sockets.len() > 64).then(|| sockets.remove(0));
    drop(sockets);
    if let Some(surplus) = surplus {
        close(w, surplus);
    }
}

/// Closes a socket that may want to linger, or that another thread closes as well.
fn close(w: World, s: SOCKET) {
    if w.close(s) == Err(Errno::WOULDBLOCK) {
        let _ = w.set_option(s, SOL_SOCKET, SO_LINGER, &[0; 4]);
        let _ = w.close(s);
    }
}

fn seed() -> u64 {
    let given = std::env::var("WS2SPI_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    let seed = given.unwrap_or(now.as_nanos() as u64) | 1;
    println!("WS2SPI_SEED={seed}");
    seed
}

#[test]
fn random_calls_neither_crash_nor_hang_nor_leak_a_handle() {
    let (w, seed) = (world(), seed());
    let before = ws2spi_kernel::handles::open_handles();
    let sockets = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for number in 0..THREADS {
            let sockets = &sockets;
            scope.spawn(move || {
                let mut dice = Dice(seed.wrapping_add(number << 32));
                let mut pool = Pool {
                    sockets,
                    ports: Vec::new(),
                };
                for _ in 0..CALLS {
                    step(w, &mut pool, &mut dice);
                }
            });
        }
    });
    for s in sockets.into_inner().expect("no panic") {
        close(w, s);
    }
    assert_eq!(
        ws2spi_kernel::handles::open_handles(),
        before,
        "WS2SPI_SEED={seed}"
    );
}
