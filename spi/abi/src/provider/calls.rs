//! The arguments of the data calls, and their answer.

use crate::args::*;
use crate::*;

/// What a data call did. An error proper is an `Err`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transfer {
    /// Finished: the count and the flags are stored where the caller wants them.
    Done {
        /// Bytes moved.
        bytes: u32,
        /// What `*lpFlags` becomes; 0 for calls without one.
        flags: u32,
    },
    /// A message was longer than the buffers: count and flags are stored, and the call fails with `WSAEMSGSIZE`.
    Truncated {
        /// Bytes stored.
        bytes: u32,
        /// What `*lpFlags` becomes, `MSG_PARTIAL` among it.
        flags: u32,
    },
    /// The request was kept and finishes later: `WSA_IO_PENDING`.
    Pending,
}

/// The arguments of `WSPRecv` and `WSPRecvFrom`.
#[derive(Clone, Copy, Debug)]
pub struct Receive<'a> {
    /// Where the data goes.
    pub buffers: BuffersMut<'a>,
    /// `lpNumberOfBytesRecvd`. The adapter stores it; look only whether it is there.
    pub count: Out<'a, u32>,
    /// `lpFlags`: read it; the adapter stores the result.
    pub flags: InOut<'a, u32>,
    /// The overlapped arguments.
    pub overlapped: OverlappedArgs<'a>,
}

/// The arguments of `WSPSend` and `WSPSendTo`.
#[derive(Clone, Copy, Debug)]
pub struct Transmit<'a> {
    /// The data.
    pub buffers: Buffers<'a>,
    /// `lpNumberOfBytesSent`. The adapter stores it; look only whether it is there.
    pub count: Out<'a, u32>,
    /// `dwFlags`.
    pub flags: u32,
    /// The overlapped arguments.
    pub overlapped: OverlappedArgs<'a>,
}

/// The arguments of `WSPIoctl`.
#[derive(Clone, Copy, Debug)]
pub struct Ioctl<'a> {
    /// `dwIoControlCode`.
    pub code: u32,
    /// The input buffer.
    pub input: OptionIn<'a>,
    /// The output buffer: where, and how many bytes there are.
    pub output: IoctlOut<'a>,
    /// `lpcbBytesReturned`. The adapter stores what [`Transfer`] says; store it yourself before an error that reports a size.
    pub returned: Out<'a, u32>,
    /// The overlapped arguments.
    pub overlapped: OverlappedArgs<'a>,
}

/// The output buffer of an ioctl.
#[derive(Clone, Copy, Debug)]
pub struct IoctlOut<'a> {
    buffer: Out<'a, u8>,
    len: u32,
}

impl<'a> IoctlOut<'a> {
    /// # Safety
    /// `buffer` is null or points to `len` writable bytes for `'a`.
    #[must_use]
    pub const unsafe fn new(buffer: *mut u8, len: u32) -> Self {
        Self {
            // SAFETY: the caller's contract covers the first byte.
            buffer: unsafe { Out::new(buffer) },
            len,
        }
    }

    /// Whether the pointer is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.buffer.is_null()
    }

    /// How many bytes there are, as the caller says.
    #[must_use]
    pub const fn capacity(&self) -> u32 {
        self.len
    }

    /// The address of the buffer: structures with pointers into themselves need it.
    #[must_use]
    pub fn address(&self) -> usize {
        self.buffer.raw() as usize
    }

    /// Stores the bytes.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL or they do not fit; nothing is written then.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Errno> {
        if self.is_null() || bytes.len() > self.len as usize {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: `len` bytes are writable, and the length was compared.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.buffer.raw(), bytes.len()) };
        Ok(())
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*mut u8, u32) {
        (self.buffer.raw(), self.len)
    }
}

/// The connect data and quality of service of `WSPConnect` and `WSPJoinLeaf`.
#[derive(Clone, Copy, Debug)]
pub struct ConnectExtras<'a> {
    caller: Buffers<'a>,
    callee: *mut WSABUF,
    sqos: *const QOS,
    gqos: *const QOS,
}

impl<'a> ConnectExtras<'a> {
    /// # Safety
    /// Each pointer is null or points to a structure of its type that is valid for `'a`, its buffer included.
    #[must_use]
    pub const unsafe fn new(
        caller: *const WSABUF,
        callee: *mut WSABUF,
        sqos: *const QOS,
        gqos: *const QOS,
    ) -> Self {
        let count = if caller.is_null() { 0 } else { 1 };
        Self {
            // SAFETY: the caller's contract: null, or one WSABUF.
            caller: unsafe { Buffers::new(caller, count) },
            callee,
            sqos,
            gqos,
        }
    }

    /// Whether user data is to be sent with the connection request.
    #[must_use]
    pub fn has_caller_data(&self) -> bool {
        self.caller.slices().any(|data| !data.is_empty())
    }

    /// The user data to send.
    #[must_use]
    pub const fn caller_data(&self) -> Buffers<'a> {
        self.caller
    }

    /// Whether quality of service is asked for.
    #[must_use]
    pub const fn has_qos(&self) -> bool {
        !self.sqos.is_null() || !self.gqos.is_null()
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*const WSABUF, *mut WSABUF, *const QOS, *const QOS) {
        (self.caller.raw().0, self.callee, self.sqos, self.gqos)
    }
}
