//! The table of the base provider, used as a client DLL uses it: every entry over 127.0.0.1, with errors.
//!
//! They need Wine, and run one at a time: there is one provider in a process.

mod creation;
mod datagrams;
mod direct;
mod events;
mod extensions;
mod hooks;
mod options;
mod overlapped;
mod streams;

use std::cell::Cell;
use std::ptr;

use ws2spi_abi::ffi::Failure;
use ws2spi_abi::ffi::Procs;
use ws2spi_abi::ffi::native;
use ws2spi_abi::*;

/// A start of the provider; dropping it is the cleanup, which closes what a test has left open.
struct World {
    procs: Procs,
}

thread_local! {
    /// What `WPUModifyIFSHandle` was called with last on this thread.
    static CLAIMED: Cell<(u32, SOCKET)> = const { Cell::new((0, 0)) };
    /// Whether `WPUModifyIFSHandle` refuses.
    static REFUSES: Cell<bool> = const { Cell::new(false) };
    /// The hook of this thread.
    static HOOK: Cell<RawCallback> = const { Cell::new(RawCallback::NULL) };
}

unsafe extern "system" fn modify(entry: u32, proposed: SOCKET, errno: *mut i32) -> SOCKET {
    CLAIMED.set((entry, proposed));
    if REFUSES.get() {
        // SAFETY: the provider passes a place for the code.
        unsafe { errno.write(WSAENOBUFS) };
        return INVALID_SOCKET;
    }
    proposed
}

unsafe extern "system" fn query_hook(
    entry: u32,
    callback: *mut RawCallback,
    context: *mut usize,
    _errno: *mut i32,
) -> i32 {
    // SAFETY: the provider passes places for both.
    unsafe { callback.write(HOOK.get()) };
    // SAFETY: as above.
    unsafe { context.write(entry as usize) };
    0
}

fn upcalls() -> native::UpcallTable {
    native::UpcallTable {
        lpWPUModifyIFSHandle: Some(modify),
        lpWPUQueryBlockingCallback: Some(query_hook),
        ..native::UpcallTable::EMPTY
    }
}

/// The catalog entry of a protocol.
fn entry(family: i32, kind: i32) -> WSAPROTOCOL_INFOW {
    let all = super::entries();
    let fits =
        |entry: &&WSAPROTOCOL_INFOW| (entry.iAddressFamily, entry.iSocketType) == (family, kind);
    *all.iter().find(fits).unwrap()
}

type Outcome<T> = Result<T, i32>;

fn judged<T>(answer: Result<T, Failure>) -> Outcome<T> {
    answer.map_err(|failure| failure.errno)
}

impl World {
    fn start() -> Self {
        let (mut data, mut table) = (WSPDATA::EMPTY, native::ProcTable::EMPTY);
        let info = entry(AF_INET, SOCK_STREAM);
        // SAFETY: live locals, and upcalls that stay.
        let started = unsafe {
            super::startup(
                0x0202,
                &raw mut data,
                &raw const info,
                upcalls(),
                &raw mut table,
            )
        };
        assert_eq!(
            (started, data.wVersion, table.first_missing()),
            (0, 0x0202, None)
        );
        Self {
            procs: Procs::Native(table),
        }
    }

    fn socket(&self, family: i32, kind: i32) -> SOCKET {
        self.socket_with(&entry(family, kind), WSA_FLAG_OVERLAPPED)
            .unwrap()
    }

    fn socket_with(&self, info: &WSAPROTOCOL_INFOW, flags: u32) -> Outcome<SOCKET> {
        let any = FROM_PROTOCOL_INFO;
        // SAFETY: a live local.
        judged(unsafe { self.procs.socket(any, any, any, info, 0, flags) })
    }

    fn close(&self, s: SOCKET) -> Outcome<i32> {
        // SAFETY: no pointers.
        judged(unsafe { self.procs.close_socket(s) })
    }

    fn bind(&self, s: SOCKET, name: &SOCKADDR_IN) -> Outcome<i32> {
        let name = ptr::from_ref(name).cast();
        // SAFETY: 16 bytes.
        judged(unsafe { self.procs.bind(s, name, 16) })
    }

    fn listen(&self, s: SOCKET) -> Outcome<i32> {
        // SAFETY: no pointers.
        judged(unsafe { self.procs.listen(s, 5) })
    }

    fn connect(&self, s: SOCKET, name: &SOCKADDR_IN) -> Outcome<i32> {
        let name = ptr::from_ref(name).cast();
        let (no, into, qos) = (ptr::null(), ptr::null_mut(), ptr::null());
        // SAFETY: 16 bytes; the rest may be null.
        judged(unsafe { self.procs.connect(s, name, 16, no, into, qos, qos) })
    }

    fn accept(&self, s: SOCKET) -> Outcome<SOCKET> {
        self.accept_if(s, RawCallback::NULL, 0)
    }

    fn accept_if(&self, s: SOCKET, condition: RawCallback, data: usize) -> Outcome<SOCKET> {
        let (name, length) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: both may be null; a condition function or none.
        judged(unsafe { self.procs.accept(s, name, length, condition, data) })
    }

    fn own_name(&self, s: SOCKET) -> Outcome<SOCKADDR_IN> {
        let (mut name, mut length) = (SOCKADDR_IN::default(), 16);
        let into = (&raw mut name).cast();
        // SAFETY: 16 bytes, as is said.
        judged(unsafe { self.procs.get_sock_name(s, into, &raw mut length) })?;
        assert_eq!(length, 16);
        Ok(name)
    }

