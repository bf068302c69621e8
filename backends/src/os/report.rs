//! Reports: the ICMP errors that datagrams of a socket caused.
//!
//! The kernel latches the error of a report in the socket, and the next call of any kind fails with
//! it; Windows tells it to receives only, once per report. [`Reports`] remembers that a call other
//! than a receive took the latch; the reports themselves wait in the kernel (Linux: the error queue,
//! which also knows their kind) or are nothing but the latch (BSDs). Used by `socket.rs`.

use std::ffi::c_int;
use std::os::fd::BorrowedFd;
use std::sync::atomic::AtomicI32;
use std::sync::atomic::Ordering;

use super::errno::SystemError;
use super::sys;
use crate::net::Report;

/// Whether reports of one socket may wait without the kernel's latch.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// The errno that was latched, or 0. Relaxed throughout: it passes nothing but itself, the
    /// reports are in the kernel.
    taken: AtomicI32,
}

impl Reports {
    /// Notes that a call failed with `error`; whether it can be a report's, so that the call is to be
    /// made again.
    pub(super) fn note(&self, error: SystemError) -> bool {
        let possible = REPORTED.contains(&error.number());
        // A refusal is what the BSDs tell apart by the number alone: nothing else replaces it.
        if possible && self.taken.load(Ordering::Relaxed) != libc::ECONNREFUSED {
            self.taken.store(error.number(), Ordering::Relaxed);
        }
        possible
    }

    /// Whether [`Reports::note`] was told of one since the last [`Reports::take`].
    pub(super) fn noted(&self) -> bool {
        self.taken.load(Ordering::Relaxed) != 0
    }

    /// Takes the oldest report, past those of kinds that Windows does not tell.
    pub(super) fn take(&self, fd: BorrowedFd<'_>) -> Option<Report> {
        sys::take_report(fd, SystemError::new(self.taken.swap(0, Ordering::Relaxed)))
    }
}

/// What the kernels make of ICMP errors.
const REPORTED: &[c_int] = &[
    libc::ECONNREFUSED,
    libc::EHOSTUNREACH,
    libc::ENETUNREACH,
    libc::EHOSTDOWN,
    libc::ENOPROTOOPT,
    libc::EOPNOTSUPP,
    libc::EPROTO,
    libc::EACCES,
    libc::EMSGSIZE,
];
