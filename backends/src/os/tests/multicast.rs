//! Multicast on the loopback interface.

use std::net::IpAddr;

use super::*;
use crate::net::GroupInterface;
use crate::net::Membership;
use crate::net::SocketOption;
use crate::net::SourceFilter;

/// Groups for documentation (RFC 6676), and of the interface's own scope.
const GROUP4: IpAddr = IpAddr::V4(Ipv4Addr::new(233, 252, 0, 7));
const GROUP6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0xdb8, 7));
const LOOPBACK: GroupInterface = GroupInterface::Address(Ipv4Addr::LOCALHOST);

fn loopback_index() -> u32 {
    let interfaces = System.interfaces().unwrap();
    interfaces
        .iter()
        .find(|interface| interface.flags.loopback)
        .unwrap()
        .index
}

fn change(group: IpAddr, interface: GroupInterface, change: SourceFilter) -> Membership {
    Membership {
        group,
        interface,
        change,
    }
}

/// A receiver for all addresses of a family, and the port it is on.
fn receiver(family: Family) -> (Socket, u16) {
    let socket = System.socket(family, Kind::Datagram, 0).unwrap();
    socket.bind(&Endpoint::unspecified(family)).unwrap();
    let port = socket.local_name().unwrap().port();
    (socket, port)
}

fn sender4() -> Socket {
    let socket = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    socket.set_multicast_interface(LOOPBACK).unwrap();
    socket
}

/// Whether a datagram to the group arrives; one sent after it to the receiver itself says when to
/// stop waiting.
fn arrives(sender: &Socket, receiver: &Socket, group: IpAddr, port: u16) -> bool {
    send_to(sender, b"group", &SocketAddr::new(group, port).into()).unwrap();
    let family = if group.is_ipv4() {
        Family::Inet
    } else {
        Family::Inet6
    };
    send_to(sender, b"end", &loopback(family, port)).unwrap();
    let mut room = [0; 16];
    let first = recv_ready(receiver, &mut room).unwrap();
    if &room[..first.bytes] == b"end" {
        return false;
    }
    recv_ready(receiver, &mut room).unwrap();
    true
}

// base-provider.md 2.5: IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, by address of the interface.
#[test]
fn an_ipv4_group_is_heard_while_joined() {
    let (receiver, port) = receiver(Family::Inet);
    let sender = sender4();
    receiver
        .set_membership(&change(GROUP4, LOOPBACK, SourceFilter::Join))
        .unwrap();
    assert!(arrives(&sender, &receiver, GROUP4, port));
    receiver
        .set_membership(&change(GROUP4, LOOPBACK, SourceFilter::Leave))
        .unwrap();
    assert!(!arrives(&sender, &receiver, GROUP4, port));
}

// A group is joined by a socket, not by the host as it is on Linux.
#[test]
fn a_group_that_another_socket_joined_is_not_heard() {
    let (member, _) = receiver(Family::Inet);
    member
        .set_membership(&change(GROUP4, LOOPBACK, SourceFilter::Join))
        .unwrap();
    let (stranger, port) = receiver(Family::Inet);
    assert!(!arrives(&sender4(), &stranger, GROUP4, port));
}

// 2.5: the interface by its number.
#[test]
fn an_ipv4_group_is_heard_on_an_interface_by_number() {
    let (receiver, port) = receiver(Family::Inet);
    let index = GroupInterface::Index(loopback_index());
    receiver
        .set_membership(&change(GROUP4, index, SourceFilter::Join))
        .unwrap();
    assert!(arrives(&sender4(), &receiver, GROUP4, port));
}

// 2.5: IP_ADD_SOURCE_MEMBERSHIP: the order of the fields differs between systems.
#[test]
fn an_ipv4_group_is_heard_from_the_joined_source_only() {
    let (receiver, port) = receiver(Family::Inet);
    let sender = sender4();
    let source = |last| SourceFilter::JoinSource(Ipv4Addr::new(127, 0, 0, last).into());
    receiver
        .set_membership(&change(GROUP4, LOOPBACK, source(9)))
        .unwrap();
    assert!(!arrives(&sender, &receiver, GROUP4, port));
    receiver
        .set_membership(&change(GROUP4, LOOPBACK, source(1)))
        .unwrap();
    assert!(arrives(&sender, &receiver, GROUP4, port));
}

