//! `CreateThread`, `ResumeThread`, `ExitThread`, `FreeLibraryAndExitThread`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2_32::win32::created_thread as created;
use ws2_32::win32::{event, handle, library, thread, wait};
use ws2spi_abi::*;

const CREATE_SUSPENDED: u32 = 4;

extern "system" fn doubled(context: usize) -> u32 {
    context as u32 * 2
}

/// Waits for the event whose handle is the context.
extern "system" fn patient(context: usize) -> u32 {
    wait::single(context, INFINITE)
}

/// Ends its thread from below another frame.
unsafe extern "C-unwind" fn ending(context: usize) -> u32 {
    fn deeper(context: usize) {
        // SAFETY: no frame up to the thread's first one has anything to drop.
        unsafe { created::exit_thread(context as u32) };
    }
    deeper(context);
    unreachable!("the thread has ended")
}

/// Gives the module whose handle is the context back, and ends its thread.
unsafe extern "C-unwind" fn leaving(context: usize) -> u32 {
    // SAFETY: as above.
    unsafe { created::free_library_and_exit_thread(context, 9) };
    unreachable!("the thread has ended")
}

fn create(routine: usize, context: usize, flags: u32, id: *mut u32) -> HANDLE {
    let routine = RawCallback::from_raw(routine);
    // SAFETY: NULL or a function of one word, which stays; NULL or a live local.
    unsafe { created::create(null(), 0, routine, context, flags, id) }
}

fn exit_code(thread: HANDLE) -> (BOOL, u32) {
    let mut code = 7;
    // SAFETY: a live local.
    let read = unsafe { thread::exit_code(thread, &raw mut code) };
    (read, code)
}

// MSDN "CreateThread", "GetExitCodeThread": the handle is signalled when the function has returned, and what it returned is the code.
#[test]
fn a_created_thread_leaves_what_its_function_returns() {
    let mut id = 0;
    let function = doubled as *const () as usize;
    let created = create(function, 21, STACK_SIZE_PARAM_IS_A_RESERVATION, &raw mut id);
    assert_ne!((created, id), (0, 0));
    assert_ne!(id, thread::current_id());
    assert_eq!(thread::id_of(created), id);
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(exit_code(created), (TRUE, 42));
    assert_eq!(handle::close(created), TRUE);
}

// MSDN "CreateThread": a stack that no memory is large enough for is refused; the thread is not begun.
#[test]
fn a_stack_beyond_all_memory_is_refused() {
    let routine = RawCallback::from_raw(doubled as *const () as usize);
    for stack in [usize::MAX, usize::MAX - 0xfffe, isize::MAX as usize] {
        // SAFETY: a function of one word, which stays; no number is asked for.
        let begin = || unsafe { created::create(null(), stack, routine, 0, 0, null_mut()) };
        let refused = error_of(begin);
        assert_eq!(
            refused,
            (0, Errno::NOT_ENOUGH_MEMORY.code() as u32),
            "{stack:#x}"
        );
    }
}

// MSDN "GetExitCodeThread": STILL_ACTIVE while it runs; "OpenThread": another handle to it by its number.
#[test]
fn a_running_thread_is_still_active() {
    // SAFETY: neither attributes nor a name.
    let gate = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    let mut id = 0;
    let created = create(patient as *const () as usize, gate, 0, &raw mut id);
    let opened = thread::open(0, FALSE, id);
    assert_ne!(opened, 0);
    assert_eq!(exit_code(opened), (TRUE, STILL_ACTIVE));
    assert_eq!(wait::single(created, 0), WAIT_TIMEOUT);
    assert_eq!(event::set(gate), TRUE);
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(exit_code(opened), (TRUE, WAIT_OBJECT_0));
    let none = error_of(|| thread::open(0, FALSE, id));
    assert_eq!(none, (0, Errno::INVALID_PARAMETER.code() as u32));
    for open in [created, opened, gate] {
        assert_eq!(handle::close(open), TRUE);
    }
}

