//! The calls of ntdll that have no counterpart in the Win32 functions: pipes without a name, and packets
//! for a port with any status.
//!
//! Used by `file`.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;

use crate::system;
use crate::system::Owned;

/// `IO_STATUS_BLOCK`: where the system says how an operation ended.
#[repr(C)]
#[derive(Default)]
pub(crate) struct StatusBlock {
    status: usize,
    information: usize,
}

#[repr(C)]
struct UnicodeString {
    length: u16,
    maximum: u16,
    buffer: *const u16,
}

#[repr(C)]
struct ObjectAttributes {
    length: u32,
    root: usize,
    name: *const UnicodeString,
    attributes: u32,
    security: *const c_void,
    quality: *const c_void,
}

#[link(name = "ntdll", kind = "raw-dylib")]
unsafe extern "system" {
    fn NtOpenFile(
        handle: *mut usize,
        access: u32,
        attributes: *const ObjectAttributes,
        status: *mut StatusBlock,
        share: u32,
        options: u32,
    ) -> u32;
    fn NtCreateNamedPipeFile(
        handle: *mut usize,
        access: u32,
        attributes: *const ObjectAttributes,
        status: *mut StatusBlock,
        share: u32,
        disposition: u32,
        options: u32,
        kind: u32,
        read_mode: u32,
        completion_mode: u32,
        instances: u32,
        inbound: u32,
        outbound: u32,
        timeout: *const i64,
    ) -> u32;
    fn NtFsControlFile(
        handle: usize,
        event: usize,
        routine: *const c_void,
        context: *const c_void,
        status: *mut StatusBlock,
        code: u32,
        input: *const c_void,
        input_length: u32,
        output: *mut c_void,
        output_length: u32,
    ) -> u32;
    fn NtCancelIoFileEx(
        handle: usize,
        operation: *const StatusBlock,
        status: *mut StatusBlock,
    ) -> u32;
    fn NtSetIoCompletion(
        port: usize,
        key: usize,
        context: usize,
        status: u32,
        information: usize,
    ) -> u32;
    fn NtQueryEvent(
        event: usize,
        class: u32,
        answer: *mut [u32; 2],
        length: u32,
        written: *mut u32,
    ) -> u32;
    fn RtlNtStatusToDosError(status: u32) -> u32;
}

fn checked(status: u32) -> Result<(), Errno> {
    if status.cast_signed() >= 0 {
        return Ok(());
    }
    // SAFETY: a number for a number.
    let code = unsafe { RtlNtStatusToDosError(status) };
    Err(Errno::new(code.cast_signed()).unwrap_or(Errno::SYSCALLFAILURE))
}

/// Creates a pipe that has no name, so that nobody else can open its other end, for overlapped I/O.
///
/// # Errors
/// The system's.
pub(crate) fn create_nameless_pipe() -> Result<Owned, Errno> {
    let folder = open_pipe_folder()?;
    let nothing = UnicodeString {
        length: 0,
        maximum: 0,
        buffer: ptr::null(),
    };
    let attributes = attributes(folder.raw(), &nothing);
    let (mut pipe, mut status) = (0, StatusBlock::default());
    let timeout = -DEFAULT_TIMEOUT;
    // SAFETY: everything pointed to is a live local of the layout that the system expects; no name.
    let made = unsafe {
        NtCreateNamedPipeFile(
            &raw mut pipe,
            READ_WRITE_WAIT,
            &raw const attributes,
            &raw mut status,
            SHARE_READ_WRITE,
            CREATE,
            0,
            0,
            0,
            0,
            1,
            0,
            0,
            &raw const timeout,
        )
    };
    checked(made).map(|()| Owned::new(pipe))
}

/// The root of the file system of pipes.
fn open_pipe_folder() -> Result<Owned, Errno> {
    let path: Vec<u16> = r"\Device\NamedPipe\".encode_utf16().collect();
    let length = size_of_val(&path[..]) as u16;
    let name = UnicodeString {
        length,
        maximum: length,
        buffer: path.as_ptr(),
    };
    let attributes = attributes(0, &name);
    let (mut folder, mut status) = (0, StatusBlock::default());
    // SAFETY: everything pointed to is alive during the call and of the layout that the system expects.
    let opened = unsafe {
        NtOpenFile(
            &raw mut folder,
            READ_WAIT,
            &raw const attributes,
            &raw mut status,
            SHARE_READ_WRITE,
            SYNCHRONOUS,
        )
    };
    checked(opened).map(|()| Owned::new(folder))
}

