//! Connections through the provider's table, over the loopback.

mod world;

use std::thread;

use world::v4;
use world::world;
use ws2spi_abi::*;

#[test]
fn data_travel_both_ways_and_the_end_is_read_again_and_again() {
    // P142, P189
    let w = world();
    let (client, server) = w.pair();
    assert_eq!(w.send(client, b"hello"), Ok(5));
    let mut data = [0; 16];
    assert_eq!(w.recv(server, &mut data), Ok(5));
    assert_eq!(&data[..5], b"hello");
    assert_eq!(w.shutdown(client, SD_SEND), Ok(()));
    assert_eq!(w.recv(server, &mut data), Ok(0));
    assert_eq!(w.recv(server, &mut data), Ok(0));
    assert_eq!(w.send(server, b"back"), Ok(4));
    assert_eq!(w.recv(client, &mut data), Ok(4));
    assert_eq!(w.close(client), Ok(()));
    assert_eq!(w.close(client), Err(Errno::NOTSOCK));
    assert_eq!(w.close(server), Ok(()));
}

#[test]
fn closing_the_listener_wakes_a_blocked_accept() {
    // P96
    let w = world();
    let (listener, _) = w.listener();
    let blocked = thread::spawn(move || w.accept(listener));
    while w.close(listener).is_err() {
        thread::yield_now();
    }
    assert!(blocked.join().unwrap().is_err());
}

#[test]
fn a_refused_connect_leaves_a_socket_that_can_try_again() {
    // P77, P78
    let w = world();
    let (listener, address) = w.listener();
    w.close(listener).unwrap();
    let client = w.tcp();
    assert_eq!(w.connect(client, address), Err(Errno::CONNREFUSED));
    let (listener, address) = w.listener();
    assert_eq!(w.connect(client, address), Ok(()));
    let server = w.accept(listener).unwrap();
    assert_eq!(w.peer_name(client), Ok(address));
    assert_eq!(w.sock_name(client), w.peer_name(server));
    for s in [client, server, listener] {
        w.close(s).unwrap();
    }
}

#[test]
fn listeners_on_the_wildcard_and_on_an_address_coexist_and_the_specific_one_is_served() {
    // P55
    let w = world();
    let (specific, address) = w.listener();
    let wildcard = w.tcp();
    assert_eq!(
        w.bind(wildcard, ([0, 0, 0, 0], address.port()).into()),
        Ok(())
    );
    assert_eq!(w.listen(wildcard, 5), Ok(()));
    let client = w.tcp();
    w.connect(client, address).unwrap();
    let server = w.accept(specific).unwrap();
    for s in [client, server, specific, wildcard] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_name_that_another_socket_holds_cannot_be_bound() {
    // P37
    let w = world();
    let (listener, address) = w.listener();
    let second = w.tcp();
    assert_eq!(w.bind(second, address), Err(Errno::ADDRINUSE));
    assert_eq!(w.bind(second, v4(0)), Ok(()));
    w.close(second).unwrap();
    w.close(listener).unwrap();
}
