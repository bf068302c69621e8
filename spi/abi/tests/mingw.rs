//! The numbers of the mingw-w64 headers, `tests/data/mingw-layout.txt`, against the Rust
//! declarations.
//!
//! `tests/c/mingw_probe.sh` keeps the numbers: it compares them with mingw-w64's headers, where its
//! compiler is installed, and with ours in `spi/include`. What those lack is compared with
//! windows-sys alone (`layout.rs`, `constants.rs`).

use core::mem::offset_of;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use ws2spi_abi::Errno;
use ws2spi_abi::constants;
use ws2spi_abi::ffi::native;
use ws2spi_abi::types::layout::layouts;

/// Structures of ours that mingw-w64 10 lacks: newer ones, and an unnamed member of a union.
const ABSENT_STRUCTS: &[&str] = &["TRANSMIT_PACKETS_ELEMENT_0_0", "WSA_COMPATIBILITY_MODE"];

/// Constants of ours that mingw-w64 10 lacks, being newer, or that our C headers do not define.
/// QS_ALLINPUT differs: its value grows with the Windows version, ours is windows-sys's.
const ABSENT_VALUES: &[&str] = &[
    "QS_ALLINPUT",
    "AF_LINK",
    "AF_HYPERV",
    "IPPROTO_RM",
    "SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER",
    "SIO_QUERY_RSS_PROCESSOR_INFO",
    "SIO_IDEAL_SEND_BACKLOG_QUERY",
    "SIO_IDEAL_SEND_BACKLOG_CHANGE",
    "SIO_UDP_NETRESET",
    "SIO_CPU_AFFINITY",
    "SIO_PRIORITY_HINT",
    "SIO_SET_SECURITY",
    "SIO_QUERY_SECURITY",
    "SIO_SET_PEER_TARGET_NAME",
    "SIO_DELETE_PEER_TARGET_NAME",
    "SIO_SET_COMPATIBILITY_MODE",
    "WsaBehaviorAll",
    "WsaBehaviorReceiveBuffering",
    "WsaBehaviorAutoTuning",
    "TCPSTATE_LISTEN",
    "TCPSTATE_SYN_SENT",
    "TCPSTATE_SYN_RCVD",
    "TCPSTATE_FIN_WAIT_1",
    "TCPSTATE_FIN_WAIT_2",
    "TCPSTATE_CLOSE_WAIT",
    "TCPSTATE_CLOSING",
    "TCPSTATE_LAST_ACK",
    "SO_BSP_STATE",
    "SO_PAUSE_ACCEPT",
    "SO_COMPARTMENT_ID",
    "SO_RANDOMIZE_PORT",
    "SO_PORT_SCALABILITY",
    "SO_REUSE_UNICASTPORT",
    "SO_REUSE_MULTICASTPORT",
    "SO_ORIGINAL_DST",
    "TCP_KEEPALIVE",
    "TCP_KEEPIDLE",
    "TCP_MAXSEG",
    "TCP_MAXRT",
    "TCP_STDURG",
    "TCP_NOURG",
    "TCP_ATMARK",
    "TCP_NOSYNRETRIES",
    "TCP_TIMESTAMPS",
    "TCP_OFFLOAD_PREFERENCE",
    "TCP_CONGESTION_ALGORITHM",
    "TCP_DELAY_FIN_ACK",
    "TCP_MAXRTMS",
    "TCP_FASTOPEN",
    "TCP_KEEPCNT",
    "TCP_KEEPINTVL",
    "TCP_FAIL_CONNECT_ON_ICMP_ERROR",
    "TCP_ICMP_ERROR_INFO",
    "UDP_SEND_MSG_SIZE",
    "UDP_RECV_MAX_COALESCED_SIZE",
    "UDP_COALESCED_INFO",
    "IP_RECVECN",
    "IPV6_RECVECN",
    "AI_DNS_ONLY",
    "MSG_ERRQUEUE",
    "WSA_SECURE_HOST_NOT_FOUND",
    "WSA_IPSEC_NAME_POLICY_ERROR",
    "ERROR_REM_NOT_LIST",
    "ERROR_DUP_NAME",
    "ERROR_BAD_NET_RESP",
    "ERROR_TOO_MANY_NAMES",
    "ERROR_REQ_NOT_ACCEP",
    "ERROR_MR_MID_NOT_FOUND",
    "ERROR_INVALID_NETNAME",
    "ERROR_HOST_DOWN",
    "ERROR_PAGEFILE_QUOTA",
    "ERROR_COMMITMENT_LIMIT",
    "FD_SETSIZE",
    "CREATE_EVENT_MANUAL_RESET",
    "CREATE_EVENT_INITIAL_SET",
    "CREATE_MUTEX_INITIAL_OWNER",
    "MUTEX_ALL_ACCESS",
    "MUTEX_MODIFY_STATE",
    "HANDLE_FLAG_INHERIT",
    "HANDLE_FLAG_PROTECT_FROM_CLOSE",
    "QS_POSTMESSAGE",
    "MWMO_WAITALL",
    "MWMO_ALERTABLE",
    "MWMO_INPUTAVAILABLE",
];

