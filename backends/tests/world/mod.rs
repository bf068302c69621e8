//! A client DLL small enough for tests: it starts the base provider through its `WSPStartup`, keeps
//! associations as the kernel role's owners, and calls the 30 functions through the table.
//!
//! Every function of [`World`] is one SPI call with its results as a `Result`. The provider is one per
//! process, so tests share it and never clean it up; the test of WSPCleanup is a process of its own.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::cell::Cell;
use std::net::SocketAddr;
use std::ptr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use ws2spi_abi::args::Address;
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::ffi::Failure;
use ws2spi_abi::ffi::Procs;
use ws2spi_abi::ffi::UpcallHost;
use ws2spi_abi::ffi::native;
use ws2spi_abi::*;
use ws2spi_backends::base;
use ws2spi_kernel::handles;

pub type Answer<T> = Result<T, Errno>;

/// The started provider.
#[derive(Clone, Copy)]
pub struct World {
    procs: Procs,
}

pub struct Host;
struct Association;

impl handles::Owner for Association {}

/// No IFS handles, as in the Windows CE profile.
pub static MINTING: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The blocking hook of the thread.
    pub static HOOK: Cell<RawCallback> = const { Cell::new(RawCallback::NULL) };
}

impl UpcallHost for Host {
    const NAME: &'static str = "test host";

    unsafe fn close_event(_: Convention, event: WSAEVENT) -> Answer<BOOL> {
        handles::close(event).map(|()| TRUE)
    }

    unsafe fn close_socket_handle(_: Convention, s: SOCKET) -> Answer<i32> {
        handles::close(s).map(|()| 0).map_err(|_| Errno::NOTSOCK)
    }

    unsafe fn create_event(_: Convention) -> Answer<WSAEVENT> {
        Err(Errno::OPNOTSUPP)
    }

    unsafe fn create_socket_handle(_: Convention, _entry: u32, context: usize) -> Answer<SOCKET> {
        handles::insert_minted(Arc::new(Association), context).map(|handle| handle.raw())
    }

    unsafe fn fd_is_set(_: Convention, _s: SOCKET, _set: *mut FD_SET) -> Answer<i32> {
        Ok(0)
    }

    unsafe fn get_provider_path(
        _: Convention,
        _: *const GUID,
        _: PWSTR,
        _: *mut i32,
    ) -> Answer<i32> {
        Err(Errno::INVAL)
    }

    unsafe fn modify_ifs_handle(_: Convention, entry: u32, proposed: SOCKET) -> Answer<SOCKET> {
        if MINTING.load(Ordering::Relaxed) {
            return Err(Errno::OPNOTSUPP);
        }
        assert!(
            entry >= 1001,
            "the id of the entry that the socket was made through"
        );
        handles::set_owner(proposed, Arc::new(Association)).map_err(|_| Errno::INVAL)?;
        Ok(proposed)
    }

    unsafe fn post_message(_: Convention, _: HWND, _: u32, _: WPARAM, _: LPARAM) -> Answer<BOOL> {
        Ok(FALSE)
    }

    unsafe fn query_blocking_callback(
        _: Convention,
        _entry: u32,
        callback: *mut RawCallback,
        context: *mut usize,
    ) -> Answer<i32> {
        // SAFETY: the provider's contract: both point to places to write to.
        unsafe { callback.write(HOOK.get()) };
        // SAFETY: as above.
        unsafe { context.write(7) };
        Ok(0)
    }

    unsafe fn query_socket_handle_context(
        _: Convention,
        s: SOCKET,
        context: *mut usize,
    ) -> Answer<i32> {
        let found = handles::minted_context(s).ok_or(Errno::NOTSOCK)?;
        // SAFETY: the provider's contract: it points to a place to write to.
        unsafe { context.write(found) };
        Ok(0)
    }

    unsafe fn queue_apc(
        _: Convention,
        _: *mut WSATHREADID,
        _: RawCallback,
        _: usize,
    ) -> Answer<i32> {
        Err(Errno::OPNOTSUPP)
    }

    unsafe fn reset_event(_: Convention, _: WSAEVENT) -> Answer<BOOL> {
        Err(Errno::OPNOTSUPP)
    }

    unsafe fn set_event(_: Convention, _: WSAEVENT) -> Answer<BOOL> {
        Err(Errno::OPNOTSUPP)
    }

    unsafe fn open_current_thread(_: Convention, _: *mut WSATHREADID) -> Answer<i32> {
        Err(Errno::OPNOTSUPP)
    }

    unsafe fn close_thread(_: Convention, _: *mut WSATHREADID) -> Answer<i32> {
        Err(Errno::OPNOTSUPP)
    }
}

