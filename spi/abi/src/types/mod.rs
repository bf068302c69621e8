//! The types of ws2spi.h, winsock2.h, ws2def.h, mswsock.h and ws2tcpip.h, and of the kernel
//! functions they lean on, with Microsoft's names and the layout they have on 64-bit Windows.
//!
//! Scalars are Windows-sized whatever the host: `long` and `DWORD` are 32 bits, handles are as
//! wide as a pointer, `WCHAR` is 16 bits. Handles are numbers, never addresses. A test compares
//! every structure here with windows-sys field by field (`tests/layout.rs`).
//!
//! One file per noun; everything is re-exported here and from the crate.
#![allow(
    non_snake_case,
    non_camel_case_types,
    clippy::upper_case_acronyms,
    reason = "these are Microsoft's names"
)]

mod address;
mod callback;
mod catalog;
mod event;
mod extension;
mod kernel;
pub mod layout;
mod option;
mod plain;
mod resolver;
mod transfer;

pub use address::*;
pub use callback::RawCallback;
pub use catalog::*;
pub use event::*;
pub use extension::*;
pub use kernel::*;
pub use option::*;
pub use plain::Plain;
pub(crate) use plain::plain_structs;
pub use resolver::*;
pub use transfer::*;

/// A socket descriptor: a handle value of the client DLL, never a file descriptor.
pub type SOCKET = usize;
/// A kernel object, known by its number.
pub type HANDLE = usize;
/// An event object as Winsock names it; the same number as its `HANDLE`.
pub type WSAEVENT = usize;
/// A window, known by its number.
pub type HWND = usize;
/// A C truth value: zero is false, anything else true.
pub type BOOL = i32;
/// A UTF-16 code unit.
pub type WCHAR = u16;
/// A socket group; reserved by Windows, 0 for none.
pub type GROUP = u32;
/// A writable NUL-terminated string of bytes.
pub type PSTR = *mut u8;
/// A NUL-terminated string of bytes.
pub type PCSTR = *const u8;
/// A writable NUL-terminated string of UTF-16 units.
pub type PWSTR = *mut u16;
/// A NUL-terminated string of UTF-16 units.
pub type PCWSTR = *const u16;
/// First parameter of a window message.
pub type WPARAM = usize;
/// Second parameter of a window message.
pub type LPARAM = isize;
/// What a window procedure returns.
pub type LRESULT = isize;

/// The C `FALSE`.
pub const FALSE: BOOL = 0;
/// The C `TRUE`.
pub const TRUE: BOOL = 1;
/// The descriptor that is no socket: what WSPSocket, WSPAccept and WSPJoinLeaf return on failure.
pub const INVALID_SOCKET: SOCKET = usize::MAX;
/// What the functions of type `int` return on failure.
pub const SOCKET_ERROR: i32 = -1;
/// The handle that is no object: what CreateFile and CreateIoCompletionPort take or return.
pub const INVALID_HANDLE_VALUE: HANDLE = usize::MAX;
/// The event that is no event: what WSACreateEvent and WPUCreateEvent return on failure.
pub const WSA_INVALID_EVENT: WSAEVENT = 0;
