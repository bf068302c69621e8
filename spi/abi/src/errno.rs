//! `Errno`: the error codes of Winsock and of the Win32 functions beside it, with name and text.
//!
//! Every call path of this project returns `Result<_, Errno>`; the number goes to `*lpErrno` or
//! the thread's last error at the edge. A code is written once, as a row of the table below.

use core::fmt;
use core::num::NonZeroI32;

/// An error code: what a provider stores in `*lpErrno`, or WSAGetLastError returns. Never 0.
///
/// Any number can be carried, since a foreign provider may report any; the known ones have a
/// [`name`](Self::name) and a [`text`](Self::text).
/// Microsoft: "Windows Sockets Error Codes", "System Error Codes".
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Errno(NonZeroI32);

impl Errno {
    /// The error of that number; `None` for 0, which is success.
    pub const fn new(code: i32) -> Option<Self> {
        match NonZeroI32::new(code) {
            Some(code) => Some(Self(code)),
            None => None,
        }
    }

    /// The number.
    pub const fn code(self) -> i32 {
        self.0.get()
    }
}

impl fmt::Display for Errno {
    /// `WSAEFAULT (10014): a pointer is bad or a buffer is too small`, or `error 4711`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({}): {}", self.code(), self.text()),
            None => write!(f, "error {}", self.code()),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name}({})", self.code()),
            None => write!(f, "Errno({})", self.code()),
        }
    }
}

impl core::error::Error for Errno {}

/// Makes of rows `SHORT = C_NAME number, "text";` the constants of `Errno`, its names and texts,
/// and the C constants in `codes`.
macro_rules! errnos {
    ($( $short:ident = $name:ident $code:literal, $text:literal; )+) => {
        impl Errno {
            $(
                #[doc = concat!("[`", stringify!($name), "`](crate::", stringify!($name), ") (", $code, "): ", $text, ".")]
                pub const $short: Self = match Self::new($code) {
                    Some(errno) => errno,
                    None => panic!("0 is no error code"),
                };
            )+

            /// Every known code, in the order of the table.
            pub const ALL: &[Self] = &[ $( Self::$short, )+ ];

            /// The name in the C headers; `None` for a code that is not known.
            pub const fn name(self) -> Option<&'static str> {
                match self.code() {
                    $( $code => Some(stringify!($name)), )+
                    _ => None,
                }
            }

            /// What has gone wrong, in one phrase without a full stop.
            pub const fn text(self) -> &'static str {
                match self.code() {
                    $( $code => $text, )+
                    _ => "not a code of Winsock",
                }
            }
        }

        /// The codes as numbers, under their C names.
        pub(crate) mod codes {
            $(
                #[doc = concat!($text, ": [`Errno::", stringify!($short), "`](crate::Errno::", stringify!($short), ").")]
                pub const $name: i32 = $code;
            )+
        }
    };
}

