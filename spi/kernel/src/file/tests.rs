//! Tests of file objects and of how operations complete.

#![allow(unsafe_code)] // Applications own their OVERLAPPED blocks; here the tests are applications.

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::time::Duration;

use ws2spi_abi::NtStatus;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::RawCallback;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::InOut;
use ws2spi_abi::args::Out;
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::ffi::Convention;

use super::*;
use crate::clock::Timeout;
use crate::event;
use crate::event::Reset;
use crate::handles;
use crate::handles::Owner;
use crate::port;
use crate::port::Got;
use crate::port::Packet;
use crate::thread;
use crate::thread::Apc;
use crate::wait;
use crate::wait::Alert;
use crate::wait::Waited;

/// An application's block.
struct Block(Box<UnsafeCell<OVERLAPPED>>);

impl Block {
    fn new(event: usize) -> Self {
        // SAFETY: a plain C structure of numbers: all zeroes is a value.
        let mut block: OVERLAPPED = unsafe { std::mem::zeroed() };
        block.hEvent = event;
        block.Offset = 11;
        block.OffsetHigh = 22;
        Self(Box::new(UnsafeCell::new(block)))
    }

    fn lend(&self) -> Overlapped {
        // SAFETY: the box keeps the block in its place for the test's whole time.
        unsafe { Overlapped::new(self.0.get()) }.unwrap()
    }

    fn address(&self) -> usize {
        self.0.get() as usize
    }
}

/// A file whose operations the test finishes by hand.
struct Socket {
    state: FileState,
}

impl File for Socket {
    fn state(&self) -> &FileState {
        &self.state
    }

    fn read(&self, _: Receive<'_>) -> Result<Transfer, Errno> {
        Ok(Transfer::Done { bytes: 8, flags: 0 })
    }

    fn cancel(&self, whose: CancelScope, overlapped: Option<usize>) -> usize {
        match (whose, overlapped) {
            (CancelScope::Everybody, None) => 3,
            (CancelScope::Everybody, Some(_)) => 1,
            (CancelScope::Thread(_), _) => 0,
        }
    }
}

impl Object for Socket {
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
}

fn socket() -> (usize, Arc<Socket>) {
    let socket = Arc::new(Socket {
        state: FileState::new(Overlapping::Allowed),
    });
    (handles::insert(socket.clone()).unwrap().raw(), socket)
}

struct Layer;
impl Owner for Layer {}

fn minted() -> usize {
    handles::insert_minted(Arc::new(Layer), 1).unwrap().raw()
}

fn close(raws: &[usize]) {
    raws.iter().for_each(|&raw| handles::close(raw).unwrap());
}

fn look(raw: usize) -> Waited {
    wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
}

fn packet(port: usize) -> Option<Packet> {
    match port::get(port, Timeout::ZERO).unwrap() {
        Got::Packets(packet) => Some(packet),
        _ => None,
    }
}

/// P205: pending is Internal = STATUS_PENDING, InternalHigh untouched; the event is reset.
#[test]
fn a_pending_operation_is_marked_and_its_event_reset() {
    let (raw, socket) = socket();
    let event = event::create(Reset::Manual, true).unwrap().raw();
    let block = Block::new(event);
    block.lend().finish(NtStatus::SUCCESS, 99);
    socket.state.signal().set();
    let request = socket.state.begin(block.lend(), Indication::Event).unwrap();
    assert!(block.lend().is_pending());
    assert_eq!(block.lend().bytes(), 99);
    assert_eq!(
        (look(event), look(raw)),
        (Waited::TimedOut, Waited::TimedOut)
    );
    drop(request);
    assert_eq!(
        look(event),
        Waited::TimedOut,
        "a request that is dropped tells nothing"
    );
    handles::close(raw).unwrap();
    handles::close(event).unwrap();
}

/// client-dll.md 6.3: an hEvent that is no event is WSA_INVALID_HANDLE; nothing has begun.
#[test]
fn a_bad_event_fails_the_start() {
    let (raw, socket) = socket();
    let block = Block::new(0x7777_7770);
    let failed = socket.state.begin(block.lend(), Indication::Event);
    assert_eq!(failed.unwrap_err(), Errno::INVALID_HANDLE);
    assert!(!block.lend().is_pending());
    assert!(
        socket
            .state
            .begin(block.lend(), Indication::Routine)
            .is_ok()
    );
    handles::close(raw).unwrap();
}

