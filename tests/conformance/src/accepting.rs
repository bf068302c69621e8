//! `WSAAccept` with a condition function that is a closure.

use crate::socket::{self, Socket};
use crate::winsock;
use ws2spi_abi::args::Address;
use ws2spi_abi::{Errno, GROUP, QOS, RawCallback, WSABUF};

/// What a condition function is asked about.
#[derive(Debug)]
pub struct Asked {
    /// The address of the one who connects.
    pub caller: Address,
    /// The address that it connected to.
    pub callee: Address,
}

struct Call<'f> {
    decide: &'f mut dyn FnMut(Asked) -> i32,
}

/// `WSAAccept` with `decide` as the condition function: the new socket and the address that was filled in.
///
/// # Errors
/// The last error.
pub fn accept_if(
    listener: &Socket,
    mut decide: impl FnMut(Asked) -> i32,
) -> Result<(Socket, Address), Errno> {
    let mut call = Call {
        decide: &mut decide,
    };
    let mut name = [0u8; 128];
    let mut len = 128;
    // SAFETY: the buffer has `len` bytes; the condition function is called within this call only, with the live local.
    let s = unsafe {
        winsock::WSAAccept(
            listener.raw(),
            name.as_mut_ptr().cast(),
            &raw mut len,
            RawCallback::from_raw(condition as *const () as usize),
            (&raw mut call).expose_provenance(),
        )
    };
    socket::checked_socket(s).map(|s| (s, Address::from_bytes(&name[..len as usize])))
}

unsafe extern "system" fn condition(
    caller: *const WSABUF,
    _caller_data: *const WSABUF,
    _sqos: *const QOS,
    _gqos: *const QOS,
    callee: *const WSABUF,
    _callee_data: *mut WSABUF,
    _group: *mut GROUP,
    context: usize,
) -> i32 {
    let call = std::ptr::with_exposed_provenance_mut::<Call<'_>>(context);
    // SAFETY: the call of `accept_if` that passed its local as the context is on this thread's stack.
    let call = unsafe { &mut *call };
    (call.decide)(Asked {
        // SAFETY: the contract of condition functions: the caller's address.
        caller: unsafe { address(caller) },
        // SAFETY: the contract of condition functions: the local address.
        callee: unsafe { address(callee) },
    })
}

/// # Safety
/// `buffer` points to a buffer that holds an address.
unsafe fn address(buffer: *const WSABUF) -> Address {
    // SAFETY: the caller's contract.
    let buffer = unsafe { buffer.read() };
    // SAFETY: the caller's contract: `buf` has `len` bytes.
    Address::from_bytes(unsafe { std::slice::from_raw_parts(buffer.buf, buffer.len as usize) })
}
