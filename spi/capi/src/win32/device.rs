//! `DeviceIoControl`, and the hook by which a program has devices of its own: drivers written in C.
//!
//! A driver is a structure of functions (`ws2spi/device.h`) that is registered under a name; what they owe is said there. Files that
//! are opened on it keep it, also after it was taken away. The requests that a driver keeps are known to it by numbers, so that one
//! that is completed twice is an error and nothing else.

use super::{or, truth};
use crate::table::exports;
use crate::text;
use core::ffi::c_void;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use ws2spi_abi::args::{HeldBuffers, HeldBuffersMut, Overlapped};
use ws2spi_abi::*;
use ws2spi_kernel::device::{
    self, Answer, Device, DeviceFile, IoRequest, Opened, Opening, Operation, Telling,
};
use ws2spi_kernel::file::Overlapping;
use ws2spi_kernel::handles;

/// How a device is opened, as a driver sees it.
#[repr(C)]
#[derive(Debug)]
#[doc(alias = "WS2SPI_DEVICE_OPENING")]
pub struct DriverOpening {
    /// What follows the device's name; empty for the device itself.
    pub path: PCWSTR,
    /// The rights asked for.
    pub access: u32,
    /// Who else may have it open.
    pub sharing: u32,
    /// `FILE_OPEN` and the others of `NtCreateFile`.
    pub disposition: u32,
    /// `NtCreateFile`'s options.
    pub options: u32,
    /// What only the driver understands.
    pub extended: *const u8,
    /// Its bytes.
    pub extended_size: u32,
}

/// A request, as a driver sees it.
#[repr(C)]
#[derive(Debug)]
#[doc(alias = "WS2SPI_DEVICE_REQUEST")]
pub struct DriverRequest {
    /// Its number, by which it is completed.
    pub number: u64,
    /// 0 control, 1 read, 2 write.
    pub operation: u32,
    /// The code of a control.
    pub code: u32,
    /// Where a read or write begins.
    pub offset: u64,
    /// The input.
    pub input: *const u8,
    /// Where the output goes.
    pub output: *mut u8,
    /// Bytes of input.
    pub input_size: u32,
    /// Bytes of room for output.
    pub output_size: u32,
}

type Open =
    unsafe extern "C" fn(*mut c_void, *const DriverOpening, file: *mut *mut c_void) -> NtStatus;
type Serve = unsafe extern "C" fn(*mut c_void, *const DriverRequest, bytes: *mut usize) -> NtStatus;
type Cancel = unsafe extern "C" fn(*mut c_void, number: u64);
type End = unsafe extern "C" fn(*mut c_void);

/// The functions of a driver. Functions that may be absent: a device without `open` opens always.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[doc(alias = "WS2SPI_DEVICE")]
pub struct Driver {
    /// The size of the structure in bytes.
    pub size: u32,
    /// What `open` is given.
    pub context: *mut c_void,
    /// Somebody opens the device.
    pub open: Option<Open>,
    /// A request.
    pub serve: Option<Serve>,
    /// A request that is kept is to be cancelled.
    pub cancel: Option<Cancel>,
    /// The last handle of a file was closed.
    pub cleanup: Option<End>,
    /// Nobody refers to a file any more.
    pub close: Option<End>,
}

// SAFETY: `register`'s contract: its functions may be called on any thread, several at once.
unsafe impl Send for Driver {}
// SAFETY: as above.
unsafe impl Sync for Driver {}

/// A file that a driver has open.
struct DriverFile {
    driver: Driver,
    /// The driver's own word for it, as an address.
    file: usize,
}

/// The requests that drivers keep.
static KEPT: Mutex<Option<HashMap<u64, Arc<IoRequest>>>> = Mutex::new(None);

impl Device for Driver {
    fn open(&self, opening: &Opening<'_>) -> Result<Arc<dyn Opened>, NtStatus> {
        let path: Vec<u16> = opening.path.encode_utf16().chain(Some(0)).collect();
        let seen = DriverOpening {
            path: path.as_ptr(),
            access: opening.access,
            sharing: opening.sharing,
            disposition: opening.disposition,
            options: opening.options,
            extended: if opening.extended.is_empty() {
                null()
            } else {
                opening.extended.as_ptr()
            },
            extended_size: opening.extended.len() as u32,
        };
        let mut file = null_mut();
        let status = match self.open {
            // SAFETY: `register`'s contract; live locals.
            Some(open) => unsafe { open(self.context, &raw const seen, &raw mut file) },
            None => {
                file = self.context;
                NtStatus::SUCCESS
            }
        };
        // Opening is not something that goes on: a driver that says so has not opened.
        if !status.is_success() {
            return Err(if status.is_pending() {
                NtStatus::INVALID_DEVICE_REQUEST
            } else {
                status
            });
        }
        Ok(Arc::new(DriverFile {
            driver: *self,
            file: file.expose_provenance(),
        }))
    }
}

