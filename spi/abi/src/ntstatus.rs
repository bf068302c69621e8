//! `NtStatus`: the status values that stand in `OVERLAPPED.Internal`, and what they become.
//!
//! An operation completes with a status; WSPGetOverlappedResult reports it as a Winsock code,
//! GetQueuedCompletionStatus and GetOverlappedResult as a Win32 code. Base-provider reference,
//! section 2.3. A status is written once, as a row of the table below.

use core::fmt;

use crate::errno::Errno;

/// A kernel status. Values below 0x80000000 are successes, 0x103 is "not completed yet".
///
/// Any number can be carried. A failure that is not in the table is WSAEINVAL and
/// ERROR_MR_MID_NOT_FOUND, as on Windows.
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

    /// A failure that Winsock reports as `errno`: the first such status of the table, else one
    /// that carries the code (facility NTWIN32). Never pending, never success.
    /// For completions whose error is known as a code only: WPUCompleteOverlappedRequest.
    #[doc(alias = "NTSTATUS_FROM_WIN32")]
    pub const fn from_winsock(errno: Errno) -> Self {
        match Self::of_row(errno) {
            Some(status) => status,
            None => Self(Self::CARRIER | (errno.code() as u32 & 0xffff)),
        }
    }

    /// Error severity, facility NTWIN32: the low 16 bits are a Win32 or Winsock code.
    const CARRIER: u32 = 0xC007_0000;

    /// The code that the status carries, or `other` when it carries none.
    const fn carried_or(self, other: Errno) -> Errno {
        if self.0 & 0xffff_0000 != Self::CARRIER {
            return other;
        }
        match Errno::new((self.0 & 0xffff) as i32) {
            Some(errno) => errno,
            None => other,
        }
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
                    _ => Some(self.carried_or(Errno::INVAL)),
                }
            }

            /// The Win32 code that GetQueuedCompletionStatus reports; `None` for success.
            #[doc(alias = "RtlNtStatusToDosError")]
            #[doc(alias = "GetQueuedCompletionStatus")]
            pub const fn win32(self) -> Option<Errno> {
                match self.0 {
                    $( $value => Some(Errno::$win32), )+
                    _ if self.is_success() => None,
                    _ => Some(self.carried_or(Errno::MR_MID_NOT_FOUND)),
                }
            }

            /// The first status of the table that Winsock reports as `errno`.
            const fn of_row(errno: Errno) -> Option<Self> {
                $(
                    if errno.code() == Errno::$winsock.code() && !Self($value).is_pending() {
                        return Some(Self($value));
                    }
                )+
                None
            }

            /// The name in the C headers; `None` for a status that is not known.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    0 => Some("STATUS_SUCCESS"),
                    0x4000_0010 => Some("STATUS_RECEIVE_EXPEDITED"),
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

    /// STATUS_RECEIVE_EXPEDITED (0x40000010): a success; what was received were urgent data (MSG_OOB).
    #[doc(alias = "STATUS_RECEIVE_EXPEDITED")]
    pub const RECEIVE_EXPEDITED: Self = Self(0x4000_0010);
}

