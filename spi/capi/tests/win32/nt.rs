//! `NtCreateFile`, `NtDeviceIoControlFile`, `NtClose`, `RtlInitUnicodeString`, `RtlNtStatusToDosError`; and drivers in Rust.

use super::{STALE, error_of, wide};
use core::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use ws2_32::win32::nt::{self, CountedString, ObjectAttributes};
use ws2_32::win32::{device, disk, event, handle, port, wait};
use ws2spi_abi::*;
use ws2spi_kernel::device::{Answer, Device, IoRequest, Opened, Opening, register};

/// Codes of the driver.
const ECHO: u32 = 1;
const KEEP: u32 = 2;
const LOSE: u32 = 3;
const REFUSE: u32 = 4;

/// A driver: it answers with its input, keeps a request, loses it, or refuses.
#[derive(Default)]
struct Driver {
    opened: Mutex<Vec<(u32, u32, Vec<u8>)>>,
    kept: Mutex<Vec<Arc<IoRequest>>>,
}

struct File(Arc<Driver>);

/// What is registered.
struct Registered(Arc<Driver>);

impl Device for Registered {
    fn open(&self, opening: &Opening<'_>) -> Result<Arc<dyn Opened>, NtStatus> {
        let seen = (
            opening.disposition,
            opening.options,
            opening.extended.to_vec(),
        );
        self.0.opened.lock().expect("a test failed").push(seen);
        Ok(Arc::new(File(Arc::clone(&self.0))))
    }
}

impl Opened for File {
    fn serve(&self, request: &Arc<IoRequest>) -> Answer {
        match request.operation() {
            ws2spi_kernel::device::Operation::Control(ECHO) => {
                let moved = request.write_output(&request.input());
                Answer::Done(NtStatus::SUCCESS, moved)
            }
            ws2spi_kernel::device::Operation::Control(KEEP) => {
                self.0
                    .kept
                    .lock()
                    .expect("a test failed")
                    .push(Arc::clone(request));
                Answer::Pending
            }
            ws2spi_kernel::device::Operation::Control(LOSE) => Answer::Pending,
            _ => Answer::Done(NtStatus::ACCESS_DENIED, 0),
        }
    }
}

impl Driver {
    fn registered(name: &str) -> Arc<Self> {
        let driver = Arc::new(Self::default());
        assert_eq!(
            register(name, Arc::new(Registered(Arc::clone(&driver)))),
            Ok(())
        );
        driver
    }

    fn complete(&self, bytes: usize) {
        let request = self.kept.lock().expect("a test failed").pop();
        let request = request.expect("a request is kept");
        assert_eq!(request.write_output(b"later"), 5);
        assert_eq!(request.complete(NtStatus::SUCCESS, bytes), Ok(()));
        assert_eq!(
            (request.input(), request.write_output(b"x")),
            (Vec::new(), 0),
            "it is over"
        );
    }
}

fn counted(units: &[u16]) -> CountedString {
    let mut string = CountedString {
        length: 9,
        maximum_length: 9,
        buffer: null_mut(),
    };
    // SAFETY: a live local, NUL-terminated.
    unsafe { nt::init_string(&raw mut string, units.as_ptr()) };
    string
}

/// Opens a device with a disposition, options and what is extended.
fn open(
    name: &str,
    disposition: u32,
    options: u32,
    extended: &[u8],
) -> (NtStatus, HANDLE, [usize; 2]) {
    let units = wide(name);
    let name = counted(&units);
    let attributes = ObjectAttributes {
        length: 48,
        root: 0,
        name: &raw const name,
        attributes: 0x40,
        security: null(),
        quality: null(),
    };
    let (mut file, mut block) = (0, [7, 7]);
    let (place, state) = (&raw mut file, block.as_mut_ptr());
    let (more, size) = (extended.as_ptr(), extended.len() as u32);
    // SAFETY: live locals.
    let status = unsafe {
        nt::create_file(
            place,
            3,
            &raw const attributes,
            state,
            null(),
            0,
            7,
            disposition,
            options,
            more,
            size,
        )
    };
    (status, file, block)
}

/// A control with its whole telling.
fn control(
    file: HANDLE,
    event: HANDLE,
    routine: RawCallback,
    context: usize,
    block: &mut [usize; 2],
    code: u32,
    output: &mut [u8; 5],
) -> NtStatus {
    let (input, context) = (
        b"input".as_ptr(),
        std::ptr::with_exposed_provenance_mut(context),
    );
    let (state, out) = (block.as_mut_ptr(), output.as_mut_ptr());
    // SAFETY: live locals, which the tests keep until the operation is over.
    unsafe { nt::device_control(file, event, routine, context, state, code, input, 5, out, 5) }
}

