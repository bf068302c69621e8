//! SIO_TCP_INFO: what the system has counted of a connection.

use crate::controls::{Answer, control};
use crate::{Socket, cases, wait};
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    the_bytes_of_a_connection_are_counted: ["base-provider.md 2.8, SIO_TCP_INFO"], [TcpInfo, Tcp, Ipv6];
    a_peer_that_does_not_read_holds_up_the_sender: ["sdk SIO_TCP_INFO"], [TcpInfo, Tcp];
    the_state_of_a_connection_is_told: ["sdk TCPSTATE"], [TcpInfo, Tcp];
    the_version_decides_how_much_is_told: ["sdk TCP_INFO_v0, TCP_INFO_v1"], [TcpInfo, Tcp];
    a_wrong_version_or_socket_is_refused: ["sdk SIO_TCP_INFO, 'Return value'"], [TcpInfo, Tcp, Udp];
}

const V0: usize = size_of::<TCP_INFO_v0>();
const V1: usize = size_of::<TCP_INFO_v1>();

fn info(s: &Socket) -> TCP_INFO_v1 {
    let mut out = [0; V1];
    let answer = control(s, SIO_TCP_INFO, Some(&1u32.to_ne_bytes()), Some(&mut out));
    assert_eq!((answer.result, answer.returned), (Ok(()), V1 as u32));
    TCP_INFO_v1::decode(&out).expect("it is as long")
}

fn the_bytes_of_a_connection_are_counted() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        assert_eq!(client.send(&[7; 1000], 0), Ok(1000));
        assert_eq!(server.recv(&mut [0; 2000], 0), Ok(1000));
        wait::until("the bytes are acknowledged", || {
            info(&client).BytesInFlight == 0
        });
        let (sent, received) = (info(&client), info(&server));
        assert_eq!((sent.BytesOut, sent.BytesIn), (1000, 0));
        assert_eq!((received.BytesOut, received.BytesIn), (0, 1000));
        for info in [sent, received] {
            assert_eq!(info.State, TCPSTATE_ESTABLISHED);
            assert!(info.Mss > 500 && info.Cwnd >= info.Mss, "{info:?}");
            assert!(info.SndWnd > 0 && info.RcvWnd > 0, "{info:?}");
            assert!(info.RcvBuf > 0 && info.RttUs > 0, "{info:?}");
        }
    }
}

// What was sent and not acknowledged, and the receiver's window that holds up the rest.
fn a_peer_that_does_not_read_holds_up_the_sender() {
    let (client, _server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("FIONBIO");
    wait::until("the receiver is counted as the limit", || {
        while client.send(&[0; 65536], 0).is_ok() {}
        info(&client).SndLimTimeRwin > 0
    });
    wait::until("the connection is a millisecond old", || {
        info(&client).ConnectionTimeMs > 0
    });
    let info = info(&client);
    assert_eq!(info.BytesIn, 0);
    assert!(info.BytesOut > 0, "{info:?}");
}

fn the_state_of_a_connection_is_told() {
    assert_eq!(info(&Socket::tcp(AF_INET)).State, TCPSTATE_CLOSED);
    assert_eq!(info(&Socket::listener(AF_INET)).State, TCPSTATE_LISTEN);
    let (client, server) = Socket::pair(AF_INET);
    client.shutdown(SD_SEND).expect("a connection can be shut");
    wait::until("the end has arrived", || {
        info(&server).State == TCPSTATE_CLOSE_WAIT
    });
    wait::until("the end is acknowledged", || {
        info(&client).State == TCPSTATE_FIN_WAIT_2
    });
    // The end of the stream is no byte.
    assert_eq!((info(&client).BytesOut, info(&server).BytesIn), (0, 0));
}

// The input chooses.
fn the_version_decides_how_much_is_told() {
    let (client, _server) = Socket::pair(AF_INET);
    for (version, size) in [(0u32, V0), (1, V1)] {
        let mut out = [0xaa; V1 + 8];
        let input = version.to_ne_bytes();
        let answer = control(&client, SIO_TCP_INFO, Some(&input), Some(&mut out));
        assert_eq!((answer.result, answer.returned), (Ok(()), size as u32));
        assert_eq!(i32::decode(&out), Some(TCPSTATE_ESTABLISHED));
        assert_eq!(out[size..], [0xaa; V1 + 8][size..]);
    }
}

// The input first.
fn a_wrong_version_or_socket_is_refused() {
    let (client, _server) = Socket::pair(AF_INET);
    let ask = |s: &Socket, input: Option<&[u8]>, room: usize| {
        control(s, SIO_TCP_INFO, input, Some(&mut vec![0; room]))
    };
    let refused = |error, returned| Answer {
        result: Err(error),
        returned,
    };
    let (zero, two) = (0u32.to_ne_bytes(), 2u32.to_ne_bytes());
    for input in [None, Some(&zero[..3]), Some(&[0; 8][..])] {
        let answer = ask(&client, input, V0);
        assert_eq!(answer.result, Err(Errno::MSGSIZE), "{input:?}");
    }
    assert_eq!(ask(&client, Some(&two), V1).result, Err(Errno::INVAL));
    let udp = Socket::bound_udp(AF_INET);
    assert_eq!(ask(&udp, Some(&zero), V1).result, Err(Errno::INVAL));
    assert_eq!(
        ask(&client, Some(&zero), V0 - 1),
        refused(Errno::INVAL, 0),
        "too small an output"
    );
    let nothing = control(&client, SIO_TCP_INFO, Some(&zero), None);
    assert_eq!(nothing, refused(Errno::INVAL, 0));
}
