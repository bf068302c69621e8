//! Sockets on their way to another process; here mostly to this one, whose own thread hands them over.

use std::io::Read;
use std::num::NonZeroU32;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::process::Stdio;

use super::super::sys;
use super::*;
use crate::net::FOREIGN;
use crate::net::Offer;

fn offer(socket: &Socket, note: &[u8]) -> Box<dyn Offer> {
    socket.offer(std::process::id(), note).unwrap()
}

fn fetch(token: NonZeroU32) -> Result<(Socket, Vec<u8>), Errno> {
    System.fetch(token)
}

// base-provider.md 7: the very socket, and what is said of it; it outlives the handle that was offered.
#[test]
fn what_is_fetched_is_what_was_offered() {
    let (one, other) = pair(Family::Inet);
    let offered = offer(&one, b"a note");
    assert_ne!(offered.token().get() & FOREIGN, 0);
    drop(one);
    let (one, note) = fetch(offered.token()).unwrap();
    assert_eq!(note, b"a note");
    assert_eq!(send(&one, b"there"), Ok(5));
    assert_eq!(recv_all(&other, 5), b"there");
    assert_eq!(send(&other, b"back"), Ok(4));
    assert_eq!(recv_all(&one, 4), b"back");
}

// P29: once.
#[test]
fn an_offer_is_taken_once() {
    let socket = stream(Family::Inet6);
    let offered = offer(&socket, b"");
    assert!(!offered.is_over());
    assert!(fetch(offered.token()).is_ok());
    await_that("the offer is over", || offered.is_over());
    assert!(matches!(fetch(offered.token()), Err(Errno::INVAL)));
}

// A note as long as it may get.
#[test]
fn a_long_note_arrives_whole() {
    let socket = stream(Family::Inet);
    let note: Vec<u8> = (0..20_000u32).map(|at| at as u8).collect();
    let offered = offer(&socket, &note);
    assert_eq!(fetch(offered.token()).unwrap().1, note);
}

// Dropping an offer withdraws it; the socket is not held open by it.
#[test]
fn an_offer_that_is_withdrawn_cannot_be_taken() {
    let (one, other) = pair(Family::Inet);
    let offered = offer(&one, b"");
    let token = offered.token();
    drop(offered);
    await_that("nobody answers", || {
        matches!(fetch(token), Err(Errno::INVAL))
    });
    drop(one);
    let end = recv_ready(&other, &mut [0]).unwrap();
    assert_eq!(end.bytes, 0, "the stream ends");
}

// base-provider.md 7: a token that nobody gave.
#[test]
fn a_token_of_nobody_is_invalid() {
    let token = NonZeroU32::new(FOREIGN | 12345).unwrap();
    assert!(matches!(fetch(token), Err(Errno::INVAL)));
}

// base-provider.md 7: only the process that was named; the offer ends with it.
#[test]
fn an_offer_is_for_one_process_and_ends_with_it() {
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .spawn()
        .expect("every system has cat");
    assert!(System.reaches(child.id()));
    let socket = stream(Family::Inet);
    let offered = socket.offer(child.id(), b"").unwrap();
    assert!(matches!(fetch(offered.token()), Err(Errno::INVAL)));
    // Whoever else finds the place is sent away with nothing: the system says who they are.
    let place = sys::meeting_place(child.id(), offered.token().get()).unwrap();
    let mut stranger = UnixStream::connect_addr(&place).unwrap();
    let mut got = Vec::new();
    assert_eq!(stranger.read_to_end(&mut got).unwrap(), 0);
    assert!(!offered.is_over());
    drop(child.stdin.take());
    child.wait().unwrap();
    await_that("the offer ends with the process", || offered.is_over());
    assert!(!System.reaches(child.id()));
    assert!(socket.offer(child.id(), b"").is_err());
}

// base-provider.md 7: numbers that mean no process.
#[test]
fn processes_that_cannot_be_are_not_reached() {
    for process in [0, u32::MAX, 0x8000_0000, i32::MAX as u32] {
        assert!(!System.reaches(process), "{process:#x}");
    }
    assert!(System.reaches(std::process::id()));
}