/// P206: without hEvent the socket handle signals on completion; with one it does not.
#[test]
fn the_handle_signals_when_there_is_no_event() {
    let (raw, socket) = socket();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    for (with, handle_signals) in [(0, Waited::Signaled(0)), (event, Waited::TimedOut)] {
        let block = Block::new(with);
        let request = socket.state.begin(block.lend(), Indication::Event).unwrap();
        socket
            .state
            .complete(request, NtStatus::SUCCESS, 5, Moment::Later);
        assert_eq!(look(raw), handle_signals);
        assert_eq!(
            (block.lend().status(), block.lend().bytes()),
            (NtStatus::SUCCESS, 5)
        );
    }
    assert_eq!(look(event), Waited::Signaled(0));
    handles::close(raw).unwrap();
    handles::close(event).unwrap();
}

/// P209, P211, P213: the packet carries key, block, count and the error; success within the call
/// queues one unless the file skips it; a warning or a later success is never skipped.
#[test]
fn completions_are_queued_to_the_port() {
    let (raw, socket) = socket();
    let port = port::create(0).unwrap().raw();
    port::associate(raw, port, 77).unwrap();
    let block = Block::new(0);
    let finish = |status, bytes, when| {
        let request = socket.state.begin(block.lend(), Indication::Event).unwrap();
        socket.state.complete(request, status, bytes, when);
        packet(port).map(|packet| {
            assert_eq!((packet.key, packet.overlapped), (77, block.address()));
            (packet.bytes, packet.failure(), packet.status)
        })
    };
    let (ok, reset) = (NtStatus::SUCCESS, NtStatus::CONNECTION_RESET);
    let told = Some((5, None, ok));
    assert_eq!(finish(ok, 5, Moment::Immediate), told);
    assert_eq!(finish(ok, 5, Moment::Later), told);
    let failed = Some((0, Some(Errno::NETNAME_DELETED), reset));
    assert_eq!(finish(reset, 0, Moment::Later), failed);
    set_notification_modes(raw, 1).unwrap();
    assert_eq!(finish(ok, 5, Moment::Immediate), None);
    assert_eq!(finish(ok, 5, Moment::Later), told);
    let truncated = NtStatus::BUFFER_OVERFLOW;
    let warned = Some((3, Some(Errno::MORE_DATA), truncated));
    assert_eq!(finish(truncated, 3, Moment::Immediate), warned);
    handles::close(raw).unwrap();
    handles::close(port).unwrap();
}

/// P212: the low bit of hEvent keeps the packet off the port; the event, masked, is still set.
#[test]
fn the_low_bit_of_the_event_suppresses_the_packet() {
    let (raw, socket) = socket();
    let port = port::create(0).unwrap().raw();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    port::associate(raw, port, 1).unwrap();
    for (h_event, queued, handle) in [
        (event | 1, false, Waited::TimedOut),
        (event, true, Waited::TimedOut),
        (1, false, Waited::Signaled(0)),
    ] {
        let block = Block::new(h_event);
        let request = socket.state.begin(block.lend(), Indication::Event).unwrap();
        socket
            .state
            .complete(request, NtStatus::SUCCESS, 0, Moment::Later);
        assert_eq!(packet(port).is_some(), queued, "{h_event:#x}");
        assert_eq!(look(raw), handle);
        if h_event & !1 != 0 {
            assert_eq!(look(event), Waited::Signaled(0));
        }
    }
    handles::close(raw).unwrap();
    handles::close(event).unwrap();
    handles::close(port).unwrap();
}

