//! NULL pointers and short lengths: `WSAEFAULT`, and what comes before it.
//!
//! Each row is a call that succeeds or at least gets as far as the provider's work, and the arguments that spoil it, one at a time. The
//! order of checks is the same for all functions: whether the process is started, whether there is a socket, the arguments
//! (client-dll.md 5.2); only the byte-order functions look at their pointer before the socket (U177).

use ws2spi_abi::*;
use ws2spi_tests::by_name::{call, export};
use ws2spi_tests::{Configuration, Socket, isolated, socket, wait};

/// The memory that valid arguments point to.
struct Memory {
    /// Room for anything, as zeroes.
    room: Vec<u64>,
    /// An IPv4 address on this host.
    name: Vec<u8>,
    /// One buffer of 8 bytes.
    buffer: WSABUF,
    message: WSAMSG,
    /// Lengths and numbers, by value.
    cells: Vec<u64>,
}

impl Memory {
    fn new(name: &[u8]) -> Box<Self> {
        let mut memory = Box::new(Self {
            room: vec![0; 128],
            name: name.to_vec(),
            buffer: WSABUF::EMPTY,
            message: WSAMSG::EMPTY,
            cells: Vec::with_capacity(1024),
        });
        memory.buffer = WSABUF {
            len: 8,
            buf: memory.room.as_mut_ptr().cast(),
        };
        memory.message = WSAMSG {
            name: memory.name.as_mut_ptr().cast(),
            namelen: 16,
            lpBuffers: &raw mut memory.buffer,
            dwBufferCount: 1,
            ..WSAMSG::EMPTY
        };
        memory
    }

    /// A place with this number.
    fn cell(&mut self, value: i32) -> usize {
        assert!(self.cells.len() < self.cells.capacity(), "places stay");
        let index = self.cells.len();
        self.cells.push(u64::from(value.cast_unsigned()));
        (&raw mut self.cells[index]).expose_provenance()
    }

    fn word(&mut self, value: Value) -> usize {
        match value {
            Is(number) => number.cast_unsigned(),
            Own => std::process::id() as usize,
            Room => self.room.as_mut_ptr().expose_provenance(),
            Name => self.name.as_mut_ptr().expose_provenance(),
            Buffer => (&raw mut self.buffer).expose_provenance(),
            Message => (&raw mut self.message).expose_provenance(),
            At(number) => self.cell(number),
        }
    }
}

/// An argument.
#[derive(Clone, Copy, Debug)]
enum Value {
    Is(isize),
    /// The identity of this process.
    Own,
    Room,
    Name,
    Buffer,
    Message,
    /// A place with a number.
    At(i32),
}
use Value::{At, Buffer, Is, Message, Name, Own, Room};

const NULL: Value = Is(0);

/// Which socket a call is made on.
#[derive(Clone, Copy, Debug)]
enum On {
    /// With a name to take instead of one to connect to.
    Nameless,
    Fresh,
    Bound,
    Connected,
    /// With a connection waiting.
    Listener,
    /// With a datagram waiting.
    Datagram,
}
use On::{Bound, Connected, Datagram, Fresh, Listener, Nameless};

/// A function, the arguments behind the socket, and what spoils them: the number of an argument and its value.
type Row = (
    &'static str,
    On,
    &'static [Value],
    &'static [(usize, Value)],
);

const FIONBIO_CODE: isize = FIONBIO as isize;
const FIONREAD_CODE: isize = FIONREAD as isize;
const LEVEL: isize = SOL_SOCKET as isize;
const SIZE: isize = SO_RCVBUF as isize;

