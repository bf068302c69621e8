//! The entries: selecting, by event or by message, and fetching what was recorded.

use core::ffi::c_long;

use ws2spi_abi::Errno;
use ws2spi_abi::HWND;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAEVENT;
use ws2spi_abi::WSANETWORKEVENTS;
use ws2spi_abi::args::Out;
use ws2spi_kernel::window;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::mask::EventMask;
use super::record::Conditions;
use super::record::Listener;
use super::record::Record;
use super::watch::ALL;
use crate::net::Readiness;

impl Socket {
    /// WSPEventSelect: from now on `event` is set when one of the events happens. Replaces any
    /// registration; an empty mask ends it. The socket is non-blocking afterwards in any case.
    ///
    /// # Errors
    /// `INVAL` for unknown events, or for events without an event object (P240); `NOBUFS` when there
    /// can be no worker.
    pub(in super::super) fn event_select(
        &self,
        event: WSAEVENT,
        mask: c_long,
    ) -> Result<(), Errno> {
        let mask = EventMask::given(mask)?;
        if !mask.is_empty() && event == 0 {
            return Err(Errno::INVAL);
        }
        self.select_events(Listener::Event(event), mask)
    }

    /// WSPAsyncSelect: from now on `window` is posted `message` when one of the events happens, with
    /// the socket `s` as the caller knows it. Otherwise as [`event_select`](Self::event_select).
    ///
    /// # Errors
    /// `INVAL` for unknown events, and for events without a window; `NOBUFS` when there can be no
    /// worker.
    pub(in super::super) fn async_select(
        &self,
        s: SOCKET,
        window: HWND,
        message: u32,
        mask: c_long,
    ) -> Result<(), Errno> {
        let mask = EventMask::given(mask)?;
        if !mask.is_empty() && !window::may_exist(window) {
            return Err(Errno::INVAL);
        }
        let listener = Listener::Window {
            window,
            message,
            socket: s,
        };
        self.select_events(listener, mask)
    }

    fn select_events(&self, listener: Listener, mask: EventMask) -> Result<(), Errno> {
        if mask.is_empty() && self.events().is_none() {
            self.status.set(Bit::NonBlocking);
            return Ok(());
        }
        self.events_with(Record::new());
        let selected = self.update_events(|watched| {
            self.status.set(Bit::NonBlocking);
            let now = if mask.is_empty() {
                Conditions::default()
            } else {
                self.conditions(ALL, Readiness::NONE)
            };
            watched.record.select(listener, mask, now);
        });
        if selected.is_err() {
            let _ = self.update_events(|watched| {
                let nothing = Conditions::default();
                watched.record.select(listener, EventMask::NONE, nothing);
            });
        }
        selected
    }

    /// WSPEnumNetworkEvents: the events of the mask that were recorded and their errors; `event` is
    /// reset if one is given. Other error slots are left alone.
    ///
    /// # Errors
    /// `FAULT` without a place for the answer, what WPUResetEvent answers; nothing is cleared then.
    pub(in super::super) fn enum_network_events(
        &self,
        event: WSAEVENT,
        out: Out<'_, WSANETWORKEVENTS>,
    ) -> Result<(), Errno> {
        if out.is_null() {
            return Err(Errno::FAULT);
        }
        if event != 0 {
            // First: what happens in between sets it again.
            self.stack.upcalls()?.reset_event(event)?;
        }
        let fetched = match self.events() {
            Some(events) => {
                let mut watched = events.lock();
                let fetched = watched.record.fetch();
                self.note_concern(&watched);
                fetched
            }
            None => Vec::new(),
        };
        let bits = fetched
            .iter()
            .fold(0, |bits, (event, _)| bits | event.bits());
        let errors = fetched.iter().map(|(event, error)| (event.place(), *error));
        out.set_events(bits, errors)
    }

    /// FIONBIO.
    ///
    /// # Errors
    /// `INVAL` for a socket that has to stay non-blocking because of a registration (P239).
    pub(in super::super) fn set_non_blocking(&self, on: bool) -> Result<(), Errno> {
        // Under the lock: nobody selects in between.
        let events = self.events();
        let watched = events.as_ref().map(|events| events.lock());
        if !on && watched.is_some_and(|watched| watched.record.is_registered()) {
            return Err(Errno::INVAL);
        }
        self.status.put(Bit::NonBlocking, on);
        Ok(())
    }
}
