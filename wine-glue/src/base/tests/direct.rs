//! What the direct transport must not change. The tests hold with it and without it; `wine-glue/test` runs them
//! both ways.

use super::*;
use windows_sys::Win32::Foundation::CloseHandle;
use windows_sys::Win32::System::Threading;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event;
use ws2spi_kernel::wait;

/// The transport is on where the one who runs the tests says so.
#[test]
fn the_direct_transport_is_on_where_it_should_be() {
    if let Some(expected) = std::env::var_os("WS2SPI_EXPECT_DIRECT") {
        assert_eq!(crate::direct::is_on(), expected == "1");
    }
}

/// Two streams over which bytes have gone both ways, directly where that is on.
fn used_pair(world: &World) -> (SOCKET, SOCKET) {
    let (client, server) = world.pair();
    let mut got = [0; 8];
    for (from, to) in [(client, server), (server, client)] {
        world.send(from, b"used").unwrap();
        assert_eq!(world.receive(to, &mut got), Ok(4));
    }
    (client, server)
}

fn overlapped_receive(
    world: &World,
    s: SOCKET,
    buffer: &WSABUF,
    overlapped: &mut OVERLAPPED,
) -> Outcome<i32> {
    static mut FLAGS: u32 = 0;
    let flags = &raw mut FLAGS;
    let (none, thread) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the caller keeps everything alive until the request is complete.
    judged(unsafe {
        world.procs.recv(
            s,
            buffer,
            1,
            none,
            flags,
            overlapped,
            RawCallback::NULL,
            thread,
        )
    })
}

/// P 4.3: what comes goes to the request that is pending, not to a call that is made later.
#[test]
fn a_pending_request_is_not_overtaken() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    let (mut first, mut second) = ([0; 3], [0; 8]);
    let buffer = buffer_of(&mut first);
    let mut overlapped = OVERLAPPED::EMPTY;
    assert_eq!(
        overlapped_receive(&world, client, &buffer, &mut overlapped),
        Err(WSA_IO_PENDING)
    );
    world.send(server, b"onetwo").unwrap();
    assert_eq!(world.receive(client, &mut second), Ok(3));
    let (mut bytes, mut flags) = (0, 0);
    // SAFETY: live locals.
    let done = unsafe {
        world.procs.get_overlapped_result(
            client,
            &raw mut overlapped,
            &raw mut bytes,
            TRUE,
            &raw mut flags,
        )
    };
    assert_eq!(
        (judged(done), &first, &second[..3]),
        (Ok(TRUE), b"one", &b"two"[..])
    );
}

/// P 3: a registration made after data went directly is signalled, again and again.
#[test]
fn a_registration_is_armed_after_data_went() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    world.send(server, b"a").unwrap();
    world.await_readable(client);
    let mut got = [0; 8];
    assert_eq!(world.receive(client, &mut got), Ok(1));
    let event = event::create(event::Reset::Manual, false).unwrap().raw();
    // SAFETY: no pointers.
    judged(unsafe { world.procs.event_select(client, event, FD_READ) }).unwrap();
    let mut received = 0;
    for _ in 0..3 {
        world.send(server, b"b").unwrap();
        // What was there before may be told once more.
        while received == 0 {
            wait::one(event, Timeout::Infinite, wait::Alert::Plain).unwrap();
            let mut events = WSANETWORKEVENTS::EMPTY;
            // SAFETY: a live local.
            judged(unsafe {
                world
                    .procs
                    .enum_network_events(client, event, &raw mut events)
            })
            .unwrap();
            received = world.receive(client, &mut got).unwrap_or(0);
        }
        assert_eq!(std::mem::take(&mut received), 1);
    }
}

/// P 1.28: a direction that was shut down says so, whatever went before.
#[test]
fn a_direction_that_is_shut_down_says_so() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    world.shut_down(client, SD_RECEIVE).unwrap();
    let mut got = [0; 8];
    world.send(server, b"late").unwrap();
    assert_eq!(world.receive(client, &mut got), Err(WSAESHUTDOWN));
    assert_eq!(world.send(client, b"out"), Ok(3));
    world.shut_down(client, SD_SEND).unwrap();
    assert_eq!(world.send(client, b"out"), Err(WSAESHUTDOWN));
}

/// P 1.7: the peer sees the end, by whomever the handle is closed.
#[test]
fn closing_ends_the_connection() {
    let world = World::start();
    let mut got = [0; 8];
    let (client, server) = used_pair(&world);
    world.close(client).unwrap();
    assert_eq!(world.receive(server, &mut got), Ok(0));
    let (client, server) = used_pair(&world);
    // SAFETY: a handle of the test's own.
    assert_eq!(unsafe { CloseHandle(client as _) }, 1);
    assert_eq!(world.receive(server, &mut got), Ok(0));
    assert_eq!(world.send(client, b"gone"), Err(WSAENOTSOCK));
}

