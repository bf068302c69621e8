//! Transfers of 1 GiB and more in one call. Every byte is compared. One of these tests runs at a time: it takes a gigabyte of memory.

use crate::pages::{Checker, PAGE, fill};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use ws2spi_abi::*;
use ws2spi_tests::overlapped::{Event, PENDING};
use ws2spi_tests::port::Port;
use ws2spi_tests::socket::checked;
use ws2spi_tests::{Configuration, Socket, allocated, blocked, isolated, wait, winsock};

const SIZE: usize = 1 << 30;
const PAGES: usize = SIZE / PAGE;

/// What a call of the runtime may keep while it moves any amount of data.
const KEPT: isize = 64 << 10;

/// One after the other.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A gigabyte.
fn gigabyte() -> Vec<u8> {
    let mut data = vec![0; SIZE];
    fill(0, &mut data);
    data
}

/// Receives what a checker expects, up to the end of the stream.
fn check(s: Socket, mut checker: Checker) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut room = vec![0; 1 << 20];
        loop {
            match s.recv(&mut room, 0).expect("the stream goes on") {
                0 => return checker.end(),
                bytes => checker.see(&room[..bytes]),
            }
        }
    })
}

/// Sends a gigabyte, a little at a time.
fn produce(s: Socket) -> JoinHandle<Socket> {
    thread::spawn(move || {
        let mut data = vec![0; 1 << 20];
        for first in (0..PAGES).step_by(data.len() / PAGE) {
            fill(first, &mut data);
            assert_eq!(s.send(&data, 0), Ok(data.len()));
        }
        s
    })
}

fn buffers(data: &mut [u8], parts: &[(usize, usize)]) -> Vec<WSABUF> {
    let describe = |(start, len): &(usize, usize)| WSABUF {
        len: *len as u32,
        buf: data[*start..*start + *len].as_mut_ptr(),
    };
    parts.iter().map(describe).collect()
}

fn send(s: &Socket, parts: &[WSABUF], block: *mut OVERLAPPED) -> Result<u32, Errno> {
    let mut count = 0;
    let (start, len) = (parts.as_ptr(), parts.len() as u32);
    let (place, routine) = (&raw mut count, RawCallback::NULL);
    // SAFETY: the caller keeps data and block until the operation has ended.
    checked(unsafe { winsock::WSASend(s.raw(), start, len, place, 0, block, routine) })?;
    Ok(count)
}

fn receive(s: &Socket, parts: &[WSABUF], block: *mut OVERLAPPED) -> Result<u32, Errno> {
    let (mut count, mut flags) = (0, MSG_WAITALL);
    let (start, len) = (parts.as_ptr(), parts.len() as u32);
    let (place, flags, routine) = (&raw mut count, &raw mut flags, RawCallback::NULL);
    // SAFETY: the caller keeps room and block until the operation has ended.
    checked(unsafe { winsock::WSARecv(s.raw(), start, len, place, flags, block, routine) })?;
    Ok(count)
}

// P171: the full length, however long.
#[test]
fn a_gigabyte_is_sent_in_one_blocking_call() {
    let _alone = alone();
    isolated!();
    Configuration::Bare.start();
    let mut data = gigabyte();
    let (client, server) = Socket::pair(AF_INET);
    let reader = check(server, Checker::of(0..PAGES));
    let parts = buffers(&mut data, &[(0, SIZE)]);
    assert_eq!(send(&client, &parts, std::ptr::null_mut()), Ok(SIZE as u32));
    drop(client);
    reader.join().expect("every byte is right");
}

// P171, P209: by a port, from the caller's own buffer: nothing is copied.
#[test]
fn a_gigabyte_is_sent_in_one_overlapped_call() {
    let _alone = alone();
    isolated!();
    Configuration::Bare.start();
    let mut data = gigabyte();
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&client, 1);
    let parts = buffers(&mut data, &[(0, SIZE)]);
    let mut block = Box::new(OVERLAPPED::EMPTY);
    let place = &raw mut *block;
    let before = allocated::bytes();
    assert_eq!(send(&client, &parts, place), Err(Errno::IO_PENDING));
    assert!(allocated::bytes() - before < KEPT);
    let reader = check(server, Checker::of(0..PAGES));
    let packet = port.take();
    assert_eq!(
        (packet.block, packet.bytes, packet.error),
        (place.addr(), SIZE as u32, None)
    );
    drop(client);
    reader.join().expect("every byte is right");
}

