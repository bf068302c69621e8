//! The options of SOL_SOCKET: what is set is read back, in Windows' own types.

use crate::socket::loopback;
use crate::values::{self, UNTOUCHED};
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    timeouts_are_read_back_in_milliseconds: [P303], [Tcp];
    buffer_sizes_are_read_back_as_they_were_set: [P304], [Tcp, Udp, Ipv6];
    a_connection_with_buffers_of_size_0_carries_data: [P304], [Tcp];
    linger_is_two_short_numbers: [P305], [Tcp];
    dontlinger_is_the_inverse_of_linger: [P306], [Tcp];
    datagram_sockets_have_no_linger: [P306], [Udp, Ipv6];
    datagram_sockets_take_no_linger: ["base-provider.md 2.5"], [Udp, Ipv6];
    an_unknown_level_is_invalid: [P310], [Tcp, Udp];
    an_unknown_option_of_a_known_level_is_no_option: ["base-provider.md 1.15"], [Tcp];
    the_pending_error_can_be_set: [P311], [Tcp, Udp];
    the_protocol_info_says_how_much_room_it_needs: [P314, U163], [Tcp];
    the_protocol_info_of_no_socket_is_no_socket: [P314], [];
    the_state_shows_the_addresses_that_there_are: [P315], [Tcp];
    the_state_needs_room_for_both_addresses: [P315], [Tcp];
    the_largest_message_is_that_of_the_protocol: [P318], [Udp, Ipv6];
    debug_set_to_2_reads_1: [P319], [Tcp, Udp];
    low_water_marks_are_invalid: [P322], [Tcp, Udp];
    read_only_options_cannot_be_set: ["base-provider.md 1.27"], [Tcp, Udp];
    the_type_of_a_datagram_socket_is_invalid_to_set: ["base-provider.md 1.27"], [Udp];
}

/// What `getsockopt` says of an option of SOL_SOCKET, as a DWORD.
fn option(s: &Socket, name: i32) -> Result<u32, Errno> {
    s.option(SOL_SOCKET, name)
}

// Timeouts are DWORDs of milliseconds, and 0 stands for none.
fn timeouts_are_read_back_in_milliseconds() {
    let s = Socket::tcp(AF_INET);
    for name in [SO_RCVTIMEO, SO_SNDTIMEO] {
        assert_eq!(option(&s, name), Ok(0), "there is none at first");
        for milliseconds in [63_000, 997_000, 1, 0] {
            assert_eq!(s.set_option(SOL_SOCKET, name, milliseconds), Ok(()));
            assert_eq!(option(&s, name), Ok(milliseconds));
        }
    }
}

// Neither doubled nor clamped.
fn buffer_sizes_are_read_back_as_they_were_set() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET6)] {
        for name in [SO_SNDBUF, SO_RCVBUF] {
            assert_eq!(s.set_option(SOL_SOCKET, name, 4096), Ok(()));
            assert_eq!(option(&s, name), Ok(4096));
        }
        assert_eq!(s.set_option(SOL_SOCKET, SO_RCVBUF, 0), Ok(()));
        assert_eq!(option(&s, SO_RCVBUF), Ok(0));
    }
}

// What is small for the network still carries data.
fn a_connection_with_buffers_of_size_0_carries_data() {
    let (client, server) = Socket::pair(AF_INET);
    for name in [SO_SNDBUF, SO_RCVBUF] {
        assert_eq!(client.set_option(SOL_SOCKET, name, 0), Ok(()));
        assert_eq!(server.set_option(SOL_SOCKET, name, 0), Ok(()));
    }
    assert_eq!(client.send(b"data", 0), Ok(4));
    let mut room = [0; 4];
    server.recv_exact(&mut room);
    assert_eq!(&room, b"data");
}

// Two u16 in four bytes, not the two ints of other systems.
fn linger_is_two_short_numbers() {
    let s = Socket::tcp(AF_INET);
    let linger = values::get(&s, SOL_SOCKET, SO_LINGER, 4);
    assert_eq!((linger.result, linger.len), (Ok(()), 4));
    assert_eq!(linger.bytes, [0; 4], "it is off at first");

    let mut value = [0; 4];
    value[..2].copy_from_slice(&5u16.to_ne_bytes());
    value[2..].copy_from_slice(&189u16.to_ne_bytes());
    assert_eq!(values::set(&s, SOL_SOCKET, SO_LINGER, value, 4), Ok(()));
    let linger = values::get(&s, SOL_SOCKET, SO_LINGER, 4);
    assert_eq!((linger.result, linger.len), (Ok(()), 4));
    assert_ne!(linger.bytes[..2], [0, 0], "l_onoff is true");
    assert_eq!(linger.bytes[2..], 189u16.to_ne_bytes());
}

