//! AF_UNIX streams.

use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use super::*;
use crate::net::UnixPath;

/// A path that is removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "ws2spi-{}-{}",
            process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        Self(std::env::temp_dir().join(name))
    }

    fn name(&self) -> Endpoint {
        Endpoint::Unix(UnixPath::new(self.0.as_os_str().as_encoded_bytes()).unwrap())
    }

    fn listener(&self, backlog: i32) -> Socket {
        let socket = stream(Family::Unix);
        socket.bind(&self.name()).unwrap();
        socket.listen(backlog).unwrap();
        socket
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

// base-provider.md 2.1
#[test]
fn a_stream_over_a_path_carries_data() {
    let scratch = Scratch::new();
    let (client, server) = connect(&scratch.listener(1), &scratch.name());
    send(&client, b"hello").unwrap();
    assert_eq!(recv_all(&server, 5), b"hello");
}

// 2.1: names of the two ends; who connected has none.
#[test]
fn the_accepted_end_has_the_path() {
    let scratch = Scratch::new();
    let (client, server) = connect(&scratch.listener(1), &scratch.name());
    assert_eq!(server.local_name(), Ok(scratch.name()));
    assert_eq!(client.peer_name(), Ok(scratch.name()));
    assert_eq!(client.local_name(), Ok(Endpoint::Unix(UnixPath::EMPTY)));
}

// P349: bind on an existing path; the file survives close.
#[test]
fn a_path_is_in_use_until_its_file_is_removed() {
    let scratch = Scratch::new();
    drop(scratch.listener(1));
    assert_eq!(
        stream(Family::Unix).bind(&scratch.name()),
        Err(Errno::ADDRINUSE)
    );
    fs::remove_file(&scratch.0).unwrap();
    assert_eq!(stream(Family::Unix).bind(&scratch.name()), Ok(()));
}

// 8.4, 24: ENOENT.
#[test]
fn connect_to_a_path_without_a_file_is_refused() {
    let scratch = Scratch::new();
    assert_eq!(
        stream(Family::Unix).connect(&scratch.name()),
        Err(Errno::CONNREFUSED)
    );
}

// 8.4, 24: ECONNREFUSED.
#[test]
fn connect_to_a_path_that_nobody_listens_on_is_refused() {
    let scratch = Scratch::new();
    drop(scratch.listener(1));
    assert_eq!(
        stream(Family::Unix).connect(&scratch.name()),
        Err(Errno::CONNREFUSED)
    );
}

// 8.4, 24: a full queue is not an attempt that goes on.
#[test]
fn connect_to_a_full_queue_would_block() {
    let scratch = Scratch::new();
    let _listener = scratch.listener(0);
    let mut clients = Vec::new();
    let full = (0..64).find_map(|_| {
        let client = stream(Family::Unix);
        let result = client.connect(&scratch.name());
        clients.push(client);
        result.err()
    });
    // The BSDs refuse.
    assert!(
        matches!(full, Some(Errno::WOULDBLOCK | Errno::CONNREFUSED)),
        "{full:?}"
    );
}

// P350: SIO_AF_UNIX_GETPEERPID.
#[test]
fn the_process_of_the_peer_is_known() {
    let scratch = Scratch::new();
    let (client, server) = connect(&scratch.listener(1), &scratch.name());
    assert_eq!(client.peer_process(), Ok(process::id()));
    assert_eq!(server.peer_process(), Ok(process::id()));
}

// P350: without a peer.
#[test]
fn a_socket_without_a_peer_has_no_process() {
    assert_eq!(stream(Family::Unix).peer_process(), Err(Errno::NOTCONN));
}

// P350: of another family.
#[test]
fn the_process_of_a_tcp_peer_is_not_known() {
    let (client, _server) = pair(Family::Inet);
    assert_eq!(client.peer_process(), Err(Errno::OPNOTSUPP));
}

// 2.1: a path without room for it.
#[test]
fn a_path_in_a_folder_that_is_missing_cannot_be_bound() {
    let name = Endpoint::Unix(UnixPath::new(b"/nonexistent/folder/socket").unwrap());
    assert_eq!(stream(Family::Unix).bind(&name), Err(Errno::INVAL));
}
