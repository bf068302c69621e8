//! Models: the lock-free parts of the kernel role under a scheduler that chooses who runs next at
//! every access to shared state.
//!
//! ```text
//! RUSTFLAGS='--cfg ws2spi_shuttle' cargo test -p ws2spi-kernel --test models
//! ```
//!
//! Each model is run under many random schedules; a failure prints the schedule to replay. Without
//! the switch this file is empty. Shuttle runs one thread at a time: what it finds are wrong
//! interleavings, not wrong memory orderings.

#![cfg(ws2spi_shuttle)]

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::thread;
use ws2spi_abi::Errno;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event::Event;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::handles::Handle;
use ws2spi_kernel::handles::HandleCount;
use ws2spi_kernel::handles::Kind;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::handles::Owner;
use ws2spi_kernel::handles::Table;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::port::Packet;
use ws2spi_kernel::port::Port;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::ExternalWait;
use ws2spi_kernel::thread::Wake;
use ws2spi_kernel::thread::current;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::WaitFor;
use ws2spi_kernel::wait::Waited;

/// Schedules per model: several seconds for all of them.
const SCHEDULES: usize = 1_000;

fn explore(model: impl Fn() + Send + Sync + 'static) {
    shuttle::check_random(model, SCHEDULES);
}

struct Provider;
impl Owner for Provider {}

/// An object that knows how often it was closed and dropped.
#[derive(Default)]
struct Thing {
    handles: HandleCount,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    closings: AtomicUsize,
    last_closings: AtomicUsize,
    drops: AtomicUsize,
}

impl Counts {
    fn all(&self) -> [usize; 3] {
        [&self.closings, &self.last_closings, &self.drops].map(|count| count.load(SeqCst))
    }
}

impl Object for Thing {
    fn kind(&self) -> Kind {
        Kind::Other
    }
    fn handles(&self) -> Option<&HandleCount> {
        Some(&self.handles)
    }
    fn closing(&self, _: Handle) {
        self.counts.closings.fetch_add(1, SeqCst);
    }
    fn last_closed(&self) {
        assert_eq!(self.counts.drops.load(SeqCst), 0);
        self.counts.last_closings.fetch_add(1, SeqCst);
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.counts.drops.fetch_add(1, SeqCst);
    }
}

fn thing() -> (Arc<Thing>, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    (
        Arc::new(Thing {
            handles: HandleCount::new(),
            counts: counts.clone(),
        }),
        counts,
    )
}

fn owner() -> Arc<dyn Owner> {
    Arc::new(Provider)
}

fn event(reset: Reset) -> (Arc<Event>, Arc<dyn Object>) {
    let event = Arc::new(Event::new(reset, false));
    (event.clone(), event)
}

fn wait_for(object: &Arc<dyn Object>, alert: Alert) -> Waited {
    wait::for_object(object, Timeout::Infinite, alert)
}

fn wait_for_all(objects: Vec<Arc<dyn Object>>) -> Waited {
    wait::for_objects(objects, WaitFor::All, Timeout::Infinite, Alert::Plain).unwrap()
}

/// A pinned object is there; it is dropped once, after the last pin and the close, whoever is last.
#[test]
fn a_slot_is_released_once_by_whoever_is_last() {
    explore(|| {
        let table = Arc::new(Table::new());
        let (thing, counts) = thing();
        let raw = table.insert(thing).unwrap().raw();
        let users: Vec<_> = (0..2)
            .map(|_| {
                let (table, counts) = (table.clone(), counts.clone());
                thread::spawn(move || {
                    if let Some(pinned) = table.pin(raw) {
                        assert!(pinned.object_as::<Thing>().is_some());
                        assert_eq!(counts.drops.load(SeqCst), 0);
                    }
                })
            })
            .collect();
        let closers: Vec<_> = (0..2)
            .map(|_| {
                let table = table.clone();
                thread::spawn(move || table.close(raw))
            })
            .collect();
        users.into_iter().for_each(|user| user.join().unwrap());
        let results: Vec<_> = closers
            .into_iter()
            .map(|closer| closer.join().unwrap())
            .collect();
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(counts.all(), [1, 1, 1]);
        assert_eq!(table.open_handles(), 0);
    });
}

