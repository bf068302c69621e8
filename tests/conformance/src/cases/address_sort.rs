//! SIO_ADDRESS_LIST_SORT: which of several addresses to connect to first.

use crate::controls::control;
use crate::socket::checked;
use crate::{Socket, cases, winsock};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ptr::null_mut;
use ws2spi_abi::args::Address;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    addresses_are_sorted_from_best_to_worst: ["sdk Using SIO_ADDRESS_LIST_SORT"], [Udp, Ipv6];
    an_address_that_is_nobodys_is_left_out: ["sdk Using SIO_ADDRESS_LIST_SORT"], [Udp, Ipv6];
    a_list_can_be_sorted_in_place: ["sdk Using SIO_ADDRESS_LIST_SORT"], [Udp, Ipv6];
    a_sorted_list_that_does_not_fit_tells_its_size: ["Microsoft, Using SIO_ADDRESS_LIST_SORT"],
        [Tcp, Ipv6];
    only_lists_of_ipv6_addresses_are_sorted: ["sdk Using SIO_ADDRESS_LIST_SORT, 'Parameters'; sdk WSAIoctl, WSAEINVAL."],
        [Udp, Ipv6];
}

const HEAD: usize = 8;
const ENTRY: usize = size_of::<SOCKET_ADDRESS>();

