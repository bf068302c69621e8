//! `NtStatus`: the status values that stand in `OVERLAPPED.Internal`, and what they become.
//!
//! An operation completes with a status; WSPGetOverlappedResult reports it as a Winsock code,
//! GetQueuedCompletionStatus and GetOverlappedResult as a Win32 code. Base-provider reference,
//! section 2.3. A status is written once, as a row of the table below.

use core::fmt;

use crate::errno::Errno;

/// A kernel status. Values below 0x80000000 are successes, 0x103 is "not completed yet".
///
/// Any number can be carried; those that are not in the table count as an invalid parameter.
/// Microsoft: "NTSTATUS Values", ntstatus.h.
#[doc(alias = "NTSTATUS")]
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct NtStatus(pub u32);

impl NtStatus {
    /// Whether the operation has ended well: neither pending, nor a warning, nor an error.
    #[doc(alias = "NT_SUCCESS")]
    pub const fn is_success(self) -> bool {
        self.0 < 0x8000_0000 && !self.is_pending()
    }

    /// Whether the operation has not completed yet.
    pub const fn is_pending(self) -> bool {
        self.0 == Self::PENDING.0
    }

    /// The status in an `OVERLAPPED.Internal`; only its low 32 bits count.
    pub const fn from_internal(internal: usize) -> Self {
        Self(internal as u32)
    }

    /// What is stored in `OVERLAPPED.Internal`.
    pub const fn to_internal(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name}({:#x})", self.0),
            None => write!(f, "NtStatus({:#x})", self.0),
        }
    }
}

impl fmt::Display for NtStatus {
    /// `STATUS_CANCELLED (0xc0000120)`, or `status 0xc000ffff`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({:#x})", self.0),
            None => write!(f, "status {:#x}", self.0),
        }
    }
}

/// Makes of rows `SHORT = C_NAME value, winsock, win32;` the constants of `NtStatus`, its names,
/// and both mappings.
macro_rules! statuses {
    ($(
        $short:ident = $name:literal $value:literal, $winsock:ident, $win32:ident;
    )+) => {
        impl NtStatus {
            $(
                #[doc = concat!(
                    $name, " (", $value, "): for Winsock ", stringify!($winsock),
                    ", for Win32 ", stringify!($win32), ".",
                )]
                #[doc(alias = $name)]
                pub const $short: Self = Self($value);
            )+

            /// Every known status that is no success, in the order of the table.
            pub const ALL: &[Self] = &[ $( Self::$short, )+ ];

            /// The Winsock code that WSPGetOverlappedResult reports; `None` for success.
            #[doc(alias = "WSPGetOverlappedResult")]
            pub const fn winsock(self) -> Option<Errno> {
                match self.0 {
                    $( $value => Some(Errno::$winsock), )+
                    _ if self.is_success() => None,
                    _ => Some(Errno::INVAL),
                }
            }

            /// The Win32 code that GetQueuedCompletionStatus reports; `None` for success.
            #[doc(alias = "RtlNtStatusToDosError")]
            #[doc(alias = "GetQueuedCompletionStatus")]
            pub const fn win32(self) -> Option<Errno> {
                match self.0 {
                    $( $value => Some(Errno::$win32), )+
                    _ if self.is_success() => None,
                    _ => Some(Errno::INVALID_PARAMETER),
                }
            }

            /// The name in the C headers; `None` for a status that is not known.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    0 => Some("STATUS_SUCCESS"),
                    $( $value => Some($name), )+
                    _ => None,
                }
            }
        }
    };
}

impl NtStatus {
    /// STATUS_SUCCESS (0): no error.
    #[doc(alias = "STATUS_SUCCESS")]
    pub const SUCCESS: Self = Self(0);
}

