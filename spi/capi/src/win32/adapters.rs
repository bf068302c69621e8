//! The host's interfaces and their addresses: `GetAdaptersAddresses` and `GetIpAddrTable` of iphlpapi.dll.
//!
//! What there is comes from the base provider's [`System`], as its answers to SIO_ADDRESS_LIST_QUERY do. The first function lays
//! structures, addresses and texts one behind the other into the caller's buffer; [`Room`] counts, and stores while they fit. Results are
//! error codes; the last error stays.

use crate::table::exports;
use std::net::IpAddr;
use ws2spi_abi::*;
use ws2spi_backends::net::{Interface, Net};
use ws2spi_backends::os::System;

/// `SOCKET_ADDRESS` of an element.
#[repr(C)]
#[derive(Clone, Copy)]
struct SocketAddress {
    name: usize,
    length: i32,
}

/// `IP_ADAPTER_UNICAST_ADDRESS`.
#[repr(C)]
#[derive(Clone, Copy)]
struct UnicastAddress {
    length: u32,
    flags: u32,
    next: usize,
    address: SocketAddress,
    prefix_origin: i32,
    suffix_origin: i32,
    dad_state: i32,
    valid_lifetime: u32,
    preferred_lifetime: u32,
    lease_lifetime: u32,
    prefix_length: u8,
}

/// `IP_ADAPTER_ADDRESSES`; texts and lists are addresses.
#[repr(C)]
#[derive(Clone, Copy)]
struct AdapterAddresses {
    length: u32,
    index: u32,
    next: usize,
    name: usize,
    first_unicast: usize,
    first_anycast: usize,
    first_multicast: usize,
    first_dns_server: usize,
    dns_suffix: usize,
    description: usize,
    friendly_name: usize,
    physical_address: [u8; 8],
    physical_address_length: u32,
    flags: u32,
    mtu: u32,
    kind: u32,
    status: i32,
    ipv6_index: u32,
    zones: [u32; 16],
    first_prefix: usize,
    speeds: [u64; 2],
    first_wins_server: usize,
    first_gateway: usize,
    metrics: [u32; 2],
    luid: u64,
    dhcpv4_server: SocketAddress,
    compartment: u32,
    network: GUID,
    connection: i32,
    tunnel: i32,
    dhcpv6_server: SocketAddress,
    dhcpv6_client: [u8; 130],
    dhcpv6_client_length: u32,
    dhcpv6_association: u32,
    first_dns_suffix: usize,
}

/// `MIB_IPADDRROW`.
#[repr(C)]
#[derive(Clone, Copy)]
struct AddressRow {
    address: [u8; 4],
    index: u32,
    mask: [u8; 4],
    broadcast: u32,
    reassembly: u32,
    unused: u16,
    kind: u16,
}

/// The caller's buffer: counts what is put into it, and stores what fits.
struct Room {
    at: usize,
    size: usize,
    used: usize,
}

impl Room {
    /// A place for a value, aligned for all of them: its address.
    fn reserve(&mut self, size: usize) -> usize {
        let place = self.at.wrapping_add(self.used);
        self.used += size.next_multiple_of(8);
        place
    }

    /// # Safety
    /// `at` and `size` are those of a buffer that the caller may write, and `place` is from [`Room::reserve`].
    unsafe fn store<T: Copy>(&self, place: usize, value: T) {
        let end = place.wrapping_sub(self.at) + size_of::<T>();
        if end <= self.size {
            // SAFETY: the caller's contract: within the buffer.
            unsafe { (place as *mut T).write_unaligned(value) };
        }
    }

    /// # Safety
    /// As for [`Room::store`].
    unsafe fn text<U: Copy>(&mut self, units: &[U]) -> usize {
        let place = self.reserve(size_of_val(units));
        for (number, unit) in units.iter().enumerate() {
            // SAFETY: the caller's contract; within the reserved place.
            unsafe { self.store(place + number * size_of::<U>(), *unit) };
        }
        place
    }
}

