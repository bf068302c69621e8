//! `WSPAccept`: Wine's, with a condition function that sees what the contract says.
//!
//! Wine asks the function itself, but shows it addresses of 16 bytes only, values that nobody has set, and
//! keeps the connection when the answer is none of the three. So Wine asks a function of ours, which puts
//! that right and asks the application's.

use std::ptr;
use std::sync::Arc;

use ws2spi_abi::args::AddressOut;
use ws2spi_abi::*;

use crate::direct::Use;

use super::blocking;
use super::blocking::Awaited;
use super::names::STORAGE;
use super::names::address;
use super::provider::claim;
use super::sockets;
use super::system::system;

/// `WSPAccept`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPAccept`.
pub(super) unsafe fn accept(
    s: SOCKET,
    name: *mut SOCKADDR,
    length: *mut i32,
    condition: RawCallback,
    data: usize,
) -> Result<SOCKET, Errno> {
    let listener = sockets::find(s)?;
    let wanted = !name.is_null() && !length.is_null();
    if wanted {
        // SAFETY: the caller's contract; not null.
        let room = unsafe { length.read_unaligned() };
        if room < listener.address_size() {
            return Err(Errno::FAULT);
        }
    }
    blocking::before(s, &listener, Awaited::Readable)?;
    let accepted = if condition.is_null() {
        let length = if wanted { length } else { ptr::null_mut() };
        // SAFETY: the caller's contract.
        unsafe { system()?.accept(s, name, length, RawCallback::NULL, 0) }?
    } else {
        let mut question = Question {
            condition,
            data,
            listener: own_name(s),
            answer: None,
        };
        let (mut peer, mut size) = (SOCKADDR_STORAGE::EMPTY, STORAGE);
        // SAFETY: room for every address; the function is ours, and so is what it is called with, which
        // is alive during the call.
        let accepted = unsafe {
            let ask = RawCallback::from_raw(ask as *const () as usize);
            let question = &raw mut question as usize;
            let peer = (&raw mut peer).cast();
            system()?.accept(s, peer, &raw mut size, ask, question)
        };
        if wanted && question.answer.is_some() {
            // The peer is told also when it is refused or deferred.
            // SAFETY: the caller's contract (WSPAccept).
            let out = unsafe { AddressOut::new(name, length) };
            out.write(&address(&peer, size))?;
        }
        if question.answer == Some(CF_DEFER) {
            // The connection waits in Wine, and the system knows nothing of it any more.
            listener.direct.bar(&[Use::Poll]);
        }
        match (accepted, question.answer) {
            (Ok(accepted), _) => accepted,
            (Err(_), Some(other)) if !matches!(other, CF_ACCEPT | CF_REJECT | CF_DEFER) => {
                return Err(Errno::INVAL);
            }
            (Err(error), _) => return Err(error),
        }
    };
    claim(accepted, Arc::new(listener.accepted()))
}

/// What [`ask`] is called with.
struct Question {
    condition: RawCallback,
    data: usize,
    /// The listener's own name.
    listener: Vec<u8>,
    answer: Option<i32>,
}

type Condition = unsafe extern "system" fn(
    *mut WSABUF,
    *mut WSABUF,
    *mut QOS,
    *mut QOS,
    *mut WSABUF,
    *mut WSABUF,
    *mut GROUP,
    usize,
) -> i32;

/// The condition function that Wine calls.
unsafe extern "system" fn ask(
    caller: *mut WSABUF,
    _caller_data: *mut WSABUF,
    _sqos: *mut QOS,
    _gqos: *mut QOS,
    callee: *mut WSABUF,
    _callee_data: *mut WSABUF,
    _group: *mut GROUP,
    question: usize,
) -> i32 {
    // SAFETY: `accept` made it, and it is alive and nobody else's during that call.
    let question = unsafe { &mut *(question as *mut Question) };
    let mut listener = std::mem::take(&mut question.listener);
    // DIFFERS: the callee is the listener's name for families whose addresses are longer than Wine's room
    // for them (IPv6): the connection's own name cannot be asked for here.
    let mut long_callee = WSABUF {
        len: listener.len() as u32,
        buf: listener.as_mut_ptr(),
    };
    let callee = if listener.len() > 16 {
        &raw mut long_callee
    } else {
        callee
    };
    let nothing = WSABUF {
        len: 0,
        buf: ptr::null_mut(),
    };
    let (mut caller_data, mut callee_data) = (nothing, nothing);
    let mut group: GROUP = 0;
    // SAFETY: the application's contract: a function of this type.
    let condition = unsafe { std::mem::transmute::<usize, Condition>(question.condition.as_raw()) };
    // SAFETY: as above; everything pointed to is alive during the call.
    let answer = unsafe {
        condition(
            caller,
            &raw mut caller_data,
            ptr::null_mut(),
            ptr::null_mut(),
            callee,
            &raw mut callee_data,
            &raw mut group,
            question.data,
        )
    };
    question.answer = Some(answer);
    match answer {
        CF_ACCEPT | CF_DEFER => answer,
        _ => CF_REJECT,
    }
}

/// The bytes of a socket's own name; none when it has none.
fn own_name(s: SOCKET) -> Vec<u8> {
    let (mut name, mut length) = (SOCKADDR_STORAGE::EMPTY, STORAGE);
    let Ok(system) = system() else {
        return Vec::new();
    };
    // SAFETY: room for every address.
    let asked = unsafe { system.own_name(s, (&raw mut name).cast(), &raw mut length) };
    match asked {
        Ok(_) => address(&name, length).as_bytes().to_vec(),
        Err(_) => Vec::new(),
    }
}
