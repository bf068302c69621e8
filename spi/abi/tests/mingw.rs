//! The rows of `tests/mingw/*.c`, numbers of the mingw-w64 headers, against the Rust declarations
//! and against both sets of C headers: mingw-w64's own, where its compiler is installed or
//! `WS2SPI_MINGW_CC` names it, and ours in `spi/include`.

use core::mem::offset_of;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::constants;
use ws2spi_abi::ffi::native;
use ws2spi_abi::types::layout::layouts;

/// Structures of ours that mingw-w64 10 lacks: newer ones, and an unnamed member of a union.
const ABSENT_STRUCTS: &[&str] = &[
    "TCP_INFO_v0",
    "TCP_INFO_v1",
    "TRANSMIT_PACKETS_ELEMENT_0_0",
    "WSA_COMPATIBILITY_MODE",
];

/// Those of them that our C headers declare under the same name.
const IN_OUR_HEADERS: &[&str] = &["TCP_INFO_v0", "TCP_INFO_v1"];

/// Constants of ours that mingw-w64 10 lacks, being newer; `tests/constants.rs` checks them.
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
    "SIO_TCP_INFO",
    "SIO_SET_SECURITY",
    "SIO_QUERY_SECURITY",
    "SIO_SET_PEER_TARGET_NAME",
    "SIO_DELETE_PEER_TARGET_NAME",
    "SIO_SET_COMPATIBILITY_MODE",
    "WsaBehaviorAll",
    "WsaBehaviorReceiveBuffering",
    "WsaBehaviorAutoTuning",
    "TCPSTATE_CLOSED",
    "TCPSTATE_LISTEN",
    "TCPSTATE_SYN_SENT",
    "TCPSTATE_SYN_RCVD",
    "TCPSTATE_ESTABLISHED",
    "TCPSTATE_FIN_WAIT_1",
    "TCPSTATE_FIN_WAIT_2",
    "TCPSTATE_CLOSE_WAIT",
    "TCPSTATE_CLOSING",
    "TCPSTATE_LAST_ACK",
    "TCPSTATE_TIME_WAIT",
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
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mingw")
}

/// The arguments of every row `KIND(argument, …)` of a probe.
fn rows(file: &str, kind: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder().join(file)).expect("a file of this repository");
    let rows: Vec<Vec<String>> = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix(kind)?
                .strip_prefix('(')?
                .strip_suffix(')')
        })
        .map(|row| row.split(", ").map(str::to_owned).collect())
        .collect();
    assert!(!rows.is_empty(), "no {kind} in {file}");
    rows
}

/// Our name of a structure or field that C spells `name`.
fn our_name(name: &str) -> &str {
    match name {
        "WSACMSGHDR" => "CMSGHDR",
        "S_un.S_addr" => "S_addr",
        "u.Byte" => "Byte",
        "Data1" => "data1",
        "Data2" => "data2",
        "Data3" => "data3",
        "Data4" => "data4",
        name => name.strip_prefix("struct ").unwrap_or(name),
    }
}

/// Size, alignment, and offset and size per field.
type Shape = (usize, usize, BTreeMap<String, (usize, usize)>);

/// The slots of a table in the order of its list, with their offsets.
macro_rules! slots {
    ([$table:ty] $(
        $field:ident $c:literal $name:ident($($argument:tt)*) $([$($errno:ident)?])?
            -> $result:ty = $failure:expr;
    )+) => {
        [ $( (stringify!($field), offset_of!($table, $field)), )+ ]
    };
}

/// The shapes of our structures and of the two tables, by our names.
fn our_shapes() -> BTreeMap<String, Shape> {
    let mut shapes: BTreeMap<String, Shape> = layouts()
        .map(|layout| {
            let fields = layout.fields.iter();
            let fields = fields.map(|field| (field.name.to_owned(), (field.offset, field.size)));
            (
                layout.name.to_owned(),
                (layout.size, layout.align, fields.collect()),
            )
        })
        .collect();
    let pointer = size_of::<usize>();
    let mut add_table = |name: &str, size, slots: &[(&str, usize)]| {
        let slots = slots
            .iter()
            .map(|&(slot, offset)| (slot.to_owned(), (offset, pointer)));
        shapes.insert(name.to_owned(), (size, pointer, slots.collect()));
    };
    let procs = ws2spi_abi::procs!(slots native::ProcTable);
    add_table("WSPPROC_TABLE", size_of::<native::ProcTable>(), &procs);
    let upcalls = ws2spi_abi::upcalls!(slots native::UpcallTable);
    add_table("WSPUPCALLTABLE", size_of::<native::UpcallTable>(), &upcalls);
    shapes
}