// DIFFERS: the Win32 column of ADDRESS_ALREADY_EXISTS and REMOTE_NOT_LISTENING follows the public
// table of RtlNtStatusToDosError (52, 51); the reference guessed 1227 and 1225.
statuses! {
    PENDING = "STATUS_PENDING" 0x103, IO_INCOMPLETE, IO_INCOMPLETE;
    BUFFER_OVERFLOW = "STATUS_BUFFER_OVERFLOW" 0x8000_0005, MSGSIZE, MORE_DATA;
    INVALID_BUFFER_SIZE = "STATUS_INVALID_BUFFER_SIZE" 0xC000_0206, MSGSIZE, INVALID_USER_BUFFER;
    ACCESS_VIOLATION = "STATUS_ACCESS_VIOLATION" 0xC000_0005, FAULT, NOACCESS;
    BUFFER_TOO_SMALL = "STATUS_BUFFER_TOO_SMALL" 0xC000_0023, FAULT, INSUFFICIENT_BUFFER;
    DATATYPE_MISALIGNMENT = "STATUS_DATATYPE_MISALIGNMENT" 0x8000_0002, FAULT, NOACCESS;
    DATATYPE_MISALIGNMENT_ERROR = "STATUS_DATATYPE_MISALIGNMENT_ERROR" 0xC000_02C5, FAULT, NOACCESS;
    INVALID_HANDLE = "STATUS_INVALID_HANDLE" 0xC000_0008, NOTSOCK, INVALID_HANDLE;
    OBJECT_TYPE_MISMATCH = "STATUS_OBJECT_TYPE_MISMATCH" 0xC000_0024, NOTSOCK, INVALID_HANDLE;
    ACCESS_DENIED = "STATUS_ACCESS_DENIED" 0xC000_0022, ACCES, ACCESS_DENIED;
    ADDRESS_ALREADY_EXISTS = "STATUS_ADDRESS_ALREADY_EXISTS" 0xC000_020A, ADDRINUSE, DUP_NAME;
    SHARING_VIOLATION = "STATUS_SHARING_VIOLATION" 0xC000_0043, ADDRINUSE, SHARING_VIOLATION;
    INSUFFICIENT_RESOURCES = "STATUS_INSUFFICIENT_RESOURCES" 0xC000_009A, NOBUFS, NO_SYSTEM_RESOURCES;
    NO_MEMORY = "STATUS_NO_MEMORY" 0xC000_0017, NOBUFS, NOT_ENOUGH_MEMORY;
    QUOTA_EXCEEDED = "STATUS_QUOTA_EXCEEDED" 0xC000_0044, NOBUFS, NOT_ENOUGH_QUOTA;
    PAGEFILE_QUOTA = "STATUS_PAGEFILE_QUOTA" 0xC000_0007, NOBUFS, PAGEFILE_QUOTA;
    WORKING_SET_QUOTA = "STATUS_WORKING_SET_QUOTA" 0xC000_00A1, NOBUFS, WORKING_SET_QUOTA;
    COMMITMENT_LIMIT = "STATUS_COMMITMENT_LIMIT" 0xC000_012D, NOBUFS, COMMITMENT_LIMIT;
    TOO_MANY_PAGING_FILES = "STATUS_TOO_MANY_PAGING_FILES" 0xC000_0097, NOBUFS, NOT_ENOUGH_MEMORY;
    CONFLICTING_ADDRESSES = "STATUS_CONFLICTING_ADDRESSES" 0xC000_0018, NOBUFS, INVALID_ADDRESS;
    REMOTE_RESOURCES = "STATUS_REMOTE_RESOURCES" 0xC000_013D, NOBUFS, REM_NOT_LIST;
    TOO_MANY_ADDRESSES = "STATUS_TOO_MANY_ADDRESSES" 0xC000_0209, NOBUFS, TOO_MANY_NAMES;
    DEVICE_NOT_READY = "STATUS_DEVICE_NOT_READY" 0xC000_00A3, WOULDBLOCK, NOT_READY;
    REQUEST_NOT_ACCEPTED = "STATUS_REQUEST_NOT_ACCEPTED" 0xC000_00D0, WOULDBLOCK, REQ_NOT_ACCEP;
    PIPE_DISCONNECTED = "STATUS_PIPE_DISCONNECTED" 0xC000_00B0, SHUTDOWN, PIPE_NOT_CONNECTED;
    IO_TIMEOUT = "STATUS_IO_TIMEOUT" 0xC000_00B5, TIMEDOUT, SEM_TIMEOUT;
    LINK_TIMEOUT = "STATUS_LINK_TIMEOUT" 0xC000_013F, TIMEDOUT, UNEXP_NET_ERR;
    CONNECTION_REFUSED = "STATUS_CONNECTION_REFUSED" 0xC000_0236, CONNREFUSED, CONNECTION_REFUSED;
    REMOTE_NOT_LISTENING = "STATUS_REMOTE_NOT_LISTENING" 0xC000_00BC, CONNREFUSED, REM_NOT_LIST;
    NETWORK_UNREACHABLE = "STATUS_NETWORK_UNREACHABLE" 0xC000_023C, NETUNREACH, NETWORK_UNREACHABLE;
    PROTOCOL_UNREACHABLE = "STATUS_PROTOCOL_UNREACHABLE" 0xC000_023E, NETUNREACH, PROTOCOL_UNREACHABLE;
    BAD_NETWORK_PATH = "STATUS_BAD_NETWORK_PATH" 0xC000_00BE, NETUNREACH, BAD_NETPATH;
    HOST_UNREACHABLE = "STATUS_HOST_UNREACHABLE" 0xC000_023D, HOSTUNREACH, HOST_UNREACHABLE;
    HOST_DOWN = "STATUS_HOST_DOWN" 0xC000_0350, HOSTDOWN, HOST_DOWN;
    UNEXPECTED_NETWORK_ERROR = "STATUS_UNEXPECTED_NETWORK_ERROR" 0xC000_00C4, NETDOWN, UNEXP_NET_ERR;
    INVALID_NETWORK_RESPONSE = "STATUS_INVALID_NETWORK_RESPONSE" 0xC000_00C3, NETDOWN, BAD_NET_RESP;
    NETWORK_BUSY = "STATUS_NETWORK_BUSY" 0xC000_00BF, NETDOWN, NETWORK_BUSY;
    NO_SUCH_DEVICE = "STATUS_NO_SUCH_DEVICE" 0xC000_000E, NETDOWN, FILE_NOT_FOUND;
    NO_SUCH_FILE = "STATUS_NO_SUCH_FILE" 0xC000_000F, NETDOWN, FILE_NOT_FOUND;
    OBJECT_NAME_NOT_FOUND = "STATUS_OBJECT_NAME_NOT_FOUND" 0xC000_0034, NETDOWN, FILE_NOT_FOUND;
    OBJECT_PATH_NOT_FOUND = "STATUS_OBJECT_PATH_NOT_FOUND" 0xC000_003A, NETDOWN, PATH_NOT_FOUND;
    CANCELLED = "STATUS_CANCELLED" 0xC000_0120, OPERATION_ABORTED, OPERATION_ABORTED;
    REQUEST_ABORTED = "STATUS_REQUEST_ABORTED" 0xC000_0240, INTR, REQUEST_ABORTED;
    CONNECTION_ABORTED = "STATUS_CONNECTION_ABORTED" 0xC000_0241, CONNABORTED, CONNECTION_ABORTED;
    LOCAL_DISCONNECT = "STATUS_LOCAL_DISCONNECT" 0xC000_013B, CONNABORTED, NETNAME_DELETED;
    TRANSACTION_ABORTED = "STATUS_TRANSACTION_ABORTED" 0xC000_020F, CONNABORTED, UNEXP_NET_ERR;
    CONNECTION_RESET = "STATUS_CONNECTION_RESET" 0xC000_020D, CONNRESET, NETNAME_DELETED;
    REMOTE_DISCONNECT = "STATUS_REMOTE_DISCONNECT" 0xC000_013C, CONNRESET, NETNAME_DELETED;
    CONNECTION_DISCONNECTED = "STATUS_CONNECTION_DISCONNECTED" 0xC000_020C, CONNRESET, NETNAME_DELETED;
    PORT_UNREACHABLE = "STATUS_PORT_UNREACHABLE" 0xC000_023F, CONNRESET, PORT_UNREACHABLE;
    LINK_FAILED = "STATUS_LINK_FAILED" 0xC000_013E, CONNRESET, UNEXP_NET_ERR;
    INVALID_CONNECTION = "STATUS_INVALID_CONNECTION" 0xC000_0140, NOTCONN, UNEXP_NET_ERR;
    INVALID_ADDRESS = "STATUS_INVALID_ADDRESS" 0xC000_0141, ADDRNOTAVAIL, UNEXP_NET_ERR;
    INVALID_ADDRESS_COMPONENT = "STATUS_INVALID_ADDRESS_COMPONENT" 0xC000_0207, ADDRNOTAVAIL, INVALID_NETNAME;
    GRACEFUL_DISCONNECT = "STATUS_GRACEFUL_DISCONNECT" 0xC000_0237, DISCON, GRACEFUL_DISCONNECT;
    CONNECTION_ACTIVE = "STATUS_CONNECTION_ACTIVE" 0xC000_023B, ISCONN, CONNECTION_ACTIVE;
    NOT_SUPPORTED = "STATUS_NOT_SUPPORTED" 0xC000_00BB, OPNOTSUPP, NOT_SUPPORTED;
    NOT_IMPLEMENTED = "STATUS_NOT_IMPLEMENTED" 0xC000_0002, OPNOTSUPP, INVALID_FUNCTION;
    INVALID_PARAMETER = "STATUS_INVALID_PARAMETER" 0xC000_000D, INVAL, INVALID_PARAMETER;
    INVALID_DEVICE_REQUEST = "STATUS_INVALID_DEVICE_REQUEST" 0xC000_0010, INVAL, INVALID_FUNCTION;
    END_OF_FILE = "STATUS_END_OF_FILE" 0xC000_0011, INVAL, HANDLE_EOF;
    NOT_FOUND = "STATUS_NOT_FOUND" 0xC000_0225, INVAL, NOT_FOUND;
}

