//! Crashes: which provider the process died in.
//!
//! The system asks a filter about an exception that nobody handled, just before it ends the process. Ours says in whose code it was, and
//! passes the question on to the filter before it, so that debuggers and exit codes are as ever. The provider is the innermost module on
//! the stack that exports `WSPStartup`; this module, the base provider, counts as well, but only when no layer is there. A program that
//! sets a filter of its own later and does not pass on is not told.
//!
//! The stack may be damaged and locks may be held: nothing is allocated here, and no lock of ours is taken.

use std::ffi::c_void;
use std::fmt::Write;
use std::ptr::{null, null_mut};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
    GetModuleFileNameW, GetModuleHandleExW, GetProcAddress,
};

/// From now on a crash inside a provider is told of on standard error. Once per process.
pub fn report() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: a function of the type that is asked for, in a module that stays loaded.
        let before = unsafe { SetUnhandledExceptionFilter(filter as *const () as usize) };
        BEFORE.store(before, Ordering::Release);
    });
}

/// The filter that was there before; 0 for none.
static BEFORE: AtomicUsize = AtomicUsize::new(0);

type Filter = unsafe extern "system" fn(*const Pointers) -> i32;

unsafe extern "system" fn filter(pointers: *const Pointers) -> i32 {
    static TOLD: AtomicBool = AtomicBool::new(false);
    // A fault on the way through a damaged stack comes back here.
    if !TOLD.swap(true, Ordering::AcqRel) {
        // SAFETY: the system's own.
        unsafe { tell(pointers) };
    }
    let before = BEFORE.load(Ordering::Acquire);
    if before == 0 {
        return CONTINUE_SEARCH;
    }
    // SAFETY: what the system gave as its filter has this type.
    let before = unsafe { std::mem::transmute::<usize, Filter>(before) };
    // SAFETY: the caller's contract.
    unsafe { before(pointers) }
}

/// # Safety
/// `pointers` is what the system gives a filter.
unsafe fn tell(pointers: *const Pointers) {
    // SAFETY: the caller's contract.
    let (record, context) = unsafe { ((*pointers).record, (*pointers).context) };
    // SAFETY: as above.
    let code = unsafe { (*record).code };
    // SAFETY: as above: a copy, which unwinding changes.
    let mut context = unsafe { context.read() };
    let own = module_at(tell as *const () as usize);
    let mut provider = null_mut();
    for _ in 0..FRAMES {
        let address = context.word(RIP);
        if address == 0 && context.word(RSP) == 0 {
            break;
        }
        let module = module_at(address);
        if is_provider(module) {
            provider = module;
            if module != own {
                break;
            }
        }
        // SAFETY: the context of the thread that the filter runs on, whose stack is still there.
        if !unsafe { unwind(&mut context) } {
            break;
        }
    }
    if provider.is_null() {
        return;
    }
    let mut line = Line::default();
    line.push("ws2spi: ");
    line.push_name(provider);
    // A line that is full loses its end.
    let _ = write!(
        line,
        ": the process crashed in this provider: exception {code:#010x}\r\n"
    );
    line.print();
}

fn is_provider(module: *mut c_void) -> bool {
    // SAFETY: a module of the process, and a name with its end.
    !module.is_null() && unsafe { GetProcAddress(module, c"WSPStartup".as_ptr().cast()) }.is_some()
}

/// The module that an address is in; NULL for none.
fn module_at(address: usize) -> *mut c_void {
    let how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    let mut module = null_mut();
    // SAFETY: an address instead of a name, as the flags say, which is only looked up; the answer goes to a live local.
    let found = unsafe { GetModuleHandleExW(how, address as *const u16, &raw mut module) };
    if found == 0 { null_mut() } else { module }
}

