//! The errors of system calls, and their translation: one table from errno to [`Errno`].
//!
//! The table is what holds without knowing the call or the state of the socket. A call that means
//! something else by a number says so where it is made (see `socket.rs`, `transfer.rs`); the state of
//! a Windows socket is `base`'s business. [`syscall!`] is how every system call here is made.

use std::ffi::c_int;
use std::io;

use ws2spi_abi::Errno;

/// The errno of a system call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SystemError(c_int);

impl SystemError {
    /// An error with a given number.
    pub(super) const fn new(number: c_int) -> Self {
        Self(number)
    }

    /// The error of the last call of this thread.
    pub(super) fn last() -> Self {
        Self(io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    /// The number.
    pub(super) const fn number(self) -> c_int {
        self.0
    }
}

impl From<SystemError> for Errno {
    fn from(error: SystemError) -> Self {
        // The answer of most calls that fail, and so not looked up.
        if error.0 == libc::EAGAIN {
            return Self::WOULDBLOCK;
        }
        TABLE
            .iter()
            .find(|(number, _)| *number == error.0)
            .map_or(Self::INVAL, |(_, errno)| *errno)
    }
}

/// What a failing system call returns.
pub(super) trait Outcome: Copy {
    /// Whether the call failed and errno says why.
    fn failed(self) -> bool;
}

impl Outcome for c_int {
    fn failed(self) -> bool {
        self == -1
    }
}

impl Outcome for libc::ssize_t {
    fn failed(self) -> bool {
        self == -1
    }
}

/// Turns the return value of a call into a result. To be called before anything else is.
pub(super) fn check<T: Outcome>(value: T) -> Result<T, SystemError> {
    if value.failed() {
        Err(SystemError::last())
    } else {
        Ok(value)
    }
}

/// Repeats a call that a signal interrupted before it did anything.
pub(super) fn retry<T>(mut call: impl FnMut() -> Result<T, SystemError>) -> Result<T, SystemError> {
    loop {
        match call() {
            Err(SystemError(libc::EINTR)) => {}
            other => return other,
        }
    }
}

/// `syscall!(bind(fd, name, length))` calls `libc::bind` and gives its value or the [`SystemError`].
/// Stands in an `unsafe` block of its caller, whose comment says why the call is sound.
macro_rules! syscall {
    ($name:ident($($argument:expr),* $(,)?)) => {
        $crate::os::errno::check(libc::$name($($argument),*))
    };
}

pub(super) use syscall;

/// What is not here is `INVAL`. EINTR never gets here: see [`retry`].
const TABLE: &[(c_int, Errno)] = &[
    (libc::EPERM, Errno::ACCES),
    (libc::EACCES, Errno::ACCES),
    (libc::EROFS, Errno::ACCES),
    (libc::EFAULT, Errno::FAULT),
    (libc::EINVAL, Errno::INVAL),
    (libc::ENFILE, Errno::MFILE),
    (libc::EMFILE, Errno::MFILE),
    (libc::EAGAIN, Errno::WOULDBLOCK),
    (libc::EINPROGRESS, Errno::WOULDBLOCK),
    (libc::EALREADY, Errno::ALREADY),
    (libc::ENOTSOCK, Errno::NOTSOCK),
    (libc::EBADF, Errno::NOTSOCK),
    (libc::EDESTADDRREQ, Errno::DESTADDRREQ),
    (libc::EMSGSIZE, Errno::MSGSIZE),
    (libc::EPROTOTYPE, Errno::PROTONOSUPPORT),
    (libc::ENOPROTOOPT, Errno::NOPROTOOPT),
    (libc::EPROTONOSUPPORT, Errno::PROTONOSUPPORT),
    (libc::ESOCKTNOSUPPORT, Errno::SOCKTNOSUPPORT),
    (libc::EOPNOTSUPP, Errno::OPNOTSUPP),
    // One number with the row before on Linux, two on the BSDs.
    (libc::ENOTSUP, Errno::OPNOTSUPP),
    (libc::EPFNOSUPPORT, Errno::AFNOSUPPORT),
    (libc::EAFNOSUPPORT, Errno::AFNOSUPPORT),
    (libc::EADDRINUSE, Errno::ADDRINUSE),
    (libc::EADDRNOTAVAIL, Errno::ADDRNOTAVAIL),
    (libc::ENODEV, Errno::ADDRNOTAVAIL),
    (libc::ENXIO, Errno::ADDRNOTAVAIL),
    (libc::ENETDOWN, Errno::NETDOWN),
    (libc::ENETUNREACH, Errno::NETUNREACH),
    (libc::ENETRESET, Errno::NETRESET),
    (libc::ECONNABORTED, Errno::CONNABORTED),
    (libc::ECONNRESET, Errno::CONNRESET),
    // The caller knows whether its socket was shut down, never connected, or reset.
    (libc::EPIPE, Errno::SHUTDOWN),
    (libc::ENOBUFS, Errno::NOBUFS),
    (libc::ENOMEM, Errno::NOBUFS),
    (libc::EISCONN, Errno::ISCONN),
    (libc::ENOTCONN, Errno::NOTCONN),
    (libc::ESHUTDOWN, Errno::SHUTDOWN),
    (libc::ETIMEDOUT, Errno::TIMEDOUT),
    (libc::ECONNREFUSED, Errno::CONNREFUSED),
    (libc::ENAMETOOLONG, Errno::NAMETOOLONG),
    (libc::EHOSTDOWN, Errno::HOSTDOWN),
    (libc::EHOSTUNREACH, Errno::HOSTUNREACH),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// One test per row of the table: the name, the system's number, the Windows code.
    macro_rules! rows {
        ($($name:ident $number:ident $code:literal;)*) => {
            $(
                // base-provider.md 2.2
                #[test]
                fn $name() {
                    assert_eq!(Errno::from(SystemError::new(libc::$number)).code(), $code);
                }
            )*

            // base-provider.md 2.2: the tests above leave no row out.
            #[test]
            fn every_row_of_the_table_has_a_test() {
                let tested = [$(libc::$number),*];
                assert!(TABLE.iter().all(|(number, _)| tested.contains(number)));
            }
        };
    }

    rows! {
        eperm_is_wsaeacces EPERM 10013;
        eacces_is_wsaeacces EACCES 10013;
        erofs_is_wsaeacces EROFS 10013;
        efault_is_wsaefault EFAULT 10014;
        einval_is_wsaeinval EINVAL 10022;
        enfile_is_wsaemfile ENFILE 10024;
        emfile_is_wsaemfile EMFILE 10024;
        eagain_is_wsaewouldblock EAGAIN 10035;
        ewouldblock_is_wsaewouldblock EWOULDBLOCK 10035;
        einprogress_is_wsaewouldblock EINPROGRESS 10035;
        ealready_is_wsaealready EALREADY 10037;
        enotsock_is_wsaenotsock ENOTSOCK 10038;
        ebadf_is_wsaenotsock EBADF 10038;
        edestaddrreq_is_wsaedestaddrreq EDESTADDRREQ 10039;
        emsgsize_is_wsaemsgsize EMSGSIZE 10040;
        eprototype_is_wsaeprotonosupport EPROTOTYPE 10043;
        enoprotoopt_is_wsaenoprotoopt ENOPROTOOPT 10042;
        eprotonosupport_is_wsaeprotonosupport EPROTONOSUPPORT 10043;
        esocktnosupport_is_wsaesocktnosupport ESOCKTNOSUPPORT 10044;
        eopnotsupp_is_wsaeopnotsupp EOPNOTSUPP 10045;
        enotsup_is_wsaeopnotsupp ENOTSUP 10045;
        epfnosupport_is_wsaeafnosupport EPFNOSUPPORT 10047;
        eafnosupport_is_wsaeafnosupport EAFNOSUPPORT 10047;
        eaddrinuse_is_wsaeaddrinuse EADDRINUSE 10048;
        eaddrnotavail_is_wsaeaddrnotavail EADDRNOTAVAIL 10049;
        enodev_is_wsaeaddrnotavail ENODEV 10049;
        enxio_is_wsaeaddrnotavail ENXIO 10049;
        enetdown_is_wsaenetdown ENETDOWN 10050;
        enetunreach_is_wsaenetunreach ENETUNREACH 10051;
        enetreset_is_wsaenetreset ENETRESET 10052;
        econnaborted_is_wsaeconnaborted ECONNABORTED 10053;
        econnreset_is_wsaeconnreset ECONNRESET 10054;
        epipe_is_wsaeshutdown EPIPE 10058;
        enobufs_is_wsaenobufs ENOBUFS 10055;
        enomem_is_wsaenobufs ENOMEM 10055;
        eisconn_is_wsaeisconn EISCONN 10056;
        enotconn_is_wsaenotconn ENOTCONN 10057;
        eshutdown_is_wsaeshutdown ESHUTDOWN 10058;
        etimedout_is_wsaetimedout ETIMEDOUT 10060;
        econnrefused_is_wsaeconnrefused ECONNREFUSED 10061;
        enametoolong_is_wsaenametoolong ENAMETOOLONG 10063;
        ehostdown_is_wsaehostdown EHOSTDOWN 10064;
        ehostunreach_is_wsaehostunreach EHOSTUNREACH 10065;
    }

    // base-provider.md 2.2, "anything else"
    #[test]
    fn an_unknown_errno_is_wsaeinval() {
        assert_eq!(Errno::from(SystemError::new(libc::EDOM)).code(), 10022);
    }

    // base-provider.md 2.2: EINTR is retried and never surfaces.
    #[test]
    fn an_interrupted_call_is_repeated() {
        let mut calls = 0;
        let result = retry(|| {
            calls += 1;
            if calls < 3 {
                Err(SystemError::new(libc::EINTR))
            } else {
                Ok(calls)
            }
        });
        assert_eq!(result, Ok(3));
    }
}