// U1-U4: both tables, WSPDATA, WSATHREADID, both protocol structures, WSAOVERLAPPED, and the rest.
#[test]
fn structures_have_the_layouts_of_mingw() {
    let mut theirs: BTreeMap<String, Shape> = BTreeMap::new();
    for row in rows("layouts.c", "STRUCT") {
        let number = |index: usize| row[index].parse().expect("a number");
        let shape = (number(1), number(2), BTreeMap::new());
        assert!(
            theirs.insert(our_name(&row[0]).to_owned(), shape).is_none(),
            "{row:?} twice"
        );
    }
    for row in rows("layouts.c", "FIELD") {
        let number = |index: usize| row[index].parse().expect("a number");
        let shape = theirs
            .get_mut(our_name(&row[0]))
            .expect("STRUCT comes first");
        shape
            .2
            .insert(our_name(&row[1]).to_owned(), (number(2), number(3)));
    }
    let mut ours = our_shapes();
    for name in ABSENT_STRUCTS {
        assert!(
            ours.remove(*name).is_some(),
            "{name} is no structure of ours"
        );
    }
    for (name, shape) in &theirs {
        assert_eq!(ours.get(name), Some(shape), "{name}");
    }
    assert!(
        ours.keys().eq(theirs.keys()),
        "a structure of ours is in no row"
    );
}

#[test]
fn constants_have_the_values_of_mingw() {
    let errnos = Errno::ALL
        .iter()
        .map(|errno| (errno.name(), errno.code() as u32));
    let statuses = NtStatus::ALL.iter().map(|status| (status.name(), status.0));
    let mut ours: BTreeMap<&str, u32> = errnos
        .chain(statuses)
        .map(|(name, value)| (name.expect("a known code"), value))
        .collect();
    ours.extend(constants::rows().map(|(name, value)| (name, value as u32)));
    let mut seen: BTreeSet<String> = ABSENT_VALUES.iter().map(|&name| name.to_owned()).collect();
    for row in ["values.c", "codes.c"]
        .iter()
        .flat_map(|file| rows(file, "VALUE"))
    {
        let value = match row[1].strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => row[1].parse(),
        };
        assert_eq!(ours.get(row[0].as_str()).copied(), value.ok(), "{}", row[0]);
        assert!(
            seen.insert(row[0].clone()),
            "{} twice, or in ABSENT_VALUES as well",
            row[0]
        );
    }
    let unseen: Vec<_> = ours.keys().filter(|name| !seen.contains(**name)).collect();
    assert!(
        unseen.is_empty(),
        "in no row and not in ABSENT_VALUES: {unseen:?}"
    );
}

/// Lets `compiler` check the rows of `file` without writing anything.
fn check_rows(compiler: &str, file: &str, include: Option<&Path>) -> std::io::Result<()> {
    let mut command = Command::new(compiler);
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]);
    if let Some(include) = include {
        command.arg("-I").arg(include);
    }
    let output = command.arg(folder().join(file)).output()?;
    assert!(
        output.status.success(),
        "{compiler} {file}:
{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

#[test]
fn the_mingw_compiler_agrees_with_the_rows() {
    let named = std::env::var("WS2SPI_MINGW_CC");
    let compiler = named.as_deref().unwrap_or("x86_64-w64-mingw32-gcc");
    for file in ["layouts.c", "values.c", "codes.c"] {
        match check_rows(compiler, file, None) {
            Ok(()) => {}
            Err(error) if named.is_err() && error.kind() == std::io::ErrorKind::NotFound => {
                eprintln!("{compiler} is not installed; its numbers in {file} stand unchecked");
            }
            Err(error) => panic!("{compiler}: {error}"),
        }
    }
}

#[test]
fn our_c_headers_agree_with_the_layouts() {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    check_rows(&compiler, "layouts.c", Some(&include)).expect("a C compiler");
}

// windows-sys is the oracle of these structures (`tests/layout.rs`), so the C headers follow the Rust declarations.
#[test]
fn our_c_headers_agree_about_what_mingw_lacks() {
    let mut text = String::from("#include \"probe.h\"\n");
    for layout in layouts().filter(|layout| IN_OUR_HEADERS.contains(&layout.name)) {
        let name = layout.name;
        text += &format!("STRUCT({name}, {}, {})\n", layout.size, layout.align);
        for field in layout.fields {
            let (member, offset, size) = (field.name, field.offset, field.size);
            text += &format!("FIELD({name}, {member}, {offset}, {size})\n");
        }
    }
    assert_eq!(text.matches("STRUCT").count(), IN_OUR_HEADERS.len());
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let mut command = Command::new(compiler);
    command
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"])
        .arg("-I")
        .arg(include)
        .arg("-I")
        .arg(folder())
        .args(["-x", "c", "-"])
        .stdin(Stdio::piped());
    let mut child = command.spawn().expect("a C compiler");
    let mut input = child.stdin.take().expect("it is a pipe");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{text}");
}
