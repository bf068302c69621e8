//! What outlives what: providers, sockets, threads and the process's last clean-up.

use std::io::Read;
use std::net::TcpListener;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use ws2spi::upcalls::Host;
use ws2spi_abi::args::Callback;
use ws2spi_abi::ffi::{Convention, UpcallProcs, native};
use ws2spi_abi::*;
use ws2spi_cli::installer::{self, Handles};
use ws2spi_tests::socket::last_error;
use ws2spi_tests::{
    Configuration, Socket, blocked, census, configuration, isolated, isolation, layers, partner,
    processor, providers, wait, winsock,
};

// U113: data of sockets that were closed before the last clean-up are still delivered.
#[test]
fn data_of_closed_sockets_arrive_after_the_last_cleanup() {
    isolated!();
    configuration::startup();
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
    let client = Socket::tcp(AF_INET);
    client
        .connect(listener.local_addr().expect("it is bound"))
        .expect("loopback connects");
    let (mut server, _) = listener.accept().expect("the connection is there");
    client.set_nonblocking(true).expect("any socket takes it");
    // More than the system's buffers hold: the rest waits in the provider.
    let data: Vec<u8> = (0..20_000_000u32).map(|n| (n % 251) as u8).collect();
    assert_eq!(client.send(&data, 0), Ok(data.len()));
    let reader = std::thread::spawn(move || {
        let mut received = Vec::new();
        server.read_to_end(&mut received).map(|_| received)
    });
    assert!(client.close().is_ok());
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    let received = reader
        .join()
        .expect("no panic")
        .expect("the stream ends in order");
    assert!(
        received == data,
        "{} of {} bytes, or others",
        received.len(),
        data.len()
    );
}

// U133: removing a provider leaves the sockets that it has alone.
#[test]
fn sockets_go_on_when_their_layer_is_removed() {
    isolated!();
    let path = providers::path("layer_ifs");
    let id = GUID::from_u128(0x1f0c_7a60_3c11_4b7e_9a02_510c_77e4_1000);
    let path = path.to_str().expect("UTF-8");
    let installed = layers::install(path, "layer", Handles::System, id);
    configuration::startup();
    let (client, server) = Socket::pair(AF_INET);
    for id in &installed.ids {
        installer::remove(id).expect("it is installed");
    }
    assert_eq!(client.send(b"still here", 0), Ok(10));
    let mut room = [0; 10];
    server.recv_exact(&mut room);
    assert_eq!(&room, b"still here");
}

/// The upcall tables that the base provider was given, as words.
static TABLES: Mutex<Vec<[usize; 15]>> = Mutex::new(Vec::new());

/// `WSPStartup` of the base provider; remembers the table.
unsafe extern "system" fn remember_table(
    requested: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    upcalls: native::UpcallTable,
    procs: *mut native::ProcTable,
) -> i32 {
    // SAFETY: a table is 15 pointers; as numbers they are all valid.
    let words = unsafe { std::mem::transmute::<native::UpcallTable, [usize; 15]>(upcalls) };
    TABLES.lock().expect("no panic under the lock").push(words);
    // SAFETY: the caller's contract, passed on.
    unsafe { ws2spi_backends::base::entry()(requested, data, info, upcalls, procs) }
}

// U107: a provider below a layer is given the table that the top one is given.
#[test]
fn the_table_is_the_same_at_every_level() {
    isolated!();
    let entries = ws2spi_backends::base::catalog_entries();
    ws2spi::process::set_base("remembering", remember_table, &entries);
    configuration::startup();
    drop(Socket::tcp(AF_INET));
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    layers::install_c("layer_nonifs", Handles::Minted);
    configuration::startup();
    drop(Socket::tcp(AF_INET));
    let tables = TABLES.lock().expect("no panic under the lock");
    let (direct, below) = (
        tables.first().expect("started once"),
        tables.last().expect("started"),
    );
    assert!(
        tables.len() > 1,
        "the layer started the base provider as well"
    );
    assert_eq!(direct, below);
}

static SEEN: AtomicUsize = AtomicUsize::new(0);

extern "system" fn note(context: usize) {
    SEEN.store(context, Ordering::Relaxed);
}

// U82: the identity may be overwritten as soon as WPUQueueApc has returned.
#[test]
fn an_apc_runs_although_the_identity_was_overwritten() {
    isolated!();
    configuration::startup();
    let table = UpcallProcs::Native(native::UpcallTable::of::<Host>());
    // SAFETY: the client DLL is linked in.
    let upcalls = unsafe { Upcalls::new(table) };
    let mut thread = upcalls
        .open_current_thread()
        .expect("the process is started");
    let mut copy = thread;
    let routine = RawCallback::from_raw(note as *const () as usize);
    // SAFETY: a function of one word in this convention.
    let routine = unsafe { Callback::new(Convention::Native, routine) }.expect("not NULL");
    upcalls
        .queue_apc(&copy, routine, 4711)
        .expect("the thread lives");
    copy.ThreadHandle = 0;
    copy.Reserved = usize::MAX;
    assert_eq!(copy.ThreadHandle, 0);
    // SAFETY: no pointers.
    assert_eq!(unsafe { winsock::SleepEx(0, TRUE) }, WAIT_IO_COMPLETION);
    assert_eq!(SEEN.load(Ordering::Relaxed), 4711);
    upcalls.close_thread(&mut thread).expect("it was opened");
}

