//! Shutting the halves of a connection: shutdown, WSASendDisconnect, WSARecvDisconnect, DisconnectEx.

use crate::extensions::disconnect;
use crate::sending::{recv_disconnect, send_disconnect};
use crate::socket::loopback;
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    a_stream_without_a_peer_cannot_be_shut: [P185], [Tcp, Windows, Extensions];
    an_unbound_datagram_socket_is_shut: [P186], [Udp, Windows];
    there_are_three_ways_to_shut: [P187], [Tcp, Udp];
    shutting_again_succeeds: [P188], [Tcp, Windows];
    a_half_closed_connection_carries_data_the_other_way: [P189], [Tcp, Ipv6];
    a_shut_connection_keeps_its_names: [P189], [Tcp];
    disconnect_data_are_not_supported: [P192], [Tcp, Extensions];
    disconnects_without_data_shut_one_half: ["base-provider.md 1.21, 1.25"], [Tcp, Extensions];
    only_connections_are_disconnected: [P193], [Tcp, Extensions];
    no_socket_cannot_be_disconnected: [P193], [Tcp, Extensions];
    disconnecting_may_be_repeated: [P195], [Tcp, Extensions];
    disconnecting_shuts_the_sending_half_only: [P196], [Tcp, Extensions];
}

const WAYS: [i32; 3] = [SD_RECEIVE, SD_SEND, SD_BOTH];

/// Streams without a peer: new, bound, listening.
fn without_peer() -> [Socket; 3] {
    let bound = Socket::tcp(AF_INET);
    bound
        .bind(loopback(AF_INET))
        .expect("loopback can be bound");
    [Socket::tcp(AF_INET), bound, Socket::listener(AF_INET)]
}

fn a_stream_without_a_peer_cannot_be_shut() {
    for s in without_peer() {
        for how in WAYS {
            assert_eq!(s.shutdown(how), Err(Errno::NOTCONN));
        }
        assert_eq!(send_disconnect(&s, None), Err(Errno::NOTCONN));
        assert_eq!(recv_disconnect(&s, None), Err(Errno::NOTCONN));
    }
}

fn an_unbound_datagram_socket_is_shut() {
    for how in WAYS {
        let s = Socket::udp(AF_INET);
        assert_eq!(s.shutdown(how), Ok(()));
        assert_eq!(s.name(), Err(Errno::INVAL), "it is not bound by that");
    }
}

fn there_are_three_ways_to_shut() {
    let (client, _server) = Socket::pair(AF_INET);
    for s in [&client, &Socket::udp(AF_INET)] {
        for how in [3, -1, 0x7fff_ffff] {
            assert_eq!(s.shutdown(how), Err(Errno::INVAL), "{how}");
        }
    }
    assert_eq!(client.send(b"x", 0), Ok(1), "nothing was shut");
}

fn shutting_again_succeeds() {
    for first in WAYS {
        let (client, _server) = Socket::pair(AF_INET);
        for how in [first, first, SD_RECEIVE, SD_SEND, SD_BOTH] {
            assert_eq!(client.shutdown(how), Ok(()), "{first}, {how}");
        }
    }
}

// The half that is open carries data, then its end.
fn a_half_closed_connection_carries_data_the_other_way() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        assert_eq!(client.shutdown(SD_SEND), Ok(()));
        let mut room = [0; 4];
        assert_eq!(server.recv(&mut room, 0), Ok(0), "the end arrives");
        for _ in 0..2 {
            assert_eq!(server.send(b"data", 0), Ok(4));
            client.recv_exact(&mut room);
            assert_eq!(&room, b"data");
        }
        assert_eq!(server.shutdown(SD_SEND), Ok(()));
        assert_eq!(client.recv(&mut room, 0), Ok(0));
    }
}

// Names stay, too.
fn a_shut_connection_keeps_its_names() {
    let (client, server) = Socket::pair(AF_INET);
    client.shutdown(SD_BOTH).expect("it is connected");
    assert_eq!(client.peer(), server.name());
    assert_eq!(client.name(), server.peer());
}

// No protocol here carries any.
fn disconnect_data_are_not_supported() {
    let (client, server) = Socket::pair(AF_INET);
    let mut data = *b"bye";
    assert_eq!(
        send_disconnect(&client, Some(&mut data)),
        Err(Errno::NOPROTOOPT)
    );
    assert_eq!(
        recv_disconnect(&client, Some(&mut data)),
        Err(Errno::NOPROTOOPT)
    );
    assert_eq!(client.send(b"data", 0), Ok(4), "nothing was shut");
    let mut room = [0; 4];
    server.recv_exact(&mut room);
}

// Without data they are shutdown under another name.
fn disconnects_without_data_shut_one_half() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(recv_disconnect(&client, None), Ok(()));
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::SHUTDOWN));
    assert_eq!(client.send(b"x", 0), Ok(1));
    assert_eq!(send_disconnect(&client, None), Ok(()));
    assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(1));
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(0));
}

fn only_connections_are_disconnected() {
    for s in without_peer() {
        assert_eq!(disconnect(&s, s.raw(), 0), Err(Errno::NOTCONN));
    }
}

fn no_socket_cannot_be_disconnected() {
    let s = Socket::tcp(AF_INET);
    assert_eq!(disconnect(&s, INVALID_SOCKET, 0), Err(Errno::NOTSOCK));
    let stale = Socket::tcp(AF_INET).raw();
    assert_eq!(disconnect(&s, stale, 0), Err(Errno::NOTSOCK));
}

fn disconnecting_may_be_repeated() {
    let (client, server) = Socket::pair(AF_INET);
    for _ in 0..3 {
        assert_eq!(disconnect(&client, client.raw(), 0), Ok(()));
    }
    assert_eq!(server.recv(&mut [0], 0), Ok(0), "the end arrives once");
}

fn disconnecting_shuts_the_sending_half_only() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(disconnect(&client, client.raw(), 0), Ok(()));
    assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    assert_eq!(server.send(b"data", 0), Ok(4));
    let mut room = [0; 4];
    client.recv_exact(&mut room);
    assert_eq!(&room, b"data");
    let to = server.name().expect("it has a name");
    assert_eq!(client.connect(to), Err(Errno::ISCONN));
}
