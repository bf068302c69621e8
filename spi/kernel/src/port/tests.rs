//! Tests of completion ports.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use super::*;
use crate::event;
use crate::event::Reset;
use crate::thread::Apc;
use crate::wait::Waited;

const MINUTE: Timeout = Timeout::After(Duration::from_secs(60));

fn packet(number: usize) -> Packet {
    Packet::of_user(number, number * 16, number as u32)
}

fn port(concurrency: u32) -> (usize, Arc<Port>) {
    let raw = create(concurrency).unwrap().raw();
    (raw, from_handle(raw).unwrap())
}

fn until_waiting(port: &Port, count: usize) {
    while port.state.lock().waiters.len() != count {
        std::thread::yield_now();
    }
}

fn getter(raw: usize) -> JoinHandle<Result<Got<Packet>, Errno>> {
    std::thread::spawn(move || get(raw, MINUTE))
}

/// PostQueuedCompletionStatus: the three words arrive as they were given, in order.
#[test]
fn packets_arrive_in_order_as_they_were_posted() {
    let (raw, _port) = port(0);
    for number in 0..10 {
        post(raw, Packet::of_user(usize::MAX - number, number, u32::MAX)).unwrap();
    }
    for number in 0..10 {
        let expected = Packet::of_user(usize::MAX - number, number, u32::MAX);
        assert_eq!(get(raw, Timeout::ZERO), Ok(Got::Packets(expected)));
    }
    assert_eq!(get(raw, Timeout::ZERO), Ok(Got::TimedOut));
    handles::close(raw).unwrap();
}

/// GetQueuedCompletionStatus: no earlier than the time-out interval.
#[test]
fn a_get_lasts_as_long_as_its_timeout() {
    let (raw, _port) = port(0);
    let start = Instant::now();
    assert_eq!(
        get(raw, Timeout::After(Duration::from_millis(20))),
        Ok(Got::TimedOut)
    );
    assert!(start.elapsed() >= Duration::from_millis(20));
    handles::close(raw).unwrap();
}

/// GetQueuedCompletionStatus: a stale handle, or one of something else.
#[test]
fn only_a_port_is_a_port() {
    let other = event::create(Reset::Manual, false).unwrap().raw();
    let (stale, _port) = port(0);
    handles::close(stale).unwrap();
    for raw in [0, stale, other, usize::MAX] {
        assert_eq!(get(raw, Timeout::ZERO), Err(Errno::INVALID_HANDLE));
        assert_eq!(post(raw, packet(1)), Err(Errno::INVALID_HANDLE));
        let many = get_many(raw, &mut [packet(0)], Timeout::ZERO, Alert::Plain);
        assert_eq!(many, Err(Errno::INVALID_HANDLE));
    }
    handles::close(other).unwrap();
}

/// GetQueuedCompletionStatusEx: as many as there are, up to the number of entries.
#[test]
fn many_packets_are_taken_at_once() {
    let (raw, _port) = port(0);
    (0..5).for_each(|number| post(raw, packet(number)).unwrap());
    let mut entries = [Packet::default(); 3];
    let mut take = || {
        (
            get_many(raw, &mut entries, Timeout::ZERO, Alert::Plain),
            entries,
        )
    };
    let (count, first) = take();
    assert_eq!(
        (count, first),
        (Ok(Got::Packets(3)), [packet(0), packet(1), packet(2)])
    );
    let (count, second) = take();
    assert_eq!(
        (count, &second[..2]),
        (Ok(Got::Packets(2)), &[packet(3), packet(4)][..])
    );
    assert_eq!(take().0, Ok(Got::TimedOut));
    let none = get_many(raw, &mut [], Timeout::ZERO, Alert::Plain);
    assert_eq!(none, Err(Errno::INVALID_PARAMETER));
    handles::close(raw).unwrap();
}

/// "I/O Completion Ports": threads that block are released last in, first out.
#[test]
fn the_last_waiter_is_released_first() {
    let (raw, port) = port(8);
    let (send, receive) = mpsc::channel();
    let waiters: Vec<_> = (0..3)
        .map(|me| {
            let send = send.clone();
            let waiter = std::thread::spawn(move || {
                get(raw, MINUTE).unwrap();
                send.send(me).unwrap();
            });
            until_waiting(&port, me + 1);
            waiter
        })
        .collect();
    for me in [2, 1, 0] {
        post(raw, packet(me)).unwrap();
        assert_eq!(receive.recv().unwrap(), me);
    }
    waiters
        .into_iter()
        .for_each(|waiter| waiter.join().unwrap());
    handles::close(raw).unwrap();
}