const ROWS: &[Row] = &[
    // P31, P32, U162.
    (
        "ws2_bind",
        Nameless,
        &[Name, Is(16)],
        &[(1, NULL), (2, Is(0)), (2, Is(15)), (2, Is(-1))],
    ),
    // P40, U162.
    (
        "ws2_getsockname",
        Bound,
        &[Room, At(16)],
        &[(1, NULL), (2, NULL), (2, At(15)), (2, At(0)), (2, At(-1))],
    ),
    // P42.
    (
        "ws2_getpeername",
        Connected,
        &[Room, At(16)],
        &[(1, NULL), (2, NULL), (2, At(15)), (2, At(0))],
    ),
    // base-provider.md, WSPConnect: NULL or short.
    (
        "ws2_connect",
        Fresh,
        &[Name, Is(16)],
        &[(1, NULL), (2, Is(0)), (2, Is(15)), (2, Is(-1))],
    ),
    (
        "WSAConnect",
        Fresh,
        &[Name, Is(16), NULL, NULL, NULL, NULL],
        &[(1, NULL), (2, Is(0)), (2, Is(15))],
    ),
    // P93.
    (
        "ws2_accept",
        Listener,
        &[Room, At(16)],
        &[(2, At(0)), (2, At(15))],
    ),
    (
        "WSAAccept",
        Listener,
        &[Room, At(16), NULL, NULL],
        &[(2, At(0)), (2, At(15))],
    ),
    // base-provider.md, WSPSend.
    (
        "ws2_send",
        Connected,
        &[Room, Is(8), NULL],
        &[(1, NULL), (2, Is(-1))],
    ),
    (
        "WSASend",
        Connected,
        &[Buffer, Is(1), At(0), NULL, NULL, NULL],
        &[(1, NULL), (3, NULL)],
    ),
    // P134; base-provider.md, WSPRecv.
    (
        "ws2_recv",
        Connected,
        &[Room, Is(8), NULL],
        &[(1, NULL), (2, Is(-1))],
    ),
    (
        "WSARecvEx",
        Connected,
        &[Room, Is(8), At(0)],
        &[(1, NULL), (2, Is(-1)), (3, NULL)],
    ),
    (
        "WSARecv",
        Connected,
        &[Buffer, Is(1), At(0), At(0), NULL, NULL],
        &[(1, NULL), (3, NULL), (4, NULL)],
    ),
    // P127.
    (
        "ws2_recvfrom",
        Datagram,
        &[Room, Is(8), NULL, Room, At(16)],
        &[(1, NULL), (2, Is(-1)), (5, At(15)), (5, At(0))],
    ),
    (
        "WSARecvFrom",
        Datagram,
        &[Buffer, Is(1), At(0), At(0), Room, At(16), NULL, NULL],
        &[(1, NULL), (3, NULL), (4, NULL), (6, At(15))],
    ),
    // P179; base-provider.md, WSPSendTo.
    (
        "ws2_sendto",
        Datagram,
        &[Room, Is(8), NULL, Name, Is(16)],
        &[(1, NULL), (2, Is(-1)), (5, Is(15)), (5, Is(0))],
    ),
    (
        "WSASendTo",
        Datagram,
        &[Buffer, Is(1), At(0), NULL, Name, Is(16), NULL, NULL],
        &[(1, NULL), (3, NULL), (6, Is(15))],
    ),
    // P181, P182.
    (
        "WSASendMsg",
        Datagram,
        &[Message, NULL, At(0), NULL, NULL],
        &[(1, NULL), (3, NULL)],
    ),
    // P309.
    (
        "ws2_getsockopt",
        Fresh,
        &[Is(LEVEL), Is(SIZE), Room, At(4)],
        &[(3, NULL), (4, NULL), (4, At(3)), (4, At(0)), (4, At(-1))],
    ),
    // P308.
    (
        "ws2_setsockopt",
        Fresh,
        &[Is(LEVEL), Is(SIZE), Room, Is(4)],
        &[(3, NULL), (4, Is(3)), (4, Is(0))],
    ),
    // P323 and base-provider.md 2.6.
    (
        "WSAIoctl",
        Connected,
        &[
            Is(FIONREAD_CODE),
            NULL,
            NULL,
            Room,
            Is(4),
            At(0),
            NULL,
            NULL,
        ],
        &[(4, NULL), (5, Is(3)), (5, Is(0)), (6, NULL)],
    ),
    (
        "WSAIoctl",
        Connected,
        &[Is(FIONBIO_CODE), Room, Is(4), NULL, NULL, At(0), NULL, NULL],
        &[(2, NULL), (3, Is(3)), (3, Is(0)), (6, NULL)],
    ),
    (
        "ioctlsocket",
        Connected,
        &[Is(FIONBIO_CODE), At(0)],
        &[(2, NULL)],
    ),
    (
        "ioctlsocket",
        Connected,
        &[Is(FIONREAD_CODE), At(0)],
        &[(2, NULL)],
    ),
    // base-provider.md, WSPEnumNetworkEvents.
    (
        "WSAEnumNetworkEvents",
        Connected,
        &[NULL, Room],
        &[(2, NULL)],
    ),
    // P25.
    ("WSADuplicateSocketA", Fresh, &[Own, Room], &[(2, NULL)]),
    ("WSADuplicateSocketW", Fresh, &[Own, Room], &[(2, NULL)]),
    // client-dll.md 6.2: WSAEFAULT for all three.
    (
        "WSAGetOverlappedResult",
        Connected,
        &[Room, At(0), NULL, At(0)],
        &[(1, NULL), (2, NULL), (4, NULL)],
    ),
];

