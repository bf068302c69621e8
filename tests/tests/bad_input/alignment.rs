//! Structures at odd addresses, as in packed ones: they work, but for an OVERLAPPED, whose words others look at while they change. The random
//! calls have such addresses for every pointer of every function.

use std::net::SocketAddr;
use std::ptr::null_mut;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;
use ws2spi_tests::socket::{checked, last_error, loopback};
use ws2spi_tests::{Configuration, Socket, isolated, winsock};

/// A value at an address that is odd for everything in it.
struct Odd<const SIZE: usize> {
    memory: Box<[u64]>,
}

impl<const SIZE: usize> Odd<SIZE> {
    fn of(content: [u8; SIZE]) -> Self {
        let mut memory = vec![0; SIZE / 8 + 2].into_boxed_slice();
        let place = memory.as_mut_ptr().cast::<u8>().wrapping_add(1);
        // SAFETY: there is a word more than it takes.
        unsafe { place.cast::<[u8; SIZE]>().write_unaligned(content) };
        Self { memory }
    }

    fn at<T>(&mut self) -> *mut T {
        self.memory.as_mut_ptr().cast::<u8>().wrapping_add(1).cast()
    }

    fn content(&self) -> [u8; SIZE] {
        let place = self.memory.as_ptr().cast::<u8>().wrapping_add(1);
        // SAFETY: as in `of`.
        unsafe { place.cast::<[u8; SIZE]>().read_unaligned() }
    }
}

fn word(value: u32) -> Odd<4> {
    Odd::of(value.to_ne_bytes())
}

fn number(odd: &Odd<4>) -> u32 {
    u32::from_ne_bytes(odd.content())
}

const BUFFER: usize = size_of::<WSABUF>();

/// Two `WSABUF`s.
fn buffers(first: &mut [u8], second: &mut [u8]) -> Odd<{ BUFFER * 2 }> {
    let mut array = [0; BUFFER * 2];
    for (place, data) in array.chunks_exact_mut(BUFFER).zip([first, second]) {
        place[..4].copy_from_slice(&(data.len() as u32).to_ne_bytes());
        place[BUFFER - size_of::<usize>()..]
            .copy_from_slice(&data.as_mut_ptr().expose_provenance().to_ne_bytes());
    }
    Odd::of(array)
}

fn address(name: SocketAddr) -> Odd<16> {
    let bytes = Address::from_ip(name);
    Odd::of(bytes.as_bytes().try_into().expect("an IPv4 address"))
}

// client-dll.md 3: arrays of buffers, counts and flags.
#[test]
fn data_go_through_buffers_at_odd_addresses() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let (mut one, mut other) = (*b"scatt", *b"ered");
    let mut given = buffers(&mut one, &mut other);
    let mut count = word(7);
    let (place, none) = (count.at(), RawCallback::NULL);
    // SAFETY: everything lives for the call.
    let sent = checked(unsafe {
        winsock::WSASend(client.raw(), given.at(), 2, place, 0, null_mut(), none)
    });
    assert_eq!((sent, number(&count)), (Ok(0), 9));
    let (mut one, mut other) = ([0; 2], [0; 7]);
    let mut room = buffers(&mut one, &mut other);
    let mut flags = word(MSG_WAITALL);
    let (place, flags) = (count.at(), flags.at());
    // SAFETY: as above.
    let got = checked(unsafe {
        winsock::WSARecv(server.raw(), room.at(), 2, place, flags, null_mut(), none)
    });
    assert_eq!((got, number(&count)), (Ok(0), 9));
    assert_eq!((&one, &other), (b"sc", b"attered"));
}

// P174-P185: names and their lengths.
#[test]
fn names_are_read_and_written_at_odd_addresses() {
    isolated!();
    Configuration::Bare.start();
    let (from, to) = (Socket::udp(AF_INET), Socket::udp(AF_INET));
    let mut name = address(loopback(AF_INET));
    // SAFETY: everything lives for the call.
    let bound = checked(unsafe { winsock::bind(to.raw(), name.at(), 16) });
    assert_eq!(bound, Ok(0));
    let mut len = word(16);
    // SAFETY: as above.
    let told = checked(unsafe { winsock::getsockname(to.raw(), name.at(), len.at()) });
    assert_eq!((told, number(&len)), (Ok(0), 16));
    let known = to.name().expect("it is bound");
    assert_eq!(
        Address::from_bytes(&name.content()).to_ip(),
        Some(known),
        "as at an even one"
    );
    // SAFETY: as above.
    let sent = checked(unsafe { winsock::sendto(from.raw(), b"x".as_ptr(), 1, 0, name.at(), 16) });
    assert_eq!(sent, Ok(1));
    let mut byte = [0];
    let (room, place) = (byte.as_mut_ptr(), name.at());
    // SAFETY: as above.
    let got = checked(unsafe { winsock::recvfrom(to.raw(), room, 1, 0, place, len.at()) });
    assert_eq!(got, Ok(1));
    let sender = Address::from_bytes(&name.content()).to_ip();
    assert_eq!(
        sender.map(|ip| ip.port()),
        from.name().ok().map(|ip| ip.port())
    );
}

