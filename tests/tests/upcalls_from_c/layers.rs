//! Layers in C, as each compiler makes them: what they do with handles that they are given back, and with data at the end.

use crate::worlds::*;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::ptr::null_mut;
use std::sync::Mutex;
use std::thread;
use ws2spi::loader::module;
use ws2spi::upcalls::Host;
use ws2spi_abi::args::Address;
use ws2spi_abi::ffi::{Failure, Procs, native};
use ws2spi_abi::*;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::{Socket, configuration, isolated};

/// The chain whose registrations the mock answers with another value.
static CHAIN: Mutex<u32> = Mutex::new(0);

/// Far above any handle.
const ELSEWHERE: SOCKET = 1 << 40;

/// `WPUModifyIFSHandle` of a client DLL that hands back another value to the chain; to all others it is the real one.
unsafe extern "system" fn hand_back_another(
    entry: u32,
    proposed: SOCKET,
    errno: *mut i32,
) -> SOCKET {
    if entry == *CHAIN.lock().expect("no panic under the lock") {
        return proposed + ELSEWHERE;
    }
    let real = native::UpcallTable::of::<Host>().lpWPUModifyIFSHandle;
    // SAFETY: the caller's contract, passed on.
    unsafe { real.expect("no slot is NULL")(entry, proposed, errno) }
}

/// Starts a layer as the client DLL would, with the mock in its table.
fn start_with_mock(
    library: &std::path::Path,
    chain: &WSAPROTOCOL_INFOW,
) -> (module::Module, Procs) {
    *CHAIN.lock().expect("no panic under the lock") = chain.dwCatalogEntryId;
    let module = module::load(&library.to_string_lossy()).expect("the module can be loaded");
    let startup = module.startup().expect("a provider exports it");
    let mut table = native::UpcallTable::of::<Host>();
    table.lpWPUModifyIFSHandle = Some(hand_back_another);
    let mut data = WSPDATA {
        wVersion: 0,
        wHighVersion: 0,
        szDescription: [0; 256],
    };
    let mut procs = native::ProcTable::EMPTY;
    // SAFETY: all pointers are live locals.
    let code = unsafe { startup(0x0202, &raw mut data, chain, table, &raw mut procs) };
    assert_eq!(code, 0);
    (module, Procs::Native(procs))
}

fn name_of(procs: &Procs, s: SOCKET) -> Result<Vec<u8>, Failure> {
    let mut name = [0u8; 64];
    let mut len = 64;
    // SAFETY: a started provider's table; the place is as long as is said.
    unsafe { procs.get_sock_name(s, name.as_mut_ptr().cast(), &raw mut len) }?;
    Ok(name[..usize::try_from(len).expect("a length")].to_vec())
}

// U50: a layer that is handed back another value than it proposed gives the application that one for new and accepted sockets, knows
// its sockets by it alone, and goes on using the lower provider's own below.
#[test]
fn a_layer_uses_the_value_that_it_is_handed_back() {
    isolated!();
    with_layers(&[("layer_count", Handles::System)], |library, chain| {
        let (_module, procs) = start_with_mock(library, chain);
        let no_socket = Failure {
            errno: Errno::NOTSOCK.code(),
        };
        // SAFETY: a started provider's table; the entry outlives the call.
        let s = unsafe { procs.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP, chain, 0, 0) };
        let s = s.expect("the layer makes sockets");
        assert!(s > ELSEWHERE);
        let own = Address::from_ip("127.0.0.1:0".parse().expect("an address"));
        let (name, len) = (own.as_bytes().as_ptr().cast(), own.as_bytes().len() as i32);
        // SAFETY: as above; the name is a live local of that length.
        assert_eq!(unsafe { procs.bind(s, name, len) }, Ok(0));
        let own = Address::from_bytes(&name_of(&procs, s).expect("it is bound"));
        assert_eq!(name_of(&procs, s - ELSEWHERE), Err(no_socket));
        // SAFETY: no pointers.
        assert_eq!(unsafe { procs.listen(s, 1) }, Ok(0));
        let peer = TcpStream::connect(own.to_ip().expect("an IP address")).expect("it listens");
        // SAFETY: as above; NULL is allowed.
        let accepted = unsafe { procs.accept(s, null_mut(), null_mut(), RawCallback::NULL, 0) };
        let accepted = accepted.expect("a connection is there");
        assert!(accepted > ELSEWHERE && accepted != s);
        assert_eq!(name_of(&procs, accepted - ELSEWHERE), Err(no_socket));
        assert!(name_of(&procs, accepted).is_ok());
        for s in [accepted, s] {
            // SAFETY: as above; no pointers.
            assert_eq!(unsafe { procs.close_socket(s) }, Ok(0));
            assert_eq!(name_of(&procs, s), Err(no_socket));
        }
        drop(peer);
        // SAFETY: as above; the start is matched by this.
        assert_eq!(unsafe { procs.cleanup() }, Ok(0));
    });
}

// U50: a layer that hands out the lower provider's functions cannot exchange the numbers: it makes no socket then, and leaves none.
#[test]
fn a_layer_that_cannot_exchange_values_makes_no_socket() {
    isolated!();
    with_layers(&[("layer_ifs", Handles::System)], |library, chain| {
        let (_module, procs) = start_with_mock(library, chain);
        // SAFETY: a started provider's table; the entry outlives the call.
        let s = unsafe { procs.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP, chain, 0, 0) };
        let errno = Errno::OPNOTSUPP.code();
        assert_eq!(s, Err(Failure { errno }));
        // SAFETY: as above; the start is matched by this.
        assert_eq!(unsafe { procs.cleanup() }, Ok(0));
    });
}

// U113: data of sockets that were closed before the last clean-up are still delivered, through layers in C.
#[test]
fn data_of_closed_sockets_arrive_after_the_last_cleanup() {
    isolated!();
    let kinds = [
        ("layer_ifs", Handles::System),
        ("layer_nonifs", Handles::Minted),
    ];
    with_layers(&kinds, |library, _| {
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
        let reader = thread::spawn(move || {
            let mut received = Vec::new();
            server.read_to_end(&mut received).map(|_| received)
        });
        assert!(client.close().is_ok());
        cleanup();
        let received = reader.join().expect("no panic").expect("it ends in order");
        let (got, all) = (received.len(), data.len());
        assert!(received == data, "{}: {got} of {all}", library.display());
        configuration::startup();
    });
}