// MSDN "NtCreateFile": the driver sees disposition, options and the extended attributes; FILE_OPENED goes into the block.
#[test]
fn a_device_is_opened_by_its_native_name() {
    let driver = Driver::registered("nt-open");
    let (status, file, block) = open("\\Device\\nt-open\\path", 3, 0x20, b"packet");
    assert_eq!((status, block), (NtStatus::SUCCESS, [0, 1]));
    assert_eq!(nt::close(file), NtStatus::SUCCESS);
    assert_eq!(nt::close(file), NtStatus::INVALID_HANDLE);
    let path = wide("\\\\.\\nt-open");
    // SAFETY: NUL-terminated.
    let file = unsafe { disk::create_w(path.as_ptr(), 0, 0, null(), 4, 0x4000_0000, 0) };
    assert_eq!(handle::close(file), TRUE);
    let seen = driver.opened.lock().expect("a test failed").clone();
    let expected = vec![(3, 0x20, b"packet".to_vec()), (3, 0x40, Vec::new())];
    assert_eq!(seen, expected, "OPEN_ALWAYS is FILE_OPEN_IF");
    assert_eq!(
        open("\\Device\\nothing", 1, 0, b"").0,
        NtStatus::OBJECT_NAME_NOT_FOUND
    );
    assert_eq!(
        open("\\Device\\nt-open", 6, 0, b"").0,
        NtStatus::INVALID_PARAMETER
    );
    assert_eq!(
        open("", 1, 0, b"").0,
        NtStatus(0xC000_0033),
        "STATUS_OBJECT_NAME_INVALID"
    );
}

static CALLED: AtomicUsize = AtomicUsize::new(0);

extern "system" fn called(context: *mut c_void, block: *mut usize, reserved: u32) {
    // SAFETY: the test's block.
    let information = unsafe { block.wrapping_add(1).read() };
    CALLED.store(context.addr() + information + reserved as usize, SeqCst);
}

// MSDN "NtDeviceIoControlFile": the status at once, or later by event, block and routine.
#[test]
fn a_control_ends_at_once_or_is_told() {
    let driver = Driver::registered("nt-control");
    let (_, file, _) = open("\\Device\\nt-control", 1, 0, b"");
    let (none, mut block, mut output) = (RawCallback::NULL, [7, 7], [0; 5]);
    let status = control(file, 0, none, 0, &mut block, ECHO, &mut output);
    assert_eq!(
        (status, block, &output),
        (NtStatus::SUCCESS, [0, 5], b"input")
    );
    block = [7, 7];
    let refused = control(file, 0, none, 0, &mut block, REFUSE, &mut output);
    assert_eq!(
        (refused, block),
        (NtStatus::ACCESS_DENIED, [7, 7]),
        "only the answer"
    );
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, TRUE, null()) };
    let routine = RawCallback::from_raw(called as *const () as usize);
    let kept = control(file, event, routine, 100, &mut block, KEEP, &mut output);
    assert_eq!(
        (kept, wait::single(event, 0)),
        (NtStatus::PENDING, WAIT_TIMEOUT)
    );
    driver.complete(5);
    assert_eq!(
        (wait::single(event, 0), block, &output),
        (WAIT_OBJECT_0, [0, 5], b"later")
    );
    assert_eq!(wait::sleep_ex(INFINITE, TRUE), WAIT_IO_COMPLETION);
    assert_eq!(CALLED.load(SeqCst), 105);
    assert_eq!(nt::close(file), NtStatus::SUCCESS);
    assert_eq!(handle::close(event), TRUE);
}

// MSDN "NtDeviceIoControlFile", ApcContext: a packet has it; with a port there is no routine.
#[test]
fn a_control_is_told_by_a_packet() {
    let driver = Driver::registered("nt-port");
    let (_, file, _) = open("\\Device\\nt-port", 1, 0, b"");
    let queue = port::create(file, 0, 77, 0);
    let (none, mut block, mut output) = (RawCallback::NULL, [7, 7], [0; 5]);
    let kept = control(file, 0, none, 0x1000, &mut block, KEEP, &mut output);
    assert_eq!(kept, NtStatus::PENDING);
    driver.complete(3);
    let (mut bytes, mut key, mut found) = (0, 0, null_mut());
    // SAFETY: live locals.
    let got = unsafe {
        port::get(
            queue,
            &raw mut bytes,
            &raw mut key,
            &raw mut found,
            INFINITE,
        )
    };
    assert_eq!((got, bytes, key, found.addr()), (TRUE, 3, 77, 0x1000));
    let routine = RawCallback::from_raw(called as *const () as usize);
    let refused = control(file, 0, routine, 1, &mut block, KEEP, &mut output);
    assert_eq!(refused, NtStatus::INVALID_PARAMETER);
    assert_eq!(
        (nt::close(file), handle::close(queue)),
        (NtStatus::SUCCESS, TRUE)
    );
}

// IoRequest: a driver that loses a request has aborted it: STATUS_REQUEST_ABORTED, and nobody waits for ever.
#[test]
fn a_request_that_is_lost_is_aborted() {
    Driver::registered("nt-lost");
    let (_, file, _) = open("\\Device\\nt-lost", 1, 0, b"");
    let (none, mut block, mut output) = (RawCallback::NULL, [7, 7], [0; 5]);
    let lost = control(file, 0, none, 0, &mut block, LOSE, &mut output);
    assert_eq!((lost, block), (NtStatus::PENDING, [0xC000_0240, 0]));
    let (_, waiting, _) = open("\\Device\\nt-lost", 1, 0x20, b"");
    let lost = control(waiting, 0, none, 0, &mut block, LOSE, &mut output);
    assert_eq!(lost, NtStatus::REQUEST_ABORTED);
    assert_eq!(
        [nt::close(file), nt::close(waiting)],
        [NtStatus::SUCCESS; 2]
    );
}

