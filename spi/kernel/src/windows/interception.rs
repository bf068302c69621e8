//! What the application tells the system about handles that are not only the system's.
//!
//! A minted handle is a real one: the application hands it to `CreateIoCompletionPort` and may end it by
//! `CloseHandle`, and neither asks us. Both go through kernelbase, which calls ntdll through a slot of its
//! import table; these slots lead here once the first handle of an object of this process is opened, or
//! somebody wants to hear of handles that are closed. Other processes are left alone. Each function calls what was in the slot before, so nothing
//! changes for any other handle.
//!
//! DIFFERS: who calls ntdll itself is not seen. A handle closed so stays known until its value comes back,
//! and one associated so gets no packets.
//!
//! Used by `handles` and `thread`; calls `handles` and `file`. No lock is held anywhere on the way.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ffi::c_void;
use std::sync::Once;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use windows_sys::Win32::System::LibraryLoader;
use windows_sys::Win32::System::Memory;

use crate::file;
use crate::handles;

/// Begins to listen, once per process.
pub(crate) fn begin() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        keep_loaded();
        let Some(image) = Image::named("kernelbase.dll") else {
            return;
        };
        let close: CloseFunction = close_handle;
        let set: SetFunction = set_information;
        image.redirect(c"NtClose", &CLOSE, close as usize);
        image.redirect(c"NtSetInformationFile", &SET_INFORMATION, set as usize);
    });
}

/// Keeps the module that this code is in until the process ends: the system, or another module, has
/// addresses of functions of it.
pub(crate) fn keep_loaded() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let how = LibraryLoader::GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS
            | LibraryLoader::GET_MODULE_HANDLE_EX_FLAG_PIN;
        let here: fn() = keep_loaded;
        let mut module = std::ptr::null_mut();
        // SAFETY: an address within this module instead of a name, as the flags say; the answer goes to a
        // live local. When it fails this is no module that could be unloaded.
        unsafe { LibraryLoader::GetModuleHandleExW(how, here as *const u16, &raw mut module) };
    });
}

/// Has `told` be called with every handle of the process that is being closed, before it is. No lock is held.
pub(crate) fn tell_of_closing(told: fn(usize)) {
    TOLD.store(told as usize, Ordering::Release);
    begin();
}

/// Who else is told of handles that are being closed; 0 for nobody.
static TOLD: AtomicUsize = AtomicUsize::new(0);

type CloseFunction = unsafe extern "system" fn(usize) -> u32;
type SetFunction = unsafe extern "system" fn(usize, *mut c_void, *const c_void, u32, u32) -> u32;

/// What was in the slots before.
static CLOSE: AtomicUsize = AtomicUsize::new(0);
static SET_INFORMATION: AtomicUsize = AtomicUsize::new(0);

/// `NtClose`, as kernelbase calls it.
unsafe extern "system" fn close_handle(handle: usize) -> u32 {
    // Before: afterwards the value may be somebody else's.
    handles::forget(handle);
    let told = TOLD.load(Ordering::Acquire);
    if told != 0 {
        // SAFETY: nothing but `tell_of_closing` stores there, and what it stores is such a function.
        let told = unsafe { std::mem::transmute::<usize, fn(usize)>(told) };
        told(handle);
    }
    let before = CLOSE.load(Ordering::Acquire);
    // SAFETY: the slot held a function of this type; it was stored before the slot led here.
    let before = unsafe { std::mem::transmute::<usize, CloseFunction>(before) };
    // SAFETY: the caller's own argument.
    unsafe { before(handle) }
}

/// `NtSetInformationFile`, as kernelbase calls it.
unsafe extern "system" fn set_information(
    handle: usize,
    status: *mut c_void,
    information: *const c_void,
    length: u32,
    class: u32,
) -> u32 {
    let before = SET_INFORMATION.load(Ordering::Acquire);
    // SAFETY: the slot held a function of this type; it was stored before the slot led here.
    let before = unsafe { std::mem::transmute::<usize, SetFunction>(before) };
    // SAFETY: the caller's own arguments.
    let answer = unsafe { before(handle, status, information, length, class) };
    let succeeded = answer.cast_signed() >= 0;
    match class {
        COMPLETION if succeeded && length as usize >= size_of::<Completion>() => {
            // SAFETY: the system has just read it, of that length, from the caller.
            let to = unsafe { information.cast::<Completion>().read_unaligned() };
            file::associated(handle, to.port, to.key);
        }
        NOTIFICATION if succeeded && length as usize >= size_of::<u32>() => {
            // SAFETY: as above.
            let modes = unsafe { information.cast::<u32>().read_unaligned() };
            file::add_modes(handle, modes);
        }
        _ => {}
    }
    answer
}

