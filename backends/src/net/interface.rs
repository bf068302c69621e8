//! What the host's interfaces look like from outside.
//!
//! Made by [`Net::interfaces`](super::Net::interfaces); `base` answers SIO_ADDRESS_LIST_QUERY and
//! SIO_GET_INTERFACE_LIST from it.

use std::net::IpAddr;

/// One address of one interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The number of the interface.
    pub index: u32,
    /// The name the system gives it.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// The zone of a link-local IPv6 address, else 0.
    pub scope: u32,
    /// The mask of the network the address is in.
    pub netmask: Option<IpAddr>,
    /// The broadcast address of that network, where it has one.
    pub broadcast: Option<IpAddr>,
    /// What the interface is.
    pub flags: InterfaceFlags,
}

/// What is true of an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InterfaceFlags {
    /// It is up.
    pub up: bool,
    /// It has a broadcast address.
    pub broadcast: bool,
    /// It is the loopback interface.
    pub loopback: bool,
    /// It leads to one peer.
    pub point_to_point: bool,
    /// It carries multicast.
    pub multicast: bool,
}
