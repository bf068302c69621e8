//! Overlapped operations: one value holds all that the operation borrows until it has ended.

mod event;
mod routine;

pub use event::{Event, is_signalled};
pub use routine::{Call, await_routine, deepest_nesting, routine_calls, wait_in_routine};

use crate::socket::{checked, last_error};
use crate::{Socket, winsock};
use std::net::SocketAddr;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

/// What `Internal` holds while an operation goes on: `STATUS_PENDING`.
pub const PENDING: usize = 0x103;

/// What stands in `InternalHigh` before an operation, to see whether it was written.
pub const UNTOUCHED: usize = 0xdead_beef;

/// How the end of an operation is to be told, beside a completion port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// By the socket itself: no event.
    Handle,
    /// By this event; the low bit is passed on.
    Event(HANDLE),
    /// By a routine, whose calls [`routine_calls`] lists; `hEvent` is this value.
    Routine(HANDLE),
}

/// An operation and what it borrows.
#[derive(Debug)]
pub struct Operation {
    parts: *mut Parts,
    /// What the call that began it returned: the count that it stored, or its error.
    pub returned: Result<u32, Errno>,
}

#[derive(Debug)]
struct Parts {
    block: OVERLAPPED,
    buffers: Vec<Vec<u8>>,
    from: [u8; 128],
    from_len: i32,
    flags: u32,
    count: u32,
}

// SAFETY: the parts are the operation's alone, or the system's until it has ended; nothing in them is a thread's.
unsafe impl Send for Operation {}

impl Drop for Operation {
    fn drop(&mut self) {
        // What goes on keeps its memory: a test that failed leaks it.
        if self.internal() != PENDING
            || self
                .returned_error()
                .is_some_and(|error| error != Errno::IO_PENDING)
        {
            // SAFETY: made by `new` from a box; it has ended, so nobody else has it.
            drop(unsafe { Box::from_raw(self.parts) });
        }
    }
}

/// What a call is made with that begins an operation. The places live until it has ended, the descriptors for the call.
pub(crate) struct CallWith {
    pub(crate) block: *mut OVERLAPPED,
    pub(crate) buffers: Vec<WSABUF>,
    pub(crate) count: *mut u32,
    pub(crate) routine: RawCallback,
}

impl Operation {
    fn new(tell: Tell, buffers: Vec<Vec<u8>>) -> Self {
        let event = match tell {
            Tell::Handle => 0,
            Tell::Event(event) | Tell::Routine(event) => event,
        };
        let parts = Box::new(Parts {
            block: OVERLAPPED {
                InternalHigh: UNTOUCHED,
                hEvent: event,
                ..OVERLAPPED::EMPTY
            },
            buffers,
            from: [0xcc; 128],
            from_len: 128,
            flags: 0,
            count: u32::MAX,
        });
        Self {
            parts: Box::into_raw(parts),
            returned: Ok(0),
        }
    }

    /// `WSARecv` into buffers of these sizes.
    #[must_use]
    pub fn receive(s: &Socket, sizes: &[usize], flags: u32, tell: Tell) -> Self {
        Self::receive_as(s, sizes, flags, tell, false)
    }

    /// `WSARecvFrom` into buffers of these sizes.
    #[must_use]
    pub fn receive_from(s: &Socket, sizes: &[usize], tell: Tell) -> Self {
        Self::receive_as(s, sizes, 0, tell, true)
    }

    fn receive_as(s: &Socket, sizes: &[usize], flags: u32, tell: Tell, from: bool) -> Self {
        let buffers = sizes.iter().map(|size| vec![0; *size]).collect();
        let mut this = Self::new(tell, buffers);
        // P237, U188: the descriptors are gone when the call has returned.
        let array = this.descriptors();
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        parts.flags = flags;
        let (count, flags) = (&raw mut parts.count, &raw mut parts.flags);
        let (block, routine) = (&raw mut parts.block, routine::of(tell));
        let (start, len) = (array.as_ptr(), array.len() as u32);
        let (name, name_len) = ((&raw mut parts.from).cast(), &raw mut parts.from_len);
        let result = if from {
            // SAFETY: all of it lives until the operation has ended, the array for the call.
            unsafe {
                winsock::WSARecvFrom(
                    s.raw(),
                    start,
                    len,
                    count,
                    flags,
                    name,
                    name_len,
                    block,
                    routine,
                )
            }
        } else {
            // SAFETY: as above.
            unsafe { winsock::WSARecv(s.raw(), start, len, count, flags, block, routine) }
        };
        this.remember(result);
        this
    }

