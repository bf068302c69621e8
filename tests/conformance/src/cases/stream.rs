//! Streams: data arrives whole and in order.

use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    what_is_sent_is_received_in_order: ["design.md section 4, 'One call'"], [Tcp, Ipv6];
    datagrams_arrive_one_by_one: ["design.md section 4"], [Udp, Ipv6];
}

// What is sent is received, on both families.
fn what_is_sent_is_received_in_order() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        let data: Vec<u8> = (0..100_000u32).map(|n| (n * 7 % 251) as u8).collect();
        let sent = data.clone();
        let sender = std::thread::spawn(move || {
            let mut done = 0;
            while done < sent.len() {
                done += client
                    .send(&sent[done..], 0)
                    .expect("the stream takes data");
            }
            client
        });
        let mut received = vec![0; data.len()];
        server.recv_exact(&mut received);
        assert_eq!(received, data);
        drop(sender.join().expect("the sender does not panic"));
        assert_eq!(
            server.recv(&mut [0], 0),
            Ok(0),
            "the stream ends after the data"
        );
    }
}

// Messages keep their boundaries.
fn datagrams_arrive_one_by_one() {
    for family in [AF_INET, AF_INET6] {
        let (a, b) = (Socket::bound_udp(family), Socket::bound_udp(family));
        let to = b.name().expect("a bound socket has a name");
        for text in [&b"first"[..], b"", b"third one"] {
            assert_eq!(a.send_to(text, to), Ok(text.len()));
            let mut room = [0; 64];
            let (len, from) = b.recv_from(&mut room).expect("the datagram arrives");
            assert_eq!((&room[..len], from.to_ip()), (text, a.name().ok()));
        }
    }
}