/// The kept numbers by what they are of: `sizeof TYPE`, `offsetof TYPE FIELD`, or a constant.
fn kept() -> BTreeMap<String, i64> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/mingw-layout.txt");
    let text = std::fs::read_to_string(path).expect("a file of this repository");
    let numbers = text.lines().filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        // The values of GUIDs are no numbers; `constants.rs` has them.
        Some((name.to_owned(), value.parse().ok()?))
    });
    numbers.collect()
}

/// How C spells our name of a structure.
fn type_name(name: &str) -> &str {
    match name {
        "CMSGHDR" => "WSACMSGHDR",
        "FD_SET" => "fd_set",
        "sockaddr_in6_old" => "struct sockaddr_in6_old",
        "tcp_keepalive" => "struct tcp_keepalive",
        name => name,
    }
}

/// How C spells our name of a field.
fn field_name<'a>(structure: &str, field: &'a str) -> &'a str {
    match (structure, field) {
        ("IN_ADDR", "S_addr") => "S_un.S_addr",
        ("IN6_ADDR", "Byte") => "u.Byte",
        ("GUID", "data1") => "Data1",
        ("GUID", "data2") => "Data2",
        ("GUID", "data3") => "Data3",
        ("GUID", "data4") => "Data4",
        (_, field) => field,
    }
}

/// How C without UNICODE, of which the numbers are, spells our name of a constant.
fn constant_name(name: &str) -> &str {
    match name {
        "SO_PROTOCOL_INFO" => "SO_PROTOCOL_INFOW",
        name => name,
    }
}

/// The slots of a table in the order of its list, with their offsets.
macro_rules! slots {
    ([$table:ty] $(
        $field:ident $c:literal $name:ident($($argument:tt)*) $([$($errno:ident)?])?
            -> $result:ty = $failure:expr;
    )+) => {
        [ $( (stringify!($field), offset_of!($table, $field)), )+ ]
    };
}

/// What our structures and the two tables say, in the words of the kept numbers.
fn ours() -> Vec<(String, usize)> {
    let mut numbers = Vec::new();
    for layout in layouts().filter(|layout| !ABSENT_STRUCTS.contains(&layout.name)) {
        let name = type_name(layout.name);
        numbers.push((format!("sizeof {name}"), layout.size));
        numbers.push((format!("alignof {name}"), layout.align));
        for field in layout.fields {
            let field_name = field_name(layout.name, field.name);
            numbers.push((format!("offsetof {name} {field_name}"), field.offset));
        }
    }
    let mut add_table = |name: &str, size, slots: &[(&str, usize)]| {
        numbers.push((format!("sizeof {name}"), size));
        for (slot, offset) in slots {
            numbers.push((format!("offsetof {name} {slot}"), *offset));
        }
    };
    let procs = ws2spi_abi::procs!(slots native::ProcTable);
    add_table("WSPPROC_TABLE", size_of::<native::ProcTable>(), &procs);
    let upcalls = ws2spi_abi::upcalls!(slots native::UpcallTable);
    add_table("WSPUPCALLTABLE", size_of::<native::UpcallTable>(), &upcalls);
    numbers
}

// U1-U4: both tables, WSPDATA, WSATHREADID, both protocol structures, WSAOVERLAPPED, and the rest.
#[test]
fn structures_have_the_layouts_of_mingw() {
    let kept = kept();
    for (name, number) in ours() {
        assert_eq!(kept.get(&name), Some(&(number as i64)), "{name}");
    }
    for name in ABSENT_STRUCTS {
        assert!(!kept.contains_key(&format!("sizeof {name}")), "{name}");
        assert!(layouts().any(|layout| layout.name == *name), "{name}");
    }
}

#[test]
fn constants_have_the_values_of_mingw() {
    let kept = kept();
    let errnos = Errno::ALL.iter().map(|errno| {
        let name = errno.name().expect("a known code");
        (name, errno.code() as u32)
    });
    let constants = constants::rows().map(|(name, value)| (name, value as u32));
    let mut absent: BTreeSet<&str> = ABSENT_VALUES.iter().copied().collect();
    for (name, value) in errnos.chain(constants) {
        if !absent.remove(name) {
            let theirs = kept.get(constant_name(name)).map(|value| *value as u32);
            assert_eq!(theirs, Some(value), "{name}");
        }
    }
    assert!(absent.is_empty(), "no constants of ours: {absent:?}");
}