    /// `WSASend` of this data.
    #[must_use]
    pub fn send(s: &Socket, data: &[u8], tell: Tell) -> Self {
        let mut this = Self::new(tell, vec![data.to_vec()]);
        let array = this.descriptors();
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        let (count, block) = (&raw mut parts.count, &raw mut parts.block);
        // SAFETY: data and block live until the operation has ended, the array for the call.
        let result = unsafe {
            winsock::WSASend(
                s.raw(),
                array.as_ptr(),
                1,
                count,
                0,
                block,
                routine::of(tell),
            )
        };
        this.remember(result);
        this
    }

    /// `WSASendTo` of this data.
    #[must_use]
    pub fn send_to(s: &Socket, data: &[u8], to: SocketAddr, tell: Tell) -> Self {
        let mut this = Self::new(tell, vec![data.to_vec()]);
        let array = this.descriptors();
        let to = Address::from_ip(to);
        let (name, len) = (to.as_bytes().as_ptr().cast(), to.as_bytes().len() as i32);
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        let (count, block) = (&raw mut parts.count, &raw mut parts.block);
        // SAFETY: data and block live until the operation has ended, the array and the address for the call.
        let result = unsafe {
            winsock::WSASendTo(
                s.raw(),
                array.as_ptr(),
                1,
                count,
                0,
                name,
                len,
                block,
                routine::of(tell),
            )
        };
        this.remember(result);
        this
    }

    /// `ReadFile` of as many bytes.
    #[must_use]
    pub fn read_file(s: &Socket, size: usize, tell: Tell) -> Self {
        let mut this = Self::new(tell, vec![vec![0; size]]);
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        let (count, block) = (&raw mut parts.count, &raw mut parts.block);
        let room = parts.buffers[0].as_mut_ptr();
        // SAFETY: room and block live until the operation has ended.
        let done = unsafe { winsock::ReadFile(s.raw(), room, size as u32, count, block) };
        this.remember(if done == FALSE { SOCKET_ERROR } else { 0 });
        this
    }

    /// `WriteFile` of this data.
    #[must_use]
    pub fn write_file(s: &Socket, data: &[u8], tell: Tell) -> Self {
        let mut this = Self::new(tell, vec![data.to_vec()]);
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        let (count, block) = (&raw mut parts.count, &raw mut parts.block);
        let data = parts.buffers[0].as_ptr();
        // SAFETY: data and block live until the operation has ended.
        let done = unsafe {
            winsock::WriteFile(s.raw(), data, parts.buffers[0].len() as u32, count, block)
        };
        this.remember(if done == FALSE { SOCKET_ERROR } else { 0 });
        this
    }

    /// `WSAIoctl` with room for an answer.
    #[must_use]
    pub fn ioctl(s: &Socket, code: u32, input: &[u8], room: usize, tell: Tell) -> Self {
        let mut this = Self::new(tell, vec![input.to_vec(), vec![0; room]]);
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        let (count, block) = (&raw mut parts.count, &raw mut parts.block);
        let (given, given_len) = (parts.buffers[0].as_ptr(), input.len() as u32);
        let answer = parts.buffers[1].as_mut_ptr();
        // SAFETY: input, room and block live until the operation has ended.
        let result = unsafe {
            winsock::WSAIoctl(
                s.raw(),
                code,
                given.cast(),
                given_len,
                answer.cast(),
                room as u32,
                count,
                block,
                routine::of(tell),
            )
        };
        this.remember(result);
        this
    }

