//! The pools: numbers, addresses, strings, catalog entries.
//!
//! Addresses lie on this host and names are such that no name server is asked for them: nothing leaves the machine.

use super::argument::Argument::{self, Node, Path, WideNode, WidePath};
use std::ptr::null;
use std::sync::LazyLock;
use ws2spi_abi::constants::rows;
use ws2spi_abi::*;
use ws2spi_tests::seed::Random;
use ws2spi_tests::winsock;

/// Numbers of the headers, small ones, the ends of all widths, and any others.
pub fn number(random: &mut Random) -> usize {
    static CONSTANTS: LazyLock<Vec<usize>> =
        LazyLock::new(|| rows().map(|(_, value)| value as usize).collect());
    match random.below(8) {
        0..3 => random.below(20) as usize,
        3 | 4 => *random.pick(&CONSTANTS),
        5 => *random.pick(&ENDS),
        6 => negative(random),
        _ => random.number() as usize,
    }
}

const ENDS: [usize; 11] = [
    u8::MAX as usize,
    i16::MAX as usize,
    u16::MAX as usize,
    u16::MAX as usize + 1,
    i32::MAX as usize,
    i32::MAX as usize + 1,
    u32::MAX as usize,
    u32::MAX as usize + 1,
    isize::MAX as usize,
    isize::MIN.cast_unsigned(),
    usize::MAX,
];

/// A number below 0, as far as it is signed.
pub fn negative(random: &mut Random) -> usize {
    let numbers = [-1isize, -1, -2, -100, i32::MIN as isize, i16::MIN as isize];
    random.pick(&numbers).cast_unsigned()
}

/// One of these, seldom any other number.
pub fn mostly(random: &mut Random, numbers: &[usize]) -> usize {
    match random.below(8) {
        0 => number(random),
        _ => *random.pick(numbers),
    }
}

/// How much memory there is: mostly what structures need, or little around that.
pub fn length(random: &mut Random) -> usize {
    const USUAL: [usize; 16] = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 20, 28, 32, 128, 628];
    match random.below(8) {
        0 => random.below(1024) as usize,
        _ => *random.pick(&USUAL),
    }
}

/// A length that goes with NULL.
pub fn said_of_nothing(random: &mut Random, len: usize) -> usize {
    match random.below(4) {
        0 => 0,
        1 => number(random),
        _ => len,
    }
}

/// Values that differ little from handles, and are none themselves: a layer's own handles are live and not the application's.
pub fn near(random: &mut Random, handles: &[usize]) -> usize {
    let handle = handles.first().copied().unwrap_or_default();
    let changes = [1, 2, 3, 1 << 31, 1 << 32];
    handle.wrapping_add(*random.pick(&changes))
}

/// Identities of the process and of the thread, and their pseudo handles.
pub fn process_or_thread(random: &mut Random) -> usize {
    let own = std::process::id() as usize;
    let thread = ws2spi_kernel::thread::current().id() as usize;
    *random.pick(&[own, thread, usize::MAX, usize::MAX - 1, 0])
}

/// The code of an ioctl. Not that of the list whose input holds pointers of its own.
pub fn code(random: &mut Random) -> usize {
    static CODES: LazyLock<Vec<usize>> = LazyLock::new(|| {
        let is_code =
            |name: &str| name.starts_with("SIO") || name.starts_with("FIO") && name != "FIOASYNC";
        rows()
            .filter(|(name, _)| is_code(name) && *name != "SIO_ADDRESS_LIST_SORT")
            .map(|(_, value)| value as usize)
            .collect()
    });
    match random.below(16) {
        0 => number(random),
        1 => random.pick(&CODES) ^ (1 << random.below(32)),
        _ => *random.pick(&CODES),
    }
}

