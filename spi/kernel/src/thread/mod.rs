//! Threads: identity, APC queue, and what ends with them.
//!
//! Every thread that comes near this crate gets a [`Thread`] on first use, whoever created it. When
//! the thread exits, its I/O is cancelled ([`Thread::at_exit`]), APCs that did not run are dropped,
//! its mutexes are abandoned, its windows go, and its handle is signalled.
//!
//! Lock order: the locks here are leaves; nothing is called with one of them held.

mod apc;
#[cfg(not(ws2spi_shuttle))]
mod created;
mod exit;
mod external;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;
mod wait_state;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Weak;

use ws2spi_abi::Errno;

use crate::handles;
use crate::handles::Handle;
use crate::handles::Kind;
use crate::handles::Object;
use crate::mutex::Mutex as MutexObject;
use crate::port::Busy;
use crate::signal::Rule;
use crate::signal::Signal;
use crate::sync::AtomicBool;
use crate::sync::AtomicU32;
use crate::sync::Mutex;
use crate::sync::Ordering;
use crate::sync::ProcessMutex;
use crate::sync::ThreadToken;
use crate::sync::current_token;
use crate::sync::fence;
use crate::sync::thread_local;
use crate::window;
use crate::window::Queue;
use crate::window::QueueCell;

pub use apc::Apc;
#[cfg(not(ws2spi_shuttle))]
pub use created::Starting;
#[cfg(not(ws2spi_shuttle))]
pub use created::create;
pub use external::ExternalWait;
pub use external::Wake;
pub(crate) use wait_state::Ending;
pub(crate) use wait_state::WaitState;

/// A thread of the process. As an object it is signalled once the thread has exited.
pub struct Thread {
    id: u32,
    token: ThreadToken,
    wait: WaitState,
    exited: Signal,
    /// What it left behind; meaningful once it has exited.
    exit_code: AtomicU32,
    apcs: apc::ApcQueue,
    /// Whether an APC was queued once, or is to be expected.
    expects_apcs: AtomicU32,
    waker: Mutex<Option<Arc<dyn Wake>>>,
    /// It is, or is about to be, asleep where only `waker` reaches it.
    driving: AtomicBool,
    /// The mutexes that it owns, by their addresses.
    owned: Mutex<BTreeMap<usize, Arc<MutexObject>>>,
    busy: Busy,
    queue: QueueCell,
    at_exit: exit::ExitActions,
}

/// The pseudo handle that `GetCurrentThread` returns.
#[doc(alias = "GetCurrentThread")]
pub const CURRENT_THREAD: usize = -2_isize as usize;

thread_local! {
    static CURRENT: OnceCell<Running> = const { OnceCell::new() };
}

/// The calling thread.
#[doc(alias = "GetCurrentThreadId")]
#[must_use]
pub fn current() -> Arc<Thread> {
    let known = CURRENT.try_with(|running| Arc::clone(&running.get_or_init(Running::begin).0));
    known.unwrap_or_else(|_| LAST.lock().clone().unwrap_or_else(gone))
}

/// The thread is exiting and its own identity is gone: whatever still runs on it gets one that can wait, but is no target.
fn gone() -> Arc<Thread> {
    let thread = Arc::new(Thread::new());
    thread.apcs.close();
    thread
}

/// The identity of the thread on which the process exits, which may have lost its own: what it acquires stays its own all the time.
static LAST: ProcessMutex<Option<Arc<Thread>>> = ProcessMutex::new(None);

/// Does what the process does at its end, on the thread on which it exits; not when there are other threads that have used this crate.
#[doc(alias = "ExitProcess")]
pub fn if_last(action: impl FnOnce()) {
    let own = CURRENT.try_with(|running| running.get().map(|running| running.0.id));
    let own = own.ok().flatten();
    let threads = registry().lock();
    let others = threads.iter().flat_map(HashMap::keys);
    let alone = others.filter(|id| Some(**id) != own).count() == 0;
    drop(threads);
    if alone {
        *LAST.lock() = Some(gone());
        action();
        *LAST.lock() = None;
    }
}

