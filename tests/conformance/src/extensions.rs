//! Extension functions, reached as programs reach them: by `SIO_GET_EXTENSION_FUNCTION_POINTER`.

use crate::controls::control;
use crate::socket;
use crate::{Socket, winsock};
use core::ffi::c_void;
use std::mem::transmute;
use std::net::SocketAddr;
use std::ptr::null_mut;
use ws2spi_abi::args::Address;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

/// The address of the function that the provider of `s` has under this name.
///
/// # Errors
/// The last error.
pub fn find(s: &Socket, name: GUID) -> Result<usize, Errno> {
    let mut id = [0; size_of::<GUID>()];
    name.encode(&mut id).expect("a GUID has its own size");
    let mut address = [0; size_of::<usize>()];
    let answer = control(
        s,
        SIO_GET_EXTENSION_FUNCTION_POINTER,
        Some(&id),
        Some(&mut address),
    );
    answer.result.map(|()| usize::from_ne_bytes(address))
}

pub(crate) fn must_find(s: &Socket, name: GUID) -> usize {
    let address = find(s, name).expect("the provider has the function");
    assert_ne!(address, 0, "a function has an address");
    address
}

pub(crate) fn truth(answer: BOOL) -> Result<(), Errno> {
    if answer == FALSE {
        Err(socket::last_error())
    } else {
        Ok(())
    }
}

/// `DisconnectEx` of `s` without an OVERLAPPED, by the pointer that `by` gave.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When `by` has no such function.
pub fn disconnect(by: &Socket, s: SOCKET, flags: u32) -> Result<(), Errno> {
    let address = must_find(by, WSAID_DISCONNECTEX);
    // SAFETY: the provider answered for this identity, which fixes the type.
    let function = unsafe { transmute::<usize, LPFN_DISCONNECTEX>(address) };
    // SAFETY: no pointers.
    truth(unsafe { function(s, null_mut(), flags, 0) })
}

/// `TransmitFile` of a whole file between two buffers, without an OVERLAPPED, by the pointer that `by` gave. No buffers at all are
/// passed as NULL.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When `by` has no such function.
pub fn transmit_file(
    by: &Socket,
    s: SOCKET,
    file: HANDLE,
    around: Option<(&[u8], &[u8])>,
    flags: u32,
) -> Result<(), Errno> {
    transmit_file_part(by, s, file, 0, around, flags)
}

/// [`transmit_file`] of that many bytes of the file.
///
/// # Errors
/// The last error.
///
/// # Panics
/// As [`transmit_file`].
pub fn transmit_file_part(
    by: &Socket,
    s: SOCKET,
    file: HANDLE,
    bytes: u32,
    around: Option<(&[u8], &[u8])>,
    flags: u32,
) -> Result<(), Errno> {
    let address = must_find(by, WSAID_TRANSMITFILE);
    // SAFETY: the provider answered for this identity, which fixes the type.
    let function = unsafe { transmute::<usize, LPFN_TRANSMITFILE>(address) };
    let place = |bytes: &[u8]| bytes.as_ptr().cast_mut().cast::<c_void>();
    let buffers = around.map(|(head, tail)| TRANSMIT_FILE_BUFFERS {
        Head: place(head),
        HeadLength: head.len() as u32,
        Tail: place(tail),
        TailLength: tail.len() as u32,
    });
    let buffers = buffers
        .as_ref()
        .map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: structure and data live for the call, which only reads them.
    truth(unsafe { function(s, file, bytes, 0, null_mut(), buffers, flags) })
}

/// `TransmitFile` with lengths of head and tail, and NULL for both.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the provider has no such function.
pub fn transmit_file_nowhere(
    s: &Socket,
    file: HANDLE,
    bytes: u32,
    flags: u32,
    (head, tail): (u32, u32),
) -> Result<(), Errno> {
    let address = must_find(s, WSAID_TRANSMITFILE);
    // SAFETY: the provider answered for this identity, which fixes the type.
    let function = unsafe { transmute::<usize, LPFN_TRANSMITFILE>(address) };
    let buffers = TRANSMIT_FILE_BUFFERS {
        HeadLength: head,
        TailLength: tail,
        ..TRANSMIT_FILE_BUFFERS::EMPTY
    };
    // SAFETY: the structure lives for the call.
    truth(unsafe {
        function(
            s.raw(),
            file,
            bytes,
            0,
            null_mut(),
            &raw const buffers,
            flags,
        )
    })
}

/// `WSASendMsg` of one buffer to an address, without an OVERLAPPED; how many bytes were sent. The count is NULL if `count` is false.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the provider has no such function.
pub fn send_message(
    s: &Socket,
    data: &[u8],
    to: Option<SocketAddr>,
    count: bool,
) -> Result<u32, Errno> {
    let to = to.map(Address::from_ip);
    let name = to.as_ref().map_or(&[][..], Address::as_bytes);
    let mut buffer = WSABUF {
        len: data.len() as u32,
        buf: data.as_ptr().cast_mut(),
    };
    let mut message = WSAMSG {
        lpBuffers: &raw mut buffer,
        dwBufferCount: 1,
        namelen: name.len() as i32,
        ..WSAMSG::EMPTY
    };
    if !name.is_empty() {
        message.name = name.as_ptr().cast_mut().cast();
    }
    send_raw_message(s, &raw mut message, count)
}

