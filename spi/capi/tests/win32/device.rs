//! `DeviceIoControl`, and the hook that drivers fill.

use super::{STALE, error_of, wide};
use core::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use ws2_32::win32::device::{self, Driver, DriverOpening, DriverRequest};
use ws2_32::win32::{disk, event, file, handle, port, wait};
use ws2spi_abi::*;

const OPEN_EXISTING: u32 = 3;
const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
/// Codes of the driver below.
const COPY: u32 = 1;
const OVERFLOW: u32 = 2;
const REFUSE: u32 = 3;
const KEEP: u32 = 4;

/// What a driver has seen.
#[derive(Default)]
struct Board {
    kept: Mutex<Vec<u64>>,
    seen: Mutex<Vec<String>>,
}

impl Board {
    fn note(&self, what: String) {
        self.seen.lock().expect("a test failed").push(what);
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().expect("a test failed"))
    }

    fn take_kept(&self) -> u64 {
        let kept = self.kept.lock().expect("a test failed").pop();
        kept.expect("a request is kept")
    }
}

/// # Safety
/// `file` is a board that was leaked.
unsafe fn board(file: *mut c_void) -> &'static Board {
    // SAFETY: the caller's contract.
    unsafe { &*file.cast::<Board>() }
}

unsafe extern "C" fn open(
    context: *mut c_void,
    opening: *const DriverOpening,
    file: *mut *mut c_void,
) -> NtStatus {
    // SAFETY: the library passes one.
    let opening = unsafe { &*opening };
    let units = (0..).map_while(|at| {
        // SAFETY: NUL-terminated, and the NUL ends it.
        let unit = unsafe { opening.path.wrapping_add(at).read() };
        (unit != 0).then_some(unit)
    });
    let path = String::from_utf16_lossy(&units.collect::<Vec<_>>());
    if path == "\\closed" {
        return NtStatus::ACCESS_DENIED;
    }
    // SAFETY: the context of these drivers.
    unsafe { board(context) }.note(format!("open {path} {:#x}", opening.access));
    // SAFETY: the library's place for it.
    unsafe { file.write(context) };
    NtStatus::SUCCESS
}

unsafe extern "C" fn serve(
    file: *mut c_void,
    request: *const DriverRequest,
    bytes: *mut usize,
) -> NtStatus {
    // SAFETY: what `open` said.
    let board = unsafe { board(file) };
    // SAFETY: the library passes one.
    let request = unsafe { &*request };
    let (status, moved) = match (request.operation, request.code) {
        (0, COPY) => (
            NtStatus::SUCCESS,
            request.input_size.min(request.output_size),
        ),
        (0, OVERFLOW) => (NtStatus::BUFFER_OVERFLOW, request.output_size),
        (0, KEEP) => {
            let mut kept = board.kept.lock().expect("a test failed");
            kept.push(request.number);
            return NtStatus::PENDING;
        }
        (1 | 2, _) => {
            let (operation, offset) = (request.operation, request.offset);
            board.note(format!("transfer {operation} at {offset}"));
            (NtStatus::SUCCESS, request.input_size + request.output_size)
        }
        _ => (NtStatus::NOT_SUPPORTED, 7),
    };
    if request.code == COPY {
        // SAFETY: buffers of these sizes.
        unsafe { request.output.copy_from(request.input, moved as usize) };
    }
    // SAFETY: the library's place for it.
    unsafe { bytes.write(moved as usize) };
    status
}

unsafe extern "C" fn cancel(_file: *mut c_void, number: u64) {
    assert_eq!(device::complete(number, NtStatus::CANCELLED, 0), TRUE);
}

unsafe extern "C" fn cleanup(file: *mut c_void) {
    // SAFETY: what `open` said.
    let board = unsafe { board(file) };
    board.note("cleanup".into());
    for number in board.kept.lock().expect("a test failed").drain(..) {
        let _ = device::complete(number, NtStatus::CANCELLED, 0);
    }
}