fn dontlinger_is_the_inverse_of_linger() {
    let s = Socket::tcp(AF_INET);
    let linger = |s: &Socket| values::get(s, SOL_SOCKET, SO_LINGER, 4).bytes;
    assert_eq!(option(&s, SO_DONTLINGER), Ok(1), "no lingering at first");
    assert_eq!(
        values::set(&s, SOL_SOCKET, SO_LINGER, [1, 0, 7, 0], 4),
        Ok(())
    );
    assert_eq!(option(&s, SO_DONTLINGER), Ok(0));
    assert_eq!(s.set_option(SOL_SOCKET, SO_DONTLINGER, 1), Ok(()));
    assert_eq!(linger(&s)[..2], [0, 0]);
    assert_eq!(s.set_option(SOL_SOCKET, SO_DONTLINGER, 0), Ok(()));
    assert_ne!(linger(&s)[..2], [0, 0]);
}

fn datagram_sockets_have_no_linger() {
    for family in [AF_INET, AF_INET6] {
        let s = Socket::udp(family);
        let linger = values::get(&s, SOL_SOCKET, SO_LINGER, 4);
        assert_eq!(linger.result, Err(Errno::NOPROTOOPT));
    }
}

fn datagram_sockets_take_no_linger() {
    for family in [AF_INET, AF_INET6] {
        let s = Socket::udp(family);
        assert_eq!(
            values::set(&s, SOL_SOCKET, SO_LINGER, [1, 0, 7, 0], 4),
            Err(Errno::NOPROTOOPT)
        );
    }
}

// Unknown levels, before anything is asked about the option.
fn an_unknown_level_is_invalid() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        for level in [0xffffi32 - 1, 0x1234, -1] {
            for name in [SO_KEEPALIVE, 0x7777] {
                assert_eq!(s.option(level, name), Err(Errno::INVAL));
                assert_eq!(s.set_option(level, name, 1), Err(Errno::INVAL));
            }
        }
    }
}

// A level that is known, an option that is not.
fn an_unknown_option_of_a_known_level_is_no_option() {
    let s = Socket::tcp(AF_INET);
    for level in [SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP] {
        assert_eq!(s.option(level, 0x7777), Err(Errno::NOPROTOOPT));
        assert_eq!(s.set_option(level, 0x7777, 1), Err(Errno::NOPROTOOPT));
    }
}

fn the_pending_error_can_be_set() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        assert_eq!(option(&s, SO_ERROR), Ok(0));
        assert_eq!(s.set_option(SOL_SOCKET, SO_ERROR, 1234), Ok(()));
        assert_eq!(option(&s, SO_ERROR), Ok(1234));
        assert_eq!(option(&s, SO_ERROR), Ok(1234), "reading does not clear it");
        assert_eq!(s.set_option(SOL_SOCKET, SO_ERROR, 0), Ok(()));
        assert_eq!(option(&s, SO_ERROR), Ok(0));
    }
}

// The length that is needed comes back with the failure, and larger buffers are fine.
fn the_protocol_info_says_how_much_room_it_needs() {
    let s = Socket::tcp(AF_INET);
    for (name, needed) in [(SO_PROTOCOL_INFOA, 372), (SO_PROTOCOL_INFOW, 628)] {
        for short in [1, 4, needed - 1] {
            let got = values::get(&s, SOL_SOCKET, name, short);
            assert_eq!((got.result, got.len), (Err(Errno::FAULT), needed));
            assert!(got.bytes.iter().all(|byte| *byte == UNTOUCHED));
        }
        let nowhere = values::get_nowhere(&s, SOL_SOCKET, name, needed);
        assert_eq!(nowhere, (Err(Errno::FAULT), needed));
        for room in [needed, needed + 1] {
            let got = values::get(&s, SOL_SOCKET, name, room);
            assert_eq!((got.result, got.len), (Ok(()), room));
        }
    }
}

// The socket comes before the buffer.
fn the_protocol_info_of_no_socket_is_no_socket() {
    let gone = Socket::from_raw(INVALID_SOCKET);
    for name in [SO_PROTOCOL_INFOA, SO_PROTOCOL_INFOW] {
        let got = values::get(&gone, SOL_SOCKET, name, 1);
        assert_eq!((got.result, got.len), (Err(Errno::NOTSOCK), 1));
    }
}