// MSDN "CreateThread", CREATE_SUSPENDED; "ResumeThread": the number of suspensions before.
#[test]
fn a_suspended_thread_waits_to_be_resumed() {
    let created = create(
        doubled as *const () as usize,
        4,
        CREATE_SUSPENDED,
        null_mut(),
    );
    assert_eq!(wait::single(created, 0), WAIT_TIMEOUT);
    assert_eq!(exit_code(created), (TRUE, STILL_ACTIVE));
    assert_eq!(created::resume(created), 1);
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(
        (created::resume(created), exit_code(created)),
        (0, (TRUE, 8))
    );
    assert_eq!(handle::close(created), TRUE);
    let refused = error_of(|| created::resume(STALE));
    assert_eq!(refused, (u32::MAX, Errno::INVALID_HANDLE.code() as u32));
}

// MSDN "ExitThread": it ends the thread from any depth, and its argument is the exit code.
#[test]
fn a_thread_can_end_itself() {
    let created = create(ending as *const () as usize, 77, 0, null_mut());
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(exit_code(created), (TRUE, 77));
    assert_eq!(handle::close(created), TRUE);
}

// MSDN "FreeLibraryAndExitThread": the module is gone once the thread is.
#[test]
fn a_thread_can_take_its_module_along() {
    ws2spi::loader::link("leaving-test", ws2spi_backends::base::entry());
    let path = super::wide("linked:leaving-test");
    // SAFETY: a NUL-terminated path.
    let module = unsafe { library::load_w(path.as_ptr()) };
    let created = create(leaving as *const () as usize, module, 0, null_mut());
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(exit_code(created), (TRUE, 9));
    let gone = error_of(|| library::free(module));
    assert_eq!(gone, (FALSE, Errno::INVALID_HANDLE.code() as u32));
    assert_eq!(handle::close(created), TRUE);
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Counts threads that end, in their storage.
extern "system" fn count(value: usize) {
    DROPPED.fetch_add(value, Ordering::Relaxed);
}

unsafe extern "C-unwind" fn storing(slot: usize) -> u32 {
    ws2_32::win32::local_storage::fls_set_value(slot as u32, 3);
    // SAFETY: as above.
    unsafe { created::exit_thread(0) };
    0
}

// MSDN "FlsAlloc": a thread's value is given back when the thread ends, by ExitThread too.
#[test]
fn a_thread_that_ends_itself_gives_its_storage_back() {
    let callback = RawCallback::from_raw(count as *const () as usize);
    // SAFETY: a function of one pointer, which stays.
    let slot = unsafe { ws2_32::win32::local_storage::fls_allocate(callback) };
    let created = create(storing as *const () as usize, slot as usize, 0, null_mut());
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    while DROPPED.load(Ordering::Relaxed) != 3 {
        thread::switch();
    }
    assert_eq!(handle::close(created), TRUE);
}

// MSDN "CreateThread", "GetExitCodeThread", "GetThreadId": what is refused.
#[test]
fn a_thread_needs_a_function_and_known_flags() {
    let function = doubled as *const () as usize;
    let bad = (0, Errno::INVALID_PARAMETER.code() as u32);
    assert_eq!(error_of(|| create(0, 0, 0, null_mut())), bad);
    assert_eq!(error_of(|| create(function, 0, 0x8000, null_mut())), bad);
    let invalid = (0, Errno::INVALID_HANDLE.code() as u32);
    for raw in [0, STALE] {
        assert_eq!(error_of(|| exit_code(raw).0 as u32), invalid);
        assert_eq!(error_of(|| thread::id_of(raw)), invalid);
    }
    // SAFETY: NULL is allowed.
    let refused = error_of(|| unsafe { thread::exit_code(thread::current(), null_mut()) as u32 });
    assert_eq!(refused, (0, Errno::NOACCESS.code() as u32));
}
