//! The process's pool of threads: `QueueUserWorkItem`, and whoever else has something called later.
//!
//! A thread is made when work comes and none is idle, up to 500; one that is idle for a moment ends. Loaded modules hear of them as of
//! other threads. Nothing here is called with a lock held.

use super::truth;
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::thread::Builder;
use std::time::Duration;
use ws2spi::loader::module;
use ws2spi_abi::*;

/// What a thread of the pool does.
pub(super) type Work = Box<dyn FnOnce() + Send>;

/// `LPTHREAD_START_ROUTINE`.
type Routine = unsafe extern "system" fn(*mut c_void) -> u32;

struct Pool {
    work: VecDeque<Work>,
    threads: usize,
    idle: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    work: VecDeque::new(),
    threads: 0,
    idle: 0,
});
static WORK: Condvar = Condvar::new();

/// Has a thread of the pool do something. Does not block.
///
/// # Errors
/// `ERROR_NOT_ENOUGH_MEMORY` when there is no thread and can be none.
pub(super) fn submit(work: Work) -> Result<(), Errno> {
    let mut pool = POOL.lock();
    if pool.idle <= pool.work.len() && pool.threads < LARGEST {
        let made = Builder::new().name("ws2spi pool".into()).spawn(serve);
        match made {
            Ok(_) => pool.threads += 1,
            // Those that are there do it when they come to it.
            Err(_) if pool.threads > 0 => {}
            Err(_) => return Err(Errno::NOT_ENOUGH_MEMORY),
        }
    }
    pool.work.push_back(work);
    drop(pool);
    WORK.notify_one();
    Ok(())
}

/// Work that the pool does one piece after the other, in the order in which it came.
pub(super) struct Lane {
    waiting: Mutex<VecDeque<Work>>,
}

impl Lane {
    pub(super) const fn new() -> Self {
        Self {
            waiting: Mutex::new(VecDeque::new()),
        }
    }

    /// Has a thread of the pool do something when all that came before it is done. Does not block.
    ///
    /// # Errors
    /// [`submit`]'s.
    pub(super) fn submit(&'static self, work: Work) -> Result<(), Errno> {
        let mut waiting = self.waiting.lock();
        waiting.push_back(work);
        // The first one is being done, or has a thread on its way to it.
        if waiting.len() > 1 {
            return Ok(());
        }
        submit(Box::new(|| self.serve())).inspect_err(|_| {
            waiting.pop_back();
        })
    }

    fn serve(&self) {
        // What is being done stays in the line, without its work, so that nobody sends another thread.
        let first = |waiting: &mut VecDeque<Work>| {
            let nothing: Work = Box::new(|| ());
            waiting
                .front_mut()
                .map(|first| std::mem::replace(first, nothing))
        };
        let mut next = first(&mut self.waiting.lock());
        while let Some(work) = next {
            run(work);
            let mut waiting = self.waiting.lock();
            waiting.pop_front();
            next = first(&mut waiting);
        }
    }
}

/// The life of a thread.
fn serve() {
    module::notify_thread(DLL_THREAD_ATTACH);
    while let Some(work) = next() {
        run(work);
    }
    module::notify_thread(DLL_THREAD_DETACH);
}

fn run(work: Work) {
    // A panic is told by its hook; the thread goes on.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
}

/// What is to be done next; `None`: the thread is to end.
fn next() -> Option<Work> {
    let mut pool = POOL.lock();
    pool.idle += 1;
    while pool.work.is_empty() {
        let late = WORK.wait_for(&mut pool, PATIENCE).timed_out();
        if late && pool.work.is_empty() {
            pool.threads -= 1;
            break;
        }
    }
    pool.idle -= 1;
    pool.work.pop_front()
}

/// Has a thread of the pool call a function. FALSE with `ERROR_INVALID_PARAMETER` (no function), `ERROR_NOT_ENOUGH_MEMORY`. The flags
/// change nothing: any thread of the pool may wait, be waited for, and take its time. What the function returns is dropped. Does not
/// block; any thread. Microsoft: "QueueUserWorkItem function".
///
/// # Safety
/// The routine is a function of one pointer in the native convention that stays loaded until it has returned.
#[doc(alias = "QueueUserWorkItem")]
pub unsafe fn queue(routine: RawCallback, context: *mut c_void, _flags: u32) -> BOOL {
    // SAFETY: the caller's contract: null or that type.
    let routine = unsafe { std::mem::transmute::<usize, Option<Routine>>(routine.as_raw()) };
    let context = context.expose_provenance();
    truth(routine.ok_or(Errno::INVALID_PARAMETER).and_then(|routine| {
        submit(Box::new(move || {
            let context = std::ptr::with_exposed_provenance_mut(context);
            // SAFETY: the caller vouched for it.
            unsafe { routine(context) };
        }))
    }))
}

exports! {
    "QueueUserWorkItem" queue_user_work_item(routine: RawCallback, context: *mut c_void, flags: u32) -> BOOL = FALSE => queue;
}

const DLL_THREAD_ATTACH: u32 = 2;
const DLL_THREAD_DETACH: u32 = 3;
/// Windows' own limit, unless a program sets another.
const LARGEST: usize = 500;
/// How long a thread waits for more.
const PATIENCE: Duration = Duration::from_millis(200);