// The body of another process; a test that does nothing in this one.
#[test]
fn the_other_process() {
    if partner::is_one() {
        configuration::startup();
        partner::serve();
    }
}

// base-provider.md 7: a duplicate for another process that nobody has made a socket of ends with the last clean-up, and so does
// the thread that waited for it.
#[test]
fn the_last_cleanup_withdraws_duplicates() {
    isolated!();
    configuration::startup();
    let mut other = isolation::partner("the_other_process");
    let peer = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
    let socket = Socket::tcp(AF_INET);
    let to = peer.local_addr().expect("it is bound");
    socket.connect(to).expect("loopback connects");
    let (mut peer, _) = peer.accept().expect("the connection is there");
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let place = &raw mut info;
    // SAFETY: the info is a live local.
    let duplicated = unsafe { winsock::WSADuplicateSocketW(socket.raw(), other.id(), place) };
    assert_eq!(duplicated, 0);
    drop(socket);
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    let mut rest = Vec::new();
    assert_eq!(peer.read_to_end(&mut rest).expect("the stream ends"), 0);
    assert_eq!(other.make(&info), Err(Errno::INVAL));
    let gone = || !processor::threads().contains(&"ws2spi-handover".to_owned());
    wait::until("the thread ends", gone);
}

// U112: nothing of a provider runs after its WSPCleanup: an APC that nobody waited for until then is dropped, in the next run as well.
#[test]
fn an_apc_that_outlived_its_run_never_runs() {
    isolated!();
    configuration::startup();
    let table = UpcallProcs::Native(native::UpcallTable::of::<Host>());
    // SAFETY: the client DLL is linked in.
    let upcalls = unsafe { Upcalls::new(table) };
    let mut thread = upcalls
        .open_current_thread()
        .expect("the process is started");
    let routine = RawCallback::from_raw(note as *const () as usize);
    // SAFETY: a function of one word in this convention.
    let routine = unsafe { Callback::new(Convention::Native, routine) }.expect("not NULL");
    upcalls
        .queue_apc(&thread, routine, 4711)
        .expect("the thread lives");
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    let late = upcalls.queue_apc(&thread, routine, 4712);
    assert_eq!(late, Err(Errno::NOTINITIALISED));
    configuration::startup();
    // SAFETY: no pointers.
    unsafe { winsock::SleepEx(0, TRUE) };
    assert_eq!(SEEN.load(Ordering::Relaxed), 0);
    upcalls.close_thread(&mut thread).expect("it was opened");
}

/// What the routine tells, and what it waits for.
static MEETING: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

/// A completion routine that stays until it is released.
unsafe extern "system" fn stay(_: u32, _: u32, _: *mut OVERLAPPED, _: u32) {
    let meeting = MEETING.lock().expect("no panic under the lock").take();
    let (inside, released) = meeting.expect("it is called once");
    inside.send(()).expect("somebody waits");
    // Nothing is sent; the other end goes.
    let _ = released.recv();
}

// U39, U112: a layer's APC that runs on another thread when the last clean-up comes is a call inside its module.
#[test]
fn a_module_stays_as_long_as_its_apc_runs_in_the_last_cleanup() {
    isolated!();
    Configuration::NonIfs.start();
    let library = providers::path("layer_nonifs");
    let (client, server) = Socket::pair(AF_INET);
    let (send_inside, inside) = mpsc::channel();
    let (release, released) = mpsc::channel();
    *MEETING.lock().expect("no panic under the lock") = Some((send_inside, released));
    let s = server.raw();
    let waiting = std::thread::spawn(move || {
        let mut room = [0u8; 8];
        let mut block = OVERLAPPED::EMPTY;
        let part = WSABUF {
            len: 8,
            buf: room.as_mut_ptr(),
        };
        let (mut count, mut flags) = (0, 0);
        let (count, flags) = (&raw mut count, &raw mut flags);
        let routine = RawCallback::from_raw(stay as *const () as usize);
        let (part, block) = (&raw const part, &raw mut block);
        // SAFETY: room and block live until the operation has ended, below.
        let began = unsafe { winsock::WSARecv(s, part, 1, count, flags, block, routine) };
        assert!(began == 0 || last_error() == Errno::IO_PENDING);
        // SAFETY: no pointers.
        unsafe { winsock::SleepEx(INFINITE, TRUE) }
    });
    assert_eq!(client.send(b"word", 0), Ok(4));
    inside.recv().expect("the routine runs");
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
    assert!(census::is_loaded(&library), "a routine is inside it");
    drop(release);
    let ended = blocked::finish("the wait to end", waiting);
    assert_eq!(ended, WAIT_IO_COMPLETION);
    wait::until("the module is unloaded", || !census::is_loaded(&library));
}