// MSDN "SetFileCompletionNotificationModes", "DeviceIoControl": no packet for what succeeded or failed at once.
#[test]
fn a_device_skips_the_port_on_success() {
    let driver = Driver::registered("nt-modes");
    let (_, file, _) = open("\\Device\\nt-modes", 1, 0, b"");
    let queue = port::create(file, 0, 1, 0);
    let mut block = OVERLAPPED::EMPTY;
    let mut ask = |code| {
        let (input, at) = (b"input".as_ptr(), &raw mut block);
        // SAFETY: live locals, which stay until the operation is over.
        error_of(|| unsafe { device::control(file, code, input, 5, null_mut(), 0, null_mut(), at) })
    };
    let packets = || {
        let (mut bytes, mut key, mut found) = (0, 0, null_mut());
        // SAFETY: live locals.
        unsafe { port::get(queue, &raw mut bytes, &raw mut key, &raw mut found, 0) }
    };
    assert_eq!(
        (ask(ECHO).0, packets()),
        (TRUE, TRUE),
        "a packet, unless asked otherwise"
    );
    assert_eq!(
        (ask(REFUSE), packets()),
        ((FALSE, 5), FALSE),
        "refused at once"
    );
    assert_eq!(port::set_modes(file, 1), TRUE);
    assert_eq!((ask(ECHO).0, packets()), (TRUE, FALSE));
    assert_eq!(ask(KEEP), (FALSE, 997));
    let kept = driver.kept.lock().expect("a test failed").pop();
    assert_eq!(
        kept.expect("it is kept").complete(NtStatus::SUCCESS, 0),
        Ok(())
    );
    assert_eq!(packets(), TRUE, "what ends later is told");
    assert_eq!(
        (nt::close(file), handle::close(queue)),
        (NtStatus::SUCCESS, TRUE)
    );
}

// MSDN "NtDeviceIoControlFile": what is no device, no block, no event.
#[test]
fn what_is_no_device_is_refused() {
    Driver::registered("nt-refused");
    let (_, file, _) = open("\\Device\\nt-refused", 1, 0, b"");
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, TRUE, null()) };
    let (none, mut block, mut output) = (RawCallback::NULL, [7, 7], [0; 5]);
    for (file, event, status) in [
        (STALE, 0, NtStatus::INVALID_HANDLE),
        (event, 0, NtStatus::OBJECT_TYPE_MISMATCH),
        (file, STALE, NtStatus::INVALID_HANDLE),
        (file, file, NtStatus::OBJECT_TYPE_MISMATCH),
    ] {
        assert_eq!(
            control(file, event, none, 0, &mut block, ECHO, &mut output),
            status
        );
    }
    let (nothing, no_block) = (null_mut(), null_mut());
    // SAFETY: NULL is looked for.
    let refused = unsafe {
        nt::device_control(
            file,
            0,
            none,
            nothing,
            no_block,
            ECHO,
            null(),
            0,
            null_mut(),
            0,
        )
    };
    assert_eq!(refused, NtStatus::ACCESS_VIOLATION);
    // SAFETY: NULL is looked for.
    let refused = unsafe {
        nt::create_file(
            null_mut(),
            0,
            null(),
            null_mut(),
            null(),
            0,
            0,
            1,
            0,
            null(),
            0,
        )
    };
    assert_eq!(refused, NtStatus::ACCESS_VIOLATION);
    assert_eq!(
        (nt::close(file), handle::close(event)),
        (NtStatus::SUCCESS, TRUE)
    );
}

// MSDN "RtlInitUnicodeString", "RtlNtStatusToDosError"
#[test]
fn strings_are_counted_and_statuses_have_codes() {
    let units = wide("abc");
    let string = counted(&units);
    assert_eq!((string.length, string.maximum_length), (6, 8));
    assert_eq!(string.buffer.cast_const(), units.as_ptr());
    let mut empty = string;
    // SAFETY: a live local.
    unsafe { nt::init_string(&raw mut empty, null()) };
    assert_eq!((empty.length, empty.maximum_length), (0, 0));
    let long = counted(&wide(&"x".repeat(40_000)));
    assert_eq!((long.length, long.maximum_length), (0xfffc, 0xfffe));
    for (status, code) in [
        (NtStatus::SUCCESS, 0),
        (NtStatus::PENDING, 997),
        (NtStatus::OBJECT_NAME_NOT_FOUND, 2),
        (NtStatus(0xC000_0033), 123),
        (NtStatus::REQUEST_ABORTED, 1235),
        (NtStatus(0xC0AA_0001), 317),
    ] {
        assert_eq!(nt::to_win32(status), code, "{status:?}");
    }
}