// U170-U172, P293: sets, their time, and the array of WSAPoll.
#[test]
fn sets_are_read_and_written_at_odd_addresses() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"x", 0), Ok(1));
    const SET: usize = 24;
    let set = || {
        let mut set = [0; SET];
        set[..4].copy_from_slice(&2u32.to_ne_bytes());
        set[8..16].copy_from_slice(&client.raw().to_ne_bytes());
        set[16..].copy_from_slice(&server.raw().to_ne_bytes());
        Odd::of(set)
    };
    let (mut read, mut time) = (set(), Odd::of(time(10)));
    // SAFETY: a set of two and a time, which live for the call.
    let ready =
        checked(unsafe { winsock::select(0, read.at(), null_mut(), null_mut(), time.at()) });
    assert_eq!(ready, Ok(1));
    let left = read.content();
    assert_eq!(left[..4], 1u32.to_ne_bytes());
    assert_eq!(left[8..16], server.raw().to_ne_bytes());
    let mut polled = [0; size_of::<WSAPOLLFD>()];
    polled[..8].copy_from_slice(&server.raw().to_ne_bytes());
    polled[8..10].copy_from_slice(&POLLRDNORM.to_ne_bytes());
    let mut polled = Odd::of(polled);
    // SAFETY: an array of one, which lives for the call.
    let ready = checked(unsafe { winsock::WSAPoll(polled.at(), 1, 10_000) });
    assert_eq!(ready, Ok(1));
    assert_eq!(polled.content()[10..12], POLLRDNORM.to_ne_bytes());
}

/// A `TIMEVAL` of so many seconds.
fn time(seconds: i32) -> [u8; size_of::<TIMEVAL>()] {
    let mut bytes = [0; size_of::<TIMEVAL>()];
    bytes[..4].copy_from_slice(&seconds.to_ne_bytes());
    bytes
}

// WSAEFAULT, as for what Windows' probe refuses (STATUS_DATATYPE_MISALIGNMENT): nothing begins, nothing is moved.
#[test]
fn an_overlapped_that_is_not_aligned_is_a_fault() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let before = [0x5a; size_of::<OVERLAPPED>()];
    let mut block = Odd::of(before);
    let (mut data, mut count, mut flags) = (*b"data", 0u32, 0u32);
    let part = WSABUF {
        len: 4,
        buf: data.as_mut_ptr(),
    };
    let (parts, none) = (&raw const part, RawCallback::NULL);
    let (count, flags) = (&raw mut count, &raw mut flags);
    // SAFETY: everything lives; nothing begins.
    let sent = unsafe { winsock::WSASend(client.raw(), parts, 1, count, 0, block.at(), none) };
    assert_eq!((sent, last_error()), (SOCKET_ERROR, Errno::FAULT));
    // SAFETY: as above.
    let got = unsafe { winsock::WSARecv(server.raw(), parts, 1, count, flags, block.at(), none) };
    assert_eq!((got, last_error()), (SOCKET_ERROR, Errno::FAULT));
    // SAFETY: as above.
    let told =
        unsafe { winsock::WSAGetOverlappedResult(client.raw(), block.at(), count, FALSE, flags) };
    assert_eq!((told, last_error()), (FALSE, Errno::FAULT));
    // SAFETY: as above.
    let read = unsafe { winsock::ReadFile(server.raw(), data.as_mut_ptr(), 4, count, block.at()) };
    assert_eq!((read, last_error()), (FALSE, Errno::NOACCESS));
    assert_eq!(block.content(), before);
    server.set_nonblocking(true).expect("every socket can");
    assert_eq!(server.recv(&mut data, 0), Err(Errno::WOULDBLOCK));
}