/// The local and the remote address in an SO_BSP_STATE.
fn addresses(s: &Socket) -> [Vec<u8>; 2] {
    let got = values::get(s, SOL_SOCKET, SO_BSP_STATE, 128);
    assert_eq!(got.result, Ok(()));
    let info = <CSADDR_INFO as types::Plain>::decode(&got.bytes).expect("the structure fits");
    assert_eq!(
        (info.iSocketType, info.iProtocol),
        (SOCK_STREAM, IPPROTO_TCP)
    );
    [info.LocalAddr, info.RemoteAddr].map(|address| {
        if address.lpSockaddr.is_null() {
            assert_eq!(address.iSockaddrLength, 0);
            return Vec::new();
        }
        let at = address.lpSockaddr.addr() - got.start;
        got.bytes[at..at + address.iSockaddrLength as usize].to_vec()
    })
}

// Nothing, the local address, both: they lie behind the structure in the same buffer.
fn the_state_shows_the_addresses_that_there_are() {
    let bytes = |name: std::net::SocketAddr| args::Address::from_ip(name).as_bytes().to_vec();
    let listener = Socket::listener(AF_INET);
    let s = Socket::tcp(AF_INET);
    let none = Vec::<u8>::new;
    assert_eq!(addresses(&s), [none(), none()]);

    s.bind(loopback(AF_INET)).expect("loopback can be bound");
    let local = bytes(s.name().expect("it is bound"));
    assert_eq!(addresses(&s), [local.clone(), none()]);

    let to = listener.name().expect("a listener has a name");
    s.connect(to).expect("loopback connects");
    assert_eq!(addresses(&s), [local, bytes(to)]);
}

// 40 bytes and two sockaddr_in.
fn the_state_needs_room_for_both_addresses() {
    let s = Socket::tcp(AF_INET);
    assert_eq!(
        values::get(&s, SOL_SOCKET, SO_BSP_STATE, 71).result,
        Err(Errno::FAULT)
    );
    assert_eq!(values::get(&s, SOL_SOCKET, SO_BSP_STATE, 72).result, Ok(()));
}

// P318 knows both numbers: with and without the headers that are left off.
fn the_largest_message_is_that_of_the_protocol() {
    for family in [AF_INET, AF_INET6] {
        let size = option(&Socket::udp(family), SO_MAX_MSG_SIZE);
        assert!([Ok(65507), Ok(65527)].contains(&size), "{family}: {size:?}");
    }
}

// Stored as a truth value.
fn debug_set_to_2_reads_1() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        assert_eq!(option(&s, SO_DEBUG), Ok(0));
        assert_eq!(s.set_option(SOL_SOCKET, SO_DEBUG, 2), Ok(()));
        assert_eq!(option(&s, SO_DEBUG), Ok(1));
        assert_eq!(s.set_option(SOL_SOCKET, SO_DEBUG, 0), Ok(()));
        assert_eq!(option(&s, SO_DEBUG), Ok(0));
    }
}

fn low_water_marks_are_invalid() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        for name in [SO_RCVLOWAT, SO_SNDLOWAT] {
            assert_eq!(option(&s, name), Err(Errno::INVAL));
            assert_eq!(s.set_option(SOL_SOCKET, name, 1), Err(Errno::INVAL));
        }
    }
}

// What can only be read.
fn read_only_options_cannot_be_set() {
    let (stream, datagram) = (Socket::tcp(AF_INET), Socket::udp(AF_INET));
    for s in [&stream, &datagram] {
        assert_eq!(
            s.set_option(SOL_SOCKET, SO_ACCEPTCONN, 1),
            Err(Errno::NOPROTOOPT)
        );
    }
    assert_eq!(
        stream.set_option(SOL_SOCKET, SO_TYPE, 2),
        Err(Errno::NOPROTOOPT)
    );
    assert_eq!(option(&stream, SO_TYPE), Ok(SOCK_STREAM as u32));
}

// Another code than for a stream.
fn the_type_of_a_datagram_socket_is_invalid_to_set() {
    let s = Socket::udp(AF_INET);
    for kind in [SOCK_STREAM, SOCK_DGRAM] {
        let set = s.set_option(SOL_SOCKET, SO_TYPE, kind as u32);
        assert_eq!(set, Err(Errno::INVAL));
    }
    assert_eq!(option(&s, SO_TYPE), Ok(SOCK_DGRAM as u32));
}
