//! `WSAIoctl` with everything that it writes, and with every pointer as the test wants it.

use crate::socket;
use crate::{Socket, winsock};
use std::ptr::{null, null_mut};
use ws2spi_abi::{Errno, OVERLAPPED, RawCallback};

/// What stands in the count before a call, to see whether it was written.
pub const UNTOUCHED: u32 = 0xdead_beef;

/// What a call left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Success or the last error.
    pub result: Result<(), Errno>,
    /// The count; [`UNTOUCHED`] when it was not written.
    pub returned: u32,
}

/// `WSAIoctl` without an OVERLAPPED. Buffers that are `None` are NULL with a length of 0.
pub fn control(s: &Socket, code: u32, input: Option<&[u8]>, output: Option<&mut [u8]>) -> Answer {
    let mut returned = UNTOUCHED;
    let result = call(s, code, input, output, &raw mut returned, null_mut());
    Answer { result, returned }
}

/// [`control`] with NULL for the count.
///
/// # Errors
/// The last error.
pub fn control_without_count(
    s: &Socket,
    code: u32,
    input: Option<&[u8]>,
    output: Option<&mut [u8]>,
) -> Result<(), Errno> {
    call(s, code, input, output, null_mut(), null_mut())
}

/// [`control`] with an OVERLAPPED that has no event.
///
/// # Panics
/// When the call goes on behind the test's back.
pub fn control_overlapped(
    s: &Socket,
    code: u32,
    input: Option<&[u8]>,
    output: Option<&mut [u8]>,
) -> Answer {
    let mut returned = UNTOUCHED;
    let mut overlapped = OVERLAPPED::EMPTY;
    let result = call(
        s,
        code,
        input,
        output,
        &raw mut returned,
        &raw mut overlapped,
    );
    assert_ne!(result, Err(Errno::IO_PENDING), "the local would be lent");
    Answer { result, returned }
}

fn call(
    s: &Socket,
    code: u32,
    input: Option<&[u8]>,
    output: Option<&mut [u8]>,
    returned: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> Result<(), Errno> {
    let (input, input_len) = input.map_or((null(), 0), |bytes| {
        (bytes.as_ptr().cast(), bytes.len() as u32)
    });
    let (output, output_len) = output.map_or((null_mut(), 0), |bytes| {
        (bytes.as_mut_ptr().cast(), bytes.len() as u32)
    });
    // SAFETY: buffers, count and OVERLAPPED live for the call.
    let result = unsafe {
        winsock::WSAIoctl(
            s.raw(),
            code,
            input,
            input_len,
            output,
            output_len,
            returned,
            overlapped,
            RawCallback::NULL,
        )
    };
    socket::checked(result).map(drop)
}