unsafe extern "C" fn close(file: *mut c_void) {
    // SAFETY: what `open` said.
    unsafe { board(file) }.note("close".into());
}

fn register(name: &str, driver: &Driver) -> BOOL {
    let name = wide(name);
    // SAFETY: NUL-terminated; functions of this file.
    unsafe { device::register(name.as_ptr(), driver) }
}

/// A device of that name, and what it sees.
fn device(name: &str) -> &'static Board {
    let board: &'static Board = Box::leak(Box::default());
    let driver = driver(board);
    assert_eq!(register(name, &driver), TRUE);
    board
}

fn driver(board: &'static Board) -> Driver {
    Driver {
        size: size_of::<Driver>() as u32,
        context: std::ptr::from_ref(board).cast_mut().cast(),
        open: Some(open),
        serve: Some(serve),
        cancel: Some(cancel),
        cleanup: Some(cleanup),
        close: Some(close),
    }
}

fn create(path: &str, flags: u32) -> HANDLE {
    let path = wide(path);
    // SAFETY: NUL-terminated.
    unsafe { disk::create_w(path.as_ptr(), 5, 0, null(), OPEN_EXISTING, flags, 0) }
}

fn unregister(name: &str) -> BOOL {
    let name = wide(name);
    // SAFETY: NUL-terminated.
    unsafe { device::unregister(name.as_ptr()) }
}

/// A control without an OVERLAPPED: the answer, the count, the output.
fn control(file: HANDLE, code: u32, input: &[u8]) -> ((BOOL, u32), u32, [u8; 4]) {
    let (mut output, mut count) = ([0; 4], 99);
    let answer = error_of(|| {
        let (to, size) = (output.as_mut_ptr(), input.len() as u32);
        // SAFETY: live locals of these sizes.
        unsafe {
            let count = &raw mut count;
            device::control(file, code, input.as_ptr(), size, to, 4, count, null_mut())
        }
    });
    (answer, count, output)
}

/// A control that the driver keeps.
fn keep(file: HANDLE, block: &mut OVERLAPPED) -> (BOOL, u32) {
    let none = null_mut();
    // SAFETY: the block outlives the request in these tests.
    error_of(|| unsafe { device::control(file, KEEP, null(), 0, none, 0, null_mut(), block) })
}

fn result(file: HANDLE, block: &mut OVERLAPPED, wait: BOOL) -> ((BOOL, u32), u32) {
    let mut count = 99;
    // SAFETY: a block of a request, a live local.
    let answer = error_of(|| unsafe { file::result(file, block, &raw mut count, wait) });
    (answer, count)
}

// MSDN "DeviceIoControl": TRUE and the count; a warning has a count as well, an error has none.
#[test]
fn a_control_is_answered_by_the_driver() {
    device("Answers");
    let file = create("\\\\.\\ANSWERS", 0);
    let (answer, count, output) = control(file, COPY, b"abc");
    assert_eq!((answer.0, count, &output[..3]), (TRUE, 3, &b"abc"[..]));
    let (answer, count, _) = control(file, OVERFLOW, b"");
    assert_eq!((answer, count), ((FALSE, 234), 4), "ERROR_MORE_DATA");
    let (answer, count, _) = control(file, REFUSE, b"");
    assert_eq!((answer, count), ((FALSE, 50), 99), "ERROR_NOT_SUPPORTED");
    assert_eq!(handle::close(file), TRUE);
    assert_eq!(unregister("Answers"), TRUE);
}