/// Stores the interfaces of the host, a list of `IP_ADAPTER_ADDRESSES`, with their unicast addresses of a family or, with `AF_UNSPEC`, of
/// both: 0, or the error. `size` is the buffer's size in bytes, and how many it takes.
///
/// `ERROR_BUFFER_OVERFLOW`: no buffer or too small a one, `*size` says enough; `ERROR_INVALID_PARAMETER`: no size, another family,
/// something reserved; `ERROR_NO_DATA`: no interface has an address of the family. Of the flags, GAA_FLAG_SKIP_UNICAST and
/// GAA_FLAG_SKIP_FRIENDLY_NAME make a difference. Any thread; asks the system. Microsoft: "GetAdaptersAddresses function".
///
/// DIFFERS: interfaces without an address are not told, and of the others no hardware addresses, speeds, metrics, MTU, servers, gateways
/// and other lists: there is no way to know them that all systems share.
///
/// # Safety
/// `size` is null or readable and writable, `addresses` is null or has room for so many bytes.
#[doc(alias = "GetAdaptersAddresses")]
pub unsafe fn addresses(
    family: u32,
    flags: u32,
    reserved: usize,
    addresses: usize,
    size: *mut u32,
) -> u32 {
    let families = [AF_UNSPEC, AF_INET, AF_INET6].map(|family| family as u32);
    if size.is_null() || reserved != 0 || !families.contains(&family) {
        return ERROR_INVALID_PARAMETER;
    }
    let Ok(mut found) = System.interfaces() else {
        return ERROR_NO_DATA;
    };
    found.retain(|one| family == AF_UNSPEC as u32 || family_of(one) as u32 == family);
    if found.is_empty() {
        return ERROR_NO_DATA;
    }
    // SAFETY: the caller's contract; not null.
    let given = unsafe { size.read_unaligned() } as usize;
    let mut room = Room {
        at: addresses,
        size: if addresses == 0 { 0 } else { given },
        used: 0,
    };
    // SAFETY: the caller's contract: `addresses` has `size` bytes.
    unsafe { lay_out(&found, flags, &mut room) };
    // SAFETY: the caller's contract; not null.
    unsafe { size.write_unaligned(room.used as u32) };
    if room.used > room.size {
        return ERROR_BUFFER_OVERFLOW;
    }
    0
}

/// # Safety
/// As for [`Room::store`].
unsafe fn lay_out(found: &[Interface], flags: u32, room: &mut Room) {
    let mut indices: Vec<u32> = Vec::new();
    for one in found {
        if !indices.contains(&one.index) {
            indices.push(one.index);
        }
    }
    for (number, index) in indices.iter().enumerate() {
        let own: Vec<&Interface> = found.iter().filter(|one| one.index == *index).collect();
        let place = room.reserve(size_of::<AdapterAddresses>());
        // SAFETY: the caller's contract.
        let mut adapter = unsafe { adapter(&own, flags, room) };
        if number + 1 < indices.len() {
            adapter.next = room.at.wrapping_add(room.used);
        }
        // SAFETY: the caller's contract; the place is reserved.
        unsafe { room.store(place, adapter) };
    }
}

