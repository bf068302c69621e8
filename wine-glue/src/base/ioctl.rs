//! `WSPIoctl`: Wine's, and the codes that a base provider answers and Wine does not have.

use core::ffi::c_void;

use ws2spi_abi::*;

use super::extensions;
use super::packets;
use super::sockets;
use super::system::System;
use super::system::system;

/// The arguments.
pub(super) struct Call {
    pub(super) code: u32,
    pub(super) input: *const c_void,
    pub(super) input_length: u32,
    pub(super) output: *mut c_void,
    pub(super) output_length: u32,
    pub(super) returned: *mut u32,
    pub(super) overlapped: *mut OVERLAPPED,
    pub(super) routine: RawCallback,
}

/// `WSPIoctl`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPIoctl`.
pub(super) unsafe fn ioctl(s: SOCKET, call: &Call) -> Result<i32, Errno> {
    let socket = sockets::find(s)?;
    if call.returned.is_null() {
        return Err(Errno::FAULT);
    }
    let system = system()?;
    match call.code {
        FIONBIO => {
            if call.input.is_null() || call.input_length < 4 {
                return Err(Errno::FAULT);
            }
            // SAFETY: the caller's contract; not null, and at least four bytes.
            let mode = unsafe { call.input.cast::<u32>().read_unaligned() };
            // SAFETY: the caller's contract.
            let done = unsafe { call.pass(system, s, FIONBIO) }?;
            socket.set_nonblocking(mode != 0);
            Ok(done)
        }
        // SAFETY: the caller's contract.
        SIO_GET_EXTENSION_FUNCTION_POINTER => unsafe { extension(system, s, call) },
        SIO_BSP_HANDLE_POLL if !call.overlapped.is_null() => Err(Errno::FAULT),
        SIO_BASE_HANDLE | SIO_BSP_HANDLE | SIO_BSP_HANDLE_SELECT | SIO_BSP_HANDLE_POLL => {
            if call.output.is_null() || (call.output_length as usize) < size_of::<SOCKET>() {
                return Err(Errno::FAULT);
            }
            // There is nothing beneath: all of them are the socket itself.
            // SAFETY: the caller's contract; room for the answer.
            unsafe { call.pass(system, s, SIO_BASE_HANDLE) }
        }
        // SAFETY: the caller's contract.
        code => unsafe { call.pass(system, s, code) },
    }
}

/// `SIO_GET_EXTENSION_FUNCTION_POINTER`: Wine's functions, and those that it does not give.
///
/// # Safety
/// The pointers keep the contract of `WSPIoctl`.
unsafe fn extension(system: &System, s: SOCKET, call: &Call) -> Result<i32, Errno> {
    let asked = (call.input_length as usize) < size_of::<GUID>() || call.input.is_null();
    let room = (call.output_length as usize) < size_of::<usize>() || call.output.is_null();
    if asked || room {
        return Err(Errno::FAULT);
    }
    // SAFETY: the caller's contract; as long as was looked at.
    let id = unsafe { call.input.cast::<GUID>().read_unaligned() };
    let own = match id {
        WSAID_TRANSMITPACKETS => packets::function(),
        WSAID_WSAPOLL => system.poll_function(),
        _ => {
            // SAFETY: the caller's contract; the pointers that Wine reads unasked have been looked at.
            let done = unsafe { call.pass(system, s, SIO_GET_EXTENSION_FUNCTION_POINTER) };
            if matches!(done, Ok(_) | Err(Errno::IO_PENDING)) {
                let function = call.output.cast::<usize>();
                // SAFETY: as above; Wine has stored the function's address.
                let wines = unsafe { function.read_unaligned() };
                // SAFETY: as above.
                unsafe { function.write_unaligned(extensions::over(id, wines)) };
            }
            return done;
        }
    };
    // Wine answers for one that it has, with the completion that goes with it.
    let another = WSAID_TRANSMITFILE;
    let instead = Call {
        input: (&raw const another).cast(),
        ..*call
    };
    // SAFETY: as above; the identity is a live local.
    let done = unsafe { instead.pass(system, s, SIO_GET_EXTENSION_FUNCTION_POINTER) };
    if matches!(done, Ok(_) | Err(Errno::IO_PENDING)) {
        // SAFETY: the caller's contract; as long as was looked at.
        unsafe { call.output.cast::<usize>().write_unaligned(own) };
    }
    done
}

impl Call {
    /// Wine's `WSAIoctl`.
    ///
    /// # Safety
    /// The pointers keep the contract of `WSPIoctl`.
    unsafe fn pass(&self, system: &System, s: SOCKET, code: u32) -> Result<i32, Errno> {
        // SAFETY: the caller's contract.
        unsafe {
            system.ioctl(
                s,
                code,
                self.input,
                self.input_length,
                self.output,
                self.output_length,
                self.returned,
                self.overlapped,
                self.routine,
            )
        }
    }
}
