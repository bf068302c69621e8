//! The `OVERLAPPED` of a request, and the overlapped arguments of a call.

use super::callback::Callback;
use crate::ffi::Convention;
use crate::*;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `Internal` holds while a request is pending: `STATUS_PENDING`, also known as `WSS_OPERATION_IN_PROGRESS`.
const PENDING: usize = 0x103;

/// An application's `OVERLAPPED` block for the time of one request.
///
/// From the start of a request until [`finish`](Self::finish) the block belongs to the request; afterwards it is the application's
/// again and must not be touched. Waiters poll `Internal` from other threads: it is written last, with release ordering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overlapped(NonNull<OVERLAPPED>);

// SAFETY: the SPI lends the block to the request, whichever thread finishes it; all fields shared with waiters are atomics.
unsafe impl Send for Overlapped {}
// SAFETY: as for Send; methods that write are only called by the one party that finishes the request.
unsafe impl Sync for Overlapped {}

impl Overlapped {
    /// `None` for NULL, and for a block that is not aligned: others look at its words while it changes, as whole words.
    ///
    /// # Safety
    /// `block` is null or points to an `OVERLAPPED` that stays valid until the request is finished.
    #[must_use]
    pub unsafe fn new(block: *mut OVERLAPPED) -> Option<Self> {
        NonNull::new(block)
            .filter(|block| block.is_aligned())
            .map(Self)
    }

    /// The block's address: its identity in completion packets and in `CancelIoEx`.
    #[must_use]
    pub fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// The address of the field at `offset`; within the block.
    fn field<T>(&self, offset: usize) -> *mut T {
        self.0.as_ptr().wrapping_byte_add(offset).cast()
    }

    pub(super) fn internal(&self) -> &AtomicUsize {
        let field = self.field(offset_of!(OVERLAPPED, Internal));
        // SAFETY: `new`'s contract: the block is valid and aligned; the field is only accessed atomically from here on.
        unsafe { AtomicUsize::from_ptr(field) }
    }

    fn internal_high(&self) -> &AtomicUsize {
        let field = self.field(offset_of!(OVERLAPPED, InternalHigh));
        // SAFETY: as for `internal`.
        unsafe { AtomicUsize::from_ptr(field) }
    }

    /// The event to signal, the low bit masked off; 0 for none.
    #[must_use]
    pub fn event(&self) -> HANDLE {
        self.raw_event() & !1
    }

    /// Whether the low bit of `hEvent` asks to keep the packet off a completion port.
    #[must_use]
    pub fn suppresses_packet(&self) -> bool {
        self.raw_event() & 1 == 1
    }

    fn raw_event(&self) -> HANDLE {
        // SAFETY: `new`'s contract; the application leaves hEvent alone during a request.
        unsafe { self.field::<HANDLE>(offset_of!(OVERLAPPED, hEvent)).read() }
    }

    /// Marks the request as pending; `InternalHigh` is left alone (P205).
    pub fn begin(&self) {
        self.internal().store(PENDING, Ordering::Release);
    }

    /// Stores the byte count, then the status: after this the block is the application's.
    pub fn finish(&self, status: NtStatus, bytes: usize) {
        self.internal_high().store(bytes, Ordering::Relaxed);
        self.internal().store(status.0 as usize, Ordering::Release);
    }

