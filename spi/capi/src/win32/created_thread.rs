//! Threads that Windows' functions begin and end: `CreateThread`, `ResumeThread`, `ExitThread`.
//!
//! A thread is the system's own (`pthread_create`), so that `ExitThread` can end it from any depth: `pthread_exit` unwinds the
//! application's frames, runs the destructors of its C++ objects, and passes our frames, which have nothing to drop. Loaded modules hear
//! of such threads (`DLL_THREAD_ATTACH`, `DLL_THREAD_DETACH`), on the thread itself; of threads that others begin they do not.

use super::{or, truth};
use crate::table::{Export, exports};
use core::ffi::c_void;
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::sync::Arc;
use ws2spi::loader::module;
use ws2spi_abi::*;
use ws2spi_kernel::thread::{self, Starting};

/// A thread's function, which `ExitThread` may leave by unwinding.
type Routine = unsafe extern "C-unwind" fn(usize) -> u32;

/// What a new thread is given.
struct Start {
    starting: Starting,
    gate: Option<Arc<Gate>>,
    routine: Routine,
    context: usize,
}

/// What a thread that was created suspended waits for.
#[derive(Default)]
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

/// The gates of threads that wait, by their numbers.
static SUSPENDED: Mutex<Option<HashMap<u32, Arc<Gate>>>> = Mutex::new(None);

impl Gate {
    fn pass(&self) {
        let mut open = self.open.lock();
        while !*open {
            self.changed.wait(&mut open);
        }
    }

    fn open(&self) {
        *self.open.lock() = true;
        self.changed.notify_all();
    }
}

unsafe extern "C-unwind" {
    fn pthread_exit(value: *mut c_void) -> !;
}

/// The first frame of a thread.
unsafe extern "C-unwind" fn root(start: *mut c_void) -> *mut c_void {
    // SAFETY: `begin` made it of a box and gave it to this thread alone.
    let start = unsafe { Box::from_raw(start.cast::<Start>()) };
    let Some((routine, context)) = arrive(*start) else {
        return null_mut();
    };
    // Nothing here is to be dropped when this unwinds.
    // SAFETY: the caller of `create` vouched for the function.
    let code = unsafe { routine(context) };
    depart(code);
    null_mut()
}

/// Waits until the thread may run, and tells the modules. `None`: it may not.
fn arrive(start: Start) -> Option<(Routine, usize)> {
    let Start {
        starting,
        gate,
        routine,
        context,
    } = start;
    let ready = catch_unwind(AssertUnwindSafe(|| {
        let ready = starting.arrive();
        if ready {
            if let Some(gate) = gate {
                gate.pass();
            }
            module::notify_thread(DLL_THREAD_ATTACH);
        }
        ready
    }));
    ready.unwrap_or(false).then_some((routine, context))
}

/// Tells the modules, and keeps what the thread leaves behind. No panic comes out of it.
fn depart(code: u32) {
    // A panic is told by its hook; the thread ends all the same.
    let _ = catch_unwind(|| {
        module::notify_thread(DLL_THREAD_DETACH);
        thread::current().leave(code);
    });
}

/// Makes the system's thread.
fn begin(start: Start, stack: usize) -> Result<(), Errno> {
    let size = stack.max(MINIMAL_STACK).checked_next_multiple_of(0x1_0000);
    let size = size.ok_or(Errno::NOT_ENOUGH_MEMORY)?;
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    let attributes = attributes.as_mut_ptr();
    // SAFETY: a live local.
    if unsafe { libc::pthread_attr_init(attributes) } != 0 {
        return Err(Errno::NOT_ENOUGH_MEMORY);
    }
    // SAFETY: initialised above; nobody joins the thread.
    unsafe { libc::pthread_attr_setdetachstate(attributes, libc::PTHREAD_CREATE_DETACHED) };
    if stack > 0 {
        // SAFETY: initialised above; a size that is refused leaves the default.
        unsafe { libc::pthread_attr_setstacksize(attributes, size) };
    }
    let start = Box::into_raw(Box::new(start)).cast::<c_void>();
    let mut made = std::mem::MaybeUninit::uninit();
    // SAFETY: the conventions differ only in that the first frame may be unwound, which the system's own frame above it expects.
    let root = unsafe {
        std::mem::transmute::<
            unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void,
            extern "C" fn(*mut c_void) -> *mut c_void,
        >(root)
    };
    // SAFETY: live locals, and the box that `root` takes.
    let result = unsafe { libc::pthread_create(made.as_mut_ptr(), attributes, root, start) };
    // SAFETY: initialised above, not used any more.
    unsafe { libc::pthread_attr_destroy(attributes) };
    if result != 0 {
        // SAFETY: no thread took it.
        drop(unsafe { Box::from_raw(start.cast::<Start>()) });
        return Err(Errno::NOT_ENOUGH_MEMORY);
    }
    Ok(())
}