/// "I/O Completion Ports": one packet releases one thread, also when another thread is done before
/// the released one has taken it.
#[test]
fn a_packet_releases_one_thread() {
    let (raw, port) = port(8);
    let waiters: Vec<_> = (0..2)
        .map(|me| {
            let waiter = std::thread::spawn(move || get(raw, MINUTE).unwrap());
            until_waiting(&port, me + 1);
            waiter
        })
        .collect();
    let first = {
        let mut state = port.state.lock();
        state.packets.push_back(packet(1));
        let first = state.release_one();
        assert!(first.is_some());
        assert!(state.release_one().is_none());
        first
    };
    unpark(first);
    post(raw, packet(2)).unwrap();
    for waiter in waiters {
        waiter.join().unwrap();
    }
    assert_eq!(port.state.lock().released, 0);
    handles::close(raw).unwrap();
}

/// GetQueuedCompletionStatus, "Remarks": a port closed while somebody waits on it gives
/// ERROR_ABANDONED_WAIT_0.
#[test]
fn closing_a_port_ends_the_waits() {
    let (raw, port) = port(0);
    let second = handles::duplicate(raw).unwrap().raw();
    let waiters = [getter(raw), getter(second), getter(raw)];
    until_waiting(&port, 3);
    handles::close(raw).unwrap();
    until_waiting(&port, 3);
    handles::close(second).unwrap();
    for waiter in waiters {
        assert_eq!(waiter.join().unwrap(), Err(Errno::ABANDONED_WAIT_0));
    }
    port.post(packet(1));
    assert!(port.state.lock().packets.is_empty());
}

/// GetQueuedCompletionStatusEx, fAlertable: packets first, then APCs, then the timeout; and only it
/// is alertable.
#[test]
fn apcs_run_in_alertable_gets_only() {
    let (raw, port) = port(0);
    let (ran, runs) = mpsc::channel();
    let mut entries = [Packet::default(); 2];
    thread::current()
        .queue_apc(Apc::new(move || ran.send(()).unwrap()))
        .unwrap();
    assert_eq!(
        get(raw, Timeout::After(Duration::from_millis(1))),
        Ok(Got::TimedOut)
    );
    post(raw, packet(7)).unwrap();
    let got = get_many(raw, &mut entries, Timeout::Infinite, Alert::Alertable);
    assert_eq!((got, runs.try_recv().is_ok()), (Ok(Got::Packets(1)), false));
    let got = get_many(raw, &mut entries, Timeout::ZERO, Alert::Alertable);
    assert_eq!((got, runs.try_recv().is_ok()), (Ok(Got::Apc), true));
    let got = get_many(raw, &mut entries, Timeout::ZERO, Alert::Alertable);
    assert_eq!(got, Ok(Got::TimedOut));

    let (send, receive) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        send.send(thread::current()).unwrap();
        get_many(raw, &mut [Packet::default()], MINUTE, Alert::Alertable)
    });
    until_waiting(&port, 1);
    receive.recv().unwrap().queue_apc(Apc::new(|| ())).unwrap();
    assert_eq!(waiter.join().unwrap(), Ok(Got::Apc));
    until_waiting(&port, 0);
    handles::close(raw).unwrap();
}

/// CreateIoCompletionPort, NumberOfConcurrentThreads: while that many threads are busy, packets
/// stay queued; when one of them blocks or comes back, another is released.
#[test]
fn the_concurrency_value_holds_packets_back() {
    let (raw, port) = port(1);
    port.state.lock().load.grace = Duration::from_secs(3600);
    let gate = event::create(Reset::Manual, false).unwrap().raw();
    post(raw, packet(0)).unwrap();
    assert!(matches!(get(raw, Timeout::ZERO), Ok(Got::Packets(_))));
    let waiter = getter(raw);
    until_waiting(&port, 1);
    // Held back from now on: no thread is released unless this one blocks.
    post(raw, packet(1)).unwrap();
    assert_eq!(port.state.lock().packets.len(), 1);
    let waited = wait::one(gate, Timeout::After(Duration::from_millis(1)), Alert::Plain);
    assert_eq!(waited, Ok(Waited::TimedOut));
    assert_eq!(waiter.join().unwrap(), Ok(Got::Packets(packet(1))));
    handles::close(gate).unwrap();
    handles::close(raw).unwrap();
}

