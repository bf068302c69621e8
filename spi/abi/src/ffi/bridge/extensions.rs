//! The extension functions of `SIO_GET_EXTENSION_FUNCTION_POINTER`.

use super::crossing::{Argument, Toward};
use super::slots::{FUNCTIONS, Functions, each_function, used_up};
use crate::*;
use core::ffi::c_void;

/// Turns the function that a successful ioctl has stored into one of the other convention. `false`: it has no known name, or there is no
/// thunk left; the function is NULL then, so that nobody calls it wrongly.
///
/// # Safety
/// `input` and `output` are null or as long as they say.
pub(crate) unsafe fn stored(
    input: *const c_void,
    input_len: u32,
    output: *mut c_void,
    output_len: u32,
    cross: impl Fn(&GUID, RawCallback) -> Option<RawCallback>,
) -> bool {
    if input.is_null()
        || output.is_null()
        || (input_len as usize) < size_of::<GUID>()
        || (output_len as usize) < size_of::<RawCallback>()
    {
        return true;
    }
    // SAFETY: not null and long enough.
    let name = unsafe { input.cast::<GUID>().read_unaligned() };
    let place = output.cast::<RawCallback>();
    // SAFETY: as above.
    let function = unsafe { place.read_unaligned() };
    let crossed = if function.is_null() {
        Some(function)
    } else {
        cross(&name, function)
    };
    // SAFETY: as above.
    unsafe { place.write_unaligned(crossed.unwrap_or(RawCallback::NULL)) };
    crossed.is_some()
}

macro_rules! extensions {
    ($outer:literal $inner:literal $arguments:ident $back:ident; $($id:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        /// The extension function of this name. `None` for a name that is not Microsoft's: nobody knows its arguments.
        #[must_use]
        pub fn extension(name: &GUID, function: RawCallback) -> Option<RawCallback> {
            match *name {
                $($id => {
                    if let Some(original) = super::$back::original(name, function) {
                        return Some(original);
                    }
                    let number = $name::BEHIND.enter(function.as_raw());
                    let thunk = number.and_then(|number| $name::THUNKS.get(number));
                    if thunk.is_none() {
                        used_up($c);
                    }
                    thunk.map(|thunk| RawCallback::from_raw(*thunk as usize))
                })*
                _ => None,
            }
        }

        /// The function behind a thunk of this direction, `None` for any other.
        pub(super) fn original(name: &GUID, thunk: RawCallback) -> Option<RawCallback> {
            match *name {
                $($id => {
                    let number = $name::THUNKS.iter().position(|own| *own as usize == thunk.as_raw())?;
                    Some(RawCallback::from_raw($name::BEHIND.address(number)))
                })*
                _ => None,
            }
        }

        $(
        mod $name {
            use super::*;

            pub(super) type Outer = unsafe extern $outer fn($($ty),*) -> $ret;
            type Inner = unsafe extern $inner fn($($ty),*) -> $ret;

            pub(super) static BEHIND: Functions = Functions::new();
            pub(super) static THUNKS: [Outer; FUNCTIONS] = each_function!(thunk as Outer);

            unsafe extern $outer fn thunk<const NUMBER: usize>($($arg: $ty),*) -> $ret {
                // SAFETY: a thunk's address leaves this module only after the function behind it was entered: the one that the provider
                // hands out under this name, whose type Microsoft fixes.
                let function = unsafe { std::mem::transmute::<usize, Inner>(BEHIND.address(NUMBER)) };
                $(
                    let Some($arg) = $arg.cross(Toward::$arguments, $c) else {
                        return $fail;
                    };
                )*
                // SAFETY: the caller's contract, passed on.
                unsafe { function($($arg),*) }
            }
        }
        )*
    };
}

macro_rules! functions {
    ($outer:literal $inner:literal $arguments:ident $back:ident) => {
        extensions! { $outer $inner $arguments $back;
            WSAID_TRANSMITFILE "TransmitFile" transmit_file(s: SOCKET, file: HANDLE, bytes: u32, each: u32, ov: *mut OVERLAPPED,
                buffers: *const TRANSMIT_FILE_BUFFERS, flags: u32) -> BOOL = 0;
            WSAID_TRANSMITPACKETS "TransmitPackets" transmit_packets(s: SOCKET, elements: *const TRANSMIT_PACKETS_ELEMENT, count: u32,
                each: u32, ov: *mut OVERLAPPED, flags: u32) -> BOOL = 0;
            WSAID_ACCEPTEX "AcceptEx" accept_ex(listener: SOCKET, s: SOCKET, buffer: *mut c_void, data: u32, local: u32, remote: u32,
                received: *mut u32, ov: *mut OVERLAPPED) -> BOOL = 0;
            WSAID_GETACCEPTEXSOCKADDRS "GetAcceptExSockaddrs" get_accept_ex_sockaddrs(buffer: *mut c_void, data: u32, local: u32,
                remote: u32, local_name: *mut *mut SOCKADDR, local_len: *mut i32, remote_name: *mut *mut SOCKADDR,
                remote_len: *mut i32) -> () = ();
            WSAID_CONNECTEX "ConnectEx" connect_ex(s: SOCKET, name: *const SOCKADDR, namelen: i32, data: *mut c_void, len: u32,
                sent: *mut u32, ov: *mut OVERLAPPED) -> BOOL = 0;
            WSAID_DISCONNECTEX "DisconnectEx" disconnect_ex(s: SOCKET, ov: *mut OVERLAPPED, flags: u32, reserved: u32) -> BOOL = 0;
            WSAID_WSARECVMSG "WSARecvMsg" recv_msg(s: SOCKET, message: *mut WSAMSG, received: *mut u32, ov: *mut OVERLAPPED,
                routine: RawCallback) -> i32 = SOCKET_ERROR;
            WSAID_WSASENDMSG "WSASendMsg" send_msg(s: SOCKET, message: *mut WSAMSG, flags: u32, sent: *mut u32, ov: *mut OVERLAPPED,
                routine: RawCallback) -> i32 = SOCKET_ERROR;
            WSAID_WSAPOLL "WSAPoll" poll(sockets: *mut WSAPOLLFD, count: u32, timeout: i32) -> i32 = SOCKET_ERROR;
        }
    };
}

pub(super) mod to_win64 {
    use super::*;
    functions!("win64" "system" Native to_native);
}

pub(super) mod to_native {
    use super::*;
    functions!("system" "win64" Win64 to_win64);
}
