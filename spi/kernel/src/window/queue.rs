//! A thread's message queue.
//!
//! Posted messages are got in order. Once `PostQuitMessage` was called, getting answers `WM_QUIT`
//! when no other message is left that the caller wants, and after that the timers that are due.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::HWND;
use ws2spi_abi::WM_QUIT;

use super::Message;
use super::timer::Timers;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::clock::Timeout;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal::Signal;
use crate::sync::Mutex;
use crate::thread;
use crate::wait;
use crate::wait::Alert;

/// A thread's queue, made when the thread or a window of it is first used.
#[derive(Debug)]
pub(crate) struct QueueCell(OnceLock<Arc<Queue>>);

/// A message queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(super) state: Mutex<State>,
    /// Set when a message comes.
    news: Signal,
    /// The same, until the queue is looked at.
    pub(super) fresh: Signal,
}

#[derive(Debug)]
pub(super) struct State {
    messages: VecDeque<Message>,
    quit: Option<i32>,
    windows: Vec<HWND>,
    pub(super) timers: Timers,
}

/// Which messages a caller wants.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// 0: any; `-1`: only those for no window; otherwise those for this window.
    pub window: HWND,
    /// The first wanted message number.
    pub first: u32,
    /// The last one; both 0: all numbers.
    pub last: u32,
}

/// What becomes of a message that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Take {
    /// It stays in the queue.
    #[doc(alias = "PM_NOREMOVE")]
    Leave,
    /// It is taken.
    #[doc(alias = "PM_REMOVE")]
    Remove,
}

/// Takes the next message of the calling thread; waits for one, not alertably. A message `WM_QUIT`
/// ends the thread's message loop; its `wparam` is the exit code.
///
/// # Errors
/// `ERROR_INVALID_WINDOW_HANDLE` when the filter's window does not exist.
#[doc(alias = "GetMessage")]
pub fn get(filter: Filter) -> Result<Message, Errno> {
    let queue = Arc::clone(thread::current().queue());
    let object: Arc<dyn Object> = Arc::clone(&queue) as Arc<dyn Object>;
    loop {
        filter.check()?;
        if let Some(message) = queue.take(filter, Take::Remove) {
            return Ok(message);
        }
        wait::for_object(&object, queue.until_timer(filter), Alert::Plain);
    }
}

/// Looks for the next message of the calling thread; never waits.
///
/// # Errors
/// As [`get`].
#[doc(alias = "PeekMessage")]
pub fn peek(filter: Filter, take: Take) -> Result<Option<Message>, Errno> {
    filter.check()?;
    Ok(thread::current().queue().take(filter, take))
}

/// Has the calling thread's queue answer `WM_QUIT` once it is empty.
#[doc(alias = "PostQuitMessage")]
pub fn post_quit(code: i32) {
    let thread = thread::current();
    let queue = thread.queue();
    let mut state = queue.state.lock();
    state.quit = Some(code);
    queue.fresh.set();
    drop(state);
    queue.news.set();
}

impl Filter {
    fn check(self) -> Result<(), Errno> {
        match self.window {
            0 | THREAD_MESSAGES => Ok(()),
            window if super::is_window(window) => Ok(()),
            _ => Err(Errno::INVALID_WINDOW_HANDLE),
        }
    }

    fn wants(self, message: &Message) -> bool {
        let window = match self.window {
            0 => true,
            THREAD_MESSAGES => message.window == 0,
            window => message.window == window,
        };
        let all = self.first == 0 && self.last == 0;
        window && (all || (self.first..=self.last).contains(&message.message))
    }
}

impl QueueCell {
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(crate) fn used(&self) -> Option<&Arc<Queue>> {
        self.0.get()
    }

    pub(crate) fn get(&self) -> &Arc<Queue> {
        self.0.get_or_init(|| {
            let state = State {
                messages: VecDeque::new(),
                quit: None,
                windows: Vec::new(),
                timers: Timers::default(),
            };
            Arc::new(Queue {
                state: Mutex::new(state),
                news: Signal::manual(false),
                fresh: Signal::manual(false),
            })
        })
    }
}

impl Queue {
    pub(super) fn post(&self, message: Message) -> Result<(), Errno> {
        let mut state = self.state.lock();
        if state.messages.len() >= LONGEST {
            return Err(Errno::NOT_ENOUGH_QUOTA);
        }
        state.messages.push_back(message);
        self.fresh.set();
        drop(state);
        self.news.set();
        Ok(())
    }

    fn take(&self, filter: Filter, take: Take) -> Option<Message> {
        let mut state = self.state.lock();
        self.fresh.reset();
        let place = state
            .messages
            .iter()
            .position(|message| filter.wants(message));
        match (place, take) {
            (Some(place), Take::Leave) => state.messages.get(place).copied(),
            (Some(place), Take::Remove) => state.messages.remove(place),
            (None, _) => {
                let quit = if take == Take::Remove {
                    state.quit.take()
                } else {
                    state.quit
                };
                let quit = quit.map(|code| Message::new(0, WM_QUIT, code as usize, 0));
                let remove = take == Take::Remove;
                let wanted = |message: &Message| filter.wants(message);
                let found = quit.or_else(|| state.timers.due(remove, wanted));
                if found.is_none() {
                    // Under the lock: a message that comes later sets it again.
                    self.news.reset();
                }
                found
            }
        }
    }

    /// Whether there is a message, but for those of timers.
    pub(super) fn has_messages(&self) -> bool {
        let state = self.state.lock();
        !state.messages.is_empty() || state.quit.is_some()
    }

    /// When the first timer goes off.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.state.lock().timers.next(|_| true)
    }

    /// How long to wait for a timer whose message is wanted.
    fn until_timer(&self, filter: Filter) -> Timeout {
        let next = self
            .state
            .lock()
            .timers
            .next(|message| filter.wants(message));
        next.map_or(Timeout::Infinite, |next| {
            Timeout::After(next.saturating_sub(SystemClock.now()))
        })
    }

    pub(super) fn add_window(&self, window: HWND) {
        self.state.lock().windows.push(window);
    }

    pub(super) fn remove_window(&self, window: HWND) {
        let mut state = self.state.lock();
        state.windows.retain(|&known| known != window);
        state.messages.retain(|message| message.window != window);
        state.timers.remove_window(window);
    }

    pub(crate) fn take_windows(&self) -> Vec<HWND> {
        std::mem::take(&mut self.state.lock().windows)
    }
}

impl Object for Queue {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.news)
    }
}

/// The limit of posted messages per queue on Windows.
const LONGEST: usize = 10_000;
const THREAD_MESSAGES: HWND = HWND::MAX;