fn judge<T>(result: Result<T, Failure>) -> Answer<T> {
    result.map_err(|failure| Errno::new(failure.errno).expect("a failure has a code"))
}

/// The provider, started once in the process.
pub fn world() -> World {
    static WORLD: OnceLock<native::ProcTable> = OnceLock::new();
    let table = WORLD.get_or_init(|| start(0x0202).expect("the provider starts"));
    World {
        procs: Procs::Native(*table),
    }
}

/// WSPStartup.
pub fn start(version: u16) -> Answer<native::ProcTable> {
    let mut data = WSPDATA::EMPTY;
    let mut table = native::ProcTable::EMPTY;
    let info = base::catalog_entries()[0];
    let upcalls = native::UpcallTable::of::<Host>();
    // SAFETY: all pointers are to live locals; the host lives as long as the process.
    let code = unsafe { base::entry()(version, &mut data, &info, upcalls, &mut table) };
    match Errno::new(code) {
        None => Ok(table),
        Some(error) => Err(error),
    }
}

/// An address of the IPv4 loopback.
pub fn v4(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn raw(name: &Address) -> (*const SOCKADDR, i32) {
    (
        name.as_bytes().as_ptr().cast(),
        name.as_bytes().len() as i32,
    )
}

pub fn buffer(bytes: &[u8]) -> WSABUF {
    WSABUF {
        len: bytes.len() as u32,
        buf: bytes.as_ptr().cast_mut(),
    }
}

// SAFETY of every call below: the table is the started provider's, and all pointers are to locals or
// to what the caller borrowed for the call.
#[allow(
    clippy::undocumented_unsafe_blocks,
    reason = "one reason for all, above"
)]
impl World {
    pub fn socket(&self, family: i32, kind: i32, protocol: i32) -> Answer<SOCKET> {
        self.socket_with(family, kind, protocol, None, WSA_FLAG_OVERLAPPED)
    }

    pub fn socket_with(
        &self,
        family: i32,
        kind: i32,
        protocol: i32,
        info: Option<&WSAPROTOCOL_INFOW>,
        flags: u32,
    ) -> Answer<SOCKET> {
        let info = info.map_or(ptr::null(), ptr::from_ref);
        judge(unsafe { self.procs.socket(family, kind, protocol, info, 0, flags) })
    }

    pub fn tcp(&self) -> SOCKET {
        self.socket(AF_INET, SOCK_STREAM, 0).expect("a TCP socket")
    }

    pub fn udp(&self) -> SOCKET {
        self.socket(AF_INET, SOCK_DGRAM, 0).expect("a UDP socket")
    }

    pub fn bind(&self, s: SOCKET, name: SocketAddr) -> Answer<()> {
        self.bind_raw(s, &Address::from_ip(name))
    }

    pub fn bind_raw(&self, s: SOCKET, name: &Address) -> Answer<()> {
        let (pointer, length) = raw(name);
        judge(unsafe { self.procs.bind(s, pointer, length) }).map(drop)
    }

    pub fn connect(&self, s: SOCKET, name: SocketAddr) -> Answer<()> {
        self.connect_raw(s, &Address::from_ip(name))
    }

    pub fn connect_raw(&self, s: SOCKET, name: &Address) -> Answer<()> {
        let (pointer, length) = raw(name);
        let call = unsafe {
            self.procs.connect(
                s,
                pointer,
                length,
                ptr::null(),
                ptr::null_mut(),
                ptr::null(),
                ptr::null(),
            )
        };
        judge(call).map(drop)
    }

    pub fn listen(&self, s: SOCKET, backlog: i32) -> Answer<()> {
        judge(unsafe { self.procs.listen(s, backlog) }).map(drop)
    }

    pub fn accept(&self, s: SOCKET) -> Answer<SOCKET> {
        self.accept_with(s, RawCallback::NULL, 0)
    }

    pub fn accept_with(&self, s: SOCKET, condition: RawCallback, data: usize) -> Answer<SOCKET> {
        judge(unsafe {
            self.procs
                .accept(s, ptr::null_mut(), ptr::null_mut(), condition, data)
        })
    }

    pub fn close(&self, s: SOCKET) -> Answer<()> {
        judge(unsafe { self.procs.close_socket(s) }).map(drop)
    }

    pub fn cleanup(&self) -> Answer<()> {
        judge(unsafe { self.procs.cleanup() }).map(drop)
    }

    pub fn send(&self, s: SOCKET, data: &[u8]) -> Answer<usize> {
        self.send_flags(s, data, 0)
    }

    pub fn send_flags(&self, s: SOCKET, data: &[u8], flags: u32) -> Answer<usize> {
        let mut sent = 0;
        let call = unsafe {
            self.procs.send(
                s,
                &buffer(data),
                1,
                &mut sent,
                flags,
                ptr::null_mut(),
                RawCallback::NULL,
                ptr::null_mut(),
            )
        };
        judge(call).map(|_| sent as usize)
    }