/// A slot that is used again at once never shows its new content under the old value.
#[test]
fn a_stale_value_never_reaches_the_next_handle() {
    explore(|| {
        let table = Arc::new(Table::new());
        let old = table.insert_minted(owner(), 1).unwrap().raw();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let table = table.clone();
                thread::spawn(move || {
                    let context = table.minted_context(old);
                    assert!(context.is_none() || context == Some(1), "{context:?}");
                    if let Some(pinned) = table.pin(old) {
                        assert_eq!(pinned.context(), 1);
                        assert!(pinned.owner().is_some());
                    }
                })
            })
            .collect();
        let user = {
            let table = table.clone();
            thread::spawn(move || {
                table.close(old).unwrap();
                // The queue holds nothing back here: one of these is the same slot.
                let new: Vec<usize> = (2..5)
                    .map(|n| table.insert_minted(owner(), n).unwrap().raw())
                    .collect();
                for (context, &raw) in (2..).zip(&new) {
                    assert_ne!(raw, old);
                    assert_eq!(table.minted_context(raw), Some(context));
                    table.close(raw).unwrap();
                }
            })
        };
        readers
            .into_iter()
            .for_each(|reader| reader.join().unwrap());
        user.join().unwrap();
        assert_eq!(table.open_handles(), 0);
    });
}

/// A look-up in a signal handler against a close: the object is dropped once, never by the look-up.
#[test]
fn a_signal_handler_leaves_the_release_to_others() {
    explore(|| {
        let table = Arc::new(Table::new());
        let (thing, counts) = thing();
        let raw = table.insert(thing).unwrap().raw();
        let threads: Vec<_> = (0..3)
            .map(|me| {
                let (table, counts) = (table.clone(), counts.clone());
                thread::spawn(move || match me {
                    0 => {
                        table.pin_in_signal(raw, |_| assert_eq!(counts.drops.load(SeqCst), 0));
                    }
                    1 => drop(table.pin(raw)),
                    _ => table.close(raw).unwrap(),
                })
            })
            .collect();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        // Opening and closing releases what was left over.
        let other = table.insert_minted(owner(), 0).unwrap().raw();
        table.close(other).unwrap();
        assert_eq!(counts.all(), [1, 1, 1]);
        assert_eq!(table.open_handles(), 0);
    });
}

/// Owners that replace each other under readers: a reader sees one of them, and none is lost.
#[test]
fn owners_are_replaced_under_readers() {
    explore(|| {
        let table = Arc::new(Table::new());
        let owners = [owner(), owner(), owner()];
        let (thing, _) = thing();
        let raw = table.insert(thing).unwrap().raw();
        table.set_owner(raw, owners[0].clone()).unwrap();
        let writers: Vec<_> = (1..3)
            .map(|me| {
                let (table, owner) = (table.clone(), owners[me].clone());
                thread::spawn(move || {
                    table.set_owner(raw, owner.clone()).unwrap();
                    table.clear_owner_if(raw, &owner);
                })
            })
            .collect();
        let reader = {
            let (table, owners) = (table.clone(), owners.clone());
            thread::spawn(move || {
                let pinned = table.pin(raw).unwrap();
                if let Some(seen) = pinned.owner() {
                    assert!(owners.iter().any(|owner| Arc::ptr_eq(owner, seen)));
                }
            })
        };
        writers
            .into_iter()
            .for_each(|writer| writer.join().unwrap());
        reader.join().unwrap();
        table.close(raw).unwrap();
        assert!(owners.iter().all(|owner| Arc::strong_count(owner) == 1));
    });
}

/// Each set of an auto-reset event satisfies one wait: two sets, two waiters, nobody sleeps on.
#[test]
fn no_set_of_an_auto_event_is_lost() {
    explore(|| {
        let (there, waited_for) = event(Reset::Auto);
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let object = waited_for.clone();
                thread::spawn(move || {
                    assert_eq!(wait_for(&object, Alert::Plain), Waited::Signaled(0));
                })
            })
            .collect();
        // The second set comes when the first was taken; else it would be one with the first.
        there.set();
        while there.is_set() {
            thread::yield_now();
        }
        there.set();
        waiters
            .into_iter()
            .for_each(|waiter| waiter.join().unwrap());
        assert!(!there.is_set());
    });
}

/// Sets from several threads meet waiters that come and go: a manual event releases everybody.
#[test]
fn a_manual_event_releases_everybody() {
    explore(|| {
        let (event, object) = event(Reset::Manual);
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let object = object.clone();
                thread::spawn(move || wait_for(&object, Alert::Plain))
            })
            .collect();
        let setters: Vec<_> = (0..2)
            .map(|_| {
                let event = event.clone();
                thread::spawn(move || event.set())
            })
            .collect();
        setters
            .into_iter()
            .for_each(|setter| setter.join().unwrap());
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        }
    });
}

