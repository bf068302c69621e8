//! Arguments on their way from one convention to the other: all are what they are, but for function pointers.

use super::{to_native, to_win64};
use crate::*;
use core::ffi::c_long;

/// The convention that an argument's receiver speaks.
#[derive(Clone, Copy)]
pub(super) enum Toward {
    Native,
    Win64,
}

/// An argument of an SPI function.
pub(super) trait Argument: Sized {
    /// What the receiver gets for it. `None`: no thunk is left for a function pointer, which has been reported.
    fn cross(self, _: Toward, _function: &'static str) -> Option<Self> {
        Some(self)
    }
}

impl<T> Argument for *mut T {}
impl<T> Argument for *const T {}
impl Argument for i32 {}
impl Argument for u32 {}
impl Argument for usize {}
impl Argument for isize {}

impl Argument for c_long {
    fn cross(self, _: Toward, _: &'static str) -> Option<Self> {
        // Windows' long has 32 bits: a caller in its convention leaves the rest of the register as it is.
        Some(Self::from(self as i32))
    }
}

impl Argument for RawCallback {
    fn cross(self, toward: Toward, function: &'static str) -> Option<Self> {
        match (toward, function) {
            (Toward::Native, "WSPAccept") => to_native::condition_function(self),
            (Toward::Win64, "WSPAccept") => to_win64::condition_function(self),
            (Toward::Native, "WPUQueueApc") => to_native::user_apc(self),
            (Toward::Win64, "WPUQueueApc") => to_win64::user_apc(self),
            (Toward::Native, _) => to_native::completion_routine(self),
            (Toward::Win64, _) => to_win64::completion_routine(self),
        }
    }
}
