//! The table that Wine looks for, and its functions.

use core::ffi::c_void;

use crate::calls;
use crate::calls::Carry;
use crate::calls::Close;
use crate::calls::Open;
use crate::calls::Poll;

/// A function as Wine calls it: the address of its argument block; a status, 0 for success.
pub type UnixFunction = unsafe extern "C" fn(*mut c_void) -> i32;

/// The functions, by number: [`calls::OPEN`] and so on.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "Wine's name")]
pub static __wine_unix_call_funcs: [UnixFunction; 5] = [open, close, receive, send, poll];

/// `STATUS_INVALID_PARAMETER`.
const INVALID_PARAMETER: i32 = 0xC000_000D_u32.cast_signed();

/// Runs a function on its block.
///
/// # Safety
/// `block` is null or a block of type `T` that is nobody else's, and as the function wants it.
unsafe fn run<T>(block: *mut c_void, function: unsafe fn(&mut T)) -> i32 {
    // SAFETY: the caller's contract.
    let Some(block) = (unsafe { block.cast::<T>().as_mut() }) else {
        return INVALID_PARAMETER;
    };
    // SAFETY: the caller's contract.
    unsafe { function(block) };
    0
}

unsafe extern "C" fn open(block: *mut c_void) -> i32 {
    // SAFETY: the Windows side calls it with such a block.
    unsafe { run::<Open>(block, calls::open) }
}

unsafe extern "C" fn close(block: *mut c_void) -> i32 {
    // SAFETY: the Windows side calls it with such a block.
    unsafe { run::<Close>(block, calls::close) }
}

unsafe extern "C" fn receive(block: *mut c_void) -> i32 {
    // SAFETY: the Windows side calls it with such a block, whose pointers are the application's.
    unsafe { run::<Carry>(block, calls::receive) }
}

unsafe extern "C" fn send(block: *mut c_void) -> i32 {
    // SAFETY: the Windows side calls it with such a block, whose pointers are the application's.
    unsafe { run::<Carry>(block, calls::send) }
}

unsafe extern "C" fn poll(block: *mut c_void) -> i32 {
    // SAFETY: the Windows side calls it with such a block and its array.
    unsafe { run::<Poll>(block, calls::poll) }
}
