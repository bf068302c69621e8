//! The native functions that base providers over a driver call: `NtCreateFile`, `NtDeviceIoControlFile` and their kin.
//!
//! They open and ask the devices of the program, as `CreateFile` and `DeviceIoControl` do, and answer with a status. The last error stays.

use crate::table::exports;
use crate::text;
use core::ffi::c_void;
use ws2spi_abi::args::{HeldBuffers, HeldBuffersMut, StatusBlock};
use ws2spi_abi::*;
use ws2spi_kernel::device::{self, DeviceFile, Opening, Operation, Telling};
use ws2spi_kernel::event;
use ws2spi_kernel::file::Overlapping;
use ws2spi_kernel::handles;
use ws2spi_kernel::thread::{self, Apc};

/// A counted string.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[doc(alias = "UNICODE_STRING")]
pub struct CountedString {
    /// Bytes, without a NUL.
    pub length: u16,
    /// Bytes of room.
    pub maximum_length: u16,
    /// The units.
    pub buffer: *mut u16,
}

/// What is to be opened.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[doc(alias = "OBJECT_ATTRIBUTES")]
pub struct ObjectAttributes {
    /// The size of the structure in bytes.
    pub length: u32,
    /// What the name begins at.
    pub root: HANDLE,
    /// The name.
    pub name: *const CountedString,
    /// Flags.
    pub attributes: u32,
    /// Security.
    pub security: *const c_void,
    /// More of it.
    pub quality: *const c_void,
}

/// `PIO_APC_ROUTINE`.
type Routine = unsafe extern "system" fn(*mut c_void, *mut usize, u32);

/// `STATUS_OBJECT_NAME_INVALID`.
const OBJECT_NAME_INVALID: NtStatus = NtStatus(0xC000_0033);
const FILE_OPENED: usize = 1;
const FILE_SYNCHRONOUS_IO_ALERT: u32 = 0x10;
const FILE_SYNCHRONOUS_IO_NONALERT: u32 = 0x20;
const FILE_MAXIMUM_DISPOSITION: u32 = 5;

/// The units of a counted string.
///
/// # Safety
/// `name` is null or a string whose buffer has as many bytes as it says.
unsafe fn units_of(name: *const CountedString) -> Option<Vec<u16>> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller's contract; not null.
    let name = unsafe { name.read_unaligned() };
    let count = usize::from(name.length / 2);
    if name.buffer.is_null() {
        return (count == 0).then(Vec::new);
    }
    let unit = |at| {
        // SAFETY: the caller's contract: so many units are readable.
        unsafe { name.buffer.wrapping_add(at).read_unaligned() }
    };
    Some((0..count).map(unit).collect())
}