/// Begins a thread that runs `routine` with `context`; a handle to it, or 0. `stack` is in bytes, 0 for the system's choice, and is always
/// committed. With `CREATE_SUSPENDED` it waits for [`resume`]. `ERROR_INVALID_PARAMETER`: no function, or flags that do not exist;
/// `ERROR_NOT_ENOUGH_MEMORY`. The attributes are ignored: nothing is inherited. Close the handle; the thread does not need it.
/// Microsoft: "CreateThread function".
///
/// # Safety
/// `routine` is a function of one word in the native convention that stays loaded until it has returned; `id` is NULL or writable.
#[doc(alias = "CreateThread")]
pub unsafe fn create(
    _attributes: *const SECURITY_ATTRIBUTES,
    stack: usize,
    routine: RawCallback,
    context: usize,
    flags: u32,
    id: *mut u32,
) -> HANDLE {
    // SAFETY: the caller's contract: NULL or that type.
    let routine = unsafe { std::mem::transmute::<usize, Option<Routine>>(routine.as_raw()) };
    let suspended = flags & CREATE_SUSPENDED != 0;
    let routine = match routine {
        Some(routine) if flags & !(STACK_SIZE_PARAM_IS_A_RESERVATION | CREATE_SUSPENDED) == 0 => {
            routine
        }
        _ => return or(0, Err(Errno::INVALID_PARAMETER)),
    };
    let gate = suspended.then(Arc::<Gate>::default);
    let waiting = gate.clone();
    let created = thread::create(|starting| {
        let start = Start {
            starting,
            gate,
            routine,
            context,
        };
        begin(start, stack)
    });
    let created = created.inspect(|(_, number)| {
        if let Some(gate) = waiting {
            let mut suspended = SUSPENDED.lock();
            suspended.get_or_insert_default().insert(*number, gate);
        }
        if !id.is_null() {
            // SAFETY: the caller's contract.
            unsafe { id.write_unaligned(*number) };
        }
    });
    or(0, created.map(|(handle, _)| handle.raw()))
}

/// Lets a thread run that was created suspended: 1, the number of its suspensions before; 0 for one that runs already.
/// `(DWORD)-1` with `ERROR_INVALID_HANDLE`. Microsoft: "ResumeThread function".
#[doc(alias = "ResumeThread")]
pub fn resume(handle: HANDLE) -> u32 {
    let thread = thread::from_handle(handle).ok_or(Errno::INVALID_HANDLE);
    let resumed = thread.map(|thread| {
        let mut suspended = SUSPENDED.lock();
        let gate = suspended
            .as_mut()
            .and_then(|gates| gates.remove(&thread.id()));
        drop(suspended);
        gate.map_or(0, |gate| {
            gate.open();
            1
        })
    });
    or(u32::MAX, resumed)
}

/// Ends the calling thread with an exit code, after the modules were told; the frames of the application are unwound. Does not return.
/// Microsoft: "ExitThread function".
///
/// DIFFERS: Windows unwinds nothing. A thread of Rust's standard library cannot be ended so: the process aborts.
///
/// # Safety
/// The thread's frames may be unwound.
#[doc(alias = "ExitThread")]
#[unsafe(export_name = "ExitThread")]
pub unsafe extern "system-unwind" fn exit_thread(code: u32) {
    depart(code);
    // SAFETY: the caller's contract.
    unsafe { pthread_exit(null_mut()) };
}

/// Gives a use of a module back and ends the calling thread, so that a module's own thread may be the module's last user. Does not return.
/// Microsoft: "FreeLibraryAndExitThread function".
///
/// # Safety
/// As [`exit_thread`]; above the caller no frame of the module has anything to unwind.
#[doc(alias = "FreeLibraryAndExitThread")]
#[unsafe(export_name = "FreeLibraryAndExitThread")]
pub unsafe extern "system-unwind" fn free_library_and_exit_thread(module: HANDLE, code: u32) {
    // The frames of the module are unwound after this, so what frees it waits until the thread is gone.
    let _ = catch_unwind(|| {
        let freed = thread::current().at_exit(move || {
            let _ = module::release(module);
        });
        truth(freed.then_some(()).ok_or(Errno::INVALID_HANDLE))
    });
    // SAFETY: the caller's contract.
    unsafe { exit_thread(code) };
}

mod rows {
    use super::*;

    exports! {
        "CreateThread" create_thread(attributes: *const SECURITY_ATTRIBUTES, stack: usize, routine: RawCallback, context: usize, flags: u32, id: *mut u32) -> HANDLE = 0 => create;
        "ResumeThread" resume_thread(thread: HANDLE) -> u32 = u32::MAX => resume;
    }
}

/// The exports that return.
pub use rows::EXPORTS;

/// Those that do not: no guard is around them, since they unwind.
pub static ENDING: &[Export] = &[
    Export::new(
        "ExitThread",
        exit_thread as *const (),
        &[size_of::<u32>()],
        0,
    ),
    Export::new(
        "FreeLibraryAndExitThread",
        free_library_and_exit_thread as *const (),
        &[size_of::<HANDLE>(), size_of::<u32>()],
        0,
    ),
];

const CREATE_SUSPENDED: u32 = 4;
const DLL_THREAD_ATTACH: u32 = 2;
const DLL_THREAD_DETACH: u32 = 3;
/// Less than this our own frames do not fit in.
const MINIMAL_STACK: usize = 0x2_0000;
