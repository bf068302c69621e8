//! `Plain`: structures from bytes and back, as options, ioctls and control messages carry them;
//! and the conversions between Windows addresses and `std::net`.

use std::net::Ipv4Addr;
use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use ws2spi_abi::*;

#[test]
fn a_structure_decodes_from_its_bytes_and_ignores_what_follows() {
    let bytes = [1, 0, 5, 0, 0xff];
    let linger = LINGER::decode(&bytes).unwrap();
    assert_eq!(
        linger,
        LINGER {
            l_onoff: 1u16.to_le(),
            l_linger: 5u16.to_le()
        }
    );
}

#[test]
fn too_few_bytes_decode_to_nothing() {
    assert_eq!(LINGER::decode(&[1, 0, 5]), None);
    assert!(WSAPROTOCOL_INFOW::decode(&[0; 627]).is_none());
    assert!(SOCKADDR_IN6::decode(&[]).is_none());
    assert_eq!(u32::decode(&[1, 2, 3]), None);
}

#[test]
fn too_little_room_encodes_nothing() {
    let mut out = [0xaa; 3];
    assert_eq!(
        LINGER {
            l_onoff: 1,
            l_linger: 5
        }
        .encode(&mut out),
        None
    );
    assert_eq!(out, [0xaa; 3]);
}

#[test]
fn encoding_leaves_padding_and_the_rest_alone() {
    let mut out = [0xaa; 20];
    let buffer = WSABUF {
        len: 7,
        buf: core::ptr::null_mut(),
    };
    buffer.encode(&mut out).unwrap();
    assert_eq!(out[..4], 7u32.to_ne_bytes());
    assert_eq!(out[4..8], [0xaa; 4], "padding");
    assert_eq!(out[8..16], [0; 8]);
    assert_eq!(out[16..], [0xaa; 4], "beyond the structure");
}

#[test]
fn nested_structures_and_arrays_round_trip() {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    info.ProviderId = PROVIDER_IPV6;
    info.dwCatalogEntryId = 1004;
    info.ProtocolChain.ChainLen = 2;
    info.ProtocolChain.ChainEntries = [9, 8, 7, 6, 5, 4, 3];
    info.szProtocol[..2].copy_from_slice(&[0x54, 0x43]);
    info.szProtocol[255] = 0xffff;
    let mut bytes = [0; 628];
    info.encode(&mut bytes).unwrap();
    assert_eq!(bytes[36..40], 1004u32.to_ne_bytes());
    assert_eq!(WSAPROTOCOL_INFOW::decode(&bytes), Some(info));
}

#[test]
fn a_pointer_keeps_its_value() {
    let mut byte = 7u8;
    let buffer = WSABUF {
        len: 1,
        buf: &raw mut byte,
    };
    let mut bytes = [0; 16];
    buffer.encode(&mut bytes).unwrap();
    assert_eq!(WSABUF::decode(&bytes).unwrap().buf, &raw mut byte);
}

#[test]
fn callbacks_are_numbers_and_null_is_zero() {
    assert!(RawCallback::NULL.is_null());
    assert!(WNDCLASSW::EMPTY.lpfnWndProc.is_null());
    assert_eq!(RawCallback::from_raw(0x1234).as_raw(), 0x1234);
    fn is_send<T: Send + Sync>() {}
    is_send::<RawCallback>();
}

// base-provider 2.1: family 2 at offset 0, port and address in network order, sin_zero zero.
#[test]
fn an_ipv4_address_has_windows_layout() {
    let address = SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 1), 0x1234);
    let mut bytes = [0xaa; 16];
    SOCKADDR_IN::from(address).encode(&mut bytes).unwrap();
    assert_eq!(bytes[..2], 2u16.to_ne_bytes());
    assert_eq!(
        bytes[2..],
        [0x12, 0x34, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(
        SocketAddrV4::from(SOCKADDR_IN::decode(&bytes).unwrap()),
        address
    );
}

// base-provider 2.1: AF_INET6 is 23; scope in host order, flow information in network order.
#[test]
fn an_ipv6_address_has_windows_layout() {
    let address = SocketAddrV6::new("fe80::1".parse().unwrap(), 0x1234, 5, 3);
    let mut bytes = [0; 28];
    SOCKADDR_IN6::from(address).encode(&mut bytes).unwrap();
    assert_eq!(bytes[..2], 23u16.to_ne_bytes());
    assert_eq!(bytes[2..8], [0x12, 0x34, 0, 0, 0, 5]);
    assert_eq!(bytes[8..10], [0xfe, 0x80]);
    assert_eq!(bytes[24..], 3u32.to_ne_bytes());
    assert_eq!(
        SocketAddrV6::from(SOCKADDR_IN6::decode(&bytes).unwrap()),
        address
    );
}

#[test]
fn an_interface_address_holds_either_family() {
    let v4 = SOCKADDR_IN::from(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9));
    assert_eq!(sockaddr_gen::from(v4).address_in(), v4);
    let v6 = sockaddr_in6_old {
        sin6_family: 23,
        sin6_port: 7,
        ..sockaddr_in6_old::EMPTY
    };
    assert_eq!(sockaddr_gen::from(v6).address_in6(), v6);
    assert_eq!(sockaddr_gen::EMPTY.bytes(), &[0; 24]);
}