#[cfg(test)]
mod tests {
    use super::*;

    // base-provider 2.3: 0 is success, 0x103 is IO_INCOMPLETE, other failures are WSAEINVAL.
    #[test]
    fn success_has_no_code_and_pending_is_incomplete() {
        assert_eq!(NtStatus::SUCCESS.winsock(), None);
        assert_eq!(NtStatus::SUCCESS.win32(), None);
        assert_eq!(NtStatus(0x4000_000f).winsock(), None);
        assert!(!NtStatus::PENDING.is_success());
        assert_eq!(NtStatus::PENDING.winsock(), Some(Errno::IO_INCOMPLETE));
        assert_eq!(NtStatus(0xC000_FFFF).winsock(), Some(Errno::INVAL));
        assert_eq!(NtStatus(0xC000_FFFF).win32(), Some(Errno::MR_MID_NOT_FOUND));
    }

    // P213, P219, P225, P227, P232, P233: the rows that Wine's tests verify on Windows.
    #[test]
    fn verified_rows_map_as_on_windows() {
        let rows = [
            (
                NtStatus::CONNECTION_RESET,
                Errno::CONNRESET,
                Errno::NETNAME_DELETED,
            ),
            (
                NtStatus::CONNECTION_REFUSED,
                Errno::CONNREFUSED,
                Errno::CONNECTION_REFUSED,
            ),
            (
                NtStatus::CONNECTION_ABORTED,
                Errno::CONNABORTED,
                Errno::CONNECTION_ABORTED,
            ),
            (
                NtStatus::CANCELLED,
                Errno::OPERATION_ABORTED,
                Errno::OPERATION_ABORTED,
            ),
            (NtStatus::BUFFER_OVERFLOW, Errno::MSGSIZE, Errno::MORE_DATA),
            (
                NtStatus::BUFFER_TOO_SMALL,
                Errno::FAULT,
                Errno::INSUFFICIENT_BUFFER,
            ),
            (
                NtStatus::NOT_SUPPORTED,
                Errno::OPNOTSUPP,
                Errno::NOT_SUPPORTED,
            ),
            (
                NtStatus::INVALID_CONNECTION,
                Errno::NOTCONN,
                Errno::UNEXP_NET_ERR,
            ),
        ];
        for (status, winsock, win32) in rows {
            assert_eq!(status.winsock(), Some(winsock), "{status}");
            assert_eq!(status.win32(), Some(win32), "{status}");
        }
    }

    // U191: a completed error is reported as that error, whatever the code.
    #[test]
    fn every_winsock_code_survives_the_way_through_a_status() {
        for &errno in Errno::ALL.iter().chain(&[Errno::new(4711).unwrap()]) {
            let status = NtStatus::from_winsock(errno);
            assert_eq!(status.winsock(), Some(errno), "{status:?}");
            assert!(!status.is_success() && !status.is_pending(), "{status:?}");
        }
    }

    #[test]
    fn internal_round_trips_and_ignores_high_bits() {
        let status = NtStatus::CONNECTION_RESET;
        assert_eq!(NtStatus::from_internal(status.to_internal()), status);
        assert_eq!(
            NtStatus::from_internal(0xffff_ffff_c000_020d_u64 as usize),
            status
        );
    }
}