/// Goes one frame up; `false` at the end of the stack.
///
/// # Safety
/// `context` is of this thread, whose stack is still there.
unsafe fn unwind(context: &mut Context) -> bool {
    let (address, stack) = (context.word(RIP), context.word(RSP));
    let mut base = 0;
    // SAFETY: the answer goes to a live local.
    let entry = unsafe { RtlLookupFunctionEntry(address, &raw mut base, null_mut()) };
    if entry.is_null() {
        // A function without a frame: its return address is on the top of the stack.
        // SAFETY: the caller's contract. A stack pointer that is none faults, and the filter is asked about that.
        let back = unsafe { (stack as *const usize).read_unaligned() };
        context.set(RIP, back);
        context.set(RSP, stack + size_of::<usize>());
    } else {
        let (mut handler_data, mut frame) = (null_mut(), 0);
        // SAFETY: the entry of the function at this address; everything else is a live local.
        unsafe {
            RtlVirtualUnwind(
                0,
                base,
                address,
                entry,
                context,
                &raw mut handler_data,
                &raw mut frame,
                null_mut(),
            )
        };
    }
    context.word(RIP) != 0 && context.word(RSP) > stack
}

/// A line of text without allocation. What does not fit is left away.
struct Line {
    bytes: [u8; 512],
    length: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; 512],
            length: 0,
        }
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text);
        Ok(())
    }
}

impl Line {
    fn push(&mut self, text: &str) {
        for (cell, byte) in self.bytes[self.length..].iter_mut().zip(text.bytes()) {
            *cell = byte;
            self.length += 1;
        }
    }

    /// The path of a module; what is not ASCII becomes a question mark.
    fn push_name(&mut self, module: *mut c_void) {
        let mut path = [0u16; 300];
        // SAFETY: a module of the process, and as many units as are said.
        let length = unsafe { GetModuleFileNameW(module, path.as_mut_ptr(), path.len() as u32) };
        for unit in path.iter().take(length as usize) {
            let byte = u8::try_from(*unit).ok().filter(u8::is_ascii);
            let mut one = [0; 4];
            self.push(char::from(byte.unwrap_or(b'?')).encode_utf8(&mut one));
        }
    }

    fn print(&self) {
        let mut written = 0;
        // SAFETY: no pointers.
        let target = unsafe { GetStdHandle(STANDARD_ERROR) };
        // SAFETY: the bytes are live and as many as are said.
        unsafe {
            WriteFile(
                target,
                self.bytes.as_ptr(),
                self.length as u32,
                &raw mut written,
                null(),
            )
        };
    }
}

/// `EXCEPTION_POINTERS`.
#[repr(C)]
struct Pointers {
    record: *const Record,
    context: *const Context,
}

/// The beginning of `EXCEPTION_RECORD`.
#[repr(C)]
struct Record {
    code: u32,
    flags: u32,
}

/// `CONTEXT` of x86-64, of which two registers are of interest.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Context {
    words: [usize; 154],
}

impl Context {
    fn word(&self, index: usize) -> usize {
        self.words[index]
    }

    fn set(&mut self, index: usize, value: usize) {
        self.words[index] = value;
    }
}

/// Where `Rsp` and `Rip` are in it: bytes 0x98 and 0xf8.
const RSP: usize = 0x98 / 8;
const RIP: usize = 0xf8 / 8;

const CONTINUE_SEARCH: i32 = 0;
const STANDARD_ERROR: u32 = -12i32 as u32;
/// How far up the stack a provider is looked for.
const FRAMES: usize = 256;

// By hand, because windows-sys has these only together with much else.
#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn SetUnhandledExceptionFilter(filter: usize) -> usize;
    fn GetStdHandle(which: u32) -> *mut c_void;
    fn WriteFile(
        file: *mut c_void,
        bytes: *const u8,
        length: u32,
        written: *mut u32,
        overlapped: *const c_void,
    ) -> i32;
    fn RtlLookupFunctionEntry(
        address: usize,
        base: *mut usize,
        history: *mut c_void,
    ) -> *mut c_void;
    fn RtlVirtualUnwind(
        kind: u32,
        base: usize,
        address: usize,
        entry: *mut c_void,
        context: *mut Context,
        handler_data: *mut *mut c_void,
        frame: *mut usize,
        pointers: *mut c_void,
    ) -> *mut c_void;
}
