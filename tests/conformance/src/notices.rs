//! Network events as an application gets them: by an event object, or by messages to a window.
//!
//! A test says what it expects of a socket, once for both ways or for one. That *nothing* comes is shown
//! without waiting for time to pass: a byte is sent through a connection of the harness's own, which is
//! watched the same way. When that is told, everything that happened before has been told.

use crate::{Socket, socket, wait, winsock};
use std::ptr::null_mut;
use std::sync::Once;
use std::time::Instant;
use ws2spi_abi::*;

/// The message that windows of bodies are sent.
pub const MESSAGE: u32 = WM_USER + 7;

/// How an application is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// `WSAEventSelect` and `WSAEnumNetworkEvents`.
    Event,
    /// `WSAAsyncSelect` and a window of the calling thread.
    Message,
}

/// Both ways.
pub const WAYS: [Way; 2] = [Way::Event, Way::Message];

/// One who is told. Belongs to the thread that made it.
#[derive(Debug)]
pub struct Notices {
    way: Way,
    /// An event or a window.
    handle: usize,
    probe: Option<Box<Probe>>,
}

/// A connection of the harness's own.
#[derive(Debug)]
struct Probe {
    from: Socket,
    to: Socket,
    told: Notices,
}

impl Notices {
    /// An application that is told this way of nothing yet.
    ///
    /// # Panics
    /// When there are no more events, windows or sockets.
    #[must_use]
    pub fn by(way: Way) -> Self {
        let (from, to) = Socket::pair(AF_INET);
        let told = Self::alone(way);
        told.select(&to, FD_READ);
        let mut notices = Self::alone(way);
        notices.probe = Some(Box::new(Probe { from, to, told }));
        notices
    }

    /// One that has no connection of its own: it cannot show that nothing comes.
    pub(crate) fn alone(way: Way) -> Self {
        let handle = match way {
            // SAFETY: no pointers.
            Way::Event => unsafe { winsock::WSACreateEvent() },
            Way::Message => new_window(),
        };
        assert_ne!(handle, 0, "there is room for another");
        Self {
            way,
            handle,
            probe: None,
        }
    }

    /// The event object or the window.
    #[must_use]
    pub fn handle(&self) -> usize {
        self.handle
    }

    /// Asks for events of `s`; 0 for none any more.
    ///
    /// # Panics
    /// When that is refused.
    pub fn select(&self, s: &Socket, events: i32) {
        self.try_select(s.raw(), events)
            .expect("the events can be selected");
    }

    /// Asks for events of a socket.
    ///
    /// # Errors
    /// The last error.
    pub fn try_select(&self, s: SOCKET, events: i32) -> Result<(), Errno> {
        let value = match self.way {
            // SAFETY: no pointers.
            Way::Event => unsafe { winsock::WSAEventSelect(s, self.handle, events.into()) },
            // SAFETY: no pointers.
            Way::Message => unsafe {
                winsock::WSAAsyncSelect(s, self.handle, MESSAGE, events.into())
            },
        };
        socket::checked(value).map(drop)
    }

    /// Waits for these events without errors, in this order where there is one, and for no other.
    ///
    /// # Panics
    /// When others come, or none.
    #[track_caller]
    pub fn expect(&self, s: &Socket, events: &[i32]) {
        let each: Vec<_> = events.iter().map(|event| (*event, 0)).collect();
        self.expect_errors(s, &each);
    }

    /// As [`expect`](Self::expect), with the error of each.
    ///
    /// # Panics
    /// When others come, or none.
    #[track_caller]
    pub fn expect_errors(&self, s: &Socket, events: &[(i32, i32)]) {
        if events.is_empty() {
            return self.expect_nothing(s);
        }
        match self.way {
            Way::Event => {
                wait::until("the event is set", || self.is_set());
                let mut expected = events.to_vec();
                expected.sort_unstable();
                assert_eq!(self.fetch(s), expected);
            }
            Way::Message => {
                let expected: Vec<_> = events
                    .iter()
                    .map(|(event, error)| (s.raw(), *event as isize | (*error as isize) << 16))
                    .collect();
                let mut found = Vec::new();
                let whole = Instant::now();
                while found.len() < expected.len() && whole.elapsed() < wait::patience() {
                    match self.next_message() {
                        Some(message) => found.push(message),
                        None => std::thread::yield_now(),
                    }
                }
                assert_eq!(found, expected);
            }
        }
    }

