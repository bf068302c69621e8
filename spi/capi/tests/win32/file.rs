//! `ReadFile`, `WriteFile`, `GetOverlappedResult`, `CancelIo(Ex)`: on sockets of the base provider, and on what is no file.
//!
//! Handles that a provider minted are read and written in the tests crate, through a layer.

use super::{STALE, error_of};
use std::mem::zeroed;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::ptr::{null, null_mut};
use ws2_32::win32::{event, file, handle, port};
use ws2_32::{base, winsock};
use ws2spi::api;
use ws2spi_abi::*;

fn start() {
    // SAFETY: a C structure of numbers and a pointer: all zeroes is a value.
    let mut data: WSADATA = unsafe { zeroed() };
    assert_eq!(
        // SAFETY: a live local.
        unsafe { winsock::startup::start_up(0x0202, &raw mut data) },
        0
    );
    assert!(ws2spi::process::has_base(), "{} is named", base::NAME);
}

fn loopback(port: u16) -> SOCKADDR_IN {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    SOCKADDR_IN {
        sin_family: AF_INET as u16,
        sin_port: address.port().to_be(),
        sin_addr: IN_ADDR {
            S_addr: u32::from(*address.ip()).to_be(),
        },
        ..SOCKADDR_IN::EMPTY
    }
}

/// Two datagram sockets, the second connected to the first.
fn datagrams() -> (SOCKET, SOCKET) {
    start();
    let (receiver, sender) = (
        api::socket(AF_INET, SOCK_DGRAM, 0),
        api::socket(AF_INET, SOCK_DGRAM, 0),
    );
    let size = size_of::<SOCKADDR_IN>() as i32;
    let mut name = loopback(0);
    assert_eq!(
        // SAFETY: a live local of that size.
        unsafe { api::bind(receiver, (&raw const name).cast(), size) },
        0
    );
    let mut len = size;
    assert_eq!(
        // SAFETY: live locals.
        unsafe { api::getsockname(receiver, (&raw mut name).cast(), &raw mut len) },
        0
    );
    assert_eq!(
        // SAFETY: a live local of that size.
        unsafe { api::connect(sender, (&raw const name).cast(), size) },
        0
    );
    (receiver, sender)
}

fn write(raw: HANDLE, bytes: &[u8]) -> (BOOL, u32) {
    let mut written = 77;
    // SAFETY: as many bytes as are said; a live local.
    let result = unsafe {
        file::write(
            raw,
            bytes.as_ptr(),
            bytes.len() as u32,
            &raw mut written,
            null_mut(),
        )
    };
    (result, written)
}

fn read(raw: HANDLE, room: &mut [u8]) -> (BOOL, u32) {
    let mut got = 77;
    // SAFETY: as much room as is said; a live local.
    let result = unsafe {
        file::read(
            raw,
            room.as_mut_ptr(),
            room.len() as u32,
            &raw mut got,
            null_mut(),
        )
    };
    (result, got)
}

fn close(sockets: &[SOCKET]) {
    for socket in sockets {
        assert_eq!(api::closesocket(*socket), 0);
    }
    assert_eq!(api::wsa_cleanup(), 0);
}

// client-dll.md 1.9: the handle of an IFS provider is one that ReadFile and WriteFile understand.
#[test]
fn a_socket_is_read_and_written_as_a_file() {
    let (receiver, sender) = datagrams();
    let mut room = [0; 8];
    assert_eq!(write(sender, b"hello"), (TRUE, 5));
    assert_eq!(read(receiver, &mut room), (TRUE, 5));
    assert_eq!(&room[..5], b"hello");
    close(&[receiver, sender]);
}

// base-provider.md 2.3: file functions report the Win32 code of the status; ERROR_MORE_DATA for a datagram that was cut.
#[test]
fn a_cut_datagram_is_more_data() {
    let (receiver, sender) = datagrams();
    let mut room = [0; 3];
    assert_eq!(write(sender, b"hello"), (TRUE, 5));
    assert_eq!(
        error_of(|| read(receiver, &mut room)),
        ((FALSE, 3), Errno::MORE_DATA.code() as u32)
    );
    assert_eq!(&room, b"hel");
    close(&[receiver, sender]);
}

// MSDN "ReadFile", "WriteFile": ERROR_INVALID_HANDLE for what is no file, before the other arguments are looked at.
#[test]
fn only_files_are_read_and_written() {
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    for raw in [0, STALE, usize::MAX, event] {
        let invalid = ((FALSE, 77), Errno::INVALID_HANDLE.code() as u32);
        assert_eq!(error_of(|| write(raw, b"x")), invalid);
        assert_eq!(error_of(|| read(raw, &mut [0])), invalid);
        let invalid = (FALSE, Errno::INVALID_HANDLE.code() as u32);
        assert_eq!(error_of(|| file::cancel(raw)), invalid);
        assert_eq!(error_of(|| file::cancel_one(raw, null_mut())), invalid);
    }
    assert_eq!(handle::close(event), TRUE);
}