// MSDN "DeviceIoControl", "CreateFileW": what is no device, no buffer, no file.
#[test]
fn what_is_no_device_cannot_be_controlled() {
    device("Refuses");
    let file = create("\\Device\\Refuses", 0);
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    for raw in [0, STALE, event] {
        assert_eq!(control(raw, COPY, b"").0, (FALSE, 6));
    }
    let program = std::env::current_exe().expect("a test is a program");
    let path = wide(program.to_str().expect("a plain path"));
    // SAFETY: NUL-terminated.
    let disk = unsafe { disk::create_w(path.as_ptr(), 0x8000_0000, 1, null(), 3, 0, 0) };
    assert_eq!(
        control(disk, COPY, b"").0,
        (FALSE, 1),
        "ERROR_INVALID_FUNCTION"
    );
    assert_eq!(handle::close(disk), TRUE);
    let none = null_mut();
    // SAFETY: null.
    let no_count =
        || unsafe { device::control(file, COPY, null(), 0, null_mut(), 0, null_mut(), none) };
    assert_eq!(error_of(no_count), (FALSE, 998));
    let mut count = 0;
    // SAFETY: no buffer, a live local.
    let no_input =
        || unsafe { device::control(file, COPY, null(), 1, null_mut(), 0, &raw mut count, none) };
    assert_eq!(error_of(no_input), (FALSE, 998));
    for (path, error) in [("\\\\.\\Nobody", 2), ("\\\\.\\Refuses\\closed", 5)] {
        let opened = error_of(|| create(path, 0));
        assert_eq!(opened, (INVALID_HANDLE_VALUE, error), "{path}");
    }
    assert_eq!((handle::close(file), handle::close(event)), (TRUE, TRUE));
    assert_eq!(unregister("Refuses"), TRUE);
}

// MSDN "DeviceIoControl", lpOverlapped: the event is set when the driver completes the request, and once only.
#[test]
fn a_request_that_is_kept_ends_with_its_event() {
    let board = device("Keeps");
    let file = create("\\\\.\\Keeps", FILE_FLAG_OVERLAPPED);
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, TRUE, null()) };
    let mut block = OVERLAPPED {
        hEvent: event,
        ..OVERLAPPED::EMPTY
    };
    assert_eq!(keep(file, &mut block), (FALSE, 997), "ERROR_IO_PENDING");
    assert_eq!(wait::single(event, 0), WAIT_TIMEOUT);
    assert_eq!(result(file, &mut block, FALSE).0, (FALSE, 996));
    let number = board.take_kept();
    let pending = error_of(|| device::complete(number, NtStatus::PENDING, 0));
    assert_eq!(pending, (FALSE, 87));
    let other = std::thread::spawn(move || device::complete(number, NtStatus::SUCCESS, 5));
    assert_eq!(wait::single(event, u32::MAX), WAIT_OBJECT_0);
    assert_eq!(result(file, &mut block, TRUE), ((TRUE, 0xdead), 5));
    assert_eq!(other.join().expect("no panic"), TRUE);
    let twice = error_of(|| device::complete(number, NtStatus::SUCCESS, 5));
    assert_eq!(twice, (FALSE, 6));
    block.hEvent = STALE;
    assert_eq!(keep(file, &mut block), (FALSE, 6), "hEvent is no event");
    assert_eq!((handle::close(file), handle::close(event)), (TRUE, TRUE));
    assert_eq!(unregister("Keeps"), TRUE);
}

// MSDN "DeviceIoControl": without FILE_FLAG_OVERLAPPED the call returns when the operation is over.
#[test]
fn a_synchronous_file_waits_for_its_driver() {
    let board = device("Waits");
    let file = create("\\\\.\\Waits", 0);
    let caller = std::thread::spawn(move || control(file, KEEP, b"").0.0);
    let number = loop {
        let kept = board.kept.lock().expect("a test failed").pop();
        match kept {
            Some(number) => break number,
            None => std::thread::yield_now(),
        }
    };
    assert_eq!(device::complete(number, NtStatus::SUCCESS, 0), TRUE);
    assert_eq!(caller.join().expect("no panic"), TRUE);
    assert_eq!(handle::close(file), TRUE);
    assert_eq!(unregister("Waits"), TRUE);
}