/// Functions that look at their pointer before the socket (U177).
const EAGER: [Row; 4] = [
    ("WSAHtonl", Fresh, &[Is(1), At(0)], &[(2, NULL)]),
    ("WSAHtons", Fresh, &[Is(1), At(0)], &[(2, NULL)]),
    ("WSANtohl", Fresh, &[Is(1), At(0)], &[(2, NULL)]),
    ("WSANtohs", Fresh, &[Is(1), At(0)], &[(2, NULL)]),
];

/// Where the connections and datagrams of these tests come from and go to.
struct World {
    _partner: Socket,
    socket: Socket,
    name: Vec<u8>,
}

impl World {
    fn new(on: On) -> Self {
        let partner = Socket::listener(AF_INET);
        let at = partner.name().expect("a listener has a name");
        let name = partner.name_address().expect("a listener has a name");
        let mut name = name.as_bytes().to_vec();
        let (partner, socket) = match on {
            Nameless => {
                // Any port.
                name[2..4].fill(0);
                (partner, Socket::tcp(AF_INET))
            }
            Fresh => (partner, Socket::tcp(AF_INET)),
            Bound => {
                let socket = Socket::tcp(AF_INET);
                socket.bind(socket::loopback(AF_INET)).expect("loopback");
                (partner, socket)
            }
            Connected => {
                let (client, server) = Socket::pair(AF_INET);
                server.send(b"waiting", 0).expect("a connection carries");
                wait::until("the bytes", || client.available() == Ok(7));
                (server, client)
            }
            Listener => {
                let caller = Socket::tcp(AF_INET);
                caller.connect(at).expect("loopback connects");
                (caller, partner)
            }
            Datagram => {
                let socket = Socket::bound_udp(AF_INET);
                let own = socket.name().expect("it is bound");
                socket.send_to(b"datagram", own).expect("loopback takes it");
                wait::until("the datagram", || socket.available() == Ok(8));
                (partner, socket)
            }
        };
        Self {
            _partner: partner,
            socket,
            name,
        }
    }
}

/// Calls a row's function with one argument exchanged, if any; its error.
fn outcome(row: &Row, s: usize, name: &[u8], spoiled: Option<(usize, Value)>) -> Option<Errno> {
    let (function, _, values, _) = row;
    let mut memory = Memory::new(name);
    let mut words = vec![s];
    words.extend(values.iter().map(|value| memory.word(*value)));
    if let Some((index, value)) = spoiled {
        words[index] = memory.word(value);
    }
    let export = export(function);
    socket::set_last_code(0);
    // SAFETY: NULL, or memory that is as long as is said, for all of them.
    let result = unsafe { call(export, &words) };
    let failure = match (*function, export.result_size()) {
        ("WSAGetOverlappedResult", _) => 0,
        (_, 4) => u32::MAX as usize,
        _ => usize::MAX,
    };
    if export.result_size() == 8 && result != failure {
        drop(Socket::from_raw(result));
    }
    (result == failure).then(socket::last_error)
}