    /// Nothing is told of what has happened so far.
    ///
    /// # Panics
    /// When something is.
    #[track_caller]
    pub fn expect_nothing(&self, s: &Socket) {
        self.settle();
        match self.way {
            Way::Event => {
                assert!(!self.is_set(), "set for {:?}", self.fetch(s));
                assert_eq!(self.fetch(s), [], "recorded without the event");
            }
            Way::Message => assert_eq!(self.next_message(), None),
        }
    }

    /// Waits until everything that has happened so far was told.
    ///
    /// # Panics
    /// When the connection of the harness fails.
    pub fn settle(&self) {
        let Some(probe) = &self.probe else { return };
        // The second round begins after everything that was told together with the first.
        for _ in 0..2 {
            assert_eq!(probe.from.send(b"x", 0), Ok(1));
            probe.told.expect(&probe.to, &[FD_READ]);
            assert_eq!(probe.to.recv(&mut [0], 0), Ok(1));
        }
    }

    /// `WSAEnumNetworkEvents` with the event: what was recorded, each with its error.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn fetch(&self, s: &Socket) -> Vec<(i32, i32)> {
        enumerate(s, self.handle)
    }

    /// Whether the event is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        // SAFETY: no pointers.
        unsafe { winsock::WaitForSingleObject(self.handle, 0) == WAIT_OBJECT_0 }
    }

    /// `WSAResetEvent`.
    ///
    /// # Panics
    /// When that fails.
    pub fn reset(&self) {
        // SAFETY: no pointers.
        assert_eq!(unsafe { winsock::WSAResetEvent(self.handle) }, TRUE);
    }

    /// The next message of the window, as `wParam` and `lParam`.
    ///
    /// # Panics
    /// When it is no message of ours.
    #[must_use]
    pub fn next_message(&self) -> Option<(SOCKET, isize)> {
        let mut message = MSG::EMPTY;
        let place = &raw mut message;
        // SAFETY: a live local.
        let found = unsafe { winsock::PeekMessageW(place, self.handle, 0, 0, PM_REMOVE) };
        (found != FALSE).then(|| {
            assert_eq!(message.message, MESSAGE);
            (message.wParam, message.lParam)
        })
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        match self.way {
            // SAFETY: no pointers.
            Way::Event => drop(unsafe { winsock::WSACloseEvent(self.handle) }),
            // SAFETY: no pointers. Gone already with its thread, or never mind.
            Way::Message => drop(unsafe { winsock::DestroyWindow(self.handle) }),
        }
    }
}

/// `WSAEnumNetworkEvents`: the events, each with its error. Places of errors that are not reported stay as
/// they were.
///
/// # Panics
/// When the call fails, or writes to other places.
#[must_use]
pub fn enumerate(s: &Socket, event: WSAEVENT) -> Vec<(i32, i32)> {
    const UNTOUCHED: i32 = 0x5555_aaaa;
    let mut events = WSANETWORKEVENTS {
        lNetworkEvents: UNTOUCHED,
        iErrorCode: [UNTOUCHED; FD_MAX_EVENTS],
    };
    // SAFETY: a live local.
    let value = unsafe { winsock::WSAEnumNetworkEvents(s.raw(), event, &raw mut events) };
    socket::checked(value).expect("events can be fetched");
    let mut found = Vec::new();
    for (place, error) in events.iErrorCode.iter().enumerate() {
        if events.lNetworkEvents & 1 << place == 0 {
            assert_eq!(*error, UNTOUCHED, "the error of event {place}");
        } else {
            found.push((1 << place, *error));
        }
    }
    found
}

fn new_window() -> HWND {
    static CLASS: Once = Once::new();
    let name: Vec<u16> = "ws2spi.notices\0".encode_utf16().collect();
    CLASS.call_once(|| {
        let class = WNDCLASSW {
            lpfnWndProc: RawCallback::from_raw(winsock::DefWindowProcW as *const () as usize),
            lpszClassName: name.as_ptr(),
            ..WNDCLASSW::EMPTY
        };
        // SAFETY: a live class; the procedure is one.
        let class = unsafe { winsock::RegisterClassW(&raw const class) };
        assert_ne!(class, 0, "the class is new");
    });
    let parent = HWND_MESSAGE.cast_unsigned();
    let (class, none) = (name.as_ptr(), null_mut());
    // SAFETY: the name of a class; the rest is nothing.
    unsafe { winsock::CreateWindowExW(0, class, class, 0, 0, 0, 0, 0, parent, 0, 0, none) }
}