/// SetFileCompletionNotificationModes: modes add up; bits that do not exist are invalid; skipping
/// the event on the handle leaves explicit events alone.
#[test]
fn notification_modes_are_added() {
    let (raw, socket) = socket();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    assert_eq!(
        set_notification_modes(raw, 4),
        Err(Errno::INVALID_PARAMETER)
    );
    assert_eq!(set_notification_modes(event, 1), Err(Errno::INVALID_HANDLE));
    set_notification_modes(raw, 2).unwrap();
    set_notification_modes(raw, 0).unwrap();
    assert!(socket.state.modes().contain(Modes::SKIP_EVENT_ON_HANDLE));
    assert!(!socket.state.modes().contain(Modes::SKIP_PORT_ON_SUCCESS));
    for (with, status) in [
        (0, NtStatus::SUCCESS),
        (event, NtStatus::SUCCESS),
        (0, NtStatus::CANCELLED),
    ] {
        let block = Block::new(with);
        let request = socket.state.begin(block.lend(), Indication::Event).unwrap();
        socket.state.complete(request, status, 0, Moment::Later);
        let signalled = if status.is_success() {
            Waited::TimedOut
        } else {
            Waited::Signaled(0)
        };
        assert_eq!(look(raw), signalled);
    }
    assert_eq!(look(event), Waited::Signaled(0));
    handles::close(raw).unwrap();
    handles::close(event).unwrap();
}

/// U185, P224: with a routine, hEvent is ignored, and the APC comes after the final status.
#[test]
fn a_routine_is_told_by_apc_alone() {
    let (raw, socket) = socket();
    let port = port::create(0).unwrap().raw();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    port::associate(raw, port, 1).unwrap();
    let block = Block::new(event);
    let (send, receive) = mpsc::channel();
    let lent = block.lend();
    let request = socket.state.begin(lent, Indication::Routine).unwrap();
    let apc = Apc::new(move || send.send((lent.status(), lent.bytes())).unwrap());
    let me = thread::current();
    socket
        .state
        .complete_by_apc(request, NtStatus::CANCELLED, 4, &me, apc);
    assert_eq!((look(event), packet(port)), (Waited::TimedOut, None));
    assert!(receive.try_recv().is_err());
    assert_eq!(wait::sleep(Timeout::ZERO, Alert::Alertable), Waited::Apc);
    assert_eq!(receive.try_recv(), Ok((NtStatus::CANCELLED, 4)));
    close(&[raw, port, event]);
}

/// CreateIoCompletionPort: once per file, for its lifetime, files only, overlapped ones only.
#[test]
fn a_file_is_associated_once() {
    let (raw, _socket) = socket();
    let (port, other) = (
        port::create(0).unwrap().raw(),
        port::create(0).unwrap().raw(),
    );
    let event = event::create(Reset::Manual, false).unwrap().raw();
    assert_eq!(port::associate(event, port, 1), Err(Errno::INVALID_HANDLE));
    assert_eq!(port::associate(raw, event, 1), Err(Errno::INVALID_HANDLE));
    assert_eq!(
        port::associate(0x7777_7770, port, 1),
        Err(Errno::INVALID_HANDLE)
    );
    assert_eq!(port::associate(raw, port, 1), Ok(()));
    assert_eq!(port::associate(raw, port, 1), Err(Errno::INVALID_PARAMETER));
    assert_eq!(
        port::associate(raw, other, 2),
        Err(Errno::INVALID_PARAMETER)
    );
    let synchronous = Arc::new(Socket {
        state: FileState::new(Overlapping::Synchronous),
    });
    let plain = handles::insert(synchronous).unwrap().raw();
    assert_eq!(
        port::associate(plain, port, 1),
        Err(Errno::INVALID_PARAMETER)
    );
    close(&[raw, port, other, event, plain]);
}

/// client-dll.md 1.6: a minted handle can be waited for and associated with a port; it gets an
/// object only then.
#[test]
fn a_minted_handle_becomes_a_file_when_it_must() {
    let raw = minted();
    let port = port::create(0).unwrap().raw();
    assert!(handles::pin(raw).unwrap().object().is_none());
    assert_eq!(look(raw), Waited::TimedOut);
    assert!(
        handles::pin(raw)
            .unwrap()
            .object_as::<Placeholder>()
            .is_some()
    );
    assert_eq!(handles::minted_context(raw), Some(1));
    assert_eq!(port::associate(raw, port, 5), Ok(()));
    assert_eq!(port::associate(raw, port, 5), Err(Errno::INVALID_PARAMETER));
    let second = handles::duplicate(raw).unwrap().raw();
    handles::close(raw).unwrap();
    assert_eq!(
        port::associate(second, port, 5),
        Err(Errno::INVALID_PARAMETER)
    );
    handles::close(second).unwrap();
    handles::close(port).unwrap();
}

