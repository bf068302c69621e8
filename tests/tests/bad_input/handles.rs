//! What is no socket is `WSAENOTSOCK` for every function of a socket: closed and invalid handles, handles of everything else, numbers.
//!
//! Every function has NULL and zero for its other arguments here: the socket is looked at first (client-dll.md 5.2).

use crate::random::functions;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;
use ws2spi_abi::*;
use ws2spi_tests::by_name::{self, OF_A_SOCKET, call, export};
use ws2spi_tests::sets::{self, Set, Time};
use ws2spi_tests::{Configuration, Socket, configuration, isolated, socket, winsock};

/// Functions of a socket that are not asked whether it is one: membership in a set (U54), the descriptor (-1), and
/// `WPUCompleteOverlappedRequest`, which has a code of its own (U182).
const OTHERS: [&str; 3] = [
    "WPUCompleteOverlappedRequest",
    "__WSAFDIsSet",
    "ws2spi_socket_fd",
];

// U157: the functions that these tests go over are all that take a socket.
#[test]
fn all_functions_of_a_socket_are_known() {
    let known: BTreeSet<&str> = OF_A_SOCKET.into_iter().chain(OTHERS).collect();
    assert_eq!(functions::of_a_socket().collect::<BTreeSet<_>>(), known);
}

/// Every function says that this is no socket; `select` and `WSAPoll` do so as well.
fn expect_no_socket(what: &str, s: usize) {
    for (name, error) in by_name::call_all_of_a_socket(s) {
        assert_eq!(error, Some(Errno::NOTSOCK), "{name} on {what}");
    }
    for place in 0..3 {
        let set = Set::of_raw(&[s]);
        let mut sets = [None; 3];
        sets[place] = Some(&set);
        let outcome = sets::select(sets, Time::None);
        assert_eq!(outcome, Err(Errno::NOTSOCK), "select {place} on {what}");
    }
    let mut polled = WSAPOLLFD {
        fd: s,
        events: POLLRDNORM,
        revents: 0,
    };
    // SAFETY: one live element.
    let ready = unsafe { winsock::WSAPoll(&raw mut polled, 1, 0) };
    assert_eq!(socket::checked(ready), Err(Errno::NOTSOCK), "WSAPoll");
    assert_eq!(polled.revents, POLLNVAL, "WSAPoll on {what}");
    let mut errno = 0;
    let mut block = OVERLAPPED::EMPTY;
    // SAFETY: block and code are live locals.
    let ended =
        unsafe { winsock::WPUCompleteOverlappedRequest(s, &raw mut block, 0, 0, &raw mut errno) };
    assert_eq!((ended, errno), (SOCKET_ERROR, WSAEINVAL), "{what}");
    // SAFETY: no pointers.
    assert_eq!(unsafe { call(export("ws2spi_socket_fd"), &[s]) }, NONE);
}

/// -1 of 32 bits.
const NONE: usize = u32::MAX as usize;

/// Calls a function without pointers.
fn make(name: &str, words: &[usize]) -> usize {
    // SAFETY: only called for functions that make something of numbers, and NULL, alone.
    unsafe { call(export(name), words) }
}

