//! File objects: the end of an operation against the close of the handle, cancellation, the exit of
//! the thread, and the end of the port. Each operation ends once, whoever comes first.

#![allow(
    unsafe_code,
    reason = "an application owns its blocks; here the models are applications"
)]

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::sync::Mutex;
use shuttle::thread;
use ws2spi_abi::NtStatus;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::args::Overlapped;
use ws2spi_kernel::Signal;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::file::CancelScope;
use ws2spi_kernel::file::File;
use ws2spi_kernel::file::FileState;
use ws2spi_kernel::file::Indication;
use ws2spi_kernel::file::Moment;
use ws2spi_kernel::file::Overlapping;
use ws2spi_kernel::file::Request;
use ws2spi_kernel::handles::HandleCount;
use ws2spi_kernel::handles::Kind;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::handles::Table;
use ws2spi_kernel::port::Got;
use ws2spi_kernel::port::Packet;
use ws2spi_kernel::port::Port;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::Thread;
use ws2spi_kernel::thread::current;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::Waited;

use super::explore;
use super::wait_for;

/// An application's block.
struct Block(UnsafeCell<OVERLAPPED>);

// SAFETY: the block is only looked at through the atomics of `Overlapped`.
unsafe impl Send for Block {}
// SAFETY: as for Send.
unsafe impl Sync for Block {}

impl Block {
    fn new() -> Arc<Self> {
        Arc::new(Self(UnsafeCell::new(OVERLAPPED::EMPTY)))
    }

    fn lend(&self) -> Overlapped {
        // SAFETY: each model keeps its blocks until everything has ended.
        unsafe { Overlapped::new(self.0.get()) }.expect("it is not NULL")
    }
}

/// A file with one operation that waits: who takes it out ends it, as a provider does.
struct Pipe {
    state: FileState,
    waiting: Mutex<Option<Waiting>>,
}

struct Waiting {
    request: Request,
    /// Whom to tell by an APC.
    routine: Option<(Arc<Thread>, Apc)>,
}

impl Pipe {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: FileState::new(Overlapping::Allowed),
            waiting: Mutex::new(None),
        })
    }

    /// Begins the operation.
    fn begin(&self, block: &Block, routine: Option<(Arc<Thread>, Apc)>) {
        let tell = if routine.is_some() {
            Indication::Routine
        } else {
            Indication::Event
        };
        let request = self.state.begin(block.lend(), tell).unwrap();
        *self.waiting.lock().unwrap() = Some(Waiting { request, routine });
    }

    /// Ends the operation, if it still waits.
    fn end(&self, status: NtStatus, bytes: usize) -> bool {
        let waiting = self.waiting.lock().unwrap().take();
        let Some(Waiting { request, routine }) = waiting else {
            return false;
        };
        match routine {
            Some((thread, apc)) => self
                .state
                .complete_by_apc(request, status, bytes, &thread, apc),
            None => drop(self.state.complete(request, status, bytes, Moment::Later)),
        }
        true
    }
}

impl Object for Pipe {
    fn kind(&self) -> Kind {
        Kind::File
    }
    fn signal(&self) -> Option<&Signal> {
        Some(self.state.signal())
    }
    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }
    fn handles(&self) -> Option<&HandleCount> {
        Some(self.state.handles())
    }
    fn last_closed(&self) {
        self.end(NtStatus::CONNECTION_ABORTED, 0);
    }
}

impl File for Pipe {
    fn state(&self) -> &FileState {
        &self.state
    }
    fn cancel(&self, _: CancelScope, _: Option<usize>) -> usize {
        usize::from(self.end(NtStatus::CANCELLED, 0))
    }
}

/// Takes a packet, whose block must be final.
fn packet(port: &Arc<Port>, timeout: Timeout, block: &Block) -> Option<Packet> {
    let mut packet = [Packet::default()];
    match port.take(&mut packet, timeout, Alert::Plain).unwrap() {
        Got::Packets(_) => {
            let [packet] = packet;
            assert_eq!(packet.overlapped, block.lend().address());
            assert_eq!(packet.status, block.lend().status());
            assert_eq!(packet.bytes as usize, block.lend().bytes());
            Some(packet)
        }
        _ => None,
    }
}

/// Completion against the close of the last handle, against a cancel through the handle: one of them
/// ends the operation, and one packet tells of it. The file goes when the last of them is done.
#[test]
fn a_completion_a_cancel_and_a_close_end_an_operation_once() {
    explore(|| {
        let table = Arc::new(Table::new());
        let (pipe, port, block) = (Pipe::new(), Arc::new(Port::new(8)), Block::new());
        pipe.state.associate(port.clone(), 7).unwrap();
        pipe.begin(&block, None);
        let raw = table.insert(pipe.clone()).unwrap().raw();
        let kept = Arc::downgrade(&pipe);
        let completer = thread::spawn(move || pipe.end(NtStatus::SUCCESS, 5));
        let canceller = {
            let table = table.clone();
            thread::spawn(move || {
                let object = table.pin(raw)?.object()?.clone();
                let file = object.as_file().expect("it is a file");
                Some(file.cancel(CancelScope::Everybody, None))
            })
        };
        let closer = thread::spawn(move || table.close(raw).unwrap());
        let told = packet(&port, Timeout::Infinite, &block).unwrap();
        let completed = completer.join().unwrap();
        let cancelled = canceller.join().unwrap() == Some(1);
        closer.join().unwrap();
        let status = match (completed, cancelled) {
            (true, false) => NtStatus::SUCCESS,
            (false, true) => NtStatus::CANCELLED,
            (false, false) => NtStatus::CONNECTION_ABORTED,
            both => panic!("{both:?}"),
        };
        assert_eq!((told.key, told.status), (7, status));
        assert_eq!(packet(&port, Timeout::ZERO, &block), None, "told once");
        assert!(kept.upgrade().is_none(), "somebody keeps the file");
    });
}