/// A waiter that kept watch and gives up hands that on: the packet is not forgotten.
#[test]
fn the_watch_over_held_packets_is_handed_on() {
    let (raw, port) = port(1);
    post(raw, packet(0)).unwrap();
    assert!(matches!(get(raw, Timeout::ZERO), Ok(Got::Packets(_))));
    let patient = getter(raw);
    until_waiting(&port, 1);
    let hasty =
        std::thread::spawn(move || get(raw, Timeout::After(Duration::from_millis(2))).unwrap());
    // On a busy machine it may have given up before anybody saw it wait.
    while port.state.lock().waiters.len() != 2 && !hasty.is_finished() {
        std::thread::yield_now();
    }
    post(raw, packet(1)).unwrap();
    let hasty = hasty.join().unwrap();
    post(raw, packet(2)).unwrap();
    assert!(matches!(patient.join().unwrap(), Ok(Got::Packets(_))));
    if hasty == Got::TimedOut {
        while get(raw, Timeout::ZERO) == Ok(Got::TimedOut) {
            std::thread::yield_now();
        }
    }
    handles::close(raw).unwrap();
}

/// See `concurrency`, DIFFERS: a thread that blocks where we do not see it holds up nobody for
/// good.
#[test]
fn packets_are_not_held_back_for_ever() {
    let (raw, _port) = port(1);
    post(raw, packet(0)).unwrap();
    assert!(matches!(get(raw, Timeout::ZERO), Ok(Got::Packets(_))));
    let waiters = [getter(raw), getter(raw), getter(raw)];
    (1..=3).for_each(|number| post(raw, packet(number)).unwrap());
    // This thread is busy, and blocks in a way that no port sees.
    let mut got: Vec<usize> = waiters
        .into_iter()
        .map(|waiter| match waiter.join().unwrap() {
            Ok(Got::Packets(packet)) => packet.key,
            other => panic!("{other:?}"),
        })
        .collect();
    got.sort_unstable();
    assert_eq!(got, [1, 2, 3]);
    handles::close(raw).unwrap();
}

/// "I/O Completion Ports": a thread belongs to the port that it took from last, until it exits.
#[test]
fn a_thread_that_exits_is_busy_no_more() {
    let (raw, port) = port(1);
    for number in 0..3 {
        post(raw, packet(number)).unwrap();
        let got = std::thread::spawn(move || get(raw, MINUTE)).join().unwrap();
        assert_eq!(got, Ok(Got::Packets(packet(number))));
    }
    let other = create(1).unwrap().raw();
    post(raw, packet(4)).unwrap();
    while !matches!(get(raw, Timeout::ZERO).unwrap(), Got::Packets(_)) {
        std::thread::yield_now();
    }
    assert_eq!(get(other, Timeout::ZERO), Ok(Got::TimedOut));
    post(raw, packet(5)).unwrap();
    assert!(
        port.state.lock().load.admits(),
        "the thread has moved on to the other port"
    );
    handles::close(raw).unwrap();
    handles::close(other).unwrap();
}

/// No packet is lost or doubled between several posters and getters.
#[test]
fn every_packet_is_taken_once() {
    const EACH: usize = 5_000;
    let (raw, _port) = port(2);
    let posters: Vec<_> = (0..2)
        .map(|me| {
            std::thread::spawn(move || {
                (0..EACH).for_each(|n| post(raw, packet(me * EACH + n)).unwrap());
            })
        })
        .collect();
    let getters: Vec<_> = (0..3)
        .map(|_| {
            std::thread::spawn(move || {
                let mut keys = Vec::new();
                while let Got::Packets(packet) = get(raw, MINUTE).unwrap() {
                    if packet.key == usize::MAX {
                        break;
                    }
                    keys.push(packet.key);
                }
                keys
            })
        })
        .collect();
    posters
        .into_iter()
        .for_each(|poster| poster.join().unwrap());
    (0..3).for_each(|_| post(raw, Packet::of_user(usize::MAX, 0, 0)).unwrap());
    let mut keys: Vec<usize> = getters
        .into_iter()
        .flat_map(|getter| getter.join().unwrap())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, (0..2 * EACH).collect::<Vec<_>>());
    handles::close(raw).unwrap();
}
