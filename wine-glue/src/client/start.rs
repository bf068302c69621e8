//! What the front calls first, and the base provider's start by the name that layers look for.

use super::crash;
use crate::base;
use std::ffi::CStr;
use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::GetProcAddress;
use ws2spi::api::{Resolver, set_resolver};
use ws2spi_abi::ffi::native::{ProcTable, UpcallTable};
use ws2spi_abi::{ADDRINFOW, WSAPROTOCOL_INFOW, WSPDATA};

/// Names Wine's own ws2_32: the base provider's transport, and who resolves names. The front calls it before anything else of this
/// DLL. Once is enough; more often does no harm. Any thread.
///
/// # Safety
/// `module` is that module and stays loaded.
#[unsafe(export_name = "ws2spi_core_start")]
pub unsafe extern "system" fn start(module: HMODULE) {
    crash::report();
    base::use_module(module as usize);
    let (resolve, free) = (
        function(module, c"GetAddrInfoW"),
        function(module, c"FreeAddrInfoW"),
    );
    if resolve == 0 || free == 0 {
        return;
    }
    // SAFETY: ws2tcpip.h fixes the type of the function of that name.
    let resolve = unsafe { std::mem::transmute::<usize, Resolve>(resolve) };
    // SAFETY: as above.
    let free = unsafe { std::mem::transmute::<usize, Free>(free) };
    // SAFETY: functions of Wine's own ws2_32, which stays loaded.
    unsafe { set_resolver(Resolver { resolve, free }) };
}

/// The address of a function of a module, 0 when it has none of that name.
fn function(module: HMODULE, name: &CStr) -> usize {
    // SAFETY: a loaded module and a string with its end; nothing is called here.
    let found = unsafe { GetProcAddress(module, name.as_ptr().cast()) };
    found.map_or(0, |function| function as usize)
}

type Resolve =
    unsafe extern "system" fn(*const u16, *const u16, *const ADDRINFOW, *mut *mut ADDRINFOW) -> i32;
type Free = unsafe extern "system" fn(*mut ADDRINFOW);

/// The base provider's start, for the client DLL and for layers above it. See [`base::startup`].
///
/// # Safety
/// As [`base::startup`].
#[doc(alias = "WSPStartup")]
#[unsafe(export_name = "WSPStartup")]
pub unsafe extern "system" fn base_startup(
    version: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    upcalls: UpcallTable,
    table: *mut ProcTable,
) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { base::startup(version, data, info, upcalls, table) }
}