    pub fn send_to(&self, s: SOCKET, data: &[u8], to: SocketAddr) -> Answer<usize> {
        let (name, mut sent) = (Address::from_ip(to), 0);
        let (pointer, length) = raw(&name);
        let call = unsafe {
            self.procs.send_to(
                s,
                &buffer(data),
                1,
                &mut sent,
                0,
                pointer,
                length,
                ptr::null_mut(),
                RawCallback::NULL,
                ptr::null_mut(),
            )
        };
        judge(call).map(|_| sent as usize)
    }

    pub fn recv(&self, s: SOCKET, data: &mut [u8]) -> Answer<usize> {
        self.recv_flags(s, data, 0).map(|(bytes, _)| bytes)
    }

    /// The count and the flags that came back.
    pub fn recv_flags(&self, s: SOCKET, data: &mut [u8], flags: u32) -> Answer<(usize, u32)> {
        let (mut got, mut flags) = (0, flags);
        let call = unsafe {
            self.procs.recv(
                s,
                &buffer(data),
                1,
                &mut got,
                &mut flags,
                ptr::null_mut(),
                RawCallback::NULL,
                ptr::null_mut(),
            )
        };
        judge(call).map(|_| (got as usize, flags))
    }

    /// The result, the count and the flags as the call left them, and the sender.
    pub fn recv_from(
        &self,
        s: SOCKET,
        data: &mut [u8],
        room: i32,
    ) -> (Answer<()>, usize, u32, Option<SocketAddr>) {
        let (mut got, mut flags, mut length) = (0xdead, 0, room);
        let mut name = [0u8; 128];
        let call = unsafe {
            self.procs.recv_from(
                s,
                &buffer(data),
                1,
                &mut got,
                &mut flags,
                name.as_mut_ptr().cast(),
                &mut length,
                ptr::null_mut(),
                RawCallback::NULL,
                ptr::null_mut(),
            )
        };
        let from = Address::from_bytes(&name[..length.clamp(0, 128) as usize]).to_ip();
        (judge(call).map(drop), got as usize, flags, from)
    }

    pub fn shutdown(&self, s: SOCKET, how: i32) -> Answer<()> {
        judge(unsafe { self.procs.shutdown(s, how) }).map(drop)
    }

    pub fn sock_name(&self, s: SOCKET) -> Answer<SocketAddr> {
        let (mut name, mut length) = ([0u8; 128], 128);
        let call = unsafe {
            self.procs
                .get_sock_name(s, name.as_mut_ptr().cast(), &mut length)
        };
        judge(call).map(|_| {
            Address::from_bytes(&name[..length as usize])
                .to_ip()
                .expect("an IP")
        })
    }

    /// WSPGetSockName into memory of any length.
    pub fn sock_name_raw(&self, s: SOCKET, name: &mut [u8]) -> Answer<()> {
        let mut length = name.len() as i32;
        let call = unsafe {
            self.procs
                .get_sock_name(s, name.as_mut_ptr().cast(), &mut length)
        };
        judge(call).map(drop)
    }

    pub fn peer_name(&self, s: SOCKET) -> Answer<SocketAddr> {
        let (mut name, mut length) = ([0u8; 128], 128);
        let call = unsafe {
            self.procs
                .get_peer_name(s, name.as_mut_ptr().cast(), &mut length)
        };
        judge(call).map(|_| {
            Address::from_bytes(&name[..length as usize])
                .to_ip()
                .expect("an IP")
        })
    }

    pub fn ioctl(&self, s: SOCKET, code: u32, input: &[u8], output: &mut [u8]) -> Answer<usize> {
        let mut returned = 0xdead;
        let call = unsafe {
            self.procs.ioctl(
                s,
                code,
                input.as_ptr().cast(),
                input.len() as u32,
                output.as_mut_ptr().cast(),
                output.len() as u32,
                &mut returned,
                ptr::null_mut(),
                RawCallback::NULL,
                ptr::null_mut(),
            )
        };
        judge(call).map(|_| returned as usize)
    }

    pub fn non_blocking(&self, s: SOCKET, on: bool) {
        self.ioctl(s, FIONBIO, &u32::from(on).to_ne_bytes(), &mut [])
            .expect("FIONBIO");
    }

    pub fn set_option(&self, s: SOCKET, level: i32, option: i32, value: &[u8]) -> Answer<()> {
        let length = value.len() as i32;
        judge(unsafe {
            self.procs
                .set_sock_opt(s, level, option, value.as_ptr(), length)
        })
        .map(drop)
    }

