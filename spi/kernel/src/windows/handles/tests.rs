//! Minted handles on the system's own ports, waits and `CloseHandle`.

#![allow(unsafe_code)]

use std::ptr;
use std::sync::Arc;

use windows_sys::Win32::Foundation::CloseHandle;
use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::ReadFile;
use windows_sys::Win32::System::IO::CreateIoCompletionPort;
use windows_sys::Win32::System::IO::GetOverlappedResult;
use windows_sys::Win32::System::IO::GetQueuedCompletionStatus;
use ws2spi_abi::Errno;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::args::Overlapped;

use super::*;
use crate::clock::Timeout;
use crate::event;
use crate::event::Reset;
use crate::file;
use crate::wait;
use crate::wait::Alert;
use crate::wait::Waited;

struct Nobody;

impl Owner for Nobody {}

/// The system gives a value that is free to whoever asks next: tests that look at closed handles run one at
/// a time.
fn alone() -> parking_lot::MutexGuard<'static, ()> {
    static ALONE: parking_lot::Mutex<()> = parking_lot::Mutex::new(());
    ALONE.lock()
}

/// A value that no handle has in a process as small as this one.
const STALE: usize = 0x00f0_1230;

fn mint(context: usize) -> usize {
    insert_minted(Arc::new(Nobody), context).unwrap().raw()
}

/// A port of the system's that is closed in the end.
struct Port(HANDLE);

impl Port {
    fn new() -> Self {
        // SAFETY: no file and no port yet.
        let port = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, ptr::null_mut(), 0, 1) };
        assert!(!port.is_null());
        Self(port)
    }

    /// Whether the application could associate the handle; the error if not.
    fn associate(&self, raw: usize, key: usize) -> Result<(), u32> {
        // SAFETY: values that the system looks up.
        let port = unsafe { CreateIoCompletionPort(raw as HANDLE, self.0, key, 0) };
        if port.is_null() {
            // SAFETY: reads a word of the thread.
            return Err(unsafe { GetLastError() });
        }
        Ok(())
    }

    /// The next packet: error, byte count, key, block. Error 258 is that there is none.
    fn next(&self) -> (u32, u32, usize, usize) {
        let (mut bytes, mut key, mut block) = (0, 0, ptr::null_mut());
        // SAFETY: the answers go to live locals.
        let found = unsafe {
            GetQueuedCompletionStatus(self.0, &raw mut bytes, &raw mut key, &raw mut block, 0)
        };
        let error = if found == 0 {
            // SAFETY: reads a word of the thread.
            unsafe { GetLastError() }
        } else {
            0
        };
        (error, bytes, key, block as usize)
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // SAFETY: our own handle.
        unsafe { CloseHandle(self.0) };
    }
}

const NONE: u32 = 258;

fn block(event: usize) -> Box<OVERLAPPED> {
    Box::new(OVERLAPPED {
        Internal: 0x103,
        hEvent: event,
        ..OVERLAPPED::default()
    })
}

fn complete(raw: usize, block: &mut OVERLAPPED, error: u32, bytes: usize) -> Result<(), Errno> {
    // SAFETY: a live block.
    let block = unsafe { Overlapped::new(block) }.unwrap();
    file::complete_minted(raw, block, error, bytes)
}

/// What the system says of a block, waiting for its end: the error and the byte count.
fn result(raw: usize, block: &mut OVERLAPPED) -> (u32, u32) {
    let mut bytes = 0;
    // SAFETY: a live block and a live place for the answer.
    let ended = unsafe {
        GetOverlappedResult(
            raw as HANDLE,
            ptr::from_mut(block).cast(),
            &raw mut bytes,
            1,
        )
    };
    if ended != 0 {
        return (0, bytes);
    }
    // SAFETY: reads a word of the thread.
    (unsafe { GetLastError() }, bytes)
}

fn look(raw: usize) -> Waited {
    wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
}