// 2.5: IP_BLOCK_SOURCE, IP_UNBLOCK_SOURCE, here by number of the interface.
#[test]
fn a_blocked_source_is_not_heard() {
    let (receiver, port) = receiver(Family::Inet);
    let sender = sender4();
    let index = GroupInterface::Index(loopback_index());
    let source = Ipv4Addr::LOCALHOST.into();
    receiver
        .set_membership(&change(GROUP4, index, SourceFilter::Join))
        .unwrap();
    receiver
        .set_membership(&change(GROUP4, index, SourceFilter::BlockSource(source)))
        .unwrap();
    assert!(!arrives(&sender, &receiver, GROUP4, port));
    receiver
        .set_membership(&change(GROUP4, index, SourceFilter::UnblockSource(source)))
        .unwrap();
    assert!(arrives(&sender, &receiver, GROUP4, port));
}

// 2.5: IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP. Linux has no route for groups on the loopback interface,
// so that nothing can be sent to one there.
#[test]
fn an_ipv6_group_is_joined_once_and_left_once() {
    let (receiver, _) = receiver(Family::Inet6);
    let on = GroupInterface::Index(loopback_index());
    let join = change(GROUP6, on, SourceFilter::Join);
    let leave = change(GROUP6, on, SourceFilter::Leave);
    assert_eq!(receiver.set_membership(&join), Ok(()));
    assert_eq!(receiver.set_membership(&join), Err(Errno::ADDRINUSE));
    assert_eq!(receiver.set_membership(&leave), Ok(()));
    assert_eq!(receiver.set_membership(&leave), Err(Errno::ADDRNOTAVAIL));
}

// 2.5: IPV6_MULTICAST_IF.
#[test]
fn the_interface_of_ipv6_multicast_reads_back() {
    let (sender, _) = receiver(Family::Inet6);
    let index = loopback_index() as i32;
    sender
        .set_option(SocketOption::Ipv6MulticastInterface, index)
        .unwrap();
    assert_eq!(
        sender.option(SocketOption::Ipv6MulticastInterface),
        Ok(index)
    );
}

// 2.5: MCAST_JOIN_SOURCE_GROUP at the IPv6 level.
#[test]
fn an_ipv6_group_can_be_joined_for_a_source() {
    let (receiver, _) = receiver(Family::Inet6);
    let on = GroupInterface::Index(loopback_index());
    let source = Ipv6Addr::LOCALHOST.into();
    let join = change(GROUP6, on, SourceFilter::JoinSource(source));
    assert_eq!(receiver.set_membership(&join), Ok(()));
    let leave = change(GROUP6, on, SourceFilter::LeaveSource(source));
    assert_eq!(receiver.set_membership(&leave), Ok(()));
}

// A second time, or what was never joined.
#[test]
fn a_membership_is_joined_once_and_left_once() {
    let (receiver, _) = receiver(Family::Inet);
    let join = change(GROUP4, LOOPBACK, SourceFilter::Join);
    let leave = change(GROUP4, LOOPBACK, SourceFilter::Leave);
    assert_eq!(receiver.set_membership(&leave), Err(Errno::ADDRNOTAVAIL));
    assert_eq!(receiver.set_membership(&join), Ok(()));
    assert_eq!(receiver.set_membership(&join), Err(Errno::ADDRINUSE));
}

// An address that is no group.
#[test]
fn an_address_that_is_no_group_is_invalid() {
    let (receiver, _) = receiver(Family::Inet);
    let join = change(Ipv4Addr::LOCALHOST.into(), LOOPBACK, SourceFilter::Join);
    assert_eq!(receiver.set_membership(&join), Err(Errno::INVAL));
}

// An interface that is not there.
#[test]
fn an_interface_that_is_not_there_is_not_available() {
    let sender = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    let nowhere = GroupInterface::Address(Ipv4Addr::new(203, 0, 113, 1));
    assert_eq!(
        sender.set_multicast_interface(nowhere),
        Err(Errno::ADDRNOTAVAIL)
    );
}

// Families do not mix.
#[test]
fn a_source_of_another_family_is_invalid() {
    let (receiver, _) = receiver(Family::Inet);
    let source = SourceFilter::JoinSource(Ipv6Addr::LOCALHOST.into());
    assert_eq!(
        receiver.set_membership(&change(GROUP4, LOOPBACK, source)),
        Err(Errno::INVAL)
    );
}