/// Whether APCs are to be expected on the calling thread: one was queued to it, it was opened, or it began
/// what ends with one. Who waits where an APC finds the thread late should not do so then.
#[inline]
#[must_use]
pub fn expects_apcs() -> bool {
    let known = CURRENT.try_with(|running| {
        let thread = running.get().map(|running| &running.0);
        thread.is_some_and(|thread| thread.expects_apcs.load(Ordering::Relaxed) != 0)
    });
    known.unwrap_or(false)
}

/// Opens a handle to the calling thread, to which APCs are then [expected](expects_apcs).
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles.
#[doc(alias = "WPUOpenCurrentThread")]
pub fn open_current() -> Result<Handle, Errno> {
    let thread = current();
    thread.expect_apcs();
    handles::insert(thread)
}

/// Opens a handle to the calling thread for the client DLL, which shows it to providers in every call.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles.
pub fn open_identity() -> Result<Handle, Errno> {
    handles::insert(current())
}

/// Closes the handle of a thread, and nothing else.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a thread's.
#[doc(alias = "WPUCloseThread")]
pub fn close(raw: usize) -> Result<(), Errno> {
    let pinned = handles::pin(raw).ok_or(Errno::INVALID_HANDLE)?;
    pinned.object_as::<Thread>().ok_or(Errno::INVALID_HANDLE)?;
    handles::close(raw)
}

/// Opens a handle to the thread with that id.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER` when there is none, `WSAENOBUFS` when there are no more handles.
#[doc(alias = "OpenThread")]
pub fn open(id: u32) -> Result<Handle, Errno> {
    let thread = by_id(id).ok_or(Errno::INVALID_PARAMETER)?;
    thread.expect_apcs();
    handles::insert(thread)
}

/// The thread of a handle, or of [`CURRENT_THREAD`]; `None` for any other value.
#[must_use]
pub fn from_handle(raw: usize) -> Option<Arc<Thread>> {
    if raw == CURRENT_THREAD {
        return Some(current());
    }
    Arc::clone(handles::pin(raw)?.object()?).downcast()
}

/// The running thread with that id.
#[must_use]
pub fn by_id(id: u32) -> Option<Arc<Thread>> {
    registry().lock().as_ref()?.get(&id)?.upgrade()
}

