//! The echo server on a completion port: one thread, a receive under way on each connection.

use std::mem::zeroed;
use std::ptr::null_mut;
use std::thread;

use ws2spi_abi::*;
use ws2spi_tests::port::{self, Port};
use ws2spi_tests::socket::checked_socket;
use ws2spi_tests::{Socket, winsock};

use crate::{ROOM, Server};

unsafe extern "C" {
    fn GetQueuedCompletionStatusEx(
        port: HANDLE,
        packets: *mut OVERLAPPED_ENTRY,
        room: u32,
        count: *mut u32,
        milliseconds: u32,
        alertable: i32,
    ) -> i32;
}

/// How the server is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// What succeeds at once queues no packet, and packets are taken by the dozen.
    Fast,
    /// Every operation queues a packet, and they are taken one by one.
    Usual,
}

/// A connection. It stays where it is while the system knows its blocks.
struct Connection {
    receive: OVERLAPPED,
    send: OVERLAPPED,
    data: [u8; ROOM],
    socket: Socket,
    style: Style,
}

/// A server whose sockets are of that catalog entry.
pub fn start(entry: WSAPROTOCOL_INFOW, connections: usize, style: Style) -> Server {
    let any = FROM_PROTOCOL_INFO;
    // SAFETY: the entry is a live local.
    let s = unsafe { winsock::WSASocketW(any, any, any, &raw const entry, 0, WSA_FLAG_OVERLAPPED) };
    let listener = checked_socket(s).expect("a TCP socket");
    listener
        .bind("127.0.0.1:0".parse().expect("an address"))
        .expect("loopback is there");
    listener.listen(SOMAXCONN).expect("it is bound");
    let address = listener.name().expect("it is bound");
    let thread = thread::spawn(move || {
        let port = Port::new();
        let accepted: Vec<_> = (0..connections)
            .map(|_| Connection::accept(&listener, &port, style))
            .collect();
        serve(&port, accepted);
    });
    Server { address, thread }
}

fn serve(port: &Port, mut connections: Vec<Box<Connection>>) {
    let mut open = connections.len();
    for connection in &mut connections {
        if !connection.receive() {
            open -= 1;
        }
    }
    // SAFETY: numbers and pointers: all zeroes is a value.
    let mut packets: [OVERLAPPED_ENTRY; 64] = unsafe { zeroed() };
    while open > 0 {
        for packet in take(port, &mut packets, connections[0].style) {
            let connection = packet.lpCompletionKey as *mut Connection;
            // SAFETY: the key is the address of one of the connections, which only this thread uses.
            let connection = unsafe { &mut *connection };
            if !connection.goes_on(packet) {
                open -= 1;
            }
        }
    }
}

/// The next packets, one of them or more.
fn take<'p>(
    port: &Port,
    packets: &'p mut [OVERLAPPED_ENTRY],
    style: Style,
) -> &'p [OVERLAPPED_ENTRY] {
    let mut count = 1;
    let done = match style {
        Style::Fast => {
            let (first, room) = (packets.as_mut_ptr(), packets.len() as u32);
            // SAFETY: there is room for so many packets.
            unsafe {
                GetQueuedCompletionStatusEx(
                    port.raw(),
                    first,
                    room,
                    &raw mut count,
                    INFINITE,
                    FALSE,
                )
            }
        }
        Style::Usual => {
            let packet = &mut packets[0];
            // SAFETY: the packet is live.
            unsafe {
                winsock::GetQueuedCompletionStatus(
                    port.raw(),
                    &raw mut packet.dwNumberOfBytesTransferred,
                    &raw mut packet.lpCompletionKey,
                    &raw mut packet.lpOverlapped,
                    INFINITE,
                )
            }
        }
    };
    assert_eq!(done, TRUE, "the port works and so do the operations");
    &packets[..count as usize]
}

impl Connection {
    /// The next connection, on the port with its address as the key.
    fn accept(listener: &Socket, port: &Port, style: Style) -> Box<Self> {
        let (socket, _) = listener.accept().expect("a client comes");
        socket
            .set_option(IPPROTO_TCP, TCP_NODELAY, 1)
            .expect("it is TCP");
        if style == Style::Fast {
            port::set_modes(&socket, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS as u8)
                .expect("they are modes");
        }
        // SAFETY: numbers: all zeroes is a value.
        let receive: OVERLAPPED = unsafe { zeroed() };
        // SAFETY: as above.
        let send: OVERLAPPED = unsafe { zeroed() };
        let mut connection = Box::new(Self {
            receive,
            send,
            data: [0; ROOM],
            socket,
            style,
        });
        let key = (&raw mut *connection).addr();
        port.associate(&connection.socket, key)
            .expect("a new socket has no port");
        connection
    }

    /// Carries on after a packet; `false` when the client has closed.
    fn goes_on(&mut self, packet: &OVERLAPPED_ENTRY) -> bool {
        if packet.lpOverlapped == &raw mut self.send {
            return self.receive();
        }
        match packet.dwNumberOfBytesTransferred {
            0 => false,
            bytes if self.send(bytes) => self.receive(),
            _ => true,
        }
    }

    /// Posts a receive, and serves what it brings at once if no packet will tell of it; `false` at the end of the stream.
    fn receive(&mut self) -> bool {
        loop {
            let (mut bytes, mut flags) = (0, 0);
            let buffer = WSABUF {
                len: ROOM as u32,
                buf: self.data.as_mut_ptr().cast(),
            };
            // SAFETY: the connection stays where it is until the operation has ended.
            let result = unsafe {
                winsock::WSARecv(
                    self.socket.raw(),
                    &raw const buffer,
                    1,
                    &raw mut bytes,
                    &raw mut flags,
                    &raw mut self.receive,
                    RawCallback::NULL,
                )
            };
            match self.has_ended(result) {
                false => return true,
                true if bytes == 0 => return false,
                true => {}
            }
            if !self.send(bytes) {
                return true;
            }
        }
    }

    /// Posts a send; whether it is over and no packet will tell of it.
    fn send(&mut self, bytes: u32) -> bool {
        let buffer = WSABUF {
            len: bytes,
            buf: self.data.as_mut_ptr().cast(),
        };
        // SAFETY: as for the receive.
        let result = unsafe {
            winsock::WSASend(
                self.socket.raw(),
                &raw const buffer,
                1,
                null_mut(),
                0,
                &raw mut self.send,
                RawCallback::NULL,
            )
        };
        self.has_ended(result)
    }

    /// Whether a call's operation is over and no packet will tell of it.
    fn has_ended(&self, result: i32) -> bool {
        if result == 0 {
            return self.style == Style::Fast;
        }
        // SAFETY: no arguments.
        let error = unsafe { winsock::WSAGetLastError() };
        assert_eq!(error, Errno::IO_PENDING.code(), "the connection works");
        false
    }
}