/// U180, U183: WPUCompleteOverlappedRequest signals hEvent and queues a packet, both when both;
/// Offset and OffsetHigh stay as the provider stored them.
#[test]
fn a_minted_handle_completes_by_event_and_packet() {
    let raw = minted();
    let port = port::create(0).unwrap().raw();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    port::associate(raw, port, 5).unwrap();
    let block = Block::new(event);
    block.lend().begin();
    complete_minted(raw, block.lend(), 10054, 7).unwrap();
    assert_eq!(
        (block.lend().status(), block.lend().bytes()),
        (NtStatus(10054), 7)
    );
    assert_eq!(block.lend().offsets(), (11, 22));
    assert_eq!(look(event), Waited::Signaled(0));
    let told = packet(port).unwrap();
    assert_eq!(
        (told.key, told.overlapped, told.bytes),
        (5, block.address(), 7)
    );
    assert_eq!(told.failure(), Some(Errno::CONNRESET));
    close(&[raw, port, event]);
}

/// U181: without a port and an event: success, the fields are set, nothing else.
#[test]
fn a_minted_handle_without_port_and_event_completes() {
    let raw = minted();
    let block = Block::new(0);
    block.lend().begin();
    assert_eq!(complete_minted(raw, block.lend(), 0, 12), Ok(()));
    assert_eq!(
        (block.lend().status(), block.lend().bytes()),
        (NtStatus::SUCCESS, 12)
    );
    assert!(handles::pin(raw).unwrap().object().is_none());
    block.lend().begin();
    complete_minted(raw, block.lend(), 0x103, 0).unwrap();
    assert!(!block.lend().is_pending());
    handles::close(raw).unwrap();
}

/// U182: a handle not from WPUCreateSocketHandle (IFS, closed, garbage) is WSAEINVAL.
#[test]
fn only_minted_handles_are_completed_by_their_providers() {
    let closed = minted();
    handles::close(closed).unwrap();
    let (ifs, _socket) = socket();
    for raw in [closed, ifs, 0, usize::MAX] {
        let block = Block::new(0);
        block.lend().begin();
        assert_eq!(complete_minted(raw, block.lend(), 0, 12), Err(Errno::INVAL));
        assert!(block.lend().is_pending());
    }
    handles::close(ifs).unwrap();
}

/// U184: hEvent with the low bit set: no packet; the event, masked, is signalled.
#[test]
fn a_minted_handle_honours_the_low_bit() {
    let raw = minted();
    let port = port::create(0).unwrap().raw();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    port::associate(raw, port, 5).unwrap();
    let block = Block::new(event | 1);
    complete_minted(raw, block.lend(), 0, 1).unwrap();
    assert_eq!((look(event), packet(port)), (Waited::Signaled(0), None));
    close(&[raw, port, event]);
}

/// U179: whoever sees a final status sees the byte count.
#[test]
fn the_count_is_there_before_the_status() {
    let raw = minted();
    let block = Block::new(0);
    let lent = block.lend();
    let done = Arc::new(AtomicBool::new(false));
    let stop = done.clone();
    let watcher = std::thread::spawn(move || {
        let mut last = 0;
        while !stop.load(SeqCst) {
            let status = lent.status();
            if !status.is_pending() {
                assert!(lent.bytes() >= last && lent.bytes() >= status.0 as usize);
                last = status.0 as usize;
            }
        }
    });
    for round in 1..20_000 {
        if round != NtStatus::PENDING.0 {
            complete_minted(raw, block.lend(), round, round as usize).unwrap();
        }
    }
    done.store(true, SeqCst);
    watcher.join().unwrap();
    handles::close(raw).unwrap();
}

/// A call with all its pointers null.
/// CreateFileMapping: a file is as long as its mappings need, however many grow it at once.
#[test]
fn a_file_grows_to_the_longest_of_its_mappings() {
    let name = format!("ws2spi-{}-grows", std::process::id());
    let path = std::env::temp_dir().join(name);
    let opening = Opening {
        access: Access {
            write: true,
            ..Opening::EXISTING.access
        },
        disposition: Disposition::Emptied,
        ..Opening::EXISTING
    };
    let (file, _) = DiskFile::create(&path, &opening).unwrap();
    for _ in 0..50 {
        let begin = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for pages in 1..=4 {
                let (file, begin) = (&file, &begin);
                scope.spawn(move || {
                    begin.wait();
                    let mapped = file.map(pages * 4096, true).unwrap();
                    assert!(file.length().unwrap() >= mapped.length());
                });
            }
        });
        file.set_length(0).unwrap();
    }
    std::fs::remove_file(&path).unwrap();
}

