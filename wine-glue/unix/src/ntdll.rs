//! Wine's own Unix side: the descriptor behind a handle.

use core::ffi::CStr;
use core::ffi::c_void;
use std::sync::OnceLock;

type Native = unsafe extern "C" fn(usize, u32, *mut i32, *mut u32) -> u32;
type Windows = unsafe extern "win64" fn(usize, u32, *mut i32, *mut u32) -> u32;

/// `wine_server_handle_to_fd` in the convention that this version of Wine has for it.
#[derive(Clone, Copy)]
enum HandleToFd {
    /// Wine 10: the platform's.
    Native(Native),
    /// Wine 8: Windows'.
    Windows(Windows),
}

/// A duplicate of the descriptor behind an NT handle; the caller closes it. `None`: no handle, or no Wine.
pub(crate) fn descriptor(handle: usize) -> Option<i32> {
    static FUNCTION: OnceLock<Option<HandleToFd>> = OnceLock::new();
    let function = (*FUNCTION.get_or_init(find))?;
    let (mut descriptor, mut options) = (-1, 0);
    let status = match function {
        // SAFETY: Wine's function of this type; the answers go to live locals.
        HandleToFd::Native(function) => unsafe {
            function(handle, 0, &raw mut descriptor, &raw mut options)
        },
        // SAFETY: as above.
        HandleToFd::Windows(function) => unsafe {
            function(handle, 0, &raw mut descriptor, &raw mut options)
        },
    };
    (status == 0 && descriptor >= 0).then_some(descriptor)
}

fn find() -> Option<HandleToFd> {
    // SAFETY: a string with its end; only what is loaded is found.
    let ntdll = unsafe { libc::dlopen(c"ntdll.so".as_ptr(), libc::RTLD_NOW | libc::RTLD_NOLOAD) };
    if ntdll.is_null() {
        return None;
    }
    let function = symbol(ntdll, c"wine_server_handle_to_fd")?;
    // Versions that export this one have given up Windows' convention between their parts.
    if symbol(ntdll, c"__wine_unix_call_dispatcher").is_some() {
        // SAFETY: the function of that name has this type.
        let function = unsafe { std::mem::transmute::<*mut c_void, Native>(function) };
        Some(HandleToFd::Native(function))
    } else {
        // SAFETY: as above.
        let function = unsafe { std::mem::transmute::<*mut c_void, Windows>(function) };
        Some(HandleToFd::Windows(function))
    }
}

fn symbol(library: *mut c_void, name: &CStr) -> Option<*mut c_void> {
    // SAFETY: a loaded library and a string with its end.
    let found = unsafe { libc::dlsym(library, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}