// NULL for a buffer with a length, and neither a count nor an OVERLAPPED: nowhere to put the answer.
#[test]
fn null_buffers_and_counts_are_no_access() {
    let (receiver, sender) = datagrams();
    let (mut count, refused) = (77, (FALSE, Errno::NOACCESS.code() as u32));
    let mut byte = 0;
    assert_eq!(
        // SAFETY: NULL or live locals.
        error_of(|| unsafe { file::read(receiver, null_mut(), 1, &raw mut count, null_mut()) }),
        refused
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { file::read(receiver, &raw mut byte, 1, null_mut(), null_mut()) }),
        refused
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { file::write(sender, null(), 1, &raw mut count, null_mut()) }),
        refused
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { file::write(sender, &raw const byte, 1, null_mut(), null_mut()) }),
        refused
    );
    assert_eq!(count, 77);
    close(&[receiver, sender]);
}

// P228: CancelIo without pending operations is TRUE, CancelIoEx ERROR_NOT_FOUND.
#[test]
fn nothing_to_cancel_is_an_error_for_one_function_only() {
    let (receiver, sender) = datagrams();
    assert_eq!(file::cancel(receiver), TRUE);
    let refused = error_of(|| file::cancel_one(receiver, null_mut()));
    assert_eq!(refused, (FALSE, Errno::NOT_FOUND.code() as u32));
    close(&[receiver, sender]);
}

// client-dll.md 6.6: a socket is associated with one port for its lifetime.
#[test]
fn a_socket_is_associated_with_a_port_once() {
    let (receiver, sender) = datagrams();
    let raw = port::create(receiver, 0, 5, 0);
    assert_ne!(raw, 0);
    assert_eq!(port::create(sender, raw, 6, 0), raw);
    let refused = error_of(|| port::create(receiver, raw, 7, 0));
    assert_eq!(refused, (0, Errno::INVALID_PARAMETER.code() as u32));
    assert_eq!(
        port::set_modes(receiver, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS as u8),
        TRUE
    );
    close(&[receiver, sender]);
    assert_eq!(handle::close(raw), TRUE);
}

fn result(raw: HANDLE, block: &mut OVERLAPPED, wait: BOOL) -> (BOOL, u32) {
    let mut bytes = 77;
    // SAFETY: live locals.
    let answer = unsafe { file::result(raw, block, &raw mut bytes, wait) };
    (answer, bytes)
}

// MSDN "GetOverlappedResult": bytes of a success; the error of a failure; ERROR_IO_INCOMPLETE while it is pending (P231).
#[test]
fn the_result_of_an_operation_is_that_of_its_block() {
    let mut block = OVERLAPPED {
        Internal: 0,
        InternalHigh: 12,
        ..OVERLAPPED::EMPTY
    };
    assert_eq!(result(0, &mut block, TRUE), (TRUE, 12));
    block.Internal = NtStatus::CANCELLED.to_internal();
    let cancelled = error_of(|| result(0, &mut block, FALSE));
    assert_eq!(
        cancelled,
        ((FALSE, 12), Errno::OPERATION_ABORTED.code() as u32)
    );
    block.Internal = NtStatus::PENDING.to_internal();
    let pending = error_of(|| result(STALE, &mut block, FALSE));
    assert_eq!(pending, ((FALSE, 77), Errno::IO_INCOMPLETE.code() as u32));
    let stale = error_of(|| result(STALE, &mut block, TRUE));
    assert_eq!(stale, ((FALSE, 77), Errno::INVALID_HANDLE.code() as u32));
    // SAFETY: NULL is looked for.
    let refused = error_of(|| unsafe { file::result(0, &raw mut block, null_mut(), FALSE) });
    assert_eq!(refused, (FALSE, Errno::NOACCESS.code() as u32));
    // SAFETY: as above.
    let refused = error_of(|| unsafe {
        file::result(0, null_mut(), &raw mut block.Internal as *mut u32, FALSE)
    });
    assert_eq!(refused, (FALSE, Errno::NOACCESS.code() as u32));
}

// spi/include/ws2spi/native.h: the descriptor of a base socket; -1 for everything else.
#[test]
fn a_socket_tells_its_descriptor() {
    let (receiver, sender) = datagrams();
    let descriptor = winsock::native::socket_fd(receiver);
    assert!(descriptor >= 0);
    assert_ne!(descriptor, winsock::native::socket_fd(sender));
    close(&[receiver, sender]);
    for raw in [receiver, 0, STALE, INVALID_SOCKET] {
        assert_eq!(winsock::native::socket_fd(raw), -1);
    }
}