/// A wait for all against sets of its objects in both orders: granted once, both taken.
#[test]
fn a_wait_for_all_takes_both() {
    explore(|| {
        let (first, first_object) = event(Reset::Auto);
        let (second, second_object) = event(Reset::Auto);
        let both = vec![first_object, second_object];
        let waiter = thread::spawn(move || wait_for_all(both));
        let setter = {
            let second = second.clone();
            thread::spawn(move || second.set())
        };
        first.set();
        setter.join().unwrap();
        assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        assert!(!first.is_set() && !second.is_set());
    });
}

/// Two waits for all that share an object, against sets: whoever gets it gets its other one too.
#[test]
fn overlapping_waits_for_all_do_not_deadlock() {
    explore(|| {
        let events = [(); 3].map(|()| event(Reset::Auto));
        let waiters: Vec<_> = [[0, 1], [1, 2]]
            .map(|pair| {
                let both = pair.map(|place| events[place].1.clone()).to_vec();
                let shared = events[1].0.clone();
                thread::spawn(move || {
                    let waited = wait_for_all(both);
                    shared.set();
                    waited
                })
            })
            .into();
        let setter = {
            let event = events[2].0.clone();
            thread::spawn(move || event.set())
        };
        events[0].0.set();
        events[1].0.set();
        setter.join().unwrap();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        }
        assert!(!events[0].0.is_set() && !events[2].0.is_set());
    });
}

/// An APC against the wait it is meant for, a signal, and the exit of the thread: it runs once, on
/// its thread, or was refused, or was dropped with the thread.
#[test]
fn an_apc_runs_once_or_not_at_all() {
    explore(|| {
        let (signal, object) = event(Reset::Manual);
        let (ran, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
        let (send, receive) = shuttle::sync::mpsc::channel();
        let target = thread::spawn(move || {
            send.send(current()).unwrap();
            wait_for(&object, Alert::Alertable)
        });
        let thread = receive.recv().unwrap();
        let setter = thread::spawn(move || signal.set());
        let (counter, held) = (ran.clone(), dropped.clone());
        let me = thread.id();
        let queued = thread.queue_apc(Apc::new(move || {
            assert_eq!(current().id(), me);
            counter.fetch_add(1, SeqCst);
            drop(held);
        }));
        setter.join().unwrap();
        let waited = target.join().unwrap();
        let runs = ran.load(SeqCst);
        match waited {
            Waited::Apc => assert_eq!((queued, runs), (Ok(()), 1)),
            waited => assert_eq!((waited, runs), (Waited::Signaled(0), 0)),
        }
        if queued.is_err() {
            assert_eq!(queued, Err(Errno::FAULT));
        }
        let exited: Arc<dyn Object> = thread;
        assert_eq!(wait_for(&exited, Alert::Plain), Waited::Signaled(0));
        assert_eq!(Arc::strong_count(&dropped), 1, "run or dropped, but gone");
    });
}

/// An APC that is queued to a thread which begins to wait alertably always ends that wait.
#[test]
fn an_apc_always_wakes_an_alertable_wait() {
    explore(|| {
        let (send, receive) = shuttle::sync::mpsc::channel();
        let target = thread::spawn(move || {
            send.send(current()).unwrap();
            wait::sleep(Timeout::Infinite, Alert::Alertable)
        });
        let thread = receive.recv().unwrap();
        thread.queue_apc(Apc::new(|| ())).unwrap();
        assert_eq!(target.join().unwrap(), Waited::Apc);
    });
}

struct Bell(Event);

impl Wake for Bell {
    fn wake(&self) {
        self.0.set();
    }
}

impl Object for Bell {
    fn kind(&self) -> Kind {
        Kind::Event
    }
    fn signal(&self) -> Option<&ws2spi_kernel::Signal> {
        self.0.signal()
    }
}

/// An APC queued while a thread begins to wait elsewhere reaches it.
#[test]
fn an_apc_always_wakes_a_wait_elsewhere() {
    explore(|| {
        let (send, receive) = shuttle::sync::mpsc::channel();
        let target = thread::spawn(move || {
            send.send(current()).unwrap();
            let bell = Arc::new(Bell(Event::new(Reset::Auto, false)));
            let wait = ExternalWait::begin(bell.clone());
            let object: Arc<dyn Object> = bell;
            wait_for(&object, Alert::Plain);
            wait.run_apcs()
        });
        receive.recv().unwrap().queue_apc(Apc::new(|| ())).unwrap();
        assert_eq!(target.join().unwrap(), 1);
    });
}

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

fn take(port: &Arc<Port>, timeout: Timeout) -> Result<Option<usize>, Errno> {
    let mut packet = [Packet::default()];
    Ok(match port.take(&mut packet, timeout, Alert::Plain)? {
        Got::Packets(_) => Some(packet[0].key),
        _ => None,
    })
}
