//! The upcalls: what the client DLL does for providers.
//!
//! [`Host`] implements the 15 entries of WSPUPCALLTABLE once, for both calling conventions; the sixteenth,
//! [`complete_overlapped_request`], is an export. None of them changes the caller's last error (U13), none holds a lock while it calls
//! somebody, and any thread may call them. Under the Windows CE profile seven of them fail (client-dll.md section 2).
//!
//! Each file has one family; relies on `process`, `association` and the kernel.

mod blocking;
mod completion;
pub mod events;
mod fd_set;
mod messages;
mod path;
mod sockets;
#[cfg(test)]
mod tests;
mod threads;

pub use blocking::{default_hook, run_hook};
pub use completion::complete_overlapped_request;
pub use fd_set::is_member;
pub use messages::set_post_routine;
pub use path::write_path;

use crate::process::{self, Profile};
use ws2spi_abi::ffi::{Convention, UpcallHost};
use ws2spi_abi::*;

/// The client DLL's implementation of the upcall table.
#[derive(Debug)]
pub struct Host;

/// Fails when the profile is Windows CE, which does not have the upcall.
fn desktop_only() -> Result<(), Errno> {
    match process::profile() {
        Profile::Desktop => Ok(()),
        Profile::WindowsCe => Err(Errno::OPNOTSUPP),
    }
}

impl UpcallHost for Host {
    const NAME: &'static str = "ws2_32";

    unsafe fn close_event(_: Convention, event: WSAEVENT) -> Result<BOOL, Errno> {
        events::close(event).map(|()| TRUE)
    }

    unsafe fn close_socket_handle(_: Convention, s: SOCKET) -> Result<i32, Errno> {
        sockets::close(s).map(|()| 0)
    }

    unsafe fn create_event(_: Convention) -> Result<WSAEVENT, Errno> {
        events::create()
    }

    unsafe fn create_socket_handle(
        _: Convention,
        entry: u32,
        context: usize,
    ) -> Result<SOCKET, Errno> {
        sockets::create(entry, context)
    }

    unsafe fn fd_is_set(_: Convention, s: SOCKET, set: *mut FD_SET) -> Result<i32, Errno> {
        // SAFETY: the provider's contract (WPUFDIsSet): NULL, or a set with fd_count sockets.
        Ok(i32::from(unsafe { is_member(s, set) }))
    }

    unsafe fn get_provider_path(
        _: Convention,
        id: *const GUID,
        path: PWSTR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        desktop_only()?;
        // SAFETY: the provider's contract (WPUGetProviderPath).
        unsafe { path::get(id, path, len) }.map(|()| 0)
    }

    unsafe fn modify_ifs_handle(
        _: Convention,
        entry: u32,
        proposed: SOCKET,
    ) -> Result<SOCKET, Errno> {
        desktop_only()?;
        sockets::modify(entry, proposed)
    }

    unsafe fn post_message(
        _: Convention,
        hwnd: HWND,
        msg: u32,
        wparam: WPARAM,
        lparam: LPARAM,
    ) -> Result<BOOL, Errno> {
        desktop_only()?;
        Ok(messages::post(hwnd, msg, wparam, lparam))
    }

    unsafe fn query_blocking_callback(
        _: Convention,
        entry: u32,
        callback: *mut RawCallback,
        context: *mut usize,
    ) -> Result<i32, Errno> {
        // SAFETY: the provider's contract (WPUQueryBlockingCallback): each is NULL or writable.
        unsafe { blocking::query(entry, callback, context) }.map(|()| 0)
    }

    unsafe fn query_socket_handle_context(
        _: Convention,
        s: SOCKET,
        context: *mut usize,
    ) -> Result<i32, Errno> {
        // SAFETY: the provider's contract (WPUQuerySocketHandleContext): NULL or writable.
        unsafe { sockets::query(s, context) }.map(|()| 0)
    }

    unsafe fn queue_apc(
        from: Convention,
        thread: *mut WSATHREADID,
        apc: RawCallback,
        context: usize,
    ) -> Result<i32, Errno> {
        desktop_only()?;
        // SAFETY: the provider's contract (WPUQueueApc).
        unsafe { threads::queue_apc(from, thread, apc, context) }.map(|()| 0)
    }

    unsafe fn reset_event(_: Convention, event: WSAEVENT) -> Result<BOOL, Errno> {
        events::reset(event).map(|()| TRUE)
    }

    unsafe fn set_event(_: Convention, event: WSAEVENT) -> Result<BOOL, Errno> {
        events::set(event).map(|()| TRUE)
    }

    unsafe fn open_current_thread(_: Convention, thread: *mut WSATHREADID) -> Result<i32, Errno> {
        desktop_only()?;
        // SAFETY: the provider's contract (WPUOpenCurrentThread): NULL or writable.
        unsafe { threads::open_current(thread) }.map(|()| 0)
    }

    unsafe fn close_thread(_: Convention, thread: *mut WSATHREADID) -> Result<i32, Errno> {
        desktop_only()?;
        // SAFETY: the provider's contract (WPUCloseThread): NULL or a thread identity.
        unsafe { threads::close(thread) }.map(|()| 0)
    }
}