impl Thread {
    fn new() -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Self {
            id: number.wrapping_mul(4),
            token: current_token(),
            wait: WaitState::new(),
            exited: Signal::new(Rule::Manual, 0),
            exit_code: AtomicU32::new(0),
            apcs: apc::ApcQueue::new(),
            expects_apcs: AtomicU32::new(0),
            waker: Mutex::new(None),
            driving: AtomicBool::new(false),
            owned: Mutex::new(BTreeMap::new()),
            busy: Busy::new(),
            queue: QueueCell::new(),
            at_exit: exit::ExitActions::new(),
        }
    }

    /// The thread's number: a multiple of 4, not 0, as on Windows.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What the thread left behind: what it [left](Self::leave), otherwise 0.
    /// `None` while it runs.
    #[doc(alias = "GetExitCodeThread")]
    #[must_use]
    pub fn exit_code(&self) -> Option<u32> {
        self.exited
            .is_set()
            .then(|| self.exit_code.load(Ordering::Acquire))
    }

    /// Sets what it leaves behind. Only on the thread itself, before it exits.
    pub fn leave(&self, code: u32) {
        self.exit_code.store(code, Ordering::Release);
    }

    /// Queues an APC. It runs on this thread, after those queued before, in the thread's present
    /// alertable wait or the next one; an alertable wait ends with it. Any thread may call it.
    ///
    /// # Errors
    /// `WSAEFAULT` once the thread has exited.
    #[doc(alias = "WPUQueueApc")]
    #[doc(alias = "QueueUserAPC")]
    pub fn queue_apc(&self, apc: Apc) -> Result<(), Errno> {
        self.expect_apcs();
        if self.apcs.push(apc, || self.wait.alert())? {
            self.unpark();
        }
        self.alert();
        Ok(())
    }

    /// Says that an APC may be queued to this thread: see [`expects_apcs`].
    pub fn expect_apcs(&self) {
        // Relaxed: it passes nothing but itself. Load first: it is set once.
        if self.expects_apcs.load(Ordering::Relaxed) == 0 {
            self.expects_apcs.store(1, Ordering::Relaxed);
        }
    }

    /// Wakes the thread if it is in an [`ExternalWait`].
    pub fn alert(&self) {
        let waker = self.waker.lock().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Has `action` run on this thread when it exits, before anything else of it ends: the place
    /// to cancel its pending I/O. `false`: the thread has exited; `action` was dropped.
    pub fn at_exit(&self, action: impl FnOnce() + Send + 'static) -> bool {
        self.at_exit.push(Box::new(action))
    }

    pub(crate) fn wait_state(&self) -> &WaitState {
        &self.wait
    }

    /// The thread's message queue.
    pub(crate) fn queue(&self) -> &Arc<Queue> {
        self.queue.get()
    }

    /// The thread's message queue, if it was ever used.
    pub(crate) fn queue_if_used(&self) -> Option<&Arc<Queue>> {
        self.queue.used()
    }

    pub(crate) fn busy(&self) -> &Busy {
        &self.busy
    }

    pub(crate) fn unpark(&self) {
        self.token.unpark();
    }

    /// Wakes the thread, whose wait at a port was ended, wherever it sleeps.
    pub(crate) fn rouse(&self) {
        self.unpark();
        // Either this sees that it sleeps, or it sees that its wait was ended.
        fence(Ordering::SeqCst);
        if self.driving.load(Ordering::Relaxed) {
            self.alert();
        }
    }

    /// Calls `sleep`, which looks whether its wait was ended before it sleeps. Only on the thread itself.
    pub(crate) fn while_driving(&self, sleep: impl FnOnce()) {
        self.driving.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        sleep();
        self.driving.store(false, Ordering::Relaxed);
    }

    /// Sets what [`alert`](Self::alert) wakes; returns what it was.
    pub(crate) fn exchange_waker(&self, waker: Option<Arc<dyn Wake>>) -> Option<Arc<dyn Wake>> {
        std::mem::replace(&mut *self.waker.lock(), waker)
    }

    pub(crate) fn has_apcs(&self) -> bool {
        !self.apcs.is_empty()
    }

    /// Runs the queued APCs and those that are queued meanwhile. Only on the thread itself.
    pub(crate) fn run_apcs(&self) -> usize {
        let mut count = 0;
        while let Some(apc) = self.apcs.pop() {
            count += 1;
            apc.run();
        }
        count
    }

    /// Remembers a mutex that this thread acquired.
    pub(crate) fn acquired(&self, mutex: Arc<MutexObject>) {
        let address = Arc::as_ptr(&mutex).addr();
        self.owned.lock().entry(address).or_insert(mutex);
    }

    /// Forgets a mutex that this thread does not own any more.
    pub(crate) fn released(&self, mutex: &MutexObject) {
        let gone = self.owned.lock().remove(&std::ptr::from_ref(mutex).addr());
        // With no lock held.
        drop(gone);
    }

    fn exit(&self) {
        self.at_exit.run();
        self.apcs.close();
        let owned = std::mem::take(&mut *self.owned.lock());
        for mutex in owned.into_values() {
            mutex.abandon(self);
        }
        if let Some(queue) = self.queue.used() {
            window::remove_all(queue.take_windows());
        }
        self.busy.end();
        self.exited.set();
        if let Some(threads) = registry().lock().as_mut() {
            threads.remove(&self.id);
        }
    }
}

impl Object for Thread {
    fn kind(&self) -> Kind {
        Kind::Thread
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.exited)
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("id", &self.id)
            .field("wait", &self.wait)
            .field("apcs", &self.apcs)
            .finish_non_exhaustive()
    }
}

/// The identity of a running thread, in its thread-local storage.
struct Running(Arc<Thread>);

impl Running {
    fn begin() -> Self {
        let thread = Arc::new(Thread::new());
        let known = Arc::downgrade(&thread);
        registry()
            .lock()
            .get_or_insert_default()
            .insert(thread.id, known);
        Self(thread)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.exit();
    }
}

fn registry() -> &'static ProcessMutex<Option<HashMap<u32, Weak<Thread>>>> {
    static THREADS: ProcessMutex<Option<HashMap<u32, Weak<Thread>>>> = ProcessMutex::new(None);
    &THREADS
}