/// `FILE_COMPLETION_INFORMATION`.
#[repr(C)]
struct Completion {
    port: usize,
    key: usize,
}

/// A module of the process.
struct Image {
    base: *const u8,
}

impl Image {
    fn named(name: &str) -> Option<Self> {
        let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        // SAFETY: a string with its end.
        let module = unsafe { LibraryLoader::GetModuleHandleW(name.as_ptr()) };
        (!module.is_null()).then_some(Self {
            base: module.cast_const().cast(),
        })
    }

    /// Has the slot of an import of this module lead to `function`, and stores where it led before.
    /// Without such a slot nothing happens.
    fn redirect(&self, name: &CStr, before: &AtomicUsize, function: usize) {
        let Some(slot) = self.slot(name) else { return };
        let size = size_of::<usize>();
        let (mut former, mut ignored) = (0, 0);
        // SAFETY: a slot of a module that stays loaded; only its protection changes, and it stays readable
        // for everybody.
        let writable = unsafe {
            Memory::VirtualProtect(slot.cast(), size, Memory::PAGE_READWRITE, &raw mut former)
        };
        if writable == 0 {
            return;
        }
        // SAFETY: aligned, as slots are, and now writable; others read it as one word.
        let slot_word = unsafe { AtomicUsize::from_ptr(slot) };
        before.store(slot_word.load(Ordering::Acquire), Ordering::Release);
        slot_word.store(function, Ordering::Release);
        // SAFETY: as above; puts back what was.
        unsafe { Memory::VirtualProtect(slot.cast(), size, former, &raw mut ignored) };
    }

    /// The slot of an imported function.
    fn slot(&self, name: &CStr) -> Option<*mut usize> {
        let header = self.u32(NEW_HEADER) as usize;
        let imports = self.u32(header + IMPORT_DIRECTORY) as usize;
        if imports == 0 {
            return None;
        }
        let tables = (0..).map(|number| imports + number * DESCRIPTOR);
        let tables = tables.take_while(|&table| self.u32(table + NAME) != 0);
        for table in tables {
            let names = self.u32(table) as usize;
            let slots = self.u32(table + FIRST_SLOT) as usize;
            let words = (0..).map(|number| number * size_of::<usize>());
            let words = words.take_while(|&at| names != 0 && self.word(names + at) != 0);
            for at in words {
                let import = self.word(names + at);
                if import & BY_NUMBER == 0 && self.text(import + HINT) == name {
                    return Some(self.at(slots + at).cast_mut().cast());
                }
            }
        }
        None
    }

    fn at(&self, offset: usize) -> *const u8 {
        self.base.wrapping_add(offset)
    }

    fn u32(&self, offset: usize) -> u32 {
        // SAFETY: within the headers and tables of a module that the system has loaded by them.
        unsafe { self.at(offset).cast::<u32>().read_unaligned() }
    }

    fn word(&self, offset: usize) -> usize {
        // SAFETY: as above.
        unsafe { self.at(offset).cast::<usize>().read_unaligned() }
    }

    fn text(&self, offset: usize) -> &CStr {
        // SAFETY: as above; the names in an import table have an end.
        unsafe { CStr::from_ptr(self.at(offset).cast()) }
    }
}

/// Where the offset of the PE header is.
const NEW_HEADER: usize = 0x3c;
/// The import directory: signature and file header, then the optional header up to its second directory.
const IMPORT_DIRECTORY: usize = 24 + if size_of::<usize>() == 8 { 112 } else { 96 } + 8;
/// The size of an import descriptor, and two of its fields.
const DESCRIPTOR: usize = 20;
const NAME: usize = 12;
const FIRST_SLOT: usize = 16;
/// Before a name stands a number of two bytes.
const HINT: usize = 2;
/// The bit of an import that has no name.
const BY_NUMBER: usize = 1 << (usize::BITS - 1);

/// `FileCompletionInformation`.
const COMPLETION: u32 = 30;
/// `FileIoCompletionNotificationInformation`.
const NOTIFICATION: u32 = 41;
