//! Addresses as text: `WSAAddressToString` and `WSAStringToAddress`.

use crate::cases;
use crate::text::{UNTOUCHED, measure, parse, parse_bytes, print, print_bytes};
use std::net::{SocketAddr, SocketAddrV6};
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    an_address_is_printed_by_the_entry_of_its_family: [U178], [];
    a_port_is_printed_when_there_is_one: [P339], [];
    brackets_are_printed_for_a_port_only: [P340], [];
    text_that_does_not_fit_is_a_fault_and_tells_its_length: [P341], [];
    an_address_that_does_not_fit_is_a_fault_and_tells_its_length: [P342], [Ipv6];
    an_ipv4_address_has_one_to_four_numbers: [P343], [];
    a_port_that_is_none_is_refused: [P344], [Ipv6];
    a_port_may_be_hexadecimal_or_octal: [P345], [Ipv6];
    text_that_is_no_address_leaves_the_length_and_no_family: [P346], [Ipv6];
    an_ipv6_port_needs_brackets: [P347], [Ipv6];
}

// Without an info the family decides; a family without an entry has none.
fn an_address_is_printed_by_the_entry_of_its_family() {
    for text in ["127.0.0.1", "::1"] {
        let ip = text.parse().expect("an address");
        let address = Address::from_ip(SocketAddr::new(ip, 0));
        let printed = print(&address, 100);
        assert_eq!(printed.0.as_deref(), Ok(text));
    }
    let mut unknown = [0; 16];
    unknown[..2].copy_from_slice(&0x7ffe_u16.to_ne_bytes());
    let (printed, _) = print(&Address::from_bytes(&unknown), 100);
    assert_eq!(printed, Err(Errno::INVAL));
}

fn v4(text: &str) -> Address {
    Address::from_ip(text.parse::<SocketAddr>().expect("an address"))
}

fn v6(ip: &str, port: u16, scope: u32) -> Address {
    let ip = ip.parse().expect("an address");
    Address::from_ip(SocketAddr::V6(SocketAddrV6::new(ip, port, 7, scope)))
}

/// Both functions print the address so.
fn expect_text(address: &Address, expected: &str) {
    let len = expected.len() as u32 + 1;
    let answer = (Ok(expected.to_owned()), len);
    assert_eq!(print(address, 100), answer);
    assert_eq!(print_bytes(address, 100), answer);
}

fn a_port_is_printed_when_there_is_one() {
    expect_text(&v4("0.0.0.0:0"), "0.0.0.0");
    expect_text(&v4("192.0.2.1:0"), "192.0.2.1");
    expect_text(&v4("192.0.2.1:80"), "192.0.2.1:80");
    expect_text(&v4("255.255.255.255:65535"), "255.255.255.255:65535");
}

fn brackets_are_printed_for_a_port_only() {
    expect_text(&v6("::1", 0, 0), "::1");
    expect_text(&v6("20ab::2001", 0, 0), "20ab::2001");
    expect_text(&v6("20ab::2001", 33274, 0), "[20ab::2001]:33274");
    expect_text(&v6("20ab::2001", 0, 0x1234), "20ab::2001%4660");
    expect_text(&v6("20ab::2001", 33274, 0x1234), "[20ab::2001%4660]:33274");
}

// One character less than is needed, none, nowhere; exactly enough is enough.
fn text_that_does_not_fit_is_a_fault_and_tells_its_length() {
    for (address, text) in [
        (v4("192.0.2.1:80"), "192.0.2.1:80"),
        (v6("20ab::2001", 33274, 4660), "[20ab::2001%4660]:33274"),
    ] {
        let needed = text.len() as u32 + 1;
        for room in [0, 1, needed - 1] {
            assert_eq!(print(&address, room), (Err(Errno::FAULT), needed));
            assert_eq!(print_bytes(&address, room), (Err(Errno::FAULT), needed));
        }
        assert_eq!(measure(&address), (Err(Errno::FAULT), needed));
        assert_eq!(print(&address, needed), (Ok(text.to_owned()), needed));
        assert_eq!(print_bytes(&address, needed), (Ok(text.to_owned()), needed));
    }
}