/// A number that has been a socket.
fn stale() -> usize {
    Socket::tcp(AF_INET).raw()
}

fn expect_faults(configuration: Configuration) {
    configuration.start();
    let mut wrong = Vec::new();
    for row in ROWS.iter().chain(&EAGER) {
        let (function, on, _, faults) = row;
        for fault in *faults {
            let world = World::new(*on);
            let s = world.socket.raw();
            let refused = outcome(row, s, &world.name, Some(*fault));
            // The very same call without the fault gets through: it was the fault that was refused.
            let allowed = outcome(row, s, &world.name, None);
            if (refused, allowed) != (Some(Errno::FAULT), None) {
                wrong.push(format!(
                    "{function} with {fault:?}: {refused:?}, {allowed:?}"
                ));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

// Issue "Bad input": NULL and short pointers are WSAEFAULT, and leave the socket as it was.
#[test]
fn null_and_short_pointers_are_faults() {
    isolated!();
    expect_faults(Configuration::Bare);
}

// The same through an IFS layer.
#[test]
fn null_and_short_pointers_are_faults_above_an_ifs_layer() {
    isolated!();
    expect_faults(Configuration::Ifs);
}

// The same through a non-IFS layer.
#[test]
fn null_and_short_pointers_are_faults_above_a_non_ifs_layer() {
    isolated!();
    expect_faults(Configuration::NonIfs);
}

// client-dll.md 5.2: a stale handle is found before NULL and short pointers; U177: but by the byte-order functions.
#[test]
fn a_stale_handle_comes_before_faults() {
    isolated!();
    Configuration::Bare.start();
    for (rows, expected) in [(ROWS, Errno::NOTSOCK), (&EAGER[..], Errno::FAULT)] {
        for row in rows {
            for fault in row.3 {
                let error = outcome(row, stale(), &[0; 16], Some(*fault));
                assert_eq!(error, Some(expected), "{} with {fault:?}", row.0);
            }
            let error = outcome(row, stale(), &[0; 16], None);
            assert_eq!(error, Some(Errno::NOTSOCK), "{}", row.0);
        }
    }
}

// client-dll.md 5.2: a process that is not started is found before everything else.
#[test]
fn a_missing_startup_comes_before_faults() {
    isolated!();
    for row in ROWS.iter().chain(&EAGER) {
        for fault in row.3 {
            let error = outcome(row, INVALID_SOCKET, &[0; 16], Some(*fault));
            assert_eq!(error, Some(Errno::NOTINITIALISED), "{}", row.0);
        }
    }
}

// P42: a socket without a peer says so whatever it is given.
#[test]
fn a_missing_peer_comes_before_faults() {
    isolated!();
    Configuration::Bare.start();
    let s = Socket::tcp(AF_INET);
    for values in [&[NULL, NULL], &[Room, At(0)], &[NULL, At(16)]] {
        let row: Row = ("ws2_getpeername", Fresh, values, &[]);
        assert_eq!(outcome(&row, s.raw(), &[], None), Some(Errno::NOTCONN));
    }
}

// U173: a bad process identity comes before a NULL information.
#[test]
fn a_bad_process_comes_before_a_fault() {
    isolated!();
    Configuration::Bare.start();
    let s = Socket::tcp(AF_INET);
    for function in ["WSADuplicateSocketA", "WSADuplicateSocketW"] {
        let row: Row = (function, Fresh, &[NULL, NULL], &[]);
        assert_eq!(outcome(&row, s.raw(), &[], None), Some(Errno::INVAL));
    }
}
