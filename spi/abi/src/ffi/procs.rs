//! A provider's table from both sides: what a Rust provider implements, and how anybody calls a provider.

#[cfg(target_arch = "x86_64")]
use super::win64;
use super::{Convention, native};
use crate::*;
use core::ffi::{c_long, c_void};

macro_rules! raw_provider {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        /// The 30 functions of a provider with their raw arguments. Methods that are not written answer `WSAEOPNOTSUPP`.
        ///
        /// The functions are static: a WSP table carries no context pointer, so there is one instance per type in a process.
        /// `from` is the convention of the caller; function pointers among the arguments have the same.
        pub trait RawProvider: 'static {
            /// The provider's name in diagnostics.
            const NAME: &'static str;
            $(
                #[doc = concat!("`", $c, "`. An error becomes the function's failure value and `*lpErrno`.")]
                ///
                /// # Safety
                #[doc = concat!("The pointers keep the contract of `", $c, "`.")]
                #[doc(alias = $c)]
                #[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
                unsafe fn $name(from: Convention, $($arg: $ty),*) -> Result<$ret, Errno> {
                    let _ = (from, $($arg),*);
                    Err(Errno::OPNOTSUPP)
                }
            )*
        }
    };
}
crate::procs!(raw_provider);

/// A provider's function returned its failure value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What it stored in `*lpErrno`; 0 when it broke the contract and stored nothing.
    pub errno: i32,
}

/// A started provider's table in whatever convention it speaks: what dispatch and layers call.
///
/// Holds a copy: what the provider does to its own table later has no effect.
#[derive(Clone, Copy, Debug)]
pub enum Procs {
    /// Functions of the platform's C convention.
    Native(native::ProcTable),
    /// Functions of Microsoft's x64 convention.
    #[cfg(target_arch = "x86_64")]
    Win64(win64::ProcTable),
}

macro_rules! checked_calls {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        impl Procs {
            /// The C name of the first NULL slot, or `None` when all 30 are there.
            #[must_use]
            pub fn first_missing(&self) -> Option<&'static str> {
                match self {
                    Self::Native(table) => table.first_missing(),
                    #[cfg(target_arch = "x86_64")]
                    Self::Win64(table) => table.first_missing(),
                }
            }
            $(
                #[doc = concat!("Calls `", $c, "`. The value is the provider's, unjudged. A NULL slot fails with `WSAEOPNOTSUPP`.")]
                ///
                /// # Errors
                /// The function returned its failure value.
                ///
                /// # Safety
                #[doc = concat!("The table is a started provider's, still loaded, and the pointers keep the contract of `", $c, "`.")]
                #[inline]
                #[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
                pub unsafe fn $name(&self, $($arg: $ty),*) -> Result<$ret, Failure> {
                    let mut errno = 0;
                    let value = match self {
                        Self::Native(table) => {
                            let Some(function) = table.$field else { return Err(Failure { errno: Errno::OPNOTSUPP.code() }) };
                            // SAFETY: the caller's contract; errno is a live local.
                            unsafe { function($($arg,)* &raw mut errno) }
                        }
                        #[cfg(target_arch = "x86_64")]
                        Self::Win64(table) => {
                            let Some(function) = table.$field else { return Err(Failure { errno: Errno::OPNOTSUPP.code() }) };
                            // SAFETY: as above.
                            unsafe { function($($arg,)* &raw mut errno) }
                        }
                    };
                    if value == $fail { Err(Failure { errno }) } else { Ok(value) }
                }
            )*
        }
    };
}
crate::procs!(checked_calls);