/// U25, U33: a minted handle has its context, and is given back once.
#[test]
fn a_minted_handle_has_its_context_until_it_is_closed() {
    let _alone = alone();
    let raw = mint(77);
    assert_eq!(minted_context(raw), Some(77));
    assert!(pin(raw).unwrap().is_minted());
    close(raw).unwrap();
    assert_eq!(minted_context(raw), None);
}

/// U180: a packet at the port that the application associated: key, block, byte count.
#[test]
fn a_completion_arrives_at_the_port_of_the_application() {
    let _alone = alone();
    let (port, raw) = (Port::new(), mint(0));
    port.associate(raw, 55).unwrap();
    for bytes in [0, 1, 64, 1 << 30] {
        let mut ov = block(0);
        complete(raw, &mut ov, 0, bytes).unwrap();
        let address = &raw const *ov as usize;
        assert_eq!(port.next(), (0, bytes as u32, 55, address));
        assert_eq!((ov.Internal, ov.InternalHigh), (0, bytes));
    }
    assert_eq!(port.next().0, NONE);
    close(raw).unwrap();
}

/// U180: the provider's error is what the consumer of the port sees, with the count.
#[test]
fn an_error_arrives_at_the_port_as_the_provider_told_it() {
    let _alone = alone();
    let (port, raw) = (Port::new(), mint(0));
    port.associate(raw, 1).unwrap();
    for error in [995, 10040, 10054, 64, 0xC000_0120] {
        let mut ov = block(0);
        complete(raw, &mut ov, error, 12).unwrap();
        let (told, bytes, ..) = port.next();
        let expected = if error == 0xC000_0120 { 995 } else { error };
        assert_eq!((told, bytes), (expected, 12), "{error}");
        assert_eq!(result(raw, &mut ov), (expected, 12), "{error}");
    }
    close(raw).unwrap();
}

/// GetOverlappedResult: who waits there, by event or by the handle, has the result once there is one.
#[test]
fn the_result_of_a_block_can_be_waited_for() {
    let _alone = alone();
    let raw = mint(0);
    let event = event::create(Reset::Manual, false).unwrap().raw();
    for (by, error, bytes) in [(event, 0, 9), (event | 1, 10054, 0), (0, 0, 0)] {
        event::reset(event).unwrap();
        let mut ov = block(by);
        let address = &raw mut *ov as usize;
        let waiter = std::thread::spawn(move || {
            // SAFETY: the block outlives the thread.
            result(raw, unsafe { &mut *(address as *mut OVERLAPPED) })
        });
        complete(raw, &mut ov, error, bytes).unwrap();
        let told = waiter.join().unwrap();
        assert_eq!(told, (error, bytes as u32));
    }
    event::close(event).unwrap();
    close(raw).unwrap();
}

/// CreateIoCompletionPort, "Remarks": a handle has one port.
#[test]
fn a_minted_handle_is_associated_once() {
    let _alone = alone();
    let (first, second, raw) = (Port::new(), Port::new(), mint(0));
    first.associate(raw, 1).unwrap();
    assert_eq!(second.associate(raw, 2), Err(87));
    let mut ov = block(0);
    complete(raw, &mut ov, 0, 5).unwrap();
    assert_eq!(first.next().2, 1);
    assert_eq!(second.next().0, NONE);
    close(raw).unwrap();
}

/// U184: the low bit of the event keeps the packet off the port, and the event is set.
#[test]
fn the_low_bit_of_the_event_suppresses_the_packet() {
    let _alone = alone();
    let (port, raw) = (Port::new(), mint(0));
    port.associate(raw, 1).unwrap();
    let event = event::create(Reset::Manual, false).unwrap().raw();
    let mut ov = block(event | 1);
    complete(raw, &mut ov, 0, 5).unwrap();
    assert_eq!(port.next().0, NONE);
    assert_eq!(look(event), Waited::Signaled(0));
    event::close(event).unwrap();
    close(raw).unwrap();
}