/// Level and name of an option.
pub fn option(random: &mut Random) -> (usize, usize) {
    static OPTIONS: LazyLock<Vec<(usize, usize)>> = LazyLock::new(|| {
        let levels = [
            ("SO_", SOL_SOCKET),
            ("TCP_", IPPROTO_TCP),
            ("UDP_", IPPROTO_UDP),
            ("IPV6_", IPPROTO_IPV6),
            ("IP_", IPPROTO_IP),
            ("MCAST_", IPPROTO_IP),
            ("MCAST_", IPPROTO_IPV6),
        ];
        let mut options = Vec::new();
        for (prefix, level) in levels {
            let names = rows().filter(|(name, _)| name.starts_with(prefix));
            options.extend(names.map(|(_, value)| (level as usize, value as usize)));
        }
        options
    });
    let (level, name) = *random.pick(&OPTIONS);
    match random.below(16) {
        0 => (number(random), name),
        1 => (level, number(random)),
        _ => (level, name),
    }
}

/// The address of a socket: on this host, or of no family that leads anywhere.
pub fn name(random: &mut Random) -> Vec<u8> {
    match random.below(8) {
        0 => {
            let mut noise = vec![0; length(random).min(200)];
            for byte in &mut noise {
                *byte = random.number() as u8;
            }
            if let [low, high, ..] = &mut noise[..] {
                // Neither IPv4 nor IPv6, whose addresses may be anywhere.
                (*low, *high) = (*low | 0x40, 0);
            }
            noise
        }
        1 => {
            let mut local = vec![0; 110];
            local[..2].copy_from_slice(&(AF_UNIX as u16).to_ne_bytes());
            local
        }
        _ => host(random),
    }
}

/// An address of IPv4 or IPv6 on this host.
pub fn host(random: &mut Random) -> Vec<u8> {
    let ports = [0, 0, 9, 9, 1, 0xffff];
    let port: u16 = *random.pick(&ports);
    let mut bytes = Vec::new();
    if random.below(2) == 0 {
        bytes.extend((AF_INET as u16).to_ne_bytes());
        bytes.extend(port.to_be_bytes());
        let hosts = [
            [127, 0, 0, 1],
            [127, 0, 0, 2],
            [0, 0, 0, 0],
            [127, 255, 255, 255],
        ];
        bytes.extend(random.pick(&hosts));
        bytes.resize(16, 0);
        return bytes;
    }
    bytes.extend((AF_INET6 as u16).to_ne_bytes());
    bytes.extend(port.to_be_bytes());
    bytes.extend([0; 4]);
    let mut mapped = [0; 16];
    mapped[10..].copy_from_slice(&[0xff, 0xff, 127, 0, 0, 1]);
    let mut own = [0; 16];
    own[15] = 1;
    bytes.extend(random.pick(&[own, own, mapped, [0; 16]]));
    let scopes: [u32; 4] = [0, 0, 1, u32::MAX];
    bytes.extend(random.pick(&scopes).to_ne_bytes());
    bytes
}

/// The address of the one host whose name every machine knows: for functions that ask a name server about others.
pub fn known_host(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend((AF_INET as u16).to_ne_bytes());
    bytes.extend((random.number() as u16).to_be_bytes());
    bytes.extend([127, 0, 0, 1]);
    bytes.resize(16, 0);
    bytes
}

/// The same without family and port.
pub fn known_host_bytes(_: &mut Random) -> Vec<u8> {
    vec![127, 0, 0, 1]
}

