//! The worker over real connections, with a network that counts and can be made to fail.
//!
//! What applications see of it is in the crate's `tests/background.rs`.

use std::io::IoSlice;
use std::io::IoSliceMut;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use ws2spi_kernel::thread::Wake;

use super::*;
use crate::base::catalog;
use crate::base::options::Stored;
use crate::base::socket::Make;
use crate::base::status::Bit;
use crate::base::work::Work;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interface;
use crate::net::Kind;
use crate::net::Net;
use crate::net::NetSocket;
use crate::net::RecvFlags;
use crate::net::Watch;
use crate::net::Woken;
use crate::os::System;

/// The system's network, whose pollers can be refused and whose waits are counted.
#[derive(Default)]
struct Observed {
    /// So many pollers are still refused.
    refused: AtomicUsize,
    waits: Arc<AtomicUsize>,
}

struct Counting(Box<dyn Poller>, Arc<AtomicUsize>);

impl Poller for Counting {
    fn registrar(&self) -> Arc<dyn Registrar> {
        self.0.registrar()
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.0.waker()
    }

    fn wait(&mut self, ready: &mut Vec<Ready>, deadline: Option<Duration>) -> Result<Woken, Errno> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.wait(ready, deadline)
    }
}

impl Net for Observed {
    fn socket(
        &self,
        family: Family,
        kind: Kind,
        protocol: i32,
    ) -> Result<Arc<dyn NetSocket>, Errno> {
        System.socket(family, kind, protocol)
    }

    fn wait(&self, watch: &mut [Watch<'_>], deadline: Option<Duration>) -> Result<Woken, Errno> {
        System.wait(watch, deadline)
    }

    fn waker(&self) -> Result<Arc<dyn Wake>, Errno> {
        System.waker()
    }

    fn poller(&self) -> Result<Box<dyn Poller>, Errno> {
        let refuse = |left: usize| left.checked_sub(1);
        if self
            .refused
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, refuse)
            .is_ok()
        {
            return Err(Errno::MFILE);
        }
        Ok(Box::new(Counting(System.poller()?, self.waits.clone())))
    }

    fn now(&self) -> Duration {
        System.now()
    }

    fn interfaces(&self) -> Result<Vec<Interface>, Errno> {
        System.interfaces()
    }

    fn route(&self, to: &Endpoint) -> Result<Endpoint, Errno> {
        System.route(to)
    }
}

/// A stack over that network, and how often its worker has waited.
fn stack(refused: usize) -> (Arc<Stack>, Arc<AtomicUsize>) {
    let net = Observed {
        refused: AtomicUsize::new(refused),
        ..Observed::default()
    };
    let waits = net.waits.clone();
    (Arc::new(Stack::new(Arc::new(net))), waits)
}

fn listener() -> (Arc<dyn NetSocket>, Endpoint) {
    let listener = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
    let name = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into();
    listener.bind(&name).unwrap();
    listener.listen(4).unwrap();
    let name = listener.local_name().unwrap();
    (listener, name)
}

fn await_ready(socket: &dyn NetSocket, interest: Interest) {
    let end = Some(System.now() + PATIENCE);
    let mut watch = [Watch::new(socket, interest)];
    assert_ne!(System.wait(&mut watch, end), Ok(Woken::TimedOut));
}

/// A socket with `size` bytes that its network has not taken, and its peer.
fn backlogged(stack: &Arc<Stack>, size: usize) -> (Arc<Socket>, Arc<dyn NetSocket>) {
    let (listener, name) = listener();
    let net = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
    net.connect(&name).unwrap();
    await_ready(&*listener, Interest::READ);
    let peer = listener.accept().unwrap().0;
    let socket = socket(stack, net, Bit::Connected);
    let mut output = socket.output.lock();
    output.backlog.fill(&[IoSlice::new(&vec![7; size])], false);
    socket.status.set(Bit::Backlogged);
    drop(output);
    (socket, peer)
}

