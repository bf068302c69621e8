//! TransmitFile, DisconnectEx, AcceptEx and ConnectEx as applications get them.

mod world;

use core::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;

use world::world;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;
use ws2spi_kernel::file;
use ws2spi_kernel::file::File;
use ws2spi_kernel::file::FileState;
use ws2spi_kernel::file::Overlapping;
use ws2spi_kernel::handles;
use ws2spi_kernel::last_error::last_error;

/// A file in memory, read from its current position.
struct Contents {
    state: FileState,
    bytes: Vec<u8>,
    position: AtomicU64,
}

impl handles::Object for Contents {
    fn kind(&self) -> handles::Kind {
        handles::Kind::File
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }
}

impl File for Contents {
    fn state(&self) -> &FileState {
        &self.state
    }

    fn contents(&self) -> Option<&dyn file::Contents> {
        Some(self)
    }
}

impl file::Contents for Contents {
    fn read_at(&self, from: u64, into: &mut [u8]) -> Result<usize, Errno> {
        let rest = &self.bytes[from as usize..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn length(&self) -> Result<u64, Errno> {
        Ok(self.bytes.len() as u64)
    }

    fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    fn set_position(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }
}

fn file(bytes: &[u8]) -> HANDLE {
    let contents = Contents {
        state: FileState::new(Overlapping::Synchronous),
        bytes: bytes.to_vec(),
        position: AtomicU64::new(0),
    };
    handles::insert(Arc::new(contents)).unwrap().raw()
}

fn transmit(s: SOCKET, file: HANDLE, bytes: u32, parts: Option<[&[u8]; 2]>, flags: u32) -> i32 {
    // SAFETY: the type of TransmitFile.
    let function: LPFN_TRANSMITFILE = unsafe { world().extension(s, WSAID_TRANSMITFILE) };
    let parts = parts.map(|[head, tail]| TRANSMIT_FILE_BUFFERS {
        Head: head.as_ptr().cast_mut().cast(),
        HeadLength: head.len() as u32,
        Tail: tail.as_ptr().cast_mut().cast(),
        TailLength: tail.len() as u32,
    });
    let parts = parts.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the buffers are borrowed for the call.
    let sent = unsafe { function(s, file, bytes, 0, ptr::null_mut(), parts, flags) };
    if sent == TRUE { 0 } else { last_error() }
}

#[test]
fn head_file_and_tail_are_sent_in_this_order() {
    // P199, P200
    let w = world();
    let (client, server) = w.pair();
    assert_eq!(transmit(client, 0, 0, None, 0), 0);
    let bytes: Vec<u8> = (0..200_000).map(|at| at as u8).collect();
    let handle = file(&bytes);
    let reader = thread::spawn(move || {
        let (mut got, mut chunk) = (Vec::new(), vec![0; 4096]);
        while let Ok(count @ 1..) = w.recv(server, &mut chunk) {
            got.extend_from_slice(&chunk[..count]);
        }
        w.close(server).unwrap();
        got
    });
    assert_eq!(transmit(client, handle, 1000, Some([b"head", b""]), 0), 0);
    assert_eq!(
        transmit(client, handle, 0, Some([b"", b"tail"]), TF_DISCONNECT),
        0
    );
    let expected = [b"head", &bytes[..], b"tail"].concat();
    assert!(reader.join().unwrap() == expected);
    assert_eq!(transmit(client, 0x1234_5678, 0, None, 0), WSAESHUTDOWN);
    handles::close(handle).unwrap();
    w.close(client).unwrap();
}

#[test]
fn transmit_file_wants_a_connected_stream_and_sound_flags() {
    // P201, P203
    let w = world();
    let (tcp, udp) = (w.tcp(), w.udp());
    assert_eq!(transmit(tcp, 0, 0, None, 0), WSAENOTCONN);
    assert_eq!(transmit(udp, 0, 0, None, 0), WSAENOTCONN);
    let (client, server) = w.pair();
    assert_eq!(transmit(client, 0, 0, None, TF_REUSE_SOCKET), WSAEINVAL);
    assert_eq!(transmit(client, 0, u32::MAX, None, 0), WSAEINVAL);
    assert_eq!(
        transmit(client, 0x1234_5678, 0, None, 0),
        WSA_INVALID_HANDLE
    );
    for s in [tcp, udp, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_disconnect_shuts_the_sending_half_and_may_be_repeated() {
    // P193, P195, P196
    let w = world();
    let (client, server) = w.pair();
    // SAFETY: the type of DisconnectEx.
    let function: LPFN_DISCONNECTEX = unsafe { w.extension(client, WSAID_DISCONNECTEX) };
    let disconnect = |s, flags| {
        // SAFETY: no OVERLAPPED.
        let done = unsafe { function(s, ptr::null_mut(), flags, 0) };
        if done == TRUE { 0 } else { last_error() }
    };
    let fresh = w.tcp();
    assert_eq!(disconnect(fresh, 0), WSAENOTCONN);
    assert_eq!(disconnect(usize::MAX, 0), WSAENOTSOCK);
    assert_eq!((disconnect(client, 0), disconnect(client, 0)), (0, 0));
    assert_eq!(w.recv(server, &mut [0]), Ok(0));
    assert_eq!(w.send(server, b"still"), Ok(5));
    assert_eq!(w.recv(client, &mut [0; 8]), Ok(5));
    // 6.3: reused once both ends are closed.
    w.close(server).unwrap();
    assert_eq!(disconnect(client, DE_REUSE_SOCKET), 0);
    assert_eq!(w.peer_name(client), Err(Errno::NOTCONN));
    let (listener, address) = w.listener();
    assert_eq!(w.connect(client, address), Ok(()));
    for s in [fresh, client, listener] {
        w.close(s).unwrap();
    }
}

#[test]
fn acceptex_and_connectex_are_validated_in_windows_order() {
    // P104-P106, P108, P109, P217, P218, P222
    let w = world();
    let (listener, address) = w.listener();
    let (fresh, udp) = (w.tcp(), w.udp());
    // SAFETY: the type of AcceptEx.
    let accept: LPFN_ACCEPTEX = unsafe { w.extension(listener, WSAID_ACCEPTEX) };
    let mut out = [0u8; 64];
    let mut block = OVERLAPPED::EMPTY;
    let out = out.as_mut_ptr().cast::<c_void>();
    let mut try_accept = |listener, acceptor, out, remote, overlapped: bool| {
        let block = if overlapped {
            &raw mut block
        } else {
            ptr::null_mut()
        };
        // SAFETY: live locals; the call is refused.
        unsafe {
            accept(
                listener,
                acceptor,
                out,
                0,
                32,
                remote,
                ptr::null_mut(),
                block,
            )
        };
        last_error()
    };
    assert_eq!(try_accept(usize::MAX, fresh, out, 32, true), WSAENOTSOCK);
    assert_eq!(try_accept(listener, usize::MAX, out, 32, true), WSAENOTSOCK);
    assert_eq!(try_accept(fresh, fresh, out, 32, true), WSAEINVAL);
    assert_eq!(
        try_accept(listener, fresh, ptr::null_mut(), 32, true),
        WSAEFAULT
    );
    assert_eq!(try_accept(listener, fresh, out, 0, true), WSAEFAULT);
    assert_eq!(
        try_accept(listener, fresh, out, 32, false),
        WSA_INVALID_PARAMETER
    );
    assert_eq!(try_accept(listener, udp, out, 32, true), WSAEINVAL);

    // SAFETY: the type of ConnectEx.
    let connect: LPFN_CONNECTEX = unsafe { w.extension(listener, WSAID_CONNECTEX) };
    let name = Address::from_ip(address);
    let name = name.as_bytes().as_ptr().cast();
    let mut try_connect = |s, overlapped: bool| {
        let block = if overlapped {
            &raw mut block
        } else {
            ptr::null_mut()
        };
        // SAFETY: live locals; the call is refused.
        unsafe { connect(s, name, 16, ptr::null_mut(), 0, ptr::null_mut(), block) };
        last_error()
    };
    assert_eq!(try_connect(fresh, true), WSAEINVAL);
    assert_eq!(try_connect(listener, true), WSAEINVAL);
    w.bind(fresh, world::v4(0)).unwrap();
    assert_eq!(try_connect(fresh, false), WSA_INVALID_PARAMETER);
    w.connect(fresh, address).unwrap();
    assert_eq!(try_connect(fresh, true), WSAEISCONN);
    for s in [fresh, udp, listener] {
        w.close(s).unwrap();
    }
}

#[test]
fn overlapped_calls_are_validated_first() {
    // P124, P130, P207: what fails in its validation was never begun.
    let w = world();
    let (client, server) = w.pair();
    let (mut block, mut flags) = (OVERLAPPED::EMPTY, 0);
    let mut data = [0; 4];
    let buffer = world::buffer(&data);
    let mut receive = |s, count| {
        let thread = ptr::null_mut();
        // SAFETY: live locals; the call is refused, or waits.
        let call = unsafe {
            let count_out = ptr::null_mut();
            w.procs().recv(
                s,
                &buffer,
                count,
                count_out,
                &mut flags,
                &mut block,
                RawCallback::NULL,
                thread,
            )
        };
        call.map_err(|failure| failure.errno)
    };
    let fresh = w.tcp();
    assert_eq!(receive(server, 0), Err(WSAEINVAL));
    assert_eq!(receive(fresh, 1), Err(WSAENOTCONN));
    // P207: on a socket that is not overlapped the call waits, whatever its mode.
    let plain = w.socket_with(AF_INET, SOCK_DGRAM, 0, None, 0).unwrap();
    w.bind(plain, world::v4(0)).unwrap();
    w.non_blocking(plain, true);
    let udp = w.udp();
    let address = w.sock_name(plain).unwrap();
    let sender = thread::spawn(move || {
        w.send_to(udp, b"late", address).unwrap();
        w.close(udp).unwrap();
    });
    assert_eq!(receive(plain, 1), Ok(0));
    sender.join().unwrap();
    assert_eq!(&data, b"late");
    data.fill(0);
    for s in [client, server, fresh, plain] {
        w.close(s).unwrap();
    }
}
