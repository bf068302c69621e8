//! A socket as a file: `ReadFile` and `WriteFile` on its handle, whoever made the handle.
//!
//! On an IFS handle the base provider's own file object answers; a minted handle is routed to the owning provider's `WSPRecv` and
//! `WSPSend`, so that a non-IFS layer sees these calls too.

use crate::winsock::{GetLastError, ReadFile, WriteFile};
use crate::{Socket, cases};
use std::ptr::null_mut;
use ws2spi_abi::*;

cases! {
    a_stream_is_read_and_written_as_a_file: ["client-dll.md 1.6, 1.9"], [Tcp, Ipv6];
    a_datagram_that_is_cut_is_more_data: ["base-provider.md 2.3"], [Udp];
    a_reset_stream_is_a_deleted_name: ["base-provider.md 2.3"], [Tcp];
    a_closed_socket_is_no_file: [], [Udp];
}

/// The result of the last call as a file function says it.
fn told(result: BOOL, count: u32) -> Result<u32, Errno> {
    if result != FALSE {
        return Ok(count);
    }
    // SAFETY: no arguments.
    let code = unsafe { GetLastError() };
    Err(Errno::new(code.cast_signed()).expect("a failure has an error"))
}

fn read(s: &Socket, room: &mut [u8]) -> Result<u32, Errno> {
    let (start, len, mut count) = (room.as_mut_ptr(), room.len() as u32, 0);
    // SAFETY: as much room as is said; a live local.
    let result = unsafe { ReadFile(s.raw(), start, len, &raw mut count, null_mut()) };
    told(result, count)
}

fn write(s: &Socket, bytes: &[u8]) -> Result<u32, Errno> {
    let (start, len, mut count) = (bytes.as_ptr(), bytes.len() as u32, 0);
    // SAFETY: as many bytes as are said; a live local.
    let result = unsafe { WriteFile(s.raw(), start, len, &raw mut count, null_mut()) };
    told(result, count)
}

// The handle is one that ReadFile and WriteFile understand; the end of a stream is a read of 0 bytes.
fn a_stream_is_read_and_written_as_a_file() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        assert_eq!(write(&client, b"through a file"), Ok(14));
        let mut room = [0; 64];
        let mut got = 0;
        while got < 14 {
            let more = read(&server, &mut room[got..]).expect("the stream goes on");
            got += more as usize;
        }
        assert_eq!(&room[..got], b"through a file");
        assert_eq!(server.send(b"and back", 0), Ok(8));
        let mut room = [0; 8];
        assert_eq!(client.recv(&mut room, 0), Ok(8));
        client.shutdown(SD_SEND).expect("it is connected");
        assert_eq!(read(&server, &mut room), Ok(0));
    }
}

// What is WSAEMSGSIZE for Winsock is ERROR_MORE_DATA for a file function.
fn a_datagram_that_is_cut_is_more_data() {
    let (sender, receiver) = (Socket::bound_udp(AF_INET), Socket::bound_udp(AF_INET));
    let to = receiver.name().expect("a bound socket has a name");
    sender.connect(to).expect("datagram sockets take a peer");
    assert_eq!(write(&sender, b"too long"), Ok(8));
    let mut room = [0; 3];
    assert_eq!(read(&receiver, &mut room), Err(Errno::MORE_DATA));
    assert_eq!(&room, b"too");
}

// What is WSAECONNRESET for Winsock is ERROR_NETNAME_DELETED for a file function.
fn a_reset_stream_is_a_deleted_name() {
    let (client, server) = Socket::pair(AF_INET);
    // l_onoff, l_linger: at once.
    client
        .set_option_bytes(SOL_SOCKET, SO_LINGER, &[1, 0, 0, 0])
        .expect("the option is known");
    drop(client);
    assert_eq!(read(&server, &mut [0]), Err(Errno::NETNAME_DELETED));
}

// A closed handle is no file any more.
fn a_closed_socket_is_no_file() {
    let socket = Socket::bound_udp(AF_INET);
    let stale = socket.raw();
    drop(socket);
    let (mut byte, mut count) = (0, 0);
    // SAFETY: live locals.
    let result = unsafe { ReadFile(stale, &raw mut byte, 1, &raw mut count, null_mut()) };
    assert_eq!(told(result, count), Err(Errno::INVALID_HANDLE));
    // SAFETY: as above.
    let result = unsafe { WriteFile(stale, &raw const byte, 1, &raw mut count, null_mut()) };
    assert_eq!(told(result, count), Err(Errno::INVALID_HANDLE));
}
