//! Data transfer: buffers, OVERLAPPED, messages with control data, thread identities, QOS, and
//! the arguments of TransmitFile and TransmitPackets.
//!
//! Buffer arrays may be freed as soon as a call has returned; the memory they point to, the
//! OVERLAPPED and a WSAMSG must live until the operation has completed.

use core::ffi::c_void;
use core::fmt;

use super::HANDLE;
use super::PSTR;
use super::SOCKADDR;
use super::plain::Plain;
use super::plain::plain_structs;

/// The name that winsock2.h gives to [`OVERLAPPED`].
pub type WSAOVERLAPPED = OVERLAPPED;
/// The name that winsock2.h gives to [`CMSGHDR`].
pub type WSACMSGHDR = CMSGHDR;

plain_structs! {
    /// One piece of a scattered buffer. 16 bytes. The caller owns `buf`.
    /// Microsoft: ws2def.h, WSABUF structure.
    #[doc(alias = "LPWSABUF")]
    pub struct WSABUF {
        /// Length of the piece in bytes.
        pub len: u32,
        /// Where it is.
        pub buf: PSTR,
    }

    /// State of an asynchronous operation. 32 bytes. The caller owns it and leaves it alone until
    /// the operation has completed. Microsoft: minwinbase.h, OVERLAPPED structure.
    #[doc(alias = "WSAOVERLAPPED")]
    #[doc(alias = "LPWSAOVERLAPPED")]
    pub struct OVERLAPPED {
        /// Status, an NTSTATUS; 0x103 while the operation is pending. Written last.
        pub Internal: usize,
        /// Bytes transferred.
        pub InternalHigh: usize,
        /// File offset, low half; for non-IFS providers the flags of the result.
        pub Offset: u32,
        /// File offset, high half; for non-IFS providers the error of the result.
        pub OffsetHigh: u32,
        /// Event to signal, or 0. With its low bit set no completion packet is queued.
        pub hEvent: HANDLE,
    }

    /// A thread to which APCs can be queued. 16 bytes. Valid during the call it is passed to; a
    /// copy stays usable. Microsoft: ws2spi.h, WSATHREADID structure.
    #[doc(alias = "LPWSATHREADID")]
    pub struct WSATHREADID {
        /// Handle of the thread.
        pub ThreadHandle: HANDLE,
        /// The client DLL's own.
        pub Reserved: usize,
    }

    /// A message with its address and control data. 56 bytes. The caller owns all it points to.
    /// Microsoft: ws2def.h, WSAMSG structure.
    #[doc(alias = "LPWSAMSG")]
    pub struct WSAMSG {
        /// Peer's address, or NULL.
        pub name: *mut SOCKADDR,
        /// Size of the address in bytes.
        pub namelen: i32,
        /// Array of buffers.
        pub lpBuffers: *mut WSABUF,
        /// How many buffers.
        pub dwBufferCount: u32,
        /// Control messages, each behind a [`CMSGHDR`].
        pub Control: WSABUF,
        /// `MSG_*` flags; on receipt MSG_TRUNC, MSG_CTRUNC, MSG_BCAST, MSG_MCAST.
        pub dwFlags: u32,
    }

    /// Head of a control message; its data follow, aligned as a pointer. 16 bytes.
    /// Microsoft: ws2def.h, WSACMSGHDR structure.
    #[doc(alias = "WSACMSGHDR")]
    #[doc(alias = "cmsghdr")]
    pub struct CMSGHDR {
        /// Bytes from the start of the head to the end of the data.
        pub cmsg_len: usize,
        /// Protocol level: `IPPROTO_*`.
        pub cmsg_level: i32,
        /// Type within the level, an option number.
        pub cmsg_type: i32,
    }

    /// Traffic of one direction. 32 bytes. Microsoft: qos.h, FLOWSPEC structure.
    pub struct FLOWSPEC {
        /// Bytes per second, averaged.
        pub TokenRate: u32,
        /// Bytes that may be sent in a burst.
        pub TokenBucketSize: u32,
        /// Bytes per second, at most.
        pub PeakBandwidth: u32,
        /// Delay bound in microseconds.
        pub Latency: u32,
        /// Allowed variation of the delay in microseconds.
        pub DelayVariation: u32,
        /// Level of service asked for.
        pub ServiceType: u32,
        /// Largest packet in bytes.
        pub MaxSduSize: u32,
        /// Smallest size a packet is counted as.
        pub MinimumPolicedSize: u32,
    }

    /// Quality of service of a connection. 80 bytes. Microsoft: winsock2.h, QOS structure.
    #[doc(alias = "LPQOS")]
    pub struct QOS {
        /// Traffic that is sent.
        pub SendingFlowspec: FLOWSPEC,
        /// Traffic that is received.
        pub ReceivingFlowspec: FLOWSPEC,
        /// The provider's own data.
        pub ProviderSpecific: WSABUF,
    }

    /// Data that TransmitFile sends before and after the file. 32 bytes. The caller owns both.
    /// Microsoft: mswsock.h, TRANSMIT_FILE_BUFFERS structure.
    pub struct TRANSMIT_FILE_BUFFERS {
        /// Data before the file.
        pub Head: *mut c_void,
        /// Bytes at `Head`.
        pub HeadLength: u32,
        /// Data after the file.
        pub Tail: *mut c_void,
        /// Bytes at `Tail`.
        pub TailLength: u32,
    }

    /// A part of a file. 16 bytes. Microsoft: mswsock.h, TRANSMIT_PACKETS_ELEMENT structure.
    pub struct TRANSMIT_PACKETS_ELEMENT_0_0 {
        /// Where the part begins; -1 for the current position.
        pub nFileOffset: i64,
        /// Handle of the file.
        pub hFile: HANDLE,
    }
}

/// Where an element of TransmitPackets comes from. 16 bytes; `dwElFlags` says which member holds.
#[repr(C)]
#[derive(Clone, Copy)]
pub union TRANSMIT_PACKETS_ELEMENT_0 {
    /// With TP_ELEMENT_FILE.
    pub Anonymous: TRANSMIT_PACKETS_ELEMENT_0_0,
    /// With TP_ELEMENT_MEMORY.
    pub pBuffer: *mut c_void,
}

/// One element of TransmitPackets. 24 bytes. The caller owns what it names.
/// Microsoft: mswsock.h, TRANSMIT_PACKETS_ELEMENT structure.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TRANSMIT_PACKETS_ELEMENT {
    /// `TP_ELEMENT_*`.
    pub dwElFlags: u32,
    /// Bytes to send; 0 for a whole file.
    pub cLength: u32,
    /// The memory or the file.
    pub Anonymous: TRANSMIT_PACKETS_ELEMENT_0,
}

impl TRANSMIT_PACKETS_ELEMENT {
    /// The value whose bytes are all zero.
    pub const EMPTY: Self = Self {
        dwElFlags: 0,
        cLength: 0,
        Anonymous: TRANSMIT_PACKETS_ELEMENT_0 {
            Anonymous: <TRANSMIT_PACKETS_ELEMENT_0_0 as Plain>::EMPTY,
        },
    };
}

impl Default for TRANSMIT_PACKETS_ELEMENT {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Debug for TRANSMIT_PACKETS_ELEMENT {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TRANSMIT_PACKETS_ELEMENT")
            .field("dwElFlags", &self.dwElFlags)
            .field("cLength", &self.cLength)
            .finish_non_exhaustive()
    }
}