/// Opens a device of the program's own, with what `extended` has for its driver; `FILE_OPENED` and the status go into the block.
///
/// `STATUS_ACCESS_VIOLATION` (no place for the handle, no attributes, no block; a length without what is extended),
/// `STATUS_INVALID_PARAMETER` (attributes of another size, a disposition that does not exist), `STATUS_OBJECT_NAME_INVALID` (no name),
/// `STATUS_NOT_SUPPORTED` (a name below another handle), `STATUS_OBJECT_NAME_NOT_FOUND` (no such device: files of the system's are for
/// `CreateFile`), `STATUS_INSUFFICIENT_RESOURCES`, and the driver's own. The allocation size and the attributes of the file change
/// nothing. Blocks as the driver does; any thread. Microsoft: "NtCreateFile function (winternl.h)".
///
/// # Safety
/// `place` is null or writable, `attributes` null or such a structure with a readable name, `block` null or two words; `extended` has
/// `extended_size` bytes or is null.
#[doc(alias = "NtCreateFile")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_file(
    place: *mut HANDLE,
    access: u32,
    attributes: *const ObjectAttributes,
    block: *mut usize,
    _allocation: *const i64,
    _file_attributes: u32,
    sharing: u32,
    disposition: u32,
    options: u32,
    extended: *const u8,
    extended_size: u32,
) -> NtStatus {
    // SAFETY: the caller's contract.
    let Some(block) = (unsafe { StatusBlock::new(block) }) else {
        return NtStatus::ACCESS_VIOLATION;
    };
    let missing = extended.is_null() && extended_size > 0;
    if place.is_null() || attributes.is_null() || missing {
        return NtStatus::ACCESS_VIOLATION;
    }
    // SAFETY: the caller's contract; not null.
    let attributes = unsafe { attributes.read_unaligned() };
    let sized = attributes.length as usize == size_of::<ObjectAttributes>();
    if !sized || disposition > FILE_MAXIMUM_DISPOSITION {
        return NtStatus::INVALID_PARAMETER;
    }
    if attributes.root != 0 {
        return NtStatus::NOT_SUPPORTED;
    }
    // SAFETY: the caller's contract.
    let name = unsafe { units_of(attributes.name) }.filter(|name| !name.is_empty());
    let Some(name) = name else {
        return OBJECT_NAME_INVALID;
    };
    let extended = if extended_size == 0 {
        &[]
    } else {
        // SAFETY: the caller's contract; not null.
        unsafe { std::slice::from_raw_parts(extended, extended_size as usize) }
    };
    let synchronous = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;
    let overlapping = if options & synchronous == 0 {
        Overlapping::Allowed
    } else {
        Overlapping::Synchronous
    };
    let opening = Opening {
        path: "",
        access,
        sharing,
        disposition,
        options,
        extended,
    };
    match device::open(&String::from_utf16_lossy(&name), opening, overlapping) {
        Ok(handle) => {
            // SAFETY: the caller's contract; not null.
            unsafe { place.write_unaligned(handle.raw()) };
            block.finish(NtStatus::SUCCESS, FILE_OPENED);
            NtStatus::SUCCESS
        }
        Err(status) => status,
    }
}

/// Asks a device for something: its status, `STATUS_PENDING` while the operation goes on. The end is told by the block, by the event or
/// the file without one, by the routine, which is an APC of this thread, and, with a context and without a routine, by a packet that has
/// the context as its `OVERLAPPED`. An error that the driver answers at once is the answer only. On a file that was opened for synchronous
/// use it returns when the operation has ended.
///
/// `STATUS_ACCESS_VIOLATION` (no block, a size without a buffer), `STATUS_INVALID_HANDLE` (stale, or the event), `STATUS_OBJECT_TYPE_MISMATCH`
/// (no file, no event), `STATUS_INVALID_DEVICE_REQUEST` (a file that is no device), `STATUS_INVALID_PARAMETER` (a routine on a file with a
/// port), and the driver's own. Any thread. Microsoft: "NtDeviceIoControlFile function (winternl.h)".
///
/// # Safety
/// `block` is null or two words, `input` and `output` are null or buffers of these sizes, and the routine is null or of that type; all of
/// them stay until the operation is over.
#[doc(alias = "NtDeviceIoControlFile")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn device_control(
    handle: HANDLE,
    event: HANDLE,
    routine: RawCallback,
    context: *mut c_void,
    block: *mut usize,
    code: u32,
    input: *const u8,
    input_size: u32,
    output: *mut u8,
    output_size: u32,
) -> NtStatus {
    let Some(pinned) = handles::pin(handle) else {
        return NtStatus::INVALID_HANDLE;
    };
    let object = pinned.object().cloned();
    drop(pinned);
    let Some(object) = object.filter(|object| object.as_file().is_some()) else {
        return NtStatus::OBJECT_TYPE_MISMATCH;
    };
    let no_input = input.is_null() && input_size > 0;
    let no_output = output.is_null() && output_size > 0;
    // SAFETY: the caller's contract.
    let Some(state) = (unsafe { StatusBlock::new(block) }).filter(|_| !no_input && !no_output)
    else {
        return NtStatus::ACCESS_VIOLATION;
    };
    let Some(file) = object.downcast_ref::<DeviceFile>() else {
        return NtStatus::INVALID_DEVICE_REQUEST;
    };
    let event = match event {
        0 => None,
        raw => match event::from_handle(raw) {
            Ok(event) => Some(event),
            Err(_) if handles::pin(raw).is_some() => return NtStatus::OBJECT_TYPE_MISMATCH,
            Err(_) => return NtStatus::INVALID_HANDLE,
        },
    };
    // SAFETY: the caller's contract: null or that type.
    let routine = unsafe { std::mem::transmute::<usize, Option<Routine>>(routine.as_raw()) };
    let packet = Some(context.expose_provenance()).filter(|it| *it != 0 && routine.is_none());
    let routine = routine.map(|routine| {
        let (context, block) = (context.expose_provenance(), block.expose_provenance());
        let thread = thread::current();
        thread.expect_apcs();
        let apc = Apc::new(move || {
            let context = std::ptr::with_exposed_provenance_mut(context);
            let block = std::ptr::with_exposed_provenance_mut(block);
            // SAFETY: the caller of `device_control` vouched for it.
            unsafe { routine(context, block, 0) };
        });
        (thread, apc)
    });
    if routine.is_some() && object.as_file().is_some_and(|file| file.state().has_port()) {
        return NtStatus::INVALID_PARAMETER;
    }
    let telling = Telling::to(state, event, packet, routine);
    // SAFETY: the caller's contract.
    let input = unsafe { HeldBuffers::of_one(input, input_size) };
    // SAFETY: as above.
    let output = unsafe { HeldBuffersMut::of_one(output, output_size) };
    let (status, _) = file.submit(Operation::Control(code), input, output, Some(telling));
    status
}