/// A string.
pub fn text(random: &mut Random, kind: Argument) -> String {
    const NODES: [&str; 10] = [
        "127.0.0.1",
        "::1",
        "localhost",
        "",
        "0x7f.1",
        "1.2.3.4",
        "127.1",
        "::ffff:127.0.0.1",
        "fe80::1%1",
        "::%4294967296",
    ];
    const PATHS: [&str; 8] = [
        "ws2_32.dll",
        "linked:base",
        "linked:nothing",
        "/nonexistent/nothing.so",
        "",
        "%PATH%",
        "%NOTHING%/x.so",
        "/",
    ];
    const TEXTS: [&str; 16] = [
        "127.0.0.1:80",
        "[::1]:99",
        "[::1%1]:99999",
        "80",
        "65536",
        "-1",
        "http",
        "tcp",
        "udp",
        "WSAStartup",
        "WSPStartup",
        "ws2spi-bad-input",
        "%PATH%",
        "%%",
        "[",
        "1.2.3.4.5",
    ];
    match (kind, random.below(8)) {
        (Node | WideNode, 0) => "a".repeat(300),
        (Node | WideNode, _) => String::from(*random.pick(&NODES)),
        (Path | WidePath, 0) => "/x".repeat(1000 / 2),
        (Path | WidePath, _) => String::from(*random.pick(&PATHS)),
        (_, 0) => "9".repeat(random.below(400) as usize),
        (_, 1 | 2) => (0..random.below(30))
            .map(|_| char::from(32 + random.below(95) as u8))
            .collect(),
        (_, 3) => String::from(*random.pick(&NODES)),
        _ => String::from(*random.pick(&TEXTS)),
    }
}

/// A GUID of a base provider, one of few others, or one of nobody.
pub fn guid(random: &mut Random) -> [u8; 16] {
    let mut bytes = [0; 16];
    let base = &base_entries()[random.below(base_entries().len() as u64) as usize];
    let guid = match random.below(8) {
        0 => base.ProviderId,
        1 => GUID::from_u128(u128::from(random.number())),
        _ => GUID::from_u128(0xbad_0000 + u128::from(random.below(6))),
    };
    let _ = guid.encode(&mut bytes);
    bytes
}

fn base_entries() -> &'static [WSAPROTOCOL_INFOW] {
    static ENTRIES: LazyLock<Vec<WSAPROTOCOL_INFOW>> =
        LazyLock::new(ws2spi_backends::base::catalog_entries);
    &ENTRIES
}

/// A protocol information: a base provider's, with some of it changed.
pub fn info(random: &mut Random) -> [u8; 628] {
    let mut bytes = [0; 628];
    let base = &base_entries()[random.below(base_entries().len() as u64) as usize];
    let mut info = *base;
    info.dwCatalogEntryId = 1001 + random.below(8) as u32;
    let _ = info.encode(&mut bytes);
    for _ in 0..random.below(4) {
        // The head: flags, identity, chain, numbers. The name begins at 116.
        let at = 4 * random.below(29) as usize;
        let value = match random.below(3) {
            0 => 1001 + random.below(8) as u32,
            _ => number(random) as u32,
        };
        bytes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }
    if random.below(8) == 0 {
        // A name without an end.
        bytes[116..].fill(b'x');
    }
    bytes
}

/// Protocols, ended by 0.
pub fn protocols(random: &mut Random) -> Vec<u8> {
    let mut list: Vec<i32> = (0..random.below(4))
        .map(|_| (number(random) as i32).max(1))
        .collect();
    list.push(0);
    list.into_iter().flat_map(i32::to_ne_bytes).collect()
}

/// A list of `getaddrinfo`, or NULL.
pub fn list(random: &mut Random) -> usize {
    let mut list: *mut ADDRINFOA = std::ptr::null_mut();
    if random.below(8) != 0 {
        let node = c"127.0.0.1".as_ptr().cast();
        // SAFETY: the node is NUL-terminated, NULL is allowed, the list is a live local.
        unsafe { winsock::getaddrinfo(node, null(), null(), &raw mut list) };
    }
    list.expose_provenance()
}

/// A list of `GetAddrInfoW`, or NULL.
pub fn wide_list(random: &mut Random) -> usize {
    let mut list = 0usize;
    if random.below(8) != 0 {
        let node: Vec<u16> = "127.0.0.1\0".encode_utf16().collect();
        let export = ws2spi_tests::by_name::export("GetAddrInfoW");
        let (node, list) = (node.as_ptr().expose_provenance(), &raw mut list);
        // SAFETY: the node is NUL-terminated, NULL is allowed, the list is a live local.
        unsafe { ws2spi_tests::by_name::call(export, &[node, 0, 0, list.expose_provenance()]) };
    }
    list
}
