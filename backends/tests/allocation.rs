//! Steady-state transfer allocates nothing: send, receive, wait and wake, counted by the allocator.
//!
//! Counts the calling thread only, so that the test harness may allocate as it likes.

use std::alloc::GlobalAlloc;
use std::alloc::Layout;
use std::alloc::System as Memory;
use std::cell::Cell;
use std::io::IoSlice;
use std::io::IoSliceMut;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_backends::net::Control;
use ws2spi_backends::net::Endpoint;
use ws2spi_backends::net::Family;
use ws2spi_backends::net::Interest;
use ws2spi_backends::net::Kind;
use ws2spi_backends::net::Net;
use ws2spi_backends::net::NetSocket;
use ws2spi_backends::net::RecvFlags;
use ws2spi_backends::net::SendFlags;
use ws2spi_backends::net::Watch;
use ws2spi_backends::net::Woken;
use ws2spi_backends::os::System;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: hands everything to the system's allocator, whose contract it thereby keeps.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's contract is the same.
        unsafe { Memory.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { Memory.dealloc(pointer, layout) }
    }
}

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

fn any_port() -> Endpoint {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()
}

fn wait(socket: &Arc<dyn NetSocket>, interest: Interest) {
    let mut watch = [Watch::new(&**socket, interest)];
    let deadline = System.now() + Duration::from_secs(10);
    assert_eq!(System.wait(&mut watch, Some(deadline)), Ok(Woken::Ready(1)));
}

fn ping_pong(from: &Arc<dyn NetSocket>, to: &Arc<dyn NetSocket>, name: Option<&Endpoint>) {
    let data = [IoSlice::new(b"ping"), IoSlice::new(b"pong")];
    from.send(&data, SendFlags::NONE, name, &Control::NONE)
        .unwrap();
    wait(to, Interest::READ);
    let (mut first, mut second) = ([0; 3], [0; 64]);
    let mut room = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
    assert_eq!(to.recv(&mut room, RecvFlags::NONE).unwrap().bytes, 8);
    let mut none = [0; 8];
    assert!(
        to.recv(&mut [IoSliceMut::new(&mut none)], RecvFlags::NONE)
            .is_err()
    );
}

// design.md 3, "Where work runs": steady-state send and recv allocate nothing.
#[test]
fn a_stream_allocates_nothing() {
    let listener = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
    listener.bind(&any_port()).unwrap();
    listener.listen(1).unwrap();
    let client = System.socket(Family::Inet, Kind::Stream, 0).unwrap();
    client.connect(&listener.local_name().unwrap()).unwrap();
    wait(&listener, Interest::READ);
    let (server, _) = listener.accept().unwrap();
    ping_pong(&client, &server, None);
    assert_eq!(
        allocations(|| (0..100).for_each(|_| ping_pong(&client, &server, None))),
        0
    );
}

// design.md 3, "Where work runs".
#[test]
fn a_datagram_socket_allocates_nothing() {
    let sender = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    let receiver = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    receiver.bind(&any_port()).unwrap();
    let name = receiver.local_name().unwrap();
    ping_pong(&sender, &receiver, Some(&name));
    let count = allocations(|| {
        (0..100).for_each(|_| ping_pong(&sender, &receiver, Some(&name)));
    });
    assert_eq!(count, 0);
}

// design.md 3, "Where work runs": nor does being woken.
#[test]
fn a_wake_up_allocates_nothing() {
    System.waker().unwrap();
    let count = allocations(|| {
        for _ in 0..100 {
            System.waker().unwrap().wake();
            assert_eq!(System.wait(&mut [], None), Ok(Woken::Waker));
        }
    });
    assert_eq!(count, 0);
}
