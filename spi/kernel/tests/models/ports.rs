//! Completion ports: posts and gets, the end of the port, and the concurrency value.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::thread;
use ws2spi_abi::Errno;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::handles::Table;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::port::Packet;
use ws2spi_kernel::port::Port;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::current;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::Waited;

use super::event;
use super::explore;
use super::take;
use super::wait_for;

/// Posts against gets: every packet is taken once, and nobody sleeps on while there is one.
#[test]
fn every_packet_finds_a_getter() {
    explore(|| {
        let port = Arc::new(Port::new(8));
        let getters: Vec<_> = (0..2)
            .map(|_| {
                let port = port.clone();
                thread::spawn(move || take(&port, Timeout::Infinite).unwrap())
            })
            .collect();
        let poster = {
            let port = port.clone();
            thread::spawn(move || port.post(Packet::of_user(1, 0, 0)))
        };
        port.post(Packet::of_user(2, 0, 0));
        poster.join().unwrap();
        let mut keys: Vec<usize> = getters
            .into_iter()
            .map(|getter| getter.join().unwrap().unwrap())
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, [1, 2]);
        assert_eq!(take(&port, Timeout::ZERO), Ok(None));
    });
}

/// A close against posts and gets: everybody who waits comes back.
#[test]
fn closing_a_port_lets_everybody_go() {
    explore(|| {
        let port = Arc::new(Port::new(8));
        let getters: Vec<_> = (0..2)
            .map(|_| {
                let port = port.clone();
                thread::spawn(move || take(&port, Timeout::Infinite))
            })
            .collect();
        let poster = {
            let port = port.clone();
            thread::spawn(move || port.post(Packet::of_user(1, 0, 0)))
        };
        port.last_closed();
        poster.join().unwrap();
        for getter in getters {
            let got = getter.join().unwrap();
            assert!(
                got == Err(Errno::ABANDONED_WAIT_0) || got == Ok(Some(1)),
                "{got:?}"
            );
        }
        assert_eq!(take(&port, Timeout::ZERO), Err(Errno::ABANDONED_WAIT_0));
    });
}

/// A packet and an APC for the same thread: it gets one, and the other is not lost.
#[test]
fn a_packet_is_not_lost_to_an_apc() {
    explore(|| {
        let port = Arc::new(Port::new(8));
        let (send, receive) = shuttle::sync::mpsc::channel();
        let getter = {
            let port = port.clone();
            thread::spawn(move || {
                send.send(current()).unwrap();
                let mut packet = [Packet::default()];
                let first = port.take(&mut packet, Timeout::Infinite, Alert::Alertable);
                let second = port.take(&mut packet, Timeout::Infinite, Alert::Alertable);
                (first, second)
            })
        };
        let poster = {
            let port = port.clone();
            thread::spawn(move || port.post(Packet::of_user(1, 0, 0)))
        };
        receive.recv().unwrap().queue_apc(Apc::new(|| ())).unwrap();
        poster.join().unwrap();
        let got = getter.join().unwrap();
        let (apc, packet) = (Ok(Got::Apc), Ok(Got::Packets(1)));
        assert!(got == (apc, packet) || got == (packet, apc), "{got:?}");
    });
}

/// The close of a port's handle while a thread waits, one posts and one looks the handle up: who was
/// waiting comes back, and nobody keeps the port or its packets.
#[test]
fn the_last_handle_of_a_port_lets_it_go() {
    explore(|| {
        let table = Arc::new(Table::new());
        let port = Arc::new(Port::new(8));
        let raw = table.insert(port.clone()).unwrap().raw();
        let kept = Arc::downgrade(&port);
        drop(port);
        let use_it = move |table: &Table| -> Option<Arc<Port>> {
            let object = table.pin(raw)?.object()?.clone();
            Some(object.downcast().expect("it is the port's handle"))
        };
        let getter = {
            let table = table.clone();
            thread::spawn(move || {
                let port = use_it(&table);
                port.map_or(Ok(None), |port| take(&port, Timeout::Infinite))
            })
        };
        let poster = {
            let table = table.clone();
            thread::spawn(move || {
                if let Some(port) = use_it(&table) {
                    port.post(Packet::of_user(1, 0, 0));
                }
            })
        };
        table.close(raw).unwrap();
        poster.join().unwrap();
        let got = getter.join().unwrap();
        let expected = [Err(Errno::ABANDONED_WAIT_0), Ok(Some(1)), Ok(None)];
        assert!(expected.contains(&got), "{got:?}");
        assert!(kept.upgrade().is_none(), "somebody keeps the port");
    });
}

/// While nobody blocks, no more threads are busy with packets than the port allows.
#[test]
fn no_more_threads_are_busy_than_allowed() {
    explore(|| {
        let port = Arc::new(Port::new(1));
        let busy = Arc::new(AtomicUsize::new(0));
        let getters: Vec<_> = (0..2)
            .map(|_| {
                let (port, busy) = (port.clone(), busy.clone());
                thread::spawn(move || {
                    let mut taken = 0;
                    while take(&port, Timeout::Infinite) == Ok(Some(1)) {
                        assert_eq!(busy.fetch_add(1, SeqCst), 0, "one at a time");
                        taken += 1;
                        thread::yield_now();
                        busy.fetch_sub(1, SeqCst);
                    }
                    taken
                })
            })
            .collect();
        for _ in 0..3 {
            port.post(Packet::of_user(1, 0, 0));
        }
        // One for each to leave by.
        port.post(Packet::of_user(2, 0, 0));
        port.post(Packet::of_user(2, 0, 0));
        let taken = getters
            .into_iter()
            .map(|getter| getter.join().unwrap())
            .sum::<usize>();
        assert_eq!(taken, 3);
    });
}

/// A thread that is busy with a packet blocks until another thread has served the next packet: the
/// port lets that thread go at once.
#[test]
fn a_thread_that_blocks_makes_way_for_another() {
    explore(|| {
        let port = Arc::new(Port::new(1));
        let (served, second) = event(Reset::Manual);
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let (port, served, second) = (port.clone(), served.clone(), second.clone());
                thread::spawn(move || match take(&port, Timeout::Infinite) {
                    Ok(Some(1)) => assert_eq!(wait_for(&second, Alert::Plain), Waited::Signaled(0)),
                    Ok(Some(2)) => served.set(),
                    other => panic!("{other:?}"),
                })
            })
            .collect();
        let poster = {
            let port = port.clone();
            thread::spawn(move || port.post(Packet::of_user(1, 0, 0)))
        };
        poster.join().unwrap();
        port.post(Packet::of_user(2, 0, 0));
        workers
            .into_iter()
            .for_each(|worker| worker.join().unwrap());
    });
}

/// As above, but the thread exits without coming back to the port.
#[test]
fn a_thread_that_exits_makes_way_for_another() {
    explore(|| {
        let port = Arc::new(Port::new(1));
        let workers: Vec<_> = (0..3)
            .map(|_| {
                let port = port.clone();
                thread::spawn(move || take(&port, Timeout::Infinite).unwrap().unwrap())
            })
            .collect();
        for key in 1..=3 {
            port.post(Packet::of_user(key, 0, 0));
        }
        let mut keys: Vec<_> = workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect();
        keys.sort_unstable();
        assert_eq!(keys, [1, 2, 3]);
    });
}