fn socket(stack: &Arc<Stack>, net: Arc<dyn NetSocket>, bit: Bit) -> Arc<Socket> {
    let make = Make {
        family: Family::Inet,
        kind: Kind::Stream,
        protocol: 6,
        flags: 0,
        info: Arc::new(catalog::entry_for(Family::Inet, Kind::Stream)),
    };
    Socket::new(stack, make, net, &[Bit::Bound, bit], Stored::default())
}

/// Reads up to `count` bytes, or the end, or a failure.
fn read(peer: &dyn NetSocket, count: usize) -> Result<usize, Errno> {
    let mut room = vec![0; 1 << 16];
    let mut total = 0;
    while total < count {
        await_ready(peer, Interest::READ);
        let most = room.len().min(count - total);
        match peer.recv(&mut [IoSliceMut::new(&mut room[..most])], RecvFlags::NONE) {
            Ok(received) if received.bytes == 0 => break,
            Ok(received) => total += received.bytes,
            Err(Errno::WOULDBLOCK) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

fn is_running(stack: &Stack) -> bool {
    stack.worker.list.lock().running
}

fn await_that(what: &str, condition: impl Fn() -> bool) {
    let end = System.now() + PATIENCE;
    while !condition() {
        assert!(System.now() < end, "not in ten seconds: {what}");
        thread::yield_now();
    }
}

/// Waits until the worker waits and nothing happens to it: the network's own buffers take a little
/// more at first.
fn await_quiet(waits: &AtomicUsize) {
    let end = System.now() + PATIENCE;
    loop {
        let before = waits.load(Ordering::Relaxed);
        let pause = Some(System.now() + RELIEF * 10);
        assert_eq!(System.wait(&mut [], pause), Ok(Woken::TimedOut));
        if before > 0 && waits.load(Ordering::Relaxed) == before {
            return;
        }
        assert!(System.now() < end, "the worker is not quiet in ten seconds");
    }
}

const PATIENCE: Duration = Duration::from_secs(10);
const SIZE: usize = 16 << 20;

// P166: what was left behind arrives; the thread and the socket are gone afterwards, and come back.
#[test]
fn the_thread_starts_with_work_and_ends_without() {
    let (stack, _) = stack(0);
    assert!(!is_running(&stack));
    for _ in 0..3 {
        let (socket, peer) = backlogged(&stack, SIZE);
        let kept = Arc::downgrade(&socket);
        stack.worker.attend(&socket).unwrap();
        drop(socket);
        assert!(is_running(&stack));
        assert_eq!(read(&*peer, SIZE), Ok(SIZE));
        await_that("the thread ends", || !is_running(&stack));
        await_that("the socket is let go", || kept.strong_count() == 0);
    }
    await_that("nobody keeps the stack", || Arc::strong_count(&stack) == 1);
}

// P169: the end of the stream waits behind the data.
#[test]
fn the_end_of_the_stream_follows_the_data() {
    let (stack, _) = stack(0);
    let (socket, peer) = backlogged(&stack, SIZE);
    socket.end_stream(&mut socket.output.lock());
    stack.worker.attend(&socket).unwrap();
    assert_eq!(read(&*peer, usize::MAX), Ok(SIZE));
}

// P166: nobody waits for a peer that does not read, and it costs no processor time.
#[test]
fn a_peer_that_never_reads_costs_nothing_and_holds_up_nobody() {
    let (stack, waits) = stack(0);
    let (stuck, silent) = backlogged(&stack, SIZE);
    stack.worker.attend(&stuck).unwrap();
    drop(stuck);
    let others: Vec<_> = (0..8).map(|_| backlogged(&stack, SIZE / 8)).collect();
    for (socket, _) in &others {
        stack.worker.attend(socket).unwrap();
    }
    for (socket, peer) in others {
        assert_eq!(read(&*peer, SIZE / 8), Ok(SIZE / 8));
        await_that("the job ends", || Arc::strong_count(&socket) == 1);
    }
    await_quiet(&waits);
    assert!(is_running(&stack));
    drop(silent);
    await_that("the thread ends with the connection", || {
        !is_running(&stack)
    });
}

// base-provider.md 1.6, P198: a reset does not wait for a peer that does not read.
#[test]
fn a_cancelled_socket_is_let_go_and_reset_at_once() {
    let (stack, waits) = stack(0);
    let (socket, peer) = backlogged(&stack, SIZE);
    stack.worker.attend(&socket).unwrap();
    await_quiet(&waits);
    socket.cancel();
    await_that("the thread ends", || !is_running(&stack));
    await_that("the job is gone", || Arc::strong_count(&socket) == 1);
    drop(socket);
    assert_eq!(read(&*peer, usize::MAX), Err(Errno::CONNRESET));
}

// 8.4, 11: without descriptors for a poller the worker looks by itself.
#[test]
fn without_a_poller_the_data_arrive_all_the_same() {
    let (stack, waits) = stack(usize::MAX);
    let (socket, peer) = backlogged(&stack, SIZE);
    stack.worker.attend(&socket).unwrap();
    assert_eq!(read(&*peer, SIZE), Ok(SIZE));
    await_that("the thread ends", || !is_running(&stack));
    assert_eq!(waits.load(Ordering::Relaxed), 0);
}

// 8.4, 11: it takes a poller as soon as there is one, and then waits.
#[test]
fn a_poller_is_taken_as_soon_as_there_is_one() {
    let (stack, waits) = stack(1);
    let (socket, peer) = backlogged(&stack, SIZE);
    stack.worker.attend(&socket).unwrap();
    await_that("the worker waits", || waits.load(Ordering::Relaxed) > 0);
    assert_eq!(read(&*peer, SIZE), Ok(SIZE));
    await_that("the thread ends", || !is_running(&stack));
}

// P123: who comes to a paused listener is reset, one after the other, until it listens no more.
#[test]
fn a_paused_listener_is_watched_until_it_is_closed() {
    let (stack, _) = stack(0);
    let (net, name) = listener();
    let listening = socket(&stack, net, Bit::Listening);
    listening.status.set(Bit::Paused);
    stack.worker.attend(&listening).unwrap();
    for _ in 0..3 {
        let client = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
        client.connect(&name).unwrap();
        // Where the network notices in time the attempt itself fails.
        assert_eq!(read(&*client, 1), Err(Errno::CONNRESET));
    }
    listening.close();
    await_that("the thread ends", || !is_running(&stack));
}

// P204: what the network tells while a request is between its try and its queue is told once: the
// worker waits for whoever is posting it, and then finds it.
#[test]
fn the_worker_waits_for_who_is_posting_a_request() {
    let (stack, _) = stack(0);
    let (net, _name) = listener();
    let socket = socket(&stack, net, Bit::Connected);
    let looks: [fn(&Socket) -> Work; 2] = [
        |socket| socket.serve_receives(Readiness::READABLE),
        |socket| socket.serve_sends(Readiness::WRITABLE),
    ];
    for look in looks {
        let posting = (socket.receives.lock(), socket.output.lock());
        let (done, seen) = std::sync::mpsc::channel();
        let looking = socket.clone();
        thread::spawn(move || done.send(look(&looking)));
        assert!(seen.recv_timeout(RELIEF * 10).is_err());
        drop(posting);
        assert_eq!(seen.recv_timeout(PATIENCE), Ok(Work::NONE));
    }
}

// base-provider.md 8.2: an edge that nobody waits for is nothing unusual; many in a row are.
#[test]
fn a_registration_is_given_up_when_it_tells_nothing_of_use() {
    let place = Place::default();
    place.set(Some(7));
    assert!((0..u8::MAX).all(|_| !place.is_tired_of(false)));
    let in_vain = (0..).position(|_| place.is_tired_of(true));
    assert_eq!(in_vain, Some(super::PATIENCE as usize));
    assert_eq!(place.slot(), Some(7));
    assert!(!place.is_tired_of(false) && !place.is_tired_of(true));
}
