//! An overlapped operation of a model: its block, its bytes, and what was told of it.

#![allow(
    unsafe_code,
    reason = "an application owns its block and its buffer; here the models are applications"
)]

use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::RawCallback;
use ws2spi_abi::WSABUF;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::InOut;
use ws2spi_abi::args::Out;
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use crate::base::socket::Socket;

/// The most bytes of an operation.
const LONGEST: usize = 4;

/// One operation; it must outlive what goes on with it.
#[repr(C)]
pub(super) struct Post {
    // First: the routine finds the operation by it.
    block: UnsafeCell<OVERLAPPED>,
    bytes: UnsafeCell<[u8; LONGEST]>,
    /// How often the routine was called.
    calls: AtomicUsize,
}

/// How the end is told beside the port.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tell {
    Port,
    Routine,
}

// SAFETY: the block is only looked at through atomics; the bytes only when the operation has ended.
unsafe impl Send for Post {}
// SAFETY: as for Send.
unsafe impl Sync for Post {}

impl Post {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            block: UnsafeCell::new(OVERLAPPED::EMPTY),
            bytes: UnsafeCell::new([0; LONGEST]),
            calls: AtomicUsize::new(0),
        })
    }

    /// WSPRecv of at most so many bytes.
    pub(super) fn receive(
        &self,
        socket: &Socket,
        size: usize,
        tell: Tell,
    ) -> Result<Transfer, Errno> {
        let array = self.array(size);
        let mut flags = 0;
        // SAFETY: the array lives for the call, and what it names as long as the operation.
        let buffers = unsafe { BuffersMut::new(&raw const array, 1) };
        // SAFETY: NULL.
        let count = unsafe { Out::new(std::ptr::null_mut()) };
        // SAFETY: a live local.
        let flags = unsafe { InOut::new(&raw mut flags) };
        let call = Receive {
            buffers,
            count,
            flags,
            overlapped: self.overlapped(tell),
        };
        socket.recv(call, None)
    }

    /// WSPSend of these bytes.
    pub(super) fn send(&self, socket: &Socket, data: &[u8], tell: Tell) -> Result<Transfer, Errno> {
        // SAFETY: the operation has not begun: nobody else looks.
        let bytes = unsafe { &mut *self.bytes.get() };
        bytes[..data.len()].copy_from_slice(data);
        let array = self.array(data.len());
        // SAFETY: the array lives for the call, and what it names as long as the operation.
        let buffers = unsafe { Buffers::new(&raw const array, 1) };
        // SAFETY: NULL.
        let count = unsafe { Out::new(std::ptr::null_mut()) };
        socket.send(&Transmit {
            buffers,
            count,
            flags: 0,
            overlapped: self.overlapped(tell),
        })
    }

    fn array(&self, size: usize) -> WSABUF {
        assert!(size <= LONGEST);
        WSABUF {
            len: size as u32,
            buf: self.bytes.get().cast(),
        }
    }

    fn overlapped(&self, tell: Tell) -> OverlappedArgs<'_> {
        let routine = match tell {
            Tell::Port => RawCallback::NULL,
            Tell::Routine => RawCallback::from_raw(routine as *const () as usize),
        };
        let no_thread = std::ptr::null_mut();
        // SAFETY: the block outlives the operation; a completion routine of this convention; NULL.
        unsafe { OverlappedArgs::new(Convention::Native, self.block.get(), routine, no_thread) }
    }

    fn block(&self) -> Overlapped {
        // SAFETY: it lives as long as the operation.
        unsafe { Overlapped::new(self.block.get()) }.expect("it is not NULL")
    }

    /// What names it in packets and in CancelIoEx.
    pub(super) fn address(&self) -> usize {
        self.block().address()
    }

    /// How it has ended, and with how many bytes; `None` while it goes on.
    pub(super) fn end(&self) -> Option<(NtStatus, usize)> {
        let block = self.block();
        (!block.is_pending()).then(|| (block.status(), block.bytes()))
    }

    /// The bytes of a receive that has ended.
    pub(super) fn received(&self) -> &[u8] {
        let (_, count) = self.end().expect("it has ended");
        // SAFETY: it has ended: nobody writes.
        let bytes = unsafe { &*self.bytes.get() };
        &bytes[..count]
    }

    /// How often its routine was called.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }
}

unsafe extern "system" fn routine(error: u32, bytes: u32, block: *mut OVERLAPPED, _: u32) {
    // SAFETY: the block is the first part of a `Post`, which outlives its operation.
    let post = unsafe { &*block.cast::<Post>() };
    let (status, count) = post
        .end()
        .expect("the block is final when the routine runs");
    assert_eq!(count, bytes as usize);
    assert_eq!(
        status.winsock().map_or(0, |error| error.code() as u32),
        error
    );
    post.calls.fetch_add(1, SeqCst);
}