fn attributes(root: usize, name: &UnicodeString) -> ObjectAttributes {
    ObjectAttributes {
        length: size_of::<ObjectAttributes>() as u32,
        root,
        name,
        attributes: 0,
        security: ptr::null(),
        quality: ptr::null(),
    }
}

/// A pending wait of a pipe for a client that never comes: while it is pending, the pipe's handles are
/// not signalled. Ending it signals them and tells nobody else.
pub(crate) struct Listening {
    pipe: Owned,
    /// The system writes here until the operation has ended, from the thread that began it. Boxed, so that
    /// it stays where it is.
    block: ManuallyDrop<Box<UnsafeCell<StatusBlock>>>,
}

// SAFETY: only the system looks at the block; the functions below pass its address on.
unsafe impl Send for Listening {}
// SAFETY: as for Send.
unsafe impl Sync for Listening {}

impl Listening {
    /// Makes a pipe nonsignalled until the value is dropped. `pipe` is a handle of its own.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn begin(pipe: Owned) -> Result<Self, Errno> {
        let block = Box::new(UnsafeCell::new(StatusBlock::default()));
        // SAFETY: the block lives until `drop` has ended the operation; neither event, routine nor
        // context, which is what keeps the end from any port; no buffers.
        let begun = unsafe {
            NtFsControlFile(
                pipe.raw(),
                0,
                ptr::null(),
                ptr::null(),
                block.get(),
                FSCTL_PIPE_LISTEN,
                ptr::null(),
                0,
                ptr::null_mut(),
                0,
            )
        };
        checked(begun).map(|()| Self {
            pipe,
            block: ManuallyDrop::new(block),
        })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut status = StatusBlock::default();
        // SAFETY: our own handle and the block of our own operation; the answer goes to a live local.
        let ended = unsafe { NtCancelIoFileEx(self.pipe.raw(), self.block.get(), &raw mut status) };
        // An operation that is not found has ended, as its thread has. Otherwise the handle is signalled
        // once the block has been written. Should that not be seen, the block stays for the system.
        let written = ended == NOT_FOUND
            || system::wait(&[self.pipe.raw()], false, CANCELLED_AFTER, false) == Ok(0);
        if written {
            // SAFETY: nobody writes there any more, and nothing here uses it again.
            unsafe { ManuallyDrop::drop(&mut self.block) };
        }
    }
}

/// Whether a handle is an event's, also one that may not be asked about more.
pub(crate) fn is_event(raw: usize) -> bool {
    let mut answer = [0; 2];
    let length = size_of_val(&answer) as u32;
    // SAFETY: a number that the system looks up; the answer, type and state, goes to a live local.
    let status = unsafe { NtQueryEvent(raw, 0, &raw mut answer, length, ptr::null_mut()) };
    status == 0 || status == ACCESS_DENIED
}

/// Puts a packet into a port: the key, the address of the `OVERLAPPED`, status and byte count.
///
/// # Errors
/// The system's.
pub(crate) fn post_packet(
    port: usize,
    key: usize,
    block: usize,
    status: NtStatus,
    bytes: usize,
) -> Result<(), Errno> {
    // SAFETY: numbers; the address is only handed to whoever takes the packet out.
    checked(unsafe { NtSetIoCompletion(port, key, block, status.0, bytes) })
}

/// `STATUS_ACCESS_DENIED`.
const ACCESS_DENIED: u32 = 0xC000_0022;
/// `STATUS_NOT_FOUND`.
const NOT_FOUND: u32 = 0xC000_0225;
const READ_WAIT: u32 = 0x8010_0000;
const READ_WRITE_WAIT: u32 = 0xC010_0000;
const SHARE_READ_WRITE: u32 = 3;
const CREATE: u32 = 2;
const SYNCHRONOUS: u32 = 0x20;
const FSCTL_PIPE_LISTEN: u32 = 0x0011_0008;
/// 50 ms in units of 100 ns, for clients of the pipe, of which there are none.
const DEFAULT_TIMEOUT: i64 = 500_000;
/// At most so long, in milliseconds, until an operation that was cancelled has ended.
const CANCELLED_AFTER: u32 = 1000;