// And writes nothing.
fn an_address_that_does_not_fit_is_a_fault_and_tells_its_length() {
    for (text, family, size) in [("192.0.2.1", AF_INET, 16), ("::1", AF_INET6, 28)] {
        for room in [0, 8, size - 1] {
            for answer in [parse(text, family, room), parse_bytes(text, family, room)] {
                assert_eq!(
                    (answer.result, answer.len),
                    (Err(Errno::FAULT), size as i32)
                );
                assert!(answer.bytes.iter().all(|byte| *byte == UNTOUCHED));
            }
        }
        for answer in [parse(text, family, 64), parse_bytes(text, family, 64)] {
            assert_eq!((answer.result, answer.len), (Ok(()), size as i32));
            assert_eq!(i32::from(answer.family()), family);
        }
    }
}

/// Both functions read the text so.
fn expect_address(text: &str, family: i32, expected: &str) {
    for answer in [parse(text, family, 28), parse_bytes(text, family, 28)] {
        assert_eq!(answer.ip().as_deref(), Some(expected), "{text:?}");
    }
}

fn an_ipv4_address_has_one_to_four_numbers() {
    for (text, expected) in [
        ("192.0.2.1", "192.0.2.1:0"),
        ("1", "0.0.0.1:0"),
        ("1.2", "1.0.0.2:0"),
        ("1.2.3", "1.2.0.3:0"),
        ("1.2.65535", "1.2.255.255:0"),
        ("0x00010203", "0.1.2.3:0"),
        ("0777", "0.0.1.255:0"),
        ("0xc0.0.02.1:80", "192.0.2.1:80"),
        ("4294967295", "255.255.255.255:0"),
    ] {
        expect_address(text, AF_INET, expected);
    }
}

/// Neither function reads the text: P346 says what that leaves.
fn expect_no_address(text: &str, family: i32) {
    for answer in [parse(text, family, 40), parse_bytes(text, family, 40)] {
        assert_eq!(answer.result, Err(Errno::INVAL), "{text:?}");
        assert_eq!((answer.len, answer.family()), (40, 0), "{text:?}");
    }
}

fn a_port_that_is_none_is_refused() {
    for text in [
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:65537",
        "192.0.2.1:80 ",
        "192.0.2.1 ",
        "192.0.2.1:",
        "192.0.2.1:x",
        "192.0.2.1:-1",
    ] {
        expect_no_address(text, AF_INET);
    }
    for text in [
        "[20ab::1]:0",
        "[20ab::1]:65537",
        "[20ab::1]:80 ",
        "[20ab::1] ",
    ] {
        expect_no_address(text, AF_INET6);
    }
}

fn a_port_may_be_hexadecimal_or_octal() {
    expect_address("192.0.2.1:0xAbCd", AF_INET, "192.0.2.1:43981");
    expect_address("192.0.2.1:010", AF_INET, "192.0.2.1:8");
    expect_address("192.0.2.1:65535", AF_INET, "192.0.2.1:65535");
    expect_address("[20ab::1]:0xAbCd", AF_INET6, "[20ab::1]:43981");
    expect_address("[20ab::1]:010", AF_INET6, "[20ab::1]:8");
}

// Whatever is wrong with it.
fn text_that_is_no_address_leaves_the_length_and_no_family() {
    for text in [
        "",
        "1.",
        ".1",
        "1..2",
        "1.2.3.4.5",
        "256.1.1.1",
        "name",
        "::1",
    ] {
        expect_no_address(text, AF_INET);
    }
    for text in ["", "1.2.3.4", ":", ":::", "1::2::3", "name", "20ab::1%x"] {
        expect_no_address(text, AF_INET6);
    }
}

fn an_ipv6_port_needs_brackets() {
    expect_address("20ab::1", AF_INET6, "[20ab::1]:0");
    expect_address("[20ab::1]", AF_INET6, "[20ab::1]:0");
    expect_address("[20ab::1]:33274", AF_INET6, "[20ab::1]:33274");
    expect_address("[20ab::1%4660]:33274", AF_INET6, "[20ab::1%4660]:33274");
    // Without brackets the last number is part of the address, or too much for one.
    expect_address("20ab::2001:332", AF_INET6, "[20ab::2001:332]:0");
    expect_no_address("20ab:0:0:0:0:0:0:1:33274", AF_INET6);
    expect_no_address("[20ab::1", AF_INET6);
}