/// What is to be said of an interface, with its texts and addresses in their places.
///
/// # Safety
/// As for [`Room::store`].
unsafe fn adapter(own: &[&Interface], flags: u32, room: &mut Room) -> AdapterAddresses {
    let first = own[0];
    let narrow: Vec<u8> = first.name.bytes().chain([0]).collect();
    let wide: Vec<u16> = first.name.encode_utf16().chain([0]).collect();
    let has = |family: u16| own.iter().any(|one| family_of(one) == family);
    let number = |has: bool| if has { first.index } else { 0 };
    let kind = match first.flags {
        flags if flags.loopback => IF_TYPE_SOFTWARE_LOOPBACK,
        flags if flags.point_to_point => IF_TYPE_PPP,
        _ => IF_TYPE_ETHERNET_CSMACD,
    };
    let [v4, v6] = [has(AF_INET as u16), has(AF_INET6 as u16)];
    let mut zones = [0; 16];
    // The interface itself, and its link.
    zones[1..=2].fill(first.index);
    // SAFETY: the caller's contract, here and for the rest.
    let name = unsafe { room.text(&narrow) };
    // SAFETY: as above.
    let dns_suffix = unsafe { room.text(&[0_u16]) };
    // SAFETY: as above.
    let description = unsafe { room.text(&wide) };
    let friendly_name = if flags & GAA_FLAG_SKIP_FRIENDLY_NAME != 0 {
        0
    } else {
        // SAFETY: as above.
        unsafe { room.text(&wide) }
    };
    let first_unicast = if flags & GAA_FLAG_SKIP_UNICAST != 0 {
        0
    } else {
        // SAFETY: as above.
        unsafe { unicast(own, room) }
    };
    let nowhere = SocketAddress { name: 0, length: 0 };
    AdapterAddresses {
        length: size_of::<AdapterAddresses>() as u32,
        index: number(v4),
        next: 0,
        name,
        first_unicast,
        first_anycast: 0,
        first_multicast: 0,
        first_dns_server: 0,
        dns_suffix,
        description,
        friendly_name,
        physical_address: [0; 8],
        physical_address_length: 0,
        flags: if first.flags.multicast {
            0
        } else {
            NO_MULTICAST
        } | if v4 { IPV4_ENABLED } else { 0 }
            | if v6 { IPV6_ENABLED } else { 0 },
        mtu: 0,
        kind,
        status: if first.flags.up {
            STATUS_UP
        } else {
            STATUS_DOWN
        },
        ipv6_index: number(v6),
        zones,
        first_prefix: 0,
        speeds: [0; 2],
        first_wins_server: 0,
        first_gateway: 0,
        metrics: [0; 2],
        luid: u64::from(kind) << 48 | u64::from(first.index & 0xff_ffff) << 24,
        dhcpv4_server: nowhere,
        compartment: 1,
        network: GUID::from_u128(0),
        connection: 1,
        tunnel: 0,
        dhcpv6_server: nowhere,
        dhcpv6_client: [0; 130],
        dhcpv6_client_length: 0,
        dhcpv6_association: 0,
        first_dns_suffix: 0,
    }
}

/// The unicast addresses of an interface, one behind the other.
///
/// # Safety
/// As for [`Room::store`].
unsafe fn unicast(own: &[&Interface], room: &mut Room) -> usize {
    let first = room.at.wrapping_add(room.used);
    for (number, one) in own.iter().enumerate() {
        let place = room.reserve(size_of::<UnicastAddress>());
        let name = socket_address(one);
        // SAFETY: the caller's contract.
        let at = unsafe { room.text(&name) };
        let next = room.at.wrapping_add(room.used);
        let element = UnicastAddress {
            length: size_of::<UnicastAddress>() as u32,
            flags: 0,
            next: if number + 1 < own.len() { next } else { 0 },
            address: SocketAddress {
                name: at,
                length: name.len() as i32,
            },
            prefix_origin: 0,
            suffix_origin: 0,
            dad_state: DAD_STATE_PREFERRED,
            valid_lifetime: u32::MAX,
            preferred_lifetime: u32::MAX,
            lease_lifetime: u32::MAX,
            prefix_length: prefix_length(one),
        };
        // SAFETY: the caller's contract; the place is reserved.
        unsafe { room.store(place, element) };
    }
    first
}

fn family_of(one: &Interface) -> u16 {
    match one.address {
        IpAddr::V4(_) => AF_INET as u16,
        IpAddr::V6(_) => AF_INET6 as u16,
    }
}

/// A `sockaddr_in` or `sockaddr_in6` with port 0.
fn socket_address(one: &Interface) -> Vec<u8> {
    let mut name = family_of(one).to_ne_bytes().to_vec();
    name.extend([0; 2]);
    match one.address {
        IpAddr::V4(ip) => {
            name.extend(ip.octets());
            name.extend([0; 8]);
        }
        IpAddr::V6(ip) => {
            name.extend([0; 4]);
            name.extend(ip.octets());
            name.extend(one.scope.to_ne_bytes());
        }
    }
    name
}

fn prefix_length(one: &Interface) -> u8 {
    let ones = match one.netmask {
        Some(IpAddr::V4(mask)) => mask.to_bits().leading_ones(),
        Some(IpAddr::V6(mask)) => mask.to_bits().leading_ones(),
        None if one.address.is_ipv4() => 32,
        None => 128,
    };
    ones as u8
}