/// Who waits for the file itself, as GetOverlappedResult does, is released by whoever ends the
/// operation, and finds it final.
#[test]
fn who_waits_for_the_file_finds_the_operation_ended() {
    explore(|| {
        let (pipe, block) = (Pipe::new(), Block::new());
        pipe.begin(&block, None);
        let waiter = {
            let (object, block): (Arc<dyn Object>, _) = (pipe.clone(), block.clone());
            thread::spawn(move || {
                assert_eq!(wait_for(&object, Alert::Plain), Waited::Signaled(0));
                block.lend().status()
            })
        };
        let canceller = {
            let pipe = pipe.clone();
            thread::spawn(move || pipe.cancel(CancelScope::Everybody, None))
        };
        let completed = pipe.end(NtStatus::SUCCESS, 5);
        let cancelled = canceller.join().unwrap();
        assert_eq!(usize::from(completed) + cancelled, 1);
        let expected = if completed {
            NtStatus::SUCCESS
        } else {
            NtStatus::CANCELLED
        };
        assert_eq!(waiter.join().unwrap(), expected);
    });
}

/// The end of an operation with a routine against the exit of the thread that began it, which cancels
/// it (P229): it ends once; the routine runs once, or goes unrun with its thread.
#[test]
fn the_exit_of_the_thread_ends_an_operation_once() {
    explore(|| {
        let (pipe, block) = (Pipe::new(), Block::new());
        let (ran, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
        let (send, receive) = shuttle::sync::mpsc::channel();
        let issuer = {
            let (pipe, block, ran, held) = (pipe.clone(), block.clone(), ran.clone(), held.clone());
            thread::spawn(move || {
                let me = current();
                let (leaving, ended) = (pipe.clone(), block.clone());
                me.at_exit(move || {
                    leaving.cancel(CancelScope::Everybody, None);
                });
                let routine = Apc::new(move || {
                    assert!(!ended.lend().is_pending(), "final when the routine runs");
                    ran.fetch_add(1, SeqCst);
                    drop(held);
                });
                pipe.begin(&block, Some((me.clone(), routine)));
                send.send(me).unwrap();
                // It may end before anything has come.
                wait::sleep(Timeout::ZERO, Alert::Alertable)
            })
        };
        let exited: Arc<dyn Object> = receive.recv().unwrap();
        let completer = {
            let pipe = pipe.clone();
            thread::spawn(move || pipe.end(NtStatus::SUCCESS, 5))
        };
        let waited = issuer.join().unwrap();
        assert_eq!(wait_for(&exited, Alert::Plain), Waited::Signaled(0));
        assert!(pipe.waiting.lock().unwrap().is_none(), "left behind");
        let completed = completer.join().unwrap();
        let expected = if completed {
            NtStatus::SUCCESS
        } else {
            NtStatus::CANCELLED
        };
        assert_eq!(block.lend().status(), expected);
        assert_eq!(ran.load(SeqCst), usize::from(waited == Waited::Apc));
        assert_eq!(Arc::strong_count(&held), 1, "run or dropped, but gone");
    });
}

/// An operation ends while its port is closed and a thread waits there: the block is final, the
/// thread comes back, and nothing of the port is left. A thread that was released goes on only when
/// the wake-up is dropped, whatever happens to the port meanwhile.
#[test]
fn an_operation_ends_although_its_port_is_closed() {
    explore(|| {
        let (pipe, port, block) = (Pipe::new(), Arc::new(Port::new(1)), Block::new());
        pipe.state.associate(port.clone(), 7).unwrap();
        pipe.begin(&block, None);
        let getter = {
            let port = port.clone();
            thread::spawn(move || super::take(&port, Timeout::Infinite))
        };
        let completer = {
            let pipe = pipe.clone();
            thread::spawn(move || {
                let waiting = pipe.waiting.lock().unwrap().take().unwrap();
                let wake_up =
                    pipe.state
                        .complete(waiting.request, NtStatus::SUCCESS, 5, Moment::Later);
                thread::yield_now();
                drop(wake_up);
            })
        };
        port.last_closed();
        completer.join().unwrap();
        let got = getter.join().unwrap();
        assert!(got.is_err() || got == Ok(Some(7)), "{got:?}");
        assert_eq!(block.lend().status(), NtStatus::SUCCESS);
        assert!(super::take(&port, Timeout::ZERO).is_err());
        assert!(format!("{port:?}").contains("packets: 0,"), "{port:?}");
        drop(pipe);
        assert_eq!(Arc::strong_count(&port), 1, "nothing keeps the port");
    });
}