statuses! {
    PENDING = "STATUS_PENDING" 0x103, IO_INCOMPLETE, IO_INCOMPLETE;
    BUFFER_OVERFLOW = "STATUS_BUFFER_OVERFLOW" 0x8000_0005, MSGSIZE, MORE_DATA;
    INVALID_BUFFER_SIZE = "STATUS_INVALID_BUFFER_SIZE" 0xC000_0206, MSGSIZE, INVALID_USER_BUFFER;
    BUFFER_TOO_SMALL = "STATUS_BUFFER_TOO_SMALL" 0xC000_0023, FAULT, INSUFFICIENT_BUFFER;
    ACCESS_VIOLATION = "STATUS_ACCESS_VIOLATION" 0xC000_0005, FAULT, NOACCESS;
    DATATYPE_MISALIGNMENT = "STATUS_DATATYPE_MISALIGNMENT" 0x8000_0002, FAULT, NOACCESS;
    INVALID_HANDLE = "STATUS_INVALID_HANDLE" 0xC000_0008, NOTSOCK, INVALID_HANDLE;
    OBJECT_TYPE_MISMATCH = "STATUS_OBJECT_TYPE_MISMATCH" 0xC000_0024, NOTSOCK, INVALID_HANDLE;
    ACCESS_DENIED = "STATUS_ACCESS_DENIED" 0xC000_0022, ACCES, ACCESS_DENIED;
    SHARING_VIOLATION = "STATUS_SHARING_VIOLATION" 0xC000_0043, ADDRINUSE, SHARING_VIOLATION;
    ADDRESS_ALREADY_EXISTS = "STATUS_ADDRESS_ALREADY_EXISTS" 0xC000_020A, ADDRINUSE, ADDRESS_ALREADY_ASSOCIATED;
    INSUFFICIENT_RESOURCES = "STATUS_INSUFFICIENT_RESOURCES" 0xC000_009A, NOBUFS, NO_SYSTEM_RESOURCES;
    NO_MEMORY = "STATUS_NO_MEMORY" 0xC000_0017, NOBUFS, NOT_ENOUGH_MEMORY;
    QUOTA_EXCEEDED = "STATUS_QUOTA_EXCEEDED" 0xC000_0044, NOBUFS, NOT_ENOUGH_QUOTA;
    PAGEFILE_QUOTA = "STATUS_PAGEFILE_QUOTA" 0xC000_0007, NOBUFS, PAGEFILE_QUOTA;
    WORKING_SET_QUOTA = "STATUS_WORKING_SET_QUOTA" 0xC000_00A1, NOBUFS, WORKING_SET_QUOTA;
    COMMITMENT_LIMIT = "STATUS_COMMITMENT_LIMIT" 0xC000_012D, NOBUFS, COMMITMENT_LIMIT;
    DEVICE_NOT_READY = "STATUS_DEVICE_NOT_READY" 0xC000_00A3, WOULDBLOCK, NOT_READY;
    REQUEST_NOT_ACCEPTED = "STATUS_REQUEST_NOT_ACCEPTED" 0xC000_00D0, WOULDBLOCK, REQ_NOT_ACCEP;
    PIPE_DISCONNECTED = "STATUS_PIPE_DISCONNECTED" 0xC000_00B0, SHUTDOWN, PIPE_NOT_CONNECTED;
    IO_TIMEOUT = "STATUS_IO_TIMEOUT" 0xC000_00B5, TIMEDOUT, SEM_TIMEOUT;
    CONNECTION_REFUSED = "STATUS_CONNECTION_REFUSED" 0xC000_0236, CONNREFUSED, CONNECTION_REFUSED;
    REMOTE_NOT_LISTENING = "STATUS_REMOTE_NOT_LISTENING" 0xC000_00BC, CONNREFUSED, CONNECTION_REFUSED;
    NETWORK_UNREACHABLE = "STATUS_NETWORK_UNREACHABLE" 0xC000_023C, NETUNREACH, NETWORK_UNREACHABLE;
    HOST_UNREACHABLE = "STATUS_HOST_UNREACHABLE" 0xC000_023D, HOSTUNREACH, HOST_UNREACHABLE;
    CANCELLED = "STATUS_CANCELLED" 0xC000_0120, OPERATION_ABORTED, OPERATION_ABORTED;
    CONNECTION_ABORTED = "STATUS_CONNECTION_ABORTED" 0xC000_0241, CONNABORTED, CONNECTION_ABORTED;
    LOCAL_DISCONNECT = "STATUS_LOCAL_DISCONNECT" 0xC000_013B, CONNABORTED, NETNAME_DELETED;
    CONNECTION_RESET = "STATUS_CONNECTION_RESET" 0xC000_020D, CONNRESET, NETNAME_DELETED;
    REMOTE_DISCONNECT = "STATUS_REMOTE_DISCONNECT" 0xC000_013C, CONNRESET, NETNAME_DELETED;
    CONNECTION_DISCONNECTED = "STATUS_CONNECTION_DISCONNECTED" 0xC000_020C, CONNRESET, NETNAME_DELETED;
    PORT_UNREACHABLE = "STATUS_PORT_UNREACHABLE" 0xC000_023F, CONNRESET, PORT_UNREACHABLE;
    INVALID_CONNECTION = "STATUS_INVALID_CONNECTION" 0xC000_0140, NOTCONN, UNEXP_NET_ERR;
    INVALID_ADDRESS = "STATUS_INVALID_ADDRESS" 0xC000_0141, ADDRNOTAVAIL, UNEXP_NET_ERR;
    GRACEFUL_DISCONNECT = "STATUS_GRACEFUL_DISCONNECT" 0xC000_0237, DISCON, GRACEFUL_DISCONNECT;
    CONNECTION_ACTIVE = "STATUS_CONNECTION_ACTIVE" 0xC000_023B, ISCONN, CONNECTION_ACTIVE;
    NOT_IMPLEMENTED = "STATUS_NOT_IMPLEMENTED" 0xC000_0002, OPNOTSUPP, INVALID_FUNCTION;
    NOT_SUPPORTED = "STATUS_NOT_SUPPORTED" 0xC000_00BB, OPNOTSUPP, NOT_SUPPORTED;
    INVALID_PARAMETER = "STATUS_INVALID_PARAMETER" 0xC000_000D, INVAL, INVALID_PARAMETER;
}