    /// An operation that `call` begins with the block and the first of these buffers, and answers as a BOOL.
    pub(crate) fn begin(
        tell: Tell,
        buffers: Vec<Vec<u8>>,
        call: impl FnOnce(*mut OVERLAPPED, *mut u8) -> BOOL,
    ) -> Self {
        Self::begin_with(tell, buffers, |with| {
            // SAFETY: the count of an operation that has not begun.
            unsafe { with.count.write(0) };
            let room = with.buffers.first();
            let done = call(with.block, room.map_or(null_mut(), |room| room.buf));
            if done == FALSE { SOCKET_ERROR } else { 0 }
        })
    }

    /// An operation that `call` begins, and answers as a Winsock function.
    pub(crate) fn begin_with(
        tell: Tell,
        buffers: Vec<Vec<u8>>,
        call: impl FnOnce(&CallWith) -> i32,
    ) -> Self {
        let mut this = Self::new(tell, buffers);
        let buffers = this.descriptors();
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *this.parts };
        let result = call(&CallWith {
            block: &raw mut parts.block,
            buffers,
            count: &raw mut parts.count,
            routine: routine::of(tell),
        });
        this.remember(result);
        this
    }

    fn descriptors(&self) -> Vec<WSABUF> {
        // SAFETY: made by `new`; the operation has not begun.
        let parts = unsafe { &mut *self.parts };
        let describe = |buffer: &mut Vec<u8>| WSABUF {
            len: buffer.len() as u32,
            buf: buffer.as_mut_ptr(),
        };
        parts.buffers.iter_mut().map(describe).collect()
    }

    fn remember(&mut self, result: i32) {
        let failed = checked(result).err();
        // SAFETY: the count was the call's alone.
        let count = unsafe { (*self.parts).count };
        self.returned = failed.map_or(Ok(count), Err);
    }

    fn returned_error(&self) -> Option<Errno> {
        self.returned.err()
    }

    /// Whether the call left it pending.
    #[must_use]
    pub fn pends(&self) -> bool {
        self.returned == Err(Errno::IO_PENDING)
    }

    /// The block's address, its identity.
    #[must_use]
    pub fn block(&self) -> usize {
        // SAFETY: made by `new`; only the address is taken.
        unsafe { (&raw mut (*self.parts).block).addr() }
    }

    fn raw(&self) -> *mut OVERLAPPED {
        // SAFETY: made by `new`; only the address is taken.
        unsafe { &raw mut (*self.parts).block }
    }

    /// `Internal` at this moment.
    #[must_use]
    pub fn internal(&self) -> usize {
        // SAFETY: made by `new`; only the address is taken.
        let field = unsafe { &raw mut (*self.raw()).Internal };
        // SAFETY: the field lives; while the operation goes on it is only accessed atomically.
        unsafe { AtomicUsize::from_ptr(field) }.load(Ordering::Acquire)
    }

    /// The status at this moment.
    #[must_use]
    pub fn status(&self) -> NtStatus {
        NtStatus::from_internal(self.internal())
    }

    /// `InternalHigh` at this moment.
    #[must_use]
    pub fn internal_high(&self) -> usize {
        // SAFETY: made by `new`; only the address is taken.
        let field = unsafe { &raw mut (*self.raw()).InternalHigh };
        // SAFETY: the field lives; while the operation goes on it is only accessed atomically.
        unsafe { AtomicUsize::from_ptr(field) }.load(Ordering::Acquire)
    }

    /// Waits until it has ended, however it is told.
    ///
    /// # Panics
    /// When it does not end.
    pub fn until_ended(&self) {
        crate::wait::until("the operation to end", || self.internal() != PENDING);
    }

    /// `WSAGetOverlappedResult`: the count and the flags.
    ///
    /// # Errors
    /// The last error.
    pub fn result(&self, s: &Socket, wait: bool) -> Result<(u32, u32), Errno> {
        self.result_of(s.raw(), wait)
    }

    /// `WSAGetOverlappedResult` of what has ended, over these flags: its answer, the count and the flags afterwards.
    pub fn result_over(&self, s: &Socket, flags: u32) -> (Result<(), Errno>, u32, u32) {
        let (mut bytes, mut flags) = (u32::MAX, flags);
        let (count, place) = (&raw mut bytes, &raw mut flags);
        // SAFETY: the block lives as long as the operation; live locals.
        let done =
            unsafe { winsock::WSAGetOverlappedResult(s.raw(), self.raw(), count, FALSE, place) };
        let answer = if done == FALSE {
            Err(last_error())
        } else {
            Ok(())
        };
        (answer, bytes, flags)
    }

    fn result_of(&self, s: SOCKET, wait: bool) -> Result<(u32, u32), Errno> {
        let (mut bytes, mut flags) = (u32::MAX, 0);
        // SAFETY: the block lives as long as the operation; live locals.
        let done = unsafe {
            winsock::WSAGetOverlappedResult(
                s,
                self.raw(),
                &raw mut bytes,
                i32::from(wait),
                &raw mut flags,
            )
        };
        if done == FALSE {
            Err(last_error())
        } else {
            Ok((bytes, flags))
        }
    }

    /// `WSAGetOverlappedResult` with a handle of the socket that `DuplicateHandle` made.
    ///
    /// # Errors
    /// The last error.
    ///
    /// # Panics
    /// When the handle cannot be duplicated.
    pub fn result_through_copy(&self, s: &Socket) -> Result<(u32, u32), Errno> {
        let mut copy = 0;
        // SAFETY: no arguments.
        let process = unsafe { winsock::GetCurrentProcess() };
        // SAFETY: the place for the handle is a live local.
        let duplicated = unsafe {
            winsock::DuplicateHandle(
                process,
                s.raw(),
                process,
                &raw mut copy,
                0,
                FALSE,
                DUPLICATE_SAME_ACCESS,
            )
        };
        assert_ne!(duplicated, FALSE, "a socket's handle can be duplicated");
        let result = self.result_of(copy, false);
        // SAFETY: no pointers.
        unsafe { winsock::CloseHandle(copy) };
        result
    }

    /// The buffer with that number.
    ///
    /// # Panics
    /// While the operation goes on.
    #[must_use]
    pub fn data(&self, at: usize) -> &[u8] {
        assert_ne!(self.internal(), PENDING, "the buffers are the system's");
        // SAFETY: made by `new`; it has ended, so nobody writes.
        unsafe { &(&(*self.parts).buffers)[at] }
    }

    /// Who sent what was received.
    ///
    /// # Panics
    /// While the operation goes on.
    #[must_use]
    pub fn sender(&self) -> Option<SocketAddr> {
        assert_ne!(self.internal(), PENDING, "the address is the system's");
        // SAFETY: made by `new`; it has ended, so nobody writes.
        let parts = unsafe { &*self.parts };
        let len = usize::try_from(parts.from_len).ok()?;
        Address::from_bytes(&parts.from[..len]).to_ip()
    }

    /// `CancelIoEx` of this operation.
    ///
    /// # Errors
    /// The last error.
    pub fn cancel(&self, s: &Socket) -> Result<(), Errno> {
        // SAFETY: the block lives as long as the operation.
        told(unsafe { winsock::CancelIoEx(s.raw(), self.raw()) })
    }
}

/// `CancelIoEx` of all operations.
///
/// # Errors
/// The last error.
pub fn cancel_all(s: &Socket) -> Result<(), Errno> {
    // SAFETY: no block: all of them.
    told(unsafe { winsock::CancelIoEx(s.raw(), null_mut()) })
}

/// `CancelIo`.
///
/// # Errors
/// The last error.
pub fn cancel_own(s: &Socket) -> Result<(), Errno> {
    // SAFETY: no pointers.
    told(unsafe { winsock::CancelIo(s.raw()) })
}

fn told(done: BOOL) -> Result<(), Errno> {
    if done == FALSE {
        Err(last_error())
    } else {
        Ok(())
    }
}

/// A socket without `WSA_FLAG_OVERLAPPED`, or with it.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn socket_with(family: i32, kind: i32, flags: u32) -> Socket {
    // SAFETY: no protocol info.
    let s = unsafe { winsock::WSASocketW(family, kind, 0, null_mut(), 0, flags) };
    crate::socket::checked_socket(s).expect("a socket")
}