/// `WSASendMsg` with NULL for the message.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the provider has no such function.
pub fn send_no_message(s: &Socket) -> Result<u32, Errno> {
    send_raw_message(s, null_mut(), true)
}

fn send_raw_message(s: &Socket, message: *mut WSAMSG, count: bool) -> Result<u32, Errno> {
    let address = must_find(s, WSAID_WSASENDMSG);
    // SAFETY: the provider answered for this identity, which fixes the type.
    let function = unsafe { transmute::<usize, LPFN_WSASENDMSG>(address) };
    let mut sent = 0;
    let sent_to = if count { &raw mut sent } else { null_mut() };
    // SAFETY: the message and what it points to live for the call, which only reads them; the count is a live local.
    let result = unsafe { function(s.raw(), message, 0, sent_to, null_mut(), RawCallback::NULL) };
    socket::checked(result).map(|_| sent)
}

/// What `WSARecvMsg` left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Success or the last error.
    pub result: Result<(), Errno>,
    /// The count.
    pub count: u32,
    /// `dwFlags`.
    pub flags: u32,
    /// The sender's address, as long as it says.
    pub from: Vec<u8>,
    /// Level, type and value of every control message.
    pub control: Vec<(i32, i32, Vec<u8>)>,
}

/// `WSARecvMsg` into one buffer, with that much room for control data, without an OVERLAPPED.
///
/// # Panics
/// When the provider has no such function, or the control data are none.
pub fn receive_message(s: &Socket, data: &mut [u8], control: usize, flags: u32) -> Message {
    // As Windows programs do, in words: control messages are aligned.
    let mut room = vec![0usize; control.div_ceil(size_of::<usize>())];
    let mut from = vec![0; 128];
    let mut buffer = WSABUF {
        len: data.len() as u32,
        buf: data.as_mut_ptr(),
    };
    let mut message = WSAMSG {
        name: from.as_mut_ptr().cast(),
        namelen: from.len() as i32,
        lpBuffers: &raw mut buffer,
        dwBufferCount: 1,
        Control: WSABUF {
            len: control as u32,
            buf: room.as_mut_ptr().cast(),
        },
        dwFlags: flags,
    };
    let mut count = crate::receiving::UNTOUCHED;
    let result = receive_raw_message(s, &raw mut message, &raw mut count);
    from.truncate(message.namelen as usize);
    let bytes: Vec<u8> = room.iter().flat_map(|word| word.to_ne_bytes()).collect();
    assert!(
        message.Control.len as usize <= control,
        "no more than there was room for"
    );
    Message {
        result,
        count,
        flags: message.dwFlags,
        from,
        control: control_messages(&bytes[..message.Control.len as usize]),
    }
}

/// `WSARecvMsg` with NULL for the message.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the provider has no such function.
pub fn receive_no_message(s: &Socket) -> Result<(), Errno> {
    let mut count = 0;
    receive_raw_message(s, null_mut(), &raw mut count)
}

/// `WSARecvMsg` of a message that names these lengths, and no places for name and control data.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the provider has no such function.
pub fn receive_message_nowhere(s: &Socket, namelen: i32, control: u32) -> Result<(), Errno> {
    let mut data = [0; 16];
    let mut buffer = WSABUF {
        len: data.len() as u32,
        buf: data.as_mut_ptr(),
    };
    let mut message = WSAMSG {
        namelen,
        lpBuffers: &raw mut buffer,
        dwBufferCount: 1,
        Control: WSABUF {
            len: control,
            buf: null_mut(),
        },
        ..WSAMSG::EMPTY
    };
    let mut count = 0;
    receive_raw_message(s, &raw mut message, &raw mut count)
}

fn receive_raw_message(s: &Socket, message: *mut WSAMSG, count: *mut u32) -> Result<(), Errno> {
    let address = must_find(s, WSAID_WSARECVMSG);
    // SAFETY: the provider answered for this identity, which fixes the type.
    let function = unsafe { transmute::<usize, LPFN_WSARECVMSG>(address) };
    // SAFETY: null, or a message that lives for the call as everything that it points to; the count does too.
    let result = unsafe { function(s.raw(), message, count, null_mut(), RawCallback::NULL) };
    socket::checked(result).map(drop)
}

pub(crate) fn control_messages(mut bytes: &[u8]) -> Vec<(i32, i32, Vec<u8>)> {
    let mut messages = Vec::new();
    while let Some(header) = CMSGHDR::decode(bytes) {
        let value = bytes
            .get(size_of::<CMSGHDR>()..header.cmsg_len)
            .expect("a control message has a length");
        messages.push((header.cmsg_level, header.cmsg_type, value.to_vec()));
        let next = header.cmsg_len.next_multiple_of(size_of::<usize>());
        bytes = bytes.get(next..).unwrap_or_default();
    }
    messages
}

/// `WSAPoll`: how many elements have something to say. `timeout` is in milliseconds, negative for none.
///
/// # Errors
/// The last error.
pub fn poll(fds: &mut [WSAPOLLFD], timeout: i32) -> Result<i32, Errno> {
    // SAFETY: the array has that many elements.
    socket::checked(unsafe { winsock::WSAPoll(fds.as_mut_ptr(), fds.len() as u32, timeout) })
}

/// `WSAPoll` with NULL for the array.
///
/// # Errors
/// The last error.
pub fn poll_nothing(count: u32) -> Result<i32, Errno> {
    // SAFETY: no array: the function has to say so.
    socket::checked(unsafe { winsock::WSAPoll(null_mut(), count, 0) })
}