    /// Whether the request is still pending.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.internal().load(Ordering::Acquire) == PENDING
    }

    /// The final status, or `STATUS_PENDING`.
    #[must_use]
    pub fn status(&self) -> NtStatus {
        NtStatus(self.internal().load(Ordering::Acquire) as u32)
    }

    /// The byte count; meaningful once the status is final.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.internal_high().load(Ordering::Relaxed)
    }

    /// `Offset` and `OffsetHigh`: a file position at the start; flags and error at the end, by providers' convention.
    #[must_use]
    pub fn offsets(&self) -> (u32, u32) {
        // SAFETY: `new`'s contract.
        let low = unsafe { self.field::<u32>(offset_of!(OVERLAPPED, Offset)).read() };
        // SAFETY: as above.
        let high = unsafe { self.field::<u32>(offset_of!(OVERLAPPED, OffsetHigh)).read() };
        (low, high)
    }

    /// Stores `Offset` and `OffsetHigh`. Before [`finish`](Self::finish) only.
    pub fn set_offsets(&self, low: u32, high: u32) {
        // SAFETY: `new`'s contract; the block still belongs to the request.
        unsafe { self.field::<u32>(offset_of!(OVERLAPPED, Offset)).write(low) };
        // SAFETY: as above.
        unsafe {
            self.field::<u32>(offset_of!(OVERLAPPED, OffsetHigh))
                .write(high)
        };
    }

    /// The raw argument, to pass it on.
    #[must_use]
    pub const fn raw(&self) -> *mut OVERLAPPED {
        self.0.as_ptr()
    }
}

/// `lpOverlapped, lpCompletionRoutine, lpThreadId` of a call.
#[derive(Clone, Copy, Debug)]
pub struct OverlappedArgs<'a> {
    block: *mut OVERLAPPED,
    routine: RawCallback,
    thread: *mut WSATHREADID,
    from: Convention,
    call: PhantomData<&'a ()>,
}

impl OverlappedArgs<'_> {
    /// # Safety
    /// `block` keeps the contract of [`Overlapped::new`]; `routine` is NULL or a completion routine of convention `from`;
    /// `thread` is null or points to a thread identity for the time of the call.
    #[must_use]
    pub const unsafe fn new(
        from: Convention,
        block: *mut OVERLAPPED,
        routine: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Self {
        Self {
            block,
            routine,
            thread,
            from,
            call: PhantomData,
        }
    }

    /// Whether an `OVERLAPPED` was given. Without one the call is an ordinary one and the routine is ignored.
    #[must_use]
    pub const fn is_overlapped(&self) -> bool {
        !self.block.is_null()
    }

    /// The request to keep until it is finished; the thread identity is copied, as it is only valid during the call (U196).
    #[must_use]
    pub fn request(&self) -> Option<OverlappedRequest> {
        // SAFETY: `new`'s contract.
        let overlapped = unsafe { Overlapped::new(self.block) }?;
        let thread = if self.thread.is_null() {
            None
        } else {
            // SAFETY: `new`'s contract: not null, so it points to a thread identity.
            Some(unsafe { self.thread.read_unaligned() })
        };
        // SAFETY: `new`'s contract: a completion routine of this convention.
        let routine = unsafe { Callback::new(self.from, self.routine) }.map(CompletionRoutine);
        Some(OverlappedRequest {
            overlapped,
            routine,
            thread,
        })
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*mut OVERLAPPED, RawCallback, *mut WSATHREADID) {
        (self.block, self.routine, self.thread)
    }
}

/// An overlapped request: what its completion needs.
#[derive(Clone, Copy, Debug)]
pub struct OverlappedRequest {
    /// The application's block.
    pub overlapped: Overlapped,
    /// The completion routine, if completion is by APC.
    pub routine: Option<CompletionRoutine>,
    /// The thread on which the routine runs; `None` when the caller gave none.
    pub thread: Option<WSATHREADID>,
}

/// The completion routine of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompletionRoutine(Callback);

impl CompletionRoutine {
    /// Calls it: on the thread that issued the request, in an alertable wait, after the request was finished, no lock held.
    /// `error` is a Winsock code, 0 for success.
    #[doc(alias = "LPWSAOVERLAPPED_COMPLETION_ROUTINE")]
    pub fn call(&self, error: u32, bytes: u32, overlapped: &Overlapped, flags: u32) {
        // SAFETY: `OverlappedArgs::new`'s contract: a completion routine, and nobody else makes these.
        unsafe { self.0.complete(error, bytes, overlapped.raw(), flags) };
    }
}
