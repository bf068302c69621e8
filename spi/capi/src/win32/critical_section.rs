//! Critical sections: locks that their owner may enter again, in the caller's own memory.
//!
//! The structure has Windows' 40 bytes and fields. The lock is a word of it, so that there is nothing to allocate and nothing to leak,
//! and memory of zeros is a section that nobody is in. Blocks without a kernel object; not alertable. Any thread may call everything.

use super::placed;
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use ws2spi_abi::{BOOL, FALSE, TRUE};
use ws2spi_kernel::thread;

/// `CRITICAL_SECTION`.
#[repr(C)]
pub struct CriticalSection {
    _debug_info: usize,
    lock_count: AtomicI32,
    recursion_count: AtomicI32,
    /// The owner's number; 0 for none.
    owning_thread: AtomicUsize,
    /// Windows keeps a semaphore here, we the lock.
    lock: RawMutex,
    /// Where the field of Windows goes on.
    _rest: [u8; 7],
    spin_count: AtomicUsize,
}

const _: () = assert!(size_of::<CriticalSection>() == 40 && align_of::<CriticalSection>() == 8);

impl CriticalSection {
    fn new(spin_count: u32) -> Self {
        Self {
            _debug_info: 0,
            lock_count: AtomicI32::new(-1),
            recursion_count: AtomicI32::new(0),
            owning_thread: AtomicUsize::new(0),
            lock: RawMutex::INIT,
            _rest: [0; 7],
            spin_count: AtomicUsize::new(spin_count as usize),
        }
    }

    /// Enters once more when the caller is in already.
    fn enter_again(&self, me: usize) -> bool {
        // Only this thread stores its own number, so no other order is needed to see it.
        let again = self.owning_thread.load(Ordering::Relaxed) == me;
        if again {
            self.recursion_count.fetch_add(1, Ordering::Relaxed);
        }
        again
    }

    fn entered(&self, me: usize) {
        self.owning_thread.store(me, Ordering::Relaxed);
        self.recursion_count.store(1, Ordering::Relaxed);
        self.lock_count.store(0, Ordering::Relaxed);
    }

    /// Blocks until the caller is in.
    pub(super) fn enter(&self) {
        let me = own_number();
        if !self.enter_again(me) {
            self.lock.lock();
            self.entered(me);
        }
    }

    /// Leaves once. Somebody who is not in leaves nothing.
    pub(super) fn leave(&self) {
        if self.owning_thread.load(Ordering::Relaxed) != own_number() {
            // DIFFERS: on Windows the section is broken from here on.
            return;
        }
        if self.recursion_count.fetch_sub(1, Ordering::Relaxed) > 1 {
            return;
        }
        self.owning_thread.store(0, Ordering::Relaxed);
        self.lock_count.store(-1, Ordering::Relaxed);
        // SAFETY: the calling thread holds it: it is the owner.
        unsafe { self.lock.unlock() };
    }
}

/// The caller's number, as `GetCurrentThreadId` has it.
fn own_number() -> usize {
    std::thread_local! {
        static NUMBER: u32 = thread::current().id();
    }
    // Past the end of the thread's storage the kernel role gives out numbers of no thread.
    NUMBER
        .try_with(|number| *number)
        .unwrap_or_else(|_| thread::current().id()) as usize
}

/// Makes a critical section of the caller's memory. Microsoft: "InitializeCriticalSection function".
///
/// # Safety
/// `section` is null or points to a `CRITICAL_SECTION` that nobody is in, and that stays where it is until it is deleted.
#[doc(alias = "InitializeCriticalSection")]
pub unsafe fn initialize(section: *mut CriticalSection) {
    // SAFETY: the caller's contract.
    unsafe { initialize_ex(section, 0, 0) };
}

/// [`initialize`]; TRUE. Microsoft: "InitializeCriticalSectionAndSpinCount function".
///
/// # Safety
/// As [`initialize`].
#[doc(alias = "InitializeCriticalSectionAndSpinCount")]
pub unsafe fn initialize_and_spin_count(section: *mut CriticalSection, spins: u32) -> BOOL {
    // SAFETY: the caller's contract.
    unsafe { initialize_ex(section, spins, 0) }
}