    pub fn set_number(&self, s: SOCKET, level: i32, option: i32, value: i32) -> Answer<()> {
        self.set_option(s, level, option, &value.to_ne_bytes())
    }

    /// The result and the length as the call left it.
    pub fn option(
        &self,
        s: SOCKET,
        level: i32,
        option: i32,
        value: &mut [u8],
    ) -> (Answer<()>, i32) {
        let mut length = value.len() as i32;
        let call = unsafe {
            self.procs
                .get_sock_opt(s, level, option, value.as_mut_ptr(), &mut length)
        };
        (judge(call).map(drop), length)
    }

    pub fn number(&self, s: SOCKET, level: i32, option: i32) -> Answer<i32> {
        let mut value = [0; 4];
        self.option(s, level, option, &mut value)
            .0
            .map(|()| i32::from_ne_bytes(value))
    }

    pub fn duplicate(&self, s: SOCKET, pid: u32) -> Answer<WSAPROTOCOL_INFOW> {
        let mut info = WSAPROTOCOL_INFOW::EMPTY;
        judge(unsafe { self.procs.duplicate_socket(s, pid, &mut info) }).map(|_| info)
    }

    pub fn procs(&self) -> &Procs {
        &self.procs
    }

    /// WSPSelect over sets of any length: the result, and what is left in each set.
    pub fn select(
        &self,
        sets: [&[SOCKET]; 3],
        milliseconds: Option<i32>,
    ) -> (Answer<i32>, [Vec<SOCKET>; 3]) {
        let mut raw: Vec<Vec<u64>> = sets
            .iter()
            .map(|set| {
                let count = [set.len() as u64];
                count
                    .into_iter()
                    .chain(set.iter().map(|s| *s as u64))
                    .collect()
            })
            .collect();
        let time = milliseconds.map(|time| TIMEVAL {
            tv_sec: time / 1000,
            tv_usec: time % 1000 * 1000,
        });
        let pointers: Vec<*mut FD_SET> =
            raw.iter_mut().map(|set| set.as_mut_ptr().cast()).collect();
        let call = unsafe {
            self.procs.select(
                0,
                pointers[0],
                pointers[1],
                pointers[2],
                time.as_ref().map_or(ptr::null(), ptr::from_ref),
            )
        };
        let left = [0, 1, 2].map(|set| {
            let count = raw[set][0] as u32 as usize;
            raw[set][1..=count].iter().map(|s| *s as SOCKET).collect()
        });
        (judge(call), left)
    }

    /// The extension function of that name, as the type it has.
    ///
    /// # Safety
    /// `F` is the function's pointer type.
    pub unsafe fn extension<F: Copy>(&self, s: SOCKET, name: GUID) -> F {
        use ws2spi_abi::types::Plain;
        let (mut input, mut output) = ([0; 16], [0; 8]);
        name.encode(&mut input).expect("16 bytes");
        let size = self
            .ioctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &input, &mut output)
            .expect("an extension function");
        assert_eq!(size, 8);
        let address = usize::from_ne_bytes(output);
        assert_eq!(size_of::<F>(), size_of::<usize>());
        unsafe { std::mem::transmute_copy(&address) }
    }

    /// Waits until a receive on `s` would not block.
    pub fn await_readable(&self, s: SOCKET) {
        let (answer, left) = self.select([&[s], &[], &[]], Some(10_000));
        assert_eq!(
            (answer, left[0].as_slice()),
            (Ok(1), [s].as_slice()),
            "readable within 10 s"
        );
    }

    /// Two connected sockets of which the second has been reset by the first.
    pub fn reset_pair(&self) -> (SOCKET, SOCKET) {
        let (client, server) = self.pair();
        self.set_option(client, SOL_SOCKET, SO_LINGER, &[1, 0, 0, 0])
            .expect("SO_LINGER");
        self.close(client).expect("close");
        self.await_readable(server);
        (client, server)
    }

    /// A listener on the loopback, and its address.
    pub fn listener(&self) -> (SOCKET, SocketAddr) {
        let s = self.tcp();
        self.bind(s, v4(0)).expect("bind");
        self.listen(s, 5).expect("listen");
        (s, self.sock_name(s).expect("a bound name"))
    }

    /// The two ends of a connection: the connecting one first.
    pub fn pair(&self) -> (SOCKET, SOCKET) {
        let (listener, address) = self.listener();
        let client = self.tcp();
        self.connect(client, address).expect("connect");
        let server = self.accept(listener).expect("accept");
        self.close(listener).expect("close");
        (client, server)
    }

    /// A UDP socket bound to the loopback, and its address.
    pub fn bound_udp(&self) -> (SOCKET, SocketAddr) {
        let s = self.udp();
        self.bind(s, v4(0)).expect("bind");
        (s, self.sock_name(s).expect("a bound name"))
    }
}