/// Stores the IPv4 addresses of the host, a `MIB_IPADDRTABLE`, by their value when `order` says so: 0, or the error. `size` is as in
/// [`addresses`].
///
/// `ERROR_INSUFFICIENT_BUFFER`: no table or too small a one, `*size` says enough; `ERROR_INVALID_PARAMETER`: no size; `ERROR_NO_DATA`.
/// Any thread; asks the system. Microsoft: "GetIpAddrTable function".
///
/// # Safety
/// `size` is null or readable and writable, `table` is null or has room for so many bytes.
#[doc(alias = "GetIpAddrTable")]
pub unsafe fn ip_table(table: usize, size: *mut u32, order: BOOL) -> u32 {
    if size.is_null() {
        return ERROR_INVALID_PARAMETER;
    }
    let mut rows = Vec::new();
    for one in System.interfaces().unwrap_or_default() {
        let IpAddr::V4(address) = one.address else {
            continue;
        };
        let mask = match one.netmask {
            Some(IpAddr::V4(mask)) => mask.octets(),
            _ => [255; 4],
        };
        rows.push(AddressRow {
            address: address.octets(),
            index: one.index,
            mask,
            // The ones of the host's part.
            broadcast: 1,
            reassembly: 65535,
            unused: 0,
            kind: MIB_IPADDR_PRIMARY,
        });
    }
    if rows.is_empty() {
        return ERROR_NO_DATA;
    }
    if order != FALSE {
        rows.sort_by_key(|row| row.address);
    }
    let needed = size_of::<u32>() + rows.len() * size_of::<AddressRow>();
    // SAFETY: the caller's contract; not null.
    let given = unsafe { size.read_unaligned() } as usize;
    // SAFETY: the caller's contract; not null.
    unsafe { size.write_unaligned(needed as u32) };
    if table == 0 || given < needed {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    // SAFETY: the caller's contract; it has room.
    unsafe { (table as *mut u32).write_unaligned(rows.len() as u32) };
    for (number, row) in rows.iter().enumerate() {
        let place = table + size_of::<u32>() + number * size_of::<AddressRow>();
        // SAFETY: the caller's contract; it has room.
        unsafe { (place as *mut AddressRow).write_unaligned(*row) };
    }
    0
}

const ERROR_INVALID_PARAMETER: u32 = 87;
const ERROR_BUFFER_OVERFLOW: u32 = 111;
const ERROR_INSUFFICIENT_BUFFER: u32 = 122;
const ERROR_NO_DATA: u32 = 232;
const GAA_FLAG_SKIP_UNICAST: u32 = 0x1;
const GAA_FLAG_SKIP_FRIENDLY_NAME: u32 = 0x20;
const NO_MULTICAST: u32 = 0x10;
const IPV4_ENABLED: u32 = 0x80;
const IPV6_ENABLED: u32 = 0x100;
const IF_TYPE_ETHERNET_CSMACD: u32 = 6;
const IF_TYPE_PPP: u32 = 23;
const IF_TYPE_SOFTWARE_LOOPBACK: u32 = 24;
const STATUS_UP: i32 = 1;
const STATUS_DOWN: i32 = 2;
const DAD_STATE_PREFERRED: i32 = 4;
const MIB_IPADDR_PRIMARY: u16 = 1;

exports! {
    "GetAdaptersAddresses" get_adapters_addresses(family: u32, flags: u32, reserved: usize, list: usize, size: *mut u32) -> u32 = 31 => addresses;
    "GetIpAddrTable" get_ip_addr_table(table: usize, size: *mut u32, order: BOOL) -> u32 = 31 => ip_table;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null_mut;

    /// The adapters of a family, and the buffer that they lie in.
    fn adapters(family: u32, flags: u32) -> (Vec<u64>, Vec<AdapterAddresses>) {
        let mut size = 0;
        // SAFETY: no buffer.
        let code = unsafe { super::addresses(family, flags, 0, 0, &raw mut size) };
        assert_eq!(code, ERROR_BUFFER_OVERFLOW);
        // An interface may come meanwhile.
        let mut buffer = vec![0_u64; size as usize / 8 + 1024];
        size = size_of_val(buffer.as_slice()) as u32;
        let at = buffer.as_mut_ptr() as usize;
        // SAFETY: so many bytes.
        let code = unsafe { super::addresses(family, flags, 0, at, &raw mut size) };
        assert_eq!(code, 0);
        let (mut list, mut next) = (Vec::new(), at);
        while next != 0 {
            // SAFETY: an element of the list in the live buffer.
            let one = unsafe { (next as *const AdapterAddresses).read_unaligned() };
            next = one.next;
            list.push(one);
        }
        (buffer, list)
    }

    fn loopback(list: &[AdapterAddresses]) -> &AdapterAddresses {
        let mut all = list.iter();
        all.find(|one| one.kind == IF_TYPE_SOFTWARE_LOOPBACK)
            .expect("a loopback interface")
    }

    // "GetAdaptersAddresses function": the first call tells the size, the second fills; layouts as in iptypes.h.
    #[test]
    fn the_loopback_interface_is_told_with_its_address() {
        assert_eq!(size_of::<AdapterAddresses>(), 448);
        assert_eq!(size_of::<UnicastAddress>(), 64);
        let (_buffer, list) = adapters(AF_INET as u32, 0);
        let own = loopback(&list);
        assert_eq!((own.length, own.status), (448, STATUS_UP));
        assert_ne!(own.index, 0);
        // SAFETY: the first element in the live buffer.
        let first = unsafe { (own.first_unicast as *const UnicastAddress).read_unaligned() };
        assert_eq!((first.length, first.prefix_length), (64, 8));
        assert_eq!(first.address.length, 16);
        // SAFETY: the address of the element.
        let name = unsafe { (first.address.name as *const [u8; 8]).read_unaligned() };
        assert_eq!(name[..2], (AF_INET as u16).to_ne_bytes());
        assert_eq!(name[4..], [127, 0, 0, 1]);
        assert_eq!(own.ipv6_index, 0, "only the family that was asked for");
    }

    // The same: flags leave parts out.
    #[test]
    fn what_is_skipped_is_not_there() {
        let flags = GAA_FLAG_SKIP_UNICAST | GAA_FLAG_SKIP_FRIENDLY_NAME;
        let (_buffer, list) = adapters(AF_UNSPEC as u32, flags);
        let own = loopback(&list);
        assert_eq!((own.first_unicast, own.friendly_name), (0, 0));
        assert_ne!(own.name, 0);
    }

    // The same, "Return value".
    #[test]
    fn bad_arguments_are_told_by_the_result() {
        let mut size = 0;
        let at = &raw mut size;
        // SAFETY: a live local, no buffer; so below.
        let code = |family, reserved, at| unsafe { super::addresses(family, 0, reserved, 0, at) };
        assert_eq!(code(AF_INET as u32, 0, null_mut()), ERROR_INVALID_PARAMETER);
        assert_eq!(code(99, 0, at), ERROR_INVALID_PARAMETER);
        assert_eq!(code(AF_INET as u32, 8, at), ERROR_INVALID_PARAMETER);
        // SAFETY: as above.
        let code = unsafe { ip_table(0, null_mut(), 0) };
        assert_eq!(code, ERROR_INVALID_PARAMETER);
    }

    // "GetIpAddrTable function": addresses in network order, in the order of their values.
    #[test]
    fn the_table_of_addresses_is_sorted() {
        let mut table = vec![0_u32; 4096];
        let mut size = 0;
        // SAFETY: no buffer.
        let code = unsafe { ip_table(0, &raw mut size, 1) };
        assert_eq!(code, ERROR_INSUFFICIENT_BUFFER);
        size = size_of_val(table.as_slice()) as u32;
        // SAFETY: so many bytes.
        let code = unsafe { ip_table(table.as_mut_ptr() as usize, &raw mut size, 1) };
        assert_eq!(code, 0);
        let rows: Vec<&[u32]> = table[1..].chunks(6).take(table[0] as usize).collect();
        let addresses: Vec<u32> = rows.iter().map(|row| u32::from_be(row[0])).collect();
        assert!(addresses.is_sorted(), "{addresses:x?}");
        assert!(addresses.contains(&0x7f00_0001));
        assert_eq!(size as usize, 4 + 24 * rows.len());
    }
}
