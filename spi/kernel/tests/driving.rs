//! Models: who drives a network while threads wait at a port, under a scheduler that chooses who runs next.
//!
//! ```text
//! RUSTFLAGS='--cfg ws2spi_shuttle' cargo test -p ws2spi-kernel --test driving
//! ```
//!
//! The network is a list with a bell. Whoever leads takes what is in it and posts a packet for each, as the
//! base provider does; a wake-up that is lost shows as a deadlock. Without the switch this file is empty.

#![cfg(ws2spi_shuttle)]

use std::sync::Arc;

use shuttle::sync::Condvar;
use shuttle::sync::Mutex;
use shuttle::sync::atomic::AtomicBool;
use shuttle::sync::atomic::AtomicUsize;
use shuttle::sync::atomic::Ordering::SeqCst;
use shuttle::thread;
use ws2spi_abi::Errno;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::port;
use ws2spi_kernel::port::Driver;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::port::Helm;
use ws2spi_kernel::port::Packet;
use ws2spi_kernel::port::Port;
use ws2spi_kernel::port::PortWait;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::Wake;
use ws2spi_kernel::wait::Alert;

/// Schedules per model: several seconds for all of them.
const SCHEDULES: usize = 1_000;

/// A network that tells numbers, the port that they are for, and whoever leads.
struct World {
    port: Arc<Port>,
    network: Arc<Network>,
    helm: Helm<()>,
    stopped: AtomicBool,
}

#[derive(Default)]
struct Network {
    told: Mutex<Told>,
    bell: Condvar,
    /// How many threads are in `wait`.
    waiting: AtomicUsize,
}

#[derive(Default)]
struct Told {
    numbers: Vec<usize>,
    woken: bool,
}

impl Network {
    fn tell(&self, number: usize) {
        self.told.lock().unwrap().numbers.push(number);
        self.bell.notify_all();
    }

    fn wait(&self) -> Vec<usize> {
        assert_eq!(self.waiting.fetch_add(1, SeqCst), 0, "one leads");
        let mut told = self.told.lock().unwrap();
        while told.numbers.is_empty() && !told.woken {
            told = self.bell.wait(told).unwrap();
        }
        told.woken = false;
        self.waiting.fetch_sub(1, SeqCst);
        std::mem::take(&mut told.numbers)
    }
}

impl Wake for Network {
    fn wake(&self) {
        self.told.lock().unwrap().woken = true;
        self.bell.notify_all();
    }
}

impl World {
    fn new(concurrency: u32) -> Arc<Self> {
        let world = Arc::new(Self {
            port: Arc::new(Port::new(concurrency)),
            network: Arc::default(),
            helm: Helm::new(),
            stopped: AtomicBool::new(false),
        });
        world.port.bring(world.clone());
        world
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.network.clone()
    }

    fn post(&self, numbers: Vec<usize>) {
        for number in numbers {
            self.port.post(Packet {
                key: number,
                ..Packet::default()
            });
        }
    }

    /// The thread of the network's own.
    fn keep(&self) {
        self.helm.open(Some(self.waker()));
        loop {
            self.helm.answer();
            if self.stopped.load(SeqCst) {
                return self.helm.close();
            }
            let before = port::released();
            self.post(self.network.wait());
            if port::released() != before && self.helm.has_served() {
                self.helm.give_way(());
            }
        }
    }

    fn stop(&self) {
        self.stopped.store(true, SeqCst);
        self.helm.call();
    }

    /// Takes a packet; `None` when APCs ran instead.
    fn take(&self, alert: Alert) -> Option<usize> {
        let mut packet = [Packet::default()];
        let got = self.port.take(&mut packet, Timeout::Infinite, alert);
        match got {
            Ok(Got::Packets(_)) => Some(packet[0].key),
            Ok(Got::Apc) => None,
            other => panic!("{other:?}"),
        }
    }
}