/// P 1.7: a call that waits ends when the socket is closed.
#[test]
fn closing_ends_a_call_that_waits() {
    let world = World::start();
    let (client, _server) = used_pair(&world);
    let outcome = std::thread::scope(|scope| {
        let (begun, begins) = std::sync::mpsc::channel();
        let world = &world;
        let waits = scope.spawn(move || {
            begun.send(()).unwrap();
            world.receive(client, &mut [0; 8])
        });
        begins.recv().unwrap();
        world.close(client).unwrap();
        waits.join().unwrap()
    });
    assert!(outcome.is_err());
}

thread_local! {
    static STAGE: Cell<(usize, SOCKET)> = const { Cell::new((0, 0)) };
}

unsafe extern "system" fn send_from_routine(_context: usize) {
    let (world, s) = STAGE.get();
    // SAFETY: the test's world, alive while its routine may run.
    let world = unsafe { &*(world as *const World) };
    world.send(s, b"routine").unwrap();
}

/// P 1.20: routines run while a receive waits.
#[test]
fn routines_run_while_a_receive_waits() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    STAGE.set((&raw const world as usize, server));
    // SAFETY: no arguments; a constant.
    let thread = unsafe { Threading::GetCurrentThread() };
    // SAFETY: a routine of this type, for this thread.
    unsafe { Threading::QueueUserAPC(Some(send_from_routine), thread, 0) };
    let mut got = [0; 8];
    assert_eq!(world.receive(client, &mut got), Ok(7));
}

/// P 1.24: a blocking send ends when everything is sent, in order, however slowly it is taken.
#[test]
fn a_long_send_is_complete_and_in_order() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    let data: Vec<u8> = (0..6 << 20).map(|index: u32| (index / 7) as u8).collect();
    let received = std::thread::scope(|scope| {
        let (world, expected) = (&world, data.len());
        let taker = scope.spawn(move || {
            let mut all = Vec::new();
            let mut got = vec![0; 70_000];
            while all.len() < expected {
                let count = world.receive(server, &mut got).unwrap();
                all.extend_from_slice(&got[..count as usize]);
            }
            all
        });
        assert_eq!(world.send(client, &data), Ok(data.len() as u32));
        taker.join().unwrap()
    });
    assert!(received == data);
}

/// P 2.7: a peek leaves the data; urgent data is told apart.
#[test]
fn peeking_and_urgent_data() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    world.send(server, b"stay").unwrap();
    let mut got = [0; 8];
    assert_eq!(
        world.receive_flags(client, &mut got, MSG_PEEK).unwrap().0,
        4
    );
    assert_eq!(world.receive(client, &mut got), Ok(4));
    let (byte, mut sent) = (buffer_of(b"!"), 0);
    // SAFETY: one live buffer.
    let urgent = unsafe {
        let (ov, routine, thread) = (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
        let into = &raw mut sent;
        world.procs.send(
            server,
            &raw const byte,
            1,
            into,
            MSG_OOB,
            ov,
            routine,
            thread,
        )
    };
    assert_eq!((judged(urgent), sent), (Ok(0), 1));
    let mut set = set_of(client);
    let none = ptr::null_mut();
    // SAFETY: a live set.
    let ready = unsafe { world.procs.select(0, none, none, &raw mut set, ptr::null()) };
    assert_eq!(judged(ready), Ok(1));
    assert_eq!(world.receive_flags(client, &mut got, MSG_OOB).unwrap().0, 1);
    assert_eq!(got[0], b'!');
}

/// P 7: duplicates carry on.
#[test]
fn a_duplicate_of_a_used_socket_carries_on() {
    let world = World::start();
    let (client, server) = used_pair(&world);
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let pid = std::process::id();
    // SAFETY: a live local.
    judged(unsafe { world.procs.duplicate_socket(client, pid, &raw mut info) }).unwrap();
    let twin = world.socket_with(&info, WSA_FLAG_OVERLAPPED).unwrap();
    world.close(client).unwrap();
    world.shut_down(twin, SD_SEND).unwrap();
    let mut got = [0; 8];
    assert_eq!(world.receive(server, &mut got), Ok(0));
    assert_eq!(world.send(server, b"back"), Ok(4));
    assert_eq!(world.receive(twin, &mut got), Ok(4));
}
