//! Real Rust code for Windows: written against the declarations of `windows-sys`, linked with us.
//!
//! Its names that libc has too (`bind`, `listen`, ...) would be libc's at link time, on Windows they are ws2_32's; here they are
//! reached under their exported names.

use std::mem::zeroed;
use std::ptr::{null, null_mut};
use std::thread;
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_IO_PENDING, GetLastError, HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0,
};
use windows_sys::Win32::Networking::WinSock::*;
use windows_sys::Win32::System::IO::{
    CreateIoCompletionPort, GetQueuedCompletionStatus, OVERLAPPED, PostQueuedCompletionStatus,
};
use windows_sys::Win32::System::Threading::{CreateEventW, SetEvent, WaitForSingleObject};

// The library that defines the names must be in the program.
use ws2_32 as _;

unsafe extern "system" {
    fn ws2_bind(s: SOCKET, name: *const SOCKADDR, namelen: i32) -> i32;
    fn ws2_listen(s: SOCKET, backlog: i32) -> i32;
    fn ws2_getsockname(s: SOCKET, name: *mut SOCKADDR, namelen: *mut i32) -> i32;
}

const SIZE: i32 = size_of::<SOCKADDR_IN>() as i32;

/// Winsock for the time of a test.
struct Started;

impl Started {
    fn new() -> Self {
        // SAFETY: a C structure of numbers and a pointer: all zeroes is a value.
        let mut data: WSADATA = unsafe { zeroed() };
        // SAFETY: a live local.
        assert_eq!(unsafe { WSAStartup(0x0202, &mut data) }, 0);
        assert_eq!(data.wVersion, 0x0202);
        Self
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // SAFETY: no arguments.
        unsafe { WSACleanup() };
    }
}

/// A socket that is closed when it goes.
struct Socket(SOCKET);

impl Socket {
    fn tcp() -> Self {
        // SAFETY: no entry of the catalog is given.
        let made = unsafe {
            WSASocketW(
                i32::from(AF_INET),
                SOCK_STREAM,
                IPPROTO_TCP,
                null(),
                0,
                WSA_FLAG_OVERLAPPED,
            )
        };
        assert_ne!(made, INVALID_SOCKET, "{}", last_error());
        Self(made)
    }

    /// Sends all bytes, by two buffers.
    fn send(&self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (first, second) = rest.split_at(rest.len() / 2);
            let buffer = |part: &[u8]| WSABUF {
                len: part.len() as u32,
                buf: part.as_ptr().cast_mut(),
            };
            let buffers = [buffer(first), buffer(second)];
            let mut sent = 0;
            // SAFETY: live buffers, a live local.
            let result =
                unsafe { WSASend(self.0, buffers.as_ptr(), 2, &mut sent, 0, null_mut(), None) };
            assert_eq!(result, 0, "{}", last_error());
            rest = &rest[sent as usize..];
        }
    }

    /// Receives what there is, nothing at the end.
    fn receive(&self, room: &mut [u8]) -> usize {
        let buffer = WSABUF {
            len: room.len() as u32,
            buf: room.as_mut_ptr(),
        };
        let (mut got, mut flags) = (0, 0);
        // SAFETY: a live buffer, live locals.
        let result = unsafe { WSARecv(self.0, &buffer, 1, &mut got, &mut flags, null_mut(), None) };
        assert_eq!(result, 0, "{}", last_error());
        got as usize
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        unsafe { closesocket(self.0) };
    }
}

fn last_error() -> i32 {
    // SAFETY: no arguments.
    unsafe { WSAGetLastError() }
}

/// A listener on the loopback address and its name.
fn listener() -> (Socket, SOCKADDR_IN) {
    let socket = Socket::tcp();
    // SAFETY: a C structure of numbers.
    let mut name: SOCKADDR_IN = unsafe { zeroed() };
    name.sin_family = AF_INET;
    name.sin_addr.S_un.S_addr = u32::from_ne_bytes([127, 0, 0, 1]);
    assert_eq!(
        // SAFETY: a live local of that size.
        unsafe { ws2_bind(socket.0, (&raw const name).cast(), SIZE) },
        0
    );
    // SAFETY: no pointers.
    assert_eq!(unsafe { ws2_listen(socket.0, SOMAXCONN as i32) }, 0);
    let mut len = SIZE;
    assert_eq!(
        // SAFETY: live locals.
        unsafe { ws2_getsockname(socket.0, (&raw mut name).cast(), &mut len) },
        0
    );
    assert_ne!(name.sin_port, 0);
    (socket, name)
}

