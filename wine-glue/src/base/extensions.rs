//! Wine's extension functions as programs get them: each goes on to Wine's, after the direct transport has
//! been told that the socket has a request there which nothing may overtake.

use core::ffi::c_void;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use ws2spi_abi::*;

use crate::direct::Use;

use super::sockets;

/// Where Wine's functions are; a function of ours is handed out after its cell was filled.
static ACCEPT: AtomicUsize = AtomicUsize::new(0);
static TRANSMIT_FILE: AtomicUsize = AtomicUsize::new(0);
static RECEIVE_MESSAGE: AtomicUsize = AtomicUsize::new(0);
static SEND_MESSAGE: AtomicUsize = AtomicUsize::new(0);

/// The function that goes before Wine's, or Wine's where none needs to.
pub(super) fn over(id: GUID, wines: usize) -> usize {
    let (cell, own) = match id {
        WSAID_ACCEPTEX => (&ACCEPT, accept as *const () as usize),
        WSAID_TRANSMITFILE => (&TRANSMIT_FILE, transmit_file as *const () as usize),
        WSAID_WSARECVMSG => (&RECEIVE_MESSAGE, receive_message as *const () as usize),
        WSAID_WSASENDMSG => (&SEND_MESSAGE, send_message as *const () as usize),
        _ => return wines,
    };
    cell.store(wines, Ordering::Release);
    own
}

/// Leaves a use of the socket to Wine, if it is one of ours.
fn bar(s: SOCKET, what: Use) {
    if let Ok(socket) = sockets::find(s) {
        socket.direct.bar(&[what]);
    }
}

unsafe extern "system" fn accept(
    listener: SOCKET,
    s: SOCKET,
    into: *mut c_void,
    data: u32,
    own: u32,
    peer: u32,
    got: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    // Connections are Wine's to take, and no longer there for whoever asks what is ready.
    bar(listener, Use::Poll);
    let wines = ACCEPT.load(Ordering::Acquire);
    // SAFETY: what Wine gave for this identity.
    let wines = unsafe { std::mem::transmute::<usize, LPFN_ACCEPTEX>(wines) };
    // SAFETY: the caller's own arguments.
    unsafe { wines(listener, s, into, data, own, peer, got, overlapped) }
}

unsafe extern "system" fn transmit_file(
    s: SOCKET,
    file: HANDLE,
    length: u32,
    part: u32,
    overlapped: *mut OVERLAPPED,
    buffers: *const TRANSMIT_FILE_BUFFERS,
    flags: u32,
) -> BOOL {
    if !overlapped.is_null() {
        bar(s, Use::Send);
    }
    let wines = TRANSMIT_FILE.load(Ordering::Acquire);
    // SAFETY: what Wine gave for this identity.
    let wines = unsafe { std::mem::transmute::<usize, LPFN_TRANSMITFILE>(wines) };
    // SAFETY: the caller's own arguments.
    unsafe { wines(s, file, length, part, overlapped, buffers, flags) }
}

unsafe extern "system" fn receive_message(
    s: SOCKET,
    message: *mut WSAMSG,
    got: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    if !overlapped.is_null() {
        bar(s, Use::Receive);
    }
    let wines = RECEIVE_MESSAGE.load(Ordering::Acquire);
    // SAFETY: what Wine gave for this identity.
    let wines = unsafe { std::mem::transmute::<usize, LPFN_WSARECVMSG>(wines) };
    // SAFETY: the caller's own arguments.
    unsafe { wines(s, message, got, overlapped, routine) }
}

unsafe extern "system" fn send_message(
    s: SOCKET,
    message: *mut WSAMSG,
    flags: u32,
    sent: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    if !overlapped.is_null() {
        bar(s, Use::Send);
    }
    let wines = SEND_MESSAGE.load(Ordering::Acquire);
    // SAFETY: what Wine gave for this identity.
    let wines = unsafe { std::mem::transmute::<usize, LPFN_WSASENDMSG>(wines) };
    // SAFETY: the caller's own arguments.
    unsafe { wines(s, message, flags, sent, overlapped, routine) }
}