/// [`initialize`]; TRUE, or FALSE with `ERROR_NOACCESS` for NULL and odd addresses. Spins are remembered; the lock spins as long as it finds useful.
/// Microsoft: "InitializeCriticalSectionEx function".
///
/// # Safety
/// As [`initialize`].
#[doc(alias = "InitializeCriticalSectionEx")]
pub unsafe fn initialize_ex(section: *mut CriticalSection, spins: u32, _flags: u32) -> BOOL {
    if section.is_null() || !section.is_aligned() {
        return super::truth(Err(ws2spi_abi::Errno::NOACCESS));
    }
    // SAFETY: the caller's contract; not null.
    unsafe { section.write(CriticalSection::new(spins)) };
    TRUE
}

/// Enters a section, blocking while another thread is in. As often as it is entered it must be left.
/// Microsoft: "EnterCriticalSection function".
///
/// # Safety
/// `section` is null or was initialised.
#[doc(alias = "EnterCriticalSection")]
pub unsafe fn enter(section: *const CriticalSection) {
    // SAFETY: the caller's contract.
    if let Some(section) = unsafe { placed(section) } {
        section.enter();
    }
}

/// Enters a section unless another thread is in: whether the caller is in now. Does not block.
/// Microsoft: "TryEnterCriticalSection function".
///
/// # Safety
/// As [`enter`].
#[doc(alias = "TryEnterCriticalSection")]
pub unsafe fn try_enter(section: *const CriticalSection) -> BOOL {
    // SAFETY: the caller's contract.
    let Some(section) = (unsafe { placed(section) }) else {
        return FALSE;
    };
    let me = own_number();
    if section.enter_again(me) {
        return TRUE;
    }
    let entered = section.lock.try_lock();
    if entered {
        section.entered(me);
    }
    BOOL::from(entered)
}

/// Leaves a section once. One that the caller is not in stays as it is. Microsoft: "LeaveCriticalSection function".
///
/// # Safety
/// As [`enter`].
#[doc(alias = "LeaveCriticalSection")]
pub unsafe fn leave(section: *const CriticalSection) {
    // SAFETY: the caller's contract.
    if let Some(section) = unsafe { placed(section) } {
        section.leave();
    }
}

/// Ends a section. Nothing was allocated, so nothing is freed. Microsoft: "DeleteCriticalSection function".
#[doc(alias = "DeleteCriticalSection")]
pub fn delete(_section: *mut c_void) {}

/// Replaces the number of spins; the one before. Microsoft: "SetCriticalSectionSpinCount function".
///
/// # Safety
/// As [`enter`].
#[doc(alias = "SetCriticalSectionSpinCount")]
pub unsafe fn set_spin_count(section: *const CriticalSection, spins: u32) -> u32 {
    // SAFETY: the caller's contract.
    let before = unsafe { placed(section) }
        .map(|section| section.spin_count.swap(spins as usize, Ordering::Relaxed));
    before.unwrap_or_default() as u32
}

exports! {
    "InitializeCriticalSection" initialize_critical_section(section: *mut CriticalSection) => initialize;
    "InitializeCriticalSectionAndSpinCount" initialize_critical_section_and_spin_count(
        section: *mut CriticalSection, spins: u32
    ) -> BOOL = FALSE => initialize_and_spin_count;
    "InitializeCriticalSectionEx" initialize_critical_section_ex(
        section: *mut CriticalSection, spins: u32, flags: u32
    ) -> BOOL = FALSE => initialize_ex;
    "EnterCriticalSection" enter_critical_section(section: *const CriticalSection) => enter;
    "TryEnterCriticalSection" try_enter_critical_section(section: *const CriticalSection) -> BOOL = FALSE => try_enter;
    "LeaveCriticalSection" leave_critical_section(section: *const CriticalSection) => leave;
    "DeleteCriticalSection" delete_critical_section(section: *mut c_void) => delete;
    "SetCriticalSectionSpinCount" set_critical_section_spin_count(section: *const CriticalSection, spins: u32) -> u32 = 0 => set_spin_count;
}
