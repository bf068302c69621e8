//! The extension functions: what SIO_GET_EXTENSION_FUNCTION_POINTER hands out.
//!
//! Applications call these directly, so they have Microsoft's signatures, run in `guard`, and report
//! through the thread's last error. Each turns its raw arguments into safe ones and calls the
//! socket's method; the only module of the provider with unsafe code, for that reason.

#![allow(
    unsafe_code,
    reason = "raw arguments of C callers are made safe here and nowhere else"
)]

mod messages;
mod transfers;

use std::ptr;

use ws2spi_abi::BOOL;
use ws2spi_abi::Errno;
use ws2spi_abi::FALSE;
use ws2spi_abi::GUID;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::RawCallback;
use ws2spi_abi::SOCKET_ERROR;
use ws2spi_abi::TRUE;
use ws2spi_abi::WSAID_ACCEPTEX;
use ws2spi_abi::WSAID_CONNECTEX;
use ws2spi_abi::WSAID_DISCONNECTEX;
use ws2spi_abi::WSAID_GETACCEPTEXSOCKADDRS;
use ws2spi_abi::WSAID_TRANSMITFILE;
use ws2spi_abi::WSAID_TRANSMITPACKETS;
use ws2spi_abi::WSAID_WSAPOLL;
use ws2spi_abi::WSAID_WSARECVMSG;
use ws2spi_abi::WSAID_WSASENDMSG;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::ffi::guard::guard;
use ws2spi_abi::provider::Provider;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::last_error::fail_with;

use super::provider::Base;
use super::stack::Stack;

/// The address of the function that `name` means.
pub(super) fn pointer(name: &GUID) -> Option<usize> {
    Some(match *name {
        WSAID_ACCEPTEX => transfers::accept_ex as *const () as usize,
        WSAID_CONNECTEX => transfers::connect_ex as *const () as usize,
        WSAID_DISCONNECTEX => transfers::disconnect_ex as *const () as usize,
        WSAID_GETACCEPTEXSOCKADDRS => transfers::get_accept_ex_sockaddrs as *const () as usize,
        WSAID_TRANSMITFILE => transfers::transmit_file as *const () as usize,
        WSAID_TRANSMITPACKETS => transfers::transmit_packets as *const () as usize,
        WSAID_WSAPOLL => messages::wsa_poll as *const () as usize,
        WSAID_WSARECVMSG => messages::wsa_recv_msg as *const () as usize,
        WSAID_WSASENDMSG => messages::wsa_send_msg as *const () as usize,
        _ => return None,
    })
}

/// The provider that the functions belong to.
fn stack() -> &'static Stack {
    &Base::instance().stack
}

/// The overlapped arguments of a function that takes no routine.
///
/// # Safety
/// `block` is null or an OVERLAPPED that stays until its request is finished.
unsafe fn block_of<'a>(block: *mut OVERLAPPED) -> OverlappedArgs<'a> {
    // SAFETY: the caller's contract; no routine.
    unsafe { block_with(block, RawCallback::NULL) }
}

/// The overlapped arguments of a function that is called on the thread that issues the request.
///
/// # Safety
/// As [`block_of`]; `routine` is null or a completion routine.
unsafe fn block_with<'a>(block: *mut OVERLAPPED, routine: RawCallback) -> OverlappedArgs<'a> {
    // SAFETY: the caller's contract; no thread is named.
    unsafe { OverlappedArgs::new(Convention::Native, block, routine, ptr::null_mut()) }
}

/// What a function without a count answers.
///
/// # Errors
/// `IO_PENDING` for a request that goes on, `MSGSIZE` for what was cut.
fn done(transfer: Transfer) -> Result<(), Errno> {
    match transfer {
        Transfer::Done { .. } => Ok(()),
        Transfer::Truncated { .. } => Err(Errno::MSGSIZE),
        Transfer::Pending => Err(Errno::IO_PENDING),
    }
}

/// Runs the body of a function that answers a BOOL.
fn truth(function: &'static str, body: impl FnOnce() -> Result<(), Errno>) -> BOOL {
    match guard(Base::NAME, function, body) {
        Ok(()) => TRUE,
        Err(error) => {
            fail_with(error);
            FALSE
        }
    }
}

/// Runs the body of a function that answers a number, or SOCKET_ERROR.
fn number(function: &'static str, body: impl FnOnce() -> Result<i32, Errno>) -> i32 {
    match guard(Base::NAME, function, body) {
        Ok(value) => value,
        Err(error) => {
            fail_with(error);
            SOCKET_ERROR
        }
    }
}
