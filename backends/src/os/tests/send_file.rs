//! What a stream sends straight from a file.

use std::fs::File;
use std::os::fd::AsFd;

use super::*;

fn file(name: &str, contents: &[u8]) -> File {
    let path = std::env::temp_dir().join(format!("ws2spi-{}-{name}", std::process::id()));
    std::fs::write(&path, contents).unwrap();
    let file = File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    file
}

#[test]
fn a_part_of_a_file_is_sent_up_to_its_end() {
    // P202
    let file = file("part", b"0123456789");
    let (a, b) = pair(Family::Inet);
    let send = |from, count| a.send_file(file.as_fd(), from, count);
    if send(3, 4) == Err(Errno::OPNOTSUPP) {
        return;
    }
    assert_eq!(send(8, 100), Ok(2));
    assert_eq!(send(10, 1), Ok(0));
    let mut got = Vec::new();
    while got.len() < 6 {
        await_ready(&b, Interest::READ);
        let mut room = [0; 16];
        let data = &mut [IoSliceMut::new(&mut room)];
        let count = b.recv(data, RecvFlags::NONE).unwrap().bytes;
        got.extend_from_slice(&room[..count]);
    }
    assert_eq!(got, b"345689");
}

#[test]
fn a_socket_that_takes_no_more_says_so_also_after_a_blocking_receive() {
    // P204
    let file = file("full", &[7; 1 << 16]);
    let (a, b) = pair(Family::Inet);
    b.send(&[IoSlice::new(b"x")], SendFlags::NONE, None, &Control::NONE)
        .unwrap();
    let mut room = [0];
    a.recv_soon(&mut [IoSliceMut::new(&mut room)], RecvFlags::NONE)
        .unwrap();
    let full = loop {
        match a.send_file(file.as_fd(), 0, 1 << 16) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!([Errno::WOULDBLOCK, Errno::OPNOTSUPP].contains(&full));
}

#[test]
fn a_broken_connection_raises_no_signal() {
    // net: "No signal is raised". A program in C would be ended by it, and so would this one.
    // SAFETY: the default action is one.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let file = file("broken", &[7; 1 << 16]);
    let (a, b) = pair(Family::Inet);
    drop(b);
    let failure = loop {
        match a.send_file(file.as_fd(), 0, 1 << 16) {
            Ok(_) | Err(Errno::WOULDBLOCK) => await_ready(&a, Interest::WRITE),
            Err(error) => break error,
        };
    };
    if failure != Errno::OPNOTSUPP {
        assert!([Errno::SHUTDOWN, Errno::CONNRESET].contains(&failure));
        let again = a.send_file(file.as_fd(), 0, 1);
        assert_eq!(again, Err(Errno::SHUTDOWN));
    }
}