/// One of each kind of object that is no socket.
fn objects() -> Vec<(&'static str, usize)> {
    let mut thread = 0;
    let process = usize::MAX;
    // SAFETY: the target is a live local.
    let done = unsafe {
        winsock::DuplicateHandle(process, process - 1, process, &raw mut thread, 0, 0, 0)
    };
    assert_eq!(done, TRUE);
    let mut notice = 0;
    let none = RawCallback::NULL;
    // SAFETY: the handle is a live local.
    let opened =
        unsafe { winsock::WSAProviderConfigChange(&raw mut notice, std::ptr::null_mut(), none) };
    assert_eq!(opened, 0);
    let class: Vec<u16> = "Message\0".encode_utf16().collect();
    let registered = WNDCLASSW {
        lpfnWndProc: export("DefWindowProcW").address(),
        lpszClassName: class.as_ptr(),
        ..WNDCLASSW::EMPTY
    };
    let registered = (&raw const registered).expose_provenance();
    // SAFETY: the class is a live local with a name that ends and a procedure.
    let atom = unsafe { call(export("RegisterClassW"), &[registered]) };
    let window = [0, atom, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    vec![
        ("an event", make("CreateEventW", &[0, 1, 0, 0])),
        ("a semaphore", make("CreateSemaphoreW", &[0, 0, 1, 0])),
        ("a mutex", make("CreateMutexW", &[0, 0, 0])),
        (
            "a port",
            make("CreateIoCompletionPort", &[process, 0, 0, 0]),
        ),
        ("a thread", thread),
        ("a notification handle", notice),
        ("a window", make("CreateWindowExW", &window)),
    ]
}

fn closed(socket: Socket) -> usize {
    let s = socket.raw();
    assert!(socket.close().is_ok());
    s
}

fn expect_everything(configuration: Configuration) {
    configuration.start();
    let live = Socket::tcp(AF_INET);
    expect_no_socket("INVALID_SOCKET", INVALID_SOCKET);
    for number in [0, 1, 2, 3, 4, 0x7fff_fffc, usize::MAX - 1, usize::MAX - 3] {
        expect_no_socket("a number", number);
    }
    for bit in [1 << 31, 1 << 32, 1 << 62] {
        expect_no_socket("a socket and a bit", live.raw() | bit);
    }
    let (client, server) = Socket::pair(AF_INET);
    expect_no_socket("a closed TCP socket", closed(client));
    expect_no_socket("a closed accepted socket", closed(server));
    expect_no_socket("a closed UDP socket", closed(Socket::udp(AF_INET6)));
    expect_no_socket("a closed AF_UNIX socket", closed(local()));
    let replaced = closed(Socket::tcp(AF_INET));
    let later: Vec<Socket> = (0..100).map(|_| Socket::tcp(AF_INET)).collect();
    expect_no_socket("a closed socket that others follow", replaced);
    drop(later);
    for (what, handle) in objects() {
        assert_ne!(handle, 0, "{what}");
        expect_no_socket(what, handle);
    }
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    configuration::startup();
    expect_no_socket("a socket of an earlier start", live.into_raw());
}

fn local() -> Socket {
    Socket::new(AF_UNIX, SOCK_STREAM, 0).expect("a local socket")
}

// U157: for every function; P296: WSAPoll of nothing but them; U182: WPUCompleteOverlappedRequest.
#[test]
fn what_is_no_socket_is_refused() {
    isolated!();
    expect_everything(Configuration::Bare);
}

// U157: the same when an IFS layer is asked about handles that nobody registered.
#[test]
fn what_is_no_socket_is_refused_above_an_ifs_layer() {
    isolated!();
    expect_everything(Configuration::Ifs);
}

// U157: the same when a non-IFS layer makes the handles.
#[test]
fn what_is_no_socket_is_refused_above_a_non_ifs_layer() {
    isolated!();
    expect_everything(Configuration::NonIfs);
}

// U158: a descriptor of the system is a number like any other: it stays open, where it was.
#[test]
fn descriptors_of_the_system_are_left_alone() {
    isolated!();
    configuration::startup();
    let mut file = File::open(std::env::current_exe().expect("a program knows its path"))
        .expect("it can be read");
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes).expect("it has four bytes");
    let descriptor = usize::try_from(file.as_raw_fd()).expect("an open file");
    expect_no_socket("a descriptor", descriptor);
    assert_eq!(file.stream_position().expect("it is open"), 4);
}

// U158: calls that are refused leave what they were given as it was.
#[test]
fn refused_objects_are_left_alone() {
    isolated!();
    configuration::startup();
    for (what, handle) in objects() {
        expect_no_socket(what, handle);
        let waited = make("WaitForSingleObject", &[handle, 0]);
        let expected = match what {
            // Nothing can be waited for there.
            "a port" | "a window" => WAIT_FAILED as usize,
            "a mutex" => WAIT_OBJECT_0 as usize,
            _ => WAIT_TIMEOUT as usize,
        };
        assert_eq!(waited, expected, "{what}");
        let end = match what {
            "a window" => "DestroyWindow",
            _ => "CloseHandle",
        };
        assert_eq!(make(end, &[handle]), TRUE as usize, "{what}");
    }
}

// client-dll.md 5.2: whether the process is started is looked at before anything else, for every function, whatever it is given.
#[test]
fn nothing_works_before_startup() {
    isolated!();
    for s in [INVALID_SOCKET, 0, 4] {
        for (name, error) in by_name::call_all_of_a_socket(s) {
            assert_eq!(error, Some(Errno::NOTINITIALISED), "{name} of {s:#x}");
        }
        let set = Set::of_raw(&[s]);
        let outcome = sets::select([Some(&set), None, None], Time::None);
        assert_eq!(outcome, Err(Errno::NOTINITIALISED));
    }
    for name in OF_A_SOCKET {
        // Without any memory as well: the byte-order functions, too (U177).
        let words = vec![0; export(name).argument_sizes().len()];
        socket::set_last_code(0);
        // SAFETY: all functions of the list allow NULL and zero for everything.
        unsafe { call(export(name), &words) };
        assert_eq!(socket::last_error(), Errno::NOTINITIALISED, "{name}");
    }
}