/// An address as the list wants it, with port 7.
fn name(text: &str) -> [u8; 28] {
    let ip = match text.parse().expect("an address") {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    let name = Address::from_ip(SocketAddr::from((ip, 7)));
    name.as_bytes().try_into().expect("an IPv6 address")
}

/// A SOCKET_ADDRESS_LIST of names that lie elsewhere.
fn list(names: &[[u8; 28]]) -> Vec<u8> {
    let mut bytes = vec![0; HEAD + ENTRY * names.len()];
    let count = i32::try_from(names.len()).expect("a few");
    count.encode(&mut bytes).expect("room");
    for (name, entry) in names.iter().zip(bytes[HEAD..].chunks_exact_mut(ENTRY)) {
        let address = SOCKET_ADDRESS {
            lpSockaddr: name.as_ptr().cast_mut().cast(),
            iSockaddrLength: 28,
        };
        address.encode(entry).expect("room");
    }
    bytes
}

/// The names in an answered list, which lies where it was answered.
fn names(list: &[u8]) -> Vec<SocketAddr> {
    let count = i32::decode(list).expect("a list");
    let start = list.as_ptr().addr();
    let entries = list[HEAD..].chunks_exact(ENTRY).map(SOCKET_ADDRESS::decode);
    entries
        .take(count as usize)
        .map(|entry| {
            let entry = entry.expect("as long");
            let at = entry.lpSockaddr.addr() - start;
            let bytes = &list[at..at + entry.iSockaddrLength as usize];
            Address::from_bytes(bytes).to_ip().expect("an IP address")
        })
        .collect()
}

fn sorted(texts: &[&str]) -> Vec<Ipv6Addr> {
    let given: Vec<_> = texts.iter().map(|text| name(text)).collect();
    let mut out = vec![0xaa; 1024];
    let answer = control(
        &Socket::udp(AF_INET6),
        SIO_ADDRESS_LIST_SORT,
        Some(&list(&given)),
        Some(&mut out),
    );
    assert_eq!(answer.result, Ok(()));
    let found = names(&out);
    assert_eq!(answer.returned as usize, HEAD + found.len() * (ENTRY + 28));
    let ips = found.into_iter().map(|name| match name {
        SocketAddr::V6(v6) if v6.port() == 7 => *v6.ip(),
        other => panic!("{other}"),
    });
    ips.collect()
}

fn ips(texts: &[&str]) -> Vec<Ipv6Addr> {
    let parse = |text: &&str| text.parse().expect("an address");
    texts.iter().map(parse).collect()
}

// By the prefix policies the IPv6 loopback comes before IPv4.
fn addresses_are_sorted_from_best_to_worst() {
    let best = ips(&["::1", "::ffff:127.0.0.1"]);
    assert_eq!(sorted(&["127.0.0.1", "::1"]), best);
    assert_eq!(sorted(&["::1", "127.0.0.1"]), best);
    assert_eq!(sorted(&[]), ips(&[]));
    // What is alike stays in its order.
    let alike = ips(&["::ffff:127.0.0.2", "::ffff:127.0.0.3", "::ffff:127.0.0.2"]);
    assert_eq!(sorted(&["127.0.0.2", "127.0.0.3", "127.0.0.2"]), alike);
}

// The count may be smaller than on input.
fn an_address_that_is_nobodys_is_left_out() {
    assert_eq!(sorted(&["::", "::1", "0.0.0.0"]), ips(&["::1"]));
}

// "the buffer passed" is one, with the addresses behind the list in it.
fn a_list_can_be_sorted_in_place() {
    let s = Socket::udp(AF_INET6);
    let given = [name("127.0.0.1"), name("::1")];
    let mut buffer = list(&given);
    buffer.extend_from_slice(given.as_flattened());
    let start = buffer.as_mut_ptr();
    for index in 0..given.len() {
        let inside = start.addr() + HEAD + given.len() * ENTRY + index * 28;
        inside
            .encode(&mut buffer[HEAD + ENTRY * index..])
            .expect("room");
    }
    let (size, mut returned) = (buffer.len() as u32, 0);
    let start: *mut core::ffi::c_void = buffer.as_mut_ptr().cast();
    // SAFETY: the buffer, of that size, and the count live for the call; the list's addresses lie in the buffer.
    let result = unsafe {
        winsock::WSAIoctl(
            s.raw(),
            SIO_ADDRESS_LIST_SORT,
            start,
            size,
            start,
            size,
            &raw mut returned,
            null_mut(),
            RawCallback::NULL,
        )
    };
    assert_eq!(checked(result).map(drop), Ok(()));
    assert_eq!(returned, size);
    let found: Vec<_> = names(&buffer).iter().map(SocketAddr::ip).collect();
    let expected = ips(&["::1", "::ffff:127.0.0.1"]).into_iter();
    assert_eq!(found, expected.map(IpAddr::from).collect::<Vec<_>>());
}

// As SIO_ADDRESS_LIST_QUERY, P334.
fn a_sorted_list_that_does_not_fit_tells_its_size() {
    let given = [name("::1"), name("127.0.0.1")];
    let needed = HEAD + 2 * (ENTRY + 28);
    let answer = control(
        &Socket::tcp(AF_INET6),
        SIO_ADDRESS_LIST_SORT,
        Some(&list(&given)),
        Some(&mut vec![0; needed - 1]),
    );
    assert_eq!(answer.result, Err(Errno::FAULT));
    assert_eq!(answer.returned as usize, needed);
}

fn only_lists_of_ipv6_addresses_are_sorted() {
    let given = [name("::1")];
    let good = list(&given);
    let ask = |s: &Socket, input: &[u8]| {
        control(s, SIO_ADDRESS_LIST_SORT, Some(input), Some(&mut [0; 256])).result
    };
    let s = Socket::udp(AF_INET6);
    assert_eq!(ask(&Socket::udp(AF_INET), &good), Err(Errno::INVAL));
    for short in [&good[..3], &good[..HEAD], &good[..good.len() - 1]] {
        assert_eq!(ask(&s, short), Err(Errno::FAULT), "{}", short.len());
    }
    let mut negative = good.clone();
    negative[..4].copy_from_slice(&(-1i32).to_ne_bytes());
    assert_eq!(ask(&s, &negative), Err(Errno::INVAL));
    let mut missing = good;
    missing[HEAD..HEAD + 8].fill(0);
    assert_eq!(ask(&s, &missing), Err(Errno::FAULT));
    let mut other = name("::1");
    other[..2].copy_from_slice(&(AF_INET as u16).to_ne_bytes());
    assert_eq!(ask(&s, &list(&[other])), Err(Errno::INVAL));
}
