//! Function pointers inside arguments: routines, condition functions, user APCs, blocking hooks.

use super::slots::{FUNCTIONS, Functions, each_function, used_up};
use crate::*;

macro_rules! callbacks {
    ($outer:literal $inner:literal $back:ident; $($(#[$doc:meta])* $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(function: RawCallback) -> Option<RawCallback> {
            if function.is_null() {
                return Some(function);
            }
            if let Some(original) = super::$back::originals::$name(function) {
                return Some(original);
            }
            let number = $name::FUNCTIONS_BEHIND.enter(function.as_raw());
            let thunk = number.and_then(|number| $name::THUNKS.get(number));
            if thunk.is_none() {
                used_up($c);
            }
            thunk.map(|thunk| RawCallback::from_raw(*thunk as usize))
        }

        mod $name {
            use super::*;

            pub(super) type Outer = unsafe extern $outer fn($($ty),*) -> $ret;
            type Inner = unsafe extern $inner fn($($ty),*) -> $ret;

            pub(super) static FUNCTIONS_BEHIND: Functions = Functions::new();
            pub(super) static THUNKS: [Outer; FUNCTIONS] = each_function!(thunk as Outer);

            unsafe extern $outer fn thunk<const NUMBER: usize>($($arg: $ty),*) -> $ret {
                // SAFETY: a thunk's address leaves this module only after the function behind it was entered: code of this type, by
                // the contract of whoever passed it.
                let function = unsafe { std::mem::transmute::<usize, Inner>(FUNCTIONS_BEHIND.address(NUMBER)) };
                // SAFETY: the caller's contract, passed on.
                unsafe { function($($arg),*) }
            }
        }
        )*

        /// What the thunks stand for.
        pub(in super::super) mod originals {
            use super::*;
            $(
                /// The function behind a thunk of this kind, `None` for any other.
                pub(in super::super::super) fn $name(thunk: RawCallback) -> Option<RawCallback> {
                    let number = super::$name::THUNKS.iter().position(|own| *own as usize == thunk.as_raw())?;
                    Some(RawCallback::from_raw(super::$name::FUNCTIONS_BEHIND.address(number)))
                }
            )*
        }
    };
}

macro_rules! kinds {
    ($outer:literal $inner:literal $back:ident) => {
        callbacks! { $outer $inner $back;
            /// A completion routine.
            "WSAOVERLAPPED_COMPLETION_ROUTINE"
            completion_routine(error: u32, bytes: u32, overlapped: *mut OVERLAPPED, flags: u32) -> ();
            /// A condition function of `WSPAccept`.
            "CONDITIONPROC"
            condition_function(caller_id: *mut WSABUF, caller_data: *mut WSABUF, sqos: *mut QOS, gqos: *mut QOS,
                callee_id: *mut WSABUF, callee_data: *mut WSABUF, group: *mut GROUP, data: usize) -> i32;
            /// A user APC of `WPUQueueApc`.
            "WSAUSERAPC"
            user_apc(context: usize) -> ();
            /// A blocking hook of `WPUQueryBlockingCallback`.
            "BLOCKINGCALLBACK"
            blocking_hook(context: usize) -> BOOL;
        }
    };
}

pub(super) mod to_win64 {
    use super::*;
    kinds!("win64" "system" to_native);
}

pub(super) mod to_native {
    use super::*;
    kinds!("system" "win64" to_win64);
}