impl Driver for World {
    fn drive(&self, wait: &PortWait<'_>) {
        let Some(held) = self.helm.take() else {
            return;
        };
        let waker = self.waker();
        while !self.helm.is_called() && !wait.is_over() && !wait.has_released_another() {
            let mut numbers = Vec::new();
            wait.sleep(&waker, || numbers = self.network.wait());
            self.post(numbers);
        }
        drop(held);
    }
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    shuttle::check_random(model, SCHEDULES);
}

/// "I/O Completion Ports": what completes is taken once, by somebody, whoever waits for the network.
#[test]
fn everything_that_is_told_reaches_somebody_at_the_port() {
    explore(|| {
        let world = World::new(2);
        let keeper = thread::spawn({
            let world = world.clone();
            move || world.keep()
        });
        let takers: Vec<_> = (0..2)
            .map(|_| {
                let world = world.clone();
                thread::spawn(move || [world.take(Alert::Plain), world.take(Alert::Plain)])
            })
            .collect();
        for number in 1..=4 {
            world.network.tell(number);
        }
        let mut got: Vec<_> = takers
            .into_iter()
            .flat_map(|taker| taker.join().unwrap())
            .collect();
        got.sort();
        assert_eq!(got, [Some(1), Some(2), Some(3), Some(4)]);
        world.stop();
        keeper.join().unwrap();
    });
}

/// QueueUserAPC: an alertable wait ends for an APC, also of a thread that drives.
#[test]
fn an_apc_reaches_a_thread_that_drives() {
    explore(|| {
        let world = World::new(1);
        let keeper = thread::spawn({
            let world = world.clone();
            move || world.keep()
        });
        let ran = Arc::new(AtomicUsize::new(0));
        let (tell_id, id) = shuttle::sync::mpsc::channel();
        let taker = thread::spawn({
            let world = world.clone();
            move || {
                tell_id.send(ws2spi_kernel::thread::current()).unwrap();
                let mut packets = 0;
                let mut apcs = 0;
                while packets < 2 || apcs < 1 {
                    match world.take(Alert::Alertable) {
                        Some(_) => packets += 1,
                        None => apcs += 1,
                    }
                }
            }
        });
        let target = id.recv().unwrap();
        world.network.tell(1);
        let counted = ran.clone();
        target
            .queue_apc(Apc::new(move || {
                counted.fetch_add(1, SeqCst);
            }))
            .unwrap();
        world.network.tell(2);
        taker.join().unwrap();
        assert_eq!(ran.load(SeqCst), 1);
        world.stop();
        keeper.join().unwrap();
    });
}

/// GetQueuedCompletionStatus, "Remarks": who waits at a port that is closed is let go, also who drives.
#[test]
fn closing_a_port_ends_the_wait_of_a_thread_that_drives() {
    explore(|| {
        let world = World::new(1);
        let keeper = thread::spawn({
            let world = world.clone();
            move || world.keep()
        });
        let taker = thread::spawn({
            let world = world.clone();
            move || {
                let mut packet = [Packet::default()];
                loop {
                    let got = world
                        .port
                        .take(&mut packet, Timeout::Infinite, Alert::Plain);
                    if let Err(error) = got {
                        return error;
                    }
                }
            }
        });
        world.network.tell(1);
        ws2spi_kernel::handles::Object::last_closed(&*world.port);
        assert_eq!(taker.join().unwrap(), Errno::ABANDONED_WAIT_0);
        world.stop();
        keeper.join().unwrap();
    });
}

/// Nobody leads for long: what is called for is looked at although the one that led is busy elsewhere.
#[test]
fn a_call_is_answered_while_nobody_leads() {
    explore(|| {
        let world = World::new(1);
        let keeper = thread::spawn({
            let world = world.clone();
            move || world.keep()
        });
        world.network.tell(1);
        assert_eq!(world.take(Alert::Plain), Some(1));
        world.network.tell(2);
        assert_eq!(world.take(Alert::Plain), Some(2));
        // This thread comes back no more.
        world.stop();
        keeper.join().unwrap();
    });
}
