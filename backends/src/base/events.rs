//! Network events, overlapped results, quality of service: the entries that have little to do yet.
//!
//! WSPEventSelect and WSPAsyncSelect validate their arguments and answer `OPNOTSUPP`: a registration
//! needs the reactor, which this provider does not have yet. So no event is ever recorded.

use core::ffi::c_long;

use ws2spi_abi::Errno;
use ws2spi_abi::FD_ALL_EVENTS;
use ws2spi_abi::HWND;
use ws2spi_abi::MSG_PARTIAL;
use ws2spi_abi::NtStatus;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAEVENT;
use ws2spi_abi::WSANETWORKEVENTS;
use ws2spi_abi::args::Out;
use ws2spi_abi::args::Overlapped;
use ws2spi_kernel::file;

use super::socket::Socket;
use super::stack::Stack;
use crate::net::Interest;
use crate::net::Readiness;

impl Socket {
    /// WSPEventSelect.
    ///
    /// # Errors
    /// `INVAL` for unknown events, or for events without an event object (P240); then `OPNOTSUPP`.
    pub(super) fn event_select(&self, event: WSAEVENT, mask: c_long) -> Result<(), Errno> {
        check_mask(mask)?;
        if mask != 0 && event == 0 {
            return Err(Errno::INVAL);
        }
        Err(Errno::OPNOTSUPP)
    }

    /// WSPAsyncSelect.
    ///
    /// # Errors
    /// `INVAL` for unknown events or no window; then `OPNOTSUPP`.
    pub(super) fn async_select(&self, window: HWND, mask: c_long) -> Result<(), Errno> {
        check_mask(mask)?;
        if window == 0 {
            return Err(Errno::INVAL);
        }
        Err(Errno::OPNOTSUPP)
    }

    /// What the worker heard of the socket is looked through for network events: see `worker`. What is
    /// to be heard of next. None are recorded yet.
    pub(super) fn observe(&self, _ready: Readiness) -> Interest {
        Interest::NONE
    }

    /// WSPEnumNetworkEvents: nothing was recorded; the event is reset if one is given.
    ///
    /// # Errors
    /// `FAULT` without a place for the answer; what WPUResetEvent answers.
    pub(super) fn enum_network_events(
        &self,
        event: WSAEVENT,
        out: Out<'_, WSANETWORKEVENTS>,
    ) -> Result<(), Errno> {
        if out.is_null() {
            return Err(Errno::FAULT);
        }
        if event != 0 {
            self.stack.upcalls()?.reset_event(event)?;
        }
        out.set(WSANETWORKEVENTS::EMPTY)
    }
}

impl Stack {
    /// WSPGetOverlappedResult. Waiting is not alertable.
    ///
    /// # Errors
    /// `NOTSOCK`; `FAULT` for NULL pointers; `IO_INCOMPLETE` while it is pending; the code of a
    /// request that failed. Whether the request was this socket's does not matter.
    pub(super) fn overlapped_result(
        &self,
        s: SOCKET,
        overlapped: Option<Overlapped>,
        bytes: Out<'_, u32>,
        wait: bool,
        flags: Out<'_, u32>,
    ) -> Result<(), Errno> {
        let own = self.own_handle(s)?;
        let overlapped = overlapped.ok_or(Errno::FAULT)?;
        if bytes.is_null() || flags.is_null() {
            return Err(Errno::FAULT);
        }
        let wait = if wait {
            file::Wait::UntilDone
        } else {
            file::Wait::No
        };
        let (status, count) = file::overlapped_result(own, &overlapped, wait)?;
        bytes.set(count as u32)?;
        let partial = status == NtStatus::BUFFER_OVERFLOW;
        flags.set(if partial { MSG_PARTIAL } else { 0 })?;
        status.winsock().map_or(Ok(()), Err)
    }
}

fn check_mask(mask: c_long) -> Result<(), Errno> {
    if mask & !c_long::from(FD_ALL_EVENTS) == 0 {
        Ok(())
    } else {
        Err(Errno::INVAL)
    }
}