errnos! {
    // Win32 codes that Winsock has names for.
    INVALID_HANDLE = WSA_INVALID_HANDLE 6, "the handle is not valid";
    NOT_ENOUGH_MEMORY = WSA_NOT_ENOUGH_MEMORY 8, "out of memory";
    INVALID_PARAMETER = WSA_INVALID_PARAMETER 87, "a parameter is not valid";
    OPERATION_ABORTED = WSA_OPERATION_ABORTED 995, "the operation was cancelled";
    IO_INCOMPLETE = WSA_IO_INCOMPLETE 996, "the operation has not completed yet";
    IO_PENDING = WSA_IO_PENDING 997, "the operation has begun and will complete later";

    // Berkeley codes.
    INTR = WSAEINTR 10004, "a blocking call was cancelled";
    BADF = WSAEBADF 10009, "the file handle is not valid";
    ACCES = WSAEACCES 10013, "permission denied";
    FAULT = WSAEFAULT 10014, "a pointer is bad or a buffer is too small";
    INVAL = WSAEINVAL 10022, "an argument is not valid, or not in this state of the socket";
    MFILE = WSAEMFILE 10024, "too many open sockets";
    WOULDBLOCK = WSAEWOULDBLOCK 10035, "the call would have to wait and the socket is non-blocking";
    INPROGRESS = WSAEINPROGRESS 10036, "a blocking call is in progress";
    ALREADY = WSAEALREADY 10037, "the operation is already in progress";
    NOTSOCK = WSAENOTSOCK 10038, "the handle is not a socket";
    DESTADDRREQ = WSAEDESTADDRREQ 10039, "a destination address is needed";
    MSGSIZE = WSAEMSGSIZE 10040, "the message does not fit";
    PROTOTYPE = WSAEPROTOTYPE 10041, "the protocol does not suit the socket type";
    NOPROTOOPT = WSAENOPROTOOPT 10042, "the option is unknown or not supported";
    PROTONOSUPPORT = WSAEPROTONOSUPPORT 10043, "the protocol is not supported";
    SOCKTNOSUPPORT = WSAESOCKTNOSUPPORT 10044, "the socket type is not supported";
    OPNOTSUPP = WSAEOPNOTSUPP 10045, "the operation is not supported";
    PFNOSUPPORT = WSAEPFNOSUPPORT 10046, "the protocol family is not supported";
    AFNOSUPPORT = WSAEAFNOSUPPORT 10047, "the address family is not supported";
    ADDRINUSE = WSAEADDRINUSE 10048, "the address is in use";
    ADDRNOTAVAIL = WSAEADDRNOTAVAIL 10049, "the address is not one of this host, or cannot be reached as such";
    NETDOWN = WSAENETDOWN 10050, "the network is down";
    NETUNREACH = WSAENETUNREACH 10051, "the network cannot be reached";
    NETRESET = WSAENETRESET 10052, "keep-alive or time to live ended the connection";
    CONNABORTED = WSAECONNABORTED 10053, "the connection was aborted on this host";
    CONNRESET = WSAECONNRESET 10054, "the peer reset the connection";
    NOBUFS = WSAENOBUFS 10055, "no buffer space";
    ISCONN = WSAEISCONN 10056, "the socket is connected already";
    NOTCONN = WSAENOTCONN 10057, "the socket is not connected";
    SHUTDOWN = WSAESHUTDOWN 10058, "this direction of the socket was shut down";
    TOOMANYREFS = WSAETOOMANYREFS 10059, "too many references";
    TIMEDOUT = WSAETIMEDOUT 10060, "the time is over";
    CONNREFUSED = WSAECONNREFUSED 10061, "the peer refused the connection";
    LOOP = WSAELOOP 10062, "the name refers to itself";
    NAMETOOLONG = WSAENAMETOOLONG 10063, "the name is too long";
    HOSTDOWN = WSAEHOSTDOWN 10064, "the host is down";
    HOSTUNREACH = WSAEHOSTUNREACH 10065, "there is no route to the host";
    NOTEMPTY = WSAENOTEMPTY 10066, "the directory is not empty";
    PROCLIM = WSAEPROCLIM 10067, "too many processes use the provider";
    USERS = WSAEUSERS 10068, "too many users";
    DQUOT = WSAEDQUOT 10069, "the quota is used up";
    STALE = WSAESTALE 10070, "the file handle is stale";
    REMOTE = WSAEREMOTE 10071, "the object is remote";

    // Winsock's own.
    SYSNOTREADY = WSASYSNOTREADY 10091, "the network subsystem is not ready";
    VERNOTSUPPORTED = WSAVERNOTSUPPORTED 10092, "the version is not supported";
    NOTINITIALISED = WSANOTINITIALISED 10093, "WSAStartup has not been called, or all was cleaned up";
    DISCON = WSAEDISCON 10101, "the peer has begun a graceful shutdown";
    NOMORE = WSAENOMORE 10102, "there are no more results";
    CANCELLED = WSAECANCELLED 10103, "the look-up was cancelled";
    INVALIDPROCTABLE = WSAEINVALIDPROCTABLE 10104, "the provider left entries of its table empty";
    INVALIDPROVIDER = WSAEINVALIDPROVIDER 10105, "the provider is of another version, or unknown";
    PROVIDERFAILEDINIT = WSAEPROVIDERFAILEDINIT 10106, "the provider could not be loaded or started";
    SYSCALLFAILURE = WSASYSCALLFAILURE 10107, "a call that should never fail has failed";
    SERVICE_NOT_FOUND = WSASERVICE_NOT_FOUND 10108, "the service is not known";
    TYPE_NOT_FOUND = WSATYPE_NOT_FOUND 10109, "the class is not known";
    E_NO_MORE = WSA_E_NO_MORE 10110, "there are no more results";
    E_CANCELLED = WSA_E_CANCELLED 10111, "the look-up was cancelled";
    REFUSED = WSAEREFUSED 10112, "the query was refused";
    HOST_NOT_FOUND = WSAHOST_NOT_FOUND 11001, "the host is not known";
    TRY_AGAIN = WSATRY_AGAIN 11002, "it failed for now; it may work later";
    NO_RECOVERY = WSANO_RECOVERY 11003, "it failed for good";
    NO_DATA = WSANO_DATA 11004, "the name is known and has no data of this kind";

    // Quality of service.
    QOS_RECEIVERS = WSA_QOS_RECEIVERS 11005, "at least one receiver has reserved";
    QOS_SENDERS = WSA_QOS_SENDERS 11006, "at least one sender has announced itself";
    QOS_NO_SENDERS = WSA_QOS_NO_SENDERS 11007, "there are no senders";
    QOS_NO_RECEIVERS = WSA_QOS_NO_RECEIVERS 11008, "there are no receivers";
    QOS_REQUEST_CONFIRMED = WSA_QOS_REQUEST_CONFIRMED 11009, "the reservation is confirmed";
    QOS_ADMISSION_FAILURE = WSA_QOS_ADMISSION_FAILURE 11010, "resources are missing";
    QOS_POLICY_FAILURE = WSA_QOS_POLICY_FAILURE 11011, "refused for administrative reasons";
    QOS_BAD_STYLE = WSA_QOS_BAD_STYLE 11012, "the style is unknown or in conflict";
    QOS_BAD_OBJECT = WSA_QOS_BAD_OBJECT 11013, "the filter or the provider's data are bad";
    QOS_TRAFFIC_CTRL_ERROR = WSA_QOS_TRAFFIC_CTRL_ERROR 11014, "the flow specification is bad";
    QOS_GENERIC_ERROR = WSA_QOS_GENERIC_ERROR 11015, "quality of service failed";
    QOS_ESERVICETYPE = WSA_QOS_ESERVICETYPE 11016, "the service type is bad";
    QOS_EFLOWSPEC = WSA_QOS_EFLOWSPEC 11017, "the flow specification is not valid";
    QOS_EPROVSPECBUF = WSA_QOS_EPROVSPECBUF 11018, "the provider's data are not valid";
    QOS_EFILTERSTYLE = WSA_QOS_EFILTERSTYLE 11019, "the filter style is not valid";
    QOS_EFILTERTYPE = WSA_QOS_EFILTERTYPE 11020, "the filter type is not valid";
    QOS_EFILTERCOUNT = WSA_QOS_EFILTERCOUNT 11021, "the number of filters is wrong";
    QOS_EOBJLENGTH = WSA_QOS_EOBJLENGTH 11022, "the length of an object is wrong";
    QOS_EFLOWCOUNT = WSA_QOS_EFLOWCOUNT 11023, "the number of flows is wrong";
    QOS_EUNKOWNPSOBJ = WSA_QOS_EUNKOWNPSOBJ 11024, "an object of the provider's data is unknown";
    QOS_EPOLICYOBJ = WSA_QOS_EPOLICYOBJ 11025, "the policy object is not valid";
    QOS_EFLOWDESC = WSA_QOS_EFLOWDESC 11026, "the flow descriptor is not valid";
    QOS_EPSFLOWSPEC = WSA_QOS_EPSFLOWSPEC 11027, "the provider's flow specification is not valid";
    QOS_EPSFILTERSPEC = WSA_QOS_EPSFILTERSPEC 11028, "the provider's filter is not valid";
    QOS_ESDMODEOBJ = WSA_QOS_ESDMODEOBJ 11029, "the discard mode object is not valid";
    QOS_ESHAPERATEOBJ = WSA_QOS_ESHAPERATEOBJ 11030, "the shaping rate object is not valid";
    QOS_RESERVED_PETYPE = WSA_QOS_RESERVED_PETYPE 11031, "a reserved element is in the policy";
    SECURE_HOST_NOT_FOUND = WSA_SECURE_HOST_NOT_FOUND 11032, "the host is not known securely";
    IPSEC_NAME_POLICY_ERROR = WSA_IPSEC_NAME_POLICY_ERROR 11033, "the name violates the policy";

    // Win32 codes that kernel functions, completion ports and installation report.
    INVALID_FUNCTION = ERROR_INVALID_FUNCTION 1, "the function is not valid";
    FILE_NOT_FOUND = ERROR_FILE_NOT_FOUND 2, "the file does not exist";
    PATH_NOT_FOUND = ERROR_PATH_NOT_FOUND 3, "the folder does not exist";
    TOO_MANY_OPEN_FILES = ERROR_TOO_MANY_OPEN_FILES 4, "too many open files";
    ACCESS_DENIED = ERROR_ACCESS_DENIED 5, "access denied";
    WRITE_PROTECT = ERROR_WRITE_PROTECT 19, "the disk must not be written";
    NOT_READY = ERROR_NOT_READY 21, "the device is not ready";
    GEN_FAILURE = ERROR_GEN_FAILURE 31, "a device has failed";
    SHARING_VIOLATION = ERROR_SHARING_VIOLATION 32, "somebody else is using it";
    HANDLE_EOF = ERROR_HANDLE_EOF 38, "the end of the file is reached";
    NOT_SUPPORTED = ERROR_NOT_SUPPORTED 50, "the request is not supported";
    REM_NOT_LIST = ERROR_REM_NOT_LIST 51, "the remote host does not listen";
    DUP_NAME = ERROR_DUP_NAME 52, "the name exists already on the network";
    BAD_NETPATH = ERROR_BAD_NETPATH 53, "the network path does not exist";
    NETWORK_BUSY = ERROR_NETWORK_BUSY 54, "the network is busy";
    DEV_NOT_EXIST = ERROR_DEV_NOT_EXIST 55, "the network resource is gone";
    BAD_NET_RESP = ERROR_BAD_NET_RESP 58, "the network gave an answer that makes no sense";
    UNEXP_NET_ERR = ERROR_UNEXP_NET_ERR 59, "an unexpected network error";
    NETNAME_DELETED = ERROR_NETNAME_DELETED 64, "the connection is gone";
    TOO_MANY_NAMES = ERROR_TOO_MANY_NAMES 68, "too many network names";
    REQ_NOT_ACCEP = ERROR_REQ_NOT_ACCEP 71, "no more connections are possible for now";
    FILE_EXISTS = ERROR_FILE_EXISTS 80, "the file exists already";
    BROKEN_PIPE = ERROR_BROKEN_PIPE 109, "the pipe has ended";
    DISK_FULL = ERROR_DISK_FULL 112, "the disk is full";
    CALL_NOT_IMPLEMENTED = ERROR_CALL_NOT_IMPLEMENTED 120, "the function does not exist on this system";
    SEM_TIMEOUT = ERROR_SEM_TIMEOUT 121, "the time to wait is over";
    INSUFFICIENT_BUFFER = ERROR_INSUFFICIENT_BUFFER 122, "the buffer is too small";
    INVALID_NAME = ERROR_INVALID_NAME 123, "the name is not valid";
    MOD_NOT_FOUND = ERROR_MOD_NOT_FOUND 126, "the module does not exist";
    PROC_NOT_FOUND = ERROR_PROC_NOT_FOUND 127, "the module has no such function";
    NEGATIVE_SEEK = ERROR_NEGATIVE_SEEK 131, "a position before the beginning of the file";
    ALREADY_EXISTS = ERROR_ALREADY_EXISTS 183, "it exists already";
    BAD_EXE_FORMAT = ERROR_BAD_EXE_FORMAT 193, "the module is not one for this system";
    ENVVAR_NOT_FOUND = ERROR_ENVVAR_NOT_FOUND 203, "the environment variable does not exist";
    FILENAME_EXCED_RANGE = ERROR_FILENAME_EXCED_RANGE 206, "the name is too long";
    PIPE_NOT_CONNECTED = ERROR_PIPE_NOT_CONNECTED 233, "there is nobody at the other end";
    MORE_DATA = ERROR_MORE_DATA 234, "there is more than fits";
    NO_MORE_ITEMS = ERROR_NO_MORE_ITEMS 259, "there are no more items";
    NOT_OWNER = ERROR_NOT_OWNER 288, "the thread does not own the mutex";
    TOO_MANY_POSTS = ERROR_TOO_MANY_POSTS 298, "the semaphore would exceed its maximum";
    MR_MID_NOT_FOUND = ERROR_MR_MID_NOT_FOUND 317, "a status without a code of its own";
    INVALID_ADDRESS = ERROR_INVALID_ADDRESS 487, "the address is not valid";
    ABANDONED_WAIT_0 = ERROR_ABANDONED_WAIT_0 735, "the completion port was closed during the wait";
    NOACCESS = ERROR_NOACCESS 998, "the memory is not accessible";
    INVALID_FLAGS = ERROR_INVALID_FLAGS 1004, "the flags are not valid";
    FILE_INVALID = ERROR_FILE_INVALID 1006, "the file is empty";
    DLL_INIT_FAILED = ERROR_DLL_INIT_FAILED 1114, "the module could not be started";
    MAPPED_ALIGNMENT = ERROR_MAPPED_ALIGNMENT 1132, "the address or offset is not a multiple of 65536";
    NOT_FOUND = ERROR_NOT_FOUND 1168, "there is no such element";
    INVALID_NETNAME = ERROR_INVALID_NETNAME 1214, "the network name is not valid";
    USER_MAPPED_FILE = ERROR_USER_MAPPED_FILE 1224, "the file is mapped";
    CONNECTION_REFUSED = ERROR_CONNECTION_REFUSED 1225, "the remote host refused the connection";
    GRACEFUL_DISCONNECT = ERROR_GRACEFUL_DISCONNECT 1226, "the connection was closed gracefully";
    ADDRESS_ALREADY_ASSOCIATED = ERROR_ADDRESS_ALREADY_ASSOCIATED 1227, "the endpoint has an address already";
    ADDRESS_NOT_ASSOCIATED = ERROR_ADDRESS_NOT_ASSOCIATED 1228, "the endpoint has no address yet";
    CONNECTION_INVALID = ERROR_CONNECTION_INVALID 1229, "there is no such connection";
    CONNECTION_ACTIVE = ERROR_CONNECTION_ACTIVE 1230, "the connection is active";
    NETWORK_UNREACHABLE = ERROR_NETWORK_UNREACHABLE 1231, "the network cannot be reached";
    HOST_UNREACHABLE = ERROR_HOST_UNREACHABLE 1232, "the host cannot be reached";
    PROTOCOL_UNREACHABLE = ERROR_PROTOCOL_UNREACHABLE 1233, "the protocol cannot be reached";
    PORT_UNREACHABLE = ERROR_PORT_UNREACHABLE 1234, "nobody listens at the port";
    REQUEST_ABORTED = ERROR_REQUEST_ABORTED 1235, "the request was aborted";
    CONNECTION_ABORTED = ERROR_CONNECTION_ABORTED 1236, "the connection was aborted on this host";
    RETRY = ERROR_RETRY 1237, "it should be tried again";
    HOST_DOWN = ERROR_HOST_DOWN 1256, "the remote host is down";
    PRIVILEGE_NOT_HELD = ERROR_PRIVILEGE_NOT_HELD 1314, "a privilege is missing";
    INVALID_WINDOW_HANDLE = ERROR_INVALID_WINDOW_HANDLE 1400, "the window does not exist";
    CANNOT_FIND_WND_CLASS = ERROR_CANNOT_FIND_WND_CLASS 1407, "the window class does not exist";
    WINDOW_OF_OTHER_THREAD = ERROR_WINDOW_OF_OTHER_THREAD 1408, "the window belongs to another thread";
    CLASS_ALREADY_EXISTS = ERROR_CLASS_ALREADY_EXISTS 1410, "the window class exists already";
    CLASS_DOES_NOT_EXIST = ERROR_CLASS_DOES_NOT_EXIST 1411, "the window class does not exist";
    CLASS_HAS_WINDOWS = ERROR_CLASS_HAS_WINDOWS 1412, "the window class has windows";
    INVALID_THREAD_ID = ERROR_INVALID_THREAD_ID 1444, "the thread does not exist or has no queue";
    NO_SYSTEM_RESOURCES = ERROR_NO_SYSTEM_RESOURCES 1450, "the system lacks resources";
    WORKING_SET_QUOTA = ERROR_WORKING_SET_QUOTA 1453, "the quota of working memory is used up";
    PAGEFILE_QUOTA = ERROR_PAGEFILE_QUOTA 1454, "the quota of memory is used up";
    COMMITMENT_LIMIT = ERROR_COMMITMENT_LIMIT 1455, "the system's memory is used up";
    TIMEOUT = ERROR_TIMEOUT 1460, "the time is over";
    INVALID_USER_BUFFER = ERROR_INVALID_USER_BUFFER 1784, "the buffer is not valid for the operation";
    NOT_ENOUGH_QUOTA = ERROR_NOT_ENOUGH_QUOTA 1816, "the quota is used up";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_gives_name_number_and_text() {
        let text = Errno::FAULT.to_string();
        assert_eq!(
            text,
            "WSAEFAULT (10014): a pointer is bad or a buffer is too small"
        );
        assert_eq!(format!("{:?}", Errno::FAULT), "WSAEFAULT(10014)");
    }

    #[test]
    fn an_unknown_code_is_carried_without_a_name() {
        let errno = Errno::new(4711).unwrap();
        assert_eq!((errno.code(), errno.name()), (4711, None));
        assert_eq!(errno.to_string(), "error 4711");
    }

    #[test]
    fn zero_is_no_error() {
        assert_eq!(Errno::new(0), None);
        assert_eq!(size_of::<Option<Errno>>(), size_of::<i32>());
    }
}
