//! Wine's own `ws2_32.dll`: the one place that calls it.
//!
//! It is loaded by its full path, because the process has another module of that name, and its functions are
//! found by name. Each becomes a method that answers with the function's value or the error that Wine left;
//! the thread's last error is as it was before, since providers do not set it.

use core::ffi::c_long;
use core::ffi::c_void;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use windows_sys::Win32::Foundation;
use windows_sys::Win32::System::LibraryLoader;
use windows_sys::Win32::System::SystemInformation::GetSystemDirectoryW;
use ws2spi_abi::*;

/// Makes of rows `"Name" method(arguments) -> type = failure value;` the table of functions and its methods.
macro_rules! functions {
    ($($c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        /// The functions of the module.
        pub(super) struct System {
            /// The address of `WSAPoll`, which others call.
            poll: usize,
            $($name: unsafe extern "system" fn($($ty),*) -> $ret,)*
        }

        impl System {
            /// The functions of a module; `None` when one is not there.
            fn of(module: usize) -> Option<Self> {
                Some(Self { poll: function(module, b"WSAPoll\0")?, $($name: {
                    let address = function(module, concat!($c, "\0").as_bytes())?;
                    // SAFETY: the function of that name in Wine's ws2_32 has this type, as winsock2.h declares it.
                    unsafe { std::mem::transmute::<usize, unsafe extern "system" fn($($ty),*) -> $ret>(address) }
                },)* })
            }

            $(
                #[doc = concat!("`", $c, "`.")]
                ///
                /// # Errors
                /// What Wine left as the last error.
                ///
                /// # Safety
                #[doc = concat!("The pointers keep the contract of `", $c, "`, and those that Wine reads unasked are not null.")]
                #[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
                pub(super) unsafe fn $name(&self, $($arg: $ty),*) -> Result<$ret, Errno> {
                    let before = last_error();
                    // SAFETY: the caller's contract.
                    let answer = unsafe { (self.$name)($($arg),*) };
                    if answer != $fail {
                        set_last_error(before);
                        return Ok(answer);
                    }
                    let error = last_error();
                    set_last_error(before);
                    Err(Errno::new(error).unwrap_or(Errno::SYSCALLFAILURE))
                }
            )*
        }
    };
}

functions! {
    "WSAStartup" start(version: u16, data: *mut WSADATA) -> i32 = SOCKET_ERROR;
    "WSACleanup" cleanup() -> i32 = SOCKET_ERROR;
    "WSAEnumProtocolsW" protocols(numbers: *const i32, into: *mut WSAPROTOCOL_INFOW, size: *mut u32) -> i32 = SOCKET_ERROR;
    "WSASocketW" socket(family: i32, kind: i32, protocol: i32, info: *const WSAPROTOCOL_INFOW, group: GROUP, flags: u32) -> SOCKET = INVALID_SOCKET;
    "closesocket" close(s: SOCKET) -> i32 = SOCKET_ERROR;
    "WSADuplicateSocketW" duplicate(s: SOCKET, process: u32, info: *mut WSAPROTOCOL_INFOW) -> i32 = SOCKET_ERROR;
    "bind" bind(s: SOCKET, name: *const SOCKADDR, length: i32) -> i32 = SOCKET_ERROR;
    "listen" listen(s: SOCKET, backlog: i32) -> i32 = SOCKET_ERROR;
    "WSAAccept" accept(s: SOCKET, name: *mut SOCKADDR, length: *mut i32, condition: RawCallback, data: usize) -> SOCKET = INVALID_SOCKET;
    "WSAConnect" connect(s: SOCKET, name: *const SOCKADDR, length: i32, caller: *const WSABUF, callee: *mut WSABUF, sqos: *const QOS, gqos: *const QOS) -> i32 = SOCKET_ERROR;
    "getpeername" peer_name(s: SOCKET, name: *mut SOCKADDR, length: *mut i32) -> i32 = SOCKET_ERROR;
    "getsockname" own_name(s: SOCKET, name: *mut SOCKADDR, length: *mut i32) -> i32 = SOCKET_ERROR;
    "getsockopt" option(s: SOCKET, level: i32, option: i32, value: PSTR, length: *mut i32) -> i32 = SOCKET_ERROR;
    "setsockopt" set_option(s: SOCKET, level: i32, option: i32, value: PCSTR, length: i32) -> i32 = SOCKET_ERROR;
    "WSAIoctl" ioctl(s: SOCKET, code: u32, input: *const c_void, input_length: u32, output: *mut c_void, output_length: u32, returned: *mut u32, overlapped: *mut OVERLAPPED, routine: RawCallback) -> i32 = SOCKET_ERROR;
    "WSARecv" receive(s: SOCKET, buffers: *const WSABUF, count: u32, got: *mut u32, flags: *mut u32, overlapped: *mut OVERLAPPED, routine: RawCallback) -> i32 = SOCKET_ERROR;
    "WSARecvFrom" receive_from(s: SOCKET, buffers: *const WSABUF, count: u32, got: *mut u32, flags: *mut u32, from: *mut SOCKADDR, length: *mut i32, overlapped: *mut OVERLAPPED, routine: RawCallback) -> i32 = SOCKET_ERROR;
    "WSASend" send(s: SOCKET, buffers: *const WSABUF, count: u32, sent: *mut u32, flags: u32, overlapped: *mut OVERLAPPED, routine: RawCallback) -> i32 = SOCKET_ERROR;
    "WSASendTo" send_to(s: SOCKET, buffers: *const WSABUF, count: u32, sent: *mut u32, flags: u32, to: *const SOCKADDR, length: i32, overlapped: *mut OVERLAPPED, routine: RawCallback) -> i32 = SOCKET_ERROR;
    "WSARecvDisconnect" receive_disconnect(s: SOCKET, data: *const WSABUF) -> i32 = SOCKET_ERROR;
    "WSASendDisconnect" send_disconnect(s: SOCKET, data: *const WSABUF) -> i32 = SOCKET_ERROR;
    "shutdown" shut_down(s: SOCKET, how: i32) -> i32 = SOCKET_ERROR;
    "select" select(count: i32, read: *mut FD_SET, write: *mut FD_SET, except: *mut FD_SET, timeout: *const TIMEVAL) -> i32 = SOCKET_ERROR;
    "WSAAsyncSelect" async_select(s: SOCKET, window: HWND, message: u32, events: c_long) -> i32 = SOCKET_ERROR;
    "WSAEventSelect" event_select(s: SOCKET, event: WSAEVENT, events: c_long) -> i32 = SOCKET_ERROR;
    "WSAEnumNetworkEvents" network_events(s: SOCKET, event: WSAEVENT, events: *mut WSANETWORKEVENTS) -> i32 = SOCKET_ERROR;
    "WSAGetOverlappedResult" overlapped_result(s: SOCKET, overlapped: *mut OVERLAPPED, bytes: *mut u32, wait: BOOL, flags: *mut u32) -> BOOL = FALSE;
    "WSAAddressToStringW" address_to_string(address: *const SOCKADDR, length: u32, info: *const WSAPROTOCOL_INFOW, text: PWSTR, text_length: *mut u32) -> i32 = SOCKET_ERROR;
    "WSAStringToAddressW" string_to_address(text: PCWSTR, family: i32, info: *const WSAPROTOCOL_INFOW, address: *mut SOCKADDR, length: *mut i32) -> i32 = SOCKET_ERROR;
}

impl System {
    /// The address of `WSAPoll`.
    pub(super) fn poll_function(&self) -> usize {
        self.poll
    }

    /// Makes a call of another of Wine's functions, which says whether it succeeded.
    ///
    /// # Errors
    /// What Wine left as the last error.
    pub(super) fn judge(&self, call: impl FnOnce() -> bool) -> Result<(), Errno> {
        let before = last_error();
        let answer = if call() {
            Ok(())
        } else {
            Err(Errno::new(last_error()).unwrap_or(Errno::SYSCALLFAILURE))
        };
        set_last_error(before);
        answer
    }
}

static SYSTEM: OnceLock<Option<System>> = OnceLock::new();
/// What [`use_module`] was told; 0 for nothing.
static MODULE: AtomicUsize = AtomicUsize::new(0);

/// Says which module is Wine's own `ws2_32.dll`, where another one has its place in the system's folder. It
/// stays loaded. Without effect once the provider has been started.
pub fn use_module(module: HANDLE) {
    MODULE.store(module, Ordering::Release);
}

/// Wine's own functions.
///
/// # Errors
/// `WSASYSNOTREADY`: there is no such module, or a function is missing in it.
pub(super) fn system() -> Result<&'static System, Errno> {
    let found = SYSTEM.get_or_init(|| System::of(module()?));
    found.as_ref().ok_or(Errno::SYSNOTREADY)
}