// P171: one and a half, in three parts that lie crosswise.
#[test]
fn more_than_a_gigabyte_is_sent_from_several_buffers() {
    let _alone = alone();
    isolated!();
    Configuration::Bare.start();
    const HALF: usize = SIZE / 2;
    let mut data = gigabyte();
    for overlapped in [false, true] {
        let (client, server) = Socket::pair(AF_INET);
        let numbers = (PAGES / 2..PAGES).chain(0..PAGES / 2).chain(0..PAGES / 2);
        let reader = check(server, Checker::of(numbers));
        let parts = buffers(&mut data, &[(HALF, HALF), (0, HALF), (0, HALF)]);
        const ALL: u32 = (HALF * 3) as u32;
        if overlapped {
            let event = Event::new();
            let mut block = Box::new(OVERLAPPED {
                hEvent: event.raw(),
                ..OVERLAPPED::EMPTY
            });
            let place = &raw mut *block;
            assert_eq!(send(&client, &parts, place), Err(Errno::IO_PENDING));
            event.wait();
            assert_eq!(block.InternalHigh, ALL as usize);
        } else {
            assert_eq!(send(&client, &parts, std::ptr::null_mut()), Ok(ALL));
        }
        drop(client);
        reader.join().expect("every byte is right");
    }
}

// P137: MSG_WAITALL fills a gigabyte.
#[test]
fn a_gigabyte_is_received_in_one_blocking_call() {
    let _alone = alone();
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let mut room = vec![0; SIZE];
    let parts = buffers(
        &mut room,
        &[(0, SIZE - 5 * PAGE), (SIZE - 5 * PAGE, 5 * PAGE)],
    );
    let writer = produce(client);
    assert_eq!(
        receive(&server, &parts, std::ptr::null_mut()),
        Ok(SIZE as u32)
    );
    let mut checker = Checker::of(0..PAGES);
    checker.see(&room);
    checker.end();
    drop(writer.join());
}

// P137: and overlapped, when the last byte has come.
#[test]
fn a_gigabyte_is_received_in_one_overlapped_call() {
    let _alone = alone();
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let mut room = vec![0; SIZE];
    let parts = buffers(&mut room, &[(0, SIZE)]);
    let event = Event::new();
    let mut block = Box::new(OVERLAPPED {
        hEvent: event.raw(),
        ..OVERLAPPED::EMPTY
    });
    let place = &raw mut *block;
    let before = allocated::bytes();
    assert_eq!(receive(&server, &parts, place), Err(Errno::IO_PENDING));
    assert!(allocated::bytes() - before < KEPT);
    let client = blocked::finish("everything to be sent", produce(client));
    event.wait();
    assert_ne!(block.Internal, PENDING);
    assert_eq!(block.InternalHigh, SIZE);
    let mut checker = Checker::of(0..PAGES);
    checker.see(&room);
    checker.end();
    drop(client);
}

// P134: a length that is negative as a signed number is a fault; a sum that no count can say is invalid. Nothing is moved either way.
#[test]
fn lengths_that_cannot_be_are_refused() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(server.send(b"here", 0), Ok(4));
    wait::until("the data to arrive", || client.available() == Ok(4));
    let mut byte = [0u8];
    // The lengths are looked at first: no byte of these is touched.
    let claim = |lengths: &[u32]| -> Vec<WSABUF> {
        let buf = byte.as_ptr().cast_mut();
        lengths
            .iter()
            .map(|len| WSABUF { len: *len, buf })
            .collect()
    };
    const MOST: u32 = i32::MAX as u32;
    let rows: [(&[u32], Errno); 6] = [
        (&[MOST + 1], Errno::FAULT),
        (&[u32::MAX], Errno::FAULT),
        (&[1, u32::MAX, 1], Errno::FAULT),
        (&[MOST, MOST, 2], Errno::INVAL),
        (&[MOST, MOST, MOST], Errno::INVAL),
        (&[MOST, MOST, 1, 1], Errno::INVAL),
    ];
    for (lengths, error) in rows {
        let parts = claim(lengths);
        let mut block = OVERLAPPED::EMPTY;
        for place in [std::ptr::null_mut(), &raw mut block] {
            assert_eq!(send(&client, &parts, place), Err(error), "{lengths:?}");
            assert_eq!(receive(&client, &parts, place), Err(error), "{lengths:?}");
        }
    }
    assert_eq!(client.available(), Ok(4));
    server.set_nonblocking(true).expect("every socket can");
    assert_eq!(server.recv(&mut byte, 0), Err(Errno::WOULDBLOCK));
}
