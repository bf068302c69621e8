//! Interfaces and routes of the host.

use std::net::IpAddr;

use super::*;

// P336: loopback included.
#[test]
fn the_loopback_interface_is_listed() {
    let interfaces = System.interfaces().unwrap();
    let loopback = interfaces
        .iter()
        .find(|interface| interface.address == IpAddr::V4(Ipv4Addr::LOCALHOST))
        .expect("127.0.0.1");
    assert!(loopback.flags.loopback && loopback.flags.up);
    assert_eq!(loopback.netmask, Some(Ipv4Addr::new(255, 0, 0, 0).into()));
    assert_eq!(loopback.broadcast, None);
    assert_ne!(loopback.index, 0);
    assert!(!loopback.name.is_empty());
}

// Link-local addresses have a zone.
#[test]
fn link_local_addresses_have_a_zone() {
    for interface in System.interfaces().unwrap() {
        if let IpAddr::V6(ip) = interface.address
            && ip.is_unicast_link_local()
        {
            assert_eq!(interface.scope, interface.index, "{interface:?}");
        }
    }
}

both_families! {
    // P333: loopback.
    fn the_route_to_loopback_leaves_from_loopback(family) {
        assert_eq!(System.route(&loopback(family, 80)), Ok(loopback(family, 0)));
        assert_eq!(System.route(&loopback(family, 0)), Ok(loopback(family, 0)));
    }
}

// A path has no route.
#[test]
fn a_path_has_no_route() {
    let path = Endpoint::unspecified(Family::Unix);
    assert_eq!(System.route(&path), Err(Errno::AFNOSUPPORT));
}
