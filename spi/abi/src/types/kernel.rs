//! Structures of the kernel and window functions that sockets meet: completion ports, events,
//! messages, window classes.

use core::ffi::c_void;

use super::BOOL;
use super::HANDLE;
use super::HWND;
use super::LPARAM;
use super::OVERLAPPED;
use super::PCSTR;
use super::PCWSTR;
use super::RawCallback;
use super::WPARAM;
use super::plain::plain_structs;

plain_structs! {
    /// A completion packet. 32 bytes. The caller owns it; `lpOverlapped` is whoever started the
    /// operation's. Microsoft: minwinbase.h, OVERLAPPED_ENTRY structure.
    pub struct OVERLAPPED_ENTRY {
        /// Key that the handle was associated with.
        pub lpCompletionKey: usize,
        /// The operation.
        pub lpOverlapped: *mut OVERLAPPED,
        /// Its status.
        pub Internal: usize,
        /// Bytes transferred.
        pub dwNumberOfBytesTransferred: u32,
    }

    /// How a new object is inherited and protected. 24 bytes. The caller owns it.
    /// Microsoft: wtypesbase.h, SECURITY_ATTRIBUTES structure.
    pub struct SECURITY_ATTRIBUTES {
        /// Size of this structure in bytes.
        pub nLength: u32,
        /// Security descriptor; accepted and not used.
        pub lpSecurityDescriptor: *mut c_void,
        /// Whether child processes inherit the handle.
        pub bInheritHandle: BOOL,
    }

    /// A point of time in steps of 100 nanoseconds since 1601. 8 bytes.
    /// Microsoft: minwinbase.h, FILETIME structure.
    #[derive(PartialEq, Eq)]
    pub struct FILETIME {
        /// Low half.
        pub dwLowDateTime: u32,
        /// High half.
        pub dwHighDateTime: u32,
    }

    /// A place on the screen. 8 bytes. Microsoft: windef.h, POINT structure.
    #[derive(PartialEq, Eq)]
    pub struct POINT {
        /// Columns from the left.
        pub x: i32,
        /// Rows from the top.
        pub y: i32,
    }

    /// A message of a thread's queue. 48 bytes. Microsoft: winuser.h, MSG structure.
    #[derive(PartialEq, Eq)]
    pub struct MSG {
        /// Window it is for; 0 for the thread itself.
        pub hwnd: HWND,
        /// Number of the message.
        pub message: u32,
        /// For socket messages: the socket.
        pub wParam: WPARAM,
        /// For socket messages: event in the low half, error in the high half.
        pub lParam: LPARAM,
        /// Milliseconds since the system started.
        pub time: u32,
        /// Where the pointer was; always 0, 0 here.
        pub pt: POINT,
    }

    /// A window class, names in bytes. 72 bytes. Microsoft: winuser.h, WNDCLASSA structure.
    pub struct WNDCLASSA {
        /// Style bits; kept, without effect.
        pub style: u32,
        /// Function that receives the messages.
        pub lpfnWndProc: RawCallback,
        /// Extra bytes of the class.
        pub cbClsExtra: i32,
        /// Extra bytes per window.
        pub cbWndExtra: i32,
        /// Module that owns the class.
        pub hInstance: HANDLE,
        /// Icon; kept, without effect.
        pub hIcon: HANDLE,
        /// Cursor; kept, without effect.
        pub hCursor: HANDLE,
        /// Background; kept, without effect.
        pub hbrBackground: HANDLE,
        /// Menu; kept, without effect.
        pub lpszMenuName: PCSTR,
        /// Name of the class.
        pub lpszClassName: PCSTR,
    }

    /// A window class, names in UTF-16. 72 bytes. Microsoft: winuser.h, WNDCLASSW structure.
    pub struct WNDCLASSW {
        /// Style bits; kept, without effect.
        pub style: u32,
        /// Function that receives the messages.
        pub lpfnWndProc: RawCallback,
        /// Extra bytes of the class.
        pub cbClsExtra: i32,
        /// Extra bytes per window.
        pub cbWndExtra: i32,
        /// Module that owns the class.
        pub hInstance: HANDLE,
        /// Icon; kept, without effect.
        pub hIcon: HANDLE,
        /// Cursor; kept, without effect.
        pub hCursor: HANDLE,
        /// Background; kept, without effect.
        pub hbrBackground: HANDLE,
        /// Menu; kept, without effect.
        pub lpszMenuName: PCWSTR,
        /// Name of the class.
        pub lpszClassName: PCWSTR,
    }
}