/// U179: without an event the handle itself is what is waited for.
#[test]
fn a_minted_handle_is_signalled_by_a_completion_without_an_event() {
    let _alone = alone();
    let raw = mint(0);
    assert_eq!(look(raw), Waited::TimedOut);
    let mut ov = block(0);
    complete(raw, &mut ov, 0, 5).unwrap();
    assert_eq!(look(raw), Waited::Signaled(0));
    close(raw).unwrap();
}

/// A port that the application closes stays until its files are closed: the packet goes nowhere.
#[test]
fn a_closed_port_is_no_fault() {
    let _alone = alone();
    let raw = mint(0);
    let port = Port::new();
    port.associate(raw, 1).unwrap();
    drop(port);
    let mut ov = block(0);
    assert_eq!(complete(raw, &mut ov, 0, 5), Ok(()));
    close(raw).unwrap();
}

/// U32, U182: CloseHandle by the application ends a minted handle.
#[test]
fn close_handle_ends_a_minted_handle() {
    let _alone = alone();
    let raw = mint(3);
    // SAFETY: the application's own handle.
    assert_ne!(unsafe { CloseHandle(raw as HANDLE) }, 0);
    assert_eq!(minted_context(raw), None);
    let mut ov = block(0);
    assert_eq!(complete(raw, &mut ov, 0, 5), Err(Errno::INVAL));
    assert_eq!(ov.Internal, 0x103);
}

/// Reading a minted handle fails at once; nobody hangs.
#[test]
fn a_minted_handle_cannot_be_read() {
    let _alone = alone();
    let raw = mint(0);
    let (mut byte, mut read) = (0u8, 0);
    let mut ov = windows_sys::Win32::System::IO::OVERLAPPED::default();
    // SAFETY: everything pointed to is a live local; nothing is pending afterwards.
    let done = unsafe { ReadFile(raw as HANDLE, &raw mut byte, 1, &raw mut read, &raw mut ov) };
    // SAFETY: reads a word of the thread.
    assert_eq!((done, unsafe { GetLastError() }), (0, 536));
    close(raw).unwrap();
}

/// U43, U52: a handle of the system's has an owner until that one is taken away.
#[test]
fn a_system_handle_has_an_owner() {
    let _alone = alone();
    let raw = event::create(Reset::Manual, false).unwrap().raw();
    let (first, second): (Arc<dyn Owner>, Arc<dyn Owner>) = (Arc::new(Nobody), Arc::new(Nobody));
    set_owner(raw, Arc::clone(&first)).unwrap();
    set_owner(raw, Arc::clone(&second)).unwrap();
    assert!(!clear_owner_if(raw, &first));
    assert!(Arc::ptr_eq(pin(raw).unwrap().owner().unwrap(), &second));
    assert!(clear_owner_if(raw, &second));
    assert!(pin(raw).unwrap().owner().is_none());
    close(raw).unwrap();
    assert!(pin(STALE).is_none());
    assert_eq!(set_owner(STALE, first), Err(Errno::INVALID_HANDLE));
    assert_eq!(close(STALE), Err(Errno::INVALID_HANDLE));
}

/// U159: a handle that nobody knew when it was looked up may be claimed meanwhile.
#[test]
fn a_pinned_handle_gets_its_first_owner() {
    let _alone = alone();
    let raw = event::create(Reset::Manual, false).unwrap().raw();
    let pinned = pin(raw).unwrap();
    assert!(pinned.owner().is_none());
    set_owner(raw, Arc::new(Nobody)).unwrap();
    assert!(pinned.owner().is_some());
    close(raw).unwrap();
}

/// U121: every handle of which something is known is visited.
#[test]
fn all_known_handles_are_visited() {
    let _alone = alone();
    let mine: Vec<usize> = (0..100).map(|_| mint(0)).collect();
    let mut found = Vec::new();
    for_each(|pin| found.push(pin.handle().raw()));
    assert!(mine.iter().all(|raw| found.contains(raw)));
    mine.into_iter().for_each(|raw| close(raw).unwrap());
}