// MSDN "CreateIoCompletionPort", "CancelIoEx": a device is a file like any other: packets, and cancelling.
#[test]
fn a_device_has_packets_and_is_cancelled_on() {
    let board = device("Packets");
    let file = create("\\\\.\\Packets", FILE_FLAG_OVERLAPPED);
    let port = port::create(file, 0, 77, 0);
    assert_ne!(port, 0);
    let mut block = OVERLAPPED::EMPTY;
    assert_eq!(
        error_of(|| file::cancel_one(file, &raw mut block)),
        (FALSE, 1168)
    );
    assert_eq!(keep(file, &mut block), (FALSE, 997));
    board.take_kept();
    assert_eq!(file::cancel_one(file, &raw mut block), TRUE);
    let (mut bytes, mut key, mut told) = (99, 0, null_mut());
    // SAFETY: live locals.
    let got = error_of(|| unsafe {
        let told = &raw mut told;
        port::get(port, &raw mut bytes, &raw mut key, told, u32::MAX)
    });
    assert_eq!(got, (FALSE, 995), "ERROR_OPERATION_ABORTED");
    assert_eq!((bytes, key, told), (0, 77, &raw mut block));
    assert_eq!((handle::close(file), handle::close(port)), (TRUE, TRUE));
    assert_eq!(unregister("Packets"), TRUE);
}

// MSDN "ReadFile", "WriteFile": requests with an offset; IRP_MJ_CLEANUP with the last handle, IRP_MJ_CLOSE with the last request.
#[test]
fn a_driver_sees_a_file_from_its_opening_to_its_end() {
    let board = device("Sees");
    let file = create("\\\\.\\Sees\\a\\b", FILE_FLAG_OVERLAPPED);
    assert_eq!(board.seen(), ["open \\a\\b 0x5"]);
    let mut block = OVERLAPPED {
        Offset: 6,
        ..OVERLAPPED::EMPTY
    };
    let (mut room, mut count) = ([0; 3], 0);
    // SAFETY: live locals of these sizes.
    let done = unsafe { file::read(file, room.as_mut_ptr(), 3, &raw mut count, &raw mut block) };
    assert_eq!((done, count), (TRUE, 3));
    // SAFETY: as above.
    let done = unsafe { file::write(file, room.as_ptr(), 2, &raw mut count, null_mut()) };
    assert_eq!((done, count), (TRUE, 2));
    assert_eq!(board.seen(), ["transfer 1 at 6", "transfer 2 at 0"]);
    assert_eq!(unregister("Sees"), TRUE);
    assert_eq!(keep(file, &mut block), (FALSE, 997), "open files stay open");
    assert_eq!(handle::close(file), TRUE);
    assert_eq!(board.seen(), ["cleanup", "close"]);
    assert_eq!(block.Internal, 0xC000_0120);
}

// ws2spi/device.h: the errors of the hook.
#[test]
fn a_driver_has_a_name_of_its_own_and_a_size() {
    let board = device("Named");
    let good = driver(board);
    let short = Driver { size: 8, ..good };
    assert_eq!(error_of(|| register("NAMED", &good)), (FALSE, 183));
    assert_eq!(error_of(|| register("\\\\.\\Named", &good)), (FALSE, 183));
    assert_eq!(error_of(|| register("", &good)), (FALSE, 123));
    assert_eq!(error_of(|| register("a\\b", &good)), (FALSE, 123));
    assert_eq!(error_of(|| register("Other", &short)), (FALSE, 87));
    let name = wide("Other");
    // SAFETY: no structure.
    let nothing = error_of(|| unsafe { device::register(name.as_ptr(), null()) });
    assert_eq!(nothing, (FALSE, 87));
    assert_eq!(unregister("Named"), TRUE);
    assert_eq!(error_of(|| unregister("Named")), (FALSE, 2));
    assert_eq!(error_of(|| unregister("")), (FALSE, 123));
}