    fn peer_name(&self, s: SOCKET) -> Outcome<SOCKADDR_IN> {
        let (mut name, mut length) = (SOCKADDR_IN::default(), 16);
        let into = (&raw mut name).cast();
        // SAFETY: 16 bytes, as is said.
        judged(unsafe { self.procs.get_peer_name(s, into, &raw mut length) })?;
        Ok(name)
    }

    fn send(&self, s: SOCKET, data: &[u8]) -> Outcome<u32> {
        let (buffer, mut sent) = (buffer_of(data), 0);
        // SAFETY: one live buffer.
        let answer = unsafe {
            let none = ptr::null_mut();
            let routine = RawCallback::NULL;
            let thread = ptr::null_mut();
            let into = &raw mut sent;
            self.procs
                .send(s, &raw const buffer, 1, into, 0, none, routine, thread)
        };
        judged(answer).map(|_| sent)
    }

    fn receive(&self, s: SOCKET, into: &mut [u8]) -> Outcome<u32> {
        self.receive_flags(s, into, 0).map(|(count, _)| count)
    }

    /// The count and the flags.
    fn receive_flags(&self, s: SOCKET, into: &mut [u8], flags: u32) -> Outcome<(u32, u32)> {
        let (buffer, mut got, mut flags) = (buffer_of(into), 0, flags);
        // SAFETY: one live buffer, which is written.
        let answer = unsafe {
            let none = ptr::null_mut();
            let routine = RawCallback::NULL;
            let thread = ptr::null_mut();
            let (got, flags) = (&raw mut got, &raw mut flags);
            self.procs
                .recv(s, &raw const buffer, 1, got, flags, none, routine, thread)
        };
        judged(answer).map(|_| (got, flags))
    }

    fn shut_down(&self, s: SOCKET, how: i32) -> Outcome<i32> {
        // SAFETY: no pointers.
        judged(unsafe { self.procs.shutdown(s, how) })
    }

    fn set_number(&self, s: SOCKET, level: i32, option: i32, value: i32) -> Outcome<i32> {
        let value = (&raw const value).cast();
        // SAFETY: four bytes.
        judged(unsafe { self.procs.set_sock_opt(s, level, option, value, 4) })
    }

    fn number(&self, s: SOCKET, level: i32, option: i32) -> Outcome<i32> {
        let (mut value, mut length) = (0, 4);
        let into = (&raw mut value).cast();
        // SAFETY: four bytes, as is said.
        judged(unsafe {
            self.procs
                .get_sock_opt(s, level, option, into, &raw mut length)
        })?;
        Ok(value)
    }

    /// An ioctl with bytes in and out; how many came out.
    fn ioctl(&self, s: SOCKET, code: u32, input: &[u8], output: &mut [u8]) -> Outcome<u32> {
        let mut returned = 0;
        // SAFETY: as long as is said.
        let answer = unsafe {
            self.procs.ioctl(
                s,
                code,
                input.as_ptr().cast(),
                input.len() as u32,
                output.as_mut_ptr().cast(),
                output.len() as u32,
                &raw mut returned,
                ptr::null_mut(),
                RawCallback::NULL,
                ptr::null_mut(),
            )
        };
        judged(answer).map(|_| returned)
    }

    fn set_nonblocking(&self, s: SOCKET, nonblocking: bool) {
        let mode = u32::from(nonblocking).to_ne_bytes();
        self.ioctl(s, FIONBIO, &mode, &mut []).unwrap();
    }

    /// Waits until a socket is readable.
    fn await_readable(&self, s: SOCKET) {
        let mut set = set_of(s);
        let none = ptr::null_mut();
        // SAFETY: a live set.
        let ready = unsafe { self.procs.select(0, &raw mut set, none, none, ptr::null()) };
        assert_eq!(judged(ready), Ok(1));
    }

    /// A listener on 127.0.0.1.
    fn listener(&self) -> (SOCKET, SOCKADDR_IN) {
        let s = self.socket(AF_INET, SOCK_STREAM);
        self.bind(s, &loopback(0)).unwrap();
        self.listen(s).unwrap();
        let name = self.own_name(s).unwrap();
        (s, name)
    }

    /// Two connected streams: the one that connected, the one that was accepted.
    fn pair(&self) -> (SOCKET, SOCKET) {
        let (listener, name) = self.listener();
        let client = self.socket(AF_INET, SOCK_STREAM);
        self.connect(client, &name).unwrap();
        let server = self.accept(listener).unwrap();
        self.close(listener).unwrap();
        (client, server)
    }

    /// A bound datagram socket and its name.
    fn datagrams(&self) -> (SOCKET, SOCKADDR_IN) {
        let s = self.socket(AF_INET, SOCK_DGRAM);
        self.bind(s, &loopback(0)).unwrap();
        let name = self.own_name(s).unwrap();
        (s, name)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        let ended = unsafe { self.procs.cleanup() };
        assert!(ended.is_ok());
    }
}

fn loopback(port: u16) -> SOCKADDR_IN {
    std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, port).into()
}

fn buffer_of(bytes: &[u8]) -> WSABUF {
    WSABUF {
        len: bytes.len() as u32,
        buf: bytes.as_ptr().cast_mut(),
    }
}

fn set_of(s: SOCKET) -> FD_SET {
    let mut set = FD_SET::EMPTY;
    set.fd_count = 1;
    set.fd_array[0] = s;
    set
}