fn empty_receive() -> Receive<'static> {
    let null = std::ptr::null_mut();
    let none = RawCallback::default();
    Receive {
        // SAFETY: null is allowed.
        buffers: unsafe { BuffersMut::new(std::ptr::null(), 0) },
        // SAFETY: null is allowed.
        count: unsafe { Out::new(std::ptr::null_mut()) },
        // SAFETY: null is allowed.
        flags: unsafe { InOut::new(std::ptr::null_mut()) },
        // SAFETY: null is allowed.
        overlapped: unsafe {
            OverlappedArgs::new(Convention::Native, null, none, std::ptr::null_mut())
        },
    }
}

/// design.md, "Handles": ReadFile works on an IFS handle because it is a file; on others it is
/// WSA_INVALID_HANDLE, and what cannot be read says so.
#[test]
fn reading_is_the_files_business() {
    let (raw, _socket) = socket();
    let expected = Transfer::Done { bytes: 8, flags: 0 };
    assert_eq!(read(raw, empty_receive()), Ok(expected));
    let event = event::create(Reset::Manual, false).unwrap().raw();
    assert_eq!(read(event, empty_receive()), Err(Errno::INVALID_HANDLE));
    let minted = minted();
    assert_eq!(read(minted, empty_receive()), Err(Errno::INVALID_FUNCTION));
    close(&[raw, event, minted]);
    assert_eq!(read(raw, empty_receive()), Err(Errno::INVALID_HANDLE));
}

/// P228: CancelIoEx and CancelIo reach the file's hook; other handles are invalid.
#[test]
fn cancellation_is_the_files_business() {
    let (raw, _socket) = socket();
    assert_eq!(cancel(raw, CancelScope::Everybody, None), Ok(3));
    assert_eq!(cancel(raw, CancelScope::Everybody, Some(16)), Ok(1));
    assert_eq!(cancel(raw, CancelScope::Thread(4), None), Ok(0));
    assert_eq!(
        cancel(0, CancelScope::Everybody, None),
        Err(Errno::INVALID_HANDLE)
    );
    let minted = minted();
    assert_eq!(cancel(minted, CancelScope::Everybody, None), Ok(0));
    close(&[raw, minted]);
}

/// P231, P235: looking at a pending operation gives WSA_IO_INCOMPLETE; waiting is for the event, or
/// for the handle without one, and is not alertable.
#[test]
fn the_result_of_an_operation_can_be_waited_for() {
    let event = event::create(Reset::Manual, false).unwrap().raw();
    for h_event in [0, event, event | 1] {
        let (raw, socket) = socket();
        let block = Block::new(h_event);
        let request = socket.state.begin(block.lend(), Indication::Event).unwrap();
        let lent = block.lend();
        assert_eq!(
            overlapped_result(raw, &lent, Wait::No),
            Err(Errno::IO_INCOMPLETE)
        );
        let (send, receive) = mpsc::channel();
        let waiter = std::thread::spawn(move || {
            let (ran, runs) = mpsc::channel();
            let apc = Apc::new(move || ran.send(()).unwrap());
            thread::current().queue_apc(apc).unwrap();
            send.send(()).unwrap();
            (
                overlapped_result(raw, &lent, Wait::UntilDone),
                runs.try_recv().is_ok(),
            )
        });
        receive.recv_timeout(Duration::from_secs(60)).unwrap();
        socket
            .state
            .complete(request, NtStatus::CANCELLED, 9, Moment::Later);
        assert_eq!(
            waiter.join().unwrap(),
            (Ok((NtStatus::CANCELLED, 9)), false)
        );
        assert_eq!(
            overlapped_result(0, &block.lend(), Wait::No),
            Ok((NtStatus::CANCELLED, 9)),
            "the result may be fetched repeatedly"
        );
        handles::close(raw).unwrap();
    }
    handles::close(event).unwrap();
}