impl DriverFile {
    fn file(&self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.file)
    }
}

impl Opened for DriverFile {
    fn serve(&self, request: &Arc<IoRequest>) -> Answer {
        let (Some(serve), Some(places)) = (self.driver.serve, request.places()) else {
            return Answer::Done(NtStatus::INVALID_DEVICE_REQUEST, 0);
        };
        let (operation, code, offset) = match request.operation() {
            Operation::Control(code) => (0, code, 0),
            Operation::Read(offset) => (1, 0, offset),
            Operation::Write(offset) => (2, 0, offset),
        };
        let (input, output) = places;
        let seen = DriverRequest {
            number: request.number(),
            operation,
            code,
            offset,
            input: input.map_or(null(), |part| part.buf),
            output: output.map_or(null_mut(), |part| part.buf),
            input_size: input.map_or(0, |part| part.len),
            output_size: output.map_or(0, |part| part.len),
        };
        let number = request.number();
        let keep = Arc::clone(request);
        KEPT.lock().get_or_insert_default().insert(number, keep);
        let mut bytes = 0;
        // SAFETY: `register`'s contract; live locals, and buffers that are the request's until it is complete.
        let status = unsafe { serve(self.file(), &raw const seen, &raw mut bytes) };
        if status.is_pending() {
            return Answer::Pending;
        }
        let _ = take(number);
        Answer::Done(status, bytes)
    }

    fn cancel(&self, request: &Arc<IoRequest>) {
        if let Some(cancel) = self.driver.cancel {
            // SAFETY: `register`'s contract.
            unsafe { cancel(self.file(), request.number()) };
        }
    }

    fn cleanup(&self) {
        if let Some(cleanup) = self.driver.cleanup {
            // SAFETY: `register`'s contract.
            unsafe { cleanup(self.file()) };
        }
    }
}

impl Drop for DriverFile {
    fn drop(&mut self) {
        if let Some(close) = self.driver.close {
            // SAFETY: `register`'s contract; nobody refers to the file any more.
            unsafe { close(self.file()) };
        }
    }
}

fn take(number: u64) -> Option<Arc<IoRequest>> {
    KEPT.lock().as_mut()?.remove(&number)
}

/// Registers a driver: `CreateFile` opens it as `\\.\Name` and `\Device\Name`. The structure is copied.
///
/// `ERROR_INVALID_NAME` (none, or one with a path), `ERROR_INVALID_PARAMETER` (no structure, or one of another size),
/// `ERROR_ALREADY_EXISTS`. Any thread.
///
/// # Safety
/// `name` is null or NUL-terminated; `driver` is null or a structure whose functions may be called on any thread, several at once,
/// until the driver was taken away and its last file closed.
#[doc(alias = "ws2spi_device_register")]
pub unsafe fn register(name: PCWSTR, driver: *const Driver) -> BOOL {
    // SAFETY: the caller's contract.
    let name = unsafe { text::wide(name) }.unwrap_or_default();
    if driver.is_null() {
        return truth(Err(Errno::INVALID_PARAMETER));
    }
    // SAFETY: the caller's contract; not null.
    let driver = unsafe { driver.read_unaligned() };
    if driver.size as usize != size_of::<Driver>() {
        return truth(Err(Errno::INVALID_PARAMETER));
    }
    truth(device::register(&name, Arc::new(driver)))
}

/// Takes a driver away; files that are open stay open. `ERROR_INVALID_NAME`, `ERROR_FILE_NOT_FOUND`. Any thread.
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "ws2spi_device_unregister")]
pub unsafe fn unregister(name: PCWSTR) -> BOOL {
    // SAFETY: the caller's contract.
    let name = unsafe { text::wide(name) }.unwrap_or_default();
    truth(device::unregister(&name))
}