// design.md, style.md 2.1: a program that calls windows_sys's WSAStartup, WSASocketW, WSASend... runs on us.
#[test]
fn a_program_for_windows_echoes_over_tcp() {
    let _started = Started::new();
    let (listener, name) = listener();
    let server = thread::spawn(move || {
        // SAFETY: neither address nor condition is wanted.
        let accepted = unsafe { WSAAccept(listener.0, null_mut(), null_mut(), None, 0) };
        assert_ne!(accepted, INVALID_SOCKET, "{}", last_error());
        let peer = Socket(accepted);
        let mut room = [0; 4096];
        loop {
            match peer.receive(&mut room) {
                0 => break,
                got => peer.send(&room[..got]),
            }
        }
    });
    let client = Socket::tcp();
    // SAFETY: a live local of that size; nothing else is given.
    let connected = unsafe {
        WSAConnect(
            client.0,
            (&raw const name).cast(),
            SIZE,
            null(),
            null_mut(),
            null(),
            null(),
        )
    };
    assert_eq!(connected, 0, "{}", last_error());
    let bytes: Vec<u8> = (0..50_000_u32)
        .map(|number| number.wrapping_mul(31) as u8)
        .collect();
    let mut back = Vec::new();
    for block in bytes.chunks(10_000) {
        client.send(block);
        let mut room = vec![0; block.len()];
        let mut got = 0;
        while got < block.len() {
            got += client.receive(&mut room[got..]);
        }
        back.extend(room);
    }
    assert_eq!(back, bytes);
    assert_eq!(
        // SAFETY: no data is given.
        unsafe { WSASendDisconnect(client.0, null()) },
        0,
        "{}",
        last_error()
    );
    assert_eq!(client.receive(&mut [0]), 0);
    server.join().expect("the server has no complaints");
}

// The three names that libc does not own are ours as they are.
#[test]
fn the_free_bsd_names_are_ours() {
    let _started = Started::new();
    let (listener, _) = listener();
    let mut yes = 1;
    assert_eq!(
        // SAFETY: a live local.
        unsafe { ioctlsocket(listener.0, FIONBIO, &mut yes) },
        0,
        "{}",
        last_error()
    );
    // SAFETY: neither address nor condition is wanted.
    let accepted = unsafe { WSAAccept(listener.0, null_mut(), null_mut(), None, 0) };
    assert_eq!((accepted, last_error()), (INVALID_SOCKET, WSAEWOULDBLOCK));
    // SAFETY: a C structure of numbers.
    let mut set: FD_SET = unsafe { zeroed() };
    set.fd_count = 1;
    set.fd_array[0] = listener.0;
    // SAFETY: a live local.
    assert_ne!(unsafe { __WSAFDIsSet(listener.0, &mut set) }, 0);
    // SAFETY: no pointers.
    assert_eq!(unsafe { closesocket(listener.0) }, 0);
    assert_eq!(
        // SAFETY: no pointers; closed above, so the drop of the socket is told the same.
        (unsafe { closesocket(listener.0) }, last_error()),
        (SOCKET_ERROR, WSAENOTSOCK)
    );
}

// std keeps its own sockets: nothing of ours takes the place of libc's connect and bind.
#[test]
fn the_sockets_of_the_standard_library_are_untouched() {
    let _started = Started::new();
    let server = std::net::TcpListener::bind("127.0.0.1:0").expect("libc's bind");
    let name = server.local_addr().expect("libc's getsockname");
    let client = std::net::TcpStream::connect(name).expect("libc's connect");
    assert_eq!(client.peer_addr().ok(), Some(name));
}

// Events and completion ports of kernel32 under windows-sys's declarations.
#[test]
fn events_and_ports_are_those_of_kernel32() {
    // SAFETY: neither attributes nor a name.
    let event: HANDLE = unsafe { CreateEventW(null(), 1, 0, null()) };
    // SAFETY: no pointers.
    assert_ne!(unsafe { SetEvent(event) }, 0);
    // SAFETY: no pointers.
    assert_eq!(unsafe { WaitForSingleObject(event, 0) }, WAIT_OBJECT_0);
    // SAFETY: no pointers.
    assert_ne!(unsafe { CloseHandle(event) }, 0);
    // SAFETY: no pointers.
    let port = unsafe { CreateIoCompletionPort(INVALID_HANDLE_VALUE, null_mut(), 0, 0) };
    let block: *mut OVERLAPPED = std::ptr::without_provenance_mut(0x40);
    // SAFETY: the port does not look at the block.
    assert_ne!(unsafe { PostQueuedCompletionStatus(port, 3, 9, block) }, 0);
    let (mut bytes, mut key, mut got) = (0, 0, null_mut());
    // SAFETY: live locals.
    let there = unsafe { GetQueuedCompletionStatus(port, &mut bytes, &mut key, &mut got, 0) };
    assert_eq!((there, bytes, key, got), (1, 3, 9, block));
    // SAFETY: no pointers.
    assert_ne!(unsafe { CloseHandle(port) }, 0);
    // SAFETY: no arguments.
    assert_ne!(unsafe { GetLastError() }, ERROR_IO_PENDING);
}
