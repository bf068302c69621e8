//! The upcall table from both sides: what a client DLL implements, and how a provider calls it.

#[cfg(target_arch = "x86_64")]
use super::win64;
use super::{Convention, Failure, native};
use crate::*;

macro_rules! upcall_host {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        /// The 15 upcalls of a client DLL with their raw arguments.
        ///
        /// For the two that have no `lpErrno` (`WPUFDIsSet`, `WPUPostMessage`) the error is dropped and the failure value returned.
        pub trait UpcallHost: 'static {
            /// The name in diagnostics when an upcall panics.
            const NAME: &'static str;
            $(
                #[doc = concat!("`", $c, "`.")]
                ///
                /// # Safety
                #[doc = concat!("The pointers keep the contract of `", $c, "`.")]
                #[doc(alias = $c)]
                unsafe fn $name(from: Convention, $($arg: $ty),*) -> Result<$ret, Errno>;
            )*
        }
    };
}
crate::upcalls!(upcall_host);

/// The upcall table that a provider received, in whatever convention.
#[derive(Clone, Copy, Debug)]
pub enum UpcallProcs {
    /// Functions of the platform's C convention.
    Native(native::UpcallTable),
    /// Functions of Microsoft's x64 convention.
    #[cfg(target_arch = "x86_64")]
    Win64(win64::UpcallTable),
}

macro_rules! checked_upcalls {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        impl UpcallProcs {
            $(
                #[doc = concat!("Calls `", $c, "`. A NULL slot fails with `WSAEOPNOTSUPP`.")]
                ///
                /// # Errors
                /// The upcall returned its failure value; `errno` is 0 for the two that have none.
                ///
                /// # Safety
                #[doc = concat!("The table came from a client DLL that is still loaded, and the pointers keep the contract of `", $c, "`.")]
                #[inline]
                pub unsafe fn $name(&self, $($arg: $ty),*) -> Result<$ret, Failure> {
                    #[allow(unused_mut, reason = "two upcalls have no lpErrno")]
                    let mut code = 0;
                    let value = match self {
                        Self::Native(table) => {
                            let Some(function) = table.$field else { return Err(Failure { errno: Errno::OPNOTSUPP.code() }) };
                            // SAFETY: the caller's contract; the error code is a live local.
                            unsafe { function($($arg,)* $({ let $errno = &raw mut code; $errno })?) }
                        }
                        #[cfg(target_arch = "x86_64")]
                        Self::Win64(table) => {
                            let Some(function) = table.$field else { return Err(Failure { errno: Errno::OPNOTSUPP.code() }) };
                            // SAFETY: as above.
                            unsafe { function($($arg,)* $({ let $errno = &raw mut code; $errno })?) }
                        }
                    };
                    if value == $fail { Err(Failure { errno: code }) } else { Ok(value) }
                }
            )*
        }
    };
}
crate::upcalls!(checked_upcalls);