/// Completes a request that a driver kept. `ERROR_INVALID_HANDLE`: no such request, or complete already; `ERROR_INVALID_PARAMETER`
/// for `STATUS_PENDING`. Does not block; any thread.
#[doc(alias = "ws2spi_device_complete")]
pub fn complete(number: u64, status: NtStatus, bytes: usize) -> BOOL {
    if status.is_pending() {
        return truth(Err(Errno::INVALID_PARAMETER));
    }
    let request = take(number).ok_or(Errno::INVALID_HANDLE);
    truth(request.and_then(|request| request.complete(status, bytes)))
}

/// Opens a device by its path, for `CreateFile`.
///
/// # Errors
/// `ERROR_FILE_NOT_FOUND` for a device that is not registered, and what the driver's status is as a Win32 error.
pub(super) fn open(
    path: &str,
    opening: Opening<'_>,
    overlapping: Overlapping,
) -> Result<HANDLE, Errno> {
    let opened = device::open(path, opening, overlapping);
    opened
        .map(|handle| handle.raw())
        .map_err(|status| status.win32().unwrap_or(Errno::GEN_FAILURE))
}

/// Asks a device for something: TRUE and `*returned`, or FALSE and the error; `ERROR_IO_PENDING` when the operation goes on.
/// `ERROR_MORE_DATA` has a count as well. Blocks without an OVERLAPPED, and on a handle that was opened without FILE_FLAG_OVERLAPPED.
///
/// `ERROR_INVALID_HANDLE` (stale, or no file's), `ERROR_INVALID_FUNCTION` for a file that is no device, `ERROR_NOACCESS` (a size
/// without a buffer; neither a count nor an OVERLAPPED), and the driver's own. Any thread.
/// Microsoft: "DeviceIoControl function".
///
/// # Safety
/// `input` and `output` are null or buffers of these sizes, `returned` is null or writable, `overlapped` is null or a block; buffers
/// and block stay valid until the operation is over.
#[doc(alias = "DeviceIoControl")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn control(
    handle: HANDLE,
    code: u32,
    input: *const u8,
    input_size: u32,
    output: *mut u8,
    output_size: u32,
    returned: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    let object = handles::pin(handle).and_then(|pinned| pinned.object().cloned());
    let Some(object) = object.filter(|object| object.as_file().is_some()) else {
        return truth(Err(Errno::INVALID_HANDLE));
    };
    let Some(file) = object.downcast_ref::<DeviceFile>() else {
        return truth(Err(Errno::INVALID_FUNCTION));
    };
    let no_input = input.is_null() && input_size > 0;
    let no_output = output.is_null() && output_size > 0;
    // SAFETY: the caller's contract.
    let block = unsafe { Overlapped::new(overlapped) };
    let nowhere = returned.is_null() && overlapped.is_null();
    if no_input || no_output || nowhere || (block.is_none() && !overlapped.is_null()) {
        return truth(Err(Errno::NOACCESS));
    }
    let telling = match block.as_ref().map(Telling::by).transpose() {
        Ok(telling) => telling,
        Err(error) => return truth(Err(error)),
    };
    // SAFETY: the caller's contract.
    let input = unsafe { HeldBuffers::of_one(input, input_size) };
    // SAFETY: as above.
    let output = unsafe { HeldBuffersMut::of_one(output, output_size) };
    let (status, bytes) = file.submit(Operation::Control(code), input, output, telling);
    if status.is_pending() {
        return truth(Err(Errno::IO_PENDING));
    }
    // Successes and warnings have a count.
    if status.0 < 0xC000_0000 && !returned.is_null() {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        // SAFETY: the caller's contract; not null.
        unsafe { returned.write_unaligned(bytes) };
    }
    or(FALSE, status.win32().map_or(Ok(TRUE), Err))
}

exports! {
    "DeviceIoControl" device_io_control(
        handle: HANDLE, code: u32, input: *const u8, input_size: u32, output: *mut u8, output_size: u32, returned: *mut u32,
        overlapped: *mut OVERLAPPED
    ) -> BOOL = FALSE => control;
    "ws2spi_device_register" device_register(name: PCWSTR, driver: *const Driver) -> BOOL = FALSE => register;
    "ws2spi_device_unregister" device_unregister(name: PCWSTR) -> BOOL = FALSE => unregister;
    "ws2spi_device_complete" device_complete(number: u64, status: NtStatus, bytes: usize) -> BOOL = FALSE => complete;
}