fn module() -> Option<usize> {
    let told = MODULE.load(Ordering::Acquire);
    if told != 0 {
        return Some(told);
    }
    let mut path = [0; 512];
    let room = path.len() - NAME.len();
    // SAFETY: room for as many units as are said.
    let length = unsafe { GetSystemDirectoryW(path.as_mut_ptr(), room as u32) } as usize;
    if length == 0 || length >= room {
        return None;
    }
    for (cell, unit) in path[length..].iter_mut().zip(NAME.encode_utf16()) {
        *cell = unit;
    }
    let before = last_error();
    // SAFETY: a path with its end: the rest of the array is 0.
    let module = unsafe { LibraryLoader::LoadLibraryW(path.as_ptr()) };
    set_last_error(before);
    (!module.is_null()).then_some(module as usize)
}

const NAME: &str = "\\ws2_32.dll\0";

/// The address of a function; the name ends in a NUL.
fn function(module: usize, name: &[u8]) -> Option<usize> {
    // SAFETY: a loaded module and a string with its end.
    let found = unsafe { LibraryLoader::GetProcAddress(module as *mut c_void, name.as_ptr()) };
    found.map(|function| function as usize)
}

fn last_error() -> i32 {
    // SAFETY: reads a word of the calling thread.
    unsafe { Foundation::GetLastError() }.cast_signed()
}

fn set_last_error(code: i32) {
    // SAFETY: writes a word of the calling thread.
    unsafe { Foundation::SetLastError(code.cast_unsigned()) }
}