/// Closes a handle: `STATUS_INVALID_HANDLE` for a stale one. Microsoft: "NtClose function (winternl.h)".
#[doc(alias = "NtClose")]
#[must_use]
pub fn close(handle: HANDLE) -> NtStatus {
    match handles::close(handle) {
        Ok(()) => NtStatus::SUCCESS,
        Err(_) => NtStatus::INVALID_HANDLE,
    }
}

/// Makes a counted string of a NUL-terminated one, which it refers to; of NULL an empty one. What is longer than 32,766 units is cut.
/// Microsoft: "RtlInitUnicodeString function (winternl.h)".
///
/// # Safety
/// `string` is null or writable, `source` is null or NUL-terminated.
#[doc(alias = "RtlInitUnicodeString")]
pub unsafe fn init_string(string: *mut CountedString, source: PCWSTR) {
    const LONGEST: usize = 0x7ffe;
    // SAFETY: the caller's contract.
    let units = unsafe { text::wide_units(source) }.map_or(0, |units| units.len().min(LONGEST));
    let length = units as u16 * 2;
    let made = CountedString {
        length,
        maximum_length: if source.is_null() { 0 } else { length + 2 },
        buffer: source.cast_mut(),
    };
    if !string.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { string.write_unaligned(made) };
    }
}

/// The Win32 code of a status: 0 for a success, `ERROR_IO_PENDING` for `STATUS_PENDING`, `ERROR_MR_MID_NOT_FOUND` for one that is not
/// known. Microsoft: "RtlNtStatusToDosError function (winternl.h)".
#[doc(alias = "RtlNtStatusToDosError")]
#[must_use]
pub fn to_win32(status: NtStatus) -> u32 {
    let code = match status {
        OBJECT_NAME_INVALID => Some(Errno::INVALID_NAME),
        status if status.is_pending() => Some(Errno::IO_PENDING),
        status => status.win32(),
    };
    code.map_or(0, |code| code.code().cast_unsigned())
}

exports! {
    "NtCreateFile" nt_create_file(
        place: *mut HANDLE, access: u32, attributes: *const ObjectAttributes, block: *mut usize, allocation: *const i64,
        file_attributes: u32, sharing: u32, disposition: u32, options: u32, extended: *const u8, extended_size: u32
    ) -> NtStatus = NtStatus::INSUFFICIENT_RESOURCES => create_file;
    "NtDeviceIoControlFile" nt_device_io_control_file(
        handle: HANDLE, event: HANDLE, routine: RawCallback, context: *mut c_void, block: *mut usize, code: u32, input: *const u8,
        input_size: u32, output: *mut u8, output_size: u32
    ) -> NtStatus = NtStatus::INSUFFICIENT_RESOURCES => device_control;
    "NtClose" nt_close(handle: HANDLE) -> NtStatus = NtStatus::INVALID_HANDLE => close;
    "RtlInitUnicodeString" rtl_init_unicode_string(string: *mut CountedString, source: PCWSTR) => init_string;
    "RtlNtStatusToDosError" rtl_nt_status_to_dos_error(status: NtStatus) -> u32 = 317 => to_win32;
}
