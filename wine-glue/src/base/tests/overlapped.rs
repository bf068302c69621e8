//! Overlapped requests: events, ports, routines, results.

use super::*;
use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::Foundation::HANDLE as SystemHandle;
use windows_sys::Win32::System::IO;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event;
use ws2spi_kernel::wait;

/// A request that is alive until its result was taken.
struct Request {
    overlapped: OVERLAPPED,
    bytes: [u8; 8],
    buffer: WSABUF,
    flags: u32,
}

impl Request {
    fn new(event: WSAEVENT) -> Box<Self> {
        let mut request = Box::new(Self {
            overlapped: OVERLAPPED {
                hEvent: event,
                ..OVERLAPPED::EMPTY
            },
            bytes: [0; 8],
            buffer: WSABUF {
                len: 8,
                buf: ptr::null_mut(),
            },
            flags: 0,
        });
        request.buffer.buf = request.bytes.as_mut_ptr();
        request
    }

    fn receive(&mut self, world: &World, s: SOCKET, routine: RawCallback) -> Outcome<i32> {
        let (none, thread) = (ptr::null_mut(), ptr::null_mut());
        let (flags, ov) = (&raw mut self.flags, &raw mut self.overlapped);
        // SAFETY: everything is alive until the request is complete.
        judged(unsafe {
            world.procs.recv(
                s,
                &raw const self.buffer,
                1,
                none,
                flags,
                ov,
                routine,
                thread,
            )
        })
    }

    fn result(&mut self, world: &World, s: SOCKET, wait: BOOL) -> Outcome<u32> {
        let (mut bytes, mut flags) = (0, 0);
        let ov = &raw mut self.overlapped;
        // SAFETY: live locals.
        let asked = unsafe {
            world
                .procs
                .get_overlapped_result(s, ov, &raw mut bytes, wait, &raw mut flags)
        };
        judged(asked).map(|_| bytes)
    }
}

/// P 1.12: a request with an event is pending, then complete.
#[test]
fn a_request_signals_its_event() {
    let world = World::start();
    let (client, server) = world.pair();
    let signal = event::create(event::Reset::Manual, false).unwrap().raw();
    let mut request = Request::new(signal);
    assert_eq!(
        request.receive(&world, client, RawCallback::NULL),
        Err(WSA_IO_PENDING)
    );
    assert_eq!(
        request.result(&world, client, FALSE),
        Err(WSA_IO_INCOMPLETE)
    );
    world.send(server, b"now").unwrap();
    assert_eq!(request.result(&world, client, TRUE), Ok(3));
    assert_eq!(&request.bytes[..3], b"now");
    event::close(signal).unwrap();
    let (mut bytes, mut flags, none) = (0, 0, ptr::null_mut());
    // SAFETY: null is refused.
    let nothing = unsafe {
        world
            .procs
            .get_overlapped_result(client, none, &raw mut bytes, FALSE, &raw mut flags)
    };
    assert_eq!(judged(nothing), Err(WSAEFAULT));
}

/// P 4: a port that the application associated gets the packet.
#[test]
fn a_request_reaches_its_port() {
    let world = World::start();
    let (client, server) = world.pair();
    let handle = client as SystemHandle;
    // SAFETY: a handle of the system's; no port before.
    let port = unsafe { IO::CreateIoCompletionPort(handle, ptr::null_mut(), 77, 0) };
    assert!(!port.is_null());
    let mut request = Request::new(0);
    assert_eq!(
        request.receive(&world, client, RawCallback::NULL),
        Err(WSA_IO_PENDING)
    );
    world.send(server, b"port").unwrap();
    let (mut bytes, mut key, mut which) = (0, 0, ptr::null_mut());
    // SAFETY: live locals.
    let got = unsafe {
        IO::GetQueuedCompletionStatus(port, &raw mut bytes, &raw mut key, &raw mut which, u32::MAX)
    };
    assert_eq!((got, bytes, key), (1, 4, 77));
    assert_eq!(which as usize, &raw const request.overlapped as usize);
    // Closing completes what is pending, once.
    assert_eq!(
        request.receive(&world, client, RawCallback::NULL),
        Err(WSA_IO_PENDING)
    );
    world.close(client).unwrap();
    // SAFETY: as above.
    let got = unsafe {
        IO::GetQueuedCompletionStatus(port, &raw mut bytes, &raw mut key, &raw mut which, u32::MAX)
    };
    // SAFETY: reads a word of this thread.
    assert_eq!(
        (got, which.is_null(), unsafe { GetLastError() } != 0),
        (0, false, true)
    );
}

thread_local! {
    static ROUTINE: Cell<(u32, u32, usize)> = const { Cell::new((0, 0, 0)) };
}

unsafe extern "system" fn routine(
    error: u32,
    bytes: u32,
    overlapped: *mut OVERLAPPED,
    _flags: u32,
) {
    ROUTINE.set((error, bytes, overlapped as usize));
}

/// P 4: a routine runs in an alertable wait of the thread that asked.
#[test]
fn a_routine_runs_on_its_thread() {
    let world = World::start();
    let (client, server) = world.pair();
    let mut request = Request::new(0);
    let function = RawCallback::from_raw(routine as *const () as usize);
    assert_eq!(
        request.receive(&world, client, function),
        Err(WSA_IO_PENDING)
    );
    world.send(server, b"routine").unwrap();
    assert_eq!(
        wait::sleep(Timeout::Infinite, wait::Alert::Alertable),
        wait::Waited::Apc
    );
    assert_eq!(
        ROUTINE.get(),
        (0, 7, &raw const request.overlapped as usize)
    );
}

/// P 1.24: a send that is done at once is no error.
#[test]
fn an_overlapped_send_is_done() {
    let world = World::start();
    let (client, server) = world.pair();
    let mut request = Request::new(0);
    request.bytes = *b"12345678";
    let (none, thread) = (ptr::null_mut(), ptr::null_mut());
    let ov = &raw mut request.overlapped;
    // SAFETY: everything is alive until the request is complete.
    let sent = judged(unsafe {
        let buffer = &raw const request.buffer;
        world
            .procs
            .send(client, buffer, 1, none, 0, ov, RawCallback::NULL, thread)
    });
    assert!(matches!(sent, Ok(0) | Err(WSA_IO_PENDING)));
    assert_eq!(request.result(&world, client, TRUE), Ok(8));
    let mut got = [0; 8];
    assert_eq!(world.receive(server, &mut got), Ok(8));
}
