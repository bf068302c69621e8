//! Local sockets: streams that are named by a path.

use crate::scratch::Folder;
use crate::socket::checked_socket;
use crate::{Socket, cases, winsock};
use std::path::PathBuf;
use std::{fs, process};
use ws2spi_abi::args::Address;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    there_are_no_local_datagrams: [P348], [LocalStreams];
    a_path_that_exists_cannot_be_bound: [P349], [LocalStreams];
    a_path_of_a_file_cannot_be_bound: [P349], [LocalStreams];
    a_path_survives_its_socket: [P349], [LocalStreams];
    the_process_of_the_peer_is_known: [P350], [LocalStreams];
    a_local_stream_carries_data_and_its_end: ["base-provider.md 1.31"], [LocalStreams];
}

/// A path in the folder, as an address too.
fn place(folder: &Folder) -> (PathBuf, Address) {
    let path = folder.path().join("socket");
    let address = Address::from_path(path.to_str().expect("the path is text").as_bytes());
    (path, address.expect("the path is short"))
}

fn local() -> Socket {
    Socket::new(AF_UNIX, SOCK_STREAM, 0).expect("local streams exist")
}

fn listener(at: &Address) -> Socket {
    let s = local();
    s.bind_address(at).expect("the path is free");
    s.listen(4).expect("a bound socket listens");
    s
}

// By the client DLL, as the type and the family are known, but not together (client-dll.md 5); and by the provider itself when
// its entry is named, so that the client DLL does not choose.
fn there_are_no_local_datagrams() {
    let refused = Socket::new(AF_UNIX, SOCK_DGRAM, 0);
    assert_eq!(refused, Err(Errno::PROTONOSUPPORT));

    let size = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let bytes = local().option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, size);
    let bytes = bytes.expect("every socket has an entry");
    let entry = WSAPROTOCOL_INFOW::decode(&bytes).expect("a whole structure");
    let of_entry = |kind| {
        // SAFETY: the entry lives for the call.
        checked_socket(unsafe { winsock::WSASocketW(AF_UNIX, kind, 0, &raw const entry, 0, 1) })
    };
    assert_eq!(of_entry(SOCK_DGRAM), Err(Errno::SOCKTNOSUPPORT));
    assert!(of_entry(SOCK_STREAM).is_ok());
}

// While the first socket is there.
fn a_path_that_exists_cannot_be_bound() {
    let folder = Folder::new();
    let (path, address) = place(&folder);
    let first = local();
    assert_eq!(first.bind_address(&address), Ok(()));
    assert!(path.exists());
    assert_eq!(local().bind_address(&address), Err(Errno::ADDRINUSE));
}

// Of any kind.
fn a_path_of_a_file_cannot_be_bound() {
    let folder = Folder::new();
    let (path, address) = place(&folder);
    fs::write(&path, b"mine").expect("a file can be written");
    assert_eq!(local().bind_address(&address), Err(Errno::ADDRINUSE));
    assert_eq!(fs::read(&path).expect("it is still there"), b"mine");
}

// Until somebody deletes it.
fn a_path_survives_its_socket() {
    let folder = Folder::new();
    let (path, address) = place(&folder);
    drop(listener(&address));
    assert!(path.exists());
    assert_eq!(local().bind_address(&address), Err(Errno::ADDRINUSE));
    assert_eq!(
        local().connect_address(&address),
        Err(Errno::CONNREFUSED),
        "nobody is there"
    );
    fs::remove_file(&path).expect("the file is ours");
    assert_eq!(local().bind_address(&address), Ok(()));
}

// Both ends are in this process.
fn the_process_of_the_peer_is_known() {
    let folder = Folder::new();
    let (_, address) = place(&folder);
    let listener = listener(&address);
    let client = local();
    client.connect_address(&address).expect("it listens");
    let (server, _) = listener.accept().expect("the connection is there");
    for s in [&client, &server] {
        let id = s.ioctl(SIO_AF_UNIX_GETPEERPID, &[], 4);
        assert_eq!(id, Ok(process::id().to_ne_bytes().to_vec()));
    }
}

// What a path names is a stream like any other.
fn a_local_stream_carries_data_and_its_end() {
    let folder = Folder::new();
    let (_, address) = place(&folder);
    let listener = listener(&address);
    let client = local();
    client.connect_address(&address).expect("it listens");
    let (server, _) = listener.accept().expect("the connection is there");
    assert_eq!(client.send(b"local", 0), Ok(5));
    client.shutdown(SD_SEND).expect("it is connected");
    let mut data = [0; 5];
    server.recv_exact(&mut data);
    assert_eq!((&data, server.recv(&mut [0], 0)), (b"local", Ok(0)));
}
